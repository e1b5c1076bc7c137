//! `POST /security/runHuntingQuery`: what may be asked, how often, and how the answer is written.

use std::time::Duration;

use kql::engine::ErrorKind;
use kql::types::Ty;
use serde_json::Value;

use super::cx::Cx;
use super::fault::Fault;
use super::triage;
use crate::hunt::cells::{self, Dialect, Frame, Stream};
use crate::hunt::{self, Hunt, Lost, span, words};
use crate::tenant::Tenant;
use crate::throttle::{Surface, Verdict};
use crate::wire::answer::{Answer, Tail};
use crate::world::stamp::{DAY, Stamp};

/// Rows of an answer; more are left out without a word.
const ROWS: usize = 100_000;
/// Bytes of an answer.
const BYTES: usize = 50_000_000;
/// How long a query may take.
const PATIENCE: Duration = Duration::from_secs(180);
/// How far back the tables go.
const DAYS: i64 = 30;
/// Calls a minute, for the whole tenant.
const CALLS: u64 = 45;
/// Milliseconds of the processor in a quarter of an hour (assumed: the real share is not published).
const SHARE: u64 = 600_000;
const QUARTER: i64 = 15 * 60_000;

/// Refuses when too many calls came in this minute, or the processor's share is used up.
fn admit(tenant: &Tenant) -> Result<(), Fault> {
    let now = tenant.clock.millis();
    if let Verdict::Refused(_) =
        tenant
            .throttle
            .take(Surface::Minute("hunting"), 1, CALLS, 60_000, now)
    {
        // no word when to come back, as the service gives none
        return Err(Fault::new(
            429,
            "TooManyRequests",
            "The number of calls exceeded the quota. API calls quota exceeded! maximum allowed 45 per 00:01:00. You can send requests again later.",
        ));
    }
    match tenant
        .throttle
        .take(Surface::HuntingShare, 0, SHARE, QUARTER, now)
    {
        Verdict::Fine(_) => Ok(()),
        Verdict::Refused(ms) => Err(Fault::new(
            429,
            "TooManyRequests",
            "Usage of the CPU resources of your tenant exceeded the quota of 15 minutes. Queries are refused until the next cycle.",
        )
        .with("retry-after", super::whole_seconds(ms))),
    }
}

/// `POST /security/runHuntingQuery`
pub(super) fn run(cx: &Cx<'_>, _: &[String]) -> Result<Answer, Fault> {
    admit(cx.tenant)?;
    let body = triage::body(cx)?;
    let field = |name: &str| {
        body.iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    let Some(Value::String(query)) = field("query") else {
        return Err(Fault::bad(
            "The request body is missing the required property 'Query'.",
        ));
    };
    if query.trim().is_empty() {
        return Err(Fault::bad("Query text is missing or empty."));
    }
    let now = cx.tenant.clock.now();
    let asked = match field("timespan") {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(span::read(text, now).ok_or_else(|| {
            Fault::bad(format!(
                "The value '{text}' of 'Timespan' is not a valid ISO 8601 time span."
            ))
        })?),
        Some(_) => return Err(Fault::bad("'Timespan' must be a string.")),
    };
    // what the tables hold is counted from the start of the tenant, so that its oldest rows do not go while it runs
    let oldest = Stamp::from(cx.tenant.started).plus(-DAYS * DAY).0;
    let (from, to) = asked.map_or((oldest, None), |(from, to)| (from.max(oldest), Some(to)));
    let hunt = Hunt {
        text: query,
        from: Some(from),
        to,
        patience: PATIENCE,
        id: None,
    };
    let found = hunt::run(cx.tenant, &hunt).map_err(|lost| refuse(lost, query))?;
    let spent = u64::try_from(found.took.as_millis()).unwrap_or(u64::MAX);
    let now = cx.tenant.clock.millis();
    let _ = cx
        .tenant
        .throttle
        .take(Surface::HuntingShare, spent, SHARE, QUARTER, now);
    let mut rows = found.rows;
    rows.cut(ROWS);
    if rows.weight(Dialect::Graph) > BYTES {
        return Err(Fault::bad(
            "Query execution has exceeded the allowed result size. Optimize your query by limiting the number of results and try again.",
        ));
    }
    let mut head = Vec::new();
    head.extend_from_slice(b"{\"@odata.context\":");
    cells::text(
        &cx.context("microsoft.graph.security.huntingQueryResults"),
        &mut head,
    );
    head.extend_from_slice(b",\"schema\":[");
    for (n, (name, ty)) in rows.columns.iter().enumerate() {
        head.extend_from_slice(if n == 0 {
            b"{\"name\":"
        } else {
            b",{\"name\":"
        });
        cells::text(name, &mut head);
        head.extend_from_slice(format!(",\"type\":\"{}\"}}", type_name(*ty)).as_bytes());
    }
    head.extend_from_slice(b"],\"results\":[");
    let mut answer = Answer::bytes(200, "application/json", head);
    answer.tail = Some(Tail(std::sync::Arc::new(Stream {
        rows,
        dialect: Dialect::Graph,
        frame: Frame::Plain,
        end: b"]}".to_vec(),
    })));
    Ok(answer)
}

/// The .NET name of a type, as the schema of an answer has it.
fn type_name(ty: Ty) -> &'static str {
    match ty {
        Ty::BOOL => "SByte",
        Ty::INT => "Int32",
        Ty::LONG => "Int64",
        Ty::REAL => "Double",
        Ty::DECIMAL => "SqlDecimal",
        Ty::STRING => "String",
        Ty::DATETIME => "DateTime",
        Ty::TIMESPAN => "TimeSpan",
        Ty::GUID => "Guid",
        _ => "Object",
    }
}

fn refuse(lost: Lost, query: &str) -> Fault {
    let error = match lost {
        Lost::Late => return Fault::new(504, "UnknownError", ""),
        Lost::Refused(error) => error,
    };
    let said = words::said(&error, query);
    match said.kind {
        ErrorKind::Syntax => Fault::bad(format!(
            "{}. Fix syntax errors in your query.",
            said.message
        )),
        ErrorKind::Semantic => Fault::bad(format!(
            "{}. Fix semantic errors in your query.",
            said.message.trim_end_matches('.')
        )),
        ErrorKind::Limit | ErrorKind::Cancelled => Fault::bad(
            "Query execution exceeded the allowed limits and was pre-empted. Optimize your query and try again.",
        ),
        _ => Fault::bad(said.message),
    }
}
