//! The Kusto query language as hunts use it: text to tokens and tree (`syntax`), names and
//! types (`bind`, over `schema` and `functions`), and what an editor asks (`service`).
//! Pure: no files, no network, no clock.
#![forbid(unsafe_code)]

pub mod bind;
pub mod cli;
pub mod functions;
pub mod schema;
pub mod service;
pub mod syntax;
pub mod types;
