//! Indicators: what is there, what a new one must say, what writing over one keeps, batches, limits.

use std::time::Duration;

use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, Reply, flags};
use crate::machine_actions::patient;

fn row(kind: &str, value: &str, action: &str) -> Value {
    json!({"indicatorValue": value, "indicatorType": kind, "action": action, "title": "Case 12", "description": "Seen in case 12"})
}

fn submit(b: &Bench, body: &Value) -> Reply {
    b.mde_send("POST", "/indicators", Some(body.clone()))
}

fn with(mut body: Value, key: &str, value: Value) -> Value {
    body[key] = value;
    body
}

#[test]
fn rows_of_cloud_apps_can_be_told_apart_and_do_not_stay_deleted() {
    let b = patient();
    let all = b.mde("/indicators").rows();
    assert!(all.len() > 30);
    let theirs: Vec<&Value> = all
        .iter()
        .filter(|r| {
            r["createdByDisplayName"]
                .as_str()
                .unwrap()
                .contains("Cloud Apps")
        })
        .collect();
    let titles = [
        "Unsanctioned cloud app access was blocked",
        "Connection to a risky cloud application was detected",
    ];
    for (title, action) in titles.into_iter().zip(["Block", "Warn"]) {
        let rows: Vec<&&Value> = theirs.iter().filter(|r| r["title"] == title).collect();
        assert!(
            rows.len() >= 2 && rows.iter().all(|r| r["action"] == action),
            "{title}"
        );
    }
    assert!(
        theirs.iter().any(|r| r["rbacGroupNames"]
            .as_array()
            .is_some_and(|g| !g.is_empty())),
        "one profile is scoped"
    );
    let value = theirs[0]["indicatorValue"].as_str().unwrap();
    let gone = b.mde_send(
        "DELETE",
        &format!("/indicators/{}", theirs[0]["id"].as_str().unwrap()),
        None,
    );
    assert_eq!((gone.status, gone.body.len()), (204, 0));
    let listed = || {
        b.mde(&format!("/indicators?$filter=indicatorValue eq '{value}'"))
            .rows()
            .len()
    };
    assert_eq!(listed(), 0);
    b.sim.clock().advance(Duration::from_secs(3 * 3600));
    assert_eq!(listed(), 1, "the app is still marked");
    let kinds: std::collections::BTreeSet<&str> = all
        .iter()
        .map(|r| r["indicatorType"].as_str().unwrap())
        .collect();
    assert_eq!(kinds.len(), 7);
}

#[test]
fn a_new_row_is_checked_stored_and_read_back() {
    let b = Bench::new();
    let body = json!({
        "indicatorValue": "203.0.113.77", "indicatorType": "IpAddress", "action": "Block", "title": "C2", "description": "of case 12",
        "severity": "High", "expirationTime": "2026-09-20T12:00:00Z", "rbacGroupNames": ["Workstations"], "generateAlert": true,
        "application": "Watchfloor", "recommendedActions": "Isolate", "externalId": "wf-1",
    });
    let reply = submit(&b, &body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let made = reply.json();
    for (key, value) in body.as_object().unwrap() {
        assert_eq!(&made[key], value, "{key}");
    }
    assert!(
        made["id"].as_str().unwrap().parse::<u64>().is_ok(),
        "numeric text"
    );
    assert_eq!(made["rbacGroupIds"], json!(["12"]));
    assert_eq!(
        (&made["createdBy"], &made["sourceType"]),
        (&json!(b.sim.info.client_id), &json!("AadApp"))
    );
    assert_eq!(made["creationTimeDateTimeUtc"], "2026-08-20T12:00:00Z");
    let found = b
        .mde(
            "/indicators?$filter=indicatorValue eq '203.0.113.77' and indicatorType eq 'IpAddress'",
        )
        .rows();
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["id"], made["id"]);
    let text = with(
        row("DomainName", "bad.example", "Block"),
        "rbacGroupNames",
        json!("Workstations, Mac"),
    );
    assert_eq!(
        submit(&b, &text).json()["rbacGroupNames"],
        json!(["Workstations", "Mac"])
    );
    assert_eq!(
        submit(&b, &row("Url", "https://bad.example/x", "Block")).json()["rbacGroupNames"],
        json!([]),
        "every device"
    );
    assert_eq!(
        b.mde("/indicators?$filter=rbacGroupNames/any(g: g eq 'Mac')")
            .rows()
            .len(),
        1
    );
    for (bad, code) in [
        (
            row("IpAddress", "203.0.113.0/24", "Block"),
            "InvalidIpAddress",
        ),
        (
            row("IpAddress", "203.0.113.1-203.0.113.9", "Block"),
            "InvalidIpAddress",
        ),
        (
            row("DomainName", "https://bad.example", "Block"),
            "InvalidDomainName",
        ),
        (row("DomainName", "bad", "Block"), "InvalidDomainName"),
        (row("Url", "bad.example", "Block"), "InvalidUrl"),
        (
            row("FileSha1", &"a".repeat(64), "Block"),
            "InvalidHashValue",
        ),
        (
            row("FileSha256", &"g".repeat(64), "Block"),
            "InvalidHashValue",
        ),
        (row("FileMd5", &"a".repeat(40), "Block"), "InvalidHashValue"),
        (
            row("CertificateThumbprint", "ab", "Block"),
            "InvalidHashValue",
        ),
        (row("fileSha1", &"a".repeat(40), "Block"), "InvalidInput"),
        (row("FileSha1", &"a".repeat(40), "block"), "InvalidInput"),
        (row("FileSha1", &"a".repeat(40), "Audit"), "InvalidInput"),
        (
            with(
                row("FileSha1", &"a".repeat(40), "Block"),
                "severity",
                json!("Critical"),
            ),
            "InvalidInput",
        ),
        (
            with(
                row("FileSha1", &"a".repeat(40), "Block"),
                "expirationTime",
                json!("2026-08-01T00:00:00Z"),
            ),
            "InvalidInput",
        ),
        (
            with(
                row("FileSha1", &"a".repeat(40), "Block"),
                "rbacGroupNames",
                json!(["No such group"]),
            ),
            "InvalidInput",
        ),
        (
            with(
                row("FileSha1", &"a".repeat(40), "Block"),
                "educateUrl",
                json!("https://contoso.com"),
            ),
            "InvalidInput",
        ),
        (
            with(
                row("Url", "https://a.example/", "Audit"),
                "title",
                json!(" "),
            ),
            "MissingRequiredParameter",
        ),
        (
            with(
                row("Url", "https://a.example/", "Block"),
                "description",
                Value::Null,
            ),
            "MissingRequiredParameter",
        ),
        (
            with(
                row("Url", "https://a.example/", "Block"),
                "indicatorValue",
                json!(5),
            ),
            "InvalidRequestBody",
        ),
        (
            json!({"IndicatorValue": "x", "indicatorType": "Url", "action": "Block", "title": "t", "description": "d"}),
            "MissingRequiredParameter",
        ),
        (json!([]), "InvalidRequestBody"),
    ] {
        let reply = submit(&b, &bad);
        assert_eq!(
            (reply.status, reply.error().0.as_str()),
            (400, code),
            "{bad}"
        );
    }
}

