//! Plug-ins that count who was active when: windows of a timeline, distinct values in each,
//! compared with the windows before.

use super::rel::{Part, Rel};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, Val};
use super::vector::Build;
use crate::bind::env::TableRef;
use crate::syntax::{Id, N};
use hashbrown::{HashMap, HashSet};
use std::collections::BTreeMap;

/// Plug-ins of this file.
pub(super) fn counts_activity(name: &str) -> bool {
    matches!(
        name,
        "activity_counts_metrics"
            | "active_users_count"
            | "sliding_window_counts"
            | "activity_metrics"
            | "activity_engagement"
            | "new_activity_metrics"
    )
}

/// Who was active when, by the combination of dimensions.
struct Acts {
    /// The dimensions' values, in the order met.
    dims: Vec<Vec<Val<'static>>>,
    /// Dimension, instant, who.
    rows: Vec<(u32, i64, u32)>,
    time: Kind,
}

/// The windows of a timeline.
#[derive(Clone, Copy)]
struct Windows {
    start: i64,
    end: i64,
    step: i64,
}

/// Most windows a plug-in goes through.
const MOST_WINDOWS: i64 = 1_000_000;

impl Windows {
    fn of(&self, t: i64) -> i64 {
        (i128::from(t) - i128::from(self.start)).div_euclid(i128::from(self.step.max(1))) as i64
    }
    fn at(&self, n: i64) -> i64 {
        self.start.saturating_add(self.step.saturating_mul(n))
    }
    fn inside(&self, t: i64) -> bool {
        (self.start..=self.end).contains(&t)
    }
}

type Seen = HashSet<u32>;

