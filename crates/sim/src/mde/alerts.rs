//! `/alerts`: Defender's own view of the alerts it raised. They are the same alerts as in Graph, in other words: a change made at one
//! host shows at the other.

use serde_json::{Value, json};

use super::list;
use super::machines::{self, TEXT, WHEN};
use super::{Cx, Fault};
use crate::clock::iso;
use crate::odata::check::{EQ, IN, Kind, NE, NOT, Rules, field};
use crate::odata::eval::{Cell, Lazy, Row};
use crate::queue::{self, Origin, Queue};
use crate::wire::answer::Answer;
use crate::world::{Obj, obj};

const RULES: Rules = Rules {
    kind: "microsoft.windowsDefenderATP.api.Alert",
    filter: &[
        field("id", Kind::Text, TEXT),
        field("incidentId", Kind::Loose, EQ | NE | IN | NOT),
        field("investigationId", Kind::Loose, EQ | NE | IN | NOT),
        field("alertCreationTime", Kind::Time, WHEN),
        field("lastUpdateTime", Kind::Time, WHEN),
        field("lastEventTime", Kind::Time, WHEN),
        field("assignedTo", Kind::Text, TEXT),
        field("detectionSource", Kind::Text, TEXT),
        field("status", Kind::Text, TEXT),
        field("severity", Kind::Text, TEXT),
        field("category", Kind::Text, TEXT),
    ],
    orderby: &["alertCreationTime", "lastUpdateTime", "lastEventTime"],
    expand: &["evidence"],
    ..machines::RULES
};

const SOURCE: &str = "microsoftDefenderForEndpoint";
const STATUS: &[&str] = &["New", "InProgress", "Resolved"];
const CLASSIFICATION: &[&str] = &[
    "TruePositive",
    "InformationalExpectedActivity",
    "FalsePositive",
];
/// This host's spelling, and Graph's.
const DETERMINATION: &[(&str, &str)] = &[
    ("MultiStagedAttack", "multiStagedAttack"),
    ("MaliciousUserActivity", "maliciousUserActivity"),
    ("CompromisedUser", "compromisedAccount"),
    ("Malware", "malware"),
    ("Phishing", "phishing"),
    ("UnwantedSoftware", "unwantedSoftware"),
    ("SecurityTesting", "securityTesting"),
    ("LineOfBusinessApplication", "lineOfBusinessApplication"),
    ("ConfirmedActivity", "confirmedActivity"),
    ("ConfirmedUserActivity", "confirmedActivity"),
    ("NotMalicious", "notMalicious"),
    ("Clean", "notMalicious"),
    ("InsufficientData", "notEnoughDataToValidate"),
    ("Other", "other"),
    ("Apt", "apt"),
    ("SecurityPersonnel", "securityPersonnel"),
];

/// An alert in Defender's words, if it is one of Defender's.
fn render(queue: &Queue<'_>, at: Origin, expand: bool) -> Option<Obj> {
    let mut out = match at {
        Origin::World(i) => queue.world.mde_alert_json(i, expand)?,
        Origin::Arrived(..) => from_graph(&queue.alert_json(at), expand)?,
    };
    if let Some(number) = queue.moved_to(at) {
        out.insert("incidentId".into(), json!(number));
    }
    let Some(edit) = queue.state.alerts.get(&*queue.alert_id(at)) else {
        return Some(out);
    };
    for (key, value) in &edit.set {
        let text = value.as_str();
        let (name, value) = match key.as_str() {
            "status" => ("status", json!(text.map(pascal))),
            "classification" => ("classification", json!(text.map(pascal))),
            "determination" => ("determination", json!(text.map(determination))),
            "assignedTo" => ("assignedTo", value.clone()),
            "resolvedDateTime" => ("resolvedTime", value.clone()),
            "lastUpdateDateTime" => ("lastUpdateTime", value.clone()),
            _ => continue,
        };
        out.insert(name.into(), value);
    }
    if let Some(list) = out
        .entry("comments")
        .or_insert_with(|| json!([]))
        .as_array_mut()
    {
        list.extend(edit.comments.iter().map(comment));
    }
    Some(out)
}

fn comment(graph: &Value) -> Value {
    json!({"comment": graph["comment"], "createdBy": graph["createdByDisplayName"], "createdTime": graph["createdDateTime"]})
}

fn pascal(word: &str) -> String {
    let mut chars = word.chars();
    chars
        .next()
        .map(|c| c.to_ascii_uppercase())
        .into_iter()
        .chain(chars)
        .collect()
}

fn determination(graph: &str) -> String {
    DETERMINATION
        .iter()
        .find(|(_, g)| *g == graph)
        .map_or_else(|| pascal(graph), |(d, _)| (*d).to_owned())
}

