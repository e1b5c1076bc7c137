//! Decides: takes an event, changes state, returns effects as data. No IO, no clock, no drawing.
//!
//! Follow a key: `update` → the top overlay, or the keymap's action for the place → an `Action` or `Verb` row.
//! Neighbours: `msg` (vocabulary), `resource` and `verb` (what there is), `view` (draws `&App`), `run` (drives).

pub mod able;
pub mod action;
pub mod copy;
pub mod detail;
pub mod doc;
pub mod find;
pub mod form;
pub mod go;
pub mod help;
pub mod keymap;
pub mod keys;
pub mod known;
pub mod layout;
pub mod line;
pub mod log;
pub mod overlay;
pub mod palette;
pub mod pane;
pub mod pick;
pub mod places;
pub mod quit;
mod replies;
pub mod ticket;
pub mod toast;

use crate::model::{Grants, Key, Kind, Session};
use crate::msg::{Effect, Event, Job, KeyPress, Level, Now, Request, Slot};
use crate::resource;
use action::Place;
use crossterm::event::{KeyCode, KeyEvent};
use keymap::Bound;
use layout::{Layout, layout};
use overlay::Overlay;
use pane::Pane;
use std::time::Duration;
use table::Cancel;
use ticket::Tickets;

/// Cells times predicates that `update` filters by itself; more is a job.
const AT_ONCE: usize = 250_000;
/// How long a begun key sequence waits before its continuations are shown.
const WHICH_KEY: Duration = Duration::from_millis(400);

/// The state of the screen's side.
pub struct App {
    pub now: Now,
    pub size: (u16, u16),
    pub session: Option<Session>,
    pub grants: Grants,
    pub panes: Vec<Pane>,
    /// The tab in front.
    pub active: usize,
    pub overlays: Vec<Overlay>,
    pub toasts: toast::Toasts,
    pub tickets: Tickets,
    pub places: places::Places,
    /// Forms and what they sent.
    pub verbs: form::Verbs,
    pub keymap: keymap::Keymap,
    /// Keys typed so far of a sequence (`g`, `y`).
    pub chord: Vec<KeyEvent>,
    /// When its first key came.
    chord_at: Duration,
    /// Something on screen may have changed.
    pub dirty: bool,
    /// The wake-up that was asked for last and has not come.
    wish: Option<Duration>,
    cancels: std::collections::HashMap<Kind, Cancel>,
}

impl App {
    pub fn new(now: Now, size: (u16, u16)) -> Self {
        Self {
            now,
            size,
            session: None,
            grants: Grants::default(),
            panes: resource::ALL.iter().map(|s| Pane::new(s)).collect(),
            active: 0,
            overlays: Vec::new(),
            toasts: toast::Toasts::default(),
            tickets: Tickets::default(),
            places: places::Places::default(),
            verbs: form::Verbs::default(),
            keymap: keymap::Keymap::default(),
            chord: Vec::new(),
            chord_at: Duration::ZERO,
            dirty: true,
            wish: None,
            cancels: Default::default(),
        }
    }

    /// The effects of starting: fill the tab in front.
    pub fn start(&mut self) -> Vec<Effect> {
        let mut fx = Vec::new();
        self.sync(self.pane().spec.kind, &mut fx);
        fx
    }

    pub fn pane(&self) -> &Pane {
        &self.panes[self.active]
    }

    pub fn pane_mut(&mut self) -> &mut Pane {
        &mut self.panes[self.active]
    }

    pub fn pane_of(&mut self, kind: Kind) -> Option<&mut Pane> {
        self.panes.iter_mut().find(|p| p.spec.kind == kind)
    }

    pub fn layout(&self) -> Layout {
        layout(self.size.0, self.size.1, self.pane().detail.is_some())
    }

    /// Rows of the list in sight, as if no detail covered it.
    pub fn list_height(&self) -> usize {
        let open = self.layout();
        let l = if open.list.width > 0 {
            open
        } else {
            layout(self.size.0, self.size.1, false)
        };
        l.list_rows()
    }

    /// Where the person stands, for the keymap.
    pub fn here(&self) -> Place {
        if self.overlays.last().is_some_and(Overlay::typing) {
            Place::Typing
        } else if self.pane().in_detail && self.pane().detail.is_some() {
            Place::Detail
        } else {
            Place::List
        }
    }

    /// What verbs, copies and pivots are about: the open detail's entity when it has the focus, else the row.
    pub fn subject(&self) -> Option<Key> {
        let pane = self.pane();
        match &pane.detail {
            Some(detail) if pane.in_detail => Some(detail.key.clone()),
            _ => pane.key(),
        }
    }

