//! What goes wrong with writes, and that the journal tells carried out from not carried out.

use std::io::Write;
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use sim::{Flags, Received};

use crate::http::{Bench, flags, send};
use crate::machine_actions::{act, patient, workstation};

fn scans(b: &Bench, id: &str) -> usize {
    b.mde(&format!(
        "/machineactions?$filter=machineId eq '{id}' and type eq 'RunAntiVirusScan'"
    ))
    .rows()
    .len()
}

fn writes(b: &Bench) -> Vec<Received> {
    b.sim
        .journal()
        .into_iter()
        .filter(|r| r.path.contains("/mde/api/machines/") && r.method == "POST")
        .collect()
}

fn body() -> Value {
    json!({"Comment": "x [wf 1]", "ScanType": "Quick"})
}

/// A POST that may end without an answer.
fn raw_scan(b: &Bench, id: &str) -> std::io::Result<u16> {
    let bearer = format!("Bearer {}", b.defender);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
        ("client-request-id", "b1d3a0c2-6a0f-4b2f-8d55-0f1f2a3b4c5d"),
    ];
    let url = format!("{}/machines/{id}/runAntiVirusScan", b.sim.info.defender);
    send("POST", &url, &headers, body().to_string().as_bytes()).map(|r| r.status)
}

#[test]
fn a_reset_after_leaves_the_action_and_a_reset_before_does_not() {
    for (scenario, carried_out) in [("write-reset-after", true), ("write-reset-before", false)] {
        let b = patient();
        let id = workstation(&b);
        b.sim.set_scenario(scenario).unwrap();
        act(&b, &id, "unisolate", json!({"Comment": "x"}));
        act(&b, &id, "restrictCodeExecution", json!({"Comment": "x"}));
        assert!(raw_scan(&b, &id).is_err(), "the third write");
        let row = writes(&b).pop().unwrap();
        assert_eq!((row.status, row.executed), (0, carried_out));
        assert_eq!(row.made.is_some(), carried_out);
        assert_eq!(
            row.client_request_id.as_deref(),
            Some("b1d3a0c2-6a0f-4b2f-8d55-0f1f2a3b4c5d")
        );
        assert_eq!(row.body, body().to_string());
        assert_eq!(scans(&b, &id), usize::from(carried_out));
    }
}

#[test]
fn a_failure_after_the_fact_names_what_was_made() {
    let b = patient();
    let id = workstation(&b);
    b.sim.set_scenario("[[rule]]\nmethod = \"write\"\nfault = { kind = \"late-status\", status = 503, body = \"html\" }").unwrap();
    let reply = act(&b, &id, "runAntiVirusScan", body());
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (503, Some("text/html"))
    );
    let row = writes(&b).pop().unwrap();
    assert_eq!(
        (row.status, row.executed, row.faults),
        (503, true, vec!["late-status"])
    );
    b.sim.set_scenario("").unwrap();
    let action = b
        .mde(&format!("/machineactions/{}", row.made.unwrap()))
        .json();
    assert_eq!(action["requestorComment"], "x [wf 1]");
    b.sim
        .set_scenario("[[rule]]\nmethod = \"write\"\nfault = { kind = \"status\", status = 503 }")
        .unwrap();
    act(&b, &id, "unisolate", json!({"Comment": "x"}));
    let row = writes(&b).pop().unwrap();
    assert_eq!((row.status, row.executed, row.made), (503, false, None));
}

#[test]
fn wrong_answers_are_given_to_writes_that_were_carried_out() {
    let b = patient();
    let id = workstation(&b);
    b.sim.set_scenario("write-wrong-answer").unwrap();
    let first = act(&b, &id, "runAntiVirusScan", body());
    assert_eq!((first.status, first.body.len()), (201, 0));
    let second = act(&b, &id, "unisolate", json!({"Comment": "x"}));
    assert!(second.json()["id"].is_string());
    let third = act(&b, &id, "restrictCodeExecution", json!({"Comment": "x"}));
    assert_eq!(third.json()["value"], json!([]));
    assert!(writes(&b).iter().all(|r| r.executed && r.made.is_some()));
    b.send("PATCH", "/users/none", &[], Some(json!({})));
    let page = b.send("PATCH", "/users/none", &[], Some(json!({})));
    assert_eq!(page.text(), "<html>done</html>");
}

