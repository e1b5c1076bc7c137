//! The lines of a list in the order shown: rows, or rows under the headings of their groups.

use crate::resource::column::{Column, Shape};
use crate::resource::grouping::{self, Group};
use std::collections::BTreeSet;
use table::{Changes, Keyed, Selection, Value};

/// The lines of a list.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    rows: Selection,
    groups: Vec<Shelf>,
    /// Line of each group's heading, and one more: the number of lines.
    starts: Vec<usize>,
}

/// A group as it stands in the list.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// Safe for the screen.
    pub name: String,
    pub value: Value,
    pub rows: Selection,
    pub folded: bool,
}

/// A line of a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Line {
    /// The heading of the n-th group.
    Head(usize),
    /// A row of the table, in the n-th group if there are any.
    Row(u32, usize),
}

/// What a line is about, so that it is found again after everything moved.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Mark {
    pub key: Option<table::Text>,
    pub group: Option<Value>,
}

impl Shown {
    pub fn new(
        rows: Selection,
        groups: Vec<Group>,
        column: Option<&Column>,
        folded: &BTreeSet<Value>,
    ) -> Self {
        let groups = groups
            .into_iter()
            .map(|g| Shelf {
                name: column.map_or_else(String::new, |c| name_of(&g.value, c)),
                folded: folded.contains(&g.value),
                value: g.value,
                rows: g.rows,
            })
            .collect();
        let mut shown = Self {
            rows,
            groups,
            starts: Vec::new(),
        };
        shown.measure();
        shown
    }

    /// The rows, each once, groups or not.
    pub fn rows(&self) -> &Selection {
        &self.rows
    }

    pub fn groups(&self) -> &[Shelf] {
        &self.groups
    }

    /// Number of lines.
    pub fn len(&self) -> usize {
        self.starts.last().copied().unwrap_or(self.rows.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The line at a place.
    pub fn line(&self, at: usize) -> Option<Line> {
        if self.groups.is_empty() {
            return self.rows.get(at).map(|r| Line::Row(r, 0));
        }
        if at >= self.len() {
            return None;
        }
        let n = self.starts.partition_point(|s| *s <= at).checked_sub(1)?;
        match at - self.starts.get(n)? {
            0 => Some(Line::Head(n)),
            row => self
                .groups
                .get(n)?
                .rows
                .get(row - 1)
                .map(|r| Line::Row(r, n)),
        }
    }

    pub fn row(&self, at: usize) -> Option<u32> {
        match self.line(at)? {
            Line::Row(row, _) => Some(row),
            Line::Head(_) => None,
        }
    }

    /// What the line at a place is about.
    pub fn mark(&self, at: usize, rows: &Keyed) -> Mark {
        let group = |n: usize| self.groups.get(n).map(|g| g.value.clone());
        match self.line(at) {
            Some(Line::Row(row, n)) => Mark {
                key: Some(rows.key(row).to_text()),
                group: group(n),
            },
            Some(Line::Head(n)) => Mark {
                key: None,
                group: group(n),
            },
            None => Mark::default(),
        }
    }

    /// Where the line is now that was marked: the same row in the same group, else the same row, else the same heading.
    pub fn find(&self, mark: &Mark, rows: &Keyed) -> Option<usize> {
        let row = mark.key.as_ref().and_then(|k| rows.find(k.txt().exact()));
        if self.groups.is_empty() {
            return self.rows.position_of(row?);
        }
        let in_group = |n: usize, shelf: &Shelf| -> Option<usize> {
            let start = *self.starts.get(n)?;
            if shelf.folded {
                return None;
            }
            Some(start + 1 + shelf.rows.position_of(row?)?)
        };
        let own = mark
            .group
            .as_ref()
            .and_then(|v| self.groups.iter().position(|g| g.value == *v));
        if let Some(n) = own {
            let shelf = self.groups.get(n)?;
            if let Some(place) = in_group(n, shelf) {
                return Some(place);
            }
            if mark.key.is_none() || shelf.folded {
                return self.starts.get(n).copied();
            }
        }
        row?;
        self.groups
            .iter()
            .enumerate()
            .find_map(|(n, g)| in_group(n, g))
    }

    /// The first line of a row.
    pub fn position_of(&self, row: u32) -> Option<usize> {
        if self.groups.is_empty() {
            return self.rows.position_of(row);
        }
        let unfolded = self
            .groups
            .iter()
            .zip(&self.starts)
            .filter(|(g, _)| !g.folded);
        let mut places =
            unfolded.filter_map(|(g, start)| Some(start + 1 + g.rows.position_of(row)?));
        places.next()
    }

    /// The newer versions of changed rows in the places of the old; rows that are gone drop out.
    pub fn follow(&mut self, changes: &Changes) {
        if changes.updated.is_empty() && changes.remap.is_none() {
            return;
        }
        self.rows = changes.follow_selection(&self.rows);
        for g in &mut self.groups {
            g.rows = changes.follow_selection(&g.rows);
        }
        self.measure();
    }

    /// Drops rows that are no longer live.
    pub fn drop_dead(&mut self, rows: &Keyed) {
        self.retain(|row| rows.is_live(row));
    }

    /// Drops rows that `keep` refuses.
    pub fn retain(&mut self, keep: impl Fn(u32) -> bool) {
        let kept = |s: &Selection| -> Selection { s.iter().filter(|r| keep(*r)).collect() };
        self.rows = kept(&self.rows);
        for g in &mut self.groups {
            g.rows = kept(&g.rows);
        }
        self.measure();
    }

    /// Folds or unfolds the n-th group.
    pub fn fold(&mut self, n: usize, fold: bool) {
        if let Some(g) = self.groups.get_mut(n) {
            g.folded = fold;
        }
        self.measure();
    }

    fn measure(&mut self) {
        self.starts.clear();
        if self.groups.is_empty() {
            return;
        }
        let mut at = 0;
        for g in &self.groups {
            self.starts.push(at);
            at += 1 + if g.folded { 0 } else { g.rows.len() };
        }
        self.starts.push(at);
    }
}

/// The name of a group for the screen.
fn name_of(value: &Value, column: &Column) -> String {
    match value {
        Value::Null => grouping::none_name(column),
        Value::Text(t) => match column.shape {
            Shape::Text(crate::resource::Meaning::Source)
            | Shape::Words(crate::resource::Meaning::Source) => {
                let name = crate::model::enums::source_name(t.txt().exact());
                if name == t.txt().exact() {
                    t.txt().shown().into_owned()
                } else {
                    name.to_owned()
                }
            }
            _ => t.txt().shown().into_owned(),
        },
        Value::Bool(b) => format!("{}: {}", column.head, if *b { "yes" } else { "no" }),
        Value::Int(n) => n.to_string(),
        Value::Real(n) => n.to_string(),
        Value::Time(_) | Value::Span(_) | Value::List(_) => String::new(),
    }
}
