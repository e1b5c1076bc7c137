//! The axis of a timeline: what is in sight of it, zooming around an instant, and which column of the screen an instant
//! falls into. Pure; instants are ticks.

use crate::model::Ticks;
use crate::model::time::SECOND;

/// The shortest stretch that is shown: a second for each of ten columns.
pub const LEAST: i64 = 10 * SECOND;

/// A stretch of time; both ends belong to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub from: Ticks,
    pub to: Ticks,
}

impl Span {
    /// From the earlier to the later.
    pub fn new(from: Ticks, to: Ticks) -> Self {
        Self {
            from: from.min(to),
            to: to.max(from),
        }
    }

    pub fn len(self) -> i64 {
        self.to.0.saturating_sub(self.from.0)
    }

    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    pub fn holds(self, at: Ticks) -> bool {
        self.from <= at && at <= self.to
    }

    /// They have an instant in common.
    pub fn meets(self, other: Span) -> bool {
        self.from <= other.to && other.from <= self.to
    }

    pub fn middle(self) -> Ticks {
        Ticks(self.from.0 + self.len() / 2)
    }

    /// The first instant of a column of `columns`; that of the one after the last lies beyond the end.
    pub fn edge(self, column: usize, columns: usize) -> Ticks {
        let columns = columns.max(1);
        // the end belongs to the last column
        let whole = i128::from(self.len()) + 1;
        let at = whole * column as i128 / columns as i128;
        Ticks(self.from.0.saturating_add(at as i64))
    }

    /// The column that an instant falls into; none where it is out of sight.
    pub fn column(self, at: Ticks, columns: usize) -> Option<usize> {
        if !self.holds(at) || columns == 0 {
            return None;
        }
        let whole = i128::from(self.len()) + 1;
        let into = i128::from(at.0 - self.from.0);
        // the last column whose first instant is not later
        Some((((into + 1) * columns as i128 - 1) / whole) as usize)
    }
}

/// What there is, and what of it is in sight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Axis {
    pub whole: Span,
    pub view: Span,
}

impl Axis {
    pub fn new(whole: Span) -> Self {
        Self { whole, view: whole }
    }

    /// Half as much, or twice as much, around an instant, which keeps its place on the screen where it can.
    pub fn zoom(&mut self, closer: bool, around: Ticks) {
        let around = Ticks(around.0.clamp(self.view.from.0, self.view.to.0));
        let now = self.view.len();
        let len = if closer {
            (now / 2).max(LEAST.min(self.whole.len()))
        } else {
            now.saturating_mul(2)
        };
        let before =
            i128::from(around.0 - self.view.from.0) * i128::from(len) / i128::from(now.max(1));
        self.place(around.0.saturating_sub(before as i64), len);
        if !self.view.holds(around) {
            self.show(around);
        }
    }

    /// Moves by a part of what is in sight: -1 is a whole screen back, in halves.
    pub fn pan(&mut self, halves: i64) {
        let len = self.view.len();
        let by = (len / 2).saturating_mul(halves);
        self.place(self.view.from.0.saturating_add(by), len);
    }

    /// Everything is in sight.
    pub fn all(&mut self) {
        self.view = self.whole;
    }

    /// Brings an instant into sight, if it is not.
    pub fn show(&mut self, at: Ticks) {
        if !self.view.holds(at) && self.whole.holds(at) {
            let len = self.view.len();
            self.place(at.0.saturating_sub(len / 2), len);
        }
    }

    fn place(&mut self, from: i64, len: i64) {
        let len = len.clamp(0, self.whole.len());
        let last = self.whole.to.0.saturating_sub(len);
        let from = from.clamp(self.whole.from.0, last.max(self.whole.from.0));
        self.view = Span {
            from: Ticks(from),
            to: Ticks(from + len),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn span() -> impl Strategy<Value = Span> {
        (
            -1_000_000_000_000i64..1_000_000_000_000,
            0i64..30_000_000_000_000,
        )
            .prop_map(|(from, len)| Span::new(Ticks(from), Ticks(from + len)))
    }

    proptest! {
        #[test]
        fn each_instant_in_sight_has_one_column_and_the_edges_agree(s in span(), columns in 1usize..300, part in 0.0f64..=1.0) {
            let at = Ticks(s.from.0 + (s.len() as f64 * part) as i64);
            prop_assume!(s.holds(at));
            let c = s.column(at, columns).unwrap();
            prop_assert!(c < columns);
            prop_assert!(s.edge(c, columns) <= at && at < s.edge(c + 1, columns));
            prop_assert_eq!(s.edge(0, columns), s.from);
            prop_assert!(s.edge(columns, columns) > s.to);
            prop_assert_eq!(s.column(Ticks(s.to.0 + 1), columns), None);
            prop_assert_eq!(s.column(s.to, columns), Some(columns - 1));
        }

        #[test]
        fn the_view_never_leaves_the_whole_and_keeps_the_instant_zoomed_around(
            s in span(), steps in proptest::collection::vec((0u8..4, 0.0f64..=1.0), 0..40)
        ) {
            let mut axis = Axis::new(s);
            for (what, part) in steps {
                let at = Ticks(axis.view.from.0 + (axis.view.len() as f64 * part) as i64);
                let at = Ticks(at.0.min(axis.view.to.0));
                match what {
                    0 => axis.zoom(true, at),
                    1 => axis.zoom(false, at),
                    2 => axis.pan(if part > 0.5 { 1 } else { -2 }),
                    _ => axis.show(Ticks(s.from.0 + (s.len() as f64 * part) as i64)),
                }
                prop_assert!(s.from <= axis.view.from && axis.view.to <= s.to && axis.view.from <= axis.view.to);
                prop_assert!(axis.view.len() >= LEAST.min(s.len()));
                if what < 2 {
                    prop_assert!(axis.view.holds(at));
                }
            }
            axis.all();
            prop_assert_eq!(axis.view, s);
        }

        #[test]
        fn what_is_shown_is_in_sight(s in span(), part in 0.0f64..=1.0, zooms in 0usize..12) {
            let mut axis = Axis::new(s);
            for _ in 0..zooms {
                axis.zoom(true, s.from);
            }
            let at = Ticks((s.from.0 + (s.len() as f64 * part) as i64).min(s.to.0));
            axis.show(at);
            prop_assert!(axis.view.holds(at));
        }
    }

    #[test]
    fn an_instant_alone_has_a_column_however_many_there_are() {
        let s = Span::new(Ticks(346), Ticks(346));
        assert_eq!(s.column(Ticks(346), 3), Some(2));
        assert_eq!(s.edge(2, 3), Ticks(346));
    }

    #[test]
    fn closer_and_back_again_is_where_one_was() {
        let s = Span::new(Ticks(0), Ticks(1_000_000 * SECOND));
        let mut axis = Axis::new(s);
        let at = Ticks(400_000 * SECOND);
        axis.zoom(true, at);
        assert_eq!(axis.view.len(), s.len() / 2);
        assert_eq!(
            axis.view.from,
            Ticks(200_000 * SECOND),
            "it keeps its place on the screen"
        );
        axis.zoom(false, at);
        assert_eq!(axis.view, s);
    }
}
