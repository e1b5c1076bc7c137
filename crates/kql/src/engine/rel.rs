//! A table on its way through the pipe: columns by the binder's numbers, rows in parts.

use super::guard::Guard;
use super::value::Kind;
use super::vector::{Vector, concat};
use crate::bind::env::TableRef;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Rows of a part, at most: what is done between two looks at the flag that stops a query. In tests few, so that parts are cut and runs are merged there too.
pub(super) const PART_ROWS: usize = if cfg!(test) { 1024 } else { 65_536 };

/// Bytes of text in a column of a part, at most, but for one that is longer by itself.
const PART_BYTES: usize = 16 << 20;

/// Fewer rows than this are one thread's work. In tests all are shared, so that threads are seen.
pub(super) const SHARED_FROM: usize = if cfg!(test) { 1 } else { 20_000 };

/// Some consecutive rows; every column is as long.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// How many rows.
    pub rows: usize,
    /// The columns of the table, then hidden ones.
    pub cols: Vec<Vector>,
}

/// Selections put together: those they are of, by address, and the whole.
type Joined = Vec<(Vec<usize>, Arc<[u32]>)>;

/// A column that is a selection of the same stored column in every part, as one selection.
fn again(parts: &[&Part], c: usize, joined: &mut Joined) -> Option<Vector> {
    let mut of: Option<&Arc<table::Column>> = None;
    let mut rows: Vec<&Arc<[u32]>> = Vec::with_capacity(parts.len());
    for p in parts {
        let Some(Vector::Data(col, Some(sel))) = p.cols.get(c) else {
            return None;
        };
        if of.is_some_and(|o| !Arc::ptr_eq(o, col)) {
            return None;
        }
        of = Some(col);
        rows.push(sel);
    }
    let key: Vec<usize> = rows.iter().map(|r| r.as_ptr() as usize).collect();
    let sel = match joined.iter().find(|(k, _)| *k == key) {
        Some((_, sel)) => sel.clone(),
        None => {
            let sel: Arc<[u32]> = rows.iter().flat_map(|r| r.iter().copied()).collect();
            joined.push((key, sel.clone()));
            sel
        }
    };
    Some(Vector::Data(of?.clone(), Some(sel)))
}

/// A table.
#[derive(Clone, Debug)]
pub struct Rel {
    /// Its columns.
    pub table: TableRef,
    /// Its rows in order.
    pub parts: Vec<Part>,
    /// Whether the order of rows means something.
    pub serialized: bool,
    /// Whether a hidden last column numbers the sub-tables that the rows belong to.
    pub segmented: bool,
}

/// A selection already composed: where it lies, its length, and what came of it.
type Picked = (*const u32, usize, Option<Arc<[u32]>>);

impl Part {
    /// These rows in this order; columns that share their rows still do after it.
    pub fn take(&self, rows: &[u32]) -> Part {
        let mut done: Vec<Picked> = Vec::new();
        let mut plain: Option<Arc<[u32]>> = None;
        let cols = self
            .cols
            .iter()
            .map(|c| match c {
                Vector::Data(data, None) => {
                    let sel = plain.get_or_insert_with(|| rows.into()).clone();
                    Vector::Data(data.clone(), Some(sel))
                }
                Vector::Data(data, Some(s)) => {
                    let key = (s.as_ptr(), s.len());
                    if let Some((_, _, Some(sel))) = done.iter().find(|(p, n, _)| (*p, *n) == key) {
                        return Vector::Data(data.clone(), Some(sel.clone()));
                    }
                    let v = c.take(rows);
                    if let Vector::Data(_, sel) = &v {
                        done.push((key.0, key.1, sel.clone()));
                    }
                    v
                }
                c => c.take(rows),
            })
            .collect();
        Part {
            rows: rows.len(),
            cols,
        }
    }
    /// Into how many pieces it is to be cut.
    fn pieces(&self) -> usize {
        let by_rows = self.rows.div_ceil(PART_ROWS);
        let by_bytes = self
            .cols
            .iter()
            .map(|c| c.text_bytes().div_ceil(PART_BYTES))
            .max()
            .unwrap_or(0);
        by_rows.max(by_bytes).min(self.rows.max(1))
    }
    fn cut_into(self, out: &mut Vec<Part>) {
        let n = self.pieces();
        if n < 2 {
            out.push(self);
            return;
        }
        let size = self.rows.div_ceil(n).clamp(1, PART_ROWS);
        let mut from = 0;
        while from < self.rows {
            // texts of unlike length: some pieces may still be too long
            self.slice(from, from + size).cut_into(out);
            from += size;
        }
    }
    /// The rows `from..to`.
    pub fn slice(&self, from: usize, to: usize) -> Part {
        if from == 0 && to >= self.rows {
            return self.clone();
        }
        let rows: Vec<u32> = (from as u32..to.min(self.rows) as u32).collect();
        self.take(&rows)
    }
}