impl Session<'_> {
    pub(super) fn activity(&mut self, node: Id, name: &str, args: &[Id], input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        self.b.row = Some(input.table.clone());
        // a plug-in without its bounds takes those of the rows
        let bounded = match name {
            "activity_engagement" => args.len() >= 6,
            "activity_metrics" => args.len() >= 5,
            _ => true,
        };
        let first = if bounded { 4 } else { 2 };
        let more = match name {
            "activity_engagement" | "sliding_window_counts" => 2,
            "active_users_count" => 4,
            _ => 1,
        };
        let mut numbers = Vec::new();
        for a in args.iter().take(first + more).skip(2) {
            let v = self.constant(*a)?;
            match v.long() {
                Some(n) => numbers.push(n),
                None => {
                    return self.fail(
                        ErrorKind::Semantic,
                        *a,
                        "a date, a span or a whole number is expected",
                    );
                }
            }
        }
        let mut rest: Vec<Id> = args.iter().skip(first + more).copied().collect();
        let mut cohort = None;
        let mut earlier: Vec<String> = Vec::new();
        if name == "new_activity_metrics" {
            if let Some(a) = rest.first().copied()
                && !self.is_table(a)
            {
                // a constant, or a dimension
                let n = self.node_name(a);
                let column =
                    self.t().kind(a) == N::NameRef && input.table.cols.iter().any(|c| c.name == n);
                if !column {
                    cohort = self.constant(a)?.long();
                    rest.remove(0);
                }
            }
            if let Some(a) = rest.last().copied()
                && self.is_table(a)
            {
                rest.pop();
                let row = self.b.row.take();
                let rel = self.tabular(a);
                self.b.row = row;
                let rel = rel?;
                let id = self.node_name(args[0]);
                let at = rel.table.cols.iter().position(|c| c.name == id);
                let Some(at) = at.or((rel.table.cols.len() == 1).then_some(0)) else {
                    return self.fail(ErrorKind::Semantic, a, "no column of it has the ids");
                };
                for p in &rel.parts {
                    for i in 0..p.rows {
                        earlier.push(p.cols[at].val(rel.kind(at), i).json().into_owned());
                    }
                }
            }
        }
        let (acts, ids) = self.acts(args, &rest, &input)?;
        let before: Seen = earlier.iter().filter_map(|x| ids.get(x).copied()).collect();
        let (start, end) = match bounded {
            true => (numbers[0], numbers[1]),
            false => {
                let times = acts.rows.iter().map(|r| r.1);
                (times.clone().min().unwrap_or(0), times.max().unwrap_or(0))
            }
        };
        let spans = &numbers[if bounded { 2 } else { 0 }..];
        let (windows, wide) = match (name, spans) {
            ("sliding_window_counts", [look, step]) => (*step, *look),
            ("active_users_count", [look, _, _, step]) => (*step, *look),
            ("activity_engagement", [inner, outer]) => (*inner, *outer),
            (_, [step, ..]) => (*step, *step),
            _ => return self.unsupported(node, "this"),
        };
        let w = Windows {
            start,
            end,
            step: windows,
        };
        if windows <= 0 || wide <= 0 {
            return self.fail(ErrorKind::Runtime, node, "a window is longer than nothing");
        }
        if end < start {
            return Ok(Rel::empty(table));
        }
        if w.of(end) > MOST_WINDOWS || wide / windows > MOST_WINDOWS {
            return self.limit(node, "there are more than 1,000,000 windows");
        }
        self.check_cancel()?;
        let rows = match name {
            "activity_counts_metrics" => counts_metrics(&acts, w),
            "active_users_count" => active_users(&acts, w, wide, spans[1].max(1), spans[2]),
            "sliding_window_counts" => sliding(&acts, w, wide, false),
            "activity_engagement" => sliding(&acts, w, wide, true),
            "activity_metrics" => metrics(&acts, w),
            _ => new_metrics(&acts, w, cohort, &before),
        };
        Ok(self.activity_table(table, &acts, rows))
    }

    /// Instants and ids of the rows; the ids' numbers come with them.
    fn acts(&mut self, args: &[Id], dims: &[Id], input: &Rel) -> Res<(Acts, HashMap<String, u32>)> {
        self.b.row = Some(input.table.clone());
        let (Some(id), Some(time)) = (args.first(), args.get(1)) else {
            return self.unsupported(0, "this");
        };
        let (id, time_expr) = (self.scalar(*id)?, self.scalar(*time)?);
        if !time_expr.kind.is_int() {
            return self.unsupported(
                *time,
                "a timeline that is neither a date, a span nor whole numbers",
            );
        }
        let mut exprs = Vec::new();
        for d in dims {
            exprs.push(self.scalar(*d)?);
        }
        let mut out = Acts {
            dims: Vec::new(),
            rows: Vec::new(),
            time: time_expr.kind,
        };
        let mut ids: HashMap<String, u32> = HashMap::new();
        let mut keys: HashMap<String, u32> = HashMap::new();
        for p in &input.parts {
            self.check_cancel()?;
            let who = id.eval(p, &mut self.cx);
            let when = time_expr.eval(p, &mut self.cx);
            let by: Vec<_> = exprs.iter().map(|e| e.eval(p, &mut self.cx)).collect();
            for i in 0..p.rows {
                let Some(t) = when.val(time_expr.kind, i).long() else {
                    continue;
                };
                let vals: Vec<Val> = by
                    .iter()
                    .zip(&exprs)
                    .map(|(v, e)| v.val(e.kind, i))
                    .collect();
                let key: String = vals.iter().map(|v| format!("{}\u{1}", v.json())).collect();
                let n = keys.len() as u32;
                let d = *keys.entry(key).or_insert(n);
                if d as usize == out.dims.len() {
                    out.dims.push(vals.into_iter().map(Val::owned).collect());
                }
                let n = ids.len() as u32;
                let who = who.val(id.kind, i).json().into_owned();
                out.rows.push((d, t, *ids.entry(who).or_insert(n)));
            }
        }
        Ok((out, ids))
    }

    /// Instants first, then the dimensions, then the numbers.
    fn activity_table(&mut self, table: TableRef, acts: &Acts, rows: Vec<Line>) -> Rel {
        let mut builds: Vec<Build> = table
            .cols
            .iter()
            .map(|c| Build::new(Kind::of(c.ty)))
            .collect();
        let count = rows.len();
        for line in rows {
            let times = line.times.into_iter().map(|t| match acts.time {
                Kind::Datetime => Val::Date(t),
                Kind::Timespan => Val::Span(t),
                _ => Val::Long(t),
            });
            let dims = acts
                .dims
                .get(line.dim as usize)
                .into_iter()
                .flatten()
                .map(Val::borrow);
            let mut all = times.chain(dims).chain(line.values);
            for b in &mut builds {
                b.push(all.next().unwrap_or(Val::Null));
            }
        }
        let cols = builds.into_iter().map(Build::finish).collect();
        Rel::one(table, Part { rows: count, cols })
    }
}

/// A row of a result.
struct Line {
    times: Vec<i64>,
    dim: u32,
    values: Vec<Val<'static>>,
}

fn count(n: usize) -> Val<'static> {
    Val::Long(n as i64)
}

/// By dimension and window: how many rows, and who.
fn by_window(acts: &Acts, w: Windows) -> BTreeMap<(u32, i64), (usize, Seen)> {
    let mut out: BTreeMap<(u32, i64), (usize, Seen)> = BTreeMap::new();
    for (d, t, who) in acts.rows.iter().filter(|r| w.inside(r.1)) {
        let slot = out.entry((*d, w.of(*t))).or_default();
        slot.0 += 1;
        slot.1.insert(*who);
    }
    out
}

fn counts_metrics(acts: &Acts, w: Windows) -> Vec<Line> {
    let mut out = Vec::new();
    let mut seen: HashMap<u32, Seen> = HashMap::new();
    for ((dim, n), (rows, who)) in by_window(acts, w) {
        let all = seen.entry(dim).or_default();
        let new = who.iter().filter(|x| !all.contains(*x)).count();
        all.extend(&who);
        out.push(Line {
            times: vec![w.at(n)],
            dim,
            values: vec![count(rows), count(who.len()), count(new), count(all.len())],
        });
    }
    out
}

