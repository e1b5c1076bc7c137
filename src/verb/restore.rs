//! Putting incidents and alerts back as they were: what a triage verb replaced is on record, an incident's alerts each by
//! itself, and is compared with what is there now. Only what differs is sent.

use super::common::{list, sentence};
use super::triage::written;
use super::{About, Args, Consequence, Deed, Verb, Witness};
use crate::confirm::{same, seen};
use crate::model::enums::{AlertStatus, IncidentStatus, plain, statuses};
use crate::model::{Call, Json, Key, Kind, Pages, Path, Service};
use crate::resource::Answer;
use serde_json::{Map, Value, json};
use table::{Text, Txt};

/// The name of the verb that does it; it comes by way of undo only.
pub const NAME: &str = "put back";

const FIELDS: &[&str] = &[
    "assignedTo",
    "status",
    "classification",
    "determination",
    "customTags",
];
/// Those of an alert that was closed with its incident.
const CLOSED: &[&str] = &["status", "classification", "determination"];

const READS: &[&str] = &["SecurityAlert.Read.All", "SecurityAlert.ReadWrite.All"];

/// Not in the menus: undo alone brings what it needs.
pub static VERBS: &[Verb] = &[Verb {
    name: NAME,
    help: "put an incident or alert back as it was before we changed it",
    kinds: &[Kind::Incident, Kind::Alert],
    tier: 0,
    needs: super::triage::needs,
    blocked: |_, now, _| super::triage::merged(now),
    preview: |key, _, args| {
        let has = args
            .restored(key)
            .is_some_and(|was| was.get("alerts").is_some());
        has.then(|| alerts_call(key))
            .flatten()
            .into_iter()
            .collect()
    },
    consequences: |about| {
        let was = about.args.restored(about.key);
        let note = was.map(|was| Consequence::note(words(about, was)));
        note.into_iter().collect()
    },
    state: |_, now, _| {
        let field = |name: &&'static str| (*name, seen(now, name));
        FIELDS.iter().map(field).collect()
    },
    sentence: |t, _, _| sentence(NAME, t, "as before"),
    plan: |key, now, args, _, answers| plan(key, now, args, answers),
    verify,
    witness: Some(Witness {
        calls: |key, args| match args.restored(key).and_then(|was| was.get("alerts")) {
            Some(_) => alerts_call(key).into_iter().collect(),
            None => Vec::new(),
        },
        verify: alerts_too,
    }),
    idempotent: true,
    ..super::BASE
}];

/// The alerts of an incident, for what its closing replaces.
pub fn alerts_call(key: &Key) -> Option<Call> {
    if key.kind != Kind::Incident {
        return None;
    }
    let path = Path::new("/security/incidents").id(key.id.txt()).ok()?;
    Some(
        Call::get(Service::Graph, path.then("/alerts"))
            .pages(Pages::Links { at_most: 2_000 })
            .needs(READS),
    )
}

/// What a triage verb replaces: its own fields, and the state of each alert where the incident is closed.
pub fn before(verb: &'static Verb, key: &Key, now: Json<'_>, answers: &[Answer]) -> Value {
    let mut out = super::replaced(verb, key, now, answers);
    if let (Value::Object(fields), Some(Answer::Got { .. })) = (&mut out, answers.first()) {
        let alerts = answers.iter().take(1).flat_map(Answer::items);
        let alerts: Vec<Value> = alerts
            .filter_map(|a| {
                let mut row = Map::new();
                row.insert("id".into(), a.str("id")?.into());
                for field in CLOSED {
                    row.insert((*field).into(), a.at(field).0.clone());
                }
                Some(row.into())
            })
            .collect();
        fields.insert("alerts".into(), alerts.into());
    }
    out
}

/// The way back of a triage verb.
pub fn undo(deed: &Deed) -> Option<(&'static str, Args)> {
    let fields = deed.before.as_object().filter(|f| !f.is_empty())?;
    let known = fields.keys().any(|k| FIELDS.contains(&k.as_str()));
    let restore = vec![(deed.key.clone(), deed.before.clone())];
    let args = Args {
        restore,
        ..Args::default()
    };
    known.then_some((NAME, args))
}

