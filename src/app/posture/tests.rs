//! The tab with rows made by hand.

use super::page;
use super::*;
use crate::app::fixture::*;
use crate::model::Json;
use crate::msg::{Body, Event};
use crate::resource::doc::Form;
use crate::resource::spec;
use serde_json::json;
use std::sync::Arc;
use table::ChunkBuilder;

/// JSON rows of a list, as a page that completes it.
pub(crate) fn rows(app: &mut App, kind: Kind, rows: &[serde_json::Value]) -> Vec<Effect> {
    let spec = spec(kind);
    let mut build = ChunkBuilder::new(spec.schema());
    for row in rows {
        let mut sink = crate::resource::Sink::new(spec.columns, &mut build);
        (spec.decode)(Json(row), &mut sink).unwrap();
        build.end_row();
    }
    let n = rows.len() as u64;
    let mut page = page_of(kind, n);
    page.chunk = Some(Arc::new(build.finish()));
    let fx = give(app, at(0), page);
    compute_all(app, fx)
}

fn page_of(kind: Kind, n: u64) -> crate::msg::Page {
    crate::app::fixture::page(kind, &[], Origin::Fill, n, n)
}

fn compute_all(app: &mut App, fx: Vec<Effect>) -> Vec<Effect> {
    let (jobs, rest) = fx
        .into_iter()
        .partition(|e| matches!(e, Effect::Compute(..)));
    compute(app, jobs);
    rest
}

fn control(
    id: &str,
    title: &str,
    max: f64,
    (cost, impact): (&str, &str),
    rank: i64,
) -> serde_json::Value {
    json!({"id": id, "title": title, "maxScore": max, "implementationCost": cost, "userImpact": impact, "rank": rank,
        "controlCategory": if id.starts_with("scid") { "Device" } else { "Identity" }, "service": "AzureAD", "tier": "Core",
        "remediation": "<p>Do <b>it</b>.</p><script>alert(1)</script>\u{1b}[31m", "controlStateUpdates": []})
}

fn score(day: &str, controls: &[(&str, f64)]) -> serde_json::Value {
    let all: Vec<_> = controls
        .iter()
        .map(|(n, s)| json!({"controlName": n, "controlCategory": "Identity", "score": s, "count": 40, "total": 100}))
        .collect();
    let sum: f64 = controls.iter().map(|c| c.1).sum();
    json!({"id": format!("t_{day}"), "createdDateTime": format!("{day}T00:00:00Z"), "currentScore": sum, "maxScore": 40.0,
        "licensedUserCount": 100, "controlScores": all, "averageComparativeScores": [
            {"basis": "AllTenants", "averageScore": 61.4}, {"basis": "TotalSeats", "averageScore": 68.2},
            {"basis": "IndustryTypes", "averageScore": 64.9}]})
}

/// The tab with four controls and eleven days of which two are missing.
pub(crate) fn filled_posture(width: u16, height: u16) -> App {
    let mut app = filled(width, height);
    press(&mut app, "7");
    let controls = [
        control(
            "AdminMFAV2",
            "Require MFA for administrators",
            10.0,
            ("Low", "Low"),
            1,
        ),
        control(
            "Legacy",
            "Block legacy authentication",
            8.0,
            ("Moderate", "High"),
            2,
        ),
        control(
            "SafeLinks",
            "Create Safe Links policies",
            9.0,
            ("Low", "Moderate"),
            3,
        ),
        control(
            "scid_96",
            "Turn on network protection",
            8.0,
            ("High", "Low"),
            4,
        ),
    ];
    rows(&mut app, Kind::Control, &controls);
    let days: Vec<_> = (20..=31)
        .rev()
        .filter(|d| !matches!(d, 27 | 28))
        .map(|d| {
            let links = if d >= 26 { 5.0 } else { 9.0 };
            let day = format!("2026-07-{d}");
            score(
                &day,
                &[
                    ("AdminMFAV2", 10.0),
                    ("Legacy", 2.0),
                    ("SafeLinks", links),
                    ("scid_96", 4.5),
                    ("Vanished", 1.0),
                ],
            )
        })
        .collect();
    rows(&mut app, Kind::Score, &days);
    figures(&mut app);
    app
}

/// Both scores of the devices, today and eight days ago, and that of one group.
fn figures(app: &mut App) {
    let of = |what: &str, day: &str, score: f64| {
        json!({"@odata.context": format!("https://api.security.microsoft.com/api/$metadata#{what}/$entity"),
            "time": format!("2026-07-{day}T06:00:00Z"), "score": score})
    };
    let all = [
        of("ExposureScore", "31", 33.2),
        of("ExposureScore", "30", 33.2),
        of("ExposureScore", "23", 30.0),
        of("ConfigurationScore", "31", 512.6),
        of("ConfigurationScore", "23", 500.0),
        json!({"time": "2026-07-31T06:00:00Z", "rbacGroupName": "Servers", "score": 50.0}),
    ];
    rows(app, Kind::DeviceScore, &all);
}

