//! The Kusto query language as hunts use it: text to tokens and tree (`syntax`), names and
//! types (`bind`, over `schema` and `functions`), what an editor asks (`service`), and queries
//! run on columns (`engine`). No network, no clock; files only in `load` and what is above it.
#![forbid(unsafe_code)]
// an arm names the case, the `if` in it what is asked there; folding both hides the case
#![allow(clippy::collapsible_match, clippy::collapsible_if)]

pub mod bind;
pub mod cli;
pub mod engine;
pub mod functions;
pub mod load;
pub mod schema;
pub mod service;
pub mod syntax;
pub mod types;
