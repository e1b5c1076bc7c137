//! What `externaldata` reads: a file for each address, in one folder. Nothing is ever fetched.
//!
//! For `https://host/a/b.csv?x=1` these are looked for, in this order: `host/a/b.csv` below the folder, a file
//! named as the whole address with every character but letters, digits, `.`, `-` and `_` as `_`, and `b.csv`;
//! each also with `.gz`. Where there is none, the columns declared come without rows, and that is noted.
//! The form is the one the query names, else that of the address's ending, else CSV. CSV columns go by their
//! place, JSON ones by their name.

use super::json::Taker;
use super::notes::Notes;
use super::open::{Form, Opened, form, open};
use super::parts::Part;
use super::rows::{Col, Rows};
use super::window::Window;
use super::{csv, json, settle};
use crate::schema::{ColumnDef, TableDef};
use crate::types::Ty;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A folder that stands for the network.
#[derive(Debug)]
pub struct External {
    dir: PathBuf,
    notes: Mutex<Notes>,
}

impl External {
    /// Uses this folder; the error is a sentence.
    pub fn open(dir: &Path) -> Result<External, String> {
        if !dir.is_dir() {
            let shown = dir.to_string_lossy();
            return Err(format!("{}: is no folder", table::Txt::new(&shown).shown()));
        }
        Ok(External {
            dir: dir.to_owned(),
            notes: Mutex::default(),
        })
    }

    /// What was wrong or missing so far; it is forgotten here.
    pub fn take_notes(&self) -> Notes {
        self.notes
            .lock()
            .map(|mut n| std::mem::take(&mut *n))
            .unwrap_or_default()
    }

    /// The file that stands for an address.
    pub fn file(&self, url: &str) -> Option<PathBuf> {
        // a storage address may carry its key after a semicolon
        let url = url.split(';').next().unwrap_or(url);
        let plain = url.split(['?', '#']).next().unwrap_or(url);
        let below = plain.split_once("://").map_or(plain, |(_, rest)| rest);
        let safe =
            |part: &str| !matches!(part, "" | "." | "..") && !part.contains(['\\', '\0', ':']);
        let mut candidates = Vec::new();
        if below.split('/').all(safe) {
            candidates.push(below.to_owned());
        }
        let keep = |c: char| {
            if c.is_ascii_alphanumeric() || "-._".contains(c) {
                c
            } else {
                '_'
            }
        };
        candidates.push(url.chars().map(keep).collect());
        if let Some(last) = below.rsplit('/').find(|part| safe(part)) {
            candidates.push(last.to_owned());
        }
        candidates
            .iter()
            .flat_map(|name| [self.dir.join(name), self.dir.join(format!("{name}.gz"))])
            .find(|path| path.is_file())
    }

    /// The rows behind an address, in the columns declared.
    pub fn read(
        &self,
        url: &str,
        columns: &[(String, Ty)],
        format: Option<&str>,
        ignore_first: bool,
    ) -> Result<settle::Loaded, String> {
        let def = TableDef {
            name: "externaldata".into(),
            columns: columns
                .iter()
                .map(|(name, ty)| ColumnDef {
                    name: name.as_str().into(),
                    ty: *ty,
                })
                .collect(),
            about: "".into(),
            replaced_by: None,
        };
        let mut notes = Notes::default();
        let mut parts = Vec::new();
        match self.file(url) {
            None => {
                let file = Arc::new(self.dir.clone());
                let shown = table::Txt::new(url).shown().into_owned();
                notes.add(&file, 0, format!("has no file for {shown}: no rows"));
            }
            Some(path) => {
                let ending = url.split(['?', '#', ';']).next().unwrap_or(url);
                let ending = ending.strip_suffix(".gz").unwrap_or(ending);
                let ending = ending.rsplit_once('.').map(|(_, e)| e);
                let opened = open(&path)?;
                let way = Way::of(format, ending, &opened.head, &path);
                let mut part = read(opened, way, json::columns(&def), ignore_first)?;
                std::mem::take(&mut part.notes).into_file(&mut notes, &Arc::new(path.clone()), 0);
                if let Some(fault) = part.fault.take() {
                    notes.add(&Arc::new(path), 0, fault);
                }
                parts.push(part);
            }
        }
        if let Ok(mut all) = self.notes.lock() {
            all.extend(notes.clone());
        }
        Ok(settle::settle("externaldata", Some(&def), parts, notes, 1))
    }
}

/// How the bytes of a file are rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Delimited(u8),
    /// A whole line is one value.
    Lines,
    /// All of it is one value.
    Raw,
    JsonLines,
    JsonValues,
}

impl Way {
    fn of(format: Option<&str>, ending: Option<&str>, head: &[u8], path: &Path) -> Way {
        let named = |name: &str| {
            Some(match name.to_ascii_lowercase().as_str() {
                "csv" => Way::Delimited(b','),
                "tsv" | "tsve" => Way::Delimited(b'\t'),
                "psv" => Way::Delimited(b'|'),
                "scsv" => Way::Delimited(b';'),
                "sohsv" => Way::Delimited(1),
                "txt" => Way::Lines,
                "raw" => Way::Raw,
                "json" | "multijson" | "singlejson" | "ndjson" | "jsonl" => {
                    match form(head, path) {
                        Form::Lines => Way::JsonLines,
                        _ => Way::JsonValues,
                    }
                }
                _ => return None,
            })
        };
        format
            .and_then(named)
            .or_else(|| ending.and_then(named))
            .unwrap_or(Way::Delimited(b','))
    }
}

fn read(opened: Opened, way: Way, cols: Vec<Col>, ignore_first: bool) -> Result<Part, String> {
    let mut window = Window::new(opened.stream, 0);
    // a fault is met again by who reads
    let _ = window.more();
    window.advance(opened.mark as usize);
    Ok(match way {
        Way::Delimited(delimiter) => csv::by_place(window, delimiter, cols, ignore_first),
        Way::JsonLines => {
            let mut into = Taker::new("externaldata", cols);
            into.rows.closed = true;
            let fault = into.lines(&mut window, u64::MAX);
            into.finish(window, fault)
        }
        Way::JsonValues => json::values(window, "externaldata", cols),
        Way::Lines | Way::Raw => {
            let mut rows = Rows::new(cols);
            let mut fault = None;
            let mut first = ignore_first;
            loop {
                let end = if way == Way::Lines {
                    memchr::memchr(b'\n', window.rest())
                } else {
                    None
                };
                let (len, step) = match end {
                    Some(at) => (at, at + 1),
                    None if window.is_last() => (window.rest().len(), window.rest().len()),
                    None => {
                        if let Err(e) = window.more() {
                            fault = Some(csv::stuck(&e));
                            break;
                        }
                        continue;
                    }
                };
                if step == 0 {
                    break;
                }
                let line = window.rest().get(..len).unwrap_or_default();
                let line =
                    String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(line)).into_owned();
                window.advance(step);
                if !std::mem::take(&mut first) {
                    // a text that is no such value is null, as for every row of such data
                    let _ = rows.text(0, &line);
                    rows.end_row();
                }
            }
            let (cols, chunks) = rows.finish();
            Part {
                cols,
                chunks,
                notes: Default::default(),
                lines: window.lines(),
                end: window.offset(),
                fault,
            }
        }
    })
}
