//! The clocks, read here for everybody: `app` gets times with its events, `backend` through its port.

use crate::backend::ports;
use crate::model::Ticks;
use crate::model::time::SECOND;
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
        let ahead = ahead();
        let wall = self
            .fixed
            .unwrap_or_else(|| Ticks::from_timestamp(jiff::Timestamp::now()));
        Now {
            mono: self.start.elapsed() + ahead,
            wall: Ticks(wall.0 + ahead.as_secs() as i64 * SECOND),
        }
    }
}

/// How far the clocks are ahead of the machine's. In development builds a file may say it, in seconds, so that a test of the
/// whole program need not wait for minutes; a program that is given to people knows nothing of that.
#[cfg(debug_assertions)]
fn ahead() -> Duration {
    static FILE: std::sync::OnceLock<Option<std::ffi::OsString>> = std::sync::OnceLock::new();
    let file = FILE.get_or_init(|| std::env::var_os("WATCHFLOOR_TEST_AHEAD"));
    let text = file.as_ref().and_then(|f| std::fs::read_to_string(f).ok());
    let seconds: u32 = text.and_then(|t| t.trim().parse().ok()).unwrap_or(0);
    Duration::from_secs(seconds.into())
}

#[cfg(not(debug_assertions))]
fn ahead() -> Duration {
    Duration::ZERO
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
