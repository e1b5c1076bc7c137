//! Details of hand-made entities, as the plain text of their lines.

use super::*;
use crate::model::{EntityRef, Fault, FaultKind, Json, Key, Kind, Ticks};
use crate::resource::doc::{Doc, Form, Value};
use crate::resource::{Answer, Known, Section, Subject};
use serde_json::{Value as J, json};
use std::sync::Arc;
use table::Text;

struct Nothing;

impl Known for Nothing {
    fn alerts_of(&self, _: &EntityRef) -> Vec<Key> {
        Vec::new()
    }
    fn cell(&self, _: &Key, _: &str) -> Option<table::Value> {
        None
    }
    fn same_name(&self, kind: Kind, _: &Text) -> Vec<Key> {
        vec![Key::new(kind, "other")]
    }

    fn with(&self, _: Kind, _: &str, _: &Text) -> Vec<Key> {
        Vec::new()
    }
    fn complete(&self, _: Kind) -> bool {
        false
    }
}

fn text(values: &[Value]) -> String {
    let words: Vec<String> = values
        .iter()
        .map(|v| match v {
            Value::Text(t) => t.txt().shown().into_owned(),
            Value::Own(s) | Value::Word(_, s) => s.clone(),
            Value::Time(t) => t.literal(),
            Value::Int(n) => n.to_string(),
            Value::Unknown => "…".into(),
        })
        .collect();
    words.join(" ")
}

fn lines(sections: &[Section], id: &str, kind: Kind, entity: &J, answers: &[Answer]) -> String {
    let key = Key::new(kind, "k1");
    let subject = Subject {
        key: &key,
        entity: Json(entity),
        now: Ticks(0),
        known: &Nothing,
    };
    let section = sections.iter().find(|s| s.id == id).unwrap();
    let mut doc = Doc::default();
    (section.render)(&subject, answers, &mut doc);
    let out: Vec<String> = doc
        .lines
        .iter()
        .map(|l| {
            let body = match &l.form {
                Form::Head(v, n) => format!(
                    "# {}{}",
                    text(std::slice::from_ref(v)),
                    n.map_or(String::new(), |n| format!(" ({n})"))
                ),
                Form::Field(n, v) => format!("{n}: {}", text(v)),
                Form::Event { at, values } => format!(
                    "{} | {}",
                    at.map_or("?".into(), Ticks::literal),
                    text(values)
                ),
                Form::Row(v) | Form::Node(v) => text(v),
                Form::Prose(t) => t.txt().shown().into_owned(),
                Form::Note(_, s) => format!("({s})"),
                Form::Blank => String::new(),
            };
            format!("{}{body}", "  ".repeat(l.indent.into()))
        })
        .collect();
    out.join("\n")
}

fn got(v: J) -> Answer {
    Answer::Got {
        body: Arc::new(v),
        more: false,
    }
}

#[test]
fn the_story_stands_on_one_axis_with_techniques() {
    let incident = json!({"id": "1", "displayName": "Multi", "severity": "high", "status": "active", "createdDateTime": "2026-08-01T12:00:00Z",
        "comments": [{"comment": "looking", "createdByDisplayName": "Ana", "createdDateTime": "2026-08-01T13:00:00Z"}], "redirectIncidentId": "9"});
    let answer = got(json!({"alerts": [
        {"id": "b", "title": "second", "severity": "low", "firstActivityDateTime": "2026-08-01T11:30:00Z", "mitreTechniques": ["T1059"]},
        {"id": "a", "title": "first", "severity": "high", "firstActivityDateTime": "2026-08-01T11:00:00Z", "mitreTechniques": ["T1566.002", "T1059"]}]}));
    let out = lines(
        incident::SECTIONS,
        "story",
        Kind::Incident,
        &incident,
        &[answer],
    );
    let at = |what: &str| out.find(what).unwrap_or_else(|| panic!("{what} in\n{out}"));
    assert!(
        at("first") < at("second")
            && at("second") < at("incident opened")
            && at("incident opened") < at("looking")
    );
    assert!(out.contains("techniques: T1566.002 T1059") && out.contains("merged into: 9"));
}

#[test]
fn what_could_not_be_read_says_why() {
    let incident = json!({"id": "1"});
    let out = lines(
        incident::SECTIONS,
        "alerts",
        Kind::Incident,
        &incident,
        &[Answer::Withheld(&["SecurityAlert.Read.All"])],
    );
    assert!(out.contains("SecurityAlert.Read.All"), "{out}");
    let fault = Answer::Failed(Fault::new(FaultKind::Server, "it broke"));
    assert!(
        lines(
            incident::SECTIONS,
            "story",
            Kind::Incident,
            &incident,
            &[fault]
        )
        .contains("it broke")
    );
}

