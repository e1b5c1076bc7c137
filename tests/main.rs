//! All integration tests in one binary: each file below links nothing again.

mod layers;
