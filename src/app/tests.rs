//! Event in, state and effects out.

use super::fixture::*;
use super::overlay::Overlay;
use super::*;
use crate::model::{Fault, FaultKind, Grants, Kind, Service};
use crate::msg::{Body, Effect, Event, News, Origin, Reply, Request, Slot};
use std::time::Duration;
use table::Text;

fn under(app: &App) -> String {
    app.pane()
        .key()
        .map_or("-".into(), |k| k.id.txt().exact().to_owned())
}

fn asked(fx: &[Effect], slot: &Slot) -> bool {
    fx.iter()
        .any(|e| matches!(e, Effect::Ask(t, _) if t.slot == *slot))
}

fn shown(app: &App) -> Vec<String> {
    let pane = app.pane();
    pane.shown
        .rows()
        .iter()
        .map(|r| pane.rows.key(r).exact().to_owned())
        .collect()
}

fn log(app: &App) -> String {
    app.toasts
        .log
        .iter()
        .map(|t| t.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

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
fn a_filter_is_in_force_with_each_letter_and_esc_gives_back_what_was_before() {
    let mut app = filled(80, 24);
    press(&mut app, "j j j / 'rule'");
    assert_eq!(shown(&app), ["4702"]);
    press(&mut app, "Esc");
    assert_eq!(
        (shown(&app).len(), under(&app).as_str()),
        (30, "4700"),
        "the cursor is back on its row"
    );
    press(&mut app, "/ 'sev>=med' Enter");
    assert!(app.overlays.is_empty());
    assert!(shown(&app).contains(&"4711".to_owned()) && !shown(&app).contains(&"4600".to_owned()));
    assert_eq!(app.pane().last_filter, "sev>=med");
    press(&mut app, "Esc");
    assert_eq!(
        shown(&app).len(),
        30,
        "Esc in the list takes the filter away"
    );
    press(&mut app, "Esc q");
    assert!(!app.pane().shown.is_empty());
}

#[test]
fn a_wrong_term_is_said_and_the_others_apply() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'sevv:high inbox '");
    assert_eq!(shown(&app), ["4702"]);
    let problem = &app.pane().filter.problems[0];
    assert!(problem.sentence.contains("sevv"), "{problem:?}");
}

#[test]
fn tab_completes_in_the_filter() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'seve' Tab");
    let Some(Overlay::Filter(bar)) = app.overlays.last() else {
        panic!()
    };
    assert!(
        bar.menu.is_some() || bar.line.text().starts_with("sev"),
        "{bar:?}"
    );
    press(&mut app, "Enter Tab Enter Enter");
    assert!(app.overlays.is_empty() || matches!(app.overlays.last(), Some(Overlay::Filter(_))));
}

#[test]
fn next_match_goes_on_after_the_filter_was_taken_away() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'sev:high' Enter Esc g g n");
    assert_eq!(under(&app), "4709");
    press(&mut app, "n");
    assert_eq!(under(&app), "4709", "there is no further one");
    assert!(log(&app).contains("no further row for sev:high"));
    press(&mut app, "N");
    assert_eq!(under(&app), "4711");
}

