//! A list pane: all known rows of a resource, the ones shown, and the cursor that live updates never move.

use super::action::moving::Move;
use super::columns::Chosen;
use super::detail::Detail;
use super::filter::Filter;
use super::marks::Marks;
use super::shown::{Line, Mark, Shown};
use crate::model::{Fault, Key, Kind};
use crate::msg::{Computed, Progress};
use crate::resource::ignore::Ignored;
use crate::resource::{Source, Spec};
use std::collections::BTreeSet;
use std::time::Duration;
use table::{Changes, Keyed, Predicate, Selection, SortKey, Value};

/// The state of one tab's list.
pub struct Pane {
    pub spec: &'static Spec,
    pub rows: Keyed,
    /// Every live row in the order of `sort`; none when rows or order changed since.
    pub ordered: Option<Selection>,
    pub shown: Shown,
    /// Rows that came since and would show; `R` takes them in.
    pub waiting: u32,
    /// Rows that only stay because a joined cell is not known yet.
    pub maybe: u32,
    /// Rows that match but are left out by the ignore lists or the look-back window.
    pub hidden: u32,
    /// What the ignore lists leave, and the lists it was made from; none after rows changed.
    pub keep: Option<(Ignored, Predicate)>,
    /// Unresolved rows of high severity, for the header.
    pub high: u32,
    pub cursor: usize,
    pub top: usize,
    /// Columns scrolled out at the left.
    pub left: usize,
    /// What is under the cursor: the cursor follows it when rows move.
    pub mark: Mark,
    /// The person has used this list; before that its top row may change under the cursor.
    pub touched: bool,
    pub filter: Filter,
    /// The last filter that was not empty, for `n` and `N`.
    pub last_filter: String,
    pub sort: Vec<SortKey>,
    pub group: Option<usize>,
    pub folded: BTreeSet<Value>,
    pub columns: Chosen,
    /// Name of the view in force, until something of it is changed.
    pub view: String,
    pub progress: Progress,
    /// The rows are those of the last run; the service has not answered yet.
    pub cached: bool,
    pub fault: Option<Fault>,
    /// New rows come in by themselves.
    pub follow: bool,
    /// Rows of all pages that could not be decoded.
    pub bad: u32,
    pub job: Running,
    pub marks: Marks,
    pub detail: Option<Detail>,
    /// The detail has the focus.
    pub in_detail: bool,
}

/// Where the computing of the shown rows stands.
#[derive(Debug, Default)]
pub struct Running {
    /// A job is out; the old rows stay until it answers.
    pub out: bool,
    /// What changed in the table since the job took its snapshot.
    pub since: Vec<Changes>,
    /// Rows came that it does not know.
    pub behind: bool,
    pub began: Duration,
    /// Not before this, because pages keep coming.
    pub not_before: Duration,
    /// A recomputation is due at `not_before`.
    pub due: bool,
}

impl Pane {
    pub fn new(spec: &'static Spec) -> Self {
        let mut rows = Keyed::new(spec.schema());
        for (col, column) in spec.columns.iter().enumerate() {
            rows.set_pending(col, column.source == Source::Joined);
        }
        Self {
            spec,
            rows,
            ordered: None,
            shown: Shown::default(),
            waiting: 0,
            maybe: 0,
            hidden: 0,
            keep: None,
            high: 0,
            cursor: 0,
            top: 0,
            left: 0,
            mark: Mark::default(),
            touched: false,
            filter: Filter::default(),
            last_filter: String::new(),
            sort: spec.sort_keys(spec.sort),
            group: None,
            folded: BTreeSet::new(),
            columns: Chosen::new(spec),
            view: String::new(),
            progress: Progress::default(),
            cached: false,
            fault: None,
            follow: false,
            bad: 0,
            job: Running::default(),
            marks: Marks::default(),
            detail: None,
            in_detail: false,
        }
    }

    /// The row under the cursor; none on a heading.
    pub fn row(&self) -> Option<u32> {
        self.shown.row(self.cursor)
    }

    /// The entity under the cursor.
    pub fn key(&self) -> Option<Key> {
        self.row().map(|r| self.about(r))
    }

    /// What a row is about: itself, or the device of which it tells something.
    pub fn about(&self, row: u32) -> Key {
        if self.spec.kind == Kind::Exposed {
            let device = self.spec.column("deviceId").map(|c| self.rows.cell(row, c));
            if let Some(id) = device.and_then(|c| c.text()) {
                return Key::new(Kind::Device, id.to_text());
            }
        }
        Key::new(self.spec.kind, self.rows.key(row).to_text())
    }

    /// Moves the cursor and keeps it in sight of `height` lines.
    pub fn move_to(&mut self, to: usize, height: usize) {
        self.touched = true;
        self.cursor = to.min(self.shown.len().saturating_sub(1));
        self.mark = self.shown.mark(self.cursor, &self.rows);
        self.scroll(height);
    }

