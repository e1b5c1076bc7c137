//! Rows on stdout: a JSON object, JSON lines, CSV, or a table for people. Text is exact in JSON, quoted in CSV, and made
//! safe for the screen in the table.

use crate::app::App;
use crate::app::pane::Pane;
use crate::model::Ticks;
use crate::model::feed::Ledger;
use crate::resource::{Column, Spec, ledger};
use crate::view::cells;
use serde_json::{Map, Value, json};
use std::io::{self, Write};
use table::Cell;

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

/// The list of one tenant, and what went wrong with it.
pub struct Part {
    pub tenant: String,
    /// Nothing of it is real.
    pub demo: bool,
    pub pane: Pane,
    /// Why it is not all of it.
    pub why: Option<String>,
    /// Of logs: what was read of them.
    pub ledger: Option<Ledger>,
}

/// Rows of one tenant or of several, in one order.
pub struct Sheet<'a> {
    pub spec: &'static Spec,
    /// For what a person's table says of times.
    pub app: &'a App,
    pub parts: &'a [Part],
    /// Part and row.
    pub order: &'a [(usize, u32)],
    pub columns: &'a [(usize, &'static Column)],
    /// Several tenants were asked: every row says whose it is.
    pub named: bool,
}

/// What stands beside the rows: whose they are, of when, and whether they are all.
fn provenance(part: &Part) -> Map<String, Value> {
    let mut out = Map::new();
    out.insert("tenant".into(), part.tenant.as_str().into());
    if part.demo {
        out.insert("demo".into(), true.into());
    }
    out.insert("kind".into(), part.pane.spec.one.into());
    let progress = part.pane.progress;
    out.insert(
        "asOf".into(),
        progress.as_of.map_or(Value::Null, |t| instant(t).into()),
    );
    out.insert("loaded".into(), progress.loaded.into());
    out.insert("total".into(), progress.total.into());
    out.insert("complete".into(), progress.complete.into());
    if let Some(why) = &part.why {
        out.insert("why".into(), why.as_str().into());
    }
    if let Some(read) = &part.ledger {
        out.insert("ledger".into(), ledger::json(read));
    }
    out
}

impl Sheet<'_> {
    fn head(&self) -> Map<String, Value> {
        let mut out = Map::new();
        out.insert("schema".into(), SCHEMA.into());
        match (self.parts, self.named) {
            ([one], false) => out.extend(provenance(one)),
            _ => {
                let progress = || self.parts.iter().map(|p| p.pane.progress);
                let loaded: u64 = progress().map(|p| p.loaded).sum();
                let complete =
                    progress().all(|p| p.complete) && self.parts.iter().all(|p| p.why.is_none());
                out.insert("kind".into(), self.spec.one.into());
                out.insert("loaded".into(), loaded.into());
                out.insert("complete".into(), complete.into());
                let parts = self.parts.iter().map(|p| Value::Object(provenance(p)));
                out.insert("tenants".into(), parts.collect());
            }
        }
        out
    }

    fn cell(&self, (part, row): (usize, u32), col: usize) -> Cell<'_> {
        self.parts
            .get(part)
            .map_or(Cell::Null, |p| p.pane.rows.cell(row, col))
    }

    fn tenant(&self, (part, _): (usize, u32)) -> Option<&str> {
        let part = self.parts.get(part).filter(|_| self.named)?;
        Some(&part.tenant)
    }

    fn object(&self, at: (usize, u32)) -> Map<String, Value> {
        object(self.tenant(at), self.columns, |col| self.cell(at, col))
    }

    /// Writes the rows.
    pub fn write(&self, to: &mut dyn Write, form: Form) -> io::Result<()> {
        match form {
            Form::Json => {
                let mut head = serde_json::to_string(&self.head())?;
                head.pop();
                // row by row: the whole answer is never held as a tree
                write!(to, "{head},\"rows\":[")?;
                for (n, at) in self.order.iter().enumerate() {
                    to.write_all(if n == 0 { b"\n" } else { b",\n" })?;
                    serde_json::to_writer(&mut *to, &self.object(*at))?;
                }
                to.write_all(b"\n]}\n")
            }
            Form::Ndjson => {
                for at in self.order {
                    serde_json::to_writer(&mut *to, &self.object(*at))?;
                    to.write_all(b"\n")?;
                }
                Ok(())
            }
            Form::Csv => self.csv(to),
            Form::Table => self.people(to),
        }
    }
}

/// A row as an object, exact; the tenant first where several were asked.
pub fn object<'a>(
    tenant: Option<&str>,
    columns: &[(usize, &'static Column)],
    cell: impl Fn(usize) -> Cell<'a>,
) -> Map<String, Value> {
    let tenant = tenant.map(|t| ("tenant".to_owned(), t.into()));
    let cells = columns
        .iter()
        .map(|(col, column)| (column.name.to_owned(), value(cell(*col))));
    tenant.into_iter().chain(cells).collect()
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

impl Sheet<'_> {
    fn csv(&self, to: &mut dyn Write) -> io::Result<()> {
        let mut line = |cells: &mut dyn Iterator<Item = String>| {
            let line: Vec<String> = cells.collect();
            write!(to, "{}\r\n", line.join(","))
        };
        let cell = |text: &str| table::Txt::new(text).csv_cell(false);
        let tenant = self.named.then(|| cell("tenant"));
        let heads = self.columns.iter().map(|(_, c)| cell(c.name));
        line(&mut tenant.into_iter().chain(heads))?;
        for at in self.order {
            let cells = self.columns.iter().map(|(col, _)| {
                match self.cell(*at, *col) {
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
                }
            });
            line(&mut self.tenant(*at).map(cell).into_iter().chain(cells))?;
        }
        Ok(())
    }

    fn people(&self, to: &mut dyn Write) -> io::Result<()> {
        use unicode_width::UnicodeWidthStr;
        let cell = |(part, row): (usize, u32), col: usize| {
            let mut out = String::new();
            if let Some(part) = self.parts.get(part) {
                cells::write(&mut out, self.app, &part.pane, row, col, WIDE);
            }
            out.trim().to_owned()
        };
        let tenant = |at| {
            self.tenant(at)
                .map(|t| table::Txt::new(t).shown().into_owned())
        };
        let heads: Vec<(&str, bool)> = (self.named.then_some(("tenant", false)).into_iter())
            .chain(
                self.columns
                    .iter()
                    .map(|(_, c)| (c.head, cells::is_right(c))),
            )
            .collect();
        // every row is looked at for its width: a table for people is short
        let text: Vec<Vec<String>> = (self.order.iter())
            .map(|at| {
                let cells = self.columns.iter().map(|(col, _)| cell(*at, *col));
                tenant(*at).into_iter().chain(cells).collect()
            })
            .collect();
        let widths: Vec<usize> = (heads.iter().enumerate())
            .map(|(n, (head, _))| {
                let widest = text
                    .iter()
                    .filter_map(|r| r.get(n))
                    .map(|c| c.width())
                    .max();
                widest.unwrap_or(0).max(head.width())
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
        line(&mut heads.iter().copied())?;
        for row in &text {
            let right = heads.iter().map(|(_, right)| *right);
            line(&mut row.iter().map(String::as_str).zip(right))?;
        }
        Ok(())
    }
}

/// Cells of a column in the table for people, at most.
const WIDE: usize = 48;
