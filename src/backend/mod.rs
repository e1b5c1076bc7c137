//! The network side: tokens, requests, paging, polling and writes, on two threads of its own that the screen never waits for.

pub mod ports;
