//! What Microsoft announces of changes to its services: the messages of the message centre (MC…), `api/defender.md` 15. What goes
//! wrong is in the advisories beside.

use super::issue::is_ours;
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    title: "Announcements",
    one: "announcement",
    name_column: 2,
    sort: NEWEST,
    sections: detail::issue::ANNOUNCEMENT,
    portal: detail::issue::announcement_portal,
    summary: detail::issue::announcement_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Announcement, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get);

pub const NEEDS: &[&str] = &["ServiceMessage.Read.All"];

const NEWEST: &[(&str, Direction)] = &[("lastModifiedDateTime", Direction::Down)];
const ACT_BY: &[(&str, Direction)] = &[("actionRequiredByDateTime", Direction::Up)];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("Defender, Entra, Microsoft 365", "ours:yes", NEWEST),
    View::new("to act on", "act:*", ACT_BY),
    View::new("major changes", "major:yes", NEWEST),
    View::new("all", "", NEWEST),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "Microsoft's number of it: MC…").wide(9, 10).drop(3),
    Column::new("services", "services", Shape::Words(Meaning::Tag), "the services that it is about: services:entra").also(&["service"]).wide(10, 24).drop(1),
    Column::new("title", "title", Shape::Text(Meaning::Title), "what changes").wide(16, 60).grow(9).drop(0),
    Column::new("actionRequiredByDateTime", "act by", Shape::Time, "until when something must be done: act<30d").also(&["act"]).wide(6, 6).drop(0),
    Column::new("isMajorChange", "major", Shape::Bool, "a major change: major:yes").also(&["major"]).wide(5, 5).drop(2),
    Column::new("severity", "sev", Shape::Text(Meaning::Word), "normal, high, critical").also(&["sev"]).wide(6, 8).drop(4),
    Column::new("category", "category", Shape::Text(Meaning::Word), "planForChange, preventOrFixIssue, stayInformed").also(&["cat"]).wide(8, 17).drop(5),
    Column::new("lastModifiedDateTime", "upd", Shape::Time, "when it was changed last: upd<7d").also(&["upd", "age"]).wide(4, 4).drop(0),
    Column::new("startDateTime", "since", Shape::Time, "when it was first announced").also(&["since"]).wide(5, 5),
    Column::new("endDateTime", "until", Shape::Time, "when it is taken down").also(&["until"]).wide(5, 5),
    Column::new("tags", "tags", Shape::Words(Meaning::Tag), "Microsoft's tags").also(&["tag"]).wide(4, 16),
    Column::new("ours", "ours", Shape::Bool, "it is about Defender, Entra or all of Microsoft 365: ours:yes").wide(4, 4),
];

const ROOT: &str = "/admin/serviceAnnouncement/messages";

fn list(_since: Option<Ticks>) -> Call {
    let call = Call::get(Service::Graph, Path::new(ROOT)).query("$top", "100");
    call.needs(NEEDS).pages(Pages::Links { at_most: 2_000 })
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new(ROOT).id(key.id.txt())?;
    Ok(Call::get(Service::Graph, path).needs(NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "an announcement")?;
    to.texts(row, &["title", "severity", "category"]);
    to.lists(row, &["services", "tags"]);
    to.times(
        row,
        &[
            "actionRequiredByDateTime",
            "lastModifiedDateTime",
            "startDateTime",
            "endDateTime",
        ],
    );
    to.bool("isMajorChange", row.bool("isMajorChange"));
    let ours = row.list("services").filter_map(Json::as_str).any(is_ours);
    to.bool("ours", Some(ours));
    Ok(())
}
