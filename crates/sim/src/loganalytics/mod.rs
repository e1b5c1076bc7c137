//! Log Analytics: `POST /workspaces/{id}/query` (and GET), `GET /workspaces/{id}/metadata`.
//!
//! The workspace is Sentinel's; it holds all the tables, without the limit of thirty days. Types of columns are those of Defender where
//! both have a table (a difference from real workspaces, where some texts are dynamic).

use std::sync::Arc;
use std::time::Duration;

use kql::engine::{ErrorKind, Render};
use kql::schema::{Schema, Which};
use serde_json::{Map, Value, json};

use crate::hunt::cells::{self, Dialect, Frame, Rows, Stream};
use crate::hunt::words::Said;
use crate::hunt::{self, Hunt, Lost, span, words};
use crate::login::verify::{Caller, Denied};
use crate::permissions::Api;
use crate::tenant::Tenant;
use crate::throttle::{Surface, Verdict};
use crate::wire::answer::{Answer, Tail};
use crate::wire::ask::Ask;

const ROWS: usize = 500_000;
const BYTES: usize = 100 << 20;
/// Requests in thirty seconds.
const CALLS: u64 = 200;

/// A refusal: status, code, message, and what lies deeper.
struct Refused {
    status: u16,
    code: &'static str,
    message: String,
    inner: Option<Box<Value>>,
    retry_after: Option<i64>,
}

fn refused(status: u16, code: &'static str, message: impl Into<String>) -> Refused {
    Refused {
        status,
        code,
        message: message.into(),
        inner: None,
        retry_after: None,
    }
}

impl Refused {
    fn inner(mut self, inner: Value) -> Refused {
        self.inner = Some(Box::new(inner));
        self
    }

    fn json(&self, ask: &Ask) -> Value {
        let mut error =
            json!({"message": self.message, "code": self.code, "correlationId": ask.request_id});
        if let (Some(inner), Some(map)) = (&self.inner, error.as_object_mut()) {
            map.insert("innererror".into(), (**inner).clone());
        }
        json!({ "error": error })
    }

    fn answer(&self, ask: &Ask) -> Answer {
        let answer = Answer::json(self.status, &self.json(ask));
        match self.retry_after {
            Some(seconds) => answer.with("retry-after", seconds.to_string()),
            None => answer,
        }
    }
}

/// Answers a request.
pub(crate) fn answer(tenant: &Tenant, ask: &Ask) -> Answer {
    let answer = handle(tenant, ask).unwrap_or_else(|refused| refused.answer(ask));
    answer
        .with("x-ms-request-id", &ask.request_id)
        .with("via", "1.1 draft-oms-simulated")
}

/// A refusal that a scenario asks for.
pub(crate) fn refuse(ask: &Ask, status: u16, code: &'static str, message: &str) -> Answer {
    refused(status, code, message).answer(ask)
}

