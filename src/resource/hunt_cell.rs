//! A cell of a result as text: exact, in Kusto's own forms. Sinks make it safe for where it goes.

use crate::model::Ticks;
use table::{Cell, Table, Type};

/// The whole value; empty for null.
pub fn text(table: &Table, row: u32, col: usize) -> String {
    match table.cell(row, col) {
        Cell::Null => String::new(),
        Cell::Text(t) => t.exact().to_owned(),
        Cell::List(list) => list
            .iter()
            .map(|t| t.exact())
            .collect::<Vec<_>>()
            .join(", "),
        Cell::Int(n) => n.to_string(),
        Cell::Real(n) => real(n),
        Cell::Bool(b) => b.to_string(),
        Cell::Time(n) => time(n),
        Cell::Span(n) => span(n),
    }
}

/// Whether a column's cells stand at the right edge.
pub fn is_right(kind: Option<Type>) -> bool {
    matches!(
        kind,
        Some(Type::Int | Type::Long | Type::Real | Type::Decimal | Type::Timespan)
    )
}

/// `2026-08-01 12:04:05.1234567Z`, without digits that are none.
pub fn time(ticks: i64) -> String {
    let Some(t) = Ticks(ticks).timestamp() else {
        return ticks.to_string();
    };
    let part = ticks.rem_euclid(10_000_000);
    let whole = t.strftime("%Y-%m-%d %H:%M:%S");
    if part == 0 {
        format!("{whole}Z")
    } else {
        let digits = format!("{part:07}");
        format!("{whole}.{}Z", digits.trim_end_matches('0'))
    }
}

/// `[-][d.]hh:mm:ss[.fffffff]`.
pub fn span(ticks: i64) -> String {
    let sign = if ticks < 0 { "-" } else { "" };
    let n = ticks.unsigned_abs();
    let (seconds, part) = (n / 10_000_000, n % 10_000_000);
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let days = if days > 0 {
        format!("{days}.")
    } else {
        String::new()
    };
    let part = if part > 0 {
        format!(".{part:07}")
    } else {
        String::new()
    };
    format!(
        "{sign}{days}{:02}:{:02}:{:02}{part}",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

fn real(n: f64) -> String {
    if n.is_nan() {
        "NaN".into()
    } else if n.is_infinite() {
        if n > 0.0 { "Infinity" } else { "-Infinity" }.into()
    } else {
        n.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_are_kustos() {
        assert_eq!(
            time(Ticks::parse("2026-08-01T12:04:05.1200000Z").unwrap().0),
            "2026-08-01 12:04:05.12Z"
        );
        assert_eq!(
            span(-(((26 * 60 + 3) * 60 + 4) * 10_000_000 + 5_000_000)),
            "-1.02:03:04.5000000"
        );
        assert_eq!(span(0), "00:00:00");
    }

    proptest! {
        #[test]
        fn a_span_reads_back(n in -4_000_000_000_000_000i64..4_000_000_000_000_000) {
            prop_assert_eq!(crate::resource::hunt_answer::span(&span(n)), Some(n));
        }
    }
}
