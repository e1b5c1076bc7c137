//! Operators of expressions, as functions of one row.

use crate::engine::expr::{Cx, ScalarFn};
use crate::engine::guard::Pace;
use crate::engine::kernels::Arith;
use crate::engine::matcher::{Matcher, StrOp};
use crate::engine::time;
use crate::engine::value::{Kind, Val};
use crate::engine::{json, value};
use std::cmp::Ordering;

/// The kind an arithmetic operator gives.
pub fn arith_kind(op: Arith, a: Kind, b: Kind) -> Kind {
    use Kind::*;
    match (op, a, b) {
        (Arith::Sub, Datetime, Datetime) => Timespan,
        (Arith::Div, Timespan | Datetime, Timespan | Datetime) => Real,
        (Arith::Mod, Datetime | Timespan, Datetime | Timespan) => Timespan,
        (_, Datetime, _) | (_, _, Datetime) => Datetime,
        (_, Timespan, _) | (_, _, Timespan) => Timespan,
        (_, Dynamic, Dynamic) => Dynamic,
        (_, Dynamic, Int) | (_, Int, Dynamic) => Long,
        (_, Dynamic, k) | (_, k, Dynamic) => k,
        (_, Decimal, _) | (_, _, Decimal) => Decimal,
        (_, Real, _) | (_, _, Real) => Real,
        _ => Long,
    }
}

fn pair<'a>(a: &[Val<'a>]) -> Option<(Val<'a>, Val<'a>)> {
    let [x, y] = a else { return None };
    let (x, y) = (x.clone().plain(), y.clone().plain());
    // a text inside a dynamic value may be an instant or a span
    let read = |v: Val<'a>, other: &Val| match (&v, other) {
        (Val::Str(s), Val::Date(_)) => time::parse_date(s).map_or(Val::Null, Val::Date),
        (Val::Str(s), Val::Span(_)) => time::parse_span(s)
            .map(Val::Span)
            .or_else(|| time::parse_date(s).map(Val::Date))
            .unwrap_or(Val::Null),
        _ => v,
    };
    let x2 = read(x, &y);
    let y2 = read(y, &x2);
    Some((x2, y2))
}

fn date(n: Option<i64>) -> Val<'static> {
    n.filter(|n| time::in_range(*n))
        .map_or(Val::Null, Val::Date)
}

fn arith<'a>(op: Arith, a: &[Val<'a>]) -> Val<'a> {
    let Some((x, y)) = pair(a) else {
        return Val::Null;
    };
    use Val::*;
    match (op, &x, &y) {
        (_, Null, _) | (_, _, Null) => Null,
        (_, Long(a), Long(b)) => match op {
            Arith::Add => Long(a.wrapping_add(*b)),
            Arith::Sub => Long(a.wrapping_sub(*b)),
            Arith::Mul => Long(a.wrapping_mul(*b)),
            Arith::Div if *b != 0 => Long(a.wrapping_div(*b)),
            Arith::Mod if *b != 0 => Long(a.wrapping_rem_euclid(*b)),
            _ => Null,
        },
        (Arith::Add, Date(a), Span(b)) | (Arith::Add, Span(b), Date(a)) => date(a.checked_add(*b)),
        (Arith::Sub, Date(a), Span(b)) => date(a.checked_sub(*b)),
        (Arith::Sub, Date(a), Date(b)) => Span(a.saturating_sub(*b)),
        (Arith::Add, Span(a), Span(b)) => a.checked_add(*b).map_or(Null, Span),
        (Arith::Sub, Span(a), Span(b)) => a.checked_sub(*b).map_or(Null, Span),
        (Arith::Div, Span(a) | Date(a), Span(b) | Date(b)) => {
            let shift = |v: &Val, n: i64| match v {
                Date(_) => n as f64 + time::YEAR_1_TO_1970 as f64,
                _ => n as f64,
            };
            Real(shift(&x, *a) / shift(&y, *b))
        }
        (Arith::Mod, Span(a) | Date(a), Span(b)) if *b != 0 => {
            let zero = if matches!(x, Date(_)) {
                time::YEAR_1_TO_1970
            } else {
                0
            };
            Span((a + zero).rem_euclid(*b))
        }
        (Arith::Mul, Span(a), n) | (Arith::Mul, n, Span(a)) => match n {
            Long(n) => a.checked_mul(*n).map_or(Null, Span),
            n => n
                .real()
                .and_then(|n| value::real_to_long((*a as f64 * n).trunc()))
                .map_or(Null, Span),
        },
        (Arith::Div, Span(a), n) => match n {
            Long(0) => Null,
            Long(n) => Span(a.wrapping_div(*n)),
            n => n
                .real()
                .and_then(|n| value::real_to_long((*a as f64 / n).trunc()))
                .map_or(Null, Span),
        },
        (_, Dec(_), _) | (_, _, Dec(_)) => match (x.dec(), y.dec()) {
            (Some(a), Some(b)) => match op {
                Arith::Add => a.add(b),
                Arith::Sub => a.add(b.neg()),
                Arith::Mul => a.mul(b),
                Arith::Div => a.div(b),
                Arith::Mod => a.rem(b),
            }
            .map_or(Null, Dec),
            _ => Null,
        },
        _ => match (x.real(), y.real()) {
            (Some(a), Some(b))
                if !matches!((&x, &y), (Date(_) | Span(_), _) | (_, Date(_) | Span(_))) =>
            {
                Real(match op {
                    Arith::Add => a + b,
                    Arith::Sub => a - b,
                    Arith::Mul => a * b,
                    Arith::Div => a / b,
                    Arith::Mod => a - b * (a / b).floor(),
                })
            }
            _ => Null,
        },
    }
}

