//! Answers of Log Analytics and Data Explorer, while they arrive straight into a table: rows by place instead of by name.
//!
//! Beside `hunt_answer`, whose cells and chunks they use. Both services put errors into answers that began well: what came
//! before stays and is said to be a part. Source of the forms: `{tables:[…], error?}`, and the frames of version 2.

use super::hunt_answer::{Framed, Reading, Unreadable, fault, type_of};
use super::hunt_pull::{Pull, Stop};
use serde_json::Value;
use std::io::Read;
use table::Txt;

/// Reads an answer of Log Analytics while it arrives.
pub fn workspace(from: impl Read) -> Result<Framed, Unreadable> {
    let (mut pull, mut at) = (Pull::new(from), At::default());
    let outcome = pull.object(|pull, name| match name {
        "tables" => pull.list(|pull| at.table(pull)),
        "error" => at.wrong_at(pull),
        _ => pull.skip(),
    });
    at.end(&mut pull, outcome)
}

/// Reads the frames of Data Explorer while they arrive, progressive or not.
pub fn frames(from: impl Read) -> Result<Framed, Unreadable> {
    let (mut pull, mut at) = (Pull::new(from), At::default());
    let outcome = pull.list(|pull| at.frame(pull));
    at.end(&mut pull, outcome)
}

#[derive(Default)]
struct At {
    reading: Reading,
    /// The result has begun; further results are left out.
    begun: bool,
    /// A table of a workspace came.
    seen: bool,
    others: u32,
    /// The table of Data Explorer that is the result.
    primary: Option<i64>,
    wrong: Option<String>,
    failed: bool,
    cancelled: bool,
}

impl At {
    fn end<R: Read>(
        mut self,
        pull: &mut Pull<R>,
        outcome: Result<(), Stop>,
    ) -> Result<Framed, Unreadable> {
        let fault = fault(pull, &self.reading, outcome);
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
        Ok(Framed {
            answer,
            partial,
            replaced: pull.replaced,
        })
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

    fn wrong_at<R: Read>(&mut self, pull: &mut Pull<R>) -> Result<(), Stop> {
        let error: Value = pull.read()?;
        self.went_wrong(&error);
        Ok(())
    }

    /// A table of a workspace's answer: the first is the result.
    fn table<R: Read>(&mut self, pull: &mut Pull<R>) -> Result<(), Stop> {
        if std::mem::replace(&mut self.seen, true) {
            self.others += 1;
            return pull.skip();
        }
        let mut early = None;
        pull.object(|pull, name| {
            match name {
                "columns" => self.begin(pull.read()?),
                "rows" if self.begun => return self.rows(pull),
                "rows" => early = Some(pull.text()?.into_owned()),
                _ => return pull.skip(),
            }
            Ok(())
        })?;
        self.late(early)
    }

    /// Rows that came before their columns.
    fn late(&mut self, rows: Option<String>) -> Result<(), Stop> {
        match rows {
            Some(rows) if self.begun => self.rows(&mut Pull::new(rows.as_bytes())),
            _ => Ok(()),
        }
    }

    fn rows<R: Read>(&mut self, pull: &mut Pull<R>) -> Result<(), Stop> {
        // an error may stand where a row should be
        pull.list(|pull| match pull.peek()? {
            b'{' => self.wrong_at(pull),
            _ => self.reading.row(pull),
        })
    }

    fn frame<R: Read>(&mut self, pull: &mut Pull<R>) -> Result<(), Stop> {
        let at = self;
        let (mut frame, mut kind) = (String::new(), String::new());
        let (mut table, mut replace) = (None, false);
        let mut early = None;
        pull.object(|pull, name| {
            // the frame's own words come before its rows, as the services write them
            let is_result = kind == "PrimaryResult" && !at.begun
                || (frame == "TableFragment"
                    && at.begun
                    && (table.is_none() || table == at.primary));
            match name {
                "FrameType" => frame = pull.read()?,
                "TableId" => table = pull.read()?,
                "TableKind" => kind = pull.read()?,
                "TableFragmentType" => replace = pull.read::<String>()? == "DataReplace",
                "Columns" if is_result => {
                    at.begin(pull.read()?);
                    at.primary = table;
                }
                "Columns" => {
                    if kind == "PrimaryResult" {
                        at.others += 1;
                        kind.clear();
                    }
                    return pull.skip();
                }
                "Rows" if frame == "TableFragment" && is_result => {
                    if std::mem::take(&mut replace) {
                        at.reading.forget();
                    }
                    return at.rows(pull);
                }
                "Rows" if kind == "PrimaryResult" && at.begun && at.primary == table => {
                    return at.rows(pull);
                }
                "Rows" if kind == "PrimaryResult" || frame.is_empty() => {
                    early = Some(pull.text()?.into_owned());
                }
                "OneApiErrors" => {
                    let errors: Value = pull.read()?;
                    if let Some(first) = errors.get(0) {
                        at.went_wrong(first);
                    }
                }
                "HasErrors" => at.failed |= pull.read::<Value>()? == true,
                "Cancelled" => at.cancelled |= pull.read::<Value>()? == true,
                "error" => return at.wrong_at(pull),
                _ => return pull.skip(),
            }
            Ok(())
        })?;
        if kind == "PrimaryResult" {
            at.late(early)?;
        }
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
        let got = workspace(json.as_bytes()).unwrap();
        assert_eq!(cells(&got), ["x|1|{\"k\":2}", "y||"]);
        assert_eq!(got.partial.as_deref(), Some("over the limit"));
    }

    #[test]
    fn rows_before_columns_and_an_answer_cut_in_the_middle() {
        let json = r#"{"tables":[{"rows":[["x"]],"columns":[{"name":"a","type":"string"}]}]}"#;
        assert_eq!(cells(&workspace(json.as_bytes()).unwrap()), ["x"]);
        let json =
            r#"{"tables":[{"columns":[{"name":"a","type":"string"}],"rows":[["x"],["y"],["z"#;
        let got = workspace(json.as_bytes()).unwrap();
        assert_eq!(cells(&got), ["x", "y"]);
        assert!(got.partial.unwrap().contains("breaks off"));
        assert!(workspace(&b"<html>"[..]).is_err() && workspace(&b"{}"[..]).is_err());
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
        let got = frames(json.as_bytes()).unwrap();
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
        let got = frames(json.as_bytes()).unwrap();
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
        let got = frames(json.as_bytes()).unwrap();
        assert_eq!(cells(&got), ["x"]);
        assert!(got.partial.unwrap().contains("1 further results"));
    }
}
