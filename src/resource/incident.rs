//! Incidents of Microsoft Graph (`security.incident`), `api/graph.md` 6.
//!
//! The list is read without `$expand`: what an incident does not carry itself (sources, techniques, number of alerts,
//! devices, users) is joined from the alerts (`join`).

use super::words::{CLASSIFICATION, INCIDENT_STATUS, SEVERITY};
use super::*;
use crate::model::Service;
use crate::model::call::{BadPath, Pages, Path};

pub static SPEC: Spec = Spec {
    digit: '1',
    title: "Incidents",
    one: "incident",
    name_column: 4,
    sort: triage::BY_UPDATE,
    sections: detail::incident::SECTIONS,
    refs: detail::links::incident_refs,
    portal: detail::links::incident_portal,
    summary: detail::links::incident_summary,
    views: VIEWS,
    needs: NEEDS,
    ..Spec::of(Kind::Incident, COLUMNS, decode, LISTING)
};

const LISTING: Listing = Listing::of(list, get)
    .marked("lastUpdateDateTime")
    .every(30);

const NEEDS: &[&str] = &[
    "SecurityIncident.Read.All",
    "SecurityIncident.ReadWrite.All",
];

#[rustfmt::skip]
static VIEWS: &[View] = &[
    View::new("to do", "st:active,inProgress sev>=med", triage::BY_SEVERITY),
    View::new("mine", "own:me !st:resolved,redirected", triage::BY_UPDATE),
    View::new("unowned", "own:none !st:resolved,redirected", triage::BY_SEVERITY),
    View::new("new today", "age<24h", triage::BY_CREATION),
    View::new("resolved 7d", "st:resolved updated<7d", triage::BY_UPDATE),
    View::new("all", "", triage::BY_UPDATE),
];

#[rustfmt::skip]
static COLUMNS: &[Column] = &[
    Column::new("id", "id", Shape::Text(Meaning::Id), "number of the incident").also(&["number"]).wide(4, 6).drop(0),
    triage::SEVERITY.drop(0),
    Column::new("status", "status", Shape::Ranked(INCIDENT_STATUS), "status; merged ones say redirected").also(&["st"]).says(&[("new", "active"), ("closed", "resolved"), ("open", "active")]).wide(6, 6).drop(0),
    triage::OWNER.drop(2),
    Column::new("displayName", "title", Shape::Text(Meaning::Title), "title").also(&["title", "name"]).wide(12, 46).grow(9).drop(0),
    triage::CREATED.drop(1),
    triage::UPDATED.drop(6),
    Column::new("serviceSources", "source", Shape::Words(Meaning::Source), "products whose alerts it has: src:mde").also(&["src", "source", "serviceSource"]).wide(6, 9).drop(4).joined(),
    Column::new("alertCount", "al", Shape::Int, "number of alerts: alerts>3").also(&["alerts"]).wide(3, 3).drop(5).joined(),
    Column::new("techniques", "mitre", Shape::Words(Meaning::Technique), "MITRE techniques of its alerts: mitre:T1566").also(&["mitre", "technique"]).wide(9, 18).drop(7).joined(),
    Column::new("devices", "devices", Shape::Words(Meaning::Host), "devices of its alerts").also(&["dev", "device", "host"]).wide(10, 16).drop(6).joined(),
    Column::new("users", "users", Shape::Words(Meaning::Person), "users of its alerts").also(&["user", "u"]).wide(10, 16).drop(6).joined(),
    Column::new("priorityScore", "prio", Shape::Int, "Microsoft's priority, 0 to 100: prio>=80").also(&["prio", "priority"]).wide(4, 4).drop(4),
    triage::CLASSIFICATION.drop(8),
    triage::DETERMINATION,
    Column::new("customTags", "tags", Shape::Words(Meaning::Tag), "tags: tag:vip, !tag:test").also(&["tag", "tags"]).wide(6, 12).drop(8),
    Column::new("systemTags", "system tags", Shape::Words(Meaning::Tag), "tags set by the service: systag:\"Defender Experts\"").also(&["systag"]).wide(11, 18),
    Column::new("lastModifiedBy", "by", Shape::Text(Meaning::Person), "who changed it last").also(&["by"]).wide(6, 12),
    Column::new("redirectIncidentId", "into", Shape::Text(Meaning::Id), "the incident it was merged into: into:any").also(&["into"]).wide(4, 6),
];

fn list(since: Option<Ticks>) -> Call {
    // 51 is refused with 400 and an empty code
    let call = Call::get(Service::Graph, Path::new("/security/incidents"))
        .query("$top", "50")
        .pages(Pages::Links { at_most: 500_000 })
        .needs(NEEDS);
    match since {
        Some(t) => call.query("$filter", format!("lastUpdateDateTime ge {}", t.literal())),
        // how many there are, for "loaded N of M"
        None => call.query("$count", "true"),
    }
}

fn get(key: &Key) -> Result<Call, BadPath> {
    let path = Path::new("/security/incidents").id(key.id.txt())?;
    Ok(Call::get(Service::Graph, path).needs(NEEDS))
}

fn decode(row: Json<'_>, to: &mut Sink<'_>) -> Result<(), BadRow> {
    to.id(row, "an incident")?;
    to.ranked(row, "severity", SEVERITY);
    to.ranked(row, "status", INCIDENT_STATUS);
    to.ranked(row, "classification", CLASSIFICATION);
    to.determination(row);
    to.texts(
        row,
        &[
            "assignedTo",
            "displayName",
            "lastModifiedBy",
            "redirectIncidentId",
        ],
    );
    to.times(row, &["createdDateTime", "lastUpdateDateTime"]);
    to.lists(row, &["customTags", "systemTags"]);
    to.int("priorityScore", row.int("priorityScore"));
    Ok(())
}
