//! The terminal's loop on the main thread: events in from the keyboard, the backend and the jobs, one frame for everything
//! that was ready. It sleeps in one `recv`, with a time limit only while something asked for one.

use super::Clock;
use super::core::{Core, Side};
use super::given;
use super::keep::Keeper;
use super::screen::Screen;
use crate::app::App;
use crate::cli::choose::Start;
use crate::jobs::Events;
use crate::msg::{Body, Event, KeyPress, Level, Said};
use crate::term::clipboard::Outcome;
use crate::term::{self, Clipboard, Guard, Input, Parser, Signal, Source};
use anyhow::Context;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::{Duration, Instant};

/// Events that may wait before their senders do.
const QUEUE: usize = 512;
/// How long the first frame waits for the rows of the cache.
const FIRST: Duration = Duration::from_millis(12);
/// Silence after which a lone ESC is a key (a setting changes it).
const ESC: Duration = Duration::from_millis(60);

/// How long leaving waits for answers of the terminal that are under way.
const LAST: Duration = Duration::from_millis(200);

/// What can wake the loop.
enum Happening {
    Input(Input),
    Event(Event),
    Copied(Outcome),
}

/// Opens the console and stays until the person leaves.
pub fn console(start: Start) -> anyhow::Result<ExitCode> {
    let Start {
        tenant,
        dirs,
        config,
        sim,
        budget_scale,
    } = start;
    let read = given::read(&dirs, &config)?;
    let clock = Clock::new();
    let (to, from) = sync_channel::<Happening>(QUEUE);
    let events: Events = {
        let to = to.clone();
        Arc::new(move |event| {
            // the other end is gone only after the screen was left
            let _ = to.send(Happening::Event(event));
        })
    };
    term::guard::install_panic_hook();
    let guard = Guard::enter().context("this terminal cannot be used")?;
    let source = {
        let to = to.clone();
        Source::start(Parser::new(ESC), move |input| {
            to.send(Happening::Input(input)).is_ok()
        })
        .context("the keyboard cannot be read")?
    };
    let clipboard = Clipboard::new(
        |name| std::env::var(name).ok(),
        move |outcome| {
            let _ = to.send(Happening::Copied(outcome));
        },
    );
    let size = term::guard::size().unwrap_or((80, 24));
    let mut screen = Screen::new(guard, source, clipboard, size);

    let keeper = Keeper::new(
        dirs.config.clone(),
        read.kept,
        read.readable,
        events.clone(),
    );
    let mut app = App::new(clock.now(), size);
    app.configure(read.given);
    let mut core = Core::new(
        app,
        clock,
        Side {
            tenant,
            dirs: &dirs,
            demo: sim.is_some(),
            keeper: Some(keeper),
            budget_scale,
            audit: config.audit,
        },
        events,
    );
    for text in read.wrong {
        core.notice(Level::Warn, text, &mut screen);
    }
    let mut driver = Driver { core, screen };
    let done = driver.run(&from);
    let Driver { core, mut screen } = driver;
    // the terminal is given back before anything that may take a moment; answers still under way are read first, or the
    // shell would take them for typing
    let until = Instant::now() + LAST;
    while screen.awaits()
        && let Some(left) = until.checked_duration_since(Instant::now())
        && let Ok(what) = from.recv_timeout(left)
    {
        if let Happening::Input(Input::Reply(reply)) = what {
            screen.late(&reply);
        }
    }
    drop(screen);
    drop(from);
    core.stop();
    drop(sim);
    done.map(|()| ExitCode::SUCCESS)
}

struct Driver {
    core: Core,
    screen: Screen,
}