fn active_users(acts: &Acts, w: Windows, look: i64, period: i64, least: i64) -> Vec<Line> {
    let mut times: HashMap<(u32, u32), Vec<i64>> = HashMap::new();
    for (d, t, who) in &acts.rows {
        times.entry((*d, *who)).or_default().push(*t);
    }
    let mut active: BTreeMap<(u32, i64), Seen> = BTreeMap::new();
    for ((d, who), mut list) in times {
        list.sort_unstable();
        let mut from = 0;
        for (i, t) in list.iter().enumerate() {
            // the look-back reaches to, but not into, the instant that long ago
            while list[from] <= t.saturating_sub(look) {
                from += 1;
            }
            if !w.inside(*t) {
                continue;
            }
            let mut periods: Vec<i64> = list[from..=i]
                .iter()
                .map(|x| x.div_euclid(period))
                .collect();
            periods.dedup();
            if periods.len() as i64 >= least {
                active.entry((d, w.of(*t))).or_default().insert(who);
            }
        }
    }
    active
        .into_iter()
        .map(|((dim, n), who)| Line {
            times: vec![w.at(n)],
            dim,
            values: vec![count(who.len())],
        })
        .collect()
}

/// Counts over the windows of a look-back; or those of one window beside those of the look-back.
fn sliding(acts: &Acts, w: Windows, look: i64, ratio: bool) -> Vec<Line> {
    let wide = (look + w.step - 1) / w.step;
    let earliest = w.start.saturating_sub(look).saturating_add(w.step);
    let mut windows: BTreeMap<(u32, i64), (usize, Seen)> = BTreeMap::new();
    for (d, t, who) in &acts.rows {
        if *t < earliest || *t > w.end {
            continue;
        }
        let slot = windows.entry((*d, w.of(*t))).or_default();
        slot.0 += 1;
        slot.1.insert(*who);
    }
    let last = w.of(w.end);
    let mut out = Vec::new();
    let dims: Vec<u32> = (0..acts.dims.len() as u32).collect();
    for dim in dims {
        for n in 0..=last {
            let range = (dim, n - wide + 1)..=(dim, n);
            let (mut rows, mut who) = (0, Seen::new());
            for (_, (k, ids)) in windows.range(range) {
                rows += k;
                who.extend(ids);
            }
            if rows == 0 {
                continue;
            }
            let inner = windows.get(&(dim, n)).map_or(0, |(_, s)| s.len());
            if ratio && inner == 0 {
                continue;
            }
            let values = if ratio {
                vec![
                    count(inner),
                    count(who.len()),
                    Val::Real(inner as f64 / who.len() as f64),
                ]
            } else {
                vec![count(rows), count(who.len())]
            };
            out.push(Line {
                times: vec![w.at(n)],
                dim,
                values,
            });
        }
    }
    out
}

fn metrics(acts: &Acts, w: Windows) -> Vec<Line> {
    let windows = by_window(acts, w);
    let none = Seen::new();
    windows
        .iter()
        .map(|((dim, n), (_, who))| {
            let before = windows.get(&(*dim, n - 1)).map_or(&none, |x| &x.1);
            let back = who.iter().filter(|x| before.contains(*x)).count();
            let kept = back as f64 / before.len() as f64;
            Line {
                times: vec![w.at(*n)],
                dim: *dim,
                values: vec![
                    count(who.len()),
                    count(who.len() - back),
                    Val::Real(kept),
                    Val::Real(1.0 - kept),
                ],
            }
        })
        .collect()
}

fn new_metrics(acts: &Acts, w: Windows, cohort: Option<i64>, before: &Seen) -> Vec<Line> {
    let windows = by_window(acts, w);
    let last = w.of(w.end);
    let none = Seen::new();
    let mut out = Vec::new();
    for dim in 0..acts.dims.len() as u32 {
        let in_window = |n: i64| windows.get(&(dim, n)).map_or(&none, |x| &x.1);
        let mut seen: Seen = before.clone();
        for from in 0..=last {
            let new: Seen = in_window(from).difference(&seen).copied().collect();
            seen.extend(&new);
            if new.is_empty() || cohort.is_some_and(|c| c != w.at(from)) {
                continue;
            }
            for to in from..=last {
                let there = in_window(to);
                let fresh = if to == from {
                    new.len()
                } else {
                    there.difference(&seen).count()
                };
                let kept = new.intersection(there).count();
                let share = kept as f64 / new.len() as f64;
                out.push(Line {
                    times: vec![w.at(from), w.at(to)],
                    dim,
                    values: vec![
                        count(fresh),
                        count(kept),
                        count(new.len() - kept),
                        Val::Real(share),
                        Val::Real(1.0 - share),
                    ],
                });
            }
        }
    }
    out
}
