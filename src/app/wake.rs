//! What time alone brings: toasts go, which-key comes, the minute turns, a list becomes stale, a recomputation falls due.
//! One wish stands at a time; nothing ticks.

use super::App;
use super::filter::Filter;
use super::pane::Pane;
use crate::model::time::{MINUTE, SECOND};
use crate::model::{Kind, Ticks};
use crate::msg::Effect;
use std::time::Duration;
use table::Truth;

impl App {
    /// Time passed. True: something on screen changed by it.
    pub(super) fn woken(&mut self, fx: &mut Vec<Effect>) -> bool {
        self.wish = None;
        let minute = self.now.wall.0.div_euclid(MINUTE);
        let turned = minute != self.minute;
        self.minute = minute;
        let stale: Vec<bool> = self.panes.iter().map(|p| self.is_stale(p)).collect();
        let aged = stale != self.stale;
        self.stale = stale;
        let which = self.which_key() && !self.which_shown;
        self.which_shown = self.which_key();
        let toasts = self.toasts.expire(self.now, self.stay());
        let joined = self.join_some();
        let asked = super::prompt::woken(self, fx);
        let due = asked | self.compute_due(fx) | super::soon::due(self, fx);
        if turned {
            // ages in the detail are words of a minute ago
            super::detail::render(self);
            self.age_filters(fx);
            super::posture::watch(self, fx);
        }
        let counted = self.hunting && self.hunt.query().running.is_some();
        turned || aged || which || toasts || joined || due || counted
    }

    /// Filters on age mean something else a minute later. Rows that wait to be taken in still wait.
    fn age_filters(&mut self, fx: &mut Vec<Effect>) {
        let height = self.list_height();
        let aged = self.panes.iter().filter(|p| p.filter.ages);
        for kind in aged.map(|p| p.spec.kind).collect::<Vec<Kind>>() {
            let env = self.env(kind);
            let Some(pane) = self.pane_of(kind) else {
                continue;
            };
            if pane.waiting == 0 {
                self.compute(kind, fx);
                continue;
            }
            pane.filter = Filter::read(pane.spec, &pane.filter.text, &env);
            let (table, now) = (pane.rows.table(), &pane.filter.predicate);
            pane.shown.retain(|row| now.truth(table, row) != Truth::No);
            pane.settle(height);
        }
    }

    /// Asks to be woken for the next of these, unless that was asked already.
    pub(super) fn wake(&mut self, fx: &mut Vec<Effect>) {
        if self.chord.is_empty() {
            self.which_shown = false;
        }
        let which = (!self.chord.is_empty() && !self.which_key())
            .then(|| self.chord_at + self.which_wait());
        let minute = self.mono_of(Ticks((self.now.wall.0.div_euclid(MINUTE) + 1) * MINUTE));
        let stale = self
            .panes
            .iter()
            .filter(|p| !self.is_stale(p))
            .filter_map(|p| Some(self.mono_of(stale_at(self, p)?)))
            .min();
        let next = [
            self.toasts.next(self.stay()),
            which,
            Some(minute),
            stale,
            self.next_due(),
            self.joins_wait().then_some(self.now.mono),
            self.soon.next(),
            super::prompt::next(self),
            self.hunt_tick(),
            self.lock_at(),
            super::consent::next(self),
        ]
        .into_iter()
        .flatten()
        .min();
        if let Some(at) = next
            && self.wish.is_none_or(|w| at < w || w <= self.now.mono)
        {
            self.wish = Some(at);
            fx.push(Effect::WakeAt(at));
        }
    }

    /// A list's rows are older than three poll intervals.
    pub fn is_stale(&self, pane: &Pane) -> bool {
        stale_at(self, pane).is_some_and(|at| self.now.wall >= at)
    }

    /// A list was stale when it was drawn last.
    pub(super) fn is_drawn_stale(&self, kind: Kind) -> bool {
        let place = self.panes.iter().position(|p| p.spec.kind == kind);
        place
            .and_then(|n| self.stale.get(n))
            .copied()
            .unwrap_or(false)
    }

    /// Seconds between two polls of a list.
    pub fn poll_seconds(&self, pane: &Pane) -> u32 {
        // only what is polled by a watermark follows the setting; inventories have a pace of their own
        match pane.spec.listing.watermark {
            Some(_) => self.settings.poll_seconds.into(),
            None => pane.spec.listing.every,
        }
    }

    pub(super) fn stay(&self) -> Duration {
        Duration::from_secs(self.settings.toast_seconds.into())
    }

    pub(super) fn which_wait(&self) -> Duration {
        Duration::from_millis(self.settings.which_key_ms.into())
    }

    /// The monotonic time of an instant, from now on.
    fn mono_of(&self, at: Ticks) -> Duration {
        let ahead = at.0.saturating_sub(self.now.wall.0).max(0);
        self.now.mono + Duration::from_micros(ahead as u64 / 10)
    }
}

fn stale_at(app: &App, pane: &Pane) -> Option<Ticks> {
    let as_of = pane.progress.as_of.filter(|_| !pane.cached)?;
    Some(Ticks(
        as_of.0 + 3 * i64::from(app.poll_seconds(pane)) * SECOND,
    ))
}