#[test]
fn an_existing_value_is_written_over_whoever_made_it() {
    let b = Bench::new();
    let old = b
        .mde("/indicators?$filter=indicatorType eq 'IpAddress' and action eq 'Block'")
        .rows()[0]
        .clone();
    let value = old["indicatorValue"].as_str().unwrap();
    let count = b.mde("/indicators").rows().len();
    let new = with(
        row("IpAddress", value, "Allowed"),
        "application",
        json!("other"),
    );
    let after = submit(&b, &new).json();
    assert_eq!(after["id"], old["id"]);
    for key in [
        "createdBy",
        "createdByDisplayName",
        "creationTimeDateTimeUtc",
        "application",
    ] {
        assert_eq!(after[key], old[key], "{key}");
    }
    assert_eq!(
        (&after["action"], &after["title"]),
        (&json!("Allowed"), &json!("Case 12"))
    );
    assert_eq!(
        after["rbacGroupNames"],
        json!([]),
        "the scope is gone: every device"
    );
    assert_eq!(after["expirationTime"], Value::Null);
    assert_eq!(after["lastUpdatedBy"], "Watchfloor");
    assert_eq!(b.mde("/indicators").rows().len(), count);
    let hash = b
        .mde("/indicators?$filter=indicatorType eq 'FileSha1'")
        .rows()[0]
        .clone();
    let upper = hash["indicatorValue"].as_str().unwrap().to_uppercase();
    assert_eq!(
        submit(&b, &row("FileSha1", &upper, "Block")).json()["id"],
        hash["id"],
        "the same hash in capitals"
    );
}

#[test]
fn imports_answer_row_by_row() {
    let b = Bench::new();
    let import = |rows: Vec<Value>| {
        b.mde_send(
            "POST",
            "/indicators/import",
            Some(json!({"Indicators": rows})),
        )
    };
    let reply = import(vec![
        row("DomainName", "one.example", "Block"),
        row("DomainName", "two", "Block"),
        row("IpAddress", "203.0.113.5", "Block"),
        json!("x"),
    ]);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let rows = reply.rows();
    let failed: Vec<bool> = rows
        .iter()
        .map(|r| r["isFailed"].as_bool().unwrap())
        .collect();
    assert_eq!(failed, [false, true, false, true]);
    assert!(rows[0]["id"].is_string() && rows[0]["failureReason"].is_null());
    assert!(rows[1]["failureReason"].as_str().unwrap().contains("two"));
    assert_eq!(rows[2]["indicator"], "203.0.113.5");
    let many: Vec<Value> = (0..501)
        .map(|n| row("DomainName", &format!("n{n}.example"), "Block"))
        .collect();
    let refused = import(many);
    assert_eq!(refused.error().0, "MaximumBatchSizeExceeded");
    assert!(refused.error().1.contains("501"));
    assert_eq!(import(vec![]).error().0, "MissingRequiredParameter");
    let ids = json!([rows[0]["id"], rows[2]["id"]]);
    let delete = |ids: Value| {
        b.mde_send(
            "POST",
            "/indicators/BatchDelete",
            Some(json!({"IndicatorIds": ids})),
        )
        .status
    };
    assert_eq!(delete(json!([rows[0]["id"], "1"])), 404);
    assert_eq!(
        b.mde("/indicators?$filter=indicatorValue eq 'one.example'")
            .rows()
            .len(),
        1,
        "none of them"
    );
    assert_eq!(delete(ids.clone()), 204);
    assert_eq!(delete(ids), 404);
    assert_eq!(delete(json!([])), 400);
}

