//! Bytes in, bytes out: sockets, guards, the journal, faults on the wire. What is answered is decided in `tenant` and below.

pub(crate) mod answer;
pub(crate) mod ask;
mod guard;
mod handle;
pub mod journal;
pub mod running;
mod serve;
