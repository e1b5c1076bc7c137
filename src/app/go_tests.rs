//! From any entity to any other in at most three keys, and what happens where nothing is known.

use super::*;
use crate::app::entities::*;
use crate::app::fixture::{self, at, key};

fn shown(app: &App) -> Option<Key> {
    match app.spot() {
        Spot::Detail { key, .. } => Some(key),
        Spot::List { .. } => None,
    }
}

/// The tab and row of a kind's first entity, opened.
fn at_one(kind: Kind) -> (App, Service) {
    let mut app = full(80, 24);
    let mut service = Service::all();
    let tab = match kind {
        Kind::Incident => "1",
        Kind::Alert => "2",
        Kind::Device => "3",
        Kind::User => "4",
        _ => panic!("no story"),
    };
    service.press(&mut app, tab);
    // the one with a story
    let id = match kind {
        Kind::Incident => "4711",
        Kind::Alert => ALERT,
        Kind::Device => DEVICE,
        Kind::User => USER,
        _ => panic!("no story"),
    };
    let row = app.pane().rows.find(id).unwrap();
    let place = app.pane().shown.position_of(row).unwrap();
    app.pane_mut().move_to(place, 10);
    (app, service)
}

#[test]
fn from_any_entity_to_any_other_in_at_most_three_keys() {
    let kinds = [Kind::Incident, Kind::Alert, Kind::Device, Kind::User];
    for from in kinds {
        for to in kinds.into_iter().filter(|to| *to != from) {
            let keys = match to {
                Kind::Incident => ["g", "i", "Enter"],
                Kind::Alert => ["g", "a", "Enter"],
                Kind::Device => ["g", "d", "Enter"],
                Kind::User => ["g", "u", "Enter"],
                _ => panic!("no story"),
            };
            for open in [false, true] {
                let (mut app, mut service) = at_one(from);
                if open {
                    service.press(&mut app, "Enter");
                }
                let mut used = 0;
                for k in keys {
                    if shown(&app).is_some_and(|k| k.kind == to) {
                        break;
                    }
                    service.press(&mut app, k);
                    used += 1;
                }
                let there = shown(&app);
                assert_eq!(
                    there.map(|k| k.kind),
                    Some(to),
                    "{from:?} to {to:?}, opened: {open}"
                );
                assert!(used <= 3);
                // and back
                service.press(&mut app, "[");
                assert_eq!(app.pane().spec.kind, from);
            }
        }
    }
}

#[test]
fn the_detail_of_what_is_gone_to_is_the_very_one() {
    let (mut app, mut service) = at_one(Kind::Alert);
    service.press(&mut app, "g d");
    assert_eq!(
        shown(&app),
        Some(Key::new(Kind::Device, DEVICE)),
        "not its namesake"
    );
    let (mut app, mut service) = at_one(Kind::Device);
    service.press(&mut app, "g u");
    assert_eq!(shown(&app), Some(Key::new(Kind::User, USER)));
}

#[test]
fn s0_28_from_an_alert_to_its_devices_and_from_those_to_their_users_in_four_keys() {
    let (mut app, mut service) = at_one(Kind::Alert);
    service.press(&mut app, "g d g u");
    assert_eq!(shown(&app), Some(Key::new(Kind::User, USER)));
}

#[test]
fn an_account_name_alone_makes_nobody_the_same_and_a_cloud_security_id_does() {
    let (app, _) = at_one(Kind::Device);
    let user = |sid: Option<&str>, name: &str| EntityRef::User {
        id: None,
        upn: None,
        sid: sid.map(table::Text::from),
        name: Some(table::Text::from(name)),
    };
    let cloud = user(
        Some("S-1-12-1-1943430372-1249052806-2496021943-3034400218"),
        "rosa",
    );
    assert_eq!(
        resolve(&app, &cloud),
        Found::Key(Key::new(Kind::User, "73d664e4-0886-4a73-b745-c694da45ddb4"))
    );
    let of_the_device = user(None, "administrator");
    assert!(matches!(resolve(&app, &of_the_device), Found::NotHere(_)));
    assert_eq!(item(&app, &of_the_device).note, "not in the list");
    // and of a list that was never read nothing is claimed
    let unread = App::new(fixture::at(0), (80, 24));
    assert_eq!(
        item(&unread, &of_the_device).note,
        "the list of users is not read yet"
    );
}

