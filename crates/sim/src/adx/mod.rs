//! Data Explorer: `POST /v2/rest/query` in frames, and as much of `POST /v1/rest/mgmt` as a hunter needs: `.cancel query`,
//! `.show tables`, `.show databases`.
//!
//! One database holds all the tables of the tenant, without the limit of thirty days.

use std::sync::Arc;
use std::time::Duration;

use kql::engine::ErrorKind;
use serde_json::{Map, Value, json};

use crate::hunt::cells::{self, Dialect, Frame, Rows, Stream};
use crate::hunt::{self, Hunt, Lost, words};
use crate::login::verify::{Caller, Denied};
use crate::permissions::Api;
use crate::tenant::Tenant;
use crate::wire::answer::{Answer, Tail};
use crate::wire::ask::Ask;
use crate::world::hunting::TABLES;

/// The one database.
pub(crate) const DATABASE: &str = "hunting";

const ROWS: usize = 500_000;
const BYTES: usize = 64 << 20;
/// How long a query may take, unless it says otherwise.
const PATIENCE: u64 = 240;

/// A refusal.
struct Refused {
    status: u16,
    code: &'static str,
    kind: &'static str,
    message: String,
    permanent: bool,
}

fn refused(
    status: u16,
    code: &'static str,
    kind: &'static str,
    message: impl Into<String>,
) -> Refused {
    Refused {
        status,
        code,
        kind,
        message: message.into(),
        permanent: status < 500 && status != 429,
    }
}

impl Refused {
    fn json(&self, ask: &Ask) -> Value {
        let context = json!({
            "timestamp": "", "serviceAlias": "WATCHFLOOR", "machineName": "KEngine000000", "processName": "Kusto.WinSvc.Svc",
            "clientRequestId": client_id(ask).unwrap_or_default(), "activityId": ask.request_id, "parentActivityId": ask.request_id,
        });
        json!({"error": {
            "code": self.code, "message": "Request is invalid and cannot be executed.", "@type": self.kind,
            "@message": self.message, "@context": context, "@permanent": self.permanent,
            "innererror": {"code": self.code, "message": self.message, "@permanent": self.permanent},
        }})
    }
}

/// Answers a request.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    let answer = handle(tenant, ask)
        .unwrap_or_else(|refused| Answer::json(refused.status, &refused.json(ask)));
    answer.with("x-ms-activity-id", &ask.request_id).with(
        "x-ms-client-request-id",
        client_id(ask).unwrap_or(&ask.request_id),
    )
}

/// A refusal that a scenario asks for.
pub(crate) fn refuse(ask: &Ask, status: u16, code: &'static str, message: &str) -> Answer {
    let code = if status == 429 {
        "Too many requests"
    } else {
        code
    };
    let refused = refused(status, code, "Kusto.DataNode.Exceptions.Simulated", message);
    Answer::json(status, &refused.json(ask))
}

fn client_id(ask: &Ask) -> Option<&str> {
    ask.header("x-ms-client-request-id")
        .or(ask.client_request_id())
}

