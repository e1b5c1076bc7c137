//! Which rows, in which order.

use std::sync::Arc;

/// Row numbers of one table in display order; cloning shares them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection(Arc<[u32]>);

impl Selection {
    /// Every row of a table of that many, in order.
    pub fn all(rows: u32) -> Self {
        (0..rows).collect()
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether no row is selected.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The row number at a place.
    pub fn get(&self, at: usize) -> Option<u32> {
        self.0.get(at).copied()
    }

    /// The place of a row number; a linear look (20 µs over 100,000).
    pub fn position_of(&self, row: u32) -> Option<usize> {
        self.0.iter().position(|r| *r == row)
    }

    /// The row numbers.
    pub fn rows(&self) -> &[u32] {
        &self.0
    }

    /// The row numbers, one by one.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = u32> + ExactSizeIterator + '_ {
        self.0.iter().copied()
    }
}

impl Default for Selection {
    fn default() -> Self {
        Selection(Arc::from([]))
    }
}

impl FromIterator<u32> for Selection {
    fn from_iter<I: IntoIterator<Item = u32>>(rows: I) -> Self {
        Selection(rows.into_iter().collect())
    }
}

impl From<Vec<u32>> for Selection {
    fn from(rows: Vec<u32>) -> Self {
        Selection(rows.into())
    }
}
