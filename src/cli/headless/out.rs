//! Rows on stdout: a JSON object, JSON lines, CSV, or a table for people. Text is exact in JSON, quoted in CSV, and made
//! safe for the screen in the table.

use crate::app::App;
use crate::app::pane::Pane;
use crate::model::Ticks;
use crate::resource::Column;
use crate::view::cells;
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use table::{Cell, Selection};

/// The version of the JSON forms: members may be added within one, never taken away or changed.
pub const SCHEMA: u32 = 1;

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Table,
    Json,
    Ndjson,
    Csv,
}

impl Form {
    pub fn of(matches: &clap::ArgMatches) -> Self {
        match () {
            () if matches.get_flag("json") => Self::Json,
            () if matches.get_flag("ndjson") => Self::Ndjson,
            () if matches.get_flag("csv") => Self::Csv,
            () => Self::Table,
        }
    }
}

/// What stands beside the rows: whose they are, of when, and whether they are all.
pub fn provenance(app: &App, tenant: &str, pane: &Pane) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("schema".into(), SCHEMA.into());
    out.insert("tenant".into(), tenant.into());
    if app.session.as_ref().is_some_and(|s| s.demo) {
        out.insert("demo".into(), true.into());
    }
    out.insert("kind".into(), pane.spec.one.into());
    let progress = pane.progress;
    out.insert(
        "asOf".into(),
        progress.as_of.map_or(Value::Null, |t| instant(t).into()),
    );
    out.insert("loaded".into(), progress.loaded.into());
    out.insert("total".into(), progress.total.into());
    out.insert("complete".into(), progress.complete.into());
    out
}

/// An instant with all its digits, in UTC.
pub fn instant(t: Ticks) -> String {
    t.timestamp().map_or_else(String::new, |t| t.to_string())
}

/// A cell as JSON: texts as they came, instants in UTC, null where nothing is known.
pub fn value(cell: Cell<'_>) -> Value {
    match cell {
        Cell::Null | Cell::Span(_) => Value::Null,
        Cell::Text(t) => t.exact().into(),
        Cell::List(items) => items.iter().map(|t| Value::from(t.exact())).collect(),
        Cell::Int(n) => n.into(),
        Cell::Real(n) => json!(n),
        Cell::Bool(b) => b.into(),
        Cell::Time(t) => instant(Ticks(t)).into(),
    }
}

fn object(pane: &Pane, row: u32, columns: &[(usize, &'static Column)]) -> Map<String, Value> {
    columns
        .iter()
        .map(|(col, column)| (column.name.to_owned(), value(pane.rows.cell(row, *col))))
        .collect()
}

/// Writes the rows.
pub fn rows(
    to: &mut dyn Write,
    form: Form,
    app: &App,
    tenant: &str,
    pane: &Pane,
    rows: &Selection,
    columns: &[(usize, &'static Column)],
) -> io::Result<()> {
    match form {
        Form::Json => {
            let mut head = serde_json::to_string(&provenance(app, tenant, pane))?;
            head.pop();
            // row by row: the whole answer is never held as a tree
            write!(to, "{head},\"rows\":[")?;
            for (n, row) in rows.iter().enumerate() {
                to.write_all(if n == 0 { b"\n" } else { b",\n" })?;
                serde_json::to_writer(&mut *to, &object(pane, row, columns))?;
            }
            to.write_all(b"\n]}\n")
        }
        Form::Ndjson => {
            for row in rows.iter() {
                serde_json::to_writer(&mut *to, &object(pane, row, columns))?;
                to.write_all(b"\n")?;
            }
            Ok(())
        }
        Form::Csv => csv(to, pane, rows, columns),
        Form::Table => people(to, app, pane, rows, columns),
    }
}

fn csv(
    to: &mut dyn Write,
    pane: &Pane,
    rows: &Selection,
    columns: &[(usize, &'static Column)],
) -> io::Result<()> {
    let mut line = |cells: &mut dyn Iterator<Item = String>| {
        let line: Vec<String> = cells.collect();
        write!(to, "{}\r\n", line.join(","))
    };
    let cell = |text: &str| table::Txt::new(text).csv_cell(false);
    line(&mut columns.iter().map(|(_, c)| cell(c.name)))?;
    for row in rows.iter() {
        line(
            &mut columns
                .iter()
                .map(|(col, _)| match pane.rows.cell(row, *col) {
                    Cell::Null => "\"\"".to_owned(),
                    Cell::Text(t) => t.csv_cell(false),
                    Cell::List(items) => {
                        let items: Vec<&str> = items.iter().map(|t| t.exact()).collect();
                        cell(&items.join("; "))
                    }
                    // numbers of ours are no formulas, whatever their sign
                    Cell::Int(n) => format!("\"{n}\""),
                    Cell::Real(n) => format!("\"{n}\""),
                    other => match value(other) {
                        Value::String(s) => cell(&s),
                        v => cell(&v.to_string()),
                    },
                }),
        )?;
    }
    Ok(())
}

/// Cells of a column in the table for people, at most.
const WIDE: usize = 48;

fn people(
    to: &mut dyn Write,
    app: &App,
    pane: &Pane,
    rows: &Selection,
    columns: &[(usize, &'static Column)],
) -> io::Result<()> {
    use unicode_width::UnicodeWidthStr;
    let cell = |row: u32, col: usize| {
        let mut out = String::new();
        cells::write(&mut out, app, pane, row, col, WIDE);
        out.trim().to_owned()
    };
    // every row is looked at for its width: a table for people is short
    let text: Vec<Vec<String>> = rows
        .iter()
        .map(|row| columns.iter().map(|(col, _)| cell(row, *col)).collect())
        .collect();
    let widths: Vec<usize> = (columns.iter().enumerate())
        .map(|(n, (_, column))| {
            let widest = text
                .iter()
                .filter_map(|r| r.get(n))
                .map(|c| c.width())
                .max();
            widest.unwrap_or(0).max(column.head.width())
        })
        .collect();
    let mut line = |cells: &mut dyn Iterator<Item = (&str, bool)>| {
        let mut out = String::new();
        for ((text, right), width) in cells.zip(&widths) {
            let gap = " ".repeat(width.saturating_sub(text.width()));
            if !out.is_empty() {
                out.push_str("  ");
            }
            match right {
                true => {
                    out.push_str(&gap);
                    out.push_str(text);
                }
                false => {
                    out.push_str(text);
                    out.push_str(&gap);
                }
            }
        }
        writeln!(to, "{}", out.trim_end())
    };
    line(&mut columns.iter().map(|(_, c)| (c.head, cells::is_right(c))))?;
    for row in &text {
        let right = columns.iter().map(|(_, c)| cells::is_right(c));
        line(&mut row.iter().map(String::as_str).zip(right))?;
    }
    Ok(())
}
