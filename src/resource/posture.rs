//! What the secure score's numbers say: the difference between two days control by control, what fell, which days are
//! missing, and what marked controls would add. Pure; `app::posture` feeds it from the lists.

use super::Known;
use super::hunt_chart::{Axis, Chart, Form, Series};
use crate::model::time::DAY;
use crate::model::{Json, Key, Kind, Ticks};
use std::collections::BTreeMap;
use table::{Text, Value};

/// States of a control that can be set: the wire's word, the portal's words, and what that means for the score.
pub const STATES: &[(&str, &str)] = &[
    ("Default", "to address"),
    ("Ignored", "risk accepted"),
    ("ThirdParty", "resolved through third party"),
    ("Reviewed", "resolved through alternate mitigation"),
];

/// The portal's words for a state; an unknown state stays as it came.
pub fn state_words(state: &str) -> &str {
    let found = STATES.iter().find(|(w, _)| w.eq_ignore_ascii_case(state));
    found.map_or(state, |(_, words)| words)
}

/// The newest decision about a control.
pub fn decision(control: Json<'_>) -> Option<Json<'_>> {
    let newest = |a: &Json<'_>| a.time("updatedDateTime");
    // they come oldest first; of two of one instant the later one counts
    control.list("controlStateUpdates").max_by_key(newest)
}

/// The state in force: of the newest decision, else of a row's own cell, else the default.
pub fn state_of(control: Json<'_>) -> &str {
    let own = if control.at("controlStateUpdates").is_null() {
        control.str("state")
    } else {
        None
    };
    let decided = decision(control).and_then(|d| d.str("state"));
    decided.or(own).unwrap_or("Default")
}

/// Part of a whole in percent.
pub fn percent(part: Option<f64>, whole: Option<f64>) -> Option<f64> {
    let (part, whole) = (part?, whole?);
    (whole > 0.0).then(|| part * 100.0 / whole)
}

/// `2026-08-01`.
pub fn day_of(at: Ticks) -> String {
    at.literal().chars().take(10).collect()
}

/// What a control had on a day.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Had {
    pub score: f64,
    /// Done of how many, where the service counts.
    pub count: Option<i64>,
    pub total: Option<i64>,
}

/// What parts the fields of a packed control: names of controls hold no tab.
const TAB: char = '\t';

/// A control's score as a word of the day's row. Controls that do not apply are left out.
pub fn packed(control: Json<'_>) -> Option<String> {
    let name = control.str("controlName").filter(|n| !n.contains(TAB))?;
    let score = control.real("score")?;
    let applies = control
        .bool("IsApplicable")
        .or(control.bool("isApplicable"));
    if applies == Some(false) {
        return None;
    }
    let number = |field: &str| control.int(field).map_or(String::new(), |n| n.to_string());
    let (count, total) = (number("count"), number("total"));
    Some(format!("{name}{TAB}{score}{TAB}{count}{TAB}{total}"))
}

/// The controls of a day, from the words of its row.
pub fn unpacked<'a>(words: impl Iterator<Item = &'a str>) -> BTreeMap<String, Had> {
    let one = |word: &str| {
        let mut parts = word.split(TAB);
        let name = parts.next()?.to_owned();
        let score = parts.next()?.parse().ok()?;
        let mut number = || parts.next().and_then(|n| n.parse().ok());
        let (count, total) = (number(), number());
        Some((
            name,
            Had {
                score,
                count,
                total,
            },
        ))
    };
    words.filter_map(one).collect()
}

/// A day with a score.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Day {
    pub id: Text,
    pub at: Ticks,
    pub current: f64,
    pub max: Option<f64>,
    pub all_tenants: Option<f64>,
    pub total_seats: Option<f64>,
    pub industry: Option<f64>,
    pub licensed: Option<i64>,
    pub controls: BTreeMap<String, Had>,
}

impl Day {
    pub fn percent(&self) -> Option<f64> {
        percent(Some(self.current), self.max)
    }

    fn number(&self) -> i64 {
        self.at.0.div_euclid(DAY)
    }
}

/// A day from its row in the list, with what each control had on it; none where it has no instant or no score.
pub fn day(known: &dyn Known, key: &Key) -> Option<Day> {
    bare(known, key).map(|day| with_controls(known, &day))
}

/// The day with what each control had on it.
pub fn with_controls(known: &dyn Known, day: &Day) -> Day {
    let key = Key::new(Kind::Score, day.id.clone());
    let controls = match known.cell(&key, "controls") {
        Some(Value::List(words)) => unpacked(words.iter().map(|w| w.txt().exact())),
        _ => BTreeMap::new(),
    };
    Day {
        controls,
        ..day.clone()
    }
}

