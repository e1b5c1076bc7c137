//! Two instances on one tenant: on one cache, and on one record.

use crate::backend_rig::{NOW, Rig, flags};
use crate::leaving::{again, confirm, prompt, record, rows as shown};
use crate::pty::{Terminal, simulated};
use crate::response_sim::{acting, confirmed, members};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use watchfloor::audit::file::{Record, Writer};
use watchfloor::audit::read;
use watchfloor::backend::ports::Store;
use watchfloor::model::{FaultKind, Kind, Ticks};
use watchfloor::msg::{Body, Event, Page, Request, RunState, Slot};
use watchfloor::store::Cached;
use watchfloor::verb::{self, Args};

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

/// An instance whose record is on disk, for its own and for others.
fn acts(sim: &Arc<sim::Running>, dir: &Path) -> Rig {
    let writer = Writer {
        session: uuid::Uuid::new_v4().to_string(),
        os_user: "ana (1000)".into(),
        host: "jump".into(),
        tty: None,
        ssh: None,
        policy: "none".into(),
    };
    let record = Record::new(dir.join("audit"), writer);
    Rig::recording(sim.clone(), store(dir), Some(Arc::new(record)), acting)
}

/// Both read the account as it is, both are answered, both send at once: one request gets to the service.
#[test]
fn of_two_on_one_record_that_act_on_one_account_at_once_one_sends() {
    let dir = tempfile::tempdir().unwrap();
    let sim = Arc::new(sim::start(flags()).unwrap());
    let (one, two) = (acts(&sim, dir.path()), acts(&sim, dir.path()));
    let verb = verb::named("disable").unwrap();
    for key in members(&one, false).into_iter().take(6) {
        let orders = [&one, &two].map(|rig| confirmed(rig, verb, Args::default(), &key));
        let rigs = [&one, &two];
        let numbers: Vec<u64> = orders
            .into_iter()
            .zip(rigs)
            .map(|(order, rig)| rig.ask(Slot::Run(1), Request::Run(order)))
            .collect();
        let ends: Vec<RunState> = rigs
            .into_iter()
            .zip(numbers)
            .map(|(rig, n)| rig.outcome(n))
            .collect();
        let done = ends.iter().filter(|s| **s == RunState::Succeeded).count();
        assert_eq!(done, 1, "{ends:?}");
        let other = ends.iter().find(|s| **s != RunState::Succeeded).unwrap();
        match other {
            RunState::Changed(what) => assert!(what.iter().any(|(f, ..)| f == "accountEnabled")),
            RunState::NotSent(fault) => {
                assert_eq!(fault.kind, FaultKind::Refused);
                assert!(
                    fault.what.contains("ana (1000) on jump, process "),
                    "{fault}"
                );
            }
            other => panic!("{other:?}"),
        }
        let path = format!("/users/{}", key.id.txt().exact());
        let journal = sim.journal();
        let sent = journal
            .iter()
            .filter(|r| r.method == "PATCH" && r.path.ends_with(&path));
        assert_eq!(sent.count(), 1);
    }
}

/// Two processes, two terminals: while one waits for the service's answer, the other says who is at it and sends nothing.
#[test]
fn the_second_process_at_one_account_says_who_is_at_it() {
    let home = tempfile::tempdir().unwrap();
    let sim = simulated(home.path());
    // whoever sends is kept waiting for longer than this test takes
    let slow = "[[rule]]\nservice = \"graph\"\nmethod = \"PATCH\"\nfault = { kind = \"slow-headers\", ms = 40000 }\n";
    sim.set_scenario(slow).unwrap();
    let env = [("PTY_SECRET", "pty secret")];
    let words = ["--tenant", "pty"];
    let open = || {
        let mut t = Terminal::run(home.path(), &words, &env, (140, 30));
        shown(&mut t);
        t
    };
    let (mut one, mut two) = (open(), open());
    // the account that the first one's question is about, found by its name in the second
    prompt(&mut one);
    let screen = one.contents();
    let name = screen.split(['“', '”']).nth(1).expect("a name");
    let name = name.split('@').next().unwrap();
    two.press(b"4");
    two.until_that("people", |s| s.contains("Users ·") && s.contains('▌'));
    two.press(format!("/upn:{name}\r").as_bytes());
    two.until_that("that one", |s| {
        s.lines().any(|l| l.starts_with('▌') && l.contains(name))
    });
    std::thread::sleep(Duration::from_millis(1200));
    again(&mut two);
    assert!(two.contents().contains(name));
    confirm(&mut one);
    let runs = || read::runs(&record(home.path())).unwrap_or_default();
    one.until_that("its request", |_| runs().iter().any(|r| r.has_intent()));
    confirm(&mut two);
    let process = format!("process {}", one.child.process_id().unwrap());
    let screen = two.until(&process);
    assert!(screen.contains("not sent: "), "{screen}");
    let runs = runs();
    let intents = runs.iter().filter(|r| r.has_intent()).count();
    assert_eq!(intents, 1, "{runs:#?}");
    let left = runs.iter().find(|r| !r.has_intent()).unwrap();
    let why = left.detail.clone().unwrap_or_default();
    assert!(
        why.contains(&process) && why.contains("wait for its end"),
        "{why}"
    );
}