    /// Takes one event. Never fails, never blocks, never reads a clock.
    pub fn update(&mut self, now: Now, event: Event) -> Vec<Effect> {
        self.now = now;
        let mut fx = Vec::new();
        self.dirty = true;
        match event {
            Event::Key(key) => self.key(key, &mut fx),
            Event::Paste(text) => {
                self.dirty = !self.overlays.is_empty();
                self.top(|o, app, fx| o.paste(app, &text, fx), &mut fx);
            }
            Event::Resize(w, h) => {
                self.size = (w, h);
                let rows = self.list_height();
                for pane in &mut self.panes {
                    pane.scroll(rows);
                }
                detail::resized(self);
            }
            Event::Reply(reply) => self.reply(reply, &mut fx),
            Event::News(news) => self.news(news, &mut fx),
            Event::Hangup => fx.push(Effect::Quit),
            Event::Resumed => fx.push(Effect::Repaint),
            Event::Said(said) => self.toasts.said(now, said),
            Event::Wake => {
                self.wish = None;
                // which-key is the one thing that time alone brings up
                let which = !self.chord.is_empty();
                self.dirty = self.toasts.expire(now) || which;
            }
            Event::Mouse(_) | Event::Focus(_) | Event::FrameSeen(_) | Event::FrameFlushed(_) => {
                self.dirty = false
            }
        }
        self.wake(&mut fx);
        fx
    }

    /// Asks to be woken for the next thing that time alone brings, unless that was asked already.
    fn wake(&mut self, fx: &mut Vec<Effect>) {
        let which =
            (!self.chord.is_empty() && !self.which_key()).then(|| self.chord_at + WHICH_KEY);
        let next = [self.toasts.next(), which].into_iter().flatten().min();
        if let Some(at) = next
            && self.wish.is_none_or(|w| at < w || w <= self.now.mono)
        {
            self.wish = Some(at);
            fx.push(Effect::WakeAt(at));
        }
    }

    /// The continuations of a begun sequence are to be shown.
    pub fn which_key(&self) -> bool {
        !self.chord.is_empty() && self.now.mono >= self.chord_at + WHICH_KEY
    }

    fn key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) {
        if !self.overlays.is_empty() {
            self.chord.clear();
            let passed = self.top(|o, app, fx| o.key(app, press, fx), fx);
            if passed
                && let keymap::Found::Bound(bound) =
                    self.keymap.find(&[press.key], Place::Typing, None)
            {
                self.run(bound, fx);
            }
            return;
        }
        if !self.chord.is_empty() && press.key.code == KeyCode::Esc {
            self.chord.clear();
            return;
        }
        if self.chord.is_empty() {
            self.chord_at = self.now.mono;
        }
        self.chord.push(press.key);
        let kind = self.subject().map(|k| k.kind);
        match self.keymap.find(&self.chord, self.here(), kind) {
            keymap::Found::Bound(bound) => {
                self.chord.clear();
                self.run(bound, fx);
            }
            keymap::Found::Prefix => {}
            keymap::Found::Nothing => self.chord.clear(),
        }
    }

    /// Does what a key or a palette entry stands for, or says why not.
    pub fn run(&mut self, bound: Bound, fx: &mut Vec<Effect>) {
        if let Some(why) = self.why_not(bound) {
            self.toasts
                .push(self.now, Level::Warn, format!("{}: {why}", bound.name()));
            return;
        }
        match bound {
            Bound::Action(a) => (a.run)(self, fx),
            Bound::Verb(v) => form::begin(self, v, fx),
        }
    }

    /// Brings a tab to the front and keeps its list fresh from now on.
    pub fn tab(&mut self, index: usize, fx: &mut Vec<Effect>) {
        if index < self.panes.len() {
            self.overlays.clear();
            self.active = index;
            let kind = self.pane().spec.kind;
            self.sync(kind, fx);
        }
    }

    /// Asks for a list to be filled and kept fresh, once.
    pub fn sync(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        let slot = Slot::Sync(kind);
        if !self.tickets.is_open(&slot) {
            let ticket = self.tickets.issue(slot);
            fx.push(Effect::Ask(ticket, Request::Sync { kind }));
        }
    }

    /// Makes the shown rows of a list again: at once where that is cheap, else as a job.
    pub fn compute(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        let height = self.list_height();
        let ticket = self.tickets.issue(Slot::Compute(kind));
        if let Some(old) = self.cancels.remove(&kind) {
            old.cancel();
        }
        let Some(pane) = self.panes.iter_mut().find(|p| p.spec.kind == kind) else {
            return;
        };
        pane.waiting = 0;
        let cancel = Cancel::default();
        let base = pane.rows.live();
        if base.len() * (4 + pane.sort.len() * 4) <= AT_ONCE {
            let done =
                table::filter(pane.rows.table(), &base, &pane.predicate, &cancel).and_then(|f| {
                    table::sort(pane.rows.table(), &f.rows, &pane.sort, &cancel)
                        .map(|rows| (rows, f.maybe))
                });
            if let Some((rows, maybe)) = done {
                pane.show(rows, maybe, height);
            }
            self.tickets.close(&Slot::Compute(kind));
        } else {
            pane.computing = true;
            let job = Job {
                table: pane.rows.table().clone(),
                base,
                predicate: pane.predicate.clone(),
                sort: pane.sort.clone(),
                group: None,
                cancel: cancel.clone(),
            };
            self.cancels.insert(kind, cancel);
            fx.push(Effect::Compute(ticket, job));
        }
    }
}
