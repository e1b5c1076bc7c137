//! Times in a filter: ages (`4h`), days of the calendar (`2026-08-01`, `today`) and instants. All UTC.

use crate::model::Ticks;
use crate::model::time::{DAY, HOUR, MINUTE, SECOND};
use jiff::Timestamp;
use jiff::civil::{Date, DateTime, date};
use jiff::tz::TimeZone;

/// A time as written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// So long before now, in ticks.
    Ago(i64),
    /// From the first instant up to, and without, the second: as long as what was written is exact.
    Span(Ticks, Ticks),
    /// A whole day: 0 is today, 1 yesterday.
    Day(u8),
}

/// Ages with their unit, longest first.
const UNITS: &[(i64, &str)] = &[
    (365 * DAY, "y"),
    (7 * DAY, "w"),
    (DAY, "d"),
    (HOUR, "h"),
    (MINUTE, "m"),
    (SECOND, "s"),
];

impl When {
    /// Whether it means something else a minute later.
    pub fn moves(self) -> bool {
        !matches!(self, Self::Span(..))
    }

    /// The first instant and the first one after; both the same for an age.
    pub fn interval(self, now: Ticks) -> (Ticks, Ticks) {
        match self {
            Self::Ago(ticks) => {
                let at = Ticks(now.0.saturating_sub(ticks));
                (at, at)
            }
            Self::Span(from, to) => (from, to),
            Self::Day(back) => {
                let midnight = now.0.div_euclid(DAY) * DAY - i64::from(back) * DAY;
                (Ticks(midnight), Ticks(midnight + DAY))
            }
        }
    }

    /// Reads `4h`, `1h30m`, `2026`, `2026-08`, `2026-08-01`, `2026-08-01T12:30`, `today`, `yesterday`, `now`.
    /// `Err` says what is missing.
    pub fn parse(text: &str) -> Result<Self, String> {
        match text.to_ascii_lowercase().as_str() {
            "today" => return Ok(Self::Day(0)),
            "yesterday" => return Ok(Self::Day(1)),
            "now" => return Ok(Self::Ago(0)),
            _ => {}
        }
        if let Some(ago) = age(text) {
            return Ok(Self::Ago(ago));
        }
        if let Some((from, to)) = span(text) {
            return Ok(Self::Span(from, to));
        }
        if !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("{text} needs a unit: {text}m, {text}h or {text}d"));
        }
        Err("a time is an age (30m, 4h, 7d), a day (2026-08-01), today or yesterday".to_owned())
    }

    /// As it can be read again.
    pub fn print(self) -> String {
        match self {
            Self::Day(0) => "today".to_owned(),
            Self::Day(1) => "yesterday".to_owned(),
            // further days have no word; nothing parses to them
            Self::Day(n) => format!("{n}d"),
            Self::Ago(0) => "now".to_owned(),
            Self::Ago(ticks) => {
                let mut left = ticks;
                let mut out = String::new();
                if let Some((unit, name)) = UNITS.iter().find(|(unit, _)| ticks % unit == 0) {
                    return format!("{}{name}", ticks / unit);
                }
                for (unit, name) in UNITS {
                    if left / unit > 0 {
                        out.push_str(&format!("{}{name}", left / unit));
                        left %= unit;
                    }
                }
                out
            }
            Self::Span(from, to) => {
                let form = match to.0 - from.0 {
                    SECOND => "%Y-%m-%dT%H:%M:%S",
                    MINUTE => "%Y-%m-%dT%H:%M",
                    DAY => "%Y-%m-%d",
                    n if n < 32 * DAY => "%Y-%m",
                    _ => "%Y",
                };
                from.timestamp()
                    .map_or_else(String::new, |t| t.strftime(form).to_string())
            }
        }
    }
}

/// `4h`, `1h30m`, `2d`; nothing else.
fn age(text: &str) -> Option<i64> {
    let mut total = 0i64;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit())?;
        let number: i64 = rest.get(..digits)?.parse().ok()?;
        rest = &rest[digits..];
        let (unit, name) = UNITS
            .iter()
            .find(|(_, name)| rest.get(..1).is_some_and(|c| c.eq_ignore_ascii_case(name)))?;
        rest = &rest[name.len()..];
        total = total.checked_add(number.checked_mul(*unit)?)?;
    }
    (!text.is_empty()).then_some(total)
}

fn span(text: &str) -> Option<(Ticks, Ticks)> {
    let text = text.strip_suffix(['Z', 'z']).unwrap_or(text);
    let (day, time) = match text.split_once(['T', 't']) {
        Some((day, time)) => (day, Some(time)),
        None => (text, None),
    };
    let mut parts = day.split('-');
    let year: i16 = number(parts.next()?, 4)?;
    let month: Option<i8> = parts
        .next()
        .map_or(Some(None), |m| number(m, 2).map(Some))?;
    let of_month: Option<i8> = parts
        .next()
        .map_or(Some(None), |d| number(d, 2).map(Some))?;
    if parts.next().is_some() || !(1970..=9998).contains(&year) {
        return None;
    }
    let first = Date::new(year, month.unwrap_or(1), of_month.unwrap_or(1)).ok()?;
    let Some(time) = time else {
        let after = match (month, of_month) {
            (None, _) => date(year + 1, 1, 1),
            (Some(12), None) => date(year + 1, 1, 1),
            (Some(m), None) => date(year, m + 1, 1),
            (Some(_), Some(_)) => first.tomorrow().ok()?,
        };
        return Some((ticks(first.at(0, 0, 0, 0))?, ticks(after.at(0, 0, 0, 0))?));
    };
    of_month?;
    let mut parts = time.split(':');
    let hour: i8 = number(parts.next()?, 2)?;
    let minute: i8 = number(parts.next()?, 2)?;
    let second: Option<i8> = parts
        .next()
        .map_or(Some(None), |s| number(s, 2).map(Some))?;
    if parts.next().is_some() {
        return None;
    }
    let at = DateTime::new(
        first.year(),
        first.month(),
        first.day(),
        hour,
        minute,
        second.unwrap_or(0),
        0,
    );
    let from = ticks(at.ok()?)?;
    let long = if second.is_some() { SECOND } else { MINUTE };
    Some((from, Ticks(from.0 + long)))
}

fn number<T: std::str::FromStr>(text: &str, digits: usize) -> Option<T> {
    (text.len() == digits && text.bytes().all(|b| b.is_ascii_digit()))
        .then(|| text.parse().ok())
        .flatten()
}

fn ticks(at: DateTime) -> Option<Ticks> {
    let t: Timestamp = at.to_zoned(TimeZone::UTC).ok()?.timestamp();
    Some(Ticks::from_timestamp(t))
}
