//! Confirmed writes: on record before they are sent, sent once, believed after a read-back.

use super::rig::{Rig, TENANT, incident, tenant};
use super::server::{Answer, Hit, How, Server};
use crate::backend::ports::Stage;
use crate::confirm::{Command, Confirmed, Prompt, Target};
use crate::model::{Call, FaultKind, Json, Key, Kind, Method, Mode, Path, Service, Session, Ticks};
use crate::msg::{Body, Now, Origin, Request, RunState, Slot};
use crate::verb::{Args, BASE, Needs, Verb};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use table::{Text, Txt};

fn plan(
    key: &Key,
    _: Json<'_>,
    _: &Args,
    me: Txt<'_>,
    _: &[crate::resource::Answer],
) -> Result<Vec<Call>, String> {
    let path = Path::new("/security/incidents")
        .id(key.id.txt())
        .map_err(|e| e.to_string())?;
    Ok(vec![Call::write(
        Service::Graph,
        Method::Patch,
        path,
        json!({"assignedTo": me.exact()}),
    )])
}

fn plan_two(
    key: &Key,
    now: Json<'_>,
    args: &Args,
    me: Txt<'_>,
    answers: &[crate::resource::Answer],
) -> Result<Vec<Call>, String> {
    let mut calls = plan(key, now, args, me, answers)?;
    let path = calls[0].path.clone().then("/comments");
    calls.push(Call::write(
        Service::Graph,
        Method::Post,
        path,
        json!({"comment": "x"}),
    ));
    Ok(calls)
}

fn verify(_: &Key, now: Json<'_>, _: &Args, me: Txt<'_>, _: &Value) -> Result<(), String> {
    match now.str("assignedTo") {
        Some(owner) if owner == me.exact() => Ok(()),
        _ => Err("another owner".into()),
    }
}

const TAKE: Verb = Verb {
    name: "take",
    kinds: &[Kind::Incident],
    tier: 0,
    needs: |_| Needs::any(Service::Graph, &["SecurityIncident.ReadWrite.All"]),
    writes: &["assignedTo"],
    sentence: |_, _, _| "take incident 7".into(),
    plan,
    verify,
    ..BASE
};
static ONE: Verb = TAKE;
static TWO: Verb = Verb {
    name: "take and say",
    plan: plan_two,
    ..TAKE
};

/// An incident that can be patched; `patch` decides what a PATCH gets before it takes effect.
struct Service7 {
    rig: Rig,
    now: Arc<Mutex<Value>>,
}

