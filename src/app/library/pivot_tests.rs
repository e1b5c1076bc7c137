//! From a value to a hunt, to its own place, to an action on it, to a comment: with the keys people press.

use crate::app::App;
use crate::app::entities::{self, Service, full};
use crate::app::fixture::at;
use crate::app::overlay::Overlay;
use crate::model::saved::{Kept, Place, Saved};
use crate::model::{EntityRef, Kind};
use crate::msg::{Effect, Event, Hunted, Request, Shelved, Ticket};
use crate::resource::hunt_answer;
use crate::resource::library::touches;
use std::sync::Arc;
use table::Text;

fn asked(fx: &[Effect]) -> Option<(Ticket, String)> {
    fx.iter().find_map(|e| match e {
        Effect::Ask(t, Request::Hunt { query, .. }) => Some((t.clone(), query.to_string())),
        _ => None,
    })
}

/// Presses keys, and counts them.
fn keys(app: &mut App, service: &mut Service, keys: &str) -> (Vec<Effect>, usize) {
    (service.press(app, keys), keys.split_whitespace().count())
}

fn labels(app: &App) -> Vec<String> {
    match app.overlays.last() {
        Some(Overlay::Pick(p)) => p.shown().map(|i| i.label.clone()).collect(),
        other => panic!("{other:?}"),
    }
}

/// T4: five keys at most, the row being under the cursor.
#[test]
fn a_saved_query_runs_on_the_device_under_the_cursor_in_four_keys() {
    let (mut app, mut service) = (full(100, 30), Service::all());
    service.press(&mut app, "3");
    let (fx, count) = keys(&mut app, &mut service, "p t i Enter");
    let (_, text) = asked(&fx).expect("it runs");
    assert!(count <= 5);
    assert!(app.hunting && text.starts_with("// Timeline of a device"));
    assert!(text.contains("let Device = 'ws-042"), "{text}");
    assert!(
        text.contains("let From = datetime(2026-07-25T"),
        "a week where no alert is known"
    );
}

/// T7: six keys from the alert to the hunt for its file's hash.
#[test]
fn the_hash_of_an_alert_is_hunted_in_six_keys() {
    let (mut app, mut service) = (full(120, 40), Service::all());
    service.press(&mut app, "2");
    // the alert with a process among its evidence
    while app.pane().key().is_some_and(|k| k != entities_alert()) {
        service.press(&mut app, "j");
    }
    let (_, mut count) = keys(&mut app, &mut service, "g e");
    let is_file = |app: &App| {
        let detail = app.pane().detail.as_ref();
        matches!(
            detail.and_then(|d| d.target()),
            Some(EntityRef::File { .. })
        )
    };
    // a search finds the line as fast; what counts is that few lines lie before it
    for _ in 0..30 {
        if is_file(&app) {
            break;
        }
        service.press(&mut app, "j");
    }
    assert!(is_file(&app), "the file is a line of its evidence");
    count += 1;
    let (fx, more) = keys(&mut app, &mut service, "p Enter");
    let (_, text) = asked(&fx).expect("it runs");
    assert!(count + more <= 6);
    assert!(
        text.starts_with("// A file by its hash, everywhere"),
        "{text}"
    );
}

fn entities_alert() -> crate::model::Key {
    let alert = &entities::alerts()[1];
    crate::model::Key::new(Kind::Alert, alert["id"].as_str().unwrap())
}

#[test]
fn the_time_of_an_alert_is_the_time_of_its_hunts() {
    let (mut app, mut service) = (full(100, 30), Service::all());
    service.press(&mut app, "2 p");
    assert!(labels(&app)[0].contains("alert"), "{:?}", labels(&app));
    let fx = service.press(&mut app, "'timeline' Enter");
    let (_, text) = asked(&fx).expect("it runs");
    assert!(
        text.contains("(2026-08-01T") && !text.contains("2026-07-25"),
        "{text}"
    );
}

/// A result with devices, one of which is a row of our list.
fn result(width: u16, height: u16) -> (App, Service) {
    let (mut app, mut service) = (full(width, height), Service::all());
    service.press(&mut app, "5");
    let now = app.now;
    app.update(now, Event::Paste(Text::from("DeviceInfo | take 2")));
    let fx = service.press(&mut app, "F5");
    let (ticket, _) = asked(&fx).unwrap();
    let device = entities::device();
    let (id, name) = (
        device["id"].as_str().unwrap(),
        device["computerDnsName"].as_str().unwrap(),
    );
    let json = format!(
        r#"{{"schema":[{{"name":"Timestamp","type":"DateTime"}},{{"name":"DeviceName","type":"String"}},{{"name":"DeviceId","type":"String"}},{{"name":"RemoteIP","type":"String"}},{{"name":"N","type":"Int64"}}],
        "results":[{{"Timestamp":"2026-08-01T11:00:00Z","DeviceName":"{name}","DeviceId":"{id}","RemoteIP":"203.0.113.7","N":1}},
        {{"Timestamp":"2026-08-01T11:01:00Z","DeviceName":"other","DeviceId":"","RemoteIP":"203.0.113.8","N":2}}]}}"#
    );
    let (answer, _) = hunt_answer::read(&json).unwrap();
    let body = crate::msg::Body::Hunted(Hunted {
        answer,
        partial: None,
    });
    entities::answer(&mut app, at(2), ticket, body);
    service.press(&mut app, "F6 l");
    (app, service)
}

