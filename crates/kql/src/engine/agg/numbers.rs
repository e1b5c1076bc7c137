//! Counts, sums, means and bits.

use super::{Agg, Rows, Spec, same};
use crate::engine::decimal::Dec;
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector, of_ints};
use std::any::Any;

/// `count`, `countif`.
pub fn count(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Count {
        n: Vec::new(),
        cond: (!s.args.is_empty()).then_some(0),
    }))
}
struct Count {
    n: Vec<i64>,
    cond: Option<usize>,
}
impl Agg for Count {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], _: &[Kind]) {
        self.n.resize(count, 0);
        let rows = Rows::of(args, self.cond, groups.len());
        if rows.all() {
            for g in groups {
                self.n[*g as usize] += 1;
            }
        } else {
            for (i, g) in groups.iter().enumerate() {
                self.n[*g as usize] += i64::from(rows.counts(i));
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.n.resize(count, 0);
        if let Some(o) = same::<Count>(later) {
            self.n.iter_mut().zip(o.n).for_each(|(a, b)| *a += b);
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.n.resize(count, 0);
        vec![of_ints(self.n, None)]
    }
    fn bytes(&self) -> usize {
        self.n.len() * 8
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// What a sum is kept in.
#[derive(Clone, Copy)]
struct Total {
    n: i64,
    long: i64,
    /// With what rounding lost, so that the order of adding hardly shows.
    real: f64,
    lost: f64,
    dec: Option<Dec>,
}
impl Default for Total {
    fn default() -> Total {
        Total {
            n: 0,
            long: 0,
            real: 0.0,
            lost: 0.0,
            dec: Some(Dec::of(0)),
        }
    }
}
impl Total {
    fn add_real(&mut self, x: f64) {
        let t = self.real + x;
        if t.is_finite() {
            self.lost += if self.real.abs() >= x.abs() {
                (self.real - t) + x
            } else {
                (x - t) + self.real
            };
        }
        self.real = t;
    }
    fn real(&self) -> f64 {
        self.real + self.lost
    }
}

struct Sum {
    t: Vec<Total>,
    kind: Kind,
    out: Kind,
    cond: Option<usize>,
    mean: bool,
    wide: Vec<i128>,
}
/// `sum`, `sumif`.
pub fn sum(s: &Spec) -> Result<Box<dyn Agg>, String> {
    summing(s, false)
}
/// `avg`, `avgif`.
pub fn avg(s: &Spec) -> Result<Box<dyn Agg>, String> {
    summing(s, true)
}
fn summing(s: &Spec, mean: bool) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(Sum {
        t: Vec::new(),
        kind: s.kind(0),
        out: s.out(),
        cond: s.condition(1),
        mean,
        wide: Vec::new(),
    }))
}
impl Agg for Sum {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.t.resize(count, Total::default());
        if self.mean {
            self.wide.resize(count, 0);
        }
        let Some(v) = args.first() else { return };
        let kind = kinds.first().copied().unwrap_or(self.kind);
        let rows = Rows::of(args, self.cond, groups.len());
        for (i, g) in groups.iter().enumerate() {
            if !rows.counts(i) {
                continue;
            }
            let g = *g as usize;
            let t = &mut self.t[g];
            match v.val(kind, i).plain() {
                Val::Null | Val::Str(_) | Val::Dyn(_) | Val::Guid(_) => {}
                Val::Real(x) => {
                    t.n += 1;
                    t.add_real(x);
                }
                Val::Dec(d) => {
                    t.n += 1;
                    t.dec = t.dec.and_then(|a| a.add(d));
                }
                x => {
                    let n = x.long().unwrap_or(0);
                    t.n += 1;
                    t.long = t.long.wrapping_add(n);
                    if self.mean {
                        self.wide[g] += i128::from(n);
                    }
                }
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.t.resize(count, Total::default());
        if let Some(o) = same::<Sum>(later) {
            if self.mean {
                self.wide.resize(count, 0);
                self.wide.iter_mut().zip(&o.wide).for_each(|(a, b)| *a += b);
            }
            for (a, b) in self.t.iter_mut().zip(&o.t) {
                a.n += b.n;
                a.long = a.long.wrapping_add(b.long);
                a.add_real(b.real);
                a.lost += b.lost;
                a.dec = a.dec.zip(b.dec).and_then(|(x, y)| x.add(y));
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.t.resize(count, Total::default());
        self.wide.resize(count, 0);
        let mut b = Build::new(self.out);
        for (t, wide) in self.t.iter().zip(&self.wide) {
            let v = if self.mean {
                if t.n == 0 {
                    // no mean of nothing
                    if self.out == Kind::Real {
                        Val::Real(f64::NAN)
                    } else {
                        Val::Null
                    }
                } else {
                    match self.out {
                        Kind::Timespan => Val::Span((*wide / i128::from(t.n)) as i64),
                        Kind::Datetime => Val::Date((*wide / i128::from(t.n)) as i64),
                        Kind::Decimal => t
                            .dec
                            .and_then(|d| d.div(Dec::of(t.n)))
                            .map_or(Val::Null, Val::Dec),
                        _ => Val::Real((t.real() + *wide as f64) / t.n as f64),
                    }
                }
            } else {
                match self.out {
                    Kind::Real => Val::Real(t.real() + t.long as f64),
                    Kind::Timespan => Val::Span(t.long),
                    Kind::Datetime => Val::Date(t.long),
                    Kind::Decimal => t.dec.map_or(Val::Null, Val::Dec),
                    Kind::Dynamic if t.real != 0.0 => Val::Real(t.real() + t.long as f64),
                    _ => Val::Long(t.long),
                }
            };
            b.push(v);
        }
        vec![b.finish()]
    }
    fn bytes(&self) -> usize {
        self.t.len() * std::mem::size_of::<Total>()
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// `binary_all_and` and its kin.
pub fn bits(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(Box::new(BitsOf {
        v: Vec::new(),
        op: s.name,
    }))
}
struct BitsOf {
    v: Vec<Option<i64>>,
    op: &'static str,
}
impl BitsOf {
    fn put(&mut self, g: usize, n: i64) {
        let a = self.v[g];
        self.v[g] = Some(match (a, self.op) {
            (None, _) => n,
            (Some(a), "binary_all_and") => a & n,
            (Some(a), "binary_all_or") => a | n,
            (Some(a), _) => a ^ n,
        });
    }
}
impl Agg for BitsOf {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.v.resize(count, None);
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        for (i, g) in groups.iter().enumerate() {
            if let Some(n) = v.val(*kind, i).long() {
                self.put(*g as usize, n);
            }
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.v.resize(count, None);
        if let Some(o) = same::<BitsOf>(later) {
            for (g, n) in o.v.iter().enumerate() {
                if let Some(n) = n {
                    self.put(g, *n);
                }
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.v.resize(count, None);
        let mut b = Build::new(Kind::Long);
        for n in &self.v {
            b.push(n.map_or(Val::Null, Val::Long));
        }
        vec![b.finish()]
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
