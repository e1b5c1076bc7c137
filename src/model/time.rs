//! Instants as the tables hold them: 100 ns ticks since the Unix epoch, always UTC.

use jiff::Timestamp;

/// An instant in ticks of 100 ns since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ticks(pub i64);

/// Ticks in a second.
pub const SECOND: i64 = 10_000_000;
pub const MINUTE: i64 = 60 * SECOND;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;

impl Ticks {
    pub fn from_timestamp(t: Timestamp) -> Self {
        Self((t.as_nanosecond() / 100) as i64)
    }

    /// `None` outside the range of the calendar.
    pub fn timestamp(self) -> Option<Timestamp> {
        Timestamp::from_nanosecond(i128::from(self.0) * 100).ok()
    }

    /// Reads an ISO 8601 instant with 0 to 12 fractional digits and `Z` or an offset, as the services write them.
    ///
    /// `0001-01-01…`, the services' "never", is `None`.
    pub fn parse(text: &str) -> Option<Self> {
        if text.starts_with("0001-01-01") {
            return None;
        }
        if let Some(t) = parse_plain(text.as_bytes()) {
            return Some(t);
        }
        // more than nine fractional digits, or an offset: the library reads nine, the rest is below a tick
        let cut = match text.find('.') {
            Some(dot) => {
                let digits = text[dot + 1..]
                    .bytes()
                    .take_while(u8::is_ascii_digit)
                    .count();
                if digits > 9 {
                    format!("{}{}", &text[..dot + 10], &text[dot + 1 + digits..])
                } else {
                    text.to_owned()
                }
            }
            None => text.to_owned(),
        };
        cut.parse::<Timestamp>().ok().map(Self::from_timestamp)
    }

    /// `2026-08-01T12:04:05Z`: whole seconds, the form of `$filter` literals.
    pub fn literal(self) -> String {
        self.timestamp().map_or_else(String::new, |t| {
            t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
        })
    }

    /// Age in one short word: `now`, `12m`, `2h`, `3d`, `5w`, `2y`; an instant to come has a sign: `+3d`.
    pub fn age(self, now: Ticks) -> Age {
        Age(now.0.saturating_sub(self.0))
    }
}

/// How long ago; its `Display` is at most four characters wide.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Age(pub i64);

impl std::fmt::Display for Age {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let t = self.0;
        if t > -MINUTE && t < MINUTE {
            f.pad("now")
        } else {
            let sign = if t < 0 { "+" } else { "" };
            // with its sign it still fits four cells
            let weeks = if t < 0 { 99 * 7 * DAY } else { 730 * DAY };
            let (n, unit) = match t.saturating_abs() {
                t if t < HOUR => (t / MINUTE, 'm'),
                t if t < 2 * DAY => (t / HOUR, 'h'),
                t if t < 60 * DAY => (t / DAY, 'd'),
                t if t < weeks => (t / (7 * DAY), 'w'),
                t => (t / (365 * DAY), 'y'),
            };
            f.pad(&format!("{sign}{n}{unit}"))
        }
    }
}

/// `YYYY-MM-DDTHH:MM:SS[.f{1,7}]Z` without the calendar library: lists have two of these a row.
fn parse_plain(b: &[u8]) -> Option<Ticks> {
    let digits = |from: usize, n: usize| -> Option<i64> {
        let mut v = 0i64;
        for &c in b.get(from..from + n)? {
            if !c.is_ascii_digit() {
                return None;
            }
            v = v * 10 + i64::from(c - b'0');
        }
        Some(v)
    };
    if b.len() < 20
        || b[4] != b'-'
        || b[7] != b'-'
        || !matches!(b[10], b'T' | b't')
        || b[13] != b':'
        || b[16] != b':'
    {
        return None;
    }
    let (y, m, d) = (digits(0, 4)?, digits(5, 2)?, digits(8, 2)?);
    let (h, mi, s) = (digits(11, 2)?, digits(14, 2)?, digits(17, 2)?);
    if y < 1 || !(1..=12).contains(&m) || h > 23 || mi > 59 || s > 59 {
        return None;
    }
    let leap = (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
    let days = [
        31,
        if leap { 29 } else { 28 },
        31,
        30,
        31,
        30,
        31,
        31,
        30,
        31,
        30,
        31,
    ][(m - 1) as usize];
    if d < 1 || d > days {
        return None;
    }
    let mut frac = 0i64;
    let mut at = 19;
    if b[at] == b'.' {
        at += 1;
        let from = at;
        while at < b.len() && b[at].is_ascii_digit() {
            if at - from < 7 {
                frac = frac * 10 + i64::from(b[at] - b'0');
            }
            at += 1;
        }
        for _ in (at - from)..7 {
            frac *= 10;
        }
        if at == from || at - from > 7 {
            return None;
        }
    }
    if b.len() != at + 1 || !matches!(b[at], b'Z' | b'z') {
        return None;
    }
    // days from civil (proleptic Gregorian)
    let y2 = if m <= 2 { y - 1 } else { y };
    let era = y2.div_euclid(400);
    let yoe = y2 - era * 400;
    let doy = (153 * (m + if m > 2 { -3 } else { 9 }) + 2) / 5 + d - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    let day = era * 146_097 + doe - 719_468;
    Some(Ticks(
        ((day * 24 + h) * 60 + mi) * 60 * SECOND + s * SECOND + frac,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_every_precision_the_services_write() {
        let base = Ticks::parse("2026-08-01T12:04:05Z").unwrap();
        for tail in ["", ".1", ".12", ".1234567", ".123456789012"] {
            let t = Ticks::parse(&format!("2026-08-01T12:04:05{tail}Z")).unwrap();
            assert!((t.0 - base.0) < SECOND, "{tail}");
        }
        assert_eq!(Ticks::parse("2026-08-01T14:04:05+02:00"), Some(base));
        assert_eq!(Ticks::parse("0001-01-01T00:00:00Z"), None);
        assert_eq!(Ticks::parse("2026-02-30T00:00:00Z"), None);
        assert_eq!(base.literal(), "2026-08-01T12:04:05Z");
    }

    #[test]
    fn ages_are_short() {
        let now = Ticks(0);
        for (back, word) in [
            (0, "now"),
            (12 * MINUTE, "12m"),
            (26 * HOUR, "26h"),
            (3 * DAY, "3d"),
            (900 * DAY, "2y"),
            (-30 * SECOND, "now"),
            (-3 * DAY, "+3d"),
            (-98 * 7 * DAY, "+98w"),
            (-100 * 7 * DAY, "+1y"),
        ] {
            assert_eq!(Ticks(-back).age(now).to_string(), word);
        }
    }

    proptest! {
        #[test]
        fn plain_form_agrees_with_the_calendar(secs in -62_000_000_000i64..250_000_000_000) {
            let t = Timestamp::from_second(secs).unwrap();
            let text = t.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
            prop_assume!(!text.starts_with("0001-01-01"));
            prop_assert_eq!(Ticks::parse(&text), Some(Ticks::from_timestamp(t)));
        }

        #[test]
        fn any_text_is_answered(text in "\\PC{0,40}") { let _ = Ticks::parse(&text); }
    }
}
