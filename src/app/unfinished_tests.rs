//! Going on with an interrupted set by keys: read afresh, asked again, and after an hour only a template.

use super::*;
use crate::app::fixture::{app as bare, at, filled, press};
use crate::msg::{Doubt, Event, News, Request};
use serde_json::json;

fn set(rest: &[&str]) -> Unfinished {
    Unfinished {
        set: "s1".into(),
        at: at(0).wall,
        verb: "classify".into(),
        sentence: "classify 5 incidents".into(),
        analyst: "ana@contoso.com".into(),
        tenant_id: "t".into(),
        args: json!({"pair": ["falsePositive", "notMalicious"]}),
        undoes: Vec::new(),
        count: 5,
        rest: rest
            .iter()
            .map(|id| (Key::new(Kind::Incident, *id), Text::from(*id)))
            .collect(),
        doubt: vec![Doubt {
            run: "r3".into(),
            key: Key::new(Kind::Incident, "4702"),
            name: "4702".into(),
            says: "in doubt; it shows what was wanted".into(),
        }],
    }
}

fn told_of(app: &mut App, sets: Vec<Unfinished>) -> String {
    app.update(at(1), Event::News(News::Unfinished(sets)));
    app.toasts
        .log
        .last()
        .map_or(String::new(), |t| t.text.clone())
}

#[test]
fn it_is_offered_read_afresh_and_asked_again() {
    let mut app = filled(100, 30);
    let text = told_of(&mut app, vec![set(&["4711", "4709"])]);
    assert!(
        text.contains("classify · 2 of 5 not sent, 1 in doubt"),
        "{text}"
    );
    assert!(text.contains("gc goes on"), "{text}");
    assert!(!app.prompting(), "never by itself");
    let fx = press(&mut app, "g c");
    // tier 0 on what is in sight would open at once: here nothing is in sight, so it is read
    let asked = fx.iter().find_map(|e| match e {
        Effect::Ask(_, Request::Preview { verb, args, keys }) => Some((verb.name, args, keys)),
        _ => None,
    });
    let (verb, args, keys) = asked.unwrap();
    assert_eq!(verb, "classify");
    assert_eq!(args.pair, Some(("falsePositive", "notMalicious")));
    assert_eq!(
        keys.iter().map(|k| k.id.txt().exact()).collect::<Vec<_>>(),
        ["4711", "4709"]
    );
    let Some(Overlay::Prompt(asked)) = app.overlays.last() else {
        panic!()
    };
    assert!(
        asked.facts.left_out[0].1.contains("in doubt"),
        "{:?}",
        asked.facts
    );
    assert!(
        !fx.iter()
            .any(|e| matches!(e, Effect::Ask(_, Request::Run(_))))
    );
}

#[test]
fn after_an_hour_it_is_only_a_template() {
    let mut app = filled(100, 30);
    let mut old = set(&["4711", "4709", "1"]);
    old.at.0 -= HOUR + 1;
    told_of(&mut app, vec![old]);
    let fx = press(&mut app, "g c");
    assert!(
        !fx.iter()
            .any(|e| matches!(e, Effect::Ask(_, Request::Preview { .. })))
    );
    assert!(!app.prompting());
    let marked = app.pane().marked().0;
    assert_eq!(marked.len(), 2);
    let told = app.toasts.log.last().unwrap().text.clone();
    assert!(told.contains("only a template: 2 of its 3"), "{told}");
}

#[test]
fn of_several_one_is_picked_and_where_there_is_none_it_is_said() {
    let mut app = bare(100, 30);
    assert!(any(&app).is_err());
    let other = Unfinished {
        set: "s2".into(),
        ..set(&["4695"])
    };
    told_of(&mut app, vec![set(&["4711"]), other]);
    press(&mut app, "g c");
    assert!(matches!(app.overlays.last(), Some(Overlay::Pick(_))));
    // nothing is left: nothing more is offered
    told_of(&mut app, Vec::new());
    assert!(any(&app).is_err());
}
