//! Performs what `app` wants, for any surface: asks the backend, runs jobs, keeps settings, remembers when to wake.

use super::Clock;
use super::drafts;
use super::keep::Keeper;
use super::library::{Folders, Librarian};
use super::set_up::Form;
use crate::app::App;
use crate::backend::ports::{self, Ports};
use crate::backend::{Backend, Threads};
use crate::config::sources::Archive;
use crate::config::{AuditConfig, Cache, Dirs, TenantConfig};
use crate::jobs::{Events, Jobs, Work};
use crate::model::Ticks;
use crate::model::span::Span;
use crate::msg::{Effect, Elsewhere, Event, Level, LocalSource, News, Slot};
use crate::store::{Cached, Nothing};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// What only a surface can do.
pub trait Surface {
    fn copy(&mut self, what: &'static str, text: String) -> Option<String>;
    fn title(&mut self, title: &str);
    fn mouse(&mut self, on: bool);
    fn repaint(&mut self);
    /// Ctrl-z; returns when we are continued.
    fn suspend(&mut self) -> Result<(), String>;
    /// Gives the terminal to the person's own editor; the text as it was left.
    fn edit(&mut self, text: &str) -> Result<String, String>;
    /// Opens a page of the portal, or copies its address where there is no browser; says what was done.
    fn open(&mut self, url: &str) -> String;
}

/// What the acting side starts with.
pub struct Side<'a> {
    pub tenant: TenantConfig,
    pub dirs: &'a Dirs,
    /// The simulator is ours: a cache of its own, thrown away at the end.
    pub demo: bool,
    pub keeper: Option<Arc<Keeper>>,
    /// Multiplies our budgets; above 1 only for simulated tenants.
    pub budget_scale: f64,
    /// How the record is kept.
    pub audit: AuditConfig,
    /// Where its network side runs.
    pub threads: Threads,
}

/// The program without a surface.
pub struct Core {
    pub app: App,
    pub clock: Clock,
    backend: Backend,
    jobs: Jobs,
    keeper: Option<Arc<Keeper>>,
    drafts: drafts::Keeper,
    /// Folders that queries can read.
    archives: Vec<Archive>,
    library: Librarian,
    /// `cache-days`, for the thread that forgets.
    days: Arc<AtomicU16>,
    /// Sets up a tenant, on screen.
    pub form: Form,
    /// When `app` wants an `Event::Wake`, on the monotonic clock.
    wake: Option<Duration>,
    pub leaving: bool,
    /// What is wished of whoever holds all tenants, in its order.
    pub wishes: Vec<Elsewhere>,
    /// Removed at the end: the cache of an embedded demo tenant.
    scratch: Option<PathBuf>,
}

impl Core {
    /// Starts the backend of a tenant. Nothing is asked before `start`.
    pub fn new(mut app: App, clock: Clock, side: Side<'_>, events: Events) -> Self {
        let Side {
            mut tenant,
            dirs,
            demo,
            keeper,
            budget_scale,
            audit,
            threads,
        } = side;
        let folder = if demo {
            format!("demo-{}", std::process::id())
        } else {
            tenant.name.clone()
        };
        let cache = dirs.tenant_cache(&folder);
        let wall: fn() -> Ticks = || Ticks::from_timestamp(jiff::Timestamp::now());
        let days = Arc::new(AtomicU16::new(app.settings.cache_days));
        let store: Arc<dyn ports::Store> = match tenant.cache {
            Cache::On => {
                let cached = Arc::new(
                    Cached::new(Some(cache.join("cache.db")), wall).telling(events.clone()),
                );
                forget(Arc::downgrade(&cached), days.clone());
                cached
            }
            Cache::Memory => Arc::new(Cached::new(None, wall)),
            Cache::Off => Arc::new(Nothing),
        };
        let say = {
            let events = events.clone();
            Arc::new(move |text| {
                events(Event::News(News::Notice {
                    level: Level::Warn,
                    text,
                }));
            })
        };
        let folder = if demo { "demo" } else { &tenant.name };
        app.hunt.folder = dirs.tenant_exports(folder);
        let drafts = drafts::Keeper::new(dirs.tenant_drafts(folder), events.clone());
        let folders = Folders {
            own: dirs.queries(),
            history: dirs.tenant_history(folder),
        };
        let library = Librarian::new(folders, events.clone());
        let (record, why) = super::record::open(dirs, &audit, folder, tenant.sim, say);
        tenant.read_only = tenant.read_only.or(why);
        Arc::make_mut(&mut tenant.guards).here = super::who::here();
        app.hunt.engines = tenant.sources.engines();
        let archives = tenant.sources.archives.clone();
        let form = events.clone();
        let backend = Backend::start_on(
            threads,
            tenant,
            Ports {
                events: events.clone(),
                store,
                record: Arc::new(record),
                clock: Arc::new(clock),
                budget_scale,
            },
        );
        Self {
            app,
            clock,
            backend,
            jobs: Jobs::new(events),
            keeper,
            drafts,
            archives,
            library,
            form: Form::new(form),
            days,
            wake: None,
            leaving: false,
            wishes: Vec::new(),
            scratch: demo.then_some(cache),
        }
    }

    pub fn start(&mut self, surface: &mut dyn Surface) {
        self.set_paces();
        let effects = self.app.start();
        self.perform(effects, surface);
    }

    /// Gives `app` an event and performs what it wants.
    pub fn take(&mut self, event: Event, surface: &mut dyn Surface) {
        let before = self.app.dirty;
        let effects = self.app.update(self.clock.now(), event);
        self.app.dirty |= before;
        self.perform(effects, surface);
    }

