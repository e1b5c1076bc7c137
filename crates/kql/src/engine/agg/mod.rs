//! Aggregates: a state for all groups at once, fed with columns, merged, finished.

mod distinct;
mod extremes;
mod hashes;
mod numbers;
mod pairs;
mod percentile;
mod pick;
mod schema;
mod sets;
mod sketch;
mod spread;
mod together;

use super::expr::Expr;
use super::guard::Guard;
use super::value::Kind;
use super::vector::Vector;
use std::any::Any;
use std::sync::Arc;

pub use distinct::*;
pub use extremes::*;
pub use numbers::*;
pub use percentile::*;
pub use pick::*;
pub use schema::*;
pub use sets::*;
pub use sketch::*;
pub use spread::*;
pub use together::*;

/// An aggregate as a query calls it.
#[derive(Clone, Debug)]
pub struct Spec {
    /// Its name.
    pub name: &'static str,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// Their kinds.
    pub kinds: Vec<Kind>,
    /// What it gives, a column each.
    pub outputs: Vec<Kind>,
    /// Threads that feed it, each a state of its own, and that may finish it.
    pub threads: usize,
    /// What stops the query; a state that would grow beyond its share of the room says so here.
    pub(crate) guard: Arc<Guard>,
}

impl Spec {
    /// The kind of an argument.
    pub fn kind(&self, i: usize) -> Kind {
        self.kinds.get(i).copied().unwrap_or(Kind::Dynamic)
    }
    /// The kind of the first value it gives.
    pub fn out(&self) -> Kind {
        self.outputs.first().copied().unwrap_or(Kind::Dynamic)
    }
    /// The constant that an argument is.
    pub fn constant(&self, i: usize) -> Option<&super::value::Val<'static>> {
        self.args.get(i)?.value()
    }
    /// Where the condition of an `…if` stands among the arguments.
    pub fn condition(&self, at: usize) -> Option<usize> {
        self.name
            .trim_end_matches("_if")
            .len()
            .ne(&self.name.len())
            .then_some(at)
            .or_else(|| (self.name.ends_with("if") && !self.name.ends_with("_if")).then_some(at))
    }
}

/// Makes the state of an aggregate; the error is for the person.
pub type AggNew = fn(&Spec) -> Result<Box<dyn Agg>, String>;

/// The state of an aggregate over all groups.
pub trait Agg: Send {
    /// Takes in the rows of a part: the group of each, how many groups there are in all, and
    /// the arguments' values.
    fn update(&mut self, groups: &[u32], count: usize, args: &[Vector], kinds: &[Kind]);
    /// Takes in the state of rows that come after these.
    fn merge(&mut self, later: Box<dyn Agg>, count: usize);
    /// The values, a row a group.
    fn finish(self: Box<Self>, count: usize) -> Vec<Vector>;
    /// Bytes held, about.
    fn bytes(&self) -> usize {
        0
    }
    /// For `merge`, which knows what the other is.
    fn any(self: Box<Self>) -> Box<dyn Any>;
}

/// The other state as what it is.
pub(crate) fn same<T: 'static>(a: Box<dyn Agg>) -> Option<Box<T>> {
    a.any().downcast::<T>().ok()
}

/// Which rows count, by the condition of an `…if`; all without one.
pub(crate) struct Rows(Option<Vec<bool>>);

impl Rows {
    pub fn of(args: &[Vector], at: Option<usize>, rows: usize) -> Rows {
        Rows(at.and_then(|i| args.get(i)).map(|v| {
            (0..rows)
                .map(|i| v.val(Kind::Bool, i).truth() == Some(true))
                .collect()
        }))
    }
    #[inline]
    pub fn counts(&self, i: usize) -> bool {
        self.0.as_ref().is_none_or(|c| c.get(i) == Some(&true))
    }
    pub fn all(&self) -> bool {
        self.0.is_none()
    }
}
