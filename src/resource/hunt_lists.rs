//! The lists on screen as tables that a query can read: their columns under Microsoft's names, a list as a dynamic array.

use super::{ALL, Shape, Spec};
use kql::engine::Stored;
use kql::schema::{ColumnDef, Schema, TableDef};
use kql::types::Ty;
use std::sync::Arc;
use table::{Cancel, Cell, ChunkBuilder, Selection, Table};

/// Rows of one chunk, so that threads share the work.
const CHUNK: usize = 65_536;
/// How often cancelling is looked at.
const LOOK: usize = 4_096;

/// What a list is called in a query.
pub fn name(spec: &Spec) -> String {
    let letters = spec.title.chars().filter(char::is_ascii_alphanumeric);
    letters.collect()
}

fn columns(spec: &Spec) -> Vec<(String, Ty)> {
    let ty = |shape: &Shape| match shape {
        Shape::Words(_) => Ty::DYNAMIC,
        Shape::Text(_) | Shape::Ranked(_) => Ty::STRING,
        Shape::Int => Ty::LONG,
        Shape::Real => Ty::REAL,
        Shape::Bool => Ty::BOOL,
        Shape::Time => Ty::DATETIME,
    };
    let columns = spec.columns.iter();
    columns.map(|c| (c.name.to_owned(), ty(&c.shape))).collect()
}

/// The tables there are, and nothing else.
pub fn schema() -> Schema {
    let mut schema = Schema::default();
    for spec in ALL {
        let columns = columns(spec).into_iter();
        schema.add_table(TableDef {
            name: name(spec).into(),
            columns: columns
                .map(|(name, ty)| ColumnDef {
                    name: name.into(),
                    ty,
                })
                .collect(),
            about: format!("{} as loaded on screen.", spec.title).into(),
            replaced_by: None,
        });
    }
    schema
}

/// A list's rows for the engine; `None` when cancelled.
pub fn stored(spec: &Spec, table: &Table, live: &Selection, cancel: &Cancel) -> Option<Stored> {
    let columns = columns(spec);
    let schema = Stored::chunk_schema(&columns);
    let mut chunks = Vec::new();
    let mut builder = ChunkBuilder::new(schema.clone());
    for (n, row) in live.iter().enumerate() {
        if n % LOOK == 0 && cancel.is_cancelled() {
            return None;
        }
        for col in 0..columns.len() {
            put(&mut builder, col, table.cell(row, col));
        }
        builder.end_row();
        if builder.rows() >= CHUNK {
            let full = std::mem::replace(&mut builder, ChunkBuilder::new(schema.clone()));
            chunks.push(Arc::new(full.finish()));
        }
    }
    if builder.rows() > 0 {
        chunks.push(Arc::new(builder.finish()));
    }
    Some(Stored { columns, chunks })
}

fn put(builder: &mut ChunkBuilder, col: usize, cell: Cell<'_>) {
    match cell {
        Cell::Null => {}
        Cell::Text(text) => builder.text(col, Some(text.exact())),
        Cell::List(list) => {
            let words: Vec<String> = list.iter().map(|w| w.json()).collect();
            builder.text(col, Some(&format!("[{}]", words.join(","))));
        }
        Cell::Int(n) | Cell::Span(n) => builder.int(col, Some(n)),
        Cell::Real(n) => builder.real(col, Some(n)),
        Cell::Bool(b) => builder.bool(col, Some(b)),
        Cell::Time(n) => builder.time(col, Some(n)),
    }
}
