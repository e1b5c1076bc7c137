//! JSON files: an object a line, an array of objects, objects over several lines, and the documents in which
//! services answer (`results`, `value`, `records`). Envelopes of the streaming export are opened.

use super::infer::Cells;
use super::notes::PartNotes;
use super::open::{Form, Opened, unpack_fault};
use super::parts::{Part, bounds, run};
use super::rows::{COLUMNS, Col, Fill, ROWS, Rows, WrongType};
use super::window::{Stuck, Window};
use crate::schema::TableDef;
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Reads a whole file.
pub(super) fn read(
    path: &Path,
    opened: Opened,
    form: Form,
    table: &str,
    known: Option<&TableDef>,
    threads: usize,
) -> Vec<Part> {
    let Opened {
        head,
        mark,
        plain,
        stream,
    } = opened;
    let cols = known.map(columns).unwrap_or_default();
    let begin = |from: Window<Box<dyn Read + Send>>| {
        let mut from = from;
        // a fault is met again by who reads
        let _ = from.more();
        from.advance(mark as usize);
        from
    };
    if form == Form::Values {
        return vec![values(begin(Window::new(stream, 0)), table, cols)];
    }
    let Some(length) = plain else {
        return vec![lines(begin(Window::new(stream, 0)), u64::MAX, table, cols)];
    };
    drop(stream);
    let rows = memchr::memchr_iter(b'\n', &head).count().max(1);
    let size = (head.len() / rows).max(1) * (ROWS - ROWS / 50);
    let share = length / threads.max(1) as u64 + 1;
    let size = (size as u64).min(share).clamp(1 << 20, 64 << 20);
    run(&bounds(path, mark, length, size), threads, |begin, end| {
        let file = File::open(path).and_then(|mut f| f.seek(SeekFrom::Start(begin)).map(|_| f));
        match file {
            Ok(file) => lines(Window::new(file, begin), end, table, cols.clone()),
            Err(e) => Part {
                cols: cols.clone(),
                chunks: Vec::new(),
                notes: PartNotes::default(),
                lines: 0,
                end: begin,
                fault: Some(format!("cannot be read further: {e}")),
            },
        }
    })
}

/// A known table's columns, all of them: a key may be missing in the first rows.
pub(super) fn columns(table: &TableDef) -> Vec<Col> {
    table
        .columns
        .iter()
        .map(|c| Col {
            name: c.name.to_string(),
            fill: Fill::Known(c.ty),
            cells: Cells::default(),
        })
        .collect()
}

fn stuck(e: &Stuck) -> String {
    match e {
        Stuck::TooLong => format!("a line is longer than {} MB", super::window::LONGEST >> 20),
        Stuck::Failed(e) => unpack_fault(e),
    }
}

/// The lines that begin before `end`.
fn lines<R: Read>(mut window: Window<R>, end: u64, table: &str, cols: Vec<Col>) -> Part {
    let mut into = Taker::new(table, cols);
    let fault = into.lines(&mut window, end);
    into.finish(window, fault)
}
/// Objects that follow each other, in an array or not, over any number of lines.
pub(super) fn values<R: Read>(mut window: Window<R>, table: &str, cols: Vec<Col>) -> Part {
    let mut into = Taker::new(table, cols);
    let mut fault = None;
    loop {
        let between = window
            .rest()
            .iter()
            .take_while(|b| b.is_ascii_whitespace() || matches!(b, b',' | b'[' | b']'))
            .count();
        window.advance(between);
        if window.rest().is_empty() {
            if window.is_last() {
                break;
            }
        } else if let Some(len) = value_end(window.rest(), window.is_last())
            .or_else(|| window.is_last().then(|| window.rest().len()))
        {
            into.line(&mut window, len, true);
            window.advance(len);
            continue;
        }
        if let Err(e) = window.more() {
            if matches!(e, Stuck::TooLong) {
                let line = window.lines();
                into.notes.lose(line, || {
                    "a value is longer than can be held: the rest is left out".into()
                });
            } else {
                fault = Some(e);
            }
            break;
        }
    }
    into.finish(window, fault.map(|e| stuck(&e)))
}

