//! Types of columns that no schema names.
//!
//! The rule: of a column's cells that are not empty (CSV) or not null (JSON), all must fit; the first type
//! in the order bool, long, real, datetime, timespan, guid, dynamic that all of them fit is the column's, else
//! string. The whole file is looked at, never a sample. Bool is `true` or `false` in any case; a long has no
//! leading zeros (they are part of an identifier); a datetime is ISO 8601 with at least the day; dynamic is a
//! JSON object or array. In JSON, numbers and truth values have their own types, text is string unless all of
//! it is datetimes, timespans or guids; objects and arrays make the column dynamic, other mixtures string.

use super::cells;
use crate::types::Ty;
use table::{Bits, ChunkBuilder, Column, Schema, Type};

const BOOL: u8 = 1;
const LONG: u8 = 2;
const REAL: u8 = 4;
const TIME: u8 = 8;
const SPAN: u8 = 16;
const GUID: u8 = 32;
const NEST: u8 = 64;
/// In `seen` alone: some text.
const TEXT: u8 = 128;

/// What the cells of a column have been so far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Cells {
    /// Types that every text so far fits.
    fits: u8,
    /// For JSON: the kinds seen; for CSV: `TEXT` once a cell was not empty.
    seen: u8,
}

impl Default for Cells {
    fn default() -> Self {
        Cells { fits: !0, seen: 0 }
    }
}

/// What a column's stored text is before its type is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Raw {
    /// The cells of a CSV file.
    Text,
    /// JSON text of every value.
    Json,
}

impl Cells {
    /// Takes in a CSV cell.
    #[inline]
    pub(super) fn text(&mut self, text: &str) {
        if self.fits == 0 || text.is_empty() {
            return;
        }
        self.seen = TEXT;
        self.narrow(text);
    }

    fn narrow(&mut self, text: &str) {
        let first = text.trim_start().bytes().next().unwrap_or(b' ');
        self.fits &= match first {
            b'0'..=b'9' => LONG | REAL | TIME | SPAN | GUID,
            b'-' => LONG | REAL | SPAN,
            b'.' => REAL,
            b't' | b'T' => BOOL,
            b'f' | b'F' => BOOL | GUID,
            b'a'..=b'e' | b'A'..=b'E' => GUID,
            b'{' | b'[' => NEST,
            _ => 0,
        };
        // each test only where its type is still possible
        let bits = self.fits;
        let mut test = |bit: u8, fits: &dyn Fn() -> bool| {
            if bits & bit != 0 && !fits() {
                self.fits &= !bit;
            }
        };
        let word = text.trim();
        test(BOOL, &|| {
            word.eq_ignore_ascii_case("true") || word.eq_ignore_ascii_case("false")
        });
        test(LONG, &|| plain_long(text));
        test(REAL, &|| {
            !has_leading_zero(text) && cells::real(text).is_some()
        });
        test(TIME, &|| cells::iso(word).is_some());
        test(SPAN, &|| cells::timespan(text).is_some());
        test(GUID, &|| cells::guid(text).is_some());
        test(NEST, &|| {
            serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
        });
    }

    /// Takes in the JSON text of a value that is not null; `inner` is the text of a string.
    #[inline]
    pub(super) fn json(&mut self, raw: &str, inner: Option<&str>) {
        // what text it would fit counts where a CSV file has the same column
        self.seen |= match raw.as_bytes().first() {
            Some(b'"') => {
                if self.fits != 0
                    && let Some(text) = inner
                {
                    self.narrow(text);
                }
                TEXT
            }
            Some(b't' | b'f') => {
                self.fits &= BOOL;
                BOOL
            }
            Some(b'{' | b'[') => {
                self.fits &= NEST;
                NEST
            }
            _ => {
                if self.fits != 0 {
                    self.narrow(raw);
                }
                if raw.parse::<i64>().is_ok() {
                    LONG
                } else {
                    REAL
                }
            }
        };
    }

    /// Those of another part of the same column.
    pub(super) fn merge(&mut self, other: Cells) {
        self.fits &= other.fits;
        self.seen |= other.seen;
    }

