//! In a result: order, filter, search, columns, marks, figures, charts, refinements, exports, copies.

use super::{Action, Place, ROW};
use crate::app::App;
use crate::app::hunt::{Focus, bar, export, fields, figures, local};
use crate::msg::{Effect, Level};
use crate::resource::hunt_cell;
use crate::resource::hunt_chart::Want;
use crate::resource::hunt_export::Form;
use table::Txt;

pub fn a_result(app: &App) -> Result<(), String> {
    app.hunt
        .grid()
        .map(|_| ())
        .ok_or_else(|| "there is no result yet; F5 runs the query".into())
}

/// There is a row under the cursor.
pub fn a_row(app: &App) -> Result<(), String> {
    a_result(app)?;
    match app.hunt.grid().and_then(|g| g.row()) {
        Some(_) => Ok(()),
        None => Err("there is no row under the cursor".into()),
    }
}

/// What most of these share.
const HERE: Action = Action {
    place: Place::Results,
    able: a_result,
    ..ROW
};

#[rustfmt::skip]
pub static ROWS: &[Action] = &[
    Action { name: "edit query", keys: &["e"], help: "back to the text", foot: "edit", able: |_| Ok(()), run: |a, fx| { a.hunt.focus = Focus::Editor; a.hunted(fx); }, ..HERE },
    Action { name: "refine", keys: &["|"], help: "a query over the rows on screen: LOCAL, without quota; u takes it back", foot: "refine", run: |a, _| local::open_refine(a), ..HERE },
    Action { name: "filter result", keys: &["/"], help: "filter while typing: words, column:value, count>5, Timestamp<1h, !word; Tab completes", foot: "filter", run: |a, _| bar::filter(a), ..HERE },
    Action { name: "only this value", keys: &["="], help: "only rows with the value under the cursor", able: a_row, run: |a, fx| narrow(a, false, fx), ..HERE },
    Action { name: "without this value", keys: &["!"], help: "only rows without the value under the cursor", able: a_row, run: |a, fx| narrow(a, true, fx), ..HERE },
    Action { name: "search result", keys: &["g /"], help: "find rows without hiding the others; n and N go on", run: |a, _| bar::search(a), ..HERE },
    Action { name: "sort result", keys: &["S"], help: "sort by this column: down, up, not", foot: "sort", run: |a, fx| sort(a, false, fx), ..HERE },
    Action { name: "sort also", keys: &["Alt-s"], help: "sort by this column too, where those before are equal", run: |a, fx| sort(a, true, fx), ..HERE },
    Action { name: "result columns", keys: &["C"], help: "show, hide and move columns; keep them for this query or for all", foot: "columns", run: |a, _| fields::open(a), ..HERE },
    Action { name: "hide column", keys: &["-"], help: "take this column away; C brings it back", run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.hide(); } }, ..HERE },
    Action { name: "wider", keys: &[">"], help: "make this column wider", run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.widen(4); } }, ..HERE },
    Action { name: "narrower", keys: &["<"], help: "make this column narrower", run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.widen(-4); } }, ..HERE },
    Action { name: "fit width", keys: &["w"], help: "as wide as the cells in sight; again: as before", run: |a, _| { let h = a.hunt_parts().rows; if let Some(g) = a.hunt.grid_mut() { g.fit(h); } }, ..HERE },
    Action { name: "carry left", keys: &["H"], help: "move this column to the left", run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.carry(-1); } }, ..HERE },
    Action { name: "carry right", keys: &["L"], help: "move this column to the right", run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.carry(1); } }, ..HERE },
    Action { name: "freeze columns", keys: &["Z"], help: "keep the columns up to this one in sight; again: let them go", run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.freeze(); } }, ..HERE },
    Action { name: "mark row", keys: &["Space"], help: "mark or unmark the row", able: a_row, run: |a, _| { let h = a.hunt_parts().rows; if let Some(g) = a.hunt.grid_mut() { g.mark(h); } }, ..HERE },
    Action { name: "mark rows", keys: &["V"], help: "begin a range of marks, and end it", able: a_row, run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.mark_range(); } }, ..HERE },
    Action { name: "mark all rows", keys: &["*"], help: "mark every row that is shown, or none", able: a_row, run: |a, _| { if let Some(g) = a.hunt.grid_mut() { g.mark_all(); } }, ..HERE },
    Action { name: "figures", keys: &["F"], help: "this column in figures: how often each value, least, most, quantiles", foot: "figures", run: figures::open, ..HERE },
    Action { name: "chart", keys: &["v"], help: "as a chart, as the query's render says; again: as rows", foot: "chart", run: |a, fx| local::chart(a, None, fx), ..HERE },
    Action { name: "histogram", keys: &["B"], help: "how many rows over time, or for each value of this column", run: histogram, ..HERE },
    Action { name: "compare runs", keys: &["D"], help: "with the run before or another tab: rows that are new, gone, changed", run: |a, _| local::open_compare(a), ..HERE },
    Action { name: "add local file", keys: &["+"], help: "read a CSV or JSON file as a table that refinements can join", able: |_| Ok(()), run: |a, _| bar::file(a), ..HERE },
    Action { name: "export CSV", keys: &["x c"], help: "all rows to a CSV file, with where they come from beside it", foot: "export", run: |a, _| export::open(a, Form::Csv), ..HERE },
    Action { name: "export TSV", keys: &["x t"], help: "all rows to a file parted by tabs", run: |a, _| export::open(a, Form::Tsv), ..HERE },
    Action { name: "export NDJSON", keys: &["x n"], help: "all rows to a file of JSON lines", run: |a, _| export::open(a, Form::Ndjson), ..HERE },
    Action { name: "export JSON", keys: &["x j"], help: "all rows to a JSON file", run: |a, _| export::open(a, Form::Json), ..HERE },
    Action { name: "export Markdown", keys: &["x m"], help: "all rows to a Markdown table", run: |a, _| export::open(a, Form::Markdown), ..HERE },
    Action { name: "export XLSX", keys: &["x x"], help: "all rows to a sheet; every cell is text", run: |a, _| export::open(a, Form::Xlsx), ..HERE },
    Action { name: "export datatable", keys: &["x k"], help: "all rows to a KQL datatable that queries can join", run: |a, _| export::open(a, Form::Datatable), ..HERE },
    Action { name: "copy as CSV", keys: &["X c"], help: "what is on screen, or the marked rows, to the clipboard", run: |a, fx| export::to_clipboard(a, Form::Csv, fx), ..HERE },
    Action { name: "copy as TSV", keys: &["X t"], help: "the same parted by tabs, for a sheet", run: |a, fx| export::to_clipboard(a, Form::Tsv, fx), ..HERE },
    Action { name: "copy as JSON lines", keys: &["X n"], help: "the same as JSON lines", run: |a, fx| export::to_clipboard(a, Form::Ndjson, fx), ..HERE },
    Action { name: "copy as Markdown", keys: &["X m"], help: "the same as a Markdown table", run: |a, fx| export::to_clipboard(a, Form::Markdown, fx), ..HERE },
    Action { name: "copy as datatable", keys: &["X k"], help: "the same as a KQL datatable", run: |a, fx| export::to_clipboard(a, Form::Datatable, fx), ..HERE },
    Action { name: "copy query and result", keys: &["y q"], help: "for a colleague: the query, when and where it ran, whether that is all, and the rows on screen", run: export::for_colleague, ..HERE },
];