impl Driver {
    fn run(&mut self, from: &Receiver<Happening>) -> anyhow::Result<()> {
        self.core.start(&mut self.screen);
        // the last seen queue is a few milliseconds away: one frame with rows beats two
        let until = Instant::now() + FIRST;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let Ok(what) = from.recv_timeout(left) else {
                break;
            };
            let page = matches!(&what, Happening::Event(Event::Reply(r)) if matches!(r.body, Body::Page(_)));
            self.happened(what);
            if page {
                break;
            }
        }
        let (light, sixteen) = self.screen.look();
        self.core.app.terminal(light, sixteen);
        self.screen.ask()?;
        self.draw()?;
        while !self.core.leaving {
            match self.wait(from) {
                Some(what) => {
                    self.happened(what);
                    while !self.core.leaving
                        && let Ok(what) = from.try_recv()
                    {
                        self.happened(what);
                    }
                }
                None => self.core.wake(&mut self.screen),
            }
            self.draw()?;
        }
        Ok(())
    }

    /// Sleeps until something happens, `app`'s wish comes due, or a held frame may go.
    fn wait(&self, from: &Receiver<Happening>) -> Option<Happening> {
        let held = if self.screen.held || self.core.app.dirty {
            self.screen
                .frames
                .wake_at()
                .map(|at| at.saturating_duration_since(Instant::now()))
        } else {
            None
        };
        match [self.core.sleep(), held].into_iter().flatten().min() {
            Some(left) => from.recv_timeout(left).ok(),
            None => from.recv().ok(),
        }
    }

    fn take(&mut self, event: Event) {
        self.core.take(event, &mut self.screen);
        if let Some((cols, rows)) = self.screen.resized.take() {
            self.screen.resize(cols, rows);
            self.core.take(Event::Resize(cols, rows), &mut self.screen);
        }
    }

    fn happened(&mut self, what: Happening) {
        match what {
            Happening::Event(event) => self.take(event),
            Happening::Copied(Outcome::Done(text)) => self.take(Event::Said(Said::Done(text))),
            Happening::Copied(Outcome::Failed { text, why }) => {
                let said = self.screen.copy_by_terminal(&text, &why);
                self.take(Event::Said(Said::Done(said)));
            }
            Happening::Input(input) => self.input(input),
        }
    }

    fn input(&mut self, input: Input) {
        match input {
            Input::Key(key) => self.take(Event::Key(KeyPress {
                key: key.event,
                in_read: key.in_read,
            })),
            Input::Paste(paste) => {
                if paste.cut > 0 {
                    let text = format!(
                        "the paste was too long: {} bytes at its end were left out",
                        paste.cut
                    );
                    self.core.notice(Level::Warn, text, &mut self.screen);
                }
                self.take(Event::Paste(paste.text.into()));
            }
            Input::Mouse(mouse) => self.take(Event::Mouse(mouse)),
            Input::Focus(on) => self.take(Event::Focus(on)),
            Input::Resize { cols, rows } => {
                self.screen.resize(cols, rows);
                self.take(Event::Resize(cols, rows));
            }
            Input::Reply(term::Reply::Status) => {
                if let Some(frame) = self.screen.frames.ack(Instant::now()) {
                    self.take(Event::FrameSeen(frame));
                }
            }
            Input::Reply(reply) => {
                if self.screen.fold(&reply) {
                    let (light, sixteen) = self.screen.look();
                    self.core.app.terminal(light, sixteen);
                    self.core.app.dirty = true;
                }
            }
            Input::Signal(Signal::Terminate | Signal::Hangup | Signal::Interrupt) | Input::Gone => {
                self.take(Event::Hangup)
            }
            Input::Signal(Signal::Stop) => {
                self.take(Event::Away);
                if let Err(why) = super::core::Surface::suspend(&mut self.screen) {
                    self.core.notice(Level::Warn, why, &mut self.screen);
                }
                self.take(Event::Resumed);
            }
            Input::Signal(Signal::Continue) => {
                self.screen.renew();
                self.take(Event::Resumed);
            }
        }
    }

    fn draw(&mut self) -> anyhow::Result<()> {
        if !self.core.app.dirty && !self.screen.held {
            return Ok(());
        }
        if !self.screen.frames.may_draw(Instant::now()) {
            self.screen.held = true;
            return Ok(());
        }
        self.core.app.dirty = false;
        self.screen.set_esc(Duration::from_millis(
            self.core.app.settings.escape_ms.into(),
        ));
        if let Some(frame) = self.screen.draw(&self.core.app)? {
            self.take(Event::FrameFlushed(frame));
        }
        Ok(())
    }
}