pub(super) fn told(app: &App) -> String {
    lines(app).into_iter().map(|(_, l)| l + "\n").collect()
}

pub(super) fn column(app: &App, name: &str) -> Vec<String> {
    let pane = app.pane();
    let col = pane.spec.column(name).unwrap();
    let cell = |r| match pane.rows.cell(r, col).to_value() {
        Value::Text(t) => t.txt().exact().to_owned(),
        Value::Real(n) => format!("{n:.1}"),
        Value::Bool(b) => b.to_string(),
        other => format!("{other:?}"),
    };
    pane.shown.rows().iter().map(cell).collect()
}

#[test]
fn s0_23_score_maximum_percent_date_and_averages_stand_on_one_screen() {
    let app = filled_posture(80, 24);
    let said = told(&app);
    for words in [
        "secure score 22.5 of 40.0 · 56.2 % · of 2026-07-31 · -4.0 since 2026-07-24",
        "averages: all tenants 61.4 · tenants of this size 68.2 · this trade 64.9",
        "07-31: exposure 33.2 (lower better) · configuration 512.6 (higher better)",
    ] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
    let said = told(&filled_posture(120, 40));
    for words in [
        "2026-07-31: exposure 33.2 (+3.2 in 8 d, lower better)",
        "configuration 512.6 (+12.6 in 8 d, higher better)",
    ] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
}

/// The service tells today's scores of the devices alone: days that were read here stand in a list of their own.
#[test]
fn scores_of_the_devices_are_kept_day_by_day_and_say_which_way_is_better() {
    let mut app = filled_posture(80, 24);
    let mut fx = Vec::new();
    page(&mut app, Kind::DeviceScore, &mut fx);
    assert_eq!(app.pane().shown.len(), 6);
    assert!(told(&app).contains("exposure by device group: Servers 50.0"));
    press(&mut app, "/ 'what:exposure whole:yes' Enter");
    let changes = column(&app, "change");
    assert_eq!(changes[1], "3.2", "{changes:?}");
    open_entity(&mut app, json!({"score": 33.2}));
    let said = doc(&app);
    for words in ["33.2 points", "lower is better", "2026-07-23", "+3.20"] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
}

#[test]
fn tasks_say_until_when_how_far_and_which_devices() {
    let mut app = filled_posture(80, 24);
    let mut fx = Vec::new();
    page(&mut app, Kind::Task, &mut fx);
    let task = |id: &str, status: &str, due: &str, done: i64| {
        json!({"id": id, "title": format!("Update {id}"), "status": status, "dueOn": due, "targetDevices": 30, "fixedDevices": done,
            "requesterEmail": "ana@contoso.com", "description": "Apply it."})
    };
    let all = [
        task("edge", "Active", "2026-08-20T00:00:00Z", 10),
        task("java", "Active", "2026-07-20T00:00:00Z", 29),
        task("old", "Completed", "2026-06-20T00:00:00Z", 31),
    ];
    rows(&mut app, Kind::Task, &all);
    press(&mut app, "/ '!st:completed' Enter");
    assert_eq!(
        column(&app, "title"),
        ["Update java", "Update edge"],
        "what is due first"
    );
    assert_eq!(column(&app, "left"), ["Int(1)", "Int(20)"]);
    open_entity(&mut app, all[1].clone());
    let said = doc(&app);
    for words in [
        "29 of 30 done, 1 left",
        "the day it was wanted for is over",
        "ana@contoso.com",
        "Apply it.",
    ] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
    let fx = press(&mut app, "l");
    let asked = fx.iter().any(|e| matches!(e, Effect::Ask(_, Request::Part { calls, .. }) if calls[0].path.as_str() == "/remediationtasks/java/machinereferences"));
    assert!(asked, "{fx:?}");
}

/// A tenant without the licence says so in the service's words where the score would be, and the other lists stay.
#[test]
fn a_missing_licence_is_said_where_the_score_would_be() {
    let mut app = filled(80, 24);
    press(&mut app, "7");
    let ticket = app.tickets.current(&Slot::Sync(Kind::Score)).unwrap();
    let fault = crate::model::Fault::new(
        crate::model::FaultKind::Forbidden,
        "The tenant does not have a license that includes this feature.",
    );
    let body = crate::msg::Body::Fault(fault);
    answer(&mut app, ticket, body);
    let said = told(&app);
    assert!(
        said.contains("secure score: The tenant does not have a license"),
        "{said}"
    );
    assert_eq!(badge(&app), None);
}

