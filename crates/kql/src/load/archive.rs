//! Folders of the Defender streaming export: one container a table, a blob an hour, an envelope a line.
//!
//! The layout is `insights-logs-advancedhunting-TABLE/tenantId=…/y=…/m=…/d=…/h=…/m=00/PT1H.json`, also
//! packed or named `.jsonl`; the folder given may be any level of it. Blobs are found once and read when a
//! query wants them: only the hours it asks for, only the columns it names, several at a time, and again for
//! every query, because rows are appended after their hour. The hour in the path is that of delivery, so
//! it is widened by [`LATE`] (a day more for snapshots); what was delivered later still than that is
//! found by queries without a time only. The same event may be written twice: it counts once.

use super::infer::Cells;
use super::json::Taker;
use super::notes::{Notes, PartNotes};
use super::open::open;
use super::parts::Part;
use super::rows::{Col, Fill, Keys};
use super::window::Window;
use super::{cells, settle};
use crate::schema::{ColumnDef, Schema, TableDef};
use hashbrown::HashMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// What a container's name begins with.
pub const CONTAINER: &str = "insights-logs-advancedhunting-";

const HOUR: i64 = 3600 * 10_000_000;
/// How far events may lie from the hour of their blob.
const LATE: i64 = 2 * HOUR;
/// The same for tables of daily snapshots.
const SNAPSHOT: i64 = 26 * HOUR;
/// Bytes that one thread takes at a time.
const BATCH: u64 = 16 << 20;

/// An archive whose blobs were found.
#[derive(Debug)]
pub struct Archive {
    tables: HashMap<String, Held>,
    threads: usize,
    notes: Mutex<Notes>,
}

#[derive(Debug)]
struct Held {
    def: TableDef,
    blobs: Vec<Blob>,
}

#[derive(Clone, Debug)]
struct Blob {
    path: PathBuf,
    /// Ticks at the begin of its hour; none where the path does not say.
    hour: Option<i64>,
    size: u64,
}

impl Archive {
    /// Finds the blobs below a folder; the error is a sentence.
    pub fn open(dir: &Path, schema: &Schema, threads: usize) -> Result<Archive, String> {
        let mut found: HashMap<String, Vec<Blob>> = HashMap::new();
        let mut notes = Notes::default();
        let dir = dir
            .canonicalize()
            .map_err(|e| format!("{}: {e}", table::Txt::new(&dir.to_string_lossy()).shown()))?;
        let mut folders = vec![dir.clone()];
        while let Some(folder) = folders.pop() {
            let entries = match std::fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(e) => {
                    notes.add(&Arc::new(folder), 0, format!("cannot be read: {e}"));
                    continue;
                }
            };
            for entry in entries.flatten() {
                let path = entry.path();
                // links are not followed: they may lead round in a circle
                match entry.file_type() {
                    Ok(kind) if kind.is_dir() => folders.push(path),
                    Ok(kind) if kind.is_file() && is_blob(&path) => {
                        if let Some(table) = container(&path) {
                            let size = entry.metadata().map_or(0, |m| m.len());
                            let hour = hour(&path);
                            found
                                .entry(table)
                                .or_default()
                                .push(Blob { path, hour, size });
                        }
                    }
                    _ => {}
                }
            }
        }
        if found.is_empty() {
            return Err(format!(
                "{}: no folder {CONTAINER}… with blobs is in it",
                table::Txt::new(&dir.to_string_lossy()).shown()
            ));
        }
        let by_lower: HashMap<String, &Arc<TableDef>> = schema
            .tables()
            .map(|t| (t.name.to_ascii_lowercase(), t))
            .collect();
        let tables = found.into_iter().map(|(lower, mut blobs)| {
            blobs.sort_by(|a, b| a.path.cmp(&b.path));
            let def = learnt(&lower, by_lower.get(&lower).copied(), &blobs, threads);
            (def.name.to_string(), Held { def, blobs })
        });
        Ok(Archive {
            tables: tables.collect(),
            threads,
            notes: Mutex::new(notes),
        })
    }

    /// The tables that are held, with their columns.
    pub fn tables(&self) -> impl Iterator<Item = &TableDef> {
        self.tables.values().map(|t| &t.def)
    }

    /// What was wrong in the blobs read so far; it is forgotten here.
    pub fn take_notes(&self) -> Notes {
        self.notes
            .lock()
            .map(|mut n| std::mem::take(&mut *n))
            .unwrap_or_default()
    }

    /// How many blobs hold events of that time, of how many.
    pub fn pruned(&self, name: &str, from: Option<i64>, to: Option<i64>) -> Option<(usize, usize)> {
        let held = self.tables.get(name)?;
        let in_time = held
            .blobs
            .iter()
            .filter(|b| may_hold(&held.def, b, from, to))
            .count();
        Some((in_time, held.blobs.len()))
    }

    /// A table's rows: only these columns where some are named, only blobs that may hold events from `from`
    /// to `to` (both count, in ticks). `None` if the archive has no such table.
    pub fn read(
        &self,
        name: &str,
        columns: Option<&[String]>,
        from: Option<i64>,
        to: Option<i64>,
    ) -> Option<settle::Loaded> {
        let held = self.tables.get(name)?;
        let wanted =
            |c: &&ColumnDef| columns.is_none_or(|cols| cols.iter().any(|n| **n == *c.name));
        let def = TableDef {
            columns: held.def.columns.iter().filter(wanted).cloned().collect(),
            ..held.def.clone()
        };
        let blobs: Vec<&Blob> = held
            .blobs
            .iter()
            .filter(|b| may_hold(&held.def, b, from, to))
            .collect();
        let (parts, notes) = read(&def, &blobs, self.threads, true);
        let mut loaded = settle::settle(name, Some(&def), parts, Notes::default(), self.threads);
        if let Ok(mut all) = self.notes.lock() {
            all.extend(notes.clone());
        }
        loaded.notes = notes;
        Some(loaded)
    }
}

