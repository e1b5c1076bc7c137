//! What was wrong with a file: counted, the first of it kept with file, line and reason, never fatal.

use std::path::PathBuf;
use std::sync::Arc;

/// How many are kept of one file; the rest is only counted.
const KEPT: usize = 100;

/// One thing wrong in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// Which file, as it was given.
    pub file: Arc<PathBuf>,
    /// Which line, from 1; 0 where it is about the file as a whole.
    pub line: u64,
    /// What is wrong and what was made of it; safe to show.
    pub reason: String,
}

/// All that was wrong.
#[derive(Clone, Debug, Default)]
pub struct Notes {
    kept: Vec<Note>,
    /// Rows that were left out.
    pub lost: u64,
    /// Values that were no value of their column's type, and repaired text.
    pub mended: u64,
    /// Whether a file could not be read to its end.
    pub cut: bool,
}

impl Notes {
    /// The first ones, in order.
    pub fn kept(&self) -> &[Note] {
        &self.kept
    }

    /// Whether nothing was wrong.
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty()
    }

    /// Adds those of another file.
    pub fn extend(&mut self, other: Notes) {
        self.kept.extend(other.kept);
        self.lost += other.lost;
        self.mended += other.mended;
        self.cut |= other.cut;
    }

    /// About a file as a whole, or one line of it; no row was lost by it.
    pub fn add(&mut self, file: &Arc<PathBuf>, line: u64, reason: impl Into<String>) {
        self.kept.push(Note {
            file: file.clone(),
            line,
            reason: reason.into(),
        });
    }
}

impl std::fmt::Display for Note {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let file = self.file.to_string_lossy();
        write!(f, "{}", table::Txt::new(&file).shown())?;
        match self.line {
            0 => write!(f, ": {}", self.reason),
            line => write!(f, ":{line}: {}", self.reason),
        }
    }
}

/// The notes of one part of a file, whose lines count from the part's first, from 0.
#[derive(Debug, Default)]
pub(super) struct PartNotes {
    kept: Vec<(u64, String)>,
    pub(super) lost: u64,
    pub(super) mended: u64,
}

impl PartNotes {
    /// A row that is left out.
    pub(super) fn lose(&mut self, line: u64, reason: impl FnOnce() -> String) {
        self.lost += 1;
        self.keep(line, reason);
    }

    /// A value that is null, or text that was repaired; the row stays.
    pub(super) fn mend(&mut self, line: u64, reason: impl FnOnce() -> String) {
        self.mended += 1;
        self.keep(line, reason);
    }

    /// Whether something was wrong.
    pub(super) fn has_any(&self) -> bool {
        self.lost + self.mended > 0
    }

    /// Whether another one would be kept: asking for its line costs.
    pub(super) fn has_room(&self) -> bool {
        self.kept.len() < KEPT
    }

    fn keep(&mut self, line: u64, reason: impl FnOnce() -> String) {
        if self.has_room() {
            self.kept.push((line, reason()));
        }
    }

    /// Puts them behind a file's, with the lines before this part.
    pub(super) fn into_file(self, notes: &mut Notes, file: &Arc<PathBuf>, before: u64) {
        let room = KEPT.saturating_sub(notes.kept.len());
        notes
            .kept
            .extend(self.kept.into_iter().take(room).map(|(line, reason)| Note {
                file: file.clone(),
                line: before + line + 1,
                reason,
            }));
        notes.lost += self.lost;
        notes.mended += self.mended;
    }
}

/// A cell as a note shows it: safe, quoted and short.
pub(super) fn shown(text: &str) -> String {
    let end = text.char_indices().nth(60).map_or(text.len(), |(at, _)| at);
    let more = if end < text.len() { "…" } else { "" };
    format!(
        "{:?}{more}",
        table::Txt::new(text.get(..end).unwrap_or_default())
    )
}
