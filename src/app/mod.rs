//! Decides: takes an event, changes state, returns effects as data. No IO, no clock, no drawing.
//!
//! Follow a key: `update` → the top overlay, or the keymap's action for the place → an `Action` or `Verb` row.
//! Neighbours: `msg` (vocabulary), `resource` and `verb` (what there is), `view` (draws `&App`), `run` (drives).

pub mod able;
pub mod act;
pub mod action;
pub mod ask;
pub mod choosers;
pub mod cloud_apps;
pub mod columns;
pub mod command;
pub mod consent;
pub mod copy;
pub mod deeds;
pub mod detail;
pub mod doc;
pub mod fetch;
pub mod filter;
pub mod filter_bar;
pub mod find;
pub mod form;
mod given;
pub mod go;
pub mod health;
pub mod help;
pub mod hunt;
pub mod inspector;
pub mod joining;
pub mod keymap;
pub mod keys;
pub mod known;
pub mod layout;
pub mod library;
pub mod line;
pub mod list_export;
mod lists;
pub mod lock;
pub mod log;
pub mod logs;
pub mod marks;
pub mod menu;
pub mod mouse;
pub mod neighbours;
pub mod options;
pub mod overlay;
pub mod palette;
pub mod pane;
pub mod pick;
pub mod places;
pub mod posture;
pub mod prompt;
pub mod queue;
pub mod quit;
pub mod refs;
mod replies;
pub mod runs;
pub mod scroll;
pub mod set_up;
pub mod shown;
pub mod sign_in;
pub mod soon;
pub mod status;
pub mod tenants;
pub mod ticket;
pub mod timeline;
pub mod toast;
pub mod undo;
pub mod unfinished;
pub mod views;
mod wake;
pub mod words;

#[cfg(test)]
pub mod entities;
#[cfg(test)]
pub mod fixture;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod walk_tests;

use crate::config::settings::Settings;
use crate::config::theme::Theme;
use crate::model::{Grants, Key, Kind, Session};
use crate::msg::{Effect, Event, KeyPress, Level, Now};
use crate::resource;
use action::Place;
use crossterm::event::{KeyCode, KeyEvent};
pub use given::Given;
use jiff::tz::TimeZone;
use keymap::Bound;
use layout::{Layout, Open, layout};
use overlay::Overlay;
use pane::Pane;
use std::time::Duration;
use table::Cancel;
use ticket::Tickets;

/// How long a person needs to see that another row is under the cursor.
const SEEN: Duration = Duration::from_millis(400);

