//! What can be done with a list: filter, order, groups, columns, views, taking in new rows.

use super::{Action, Place, ROW};
use crate::app::{App, choosers, columns, filter_bar, list_export, logs, marks, views};
use crate::resource::hunt_export::Form;

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "filter", keys: &["/"], help: "filter while typing; Tab completes, Esc gives back what was before", place: Place::List, foot: "filter", run: |a, _| filter_bar::open(a), ..ROW },
    Action { name: "sort", keys: &["S"], help: "pick the column to sort by; the one in force turns round", place: Place::List, foot: "sort", run: |a, _| choosers::sort(a), ..ROW },
    Action { name: "reverse", keys: &["r"], help: "turn the order round", place: Place::List, run: choosers::reverse, ..ROW },
    Action { name: "group", keys: &["b"], help: "group by product, system, severity …, with counts", place: Place::List, foot: "group", run: |a, _| choosers::group(a), ..ROW },
    Action { name: "fold", keys: &["z"], help: "fold or unfold the group", place: Place::List, able: grouped, run: |a, _| { let h = a.list_height(); a.pane_mut().toggle_fold(h); }, ..ROW },
    Action { name: "columns", keys: &["C"], help: "show, hide and move columns", place: Place::List, run: |a, _| columns::open(a), ..ROW },
    Action { name: "views", keys: &["v"], help: "saved views: pick, save, remove", place: Place::List, foot: "views", run: |a, _| views::open(a), ..ROW },
    Action { name: "mark", keys: &["Space"], help: "mark or unmark the row; verbs are about all marked rows", place: Place::List, run: |a, _| marks::toggle(a), ..ROW },
    Action { name: "mark range", keys: &["V"], help: "begin a range of marks, and end it", place: Place::List, run: |a, _| marks::range(a), ..ROW },
    Action { name: "mark all", keys: &["*"], help: "mark all rows that match; says when the list is incomplete", place: Place::List, run: |a, _| marks::all(a), ..ROW },
    Action { name: "follow", keys: &["F"], help: "take new rows in by themselves and stay on the newest, or stop doing so", place: Place::List, run: |a, fx| logs::follow(a, fx), ..ROW },
    Action { name: "export list as CSV", keys: &["x c"], help: "the marked rows, or those shown, to a CSV file; what they come from stands beside it", place: Place::List, able: list_export::able, run: |a, _| list_export::open(a, Form::Csv), ..ROW },
    Action { name: "export list as TSV", keys: &["x t"], help: "the same parted by tabs", place: Place::List, able: list_export::able, run: |a, _| list_export::open(a, Form::Tsv), ..ROW },
    Action { name: "export list as NDJSON", keys: &["x n"], help: "the same as JSON lines", place: Place::List, able: list_export::able, run: |a, _| list_export::open(a, Form::Ndjson), ..ROW },
    Action { name: "export list as JSON", keys: &["x j"], help: "the same as a JSON file", place: Place::List, able: list_export::able, run: |a, _| list_export::open(a, Form::Json), ..ROW },
    Action { name: "export list as Markdown", keys: &["x m"], help: "the same as a Markdown table; of marked controls a plan", place: Place::List, able: list_export::able, run: |a, _| list_export::open(a, Form::Markdown), ..ROW },
    Action { name: "export list as XLSX", keys: &["x x"], help: "the same as a sheet; every cell is text", place: Place::List, able: list_export::able, run: |a, _| list_export::open(a, Form::Xlsx), ..ROW },
    Action { name: "refresh", keys: &["R"], help: "take in waiting rows and ask for newer ones", place: Place::List, run: App::refresh, ..ROW },
];

fn grouped(app: &App) -> Result<(), String> {
    if app.pane().group.is_some() {
        Ok(())
    } else {
        Err("the list is not grouped".into())
    }
}
