//! Immutable rows, column by column.

#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::bits::Bits;
use crate::builder::{ListBuild, TextBuild, packed_column};
use crate::cell::Cell;
use crate::column::{BoolColumn, Column, IntColumn, RealColumn};
use crate::schema::{Schema, Type};
use crate::strings::Strings;

/// Below this many rows a merged text column looks for repeats again.
const RELOOK: usize = 16_384;

/// A run of rows that never changes; kept behind `Arc`.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    schema: Arc<Schema>,
    rows: usize,
    columns: Vec<Column>,
}

impl Chunk {
    /// No rows.
    pub fn empty(schema: Arc<Schema>) -> Self {
        crate::builder::ChunkBuilder::new(schema).finish()
    }

    /// From finished columns; `None` where they are not as many, as long and of the storage the schema says.
    pub fn new(schema: Arc<Schema>, rows: usize, columns: Vec<Column>) -> Option<Self> {
        let fits = columns.len() == schema.len()
            && u32::try_from(rows).is_ok()
            && schema
                .columns()
                .zip(&columns)
                .all(|((_, kind), c)| c.suits(kind) && c.len() == rows);
        fits.then_some(Chunk {
            schema,
            rows,
            columns,
        })
    }

    /// The columns are as many, as long and of the kind the schema says: the callers see to it.
    pub(crate) fn from_columns(schema: Arc<Schema>, rows: usize, columns: Vec<Column>) -> Self {
        debug_assert!(columns.len() == schema.len() && columns.iter().all(|c| c.len() == rows));
        Chunk {
            schema,
            rows,
            columns,
        }
    }

    /// Column names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// The columns in the schema's order.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// A column by its place.
    pub fn column(&self, col: usize) -> Option<&Column> {
        self.columns.get(col)
    }

    /// A value; null outside of the chunk.
    pub fn cell(&self, row: usize, col: usize) -> Cell<'_> {
        match (self.columns.get(col), self.schema.kind(col)) {
            (Some(column), Some(kind)) => column.cell(kind, row),
            _ => Cell::Null,
        }
    }

    /// Bytes on the heap, the schema not counted.
    pub fn heap_bytes(&self) -> usize {
        self.columns.iter().map(Column::heap_bytes).sum()
    }

    /// The given rows in the given order; rows outside of the chunk become null rows.
    pub fn take(&self, rows: &[u32]) -> Chunk {
        let columns = self
            .columns
            .iter()
            .map(|column| take(column, rows))
            .collect();
        Chunk::from_columns(self.schema.clone(), rows.len(), columns)
    }

    /// The same rows under another schema: columns are found by name and storage, others are null.
    pub fn conform(&self, schema: &Arc<Schema>) -> Chunk {
        let columns = schema
            .columns()
            .map(|(name, kind)| {
                self.schema
                    .col(name.exact())
                    .and_then(|col| self.columns.get(col))
                    .filter(|column| column.suits(kind))
                    .cloned()
                    .unwrap_or_else(|| nulls(kind, self.rows))
            })
            .collect();
        Chunk::from_columns(schema.clone(), self.rows, columns)
    }

    /// All rows of chunks of one schema, one after the other; `None` without chunks, where schemas differ
    /// or where a text column would pass 4 GiB.
    pub fn concat(chunks: &[&Chunk]) -> Option<Chunk> {
        let first = chunks.first()?;
        if chunks
            .iter()
            .any(|c| !Arc::ptr_eq(&c.schema, &first.schema) && c.schema != first.schema)
        {
            return None;
        }
        let rows = chunks.iter().map(|c| c.rows).sum();
        let columns = (0..first.columns.len())
            .map(|col| {
                concat(
                    &chunks
                        .iter()
                        .filter_map(|c| c.columns.get(col))
                        .collect::<Vec<_>>(),
                )
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Chunk::from_columns(first.schema.clone(), rows, columns))
    }
}

fn nulls(kind: Type, rows: usize) -> Column {
    let none = (rows > 0).then(|| Bits::filled(rows, false));
    match kind {
        Type::Text | Type::Decimal | Type::Guid | Type::Dynamic => {
            let mut build = TextBuild::default();
            (0..rows).for_each(|_| build.null());
            build.finish()
        }
        Type::List => {
            let mut build = ListBuild::default();
            (0..rows).for_each(|_| build.null());
            build.finish()
        }
        Type::Int | Type::Long | Type::Time | Type::Timespan => Column::Int(IntColumn {
            values: vec![0; rows],
            valid: none,
        }),
        Type::Real => Column::Real(RealColumn {
            values: vec![0.0; rows],
            valid: none,
        }),
        Type::Bool => Column::Bool(BoolColumn {
            values: Bits::filled(rows, false),
            valid: none,
        }),
    }
}

