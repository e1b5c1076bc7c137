//! Questions by keys: who answers what is asked, having seen it, sends; nobody else does.

use super::*;
use crate::app::fixture::*;
use crate::confirm::{Command, Confirmed};
use crate::model::Stand;
use crate::msg::{Event, Preview, Previewed, RunState, Ticket};
use crate::verb;
use std::sync::Arc;

/// A screen whose terminal answers for its frames at once.
pub(super) fn seen(app: &mut App, mono: u64) {
    app.update(at(mono), Event::FrameFlushed(mono));
    app.update(at(mono), Event::FrameSeen(mono));
}

pub(super) fn runs(fx: Vec<Effect>) -> Vec<(Ticket, Confirmed<Command>)> {
    let run = |e| match e {
        Effect::Ask(ticket, Request::Run(confirmed)) => Some((ticket, confirmed)),
        _ => None,
    };
    fx.into_iter().filter_map(run).collect()
}

pub(super) fn asked(app: &App) -> &Asked {
    match app.overlays.last() {
        Some(Overlay::Prompt(asked)) => asked,
        other => panic!("no question: {other:?}"),
    }
}

pub(super) fn told(app: &App) -> String {
    let last = app.toasts.log.last();
    last.map_or(String::new(), |t| t.text.clone())
}

/// All that the question on screen says, its words parted by one blank.
pub(super) fn words_of(app: &App) -> String {
    let sheet = sheet(app, asked(app));
    let rows = [sheet.head, sheet.body, sheet.foot].into_iter().flatten();
    let text: String = rows.map(|r| r.text + " ").collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Keys of a text, counted without the typed words in quotes.
pub(super) fn keys(text: &str) -> usize {
    let outside = text.split('\'').step_by(2);
    outside.map(|part| part.split_whitespace().count()).sum()
}

#[test]
fn t8_twenty_false_positives_are_closed_with_one_comment_in_ten_keys() {
    let mut app = filled(80, 24);
    let find = "/ 'sample st:active' Enter *";
    press(&mut app, find);
    let n = app.pane().marked().0.len();
    assert_eq!(n, 12);
    let close = "d f";
    assert!(
        runs(press(&mut app, close)).is_empty(),
        "a set is asked about"
    );
    seen(&mut app, 1);
    let comment = "'scanner test' Enter";
    press(&mut app, comment);
    let answer = format!("'{n}' Enter");
    let mut sent = runs(press(&mut app, &answer));
    assert_eq!(sent.len(), 1);
    let all = keys(find) + keys(close) + keys(comment) + keys(&answer);
    assert!(all <= 10, "T8 takes {all} keys");
    let (ticket, confirmed) = sent.remove(0);
    let command = confirmed.get();
    assert_eq!(
        (command.verb.name, command.tier, command.targets.len()),
        ("done", 1, 12)
    );
    assert_eq!(command.args.reason, Some("scanner test".into()));
    let (command, permits) = confirmed.permits();
    assert_eq!(permits.len(), 12);
    // the comment goes out with each of them
    let calls = (command.verb.plan)(
        &command.targets[0].key,
        crate::model::Json(&serde_json::json!({"status": "active"})),
        &command.args,
        command.me.txt(),
        &[],
    );
    let body = calls.unwrap().remove(0).body.unwrap();
    assert_eq!(body["resolvingComment"], "scanner test");
    // progress, and the report of what did not go
    for target in 0..12 {
        let state = match target {
            3 => RunState::Changed(vec![("status".into(), "active".into(), "resolved".into())]),
            _ => RunState::Succeeded,
        };
        app.update(
            at(3),
            Event::Reply(Reply {
                ticket: ticket.clone(),
                last: false,
                body: Body::Ran { target, state },
            }),
        );
    }
    answer_last(&mut app, ticket);
    assert!(
        told(&app).contains("11 of 12 done, 1 not sent"),
        "{}",
        told(&app)
    );
    assert_eq!(
        app.pane().marked().0.len(),
        12,
        "marks stay while something is left"
    );
}

fn answer_last(app: &mut App, ticket: Ticket) {
    answer(app, ticket, Body::Done);
}

#[test]
fn a_few_are_confirmed_by_y_and_only_by_a_capital_one_after_it_was_seen() {
    let mut app = filled(80, 24);
    press(&mut app, "Space Space");
    assert!(runs(press(&mut app, "t Y")).is_empty(), "typed ahead");
    assert_eq!(
        asked(&app).hint,
        "that key came before this was on the screen; it does not count"
    );
    seen(&mut app, 1);
    assert!(runs(press(&mut app, "y Enter")).is_empty());
    let sent = runs(press(&mut app, "Y"));
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].1.get().targets.len(), 2);
}