#[test]
fn new_rows_wait_and_the_cursor_stays_on_its_row_and_line() {
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
fn sorting_by_a_column_turns_round_the_second_time() {
    let mut app = filled(80, 24);
    press(&mut app, "S 'sev' Enter");
    assert_eq!(
        shown(&app)[0],
        "4698",
        "a severity nobody has heard of stands on top"
    );
    assert_eq!(shown(&app)[1], "4711");
    press(&mut app, "r");
    assert_eq!(app.pane().sorted_by(1), Some(false));
    assert_eq!(shown(&app).last().unwrap(), "4698");
}

#[test]
fn grouping_counts_folds_and_keeps_the_cursor_s1_23() {
    let mut app = filled(80, 24);
    press(&mut app, "j b 'sev' Enter");
    let groups: Vec<(String, usize)> = app
        .pane()
        .shown
        .groups()
        .iter()
        .map(|g| (g.name.clone(), g.rows.len()))
        .collect();
    assert_eq!(
        groups[..2],
        [("brandNew".to_owned(), 1), ("high".to_owned(), 2)]
    );
    assert_eq!(groups.iter().map(|g| g.1).sum::<usize>(), 30);
    assert_eq!(
        under(&app),
        "4709",
        "the cursor is on its row, below a heading now"
    );
    press(&mut app, "h");
    assert_eq!(under(&app), "-", "on the heading");
    let lines = app.pane().shown.len();
    press(&mut app, "h");
    assert_eq!(app.pane().shown.len(), lines - 2);
    press(&mut app, "z");
    assert_eq!(app.pane().shown.len(), lines);
    press(&mut app, "b 'no groups' Enter");
    assert!(app.pane().shown.groups().is_empty());
}

#[test]
fn folds_outlive_a_poll() {
    let mut app = filled(80, 24);
    press(&mut app, "b 'sev' Enter g g j j z");
    let lines = app.pane().shown.len();
    press(&mut app, "R");
    assert_eq!(app.pane().shown.len(), lines);
}

#[test]
fn columns_are_chosen_moved_and_kept() {
    let mut app = filled(120, 40);
    let before = app.pane().columns.shown().to_vec();
    let fx = press(&mut app, "C j Space");
    assert_eq!(app.pane().columns.shown().len(), before.len() - 1);
    let kept = fx
        .iter()
        .find_map(|e| {
            if let Effect::Keep(s) = e {
                Some(s.clone())
            } else {
                None
            }
        })
        .unwrap();
    assert_eq!(kept.key, "columns");
    assert!(kept.value.get("incidents").is_some());
    press(&mut app, "K Space Enter");
    assert_eq!(
        app.pane().columns.shown()[0],
        1,
        "severity stands first now"
    );
    // the next start reads what was kept
    let mut next = App::new(at(0), (120, 40));
    next.configure(Given {
        settings: [("columns".to_owned(), app.settings.columns.clone())].into(),
        ..Given::default()
    });
    assert_eq!(next.pane().columns.shown(), app.pane().columns.shown());
    press(&mut app, "C r Esc");
    assert_eq!(app.pane().columns.shown(), before);
}

#[test]
fn a_view_is_saved_shown_again_and_removed() {
    let mut app = filled(80, 24);
    press(
        &mut app,
        "/ 'sev:high' Enter v 'save' Enter 'burning' Enter",
    );
    assert_eq!(app.pane().view, "burning");
    press(&mut app, "Esc Esc");
    assert_eq!((app.pane().view.as_str(), shown(&app).len()), ("", 30));
    press(&mut app, "v 'burning' Enter");
    assert_eq!(
        (app.pane().view.as_str(), shown(&app).len()),
        ("burning", 2)
    );
    press(&mut app, "v 'remove' Enter");
    assert!(
        views::all(&app, Kind::Incident)
            .iter()
            .all(|v| v.name != "burning")
    );
}

#[test]
fn every_view_that_comes_with_a_list_can_be_read() {
    let mut app = filled(80, 24);
    for spec in crate::resource::ALL {
        for view in spec.views {
            views::show(&mut app, spec.kind, view.name, &mut Vec::new());
            let pane = app.pane_of(spec.kind).unwrap();
            assert_eq!(pane.filter.problems, [], "{} {}", spec.title, view.name);
            assert_eq!(
                pane.sort.len(),
                view.sort.len().max(1),
                "{} {}",
                spec.title,
                view.name
            );
        }
    }
}

fn only(service: Service, permissions: &[&str]) -> Grants {
    let mut grants = Grants::default();
    for s in Service::ALL {
        let has = if *s == service {
            permissions.iter().map(|p| (*p).to_owned()).collect()
        } else {
            Vec::new()
        };
        grants.token(*s, Some(has));
    }
    grants
}

#[test]
fn the_console_opens_on_a_tab_that_works_and_names_what_is_missing_s4_19() {
    for (name, grants, tab) in [
        (
            "S0",
            only(Service::Graph, &["User.Read.All", "SecurityAlert.Read.All"]),
            Some(Kind::Alert),
        ),
        (
            "S2",
            only(Service::Defender, &["Machine.Read.All", "Alert.Read.All"]),
            Some(Kind::Device),
        ),
        (
            "S3",
            only(Service::Graph, &["CloudApp-Discovery.Read.All"]),
            None,
        ),
        (
            "S4",
            only(
                Service::Graph,
                &[
                    "SecurityIncident.Read.All",
                    "SecurityAlert.Read.All",
                    "ThreatHunting.Read.All",
                ],
            ),
            Some(Kind::Incident),
        ),
    ] {
        let mut app = App::new(at(0), (80, 24));
        app.start();
        let fx = app.update(at(0), Event::News(News::Session(session(), grants)));
        match tab {
            Some(kind) => {
                assert_eq!(app.pane().spec.kind, kind, "{name}");
                assert!(app.tickets.is_open(&Slot::Sync(kind)), "{name}");
            }
            None => assert!(
                app.trouble().unwrap().contains("SecurityIncident.Read.All"),
                "{name}"
            ),
        }
        for (n, pane) in app.panes.iter().enumerate() {
            let slot = Slot::Sync(pane.spec.kind);
            assert!(
                app.usable(n).is_ok() || !app.tickets.is_open(&slot),
                "{name}: a call that must fail is made for {}",
                pane.spec.title
            );
            assert!(app.usable(n).is_ok() || !asked(&fx, &slot));
        }
    }
}

#[test]
fn a_tab_without_permission_says_which_when_it_is_pressed() {
    let mut app = App::new(at(0), (80, 24));
    app.start();
    app.update(
        at(0),
        Event::News(News::Session(
            session(),
            only(Service::Graph, &["SecurityIncident.Read.All"]),
        )),
    );
    press(&mut app, "3");
    assert_eq!(app.pane().spec.kind, Kind::Incident);
    assert!(log(&app).contains("Machine.Read.All"), "{}", log(&app));
    // a new consent needs no restart (S4-20)
    let mut grants = only(Service::Defender, &["Machine.ReadWrite.All"]);
    grants.token(
        Service::Graph,
        Some(vec!["SecurityIncident.Read.All".into()]),
    );
    app.update(at(60), Event::News(News::Session(session(), grants)));
    let fx = press(&mut app, "3");
    assert!(asked(&fx, &Slot::Sync(Kind::Device)));
}

#[test]
fn alerts_fill_in_the_background_once_incidents_came() {
    let mut app = app(80, 24);
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Cache, 30, 30),
    );
    assert!(
        !asked(&fx, &Slot::Sync(Kind::Alert)),
        "not for rows of the last run"
    );
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Fill, 30, 30),
    );
    assert!(asked(&fx, &Slot::Sync(Kind::Alert)));
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Poll, 30, 30),
    );
    assert!(!asked(&fx, &Slot::Sync(Kind::Alert)), "once");
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
fn only_one_wake_up_is_asked_for_and_stale_comes_by_it() {
    let mut app = filled(80, 24);
    let wakes = |fx: &[Effect]| fx.iter().filter(|e| matches!(e, Effect::WakeAt(_))).count();
    let fx = press(&mut app, "j j k j");
    assert!(wakes(&fx) <= 1, "{fx:?}");
    // 12:04:05: the next thing is the minute, 55 s on
    let fx = app.update(at(55), Event::Wake);
    assert!(app.dirty, "the clock turns");
    assert!(
        fx.iter()
            .any(|e| matches!(e, Effect::WakeAt(d) if *d == Duration::from_secs(90))),
        "three poll intervals after the last answer: {fx:?}"
    );
    assert!(!app.is_stale(app.pane()));
    app.update(at(90), Event::Wake);
    assert!(app.dirty && app.is_stale(app.pane()));
    // a wake-up that changes nothing draws nothing
    app.update(at(91), Event::Wake);
    assert!(!app.dirty);
}

