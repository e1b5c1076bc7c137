//! The secure score of each day, `api/graph.md` 8. The service keeps ninety days; what was read once stays here for longer.
//!
//! A day's row carries what every control had on it, so that any two days can be compared without asking again.

use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '7',
    title: "Scores",
    one: "score",
    sort: NEWEST,
    sections: detail::posture::DAY,
    portal: |_, tenant| detail::links::fixed("/securescore", tenant),
    summary: detail::posture::day_summary,
    views: &[],
    needs: NEEDS,
    ..Spec::of(Kind::Score, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get);

/// Reading scores and controls.
pub const NEEDS: &[&str] = &["SecurityEvents.Read.All", "SecurityEvents.ReadWrite.All"];

const NEWEST: &[(&str, Direction)] = &[("createdDateTime", Direction::Down)];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "the service's id of the day").wide(8, 40),
    Column::new("day", "day", Shape::Text(Meaning::Title), "the day, UTC").wide(10, 10).grow(1).drop(0),
    Column::new("currentScore", "score", Shape::Real, "points on that day: score>100").also(&["score"]).wide(6, 7).drop(0),
    Column::new("maxScore", "of", Shape::Real, "points there are").also(&["max", "of"]).wide(6, 7).drop(1),
    Column::new("percent", "%", Shape::Real, "part of the points there are, in percent").also(&["pct"]).wide(5, 5).drop(0),
    Column::new("change", "change", Shape::Real, "points more or less than on the day before that is known").joined().wide(6, 6).drop(1),
    Column::new("allTenants", "all", Shape::Real, "average of all tenants, as the service counts it").also(&["all"]).wide(5, 5).drop(3),
    Column::new("totalSeats", "size", Shape::Real, "average of tenants of this size").also(&["size"]).wide(5, 5).drop(4),
    Column::new("industryTypes", "trade", Shape::Real, "average of tenants of this trade").also(&["trade", "industry"]).wide(5, 5).drop(5),
    Column::new("activeUserCount", "active", Shape::Int, "active users on that day").wide(6, 7).drop(6),
    Column::new("licensedUserCount", "licensed", Shape::Int, "licensed users on that day").wide(8, 8),
    Column::new("createdDateTime", "age", Shape::Time, "which day: age<30d").also(&["age"]).wide(4, 4).drop(2),
    Column::new("controls", "controls", Shape::Words(Meaning::Word), "what each control had on that day").wide(8, 30),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(Service::Graph, Path::new("/security/secureScores"))
        .query("$top", "90")
        .needs(NEEDS)
        .none_is_404()
        .pages(Pages::Links { at_most: 2_000 })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    Ok(Call::get(
        Service::Graph,
        Path::new("/security/secureScores").id(key.id.txt())?,
    )
    .needs(NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a secure score")?;
    let (current, max) = (row.real("currentScore"), row.real("maxScore"));
    to.real("currentScore", current);
    to.real("maxScore", max);
    to.real("percent", posture::percent(current, max));
    to.int("activeUserCount", row.int("activeUserCount"));
    to.int("licensedUserCount", row.int("licensedUserCount"));
    let at = row.time("createdDateTime");
    to.time("createdDateTime", at);
    // where the instant is missing the id still ends with the day
    let day = at.map(posture::day_of).or_else(|| {
        let id = row.str("id")?;
        id.rsplit('_').next().map(str::to_owned)
    });
    to.text("day", day.as_deref());
    for average in row.list("averageComparativeScores") {
        let column = match average.str("basis") {
            Some("AllTenants") => "allTenants",
            Some("TotalSeats") => "totalSeats",
            Some("IndustryTypes") => "industryTypes",
            _ => continue,
        };
        to.real(column, average.real("averageScore"));
    }
    let controls: Vec<String> = row
        .list("controlScores")
        .filter_map(posture::packed)
        .collect();
    to.some_words("controls", &controls);
    Ok(())
}
