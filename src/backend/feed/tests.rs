//! The reader of the feed against the simulator: nothing lost, nothing twice, nothing called complete that is not.

use crate::backend::Backend;
use crate::backend::memory::{MemoryRecord, MemoryStore, PausedClock};
use crate::backend::ports::Ports;
use crate::config::{Cache, Cloud, SecretSource, SignIn, TenantConfig, Urls};
use crate::model::feed::{Content, Ledger, Reach, Standing};
use crate::model::{Fault, Key, Kind, Ticks};
use crate::msg::{Body, Event, News, Request, Slot, Ticket};
use crate::resource::{record, spec};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use table::{Cell, Keyed};

const NOW: &str = "2026-08-20T12:00:00Z";
const TYPES: [&str; 5] = super::book::KNOWN;

pub(super) fn flags() -> sim::Flags {
    sim::Flags {
        now: Some(NOW.parse().unwrap()),
        time_scale: 0.0,
        throttle: sim::flags::Switch::Off,
        incidents: 20,
        alerts: 60,
        devices: 20,
        users: 60,
        events: 2_000,
        feed_records: 4_000,
        feed_blobs: 300,
        ..sim::Flags::default()
    }
}

pub(super) fn playing(scenario: &str) -> sim::Flags {
    sim::Flags {
        scenario: Some(scenario.into()),
        ..flags()
    }
}

/// A reader of a simulated tenant's feed, and what it brought.
pub(super) struct Log {
    pub sim: sim::Running,
    pub backend: Backend,
    clock: Arc<PausedClock>,
    events: Receiver<Event>,
    pub rows: Keyed,
    types: Keyed,
    pub ledger: Arc<Ledger>,
    pub faults: Vec<Fault>,
    /// Rows that came although they were there.
    pub again: usize,
    /// Windows that got another blob after they had been called complete.
    pub wrong: usize,
    /// What windows ever gave as a reason for a gap.
    whys: Vec<String>,
    patience: Duration,
}

impl Log {
    pub fn with(flags: sim::Flags) -> Self {
        Self::scripted(flags, None)
    }

    /// With a scenario of the test's own.
    pub fn scripted(flags: sim::Flags, script: Option<&str>) -> Self {
        let start = flags.now.unwrap().to_string();
        let sim = sim::start(flags).unwrap();
        if let Some(script) = script {
            sim.set_scenario(script).unwrap();
        }
        let url = |text: &str| Some(text.parse().unwrap());
        let mut tenant = TenantConfig {
            name: "test".into(),
            tenant_id: sim.info.tenant_id.clone(),
            client_id: sim.info.client_id.clone(),
            cloud: Cloud::Global,
            sign_in: SignIn::Secret(SecretSource::Given(sim.info.client_secret.clone().into())),
            analyst: None,
            urls: Urls {
                login: url(&sim.info.login),
                graph: url(&sim.info.graph),
                defender: url(&sim.info.defender),
            },
            read_only: None,
            cache: Cache::Off,
            sim: true,
            guards: Default::default(),
            ca_file: None,
            sources: Default::default(),
            access: Default::default(),
        };
        tenant.sources.office = url(&format!("{}/api", sim.info.office.as_ref().unwrap()));
        let (tx, events) = channel();
        let tx = Mutex::new(tx);
        let clock = Arc::new(PausedClock::new(Ticks::parse(&start).unwrap()));
        let ports = Ports {
            events: Arc::new(move |event| {
                let _ = tx.lock().unwrap().send(event);
            }),
            store: Arc::new(MemoryStore::default()),
            record: Arc::new(MemoryRecord::default()),
            clock: clock.clone(),
            budget_scale: 4.0,
        };
        let backend = Backend::start(tenant, ports);
        let slot = Slot::Sync(Kind::Record);
        let ticket = Ticket { slot, number: 1 };
        let kind = Kind::Record;
        backend.ask(ticket, Request::Sync { kind }).unwrap();
        Self {
            sim,
            backend,
            clock,
            events,
            rows: Keyed::new(spec(Kind::Record).schema()),
            types: Keyed::new(spec(Kind::Feed).schema()),
            ledger: Arc::default(),
            faults: Vec::new(),
            again: 0,
            wrong: 0,
            whys: Vec::new(),
            patience: Duration::from_secs(120),
        }
    }

