//! How two columns vary together: `covariance` and its kin.

use super::{Agg, Rows, Spec, same};
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector};
use std::any::Any;

/// Count, means and the sum of products of the differences from them.
#[derive(Clone, Copy, Default)]
struct State {
    n: f64,
    x: f64,
    y: f64,
    c: f64,
}

struct Covariance {
    of: Vec<State>,
    cond: Option<usize>,
    population: bool,
}

/// `covariance`, `covariancep`, and with a condition.
pub fn covariance(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Covariance {
        of: Vec::new(),
        cond: s.condition(2),
        population: s.name.contains("ancep"),
    }))
}

impl Agg for Covariance {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.of.resize(count, State::default());
        let rows = Rows::of(args, self.cond, groups.len());
        let [a, b, ..] = args else { return };
        let kind = |i: usize| kinds.get(i).copied().unwrap_or(Kind::Real);
        for (i, g) in groups.iter().enumerate() {
            let pair = (a.val(kind(0), i).real(), b.val(kind(1), i).real());
            let ((Some(x), Some(y)), true) = (pair, rows.counts(i)) else {
                continue;
            };
            if let Some(s) = self.of.get_mut(*g as usize) {
                s.n += 1.0;
                let dx = x - s.x;
                s.x += dx / s.n;
                s.y += (y - s.y) / s.n;
                s.c += dx * (y - s.y);
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.of.resize(count, State::default());
        if let Some(o) = same::<Covariance>(later) {
            for (a, b) in self.of.iter_mut().zip(o.of) {
                let n = a.n + b.n;
                if n > 0.0 {
                    let (dx, dy) = (b.x - a.x, b.y - a.y);
                    a.c += b.c + dx * dy * a.n * b.n / n;
                    a.x += dx * b.n / n;
                    a.y += dy * b.n / n;
                    a.n = n;
                }
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.of.resize(count, State::default());
        let mut b = Build::new(Kind::Real);
        for s in &self.of {
            let over = if self.population { s.n } else { s.n - 1.0 };
            b.push(Val::Real(if over > 0.0 { s.c / over } else { 0.0 }));
        }
        vec![b.finish()]
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
