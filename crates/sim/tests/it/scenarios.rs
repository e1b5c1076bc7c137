//! Each shipped scenario does what it says, and no more.

use std::collections::HashSet;
use std::io::Read;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use sim::Flags;

use crate::http::{Bench, Reply, claims, flags, form, send, token, token_path};

fn playing(name: &str) -> Bench {
    with(name, flags())
}

fn with(name: &str, flags: Flags) -> Bench {
    Bench::with(Flags {
        scenario: (!name.is_empty()).then(|| name.to_owned()),
        ..flags
    })
}

/// A request that may be cut off.
fn raw(b: &Bench, method: &str, path: &str, body: &str) -> std::io::Result<Reply> {
    let bearer = format!("Bearer {}", b.graph);
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/json"),
    ];
    send(
        method,
        &format!("{}{path}", b.sim.info.graph),
        &headers,
        body.as_bytes(),
    )
}

fn renewed(b: Bench) -> Bench {
    Bench {
        graph: token(&b.sim, "https://graph.microsoft.com/.default"),
        ..b
    }
}

#[test]
fn expiring_tokens() {
    let b = playing("expiring-tokens");
    let c = claims(&b.graph);
    assert_eq!(c["exp"].as_i64().unwrap() - c["iat"].as_i64().unwrap(), 20);
    for n in 1..=10 {
        assert_eq!(
            b.get("/organization").status,
            if n == 10 { 401 } else { 200 },
            "{n}"
        );
    }
    b.sim.clock().advance(Duration::from_secs(20));
    assert_eq!(b.get("/organization").status, 401);
    assert_eq!(renewed(b).get("/organization").status, 200);
}

#[test]
fn throttled() {
    let b = playing("throttled");
    let seen: Vec<(u16, Option<String>)> = (0..6)
        .map(|_| {
            let reply = b.get("/security/incidents?$top=1");
            (reply.status, reply.header("retry-after").map(str::to_owned))
        })
        .collect();
    assert_eq!(seen[2], (429, Some("1.128".into())));
    assert_eq!(seen.iter().filter(|(s, _)| *s == 429).count(), 2);
    assert_eq!(
        b.send(
            "PATCH",
            "/security/incidents/1",
            &[],
            Some(json!({"status": "active"}))
        )
        .status,
        404,
        "writes pass"
    );
    let silent = playing("throttled-silently");
    for _ in 0..2 {
        assert_eq!(silent.get("/security/incidents?$top=1").status, 200);
    }
    let third = silent.get("/security/incidents?$top=1");
    assert_eq!((third.status, third.header("retry-after")), (429, None));
    assert_eq!(third.error().0, "TooManyRequests");
    assert_eq!(
        silent
            .send(
                "PATCH",
                "/security/incidents/1",
                &[],
                Some(json!({"status": "active"}))
            )
            .status,
        429
    );
}

#[test]
fn unavailable() {
    let b = playing("unavailable");
    let first = b.get("/organization");
    assert_eq!(
        (first.status, first.error()),
        (500, ("UnknownError".into(), String::new()))
    );
    let second = b.get("/organization");
    assert_eq!(
        (
            second.status,
            second.header("content-type"),
            second.header("retry-after")
        ),
        (503, Some("text/html"), Some("2.128"))
    );
    let third = b.get("/organization");
    assert_eq!((third.status, third.body.len()), (504, 0));
    assert_eq!(b.get("/organization").status, 200);
    assert_eq!(b.mde("/machines").status, 503);
    assert_eq!(b.mde("/machines").text(), "The service is unavailable.");
    assert_eq!(b.mde("/machines").status, 200);
}

#[test]
fn html_proxy() {
    let b = playing("html-proxy");
    let page = b.get("/organization");
    assert_eq!(
        (page.status, page.header("content-type")),
        (200, Some("text/html; charset=utf-8"))
    );
    assert!(page.text().contains("Authentication required"));
    assert_eq!(b.get("/organization").rows().len(), 1);
}

#[test]
fn slow_headers_and_slow_bodies() {
    let b = playing("");
    b.sim
        .set_scenario(
            "[[rule]]\nservice = \"graph\"\nfault = { kind = \"slow-headers\", ms = 150 }",
        )
        .unwrap();
    let from = Instant::now();
    assert_eq!(b.get("/organization").status, 200);
    assert!(from.elapsed() >= Duration::from_millis(150));
    b.sim
        .set_scenario("[[rule]]\nfault = { kind = \"slow-body\", ms = 40, pieces = 5 }")
        .unwrap();
    let from = Instant::now();
    assert_eq!(
        b.get("/security/incidents").rows().len(),
        50,
        "all of it comes"
    );
    assert!(from.elapsed() >= Duration::from_millis(160));
    b.sim.set_scenario("slow-headers").unwrap();
    b.sim.set_scenario("slow-body").unwrap();
    b.sim.set_scenario("").unwrap();
    assert_eq!(b.get("/organization").status, 200);
}