fn some_nulls(bits: Bits) -> Option<Bits> {
    (bits.count() < bits.len()).then_some(bits)
}

fn take(column: &Column, rows: &[u32]) -> Column {
    let at = |row: &u32| *row as usize;
    let len = column.len();
    let valid = || {
        some_nulls(
            rows.iter()
                .map(|r| at(r) < len && !column.is_null(at(r)))
                .collect(),
        )
    };
    match column {
        Column::Dict(_) | Column::Packed(_) => {
            let mut build = TextBuild::default();
            for row in rows {
                match column.text(at(row)).filter(|_| at(row) < len) {
                    Some(text) => build.push(text),
                    None => build.null(),
                }
            }
            build.finish()
        }
        Column::List(list) => {
            let mut build = ListBuild::default();
            for row in rows {
                match list.get(at(row)).filter(|_| at(row) < len) {
                    Some(members) => build.push(members.iter().map(|txt| txt.exact())),
                    None => build.null(),
                }
            }
            build.finish()
        }
        Column::Int(c) => Column::Int(IntColumn {
            values: rows
                .iter()
                .map(|r| c.values.get(at(r)).copied().unwrap_or(0))
                .collect(),
            valid: valid(),
        }),
        Column::Real(c) => Column::Real(RealColumn {
            values: rows
                .iter()
                .map(|r| c.values.get(at(r)).copied().unwrap_or(0.0))
                .collect(),
            valid: valid(),
        }),
        Column::Bool(c) => Column::Bool(BoolColumn {
            values: rows.iter().map(|r| c.values.get(at(r))).collect(),
            valid: valid(),
        }),
    }
}

fn joined_validity(columns: &[&Column]) -> Option<Bits> {
    if columns.iter().all(|c| c.validity().is_none()) {
        return None;
    }
    let mut bits = Bits::default();
    for column in columns {
        match column.validity() {
            Some(valid) => bits.extend(valid),
            None => bits.extend_with(column.len(), true),
        }
    }
    Some(bits)
}

fn concat(columns: &[&Column]) -> Option<Column> {
    let rows: usize = columns.iter().map(|c| c.len()).sum();
    let valid = joined_validity(columns);
    Some(match columns.first()? {
        Column::Dict(_) | Column::Packed(_) => {
            if rows >= RELOOK && columns.iter().all(|c| matches!(c, Column::Packed(_))) {
                let mut values = Strings::with_capacity(rows, 0);
                for column in columns {
                    if let Column::Packed(packed) = column
                        && !values.extend(&packed.values)
                    {
                        return None;
                    }
                }
                return Some(packed_column(values, valid));
            }
            let bytes: usize = columns.iter().map(|c| text_bytes(c)).sum();
            if u32::try_from(bytes).is_err() {
                return None;
            }
            let mut build = TextBuild::default();
            for column in columns {
                for row in 0..column.len() {
                    match column.text(row) {
                        Some(text) => build.push(text),
                        None => build.null(),
                    }
                }
            }
            build.finish()
        }
        Column::List(_) => {
            let mut build = ListBuild::default();
            for column in columns {
                if let Column::List(list) = column {
                    for row in 0..column.len() {
                        match list.get(row) {
                            Some(members) => build.push(members.iter().map(|txt| txt.exact())),
                            None => build.null(),
                        }
                    }
                }
            }
            build.finish()
        }
        Column::Int(_) => {
            let mut values = Vec::with_capacity(rows);
            for column in columns {
                if let Column::Int(c) = column {
                    values.extend_from_slice(&c.values);
                }
            }
            Column::Int(IntColumn { values, valid })
        }
        Column::Real(_) => {
            let mut values = Vec::with_capacity(rows);
            for column in columns {
                if let Column::Real(c) = column {
                    values.extend_from_slice(&c.values);
                }
            }
            Column::Real(RealColumn { values, valid })
        }
        Column::Bool(_) => {
            let mut values = Bits::default();
            for column in columns {
                if let Column::Bool(c) = column {
                    values.extend(&c.values);
                }
            }
            Column::Bool(BoolColumn { values, valid })
        }
    })
}

/// Bytes of text when written out, an upper bound.
fn text_bytes(column: &Column) -> usize {
    match column {
        Column::Dict(c) => (0..c.codes.len())
            .map(|row| c.get(row).map_or(0, str::len))
            .sum(),
        Column::Packed(c) => c.values.bytes().len(),
        _ => 0,
    }
}
