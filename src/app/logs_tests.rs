//! The logs: how far they were read is said, and anybody's are a few keys away.

use super::*;
use crate::app::fixture::*;
use crate::model::feed::{Content, Ledger, Window};
use crate::model::time::DAY;
use crate::model::{Json, Key, Ticks};
use crate::msg::{Body, Entity, Event, News, Origin, Reply, Request, Slot};
use serde_json::json;
use std::sync::Arc;

/// A row of the logs.
pub(crate) fn row(
    id: &str,
    operation: &str,
    user: &str,
    about: &str,
    age: &str,
) -> Vec<(&'static str, String)> {
    vec![
        ("id", id.into()),
        ("CreationTime", age.into()),
        ("Operation", operation.into()),
        ("UserId", user.into()),
        ("about", about.into()),
        (
            "ObjectId",
            "https://contoso.sharepoint.com/sites/plans/Plan 7.xlsx".into(),
        ),
        ("ClientIP", "203.0.113.7".into()),
        ("ResultStatus", "Succeeded".into()),
        ("Workload", "SharePoint".into()),
        ("content", "Audit.SharePoint".into()),
        ("source", "feed".into()),
        ("people", user.into()),
        ("timed", "true".into()),
    ]
}

/// Seven days of which one has a gap, and types in every state.
pub(crate) fn ledger(torn: u32) -> Ledger {
    let now = at(0).wall;
    let midnight = now.0.div_euclid(DAY) * DAY;
    let window = |n: i64, torn: u32| Window {
        from: Ticks(midnight - n * DAY),
        to: Ticks(midnight - (n - 1) * DAY),
        listed_at: Some(now),
        listed: 12,
        fetched: 12 - torn,
        torn,
        why: (torn > 0).then(|| "the answer of manage.office.com is not JSON".to_owned()),
        records: 1_204,
        duplicates: 9,
        retries: 2,
        ..Window::default()
    };
    let days = |gap: u32| {
        (0..8)
            .map(|n| window(n, if n == 3 { gap } else { 0 }))
            .collect()
    };
    let one = |name: &str, standing, windows| Content {
        name: name.into(),
        standing,
        windows,
        ..Content::default()
    };
    Ledger {
        types: vec![
            one("Audit.AzureActiveDirectory", Standing::Enabled, days(0)),
            one("Audit.Exchange", Standing::Enabled, days(torn)),
            one("Audit.SharePoint", Standing::Enabled, days(0)),
            one("Audit.General", Standing::Disabled, Vec::new()),
            one("DLP.All", Standing::Forbidden, Vec::new()),
        ],
        as_of: Some(now),
    }
}

/// The logs in front, with some rows.
pub(crate) fn logs(width: u16, height: u16, torn: u32) -> App {
    let mut app = filled(width, height);
    press(&mut app, "6");
    let rows = [
        row(
            "r-1",
            "New-InboxRule",
            "raj@contoso.com",
            "forwarding",
            "-4m",
        ),
        row(
            "r-2",
            "FileDownloaded",
            "ana@contoso.com",
            "download",
            "-9m",
        ),
        row("r-3", "UserLoggedIn", "raj@contoso.com", "signin", "-2h"),
        row("r-4", "HologramShared", "mei@contoso.com", "", "-3h"),
        row("r-5", "evil\u{202e}op", "raj@contoso.com", "", "-3d"),
    ];
    give(
        &mut app,
        at(0),
        page(Kind::Record, &rows, Origin::Fill, 5, 5),
    );
    let told = News::Feed(Arc::new(ledger(torn)));
    app.update(at(0), Event::News(told));
    let types = ledger(torn);
    let rows: Vec<Vec<(&str, String)>> = types
        .types
        .iter()
        .map(|t| {
            let j = crate::resource::feed::json(t);
            let j = Json(&j);
            let text = |name: &'static str, field: &str| {
                let value = j.str(field).map(str::to_owned);
                let number = j.int(field).map(|n| n.to_string());
                (name, value.or(number).unwrap_or_default())
            };
            vec![
                text("id", "contentType"),
                text("source", "source"),
                text("status", "status"),
                text("strip", "strip"),
                text("gaps", "gaps"),
                text("records", "records"),
                text("listed", "listed"),
                text("fetched", "fetched"),
                text("duplicates", "duplicates"),
                text("retries", "retries"),
                text("late", "late"),
            ]
        })
        .collect();
    give(&mut app, at(0), page(Kind::Feed, &rows, Origin::Fill, 5, 5));
    app
}

/// Answers the question for an entity.
pub(crate) fn answer(app: &mut App, key: Key, json: serde_json::Value) {
    let slot = Slot::Part(key.clone(), "");
    let ticket = app.tickets.current(&slot).expect("nobody asked");
    let body = Body::Entity(Entity {
        key,
        json: Arc::new(json),
        as_of: at(0).wall,
        cached: false,
    });
    let last = true;
    app.update(at(0), Event::Reply(Reply { ticket, last, body }));
}

