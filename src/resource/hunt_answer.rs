//! A hunting query's answer, from the wire straight into a table: `schema` and `results` as Graph writes them.
//!
//! It is read while it arrives: neither its text nor a tree of it is ever held whole (as a tree, 50 MB of it are near a
//! gigabyte). Rows come by name, in the schema's order nearly always, so the next column is tried first. What a cell holds
//! decides nothing: the schema's type does, and a cell that is not of it is null and counted. Source of the forms: Graph's
//! runHuntingQuery, and the older Defender casing.

use super::hunt_pull::{Pull, Stop};
use crate::model::Ticks;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use std::io::Read;
use std::sync::Arc;
use table::{Chunk, ChunkBuilder, Schema, Table, Type};

/// Rows of one chunk: large enough for the kernels, small enough for a first page.
const CHUNK: usize = 16_384;
/// Columns that are taken; the widest known table has about 100.
const MOST_COLUMNS: usize = 4_000;

/// An answer as a table.
#[derive(Clone, Debug)]
pub struct Answer {
    pub table: Table,
    /// Cells that did not fit their column's type, and the first of them: column, row.
    pub odd: u64,
    pub first_odd: Option<(usize, u64)>,
    /// Rows that were no objects.
    pub bad_rows: u64,
    /// Names in rows that the schema does not have.
    pub strangers: u64,
}

/// Why an answer cannot be read at all.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// After so many bytes and rows; why, behind a colon, where that is known.
    #[error("the answer breaks off after {0} bytes; {rows} came before that{2}", rows = counted(*.1))]
    Cut(u64, u64, String),
    #[error("the answer is not of the form of a hunting answer: {0}")]
    Form(String),
    #[error("the answer has no schema")]
    NoSchema,
}

fn counted(rows: u64) -> String {
    match rows {
        1 => "1 row".into(),
        n => format!("{n} rows"),
    }
}

/// The wire's type name.
pub(super) fn type_of(name: &str) -> Type {
    match name
        .trim_start_matches("System.")
        .to_ascii_lowercase()
        .as_str()
    {
        "datetime" => Type::Time,
        "int64" | "long" => Type::Long,
        "int32" | "int" | "int16" | "byte" => Type::Int,
        "double" | "real" | "single" => Type::Real,
        "sqldecimal" | "decimal" | "data.sqltypes.sqldecimal" => Type::Decimal,
        "sbyte" | "boolean" | "bool" => Type::Bool,
        "object" | "dynamic" => Type::Dynamic,
        "guid" => Type::Guid,
        "timespan" | "time" => Type::Timespan,
        // a type that is new is text, and nothing of it is lost
        _ => Type::Text,
    }
}

/// A table, and why it is only a part of the answer.
#[derive(Clone, Debug)]
pub struct Framed {
    pub answer: Answer,
    pub partial: Option<String>,
    /// Places that were no text and are replaced.
    pub replaced: u32,
}

/// Reads an answer while it arrives; an error of `from` is where it breaks off. What came before a cut is kept.
pub fn arriving(from: impl Read) -> Result<Framed, Unreadable> {
    let mut pull = Pull::new(from);
    let (answer, fault) = read_from(&mut pull)?;
    Ok(Framed {
        answer,
        partial: fault.map(|f| f.to_string()),
        replaced: pull.replaced,
    })
}

/// Reads a whole answer. What came before a cut is in the error's count only where there is nothing to show.
pub fn read(json: &str) -> Result<(Answer, Option<Unreadable>), Unreadable> {
    read_from(&mut Pull::new(json.as_bytes()))
}

fn read_from<R: Read>(pull: &mut Pull<R>) -> Result<(Answer, Option<Unreadable>), Unreadable> {
    let (mut reading, mut early) = (Reading::default(), None::<String>);
    let outcome = pull.object(|pull, name| {
        if name.eq_ignore_ascii_case("schema") {
            let columns: Vec<Named> = pull.read()?;
            let columns = columns
                .into_iter()
                .map(|c| (c.name, type_of(&c.kind)))
                .collect();
            reading.begin(columns);
            // rows that came before it
            match early.take() {
                Some(rows) => Pull::new(rows.as_bytes()).list(|pull| reading.row(pull)),
                None => Ok(()),
            }
        } else if name.eq_ignore_ascii_case("results") && reading.schema.is_some() {
            pull.list(|pull| reading.row(pull))
        } else if name.eq_ignore_ascii_case("results") {
            early = Some(pull.text()?.into_owned());
            Ok(())
        } else {
            pull.skip()
        }
    });
    let fault = fault(pull, &reading, outcome);
    match reading.end() {
        Some(answer) => Ok((answer, fault)),
        None => Err(fault.unwrap_or(Unreadable::NoSchema)),
    }
}

