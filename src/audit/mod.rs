//! The record: append-only JSONL, chained by hash, on disk before anything is sent.
//!
//! What it proves and against whom is in the security notes of the README: without a key, accidents and careless edits in
//! the middle. Verification and reconciling build on `Line` and `chain`. Neighbours: `backend` calls `append` for intent
//! and outcome; nothing else writes here.

pub mod file;
pub mod line;
mod port;

pub use file::{AuditFault, Record};
pub use line::{Entry, Line, Stage};
