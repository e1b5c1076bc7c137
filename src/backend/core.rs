//! What every task of the backend shares: the tenant, the ports, the wire, the budgets, the tokens, who is signed in.

use super::budget::{Budget, Class, Surface};
use super::client::{Broken, Exchange, Response, Wire};
use super::origin::place;
use super::ports::{Clock, Events, Ports, Record, Store};
use super::settling::Settling;
use super::signin::Desk;
use super::token::Tokens;
use super::who::Who;
use crate::config::TenantConfig;
use crate::model::span::Span;
use crate::model::time::{MINUTE, SECOND};
use crate::model::{Fault, FaultKind, Kind, Service, Ticks};
use crate::msg::{Event, Level, News, Progress};
use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, Semaphore};

/// Calls on the wire at one time, of people and background together; writes do not queue here.
const AT_ONCE: usize = 8;
/// Own calls are told no more often than this: each telling wakes the screen's thread, and every poll is a call.
const TELL: Duration = Duration::from_secs(60);
/// From here on the clock is worth a word.
const SKEW: i64 = 5 * MINUTE;

pub struct Core {
    pub tenant: TenantConfig,
    pub events: Events,
    pub store: Arc<dyn Store>,
    pub record: Arc<dyn Record>,
    pub clock: Arc<dyn Clock>,
    pub wire: Wire,
    pub tokens: Tokens,
    pub desk: Desk,
    pub who: Who,
    pub lines: Semaphore,
    budgets: Mutex<HashMap<Surface, Budget>>,
    budget_scale: f64,
    /// The service's clock minus ours, in ticks, as last measured.
    skew: AtomicI64,
    skew_told: AtomicBool,
    store_told: AtomicBool,
    rate: Mutex<HashMap<Service, Rate>>,
    /// What was last told of each list.
    pub progress: Mutex<HashMap<Kind, Progress>>,
    analyst_checked: AtomicBool,
    replaced_told: AtomicBool,
    cut_told: AtomicBool,
    /// The Defender API of this tenant refused a body with an id of ours in it.
    no_external: AtomicBool,
    /// Actions that are followed now: the more, the slower each.
    pub followed: AtomicU32,
    /// The program is leaving: nothing begins any more.
    pub stopping: AtomicBool,
    /// Tasks that look what became of a write.
    pub settling: Settling,
    /// What the readers of the logs know.
    pub feed: Mutex<super::feed::Book>,
    /// An audit search was entered.
    pub searched: Arc<Notify>,
    /// The part of the logs that is read; all of it unless somebody said so before the first question.
    pub span: Mutex<Span>,
    /// Something was done that lasts until it is taken back.
    pub lasting: Notify,
    /// Hours after which what we left in force is brought to mind.
    pub remind: AtomicU32,
    /// Sets that ended before their end were told last.
    pub unfinished: AtomicBool,
    /// Seconds between polls of what is followed by changes, as the person set it; 0 = as each list says.
    pub pace: AtomicU32,
}

/// Own calls of the last minute.
#[derive(Default)]
struct Rate {
    calls: VecDeque<Duration>,
    told: Option<(u32, Duration)>,
}

