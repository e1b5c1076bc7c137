//! Defender for Cloud Apps: alerts that other services show too, activities, discovery, refusals.

use std::collections::HashSet;

use serde_json::{Value, json};
use sim::Flags;
use sim::flags::Switch;

use crate::http::{Bench, Reply, flags, send, token};

const SCOPE: &str = "05a65629-4c1b-48c1-a78b-804c4abdd4af/.default";

struct Apps {
    b: Bench,
    token: String,
}

impl Apps {
    fn with(flags: Flags) -> Apps {
        let b = Bench::with(flags);
        let token = token(&b.sim, SCOPE);
        Apps { b, token }
    }

    fn ask(&self, method: &str, path: &str, body: &str) -> Reply {
        let host = self.b.sim.info.cloudapps.as_deref().expect("played");
        let bearer = format!("Bearer {}", self.token);
        let head = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
        ];
        send(method, &format!("{host}{path}"), &head, body.as_bytes()).expect("an answer")
    }

    fn get(&self, path: &str) -> Reply {
        self.ask("GET", path, "")
    }

    fn post(&self, path: &str, body: &Value) -> Reply {
        self.ask("POST", path, &body.to_string())
    }

    /// All rows, a hundred at a time.
    fn all(&self, path: &str, filters: &Value) -> Vec<Value> {
        let mut rows = Vec::new();
        loop {
            let reply = self.post(
                path,
                &json!({"filters": filters, "skip": rows.len(), "limit": 100}),
            );
            assert_eq!(reply.status, 200, "{}", reply.text());
            let body = reply.json();
            let page = body["data"].as_array().unwrap();
            assert!(page.len() <= 100);
            rows.extend(page.clone());
            if body["hasNext"] == false {
                return rows;
            }
        }
    }
}

fn plain() -> Apps {
    Apps::with(flags())
}

#[test]
fn alerts_are_those_of_defender_xdr() {
    let a = plain();
    let rows = a.all("/api/v1/alerts/", &json!({}));
    let (graph, _) = a.b.all(
        "/security/alerts_v2?$filter=serviceSource eq 'microsoftDefenderForCloudApps'",
        &[],
    );
    let theirs: HashSet<&str> = graph.iter().map(|g| g["id"].as_str().unwrap()).collect();
    let ours: HashSet<&str> = rows
        .iter()
        .map(|r| r["providerAlertId"].as_str().unwrap())
        .collect();
    assert!(!rows.is_empty());
    assert_eq!(ours, theirs);
    for row in &rows {
        assert_eq!(row["_id"].as_str().unwrap().len(), 24);
        let same = graph
            .iter()
            .find(|g| g["id"] == row["providerAlertId"])
            .unwrap();
        assert_eq!(row["title"], same["title"]);
        let severity = ["low", "medium", "high", "informational"]
            [row["severityValue"].as_u64().unwrap() as usize];
        assert_eq!(same["severity"], severity);
        let at: jiff::Timestamp = same["createdDateTime"].as_str().unwrap().parse().unwrap();
        assert_eq!(row["timestamp"], at.as_millisecond());
    }
    let high = a.all("/api/v1/alerts/", &json!({"severity": {"eq": [2]}}));
    assert_eq!(
        high.len(),
        rows.iter().filter(|r| r["severityValue"] == 2).count()
    );
    let open = a.all("/api/v1/alerts/", &json!({"alertOpen": {"eq": true}}));
    assert_eq!(
        open.len(),
        rows.iter()
            .filter(|r| r["resolutionStatusValue"] == 0)
            .count()
    );
    let edge = rows[rows.len() / 2]["timestamp"].clone();
    let newer = a.all("/api/v1/alerts/", &json!({"date": {"gte": edge}}));
    assert!(
        !newer.is_empty()
            && newer
                .iter()
                .all(|r| r["timestamp"].as_i64() >= edge.as_i64())
    );
    let by_query = a.get("/api/v1/alerts/?limit=2&sortField=date&sortDirection=asc&filters=%7B%22severity%22%3A%7B%22eq%22%3A%5B0%2C1%2C2%2C3%5D%7D%7D").json();
    let page = by_query["data"].as_array().unwrap();
    assert!(page.len() == 2 && page[0]["timestamp"].as_i64() <= page[1]["timestamp"].as_i64());
    let id = rows[0]["_id"].as_str().unwrap();
    assert_eq!(a.get(&format!("/api/v1/alerts/{id}/")).json(), rows[0]);
    assert_eq!(
        a.get(&format!("/api/v1/alerts/{id}")).status,
        404,
        "the final slash counts"
    );
}

