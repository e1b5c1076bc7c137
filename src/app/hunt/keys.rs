//! What a key means in the query editor: completion first, then what is bound, then text.

use super::editor::Did;
use super::popup::Popup;
use super::vim::{Mode, Wish};
use crate::app::App;
use crate::app::action::Place;
use crate::app::action::moving::Move;
use crate::app::keymap::Found;
use crate::msg::{Effect, KeyPress};
use crossterm::event::{KeyCode, KeyModifiers};
use table::Text;

impl App {
    /// A key while the editor has the focus: for the open list, bound to something, or text.
    pub(in crate::app) fn write_key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) {
        if self.search_key(press, fx) {
            return;
        }
        if press.key.code == KeyCode::Esc && self.hunt.popup.is_none() && self.hunt.tip.is_some() {
            self.hunt.tip = None;
            return;
        }
        if self.popup_key(press) {
            self.edited(fx);
            return;
        }
        if self.settings.vim && self.vim_key(press, fx) {
            return;
        }
        match self.keymap.find(&[press.key], Place::Editor, None) {
            Found::Bound(bound) => {
                // a box about a name is for one look; a call's box stays while it is written
                if bound.name() != "explain" && self.hunt.tip.as_ref().is_some_and(|t| !t.call) {
                    self.hunt.tip = None;
                }
                self.run(bound, fx);
            }
            Found::Prefix | Found::Nothing => self.text_key(press, fx),
        }
    }

    /// A key in the manners of vim; false: it means what it means without them.
    fn vim_key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) -> bool {
        if self.hunt.vim.mode == Mode::Insert && press.key.code == KeyCode::Esc {
            self.hunt.popup = None;
        }
        let mut vim = std::mem::take(&mut self.hunt.vim);
        let query = self.hunt.query_mut();
        let old = query.editor.text().clone();
        let wish = vim.key(&mut query.editor, press.key);
        let new = query.editor.text().clone();
        self.hunt.vim = vim;
        if old != new {
            self.hunt.query_mut().known.edited(&old, &new);
            self.keep_drafts(fx);
        }
        match wish {
            Wish::Pass => return false,
            Wish::Done => {}
            Wish::Search => self.find_in_text(false),
            Wish::Again(ahead) => {
                self.find_again(ahead, fx);
                let editor = &mut self.hunt.query_mut().editor;
                if let Some(found) = editor.selection() {
                    editor.go_to(found.start, false);
                }
            }
            Wish::Undo => self.edit(
                |e| {
                    e.undo();
                },
                fx,
            ),
            Wish::Bracket => self.meet_bracket(fx),
        }
        self.hunt.popup = None;
        self.hunt.tip = None;
        self.hunted(fx);
        true
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
                self.tip_typed(None);
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
                self.tip_typed(match key.code {
                    KeyCode::Char(c) => Some(c),
                    _ => None,
                });
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
        if self.search_paste(text, fx) {
            return;
        }
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
            self.move_in_result(Move::Rows(by));
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

    /// A click puts the cursor there; drawn on, it marks. On a heading it sorts, on the cell under the cursor it opens.
    pub(in crate::app) fn hunt_click(
        &mut self,
        at: ratatui::layout::Position,
        drag: bool,
        fx: &mut Vec<Effect>,
    ) {
        if !self.overlays.is_empty() {
            return;
        }
        if let Some(tab) = super::strip::at(self, at).filter(|_| !drag) {
            let by = tab as isize - self.hunt.at as isize;
            self.hunt.turn(by);
            self.hunted(fx);
            return self.keep_drafts(fx);
        }
        let (area, parts) = (self.hunt_area(), self.hunt_parts());
        let Some(line) = usize::from(at.y).checked_sub(usize::from(area.y) + 1) else {
            return;
        };
        if line < parts.editor {
            let editor = &mut self.hunt.query_mut().editor;
            let row = (editor.top + line).min(editor.lines().len() - 1);
            let cell = usize::from(at.x.saturating_sub(super::GUTTER)) + editor.left;
            let to = editor.line(row).start + super::byte_at(&editor.lines()[row], cell);
            editor.go_to(to, drag);
            self.hunt.popup = None;
            self.hunt.tip = None;
            self.hunt.focus = super::Focus::Editor;
        } else if let Some(n) = line.checked_sub(parts.editor + 2)
            && !drag
        {
            self.grid_click(at.x, n.checked_sub(1), fx);
        }
        self.hunted(fx);
    }

    /// A click in the result: on the n-th row in sight, or on the headings.
    fn grid_click(&mut self, x: u16, line: Option<usize>, fx: &mut Vec<Effect>) {
        let (now, width) = (self.now.wall, self.size.0.saturating_sub(1));
        let rows = self.hunt_parts().rows;
        let had = self.hunt.focus == super::Focus::Results;
        let Some(grid) = self.hunt.grid_mut().filter(|g| g.chart.is_none()) else {
            return;
        };
        let sight = grid.in_sight(width);
        let x = x.saturating_sub(1);
        let place = sight
            .iter()
            .find(|(_, from, w)| (*from..from + w).contains(&x))
            .map(|(place, ..)| *place);
        let was = (grid.at, grid.col);
        if let Some(place) = place {
            grid.col = place;
        }
        let mut job = None;
        let mut again = false;
        match line {
            None if place.is_some() => job = grid.sort_by(false, now),
            Some(n) if n < rows && grid.top + n < grid.rows.len() => {
                grid.at = grid.top + n;
                grid.show(rows);
                again = had && was == (grid.at, grid.col);
            }
            _ => return,
        }
        self.hunt.focus = super::Focus::Results;
        self.hunt.popup = None;
        self.hunt.tip = None;
        super::local::arrange(self, job, fx);
        if again {
            super::record::open(self);
        }
    }

    /// Hands the text to the person's own editor.
    pub(in crate::app) fn edit_elsewhere(&mut self, fx: &mut Vec<Effect>) {
        self.hunt.popup = None;
        self.hunt.tip = None;
        let query = self.hunt.query();
        fx.push(Effect::EditElsewhere {
            tab: query.id,
            text: query.editor.text().to_string(),
        });
    }

    /// The text as it came back: one step of undo.
    pub(in crate::app) fn edited_elsewhere(&mut self, tab: u64, text: &str, fx: &mut Vec<Effect>) {
        fx.push(Effect::Repaint);
        let Some(query) = self.hunt.tabs.iter_mut().find(|q| q.id == tab) else {
            return;
        };
        let old = query.editor.text().clone();
        let text = text.replace("\r\n", "\n");
        if text == *old || text.len() > super::editor::LIMIT {
            return;
        }
        let cursor = query.editor.cursor().min(text.len());
        let cursor = (0..=cursor).rev().find(|n| text.is_char_boundary(*n));
        query
            .editor
            .replace(0..old.len(), &text, cursor.unwrap_or(0));
        query.known.edited(&old, &text);
        self.edited(fx);
    }
}
