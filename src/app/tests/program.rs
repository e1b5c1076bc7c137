//! Time, keys, palette, help, settings, mouse, leaving.

use super::*;
use crate::app::Given;
use crate::app::fixture::*;
use crate::app::help;
use crate::app::keymap;
use crate::app::mouse;
use crate::app::overlay::Overlay;
use crate::model::Kind;
use crate::msg::{Event, News, Request};
use std::time::Duration;

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

/// S4-17: an option that the policy of the machine decided is shown with a lock and its source, and no key changes it.
#[test]
fn a_locked_option_says_who_decided_it_and_no_key_changes_it() {
    let mut app = filled(80, 24);
    let source = "/etc/watchfloor/policy.toml";
    app.configure(Given {
        locked: [("lock-after".to_owned(), 10.into())].into(),
        ..Given::default()
    });
    for keys in ["Space", "Enter", "l", "h", "r"] {
        press(&mut app, ": 'setting lock-after' Enter");
        let fx = press(&mut app, keys);
        assert_eq!(app.settings.lock_after, 10, "{keys}");
        assert!(!fx.iter().any(|e| matches!(e, Effect::Keep(_))));
        assert!(matches!(app.overlays.last(), Some(Overlay::Options(_))));
        press(&mut app, "Esc");
    }
    let said = format!("lock-after is locked by {source}");
    assert!(log(&app).contains(&said), "{}", log(&app));
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
    let mut app = filled(80, 24);
    press(&mut app, "t");
    assert_eq!(app.verbs.busy(), 1, "a change is under way");
    let fx = press(&mut app, "q");
    assert!(!fx.iter().any(|e| matches!(e, Effect::Quit)));
    assert!(press(&mut app, "Esc").is_empty() && app.overlays.is_empty());
    let fx = press(&mut app, "q y");
    assert!(fx.iter().any(|e| matches!(e, Effect::Quit)));
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
    let at_row = |app: &mut App, kind, column, row| {
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
    let (_, _, area) = mouse::tabs(&app, app.layout().tabs)[1];
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

#[test]
fn why_a_verb_is_greyed_is_one_key_away_t13() {
    let mut app = filled(80, 24);
    let mut nobody = session();
    nobody.me = None;
    app.update(at(1), Event::News(News::Session(nobody, grants())));
    press(&mut app, "?");
    let Some(Overlay::Help(help)) = app.overlays.last() else {
        panic!()
    };
    let why = help.lines.iter().find_map(|l| match l {
        help::Line::Key {
            name: "take", grey, ..
        } => grey.clone(),
        _ => None,
    });
    assert!(why.unwrap().contains("set `analyst` for this tenant"));
    press(&mut app, "Esc t");
    assert!(
        log(&app).contains("take: no person to act as"),
        "{}",
        log(&app)
    );
}

#[test]
fn another_pace_of_polling_holds_from_now_on() {
    let mut app = filled(80, 24);
    let fx = press(&mut app, ": 'setting poll-seconds' Enter l");
    let kept = fx.iter().position(|e| matches!(e, Effect::Keep(s) if s.key == "poll-seconds" && s.value.as_integer() == Some(31)));
    let asked = fx.iter().position(|e| {
        matches!(
            e,
            Effect::Ask(
                _,
                Request::Refresh {
                    kind: Kind::Incident
                }
            )
        )
    });
    assert!(kept.unwrap() < asked.unwrap(), "{fx:?}");
    assert_eq!(app.poll_seconds(app.pane()), 31);
}
