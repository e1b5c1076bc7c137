//! Every row from the question to the way back: what the prompt says of it, what proves it and what does not, and what
//! takes it back. The requests themselves are held against `tests/fixtures/actions.toml`.

use super::row_cases::*;
use super::*;
use crate::model::guard::Here;
use crate::model::{EntityRef, Mode};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// Lists that are complete and name nothing.
struct Nothing;

impl Known for Nothing {
    fn alerts_of(&self, _: &EntityRef) -> Vec<Key> {
        Vec::new()
    }
    fn cell(&self, _: &Key, _: &str) -> Option<table::Value> {
        None
    }
    fn same_name(&self, _: Kind, _: &Text) -> Vec<Key> {
        Vec::new()
    }
    fn with(&self, _: Kind, _: &str, _: &Text) -> Vec<Key> {
        Vec::new()
    }
    fn complete(&self, _: Kind) -> bool {
        true
    }
}

fn got(answers: &[Value]) -> Vec<Answer> {
    let one = |v: &Value| Answer::Got {
        body: Arc::new(v.clone()),
        more: false,
    };
    answers.iter().map(one).collect()
}

fn session(guards: Guards) -> Session {
    Session {
        tenant: "contoso".into(),
        tenant_id: "t".into(),
        mode: Mode::Delegated,
        principal: "p".into(),
        writer: None,
        me: Some("ana@contoso.com".into()),
        demo: false,
        read_only: None,
        guards: Arc::new(guards),
    }
}

fn elsewhere() -> Guards {
    Guards {
        here: Some(Here {
            name: "desk".into(),
            cards: vec!["feedfacecafe".into()],
        }),
        ..Guards::default()
    }
}

fn told(case: &Case, verb: &'static Verb, answers: &[Answer], guards: Guards) -> Vec<Consequence> {
    let session = session(guards);
    (verb.consequences)(&About {
        verb,
        key: &case.key,
        entity: Json(&case.now),
        answers,
        args: &case.args,
        session: &session,
        now: Ticks::parse("2026-08-01T12:00:00Z").unwrap(),
        known: &Nothing,
    })
}

fn texts(all: &[Consequence]) -> String {
    all.iter()
        .map(|c| c.text.as_str())
        .collect::<Vec<_>>()
        .join("\n")
}

fn me() -> Text {
    "ana@contoso.com".into()
}

#[test]
fn every_row_has_its_case() {
    let with: HashSet<&str> = cases().iter().map(|c| c.verb).collect();
    for verb in all().chain(restore::VERBS) {
        assert!(with.contains(verb.name), "{} has no case here", verb.name);
    }
    for name in with {
        assert!(named(name).is_some(), "{name} is no verb");
    }
}

#[test]
fn the_prompt_says_what_follows_and_asks_by_reading_only() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let said = texts(&told(&case, verb, &got(&case.answers), elsewhere()));
        for words in case.says {
            assert!(
                said.contains(words),
                "{}: no “{words}” in\n{said}",
                case.verb
            );
        }
        let mut calls = (verb.preview)(&case.key, Json(&case.now), &case.args);
        calls.extend((verb.asides)(&case.key, Json(&case.now), &case.args));
        for call in &calls {
            let hunts = call.path.as_str() == "/security/runHuntingQuery";
            assert!(
                call.is_read() || hunts,
                "{} would write: {call:?}",
                case.verb
            );
            assert!(
                !call.needs.is_empty(),
                "{}: {call:?} names no permission",
                case.verb
            );
        }
    }
}

#[test]
fn s2_25_isolation_says_what_is_cut_off_and_what_a_vpn_does() {
    let case = (cases().into_iter()).find(|c| c.verb == "isolate").unwrap();
    let verb = named("isolate").unwrap();
    let said = texts(&told(&case, verb, &got(&case.answers), elsewhere()));
    assert!(said.contains("full-tunnel VPN"), "{said}");
    assert!(said.contains("connection"), "{said}");
}

#[test]
fn s1_6_s1_12_a_block_says_how_many_devices_it_touches_and_which_do_not_block() {
    let case = (cases().into_iter())
        .find(|c| c.verb == "indicate" && c.now["title"] == "Case 88")
        .unwrap();
    let verb = named("indicate").unwrap();
    let said = texts(&told(&case, verb, &got(&case.answers), elsewhere()));
    for words in [
        "7 of your devices were in touch with it",
        "5 of 12 devices that tell do not block it",
        "ws1.contoso.com, ws2⟨202E⟩.contoso.com and 3 more",
        "it reaches every device",
    ] {
        assert!(said.contains(words), "no “{words}” in\n{said}");
    }
}

