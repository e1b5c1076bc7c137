//! Rows come, change and go, and the cursor stays.

use super::*;
use crate::app::fixture::*;
use crate::model::{Fault, FaultKind, Kind, Service};
use crate::msg::{Body, Event, Origin, Reply, Request};
use table::Text;

#[test]
fn the_cursor_moves_by_rows_pages_and_ends() {
    let mut app = filled(80, 24);
    let page = app.list_height();
    press(&mut app, "j j");
    assert_eq!((app.pane().cursor, under(&app)), (2, "4702".into()));
    press(&mut app, "PgDn");
    assert_eq!(app.pane().cursor, 2 + page - 1);
    press(&mut app, "G");
    assert_eq!(app.pane().cursor, 29);
    press(&mut app, "g g");
    assert_eq!(app.pane().cursor, 0);
    press(&mut app, "k Ctrl-u");
    assert_eq!(app.pane().cursor, 0);
}

#[test]
fn new_rows_wait_and_the_cursor_stays_on_its_row_and_line_s0_1() {
    let mut app = filled(80, 24);
    press(&mut app, "j j");
    let line = app.pane().cursor - app.pane().top;
    let new: Vec<_> = (0..7)
        .map(|n| incident(4800 + n, "high", "active", "", "new", "-1m"))
        .collect();
    give(
        &mut app,
        at(30),
        page(Kind::Incident, &new, Origin::Poll, 37, 37),
    );
    assert_eq!(
        (app.pane().waiting, under(&app).as_str(), shown(&app).len()),
        (7, "4702", 30)
    );
    assert_eq!(app.counts().unwrap(), "9 high +7 new");
    let fx = press(&mut app, "R");
    assert!(fx.iter().any(|e| matches!(
        e,
        Effect::Ask(
            _,
            Request::Refresh {
                kind: Kind::Incident
            }
        )
    )));
    assert_eq!(
        (app.pane().waiting, under(&app).as_str(), shown(&app).len()),
        (0, "4702", 37)
    );
    assert_eq!(
        app.pane().cursor - app.pane().top,
        line,
        "and at its height on the screen"
    );
    assert_eq!(app.counts().unwrap(), "9 high");
}

#[test]
fn only_new_rows_that_would_show_are_counted() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'sev:high' Enter");
    let new = vec![
        incident(4800, "high", "active", "", "new", "-1m"),
        incident(4801, "low", "active", "", "new", "-1m"),
    ];
    give(
        &mut app,
        at(30),
        page(Kind::Incident, &new, Origin::Poll, 32, 32),
    );
    assert_eq!(app.pane().waiting, 1);
}

#[test]
fn a_changed_row_changes_in_its_place() {
    let mut app = filled(80, 24);
    press(&mut app, "j");
    let changed = vec![incident(
        4709,
        "high",
        "resolved",
        "raj@contoso.com",
        "Credential dumping on 2 endpoints",
        "-0m",
    )];
    give(
        &mut app,
        at(30),
        page(Kind::Incident, &changed, Origin::Poll, 30, 30),
    );
    let pane = app.pane();
    assert_eq!(
        (under(&app).as_str(), pane.waiting, pane.cursor),
        ("4709", 0, 1)
    );
    let col = pane.spec.column("status").unwrap();
    assert_eq!(
        pane.rows
            .table()
            .text(pane.row().unwrap(), col)
            .unwrap()
            .exact(),
        "resolved"
    );
    assert_eq!(app.counts().unwrap(), "1 high");
}

#[test]
fn a_row_that_is_gone_leaves_the_cursor_at_its_place() {
    let mut app = filled(80, 24);
    press(&mut app, "j j");
    let mut p = page(Kind::Incident, &[], Origin::Poll, 29, 29);
    p.removed = vec![Text::from("4702")];
    give(&mut app, at(30), p);
    assert_eq!(
        (under(&app).as_str(), app.pane().cursor, shown(&app).len()),
        ("4700", 2, 29)
    );
}

#[test]
fn before_the_list_is_used_it_stays_at_the_top() {
    let mut app = app(80, 24);
    give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Cache, 30, 30),
    );
    assert!(app.pane().cached);
    let new = vec![incident(4800, "high", "active", "", "newer", "-1m")];
    give(
        &mut app,
        at(0),
        page(Kind::Incident, &new, Origin::Fill, 31, 31),
    );
    assert_eq!((under(&app).as_str(), app.pane().cached), ("4800", false));
    press(&mut app, "j k");
    give(
        &mut app,
        at(0),
        page(
            Kind::Incident,
            &[incident(4900, "high", "active", "", "newest", "-0m")],
            Origin::Fill,
            32,
            32,
        ),
    );
    assert_eq!(
        under(&app),
        "4800",
        "from the first key on the cursor stays"
    );
}

