//! Instants as words: UTC first, the local time beside it, always with the zone.

use crate::app::App;
use crate::config::settings::TimeShown;
use crate::model::Ticks;

/// `12:04Z`.
pub fn clock(at: Ticks) -> String {
    at.timestamp()
        .map_or_else(|| "--:--Z".into(), |t| t.strftime("%H:%MZ").to_string())
}

/// `12:04Z`, or with its day where that is not today.
pub fn moment(at: Ticks, now: Ticks) -> String {
    let day = |t: Ticks| t.0.div_euclid(crate::model::time::DAY);
    match at.timestamp() {
        Some(t) if day(at) != day(now) => t.strftime("%Y-%m-%d %H:%MZ").to_string(),
        _ => clock(at),
    }
}

/// The header's clock: `12:04Z` and ` (13:04 local)`, as the setting says.
pub fn header(app: &App) -> (String, String) {
    let utc = clock(app.now.wall);
    let local = app.now.wall.timestamp().map_or_else(String::new, |t| {
        t.to_zoned(app.zone.clone()).strftime("%H:%M").to_string()
    });
    match app.settings.time {
        TimeShown::Both => (utc, format!(" ({local} local)")),
        TimeShown::Utc => (utc, String::new()),
        TimeShown::Local => (format!("{local} local"), String::new()),
    }
}

/// `1,987`.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn thousands() {
        for (n, want) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(super::count(n), want);
        }
    }
}
