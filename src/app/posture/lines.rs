//! What stands above the lists of the Posture tab, in words: the scores with their days, what marked controls would bring,
//! what fell, and why something is missing.

use super::{fell, is_front, projection};
use crate::app::App;
use crate::model::Kind;
use crate::model::time::DAY;
use crate::resource::device_score::{self, CONFIGURATION, EXPOSURE, Measure};
use crate::resource::doc::Tone;
use crate::resource::posture::{self, Day};

/// The lines above a list of this tab, but for the names of the lists.
pub fn lines(app: &App) -> Vec<(Tone, String)> {
    let kind = app.pane().spec.kind;
    let mut out = vec![(Tone::Plain, score_line(app))];
    let averages = matches!(kind, Kind::Control | Kind::Score);
    if averages && let Some(line) = app.posture.days.first().and_then(average_line) {
        out.push((Tone::Dim, line));
    }
    out.push((Tone::Plain, device_line(app)));
    let groups = device_score::groups(&app.posture.scores);
    if matches!(kind, Kind::Vulnerability | Kind::DeviceScore) && !groups.is_empty() {
        let name = |m: &Measure| {
            m.group
                .as_ref()
                .map_or(String::new(), |g| g.txt().shown().into_owned())
        };
        let each: Vec<String> = groups
            .iter()
            .map(|m| format!("{} {:.1}", name(m), m.score))
            .collect();
        out.push((
            Tone::Dim,
            format!("exposure by device group: {}", each.join(" · ")),
        ));
    }
    if let Some(late) = posture::late(&app.posture.days, app.now.wall) {
        out.push((Tone::Medium, format!("! {late}")));
    }
    if kind == Kind::Control {
        match projection(app) {
            Some(made) => {
                let mut lines = made.lines().into_iter();
                let first = lines.next().unwrap_or_default();
                let n = made.controls;
                out.push((Tone::Good, format!("what if {n} marked: {first}")));
                out.extend(lines.map(|l| (Tone::Dim, format!("  {l}"))));
            }
            None => out.extend(fell(app).map(|t| (Tone::High, format!("▼ {t}")))),
        }
    }
    out
}

fn score_line(app: &App) -> String {
    let Some(day) = app.posture.days.first() else {
        return format!("secure score: {}", missing(app, Kind::Score));
    };
    let max = day.max.map_or(String::new(), |m| format!(" of {m:.1}"));
    let part = day
        .percent()
        .map_or(String::new(), |p| format!(" · {p:.1} %"));
    let since = posture::before(&app.posture.days, posture::WEEK);
    let since = since.map_or(String::new(), |old| {
        format!(
            " · {:+.1} since {}",
            day.current - old.current,
            posture::day_of(old.at)
        )
    });
    format!(
        "secure score {:.1}{max}{part} · of {}{since}",
        day.current,
        posture::day_of(day.at)
    )
}

fn average_line(day: &Day) -> Option<String> {
    let each: Vec<String> = [
        ("all tenants", day.all_tenants),
        ("tenants of this size", day.total_seats),
        ("this trade", day.industry),
    ]
    .into_iter()
    .filter_map(|(name, n)| Some(format!("{name} {:.1}", n?)))
    .collect();
    (!each.is_empty()).then(|| format!("averages: {}", each.join(" · ")))
}

/// Both scores of the devices with their direction and the day they are of.
fn device_line(app: &App) -> String {
    let all = &app.posture.scores;
    let wide = app.size.0 >= 100;
    let say = |what: &str, better: &str| {
        let newest = device_score::newest(all, what)?;
        let since = device_score::before(all, newest, posture::WEEK).filter(|_| wide);
        let since = since.map_or(String::new(), |old| {
            let days = (newest.at.0 - old.at.0) / DAY;
            format!("{:+.1} in {days} d, ", newest.score - old.score)
        });
        Some((
            newest.at,
            format!("{what} {:.1} ({since}{better} better)", newest.score),
        ))
    };
    let both = [say(EXPOSURE, "lower"), say(CONFIGURATION, "higher")];
    let Some(at) = both.iter().flatten().map(|(at, _)| *at).max() else {
        return format!(
            "exposure and configuration score: {}",
            missing(app, Kind::DeviceScore)
        );
    };
    let day = posture::day_of(at);
    // of this year the year need not be said where room is short
    let year = posture::day_of(app.now.wall).starts_with(&day[..day.len().min(5)]);
    let day = if wide || !year {
        &day
    } else {
        day.get(5..).unwrap_or(&day)
    };
    let both: Vec<&str> = both
        .iter()
        .flatten()
        .map(|(_, said)| said.as_str())
        .collect();
    format!("{day}: {}", both.join(" · "))
}

/// Why a list has nothing to say.
fn missing(app: &App, kind: Kind) -> String {
    let place = app.panes.iter().position(|p| p.spec.kind == kind);
    let why = place.and_then(|n| app.usable(n).err());
    let pane = place.and_then(|n| app.panes.get(n));
    let fault = pane.and_then(|p| p.fault.as_ref()).map(ToString::to_string);
    let empty = pane.is_some_and(|p| p.progress.complete);
    let none = empty.then(|| "the service has none for any day".to_owned());
    why.or(fault).or(none).unwrap_or_else(|| "…".into())
}

/// Rows of the chart above the days.
const CHART: u16 = 10;

/// Rows that are wanted above the list in front.
pub fn height(app: &App) -> u16 {
    if !is_front(app) {
        return 0;
    }
    let chart = app.pane().spec.kind == Kind::Score && app.posture.chart.is_some();
    1 + lines(app).len() as u16 + if chart { CHART } else { 0 }
}
