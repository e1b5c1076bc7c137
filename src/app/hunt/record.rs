//! One row of a result as a tree: every field, JSON unfolded, instants in both zones; a value inside of JSON can be lifted
//! into a column. The tree, its search and its copies are the inspector's.

use super::local;
use crate::app::App;
use crate::app::inspector::{self, Inspector, Step as Way};
use crate::app::overlay::Overlay;
use crate::msg::{Effect, KeyPress, Level};
use crate::resource::hunt_cell;
use crate::resource::hunt_work::refine;
use crossterm::event::{KeyCode, KeyModifiers};
use jiff::tz::TimeZone;
use serde_json::{Map, Value};
use table::{Cell, Table, Txt, Type};

/// JSON inside of a cell that is made a tree; beyond it stays a text.
const TREE: usize = 1 << 20;

/// Which row an inspector shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    pub tab: u64,
    pub row: u32,
}

/// `Enter`: the row under the cursor.
pub fn open(app: &mut App) {
    if let Some(inspector) = of_cursor(app) {
        app.push(Overlay::Inspector(Box::new(inspector)));
    }
}

fn of_cursor(app: &App) -> Option<Inspector> {
    let grid = app.hunt.grid()?;
    let row = grid.row()?;
    let columns: Vec<usize> = (0..grid.table.schema().len())
        .filter(|c| !grid.ignored.contains(c))
        .collect();
    let hidden = match grid.ignored.len() {
        0 => String::new(),
        n => format!(" · {n} fields ignored"),
    };
    let title = format!("row {} of {}{hidden}", grid.at + 1, grid.rows.len());
    let (exact, shown) = values(&grid.table, row, &columns, &app.zone);
    let record = Record {
        tab: app.hunt.query().id,
        row,
    };
    let mut inspector = Inspector::of_record(record, title, exact, &shown);
    inspector.fit(inspector::area(app));
    // the cell that the cursor was on
    if let Some(place) = grid
        .column()
        .and_then(|c| columns.iter().position(|o| *o == c))
    {
        inspector.to_field(place, inspector::area(app).1);
    }
    Some(inspector)
}

/// A row as an object: the exact values for copies, and the same as they are shown.
pub fn values(table: &Table, row: u32, columns: &[usize], zone: &TimeZone) -> (Value, Value) {
    let names = refine::columns(table.schema());
    let (mut exact, mut shown) = (Map::new(), Map::new());
    for col in columns {
        let name = names.get(*col).map_or_else(String::new, |(n, _)| n.clone());
        let value = value(table, row, *col);
        let words = match table.cell(row, *col) {
            Cell::Time(t) => Value::String(hunt_cell::both_zones(t, zone)),
            _ => value.clone(),
        };
        exact.insert(name.clone(), value);
        shown.insert(name, words);
    }
    (Value::Object(exact), Value::Object(shown))
}

fn value(table: &Table, row: u32, col: usize) -> Value {
    match table.cell(row, col) {
        Cell::Null => Value::Null,
        Cell::Int(n) => n.into(),
        Cell::Real(n) if n.is_finite() => {
            serde_json::Number::from_f64(n).map_or(Value::Null, Value::Number)
        }
        Cell::Bool(b) => b.into(),
        Cell::Text(t) => {
            let text = t.exact();
            let kind = table.schema().kind(col);
            let bag = text.trim_start().starts_with(['{', '[']);
            // a column of JSON is often declared as text
            if text.len() <= TREE && (bag || kind == Some(Type::Dynamic)) {
                serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
            } else {
                Value::String(text.to_owned())
            }
        }
        Cell::List(list) => list
            .iter()
            .map(|t| Value::String(t.exact().to_owned()))
            .collect(),
        Cell::Time(_) | Cell::Span(_) | Cell::Real(_) => {
            Value::String(hunt_cell::text(table, row, col))
        }
    }
}

/// A key that only a record has: the rows beside it, and lifting. None: it is not one of them.
pub fn key(
    inspector: &Inspector,
    app: &mut App,
    press: KeyPress,
    fx: &mut Vec<Effect>,
) -> Option<Way> {
    let record = inspector.record?;
    let ctrl = press.key.modifiers.contains(KeyModifiers::CONTROL);
    let by = match press.key.code {
        KeyCode::Char('n') if ctrl => 1,
        KeyCode::Char('p') if ctrl => -1,
        KeyCode::Char('>') => 1,
        KeyCode::Char('<') => -1,
        KeyCode::Char('L') => {
            return Some(match lifted(inspector, app, record) {
                Ok(text) => {
                    local::refine(app, &text, fx);
                    Way::Close
                }
                Err(why) => {
                    app.toasts.push(app.now, Level::Warn, why);
                    Way::Stay
                }
            });
        }
        _ => return None,
    };
    let rows = app.hunt_parts().rows;
    app.hunt.grid_mut()?.down(by, rows);
    let field = inspector.field();
    let mut next = of_cursor(app)?;
    if let Some(place) = field {
        next.to_field(place, inspector::area(app).1);
    }
    next.last.clone_from(&inspector.last);
    Some(Way::Other(Box::new(next)))
}

/// The refinement that makes a column of the value under the cursor.
fn lifted(inspector: &Inspector, app: &App, record: Record) -> Result<String, String> {
    let (path, value) = inspector
        .place()
        .filter(|(path, _)| path.len() > 1)
        .ok_or("only a value inside of JSON can be lifted; l unfolds")?;
    let grid = app
        .hunt
        .grid()
        .filter(|_| app.hunt.query().id == record.tab);
    let schema = grid.map(|g| g.table.schema().clone());
    let schema = schema.ok_or("the rows are not there any more")?;
    let names = refine::columns(&schema);
    let column = match path.first() {
        Some(Value::String(name)) => name.clone(),
        _ => return Err("this has no column".into()),
    };
    let col = names.iter().position(|(n, _)| *n == column);
    let kind = col.and_then(|c| schema.kind(c));
    let quoted = |t: &str| format!("[{}]", Txt::new(t).kql_literal());
    let mut source = quoted(&column);
    if kind != Some(Type::Dynamic) {
        source = format!("parse_json({source})");
    }
    let mut name = column;
    for step in path.iter().skip(1) {
        match step {
            Value::String(key) => {
                source.push_str(&quoted(key));
                name.clone_from(key);
            }
            other => {
                source.push_str(&format!("[{other}]"));
                name.push_str(&format!("_{other}"));
            }
        }
    }
    let taken = |n: &str| names.iter().any(|(o, _)| o == n);
    let base = name.clone();
    let mut n = 1;
    while taken(&name) || name.trim().is_empty() {
        n += 1;
        name = format!("{base}{n}");
    }
    let source = match value {
        Value::String(_) => format!("tostring({source})"),
        Value::Bool(_) => format!("tobool({source})"),
        Value::Number(n) if n.is_i64() => format!("tolong({source})"),
        Value::Number(_) => format!("toreal({source})"),
        _ => source,
    };
    Ok(format!("extend {} = {source}", quoted(&name)))
}
