//! Tier 0 on incidents and alerts: take, assign, status, classify, done, tag, comment.

use super::Verb;

pub static VERBS: &[Verb] = &[];
