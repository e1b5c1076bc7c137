//! An indicator's detail: what it does to which value, on which devices, until when, and who wanted it (S1-7).

use super::own;
use super::parts::{field, severity_tone, time, toned, word};
use crate::model::{EntityRef, Json};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::indicator::{Origin, groups, origin};
use crate::resource::{Answer, Section, Subject, Tenant};

pub static SECTIONS: &[Section] = &[own("indicator", "Indicator", indicator)];

pub fn action_tone(word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "allowed" => Tone::Low,
        "warn" | "alert" => Tone::Medium,
        "block" | "alertandblock" | "blockandremediate" => Tone::High,
        "audit" => Tone::Info,
        _ => Tone::Plain,
    }
}

pub fn origin_tone(word: &str) -> Tone {
    match word {
        "unsanctioned" => Tone::High,
        "risky" => Tone::Medium,
        "cloudApps" => Tone::Info,
        _ => Tone::Dim,
    }
}

/// What the value names.
pub fn entity(j: Json<'_>) -> Option<EntityRef> {
    let value = j.text("indicatorValue")?;
    let file = |n: usize| {
        let of = |long| (n == long).then(|| value.clone());
        EntityRef::File {
            md5: of(32),
            sha1: of(40),
            sha256: of(64),
            name: None,
        }
    };
    Some(match j.str("indicatorType").unwrap_or_default() {
        "FileSha1" => file(40),
        "FileSha256" => file(64),
        "FileMd5" => file(32),
        "IpAddress" => EntityRef::Ip(value),
        "DomainName" => EntityRef::Domain(value),
        "Url" => EntityRef::Url(value),
        _ => EntityRef::Word(value),
    })
}

pub fn refs(j: Json<'_>) -> Vec<EntityRef> {
    entity(j).into_iter().collect()
}

pub fn portal(j: Json<'_>, tenant: &Tenant<'_>) -> Option<String> {
    super::links::value_page(&entity(j)?, tenant)
}

/// `every device`, or the names of the groups.
pub fn scope_words(j: Json<'_>) -> String {
    let groups = groups(j);
    if groups.is_empty() {
        return "every device".to_owned();
    }
    let shown = groups
        .iter()
        .map(|g| table::Txt::new(g).shown().into_owned());
    shown.collect::<Vec<_>>().join(", ")
}

pub fn summary(j: Json<'_>) -> String {
    let of = |name: &str| j.text(name).map(|t| t.txt().shown().into_owned());
    let mut out = Vec::new();
    for (name, value) in [
        (
            "Indicator",
            j.text("indicatorValue").map(|t| t.txt().defanged()),
        ),
        ("Action", of("action")),
        ("Title", j.text("title").map(|t| t.txt().defanged())),
        ("Scope", Some(scope_words(j))),
        (
            "Expires",
            Some(of("expirationTime").unwrap_or_else(|| "never".into())),
        ),
        (
            "Made by",
            of("createdByDisplayName").or_else(|| of("createdBy")),
        ),
    ] {
        out.extend(value.map(|v| format!("{name}: {v}")));
    }
    out.join("\n")
}

fn indicator(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(value) = j.text("indicatorValue") {
        doc.push(0, Form::Head(Value::Text(value), None)).target = entity(j);
    }
    field(doc, "type", j, "indicatorType");
    toned(doc, "does", j, "action", action_tone);
    match origin(j) {
        Origin::Unsanctioned => doc.note(
            Tone::High,
            "an unsanctioned cloud app, blocked: Cloud Apps pushed it and puts it back when it is deleted here",
        ),
        Origin::Risky => doc.note(
            Tone::Medium,
            "a risky cloud app, watched: Cloud Apps pushed it and puts it back when it is deleted here",
        ),
        Origin::CloudApps => doc.note(
            Tone::Info,
            "Cloud Apps pushed it and puts it back when it is deleted here",
        ),
        Origin::Hand => {}
    }
    field(doc, "title", j, "title");
    if let Some(why) = j.text("description") {
        doc.push(0, Form::Field("description", vec![Value::Text(why)]));
    }
    let everywhere = groups(j).is_empty();
    let tone = if everywhere {
        Tone::Medium
    } else {
        Tone::Plain
    };
    doc.push(
        0,
        Form::Field("scope", vec![Value::Word(tone, scope_words(j))]),
    );
    match j.time("expirationTime") {
        Some(at) => doc.push(0, Form::Field("expires", vec![Value::Time(at)])),
        None => doc.push(
            0,
            Form::Field("expires", vec![Value::Word(Tone::Medium, "never".into())]),
        ),
    };
    doc.field(
        "severity",
        j.str("severity").map(|w| word(severity_tone, w)),
    );
    doc.field(
        "raises alerts",
        j.bool("generateAlert")
            .map(|b| Value::Own(if b { "yes" } else { "no" }.into())),
    );
    field(doc, "recommended", j, "recommendedActions");
    field(doc, "made by", j, "createdByDisplayName");
    field(doc, "account", j, "createdBy");
    field(doc, "source", j, "createdBySource");
    time(doc, "made", j, "creationTimeDateTimeUtc");
    field(doc, "changed by", j, "lastUpdatedBy");
    time(doc, "changed", j, "lastUpdateTime");
    field(doc, "application", j, "application");
    field(doc, "external id", j, "externalId");
    field(doc, "id", j, "id");
}
