//! What a list does not carry itself: alerts joined into incidents, the listing beside a list into that list.
//!
//! Joined columns are pending, and their empty cells drawn as `…`, until the list they come from is complete. Large
//! joins are made in portions, one an event, so that no key waits for them.

use super::App;
use super::pane::Pane;
use crate::model::Kind;
use crate::msg::{Origin, Page};
use crate::resource::join::{self, AlertIndex, Touched};
use crate::resource::{Source, Spec};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use table::{Changes, Chunk, Keyed, Predicate, Text};

/// Incidents joined in one go.
const PORTION: usize = 500;

/// Where the joins stand.
#[derive(Default)]
pub struct Joins {
    /// Which alerts belong to which incident and mention what.
    pub index: AlertIndex,
    /// The listing of alerts is complete.
    complete: bool,
    /// Incidents whose cells are to be made again.
    todo: BTreeSet<Text>,
    /// What the listings beside lists gave so far.
    beside: HashMap<Kind, Keyed>,
}

impl App {
    /// Arriving rows with the joined cells that are known, so that a row which did not change is seen to be the same.
    pub(super) fn filled(&self, kind: Kind, chunk: &Arc<Chunk>) -> Arc<Chunk> {
        let Some(pane) = self.panes.iter().find(|p| p.spec.kind == kind) else {
            return chunk.clone();
        };
        if kind == Kind::Incident {
            return match self.panes.iter().find(|p| p.spec.kind == Kind::Alert) {
                // while alerts load, what an incident had stays with it
                Some(_) if !self.joins.complete => carried(chunk, pane),
                Some(alerts) => {
                    join::fill_incidents(chunk.clone(), &self.joins.index, &alerts.rows)
                }
                None => chunk.clone(),
            };
        }
        match self.joins.beside.get(&kind) {
            Some(beside) => join::fill_beside(chunk.clone(), pane.spec, beside),
            None => chunk.clone(),
        }
    }

    /// Follows a change of the alerts, and begins what it means for incidents.
    pub(super) fn alerts_changed(&mut self, changes: &Changes, complete: bool) {
        let Some(alerts) = self.panes.iter().find(|p| p.spec.kind == Kind::Alert) else {
            return;
        };
        let touched = self.joins.index.take(&alerts.rows, changes);
        let begins = complete && !self.joins.complete;
        self.joins.complete = complete;
        if !complete {
            self.pend(Kind::Incident, true);
            return;
        }
        match touched {
            Touched::Some(ids) if !begins => self.joins.todo.extend(ids),
            _ => self
                .joins
                .todo
                .extend(join::incidents_of(&alerts.rows, alerts.rows.live().iter())),
        }
        self.join_some();
    }

    /// Follows an alert that went, by the row it had.
    pub(super) fn alert_removed(&mut self, row: u32) {
        let Some(alerts) = self.panes.iter().find(|p| p.spec.kind == Kind::Alert) else {
            return;
        };
        if let Touched::Some(ids) = self.joins.index.removed(&alerts.rows, row)
            && self.joins.complete
        {
            self.joins.todo.extend(ids);
        }
    }

    /// Joins a portion. True: there was something to do.
    pub(super) fn join_some(&mut self) -> bool {
        if !self.joins.complete {
            return false;
        }
        let portion: BTreeSet<Text> = std::iter::from_fn(|| self.joins.todo.pop_first())
            .take(PORTION)
            .collect();
        let any = !portion.is_empty();
        if any {
            let (Some(incidents), Some(alerts)) =
                (self.place(Kind::Incident), self.place(Kind::Alert))
            else {
                return false;
            };
            let Ok([incidents, alerts]) = self.panes.get_disjoint_mut([incidents, alerts]) else {
                return false;
            };
            let edits = join::incident_edits(
                &self.joins.index,
                &alerts.rows,
                &incidents.rows,
                &Touched::Some(portion),
            );
            let changes = incidents.rows.set_cells(edits);
            self.joined(Kind::Incident, changes);
        }
        if self.joins.todo.is_empty() {
            self.pend(Kind::Incident, false);
        }
        any
    }

    /// More is to be joined: the next portion wants an event.
    pub(super) fn joins_wait(&self) -> bool {
        self.joins.complete && !self.joins.todo.is_empty()
    }

