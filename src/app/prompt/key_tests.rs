//! Response actions by keys from the lists, with the program's own rows: T2, T3, T11, and the menu that leads there.

use super::tests::{asked, keys, runs, seen, told};
use super::*;
use crate::app::entities::*;
use crate::app::fixture::{answer, at, session};
use crate::confirm::Challenge;
use crate::model::{Kind, Stand};
use crate::msg::{Event, News};
use crate::verb::Deed;

/// The lists and the service; the person has the row of this id under the cursor.
fn on(tab: &str, id: &str) -> (App, Service) {
    let (mut app, mut service) = (full(80, 24), Service::all());
    service.press(&mut app, tab);
    let row = app.pane().rows.find(id).unwrap();
    let place = app.pane().shown.position_of(row).unwrap();
    app.pane_mut().move_to(place, 10);
    (app, service)
}

/// Types what is asked for and Enter; one key, since what is typed does not count.
fn confirm(app: &mut App, service: &mut Service) -> usize {
    seen(app, 1);
    let Phase::Open(prompt) = &asked(app).phase else {
        panic!("{:?}", asked(app))
    };
    let wanted = prompt.challenge().wanted();
    assert!(!matches!(prompt.challenge(), Challenge::Y));
    let typed = service.press(app, &format!("'{wanted}' Enter"));
    assert!(runs(typed).is_empty(), "it counts down first");
    1
}

#[test]
fn t2_from_an_incident_its_user_is_disabled_and_the_sessions_revoked_in_six_keys() {
    let (mut app, mut service) = on("1", "4711");
    let go = "g u Enter";
    service.press(&mut app, go);
    assert_eq!(
        app.subject(),
        Some(Key::new(Kind::User, USER)),
        "{}",
        told(&app)
    );
    let act = "a r";
    service.press(&mut app, act);
    let used = keys(go) + keys(act) + confirm(&mut app, &mut service);
    assert!(used <= 6, "T2 takes {used} keys");
    assert_eq!(asked(&app).verb.name, "disable and revoke");
    let grace = match &asked(&app).phase {
        Phase::Grace(g) => g.until(),
        other => panic!("{other:?}"),
    };
    let sent = runs(app.update(at(grace.as_secs() + 1), Event::Wake));
    let (command, _) = { sent }.remove(0).1.permits();
    let calls = (command.verb.plan)(
        &command.targets[0].key,
        crate::model::Json(&user()),
        &command.args,
        command.me.txt(),
        &[],
    );
    let calls: Vec<String> = (calls.unwrap().iter())
        .map(|c| format!("{} {}", c.method.name(), c.path.as_str()))
        .collect();
    let path = format!("/users/{USER}");
    assert_eq!(
        calls,
        [
            format!("PATCH {path}"),
            format!("POST {path}/revokeSignInSessions")
        ]
    );
}

/// S2-11: with comment and challenge.
#[test]
fn t3_a_device_is_isolated_by_its_name_in_seven_keys() {
    let (mut app, mut service) = (full(80, 24), Service::all());
    let find = "3 / 'ws-042' Enter";
    service.press(&mut app, find);
    assert_eq!(app.subject(), Some(Key::new(Kind::Device, DEVICE)));
    let act = "a i";
    service.press(&mut app, act);
    let used = keys(find) + keys(act) + confirm(&mut app, &mut service);
    assert!(used <= 7, "T3 takes {used} keys");
    assert_eq!(asked(&app).verb.name, "isolate");
    // S2-11: the other way has a letter of its own
    service.press(&mut app, "Esc a I");
    assert_eq!(asked(&app).verb.name, "isolate selectively");
}

/// S4-22: from a hit of find, at most three keys and the challenge.
#[test]
fn s4_22_a_found_device_is_isolated_in_three_keys() {
    let (mut app, mut service) = (full(80, 24), Service::all());
    service.press(&mut app, "f 'ws-042'");
    let act = "Enter a i";
    service.press(&mut app, act);
    assert!(keys(act) <= 3);
    confirm(&mut app, &mut service);
    let asked = asked(&app);
    assert_eq!(asked.verb.name, "isolate");
    let Phase::Grace(_) = &asked.phase else {
        panic!("{:?}", asked.phase)
    };
}

/// S4-23: from a file of the evidence with its SHA-1, at most three keys and the challenge; which device is asked.
#[test]
fn s4_23_a_found_file_is_quarantined_on_the_device_that_is_asked_for() {
    let (mut app, mut service) = on("2", ALERT);
    let sha1 = "3395856ce81f2b7382dee72602f798b642f14140";
    let mut alert = alerts().remove(1);
    let file = serde_json::json!({"@odata.type": "#microsoft.graph.security.fileEvidence", "fileDetails": {"fileName": "x.exe", "sha1": sha1}});
    alert["evidence"].as_array_mut().unwrap().push(file);
    service.set(&format!("/security/alerts_v2/{ALERT}"), alert);
    service.press(&mut app, "Enter l");
    let on_file = |app: &App| {
        let target = app.pane().detail.as_ref().and_then(|d| d.target());
        matches!(
            target,
            Some(crate::model::EntityRef::File { sha1: Some(_), .. })
        )
    };
    for _ in 0..60 {
        if on_file(&app) {
            break;
        }
        service.press(&mut app, "j");
    }
    assert!(on_file(&app), "no line is about the file");
    let act = "a q Enter";
    service.press(&mut app, "a q");
    let Some(Overlay::Pick(devices)) = app.overlays.last() else {
        panic!("{}", told(&app))
    };
    assert!(
        devices.title.contains("on which device"),
        "{}",
        devices.title
    );
    service.press(&mut app, "Enter");
    assert!(keys(act) <= 3);
    confirm(&mut app, &mut service);
    let asked = asked(&app);
    assert_eq!(asked.verb.name, "quarantine file");
    let Phase::Grace(_) = &asked.phase else {
        panic!("{:?}", asked.phase)
    };
}