fn handle(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refused> {
    let not_found = || {
        refused(
            404,
            "PathNotFoundError",
            "The requested path does not exist",
        )
    };
    let path = ask.segments().ok_or_else(not_found)?;
    let caller =
        Caller::of(tenant, ask, Api::LogAnalytics).map_err(|denied| unauthorized(&denied))?;
    let parts: Vec<&str> = path.iter().map(String::as_str).collect();
    let [kind, workspace, what] = parts.as_slice() else {
        return Err(not_found());
    };
    if !kind.eq_ignore_ascii_case("workspaces") {
        return Err(not_found());
    }
    if !caller.may(&[&["Data.Read"]]) {
        return Err(refused(
            403,
            "InsufficientAccessError",
            "The provided credentials have insufficient access to perform the requested operation",
        )
        .inner(json!({
            "code": "UnauthorizedClient",
            "message": "The application does not have a role that permits it to read this workspace.",
        })));
    }
    if let Verdict::Refused(ms) = tenant.throttle.take(
        Surface::LogAnalytics,
        1,
        CALLS,
        30_000,
        tenant.clock.millis(),
    ) {
        let mut refused = refused(
            429,
            "ThrottledError",
            "Rate limit of 200 per 30s has been exceeded",
        );
        refused.retry_after = Some((ms + 999) / 1000);
        return Err(refused);
    }
    if !workspace.eq_ignore_ascii_case(&tenant.info.workspace_id) {
        return Err(refused(
            404,
            "WorkspaceNotFoundError",
            format!("The workspace {workspace} could not be found"),
        ));
    }
    match (ask.method.as_str(), what.to_ascii_lowercase().as_str()) {
        ("POST" | "GET", "query") => query(tenant, ask),
        ("GET" | "POST", "metadata") => Ok(metadata(tenant)),
        _ => Err(not_found()),
    }
}

fn unauthorized(denied: &Denied) -> Refused {
    match denied {
        Denied::Missing => refused(
            401,
            "AuthenticationFailed",
            "Authentication failed. The 'Authorization' header is missing.",
        ),
        Denied::Audience => refused(
            403,
            "InvalidAuthenticationTokenAudience",
            "The access token has been obtained from wrong audience or resource. It should exactly match (including forward slash) with one of the allowed audiences 'https://api.loganalytics.io'.",
        ),
        _ => refused(
            403,
            "InvalidAuthenticationToken",
            "The access token is invalid.",
        ),
    }
}

fn query(tenant: &Tenant, ask: &Ask) -> Result<Answer, Refused> {
    let bad = |message: String| refused(400, "BadArgumentError", message);
    let options = ask.options();
    let option = |name: &str| {
        let found = options.iter().find(|(k, _)| k.eq_ignore_ascii_case(name));
        found.map(|(_, v)| v.clone())
    };
    let mut spans: Vec<String> = option("timespan").into_iter().collect();
    let text = if ask.method.as_str() == "GET" {
        option("query").ok_or_else(|| bad("The query parameter is missing".into()))?
    } else {
        let json = ask
            .header("content-type")
            .is_some_and(|t| t.to_ascii_lowercase().starts_with("application/json"));
        if !json || ask.body.is_empty() {
            // documented: an empty 200 for a body that is not there or not announced
            return Ok(Answer::empty(200));
        }
        let body: Map<String, Value> = serde_json::from_slice(&ask.body)
            .map_err(|_| bad("The request body is not valid JSON".into()))?;
        if let Some(text) = body.get("timespan").and_then(Value::as_str) {
            spans.push(text.to_owned());
        }
        body.get("query")
            .and_then(Value::as_str)
            .map(str::to_owned)
            .ok_or_else(|| bad("The request body has no query".into()))?
    };
    let now = tenant.clock.now();
    let (mut from, mut to) = (None, None);
    for text in &spans {
        let (first, last) = span::read(text, now)
            .ok_or_else(|| bad(format!("The timespan '{text}' is not valid")))?;
        // given twice, the overlap counts
        from = Some(from.map_or(first, |f: i64| f.max(first)));
        to = Some(to.map_or(last, |t: i64| t.min(last)));
    }
    let wait = preferred(ask, "wait").unwrap_or(180).clamp(1, 600);
    let hunt = Hunt {
        text: &text,
        from,
        to,
        patience: Duration::from_secs(wait),
        id: None,
    };
    let found = hunt::run(tenant, &hunt).map_err(|lost| match lost {
        Lost::Late => refused(
            504,
            "GatewayTimeout",
            "The request timed out before the query completed",
        ),
        Lost::Refused(error) => wrong(&words::said(&error, &text)),
    })?;
    let mut rows = found.rows;
    let mut partial = None;
    if rows.cut(ROWS) {
        partial = Some(("E_QUERY_RESULT_SET_TOO_LARGE", "500,000 rows"));
    }
    let weight = rows.weight(Dialect::LogAnalytics);
    if weight > BYTES {
        let keep = rows.len() * (BYTES >> 10) / (weight >> 10).max(1);
        rows.cut(keep);
        partial = Some(("E_QUERY_RESULT_SET_TOO_LARGE", "104857600 bytes"));
    }
    Ok(write(ask, rows, found.render, found.took, partial))
}

/// A number in the `Prefer` header.
fn preferred(ask: &Ask, name: &str) -> Option<u64> {
    ask.headers
        .get_all("prefer")
        .iter()
        .filter_map(|v| v.to_str().ok())
        .flat_map(|v| v.split(','))
        .find_map(|p| {
            let (key, value) = p.trim().split_once('=')?;
            key.eq_ignore_ascii_case(name)
                .then(|| value.trim().parse().ok())?
        })
}

fn wrong(said: &Said) -> Refused {
    let (kind, text) = match said.kind {
        ErrorKind::Syntax => ("SyntaxError", "A recognition error occurred in the query."),
        ErrorKind::Semantic => ("SemanticError", "A semantic error occurred."),
        _ => ("QueryExecutionError", "The query could not be run."),
    };
    let mut deepest = json!({"code": said.code, "message": said.message});
    if let (Some((line, column, token)), ErrorKind::Syntax, Some(map)) =
        (&said.place, said.kind, deepest.as_object_mut())
    {
        map.insert("line".into(), json!(line));
        map.insert("pos".into(), json!(column));
        map.insert("token".into(), json!(token));
    }
    refused(
        400,
        "BadArgumentError",
        "The request had some invalid properties",
    )
    .inner(json!({"code": kind, "message": text, "innererror": deepest}))
}

fn write(
    ask: &Ask,
    rows: Rows,
    render: Option<Render>,
    took: Duration,
    partial: Option<(&str, &str)>,
) -> Answer {
    let mut head = b"{\"tables\":[{\"name\":\"PrimaryResult\",\"columns\":[".to_vec();
    for (n, (name, ty)) in rows.columns.iter().enumerate() {
        head.extend_from_slice(if n == 0 {
            b"{\"name\":"
        } else {
            b",{\"name\":"
        });
        cells::text(name, &mut head);
        head.extend_from_slice(format!(",\"type\":\"{}\"}}", ty.name()).as_bytes());
    }
    head.extend_from_slice(b"],\"rows\":[");
    let mut more = Map::new();
    if let Some(render) = render.filter(|_| ask.prefers("include-render")) {
        let mut said = json!({"visualization": render.chart});
        for (key, value) in &render.with {
            said[key.as_str()] = json!(value);
        }
        more.insert("render".into(), said);
    }
    if ask.prefers("include-statistics") {
        let seconds = took.as_secs_f64();
        more.insert(
            "statistics".into(),
            json!({"query": {"executionTime": seconds, "resourceUsage": {"cpu": {"totalCpu": format!("{seconds:.7}")}},
                "datasetStatistics": [{"tableRowCount": rows.len(), "tableSize": rows.weight(Dialect::LogAnalytics)}]}}),
        );
    }
    if let Some((code, limit)) = partial {
        more.insert(
            "error".into(),
            json!({
                "code": "PartialError",
                "message": "There were some errors when processing your query.",
                "details": [{
                    "code": "EngineError",
                    "message": format!("Something went wrong processing your query on the server: the result exceeds the limit of {limit}."),
                    "innererror": {"code": code, "severity": 2, "severityName": "Error", "message": format!("Query result set has exceeded the limit of {limit} ({code})")},
                }],
            }),
        );
    }
    let mut end = b"]}]".to_vec();
    for (key, value) in more {
        end.extend_from_slice(format!(",\"{key}\":{value}").as_bytes());
    }
    end.push(b'}');
    let mut answer = Answer::bytes(200, "application/json; charset=utf-8", head);
    answer.tail = Some(Tail(Arc::new(Stream {
        rows,
        dialect: Dialect::LogAnalytics,
        frame: Frame::Plain,
        end,
    })));
    answer
}

/// Which tables there are, with their columns.
fn metadata(tenant: &Tenant) -> Answer {
    let schema = Schema::builtin(Which::Unified);
    let tables: Vec<Value> = schema
        .tables()
        .map(|t| {
            let columns = t.columns.iter();
            let columns: Vec<Value> = columns
                .map(|c| json!({"name": &*c.name, "type": c.ty.name()}))
                .collect();
            json!({"id": format!("t/{}", t.name), "name": &*t.name, "description": &*t.about, "timespanColumn": "TimeGenerated",
                "columns": columns, "hasData": crate::world::hunting::TABLES.contains(&&*t.name)})
        })
        .collect();
    let workspace =
        json!([{"id": tenant.info.workspace_id, "name": "watchfloor", "region": "westeurope"}]);
    Answer::json(
        200,
        &json!({"tables": tables, "functions": [], "workspaces": workspace}),
    )
}