    /// Rows of the listing beside a list: only their joined cells are taken.
    pub(super) fn beside(&mut self, page: &Page) {
        let kind = page.kind;
        if let Some(chunk) = &page.chunk {
            let Some(place) = self.place(kind) else {
                return;
            };
            let pane = &mut self.panes[place];
            let edits = join::beside_edits(&pane.rows, pane.spec, chunk);
            let changes = pane.rows.set_cells(edits);
            let known = self
                .joins
                .beside
                .entry(kind)
                .or_insert_with(|| Keyed::new(pane.spec.schema()));
            known.upsert(chunk.clone());
            self.joined(kind, changes);
        }
        if page.origin == Origin::BesideDone {
            self.pend(kind, false);
        }
    }

    /// Joined cells changed: rows stay where they are; what was filtered, ordered or grouped by them is made again soon.
    pub(super) fn joined(&mut self, kind: Kind, changes: Changes) {
        let height = self.list_height();
        let Some(pane) = self.pane_of(kind) else {
            return;
        };
        if changes.is_empty() {
            return;
        }
        // the order holds where it does not look at joined cells
        let ordered = pane.ordered.take();
        pane.follow(changes.clone(), height);
        if !pane.sort.iter().any(|k| is_joined(pane.spec, k.col)) {
            pane.ordered = ordered.map(|o| changes.follow_selection(&o));
        }
        if uses_joined(pane) {
            pane.job.due = true;
        }
    }

    /// Joined columns of a list are, or are no longer, being filled.
    pub(super) fn pend(&mut self, kind: Kind, pending: bool) {
        let Some(pane) = self.pane_of(kind) else {
            return;
        };
        let mut changed = false;
        for col in (0..pane.spec.columns.len()).filter(|c| is_joined(pane.spec, *c)) {
            changed |= pane.rows.table().is_pending(col) != pending;
            pane.rows.set_pending(col, pending);
        }
        // an empty cell means nothing now, where it was unknown before
        if changed && (uses_joined(pane) || !pane.filter.is_empty()) {
            pane.job.due = true;
        }
    }

    fn place(&self, kind: Kind) -> Option<usize> {
        self.panes.iter().position(|p| p.spec.kind == kind)
    }
}

/// Arriving rows with the joined cells that the rows they replace have.
fn carried(chunk: &Arc<Chunk>, pane: &Pane) -> Arc<Chunk> {
    let cols: Vec<usize> = (0..pane.spec.columns.len())
        .filter(|c| is_joined(pane.spec, *c))
        .collect();
    let old: Vec<Option<u32>> = (0..chunk.rows())
        .map(|row| pane.rows.find(chunk.column(0)?.text(row)?))
        .collect();
    if cols.is_empty() || old.iter().all(Option::is_none) {
        return chunk.clone();
    }
    let mut build = table::ChunkBuilder::new(chunk.schema().clone());
    for (row, old) in old.iter().enumerate() {
        for col in 0..chunk.columns().len() {
            match old.filter(|_| cols.contains(&col)) {
                Some(old) => build.cell(col, pane.rows.cell(old, col)),
                None => build.cell(col, chunk.cell(row, col)),
            }
        }
        build.end_row();
    }
    Arc::new(build.finish())
}

fn is_joined(spec: &Spec, col: usize) -> bool {
    spec.columns
        .get(col)
        .is_some_and(|c| c.source == Source::Joined)
}

/// Which rows are shown, or their order, depends on joined cells.
fn uses_joined(pane: &Pane) -> bool {
    let keep = pane
        .keep
        .as_ref()
        .is_some_and(|(_, p)| looks_at_joined(p, pane.spec));
    keep || pane.maybe > 0
        || looks_at_joined(&pane.filter.predicate, pane.spec)
        || pane
            .sort
            .iter()
            .map(|k| k.col)
            .chain(pane.group)
            .any(|c| is_joined(pane.spec, c))
}

fn looks_at_joined(predicate: &Predicate, spec: &Spec) -> bool {
    match predicate {
        Predicate::All | Predicate::None => false,
        Predicate::And(all) | Predicate::Or(all) => all.iter().any(|p| looks_at_joined(p, spec)),
        Predicate::Not(inner) => looks_at_joined(inner, spec),
        Predicate::Test { col, .. } => is_joined(spec, *col),
        Predicate::AnyText { cols, .. } => cols.iter().any(|c| is_joined(spec, *c)),
    }
}
