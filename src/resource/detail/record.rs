//! A record's detail: what the presets look for first, then every field as it came; types nobody has named are shown the
//! same way (S0-11).

use super::own;
use super::parts::field;
use crate::model::feed::Source;
use crate::model::{EntityRef, Json, Ticks};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::log_event::{LogEvent, unquoted};
use crate::resource::record::{CONTENT, user_type};
use crate::resource::{Answer, Section, Subject};
use table::Text;

pub static SECTIONS: &[Section] = &[
    own("record", "Record", record),
    own("fields", "All fields", fields),
];

/// Deeper than this a field is text.
const DEEP: u8 = 4;

fn person(upn: Text) -> EntityRef {
    EntityRef::User {
        id: None,
        upn: Some(upn),
        sid: None,
        name: None,
    }
}

fn is_person(text: &Text) -> bool {
    let plain = text.txt();
    let plain = plain.exact();
    plain.contains('@') && !plain.contains('/') && !plain.contains(' ')
}

pub fn refs(j: Json<'_>) -> Vec<EntityRef> {
    let event = LogEvent::of(j);
    let mut out: Vec<EntityRef> = event
        .people
        .iter()
        .map(|p| Text::from(p.as_str()))
        .filter(is_person)
        .map(person)
        .collect();
    out.extend(event.ip.map(|ip| EntityRef::Ip(Text::from(ip))));
    out.extend(device(&event));
    out.extend(j.text("AlertId").map(EntityRef::Alert));
    out
}

fn device(event: &LogEvent<'_>) -> Option<EntityRef> {
    let (name, id) = (event.device, event.device_id);
    (name.is_some() || id.is_some()).then(|| EntityRef::Device {
        machine: None,
        azure: id.map(Text::from),
        name: name.map(Text::from),
    })
}

pub fn summary(j: Json<'_>) -> String {
    let event = LogEvent::of(j);
    let of = |text: Option<&str>| text.map(|t| table::Txt::new(t).defanged());
    let mut out = Vec::new();
    for (name, value) in [
        ("Operation", of(event.operation)),
        ("Time", event.at.map(Ticks::literal)),
        ("User", of(event.user)),
        ("Object", of(event.object.as_deref())),
        ("Address", of(event.ip)),
        ("Result", of(event.result)),
        ("Source", Some(event.source.word().to_owned())),
        ("Record", of(event.id)),
    ] {
        out.extend(value.map(|v| format!("{name}: {v}")));
    }
    out.join("\n")
}

fn record(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    let event = LogEvent::of(j);
    let text = |t: &str| Value::Text(Text::from(t));
    if let Some(what) = event.operation {
        doc.push(0, Form::Head(text(what), None));
    }
    match event.at {
        Some(at) => doc.field("time", Some(Value::Time(at))),
        None => doc.field(
            "time",
            Some(Value::Word(Tone::Medium, "the record does not say".into())),
        ),
    };
    if let Some(word) = event.about {
        let tone = match word {
            "forwarding" | "permission" | "consent" | "role" => Tone::Medium,
            _ => Tone::Info,
        };
        doc.field("about", Some(Value::Word(tone, word.to_owned())));
    }
    let whom = event.target.clone();
    for (name, who) in [("user", event.user.map(Text::from)), ("target", whom)] {
        if let Some(who) = who {
            let line = doc.push(0, Form::Field(name, vec![Value::Text(who.clone())]));
            line.target = is_person(&who).then(|| person(who));
        }
        if name == "user" {
            doc.field("kind of user", user_type(j).map(Value::Own));
        }
    }
    doc.field("object", event.object.as_deref().map(text));
    if let Some(ip) = event.ip {
        doc.push(0, Form::Field("address", vec![text(ip)]))
            .to(EntityRef::Ip(Text::from(ip)));
    }
    doc.field("result", event.result.map(text));
    doc.field("workload", event.workload.map(text));
    doc.field("type", event.kind.as_deref().map(text));
    match event.source {
        Source::SignIns => sign_in(doc, j, &event),
        Source::Audits => audit(doc, j),
        Source::Search => feed(doc, j.at("auditData")),
        Source::Feed => feed(doc, j),
    }
    field(doc, "source", j, CONTENT);
    doc.field("id", event.id.map(text));
    doc.note(
        Tone::Dim,
        "every field as the service wrote it is in the next section",
    );
}

