//! The lists' life: asking for rows, taking pages in, and making the shown rows again without moving the cursor.

use super::App;
use super::filter::{self, Filter};
use crate::model::Kind;
use crate::msg::{Computed, Effect, Job, Level, Origin, Page, Request, Slot};
use crate::resource::filter::{Env, TableValues, What, parse};
use crate::resource::ignore::Ignored;
use crate::resource::{Shape, Spec};
use std::time::Duration;
use table::{Cancel, Changes, Match, Pattern, Predicate, Test, Text, Truth};

/// Cells that `update` looks at by itself; more is a job.
pub(super) const AT_ONCE: usize = 250_000;
/// What sorting a row costs, in cells.
const SORT: usize = 8;
/// While pages keep coming a large list is made again at most this often.
const PAGES_GAP: Duration = Duration::from_millis(250);
/// Lists up to this size are made again with every page.
const SMALL: usize = 2_000;

impl App {
    /// Asks for a list to be filled and kept fresh, once; not for one that cannot be read.
    pub fn sync(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        let Some(index) = self.panes.iter().position(|p| p.spec.kind == kind) else {
            return;
        };
        if self.usable(index).is_ok() && !self.commanded {
            self.fill(kind, fx);
        }
    }

    /// Asks for a list, once, whoever wants it.
    pub(super) fn fill(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        let slot = Slot::Sync(kind);
        if !self.tickets.is_open(&slot) {
            let ticket = self.tickets.issue(slot);
            fx.push(Effect::Ask(ticket, Request::Sync { kind }));
        }
    }

    /// `R`: takes in what waits, and asks for what is newer.
    pub fn refresh(&mut self, fx: &mut Vec<Effect>) {
        let kind = self.pane().spec.kind;
        self.sync(kind, fx);
        if let Some(ticket) = self.tickets.current(&Slot::Sync(kind)) {
            fx.push(Effect::Ask(ticket, Request::Refresh { kind }));
        }
        super::consent::refreshed(self, fx);
        self.compute(kind, fx);
        if super::posture::is_front(self) {
            super::posture::refresh(self, fx);
        }
    }

    /// Takes a page in. The rows shown are made again where that cannot disturb anybody.
    pub(super) fn page(&mut self, page: &Page, fx: &mut Vec<Effect>) {
        let kind = page.kind;
        if matches!(page.origin, Origin::Beside | Origin::BesideDone) {
            return self.beside(page);
        }
        if kind == Kind::Incident && page.origin != Origin::Cache {
            // what incidents do not say themselves comes from the alerts
            self.sync(Kind::Alert, fx);
        }
        let chunk = page.chunk.as_ref().map(|c| self.filled(kind, c));
        let height = self.list_height();
        let keep = self.keep(kind);
        let Some(pane) = self.pane_of(kind) else {
            return;
        };
        let first = pane.rows.is_empty();
        let told = |p: &super::pane::Pane| {
            (
                p.cached,
                p.bad,
                p.fault.is_some(),
                p.progress.complete,
                p.progress.loaded,
                p.progress.total,
                p.progress.as_of.is_some(),
            )
        };
        let before = told(pane);
        pane.progress = page.progress;
        if page.origin != Origin::Search {
            // what was found by asking says nothing about the list as a whole
            pane.cached = page.origin == Origin::Cache;
            if page.origin != Origin::Cache {
                pane.fault = None;
            }
        }
        match page.origin {
            // the same bad row comes with every poll while it is new
            Origin::Poll | Origin::Search => pane.bad = pane.bad.max(page.bad),
            _ if page.progress.loaded < before.4 => pane.bad = page.bad,
            _ => pane.bad += page.bad,
        }
        let mut make = false;
        let mut changes = Changes::default();
        if let Some(chunk) = chunk {
            let high = high(pane.spec);
            changes = pane.rows.upsert(chunk);
            if changes.remap.is_some() {
                pane.high = count(pane, &high);
            } else {
                // rows that were replaced can still be read
                let is = |row: u32| u32::from(high.truth(pane.rows.table(), row) == Truth::Yes);
                let gone: u32 = changes.updated.iter().map(|(old, _)| is(*old)).sum();
                let come: u32 = changes
                    .updated
                    .iter()
                    .map(|(_, new)| *new)
                    .chain(changes.added.iter().copied())
                    .map(is)
                    .sum();
                pane.high = (pane.high + come).saturating_sub(gone);
            }
            match page.origin {
                Origin::Poll if !pane.shown.is_empty() && !pane.follow => {
                    let table = pane.rows.table();
                    let shows = |row: &&u32| {
                        pane.filter.predicate.truth(table, **row) != Truth::No
                            && keep.truth(table, **row) != Truth::No
                    };
                    pane.waiting += changes.added.iter().filter(shows).count() as u32;
                }
                _ => make = !changes.added.is_empty() || !changes.updated.is_empty(),
            }
            if !changes.is_empty() {
                pane.keep = None;
            }
            pane.follow(changes.clone(), height);
        }
        // a poll that brings nothing draws nothing; its instant is drawn with the next minute
        let quiet = before == told(pane) && changes.is_empty() && page.removed.is_empty();
        self.dirty = !quiet || self.is_drawn_stale(kind);
        if kind == Kind::Alert {
            self.alerts_changed(&changes, page.progress.complete);
        }
        self.remove(kind, &page.removed);
        super::detail::lists_changed(self, kind);
        if !changes.is_empty() || before.3 != page.progress.complete {
            super::posture::rows_changed(self, kind, page.origin, fx);
        }
        if make {
            self.remake(kind, first, fx);
        }
        super::timeline::arrived(self, kind, page.chunk.as_ref(), fx);
    }

