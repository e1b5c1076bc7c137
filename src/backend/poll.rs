//! When to ask again and since when: the watermark of a list and the first poll after a start. Pure.

use super::ports::Seen;
use crate::model::Ticks;
use crate::model::time::{MINUTE, SECOND};
use crate::resource::Listing;
use std::time::Duration;

/// Rows may become visible later than their own instant says.
const OVERLAP: i64 = 5 * MINUTE;

/// The instant up to which changes are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Marks {
    at: Option<Ticks>,
}

impl Marks {
    /// From the cache.
    pub fn stored(at: Option<Ticks>) -> Self {
        Self { at }
    }

    /// A full listing begins: what changes from now on is found by polls, whatever page the listing is at.
    pub fn begin(&mut self, service_time: Ticks) {
        self.at.get_or_insert(service_time);
    }

    /// A complete sweep saw changes up to `seen`. A row from the future does not take the mark along.
    pub fn swept(&mut self, seen: Option<Ticks>, service_time: Ticks) {
        self.at = self.at.max(seen.map(|s| s.min(service_time)));
    }

    /// What the next poll asks for; none where nothing was ever seen.
    pub fn since(self) -> Option<Ticks> {
        self.at.map(|t| Ticks(t.0 - OVERLAP))
    }

    pub fn stored_mark(self) -> Option<Ticks> {
        self.at
    }
}

/// How long after a start the first poll is due. What is followed by changes is asked at once; an inventory whose cached
/// copy is younger than its period waits for the rest of it.
pub fn due_first(listing: &Listing, seen: &Seen, now: Ticks, loaded: u64) -> Duration {
    due(
        listing.every,
        listing.watermark.is_some(),
        seen,
        now,
        loaded,
    )
}

fn due(every: u32, followed: bool, seen: &Seen, now: Ticks, loaded: u64) -> Duration {
    let (Some(as_of), true, false) = (seen.as_of, seen.complete && loaded > 0, followed) else {
        return Duration::ZERO;
    };
    let every = i64::from(every) * SECOND;
    let age = now.0.saturating_sub(as_of.0);
    if age < 0 {
        // the clock went back: the age is not known
        return Duration::ZERO;
    }
    Duration::from_nanos(every.saturating_sub(age).max(0) as u64 * 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::HOUR;
    use proptest::prelude::*;

    #[test]
    fn marks_move_only_by_sweeps_and_never_into_the_future() {
        let mut m = Marks::default();
        assert_eq!(m.since(), None);
        m.begin(Ticks(HOUR));
        m.begin(Ticks(2 * HOUR));
        assert_eq!(m.since(), Some(Ticks(HOUR - OVERLAP)));
        m.swept(Some(Ticks(9 * HOUR)), Ticks(3 * HOUR));
        assert_eq!(
            m.stored_mark(),
            Some(Ticks(3 * HOUR)),
            "a row from the future"
        );
        m.swept(Some(Ticks(HOUR)), Ticks(4 * HOUR));
        m.swept(None, Ticks(4 * HOUR));
        assert_eq!(m.stored_mark(), Some(Ticks(3 * HOUR)), "never back");
    }

    #[test]
    fn inventories_wait_for_their_hour_and_queues_do_not() {
        let seen = Seen {
            as_of: Some(Ticks(0)),
            complete: true,
            ..Seen::default()
        };
        assert_eq!(
            due(3600, false, &seen, Ticks(HOUR / 2), 5),
            Duration::from_secs(1800)
        );
        assert_eq!(due(3600, false, &seen, Ticks(2 * HOUR), 5), Duration::ZERO);
        assert_eq!(
            due(3600, false, &Seen::default(), Ticks(0), 5),
            Duration::ZERO
        );
        assert_eq!(due(3600, false, &seen, Ticks(-5), 5), Duration::ZERO);
        assert_eq!(due(30, true, &seen, Ticks(0), 5), Duration::ZERO);
    }

    proptest! {
        #[test]
        fn marks_are_monotonic_and_bounded(steps in proptest::collection::vec((proptest::option::of(0i64..1_000_000), 0i64..1_000_000), 1..40)) {
            let mut m = Marks::default();
            let mut last = None;
            for (seen, now) in steps {
                m.swept(seen.map(Ticks), Ticks(now));
                prop_assert!(m.stored_mark() >= last);
                last = m.stored_mark();
            }
        }
    }
}
