//! The Kusto query language.
