//! `/alerts/`: the alerts of Cloud Apps that `alerts_v2` shows too, and closing them here closes them there.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::query::{Fact, Query, Row};
use super::{Cx, Refusal, entity};
use crate::clock::iso;
use crate::queue::{self, Origin, Queue};
use crate::tenant::{Tenant, locked};
use crate::wire::answer::Answer;
use crate::world::dice::{Dice, mix};
use crate::world::{AlertRow, Obj};

const SOURCE: &str = "microsoftDefenderForCloudApps";

const FILTERS: [&str; 17] = [
    "entity.entity",
    "entity.ip",
    "entity.service",
    "entity.instance",
    "entity.policy",
    "entity.file",
    "alertOpen",
    "severity",
    "resolutionStatus",
    "read",
    "date",
    "resolutionDate",
    "risk",
    "alertType",
    "id",
    "source",
    "text",
];

/// What clients did with alerts, by their id here.
#[derive(Debug, Default)]
pub(crate) struct Marks(HashMap<String, Mark>);

#[derive(Clone, Debug, Default)]
struct Mark {
    read: Option<bool>,
    /// `resolutionStatusValue`, comment, by whom, when.
    closed: Option<(i64, String, String, i64)>,
}

/// The id here of an alert: twenty-four hexadecimal digits.
fn id_of(alert: &str) -> String {
    let hash = alert.bytes().fold(0x5ca5_u64, |h, b| mix(h ^ u64::from(b)));
    Dice::of(hash).hex(24)
}

/// One alert, as far as it is needed.
struct View {
    id: String,
    at: Origin,
    row: AlertRow,
    mark: Mark,
    closed: Option<(i64, i64)>,
    json: Option<Obj>,
}

fn views(cx: &Cx<'_>, queue: &Queue<'_>, whole: bool) -> Vec<View> {
    let marks = locked(&cx.tenant.cloud_marks);
    (0..queue.alert_count())
        .map(|p| queue.alert_at(p))
        .filter_map(|at| {
            let row = queue.alert_row(at);
            if row.service_source != SOURCE {
                return None;
            }
            let id = id_of(&queue.alert_id(at));
            let mark = marks.0.get(&id).cloned().unwrap_or_default();
            let view = queue.alert_view(at);
            use crate::odata::eval::{Cell, Row as _};
            let word = |key: &str| match view.cell(&[key.to_owned()]) {
                Cell::Text(text) => text.into_owned(),
                _ => String::new(),
            };
            let closed = match &mark.closed {
                Some((how, _, _, when)) => Some((*how, *when)),
                None if word("status") == "resolved" => {
                    let how = match word("classification").as_str() {
                        "truePositive" => 5,
                        "falsePositive" => 3,
                        "informationalExpectedActivity" => 4,
                        _ => 1,
                    };
                    Some((how, row.updated.timestamp().as_millisecond()))
                }
                None => None,
            };
            let json = whole.then(|| queue.alert_json(at));
            Some(View {
                id,
                at,
                row,
                mark,
                closed,
                json,
            })
        })
        .collect()
}

fn severity(name: &str) -> i64 {
    match name {
        "high" => 2,
        "medium" => 1,
        "low" => 0,
        _ => 3,
    }
}