/// What stopped the reading; the rest of what comes is read out.
pub(super) fn fault<R: Read>(
    pull: &mut Pull<R>,
    reading: &Reading,
    outcome: Result<(), Stop>,
) -> Option<Unreadable> {
    match outcome {
        Ok(()) => {
            pull.end();
            None
        }
        // a request that was not understood may be answered by nothing at all
        Err(Stop::Cut(None)) if pull.seen == 0 => Some(Unreadable::NoSchema),
        Err(Stop::Cut(why)) => {
            let why = why.map_or_else(String::new, |why| format!(": {why}"));
            Some(Unreadable::Cut(pull.seen, reading.rows, why))
        }
        Err(Stop::Form(why)) => Some(Unreadable::Form(why)),
    }
}

#[derive(Default)]
pub(super) struct Reading {
    schema: Option<Arc<Schema>>,
    names: Vec<String>,
    builder: Option<ChunkBuilder>,
    chunks: Vec<Chunk>,
    rows: u64,
    odd: u64,
    first_odd: Option<(usize, u64)>,
    bad_rows: u64,
    strangers: u64,
}

impl Reading {
    pub(super) fn begin(&mut self, mut columns: Vec<(String, Type)>) {
        columns.truncate(MOST_COLUMNS);
        self.names = columns.iter().map(|(n, _)| n.clone()).collect();
        let schema = Arc::new(Schema::new(columns.iter().map(|(n, t)| (n.as_str(), *t))));
        self.builder = Some(ChunkBuilder::new(schema.clone()));
        self.schema = Some(schema);
    }

    /// Takes the row that comes, by name or by place.
    pub(super) fn row<R: Read>(&mut self, pull: &mut Pull<R>) -> Result<(), Stop> {
        let text = pull.text()?;
        Row(self)
            .deserialize(&mut serde_json::Deserializer::from_str(&text))
            .map_err(|e| Stop::Form(format!("row {}: {e}", self.rows + 1)))?;
        self.end_row();
        Ok(())
    }

    fn end_row(&mut self) {
        self.rows += 1;
        if let Some(b) = &mut self.builder {
            b.end_row();
            if b.rows() >= CHUNK {
                self.end_chunk();
                if let Some(schema) = &self.schema {
                    self.builder = Some(ChunkBuilder::new(schema.clone()));
                }
            }
        }
    }

    fn end_chunk(&mut self) {
        if let Some(b) = self.builder.take()
            && b.rows() > 0
        {
            self.chunks.push(b.finish());
        }
    }

    /// The rows so far are replaced by those that come.
    pub(super) fn forget(&mut self) {
        self.end_chunk();
        self.chunks.clear();
        self.rows = 0;
        if let Some(schema) = &self.schema {
            self.builder = Some(ChunkBuilder::new(schema.clone()));
        }
    }

    /// What was read, where there was a schema.
    pub(super) fn end(mut self) -> Option<Answer> {
        let mut table = Table::new(self.schema.take()?);
        self.end_chunk();
        for chunk in self.chunks {
            table.append(Arc::new(chunk));
        }
        Some(Answer {
            table,
            odd: self.odd,
            first_odd: self.first_odd,
            bad_rows: self.bad_rows,
            strangers: self.strangers,
        })
    }

    /// The column of a name: the expected one nearly always.
    fn column(&self, name: &str, expected: usize) -> Option<usize> {
        if self.names.get(expected).is_some_and(|n| n == name) {
            return Some(expected);
        }
        let exact = self.names.iter().position(|n| n == name);
        exact.or_else(|| self.names.iter().position(|n| n.eq_ignore_ascii_case(name)))
    }

    fn cell(&mut self, col: usize, raw: &RawValue) {
        let Some(kind) = self.schema.as_ref().and_then(|s| s.kind(col)) else {
            return;
        };
        let Some(builder) = &mut self.builder else {
            return;
        };
        if !put(builder, col, kind, raw.get()) {
            self.odd += 1;
            self.first_odd.get_or_insert((col, self.rows));
        }
    }
}

