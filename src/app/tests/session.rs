//! Who is signed in, what that may read, what is filled.

use super::*;
use crate::app::fixture::*;
use crate::model::{Grants, Kind, Service};
use crate::msg::{Event, News, Origin};

fn only(service: Service, permissions: &[&str]) -> Grants {
    let mut grants = Grants::default();
    for s in Service::ALL {
        let has = if *s == service {
            permissions.iter().map(|p| (*p).to_owned()).collect()
        } else {
            Vec::new()
        };
        grants.token(*s, Some(has));
    }
    grants
}

#[test]
fn the_console_opens_on_a_tab_that_works_and_names_what_is_missing_s4_19() {
    for (name, grants, tab) in [
        (
            "S0",
            only(Service::Graph, &["User.Read.All", "SecurityAlert.Read.All"]),
            Some(Kind::Alert),
        ),
        (
            "S2",
            only(Service::Defender, &["Machine.Read.All", "Alert.Read.All"]),
            Some(Kind::Device),
        ),
        (
            "S3",
            only(Service::Graph, &["CloudApp-Discovery.Read.All"]),
            None,
        ),
        (
            "S4",
            only(
                Service::Graph,
                &[
                    "SecurityIncident.Read.All",
                    "SecurityAlert.Read.All",
                    "ThreatHunting.Read.All",
                ],
            ),
            Some(Kind::Incident),
        ),
    ] {
        let mut app = App::new(at(0), (80, 24));
        app.start();
        let fx = app.update(at(0), Event::News(News::Session(session(), grants)));
        match tab {
            Some(kind) => {
                assert_eq!(app.pane().spec.kind, kind, "{name}");
                assert!(app.tickets.is_open(&Slot::Sync(kind)), "{name}");
            }
            None => assert!(
                app.trouble().unwrap().contains("SecurityIncident.Read.All"),
                "{name}"
            ),
        }
        for (n, pane) in app.panes.iter().enumerate() {
            let slot = Slot::Sync(pane.spec.kind);
            assert!(
                app.usable(n).is_ok() || !app.tickets.is_open(&slot),
                "{name}: a call that must fail is made for {}",
                pane.spec.title
            );
            assert!(app.usable(n).is_ok() || !asked(&fx, &slot));
        }
    }
}

#[test]
fn a_tab_without_permission_says_which_when_it_is_pressed() {
    let mut app = App::new(at(0), (80, 24));
    app.start();
    app.update(
        at(0),
        Event::News(News::Session(
            session(),
            only(Service::Graph, &["SecurityIncident.Read.All"]),
        )),
    );
    press(&mut app, "3");
    assert_eq!(app.pane().spec.kind, Kind::Incident);
    assert!(log(&app).contains("Machine.Read.All"), "{}", log(&app));
    // a new consent needs no restart (S4-20)
    let mut grants = only(Service::Defender, &["Machine.ReadWrite.All"]);
    grants.token(
        Service::Graph,
        Some(vec!["SecurityIncident.Read.All".into()]),
    );
    // what was wanted and is awaited since is read at once
    let fx = app.update(at(60), Event::News(News::Session(session(), grants)));
    assert!(asked(&fx, &Slot::Sync(Kind::Device)));
    press(&mut app, "3");
    assert_eq!(app.pane().spec.kind, Kind::Device);
}

#[test]
fn alerts_fill_in_the_background_once_incidents_came() {
    let mut app = app(80, 24);
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Cache, 30, 30),
    );
    assert!(
        !asked(&fx, &Slot::Sync(Kind::Alert)),
        "not for rows of the last run"
    );
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Fill, 30, 30),
    );
    assert!(asked(&fx, &Slot::Sync(Kind::Alert)));
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Poll, 30, 30),
    );
    assert!(!asked(&fx, &Slot::Sync(Kind::Alert)), "once");
}

#[test]
fn the_title_is_sent_when_it_changes_and_tells_no_tenant_text() {
    let mut app = app(80, 24);
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Fill, 30, 30),
    );
    assert!(
        fx.iter()
            .any(|e| matches!(e, Effect::Title(t) if t == "contoso-prod · 2 high")),
        "{fx:?}"
    );
    assert!(
        !press(&mut app, "j j")
            .iter()
            .any(|e| matches!(e, Effect::Title(_)))
    );
}
