//! Tables from files: CSV, an object a line, JSON arrays and answers, gzip of each.
//!
//! A known table has its schema's types and all its columns (those a file lacks are null, empty where text);
//! of an unknown one the types are found out, by the rule that [`infer`] states. Nothing wrong with a file is
//! fatal: it is a [`Note`], and the other tables stay usable. Files are read in parts by several threads
//! (`parts`), or as a stream where they are packed; at most one record and one chunk a thread are held
//! beside the finished columns.

mod archive;
mod cells;
mod csv;
mod external;
pub mod infer;
mod json;
mod notes;
mod open;
mod parts;
mod records;
mod rows;
mod settle;
mod stored;
#[cfg(test)]
mod tests;
mod window;

pub use archive::{Archive, CONTAINER};
pub use cells::datetime;
pub use external::External;
pub use notes::{Note, Notes};
pub use settle::Loaded;

use crate::schema::TableDef;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Reads the files of one table. What could not be read is in the notes.
pub fn table(name: &str, files: &[PathBuf], known: Option<&TableDef>, threads: usize) -> Loaded {
    let mut notes = Notes::default();
    let mut parts = Vec::new();
    for path in files {
        parts.extend(file(name, path, known, threads, &mut notes));
    }
    settle::settle(name, known, parts, notes, threads)
}

fn file(
    name: &str,
    path: &Path,
    known: Option<&TableDef>,
    threads: usize,
    notes: &mut Notes,
) -> Vec<parts::Part> {
    let file = Arc::new(path.to_owned());
    let opened = match open::open(path) {
        Ok(opened) => opened,
        Err(reason) => {
            notes.add(&file, 0, reason);
            return Vec::new();
        }
    };
    let read = match open::form(&opened.head, path) {
        open::Form::Csv(delimiter) => csv::read(path, opened, delimiter, known, threads),
        form => Ok((0, json::read(path, opened, form, name, known, threads))),
    };
    let (mut before, mut parts) = match read {
        Ok(read) => read,
        Err(reason) => {
            notes.add(&file, 0, reason);
            return Vec::new();
        }
    };
    for part in &mut parts {
        std::mem::take(&mut part.notes).into_file(notes, &file, before);
        before += part.lines;
        if let Some(fault) = part.fault.take() {
            notes.cut = true;
            notes.add(&file, before + 1, fault + ": what came before is kept");
        }
    }
    parts
}