#[test]
fn cut_body() {
    let b = playing("cut-body");
    let first = raw(&b, "GET", "/security/incidents", "").unwrap();
    assert!(first.cut && first.status == 200 && !first.body.is_empty());
    let announced: usize = first.header("content-length").unwrap().parse().unwrap();
    assert!(
        first.body.len() < announced,
        "{} of {announced}",
        first.body.len()
    );
    assert_eq!(b.get("/security/incidents").rows().len(), 50);
}

#[test]
fn malformed_json() {
    let b = playing("malformed-json");
    let first = b.get("/security/incidents");
    assert!(!first.cut && first.status == 200);
    assert!(serde_json::from_slice::<Value>(&first.body).is_err());
    b.get("/security/incidents");
    assert_eq!(b.get("/security/incidents").rows().len(), 50);
}

#[test]
fn reordered_pages() {
    let b = playing("reordered-pages");
    let (rows, _) = b.all("/security/incidents", &[]);
    let ids: HashSet<&str> = rows.iter().map(|r| r["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), 230, "nothing is missing");
    assert!(rows.len() > 230, "and some stand twice");
    let numbers: Vec<&str> = rows
        .iter()
        .take(50)
        .map(|r| r["createdDateTime"].as_str().unwrap())
        .collect();
    assert!(numbers[0] < numbers[49], "backwards");
}

#[test]
fn empty_page() {
    let b = playing("empty-page");
    let (rows, pages) = b.all("/security/incidents", &[]);
    assert_eq!((rows.len(), pages), (230, 6));
}

#[test]
fn links_that_lead_away() {
    for (name, wrong) in [
        ("nextlink-scheme", "https://127.0.0.1:"),
        ("nextlink-host", "http://graph.evil.example:"),
        ("nextlink-userinfo", "http://token:x@127.0.0.1:"),
    ] {
        let b = playing(name);
        let link = b.get("/security/incidents").json()["@odata.nextLink"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(link.starts_with(wrong), "{name}: {link}");
    }
    let b = playing("nextlink-port");
    let link = url::Url::parse(
        b.get("/security/incidents").json()["@odata.nextLink"]
            .as_str()
            .unwrap(),
    )
    .unwrap();
    assert_ne!(
        link.port(),
        url::Url::parse(&b.sim.info.graph).unwrap().port()
    );
    let b = playing("nextlink-path");
    let link = url::Url::parse(
        b.get("/security/incidents").json()["@odata.nextLink"]
            .as_str()
            .unwrap(),
    )
    .unwrap();
    assert_eq!(link.path(), "/elsewhere/incidents");
    let b = playing("nextlink-same");
    let page = b.get("/security/incidents?$top=5");
    let link = page.json()["@odata.nextLink"].as_str().unwrap().to_owned();
    assert_eq!(
        b.get(&link).json()["@odata.nextLink"],
        json!(link),
        "for ever"
    );
}

#[test]
fn gzip_bomb() {
    let b = playing("gzip-bomb");
    let reply = b.get("/security/incidents");
    assert_eq!(reply.header("content-encoding"), Some("gzip"));
    assert!(reply.body.len() < 2_000_000, "{}", reply.body.len());
    let mut unpacked = 0_u64;
    let mut reader = flate2::read::GzDecoder::new(reply.body.as_slice()).take(20 << 20);
    let mut buffer = vec![0; 1 << 16];
    while let Ok(n @ 1..) = reader.read(&mut buffer) {
        unpacked += n as u64;
    }
    assert_eq!(unpacked, 20 << 20, "at least that much comes out");
}

#[test]
fn deep_nesting() {
    let b = playing("deep-nesting");
    let text = b.get("/security/incidents").text();
    assert!(text.contains(&"{\"a\":".repeat(10_000)));
    assert!(text.contains(&"}".repeat(10_000)));
}

#[test]
fn dotdot_id() {
    let b = playing("dotdot-id");
    assert_eq!(b.get("/security/incidents").rows()[0]["id"], "..");
    assert_eq!(b.get("/users").rows()[0]["id"], "..");
    assert_ne!(b.get("/security/incidents").rows()[1]["id"], "..");
    assert_eq!(b.mde("/machines").rows()[0]["id"], "..%2f..");
}

#[test]
fn token_redirect() {
    let b = playing("");
    b.sim.set_scenario("token-redirect").unwrap();
    let info = &b.sim.info;
    let fields = [
        ("grant_type", "client_credentials"),
        ("client_id", info.client_id.as_str()),
        ("client_secret", &info.client_secret),
        ("scope", "https://graph.microsoft.com/.default"),
    ];
    let reply = form(&b.sim, &token_path(&b.sim), &fields);
    assert_eq!(
        (reply.status, reply.header("location")),
        (307, Some("http://login.evil.example/collect"))
    );
}

#[test]
fn token_refused() {
    let b = playing("");
    b.sim.set_scenario("token-refused").unwrap();
    let reply = form(
        &b.sim,
        &token_path(&b.sim),
        &[("grant_type", "client_credentials")],
    );
    assert_eq!(
        (
            reply.json()["error_codes"][0].as_i64(),
            reply.json()["error"].as_str()
        ),
        (Some(53003), Some("access_denied"))
    );
}

#[test]
fn secrets_expire_and_second_factors_are_wanted() {
    let b = playing("");
    let ask = || {
        form(
            &b.sim,
            &token_path(&b.sim),
            &[("grant_type", "client_credentials")],
        )
    };
    b.sim.set_scenario("secret-expired").unwrap();
    let reply = ask();
    assert_eq!(
        (reply.status, reply.json()["error_codes"][0].as_i64()),
        (401, Some(7000222))
    );
    b.sim.set_scenario("mfa-required").unwrap();
    assert_eq!(
        ask().json()["error_codes"][0],
        900144,
        "the first one passes"
    );
    let reply = ask().json();
    assert_eq!(
        (reply["error"].as_str(), reply["suberror"].as_str()),
        (Some("interaction_required"), Some("basic_action"))
    );
}

#[test]
fn claims_challenge() {
    let b = playing("claims-challenge");
    let info = b.sim.info.clone();
    let ask = |claims: &str| {
        let fields = [
            ("grant_type", "client_credentials"),
            ("client_id", info.client_id.as_str()),
            ("client_secret", &info.client_secret),
            ("scope", "https://graph.microsoft.com/.default"),
            ("claims", claims),
        ];
        form(&b.sim, &token_path(&b.sim), &fields).json()["access_token"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let cp1 = r#"{"access_token":{"xms_cc":{"values":["cp1"]}}}"#;
    let able = ask(cp1);
    let get = |token: &str| {
        send(
            "GET",
            &format!("{}/organization", info.graph),
            &[("Authorization", &format!("Bearer {token}"))],
            b"",
        )
        .unwrap()
    };
    for _ in 0..3 {
        assert_eq!(get(&able).status, 200);
    }
    let challenged = get(&able);
    assert_eq!(challenged.status, 401);
    let header = challenged.header("www-authenticate").unwrap();
    assert!(header.contains("error=\"insufficient_claims\""), "{header}");
    let claims = header
        .split("claims=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    use base64::Engine;
    let mut wanted: Value = serde_json::from_slice(
        &base64::engine::general_purpose::STANDARD
            .decode(claims)
            .unwrap(),
    )
    .unwrap();
    wanted["access_token"]["xms_cc"] = json!({"values": ["cp1"]});
    assert_eq!(
        get(&ask(cp1)).status,
        401,
        "a new token without the claims does not help"
    );
    assert_eq!(get(&ask(&wanted.to_string())).status, 200);
    let plain = get(&b.graph);
    assert_eq!(plain.status, 401);
    assert!(
        !plain
            .header("www-authenticate")
            .unwrap()
            .contains("claims="),
        "no challenge for those who did not offer cp1"
    );
}

#[test]
fn permission_removed() {
    let b = playing("permission-removed");
    let statuses: Vec<u16> = (1..=10).map(|_| b.get("/users?$top=1").status).collect();
    assert_eq!(statuses, [200; 10]);
    assert_eq!(b.get("/users?$top=1").status, 403);
    for _ in 12..=20 {
        assert_eq!(b.get("/security/alerts_v2?$top=1").status, 200);
    }
    assert_eq!(b.get("/security/alerts_v2?$top=1").status, 403);
    assert_eq!(
        b.get("/security/incidents?$top=1").status,
        200,
        "the rest stays"
    );
}

#[test]
fn clock_skew() {
    let b = playing("clock-skew");
    assert_eq!(
        b.get("/organization").header("date"),
        Some("Thu, 20 Aug 2026 13:00:00 GMT")
    );
    let c = claims(&b.graph);
    assert_eq!(
        c["iat"].as_i64(),
        Some(
            "2026-08-20T13:00:00Z"
                .parse::<jiff::Timestamp>()
                .unwrap()
                .as_second()
        )
    );
}

#[test]
fn resets_before_and_after() {
    for (name, executed) in [("reset-before", false), ("reset-after", true)] {
        let b = with("", flags());
        let id = b
            .get("/security/incidents?$top=1&$filter=status eq 'active'")
            .rows()[0]["id"]
            .as_str()
            .unwrap()
            .to_owned();
        b.sim.set_scenario(name).unwrap();
        let path = format!("/security/incidents/{id}");
        let body = json!({"customTags": ["was here"]}).to_string();
        assert!(raw(&b, "PATCH", &path, &body).is_err(), "{name}: no answer");
        let last = b.sim.journal().pop().unwrap();
        assert_eq!((last.status, last.executed), (0, executed), "{name}");
        let tagged = b.get(&path).json()["customTags"] == json!(["was here"]);
        assert_eq!(tagged, executed, "{name}");
        assert_eq!(
            raw(&b, "PATCH", &path, &body).unwrap().status,
            200,
            "only once"
        );
    }
}

#[test]
fn lone_surrogate_and_bad_bytes() {
    let b = playing("lone-surrogate");
    let reply = b.get("/users?$top=2");
    assert!(reply.text().contains("\\ud83d end"));
    assert!(serde_json::from_slice::<Value>(&reply.body).is_err());
    let machines = b.mde("/machines?$top=2");
    assert!(std::str::from_utf8(&machines.body).is_err());
}

#[test]
fn future() {
    let b = playing("future");
    let row = &b.get("/security/incidents").rows()[0];
    assert_eq!(
        (row["severity"].as_str(), row["quantumScore"].as_i64()),
        (Some("catastrophic"), Some(7))
    );
    assert!(row["customTags"].is_null());
    let alert = &b.get("/security/alerts_v2").rows()[0];
    assert_eq!(
        alert["evidence"][0]["@odata.type"],
        "#microsoft.graph.security.satelliteEvidence"
    );
    assert_eq!(b.mde("/machines").rows()[0]["healthStatus"], "Hibernating");
}

#[test]
fn flaky_is_flaky_but_mostly_well() {
    let b = playing("flaky");
    let mut good = 0;
    for _ in 0..300 {
        good += usize::from(
            raw(&b, "GET", "/organization", "").is_ok_and(|r| r.status == 200 && !r.cut),
        );
    }
    assert!((240..300).contains(&good), "{good} of 300");
}

#[test]
fn a_scenario_that_is_not_known_stops_the_start() {
    let refused = sim::start(Flags {
        scenario: Some("no-such-scenario".into()),
        ..flags()
    });
    assert!(matches!(refused, Err(sim::StartError::Scenario(_))));
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("own.toml");
    std::fs::write(
        &file,
        "[[rule]]\nfault = { kind = \"status\", status = 418, body = \"empty\" }",
    )
    .unwrap();
    let b = playing("");
    b.sim.set_scenario(file.to_str().unwrap()).unwrap();
    assert_eq!(b.get("/organization").status, 418);
}

#[test]
fn arrivals_come_first_and_are_counted() {
    let b = Bench::new();
    let before = b.get("/security/incidents?$count=true").json()["@odata.count"]
        .as_u64()
        .unwrap();
    b.sim.clock().advance(Duration::from_secs(30));
    b.sim.arrive_now(2);
    let page =
        b.get("/security/incidents?$count=true&$filter=lastUpdateDateTime ge 2026-08-20T12:00:30Z");
    assert_eq!(page.rows().len(), 2);
    assert_eq!(
        b.get("/security/incidents?$count=true").json()["@odata.count"].as_u64(),
        Some(before + 2)
    );
    let id = page.rows()[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(
        b.get("/security/incidents?$top=1").rows()[0]["id"],
        json!(id)
    );
    let alerts = b.get(&format!("/security/incidents/{id}/alerts")).rows();
    assert!(!alerts.is_empty());
    let alert = alerts[0]["id"].as_str().unwrap();
    assert_eq!(
        b.get(&format!("/security/alerts_v2/{alert}")).json()["incidentId"],
        json!(id)
    );
    assert_eq!(
        b.send(
            "PATCH",
            &format!("/security/alerts_v2/{alert}"),
            &[],
            Some(json!({"status": "inProgress"}))
        )
        .json()["status"],
        "inProgress"
    );

    let b = with(
        "",
        Flags {
            arrivals: 2.0,
            ..flags()
        },
    );
    let before = b.get("/security/incidents?$count=true").json()["@odata.count"]
        .as_u64()
        .unwrap();
    b.sim.clock().advance(Duration::from_secs(95));
    let renewed = b.get("/security/incidents?$count=true").json()["@odata.count"]
        .as_u64()
        .unwrap();
    assert_eq!(renewed, before + 3);
}
