//! The rows of a result on screen: cursor, order, filter, search, columns. Rows are indexes into the table; nothing is
//! copied, and what looks at many rows is a job (`resource::hunt_work::arrange`).

#[cfg(test)]
#[path = "grid_tests.rs"]
mod tests;

use crate::model::Ticks;
use crate::resource::filter::lex::quoted;
use crate::resource::filter::{Problem, open};
use crate::resource::hunt_cell;
use crate::resource::hunt_chart::{Chart, Want};
use crate::resource::hunt_work::arrange::{Arrange, Arranged};
use std::collections::HashSet;
use std::sync::Arc;
use table::{Cancel, Cell, Predicate, Selection, SortKey, Table, Txt, Type};

/// Cells looked at for the widths of columns, and rows of one column at most.
const SAMPLE: usize = 20_000;
const SAMPLE_ROWS: usize = 200;
/// Cells a column gets at most before a person widens it, and ever.
const WIDEST: u16 = 60;
const MOST: u16 = 400;
const NARROWEST: u16 = 4;

/// A table, what of it is in sight, and where the cursor is.
#[derive(Debug)]
pub struct Grid {
    pub table: Table,
    /// Every row in the order asked for.
    pub ordered: Selection,
    /// Those that match.
    pub rows: Selection,
    pub filter: String,
    /// Terms of the filter that do not apply, and why.
    pub problems: Vec<Problem>,
    /// Words looked for without hiding anything, and the places among `rows` that have them.
    pub search: String,
    pub found: Arc<[u32]>,
    /// The cursor goes to the first row that the search finds.
    seek: bool,
    /// Columns sorted by, the first one counts most.
    pub sort: Vec<(usize, bool)>,
    /// `ordered` is not of that order yet.
    unsorted: bool,
    /// Columns in their order on screen.
    pub columns: Vec<usize>,
    pub widths: Vec<u16>,
    /// So many of the first columns stay in sight when the others move.
    pub frozen: usize,
    /// Marked rows, by their number in the table.
    pub marks: HashSet<u32>,
    /// Where a range of marks began.
    pub range: Option<usize>,
    /// Place of the cursor among `rows`, and among `columns`.
    pub at: usize,
    pub col: usize,
    pub top: usize,
    pub left: usize,
    /// A job is under way; what is shown is from before.
    pub waiting: Option<Cancel>,
    /// Columns that a person ignores: not in the record either.
    pub ignored: Vec<usize>,
    /// The chart that is wanted in place of the rows, and what was made of it.
    pub plot: Option<Want>,
    pub chart: Option<Arc<Chart>>,
    pub chart_top: usize,
}

impl Grid {
    pub fn new(table: Table) -> Self {
        let all = table.all();
        let widths = widths(&table);
        Self {
            columns: (0..table.schema().len()).collect(),
            ordered: all.clone(),
            rows: all,
            filter: String::new(),
            problems: Vec::new(),
            search: String::new(),
            found: Arc::from([]),
            seek: false,
            sort: Vec::new(),
            unsorted: false,
            widths,
            frozen: 0,
            marks: HashSet::new(),
            range: None,
            at: 0,
            col: 0,
            top: 0,
            left: 0,
            waiting: None,
            ignored: Vec::new(),
            plot: None,
            chart: None,
            chart_top: 0,
            table,
        }
    }

    /// The row under the cursor.
    pub fn row(&self) -> Option<u32> {
        self.rows.get(self.at)
    }

    /// The column under the cursor.
    pub fn column(&self) -> Option<usize> {
        self.columns.get(self.col).copied()
    }