#[test]
fn a_late_job_meets_a_closed_door_and_the_old_rows_stay_until_then() {
    let mut app = app(80, 24);
    let rows: Vec<_> = (0..30_000)
        .map(|n| incident(n, "low", "active", "", &format!("title {n}"), "-1d"))
        .collect();
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &rows, Origin::Fill, 30_000, 30_000),
    );
    compute(&mut app, fx);
    assert_eq!(shown(&app).len(), 30_000);
    let sort = press(&mut app, "S 'title' Enter");
    assert!(app.pane().job.out && shown(&app).len() == 30_000);
    let again = press(&mut app, "/ 'title 29999' Enter");
    compute(&mut app, sort);
    assert_eq!(
        shown(&app).len(),
        30_000,
        "the answer to the older question is dropped"
    );
    compute(&mut app, again);
    assert_eq!(shown(&app), ["29999"]);
}

#[test]
fn rows_that_changed_while_a_job_was_out_are_followed() {
    let mut app = app(80, 24);
    let rows: Vec<_> = (0..30_000)
        .map(|n| incident(n, "low", "active", "", &format!("title {n}"), "-1d"))
        .collect();
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &rows, Origin::Fill, 30_000, 30_000),
    );
    compute(&mut app, fx);
    let job = press(&mut app, "S 'title' Enter");
    give(
        &mut app,
        at(1),
        page(
            Kind::Incident,
            &[incident(7, "high", "active", "", "title 7", "-1d")],
            Origin::Poll,
            30_000,
            30_000,
        ),
    );
    compute(&mut app, job);
    let pane = app.pane();
    assert!(
        pane.shown.rows().iter().all(|r| pane.rows.is_live(r)),
        "no replaced row is shown"
    );
    assert_eq!(shown(&app).len(), 30_000);
}

#[test]
fn a_fault_leaves_the_rows_and_goes_with_the_next_page() {
    let mut app = filled(80, 24);
    let ticket = app.tickets.current(&Slot::Sync(Kind::Incident)).unwrap();
    let fault = Fault::new(FaultKind::Server, "the service is unavailable")
        .on(Service::Graph)
        .status(503);
    app.update(
        at(30),
        Event::Reply(Reply {
            ticket,
            last: false,
            body: Body::Fault(fault),
        }),
    );
    assert!(app.trouble().unwrap().contains("unavailable (503)"));
    assert_eq!(shown(&app).len(), 30);
    give(
        &mut app,
        at(60),
        page(Kind::Incident, &[], Origin::Poll, 30, 30),
    );
    assert_eq!(app.trouble(), None);
}

#[test]
fn a_poll_that_brings_nothing_draws_nothing() {
    let mut app = filled(80, 24);
    let mut p = page(Kind::Incident, &[], Origin::Poll, 30, 30);
    p.progress.as_of = Some(at(40).wall);
    give(&mut app, at(40), p.clone());
    assert!(!app.dirty);
    app.update(at(55), Event::Wake);
    assert!(app.dirty, "its instant is drawn with the minute");
    // the same rows again are nothing new either
    p.chunk = Some(chunk(Kind::Incident, &incidents()));
    give(&mut app, at(56), p.clone());
    assert!(!app.dirty);
    // but a list that was stale is fresh again at once
    app.update(at(300), Event::Wake);
    p.chunk = None;
    p.progress.as_of = Some(at(301).wall);
    give(&mut app, at(301), p);
    assert!(app.dirty);
}

#[test]
fn a_verb_waits_until_a_row_that_slid_under_the_cursor_can_have_been_seen() {
    let mut app = filled(80, 24);
    press(&mut app, "j j");
    let mut p = page(Kind::Incident, &[], Origin::Poll, 29, 29);
    p.removed = vec![Text::from("4702")];
    give(&mut app, at(30), p);
    let fx = key(&mut app, at(30), "t");
    assert!(fx.iter().all(|e| !matches!(e, Effect::Ask(..))), "{fx:?}");
    assert!(log(&app).contains("take: the row under the cursor has just changed"));
    key(&mut app, at(31), "t");
    assert_eq!(log(&app).matches("has just changed").count(), 1);
}

/// A filter on age is looked at again with the minute; rows that wait stay out until they are taken in.
#[test]
fn rows_leave_and_enter_a_filter_on_age_as_time_passes() {
    let mut app = filled(80, 24);
    let numbers = |app: &App| -> Vec<String> {
        let pane = app.pane();
        let rows = pane.shown.rows().iter();
        rows.map(|r| pane.rows.key(r).exact().to_owned()).collect()
    };
    press(&mut app, "/ 'age<13m' Enter");
    assert_eq!(numbers(&app), ["4711"]);
    let wake = |app: &mut App, secs| {
        let fx = app.update(at(secs), Event::Wake);
        compute(app, fx);
    };
    wake(&mut app, 56);
    assert_eq!(numbers(&app), ["4711"], "12 minutes old");
    // one comes and waits
    let new = [incident(4800, "high", "active", "", "new", "-1m")];
    give(
        &mut app,
        at(57),
        page(Kind::Incident, &new, Origin::Poll, 31, 31),
    );
    assert_eq!(app.pane().waiting, 1);
    wake(&mut app, 119);
    assert!(numbers(&app).is_empty(), "13 minutes old");
    assert_eq!(app.pane().waiting, 1);
    press(&mut app, "R / Ctrl-u 'age>31m age<33m' Enter");
    assert!(!numbers(&app).contains(&"4800".to_owned()));
    let before = numbers(&app);
    wake(&mut app, 200);
    assert_ne!(numbers(&app), before);
}
