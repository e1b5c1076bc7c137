//! A growing table of chunks; a clone is a snapshot.

#[cfg(test)]
mod tests;

use std::ops::Range;
use std::sync::Arc;

use crate::cell::Cell;
use crate::chunk::Chunk;
use crate::schema::Schema;
use crate::selection::Selection;
use crate::text::Txt;

/// Chunks above this many rows are never merged with a neighbour.
const MERGE: usize = 65_536;

/// Rows in order of arrival. Row numbers stay valid while the table grows; cloning copies a few pointers.
#[derive(Clone, Debug)]
pub struct Table {
    schema: Arc<Schema>,
    chunks: Vec<Arc<Chunk>>,
    // first row of each chunk, and one more: the number of rows
    starts: Vec<u32>,
    pending: Vec<bool>,
}

impl Table {
    /// No rows.
    pub fn new(schema: Arc<Schema>) -> Self {
        let pending = vec![false; schema.len()];
        Table {
            schema,
            chunks: Vec::new(),
            starts: vec![0],
            pending,
        }
    }

    /// Column names and types.
    pub fn schema(&self) -> &Arc<Schema> {
        &self.schema
    }

    /// The chunks in row order.
    pub fn chunks(&self) -> &[Arc<Chunk>] {
        &self.chunks
    }

    /// The first row number of a chunk.
    pub fn start_of(&self, chunk: usize) -> u32 {
        self.starts.get(chunk).copied().unwrap_or(0)
    }

    /// Number of rows.
    pub fn rows(&self) -> u32 {
        self.starts.last().copied().unwrap_or(0)
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows() == 0
    }

    /// Every row in order.
    pub fn all(&self) -> Selection {
        Selection::all(self.rows())
    }

    /// Appends rows and returns their numbers. A chunk of another schema is fitted by column names. Small
    /// chunks are merged, which changes no row number. A table that is full (4 billion rows) takes nothing.
    pub fn append(&mut self, chunk: Arc<Chunk>) -> Range<u32> {
        let start = self.rows();
        let Some(end) = u32::try_from(chunk.rows())
            .ok()
            .and_then(|n| start.checked_add(n))
        else {
            return start..start;
        };
        if chunk.rows() == 0 {
            return start..start;
        }
        let chunk = if Arc::ptr_eq(chunk.schema(), &self.schema) || **chunk.schema() == *self.schema
        {
            chunk
        } else {
            Arc::new(chunk.conform(&self.schema))
        };
        self.chunks.push(chunk);
        self.starts.push(end);
        self.merge_tail();
        start..end
    }

    /// Appends without merging, for tests over several chunks.
    #[cfg(test)]
    pub(crate) fn append_apart(&mut self, chunk: Chunk) {
        self.starts.push(self.rows() + chunk.rows() as u32);
        self.chunks.push(Arc::new(chunk));
    }

    /// The chunk and the row in it.
    #[inline]
    pub fn locate(&self, row: u32) -> Option<(usize, usize)> {
        if row >= self.rows() {
            return None;
        }
        let chunk = self
            .starts
            .partition_point(|start| *start <= row)
            .checked_sub(1)?;
        Some((chunk, (row - self.starts.get(chunk)?) as usize))
    }

    /// A value; null outside of the table.
    pub fn cell(&self, row: u32, col: usize) -> Cell<'_> {
        match self.locate(row) {
            Some((chunk, row)) => self
                .chunks
                .get(chunk)
                .map_or(Cell::Null, |c| c.cell(row, col)),
            None => Cell::Null,
        }
    }

    /// The text of a cell; `None` where null or not text.
    pub fn text(&self, row: u32, col: usize) -> Option<Txt<'_>> {
        let (chunk, row) = self.locate(row)?;
        self.chunks.get(chunk)?.column(col)?.text(row).map(Txt::new)
    }

    /// Marks a column as still being filled: its nulls mean *not known yet*, and filters answer *maybe*.
    pub fn set_pending(&mut self, col: usize, pending: bool) {
        if let Some(flag) = self.pending.get_mut(col) {
            *flag = pending;
        }
    }

    /// Whether a column is still being filled.
    pub fn is_pending(&self, col: usize) -> bool {
        self.pending.get(col).copied().unwrap_or(false)
    }

    /// Whether a cell is null only because its column is still being filled (shown as `…`).
    pub fn is_unknown(&self, row: u32, col: usize) -> bool {
        self.is_pending(col) && self.cell(row, col).is_null()
    }

    /// Bytes on the heap, shared chunks counted in full.
    pub fn heap_bytes(&self) -> usize {
        self.chunks.iter().map(|c| c.heap_bytes()).sum()
    }

    /// The given rows as one chunk, in that order. `None` where a text column would pass 4 GiB.
    pub fn take(&self, rows: &[u32]) -> Option<Chunk> {
        // runs of rows in one chunk are taken at once; for the usual case of ascending rows that is a take a chunk
        let mut parts = Vec::new();
        let mut run: Vec<u32> = Vec::new();
        let mut current = None;
        for row in rows {
            let Some((chunk, local)) = self.locate(*row) else {
                continue;
            };
            if current != Some(chunk) {
                if let Some(done) = current.and_then(|c| self.chunks.get(c)) {
                    parts.push(done.take(&run));
                }
                run.clear();
                current = Some(chunk);
            }
            run.push(local as u32);
        }
        match current.and_then(|c| self.chunks.get(c)) {
            Some(last) => parts.push(last.take(&run)),
            None => return Some(Chunk::empty(self.schema.clone())),
        }
        Chunk::concat(&parts.iter().collect::<Vec<_>>())
    }

    /// Merges the newest chunks while they are of like size, so that pages of fifty rows end as few large
    /// chunks and each row is copied only a logarithmic number of times.
    fn merge_tail(&mut self) {
        let mut from = self.chunks.len();
        let mut rows = 0;
        while let Some(chunk) = from.checked_sub(1).and_then(|at| self.chunks.get(at)) {
            let like = rows == 0 || chunk.rows() <= rows * 2;
            if !like || rows + chunk.rows() > MERGE {
                break;
            }
            rows += chunk.rows();
            from -= 1;
        }
        if self.chunks.len() - from < 2 {
            return;
        }
        let parts: Vec<&Chunk> = self.chunks[from..].iter().map(|c| &**c).collect();
        if let Some(merged) = Chunk::concat(&parts) {
            self.chunks.truncate(from);
            self.starts.truncate(from + 1);
            self.starts
                .push(self.starts.last().copied().unwrap_or(0) + merged.rows() as u32);
            self.chunks.push(Arc::new(merged));
        }
    }
}
