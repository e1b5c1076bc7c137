//! Sets and guards: each target read again right before its own write, stopped between two, counted over all instances.

use super::hall::{DISABLE, Hall, ISOLATE, confirmed, person, run, storm};
use super::server::Answer;
use crate::model::{FaultKind, Stand};
use crate::msg::{Request, RunState, Slot};
use serde_json::json;
use std::sync::{Arc, Condvar, Mutex};

#[test]
fn each_target_is_read_right_before_its_write_and_left_out_if_it_differs() {
    let hall = Hall::new(12, |_, _, _| None);
    {
        let mut things = hall.things.lock().unwrap();
        // it vanished; somebody was quicker; it is another person under the same id
        things.users.remove(&person(2));
        things.users.get_mut(&person(4)).unwrap()["accountEnabled"] = false.into();
        let other = json!("somebody.else@contoso.com");
        things.users.get_mut(&person(6)).unwrap()["userPrincipalName"] = other;
    }
    let states = hall.run(&DISABLE, hall.people(0..12));
    for (n, state) in states.iter().enumerate() {
        match n {
            2 => assert!(
                matches!(state, RunState::NotSent(f) if f.kind == FaultKind::Gone),
                "{state:?}"
            ),
            4 | 6 => assert!(matches!(state, RunState::Changed(_)), "{n} {state:?}"),
            _ => assert_eq!(*state, RunState::Succeeded, "{n}"),
        }
    }
    assert_eq!(hall.executed(), 9);
    let runs = hall.recorded();
    assert_eq!(runs.iter().filter(|r| r.has_intent()).count(), 9);
    let left: Vec<_> = runs.iter().filter(|r| !r.has_intent()).collect();
    assert_eq!(
        left.len(),
        3,
        "who was left out is on record, with the reason"
    );
    assert!(left.iter().any(|r| {
        r.detail
            .as_ref()
            .is_some_and(|d| d.contains("somebody.else"))
    }));
    let set = &runs[0].entry().set;
    assert!(
        set.is_some() && runs.iter().all(|r| r.entry().set == *set),
        "one id for all"
    );
    assert!(hall.verified().open.is_empty());
}

/// The figure: 100 targets with 429s, resets and 5xx injected: wrong final state shown 0.
#[test]
fn no_state_is_shown_that_the_tenant_does_not_have() {
    let many = if std::env::var_os("WF_SOAK").is_some() {
        100
    } else {
        40
    };
    let hall = Hall::new(many, storm);
    let states = hall.run(&DISABLE, hall.people(0..many));
    let mut wrong = 0;
    for (n, state) in states.iter().enumerate() {
        let right = match state.stand() {
            Stand::Succeeded => hall.is_off(n),
            Stand::Failed | Stand::NotSent => !hall.is_off(n),
            Stand::Unknown => true,
            _ => false,
        };
        wrong += usize::from(!right);
    }
    assert_eq!(wrong, 0, "of {many}: {states:?}");
    let twice = hall
        .things
        .lock()
        .unwrap()
        .executed
        .values()
        .filter(|n| **n > 1)
        .count();
    assert_eq!(twice, 0, "executed twice");
    // what was unclear is read again ten minutes later; then nothing is open
    hall.settled();
    let states: Vec<_> = hall.recorded();
    for run in states
        .iter()
        .filter(|r| r.state.as_deref() == Some("succeeded"))
    {
        let id = &run.entry().targets[0].id;
        assert!(
            (0..many).any(|n| person(n) == *id && hall.is_off(n)),
            "{id}"
        );
    }
    // each try is on record: no more requests than intents and attempts
    let tries: u32 = hall.recorded().iter().map(|r| r.tries).sum();
    assert!(tries as usize >= hall.things.lock().unwrap().writes);
}

/// The n-th write waits at the door until it is opened.
struct Door(Mutex<bool>, Condvar);

