//! What a key means in the query editor: completion first, then what is bound, then text.

use super::editor::Did;
use super::popup::Popup;
use crate::app::App;
use crate::app::action::Place;
use crate::app::keymap::Found;
use crate::msg::{Effect, KeyPress};
use crossterm::event::{KeyCode, KeyModifiers};
use table::Text;

impl App {
    /// A key while the editor has the focus: for the open list, bound to something, or text.
    pub(in crate::app) fn write_key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) {
        if self.popup_key(press) {
            self.edited(fx);
            return;
        }
        match self.keymap.find(&[press.key], Place::Editor, None) {
            Found::Bound(bound) => self.run(bound, fx),
            Found::Prefix | Found::Nothing => self.text_key(press, fx),
        }
    }

    fn text_key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) {
        let now = self.now.mono;
        let page = self.hunt_parts().editor;
        let key = press.key;
        let (shift, tab) = (
            key.modifiers.contains(KeyModifiers::SHIFT),
            matches!(key.code, KeyCode::Tab | KeyCode::BackTab),
        );
        if tab {
            let out = shift || key.code == KeyCode::BackTab;
            let query = self.hunt.query_mut();
            let old = query.editor.text().clone();
            if out || query.editor.selection().is_some() {
                query.editor.indent(out);
            } else {
                query.editor.insert("    ");
            }
            let new = query.editor.text().clone();
            query.known.edited(&old, &new);
            self.edited(fx);
            return;
        }
        let query = self.hunt.query_mut();
        let old = query.editor.text().clone();
        match query.editor.key(key, page, now) {
            Did::Ignored => {}
            Did::Moved => {
                self.hunt.popup = None;
                self.hunted(fx);
            }
            Did::Changed => {
                let new = query.editor.text().clone();
                query.known.edited(&old, &new);
                self.hunted(fx);
                let typed = matches!(key.code, KeyCode::Char(_) | KeyCode::Backspace);
                let query = self.hunt.query();
                self.hunt.popup = typed
                    .then(|| Popup::open(&query.editor, &query.known, false))
                    .flatten();
                self.keep_drafts(fx);
            }
        }
    }

    /// A key for the open list of completions.
    fn popup_key(&mut self, press: KeyPress) -> bool {
        let Some(popup) = &mut self.hunt.popup else {
            return false;
        };
        let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
        match press.key.code {
            KeyCode::Down => popup.step(1),
            KeyCode::Up => popup.step(-1),
            KeyCode::Char('n') if ctrl => popup.step(1),
            KeyCode::Char('p') if ctrl => popup.step(-1),
            KeyCode::Esc => self.hunt.popup = None,
            KeyCode::Tab | KeyCode::Enter if press.key.modifiers.is_empty() => {
                if let Some(popup) = self.hunt.popup.take() {
                    let query = self.hunt.query_mut();
                    let old = query.editor.text().clone();
                    popup.accept(&mut query.editor);
                    let new = query.editor.text().clone();
                    query.known.edited(&old, &new);
                }
            }
            _ => return false,
        }
        true
    }

    /// A paste is one step of undo.
    pub(in crate::app) fn editor_paste(&mut self, text: &Text, fx: &mut Vec<Effect>) {
        let query = self.hunt.query_mut();
        let old = query.editor.text().clone();
        query.editor.insert(text.txt().exact());
        let new = query.editor.text().clone();
        query.known.edited(&old, &new);
        self.hunt.popup = None;
        self.edited(fx);
    }

    /// Does something to the text as one step.
    pub(in crate::app) fn edit(
        &mut self,
        change: impl FnOnce(&mut super::Editor),
        fx: &mut Vec<Effect>,
    ) {
        let query = self.hunt.query_mut();
        let old = query.editor.text().clone();
        change(&mut query.editor);
        let new = query.editor.text().clone();
        query.known.edited(&old, &new);
        self.hunt.popup = None;
        self.edited(fx);
    }

    fn edited(&mut self, fx: &mut Vec<Effect>) {
        self.hunted(fx);
        self.keep_drafts(fx);
    }

    /// Completion that was asked for.
    pub(in crate::app) fn complete(&mut self) {
        let query = self.hunt.query();
        self.hunt.popup = Popup::open(&query.editor, &query.known, true);
    }

    /// The wheel scrolls the part under it.
    pub(in crate::app) fn hunt_wheel(
        &mut self,
        by: isize,
        at: ratatui::layout::Position,
        fx: &mut Vec<Effect>,
    ) {
        let parts = self.hunt_parts();
        let below = usize::from(self.hunt_area().y) + 1 + parts.editor;
        if usize::from(at.y) > below {
            if let Some(grid) = self.hunt.grid_mut() {
                grid.down(by, parts.rows);
            }
            return;
        }
        let editor = &mut self.hunt.query_mut().editor;
        let (row, _) = editor.place();
        let last = editor.lines().len() - 1;
        let start = editor.line(row.saturating_add_signed(by).min(last)).start;
        editor.go_to(start, false);
        self.hunt.popup = None;
        self.hunted(fx);
    }
}
