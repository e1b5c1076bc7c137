//! Find: what is found where, what is asked, what Enter opens, and T6.

use super::*;
use crate::app::entities::*;
use crate::app::fixture::{self, at, key, press};
use crate::app::places::Spot;
use crate::model::{Fault, FaultKind, Key};
use crate::msg::{Event, Now, Origin, Ticket};
use serde_json::json;
use std::sync::Arc;

fn shown(app: &App) -> Option<Key> {
    match app.spot() {
        Spot::Detail { key, .. } => Some(key),
        Spot::List { .. } => None,
    }
}

fn find(app: &App) -> &Find {
    match app.overlays.last() {
        Some(Overlay::Find(f)) => f,
        other => panic!("no prompt is open, but {other:?}"),
    }
}

fn hits(app: &App, how: How) -> Vec<(Kind, String)> {
    let all = find(app).hits.iter().filter(|h| h.how == how);
    all.map(|h| (h.kind, h.label.clone())).collect()
}

fn later(ms: u64) -> Now {
    Now {
        mono: at(1).mono + std::time::Duration::from_millis(ms),
        ..at(1)
    }
}

fn paste(app: &mut App, text: &str) -> Vec<Effect> {
    app.update(at(1), Event::Paste(Text::from(text)))
}

fn question(effects: &[Effect]) -> (Ticket, Vec<String>) {
    let found = effects.iter().find_map(|e| match e {
        Effect::Ask(t, Request::Pick { calls }) => {
            let paths = calls.iter().map(|c| c.path.as_str().to_owned());
            Some((t.clone(), paths.collect()))
        }
        _ => None,
    });
    found.unwrap_or_else(|| panic!("nothing is asked: {:?}", asked(effects)))
}

fn record(json: serde_json::Value) -> Answer {
    Answer::Got {
        body: Arc::new(json),
        more: false,
    }
}

/// T6: a device by its address is `f`, the address, Enter.
#[test]
fn t6_a_device_by_its_address_in_three_keys() {
    // it is in the list
    for text in ["10.1.2.3", "10.9.9.9", "10[.]1[.]2[.]3", " 10.1.2.3\n"] {
        let mut app = full(80, 24);
        press(&mut app, "f");
        paste(&mut app, text);
        assert_eq!(find(&app).says, "IPv4 address");
        assert_eq!(
            find(&app).hits[0].how,
            How::Is,
            "before all that only mentions it"
        );
        press(&mut app, "Enter");
        assert_eq!(shown(&app), Some(Key::new(Kind::Device, DEVICE)), "{text}");
    }
    // nothing is loaded: Enter waits for the service
    let mut app = fixture::app(80, 24);
    press(&mut app, "f '10.1.2.3'");
    let fx = key(&mut app, at(1), "Enter");
    let (ticket, paths) = question(&fx);
    assert!(
        paths
            .iter()
            .any(|p| p.starts_with("/machines/findbyip(ip='10.1.2.3'")),
        "{paths:?}"
    );
    assert_eq!(shown(&app), None);
    let body = Body::Part(
        paths
            .iter()
            .map(|_| record(json!({"value": [device()]})))
            .collect(),
    );
    answer(&mut app, at(2), ticket, body);
    assert_eq!(shown(&app), Some(Key::new(Kind::Device, DEVICE)));
}

#[test]
fn nothing_is_asked_while_typing_and_one_question_after_a_pause() {
    let mut app = fixture::app(80, 24);
    let fx = press(&mut app, "f 'ana lo'");
    assert_eq!(asked(&fx), Vec::<String>::new());
    assert_eq!(app.soon.next(), Some(later(200).mono));
    let fx = app.update(later(200), Event::Wake);
    let (first, _) = question(&fx);
    assert!(find(&app).note.contains("asking"));
    // more is typed: the old answer is a stranger's
    press(&mut app, "'p'");
    let before = find(&app).hits.clone();
    answer(
        &mut app,
        later(300),
        first,
        Body::Part(vec![record(json!({"value": [admin()]}))]),
    );
    assert_eq!(find(&app).hits, before);
    let fx = app.update(at(2), Event::Wake);
    let (ticket, paths) = question(&fx);
    assert_eq!(paths, ["/users"]);
    answer(
        &mut app,
        at(2),
        ticket,
        Body::Part(vec![record(json!({"value": [admin()]}))]),
    );
    assert_eq!(
        hits(&app, How::Named),
        [(Kind::User, "Ana Lopez".to_owned())]
    );
    // closing lets go
    let mut app = fixture::app(80, 24);
    press(&mut app, "f 'ana lo'");
    app.update(later(200), Event::Wake);
    let fx = key(&mut app, at(2), "Esc");
    assert_eq!(asked(&fx), ["drop Pick(\"find\")"]);
}

