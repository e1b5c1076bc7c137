//! `sort` and `top`: rows by keys, nulls where asked.

use super::expr::{Cx, Expr};
use super::rel::{Part, Rel};
use super::session::{Res, Session};
use super::value::Kind;
use super::vector::Vector;
use crate::syntax::{Id, N, T};
use std::cmp::Ordering;

/// A key of a sort.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub expr: Expr,
    pub desc: bool,
    pub nulls_first: bool,
}

/// The values of a key, ready to be compared.
pub(super) enum Ranked {
    Ints(Vec<i64>, Vec<bool>),
    Reals(Vec<f64>, Vec<bool>),
    /// Place of each row's text among the distinct ones.
    Codes(Vec<u32>),
    Texts(Vector, Kind),
}

impl Session<'_> {
    pub(super) fn sort_keys(&mut self, items: &[Id]) -> Res<Vec<Key>> {
        let t = self.t();
        let mut keys = Vec::new();
        for i in items {
            let (mut desc, mut first) = (true, None);
            if t.kind(*i) == N::Ordered {
                for k in t.tokens_of(*i) {
                    match k.kind {
                        T::Asc | T::GrannyAsc => desc = false,
                        T::First => first = Some(true),
                        T::Last => first = Some(false),
                        _ => {}
                    }
                }
            }
            keys.push(Key {
                expr: self.compile(*i)?,
                desc,
                nulls_first: first.unwrap_or(!desc),
            });
        }
        Ok(keys)
    }

    pub(super) fn sort(&mut self, node: Id, input: Rel) -> Res<Rel> {
        self.bind_op(node, Some(&input))?;
        let t = self.t();
        let items: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) != N::Param)
            .collect();
        let mut keys = self.sort_keys(&items)?;
        if input.segmented {
            keys.insert(0, segment_key(&input));
        }
        let whole = input.whole();
        let rows = self.sorted(&whole, &keys, None);
        let mut out = input.with(vec![whole.take(&rows)]);
        out.serialized = true;
        Ok(out)
    }

    pub(super) fn sorted(&mut self, part: &Part, keys: &[Key], most: Option<usize>) -> Vec<u32> {
        sorted_rows(part, keys, most, &mut self.cx)
    }

    pub(super) fn top(&mut self, node: Id, input: Rel) -> Res<Rel> {
        self.bind_op(node, Some(&input))?;
        let t = self.t();
        let items: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) != N::Param)
            .collect();
        let [count, by] = items[..] else {
            return self.unsupported(node, "this");
        };
        let n = self
            .constant(count)?
            .long()
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0);
        self.b.row = Some(input.table.clone());
        let keys = self.sort_keys(&[by])?;
        self.top_rows(input, keys, n)
    }

    pub(super) fn top_rows(&mut self, input: Rel, mut keys: Vec<Key>, n: usize) -> Res<Rel> {
        if input.segmented {
            keys.insert(0, segment_key(&input));
            let whole = input.whole();
            let rows = self.sorted(&whole, &keys, None);
            let sorted = input.with(vec![whole.take(&rows)]);
            let mut out = self.take_segments(sorted, n);
            out.serialized = true;
            return Ok(out);
        }
        // the best of each part, then the best of those
        let parts = self.each_part(&input.parts, |p, cx| {
            let mut rows = sorted_rows(p, &keys, Some(n), cx);
            rows.sort_unstable();
            p.take(&rows)
        })?;
        let whole = input.with(parts).whole();
        let rows = self.sorted(&whole, &keys, Some(n));
        let mut out = input.with(vec![whole.take(&rows)]);
        out.serialized = true;
        Ok(out)
    }
}

/// The rows of a part in order; with `most`, only the first of them.
pub(super) fn sorted_rows(part: &Part, keys: &[Key], most: Option<usize>, cx: &mut Cx) -> Vec<u32> {
    let ranked: Vec<(Ranked, bool, bool)> = keys
        .iter()
        .map(|k| {
            let v = k.expr.eval(part, cx);
            (rank(v, k.expr.kind, part.rows), k.desc, k.nulls_first)
        })
        .collect();
    let mut rows: Vec<u32> = (0..part.rows as u32).collect();
    let cmp = |a: &u32, b: &u32| {
        for (r, desc, nulls_first) in &ranked {
            let o = r.compare(*a as usize, *b as usize, *desc, *nulls_first);
            if o != Ordering::Equal {
                return o;
            }
        }
        a.cmp(b)
    };
    match most {
        Some(n) if n < rows.len() && n > 0 => {
            rows.select_nth_unstable_by(n - 1, cmp);
            rows.truncate(n);
            rows.sort_unstable_by(cmp);
        }
        Some(0) => rows.clear(),
        _ => rows.sort_unstable_by(cmp),
    }
    rows
}

