//! Details of what Cloud Apps tells by its own API: an alert with the accounts, apps and policies it names, and an
//! activity with the record it was made from.

use super::links;
use super::own;
use super::parts::{field, severity_tone, word};
use crate::model::{EntityRef, Json};
use crate::resource::cloud_activity::{action, source, who};
use crate::resource::cloud_alert::{entities, moment, severity, status};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject, Tenant};
use table::Text;

pub static ALERT: &[Section] = &[own("cloud alert", "Alert", alert)];
pub static ACTIVITY: &[Section] = &[
    own("activity", "Activity", activity),
    own("record", "Record", record),
];

/// Said in every detail: two places tell of the same thing.
const BY: &str = "as Defender for Cloud Apps tells it by its own API";

fn person(name: Text) -> EntityRef {
    let is_upn = name.txt().exact().contains('@');
    EntityRef::User {
        id: None,
        upn: is_upn.then(|| name.clone()),
        sid: None,
        name: (!is_upn).then_some(name),
    }
}

/// What one entity of an alert is here; a policy or an app is nothing that could be gone to.
fn named(e: Json<'_>) -> Option<EntityRef> {
    let label = || e.text("label").or_else(|| e.text("id"));
    Some(match e.str("type")? {
        "account" => person(e.text("pa").or_else(|| e.text("em")).or_else(label)?),
        "ip" => EntityRef::Ip(label()?),
        "device" => EntityRef::Device {
            machine: None,
            azure: None,
            name: Some(label()?),
        },
        "file" => EntityRef::File {
            sha1: None,
            sha256: None,
            md5: None,
            name: Some(label()?),
        },
        _ => return None,
    })
}

pub fn alert_refs(j: Json<'_>) -> Vec<EntityRef> {
    let mut out = Vec::new();
    for r in j.list("entities").filter_map(named) {
        if !out.contains(&r) {
            out.push(r);
        }
    }
    out
}

pub fn alert_portal(j: Json<'_>, _: &Tenant<'_>) -> Option<String> {
    links::from_service(j, "URL")
}

pub fn alert_summary(j: Json<'_>) -> String {
    let of = |name: &str| j.text(name).map(|t| t.txt().defanged());
    let people: Vec<String> = (entities(j, "account").iter())
        .map(|t| table::Txt::new(t).defanged())
        .collect();
    lines([
        ("Alert", of("title")),
        ("Severity", severity(j)),
        ("State", status(j)),
        ("Accounts", (!people.is_empty()).then(|| people.join(", "))),
        ("Raised", moment(j, "timestamp").map(|t| t.literal())),
        ("From", Some("Defender for Cloud Apps".into())),
    ])
}

fn lines<const N: usize>(all: [(&str, Option<String>); N]) -> String {
    let all = all.into_iter();
    let said = all.filter_map(|(name, value)| Some(format!("{name}: {}", value?)));
    said.collect::<Vec<_>>().join("\n")
}

/// How much the state of an alert matters.
pub fn status_tone(word: &str) -> Tone {
    match word {
        "open" => Tone::High,
        "truePositive" => Tone::Bad,
        "resolved" | "benign" => Tone::Good,
        "dismissed" | "falsePositive" => Tone::Dim,
        _ => Tone::Plain,
    }
}

fn instant(doc: &mut Doc, name: &'static str, j: Json<'_>, key: &str) {
    doc.field(name, moment(j, key).map(Value::Time));
}

fn alert(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(title) = j.text("title") {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    let mut row: Vec<Value> = Vec::new();
    row.extend(severity(j).map(|w| word(severity_tone, &w)));
    row.extend(status(j).map(|w| word(status_tone, &w)));
    doc.push(0, Form::Row(row));
    doc.note(Tone::Dim, BY);
    instant(doc, "raised", j, "timestamp");
    instant(doc, "closed", j, "closeTime");
    field(doc, "closed by", j, "handledByUser");
    field(doc, "comment", j, "comment");
    field(doc, "threat score", j, "threatScore");
    field(doc, "id", j, "_id");
    if let Some(text) = j.text("description") {
        doc.head("Description", None);
        doc.push(0, Form::Prose(text));
    }
    let all: Vec<Json<'_>> = j.list("entities").collect();
    if !all.is_empty() {
        doc.head("It names", Some(all.len()));
    }
    for e in all {
        let kind = e.text("type").map(Value::Text);
        let label = e.text("label").or_else(|| e.text("id")).map(Value::Text);
        let more = e.text("pa").map(Value::Text);
        let values = kind.into_iter().chain(label).chain(more).collect();
        doc.push(0, Form::Row(values)).target = named(e);
    }
}

pub fn activity_refs(j: Json<'_>) -> Vec<EntityRef> {
    let ip = j.at("device").text("clientIP").map(EntityRef::Ip);
    who(j).map(person).into_iter().chain(ip).collect()
}

pub fn activity_summary(j: Json<'_>) -> String {
    let plain = |t: Text| t.txt().defanged();
    lines([
        ("Activity", j.text("description").map(plain)),
        ("Account", who(j).map(plain)),
        ("App", j.text("appName").map(plain)),
        ("From", j.at("device").text("clientIP").map(plain)),
        ("At", moment(j, "timestamp").map(|t| t.literal())),
    ])
}

fn activity(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    let title = j.text("description").or_else(|| action(j));
    if let Some(title) = title {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    doc.note(Tone::Dim, BY);
    instant(doc, "at", j, "timestamp");
    if let Some(line) = doc.text("account", who(j)) {
        line.target = who(j).map(person);
    }
    doc.text("app", j.text("appName"));
    doc.text("action", action(j));
    let (device, place) = (j.at("device"), j.at("location"));
    if let Some(line) = doc.text("address", device.text("clientIP")) {
        line.target = device.text("clientIP").map(EntityRef::Ip);
    }
    field(doc, "city", place, "city");
    let country = place.text("countryCode");
    doc.text("country", country.or_else(|| device.text("countryCode")));
    field(doc, "client", device, "userAgent");
    doc.field(
        "seen by",
        source(j).map(|w| Value::Word(Tone::Plain, Text::from(w).txt().shown().into_owned())),
    );
    let objects: Vec<Json<'_>> = j.at("mainInfo").list("eventObjects").collect();
    if !objects.is_empty() {
        doc.head("Objects", Some(objects.len()));
    }
    for o in objects {
        let values = ["type", "name"].iter();
        let values = values.filter_map(|f| o.text(f)).map(Value::Text).collect();
        doc.push(0, Form::Row(values));
    }
    doc.text("id", j.text("_id"));
}

/// The record of the app itself, which comes as an object or as its text.
fn record(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let raw = s.entity.at("rawDataJson");
    let read = raw.as_str().and_then(|t| serde_json::from_str(t).ok());
    let raw = read.as_ref().map_or(raw, Json);
    let before = doc.lines.len();
    for (name, value) in raw.fields() {
        let value = value
            .as_text()
            .map_or_else(|| Value::Text(Text::from(value.0.to_string())), Value::Text);
        doc.push(0, Form::Row(vec![Value::Text(Text::from(name)), value]));
    }
    if doc.lines.len() == before {
        match raw.as_text() {
            Some(text) => {
                doc.push(0, Form::Prose(text));
            }
            None => doc.note(Tone::Dim, "the service gave no record with it"),
        }
    }
}