    pub fn moved(&mut self, to: Move, height: usize) {
        match to {
            Move::Left => self.sideways(false, height),
            Move::Right => self.sideways(true, height),
            _ => self.move_to(to.apply(self.cursor, self.shown.len(), height), height),
        }
    }

    /// `h` and `l`: on a heading they fold and unfold, in a group `h` goes to its heading, else columns scroll.
    fn sideways(&mut self, right: bool, height: usize) {
        match self.shown.line(self.cursor) {
            Some(Line::Head(n)) => self.fold(n, !right, height),
            Some(Line::Row(_, n))
                if !right && self.left == 0 && !self.shown.groups().is_empty() =>
            {
                let mark = Mark {
                    key: None,
                    group: self.shown.groups().get(n).map(|g| g.value.clone()),
                };
                if let Some(place) = self.shown.find(&mark, &self.rows) {
                    self.move_to(place, height);
                }
            }
            _ => {
                let most = self.columns.shown().len().saturating_sub(2);
                self.left = if right {
                    (self.left + 1).min(most)
                } else {
                    self.left.saturating_sub(1)
                };
            }
        }
    }

    /// Folds or unfolds the group that the cursor is in or on.
    pub fn toggle_fold(&mut self, height: usize) {
        let n = match self.shown.line(self.cursor) {
            Some(Line::Head(n) | Line::Row(_, n)) if !self.shown.groups().is_empty() => n,
            _ => return,
        };
        let folded = self.shown.groups().get(n).is_some_and(|g| g.folded);
        self.fold(n, !folded, height);
    }

    fn fold(&mut self, n: usize, fold: bool, height: usize) {
        let Some(value) = self.shown.groups().get(n).map(|g| g.value.clone()) else {
            return;
        };
        let heading = Mark {
            key: None,
            group: Some(value.clone()),
        };
        if fold {
            self.folded.insert(value);
        } else {
            self.folded.remove(&value);
        }
        self.shown.fold(n, fold);
        if let Some(place) = self.shown.find(&heading, &self.rows) {
            self.move_to(place, height);
        }
    }

    /// Keeps the cursor inside the visible part.
    pub fn scroll(&mut self, height: usize) {
        let height = height.max(1);
        self.cursor = self.cursor.min(self.shown.len().saturating_sub(1));
        if self.cursor < self.top {
            self.top = self.cursor;
        } else if self.cursor >= self.top + height {
            self.top = self.cursor + 1 - height;
        }
        self.top = self.top.min(self.shown.len().saturating_sub(height));
        // the first row of a group brings its heading into sight
        let above = self.top.checked_sub(1).and_then(|at| self.shown.line(at));
        if self.cursor == self.top && height > 1 && matches!(above, Some(Line::Head(_))) {
            self.top -= 1;
        }
    }

    /// Takes new shown rows; the cursor stays on what it was on and at its height on the screen, or at its place if
    /// that is gone. Before the person used the list it stays at the top.
    pub fn show(&mut self, done: Computed, height: usize) {
        if let Some(ordered) = done.ordered {
            self.ordered = Some(ordered);
        }
        let column = self.group.and_then(|c| self.spec.columns.get(c));
        self.shown = Shown::new(done.rows, done.groups, column, &self.folded);
        self.maybe = done.maybe;
        self.hidden = done.hidden;
        self.settle(height);
    }

    /// Finds the marked line again after the lines changed.
    pub fn settle(&mut self, height: usize) {
        let in_view = self.cursor.saturating_sub(self.top);
        if self.touched
            && let Some(place) = self.shown.find(&self.mark, &self.rows)
        {
            self.cursor = place;
            self.top = place.saturating_sub(in_view);
            self.scroll(height);
            return;
        }
        if !self.touched {
            (self.cursor, self.top) = (0, 0);
        }
        self.scroll(height);
        self.mark = self.shown.mark(self.cursor, &self.rows);
    }

    /// Takes changes of the table into everything that names rows by number.
    pub fn follow(&mut self, changes: Changes, height: usize) {
        self.shown.follow(&changes);
        let reordered = !changes.added.is_empty() || !changes.updated.is_empty();
        self.ordered = match self.ordered.take() {
            Some(ordered) if !reordered => Some(changes.follow_selection(&ordered)),
            _ => None,
        };
        self.settle(height);
        if self.job.out {
            self.job.since.push(changes);
        }
    }

    /// The sort in force names this column first.
    pub fn sorted_by(&self, col: usize) -> Option<bool> {
        self.sort
            .first()
            .filter(|k| k.col == col)
            .map(|k| k.descending)
    }
}
