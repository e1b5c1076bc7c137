//! What a query gives: columns, rows, and the chart it asks for.

use super::json;
use super::rel::Part;
use super::value::{Kind, Val, real_text};
use crate::types::Ty;
use std::sync::Arc;

/// What `render` asks for; only a hint.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Render {
    /// `timechart` and so on.
    pub chart: String,
    /// `title=…` and so on.
    pub with: Vec<(String, String)>,
}

/// A result.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// Names and types.
    pub columns: Vec<(String, Ty)>,
    pub(crate) parts: Vec<Part>,
    /// The chart asked for.
    pub render: Option<Render>,
    /// Whether rows beyond the limit were left out.
    pub truncated: bool,
}

impl Answer {
    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.parts.iter().map(|p| p.rows).sum()
    }
    /// A value; null outside of the result.
    pub fn value(&self, row: usize, col: usize) -> Val<'_> {
        let Some((_, ty)) = self.columns.get(col) else {
            return Val::Null;
        };
        let mut at = row;
        for p in &self.parts {
            if at < p.rows {
                return p
                    .cols
                    .get(col)
                    .map_or(Val::Null, |c| c.val(Kind::of(*ty), at));
            }
            at -= p.rows;
        }
        Val::Null
    }
    /// Writes all rows as a JSON array of arrays.
    pub fn write_json(&self, out: &mut String) {
        out.push('[');
        let kinds: Vec<Kind> = self.columns.iter().map(|(_, t)| Kind::of(*t)).collect();
        let mut first = true;
        for p in &self.parts {
            for i in 0..p.rows {
                out.push_str(if first { "[" } else { ",[" });
                first = false;
                for (c, (v, k)) in p.cols.iter().zip(&kinds).enumerate() {
                    if c > 0 {
                        out.push(',');
                    }
                    write_value(out, &v.val(*k, i), *k);
                }
                out.push(']');
            }
        }
        out.push(']');
    }
    /// One row as JSON texts, a value a column.
    pub fn json_row(&self, row: usize) -> Vec<String> {
        (0..self.columns.len())
            .map(|c| {
                let mut s = String::new();
                let k = self.columns.get(c).map_or(Kind::Dynamic, |x| Kind::of(x.1));
                write_value(&mut s, &self.value(row, c), k);
                s
            })
            .collect()
    }
    /// The rows as chunks, for views and further queries.
    pub fn chunks(&self) -> Vec<Arc<table::Chunk>> {
        let schema = super::Stored::chunk_schema(&self.columns);
        self.parts
            .iter()
            .map(|p| {
                let mut b = table::ChunkBuilder::new(schema.clone());
                for i in 0..p.rows {
                    for (c, (v, (_, ty))) in p.cols.iter().zip(&self.columns).enumerate() {
                        match v.val(Kind::of(*ty), i) {
                            Val::Null => {}
                            Val::Bool(x) => b.bool(c, Some(x)),
                            Val::Long(n) | Val::Date(n) | Val::Span(n) => b.int(c, Some(n)),
                            Val::Real(n) => b.real(c, Some(n)),
                            Val::Dec(d) => b.text(c, Some(&d.to_string())),
                            Val::Str(s) | Val::Guid(s) | Val::Dyn(s) => b.text(c, Some(&s)),
                        }
                    }
                    b.end_row();
                }
                Arc::new(b.finish())
            })
            .collect()
    }
}

/// A value as results give it: numbers as numbers, instants and spans as texts, dynamic inline.
pub fn write_value(out: &mut String, v: &Val, kind: Kind) {
    match v {
        Val::Null if kind == Kind::String => out.push_str("\"\""),
        Val::Null => out.push_str("null"),
        Val::Real(n) if n.is_finite() => out.push_str(&real_json(*n)),
        Val::Real(n) => json::push_quoted(out, &real_text(*n)),
        v => out.push_str(&v.json()),
    }
}

fn real_json(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 1e15 {
        format!("{}", n as i64)
    } else {
        format!("{n:?}")
    }
}
