//! Answers of Log Analytics and Data Explorer, from the wire straight into a table: rows by place instead of by name.
//!
//! Beside `hunt_answer`, whose cells and chunks they use. Both services put errors into answers that began well: what came
//! before stays and is said to be a part. Source of the forms: `{tables:[…], error?}`, and the frames of version 2.

use super::hunt_answer::{Answer, Reading, Unreadable, type_of};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;
use table::Txt;

/// A table, and why it is only a part of the answer.
#[derive(Clone, Debug)]
pub struct Framed {
    pub answer: Answer,
    pub partial: Option<String>,
}

/// Reads an answer of Log Analytics.
pub fn workspace(json: &str) -> Result<Framed, Unreadable> {
    let mut at = At::default();
    let outcome = Workspace(&mut at).deserialize(&mut serde_json::Deserializer::from_str(json));
    at.end(json, outcome)
}

/// Reads the frames of Data Explorer, progressive or not.
pub fn frames(json: &str) -> Result<Framed, Unreadable> {
    let mut at = At::default();
    let outcome = Frames(&mut at).deserialize(&mut serde_json::Deserializer::from_str(json));
    at.end(json, outcome)
}

#[derive(Default)]
struct At {
    reading: Reading,
    /// The result has begun; further results are left out.
    begun: bool,
    others: u32,
    /// The table of Data Explorer that is the result.
    primary: Option<i64>,
    wrong: Option<String>,
    failed: bool,
    cancelled: bool,
}

impl At {
    fn end(
        mut self,
        json: &str,
        outcome: Result<(), serde_json::Error>,
    ) -> Result<Framed, Unreadable> {
        let fault = outcome.err().map(|e| {
            if e.is_eof() {
                Unreadable::Cut(json.len(), self.reading.rows())
            } else {
                Unreadable::Form(e.to_string())
            }
        });
        let Some(answer) = self.reading.end() else {
            return Err(match (fault, self.wrong.take()) {
                (Some(fault), _) => fault,
                (None, Some(wrong)) => Unreadable::Form(wrong),
                (None, None) => Unreadable::NoSchema,
            });
        };
        let mut partial = self.wrong.take().or(fault.map(|f| f.to_string()));
        if self.failed {
            partial.get_or_insert_with(|| "the service says that there were errors".into());
        }
        if self.cancelled {
            partial.get_or_insert_with(|| "the query was cancelled at the service".into());
        }
        if self.others > 0 {
            partial.get_or_insert_with(|| {
                format!(
                    "the query has {} further results, which are not shown",
                    self.others
                )
            });
        }
        Ok(Framed { answer, partial })
    }

    fn went_wrong(&mut self, error: &Value) {
        if self.wrong.is_none() {
            self.wrong = Some(sentence(error));
        }
    }
}

/// The deepest thing that an error says.
fn sentence(error: &Value) -> String {
    let mut at = error;
    // the first of a list of errors
    if let Some(first) = at.get("OneApiErrors").and_then(|e| e.get(0)) {
        at = first;
    }
    at = at.get("error").unwrap_or(at);
    let mut said = None;
    for _ in 0..8 {
        let words = at.get("@message").or_else(|| at.get("message"));
        said = words.and_then(Value::as_str).or(said);
        let next = at.get("innererror").or_else(|| at.get("details")?.get(0));
        match next {
            Some(next) => at = next,
            None => break,
        }
    }
    let said = said.unwrap_or("the service did not say why");
    let safe: String = Txt::new(said).shown().chars().take(300).collect();
    safe.trim_end_matches('.').to_owned()
}

/// A column as either service writes it.
#[derive(serde::Deserialize)]
struct Named {
    #[serde(alias = "ColumnName", default)]
    name: String,
    #[serde(rename = "type", alias = "ColumnType", alias = "DataType", default)]
    kind: String,
}

impl At {
    fn begin(&mut self, columns: Vec<Named>) {
        let columns = columns.into_iter().map(|c| {
            let kind = type_of(&c.kind);
            (c.name, kind)
        });
        self.reading.begin(columns.collect());
        self.begun = true;
    }
}

/// A key; borrowed from the answer where it has no escapes.
#[derive(serde::Deserialize)]
struct Name<'a>(#[serde(borrow)] Cow<'a, str>);

macro_rules! seed {
    ($name:ident, $how:ident) => {
        struct $name<'a>(&'a mut At);
        impl<'de> DeserializeSeed<'de> for $name<'_> {
            type Value = ();
            fn deserialize<D: Deserializer<'de>>(self, d: D) -> Result<(), D::Error> {
                d.$how(self)
            }
        }
    };
}

