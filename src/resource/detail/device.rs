//! A device's detail: what it is, how much it matters and why, who uses it, what is wrong with it.

use super::parts::{field, severity_tone, time, toned, word, words};
use super::{own, parts};
use crate::model::call::{Pages, Path};
use crate::model::{Call, EntityRef, Json, Key, Kind, Service};
use crate::resource::doc::{Doc, Form, Tone, Value};
use crate::resource::{Answer, Section, Subject, risk};
use table::Text;

pub static SECTIONS: &[Section] = &[
    Section {
        id: "device",
        title: "Device",
        calls: vulnerabilities,
        costly: false,
        answers_of: None,
        render: device,
    },
    Section {
        id: "users",
        title: "Users",
        calls: |s| below(s, "/logonusers", &["User.Read.All"], 1_000),
        costly: false,
        answers_of: None,
        render: logons,
    },
    own("alerts", "Alerts", alerts),
    Section {
        answers_of: Some("device"),
        ..own("weak", "Weaknesses", weaknesses)
    },
    Section {
        id: "actions",
        title: "Actions",
        calls: actions_call,
        costly: true,
        answers_of: None,
        render: actions,
    },
];

fn below(
    s: &Subject<'_>,
    tail: &'static str,
    needs: &'static [&'static str],
    at_most: u32,
) -> Vec<Call> {
    Path::new("/machines")
        .id(s.key.id.txt())
        .map(|p| {
            Call::get(Service::Defender, p.then(tail))
                .needs(needs)
                .none_is_404()
                .pages(Pages::Skip {
                    top: at_most,
                    at_most,
                })
        })
        .into_iter()
        .collect()
}

/// Machine actions of this device: the only way to tell isolation on this host.
fn actions_call(s: &Subject<'_>) -> Vec<Call> {
    vec![crate::resource::action::of_machine(s.key.id.txt())]
}

