//! A backend on a paused clock, with ports in memory, against a server of the test's own.

use super::server::{Answer, Hit, Server};
use crate::backend::memory::{MemoryRecord, MemoryStore, PausedClock};
use crate::backend::ports::Ports;
use crate::backend::{Backend, Refused};
use crate::config::{Cache, Cloud, SecretSource, SignIn, TenantConfig, Urls};
use crate::model::{Fault, Grants, Kind, Session, Ticks};
use crate::msg::{Body, Event, News, Page, Reply, Request, RunState, Slot, Ticket};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;
use std::collections::VecDeque;
use std::future::Future;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Real time until a test gives up: a bound on hanging, not on how busy the machine may be.
const PATIENCE: Duration = Duration::from_secs(120);

/// Everything the simulated sign-ins of these tests may read.
pub const ALL: &[&str] = &[
    "SecurityIncident.Read.All",
    "SecurityIncident.ReadWrite.All",
    "SecurityAlert.Read.All",
    "SecurityAlert.ReadWrite.All",
    "User.Read.All",
    "Machine.Read.All",
];

pub const TENANT: &str = "11111111-1111-1111-1111-111111111111";

pub struct Rig {
    pub server: Server,
    pub backend: Backend,
    pub store: Arc<MemoryStore>,
    pub record: Arc<MemoryRecord>,
    pub clock: Arc<PausedClock>,
    events: Receiver<Event>,
    /// Events that were passed over while waiting for another.
    late: Mutex<VecDeque<Event>>,
    number: Mutex<u64>,
}

/// A tenant whose services are all on this server.
pub fn tenant(server: &Server) -> TenantConfig {
    TenantConfig {
        name: "test".into(),
        tenant_id: TENANT.into(),
        client_id: "app-1".into(),
        cloud: Cloud::Global,
        sign_in: SignIn::Secret(SecretSource::Given("s3cret-value".to_owned().into())),
        analyst: None,
        urls: Urls {
            login: Some(server.url("/login").parse().unwrap()),
            graph: Some(server.url("/graph/v1.0").parse().unwrap()),
            defender: Some(server.url("/mde/api").parse().unwrap()),
        },
        read_only: None,
        cache: Cache::Memory,
        sim: true,
        guards: Default::default(),
        ca_file: None,
        sources: Default::default(),
        access: Default::default(),
    }
}

/// A token that shows these roles.
pub fn jwt(roles: &[&str]) -> String {
    let claims = json!({"idtyp": "app", "roles": roles}).to_string();
    format!("e30.{}.sig", URL_SAFE_NO_PAD.encode(claims))
}

pub fn token(roles: &[&str]) -> Answer {
    Answer::ok(
        json!({"token_type": "Bearer", "expires_in": 3600, "access_token": jwt(roles)}).to_string(),
    )
}

/// Incidents of these ids as a page.
pub fn page(ids: &[u32], next: Option<&str>) -> Answer {
    let rows: Vec<_> = ids.iter().map(|id| incident(*id, "active", None)).collect();
    let mut body = json!({"@odata.context": "x", "value": rows});
    if let Some(next) = next {
        body["@odata.nextLink"] = next.into();
    }
    Answer::ok(body.to_string())
}

pub fn incident(id: u32, status: &str, owner: Option<&str>) -> serde_json::Value {
    json!({
        "id": id.to_string(), "displayName": format!("incident {id}"), "severity": "high", "status": status,
        "assignedTo": owner, "lastUpdateDateTime": format!("2026-08-01T10:{:02}:00Z", id % 60),
    })
}

/// Runs a future of the paused clock on the test's thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap()
        .block_on(future)
}

impl Rig {
    /// Tokens with every role; the rest is `answer`'s.
    pub fn new(answer: impl Fn(&Hit) -> Answer + Send + Sync + 'static) -> Self {
        Self::bare(move |hit| {
            if hit.is_token() {
                token(ALL)
            } else {
                answer(hit)
            }
        })
    }

    /// Everything is `answer`'s.
    pub fn bare(answer: impl Fn(&Hit) -> Answer + Send + Sync + 'static) -> Self {
        let server = Server::start(answer);
        let tenant = tenant(&server);
        Self::with(server, tenant)
    }

    pub fn with(server: Server, tenant: TenantConfig) -> Self {
        Self::recording(server, tenant, None)
    }

    /// With a record of its own on disk; the one in memory stays empty then.
    pub fn recording(
        server: Server,
        tenant: TenantConfig,
        on_disk: Option<Arc<dyn crate::backend::ports::Record>>,
    ) -> Self {
        let (tx, events) = channel();
        let tx = Mutex::new(tx);
        let store = Arc::new(MemoryStore::default());
        let record = Arc::new(MemoryRecord::default());
        let clock = Arc::new(PausedClock::new(
            Ticks::parse("2026-08-01T12:00:00Z").unwrap(),
        ));
        let ports = Ports {
            events: Arc::new(move |event| {
                let _ = tx.lock().unwrap().send(event);
            }),
            store: store.clone(),
            record: on_disk.unwrap_or_else(|| record.clone()),
            clock: clock.clone(),
            budget_scale: 1.0,
        };
        Self {
            server,
            backend: Backend::start(tenant, ports),
            store,
            record,
            clock,
            events,
            late: Mutex::default(),
            number: Mutex::default(),
        }
    }

    /// Listens elsewhere from now on.
    pub fn events_of(&mut self, events: Receiver<Event>) {
        self.events = events;
    }

