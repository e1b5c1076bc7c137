//! Two instances on one tenant and one cache.

use crate::backend_rig::{NOW, Rig, flags};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchfloor::backend::ports::Store;
use watchfloor::model::{Kind, Ticks};
use watchfloor::msg::{Body, Event, Page, Request, Slot};
use watchfloor::store::Cached;

fn store(dir: &Path) -> Arc<dyn Store> {
    Arc::new(Cached::new(Some(dir.join("cache.db")), || {
        Ticks::parse(NOW).unwrap_or_default()
    }))
}

/// Calls for the list of incidents so far.
fn listed(sim: &sim::Running) -> usize {
    sim.journal()
        .iter()
        .filter(|r| r.path.ends_with("/security/incidents"))
        .count()
}

/// A page of at least so many rows that did not come from the start's look into the cache.
fn rows(rig: &Rig, number: u64, least: usize) -> Page {
    rig.until("new rows", |e| match e {
        Event::Reply(r) if r.ticket.number == number => match &r.body {
            Body::Page(p) if p.origin == watchfloor::msg::Origin::Poll => p
                .chunk
                .as_ref()
                .filter(|c| c.rows() >= least)
                .map(|_| p.clone()),
            _ => None,
        },
        _ => None,
    })
}

#[test]
fn one_polls_the_other_reads_along_and_takes_over() {
    let dir = tempfile::tempdir().unwrap();
    let sim = Arc::new(sim::start(flags()).unwrap());
    let one = Rig::on(sim.clone(), store(dir.path()), |_| {});
    let first = one.sync(Kind::Incident);
    let before = one.complete(first).progress.loaded;
    let calls = listed(&sim);

    let two = Rig::on(sim.clone(), store(dir.path()), |_| {});
    let second = two.sync(Kind::Incident);
    // it stands where the first one is, without a question
    let told = two.complete(second);
    assert_eq!(told.progress.loaded, before);
    assert_eq!(listed(&sim), calls, "the second instance asked");

    sim.arrive_now(7);
    one.leap();
    assert!(rows(&one, first, 7).progress.loaded >= before + 7);
    // the poll is over, and with it in the cache
    one.complete(first);
    let calls = listed(&sim);
    let seen = rows(&two, second, 7);
    assert_eq!(seen.progress.loaded, before + 7);
    assert_eq!(listed(&sim), calls, "the second instance asked");

    // what a person asks for goes out all the same
    let kind = Kind::Incident;
    two.ask(Slot::Sync(kind), Request::Refresh { kind });
    let begun = Instant::now();
    while listed(&sim) == calls {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "nothing was asked"
        );
        std::thread::yield_now();
    }

    // the first one goes: its turn is free, and taken
    drop(one);
    sim.arrive_now(3);
    let last = Rig::until(&two, "its own poll", |e| match e {
        Event::Reply(r) => match &r.body {
            Body::Page(p) if p.progress.loaded == before + 10 => Some(p.progress),
            _ => None,
        },
        _ => None,
    });
    assert!(last.complete);
    let turn = store(dir.path()).turn(kind, None).unwrap();
    assert!(!turn.mine, "somebody polls");
}