fn held(at: usize, people: usize) -> (Hall, Arc<Door>) {
    let door = Arc::new(Door(Mutex::new(false), Condvar::new()));
    let kept = Arc::clone(&door);
    let hall = Hall::new(people, move |n, _, _| {
        if n == at {
            let mut open = kept.0.lock().unwrap();
            while !*open {
                open = kept.1.wait(open).unwrap();
            }
        }
        None
    });
    (hall, door)
}

impl Door {
    fn open(&self) {
        *self.0.lock().unwrap() = true;
        self.1.notify_all();
    }
}

/// The figure: stop, quit or hang-up during a set: requests after it besides the one in flight 0.
#[test]
fn whatever_ends_a_set_ends_it_between_two_targets() {
    let many = if std::env::var_os("WF_SOAK").is_some() {
        100
    } else {
        20
    };
    for quit in [false, true] {
        let (hall, door) = held(5, many);
        let order = confirmed(&hall.rig, &DISABLE, hall.people(0..many), 0);
        let n = hall.rig.ask(Slot::Run(7), Request::Run(order));
        while hall.rig.server.of("PATCH").len() < 6 {
            std::thread::yield_now();
        }
        if quit {
            std::thread::scope(|s| {
                s.spawn(|| hall.rig.backend.stop());
                // the stop is in force before the answer comes
                while !hall.rig.backend.is_stopping() {
                    std::thread::yield_now();
                }
                door.open();
            });
        } else {
            hall.rig.ask(Slot::Run(7), Request::Stop);
            door.open();
            hall.rig.last(n);
        }
        assert_eq!(
            hall.rig.server.of("PATCH").len(),
            6,
            "besides the one in flight"
        );
        let runs = hall.recorded();
        assert_eq!(runs.iter().filter(|r| r.has_intent()).count(), 6);
        let rest: Vec<_> = runs.iter().filter(|r| !r.has_intent()).collect();
        assert_eq!(rest.len(), 1, "the rest is one line");
        assert_eq!(rest[0].entry().targets.len(), many - 6);
        assert_eq!(rest[0].state.as_deref(), Some("not sent"));
        assert!(hall.is_off(5), "the one in flight was finished");
        assert_ne!(
            runs.iter().filter(|r| r.has_intent()).nth(5).unwrap().state,
            None,
            "and recorded"
        );
        hall.verified();
    }
}

#[test]
fn a_single_action_does_not_wait_for_a_set() {
    let (hall, door) = held(0, 20);
    let set = confirmed(&hall.rig, &DISABLE, hall.people(1..20), 0);
    let set = hall.rig.ask(Slot::Run(1), Request::Run(set));
    while hall.rig.server.of("PATCH").is_empty() {
        std::thread::yield_now();
    }
    // the server answers one at a time: what is asked here is that the request goes out
    let one = confirmed(&hall.rig, &DISABLE, hall.people(0..1), 0);
    let one = hall.rig.ask(Slot::Run(2), Request::Run(one));
    while !hall
        .recorded()
        .iter()
        .any(|r| r.entry().targets[0].id == person(0))
    {
        std::thread::yield_now();
        if hall
            .rig
            .server
            .of("GET")
            .iter()
            .any(|h| h.path().ends_with(&person(0)))
        {
            break;
        }
    }
    door.open();
    assert!(matches!(hall.rig.last(one), crate::msg::Body::Done));
    hall.rig.last(set);
}

/// Six single targets in ten minutes are a set: counted in the record, over all instances.
#[test]
fn the_rate_guard_counts_over_all_instances() {
    let hall = Hall::new(12, |_, _, _| None);
    let other = hall.another();
    for n in 0..5 {
        let rig = if n % 2 == 0 { &hall.rig } else { &other };
        assert_eq!(
            run(rig, &DISABLE, hall.people(n..n + 1), 0),
            [RunState::Succeeded]
        );
    }
    // a prompt that had not counted them: the record has
    let states = run(&other, &DISABLE, hall.people(5..6), 0);
    assert!(
        matches!(&states[0], RunState::NotSent(f) if f.what.contains("together they are a set")),
        "{states:?}"
    );
    assert_eq!(hall.executed(), 5);
    // confirmed as one of a set it goes
    assert_eq!(
        run(&other, &DISABLE, hall.people(5..6), 5),
        [RunState::Succeeded]
    );
    // ten minutes later it is a single one again
    hall.rig.clock.advance(std::time::Duration::from_secs(601));
    assert_eq!(hall.run(&DISABLE, hall.people(6..7)), [RunState::Succeeded]);
    other.backend.stop();
    hall.verified();
}

