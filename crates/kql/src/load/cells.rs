//! Cells as files write them, into typed values: `None` is "this text is no such value".
//!
//! Dates are read as ISO 8601, and as the portals' CSV exports write them (`1/31/2026, 4:05:06 PM`,
//! `Jan 31, 2026 4:05:06 PM`), month first. Neighbours: [`super::infer`] asks which types fit a column.

/// Ticks of 100 ns in a second.
const SECOND: i64 = 10_000_000;
const DAY: i64 = 86_400 * SECOND;

/// A whole number; also `5.0`, as tools write whole numbers beside missing ones.
pub(super) fn long(text: &str) -> Option<i64> {
    let text = text.trim();
    if let Ok(n) = text.parse() {
        return Some(n);
    }
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok();
    }
    let (whole, zeros) = text.split_once('.')?;
    zeros
        .bytes()
        .all(|b| b == b'0')
        .then(|| whole.parse().ok())
        .flatten()
}

/// A whole number of 32 bits.
pub(super) fn int(text: &str) -> Option<i64> {
    long(text).filter(|n| i32::try_from(*n).is_ok())
}

/// A real number; `NaN`, `Infinity` and `-Infinity` too.
pub(super) fn real(text: &str) -> Option<f64> {
    let text = text.trim();
    match text {
        "NaN" | "nan" => Some(f64::NAN),
        "Infinity" | "inf" | "+inf" => Some(f64::INFINITY),
        "-Infinity" | "-inf" => Some(f64::NEG_INFINITY),
        // Rust reads more words than these
        _ if text.bytes().any(|b| b.is_ascii_digit()) => text.parse().ok(),
        _ => None,
    }
}

/// A truth value: `true`, `false`, `1`, `0`, in any case.
pub(super) fn boolean(text: &str) -> Option<bool> {
    match text.trim() {
        "1" => Some(true),
        "0" => Some(false),
        t if t.eq_ignore_ascii_case("true") => Some(true),
        t if t.eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A decimal number, as plain text.
pub(super) fn decimal(text: &str) -> Option<&str> {
    let text = text.trim();
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let all = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    (all(whole) && all(part)).then_some(text)
}

/// A guid in its lower-case form, from the hyphenated one, with or without braces.
pub(super) fn guid(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text
        .strip_prefix('{')
        .and_then(|t| t.strip_suffix('}'))
        .unwrap_or(text);
    let fits = text.len() == 36
        && text.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        });
    fits.then(|| text.to_ascii_lowercase())
}

/// A span as `[-][d.]hh:mm:ss[.fffffff]`, in ticks.
pub(super) fn timespan(text: &str) -> Option<i64> {
    let text = text.trim();
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let (head, rest) = text.split_once(':')?;
    let (days, hours) = match head.split_once('.') {
        Some((d, h)) => (digits(d, 8)?, h),
        None => (0, head),
    };
    let (minutes, seconds) = rest.split_once(':')?;
    let (seconds, part) = match seconds.split_once('.') {
        Some((s, f)) => (s, fraction(f)?),
        None => (seconds, 0),
    };
    let (h, m, s) = (digits(hours, 2)?, digits(minutes, 2)?, digits(seconds, 2)?);
    if h > 23 || m > 59 || s > 59 {
        return None;
    }
    let ticks = (h * 3600 + m * 60 + s) * SECOND + part;
    days.checked_mul(DAY)?.checked_add(ticks).map(|t| t * sign)
}

/// Up to `most` digits and nothing else.
fn digits(text: &str, most: usize) -> Option<i64> {
    if text.is_empty() || text.len() > most {
        return None;
    }
    text.bytes().try_fold(0i64, |n, b| {
        b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0'))
    })
}

/// The ticks of a fraction's digits; what is finer than a tick is cut.
fn fraction(text: &str) -> Option<i64> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((0..7).fold(0, |n, i| {
        n * 10
            + text
                .as_bytes()
                .get(i)
                .map_or(0, |b| i64::from(b.wrapping_sub(b'0')))
    }))
}

