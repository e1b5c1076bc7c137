//! Hunts that are kept: their heads (`front`), the starter pack (`pack`), detection rules of Sentinel (`sentinel`), what a
//! text touches (`touches`), and what is to know of tables (`tables`). All pure; folders are `run`'s.

pub mod cells;
pub mod front;
pub mod pack;
pub mod sentinel;
pub mod tables;
pub mod touches;

#[cfg(test)]
mod pack_tests;
