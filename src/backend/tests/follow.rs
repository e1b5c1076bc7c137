//! What became of it: followed, found again after an unclear answer or another run's end, read again long after.

use super::hall::{DISABLE, Hall, ISOLATE, MACHINE, confirmed, person};
use super::server::{Answer, How};
use crate::backend::ports::Clock;
use crate::model::{Stand, Ticks};
use crate::msg::{Body, Event, Level, News, Request, RunState, Slot};
use std::time::Duration;

fn states(hall: &Hall, n: u64) -> Vec<RunState> {
    let mut told = Vec::new();
    let most = Duration::from_secs(61);
    hall.rig.pumped_by(most, "end", |e| match e {
        Event::Reply(r) if r.ticket.number == n => {
            if let Body::Ran { state, .. } = &r.body {
                told.push(state.clone());
            }
            r.last.then_some(())
        }
        _ => None,
    });
    told
}

#[test]
fn an_action_is_followed_to_its_end_and_each_stand_is_on_record() {
    let hall = Hall::new(0, |_, _, _| None);
    hall.things.lock().unwrap().course = vec!["Pending", "InProgress", "Succeeded"];
    let order = confirmed(&hall.rig, &ISOLATE, vec![Hall::machine()], 0);
    let n = hall.rig.ask(Slot::Run(1), Request::Run(order));
    let told: Vec<Stand> = states(&hall, n).iter().map(RunState::stand).collect();
    use Stand::{Accepted, InProgress, Pending, Sent, Succeeded};
    assert_eq!(told, [Sent, Accepted, Pending, InProgress, Succeeded]);
    let runs = hall.recorded();
    assert_eq!(
        (runs.len(), runs[0].closed, runs[0].state.as_deref()),
        (1, true, Some("succeeded"))
    );
    // the mark at the service is the intent's own
    let things = hall.things.lock().unwrap();
    let mark = format!("{}-{}", runs[0].entry().run, &runs[0].hash[..16]);
    assert_eq!(things.actions[0]["externalId"], mark.as_str());
    assert_eq!(
        things.actions[0]["requestorComment"],
        format!("because [wf {mark}]")
    );
    let hit = &hall
        .rig
        .server
        .of("POST")
        .into_iter()
        .find(|h| !h.is_token())
        .unwrap();
    assert_eq!(
        hit.header("client-request-id"),
        Some(runs[0].entry().run.as_str())
    );
    drop(things);
    hall.verified();
}

#[test]
fn an_id_of_ours_that_the_service_refuses_is_left_out_and_the_mark_stays() {
    let hall = Hall::new(0, |_, hit, _| {
        let error =
            r#"{"error":{"code":"InvalidRequestBody","message":"InvalidRequestBody: ExternalId"}}"#;
        hit.body
            .contains("ExternalId")
            .then(|| Answer::json(400, error))
    });
    hall.things.lock().unwrap().course = vec!["Succeeded"];
    assert_eq!(
        hall.run(&ISOLATE, vec![Hall::machine()]),
        [RunState::Succeeded]
    );
    assert_eq!(hall.executed(), 1);
    let runs = hall.recorded();
    assert_eq!(runs[0].tries, 2, "the second try is on record");
    let comment = hall.things.lock().unwrap().actions[0]["requestorComment"].to_string();
    assert!(comment.contains(&runs[0].entry().run), "{comment}");
}