/// `+`
pub fn add<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    arith(Arith::Add, a)
}
/// `-`
pub fn sub<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    arith(Arith::Sub, a)
}
/// `*`
pub fn mul<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    arith(Arith::Mul, a)
}
/// `/`
pub fn div<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    arith(Arith::Div, a)
}
/// `%`
pub fn rem<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    arith(Arith::Mod, a)
}
/// `-` before a value
pub fn negate<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first().cloned().unwrap_or(Val::Null).plain() {
        Val::Long(n) => Val::Long(n.wrapping_neg()),
        Val::Real(n) => Val::Real(-n),
        Val::Span(n) => Val::Span(n.wrapping_neg()),
        Val::Dec(d) => Val::Dec(d.neg()),
        _ => Val::Null,
    }
}

/// How two values stand, if they can be compared.
pub fn order(x: &Val, y: &Val) -> Option<Ordering> {
    use Val::*;
    match (x, y) {
        (Null, _) | (_, Null) => None,
        (Long(a), Long(b)) | (Date(a), Date(b)) | (Span(a), Span(b)) => Some(a.cmp(b)),
        (Str(a) | Guid(a), Str(b)) | (Str(a), Guid(b)) => Some(a.as_ref().cmp(b.as_ref())),
        (Guid(a), Guid(b)) => Some(a.cmp(b)),
        (Bool(a), Bool(b)) => Some(a.cmp(b)),
        (Dyn(a), Dyn(b)) => Some(a.cmp(b)),
        (Str(s), Date(d)) => time::parse_date(s).map(|x| x.cmp(d)),
        (Date(d), Str(s)) => time::parse_date(s).map(|x| d.cmp(&x)),
        (Str(s), Span(d)) => time::parse_span(s).map(|x| x.cmp(d)),
        (Span(d), Str(s)) => time::parse_span(s).map(|x| d.cmp(&x)),
        (Dec(_), _) | (_, Dec(_)) => Some(x.dec()?.cmp(&y.dec()?)),
        (Str(s), Long(_) | Real(_) | Bool(_)) => {
            let a = value::real_of(s)?;
            a.partial_cmp(&y.real()?)
        }
        (Long(_) | Real(_) | Bool(_), Str(s)) => {
            let b = value::real_of(s)?;
            x.real()?.partial_cmp(&b)
        }
        (Str(a), Dyn(b)) => Some(a.as_ref().cmp(b.as_ref())),
        (Dyn(a), Str(b)) => Some(a.as_ref().cmp(b.as_ref())),
        (Dyn(_), _) | (_, Dyn(_)) => None,
        _ => x.real()?.partial_cmp(&y.real()?),
    }
}

fn same(x: &Val, y: &Val) -> bool {
    use Val::*;
    match (x, y) {
        (Str(a), Long(_) | Real(_) | Bool(_)) => {
            **a == *y.text() || order(x, y) == Some(Ordering::Equal)
        }
        (Long(_) | Real(_) | Bool(_), Str(b)) => {
            **b == *x.text() || order(x, y) == Some(Ordering::Equal)
        }
        (Dyn(a), Dyn(b)) => a == b || json::parse(a) == json::parse(b),
        (Guid(a), Str(b)) | (Str(b), Guid(a)) => a.eq_ignore_ascii_case(b),
        _ => order(x, y) == Some(Ordering::Equal),
    }
}

fn equal<'a>(a: &[Val<'a>], want: bool) -> Val<'a> {
    let [x, y] = a else { return Val::Null };
    let (x, y) = (x.borrow().plain(), y.borrow().plain());
    match (&x, &y) {
        (Val::Null, Val::Null) => Val::Null,
        (Val::Null, Val::Str(s)) | (Val::Str(s), Val::Null) => Val::Bool(s.is_empty() == want),
        (Val::Null, _) | (_, Val::Null) => Val::Bool(!want),
        _ => Val::Bool(same(&x, &y) == want),
    }
}
/// `==`
pub fn eq<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    equal(a, true)
}
/// `!=`
pub fn ne<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    equal(a, false)
}
fn ordered<'a>(a: &[Val<'a>], f: fn(Ordering) -> bool) -> Val<'a> {
    let [x, y] = a else { return Val::Null };
    let (x, y) = (x.borrow().plain(), y.borrow().plain());
    match order(&x, &y) {
        Some(o) => Val::Bool(f(o)),
        None if x.is_null() || y.is_null() => Val::Null,
        None => Val::Bool(false),
    }
}
/// `<`
pub fn lt<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ordered(a, Ordering::is_lt)
}
/// `<=`
pub fn le<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ordered(a, Ordering::is_le)
}
/// `>`
pub fn gt<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ordered(a, Ordering::is_gt)
}
/// `>=`
pub fn ge<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ordered(a, Ordering::is_ge)
}
/// `not(…)`
pub fn not<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first().and_then(Val::truth) {
        Some(b) => Val::Bool(!b),
        None => Val::Null,
    }
}