    fn take(&mut self, event: Event) -> Option<Body> {
        match event {
            Event::News(News::Feed(ledger)) => {
                for (old, new) in self.ledger.types.iter().zip(&ledger.types) {
                    for was in &old.windows {
                        let is = new.windows.iter().find(|w| w.to == was.to);
                        let more = is.is_some_and(|w| w.listed > was.listed);
                        self.wrong += usize::from(was.reach() == Reach::Complete && more);
                    }
                }
                let windows = ledger.types.iter().flat_map(|t| &t.windows);
                self.whys
                    .extend(windows.filter_map(|w| w.why.clone().or(w.broken.clone())));
                self.ledger = ledger;
                None
            }
            Event::Reply(reply) => {
                match &reply.body {
                    Body::Page(page) => {
                        if let Some(chunk) = &page.chunk {
                            let rows = match page.kind {
                                Kind::Record => &mut self.rows,
                                _ => &mut self.types,
                            };
                            let changes = rows.upsert(chunk.clone());
                            if page.kind == Kind::Record {
                                self.again += changes.updated.len() + changes.same as usize;
                            }
                        }
                    }
                    Body::Fault(fault) => self.faults.push(fault.clone()),
                    _ => {}
                }
                Some(reply.body)
            }
            _ => None,
        }
    }

    /// Lets time run until `done`.
    pub fn until(&mut self, what: &str, done: impl Fn(&Self, Option<&Body>) -> bool) {
        let begun = Instant::now();
        loop {
            let body = match self.events.recv_timeout(Duration::from_millis(5)) {
                Ok(event) => self.take(event),
                Err(_) => {
                    // time stands still while something is on the wire: those who wait longest would run away from it
                    let quiet = self.backend.core.lines.available_permits() == 8;
                    if quiet && self.clock.is_anyone_asleep() {
                        tokio::runtime::Builder::new_current_thread()
                            .build()
                            .unwrap()
                            .block_on(self.clock.leap());
                    }
                    None
                }
            };
            if done(self, body.as_ref()) {
                return;
            }
            assert!(
                begun.elapsed() < self.patience,
                "no {what}; faults {:?}, ledger {:#?}",
                self.faults,
                self.ledger
            );
        }
    }

    /// Until every window of every type that is subscribed to was read as far as it can be.
    pub fn read(&mut self) {
        self.until("end", |log, _| {
            let rest = |t: &Content| {
                t.windows.is_empty()
                    || t.windows
                        .iter()
                        .any(|w| !matches!(w.reach(), Reach::Complete | Reach::Settling))
            };
            let mut on = log
                .ledger
                .types
                .iter()
                .filter(|t| t.standing == Standing::Enabled);
            log.ledger.as_of.is_some() && !on.any(rest)
        });
    }

    pub fn content(&self, name: &str) -> &Content {
        let found = self
            .ledger
            .types
            .iter()
            .find(|t| t.name.txt().exact() == name);
        found.unwrap_or_else(|| panic!("no {name}"))
    }

    /// Rows of a content type, and their ids combined.
    fn sum(&self, name: &str) -> (usize, u128) {
        let col = record::SPEC.column("content").unwrap();
        let mut sum = (0, 0);
        for row in self.rows.live().iter() {
            if self.rows.cell(row, col).text().map(|t| t.exact()) == Some(name) {
                let id: uuid::Uuid = self.rows.key(row).exact().parse().unwrap();
                sum = (sum.0 + 1, sum.1 ^ id.as_u128());
            }
        }
        sum
    }

    /// Rows of the feed; sign-ins and directory audits stand beside them.
    fn fed(&self) -> usize {
        let col = record::SPEC.column("source").unwrap();
        let rows = self.rows.live();
        let is = |r: &u32| self.rows.cell(*r, col).text().map(|t| t.exact()) == Some("feed");
        rows.iter().filter(is).count()
    }

    /// Nothing lost, nothing twice, nothing wrongly complete.
    fn exact(&self, types: &[&str]) {
        for name in types {
            assert_eq!(Some(self.sum(name)), self.sim.activity(name), "{name}");
        }
        assert_eq!((self.again, self.wrong), (0, 0));
    }
}

/// The types that the simulated tenant subscribes to.
const USUAL: [&str; 4] = [TYPES[0], TYPES[1], TYPES[2], TYPES[3]];

