//! Writes on incidents and alerts: echo, side effects, refusals.

use serde_json::{Value, json};

use crate::http::{Bench, NOW};

fn open_incident(b: &Bench) -> String {
    let rows = b
        .get("/security/incidents?$filter=status eq 'active'")
        .rows();
    let busy = rows.iter().find(|r| {
        !b.get(&format!(
            "/security/incidents/{}/alerts",
            r["id"].as_str().unwrap()
        ))
        .rows()
        .is_empty()
    });
    busy.unwrap_or(&rows[0])["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_patch_echoes_the_incident_and_stays() {
    let b = Bench::new();
    let id = open_incident(&b);
    let path = format!("/security/incidents/{id}");
    let before = b.get(&path).json();
    b.sim.clock().advance(std::time::Duration::from_secs(7));
    let reply = b.send("PATCH", &path, &[], Some(json!({"assignedTo": "ana@contoso.com", "status": "InProgress", "customTags": ["a", "b"], "severity": "low"})));
    assert_eq!(reply.status, 200, "{}", reply.text());
    let after = reply.json();
    assert_eq!(after["assignedTo"], "ana@contoso.com");
    assert_eq!(after["status"], "inProgress", "in the model's spelling");
    assert_eq!(after["customTags"], json!(["a", "b"]));
    assert_eq!(after["displayName"], before["displayName"]);
    assert_eq!(after["lastUpdateDateTime"], "2026-08-20T12:00:07Z");
    assert_eq!(
        after["lastModifiedBy"],
        json!(format!("API-App:{}", b.sim.info.client_id))
    );
    let read = b.get(&path).json();
    assert_eq!(read["assignedTo"], after["assignedTo"]);
    let (found, _) = b.all("/security/incidents?$filter=lastUpdateDateTime ge 2026-08-20T12:00:07Z and assignedTo eq 'ana@contoso.com'", &[]);
    assert!(
        found.iter().any(|r| r["id"] == json!(id)),
        "filters see edits"
    );
    let cleared = b
        .send("PATCH", &path, &[], Some(json!({"assignedTo": null})))
        .json();
    assert_eq!(cleared["assignedTo"], Value::Null);
}

#[test]
fn resolving_an_incident_resolves_its_alerts() {
    let b = Bench::new();
    let id = open_incident(&b);
    let body =
        json!({"status": "resolved", "classification": "truePositive", "determination": "malware"});
    assert_eq!(
        b.send(
            "PATCH",
            &format!("/security/incidents/{id}"),
            &[],
            Some(body)
        )
        .json()["status"],
        "resolved"
    );
    let alerts = b.get(&format!("/security/incidents/{id}/alerts")).rows();
    for alert in &alerts {
        assert_eq!(alert["status"], "resolved");
        assert_eq!(alert["resolvedDateTime"], NOW);
        assert_eq!(alert["determination"], "malware");
    }
}

#[test]
fn bad_bodies_are_refused_and_change_nothing() {
    let b = Bench::new();
    let path = format!("/security/incidents/{}", open_incident(&b));
    let before = b.get(&path).json();
    for body in [
        json!({}),
        json!([]),
        json!({"status": "redirected"}),
        json!({"status": "awaitingAction"}),
        json!({"status": "closed"}),
        json!({"determination": "compromisedUser"}),
        json!({"classification": "falsePositive", "determination": "malware"}),
        json!({"id": "1"}),
        json!({"lastModifiedBy": "x"}),
        json!({"customTags": "a"}),
        json!({"assignedTo": 5}),
        json!({"tags": ["x"]}),
    ] {
        assert_eq!(
            b.send("PATCH", &path, &[], Some(body.clone())).status,
            400,
            "{body}"
        );
    }
    let url = format!("{}{path}", b.sim.info.graph);
    let bearer = format!("Bearer {}", b.graph);
    let raw = |kind: &str, body: &[u8]| {
        crate::http::send(
            "PATCH",
            &url,
            &[("Authorization", bearer.as_str()), ("Content-Type", kind)],
            body,
        )
        .unwrap()
        .status
    };
    assert_eq!(raw("application/json", b"{\"status\":"), 400);
    assert_eq!(raw("text/plain", b"{\"status\":\"active\"}"), 415);
    assert_eq!(b.get(&path).json(), before);
    assert_eq!(
        b.send(
            "PATCH",
            "/security/incidents/99999999",
            &[],
            Some(json!({"status": "active"}))
        )
        .status,
        404
    );
}

#[test]
fn comments_append_and_the_whole_list_comes_back() {
    let b = Bench::new();
    let id = open_incident(&b);
    let path = format!("/security/incidents/{id}/comments");
    let before = b.get(&format!("/security/incidents/{id}")).json()["comments"]
        .as_array()
        .unwrap()
        .len();
    let comment = |text: &str| json!({"@odata.type": "microsoft.graph.security.alertComment", "comment": text});
    assert_eq!(
        b.send("POST", &path, &[], Some(comment("one")))
            .rows()
            .len(),
        before + 1
    );
    let reply = b.send("POST", &path, &[], Some(comment("two")));
    assert_eq!(reply.status, 200);
    let rows = reply.rows();
    assert_eq!(rows.len(), before + 2);
    let last = &rows[rows.len() - 1];
    assert_eq!(
        (last["comment"].as_str(), last["createdDateTime"].as_str()),
        (Some("two"), Some(NOW))
    );
    assert_eq!(last["createdByDisplayName"], json!(b.sim.info.client_id));
    assert_eq!(
        b.get(&format!("/security/incidents/{id}")).json()["comments"]
            .as_array()
            .unwrap()
            .len(),
        before + 2
    );
    for bad in [
        json!({}),
        json!({"comment": "  "}),
        json!({"comment": "x", "createdBy": "y"}),
        json!({"@odata.type": "x", "comment": "y"}),
        json!({"Comment": "x"}),
    ] {
        assert_eq!(
            b.send("POST", &path, &[], Some(bad.clone())).status,
            400,
            "{bad}"
        );
    }
    assert_eq!(b.get(&path).status, 405);
}

#[test]
fn alerts_are_edited_the_same_way() {
    let b = Bench::new();
    let id = b
        .get("/security/alerts_v2?$top=1&$filter=status eq 'new'")
        .rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/security/alerts_v2/{id}");
    let body = json!({"status": "resolved", "classification": "falsePositive", "determination": "notMalicious", "assignedTo": "raj@contoso.com"});
    let after = b.send("PATCH", &path, &[], Some(body)).json();
    assert_eq!(
        (after["status"].as_str(), after["resolvedDateTime"].as_str()),
        (Some("resolved"), Some(NOW))
    );
    assert_eq!(
        b.send("PATCH", &path, &[], Some(json!({"status": "inProgress"})))
            .json()["resolvedDateTime"],
        Value::Null
    );
    let listed = b.send(
        "POST",
        &format!("{path}/comments"),
        &[],
        Some(json!({"comment": "seen"})),
    );
    assert_eq!(listed.rows().last().unwrap()["comment"], "seen");
    for bad in [
        json!({"severity": "low"}),
        json!({"status": "active"}),
        json!({"customDetails": "x"}),
        json!({"determination": "clean"}),
    ] {
        assert_eq!(
            b.send("PATCH", &path, &[], Some(bad.clone())).status,
            400,
            "{bad}"
        );
    }
    assert_eq!(
        b.send(
            "PATCH",
            "/security/alerts_v2/nonsense",
            &[],
            Some(json!({"status": "new"}))
        )
        .status,
        404
    );
}

#[test]
fn a_merged_incident_cannot_be_written() {
    let b = Bench::new();
    let (merged, _) = b.all("/security/incidents?$filter=status eq 'redirected'", &[]);
    let first = merged.first().expect("some were merged");
    assert!(first["redirectIncidentId"].is_string());
    assert_eq!(
        b.send(
            "PATCH",
            &format!("/security/incidents/{}", first["id"].as_str().unwrap()),
            &[],
            Some(json!({"status": "active"}))
        )
        .status,
        400
    );
}