/// The state of the screen's side.
pub struct App {
    pub now: Now,
    pub size: (u16, u16),
    pub session: Option<Session>,
    pub grants: Grants,
    pub status: status::Status,
    pub settings: Settings,
    pub theme: Theme,
    pub own_themes: Vec<(String, String)>,
    /// What the terminal told: a light background, no more than sixteen colours.
    terminal: (Option<bool>, bool),
    pub zone: TimeZone,
    /// The terminal shows no more than ASCII, as far as can be told.
    pub letters: bool,
    /// Where files that are fetched are proposed to go.
    pub folder: String,
    /// A permission that may be on its way.
    awaited: Option<consent::Awaited>,
    /// The action or device whose package is asked about, and its name.
    pub(super) fetch: Option<(Key, table::Text)>,
    pub panes: Vec<Pane>,
    /// The tab of lists in front.
    pub active: usize,
    /// The hunt pane is in front of it.
    pub hunting: bool,
    pub hunt: hunt::Hunt,
    /// Kept hunts and the history of runs.
    pub library: library::Library,
    /// The timeline that was opened last, as it was left.
    pub timeline: Option<Box<timeline::Timeline>>,
    /// What stands above the lists of the Posture tab.
    pub posture: posture::Posture,
    /// The person went to a tab; it is not changed for them any more.
    tab_chosen: bool,
    pub overlays: Vec<Overlay>,
    pub toasts: toast::Toasts,
    pub tickets: Tickets,
    pub joins: joining::Joins,
    pub places: places::Places,
    /// Forms and what they sent.
    pub verbs: form::Verbs,
    /// What we did, as the record has it.
    pub deeds: deeds::Deeds,
    pub keymap: keymap::Keymap,
    /// What waits for a pause.
    pub soon: soon::Soon,
    idle: lock::Idle,
    /// The terminal has told of a frame that it was seen.
    pub answers: bool,
    /// Keys typed so far of a sequence (`g`, `y`).
    pub chord: Vec<KeyEvent>,
    /// When its first key came.
    chord_at: Duration,
    which_shown: bool,
    /// Something on screen may have changed.
    pub dirty: bool,
    /// When another row came under the cursor without a key.
    slid_at: Option<Duration>,
    /// The wake-up that was asked for last and has not come.
    wish: Option<Duration>,
    /// The minute and the stale lists as drawn last.
    minute: i64,
    stale: Vec<bool>,
    titled: String,
    cancels: std::collections::HashMap<Kind, Cancel>,
    /// Which tenants there are, and how this one is told from them.
    pub tenants: tenants::Tenants,
    /// Words of modules that are switched off for this tenant.
    pub off: Vec<String>,
    /// What was read of the activity feed.
    pub ledger: std::sync::Arc<crate::model::feed::Ledger>,
    /// A command drives it, without a screen: nothing is read that was not asked for.
    pub commanded: bool,
}

impl App {
    pub fn new(now: Now, size: (u16, u16)) -> Self {
        Self {
            now,
            size,
            session: None,
            grants: Grants::default(),
            status: status::Status::default(),
            settings: Settings::default(),
            theme: Theme::default(),
            own_themes: Vec::new(),
            terminal: (None, false),
            zone: TimeZone::UTC,
            letters: false,
            folder: "~".into(),
            awaited: None,
            fetch: None,
            panes: resource::ALL.iter().map(|s| Pane::new(s)).collect(),
            active: 0,
            hunting: false,
            hunt: hunt::Hunt::default(),
            library: library::Library::default(),
            timeline: None,
            posture: posture::Posture::default(),
            tab_chosen: false,
            overlays: Vec::new(),
            toasts: toast::Toasts::default(),
            tickets: Tickets::default(),
            joins: joining::Joins::default(),
            places: places::Places::default(),
            verbs: form::Verbs::default(),
            deeds: deeds::Deeds::default(),
            keymap: keymap::Keymap::default(),
            soon: soon::Soon::default(),
            idle: lock::Idle::default(),
            answers: false,
            chord: Vec::new(),
            chord_at: Duration::ZERO,
            which_shown: false,
            dirty: true,
            slid_at: None,
            wish: None,
            minute: 0,
            stale: Vec::new(),
            titled: String::new(),
            cancels: Default::default(),
            tenants: tenants::Tenants::default(),
            off: Vec::new(),
            ledger: Default::default(),
            commanded: false,
        }
    }

    /// The effects of starting: the views that were chosen, and the tab in front filled.
    pub fn start(&mut self) -> Vec<Effect> {
        let mut fx = Vec::new();
        for (tab, name) in self.settings.views.clone().into_iter().enumerate() {
            if let Some(kind) = self.panes.get(tab).map(|p| p.spec.kind)
                && !name.is_empty()
            {
                views::show(self, kind, &name, &mut fx);
            }
        }
        if self.settings.mouse {
            fx.push(Effect::Mouse(true));
        }
        self.minute = self.now.wall.0.div_euclid(crate::model::time::MINUTE);
        let kind = self.pane().spec.kind;
        self.sync(kind, &mut fx);
        self.after(&mut fx);
        fx
    }

