//! Facts that go on: signed in as whom, who asks us to wait, how fast we ask. The header shows them.

use super::App;
use crate::model::{Fault, Kind, Service, Ticks};
use crate::msg::{Effect, Level, News, SignInPrompt};
use std::collections::BTreeMap;

/// What the header tells beside the session.
#[derive(Debug, Default)]
pub struct Status {
    /// Until when a service asks us to wait.
    pub throttled: BTreeMap<Service, Ticks>,
    /// Our own calls a minute.
    pub rate: BTreeMap<Service, u32>,
    /// What the person must do to sign in.
    pub sign_in: Option<SignInPrompt>,
    pub sign_in_failed: Option<Fault>,
}

impl App {
    pub(super) fn news(&mut self, news: News, fx: &mut Vec<Effect>) {
        match news {
            News::Session(session, grants) => {
                self.status.sign_in = None;
                self.status.sign_in_failed = None;
                super::sign_in::done(self);
                let other = self.session.as_ref().is_some_and(|s| {
                    s.tenant_id != session.tenant_id || s.principal != session.principal
                });
                if other || session.read_only.is_some() {
                    super::prompt::cancel_all(self, "somebody else is signed in now", fx);
                    super::runs::stop_all(self, fx);
                }
                let new_person = self.session.as_ref().is_none_or(|s| s.me != session.me);
                self.session = Some(session);
                self.grants = grants;
                self.permitted(fx);
                if new_person {
                    // `own:me` means somebody now
                    for kind in self.kinds() {
                        self.compute(kind, fx);
                    }
                }
            }
            News::SignIn(prompt) => {
                self.status.sign_in = Some(prompt);
                self.status.sign_in_failed = None;
                super::sign_in::offer(self);
            }
            News::SignInFailed(fault) => {
                self.toasts.push(self.now, Level::Error, fault.to_string());
                self.status.sign_in_failed = Some(fault);
                // the code or address of before is of no use any more
                self.status.sign_in = None;
                super::sign_in::offer(self);
            }
            News::Feed(ledger) => {
                self.ledger = ledger;
                super::timeline::arrived(self, Kind::Record, None, fx);
            }
            News::Deeds(deeds) => {
                super::deeds::took(self, deeds, fx);
                super::timeline::arrived(self, Kind::Action, None, fx);
            }
            News::Reminders(deeds) => super::deeds::remind(self, deeds),
            News::Unfinished(sets) => super::unfinished::told(self, sets),
            News::Throttled { service, until } => {
                self.status.throttled.insert(service, until);
            }
            // shown where messages are reread; in the header it would change with every call, also when nothing happens
            News::Rate {
                service,
                per_minute,
            } => {
                self.status.rate.insert(service, per_minute);
                self.dirty = false;
            }
            News::Notice { level, text } => self.toasts.push(self.now, level, text),
        }
    }

    /// After a sign-in or a new consent: lists that cannot be read are let go, the tab in front is one that can be read
    /// unless the person chose, and what is in front is filled.
    fn permitted(&mut self, fx: &mut Vec<Effect>) {
        for index in 0..self.panes.len() {
            let slot = crate::msg::Slot::Sync(self.panes[index].spec.kind);
            if self.usable(index).is_err() && self.tickets.is_open(&slot) {
                self.tickets.close(&slot);
                fx.push(Effect::Drop(slot));
            }
        }
        if !self.tab_chosen
            && self.usable(self.active).is_err()
            && let Some(index) = (0..self.panes.len()).find(|i| {
                // what has no tab is for those who go there; of a service that was not asked for a token yet nothing is
                // known
                let spec = self.panes[*i].spec;
                let service = (spec.listing.list)(None).service;
                spec.digit != ' ' && Service::ALL.contains(&service) && self.usable(*i).is_ok()
            })
        {
            self.active = index;
        }
        let kind = self.pane().spec.kind;
        self.sync(kind, fx);
        // their own trouble is worth knowing wherever one is
        self.sync(Kind::Issue, fx);
    }

    pub(super) fn kinds(&self) -> Vec<Kind> {
        self.panes.iter().map(|p| p.spec.kind).collect()
    }

