//! Aggregates that pick a row: `arg_max`, `arg_min`, `take_any`.

use super::{Agg, Rows, Spec, same};
use crate::engine::eval::ops::order;
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector, concat};
use std::any::Any;
use std::cmp::Ordering;

/// The rows picked are remembered by place; their values are gathered at the end.
struct Pick {
    /// By which a row is better than another; none: the first one.
    max: Option<bool>,
    best: Vec<Val<'static>>,
    /// Which batch and which row of it.
    place: Vec<Option<(u32, u32)>>,
    batches: Vec<Vec<Vector>>,
    kinds: Vec<Kind>,
    outputs: usize,
    cond: Option<usize>,
    /// `any` takes the first value that is one, for each argument.
    filled: bool,
}

/// `arg_max`, `arg_min` and their old forms.
pub fn arg_extreme(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Pick {
        max: Some(s.name.ends_with("max")),
        best: Vec::new(),
        place: Vec::new(),
        batches: Vec::new(),
        kinds: s.kinds.clone(),
        outputs: s.outputs.len(),
        cond: None,
        filled: false,
    }))
}
/// `take_any`, `any` and with a condition.
pub fn take_any(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Pick {
        max: None,
        best: Vec::new(),
        place: Vec::new(),
        batches: Vec::new(),
        kinds: s.kinds.clone(),
        outputs: s.outputs.len(),
        cond: s.name.ends_with("if").then(|| s.kinds.len() - 1),
        filled: s.outputs.len() == 1,
    }))
}

fn empty(v: &Val) -> bool {
    v.is_null() || matches!(v, Val::Str(s) if s.is_empty())
}

impl Pick {
    fn better(&self, new: &Val, old: &Val) -> bool {
        if empty(old) {
            return !empty(new);
        }
        match order(new, old) {
            Some(Ordering::Greater) => self.max == Some(true),
            Some(Ordering::Less) => self.max == Some(false),
            _ => false,
        }
    }
}

impl Agg for Pick {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.place.resize(count, None);
        self.best.resize(count, Val::Null);
        let rows = Rows::of(args, self.cond, groups.len());
        let batch = self.batches.len() as u32;
        self.batches.push(args.to_vec());
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        for (i, g) in groups.iter().enumerate() {
            if !rows.counts(i) {
                continue;
            }
            let g = *g as usize;
            if self.max.is_none() {
                let want = self.place[g].is_none() || (self.filled && empty(&self.best[g]));
                if want {
                    let x = v.val(*kind, i);
                    if self.place[g].is_none() || !empty(&x) {
                        if self.filled {
                            self.best[g] = x.owned();
                        }
                        self.place[g] = Some((batch, i as u32));
                    }
                }
                continue;
            }
            let x = v.val(*kind, i);
            let x = if *kind == Kind::Dynamic { x.plain() } else { x };
            if self.place[g].is_none() || self.better(&x, &self.best[g]) {
                self.best[g] = x.owned();
                self.place[g] = Some((batch, i as u32));
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.place.resize(count, None);
        self.best.resize(count, Val::Null);
        let Some(o) = same::<Pick>(later) else { return };
        let shift = self.batches.len() as u32;
        let o = *o;
        self.batches.extend(o.batches);
        for (g, (place, best)) in o.place.into_iter().zip(o.best).enumerate() {
            let Some((b, r)) = place else { continue };
            let take = match (self.place[g], self.max) {
                (None, _) => true,
                (Some(_), None) => self.filled && empty(&self.best[g]) && !empty(&best),
                (Some(_), Some(_)) => self.better(&best, &self.best[g]),
            };
            if take {
                self.place[g] = Some((b + shift, r));
                self.best[g] = best;
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.place.resize(count, None);
        (0..self.outputs)
            .map(|c| {
                let kind = self.kinds.get(c).copied().unwrap_or(Kind::Dynamic);
                if let [one] = &self.batches[..]
                    && let Some(v) = one.get(c)
                {
                    let rows: Vec<u32> = self
                        .place
                        .iter()
                        .map(|p| p.map_or(crate::engine::vector::NO_ROW, |p| p.1))
                        .collect();
                    return concat(kind, &[&v.take(&rows)], None);
                }
                let mut b = Build::new(kind);
                for p in &self.place {
                    match p.and_then(|(batch, row)| {
                        Some((self.batches.get(batch as usize)?.get(c)?, row))
                    }) {
                        Some((v, row)) => b.push(v.val(kind, row as usize)),
                        None => b.null(),
                    }
                }
                b.finish()
            })
            .collect()
    }
    // the columns it picks from are those of the input, mostly
    fn bytes(&self) -> usize {
        self.place.len() * 12 + self.best.len() * 32
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
