//! One incident of the workspace: the same as one of Defender XDR, in Sentinel's words.

use serde_json::{Value, json};

use super::{Refusal, workspace};
use crate::clock::iso;
use crate::login::verify::Caller;
use crate::queue::{self, Origin, Queue};
use crate::tenant::{Tenant, guid};

/// Words of the two sides.
const STATUSES: [(&str, &str); 3] = [
    ("active", "New"),
    ("inProgress", "Active"),
    ("resolved", "Closed"),
];
const SEVERITIES: [(&str, &str); 4] = [
    ("high", "High"),
    ("medium", "Medium"),
    ("low", "Low"),
    ("informational", "Informational"),
];
/// With the reasons that each admits.
const CLASSES: [(&str, &str, &[&str]); 4] = [
    ("truePositive", "TruePositive", &["SuspiciousActivity"]),
    (
        "informationalExpectedActivity",
        "BenignPositive",
        &["SuspiciousButExpected"],
    ),
    (
        "falsePositive",
        "FalsePositive",
        &["IncorrectAlertLogic", "InaccurateData"],
    ),
    ("unknown", "Undetermined", &[]),
];

fn word(pairs: &[(&str, &'static str)], xdr: &str) -> Option<&'static str> {
    pairs.iter().find(|(x, _)| *x == xdr).map(|(_, s)| *s)
}

fn name_of(tenant: &Tenant, number: u64) -> String {
    guid(tenant.flags.seed, 0x5e47_0000_0000 | number)
}

/// The incident at a place of the queue.
pub(super) fn json(tenant: &Tenant, queue: &Queue<'_>, at: Origin) -> Value {
    let row = queue.incident_row(at);
    let xdr = queue.incident_json(at);
    let text = |key: &str| xdr.get(key).and_then(Value::as_str).unwrap_or_default();
    let name = name_of(tenant, row.id);
    let id = format!(
        "{}/providers/Microsoft.SecurityInsights/Incidents/{name}",
        workspace()
    );
    let class = CLASSES.iter().find(|(x, ..)| *x == text("classification"));
    let status = match text("status") {
        // what was merged away is closed here
        "redirected" => "Closed",
        other => word(&STATUSES, other).unwrap_or("New"),
    };
    let owner = text("assignedTo");
    let user = tenant
        .world()
        .user_by_upn(owner)
        .map(|u| tenant.world().user_row(u));
    let alerts = queue.alerts_of(at);
    let mut products: Vec<&str> = alerts
        .iter()
        .map(|a| queue.alert_row(*a).service_source)
        .collect();
    products.sort_unstable();
    products.dedup();
    let closed = status == "Closed";
    let labels: Vec<Value> = xdr
        .get("customTags")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|tag| json!({"labelName": tag, "labelType": "User"}))
        .collect();
    let changed = text("lastUpdateDateTime");
    json!({
        "id": id,
        "name": name,
        "etag": format!("\"{}\"", etag(&xdr)),
        "type": "Microsoft.SecurityInsights/Incidents",
        "properties": {
            "title": text("displayName"),
            "description": text("description"),
            "severity": word(&SEVERITIES, text("severity")).unwrap_or("Informational"),
            "status": status,
            "classification": if closed { json!(class.map_or("Undetermined", |c| c.1)) } else { Value::Null },
            "classificationReason": if closed { json!(class.and_then(|c| c.2.first())) } else { Value::Null },
            "classificationComment": xdr.get("resolvingComment").cloned().unwrap_or_default(),
            "owner": {"objectId": user.map(|u| u.id.to_string()), "email": user.and_then(|u| u.mail),
                "userPrincipalName": user.map(|u| u.upn), "assignedTo": if owner.is_empty() { Value::Null } else { json!(owner) }},
            "labels": labels,
            "firstActivityTimeUtc": text("createdDateTime"),
            "lastActivityTimeUtc": changed,
            "createdTimeUtc": text("createdDateTime"),
            "lastModifiedTimeUtc": changed,
            "incidentNumber": row.id,
            "incidentUrl": format!("https://portal.azure.com/#asset/Microsoft_Azure_Security_Insights/Incident{id}"),
            "providerName": "Microsoft XDR",
            "providerIncidentId": row.id.to_string(),
            "relatedAnalyticRuleIds": [],
            "additionalData": {"alertsCount": alerts.len(), "bookmarksCount": 0, "commentsCount": 0, "alertProductNames": products,
                "tactics": [], "techniques": [], "providerIncidentUrl": text("incidentWebUrl")},
        },
    })
}

/// Differs whenever somebody changed the incident.
fn etag(xdr: &crate::world::Obj) -> String {
    let text = [
        "status",
        "severity",
        "classification",
        "assignedTo",
        "lastUpdateDateTime",
        "displayName",
    ]
    .iter()
    .map(|k| xdr.get(*k).map(Value::to_string).unwrap_or_default())
    .collect::<Vec<_>>()
    .join("|");
    hashed(&text)
}

/// An id that is the text's own.
fn hashed(text: &str) -> String {
    let fold = |h: u64, b: u8| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3);
    guid(text.bytes().fold(0xcbf2_9ce4_8422_2325, fold), 1)
}

fn find(tenant: &Tenant, queue: &Queue<'_>, name: &str) -> Result<Origin, Refusal> {
    (0..queue.incident_count())
        .map(|p| queue.incident_at(p))
        .find(|at| name_of(tenant, queue.incident_row(*at).id).eq_ignore_ascii_case(name))
        .ok_or_else(|| Refusal::new(404, "NotFound", format!("Incident {name} was not found.")))
}

/// `GET /incidents/{guid}`
pub(super) fn get(tenant: &Tenant, name: &str) -> Result<Value, Refusal> {
    let queue = queue::read(tenant);
    let at = find(tenant, &queue, name)?;
    Ok(json(tenant, &queue, at))
}

/// `POST /incidents/{guid}/alerts`
pub(super) fn alerts(tenant: &Tenant, name: &str) -> Result<Value, Refusal> {
    let queue = queue::read(tenant);
    let at = find(tenant, &queue, name)?;
    let rows: Vec<Value> = queue
        .alerts_of(at)
        .into_iter()
        .map(|alert| {
            let xdr = queue.alert_json(alert);
            let id = hashed(xdr["id"].as_str().unwrap_or_default());
            json!({
                "id": format!("{}/providers/Microsoft.SecurityInsights/Entities/{id}", workspace()),
                "name": id,
                "type": "Microsoft.SecurityInsights/Entities",
                "kind": "SecurityAlert",
                "properties": {
                    "systemAlertId": id, "alertDisplayName": xdr["title"], "description": xdr["description"], "severity": xdr["severity"],
                    "productName": xdr["productName"], "vendorName": "Microsoft", "providerAlertId": xdr["id"], "status": xdr["status"],
                    "timeGenerated": xdr["createdDateTime"], "alertLink": xdr["alertWebUrl"], "tactics": [xdr["category"]],
                },
            })
        })
        .collect();
    Ok(json!({ "value": rows }))
}

/// `PUT /incidents/{guid}`: what is not repeated is gone, so title, severity and status must be there
pub(super) fn put(
    tenant: &Tenant,
    caller: &Caller,
    name: &str,
    body: &[u8],
) -> Result<Value, Refusal> {
    let bad = |text: &str| Refusal::new(400, "BadRequest", text);
    let body: Value =
        serde_json::from_slice(body).map_err(|_| bad("The body is not valid JSON."))?;
    let properties = &body["properties"];
    let text = |key: &str| properties[key].as_str();
    let pick = |pairs: &[(&'static str, &'static str)], key: &str| {
        let wanted = text(key)?;
        pairs.iter().find(|(_, s)| *s == wanted).map(|(x, _)| *x)
    };
    let title = text("title")
        .filter(|t| !t.is_empty())
        .ok_or_else(|| bad("properties.title is required."))?;
    let severity =
        pick(&SEVERITIES, "severity").ok_or_else(|| bad("properties.severity is required."))?;
    let status = pick(&STATUSES, "status").ok_or_else(|| bad("properties.status is required."))?;
    let class = match text("classification") {
        None if status == "resolved" => return Err(bad("Closing needs a classification.")),
        None => None,
        Some(wanted) => Some(
            CLASSES
                .iter()
                .find(|(_, s, _)| *s == wanted)
                .ok_or_else(|| bad("properties.classification is not valid."))?,
        ),
    };
    if let (Some((_, _, reasons)), Some(reason)) = (class, text("classificationReason"))
        && !reasons.contains(&reason)
    {
        return Err(bad(
            "properties.classificationReason does not fit the classification.",
        ));
    }
    let number = {
        let queue = queue::read(tenant);
        let at = find(tenant, &queue, name)?;
        let now = etag(&queue.incident_json(at));
        let sent = body["etag"]
            .as_str()
            .map(|e| e.trim_matches('"').to_owned());
        if sent.is_some_and(|sent| sent != now) {
            return Err(Refusal::new(
                412,
                "PreconditionFailed",
                "The etag does not match: the incident was changed meanwhile.",
            ));
        }
        queue.incident_row(at).id
    };
    let at = iso(tenant.clock.told());
    {
        let mut state = queue::write(tenant);
        let edit = state.incidents.entry(number).or_default();
        let mut set = |key: &str, value: Value| {
            edit.set.insert(key.to_owned(), value);
        };
        set("displayName", json!(title));
        set("severity", json!(severity));
        set("status", json!(status));
        if let Some((xdr, ..)) = class {
            set("classification", json!(xdr));
        }
        if let Some(owner) = properties["owner"]["userPrincipalName"]
            .as_str()
            .or(properties["owner"]["assignedTo"].as_str())
        {
            set("assignedTo", json!(owner));
        }
        if let Some(comment) = text("classificationComment") {
            set("resolvingComment", json!(comment));
        }
        set("lastUpdateDateTime", json!(at));
        set("lastModifiedBy", json!(caller.name));
    }
    get(tenant, name)
}