    /// The service that asks us to wait longest, if one does now.
    pub fn waiting_for(&self) -> Option<(Service, Ticks)> {
        let now = self.now.wall;
        self.status
            .throttled
            .iter()
            .map(|(s, t)| (*s, *t))
            .filter(|(_, t)| *t > now)
            .max_by_key(|(_, t)| *t)
    }

    /// `own calls a minute: Microsoft Graph 4, …`, as last told; empty before the first.
    pub fn rate(&self) -> String {
        let each = self.status.rate.iter();
        let each: Vec<String> = each.map(|(s, n)| format!("{} {n}", s.name())).collect();
        if each.is_empty() {
            return String::new();
        }
        format!("own calls a minute: {}", each.join(", "))
    }

    /// What is wrong with the list in front, as a sentence: a missing permission, a failed read, rows that made no sense.
    pub fn trouble(&self) -> Option<String> {
        if let Err(why) = self.usable(self.active) {
            return Some(why);
        }
        let pane = self.pane();
        if let Some(fault) = &pane.fault {
            let next = fault
                .retry_at
                .and_then(Ticks::timestamp)
                .map_or_else(String::new, |t| t.strftime("; next try %H:%MZ").to_string());
            let id = fault
                .request_id
                .as_ref()
                .map_or_else(String::new, |id| format!("; request {id}"));
            let elsewhere = crate::resource::elsewhere(pane.spec.kind)
                .map_or_else(String::new, |w| format!("; {w}"));
            let theirs = super::health::beside(self, fault).unwrap_or_default();
            return Some(format!("{fault}{next}{id}{elsewhere}{theirs}"));
        }
        match pane.bad {
            0 => None,
            1 => Some("1 row could not be read and is left out".into()),
            n => Some(format!("{n} rows could not be read and are left out")),
        }
    }

    /// The trouble where it stands under rows; an empty list has room for it in its body, and says it once.
    pub fn trouble_below(&self) -> Option<String> {
        if self.pane().shown.is_empty() {
            return None;
        }
        self.trouble()
    }

    /// How many rows the settings hide, and which settings; none where they can hide nothing.
    pub fn hidden_sentence(&self) -> Option<String> {
        let pane = self.pane();
        if !self.hides(pane.spec.kind) {
            return None;
        }
        let ignore = &self.settings.ignore;
        let mut by: Vec<String> = Vec::new();
        for (what, words) in [
            ("severity", &ignore.severities),
            ("status", &ignore.statuses),
            ("classification", &ignore.classifications),
            ("determination", &ignore.determinations),
            ("source", &ignore.sources),
        ] {
            if !words.is_empty() {
                let words: Vec<String> = words
                    .iter()
                    .map(|w| table::Txt::new(w).shown().into_owned())
                    .collect();
                by.push(format!("{what} {}", words.join(", ")));
            }
        }
        // the active window is always in sight (S4-16)
        let window = self
            .ignored()
            .window(pane.spec)
            .map(|w| format!("window: {w}"));
        let rows = if pane.hidden == 1 { "row" } else { "rows" };
        let key = self
            .keymap
            .key_named("settings")
            .map_or(String::new(), |k| format!("({k} settings)"));
        let by = if by.is_empty() {
            String::new()
        } else {
            format!(" by {}", by.join("; "))
        };
        let parts = [
            Some(format!("{} {rows} hidden{by}", pane.hidden)),
            window,
            Some(key),
        ];
        Some(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "))
    }

    /// The terminal's title: the tenant's name from our configuration and the counts.
    pub fn title(&self) -> String {
        let mut title = String::new();
        match &self.session {
            Some(s) if s.demo => title.push_str("DEMO · "),
            _ => {}
        }
        title.push_str(
            self.session
                .as_ref()
                .map_or("watchfloor", |s| s.tenant.as_str()),
        );
        if let Some(counts) = self.counts() {
            title.push_str(" · ");
            title.push_str(&counts);
        }
        title
    }

    /// `3 high +7 new`, of incidents.
    pub fn counts(&self) -> Option<String> {
        let pane = self.panes.iter().find(|p| p.spec.kind == Kind::Incident)?;
        if pane.rows.is_empty() {
            return None;
        }
        let new = if pane.waiting > 0 {
            format!(" +{} new", pane.waiting)
        } else {
            String::new()
        };
        Some(format!("{} high{new}", pane.high))
    }
}
