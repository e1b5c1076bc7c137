//! `/identityProtection`: risky users, their history, detections.

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use crate::odata::check::{EQ, Kind, NE, ORDER, Over, Rules, check, field};
use crate::odata::eval::{Case, Cell, Lazy};
use crate::wire::answer::Answer;

const LEVEL: &[&str] = &[
    "low",
    "medium",
    "high",
    "hidden",
    "none",
    "unknownFutureValue",
];
const STATE: &[&str] = &[
    "none",
    "confirmedSafe",
    "remediated",
    "dismissed",
    "atRisk",
    "confirmedCompromised",
    "unknownFutureValue",
];

const USERS: Rules = Rules {
    kind: "microsoft.graph.riskyUser",
    filter: &[
        field("id", Kind::Text, EQ),
        field("riskLevel", Kind::Enum(LEVEL), EQ | NE),
        field("riskState", Kind::Enum(STATE), EQ | NE),
        field("riskDetail", Kind::Text, EQ | NE),
        field("userPrincipalName", Kind::Text, EQ),
        field("riskLastUpdatedDateTime", Kind::Time, EQ | ORDER),
    ],
    select: &[
        "id",
        "isDeleted",
        "isProcessing",
        "riskDetail",
        "riskLastUpdatedDateTime",
        "riskLevel",
        "riskState",
        "userDisplayName",
        "userPrincipalName",
    ],
    orderby: &["riskLastUpdatedDateTime"],
    expand: &["history"],
    top: (20, 500),
    over: Over::Refused,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const DETECTIONS: Rules = Rules {
    kind: "microsoft.graph.riskDetection",
    filter: &[
        field("id", Kind::Text, EQ),
        field("userId", Kind::Text, EQ),
        field("userPrincipalName", Kind::Text, EQ),
        field("riskLevel", Kind::Enum(LEVEL), EQ),
        field("riskState", Kind::Enum(STATE), EQ),
        field("riskEventType", Kind::Text, EQ),
        field("riskDetail", Kind::Text, EQ),
        field("ipAddress", Kind::Text, EQ),
        field("requestId", Kind::Text, EQ),
        field("correlationId", Kind::Text, EQ),
        field("activityDateTime", Kind::Time, EQ | ORDER),
        field("detectedDateTime", Kind::Time, EQ | ORDER),
        field("lastUpdatedDateTime", Kind::Time, EQ | ORDER),
    ],
    select: &[
        "id",
        "activity",
        "activityDateTime",
        "additionalInfo",
        "correlationId",
        "detectedDateTime",
        "detectionTimingType",
        "ipAddress",
        "lastUpdatedDateTime",
        "location",
        "requestId",
        "riskDetail",
        "riskEventType",
        "riskLevel",
        "riskState",
        "source",
        "tokenIssuerType",
        "userDisplayName",
        "userId",
        "userPrincipalName",
    ],
    orderby: &[],
    expand: &[],
    skip: false,
    count: false,
    ..USERS
};

fn one(cx: &Cx<'_>, rules: &Rules) -> Result<(), Fault> {
    let rules = Rules {
        filter: &[],
        orderby: &[],
        skip: false,
        count: false,
        ..*rules
    };
    check(&cx.options, &rules, false).map_err(|r| Family::Risk.refuse(r))
}

/// `GET /identityProtection/riskyUsers`
pub(super) fn users(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &USERS, false).map_err(|r| Family::Risk.refuse(r))?;
    let row = |i: usize| {
        let row = cx.world.risky_row(i);
        let quick = move |name: &str| {
            Some(match name {
                "riskLevel" => Cell::from(row.level),
                "riskState" => Cell::from(row.state),
                "riskDetail" => Cell::from(row.detail),
                "riskLastUpdatedDateTime" => Cell::Time(row.updated.timestamp()),
                _ => return None,
            })
        };
        Lazy::new(quick, move || cx.world.risky_json(i))
    };
    let render = |i: usize| {
        let mut obj = cx.world.risky_json(i);
        if !cx.options.expand.is_empty() {
            let history = cx
                .world
                .risky_history(i)
                .into_iter()
                .map(serde_json::Value::Object)
                .collect();
            obj.insert("history".into(), serde_json::Value::Array(history));
        }
        obj
    };
    page::list(
        cx,
        "identityProtection/riskyUsers",
        &USERS,
        Paging::Skip,
        0..cx.world.risky_count(),
        row,
        render,
    )
}

fn find(cx: &Cx<'_>, id: &str) -> Result<usize, Fault> {
    let found = cx
        .world
        .user_by_id(id)
        .and_then(|user| cx.world.risky_of_user(user));
    found.ok_or_else(|| Fault::no_entity(&format!("Risky user {id}")))
}

/// `GET /identityProtection/riskyUsers/{id}`
pub(super) fn user(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    one(cx, &USERS)?;
    let i = find(cx, &path[2])?;
    Ok(page::entity(
        cx,
        "identityProtection/riskyUsers/$entity",
        cx.world.risky_json(i),
    ))
}

/// `GET /identityProtection/riskyUsers/{id}/history`
pub(super) fn history(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = find(cx, &path[2])?;
    let context = format!("identityProtection/riskyUsers('{}')/history", path[2]);
    Ok(page::write(
        cx,
        &context,
        None,
        None,
        cx.world.risky_history(i).into_iter(),
    ))
}

/// `GET /identityProtection/riskDetections`
pub(super) fn detections(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &DETECTIONS, false).map_err(|r| Family::Risk.refuse(r))?;
    let row = |i: usize| {
        let row = cx.world.detection_row(i);
        let quick = move |name: &str| {
            Some(match name {
                "riskLevel" => Cell::from(row.level),
                "riskState" => Cell::from(row.state),
                "riskEventType" => Cell::from(row.kind),
                "userPrincipalName" => Cell::from(cx.world.user_row(row.user).upn),
                _ => return None,
            })
        };
        Lazy::new(quick, move || cx.world.detection_json(i))
    };
    let positions = 0..cx.world.detection_count();
    page::list(
        cx,
        "identityProtection/riskDetections",
        &DETECTIONS,
        Paging::Token,
        positions,
        row,
        |i| cx.world.detection_json(i),
    )
}

/// `GET /identityProtection/riskDetections/{id}`
pub(super) fn detection(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    one(cx, &DETECTIONS)?;
    let id = &path[2];
    let i = cx
        .world
        .detection_by_id(id)
        .ok_or_else(|| Fault::no_entity(&format!("Risk detection {id}")))?;
    Ok(page::entity(
        cx,
        "identityProtection/riskDetections/$entity",
        cx.world.detection_json(i),
    ))
}
