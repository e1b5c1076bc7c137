//! The detail: following, focus, answers of every kind, merged incidents, reading again.

use super::*;
use crate::app::entities::*;
use crate::app::fixture::{self, at, key};
use crate::app::places::Spot;
use crate::model::{FaultKind, Kind};
use crate::msg::{Body, Event, Now, Reply, Slot, Ticket};
use serde_json::json;

fn after(ms: u64) -> Now {
    Now {
        mono: at(1).mono + std::time::Duration::from_millis(ms),
        ..at(1)
    }
}

fn wake(app: &mut App, ms: u64) -> Vec<Effect> {
    app.update(after(ms), Event::Wake)
}

fn detail(app: &App) -> &Detail {
    app.pane().detail.as_ref().expect("a detail is open")
}

/// The words of the rows in sight.
fn words(app: &App) -> String {
    let row = |r: &doc::Row| -> String { r.pieces.iter().map(|(_, s)| s.as_str()).collect() };
    detail(app)
        .rows
        .iter()
        .map(row)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn it_follows_a_resting_cursor_and_asks_nothing_while_scrolling() {
    let mut app = full(120, 40);
    let fx = key(&mut app, after(0), "i");
    assert_eq!(
        asked(&fx),
        ["Incident 4711"],
        "the last seen state; the story brings the fresh one"
    );
    // scrolling: only wishes to be woken
    for (ms, k) in [(10, "j"), (120, "j"), (200, "k")] {
        let fx = key(&mut app, after(ms), k);
        assert_eq!(asked(&fx), Vec::<String>::new(), "at {ms} ms");
    }
    assert_eq!(
        detail(&app).key.id.txt().exact(),
        "4711",
        "the old one stays meanwhile"
    );
    assert_eq!(app.soon.next(), Some(after(450).mono));
    // 250 ms after the first key, but not after the last
    assert_eq!(asked(&wake(&mut app, 300)), Vec::<String>::new());
    let fx = wake(&mut app, 450);
    assert_eq!(asked(&fx), ["drop Incident 4711", "Incident 4702"]);
    assert!(!app.pane().in_detail, "the focus stays in the list");
    // back on the row that is shown: nothing to do
    key(&mut app, after(500), "j");
    key(&mut app, after(510), "k");
    assert_eq!(app.soon.next(), None);
}

#[test]
fn enter_opens_at_once_and_a_followed_detail_keeps_its_section() {
    let mut app = full(120, 40);
    let mut service = Service::all();
    service.press(&mut app, "Enter l l");
    assert!(app.pane().in_detail);
    assert_eq!(detail(&app).section().unwrap().id, "evidence");
    assert_eq!(
        service.asked, ["/security/incidents/4711"; 2],
        "the entity and the story, each once"
    );
    service.press(&mut app, "Tab j");
    let fx = wake(&mut app, 300);
    service.serve(&mut app, after(300), fx);
    assert_eq!(detail(&app).key.id.txt().exact(), "4702");
    assert_eq!(detail(&app).section().unwrap().id, "evidence");
    // opened from the list anew it begins at its first section
    service.press(&mut app, "Esc j Enter");
    assert_eq!(detail(&app).section().unwrap().id, "story");
}

#[test]
fn escape_takes_one_level_at_a_time() {
    let mut service = Service::all();
    // side by side: detail, list, nothing open
    let mut app = full(120, 40);
    service.press(&mut app, "Enter");
    assert!(app.pane().in_detail);
    service.press(&mut app, "Esc");
    assert!(!app.pane().in_detail && app.pane().detail.is_some());
    service.press(&mut app, "Esc");
    assert!(app.pane().detail.is_none());
    // eighty columns: the detail covers the list, and Esc gives it back
    let mut app = full(80, 24);
    service.press(&mut app, "Enter");
    assert_eq!(app.layout().list.width, 0);
    service.press(&mut app, "Esc");
    assert!(app.pane().detail.is_none());
    // what was reached by a link leads back the way one came
    service.press(&mut app, "Enter l l j");
    let line = detail(&app).at.line;
    service.press(&mut app, "Enter");
    assert_eq!(app.pane().spec.kind, Kind::User);
    service.press(&mut app, "Esc");
    assert_eq!(
        (detail(&app).key.id.txt().exact(), detail(&app).section),
        ("4711", 2)
    );
    assert_eq!(detail(&app).at.line, line, "the cursor is where it was");
    service.press(&mut app, "Esc");
    assert!(app.pane().detail.is_none() && app.pane().spec.kind == Kind::Incident);
}

#[test]
fn s4_24_a_peek_leaves_the_list_where_it_is() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    service.press(&mut app, "j");
    let before = (app.pane().cursor, app.pane().top);
    service.press(&mut app, "i");
    let l = app.layout();
    assert!(
        l.list_rows() >= 5 && l.detail.height >= 10,
        "both are in sight: {l:?}"
    );
    assert!(words(&app).is_empty() || !app.pane().in_detail);
    assert_eq!((app.pane().cursor, app.pane().top), before);
    // Enter takes a closer look, Esc comes back to the peek, then to the list
    service.press(&mut app, "Enter");
    assert_eq!(app.layout().list.width, 0);
    service.press(&mut app, "Esc");
    assert!(app.layout().list.width > 0 && app.pane().detail.is_some());
    service.press(&mut app, "Esc");
    assert!(app.pane().detail.is_none());
    assert_eq!((app.pane().cursor, app.pane().top), before);
}

