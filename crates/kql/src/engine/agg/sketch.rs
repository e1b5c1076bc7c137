//! Aggregates that make digests and states of distinct values, or join them.

use super::{Agg, Rows, Spec, same};
use crate::engine::sketch::{Digest, Hll};
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector};
use std::any::Any;

/// A state a group.
struct Sketches<T> {
    of: Vec<T>,
    cond: Option<usize>,
    /// Whether the values are states themselves.
    join: bool,
}

/// What is kept a group.
trait Sketch: Default + Clone + Send + 'static {
    fn take(&mut self, v: &Val, weight: f64);
    fn read(v: &Val) -> Option<Self>;
    fn join(&mut self, o: Self);
    fn write(self) -> Val<'static>;
    fn bytes(&self) -> usize;
    /// Whether the second argument is a weight.
    const WEIGHED: bool;
}

impl Sketch for Digest {
    fn take(&mut self, v: &Val, weight: f64) {
        self.add(v, weight);
    }
    fn read(v: &Val) -> Option<Digest> {
        Digest::read(v)
    }
    fn join(&mut self, o: Digest) {
        Digest::join(self, o);
    }
    fn write(self) -> Val<'static> {
        Digest::write(self)
    }
    fn bytes(&self) -> usize {
        Digest::bytes(self)
    }
    const WEIGHED: bool = true;
}

impl Sketch for Hll {
    fn take(&mut self, v: &Val, _: f64) {
        self.add(v);
    }
    fn read(v: &Val) -> Option<Hll> {
        Hll::read(v)
    }
    fn join(&mut self, o: Hll) {
        Hll::join(self, o);
    }
    fn write(self) -> Val<'static> {
        Hll::write(&self)
    }
    fn bytes(&self) -> usize {
        Hll::bytes(self)
    }
    const WEIGHED: bool = false;
}

fn new<T: Sketch>(s: &Spec) -> Box<dyn Agg> {
    Box::new(Sketches::<T> {
        of: Vec::new(),
        cond: s.condition(1),
        join: s.name.contains("merge"),
    })
}

/// `hll`, `hll_if`, `hll_merge`.
pub fn hll(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(new::<Hll>(s))
}
/// `tdigest`, `tdigest_merge`, `merge_tdigest`.
pub fn tdigest(s: &Spec) -> Result<Box<dyn Agg>, String> {
    Ok(new::<Digest>(s))
}

impl<T: Sketch> Agg for Sketches<T> {
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]) {
        self.of.resize(count, T::default());
        let rows = Rows::of(args, self.cond, groups.len());
        let (Some(v), Some(kind)) = (args.first(), kinds.first()) else {
            return;
        };
        for (i, g) in groups.iter().enumerate() {
            if !rows.counts(i) {
                continue;
            }
            let x = v.val(*kind, i);
            let Some(slot) = self.of.get_mut(*g as usize) else {
                continue;
            };
            if self.join {
                if let Some(o) = T::read(&x) {
                    slot.join(o);
                }
                continue;
            }
            let weight = match (args.get(1), kinds.get(1)) {
                (Some(w), Some(k)) if T::WEIGHED => w.val(*k, i).real().unwrap_or(0.0),
                _ => 1.0,
            };
            slot.take(&x, weight);
        }
    }
    fn merge(&mut self, later: Box<dyn Agg>, count: usize) {
        self.of.resize(count, T::default());
        if let Some(o) = same::<Sketches<T>>(later) {
            for (a, b) in self.of.iter_mut().zip(o.of) {
                a.join(b);
            }
        }
    }
    fn finish(mut self: Box<Self>, count: usize) -> Vec<Vector> {
        self.of.resize(count, T::default());
        let mut b = Build::new(Kind::Dynamic);
        for s in self.of {
            b.push(s.write());
        }
        vec![b.finish()]
    }
    fn bytes(&self) -> usize {
        self.of.iter().map(|s| 48 + s.bytes()).sum()
    }
    fn any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