/// Puts a cell in; false: it is not of the column's type.
fn put(b: &mut ChunkBuilder, col: usize, kind: Type, raw: &str) -> bool {
    if raw == "null" {
        return true;
    }
    let text = || -> Option<Cow<'_, str>> {
        if !raw.starts_with('"') {
            return None;
        }
        let inner = raw.get(1..raw.len().checked_sub(1)?)?;
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner));
        }
        serde_json::from_str::<String>(raw).ok().map(Cow::Owned)
    };
    match kind {
        Type::Text | Type::Guid | Type::Decimal => match text() {
            Some(t) => b.text(col, Some(&t)),
            None => b.text(col, Some(raw)),
        },
        Type::Dynamic => match text() {
            // a bag often comes as text that holds JSON
            Some(t) if t.trim_start().starts_with(['{', '[']) => {
                match serde_json::from_str::<&RawValue>(&t) {
                    Ok(_) => b.text(col, Some(&t)),
                    Err(_) => b.text(col, Some(raw)),
                }
            }
            _ => b.text(col, Some(raw)),
        },
        Type::List => b.list(col, [raw]),
        Type::Int | Type::Long => {
            let word = text();
            let number = word.as_deref().unwrap_or(raw).parse::<i64>().ok();
            // a whole number may be written with a point
            let number = number.or_else(|| {
                let real: f64 = raw.parse().ok()?;
                (real.fract() == 0.0 && real.abs() < 9.0e15).then_some(real as i64)
            });
            if number.is_none() {
                return word.is_some_and(|w| w.is_empty());
            }
            b.int(col, number);
        }
        Type::Real => {
            let word = text();
            let number = match word.as_deref() {
                Some("NaN") => Some(f64::NAN),
                Some("Infinity") => Some(f64::INFINITY),
                Some("-Infinity") => Some(f64::NEG_INFINITY),
                Some(w) => w.parse().ok(),
                None => raw.parse().ok(),
            };
            if number.is_none() {
                return word.is_some_and(|w| w.is_empty());
            }
            b.real(col, number);
        }
        Type::Bool => {
            let truth = match raw.trim_matches('"').to_ascii_lowercase().as_str() {
                "true" | "1" => true,
                "false" | "0" => false,
                other => return other.is_empty(),
            };
            b.bool(col, Some(truth));
        }
        Type::Time => match text() {
            Some(t) if t.is_empty() => {}
            Some(t) => match Ticks::parse(&t) {
                Some(ticks) => b.time(col, Some(ticks.0)),
                None => return false,
            },
            None => return false,
        },
        Type::Timespan => match text() {
            Some(t) if t.is_empty() => {}
            Some(t) => match span(&t) {
                Some(ticks) => b.int(col, Some(ticks)),
                None => return false,
            },
            None => return false,
        },
    }
    true
}

/// `[-][d.]hh:mm:ss[.fffffff]` in 100 ns ticks.
pub fn span(text: &str) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    let mut parts = rest.split(':');
    let (head, minutes, seconds) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let (days, hours) = match head.split_once('.') {
        Some((d, h)) => (d.parse::<i64>().ok()?, h),
        None => (0, head),
    };
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !digits(hours) || !digits(minutes) || !digits(whole) || !digits(part) || part.len() > 7 {
        return None;
    }
    let part = if part.is_empty() {
        0
    } else {
        format!("{part:0<7}").parse().ok()?
    };
    let all = days
        .checked_mul(24)?
        .checked_add(hours.parse().ok()?)?
        .checked_mul(60)?
        .checked_add(minutes.parse().ok()?)?
        .checked_mul(60)?
        .checked_add(whole.parse().ok()?)?;
    all.checked_mul(10_000_000)?
        .checked_add(part)?
        .checked_mul(sign)
}

#[derive(serde::Deserialize)]
struct Named {
    #[serde(alias = "Name", default)]
    name: String,
    #[serde(rename = "type", alias = "Type", default)]
    kind: String,
}

/// A key; borrowed from the answer where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