/// A lock that a panicked task cannot take from the others.
pub fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Core {
    pub fn new(tenant: TenantConfig, ports: Ports) -> Self {
        Self {
            wire: Wire::new(tenant.sim, tenant.ca_file.clone()).by(tenant.access.proxy.clone()),
            tokens: Tokens::default(),
            desk: Desk::default(),
            who: Who::new(&tenant, ports.events.clone()),
            lines: Semaphore::new(AT_ONCE),
            budgets: Mutex::default(),
            budget_scale: ports.budget_scale,
            skew: AtomicI64::new(0),
            skew_told: AtomicBool::new(false),
            store_told: AtomicBool::new(false),
            rate: Mutex::default(),
            progress: Mutex::default(),
            analyst_checked: AtomicBool::new(false),
            replaced_told: AtomicBool::new(false),
            cut_told: AtomicBool::new(false),
            pace: AtomicU32::new(0),
            no_external: AtomicBool::new(false),
            followed: AtomicU32::new(0),
            stopping: AtomicBool::new(false),
            settling: Settling::default(),
            feed: Mutex::default(),
            searched: Arc::default(),
            span: Mutex::default(),
            lasting: Notify::new(),
            remind: AtomicU32::new(24),
            unfinished: AtomicBool::new(false),
            tenant,
            events: ports.events,
            store: ports.store,
            record: ports.record,
            clock: ports.clock,
        }
    }

    pub fn mono(&self) -> Duration {
        self.clock.now().mono
    }

    pub fn wall(&self) -> Ticks {
        self.clock.now().wall
    }

    pub fn news(&self, news: News) {
        if self.tenant.sign_in.needs_person()
            && matches!(news, News::SignIn(_) | News::SignInFailed(_))
        {
            self.who.awaited();
        }
        (self.events)(Event::News(news));
    }

    pub fn notice(&self, level: Level, text: impl Into<String>) {
        self.news(News::Notice {
            level,
            text: text.into(),
        });
    }

    /// Waits until the budget has room for one call of this class.
    ///
    /// People are not left waiting: beyond `patience` the answer is a fault that says when it will go.
    pub async fn admit(
        &self,
        service: Service,
        path: &str,
        class: Class,
        patience: Duration,
    ) -> Result<(), Fault> {
        let surface = Surface::of(service, path);
        let cost = surface.cost(path);
        let mut waited = Duration::ZERO;
        loop {
            let now = self.mono();
            let asked = lock(&self.budgets)
                .entry(surface)
                .or_insert_with(|| Budget::new(surface, self.budget_scale, now))
                .take(now, class, cost);
            match asked {
                Ok(()) => break,
                Err(wait) if waited + wait > patience => {
                    return Err(self.throttled(service, wait));
                }
                Err(wait) => {
                    self.clock.sleep(wait).await;
                    waited += wait;
                }
            }
        }
        self.count(service);
        Ok(())
    }

    /// The fault for a call that would have to wait this long.
    pub fn throttled(&self, service: Service, wait: Duration) -> Fault {
        let mut fault = Fault::new(
            FaultKind::Throttled,
            format!(
                "too many calls; the next may go in {} s",
                wait.as_secs().max(1)
            ),
        )
        .on(service)
        .next("wait, then refresh");
        fault.retry_at = Some(self.in_time(wait));
        fault
    }

    /// Now plus this time, on the wall clock.
    pub fn in_time(&self, wait: Duration) -> Ticks {
        let ticks = i64::try_from(wait.as_nanos() / 100).unwrap_or(i64::MAX);
        Ticks(self.wall().0.saturating_add(ticks))
    }

    /// The service refused for too many calls.
    pub fn refused_for_rate(&self, service: Service, path: &str, wait: Duration) {
        let surface = Surface::of(service, path);
        let now = self.mono();
        lock(&self.budgets)
            .entry(surface)
            .or_insert_with(|| Budget::new(surface, self.budget_scale, now))
            .refused(now, wait);
        self.news(News::Throttled {
            service,
            until: self.in_time(wait),
        });
    }

    /// One exchange, and what it teaches about the other side. `of`: the service and path whose quota it counts against.
    pub async fn exchange(
        &self,
        what: Exchange<'_>,
        of: Option<(Service, &str)>,
    ) -> Result<Response, Broken> {
        let answer = self.wire.exchange(what).await;
        if self.wire.demo_seen.load(Ordering::Relaxed) && !self.tenant.sim {
            // it was refused; the screen says DEMO all the same
            self.who.demo();
        }
        let answer = answer?;
        self.learn(&answer, of);
        Ok(answer)
    }

    fn learn(&self, answer: &Response, of: Option<(Service, &str)>) {
        if let Some(theirs) = answer.date() {
            let skew = theirs.0 - self.wall().0;
            self.skew.store(skew, Ordering::Relaxed);
            if skew.abs() > SKEW && !self.skew_told.swap(true, Ordering::Relaxed) {
                self.notice(
                    Level::Warn,
                    format!(
                        "{}; ages and windows may be wrong until it is set",
                        self.skew_words().unwrap_or_default()
                    ),
                );
            }
        }
        let part = answer
            .header("x-ms-throttle-limit-percentage")
            .and_then(|p| p.parse::<f64>().ok());
        if let (Some((service, path)), true) = (of, part.is_some_and(|p| p >= 0.8)) {
            let now = self.mono();
            if let Some(budget) = lock(&self.budgets).get_mut(&Surface::of(service, path)) {
                budget.warned(now);
            }
        }
    }

    /// The sentence about our clock, if it is off by more than five minutes.
    pub fn skew_words(&self) -> Option<String> {
        let skew = self.skew.load(Ordering::Relaxed);
        (skew.abs() > SKEW).then(|| {
            let (minutes, side) = (
                skew.abs() / MINUTE,
                if skew > 0 { "behind" } else { "ahead" },
            );
            format!("this computer's clock is {minutes} min {side}")
        })
    }

    /// The service's clock now, as well as we know it.
    pub fn service_time(&self) -> Ticks {
        Ticks(self.wall().0 + self.skew.load(Ordering::Relaxed) / SECOND * SECOND)
    }

    fn count(&self, service: Service) {
        let now = self.mono();
        let told = {
            let mut rates = lock(&self.rate);
            let rate = rates.entry(service).or_default();
            rate.calls.push_back(now);
            while rate
                .calls
                .front()
                .is_some_and(|t| now.saturating_sub(*t) >= Duration::from_secs(60))
            {
                rate.calls.pop_front();
            }
            let n = rate.calls.len() as u32;
            let due = rate
                .told
                .is_none_or(|(m, at)| m != n && now.saturating_sub(at) >= TELL);
            due.then(|| {
                rate.told = Some((n, now));
                n
            })
        };
        if let Some(per_minute) = told {
            self.news(News::Rate {
                service,
                per_minute,
            });
        }
    }

    /// Says where a real tenant's sign-in and data go, if not to the cloud's own hosts.
    pub fn say_overrides(&self) {
        let (urls, cloud) = (&self.tenant.urls, self.tenant.cloud);
        // one of the service's own hosts, a regional one say, is no other place
        let own = |service: Option<Service>, url: &url::Url| {
            let known = service.into_iter().flat_map(|s| {
                let also = cloud.also(s).iter().copied();
                also.chain(cloud.root(s))
            });
            let mut known = known.filter_map(|k| url::Url::parse(k).ok());
            known.any(|k| k.origin() == url.origin())
        };
        let hosts: Vec<String> = [
            ("login", None, &urls.login),
            ("Graph", Some(Service::Graph), &urls.graph),
            ("Defender", Some(Service::Defender), &urls.defender),
            (
                "Log Analytics",
                Some(Service::LogAnalytics),
                &self.tenant.sources.loganalytics,
            ),
            (
                "the activity feed",
                Some(Service::Office),
                &self.tenant.sources.office,
            ),
        ]
        .iter()
        .filter_map(|(name, service, url)| {
            let url = url.as_ref().filter(|u| !own(*service, u))?;
            Some(format!("{name} at {}", place(url)))
        })
        .collect();
        if !self.tenant.sim && !hosts.is_empty() {
            self.notice(
                Level::Warn,
                format!(
                    "the configuration sends this tenant's traffic elsewhere: {}",
                    hosts.join(", ")
                ),
            );
        }
    }

    /// Whether the configured analyst still has to be looked up; true once.
    pub fn check_once(&self) -> bool {
        !self.analyst_checked.swap(true, Ordering::Relaxed)
    }

    /// Whether the tenant takes an id of ours beside the mark in the comment.
    pub fn takes_external(&self) -> bool {
        !self.no_external.load(Ordering::Relaxed)
    }

    pub fn refuse_external(&self) {
        self.no_external.store(true, Ordering::Relaxed);
    }

    /// Says once that some of what came was no text; the rows are all there.
    pub fn repaired(&self, replaced: u32) {
        if replaced > 0 && !self.replaced_told.swap(true, Ordering::Relaxed) {
            self.notice(
                Level::Info,
                format!(
                    "an answer held bytes that are no text ({replaced}); they are shown as \u{fffd}"
                ),
            );
        }
    }

    /// Says once that something was left out of rows that nest without end.
    pub fn cut(&self, rows: u32) {
        if rows > 0 && !self.cut_told.swap(true, Ordering::Relaxed) {
            self.notice(
                Level::Info,
                format!(
                    "{rows} rows are nested beyond a hundred levels; what lies deeper is left out"
                ),
            );
        }
    }

    /// Says once that the cache does not work; the rows on screen do not depend on it.
    pub fn store_failed(&self, fault: &Fault) {
        if !self.store_told.swap(true, Ordering::Relaxed) {
            self.notice(
                Level::Warn,
                format!("the cache is not kept: {}", fault.what),
            );
        }
    }
}