#[test]
fn s0_8_s0_9_from_a_users_card_to_their_forwarding_in_three_keys() {
    let mut app = logs(80, 24, 0);
    let user = vec![
        ("id", "u-1".to_owned()),
        ("userPrincipalName", "raj@contoso.com".to_owned()),
        ("displayName", "Raj".to_owned()),
    ];
    press(&mut app, "4");
    give(
        &mut app,
        at(0),
        page(Kind::User, &[user], Origin::Fill, 1, 1),
    );
    press(&mut app, "Enter");
    assert_eq!(app.subject().map(|k| k.kind), Some(Kind::User));
    press(&mut app, "g l r");
    let pane = app.pane();
    assert_eq!(pane.spec.kind, Kind::Record);
    assert_eq!(pane.filter.problems, []);
    assert_eq!(pane.shown.len(), 1, "{}", pane.filter.text);
    assert_eq!(pane.key().unwrap().id.txt().exact(), "r-1");
    // from a record of theirs it is as near
    press(&mut app, "g l a");
    assert_eq!(app.pane().shown.len(), 3);
    press(&mut app, "[");
    assert_eq!(app.pane().spec.kind, Kind::Record);
    for (letter, _, filter) in PRESETS {
        press(&mut app, &format!("g l {letter}"));
        assert_eq!(app.pane().filter.problems, [], "{filter}");
    }
}

#[test]
fn s0_7_new_rows_wait_until_somebody_follows() {
    let mut app = logs(80, 24, 0);
    let newer = [row("r-6", "FileAccessed", "ana@contoso.com", "", "-1m")];
    give(
        &mut app,
        at(1),
        page(Kind::Record, &newer, Origin::Poll, 6, 6),
    );
    assert_eq!((app.pane().shown.len(), app.pane().waiting), (5, 1));
    press(&mut app, "F");
    assert_eq!(app.pane().shown.len(), 6);
    assert_eq!(app.pane().key().unwrap().id.txt().exact(), "r-6");
    let newest = [row("r-7", "FileAccessed", "ana@contoso.com", "", "-0m")];
    give(
        &mut app,
        at(2),
        page(Kind::Record, &newest, Origin::Poll, 7, 7),
    );
    assert_eq!(app.pane().shown.len(), 7);
    assert_eq!(app.pane().key().unwrap().id.txt().exact(), "r-7");
}

#[test]
fn gaps_are_loud_and_silent_types_are_named() {
    let quiet = strip(&logs(120, 40, 0)).unwrap();
    assert_eq!(quiet.0, Tone::Bad, "a disabled type is no quiet thing");
    assert!(quiet.1.contains("General DISABLED"), "{}", quiet.1);
    assert!(quiet.1.contains("DLP denied"), "{}", quiet.1);
    let loud = strip(&logs(120, 40, 1)).unwrap();
    assert!(loud.1.starts_with("! 1 GAP (gk)"), "{}", loud.1);
    assert!(loud.1.contains("Exchange ####!#"), "{}", loud.1);
    let mut app = logs(80, 24, 0);
    press(&mut app, "1");
    assert_eq!(strip(&app), None);
}

#[test]
fn s0_11_the_windows_of_a_type_are_two_keys_away() {
    let mut app = logs(120, 40, 1);
    press(&mut app, "g k");
    assert_eq!(app.pane().spec.kind, Kind::Feed);
    assert_eq!(app.pane().shown.len(), 5);
    press(&mut app, "j j Enter");
    let key = app.subject().unwrap();
    assert_eq!(key.id.txt().exact(), "Audit.General");
    let types = ledger(1);
    let json = crate::resource::feed::json(&types.types[3]);
    answer(&mut app, key, json);
    assert!(app.pane().detail.as_ref().unwrap().entity.is_some());
}

/// What `x` and a letter would write, of the logs in front.
fn exported(app: &mut App, keys: &str) -> (Vec<u8>, serde_json::Value) {
    press(app, keys);
    let fx = press(app, "Enter");
    let save = fx.into_iter().find_map(|e| match e {
        crate::msg::Effect::Work(_, work) => match *work {
            crate::resource::hunt_work::Work::Save(save) => Some(save),
            _ => None,
        },
        _ => None,
    });
    let export = save.expect("nothing is written").export;
    let mut bytes = Vec::new();
    export.write(&mut bytes).unwrap();
    let told = export.from.sidecar(export.rows.len());
    (bytes, serde_json::from_str(&told).unwrap())
}

