//! Where queries run, over which time, on what.

use super::{Action, Place, ROW};
use crate::app::hunt::{across, params, ranges, running};

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "run all", keys: &["Shift-F5", "Alt-a"], help: "run the whole text as one query", place: Place::Hunt, run: running::run_all, ..ROW },
    Action { name: "run against", keys: &["Alt-e"], help: "where this tab's queries run: Defender, a workspace, a cluster, an archive, the lists on screen", place: Place::Hunt, foot: "where", run: |a, _| ranges::choose_engine(a), ..ROW },
    Action { name: "run in tenants", keys: &["Alt-o"], help: "the tenants that this tab's queries are asked of: this one, all, or some; a row says whose it is", place: Place::Hunt, able: across::able, run: |a, _| across::choose(a), ..ROW },
    Action { name: "time range", keys: &["Alt-t"], help: "the time this tab's queries are run over, in UTC and local time", place: Place::Hunt, foot: "time", run: |a, _| ranges::choose_range(a), ..ROW },
    Action { name: "parameters", keys: &["Alt-p"], help: "give values to the {{PARAMETERS}} of the query at the cursor", place: Place::Hunt, run: params::ask_all, ..ROW },
];