#[test]
fn the_tenant_is_full_at_fifteen_thousand() {
    let b = Bench::new();
    let there = b.mde("/indicators").rows().len();
    let mut failed = 0;
    for batch in 0..31 {
        let rows: Vec<Value> = (0..500)
            .map(|n| row("DomainName", &format!("d{n}.b{batch}.example"), "Block"))
            .collect();
        let reply = b.mde_send(
            "POST",
            "/indicators/import",
            Some(json!({"Indicators": rows})),
        );
        failed += reply
            .rows()
            .iter()
            .filter(|r| r["isFailed"] == true)
            .count();
    }
    assert_eq!(failed, there + 31 * 500 - 15_000);
    let refused = submit(&b, &row("DomainName", "last.example", "Block"));
    assert_eq!(refused.status, 400);
    assert!(refused.error().1.contains("15000"));
    assert_eq!(
        submit(&b, &row("DomainName", "d1.b0.example", "Warn")).status,
        200,
        "one that is there can still be changed"
    );
    assert_eq!(b.mde("/indicators").rows().len(), 10_000, "a page");
    assert_eq!(b.mde("/indicators?$skip=10000").rows().len(), 5_000);
}

#[test]
fn expired_rows_are_gone() {
    let b = patient();
    submit(
        &b,
        &with(
            row("DomainName", "short.example", "Block"),
            "expirationTime",
            json!("2026-08-20T13:00:00Z"),
        ),
    );
    let listed = || {
        b.mde("/indicators?$filter=indicatorValue eq 'short.example'")
            .rows()
            .len()
    };
    assert_eq!(listed(), 1);
    b.sim.clock().advance(Duration::from_secs(3600));
    assert_eq!(listed(), 0);
}

#[test]
fn without_all_only_ones_own_rows_are_seen() {
    let b = Bench::with(Flags {
        permissions: "Ti.ReadWrite".into(),
        ..flags()
    });
    assert!(b.mde("/indicators").rows().is_empty());
    let made = submit(&b, &row("DomainName", "mine.example", "Block")).json();
    assert_eq!(b.mde("/indicators").rows().len(), 1);
    assert_eq!(
        b.mde_send("DELETE", "/indicators/901", None).status,
        404,
        "somebody else's"
    );
    assert_eq!(
        b.mde_send(
            "DELETE",
            &format!("/indicators/{}", made["id"].as_str().unwrap()),
            None
        )
        .status,
        204
    );
    let b = Bench::with(Flags {
        permissions: "Machine.Read.All,Alert.Read.All".into(),
        ..flags()
    });
    let refused = b.mde("/indicators");
    assert_eq!(refused.status, 403);
    assert!(refused.error().1.contains("Ti.ReadWrite.All"));
}

#[test]
fn alerts_are_updated_many_at_once() {
    let b = Bench::new();
    let ids: Vec<Value> = b
        .mde("/alerts?$top=3&$filter=status eq 'New'")
        .rows()
        .iter()
        .map(|a| a["id"].clone())
        .collect();
    let update = |body: Value| b.mde_send("POST", "/alerts/batchUpdate", Some(body));
    let reply = update(
        json!({"alertIds": ids, "status": "Resolved", "classification": "FalsePositive", "determination": "NotMalicious", "comment": "closed"}),
    );
    assert_eq!(
        (reply.status, reply.body.len()),
        (200, 0),
        "{}",
        reply.text()
    );
    for id in &ids {
        let alert = b.mde(&format!("/alerts/{}", id.as_str().unwrap())).json();
        assert_eq!(
            (
                &alert["status"],
                &alert["comments"].as_array().unwrap().last().unwrap()["comment"]
            ),
            (&json!("Resolved"), &json!("closed"))
        );
    }
    assert_eq!(
        update(json!({"alertIds": [ids[0], "none"], "status": "New"})).status,
        404
    );
    assert_eq!(
        b.mde(&format!("/alerts/{}", ids[0].as_str().unwrap()))
            .json()["status"],
        "Resolved"
    );
    assert_eq!(update(json!({"alertIds": [], "status": "New"})).status, 400);
    assert_eq!(update(json!({"alertIds": ids})).status, 400);
}
