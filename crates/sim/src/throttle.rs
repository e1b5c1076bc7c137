//! Budgets: how often each surface may be asked, and what it says when that was too often.
//!
//! Windows are counted in the tenant's time from the first call in them; a refused call counts too.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::tenant::locked;

/// A surface with a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Surface {
    /// Incidents and alerts.
    Security,
    /// Risky users and detections: one call a second for the whole tenant, and never a word when to come back.
    Risk,
    /// Sign-ins and directory audits.
    Reports,
    /// Directory reads, in resource units.
    Directory,
    /// Processor time of hunting queries, in milliseconds.
    HuntingShare,
    /// Log Analytics.
    LogAnalytics,
    /// The activity feed: of a publisher that says who it is, or of all that do not.
    Activity(bool),
    /// Cloud Apps.
    CloudApps,
    /// One Defender endpoint: calls a minute.
    Minute(&'static str),
    /// One Defender endpoint: calls an hour.
    Hour(&'static str),
}

/// What a call found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Verdict {
    /// Passed, and which part of the budget is used (1 is all of it).
    Fine(f64),
    /// Refused; milliseconds until the window ends.
    Refused(i64),
}

/// All budgets of a tenant.
#[derive(Debug)]
pub(crate) struct Throttle {
    on: bool,
    windows: Mutex<HashMap<Surface, Window>>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Window {
    start: i64,
    used: u64,
}

impl Throttle {
    pub fn new(on: bool) -> Self {
        Self {
            on,
            windows: Mutex::default(),
        }
    }

    /// Counts a call of `cost` against `limit` a window of `length` milliseconds.
    pub fn take(&self, surface: Surface, cost: u64, limit: u64, length: i64, now: i64) -> Verdict {
        if !self.on {
            return Verdict::Fine(0.0);
        }
        let mut windows = locked(&self.windows);
        let window = windows.entry(surface).or_insert(Window {
            start: now,
            used: 0,
        });
        if now >= window.start + length {
            *window = Window {
                start: now,
                used: 0,
            };
        }
        window.used += cost;
        if window.used > limit {
            return Verdict::Refused((window.start + length - now).max(1));
        }
        Verdict::Fine(window.used as f64 / limit.max(1) as f64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_refuses_and_opens_again() {
        let throttle = Throttle::new(true);
        let take = |now| throttle.take(Surface::Reports, 1, 5, 10_000, now);
        for n in 1..=5 {
            assert_eq!(take(1_000), Verdict::Fine(f64::from(n) / 5.0));
        }
        assert_eq!(take(2_000), Verdict::Refused(9_000));
        assert!(matches!(take(11_000), Verdict::Fine(_)));
        assert!(matches!(
            Throttle::new(false).take(Surface::Risk, 9, 1, 1, 0),
            Verdict::Fine(_)
        ));
    }
}
