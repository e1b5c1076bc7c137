//! The two scores that Defender gives the devices, day by day: exposure (of all devices, and of each device group) and
//! configuration, `api/defender.md` 9. The service tells today's alone, in an answer each; what was read once stays here, so
//! that there is a yesterday to compare with.

use super::*;
use crate::model::call::{BadPath, Path};
use crate::model::{Service, time::DAY};
use table::Value;

pub static SPEC: Spec = Spec {
    digit: '7',
    title: "Device scores",
    one: "device score",
    // a row has no id of its own: its day is made of this
    id: "time",
    sort: NEWEST,
    sections: detail::posture::DEVICE_SCORE,
    summary: detail::posture::device_score_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::DeviceScore, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(|_| exposure(), get).then(&[configuration, by_group]);

pub const NEEDS: &[&str] = &["Score.Read.All", "Score.Read"];

/// What a score is of, as the rows say it.
pub const EXPOSURE: &str = "exposure";
pub const CONFIGURATION: &str = "configuration";

const NEWEST: &[(&str, Direction)] = &[
    ("day", Direction::Down),
    ("whole", Direction::Down),
    ("what", Direction::Down),
    ("rbacGroupName", Direction::Up),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("exposure", "what:exposure whole:yes", NEWEST),
    View::new("configuration", "what:configuration", NEWEST),
    View::new("by device group", "whole:no", NEWEST),
    View::new("all", "", NEWEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "what, of which group, of which day").wide(8, 40),
    Column::new("day", "day", Shape::Text(Meaning::Title), "the day it was read, UTC").wide(10, 10).drop(0),
    Column::new("what", "score", Shape::Text(Meaning::Word), "exposure (lower is better) or configuration (higher is better): what:exposure").wide(13, 13).drop(0),
    Column::new("rbacGroupName", "group", Shape::Text(Meaning::Plain), "device group; empty where it is of all devices").also(&["group", "rbac"]).wide(8, 24).grow(9).drop(1),
    Column::new("whole", "all", Shape::Bool, "of all devices, and not of one group: whole:yes").wide(3, 3),
    Column::new("score", "points", Shape::Real, "the score: score>40").also(&["points"]).wide(6, 7).drop(0),
    Column::new("change", "change", Shape::Real, "points more or less than on the day before that is known: change>0").joined().wide(6, 7).drop(0),
    Column::new("time", "age", Shape::Time, "when the service worked it out").also(&["age"]).wide(4, 4).drop(2),
];

fn one(path: &'static str) -> Call {
    Call::get(Service::Defender, Path::new(path))
        .needs(NEEDS)
        .none_is_404()
}

fn exposure() -> Call {
    one("/exposureScore")
}

fn configuration() -> Call {
    one("/configurationScore")
}

fn by_group() -> Call {
    one("/exposureScore/ByMachineGroups")
}

/// The service has no call for a day; what can be read is today's.
fn get(key: &Key) -> Result<Call, BadPath> {
    Ok(match key.id.txt().exact().starts_with(CONFIGURATION) {
        true => configuration(),
        false => exposure(),
    })
}

/// Both scores have the same fields: which one it is stands in the address of its metadata.
pub fn what(row: Json<'_>) -> &'static str {
    let context = row.str("@odata.context").unwrap_or_default();
    match context.to_ascii_lowercase().contains("configurationscore") {
        true => CONFIGURATION,
        false => EXPOSURE,
    }
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    let told = row.str("time");
    let told = told.ok_or_else(|| BadRow("a score without id: it names no time".into()))?;
    let at = row.time("time");
    let what = what(row);
    let group = row.str("rbacGroupName").unwrap_or_default();
    let of = if group.is_empty() { "all" } else { group };
    let day = at.map(posture::day_of);
    let id = day.as_ref().map(|day| format!("{what} {day} {of}"));
    // what is no instant stands as it came
    to.text("id", Some(id.as_deref().unwrap_or(told)));
    to.text("day", Some(day.as_deref().unwrap_or(told)));
    to.text("what", Some(what));
    to.text("rbacGroupName", Some(group));
    to.bool("whole", Some(group.is_empty()));
    to.real("score", row.real("score"));
    to.time("time", at);
    Ok(())
}

/// A score of a day.
#[derive(Clone, Debug, PartialEq)]
pub struct Measure {
    pub key: Key,
    pub what: Text,
    pub group: Option<Text>,
    pub at: Ticks,
    pub score: f64,
}

impl Measure {
    fn is_of(&self, other: &Measure) -> bool {
        (&self.what, &self.group) == (&other.what, &other.group)
    }

    fn day(&self) -> i64 {
        self.at.0.div_euclid(DAY)
    }
}

/// Every score that is known, newest first.
pub fn all(known: &dyn Known) -> Vec<Measure> {
    let one = |key: Key| {
        let text = |column: &str| match known.cell(&key, column) {
            Some(Value::Text(t)) => Some(t),
            _ => None,
        };
        let (Some(Value::Time(at)), Some(Value::Real(score))) =
            (known.cell(&key, "time"), known.cell(&key, "score"))
        else {
            return None;
        };
        let (what, group) = (text("what")?, text("rbacGroupName"));
        Some(Measure {
            what,
            group,
            at: Ticks(at),
            score,
            key,
        })
    };
    let mut out: Vec<Measure> = known
        .keys(Kind::DeviceScore)
        .into_iter()
        .filter_map(one)
        .collect();
    out.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| a.key.cmp(&b.key)));
    out
}

