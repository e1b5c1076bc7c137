//! Pieces that several details share: tones of the services' words, fields, comments.

use crate::model::Json;
use crate::resource::doc::{Doc, Form, Tone, Value};
use table::Text;

/// How much a severity, risk or exposure word matters.
pub fn severity_tone(word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "high" | "critical" => Tone::High,
        "medium" => Tone::Medium,
        "low" => Tone::Low,
        "informational" => Tone::Info,
        "none" => Tone::Dim,
        _ => Tone::Plain,
    }
}

pub fn status_tone(word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "active" | "new" | "awaitingaction" => Tone::High,
        "inprogress" => Tone::Medium,
        "resolved" => Tone::Good,
        "redirected" => Tone::Dim,
        _ => Tone::Plain,
    }
}

pub fn verdict_tone(word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "malicious" => Tone::Bad,
        "suspicious" => Tone::Medium,
        "nothreatsfound" => Tone::Good,
        _ => Tone::Dim,
    }
}

pub fn remediation_tone(word: &str) -> Tone {
    match word.to_ascii_lowercase().as_str() {
        "remediated" | "prevented" | "blocked" => Tone::Good,
        "active" | "unremediated" | "declined" => Tone::High,
        "pendingapproval" | "running" | "partiallyremediated" => Tone::Medium,
        _ => Tone::Dim,
    }
}

/// A word of the service with its tone; made safe, since unknown members are anybody's text.
pub fn word(tone: fn(&str) -> Tone, text: &str) -> Value {
    Value::Word(tone(text), Text::from(text).txt().shown().into_owned())
}

/// Adds a field of the entity as it stands; left out where empty.
pub fn field(doc: &mut Doc, name: &'static str, j: Json<'_>, key: &str) {
    doc.text(name, j.text(key));
}

/// Adds an instant.
pub fn time(doc: &mut Doc, name: &'static str, j: Json<'_>, key: &str) {
    doc.field(name, j.time(key).map(Value::Time));
}

/// Adds a word with a tone.
pub fn toned(doc: &mut Doc, name: &'static str, j: Json<'_>, key: &str, tone: fn(&str) -> Tone) {
    doc.field(name, j.str(key).map(|w| word(tone, w)));
}

/// Adds a list of words as one field.
pub fn words(doc: &mut Doc, name: &'static str, j: Json<'_>, key: &str) {
    let values: Vec<Value> = j
        .list(key)
        .filter_map(Json::as_text)
        .map(Value::Text)
        .collect();
    if !values.is_empty() {
        doc.push(0, Form::Field(name, values));
    }
}

/// Comments, newest last as they were written; both shapes of the services' pages are read.
pub fn comments(doc: &mut Doc, j: Json<'_>) {
    let all: Vec<Json<'_>> = j.list("comments").collect();
    if all.is_empty() {
        doc.note(Tone::Dim, "no comments");
    }
    for c in all {
        let who = c
            .text("createdByDisplayName")
            .or_else(|| c.text("createdBy"));
        let at = c.time("createdDateTime").or_else(|| c.time("createdTime"));
        doc.push(
            0,
            Form::Event {
                at,
                values: who.map(Value::Text).into_iter().collect(),
            },
        );
        if let Some(text) = c.text("comment") {
            doc.push(1, Form::Prose(text));
        }
    }
}

/// Fields of an entity, a line each, safe to paste: `Name: value`.
pub fn lines(j: Json<'_>, fields: &[(&str, &str)]) -> String {
    let line = |(name, key): &(&str, &str)| {
        let text = j.text(key)?;
        Some(format!("{name}: {}", text.txt().defanged()))
    };
    fields
        .iter()
        .filter_map(line)
        .collect::<Vec<_>>()
        .join("\n")
}
