//! Stable sorting of a selection; nulls last.

use std::cmp::Ordering;

use crate::cancel::Cancel;
use crate::cell::Cell;
use crate::pattern::fold;
use crate::selection::Selection;
use crate::table::Table;

/// One column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    pub col: usize,
    pub descending: bool,
}

/// Sorts by the first key, equal rows by the next, and leaves equal rows in their order. Text is compared
/// without regard to case, then exactly. Nulls come last in both directions. `None` when cancelled.
pub fn sort(
    table: &Table,
    rows: &Selection,
    keys: &[SortKey],
    cancel: &Cancel,
) -> Option<Selection> {
    let mut sorted = rows.rows().to_vec();
    sorted.sort_by(|a, b| {
        keys.iter().fold(Ordering::Equal, |done, key| {
            done.then_with(|| {
                compare(
                    table.cell(*a, key.col),
                    table.cell(*b, key.col),
                    key.descending,
                )
            })
        })
    });
    (!cancel.is_cancelled()).then(|| sorted.into())
}

fn compare(a: Cell<'_>, b: Cell<'_>, descending: bool) -> Ordering {
    let order = match (a, b) {
        (Cell::Null, Cell::Null) => return Ordering::Equal,
        (Cell::Null, _) => return Ordering::Greater,
        (_, Cell::Null) => return Ordering::Less,
        (Cell::Text(a), Cell::Text(b)) => fold(a.exact()).cmp(&fold(b.exact())).then(a.cmp(&b)),
        (Cell::List(a), Cell::List(b)) => a
            .iter()
            .map(|t| fold(t.exact()))
            .cmp(b.iter().map(|t| fold(t.exact()))),
        (
            Cell::Int(a) | Cell::Time(a) | Cell::Span(a),
            Cell::Int(b) | Cell::Time(b) | Cell::Span(b),
        ) => a.cmp(&b),
        (Cell::Real(a), Cell::Real(b)) => a.total_cmp(&b),
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(&b),
        _ => Ordering::Equal,
    };
    if descending { order.reverse() } else { order }
}