#[test]
fn what_cannot_have_it_is_left_out_and_said() {
    let mut app = filled(80, 24);
    press(&mut app, "Space Space Space t");
    let facts = &asked(&app).facts;
    assert_eq!(facts.left_out.len(), 1, "{facts:?}");
    assert!(
        facts.left_out[0].1.contains("raj@contoso.com has it"),
        "{facts:?}"
    );
    let changes = &facts.changes;
    assert!(changes.contains(&(
        "assignedTo".into(),
        "none".into(),
        "ana@contoso.com".into(),
        1
    )));
}

#[test]
fn a_paste_a_wrong_word_and_another_size_send_nothing() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'sample st:active' Enter * T");
    seen(&mut app, 1);
    app.update(at(1), Event::Paste("12".into()));
    assert!(runs(press(&mut app, "Enter")).is_empty());
    assert!(runs(press(&mut app, "'13' Enter")).is_empty());
    assert_eq!(asked(&app).hint, Wrong::Words.to_string());
    press(&mut app, "'12'");
    app.update(at(1), Event::Resize(100, 30));
    assert!(
        runs(press(&mut app, "Enter")).is_empty(),
        "the frame of before was another prompt"
    );
    seen(&mut app, 2);
    assert_eq!(runs(press(&mut app, "'12' Enter")).len(), 1);
}

#[test]
fn a_prompt_that_does_not_fit_does_not_open_and_goes_when_it_stops_fitting() {
    let mut app = filled(40, 6);
    press(&mut app, "* T");
    assert!(app.overlays.is_empty());
    assert!(
        told(&app).contains("does not fit this screen of 40x6"),
        "{}",
        told(&app)
    );
    let mut app = filled(80, 24);
    press(&mut app, "* T");
    assert!(app.prompting());
    app.update(at(1), Event::Resize(80, 6));
    assert!(!app.prompting());
}

#[test]
fn a_list_of_the_last_run_is_nothing_to_confirm_on() {
    let mut app = app(80, 24);
    let rows = incidents();
    give(
        &mut app,
        at(0),
        page(
            crate::model::Kind::Incident,
            &rows,
            crate::msg::Origin::Cache,
            30,
            30,
        ),
    );
    press(&mut app, "* T");
    assert!(told(&app).contains("last run"), "{}", told(&app));
}

pub(super) static ISOLATE: verb::Verb = verb::Verb {
    name: "isolate",
    kinds: &[crate::model::Kind::Incident],
    tier: 2,
    inverse: Some("release"),
    sentence: |_, _, _| "isolate web-01".into(),
    plan: |_, _, _, _, _| Ok(Vec::new()),
    ..verb::BASE
};

/// A question of tier 2 about the device under the cursor, read afresh, with these consequences' answers.
fn isolate(app: &mut App) -> Ticket {
    let mut fx = Vec::new();
    crate::app::act::begin(app, &ISOLATE, &mut fx);
    let ticket = fx.into_iter().find_map(|e| match e {
        Effect::Ask(ticket, Request::Preview { .. }) => Some(ticket),
        _ => None,
    });
    ticket.expect("it is read afresh first")
}

fn preview(app: &App, id: &str) -> Body {
    preview_of(app.now.wall, id)
}

/// A fresh reading of one target.
pub(super) fn preview_of(read_at: crate::model::Ticks, id: &str) -> Body {
    Body::Preview(Preview {
        targets: vec![Previewed {
            key: Key::new(crate::model::Kind::Incident, id),
            entity: Ok(Arc::new(
                serde_json::json!({"id": id, "displayName": "web-01.contoso.com"}),
            )),
            answers: Vec::new(),
        }],
        recent: 0,
        read_at,
    })
}