    /// Takes rows out that the service says are gone.
    fn remove(&mut self, kind: Kind, ids: &[Text]) {
        let height = self.list_height();
        let mut any = false;
        let mut marked = Vec::new();
        for id in ids {
            let Some(pane) = self.pane_of(kind) else {
                return;
            };
            let Some(row) = pane.rows.remove(id.txt().exact()) else {
                continue;
            };
            if pane.marks.forget(id) {
                // a row that was taken out can still be read
                let name = pane.rows.cell(row, pane.spec.name_column);
                marked.push(
                    name.text()
                        .map_or_else(|| id.txt().shown().into_owned(), |t| t.shown().into_owned()),
                );
            }
            any = true;
            if kind == Kind::Alert {
                self.alert_removed(row);
            }
        }
        if !marked.is_empty() {
            let what = crate::resource::spec(kind).title.to_lowercase();
            let text = format!(
                "{} of the marked {what} went from the list, and are marked no more: {}",
                marked.len(),
                crate::verb::common::list(marked.into_iter(), 3)
            );
            self.toasts.push(self.now, Level::Warn, text);
        }
        if any && let Some(pane) = self.pane_of(kind) {
            pane.shown.drop_dead(&pane.rows);
            pane.ordered = None;
            pane.keep = None;
            pane.job.behind = pane.job.out;
            pane.high = count(pane, &high(pane.spec));
            pane.settle(height);
        }
    }

    /// Rows came that are to be shown: at once in a small list or an empty one, else at most every so often.
    fn remake(&mut self, kind: Kind, first: bool, fx: &mut Vec<Effect>) {
        let (height, now) = (self.list_height(), self.now.mono);
        let Some(pane) = self.pane_of(kind) else {
            return;
        };
        if first || pane.rows.len() <= SMALL || pane.shown.len() < height {
            self.compute(kind, fx);
        } else if pane.job.out {
            pane.job.behind = true;
        } else if now >= pane.job.not_before {
            self.compute(kind, fx);
        } else {
            pane.job.due = true;
        }
    }

    /// Makes due lists again; called when woken.
    pub(super) fn compute_due(&mut self, fx: &mut Vec<Effect>) -> bool {
        let due: Vec<Kind> = (self.panes.iter())
            .filter(|p| p.job.due && !p.job.out && self.now.mono >= p.job.not_before)
            .map(|p| p.spec.kind)
            .collect();
        for kind in &due {
            self.compute(*kind, fx);
        }
        !due.is_empty()
    }

