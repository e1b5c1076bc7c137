//! A cursor over lines that are laid out as rows: shared by the detail and the inspector. Lines without words are
//! skipped; a line taller than the screen is passed row by row, so that nothing of it is out of reach.

use super::action::moving::Move;
use super::doc::Row;

/// Where the cursor stands and what is in sight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Scroll {
    /// The line under the cursor.
    pub line: usize,
    /// The first row in sight.
    pub top: usize,
}

/// The rows of a line.
fn span(rows: &[Row], line: usize) -> (usize, usize) {
    let first = rows.partition_point(|r| r.line < line);
    (first, rows.partition_point(|r| r.line <= line).max(first))
}

/// The next line with words at or after a row, or before it.
fn stop(rows: &[Row], from: usize, down: bool) -> Option<usize> {
    let mut worded = |row: &&Row| !row.pieces.is_empty();
    let row = if down {
        rows.get(from..)?.iter().find(&mut worded)
    } else {
        rows.get(..from)?.iter().rev().find(&mut worded)
    };
    row.map(|r| r.line)
}

impl Scroll {
    pub fn moved(&mut self, to: Move, rows: &[Row], height: usize) {
        let height = height.max(1);
        match to {
            Move::Rows(n) => {
                for _ in 0..n.unsigned_abs() {
                    self.step(n > 0, rows, height);
                }
            }
            Move::Pages(n) => self.leap(n * (height as isize - 1).max(1), rows, height),
            Move::Halves(n) => self.leap(n * (height as isize / 2).max(1), rows, height),
            Move::First => {
                self.line = stop(rows, 0, true).unwrap_or(0);
                self.top = 0;
                self.ensure(rows, height);
            }
            Move::Last => {
                self.line = stop(rows, rows.len(), false).unwrap_or(0);
                self.top = rows.len().saturating_sub(height);
                self.ensure(rows, height);
            }
            Move::Left | Move::Right => {}
        }
    }

    /// Puts the cursor on a line and that in sight.
    pub fn to(&mut self, line: usize, rows: &[Row], height: usize) {
        self.line = line;
        let height = height.max(1);
        let (first, end) = span(rows, line);
        if first < self.top {
            self.top = first;
        } else if end > self.top + height {
            // a line taller than the screen is shown from its beginning
            self.top = (end - height).min(first);
        }
        self.top = self.top.min(rows.len().saturating_sub(height));
    }

    /// The rows were made again: the cursor's line stays in sight, and nothing moves that need not.
    pub fn settle(&mut self, rows: &[Row], height: usize) {
        let last = rows.last().map_or(0, |r| r.line);
        self.line = self.line.min(last);
        let (first, _) = span(rows, self.line);
        if rows.get(first).is_none_or(|r| r.pieces.is_empty()) {
            self.line = stop(rows, first, true)
                .or_else(|| stop(rows, first, false))
                .unwrap_or(0);
        }
        self.top = self.top.min(rows.len().saturating_sub(height.max(1)));
        self.ensure(rows, height);
    }

    /// Brings the line into sight if nothing of it is.
    fn ensure(&mut self, rows: &[Row], height: usize) {
        let (first, end) = span(rows, self.line);
        if end <= self.top || first >= self.top + height.max(1) {
            self.to(self.line, rows, height);
        }
    }

    fn step(&mut self, down: bool, rows: &[Row], height: usize) {
        let (first, end) = span(rows, self.line);
        if down {
            if end > self.top + height {
                self.top += 1;
            } else if let Some(line) = stop(rows, end, true) {
                self.to(line, rows, height);
            } else {
                self.top = rows.len().saturating_sub(height);
                self.ensure(rows, height);
            }
        } else if first < self.top {
            self.top -= 1;
        } else if let Some(line) = stop(rows, first, false) {
            let (first, end) = span(rows, line);
            if end - first > height && self.top >= first {
                // from below one meets the end of a tall line first
                self.line = line;
                self.top = self.top.min(end - height);
            } else {
                self.to(line, rows, height);
            }
        } else {
            self.top = 0;
            self.ensure(rows, height);
        }
    }