#[test]
fn the_story_brings_the_fresh_entity() {
    let mut app = full(80, 24);
    let fx = key(&mut app, at(1), "Enter");
    let mut old = incident();
    old["status"] = "resolved".into();
    old.as_object_mut().unwrap().remove("alerts");
    let fx = answer(
        &mut app,
        at(1),
        ticket(&fx, ""),
        entity(Kind::Incident, old, true),
    );
    assert_eq!(
        detail(&app).as_of().map(|(_, seen)| seen),
        Some(true),
        "as last seen"
    );
    assert!(words(&app).contains("resolved"));
    assert_eq!(asked(&fx), ["Incident 4711 story"]);
    answer(&mut app, at(1), ticket(&fx, "story"), got(incident()));
    assert_eq!(detail(&app).as_of(), Some((at(1).wall, false)));
    assert!(words(&app).contains("active") && !words(&app).contains("resolved"));
    // a part that is not all of it does not become it
    let part = json!({"id": "4711", "alerts": []});
    assert!(asking_adopts(&app, part).is_none());
}

fn asking_adopts(app: &App, body: serde_json::Value) -> Option<Entity> {
    let answer = Answer::Got {
        body: std::sync::Arc::new(body),
        more: false,
    };
    super::asking::adopted(detail(app), &[answer], at(0).wall)
}

#[test]
fn every_answer_has_its_place() {
    let fault = || Fault::new(FaultKind::Server, "the service stumbled").status(500);
    // no entity: the reason stands in its place
    for (body, says) in [
        (Body::Fault(fault()), "stumbled"),
        (Body::Dropped, "cancelled"),
    ] {
        let mut app = full(80, 24);
        let fx = key(&mut app, at(1), "Enter");
        answer(&mut app, at(1), ticket(&fx, ""), body);
        assert!(!detail(&app).loading());
        assert!(detail(&app).fault.as_ref().unwrap().what.contains(says));
    }
    // no section: the entity stays, and the section says why
    for (body, says) in [
        (Body::Fault(fault()), "stumbled"),
        (Body::Dropped, "cancelled"),
        (Body::Part(vec![Answer::Failed(fault())]), "stumbled"),
        (
            Body::Part(vec![Answer::Withheld(&["SecurityIncident.Read.All"])]),
            "SecurityIncident.Read.All",
        ),
    ] {
        let mut app = full(80, 24);
        let fx = key(&mut app, at(1), "Enter");
        let fx = answer(
            &mut app,
            at(1),
            ticket(&fx, ""),
            entity(Kind::Incident, incident(), true),
        );
        assert!(detail(&app).loading());
        let story = ticket(&fx, "story");
        answer(&mut app, at(1), story.clone(), body);
        assert!(!detail(&app).loading());
        assert!(words(&app).contains(says), "{}", words(&app));
        assert!(
            words(&app).contains("Multi-stage"),
            "the entity is still there"
        );
        // an answer that comes after the last one is nobody's
        let before = words(&app);
        answer(&mut app, at(1), story, got(incident()));
        assert_eq!(words(&app), before);
        // and it can be asked again
        let fx = key(&mut app, at(2), "R");
        assert_eq!(asked(&fx), ["Incident 4711 story"]);
        answer(&mut app, at(2), ticket(&fx, "story"), got(incident()));
        assert!(words(&app).contains("PowerShell"));
    }
}