    /// When the next list is due.
    pub(super) fn next_due(&self) -> Option<Duration> {
        self.panes
            .iter()
            .filter(|p| p.job.due && !p.job.out)
            .map(|p| p.job.not_before)
            .min()
    }

    /// Makes the shown rows of a list again: at once where that is cheap, else as a job; the old rows stay until then.
    pub fn compute(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        let height = self.list_height();
        let now = self.now;
        let env = self.env(kind);
        let keep = self.keep(kind);
        let ticket = self.tickets.issue(Slot::Compute(kind));
        if let Some(old) = self.cancels.remove(&kind) {
            old.cancel();
        }
        let Some(pane) = self.panes.iter_mut().find(|p| p.spec.kind == kind) else {
            return;
        };
        pane.waiting = 0;
        // ages in a filter count from now
        pane.filter = Filter::read(pane.spec, &pane.filter.text, &env);
        let cancel = Cancel::default();
        let (base, sort) = match &pane.ordered {
            Some(ordered) => (ordered.clone(), Vec::new()),
            None => (pane.rows.live(), pane.sort.clone()),
        };
        let cost = base.len()
            * (filter::cost(&pane.filter.predicate)
                + filter::cost(&keep)
                + sort.len() * SORT
                + if pane.group.is_some() { SORT } else { 0 });
        let job = Job {
            table: pane.rows.table().clone(),
            base,
            sort,
            predicate: pane.filter.predicate.clone(),
            keep,
            group: pane
                .group
                .and_then(|c| Some((c, pane.spec.columns.get(c)?))),
            cancel: cancel.clone(),
        };
        pane.job = super::pane::Running {
            began: now.mono,
            not_before: now.mono + PAGES_GAP,
            ..Default::default()
        };
        if cost <= AT_ONCE {
            self.tickets.close(&Slot::Compute(kind));
            if let Some(done) = job.run()
                && let Some(pane) = self.pane_of(kind)
            {
                pane.show(done, height);
            }
        } else {
            pane.job.out = true;
            self.cancels.insert(kind, cancel);
            fx.push(Effect::Compute(ticket, job));
        }
    }

    /// A job's answer: rows by the numbers of its snapshot are followed to where they are now.
    pub(super) fn computed(&mut self, kind: Kind, done: &Computed, _fx: &mut Vec<Effect>) {
        let height = self.list_height();
        let now = self.now.mono;
        self.cancels.remove(&kind);
        let Some(pane) = self.pane_of(kind) else {
            return;
        };
        let since = std::mem::take(&mut pane.job.since);
        let mut done = done.clone();
        for changes in &since {
            follow(&mut done, changes);
        }
        if !since.is_empty() {
            done.ordered = None;
        }
        pane.job.out = false;
        // a list that takes long is made less often while pages keep coming
        pane.job.not_before = now + PAGES_GAP.max(now.saturating_sub(pane.job.began) * 4);
        pane.job.due = pane.job.behind;
        pane.show(done, height);
        // rows that went meanwhile are gone here too
        if pane.job.behind {
            pane.shown.drop_dead(&pane.rows);
            pane.settle(height);
        }
    }

    /// A job that failed or was cancelled: what is on screen stays.
    pub(super) fn compute_failed(&mut self, kind: Kind) {
        self.cancels.remove(&kind);
        if let Some(pane) = self.pane_of(kind) {
            pane.job = super::pane::Running {
                due: pane.job.behind,
                not_before: pane.job.not_before,
                ..Default::default()
            };
        }
    }

    /// Changes the filter of a list.
    pub fn set_filter(&mut self, kind: Kind, text: &str, fx: &mut Vec<Effect>) {
        let env = self.env(kind);
        let Some(pane) = self.pane_of(kind) else {
            return;
        };
        if pane.filter.text != text {
            pane.filter = Filter::read(pane.spec, text, &env);
            pane.view.clear();
            if !pane.filter.is_empty() {
                pane.last_filter = text.to_owned();
            }
            self.compute(kind, fx);
        }
    }

