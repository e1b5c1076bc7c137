//! Sets that ended before their end, as the record and a fresh reading tell.

use crate::model::{Key, Ticks};
use table::Text;

/// A set that ended before its end. Told so that going on can be offered: every target of it passes a new prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct Unfinished {
    pub set: String,
    /// When it began.
    pub at: Ticks,
    /// Name of the verb; may be one this version does not have.
    pub verb: String,
    pub sentence: String,
    pub analyst: Text,
    pub tenant_id: String,
    /// The answers to the verb's form, as `verb::keep` wrote them.
    pub args: serde_json::Value,
    pub undoes: Vec<String>,
    /// Targets it had.
    pub count: usize,
    /// Those to which nothing was sent, with the names that were on screen.
    pub rest: Vec<(Key, Text)>,
    /// Those of which nobody could tell what became of them.
    pub doubt: Vec<Doubt>,
}

/// A target in doubt, and what a reading of it says.
#[derive(Clone, Debug, PartialEq)]
pub struct Doubt {
    pub run: String,
    pub key: Key,
    pub name: Text,
    /// One sentence, safe for the screen; empty = not read yet.
    pub says: String,
}