struct Row<'r>(&'r mut Reading);

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();
    fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
        d.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut expected = 0;
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            let raw: &'de RawValue = map.next_value()?;
            if name.contains("@odata.") {
                continue;
            }
            match self.0.column(&name, expected) {
                Some(col) => {
                    self.0.cell(col, raw);
                    expected = col + 1;
                }
                None => self.0.strangers += 1,
            }
        }
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        // rows by place, as Log Analytics and Data Explorer write them
        let mut col = 0;
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            self.0.cell(col, raw);
            col += 1;
        }
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.bad_rows += 1;
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.bad_rows += 1;
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.bad_rows += 1;
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.bad_rows += 1;
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.bad_rows += 1;
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.0.bad_rows += 1;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use table::Cell;

    fn table(json: &str) -> Table {
        let (answer, fault) = read(json).expect("readable");
        assert_eq!(fault, None);
        answer.table
    }

    #[test]
    fn cells_are_of_the_schemas_types_however_they_are_written() {
        let t = table(
            r##"{"@odata.context":"x","schema":[{"name":"T","type":"DateTime"},{"name":"N","type":"Int64"},
            {"name":"B","type":"SByte"},{"name":"D","type":"Object"},{"name":"R","type":"Double"},{"name":"S","type":"TimeSpan"},{"name":"X","type":"String"}],
            "results":[{"T":"2026-08-01T00:00:00.1234567Z","N":5,"N@odata.type":"#Int64","B":1,"D":"{\"a\":1}","R":"NaN","S":"-1.02:03:04.5","X":"a\nb"},
            {"x":"case","B":true,"N":null,"D":[1,2]},{}]}"##,
        );
        assert_eq!(t.rows(), 3);
        assert_eq!(
            t.cell(0, 0).time(),
            Ticks::parse("2026-08-01T00:00:00.1234567Z").map(|t| t.0)
        );
        assert_eq!(t.cell(0, 1).int(), Some(5));
        assert_eq!(t.cell(0, 2).bool(), Some(true));
        assert_eq!(
            t.text(0, 3).map(|t| t.exact().to_owned()).as_deref(),
            Some("{\"a\":1}")
        );
        assert!(t.cell(0, 4).real().is_some_and(f64::is_nan));
        assert_eq!(
            t.cell(0, 5),
            Cell::Span(-(((26 * 60 + 3) * 60 + 4) * 10_000_000 + 5_000_000))
        );
        assert_eq!(
            t.text(0, 6).map(|t| t.exact().to_owned()).as_deref(),
            Some("a\nb")
        );
        assert_eq!(
            t.text(1, 6).map(|t| t.exact().to_owned()).as_deref(),
            Some("case")
        );
        assert_eq!(t.cell(1, 2).bool(), Some(true));
        assert!(t.cell(1, 1).is_null() && t.cell(2, 0).is_null());
    }

    #[test]
    fn schema_after_rows_old_casing_and_rows_by_place() {
        let late =
            table(r#"{"Results":[{"a":"1"}],"Schema":[{"Name":"a","Type":"String"}],"Stats":{}}"#);
        assert_eq!(late.rows(), 1);
        let placed = table(
            r#"{"schema":[{"name":"a","type":"long"},{"name":"b","type":"dynamic"}],"results":[[1,{"x":2}],[2]]}"#,
        );
        assert_eq!(placed.cell(1, 0).int(), Some(2));
        assert!(placed.cell(1, 1).is_null());
    }

    #[test]
    fn no_rows_duplicate_and_empty_names_and_many_columns() {
        let t = table(
            r#"{"schema":[{"name":"a","type":"String"},{"name":"a","type":"String"},{"name":"","type":"Int32"}],"results":[]}"#,
        );
        assert_eq!((t.rows(), t.schema().len()), (0, 3));
        let columns: Vec<String> = (0..2_000)
            .map(|n| format!(r#"{{"name":"c{n}","type":"Int64"}}"#))
            .collect();
        let row: Vec<String> = (0..2_000).map(|n| format!(r#""c{n}":{n}"#)).collect();
        let t = table(&format!(
            r#"{{"schema":[{}],"results":[{{{}}}]}}"#,
            columns.join(","),
            row.join(",")
        ));
        assert_eq!(t.cell(0, 1_999).int(), Some(1_999));
    }

    #[test]
    fn what_does_not_fit_is_counted_and_hides_nothing() {
        let json = r#"{"schema":[{"name":"n","type":"Int64"},{"name":"t","type":"DateTime"}],
            "results":[{"n":"many","t":"soon","other":1},5,{"n":7}]}"#;
        let (a, fault) = read(json).unwrap();
        assert_eq!(fault, None);
        assert_eq!(
            (a.odd, a.first_odd, a.bad_rows, a.strangers),
            (2, Some((0, 0)), 1, 1)
        );
        assert_eq!((a.table.rows(), a.table.cell(2, 0).int()), (3, Some(7)));
    }

    #[test]
    fn a_cut_answer_keeps_the_rows_before_the_cut() {
        let json = r#"{"schema":[{"name":"n","type":"Int64"}],"results":[{"n":1},{"n":2},{"n":"#;
        let (a, fault) = read(json).unwrap();
        assert_eq!(a.table.rows(), 2);
        assert_eq!(
            fault,
            Some(Unreadable::Cut(json.len() as u64, 2, String::new()))
        );
        assert!(matches!(read("<html>").unwrap_err(), Unreadable::Form(_)));
        assert_eq!(read("{}").unwrap_err(), Unreadable::NoSchema);
    }
}