#[test]
fn one_is_opened_and_several_are_a_list_to_pick_from() {
    let (mut app, mut service) = at_one(Kind::Incident);
    service.press(&mut app, "g a");
    let Some(Overlay::Pick(pick)) = app.overlays.last() else {
        panic!("two alerts are a list");
    };
    assert_eq!(pick.total(), 2);
    assert!(
        pick.all()
            .any(|i| i.label.contains("PowerShell") && i.note == "high new")
    );
    service.press(&mut app, "Down Enter");
    assert_eq!(shown(&app).map(|k| k.kind), Some(Kind::Alert));
    // the user is named by several alerts, in several ways, and is one
    let (mut app, mut service) = at_one(Kind::Incident);
    service.press(&mut app, "Enter g u");
    assert_eq!(shown(&app), Some(Key::new(Kind::User, USER)));
}

#[test]
fn evidence_is_the_section_of_that_name() {
    let (mut app, mut service) = at_one(Kind::Incident);
    service.press(&mut app, "g e");
    let section = app
        .pane()
        .detail
        .as_ref()
        .and_then(|d| d.section())
        .unwrap();
    assert_eq!(section.id, "evidence");
    service.press(&mut app, "[");
    assert_eq!(shown(&app), None, "back in the list");
    let (mut app, mut service) = at_one(Kind::Device);
    service.press(&mut app, "g e");
    assert_eq!(
        app.pane()
            .detail
            .as_ref()
            .and_then(|d| d.section())
            .unwrap()
            .id,
        "alerts"
    );
}

/// Lists of incidents and devices only, as after a quick start.
fn bare() -> App {
    let mut app = fixture::app(80, 24);
    fill(&mut app, Kind::Incident, &[incident()], true);
    app
}

#[test]
fn where_the_lists_know_nothing_the_service_is_asked() {
    let mut app = bare();
    let mut service = Service::all();
    service.press(&mut app, "g u");
    assert_eq!(shown(&app), Some(Key::new(Kind::User, USER)));
    assert!(
        service
            .asked
            .contains(&"/security/incidents/4711".to_owned())
    );
    // a fault is said, and nothing else happens
    let mut app = bare();
    let fx = key(&mut app, at(1), "g u");
    let fault = crate::model::Fault::new(crate::model::FaultKind::Timeout, "no answer in time");
    answer(&mut app, at(1), ticket(&fx, SLOT), Body::Fault(fault));
    assert!(
        app.toasts
            .log
            .iter()
            .any(|t| t.text.contains("no answer in time"))
    );
    assert_eq!(shown(&app), None);
    // nothing there is said too
    let mut app = bare();
    let fx = key(&mut app, at(1), "g d");
    answer(
        &mut app,
        at(1),
        ticket(&fx, SLOT),
        got(serde_json::json!({"id": "4711", "alerts": []})),
    );
    assert!(
        app.toasts
            .log
            .iter()
            .any(|t| t.text.starts_with("no devices known of this incident"))
    );
}

#[test]
fn a_late_answer_carries_nobody_away() {
    let mut app = bare();
    let fx = key(&mut app, at(1), "g u");
    key(&mut app, at(2), "3");
    answer(&mut app, at(6), ticket(&fx, SLOT), got(incident()));
    assert_eq!(app.pane().spec.kind, Kind::Device);
    assert_eq!(shown(&app), None);
    assert!(app.overlays.is_empty());
    // nor while something else is being typed
    let mut app = bare();
    let fx = key(&mut app, at(1), "g u");
    key(&mut app, at(2), "f");
    answer(&mut app, at(6), ticket(&fx, SLOT), got(incident()));
    assert_eq!(shown(&app), None);
    assert_eq!(app.overlays.len(), 1);
}

#[test]
fn references_to_one_thing_are_one() {
    let user = |id: Option<&str>, upn: Option<&str>, name: Option<&str>| EntityRef::User {
        id: id.map(Text::from),
        upn: upn.map(Text::from),
        sid: None,
        name: name.map(Text::from),
    };
    let refs = vec![
        user(None, Some("Raj@contoso.com"), None),
        user(Some("1"), Some("raj@contoso.com"), Some("raj")),
        user(Some("2"), Some("raj@contoso.com"), None),
        user(None, None, Some("RAJ")),
    ];
    let key = Key::new(Kind::Incident, "1");
    let app = fixture::app(80, 24);
    let got = wanted(&app, refs, To::Users, &key);
    // another id under the same name is another account
    assert_eq!(got.len(), 2);
    assert_eq!(
        got[0],
        user(Some("1"), Some("Raj@contoso.com"), Some("raj"))
    );
    // one does not go to oneself
    let me = Key::new(Kind::User, "1");
    assert!(wanted(&app, vec![user(Some("1"), None, None)], To::Users, &me).is_empty());
}
