//! A predicate bound to a chunk, evaluated in blocks.
//!
//! Truths are bytes (0 no, 1 maybe, 2 yes), so that And is `min`, Or is `max` and Not is `2 - t` over
//! whole blocks. `need` says which rows still matter: text is looked at only there.

use std::thread;

use super::{Cmp, Predicate, Test};
use crate::bits::Bits;
use crate::cancel::Cancel;
use crate::chunk::Chunk;
use crate::column::{Codes, Column, PackedColumn};
use crate::pattern::Pattern;
use crate::selection::Selection;
use crate::strings::Strings;
use crate::table::Table;

// small in tests, so that generated tables have several
const BLOCK: usize = if cfg!(test) { 8 } else { 4096 };
/// From this many rows on two threads share the work; below it starting one costs more than it saves.
const SHARE: usize = if cfg!(test) { 64 } else { 131_072 };

const NO: u8 = 0;
const MAYBE: u8 = 1;
const YES: u8 = 2;

/// The truth of every selected row, by row number; other rows have any value.
pub(super) fn truths(
    table: &Table,
    rows: &Selection,
    predicate: &Predicate,
    cancel: &Cancel,
) -> Option<Vec<u8>> {
    let total = table.rows() as usize;
    let need = needed(total, rows);
    let mut truths = vec![NO; total];
    let mut work = Vec::new();
    let (mut needs, mut outs) = (need.as_slice(), truths.as_mut_slice());
    for chunk in table.chunks() {
        let (need, out);
        (need, needs) = needs.split_at(chunk.rows());
        (out, outs) = outs.split_at_mut(chunk.rows());
        let count = need.iter().filter(|n| **n).count();
        if count == 0 {
            continue;
        }
        let bound = bind(predicate, table, chunk, count, cancel)?;
        work.push((bound, need, out));
    }
    let run = |bound: &Bound<'_>, start: usize, need: &[bool], out: &mut [u8]| {
        for (at, (need, out)) in need.chunks(BLOCK).zip(out.chunks_mut(BLOCK)).enumerate() {
            if cancel.is_cancelled() {
                return;
            }
            if need.contains(&true) {
                bound.eval(start + at * BLOCK, need, out);
            }
        }
    };
    if total < SHARE {
        for (bound, need, out) in work {
            run(&bound, 0, need, out);
        }
    } else {
        thread::scope(|scope| {
            // one half of every chunk each
            let (mut first, mut second) = (Vec::new(), Vec::new());
            for (bound, need, out) in &mut work {
                let half = need.len() / 2;
                let (low, high) = out.split_at_mut(half);
                first.push((&*bound, 0, &need[..half], low));
                second.push((&*bound, half, &need[half..], high));
            }
            scope.spawn(|| {
                second
                    .into_iter()
                    .for_each(|(bound, start, need, out)| run(bound, start, need, out))
            });
            first
                .into_iter()
                .for_each(|(bound, start, need, out)| run(bound, start, need, out));
        });
    }
    (!cancel.is_cancelled()).then_some(truths)
}

fn needed(total: usize, rows: &Selection) -> Vec<bool> {
    if rows.len() == total
        && rows
            .rows()
            .iter()
            .enumerate()
            .all(|(at, row)| at == *row as usize)
    {
        return vec![true; total];
    }
    let mut need = vec![false; total];
    for row in rows.iter() {
        if let Some(flag) = need.get_mut(row as usize) {
            *flag = true;
        }
    }
    need
}