/// S0-2: part of a name, UPN, mail or object id, and at most three keys plus the text.
#[test]
fn s0_2_a_user_by_name_upn_mail_or_id() {
    for text in [
        "raj pat",
        "raj.patel@contoso.com",
        "Raj Patel",
        USER,
        "raj.patel",
    ] {
        let mut app = full(80, 24);
        press(&mut app, "f");
        paste(&mut app, text);
        assert_eq!(
            find(&app).hits.first().map(|h| h.kind),
            Some(Kind::User),
            "{text}: {:?}",
            find(&app).hits
        );
        // what is only part of a name is opened by the second Enter at the latest
        press(&mut app, "Enter");
        if shown(&app).is_none() {
            press(&mut app, "Enter");
        }
        assert_eq!(shown(&app), Some(Key::new(Kind::User, USER)), "{text}");
    }
}

/// S4-1, S4-2: incidents, alerts, devices and users of a value, on one page.
#[test]
fn s4_1_one_page_has_everything_that_mentions_it() {
    for (text, is) in [
        ("203.0.113.7", "IPv4 address"),
        (
            "275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f",
            "SHA-256",
        ),
        ("hxxps://evil[.]example/pay", "URL"),
        ("billing[@]evil[.]example", "sign-in name or mail address"),
        ("evil.example", "domain or host name"),
    ] {
        let mut app = full(80, 24);
        press(&mut app, "f");
        paste(&mut app, text);
        assert_eq!(find(&app).says, is);
        let names = hits(&app, How::Names);
        let kinds: Vec<Kind> = names.iter().map(|(k, _)| *k).collect();
        for kind in [Kind::Incident, Kind::Alert, Kind::User] {
            assert!(kinds.contains(&kind), "{text} has no {kind:?}: {names:?}");
        }
        // an alert of mail has no device
        assert_eq!(
            kinds.contains(&Kind::Device),
            matches!(is, "IPv4 address" | "SHA-256"),
            "{text}"
        );
        press(&mut app, "Enter Enter");
        assert_eq!(shown(&app), Some(Key::new(Kind::Incident, "4711")));
    }
    // a mail address of a person: the person first, then what is linked
    let mut app = full(80, 24);
    press(&mut app, "f");
    paste(&mut app, "raj.patel@contoso.com");
    assert_eq!(hits(&app, How::Is), [(Kind::User, "Raj Patel".to_owned())]);
    assert!(hits(&app, How::Names).contains(&(Kind::Device, "ws-042.corp.contoso.com".to_owned())));
}

#[test]
fn a_page_of_the_portal_opens_what_it_is_about() {
    for (url, want) in [
        (
            "https://security.microsoft.com/incident2/4711/overview?tid=t",
            Key::new(Kind::Incident, "4711"),
        ),
        (
            "hxxps://security[.]microsoft[.]com/incident2/4711",
            Key::new(Kind::Incident, "4711"),
        ),
        (
            &format!("https://security.microsoft.com/alerts/{ALERT}"),
            Key::new(Kind::Alert, ALERT),
        ),
        (
            &format!("https://security.microsoft.com/machines/v2/{DEVICE}/overview"),
            Key::new(Kind::Device, DEVICE),
        ),
        (
            &format!("https://security.microsoft.com/user?aad={USER}"),
            Key::new(Kind::User, USER),
        ),
    ] {
        let mut app = full(80, 24);
        press(&mut app, "f");
        paste(&mut app, url);
        assert!(
            find(&app).says.starts_with("portal URL of "),
            "{}",
            find(&app).says
        );
        press(&mut app, "Enter");
        assert_eq!(shown(&app), Some(want), "{url}");
    }
    let mut app = full(80, 24);
    press(&mut app, "f");
    paste(
        &mut app,
        "https://security.microsoft.com/incident2/4711/overview?tid=t",
    );
    assert_eq!(find(&app).says, "portal URL of incident 4711");
    // numbers of another tenant mean something else here
    press(&mut app, "Ctrl-c");
    paste(
        &mut app,
        "https://security.microsoft.com/incident2/4711/overview?tid=0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d",
    );
    assert!(
        find(&app).note.contains("another tenant"),
        "{}",
        find(&app).note
    );
}

