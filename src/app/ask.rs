//! One line asked for: a name to save under, a number, a word to add.

use super::App;
use super::line::{Edit, Line};
use super::overlay::{Overlay, Step};
use crate::msg::{Effect, KeyPress};
use crossterm::event::KeyCode;
use table::Text;

/// What happens with the line after Enter; the word is what it was asked about.
pub type Done = fn(&mut App, &'static str, &str, &mut Vec<Effect>);

#[derive(Debug)]
pub struct Ask {
    pub title: String,
    pub line: Line,
    about: &'static str,
    done: Done,
}

impl Ask {
    pub fn about(about: &'static str, title: impl Into<String>, text: &str, done: Done) -> Self {
        Self {
            title: title.into(),
            line: Line::new(text),
            about,
            done,
        }
    }

    pub fn key(mut self, _app: &mut App, press: KeyPress, _fx: &mut Vec<Effect>) -> Step {
        match press.key.code {
            KeyCode::Esc => Step::Close,
            KeyCode::Enter => {
                let Self {
                    line, about, done, ..
                } = self;
                Step::Then(Box::new(move |app, fx| done(app, about, line.text(), fx)))
            }
            _ => match self.line.key(press.key) {
                Edit::Ignored => Step::Pass(Overlay::Ask(self)),
                Edit::Changed | Edit::Moved => Step::Stay(Overlay::Ask(self)),
            },
        }
    }

    pub fn paste(mut self, text: &Text) -> Step {
        self.line.insert(text.txt().exact());
        Step::Stay(Overlay::Ask(self))
    }
}
