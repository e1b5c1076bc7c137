//! The text forms of an export.

use super::{Export, Failed, Form};
use crate::model::Ticks;
use crate::resource::hunt_cell;
use crate::resource::hunt_work::refine;
use serde::de::IgnoredAny;
use std::borrow::Cow;
use std::io::Write;
use table::{Cell, Txt, Type};

/// Rows between two looks at the cancel flag.
const LOOK: usize = 1024;

pub(super) fn write(x: &Export, out: &mut dyn Write) -> Result<(), Failed> {
    let mut w = Writer {
        x,
        out,
        line: String::new(),
        names: names(x),
    };
    w.head()?;
    for (n, row) in x.rows.iter().enumerate() {
        if n % LOOK == 0 && x.cancel.is_cancelled() {
            return Err(Failed::Cancelled);
        }
        w.row(n, row)?;
    }
    w.foot()
}

/// Columns by names that can be told apart.
pub(super) fn names(x: &Export) -> Vec<String> {
    let all = refine::columns(x.table.schema());
    let name = |c: &usize| all.get(*c).map_or_else(String::new, |(n, _)| n.clone());
    x.columns.iter().map(name).collect()
}

struct Writer<'a> {
    x: &'a Export,
    out: &'a mut dyn Write,
    line: String,
    names: Vec<String>,
}

impl Writer<'_> {
    fn flush(&mut self) -> Result<(), Failed> {
        self.out.write_all(self.line.as_bytes())?;
        self.line.clear();
        Ok(())
    }

    fn head(&mut self) -> Result<(), Failed> {
        let x = self.x;
        let names = std::mem::take(&mut self.names);
        let line = &mut self.line;
        match x.form {
            Form::Csv | Form::Tsv => {
                for (n, name) in names.iter().enumerate() {
                    self.line.push_str(parting(x.form, n));
                    self.line.push_str(&field(x, Txt::new(name)));
                }
                self.line.push_str("\r\n");
                if x.form == Form::Tsv {
                    self.line.truncate(self.line.len() - 2);
                    self.line.push('\n');
                }
            }
            Form::Ndjson | Form::Xlsx => {}
            Form::Json => {
                line.push_str("{\"provenance\": ");
                line.push_str(&super::pretty(&x.from.json(x.rows.len())));
                line.push_str(",\n\"columns\": [");
                for (n, (name, col)) in names.iter().zip(&x.columns).enumerate() {
                    line.push_str(if n > 0 { ", " } else { "" });
                    let kind = kql_type(x.table.schema().kind(*col));
                    line.push_str(&format!(
                        "{{\"name\": {}, \"type\": \"{kind}\"}}",
                        Txt::new(name).json()
                    ));
                }
                line.push_str("],\n\"rows\": [");
            }
            Form::Markdown => {
                for (n, name) in names.iter().enumerate() {
                    line.push_str(if n == 0 { "| " } else { " | " });
                    markdown(line, Txt::new(name));
                }
                line.push_str(" |\n");
                for col in &x.columns {
                    let right = hunt_cell::is_right(x.table.schema().kind(*col));
                    line.push_str(if right { "|---:" } else { "|---" });
                }
                line.push_str("|\n");
            }
            Form::Datatable => {
                for (name, value) in x.from.lines(x.rows.len()) {
                    for text in value.lines() {
                        line.push_str(&format!("// {name}: {}\n", Txt::new(text).shown()));
                    }
                }
                line.push_str("datatable (");
                for (n, (name, col)) in names.iter().zip(&x.columns).enumerate() {
                    line.push_str(if n > 0 { ", " } else { "" });
                    let kind = kql_type(x.table.schema().kind(*col));
                    line.push_str(&format!("[{}]: {kind}", Txt::new(name).kql_literal()));
                }
                line.push_str(") [\n");
            }
        }
        self.names = names;
        self.flush()
    }

    fn row(&mut self, n: usize, row: u32) -> Result<(), Failed> {
        let x = self.x;
        let json = matches!(x.form, Form::Json | Form::Ndjson);
        if x.form == Form::Json {
            self.line.push_str(if n > 0 { ",\n" } else { "\n" });
        }
        if json {
            self.line.push('{');
        }
        for (n, col) in x.columns.iter().enumerate() {
            let cell = x.table.cell(row, *col);
            let kind = x.table.schema().kind(*col).unwrap_or(Type::Text);
            let line = &mut self.line;
            match x.form {
                Form::Csv | Form::Tsv => {
                    line.push_str(parting(x.form, n));
                    separated(x, line, cell, kind);
                }
                Form::Json | Form::Ndjson => {
                    line.push_str(if n > 0 { "," } else { "" });
                    let name = self.names.get(n).map_or("", String::as_str);
                    line.push_str(&Txt::new(name).json());
                    line.push(':');
                    json_value(line, cell, kind);
                }
                Form::Markdown => {
                    line.push_str(if n == 0 { "| " } else { " | " });
                    let text = words(cell);
                    markdown(line, Txt::new(&text));
                }
                Form::Datatable => {
                    line.push_str(if n > 0 { ", " } else { "  " });
                    literal(line, cell, kind);
                }
                Form::Xlsx => {}
            }
        }
        match x.form {
            Form::Csv => self.line.push_str("\r\n"),
            Form::Tsv => self.line.push('\n'),
            Form::Ndjson => self.line.push_str("}\n"),
            Form::Json => self.line.push('}'),
            Form::Markdown => self.line.push_str(" |\n"),
            Form::Datatable => self.line.push_str(",\n"),
            Form::Xlsx => {}
        }
        self.flush()
    }

    fn foot(&mut self) -> Result<(), Failed> {
        match self.x.form {
            Form::Json => self.line.push_str("\n]}\n"),
            Form::Datatable => self.line.push_str("]\n"),
            Form::Markdown if !self.x.visible => {
                self.line.push('\n');
                for (name, value) in self.x.from.lines(self.x.rows.len()) {
                    let value: Vec<&str> = value.lines().collect();
                    self.line.push_str(&format!("- {name}: "));
                    markdown(&mut self.line, Txt::new(&value.join(" ⏎ ")));
                    self.line.push('\n');
                }
            }
            _ => {}
        }
        self.flush()
    }
}