#[test]
fn an_id_that_is_not_in_the_lists_is_asked_for() {
    for (text, path, json, kind) in [
        (
            "4999",
            "/security/incidents/4999",
            json!({"id": "4999", "displayName": "Old one", "severity": "low", "status": "resolved"}),
            Kind::Incident,
        ),
        (
            "da638999999999999999_7",
            "/security/alerts_v2/da638999999999999999_7",
            json!({"id": "da638999999999999999_7", "title": "Old alert"}),
            Kind::Alert,
        ),
        (
            OTHER,
            &format!("/machines/{OTHER}"),
            other_device(),
            Kind::Device,
        ),
        (ADMIN, &format!("/users/{ADMIN}"), admin(), Kind::User),
    ] {
        let mut app = fixture::app(80, 24);
        press(&mut app, "f");
        paste(&mut app, text);
        let (ticket, paths) = question(&app.update(later(200), Event::Wake));
        assert!(paths.contains(&path.to_owned()), "{text}: {paths:?}");
        let answers = paths.iter().map(|p| {
            if p == path {
                record(json.clone())
            } else {
                Answer::None
            }
        });
        let body = Body::Part(answers.collect());
        answer(&mut app, later(300), ticket, body);
        assert_eq!(find(&app).hits[0].how, How::Is);
        press(&mut app, "Enter");
        assert_eq!(shown(&app).map(|k| k.kind), Some(kind), "{text}");
    }
    // one that is in the list is not
    let mut app = full(80, 24);
    press(&mut app, "f");
    paste(&mut app, "4711");
    assert!(!find(&app).waits());
}

#[test]
fn a_service_that_fails_or_may_not_be_asked_says_so_and_takes_nothing_away() {
    let fault = Fault::new(FaultKind::Throttled, "asked too often").status(429);
    for (answers, says) in [
        (vec![Answer::Failed(fault), Answer::None], "asked too often"),
        (
            vec![Answer::Withheld(&["Machine.Read.All"]), Answer::None],
            "needs Machine.Read.All",
        ),
    ] {
        let mut app = fixture::app(80, 24);
        fill(&mut app, Kind::User, &[user()], false);
        press(&mut app, "f 'patel'");
        let before = find(&app).hits.clone();
        assert!(!before.is_empty());
        let (ticket, _) = question(&app.update(later(200), Event::Wake));
        answer(&mut app, later(300), ticket, Body::Part(answers));
        assert!(find(&app).note.contains(says), "{}", find(&app).note);
        assert_eq!(find(&app).hits, before);
    }
    let mut app = fixture::app(80, 24);
    press(&mut app, "f 'patel'");
    let (ticket, _) = question(&app.update(later(200), Event::Wake));
    answer(&mut app, later(300), ticket, Body::Dropped);
    assert!(find(&app).note.contains("cancelled") && !find(&app).waits());
}

#[test]
fn enter_waits_for_the_record_and_a_second_one_takes_what_is_marked() {
    // the title mentions the address, the device is not loaded
    let mut app = fixture::app(80, 24);
    let mut odd = incident();
    odd["displayName"] = "Beacon to 10.1.2.3".into();
    fill(&mut app, Kind::Incident, &[odd], true);
    press(&mut app, "f '10.1.2.3'");
    assert_eq!(find(&app).hits[0].how, How::Named);
    press(&mut app, "Enter");
    assert_eq!(shown(&app), None);
    assert!(find(&app).note.contains("Enter again"));
    press(&mut app, "Enter");
    assert_eq!(shown(&app), Some(Key::new(Kind::Incident, "4711")));
    // whoever moves to a hit means that one
    let mut app = full(80, 24);
    press(&mut app, "f");
    paste(&mut app, "raj.patel@contoso.com");
    press(&mut app, "Down Enter");
    assert_ne!(shown(&app), Some(Key::new(Kind::User, USER)));
    assert!(shown(&app).is_some());
}

#[test]
fn several_records_are_shown_not_guessed() {
    let mut app = full(80, 24);
    press(&mut app, "f 'ws-042'");
    let is = hits(&app, How::Is);
    assert_eq!(is.len(), 2, "two records of one name");
    let notes: Vec<&str> = find(&app).hits[..2]
        .iter()
        .map(|h| h.note.as_str())
        .collect();
    assert_eq!(notes, ["Windows11 seen 3h", "Windows10 seen 13w"]);
    // a link to the name opens the prompt instead of one of them
    let mut app = full(80, 24);
    let mut fx = Vec::new();
    with(&mut app, &Text::from("ws-042"), true, &mut fx);
    assert_eq!(hits(&app, How::Is).len(), 2);
    // a link to what is one record goes there
    let mut app = full(80, 24);
    with(
        &mut app,
        &Text::from("raj.patel@contoso.com"),
        true,
        &mut fx,
    );
    assert_eq!(shown(&app), Some(Key::new(Kind::User, USER)));
    // one to a value shows all that mentions it
    let mut app = full(80, 24);
    with(&mut app, &Text::from("203.0.113.7"), false, &mut fx);
    assert!(!find(&app).hits.is_empty());
}

