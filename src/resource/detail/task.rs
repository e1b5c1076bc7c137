//! A remediation task's detail: what was asked of whom until when, how far it is, and the devices it is about.

use super::own;
use super::parts::{field, time, words};
use super::weak::{below, devices};
use crate::model::Json;
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject, task};

pub static SECTIONS: &[Section] = &[
    own("task", "Task", render),
    Section {
        id: "devices",
        title: "Devices",
        calls: |s| below(s, "/remediationtasks", "/machinereferences", task::NEEDS),
        costly: false,
        answers_of: None,
        render: devices,
    },
];

/// A task that nobody has to do any more.
fn is_over(status: &str) -> bool {
    ["Completed", "Cancelled"]
        .iter()
        .any(|w| w.eq_ignore_ascii_case(status))
}

fn render(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(title) = j.text("title") {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    field(doc, "status", j, "status");
    time(doc, "due", j, "dueOn");
    let over = j.str("status").is_some_and(is_over);
    if j.time("dueOn").is_some_and(|due| due < s.now) && !over {
        doc.note(Tone::High, "the day it was wanted for is over");
    }
    if let (Some(all), Some(done)) = (j.int("targetDevices"), j.int("fixedDevices")) {
        let said = format!("{done} of {all} done, {} left", (all - done).max(0));
        doc.push(0, Form::Field("devices", vec![Value::Own(said)]));
    }
    field(doc, "priority", j, "priority");
    doc.text("asked by", j.text("requesterEmail"));
    time(doc, "asked", j, "createdOn");
    time(doc, "changed", j, "statusLastModifiedOn");
    doc.text("completed by", j.text("completerEmail"));
    for (name, key) in [
        ("how it ended", "completionMethod"),
        ("type", "type"),
        ("category", "category"),
        ("product", "nameId"),
        ("vendor", "vendorId"),
        ("version", "recommendedVersion"),
        ("component", "relatedComponent"),
    ] {
        field(doc, name, j, key);
    }
    words(doc, "device groups", j, "rbacGroupNames");
    for (title, key) in [("What to do", "description"), ("Notes", "requesterNotes")] {
        if let Some(text) = j.text(key) {
            doc.head(title, None);
            doc.push(0, Form::Prose(text));
        }
    }
    field(doc, "id", j, "id");
}

pub fn summary(j: Json<'_>) -> String {
    super::parts::lines(
        j,
        &[
            ("Task", "title"),
            ("Status", "status"),
            ("Due", "dueOn"),
            ("Devices", "targetDevices"),
            ("Done", "fixedDevices"),
            ("Asked by", "requesterEmail"),
        ],
    )
}
