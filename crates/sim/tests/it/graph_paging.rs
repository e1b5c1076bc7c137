//! Collections: every id exactly once, counts, filters, projection.

use std::collections::HashSet;

use serde_json::Value;

use crate::http::Bench;

const EVENTUAL: &[(&str, &str)] = &[("ConsistencyLevel", "eventual")];

fn ids(rows: &[Value]) -> Vec<String> {
    rows.iter()
        .map(|r| r["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn distinct(rows: &[Value]) -> usize {
    ids(rows).into_iter().collect::<HashSet<_>>().len()
}

#[test]
fn paging_covers_every_id_exactly_once() {
    let b = Bench::new();
    for (path, headers, expected) in [
        ("/security/incidents", &[][..], Some(230)),
        (
            "/security/incidents?$top=7&$filter=status ne 'resolved'",
            &[],
            None,
        ),
        ("/security/alerts_v2?$top=90", &[], Some(700)),
        ("/users?$select=id&$top=33", &[], Some(260)),
        (
            "/users?$select=id&$orderby=displayName desc&$top=50",
            &[],
            Some(260),
        ),
        (
            "/users?$select=id&$filter=accountEnabled eq true&$top=40",
            &[],
            None,
        ),
        ("/devices?$top=17", &[], None),
        ("/servicePrincipals?$top=3", &[], None),
        ("/identityProtection/riskyUsers?$top=3", &[], None),
        ("/identityProtection/riskDetections?$top=3", &[], None),
        ("/auditLogs/signIns?$top=100", &[], None),
        ("/auditLogs/directoryAudits?$top=40", &[], None),
        (
            "/users?$search=\"displayName:a\"&$select=id&$top=10",
            EVENTUAL,
            None,
        ),
    ] {
        let (rows, pages) = b.all(path, headers);
        assert_eq!(distinct(&rows), rows.len(), "{path} repeats itself");
        if let Some(expected) = expected {
            assert_eq!(rows.len(), expected, "{path}");
            assert!(pages > 1, "{path}");
        }
    }
}

#[test]
fn links_stay_where_they_were_asked_and_keep_the_options() {
    let b = Bench::new();
    let next = b
        .get("/security/incidents?$top=10&$filter=severity eq 'high'")
        .json()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(
        next.starts_with(&format!(
            "{}/security/incidents?$top=10&$filter=",
            b.sim.info.graph
        )),
        "{next}"
    );
    assert!(next.ends_with("&$skip=10"), "{next}");
    let next = b.get("/users?$top=10").json()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    assert!(next.contains("$top=10&$skiptoken="), "{next}");
    let token = next.split("$skiptoken=").nth(1).unwrap();
    assert_eq!(
        b.get(&format!("/devices?$skiptoken={token}")).status,
        400,
        "a token fits no other query"
    );
    b.sim.clock().advance(std::time::Duration::from_secs(3601));
    let b2 = Bench {
        graph: crate::http::token(&b.sim, "https://graph.microsoft.com/.default"),
        defender: String::new(),
        sim: b.sim,
    };
    assert_eq!(b2.get(&next).error().0, "Directory_ExpiredPageToken");
}

#[test]
fn the_queue_is_newest_first_and_counts() {
    let b = Bench::new();
    let first = b.get("/security/incidents?$count=true");
    assert_eq!(first.json()["@odata.count"], 230);
    let rows = first.rows();
    assert_eq!(rows.len(), 50);
    let created: Vec<jiff::Timestamp> = rows
        .iter()
        .map(|r| r["createdDateTime"].as_str().unwrap().parse().unwrap())
        .collect();
    assert!(created.windows(2).all(|w| w[0] >= w[1]));
    let second = b.get(first.json()["@odata.nextLink"].as_str().unwrap());
    assert!(
        second.json()["@odata.count"].is_null(),
        "the count stands on page one only"
    );
}

#[test]
fn filters_keep_what_they_say() {
    let b = Bench::new();
    let (all, _) = b.all("/security/incidents", &[]);
    let (high, _) = b.all("/security/incidents?$filter=severity eq 'HIGH'", &[]);
    assert_eq!(
        high.len(),
        all.iter().filter(|r| r["severity"] == "high").count()
    );
    assert!(!high.is_empty() && high.len() < all.len());
    let since = all[100]["lastUpdateDateTime"].as_str().unwrap();
    let at: jiff::Timestamp = since.parse().unwrap();
    let (late, _) = b.all(
        &format!("/security/incidents?$filter=lastUpdateDateTime ge {since}"),
        &[],
    );
    let expected = all
        .iter()
        .filter(|r| {
            r["lastUpdateDateTime"]
                .as_str()
                .unwrap()
                .parse::<jiff::Timestamp>()
                .unwrap()
                >= at
        })
        .count();
    assert_eq!(late.len(), expected);
    let (users, _) = b.all("/users?$select=id,displayName,accountEnabled", &[]);
    let (gone, _) = b.all("/users?$filter=accountEnabled eq false&$select=id", &[]);
    assert_eq!(
        gone.len(),
        users
            .iter()
            .filter(|u| u["accountEnabled"] == false)
            .count()
    );
    let name = users[3]["displayName"]
        .as_str()
        .unwrap()
        .replace('\'', "''");
    let prefix: String = name.chars().take(3).collect();
    let (found, _) = b.all(
        &format!("/users?$filter=startswith(displayName,'{prefix}')&$select=id,displayName"),
        &[],
    );
    assert!(found.iter().all(|u| {
        u["displayName"]
            .as_str()
            .unwrap()
            .to_lowercase()
            .starts_with(&prefix.to_lowercase())
    }));
    assert!(found.iter().any(|u| u["id"] == users[3]["id"]));
}

#[test]
fn projections_are_the_documented_ones() {
    let b = Bench::new();
    let row = &b.get("/users?$top=1").rows()[0];
    let keys: HashSet<&str> = row
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert!(
        keys.contains("displayName") && !keys.contains("accountEnabled"),
        "{keys:?}"
    );
    let row = &b
        .get("/security/incidents?$top=1&$select=id,severity")
        .rows()[0];
    let keys: HashSet<&str> = row
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .filter(|k| !k.contains('@'))
        .collect();
    assert_eq!(keys, HashSet::from(["id", "severity"]));
}

#[test]
fn one_incident_carries_its_alerts_when_asked() {
    let b = Bench::new();
    let (alerts, _) = b.all("/security/alerts_v2?$select=id,incidentId", &[]);
    let id = alerts[0]["incidentId"].as_str().unwrap();
    let expected: HashSet<&str> = alerts
        .iter()
        .filter(|a| a["incidentId"] == id)
        .map(|a| a["id"].as_str().unwrap())
        .collect();
    let incident = b
        .get(&format!("/security/incidents/{id}?$expand=alerts"))
        .json();
    let inside: HashSet<&str> = incident["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| a["id"].as_str().unwrap())
        .collect();
    assert_eq!(inside, expected);
    let (listed, _) = b.all(&format!("/security/incidents/{id}/alerts"), &[]);
    assert_eq!(listed.len(), expected.len());
    assert!(b.get(&format!("/security/incidents/{id}")).json()["alerts"].is_null());
}

#[test]
fn a_user_is_found_by_id_and_by_name_and_has_what_hangs_on_it() {
    let b = Bench::new();
    let by_name = b
        .get("/users/ana@contoso.com?$select=id,userPrincipalName")
        .json();
    let id = by_name["id"].as_str().unwrap();
    assert_eq!(
        b.get(&format!("/users/{id}")).json()["userPrincipalName"],
        "ana@contoso.com"
    );
    assert_eq!(b.get(&format!("/users('{id}')")).status, 200);
    assert_eq!(
        b.get(&format!("/USERS/{id}")).status,
        200,
        "paths match in any case"
    );
    for part in [
        "memberOf",
        "transitiveMemberOf",
        "ownedDevices",
        "registeredDevices",
        "oauth2PermissionGrants",
        "appRoleAssignments",
        "authentication/methods",
        "directReports",
    ] {
        let reply = b.get(&format!("/users/{id}/{part}"));
        assert_eq!(reply.status, 200, "{part}: {}", reply.text());
        reply.rows();
    }
    let (users, _) = b.all("/users?$select=id", &[]);
    let managers: Vec<u16> = users
        .iter()
        .take(40)
        .map(|u| {
            b.get(&format!("/users/{}/manager", u["id"].as_str().unwrap()))
                .status
        })
        .collect();
    assert!(
        managers.contains(&200) && managers.contains(&404),
        "some have a manager, some have none: {managers:?}"
    );
}

#[test]
fn batches_answer_each_request_in_another_order() {
    let b = Bench::new();
    let body = serde_json::json!({"requests": [
        {"id": "1", "method": "GET", "url": "/users/ana@contoso.com"},
        {"id": "2", "method": "GET", "url": "/users/nobody@contoso.com"},
        {"id": "3", "method": "GET", "url": "users?$top=1&$count=true", "headers": {"ConsistencyLevel": "eventual"}},
        {"id": "4", "method": "GET", "url": "/organization", "dependsOn": ["2"]},
    ]});
    let reply = b.send("POST", "/$batch", &[], Some(body));
    let responses = reply.json()["responses"].as_array().unwrap().clone();
    let status = |id: &str| {
        responses.iter().find(|r| r["id"] == id).unwrap()["status"]
            .as_i64()
            .unwrap()
    };
    assert_eq!(
        [status("1"), status("2"), status("3"), status("4")],
        [200, 404, 200, 424]
    );
    assert_ne!(
        responses
            .iter()
            .map(|r| r["id"].as_str().unwrap())
            .collect::<Vec<_>>(),
        ["1", "2", "3", "4"]
    );
    let many: Vec<Value> = (0..21)
        .map(|i| serde_json::json!({"id": i.to_string(), "method": "GET", "url": "/me"}))
        .collect();
    assert_eq!(
        b.send(
            "POST",
            "/$batch",
            &[],
            Some(serde_json::json!({"requests": many}))
        )
        .status,
        400
    );
}

#[test]
fn delta_gives_everyone_once_and_then_nothing() {
    let b = Bench::new();
    let mut link = "/users/delta?$select=displayName".to_owned();
    let mut seen = Vec::new();
    let last = loop {
        let page = b.get(&link).json();
        seen.extend(page["value"].as_array().unwrap().clone());
        match page["@odata.nextLink"].as_str() {
            Some(next) => link = next.to_owned(),
            None => break page["@odata.deltaLink"].as_str().unwrap().to_owned(),
        }
    };
    assert_eq!((seen.len(), distinct(&seen)), (260, 260));
    let quiet = b.get(&last);
    assert!(quiet.rows().is_empty() && quiet.json()["@odata.deltaLink"].is_string());
}
