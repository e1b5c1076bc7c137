//! The Kusto query language as hunts use it.
#![forbid(unsafe_code)]

pub mod syntax;
