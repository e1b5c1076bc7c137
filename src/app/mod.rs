//! Decides: takes an event, changes state, returns effects as data. No IO, no clock, no drawing.
//!
//! Follow a key: `update` → the top overlay, or the keymap's action for the place → an `Action` or `Verb` row.
//! Neighbours: `msg` (vocabulary), `resource` and `verb` (what there is), `view` (draws `&App`), `run` (drives).

pub mod action;
pub mod keymap;
pub mod layout;
pub mod overlay;
pub mod pane;
pub mod ticket;
pub mod toast;

use crate::model::{Grants, Kind, Session};
use crate::msg::{Body, Effect, Event, Job, KeyPress, News, Now, Reply, Request, Slot};
use crate::resource;
use layout::{Layout, layout};
use overlay::Overlay;
use pane::Pane;
use table::Cancel;
use ticket::Tickets;

/// Cells times predicates that `update` filters by itself; more is a job.
const AT_ONCE: usize = 250_000;

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
    pub keymap: keymap::Keymap,
    /// Keys typed so far of a sequence (`g`, `y`).
    pub chord: Vec<crossterm::event::KeyEvent>,
    /// Something on screen may have changed.
    pub dirty: bool,
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
            keymap: keymap::Keymap::default(),
            chord: Vec::new(),
            dirty: true,
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
        layout(self.size.0, self.size.1, false)
    }

    /// Takes one event. Never fails, never blocks, never reads a clock.
    pub fn update(&mut self, now: Now, event: Event) -> Vec<Effect> {
        self.now = now;
        let mut fx = Vec::new();
        self.dirty = true;
        match event {
            Event::Key(key) => self.key(key, &mut fx),
            Event::Resize(w, h) => {
                self.size = (w, h);
                let rows = self.layout().list_rows();
                for pane in &mut self.panes {
                    pane.scroll(rows);
                }
            }
            Event::Reply(reply) => self.reply(reply, &mut fx),
            Event::News(news) => self.news(news, &mut fx),
            Event::Hangup => fx.push(Effect::Quit),
            Event::Resumed => fx.push(Effect::Repaint),
            Event::Said(said) => self.toasts.said(now, said),
            Event::Wake => self.dirty = self.toasts.expire(now),
            Event::Paste(_)
            | Event::Mouse(_)
            | Event::Focus(_)
            | Event::FrameSeen(_)
            | Event::FrameFlushed(_) => self.dirty = false,
        }
        fx
    }

    fn key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) {
        self.chord.push(press.key);
        match self.keymap.find(&self.chord) {
            keymap::Found::Action(action) => {
                self.chord.clear();
                (action.run)(self, fx);
            }
            keymap::Found::Prefix => {}
            keymap::Found::Nothing => self.chord.clear(),
        }
    }

    fn reply(&mut self, reply: Reply, fx: &mut Vec<Effect>) {
        if !self.tickets.admits(&reply.ticket) {
            self.dirty = false;
            return;
        }
        if reply.last {
            self.tickets.close(&reply.ticket.slot);
        }
        match reply.body {
            Body::Page(page) => {
                let kind = page.kind;
                if self.pane_of(kind).is_some_and(|p| p.take(&page)) {
                    self.compute(kind, fx);
                }
            }
            Body::Computed(done) => {
                let rows = self.layout().list_rows();
                if let Slot::Compute(kind) = reply.ticket.slot
                    && let Some(pane) = self.pane_of(kind)
                {
                    pane.show(done.rows, done.maybe, rows);
                }
            }
            Body::Fault(fault) => {
                if let Slot::Sync(kind) = reply.ticket.slot
                    && let Some(pane) = self.pane_of(kind)
                {
                    pane.fault = Some(fault);
                }
            }
            Body::Entity(_) | Body::Part(_) | Body::Run(_) | Body::Done | Body::Dropped => {}
        }
    }

    fn news(&mut self, news: News, _fx: &mut Vec<Effect>) {
        match news {
            News::Session(session, grants) => {
                self.session = Some(session);
                self.grants = grants;
            }
            News::Notice { level, text } => self.toasts.push(self.now, level, text),
            News::SignIn(_)
            | News::SignInFailed(_)
            | News::Throttled { .. }
            | News::Rate { .. } => {}
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
        let height = self.layout().list_rows();
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