#[test]
fn an_unclear_answer_is_looked_up_and_not_sent_again() {
    for taken in [true, false] {
        let hall = Hall::new(0, move |_, hit, things| {
            if taken {
                things.take(hit);
            }
            Some(Answer::ok("").how(How::Reset))
        });
        {
            let mut things = hall.things.lock().unwrap();
            things.lag = 3;
            things.course = vec!["InProgress", "Succeeded"];
        }
        let order = confirmed(&hall.rig, &ISOLATE, vec![Hall::machine()], 0);
        let n = hall.rig.ask(Slot::Run(1), Request::Run(order));
        let began = Clock::now(&*hall.rig.clock).mono;
        let told = states(&hall, n);
        assert_eq!(hall.things.lock().unwrap().writes, 1, "sent once");
        assert!(
            told.iter().all(|s| s.stand() != Stand::NotSent),
            "never *not sent*: {told:?}"
        );
        let last = told.last().unwrap();
        match taken {
            true => assert_eq!(*last, RunState::Succeeded),
            false => {
                assert!(matches!(last, RunState::Unknown(_)), "{last:?}");
                let took = Clock::now(&*hall.rig.clock).mono - began;
                assert!(took >= Duration::from_secs(600), "a list may lag: {took:?}");
            }
        }
        hall.settled();
    }
}

/// Clock skew: the service writes its own time, hours before or after ours.
#[test]
fn an_action_is_found_by_its_mark_whatever_the_services_clock_says() {
    for made in ["2026-08-01T06:30:00Z", "2026-08-01T17:30:00Z"] {
        let hall = Hall::new(0, |_, hit, things| {
            things.take(hit);
            Some(Answer::ok("").how(How::Reset))
        });
        {
            let mut things = hall.things.lock().unwrap();
            things.made = Some(made);
            things.course = vec!["Succeeded"];
        }
        let states = hall.run(&ISOLATE, vec![Hall::machine()]);
        assert_eq!(states, [RunState::Succeeded], "{made}");
        assert_eq!(hall.things.lock().unwrap().writes, 1, "sent once");
        hall.settled();
    }
}

/// 5 s, slowing to 60 s: an offline device keeps an action pending for days.
#[test]
fn a_long_action_is_asked_for_ever_more_slowly() {
    let hall = Hall::new(0, |_, _, _| None);
    let mut course = vec!["Pending"; 60];
    course.push("Succeeded");
    hall.things.lock().unwrap().course = course;
    let began = Clock::now(&*hall.rig.clock).mono;
    assert_eq!(
        hall.run(&ISOLATE, vec![Hall::machine()]),
        [RunState::Succeeded]
    );
    let minutes = (Clock::now(&*hall.rig.clock).mono - began).as_secs() / 60;
    assert!((50..65).contains(&minutes), "61 polls took {minutes} min");
}

#[test]
fn an_action_of_somebody_else_is_said_to_be_theirs() {
    let hall = Hall::new(0, |_, _, things| {
        // the pending action comes back instead of a new one
        let theirs = serde_json::json!({
            "id": "b0000000-0000-0000-0000-000000000001", "type": "Isolate", "status": "Pending", "machineId": MACHINE,
            "requestor": "raj@contoso.com", "requestorComment": "mine", "externalId": null,
            "creationDateTimeUtc": "2026-08-01T08:00:00Z",
        });
        things.actions.push(theirs.clone());
        Some(Answer::json(201, theirs.to_string()))
    });
    hall.things.lock().unwrap().course = vec!["Failed"];
    let states = hall.run(&ISOLATE, vec![Hall::machine()]);
    assert!(
        matches!(&states[0], RunState::Failed(f) if f.what.contains("raj@contoso.com")),
        "{states:?}"
    );
}

