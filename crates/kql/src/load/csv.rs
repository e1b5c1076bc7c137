//! CSV files: the names in the first record, typed by the schema where the table is known.

use super::infer::{Cells, Raw};
use super::notes::{PartNotes, shown};
use super::open::{Opened, unpack_fault};
use super::parts::{Part, bounds, run};
use super::records::{Field, Seen, split};
use super::rows::{COLUMNS, Col, Fill, ROWS, Rows, WrongType};
use super::window::{Stuck, Window};
use crate::schema::TableDef;
use hashbrown::HashSet;
use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

/// Reads a whole file; the error is a sentence about all of it.
pub(super) fn read(
    path: &Path,
    opened: Opened,
    delimiter: u8,
    known: Option<&TableDef>,
    threads: usize,
) -> Result<(u64, Vec<Part>), String> {
    let Opened {
        head,
        mark,
        plain,
        stream,
    } = opened;
    let mut window = Window::new(stream, 0);
    window.more().map_err(|e| stuck(&e))?;
    window.advance(mark as usize);
    if window.rest().is_empty() {
        return Ok((0, Vec::new()));
    }
    let mut fields = Vec::new();
    let len = next(&mut window, delimiter, &mut fields).map_err(|e| stuck(&e))?;
    let header = String::from_utf8_lossy(window.rest().get(..len).unwrap_or_default()).into_owned();
    if header.contains('\0') {
        return Err("is no text".into());
    }
    if fields.len() > COLUMNS {
        return Err(format!("has {} columns: {COLUMNS} at most", fields.len()));
    }
    let cols = columns(fields.iter().map(|f| f.text(&header).into_owned()), known);
    window.advance(len);
    let before = window.lines();
    let Some(length) = plain else {
        return Ok((before, vec![part(window, u64::MAX, delimiter, cols)]));
    };
    let body = window.offset();
    drop(window);
    // so long that a part is about one full chunk
    let sample = head.get((body - mark) as usize..).unwrap_or_default();
    let rows = memchr::memchr_iter(b'\n', sample).count().max(1);
    let size = (sample.len() / rows).max(1) * (ROWS - ROWS / 50);
    let share = (length - body) / threads.max(1) as u64 + 1;
    let size = (size as u64).min(share).clamp(1 << 20, 64 << 20);
    let parts = run(&bounds(path, body, length, size), threads, |begin, end| {
        let file = File::open(path).and_then(|mut f| f.seek(SeekFrom::Start(begin)).map(|_| f));
        match file {
            Ok(file) => part(Window::new(file, begin), end, delimiter, cols.clone()),
            Err(e) => Part {
                cols: cols.clone(),
                chunks: Vec::new(),
                notes: PartNotes::default(),
                lines: 0,
                end: begin,
                fault: Some(format!("cannot be read further: {e}")),
            },
        }
    });
    Ok((before, parts))
}

pub(super) fn stuck(e: &Stuck) -> String {
    match e {
        Stuck::TooLong => format!(
            "a record is longer than {} MB",
            super::window::LONGEST >> 20
        ),
        Stuck::Failed(e) => unpack_fault(e),
    }
}

/// Names as the query will write them: those a portal decorates are plain, those that repeat are numbered.
fn columns(names: impl Iterator<Item = String>, known: Option<&TableDef>) -> Vec<Col> {
    let mut out: Vec<Col> = Vec::new();
    let mut taken = HashSet::new();
    for (i, name) in names.enumerate() {
        let name = name.trim();
        let name = name.strip_suffix(" [UTC]").unwrap_or(name);
        let base = if name.is_empty() {
            format!("Column{}", i + 1)
        } else {
            name.to_owned()
        };
        let def = known.and_then(|t| {
            let same = |c: &&crate::schema::ColumnDef| *c.name == *base;
            let alike = |c: &&crate::schema::ColumnDef| c.name.eq_ignore_ascii_case(&base);
            t.columns
                .iter()
                .find(same)
                .or_else(|| t.columns.iter().find(alike))
        });
        let base = def.map_or(base, |d| d.name.to_string());
        let mut name = base.clone();
        let mut n = 0;
        while !taken.insert(name.clone()) {
            n += 1;
            name = format!("{base}{n}");
        }
        let fill = def.map_or(Fill::Open(Raw::Text), |d| Fill::Known(d.ty));
        out.push(Col {
            name,
            fill,
            cells: Cells::default(),
        });
    }
    out
}

/// The length of the next record, once it is whole in the window.
fn next<R: Read>(
    window: &mut Window<R>,
    delimiter: u8,
    fields: &mut Vec<Field>,
) -> Result<usize, Stuck> {
    loop {
        match split(window.rest(), delimiter, window.is_last(), fields) {
            Seen::Whole(len) | Seen::Open(len) => return Ok(len),
            Seen::Part => window.more()?,
        }
    }
}

