//! Rows of the acceptance list that are about acting, by keys from where the person stands.

use super::tests::{asked, seen, told, words_of};
use super::*;
use crate::app::entities::*;
use crate::app::fixture::chunk;
use crate::app::pick::Pick;
use crate::model::{Kind, Ticks};

fn to(app: &mut App, id: &str) {
    let row = app.pane().rows.find(id).unwrap();
    let place = app.pane().shown.position_of(row).unwrap();
    app.pane_mut().move_to(place, 10);
}

fn menu(app: &App) -> &Pick {
    match app.overlays.last() {
        Some(Overlay::Pick(menu)) => menu,
        _ => panic!("no menu: {}", told(app)),
    }
}

fn grey(app: &App, label: &str) -> Option<String> {
    let item = menu(app).all().find(|i| i.label == label);
    item.unwrap_or_else(|| panic!("no {label}")).grey.clone()
}

/// S0-3, S0-5: the challenge is typed; what revoking does not end is said, and since when sessions count is read back.
#[test]
fn s0_3_s0_5_the_question_before_an_account_is_disabled() {
    let (mut app, mut service) = (full(100, 40), Service::all());
    service.press(&mut app, "4");
    to(&mut app, USER);
    service.press(&mut app, "a d");
    seen(&mut app, 1);
    let Phase::Open(prompt) = &asked(&app).phase else {
        panic!()
    };
    assert_eq!(prompt.tier(), 2);
    let wanted = prompt.challenge().wanted();
    assert!(wanted.len() >= 4, "typed, not pressed: {wanted}");
    let shown = words_of(&app);
    assert!(shown.contains("revoke sessions too"), "{shown}");
    service.press(&mut app, "Esc a v");
    let shown = words_of(&app);
    assert!(
        shown.contains("access tokens already given out live on"),
        "{shown}"
    );
    // what the service has now stands in the detail
    let mut revoked = user();
    revoked["signInSessionsValidFromDateTime"] = "2026-08-01T12:03:00Z".into();
    service.set(&format!("/users/{USER}"), revoked);
    service.press(&mut app, "Esc Enter");
    let rows = &app.pane().detail.as_ref().unwrap().rows;
    let pieces = rows.iter().flat_map(|r| &r.pieces).map(|(_, s)| s.as_str());
    let text = pieces.collect::<Vec<_>>().join(" ");
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        text.contains("sessions valid from 2026-08-01 12:03"),
        "{text}"
    );
}

/// A device that was never onboarded: its row says so, and so does each verb in its menu.
#[test]
fn s2_13_what_a_device_cannot_have_is_greyed_with_the_reason() {
    let (mut app, mut service) = (full(100, 40), Service::all());
    let id = "00112233445566778899aabbccddeeff00112233";
    let mut row = device();
    row["id"] = id.into();
    row["computerDnsName"] = "printer-7".into();
    row["onboardingStatus"] = "CanBeOnboarded".into();
    fill(&mut app, Kind::Device, &[row], true);
    service.press(&mut app, "3");
    to(&mut app, id);
    service.press(&mut app, "a");
    for label in ["isolate", "quick scan", "collect package"] {
        let why = grey(&app, label).unwrap_or_else(|| panic!("{label} is not grey"));
        assert!(
            why.contains("not onboarded (CanBeOnboarded)"),
            "{label}: {why}"
        );
    }
    service.press(&mut app, "i");
    assert!(!app.prompting(), "and it opens nothing");
}

/// By device, kind, state and who asked, in the filter's own words.
#[test]
fn s2_23_actions_are_filtered_by_device_type_status_and_requestor() {
    let (mut app, mut service) = (full(100, 40), Service::all());
    let row = |id: &str, kind: &str, status: &str, device: &str, who: &str| {
        vec![
            ("id", id.to_owned()),
            ("type", kind.to_owned()),
            ("status", status.to_owned()),
            ("computerDnsName", device.to_owned()),
            ("requestor", who.to_owned()),
            ("creationDateTimeUtc", "-5m".to_owned()),
        ]
    };
    let rows = [
        row("a1", "Isolate", "Pending", "ws-042", "ana@contoso.com"),
        row(
            "a2",
            "RunAntiVirusScan",
            "Succeeded",
            "ws-042",
            "raj@contoso.com",
        ),
        row("a3", "Isolate", "Failed", "srv-01", "raj@contoso.com"),
    ];
    let chunk = chunk(Kind::Action, &rows);
    let page = crate::msg::Page {
        kind: Kind::Action,
        chunk: Some(chunk),
        origin: crate::msg::Origin::Fill,
        progress: crate::msg::Progress {
            loaded: 3,
            total: None,
            complete: true,
            as_of: Some(Ticks::default()),
        },
        bad: 0,
        bad_why: None,
        removed: Vec::new(),
    };
    crate::app::fixture::give(&mut app, crate::app::fixture::at(0), page);
    service.press(&mut app, "8");
    for (filter, wanted) in [
        ("device:ws-042", &["a1", "a2"][..]),
        ("type:isolate", &["a1", "a3"]),
        ("status:pending", &["a1"]),
        ("by:raj", &["a2", "a3"]),
        ("type:isolate by:raj status:failed", &["a3"]),
    ] {
        service.press(&mut app, &format!("/ Ctrl-u '{filter}' Enter"));
        let pane = app.pane();
        let mut shown: Vec<String> = (0..pane.shown.len())
            .filter_map(|n| pane.shown.row(n))
            .map(|r| pane.rows.key(r).exact().to_owned())
            .collect();
        shown.sort();
        assert_eq!(shown, wanted, "{filter}: {}", told(&app));
    }
}