/// What arrived after the start is known in Graph's words only.
fn from_graph(alert: &Obj, expand: bool) -> Option<Obj> {
    let text = |key: &str| alert.get(key).and_then(Value::as_str);
    if text("serviceSource") != Some(SOURCE) {
        return None;
    }
    let evidence = alert
        .get("evidence")
        .and_then(Value::as_array)
        .cloned()
        .unwrap_or_default();
    let device = evidence
        .iter()
        .find(|e| e["@odata.type"] == "#microsoft.graph.security.deviceEvidence")
        .cloned()
        .unwrap_or_default();
    let mut out = obj(json!({
        "id": text("id"),
        "incidentId": text("incidentId").and_then(|id| id.parse::<i64>().ok()),
        "investigationId": null,
        "assignedTo": text("assignedTo"),
        "severity": text("severity").map(pascal),
        "status": text("status").map(pascal),
        "classification": text("classification").map(pascal),
        "determination": text("determination").map(determination),
        "investigationState": "Unknown",
        "detectionSource": "WindowsDefenderAtp",
        "detectorId": text("detectorId"),
        "category": text("category"),
        "threatFamilyName": text("threatFamilyName"),
        "title": text("title"),
        "description": text("description"),
        "alertCreationTime": text("createdDateTime"),
        "firstEventTime": text("firstActivityDateTime"),
        "lastEventTime": text("lastActivityDateTime"),
        "lastUpdateTime": text("lastUpdateDateTime"),
        "resolvedTime": text("resolvedDateTime"),
        "machineId": device["mdeDeviceId"],
        "computerDnsName": device["deviceDnsName"],
        "rbacGroupName": device["rbacGroupName"],
        "aadTenantId": text("tenantId"),
        "threatName": text("threatDisplayName"),
        "mitreTechniques": alert.get("mitreTechniques"),
        "relatedUser": null,
        "loggedOnUsers": [],
        "comments": [],
    }));
    if expand {
        out.insert("evidence".into(), json!([]));
    }
    Some(out)
}

fn expanded(cx: &Cx<'_>) -> bool {
    !cx.options.expand.is_empty()
}

/// A list from candidates, newest first.
pub(super) fn answer(
    cx: &Cx<'_>,
    queue: &Queue<'_>,
    candidates: &[Origin],
) -> Result<Answer, Fault> {
    list::checked(cx, &RULES)?;
    let candidates: Vec<Origin> = candidates
        .iter()
        .copied()
        .filter(|at| queue.alert_row(*at).service_source == SOURCE)
        .collect();
    let (page, count) = list::page(cx, &RULES, 0..candidates.len(), |p| {
        view(queue, candidates[p])
    });
    let rows = page
        .into_iter()
        .filter_map(|p| render(queue, candidates[p], expanded(cx)));
    Ok(list::write(cx, "Alerts", count, rows))
}

fn view<'a>(queue: &'a Queue<'a>, at: Origin) -> impl Row + 'a {
    let row = queue.alert_row(at);
    let untouched = queue.state.alerts.is_empty();
    let quick = move |name: &str| {
        Some(match name {
            "alertCreationTime" => Cell::Time(row.created.timestamp()),
            "lastUpdateTime" if untouched => Cell::Time(row.updated.timestamp()),
            "lastEventTime" => Cell::Time(row.last_activity.timestamp()),
            "incidentId" => Cell::Int(i64::try_from(row.incident).unwrap_or(i64::MAX)),
            "category" => Cell::from(row.category),
            _ => return None,
        })
    };
    Lazy::new(quick, move || render(queue, at, false).unwrap_or_default())
}

/// `GET /alerts`
pub(super) fn list(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let queue = queue::read(cx.tenant);
    let all: Vec<Origin> = (0..queue.alert_count())
        .map(|p| queue.alert_at(p))
        .collect();
    answer(cx, &queue, &all)
}

/// `GET /machines/{id}/alerts`
pub(super) fn of_machine(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let i = machines::find(cx, &path[1])?;
    let queue = queue::read(cx.tenant);
    let all: Vec<Origin> = cx
        .world
        .machine_alerts(i)
        .into_iter()
        .map(Origin::World)
        .collect();
    answer(cx, &queue, &all)
}

/// `GET /users/{account}/alerts`: an unknown account has none
pub(super) fn of_user(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let queue = queue::read(cx.tenant);
    let account = &path[1];
    let mut all = Vec::new();
    for machine in cx
        .world
        .user_by_account(account)
        .map(|u| cx.world.user_machines(u))
        .unwrap_or_default()
    {
        for alert in cx.world.machine_alerts(machine) {
            let named = render(&queue, Origin::World(alert), false).is_some_and(|a| {
                a["relatedUser"]["userName"]
                    .as_str()
                    .is_some_and(|n| n.eq_ignore_ascii_case(account))
            });
            if named && !all.contains(&Origin::World(alert)) {
                all.push(Origin::World(alert));
            }
        }
    }
    answer(cx, &queue, &all)
}

