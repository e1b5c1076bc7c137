//! The parts of a table's files as one table: the same columns in every chunk, each of its settled type.

use super::infer::{Cells, Raw, stored, typed};
use super::notes::Notes;
use super::parts::Part;
use super::rows::Fill;
use crate::schema::{ColumnDef, TableDef};
use crate::types::Ty;
use hashbrown::{HashMap, HashSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use table::{Bits, Chunk, Column, Schema, Strings, Table, Type};

/// A table that was read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// Its name and all its columns; those that no file has are at their place in the schema.
    pub def: TableDef,
    /// The columns that some file has, in the order of `def`.
    pub table: Table,
    /// For each column of `def` its place in `table`.
    pub places: Vec<Option<usize>>,
    /// What was wrong.
    pub notes: Notes,
}

/// How a column of the whole is made.
struct Whole {
    name: String,
    fill: Fill,
    cells: Cells,
    found: bool,
}

pub(super) fn settle(
    name: &str,
    known: Option<&TableDef>,
    mut parts: Vec<Part>,
    notes: Notes,
    threads: usize,
) -> Loaded {
    let twice = written_twice(&mut parts);
    let mut whole: Vec<Whole> = Vec::new();
    let mut by_name: HashMap<String, usize> = HashMap::new();
    let mut add = |whole: &mut Vec<Whole>, name: &str, fill: Fill| -> usize {
        *by_name.entry_ref(name).or_insert_with(|| {
            whole.push(Whole {
                name: name.to_owned(),
                fill,
                cells: Cells::default(),
                found: false,
            });
            whole.len() - 1
        })
    };
    for c in known.iter().flat_map(|t| t.columns.iter()) {
        add(&mut whole, &c.name, Fill::Known(c.ty));
    }
    // of each part, where its columns are in the whole
    let maps: Vec<Vec<usize>> = parts
        .iter()
        .map(|part| {
            let place = |c: &super::rows::Col| {
                let at = add(&mut whole, &c.name, c.fill);
                if let Some(w) = whole.get_mut(at) {
                    w.cells.merge(c.cells);
                    w.found = true;
                }
                at
            };
            part.cols.iter().map(place).collect()
        })
        .collect();
    let types: Vec<Ty> = whole.iter().map(settled).collect();
    let made = make(parts, &maps, &types, threads);
    // a column that is null in every row of every file is not stored
    let used: Vec<bool> = (0..whole.len())
        .map(|at| {
            let some = made.iter().any(|(rows, columns)| match columns.get(at) {
                Some(Some(c)) => c.validity().map_or(*rows, Bits::count) > 0,
                _ => false,
            });
            some || (whole.get(at).is_some_and(|w| w.found) && known.is_none())
        })
        .collect();
    let columns = |used: bool, stored_at: usize| used.then_some(stored_at);
    let mut places = Vec::new();
    let mut n = 0;
    for used in &used {
        places.push(columns(*used, n));
        n += usize::from(*used);
    }
    let schema = Arc::new(Schema::new(
        whole
            .iter()
            .zip(&types)
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|((w, ty), _)| (w.name.as_str(), stored(*ty))),
    ));
    let mut table = Table::new(schema.clone());
    let mut twice = twice.into_iter().peekable();
    let mut first = 0u64;
    for (rows, columns) in made {
        let columns: Vec<Column> = columns
            .into_iter()
            .zip(&types)
            .zip(&used)
            .filter(|(_, used)| **used)
            .map(|((column, ty), _)| column.unwrap_or_else(|| empty(*ty, rows)))
            .collect();
        let mut left_out = Vec::new();
        while let Some(row) = twice.next_if(|row| *row < first + rows as u64) {
            left_out.push((row - first) as u32);
        }
        first += rows as u64;
        let Some(chunk) = Chunk::new(schema.clone(), rows, columns) else {
            continue;
        };
        let chunk = if left_out.is_empty() {
            chunk
        } else {
            let left_out: HashSet<u32> = left_out.into_iter().collect();
            let keep: Vec<u32> = (0..rows as u32).filter(|r| !left_out.contains(r)).collect();
            chunk.take(&keep)
        };
        table.append(Arc::new(chunk));
    }
    Loaded {
        def: TableDef {
            name: known.map_or_else(|| name.into(), |t| t.name.clone()),
            columns: whole
                .iter()
                .zip(&types)
                .map(|(w, ty)| ColumnDef {
                    name: w.name.as_str().into(),
                    ty: *ty,
                })
                .collect(),
            about: known.map_or_else(|| "".into(), |t| t.about.clone()),
            replaced_by: None,
        },
        table,
        places,
        notes,
    }
}

