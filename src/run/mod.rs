//! Drives: the only code that sees both sides. Waits for events, lets `app` decide, performs the effects, draws once.
//!
//! `core` performs effects for any surface; `console` is the terminal's loop, `seats` the tenants in it; `stage` is the same program without a
//! terminal, for screenshots and end-to-end tests.

pub mod clock;
pub mod console;
pub mod core;
pub mod drafts;
pub mod elsewhere;
mod fan;
mod given;
pub mod history;
pub mod keep;
pub mod library;
pub mod record;
pub mod screen;
pub mod seats;
pub mod set_up;
pub mod silent;
pub mod stage;
pub mod who;

pub use clock::Clock;
pub use console::{First, console};
