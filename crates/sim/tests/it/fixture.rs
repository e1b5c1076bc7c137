//! The calls that the documents of the services demand (`tests/fixtures/actions.toml`, written apart from client and simulator), sent
//! byte for byte. Ids of the file stand for those of this tenant.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};
use sim::Flags;

use crate::accounts::member;
use crate::http::{Bench, flags, send, token};
use crate::machine_actions::{act, workstation};

#[derive(Deserialize)]
struct File {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    verb: String,
    request: Vec<Request>,
}

#[derive(Deserialize)]
struct Request {
    method: String,
    path: String,
    body: String,
    ok: Vec<u16>,
}

/// At a time when what the file lets expire has not expired, with tokens that outlive the test.
fn bench() -> Bench {
    let mut b = Bench::with(Flags {
        now: Some("2026-01-15T08:00:00Z".parse().unwrap()),
        ..flags()
    });
    b.sim.set_scenario("token-lifetime = 99999999").unwrap();
    b.graph = token(&b.sim, "https://graph.microsoft.com/.default");
    b.defender = token(&b.sim, "https://api.securitycenter.microsoft.com/.default");
    b
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}

/// What stands in the file, and what this tenant has instead.
fn names(b: &Bench, machine: bool, premises: bool) -> Vec<(&'static str, String)> {
    let open = b
        .get("/security/incidents?$filter=status eq 'active'&$top=3")
        .rows();
    let alert = b
        .get("/security/alerts_v2?$top=1&$filter=status eq 'new'")
        .rows();
    let user = member(b, premises);
    let row = &b.mde("/indicators").rows()[0];
    let mut all = vec![
        ("4711", text(&open[0]["id"])),
        ("4709", text(&open[1]["id"])),
        ("4702", text(&open[2]["id"])),
        ("da637_1", text(&alert[0]["id"])),
        (
            "/indicators/995",
            format!("/indicators/{}", text(&row["id"])),
        ),
        ("6e7b768e-07e2-4810-8459-485f84f8f204", user.clone()),
        ("{run}", "0123456789abcdef".to_owned()),
    ];
    if machine {
        let machine = workstation(b);
        let body = json!({"Comment": "x", "ScanType": "Full"});
        let scan = act(b, &machine, "runAntiVirusScan", body).json();
        all.push(("1e5bc9d7e413ddd7902c2932e418702b84d0cc07", machine));
        all.push(("2e9da30d-27f6-4208-81f2-9cd3d67893ba", text(&scan["id"])));
    }
    if premises {
        let sid = text(
            &b.get(&format!(
                "/users/{user}?$select=onPremisesSecurityIdentifier"
            ))
            .json()["onPremisesSecurityIdentifier"],
        );
        let path = format!(
            "/security/identities/identityAccounts?$filter=onPremisesSecurityIdentifier eq '{sid}'"
        );
        let identity = b.get(&path).rows().swap_remove(0);
        let accounts = identity["accounts"].as_array().unwrap();
        let account = accounts
            .iter()
            .find(|a| a["identityProvider"] == "activeDirectory")
            .unwrap();
        all.push(("0104216-0539-4838-88b1-55baafdc296b", text(&identity["id"])));
        all.push(("S-1-5-21-1-2-3-1104", text(&account["identifier"])));
    }
    all
}

#[test]
fn every_documented_call_is_answered_as_documented() {
    let file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/fixtures/actions.toml"
    );
    let file: File = toml::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    assert!(file.case.len() > 30);
    let b = bench();
    let info = &b.sim.info;
    let office = format!(
        "{}/api/v1.0/{}/activity/feed",
        info.office.as_ref().unwrap(),
        info.tenant_id
    );
    let feed = token(&b.sim, "https://manage.office.com/.default");
    for case in &file.case {
        let on = |what: &str| case.request.iter().any(|r| r.path.contains(what));
        let names = names(&b, on("/machine"), on("identityAccounts"));
        let here = |text: &str| {
            names
                .iter()
                .fold(text.to_owned(), |t, (from, to)| t.replace(from, to))
        };
        // what one case started is over before the next, but for the scan that is to be cancelled
        for request in &case.request {
            let (root, bearer, path) = match request.path.split_once(' ').unwrap() {
                ("graph", path) => (&b.sim.info.graph, &b.graph, path),
                ("office", path) => (&office, &feed, path),
                (_, path) => (&b.sim.info.defender, &b.defender, path),
            };
            let bearer = format!("Bearer {bearer}");
            let mut headers = vec![("Authorization", bearer.as_str())];
            if !request.body.is_empty() {
                headers.push(("Content-Type", "application/json"));
            }
            if request.path.ends_with("/runAntiVirusScan") {
                b.sim.clock().advance(Duration::from_secs(7200));
            }
            let url = format!("{root}{}", here(path));
            let reply = send(
                &request.method,
                &url,
                &headers,
                here(&request.body).as_bytes(),
            )
            .unwrap();
            assert!(
                request.ok.contains(&reply.status),
                "{}: {} {}: {} {}",
                case.verb,
                request.method,
                request.path,
                reply.status,
                reply.text()
            );
        }
        b.sim.clock().advance(Duration::from_secs(7200));
    }
}
