//! Verbs from the key to the confirmed command and back: T1, frozen targets, answers, drafts, repeating.

use super::*;
use crate::app::act::seen_entity;
use crate::app::entities::*;
use crate::app::fixture::{self, at, key, press};
use crate::confirm::Target;
use crate::confirm::{Command, Confirmed, same, seen};
use crate::model::FaultKind;
use crate::msg::{Body, Level, Request, RunState};
use crate::msg::{Event, News, Now, Ticket};
use serde_json::json;

/// The commands among effects, with their tickets.
fn runs(effects: Vec<Effect>) -> Vec<(Ticket, Confirmed<Command>)> {
    let run = |e| match e {
        Effect::Ask(ticket, Request::Run(confirmed)) => Some((ticket, confirmed)),
        _ => None,
    };
    effects.into_iter().filter_map(run).collect()
}

fn one(effects: Vec<Effect>) -> (Ticket, Command) {
    let mut all = runs(effects);
    assert_eq!(all.len(), 1, "exactly one command");
    let (ticket, confirmed) = all.remove(0);
    let (command, permits) = confirmed.permits();
    for permit in permits {
        permit.spend(at(1).mono).expect("it is fresh");
    }
    (ticket, command)
}

fn said(app: &App) -> String {
    app.toasts
        .log
        .last()
        .map_or(String::new(), |t| t.text.clone())
}

fn outcome(app: &mut App, ticket: &Ticket, state: RunState) -> Vec<Effect> {
    answer(app, at(2), ticket.clone(), Body::Ran { target: 0, state })
}

fn changes(calls: &[crate::model::Call]) -> String {
    let one = |c: &crate::model::Call| {
        let body = c.body.as_ref().map(|b| b.to_string()).unwrap_or_default();
        format!("{} {} {body}", c.method.name(), c.path.as_str())
    };
    calls.iter().map(one).collect::<Vec<_>>().join("; ")
}

fn plan(command: &Command, now: &serde_json::Value) -> String {
    let target = &command.targets[0];
    match (command.verb.plan)(&target.key, Json(now), &command.args, command.me.txt(), &[]) {
        Ok(calls) => changes(&calls),
        Err(why) => format!("refused: {why}"),
    }
}

/// T1: take, classify and comment in five keys, the words of the comment not counted.
#[test]
fn t1_take_classify_and_comment_in_five_keys() {
    let mut app = full(80, 24);
    let keys = ["t", "c", "m", "m", "'looks real'", "Enter"];
    assert_eq!(keys.iter().filter(|k| !k.starts_with('\'')).count(), 5);
    let mut effects = Vec::new();
    for k in keys {
        effects.extend(press(&mut app, k));
    }
    let done: Vec<Command> = runs(effects)
        .into_iter()
        .map(|(_, c)| c.permits().0)
        .collect();
    let names: Vec<&str> = done.iter().map(|c| c.verb.name).collect();
    assert_eq!(names, ["take", "classify", "comment"]);
    let now = incident();
    assert_eq!(
        plan(&done[0], &now),
        r#"PATCH /security/incidents/4711 {"assignedTo":"ana@contoso.com","status":"inProgress"}"#
    );
    assert_eq!(
        plan(&done[1], &now),
        r#"PATCH /security/incidents/4711 {"classification":"truePositive","determination":"malware"}"#
    );
    assert!(plan(&done[2], &now).contains("looks real"));
    for command in &done {
        assert_eq!(command.targets[0].key, Key::new(Kind::Incident, "4711"));
        assert_eq!(command.me, Text::from("ana@contoso.com"));
        assert_eq!(command.tenant_id, "t");
    }
}