seed!(Workspace, deserialize_map);
seed!(Tables, deserialize_seq);
seed!(OneTable, deserialize_map);
seed!(Frames, deserialize_seq);
seed!(Frame, deserialize_map);
seed!(Rows, deserialize_any);
seed!(Row, deserialize_any);

impl<'de> Visitor<'de> for Workspace<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with `tables`")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            match &*name {
                "tables" => map.next_value_seed(Tables(self.0))?,
                "error" => self.0.went_wrong(&map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Tables<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of tables")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        // the first is the result
        if seq.next_element_seed(OneTable(self.0))?.is_some() {
            while seq.next_element::<IgnoredAny>()?.is_some() {
                self.0.others += 1;
            }
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for OneTable<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut early: Option<Box<RawValue>> = None;
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            match &*name {
                "columns" => self.0.begin(map.next_value()?),
                "rows" if self.0.begun => map.next_value_seed(Rows(self.0))?,
                "rows" => early = Some(map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        late(self.0, early)
    }
}

/// Rows that came before their columns.
fn late<E: serde::de::Error>(at: &mut At, rows: Option<Box<RawValue>>) -> Result<(), E> {
    match rows {
        Some(raw) if at.begun => Rows(at)
            .deserialize(&mut serde_json::Deserializer::from_str(raw.get()))
            .map_err(E::custom),
        _ => Ok(()),
    }
}

impl<'de> Visitor<'de> for Frames<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of frames")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Frame(self.0))?.is_some() {}
        Ok(())
    }
}

