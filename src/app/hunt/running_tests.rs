//! Where a query runs, on what, over which time; what is said before it costs something; complaints in the text.

use super::*;
use crate::app::fixture::*;
use crate::app::hunt::{Subject, params};
use crate::model::time::DAY;
use crate::model::{Range as TimeRange, Ticks};
use crate::msg::{Body, Event, Ticket};
use table::Text;

fn pane(text: &str) -> App {
    let mut app = filled(100, 30);
    app.hunt.engines = vec![
        Engine::Defender,
        Engine::Workspace("sentinel".into()),
        Engine::Explorer("lake".into()),
        Engine::Archive("q3".into()),
        Engine::Lists,
    ];
    press(&mut app, "5");
    let now = app.now;
    app.update(now, Event::Paste(Text::from(text)));
    app
}

fn asked(fx: Vec<Effect>) -> Option<(Ticket, Engine, String, Option<String>)> {
    fx.into_iter().find_map(|e| match e {
        Effect::Ask(
            t,
            Request::Hunt {
                engine,
                query,
                timespan,
            },
        ) => Some((t, engine, query.to_string(), timespan)),
        _ => None,
    })
}

fn local(fx: Vec<Effect>) -> Option<(Ticket, Local)> {
    fx.into_iter().find_map(|e| match e {
        Effect::Local(t, local) => Some((t, local)),
        _ => None,
    })
}

fn toast(app: &App) -> String {
    app.toasts
        .log
        .last()
        .map(|t| t.text.clone())
        .unwrap_or_default()
}

#[test]
fn s4_3_a_saved_query_is_opened_on_a_value_and_run_at_once() {
    let mut app = pane("");
    let on = Subject {
        value: Text::from("ws'042"),
        active: Some((Ticks(DAY), Ticks(2 * DAY))),
    };
    let mut fx = Vec::new();
    params::open_on(
        &mut app,
        "DeviceInfo | where DeviceName == '{{ENTITY}}' and Timestamp > {{FROM}}",
        &on,
        &mut fx,
    );
    let (_, engine, text, _) = asked(fx).expect("it runs");
    assert_eq!(engine, Engine::Defender);
    assert_eq!(
        text,
        "DeviceInfo | where DeviceName == 'ws\\'042' and Timestamp > datetime(1970-01-01T23:00:00.0000000Z)"
    );
    assert!(app.hunt_header().contains("on ws'042"));
    assert!(
        app.hunt_header().contains("own hunts 1/min"),
        "{}",
        app.hunt_header()
    );
}

#[test]
fn missing_values_are_asked_for_one_after_the_other_and_wrong_ones_again() {
    let mut app = pane("print a = {{ENTITY}}, n = {{n:long}}");
    assert!(asked(press(&mut app, "F5")).is_none());
    assert_eq!(app.overlays.len(), 1);
    assert!(asked(press(&mut app, "'x\"y' Enter")).is_none());
    assert!(asked(press(&mut app, "'many' Enter")).is_none());
    assert!(
        toast(&app).contains("takes a whole number"),
        "{}",
        toast(&app)
    );
    let (_, _, text, _) = asked(press(
        &mut app,
        "Backspace Backspace Backspace Backspace '7' Enter",
    ))
    .expect("it runs");
    assert_eq!(text, "print a = \"x\\\"y\", n = 7");
    // the values are kept with the tab, and asked for anew on wish
    assert_eq!(app.hunt.drafts().tabs[0].params["N"], "7");
    press(&mut app, "Ctrl-c Alt-p");
    assert_eq!(app.overlays.len(), 1);
}

#[test]
fn s1_18_s4_5_a_time_beyond_the_limit_is_refused_before_it_is_sent() {
    let mut app = pane("print 1");
    press(&mut app, "Alt-t");
    press(&mut app, "'last 90' Enter");
    assert!(
        toast(&app).contains("30 days") && toast(&app).contains("archive"),
        "{}",
        toast(&app)
    );
    assert_eq!(app.hunt.query().range, TimeRange::Query);
    press(&mut app, "Esc Alt-t 'last 7d' Enter");
    let (_, _, _, timespan) = asked(press(&mut app, "F5")).expect("it runs");
    assert_eq!(timespan.as_deref(), Some("P7D"));
    assert!(app.hunt_header().contains("last 7d"));
    let mut app = pane("DeviceInfo | where Timestamp > ago(90d)");
    // what the text itself asks for is not refused for good: other tables keep longer
    assert!(asked(press(&mut app, "F5")).is_none());
    let why = toast(&app);
    assert!(
        why.contains("ago(90d)") && why.contains("30 days") && why.contains("archive"),
        "{why}"
    );
    assert!(asked(press(&mut app, "F5")).is_some());
}