/// A run is gone in the middle of it: the next one looks it up and closes it.
#[test]
fn what_a_run_left_open_is_taken_over_and_closed() {
    let hall = Hall::new(0, |_, _, _| None);
    hall.things.lock().unwrap().course = vec!["Pending"; 3];
    let order = confirmed(&hall.rig, &ISOLATE, vec![Hall::machine()], 0);
    let n = hall.rig.ask(Slot::Run(1), Request::Run(order));
    hall.rig.until("pending", |e| match e {
        Event::Reply(r) if r.ticket.number == n => matches!(
            r.body,
            Body::Ran {
                state: RunState::Pending,
                ..
            }
        )
        .then_some(()),
        _ => None,
    });
    // another instance does not touch what a living one owns
    let early = hall.another();
    early.sync(crate::model::Kind::Incident);
    early.news("deeds", |n| matches!(n, News::Deeds(_)).then_some(()));
    assert_eq!(hall.recorded()[0].owner, hall.recorded()[0].line.session);
    early.backend.stop();
    hall.rig.backend.stop();
    assert!(!hall.recorded()[0].closed, "it is open, and says so");
    let lock = hall.dir.join("runs");
    // the lock of a run goes with the last of its record: here as the kernel does it for a killed program
    let _ = std::fs::remove_dir_all(lock);
    hall.things.lock().unwrap().course = vec!["Succeeded"];
    let next = hall.another();
    next.sync(crate::model::Kind::Incident);
    // the verb of these tests is looked up by its name: a program without one of that name says that it cannot know
    let wanted = match crate::verb::named("isolate") {
        Some(_) => Stand::Succeeded,
        None => Stand::Unknown,
    };
    next.pumped("closed", |e| match e {
        Event::News(News::Deeds(deeds)) => deeds.iter().any(|d| d.stand == wanted).then_some(()),
        _ => None,
    });
    let run = &hall.recorded()[0];
    assert!(run.closed && run.owner != run.line.session);
    assert_eq!(hall.executed(), 1, "nothing was sent because of a record");
    next.backend.stop();
    assert!(hall.verified().open.is_empty());
}

#[test]
fn a_synced_account_that_flips_back_alarms() {
    for flips in [true, false] {
        let hall = Hall::new(1, |_, _, _| None);
        hall.things
            .lock()
            .unwrap()
            .users
            .get_mut(&person(0))
            .unwrap()["onPremisesSyncEnabled"] = true.into();
        let order = confirmed(&hall.rig, &DISABLE, hall.people(0..1), 0);
        let n = hall.rig.ask(Slot::Run(1), Request::Run(order));
        assert!(matches!(hall.rig.last(n), Body::Done));
        assert!(!hall.recorded()[0].closed, "the look at 35 minutes is owed");
        if flips {
            hall.things
                .lock()
                .unwrap()
                .users
                .get_mut(&person(0))
                .unwrap()["accountEnabled"] = true.into();
        }
        let began = Clock::now(&*hall.rig.clock).mono;
        if flips {
            let text = hall.rig.pumped("alarm", |e| match e {
                Event::News(News::Notice {
                    level: Level::Error,
                    text,
                }) => Some(text.clone()),
                _ => None,
            });
            assert!(
                text.contains("taken back") && text.contains("Active Directory"),
                "{text}"
            );
        }
        let wanted = if flips {
            Stand::Failed
        } else {
            Stand::Succeeded
        };
        hall.rig.pumped("deed", |e| match e {
            Event::News(News::Deeds(d)) => d
                .iter()
                .any(|d| d.stand == wanted && d.detail.contains("min"))
                .then_some(()),
            _ => None,
        });
        let took = Clock::now(&*hall.rig.clock).mono - began;
        assert!(took >= Duration::from_secs(35 * 60), "{took:?}");
        assert!(hall.recorded()[0].closed);
        hall.verified();
    }
}

#[test]
fn a_preview_says_how_many_others_there_were() {
    let hall = Hall::new(3, |_, _, _| None);
    assert_eq!(
        hall.run(&DISABLE, hall.people(0..2)),
        vec![RunState::Succeeded; 2]
    );
    let keys = hall.people(2..3).into_iter().map(|t| t.key).collect();
    let request = Request::Preview {
        verb: &DISABLE,
        args: Default::default(),
        keys,
    };
    let n = hall.rig.ask(Slot::Preview(1), request);
    let Body::Preview(preview) = hall.rig.last(n) else {
        panic!()
    };
    assert_eq!((preview.recent, preview.targets.len()), (2, 1));
    assert!(preview.read_at > Ticks(0) && preview.targets[0].entity.is_ok());
}