#[test]
fn what_could_not_be_read_is_said_and_lowers_nothing() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let mut calls = (verb.preview)(&case.key, Json(&case.now), &case.args);
        calls.extend((verb.asides)(&case.key, Json(&case.now), &case.args));
        let tier = |all: &[Consequence]| all.iter().filter_map(|c| c.raises).max().unwrap_or(0);
        let nothing = match case.answers.len() == calls.len() {
            true => got(&case.answers),
            false => got(&vec![json!({"value": []}); calls.len()]),
        };
        let best = told(&case, verb, &nothing, elsewhere());
        for lost in 0..calls.len() {
            let mut answers = nothing.clone();
            answers[lost] = Answer::Withheld(&["Some.Read.All"]);
            let worse = told(&case, verb, &answers, elsewhere());
            let unchecked = worse.iter().filter(|c| c.weight == Weight::Unchecked);
            // the alerts of an incident are for the record, not for the prompt
            let silent = matches!(case.verb, "done" | "put back");
            assert!(
                silent
                    || unchecked
                        .clone()
                        .any(|c| c.text.contains("that needs Some.Read.All")),
                "{} without answer {lost}:\n{}",
                case.verb,
                texts(&worse)
            );
            assert!(
                tier(&worse) >= tier(&best).min(2),
                "{} without answer {lost}",
                case.verb
            );
        }
    }
}

#[test]
fn only_the_right_reading_proves_it() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let key = &case.key;
        let answers = got(&case.answers);
        let before = (verb.before)(verb, key, Json(&case.now), &answers);
        let me = me();
        let judge = |now: &Value| (verb.verify)(key, Json(now), &case.args, me.txt(), &before);
        for now in &case.proves {
            assert_eq!(judge(now), Ok(()), "{}", case.verb);
        }
        for now in &case.disproves {
            let why = judge(now).expect_err(case.verb);
            assert!(
                !why.is_empty() && !why.contains('\n'),
                "{}: {why}",
                case.verb
            );
        }
        match (verb.witness, &case.witness) {
            (Some(witness), Some((yes, no))) => {
                let now = Json(&case.proves[0]);
                assert_eq!((witness.calls)(key, &case.args).len(), 1, "{}", case.verb);
                let judge = |v: &Value| {
                    (witness.verify)(key, now, &case.args, &got(std::slice::from_ref(v)))
                };
                assert_eq!(judge(yes), Ok(()), "{}", case.verb);
                assert!(judge(no).is_err(), "{}", case.verb);
            }
            (None, None) => {}
            _ => panic!("{}: its witness is not heard", case.verb),
        }
        // what nothing of the target shows is proven by the course of the service's action
        let shown = !case.disproves.is_empty() || case.witness.is_some();
        assert!(
            shown || verb.follow.is_some(),
            "{} is proven by nothing",
            case.verb
        );
    }
}

#[test]
fn an_action_is_done_when_the_service_says_so_and_not_before() {
    for verb in all() {
        let Some(follow) = verb.follow else { continue };
        let poll = (follow.poll)(&Key::new(verb.kinds[0], "x"), Json(&json!({"id": "m-9"})));
        assert_eq!(
            poll.unwrap().path.as_str(),
            "/machineactions/m-9",
            "{}",
            verb.name
        );
        for (status, stand) in [
            ("Pending", Stand::Pending),
            ("InProgress", Stand::InProgress),
            ("Succeeded", Stand::Succeeded),
            ("Failed", Stand::Failed),
            ("TimeOut", Stand::Failed),
            ("Cancelled", Stand::Failed),
            ("SomethingNew", Stand::InProgress),
        ] {
            let course = (follow.course)(Json(&json!({"id": "m-9", "status": status})));
            assert_eq!(course.stand, stand, "{} {status}", verb.name);
        }
    }
}

