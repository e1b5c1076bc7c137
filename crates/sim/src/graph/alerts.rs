//! `/security/alerts_v2`.

use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::{Family, Fault};
use super::page::{self, Paging};
use super::triage::{self, CLASSIFICATION, DETERMINATION, SEVERITY, Shape};
use crate::clock::iso;
use crate::odata::check::{EQ, Field, IN, Kind, NE, ORDER, Over, Rules, check, field};
use crate::odata::eval::Case;
use crate::queue::{self, Origin, Queue};
use crate::wire::answer::Answer;

const SOURCE: &[&str] = &[
    "unknown",
    "microsoftDefenderForEndpoint",
    "microsoftDefenderForIdentity",
    "microsoftDefenderForCloudApps",
    "microsoftDefenderForOffice365",
    "microsoft365Defender",
    "azureAdIdentityProtection",
    "microsoftAppGovernance",
    "dataLossPrevention",
    "microsoftDefenderForCloud",
    "microsoftSentinel",
    "microsoftInsiderRiskManagement",
    "microsoftThreatIntelligence",
    "microsoftSecurityForAI",
    "unknownFutureValue",
];

const FILTER: &[Field] = &[
    field("assignedTo", Kind::Text, EQ | NE | IN),
    field("classification", Kind::Enum(CLASSIFICATION), EQ | NE | IN),
    field("createdDateTime", Kind::Time, EQ | NE | ORDER),
    field("determination", Kind::Enum(DETERMINATION), EQ | NE | IN),
    field("lastUpdateDateTime", Kind::Time, EQ | NE | ORDER),
    field("severity", Kind::Enum(SEVERITY), EQ | NE | IN),
    field("serviceSource", Kind::Enum(SOURCE), EQ | NE | IN),
    field(
        "status",
        Kind::Enum(&["unknown", "new", "inProgress", "resolved"]),
        EQ | NE | IN,
    ),
    field(
        "evidence",
        Kind::List(&["microsoft.graph.security.userEvidence/userAccount/userPrincipalName"]),
        0,
    ),
];

pub(super) const RULES: Rules = Rules {
    kind: "microsoft.graph.security.alert",
    filter: FILTER,
    select: &[
        "id",
        "actorDisplayName",
        "additionalData",
        "alertPolicyId",
        "alertWebUrl",
        "assignedTo",
        "categories",
        "category",
        "classification",
        "comments",
        "createdDateTime",
        "customDetails",
        "description",
        "detectionSource",
        "detectorId",
        "determination",
        "evidence",
        "firstActivityDateTime",
        "incidentId",
        "incidentWebUrl",
        "investigationState",
        "lastActivityDateTime",
        "lastUpdateDateTime",
        "mitreTechniques",
        "productName",
        "providerAlertId",
        "recommendedActions",
        "resolvedDateTime",
        "serviceSource",
        "severity",
        "status",
        "systemTags",
        "tenantId",
        "threatDisplayName",
        "threatFamilyName",
        "title",
    ],
    orderby: &[],
    expand: &[],
    top: (100, 2000),
    over: Over::Refused,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const WRITABLE: &[(&str, Shape)] = &[
    (
        "status",
        Shape::Enum(&["new", "inProgress", "resolved"], false),
    ),
    ("classification", Shape::Enum(CLASSIFICATION, true)),
    ("determination", Shape::Enum(DETERMINATION, true)),
    ("assignedTo", Shape::Text),
    ("customDetails", Shape::Object),
];

fn find(queue: &Queue<'_>, id: &str) -> Result<Origin, Fault> {
    queue
        .alert_of(id)
        .ok_or_else(|| Fault::no_entity(&format!("Alert {id}")))
}

/// `GET /security/alerts_v2`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, cx.eventual).map_err(|r| Family::Security.refuse(r))?;
    let queue = queue::read(cx.tenant);
    page::list(
        cx,
        "security/alerts_v2",
        &RULES,
        Paging::Skip,
        0..queue.alert_count(),
        |p| queue.alert_view(queue.alert_at(p)),
        |p| queue.alert_json(queue.alert_at(p)),
    )
}

/// `GET /security/alerts_v2/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let rules = Rules {
        filter: &[],
        skip: false,
        count: false,
        ..RULES
    };
    check(&cx.options, &rules, cx.eventual).map_err(|r| Family::Security.refuse(r))?;
    let queue = queue::read(cx.tenant);
    let at = find(&queue, &path[2])?;
    Ok(page::entity(
        cx,
        "security/alerts_v2/$entity",
        queue.alert_json(at),
    ))
}

/// `PATCH /security/alerts_v2/{id}`
pub(super) fn patch(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let mut set = triage::checked(&triage::body(cx)?, WRITABLE)?;
    let now = iso(cx.tenant.clock.told());
    let at = {
        let queue = queue::read(cx.tenant);
        let at = find(&queue, &path[2])?;
        triage::pair(&set, &queue.alert_json(at))?;
        at
    };
    if let Some(status) = set.get("status") {
        let resolved = if status == "resolved" {
            json!(now)
        } else {
            Value::Null
        };
        set.insert("resolvedDateTime".into(), resolved);
    }
    set.insert("lastUpdateDateTime".into(), json!(now));
    queue::write(cx.tenant)
        .alerts
        .entry(path[2].clone())
        .or_default()
        .set
        .extend(set);
    let queue = queue::read(cx.tenant);
    Ok(page::entity(
        cx,
        "security/alerts_v2/$entity",
        queue.alert_json(at),
    ))
}

/// `POST /security/alerts_v2/{id}/comments`
pub(super) fn comment(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let comment = triage::new_comment(cx)?;
    let at = find(&queue::read(cx.tenant), &path[2])?;
    {
        let mut state = queue::write(cx.tenant);
        let edit = state.alerts.entry(path[2].clone()).or_default();
        edit.comments.push(comment);
        edit.set.insert(
            "lastUpdateDateTime".into(),
            json!(iso(cx.tenant.clock.told())),
        );
    }
    let queue = queue::read(cx.tenant);
    let context = format!("security/alerts_v2('{}')/comments", path[2]);
    Ok(triage::comments(cx, &context, &queue.alert_json(at)))
}
