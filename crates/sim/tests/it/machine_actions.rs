//! Actions on machines: what starts one, its course, its refusals, what is seen of it later.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Bench, Reply, send, token};

/// A bench whose tokens outlive any test.
pub fn patient() -> Bench {
    let mut b = Bench::new();
    b.sim.set_scenario("token-lifetime = 99999999").unwrap();
    b.graph = token(&b.sim, "https://graph.microsoft.com/.default");
    b.defender = token(&b.sim, "https://api.securitycenter.microsoft.com/.default");
    b.sim.set_scenario("").unwrap();
    b
}

/// The first machine that passes.
pub fn machine(b: &Bench, test: impl Fn(&Value) -> bool) -> String {
    let rows = b.mde("/machines").rows();
    let found = rows.iter().find(|m| test(m)).expect("such a machine");
    found["id"].as_str().unwrap().to_owned()
}

/// A Windows 11 machine that answers and has nothing running.
pub fn workstation(b: &Bench) -> String {
    let busy: Vec<Value> = b
        .mde("/machineactions")
        .rows()
        .iter()
        .map(|a| a["machineId"].clone())
        .collect();
    machine(b, |m| {
        m["osPlatform"] == "Windows11"
            && m["healthStatus"] == "Active"
            && m["onboardingStatus"] == "Onboarded"
            && !busy.contains(&m["id"])
    })
}

pub fn act(b: &Bench, id: &str, verb: &str, body: Value) -> Reply {
    b.mde_send("POST", &format!("/machines/{id}/{verb}"), Some(body))
}

pub fn later(b: &Bench, seconds: u64) {
    b.sim.clock().advance(Duration::from_secs(seconds));
}

pub fn status(b: &Bench, action: &str) -> String {
    b.mde(&format!("/machineactions/{action}")).json()["status"]
        .as_str()
        .unwrap()
        .to_owned()
}

pub fn id_of(reply: &Reply) -> String {
    reply.json()["id"].as_str().unwrap().to_owned()
}

/// Verb, body beside the comment, type, scope, status.
pub const VERBS: &[(&str, &str, &str, Option<&str>, u16)] = &[
    (
        "isolate",
        r#"{"IsolationType":"Full"}"#,
        "Isolate",
        Some("Full"),
        201,
    ),
    ("unisolate", "{}", "Unisolate", None, 201),
    (
        "runAntiVirusScan",
        r#"{"ScanType":"Quick"}"#,
        "RunAntiVirusScan",
        Some("Quick"),
        201,
    ),
    (
        "restrictCodeExecution",
        "{}",
        "RestrictCodeExecution",
        None,
        201,
    ),
    (
        "unrestrictCodeExecution",
        "{}",
        "UnrestrictCodeExecution",
        None,
        201,
    ),
    (
        "collectInvestigationPackage",
        "{}",
        "CollectInvestigationPackage",
        None,
        201,
    ),
    (
        "StopAndQuarantineFile",
        r#"{"Sha1":"4388963aaa83afe2042a46a3c017ad50bdcdafb3"}"#,
        "StopAndQuarantineFile",
        None,
        201,
    ),
    ("offboard", "{}", "Offboard", None, 200),
];

pub fn with_comment(body: &str, comment: &str) -> Value {
    let mut body: Value = serde_json::from_str(body).unwrap();
    body["Comment"] = json!(comment);
    body
}

#[test]
fn every_verb_waits_runs_and_succeeds() {
    let b = patient();
    let id = workstation(&b);
    for (verb, body, kind, scope, code) in VERBS {
        let mut body = with_comment(body, "Case 12 [wf 0123]");
        body["ExternalId"] = json!("0123");
        let reply = act(&b, &id, verb, body);
        assert_eq!(reply.status, *code, "{verb}: {}", reply.text());
        let made = reply.json();
        assert_eq!(
            (made["type"].as_str(), made["scope"].as_str()),
            (Some(*kind), *scope)
        );
        assert_eq!(
            (&made["status"], &made["machineId"]),
            (&json!("Pending"), &json!(id))
        );
        assert_eq!(made["requestorComment"], "Case 12 [wf 0123]");
        assert_eq!(made["externalId"], "0123");
        assert_eq!(made["requestor"], json!(b.sim.info.client_id));
        assert_eq!(
            (&made["errorHResult"], &made["title"]),
            (&json!(0), &Value::Null)
        );
        let action = made["id"].as_str().unwrap();
        later(&b, 91);
        assert_ne!(status(&b, action), "Pending", "{verb}");
        later(&b, 3600);
        assert_eq!(status(&b, action), "Succeeded", "{verb}");
        let listed = b
            .mde(&format!("/machineactions?$filter=id eq '{action}'"))
            .rows();
        assert_eq!(listed.len(), 1);
        assert!(
            listed[0]["lastUpdateDateTimeUtc"].as_str() > listed[0]["creationDateTimeUtc"].as_str()
        );
    }
}