fn device(s: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    if let Some(name) = j.text("computerDnsName") {
        doc.push(0, Form::Head(Value::Text(name), None));
    }
    for (name, key) in [("risk", "riskScore"), ("exposure", "exposureLevel")] {
        match j.str(key) {
            Some(w) => doc.push(0, Form::Field(name, vec![word(severity_tone, w)])),
            // never assessed is not the same as none
            None => doc.push(
                0,
                Form::Field(
                    name,
                    vec![
                        Value::Unknown,
                        Value::Word(Tone::Dim, "never assessed".into()),
                    ],
                ),
            ),
        };
    }
    let worst = answers.first().and_then(worst_of);
    let sum = risk::combined(risk::Inputs {
        weakness: worst.and_then(|w| {
            Some(risk::Weakness {
                severity: w.str("severity")?,
                exploitable: exploits(w) > 0,
            })
        }),
        ..crate::resource::device::inputs(j)
    });
    doc.push(
        0,
        Form::Field(
            "combined risk",
            vec![
                word(severity_tone, sum.level),
                Value::Own(format!("{} of 100", sum.points)),
            ],
        ),
    );
    for step in &sum.steps {
        let of = Text::from(step.word.as_str()).txt().shown().into_owned();
        doc.push(
            1,
            Form::Row(vec![Value::Word(
                Tone::Dim,
                format!("{} {of} {}", step.what, step.effect),
            )]),
        );
    }
    match (answers.first(), worst) {
        (Some(_), Some(w)) => {
            let count = answers.first().map(|a| a.items().count());
            let head = Form::Head(Value::Own("Worst vulnerability".into()), count);
            // Enter lists them all
            doc.push(0, head).to(EntityRef::WeakOn(s.key.id.clone()));
            one(doc, w);
            if let Some(text) = w.text("description") {
                doc.push(1, Form::Prose(text));
            }
            doc.push(0, Form::Blank);
        }
        (Some(Answer::Withheld(needs)), None) => doc.note(
            Tone::Medium,
            format!("vulnerabilities need {}", needs.join(" or ")),
        ),
        (Some(Answer::Failed(fault)), None) => doc.note(Tone::Bad, fault.to_string()),
        _ => {}
    }
    toned(doc, "health", j, "healthStatus", health_tone);
    field(doc, "onboarding", j, "onboardingStatus");
    field(doc, "value", j, "deviceValue");
    field(doc, "os", j, "osPlatform");
    field(doc, "version", j, "version");
    field(doc, "build", j, "osBuild");
    field(doc, "architecture", j, "osArchitecture");
    time(doc, "last seen", j, "lastSeen");
    time(doc, "first seen", j, "firstSeen");
    if let Some(ip) = j.text("lastIpAddress") {
        doc.push(0, Form::Field("address", vec![Value::Text(ip.clone())]))
            .to(EntityRef::Ip(ip));
    }
    if let Some(ip) = j.text("lastExternalIpAddress") {
        doc.push(
            0,
            Form::Field("external address", vec![Value::Text(ip.clone())]),
        )
        .to(EntityRef::Ip(ip));
    }
    words(doc, "tags", j, "machineTags");
    field(doc, "group", j, "rbacGroupName");
    doc.text("managed by", j.text("managedBy"));
    field(doc, "management", j, "managedByStatus");
    field(doc, "agent", j, "agentVersion");
    field(doc, "id", j, "id");
    field(doc, "Entra device id", j, "aadDeviceId");
    if let Some(into) = j.text("mergedIntoMachineId") {
        let device = EntityRef::Device {
            machine: Some(into.clone()),
            azure: None,
            name: None,
        };
        doc.push(0, Form::Field("merged into", vec![Value::Text(into)]))
            .to(device);
        doc.note(
            Tone::Medium,
            "this record was folded into another device: act on that one",
        );
    }
    if j.bool("isPotentialDuplication") == Some(true) {
        doc.note(
            Tone::Medium,
            "the service thinks this may be a duplicate record",
        );
    }
    if j.bool("isExcluded") == Some(true) {
        doc.push(
            0,
            Form::Field(
                "excluded",
                vec![
                    j.text("exclusionReason")
                        .map_or(Value::Own("yes".into()), Value::Text),
                ],
            ),
        );
    }
    let vm = j.at("vmMetadata");
    if !vm.is_null() {
        doc.head("Cloud", None);
        field(doc, "provider", vm, "cloudProvider");
        field(doc, "resource", vm, "resourceId");
        field(doc, "subscription", vm, "subscriptionId");
        field(doc, "VM id", vm, "vmId");
    }
    let addresses: Vec<Json<'_>> = j
        .list("ipAddresses")
        .filter(|a| a.text("ipAddress").is_some())
        .collect();
    if !addresses.is_empty() {
        doc.head("Addresses", Some(addresses.len()));
        for a in addresses {
            let Some(ip) = a.text("ipAddress") else {
                continue;
            };
            let mut row = vec![Value::Text(ip.clone())];
            row.extend(a.text("macAddress").map(Value::Text));
            row.extend(a.text("type").map(Value::Text));
            row.extend(a.text("operationalStatus").map(Value::Text));
            doc.push(0, Form::Row(row)).to(EntityRef::Ip(ip));
        }
    }
    if let Some(name) = j.text("computerDnsName") {
        let others: Vec<_> = s
            .known
            .same_name(Kind::Device, &name)
            .into_iter()
            .filter(|k| k.id != s.key.id)
            .collect();
        if !others.is_empty() {
            doc.head("Other records of this name", Some(others.len()));
            for other in others {
                doc.push(0, Form::Row(vec![Value::Text(other.id.clone())]))
                    .to(EntityRef::Device {
                        machine: Some(other.id),
                        azure: None,
                        name: None,
                    });
            }
        }
    }
}

fn health_tone(word: &str) -> Tone {
    match word {
        "Active" => Tone::Good,
        "Inactive" | "Unknown" => Tone::Dim,
        _ => Tone::Medium,
    }
}

/// Notes why an answer is missing; true if there is one to draw.
pub fn readable(doc: &mut Doc, answer: Option<&Answer>, what: &str) -> bool {
    match answer {
        Some(Answer::Got { more, .. }) => {
            if *more {
                doc.note(
                    Tone::Medium,
                    format!("there are more {what} than were read"),
                );
            }
            return true;
        }
        Some(Answer::None) => doc.note(Tone::Dim, format!("no {what}")),
        Some(Answer::Failed(fault)) => doc.note(Tone::Bad, fault.to_string()),
        Some(Answer::Withheld(needs)) => {
            doc.note(Tone::Medium, format!("{what} need {}", needs.join(" or ")))
        }
        None => doc.note(Tone::Dim, "…"),
    }
    false
}