    /// The cell under the cursor.
    pub fn cell(&self) -> Option<Cell<'_>> {
        Some(self.table.cell(self.row()?, self.column()?))
    }

    /// A column's name as it is on screen: one without a name is called by its place.
    pub fn name(&self, col: usize) -> String {
        hunt_cell::heading(self.table.schema(), col)
    }

    /// Moves the cursor; `height` rows are in sight.
    pub fn down(&mut self, by: isize, height: usize) {
        let last = self.rows.len().saturating_sub(1);
        self.at = self.at.saturating_add_signed(by).min(last);
        self.show(height);
    }

    pub fn across(&mut self, by: isize, width: u16) {
        let last = self.columns.len().saturating_sub(1);
        self.col = self.col.saturating_add_signed(by).min(last);
        self.show_column(width);
    }

    /// Keeps the cursor's row in sight.
    pub fn show(&mut self, height: usize) {
        let height = height.max(1);
        self.top = self
            .top
            .min(self.at)
            .max((self.at + 1).saturating_sub(height));
        self.top = self.top.min(self.rows.len().saturating_sub(1));
    }

    /// Keeps the cursor's column in sight.
    pub fn show_column(&mut self, width: u16) {
        let frozen = self.frozen_in(width);
        if self.col < frozen {
            self.left = self.left.max(frozen);
            return;
        }
        self.left = self.left.min(self.col).max(frozen);
        // from the cursor to the left for as long as there is room
        let fixed: u32 = (0..frozen).map(|n| u32::from(self.width(n)) + 1).sum();
        let mut room = u32::from(width).saturating_sub(fixed);
        let mut first = self.col;
        loop {
            let need = u32::from(self.width(first)) + 1;
            if need > room {
                first = (first + 1).min(self.col);
                break;
            }
            room -= need;
            if first == frozen {
                break;
            }
            first -= 1;
        }
        self.left = self.left.max(first);
    }

    /// The frozen columns that leave some room for the others.
    fn frozen_in(&self, width: u16) -> usize {
        let mut used = 0u32;
        let fits = |n: &usize| {
            used += u32::from(self.width(*n)) + 1;
            used <= u32::from(width) * 2 / 3
        };
        (0..self.frozen.min(self.columns.len().saturating_sub(1)))
            .take_while(fits)
            .count()
    }

    /// The columns in sight: their place, the cell where each begins, and its width.
    pub fn in_sight(&self, width: u16) -> Vec<(usize, u16, u16)> {
        let frozen = self.frozen_in(width);
        let mut out = Vec::new();
        let mut x = 0u16;
        let places = (0..frozen).chain(self.left.max(frozen)..self.columns.len());
        for place in places {
            if x >= width {
                break;
            }
            let w = self.width(place).min(width - x);
            out.push((place, x, w));
            x = x.saturating_add(w + 1);
        }
        out
    }

    /// Width of the column at a place on screen.
    pub fn width(&self, place: usize) -> u16 {
        let col = self.columns.get(place).copied().unwrap_or(0);
        self.widths.get(col).copied().unwrap_or(NARROWEST)
    }

    pub fn widen(&mut self, by: i16) {
        if let Some(col) = self.column()
            && let Some(width) = self.widths.get_mut(col)
        {
            *width = width.saturating_add_signed(by).clamp(NARROWEST, MOST);
        }
    }

    /// As wide as what is in sight needs; pressed again, as at the beginning.
    pub fn fit(&mut self, height: usize) {
        let Some(col) = self.column() else { return };
        let places = self.top..(self.top + height).min(self.rows.len());
        let rows = places.filter_map(|at| self.rows.get(at));
        let wide = width_of(&self.table, col, rows, MOST);
        if let Some(width) = self.widths.get_mut(col) {
            *width = if *width == wide {
                wide.min(WIDEST)
            } else {
                wide
            };
        }
    }

    /// Takes the cursor's column away; the last one stays.
    pub fn hide(&mut self) {
        if self.columns.len() > 1 && self.col < self.columns.len() {
            self.columns.remove(self.col);
            self.frozen -= usize::from(self.col < self.frozen);
            self.col = self.col.min(self.columns.len() - 1);
        }
    }

    /// Shows these columns in this order; none of them would be nothing to look at, so then all.
    pub fn choose(&mut self, columns: Vec<usize>) {
        let here = self.column();
        let most = self.table.schema().len();
        let mut columns: Vec<usize> = columns.into_iter().filter(|c| *c < most).collect();
        if columns.is_empty() {
            columns = (0..most).collect();
        }
        self.columns = columns;
        let again = here.and_then(|c| self.columns.iter().position(|o| *o == c));
        self.col = again
            .unwrap_or(self.col)
            .min(self.columns.len().saturating_sub(1));
        self.frozen = self.frozen.min(self.columns.len().saturating_sub(1));
        self.left = self.left.min(self.col);
    }

    /// Moves the cursor's column to the side.
    pub fn carry(&mut self, by: isize) {
        let to = self.col.saturating_add_signed(by);
        if to < self.columns.len() {
            self.columns.swap(self.col, to);
            self.col = to;
        }
    }

    /// Freezes the columns up to the cursor; again: none.
    pub fn freeze(&mut self) {
        let upto = self.col + 1;
        self.frozen = if self.frozen == upto { 0 } else { upto };
        self.left = self.left.max(self.frozen.min(self.col));
    }

    /// Marks or unmarks the row under the cursor, and goes on to the next.
    pub fn mark(&mut self, height: usize) {
        if let Some(row) = self.row() {
            if !self.marks.remove(&row) {
                self.marks.insert(row);
            }
            self.down(1, height);
        }
    }

    /// Begins a range of marks, or ends it: the rows between are marked.
    pub fn mark_range(&mut self) {
        match self.range.take() {
            None => self.range = Some(self.at),
            Some(from) => {
                let (a, b) = (from.min(self.at), from.max(self.at));
                let rows = (a..=b).filter_map(|n| self.rows.get(n));
                self.marks.extend(rows);
            }
        }
    }

    /// Marks every row that matches; when they all are, none.
    pub fn mark_all(&mut self) {
        let all = self.rows.iter().all(|r| self.marks.contains(&r));
        if all {
            self.marks.clear();
        } else {
            self.marks.extend(self.rows.iter());
        }
    }

    /// The marked rows in their order on screen, those that the filter hides last; else the row under the cursor.
    pub fn subjects(&self) -> Vec<u32> {
        if self.marks.is_empty() {
            return self.row().into_iter().collect();
        }
        let shown = self.rows.iter().filter(|r| self.marks.contains(r));
        let mut out: Vec<u32> = shown.collect();
        let seen: HashSet<u32> = out.iter().copied().collect();
        let mut rest: Vec<u32> = self.marks.difference(&seen).copied().collect();
        rest.sort_unstable();
        out.extend(rest);
        out
    }

    /// Sorts by the cursor's column: descending, ascending, not at all. `also`: beside those before.
    pub fn sort_by(&mut self, also: bool, now: Ticks) -> Option<Arrange> {
        let col = self.column()?;
        let was = self.sort.iter().position(|(c, _)| *c == col);
        let next = match was.map(|n| self.sort[n].1) {
            None => Some(true),
            Some(true) => Some(false),
            Some(false) => None,
        };
        if !also {
            self.sort.clear();
            self.sort.extend(next.map(|down| (col, down)));
        } else {
            match (was, next) {
                (Some(n), Some(down)) => self.sort[n].1 = down,
                (Some(n), None) => {
                    self.sort.remove(n);
                }
                (None, Some(down)) => self.sort.push((col, down)),
                (None, None) => {}
            }
        }
        Some(self.arrange(true, now))
    }

    /// Which way a column is sorted (`true` is descending), and its place among several.
    pub fn sorted(&self, col: usize) -> Option<(bool, usize)> {
        let place = self.sort.iter().position(|(c, _)| *c == col)?;
        Some((self.sort.get(place)?.1, place))
    }

    /// Shows the rows that pass a filter.
    pub fn filter_by(&mut self, text: &str, now: Ticks) -> Arrange {
        text.clone_into(&mut self.filter);
        self.arrange(false, now)
    }

    /// Looks for rows without hiding the others.
    pub fn search_for(&mut self, text: &str, now: Ticks) -> Arrange {
        text.clone_into(&mut self.search);
        self.seek = true;
        self.arrange(false, now)
    }

    fn arrange(&mut self, sort: bool, now: Ticks) -> Arrange {
        if let Some(old) = self.waiting.take() {
            old.cancel();
        }
        let cancel = Cancel::default();
        self.waiting = Some(cancel.clone());
        let schema = self.table.schema();
        let filter = open::read(&self.filter, schema, now);
        self.problems = filter.problems;
        let search = match self.search.trim() {
            "" => Predicate::None,
            words => open::read(words, schema, now).predicate,
        };
        let keys = self.sort.iter().map(|(c, d)| SortKey::new(*c, *d));
        // a sort whose answer never came, for a newer question, is still wanted
        self.unsorted |= sort;
        let sort = self.unsorted;
        Arrange {
            table: self.table.clone(),
            base: if sort {
                self.table.all()
            } else {
                self.ordered.clone()
            },
            sort: sort.then(|| keys.collect()),
            predicate: filter.predicate,
            search,
            cancel,
        }
    }

    /// Takes a job's answer; the cursor stays on its row where that is still shown.
    pub fn computed(&mut self, done: Arranged, height: usize) {
        let was = self.row();
        self.waiting = None;
        self.range = None;
        if let Some(ordered) = done.ordered {
            self.ordered = ordered;
            self.unsorted = false;
        }
        self.rows = done.rows;
        self.found = done.found;
        let again = was.and_then(|row| self.rows.position_of(row));
        self.at = again
            .unwrap_or(self.at)
            .min(self.rows.len().saturating_sub(1));
        if std::mem::take(&mut self.seek) && !self.is_found(self.at) {
            let at = self.next_found(true);
            let first = self.found.first().map(|p| *p as usize);
            self.at = at.or(first).unwrap_or(self.at);
        }
        self.show(height);
    }

    /// The job ended without an answer.
    pub fn not_computed(&mut self) {
        self.waiting = None;
    }

    /// The next place that the search found, round the end; none where nothing was found.
    pub fn next_found(&self, forward: bool) -> Option<usize> {
        let at = u32::try_from(self.at).ok()?;
        let n = if forward {
            self.found.partition_point(|p| *p <= at)
        } else {
            self.found.partition_point(|p| *p < at).checked_sub(1)?
        };
        self.found.get(n).map(|p| *p as usize)
    }

    /// Whether the row at a place has what is searched.
    pub fn is_found(&self, place: usize) -> bool {
        u32::try_from(place).is_ok_and(|p| self.found.binary_search(&p).is_ok())
    }

    /// A term of the filter language about the cell under the cursor: only these rows, or all but these.
    pub fn term(&self, without: bool) -> Result<String, String> {
        let (Some(col), Some(cell)) = (self.column(), self.cell()) else {
            return Err("there is no cell under the cursor".into());
        };
        let name = self.table.schema().name(col).map_or("", Txt::exact);
        term(name, cell, without)
    }
}

