//! The filter while it is typed: every letter is in force at once, Tab completes, Esc gives back what was before.

use super::App;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use super::pick::{Go, movement};
use super::shown::Mark;
use crate::model::Kind;
use crate::msg::{Effect, KeyPress};
use crate::resource::filter::{Completion, TableValues, complete};
use crossterm::event::{KeyCode, KeyModifiers};
use table::Text;

/// The line being typed.
#[derive(Debug)]
pub struct FilterBar {
    pub kind: Kind,
    pub line: Line,
    pub menu: Option<Menu>,
    before: String,
    /// The line that the cursor was on, and its height on the screen.
    mark: Mark,
    height: usize,
}

/// What can stand at the cursor.
#[derive(Debug)]
pub struct Menu {
    pub items: Vec<Completion>,
    pub cursor: usize,
}

/// Opens the filter of the list in front.
pub fn open(app: &mut App) {
    let pane = app.pane_mut();
    pane.touched = true;
    let bar = FilterBar {
        kind: pane.spec.kind,
        line: Line::new(&pane.filter.text),
        menu: None,
        before: pane.filter.text.clone(),
        mark: pane.mark.clone(),
        height: pane.cursor.saturating_sub(pane.top),
    };
    app.push(Overlay::Filter(bar));
}

impl FilterBar {
    pub fn key(mut self, app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        if let Some(menu) = &mut self.menu {
            let last = menu.items.len().saturating_sub(1);
            let by = match press.key.code {
                KeyCode::Tab if !press.key.modifiers.contains(KeyModifiers::SHIFT) => Some(1),
                KeyCode::Tab | KeyCode::BackTab => Some(-1),
                _ => match movement(press.key, false) {
                    Some(Go::By(n)) => Some(n),
                    _ => None,
                },
            };
            if let Some(by) = by {
                // round and round, so that one key reaches everything
                menu.cursor = if by == 1 && menu.cursor == last {
                    0
                } else if by == -1 && menu.cursor == 0 {
                    last
                } else {
                    menu.cursor.saturating_add_signed(by).min(last)
                };
                return Step::Stay(Overlay::Filter(self));
            }
            match press.key.code {
                KeyCode::Enter => {
                    self.complete(app, fx);
                    return Step::Stay(Overlay::Filter(self));
                }
                KeyCode::Esc => {
                    self.menu = None;
                    return Step::Stay(Overlay::Filter(self));
                }
                _ => {}
            }
        }
        match press.key.code {
            KeyCode::Enter => {
                app.search(self.kind, fx);
                Step::Close
            }
            KeyCode::Esc => {
                let before = std::mem::take(&mut self.before);
                self.put(app, &before, fx);
                Step::Close
            }
            KeyCode::Tab => {
                self.menu = app.completions(self.kind, self.line.text(), self.line.cursor());
                if self.menu.as_ref().is_some_and(|m| m.items.len() == 1) {
                    self.complete(app, fx);
                }
                Step::Stay(Overlay::Filter(self))
            }
            // an empty line that is deleted from once more is left, as in a shell
            KeyCode::Char('c')
                if self.line.is_empty() && press.key.modifiers.contains(KeyModifiers::CONTROL) =>
            {
                Step::Close
            }
            _ => match self.line.key(press.key) {
                Edit::Ignored => Step::Pass(Overlay::Filter(self)),
                edit => {
                    if edit == Edit::Changed {
                        self.put(app, self.line.text(), fx);
                    }
                    if self.menu.is_some() {
                        self.menu =
                            app.completions(self.kind, self.line.text(), self.line.cursor());
                    }
                    Step::Stay(Overlay::Filter(self))
                }
            },
        }
    }

    pub fn paste(mut self, app: &mut App, text: &Text, fx: &mut Vec<Effect>) -> Step {
        self.line.insert(text.txt().exact());
        self.menu = None;
        self.put(app, self.line.text(), fx);
        Step::Stay(Overlay::Filter(self))
    }

    /// Puts a text in force. The cursor goes back to the row it was on whenever that shows.
    fn put(&self, app: &mut App, text: &str, fx: &mut Vec<Effect>) {
        if let Some(pane) = app.pane_of(self.kind)
            && pane.filter.text != text
        {
            pane.mark = self.mark.clone();
            (pane.cursor, pane.top) = (self.height, 0);
        }
        app.set_filter(self.kind, text, fx);
    }

    fn complete(&mut self, app: &mut App, fx: &mut Vec<Effect>) {
        if let Some(menu) = self.menu.take()
            && let Some(choice) = menu.items.get(menu.cursor)
        {
            self.line.replace(choice.span.clone(), &choice.insert);
            self.put(app, self.line.text(), fx);
        }
    }
}

impl App {
    /// What can stand at a place of a filter's text; none where nothing can.
    fn completions(&self, kind: Kind, text: &str, at: usize) -> Option<Menu> {
        let pane = self.panes.iter().find(|p| p.spec.kind == kind)?;
        let items = complete(text, at, pane.spec, &TableValues(&pane.rows));
        (!items.is_empty()).then_some(Menu { items, cursor: 0 })
    }
}