/// What may be written for what was there: some states come from the service only.
fn settable(kind: Kind, field: &str, was: &Value) -> Value {
    let word = was.as_str().unwrap_or_default();
    match field {
        "status" => {
            let all = statuses(kind).iter().map(|(_, w)| *w);
            let found = all.into_iter().find(|w| match kind {
                Kind::Incident => IncidentStatus::parse(w) == IncidentStatus::parse(word),
                _ => AlertStatus::parse(w) == AlertStatus::parse(word),
            });
            let first = statuses(kind).first().map_or("", |(_, w)| w);
            found.unwrap_or(first).into()
        }
        "classification" | "determination" if word.is_empty() => "unknown".into(),
        "customTags" if was.is_null() => json!([]),
        _ => was.clone(),
    }
}

/// The fields of `was` that read differently now, as they are to be written.
fn differing(
    kind: Kind,
    was: &Value,
    now: Json<'_>,
    fields: &[&'static str],
) -> Map<String, Value> {
    let mut body = Map::new();
    for field in fields {
        let Some(value) = was.get(field) else {
            continue;
        };
        let wanted = settable(kind, field, value);
        let wrapped = json!({(*field): wanted});
        if !same(field, &seen(Json(&wrapped), field), &seen(now, field)) {
            body.insert((*field).to_owned(), wanted);
        }
    }
    body
}

fn plan(key: &Key, now: Json<'_>, args: &Args, answers: &[Answer]) -> Result<Vec<Call>, String> {
    let was = args
        .restored(key)
        .ok_or("there is nothing on record to put back")?;
    let mut calls = Vec::new();
    let body = differing(key.kind, was, now, FIELDS);
    if !body.is_empty() {
        calls.push(written(key, body.into())?);
    }
    // after the incident: reopening it may move them too
    for alert in Json(was).list("alerts") {
        let Some(id) = alert.text("id") else { continue };
        let mut fresh = answers.iter().take(1).flat_map(Answer::items);
        let Some(fresh) = fresh.find(|a| a.text("id").as_ref() == Some(&id)) else {
            return Err("its alerts could not be read: none of it was put back".to_owned());
        };
        let body = differing(Kind::Alert, alert.0, fresh, CLOSED);
        if !body.is_empty() {
            let kind = Kind::Alert;
            let key = Key { kind, id };
            calls.push(written(&key, body.into())?);
        }
    }
    match calls.is_empty() {
        true => Err("it is as it was already".to_owned()),
        false => Ok(calls),
    }
}

fn verify(key: &Key, now: Json<'_>, args: &Args, _: Txt<'_>, _: &Value) -> Result<(), String> {
    let was = args.restored(key).ok_or("nothing that was put back")?;
    let left = differing(key.kind, was, now, FIELDS);
    match left.is_empty() {
        true => Ok(()),
        false => {
            let fields = left
                .keys()
                .map(|f| format!("{f} {}", super::common::shown(now, f)));
            Err(list(fields, 5))
        }
    }
}

/// Each alert that was put back is as it was.
fn alerts_too(key: &Key, _: Json<'_>, args: &Args, answers: &[Answer]) -> Result<(), String> {
    let was = args.restored(key).ok_or("nothing that was put back")?;
    let mut wrong = Vec::new();
    for alert in Json(was).list("alerts") {
        let id = alert.str("id");
        let mut fresh = answers.iter().take(1).flat_map(Answer::items);
        let name = super::common::shown(alert, "id");
        match fresh.find(|a| a.str("id") == id) {
            Some(fresh) => {
                let left = differing(Kind::Alert, alert.0, fresh, CLOSED);
                let shows = left.keys().map(|f| super::common::shown(fresh, f));
                let shows: Vec<String> = shows.collect();
                if !shows.is_empty() {
                    wrong.push(format!("alert {name}: {}", shows.join(", ")));
                }
            }
            None => wrong.push(format!("alert {name} not among its alerts")),
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(list(wrong.into_iter(), 3)),
    }
}

/// `status active, assigned to nobody; 3 alerts as each was`.
fn words(about: &About<'_>, was: &Value) -> String {
    let kind = about.key.kind;
    let body = differing(kind, was, about.entity, FIELDS);
    let value = |v: &Value| match v {
        Value::Null => "nothing".to_owned(),
        Value::String(s) => plain(s),
        other => Text::from(other.to_string()).txt().shown().into_owned(),
    };
    let fields = body
        .iter()
        .map(|(field, v)| format!("{field} {}", value(v)));
    let mut out = format!("comes back: {}", list(fields, 5));
    let alerts = Json(was).list("alerts").count();
    if alerts > 0 {
        out.push_str(&format!("; each of {alerts} alerts as it was"));
    }
    Text::from(out).txt().shown().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn got(value: Value) -> Answer {
        Answer::Got {
            body: Arc::new(value),
            more: false,
        }
    }

    fn args(key: &Key, was: Value) -> Args {
        Args {
            restore: vec![(key.clone(), was)],
            ..Args::default()
        }
    }

    #[test]
    fn each_closed_alert_comes_back_as_it_was() {
        let done = crate::verb::named("done").unwrap();
        let key = Key::new(Kind::Incident, "4711");
        let open = json!({"id": "4711", "status": "active", "classification": null, "determination": "unknown"});
        let alerts = json!({"value": [
            {"id": "a1", "status": "new", "classification": null, "determination": null, "evidence": [{"x": 1}]},
            {"id": "a2", "status": "inProgress", "classification": "truePositive", "determination": "malware"},
            {"id": "a3", "status": "resolved", "classification": "falsePositive", "determination": "notMalicious"},
        ]});
        let was = before(done, &key, Json(&open), &[got(alerts)]);
        assert_eq!(was["alerts"].as_array().unwrap().len(), 3);
        assert!(
            was["alerts"][0].get("evidence").is_none(),
            "no more than is needed"
        );

        let closed = json!({"id": "4711", "status": "resolved", "classification": "falsePositive", "determination": "notMalicious"});
        let all = |id: &str| json!({"id": id, "status": "resolved", "classification": "falsePositive", "determination": "notMalicious"});
        let now = json!({"value": [all("a1"), all("a2"), all("a3")]});
        let me = Text::from("ana@contoso.com");
        let calls = plan(&key, Json(&closed), &args(&key, was.clone()), &[got(now)]).unwrap();
        let sent: Vec<(String, Value)> = calls
            .into_iter()
            .map(|c| (c.path.as_str().to_owned(), c.body.unwrap()))
            .collect();
        assert_eq!(
            sent,
            [
                (
                    "/security/incidents/4711".to_owned(),
                    json!({"status": "active", "classification": "unknown", "determination": "unknown"})
                ),
                (
                    "/security/alerts_v2/a1".to_owned(),
                    json!({"status": "new", "classification": "unknown", "determination": "unknown"})
                ),
                (
                    "/security/alerts_v2/a2".to_owned(),
                    json!({"status": "inProgress", "classification": "truePositive", "determination": "malware"})
                ),
            ]
        );
        let blind = plan(&key, Json(&closed), &args(&key, was.clone()), &[]);
        assert!(blind.unwrap_err().contains("could not be read"));
        let put = args(&key, was);
        verify(&key, Json(&open), &put, me.txt(), &Value::Null).unwrap();
        // the incident alone proves nothing about its alerts
        let back = json!({"value": [
            {"id": "a1", "status": "new", "classification": null, "determination": null},
            {"id": "a2", "status": "inProgress", "classification": "truePositive", "determination": "malware"},
            all("a3"),
        ]});
        let witness = VERBS[0].witness.unwrap();
        assert_eq!((witness.calls)(&key, &put).len(), 1);
        let proven = |answers: Value| (witness.verify)(&key, Json(&open), &put, &[got(answers)]);
        proven(back).unwrap();
        let one = json!({"value": [all("a1"), {"id": "a2", "status": "inProgress", "classification": "truePositive", "determination": "malware"}]});
        let why = proven(one).unwrap_err();
        assert!(why.contains("alert a1: resolved"), "{why}");
        assert!(why.contains("a3 not among"), "{why}");
    }

    #[test]
    fn states_of_the_service_alone_come_back_as_the_nearest_that_can_be_set() {
        let key = Key::new(Kind::Alert, "a1");
        let was = json!({"status": "unknown"});
        let now = json!({"id": "a1", "status": "resolved"});
        let calls = plan(&key, Json(&now), &args(&key, was.clone()), &[]).unwrap();
        assert_eq!(calls[0].body, Some(json!({"status": "new"})));
        let same = json!({"id": "a1", "status": "new"});
        assert!(plan(&key, Json(&same), &args(&key, was), &[]).is_err());
    }
}