    /// How long until `app` wants to be woken.
    pub fn sleep(&self) -> Option<Duration> {
        self.wake.map(|at| at.saturating_sub(self.clock.now().mono))
    }

    /// Wakes `app` if that is due.
    pub fn wake(&mut self, surface: &mut dyn Surface) {
        if self.wake.is_some_and(|at| at <= self.clock.now().mono) {
            self.wake = None;
            self.take(Event::Wake, surface);
        }
    }

    /// Reads only a part of the logs: before they are asked for.
    pub(super) fn narrow(&self, span: Span) {
        self.backend.narrow(span);
    }

    fn set_paces(&self) {
        self.backend.set_pace(self.app.settings.poll_seconds.into());
        self.backend
            .set_remind(self.app.settings.remind_hours.into());
    }

    pub(super) fn perform(&mut self, effects: Vec<Effect>, surface: &mut dyn Surface) {
        for effect in effects {
            match effect {
                Effect::Ask(ticket, request) => {
                    if let Err(refused) = self.backend.ask(ticket, request) {
                        self.notice(Level::Error, refused.to_string(), surface);
                    }
                }
                Effect::Compute(ticket, job) => self.jobs.run(ticket, Work::List(job)),
                Effect::Look(ticket, look) => self.jobs.run(ticket, Work::Find(look)),
                Effect::Think(ticket, think) => self.jobs.run(ticket, Work::Text(think)),
                Effect::Local(ticket, mut local) => {
                    if let LocalSource::Archive(name) = &local.from
                        && let Some(archive) = self.archives.iter().find(|a| a.name == *name)
                    {
                        local.from = LocalSource::Folder(archive.path.clone());
                    }
                    self.jobs.run(ticket, Work::Query(local));
                }
                Effect::EditElsewhere { tab, text } => match surface.edit(&text) {
                    Ok(text) => self.take(Event::Edited { tab, text }, surface),
                    Err(why) => {
                        self.notice(Level::Warn, why, surface);
                        self.take(Event::Resumed, surface);
                    }
                },
                Effect::Work(ticket, work) => self.jobs.run(ticket, Work::Hunt(work)),
                Effect::Drafts(drafts) => self.drafts.keep(drafts),
                Effect::ReadDrafts => self.drafts.ask(),
                Effect::Shelf(wish) => self.library.wish(wish),
                Effect::Drop(slot) => {
                    self.backend.drop_slot(&slot);
                    // other tenants may have been asked the same
                    if matches!(slot, Slot::Hunt(_)) {
                        self.wishes.push(Elsewhere::Stop(slot));
                    }
                }
                Effect::Copy { what, text } => {
                    if let Some(said) = surface.copy(what, text) {
                        self.notice(Level::Good, said, surface);
                    }
                }
                Effect::Open { url } => {
                    let said = surface.open(&url);
                    self.notice(Level::Info, said, surface);
                }
                Effect::Keep(setting) => {
                    self.days
                        .store(self.app.settings.cache_days, Ordering::Relaxed);
                    self.set_paces();
                    if let Some(keeper) = &self.keeper {
                        keeper.keep(setting);
                    }
                }
                Effect::Title(title) => surface.title(&title),
                Effect::WakeAt(at) => self.wake = Some(self.wake.map_or(at, |old| old.min(at))),
                Effect::Mouse(on) => surface.mouse(on),
                Effect::Repaint => surface.repaint(),
                Effect::Suspend => {
                    if let Err(why) = surface.suspend() {
                        self.notice(Level::Warn, why, surface);
                    }
                    self.take(Event::Resumed, surface);
                }
                Effect::SetUp(wish) => self.form.wish(wish),
                Effect::Elsewhere(wish) => self.wishes.push(wish),
                Effect::Quit => self.leaving = true,
            }
        }
    }

    /// Lets `app` do something, and performs what it wants.
    pub fn act<T>(
        &mut self,
        what: impl FnOnce(&mut App, &mut Vec<Effect>) -> T,
        surface: &mut dyn Surface,
    ) -> T {
        let mut fx = Vec::new();
        self.app.now = self.clock.now();
        let out = what(&mut self.app, &mut fx);
        self.perform(fx, surface);
        out
    }

    /// Comes to the front after another tenant: what is no tenant's own goes across.
    pub fn adopt(&mut self, before: &Core) {
        self.app.adopt(&before.app);
        self.set_paces();
    }

    pub fn notice(&mut self, level: Level, text: String, surface: &mut dyn Surface) {
        self.take(Event::News(News::Notice { level, text }), surface);
    }

    /// Stops the backend and writes what was still to be kept.
    pub fn stop(self) {
        self.backend.stop();
        drop(self.keeper);
        drop(self.drafts);
        drop(self.library);
        if let Some(dir) = self.scratch {
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

/// Forgets what nobody read for days: when the start is long over, and a few times a day from then on.
fn forget(cached: Weak<Cached>, days: Arc<AtomicU16>) {
    const LATER: Duration = Duration::from_secs(90);
    const AGAIN: Duration = Duration::from_secs(6 * 3600);
    let _ = std::thread::Builder::new()
        .name("forget".into())
        .spawn(move || {
            std::thread::sleep(LATER);
            while let Some(cached) = cached.upgrade() {
                // a cache that cannot be trimmed is no news for anybody
                let _ = cached.expire(days.load(Ordering::Relaxed));
                drop(cached);
                std::thread::sleep(AGAIN);
            }
        });
}
