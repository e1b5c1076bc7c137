//! Makes the predicate of the table kernels out of a filter.

use super::when::When;
use super::{Arg, Op, Parsed, Term, What};
use crate::model::Ticks;
use crate::model::enums::{SOURCES, source_of_short};
use crate::resource::{Column, Meaning, Shape, Source, Spec};
use std::net::IpAddr;
use table::{Cmp, Pattern, Predicate, Test, Text};

/// What a filter's meaning depends on beside the rows.
#[derive(Clone, Debug)]
pub struct Env {
    pub now: Ticks,
    /// The sign-in name of the person; none = `me` is nobody.
    pub me: Option<Text>,
    /// The joined columns are complete. Until then bare words look in the row's own texts only: else every row
    /// would stay, since what is not known yet hides nothing.
    pub joined: bool,
}

/// The rows that fit all terms.
pub fn compile(parsed: &Parsed, spec: &Spec, env: &Env) -> Predicate {
    let mut terms: Vec<Predicate> = parsed.terms.iter().map(|t| term(t, spec, env)).collect();
    match terms.len() {
        0 => Predicate::All,
        1 => terms.swap_remove(0),
        _ => Predicate::And(terms),
    }
}

fn term(term: &Term, spec: &Spec, env: &Env) -> Predicate {
    let inner = match &term.what {
        What::Words { fuzzy, any } => words(*fuzzy, any, spec, env),
        What::Field { col, op, any } => match spec.columns.get(*col) {
            Some(column) => field(*col, column, *op, any, env),
            None => Predicate::All,
        },
    };
    if term.not { not(inner) } else { inner }
}

fn words(fuzzy: bool, any: &[String], spec: &Spec, env: &Env) -> Predicate {
    let cols: Vec<usize> = spec
        .columns
        .iter()
        .enumerate()
        .filter(|(_, c)| c.is_searched() && (env.joined || c.source == Source::Own))
        // letters in order are found in any long id or address: that would find everything
        .filter(|(_, c)| !fuzzy || is_for_people(c.shape))
        .map(|(col, _)| col)
        .collect();
    one_of(any.iter().map(|word| Predicate::AnyText {
        cols: cols.clone(),
        test: match fuzzy {
            true => Pattern::subsequence(word),
            false => Pattern::contains(word),
        },
    }))
}

fn is_for_people(shape: Shape) -> bool {
    match shape {
        Shape::Text(m) | Shape::Words(m) => {
            matches!(
                m,
                Meaning::Title | Meaning::Person | Meaning::Host | Meaning::Plain | Meaning::Tag
            )
        }
        _ => false,
    }
}

fn field(col: usize, column: &Column, op: Op, any: &[Arg], env: &Env) -> Predicate {
    let test = |test: Test| Predicate::Test { col, test };
    let ranked = match column.shape {
        Shape::Ranked(words) => Some(words),
        _ => None,
    };
    // several members, or several exact texts, are one test
    if let Some(words) = ranked
        && matches!(op, Op::Has | Op::Is)
        && any.len() > 1
        && let Some(places) = any
            .iter()
            .map(|a| match a {
                Arg::Rank(place) => Some(*place),
                _ => None,
            })
            .collect::<Option<Vec<_>>>()
    {
        let members = places.iter().filter_map(|p| words.get(*p)).map(|(w, _)| *w);
        return test(Test::Text(Pattern::one_of(members)));
    }
    let each = |arg: &Arg| match (arg, column.shape) {
        (Arg::Nothing, _) => nothing(col, column),
        (Arg::Anything, _) => not(nothing(col, column)),
        (Arg::Me, _) => match &env.me {
            Some(me) => test(Test::Text(Pattern::equals(me.txt().exact()))),
            None => Predicate::None,
        },
        (Arg::Prefix(text), _) => test(Test::Text(Pattern::starts_with(text))),
        (Arg::Text(text), Shape::Text(m) | Shape::Words(m)) => text_test(col, op, m, text),
        (Arg::Text(text), _) => test(Test::Text(Pattern::equals(text))),
        (Arg::Rank(place), Shape::Ranked(words)) => by_rank(col, op, words, *place, *place),
        (Arg::Int(n), _) => test(Test::Int(cmp(op), *n)),
        (Arg::Real(n), _) => test(Test::Real(cmp(op), *n)),
        (Arg::Bool(b), _) => test(Test::Bool(*b)),
        (Arg::Time(when), _) => time(col, op, *when, env.now),
        (Arg::Range(low, high), shape) => {
            range(col, shape, low.as_deref(), high.as_deref(), env.now)
        }
        (Arg::Rank(_), _) => Predicate::None,
    };
    let found = one_of(any.iter().map(each));
    if op == Op::IsNot { not(found) } else { found }
}

