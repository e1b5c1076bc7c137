//! How often each value occurs.

use std::collections::BTreeMap;

use crate::cancel::Cancel;
use crate::cell::{Cell, Value};
use crate::selection::Selection;
use crate::table::Table;

/// Values of a column with their counts, most frequent first, then in exact order. A list counts each of
/// its distinct members once; a null (or an empty list) counts as `Null`. `None` when cancelled.
pub fn group(
    table: &Table,
    rows: &Selection,
    col: usize,
    cancel: &Cancel,
) -> Option<Vec<(Value, u32)>> {
    let mut counts: BTreeMap<Value, u32> = BTreeMap::new();
    for row in rows.iter() {
        match table.cell(row, col) {
            Cell::List(list) if !list.is_empty() => {
                let mut members: Vec<_> = list.iter().collect();
                members.sort_unstable();
                members.dedup();
                for member in members {
                    *counts.entry(Value::Text(member.to_text())).or_default() += 1;
                }
            }
            Cell::List(_) => *counts.entry(Value::Null).or_default() += 1,
            cell => *counts.entry(cell.to_value()).or_default() += 1,
        }
    }
    let mut groups: Vec<_> = counts.into_iter().collect();
    groups.sort_by(|a, b| b.1.cmp(&a.1));
    (!cancel.is_cancelled()).then_some(groups)
}