#[test]
fn writes_are_throttled_while_reads_are_not() {
    let b = patient();
    let id = workstation(&b);
    b.sim.set_scenario("write-throttled").unwrap();
    assert_eq!(
        act(&b, &id, "unisolate", json!({"Comment": "x"})).status,
        201
    );
    let refused = act(&b, &id, "runAntiVirusScan", body());
    assert_eq!(
        (refused.status, refused.header("retry-after")),
        (429, Some("1.5"))
    );
    assert_eq!(scans(&b, &id), 0);
    assert_eq!(
        (
            b.mde("/machines?$top=1").status,
            b.mde("/machines?$top=1").status
        ),
        (200, 200)
    );
    b.sim.set_scenario("write-throttled-silently").unwrap();
    b.send(
        "PATCH",
        "/users/x",
        &[],
        Some(json!({"accountEnabled": false})),
    );
    let refused = b.send(
        "PATCH",
        "/users/x",
        &[],
        Some(json!({"accountEnabled": false})),
    );
    assert_eq!((refused.status, refused.header("retry-after")), (429, None));
}

#[test]
fn permissions_go_between_reading_and_writing() {
    let b = patient();
    let id = workstation(&b);
    b.sim.set_scenario("permission-lost").unwrap();
    assert_eq!(b.mde(&format!("/machines/{id}")).status, 200);
    let refused = act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    );
    assert_eq!(refused.status, 403);
    let user = b.get("/users?$top=1").rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(
        b.send(
            "PATCH",
            &format!("/users/{user}"),
            &[],
            Some(json!({"accountEnabled": false}))
        )
        .status,
        403
    );
    assert_eq!(
        b.send(
            "POST",
            &format!("/users/{user}/revokeSignInSessions"),
            &[],
            None
        )
        .status,
        403
    );
}

#[test]
fn devices_vanish_and_actions_time_out() {
    let b = patient();
    let id = workstation(&b);
    let state = |action: &Value| {
        b.mde(&format!("/machineactions/{}", action.as_str().unwrap()))
            .json()["status"]
            .clone()
    };
    b.sim.set_scenario("device-offline").unwrap();
    let action = act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    )
    .json()["id"]
        .clone();
    b.sim.clock().advance(Duration::from_secs(890));
    assert_eq!(state(&action), "Pending");
    b.sim.clock().advance(Duration::from_secs(120));
    assert_eq!(state(&action), "Succeeded");
    b.sim.set_scenario("action-timeout").unwrap();
    let action = act(&b, &id, "unisolate", json!({"Comment": "x"})).json()["id"].clone();
    b.sim.clock().advance(Duration::from_secs(60));
    assert_eq!(state(&action), "TimeOut");
    assert_eq!(
        b.sim.mitigation(&id).as_deref(),
        Some(r#"{"Isolated":"true"}"#)
    );
    b.sim.set_scenario("action-failed").unwrap();
    let action = act(&b, &id, "unisolate", json!({"Comment": "x"})).json()["id"].clone();
    b.sim.clock().advance(Duration::from_secs(10));
    assert_eq!(state(&action), "Failed");
}