/// The newest of all devices.
pub fn newest<'a>(all: &'a [Measure], what: &str) -> Option<&'a Measure> {
    all.iter()
        .find(|m| m.group.is_none() && m.what.txt().exact() == what)
}

/// The newest of each device group, the most exposed first.
pub fn groups(all: &[Measure]) -> Vec<&Measure> {
    let mut out: Vec<&Measure> = Vec::new();
    for m in all.iter().filter(|m| m.group.is_some()) {
        if !out.iter().any(|o| o.is_of(m)) {
            out.push(m);
        }
    }
    // the most exposed first
    out.sort_by(|a, b| b.score.total_cmp(&a.score));
    out
}

/// The one before it that lies at least so many days back, of the same thing.
pub fn before<'a>(all: &'a [Measure], of: &Measure, days: i64) -> Option<&'a Measure> {
    all.iter()
        .find(|m| m.is_of(of) && of.day() - m.day() >= days.max(1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use table::ChunkBuilder;

    #[test]
    fn both_scores_and_those_of_groups_are_told_apart_by_what_the_service_says() {
        let mut build = ChunkBuilder::new(SPEC.schema());
        let context =
            |what: &str| format!("https://api.security.microsoft.com/api/$metadata#{what}/$entity");
        let rows = [
            json!({"@odata.context": context("ExposureScore"), "time": "2026-08-01T10:00:00Z", "score": 33.2}),
            json!({"@odata.context": context("ConfigurationScore"), "time": "2026-08-01T10:00:00Z", "score": 512.6}),
            json!({"time": "2026-08-01T10:00:00Z", "score": 50, "rbacGroupName": "Servers"}),
        ];
        for row in &rows {
            decode(Json(row), &mut Sink::new(COLUMNS, &mut build)).unwrap();
            build.end_row();
        }
        let none = decode(
            Json(&json!({"score": 1})),
            &mut Sink::new(COLUMNS, &mut build),
        );
        assert!(none.is_err(), "without a day it would stand for any");
        build.drop_row();
        let chunk = build.finish();
        let ids: Vec<String> = (0..3)
            .map(|r| chunk.cell(r, 0).text().unwrap().exact().to_owned())
            .collect();
        assert_eq!(
            ids,
            [
                "exposure 2026-08-01 all",
                "configuration 2026-08-01 all",
                "exposure 2026-08-01 Servers"
            ]
        );
    }
}