/// A day without its controls, which are a hundred texts.
fn bare(known: &dyn Known, key: &Key) -> Option<Day> {
    let real = |column: &str| match known.cell(key, column) {
        Some(Value::Real(n)) => Some(n),
        _ => None,
    };
    let Some(Value::Time(at)) = known.cell(key, "createdDateTime") else {
        return None;
    };
    Some(Day {
        id: key.id.clone(),
        at: Ticks(at),
        current: real("currentScore")?,
        max: real("maxScore"),
        all_tenants: real("allTenants"),
        total_seats: real("totalSeats"),
        industry: real("industryTypes"),
        licensed: match known.cell(key, "licensedUserCount") {
            Some(Value::Int(n)) => Some(n),
            _ => None,
        },
        controls: BTreeMap::new(),
    })
}

/// Every day that is known, newest first, without their controls: years of them are read while a frame waits.
pub fn days(known: &dyn Known) -> Vec<Day> {
    let keys = known.keys(Kind::Score);
    let mut days: Vec<Day> = keys.iter().filter_map(|k| bare(known, k)).collect();
    days.sort_by_key(|d| std::cmp::Reverse(d.at));
    days
}

/// A control that had other points on one day than on another; none: it was not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    pub control: String,
    pub before: Option<f64>,
    pub after: Option<f64>,
    /// `1,281 of 1,500 done`, before and after, where the service counts.
    pub done: [Option<(i64, i64)>; 2],
}

impl Change {
    /// Points more or less.
    pub fn by(&self) -> f64 {
        self.after.unwrap_or(0.0) - self.before.unwrap_or(0.0)
    }
}

/// Points that are none: what adding and rounding leaves.
const NOTHING: f64 = 0.005;

/// The controls that differ between two days, the greatest loss first.
pub fn difference(before: &Day, after: &Day) -> Vec<Change> {
    let mut names: Vec<&String> = before
        .controls
        .keys()
        .chain(after.controls.keys())
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut out: Vec<Change> = Vec::new();
    for name in names {
        let (old, new) = (before.controls.get(name), after.controls.get(name));
        let done = |had: Option<&Had>| had.and_then(|h| Some((h.count?, h.total?)));
        let change = Change {
            control: name.clone(),
            before: old.map(|h| h.score),
            after: new.map(|h| h.score),
            done: [done(old), done(new)],
        };
        let came_or_went = change.before.is_some() != change.after.is_some();
        if change.by().abs() > NOTHING || came_or_went {
            out.push(change);
        }
    }
    out.sort_by(|a, b| {
        a.by()
            .total_cmp(&b.by())
            .then_with(|| a.control.cmp(&b.control))
    });
    out
}

/// The last day that lies at least so many days before the newest; days are newest first.
pub fn before(days: &[Day], ago: i64) -> Option<&Day> {
    days.get(place_before(days, ago)?)
}

/// Its place.
pub fn place_before(days: &[Day], ago: i64) -> Option<usize> {
    let newest = days.first()?.number();
    days.iter().position(|d| newest - d.number() >= ago.max(1))
}

/// How many days back a fall is looked for.
pub const WEEK: i64 = 7;

/// Controls that have fewer points than a week before, with the day they are compared with.
pub fn regressed(days: &[Day]) -> Option<(&Day, Vec<Change>)> {
    let (newest, old) = (days.first()?, before(days, WEEK)?);
    let mut fell = difference(old, newest);
    // one that is not counted any more has not fallen
    fell.retain(|c| c.by() < -NOTHING && c.after.is_some());
    (!fell.is_empty()).then_some((old, fell))
}

/// Days between the oldest and the newest that have no score, oldest first.
pub fn missing(days: &[Day]) -> Vec<String> {
    let mut have: Vec<i64> = days.iter().map(Day::number).collect();
    have.sort_unstable();
    let gaps = have.windows(2).flat_map(|w| w[0] + 1..w[1]);
    // a service that was off for years is not listed day by day
    gaps.take(1_000).map(|d| day_of(Ticks(d * DAY))).collect()
}

/// How stale the newest score is, in a sentence; none where it is of today or yesterday.
pub fn late(days: &[Day], now: Ticks) -> Option<String> {
    let newest = days.first()?;
    let behind = now.0.div_euclid(DAY) - newest.number();
    (behind > 1).then(|| {
        let day = day_of(newest.at);
        format!("no score for {behind} days: the newest is of {day}, what follows is as of then")
    })
}

/// `3 days have no score: 2026-07-08, 2026-07-09 … 2026-08-05`; none where none is missing.
pub fn missing_words(days: &[Day]) -> Option<String> {
    let gaps = missing(days);
    let (first, last) = (gaps.first()?, gaps.last()?);
    Some(match gaps.as_slice() {
        [one] => format!("1 day has no score: {one}"),
        few if few.len() <= 3 => format!("{} days have no score: {}", few.len(), few.join(", ")),
        many => format!("{} days have no score, from {first} to {last}", many.len()),
    })
}

