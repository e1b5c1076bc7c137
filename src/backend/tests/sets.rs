//! Sets that end before their end: what was never sent is told, what is in doubt is read back first, and nothing goes on by
//! itself.

use super::hall::{DISABLE, Hall, confirmed, person, run};
use super::rig::Rig;
use crate::model::Kind;
use crate::msg::{Event, News, Request, RunState, Slot, Unfinished};
use std::sync::{Arc, Condvar, Mutex};

/// What is told next.
fn told(rig: &Rig) -> Vec<Unfinished> {
    rig.news("unfinished sets", |n| match n {
        News::Unfinished(sets) => Some(sets.clone()),
        _ => None,
    })
}

/// A set of ten that somebody stops while its third write waits for an answer.
fn stopped() -> Hall {
    let door = Arc::new((Mutex::new(false), Condvar::new()));
    let kept = Arc::clone(&door);
    let hall = Hall::new(10, move |n, _, _| {
        let mut open = kept.0.lock().unwrap();
        while n == 2 && !*open {
            open = kept.1.wait(open).unwrap();
        }
        None
    });
    let order = confirmed(&hall.rig, &DISABLE, hall.people(0..10), 0);
    let n = hall.rig.ask(Slot::Run(1), Request::Run(order));
    while hall.rig.server.of("PATCH").len() < 3 {
        std::thread::yield_now();
    }
    hall.rig.ask(Slot::Run(1), Request::Stop);
    *door.0.lock().unwrap() = true;
    door.1.notify_all();
    hall.rig.last(n);
    hall
}

#[test]
fn a_stopped_set_is_told_with_what_was_never_sent() {
    let hall = stopped();
    let sets = told(&hall.rig);
    assert_eq!(sets.len(), 1);
    let set = &sets[0];
    assert_eq!((set.count, set.rest.len()), (10, 7));
    let ids: Vec<&str> = set.rest.iter().map(|(k, _)| k.id.txt().exact()).collect();
    assert_eq!(ids, (3..10).map(person).collect::<Vec<_>>());
    assert_eq!(set.verb, "disable");
    // nothing goes on by itself, here or in the next run of the program
    hall.rig.backend.stop();
    let next = hall.another();
    next.sync(Kind::Incident);
    assert_eq!(told(&next)[0].rest.len(), 7);
    assert_eq!(hall.executed(), 3);
    // each again confirmed: then nothing is left, and that is told too
    let states = run(&next, &DISABLE, hall.people(3..10), 0);
    assert!(
        states.iter().all(|s| *s == RunState::Succeeded),
        "{states:?}"
    );
    assert_eq!(hall.executed(), 10);
    next.backend.stop();
    let third = hall.another();
    third.sync(Kind::Incident);
    third.news("deeds", |n| matches!(n, News::Deeds(_)).then_some(()));
    third.backend.stop();
    let sets = |e: &Event| matches!(e, Event::News(News::Unfinished(_)));
    assert_eq!(third.passed_over(sets), 0);
    hall.verified();
}

/// The program is killed in the middle: nobody wrote that the rest was not sent, and one write is in doubt.
#[test]
fn a_killed_set_is_told_by_the_next_run_with_what_is_in_doubt_read_back() {
    let hall = stopped();
    hall.rig.backend.stop();
    // the record as a kill leaves it: the lines of the end are missing, and the lock of the run is free
    let file = std::fs::read_dir(&hall.dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .find(|p| p.extension().is_some_and(|e| e == "jsonl"))
        .unwrap();
    let text = std::fs::read_to_string(&file).unwrap();
    let third = text
        .lines()
        .filter(|l| l.contains("\"stage\":\"intent\""))
        .nth(2)
        .unwrap();
    let end = text.find(third).unwrap() + third.len() + 1;
    std::fs::write(&file, &text[..end]).unwrap();
    let _ = std::fs::remove_dir_all(hall.dir.join("runs"));
    let next = hall.another();
    next.sync(Kind::Incident);
    let sets = told(&next);
    assert_eq!((sets[0].count, sets[0].rest.len()), (10, 7), "{sets:?}");
    // the outcome of the one before may not have been written yet either
    let doubt = &sets[0].doubt;
    let last = doubt.last().unwrap();
    assert_eq!(last.key.id.txt().exact(), person(2));
    let read = |d: &crate::msg::Doubt| d.says == "in doubt; it shows what was wanted";
    assert!(doubt.iter().all(read), "{doubt:?}");
    assert_eq!(hall.executed(), 3, "nothing was sent because of a record");
    next.backend.stop();
    hall.verified();
}

/// A set that another instance is working on is not interrupted.
#[test]
fn a_set_that_goes_on_elsewhere_is_not_offered() {
    let door = Arc::new((Mutex::new(false), Condvar::new()));
    let kept = Arc::clone(&door);
    let hall = Hall::new(4, move |_, _, _| {
        let mut open = kept.0.lock().unwrap();
        while !*open {
            open = kept.1.wait(open).unwrap();
        }
        None
    });
    let order = confirmed(&hall.rig, &DISABLE, hall.people(0..4), 0);
    let n = hall.rig.ask(Slot::Run(1), Request::Run(order));
    while hall.rig.server.of("PATCH").is_empty() {
        std::thread::yield_now();
    }
    let record = crate::audit::Record::new(hall.dir.clone(), super::hall::writer());
    let since = crate::model::Ticks(0);
    let left = || crate::backend::ports::Record::unfinished(&record, since).unwrap();
    assert_eq!(left(), []);
    *door.0.lock().unwrap() = true;
    door.1.notify_all();
    hall.rig.last(n);
    assert_eq!(left(), []);
}