fn graced(app: &mut App) {
    let ticket = isolate(app);
    let body = preview(app, "4711");
    answer(app, ticket, body);
    seen(app, 2);
    // an incident has no list of names to be told apart by: its id
    press(app, "'4711' Enter");
    assert!(
        matches!(asked(app).phase, Phase::Grace(_)),
        "{:?}",
        asked(app)
    );
}

fn cancelled(fx: &[Effect]) -> usize {
    let is = |e: &&Effect| matches!(e, Effect::Ask(_, Request::Cancelled(_)));
    fx.iter().filter(is).count()
}

#[test]
fn tier_two_counts_down_and_then_sends_once() {
    let mut app = filled(80, 24);
    graced(&mut app);
    let asks = |fx: &[Effect]| fx.iter().any(|e| matches!(e, Effect::WakeAt(_)));
    let fx = app.update(at(2), Event::Wake);
    assert!(asks(&fx), "it wants to be woken for the next second");
    assert!(runs(fx).is_empty());
    assert!(runs(app.update(at(3), Event::Wake)).is_empty());
    let sent = runs(app.update(at(4), Event::Wake));
    assert_eq!(sent.len(), 1);
    assert!(!app.prompting());
    assert!(runs(app.update(at(5), Event::Wake)).is_empty());
}

#[test]
fn a_grace_is_taken_back_by_a_key_by_leaving_and_by_suspending_and_that_is_recorded() {
    for how in 0..4 {
        let mut app = filled(80, 24);
        graced(&mut app);
        assert!(
            press(&mut app, "Enter")
                .iter()
                .all(|e| !matches!(e, Effect::Ask(..))),
            "a bounce"
        );
        let fx = match how {
            0 => press(&mut app, "Esc"),
            1 => app.update(at(2), Event::Hangup),
            2 => app.update(at(2), Event::Away),
            _ => {
                let mut other = session();
                other.principal = "q".into();
                app.update(
                    at(2),
                    Event::News(crate::msg::News::Session(other, grants())),
                )
            }
        };
        assert_eq!(cancelled(&fx), 1, "{how}");
        assert!(!app.prompting());
        for secs in 3..30 {
            assert!(runs(app.update(at(secs), Event::Wake)).is_empty(), "{how}");
        }
    }
}

#[test]
fn an_answer_about_something_else_or_too_late_opens_nothing() {
    let mut app = filled(80, 24);
    let ticket = isolate(&mut app);
    let body = preview(&app, "4709");
    answer(&mut app, ticket, body);
    assert!(!app.prompting(), "another target than the one asked about");
    let ticket = isolate(&mut app);
    let body = preview(&app, "4711");
    press(&mut app, "Esc");
    answer(&mut app, ticket, body.clone());
    assert!(!app.prompting(), "it was left");
    let ticket = isolate(&mut app);
    app.update(
        at(40),
        Event::Reply(Reply {
            ticket,
            last: true,
            body,
        }),
    );
    assert!(!app.prompting());
    assert!(
        told(&app).contains("older than 30 seconds"),
        "{}",
        told(&app)
    );
}

#[test]
fn a_question_nobody_answers_goes() {
    let mut app = filled(80, 24);
    let ticket = isolate(&mut app);
    let body = preview(&app, "4711");
    answer(&mut app, ticket, body);
    app.update(at(400), Event::Wake);
    assert!(!app.prompting());
    assert!(told(&app).contains("stood open for too long"));
}

#[test]
fn a_set_is_stopped_and_what_was_not_told_is_unknown() {
    let mut app = filled(80, 24);
    press(&mut app, "/ 'sample st:active' Enter * T");
    seen(&mut app, 1);
    let mut sent = runs(press(&mut app, "'12' Enter"));
    let (ticket, _) = sent.remove(0);
    let stops = |fx: &[Effect]| {
        fx.iter()
            .filter(|e| matches!(e, Effect::Ask(_, Request::Stop)))
            .count()
    };
    assert_eq!(stops(&press(&mut app, "Ctrl-c")), 1);
    assert_eq!(stops(&press(&mut app, "Ctrl-c")), 0, "once");
    answer_last(&mut app, ticket);
    let run = app.verbs.running.values().next().unwrap();
    assert_eq!(run.count(Stand::Unknown), 12);
}