#[test]
fn two_instances_on_one_target_do_it_once() {
    let hall = Hall::new(2, |_, _, _| None);
    let other = hall.another();
    assert_eq!(hall.run(&DISABLE, hall.people(0..1)), [RunState::Succeeded]);
    let states = run(&other, &DISABLE, hall.people(0..1), 0);
    assert!(matches!(states[0], RunState::Changed(_)), "{states:?}");
    assert_eq!(hall.executed(), 1);
    other.backend.stop();
}

/// Both have the prompt open and are answered; whoever sends second finds another state than he saw.
#[test]
fn the_same_prompt_open_in_two_instances_is_done_once() {
    let hall = Hall::new(1, |_, _, _| None);
    let other = hall.another();
    let first = confirmed(&hall.rig, &DISABLE, hall.people(0..1), 0);
    let second = confirmed(&other, &DISABLE, hall.people(0..1), 0);
    let n = hall.rig.ask(Slot::Run(1), Request::Run(first));
    hall.rig.last(n);
    let n = other.ask(Slot::Run(1), Request::Run(second));
    let state = other.outcome(n);
    let RunState::Changed(what) = &state else {
        panic!("{state:?}")
    };
    assert_eq!(what[0].0, "accountEnabled");
    assert_eq!(hall.executed(), 1);
    let left = hall.recorded().into_iter().find(|r| !r.has_intent());
    let why = left.unwrap().detail.unwrap();
    assert!(why.contains("accountEnabled was true, is false"), "{why}");
    other.backend.stop();
    hall.verified();
}

/// The token ends in the middle of a set: it is renewed once and the set goes on; where no other is given out, the rest is
/// not sent, and why is said.
#[test]
fn a_token_that_expires_in_a_set_is_renewed_or_ends_it() {
    for refused in [false, true] {
        let hall = Hall::new(8, move |n, _, things| {
            (n == 3).then(|| {
                things.signed_out = refused;
                let error = r#"{"error":{"code":"InvalidAuthenticationToken","message":"Lifetime validation failed, the token is expired."}}"#;
                Answer::json(401, error)
            })
        });
        let states = hall.run(&DISABLE, hall.people(0..8));
        let done = states.iter().filter(|s| **s == RunState::Succeeded).count();
        if !refused {
            assert_eq!((done, hall.executed()), (8, 8), "{states:?}");
            let twice: Vec<u32> = hall.recorded().iter().map(|r| r.tries).collect();
            assert_eq!(twice.iter().filter(|n| **n == 2).count(), 1, "{twice:?}");
            continue;
        }
        // those that were sent before may lack their reading back, which needs a token, too
        assert_eq!(hall.executed(), 3, "{states:?}");
        for state in &states[3..] {
            let RunState::NotSent(fault) = state else {
                panic!("{states:?}")
            };
            assert_eq!(fault.kind, FaultKind::SignIn);
            assert!(fault.what.contains("AADSTS7000222"), "{fault}");
        }
        hall.verified();
    }
}

