//! Runs queries on columns: text in, result rows out.
//!
//! [`run`] binds the text as any other user of the binder does, then walks the tree operator by
//! operator: the binder, driven live, says names and types of each step's result, and the
//! step's rows are worked out a part at a time. Tables come from a [`Catalog`].

mod account;
mod activity;
pub mod agg;
mod answer;
mod apart;
mod builtin;
mod calls;
mod catalog;
mod compile;
mod cx;
mod decimal;
pub mod eval;
mod expand;
mod expr;
#[cfg(test)]
mod extremes_tests;
mod gate;
mod graph;
mod group;
mod guard;
mod join;
pub mod json;
mod kernels;
#[cfg(test)]
mod limits_tests;
mod literal;
mod matcher;
mod named;
mod near;
mod nested;
mod ops;
mod order;
mod parse;
mod parts;
mod path;
mod places;
mod plugins;
mod rank;
mod reduce;
mod rel;
mod rest;
mod run;
mod scan;
mod series;
mod session;
mod sketch;
mod sources;
#[cfg(test)]
mod stops_tests;
mod summarize;
#[cfg(test)]
mod tests;
pub mod time;
mod union;
pub mod value;
mod vector;
mod wanted;
#[cfg(test)]
mod wanted_tests;

pub use answer::{Answer, Render, write_value};
pub use catalog::{Catalog, Externals, Provider, Stored, Want};
pub use expr::{Cx, ScalarFn, WholeFn};
pub use places::use_places;
pub use run::{ErrorKind, Options, RunError, run};
pub use vector::Vector;
