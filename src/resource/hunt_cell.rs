//! A cell of a result as text: exact, in Kusto's own forms. Sinks make it safe for where it goes.

use crate::model::Ticks;
use jiff::tz::TimeZone;
use table::{Cell, Schema, Table, Txt, Type};

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

/// A column's name, safe for the screen: one without a name is called by its place, as in the service's own exports.
pub fn heading(schema: &Schema, col: usize) -> String {
    match schema.name(col) {
        Some(name) if !name.exact().trim().is_empty() => name.shown().into_owned(),
        _ => format!("Column{}", col + 1),
    }
}

/// Appends a cell as the screen has it, cut with `…`; the terminal cells used.
pub fn fit(out: &mut String, cell: Cell<'_>, cells: usize) -> usize {
    let own = |out: &mut String, text: &str| Txt::new(text).shown_fit(out, cells);
    match cell {
        Cell::Null => 0,
        Cell::Text(t) => t.shown_fit(out, cells),
        Cell::List(list) => {
            let mut all = String::new();
            for t in list.iter() {
                if !all.is_empty() {
                    all.push_str(", ");
                }
                all.push_str(t.exact());
                // more than that is not in sight
                if all.len() > cells.saturating_mul(4) {
                    break;
                }
            }
            own(out, &all)
        }
        Cell::Int(n) => own(out, &n.to_string()),
        Cell::Real(n) => own(out, &real(n)),
        Cell::Bool(b) => own(out, if b { "true" } else { "false" }),
        Cell::Time(n) => own(out, &time(n)),
        Cell::Span(n) => own(out, &span(n)),
    }
}

/// An instant in both zones: `2026-08-01 12:04:05Z (14:04:05 local, +02:00)`; the local day where it is another.
pub fn both_zones(ticks: i64, zone: &TimeZone) -> String {
    let utc = time(ticks);
    let Some(t) = Ticks(ticks).timestamp() else {
        return utc;
    };
    let local = t.to_zoned(zone.clone());
    let same_day = local.date() == t.to_zoned(TimeZone::UTC).date();
    let form = if same_day {
        "%H:%M:%S"
    } else {
        "%Y-%m-%d %H:%M:%S"
    };
    format!(
        "{utc} ({} local, {})",
        local.strftime(form),
        local.strftime("%:z")
    )
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

/// As Kusto writes it.
pub fn real(n: f64) -> String {
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

    #[test]
    fn both_zones_are_named_and_another_day_is_said() {
        let at = |text| Ticks::parse(text).unwrap().0;
        let east = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(
            both_zones(at("2026-08-01T12:04:05.5Z"), &east),
            "2026-08-01 12:04:05.5Z (14:04:05 local, +02:00)"
        );
        assert_eq!(
            both_zones(at("2026-08-01T23:04:05Z"), &east),
            "2026-08-01 23:04:05Z (2026-08-02 01:04:05 local, +02:00)"
        );
    }

    #[test]
    fn columns_without_a_name_are_called_by_their_place() {
        let schema = Schema::new([("a", Type::Text), ("", Type::Text), (" ", Type::Text)]);
        let names: Vec<String> = (0..3).map(|c| heading(&schema, c)).collect();
        assert_eq!(names, ["a", "Column2", "Column3"]);
    }

    proptest! {
        #[test]
        fn a_span_reads_back(n in -4_000_000_000_000_000i64..4_000_000_000_000_000) {
            prop_assert_eq!(crate::resource::hunt_answer::span(&span(n)), Some(n));
        }
    }
}