#[test]
fn evidence_is_grouped_once_with_the_worst_verdict() {
    let e = |verdict: &str| json!({"@odata.type": "#microsoft.graph.security.ipEvidence", "ipAddress": "192.0.2.1", "verdict": verdict, "remediationStatus": "none"});
    let answer = got(
        json!({"alerts": [{"evidence": [e("unknown"), e("malicious")]}, {"evidence": [e("suspicious")]}]}),
    );
    let out = lines(
        incident::SECTIONS,
        "evidence",
        Kind::Incident,
        &json!({}),
        &[answer],
    );
    assert_eq!(out.matches("192.0.2.1").count(), 1);
    assert!(
        out.contains("# addresses (1)") && out.contains("192.0.2.1 malicious ×3"),
        "{out}"
    );
}

#[test]
fn s1_1_office_alerts_without_mail_say_so() {
    let alert =
        json!({"id": "a", "serviceSource": "microsoftDefenderForOffice365", "evidence": []});
    assert!(lines(alert::SECTIONS, "alert", Kind::Alert, &alert, &[]).contains("no MDO data"));
    let alert = json!({"id": "a", "serviceSource": "somethingNew"});
    assert!(
        lines(alert::SECTIONS, "alert", Kind::Alert, &alert, &[]).contains("source: somethingNew")
    );
}

#[test]
fn s1_2_alerts_of_identity_show_the_account_on_premises() {
    let alert = json!({"id": "a", "serviceSource": "microsoftDefenderForIdentity", "evidence": [
        {"@odata.type": "#microsoft.graph.security.userEvidence", "userAccount": {"accountName": "raj", "domainName": "corp.contoso.local",
            "userSid": "S-1-5-21-7-1104"}}]});
    let card = lines(alert::SECTIONS, "alert", Kind::Alert, &alert, &[]);
    assert!(card.contains("Defender for Identity"), "{card}");
    let out = lines(alert::SECTIONS, "evidence", Kind::Alert, &alert, &[]);
    for part in ["raj", "corp.contoso.local", "S-1-5-21-7-1104"] {
        assert!(out.contains(part), "no {part} in {out}");
    }
}

#[test]
fn s1_14_an_alert_through_sentinel_says_so_and_names_its_workspace() {
    let alert = json!({"id": "a", "serviceSource": "microsoftSentinel", "additionalData": {"WorkspaceId": "w-1",
        "WorkspaceResourceId": "/subscriptions/1/workspaces/soc"}});
    let out = lines(alert::SECTIONS, "alert", Kind::Alert, &alert, &[]);
    assert!(out.contains("it came through Sentinel"), "{out}");
    assert!(
        out.contains("workspace: /subscriptions/1/workspaces/soc"),
        "{out}"
    );
}

#[test]
fn s3_7_details_of_cloud_apps_say_whose_words_they_are_and_lead_on() {
    use crate::resource::{cloud_activity, cloud_alert};
    let alert = json!({"_id": "5f0c", "title": "Impossible travel", "severityValue": 1, "resolutionStatusValue": 0, "timestamp": 1_785_585_600_000_i64,
        "entities": [{"type": "account", "label": "Ana", "pa": "ana@contoso.com"}, {"type": "policyRule", "label": "P\u{202e}"}]});
    let spec = &cloud_alert::SPEC;
    let out = lines(spec.sections, "cloud alert", Kind::CloudAlert, &alert, &[]);
    for part in [
        "Impossible travel",
        "medium open",
        "by its own API",
        "account Ana ana@contoso.com",
        "P⟨202E⟩",
    ] {
        assert!(out.contains(part), "no {part} in {out}");
    }
    assert_eq!(
        (spec.refs)(Json(&alert)).len(),
        1,
        "a policy is nothing to go to"
    );
    // the record comes as an object or as its text
    for raw in [
        json!({"Operation": "FileDownloaded"}),
        json!("{\"Operation\": \"FileDownloaded\"}"),
    ] {
        let activity =
            json!({"_id": "1", "user": {"userName": "ana@contoso.com"}, "rawDataJson": raw});
        let out = lines(
            cloud_activity::SPEC.sections,
            "record",
            Kind::CloudActivity,
            &activity,
            &[],
        );
        assert!(out.contains("Operation FileDownloaded"), "{out}");
    }
}