#[test]
fn answers_for_what_is_not_shown_any_more_change_nothing() {
    let mut app = full(120, 40);
    let fx = key(&mut app, at(1), "i");
    let late = ticket(&fx, "");
    key(&mut app, after(0), "j");
    wake(&mut app, 300);
    let shown = detail(&app).key.clone();
    answer(
        &mut app,
        after(400),
        late,
        entity(Kind::Incident, incident(), false),
    );
    assert_eq!(detail(&app).key, shown);
    assert!(detail(&app).entity.is_none());
    // a ticket nobody issued
    let stranger = Ticket {
        slot: Slot::Part(shown, ""),
        number: 9_999,
    };
    answer(
        &mut app,
        after(400),
        stranger,
        entity(Kind::Incident, incident(), false),
    );
    assert!(detail(&app).entity.is_none());
}

#[test]
fn a_merged_incident_leads_to_the_one_it_became() {
    let merged = |id: &str, to: Option<&str>| {
        let mut j = incident();
        j["id"] = id.into();
        j["redirectIncidentId"] = to.into();
        j
    };
    let mut service = Service::all();
    service.set("/security/incidents/4711", merged("4711", Some("4720")));
    service.set("/security/incidents/4720", merged("4720", Some("4730")));
    service.set("/security/incidents/4730", merged("4730", None));
    let mut app = full(80, 24);
    service.press(&mut app, "Enter");
    assert_eq!(detail(&app).key.id.txt().exact(), "4730");
    assert!(detail(&app).entity.is_some() && !detail(&app).loading());
    let said: Vec<&str> = app.toasts.log.iter().map(|t| t.text.as_str()).collect();
    assert_eq!(
        said,
        [
            "incident 4711 was merged into 4720",
            "incident 4720 was merged into 4730"
        ]
    );
    // a chain that ends nowhere stops, and what there is stays to be read
    service.set("/security/incidents/4730", merged("4730", Some("4711")));
    let mut app = full(80, 24);
    service.press(&mut app, "Enter");
    assert!(detail(&app).entity.is_some() && !detail(&app).loading());
    assert!(app.toasts.log.iter().any(|t| t.text.contains("has no end")));
    // merged while it was open: the poll's next reading says so
    let mut service = Service::all();
    let mut app = full(80, 24);
    service.press(&mut app, "Enter");
    service.set("/security/incidents/4711", merged("4711", Some("4720")));
    service.set("/security/incidents/4720", merged("4720", None));
    service.press(&mut app, "R");
    assert_eq!(detail(&app).key.id.txt().exact(), "4720");
}

#[test]
fn reading_again_keeps_what_is_on_screen_until_it_is_there() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    service.press(&mut app, "Enter n n");
    let (line, target) = (detail(&app).at.line, detail(&app).target().cloned());
    let fx = key(&mut app, at(1), "R");
    assert!(words(&app).contains("PowerShell"), "the old rows stay");
    // something came before the cursor's line: it stays on what it points to
    let mut more = incident();
    more["comments"] = json!([
        {"createdByDisplayName": "a", "createdDateTime": "2026-08-01T11:00:00Z", "comment": "early"},
        {"createdByDisplayName": "b", "createdDateTime": "2026-08-01T11:01:00Z", "comment": "later"}
    ]);
    answer(&mut app, at(1), ticket(&fx, "story"), got(more));
    assert!(target.is_some());
    assert_eq!(detail(&app).target().cloned(), target);
    assert_ne!(detail(&app).at.line, line);
}

#[test]
fn a_tab_that_comes_back_has_what_came_meanwhile() {
    let mut app = full(120, 40);
    let fx = key(&mut app, at(1), "Enter");
    key(&mut app, at(1), "3");
    answer(
        &mut app,
        at(1),
        ticket(&fx, ""),
        entity(Kind::Incident, incident(), true),
    );
    app.update(at(1), Event::Resize(80, 24));
    let fx = key(&mut app, at(1), "1");
    assert_eq!(
        asked(&fx),
        ["Incident 4711 story"],
        "the section is asked for when it is in sight"
    );
    assert!(words(&app).contains("Multi-stage"));
    let widest = detail(&app)
        .rows
        .iter()
        .map(|r| {
            r.pieces
                .iter()
                .map(|(_, s)| s.chars().count())
                .sum::<usize>()
        })
        .max();
    assert!(widest.unwrap() <= 80);
}

