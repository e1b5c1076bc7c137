//! Time spans of a request, in ISO 8601: `P30D`, `start/end`, `P1D/end`, `start/P1D`, or a lone instant.

use jiff::{Span, Timestamp, Zoned, tz::TimeZone};

use crate::world::stamp::Stamp;

/// From and to, in ticks; none for what cannot be read.
pub(crate) fn read(text: &str, now: Timestamp) -> Option<(i64, i64)> {
    let text = text.trim();
    let (from, to) = match text.split_once('/') {
        None => match end(text)? {
            End::At(at) => (at, now),
            End::Long(span) => (back(now, span)?, now),
        },
        Some((first, second)) => match (end(first)?, end(second)?) {
            (End::At(from), End::At(to)) => (from, to),
            (End::Long(span), End::At(to)) => (back(to, span)?, to),
            (End::At(from), End::Long(span)) => (ahead(from, span)?, from),
            (End::Long(_), End::Long(_)) => return None,
        },
    };
    let (from, to) = (from.min(to), from.max(to));
    Some((Stamp::from(from).0, Stamp::from(to).0))
}

enum End {
    At(Timestamp),
    Long(Span),
}

fn end(text: &str) -> Option<End> {
    if text.starts_with(['P', 'p', '-']) {
        return text.parse::<Span>().ok().map(End::Long);
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(End::At(at));
    }
    // without a zone, and dates without a time, count as UTC
    let civil = text.parse::<jiff::civil::DateTime>().ok()?;
    let at = civil.to_zoned(TimeZone::UTC).ok()?;
    Some(End::At(at.timestamp()))
}

fn zoned(at: Timestamp) -> Zoned {
    at.to_zoned(TimeZone::UTC)
}

fn back(at: Timestamp, span: Span) -> Option<Timestamp> {
    Some(zoned(at).checked_sub(span).ok()?.timestamp())
}

fn ahead(at: Timestamp, span: Span) -> Option<Timestamp> {
    Some(zoned(at).checked_add(span).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        let now: Timestamp = "2026-03-04T12:00:00Z".parse().unwrap();
        let read =
            |text: &str| read(text, now).map(|(from, to)| format!("{} {}", Stamp(from), Stamp(to)));
        for (text, wanted) in [
            ("P30D", "2026-02-02T12:00:00Z 2026-03-04T12:00:00Z"),
            ("PT4H", "2026-03-04T08:00:00Z 2026-03-04T12:00:00Z"),
            (
                "2026-02-01T00:00:00Z/2026-02-03T00:00:00Z",
                "2026-02-01T00:00:00Z 2026-02-03T00:00:00Z",
            ),
            (
                "P1D/2026-02-03T00:00:00Z",
                "2026-02-02T00:00:00Z 2026-02-03T00:00:00Z",
            ),
            (
                "2026-02-03T00:00:00Z/P1D",
                "2026-02-03T00:00:00Z 2026-02-04T00:00:00Z",
            ),
            (
                "2026-03-01T00:00:00",
                "2026-03-01T00:00:00Z 2026-03-04T12:00:00Z",
            ),
            ("2026-03-01", "2026-03-01T00:00:00Z 2026-03-04T12:00:00Z"),
        ] {
            assert_eq!(read(text).as_deref(), Some(wanted), "{text}");
        }
        for text in ["", "soon", "P1D/P1D", "/", "30d"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
