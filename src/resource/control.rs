//! Controls of the secure score: what is recommended, for how many points, at what cost, and what was decided about it,
//! `api/graph.md` 8. Points had and to gain are joined from the newest day's score.

use super::words::{CONTROL_STATE, EFFORT};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '7',
    title: "Controls",
    one: "control",
    sort: GAIN,
    sections: detail::posture::CONTROL,
    portal: |_, tenant| detail::links::fixed("/securescore", tenant),
    summary: detail::posture::control_summary,
    views: VIEWS,
    needs: score::NEEDS,
    ..Spec::of(Kind::Control, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get);

const GAIN: &[(&str, Direction)] = &[
    ("gain", Direction::Down),
    ("implementationCost", Direction::Up),
    ("rank", Direction::Up),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("to gain", "gain>0 state:default", GAIN),
    View::new("cheap", "gain>0 cost:low impact:low", GAIN),
    View::new("regressed", "change<0", &[("change", Direction::Up)]),
    View::new("decided", "!state:default", &[("stateSet", Direction::Down)]),
    View::new("by rank", "", &[("rank", Direction::Up)]),
    View::new("all", "", GAIN),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "the service's name of the control").wide(8, 40),
    Column::new("title", "control", Shape::Text(Meaning::Title), "what is recommended").wide(18, 60).grow(9).drop(0),
    Column::new("gain", "gain", Shape::Real, "points still to be had: gain>2").joined().wide(5, 5).drop(0),
    Column::new("implementationCost", "cost", Shape::Ranked(EFFORT), "implementation cost: cost:low").also(&["cost"]).wide(4, 4).drop(0),
    Column::new("userImpact", "impact", Shape::Ranked(EFFORT), "what users notice: impact<=mod").also(&["impact"]).wide(6, 6).drop(1),
    Column::new("rank", "rank", Shape::Int, "Microsoft's order of what to do first").wide(4, 4).drop(2),
    Column::new("state", "state", Shape::Ranked(CONTROL_STATE), "what was decided: todo, accept (risk accepted), third (third party), mitig (alternate mitigation)").wide(6, 6).drop(2),
    Column::new("change", "7 d", Shape::Real, "points more or less than a week before: change<0").joined().wide(5, 5).drop(3),
    Column::new("score", "have", Shape::Real, "points had on the newest day").also(&["have"]).joined().wide(5, 5).drop(4),
    Column::new("maxScore", "max", Shape::Real, "points of the control").also(&["max"]).wide(5, 5).drop(5),
    Column::new("controlCategory", "category", Shape::Text(Meaning::Word), "category: category:identity").also(&["category", "cat"]).wide(8, 9).drop(6),
    Column::new("service", "service", Shape::Text(Meaning::Word), "product it is about").also(&["svc"]).wide(7, 14).drop(7),
    Column::new("tier", "tier", Shape::Text(Meaning::Word), "Core, Defense in Depth, Advanced").wide(8, 16),
    Column::new("actionType", "action", Shape::Text(Meaning::Word), "Config, Review or Behavior").wide(6, 8),
    Column::new("threats", "threats", Shape::Words(Meaning::Tag), "threats it is against").wide(7, 24),
    Column::new("deprecated", "old", Shape::Bool, "it is deprecated: deprecated:yes").wide(3, 3),
    Column::new("stateBy", "decided by", Shape::Text(Meaning::Person), "who decided").also(&["by"]).wide(10, 20),
    Column::new("stateSet", "decided", Shape::Time, "when it was decided").wide(7, 7),
    Column::new("comment", "note", Shape::Text(Meaning::Title), "the note of the decision").also(&["note"]).wide(8, 30),
    Column::new("assignedTo", "assigned", Shape::Text(Meaning::Person), "who is to do it").wide(8, 20),
    Column::new("lastModifiedDateTime", "upd", Shape::Time, "when Microsoft changed its description").also(&["upd"]).wide(4, 4),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(
        Service::Graph,
        Path::new("/security/secureScoreControlProfiles"),
    )
    .query("$top", "200")
    .needs(score::NEEDS)
    .none_is_404()
    .pages(Pages::Links { at_most: 5_000 })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/security/secureScoreControlProfiles").id(key.id.txt())?;
    Ok(Call::get(Service::Graph, path).needs(score::NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "a control")?;
    to.texts(row, &["controlCategory", "service", "tier", "actionType"]);
    // one without a title is known by its name
    to.text("title", row.str("title").or(row.str("id")));
    to.ranked(row, "implementationCost", EFFORT);
    to.ranked(row, "userImpact", EFFORT);
    to.int("rank", row.int("rank"));
    to.real("maxScore", row.real("maxScore"));
    to.lists(row, &["threats"]);
    to.bool("deprecated", row.bool("deprecated"));
    to.time("lastModifiedDateTime", row.time("lastModifiedDateTime"));
    let last = posture::decision(row);
    to.text(
        "state",
        Some(words::canonical(CONTROL_STATE, posture::state_of(row))),
    );
    if let Some(last) = last {
        to.text("stateBy", last.str("updatedBy"));
        to.time("stateSet", last.time("updatedDateTime"));
        to.text("comment", last.str("comment"));
        to.text("assignedTo", last.str("assignedTo"));
    }
    Ok(())
}
