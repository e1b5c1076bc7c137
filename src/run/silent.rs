//! The program without a screen: `app`, backend and record as the console has them, driven by one command (`cli`).
//!
//! What is told unasked (signing in, waiting for a service) goes to stderr. Ctrl-c ends the waiting; what was sent stays
//! on record as it is.

use super::Clock;
use super::core::{Core, Side, Surface};
use super::given;
use crate::app::App;
use crate::app::command::answer_of;
use crate::app::pane::Pane;
use crate::cli::choose::Start;
use crate::jobs::Events;
use crate::model::span::Span;
use crate::model::{Fault, FaultKind, Key, Kind};
use crate::msg::{Body, Effect, Event, Level, Page, Request, SignInPrompt, Slot};
use serde_json::Value;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// A screen on which every prompt fits; nobody sees it.
const SIZE: (u16, u16) = (250, 2000);
/// How often Ctrl-c is looked for.
const LOOK: Duration = Duration::from_millis(200);

/// What has no screen.
struct Nowhere;

impl Surface for Nowhere {
    fn copy(&mut self, _: &'static str, _: String) -> Option<String> {
        None
    }
    fn title(&mut self, _: &str) {}
    fn mouse(&mut self, _: bool) {}
    fn repaint(&mut self) {}
    fn suspend(&mut self) -> Result<(), String> {
        Ok(())
    }
    fn edit(&mut self, _: &str) -> Result<String, String> {
        Err("there is no terminal".into())
    }
    fn open(&mut self, _: &str) -> String {
        String::new()
    }
}

/// The program, waiting for its command.
pub struct Silent {
    core: Core,
    from: Receiver<Event>,
    said: usize,
    signing: Option<SignInPrompt>,
    interrupt: Arc<std::sync::atomic::AtomicBool>,
    /// Who talks on stderr: the program, and which tenant where several are asked.
    who: String,
    /// Kept for as long as the program: the embedded simulator.
    _sim: Option<sim::Running>,
}

impl Silent {
    pub fn new(start: Start) -> anyhow::Result<Self> {
        let Start {
            tenant,
            dirs,
            config,
            sim,
            budget_scale,
        } = start;
        let read = given::read(&dirs, &config)?;
        let clock = Clock::new();
        let (to, from) = channel::<Event>();
        let events: Events = Arc::new(move |event| {
            let _ = to.send(event);
        });
        let mut app = App::new(clock.now(), SIZE);
        app.configure(read.given);
        app.commanded = true;
        app.off = config.extra(&tenant.name).modules_off;
        app.tenants.own.name = tenant.name.clone();
        let interrupt = Arc::new(std::sync::atomic::AtomicBool::new(false));
        for signal in [
            signal_hook::consts::SIGINT,
            signal_hook::consts::SIGTERM,
            signal_hook::consts::SIGHUP,
        ] {
            signal_hook::flag::register(signal, interrupt.clone())?;
        }
        let core = Core::new(
            app,
            clock,
            Side {
                tenant,
                dirs: &dirs,
                demo: sim.is_some(),
                keeper: None,
                budget_scale,
                audit: config.audit,
                threads: crate::backend::Threads::default(),
            },
            events,
        );
        Ok(Self {
            core,
            from,
            said: 0,
            signing: None,
            interrupt,
            who: "watchfloor".into(),
            _sim: sim,
        })
    }

    /// One of several: what it says names its tenant.
    pub fn named(mut self, tenant: &str) -> Self {
        self.who = format!("watchfloor: {}", table::Txt::new(tenant).shown());
        self
    }

    pub fn app(&self) -> &App {
        &self.core.app
    }

    /// Lets `app` do something, and performs what it wants.
    pub fn act<T>(&mut self, what: impl FnOnce(&mut App, &mut Vec<Effect>) -> T) -> T {
        self.core.act(what, &mut Nowhere)
    }

    /// Takes events until one of them, or the state after it, is what is waited for.
    pub fn until<T>(
        &mut self,
        limit: Duration,
        mut is: impl FnMut(&App, Option<&Event>) -> Option<T>,
    ) -> Result<T, Fault> {
        let end = Instant::now() + limit;
        if let Some(out) = is(&self.core.app, None) {
            return Ok(out);
        }
        loop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(Fault::new(
                    FaultKind::Timeout,
                    format!("no answer within {} seconds", limit.as_secs()),
                ));
            }
            if self.interrupt.load(std::sync::atomic::Ordering::Relaxed) {
                return Err(Fault::new(FaultKind::Cancelled, "interrupted"));
            }
            let wish = self.core.sleep().unwrap_or(left).min(left).min(LOOK);
            match self.from.recv_timeout(wish) {
                Ok(event) => {
                    // looked at before and after: `app` takes the event over
                    let mut seen = is_answer(&event).then(|| is(&self.core.app, Some(&event)));
                    self.core.take(event, &mut Nowhere);
                    if let Some(out) = seen.take().flatten() {
                        return Ok(out);
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.core.wake(&mut Nowhere),
                Err(RecvTimeoutError::Disconnected) => {
                    return Err(Fault::new(FaultKind::Internal, "the network side is gone"));
                }
            }
            self.talk();
            if let Some(fault) = self.core.app.status.sign_in_failed.clone() {
                return Err(fault);
            }
            if let Some(out) = is(&self.core.app, None) {
                return Ok(out);
            }
        }
    }

