//! Immutable rows, column by column.

mod gather;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::cell::Cell;
use crate::column::Column;
use crate::schema::Schema;

/// A run of rows that never changes; kept behind `Arc`.
#[derive(Clone, Debug, PartialEq)]
pub struct Chunk {
    schema: Arc<Schema>,
    rows: usize,
    columns: Vec<Arc<Column>>,
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
        fits.then(|| Chunk::from_columns(schema, rows, columns))
    }

    /// The columns are as many, as long and of the kind the schema says: the callers see to it.
    pub(crate) fn from_columns(schema: Arc<Schema>, rows: usize, columns: Vec<Column>) -> Self {
        debug_assert!(columns.len() == schema.len() && columns.iter().all(|c| c.len() == rows));
        Chunk {
            schema,
            rows,
            columns: columns.into_iter().map(Arc::new).collect(),
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
    pub fn columns(&self) -> &[Arc<Column>] {
        &self.columns
    }

    /// The columns alone, for who fits them together anew.
    pub fn into_columns(self) -> Vec<Column> {
        self.columns.into_iter().map(Arc::unwrap_or_clone).collect()
    }

    /// A column by its place.
    pub fn column(&self, col: usize) -> Option<&Column> {
        self.columns.get(col).map(|c| &**c)
    }

    /// A column by its place, shared: it outlives the chunk.
    pub fn shared(&self, col: usize) -> Option<Arc<Column>> {
        self.columns.get(col).cloned()
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
        self.columns.iter().map(|c| c.heap_bytes()).sum()
    }

    /// The given rows in the given order; rows outside of the chunk become null rows.
    pub fn take(&self, rows: &[u32]) -> Chunk {
        let columns = self
            .columns
            .iter()
            .map(|column| gather::take(column, rows))
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
                    .map(|column| Column::clone(column))
                    .unwrap_or_else(|| gather::nulls(kind, self.rows))
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
                gather::concat(
                    &chunks
                        .iter()
                        .filter_map(|c| c.column(col))
                        .collect::<Vec<_>>(),
                )
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Chunk::from_columns(first.schema.clone(), rows, columns))
    }
}
