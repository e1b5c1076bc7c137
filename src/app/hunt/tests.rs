//! Keys in, state and effects out: writing, running, the result, the tabs.

use super::*;
use crate::app::fixture::*;
use crate::model::FaultKind;
use crate::msg::{Body, Event, Hunted, Reply, Request, Ticket};
use crate::resource::hunt_answer;
use table::Text;

fn pane() -> App {
    let mut app = filled(100, 30);
    press(&mut app, "5");
    app
}

fn write(app: &mut App, text: &str) -> Vec<Effect> {
    let now = app.now;
    app.update(now, Event::Paste(Text::from(text)))
}

fn asked(fx: &[Effect]) -> Option<(Ticket, String)> {
    fx.iter().find_map(|e| match e {
        Effect::Ask(t, Request::Hunt { query, .. }) => Some((t.clone(), query.to_string())),
        _ => None,
    })
}

fn answer(app: &mut App, ticket: Ticket, body: Body) {
    let now = app.now;
    let reply = Reply {
        ticket,
        last: true,
        body,
    };
    app.update(now, Event::Reply(reply));
}

fn rows(n: usize) -> Body {
    let rows: Vec<String> = (0..n)
        .map(|i| format!(r#"{{"a":"v{i}","n":{i}}}"#))
        .collect();
    let json = format!(
        r#"{{"schema":[{{"name":"a","type":"String"}},{{"name":"n","type":"Int64"}}],"results":[{}]}}"#,
        rows.join(",")
    );
    let (answer, _) = hunt_answer::read(&json).unwrap();
    Body::Hunted(Hunted {
        answer,
        partial: None,
    })
}

#[test]
fn letters_are_text_here_and_tabs_can_still_be_changed() {
    let mut app = pane();
    assert!(app.hunting);
    press(&mut app, "p r i n t Space 1");
    assert_eq!(&**app.hunt.query().editor.text(), "print 1");
    press(&mut app, "Alt-1");
    assert!(!app.hunting);
    press(&mut app, "Alt-5");
    assert_eq!(&**app.hunt.query().editor.text(), "print 1");
}

#[test]
fn the_query_at_the_cursor_is_run_and_a_mark_alone_where_there_is_one() {
    let mut app = pane();
    write(&mut app, "print 1\n\nprint 2\n| extend b = 3");
    let (ticket, text) = asked(&press(&mut app, "F5")).expect("asked");
    assert_eq!(text, "print 2\n| extend b = 3");
    assert!(asked(&press(&mut app, "F5")).is_none(), "it is running");
    answer(&mut app, ticket, rows(3));
    assert_eq!(app.hunt.grid().map(|g| g.rows.len()), Some(3));
    press(&mut app, "Ctrl-Home Shift-End");
    let (_, text) = asked(&press(&mut app, "F5")).expect("asked");
    assert_eq!(text, "print 1");
}

#[test]
fn a_run_that_is_not_waited_for_answers_nobody() {
    let mut app = pane();
    write(&mut app, "print 1");
    let (ticket, _) = asked(&press(&mut app, "F5")).unwrap();
    let fx = press(&mut app, "Ctrl-c");
    assert!(fx.iter().any(|e| matches!(e, Effect::Drop(Slot::Hunt(_)))));
    answer(&mut app, ticket, rows(3));
    assert!(app.hunt.grid().is_none() && app.hunt.query().running.is_none());
    assert_eq!(&**app.hunt.query().editor.text(), "print 1");
}

#[test]
fn a_refusal_is_shown_and_the_text_stays() {
    let mut app = pane();
    write(&mut app, "Nonsense");
    let (ticket, _) = asked(&press(&mut app, "F5")).unwrap();
    let fault = Fault::new(FaultKind::BadRequest, "Failed to resolve table");
    answer(&mut app, ticket, Body::Fault(fault));
    let outcome = app.hunt.query().outcome.as_ref().unwrap();
    assert!(outcome.result.is_err());
    assert_eq!(&**app.hunt.query().editor.text(), "Nonsense");
}

#[test]
fn moving_and_sorting_in_a_result() {
    let mut app = pane();
    write(&mut app, "print 1");
    let (ticket, _) = asked(&press(&mut app, "F5")).unwrap();
    answer(&mut app, ticket, rows(500));
    press(&mut app, "F6 j j l");
    let grid = app.hunt.grid().unwrap();
    assert_eq!((grid.at, grid.col), (2, 1));
    let fx = press(&mut app, "S");
    let job = fx.iter().find_map(|e| match e {
        Effect::Work(t, job) => Some((t.clone(), job)),
        _ => None,
    });
    let (ticket, job) = job.expect("sorting is a job");
    answer(&mut app, ticket, Body::Worked(job.run().unwrap()));
    let grid = app.hunt.grid().unwrap();
    assert_eq!((grid.rows.get(0), grid.row()), (Some(499), Some(2)));
    press(&mut app, "G");
    assert_eq!(app.hunt.grid().unwrap().at, 499);
    press(&mut app, "g g");
    assert_eq!(app.hunt.grid().unwrap().at, 0);
    assert!(
        press(&mut app, "y y")
            .iter()
            .any(|e| matches!(e, Effect::Copy { text, .. } if text == "499"))
    );
}

#[test]
fn tabs_are_opened_closed_and_had_again_and_all_of_it_is_kept() {
    let mut app = pane();
    write(&mut app, "one");
    press(&mut app, "Ctrl-t");
    let fx = write(&mut app, "two");
    let kept = fx.iter().find_map(|e| match e {
        Effect::Drafts(d) => Some(d.clone()),
        _ => None,
    });
    let kept = kept.expect("kept with every change");
    assert_eq!(kept.tabs.len(), 2);
    press(&mut app, "Alt-w");
    assert_eq!(&**app.hunt.query().editor.text(), "one");
    press(&mut app, "Alt-W");
    assert_eq!(&**app.hunt.query().editor.text(), "two");
    let mut next = pane();
    let now = next.now;
    next.update(now, Event::Drafts(kept));
    assert_eq!(next.hunt.tabs.len(), 2);
    assert_eq!(&**next.hunt.query().editor.text(), "two");
    press(&mut next, "Ctrl-z");
    assert_eq!(
        &**next.hunt.query().editor.text(),
        "",
        "the past is kept too"
    );
}

#[test]
fn completion_comes_while_typing_and_escape_closes_it_alone() {
    let mut app = pane();
    write(&mut app, "DeviceInfo | wher");
    press(&mut app, "e");
    press(&mut app, "Backspace");
    assert!(app.hunt.popup.is_some());
    press(&mut app, "Esc");
    assert!(app.hunt.popup.is_none() && app.hunt.focus == Focus::Editor);
    press(&mut app, "Ctrl-Space Tab");
    assert!(
        app.hunt
            .query()
            .editor
            .text()
            .starts_with("DeviceInfo | where")
    );
    press(&mut app, "Esc");
    assert_eq!(app.hunt.focus, Focus::Results);
}