fn segment_key(input: &Rel) -> Key {
    Key {
        expr: Expr::col(input.width() - 1, Kind::Long),
        desc: false,
        nulls_first: true,
    }
}

/// Makes values ready to be compared many times.
pub(super) fn rank(v: Vector, kind: Kind, rows: usize) -> Ranked {
    if kind.is_int()
        && let Some((x, valid)) = super::kernels::ints(&v, rows)
    {
        let nulls = (0..rows)
            .map(|i| valid.as_ref().is_some_and(|b| !b.get(i)))
            .collect();
        return Ranked::Ints(x.into_owned(), nulls);
    }
    if kind == Kind::Real || kind == Kind::Decimal || kind == Kind::Bool {
        let x: Vec<Option<f64>> = (0..rows).map(|i| v.val(kind, i).real()).collect();
        return Ranked::Reals(
            x.iter().map(|n| n.unwrap_or(0.0)).collect(),
            x.iter().map(Option::is_none).collect(),
        );
    }
    if let Some((d, sel)) = v.dict() {
        let mut order: Vec<u32> = (0..d.values().len() as u32).collect();
        order.sort_unstable_by(|a, b| d.values().get(*a as usize).cmp(d.values().get(*b as usize)));
        let mut place = vec![0u32; order.len() + 1];
        let mut last: Option<u32> = None;
        let mut n = 0;
        for o in &order {
            if let Some(l) = last
                && d.values().get(l as usize) != d.values().get(*o as usize)
            {
                n += 1;
            }
            place[*o as usize] = n + 1;
            last = Some(*o);
        }
        // nulls and empty texts are the same among strings
        let codes = (0..rows)
            .map(|i| {
                let r = Vector::row(sel, i);
                if r >= d.codes().len()
                    || d.is_null(r)
                    || d.values().get(d.codes().get(r)).is_empty()
                {
                    0
                } else {
                    place[d.codes().get(r)]
                }
            })
            .collect();
        return Ranked::Codes(codes);
    }
    Ranked::Texts(v, kind)
}

impl Ranked {
    fn compare(&self, a: usize, b: usize, desc: bool, nulls_first: bool) -> Ordering {
        let turn = |o: Ordering| if desc { o.reverse() } else { o };
        let null = |x: bool, y: bool| {
            match (x, y) {
                (true, true) => Some(Ordering::Equal),
                (false, false) => None,
                (true, false) => Some(Ordering::Less),
                (false, true) => Some(Ordering::Greater),
            }
            .map(|o| if nulls_first { o } else { o.reverse() })
        };
        match self {
            Ranked::Ints(x, n) => null(n[a], n[b]).unwrap_or_else(|| turn(x[a].cmp(&x[b]))),
            Ranked::Reals(x, n) => {
                // a NaN is below all numbers
                null(n[a], n[b]).unwrap_or_else(|| {
                    turn(match (x[a].is_nan(), x[b].is_nan()) {
                        (true, true) => Ordering::Equal,
                        (true, false) => Ordering::Less,
                        (false, true) => Ordering::Greater,
                        _ => x[a].partial_cmp(&x[b]).unwrap_or(Ordering::Equal),
                    })
                })
            }
            Ranked::Codes(c) => null(c[a] == 0, c[b] == 0).unwrap_or_else(|| turn(c[a].cmp(&c[b]))),
            Ranked::Texts(v, kind) => {
                if *kind == Kind::Dynamic {
                    let (x, y) = (v.val(*kind, a), v.val(*kind, b));
                    return null(x.is_null(), y.is_null()).unwrap_or_else(|| {
                        turn(
                            super::eval::ops::order(&x.plain(), &y.plain())
                                .unwrap_or(Ordering::Equal),
                        )
                    });
                }
                let (x, y) = (v.str_at(a).unwrap_or(""), v.str_at(b).unwrap_or(""));
                null(x.is_empty(), y.is_empty()).unwrap_or_else(|| turn(x.cmp(y)))
            }
        }
    }
}
