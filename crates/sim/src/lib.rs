//! A simulated tenant.
