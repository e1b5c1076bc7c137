//! A record's detail: what the presets look for first, then every field as it came; types nobody has named are shown the
//! same way (S0-11).

use super::own;
use super::parts::field;
use crate::model::{EntityRef, Json, Ticks};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::record::{CONTENT, about, address, target, type_name, user_type};
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
    let mut out: Vec<EntityRef> = j
        .text("UserId")
        .into_iter()
        .chain(target(j))
        .filter(is_person)
        .map(person)
        .collect();
    out.dedup();
    out.extend(ip(j).map(EntityRef::Ip));
    out.extend(j.text("AlertId").map(EntityRef::Alert));
    out
}

fn ip(j: Json<'_>) -> Option<Text> {
    let text = j.str("ClientIP").or_else(|| j.str("ActorIpAddress"))?;
    Some(Text::from(address(text)))
}

fn time(j: Json<'_>) -> Option<Ticks> {
    let text = j.str("CreationTime")?;
    Ticks::parse(text).or_else(|| Ticks::parse(&format!("{text}Z")))
}

pub fn summary(j: Json<'_>) -> String {
    let of = |name: &str| j.text(name).map(|t| t.txt().defanged());
    let mut out = Vec::new();
    for (name, value) in [
        ("Operation", of("Operation")),
        ("Time", time(j).map(Ticks::literal)),
        ("User", of("UserId")),
        ("Object", of("ObjectId")),
        ("Address", ip(j).map(|t| t.txt().defanged())),
        ("Result", of("ResultStatus")),
        ("Record", of("Id")),
    ] {
        out.extend(value.map(|v| format!("{name}: {v}")));
    }
    out.join("\n")
}

fn record(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(what) = j.text("Operation") {
        doc.push(0, Form::Head(Value::Text(what), None));
    }
    match time(j) {
        Some(at) => doc.field("time", Some(Value::Time(at))),
        None => doc.field(
            "time",
            Some(Value::Word(Tone::Medium, "the record does not say".into())),
        ),
    };
    if let Some(word) = about(j) {
        let tone = match word {
            "forwarding" | "permission" | "consent" | "role" => Tone::Medium,
            _ => Tone::Info,
        };
        doc.field("about", Some(Value::Word(tone, word.to_owned())));
    }
    if let Some(user) = j.text("UserId") {
        let line = doc.push(0, Form::Field("user", vec![Value::Text(user.clone())]));
        line.target = is_person(&user).then(|| person(user));
    }
    doc.field("kind of user", user_type(j).map(Value::Own));
    if let Some(whom) = target(j) {
        let line = doc.push(0, Form::Field("target", vec![Value::Text(whom.clone())]));
        line.target = is_person(&whom).then(|| person(whom));
    }
    field(doc, "object", j, "ObjectId");
    if let Some(ip) = ip(j) {
        doc.push(0, Form::Field("address", vec![Value::Text(ip.clone())]))
            .to(EntityRef::Ip(ip));
    }
    field(doc, "result", j, "ResultStatus");
    field(doc, "workload", j, "Workload");
    doc.field("type", type_name(j).map(|t| Value::Text(Text::from(t))));
    field(doc, "content type", j, CONTENT);
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
    field(doc, "id", j, "Id");
    doc.note(
        Tone::Dim,
        "every field as the service wrote it is in the next section",
    );
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
