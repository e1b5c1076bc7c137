//! The record: append-only JSONL, chained by hash, on disk before anything is sent.
//!
//! What it proves and against whom: without a key, accidents and careless edits in the middle; with one, edits by anyone
//! who lacks it; a missing tail or a rewrite by the same account only against a head outside (`heads`). `verify` claims
//! exactly that. Neighbours: `backend` calls `append` for intent and outcome; nothing else writes here.

mod beside;
pub mod file;
pub mod heads;
pub mod line;
mod port;
pub mod read;
pub mod runs;
mod sets;
mod tail;
pub mod verify;

pub use file::{AuditFault, Record, Writer};
pub use line::{Entry, Line, Stage};