#[test]
fn bodies_are_looked_at_closely() {
    let b = patient();
    let id = workstation(&b);
    let before = b.mde("/machineactions").rows().len();
    let refused = |verb: &str, body: Value, code: &str| {
        let reply = act(&b, &id, verb, body.clone());
        assert_eq!(
            (reply.status, reply.error().0.as_str()),
            (400, code),
            "{verb} {body}: {}",
            reply.text()
        );
        assert!(reply.json()["error"]["target"].is_string());
    };
    for (verb, body, ..) in VERBS {
        let mut lower = with_comment(body, "x");
        let comment = lower.as_object_mut().unwrap().remove("Comment").unwrap();
        refused(verb, lower.clone(), "MissingRequiredParameter");
        lower["comment"] = comment;
        refused(verb, lower, "MissingRequiredParameter");
        refused(verb, with_comment(body, " \t"), "MissingRequiredParameter");
        refused(verb, json!([]), "InvalidRequestBody");
        let mut number = with_comment(body, "x");
        number["Comment"] = json!(5);
        refused(verb, number, "InvalidRequestBody");
    }
    refused(
        "isolate",
        json!({"Comment": "x"}),
        "MissingRequiredParameter",
    );
    refused(
        "isolate",
        json!({"Comment": "x", "IsolationType": "full"}),
        "InvalidInput",
    );
    refused(
        "isolate",
        json!({"Comment": "x", "isolationType": "Full"}),
        "MissingRequiredParameter",
    );
    refused(
        "runAntiVirusScan",
        json!({"Comment": "x", "ScanType": "Deep"}),
        "InvalidInput",
    );
    refused(
        "StopAndQuarantineFile",
        json!({"Comment": "x", "Sha1": "ab"}),
        "InvalidHashValue",
    );
    refused(
        "StopAndQuarantineFile",
        json!({"Comment": "x", "Sha1": "a".repeat(64)}),
        "InvalidHashValue",
    );
    let url = format!("{}/machines/{id}/unisolate", b.sim.info.defender);
    let bearer = format!("Bearer {}", b.defender);
    let raw = |kind: &str, body: &[u8]| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        send("POST", &url, &headers, body).unwrap().status
    };
    assert_eq!(
        raw("application/json", b"{\"Comment\":\"a\nb\"}"),
        400,
        "a raw line break"
    );
    assert_eq!(raw("text/plain", b"{\"Comment\":\"a\"}"), 415);
    assert_eq!(
        b.mde("/machineactions").rows().len(),
        before,
        "nothing was started"
    );
    let missing = act(&b, &"0".repeat(40), "unisolate", json!({"Comment": "x"}));
    assert_eq!(
        (missing.status, missing.error().0.as_str()),
        (404, "ResourceNotFound")
    );
    let name = b.mde(&format!("/machines/{id}")).json()["computerDnsName"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        act(&b, &name, "unisolate", json!({"Comment": "x"})).status,
        404,
        "by id only"
    );
    assert_eq!(b.mde(&format!("/machines/{id}/isolate")).status, 404);
}

#[test]
fn a_switch_refuses_keys_that_no_page_names() {
    let b = patient();
    let id = workstation(&b);
    b.sim
        .set_scenario("[tenant]\nunknown-keys = \"refused\"")
        .unwrap();
    let body = json!({"Comment": "x", "IsolationType": "Full", "ExternalId": "1"});
    let refused = act(&b, &id, "isolate", body);
    assert_eq!(refused.error().0, "InvalidRequestBody");
    assert!(refused.error().1.contains("ExternalId"));
    let plain = act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    );
    assert_eq!(plain.json()["externalId"], Value::Null);
}