fn is_blob(path: &Path) -> bool {
    let name = path
        .file_name()
        .map(|n| n.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    let plain = name.strip_suffix(".gz").unwrap_or(&name);
    !name.starts_with('.')
        && [".json", ".jsonl", ".ndjson"]
            .iter()
            .any(|end| plain.ends_with(end))
}

/// The table's name in the path, in lower case.
fn container(path: &Path) -> Option<String> {
    path.components().rev().find_map(|c| {
        let name = c.as_os_str().to_str()?.to_ascii_lowercase();
        let table = name.strip_prefix(CONTAINER)?;
        (!table.is_empty()).then(|| table.to_owned())
    })
}

/// The hour of a path with `y=2026/m=02/d=03/h=04`.
fn hour(path: &Path) -> Option<i64> {
    let mut found: [Option<&str>; 4] = [None; 4];
    for part in path.components().filter_map(|c| c.as_os_str().to_str()) {
        let Some((key, value)) = part.split_once('=') else {
            continue;
        };
        let at = match key {
            "y" => 0,
            // the first is the month, the second the minute
            "m" if found[1].is_none() => 1,
            "d" => 2,
            "h" => 3,
            _ => continue,
        };
        found[at] = Some(value);
    }
    let [y, m, d, h] = found;
    cells::iso(&format!(
        "{:0>4}-{:0>2}-{:0>2}T{:0>2}:00",
        y?,
        m?,
        d?,
        h.unwrap_or("00")
    ))
}

fn may_hold(table: &TableDef, blob: &Blob, from: Option<i64>, to: Option<i64>) -> bool {
    let Some(hour) = blob.hour else {
        return true;
    };
    let late = if matches!(&*table.name, "DeviceInfo" | "DeviceNetworkInfo") {
        SNAPSHOT
    } else {
        LATE
    };
    from.is_none_or(|from| hour.saturating_add(HOUR + late) >= from)
        && to.is_none_or(|to| hour.saturating_sub(late) <= to)
}

/// What names an event of a table.
fn keys(table: &str) -> Keys {
    // the counter repeats, and snapshots have several rows of one number
    let named = table.starts_with("Device") && table.ends_with("Events");
    Keys::new(if named {
        &["ReportId", "DeviceId", "Timestamp"]
    } else {
        &[]
    })
}

/// A table's name as its envelopes write it, where no schema knows it.
fn name_of(lower: &str, blobs: &[Blob]) -> String {
    let word = |blob: &Blob| -> Option<String> {
        let head = String::from_utf8_lossy(&open(&blob.path).ok()?.head).into_owned();
        let (_, rest) = head.split_once("\"AdvancedHunting-")?;
        let (name, _) = rest.split_once('"')?;
        name.eq_ignore_ascii_case(lower).then(|| name.to_owned())
    };
    blobs
        .last()
        .and_then(word)
        .unwrap_or_else(|| lower.to_owned())
}

/// The schema's columns, and those besides that the newest blobs have (the export adds some).
fn learnt(lower: &str, known: Option<&Arc<TableDef>>, blobs: &[Blob], threads: usize) -> TableDef {
    let def = known.map_or_else(
        || TableDef {
            name: name_of(lower, blobs).into(),
            columns: [].into(),
            about: "".into(),
            replaced_by: None,
        },
        |t| (**t).clone(),
    );
    let newest: Vec<&Blob> = blobs
        .iter()
        .rev()
        .filter(|b| b.size < BATCH)
        .take(2)
        .collect();
    let (parts, _) = read(&def, &newest, threads, false);
    let loaded = settle::settle(lower, Some(&def), parts, Notes::default(), threads);
    TableDef {
        columns: loaded.def.columns,
        ..def
    }
}

/// Reads blobs, several at a time, in their order.
fn read(def: &TableDef, blobs: &[&Blob], threads: usize, closed: bool) -> (Vec<Part>, Notes) {
    let mut batches: Vec<&[&Blob]> = Vec::new();
    let mut from = 0;
    let mut bytes = 0;
    for (at, blob) in blobs.iter().enumerate() {
        // packed text is some ten times longer
        let packed = blob.path.extension().is_some_and(|e| e == "gz");
        bytes += if packed { blob.size * 10 } else { blob.size };
        if bytes >= BATCH || at + 1 == blobs.len() {
            batches.extend(blobs.get(from..=at));
            (from, bytes) = (at + 1, 0);
        }
    }
    let next = AtomicUsize::new(0);
    let done: Vec<Mutex<Option<Batch>>> = batches.iter().map(|_| Mutex::new(None)).collect();
    let one = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let (Some(blobs), Some(slot)) = (batches.get(i), done.get(i)) else {
                return;
            };
            let read = batch(def, blobs, closed);
            if let Ok(mut slot) = slot.lock() {
                *slot = Some(read);
            }
        }
    };
    std::thread::scope(|s| {
        for _ in 1..threads.min(batches.len()) {
            s.spawn(one);
        }
        one();
    });
    let mut notes = Notes::default();
    let mut parts = Vec::new();
    for batch in done
        .into_iter()
        .filter_map(|m| m.into_inner().ok().flatten())
    {
        for (path, of_file, fault) in batch.files {
            let file = Arc::new(path);
            let mut of = Notes::default();
            of_file.into_file(&mut of, &file, 0);
            if let Some(reason) = fault {
                of.add(&file, 0, reason);
            }
            notes.extend(of);
        }
        parts.push(batch.part);
    }
    (parts, notes)
}

