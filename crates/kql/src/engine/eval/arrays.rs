//! Functions over arrays.

use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Vector, of_ints, of_reals};

/// `from`, `from + step` … up to `to`; none if there are more than `most`.
pub fn range_values(from: &Val, to: &Val, step: &Val, kind: Kind, most: usize) -> Option<Vector> {
    if kind == Kind::Real || kind == Kind::Decimal {
        let (Some(a), Some(b), Some(s)) = (from.real(), to.real(), step.real()) else {
            return Some(of_reals(Vec::new(), None));
        };
        let mut out = Vec::new();
        if s != 0.0 && s.is_finite() {
            let n = ((b - a) / s + 1e-9).floor();
            if n >= most as f64 {
                return None;
            }
            if n >= 0.0 {
                out.extend((0..=n as usize).map(|i| a + s * i as f64));
            }
        }
        return Some(of_reals(out, None));
    }
    let (Some(a), Some(b), Some(s)) = (from.long(), to.long(), step.long()) else {
        return Some(of_ints(Vec::new(), None));
    };
    let mut out = Vec::new();
    let up = s > 0;
    if s != 0 && (a <= b) == up || a == b {
        let n = if s == 0 {
            0
        } else {
            (i128::from(b) - i128::from(a)) / i128::from(s)
        };
        if n >= most as i128 {
            return None;
        }
        out.extend((0..=n).map(|i| (i128::from(a) + i * i128::from(s)) as i64));
    }
    Some(of_ints(out, None))
}

use super::strings::n;
use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::json;
use crate::engine::value::dynamic;
use std::cmp::Ordering;