#[test]
fn which_key_comes_after_its_time_and_goes_with_the_next_key() {
    let mut app = filled(80, 24);
    let fx = key(&mut app, at(10), "g");
    assert!(
        fx.iter()
            .any(|e| matches!(e, Effect::WakeAt(d) if *d == Duration::from_millis(10_400))),
        "{fx:?}"
    );
    assert!(!app.which_key());
    app.now.mono = Duration::from_millis(10_400);
    let now = app.now;
    app.update(now, Event::Wake);
    assert!(app.which_key() && app.dirty);
    key(&mut app, at(11), "Esc");
    assert!(!app.which_key() && app.chord.is_empty());
    key(&mut app, at(12), "g");
    key(&mut app, at(12), "g");
    assert_eq!(app.pane().cursor, 0);
}

#[test]
fn a_setting_is_in_force_at_once_and_kept_s4_25() {
    let mut app = filled(80, 24);
    let fx = press(&mut app, ": 'setting mouse' Enter Space");
    assert!(app.settings.mouse);
    assert!(fx.iter().any(|e| matches!(e, Effect::Mouse(true))));
    assert!(fx.iter().any(|e| matches!(e, Effect::Keep(s) if s.key == "mouse" && s.value == toml::Value::Boolean(true))));
    press(&mut app, "Esc : 'setting theme' Enter Enter 'mono' Enter");
    assert_eq!(
        (app.settings.theme.as_str(), app.theme.name.as_str()),
        ("mono", "mono")
    );
    press(
        &mut app,
        "Esc : 'setting look-back' Enter Enter Ctrl-u '99999' Enter",
    );
    assert!(
        log(&app).contains("takes a whole number from 0 to 3650"),
        "{}",
        log(&app)
    );
    assert_eq!(app.settings.look_back_days, 0);
}