    /// The column's type.
    pub(super) fn settle(self, raw: Raw) -> Ty {
        let first = |bits: u8| {
            [
                (BOOL, Ty::BOOL),
                (LONG, Ty::LONG),
                (REAL, Ty::REAL),
                (TIME, Ty::DATETIME),
                (SPAN, Ty::TIMESPAN),
                (GUID, Ty::GUID),
                (NEST, Ty::DYNAMIC),
            ]
            .iter()
            .find(|(bit, _)| bits & bit != 0)
            .map_or(Ty::STRING, |(_, ty)| *ty)
        };
        match (raw, self.seen) {
            (_, 0) => Ty::STRING,
            (Raw::Text, _) => first(self.fits),
            (Raw::Json, seen) if seen & NEST != 0 => Ty::DYNAMIC,
            (Raw::Json, BOOL) => Ty::BOOL,
            (Raw::Json, LONG) => Ty::LONG,
            (Raw::Json, seen) if seen & !(LONG | REAL) == 0 => Ty::REAL,
            (Raw::Json, TEXT) => first(self.fits & (TIME | SPAN | GUID)),
            (Raw::Json, _) => Ty::STRING,
        }
    }
}

fn has_leading_zero(text: &str) -> bool {
    let digits = text.trim().trim_start_matches('-').as_bytes();
    digits.first() == Some(&b'0') && digits.get(1).is_some_and(u8::is_ascii_digit)
}

fn plain_long(text: &str) -> bool {
    !has_leading_zero(text) && text.trim().parse::<i64>().is_ok()
}

/// How a type is stored.
pub fn stored(ty: Ty) -> Type {
    match ty {
        Ty::BOOL => Type::Bool,
        Ty::INT => Type::Int,
        Ty::LONG => Type::Long,
        Ty::REAL => Type::Real,
        Ty::DECIMAL => Type::Decimal,
        Ty::DATETIME => Type::Time,
        Ty::TIMESPAN => Type::Timespan,
        Ty::GUID => Type::Guid,
        t if t.is_dynamic() => Type::Dynamic,
        _ => Type::Text,
    }
}

/// Text that was stored raw as a column of its settled type.
pub(super) fn typed(column: Column, raw: Raw, ty: Ty) -> Column {
    let rows = column.len();
    let inner = |text: &str| -> Option<String> {
        match raw {
            Raw::Text => Some(text.to_owned()),
            Raw::Json => text_of(text),
        }
    };
    let made = match stored(ty) {
        Type::Text if raw == Raw::Text && column.validity().is_none() => return column,
        // Kusto's strings are never null
        Type::Text => {
            return texts(&column, rows, Type::Text, |t| {
                Some(inner(t.unwrap_or_default()).unwrap_or_default())
            });
        }
        Type::Dynamic => {
            return texts(&column, rows, Type::Dynamic, |t| {
                t.filter(|t| !t.is_empty()).and_then(compact)
            });
        }
        kind @ (Type::Guid | Type::Decimal) => {
            return texts(&column, rows, kind, |t| {
                inner(t?).and_then(|t| cells::guid(&t))
            });
        }
        Type::Bool => ints(&column, rows, |t| {
            inner(t).and_then(|t| cells::boolean(&t)).map(i64::from)
        })
        .and_then(|(v, valid)| Column::of_bools(v.iter().map(|n| *n != 0).collect(), valid)),
        Type::Real => ints(&column, rows, |t| {
            inner(t)
                .and_then(|t| cells::real(&t))
                .map(|r| r.to_bits() as i64)
        })
        .and_then(|(v, valid)| {
            Column::of_reals(v.iter().map(|n| f64::from_bits(*n as u64)).collect(), valid)
        }),
        Type::Time => ints(&column, rows, |t| {
            inner(t).and_then(|t| cells::datetime(&t))
        })
        .and_then(|(v, valid)| Column::of_ints(v, valid)),
        Type::Timespan => ints(&column, rows, |t| {
            inner(t).and_then(|t| cells::timespan(&t))
        })
        .and_then(|(v, valid)| Column::of_ints(v, valid)),
        _ => ints(&column, rows, |t| inner(t).and_then(|t| cells::long(&t)))
            .and_then(|(v, valid)| Column::of_ints(v, valid)),
    };
    made.unwrap_or(column)
}

/// A number for each row, computed once for each distinct text.
fn ints(
    column: &Column,
    rows: usize,
    f: impl Fn(&str) -> Option<i64>,
) -> Option<(Vec<i64>, Option<Bits>)> {
    let mut values = Vec::with_capacity(rows);
    let mut valid = Bits::default();
    let mut push = |n: Option<i64>| {
        values.push(n.unwrap_or(0));
        valid.push(n.is_some());
    };
    match column {
        Column::Dict(c) => {
            let known: Vec<Option<i64>> = c.values().iter().map(f).collect();
            for row in 0..rows {
                let code = c.codes().get(row);
                push(if c.is_null(row) {
                    None
                } else {
                    known.get(code).copied().flatten()
                });
            }
        }
        _ => (0..rows).for_each(|row| push(column.text(row).and_then(&f))),
    }
    let all = valid.count() == rows;
    Some((values, (!all).then_some(valid)))
}

