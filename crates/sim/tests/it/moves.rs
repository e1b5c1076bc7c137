//! Merging incidents and moving alerts: what remains, what points where, what closes with what.

use serde_json::{Value, json};

use crate::http::{Bench, NOW, Reply};

/// Open incidents with their alerts, those with fewest first.
fn open(b: &Bench, count: usize) -> Vec<(String, Vec<String>)> {
    let rows = b
        .get("/security/incidents?$filter=status eq 'active'")
        .rows();
    let mut all: Vec<(String, Vec<String>)> = rows
        .iter()
        .map(|r| r["id"].as_str().unwrap().to_owned())
        .map(|id| (id.clone(), alerts(b, &id)))
        .filter(|(_, alerts)| !alerts.is_empty())
        .take(count)
        .collect();
    assert_eq!(all.len(), count);
    all.sort_by_key(|(_, alerts)| alerts.len());
    all
}

fn alerts(b: &Bench, id: &str) -> Vec<String> {
    let rows = b
        .get(&format!("/security/incidents/{id}/alerts?$top=1000"))
        .rows();
    rows.iter()
        .map(|a| a["id"].as_str().unwrap().to_owned())
        .collect()
}

fn post(b: &Bench, path: &str, body: Value) -> Reply {
    b.send("POST", path, &[], Some(body))
}

