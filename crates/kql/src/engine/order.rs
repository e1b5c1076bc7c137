//! `sort` and `top`: rows by keys, nulls where asked.

use super::expr::{Cx, Expr};
use super::rank::{self, Lane};
use super::rel::{PART_ROWS, Part, Rel};
use super::session::{Res, Session};
use super::value::Kind;
use crate::syntax::{Id, N, T};

/// A key of a sort.
#[derive(Clone, Debug)]
pub(super) struct Key {
    pub expr: Expr,
    pub desc: bool,
    pub nulls_first: bool,
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
        let whole = self.whole(&input)?;
        let rows = self.sorted(&whole, &keys, None)?;
        let parts = rows.chunks(PART_ROWS).map(|r| whole.take(r)).collect();
        let mut out = input.with(parts);
        out.serialized = true;
        Ok(out)
    }

    pub(super) fn sorted(
        &mut self,
        part: &Part,
        keys: &[Key],
        most: Option<usize>,
    ) -> Res<Vec<u32>> {
        let rows = sorted_rows(part, keys, most, &mut self.cx, self.options.threads);
        self.cx.end_part();
        self.check()?;
        Ok(rows)
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
            let whole = self.whole(&input)?;
            let rows = self.sorted(&whole, &keys, None)?;
            let sorted = input.with(vec![whole.take(&rows)]);
            let mut out = self.take_segments(sorted, n)?;
            out.serialized = true;
            return Ok(out);
        }
        // the best of each part, then the best of those
        let parts = self.each_part(&input.parts, |p, cx| {
            let mut rows = sorted_rows(p, &keys, Some(n), cx, 1);
            rows.sort_unstable();
            p.take(&rows)
        })?;
        let whole = self.whole(&input.with(parts))?;
        let rows = self.sorted(&whole, &keys, Some(n))?;
        let mut out = input.with(vec![whole.take(&rows)]);
        out.serialized = true;
        Ok(out)
    }
}

/// The rows of a part in order; with `most`, only the first of them.
pub(super) fn sorted_rows(
    part: &Part,
    keys: &[Key],
    most: Option<usize>,
    cx: &mut Cx,
    threads: usize,
) -> Vec<u32> {
    let lanes: Vec<Lane> = keys
        .iter()
        .map(|k| Lane::of(k, k.expr.eval(part, cx), part.rows))
        .collect();
    rank::sorted(&lanes, part.rows, most, &cx.guard, threads)
}

fn segment_key(input: &Rel) -> Key {
    Key {
        expr: Expr::col(input.width() - 1, Kind::Long),
        desc: false,
        nulls_first: true,
    }
}
