//! A list pane: all known rows of a resource, the ones shown, and the cursor that live updates never move.

use crate::model::{Fault, Key, Ticks};
use crate::msg::{Origin, Page, Progress};
use crate::resource::{Source, Spec};
use table::{Keyed, Predicate, Selection, SortKey, Text};

/// The state of one tab's list.
pub struct Pane {
    pub spec: &'static Spec,
    pub rows: Keyed,
    /// The rows shown, in order: filtered, hidden rows left out, sorted.
    pub shown: Selection,
    /// Rows that came since `shown` was last made and would show; `R` takes them in.
    pub waiting: u32,
    /// Rows that only stay because a joined cell is not known yet.
    pub maybe: u32,
    pub cursor: usize,
    pub top: usize,
    /// The key under the cursor: what the cursor follows when rows move.
    pub at: Option<Text>,
    pub filter: String,
    pub predicate: Predicate,
    pub sort: Vec<SortKey>,
    pub progress: Progress,
    pub cached: bool,
    pub fault: Option<Fault>,
    /// A job is out; the old `shown` stays until it answers.
    pub computing: bool,
    pub detail: Option<super::detail::Detail>,
    /// The detail has the focus.
    pub in_detail: bool,
}

impl Pane {
    pub fn new(spec: &'static Spec) -> Self {
        let mut rows = Keyed::new(spec.schema());
        for (col, column) in spec.columns.iter().enumerate() {
            rows.set_pending(col, column.source == Source::Joined);
        }
        let sort = spec.sort_keys(spec.sort);
        Self {
            spec,
            rows,
            shown: Selection::default(),
            waiting: 0,
            maybe: 0,
            cursor: 0,
            top: 0,
            at: None,
            filter: String::new(),
            predicate: Predicate::All,
            sort,
            progress: Progress::default(),
            cached: false,
            fault: None,
            computing: false,
            detail: None,
            in_detail: false,
        }
    }

    /// The row under the cursor.
    pub fn row(&self) -> Option<u32> {
        self.shown.get(self.cursor)
    }

    /// The entity under the cursor.
    pub fn key(&self) -> Option<Key> {
        self.row().map(|r| Key {
            kind: self.spec.kind,
            id: self.id_of(r),
        })
    }

    fn id_of(&self, row: u32) -> Text {
        match self.rows.cell(row, 0) {
            table::Cell::Text(t) => Text::from(t.exact()),
            _ => Text::default(),
        }
    }

    /// Moves the cursor and keeps it in sight of `height` rows.
    pub fn move_to(&mut self, to: usize, height: usize) {
        self.cursor = to.min(self.shown.len().saturating_sub(1));
        self.at = self.row().map(|r| self.id_of(r));
        self.scroll(height);
    }

    pub fn moved(&mut self, to: super::action::moving::Move, height: usize) {
        self.move_to(to.apply(self.cursor, self.shown.len(), height), height);
    }

    /// Keeps the cursor inside the visible part.
    pub fn scroll(&mut self, height: usize) {
        let height = height.max(1);
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + height {
            self.top = self.cursor + 1 - height;
        }
        self.top = self.top.min(self.shown.len().saturating_sub(height));
    }

    /// Takes a page in. True: the shown rows must be made again (first fill, or nothing on screen yet).
    pub fn take(&mut self, page: &Page) -> bool {
        self.progress = page.progress;
        self.cached = page.origin == Origin::Cache;
        if page.origin != Origin::Cache {
            self.fault = None;
        }
        let mut dirty = false;
        if let Some(chunk) = &page.chunk {
            let changes = self.rows.upsert(chunk.clone());
            self.shown = changes.follow_selection(&self.shown);
            match page.origin {
                Origin::Poll => self.waiting += changes.added.len() as u32,
                _ => dirty = !changes.is_empty(),
            }
        }
        for id in &page.removed {
            dirty |= self.rows.remove(id.txt().exact()).is_some();
        }
        dirty
    }

    /// Takes new shown rows; the cursor stays on its key, or at its place if that row is gone.
    pub fn show(&mut self, rows: Selection, maybe: u32, height: usize) {
        self.shown = rows;
        self.maybe = maybe;
        self.computing = false;
        if let Some(at) = &self.at {
            if let Some(place) = self
                .rows
                .find(at.txt().exact())
                .and_then(|r| self.shown.position_of(r))
            {
                let in_view = self.cursor.saturating_sub(self.top);
                self.cursor = place;
                self.top = place.saturating_sub(in_view);
            }
        }
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
        self.scroll(height);
    }

    pub fn as_of(&self) -> Option<Ticks> {
        self.progress.as_of
    }
}
