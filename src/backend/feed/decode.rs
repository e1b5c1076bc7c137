//! Rows of a blob's records. A record without an id gets one of its blob and place, so that none is dropped.

use super::book::pages::{Here, OVERLAP};
use super::book::{Book, Brought, Due};
use crate::backend::core::lock;
use crate::model::{Json, Kind, Ticks};
use crate::resource::log_event::LogEvent;
use crate::resource::record::CONTENT;
use crate::resource::{Sink, spec};
use serde_json::Value;
use serde_json::value::RawValue;
use std::hash::{DefaultHasher, Hasher};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use table::{Chunk, ChunkBuilder, Text};

/// Rows in a page while many come: fewer would make the list anew too often.
const WORTH: usize = 4_096;
/// A page is not kept back for longer.
const AGE: Duration = Duration::from_millis(400);
/// What the ids of nameless records begin with: blob and place follow.
const NAMELESS: &str = "no-id-";

/// Rows that wait to be handed on.
pub struct Gathered {
    builder: ChunkBuilder,
    since: Option<Duration>,
}

impl Gathered {
    pub fn new() -> Self {
        Self {
            builder: ChunkBuilder::new(spec(Kind::Record).schema()),
            since: None,
        }
    }

    fn row(&mut self, row: &Value) {
        let columns = spec(Kind::Record).columns;
        let mut sink = Sink::new(columns, &mut self.builder);
        match (spec(Kind::Record).decode)(Json(row), &mut sink) {
            Ok(()) => self.builder.end_row(),
            Err(_) => self.builder.drop_row(),
        }
    }

    /// A chunk, where there are many rows, or some for long, or all are wanted.
    pub fn take(&mut self, now: Duration, all: bool) -> Option<Arc<Chunk>> {
        if self.builder.rows() == 0 {
            return None;
        }
        let first = self.since.is_none();
        let old = self.since.is_none_or(|at| now.saturating_sub(at) >= AGE);
        if !(all || first || old || self.builder.rows() >= WORTH) {
            return None;
        }
        self.since = Some(now);
        let fresh = ChunkBuilder::new(self.builder.schema().clone());
        Some(Arc::new(
            std::mem::replace(&mut self.builder, fresh).finish(),
        ))
    }
}

/// The records of a blob as objects; what is none stands under a name of ours.
pub fn rows(text: &str) -> Vec<Value> {
    let raws: Vec<&RawValue> = serde_json::from_str(text).unwrap_or_default();
    raw_rows(&raws)
}

/// The same of rows that stand in a frame.
pub fn raw_rows(raws: &[&RawValue]) -> Vec<Value> {
    raws.iter()
        .map(|raw| match serde_json::from_str::<Value>(raw.get()) {
            Ok(Value::Object(row)) => Value::Object(row),
            // nested too deeply, or no object: kept as the text it is
            _ => {
                let cut: String = raw.get().chars().take(4_096).collect();
                serde_json::json!({ "Operation": "(not a record)", "text": cut })
            }
        })
        .collect()
}

/// The records of a blob with our own marks: where each was listed, and an id where it had none.
pub fn objects<'a>(
    text: &str,
    blob: u32,
    content: &'a Text,
) -> impl Iterator<Item = Value> + use<'a> {
    rows(text)
        .into_iter()
        .enumerate()
        .map(move |(n, row)| marked(row, n, blob, content).0)
}

/// The row with our marks; `true`: it had no id.
fn marked(mut row: Value, n: usize, blob: u32, content: &Text) -> (Value, bool) {
    let mut nameless = false;
    if let Value::Object(map) = &mut row {
        map.insert(CONTENT.to_owned(), content.txt().exact().into());
        let has = match map.get("Id") {
            Some(Value::String(id)) => !id.is_empty(),
            _ => false,
        };
        if !has {
            nameless = true;
            map.insert("Id".to_owned(), format!("{NAMELESS}{blob}-{n}").into());
        }
    }
    (row, nameless)
}

