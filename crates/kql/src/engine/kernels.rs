//! The operations that hunts spend their time in, over whole columns. Each gives nothing where
//! its columns do not fit, and the general way is taken.

use super::expr::{Cx, Expr};
use super::gate::LONG_FOR_LARGE;
use super::guard::Pace;
use super::matcher::{Matcher, StrOp};
use super::value::{Kind, Val};
use super::vector::{NO_ROW, Vector, of_ints, of_reals, of_truths};
use std::sync::Arc;
use table::{Bits, Column};

pub use table::Cmp;

/// Which operation.
#[derive(Clone, Debug)]
pub enum Kernel {
    /// Values in order.
    Compare(Cmp),
    /// Text against a constant pattern.
    Match(Arc<Matcher>),
    /// Text against a pattern of the same row.
    MatchAny(StrOp),
    /// Numbers.
    Arith(Arith),
    /// Down to a multiple.
    Bin,
}

/// Which calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arith {
    /// `+`
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/`
    Div,
    /// `%`
    Mod,
}

impl Kernel {
    /// What it costs a row, about.
    pub fn cost(&self) -> u32 {
        match self {
            Kernel::Compare(_) | Kernel::Arith(_) | Kernel::Bin => 1,
            Kernel::Match(m) => m.cost(),
            Kernel::MatchAny(_) => 25,
        }
    }
}

/// The values, if the columns fit.
pub fn run(k: &Kernel, args: &[Expr], vals: &[Vector], rows: usize, cx: &mut Cx) -> Option<Vector> {
    match k {
        Kernel::Compare(_) | Kernel::Match(_) | Kernel::MatchAny(_) => {
            truths(k, args, vals, rows, cx).map(|t| of_truths(&t))
        }
        Kernel::Arith(op) => arith(*op, args, vals, rows),
        Kernel::Bin => bin(args, vals, rows),
    }
}

/// The truths, if the columns fit.
pub fn truths(
    k: &Kernel,
    args: &[Expr],
    vals: &[Vector],
    rows: usize,
    cx: &mut Cx,
) -> Option<Vec<u8>> {
    match k {
        Kernel::Compare(op) => compare(*op, args, vals, rows, cx),
        Kernel::Match(m) => {
            let a = args.first()?;
            let v = vals.first()?;
            if a.kind == Kind::Dynamic {
                return Some(per_value(v, a.kind, rows, cx, |x| {
                    let t = x.text();
                    u8::from(m.regex().is_none_or(|r| cx.searches(r, &t, false)) && m.matches(&t))
                }));
            }
            if a.kind != Kind::String {
                return None;
            }
            Some(match_text(m, v, rows, cx))
        }
        _ => None,
    }
}

fn match_text(m: &Matcher, v: &Vector, rows: usize, cx: &Cx) -> Vec<u8> {
    if let Vector::Data(c, sel) = v
        && let Column::Packed(p) = &**c
    {
        let empty = u8::from(m.matches(""));
        let ascii = p.is_ascii();
        if sel.is_none()
            && ascii
            && c.validity().is_none()
            && let Some(t) = m.scan(p.values().bytes().as_bytes(), p.values().offsets())
        {
            return t;
        }
        let large = m.regex().is_some_and(|r| cx.is_large(r));
        let mut pace = Pace::default();
        let mut lost = false;
        let mut at = |r: usize| {
            if lost || r >= p.values().len() {
                return empty;
            }
            let t = p.values().get(r);
            lost = pace.value(t.len()) && cx.guard.step(pace.take());
            if (large || t.len() > LONG_FOR_LARGE)
                && m.regex().is_some_and(|r| !cx.searches(r, t, false))
            {
                lost = true;
                return empty;
            }
            u8::from(if ascii {
                m.matches_ascii(t)
            } else {
                m.matches(t)
            })
        };
        return match sel {
            None => (0..rows).map(at).collect(),
            Some(s) => s.iter().map(|r| at(*r as usize)).collect(),
        };
    }
    per_value(v, Kind::String, rows, cx, |x| match x {
        Val::Str(s) => u8::from(m.regex().is_none_or(|r| cx.searches(r, s, false)) && m.matches(s)),
        _ => u8::from(m.matches("")),
    })
}

/// A truth a row from a truth a value; once for each distinct value of a dictionary.
pub fn per_value(
    v: &Vector,
    kind: Kind,
    rows: usize,
    cx: &Cx,
    mut f: impl FnMut(&Val) -> u8,
) -> Vec<u8> {
    let mut pace = Pace::default();
    let mut lost = false;
    let mut f = |x: &Val| {
        if lost {
            return 0;
        }
        lost = pace.value(x.text_len()) && cx.guard.step(pace.take());
        f(x)
    };
    match v {
        Vector::Const(c, _) => vec![f(c); rows],
        Vector::Data(c, sel) => {
            if let Some((d, sel)) = v.dict() {
                let none = if kind == Kind::String {
                    f(&super::value::text(""))
                } else {
                    f(&Val::Null)
                };
                let truth: Vec<u8> = d
                    .values()
                    .iter()
                    .map(|s| f(&super::expr::dict_val(s, kind)))
                    .collect();
                if sel.is_none() && c.validity().is_none() {
                    let of = |code: usize| truth.get(code).copied().unwrap_or(none);
                    return match d.codes() {
                        table::Codes::U8(x) => x.iter().map(|c| of(usize::from(*c))).collect(),
                        table::Codes::U16(x) => x.iter().map(|c| of(usize::from(*c))).collect(),
                    };
                }
                let n = d.codes().len();
                let at = |r: usize| {
                    if r >= n || d.is_null(r) {
                        none
                    } else {
                        truth.get(d.codes().get(r)).copied().unwrap_or(none)
                    }
                };
                return match sel {
                    None => (0..rows).map(at).collect(),
                    Some(s) => s.iter().map(|r| at(*r as usize)).collect(),
                };
            }
            let _ = c;
            (0..rows)
                .map(|i| f(&super::vector::stored(c, kind, Vector::row(sel, i))))
                .collect()
        }
    }
}

/// Whole numbers a row, with which of them are there.
pub fn ints(v: &Vector, rows: usize) -> Option<(std::borrow::Cow<'_, [i64]>, Option<Bits>)> {
    match v {
        Vector::Const(c, _) => match **c {
            Val::Long(n) | Val::Date(n) | Val::Span(n) => Some((vec![n; rows].into(), None)),
            Val::Null => Some((vec![0; rows].into(), Some(Bits::filled(rows, false)))),
            _ => None,
        },
        Vector::Data(c, sel) => {
            let Column::Int(i) = &**c else { return None };
            match sel {
                None => Some((i.values().into(), c.validity().cloned())),
                Some(s) => {
                    let vals = i.values();
                    let out: Vec<i64> = s
                        .iter()
                        .map(|r| vals.get(*r as usize).copied().unwrap_or(0))
                        .collect();
                    let valid = v.has_nulls().then(|| {
                        s.iter()
                            .map(|r| *r != NO_ROW && !c.is_null(*r as usize))
                            .collect()
                    });
                    Some((out.into(), valid))
                }
            }
        }
    }
}

/// Real numbers a row, of whole ones too.
pub fn reals(v: &Vector, rows: usize) -> Option<(Vec<f64>, Option<Bits>)> {
    match v {
        Vector::Const(c, _) => match **c {
            Val::Null => Some((vec![0.0; rows], Some(Bits::filled(rows, false)))),
            Val::Long(_) | Val::Real(_) => Some((vec![c.real()?; rows], None)),
            _ => None,
        },
        Vector::Data(c, sel) => match &**c {
            Column::Int(_) => {
                let (i, valid) = ints(v, rows)?;
                Some((i.iter().map(|n| *n as f64).collect(), valid))
            }
            Column::Real(r) => {
                let vals = r.values();
                match sel {
                    None => Some((vals.to_vec(), c.validity().cloned())),
                    Some(s) => {
                        let out = s
                            .iter()
                            .map(|r| vals.get(*r as usize).copied().unwrap_or(0.0))
                            .collect();
                        let valid = v.has_nulls().then(|| {
                            s.iter()
                                .map(|r| *r != NO_ROW && !c.is_null(*r as usize))
                                .collect()
                        });
                        Some((out, valid))
                    }
                }
            }
            _ => None,
        },
    }
}

fn both(a: Option<Bits>, b: Option<Bits>, rows: usize) -> Option<Bits> {
    match (a, b) {
        (None, None) => None,
        (Some(a), None) | (None, Some(a)) => Some(a),
        (Some(a), Some(b)) => Some((0..rows).map(|i| a.get(i) && b.get(i)).collect()),
    }
}

fn compare(op: Cmp, args: &[Expr], vals: &[Vector], rows: usize, cx: &Cx) -> Option<Vec<u8>> {
    let [a, b] = args else { return None };
    let [va, vb] = vals else { return None };
    if a.kind == Kind::String && b.kind == Kind::String {
        // only against a constant: the general way is as good for two columns
        let (v, c, op) = match (va, vb) {
            (v, Vector::Const(c, _)) => (v, c, op),
            (Vector::Const(c, _), v) => (v, c, flip(op)),
            _ => return None,
        };
        let Val::Str(c) = &**c else { return None };
        return Some(per_value(v, Kind::String, rows, cx, |x| match x {
            Val::Str(s) => u8::from(op.holds(&**s, &**c)),
            _ => u8::from(op.holds("", &**c)),
        }));
    }
    let same = a.kind == b.kind
        || (matches!(a.kind, Kind::Int | Kind::Long) && matches!(b.kind, Kind::Int | Kind::Long));
    if same && a.kind.is_int() {
        if let Vector::Const(c, _) = vb
            && let Some(n) = c.long()
        {
            let (x, valid) = ints(va, rows)?;
            let mut out: Vec<u8> = x.iter().map(|x| u8::from(op.holds(*x, n))).collect();
            nulls(op, &mut out, valid, None);
            return Some(out);
        }
        let (x, xv) = ints(va, rows)?;
        let (y, yv) = ints(vb, rows)?;
        let mut out: Vec<u8> = x
            .iter()
            .zip(y.iter())
            .map(|(x, y)| u8::from(op.holds(*x, *y)))
            .collect();
        nulls(op, &mut out, xv, yv);
        return Some(out);
    }
    let number = |k: Kind| matches!(k, Kind::Int | Kind::Long | Kind::Real);
    if number(a.kind) && number(b.kind) {
        let (x, xv) = reals(va, rows)?;
        let (y, yv) = reals(vb, rows)?;
        let mut out: Vec<u8> = x
            .iter()
            .zip(&y)
            .map(|(x, y)| u8::from(op.holds(*x, *y)))
            .collect();
        nulls(op, &mut out, xv, yv);
        return Some(out);
    }
    None
}

/// Comparing with null: equal is no, not equal is yes, the rest is null; two nulls give null.
fn nulls(op: Cmp, out: &mut [u8], a: Option<Bits>, b: Option<Bits>) {
    if a.is_none() && b.is_none() {
        return;
    }
    for (i, o) in out.iter_mut().enumerate() {
        let x = a.as_ref().is_none_or(|v| v.get(i));
        let y = b.as_ref().is_none_or(|v| v.get(i));
        *o = match (x, y, op) {
            (true, true, _) => continue,
            (false, false, _) => 2,
            (_, _, Cmp::Eq) => 0,
            (_, _, Cmp::Ne) => 1,
            _ => 2,
        };
    }
}

/// The comparison with its sides changed.
pub fn flip(op: Cmp) -> Cmp {
    match op {
        Cmp::Lt => Cmp::Gt,
        Cmp::Le => Cmp::Ge,
        Cmp::Gt => Cmp::Lt,
        Cmp::Ge => Cmp::Le,
        o => o,
    }
}

fn arith(op: Arith, args: &[Expr], vals: &[Vector], rows: usize) -> Option<Vector> {
    let [a, b] = args else { return None };
    let [va, vb] = vals else { return None };
    let int = |k: Kind| matches!(k, Kind::Int | Kind::Long);
    let (ka, kb) = (a.kind, b.kind);
    let on_ticks = matches!(op, Arith::Add | Arith::Sub)
        && matches!(
            (ka, kb),
            (
                Kind::Datetime | Kind::Timespan,
                Kind::Datetime | Kind::Timespan
            )
        );
    if int(ka) && int(kb) || on_ticks {
        let (x, xv) = ints(va, rows)?;
        let (y, yv) = ints(vb, rows)?;
        let mut valid = both(xv, yv, rows);
        let pairs = x.iter().zip(y.iter());
        let out: Vec<i64> = match op {
            Arith::Add => pairs.map(|(x, y)| x.wrapping_add(*y)).collect(),
            Arith::Sub => pairs.map(|(x, y)| x.wrapping_sub(*y)).collect(),
            Arith::Mul => pairs.map(|(x, y)| x.wrapping_mul(*y)).collect(),
            Arith::Div | Arith::Mod => {
                if y.contains(&0) {
                    let v = valid.get_or_insert_with(|| Bits::filled(rows, true));
                    for (i, n) in y.iter().enumerate() {
                        if *n == 0 {
                            v.set(i, false);
                        }
                    }
                }
                pairs
                    .map(|(x, y)| match (op, *y) {
                        (_, 0) => 0,
                        (Arith::Div, y) => x.wrapping_div(y),
                        (_, y) => x.wrapping_rem_euclid(y),
                    })
                    .collect()
            }
        };
        if matches!(ka, Kind::Datetime) != matches!(kb, Kind::Datetime)
            && out.iter().any(|t| !super::time::in_range(*t))
        {
            return None;
        }
        return Some(of_ints(out, valid));
    }
    let number = |k: Kind| int(k) || k == Kind::Real;
    if number(ka) && number(kb) {
        let (x, xv) = reals(va, rows)?;
        let (y, yv) = reals(vb, rows)?;
        let valid = both(xv, yv, rows);
        let pairs = x.iter().zip(&y);
        let out: Vec<f64> = match op {
            Arith::Add => pairs.map(|(x, y)| x + y).collect(),
            Arith::Sub => pairs.map(|(x, y)| x - y).collect(),
            Arith::Mul => pairs.map(|(x, y)| x * y).collect(),
            Arith::Div => pairs.map(|(x, y)| x / y).collect(),
            Arith::Mod => return None,
        };
        return Some(of_reals(out, valid));
    }
    None
}

fn bin(args: &[Expr], vals: &[Vector], rows: usize) -> Option<Vector> {
    let [a, _] = args else { return None };
    let [va, Vector::Const(c, _)] = vals else {
        return None;
    };
    if !a.kind.is_int() {
        return None;
    }
    let step = match **c {
        Val::Long(n) | Val::Span(n) if n > 0 => n,
        _ => return None,
    };
    let zero = if a.kind == Kind::Datetime {
        super::time::YEAR_1_TO_1970
    } else {
        0
    };
    let (x, valid) = ints(va, rows)?;
    let out = x
        .iter()
        .map(|x| {
            x.wrapping_add(zero)
                .div_euclid(step)
                .wrapping_mul(step)
                .wrapping_sub(zero)
        })
        .collect();
    Some(of_ints(out, valid))
}
