//! `min` and `max`.

use super::{Agg, Rows, Spec, same};
use crate::engine::eval::ops::order;
use crate::engine::kernels::ints;
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector};
use std::any::Any;
use std::cmp::Ordering;

struct Extreme {
    ints: Vec<Option<i64>>,
    vals: Vec<Val<'static>>,
    kind: Kind,
    max: bool,
    cond: Option<usize>,
}

/// `min`, `max`, `minif`, `maxif`.
pub fn extreme(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Extreme {
        ints: Vec::new(),
        vals: Vec::new(),
        kind: s.kind(0),
        max: s.name.starts_with("max"),
        cond: s.condition(1),
    }))
}

impl Extreme {
    fn better(&self, new: &Val, old: &Val) -> bool {
        if old.is_null() {
            return !new.is_null();
        }
        match order(new, old) {
            Some(Ordering::Greater) => self.max,
            Some(Ordering::Less) => !self.max,
            _ => false,
        }
    }
    fn sized(&mut self, count: usize) {
        if self.kind.is_int() {
            self.ints.resize(count, None);
        } else {
            self.vals.resize(count, Val::Null);
        }
    }
}

impl Agg for Extreme {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], _: &[Kind]) {
        self.sized(count);
        let Some(v) = args.first() else { return };
        let rows = Rows::of(args, self.cond, groups.len());
        if self.kind.is_int()
            && let Some((x, valid)) = ints(v, groups.len())
        {
            for (i, (g, n)) in groups.iter().zip(x.iter()).enumerate() {
                if rows.counts(i) && valid.as_ref().is_none_or(|b| b.get(i)) {
                    let slot = &mut self.ints[*g as usize];
                    *slot = Some(match *slot {
                        None => *n,
                        Some(o) if self.max => o.max(*n),
                        Some(o) => o.min(*n),
                    });
                }
            }
            return;
        }
        for (i, g) in groups.iter().enumerate() {
            if !rows.counts(i) {
                continue;
            }
            let x = v.val(self.kind, i);
            let x = if self.kind == Kind::Dynamic {
                x.plain()
            } else {
                x
            };
            if matches!(&x, Val::Str(s) if s.is_empty()) {
                continue;
            }
            if self.better(&x, &self.vals[*g as usize]) {
                self.vals[*g as usize] = x.owned();
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.sized(count);
        if let Some(o) = same::<Extreme>(later) {
            let max = self.max;
            for (a, b) in self.ints.iter_mut().zip(o.ints) {
                *a = match (*a, b) {
                    (Some(x), Some(y)) if max => Some(x.max(y)),
                    (Some(x), Some(y)) => Some(x.min(y)),
                    (x, y) => x.or(y),
                };
            }
            for (i, b) in o.vals.into_iter().enumerate() {
                if self.vals.get(i).is_some_and(|a| self.better(&b, a)) {
                    self.vals[i] = b;
                }
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.sized(count);
        let mut b = Build::new(self.kind);
        if self.kind.is_int() {
            for n in &self.ints {
                b.push(match (self.kind, n) {
                    (_, None) => Val::Null,
                    (Kind::Datetime, Some(n)) => Val::Date(*n),
                    (Kind::Timespan, Some(n)) => Val::Span(*n),
                    (_, Some(n)) => Val::Long(*n),
                });
            }
        } else {
            for v in self.vals {
                b.push(v);
            }
        }
        vec![b.finish()]
    }
    fn bytes(&self) -> usize {
        self.ints.len() * 16 + self.vals.len() * 32
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
