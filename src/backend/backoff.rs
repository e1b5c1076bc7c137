//! How long to wait before the next try: pure functions of what was waited before and a random number.

use crate::model::Ticks;
use crate::model::time::SECOND;
use std::time::Duration;

/// No service's wish to wait is believed beyond this.
const LONGEST: Duration = Duration::from_secs(3600);

/// Decorrelated jitter: between `base` and thrice the last wait, never above `cap`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Backoff {
    base: Duration,
    cap: Duration,
    last: Duration,
}

impl Backoff {
    pub fn new(base: Duration, cap: Duration) -> Self {
        let cap = cap.max(base);
        Self {
            base,
            cap,
            last: base,
        }
    }

    /// The next wait, for a random number from 0 to 1.
    pub fn next(&mut self, random: f64) -> Duration {
        let random = if random.is_finite() {
            random.clamp(0.0, 1.0)
        } else {
            0.5
        };
        let most = (self.last * 3).min(self.cap);
        let wait = self.base + most.saturating_sub(self.base).mul_f64(random);
        self.last = wait.min(self.cap);
        self.last
    }

    /// After a success the next failure begins small again.
    pub fn reset(&mut self) {
        self.last = self.base;
    }
}

/// `every` ± 20 %, so that instances started together drift apart.
pub fn spread(every: Duration, random: f64) -> Duration {
    every.mul_f64(0.8 + 0.4 * random.clamp(0.0, 1.0))
}

/// `Retry-After`: seconds, possibly with a fraction and then rounded up, or an HTTP date. Absent and absurd are `None`.
pub fn retry_after(value: Option<&str>, now: Ticks) -> Option<Duration> {
    let value = value?.trim();
    if let Ok(seconds) = value.parse::<f64>() {
        return (seconds.is_finite() && seconds >= 0.0)
            .then(|| Duration::from_secs_f64(seconds.ceil().min(LONGEST.as_secs_f64())));
    }
    let until = http_date(value)?;
    let ticks = until.0.saturating_sub(now.0).max(0);
    Some(Duration::from_secs((ticks as u64).div_ceil(SECOND as u64)).min(LONGEST))
}

/// The instant of a `Date` header.
pub fn http_date(value: &str) -> Option<Ticks> {
    jiff::fmt::rfc2822::parse(value.trim())
        .ok()
        .map(|z| Ticks::from_timestamp(z.timestamp()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn retry_after_is_a_float_a_date_or_nothing() {
        let now = http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        let secs = |v| retry_after(Some(v), now).map(|d| d.as_secs());
        assert_eq!(secs("2.128"), Some(3));
        assert_eq!(secs("0"), Some(0));
        assert_eq!(secs("Sun, 06 Nov 1994 08:50:37 GMT"), Some(60));
        assert_eq!(secs("Sun, 06 Nov 1994 08:40:37 GMT"), Some(0));
        assert_eq!(secs("1e99"), Some(3600));
        for odd in ["-1", "NaN", "inf", "soon", ""] {
            assert_eq!(secs(odd), None, "{odd}");
        }
        assert_eq!(retry_after(None, now), None);
    }

    proptest! {
        #[test]
        fn waits_stay_between_base_and_cap(base in 1u64..5_000, cap in 1u64..600_000, rolls in proptest::collection::vec(0.0f64..=1.0, 1..60)) {
            let (base, cap) = (Duration::from_millis(base), Duration::from_millis(cap));
            let mut b = Backoff::new(base, cap);
            let mut last = base;
            for roll in rolls {
                let wait = b.next(roll);
                prop_assert!(wait >= base && wait <= cap.max(base) && wait <= last * 3);
                last = wait;
            }
        }

        #[test]
        fn polls_spread_by_a_fifth(every in 1u64..100_000, roll in 0.0f64..=1.0) {
            let d = spread(Duration::from_secs(every), roll).as_secs_f64();
            prop_assert!(d >= every as f64 * 0.799 && d <= every as f64 * 1.201);
        }
    }
}