#[test]
fn each_place_is_asked_in_its_own_way() {
    let mut app = pane("Incidents | count");
    press(&mut app, "Alt-e 'lake' Enter");
    let (_, engine, _, timespan) = asked(press(&mut app, "F5")).expect("asked");
    assert_eq!((engine, timespan), (Engine::Explorer("lake".into()), None));
    press(&mut app, "Ctrl-c");
    assert!(toast(&app).contains("told to stop"), "{}", toast(&app));
    press(&mut app, "Alt-e 'archive' Enter");
    let (_, run) = local(press(&mut app, "F5")).expect("on this machine");
    assert!(matches!(&run.from, LocalSource::Archive(name) if name == "q3"));
    press(&mut app, "Ctrl-c");
    assert!(run.cancel.is_cancelled());
    press(&mut app, "Alt-e 'lists' Enter");
    let (_, run) = local(press(&mut app, "F5")).expect("on this machine");
    assert!(matches!(&run.from, LocalSource::Lists(lists) if !lists.is_empty()));
    // nothing is found wrong with the lists' own tables
    assert_eq!(
        app.hunt
            .query()
            .known
            .errors(app.hunt.query().editor.text()),
        0
    );
    let kept = app.hunt.drafts();
    assert_eq!(kept.tabs[0].engine, Engine::Lists);
}

#[test]
fn two_tabs_run_side_by_side() {
    let mut app = pane("print 1");
    let (first, ..) = asked(press(&mut app, "F5")).expect("asked");
    press(&mut app, "Ctrl-t 'print 2' Esc");
    press(&mut app, "F6");
    let (second, ..) = asked(press(&mut app, "F5")).expect("asked");
    assert_ne!(first.slot, second.slot);
    assert!(app.hunt.tabs.iter().all(|t| t.running.is_some()));
    let fault = Fault::new(FaultKind::Server, "late");
    answer(&mut app, first, Body::Fault(fault));
    assert!(app.hunt.tabs[0].running.is_none() && app.hunt.tabs[1].running.is_some());
}

#[test]
fn a_complaint_is_put_into_the_text_until_it_changes() {
    let mut app = pane("AlertInfo\n| where Titel == '{{ENTITY}}'\n| take 5");
    app.hunt
        .query_mut()
        .params
        .insert("ENTITY".into(), "a\nb".into());
    let (ticket, ..) = asked(press(&mut app, "F5")).expect("asked");
    let why = "'where' operator: Failed to resolve scalar expression named 'Titel'";
    answer(
        &mut app,
        ticket,
        Body::Fault(Fault::new(FaultKind::BadRequest, why)),
    );
    let query = app.hunt.query();
    let refused = query.refused().expect("placed");
    assert_eq!(&query.editor.text()[refused.place.clone()], "Titel");
    assert_eq!(query.editor.cursor(), refused.place.start);
    press(&mut app, "x");
    assert!(app.hunt.query().refused().is_none());
}

#[test]
fn what_went_over_a_limit_before_is_asked_for_twice() {
    let mut app = pane("DeviceEvents | where DeviceName == 'a'");
    let (ticket, ..) = asked(press(&mut app, "F5")).expect("asked");
    answer(
        &mut app,
        ticket,
        Body::Fault(Fault::new(FaultKind::Server, "the service took too long")),
    );
    let mut app = {
        let kept = app.hunt.drafts();
        let mut next = pane("");
        next.hunt.resume(&kept);
        next.hunt.query_mut().editor =
            crate::app::hunt::Editor::new("DeviceEvents | where DeviceName == 'b'");
        next
    };
    assert!(asked(press(&mut app, "F5")).is_none());
    assert!(toast(&app).contains("over a limit"), "{}", toast(&app));
    assert!(asked(press(&mut app, "F5")).is_some());
}

#[test]
fn vims_manners_are_a_setting_and_other_keys_stay_what_they_are() {
    let mut app = pane("print 1\n| extend b = 2");
    app.settings.vim = true;
    // inserting, as before
    press(&mut app, "Space x");
    let text = |app: &App| app.hunt.query().editor.text().to_string();
    assert!(text(&app).ends_with("= 2 x"));
    // one level a press: the list of completions, then inserting
    if app.hunt.popup.is_some() {
        press(&mut app, "Esc");
    }
    press(&mut app, "Esc g g d d");
    assert_eq!(text(&app), "| extend b = 2 x");
    press(&mut app, "u");
    assert!(text(&app).starts_with("print 1\n"));
    let (_, _, sent, _) = asked(press(&mut app, "F5")).expect("F5 runs");
    assert!(sent.starts_with("print 1"), "{sent}");
    press(&mut app, "Ctrl-c /");
    assert!(app.hunt.search.is_some());
    press(&mut app, "Esc Esc");
    assert_eq!(app.hunt.focus, Focus::Results);
}