fn parting(form: Form, n: usize) -> &'static str {
    match (form, n) {
        (_, 0) => "",
        (Form::Tsv, _) => "\t",
        _ => ",",
    }
}

/// A cell of CSV or TSV. Numbers of ours need no apostrophe, however they begin.
fn separated(x: &Export, line: &mut String, cell: Cell<'_>, kind: Type) {
    let ours = match cell {
        Cell::Null => Some(String::new()),
        Cell::Text(t) if kind == Type::Decimal && is_number(t.exact()) => {
            Some(t.exact().to_owned())
        }
        Cell::Text(_) | Cell::List(_) => None,
        other => Some(words(other).into_owned()),
    };
    match (ours, x.form) {
        (Some(ours), Form::Tsv) => line.push_str(&ours),
        (Some(ours), _) => {
            line.push('"');
            line.push_str(&ours);
            line.push('"');
        }
        (None, _) => line.push_str(&field(x, Txt::new(&words(cell)))),
    }
}

/// Tenant text as a field: quoted for CSV, escaped for TSV, in both without formulas.
fn field(x: &Export, text: Txt<'_>) -> String {
    let visible = x.visible.then(|| text.clipboard());
    let text = visible.as_deref().map_or(text, Txt::new);
    if x.form == Form::Csv {
        return text.csv_cell(x.raw);
    }
    let formula = !x.raw && text.csv_cell(false).len() > text.csv_cell(true).len();
    let mut out = String::with_capacity(text.exact().len() + 1);
    if formula {
        out.push('\'');
    }
    for c in text.exact().chars() {
        match c {
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\\' => out.push_str("\\\\"),
            c => out.push(c),
        }
    }
    out
}

/// A cell in words; tenant text is exact.
pub(super) fn words(cell: Cell<'_>) -> Cow<'_, str> {
    match cell {
        Cell::Null => Cow::Borrowed(""),
        Cell::Text(t) => Cow::Borrowed(t.exact()),
        Cell::List(list) => {
            let all: Vec<&str> = list.iter().map(|t| t.exact()).collect();
            Cow::Owned(all.join(", "))
        }
        Cell::Int(n) => Cow::Owned(n.to_string()),
        Cell::Real(n) => Cow::Owned(hunt_cell::real(n)),
        Cell::Bool(b) => Cow::Borrowed(if b { "true" } else { "false" }),
        Cell::Time(n) => Cow::Owned(iso(n)),
        Cell::Span(n) => Cow::Owned(hunt_cell::span(n)),
    }
}

/// `2026-08-01T12:04:05.1234567Z`, all seven digits: as the service writes it.
fn iso(ticks: i64) -> String {
    match Ticks(ticks).timestamp() {
        Some(t) => format!(
            "{}.{:07}Z",
            t.strftime("%Y-%m-%dT%H:%M:%S"),
            ticks.rem_euclid(10_000_000)
        ),
        None => ticks.to_string(),
    }
}

fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty()
        && digits.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && digits.bytes().filter(|b| *b == b'.').count() <= 1
        && digits.bytes().any(|b| b.is_ascii_digit())
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<IgnoredAny>(text).is_ok()
}

