//! All integration tests in one binary: each file below links nothing again.

mod contract;
mod layers;
mod pty;