#[test]
fn s1_7_an_indicator_shows_what_it_does_who_made_it_until_when_and_where() {
    let row = json!({"id": "995", "indicatorValue": "evil.example", "indicatorType": "DomainName", "action": "Block", "title": "Case 88",
        "createdByDisplayName": "Mei", "expirationTime": "2026-08-08T12:00:00Z", "rbacGroupNames": ["Workstations"]});
    let out = lines(indicator::SECTIONS, "indicator", Kind::Indicator, &row, &[]);
    for part in [
        "evil.example",
        "does: Block",
        "title: Case 88",
        "made by: Mei",
        "scope: Workstations",
        "2026-08-08",
    ] {
        assert!(out.contains(part), "no {part} in {out}");
    }
    let forever = json!({"id": "995", "indicatorValue": "evil.example", "action": "Audit"});
    let out = lines(
        indicator::SECTIONS,
        "indicator",
        Kind::Indicator,
        &forever,
        &[],
    );
    assert!(
        out.contains("every device") && out.contains("never"),
        "{out}"
    );
}

#[test]
fn s2_22_an_action_shows_what_was_asked_by_whom_why_and_how_it_went() {
    let row = json!({"id": "a-1", "type": "Isolate", "scope": "Full", "requestor": "mei@contoso.com", "requestorComment": "case 88",
        "status": "Failed", "computerDnsName": "ws1", "machineId": "m-1", "creationDateTimeUtc": "2026-08-01T10:00:00Z",
        "lastUpdateDateTimeUtc": "2026-08-01T10:05:00Z", "errorHResult": -2_145_844_840_i64});
    let out = lines(action::SECTIONS, "action", Kind::Action, &row, &[]);
    for part in [
        "Isolate",
        "way: Full",
        "mei@contoso.com",
        "case 88",
        "Failed",
        "10:00:00Z",
        "10:05:00Z",
        "it timed out",
    ] {
        assert!(out.contains(part), "no {part} in {out}");
    }
}

#[test]
fn s2_14_the_worst_vulnerability_stands_first_with_its_text() {
    let answer = got(json!({"value": [
        {"id": "CVE-1", "severity": "High", "cvssV3": 9.9}, {"id": "CVE-2", "severity": "Critical", "cvssV3": null, "description": "bad thing"},
        {"id": "CVE-3", "severity": "Critical", "cvssV3": 9.1, "publicExploit": true, "description": "worse thing"}]}));
    let out = lines(
        device::SECTIONS,
        "weak",
        Kind::Device,
        &json!({"id": "m"}),
        &[answer],
    );
    assert!(
        out.starts_with("# Worst\nCritical CVE-3 CVSS 9.1 public exploit\n  worse thing"),
        "{out}"
    );
    assert!(out.contains("CVE-2 not scored"));
}

#[test]
fn isolation_is_read_from_the_newest_finished_action() {
    let action = |t: &str, status: &str, at: &str| json!({"type": t, "status": status, "creationDateTimeUtc": at});
    let of = |v: Vec<J>| {
        lines(
            device::SECTIONS,
            "actions",
            Kind::Device,
            &json!({"id": "m"}),
            &[got(json!({"value": v}))],
        )
    };
    let out = of(vec![
        action("Isolate", "Succeeded", "2026-08-01T10:00:00Z"),
        action("Unisolate", "Pending", "2026-08-01T11:00:00Z"),
    ]);
    assert!(
        out.contains("isolation: isolated (last known)")
            && out.contains("on its way: Unisolate Pending"),
        "{out}"
    );
    assert!(
        of(vec![action("Isolate", "Failed", "2026-08-01T10:00:00Z")])
            .contains("isolation: not isolated")
    );
    let none = lines(
        device::SECTIONS,
        "actions",
        Kind::Device,
        &json!({"id": "m"}),
        &[Answer::Withheld(&["Machine.Read.All"])],
    );
    assert!(none.contains("isolation: unknown"), "{none}");
}

#[test]
fn never_assessed_is_not_none() {
    let out = lines(
        device::SECTIONS,
        "device",
        Kind::Device,
        &json!({"id": "k1", "riskScore": null, "exposureLevel": "None", "computerDnsName": "a"}),
        &[],
    );
    assert!(
        out.contains("risk: … never assessed") && out.contains("exposure: None"),
        "{out}"
    );
    assert!(out.contains("Other records of this name (1)"));
}

