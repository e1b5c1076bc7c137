//! A simulated tenant.

pub mod world;
