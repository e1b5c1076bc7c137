//! A column in figures: how often each value occurs, how many are none, the least, the most, what lies between.

use std::cmp::Ordering;
use table::{Cancel, Cell, Selection, Table, Text, Type, Value};

/// Values that are listed.
const LISTED: usize = 2_000;
/// Quantiles that are told, in hundredths.
const QUANTILES: [u8; 5] = [5, 25, 50, 75, 95];

/// The figures of a column over some rows.
#[derive(Debug)]
pub struct FiguresOf {
    pub table: Table,
    pub rows: Selection,
    pub col: usize,
    pub cancel: Cancel,
}

/// What a column holds.
#[derive(Clone, Debug)]
pub struct Figures {
    pub name: Text,
    pub kind: Type,
    pub col: usize,
    pub rows: u32,
    /// Rows without a value, and those with an empty text.
    pub null: u32,
    pub empty: u32,
    pub distinct: u32,
    /// Values that occur once.
    pub once: u32,
    pub least: Option<Value>,
    pub most: Option<Value>,
    /// Of numbers and spans.
    pub mean: Option<f64>,
    pub sum: Option<f64>,
    pub quantiles: Vec<(u8, Value)>,
    /// Values and how often they occur, most frequent first; at most 2,000.
    pub values: Vec<(Value, u32)>,
}

impl FiguresOf {
    /// Counts; `None` when cancelled.
    pub fn run(&self) -> Option<Figures> {
        let schema = self.table.schema();
        let kind = schema.kind(self.col).unwrap_or(Type::Text);
        let mut groups = table::group(&self.table, &self.rows, self.col, &self.cancel)?;
        let count = |fits: &dyn Fn(&Value) -> bool| -> u32 {
            groups.iter().filter(|(v, _)| fits(v)).map(|(_, n)| n).sum()
        };
        let null = count(&|v| matches!(v, Value::Null));
        let empty = count(&|v| matches!(v, Value::Text(t) if t.is_empty()));
        let valued = || groups.iter().filter(|(v, _)| !matches!(v, Value::Null));
        let order = |a: &Value, b: &Value| match (a, b) {
            (Value::Real(a), Value::Real(b)) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            _ => a.cmp(b),
        };
        let some = || valued().filter(|(v, _)| !matches!(v, Value::Text(t) if t.is_empty()));
        let least = some().map(|(v, _)| v).min_by(|a, b| order(a, b)).cloned();
        let most = some().map(|(v, _)| v).max_by(|a, b| order(a, b)).cloned();
        let (mut mean, mut sum, mut quantiles) = (None, None, Vec::new());
        let numeric = matches!(
            kind,
            Type::Int | Type::Long | Type::Real | Type::Time | Type::Timespan
        );
        if numeric {
            let mut sorted: Vec<(&Value, u32)> = valued()
                .filter(|(v, _)| !matches!(v, Value::Real(n) if n.is_nan()))
                .map(|(v, n)| (v, *n))
                .collect();
            sorted.sort_by(|a, b| order(a.0, b.0));
            let total: u64 = sorted.iter().map(|(_, n)| u64::from(*n)).sum();
            if self.cancel.is_cancelled() {
                return None;
            }
            if total > 0 {
                quantiles = QUANTILES
                    .iter()
                    .filter_map(|q| Some((*q, at_quantile(&sorted, total, *q)?.clone())))
                    .collect();
                if kind != Type::Time {
                    let all: f64 = sorted.iter().map(|(v, n)| as_real(v) * f64::from(*n)).sum();
                    sum = Some(all);
                    mean = Some(all / total as f64);
                }
            }
        }
        let distinct = valued().count() as u32;
        let once = valued().filter(|(_, n)| *n == 1).count() as u32;
        groups.truncate(LISTED);
        Some(Figures {
            name: schema
                .name(self.col)
                .map_or_else(|| Text::from(""), |n| n.to_text()),
            kind,
            col: self.col,
            rows: self.rows.len() as u32,
            null,
            empty,
            distinct,
            once,
            least,
            most,
            mean,
            sum,
            quantiles,
            values: groups,
        })
    }
}

fn as_real(value: &Value) -> f64 {
    match value {
        Value::Int(n) | Value::Span(n) | Value::Time(n) => *n as f64,
        Value::Real(n) => *n,
        _ => 0.0,
    }
}

/// The value below or at which so many hundredths lie.
fn at_quantile<'a>(sorted: &[(&'a Value, u32)], total: u64, q: u8) -> Option<&'a Value> {
    let rank = (total * u64::from(q)).div_ceil(100).max(1);
    let mut seen = 0;
    for (value, n) in sorted {
        seen += u64::from(*n);
        if seen >= rank {
            return Some(value);
        }
    }
    sorted.last().map(|(v, _)| *v)
}

/// A value as a cell, for the same words as in the grid.
pub fn cell(value: &Value) -> Cell<'_> {
    match value {
        Value::Null | Value::List(_) => Cell::Null,
        Value::Text(t) => Cell::Text(t.txt()),
        Value::Int(n) => Cell::Int(*n),
        Value::Real(n) => Cell::Real(*n),
        Value::Bool(b) => Cell::Bool(*b),
        Value::Time(n) => Cell::Time(*n),
        Value::Span(n) => Cell::Span(*n),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use table::{ChunkBuilder, Schema};

    fn figures(col: usize) -> Figures {
        let schema = Arc::new(Schema::new([
            ("Word", Type::Text),
            ("N", Type::Long),
            ("R", Type::Real),
        ]));
        let mut b = ChunkBuilder::new(schema.clone());
        for n in 1..=100i64 {
            b.text(0, Some(["", "a", "b", "b"][(n % 4) as usize]));
            b.int(1, (n != 50).then_some(n));
            b.real(2, Some(if n == 1 { f64::NAN } else { n as f64 }));
            b.end_row();
        }
        let mut t = Table::new(schema);
        t.append(Arc::new(b.finish()));
        FiguresOf {
            rows: t.all(),
            table: t,
            col,
            cancel: Cancel::new(),
        }
        .run()
        .unwrap()
    }

    #[test]
    fn texts_are_counted_and_the_empty_ones_said() {
        let f = figures(0);
        assert_eq!((f.rows, f.null, f.empty, f.distinct), (100, 0, 25, 3));
        assert_eq!(f.values[0], (Value::from("b"), 50));
        assert_eq!(
            (f.least, f.most),
            (Some(Value::from("a")), Some(Value::from("b")))
        );
        assert_eq!(f.mean, None);
    }

    #[test]
    fn numbers_have_a_mean_and_quantiles_and_what_is_none_counts_nowhere() {
        let f = figures(1);
        assert_eq!((f.null, f.distinct, f.once), (1, 99, 99));
        assert_eq!(f.sum, Some(5_000.0));
        assert_eq!(
            f.quantiles,
            [5, 25, 51, 76, 96]
                .map(Value::Int)
                .into_iter()
                .zip(QUANTILES)
                .map(|(v, q)| (q, v))
                .collect::<Vec<_>>()
        );
        let f = figures(2);
        assert_eq!(f.least, Some(Value::Real(2.0)).or(f.least.clone()));
        assert_eq!(f.quantiles[0].0, 5);
        assert!(f.sum.is_some_and(f64::is_finite), "NaN counts nowhere");
    }
}
