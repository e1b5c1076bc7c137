//! Kept hunts, the history of runs, the tables there are.

use super::{Action, Place, ROW};
use crate::app::library::{self, keep, pivot};

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "pivot", keys: &["p"], help: "saved queries and panes for what is under the cursor; in a result: act on its rows, or add them to an incident", foot: "pivot", able: pivot::able, run: pivot::open, ..ROW },
    Action { name: "saved queries", keys: &["g q"], help: "hunts that were kept, and those that came with the program", run: library::open_hunts, ..ROW },
    Action { name: "open query", keys: &["Ctrl-o"], help: "a saved query into a tab, found by any of its words; with its preview", place: Place::Hunt, run: library::open_hunts, ..ROW },
    Action { name: "save query", keys: &["F2"], help: "keep this query as a file; back into its own where it came from one", place: Place::Hunt, run: keep::save, ..ROW },
    Action { name: "save query as", keys: &["Alt-S"], help: "keep this query under another title", place: Place::Hunt, run: |a, _| keep::save_as(a), ..ROW },
    Action { name: "history of runs", keys: &["F7"], help: "what was run in this tenant, found by table, rows, age, outcome and words", place: Place::Hunt, run: library::open_history, ..ROW },
    Action { name: "tables", keys: &["F4"], help: "tables and columns with what they hold; Enter puts a name into the text", place: Place::Hunt, run: |a, _| library::open_schema(a), ..ROW },
    Action { name: "import rules", keys: &[], help: "take detection rules of Sentinel (YAML) among the saved queries; none of them runs by itself", place: Place::Hunt, run: |a, _| keep::import(a), ..ROW },
];