#[test]
fn s0_6_s0_7_seven_days_come_whole_through_a_bad_day() {
    let soak = std::env::var_os("WF_SOAK").is_some();
    let (records, blobs) = if soak {
        (1_000_000, 10_000)
    } else {
        (6_000, 2_000)
    };
    // listed five hours late, which is less than it takes to settle
    let rough = include_str!("../../../crates/sim/scenarios/feed-rough.toml");
    let rough = rough.replace("feed-late = \"2h\"", "feed-late = \"5h\"");
    let early = sim::Flags {
        // four hours after midnight: what is listed late belongs to a window that has ended
        now: Some("2026-08-20T04:00:00Z".parse().unwrap()),
        feed_records: records,
        feed_blobs: blobs,
        ..flags()
    };
    let mut log = Log::scripted(early, Some(&rough));
    if soak {
        log.patience = Duration::from_secs(3_600);
    }
    let begun = Instant::now();
    log.read();
    log.exact(&USUAL);
    let sum = |of: fn(&crate::model::feed::Window) -> u32| -> u64 {
        log.ledger.types.iter().map(|t| t.sum(of)).sum()
    };
    let (retries, again, late) = (sum(|w| w.retries), sum(|w| w.duplicates), sum(|w| w.late));
    assert!(retries > 0 && again > 0, "{retries} retries, {again} again");
    assert_eq!(sum(|w| w.records) as usize, log.rows.len());
    println!(
        "{} records, {retries} retries, {again} again, {late} late in {:?}",
        log.rows.len(),
        begun.elapsed()
    );
    // what was held back comes, into windows that nobody had called complete
    let before = log.fed();
    log.sim.set_scenario("").unwrap();
    let wanted: usize = USUAL.iter().map(|t| log.sim.activity(t).unwrap().0).sum();
    assert!(wanted > before);
    log.until("late blobs", |log, _| log.fed() >= wanted);
    log.read();
    log.exact(&USUAL);
    let late: u64 = log.ledger.types.iter().map(|t| t.sum(|w| w.late)).sum();
    assert!(late > 0, "none was late");
}

#[test]
fn blobs_that_are_bad_once_are_gaps_until_they_are_read() {
    let mut log = Log::with(playing("feed-bad-blobs"));
    log.read();
    log.exact(&USUAL);
    let said = |word: &str| log.whys.iter().any(|w| w.contains(word));
    assert!(said("larger than 16 MiB"), "{:?}", log.whys);
    // kept, shown and counted
    let timed = record::SPEC.column("timed").unwrap();
    let rows = log.rows.live();
    let without = rows
        .iter()
        .filter(|r| log.rows.cell(*r, timed) == Cell::Bool(false));
    let without = without.count() as u64;
    let counted: u64 = log.ledger.types.iter().map(|t| t.sum(|w| w.timeless)).sum();
    assert!(without > 0);
    assert_eq!(without, counted);
}

#[test]
fn a_blob_that_stays_bad_is_a_gap_and_its_window_never_complete() {
    for fault in ["malformed-json", "html-page", "cut-gzip"] {
        let mut log = Log::with(flags());
        let rule = format!(
            "[[rule]]\nservice = \"office\"\npath = \"*/audit/*emea0000010\"\nfault = {{ kind = \"{fault}\" }}"
        );
        log.sim.set_scenario(&rule).unwrap();
        log.until("gaps", |log, _| {
            log.ledger.as_of.is_some()
                && USUAL.iter().all(|t| {
                    let t = log.content(t);
                    t.windows.iter().all(|w| w.reach() >= Reach::Gap)
                })
        });
        assert_eq!(
            log.ledger.gaps(),
            USUAL.len(),
            "{fault}: one blob of each type"
        );
        for name in USUAL {
            let content = log.content(name);
            let gap = content
                .windows
                .iter()
                .find(|w| w.reach() == Reach::Gap)
                .unwrap();
            assert_eq!((gap.torn, gap.fetched + 1), (1, gap.listed));
            assert!(gap.why.is_some());
            assert_eq!(
                content.count(Reach::Complete) + content.count(Reach::Settling),
                7
            );
            let whole = log.sim.activity(name).unwrap().0;
            assert!(log.sum(name).0 < whole, "it is missing, and it is said");
        }
        // it mends itself when somebody asks again
        log.sim.set_scenario("").unwrap();
        let slot = Slot::Sync(Kind::Record);
        let kind = Kind::Record;
        let ticket = Ticket { slot, number: 2 };
        log.backend.ask(ticket, Request::Refresh { kind }).unwrap();
        log.read();
        log.exact(&USUAL);
    }
}

#[test]
fn s0_37_a_tenant_without_auditing_is_told_the_command() {
    let mut log = Log::with(playing("feed-unaudited"));
    log.until("fault", |log, _| !log.faults.is_empty());
    let said = log.faults[0].to_string();
    assert!(said.contains("audit log is switched off"), "{said}");
    assert!(
        said.contains("Set-AdminAuditLogConfig -UnifiedAuditLogIngestionEnabled $true"),
        "{said}"
    );
}