/// The lines on a small screen come one page after the other; the answer waits for the last of them.
#[test]
fn on_a_small_screen_the_answer_waits_until_all_was_read() {
    let (mut app, mut service) = (full(40, 12), Service::all());
    service.press(&mut app, "3");
    let row = app.pane().rows.find(DEVICE).unwrap();
    let place = app.pane().shown.position_of(row).unwrap();
    app.pane_mut().move_to(place, 10);
    service.press(&mut app, "a i");
    let open = |app: &mut App| match &asked(app).phase {
        Phase::Open(prompt) => {
            let wanted = prompt.challenge().wanted();
            (sheet::unread(asked(app), prompt, app.size), wanted)
        }
        other => panic!("{other:?}"),
    };
    seen(&mut app, 1);
    let (unread, wanted) = open(&mut app);
    assert!(unread > 0, "a screen that small does not show all");
    let answer = format!("'{wanted}' Enter");
    service.press(&mut app, &answer);
    assert!(
        asked(&app).hint.contains("read on first"),
        "{}",
        asked(&app).hint
    );
    // the requests are no way round
    service.press(&mut app, "F2");
    seen(&mut app, 2);
    service.press(&mut app, &answer);
    assert!(matches!(asked(&app).phase, Phase::Open(_)));
    service.press(&mut app, "F2");
    for step in 3..40 {
        if open(&mut app).0 == 0 {
            break;
        }
        seen(&mut app, step);
        service.press(&mut app, "PgDn");
    }
    assert_eq!(open(&mut app).0, 0);
    // the last page was not on the screen yet
    service.press(&mut app, &answer);
    assert!(
        matches!(asked(&app).phase, Phase::Open(_)),
        "{:?}",
        asked(&app).phase
    );
    seen(&mut app, 50);
    service.press(&mut app, &answer);
    assert!(
        matches!(asked(&app).phase, Phase::Grace(_)),
        "{}",
        asked(&app).hint
    );
}

/// S4-10, and S2-13: grey with its reason.
#[test]
fn our_own_switch_that_is_off_is_said_in_the_menu_and_nothing_opens() {
    let (mut app, mut service) = on("3", DEVICE);
    let mut s = session();
    s.guards = Default::default();
    app.update(
        at(1),
        Event::News(News::Session(s, crate::app::fixture::grants())),
    );
    service.press(&mut app, "a");
    let Some(Overlay::Pick(menu)) = app.overlays.last() else {
        panic!()
    };
    let grey = menu
        .all()
        .find(|i| i.label == "isolate")
        .unwrap()
        .grey
        .clone();
    assert!(grey.unwrap().contains("isolation = true"), "S4-10");
    assert!(runs(service.press(&mut app, "i")).is_empty() && !app.prompting());
}

/// Also S2-12: from the record, here and on the card of the device.
#[test]
fn t11_the_last_isolation_is_taken_back_in_four_keys() {
    let (mut app, mut service) = on("3", DEVICE);
    let deed = Deed {
        run: "r1".into(),
        set: "s1".into(),
        at: at(0).wall,
        verb: "isolate".into(),
        key: Key::new(Kind::Device, DEVICE),
        name: "ws-042.corp.contoso.com".into(),
        sentence: "isolate device ws-042".into(),
        reason: None,
        before: serde_json::Value::Null,
        stand: Stand::Succeeded,
        detail: String::new(),
        action: Some("a1".into()),
        analyst: "ana@contoso.com".into(),
        undone: None,
    };
    app.update(at(0), Event::News(News::Deeds(vec![deed])));
    let undo = "u";
    service.press(&mut app, undo);
    assert_eq!(asked(&app).verb.name, "release", "{}", told(&app));
    service.press(&mut app, "Esc a r");
    assert_eq!(asked(&app).verb.name, "release", "from the card");
    service.press(&mut app, "Esc u");
    seen(&mut app, 1);
    let Phase::Open(prompt) = &asked(&app).phase else {
        panic!()
    };
    assert_eq!(prompt.command().undoes, ["r1"]);
    let (tier, wanted) = (prompt.tier(), prompt.challenge().wanted());
    let enter = if wanted == "Y" { "" } else { "Enter" };
    let fx = service.press(&mut app, &format!("'{wanted}' {enter}"));
    let mut sent = runs(fx);
    if tier >= 2 {
        for secs in 2..20 {
            sent.extend(runs(app.update(at(secs), Event::Wake)));
        }
    }
    assert!(keys(undo) < 4, "T11");
    let (ticket, _) = sent.remove(0);
    answer(
        &mut app,
        ticket,
        Body::Ran {
            target: 0,
            state: crate::msg::RunState::Succeeded,
        },
    );
    assert!(crate::app::undo::able(&app).is_err(), "it was taken back");
}