#[test]
fn rows_hidden_by_settings_are_counted_s4_11_to_s4_16() {
    for (key, words, hidden) in [
        ("ignore-statuses", "resolved", 13),
        ("ignore-severities", "high", 2),
    ] {
        let mut app = filled(80, 24);
        assert!(app.hidden_sentence().is_none());
        press(
            &mut app,
            &format!(": 'setting {key}' Enter Enter '{words}' Enter Esc Esc"),
        );
        assert_eq!(
            (app.pane().hidden, shown(&app).len()),
            (hidden, 30 - hidden as usize),
            "{key}"
        );
        let sentence = app.hidden_sentence().unwrap();
        assert!(
            sentence.starts_with(&format!("{hidden} rows hidden")) && sentence.contains(words),
            "{sentence}"
        );
    }
    let mut app = filled(80, 24);
    press(
        &mut app,
        ": 'setting look-back' Enter Enter Ctrl-u '7' Enter Esc",
    );
    assert!(
        app.pane().hidden > 0
            && app
                .hidden_sentence()
                .unwrap()
                .contains("created in the last 7 days")
    );
}

#[test]
fn the_palette_runs_what_it_finds_and_says_why_not() {
    let mut app = filled(80, 24);
    press(&mut app, ": 'endpoints' Enter");
    assert_eq!(
        app.pane().spec.kind,
        Kind::Device,
        "an old name finds the new one"
    );
    press(&mut app, ": 'fold' Enter");
    assert!(log(&app).contains("the list is not grouped"));
    press(&mut app, "Esc");
    assert!(app.overlays.is_empty());
}