#[test]
fn many_hits_lead_to_the_list_with_a_filter_that_finds_them() {
    let mut app = fixture::app(80, 24);
    let many: Vec<_> = (0..30)
        .map(|n| {
            let mut a = alerts().remove(1);
            a["id"] = format!("da{n:018}_1").into();
            a["incidentId"] = format!("{}", 5000 + n).into();
            a
        })
        .collect();
    fill(&mut app, Kind::Alert, &many, true);
    press(&mut app, "f '203.0.113.7'");
    let place = find(&app)
        .hits
        .iter()
        .position(|h| h.label == "… all 30 in the list");
    let downs = "Down ".repeat(place.unwrap());
    press(&mut app, &format!("{downs} Enter"));
    assert_eq!(app.pane().spec.kind, Kind::Alert);
    assert_eq!(app.pane().shown.len(), 30);
    assert_eq!(app.pane().filter.text, "ent:203.0.113.7");
    assert!(app.pane().detail.is_none());
    press(&mut app, "[");
    assert_eq!(app.pane().spec.kind, Kind::Incident);
}

#[test]
fn what_is_not_joined_yet_is_no_hit() {
    let mut app = fixture::app(80, 24);
    fill(&mut app, Kind::Incident, &[incident()], true);
    press(&mut app, "f 'zzz@contoso.com'");
    assert!(
        find(&app).hits.is_empty(),
        "an incident whose users are not known yet: {:?}",
        find(&app).hits
    );
}

#[test]
fn hostile_text_is_text() {
    let mut app = full(80, 24);
    press(&mut app, "f");
    for text in [
        "\u{202e}evil\u{1b}[31m",
        "' or 1 eq 1",
        "\"] OR *",
        "a\u{0}b",
        "..",
        "%2e%2e/",
        "{{ENTITY}}",
        "(?i)(a+)+$",
    ] {
        paste(&mut app, text);
        let says = &find(&app).says;
        assert!(!says.chars().any(|c| c.is_control()), "{says:?}");
        press(&mut app, "Ctrl-c");
    }
    // what was copied from our own screen is found again
    assert_eq!(
        crate::resource::find::refang("Invoice ⟨202E⟩fdp.exe ⟨x⟩"),
        "Invoice \u{202e}fdp.exe ⟨x⟩"
    );
    press(&mut app, "Esc");
    assert!(app.overlays.is_empty());
}

#[test]
fn words_say_what_a_text_is_taken_for() {
    let guid = "7d6f2c1a-0b3e-4c55-9d0a-1f2e3d4c5b6a";
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    for (text, want) in [
        ("4711", "incident 4711"),
        ("2001:db8::1", "IPv6 address"),
        (md5, "MD5"),
        (DEVICE, "device id or SHA-1"),
        (guid, "object id"),
        ("S-1-5-21-1-2-3-1104", "security id"),
        ("CVE-2024-3094", "vulnerability"),
        ("T1566.002", "MITRE technique"),
        (ALERT, "alert id"),
        ("CONTOSO\\raj", "account name"),
        ("ws-042", "device or account name"),
        ("two words", "words"),
    ] {
        assert_eq!(
            says(text, &crate::resource::find::classify(text)),
            want,
            "{text}"
        );
    }
}

fn looks(effects: Vec<Effect>) -> Vec<(Ticket, Looking)> {
    let look = |e| match e {
        Effect::Look(ticket, look) => Some((ticket, look)),
        _ => None,
    };
    effects.into_iter().filter_map(look).collect()
}

/// Large lists are looked through by a thread: a letter costs `update` nothing, a look for fewer letters is cancelled, and
/// an Enter that came before the answer still opens.
#[test]
fn a_letter_looks_through_large_lists_elsewhere() {
    let mut app = full(80, 24);
    let rows: Vec<_> = (0..40_000)
        .map(|n| fixture::incident(n + 10_000, "low", "active", "", &format!("row {n}"), "-1d"))
        .collect();
    let fx = fixture::give(
        &mut app,
        at(1),
        fixture::page(Kind::Incident, &rows, Origin::Fill, 40_100, 40_100),
    );
    fixture::compute(&mut app, fx);
    let first = looks(press(&mut app, "f '10'"));
    let second = looks(press(&mut app, "'.1.2.3'"));
    assert!(!first.is_empty() && !second.is_empty());
    assert!(first.iter().all(|(_, l)| l.run().is_none()), "cancelled");
    // the hits are those of nothing: Enter waits
    press(&mut app, "Enter");
    assert!(matches!(app.overlays.last(), Some(Overlay::Find(_))));
    let (ticket, look) = second.into_iter().next_back().unwrap();
    let hits = look.run().unwrap();
    assert_eq!(hits[0].how, How::Is);
    fixture::answer(&mut app, ticket, Body::Found(hits));
    assert_eq!(shown(&app), Some(Key::new(Kind::Device, DEVICE)));
}
