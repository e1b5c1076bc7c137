//! The filter of a list: its text, what it means, and what of it could not be read.

use crate::resource::Spec;
use crate::resource::filter::{Env, Problem, compile, parse};
use table::Predicate;

/// A filter in force.
#[derive(Clone, Debug)]
pub struct Filter {
    pub text: String,
    pub predicate: Predicate,
    /// Terms that do not apply, and why; the others do.
    pub problems: Vec<Problem>,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            text: String::new(),
            predicate: Predicate::All,
            problems: Vec::new(),
        }
    }
}

impl Filter {
    pub fn read(spec: &Spec, text: &str, env: &Env) -> Self {
        let parsed = parse(text, spec);
        Self {
            text: text.to_owned(),
            predicate: compile(&parsed, spec, env),
            problems: parsed.problems,
        }
    }

    pub fn is_empty(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// What filtering a row by this costs, in cells looked at.
pub fn cost(predicate: &Predicate) -> usize {
    match predicate {
        Predicate::All | Predicate::None => 0,
        Predicate::And(all) | Predicate::Or(all) => all.iter().map(cost).sum(),
        Predicate::Not(inner) => cost(inner),
        Predicate::Test { .. } => 1,
        Predicate::AnyText { cols, .. } => cols.len(),
    }
}
