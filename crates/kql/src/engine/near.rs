//! Plug-ins that look at the rows around: `rows_near`, `rolling_percentile`; and the one that
//! compares states of distinct values.

use super::rel::{Part, Rel};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::sketch::Hll;
use super::value::{Kind, Val};
use super::vector::Build;
use crate::syntax::Id;
use hashbrown::HashMap;
use std::collections::BTreeMap;

/// The values of a window's bin, for a combination of dimensions.
type Bins = BTreeMap<i64, Vec<f64>>;

impl Session<'_> {
    /// Rows not farther than so many from one for which a condition holds.
    pub(super) fn rows_near(&mut self, node: Id, args: &[Id], input: Rel) -> Res<Rel> {
        self.bind_op(node, Some(&input))?;
        self.b.row = Some(input.table.clone());
        let (Some(condition), Some(count)) = (args.first(), args.get(1)) else {
            return self.unsupported(node, "this");
        };
        let e = self.scalar(*condition)?;
        let mut bounds = Vec::new();
        for a in [Some(count), args.get(2)].into_iter().flatten() {
            bounds.push(usize::try_from(self.constant(*a)?.long().unwrap_or(0)).unwrap_or(0));
        }
        let before = bounds.first().copied().unwrap_or(0);
        let after = bounds.get(1).copied().unwrap_or(before);
        let whole = self.whole(&input)?;
        let truths = e.truths(&whole, &mut self.cx);
        let mut rows: Vec<u32> = Vec::new();
        let mut next = 0;
        for (i, _) in truths.iter().enumerate().filter(|(_, t)| **t == 1) {
            let from = i.saturating_sub(before).max(next);
            let to = i.saturating_add(after).min(whole.rows - 1);
            rows.extend((from..=to).map(|r| r as u32));
            next = next.max(to + 1);
        }
        Ok(input.with(vec![whole.take(&rows)]))
    }

    /// How many values the first state has, the first two share, the first three share, …
    pub(super) fn dcount_intersect(&mut self, node: Id, args: &[Id], input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        self.b.row = Some(input.table.clone());
        let mut exprs = Vec::new();
        for a in args {
            exprs.push(self.scalar(*a)?);
        }
        let mut parts = Vec::new();
        for p in &input.parts {
            self.check_cancel()?;
            let vals: Vec<_> = exprs.iter().map(|e| e.eval(p, &mut self.cx)).collect();
            let mut builds: Vec<Build> = exprs.iter().map(|_| Build::new(Kind::Long)).collect();
            for i in 0..p.rows {
                let states: Vec<Hll> = vals
                    .iter()
                    .map_while(|v| Hll::read(&v.val(Kind::Dynamic, i)))
                    .collect();
                for (n, b) in builds.iter_mut().enumerate() {
                    let shared = states.get(..=n).and_then(Hll::shared);
                    b.push(shared.map_or(Val::Null, Val::Long));
                }
            }
            let mut part = p.clone();
            part.cols.extend(builds.into_iter().map(Build::finish));
            parts.push(part);
        }
        Ok(Rel {
            table,
            ..input.with(parts)
        })
    }

    /// The percentile over the bins of a window that ends at each bin.
    pub(super) fn rolling_percentile(&mut self, node: Id, args: &[Id], input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        self.b.row = Some(input.table.clone());
        let [value, percent, index, size, bins, dims @ ..] = args else {
            return self.unsupported(node, "this");
        };
        let (value, index_expr) = (self.scalar(*value)?, self.scalar(*index)?);
        let percent = self.constant(*percent)?.real().unwrap_or(50.0);
        let size = self.constant(*size)?.long().unwrap_or(0);
        let wide = self.constant(*bins)?.long().unwrap_or(0);
        if size <= 0 || wide <= 0 {
            return self.fail(ErrorKind::Runtime, node, "a window is longer than nothing");
        }
        if !index_expr.kind.is_int() {
            return self.unsupported(
                *index,
                "an index that is neither a date, a span nor whole numbers",
            );
        }
        let mut by = Vec::new();
        for d in dims {
            by.push(self.scalar(*d)?);
        }
        let whole = self.whole(&input)?;
        let vals = value.eval(&whole, &mut self.cx);
        let at = index_expr.eval(&whole, &mut self.cx);
        let keys: Vec<_> = by.iter().map(|e| e.eval(&whole, &mut self.cx)).collect();
        let mut known: HashMap<String, usize> = HashMap::new();
        let mut groups: Vec<(Vec<Val>, Bins)> = Vec::new();
        for i in 0..whole.rows {
            if i & 0xffff == 0 {
                self.check_cancel()?;
            }
            let (Some(x), Some(t)) = (
                vals.val(value.kind, i).real(),
                at.val(index_expr.kind, i).long(),
            ) else {
                continue;
            };
            let row: Vec<Val> = keys
                .iter()
                .zip(&by)
                .map(|(v, e)| v.val(e.kind, i))
                .collect();
            let key: String = row.iter().map(|v| format!("{}\u{1}", v.json())).collect();
            let n = groups.len();
            let g = *known.entry(key).or_insert(n);
            if g == n {
                groups.push((row, Bins::new()));
            }
            // bins of instants count from the year 1, as `bin` does
            let pair = match index_expr.kind {
                Kind::Datetime => [Val::Date(t), Val::Span(size)],
                Kind::Timespan => [Val::Span(t), Val::Span(size)],
                _ => [Val::Long(t), Val::Long(size)],
            };
            let t = super::eval::dates::bin(&mut self.cx, &pair)
                .long()
                .unwrap_or(t);
            groups[g].1.entry(t).or_default().push(x);
        }
        let mut builds: Vec<Build> = table
            .cols
            .iter()
            .map(|c| Build::new(Kind::of(c.ty)))
            .collect();
        let mut rows = 0;
        for (key, bins) in &groups {
            for t in bins.keys() {
                let from = t.saturating_sub(size.saturating_mul(wide - 1));
                let mut window: Vec<f64> = bins
                    .range(from..=*t)
                    .flat_map(|(_, v)| v)
                    .copied()
                    .collect();
                window.sort_by(f64::total_cmp);
                let want = (percent / 100.0 * window.len() as f64).ceil().max(1.0) as usize;
                let v = window.get(want.min(window.len()) - 1).copied();
                let at = match index_expr.kind {
                    Kind::Datetime => Val::Date(*t),
                    Kind::Timespan => Val::Span(*t),
                    _ => Val::Long(*t),
                };
                let mut all = std::iter::once(at)
                    .chain(key.iter().map(Val::borrow))
                    .chain(std::iter::once(v.map_or(Val::Null, Val::Real)));
                for b in &mut builds {
                    b.push(all.next().unwrap_or(Val::Null));
                }
                rows += 1;
            }
        }
        let cols = builds.into_iter().map(Build::finish).collect();
        Ok(Rel::one(table, Part { rows, cols }))
    }
}
