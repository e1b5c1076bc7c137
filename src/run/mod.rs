//! Drives: the only code that sees both sides. Waits for events, lets `app` decide, performs the effects, draws once.
//!
//! Nothing ticks: the loop sleeps in one `recv`, with a time limit only while `app` asked to be woken.

pub mod keep;
pub mod who;

use crate::model::Ticks;
use crate::msg::Now;
use std::time::Instant;

/// Reads the clocks for `app`, which never does.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    pub fn now(&self) -> Now {
        Now {
            mono: self.start.elapsed(),
            wall: Ticks::from_timestamp(jiff::Timestamp::now()),
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

/// Opens the console and stays until the person leaves.
pub fn console(start: crate::cli::choose::Start) -> anyhow::Result<std::process::ExitCode> {
    drop(start);
    anyhow::bail!("no screen yet")
}