struct Batch {
    part: Part,
    files: Vec<(PathBuf, PartNotes, Option<String>)>,
}

fn batch(def: &TableDef, blobs: &[&Blob], closed: bool) -> Batch {
    let cols = def.columns.iter().map(|c| Col {
        name: c.name.to_string(),
        fill: Fill::Known(c.ty),
        cells: Cells::default(),
    });
    let mut into = Taker::new(&def.name, cols.collect());
    into.rows.closed = closed;
    into.rows.keys = closed.then(|| keys(&def.name));
    let mut files = Vec::new();
    for blob in blobs {
        let fault = match open(&blob.path) {
            Ok(opened) => {
                let mut window = Window::new(opened.stream, 0);
                // a fault is met again by who reads
                let _ = window.more();
                window.advance(opened.mark as usize);
                into.lines(&mut window, u64::MAX)
            }
            Err(reason) => Some(reason),
        };
        let notes = std::mem::take(&mut into.notes);
        if fault.is_some() || notes.has_any() {
            files.push((blob.path.clone(), notes, fault));
        }
    }
    let (cols, chunks) = into.rows.finish();
    Batch {
        part: Part {
            cols,
            chunks,
            notes: PartNotes::default(),
            lines: 0,
            end: 0,
            fault: None,
        },
        files,
    }
}
