//! An alert's detail: everything it carries, evidence, process tree, what the vendor recommends.

use super::incident::grouped;
use super::parts::{comments, field, severity_tone, status_tone, time, word, words};
use super::{links, own, process};
use crate::model::enums::SOURCES;
use crate::model::{EntityRef, Json};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject};
use table::Text;

pub static SECTIONS: &[Section] = &[
    own("alert", "Alert", alert),
    own("evidence", "Evidence", evidence),
    own("process", "Processes", processes),
    own("recommended", "Recommended", recommended),
    own("comments", "Comments", |s, _, doc| comments(doc, s.entity)),
];

/// The product behind a service source; a source added tomorrow shows under its raw name.
pub fn source_name(wire: &str) -> String {
    match SOURCES.iter().find(|(w, ..)| w.eq_ignore_ascii_case(wire)) {
        Some((_, _, name)) => (*name).to_owned(),
        None => Text::from(wire).txt().shown().into_owned(),
    }
}

fn alert(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(title) = j.text("title") {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    let mut row: Vec<Value> = Vec::new();
    row.extend(j.str("severity").map(|w| word(severity_tone, w)));
    row.extend(j.str("status").map(|w| word(status_tone, w)));
    match j.text("assignedTo") {
        Some(who) => row.push(Value::Text(who)),
        None => row.push(Value::Word(Tone::Dim, "unassigned".into())),
    }
    doc.push(0, Form::Row(row));
    if let Some(id) = j.text("incidentId") {
        doc.push(0, Form::Field("incident", vec![Value::Text(id.clone())]))
            .to(EntityRef::Incident(id));
    }
    doc.field(
        "source",
        j.str("serviceSource").map(|w| Value::Own(source_name(w))),
    );
    if links::through_sentinel(j) {
        doc.note(
            Tone::Info,
            "it came through Sentinel: its workspace has the rule and the raw rows",
        );
        let data = j.at("additionalData");
        let path = data.text("WorkspaceResourceId");
        doc.text("workspace", path.or_else(|| data.text("WorkspaceId")));
    }
    field(doc, "detected by", j, "detectionSource");
    field(doc, "product", j, "productName");
    field(doc, "category", j, "category");
    words(doc, "techniques", j, "mitreTechniques");
    field(doc, "threat", j, "threatDisplayName");
    field(doc, "family", j, "threatFamilyName");
    field(doc, "actor", j, "actorDisplayName");
    field(doc, "classification", j, "classification");
    field(doc, "determination", j, "determination");
    field(doc, "investigation", j, "investigationState");
    time(doc, "first activity", j, "firstActivityDateTime");
    time(doc, "last activity", j, "lastActivityDateTime");
    time(doc, "created", j, "createdDateTime");
    time(doc, "last change", j, "lastUpdateDateTime");
    time(doc, "resolved", j, "resolvedDateTime");
    words(doc, "system tags", j, "systemTags");
    field(doc, "id", j, "id");
    field(doc, "id at source", j, "providerAlertId");
    field(doc, "detector", j, "detectorId");
    field(doc, "policy", j, "alertPolicyId");
    if let Some(text) = j.text("description") {
        doc.head("Description", None);
        doc.push(0, Form::Prose(text));
    }
    for (key, title) in [
        ("customDetails", "Custom details"),
        ("additionalData", "Additional data"),
    ] {
        let fields: Vec<(&str, Json<'_>)> = j.at(key).fields().collect();
        if !fields.is_empty() {
            doc.head(title, Some(fields.len()));
            for (name, value) in fields {
                // names of open objects are tenant text too
                let shown = value
                    .as_text()
                    .map_or_else(|| Value::Text(Text::from(value.0.to_string())), Value::Text);
                doc.push(0, Form::Row(vec![Value::Text(Text::from(name)), shown]));
            }
        }
    }
    no_mail_note(doc, j);
}

/// Alerts of Office 365 without any mail evidence say so, rather than looking empty (S1-1).
fn no_mail_note(doc: &mut Doc, j: Json<'_>) {
    const MAIL: &[&str] = &[
        "analyzedMessageEvidence",
        "mailClusterEvidence",
        "submissionMailEvidence",
        "mailboxEvidence",
    ];
    let mail = j
        .list("evidence")
        .any(|e| e.odata_type().is_some_and(|t| MAIL.contains(&t)));
    let office = j
        .str("serviceSource")
        .is_some_and(|s| s.eq_ignore_ascii_case("microsoftDefenderForOffice365"));
    if office && !mail {
        doc.note(
            Tone::Dim,
            "no MDO data: the service sent no mail evidence with this alert",
        );
    }
}

fn evidence(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    grouped(std::iter::once(s.entity), doc);
    if doc.lines.is_empty() {
        doc.note(Tone::Dim, "no evidence");
    }
}

fn processes(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    process::tree(doc, s.entity);
    if doc.lines.is_empty() {
        doc.note(Tone::Dim, "no process evidence");
    }
}

fn recommended(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    match s.entity.text("recommendedActions") {
        Some(text) => {
            doc.push(0, Form::Prose(text));
        }
        None => doc.note(Tone::Dim, "the service recommends nothing"),
    }
}