/// An instant in ticks since 1970: ISO 8601 (no zone means UTC), or as the portals export it.
pub fn datetime(text: &str) -> Option<i64> {
    let text = text.trim();
    iso(text).or_else(|| exported(text))
}

/// `2026-01-31`, `2026-01-31T04:05:06.1234567Z`, `2026-01-31 04:05+02:00`.
pub(super) fn iso(text: &str) -> Option<i64> {
    let b = text.as_bytes();
    let two = |at: usize| -> Option<i64> {
        let (x, y) = (
            b.get(at)?.wrapping_sub(b'0'),
            b.get(at + 1)?.wrapping_sub(b'0'),
        );
        (x < 10 && y < 10).then(|| i64::from(x) * 10 + i64::from(y))
    };
    if b.get(4) != Some(&b'-') || b.get(7) != Some(&b'-') {
        return None;
    }
    let day = date(two(0)? * 100 + two(2)?, two(5)?, two(8)?)?;
    if b.len() == 10 {
        return Some(day);
    }
    if !matches!(b.get(10), Some(b'T' | b't' | b' ')) || b.get(13) != Some(&b':') {
        return None;
    }
    let (hour, minute) = (two(11)?, two(14)?);
    let mut at = 16;
    let mut second = 0;
    let mut part = 0;
    if b.get(at) == Some(&b':') {
        second = two(17)?;
        at = 19;
        if matches!(b.get(at), Some(b'.' | b',')) {
            let from = at + 1;
            let len = b
                .get(from..)?
                .iter()
                .take_while(|b| b.is_ascii_digit())
                .count();
            part = fraction(text.get(from..from + len)?)?;
            at = from + len;
        }
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let local = day + (hour * 3600 + minute * 60 + second) * SECOND + part;
    let zone = text.get(at..)?.trim_start();
    local.checked_sub(offset(zone)?)
}

/// The ticks a zone is ahead of UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") || zone.eq_ignore_ascii_case("utc") {
        return Some(0);
    }
    let (sign, rest) = match zone.as_bytes().first()? {
        b'+' => (1, zone.get(1..)?),
        b'-' => (-1, zone.get(1..)?),
        _ => return None,
    };
    let (h, m) = match rest.len() {
        2 => (rest, "00"),
        4 => (rest.get(..2)?, rest.get(2..)?),
        5 if rest.as_bytes().get(2) == Some(&b':') => (rest.get(..2)?, rest.get(3..)?),
        _ => return None,
    };
    let (h, m) = (digits(h, 2)?, digits(m, 2)?);
    (h < 15 && m < 60).then_some(sign * (h * 3600 + m * 60) * SECOND)
}

/// Ticks of midnight of a day of the proleptic Gregorian calendar, years 1 to 9999.
fn date(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    if !(1..=9999).contains(&year) || !(1..=last).contains(&day) {
        return None;
    }
    // years that begin in March, so that the leap day is the last one
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let of_era = y.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let of_days = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
    Some((era * 146_097 + of_days - 719_468) * DAY)
}

