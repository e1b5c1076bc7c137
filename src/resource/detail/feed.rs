//! A content type's detail: whether it is subscribed to, and each window of it with what was read (S0-11).

use super::own;
use super::parts::field;
use crate::model::Json;
use crate::model::feed::Source;
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::feed::{SWITCH_ON, is_audited, needs};
use crate::resource::{Answer, Section, Subject};

pub static SECTIONS: &[Section] = &[own("windows", "Windows", windows)];

fn tone(reach: &str) -> Tone {
    match reach {
        "complete" => Tone::Good,
        "settling" | "reading" => Tone::Info,
        "gap" => Tone::Bad,
        _ => Tone::Dim,
    }
}

pub fn standing_tone(word: &str) -> Tone {
    match word {
        "enabled" | "succeeded" => Tone::Good,
        "running" | "queued" => Tone::Info,
        "disabled" | "forbidden" | "failed" | "refused" => Tone::High,
        "notStarted" | "unlicensed" => Tone::Medium,
        _ => Tone::Plain,
    }
}

pub fn summary(j: Json<'_>) -> String {
    let mut out = vec![format!(
        "{}: {}",
        j.str("contentType").unwrap_or_default(),
        j.str("status").unwrap_or_default()
    )];
    let parts = j.str("parts").unwrap_or("blobs");
    for w in j.list("windows") {
        out.push(format!(
            "{} to {}: {}, {} of {} {parts}, {} records",
            w.str("from").unwrap_or_default(),
            w.str("to").unwrap_or_default(),
            w.str("reach").unwrap_or_default(),
            w.int("fetched").unwrap_or_default(),
            w.int("listed").unwrap_or_default(),
            w.int("records").unwrap_or_default(),
        ));
    }
    out.iter()
        .map(|l| table::Txt::new(l).shown().into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

fn windows(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(name) = j.text("contentType") {
        doc.push(0, Form::Head(Value::Text(name), None));
    }
    if let Some(word) = j.str("status") {
        let word = Value::Word(standing_tone(word), word.to_owned());
        doc.push(0, Form::Field("status", vec![word]));
    }
    let name = j.str("contentType").unwrap_or_default();
    doc.field("permission", Some(Value::Own(needs(name).join(" or "))));
    if Source::named(name) == Source::Feed {
        let (tone, word) = match is_audited(j) {
            Some(true) => (Tone::Good, "on: the service lists its records"),
            Some(false) => (Tone::High, "off: nothing is recorded"),
            None => (Tone::Dim, "not known: the feed cannot be read"),
        };
        doc.field("audit log", Some(Value::Word(tone, word.to_owned())));
        if is_audited(j) != Some(true) {
            // a line of its own, to be copied whole
            doc.note(Tone::Dim, "an Exchange administrator switches it on with");
            doc.push(1, Form::Row(vec![Value::Own(SWITCH_ON.to_owned())]));
        }
    }
    field(doc, "reads", j, "asked");
    field(doc, "trouble", j, "trouble");
    let all: Vec<Json<'_>> = j.list("windows").collect();
    if all.is_empty() {
        doc.note(Tone::Dim, "nothing was listed of it");
        return;
    }
    let parts = j.str("parts").unwrap_or("blobs");
    let by = match parts {
        "blobs" => "Windows, by the time blobs were written (UTC)",
        _ => "Windows, by the time of the event (UTC)",
    };
    doc.head(by, Some(all.len()));
    for w in all {
        let n = |name: &str| w.int(name).unwrap_or_default();
        let reach = w.str("reach").unwrap_or_default();
        let day = w.str("from").and_then(|t| t.get(..16)).unwrap_or_default();
        doc.push(
            0,
            Form::Row(vec![
                Value::Own(day.replace('T', " ")),
                Value::Word(tone(reach), reach.to_owned()),
                Value::Own(format!(
                    "{} of {} {parts} · {} records",
                    n("fetched"),
                    n("listed"),
                    n("records")
                )),
            ]),
        );
        let more: Vec<String> = [
            ("duplicates", "again"),
            ("retries", "retries"),
            ("late", "late"),
            ("torn", "unread"),
            ("timeless", "without time"),
            ("nameless", "without id"),
        ]
        .iter()
        .filter(|(name, _)| n(name) > 0)
        .map(|(name, word)| format!("{} {word}", n(name)))
        .collect();
        if !more.is_empty() {
            doc.push(1, Form::Row(vec![Value::Own(more.join(" · "))]));
        }
        if let Some(job) = w.text("job") {
            doc.push(
                1,
                Form::Row(vec![Value::Own("search".into()), Value::Text(job)]),
            );
        }
        if let Some(why) = w.text("why") {
            doc.push(1, Form::Row(vec![Value::Text(why)]));
        }
    }
    doc.note(
        Tone::Dim,
        match parts {
            "blobs" => "complete: listed again six hours after its end, every blob read whole; settling: blobs may still be listed late",
            _ => "complete: read to its end six hours after it ended; settling: what happened in it may still be told late",
        },
    );
}