#[test]
fn a_cell_of_a_result_is_opened_hunted_and_found() {
    let (mut app, mut service) = result(100, 30);
    service.press(&mut app, "p");
    let all = labels(&app);
    assert!(all[0].starts_with("open device ws-042"), "{all:?}");
    assert!(all.iter().any(|l| l == "Timeline of a device"));
    assert!(
        all.iter()
            .any(|l| l.starts_with("An address, everywhere · 203.0.113.7"))
    );
    service.press(&mut app, "Enter");
    assert!(!app.hunting && app.pane().spec.kind == Kind::Device && app.pane().in_detail);
    let (mut app, mut service) = result(100, 30);
    // the address under the cursor comes first
    let fx = service.press(&mut app, "l l p 'talked' Enter");
    let (_, text) = asked(&fx).unwrap();
    assert!(text.contains("let Address = '203.0.113.7';"), "{text}");
    assert_eq!(app.hunt.tabs.len(), 2, "the result stays");
}

#[test]
fn rows_are_acted_on_through_their_list_and_its_menu() {
    let (mut app, mut service) = result(100, 30);
    service.press(&mut app, "p 'act on'");
    assert!(
        labels(&app)[0].starts_with("act on device ws-042"),
        "{:?}",
        labels(&app)
    );
    let fx = service.press(&mut app, "Enter");
    assert!(
        !fx.iter()
            .any(|e| matches!(e, Effect::Ask(_, Request::Run(_)))),
        "nothing is sent"
    );
    assert_eq!((app.hunting, app.pane().mark_count().0), (false, 1));
    assert!(matches!(app.overlays.last(), Some(Overlay::Pick(p)) if p.name == "actions"));
}

#[test]
fn a_row_is_added_to_an_incident_with_query_count_and_hash_and_only_after_it_was_seen() {
    let (mut app, mut service) = result(100, 30);
    service.press(&mut app, "p 'comment' Enter");
    service.press(&mut app, "Ctrl-u '4711'");
    let fx = service.press(&mut app, "Enter");
    assert!(
        !fx.iter()
            .any(|e| matches!(e, Effect::Ask(_, Request::Run(_))))
    );
    let Some(Overlay::Text(form)) = app.overlays.last() else {
        panic!("{:?}", app.overlays.last());
    };
    let text = form.line.text().to_owned();
    assert_eq!(form.title, "comment incident 4711");
    for words in [
        "1 of 2 rows",
        "SHA-256 ",
        "query: DeviceInfo | take 2",
        "DeviceName=ws-042",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(text.chars().count() <= 1_000);
    let fx = service.press(&mut app, "Enter");
    assert!(
        fx.iter()
            .any(|e| matches!(e, Effect::Ask(_, Request::Run(_)))),
        "the form's key sends it"
    );
}

#[test]
fn marked_rows_are_taken_together() {
    let (mut app, mut service) = result(100, 30);
    service.press(&mut app, "* p 'comment'");
    let Some(Overlay::Pick(pick)) = app.overlays.last() else {
        panic!("no menu");
    };
    assert_eq!(pick.chosen().unwrap().note, "2 rows, with query and hash");
    let text = super::composed(&app).unwrap();
    assert!(
        text.contains("2 of 2 rows") && text.contains("DeviceName=other"),
        "{text}"
    );
}

#[test]
fn a_hunt_that_reaches_out_asks_once_and_nothing_imported_runs_by_itself() {
    let (mut app, mut service) = (full(100, 30), Service::all());
    let text = "externaldata (a: string) ['https://x.example/{{ENTITY}}']";
    let kept = Kept {
        saved: Arc::new(Saved {
            title: "Zzz list".into(),
            entities: vec![crate::model::saved::About::Device],
            text: text.into(),
            ..Saved::default()
        }),
        place: Place::File {
            root: "/q".into(),
            below: "imported/zzz.kql".into(),
        },
        reaches: touches::reaches(text),
        wrong: None,
    };
    let now = app.now;
    let fx = app.update(now, Event::Shelved(Shelved::Hunts(vec![kept])));
    assert!(asked(&fx).is_none());
    let fx = service.press(&mut app, "3 p 'zzz' Enter");
    assert!(asked(&fx).is_none(), "it asks first");
    assert!(
        matches!(app.overlays.last(), Some(Overlay::Pick(p)) if p.name == "reaches out" && p.title.contains("externaldata"))
    );
    assert!(asked(&service.press(&mut app, "n")).is_none());
    service.press(&mut app, "F5");
    let fx = service.press(&mut app, "y");
    let (ticket, text) = asked(&fx).expect("it was allowed");
    assert!(text.contains("x.example/ws-042"));
    entities::answer(&mut app, at(3), ticket, crate::msg::Body::Dropped);
    assert!(
        asked(&service.press(&mut app, "F5")).is_some(),
        "asked once"
    );
}

#[test]
fn a_hash_that_is_not_known_greys_the_hunts_that_want_it() {
    let (mut app, mut service) = result(100, 30);
    service.press(&mut app, "Esc");
    let sha1 = "b".repeat(40);
    let entity = EntityRef::File {
        sha1: Some(sha1.as_str().into()),
        sha256: None,
        md5: None,
        name: None,
    };
    let lines = super::hunts(&app, &entity, true);
    let grey = |title: &str| {
        let line = lines.iter().find(|(_, i)| i.label == title);
        line.unwrap_or_else(|| panic!("{title}")).1.grey.clone()
    };
    assert_eq!(grey("Who signed a file"), None);
    assert!(
        grey("Mail with this attachment")
            .unwrap()
            .contains("SHA256")
    );
}