fn logons(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(answer) = answers.first() else {
        return;
    };
    if !readable(doc, Some(answer), "logged-on users") {
        return;
    }
    // who was there last comes first
    let mut all: Vec<Json<'_>> = answer.items().collect();
    all.sort_by_key(|u| std::cmp::Reverse(u.time("lastSeen")));
    let n = all.len();
    for u in all {
        let name = u.text("accountName");
        let mut row: Vec<Value> = u
            .text("id")
            .or_else(|| name.clone())
            .map(Value::Text)
            .into_iter()
            .collect();
        row.extend(u.text("logonTypes").map(Value::Text));
        if u.bool("isDomainAdmin") == Some(true) {
            row.push(Value::Word(Tone::High, "domain admin".into()));
        }
        if u.bool("isOnlyNetworkUser") == Some(true) {
            row.push(Value::Word(Tone::Dim, "network only".into()));
        }
        let line = doc.push(
            0,
            Form::Event {
                at: u.time("lastSeen"),
                values: row,
            },
        );
        line.target = Some(EntityRef::User {
            id: None,
            upn: None,
            sid: u.text("accountSid"),
            name,
        })
        .filter(|e| e.value().is_some());
    }
    if n == 0 {
        doc.note(Tone::Dim, "nobody was seen logged on");
    }
}

fn alerts(s: &Subject<'_>, _: &[Answer], doc: &mut Doc) {
    let j = s.entity;
    let me = EntityRef::Device {
        machine: Some(s.key.id.clone()),
        azure: j.text("aadDeviceId"),
        name: j.text("computerDnsName"),
    };
    known_alerts(s, &me, doc);
}

/// The alerts in the list that mention an entity, under their incidents.
pub fn known_alerts(s: &Subject<'_>, entity: &EntityRef, doc: &mut Doc) {
    let keys = s.known.alerts_of(entity);
    if !s.known.complete(Kind::Alert) {
        doc.note(Tone::Medium, "alerts are still loading: there may be more");
    } else if keys.is_empty() {
        doc.note(Tone::Dim, "no alerts in the window that is loaded");
    }
    let text = |key: &_, column: &str| match s.known.cell(key, column) {
        Some(table::Value::Text(t)) => Some(t),
        _ => None,
    };
    // under their incidents, in the order of each one's newest alert
    let mut groups: Vec<(Option<Text>, Vec<Key>)> = Vec::new();
    for key in keys {
        let incident = text(&key, "incidentId");
        match groups.iter_mut().find(|(i, _)| *i == incident) {
            Some((_, keys)) => keys.push(key),
            None => groups.push((incident, vec![key])),
        }
    }
    for (incident, keys) in groups {
        let count = Some(keys.len());
        match incident {
            Some(id) => {
                let title = text(&Key::new(Kind::Incident, id.clone()), "displayName");
                let title = title.as_ref().map_or("", |t| t.txt().exact());
                let head = format!("{} {title}", id.txt().exact());
                doc.push(0, Form::Head(Value::Text(Text::from(head.trim())), count))
                    .to(EntityRef::Incident(id));
            }
            None => {
                let head = Value::Own("without an incident".into());
                doc.push(0, Form::Head(head, count));
            }
        }
        for key in keys {
            let mut row = vec![
                text(&key, "severity")
                    .map_or(Value::Unknown, |w| word(severity_tone, w.txt().exact())),
            ];
            row.extend(text(&key, "status").map(|w| word(parts::status_tone, w.txt().exact())));
            row.extend(text(&key, "title").map(Value::Text));
            let at = match s.known.cell(&key, "createdDateTime") {
                Some(table::Value::Time(t)) => Some(crate::model::Ticks(t)),
                _ => None,
            };
            doc.push(1, Form::Event { at, values: row })
                .to(EntityRef::Alert(key.id));
        }
    }
}

fn vulnerabilities(s: &Subject<'_>) -> Vec<Call> {
    below(s, "/vulnerabilities", &["Vulnerability.Read.All"], 8_000)
}

/// How much is known to exploit a vulnerability.
fn exploits(j: Json<'_>) -> i32 {
    [
        ("exploitInKit", 4),
        ("exploitVerified", 2),
        ("publicExploit", 1),
    ]
    .iter()
    .map(|(k, n)| if j.bool(k) == Some(true) { *n } else { 0 })
    .sum()
}

/// Severity first, then exploits, then the score, which may be missing.
fn rank(j: Json<'_>) -> (u8, i32, i64) {
    let severity = match j.str("severity") {
        Some("Critical") => 4,
        Some("High") => 3,
        Some("Medium") => 2,
        Some("Low") => 1,
        _ => 0,
    };
    (
        severity,
        exploits(j),
        (j.real("cvssV3").unwrap_or(0.0) * 10.0) as i64,
    )
}

