//! Faults in the results of queries: columns and rows that no service should send, in the form of whichever service sent them.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::wire::answer::Answer;

/// What is odd about a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Odd {
    /// Columns and rows disagree in number, names and types.
    Disagree,
    /// One text is very long.
    HugeCell,
    /// Control characters in every text.
    Controls,
    /// Column names that are empty or stand twice.
    Names,
    /// Two thousand columns.
    Wide,
    /// No rows.
    Empty,
}

/// A result without its service: columns with their types, rows.
struct Result {
    columns: Vec<(String, String)>,
    rows: Vec<Vec<Value>>,
}

/// Columns of a wide result.
const WIDE: usize = 2_000;

/// Changes the result in an answer; answers without one are left alone.
pub(super) fn odd(answer: &mut Answer, what: Odd, megabytes: u32) {
    // the tenant's one lone surrogate would not survive parsing
    let text = String::from_utf8_lossy(&answer.body).replace("\\ud83d", "\u{fffd}");
    let Ok(mut body) = serde_json::from_str::<Value>(&text) else {
        return;
    };
    if body["schema"].is_array() && body["results"].is_array() {
        let mut result = of_graph(&body);
        spoil(&mut result, what, megabytes);
        answer.body = graph(&body, &result, what);
    } else if body["tables"][0]["rows"].is_array() {
        let table = &mut body["tables"][0];
        let mut result = of_lists(&table["columns"], &table["rows"], "name", "type");
        spoil(&mut result, what, megabytes);
        table["columns"] = columns(&result, "name", "type");
        table["rows"] = rows(result);
        answer.body = body.to_string().into_bytes();
    } else if let Some(frames) = body.as_array_mut() {
        of_frames(frames, what, megabytes);
        answer.body = body.to_string().into_bytes();
    }
}

fn of_graph(body: &Value) -> Result {
    let columns: Vec<(String, String)> = body["schema"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|c| (word(&c["name"]), word(&c["type"])))
        .collect();
    let rows = body["results"].as_array().into_iter().flatten();
    let rows = rows
        .map(|row| columns.iter().map(|(name, _)| row[name].clone()).collect())
        .collect();
    Result { columns, rows }
}

/// Rows are objects, written by hand because a name may stand twice in one.
fn graph(body: &Value, result: &Result, what: Odd) -> Vec<u8> {
    let mut schema = result.columns.clone();
    if what == Odd::Disagree {
        schema.push(("Absent".into(), "String".into()));
    }
    let schema: Vec<Value> = schema
        .iter()
        .map(|(name, kind)| json!({"name": name, "type": kind}))
        .collect();
    let rows: Vec<String> = result
        .rows
        .iter()
        .map(|row| {
            let cells = row.iter().enumerate().map(|(at, cell)| {
                let name = result
                    .columns
                    .get(at)
                    .map_or_else(|| format!("Extra{at}"), |(name, _)| name.clone());
                format!("{}:{cell}", json!(name))
            });
            format!("{{{}}}", cells.collect::<Vec<_>>().join(","))
        })
        .collect();
    format!(
        "{{\"@odata.context\":{},\"schema\":{},\"results\":[{}]}}",
        body["@odata.context"],
        json!(schema),
        rows.join(",")
    )
    .into_bytes()
}

fn word(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn of_lists(columns: &Value, rows: &Value, name: &str, kind: &str) -> Result {
    let columns = columns.as_array().into_iter().flatten();
    let rows = rows.as_array().into_iter().flatten();
    Result {
        columns: columns.map(|c| (word(&c[name]), word(&c[kind]))).collect(),
        rows: rows.filter_map(|row| row.as_array().cloned()).collect(),
    }
}

fn columns(result: &Result, name: &str, kind: &str) -> Value {
    let all = result.columns.iter().map(|(n, k)| {
        let mut column = Map::new();
        column.insert(name.to_owned(), json!(n));
        column.insert(kind.to_owned(), json!(k));
        Value::Object(column)
    });
    all.collect()
}

fn rows(result: Result) -> Value {
    result.rows.into_iter().map(Value::Array).collect()
}

/// Frames of Data Explorer: the columns stand in the header, all rows go into its first part.
fn of_frames(frames: &mut [Value], what: Odd, megabytes: u32) {
    let Some(head) = frames
        .iter()
        .position(|f| f["TableKind"] == "PrimaryResult")
    else {
        return;
    };
    let part = |f: &Value| f["FrameType"] == "TableFragment";
    let mut all = frames[head]["Rows"].as_array().cloned().unwrap_or_default();
    for frame in frames.iter().filter(|f| part(f)) {
        all.extend(frame["Rows"].as_array().into_iter().flatten().cloned());
    }
    let mut result = of_lists(
        &frames[head]["Columns"],
        &Value::Array(all),
        "ColumnName",
        "ColumnType",
    );
    spoil(&mut result, what, megabytes);
    frames[head]["Columns"] = columns(&result, "ColumnName", "ColumnType");
    let rows = rows(result);
    if frames[head]["Rows"].is_array() {
        frames[head]["Rows"] = rows;
        return;
    }
    let mut parts = frames.iter_mut().filter(|f| part(f));
    if let Some(first) = parts.next() {
        first["Rows"] = rows;
    }
    for other in parts {
        other["Rows"] = json!([]);
    }
}

fn spoil(result: &mut Result, what: Odd, megabytes: u32) {
    match what {
        Odd::Empty => result.rows.clear(),
        Odd::Disagree => {
            if let Some((_, kind)) = result.columns.first_mut() {
                // announced as a number, sent as whatever it is
                *kind = if kind.starts_with(char::is_uppercase) {
                    "Int64".into()
                } else {
                    "long".into()
                };
            }
            for (n, row) in result.rows.iter_mut().enumerate() {
                match n % 3 {
                    0 => drop(row.pop()),
                    1 => row.extend([json!("one too many"), json!({"and": ["another"]})]),
                    _ => {}
                }
            }
        }
        Odd::HugeCell => {
            let cell = result
                .rows
                .first_mut()
                .and_then(|row| row.iter_mut().find(|c| c.is_string()));
            if let Some(cell) = cell {
                *cell = json!("a".repeat((megabytes as usize) << 20));
            }
        }
        Odd::Controls => {
            for cell in result.rows.iter_mut().flatten() {
                if let Value::String(text) = cell {
                    *text = format!("\u{1b}]0;x\u{7}{text}\u{0}\u{9b}31m\r\n\u{202e}\u{8}\u{7f}");
                }
            }
        }
        Odd::Names => {
            for (n, (name, _)) in result.columns.iter_mut().enumerate() {
                match n {
                    0 => name.clear(),
                    1 | 2 => *name = "Name".into(),
                    3 => *name = " ".into(),
                    _ => {}
                }
            }
        }
        Odd::Wide => {
            let kind = if result.columns.iter().any(|(_, k)| k == "String") {
                "String"
            } else {
                "string"
            };
            result.rows.truncate(50);
            for n in result.columns.len()..WIDE {
                result.columns.push((format!("Column{n}"), kind.to_owned()));
                for row in &mut result.rows {
                    row.push(json!(format!("{n}")));
                }
            }
        }
    }
}