/// Records without names of their own, by place; missing fields are null, further ones are left out.
pub(super) fn by_place<R: Read>(
    mut window: Window<R>,
    delimiter: u8,
    cols: Vec<Col>,
    skip: bool,
) -> Part {
    if skip && let Ok(len) = next(&mut window, delimiter, &mut Vec::new()) {
        window.advance(len);
    }
    take(window, u64::MAX, delimiter, cols, false)
}

/// The records that begin before `end`, each with a field for each column.
fn part<R: Read>(window: Window<R>, end: u64, delimiter: u8, cols: Vec<Col>) -> Part {
    take(window, end, delimiter, cols, true)
}

/// The records that begin before `end`.
fn take<R: Read>(
    mut window: Window<R>,
    end: u64,
    delimiter: u8,
    cols: Vec<Col>,
    strict: bool,
) -> Part {
    let width = strict.then_some(cols.len());
    let mut rows = Rows::new(cols);
    let mut notes = PartNotes::default();
    let mut fields = Vec::new();
    let mut fault = None;
    let mut endless = 0;
    while window.offset() < end {
        let seen = loop {
            if window.rest().is_empty() && window.is_last() {
                break None;
            }
            match split(window.rest(), delimiter, window.is_last(), &mut fields) {
                Seen::Part => match window.more() {
                    Ok(()) => {}
                    // the record a failed stream cut is not one
                    Err(e) => {
                        fault = Some(e);
                        break None;
                    }
                },
                seen => break Some(seen),
            }
        };
        match (seen, fault.take()) {
            (Some(Seen::Whole(len)), _) => {
                record(&mut window, len, width, &fields, &mut rows, &mut notes)
            }
            (Some(Seen::Open(len)), _) => {
                let line = window.lines();
                notes.mend(line, || "a quote is opened here and never closed".into());
                record(&mut window, len, width, &fields, &mut rows, &mut notes);
            }
            (_, None) => break,
            (_, Some(Stuck::TooLong)) if endless < 3 => {
                endless += 1;
                let line = window.lines();
                notes.lose(line, || {
                    stuck(&Stuck::TooLong) + ": is a quote left open? This line is left out"
                });
                if let Err(e) = window.skip_line() {
                    fault = Some(e);
                    break;
                }
            }
            (_, Some(e)) => {
                fault = Some(e);
                break;
            }
        }
    }
    let (lines, at) = (window.lines(), window.offset());
    let (cols, chunks) = rows.finish();
    Part {
        cols,
        chunks,
        notes,
        lines,
        end: at,
        fault: fault.map(|e| stuck(&e)),
    }
}

/// Takes one record in.
fn record<R: Read>(
    window: &mut Window<R>,
    len: usize,
    width: Option<usize>,
    fields: &[Field],
    rows: &mut Rows,
    notes: &mut PartNotes,
) {
    let line = if notes.has_room() { None } else { Some(0) };
    let bytes = window.rest().get(..len).unwrap_or_default();
    if fields.len() == 1 && matches!(bytes, b"\n" | b"\r\n" | b"\r") {
        window.advance(len);
        return;
    }
    if let Some(width) = width
        && fields.len() != width
    {
        let found = fields.len();
        let line = line.unwrap_or_else(|| window.lines());
        notes.lose(line, || format!("{found} fields, not {width}: left out"));
        window.advance(len);
        return;
    }
    let mut wrong: Vec<(usize, String)> = Vec::new();
    let mut whole = true;
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            for (col, field) in fields.iter().enumerate() {
                let cell = field.text(text);
                if let Err(WrongType) = rows.text(col, &cell) {
                    wrong.push((
                        col,
                        if line.is_none() {
                            shown(&cell)
                        } else {
                            String::new()
                        },
                    ));
                }
            }
        }
        Err(_) => {
            whole = false;
            for (col, field) in fields.iter().enumerate() {
                let cell = String::from_utf8_lossy(field.bytes(bytes));
                let cell = field.unquoted(&cell);
                if let Err(WrongType) = rows.text(col, &cell) {
                    wrong.push((col, shown(&cell)));
                }
            }
        }
    }
    rows.end_row();
    if !whole || !wrong.is_empty() {
        let line = line.unwrap_or_else(|| window.lines());
        if !whole {
            notes.mend(line, || {
                "not UTF-8: what could not be read is U+FFFD".into()
            });
        }
        for (col, cell) in wrong {
            notes.mend(line, || {
                format!(
                    "{}: {cell} is no {}, so null",
                    shown(rows.name(col)),
                    rows.type_name(col)
                )
            });
        }
    }
    window.advance(len);
}
