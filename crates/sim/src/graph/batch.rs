//! `$batch`: up to twenty requests in one, answered in an order of the service's own.

use std::collections::{HashMap, HashSet};

use axum::http::{HeaderMap, HeaderName, HeaderValue, Method};
use base64::Engine;
use serde_json::{Map, Value, json};

use super::fault::Fault;
use crate::tenant::Tenant;
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;

const MOST: usize = 20;

struct Item {
    id: String,
    ask: Result<Ask, Fault>,
    after: Vec<String>,
}

/// Runs a batch. Each inner request is admitted, counted and answered like one of its own.
pub(super) fn run(tenant: &Tenant, ask: &Ask) -> Result<Answer, Fault> {
    let items = read(ask)?;
    let mut statuses: HashMap<String, u16> = HashMap::new();
    let mut responses = Vec::new();
    for item in &items {
        // dependants of a failure are not tried; what an item depends on must stand before it
        let broken = item
            .after
            .iter()
            .any(|id| statuses.get(&id.to_lowercase()).is_none_or(|s| *s >= 400));
        let answer = if broken {
            Fault::new(
                424,
                "FailedDependency",
                "A request this one depends on failed.",
            )
            .answer(ask, tenant.clock.told())
        } else {
            match &item.ask {
                Ok(inner) => super::answer(tenant, inner),
                Err(fault) => fault.answer(ask, tenant.clock.told()),
            }
        };
        let mut answer = answer;
        answer.whole();
        statuses.insert(item.id.to_lowercase(), answer.status);
        responses.push(response(&item.id, &answer));
    }
    // in any order: the simulator's is never the one asked for, if it can help it
    let turn = responses.len() / 2;
    responses.rotate_left(turn);
    responses.reverse();
    Ok(Answer::json(200, &json!({"responses": responses})))
}

fn read(ask: &Ask) -> Result<Vec<Item>, Fault> {
    let bad = |text: &str| Fault::bad(format!("Invalid batch payload format. {text}"));
    let body: Value =
        serde_json::from_slice(&ask.body).map_err(|_| bad("The body is not JSON."))?;
    let requests = body["requests"]
        .as_array()
        .ok_or_else(|| bad("'requests' is missing."))?;
    if requests.is_empty() || requests.len() > MOST {
        return Err(bad(&format!(
            "Number of batch request steps must be between 1 and {MOST}."
        )));
    }
    let mut seen = HashSet::new();
    let mut items = Vec::new();
    for request in requests {
        let id = request["id"]
            .as_str()
            .ok_or_else(|| bad("'id' is missing."))?
            .to_owned();
        if !seen.insert(id.to_lowercase()) {
            return Err(bad("Ids must be unique."));
        }
        let after: Vec<String> = request["dependsOn"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        items.push(Item {
            ask: inner(ask, request),
            id,
            after,
        });
    }
    Ok(items)
}

fn inner(outer: &Ask, request: &Value) -> Result<Ask, Fault> {
    let method = request["method"]
        .as_str()
        .and_then(|m| Method::from_bytes(m.to_uppercase().as_bytes()).ok());
    let method = method.ok_or_else(|| Fault::bad("'method' is missing."))?;
    let url = request["url"]
        .as_str()
        .ok_or_else(|| Fault::bad("'url' is missing."))?;
    if url.contains("://") || url.starts_with("//") {
        return Err(Fault::bad("Inner addresses are relative."));
    }
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = format!("/{}", path.trim_start_matches('/'));
    if path.eq_ignore_ascii_case("/$batch") {
        return Err(Fault::bad("A batch cannot contain a batch."));
    }
    let mut headers = HeaderMap::new();
    if let Some(token) = outer.headers.get("authorization") {
        headers.insert("authorization", token.clone());
    }
    for (name, value) in request["headers"].as_object().into_iter().flatten() {
        let value = value.as_str().unwrap_or_default();
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.insert(name, value);
        }
    }
    let body = match &request["body"] {
        Value::Null => Vec::new(),
        _ if !headers.contains_key("content-type") => {
            return Err(Fault::bad("A body needs a Content-Type header."));
        }
        body => serde_json::to_vec(body).unwrap_or_default(),
    };
    Ok(Ask {
        service: outer.service,
        method,
        path,
        query: query.replace(' ', "%20"),
        headers,
        body: body.into(),
        origin: outer.origin.clone(),
        request_id: uuid::Uuid::new_v4().to_string(),
        wish: crate::response::course::Wish::default(),
        expired: outer.expired,
    })
}

fn response(id: &str, answer: &Answer) -> Value {
    let mut headers = Map::new();
    for name in [
        "content-type",
        "retry-after",
        "location",
        "www-authenticate",
    ] {
        if let Some(value) = answer.header(name) {
            headers.insert(name.into(), json!(value));
        }
    }
    let mut out = json!({"id": id, "status": answer.status, "headers": headers});
    if answer.body.is_empty() {
        return out;
    }
    // what is not JSON travels as base64 text
    let body = serde_json::from_slice(&answer.body).unwrap_or_else(|_| {
        Value::String(base64::engine::general_purpose::STANDARD.encode(&answer.body))
    });
    if let Some(map) = out.as_object_mut() {
        map.insert("body".into(), body);
    }
    out
}
