//! Stable sorting of a selection; nulls last.
//!
//! One stable pass for each key, from the last to the first. Text in dictionaries becomes ranks; packed
//! text is sorted by seven folded bytes at a time.

#[cfg(test)]
mod tests;
mod text;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::BTreeSet;

use crate::cancel::Cancel;
use crate::cell::Cell;
use crate::column::Column;
use crate::pattern::fold;
use crate::selection::Selection;
use crate::table::Table;

const LOOK: usize = 4096;

/// One column to sort by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SortKey {
    pub col: usize,
    pub descending: bool,
    /// For text that is a word of an ordered set: the words in their order, each with its short form, which
    /// counts as the word. Words that are not among them stand behind, by text. Empty: by text.
    pub words: &'static [(&'static str, &'static str)],
}

impl SortKey {
    /// By the values themselves.
    pub fn new(col: usize, descending: bool) -> Self {
        SortKey {
            col,
            descending,
            words: &[],
        }
    }

    /// By the place of the words in their order.
    pub fn ranked(self, words: &'static [(&'static str, &'static str)]) -> Self {
        SortKey { words, ..self }
    }

    fn rank(&self, text: &str) -> usize {
        let known = |(word, short): &(&str, &str)| {
            word.eq_ignore_ascii_case(text) || short.eq_ignore_ascii_case(text)
        };
        self.words
            .iter()
            .position(known)
            .unwrap_or(self.words.len())
    }
}

/// Sorts by the first key, equal rows by the next, and leaves equal rows in their order. Text is compared
/// without regard to case, then exactly; lists member by member. Nulls (and NaN) come last in both
/// directions. `None` when cancelled.
pub fn sort(
    table: &Table,
    rows: &Selection,
    keys: &[SortKey],
    cancel: &Cancel,
) -> Option<Selection> {
    let mut order = rows.rows().to_vec();
    for key in keys.iter().rev() {
        order = pass(table, order, *key, cancel)?;
    }
    (!cancel.is_cancelled()).then(|| order.into())
}