/// Where the value ends that `bytes` begins with; `None` when more is needed.
fn value_end(bytes: &[u8], last: bool) -> Option<usize> {
    let mut depth = 0usize;
    let mut at = 0;
    while let Some(b) = bytes.get(at) {
        match b {
            b'"' => {
                let mut look = at + 1;
                loop {
                    let i = memchr::memchr2(b'"', b'\\', bytes.get(look..)?);
                    match i.map(|i| look + i) {
                        Some(i) if bytes.get(i) == Some(&b'"') => {
                            at = i;
                            break;
                        }
                        Some(i) => look = i + 2,
                        None => return last.then_some(bytes.len()),
                    }
                }
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b',' | b'\n' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
    last.then_some(bytes.len())
}

/// Where rows go, and what is wrong with them.
pub(super) struct Taker<'t> {
    table: &'t str,
    pub(super) rows: Rows,
    pub(super) notes: PartNotes,
    others: u64,
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow)]
    category: Cow<'a, str>,
    #[serde(borrow)]
    properties: &'a RawValue,
}

/// What stands before the table's name in an envelope's category.
const CATEGORY: &str = "AdvancedHunting-";

/// Keys under which documents hold their rows.
const ROWS_OF: [&str; 5] = ["results", "Results", "value", "records", "Records"];

impl<'t> Taker<'t> {
    pub(super) fn new(table: &'t str, cols: Vec<Col>) -> Self {
        Taker {
            table,
            rows: Rows::new(cols),
            notes: PartNotes::default(),
            others: 0,
        }
    }

    /// Takes in the lines that begin before `end`; why reading ended early.
    pub(super) fn lines<R: Read>(&mut self, window: &mut Window<R>, end: u64) -> Option<String> {
        let mut fault = None;
        while window.offset() < end {
            match memchr::memchr(b'\n', window.rest()) {
                Some(at) => {
                    self.line(window, at, true);
                    window.advance(at + 1);
                }
                None if window.is_last() => {
                    let len = window.rest().len();
                    self.line(window, len, false);
                    window.advance(len);
                    break;
                }
                None => match window.more() {
                    Ok(()) => {}
                    Err(Stuck::TooLong) => {
                        let line = window.lines();
                        self.notes
                            .lose(line, || stuck(&Stuck::TooLong) + ": left out");
                        if let Err(e) = window.skip_line() {
                            fault = Some(e);
                            break;
                        }
                    }
                    Err(e) => {
                        fault = Some(e);
                        break;
                    }
                },
            }
        }
        fault.map(|e| stuck(&e))
    }

    /// Takes in the first `len` bytes of the window; a last line without its end may be half written.
    fn line<R: Read>(&mut self, window: &mut Window<R>, len: usize, ended: bool) {
        let bytes = window.rest().get(..len).unwrap_or_default();
        let bytes = bytes.trim_ascii();
        if bytes.is_empty() {
            return;
        }
        let whole = std::str::from_utf8(bytes).is_ok();
        let taken = {
            let text = String::from_utf8_lossy(bytes);
            self.object(&crate::cli::mend_surrogates(&text))
        };
        if whole && taken.is_ok() && self.rows.wrong.is_empty() {
            return;
        }
        let line = if self.notes.has_room() {
            window.lines()
        } else {
            0
        };
        if !whole {
            self.notes.mend(line, || {
                "not UTF-8: what could not be read is U+FFFD".into()
            });
        }
        for (name, value, kind) in std::mem::take(&mut self.rows.wrong) {
            self.notes
                .mend(line, || format!("{name}: {value} is no {kind}, so null"));
        }
        if let Err(reason) = taken {
            if ended {
                self.notes.lose(line, || reason + ": left out");
            } else {
                self.notes.lose(line, || {
                    "the last line is not finished: left out until it is".into()
                });
            }
        }
    }

    /// Takes in an object, an envelope, or a document with rows in it.
    fn object(&mut self, text: &str) -> Result<(), String> {
        if !text.starts_with('{') {
            return Err("is no JSON object".into());
        }
        if memchr::memmem::find(text.as_bytes(), CATEGORY.as_bytes()).is_some()
            && let Ok(envelope) = serde_json::from_str::<Envelope<'_>>(text)
            && let Some(table) = envelope.category.strip_prefix(CATEGORY)
        {
            if !table.eq_ignore_ascii_case(self.table) {
                self.others += 1;
                return Ok(());
            }
            return self.row(envelope.properties.get());
        }
        if let Some(of) = rows_of(text) {
            for row in of {
                if row.get().starts_with('{') {
                    self.object(row.get())?;
                }
            }
            return Ok(());
        }
        self.row(text)
    }