    /// What every event ends with: the cursor in sight, the terminal's title, the next wake-up.
    fn after(&mut self, fx: &mut Vec<Effect>) {
        let height = self.list_height();
        self.pane_mut().scroll(height);
        detail::watch(self);
        let title = self.title();
        if title != self.titled {
            fx.push(Effect::Title(title.clone()));
            self.titled = title;
        }
        self.dirty |= consent::turn(self, fx);
        self.wake(fx);
        if self.dirty {
            self.stale = self.panes.iter().map(|p| self.is_stale(p)).collect();
        }
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
        self.layout_with(match (&self.pane().detail, self.pane().in_detail) {
            (None, _) => Open::No,
            (Some(_), false) => Open::Peek,
            (Some(_), true) => Open::Focus,
        })
    }

    fn layout_with(&self, open: Open) -> Layout {
        layout(
            self.size.0,
            self.size.1,
            open,
            self.settings.side_by_side,
            self.notes(),
        )
        .with_strip(posture::height(self))
    }

    /// Lines below a list's rows: what is hidden, and what went wrong.
    pub fn notes(&self) -> u16 {
        u16::from(self.hides(self.pane().spec.kind))
            + u16::from(self.trouble_below().is_some())
            + u16::from(logs::strip(self).is_some())
    }

    /// Lines of the list in sight, as if no detail covered it.
    pub fn list_height(&self) -> usize {
        let open = self.layout();
        let l = if open.list.width > 0 {
            open
        } else {
            self.layout_with(Open::No)
        };
        l.list_rows()
    }

    /// Where the person stands, for the keymap.
    pub fn here(&self) -> Place {
        if self.overlays.last().is_some_and(Overlay::typing) {
            Place::Typing
        } else if self.hunting {
            match self.hunt.focus {
                hunt::Focus::Editor => Place::Editor,
                hunt::Focus::Results => Place::Results,
            }
        } else if self.pane().in_detail && self.pane().detail.is_some() {
            Place::Detail
        } else {
            Place::List
        }
    }

    /// What verbs, copies and pivots are about: the open detail's entity when it has the focus, else the row.
    pub fn subject(&self) -> Option<Key> {
        if self.hunting {
            return None;
        }
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
        if self.guarded(&event, &mut fx) {
            self.after(&mut fx);
            return fx;
        }
        let pressed = matches!(event, Event::Key(_) | Event::Mouse(_));
        let under = if pressed { None } else { self.subject() };
        match event {
            Event::Key(key) => self.key(key, &mut fx),
            Event::Paste(text) if self.here() == Place::Editor => self.editor_paste(&text, &mut fx),
            Event::Paste(text) => {
                self.dirty = !self.overlays.is_empty();
                self.top(|o, app, fx| o.paste(app, &text, fx), &mut fx);
            }
            Event::Resize(w, h) => {
                self.size = (w, h);
                detail::resized(self);
                inspector::resized(self);
                prompt::resized(self);
                timeline::resized(self);
                if self.hunting {
                    self.hunted(&mut fx);
                }
            }
            Event::Reply(reply) => self.reply(reply, &mut fx),
            Event::News(news) => self.news(news, &mut fx),
            Event::Hangup => {
                prompt::cancel_all(self, "the program was left", &mut fx);
                runs::stop_all(self, &mut fx);
                fx.push(Effect::Quit);
            }
            Event::Away => self.away("the program was suspended", &mut fx),
            Event::Behind => self.away("another tenant came to the front", &mut fx),
            Event::Tenants(all) => self.told_of_tenants(all),
            Event::Gathered(rows) => queue::took(self, rows),
            Event::SettingUp(what) => set_up::told(self, what),
            Event::Resumed => fx.push(Effect::Repaint),
            Event::Drafts(drafts) => {
                self.hunt.resume(&drafts);
                self.hunted(&mut fx);
            }
            Event::Edited { tab, text } => self.edited_elsewhere(tab, &text, &mut fx),
            Event::Shelved(shelved) => library::told(self, shelved, &mut fx),
            Event::Said(said) => self.toasts.said(now, said),
            Event::Wake => self.dirty = self.woken(&mut fx),
            Event::Mouse(mouse) => self.mouse(mouse, &mut fx),
            Event::FrameSeen(frame) => self.frame_seen(frame),
            Event::FrameFlushed(frame) => self.frame_flushed(frame),
            Event::Focus(_) => self.dirty = false,
        }
        if !pressed && under.is_some() && under != self.subject() {
            self.slid_at = Some(now.mono);
        }
        self.after(&mut fx);
        fx
    }

