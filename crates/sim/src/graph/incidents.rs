//! `/security/incidents`.

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
use crate::world::Obj;

pub(super) const STATUS: &[&str] = &[
    "active",
    "resolved",
    "inProgress",
    "redirected",
    "awaitingAction",
    "unknownFutureValue",
];

const FILTER: &[Field] = &[
    field("assignedTo", Kind::Text, EQ | NE | IN),
    field("classification", Kind::Enum(CLASSIFICATION), EQ | NE | IN),
    field("createdDateTime", Kind::Time, EQ | NE | ORDER),
    field("determination", Kind::Enum(DETERMINATION), EQ | NE | IN),
    field("lastUpdateDateTime", Kind::Time, EQ | NE | ORDER),
    field("severity", Kind::Enum(SEVERITY), EQ | NE | IN),
    field("status", Kind::Enum(STATUS), EQ | NE | IN),
];

const RULES: Rules = Rules {
    kind: "microsoft.graph.security.incident",
    filter: FILTER,
    select: &[
        "id",
        "assignedTo",
        "classification",
        "comments",
        "createdDateTime",
        "customTags",
        "description",
        "determination",
        "displayName",
        "incidentWebUrl",
        "lastModifiedBy",
        "lastUpdateDateTime",
        "priorityScore",
        "redirectIncidentId",
        "resolvingComment",
        "severity",
        "status",
        "summary",
        "systemTags",
        "tenantId",
        "alerts",
    ],
    orderby: &[],
    expand: &["alerts"],
    top: (50, 50),
    over: Over::Refused,
    skip: true,
    count: true,
    search: false,
    advanced: false,
    case: Case::Folded,
};

const WRITABLE: &[(&str, Shape)] = &[
    ("assignedTo", Shape::Text),
    ("classification", Shape::Enum(CLASSIFICATION, true)),
    ("customTags", Shape::Texts),
    ("description", Shape::Text),
    ("determination", Shape::Enum(DETERMINATION, true)),
    ("displayName", Shape::Text),
    ("resolvingComment", Shape::Text),
    ("severity", Shape::Enum(SEVERITY, false)),
    // redirected and awaitingAction are the service's to set
    (
        "status",
        Shape::Enum(&["active", "resolved", "inProgress"], false),
    ),
    ("summary", Shape::Text),
];

fn expanded(cx: &Cx<'_>) -> bool {
    cx.options.expand.iter().any(|e| e.name == "alerts")
}

fn render(queue: &Queue<'_>, at: Origin, expand: bool) -> Obj {
    let mut obj = queue.incident_json(at);
    if expand {
        let alerts: Vec<Value> = queue
            .alerts_of(at)
            .into_iter()
            .map(|a| Value::Object(queue.alert_json(a)))
            .collect();
        obj.insert("alerts".into(), Value::Array(alerts));
    }
    obj
}

fn find(queue: &Queue<'_>, id: &str) -> Result<Origin, Fault> {
    queue
        .incident_of(id)
        .ok_or_else(|| Fault::no_entity(&format!("Incident {id}")))
}

/// `GET /security/incidents`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    check(&cx.options, &RULES, cx.eventual).map_err(|r| Family::Security.refuse(r))?;
    let queue = queue::read(cx.tenant);
    let expand = expanded(cx);
    page::list(
        cx,
        "security/incidents",
        &RULES,
        Paging::Skip,
        0..queue.incident_count(),
        |p| queue.incident_view(queue.incident_at(p)),
        |p| render(&queue, queue.incident_at(p), expand),
    )
}

/// `GET /security/incidents/{id}`
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
        "security/incidents/$entity",
        render(&queue, at, expanded(cx)),
    ))
}

/// `GET /security/incidents/{id}/alerts`
pub(super) fn alerts(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let rules = &super::alerts::RULES;
    check(&cx.options, rules, cx.eventual).map_err(|r| Family::Security.refuse(r))?;
    let queue = queue::read(cx.tenant);
    let at = find(&queue, &path[2])?;
    let context = format!("security/incidents('{}')/alerts", path[2]);
    let alerts = queue.alerts_of(at);
    page::list(
        cx,
        &context,
        rules,
        Paging::Skip,
        0..alerts.len(),
        |p| queue.alert_view(alerts[p]),
        |p| queue.alert_json(alerts[p]),
    )
}

/// `PATCH /security/incidents/{id}`
pub(super) fn patch(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let mut set = triage::checked(&triage::body(cx)?, WRITABLE)?;
    let now = iso(cx.tenant.clock.told());
    let (at, number, resolves) = {
        let queue = queue::read(cx.tenant);
        let at = find(&queue, &path[2])?;
        let before = queue.incident_json(at);
        if before.get("status").and_then(Value::as_str) == Some("redirected") {
            // assumed: what a merged incident answers is documented nowhere
            return Err(Fault::bad(
                "The incident was merged into another one and cannot be updated.",
            ));
        }
        triage::pair(&set, &before)?;
        let closing = set.get("status").is_some_and(|s| s == "resolved")
            && before.get("status").is_none_or(|s| s != "resolved");
        let alerts: Vec<String> = if closing {
            queue
                .alerts_of(at)
                .into_iter()
                .map(|a| queue.alert_id(a).into_owned())
                .collect()
        } else {
            Vec::new()
        };
        (at, queue.incident_row(at).id, alerts)
    };
    let inherited: Vec<(&str, Value)> = ["classification", "determination"]
        .into_iter()
        .filter_map(|k| set.get(k).map(|v| (k, v.clone())))
        .collect();
    set.insert("lastUpdateDateTime".into(), json!(now));
    set.insert("lastModifiedBy".into(), json!(triage::modifier(cx)));
    {
        let mut state = queue::write(cx.tenant);
        state.incidents.entry(number).or_default().set.extend(set);
        for id in resolves {
            let alert = &mut state.alerts.entry(id).or_default().set;
            alert.insert("status".into(), json!("resolved"));
            alert.insert("resolvedDateTime".into(), json!(now));
            alert.insert("lastUpdateDateTime".into(), json!(now));
            for (key, value) in &inherited {
                alert.insert((*key).to_owned(), value.clone());
            }
        }
    }
    let queue = queue::read(cx.tenant);
    Ok(page::entity(
        cx,
        "security/incidents/$entity",
        queue.incident_json(at),
    ))
}

/// `POST /security/incidents/{id}/comments`
pub(super) fn comment(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let comment = triage::new_comment(cx)?;
    let (at, number) = {
        let queue = queue::read(cx.tenant);
        let at = find(&queue, &path[2])?;
        (at, queue.incident_row(at).id)
    };
    {
        let mut state = queue::write(cx.tenant);
        let edit = state.incidents.entry(number).or_default();
        edit.comments.push(comment);
        edit.set.insert(
            "lastUpdateDateTime".into(),
            json!(iso(cx.tenant.clock.told())),
        );
        edit.set
            .insert("lastModifiedBy".into(), json!(triage::modifier(cx)));
    }
    let queue = queue::read(cx.tenant);
    let context = format!("security/incidents('{number}')/comments");
    Ok(triage::comments(cx, &context, &queue.incident_json(at)))
}
