//! The rows of a result on screen: cursor, order, filter, widths. Rows are indexes into the table; nothing is copied.

use crate::msg::Job;
use table::{Cancel, Pattern, Predicate, Selection, SortKey, Table, Type};
use unicode_width::UnicodeWidthStr;

/// Rows looked at for the widths of columns.
const SAMPLE: u32 = 200;
/// Cells a column gets at most before a person widens it.
const WIDEST: u16 = 60;
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
    /// Columns sorted by, the first one counts most.
    pub sort: Vec<(usize, bool)>,
    /// Columns in their order on screen.
    pub columns: Vec<usize>,
    pub widths: Vec<u16>,
    /// Place of the cursor among `rows`, and among `columns`.
    pub at: usize,
    pub col: usize,
    pub top: usize,
    pub left: usize,
    /// A job is under way; what is shown is from before.
    pub waiting: Option<Cancel>,
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
            sort: Vec::new(),
            widths,
            at: 0,
            col: 0,
            top: 0,
            left: 0,
            waiting: None,
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
        if self.col < self.left {
            self.left = self.col;
        }
        while self.left < self.col && self.span(self.left, self.col) > width {
            self.left += 1;
        }
    }

    /// Cells from the first of these columns to the end of the last.
    fn span(&self, from: usize, to: usize) -> u16 {
        (from..=to).map(|n| self.width(n) + 1).sum()
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
            *width = width.saturating_add_signed(by).clamp(NARROWEST, 400);
        }
    }

    /// Takes the cursor's column away; the last one stays.
    pub fn hide(&mut self) {
        if self.columns.len() > 1 {
            self.columns.remove(self.col);
            self.col = self.col.min(self.columns.len() - 1);
        }
    }

    /// Moves the cursor's column to the side.
    pub fn carry(&mut self, by: isize) {
        let to = self.col.saturating_add_signed(by);
        if to < self.columns.len() {
            self.columns.swap(self.col, to);
            self.col = to;
        }
    }

    /// Sorts by the cursor's column: descending, ascending, not at all. `also`: beside those before.
    pub fn sort_by(&mut self, also: bool) -> Option<Job> {
        let col = self.column()?;
        let was = self.sort.iter().position(|(c, _)| *c == col);
        let next = match was.map(|n| self.sort[n].1) {
            None => Some(true),
            Some(true) => Some(false),
            Some(false) => None,
        };
        if !also {
            self.sort.clear();
        } else if let Some(n) = was {
            self.sort.remove(n);
        }
        self.sort.extend(next.map(|down| (col, down)));
        Some(self.job(true))
    }

    /// Which way a column is sorted, `true` is descending.
    pub fn sorted(&self, col: usize) -> Option<bool> {
        self.sort.iter().find(|(c, _)| *c == col).map(|(_, d)| *d)
    }

    /// Shows the rows in which some cell has these words.
    pub fn filter_by(&mut self, words: &str) -> Job {
        words.clone_into(&mut self.filter);
        self.job(false)
    }

    fn job(&mut self, sort: bool) -> Job {
        if let Some(old) = self.waiting.take() {
            old.cancel();
        }
        let cancel = Cancel::default();
        self.waiting = Some(cancel.clone());
        let keys = self.sort.iter().map(|(c, d)| SortKey::new(*c, *d));
        Job {
            table: self.table.clone(),
            base: if sort {
                self.table.all()
            } else {
                self.ordered.clone()
            },
            sort: if sort { keys.collect() } else { Vec::new() },
            predicate: any_cell(&self.table, &self.filter),
            keep: Predicate::All,
            group: None,
            cancel,
        }
    }

    /// Takes a job's answer; the cursor stays on its row where that is still shown.
    pub fn computed(&mut self, ordered: Option<Selection>, rows: Selection, height: usize) {
        let was = self.row();
        self.waiting = None;
        if let Some(ordered) = ordered {
            self.ordered = ordered;
        }
        self.rows = rows;
        let again = was.and_then(|row| self.rows.position_of(row));
        self.at = again
            .unwrap_or(self.at)
            .min(self.rows.len().saturating_sub(1));
        self.show(height);
    }
}