#[test]
fn in_a_result_a_click_chooses_a_cell_a_second_opens_it_and_a_heading_sorts() {
    use crate::app::fixture::{events, filled, hunted, work};
    use crate::app::overlay::Overlay;
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let mut app = filled(120, 40);
    hunted(&mut app, "DeviceEvents", &events(200), None);
    press(&mut app, "F6");
    let mouse = |app: &mut App, kind, place: usize, line: usize| {
        let (area, parts) = (app.hunt_area(), app.hunt_parts());
        let sight = app.hunt.grid().map(|g| g.in_sight(119)).unwrap_or_default();
        let event = MouseEvent {
            kind,
            column: sight.get(place).map_or(110, |(_, x, _)| x + 2),
            row: area.y + 3 + (parts.editor + line) as u16,
            modifiers: crossterm::event::KeyModifiers::NONE,
        };
        let now = app.now;
        app.update(now, Event::Mouse(event))
    };
    let click = MouseEventKind::Down(MouseButton::Left);
    let place = |app: &App| app.hunt.grid().map(|g| (g.at, g.col, g.top)).unwrap();
    mouse(&mut app, click, 2, 5);
    assert_eq!(place(&app), (4, 2, 0));
    assert!(app.overlays.is_empty());
    mouse(&mut app, click, 2, 5);
    assert!(
        matches!(app.overlays.last(), Some(Overlay::Inspector(_))),
        "{:?}",
        app.overlays.last()
    );
    press(&mut app, "Esc");
    // the heading, once and again
    for down in [true, false] {
        let fx = mouse(&mut app, click, 3, 0);
        work(&mut app, fx);
        let grid = app.hunt.grid().unwrap();
        assert_eq!(grid.sort, [(3, down)]);
    }
    let before = place(&app).0;
    mouse(&mut app, MouseEventKind::ScrollDown, 0, 5);
    assert_eq!(place(&app).0, before + 3);
    for _ in 0..90 {
        mouse(&mut app, MouseEventKind::ScrollDown, 0, 5);
    }
    assert_eq!(place(&app).0, 199, "not beyond the end");
    // beside the rows nothing happens, and what is drawn over is no click
    press(&mut app, "g g");
    let rows = app.hunt_parts().rows;
    mouse(&mut app, MouseEventKind::Drag(MouseButton::Left), 1, 4);
    mouse(&mut app, click, 0, rows + 9);
    assert_eq!(place(&app).0, 0);
}

#[test]
fn a_click_puts_the_cursor_there_and_drawing_on_marks() {
    use crossterm::event::{MouseButton, MouseEvent, MouseEventKind};
    let mut app = pane("print 1\nprint 22");
    let area = app.hunt_area();
    let mouse = |app: &mut App, kind, x, line| {
        let event = MouseEvent {
            kind,
            column: x,
            row: area.y + 1 + line,
            modifiers: crossterm::event::KeyModifiers::NONE,
        };
        let now = app.now;
        app.update(now, Event::Mouse(event));
    };
    let gutter = crate::app::hunt::GUTTER;
    mouse(
        &mut app,
        MouseEventKind::Down(MouseButton::Left),
        gutter + 6,
        1,
    );
    assert_eq!(app.hunt.query().editor.cursor(), 14);
    mouse(
        &mut app,
        MouseEventKind::Drag(MouseButton::Left),
        gutter + 40,
        1,
    );
    assert_eq!(app.hunt.query().editor.selection(), Some(14..16));
    let (_, _, sent, _) = asked(press(&mut app, "F5")).expect("what is marked is run");
    assert_eq!(sent, "22");
    mouse(&mut app, MouseEventKind::Down(MouseButton::Left), 0, 0);
    assert_eq!(app.hunt.query().editor.selection(), None);
    // a tab of the line above
    press(&mut app, "Ctrl-t");
    assert_eq!((app.hunt.tabs.len(), app.hunt.at), (2, 1));
    for place in [0, 1] {
        let x = crate::app::hunt::strip::tabs(&app, area)[place].x;
        let event = MouseEvent {
            kind: MouseEventKind::Down(MouseButton::Left),
            column: x + 1,
            row: area.y,
            modifiers: crossterm::event::KeyModifiers::NONE,
        };
        let now = app.now;
        app.update(now, Event::Mouse(event));
        assert_eq!(app.hunt.at, place);
    }
}
