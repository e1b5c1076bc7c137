//! Which rows pass: three-valued, so that what is not known yet hides nothing.

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
    And(Vec<Predicate>),
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

impl Predicate {
    /// One row's truth.
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
                let test = Test::Text(test.clone());
                cols.iter()
                    .map(|col| test.truth(table, row, *col))
                    .max()
                    .unwrap_or(Truth::No)
            }
        }
    }
}

impl Cmp {
    fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
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

impl Test {
    fn truth(&self, table: &Table, row: u32, col: usize) -> Truth {
        let cell = table.cell(row, col);
        if cell.is_null() && table.is_pending(col) {
            return Truth::Maybe;
        }
        let yes = match (self, cell) {
            (Test::Null, cell) => cell.is_null(),
            (Test::Text(pattern), Cell::Text(txt)) => pattern.matches(txt.exact()),
            (Test::Text(pattern), Cell::List(list)) => {
                list.iter().any(|txt| pattern.matches(txt.exact()))
            }
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
        };
        if yes { Truth::Yes } else { Truth::No }
    }
}

/// Keeps the rows that pass or may pass; `None` when cancelled.
pub fn filter(
    table: &Table,
    rows: &Selection,
    predicate: &Predicate,
    cancel: &Cancel,
) -> Option<Filtered> {
    let (mut kept, mut maybe) = (Vec::new(), 0);
    for block in rows.rows().chunks(4096) {
        if cancel.is_cancelled() {
            return None;
        }
        for row in block {
            match predicate.truth(table, *row) {
                Truth::No => continue,
                Truth::Maybe => maybe += 1,
                Truth::Yes => {}
            }
            kept.push(*row);
        }
    }
    Some(Filtered {
        rows: kept.into(),
        maybe,
    })
}
