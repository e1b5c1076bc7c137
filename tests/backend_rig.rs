//! A backend against the simulated tenant: real tokens, real HTTP, a clock that only moves when a test lets it.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};
use watchfloor::backend::memory::{MemoryRecord, MemoryStore, PausedClock};
use watchfloor::backend::ports::{Record, Store};
use watchfloor::backend::{Backend, Ports};
use watchfloor::config::{Cache, Cloud, SecretSource, SignIn, Sources, TenantConfig, Urls};
use watchfloor::model::{Fault, Kind, Ticks};
use watchfloor::msg::{Body, Event, News, Page, Request, Slot, Ticket};

pub const NOW: &str = "2026-08-01T12:00:00Z";

pub struct Rig {
    pub sim: Arc<sim::Running>,
    pub backend: Backend,
    pub store: Arc<MemoryStore>,
    pub record: Arc<MemoryRecord>,
    pub clock: Arc<PausedClock>,
    events: Receiver<Event>,
    late: RefCell<VecDeque<Event>>,
    number: Cell<u64>,
}

/// A small tenant on a clock that stands still.
pub fn flags() -> sim::Flags {
    sim::Flags {
        now: Some(NOW.parse().unwrap()),
        time_scale: 0.0,
        incidents: 230,
        alerts: 700,
        devices: 120,
        users: 150,
        events: 0,
        throttle: sim::flags::Switch::Off,
        ..sim::Flags::default()
    }
}

pub fn tenant(info: &sim::Info) -> TenantConfig {
    TenantConfig {
        name: "demo".into(),
        tenant_id: info.tenant_id.clone(),
        client_id: info.client_id.clone(),
        cloud: Cloud::Global,
        sign_in: SignIn::Secret(SecretSource::Given(info.client_secret.clone().into())),
        analyst: None,
        urls: Urls {
            login: Some(info.login.parse().unwrap()),
            graph: Some(info.graph.parse().unwrap()),
            defender: Some(info.defender.parse().unwrap()),
        },
        read_only: None,
        cache: Cache::Memory,
        sim: true,
        guards: Default::default(),
        ca_file: None,
        sources: Sources {
            cloudapps: info
                .cloudapps
                .as_ref()
                .map(|u| format!("{u}/api/v1").parse().unwrap()),
            ..Sources::default()
        },
        access: Default::default(),
    }
}

impl Rig {
    pub fn new(flags: sim::Flags) -> Self {
        Self::with(flags, |_| {})
    }

    pub fn with(flags: sim::Flags, change: impl FnOnce(&mut TenantConfig)) -> Self {
        let store = Arc::new(MemoryStore::default());
        let sim = Arc::new(sim::start(flags).unwrap());
        Self {
            store: store.clone(),
            ..Self::on(sim, store, change)
        }
    }

    /// A further instance on a tenant, with a store of the test's own.
    pub fn on(
        sim: Arc<sim::Running>,
        store: Arc<dyn Store>,
        change: impl FnOnce(&mut TenantConfig),
    ) -> Self {
        Self::recording(sim, store, None, change)
    }

    /// The same with a record on disk; the one in memory stays empty then.
    pub fn recording(
        sim: Arc<sim::Running>,
        store: Arc<dyn Store>,
        on_disk: Option<Arc<dyn Record>>,
        change: impl FnOnce(&mut TenantConfig),
    ) -> Self {
        let mut tenant = tenant(&sim.info);
        change(&mut tenant);
        let (tx, events) = channel();
        let tx = Mutex::new(tx);
        let record = Arc::new(MemoryRecord::default());
        let clock = Arc::new(PausedClock::new(Ticks::parse(NOW).unwrap()));
        let ports = Ports {
            events: Arc::new(move |event| {
                let _ = tx.lock().unwrap().send(event);
            }),
            store,
            record: on_disk.unwrap_or_else(|| record.clone()),
            clock: clock.clone(),
            budget_scale: 100.0,
        };
        Self {
            sim,
            backend: Backend::start(tenant, ports),
            store: Arc::default(),
            record,
            clock,
            events,
            late: RefCell::default(),
            number: Cell::new(0),
        }
    }

    pub fn ask(&self, slot: Slot, request: Request) -> u64 {
        self.number.set(self.number.get() + 1);
        let number = self.number.get();
        self.backend.ask(Ticket { slot, number }, request).unwrap();
        number
    }

    pub fn sync(&self, kind: Kind) -> u64 {
        self.ask(Slot::Sync(kind), Request::Sync { kind })
    }

    /// The first event that `pick` takes, letting time pass whenever everybody sleeps.
    pub fn until<T>(&self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let mut late = self.late.borrow_mut();
        for at in 0..late.len() {
            if let Some(found) = pick(&late[at]) {
                late.remove(at);
                return found;
            }
        }
        let begun = Instant::now();
        loop {
            match self.events.recv_timeout(Duration::from_millis(20)) {
                Ok(event) => match pick(&event) {
                    Some(found) => return found,
                    None => late.push_back(event),
                },
                Err(_) if self.clock.is_anyone_asleep() => self.leap(),
                Err(_) => {}
            }
            assert!(
                begun.elapsed() < Duration::from_secs(60),
                "no {what}: {late:#?}"
            );
        }
    }

    /// Lets the first sleeper's time pass.
    pub fn leap(&self) {
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(self.clock.leap());
    }

    pub fn last(&self, number: u64) -> Body {
        self.until("last reply", |e| match e {
            Event::Reply(r) if r.ticket.number == number && r.last => Some(r.body.clone()),
            _ => None,
        })
    }

    /// What became of the one target of a write.
    pub fn outcome(&self, number: u64) -> watchfloor::msg::RunState {
        self.until("outcome", |e| match e {
            Event::Reply(r) if r.ticket.number == number => match &r.body {
                Body::Ran { state, .. } if state.stand().is_final() => Some(state.clone()),
                _ => None,
            },
            _ => None,
        })
    }

    /// A page of this ticket's.
    pub fn page(&self, number: u64) -> Page {
        self.until("page", |e| page(e, number))
    }

    /// The page that says the list is complete, or the fault that stands in its way.
    pub fn filled(&self, number: u64) -> Result<Page, Fault> {
        self.until("complete list or fault", |e| match e {
            Event::Reply(r) if r.ticket.number == number => match &r.body {
                Body::Page(page) if page.progress.complete && page.chunk.is_none() => {
                    Some(Ok(page.clone()))
                }
                Body::Fault(fault) => Some(Err(fault.clone())),
                _ => None,
            },
            _ => None,
        })
    }

    /// The complete list, whatever faults there were on the way.
    pub fn complete(&self, number: u64) -> Page {
        self.until("complete list", |e| {
            page(e, number).filter(|p| p.progress.complete && p.chunk.is_none())
        })
    }

    pub fn news<T>(&self, what: &str, mut pick: impl FnMut(&News) -> Option<T>) -> T {
        self.until(what, |e| match e {
            Event::News(news) => pick(news),
            _ => None,
        })
    }
}

fn page(e: &Event, number: u64) -> Option<Page> {
    match e {
        Event::Reply(r) if r.ticket.number == number => match &r.body {
            Body::Page(page) => Some(page.clone()),
            _ => None,
        },
        _ => None,
    }
}