#[test]
fn s0_10_dlp_names_its_permission_and_the_rest_goes_on() {
    let mut log = Log::with(sim::Flags {
        permissions: "ActivityFeed.Read".into(),
        ..flags()
    });
    log.read();
    log.exact(&USUAL);
    let dlp = log.content("DLP.All");
    assert_eq!(dlp.standing, Standing::Forbidden);
    assert!(
        dlp.trouble.contains("ActivityFeed.ReadDlp"),
        "{}",
        dlp.trouble
    );
    let mut log = Log::with(sim::Flags {
        permissions: "User.Read.All".into(),
        ..flags()
    });
    log.until("fault", |log, _| !log.faults.is_empty());
    assert_eq!(log.faults[0].permissions, ["ActivityFeed.Read"]);
}

#[test]
fn s0_11_types_of_the_future_and_disabled_ones_are_rows_like_the_others() {
    let mut log = Log::with(playing("feed-future"));
    log.read();
    log.exact(&["Audit.Holograms"]);
    assert!(!log.content("Audit.Holograms").windows.is_empty());
    let types = log.types.live();
    let feed = types
        .iter()
        .filter(|r| log.types.key(*r).exact().contains('.'));
    assert_eq!(feed.count(), 6, "five of the documents and the new one");
    assert_eq!(log.content("DLP.All").standing, Standing::None);
    // disabled by somebody meanwhile
    log.sim.set_scenario("feed-disabled").unwrap();
    log.until("disabled", |log, _| {
        log.content("Audit.Exchange").standing == Standing::Disabled
    });
    let said = &log.content("Audit.Exchange").trouble;
    assert!(said.contains("disabled"), "{said}");
}

#[test]
fn links_that_lead_away_are_not_followed_and_break_their_window() {
    let mut log = Log::with(sim::Flags {
        foreign: true,
        ..playing("hostile/next-page/foreign-host")
    });
    log.until("broken listings", |log, _| {
        log.ledger.types.iter().any(|t| {
            t.windows.iter().any(|w| {
                w.broken
                    .as_ref()
                    .is_some_and(|b| b.contains("token must not go"))
            })
        })
    });
    let all = log.ledger.types.iter().flat_map(|t| &t.windows);
    let broken = all.filter(|w| w.broken.is_some());
    assert!(broken.clone().count() > 0 && broken.clone().all(|w| w.reach() == Reach::Gap));
    let mut log = Log::with(playing("hostile/content-uri/cloud-service"));
    log.until("unread blobs", |log, _| log.ledger.gaps() > 0);
    assert_eq!(log.fed(), 0, "no blob was fetched");
    assert!(
        log.whys.iter().any(|w| w.contains("token must not go")),
        "{:?}",
        log.whys
    );
}

#[test]
fn a_record_is_read_again_from_its_blob_and_every_call_says_who_asks() {
    let mut log = Log::with(flags());
    log.read();
    // sign-ins may have come first: they are in no blob
    let col = record::SPEC.column("content").unwrap();
    let rows = log.rows.live();
    let fed = |r: &u32| {
        let content = log.rows.cell(*r, col);
        content
            .text()
            .is_some_and(|t| t.exact().starts_with("Audit."))
    };
    let row = rows.iter().find(fed).unwrap();
    let id = log.rows.key(row).to_text();
    let key = Key::new(Kind::Record, id.clone());
    let slot = Slot::Part(key.clone(), "");
    let ticket = Ticket { slot, number: 9 };
    let fresh = false;
    log.backend
        .ask(ticket, Request::Entity { key, fresh })
        .unwrap();
    log.until("record", |_, body| {
        let Some(Body::Entity(entity)) = body else {
            return false;
        };
        assert_eq!(entity.json["Id"], id.txt().exact());
        assert!(entity.json["@contentType"].is_string() && entity.json["Operation"].is_string());
        true
    });
    let feed = |r: &&sim::Received| r.path.contains("/activity/feed/");
    let journal = log.sim.journal();
    let mut calls = 0;
    for call in journal.iter().filter(feed) {
        calls += 1;
        let said = call.path.contains("PublisherIdentifier=")
            || call.query.contains("PublisherIdentifier=");
        assert!(said, "{call:?}");
    }
    assert!(calls > 50, "{calls}");
}
