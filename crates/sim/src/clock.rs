//! The tenant's clock: it starts where it was told to, runs as fast as it was told to, and can be pushed forward by a test.
//!
//! Everything the simulator does in time (expiry, budgets, arrivals, actions) reads this clock, so eight hours can pass in a minute.

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};

/// A clock that may start anywhere, run at another pace (0 stands still) and be advanced.
#[derive(Debug)]
pub struct Clock {
    origin: Instant,
    start: Timestamp,
    scale: f64,
    offset_ms: AtomicI64,
    skew_ms: AtomicI64,
}

impl Clock {
    /// A clock that reads `start` now and runs `scale` times as fast as the wall.
    pub fn new(start: Timestamp, scale: f64) -> Self {
        let scale = if scale.is_finite() && scale >= 0.0 {
            scale
        } else {
            1.0
        };
        Self {
            origin: Instant::now(),
            start,
            scale,
            offset_ms: AtomicI64::new(0),
            skew_ms: AtomicI64::new(0),
        }
    }

    /// The tenant's true time.
    pub fn now(&self) -> Timestamp {
        let run = self.origin.elapsed().as_secs_f64() * self.scale * 1000.0;
        let ms = (run as i64).saturating_add(self.offset_ms.load(Ordering::Relaxed));
        self.start
            .saturating_add(SignedDuration::from_millis(ms))
            .unwrap_or(self.start)
    }

    /// What the services believe the time to be: true time plus the scenario's skew.
    pub fn told(&self) -> Timestamp {
        let skew = SignedDuration::from_millis(self.skew_ms.load(Ordering::Relaxed));
        let now = self.now();
        now.saturating_add(skew).unwrap_or(now)
    }

    /// Pushes the clock forward.
    pub fn advance(&self, by: Duration) {
        let ms = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
        self.offset_ms.fetch_add(ms, Ordering::Relaxed);
    }

    pub(crate) fn set_skew(&self, skew: SignedDuration) {
        let ms = i64::try_from(skew.as_millis()).unwrap_or(0);
        self.skew_ms.store(ms, Ordering::Relaxed);
    }

    /// Milliseconds of tenant time since the epoch, for budgets.
    pub(crate) fn millis(&self) -> i64 {
        self.now().as_millisecond()
    }
}

/// An instant as the services write it: seven fractional digits at most, trailing zeros dropped, always `Z`.
pub(crate) fn iso(at: Timestamp) -> String {
    let at = Timestamp::from_nanosecond(at.as_nanosecond() / 100 * 100).unwrap_or(at);
    at.to_string()
}

/// An instant as the `Date` header writes it.
pub(crate) fn http_date(at: Timestamp) -> String {
    at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stands_still_at_scale_nought_and_moves_when_pushed() {
        let start: Timestamp = "2026-08-20T12:00:00Z".parse().unwrap();
        let clock = Clock::new(start, 0.0);
        assert_eq!(clock.now(), start);
        clock.advance(Duration::from_secs(90));
        assert_eq!(iso(clock.now()), "2026-08-20T12:01:30Z");
        clock.set_skew(SignedDuration::from_hours(-1));
        assert_eq!(http_date(clock.told()), "Thu, 20 Aug 2026 11:01:30 GMT");
        assert_eq!(iso(clock.now()), "2026-08-20T12:01:30Z");
    }
}
