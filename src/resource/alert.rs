//! Alerts of Microsoft Graph (`security.alert`, `/security/alerts_v2`), `api/graph.md` 6.
//!
//! An alert carries its evidence: devices, users and every other value that names something become words of the row,
//! so that the entity index and the incidents' joined columns are made from the table alone.

use super::evidence;
use super::words::{ALERT_STATUS, CLASSIFICATION, SEVERITY};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '2',
    title: "Alerts",
    one: "alert",
    name_column: 3,
    sort: triage::BY_UPDATE,
    sections: detail::alert::SECTIONS,
    refs: detail::links::alert_refs,
    portal: detail::links::alert_portal,
    summary: detail::links::alert_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Alert, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get)
    .marked("lastUpdateDateTime")
    .every(30);

const NEEDS: &[&str] = &["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("to do", "st:new,inProgress sev>=med", triage::BY_SEVERITY),
    View::new("mine", "own:me !st:resolved", triage::BY_UPDATE),
    View::new("unowned", "own:none !st:resolved", triage::BY_SEVERITY),
    View::new("new today", "age<24h", triage::BY_CREATION),
    View::new("through Sentinel", "src:sentinel", triage::BY_UPDATE),
    View::new("resolved 7d", "st:resolved updated<7d", triage::BY_UPDATE),
    View::new("all", "", triage::BY_UPDATE),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "id of the alert").wide(8, 22),
    triage::SEVERITY.drop(0),
    Column::new("status", "status", Shape::Ranked(ALERT_STATUS), "status").also(&["st"]).says(&[("active", "new"), ("open", "new"), ("closed", "resolved")]).wide(6, 6).drop(0),
    Column::new("title", "title", Shape::Text(Meaning::Title), "title").also(&["name"]).wide(12, 44).grow(9).drop(0),
    Column::new("serviceSource", "source", Shape::Text(Meaning::Source), "product that raised it: src:mde").also(&["src", "source"]).wide(6, 8).drop(2),
    triage::CREATED.drop(1),
    triage::OWNER.drop(4),
    Column::new("incidentId", "inc", Shape::Text(Meaning::Id), "the incident it belongs to: inc:4711").also(&["inc", "incident"]).wide(4, 6).drop(3),
    Column::new("devices", "devices", Shape::Words(Meaning::Host), "devices of its evidence").also(&["dev", "device", "host"]).wide(10, 18).drop(5),
    Column::new("users", "users", Shape::Words(Meaning::Person), "users of its evidence").also(&["user", "u"]).wide(10, 18).drop(5),
    Column::new("mitreTechniques", "mitre", Shape::Words(Meaning::Technique), "MITRE techniques: mitre:T1566").also(&["mitre", "technique"]).wide(9, 14).drop(6),
    Column::new("category", "category", Shape::Text(Meaning::Word), "tactic: cat:access").also(&["cat", "tactic"]).wide(8, 16).drop(7),
    Column::new("detectionSource", "detected by", Shape::Text(Meaning::Word), "technology that detected it: detsrc:customDetection").also(&["detsrc"]).wide(11, 18),
    triage::UPDATED.drop(7),
    Column::new("lastActivityDateTime", "act", Shape::Time, "last activity it saw: act<1h").also(&["act", "activity"]).wide(4, 4).drop(8),
    Column::new("firstActivityDateTime", "from", Shape::Time, "first activity it saw").also(&["from"]).wide(4, 4),
    Column::new("resolvedDateTime", "res", Shape::Time, "when it was resolved").also(&["closed"]).wide(4, 4),
    triage::CLASSIFICATION.drop(8),
    triage::DETERMINATION,
    Column::new("threatDisplayName", "threat", Shape::Text(Meaning::Plain), "name of the threat").also(&["threat", "malware"]).wide(8, 18).drop(8),
    Column::new("threatFamilyName", "family", Shape::Text(Meaning::Plain), "family of the threat").also(&["family"]).wide(8, 14),
    Column::new("actorDisplayName", "actor", Shape::Text(Meaning::Plain), "named actor").also(&["actor"]).wide(8, 14),
    Column::new("investigationState", "investigation", Shape::Text(Meaning::Word), "automated investigation (historic)").also(&["inv"]).wide(13, 16),
    Column::new("systemTags", "system tags", Shape::Words(Meaning::Tag), "tags set by the service").also(&["systag", "tag"]).wide(11, 18),
    Column::new("entities", "entities", Shape::Words(Meaning::Address), "any address, hash, domain, URL, mail or id of its evidence: ent:10.0.0.4").also(&["ent", "ip", "hash", "url", "domain", "mail"]).wide(8, 24),
    Column::new("providerAlertId", "provider id", Shape::Text(Meaning::Id), "id of the alert in the product that raised it").wide(11, 22),
    Column::new("detectorId", "detector", Shape::Text(Meaning::Id), "id of the rule or detector").also(&["detector", "rule"]).wide(8, 22),
];

fn list(since: Option<Ticks>) -> Call {
    // up to 2,000 work, but each row brings all its evidence: a page should stay below a few megabytes
    let call = Call::get(Service::Graph, Path::new("/security/alerts_v2"))
        .query("$top", "200")
        .pages(Pages::Links { at_most: 500_000 })
        .needs(NEEDS);
    match since {
        Some(t) => call.query("$filter", format!("lastUpdateDateTime ge {}", t.literal())),
        // how many there are, for "loaded N of M"
        None => call.query("$count", "true"),
    }
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/security/alerts_v2").id(key.id.txt())?;
    Ok(Call::get(Service::Graph, path).needs(NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "an alert")?;
    to.ranked(row, "severity", SEVERITY);
    to.ranked(row, "status", ALERT_STATUS);
    to.ranked(row, "classification", CLASSIFICATION);
    to.determination(row);
    to.texts(
        row,
        &[
            "title",
            "serviceSource",
            "assignedTo",
            "incidentId",
            "detectionSource",
            "threatDisplayName",
            "threatFamilyName",
            "actorDisplayName",
            "investigationState",
            "providerAlertId",
            "detectorId",
        ],
    );
    // the older field is one word; newer alerts may have only the list
    let category = row
        .str("category")
        .or_else(|| row.list("categories").find_map(Json::as_str));
    to.text("category", category);
    to.times(
        row,
        &[
            "createdDateTime",
            "lastUpdateDateTime",
            "lastActivityDateTime",
            "firstActivityDateTime",
            "resolvedDateTime",
        ],
    );
    to.lists(row, &["mitreTechniques", "systemTags"]);
    let found = evidence::mentions(row);
    to.some_words("devices", &found.devices);
    to.some_words("users", &found.users);
    to.some_words("entities", &found.entities);
    Ok(())
}
