//! Filter, order, groups, columns, views, hidden rows.

use super::*;
use crate::app::Given;
use crate::app::fixture::*;
use crate::app::overlay::Overlay;
use crate::app::views;
use crate::model::Kind;
use crate::msg::{Body, Event, Origin, Reply, Request};

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
fn columns_are_chosen_moved_and_kept_s4_7() {
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
                .contains("window: last 7 days")
    );
}

#[test]
fn words_are_asked_of_the_service_while_the_list_is_incomplete_s0_2() {
    let user = |id: &str, name: &str| vec![("id", id.to_owned()), ("displayName", name.to_owned())];
    let mut app = app(80, 24);
    press(&mut app, "4");
    give(
        &mut app,
        at(0),
        page(Kind::User, &[user("u1", "Ana")], Origin::Fill, 1, 200_000),
    );
    let fx = press(&mut app, "/ '!ana raj' Enter");
    let ticket = fx.iter().find_map(|e| match e {
        Effect::Ask(
            t,
            Request::Search {
                kind: Kind::User,
                words,
            },
        ) if words == "raj" => Some(t.clone()),
        _ => None,
    });
    let found = page(Kind::User, &[user("u9", "Raj")], Origin::Search, 1, 200_000);
    app.update(
        at(2),
        Event::Reply(Reply {
            ticket: ticket.unwrap(),
            last: false,
            body: Body::Page(found),
        }),
    );
    assert_eq!(shown(&app), ["u9"]);
    // nothing is asked where everything is here
    let mut app = filled(80, 24);
    let fx = press(&mut app, "/ 'inbox' Enter");
    assert!(!fx.iter().any(|e| matches!(e, Effect::Ask(..))));
}

#[test]
fn devices_are_grouped_by_system_and_version_without_configuring_s2_5_s2_6_s2_7() {
    let device = |id: &str, system: &str, certainty: &str| {
        vec![
            ("id", id.to_owned()),
            ("name", format!("{id}.corp.contoso.com")),
            ("system", system.to_owned()),
            ("certainty", certainty.to_owned()),
        ]
    };
    let mut app = app(120, 40);
    press(&mut app, "3");
    let rows = [
        device("d1", "Windows 11 23H2", "defender"),
        device("d2", "unknown OS", "unknown"),
        device("d3", "Windows 11 23H2", "inferred"),
        device("d4", "Ubuntu 22.4", "defender"),
    ];
    give(
        &mut app,
        at(0),
        page(Kind::Device, &rows, Origin::Fill, 4, 4),
    );
    let groups = |app: &App| {
        app.pane()
            .shown
            .groups()
            .iter()
            .map(|g| format!("{} {}", g.name, g.rows.len()))
            .collect::<Vec<_>>()
    };
    press(&mut app, "b 'system' Enter");
    assert_eq!(
        groups(&app),
        ["Windows 11 23H2 2", "Ubuntu 22.4 1", "unknown OS 1"]
    );
    // and whether a group came from Defender's data or was inferred
    press(&mut app, "b 'certain' Enter");
    assert_eq!(groups(&app), ["defender 2", "inferred 1", "unknown 1"]);
}