#[test]
fn closing_here_closes_there() {
    let a = plain();
    let open = a.all("/api/v1/alerts/", &json!({"alertOpen": {"eq": true}}));
    let (id, other) = (
        open[0]["_id"].as_str().unwrap(),
        open[0]["providerAlertId"].as_str().unwrap(),
    );
    let body = json!({"filters": {"id": {"eq": [id, "nobody"]}}, "comment": "x", "reasonId": 4});
    let wrong = a.post(
        "/api/v1/alerts/close_benign/",
        &json!({"filters": {"id": {"eq": [id]}}, "reasonId": 0}),
    );
    assert_eq!(wrong.status, 400);
    let closed = a.post("/api/v1/alerts/close_benign/", &body);
    assert_eq!(
        closed.json(),
        json!({"closed_benign": 1, "alertsNotFound": ["nobody"]})
    );
    let row = a.get(&format!("/api/v1/alerts/{id}/")).json();
    assert_eq!(
        (
            &row["resolutionStatusValue"],
            &row["statusValue"],
            &row["comment"]
        ),
        (&json!(4), &json!(2), &json!("x"))
    );
    let same = a.b.get(&format!("/security/alerts_v2/{other}")).json();
    assert_eq!(
        (&same["status"], &same["classification"]),
        (&json!("resolved"), &json!("informationalExpectedActivity"))
    );
    let next = open[1]["_id"].as_str().unwrap();
    let read = a.post(
        "/api/v1/alerts/read/",
        &json!({"filters": {"id": {"eq": [next]}}}),
    );
    assert_eq!(read.json()["read"], 1);
    assert_eq!(
        a.get(&format!("/api/v1/alerts/{next}/")).json()["statusValue"],
        1
    );
    let reader = Apps::with(Flags {
        permissions: "Investigation.Read".into(),
        ..flags()
    });
    assert_eq!(reader.get("/api/v1/alerts/").status, 200);
    assert_eq!(
        reader.post("/api/v1/alerts/close_benign/", &body).status,
        403
    );
}

#[test]
fn activities_are_those_that_hunting_tells() {
    let a = plain();
    let rows = a.all("/api/v1/activities/", &json!({"date": {"gte_ndays": [29]}}));
    assert!(rows.len() > 10);
    let query = "CloudAppEvents | where Timestamp > ago(29d) and AuditSource == 'Defender for Cloud Apps app connector' | distinct Id = tostring(RawEventData.Id), Timestamp, ActionType, AccountId";
    let hunted = a.b.send(
        "POST",
        "/security/runHuntingQuery",
        &[],
        Some(json!({"Query": query})),
    );
    let hunted = hunted.json()["results"].as_array().unwrap().clone();
    let ids: HashSet<&str> = rows
        .iter()
        .map(|r| r["rawDataJson"]["Id"].as_str().unwrap())
        .collect();
    let missing: Vec<&Value> = hunted
        .iter()
        .filter(|h| !ids.contains(h["Id"].as_str().unwrap()))
        .collect();
    assert!(missing.is_empty(), "{missing:#?}");
    let told: HashSet<&str> = hunted.iter().map(|h| h["Id"].as_str().unwrap()).collect();
    assert_eq!(told, ids);
    for row in &rows {
        assert_eq!(
            row["rawDataJson"]["UserId"]
                .as_str()
                .unwrap()
                .to_lowercase(),
            row["user"]["userName"].as_str().unwrap().to_lowercase()
        );
    }
    let who = rows[0]["user"]["userName"].as_str().unwrap();
    let of_user = a.all(
        "/api/v1/activities/",
        &json!({"user.username": {"eq": [who]}, "date": {"gte_ndays": [29]}}),
    );
    assert_eq!(
        of_user.len(),
        rows.iter().filter(|r| r["user"]["userName"] == who).count()
    );
    let id = rows[0]["_id"].as_str().unwrap();
    assert_eq!(a.get(&format!("/api/v1/activities/{id}/")).json(), rows[0]);
}

