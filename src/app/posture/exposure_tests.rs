//! Vulnerabilities, software and exposed devices, with rows made by hand (`tests.rs`).

use super::page;
use super::tests::{column, doc, exposed, filled_posture, rows, told};
use super::*;
use crate::app::fixture::*;
use crate::model::Service;
use crate::msg::{Body, Event};
use crate::resource::Answer;
use serde_json::json;
use std::sync::Arc;

fn vulnerability(id: &str) -> serde_json::Value {
    json!({"id": id, "severity": "High", "cvssV3": 8.8, "exposedMachines": 2, "publicExploit": true, "description": "Heap\noverflow."})
}

/// S0-28: a CVE, its devices, and the users of one of them: `g d`, `g u`.
#[test]
fn s0_28_from_a_cve_to_devices_to_their_users_in_four_keys() {
    let mut app = filled_posture(80, 24);
    let mut fx = Vec::new();
    page(&mut app, Kind::Exposed, &mut fx);
    let all = [
        exposed(1, 1, Some("CVE-2026-1")),
        exposed(1, 2, Some("CVE-2026-1")),
        exposed(1, 3, Some("CVE-2026-2")),
        exposed(2, 4, None),
    ];
    rows(&mut app, Kind::Exposed, &all);
    page(&mut app, Kind::Vulnerability, &mut fx);
    rows(
        &mut app,
        Kind::Vulnerability,
        &[vulnerability("CVE-2026-1")],
    );
    press(&mut app, "g d");
    assert_eq!(
        (app.pane().spec.kind, app.pane().shown.len()),
        (Kind::Exposed, 2)
    );
    let fx = press(&mut app, "g u");
    let device = app.subject().unwrap();
    assert_eq!(
        device,
        Key::new(Kind::Device, format!("{:040x}", 1)),
        "a row is about its device"
    );
    let asked = fx.iter().any(|e| matches!(e, Effect::Ask(t, Request::Part { calls, .. })
        if t.slot == Slot::Part(device.clone(), "go") && calls[0].path.as_str().ends_with("/logonusers")));
    assert!(asked, "its users are asked for");
}

/// S2-29: by software, and by its version.
#[test]
fn s2_29_devices_that_have_a_software_and_a_version() {
    let mut app = filled_posture(120, 40);
    let mut fx = Vec::new();
    page(&mut app, Kind::Exposed, &mut fx);
    let all = [
        exposed(1, 1, Some("CVE-2026-1")),
        exposed(2, 2, None),
        exposed(2, 3, Some("CVE-2026-2")),
    ];
    rows(&mut app, Kind::Exposed, &all);
    page(&mut app, Kind::Software, &mut fx);
    let row = json!({"id": "google-_-chrome", "name": "chrome", "vendor": "google", "weaknesses": 2, "exposedMachines": 2});
    rows(&mut app, Kind::Software, &[row]);
    press(&mut app, "g d");
    assert_eq!(app.pane().filter.text, "sw:chrome vendor:google");
    assert_eq!(
        app.pane().shown.len(),
        3,
        "also where nothing is known against it"
    );
    press(&mut app, "/ ' ver:131.2' Enter");
    assert_eq!(
        column(&app, "device"),
        ["wks-3.contoso.com", "wks-2.contoso.com"]
    );
    // marks of several rows of one device are one target
    app.toasts.seen();
    press(&mut app, "Esc *");
    assert_eq!(app.subjects().len(), 3);
    assert!(app.subjects().iter().all(|k| k.kind == Kind::Device));
}

#[test]
fn s2_28_end_of_support_is_joined_from_the_recommendations() {
    let mut app = filled_posture(120, 40);
    let mut fx = Vec::new();
    page(&mut app, Kind::Software, &mut fx);
    let of = |name: &str| json!({"id": format!("v-_-{name}"), "name": name, "vendor": "v"});
    rows(
        &mut app,
        Kind::Software,
        &[of("old"), of("new"), of("soon")],
    );
    let pane = app.pane();
    assert!(
        pane.rows
            .table()
            .is_pending(pane.spec.column("ended").unwrap()),
        "not known yet"
    );
    let advice = |name: &str, tag: &str| json!({"id": format!("va-_-v-_-{name}"), "productName": name, "vendor": "v", "tags": [tag]});
    rows(
        &mut app,
        Kind::Recommendation,
        &[advice("old", "EOSVersion"), advice("soon", "EOSUpcoming")],
    );
    press(&mut app, "/ 'ended:yes' Enter");
    assert_eq!(column(&app, "name"), ["old"]);
}

#[test]
fn a_missing_permission_is_named_where_its_list_would_be() {
    let mut app = app(80, 24);
    let mut grants = crate::model::Grants::default();
    grants.token(Service::Graph, Some(Vec::new()));
    grants.token(Service::Defender, Some(vec!["Software.Read.All".into()]));
    app.update(
        at(0),
        Event::News(crate::msg::News::Session(session(), grants)),
    );
    assert_eq!(able(&app), Ok(()), "one of its lists can be read");
    assert_eq!(
        app.pane().spec.kind,
        Kind::Software,
        "the one that can be read is in front"
    );
    let said = told(&app);
    assert!(said.contains("needs SecurityEvents.Read.All"), "{said}");
    press(&mut app, "7");
    let why = app.trouble().unwrap();
    assert!(why.contains("SecurityRecommendation.Read.All"), "{why}");
}

/// S2-15, S2-16, S2-17: the card has both levels, the worst and the count; Enter on the count lists them.
#[test]
fn s2_15_s2_16_s2_17_a_devices_card_has_levels_and_a_count_that_leads_to_the_list() {
    let mut app = filled_posture(80, 24);
    let mut fx = Vec::new();
    page(&mut app, Kind::Exposed, &mut fx);
    let all = [
        exposed(1, 1, Some("CVE-2026-1")),
        exposed(2, 1, Some("CVE-2026-2")),
        exposed(3, 1, None),
        exposed(1, 2, Some("CVE-2026-1")),
    ];
    rows(&mut app, Kind::Exposed, &all);
    let key = Key::new(Kind::Device, format!("{:040x}", 1));
    detail::open_in_tab(&mut app, key.clone(), &mut fx);
    let ticket = app.tickets.current(&Slot::Part(key.clone(), "")).unwrap();
    let entity = crate::msg::Entity {
        key: key.clone(),
        json: Arc::new(
            json!({"id": key.id.txt().exact(), "computerDnsName": "wks-1", "exposureLevel": "High", "riskScore": "Medium"}),
        ),
        as_of: at(0).wall,
        cached: false,
    };
    answer(&mut app, ticket, Body::Entity(entity));
    let weak = vec![vulnerability("CVE-2026-1"), vulnerability("CVE-2026-2")];
    let ticket = app.tickets.current(&Slot::Part(key, "device")).unwrap();
    let got = Answer::Got {
        body: Arc::new(json!({ "value": weak })),
        more: false,
    };
    answer(&mut app, ticket, Body::Part(vec![got]));
    let said = doc(&app);
    for words in [
        "exposure",
        "High",
        "risk",
        "Medium",
        "Worst vulnerability",
        "2",
        "CVSS 8.8",
        "overflow",
    ] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
    press(&mut app, "n Enter");
    assert_eq!(
        (app.pane().spec.kind, app.pane().shown.len()),
        (Kind::Exposed, 2)
    );
    press(&mut app, "[");
    assert_eq!(app.pane().spec.kind, Kind::Device, "and back");
}
