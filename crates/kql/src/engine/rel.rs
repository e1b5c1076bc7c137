//! A table on its way through the pipe: columns by the binder's numbers, rows in parts.

use super::value::Kind;
use super::vector::{Vector, concat};
use crate::bind::env::TableRef;
use std::sync::Arc;

/// Some consecutive rows; every column is as long.
#[derive(Clone, Debug, Default)]
pub struct Part {
    /// How many rows.
    pub rows: usize,
    /// The columns of the table, then hidden ones.
    pub cols: Vec<Vector>,
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
    /// All rows in one part.
    pub fn whole(&self) -> Part {
        if let [one] = &self.parts[..] {
            return one.clone();
        }
        let cols = (0..self.width())
            .map(|c| {
                let list: Vec<&Vector> = self
                    .parts
                    .iter()
                    .filter(|p| p.rows > 0)
                    .filter_map(|p| p.cols.get(c))
                    .collect();
                concat(self.kind(c), &list)
            })
            .collect();
        Part {
            rows: self.rows(),
            cols,
        }
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