    /// Asks, and returns the ticket's number.
    pub fn ask(&self, slot: Slot, request: Request) -> u64 {
        self.try_ask(slot, request).unwrap()
    }

    pub fn try_ask(&self, slot: Slot, request: Request) -> Result<u64, Refused> {
        let number = {
            let mut number = self.number.lock().unwrap();
            *number += 1;
            *number
        };
        self.backend
            .ask(Ticket { slot, number }, request)
            .map(|()| number)
    }

    pub fn sync(&self, kind: Kind) -> u64 {
        self.ask(Slot::Sync(kind), Request::Sync { kind })
    }

    /// The first event from now (or passed over before) that `pick` takes. Others are kept for later.
    pub fn until<T>(&self, what: &str, mut pick: impl FnMut(&Event) -> Option<T>) -> T {
        let mut late = self.late.lock().unwrap();
        for at in 0..late.len() {
            if let Some(found) = pick(&late[at]) {
                late.remove(at);
                return found;
            }
        }
        loop {
            // only a test that fails waits this long
            match self.events.recv_timeout(PATIENCE) {
                Ok(event) => match pick(&event) {
                    Some(found) => return found,
                    None => late.push_back(event),
                },
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    panic!("no {what}; there was {:#?}", late)
                }
            }
        }
    }

    /// As `until`, while time runs: whoever sleeps is woken in turn.
    pub fn pumped<T>(&self, what: &str, pick: impl FnMut(&Event) -> Option<T>) -> T {
        self.pumped_by(Duration::MAX, what, pick)
    }

    /// As `pumped`, but nobody is woken who sleeps for longer: he waits for something else.
    pub fn pumped_by<T>(
        &self,
        most: Duration,
        what: &str,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let begun = std::time::Instant::now();
        loop {
            let found = match self.events.recv_timeout(Duration::from_millis(5)) {
                Ok(event) => pick(&event),
                Err(_) => {
                    if self.clock.is_anyone_asleep() && self.next_sleep() <= most {
                        self.leap();
                    }
                    None
                }
            };
            if let Some(found) = found {
                return found;
            }
            assert!(begun.elapsed() < PATIENCE, "no {what}");
        }
    }

    /// As `until`, while time runs for those who sleep no longer than this.
    pub fn pumped_past<T>(
        &self,
        most: Duration,
        what: &str,
        mut pick: impl FnMut(&Event) -> Option<T>,
    ) -> T {
        let begun = std::time::Instant::now();
        loop {
            if self.passed_over(|e| pick(e).is_some()) > 0 {
                return self.until(what, pick);
            }
            if let Some(first) = self.clock.first_sleep().filter(|s| *s <= most) {
                self.clock.advance(first);
            }
            std::thread::sleep(Duration::from_millis(2));
            assert!(begun.elapsed() < PATIENCE, "no {what}");
        }
    }

    /// The last reply to a ticket.
    pub fn last(&self, number: u64) -> Body {
        self.until("last reply", |e| match e {
            Event::Reply(r) if r.ticket.number == number && r.last => Some(r.body.clone()),
            _ => None,
        })
    }

    /// What became of the one target of a write.
    pub fn outcome(&self, number: u64) -> RunState {
        self.until("outcome", |e| match e {
            Event::Reply(r) if r.ticket.number == number => match &r.body {
                Body::Ran { state, .. } if state.stand().is_final() => Some(state.clone()),
                _ => None,
            },
            _ => None,
        })
    }

    /// Any reply to a ticket.
    pub fn reply(&self, number: u64) -> Reply {
        self.until("reply", |e| match e {
            Event::Reply(r) if r.ticket.number == number => Some(r.clone()),
            _ => None,
        })
    }

    pub fn page(&self, number: u64) -> Page {
        self.until("page", |e| match e {
            Event::Reply(r) if r.ticket.number == number => match &r.body {
                Body::Page(page) => Some(page.clone()),
                _ => None,
            },
            _ => None,
        })
    }

    /// The page that says the list is complete.
    pub fn complete(&self, number: u64) -> Page {
        self.until("complete page", |e| match e {
            Event::Reply(r) if r.ticket.number == number => match &r.body {
                Body::Page(page) if page.progress.complete && page.chunk.is_none() => {
                    Some(page.clone())
                }
                _ => None,
            },
            _ => None,
        })
    }

    pub fn fault(&self, number: u64) -> Fault {
        self.until("fault", |e| match e {
            Event::Reply(r) if r.ticket.number == number => match &r.body {
                Body::Fault(fault) => Some(fault.clone()),
                _ => None,
            },
            _ => None,
        })
    }

    pub fn news<T>(&self, what: &str, mut pick: impl FnMut(&News) -> Option<T>) -> T {
        self.until(what, |e| match e {
            Event::News(news) => pick(news),
            _ => None,
        })
    }

    pub fn session(&self) -> (Session, Grants) {
        self.news("session", |n| match n {
            News::Session(s, g) => Some((s.clone(), g.clone())),
            _ => None,
        })
    }

    /// Lets the first sleeper's time pass.
    pub fn leap(&self) -> Duration {
        wait(self.clock.leap())
    }

    pub fn next_sleep(&self) -> Duration {
        wait(self.clock.next_sleep())
    }

    /// Events that were seen and not asked for.
    pub fn passed_over(&self, mut pick: impl FnMut(&Event) -> bool) -> usize {
        let mut late = self.late.lock().unwrap();
        late.extend(self.events.try_iter());
        late.iter().filter(|e| pick(e)).count()
    }
}