    /// Asks the service for what the filter's words name, where the list here is not complete and the service can search.
    pub(super) fn search(&mut self, kind: Kind, fx: &mut Vec<Effect>) {
        let Some(pane) = self.panes.iter().find(|p| p.spec.kind == kind) else {
            return;
        };
        if pane.progress.complete || pane.spec.listing.search.is_none() {
            return;
        }
        let parsed = parse(&pane.filter.text, pane.spec);
        let words: Vec<&str> = (parsed.terms.iter())
            .filter_map(|t| match &t.what {
                What::Words { fuzzy: false, any } if !t.not => any.first().map(String::as_str),
                _ => None,
            })
            .collect();
        if !words.is_empty() {
            let words = words.join(" ");
            let ticket = self.tickets.issue(Slot::Search(kind));
            fx.push(Effect::Ask(ticket, Request::Search { kind, words }));
        }
    }

    /// What a filter of this list depends on beside the rows.
    pub fn env(&self, kind: Kind) -> Env {
        let pane = self.panes.iter().find(|p| p.spec.kind == kind);
        Env {
            now: self.now.wall,
            me: self.session.as_ref().and_then(|s| s.me.clone()),
            joined: pane
                .is_some_and(|p| (0..p.spec.columns.len()).all(|c| !p.rows.table().is_pending(c))),
        }
    }

    /// What the person chose not to see.
    pub fn ignored(&self) -> Ignored {
        let lists = &self.settings.ignore;
        Ignored {
            classifications: lists.classifications.clone(),
            determinations: lists.determinations.clone(),
            severities: lists.severities.clone(),
            statuses: lists.statuses.clone(),
            service_sources: lists.sources.clone(),
            look_back_days: Some(self.settings.look_back_days.into()).filter(|d| *d > 0),
        }
    }

    /// Rows of this kind may be left out by a setting, so a line says so.
    pub fn hides(&self, kind: Kind) -> bool {
        let ignored = self.ignored();
        let spec = crate::resource::spec(kind);
        !ignored.is_empty()
            && !matches!(ignored.predicate(spec, self.now.wall, &()), Predicate::None)
    }

    /// What the ignore lists and the look-back window leave of a list.
    fn keep(&mut self, kind: Kind) -> Predicate {
        let (ignored, now) = (self.ignored(), self.now.wall);
        if ignored.is_empty() {
            return Predicate::All;
        }
        let Some(pane) = self.pane_of(kind) else {
            return Predicate::All;
        };
        // the values of a list are read anew only after it changed
        if let Some((was, keep)) = &pane.keep
            && *was == ignored
        {
            return keep.clone();
        }
        let keep = match ignored.predicate(pane.spec, now, &TableValues(&pane.rows)) {
            Predicate::None => Predicate::All,
            hides => Predicate::Not(Box::new(hides)),
        };
        pane.keep = Some((ignored, keep.clone()));
        keep
    }
}

fn follow(done: &mut Computed, changes: &Changes) {
    done.rows = changes.follow_selection(&done.rows);
    for g in &mut done.groups {
        g.rows = changes.follow_selection(&g.rows);
    }
}

fn count(pane: &super::pane::Pane, predicate: &Predicate) -> u32 {
    let live = pane.rows.live();
    table::filter(pane.rows.table(), &live, predicate, &Cancel::new())
        .map_or(0, |f| f.rows.len() as u32)
}

/// Of high severity and not settled; nothing where a list has no such columns.
fn high(spec: &Spec) -> Predicate {
    let is = |name: &str, words: &[&str]| {
        let col = spec.column(name).filter(|c| {
            matches!(
                spec.columns.get(*c).map(|c| c.shape),
                Some(Shape::Ranked(_))
            )
        })?;
        let any = words
            .iter()
            .filter_map(|w| Pattern::compile(Match::Equals, w).ok());
        Some(Predicate::Or(
            any.map(|p| Predicate::Test {
                col,
                test: Test::Text(p),
            })
            .collect(),
        ))
    };
    match (
        is("severity", &["high"]),
        is("status", &["resolved", "redirected"]),
    ) {
        (Some(high), Some(settled)) => {
            Predicate::And(vec![high, Predicate::Not(Box::new(settled))])
        }
        _ => Predicate::None,
    }
}
