//! Merging incidents and moving alerts between them. The service chooses which incident remains.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::cx::Cx;
use super::fault::Fault;
use super::triage;
use crate::clock::iso;
use crate::queue::{self, Origin, Queue};
use crate::wire::answer::Answer;
use crate::world::Obj;

/// Why incidents or alerts belong together: flags, joined by commas.
const REASONS: &[&str] = &[
    "repeatedAlertOccurrence",
    "sameGeography",
    "similarArtifacts",
    "sameTargetedAsset",
    "sameNetworkSegment",
    "eventSequence",
    "timeFrame",
    "sameThreatSource",
    "similarTTPsOrBehavior",
    "sameActor",
    "sameCampaign",
    "sharedIndicators",
    "sameAsset",
    "networkProximity",
    "eventCasualSequence",
    "temporalProximity",
    "lateralMovementPath",
];

/// The ids, the comment, where to (if the body says), of a body with these keys.
struct Wanted {
    ids: Vec<String>,
    comment: Option<String>,
    target: Option<String>,
}

fn read(
    cx: &Cx<'_>,
    ids: &str,
    comment: &str,
    reasons: &str,
    target: Option<&str>,
) -> Result<Wanted, Fault> {
    let body = triage::body(cx)?;
    let known = |key: &String| {
        [ids, comment, reasons].contains(&key.as_str()) || Some(key.as_str()) == target
    };
    if let Some(stranger) = body.keys().find(|k| !known(k)) {
        return Err(Fault::bad(format!("Invalid property '{stranger}'.")));
    }
    let list: Option<Vec<String>> = match body.get(ids) {
        Some(Value::Array(list)) if !list.is_empty() => {
            list.iter().map(|v| v.as_str().map(str::to_owned)).collect()
        }
        _ => None,
    };
    let list = list.ok_or_else(|| Fault::bad(format!("{ids} must be a list of ids.")))?;
    let text = |key: &str| match body.get(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(Fault::bad(format!("{key} must be a string."))),
    };
    if let Some(flags) = text(reasons)? {
        let stranger = flags
            .split(',')
            .map(str::trim)
            .find(|f| !REASONS.iter().any(|r| r.eq_ignore_ascii_case(f)));
        if let Some(stranger) = stranger {
            return Err(Fault::bad(format!(
                "'{stranger}' is not a member of correlationReason."
            )));
        }
    }
    let mut seen = BTreeSet::new();
    Ok(Wanted {
        ids: list
            .into_iter()
            .filter(|id| seen.insert(id.clone()))
            .collect(),
        comment: text(comment)?,
        target: match target {
            None => None,
            Some(key) => text(key)?,
        },
    })
}

fn incident(queue: &Queue<'_>, id: &str) -> Result<Origin, Fault> {
    let at = queue
        .incident_of(id)
        .ok_or_else(|| Fault::no_entity(&format!("Incident {id}")))?;
    let merged = queue
        .incident_json(at)
        .get("status")
        .is_some_and(|s| s == "redirected");
    if merged {
        // assumed, as for a PATCH
        return Err(Fault::bad(format!(
            "Incident {id} was merged into another one."
        )));
    }
    Ok(at)
}

fn remark(cx: &Cx<'_>, text: &str) -> Value {
    json!({
        "@odata.type": "#microsoft.graph.security.alertComment",
        "comment": text,
        "createdByDisplayName": cx.caller.name,
        "createdDateTime": iso(cx.tenant.clock.told()),
    })
}

fn answer(cx: &Cx<'_>, target: u64) -> Answer {
    let context = cx.context("microsoft.graph.security.mergeResponse");
    Answer::json(
        200,
        &json!({"@odata.context": context, "targetIncidentId": target.to_string()}),
    )
}