    /// Moves by rows of the screen; the cursor keeps its height on it where there are words.
    fn leap(&mut self, by: isize, rows: &[Row], height: usize) {
        let most = rows.len().saturating_sub(height);
        let (first, _) = span(rows, self.line);
        let from = first.max(self.top);
        let to = from
            .saturating_add_signed(by)
            .min(rows.len().saturating_sub(1));
        self.top = self.top.saturating_add_signed(by).min(most);
        let line = if by > 0 {
            stop(rows, to, true).or_else(|| stop(rows, to, false))
        } else {
            stop(rows, to + 1, false).or_else(|| stop(rows, to, true))
        };
        if let Some(line) = line {
            self.line = line;
        }
        self.ensure(rows, height);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::doc::Ink;
    use proptest::prelude::*;

    /// Lines of so many rows; 0 is a blank line.
    fn rows(heights: &[usize]) -> Vec<Row> {
        let mut out = Vec::new();
        for (line, n) in heights.iter().enumerate() {
            for i in 0..(*n).max(1) {
                let word = (Ink::Text, format!("{line}.{i}"));
                out.push(Row {
                    line,
                    indent: 0,
                    pieces: (*n > 0).then_some(word).into_iter().collect(),
                });
            }
        }
        out
    }

    #[test]
    fn blank_lines_are_skipped_and_a_tall_line_is_passed_row_by_row() {
        let rows = rows(&[1, 0, 8, 1, 0]);
        let mut s = Scroll::default();
        let mut seen = Vec::new();
        for _ in 0..8 {
            s.moved(Move::Rows(1), &rows, 4);
            seen.push((s.line, s.top));
        }
        assert_eq!(
            seen,
            [
                (2, 2),
                (2, 3),
                (2, 4),
                (2, 5),
                (2, 6),
                (3, 7),
                (3, 8),
                (3, 8)
            ]
        );
        let mut back = Vec::new();
        for _ in 0..9 {
            s.moved(Move::Rows(-1), &rows, 4);
            back.push((s.line, s.top));
        }
        assert_eq!(
            back,
            [
                (2, 6),
                (2, 5),
                (2, 4),
                (2, 3),
                (2, 2),
                (0, 0),
                (0, 0),
                (0, 0),
                (0, 0)
            ]
        );
    }

    #[test]
    fn pages_ends_and_fresh_rows() {
        let many = rows(&[1; 50]);
        let mut s = Scroll::default();
        s.moved(Move::Pages(1), &many, 10);
        assert_eq!((s.line, s.top), (9, 9));
        s.moved(Move::Halves(1), &many, 10);
        assert_eq!((s.line, s.top), (14, 14));
        s.moved(Move::Last, &many, 10);
        assert_eq!((s.line, s.top), (49, 40));
        s.moved(Move::Pages(-1), &many, 10);
        assert_eq!((s.line, s.top), (40, 31));
        // fewer lines than before
        s.settle(&rows(&[1; 5]), 10);
        assert_eq!((s.line, s.top), (4, 0));
        s.moved(Move::First, &rows(&[0, 1, 1]), 10);
        assert_eq!((s.line, s.top), (1, 0));
        s.settle(&[], 10);
        assert_eq!((s.line, s.top), (0, 0));
    }

    proptest! {
        #[test]
        fn every_row_can_be_brought_into_sight(heights in proptest::collection::vec(0usize..15, 1..30), height in 1usize..12) {
            let rows = rows(&heights);
            let mut s = Scroll::default();
            s.settle(&rows, height);
            let mut seen = vec![false; rows.len()];
            for _ in 0..rows.len() * 2 + 5 {
                for r in seen.iter_mut().skip(s.top).take(height) { *r = true; }
                s.moved(Move::Rows(1), &rows, height);
                prop_assert!(s.top <= rows.len());
                let (first, end) = span(&rows, s.line);
                let blank = rows.iter().all(|r| r.pieces.is_empty());
                prop_assert!(blank || (first < s.top + height && end > s.top), "the cursor is in sight");
            }
            // only blank rows may have been passed over
            for (n, r) in rows.iter().enumerate() { prop_assert!(seen[n] || r.pieces.is_empty()); }
        }

        #[test]
        fn any_moves_keep_the_cursor_in_sight(heights in proptest::collection::vec(0usize..9, 0..30), height in 1usize..12, moves in proptest::collection::vec((0u8..8, -3isize..4), 0..40)) {
            let rows = rows(&heights);
            let mut s = Scroll::default();
            for (what, n) in moves {
                let to = match what { 0..=2 => Move::Rows(n), 3 | 4 => Move::Pages(n), 5 => Move::Halves(n), 6 => Move::First, _ => Move::Last };
                s.moved(to, &rows, height);
                let (first, end) = span(&rows, s.line);
                let blank = rows.iter().all(|r| r.pieces.is_empty());
                prop_assert!(blank || (first < s.top + height && end > s.top));
            }
        }
    }
}
