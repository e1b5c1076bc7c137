//! Which rows pass: three-valued, so that what is not known yet hides nothing.
//!
//! A predicate is bound to each chunk, where a text test is answered once for each distinct value of a
//! dictionary, and is then evaluated column by column in blocks of rows.

mod bound;
#[cfg(test)]
mod tests;

use crate::cancel::Cancel;
use crate::cell::Cell;
use crate::pattern::Pattern;
use crate::selection::Selection;
use crate::table::Table;

/// How numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cmp {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A test of one cell. A null passes none but [`Test::Null`]; a null in a pending column is *maybe*.
#[derive(Clone, Debug)]
pub enum Test {
    /// A text, or any member of a list (so `Equals` is *list contains*, `StartsWith` *any prefix*).
    Text(Pattern),
    /// `Int`, `Long`, `Time` and `Timespan`, in their stored units; `Real` too.
    Int(Cmp, i64),
    /// `Real`, and whole numbers compared as reals.
    Real(Cmp, f64),
    Bool(bool),
    /// There is no value.
    Null,
}

/// What a row must be.
#[derive(Clone, Debug)]
pub enum Predicate {
    All,
    None,
    /// Every one of them; of none, yes.
    And(Vec<Predicate>),
    /// Any one of them; of none, no.
    Or(Vec<Predicate>),
    Not(Box<Predicate>),
    Test {
        col: usize,
        test: Test,
    },
    /// The test passes in one of these columns.
    AnyText {
        cols: Vec<usize>,
        test: Pattern,
    },
}

/// No, not known yet, yes: `And` is the least, `Or` the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Truth {
    No = 0,
    Maybe = 1,
    Yes = 2,
}

/// The rows that pass or may pass, in the order of the selection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Filtered {
    pub rows: Selection,
    /// How many of them only may pass.
    pub maybe: u32,
}

impl std::ops::Not for Truth {
    type Output = Truth;
    fn not(self) -> Truth {
        match self {
            Truth::No => Truth::Yes,
            Truth::Maybe => Truth::Maybe,
            Truth::Yes => Truth::No,
        }
    }
}

impl From<bool> for Truth {
    fn from(yes: bool) -> Truth {
        if yes { Truth::Yes } else { Truth::No }
    }
}

impl Cmp {
    /// Whether `a` stands so to `b`.
    #[inline]
    pub fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Cmp::Eq => a == b,
            Cmp::Ne => a != b,
            Cmp::Lt => a < b,
            Cmp::Le => a <= b,
            Cmp::Gt => a > b,
            Cmp::Ge => a >= b,
        }
    }
}

impl Predicate {
    /// One row's truth: what [`filter`] answers for many.
    pub fn truth(&self, table: &Table, row: u32) -> Truth {
        match self {
            Predicate::All => Truth::Yes,
            Predicate::None => Truth::No,
            Predicate::And(all) => all
                .iter()
                .map(|p| p.truth(table, row))
                .min()
                .unwrap_or(Truth::Yes),
            Predicate::Or(any) => any
                .iter()
                .map(|p| p.truth(table, row))
                .max()
                .unwrap_or(Truth::No),
            Predicate::Not(inner) => !inner.truth(table, row),
            Predicate::Test { col, test } => test.truth(table, row, *col),
            Predicate::AnyText { cols, test } => {
                let text =
                    |col: &usize| cell_truth(table, row, *col, |cell| text_passes(test, cell));
                cols.iter().map(text).max().unwrap_or(Truth::No)
            }
        }
    }
}

impl Test {
    fn truth(&self, table: &Table, row: u32, col: usize) -> Truth {
        cell_truth(table, row, col, |cell| match (self, cell) {
            (Test::Null, cell) => cell.is_null(),
            (Test::Text(pattern), cell) => text_passes(pattern, cell),
            (Test::Int(cmp, than), Cell::Int(n) | Cell::Time(n) | Cell::Span(n)) => {
                cmp.holds(n, *than)
            }
            (Test::Int(cmp, than), Cell::Real(n)) => cmp.holds(n, *than as f64),
            (Test::Real(cmp, than), Cell::Real(n)) => cmp.holds(n, *than),
            (Test::Real(cmp, than), Cell::Int(n) | Cell::Time(n) | Cell::Span(n)) => {
                cmp.holds(n as f64, *than)
            }
            (Test::Bool(is), Cell::Bool(b)) => b == *is,
            _ => false,
        })
    }
}

fn cell_truth(table: &Table, row: u32, col: usize, passes: impl FnOnce(Cell<'_>) -> bool) -> Truth {
    let cell = table.cell(row, col);
    if cell.is_null() && table.is_pending(col) {
        return Truth::Maybe;
    }
    passes(cell).into()
}

fn text_passes(pattern: &Pattern, cell: Cell<'_>) -> bool {
    match cell {
        Cell::Text(txt) => pattern.matches(txt.exact()),
        Cell::List(list) => list.iter().any(|txt| pattern.matches(txt.exact())),
        _ => false,
    }
}

/// Keeps the rows that pass or may pass; rows outside of the table pass nothing. `None` when cancelled.
pub fn filter(
    table: &Table,
    rows: &Selection,
    predicate: &Predicate,
    cancel: &Cancel,
) -> Option<Filtered> {
    if matches!(predicate, Predicate::All) {
        return (!cancel.is_cancelled()).then(|| Filtered {
            rows: rows.clone(),
            maybe: 0,
        });
    }
    let truths = bound::truths(table, rows, predicate, cancel)?;
    let mut kept = Vec::with_capacity(rows.len());
    let mut maybe = 0;
    for row in rows.iter() {
        match truths.get(row as usize) {
            Some(1) => maybe += 1,
            Some(2) => {}
            _ => continue,
        }
        kept.push(row);
    }
    Some(Filtered {
        rows: kept.into(),
        maybe,
    })
}