    /// Nobody will be here for a while: what is counted down is taken back, sets stop.
    fn away(&mut self, why: &'static str, fx: &mut Vec<Effect>) {
        prompt::cancel_all(self, why, fx);
        runs::stop_all(self, fx);
        if self.session.as_ref().is_some_and(|s| s.writer.is_some()) {
            self.tell(crate::msg::SignInStep::Away, fx);
        }
    }

    /// Leaves for the shell.
    pub fn suspend(&mut self, fx: &mut Vec<Effect>) {
        self.away("the program was suspended", fx);
        fx.push(Effect::Suspend);
    }

    /// The continuations of a begun sequence are to be shown.
    pub fn which_key(&self) -> bool {
        !self.chord.is_empty() && self.now.mono >= self.chord_at + self.which_wait()
    }

    fn key(&mut self, press: KeyPress, fx: &mut Vec<Effect>) {
        if let Some(top) = self.overlays.last() {
            self.chord.clear();
            // leaving for the shell works wherever letters are no text
            if !top.typing() && self.is_key_of("suspend", press.key) {
                return self.suspend(fx);
            }
            let passed = self.top(|o, app, fx| o.key(app, press, fx), fx);
            if passed
                && let keymap::Found::Bound(bound) =
                    self.keymap.find(&[press.key], Place::Typing, None)
            {
                self.run(bound, fx);
            }
            return;
        }
        if self.here() == Place::Editor {
            self.chord.clear();
            self.write_key(press, fx);
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

    /// Whether this key alone stands for the action of this name in a list.
    pub fn is_key_of(&self, name: &str, key: KeyEvent) -> bool {
        let found = self.keymap.find(&[key], Place::List, None);
        Bound::named(name).is_some_and(|b| found == keymap::Found::Bound(b))
    }

    /// Does what a key or a palette entry stands for, or says why not.
    pub fn run(&mut self, bound: Bound, fx: &mut Vec<Effect>) {
        if let Some(why) = self.why_not(bound) {
            let note = consent::refused(self, bound, &why, fx);
            let text = format!("{}: {why}{note}", bound.name());
            return self.toasts.push(self.now, Level::Warn, text);
        }
        match bound {
            Bound::Action(a) => (a.run)(self, fx),
            // a row that went took its place with it: nobody can have seen the other one yet
            Bound::Verb(_) if self.slid_at.is_some_and(|at| self.now.mono < at + SEEN) => {
                let text = format!(
                    "{}: the row under the cursor has just changed; press it again",
                    bound.name()
                );
                self.toasts.push(self.now, Level::Warn, text);
            }
            Bound::Verb(v) => act::begin(self, v, fx),
        }
    }

    /// Does a verb in one of its ways, as a line of the actions menu stands for.
    pub fn run_way(
        &mut self,
        verb: &'static crate::verb::Verb,
        way: &'static str,
        fx: &mut Vec<Effect>,
    ) {
        match self.why_not(Bound::Verb(verb)) {
            Some(why) => act::refuse(self, verb, &why),
            None => act::begin_with(self, verb, Some(way), fx),
        }
    }

    /// Brings a tab to the front and keeps its list fresh from now on.
    pub fn tab(&mut self, index: usize, fx: &mut Vec<Effect>) {
        if index < self.panes.len() {
            self.overlays.clear();
            self.hunting = false;
            self.active = index;
            self.tab_chosen = true;
            let kind = self.pane().spec.kind;
            self.sync(kind, fx);
            posture::shown(self, fx);
            detail::shown(self, fx);
        }
    }
}
