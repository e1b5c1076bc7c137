//! Keys while the report of a set is open: taking it back, leaving for the shell; none of them does nothing.

use super::tests::{asked, runs, seen, told};
use super::*;
use crate::app::fixture::{answer, at, filled, press};
use crate::model::Stand;
use crate::msg::{Event, News, RunState, Ticket};
use crate::verb::Deed;
use serde_json::json;

/// A set of three runs, its report is open; its targets.
fn running(app: &mut App, keys: &str) -> (Ticket, Vec<Key>) {
    press(app, "Space Space Space");
    press(app, keys);
    seen(app, 1);
    let (ticket, confirmed) = runs(press(app, "Y")).remove(0);
    let keys = confirmed.get().targets.iter().map(|t| t.key.clone());
    let keys = keys.collect();
    assert!(matches!(app.overlays.last(), Some(Overlay::Report(_))));
    (ticket, keys)
}

/// It came to its end, and the record tells what was done.
fn ended(app: &mut App, ticket: Ticket, verb: &str, keys: &[Key], stand: Stand) {
    for target in 0..keys.len() {
        let state = match stand {
            Stand::Succeeded => RunState::Succeeded,
            _ => RunState::Changed(Vec::new()),
        };
        let body = Body::Ran { target, state };
        let reply = Reply {
            ticket: ticket.clone(),
            last: false,
            body,
        };
        app.update(at(2), Event::Reply(reply));
    }
    answer(app, ticket, Body::Done);
    let deed = |(n, key): (usize, &Key)| Deed {
        run: format!("r{n}"),
        set: "s1".into(),
        at: at(1).wall,
        verb: verb.into(),
        key: key.clone(),
        name: "sample".into(),
        sentence: format!("{verb} 3 incidents"),
        reason: None,
        before: json!({"classification": "unknown", "determination": "unknown"}),
        stand,
        detail: String::new(),
        action: None,
        analyst: "ana@contoso.com".into(),
        undone: None,
    };
    let deeds = keys.iter().enumerate().map(deed).collect();
    app.update(at(2), Event::News(News::Deeds(deeds)));
}

fn asks(fx: &[Effect]) -> bool {
    fx.iter().any(|e| matches!(e, Effect::Ask(..)))
}

#[test]
fn undo_in_a_report_asks_to_take_back_what_it_shows() {
    let mut app = filled(80, 24);
    let (ticket, keys) = running(&mut app, "c f");
    // while it runs it says what to do first
    assert!(!asks(&press(&mut app, "u")));
    assert!(told(&app).contains("Ctrl-c stops it"), "{}", told(&app));
    ended(&mut app, ticket, "classify", &keys, Stand::Succeeded);
    // something else was done after it: the report is about its own set all the same
    let newer = Deed {
        run: "later".into(),
        set: "later".into(),
        at: at(9).wall,
        verb: "take".into(),
        ..app.deeds.newest().next().unwrap().clone()
    };
    app.update(at(3), Event::News(News::Deeds(vec![newer])));
    let fx = press(&mut app, "u");
    let preview = fx.iter().find_map(|e| match e {
        Effect::Ask(_, Request::Preview { verb, keys, .. }) => Some((verb.name, keys.len())),
        _ => None,
    });
    assert_eq!(
        preview,
        Some((crate::verb::restore::NAME, 3)),
        "{}",
        told(&app)
    );
    assert_eq!(asked(&app).verb.name, crate::verb::restore::NAME);
    let Phase::Reading { undoes, .. } = &asked(&app).phase else {
        panic!("{:?}", asked(&app))
    };
    let mut undoes = undoes.clone();
    undoes.sort();
    assert_eq!(undoes, ["r0", "r1", "r2"]);
    press(&mut app, "Esc");
    assert!(
        matches!(app.overlays.last(), Some(Overlay::Report(_))),
        "the report is still there"
    );
}

#[test]
fn undo_in_a_report_says_why_there_is_nothing_to_take_back() {
    let mut app = filled(80, 24);
    let (ticket, keys) = running(&mut app, "c f");
    ended(&mut app, ticket, "classify", &keys, Stand::NotSent);
    assert!(!asks(&press(&mut app, "u")));
    assert!(
        told(&app).contains("nothing of it was done"),
        "{}",
        told(&app)
    );
    let done = |undone: Option<&str>| {
        let all = app.deeds.newest().map(|d| Deed {
            stand: Stand::Succeeded,
            undone: undone.map(str::to_owned),
            ..d.clone()
        });
        all.collect::<Vec<_>>()
    };
    let undone = done(Some("r9"));
    app.update(at(4), Event::News(News::Deeds(undone)));
    press(&mut app, "u");
    assert!(told(&app).contains("taken back already"), "{}", told(&app));
}

/// Ctrl-z leaves for the shell wherever letters are no text, also over a report; the set ends with what is in flight.
#[test]
fn ctrl_z_suspends_with_a_report_and_other_windows_open() {
    let suspends = |fx: &[Effect]| fx.iter().any(|e| matches!(e, Effect::Suspend));
    let mut app = filled(80, 24);
    running(&mut app, "c f");
    let fx = press(&mut app, "Ctrl-z");
    assert!(suspends(&fx));
    let stops = |e: &Effect| matches!(e, Effect::Ask(_, Request::Stop));
    assert!(fx.iter().any(stops), "what is not sent stays so");
    for keys in ["?", "g m", "a", "q"] {
        let mut app = filled(80, 24);
        press(&mut app, keys);
        assert!(suspends(&press(&mut app, "Ctrl-z")), "{keys}");
    }
    // in text it is no key of ours
    let mut app = filled(80, 24);
    press(&mut app, "/");
    assert!(!suspends(&press(&mut app, "Ctrl-z")));
}
