//! The terminal's loop on the main thread: events in from the keyboard, the backend and the jobs, one frame for everything
//! that was ready. It sleeps in one `recv`, with a time limit only while something asked for one.

use super::Clock;
use super::given;
use super::keep::Keeper;
use super::screen::Screen;
use super::seats::{Maker, Seats};
use crate::app::set_up;
use crate::cli::choose::Start;
use crate::cli::init::Init;
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
    /// For the tenant at this place.
    Event(usize, Event),
    Copied(Outcome),
}

/// Said over the demo tenant where nobody asked for it.
const NONE: &str = "this is the demo tenant, nothing real happens; g N sets up a real one";

/// What the console begins with, beside its tenant.
pub enum First {
    /// Its lists.
    Lists,
    /// The lists of the demo tenant, because there is no other.
    Demo,
    /// The form that sets up a tenant, with what was said already.
    Form(Init),
}

/// Opens the console and stays until the person leaves.
pub fn console(start: Start, first: First) -> anyhow::Result<ExitCode> {
    let dirs = start.dirs.clone();
    let read = given::read(&dirs, &start.config)?;
    let clock = Clock::new();
    let (to, from) = sync_channel::<Happening>(QUEUE);
    let events = {
        let to = to.clone();
        move |place: usize| -> Events {
            let to = to.clone();
            Arc::new(move |event| {
                // the other end is gone only after the screen was left
                let _ = to.send(Happening::Event(place, event));
            })
        }
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

    let keeper = Keeper::new(dirs.config.clone(), read.kept, read.readable, events(0));
    let maker = Maker {
        dirs,
        given: read.given,
        clock,
        keeper: Some(Arc::new(keeper)),
        events: Box::new(events),
        find: Box::new(|name| crate::cli::choose::tenant(Some(name)).map_err(|(_, why)| why)),
    };
    let mut seats = Seats::new(start, maker, size);
    for text in read.wrong {
        seats.front_mut().notice(Level::Warn, text, &mut screen);
    }
    let mut driver = Driver { seats, screen };
    let front = driver.seats.front_mut();
    match first {
        First::Lists => {}
        First::Demo => front.notice(Level::Info, NONE.into(), &mut driver.screen),
        First::Form(init) => {
            front.form.given(init);
            front.act(set_up::open, &mut driver.screen);
        }
    }
    let done = driver.run(&from);
    let Driver { seats, mut screen } = driver;
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
    seats.stop();
    done.map(|()| ExitCode::SUCCESS)
}

struct Driver {
    seats: Seats,
    screen: Screen,
}

impl Driver {
    fn run(&mut self, from: &Receiver<Happening>) -> anyhow::Result<()> {
        self.seats.front_mut().start(&mut self.screen);
        // the last seen queue is a few milliseconds away: one frame with rows beats two
        let until = Instant::now() + FIRST;
        while let Some(left) = until.checked_duration_since(Instant::now()) {
            let Ok(what) = from.recv_timeout(left) else {
                break;
            };
            let page = matches!(&what, Happening::Event(_, Event::Reply(r)) if matches!(r.body, Body::Page(_)));
            self.happened(what);
            if page {
                break;
            }
        }
        let (light, sixteen) = self.screen.look();
        self.seats.front_mut().app.terminal(light, sixteen);
        self.screen.ask()?;
        self.draw()?;
        while !self.seats.front().leaving {
            match self.wait(from) {
                Some(what) => {
                    self.happened(what);
                    while !self.seats.front().leaving
                        && let Ok(what) = from.try_recv()
                    {
                        self.happened(what);
                    }
                }
                None => self.seats.wake(&mut self.screen),
            }
            self.draw()?;
        }
        Ok(())
    }

    /// Sleeps until something happens, `app`'s wish comes due, or a held frame may go.
    fn wait(&self, from: &Receiver<Happening>) -> Option<Happening> {
        let held = if self.screen.held || self.seats.front().app.dirty {
            self.screen
                .frames
                .wake_at()
                .map(|at| at.saturating_duration_since(Instant::now()))
        } else {
            None
        };
        match [self.seats.sleep(), held].into_iter().flatten().min() {
            Some(left) => from.recv_timeout(left).ok(),
            None => from.recv().ok(),
        }
    }

    fn take(&mut self, event: Event) {
        self.seats.take(event, &mut self.screen);
        self.resized();
    }

    fn resized(&mut self) {
        if let Some((cols, rows)) = self.screen.resized.take() {
            self.screen.resize(cols, rows);
            self.seats.take(Event::Resize(cols, rows), &mut self.screen);
        }
    }

    fn happened(&mut self, what: Happening) {
        match what {
            Happening::Event(place, event) => {
                self.seats.take_for(place, event, &mut self.screen);
                self.resized();
            }
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
                    self.seats
                        .front_mut()
                        .notice(Level::Warn, text, &mut self.screen);
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
                    self.seats.front_mut().app.terminal(light, sixteen);
                    self.seats.front_mut().app.dirty = true;
                }
            }
            Input::Signal(Signal::Terminate | Signal::Hangup | Signal::Interrupt) | Input::Gone => {
                self.take(Event::Hangup)
            }
            Input::Signal(Signal::Stop) => {
                self.take(Event::Away);
                if let Err(why) = super::core::Surface::suspend(&mut self.screen) {
                    self.seats
                        .front_mut()
                        .notice(Level::Warn, why, &mut self.screen);
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
        if !self.seats.front().app.dirty && !self.screen.held {
            return Ok(());
        }
        if !self.screen.frames.may_draw(Instant::now()) {
            self.screen.held = true;
            return Ok(());
        }
        self.seats.front_mut().app.dirty = false;
        self.screen.set_esc(Duration::from_millis(
            self.seats.front().app.settings.escape_ms.into(),
        ));
        if let Some(frame) = self.screen.draw(&self.seats.front().app)? {
            self.take(Event::FrameFlushed(frame));
        }
        Ok(())
    }
}
