//! The cache on disk: what was last seen, so that the first frame has rows and everything seen stays readable offline.
//!
//! `Db` is the database; `Store` runs it on a thread of its own. `redact` keeps off the disk what must not lie there.

pub mod db;
pub mod redact;

pub use db::{Db, DbFault, Kept, Seen};