fn sort(app: &mut App, also: bool, fx: &mut Vec<Effect>) {
    let now = app.now.wall;
    let job = app.hunt.grid_mut().and_then(|g| g.sort_by(also, now));
    local::arrange(app, job, fx);
}

fn narrow(app: &mut App, without: bool, fx: &mut Vec<Effect>) {
    match app.hunt.grid().map(|g| g.term(without)) {
        Some(Ok(term)) => figures::narrow(app, &term, fx),
        Some(Err(why)) => app.toasts.push(app.now, Level::Warn, why),
        None => {}
    }
}

fn histogram(app: &mut App, fx: &mut Vec<Effect>) {
    let Some(grid) = app.hunt.grid() else { return };
    let schema = grid.table.schema();
    let here = grid.column();
    let time = (0..schema.len()).find(|c| schema.kind(*c) == Some(table::Type::Time));
    // on a column that is text, its values; anywhere else time is what is meant
    let numbers = here.is_some_and(|c| hunt_cell::is_right(schema.kind(c)));
    let words = here.is_some_and(|c| schema.kind(c) == Some(table::Type::Text));
    let col = if numbers || words {
        here
    } else {
        time.or(here)
    };
    if let Some(col) = col {
        local::chart(app, Some(Want::Histogram(col)), fx);
    }
}

/// `n` and `N`: the next row that has what was searched; without a search the next row.
pub fn seek(app: &mut App, forward: bool) {
    let height = app.hunt_parts().rows;
    let Some(grid) = app.hunt.grid_mut() else {
        return;
    };
    if grid.search.is_empty() {
        return grid.down(if forward { 1 } else { -1 }, height);
    }
    match grid.next_found(forward) {
        Some(place) => {
            grid.at = place;
            grid.show(height);
        }
        None => {
            let way = if forward { "further" } else { "earlier" };
            let words = Txt::new(&grid.search).shown().into_owned();
            app.toasts
                .push(app.now, Level::Info, format!("no {way} row has {words}"));
        }
    }
}

/// What is copied of a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    Cell,
    Row,
    Json,
    Defanged,
}

/// Copies the cell under the cursor, or its row.
pub fn copy(app: &mut App, what: What, fx: &mut Vec<Effect>) {
    let Some(grid) = app.hunt.grid() else { return };
    let (Some(row), Some(col)) = (grid.row(), grid.column()) else {
        return;
    };
    let cell = |col: usize| hunt_cell::text(&grid.table, row, col);
    let (what, text) = match what {
        What::Cell => ("cell", Txt::new(&cell(col)).clipboard()),
        What::Defanged => ("defanged cell", Txt::new(&cell(col)).defanged()),
        What::Row => {
            let cells = grid.columns.iter().map(|c| Txt::new(&cell(*c)).clipboard());
            ("row", cells.collect::<Vec<_>>().join("\t"))
        }
        What::Json => match export::row_json(app) {
            Some(json) => ("row as JSON", json),
            None => return,
        },
    };
    fx.push(Effect::Copy { what, text });
}