fn handle(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refused> {
    let caller = Caller::of(tenant, ask, Api::Adx).map_err(|denied| {
        let text = match denied {
            Denied::Missing => "Authentication failed: the request has no bearer token.",
            Denied::Audience => "Authentication failed: the token's audience is not this cluster.",
            _ => "Authentication failed: the token is not valid.",
        };
        refused(
            401,
            "Unauthorized",
            "Kusto.Common.Svc.Exceptions.AuthenticationException",
            text,
        )
    })?;
    if !caller.may(&[&["user_impersonation"]]) {
        let text = format!(
            "Principal '{}' is not authorized to read database '{DATABASE}'.",
            caller.name
        );
        return Err(refused(
            403,
            "Forbidden",
            "Kusto.Common.Svc.Exceptions.UnauthorizedDatabaseAccessException",
            text,
        ));
    }
    let path = ask.path.to_ascii_lowercase();
    match (ask.method.as_str(), path.trim_end_matches('/')) {
        ("POST", "/v2/rest/query") => query(tenant, ask),
        ("POST", "/v1/rest/mgmt") => manage(tenant, ask),
        ("GET", "/v1/rest/auth/metadata") => Ok(Answer::json(
            200,
            &json!({"AzureAD": {"LoginEndpoint": tenant.info.login, "KustoServiceResourceId": "https://kusto.kusto.windows.net"}}),
        )),
        _ => Err(refused(
            404,
            "NotFound",
            "Kusto.Common.Svc.Exceptions.NotFoundException",
            "There is nothing at this path.",
        )),
    }
}

/// Database, text and options of a request.
fn request(ask: &Ask) -> Result<(String, Map<String, Value>), Refused> {
    let bad = |text: String| {
        refused(
            400,
            "BadRequest",
            "Kusto.Common.Svc.Exceptions.BadRequestException",
            text,
        )
    };
    let body: Map<String, Value> = serde_json::from_slice(&ask.body)
        .map_err(|e| bad(format!("The body is not valid JSON: {e}")))?;
    let word = |name: &str| body.get(name).and_then(Value::as_str);
    let text = word("csl").ok_or_else(|| bad("The body has no 'csl'.".into()))?;
    let database = word("db").unwrap_or_default();
    if !database.is_empty() && !database.eq_ignore_ascii_case(DATABASE) {
        return Err(bad(format!(
            "Entity ID '{database}' of kind 'Database' was not found."
        )));
    }
    // an object, or its JSON as text
    let properties = match body.get("properties") {
        Some(Value::Object(map)) => map.clone(),
        Some(Value::String(text)) => serde_json::from_str(text)
            .map_err(|e| bad(format!("The properties are not valid JSON: {e}")))?,
        _ => Map::new(),
    };
    let options = match properties.get("Options") {
        Some(Value::Object(map)) => map.clone(),
        _ => Map::new(),
    };
    Ok((text.to_owned(), options))
}

/// `hh:mm:ss` or seconds.
fn seconds(value: &Value) -> Option<u64> {
    if let Some(n) = value.as_u64() {
        return Some(n);
    }
    let mut sum = 0;
    for part in value.as_str()?.split(':') {
        sum = sum * 60 + part.split('.').next()?.parse::<u64>().ok()?;
    }
    Some(sum)
}

fn query(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refused> {
    let (text, options) = request(ask)?;
    let flag = |name: &str| {
        options
            .get(name)
            .is_some_and(|v| *v == true || *v == "true")
    };
    let patience = options.get("servertimeout").and_then(seconds);
    let hunt = Hunt {
        text: &text,
        from: None,
        to: None,
        patience: Duration::from_secs(patience.unwrap_or(PATIENCE).clamp(1, 3_600)),
        id: client_id(ask).map(str::to_owned),
    };
    let found = hunt::run(tenant, &hunt).map_err(|lost| wrong(lost, &text))?;
    let mut rows = found.rows;
    if let Some(most) = options
        .get("query_take_max_records")
        .and_then(Value::as_u64)
    {
        rows.cut(usize::try_from(most).unwrap_or(usize::MAX));
    }
    let mut broken = None;
    if !flag("notruncation") {
        if rows.cut(ROWS) {
            broken = Some("500000 records");
        }
        let weight = rows.weight(Dialect::Adx);
        if weight > BYTES {
            let keep = rows.len() * (BYTES >> 10) / (weight >> 10).max(1);
            rows.cut(keep);
            broken = Some("67108864 bytes");
        }
    }
    let broken = broken.map(|limit| too_large(ask, limit));
    Ok(write(rows, flag("results_progressive_enabled"), broken))
}

/// The error that stands in the rows, and at the end, of a result that was cut.
fn too_large(ask: &Ask, limit: &str) -> Value {
    let message = format!(
        "Query result set has exceeded the internal data size limit of {limit} (E_QUERY_RESULT_SET_TOO_LARGE)."
    );
    let mut error = refused(
        400,
        "E_QUERY_RESULT_SET_TOO_LARGE",
        "Kusto.DataNode.Exceptions.LimitsExceededException",
        message,
    )
    .json(ask);
    if let Some(inner) = error["error"].as_object_mut() {
        inner.remove("innererror");
    }
    json!({"OneApiErrors": [error]})
}

fn wrong(lost: Lost, text: &str) -> Refused {
    let error = match lost {
        Lost::Late => {
            return refused(
                504,
                "Timeout",
                "Kusto.DataNode.Exceptions.QueryTimeoutException",
                "Request timed out (E_QUERY_TIMEOUT).",
            );
        }
        Lost::Refused(error) => error,
    };
    let said = words::said(&error, text);
    match said.kind {
        ErrorKind::Syntax => refused(
            400,
            said.code,
            "Kusto.Data.Exceptions.SyntaxException",
            format!("Syntax error: {}", said.message),
        ),
        ErrorKind::Semantic => refused(
            400,
            said.code,
            "Kusto.Data.Exceptions.SemanticException",
            format!("Semantic error: {}", said.message),
        ),
        ErrorKind::Cancelled => refused(
            400,
            "E_QUERY_CANCELLED",
            "Kusto.DataNode.Exceptions.QueryCancelledException",
            "The query was cancelled by '.cancel query'.",
        ),
        ErrorKind::Limit => refused(
            400,
            said.code,
            "Kusto.DataNode.Exceptions.RunawayQueryException",
            said.message,
        ),
        _ => refused(
            400,
            "General_BadRequest",
            "Kusto.Data.Exceptions.KustoBadRequestException",
            said.message,
        ),
    }
}

fn columns(rows: &Rows) -> Vec<u8> {
    let mut out = b"[".to_vec();
    for (n, (name, ty)) in rows.columns.iter().enumerate() {
        out.extend_from_slice(if n == 0 {
            b"{\"ColumnName\":"
        } else {
            b",{\"ColumnName\":"
        });
        cells::text(name, &mut out);
        out.extend_from_slice(format!(",\"ColumnType\":\"{}\"}}", ty.name()).as_bytes());
    }
    out.push(b']');
    out
}

/// The frames: header, properties, the result, how it went, the end.
fn write(rows: Rows, progressive: bool, broken: Option<Value>) -> Answer {
    let properties = json!({
        "FrameType": "DataTable", "TableId": 0, "TableKind": "QueryProperties", "TableName": "@ExtendedProperties",
        "Columns": [{"ColumnName": "TableId", "ColumnType": "int"}, {"ColumnName": "Key", "ColumnType": "string"}, {"ColumnName": "Value", "ColumnType": "dynamic"}],
        "Rows": [[1, "Visualization", "{\"Visualization\":null}"]],
    });
    let count = rows.len();
    let mut head = format!(
        "[{{\"FrameType\":\"DataSetHeader\",\"IsProgressive\":{progressive},\"Version\":\"v2.0\"}},{properties},"
    )
    .into_bytes();
    let mut end = Vec::new();
    let kind = "\"TableId\":1,\"TableKind\":\"PrimaryResult\",\"TableName\":\"PrimaryResult\",\"Columns\":";
    let frame = if progressive {
        head.extend_from_slice(format!("{{\"FrameType\":\"TableHeader\",{kind}").as_bytes());
        head.extend_from_slice(&columns(&rows));
        head.push(b'}');
        let mut done = json!({"FrameType": "TableCompletion", "TableId": 1, "RowCount": count});
        if let Some(error) = &broken {
            done["OneApiErrors"] = error["OneApiErrors"].clone();
        }
        end.extend_from_slice(format!(",{done}").as_bytes());
        Frame::Fragment
    } else {
        head.extend_from_slice(format!("{{\"FrameType\":\"DataTable\",{kind}").as_bytes());
        head.extend_from_slice(&columns(&rows));
        head.extend_from_slice(b",\"Rows\":[");
        if let Some(error) = &broken {
            // an object where a row would stand
            let comma = if count > 0 { "," } else { "" };
            end.extend_from_slice(format!("{comma}{error}").as_bytes());
        }
        end.extend_from_slice(b"]}");
        Frame::Plain
    };
    let status = json!({
        "FrameType": "DataTable", "TableId": 2, "TableKind": "QueryCompletionInformation", "TableName": "QueryCompletionInformation",
        "Columns": [{"ColumnName": "Level", "ColumnType": "int"}, {"ColumnName": "StatusCodeName", "ColumnType": "string"}, {"ColumnName": "StatusDescription", "ColumnType": "string"}],
        "Rows": [[4, if broken.is_some() { "E_QUERY_RESULT_SET_TOO_LARGE" } else { "S_OK (0)" }, "Query completed"]],
    });
    let mut last = json!({"FrameType": "DataSetCompletion", "HasErrors": broken.is_some(), "Cancelled": false});
    if let Some(error) = broken {
        last["OneApiErrors"] = error["OneApiErrors"].clone();
    }
    end.extend_from_slice(format!(",{status},{last}]").as_bytes());
    let mut answer = Answer::bytes(200, "application/json", head);
    answer.tail = Some(Tail(Arc::new(Stream {
        rows,
        dialect: Dialect::Adx,
        frame,
        end,
    })));
    answer
}

/// Management commands, in the answer of version 1.
fn manage(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refused> {
    let (text, _) = request(ask)?;
    let words: Vec<&str> = text.split_whitespace().collect();
    let lower: Vec<String> = words.iter().map(|w| w.to_ascii_lowercase()).collect();
    let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
    match lower.as_slice() {
        [".cancel", "query", _, ..] => {
            let id = words[2].trim_matches(['"', '\'', ';']);
            let stopped = tenant.hunts.stop(id) > 0;
            let state = if stopped {
                "CancelRequested"
            } else {
                "NotFound"
            };
            Ok(table(
                &[("ClientRequestId", "String"), ("State", "String")],
                vec![json!([id, state])],
            ))
        }
        [".show", "tables", ..] => {
            let rows = TABLES
                .iter()
                .map(|name| json!([name, DATABASE, "", ""]))
                .collect();
            Ok(table(
                &[
                    ("TableName", "String"),
                    ("DatabaseName", "String"),
                    ("Folder", "String"),
                    ("DocString", "String"),
                ],
                rows,
            ))
        }
        [".show", "databases", ..] => Ok(table(
            &[("DatabaseName", "String"), ("PrettyName", "String")],
            vec![json!([DATABASE, "Hunting"])],
        )),
        _ => Err(refused(
            400,
            "SYN0001",
            "Kusto.Data.Exceptions.SyntaxException",
            format!("Syntax error: the command '{text}' is not known here."),
        )),
    }
}

fn table(columns: &[(&str, &str)], rows: Vec<Value>) -> Answer {
    let columns: Vec<Value> = columns
        .iter()
        .map(|(name, kind)| {
            json!({"ColumnName": name, "DataType": kind, "ColumnType": kind.to_ascii_lowercase()})
        })
        .collect();
    Answer::json(
        200,
        &json!({"Tables": [{"TableName": "Table_0", "Columns": columns, "Rows": rows}]}),
    )
}