#[test]
fn every_verb_ends_in_one_confirmed_command_from_list_and_detail() {
    for (keys, name, sends) in [
        ("t", "take", r#""assignedTo":"ana@contoso.com""#),
        ("c p", "classify", r#""determination":"phishing""#),
        (
            "d f",
            "done",
            r#""classification":"falsePositive","determination":"notMalicious""#,
        ),
        ("s i", "status", r#""status":"inProgress""#),
        ("m 'a word' Enter", "comment", "a word"),
        ("A Enter", "assign", r#""assignedTo":"ana@contoso.com""#),
        (
            "A Down Down Enter",
            "assign",
            r#""assignedTo":"raj@contoso.com""#,
        ),
        ("# 'bec' Enter", "tag", r#""customTags":["vip","bec"]"#),
    ] {
        for (before, kind) in [
            ("", Kind::Incident),
            ("Enter", Kind::Incident),
            ("2 k k Enter", Kind::Alert),
        ] {
            if kind == Kind::Alert && name == "tag" {
                continue;
            }
            let mut app = full(80, 24);
            let mut service = Service::all();
            service.press(&mut app, before);
            // tags are typed behind those that are there
            let keys = if name == "tag" {
                keys.replace("'bec'", "' bec'")
            } else {
                keys.to_owned()
            };
            let rest = service.press(&mut app, &keys);
            let (_, command) = one(rest);
            assert_eq!(command.verb.name, name, "{keys}");
            assert_eq!(command.targets[0].key.kind, kind);
            let now = if kind == Kind::Incident {
                incident()
            } else {
                alerts().remove(1)
            };
            let plan = plan(&command, &now);
            let sends = if kind == Kind::Alert {
                sends.replace("customTags", "")
            } else {
                sends.to_owned()
            };
            assert!(plan.contains(&sends), "{keys} on {kind:?}: {plan}");
            assert!(app.overlays.is_empty() && app.verbs.pending.is_none());
            assert_eq!(app.verbs.busy(), 1);
        }
    }
}

#[test]
fn nobody_can_be_assigned_too() {
    let mut app = full(80, 24);
    press(&mut app, "j A 'nobody'");
    let (_, command) = one(press(&mut app, "Enter"));
    assert_eq!(command.args.person, None);
    let mut now = incident();
    now["assignedTo"] = "raj@contoso.com".into();
    assert!(plan(&command, &now).contains(r#""assignedTo":null"#));
}

/// What a list's row shows and what a fresh read gives are the same to the comparison before sending.
#[test]
fn what_was_seen_in_a_list_equals_a_fresh_read_of_the_same() {
    let mut states = Vec::new();
    for status in [
        "active",
        "Active",
        "inProgress",
        "IN_PROGRESS",
        "awaitingAction",
        "somethingNew",
        "",
    ] {
        for (class, det) in [
            ("unknown", "unknown"),
            ("truePositive", "malware"),
            ("TruePositive", "CompromisedUser"),
            ("falsePositive", "clean"),
            ("informationalExpectedActivity", "confirmedUserActivity"),
            ("brandNew", "alsoNew"),
        ] {
            states.push(json!({"status": status, "classification": class, "determination": det}));
        }
    }
    states.push(
        json!({"status": null, "classification": null, "determination": null, "assignedTo": null}),
    );
    states.push(json!({"assignedTo": "Ana.Lopez@Contoso.com"}));
    states.push(json!({"assignedTo": "o'neil \u{202e}x@contoso.com"}));
    states.push(json!({"assignedTo": ""}));
    for state in states {
        for kind in [Kind::Incident, Kind::Alert] {
            let mut fresh = if kind == Kind::Incident {
                incident()
            } else {
                alerts().remove(1)
            };
            for (field, value) in state.as_object().unwrap() {
                fresh[field] = value.clone();
            }
            let mut app = fixture::app(80, 24);
            fill(&mut app, kind, std::slice::from_ref(&fresh), true);
            let key = Key::new(kind, fresh["id"].as_str().unwrap());
            let from_cells = seen_entity(&app, &key);
            for verb in crate::verb::all().filter(|v| v.kinds.contains(&kind)) {
                let target = Target::of(key.clone(), key.id.clone(), Json(&from_cells), verb);
                for (field, was) in &target.seen {
                    let is = seen(Json(&fresh), field);
                    assert!(
                        same(field, was, &is),
                        "{kind:?} {field}: {was:?} in the list, {is:?} fresh, of {state}"
                    );
                }
            }
        }
    }
}

#[test]
fn the_target_is_frozen_when_the_form_opens() {
    let mut app = full(80, 24);
    press(&mut app, "c");
    // meanwhile the row moves on, and another stands under the cursor
    let mut changed = incident();
    changed["classification"] = "falsePositive".into();
    changed["determination"] = "notMalicious".into();
    fill(&mut app, Kind::Incident, &[changed], true);
    app.pane_mut().move_to(2, 10);
    let (_, command) = one(press(&mut app, "m"));
    let target = &command.targets[0];
    assert_eq!(target.key.id.txt().exact(), "4711");
    let was = |field: &str| {
        target
            .seen
            .iter()
            .find(|(f, _)| *f == field)
            .unwrap()
            .1
            .clone()
    };
    assert_eq!(was("classification"), Some(Text::from("unknown")));
    assert_eq!(
        target.name,
        Text::from("Multi-stage incident involving initial access & lateral movement")
    );
    // tags are what was seen plus and minus what was typed
    let mut app = full(80, 24);
    press(&mut app, "#");
    let mut changed = incident();
    changed["customTags"] = json!(["vip", "from a colleague"]);
    fill(&mut app, Kind::Incident, &[changed.clone()], true);
    let (_, command) = one(press(&mut app, "Ctrl-u 'bec \"two words\"' Enter"));
    assert_eq!(
        command.args.add,
        [Text::from("bec"), Text::from("two words")]
    );
    assert_eq!(command.args.remove, [Text::from("vip")]);
    assert!(
        plan(&command, &changed).contains(r#""customTags":["from a colleague","bec","two words"]"#)
    );
    // nothing changed is nothing sent
    let mut app = full(80, 24);
    assert!(runs(press(&mut app, "# Enter")).is_empty());
    assert_eq!(app.verbs.busy(), 0);
}

#[test]
fn take_refuses_what_someone_else_has_and_take_over_takes_it() {
    let mut app = full(80, 24);
    press(&mut app, "j");
    assert!(runs(press(&mut app, "t")).is_empty());
    assert!(
        said(&app).contains("raj@contoso.com has it: take over with T"),
        "{}",
        said(&app)
    );
    let (_, command) = one(press(&mut app, "T"));
    assert!(
        command
            .sentence
            .contains("from raj@contoso.com to ana@contoso.com")
    );
    // what is mine already, in whatever spelling
    assert!(runs(press(&mut app, "j t")).is_empty());
    assert!(said(&app).contains("you have it already"));
}

#[test]
fn green_comes_only_after_the_read_back_and_the_detail_shows_the_new_state() {
    let mut app = full(80, 24);
    let mut service = Service::all();
    service.press(&mut app, "Enter");
    let rest = service.press(&mut app, "t");
    let (ticket, _) = one(rest);
    let before = app.toasts.log.len();
    answer_on(&mut app, &ticket, RunState::Sent);
    answer_on(&mut app, &ticket, RunState::Accepted);
    assert_eq!(
        app.toasts.log.len(),
        before,
        "nothing is told before it is known"
    );
    let mut taken = incident();
    taken["assignedTo"] = "ana@contoso.com".into();
    taken["status"] = "inProgress".into();
    service.set("/security/incidents/4711", taken);
    let fx = outcome(&mut app, &ticket, RunState::Succeeded);
    service.serve(&mut app, at(2), fx);
    assert!(said(&app).contains(": done") && app.toasts.log.last().unwrap().level == Level::Good);
    let d = app.pane().detail.as_ref().unwrap();
    let words: String = d
        .rows
        .iter()
        .flat_map(|r| r.pieces.iter().map(|(_, s)| s.as_str()))
        .collect();
    assert!(words.contains("ana@contoso.com") && words.contains("inProgress"));
    assert_eq!(app.verbs.busy(), 0);
}

/// A state that is not the last one.
fn answer_on(app: &mut App, ticket: &Ticket, state: RunState) {
    let reply = Reply {
        ticket: ticket.clone(),
        last: false,
        body: Body::Ran { target: 0, state },
    };
    app.update(at(2), Event::Reply(reply));
}

#[test]
fn every_outcome_has_its_words() {
    let fault = || crate::model::Fault::new(FaultKind::Server, "the service stumbled").status(503);
    let changed = vec![(
        "assignedTo".to_owned(),
        "none".to_owned(),
        "mei@contoso.com".to_owned(),
    )];
    for (state, says, level) in [
        (
            RunState::Changed(changed),
            "assignedTo: none → mei@contoso.com (t again does it on what is there now)",
            Level::Warn,
        ),
        (
            RunState::Failed(fault()),
            "failed: the service stumbled (503)",
            Level::Error,
        ),
        (
            RunState::Unknown(fault()),
            "unknown whether it was done: the service stumbled",
            Level::Error,
        ),
        (
            RunState::NotSent(fault()),
            "not sent: the service stumbled",
            Level::Error,
        ),
    ] {
        let mut app = full(80, 24);
        let (ticket, _) = one(press(&mut app, "t"));
        let unsent = matches!(state, RunState::NotSent(_));
        let mut service = Service::all();
        service.press(&mut app, "Enter");
        let fx = outcome(&mut app, &ticket, state);
        let toast = app.toasts.log.last().unwrap();
        assert!(toast.text.contains(says), "{}", toast.text);
        assert!(
            toast.text.starts_with("take incident 4711: "),
            "{}",
            toast.text
        );
        assert_eq!(toast.level, level);
        // what may have changed is read again
        assert_eq!(asked(&fx).is_empty(), unsent);
        assert_eq!(app.verbs.busy(), 0);
        // a second answer to the same is nobody's
        let said_before = app.toasts.log.len();
        outcome(&mut app, &ticket, RunState::Succeeded);
        assert_eq!(app.toasts.log.len(), said_before);
    }
    // a task that ended without a word is unknown, not failed
    let mut app = full(80, 24);
    let (ticket, _) = one(press(&mut app, "t"));
    answer(&mut app, at(2), ticket, Body::Dropped);
    assert!(said(&app).contains("unknown whether it was done"));
}

#[test]
fn a_comment_is_not_lost() {
    let fault = || crate::model::Fault::new(FaultKind::Network, "no route");
    let mut app = full(80, 24);
    // left with Esc it is a draft of this incident
    press(&mut app, "m 'half a thou' Esc");
    assert_eq!(app.verbs.drafts(), 1);
    press(&mut app, "j m");
    let Some(Overlay::Text(form)) = app.overlays.last() else {
        panic!()
    };
    assert_eq!(form.line.text(), "", "not of another one");
    press(&mut app, "Esc k m 'ght'");
    let (ticket, command) = one(press(&mut app, "Enter"));
    assert_eq!(command.args.text, Some(Text::from("half a thought")));
    assert_eq!(app.verbs.drafts(), 0);
    // not sent: it is there again
    outcome(&mut app, &ticket, RunState::NotSent(fault()));
    press(&mut app, "m");
    let Some(Overlay::Text(form)) = app.overlays.last() else {
        panic!()
    };
    assert_eq!(form.line.text(), "half a thought");
    let (ticket, _) = one(press(&mut app, "Enter"));
    // it may have been taken: offering it again would double it
    outcome(&mut app, &ticket, RunState::Unknown(fault()));
    assert_eq!(app.verbs.drafts(), 0);
    // an empty one is not sent, and what is cleared is forgotten
    assert!(runs(press(&mut app, "m '  ' Enter")).is_empty());
    press(&mut app, "Esc");
    assert_eq!(app.verbs.drafts(), 0);
}

#[test]
fn a_paste_into_a_form_is_text_and_confirms_nothing() {
    let mut app = full(80, 24);
    press(&mut app, "m");
    let fx = app.update(
        at(1),
        Event::Paste(Text::from("line one\nline two\r\n\u{1b}[31m")),
    );
    assert!(runs(fx).is_empty(), "a line break in a paste is no Enter");
    let Some(Overlay::Text(form)) = app.overlays.last() else {
        panic!()
    };
    assert!(form.line.text().starts_with("line one line two"));
    // a list of letters takes no paste at all
    let mut app = full(80, 24);
    press(&mut app, "d");
    let fx = app.update(at(1), Event::Paste(Text::from("f")));
    assert!(runs(fx).is_empty());
    assert_eq!(app.overlays.len(), 1);
}

#[test]
fn the_last_verb_is_repeated_on_another_row() {
    let mut app = full(80, 24);
    press(&mut app, ".");
    assert!(said(&app).contains("nothing was done yet"));
    one(press(&mut app, "d f"));
    let (_, command) = one(press(&mut app, "j ."));
    assert_eq!(
        (command.verb.name, command.targets[0].key.id.txt().exact()),
        ("done", "4702")
    );
    assert_eq!(command.args.pair, Some(("falsePositive", "notMalicious")));
    // where it cannot be had it says why
    press(&mut app, "3 .");
    assert!(
        said(&app).contains("for incident and alert only"),
        "{}",
        said(&app)
    );
    press(&mut app, "1 k k t");
    assert!(runs(press(&mut app, "j j .")).is_empty());
    assert!(said(&app).contains("you have it already"));
}

#[test]
fn without_a_person_or_a_right_nothing_opens() {
    let session = |f: &dyn Fn(&mut crate::model::Session)| {
        let mut s = fixture::session();
        f(&mut s);
        s
    };
    let mut grants = crate::model::Grants::default();
    grants.token(
        crate::model::Service::Graph,
        Some(vec!["SecurityIncident.Read.All".into()]),
    );
    for (s, g, says) in [
        (session(&|s| s.me = None), fixture::grants(), "analyst"),
        (
            session(&|s| s.read_only = Some("AZURE_* without a tenant".into())),
            fixture::grants(),
            "read-only",
        ),
        (session(&|_| ()), grants, "SecurityIncident.ReadWrite.All"),
    ] {
        let mut app = full(80, 24);
        app.update(at(1), Event::News(News::Session(s, g)));
        for keys in ["t", "c", "d", "m", "s", "A", "#", "T"] {
            assert!(runs(press(&mut app, keys)).is_empty());
            assert!(app.overlays.is_empty(), "{keys} opens nothing");
        }
        assert!(said(&app).contains(says), "{}", said(&app));
    }
}

#[test]
fn the_directory_is_asked_after_a_pause_and_answers_join_the_likely_ones() {
    let mut app = fixture::app(80, 24);
    fill(&mut app, Kind::Incident, &[incident()], true);
    let fx = press(&mut app, "A 'mei'");
    assert!(asked(&fx).is_empty());
    let later = Now {
        mono: at(1).mono + super::super::soon::PAUSE,
        ..at(1)
    };
    let fx = app.update(later, Event::Wake);
    let ticket = fx
        .iter()
        .find_map(|e| match e {
            Effect::Ask(t, Request::Pick { .. }) => Some(t.clone()),
            _ => None,
        })
        .expect("the directory is asked");
    let people = json!({"value": [{"id": "9", "displayName": "Mei Chen", "userPrincipalName": "mei@contoso.com"}, {"id": "8", "displayName": "no name to sign in"}]});
    answer(&mut app, later, ticket, got(people));
    let pick = app.pick_mut("people").unwrap();
    assert_eq!(
        pick.chosen().map(|i| i.label.as_str()),
        Some("mei@contoso.com")
    );
    assert!(pick.note.is_empty());
    let (_, command) = one(key(&mut app, later, "Enter"));
    assert_eq!(command.args.person, Some(Text::from("mei@contoso.com")));
}

/// From an alert's evidence to the question: its values stand there, those that hit everybody are left out, and title and
/// description are proposed from what it is made for.
#[test]
fn indicators_are_made_of_an_alerts_evidence_with_a_title_that_tells_why() {
    let (mut app, mut service) = (full(100, 30), Service::all());
    service.press(&mut app, "2");
    let row = app.pane().rows.find(ALERT).unwrap();
    let place = app.pane().shown.position_of(row).unwrap();
    app.pane_mut().move_to(place, 10);
    service.press(&mut app, "Enter a n");
    let Some(Overlay::Text(form)) = app.overlays.last() else {
        panic!("{}", said(&app))
    };
    let proposed = form.line.text().to_owned();
    assert!(
        proposed.contains("203.0.113.7") && proposed.contains(SHA256),
        "{proposed}"
    );
    press(&mut app, "' 10.0.0.1 x@y.example'");
    service.press(&mut app, "Enter b 7");
    // device groups, title, description: each proposed, each taken by Enter
    press(&mut app, "'Finance'");
    service.press(&mut app, "Enter");
    let Some(Overlay::Ask(ask)) = app.overlays.last() else {
        panic!("{}", said(&app))
    };
    assert_eq!(ask.line.text(), "Suspicious PowerShell command line");
    press(&mut app, "Enter");
    let fx = press(&mut app, "Enter");
    let asked = fx.into_iter().find_map(|e| match e {
        Effect::Ask(_, Request::Preview { verb, args, keys }) => Some((verb, args, keys)),
        _ => None,
    });
    let (verb, args, keys) = asked.unwrap();
    assert_eq!((verb.name, keys.len()), ("indicate", 2));
    let made = args.indicator.unwrap();
    assert_eq!(made.action, "Block");
    assert_eq!(made.title, made.description);
    assert_eq!(
        made.title.txt().exact(),
        "Suspicious PowerShell command line"
    );
    assert_eq!(made.groups, [Text::from("Finance")]);
    assert!(made.expires.is_some());
    let Some(Overlay::Prompt(asked)) = app.overlays.last() else {
        panic!()
    };
    let left: Vec<&str> = asked
        .facts
        .left_out
        .iter()
        .map(|(v, _)| v.as_str())
        .collect();
    assert_eq!(left, ["10.0.0.1", "x@y.example"]);
}