fn text_test(col: usize, op: Op, meaning: Meaning, text: &str) -> Predicate {
    let test = |test: Pattern| Predicate::Test {
        col,
        test: Test::Text(test),
    };
    match (op, meaning) {
        (Op::Fuzzy, _) => test(Pattern::subsequence(text)),
        (_, Meaning::Source) => match full_source(text) {
            Some(source) => test(Pattern::equals(source)),
            None if op == Op::Has => test(Pattern::contains(text)),
            None => test(Pattern::equals(text)),
        },
        (Op::Is | Op::IsNot, _) => test(Pattern::equals(text)),
        (_, Meaning::Id | Meaning::Tag) => test(Pattern::equals(text)),
        (_, Meaning::Technique) => test(Pattern::starts_with(text)),
        (_, Meaning::Address) if text.parse::<IpAddr>().is_ok() => test(Pattern::equals(text)),
        // 10.0. is the beginning of addresses, not their middle
        (_, Meaning::Address) if text.len() < 40 && text.ends_with(['.', ':']) => {
            test(Pattern::starts_with(text))
        }
        _ => test(Pattern::contains(text)),
    }
}

/// The service's word for a source that was typed short or as the product is called.
fn full_source(text: &str) -> Option<&'static str> {
    source_of_short(text).or_else(|| {
        SOURCES
            .iter()
            .find(|(word, _, name)| {
                name.eq_ignore_ascii_case(text) || word.eq_ignore_ascii_case(text)
            })
            .map(|(word, ..)| *word)
    })
}

/// No value. A list without members has none either; a joined one that is not known yet stays unknown.
fn nothing(col: usize, column: &Column) -> Predicate {
    match column.shape {
        Shape::Words(_) => not(Predicate::Test {
            col,
            test: Test::Text(Pattern::contains("")),
        }),
        _ => Predicate::Test {
            col,
            test: Test::Null,
        },
    }
}

/// Members from `low` to `high`, or compared with `low`. Words that are not known stand behind all known ones: an
/// unknown severity is never below `medium`.
fn by_rank(col: usize, op: Op, words: &[(&str, &str)], low: usize, high: usize) -> Predicate {
    let members = |places: std::ops::Range<usize>| Predicate::Test {
        col,
        test: Test::Text(Pattern::one_of(
            words
                .get(places)
                .unwrap_or_default()
                .iter()
                .map(|(w, _)| *w),
        )),
    };
    let from = |place: usize| {
        let missing = Predicate::Test {
            col,
            test: Test::Null,
        };
        not(Predicate::Or(vec![members(0..place), missing]))
    };
    match op {
        Op::Has | Op::Is | Op::IsNot | Op::Fuzzy => members(low..high + 1),
        Op::Lt => members(0..low),
        Op::Le => members(0..low + 1),
        Op::Gt => from(low + 1),
        Op::Ge => from(low),
    }
}

fn cmp(op: Op) -> Cmp {
    match op {
        Op::Has | Op::Is | Op::IsNot | Op::Fuzzy => Cmp::Eq,
        Op::Lt => Cmp::Lt,
        Op::Le => Cmp::Le,
        Op::Gt => Cmp::Gt,
        Op::Ge => Cmp::Ge,
    }
}