#[test]
fn a_record_that_fails_ends_the_set_before_the_next_request() {
    let hall = Hall::new(8, |_, _, _| None);
    assert_eq!(hall.run(&DISABLE, hall.people(0..1)), [RunState::Succeeded]);
    // the folder is gone and a file stands in its place: as good as a full disk to whoever writes
    let aside = hall.dir.with_extension("aside");
    std::fs::rename(&hall.dir, &aside).unwrap();
    std::fs::write(&hall.dir, b"").unwrap();
    let states = hall.run(&DISABLE, hall.people(1..3));
    assert!(
        states
            .iter()
            .all(|s| matches!(s, RunState::NotSent(f) if f.kind == FaultKind::Disk)),
        "{states:?}"
    );
    assert_eq!(hall.executed(), 1);
    std::fs::remove_file(&hall.dir).unwrap();
    std::fs::rename(&aside, &hall.dir).unwrap();
    assert_eq!(hall.run(&DISABLE, hall.people(1..2)), [RunState::Succeeded]);
    hall.verified();
}

#[test]
fn a_permission_lost_between_prompt_and_send_is_named() {
    let hall = Hall::new(1, |_, _, _| {
        let error = r#"{"error":{"code":"Authorization_RequestDenied","message":"Insufficient privileges"}}"#;
        Some(Answer::json(403, error))
    });
    let states = hall.run(&DISABLE, hall.people(0..1));
    assert!(
        matches!(&states[0], RunState::Failed(f) if f.kind == FaultKind::Forbidden),
        "{states:?}"
    );
    assert!(!hall.is_off(0));
}

#[test]
fn rules_are_asked_again_right_before_sending() {
    use crate::backend::Backend;
    let hall = Hall::new(1, |_, _, _| None);
    // the switch was on when it was confirmed
    let order = confirmed(&hall.rig, &ISOLATE, vec![Hall::machine()], 0);
    let mut tenant = super::rig::tenant(&hall.rig.server);
    tenant.guards = Arc::default();
    let rig = super::rig::Rig::with(hall.rig.server.clone(), tenant);
    let n = rig.ask(Slot::Run(1), Request::Run(order));
    let RunState::NotSent(fault) = rig.outcome(n) else {
        panic!()
    };
    assert!(fault.what.contains("isolation = true"), "{fault}");
    assert!(rig.server.of("POST").iter().all(|h| h.is_token()));
    let _: fn(&Backend) = Backend::stop;
}

#[test]
fn what_was_taken_back_is_on_record_and_never_sent() {
    let hall = Hall::new(1, |_, _, _| None);
    let cancelled = crate::confirm::Cancelled {
        verb: "disable",
        targets: vec![(hall.people(0..1)[0].key.clone(), "Person 0".into())],
        sentence: "disable 1".into(),
        reason: None,
        tenant_id: super::rig::TENANT.into(),
        principal: "app-1".into(),
        me: "ana@contoso.com".into(),
        why: "the link was lost during the grace",
    };
    hall.rig.ask(Slot::Run(1), Request::Cancelled(cancelled));
    hall.rig.backend.stop();
    let runs = hall.recorded();
    assert_eq!(runs.len(), 1);
    assert_eq!(runs[0].state.as_deref(), Some("not sent"));
    assert_eq!(hall.executed(), 0);
    hall.verified();
}

#[test]
fn another_person_at_the_sign_in_ends_the_set() {
    let (hall, door) = held(2, 10);
    let order = confirmed(&hall.rig, &DISABLE, hall.people(0..10), 0);
    let n = hall.rig.ask(Slot::Run(1), Request::Run(order));
    while hall.rig.server.of("PATCH").len() < 3 {
        std::thread::yield_now();
    }
    hall.rig
        .backend
        .core
        .who
        .person("somebody-else".into(), None);
    door.open();
    hall.rig.last(n);
    assert_eq!(hall.rig.server.of("PATCH").len(), 3);
    let rest = hall.recorded();
    let rest = rest.iter().find(|r| !r.has_intent()).unwrap();
    assert_eq!(rest.entry().targets.len(), 7);
    let why = rest.detail.clone().unwrap();
    assert!(why.contains("sign-in changed"), "{why}");
    assert_eq!(
        rest.entry().principal,
        "app-1",
        "on record in the name it was confirmed in"
    );
}