fn service(patch: impl Fn(u32, &Hit, &mut Value) -> Answer + Send + Sync + 'static) -> Service7 {
    let now = Arc::new(Mutex::new(incident(7, "active", None)));
    let (state, n) = (Arc::clone(&now), AtomicU32::new(0));
    let rig = Rig::new(move |hit| match hit.method.as_str() {
        "PATCH" | "POST" => patch(
            n.fetch_add(1, Ordering::SeqCst),
            hit,
            &mut state.lock().unwrap(),
        ),
        _ if hit.path().contains("/users/") => Answer::ok(r#"{"id":"ana"}"#),
        _ => Answer::ok(state.lock().unwrap().to_string()),
    });
    Service7 { rig, now }
}

fn takes_effect(hit: &Hit, now: &mut Value) -> Answer {
    let body: Value = serde_json::from_str(&hit.body).unwrap();
    now["assignedTo"] = body["assignedTo"].clone();
    Answer::ok(now.to_string())
}

fn session() -> Session {
    Session {
        tenant: "test".into(),
        tenant_id: TENANT.into(),
        mode: Mode::AppOnly,
        principal: "app-1".into(),
        writer: None,
        me: Some("ana@contoso.com".into()),
        demo: true,
        read_only: None,
        guards: Default::default(),
    }
}

fn confirmed(verb: &'static Verb, session: &Session, seen: Option<&str>) -> Confirmed<Command> {
    let target = Target {
        key: Key::new(Kind::Incident, "7"),
        name: "incident 7".into(),
        handle: "incident 7".into(),
        seen: vec![("assignedTo", seen.map(Text::from))],
    };
    let now = Now {
        mono: Duration::ZERO,
        wall: Ticks(0),
    };
    Prompt::new(verb, Args::default(), vec![target], session)
        .unwrap()
        .by_key(now)
        .unwrap()
}

impl Service7 {
    fn run(&self, verb: &'static Verb) -> u64 {
        self.rig.ask(
            Slot::Run(1),
            Request::Run(confirmed(verb, &session(), None)),
        )
    }

    fn state(&self, number: u64) -> RunState {
        self.rig.outcome(number)
    }

    fn writes(&self) -> Vec<Hit> {
        self.rig
            .server
            .hits()
            .into_iter()
            .filter(|h| matches!(h.method.as_str(), "PATCH" | "POST") && !h.is_token())
            .collect()
    }

    /// Something was about to leave.
    fn intents(&self) -> usize {
        let entries = self.rig.record.entries();
        entries.iter().filter(|e| e.stage == Stage::Intent).count()
    }

    fn stages(&self) -> Vec<(Stage, Option<&'static str>)> {
        self.rig
            .record
            .entries()
            .iter()
            .map(|e| (e.stage, e.state))
            .collect()
    }
}

#[test]
fn a_write_is_on_record_before_it_is_sent_and_believed_after_it_is_read() {
    let s = service(|_, hit, now| takes_effect(hit, now));
    let n = s.run(&ONE);
    let mut told = Vec::new();
    loop {
        let reply = s.rig.reply(n);
        match reply.body {
            Body::Ran { target: 0, state } => told.push(state),
            Body::Done => assert!(reply.last),
            Body::Page(page) => {
                assert_eq!(page.origin, Origin::Poll);
                assert_eq!(page.chunk.unwrap().rows(), 1);
            }
            other => panic!("{other:?}"),
        }
        if reply.last {
            break;
        }
    }
    assert_eq!(
        told,
        [RunState::Sent, RunState::Accepted, RunState::Succeeded]
    );
    assert_eq!(
        s.stages(),
        [(Stage::Intent, None), (Stage::Outcome, Some("succeeded"))]
    );
    let entry = &s.rig.record.entries()[0];
    assert_eq!(
        (
            entry.verb.as_str(),
            entry.sentence.as_str(),
            &entry.targets[0].before
        ),
        ("take", "take incident 7", &json!({"assignedTo": null}))
    );
    assert_eq!(
        entry.requests[0].body,
        Some(json!({"assignedTo": "ana@contoso.com"}))
    );
    let write = &s.writes()[0];
    assert_eq!(
        write.header("client-request-id"),
        Some(entry.run.as_str()),
        "the record's id goes to the service"
    );
    assert_eq!(s.writes().len(), 1);
    assert_eq!(
        s.rig.store.entities(Kind::Incident),
        1,
        "the fresh row is in the cache"
    );
}

#[test]
fn without_a_record_nothing_is_sent() {
    let s = service(|_, hit, now| takes_effect(hit, now));
    s.rig.record.set_broken(true);
    let n = s.run(&ONE);
    let RunState::NotSent(fault) = s.state(n) else {
        panic!()
    };
    assert_eq!(fault.kind, FaultKind::Disk);
    assert!(fault.next.contains("nothing was sent"), "{fault}");
    assert!(s.writes().is_empty());
}

#[test]
fn a_target_that_changed_meanwhile_is_left_alone() {
    let s = service(|_, hit, now| takes_effect(hit, now));
    s.now.lock().unwrap()["assignedTo"] = "raj@contoso.com".into();
    let n = s.run(&ONE);
    let RunState::Changed(what) = s.state(n) else {
        panic!()
    };
    assert_eq!(
        what,
        [("assignedTo".into(), "none".into(), "raj@contoso.com".into())]
    );
    assert!(s.writes().is_empty() && s.intents() == 0);
}

#[test]
fn a_confirmation_dies_after_its_minute_and_belongs_to_one_sign_in() {
    let s = service(|_, hit, now| takes_effect(hit, now));
    for (tenant_id, principal) in [("another", "app-1"), (TENANT, "another")] {
        let other = Session {
            tenant_id: tenant_id.into(),
            principal: principal.into(),
            ..session()
        };
        let n = s
            .rig
            .ask(Slot::Run(1), Request::Run(confirmed(&ONE, &other, None)));
        let RunState::NotSent(fault) = s.state(n) else {
            panic!()
        };
        assert!(fault.what.contains("sign-in changed"), "{fault}");
    }
    s.rig.clock.advance(Duration::from_secs(61));
    let n = s.run(&ONE);
    let RunState::NotSent(fault) = s.state(n) else {
        panic!()
    };
    assert!(fault.what.contains("older than a minute"), "{fault}");
    assert!(s.writes().is_empty() && s.intents() == 0);
}

#[test]
fn a_read_only_tenant_writes_nothing() {
    let server = Server::start(|hit| {
        if hit.is_token() {
            super::rig::token(super::rig::ALL)
        } else {
            Answer::ok(incident(7, "active", None).to_string())
        }
    });
    let mut tenant = tenant(&server);
    tenant.read_only = Some("this tenant is read-only".into());
    let rig = Rig::with(server, tenant);
    let n = rig.ask(
        Slot::Run(1),
        Request::Run(confirmed(&ONE, &session(), None)),
    );
    assert!(matches!(rig.outcome(n), RunState::NotSent(f) if f.what.contains("read-only")));
    assert!(rig.server.of("PATCH").is_empty());
}

#[test]
fn what_was_proven_not_executed_is_sent_again_each_try_on_record() {
    let s = service(|n, hit, now| match n {
        0 => Answer::json(429, "{}").with("retry-after", "1.5"),
        1 => Answer::json(401, "{}"),
        _ => takes_effect(hit, now),
    });
    let n = s.run(&ONE);
    assert_eq!(s.rig.leap(), Duration::from_secs(2));
    assert_eq!(s.state(n), RunState::Succeeded);
    assert_eq!(s.writes().len(), 3);
    assert_eq!(
        s.stages(),
        [
            (Stage::Intent, None),
            (Stage::Attempt, None),
            (Stage::Attempt, None),
            (Stage::Outcome, Some("succeeded"))
        ]
    );
    let runs: std::collections::HashSet<_> = s
        .rig
        .record
        .entries()
        .iter()
        .map(|e| e.run.clone())
        .collect();
    assert_eq!(runs.len(), 1);
}

#[test]
fn a_third_refusal_for_rate_ends_it_as_not_sent() {
    let s = service(|_, _, _| Answer::json(429, "{}").with("retry-after", "1"));
    let n = s.run(&ONE);
    s.rig.leap();
    s.rig.leap();
    assert!(matches!(s.state(n), RunState::NotSent(f) if f.kind == FaultKind::Throttled));
    assert_eq!(s.writes().len(), 3);
}

#[test]
fn a_wait_beyond_the_minute_is_not_begun() {
    let s = service(|_, _, _| Answer::json(429, "{}").with("retry-after", "120"));
    let n = s.run(&ONE);
    assert!(matches!(s.state(n), RunState::NotSent(_)));
    assert_eq!(s.writes().len(), 1);
}

#[test]
fn after_the_first_byte_nothing_is_sent_twice_and_reading_decides() {
    // executed, but the answer got lost: reading it back shows it
    let s = service(|_, hit, now| takes_effect(hit, now).how(How::Reset));
    let n = s.run(&ONE);
    assert_eq!(s.state(n), RunState::Succeeded);
    assert_eq!(s.writes().len(), 1);
    // not executed as far as anyone can see: unknown, and never sent again by itself
    for answer in [
        Answer::ok("").how(How::Reset),
        Answer::json(503, ""),
        Answer::json(504, "<html>"),
        Answer::json(500, "{}"),
    ] {
        let s = service(move |_, _, _| answer.clone());
        let n = s.run(&ONE);
        for _ in 0..3 {
            s.rig.leap();
        }
        let RunState::Unknown(fault) = s.state(n) else {
            panic!()
        };
        assert!(fault.next.contains("before doing it again"), "{fault}");
        assert_eq!(s.writes().len(), 1);
        assert_eq!(s.stages().last(), Some(&(Stage::Outcome, Some("unknown"))));
    }
}

#[test]
fn a_body_cut_after_a_success_is_still_a_success_once_read() {
    let s = service(|_, hit, now| takes_effect(hit, now).how(How::Cut));
    let n = s.run(&ONE);
    assert_eq!(s.state(n), RunState::Succeeded);
}

#[test]
fn a_refusal_is_a_failure_with_its_reason() {
    let s = service(|_, _, _| {
        Answer::json(
            403,
            r#"{"error":{"code":"Forbidden","message":"Missing application roles. API required roles: SecurityIncident.ReadWrite.All, application roles: x."}}"#,
        )
    });
    let n = s.run(&ONE);
    let RunState::Failed(fault) = s.state(n) else {
        panic!()
    };
    assert_eq!(fault.permissions, ["SecurityIncident.ReadWrite.All"]);
    assert_eq!(s.writes().len(), 1);
}

#[test]
fn no_green_before_a_read_back_shows_it() {
    // the service says 200 and does nothing
    let s = service(|_, _, now| Answer::ok(now.to_string()));
    let n = s.run(&ONE);
    for wait in [1, 2, 4] {
        assert_eq!(s.rig.leap(), Duration::from_secs(wait));
    }
    let RunState::Failed(fault) = s.state(n) else {
        panic!()
    };
    assert!(
        fault.what.contains("reading it back shows another owner"),
        "{fault}"
    );
}

#[test]
fn the_second_of_two_requests_failing_says_how_far_it_came() {
    let s = service(|n, hit, now| {
        if n == 0 {
            takes_effect(hit, now)
        } else {
            Answer::json(400, r#"{"error":{"code":"BadRequest","message":"no"}}"#)
        }
    });
    let n = s.run(&TWO);
    let RunState::Failed(fault) = s.state(n) else {
        panic!()
    };
    assert!(fault.what.contains("1 of 2"), "{fault}");
    assert_eq!(
        s.rig.store.entities(Kind::Incident),
        1,
        "what was done is read for the list"
    );
}

#[test]
fn no_way_to_the_service_is_proven_not_sent() {
    let server = Server::start(|hit| {
        if hit.is_token() {
            super::rig::token(super::rig::ALL)
        } else {
            Answer::ok("{}")
        }
    });
    let mut tenant = tenant(&server);
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    tenant.urls.graph = Some(
        format!("http://127.0.0.1:{port}/graph/v1.0")
            .parse()
            .unwrap(),
    );
    let rig = Rig::with(server, tenant);
    let n = rig.ask(
        Slot::Run(1),
        Request::Run(confirmed(&ONE, &session(), None)),
    );
    rig.leap();
    rig.leap();
    assert!(matches!(rig.outcome(n), RunState::NotSent(f) if f.kind == FaultKind::Network));
    assert!(
        rig.record
            .entries()
            .iter()
            .all(|e| e.state == Some("not sent"))
    );
}

#[test]
fn writes_wait_in_order_are_refused_aloud_when_too_many_and_told_when_the_program_stops() {
    let gate = Arc::new((Mutex::new(false), std::sync::Condvar::new()));
    let door = Arc::clone(&gate);
    let s = service(move |_, hit, now| {
        let mut open = door.0.lock().unwrap();
        while !*open {
            open = door.1.wait(open).unwrap();
        }
        takes_effect(hit, now)
    });
    let first = s.run(&ONE);
    // the request is at the service
    while s.writes().is_empty() {
        std::thread::yield_now();
    }
    let mut waiting = Vec::new();
    let refused = loop {
        match s.rig.try_ask(
            Slot::Run(2),
            Request::Run(confirmed(&ONE, &session(), None)),
        ) {
            Ok(number) => waiting.push(number),
            Err(refused) => break refused,
        }
    };
    assert_eq!(
        (refused, waiting.len()),
        (crate::backend::Refused::Full, 16)
    );
    // dropping the slot does not take a write back
    s.rig.backend.drop_slot(&Slot::Run(1));
    std::thread::scope(|scope| {
        scope.spawn(|| s.rig.backend.stop());
        *gate.0.lock().unwrap() = true;
        gate.1.notify_all();
    });
    assert_eq!(s.state(first), RunState::Succeeded);
    for number in waiting {
        assert!(matches!(
            s.state(number),
            RunState::NotSent(_) | RunState::Changed(_)
        ));
    }
    assert_eq!(s.writes().len(), 1);
}