/// A term of the filter language about a value of a column.
pub fn term(name: &str, cell: Cell<'_>, without: bool) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) || !name.chars().all(plain) {
        return Err("the name of this column cannot stand in a filter".into());
    }
    let value = value_word(cell)?;
    let op = if value == "none" { ":" } else { "=" };
    let not = if without { "!" } else { "" };
    Ok(format!("{not}{name}{op}{value}"))
}

/// A value as the filter language has it.
pub fn value_word(cell: Cell<'_>) -> Result<String, String> {
    Ok(match cell {
        Cell::Null => "none".to_owned(),
        Cell::Text(t) if t.is_empty() => "none".to_owned(),
        Cell::Text(t) => quoted(t.exact()),
        Cell::Time(n) => Ticks(n)
            .timestamp()
            .map_or_else(String::new, |t| t.strftime("%Y-%m-%dT%H:%M:%S").to_string()),
        Cell::Int(n) => n.to_string(),
        Cell::Real(n) => n.to_string(),
        Cell::Bool(b) => b.to_string(),
        Cell::Span(n) => hunt_cell::span(n),
        Cell::List(_) => return Err("a list cannot stand in a filter".into()),
    })
}

/// As wide as the heading and what the first rows hold.
fn widths(table: &Table) -> Vec<u16> {
    let columns = table.schema().len();
    let rows = (SAMPLE / columns.max(1)).clamp(5, SAMPLE_ROWS) as u32;
    let rows = table.rows().min(rows);
    (0..columns)
        .map(|col| width_of(table, col, 0..rows, WIDEST))
        .collect()
}

fn width_of(table: &Table, col: usize, rows: impl Iterator<Item = u32>, most: u16) -> u16 {
    let mut text = String::new();
    // an arrow may stand behind the heading, and its place among several
    let head = hunt_cell::heading(table.schema(), col);
    let head = unicode_width::UnicodeWidthStr::width(head.as_str()) + 2;
    let cells = rows
        .map(|row| {
            text.clear();
            hunt_cell::fit(&mut text, table.cell(row, col), usize::from(most))
        })
        .max()
        .unwrap_or(0);
    let cells = match table.schema().kind(col) {
        Some(Type::Bool) => cells.max(5),
        _ => cells,
    };
    (head.max(cells).min(usize::from(u16::MAX)) as u16).clamp(NARROWEST, most)
}