    fn row(&mut self, text: &str) -> Result<(), String> {
        let mut from = serde_json::Deserializer::from_str(text);
        let taken = from
            .deserialize_map(RowOf(&mut self.rows))
            .and_then(|()| from.end());
        match taken {
            Ok(()) => {
                self.rows.end_row();
                Ok(())
            }
            Err(e) => {
                self.rows.drop_row();
                Err(if e.is_data() {
                    e.to_string()
                } else {
                    format!("is no JSON (at character {})", e.column())
                })
            }
        }
    }

    pub(super) fn finish<R: Read>(mut self, mut window: Window<R>, fault: Option<String>) -> Part {
        if self.others > 0 {
            let (n, table) = (self.others, self.table);
            self.notes.mend(0, || {
                format!("{n} rows are of other tables than {table}: left out")
            });
        }
        let (lines, end) = (window.lines(), window.offset());
        let (cols, chunks) = self.rows.finish();
        Part {
            cols,
            chunks,
            notes: self.notes,
            lines,
            end,
            fault,
        }
    }
}

/// The rows of a service's answer; `None` when the object is itself a row.
fn rows_of(text: &str) -> Option<Vec<&RawValue>> {
    // cheap for rows: their first bytes name none of these
    let head = text.get(..text.len().min(512)).unwrap_or(text);
    if !text.ends_with("]}") && !text.trim_end_matches('}').trim_end().ends_with(']') {
        return None;
    }
    if !ROWS_OF.iter().any(|key| head.contains(key)) && !text.contains("\"results\"") {
        return None;
    }
    struct Find;
    impl<'de> Visitor<'de> for Find {
        type Value = Option<Vec<&'de RawValue>>;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut found = None;
            let mut members = 0;
            while let Some(key) = map.next_key::<Cow<'de, str>>()? {
                let value: &'de RawValue = map.next_value()?;
                members += 1;
                if ROWS_OF.contains(&&*key) && value.get().starts_with('[') {
                    found = serde_json::from_str::<Vec<&'de RawValue>>(value.get()).ok();
                }
            }
            // a row may have a list of that name, but then it has more columns than an answer has members
            Ok(found.filter(|rows| members <= 6 && rows.iter().all(|r| r.get().starts_with('{'))))
        }
    }
    serde_json::Deserializer::from_str(text)
        .deserialize_map(Find)
        .ok()
        .flatten()
}

/// Puts an object's members in their columns.
struct RowOf<'r>(&'r mut Rows);

impl<'de> Visitor<'de> for RowOf<'_> {
    type Value = ();
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("an object")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(col) = map.next_key_seed(ColumnOf(self.0))? {
            let value: &RawValue = map.next_value()?;
            if let Some(keys) = &mut self.0.keys {
                keys.value(value.get());
            }
            let Some(col) = col else { continue };
            if let Err(WrongType) = self.0.json(col, value.get()) {
                let (name, kind) = (super::notes::shown(self.0.name(col)), self.0.type_name(col));
                self.0
                    .wrong
                    .push((name, super::notes::shown(value.get()), kind));
            }
        }
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, _: A) -> Result<(), A::Error> {
        Err(serde::de::Error::custom("is no JSON object"))
    }
}

/// The column of a key; none for annotations and beyond the most columns.
struct ColumnOf<'r>(&'r mut Rows);

impl<'de> DeserializeSeed<'de> for ColumnOf<'_> {
    type Value = Option<usize>;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Self::Value, D::Error> {
        from.deserialize_str(self)
    }
}

impl Visitor<'_> for ColumnOf<'_> {
    type Value = Option<usize>;
    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a key")
    }
    fn visit_str<E: serde::de::Error>(self, name: &str) -> Result<Option<usize>, E> {
        if let Some(keys) = &mut self.0.keys {
            keys.name(name);
        }
        if name.contains("@odata.") {
            return Ok(None);
        }
        match self.0.column(name) {
            Some(col) => Ok(Some(col)),
            None if self.0.closed => Ok(None),
            None => {
                let reason = format!("{COLUMNS} columns at most: its value");
                self.0
                    .wrong
                    .push((super::notes::shown(name), reason, "column"));
                Ok(None)
            }
        }
    }
}
