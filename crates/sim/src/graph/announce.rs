//! `/admin/serviceAnnouncement`: health of the services, issues, messages.

use serde_json::Value;

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page;
use crate::odata::check::{EQ, Kind, NE, ORDER, Over, Rules, check, field};
use crate::odata::eval::Case;
use crate::wire::answer::Answer;
use crate::world::Obj;

const OVERVIEWS: Rules = Rules {
    kind: "microsoft.graph.serviceHealth",
    filter: &[
        field("id", Kind::Text, EQ),
        field("service", Kind::Text, EQ),
        field("status", Kind::Text, EQ | NE),
    ],
    select: &["id", "service", "status", "issues"],
    orderby: &["service"],
    expand: &["issues"],
    top: (100, 100),
    over: Over::Clamped,
    skip: false,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const ISSUES: Rules = Rules {
    kind: "microsoft.graph.serviceHealthIssue",
    filter: &[
        field("id", Kind::Text, EQ),
        field("service", Kind::Text, EQ),
        field("status", Kind::Text, EQ | NE),
        field("classification", Kind::Text, EQ),
        field("isResolved", Kind::Bool, EQ),
        field("startDateTime", Kind::Time, EQ | ORDER),
        field("endDateTime", Kind::Time, EQ | NE | ORDER),
        field("lastModifiedDateTime", Kind::Time, EQ | ORDER),
    ],
    select: &[
        "id",
        "title",
        "startDateTime",
        "endDateTime",
        "lastModifiedDateTime",
        "details",
        "impactDescription",
        "classification",
        "origin",
        "status",
        "service",
        "feature",
        "featureGroup",
        "isResolved",
        "highImpact",
        "posts",
    ],
    orderby: &["startDateTime", "lastModifiedDateTime"],
    expand: &[],
    ..OVERVIEWS
};

const MESSAGES: Rules = Rules {
    kind: "microsoft.graph.serviceUpdateMessage",
    filter: &[
        field("id", Kind::Text, EQ),
        field("category", Kind::Text, EQ),
        field("severity", Kind::Text, EQ),
        field("isMajorChange", Kind::Bool, EQ),
        field("services", Kind::List(&[""]), 0),
        field("startDateTime", Kind::Time, EQ | ORDER),
        field("lastModifiedDateTime", Kind::Time, EQ | ORDER),
    ],
    select: &[
        "id",
        "title",
        "startDateTime",
        "endDateTime",
        "lastModifiedDateTime",
        "category",
        "severity",
        "tags",
        "isMajorChange",
        "actionRequiredByDateTime",
        "services",
        "hasAttachments",
        "viewPoint",
        "details",
        "body",
    ],
    ..ISSUES
};

/// Statuses that every caller sees; others only those that ask for them.
const STATUSES: [&str; 17] = [
    "serviceOperational",
    "investigating",
    "restoringService",
    "verifyingService",
    "serviceRestored",
    "postIncidentReviewPublished",
    "serviceDegradation",
    "serviceInterruption",
    "extendedRecovery",
    "falsePositive",
    "investigationSuspended",
    "resolved",
    "mitigated",
    "mitigatedExternal",
    "resolvedExternal",
    "confirmed",
    "reported",
];

const ROOT: &str = "admin/serviceAnnouncement";

fn checked(cx: &Cx<'_>, rules: &Rules) -> Result<bool, Fault> {
    let settings = cx.tenant.settings();
    if settings.lacks("service-health") {
        return Err(Family::Announcements.forbidden(&[], &[], true));
    }
    check(&cx.options, rules, false).map_err(|r| Family::Announcements.refuse(r))?;
    Ok(settings.healthy)
}

fn masked(cx: &Cx<'_>, mut rows: Vec<Obj>) -> Vec<Obj> {
    if cx.ask.prefers("include-unknown-enum-members") {
        return rows;
    }
    let strange = |row: &Obj| {
        row["status"]
            .as_str()
            .is_some_and(|s| !STATUSES.contains(&s))
    };
    for row in rows.iter_mut().filter(|r| strange(r)) {
        row.insert("status".into(), "unknownFutureValue".into());
    }
    rows
}

fn every_issue(cx: &Cx<'_>, calm: bool) -> Vec<Obj> {
    masked(cx, cx.world.health_issues(calm))
}

fn one(cx: &Cx<'_>, what: &str, rows: Vec<Obj>, id: &str) -> Result<Answer, Fault> {
    let mut rows = rows.into_iter();
    let found = rows.find(|r| r["id"].as_str().is_some_and(|i| i.eq_ignore_ascii_case(id)));
    let row = found.ok_or_else(|| Fault::no_entity(id))?;
    Ok(page::entity(cx, &format!("{ROOT}/{what}/$entity"), row))
}

fn overviews(cx: &Cx<'_>, calm: bool) -> Vec<Obj> {
    let mut rows = masked(cx, cx.world.health_overviews(calm));
    if cx.options.expand.iter().any(|e| e.name == "issues") {
        let issues = every_issue(cx, calm);
        for row in &mut rows {
            let own = issues.iter().filter(|i| i["service"] == row["service"]);
            let own = own.cloned().map(Value::Object).collect();
            row.insert("issues".into(), Value::Array(own));
        }
    }
    rows
}

/// `GET …/healthOverviews`
pub(super) fn health(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let calm = checked(cx, &OVERVIEWS)?;
    let rows = overviews(cx, calm);
    page::objects(cx, &format!("{ROOT}/healthOverviews"), &OVERVIEWS, &rows)
}

/// `GET …/healthOverviews/{id}`
pub(super) fn health_of(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let calm = checked(cx, &OVERVIEWS)?;
    one(cx, "healthOverviews", overviews(cx, calm), &path[3])
}

/// `GET …/issues`
pub(super) fn issues(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let calm = checked(cx, &ISSUES)?;
    let rows = every_issue(cx, calm);
    page::objects(cx, &format!("{ROOT}/issues"), &ISSUES, &rows)
}

/// `GET …/issues/{id}`
pub(super) fn issue(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let calm = checked(cx, &ISSUES)?;
    one(cx, "issues", every_issue(cx, calm), &path[3])
}

/// `GET …/messages`
pub(super) fn messages(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    checked(cx, &MESSAGES)?;
    let rows = cx.world.health_messages();
    page::objects(cx, &format!("{ROOT}/messages"), &MESSAGES, &rows)
}

/// `GET …/messages/{id}`
pub(super) fn message(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    checked(cx, &MESSAGES)?;
    one(cx, "messages", cx.world.health_messages(), &path[3])
}