    /// Says on stderr what `app` would have shown.
    pub fn talk(&mut self) {
        let (app, who) = (&self.core.app, &self.who);
        for toast in app.toasts.log.iter().skip(self.said) {
            if toast.level >= Level::Warn {
                eprintln!("{who}: {}", toast.text);
            }
        }
        self.said = app.toasts.log.len();
        if app.status.sign_in != self.signing {
            match &app.status.sign_in {
                Some(SignInPrompt::DeviceCode { url, code, .. }) => {
                    eprintln!("{who}: to sign in, open {url} and type {code}");
                }
                Some(SignInPrompt::Browser { url, .. }) => {
                    eprintln!("{who}: to sign in, open {url}");
                }
                None => {}
            }
            self.signing = app.status.sign_in.clone();
        }
    }

    /// Asks one question and waits for its last answer.
    pub fn ask(&mut self, slot: Slot, request: Request, limit: Duration) -> Result<Body, Fault> {
        let number = self.act(|app, fx| app.ask_command(slot, request, fx));
        self.until(limit, |_, event| {
            answer_of(event?, number).map(|body| match body {
                Body::Fault(fault) => Err(fault.clone()),
                body => Ok(body.clone()),
            })
        })?
    }

    /// One entity, read now.
    pub fn entity(&mut self, key: &Key) -> Result<Arc<Value>, Fault> {
        let slot = Slot::Part(key.clone(), "");
        let request = Request::Entity {
            key: key.clone(),
            fresh: true,
        };
        let number = self.act(|app, fx| app.ask_command(slot, request, fx));
        self.until(Duration::from_secs(120), |_, event| {
            match answer_of(event?, number)? {
                Body::Entity(entity) if !entity.cached => Some(Ok(entity.json.clone())),
                Body::Fault(fault) => Some(Err(fault.clone())),
                Body::Dropped => Some(Err(Fault::new(FaultKind::Cancelled, "it ended early"))),
                _ => None,
            }
        })?
    }

    /// Waits until somebody is signed in.
    pub fn sign_in(&mut self) -> Result<(), Fault> {
        if self.core.app.session.is_none() {
            // the network side signs in when it is asked for the first time, whatever it is
            let nothing = Request::Pick { calls: Vec::new() };
            self.act(|app, fx| app.ask_command(Slot::Pick("sign-in"), nothing, fx));
        }
        self.until(Duration::from_secs(16 * 60), |app, _| {
            app.session.is_some().then_some(())
        })
    }

    /// Reads a list to its end. `say` gets each page before it is taken in.
    pub fn list(&mut self, kind: Kind, say: &mut dyn FnMut(&App, &Page)) -> Result<(), Fault> {
        self.fill(kind, say, |_, pane| match &pane.fault {
            Some(fault) => Some(Err(fault.clone())),
            None => (pane.progress.complete && !pane.cached).then_some(Ok(())),
        })
    }

    /// Reads a part of the logs once, to the end of what there is now; what could not be read stands in the ledger. `say`
    /// gets each page before it is taken in.
    pub fn logs(&mut self, span: Span, say: &mut dyn FnMut(&App, &Page)) -> Result<(), Fault> {
        self.core.narrow(span.clone());
        self.fill(Kind::Record, say, |app, pane| match &pane.fault {
            // the fault is the feed's; other sources have a word of their own in the ledger
            Some(fault) if span.wants_feed() => Some(Err(fault.clone())),
            // what the ledger counts was handed on before
            _ => span.is_read(&app.ledger).then_some(Ok(())),
        })
    }

    /// Reads a list until `end` has an answer.
    fn fill(
        &mut self,
        kind: Kind,
        say: &mut dyn FnMut(&App, &Page),
        end: impl Fn(&App, &Pane) -> Option<Result<(), Fault>>,
    ) -> Result<(), Fault> {
        self.act(|app, fx| app.fill_command(kind, fx));
        self.until(Duration::from_secs(6 * 3600), |app, event| {
            if let Some(Event::Reply(reply)) = event
                && let Body::Page(page) = &reply.body
                && page.kind == kind
            {
                say(app, page);
            }
            let pane = app.panes.iter().find(|p| p.spec.kind == kind)?;
            end(app, pane)
        })?
    }

    /// A list as it stands, for whoever goes on with it after the end.
    pub fn take_pane(&mut self, kind: Kind) -> Option<Pane> {
        let pane = self.core.app.pane_of(kind)?;
        let empty = Pane::new(pane.spec);
        Some(std::mem::replace(pane, empty))
    }

    /// Stops, waiting for a write that is under way.
    pub fn stop(self) {
        self.core.stop();
    }
}

/// Only answers are looked at one by one; all else is seen in what `app` made of it.
fn is_answer(event: &Event) -> bool {
    matches!(event, Event::Reply(_))
}
