//! The filter of a list: its text, what it means, and what of it could not be read.

use crate::model::Ticks;
use crate::model::time::MINUTE;
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
    /// Its meaning moves with time: it asks for an age.
    pub ages: bool,
}

impl Default for Filter {
    fn default() -> Self {
        Self {
            text: String::new(),
            predicate: Predicate::All,
            problems: Vec::new(),
            ages: false,
        }
    }
}

impl Filter {
    pub fn read(spec: &Spec, text: &str, env: &Env) -> Self {
        let parsed = parse(text, spec);
        let predicate = compile(&parsed, spec, env);
        let later = Env {
            now: Ticks(env.now.0 + MINUTE),
            ..env.clone()
        };
        // predicates have no equality; their words will do
        let ages = format!("{predicate:?}") != format!("{:?}", compile(&parsed, spec, &later));
        Self {
            text: text.to_owned(),
            predicate,
            problems: parsed.problems,
            ages,
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