/// Every word somewhere in a row; `!word` nowhere.
fn any_cell(table: &Table, words: &str) -> Predicate {
    let columns: Vec<usize> = (0..table.schema().len())
        .filter(|c| table.schema().kind(*c).is_some_and(Type::is_textual))
        .collect();
    let one = |word: &str| Predicate::AnyText {
        cols: columns.clone(),
        test: Pattern::contains(word),
    };
    let all: Vec<Predicate> = words
        .split_whitespace()
        .map(|word| match word.strip_prefix('!') {
            Some(word) if !word.is_empty() => Predicate::Not(Box::new(one(word))),
            _ => one(word),
        })
        .collect();
    if all.is_empty() {
        Predicate::All
    } else {
        Predicate::And(all)
    }
}

/// As wide as the heading and what the first rows hold.
fn widths(table: &Table) -> Vec<u16> {
    let schema = table.schema();
    (0..schema.len())
        .map(|col| {
            let head = schema.name(col).map_or(0, |n| n.shown().width()) + 1;
            let cells = (0..table.rows().min(SAMPLE))
                .map(|row| match schema.kind(col) {
                    Some(Type::Time) => 28,
                    Some(Type::Bool) => 5,
                    _ => table.text(row, col).map_or_else(
                        || {
                            table
                                .cell(row, col)
                                .int()
                                .map_or(8, |n| n.to_string().len())
                        },
                        |t| t.shown().width().min(usize::from(WIDEST)),
                    ),
                })
                .max()
                .unwrap_or(0);
            (head.max(cells) as u16).clamp(NARROWEST, WIDEST)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use table::{ChunkBuilder, Schema};

    fn grid() -> Grid {
        let schema = Arc::new(Schema::new([
            ("Name", Type::Text),
            ("N", Type::Long),
            ("Note", Type::Text),
        ]));
        let mut b = ChunkBuilder::new(schema.clone());
        for (name, n, note) in [("ada", 3, "x"), ("bob", 1, "y"), ("cyd", 2, "x")] {
            b.text(0, Some(name));
            b.int(1, Some(n));
            b.text(2, Some(note));
            b.end_row();
        }
        let mut table = Table::new(schema);
        table.append(Arc::new(b.finish()));
        Grid::new(table)
    }

    fn done(grid: &mut Grid, job: Job) {
        let c = job.run().expect("not cancelled");
        grid.computed(c.ordered, c.rows, 10);
    }

    #[test]
    fn sorting_by_the_column_turns_about_and_ends_and_the_cursor_stays_on_its_row() {
        let mut g = grid();
        g.across(1, 80);
        let job = g.sort_by(false).unwrap();
        done(&mut g, job);
        assert_eq!(g.rows.rows(), [0, 2, 1]);
        g.down(2, 10);
        let job = g.sort_by(false).unwrap();
        done(&mut g, job);
        assert_eq!((g.rows.rows(), g.row()), (&[1u32, 2, 0][..], Some(1)));
        let job = g.sort_by(false).unwrap();
        done(&mut g, job);
        assert_eq!(g.rows.rows(), [0, 1, 2]);
    }

    #[test]
    fn words_are_looked_for_in_every_cell_and_a_newer_filter_cancels_the_older() {
        let mut g = grid();
        let old = g.filter_by("x");
        let job = g.filter_by("x !ada");
        assert!(old.run().is_none(), "cancelled");
        done(&mut g, job);
        assert_eq!(g.rows.rows(), [2]);
    }

    #[test]
    fn columns_are_hidden_carried_and_stay_in_sight() {
        let mut g = grid();
        g.carry(1);
        assert_eq!(g.columns, [1, 0, 2]);
        g.hide();
        assert_eq!((g.columns.as_slice(), g.col), (&[1usize, 2][..], 1));
        g.across(0, 3);
        assert_eq!(g.left, 1);
    }
}