#[test]
fn what_arrived_whole_is_carried_out_though_its_sender_is_gone() {
    let b = patient();
    let id = workstation(&b);
    b.sim
        .set_scenario("[[rule]]\nmethod = \"write\"\nfault = { kind = \"slow-headers\", ms = 300 }")
        .unwrap();
    let url = url::Url::parse(&b.sim.info.defender).unwrap();
    let host = format!("{}:{}", url.host_str().unwrap(), url.port().unwrap());
    let text = body().to_string();
    let request = |length: usize, part: &str| {
        format!(
            "POST {}/machines/{id}/runAntiVirusScan HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{part}",
            url.path(),
            b.defender
        )
    };
    let say = |text: String| {
        let mut stream = TcpStream::connect(&host).unwrap();
        stream.write_all(text.as_bytes()).unwrap();
    };
    let seen = |count: usize| {
        // the line comes when the request was carried out, after its sender left
        for _ in 0..400 {
            let rows = writes(&b);
            if rows.len() >= count {
                return rows;
            }
            std::thread::yield_now();
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("no line in the journal");
    };
    say(request(text.len() + 10, &text));
    let rows = seen(1);
    assert_eq!(
        (rows[0].executed, rows[0].faults.clone()),
        (false, vec!["incomplete-body"])
    );
    assert_eq!(scans(&b, &id), 0);
    say(request(text.len(), &text));
    let rows = seen(2);
    assert!(rows[1].executed && rows[1].made.is_some());
    assert_eq!(scans(&b, &id), 1);
}

#[test]
fn the_journal_file_has_every_request_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("journal");
    let b = Bench::with(Flags {
        journal: Some(file.clone()),
        foreign: true,
        ..flags()
    });
    let id = workstation(&b);
    let made = act(
        &b,
        &id,
        "isolate",
        json!({"Comment": "x", "IsolationType": "Full"}),
    )
    .json();
    let foreign = format!(
        "{}/graph/v1.0/users?$top=1",
        b.sim.info.foreign.clone().unwrap()
    );
    let bearer = format!("Bearer {}", b.graph);
    assert_eq!(
        send("GET", &foreign, &[("Authorization", &bearer)], b"")
            .unwrap()
            .status,
        404
    );
    assert_eq!(
        b.send(
            "PATCH",
            "/users/x",
            &[],
            Some(json!({"passwordProfile": {"password": "Secret-123"}}))
        )
        .status,
        404
    );
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(
        !text.contains("Secret-123")
            && !text.contains(&b.graph)
            && !text.contains(&b.sim.info.client_secret)
    );
    let rows: Vec<Value> = text
        .lines()
        .map(|l| serde_json::from_str(l).unwrap())
        .collect();
    let numbers: Vec<u64> = rows.iter().map(|r| r["seq"].as_u64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>());
    let line = rows
        .iter()
        .find(|r| r["path"].as_str().unwrap().ends_with("/isolate"))
        .unwrap();
    assert_eq!(
        (&line["made"], &line["service"], &line["status"]),
        (&made["id"], &json!("defender"), &json!(201))
    );
    assert_eq!(
        (&line["token"], &line["caller"]),
        (
            &json!("https://api.securitycenter.microsoft.com"),
            &json!(b.sim.info.client_id)
        )
    );
    assert_eq!(line["body"], r#"{"Comment":"x","IsolationType":"Full"}"#);
    let astray = rows.iter().find(|r| r["service"].is_null()).unwrap();
    assert_eq!(
        (&astray["token"], &astray["path"], &astray["query"]),
        (
            &json!("https://graph.microsoft.com"),
            &json!("/graph/v1.0/users"),
            &json!("$top=1")
        )
    );
    assert!(foreign.contains(astray["host"].as_str().unwrap()));
}

#[test]
fn what_is_written_carries_the_services_own_clock() {
    let b = patient();
    let id = workstation(&b);
    b.sim.set_scenario("clock-skew = \"1h\"").unwrap();
    let made = act(&b, &id, "unisolate", json!({"Comment": "x"})).json();
    assert_eq!(made["creationDateTimeUtc"], "2026-08-20T13:00:00Z");
    assert_eq!(made["status"], "Pending");
    b.sim.clock().advance(Duration::from_secs(100));
    let path = format!(
        "/machineactions?$filter=machineId eq '{id}' and creationDateTimeUtc ge 2026-08-20T12:55:00Z"
    );
    assert_eq!(b.mde(&path).rows()[0]["status"], "Succeeded");
}
