//! What a user did and what was done to the account: interactive sign-ins and directory audits.

use super::device::readable;
use super::parts::{severity_tone, word};
use crate::model::{EntityRef, Json};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Subject};
use table::Text;

pub fn sign_ins(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    doc.note(
        Tone::Dim,
        "interactive sign-ins only: this API has no others",
    );
    let Some(answer) = answers.first() else {
        return;
    };
    if !readable(doc, Some(answer), "sign-ins") {
        return;
    }
    let mut any = false;
    for j in answer.items() {
        any = true;
        let code = j.path("status").int("errorCode").unwrap_or(0);
        let mut row = vec![if code == 0 {
            Value::Word(Tone::Good, "ok".into())
        } else {
            Value::Word(Tone::High, format!("AADSTS{code}"))
        }];
        row.extend(j.text("appDisplayName").map(Value::Text));
        let ip = j.text("ipAddress");
        row.extend(ip.clone().map(Value::Text));
        let place: Vec<String> = ["city", "countryOrRegion"]
            .iter()
            .filter_map(|k| j.at("location").text(k))
            .map(|t| t.txt().shown().into_owned())
            .collect();
        if !place.is_empty() {
            row.push(Value::Own(place.join(", ")));
        }
        if let Some(risk) = j
            .str("riskLevelDuringSignIn")
            .filter(|r| !r.eq_ignore_ascii_case("none"))
        {
            row.push(word(severity_tone, risk));
        }
        row.extend(
            j.text("conditionalAccessStatus")
                .filter(|t| t.txt().exact() == "failure")
                .map(|_| Value::Word(Tone::Medium, "blocked by policy".into())),
        );
        doc.push(
            0,
            Form::Event {
                at: j.time("createdDateTime"),
                values: row,
            },
        )
        .target = ip.map(EntityRef::Ip);
        let device: Vec<Value> = ["displayName", "operatingSystem", "browser"]
            .iter()
            .filter_map(|k| j.at("deviceDetail").text(k))
            .map(Value::Text)
            .collect();
        if !device.is_empty() {
            doc.push(1, Form::Row(device));
        }
        if code != 0
            && let Some(why) = j.at("status").text("failureReason")
        {
            doc.push(1, Form::Prose(why));
        }
    }
    if !any {
        doc.note(Tone::Dim, "none in the time the service keeps");
    }
}

pub fn audits(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let mut seen: Vec<Text> = Vec::new();
    let mut rows: Vec<(Json<'_>, &'static str)> = Vec::new();
    for (n, role) in ["by", "on"].into_iter().enumerate() {
        if !readable(
            doc,
            answers.get(n),
            [
                "audits of what this user did",
                "audits of what was done to this user",
            ][n],
        ) {
            continue;
        }
        for j in answers.get(n).into_iter().flat_map(Answer::items) {
            if let Some(id) = j.text("id") {
                if seen.contains(&id) {
                    continue;
                }
                seen.push(id);
            }
            rows.push((j, role));
        }
    }
    rows.sort_by_key(|(j, _)| std::cmp::Reverse(j.time("activityDateTime")));
    if rows.is_empty() && doc.lines.is_empty() {
        doc.note(Tone::Dim, "none");
    }
    for (j, role) in rows {
        let mut values = vec![Value::Word(Tone::Dim, role.into())];
        values.extend(j.text("activityDisplayName").map(Value::Text));
        if let Some(r) = j
            .str("result")
            .filter(|r| !r.eq_ignore_ascii_case("success"))
        {
            values.push(word(|_| Tone::High, r));
        }
        let who = j
            .path("initiatedBy/user")
            .text("userPrincipalName")
            .or_else(|| j.path("initiatedBy/app").text("displayName"));
        values.extend(who.filter(|_| role == "on").map(Value::Text));
        let targets: Vec<Value> = j
            .list("targetResources")
            .filter_map(|t| {
                t.text("displayName")
                    .or_else(|| t.text("userPrincipalName"))
            })
            .take(3)
            .map(Value::Text)
            .collect();
        if role == "by" {
            values.extend(targets);
        }
        doc.push(
            0,
            Form::Event {
                at: j.time("activityDateTime"),
                values,
            },
        );
        for t in j.list("targetResources") {
            for p in t.list("modifiedProperties").take(8) {
                let row: Vec<Value> = ["displayName", "oldValue", "newValue"]
                    .iter()
                    .filter_map(|k| p.text(k))
                    .map(Value::Text)
                    .collect();
                if !row.is_empty() {
                    doc.push(1, Form::Row(row));
                }
            }
        }
    }
}
