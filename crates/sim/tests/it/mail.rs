//! Messages of alerts: found, put elsewhere, and seen there later only.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{Bench, Reply};
use crate::machine_actions::patient;

fn remediate(b: &Bench, action: &str, mail: &Value) -> Reply {
    let message = json!({"networkMessageId": mail["networkMessageId"], "recipientEmailAddress": mail["recipientEmailAddress"]});
    let body = json!({"displayName": "Case 12", "description": "wf", "severity": "high", "action": action, "remediateSendersCopy": "false", "analyzedEmails": [message]});
    b.send(
        "POST",
        "/security/collaboration/analyzedEmails/remediate",
        &[],
        Some(body),
    )
}

#[test]
fn a_message_is_accepted_for_remediation_and_shown_elsewhere_later() {
    let b = patient();
    b.sim.set_scenario("[tenant]\nmail-lag = \"5m\"").unwrap();
    let (all, _) = b.all("/security/collaboration/analyzedEmails", &[]);
    assert!(all.len() > 3);
    let mail = all
        .iter()
        .find(|m| m["latestDelivery"]["location"] == "inbox_folder")
        .expect("one in an inbox")
        .clone();
    let filter = format!(
        "/security/collaboration/analyzedEmails?$filter=networkMessageId eq '{}' and recipientEmailAddress eq '{}'",
        mail["networkMessageId"].as_str().unwrap(),
        mail["recipientEmailAddress"].as_str().unwrap()
    );
    let found = b.get(&filter).rows();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["id"], mail["id"]);
    let reply = remediate(&b, "softDelete", &mail);
    assert_eq!(
        (reply.status, reply.body.len()),
        (202, 0),
        "{}",
        reply.text()
    );
    assert!(
        reply
            .header("location")
            .unwrap()
            .starts_with("https://security.microsoft.com/action-center/")
    );
    let place = || {
        b.get(&filter).rows()[0]["latestDelivery"]["location"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let alert = mail["alertIds"][0].as_str().unwrap();
    let evidence = || {
        let alert = b.get(&format!("/security/alerts_v2/{alert}")).json();
        let list = alert["evidence"].as_array().unwrap().clone();
        list.into_iter()
            .find(|e| {
                e["networkMessageId"] == mail["networkMessageId"]
                    && e["recipientEmailAddress"] == mail["recipientEmailAddress"]
            })
            .unwrap()
    };
    let before = evidence();
    assert_eq!(place(), "inbox_folder", "accepted, no more");
    b.sim.clock().advance(Duration::from_secs(300));
    assert_eq!(place(), "deletedFolder");
    assert_eq!(
        b.get(&filter).rows()[0]["originalDelivery"]["location"],
        "inbox_folder"
    );
    let after = evidence();
    assert_ne!(before["remediationStatus"], after["remediationStatus"]);
    assert_eq!(
        (&after["remediationStatus"], &after["deliveryLocation"]),
        (&json!("remediated"), &json!("deletedFolder"))
    );
    remediate(&b, "moveToInbox", &mail);
    b.sim.clock().advance(Duration::from_secs(300));
    assert_eq!(place(), "inbox_folder", "back");
    let one = b.get(&format!(
        "/security/collaboration/analyzedEmails/{}",
        mail["id"].as_str().unwrap()
    ));
    assert_eq!(one.json()["subject"], mail["subject"]);
}

#[test]
fn what_cannot_be_remediated_is_refused() {
    let b = Bench::new();
    let mail = b
        .get("/security/collaboration/analyzedEmails?$top=1")
        .rows()[0]
        .clone();
    for action in ["moveToQuarantine", "explode"] {
        assert_eq!(remediate(&b, action, &mail).status, 400);
    }
    let good = json!({"displayName": "x", "severity": "low", "action": "hardDelete", "analyzedEmails": [{"networkMessageId": "a", "recipientEmailAddress": "b@c"}]});
    let send = |body: Value| {
        b.send(
            "POST",
            "/security/collaboration/analyzedEmails/remediate",
            &[],
            Some(body),
        )
        .status
    };
    assert_eq!(send(good.clone()), 202);
    for (key, value) in [
        ("displayName", Value::Null),
        ("severity", json!("urgent")),
        ("analyzedEmails", json!([])),
        ("analyzedEmails", json!([{"networkMessageId": "a"}])),
        (
            "analyzedEmails",
            json!([{"networkMessageId": "a", "recipientEmailAddress": "b", "subject": "c"}]),
        ),
        ("remediateSendersCopy", json!("maybe")),
        ("why", json!("x")),
    ] {
        let mut bad = good.clone();
        bad[key] = value;
        assert_eq!(send(bad.clone()), 400, "{bad}");
    }
    assert_eq!(
        b.get("/security/collaboration/analyzedEmails?startTime=soon")
            .status,
        400
    );
    let (some, _) = b.all(
        "/security/collaboration/analyzedEmails?startTime=2026-08-18&endTime=2026-08-20",
        &[],
    );
    assert!(
        some.iter()
            .all(|m| m["loggedDateTime"].as_str().unwrap() >= "2026-08-18")
    );
    b.sim
        .revoke("SecurityAnalyzedMessage.ReadWrite.All")
        .unwrap();
    assert_eq!(send(good), 403);
}