impl Rel {
    /// No rows.
    pub fn empty(table: TableRef) -> Rel {
        Rel {
            table,
            parts: Vec::new(),
            serialized: false,
            segmented: false,
        }
    }
    /// One part.
    pub fn one(table: TableRef, part: Part) -> Rel {
        Rel {
            table,
            parts: vec![part],
            serialized: false,
            segmented: false,
        }
    }
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.parts.iter().map(|p| p.rows).sum()
    }
    /// The kind of a column.
    pub fn kind(&self, col: usize) -> Kind {
        self.table
            .cols
            .get(col)
            .map_or(Kind::Long, |c| Kind::of(c.ty))
    }
    /// How many columns, hidden ones counted.
    pub fn width(&self) -> usize {
        self.table.cols.len() + usize::from(self.segmented)
    }
    /// All rows in one part, put together by so many threads, counted and stopped by a guard.
    pub(super) fn whole_by(&self, guard: Option<&Guard>, threads: usize) -> Part {
        if let [one] = &self.parts[..] {
            return one.clone();
        }
        let parts: Vec<&Part> = self.parts.iter().filter(|p| p.rows > 0).collect();
        let mut joined: Joined = Vec::new();
        let mut cols: Vec<Option<Vector>> = (0..self.width())
            .map(|c| again(&parts, c, &mut joined))
            .collect();
        let todo: Vec<usize> = (0..cols.len()).filter(|c| cols[*c].is_none()).collect();
        let make = |c: usize| {
            let list: Vec<&Vector> = parts.iter().filter_map(|p| p.cols.get(c)).collect();
            concat(self.kind(c), &list, guard)
        };
        if threads < 2 || todo.len() < 2 {
            for c in todo {
                cols[c] = Some(make(c));
            }
        } else {
            let next = AtomicUsize::new(0);
            let work = || {
                let mut done = Vec::new();
                while let Some(c) = todo.get(next.fetch_add(1, Ordering::Relaxed)) {
                    done.push((*c, make(*c)));
                }
                done
            };
            std::thread::scope(|s| {
                let others: Vec<_> = (1..threads.min(todo.len()))
                    .map(|_| s.spawn(work))
                    .collect();
                let mut done = work();
                for o in others {
                    match o.join() {
                        Ok(more) => done.extend(more),
                        Err(p) => std::panic::resume_unwind(p),
                    }
                }
                for (c, v) in done {
                    cols[c] = Some(v);
                }
            });
        }
        Part {
            rows: self.rows(),
            cols: cols.into_iter().flatten().collect(),
        }
    }
    /// The same rows in parts that one step of work can take: neither too many nor too long.
    pub(super) fn cut(mut self) -> Rel {
        if self.parts.iter().any(|p| p.pieces() > 1) {
            let mut out = Vec::with_capacity(self.parts.len() * 2);
            for p in self.parts {
                p.cut_into(&mut out);
            }
            self.parts = out;
        }
        self
    }
    /// The same columns with other rows.
    pub fn with(&self, parts: Vec<Part>) -> Rel {
        Rel {
            table: self.table.clone(),
            parts,
            serialized: self.serialized,
            segmented: self.segmented,
        }
    }
}