#[test]
fn alerts_that_arrive_are_joined_into_an_open_detail() {
    let mut app = fixture::app(80, 24);
    fill(&mut app, Kind::Device, &[device()], true);
    let mut service = Service::all();
    service.press(&mut app, "3 Enter l l");
    assert!(words(&app).contains("still loading"));
    fill(&mut app, Kind::Alert, &alerts(), true);
    assert!(words(&app).contains("PowerShell"), "{}", words(&app));
}

#[test]
fn closing_lets_go_of_what_was_asked() {
    let mut app = full(80, 24);
    let fx = key(&mut app, at(1), "Enter");
    answer(
        &mut app,
        at(1),
        ticket(&fx, ""),
        entity(Kind::Incident, incident(), true),
    );
    let fx = key(&mut app, at(1), "Esc");
    assert_eq!(asked(&fx), ["drop Incident 4711 story"]);
}

#[test]
fn history_goes_back_and_forward_with_the_cursor_in_its_place() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    service.press(&mut app, "j k Enter g u");
    let there = app.spot();
    assert!(matches!(&there, Spot::Detail { key, .. } if key.kind == Kind::User));
    service.press(&mut app, "[");
    assert!(matches!(app.spot(), Spot::Detail { key, .. } if key.kind == Kind::Incident));
    service.press(&mut app, "[");
    assert!(matches!(
        app.spot(),
        Spot::List {
            kind: Kind::Incident,
            ..
        }
    ));
    service.press(&mut app, "] ]");
    assert_eq!(app.spot(), there);
    // nothing is lost by going where one is already
    service.press(&mut app, "]");
    assert_eq!(app.spot(), there);
}

#[test]
fn a_long_text_can_be_read_to_its_end() {
    let mut long = incident();
    long["summary"] = (0..400)
        .map(|n| format!("word{n} "))
        .collect::<String>()
        .into();
    let mut service = Service::all();
    service.set("/security/incidents/4711", long);
    let mut app = full(80, 24);
    service.press(&mut app, "Enter");
    let height = super::height(&app);
    let mut seen = String::new();
    for _ in 0..120 {
        let d = detail(&app);
        for row in d.rows.iter().skip(d.at.top).take(height) {
            seen.extend(row.pieces.iter().map(|(_, s)| s.as_str()));
            seen.push(' ');
        }
        service.press(&mut app, "j");
    }
    for n in 0..400 {
        assert!(
            seen.contains(&format!("word{n}")),
            "word{n} was never in sight"
        );
    }
}

#[test]
fn s0_27_s2_24_a_device_lists_its_alerts_and_a_user_his_devices() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    // the card, then two keys
    service.press(&mut app, "3 Enter");
    service.press(&mut app, "g a");
    assert!(matches!(app.spot(), Spot::Detail { key, .. } if key.id.txt().exact() == ALERT));
    service.press(&mut app, "Esc g u");
    assert!(matches!(app.spot(), Spot::Detail { key, .. } if key.id.txt().exact() == USER));
    service.press(&mut app, "l l l");
    assert_eq!(detail(&app).section().unwrap().id, "devices");
    assert!(words(&app).contains("WS-042"), "{}", words(&app));
}

#[test]
fn s2_1_a_device_says_the_risk_that_defender_gives_it_and_of_when_that_is() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    let spec = crate::resource::spec(Kind::Device);
    let risk = spec.columns.iter().find(|c| c.name == "riskScore").unwrap();
    assert!(risk.drop < 9, "the level stands in the list");
    service.press(&mut app, "3 Enter");
    assert!(words(&app).contains("risk"), "{}", words(&app));
    let (as_of, cached) = detail(&app).as_of().expect("it says of when it is");
    assert!(as_of <= app.now.wall && !cached);
}

#[test]
fn a_reply_reaches_whichever_pane_shows_it() {
    let mut app = full(120, 40);
    let fx = key(&mut app, at(1), "Enter");
    let first = ticket(&fx, "");
    key(&mut app, at(1), "2");
    let reply = Reply {
        ticket: first,
        last: true,
        body: entity(Kind::Incident, incident(), false),
    };
    app.update(at(1), Event::Reply(reply));
    let there = app.panes[0].detail.as_ref().unwrap();
    assert!(there.entity.is_some());
}
