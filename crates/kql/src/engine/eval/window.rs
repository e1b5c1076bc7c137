//! Functions that look at other rows, in the order of a serialized table.

use crate::engine::expr::Cx;
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector, of_ints};

fn kind(cx: &Cx, i: usize) -> Kind {
    cx.kinds.get(i).copied().unwrap_or(Kind::Dynamic)
}
fn long(cx: &Cx, a: &[Vector], i: usize) -> Option<i64> {
    a.get(i)?.val(kind(cx, i), 0).long()
}
fn truth(cx: &Cx, a: &[Vector], i: usize, row: usize) -> bool {
    a.get(i)
        .is_some_and(|v| v.val(kind(cx, i), row).truth() == Some(true))
}
/// `row_number`: from a number, beginning anew where the last argument says so.
pub fn row_number(cx: &mut Cx, a: &[Vector], rows: usize) -> Vector {
    let first = if rows > 0 {
        long(cx, a, 0).unwrap_or(1)
    } else {
        1
    };
    let mut n = first;
    let mut out = Vec::with_capacity(rows);
    for i in 0..rows {
        if cx.late(i) {
            break;
        }
        if i > 0 && truth(cx, a, 1, i) {
            n = first;
        }
        out.push(n);
        n = n.wrapping_add(1);
    }
    out.resize(rows, 0);
    of_ints(out, None)
}
/// `row_cumsum`
pub fn row_cumsum(cx: &mut Cx, a: &[Vector], rows: usize) -> Vector {
    let k = kind(cx, 0);
    let mut b = Build::new(cx.out);
    let (mut n, mut r) = (0i64, 0f64);
    for i in 0..rows {
        if cx.late(i) {
            (i..rows).for_each(|_| b.null());
            break;
        }
        if truth(cx, a, 1, i) {
            (n, r) = (0, 0.0);
        }
        let v = a.first().map_or(Val::Null, |v| v.val(k, i));
        match v {
            Val::Real(x) => {
                r += x;
                b.push(Val::Real(r));
            }
            v => {
                n = n.wrapping_add(v.long().unwrap_or(0));
                b.push(match cx.out {
                    Kind::Timespan => Val::Span(n),
                    Kind::Real => Val::Real(n as f64),
                    _ => Val::Long(n),
                });
            }
        }
    }
    b.finish()
}
fn neighbour(cx: &mut Cx, a: &[Vector], rows: usize, sign: i64) -> Vector {
    let k = kind(cx, 0);
    let by = if rows > 0 {
        long(cx, a, 1).unwrap_or(1)
    } else {
        1
    };
    let mut b = Build::new(cx.out);
    for i in 0..rows {
        if cx.late(i) {
            (i..rows).for_each(|_| b.null());
            break;
        }
        let at = (i as i64).checked_add(sign.saturating_mul(by));
        let v = match at
            .and_then(|x| usize::try_from(x).ok())
            .filter(|x| *x < rows)
        {
            Some(x) => a.first().map_or(Val::Null, |v| v.val(k, x)),
            None => a.get(2).map_or(Val::Null, |v| v.val(kind(cx, 2), i)),
        };
        b.push(v);
    }
    b.finish()
}
/// `prev`
pub fn prev(cx: &mut Cx, a: &[Vector], rows: usize) -> Vector {
    neighbour(cx, a, rows, -1)
}
/// `next`
pub fn next(cx: &mut Cx, a: &[Vector], rows: usize) -> Vector {
    neighbour(cx, a, rows, 1)
}
/// `row_rank_dense`
pub fn row_rank_dense(cx: &mut Cx, a: &[Vector], rows: usize) -> Vector {
    let k = kind(cx, 0);
    let mut n = 0;
    let mut out = Vec::with_capacity(rows);
    for i in 0..rows {
        if cx.late(i) {
            break;
        }
        let again = truth(cx, a, 1, i);
        if i == 0 || again {
            n = 1;
        } else if let Some(v) = a.first()
            && v.val(k, i) != v.val(k, i - 1)
        {
            n += 1;
        }
        out.push(n);
    }
    out.resize(rows, 0);
    of_ints(out, None)
}
/// `row_rank_min`
pub fn row_rank_min(cx: &mut Cx, a: &[Vector], rows: usize) -> Vector {
    let k = kind(cx, 0);
    let (mut rank, mut n) = (0, 0);
    let mut out = Vec::with_capacity(rows);
    for i in 0..rows {
        if cx.late(i) {
            break;
        }
        if i == 0 || truth(cx, a, 1, i) {
            (rank, n) = (1, 1);
        } else {
            n += 1;
            if let Some(v) = a.first()
                && v.val(k, i) != v.val(k, i - 1)
            {
                rank = n;
            }
        }
        out.push(rank);
    }
    out.resize(rows, 0);
    of_ints(out, None)
}
/// `row_window_session`
pub fn row_window_session(cx: &mut Cx, a: &[Vector], rows: usize) -> Vector {
    let (far, gap) = if rows > 0 {
        (
            long(cx, a, 1).unwrap_or(i64::MAX),
            long(cx, a, 2).unwrap_or(i64::MAX),
        )
    } else {
        (0, 0)
    };
    let k = kind(cx, 0);
    let mut b = Build::new(Kind::Datetime);
    let (mut start, mut last): (Option<i64>, Option<i64>) = (None, None);
    for i in 0..rows {
        if cx.late(i) {
            (i..rows).for_each(|_| b.null());
            break;
        }
        let Some(t) = a.first().and_then(|v| v.val(k, i).long()) else {
            b.null();
            continue;
        };
        let fresh = match (start, last) {
            (Some(s), Some(l)) => {
                t.saturating_sub(s) > far || t.saturating_sub(l) > gap || truth(cx, a, 3, i)
            }
            _ => true,
        };
        if fresh {
            start = Some(t);
        }
        last = Some(t);
        b.push(start.map_or(Val::Null, Val::Date));
    }
    b.finish()
}
