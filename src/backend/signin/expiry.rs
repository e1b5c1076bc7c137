//! When a credential ends: said 30, 14 and 3 days ahead, once each, for nothing fails so surely and so late on a Friday.

use crate::backend::core::Core;
use crate::model::Ticks;
use crate::model::time::SECOND;
use crate::msg::Level;
use std::sync::atomic::Ordering;

const DAY: i64 = 86_400 * SECOND;

/// Days ahead, the last of them first.
const STEPS: [(i64, u8); 3] = [(3, 3), (14, 2), (30, 1)];
/// It is over.
const OVER: u8 = 4;

/// How near the end is: 0 = not worth a word, 4 = over.
pub fn step(until: Ticks, now: Ticks) -> u8 {
    let left = until.0.saturating_sub(now.0);
    if left <= 0 {
        return OVER;
    }
    let near = STEPS.iter().find(|(days, _)| left <= days * DAY);
    near.map_or(0, |(_, step)| *step)
}

/// The sentence about it and what to do; none while there is time.
pub fn words(what: &str, until: Ticks, now: Ticks) -> Option<(Level, String, &'static str)> {
    let step = step(until, now);
    let day: String = until.literal().chars().take(10).collect();
    let next = "make a new one for the application now, and put it where this one is: it is taken without a restart";
    let left = (until.0 - now.0).max(0) / DAY;
    let level = if step >= 3 { Level::Error } else { Level::Warn };
    match step {
        0 => None,
        OVER => Some((level, format!("{what} ended on {day}"), next)),
        _ => {
            let days = match left {
                0 => "today or tomorrow".to_owned(),
                1 => "in one day".to_owned(),
                n => format!("in {n} days"),
            };
            Some((level, format!("{what} ends {days}, on {day}"), next))
        }
    }
}

/// Says it once for each step. A newer credential, which ends later, begins anew.
pub fn say(core: &Core, what: &str, until: Ticks) {
    let now = core.service_time();
    let step = step(until, now);
    let told = core.desk.expiry_told.swap(step, Ordering::Relaxed);
    if step > told
        && let Some((level, words, next)) = words(what, until, now)
    {
        core.notice(level, format!("{words}: {next}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// S0-36
    #[test]
    fn it_is_said_thirty_fourteen_and_three_days_ahead() {
        let until = Ticks::parse("2026-09-30T00:00:00Z").unwrap();
        let at = |text: &str| step(until, Ticks::parse(text).unwrap());
        assert_eq!(at("2026-08-30T00:00:00Z"), 0);
        assert_eq!(at("2026-08-31T00:00:00Z"), 1);
        assert_eq!(at("2026-09-15T00:00:00Z"), 1);
        assert_eq!(at("2026-09-16T00:00:00Z"), 2);
        assert_eq!(at("2026-09-26T12:00:00Z"), 2);
        assert_eq!(at("2026-09-27T00:00:00Z"), 3);
        assert_eq!(at("2026-09-30T00:00:00Z"), OVER);
        let told = |text: &str| words("the client secret", until, Ticks::parse(text).unwrap());
        assert!(told("2026-08-01T00:00:00Z").is_none());
        let (level, text, next) = told("2026-09-20T00:00:00Z").unwrap();
        assert_eq!(text, "the client secret ends in 10 days, on 2026-09-30");
        assert!(level == Level::Warn && !next.is_empty());
        assert!(
            told("2026-10-20T00:00:00Z")
                .unwrap()
                .1
                .contains("ended on 2026-09-30")
        );
    }
}
