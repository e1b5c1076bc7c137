//! Generated rows for the properties, of every type and of awkward text.

use std::sync::Arc;

use proptest::prelude::*;

use crate::{Cell, Chunk, ChunkBuilder, Schema, Table, Type, Value};

/// So many cases, and thirty times as many with `WF_SOAK=1`.
pub fn cases(cases: u32) -> ProptestConfig {
    let soak = std::env::var_os("WF_SOAK").is_some_and(|v| v == "1");
    let cases = if soak { cases * 30 } else { cases };
    // tests write nothing beside their sources
    ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Columns of every storage; column 0 is a key.
pub fn schema() -> Arc<Schema> {
    Arc::new(Schema::new([
        ("id", Type::Text),
        ("title", Type::Text),
        ("severity", Type::Text),
        ("tags", Type::List),
        ("count", Type::Int),
        ("score", Type::Real),
        ("managed", Type::Bool),
        ("seen", Type::Time),
        ("took", Type::Timespan),
    ]))
}

pub const TEXT_COLS: [usize; 3] = [0, 1, 2];

/// Words that meet and differ in case, and characters that fold in surprising ways.
pub fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-cA-C]{0,4}",
        2 => "[ab ]{0,3}(Kk|\u{212A}|i|I|\u{130}|\u{131}|ß|ẞ|Σ|ς|σ|é|É|漢字|Привет|ПРИВЕТ|\u{307}|\0){0,3}[ab]{0,2}",
        1 => "(multi-stage incident |Multi-Stage Incident ){1,2}[a-c]{0,9}",
        1 => any::<String>(),
    ]
}

fn value(kind: Type) -> BoxedStrategy<Value> {
    let some = match kind {
        Type::List => prop::collection::vec(text(), 0..4)
            .prop_map(|list| Value::List(list.iter().map(|s| s.as_str().into()).collect()))
            .boxed(),
        Type::Int | Type::Long => prop_oneof![-3i64..3, any::<i64>()]
            .prop_map(Value::Int)
            .boxed(),
        Type::Time => (-3i64..3).prop_map(Value::Time).boxed(),
        Type::Timespan => (-3i64..3).prop_map(Value::Span).boxed(),
        Type::Real => prop_oneof![
            Just(f64::NAN),
            Just(-0.0),
            Just(0.0),
            -2.0..2.0,
            any::<f64>()
        ]
        .prop_map(Value::Real)
        .boxed(),
        Type::Bool => any::<bool>().prop_map(Value::Bool).boxed(),
        _ => text().prop_map(|s| Value::Text(s.into())).boxed(),
    };
    prop_oneof![1 => Just(Value::Null), 5 => some].boxed()
}

pub fn row() -> impl Strategy<Value = Vec<Value>> {
    schema()
        .columns()
        .map(|(_, kind)| value(kind))
        .collect::<Vec<_>>()
}

pub fn rows(most: usize) -> impl Strategy<Value = Vec<Vec<Value>>> {
    prop::collection::vec(row(), 0..most)
}

pub fn chunk(rows: &[Vec<Value>]) -> Chunk {
    let mut build = ChunkBuilder::new(schema());
    for row in rows {
        for (col, value) in row.iter().enumerate() {
            build.value(col, value);
        }
        build.end_row();
    }
    build.finish()
}

/// A table of chunks as large as `cuts` says, repeated; merged where the first cut is odd.
pub fn table(rows: &[Vec<Value>], cuts: &[usize]) -> Table {
    let mut table = Table::new(schema());
    let mut rest = rows;
    for cut in cuts.iter().cycle() {
        let (head, tail) = rest.split_at((*cut).clamp(1, rest.len().max(1)).min(rest.len()));
        if cuts[0] % 2 == 1 {
            table.append(Arc::new(chunk(head)));
        } else if !head.is_empty() {
            table.append_apart(chunk(head));
        }
        rest = tail;
        if rest.is_empty() {
            break;
        }
    }
    table
}

/// Three chunks whose column 2 is a dictionary each, in another order each, with nulls.
pub fn dictionaries() -> (Vec<Vec<Value>>, Table) {
    let words = ["low", "High", "é", "high", "medium"];
    let rows: Vec<Vec<Value>> = (0..180)
        .map(|n| {
            let mut row = vec![Value::Null; schema().len()];
            if n % 7 != 3 {
                row[2] = words[(n * n + n / 60) % words.len()].into();
            }
            row
        })
        .collect();
    let mut table = Table::new(schema());
    for part in rows.chunks(60) {
        table.append_apart(chunk(part));
    }
    assert!(
        table
            .chunks()
            .iter()
            .all(|c| matches!(c.column(2), Some(crate::Column::Dict(_))))
    );
    (rows, table)
}

/// Value for value, NaN equal to itself.
pub fn is_same(cell: Cell<'_>, value: &Value) -> bool {
    match (cell, value) {
        (Cell::Null, Value::Null) => true,
        (Cell::Text(a), Value::Text(b)) => a == b.txt(),
        (Cell::List(a), Value::List(b)) => a.iter().eq(b.iter().map(|t| t.txt())),
        (Cell::Int(a), Value::Int(b))
        | (Cell::Time(a), Value::Time(b))
        | (Cell::Span(a), Value::Span(b)) => a == *b,
        (Cell::Real(a), Value::Real(b)) => a.to_bits() == b.to_bits(),
        (Cell::Bool(a), Value::Bool(b)) => a == *b,
        _ => false,
    }
}