#[test]
fn isolation_is_what_finished_last() {
    let b = patient();
    let id = workstation(&b);
    assert_eq!(b.sim.mitigation(&id).as_deref(), Some(""));
    act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Selective"}),
    );
    assert_eq!(b.sim.mitigation(&id).as_deref(), Some(""), "not yet");
    later(&b, 100);
    assert_eq!(
        b.sim.mitigation(&id).as_deref(),
        Some(r#"{"Isolated":"true"}"#)
    );
    act(&b, &id, "restrictCodeExecution", json!({"Comment": "x"}));
    act(&b, &id, "unisolate", json!({"Comment": "x"}));
    later(&b, 100);
    assert_eq!(
        b.sim.mitigation(&id).as_deref(),
        Some(r#"{"RestrictedCodeExecution":"true"}"#)
    );
    assert!(
        b.mde(&format!("/machines/{id}"))
            .json()
            .as_object()
            .unwrap()
            .keys()
            .all(|k| !k.contains("solat"))
    );
    // each second isolation waits, and the release overtakes it
    b.sim.set_scenario("late-isolation").unwrap();
    act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    );
    later(&b, 100);
    act(&b, &id, "unisolate", json!({"Comment": "x"}));
    later(&b, 100);
    act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    );
    later(&b, 100);
    act(&b, &id, "unisolate", json!({"Comment": "x"}));
    later(&b, 100);
    assert_eq!(
        b.sim.mitigation(&id).as_deref(),
        Some(r#"{"RestrictedCodeExecution":"true"}"#)
    );
    later(&b, 3600);
    assert_eq!(
        b.sim.mitigation(&id).as_deref(),
        Some(r#"{"Isolated":"true","RestrictedCodeExecution":"true"}"#)
    );
}

#[test]
fn a_second_action_of_a_kind_is_refused_or_is_the_first() {
    let b = patient();
    let id = workstation(&b);
    let scan = |kind: &str| {
        act(
            &b,
            &id,
            "runAntiVirusScan",
            json!({"Comment": kind, "ScanType": kind}),
        )
    };
    let first = id_of(&scan("Quick"));
    let second = scan("Full");
    assert_eq!(second.status, 400);
    assert_eq!(second.error().1, "Action is already in progress");
    b.sim
        .set_scenario("[tenant]\nduplicates = \"existing\"")
        .unwrap();
    let third = scan("Full");
    assert_eq!((third.status, id_of(&third)), (201, first.clone()));
    assert_eq!(third.json()["requestorComment"], "Quick", "somebody else's");
    act(
        &b,
        &id,
        "collectInvestigationPackage",
        json!({"Comment": "x"}),
    );
    assert_eq!(
        act(
            &b,
            &id,
            "collectInvestigationPackage",
            json!({"Comment": "x"})
        )
        .status,
        400
    );
    assert_eq!(
        act(
            &b,
            &id,
            "isolate",
            json!({"Comment": "x", "IsolationType": "Full"})
        )
        .status,
        201,
        "another kind"
    );
    later(&b, 3600);
    assert_ne!(id_of(&scan("Quick")), first);
}

#[test]
fn platforms_are_the_services_to_judge() {
    let b = patient();
    let on = |platform: &str| {
        machine(&b, |m| {
            m["osPlatform"] == platform && m["onboardingStatus"] == "Onboarded"
        })
    };
    let code = |id: &str, verb: &str, body: Value| {
        let reply = act(&b, id, verb, body);
        if reply.status == 400 {
            reply.error().0
        } else {
            reply.status.to_string()
        }
    };
    let full = json!({"Comment": "x", "IsolationType": "Full"});
    let selective = json!({"Comment": "x", "IsolationType": "Selective"});
    let comment = json!({"Comment": "x"});
    let linux = on("Ubuntu");
    assert_eq!(
        code(&linux, "isolate", selective.clone()),
        "OsPlatformNotSupported"
    );
    assert_eq!(code(&linux, "isolate", full.clone()), "201");
    assert_eq!(
        code(&linux, "offboard", comment.clone()),
        "OsPlatformNotSupported"
    );
    assert_eq!(
        code(&linux, "restrictCodeExecution", comment.clone()),
        "OsPlatformNotSupported"
    );
    assert_eq!(
        code(
            &on("WindowsServer2016"),
            "restrictCodeExecution",
            comment.clone()
        ),
        "OsPlatformNotSupported"
    );
    assert_eq!(
        code(
            &on("WindowsServer2022"),
            "restrictCodeExecution",
            comment.clone()
        ),
        "201"
    );
    assert_eq!(
        code(&on("iOS"), "isolate", full.clone()),
        "OsPlatformNotSupported"
    );
    let mac = on("macOS");
    b.sim
        .set_scenario("[tenant]\nmac-isolation = false")
        .unwrap();
    assert_eq!(
        code(&mac, "isolate", full.clone()),
        "OsPlatformNotSupported"
    );
    b.sim.set_scenario("").unwrap();
    assert_eq!(code(&mac, "isolate", full.clone()), "201");
    let stranger = machine(&b, |m| m["onboardingStatus"] == "CanBeOnboarded");
    assert_eq!(code(&stranger, "isolate", full.clone()), "InvalidInput");
    let contain = json!({"Comment": "x", "IsolationType": "UnManagedDevice"});
    assert_eq!(code(&stranger, "isolate", contain.clone()), "201");
    assert_eq!(code(&workstation(&b), "isolate", contain), "InvalidInput");
    later(&b, 100);
    assert_eq!(code(&stranger, "unisolate", comment), "201");
}
