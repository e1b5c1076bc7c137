//! Query options as the services read them: parsed, checked against what each collection supports, evaluated on rows.
//!
//! `filter` is the grammar, `eval` runs it on anything that is a [`eval::Row`], `check` refuses what a collection does not support,
//! `options` reads the whole query string, `search` is the directory's `$search`.

pub(crate) mod check;
pub(crate) mod eval;
pub(crate) mod filter;
pub(crate) mod options;
pub(crate) mod search;
