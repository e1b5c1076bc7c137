//! Copies: safe to paste, complete, and from a list as well.

use super::*;
use crate::app::entities::*;
use crate::app::fixture::{at, key};
use crate::model::{Fault, FaultKind};

fn copied(effects: &[Effect]) -> Vec<(&'static str, String)> {
    let copy = |e: &Effect| match e {
        Effect::Copy { what, text } => Some((*what, text.clone())),
        _ => None,
    };
    effects.iter().filter_map(copy).collect()
}

fn one(effects: &[Effect]) -> (&'static str, String) {
    let mut all = copied(effects);
    assert_eq!(all.len(), 1, "{all:?}");
    all.remove(0)
}

#[test]
fn copied_json_reads_back_exactly_and_shows_nothing_odd() {
    let v = serde_json::json!({"a": "x\u{1b}[31m\u{202e}\u{200b}é漢 😀\n", "b": [1, null]});
    let out = escaped(&serde_json::to_string_pretty(&v).unwrap());
    assert!(
        !out.contains('\u{1b}')
            && !out.contains('\u{202e}')
            && !out.contains('\u{200b}')
            && !out.ends_with('\n')
    );
    assert_eq!(serde_json::from_str::<serde_json::Value>(&out).unwrap(), v);
}

/// T12: a summary of the incident under the cursor is two keys, from the list too.
#[test]
fn t12_a_summary_from_the_list_is_defanged_and_has_the_alerts() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    let (what, text) = one(&service.press(&mut app, "y s"));
    assert_eq!(what, "summary");
    for part in [
        "Incident: 4711 Multi-stage",
        "Severity: high",
        "Alerts: 2",
        "T1566.002",
        "hxxps",
        "user: raj[.]patel[@]contoso[.]com",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    assert!(
        !text.contains("unknown")
            && !text.contains("https://")
            && !text.contains('\u{202e}')
            && !text.ends_with('\n')
    );
    assert!(app.pane().detail.is_none(), "the list is left as it was");
    // the open detail has it already
    service.press(&mut app, "Enter");
    let before = service.asked.len();
    assert_eq!(one(&service.press(&mut app, "y s")).1, text);
    assert_eq!(service.asked.len(), before);
}

#[test]
fn json_of_every_kind_is_what_the_service_sent() {
    for (tab, want) in [
        ("1", incident()),
        ("2 G", alerts().remove(0)),
        ("3", device()),
        ("4", admin()),
    ] {
        let mut app = full(80, 24);
        let mut service = Service::all();
        service.press(&mut app, tab);
        let (what, text) = one(&service.press(&mut app, "y j"));
        assert_eq!(what, "JSON");
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["id"], want["id"], "{tab}");
        assert_eq!(read, want, "{tab}");
    }
}

#[test]
fn what_cannot_be_read_is_said_and_a_newer_wish_counts() {
    let mut app = full(80, 24);
    let fx = key(&mut app, at(1), "y s");
    let fault = Fault::new(FaultKind::Timeout, "no answer in time");
    let fx = answer(&mut app, at(1), ticket(&fx, SLOT), Body::Fault(fault));
    assert!(copied(&fx).is_empty());
    assert!(
        app.toasts
            .log
            .last()
            .unwrap()
            .text
            .contains("not copied: no answer in time")
    );
    // another copy meanwhile: the late one does not take its place in the clipboard
    let fx = key(&mut app, at(1), "y s");
    let late = ticket(&fx, SLOT);
    assert_eq!(one(&key(&mut app, at(1), "y y")).0, "value");
    assert!(copied(&answer(&mut app, at(1), late, got(incident()))).is_empty());
}

#[test]
fn values_rows_and_portal_addresses() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    assert_eq!(
        one(&service.press(&mut app, "y y")).1,
        "Multi-stage incident involving initial access & lateral movement"
    );
    let row = one(&service.press(&mut app, "y r")).1;
    assert!(
        row.starts_with("4711\thigh\tactive\t\tMulti-stage"),
        "{row}"
    );
    // S2-9: the address of its page
    assert_eq!(
        one(&service.press(&mut app, "y u")).1,
        "https://security.microsoft.com/incident2/4711/overview?tid=t"
    );
    let fx = service.press(&mut app, "o");
    assert!(
        matches!(fx.as_slice(), [Effect::Open { url }] if url.ends_with("/incident2/4711/overview?tid=t"))
    );
    service.press(&mut app, "3");
    let url = one(&service.press(&mut app, "y u")).1;
    assert_eq!(
        url,
        format!("https://security.microsoft.com/machines/v2/{DEVICE}/overview?tid=t")
    );
    // in a detail the line's value, and defanged
    service.press(&mut app, "1 Enter l l");
    let line = |app: &App| app.pane().detail.as_ref().unwrap().target().cloned();
    for _ in 0..40 {
        if matches!(line(&app), Some(crate::model::EntityRef::Url(_))) {
            break;
        }
        service.press(&mut app, "n");
    }
    assert_eq!(
        one(&service.press(&mut app, "y y")).1,
        "https://evil.example/pay"
    );
    assert_eq!(
        one(&service.press(&mut app, "y d")).1,
        "hxxps://evil[.]example/pay"
    );
}

#[test]
fn s1_14_the_workspace_of_an_alert_opens_and_an_alert_without_one_says_so() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    service.press(&mut app, "2 Enter");
    let subject = app.subject().unwrap();
    let why = workspace(&app).unwrap_err();
    assert!(why.contains("no workspace"), "{why}");
    let path =
        "/subscriptions/1/resourceGroups/g/providers/Microsoft.OperationalInsights/workspaces/w";
    let json = serde_json::json!({"id": subject.id.txt().exact(), "serviceSource": "microsoftSentinel",
        "additionalData": {"WorkspaceResourceId": path}});
    let shown = app.pane_mut().detail.as_mut();
    let there = shown.and_then(|d| d.entity.as_mut());
    there.unwrap().json = std::sync::Arc::new(json);
    let fx = key(&mut app, at(1), "g w");
    assert!(
        fx.iter().any(|e| matches!(e, Effect::Open { url } if url.ends_with("/workspaces/w/overview") && url.contains("#@t/"))),
        "{fx:?}"
    );
    service.press(&mut app, "1");
    assert_eq!(workspace(&app).unwrap_err(), "for alerts only");
}

/// S2-18: on a device one key gives the page of its alerts, and one lists them here.
#[test]
fn s2_18_one_key_for_the_page_of_a_devices_alerts_and_one_for_their_list() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    service.press(&mut app, "3");
    let device = app.subject().unwrap();
    let fx = service.press(&mut app, "O");
    let url = format!(
        "https://security.microsoft.com/machines/v2/{}/alerts?tid=",
        device.id.txt().exact()
    );
    assert!(
        matches!(fx.as_slice(), [.., Effect::Open { url: opened }] if opened.starts_with(&url))
            || fx
                .iter()
                .any(|e| matches!(e, Effect::Open { url: opened } if opened.starts_with(&url))),
        "{fx:?}"
    );
    service.press(&mut app, "E");
    let listed = app.pick_mut("go").map(|p| p.shown().count());
    assert!(
        listed.is_some_and(|n| n > 1) || app.pane().spec.kind == Kind::Alert,
        "{listed:?}"
    );
    // elsewhere the key says why there is no such page
    service.press(&mut app, "Esc 4");
    let fx = service.press(&mut app, "O");
    assert!(!fx.iter().any(|e| matches!(e, Effect::Open { .. })));
    assert!(alerts_page(&app).unwrap_err().contains("devices"));
}