#[test]
fn unsanctioned_domains_are_the_indicators() {
    let a = plain();
    let script = a.get("/api/discovery_block_scripts/?format=120&type=banned");
    assert!(
        script
            .header("content-type")
            .unwrap()
            .starts_with("text/plain")
    );
    let text = script.text();
    let blocked: HashSet<&str> = text.lines().filter_map(|l| l.strip_prefix('.')).collect();
    let rows = a.b.mde("/indicators").rows();
    let pushed: HashSet<&str> = rows
        .iter()
        .filter(|r| r["title"] == "Unsanctioned cloud app access was blocked")
        .map(|r| r["indicatorValue"].as_str().unwrap())
        .collect();
    assert_eq!(blocked, pushed);
    assert_eq!(
        a.get("/api/discovery_block_scripts/?format=99&type=banned")
            .status,
        400
    );
    assert_eq!(
        a.get("/api/discovery_block_scripts/?format=120").status,
        400
    );
    assert_eq!(a.get("/api/discovery/streams/").json()["total"], 1);
    assert_eq!(a.get("/api/v1/subnet/").json()["total"], 4);
}

#[test]
fn refusals_of_cloud_apps() {
    let a = plain();
    let host = a.b.sim.info.cloudapps.clone().unwrap();
    let bare =
        |head: &[(&str, &str)]| send("GET", &format!("{host}/api/v1/alerts/"), head, b"").unwrap();
    assert_eq!((bare(&[]).status, bare(&[]).body.len()), (401, 0));
    assert_eq!(bare(&[("Authorization", "Token abc")]).status, 401);
    let wrong = format!("Bearer {}", a.b.graph);
    assert_eq!(bare(&[("Authorization", &wrong)]).status, 401);
    for bad in [
        json!({"filters": {"colour": {"eq": ["red"]}}}),
        json!({"filters": {"severity": {"almost": [1]}}}),
        json!({"filters": []}),
        json!({"limit": "many"}),
        json!({"sortField": "title"}),
    ] {
        assert_eq!(a.post("/api/v1/alerts/", &bad).status, 400, "{bad}");
    }
    assert_eq!(
        a.post("/api/v1/alerts/", &json!({"limit": 500})).status,
        200,
        "no more than a hundred come"
    );
    assert_eq!(a.get("/api/v1/policies/").status, 404);
    let none = Apps::with(Flags {
        permissions: "Discovery.Read".into(),
        ..flags()
    });
    let refused = none.get("/api/v1/alerts/");
    assert_eq!(refused.status, 403);
    assert!(refused.text().contains("Investigation.Read"));
    let busy = Apps::with(Flags {
        throttle: Switch::On,
        ..flags()
    });
    let answers: Vec<u16> = (0..31)
        .map(|_| busy.get("/api/v1/subnet/").status)
        .collect();
    assert_eq!((answers[29], answers[30]), (200, 429));
    let unlicensed = Apps::with(Flags {
        scenario: Some("licences-missing".into()),
        ..flags()
    });
    assert_eq!(unlicensed.get("/api/v1/alerts/").status, 403);
}
