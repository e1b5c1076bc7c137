//! Stable sorting of a selection; nulls last.
//!
//! One stable pass for each key, from the last to the first. Text in dictionaries becomes ranks; packed
//! text is sorted by seven folded bytes at a time.

#[cfg(test)]
mod tests;
mod text;

use std::cmp::Ordering;

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

    /// The place of a word in its order; one past the last for others.
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
        let (places, _) = ranked_order(&texts, key, cancel)?;
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
    let (places, equal) = ranked_order(&values, key, cancel)?;
    // the same value in two chunks has one rank
    let mut ranks = vec![0u32; values.len()];
    let (mut rank, mut before) = (0, None);
    for at in places.into_iter().map(|at| at as usize) {
        if before.is_some_and(|before| !equal(before, at)) {
            rank += 1;
        }
        before = Some(at);
        if let Some(r) = ranks.get_mut(at) {
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

/// The places of the texts in their order, and whether two of them stand equal: known words by their rank,
/// the rest by their text.
fn ranked_order<'t>(
    texts: &'t [&'t str],
    key: SortKey,
    cancel: &Cancel,
) -> Option<(Vec<u32>, impl Fn(usize, usize) -> bool + use<'t>)> {
    let mut places = text::order(texts, key.descending, cancel)?;
    let known = key.words.len();
    let ranks: Vec<usize> = match known {
        0 => Vec::new(),
        _ => texts.iter().map(|text| key.rank(text)).collect(),
    };
    if known > 0 {
        let rank_of = |at: u32| ranks.get(at as usize).copied().unwrap_or(known);
        let mut ranked: Vec<(usize, u32, u32)> = places
            .iter()
            .zip(0..)
            .map(|(at, place)| match rank_of(*at) {
                rank if rank == known => (rank, place, *at),
                rank => (rank, *at, *at),
            })
            .collect();
        ranked.sort_unstable_by(|a, b| {
            let rank = a.0.cmp(&b.0);
            let rank = if key.descending { rank.reverse() } else { rank };
            rank.then(a.1.cmp(&b.1))
        });
        places = ranked.into_iter().map(|(_, _, at)| at).collect();
    }
    let equal = move |a: usize, b: usize| match (ranks.get(a), ranks.get(b)) {
        (Some(a), Some(b)) if *a < known || *b < known => a == b,
        _ => texts.get(a) == texts.get(b),
    };
    Some((places, equal))
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
