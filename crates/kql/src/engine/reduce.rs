//! `reduce` and `top-hitters`: rows gathered under what many of them share.

use super::expr::Expr;
use super::rel::{Part, Rel};
use super::session::{Res, Session};
use super::value::{Kind, Val, text};
use super::vector::{Build, Vector};
use crate::syntax::{Id, N};
use hashbrown::HashMap;

/// Rows that share a pattern.
struct Cluster {
    pattern: String,
    count: i64,
    first: u32,
}

impl Session<'_> {
    /// Texts are cut into words; a word of more than the threshold's share of rows at its place
    /// stays, the others are `*`. Rows alike are one pattern; those without a frequent word, or
    /// with too few like them, are `others`.
    pub(super) fn reduce(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let Some(by) = t
            .children(node)
            .find(|c| !matches!(t.kind(*c), N::Param | N::With))
        else {
            return self.unsupported(node, "this");
        };
        let with_rows = self.b.word_param(node, "kind") == Some("source");
        let mut threshold = 0.1;
        let mut separators: Option<String> = None;
        let mut params: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::Param)
            .collect();
        if let Some(w) = t.child_of(node, N::With) {
            params.extend(t.children(w).filter(|c| t.kind(*c) == N::Param));
        }
        for p in params {
            let (Some(n), Some(v)) = (t.child(p, 0), t.child(p, 1)) else {
                continue;
            };
            match t.text_of(n) {
                "threshold" => threshold = self.constant(v)?.real().unwrap_or(threshold),
                "characters" => separators = Some(self.constant(v)?.text().into_owned()),
                _ => {}
            }
        }
        self.b.row = Some(input.table.clone());
        let e = self.compile(by)?;
        let whole = self.whole(&input)?;
        let vals = e.eval(&whole, &mut self.cx);
        let all = whole.rows;
        let cuts = |c: char| match &separators {
            Some(s) => s.contains(c),
            None => c.is_ascii() && !c.is_ascii_alphanumeric(),
        };
        // separators that the query names are no part of the pattern
        let shown = separators.is_none();
        let mut words: HashMap<(usize, String), usize> = HashMap::new();
        for i in 0..all {
            if i & 0xffff == 0 {
                self.check_cancel()?;
            }
            let v = vals.val(e.kind, i);
            for (n, (w, _)) in cut(&v.text(), &cuts).into_iter().enumerate() {
                *words.entry((n, w.to_owned())).or_default() += 1;
            }
        }
        let enough = |n: usize| n as f64 > threshold * all as f64;
        words.retain(|_, n| enough(*n));
        let mut clusters: Vec<Cluster> = Vec::new();
        let mut at: HashMap<String, usize> = HashMap::new();
        let mut of = Vec::with_capacity(all);
        for i in 0..all {
            let v = vals.val(e.kind, i);
            let v = v.text();
            let mut pattern = String::new();
            let mut any = false;
            for (n, (w, after)) in cut(&v, &cuts).into_iter().enumerate() {
                if words.contains_key(&(n, w.to_owned())) {
                    any = true;
                    pattern.push_str(w);
                } else if !pattern.ends_with('*') {
                    pattern.push('*');
                }
                if shown {
                    pattern.push_str(after);
                }
            }
            let pattern = if any { pattern } else { String::new() };
            let n = clusters.len();
            let c = *at.entry(pattern.clone()).or_insert(n);
            if c == n {
                clusters.push(Cluster {
                    pattern,
                    count: 0,
                    first: i as u32,
                });
            }
            clusters[c].count += 1;
            of.push(c);
        }
        let lone = |c: &Cluster| c.pattern.is_empty() || !enough(c.count as usize);
        let others: i64 = clusters.iter().filter(|c| lone(c)).map(|c| c.count).sum();
        let row = |c: &Cluster| -> [Val<'static>; 3] {
            if lone(c) {
                return [text("others"), Val::Long(others), text("")];
            }
            let example = vals.val(e.kind, c.first as usize).text().into_owned();
            [text(c.pattern.clone()), Val::Long(c.count), text(example)]
        };
        let kinds = [Kind::String, Kind::Long, Kind::String];
        let mut builds: Vec<Build> = kinds.iter().map(|k| Build::new(*k)).collect();
        let mut push = |c: &Cluster| {
            for (b, v) in builds.iter_mut().zip(row(c)) {
                b.push(v);
            }
        };
        if with_rows {
            of.iter().for_each(|c| push(&clusters[*c]));
            let mut part = whole.clone();
            part.cols.extend(builds.into_iter().map(Build::finish));
            return Ok(Rel::one(table, part));
        }
        let mut order: Vec<&Cluster> = clusters.iter().filter(|c| !lone(c)).collect();
        order.sort_by_key(|c| -c.count);
        order.extend(clusters.iter().find(|c| lone(c)));
        order.iter().for_each(|c| push(c));
        let rows = order.len();
        let cols: Vec<Vector> = builds.into_iter().map(Build::finish).collect();
        Ok(Rel::one(table, Part { rows, cols }))
    }

    /// The values that come most often, or with the largest sum; counted, not estimated.
    pub(super) fn top_hitters(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let items: Vec<Id> = t
            .children(node)
            .filter(|c| !matches!(t.kind(*c), N::Param | N::By))
            .collect();
        let [count, of] = items[..] else {
            return self.unsupported(node, "this");
        };
        let by = t.child_of(node, N::By).and_then(|b| t.child(b, 0));
        let most = self.constant(count)?.long().unwrap_or(0).max(0) as usize;
        self.b.row = Some(input.table.clone());
        let key = self.compile(of)?;
        let (name, args) = match by {
            Some(b) => ("sum", vec![self.compile(b)?]),
            None => ("count", Vec::new()),
        };
        let kind = table.cols.get(1).map_or(Kind::Long, |c| Kind::of(c.ty));
        let spec = super::agg::Spec {
            name,
            kinds: args.iter().map(|a: &Expr| a.kind).collect(),
            args,
            outputs: vec![kind],
            threads: self.options.threads,
            guard: self.guard.clone(),
        };
        let parts = self.aggregated(&input, &[key], vec![spec], false)?;
        let key = super::order::Key {
            expr: Expr::col(1, kind),
            desc: true,
            nulls_first: false,
        };
        let rel = Rel {
            table,
            parts,
            serialized: false,
            segmented: false,
        };
        self.top_rows(rel, vec![key], most)
    }
}

/// The words of a text, each with the separators after it.
fn cut<'a>(s: &'a str, cuts: &impl Fn(char) -> bool) -> Vec<(&'a str, &'a str)> {
    let mut out = Vec::new();
    let mut rest = s;
    while !rest.is_empty() {
        let end = rest.find(cuts).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        let next = after.find(|c| !cuts(c)).unwrap_or(after.len());
        let (gap, after) = after.split_at(next);
        out.push((word, gap));
        rest = after;
    }
    out
}
