//! The clocks, read here for everybody: `app` gets times with its events, `backend` through its port.

use crate::backend::ports;
use crate::model::Ticks;
use crate::msg::Now;
use futures_util::future::BoxFuture;
use std::time::{Duration, Instant};

/// Monotonic time since the start, and the wall clock in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
    /// Stands still at this instant, for pictures and tests that must not depend on the day.
    fixed: Option<Ticks>,
}

impl Clock {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            fixed: None,
        }
    }

    /// A wall clock that stands still.
    pub fn standing_at(wall: Ticks) -> Self {
        Self {
            start: Instant::now(),
            fixed: Some(wall),
        }
    }

    pub fn now(&self) -> Now {
        let wall = self
            .fixed
            .unwrap_or_else(|| Ticks::from_timestamp(jiff::Timestamp::now()));
        Now {
            mono: self.start.elapsed(),
            wall,
        }
    }
}

impl Default for Clock {
    fn default() -> Self {
        Self::new()
    }
}

impl ports::Clock for Clock {
    fn now(&self) -> Now {
        Self::now(self)
    }

    fn sleep(&self, time: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::time::sleep(time))
    }
}
