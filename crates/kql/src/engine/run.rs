//! One query from text to answer.

use super::answer::Answer;
use super::catalog::Catalog;
use super::guard::Guard;
use super::session::Session;
use crate::bind::World;
use crate::syntax::{Phase, Severity, parse};
use std::sync::Arc;
use table::Cancel;

/// How a query is run.
#[derive(Clone, Debug)]
pub struct Options {
    /// The instant that `now()` gives, in ticks of 100 ns since 1970.
    pub now: i64,
    /// How many threads may work on it.
    pub threads: usize,
    /// Most rows of the result; more are an error.
    pub row_limit: Option<usize>,
    /// Most bytes that all operators and `let` tables together may hold; more are an error. Tables of
    /// the catalog are not counted.
    pub memory_limit: usize,
    /// Looked at every part of a table, and more often where rows are long.
    pub cancel: Cancel,
}

impl Default for Options {
    fn default() -> Options {
        Options {
            now: 0,
            threads: 1,
            row_limit: None,
            memory_limit: 1 << 30,
            cancel: Cancel::new(),
        }
    }
}

/// Why there is no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no query.
    Syntax,
    /// Names or types do not fit.
    Semantic,
    /// Known to Kusto, not run by this engine.
    Unsupported,
    /// Too many rows or bytes.
    Limit,
    /// Asked to stop.
    Cancelled,
    /// A table or file cannot be read.
    Source,
    /// What Kusto refuses while it runs.
    Runtime,
}

impl ErrorKind {
    /// A word for it.
    pub fn name(self) -> &'static str {
        match self {
            ErrorKind::Syntax => "syntax",
            ErrorKind::Semantic => "semantic",
            ErrorKind::Unsupported => "unsupported",
            ErrorKind::Limit => "limit",
            ErrorKind::Cancelled => "cancelled",
            ErrorKind::Source => "source",
            ErrorKind::Runtime => "runtime",
        }
    }
}

/// Why there is no result, and where in the text (bytes).
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct RunError {
    /// Which sort of reason.
    pub kind: ErrorKind,
    /// In words.
    pub message: String,
    /// The place, if it has one.
    pub span: Option<(u32, u32)>,
}

impl RunError {
    /// Without a place.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> RunError {
        RunError {
            kind,
            message: message.into(),
            span: None,
        }
    }
}

/// Runs a query over the tables of a catalog. The world should be of [`Catalog::schema`]. It comes
/// back within 50 ms of [`Options::cancel`] being set.
pub fn run(
    text: &str,
    world: &World,
    catalog: &Catalog,
    options: &Options,
) -> Result<Answer, RunError> {
    let (text, world) = (text.to_owned(), world.clone());
    let (catalog, options) = (catalog.clone(), options.clone());
    let cancel = options.cancel.clone();
    super::apart::run(&cancel, move || {
        let guard = Guard::new(options.cancel.clone(), options.memory_limit);
        run_guarded(&text, &world, &catalog, &options, Arc::new(guard))
    })
}

/// The same at once and under a guard that the caller keeps.
pub(super) fn run_guarded(
    text: &str,
    world: &World,
    catalog: &Catalog,
    options: &Options,
    guard: Arc<Guard>,
) -> Result<Answer, RunError> {
    let parsed = parse(text);
    let refuse = |d: &crate::syntax::Diag| RunError {
        kind: if d.phase == Phase::Syntax {
            ErrorKind::Syntax
        } else {
            ErrorKind::Semantic
        },
        message: d.message(),
        span: Some((d.start, d.end)),
    };
    if let Some(d) = parsed.diags.iter().find(|d| d.severity == Severity::Error) {
        return Err(refuse(d));
    }
    let bound = crate::bind::bind(&parsed.tree, world);
    if let Some(d) = bound.diags.iter().find(|d| d.severity == Severity::Error) {
        return Err(refuse(d));
    }
    let mut s = Session::new(&parsed.tree, world, catalog, options, guard);
    s.query()
}