/// JSON text with whatever an eye would not see escaped; inside of strings only, for there is nothing of it outside.
pub(super) fn escape_unseen(json: &str) -> String {
    if json
        .bytes()
        .all(|b| (b' '..=b'~').contains(&b) || b == b'\n')
    {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len() + 16);
    let mut buf = [0; 4];
    for c in json.chars() {
        if c == '\n' || c.is_ascii() && !c.is_ascii_control() {
            out.push(c);
            continue;
        }
        if c.is_ascii_whitespace() {
            out.push(' ');
            continue;
        }
        let one = Txt::new(c.encode_utf8(&mut buf)).json();
        out.push_str(one.trim_matches('"'));
    }
    out
}

fn json_value(line: &mut String, cell: Cell<'_>, kind: Type) {
    match cell {
        Cell::Null => line.push_str("null"),
        Cell::Int(n) => line.push_str(&n.to_string()),
        Cell::Real(n) if n.is_finite() => line.push_str(&real_json(n)),
        Cell::Bool(b) => line.push_str(if b { "true" } else { "false" }),
        Cell::Text(t) if kind == Type::Dynamic && is_json(t.exact()) => {
            // one line a row
            line.push_str(&escape_unseen(&t.exact().replace(['\n', '\r'], " ")));
        }
        Cell::Text(t) if kind == Type::Decimal && is_json(t.exact()) && is_number(t.exact()) => {
            line.push_str(t.exact());
        }
        other => line.push_str(&Txt::new(&words(other)).json()),
    }
}

fn real_json(n: f64) -> String {
    serde_json::Number::from_f64(n).map_or_else(|| "null".into(), |n| n.to_string())
}

/// Letters that Markdown or the HTML in it would take for more than they are.
fn markdown(line: &mut String, text: Txt<'_>) {
    for (n, part) in text.paragraphs().enumerate() {
        if n > 0 {
            line.push_str("<br>");
        }
        for c in part.chars() {
            match c {
                '|' | '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '~' | '!' => {
                    line.push('\\');
                    line.push(c);
                }
                '<' => line.push_str("&lt;"),
                '>' => line.push_str("&gt;"),
                '&' => line.push_str("&amp;"),
                c => line.push(c),
            }
        }
    }
}

/// The name of a type as queries write it.
pub(super) fn kql_type(kind: Option<Type>) -> &'static str {
    match kind {
        Some(Type::Int) => "int",
        Some(Type::Long) => "long",
        Some(Type::Real) => "real",
        Some(Type::Bool) => "bool",
        Some(Type::Time) => "datetime",
        Some(Type::Timespan) => "timespan",
        Some(Type::Decimal) => "decimal",
        Some(Type::Guid) => "guid",
        Some(Type::Dynamic | Type::List) => "dynamic",
        Some(Type::Text) | None => "string",
    }
}

/// A value as queries write it, of its column's type.
fn literal(line: &mut String, cell: Cell<'_>, kind: Type) {
    let name = kql_type(Some(kind));
    match cell {
        Cell::Null if kind == Type::Text => line.push_str("\"\""),
        Cell::Null => line.push_str(&format!("{name}(null)")),
        Cell::Int(n) => line.push_str(&format!("{name}({n})")),
        Cell::Real(n) if n.is_nan() => line.push_str("real(nan)"),
        Cell::Real(n) if n.is_infinite() => {
            line.push_str(if n > 0.0 { "real(+inf)" } else { "real(-inf)" });
        }
        Cell::Real(n) => line.push_str(&format!("real({})", real_json(n))),
        Cell::Bool(b) => line.push_str(if b { "true" } else { "false" }),
        Cell::Time(n) => line.push_str(&format!("datetime({})", iso(n))),
        Cell::Span(n) => line.push_str(&format!("timespan({})", hunt_cell::span(n))),
        Cell::Text(t) => match kind {
            Type::Guid if is_guid(t.exact()) => line.push_str(&format!("guid({})", t.exact())),
            Type::Decimal if is_number(t.exact()) => {
                line.push_str(&format!("decimal({})", t.exact()));
            }
            Type::Guid | Type::Decimal => line.push_str(&format!("{name}(null)")),
            // what is no JSON is a text in JSON
            Type::Dynamic if is_json(t.exact()) => {
                let flat = t.exact().replace(['\n', '\r'], " ");
                line.push_str(&format!("dynamic({})", escape_unseen(&flat)));
            }
            Type::Dynamic => line.push_str(&format!("dynamic({})", t.json())),
            _ => line.push_str(&t.kql_literal()),
        },
        Cell::List(list) => {
            let all: Vec<String> = list.iter().map(|t| t.json()).collect();
            line.push_str(&format!("dynamic([{}])", all.join(",")));
        }
    }
}

fn is_guid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(n, b)| match n {
            8 | 13 | 18 | 23 => b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}