/// The rows, counted through all chunks, that say what one before them said.
fn written_twice(parts: &mut [Part]) -> Vec<u64> {
    let mut seen = HashSet::new();
    let mut twice = Vec::new();
    let mut row = 0;
    for chunk in parts.iter_mut().flat_map(|p| &mut p.chunks) {
        let keys = std::mem::take(&mut chunk.keys);
        let again = (row..)
            .zip(keys)
            .filter(|(_, key)| !seen.insert(*key))
            .map(|(row, _)| row);
        twice.extend(again);
        row += chunk.rows as u64;
    }
    twice
}

fn settled(w: &Whole) -> Ty {
    match w.fill {
        Fill::Known(ty) => ty,
        Fill::Open(raw) => w.cells.settle(raw),
    }
}

type Made = (usize, Vec<Option<Column>>);

/// Every chunk with its columns at the places of the whole, in order, on several threads.
fn make(parts: Vec<Part>, maps: &[Vec<usize>], types: &[Ty], threads: usize) -> Vec<Made> {
    let work: Vec<_> = parts
        .into_iter()
        .zip(maps)
        .flat_map(|(part, map)| {
            let fills: Arc<[Fill]> = part.cols.iter().map(|c| c.fill).collect();
            part.chunks
                .into_iter()
                .map(move |chunk| (chunk, map, fills.clone()))
        })
        .map(|w| Mutex::new(Some(w)))
        .collect();
    let done: Vec<Mutex<Option<Made>>> = work.iter().map(|_| Mutex::new(None)).collect();
    let next = AtomicUsize::new(0);
    let one = || {
        loop {
            let i = next.fetch_add(1, Ordering::Relaxed);
            let (Some(work), Some(done)) = (work.get(i), done.get(i)) else {
                return;
            };
            let Some((chunk, map, fills)) = work.lock().ok().and_then(|mut w| w.take()) else {
                return;
            };
            let mut columns: Vec<Option<Column>> = types.iter().map(|_| None).collect();
            for ((column, at), fill) in chunk.columns.into_iter().zip(map).zip(fills.iter()) {
                let (Some(slot), Some(ty)) = (columns.get_mut(*at), types.get(*at)) else {
                    continue;
                };
                *slot = match fill {
                    _ if all_null(&column) => None,
                    Fill::Open(raw) => Some(typed(column, *raw, *ty)),
                    // Kusto's strings are never null
                    Fill::Known(Ty::STRING) if column.validity().is_some() => {
                        Some(typed(column, Raw::Text, Ty::STRING))
                    }
                    Fill::Known(_) => Some(column),
                };
            }
            if let Ok(mut done) = done.lock() {
                *done = Some((chunk.rows, columns));
            }
        }
    };
    if threads < 2 || work.len() < 2 {
        one();
    } else {
        std::thread::scope(|s| {
            for _ in 1..threads.min(work.len()) {
                s.spawn(one);
            }
            one();
        });
    }
    done.into_iter()
        .filter_map(|m| m.into_inner().ok().flatten())
        .collect()
}

fn all_null(column: &Column) -> bool {
    column.validity().is_some_and(|bits| bits.count() == 0)
}

/// A column without values: empty text, else nulls.
pub fn empty(ty: Ty, rows: usize) -> Column {
    let none = Some(Bits::filled(rows, false));
    let made = match stored(ty) {
        Type::Text => {
            let mut one = Strings::default();
            one.push("");
            Column::of_codes(table::Codes::U8(vec![0; rows]), one, None)
        }
        Type::Real => Column::of_reals(vec![0.0; rows], none),
        Type::Bool => Column::of_bools(Bits::filled(rows, false), none),
        kind if kind.is_integral() => Column::of_ints(vec![0; rows], none),
        _ => Column::of_codes(table::Codes::U8(vec![0; rows]), Strings::default(), none),
    };
    // the lengths are those given, so it is always made
    made.or_else(|| Column::of_ints(vec![0; rows], None))
        .unwrap_or_else(|| unreachable!("a column without validity fits"))
}
