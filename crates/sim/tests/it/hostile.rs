//! Links that lead away stand where they should, in every place they can stand.

use serde_json::json;
use sim::Flags;
use sim::scenario::hostile::{HOSTILE, PLACES};

use crate::http::{Bench, flags, form, send, token_path};
use crate::machine_actions::{act, later, patient, workstation};

fn bench() -> Bench {
    Bench::with(Flags {
        foreign: true,
        ..flags()
    })
}

#[test]
fn every_link_stands_in_lists() {
    let b = bench();
    let own = format!("{}/", b.sim.info.graph);
    for (name, _) in HOSTILE {
        b.sim
            .set_scenario(&format!("hostile/next-link/{name}"))
            .unwrap();
        let page = b.get("/security/incidents").json();
        let link = page["@odata.nextLink"]
            .as_str()
            .unwrap_or_else(|| panic!("{name}"));
        let led = url::Url::parse(link).map_or_else(|_| link.to_owned(), Into::into);
        assert!(
            !led.starts_with(&own) || link.contains('@'),
            "{name}: {link}"
        );
        assert_eq!(
            page["value"].as_array().unwrap().len(),
            50,
            "the rows are as they were"
        );
        b.sim
            .set_scenario(&format!("hostile/delta-link/{name}"))
            .unwrap();
        assert!(
            b.get("/users/delta").json()["@odata.deltaLink"].is_string(),
            "{name}"
        );
        assert!(b.mde("/machines?$top=1").json()["@odata.deltaLink"].is_string());
    }
    b.sim
        .set_scenario("hostile/next-link/foreign-port")
        .unwrap();
    let link = b.get("/users?$top=5").json()["@odata.nextLink"]
        .as_str()
        .unwrap()
        .to_owned();
    let foreign = b.sim.info.foreign.clone().unwrap();
    assert!(
        link.starts_with(&foreign) && link.contains("$skiptoken="),
        "{link}"
    );
    b.sim.set_scenario("hostile/next-link/userinfo").unwrap();
    assert!(
        b.mde("/machines?$top=5").json()["@odata.nextLink"]
            .as_str()
            .unwrap()
            .starts_with("http://token:x@127.0.0.1:")
    );
}

#[test]
fn every_link_stands_in_redirects() {
    let b = bench();
    for place in PLACES.iter().filter(|p| p.starts_with("redirect")) {
        let status = place
            .strip_prefix("redirect-")
            .map_or(307, |s| s.parse().unwrap());
        for (name, _) in HOSTILE {
            b.sim
                .set_scenario(&format!("hostile/{place}/{name}"))
                .unwrap();
            let reply = b.get("/security/incidents");
            assert_eq!(reply.status, status, "{name}");
            assert!(reply.headers.iter().any(|(n, _)| n == "location"), "{name}");
        }
    }
    b.sim.set_scenario("hostile/sign-in/cloud-login").unwrap();
    let reply = form(
        &b.sim,
        &token_path(&b.sim),
        &[("grant_type", "client_credentials")],
    );
    assert_eq!(reply.status, 307);
    assert!(
        reply
            .header("location")
            .unwrap()
            .starts_with("https://login.microsoftonline.com/login/")
    );
    b.sim.set_scenario("hostile/location/foreign-host").unwrap();
    let reply = b.get("/organization");
    assert_eq!(reply.status, 200);
    assert!(
        reply
            .header("location")
            .unwrap()
            .starts_with("http://graph.evil.example/graph/")
    );
}

#[test]
fn the_link_to_a_package_can_lead_away_too() {
    let b = patient();
    let id = workstation(&b);
    let action = act(
        &b,
        &id,
        "collectInvestigationPackage",
        json!({"Comment": "x"}),
    )
    .json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    later(&b, 400);
    b.sim.set_scenario("hostile/package/file").unwrap();
    let path = format!("/machineactions/{action}/getPackageUri");
    assert_eq!(b.mde(&path).json()["value"], "\"file:///etc/passwd\"");
    b.sim
        .set_scenario("hostile/package/foreign-host-https")
        .unwrap();
    let link = b.mde(&path).json()["value"].as_str().unwrap().to_owned();
    assert!(
        link.starts_with("\"https://graph.evil.example/files/safedownload/") && link.ends_with('"'),
        "{link}"
    );
    let bearer = format!("Bearer {}", b.defender);
    let plain = b.sim.info.defender.replace("/mde/api", "/elsewhere");
    assert_eq!(
        send("GET", &plain, &[("Authorization", &bearer)], b"")
            .unwrap()
            .status,
        404
    );
    let row = b.sim.journal().pop().unwrap();
    assert_eq!(
        (row.service.is_none(), row.token.is_some()),
        (true, true),
        "also what is on the same port and nobody's"
    );
}