pub(super) fn time(col: usize, op: Op, when: When, now: Ticks) -> Predicate {
    let (from, to) = when.interval(now);
    let at = |cmp: Cmp, t: Ticks| Predicate::Test {
        col,
        test: Test::Int(cmp, t.0),
    };
    if let When::Ago(_) = when {
        // an age below four hours is an instant after "four hours ago"
        return match op {
            Op::Has | Op::Is | Op::IsNot | Op::Fuzzy | Op::Le => at(Cmp::Ge, from),
            Op::Lt => at(Cmp::Gt, from),
            Op::Gt => at(Cmp::Lt, from),
            Op::Ge => at(Cmp::Le, from),
        };
    }
    match op {
        Op::Has | Op::Is | Op::IsNot | Op::Fuzzy => {
            Predicate::And(vec![at(Cmp::Ge, from), at(Cmp::Lt, to)])
        }
        Op::Lt => at(Cmp::Lt, from),
        Op::Le => at(Cmp::Lt, to),
        Op::Gt => at(Cmp::Ge, to),
        Op::Ge => at(Cmp::Ge, from),
    }
}

fn range(col: usize, shape: Shape, low: Option<&Arg>, high: Option<&Arg>, now: Ticks) -> Predicate {
    let test = |test: Test| Predicate::Test { col, test };
    let both = |parts: Vec<Predicate>| match parts.len() {
        0 => Predicate::All,
        _ => Predicate::And(parts),
    };
    match (shape, low, high) {
        (Shape::Ranked(words), Some(Arg::Rank(a)), Some(Arg::Rank(b))) => {
            by_rank(col, Op::Has, words, *a.min(b), *a.max(b))
        }
        (Shape::Ranked(words), Some(Arg::Rank(a)), None) => by_rank(col, Op::Ge, words, *a, *a),
        (Shape::Ranked(words), None, Some(Arg::Rank(b))) => by_rank(col, Op::Le, words, *b, *b),
        (Shape::Time, low, high) => times(col, low, high, now),
        (_, low, high) => {
            let number = |arg: &Arg| match arg {
                Arg::Int(n) => Some(*n as f64),
                Arg::Real(n) => Some(*n),
                _ => None,
            };
            // ends the wrong way round are meant the right way round
            let swapped = matches!((low.and_then(number), high.and_then(number)), (Some(a), Some(b)) if a > b);
            let (low, high) = if swapped { (high, low) } else { (low, high) };
            let end = |arg: Option<&Arg>, cmp: Cmp| match arg {
                Some(Arg::Int(n)) => Some(test(Test::Int(cmp, *n))),
                Some(Arg::Real(n)) => Some(test(Test::Real(cmp, *n))),
                _ => None,
            };
            both(
                end(low, Cmp::Ge)
                    .into_iter()
                    .chain(end(high, Cmp::Le))
                    .collect(),
            )
        }
    }
}

/// Between two times. Ages count backwards: `1h..4h` and `4h..1h` are the same three hours, `4h..` is before them.
pub(super) fn times(col: usize, low: Option<&Arg>, high: Option<&Arg>, now: Ticks) -> Predicate {
    let when = |arg: Option<&Arg>| match arg {
        Some(Arg::Time(when)) => Some(*when),
        _ => None,
    };
    match (when(low), when(high)) {
        (Some(a), Some(b)) => {
            let (first, last) = match a.interval(now).0 <= b.interval(now).0 {
                true => (a, b),
                false => (b, a),
            };
            let (from, to) = (first.interval(now).0, last.interval(now).1);
            // an age is one instant and included; a day ends where the next begins
            let end = match last {
                When::Ago(_) => Cmp::Le,
                When::Span(..) | When::Day(_) => Cmp::Lt,
            };
            let at = |cmp: Cmp, t: Ticks| Predicate::Test {
                col,
                test: Test::Int(cmp, t.0),
            };
            Predicate::And(vec![at(Cmp::Ge, from), at(end, to)])
        }
        (Some(a), None) => time(col, Op::Ge, a, now),
        (None, Some(b)) => time(col, Op::Le, b, now),
        (None, None) => Predicate::All,
    }
}

fn one_of(parts: impl Iterator<Item = Predicate>) -> Predicate {
    let mut parts: Vec<Predicate> = parts.collect();
    match parts.len() {
        0 => Predicate::None,
        1 => parts.swap_remove(0),
        _ => Predicate::Or(parts),
    }
}

pub(crate) fn not(inner: Predicate) -> Predicate {
    match inner {
        Predicate::Not(twice) => *twice,
        Predicate::All => Predicate::None,
        Predicate::None => Predicate::All,
        other => Predicate::Not(Box::new(other)),
    }
}
