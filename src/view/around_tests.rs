//! What is around Defender XDR at two sizes: alerts and activities of Cloud Apps, unsanctioned apps, the neighbours.

use super::tests::screen;
use crate::app::App;
use crate::app::entities::fill;
use crate::app::fixture::{app, at, compute, press};
use crate::model::{Fault, FaultKind, Kind};
use crate::msg::{Body, Effect, Event, Reply, Slot};
use crate::resource::Answer;
use serde_json::{Value, json};
use std::sync::Arc;

const SIZES: [(u16, u16); 2] = [(80, 24), (120, 40)];

fn go(app: &mut App, words: &str) {
    let fx = press(app, &format!(": '{words}' Enter"));
    compute(app, fx);
}

fn alerts() -> Vec<Value> {
    let alert = |id: &str, title: &str, severity: i64, state: i64, who: &str, of: &str, ms: i64| {
        json!({"_id": id, "title": title, "severityValue": severity, "resolutionStatusValue": state, "statusValue": 0, "timestamp": ms,
            "description": "Failed and successful activities from two countries.", "threatScore": 50, "handledByUser": null,
            "entities": [{"type": "policyRule", "label": title}, {"type": "account", "label": "A person", "pa": who},
                {"type": "ip", "id": "203.0.113.9", "label": "203.0.113.9"}, {"type": "service", "id": 1, "label": of}]})
    };
    vec![
        alert(
            "5f0c01",
            "Impossible travel activity",
            1,
            0,
            "raj.patel@contoso.com",
            "Microsoft 365",
            1_785_585_000_000,
        ),
        alert(
            "5f0c02",
            "Mass download by a single user",
            2,
            5,
            "mei@contoso.com",
            "SharePoint Online",
            1_785_570_000_000,
        ),
        alert(
            "5f0c03",
            "Unusual \u{202e}gnp.exe addition",
            7,
            0,
            "ana@contoso.com",
            "Dropbox",
            1_785_400_000_000,
        ),
    ]
}

#[test]
fn s3_7_alerts_of_cloud_apps_and_one_of_them() {
    for (w, h) in SIZES {
        let mut app = app(w, h);
        go(&mut app, "cloud apps alerts");
        fill(&mut app, Kind::CloudAlert, &alerts(), true);
        insta::assert_snapshot!(format!("cloud_alerts_{w}x{h}"), screen(&app));
        let fx = press(&mut app, "Enter");
        for effect in fx {
            if let Effect::Ask(ticket, crate::msg::Request::Entity { key, .. }) = effect {
                let body = Body::Entity(crate::msg::Entity {
                    key,
                    json: Arc::new(alerts().remove(0)),
                    as_of: at(1).wall,
                    cached: false,
                });
                let reply = Reply {
                    ticket,
                    last: true,
                    body,
                };
                app.update(at(1), Event::Reply(reply));
            }
        }
        insta::assert_snapshot!(format!("cloud_alert_{w}x{h}"), screen(&app));
    }
}

#[test]
fn s3_6_a_pane_that_may_not_be_read_says_what_is_missing_and_where_else_it_is() {
    for (w, h) in SIZES {
        let mut app = app(w, h);
        go(&mut app, "cloud apps alerts");
        let mut fault = Fault::new(
            FaultKind::Forbidden,
            "the application lacks an API permission",
        )
        .next("ask an administrator to add it and grant consent, then refresh");
        fault.permissions = vec!["Investigation.Read".into()];
        let slot = Slot::Sync(Kind::CloudAlert);
        let ticket = app.tickets.current(&slot).unwrap();
        let reply = Reply {
            ticket,
            last: false,
            body: Body::Fault(fault),
        };
        app.update(at(1), Event::Reply(reply));
        let text = screen(&app);
        assert!(text.contains("Investigation.Read"), "{text}");
        insta::assert_snapshot!(format!("cloud_alerts_refused_{w}x{h}"), text);
    }
}

#[test]
fn s1_5_s1_8_unsanctioned_apps_with_what_each_blocks() {
    let row = |value: &str, of: &str, title: &str, action: &str| {
        json!({"id": "9", "indicatorValue": value, "indicatorType": "DomainName", "action": action, "title": title, "application": of,
            "createdByDisplayName": "Microsoft Defender for Cloud Apps", "creationTimeDateTimeUtc": "2026-07-30T10:00:00Z"})
    };
    let blocked = "Unsanctioned cloud app access was blocked";
    let watched = "Connection to a risky cloud application was detected";
    let rows = [
        row("megashare.example", "MegaShare", blocked, "Block"),
        row("mega-cdn.example", "MegaShare", blocked, "Block"),
        row("freevpn.example", "FreeVPN", blocked, "Block"),
        row("chatpal.example", "ChatPal AI", watched, "Warn"),
    ];
    for (w, h) in SIZES {
        let mut app = app(w, h);
        press(&mut app, "9");
        fill(&mut app, Kind::Indicator, &rows, true);
        let all = screen(&app);
        assert!(all.contains("unsanc") && all.contains("risky"), "{all}");
        go(&mut app, "unsanctioned apps");
        insta::assert_snapshot!(format!("unsanctioned_{w}x{h}"), screen(&app));
    }
}

#[test]
fn s1_4_s1_19_the_neighbours() {
    for (w, h) in SIZES {
        let mut app = app(w, h);
        let fx = press(&mut app, ": 'neighbours' Enter");
        let ticket = fx.into_iter().find_map(|e| match e {
            Effect::Ask(ticket, crate::msg::Request::Pick { .. }) => Some(ticket),
            _ => None,
        });
        let got = |rows: Value| Answer::Got {
            body: Arc::new(json!({"results": rows})),
            more: false,
        };
        let rows = json!([{"Place": 0, "Rows": 20_411, "Last": "2026-08-01T12:03:00Z"}, {"Place": 1, "Rows": 1, "Last": "2026-08-01T02:03:00Z"}]);
        let old = json!([{"Devices": 120, "Old": 2, "Names": ["old-1", "old-2"]}]);
        let reply = Reply {
            ticket: ticket.unwrap(),
            last: true,
            body: Body::Part(vec![got(rows), got(old)]),
        };
        app.update(at(2), Event::Reply(reply));
        insta::assert_snapshot!(format!("neighbours_{w}x{h}"), screen(&app));
        press(&mut app, "Enter");
        insta::assert_snapshot!(format!("neighbour_{w}x{h}"), screen(&app));
    }
}