fn evidence(json: &Obj) -> impl Iterator<Item = &Value> {
    json.get("evidence")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

impl Row for &View {
    fn facts(&self, field: &str) -> Vec<Fact> {
        let json = self.json.as_ref();
        let texts = |pick: &dyn Fn(&Value) -> Option<String>| -> Vec<Fact> {
            let all = json.into_iter().flat_map(evidence);
            all.filter_map(pick).map(Fact::Text).collect()
        };
        let of = |key: &str| {
            let text = json.and_then(|j| j.get(key)).and_then(Value::as_str);
            text.map(Fact::from).into_iter().collect()
        };
        match field {
            "id" => vec![Fact::from(self.id.as_str())],
            "date" => vec![Fact::Number(self.row.created.timestamp().as_millisecond())],
            "resolutionDate" => self
                .closed
                .iter()
                .map(|(_, at)| Fact::Number(*at))
                .collect(),
            "severity" => vec![Fact::Number(severity(self.row.severity))],
            "resolutionStatus" => vec![Fact::Number(self.closed.map_or(0, |c| c.0))],
            "alertOpen" => vec![Fact::Truth(self.closed.is_none())],
            "read" => vec![Fact::Truth(self.mark.read.unwrap_or(self.closed.is_some()))],
            "source" => vec![Fact::Number(0)],
            "risk" => vec![Fact::Number(0)],
            "alertType" => of("category"),
            "text" => of("title"),
            "entity.policy" => of("alertPolicyId"),
            "entity.ip" => texts(&|e| Some(e["ipAddress"].as_str()?.to_owned())),
            "entity.entity" => {
                texts(&|e| Some(e["userAccount"]["userPrincipalName"].as_str()?.to_owned()))
            }
            "entity.service" => json
                .into_iter()
                .flat_map(evidence)
                .filter_map(|e| e["saasAppId"].as_i64())
                .map(Fact::Number)
                .collect(),
            "entity.instance" => vec![Fact::Number(0)],
            "entity.file" => texts(&|e| Some(e["fileDetails"]["fileName"].as_str()?.to_owned())),
            _ => Vec::new(),
        }
    }
}

fn shown(view: &View, queue: &Queue<'_>) -> Value {
    let json = view
        .json
        .clone()
        .unwrap_or_else(|| queue.alert_json(view.at));
    let text = |key: &str| json.get(key).and_then(Value::as_str).unwrap_or_default();
    let mut entities = vec![json!({
        "id": text("alertPolicyId"), "label": text("title"), "type": "policyRule", "policyType": "ANOMALY_DETECTION",
    })];
    for e in evidence(&json) {
        let user = &e["userAccount"];
        if let Some(upn) = user["userPrincipalName"].as_str() {
            entities.push(json!({"type": "account", "id": upn, "label": user["displayName"], "pa": upn, "em": upn, "inst": 0, "saas": 11_161, "entityType": 2}));
        } else if let Some(ip) = e["ipAddress"].as_str() {
            entities.push(json!({"type": "ip", "id": ip, "label": ip}));
            if let Some(country) = e["countryLetterCode"].as_str() {
                entities.push(json!({"type": "country", "id": country, "label": country}));
            }
        } else if let Some(app) = e["saasAppId"].as_i64() {
            entities.push(json!({"type": "service", "id": app, "label": e["displayName"]}));
        }
    }
    let created = view.row.created.timestamp().as_millisecond();
    let closed = view.closed;
    let by = view.mark.closed.as_ref();
    json!({
        "_id": view.id,
        "contextId": json!(Dice::of(mix(created as u64)).guid().to_string()),
        "timestamp": created,
        "title": text("title"),
        "description": text("description"),
        "entities": entities,
        "isSystemAlert": true,
        "statusValue": match (closed.is_some(), view.mark.read) { (true, _) => 2, (_, Some(true)) => 1, _ => 0 },
        "resolutionStatusValue": closed.map_or(0, |c| c.0),
        "severityValue": severity(view.row.severity),
        "stories": [0],
        "evidence": [],
        "intent": [1],
        "threatScore": 20 + severity(view.row.severity) * 15,
        "URL": format!("https://security.microsoft.com/cloudapps/alerts/{}", view.id),
        "comment": by.map(|c| c.1.clone()),
        "closeTime": closed.map(|c| c.1),
        "resolveTime": closed.map(|c| c.1),
        "handledByUser": by.map(|c| c.2.clone()),
        "idValue": 15_859_712,
        "providerAlertId": json["id"],
    })
}

/// `GET|POST /alerts/`
pub(super) fn list(cx: &Cx<'_>) -> Result<Answer, Refusal> {
    let query = Query::read(cx, &FILTERS, &["date", "severity"])?;
    let queue = queue::read(cx.tenant);
    // evidence is looked at only where a filter asks for it
    let cheap = [
        "id",
        "date",
        "severity",
        "resolutionStatus",
        "alertOpen",
        "read",
        "resolutionDate",
    ];
    let whole = query.filters.keys().any(|f| !cheap.contains(&f.as_str()));
    let views = views(cx, &queue, whole);
    Ok(query.page(views.len(), |p| &views[p], |p| shown(&views[p], &queue)))
}

/// `GET /alerts/{pk}/`
pub(super) fn one(cx: &Cx<'_>, id: &str) -> Result<Answer, Refusal> {
    let queue = queue::read(cx.tenant);
    let views = views(cx, &queue, false);
    let view = views
        .iter()
        .find(|v| v.id == id)
        .ok_or_else(Refusal::nowhere)?;
    Ok(entity(shown(view, &queue)))
}

pub(super) fn is_verb(verb: &str) -> bool {
    matches!(
        verb,
        "close_benign" | "close_false_positive" | "close_true_positive" | "read" | "unread"
    )
}

/// `POST /alerts/close_…/`, `/alerts/read/`, `/alerts/unread/`
pub(super) fn mark(cx: &Cx<'_>, verb: &str) -> Result<Answer, Refusal> {
    let Ok(Value::Object(body)) = serde_json::from_slice(&cx.ask.body) else {
        return Err(Refusal::bad("The body is not a JSON object"));
    };
    let body = Value::Object(body);
    let ids = body["filters"]["id"]["eq"]
        .as_array()
        .ok_or_else(|| Refusal::bad("filters.id.eq is required"))?;
    let wanted: Vec<String> = ids
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned)
        .collect();
    let reason = body["reasonId"].as_i64();
    let (how, reasons, key, classification): (_, &[i64], _, _) = match verb {
        "close_benign" => (
            4,
            &[2, 4, 5, 6],
            "closed_benign",
            "informationalExpectedActivity",
        ),
        "close_false_positive" => (3, &[0, 1, 3, 4], "closed_false_positive", "falsePositive"),
        "close_true_positive" => (5, &[], "closed_true_positive", "truePositive"),
        _ => (0, &[], verb, ""),
    };
    if reason.is_some_and(|r| !reasons.is_empty() && !reasons.contains(&r)) {
        return Err(Refusal::bad("reasonId does not fit"));
    }
    let known: HashMap<String, String> = {
        let queue = queue::read(cx.tenant);
        let views = views(cx, &queue, false);
        let known = views
            .iter()
            .map(|v| (v.id.clone(), queue.alert_id(v.at).into_owned()));
        known.collect()
    };
    let now = cx.tenant.clock.told();
    let (mut done, mut missing) = (0, Vec::new());
    for id in wanted {
        let Some(alert) = known.get(&id) else {
            missing.push(id);
            continue;
        };
        done += 1;
        let mut marks = locked(&cx.tenant.cloud_marks);
        let mark = marks.0.entry(id).or_default();
        match verb {
            "read" | "unread" => mark.read = Some(verb == "read"),
            _ => {
                let comment = body["comment"].as_str().unwrap_or_default().to_owned();
                mark.closed = Some((how, comment, cx.caller.name.clone(), now.as_millisecond()));
                drop(marks);
                resolve(cx.tenant, alert, classification, &iso(now));
            }
        }
    }
    let mut said = serde_json::Map::new();
    said.insert(key.to_owned(), json!(done));
    said.insert("alertsNotFound".into(), json!(missing));
    Ok(entity(Value::Object(said)))
}

/// The same alert in Defender XDR.
fn resolve(tenant: &Tenant, alert: &str, classification: &str, at: &str) {
    let mut state = queue::write(tenant);
    let edit = state.alerts.entry(alert.to_owned()).or_default();
    for (key, value) in [
        ("status", "resolved"),
        ("classification", classification),
        ("resolvedDateTime", at),
        ("lastUpdateDateTime", at),
    ] {
        edit.set.insert(key.into(), json!(value));
    }
}