// ---- string operators against a pattern of the same row

fn matched<'a>(cx: &mut Cx, op: StrOp, fold: bool, not: bool, a: &[Val<'a>]) -> Val<'a> {
    let [hay, needle] = a else { return Val::Null };
    let (h, n) = (hay.text(), needle.text());
    if op == StrOp::Regex {
        return match cx.search(&n, &h, false) {
            Some(r) => Val::Bool(r.is_match(&h) != not),
            None => Val::Null,
        };
    }
    match Matcher::new(op, fold, not, &n, &cx.guard) {
        Ok(m) => Val::Bool(m.matches(&h)),
        Err(_) => Val::Null,
    }
}

macro_rules! string_fns {
    ($( $name:ident $op:ident $fold:literal $not:literal, )*) => {
        $( fn $name<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> { matched(cx, StrOp::$op, $fold, $not, a) } )*
        /// The function of a string operator.
        pub fn string_fn(op: StrOp, fold: bool, not: bool) -> ScalarFn {
            match (op, fold, not) {
                $( (StrOp::$op, $fold, $not) => $name, )*
                _ => has_,
            }
        }
    };
}
string_fns! {
    equal_ Equal true false, not_equal_ Equal true true,
    has_ Has true false, not_has_ Has true true, has_cs_ Has false false, not_has_cs_ Has false true,
    hp_ HasPrefix true false, not_hp_ HasPrefix true true, hp_cs_ HasPrefix false false, not_hp_cs_ HasPrefix false true,
    hs_ HasSuffix true false, not_hs_ HasSuffix true true, hs_cs_ HasSuffix false false, not_hs_cs_ HasSuffix false true,
    con_ Contains true false, not_con_ Contains true true, con_cs_ Contains false false, not_con_cs_ Contains false true,
    st_ Starts true false, not_st_ Starts true true, st_cs_ Starts false false, not_st_cs_ Starts false true,
    en_ Ends true false, not_en_ Ends true true, en_cs_ Ends false false, not_en_cs_ Ends false true,
    re_ Regex false false, like_ Like true false, not_like_ Like true true, like_cs_ Like false false, not_like_cs_ Like false true,
}

fn in_row(a: &[Val], fold: bool) -> bool {
    let Some((x, rest)) = a.split_first() else {
        return false;
    };
    let mut set = crate::engine::expr::InSet {
        fold,
        ..Default::default()
    };
    for v in rest {
        set.add(v.borrow());
    }
    set.has(x)
}
/// `in`
pub fn is_in<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(in_row(a, false))
}
/// `!in`
pub fn not_in<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(!in_row(a, false))
}
/// `in~`
pub fn is_in_fold<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(in_row(a, true))
}
/// `!in~`
pub fn not_in_fold<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(!in_row(a, true))
}

/// The texts that a value stands for in a list of words.
pub fn words_of(v: Val, out: &mut Vec<String>) {
    match v {
        Val::Dyn(s) if s.starts_with('[') => {
            out.extend(json::elements(&s).map(|e| json::text_of(e).into_owned()));
        }
        Val::Null => {}
        v => out.push(v.text().into_owned()),
    }
}
/// The place of the first word that the text has, or of the first that it has not.
pub fn first_word(cx: &Cx, hay: &str, words: &[String], has: bool) -> Option<usize> {
    let mut pace = Pace::default();
    words.iter().position(|w| {
        let m = Matcher::new(StrOp::Has, true, false, w, &cx.guard);
        // each word may take a walk over the whole text
        cx.lost(&mut pace, hay.len()) || m.is_ok_and(|m| m.matches(hay)) == has
    })
}
fn words_in<'a>(cx: &Cx, a: &[Val<'a>], all: bool) -> Val<'a> {
    let Some((x, rest)) = a.split_first() else {
        return Val::Null;
    };
    let mut words = Vec::new();
    for v in rest {
        words_of(v.borrow(), &mut words);
    }
    let hay = x.text();
    let found = first_word(cx, &hay, &words, !all);
    Val::Bool(found.is_some() != all)
}
/// `has_any`
pub fn has_any<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    words_in(cx, a, false)
}
/// `has_all`
pub fn has_all<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    words_in(cx, a, true)
}
