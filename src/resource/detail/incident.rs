//! An incident's detail: the story on one time axis, its alerts, the evidence by entity, comments.

use super::evidence::Evidence;
use super::own;
use super::parts::{comments, field, severity_tone, status_tone, time, toned, word, words};
use crate::model::call::Path;
use crate::model::{Call, EntityRef, Json, Service, Ticks};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject};
use table::Text;

pub static SECTIONS: &[Section] = &[
    Section {
        id: "story",
        title: "Story",
        calls: with_alerts,
        costly: false,
        answers_of: None,
        render: story,
    },
    Section {
        answers_of: Some("story"),
        ..own("alerts", "Alerts", alerts)
    },
    Section {
        answers_of: Some("story"),
        ..own("evidence", "Evidence", evidence)
    },
    own("facts", "Facts", facts),
    own("comments", "Comments", |s, _, doc| comments(doc, s.entity)),
];

/// One incident with its alerts and their evidence: the only place where `$expand=alerts` is right.
fn with_alerts(s: &Subject<'_>) -> Vec<Call> {
    Path::new("/security/incidents")
        .id(s.key.id.txt())
        .map(|path| {
            Call::get(Service::Graph, path)
                .query("$expand", "alerts")
                .needs(&[
                    "SecurityIncident.Read.All",
                    "SecurityIncident.ReadWrite.All",
                ])
        })
        .into_iter()
        .collect()
}

/// The alerts of the answer, oldest activity first; a note where they could not be read.
fn read<'a>(answers: &'a [Answer], doc: &mut Doc) -> Vec<Json<'a>> {
    match answers.first() {
        Some(Answer::Got { body, .. }) => {
            let mut all: Vec<Json<'_>> = Json(body).list("alerts").collect();
            all.sort_by_key(|a| began(*a));
            return all;
        }
        Some(Answer::Failed(fault)) => {
            doc.note(Tone::Bad, format!("the alerts could not be read: {fault}"))
        }
        Some(Answer::Withheld(needs)) => doc.note(
            Tone::Medium,
            format!("the alerts need {}", needs.join(" or ")),
        ),
        Some(Answer::None) | None => {}
    }
    Vec::new()
}

fn began(alert: Json<'_>) -> Option<Ticks> {
    alert
        .time("firstActivityDateTime")
        .or_else(|| alert.time("createdDateTime"))
}

fn head(s: &Subject<'_>, doc: &mut Doc) {
    let j = s.entity;
    if let Some(title) = j.text("displayName") {
        doc.push(0, Form::Head(Value::Text(title), None));
    }
    let mut row = Vec::new();
    if let Some(w) = j.str("severity") {
        row.push(word(severity_tone, w));
    }
    if let Some(w) = j.str("status") {
        row.push(word(status_tone, w));
    }
    match j.text("assignedTo") {
        Some(who) => row.push(Value::Text(who)),
        None => row.push(Value::Word(Tone::Dim, "unassigned".into())),
    }
    if let Some(p) = j.int("priorityScore") {
        row.push(Value::Own(format!("priority {p}")));
    }
    doc.push(0, Form::Row(row));
    words(doc, "system tags", j, "systemTags");
    words(doc, "tags", j, "customTags");
    if let Some(to) = j.text("redirectIncidentId") {
        doc.push(0, Form::Field("merged into", vec![Value::Text(to.clone())]))
            .to(EntityRef::Incident(to));
    }
    if let Some(text) = j.text("summary").or_else(|| j.text("description")) {
        doc.push(0, Form::Prose(text));
    }
}

fn story(s: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    head(s, doc);
    let alerts = read(answers, doc);
    if alerts.is_empty() {
        return;
    }
    // one axis: what happened, what was detected, what people did
    let mut events: Vec<(Option<Ticks>, Vec<Value>, Option<EntityRef>)> = Vec::new();
    let mut techniques: Vec<Text> = Vec::new();
    for a in &alerts {
        let mut values = vec![
            a.str("severity")
                .map_or(Value::Unknown, |w| word(severity_tone, w)),
        ];
        values.extend(a.text("title").map(Value::Text));
        let here: Vec<Text> = a
            .list("mitreTechniques")
            .filter_map(Json::as_text)
            .collect();
        values.extend(
            here.iter()
                .map(|t| Value::Word(Tone::Info, t.txt().shown().into_owned())),
        );
        for t in here {
            if !techniques.contains(&t) {
                techniques.push(t);
            }
        }
        let main: Vec<Value> = Evidence::of(*a)
            .filter(|e| e.group() < 2)
            .filter_map(Evidence::label)
            .take(2)
            .map(Value::Text)
            .collect();
        values.extend(main);
        events.push((began(*a), values, a.text("id").map(EntityRef::Alert)));
    }
    for (key, what) in [
        ("createdDateTime", "incident opened"),
        ("lastUpdateDateTime", "last change"),
    ] {
        if let Some(t) = s.entity.time(key) {
            let mut values = vec![Value::Own(what.into())];
            if key == "lastUpdateDateTime"
                && let Some(by) = s.entity.text("lastModifiedBy")
            {
                values.push(Value::Word(Tone::Dim, "by".into()));
                values.push(Value::Text(by));
            }
            events.push((Some(t), values, None));
        }
    }
    for c in s.entity.list("comments") {
        let mut values = vec![Value::Own("comment".into())];
        values.extend(
            c.text("createdByDisplayName")
                .or_else(|| c.text("createdBy"))
                .map(Value::Text),
        );
        values.extend(c.text("comment").map(Value::Text));
        events.push((
            c.time("createdDateTime").or_else(|| c.time("createdTime")),
            values,
            None,
        ));
    }
    events.sort_by_key(|(at, ..)| *at);
    if !techniques.is_empty() {
        doc.push(
            0,
            Form::Field(
                "techniques",
                techniques.into_iter().map(Value::Text).collect(),
            ),
        );
    }
    doc.head("Story", Some(events.len()));
    for (at, values, target) in events {
        doc.push(0, Form::Event { at, values }).target = target;
    }
}

