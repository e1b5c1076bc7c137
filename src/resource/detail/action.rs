//! A machine action's detail: what was asked of which machine, by whom and why, and how it went (S2-22).

use super::own;
use super::parts::{field, time, toned};
use crate::model::{EntityRef, Json};
use crate::resource::action::moved;
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject, Tenant};

pub static SECTIONS: &[Section] = &[own("action", "Action", action)];

pub fn status_tone(word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "pending" => Tone::Medium,
        "inprogress" => Tone::Info,
        "succeeded" => Tone::Good,
        "failed" | "timeout" => Tone::Bad,
        "cancelled" => Tone::Dim,
        _ => Tone::Plain,
    }
}

/// The codes whose meaning is documented, `api/defender.md` 5.
pub fn error_words(code: i64) -> String {
    let what = match code as i32 {
        -2_145_844_840 => " · it timed out",
        -2_147_467_260 => " · it was cancelled",
        _ => "",
    };
    format!("{code} (0x{:08x}){what}", code as i32)
}

fn device(j: Json<'_>) -> Option<EntityRef> {
    let machine = j.text("machineId");
    let name = j.text("computerDnsName");
    (machine.is_some() || name.is_some()).then_some(EntityRef::Device {
        machine,
        azure: None,
        name,
    })
}

fn person(j: Json<'_>, name: &str) -> Option<EntityRef> {
    // an app is named by its id, a person by the sign-in name
    let upn = j.text(name).filter(|t| t.txt().exact().contains('@'))?;
    Some(EntityRef::User {
        id: None,
        upn: Some(upn),
        sid: None,
        name: None,
    })
}

fn file(j: Json<'_>) -> Option<EntityRef> {
    let info = j.at("relatedFileInfo");
    let hash = info.text("fileIdentifier")?;
    let of = |kind: &str| {
        let is = info.str("fileIdentifierType").unwrap_or("Sha1");
        is.eq_ignore_ascii_case(kind).then(|| hash.clone())
    };
    Some(EntityRef::File {
        sha1: of("Sha1"),
        sha256: of("Sha256"),
        md5: of("Md5"),
        name: None,
    })
}

pub fn refs(j: Json<'_>) -> Vec<EntityRef> {
    device(j)
        .into_iter()
        .chain(person(j, "requestor"))
        .chain(person(j, "cancellationRequestor"))
        .chain(file(j))
        .collect()
}

/// Actions have no page of their own: the page of the machine.
pub fn portal(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    super::links::machine_page(&j.text("machineId")?, tenant)
}

pub fn summary(j: Json<'_>) -> String {
    let of = |name: &str| j.text(name).map(|t| t.txt().shown().into_owned());
    let mut out = Vec::new();
    for (name, value) in [
        ("Action", of("type")),
        (
            "Device",
            j.text("computerDnsName").map(|t| t.txt().defanged()),
        ),
        ("State", of("status")),
        ("Way", of("scope")),
        ("By", of("requestor")),
        ("Comment", of("requestorComment")),
        ("Asked", of("creationDateTimeUtc")),
    ] {
        out.extend(value.map(|v| format!("{name}: {v}")));
    }
    out.join("\n")
}

fn action(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(kind) = j.text("type") {
        doc.push(0, Form::Head(Value::Text(kind), None));
    }
    toned(doc, "state", j, "status", status_tone);
    field(doc, "way", j, "scope");
    let name = j.text("computerDnsName").or_else(|| j.text("machineId"));
    if let Some(line) = doc.text("device", name) {
        line.target = device(j);
    }
    if let Some(line) = doc.text("asked by", j.text("requestor")) {
        line.target = person(j, "requestor");
    }
    field(doc, "from", j, "requestSource");
    if let Some(why) = j.text("requestorComment") {
        doc.push(0, Form::Field("comment", vec![Value::Text(why)]));
    }
    time(doc, "asked", j, "creationDateTimeUtc");
    doc.field("last moved", moved(j).map(Value::Time));
    if let Some(hash) = j.at("relatedFileInfo").text("fileIdentifier")
        && let Some(line) = doc.text("file", Some(hash))
    {
        line.target = file(j);
    }
    if let Some(code) = j.int("errorHResult").filter(|n| *n != 0) {
        doc.note(Tone::Bad, format!("error {}", error_words(code)));
    }
    if let Some(who) = j.text("cancellationRequestor") {
        doc.head("Cancelled", None);
        doc.push(0, Form::Field("by", vec![Value::Text(who)]))
            .target = person(j, "cancellationRequestor");
        time(doc, "at", j, "cancellationDateTimeUtc");
        field(doc, "why", j, "cancellationComment");
    }
    for command in j.list("commands") {
        let mut row: Vec<Value> = command
            .text("commandStatus")
            .map(Value::Text)
            .into_iter()
            .collect();
        row.extend(command.at("command").text("type").map(Value::Text));
        doc.push(
            0,
            Form::Event {
                at: command.time("startTime"),
                values: row,
            },
        );
        for error in command.list("errors").filter_map(|e| e.as_text()) {
            doc.push(1, Form::Prose(error));
        }
    }
    field(doc, "trouble", j, "troubleshootInfo");
    field(doc, "id", j, "id");
    field(doc, "our id", j, "externalId");
    if let Some("Pending" | "InProgress") = j.str("status") {
        let offline = "an offline device stays pending; the service tries for three days";
        doc.note(Tone::Dim, offline);
    }
}
