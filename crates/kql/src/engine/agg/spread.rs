//! Standard deviations and variances. Sums are kept to twice the digits of a real number, so that
//! neither the order of rows nor the number of threads shows in the digits given.

use super::{Agg, Rows, Spec, same};
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector};
use std::any::Any;

/// A number as the sum of a real one and of what that lacks.
#[derive(Clone, Copy, Default)]
struct Wide {
    high: f64,
    low: f64,
}

impl Wide {
    fn of(high: f64, low: f64) -> Wide {
        let sum = high + low;
        Wide {
            high: sum,
            low: low - (sum - high),
        }
    }
    fn add(self, o: Wide) -> Wide {
        let sum = self.high + o.high;
        let part = sum - self.high;
        let lost = (self.high - (sum - part)) + (o.high - part);
        Wide::of(sum, lost + self.low + o.low)
    }
    fn square(self) -> Wide {
        let product = self.high * self.high;
        let lost = self.high.mul_add(self.high, -product);
        Wide::of(product, lost + 2.0 * self.high * self.low)
    }
    fn over(self, n: f64) -> Wide {
        let quotient = self.high / n;
        let rest = (-quotient).mul_add(n, self.high) + self.low;
        Wide::of(quotient, rest / n)
    }
    fn minus(self) -> Wide {
        Wide {
            high: -self.high,
            low: -self.low,
        }
    }
}

#[derive(Clone, Copy, Default)]
struct Moments {
    n: f64,
    sum: Wide,
    squares: Wide,
}

struct Spread {
    m: Vec<Moments>,
    cond: Option<usize>,
    population: bool,
    root: bool,
}

/// `stdev`, `variance`, those of populations, and with conditions.
pub fn spread(s: &Spec) -> Result<Box<dyn Agg>, String> {
    let base = s.name.trim_end_matches("if");
    Ok(Box::new(Spread {
        m: Vec::new(),
        cond: s.condition(1),
        population: base.ends_with('p'),
        root: base.starts_with("stdev"),
    }))
}

impl Agg for Spread {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.m.resize(count, Moments::default());
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        let rows = Rows::of(args, self.cond, groups.len());
        for (i, g) in groups.iter().enumerate() {
            if rows.counts(i)
                && let Some(x) = v.val(*kind, i).real()
            {
                let m = &mut self.m[*g as usize];
                let x = Wide { high: x, low: 0.0 };
                m.n += 1.0;
                m.sum = m.sum.add(x);
                m.squares = m.squares.add(x.square());
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.m.resize(count, Moments::default());
        if let Some(o) = same::<Spread>(later) {
            for (a, b) in self.m.iter_mut().zip(&o.m) {
                a.n += b.n;
                a.sum = a.sum.add(b.sum);
                a.squares = a.squares.add(b.squares);
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.m.resize(count, Moments::default());
        let mut b = Build::new(Kind::Real);
        for m in &self.m {
            let by = if self.population { m.n } else { m.n - 1.0 };
            let v = match by {
                x if x > 0.0 => {
                    let mean = m.sum.square().over(m.n);
                    let around = m.squares.add(mean.minus()).high;
                    // what rounding left below nothing is nothing; what is no number stays so
                    if around < 0.0 { 0.0 } else { around / x }
                }
                _ if m.n > 0.0 => 0.0,
                _ => f64::NAN,
            };
            b.push(Val::Real(if self.root { v.sqrt() } else { v }));
        }
        vec![b.finish()]
    }
    fn bytes(&self) -> usize {
        self.m.len() * std::mem::size_of::<Moments>()
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_kept_where_values_are_large_and_close() {
        let mut m = Moments::default();
        for n in 0..1000 {
            let x = Wide {
                high: 6.4e17 + f64::from(n) * 1024.0,
                low: 0.0,
            };
            m.n += 1.0;
            m.sum = m.sum.add(x);
            m.squares = m.squares.add(x.square());
        }
        let around = m.squares.add(m.sum.square().over(m.n).minus()).high;
        // of 0, 1024, … the sum of squares around the mean
        let want = 1024.0 * 1024.0 * (1000.0 * (1000.0 * 1000.0 - 1.0) / 12.0);
        assert!((around / want - 1.0).abs() < 1e-5, "{around} {want}");
    }
}