#[test]
fn s0_6_every_export_of_logs_carries_what_was_read_of_them() {
    let mut app = logs(120, 40, 1);
    press(&mut app, "/ 'user:raj' Enter");
    let (rows, told) = exported(&mut app, "x c");
    let rows = String::from_utf8(rows).unwrap();
    assert_eq!(rows.lines().count(), 4, "the head and those shown: {rows}");
    assert_eq!(told["complete"], false);
    let why = told["partial"].as_str().unwrap();
    assert!(
        why.contains("gap in Exchange") && why.contains("not JSON"),
        "{why}"
    );
    assert!(
        told["notes"]
            .to_string()
            .contains("among them: DLP: forbidden")
    );
    let types = told["ledger"]["types"].as_array().unwrap();
    assert_eq!(types.len(), 5);
    let window = &types[1]["windows"][3];
    assert_eq!(
        (
            &window["reach"],
            &window["torn"],
            &window["records"],
            &window["duplicates"]
        ),
        (&"gap".into(), &1.into(), &1204.into(), &9.into())
    );
    let (json, _) = exported(&mut app, "x j");
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(
        json["provenance"]["ledger"]["types"],
        told["ledger"]["types"]
    );
    let (text, _) = exported(&mut app, "x m");
    let text = String::from_utf8(text).unwrap();
    assert!(
        text.contains("11 of 12 parts, 1204 records, 9 again, 2 retries"),
        "{text}"
    );
    assert!(text.contains("PARTIAL: gap in Exchange"), "{text}");
    let (sheet, _) = exported(&mut app, "x x");
    assert!(sheet.starts_with(b"PK"));
    // other lists have no such thing
    press(&mut app, "1");
    let (_, told) = exported(&mut app, "x c");
    assert!(told.get("ledger").is_none());
}

#[test]
fn a_record_opens_with_every_field() {
    let mut app = logs(120, 40, 0);
    press(&mut app, "Enter");
    let key = app.subject().unwrap();
    answer(&mut app, key, record());
    press(&mut app, "l");
    let detail = app.pane().detail.as_ref().unwrap();
    assert!(detail.entity.is_some());
}

/// The search that was asked for, if one was.
fn asked(fx: &[Effect]) -> Option<String> {
    fx.iter().find_map(|e| match e {
        Effect::Ask(_, Request::Search { kind, words }) if *kind == Kind::Record => {
            Some(words.clone())
        }
        _ => None,
    })
}

#[test]
fn an_audit_search_begins_with_whom_the_cursor_is_on_and_says_what_is_wrong() {
    let mut app = logs(80, 24, 0);
    press(&mut app, "g f");
    let Some(Overlay::Ask(form)) = app.overlays.last() else {
        panic!("no form");
    };
    assert_eq!(form.line.text(), "from:30d to:0d who:raj@contoso.com op:");
    // a word that is none: said, and what was typed stands there again
    let fx = press(&mut app, "'x colour:red' Enter");
    assert_eq!(asked(&fx), None);
    let Some(Overlay::Ask(form)) = app.overlays.last() else {
        panic!("no form");
    };
    assert!(form.line.text().ends_with("op:x colour:red"));
    press(&mut app, "Esc");
    press(&mut app, "g f");
    let fx = press(&mut app, "'New-InboxRule' Enter");
    let words = asked(&fx).expect("no search");
    assert!(
        words.starts_with("who:raj@contoso.com op:New-InboxRule from:2"),
        "{words}"
    );
    assert_eq!(app.pane().spec.kind, Kind::Record);
    // without the permission it is not offered
    let mut app = logs(80, 24, 0);
    let seen = vec!["AuditLog.Read.All".to_owned()];
    app.grants.token(Service::Graph, Some(seen));
    let why = able_search(&app).unwrap_err();
    assert!(why.contains("AuditLogsQuery.Read.All"), "{why}");
}

#[test]
fn sources_beside_the_feed_say_what_they_lack_in_the_strip() {
    let mut app = logs(120, 40, 0);
    let mut told = ledger(0);
    told.types.push(Content {
        name: Source::SIGN_INS.into(),
        source: Source::SignIns,
        standing: Standing::Unlicensed,
        trouble: "sign-ins take the licence Microsoft Entra ID P1".into(),
        ..Content::default()
    });
    told.types.push(Content {
        name: "search 1".into(),
        source: Source::Search,
        standing: Standing::Running,
        windows: vec![Window {
            job: "running".into(),
            ..Window::default()
        }],
        ..Content::default()
    });
    app.update(at(0), Event::News(News::Feed(Arc::new(told))));
    let said = strip(&app).unwrap().1;
    assert!(said.contains("Sign-ins unlicensed"), "{said}");
    assert!(said.contains("s1 ·"), "{said}");
}

/// A rule that sends mail away.
pub(crate) fn record() -> serde_json::Value {
    json!({
        "@contentType": "Audit.Exchange", "Id": "r-1", "RecordType": 1, "CreationTime": "2026-08-01T12:00:05",
        "Operation": "New-InboxRule", "OrganizationId": "t", "UserType": 2, "UserKey": "k", "Workload": "Exchange",
        "ResultStatus": "True", "ObjectId": "raj\\Newsletters", "UserId": "raj@contoso.com",
        "ClientIP": "203.0.113.7:51514", "SomethingNew": {"deep": ["a", 1, null]},
        "Parameters": [{"Name": "Name", "Value": "."}, {"Name": "ForwardTo", "Value": "drop@evil.example"}],
    })
}

#[test]
fn what_happened_has_no_menu_of_actions_and_says_so() {
    let mut app = logs(80, 24, 0);
    press(&mut app, "a");
    assert!(app.overlays.is_empty());
    let words = "nothing can be done to a record itself";
    assert!(app.toasts.log.iter().any(|t| t.text.contains(words)));
}