fn alerts(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let all = read(answers, doc);
    if all.is_empty() && doc.lines.is_empty() {
        doc.note(Tone::Dim, "no alerts");
    }
    for a in all.iter().rev() {
        let mut values = vec![
            a.str("severity")
                .map_or(Value::Unknown, |w| word(severity_tone, w)),
        ];
        values.extend(a.str("status").map(|w| word(status_tone, w)));
        values.extend(a.text("title").map(Value::Text));
        let line = doc.push(
            0,
            Form::Event {
                at: began(*a),
                values,
            },
        );
        line.target = a.text("id").map(EntityRef::Alert);
        let mut more: Vec<Value> = a
            .str("serviceSource")
            .map(|w| Value::Word(Tone::Dim, super::alert::source_name(w)))
            .into_iter()
            .collect();
        more.extend(a.text("category").map(Value::Text));
        more.extend(a.text("assignedTo").map(Value::Text));
        if !more.is_empty() {
            doc.push(1, Form::Row(more));
        }
    }
}

fn evidence(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let all = read(answers, doc);
    grouped(all.into_iter(), doc);
    if doc.lines.is_empty() {
        doc.note(Tone::Dim, "no evidence");
    }
}

/// Evidence of one or many alerts by kind of entity; what occurs in several alerts stands once, with the worst verdict.
pub fn grouped<'a>(alerts: impl Iterator<Item = Json<'a>>, doc: &mut Doc) {
    struct Item<'a> {
        group: usize,
        first: Evidence<'a>,
        label: Text,
        times: usize,
        worst: Option<(Tone, String)>,
        fixed: Option<(Tone, String)>,
    }
    let mut items: Vec<Item<'_>> = Vec::new();
    let mut place: std::collections::HashMap<(usize, Text), usize> =
        std::collections::HashMap::new();
    for alert in alerts {
        for e in Evidence::of(alert) {
            let (group, label) = (
                e.group(),
                e.label().unwrap_or_else(|| Text::from("(no name)")),
            );
            let at = *place.entry((group, label.clone())).or_insert_with(|| {
                items.push(Item {
                    group,
                    first: e,
                    label,
                    times: 0,
                    worst: None,
                    fixed: None,
                });
                items.len() - 1
            });
            let item = &mut items[at];
            item.times += 1;
            let rank = |v: &Option<(Tone, String)>| v.as_ref().map_or(0, |(t, _)| *t as usize);
            let verdict = e.verdict();
            if rank(&verdict) > rank(&item.worst) || item.worst.is_none() {
                item.worst = verdict;
            }
            if item.fixed.is_none() {
                item.fixed = e.remediation();
            }
        }
    }
    items.sort_by(|a, b| a.group.cmp(&b.group).then_with(|| b.times.cmp(&a.times)));
    let mut last = None;
    for (n, item) in items.iter().enumerate() {
        if last != Some((item.group, item.first.noun())) {
            let count = items[n..]
                .iter()
                .take_while(|i| i.group == item.group && i.first.noun() == item.first.noun())
                .count();
            doc.head(&item.first.noun(), Some(count));
            last = Some((item.group, item.first.noun()));
        }
        let mut values = vec![Value::Text(item.label.clone())];
        if let Some((tone, w)) = &item.worst {
            values.push(Value::Word(*tone, w.clone()));
        }
        if let Some((tone, w)) = &item.fixed {
            values.push(Value::Word(*tone, w.clone()));
        }
        let roles = item.first.roles();
        if !roles.is_empty() {
            values.push(Value::Word(Tone::Dim, roles));
        }
        if item.times > 1 {
            values.push(Value::Word(Tone::Dim, format!("×{}", item.times)));
        }
        doc.push(0, Form::Row(values)).target = item.first.entity();
        for (name, value) in item.first.more() {
            let line = doc.push(1, Form::Field(name, vec![value]));
            line.target = item.first.entity();
        }
    }
}

fn facts(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    field(doc, "id", j, "id");
    field(doc, "title", j, "displayName");
    toned(doc, "severity", j, "severity", severity_tone);
    toned(doc, "status", j, "status", status_tone);
    field(doc, "owner", j, "assignedTo");
    field(doc, "classification", j, "classification");
    field(doc, "determination", j, "determination");
    field(doc, "resolving comment", j, "resolvingComment");
    field(doc, "priority", j, "priorityScore");
    words(doc, "tags", j, "customTags");
    words(doc, "system tags", j, "systemTags");
    time(doc, "created", j, "createdDateTime");
    time(doc, "last change", j, "lastUpdateDateTime");
    field(doc, "changed by", j, "lastModifiedBy");
    if let Some(to) = j.text("redirectIncidentId") {
        doc.push(0, Form::Field("merged into", vec![Value::Text(to.clone())]))
            .to(EntityRef::Incident(to));
    }
    if let Some(text) = j.text("description") {
        doc.head("Description", None);
        doc.push(0, Form::Prose(text));
    }
    if let Some(text) = j.text("summary") {
        doc.head("Summary", None);
        doc.push(0, Form::Prose(text));
    }
}