#[test]
fn s0_25_open_controls_are_sorted_by_points_to_gain_and_by_anything_else() {
    let mut app = filled_posture(120, 40);
    assert_eq!(column(&app, "gain"), ["6.0", "4.0", "3.5", "0.0"]);
    assert_eq!(column(&app, "title")[0], "Block legacy authentication");
    press(&mut app, "S 'cost' Enter");
    assert_eq!(column(&app, "cost")[0], "High");
    press(&mut app, "r");
    assert_eq!(column(&app, "cost")[0], "Low");
    press(&mut app, "S 'impact' Enter");
    assert_eq!(column(&app, "impact")[0], "High");
    press(&mut app, "S 'rank' Enter r");
    assert_eq!(column(&app, "title")[0], "Require MFA for administrators");
    press(&mut app, "/ 'gain>0 state:todo' Enter");
    assert_eq!(app.pane().shown.len(), 3);
}

/// A control that stands lower than a week before is told when the day comes, once, and stays in sight.
#[test]
fn a_control_that_fell_raises_an_alarm() {
    let mut app = filled_posture(80, 24);
    let line = "1 control fell since 2026-07-24: -4.00 Create Safe Links policies";
    assert!(told(&app).contains(line), "{}", told(&app));
    let toasts = |app: &App| {
        app.toasts
            .log
            .iter()
            .filter(|t| t.text.contains("fell since"))
            .count()
    };
    assert_eq!(toasts(&app), 1);
    assert_eq!(badge(&app), None, "the controls are in front");
    // the same day again says nothing new; another day does
    rows(
        &mut app,
        Kind::Score,
        &[score(
            "2026-07-31",
            &[("AdminMFAV2", 9.0), ("SafeLinks", 5.0)],
        )],
    );
    assert_eq!(toasts(&app), 1);
    rows(
        &mut app,
        Kind::Score,
        &[score(
            "2026-08-01",
            &[("AdminMFAV2", 9.0), ("SafeLinks", 5.0)],
        )],
    );
    assert_eq!(toasts(&app), 2);
}

/// What the cache has was told when it came; and the score is followed wherever one is.
#[test]
fn an_alarm_is_not_told_again_by_the_cache_and_comes_without_the_tab() {
    let mut app = filled(80, 24);
    let minute = |app: &mut App, n: u64| {
        let mut now = at(n);
        now.wall = Ticks(now.wall.0 + n as i64 * crate::model::time::MINUTE);
        app.update(now, Event::Wake)
    };
    let fx = minute(&mut app, 3);
    let asked = |e: &Effect| matches!(e, Effect::Ask(_, Request::Sync { kind: Kind::Score }));
    assert!(fx.iter().any(asked), "{fx:?}");
    assert!(!minute(&mut app, 4).iter().any(asked), "once");
    let days: Vec<_> = (20..=31)
        .rev()
        .map(|d| {
            score(
                &format!("2026-07-{d}"),
                &[("Legacy", if d > 28 { 1.0 } else { 2.0 })],
            )
        })
        .collect();
    let mut build = ChunkBuilder::new(spec(Kind::Score).schema());
    for row in &days {
        let mut sink = crate::resource::Sink::new(spec(Kind::Score).columns, &mut build);
        (spec(Kind::Score).decode)(Json(row), &mut sink).unwrap();
        build.end_row();
    }
    let mut page = crate::app::fixture::page(Kind::Score, &[], Origin::Cache, 12, 12);
    page.chunk = Some(Arc::new(build.finish()));
    give(&mut app, at(5), page);
    assert!(!app.toasts.log.iter().any(|t| t.text.contains("fell since")));
    // it stands in the header until the controls were looked at with it
    assert_eq!(badge(&app).as_deref(), Some("1 control fell"));
    press(&mut app, "7 1");
    assert_eq!(badge(&app), None, "seen");
}

#[test]
fn marked_controls_say_what_they_would_bring_and_are_exported_as_a_plan() {
    let mut app = filled_posture(80, 24);
    press(&mut app, "Space Space");
    let said = told(&app);
    for words in [
        "what if 2 marked: 32.5 of 40.0 · 81.2 % · +10.0",
        "effort 1 low, 1 moderate · user impact up to high",
        "touches 60 to 100 users",
    ] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
    let dir = tempfile::tempdir().unwrap();
    app.hunt.folder = dir.path().to_owned();
    press(&mut app, "x m");
    let fx = press(&mut app, "Enter");
    work(&mut app, fx);
    let file = std::fs::read_dir(dir.path())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert!(
        file.file_name()
            .to_string_lossy()
            .starts_with("contoso-prod-controls-plan-")
    );
    let text = std::fs::read_to_string(file.path()).unwrap();
    for words in [
        "plan of 2 controls: 32.5 of 40.0",
        "Block legacy authentication",
        "marked by hand",
    ] {
        assert!(text.contains(words), "no “{words}” in\n{text}");
    }
    assert!(!text.contains("Require MFA"), "not marked");
}