#[test]
fn merged_incidents_point_at_the_one_that_remains() {
    let b = Bench::new();
    let three = open(&b, 3);
    let ids: Vec<&str> = three.iter().map(|(id, _)| id.as_str()).collect();
    let body = json!({"incidentIds": ids, "incidentComment": "one campaign", "mergeReasons": "sameActor, SameCampaign"});
    let reply = post(&b, "/security/incidents/mergeIncidents", body);
    assert_eq!(reply.status, 200, "{}", reply.text());
    let target = reply.json()["targetIncidentId"]
        .as_str()
        .unwrap()
        .to_owned();
    let most = three.iter().map(|(_, a)| a.len()).max().unwrap();
    let (_, own) = three.iter().find(|(id, _)| *id == target).unwrap();
    assert_eq!(own.len(), most, "the service chose");
    let mut wanted: Vec<&String> = three.iter().flat_map(|(_, a)| a).collect();
    let now = alerts(&b, &target);
    let mut found: Vec<&String> = now.iter().collect();
    wanted.sort();
    found.sort();
    assert_eq!(found, wanted);
    let kept = b
        .get(&format!("/security/incidents/{target}?$expand=alerts"))
        .json();
    assert_eq!(
        kept["comments"].as_array().unwrap().last().unwrap()["comment"],
        "one campaign"
    );
    assert!(
        kept["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .all(|a| a["incidentId"] == json!(target))
    );
    for (id, _) in three.iter().filter(|(id, _)| *id != target) {
        let source = b.get(&format!("/security/incidents/{id}")).json();
        assert_eq!(
            (&source["status"], &source["redirectIncidentId"]),
            (&json!("redirected"), &json!(target))
        );
        assert!(alerts(&b, id).is_empty());
        assert_eq!(
            b.send(
                "PATCH",
                &format!("/security/incidents/{id}"),
                &[],
                Some(json!({"status": "active"}))
            )
            .status,
            400
        );
    }
    let gone = three
        .iter()
        .find(|(id, _)| *id != target)
        .unwrap()
        .0
        .as_str();
    for bad in [
        json!({"incidentIds": [target]}),
        json!({"incidentIds": [target, target]}),
        json!({"incidentIds": [target, gone]}),
        json!({"incidentIds": []}),
        json!({"incidentIds": [1, 2]}),
        json!({"incidentIds": [target, "1"], "why": "x"}),
        json!({"incidentIds": [target, "1"], "mergeReasons": "because"}),
    ] {
        assert_eq!(
            post(&b, "/security/incidents/mergeIncidents", bad.clone()).status,
            400,
            "{bad}"
        );
    }
    assert_eq!(
        post(
            &b,
            "/security/incidents/mergeIncidents",
            json!({"incidentIds": [target, "99999999"]})
        )
        .status,
        404
    );
}

#[test]
fn closing_what_was_merged_closes_all_of_it() {
    let b = Bench::new();
    let two = open(&b, 2);
    let ids: Vec<&str> = two.iter().map(|(id, _)| id.as_str()).collect();
    let target = post(
        &b,
        "/security/incidents/microsoft.graph.security.mergeIncidents",
        json!({"incidentIds": ids}),
    )
    .json()["targetIncidentId"]
        .as_str()
        .unwrap()
        .to_owned();
    let body = json!({"status": "resolved", "classification": "falsePositive", "determination": "notMalicious"});
    b.send(
        "PATCH",
        &format!("/security/incidents/{target}"),
        &[],
        Some(body),
    );
    for (_, alerts) in &two {
        for id in alerts {
            let alert = b.get(&format!("/security/alerts_v2/{id}")).json();
            assert_eq!(
                (&alert["status"], &alert["resolvedDateTime"]),
                (&json!("resolved"), &json!(NOW))
            );
        }
    }
}

#[test]
fn alerts_move_to_a_known_incident_or_a_new_one() {
    let b = Bench::new();
    let two = open(&b, 2);
    let ((to, before), (from, moving)) = (&two[0], &two[1]);
    let one = &moving[0];
    let body = json!({"alertIds": [one], "incidentId": to, "alertComment": "belongs there", "newCorrelationReasons": "sameAsset"});
    let reply = post(&b, "/security/alerts_v2/moveAlerts", body);
    assert_eq!(
        (reply.status, &reply.json()["targetIncidentId"]),
        (200, &json!(to))
    );
    assert_eq!(alerts(&b, to).len(), before.len() + 1);
    assert!(!alerts(&b, from).contains(one));
    let alert = b.get(&format!("/security/alerts_v2/{one}")).json();
    assert_eq!(alert["incidentId"], json!(to));
    assert!(
        alert["incidentWebUrl"]
            .as_str()
            .unwrap()
            .contains(to.as_str())
    );
    assert_eq!(
        alert["comments"].as_array().unwrap().last().unwrap()["comment"],
        "belongs there"
    );
    let fresh = post(
        &b,
        "/security/alerts_v2/moveAlerts",
        json!({"alertIds": [one], "incidentId": null}),
    );
    let number = fresh.json()["targetIncidentId"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(number != *to && number != *from);
    let made = b.get(&format!("/security/incidents/{number}")).json();
    assert_eq!(
        (
            &made["status"],
            &made["displayName"],
            &made["createdDateTime"]
        ),
        (&json!("active"), &alert["title"], &json!(NOW))
    );
    assert_eq!(alerts(&b, &number), std::slice::from_ref(one));
    assert_eq!(
        b.get("/security/incidents?$top=1").rows()[0]["id"],
        json!(number),
        "the newest"
    );
    assert_eq!(alerts(&b, to).len(), before.len());
    assert_eq!(
        post(
            &b,
            "/security/alerts_v2/moveAlerts",
            json!({"alertIds": ["none"], "incidentId": to})
        )
        .status,
        404
    );
    assert_eq!(
        post(
            &b,
            "/security/alerts_v2/moveAlerts",
            json!({"alertIds": [one], "incidentId": "99999999"})
        )
        .status,
        404
    );
    assert_eq!(
        post(
            &b,
            "/security/alerts_v2/moveAlerts",
            json!({"incidentId": to})
        )
        .status,
        400
    );
    assert_eq!(b.get("/security/alerts_v2/moveAlerts").status, 405);
    let mde = b.mde("/alerts?$top=1&$filter=status eq 'New'").rows()[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    post(
        &b,
        "/security/alerts_v2/moveAlerts",
        json!({"alertIds": [mde], "incidentId": to}),
    );
    assert_eq!(
        b.mde(&format!("/alerts/{mde}")).json()["incidentId"].to_string(),
        *to
    );
}
