//! What incidents and alerts have in common: columns of triage, and the orders of their views.

use super::words;
use super::{Column, Direction, Meaning, Shape};

pub const BY_SEVERITY: &[(&str, Direction)] = &[
    ("severity", Direction::Down),
    ("createdDateTime", Direction::Down),
];
pub const BY_UPDATE: &[(&str, Direction)] = &[("lastUpdateDateTime", Direction::Down)];
pub const BY_CREATION: &[(&str, Direction)] = &[("createdDateTime", Direction::Down)];

pub const SEVERITY: Column = Column::new(
    "severity",
    "sev",
    Shape::Ranked(words::SEVERITY),
    "severity: sev>=med",
)
.also(&["sev"])
.wide(4, 4);

pub const OWNER: Column = Column::new(
    "assignedTo",
    "owner",
    Shape::Text(Meaning::Person),
    "who has it: own:me, own:none, own:any",
)
.also(&["own", "owner"])
.wide(5, 8);

pub const CREATED: Column = Column::new(
    "createdDateTime",
    "age",
    Shape::Time,
    "when it was created: age<4h, created>2026-08-01",
)
.also(&["age", "created"])
.wide(4, 4);

pub const UPDATED: Column = Column::new(
    "lastUpdateDateTime",
    "upd",
    Shape::Time,
    "last change: updated<30m",
)
.also(&["updated", "upd"])
.wide(4, 4);

pub const CLASSIFICATION: Column = Column::new(
    "classification",
    "class",
    Shape::Ranked(words::CLASSIFICATION),
    "classification: class:tp, fp, expect",
)
.also(&["class", "cl"])
.says(words::CLASSIFICATION_SAYS)
.wide(6, 6);

pub const DETERMINATION: Column = Column::new(
    "determination",
    "determ",
    Shape::Ranked(words::DETERMINATION),
    "determination: det:phish",
)
.also(&["det"])
.says(&[("notSet", "unknown")])
.wide(7, 7);