#[test]
fn each_is_taken_back_by_what_the_prompt_names_or_cannot_be() {
    for case in cases() {
        let verb = named(case.verb).unwrap();
        let key = &case.key;
        let answers = got(&case.answers);
        let deed = Deed {
            run: "r".into(),
            set: "s".into(),
            at: Ticks(0),
            verb: case.verb.into(),
            key: key.clone(),
            name: "n".into(),
            sentence: String::new(),
            reason: None,
            before: (verb.before)(verb, key, Json(&case.now), &answers),
            stand: Stand::Succeeded,
            detail: String::new(),
            action: None,
            analyst: me(),
            undone: None,
        };
        let way = (verb.undo)(&deed);
        assert_eq!(
            way.is_some(),
            verb.inverse.is_some(),
            "{}: the prompt says otherwise",
            case.verb
        );
        let (Some((name, calls)), Some((back, args))) = (&case.back, way) else {
            continue;
        };
        assert_eq!(*name, back, "{}", case.verb);
        let back = named(back).unwrap();
        // where the target shows nothing it is as it was
        let now = case.proves.first().unwrap_or(&case.now);
        let made = (back.plan)(key, Json(now), &args, me().txt(), &answers);
        let made = made.unwrap_or_else(|why| panic!("{}: {why}", case.verb));
        let made: Vec<String> = (made.iter())
            .map(|c| format!("{} {}", c.method.name(), c.path.as_str()))
            .collect();
        assert_eq!(made, *calls, "{}", case.verb);
    }
}

/// The computer that the console runs on: refused by name and card together, raised by either.
#[test]
fn this_computer_is_not_cut_off_by_accident() {
    let case = &machines()[0];
    let here = |name: &str, card: &str| Guards {
        here: Some(Here {
            name: name.into(),
            cards: vec![card.into()],
        }),
        ..Guards::default()
    };
    let card = "000a0b0c0d0e";
    for (guards, refuses, raises) in [
        (here("srv-7", card), true, None),
        (here("srv-7", "feedfacecafe"), false, Some(3)),
        (here("desk", card), false, Some(3)),
    ] {
        for verb in [
            "isolate",
            "isolate selectively",
            "restrict apps",
            "offboard",
            "quarantine file",
        ] {
            let verb = named(verb).unwrap();
            let all = told(case, verb, &got(&case.answers), guards.clone());
            let found = all.iter().find(|c| c.text.contains("this runs on"));
            let found = found.unwrap_or_else(|| panic!("{}: {guards:?}", verb.name));
            assert_eq!(found.refuses.is_some(), refuses, "{}", verb.name);
            assert_eq!(found.raises, raises, "{}", verb.name);
        }
        // a scan cuts nobody off
        let all = told(
            case,
            named("quick scan").unwrap(),
            &got(&case.answers),
            guards,
        );
        assert!(!texts(&all).contains("this runs on"));
    }
    let unknown = told(
        case,
        named("isolate").unwrap(),
        &got(&case.answers),
        Guards::default(),
    );
    let unknown = unknown.iter().find(|c| c.text.contains("this runs on"));
    assert_eq!(unknown.unwrap().weight, Weight::Unchecked);
}

#[test]
fn nobody_disables_the_last_global_administrator() {
    let case = &people()[0];
    let on = |id: &str, on: Value| json!({"id": id, "accountEnabled": on});
    let no = json!({"value": []});
    for (roles, holders, refused) in [
        (
            roles(),
            json!({"value": [on(U, true.into()), on("u-2", false.into())]}),
            true,
        ),
        (roles(), holders(), false),
        (
            roles(),
            json!({"value": [on(U, true.into()), on("u-2", Value::Null)]}),
            false,
        ),
        (no, json!({"value": [on("u-2", false.into())]}), false),
    ] {
        for name in ["disable", "disable and revoke"] {
            let verb = named(name).unwrap();
            let all = told(
                case,
                verb,
                &got(&[roles.clone(), holders.clone()]),
                elsewhere(),
            );
            let found = all.iter().any(|c| c.refuses == Some("last-administrator"));
            assert_eq!(found, refused, "{name} {holders}:\n{}", texts(&all));
        }
    }
    // roles that may not be read may be that one
    let verb = named("disable").unwrap();
    let mut answers = got(&[json!({}), json!({"value": [on(U, true.into())]})]);
    answers[0] = Answer::Withheld(&["x"]);
    let all = told(case, verb, &answers, elsewhere());
    assert!(
        all.iter().any(|c| c.refuses == Some("last-administrator")),
        "{}",
        texts(&all)
    );
}