/// The order of two cells of one column, as [`sort`] has it.
pub fn compare(a: Cell<'_>, b: Cell<'_>, descending: bool) -> Ordering {
    let order = match (a, b) {
        (a, b) if is_last(&a) || is_last(&b) => return is_last(&a).cmp(&is_last(&b)),
        (Cell::Text(a), Cell::Text(b)) => fold(a.exact()).cmp(&fold(b.exact())).then(a.cmp(&b)),
        (Cell::List(a), Cell::List(b)) => {
            let folded = a
                .iter()
                .map(|t| fold(t.exact()))
                .cmp(b.iter().map(|t| fold(t.exact())));
            folded.then_with(|| a.iter().cmp(b.iter()))
        }
        (
            Cell::Int(a) | Cell::Time(a) | Cell::Span(a),
            Cell::Int(b) | Cell::Time(b) | Cell::Span(b),
        ) => a.cmp(&b),
        (Cell::Real(a), Cell::Real(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (Cell::Bool(a), Cell::Bool(b)) => a.cmp(&b),
        _ => Ordering::Equal,
    };
    if descending { order.reverse() } else { order }
}

fn is_last(cell: &Cell<'_>) -> bool {
    match cell {
        Cell::Null => true,
        Cell::Real(n) => n.is_nan(),
        _ => false,
    }
}

fn pass(table: &Table, order: Vec<u32>, key: SortKey, cancel: &Cancel) -> Option<Vec<u32>> {
    let Some(column) = table.chunks().first().and_then(|c| c.column(key.col)) else {
        return Some(order);
    };
    match column {
        Column::Dict(_) | Column::Packed(_) if !key.words.is_empty() => {
            ranked_pass(table, order, key, cancel)
        }
        Column::Dict(_) | Column::Packed(_) => text_pass(table, order, key, cancel),
        Column::List(_) => {
            let mut order = order;
            order.sort_by(|a, b| {
                compare(
                    table.cell(*a, key.col),
                    table.cell(*b, key.col),
                    key.descending,
                )
            });
            (!cancel.is_cancelled()).then_some(order)
        }
        Column::Int(_) => number_pass(table, order, key, cancel, |column, row| match column {
            Column::Int(c) => c.get(row).map(|n| (n as u64) ^ (1 << 63)),
            _ => None,
        }),
        Column::Real(_) => number_pass(table, order, key, cancel, |column, row| match column {
            Column::Real(c) => c.get(row).filter(|n| !n.is_nan()).map(real_key),
            _ => None,
        }),
        Column::Bool(_) => number_pass(table, order, key, cancel, |column, row| match column {
            Column::Bool(c) => c.get(row).map(u64::from),
            _ => None,
        }),
    }
}

/// Bits that stand in the order of the numbers; both zeros are one.
fn real_key(n: f64) -> u64 {
    let bits = if n == 0.0 { 0 } else { n.to_bits() };
    if bits >> 63 == 1 {
        !bits
    } else {
        bits | (1 << 63)
    }
}

/// The rows with their key, and those without.
type KeyedRows<K> = (Vec<(K, u32)>, Vec<u32>);

fn keyed_rows<K>(
    table: &Table,
    order: Vec<u32>,
    cancel: &Cancel,
    mut key: impl FnMut(usize, usize) -> Option<K>,
) -> Option<KeyedRows<K>> {
    let (mut keyed, mut last) = (Vec::with_capacity(order.len()), Vec::new());
    for block in order.chunks(LOOK) {
        if cancel.is_cancelled() {
            return None;
        }
        for row in block {
            match table
                .locate(*row)
                .and_then(|(chunk, local)| key(chunk, local))
            {
                Some(key) => keyed.push((key, *row)),
                None => last.push(*row),
            }
        }
    }
    Some((keyed, last))
}

fn number_pass(
    table: &Table,
    order: Vec<u32>,
    key: SortKey,
    cancel: &Cancel,
    number: impl Fn(&Column, usize) -> Option<u64>,
) -> Option<Vec<u32>> {
    let columns: Vec<&Column> = table
        .chunks()
        .iter()
        .filter_map(|c| c.column(key.col))
        .collect();
    let (mut keyed, last) = keyed_rows(table, order, cancel, |chunk, row| {
        let n = columns.get(chunk).and_then(|column| number(column, row))?;
        Some(if key.descending { !n } else { n })
    })?;
    // stable, so the number alone decides
    keyed.sort_by_key(|(n, _)| *n);
    Some(keyed.into_iter().map(|(_, row)| row).chain(last).collect())
}

fn ranked_pass(table: &Table, order: Vec<u32>, key: SortKey, cancel: &Cancel) -> Option<Vec<u32>> {
    let known = key.words.len();
    let others: BTreeSet<Cow<'_, str>> = order
        .iter()
        .filter_map(|row| table.text(*row, key.col))
        .filter(|text| key.rank(text.exact()) == known)
        .map(|text| fold(text.exact()))
        .collect();
    let others: Vec<Cow<'_, str>> = others.into_iter().collect();
    number_pass(table, order, key, cancel, |column, row| {
        let text = column.text(row)?;
        let rank = match key.rank(text) {
            rank if rank == known => known + others.partition_point(|o| *o < fold(text)),
            rank => rank,
        };
        Some(rank as u64)
    })
}

fn text_pass(table: &Table, order: Vec<u32>, key: SortKey, cancel: &Cancel) -> Option<Vec<u32>> {
    let columns: Vec<&Column> = table
        .chunks()
        .iter()
        .filter_map(|c| c.column(key.col))
        .collect();
    let distinct = columns.iter().try_fold(0usize, |sum, column| match column {
        Column::Dict(c) => Some(sum + c.values().len()),
        _ => None,
    });
    let by_rank = distinct.is_some_and(|distinct| distinct < order.len());
    if !by_rank {
        let (keyed, last) = keyed_rows(table, order, cancel, |chunk, row| {
            columns.get(chunk).and_then(|c| c.text(row))
        })?;
        let texts: Vec<&str> = keyed.iter().map(|(text, _)| *text).collect();
        let places = text::order(&texts, key.descending, cancel)?;
        let sorted = places
            .into_iter()
            .filter_map(|at| keyed.get(at as usize).map(|(_, row)| *row));
        return Some(sorted.chain(last).collect());
    }

    let dicts: Vec<_> = columns
        .iter()
        .filter_map(|column| {
            if let Column::Dict(c) = column {
                Some(c)
            } else {
                None
            }
        })
        .collect();
    let values: Vec<&str> = dicts.iter().flat_map(|c| c.values().iter()).collect();
    let places = text::order(&values, key.descending, cancel)?;
    // the same value in two chunks has one rank
    let mut ranks = vec![0u32; values.len()];
    let (mut rank, mut before) = (0, None);
    for at in places {
        let value = values.get(at as usize).copied();
        if before.is_some() && before != value {
            rank += 1;
        }
        before = value;
        if let Some(r) = ranks.get_mut(at as usize) {
            *r = rank;
        }
    }
    let starts: Vec<usize> = dicts
        .iter()
        .scan(0, |start, c| {
            let here = *start;
            *start += c.values().len();
            Some(here)
        })
        .collect();
    let (keyed, last) = keyed_rows(table, order, cancel, |chunk, row| {
        let dict = dicts.get(chunk)?;
        if dict.is_null(row) {
            return None;
        }
        ranks
            .get(starts.get(chunk)? + dict.codes().get(row))
            .copied()
    })?;
    Some(by_counting(&keyed, rank as usize + 1, last))
}

/// Stable, in the time of one look at each row.
fn by_counting(keyed: &[(u32, u32)], ranks: usize, last: Vec<u32>) -> Vec<u32> {
    let mut ends = vec![0usize; ranks + 1];
    for (rank, _) in keyed {
        ends[*rank as usize + 1] += 1;
    }
    for at in 1..ends.len() {
        ends[at] += ends[at - 1];
    }
    let mut sorted = vec![0; keyed.len()];
    for (rank, row) in keyed {
        let place = &mut ends[*rank as usize];
        sorted[*place] = *row;
        *place += 1;
    }
    sorted.extend(last);
    sorted
}
