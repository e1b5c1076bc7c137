//! `summarize` and `distinct`: keys to groups, then every aggregate over the groups.

use super::agg::{Agg, Spec};
use super::expr::Expr;
use super::group::{Groups, group, local};
use super::rel::{Part, Rel, SHARED_FROM};
use super::session::{Res, Session};
use super::value::{Kind, Val};
use super::vector::Vector;
use crate::functions::{Eval, Row};
use crate::syntax::{Id, N};

/// Aggregates met while expressions are compiled; their values are columns after the keys.
#[derive(Default)]
pub(super) struct Aggs {
    pub specs: Vec<Spec>,
    /// First column of each spec.
    pub at: Vec<usize>,
    pub width: usize,
    /// Calls compiled already.
    pub known: Vec<(usize, Id, usize)>,
    /// Columns that are keys.
    pub by: Vec<usize>,
}

impl Session<'_> {
    pub(super) fn aggregate_call(&mut self, node: Id, row: &'static Row, args: &[Id]) -> Res<Expr> {
        let first = self.aggregate(node, row, args)?;
        let kind = self
            .aggs
            .as_ref()
            .and_then(|a| a.specs.iter().zip(&a.at).find(|(_, at)| **at == first))
            .and_then(|(s, _)| s.outputs.first().copied())
            .unwrap_or(Kind::Dynamic);
        Ok(Expr::col(first, kind))
    }

    /// Notes an aggregate and gives the first of its columns.
    fn aggregate(&mut self, node: Id, row: &'static Row, args: &[Id]) -> Res<usize> {
        let tree = self.b.tree_no;
        if let Some(a) = &self.aggs
            && let Some((_, _, at)) = a.known.iter().find(|k| (k.0, k.1) == (tree, node))
        {
            return Ok(*at);
        }
        let Some(Eval::Aggregate(new)) = row.eval else {
            return self.unsupported(node, &format!("the aggregate `{}`", row.name));
        };
        let aggs = self.aggs.take();
        let by: Vec<usize> = aggs.as_ref().map(|a| a.by.clone()).unwrap_or_default();
        let compiled = self.aggregate_args(row.name, args, &by);
        self.aggs = aggs;
        let exprs = compiled?;
        let kind = self.kind_or(node, exprs.first().map_or(Kind::Long, |e| e.kind));
        let mut spec = Spec {
            name: row.name,
            kinds: exprs.iter().map(|e| e.kind).collect(),
            args: exprs,
            outputs: vec![kind],
            threads: self.options.threads,
            guard: self.guard.clone(),
        };
        match row.name {
            "arg_max" | "arg_min" | "argmax" | "argmin" => {
                spec.outputs = spec.kinds.clone();
                if row.name == "argmax" || row.name == "argmin" {
                    spec.outputs = spec.kinds.clone();
                }
            }
            "take_any" | "any" | "take_anyif" | "anyif" => {
                let n = spec.kinds.len()
                    - usize::from(row.name.ends_with("if") && spec.kinds.len() > 1);
                spec.outputs = spec.kinds.iter().take(n).copied().collect();
            }
            "percentiles" | "percentilesw" | "percentile" | "percentilew" => {
                let skip = if row.name.ends_with('w') { 2 } else { 1 };
                let n = spec.kinds.len().saturating_sub(skip).max(1);
                let k = match spec.kinds.first() {
                    Some(Kind::Int) => Kind::Long,
                    Some(k) => *k,
                    None => Kind::Long,
                };
                spec.outputs = vec![k; n];
            }
            _ => {}
        }
        // known to work before rows are read
        if let Err(why) = new(&spec) {
            return self.fail(super::run::ErrorKind::Semantic, node, why);
        }
        spec.name = row.name;
        let Some(a) = &mut self.aggs else {
            return self.unsupported(node, "an aggregate here");
        };
        let at = a.width;
        a.width += spec.outputs.len();
        a.specs.push(spec);
        a.at.push(at);
        a.known.push((tree, node, at));
        Ok(at)
    }

    fn aggregate_args(&mut self, name: &str, args: &[Id], by: &[usize]) -> Res<Vec<Expr>> {
        let t = self.t();
        let star = args.iter().any(|a| t.kind(*a) == N::Star);
        if !star {
            return self.arguments(args);
        }
        // each column once, and no key
        let mut out: Vec<Expr> = Vec::new();
        let mut done: Vec<usize> = Vec::new();
        let ranked = name.starts_with("arg");
        for (i, a) in args.iter().enumerate() {
            let list = self.arguments(&[*a])?;
            for e in list {
                if let super::expr::Node::Col(c) = e.node {
                    let skip = (i > 0 || !ranked) && (done.contains(&c) || by.contains(&c));
                    if skip {
                        continue;
                    }
                    done.push(c);
                }
                out.push(e);
            }
        }
        Ok(out)
    }

    /// A value of a call that gives several.
    pub(super) fn part_of_call(&mut self, call: Id, nth: usize) -> Res<Option<Expr>> {
        let t = self.t();
        let (Some(name), Some(list)) = (t.child(call, 0), t.child_of(call, N::Args)) else {
            return Ok(None);
        };
        let text = t.text_of(name);
        let all = crate::functions::all();
        if self.aggs.is_some()
            && let Some(f) = all.aggregate(text)
        {
            let args: Vec<Id> = t.children(list).collect();
            let first = self.aggregate(call, f.row, &args)?;
            let kind = self.aggs.as_ref().and_then(|a| {
                let i = a.at.iter().position(|at| *at == first)?;
                a.specs.get(i)?.outputs.get(nth).copied()
            });
            return match kind {
                Some(k) => Ok(Some(Expr::col(first + nth, k))),
                None => self.unsupported(call, "so many values of an aggregate"),
            };
        }
        if super::eval::gives_several(text) {
            let e = self.call_value(call)?;
            let index = Expr::constant(Val::Long(nth as i64), Kind::Long);
            let whole = Expr {
                kind: Kind::Dynamic,
                ..e
            };
            return Ok(Some(Expr::call(
                super::path::element,
                vec![whole, index],
                Kind::Dynamic,
            )));
        }
        Ok(None)
    }

    pub(super) fn summarize(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let by: Vec<Id> = t
            .child_of(node, N::By)
            .map(|b| t.children(b).filter(|c| t.kind(*c) != N::ByBin).collect())
            .unwrap_or_default();
        let mut keys = Vec::new();
        for k in &by {
            keys.push(self.compile(*k)?);
        }
        let segment = input.segmented;
        if segment {
            keys.push(Expr::col(input.width() - 1, Kind::Long));
        }
        let base = keys.len();
        let outer = self.aggs.replace(Aggs {
            width: base,
            by: keys
                .iter()
                .filter_map(|k| match k.node {
                    super::expr::Node::Col(c) => Some(c),
                    _ => None,
                })
                .collect(),
            ..Aggs::default()
        });
        // which column is which value: keys first, then those of the aggregates
        let mut exprs = Vec::new();
        let result = (|| {
            for c in table.cols.iter() {
                let e = match self.origin(c) {
                    Some((n, nth)) => match by.iter().position(|b| *b == n) {
                        Some(i) => Expr::col(i, keys[i].kind),
                        None => self.nth_value(n, nth)?,
                    },
                    None => Expr::constant(Val::Null, Kind::of(c.ty)),
                };
                exprs.push(e);
            }
            Ok(())
        })();
        let aggs = std::mem::replace(&mut self.aggs, outer).unwrap_or_default();
        result?;
        let grouped = self.aggregated(&input, &keys, aggs.specs, by.is_empty() && !segment)?;
        let hidden = base + usize::from(false);
        let mut out = self.compute_over(table, exprs, grouped.clone())?;
        if segment {
            for (p, g) in out.parts.iter_mut().zip(&grouped) {
                p.cols.extend(g.cols.get(hidden - 1).cloned());
            }
            out.segmented = true;
        }
        Ok(out)
    }

    fn compute_over(
        &mut self,
        table: crate::bind::env::TableRef,
        exprs: Vec<Expr>,
        parts: Vec<Part>,
    ) -> Res<Rel> {
        let empty = self.b.table(Vec::new(), false);
        let rel = Rel {
            table: empty,
            parts,
            serialized: false,
            segmented: false,
        };
        self.compute(table, exprs, rel)
    }

    /// Keys and aggregates as columns, a row a group.
    pub(super) fn aggregated(
        &mut self,
        input: &Rel,
        keys: &[Expr],
        specs: Vec<Spec>,
        always: bool,
    ) -> Res<Vec<Part>> {
        let groups = self.groups(input, keys)?;
        let count = if always {
            groups.count.max(1)
        } else {
            groups.count
        };
        let states = self.accumulate(input, &groups, &specs, count)?;
        let mut cols = groups.keys;
        for s in states {
            let made = s.finish(count);
            self.guard.charge(made.iter().map(Vector::heap_bytes).sum());
            self.check_cancel()?;
            cols.extend(made);
        }
        if count == 0 {
            return Ok(Vec::new());
        }
        Ok(vec![Part { rows: count, cols }])
    }

    pub(super) fn groups(&mut self, input: &Rel, keys: &[Expr]) -> Res<Groups> {
        if keys.is_empty() {
            let any = input.rows() > 0;
            return Ok(Groups {
                ids: input.parts.iter().map(|p| vec![0; p.rows]).collect(),
                count: usize::from(any),
                keys: Vec::new(),
            });
        }
        let kinds: Vec<Kind> = keys.iter().map(|k| k.kind).collect();
        let done = self.each_part(&input.parts, |p, cx| {
            let vals: Vec<Vector> = keys.iter().map(|k| k.eval(p, cx)).collect();
            let locals: Vec<super::group::Local> = vals
                .iter()
                .zip(&kinds)
                .map(|(v, k)| local(v, *k, p.rows))
                .collect();
            (vals, locals)
        })?;
        let (vals, locals): (Vec<_>, Vec<_>) = done.into_iter().unzip();
        if vals.is_empty() {
            return Ok(Groups {
                ids: Vec::new(),
                count: 0,
                keys: kinds
                    .iter()
                    .map(|k| super::vector::Build::new(*k).finish())
                    .collect(),
            });
        }
        let groups = group(&vals, locals, &kinds, &self.guard);
        self.check()?;
        Ok(groups)
    }

    /// Every aggregate over the groups: each thread takes a run of parts, and the runs are
    /// merged in order, so that the number of threads does not show.
    fn accumulate(
        &mut self,
        input: &Rel,
        groups: &Groups,
        specs: &[Spec],
        count: usize,
    ) -> Res<Vec<Box<dyn Agg>>> {
        let make = || -> Vec<Box<dyn Agg>> {
            specs
                .iter()
                .filter_map(|s| {
                    let f = crate::functions::all().aggregate(s.name)?;
                    match f.row.eval {
                        Some(Eval::Aggregate(new)) => new(s).ok(),
                        _ => None,
                    }
                })
                .collect()
        };
        let now = self.options.now;
        let guard = &self.guard;
        // none where the query is lost
        let run = |from: usize, to: usize| -> Option<Vec<Box<dyn Agg>>> {
            let mut cx = super::expr::Cx::new(now, guard.clone());
            let mut states = make();
            let mut held = 0;
            for p in from..to {
                let (Some(part), Some(ids)) = (input.parts.get(p), groups.ids.get(p)) else {
                    continue;
                };
                if guard.step(part.rows as u64) {
                    return None;
                }
                let mut bytes = 0;
                for (s, spec) in states.iter_mut().zip(specs) {
                    let args: Vec<Vector> =
                        spec.args.iter().map(|a| a.eval(part, &mut cx)).collect();
                    s.update(ids, count, &args, &spec.kinds);
                    bytes += s.bytes();
                }
                cx.end_part();
                if guard.charge(bytes.saturating_sub(held)) {
                    return None;
                }
                held = bytes.max(held);
            }
            Some(states)
        };
        let n = input.parts.len();
        let threads = self.options.threads.clamp(1, n.max(1));
        let result = if threads < 2 || input.rows() < SHARED_FROM {
            run(0, n)
        } else {
            let cut = |i: usize| n * i / threads;
            let runs: Vec<Option<Vec<Box<dyn Agg>>>> = std::thread::scope(|s| {
                let run = &run;
                let others: Vec<_> = (1..threads)
                    .map(|i| s.spawn(move || run(cut(i), cut(i + 1))))
                    .collect();
                let mut all = vec![run(0, cut(1))];
                for o in others {
                    match o.join() {
                        Ok(r) => all.push(r),
                        Err(p) => std::panic::resume_unwind(p),
                    }
                }
                all
            });
            self.check()?;
            let mut merged: Option<Vec<Box<dyn Agg>>> = None;
            for states in runs.into_iter().flatten() {
                match &mut merged {
                    None => merged = Some(states),
                    Some(m) => {
                        for (a, b) in m.iter_mut().zip(states) {
                            let before = a.bytes();
                            a.merge(b, count);
                            self.guard.charge(a.bytes().saturating_sub(before));
                            self.check_cancel()?;
                        }
                    }
                }
            }
            merged
        };
        self.check_cancel()?;
        Ok(result.unwrap_or_default())
    }

    pub(super) fn distinct(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let exprs = self.output_exprs(&table, &input)?;
        let rel = self.compute(table, exprs, input)?;
        let keys: Vec<Expr> = (0..rel.width())
            .map(|i| Expr::col(i, rel.kind(i)))
            .collect();
        if keys.is_empty() {
            return Ok(rel);
        }
        let groups = self.groups(&rel, &keys)?;
        let parts = if groups.count == 0 {
            Vec::new()
        } else {
            vec![Part {
                rows: groups.count,
                cols: groups.keys,
            }]
        };
        Ok(Rel {
            serialized: false,
            ..rel.with(parts)
        })
    }
}