impl<'de> Visitor<'de> for Frame<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a frame")
    }
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let at = self.0;
        let (mut frame, mut kind) = (String::new(), String::new());
        let (mut table, mut replace) = (None, false);
        let mut early: Option<Box<RawValue>> = None;
        while let Some(Name(name)) = map.next_key::<Name<'de>>()? {
            // the frame's own words come before its rows, as the services write them
            let is_result = kind == "PrimaryResult" && !at.begun
                || (frame == "TableFragment"
                    && at.begun
                    && (table.is_none() || table == at.primary));
            match &*name {
                "FrameType" => frame = map.next_value()?,
                "TableId" => table = map.next_value()?,
                "TableKind" => kind = map.next_value()?,
                "TableFragmentType" => replace = map.next_value::<String>()? == "DataReplace",
                "Columns" if is_result => {
                    at.begin(map.next_value()?);
                    at.primary = table;
                }
                "Columns" => {
                    if kind == "PrimaryResult" {
                        at.others += 1;
                        kind.clear();
                    }
                    map.next_value::<IgnoredAny>()?;
                }
                "Rows" if frame == "TableFragment" && is_result => {
                    if std::mem::take(&mut replace) {
                        at.reading.forget();
                    }
                    map.next_value_seed(Rows(at))?;
                }
                "Rows" if kind == "PrimaryResult" && at.begun && at.primary == table => {
                    map.next_value_seed(Rows(at))?;
                }
                "Rows" if kind == "PrimaryResult" || frame.is_empty() => {
                    early = Some(map.next_value()?);
                }
                "OneApiErrors" => {
                    let errors: Value = map.next_value()?;
                    if let Some(first) = errors.get(0) {
                        at.went_wrong(first);
                    }
                }
                "HasErrors" => at.failed |= map.next_value::<Value>()? == true,
                "Cancelled" => at.cancelled |= map.next_value::<Value>()? == true,
                "error" => at.went_wrong(&map.next_value()?),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        if kind == "PrimaryResult" {
            late(at, early)?;
        }
        Ok(())
    }
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        while seq.next_element_seed(Row(self.0))?.is_some() {}
        Ok(())
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a row")
    }
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut col = 0;
        while let Some(raw) = seq.next_element::<&'de RawValue>()? {
            self.0.reading.cell(col, raw);
            col += 1;
        }
        self.0.reading.end_row();
        Ok(())
    }
    /// An error where a row should be.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut all = serde_json::Map::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            all.insert(name, value);
        }
        self.0.went_wrong(&Value::Object(all));
        Ok(())
    }
    fn visit_unit<E>(self) -> Result<(), E> {
        self.0.reading.bad_row();
        Ok(())
    }
    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.0.reading.bad_row();
        Ok(())
    }
    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.0.reading.bad_row();
        Ok(())
    }
    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.0.reading.bad_row();
        Ok(())
    }
    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.0.reading.bad_row();
        Ok(())
    }
    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.0.reading.bad_row();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(framed: &Framed) -> Vec<String> {
        let table = &framed.answer.table;
        (0..table.rows())
            .map(|row| {
                let cells = (0..table.schema().len())
                    .map(|col| super::super::hunt_cell::text(table, row, col));
                cells.collect::<Vec<_>>().join("|")
            })
            .collect()
    }

    #[test]
    fn a_workspaces_rows_come_by_place_and_a_partial_error_is_said() {
        let json = r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"a","type":"string"},{"name":"n","type":"long"},{"name":"d","type":"dynamic"}],
            "rows":[["x",1,"{\"k\":2}"],["y",null,null]]},{"name":"other","columns":[],"rows":[]}],
            "error":{"code":"PartialError","message":"There were some errors.","details":[{"code":"EngineError","message":"deep.","innererror":{"message":"over the limit"}}]}}"#;
        let got = workspace(json).unwrap();
        assert_eq!(cells(&got), ["x|1|{\"k\":2}", "y||"]);
        assert_eq!(got.partial.as_deref(), Some("over the limit"));
    }

    #[test]
    fn rows_before_columns_and_an_answer_cut_in_the_middle() {
        let json = r#"{"tables":[{"rows":[["x"]],"columns":[{"name":"a","type":"string"}]}]}"#;
        assert_eq!(cells(&workspace(json).unwrap()), ["x"]);
        let json =
            r#"{"tables":[{"columns":[{"name":"a","type":"string"}],"rows":[["x"],["y"],["z"#;
        let got = workspace(json).unwrap();
        assert_eq!(cells(&got), ["x", "y"]);
        assert!(got.partial.unwrap().contains("breaks off"));
        assert!(workspace("<html>").is_err() && workspace("{}").is_err());
    }

    const HEAD: &str = r#"[{"FrameType":"DataSetHeader","IsProgressive":false,"Version":"v2.0"},
        {"FrameType":"DataTable","TableId":0,"TableKind":"QueryProperties","TableName":"p","Columns":[{"ColumnName":"K","ColumnType":"string"}],"Rows":[["Visualization"]]},"#;

    #[test]
    fn frames_whole_and_an_error_among_the_rows() {
        let json = format!(
            r#"{HEAD}{{"FrameType":"DataTable","TableId":1,"TableKind":"PrimaryResult","TableName":"r","Columns":[{{"ColumnName":"a","ColumnType":"string"}},{{"ColumnName":"d","ColumnType":"dynamic"}}],
            "Rows":[["x",{{"k":[1]}}],["y",null],{{"OneApiErrors":[{{"error":{{"code":"E","message":"short","@message":"exceeded 500000 records."}}}}]}}]}},
            {{"FrameType":"DataSetCompletion","HasErrors":true,"Cancelled":false,"OneApiErrors":[{{"error":{{"message":"later"}}}}]}}]"#
        );
        let got = frames(&json).unwrap();
        assert_eq!(cells(&got), ["x|{\"k\":[1]}", "y|"]);
        assert_eq!(got.partial.as_deref(), Some("exceeded 500000 records"));
    }

    #[test]
    fn fragments_are_put_together_replaced_and_said_to_be_cancelled() {
        let frame = |kind: &str, rows: &str| {
            format!(
                r#"{{"FrameType":"TableFragment","TableFragmentType":"{kind}","TableId":1,"FieldCount":1,"Rows":{rows}}},"#
            )
        };
        let json = format!(
            r#"{HEAD}{{"FrameType":"TableHeader","TableId":1,"TableKind":"PrimaryResult","TableName":"r","Columns":[{{"ColumnName":"n","ColumnType":"long"}}]}},
            {}{{"FrameType":"TableProgress","TableId":1,"TableProgress":50.0}},{}{}{{"FrameType":"TableCompletion","TableId":1,"RowCount":3}},
            {{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":true}}]"#,
            frame("DataAppend", "[[9],[8]]"),
            frame("DataReplace", "[[1]]"),
            frame("DataAppend", "[[2],[3]]"),
        );
        let got = frames(&json).unwrap();
        assert_eq!(cells(&got), ["1", "2", "3"]);
        assert!(got.partial.unwrap().contains("cancelled"));
    }

    #[test]
    fn a_second_result_is_not_mixed_into_the_first() {
        let table = |id: u8, value: &str| {
            format!(
                r#"{{"FrameType":"DataTable","TableId":{id},"TableKind":"PrimaryResult","TableName":"r","Columns":[{{"ColumnName":"a","ColumnType":"string"}}],"Rows":[["{value}"]]}},"#
            )
        };
        let json = format!(
            r#"{HEAD}{}{}{{"FrameType":"DataSetCompletion","HasErrors":false,"Cancelled":false}}]"#,
            table(1, "x"),
            table(2, "y")
        );
        let got = frames(&json).unwrap();
        assert_eq!(cells(&got), ["x"]);
        assert!(got.partial.unwrap().contains("1 further results"));
    }
}