/// The worst vulnerability of an answer.
fn worst_of(answer: &Answer) -> Option<Json<'_>> {
    answer.items().max_by_key(|j| rank(*j))
}

/// The vulnerabilities of an answer, the worst first; none, and said why, where there is nothing to draw.
pub(super) fn worst_first<'a>(answers: &'a [Answer], doc: &mut Doc) -> Option<Vec<Json<'a>>> {
    let answer = answers.first()?;
    if !readable(doc, Some(answer), "vulnerabilities") {
        return None;
    }
    let mut all: Vec<Json<'_>> = answer.items().collect();
    all.sort_by_key(|j| std::cmp::Reverse(rank(*j)));
    Some(all)
}

fn weaknesses(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(all) = worst_first(answers, doc) else {
        return;
    };
    if let Some(worst) = all.first() {
        doc.head("Worst", None);
        one(doc, *worst);
        if let Some(text) = worst.text("description") {
            doc.push(1, Form::Prose(text));
        }
    } else {
        doc.note(Tone::Good, "no known vulnerabilities");
    }
    if all.len() > 1 {
        doc.head("All", Some(all.len()));
        for j in all {
            one(doc, j);
        }
    }
}

pub(super) fn one(doc: &mut Doc, j: Json<'_>) {
    let cve = j.text("name").or_else(|| j.text("id"));
    let mut row = vec![
        j.str("severity")
            .map_or(Value::Unknown, |w| word(severity_tone, w)),
    ];
    row.extend(cve.clone().map(Value::Text));
    match j.real("cvssV3").filter(|n| *n > 0.0) {
        Some(n) => row.push(Value::Own(format!("CVSS {n:.1}"))),
        None => row.push(Value::Word(Tone::Dim, "not scored".into())),
    }
    for (key, text) in [
        ("exploitInKit", "exploit in kit"),
        ("exploitVerified", "exploit verified"),
        ("publicExploit", "public exploit"),
    ] {
        if j.bool(key) == Some(true) {
            row.push(Value::Word(Tone::Bad, text.into()));
            break;
        }
    }
    doc.push(0, Form::Row(row)).target = cve.map(EntityRef::Cve);
}

fn actions(_: &Subject<'_>, answers: &[Answer], doc: &mut Doc) {
    let Some(answer) = answers.first() else {
        return;
    };
    let readable_now = readable(doc, Some(answer), "machine actions");
    let mut all: Vec<Json<'_>> = answer.items().collect();
    all.sort_by_key(|j| std::cmp::Reverse(j.time("creationDateTimeUtc")));
    let of = |words: &[&str], j: &Json<'_>| j.str("type").is_some_and(|t| words.contains(&t));
    let isolation: Vec<&Json<'_>> = all
        .iter()
        .filter(|j| of(&["Isolate", "Unisolate"], j))
        .collect();
    let state = match isolation
        .iter()
        .find(|j| j.str("status") == Some("Succeeded"))
    {
        _ if !readable_now && !matches!(answer, Answer::None) => "unknown",
        Some(j) if j.str("type") == Some("Isolate") => "isolated (last known)",
        _ => "not isolated (last known)",
    };
    doc.push(0, Form::Field("isolation", vec![Value::Own(state.into())]));
    if let Some(open) = isolation
        .iter()
        .find(|j| matches!(j.str("status"), Some("Pending" | "InProgress")))
    {
        let mut row: Vec<Value> = open.text("type").map(Value::Text).into_iter().collect();
        row.extend(open.text("status").map(Value::Text));
        doc.push(0, Form::Field("on its way", row));
    }
    for j in all {
        let mut row: Vec<Value> = j.text("type").map(Value::Text).into_iter().collect();
        row.extend(j.text("status").map(Value::Text));
        row.extend(j.text("scope").map(Value::Text));
        row.extend(j.text("requestor").map(Value::Text));
        doc.push(
            0,
            Form::Event {
                at: j.time("creationDateTimeUtc"),
                values: row,
            },
        );
        if let Some(text) = j.text("requestorComment") {
            doc.push(1, Form::Prose(text));
        }
        if let Some(code) = j.int("errorHResult").filter(|n| *n != 0) {
            doc.push(
                1,
                Form::Note(Tone::Bad, format!("error {code} (0x{:08x})", code as i32)),
            );
        }
    }
}