/// The doc of the open detail as text.
pub(super) fn doc(app: &App) -> String {
    let d = app.pane().detail.as_ref().unwrap();
    let rows = d.rows.iter();
    rows.map(|r| r.pieces.iter().map(|(_, t)| t.as_str()).collect::<String>() + "\n")
        .collect()
}

fn open_entity(app: &mut App, json: serde_json::Value) {
    press(app, "Enter");
    let key = app.pane().detail.as_ref().unwrap().key.clone();
    let ticket = app.tickets.current(&Slot::Part(key.clone(), "")).unwrap();
    let entity = crate::msg::Entity {
        key,
        json: Arc::new(json),
        as_of: at(0).wall,
        cached: false,
    };
    answer(app, ticket, Body::Entity(entity));
}

#[test]
fn s0_24_two_chosen_days_differ_control_by_control() {
    let mut app = filled_posture(80, 24);
    press(&mut app, "7");
    assert_eq!(app.pane().spec.kind, Kind::Score);
    assert!(app.posture.chart.is_some(), "S0-24: the trend");
    assert_eq!(
        app.posture.chart.as_ref().unwrap().series[0].points.len(),
        10,
        "a point a day"
    );
    let newest = score(
        "2026-07-31",
        &[("AdminMFAV2", 10.0), ("SafeLinks", 5.0), ("Vanished", 1.0)],
    );
    open_entity(&mut app, newest.clone());
    press(&mut app, "l");
    let said = doc(&app);
    for words in [
        "2026-07-24",
        "a week before",
        "-4.00 Create Safe Links policies",
        "9 → 5 points",
    ] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
    // one that is marked is compared with instead
    press(&mut app, "Esc j j Space g g");
    open_entity(&mut app, newest);
    press(&mut app, "l");
    let said = doc(&app);
    assert!(
        said.contains("the marked day and this one") && said.contains("no control changed"),
        "{said}"
    );
    // a control without a description is told, not left out
    press(&mut app, "l");
    let said = doc(&app);
    assert!(
        said.contains("1 control has no description any more"),
        "{said}"
    );
    assert!(said.contains("Vanished"), "{said}");
}

#[test]
fn days_without_a_score_are_said_above_the_chart() {
    let mut app = filled_posture(80, 24);
    press(&mut app, "7");
    let notes = &app.posture.chart.as_ref().unwrap().notes;
    assert_eq!(notes, &["2 days have no score: 2026-07-27, 2026-07-28"]);
    // and when the newest is old, that too
    let later = crate::msg::Now {
        wall: Ticks::parse("2026-08-09T00:00:00Z").unwrap(),
        ..at(3)
    };
    app.update(later, Event::Wake);
    assert!(told(&app).contains("no score for 9 days: the newest is of 2026-07-31"));
}

#[test]
fn remediation_is_shown_as_plain_words() {
    let mut app = filled_posture(80, 24);
    open_entity(
        &mut app,
        control(
            "Legacy",
            "Block legacy authentication",
            8.0,
            ("Moderate", "High"),
            2,
        ),
    );
    let said = doc(&app);
    assert!(
        said.contains("Do it.") && said.contains("to address"),
        "{said}"
    );
    assert!(
        !said.contains("<p>") && !said.contains("alert(1)") && !said.contains('\u{1b}'),
        "{said}"
    );
    let d = app.pane().detail.as_ref().unwrap();
    assert!(d.doc.lines.iter().any(|l| matches!(l.form, Form::Prose(_))));
}

pub(crate) fn exposed(n: usize, device: usize, cve: Option<&str>) -> serde_json::Value {
    json!({"id": format!("{device:040x}_google_chrome_131.{n}_{}", cve.unwrap_or("")), "deviceId": format!("{device:040x}"),
        "deviceName": format!("wks-{device}.contoso.com"), "cveId": cve, "softwareName": "chrome", "softwareVendor": "google",
        "softwareVersion": format!("131.{n}"), "vulnerabilitySeverityLevel": cve.map(|_| "High"), "exploitabilityLevel": cve.map(|_| "NoExploit"),
        "securityUpdateAvailable": true, "lastSeenTimestamp": "2026-07-31 03:04:05"})
}
