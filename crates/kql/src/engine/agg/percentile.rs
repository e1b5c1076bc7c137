//! Percentiles, exact: all values are kept.

use super::{Agg, Spec, same};
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector};
use std::any::Any;

struct Percentiles {
    /// Values with their weights.
    vals: Vec<Vec<(f64, i64, i64)>>,
    at: Vec<f64>,
    weighted: bool,
    array: bool,
    kind: Kind,
    total: usize,
}

/// `percentile`, `percentiles`, weighted ones, and those that give an array.
pub fn percentiles(s: &Spec) -> Result<Box<dyn Agg>, String> {
    let weighted = s.name.contains("ew") || s.name.contains("esw");
    let skip = if weighted { 2 } else { 1 };
    let mut at = Vec::new();
    for a in s.args.iter().skip(skip) {
        match a.value() {
            Some(Val::Dyn(d)) => at.extend(
                crate::engine::json::elements(d)
                    .filter_map(|e| crate::engine::json::plain(e).real()),
            ),
            Some(v) => at.extend(v.real()),
            None => return Err("percentiles are constants".into()),
        }
    }
    Ok(Box::new(Percentiles {
        vals: Vec::new(),
        at,
        weighted,
        array: s.name.ends_with("_array"),
        kind: s.kind(0),
        total: 0,
    }))
}

impl Agg for Percentiles {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.vals.resize(count, Vec::new());
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        for (i, g) in groups.iter().enumerate() {
            let x = v.val(*kind, i);
            let Some(r) = x.real() else { continue };
            let w = if self.weighted {
                args.get(1)
                    .and_then(|w| w.val(kinds.get(1).copied().unwrap_or(Kind::Long), i).long())
                    .unwrap_or(0)
            } else {
                1
            };
            if w > 0 {
                self.vals[*g as usize].push((r, x.long().unwrap_or(0), w));
                self.total += 1;
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.vals.resize(count, Vec::new());
        if let Some(o) = same::<Percentiles>(later) {
            self.total += o.total;
            for (a, b) in self.vals.iter_mut().zip(o.vals) {
                a.extend(b);
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.vals.resize(count, Vec::new());
        let as_val = |x: &(f64, i64, i64)| match self.kind {
            Kind::Datetime => Val::Date(x.1),
            Kind::Timespan => Val::Span(x.1),
            Kind::Int | Kind::Long => Val::Long(x.1),
            _ => Val::Real(x.0),
        };
        let out = match self.kind {
            Kind::Int => Kind::Long,
            k => k,
        };
        for v in &mut self.vals {
            v.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let pick = |v: &Vec<(f64, i64, i64)>, p: f64| {
            let total: f64 = v.iter().map(|x| x.2 as f64).sum();
            let want = (p / 100.0 * total).ceil().max(1.0);
            let mut sum = 0.0;
            for x in v {
                sum += x.2 as f64;
                if sum >= want {
                    return as_val(x);
                }
            }
            v.last().map_or(Val::Null, as_val)
        };
        if self.array {
            let mut b = Build::new(Kind::Dynamic);
            for v in &self.vals {
                let parts: Vec<String> = self
                    .at
                    .iter()
                    .map(|p| pick(v, *p).json().into_owned())
                    .collect();
                b.push_str(&format!("[{}]", parts.join(",")));
            }
            return vec![b.finish()];
        }
        self.at
            .iter()
            .map(|p| {
                let mut b = Build::new(out);
                for v in &self.vals {
                    b.push(pick(v, *p));
                }
                b.finish()
            })
            .collect()
    }
    fn bytes(&self) -> usize {
        self.total * 24
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
