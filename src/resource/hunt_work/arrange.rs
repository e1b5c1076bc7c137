//! The order of a result's rows, which of them pass the filter, and which have what is searched.

use std::sync::Arc;
use table::{Cancel, Predicate, Selection, SortKey, Table};

/// Sorts, filters and searches.
#[derive(Clone, Debug)]
pub struct Arrange {
    pub table: Table,
    pub base: Selection,
    /// None: the base is in order already. No keys: as the rows came.
    pub sort: Option<Vec<SortKey>>,
    pub predicate: Predicate,
    /// What is searched without hiding the rest; `None` finds nothing.
    pub search: Predicate,
    pub cancel: Cancel,
}

#[derive(Clone, Debug)]
pub struct Arranged {
    /// The whole base in the order asked for, where it was sorted.
    pub ordered: Option<Selection>,
    pub rows: Selection,
    /// Places among `rows` that have what was searched, rising.
    pub found: Arc<[u32]>,
}

impl Arrange {
    /// Does it; `None` when cancelled.
    pub fn run(&self) -> Option<Arranged> {
        let ordered = match &self.sort {
            Some(keys) => Some(table::sort(&self.table, &self.base, keys, &self.cancel)?),
            None => None,
        };
        let all = ordered.as_ref().unwrap_or(&self.base);
        let rows = table::filter(&self.table, all, &self.predicate, &self.cancel)?.rows;
        let found = match self.search {
            Predicate::None => Arc::from([]),
            _ => places(
                &rows,
                &table::filter(&self.table, &rows, &self.search, &self.cancel)?.rows,
            ),
        };
        Some(Arranged {
            ordered,
            rows,
            found,
        })
    }
}

/// The places of some of the rows, which stand in the same order.
fn places(rows: &Selection, some: &Selection) -> Arc<[u32]> {
    let mut out = Vec::with_capacity(some.len());
    let mut next = some.iter().peekable();
    for (place, row) in (0u32..).zip(rows.iter()) {
        if next.next_if_eq(&row).is_some() {
            out.push(place);
        }
    }
    out.into()
}
