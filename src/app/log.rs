//! What was said, to be read again: every toast of this run, newest first.

use super::App;
use super::overlay::{Overlay, Step};
use super::pick::{Go, ROWS, movement};
use crate::msg::{Effect, KeyPress};
use crossterm::event::KeyCode;

/// The log, open.
#[derive(Debug, Default)]
pub struct Log {
    pub top: usize,
}

impl Log {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn key(mut self, app: &mut App, press: KeyPress, _fx: &mut Vec<Effect>) -> Step {
        let last = app.toasts.log.len().saturating_sub(1);
        let to = match (movement(press.key, true), press.key.code) {
            (Some(Go::By(n)), _) => self.top.saturating_add_signed(n),
            (Some(Go::To(n)), _) => n,
            (None, KeyCode::Char('j')) => self.top + 1,
            (None, KeyCode::Char('k')) => self.top.saturating_sub(1),
            (None, KeyCode::Char(' ')) => self.top + ROWS,
            (None, KeyCode::Esc | KeyCode::Char('q') | KeyCode::Enter) => {
                app.toasts.seen();
                return Step::Close;
            }
            _ => return Step::Pass(Overlay::Log(self)),
        };
        self.top = to.min(last);
        Step::Stay(Overlay::Log(self))
    }
}