fn find(queue: &Queue<'_>, id: &str, expand: bool) -> Result<Obj, Fault> {
    queue
        .alert_of(id)
        .and_then(|at| render(queue, at, expand))
        .ok_or_else(|| Fault::none("Alert", id))
}

/// `GET /alerts/{id}`
pub(super) fn get(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let queue = queue::read(cx.tenant);
    Ok(list::entity(
        cx,
        "Alerts/$entity",
        find(&queue, &path[1], expanded(cx))?,
    ))
}

fn bad(text: String) -> Fault {
    Fault::new(400, "InvalidRequestBody", text)
}

fn body(cx: &Cx<'_>) -> Result<Value, Fault> {
    serde_json::from_slice(&cx.ask.body).map_err(|_| bad("Request body is incorrect".into()))
}

/// What a body sets, in Graph's words, and its comment. Keys and values are read exactly, unknown keys are ignored (assumed).
fn changes(cx: &Cx<'_>, body: &Value) -> Result<(Obj, Option<Value>), Fault> {
    let mut set = Obj::new();
    let member = |name: &str, list: &[&str]| -> Result<Option<String>, Fault> {
        match &body[name] {
            Value::Null => Ok(None),
            Value::String(text) if list.contains(&text.as_str()) => Ok(Some(text.clone())),
            other => Err(bad(format!("{other} is not a valid {name}."))),
        }
    };
    let camel = |word: &str| word[..1].to_ascii_lowercase() + &word[1..];
    for (name, list) in [("status", STATUS), ("classification", CLASSIFICATION)] {
        if let Some(word) = member(name, list)? {
            set.insert(name.into(), json!(camel(&word)));
        }
    }
    let names: Vec<&str> = DETERMINATION.iter().map(|(d, _)| *d).collect();
    if let Some(word) = member("determination", &names)? {
        let graph = DETERMINATION
            .iter()
            .find(|(d, _)| *d == word)
            .map_or("other", |(_, g)| g);
        set.insert("determination".into(), json!(graph));
    }
    match &body["assignedTo"] {
        Value::Null => {}
        Value::String(who) => drop(set.insert("assignedTo".into(), json!(who))),
        other => return Err(bad(format!("{other} is not a valid assignedTo."))),
    }
    let now = iso(cx.tenant.clock.told());
    let said = match &body["comment"] {
        Value::Null => None,
        Value::String(text) if !text.trim().is_empty() => Some(json!({
            "@odata.type": "#microsoft.graph.security.alertComment",
            "comment": text, "createdByDisplayName": cx.caller.name, "createdDateTime": now,
        })),
        other => return Err(bad(format!("{other} is not a valid comment."))),
    };
    if set.is_empty() && said.is_none() {
        return Err(Fault::new(
            400,
            "MissingRequiredParameter",
            "At least one property to update is required.",
        ));
    }
    if let Some(status) = set.get("status") {
        let resolved = if status == "resolved" {
            json!(now)
        } else {
            Value::Null
        };
        set.insert("resolvedDateTime".into(), resolved);
    }
    set.insert("lastUpdateDateTime".into(), json!(now));
    Ok((set, said))
}

/// `PATCH /alerts/{id}`
pub(super) fn patch(cx: &Cx<'_>, path: &[String]) -> Result<Answer, Fault> {
    let (set, said) = changes(cx, &body(cx)?)?;
    find(&queue::read(cx.tenant), &path[1], false)?;
    {
        let mut state = queue::write(cx.tenant);
        let edit = state.alerts.entry(path[1].clone()).or_default();
        edit.set.extend(set);
        edit.comments.extend(said);
    }
    let queue = queue::read(cx.tenant);
    Ok(list::entity(
        cx,
        "Alerts/$entity",
        find(&queue, &path[1], false)?,
    ))
}

/// `POST /alerts/batchUpdate`: all or none (assumed); answers without a body
pub(super) fn update_many(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let body = body(cx)?;
    let ids: Vec<String> = match &body["alertIds"] {
        Value::Array(list) if !list.is_empty() => list
            .iter()
            .map(|id| id.as_str().map(str::to_owned))
            .collect::<Option<_>>()
            .ok_or_else(|| bad("alertIds must hold strings.".into()))?,
        _ => {
            return Err(Fault::new(
                400,
                "MissingRequiredParameter",
                "alertIds is required.",
            ));
        }
    };
    let (set, said) = changes(cx, &body)?;
    for id in &ids {
        find(&queue::read(cx.tenant), id, false)?;
    }
    let mut state = queue::write(cx.tenant);
    for id in ids {
        let edit = state.alerts.entry(id).or_default();
        edit.set.extend(set.clone());
        edit.comments.extend(said.clone());
    }
    Ok(Answer::empty(200))
}
