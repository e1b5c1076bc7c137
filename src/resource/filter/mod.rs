//! The one filter language of every list: `sev>=med st:new own:me age<4h src:mde mitre:T1566 ~"invoice" !tag:test`.
//!
//! Terms are parted by blanks and all must hold. A term is a bare word (looked for in the row's texts), `~word`
//! (its letters in order), or `field op value,value`; `!` or `-` before it turns it round. Fields are the names and
//! aliases of the resource's columns. `lex` cuts any text into spans, `parse` reads them against a `Spec`, `compile`
//! makes the predicate of the table kernels, `print` writes terms back, `complete` and `explain` help people.
//! A term that cannot be read is a problem to show; the others apply.

mod compile;
mod complete;
mod explain;
pub mod lex;
mod near;
pub mod open;
mod parse;
mod print;
mod when;

#[cfg(test)]
mod complete_tests;
#[cfg(test)]
mod round_tests;
#[cfg(test)]
mod tests;

pub use compile::{Env, compile};
pub use complete::{Completion, TableValues, Values, complete};
pub use explain::explain;
pub use near::nearest;
pub use parse::parse;
pub use print::{print, term as print_term, value as print_value};
pub use when::When;

use std::ops::Range;

/// A filter as far as it could be read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Parsed {
    pub terms: Vec<Term>,
    pub problems: Vec<Problem>,
}

/// One term that applies.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    /// Where it stands in the text, in bytes.
    pub span: Range<usize>,
    pub not: bool,
    pub what: What,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Any of these words in the row's texts.
    Words { fuzzy: bool, any: Vec<String> },
    /// Any of these values in a column.
    Field { col: usize, op: Op, any: Vec<Arg> },
}

/// How a field is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Op {
    /// `:` has, is, as fits the column.
    Has,
    /// `=` exactly.
    Is,
    /// `!=` not exactly.
    IsNot,
    /// `~` has these letters in order.
    Fuzzy,
    Lt,
    Le,
    Gt,
    Ge,
}

/// A value of a term.
#[derive(Clone, Debug, PartialEq)]
pub enum Arg {
    Text(String),
    /// `word*`.
    Prefix(String),
    /// `me`.
    Me,
    /// `none`: there is no value.
    Nothing,
    /// `any`: there is a value.
    Anything,
    /// A member of the column's ordered words, by its place.
    Rank(usize),
    Int(i64),
    Real(f64),
    Bool(bool),
    Time(When),
    /// `low..high`, both included; one of them may be open.
    Range(Option<Box<Arg>>, Option<Box<Arg>>),
}

/// A term that does not apply, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What to mark, in bytes of the text.
    pub span: Range<usize>,
    pub sentence: String,
    /// What was probably meant, to stand in place of the span.
    pub nearest: Option<String>,
    /// It stands at the end of the text: the person is likely still typing it.
    pub unfinished: bool,
}

impl Op {
    pub const ALL: &'static [Op] = &[
        Op::Ge,
        Op::Le,
        Op::IsNot,
        Op::Has,
        Op::Is,
        Op::Fuzzy,
        Op::Gt,
        Op::Lt,
    ];

    pub fn sign(self) -> &'static str {
        match self {
            Self::Has => ":",
            Self::Is => "=",
            Self::IsNot => "!=",
            Self::Fuzzy => "~",
            Self::Lt => "<",
            Self::Le => "<=",
            Self::Gt => ">",
            Self::Ge => ">=",
        }
    }

    fn is_order(self) -> bool {
        matches!(self, Self::Lt | Self::Le | Self::Gt | Self::Ge)
    }
}

impl Parsed {
    /// Whether its meaning moves with time (ages, today): then it wants to be compiled again about once a minute.
    pub fn depends_on_now(&self) -> bool {
        self.terms.iter().any(Term::depends_on_now)
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty() && self.problems.is_empty()
    }
}

impl Term {
    /// Whether its meaning moves with time.
    pub fn depends_on_now(&self) -> bool {
        fn moves(arg: &Arg) -> bool {
            match arg {
                Arg::Time(when) => when.moves(),
                Arg::Range(a, b) => a.iter().chain(b).any(|arg| moves(arg)),
                _ => false,
            }
        }
        match &self.what {
            What::Words { .. } => false,
            What::Field { any, .. } => any.iter().any(moves),
        }
    }
}