#[test]
fn s0_27_devices_of_all_sources_stand_once() {
    let owned = got(
        json!({"value": [{"deviceId": "D1", "displayName": "WKS-1", "operatingSystem": "Windows"}]}),
    );
    let registered = got(
        json!({"value": [{"deviceId": "D1", "displayName": "WKS-1"}, {"deviceId": "D2", "displayName": "PHONE"}]}),
    );
    let seen = got(
        json!({"value": [{"id": "m1", "aadDeviceId": "D1", "computerDnsName": "wks-1.contoso.com"}]}),
    );
    let out = lines(
        user::SECTIONS,
        "devices",
        Kind::User,
        &json!({"userPrincipalName": "a@x"}),
        &[owned, registered, seen],
    );
    assert!(
        out.contains("# Devices (2)") && out.contains("WKS-1 Windows owned, registered, logged on"),
        "{out}"
    );
}

#[test]
fn roles_that_cannot_be_read_count_as_privileged() {
    let answer = got(
        json!({"value": [{"@odata.type": "#microsoft.graph.directoryRole", "id": "r", "displayName": null}, {"@odata.type": "#microsoft.graph.group", "displayName": "Sales"}]}),
    );
    let out = lines(user::SECTIONS, "roles", Kind::User, &json!({}), &[answer]);
    assert!(
        out.contains("Directory roles (1)")
            && out.contains("counts as privileged")
            && out.contains("Sales"),
        "{out}"
    );
}

#[test]
fn every_section_draws_any_entity_without_panic() {
    let odd = [
        json!(null),
        json!([]),
        json!({"evidence": 5, "comments": [null, {"comment": 7}], "ipAddresses": [{}]}),
        json!({"alerts": {"x": 1}, "vmMetadata": "text"}),
    ];
    for (sections, kind) in [
        (incident::SECTIONS, Kind::Incident),
        (alert::SECTIONS, Kind::Alert),
        (device::SECTIONS, Kind::Device),
        (user::SECTIONS, Kind::User),
    ] {
        for s in sections {
            for e in &odd {
                for a in &odd {
                    let answers = [got(a.clone()), Answer::None, got(a.clone())];
                    lines(sections, s.id, kind, e, &answers);
                    lines(sections, s.id, kind, e, &[]);
                }
            }
        }
    }
}

/// Two incidents and an alert that has none, in the order of their newest alerts.
struct Alerts;

impl Known for Alerts {
    fn alerts_of(&self, _: &EntityRef) -> Vec<Key> {
        ["a4", "a3", "a2", "a1"]
            .map(|id| Key::new(Kind::Alert, id))
            .into()
    }
    fn cell(&self, key: &Key, column: &str) -> Option<table::Value> {
        let text = match (key.kind, key.id.txt().exact(), column) {
            (Kind::Alert, "a4" | "a1", "incidentId") => "4711",
            (Kind::Alert, "a3", "incidentId") => "4702",
            (Kind::Incident, "4711", "displayName") => "Credential dumping",
            (Kind::Alert, id, "title") => id,
            _ => return None,
        };
        Some(table::Value::Text(text.into()))
    }
    fn same_name(&self, _: Kind, _: &Text) -> Vec<Key> {
        Vec::new()
    }

    fn with(&self, _: Kind, _: &str, _: &Text) -> Vec<Key> {
        Vec::new()
    }
    fn complete(&self, _: Kind) -> bool {
        true
    }
}

#[test]
fn alerts_of_an_entity_stand_under_their_incidents() {
    let (key, none) = (Key::new(Kind::Device, "d1"), J::Null);
    let subject = Subject {
        key: &key,
        entity: Json(&none),
        now: Ticks(0),
        known: &Alerts,
    };
    let mut doc = Doc::default();
    super::device::known_alerts(&subject, &EntityRef::Ip("10.0.0.4".into()), &mut doc);
    let said: Vec<String> = (doc.lines.iter())
        .map(|l| match &l.form {
            Form::Head(v, n) => format!("# {} {n:?}", text(std::slice::from_ref(v))),
            Form::Event { values, .. } => text(values),
            other => format!("{other:?}"),
        })
        .collect();
    assert_eq!(
        said,
        [
            "# 4711 Credential dumping Some(2)",
            "… a4",
            "… a1",
            "# 4702 Some(1)",
            "… a3",
            "# without an incident Some(1)",
            "… a2",
        ]
    );
    assert_eq!(
        doc.lines[0].target,
        Some(EntityRef::Incident("4711".into()))
    );
}
