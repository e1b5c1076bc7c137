//! An instant in ticks of 100 ns, the grain in which the services write time.

use std::fmt;

/// Ticks of 100 ns since 1970, UTC. Written with as many fractional digits (0 to 7) as it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Stamp(pub i64);

/// Ticks in a second.
pub const SECOND: i64 = 10_000_000;
/// Ticks in a minute.
pub const MINUTE: i64 = 60 * SECOND;
/// Ticks in an hour.
pub const HOUR: i64 = 60 * MINUTE;
/// Ticks in a day.
pub const DAY: i64 = 24 * HOUR;

impl Stamp {
    /// Later by so many ticks (earlier when negative).
    pub const fn plus(self, ticks: i64) -> Stamp {
        Stamp(self.0.saturating_add(ticks))
    }

    /// Ticks from `earlier` to this.
    pub const fn since(self, earlier: Stamp) -> i64 {
        self.0 - earlier.0
    }

    /// The whole second it lies in.
    pub const fn whole_second(self) -> Stamp {
        Stamp(self.0 - self.0.rem_euclid(SECOND))
    }

    /// The same with only `digits` (0 to 7) of its fraction.
    pub fn digits(self, digits: u32) -> Stamp {
        let grain = 10i64.pow(7 - digits.min(7));
        Stamp(self.0 - self.0.rem_euclid(grain))
    }

    /// As `jiff` counts it.
    pub fn timestamp(self) -> jiff::Timestamp {
        jiff::Timestamp::from_nanosecond(i128::from(self.0) * 100)
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
    }
}

impl From<jiff::Timestamp> for Stamp {
    fn from(at: jiff::Timestamp) -> Stamp {
        Stamp((at.as_nanosecond() / 100) as i64)
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.timestamp().fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_written_as_the_services_write_it() {
        let at: jiff::Timestamp = "2026-03-04T05:06:07.1234567Z".parse().unwrap();
        let at = Stamp::from(at);
        assert_eq!(at.to_string(), "2026-03-04T05:06:07.1234567Z");
        assert_eq!(at.digits(3).to_string(), "2026-03-04T05:06:07.123Z");
        assert_eq!(at.whole_second().to_string(), "2026-03-04T05:06:07Z");
        assert_eq!(Stamp::from(at.timestamp()), at);
    }
}