/// `1/31/2026, 4:05:06.123 PM` and `Jan 31, 2026 4:05:06 PM`.
fn exported(text: &str) -> Option<i64> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let mut words = text
        .split([' ', ',', '\u{202f}'])
        .filter(|word| !word.is_empty());
    let first = words.next()?;
    let (month, day, year) = if first.contains('/') {
        let mut of = first.split('/');
        let found = (
            digits(of.next()?, 2)?,
            digits(of.next()?, 2)?,
            digits(of.next()?, 4)?,
        );
        if of.next().is_some() || found.2 < 1000 {
            return None;
        }
        found
    } else {
        let short = first.get(..3)?.to_ascii_lowercase();
        let month = MONTHS.iter().position(|m| *m == short)? as i64 + 1;
        (month, digits(words.next()?, 2)?, digits(words.next()?, 4)?)
    };
    let midnight = date(year, month, day)?;
    let Some(clock) = words.next() else {
        return Some(midnight);
    };
    let half = words.next();
    if words.next().is_some() {
        return None;
    }
    let mut of = clock.split(':');
    let (hour, minute, seconds) = (digits(of.next()?, 2)?, digits(of.next()?, 2)?, of.next());
    let (second, part) = match seconds.map(|s| s.split_once('.').unwrap_or((s, "0"))) {
        Some((s, f)) => (digits(s, 2)?, fraction(f)?),
        None => (0, 0),
    };
    let hour = match half {
        None => hour,
        Some(h) if h.eq_ignore_ascii_case("am") && (1..=12).contains(&hour) => hour % 12,
        Some(h) if h.eq_ignore_ascii_case("pm") && (1..=12).contains(&hour) => hour % 12 + 12,
        Some(_) => return None,
    };
    if hour > 23 || minute > 59 || second > 59 || of.next().is_some() {
        return None;
    }
    Some(midnight + (hour * 3600 + minute * 60 + second) * SECOND + part)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<i64> {
        datetime(text).map(|t| t / SECOND)
    }

    #[test]
    fn instants_in_every_form_that_files_have() {
        assert_eq!(at("1970-01-01"), Some(0));
        assert_eq!(at("2026-01-31T16:05:06Z"), Some(1_769_875_506));
        for same in [
            "2026-01-31 16:05:06",
            "2026-01-31T18:05:06.000+02:00",
            "2026-01-31t11:05:06-0500",
            "1/31/2026, 4:05:06 PM",
            "1/31/2026, 4:05:06.000 PM",
            "Jan 31, 2026 4:05:06 PM",
            "Jan 31, 2026 4:05:06\u{202f}PM",
        ] {
            assert_eq!(at(same), Some(1_769_875_506), "{same}");
        }
        assert_eq!(datetime("1970-01-01T00:00:00.1234567Z"), Some(1_234_567));
        assert_eq!(datetime("1970-01-01T00:00:00.12345678Z"), Some(1_234_567));
        assert_eq!(
            datetime("0001-01-01T00:00:00Z"),
            Some(-621_355_968_000_000_000)
        );
        assert_eq!(
            datetime("9999-12-31T23:59:59.9999999Z"),
            Some(2_534_023_007_999_999_999)
        );
        assert_eq!(at("2024-02-29"), Some(1_709_164_800));
        for not in [
            "",
            "2023-02-29",
            "2026-13-01",
            "2026-01-31T25:00:00",
            "2026-01-31T",
            "20260131",
            "13/31/2026, 4:05:06 PM",
            "1/31/2026, 14:05:06 PM",
            "12345",
            "yesterday",
            "2026-01-31T16:05:06 nowhere",
            "2026-01-31T16:05:06.Z",
        ] {
            assert_eq!(datetime(not), None, "{not}");
        }
    }

    #[test]
    fn numbers_spans_and_guids() {
        assert_eq!(long(" 42 "), Some(42));
        assert_eq!(long("5.0"), Some(5));
        assert_eq!(long("0x1F"), Some(31));
        assert_eq!(long("5.5"), None);
        assert_eq!(long("99999999999999999999"), None);
        assert_eq!(int("2147483648"), None);
        assert_eq!(real("1e3"), Some(1000.0));
        assert_eq!(real("infinity"), None, "no word but those that tools write");
        assert_eq!(boolean("True"), Some(true));
        assert_eq!(boolean("yes"), None);
        assert_eq!(
            timespan("1.02:03:04.5"),
            Some(DAY + (2 * 3600 + 3 * 60 + 4) * SECOND + 5_000_000)
        );
        assert_eq!(timespan("-00:00:01"), Some(-SECOND));
        assert_eq!(timespan("24:00:00"), None);
        assert_eq!(timespan("12:30"), None);
        assert_eq!(
            guid("{AAAAAAAA-0000-0000-0000-00000000000F}").as_deref(),
            Some("aaaaaaaa-0000-0000-0000-00000000000f")
        );
        assert_eq!(guid("aaaaaaaa00000000000000000000000f"), None);
        assert_eq!(decimal("-1.50"), Some("-1.50"));
        assert_eq!(decimal("1."), None);
    }
}
