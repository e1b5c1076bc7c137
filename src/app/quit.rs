//! Leaving: at once when nothing is open, else after a question.

use super::App;
use super::overlay::{Overlay, Step};
use crate::msg::{Effect, KeyPress};
use crossterm::event::KeyCode;

/// The question, with what is open.
#[derive(Debug)]
pub struct Quit {
    pub open: Vec<String>,
}

/// `q`: quits, or asks when work is open.
pub fn ask(app: &mut App, fx: &mut Vec<Effect>) {
    let open = open_work(app);
    if open.is_empty() {
        fx.push(Effect::Quit);
    } else {
        app.push(Overlay::Quit(Quit { open }));
    }
}

/// What would be lost or left without an answer, one sentence each.
fn open_work(app: &App) -> Vec<String> {
    let runs = app.verbs.busy();
    let mut open = Vec::new();
    match runs {
        0 => {}
        1 => open.push(
            "a change was sent and its outcome is not read yet; the record keeps it".to_owned(),
        ),
        n => open.push(format!(
            "{n} changes were sent and their outcomes are not read yet; the record keeps them"
        )),
    }
    if super::fetch::under_way(app) > 0 {
        open.push("a package is being fetched; what came of it is removed".to_owned());
    }
    open
}

impl Quit {
    pub fn key(self, _app: &mut App, press: KeyPress, fx: &mut Vec<Effect>) -> Step {
        match press.key.code {
            KeyCode::Char('y' | 'Y') => {
                fx.push(Effect::Quit);
                Step::Close
            }
            KeyCode::Char('n' | 'N' | 'q') | KeyCode::Esc => Step::Close,
            _ => Step::Stay(Overlay::Quit(self)),
        }
    }
}