/// The trend as a chart: points of percent, so that days without a score are gaps.
pub fn trend(days: &[Day]) -> Option<Chart> {
    let mut points: Vec<(f64, f64)> = days
        .iter()
        .filter_map(|d| Some((d.at.0 as f64, d.percent()?)))
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    (points.len() > 1).then(|| Chart {
        form: Form::Scatter,
        title: format!("percent of the points there are, {} days", points.len()),
        axis: Axis::Time,
        series: vec![Series {
            name: Text::from("secure score"),
            points,
        }],
        notes: missing_words(days).into_iter().collect(),
    })
}

/// A control as what-if looks at it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Ticked {
    pub id: String,
    pub gain: f64,
    pub cost: String,
    pub impact: String,
    pub category: String,
}

/// What marked controls would bring.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Projection {
    pub controls: usize,
    pub score: f64,
    pub max: Option<f64>,
    pub gain: f64,
    /// How many of each cost, in the service's words, least first.
    pub effort: Vec<(String, usize)>,
    /// The strongest impact on users among them.
    pub impact: Option<String>,
    /// People who are not covered yet: at least and at most, since the same person may be counted by several controls.
    pub users: Option<(i64, i64)>,
    /// Devices, in the same manner.
    pub devices: Option<(i64, i64)>,
    /// Controls for which the service counts nobody.
    pub uncounted: usize,
}

const LEVELS: [&str; 3] = ["Low", "Moderate", "High"];

/// The score if these controls were done, what that takes and whom it touches.
pub fn what_if(day: &Day, ticked: &[Ticked]) -> Projection {
    let gain: f64 = ticked.iter().map(|t| t.gain).sum();
    let level = |word: &str| LEVELS.iter().position(|l| l.eq_ignore_ascii_case(word));
    let mut effort: Vec<(String, usize)> = Vec::new();
    let mut by_cost: Vec<&Ticked> = ticked.iter().collect();
    by_cost.sort_by_key(|t| level(&t.cost).unwrap_or(LEVELS.len()));
    for t in by_cost {
        let word = if t.cost.is_empty() {
            "not told"
        } else {
            &t.cost
        };
        match effort
            .last_mut()
            .filter(|(w, _)| w.eq_ignore_ascii_case(word))
        {
            Some((_, n)) => *n += 1,
            None => effort.push((word.to_owned(), 1)),
        }
    }
    let strongest = ticked.iter().filter_map(|t| level(&t.impact)).max();
    let (mut users, mut devices) = (None, None);
    let mut uncounted = 0;
    for t in ticked {
        let had = day.controls.get(&t.id);
        let Some((count, total)) = had.and_then(|h| Some((h.count?, h.total?))) else {
            uncounted += 1;
            continue;
        };
        let open = (total - count).max(0);
        let of = match t.category.eq_ignore_ascii_case("Device") {
            true => &mut devices,
            false => &mut users,
        };
        let (least, most) = of.unwrap_or((0, 0));
        *of = Some((open.max(least), most + open));
    }
    if let (Some((least, most)), Some(licensed)) = (&mut users, day.licensed) {
        *most = (*most).min(licensed.max(*least));
    }
    Projection {
        controls: ticked.len(),
        score: day.current + gain,
        max: day.max,
        gain,
        effort,
        impact: strongest.map(|l| LEVELS[l].to_owned()),
        users,
        devices,
        uncounted,
    }
}

impl Projection {
    /// Sentences of it, the most important first.
    pub fn lines(&self) -> Vec<String> {
        let part = percent(Some(self.score), self.max);
        let of = self.max.map_or(String::new(), |m| format!(" of {m:.1}"));
        let part = part.map_or(String::new(), |p| format!(" · {p:.1} %"));
        let mut out = vec![format!("{:.1}{of}{part} · +{:.1}", self.score, self.gain)];
        let effort: Vec<String> = self
            .effort
            .iter()
            .map(|(w, n)| format!("{n} {}", w.to_lowercase()))
            .collect();
        let impact = self.impact.as_ref();
        let impact = impact.map_or(String::new(), |i| {
            format!(" · user impact up to {}", i.to_lowercase())
        });
        out.push(format!("effort {}{impact}", effort.join(", ")));
        let span = |(least, most): (i64, i64), what: &str| match least == most {
            true => format!("{least} {what}"),
            false => format!("{least} to {most} {what}"),
        };
        let touched: Vec<String> = [
            self.users.map(|u| span(u, "users")),
            self.devices.map(|d| span(d, "devices")),
            (self.uncounted > 0).then(|| format!("{} not counted by the service", self.uncounted)),
        ]
        .into_iter()
        .flatten()
        .collect();
        out.push(format!("touches {}", touched.join(", ")));
        out
    }
}

#[cfg(test)]
#[path = "posture_tests.rs"]
mod tests;