/// The elements of an array; none if it is none.
fn list<'x>(a: &'x [Val], i: usize) -> Option<Vec<&'x str>> {
    match a.get(i)? {
        Val::Dyn(s) if s.starts_with('[') => Some(json::elements(s).collect()),
        _ => None,
    }
}
fn join<'a, S: AsRef<str>>(parts: &[S]) -> Val<'a> {
    let mut out = String::from("[");
    for (i, p) in parts.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        out.push_str(p.as_ref());
    }
    out.push(']');
    dynamic(out)
}
/// `array_length`
pub fn array_length<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    list(a, 0).map_or(Val::Null, |l| Val::Long(l.len() as i64))
}
/// `pack_array`
pub fn pack_array<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let parts: Vec<_> = a.iter().map(Val::json).collect();
    join(&parts)
}
/// `array_concat`
pub fn array_concat<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut out = Vec::new();
    for i in 0..a.len() {
        match list(a, i) {
            Some(l) => out.extend(l),
            None => return Val::Null,
        }
    }
    join(&out)
}
/// `array_reverse`
pub fn array_reverse<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    list(a, 0).map_or(Val::Null, |mut l| {
        l.reverse();
        join(&l)
    })
}
/// `array_slice`: both ends belong to it.
pub fn array_slice<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(l), Some(from), Some(to)) = (list(a, 0), n(a, 1), n(a, 2)) else {
        return Val::Null;
    };
    let len = l.len() as i64;
    let at = |i: i64| if i < 0 { len + i } else { i };
    let (from, to) = (at(from).max(0), at(to).min(len - 1));
    if from > to {
        return dynamic("[]");
    }
    join(&l[from as usize..=to as usize])
}
fn rotated<'a>(a: &[Val<'a>], sign: i64) -> Val<'a> {
    match (list(a, 0), n(a, 1)) {
        (Some(mut l), Some(k)) => {
            if !l.is_empty() {
                let k = (i128::from(k) * i128::from(sign)).rem_euclid(l.len() as i128) as usize;
                l.rotate_left(k);
            }
            join(&l)
        }
        _ => Val::Null,
    }
}
/// `array_rotate_left`
pub fn array_rotate_left<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    rotated(a, 1)
}
/// `array_rotate_right`
pub fn array_rotate_right<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    rotated(a, -1)
}
fn shifted<'a>(cx: &Cx, a: &[Val<'a>], sign: i64) -> Val<'a> {
    let (Some(l), Some(k)) = (list(a, 0), n(a, 1)) else {
        return Val::Null;
    };
    let fill = a.get(2).map_or("null".into(), Val::json);
    if fill.len() > 8 && !cx.fits(fill.len().saturating_mul(l.len())) {
        return Val::Null;
    }
    let k = k.saturating_mul(sign);
    let out: Vec<&str> = (0..l.len() as i64)
        .map(|i| {
            usize::try_from(i.saturating_add(k))
                .ok()
                .and_then(|i| l.get(i).copied())
                .unwrap_or(&fill)
        })
        .collect();
    join(&out)
}
/// `array_shift_left`
pub fn array_shift_left<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    shifted(cx, a, 1)
}
/// `array_shift_right`
pub fn array_shift_right<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    shifted(cx, a, -1)
}
/// `array_sum`
pub fn array_sum<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(l) = list(a, 0) else {
        return Val::Null;
    };
    let mut sum = 0.0;
    for e in l {
        match json::plain(e).real() {
            Some(v) => sum += v,
            None => return Val::Null,
        }
    }
    Val::Real(sum)
}
/// `array_index_of`
pub fn array_index_of<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(l), Some(v)) = (list(a, 0), a.get(1)) else {
        return Val::Null;
    };
    let len = l.len() as i64;
    let at = |i: i64| if i < 0 { (len + i).max(0) } else { i };
    let from = at(n(a, 2).unwrap_or(0));
    let count = n(a, 3).filter(|c| *c >= 0).unwrap_or(len);
    let mut nth = n(a, 4).unwrap_or(1);
    let want = v.borrow().plain();
    for (i, e) in l.iter().enumerate() {
        let i = i as i64;
        if i < from || i >= from.saturating_add(count) {
            continue;
        }
        if same(&json::plain(e), &want) {
            nth -= 1;
            if nth == 0 {
                return Val::Long(i);
            }
        }
    }
    Val::Long(-1)
}
/// Whether two elements are the same value.
pub fn same(a: &Val, b: &Val) -> bool {
    match (a, b) {
        (Val::Null, Val::Null) => true,
        (Val::Str(x), Val::Date(_) | Val::Span(_) | Val::Guid(_)) => **x == *b.text(),
        (Val::Date(_) | Val::Span(_) | Val::Guid(_), Val::Str(y)) => *a.text() == **y,
        (Val::Str(_), Val::Long(_) | Val::Real(_) | Val::Bool(_))
        | (Val::Long(_) | Val::Real(_) | Val::Bool(_), Val::Str(_)) => false,
        _ => super::ops::order(a, b) == Some(Ordering::Equal),
    }
}
/// `array_split`
pub fn array_split<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(l) = list(a, 0) else {
        return Val::Null;
    };
    let len = l.len() as i64;
    let cuts: Vec<i64> = match list(a, 1) {
        Some(c) => c.iter().filter_map(|e| json::plain(e).long()).collect(),
        None => match n(a, 1) {
            Some(c) => vec![c],
            None => return Val::Null,
        },
    };
    let mut out = Vec::new();
    let mut from = 0;
    for c in cuts {
        let c = if c < 0 { (len + c).max(0) } else { c.min(len) };
        out.push(
            join(l.get(from as usize..c.max(from) as usize).unwrap_or(&[]))
                .json()
                .into_owned(),
        );
        from = c.max(from);
    }
    out.push(
        join(l.get(from as usize..).unwrap_or(&[]))
            .json()
            .into_owned(),
    );
    join(&out)
}
/// `array_iff`
pub fn array_iff<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(c) = list(a, 0) else {
        return Val::Null;
    };
    let (x, y) = (list(a, 1), list(a, 2));
    let (xs, ys) = (
        a.get(1).map_or("null".into(), Val::json),
        a.get(2).map_or("null".into(), Val::json),
    );
    fn at<'s>(l: &Option<Vec<&'s str>>, whole: &'s str, i: usize) -> &'s str {
        match l.as_deref() {
            // one element serves all
            Some([one]) => one,
            Some(l) => l.get(i).copied().unwrap_or("null"),
            None => whole,
        }
    }
    let mut out = String::from("[");
    let mut pace = Pace::default();
    for (i, c) in c.iter().enumerate() {
        if i > 0 {
            out.push(',');
        }
        let one = match json::plain(c).truth() {
            Some(true) => at(&x, &xs, i),
            Some(false) => at(&y, &ys, i),
            None => "null",
        };
        // one value may stand in all places
        if one.len() > 1 << 10 && !cx.fits(out.len() + one.len()) {
            return Val::Null;
        }
        out.push_str(one);
        if cx.more(&mut pace, one.len(), &out) {
            return Val::Null;
        }
    }
    out.push(']');
    dynamic(out)
}
/// The order of elements of different types: null last.
fn rank(v: &Val) -> u8 {
    match v {
        Val::Long(_) | Val::Real(_) => 0,
        Val::Bool(_) => 1,
        Val::Str(_) => 2,
        Val::Dyn(_) => 3,
        _ => 4,
    }
}
/// Numbers of elements in order, alike ones as they were; less where the query is lost. In runs, for one
/// sort of millions could not be stopped.
fn in_order(cx: &Cx, n: usize, mut compare: impl FnMut(usize, usize) -> Ordering) -> Vec<usize> {
    let mut all: Vec<usize> = (0..n).collect();
    let mut pace = Pace::default();
    let mut run = 4096;
    for part in all.chunks_mut(run) {
        part.sort_by(|x, y| compare(*x, *y));
        // each is compared a dozen times
        if cx.lost(&mut pace, part.len() * 1024) {
            return Vec::new();
        }
    }
    while run < n {
        let mut merged = Vec::with_capacity(n);
        for pair in all.chunks(run * 2) {
            let (mut a, mut b) = pair.split_at(run.min(pair.len()));
            while let ([x, more @ ..], [y, others @ ..]) = (a, b) {
                if compare(*x, *y).is_le() {
                    merged.push(*x);
                    a = more;
                } else {
                    merged.push(*y);
                    b = others;
                }
                if cx.lost(&mut pace, 64) {
                    return Vec::new();
                }
            }
            merged.extend_from_slice(a);
            merged.extend_from_slice(b);
        }
        all = merged;
        run *= 2;
    }
    all
}
fn sorted<'a>(cx: &Cx, a: &[Val<'a>], desc: bool) -> Val<'a> {
    let Some(l) = list(a, 0) else {
        return join(&vec!["null"; a.len().max(1)]);
    };
    // a last truth value says where nulls go
    let nulls_last = match a.last() {
        Some(Val::Bool(b)) if a.len() > 1 => *b,
        _ => true,
    };
    let vals: Vec<Val> = l.iter().map(|e| json::plain(e)).collect();
    let order = in_order(cx, l.len(), |x, y| {
        let (p, q) = (&vals[x], &vals[y]);
        match (p.is_null(), q.is_null()) {
            (true, true) => return Ordering::Equal,
            (true, false) => {
                return if nulls_last {
                    Ordering::Greater
                } else {
                    Ordering::Less
                };
            }
            (false, true) => {
                return if nulls_last {
                    Ordering::Less
                } else {
                    Ordering::Greater
                };
            }
            _ => {}
        }
        let o = rank(p)
            .cmp(&rank(q))
            .then_with(|| super::ops::order(p, q).unwrap_or(Ordering::Equal));
        if desc { o.reverse() } else { o }
    });
    let mut out = Vec::new();
    for i in 0..a.len() {
        if matches!(a.get(i), Some(Val::Bool(_))) {
            break;
        }
        match list(a, i) {
            Some(m) if m.len() == l.len() => {
                let parts: Vec<&str> = order.iter().map(|k| m[*k]).collect();
                out.push(join(&parts).json().into_owned());
            }
            _ => out.push("null".into()),
        }
    }
    join(&out)
}
/// `array_sort_asc`: an array for each array given.
pub fn array_sort_asc<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    sorted(cx, a, false)
}
/// `array_sort_desc`
pub fn array_sort_desc<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    sorted(cx, a, true)
}
/// `repeat`
pub fn repeat<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match (a.first(), n(a, 1)) {
        (Some(v), Some(k)) if (0..=1_048_576).contains(&k) => {
            let e = v.json();
            if !cx.fits((e.len() + 1).saturating_mul(k as usize)) {
                return Val::Null;
            }
            join(&vec![&*e; k as usize])
        }
        _ => Val::Null,
    }
}
/// `range`
pub fn range<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(from), Some(to)) = (a.first(), a.get(1)) else {
        return Val::Null;
    };
    let kind = match (from, to, a.get(2)) {
        (Val::Date(_), ..) => Kind::Datetime,
        (Val::Span(_), ..) => Kind::Timespan,
        (Val::Long(_), Val::Long(_), None | Some(Val::Long(_))) => Kind::Long,
        _ => Kind::Real,
    };
    let one = match kind {
        Kind::Datetime | Kind::Timespan => Val::Span(crate::engine::time::DAY / 24),
        _ => Val::Long(1),
    };
    let step = a.get(2).unwrap_or(&one);
    match range_values(from, to, step, kind, 1_048_577) {
        Some(v) => {
            let parts: Vec<String> = (0..v.len())
                .map(|i| v.val(kind, i).json().into_owned())
                .collect();
            join(&parts)
        }
        None => Val::Null,
    }
}
/// `zip`
pub fn zip<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let lists: Vec<Vec<&str>> = (0..a.len()).filter_map(|i| list(a, i)).collect();
    let most = lists.iter().map(Vec::len).max().unwrap_or(0);
    let mut out = String::from("[");
    let mut pace = Pace::default();
    for i in 0..most {
        let from = out.len();
        for (k, l) in lists.iter().enumerate() {
            out.push_str(match (i, k) {
                (0, 0) => "[",
                (_, 0) => ",[",
                _ => ",",
            });
            out.push_str(l.get(i).copied().unwrap_or("null"));
        }
        out.push(']');
        if cx.more(&mut pace, out.len() - from, &out) {
            return Val::Null;
        }
    }
    out.push(']');
    dynamic(out)
}
/// The elements once each, in order.
fn unique<'x>(cx: &Cx, l: impl IntoIterator<Item = &'x str>) -> Vec<&'x str> {
    let mut seen = hashbrown::HashSet::new();
    let mut pace = Pace::default();
    l.into_iter()
        .take_while(|e| !cx.lost(&mut pace, e.len()))
        .filter(|e| seen.insert(*e))
        .collect()
}
/// `set_union`
pub fn set_union<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut all = Vec::new();
    for i in 0..a.len() {
        match list(a, i) {
            Some(l) => all.extend(l),
            None => return Val::Null,
        }
    }
    join(&unique(cx, all))
}
/// `set_intersect`
pub fn set_intersect<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(mut out) = list(a, 0).map(|l| unique(cx, l)) else {
        return Val::Null;
    };
    for i in 1..a.len() {
        let Some(l) = list(a, i) else {
            return Val::Null;
        };
        let l: hashbrown::HashSet<&str> = l.into_iter().collect();
        out.retain(|e| l.contains(e));
    }
    join(&out)
}
/// `set_difference`
pub fn set_difference<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(mut out) = list(a, 0).map(|l| unique(cx, l)) else {
        return Val::Null;
    };
    for i in 1..a.len() {
        let Some(l) = list(a, i) else {
            return Val::Null;
        };
        let l: hashbrown::HashSet<&str> = l.into_iter().collect();
        out.retain(|e| !l.contains(e));
    }
    join(&out)
}
/// `set_has_element`
pub fn set_has_element<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(l), Some(v)) = (list(a, 0), a.get(1)) else {
        return Val::Null;
    };
    let want = v.borrow().plain();
    Val::Bool(l.iter().any(|e| same(&json::plain(e), &want)))
}
/// `jaccard_index`
pub fn jaccard_index<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(x), Some(y)) = (
        list(a, 0).map(|l| unique(cx, l)),
        list(a, 1).map(|l| unique(cx, l)),
    ) else {
        return Val::Null;
    };
    let theirs: hashbrown::HashSet<&str> = y.iter().copied().collect();
    let both = x.iter().filter(|e| theirs.contains(*e)).count();
    let all = x.len() + y.len() - both;
    if all == 0 {
        return Val::Real(f64::NAN);
    }
    Val::Real(both as f64 / all as f64)
}
/// `set_equals`
pub fn set_equals<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(x), Some(y)) = (
        list(a, 0).map(|l| unique(cx, l)),
        list(a, 1).map(|l| unique(cx, l)),
    ) else {
        return Val::Null;
    };
    let theirs: hashbrown::HashSet<&str> = y.iter().copied().collect();
    Val::Bool(x.len() == y.len() && x.iter().all(|e| theirs.contains(e)))
}
