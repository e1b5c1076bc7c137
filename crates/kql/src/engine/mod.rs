//! Runs queries on columns: text in, result rows out.
//!
//! [`run`] binds the text as any other user of the binder does, then walks the tree operator by
//! operator: the binder, driven live, says names and types of each step's result, and the
//! step's rows are worked out a part at a time. Tables come from a [`Catalog`].

mod activity;
pub mod agg;
mod answer;
mod builtin;
mod calls;
mod catalog;
mod compile;
mod decimal;
pub mod eval;
mod expand;
mod expr;
mod graph;
mod group;
mod join;
pub mod json;
mod kernels;
mod literal;
mod matcher;
mod named;
mod near;
mod nested;
mod ops;
mod order;
mod parse;
mod path;
mod places;
mod plugins;
mod reduce;
mod rel;
mod rest;
mod run;
mod scan;
mod series;
mod session;
mod sketch;
mod sources;
mod summarize;
#[cfg(test)]
mod tests;
pub mod time;
mod union;
pub mod value;
mod vector;

pub use answer::{Answer, Render, write_value};
pub use catalog::{Catalog, Externals, Provider, Stored, Want};
pub use expr::{Cx, ScalarFn, WholeFn};
pub use places::use_places;
pub use run::{ErrorKind, Options, RunError, run};
pub use vector::Vector;