/// A text for each row, made anew: two raw forms may be one text.
fn texts(
    column: &Column,
    rows: usize,
    kind: Type,
    f: impl Fn(Option<&str>) -> Option<String>,
) -> Column {
    let mut out = ChunkBuilder::new(std::sync::Arc::new(Schema::new([("", kind)])));
    let null = f(None);
    let known: Vec<Option<String>> = match column {
        Column::Dict(c) => c.values().iter().map(|t| f(Some(t))).collect(),
        _ => Vec::new(),
    };
    for row in 0..rows {
        match column {
            _ if column.is_null(row) => out.text(0, null.as_deref()),
            Column::Dict(c) => {
                out.text(0, known.get(c.codes().get(row)).and_then(Option::as_deref))
            }
            _ => out.text(0, f(column.text(row)).as_deref()),
        }
        out.end_row();
    }
    out.finish()
        .into_columns()
        .pop()
        .unwrap_or_else(|| column.clone())
}

/// The text of a JSON value: a string's own, anything else as it is written.
pub(super) fn text_of(raw: &str) -> Option<String> {
    if raw.starts_with('"') {
        serde_json::from_str(raw).ok()
    } else if raw.starts_with(['{', '[']) {
        compact(raw)
    } else {
        Some(raw.to_owned())
    }
}

/// JSON without blanks; text that is no JSON becomes a JSON string.
pub(super) fn compact(text: &str) -> Option<String> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => serde_json::to_string(&value).ok(),
        Err(_) => serde_json::to_string(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(cells: &[&str]) -> &'static str {
        let mut c = Cells::default();
        cells.iter().for_each(|t| c.text(t));
        c.settle(Raw::Text).name()
    }

    fn json(values: &[&str]) -> &'static str {
        let mut c = Cells::default();
        for raw in values {
            let inner: Option<String> = serde_json::from_str(raw).ok();
            c.json(raw, inner.as_deref());
        }
        c.settle(Raw::Json).name()
    }

    #[test]
    fn a_column_has_the_narrowest_type_that_all_its_cells_fit() {
        assert_eq!(csv(&["", "true", "False"]), "bool");
        assert_eq!(csv(&["1", "-20", ""]), "long");
        assert_eq!(csv(&["1", "2.5"]), "real");
        assert_eq!(
            csv(&["007", "1"]),
            "string",
            "leading zeros belong to an identifier"
        );
        assert_eq!(csv(&["2026-01-01T00:00:00Z", "2026-01-02"]), "datetime");
        assert_eq!(csv(&["1.02:00:00", "-00:00:01"]), "timespan");
        assert_eq!(csv(&["00000000-0000-0000-0000-00000000000a"]), "guid");
        assert_eq!(csv(&["{\"a\":1}", "[]"]), "dynamic");
        assert_eq!(csv(&["{a}"]), "string");
        assert_eq!(csv(&["1", "x"]), "string");
        assert_eq!(csv(&["", ""]), "string");
        assert_eq!(csv(&["99999999999999999999"]), "real");
    }

    #[test]
    fn json_values_bring_their_types_and_text_may_be_a_time() {
        assert_eq!(json(&["1", "2"]), "long");
        assert_eq!(json(&["1", "2.5"]), "real");
        assert_eq!(json(&["true"]), "bool");
        assert_eq!(
            json(&["\"1\""]),
            "string",
            "text that looks like a number stays text"
        );
        assert_eq!(json(&["\"2026-01-01T00:00:00Z\""]), "datetime");
        assert_eq!(json(&["\"2026-01-01T00:00:00Z\"", "1"]), "string");
        assert_eq!(json(&["{}", "1"]), "dynamic");
    }

    #[test]
    fn parts_merge_to_what_the_whole_would_be() {
        let (mut a, mut b) = (Cells::default(), Cells::default());
        a.text("1");
        b.text("2026-01-01");
        a.merge(b);
        assert_eq!(a.settle(Raw::Text), Ty::STRING);
        let mut a = Cells::default();
        a.merge(Cells::default());
        assert_eq!(a.settle(Raw::Text), Ty::STRING);
    }
}