#[test]
fn help_is_built_from_the_live_map_with_reasons() {
    let mut app = filled(80, 24);
    let (map, wrong) = keymap::Keymap::with_file("filter = \"Ctrl-x\"");
    assert!(wrong.is_empty());
    app.keymap = map;
    press(&mut app, "?");
    let Some(Overlay::Help(help)) = app.overlays.last() else {
        panic!()
    };
    let row = |wanted: &str| {
        help.lines.iter().find_map(|l| match l {
            help::Line::Key {
                keys, name, grey, ..
            } if *name == wanted => Some((keys.clone(), grey.clone())),
            _ => None,
        })
    };
    assert_eq!(row("filter").unwrap().0, "Ctrl-x");
    assert_eq!(
        row("fold").unwrap().1.as_deref(),
        Some("the list is not grouped")
    );
    assert!(row("take in").is_none());
}

#[test]
fn tabs_work_while_typing_and_quitting_does_not_ask_without_work() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'x' Alt-2");
    assert!(app.overlays.is_empty());
    assert_eq!(app.pane().spec.kind, Kind::Alert);
    let fx = press(&mut app, "q");
    assert!(fx.iter().any(|e| matches!(e, Effect::Quit)));
    app.tickets.issue(Slot::Run(1));
    let fx = press(&mut app, "q");
    assert!(!fx.iter().any(|e| matches!(e, Effect::Quit)));
    assert!(press(&mut app, "Esc").is_empty() && app.overlays.is_empty());
    let fx = press(&mut app, "q y");
    assert!(fx.iter().any(|e| matches!(e, Effect::Quit)));
}

#[test]
fn the_title_is_sent_when_it_changes_and_tells_no_tenant_text() {
    let mut app = app(80, 24);
    let fx = give(
        &mut app,
        at(0),
        page(Kind::Incident, &incidents(), Origin::Fill, 30, 30),
    );
    assert!(
        fx.iter()
            .any(|e| matches!(e, Effect::Title(t) if t == "contoso-prod · 2 high")),
        "{fx:?}"
    );
    assert!(
        !press(&mut app, "j j")
            .iter()
            .any(|e| matches!(e, Effect::Title(_)))
    );
}

#[test]
fn what_is_wrong_in_the_files_is_said_and_the_rest_is_in_force() {
    let mut app = App::new(at(0), (80, 24));
    let settings: toml::Table = "them = \"mono\"\ntheme = \"light\"\n[views]\nincidents = [{ name = \"x\", sort = [\"-severty\"] }]\nincidnts = []\n".parse().unwrap();
    app.configure(Given {
        settings: settings.into_iter().collect(),
        keymap: Some("qiut = \"x\"\n".into()),
        ..Given::default()
    });
    for want in [
        "`them`; did you mean `theme`?",
        "`severty`; did you mean `severity`?",
        "no list `incidnts`",
        "`qiut`; did you mean `quit`?",
    ] {
        assert!(log(&app).contains(want), "{want} not in\n{}", log(&app));
    }
    assert_eq!(app.theme.name, "light");
}

#[test]
fn a_click_selects_and_the_wheel_scrolls() {
    use crossterm::event::{KeyModifiers, MouseButton, MouseEvent, MouseEventKind};
    let mut app = filled(80, 24);
    let mut at_row = |app: &mut App, kind, column, row| {
        app.update(
            at(1),
            Event::Mouse(MouseEvent {
                kind,
                column,
                row,
                modifiers: KeyModifiers::NONE,
            }),
        )
    };
    at_row(&mut app, MouseEventKind::Down(MouseButton::Left), 10, 6);
    assert_eq!(app.pane().cursor, 2);
    at_row(&mut app, MouseEventKind::ScrollDown, 10, 6);
    assert_eq!(app.pane().cursor, 5);
    let (_, area) = mouse::tabs(&app, app.layout().tabs)[1];
    at_row(
        &mut app,
        MouseEventKind::Down(MouseButton::Left),
        area.x,
        area.y,
    );
    assert_eq!(app.pane().spec.kind, Kind::Alert);
    press(&mut app, "?");
    at_row(&mut app, MouseEventKind::Down(MouseButton::Left), 1, 1);
    assert_eq!(
        app.pane().spec.kind,
        Kind::Alert,
        "a click beside a box reaches nothing below it"
    );
}