/// What a sign-in says beside the columns: why it failed, what judged it, where and from what it came.
fn sign_in(doc: &mut Doc, j: Json<'_>, event: &LogEvent<'_>) {
    let status = j.at("status");
    if let Some(code) = status.int("errorCode").filter(|c| *c != 0) {
        let word = Value::Word(Tone::High, format!("AADSTS{code}"));
        doc.field("error", Some(word));
    }
    field(doc, "reason", status, "failureReason");
    field(doc, "more", status, "additionalDetails");
    field(doc, "resource", j, "resourceDisplayName");
    field(doc, "client", j, "clientAppUsed");
    field(doc, "conditional access", j, "conditionalAccessStatus");
    field(doc, "risk", j, "riskLevelDuringSignIn");
    field(doc, "risk state", j, "riskState");
    let place = ["city", "state", "countryOrRegion"];
    let place: Vec<Value> = place
        .iter()
        .filter_map(|k| j.at("location").text(k).map(Value::Text))
        .collect();
    if !place.is_empty() {
        doc.push(0, Form::Field("place", place));
    }
    let from = ["displayName", "operatingSystem", "browser", "trustType"];
    let from: Vec<Value> = from
        .iter()
        .filter_map(|k| j.at("deviceDetail").text(k).map(Value::Text))
        .collect();
    if !from.is_empty() {
        doc.push(0, Form::Field("device", from)).target = device(event);
    }
    field(doc, "user agent", j, "userAgent");
    let policies: Vec<Json<'_>> = j.list("appliedConditionalAccessPolicies").collect();
    if !policies.is_empty() {
        doc.head("Policies", Some(policies.len()));
        for policy in policies {
            let row = ["displayName", "result"];
            let row = row.iter().filter_map(|k| policy.text(k).map(Value::Text));
            doc.push(1, Form::Row(row.collect()));
        }
        doc.push(0, Form::Blank);
    }
}

/// What a directory audit says beside the columns: to whom and what it changed, old and new.
fn audit(doc: &mut Doc, j: Json<'_>) {
    field(doc, "category", j, "category");
    field(doc, "why", j, "resultReason");
    let targets: Vec<Json<'_>> = j.list("targetResources").collect();
    if !targets.is_empty() {
        doc.head("Targets", Some(targets.len()));
    }
    for target in targets {
        let words = ["displayName", "userPrincipalName", "type", "Type", "id"];
        let row = words.iter().filter_map(|k| target.text(k).map(Value::Text));
        let line = doc.push(1, Form::Row(row.collect()));
        line.target = target.text("userPrincipalName").map(person);
        for change in target.list("modifiedProperties") {
            let side = |name: &str| {
                let value = change.str(name).map(unquoted);
                value.filter(|v| v != "null").map_or_else(
                    || Value::Own("–".into()),
                    |v| Value::Text(Text::from(v.as_str())),
                )
            };
            let mut row: Vec<Value> = change
                .text("displayName")
                .map(Value::Text)
                .into_iter()
                .collect();
            row.extend([side("oldValue"), side("newValue")]);
            doc.push(2, Form::Row(row));
        }
    }
    let more: Vec<Json<'_>> = j.list("additionalDetails").collect();
    if !more.is_empty() {
        doc.head("More", Some(more.len()));
        for item in more {
            let row = ["key", "value"];
            let row = row.iter().filter_map(|k| item.text(k).map(Value::Text));
            doc.push(1, Form::Row(row.collect()));
        }
        doc.push(0, Form::Blank);
    }
}

/// What a record of the feed says beside the columns.
fn feed(doc: &mut Doc, j: Json<'_>) {
    pairs(doc, "Parameters", j, "Parameters", &["Value"]);
    pairs(
        doc,
        "Changes",
        j,
        "ModifiedProperties",
        &["OldValue", "NewValue"],
    );
    pairs(doc, "More", j, "ExtendedProperties", &["Value"]);
    if let Some(app) = j.text("ApplicationId").or_else(|| j.text("AppId")) {
        doc.push(0, Form::Field("application", vec![Value::Text(app)]));
    }
    field(doc, "user agent", j, "UserAgent");
    field(doc, "client", j, "ClientInfoString");
    field(doc, "site", j, "SiteUrl");
    field(doc, "file", j, "SourceFileName");
    field(doc, "device", j, "DeviceName");
}

/// A list of names and values under a heading.
fn pairs(doc: &mut Doc, title: &str, j: Json<'_>, list: &str, values: &[&str]) {
    let all: Vec<Json<'_>> = j.list(list).collect();
    if all.is_empty() {
        return;
    }
    doc.head(title, Some(all.len()));
    for item in all {
        let mut row: Vec<Value> = item.text("Name").map(Value::Text).into_iter().collect();
        for name in values {
            let value = item.at(name);
            let text = value
                .as_text()
                .or_else(|| (!value.is_null()).then(|| Text::from(value.0.to_string())));
            row.push(match text {
                Some(text) => Value::Text(text),
                None => Value::Own("–".into()),
            });
        }
        doc.push(1, Form::Row(row));
    }
    doc.push(0, Form::Blank);
}

fn fields(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    walk(doc, 0, s.entity);
}

fn walk(doc: &mut Doc, indent: u8, j: Json<'_>) {
    for (name, value) in j.fields() {
        one(doc, indent, Text::from(name), value);
    }
}

fn one(doc: &mut Doc, indent: u8, name: Text, value: Json<'_>) {
    let nested = value.0.is_object() || value.0.is_array();
    if !nested || indent >= DEEP {
        let text = match value.0 {
            serde_json::Value::String(s) => Text::from(s.as_str()),
            other => Text::from(other.to_string()),
        };
        doc.push(
            indent,
            Form::Row(vec![Value::Text(name), Value::Text(text)]),
        );
        return;
    }
    doc.push(indent, Form::Row(vec![Value::Text(name)]));
    if value.0.is_object() {
        walk(doc, indent + 1, value);
    }
    for (n, item) in value.items().enumerate() {
        one(doc, indent + 1, Text::from(n.to_string()), item);
    }
}