/// `POST /security/incidents/mergeIncidents`: the one with most alerts remains, among equals the oldest (assumed)
pub(super) fn merge(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let wanted = read(cx, "incidentIds", "incidentComment", "mergeReasons", None)?;
    if wanted.ids.len() < 2 {
        return Err(Fault::bad("At least two incidents are needed."));
    }
    let (target, sources) = {
        let queue = queue::read(cx.tenant);
        let mut all = Vec::new();
        for id in &wanted.ids {
            let at = incident(&queue, id)?;
            let alerts: Vec<String> = queue
                .alerts_of(at)
                .into_iter()
                .map(|a| queue.alert_id(a).into_owned())
                .collect();
            all.push((queue.incident_row(at).id, alerts));
        }
        all.sort_by_key(|(number, alerts)| (std::cmp::Reverse(alerts.len()), *number));
        let sources = all.split_off(1);
        (all.first().map_or(0, |(number, _)| *number), sources)
    };
    let now = json!(iso(cx.tenant.clock.told()));
    let by = json!(triage::modifier(cx));
    let mut state = queue::write(cx.tenant);
    for (number, alerts) in sources {
        let set = &mut state.incidents.entry(number).or_default().set;
        set.insert("status".into(), json!("redirected"));
        set.insert("redirectIncidentId".into(), json!(target.to_string()));
        set.insert("lastUpdateDateTime".into(), now.clone());
        set.insert("lastModifiedBy".into(), by.clone());
        for id in alerts {
            let alert = &mut state.alerts.entry(id.clone()).or_default().set;
            alert.insert("lastUpdateDateTime".into(), now.clone());
            state.moved.insert(id, target);
        }
    }
    let edit = state.incidents.entry(target).or_default();
    edit.comments
        .extend(wanted.comment.map(|text| remark(cx, &text)));
    edit.set.insert("lastUpdateDateTime".into(), now);
    edit.set.insert("lastModifiedBy".into(), by);
    drop(state);
    Ok(answer(cx, target))
}

/// `POST /security/alerts_v2/moveAlerts`: without an incident they get a new one
pub(super) fn alerts(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    let wanted = read(
        cx,
        "alertIds",
        "alertComment",
        "newCorrelationReasons",
        Some("incidentId"),
    )?;
    let (known, first) = {
        let queue = queue::read(cx.tenant);
        let known = match &wanted.target {
            None => None,
            Some(id) => Some(queue.incident_row(incident(&queue, id)?).id),
        };
        let mut first = None;
        for id in &wanted.ids {
            let at = queue
                .alert_of(id)
                .ok_or_else(|| Fault::no_entity(&format!("Alert {id}")))?;
            if first.is_none() {
                first = Some((queue.alert_row(at).severity, queue.alert_json(at)));
            }
        }
        (known, first)
    };
    let now = json!(iso(cx.tenant.clock.told()));
    let target = match (known, first) {
        (Some(number), _) => number,
        (None, Some((severity, alert))) => {
            queue::open(cx.tenant, severity, |template| opened(cx, template, &alert))
        }
        (None, None) => return Err(Fault::bad("alertIds must be a list of ids.")),
    };
    let mut state = queue::write(cx.tenant);
    for id in wanted.ids {
        let edit = state.alerts.entry(id.clone()).or_default();
        edit.set.insert("lastUpdateDateTime".into(), now.clone());
        edit.comments
            .extend(wanted.comment.as_deref().map(|text| remark(cx, text)));
        state.moved.insert(id, target);
    }
    let edit = state.incidents.entry(target).or_default();
    edit.set.insert("lastUpdateDateTime".into(), now);
    edit.set
        .insert("lastModifiedBy".into(), json!(triage::modifier(cx)));
    drop(state);
    Ok(answer(cx, target))
}

/// An incident made for alerts that were moved out of theirs.
fn opened(cx: &Cx<'_>, template: &mut Obj, alert: &Obj) {
    let now = iso(cx.tenant.clock.told());
    let title = alert.get("title").cloned().unwrap_or_default();
    for (key, value) in [
        ("displayName", title),
        (
            "severity",
            alert.get("severity").cloned().unwrap_or_default(),
        ),
        ("status", json!("active")),
        ("classification", Value::Null),
        ("determination", Value::Null),
        ("assignedTo", Value::Null),
        ("resolvingComment", Value::Null),
        ("description", Value::Null),
        ("summary", Value::Null),
        ("comments", json!([])),
        ("customTags", json!([])),
        ("systemTags", json!([])),
        ("createdDateTime", json!(now)),
        ("lastUpdateDateTime", json!(now)),
        ("redirectIncidentId", Value::Null),
    ] {
        template.insert(key.to_owned(), value);
    }
}
