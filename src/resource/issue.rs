//! What Microsoft says of the health of its own services, `api/defender.md` 15: issues of every service, those that go on and
//! those that are over. A missing answer of theirs may have its reason here.

use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    title: "Advisories",
    one: "advisory",
    name_column: 3,
    sort: NEWEST,
    sections: detail::issue::SECTIONS,
    portal: detail::issue::portal,
    summary: detail::issue::summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Issue, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get).every(900);

/// The older `ServiceHealth.Read` of the activity feed does not reach it.
pub const NEEDS: &[&str] = &["ServiceHealth.Read.All"];

const NEWEST: &[(&str, Direction)] = &[
    ("active", Direction::Down),
    ("startDateTime", Direction::Down),
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("going on", "active:yes", NEWEST),
    View::new("Defender, Entra, Microsoft 365", "ours:yes", NEWEST),
    View::new("all", "", NEWEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "Microsoft's number of it").wide(9, 10).drop(4),
    Column::new("active", "on", Shape::Bool, "it goes on: active:yes").wide(3, 3).drop(0),
    // nearly every name begins with the same word
    Column::new("service", "service", Shape::Text(Meaning::Plain), "the service that it is about").wide(18, 28).drop(1),
    Column::new("title", "title", Shape::Text(Meaning::Title), "what is wrong").wide(16, 60).grow(9).drop(0),
    Column::new("status", "status", Shape::Text(Meaning::Word), "where they stand with it").wide(8, 18).drop(2),
    Column::new("classification", "class", Shape::Text(Meaning::Word), "advisory or incident").also(&["class"]).wide(8, 8).drop(3),
    Column::new("startDateTime", "began", Shape::Time, "when it began: began<1d").also(&["began", "age"]).wide(5, 5).drop(0),
    Column::new("lastModifiedDateTime", "upd", Shape::Time, "when they last said something").also(&["upd"]).wide(4, 4).drop(5),
    Column::new("endDateTime", "ended", Shape::Time, "when it was over").also(&["ended"]).wide(5, 5),
    Column::new("ours", "ours", Shape::Bool, "it is about Defender, Entra or all of Microsoft 365: ours:yes").wide(4, 4),
];

fn list(_since: Option<Ticks>) -> Call {
    Call::get(
        Service::Graph,
        Path::new("/admin/serviceAnnouncement/issues"),
    )
    .query("$top", "100")
    .needs(NEEDS)
    .pages(Pages::Links { at_most: 1_000 })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/admin/serviceAnnouncement/issues").id(key.id.txt())?;
    Ok(Call::get(Service::Graph, path).needs(NEEDS))
}

/// Statuses after which nothing goes on. One that nobody knows yet is not over.
const OVER: &[&str] = &[
    "serviceOperational",
    "serviceRestored",
    "postIncidentReviewPublished",
    "falsePositive",
    "resolved",
    "resolvedExternal",
    "mitigated",
    "mitigatedExternal",
];

/// It goes on: Microsoft says so, or does not say that it is over.
pub fn active(row: Json<'_>) -> bool {
    match row.bool("isResolved") {
        Some(resolved) => !resolved,
        None => !OVER
            .iter()
            .any(|o| row.str("status").is_some_and(|s| s.eq_ignore_ascii_case(o))),
    }
}

/// Whether it is about what this program reads: Defender, Entra, or Microsoft 365 as a whole.
pub fn is_ours(service: &str) -> bool {
    let service = service.to_lowercase();
    [
        "defender",
        "entra",
        "azure active directory",
        "microsoft 365 suite",
        "purview",
    ]
    .iter()
    .any(|word| service.contains(word))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "an advisory")?;
    to.texts(row, &["service", "title", "status", "classification"]);
    to.times(
        row,
        &["startDateTime", "lastModifiedDateTime", "endDateTime"],
    );
    to.bool("active", Some(active(row)));
    to.bool(
        "ours",
        Some(is_ours(row.str("service").unwrap_or_default())),
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn s0_22_what_goes_on_is_told_also_in_words_nobody_knows_yet() {
        let is = |v: serde_json::Value| active(Json(&v));
        assert!(is(json!({"isResolved": false, "status": "investigating"})));
        assert!(!is(
            json!({"isResolved": true, "status": "serviceRestored"})
        ));
        assert!(is(json!({"status": "beingRethought"})));
        assert!(!is(json!({"status": "resolved"})));
        assert!(is_ours("Microsoft Defender XDR") && is_ours("Microsoft Entra"));
        assert!(is_ours("Microsoft 365 suite") && !is_ours("Microsoft Holograms"));
    }
}