enum Bound<'a> {
    Const(u8),
    And(Vec<Bound<'a>>),
    Or(Vec<Bound<'a>>),
    Not(Box<Bound<'a>>),
    Leaf {
        leaf: Leaf<'a>,
        valid: Option<&'a Bits>,
        null: u8,
    },
}

enum Leaf<'a> {
    Const(u8),
    /// Truth by dictionary code.
    Codes(&'a Codes, Vec<u8>),
    Members {
        offsets: &'a [u32],
        codes: &'a [u32],
        truths: Vec<u8>,
    },
    Packed(&'a PackedColumn, &'a Pattern),
    /// A dictionary with more values than there are rows to look at.
    Text(&'a Column, &'a Pattern),
    Ints(&'a [i64], Cmp, i64),
    IntsAsReals(&'a [i64], Cmp, f64),
    Reals(&'a [f64], Cmp, f64),
    Bools(&'a Bits, bool),
}

fn bind<'a>(
    predicate: &'a Predicate,
    table: &Table,
    chunk: &'a Chunk,
    rows: usize,
    cancel: &Cancel,
) -> Option<Bound<'a>> {
    let many = |all: &'a [Predicate]| -> Option<Vec<Bound<'a>>> {
        let mut all = all
            .iter()
            .map(|p| bind(p, table, chunk, rows, cancel))
            .collect::<Option<Vec<_>>>()?;
        all.sort_by_key(Bound::cost);
        Some(all)
    };
    Some(match predicate {
        Predicate::All => Bound::Const(YES),
        Predicate::None => Bound::Const(NO),
        Predicate::And(all) => Bound::And(many(all)?),
        Predicate::Or(any) => Bound::Or(many(any)?),
        Predicate::Not(inner) => Bound::Not(Box::new(bind(inner, table, chunk, rows, cancel)?)),
        Predicate::Test {
            col,
            test: Test::Text(pattern),
        } => text_leaf(*col, pattern, table, chunk, rows, cancel)?,
        Predicate::Test { col, test } => {
            let null = match test {
                _ if table.is_pending(*col) => MAYBE,
                Test::Null => YES,
                _ => NO,
            };
            let Some(column) = chunk.column(*col) else {
                return Some(Bound::Const(null));
            };
            let leaf = match (test, column) {
                (Test::Int(cmp, than), Column::Int(c)) => Leaf::Ints(c.values(), *cmp, *than),
                (Test::Int(cmp, than), Column::Real(c)) => {
                    Leaf::Reals(c.values(), *cmp, *than as f64)
                }
                (Test::Real(cmp, than), Column::Real(c)) => Leaf::Reals(c.values(), *cmp, *than),
                (Test::Real(cmp, than), Column::Int(c)) => {
                    Leaf::IntsAsReals(c.values(), *cmp, *than)
                }
                (Test::Bool(is), Column::Bool(c)) => Leaf::Bools(c.values(), *is),
                _ => Leaf::Const(NO),
            };
            Bound::Leaf {
                leaf,
                valid: column.validity(),
                null,
            }
        }
        Predicate::AnyText { cols, test } => {
            let mut any = cols
                .iter()
                .map(|col| text_leaf(*col, test, table, chunk, rows, cancel))
                .collect::<Option<Vec<_>>>()?;
            any.sort_by_key(Bound::cost);
            Bound::Or(any)
        }
    })
}

fn text_leaf<'a>(
    col: usize,
    pattern: &'a Pattern,
    table: &Table,
    chunk: &'a Chunk,
    rows: usize,
    cancel: &Cancel,
) -> Option<Bound<'a>> {
    let null = if table.is_pending(col) { MAYBE } else { NO };
    let Some(column) = chunk.column(col) else {
        return Some(Bound::Const(null));
    };
    let leaf = match column {
        Column::Dict(c) if c.values().len() > rows => Leaf::Text(column, pattern),
        Column::Dict(c) => Leaf::Codes(c.codes(), lookup(c.values(), pattern, cancel)?),
        Column::Packed(c) => Leaf::Packed(c, pattern),
        Column::List(c) => Leaf::Members {
            offsets: c.offsets(),
            codes: c.codes(),
            truths: lookup(c.values(), pattern, cancel)?,
        },
        _ => Leaf::Const(NO),
    };
    Some(Bound::Leaf {
        leaf,
        valid: column.validity(),
        null,
    })
}

/// The pattern's answer for each distinct value.
fn lookup(values: &Strings, pattern: &Pattern, cancel: &Cancel) -> Option<Vec<u8>> {
    // a column of nulls alone has code 0 and no values
    let mut truths = Vec::with_capacity(values.len().max(1));
    for (at, value) in values.iter().enumerate() {
        if at % BLOCK == 0 && cancel.is_cancelled() {
            return None;
        }
        truths.push(truth(pattern.matches(value)));
    }
    if truths.is_empty() {
        truths.push(NO);
    }
    Some(truths)
}

#[inline]
fn truth(yes: bool) -> u8 {
    u8::from(yes) * YES
}

impl Bound<'_> {
    fn cost(&self) -> u32 {
        match self {
            Bound::Const(_) => 0,
            Bound::And(all) | Bound::Or(all) => all.iter().map(Bound::cost).sum::<u32>() + 1,
            Bound::Not(inner) => inner.cost() + 1,
            Bound::Leaf { leaf, .. } => match leaf {
                Leaf::Members { .. } => 3,
                Leaf::Packed(_, pattern) => 10 * pattern.cost(),
                Leaf::Text(_, pattern) => 11 * pattern.cost(),
                _ => 1,
            },
        }
    }

    /// Fills `out` for the rows from `start` on; where `need` is false the value has no meaning.
    fn eval(&self, start: usize, need: &[bool], out: &mut [u8]) {
        match self {
            Bound::Const(truth) => out.fill(*truth),
            Bound::Not(inner) => {
                inner.eval(start, need, out);
                out.iter_mut().for_each(|t| *t = YES - *t);
            }
            Bound::And(all) => fold(all, start, need, out, YES, |t| t != NO, |a, b| a.min(b)),
            Bound::Or(any) => fold(any, start, need, out, NO, |t| t != YES, |a, b| a.max(b)),
            Bound::Leaf { leaf, valid, null } => {
                leaf.eval(start, need, out);
                if let Some(valid) = valid {
                    for (at, out) in out.iter_mut().enumerate() {
                        if !valid.get(start + at) {
                            *out = *null;
                        }
                    }
                }
            }
        }
    }
}

/// One branch after the other, each only where the ones before have not decided.
fn fold(
    all: &[Bound<'_>],
    start: usize,
    need: &[bool],
    out: &mut [u8],
    unit: u8,
    open: impl Fn(u8) -> bool,
    join: impl Fn(u8, u8) -> u8,
) {
    let Some((first, others)) = all.split_first() else {
        out.fill(unit);
        return;
    };
    first.eval(start, need, out);
    if others.is_empty() {
        return;
    }
    let mut still = need.to_vec();
    let mut next = vec![NO; out.len()];
    for other in others {
        let mut any = false;
        for (still, t) in still.iter_mut().zip(out.iter()) {
            *still &= open(*t);
            any |= *still;
        }
        if !any {
            return;
        }
        other.eval(start, &still, &mut next);
        for ((t, n), still) in out.iter_mut().zip(&next).zip(&still) {
            if *still {
                *t = join(*t, *n);
            }
        }
    }
}

impl Leaf<'_> {
    fn eval(&self, start: usize, need: &[bool], out: &mut [u8]) {
        let end = start + out.len();
        match self {
            Leaf::Const(truth) => out.fill(*truth),
            Leaf::Codes(Codes::U8(codes), truths) => {
                for (out, code) in out
                    .iter_mut()
                    .zip(codes.get(start..end).unwrap_or_default())
                {
                    *out = truths.get(usize::from(*code)).copied().unwrap_or(NO);
                }
            }
            Leaf::Codes(Codes::U16(codes), truths) => {
                for (out, code) in out
                    .iter_mut()
                    .zip(codes.get(start..end).unwrap_or_default())
                {
                    *out = truths.get(usize::from(*code)).copied().unwrap_or(NO);
                }
            }
            Leaf::Members {
                offsets,
                codes,
                truths,
            } => {
                let bounds = offsets.get(start..=end).unwrap_or_default();
                for (out, pair) in out.iter_mut().zip(bounds.windows(2)) {
                    let members = codes
                        .get(pair[0] as usize..pair[1] as usize)
                        .unwrap_or_default();
                    *out = truth(
                        members
                            .iter()
                            .any(|code| truths.get(*code as usize) == Some(&YES)),
                    );
                }
            }
            Leaf::Packed(column, pattern) => {
                let strings = column.values();
                // where most rows are wanted all their text is looked at in one go
                let wanted = need.iter().filter(|n| **n).count();
                if wanted * 2 >= need.len()
                    && pattern.mark_holding(strings, start, column.is_ascii(), out, YES)
                {
                    return;
                }
                for (at, (out, need)) in out.iter_mut().zip(need).enumerate() {
                    if *need {
                        *out = truth(pattern.matches(strings.get(start + at)));
                    }
                }
            }
            Leaf::Text(column, pattern) => {
                for (at, (out, need)) in out.iter_mut().zip(need).enumerate() {
                    if *need {
                        *out = truth(
                            column
                                .text(start + at)
                                .is_some_and(|text| pattern.matches(text)),
                        );
                    }
                }
            }
            Leaf::Ints(values, cmp, than) => {
                compare(values.get(start..end).unwrap_or_default(), *cmp, *than, out);
            }
            Leaf::Reals(values, cmp, than) => {
                compare(values.get(start..end).unwrap_or_default(), *cmp, *than, out);
            }
            Leaf::IntsAsReals(values, cmp, than) => {
                for (out, n) in out
                    .iter_mut()
                    .zip(values.get(start..end).unwrap_or_default())
                {
                    *out = truth(cmp.holds(*n as f64, *than));
                }
            }
            Leaf::Bools(bits, is) => {
                for (at, out) in out.iter_mut().enumerate() {
                    *out = truth(bits.get(start + at) == *is);
                }
            }
        }
    }
}

/// One loop for each comparison, so that each becomes vector code.
fn compare<T: PartialOrd + Copy>(values: &[T], cmp: Cmp, than: T, out: &mut [u8]) {
    fn each<T: Copy>(values: &[T], out: &mut [u8], holds: impl Fn(T) -> bool) {
        for (out, value) in out.iter_mut().zip(values) {
            *out = truth(holds(*value));
        }
    }
    match cmp {
        Cmp::Eq => each(values, out, |v| v == than),
        Cmp::Ne => each(values, out, |v| v != than),
        Cmp::Lt => each(values, out, |v| v < than),
        Cmp::Le => each(values, out, |v| v <= than),
        Cmp::Gt => each(values, out, |v| v > than),
        Cmp::Ge => each(values, out, |v| v >= than),
    }
}