/// The blob of a nameless record.
pub fn blob_of(id: &str) -> Option<u32> {
    let rest = id.strip_prefix(NAMELESS)?;
    rest.split('-').next()?.parse().ok()
}

/// Takes the records of a blob in: those that are new become rows.
pub fn take(book: &Mutex<Book>, to: &Mutex<Gathered>, at: u32, rows: Vec<Value>) -> Brought {
    let mut brought = Brought::default();
    let (kind, content) = {
        let book = lock(book);
        let kind = book.blob(at).map_or(0, |b| b.kind);
        (kind, book.name(kind))
    };
    let rows: Vec<(Value, bool)> = rows
        .into_iter()
        .enumerate()
        .map(|(n, row)| marked(row, n, at, &content))
        .collect();
    let fresh: Vec<bool> = {
        let mut book = lock(book);
        rows.iter()
            .map(|(row, _)| {
                let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
                book.is_new(kind, id, at)
            })
            .collect()
    };
    let mut gathered = lock(to);
    for ((row, nameless), fresh) in rows.iter().zip(fresh) {
        if !fresh {
            brought.duplicates += 1;
            continue;
        }
        brought.records += 1;
        brought.nameless += u32::from(*nameless);
        brought.timeless += u32::from(row.get("CreationTime").is_none_or(Value::is_null));
        gathered.row(row);
    }
    brought
}

/// The row of a page with our marks: its source, and an id that no record of another source has. `true`: it had none.
fn paged(mut row: Value, source: &Text) -> (Value, bool) {
    let mut nameless = false;
    if let Value::Object(map) = &mut row {
        let source = source.txt();
        let source = source.exact();
        let id = match map.get("id") {
            Some(Value::String(id)) if !id.is_empty() => format!("{id}@{source}"),
            _ => {
                nameless = true;
                // the same row has the same name when it is read again
                let mut hasher = DefaultHasher::new();
                hasher.write(Value::Object(map.clone()).to_string().as_bytes());
                format!("{NAMELESS}{:x}@{source}", hasher.finish())
            }
        };
        map.insert(CONTENT.to_owned(), source.into());
        map.insert("Id".to_owned(), id.into());
    }
    (row, nameless)
}

/// Takes the rows of a page in. `at`: the window, the page, and when the window was last read to its end; the second number
/// is how many came late: older than what that reading should have had.
pub fn take_page(
    book: &Mutex<Book>,
    to: &Mutex<Gathered>,
    at: (Due, u32, Option<Ticks>),
    here: &Mutex<Here>,
    rows: Vec<Value>,
) -> (Brought, u32) {
    let (due, page, before) = at;
    let (mut brought, mut late) = (Brought::default(), 0);
    let source = lock(book).name(due.kind);
    let rows: Vec<(Value, bool)> = rows.into_iter().map(|row| paged(row, &source)).collect();
    let sights: Vec<Option<bool>> = {
        let (mut book, mut here) = (lock(book), lock(here));
        rows.iter()
            .map(|(row, _)| {
                let id = row.get("Id").and_then(Value::as_str).unwrap_or_default();
                book.sight(due.kind, id, page, &mut here)
            })
            .collect()
    };
    let mut gathered = lock(to);
    for ((row, nameless), sight) in rows.iter().zip(sights) {
        match sight {
            None => brought.duplicates += 1,
            // an earlier reading brought it
            Some(false) => {}
            Some(true) => {
                let at = LogEvent::of(Json(row)).at;
                let early = |before: Ticks| at.is_some_and(|at| at.0 < before.0 - OVERLAP);
                late += u32::from(before.is_some_and(early));
                brought.records += 1;
                brought.nameless += u32::from(*nameless);
                brought.timeless += u32::from(at.is_none());
                gathered.row(row);
            }
        }
    }
    (brought, late)
}
