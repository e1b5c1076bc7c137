//! Errors and result columns.

use super::Analysis;
use crate::syntax::{Diag, Phase, Severity};
use crate::types::Ty;

/// Most findings given; nobody reads more, and a megabyte of junk would give as much again.
const MOST: usize = 1000;

/// One finding, ready to show; `start` and `end` are bytes.
#[derive(Clone, Debug)]
pub struct Finding {
    /// `KS…`, or `WF…` for our own hints.
    pub code: String,
    /// How grave.
    pub severity: Severity,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// One sentence.
    pub message: String,
    /// What was probably meant.
    pub suggestion: Option<String>,
}

/// The verdict on a text.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The parser found no error.
    pub syntax_ok: bool,
    /// Nor did the binder.
    pub bind_ok: bool,
    /// Errors, warnings and hints by place.
    pub findings: Vec<Finding>,
    /// Columns of the result, as far as they are known.
    pub columns: Vec<(String, Ty)>,
}

/// Errors, hints and result columns of an analysed text.
pub fn check(a: &Analysis) -> Checked {
    let mut all: Vec<&Diag> = a.parsed.diags.iter().chain(&a.bound.diags).collect();
    all.sort_by_key(|d| (d.start, d.end));
    let error = |d: &&Diag| d.severity == Severity::Error;
    Checked {
        syntax_ok: !a.parsed.diags.iter().any(|d| d.severity == Severity::Error),
        bind_ok: !all.iter().any(error),
        findings: all
            .iter()
            .take(MOST)
            .map(|d| Finding {
                code: d.code_text(),
                severity: d.severity,
                start: d.start,
                end: d.end,
                message: d.message(),
                suggestion: d.suggestion.clone(),
            })
            .collect(),
        columns: a.bound.columns.clone().unwrap_or_default(),
    }
}

/// Whether a finding is advice only.
pub fn is_hint(d: &Diag) -> bool {
    d.phase == Phase::Hint
}
