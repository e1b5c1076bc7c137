//! Faults in what an answer says: rows, links, properties. Works on the JSON; what JSON cannot hold goes in as a mark that is replaced
//! in the bytes at the very end.

use serde_json::{Value, json};
use url::Url;

use super::hostile::filled;
use super::{Fault, Link};
use crate::wire::answer::Answer;
use crate::wire::ask::Ask;
use crate::world::{LONE_SURROGATE, wire_bytes};

/// Replaced by nested objects.
const NEST: &str = "\u{f8d9}nest";
/// Replaced by bytes that are not UTF-8.
const BAD: &str = "\u{f8da}";

/// The answer as the faults leave it. Only JSON of status 200 is touched.
pub(crate) fn altered(
    mut answer: Answer,
    faults: &[Fault],
    ask: &Ask,
    foreign: Option<&str>,
) -> Answer {
    for fault in faults {
        if let (Fault::Result { odd, megabytes }, 200) = (fault, answer.status) {
            super::results::odd(&mut answer, *odd, megabytes.unwrap_or(5));
        }
    }
    let concerned = faults.iter().any(|f| {
        matches!(
            f,
            Fault::Nest { .. }
                | Fault::Reorder {}
                | Fault::Overlap { .. }
                | Fault::EmptyPage {}
                | Fault::NextLink { .. }
                | Fault::Link { .. }
                | Fault::Set { .. }
                | Fault::Drop { .. }
                | Fault::LoneSurrogate {}
                | Fault::InvalidUtf8 {}
        )
    });
    if !concerned || !matches!(answer.status, 200 | 201) {
        return answer;
    }
    // the one lone surrogate of the tenant would not survive parsing
    let mut buffer = [0; 4];
    let text = String::from_utf8_lossy(&answer.body)
        .replace("\\ud83d", LONE_SURROGATE.encode_utf8(&mut buffer));
    let Ok(mut body) = serde_json::from_str::<Value>(&text) else {
        return answer;
    };
    let mut depth = 0;
    for fault in faults {
        alter(&mut body, fault, ask, foreign);
        if let Fault::Nest { depth: d } = fault {
            depth = *d;
        }
    }
    let mut bytes = wire_bytes(serde_json::to_vec(&body).unwrap_or_default());
    bytes = replace(&bytes, format!("\"{NEST}\"").as_bytes(), &nested(depth));
    bytes = replace(&bytes, BAD.as_bytes(), b"\xff\xfe");
    answer.body = bytes;
    answer
}

fn alter(body: &mut Value, fault: &Fault, ask: &Ask, foreign: Option<&str>) {
    match fault {
        Fault::Reorder {} => {
            if let Some(rows) = rows(body) {
                rows.reverse();
            }
        }
        Fault::Overlap { rows } => overlap(body, *rows),
        Fault::EmptyPage {} => {
            body["value"] = json!([]);
            body["@odata.nextLink"] = json!(own_address(ask));
        }
        Fault::NextLink { to } => {
            let right = body["@odata.nextLink"]
                .as_str()
                .map_or_else(|| own_address(ask), str::to_owned);
            body["@odata.nextLink"] = json!(relinked(&right, *to, ask));
        }
        Fault::Link { field, to } => link(body, field, to, ask, foreign),
        Fault::Set { field, value, all } => {
            let value = serde_json::to_value(value).unwrap_or_default();
            each(body, *all, |row| row[field.as_str()] = value.clone());
        }
        Fault::Drop { field, all } => each(body, *all, |row| {
            if let Some(map) = row.as_object_mut() {
                map.remove(field);
            }
        }),
        Fault::Nest { .. } => each(body, false, |row| row["additionalData"] = json!(NEST)),
        Fault::LoneSurrogate {} => each(body, false, |row| mark(row, &LONE_SURROGATE.to_string())),
        Fault::InvalidUtf8 {} => each(body, false, |row| mark(row, BAD)),
        _ => {}
    }
}

/// A link goes where there is one, and on every collection; what was in quotes stays in quotes.
fn link(body: &mut Value, field: &str, to: &str, ask: &Ask, foreign: Option<&str>) {
    if let Value::Array(rows) = body {
        for row in rows {
            if let Some(right) = row[field].as_str() {
                row[field] = json!(filled(to, ask, right, foreign));
            }
        }
        return;
    }
    let old = body[field].as_str();
    if old.is_none() && !(field.starts_with('@') && body["value"].is_array()) {
        return;
    }
    let quoted = old.is_some_and(|o| o.starts_with('"'));
    let right = old.map_or_else(|| own_address(ask), |o| o.trim_matches('"').to_owned());
    let new = filled(to, ask, &right, foreign);
    body[field] = json!(if quoted { format!("\"{new}\"") } else { new });
}

/// The rows of a collection, or the entity itself.
fn each(body: &mut Value, all: bool, mut change: impl FnMut(&mut Value)) {
    if let Some(rows) = rows(body) {
        rows.iter_mut()
            .take(if all { usize::MAX } else { 1 })
            .for_each(change);
    } else if body.is_object() {
        change(body);
    }
}

/// The rows of a collection, which may be a bare array.
fn rows(body: &mut Value) -> Option<&mut Vec<Value>> {
    match body {
        Value::Array(rows) => Some(rows),
        body if body["value"].is_array() => body["value"].as_array_mut(),
        _ => None,
    }
}

fn mark(row: &mut Value, what: &str) {
    for field in [
        "displayName",
        "title",
        "userPrincipalName",
        "computerDnsName",
    ] {
        if let Some(text) = row[field].as_str() {
            row[field] = json!(format!("{text} {what} end"));
            return;
        }
    }
}

fn overlap(body: &mut Value, count: usize) {
    if let Value::Array(list) = body {
        let last: Vec<Value> = list.iter().rev().take(count).rev().cloned().collect();
        list.extend(last);
        return;
    }
    let rows = count;
    let skip = body["@odata.nextLink"]
        .as_str()
        .and_then(|l| l.rsplit_once("$skip="))
        .map(|(head, n)| (head.to_owned(), n.to_owned()));
    if let Some((head, number)) = skip
        && let Ok(number) = number.parse::<usize>()
    {
        body["@odata.nextLink"] = json!(format!("{head}$skip={}", number.saturating_sub(rows)));
        return;
    }
    if let Some(list) = body["value"].as_array_mut() {
        let last: Vec<Value> = list.iter().rev().take(rows).rev().cloned().collect();
        list.extend(last);
    }
}

pub(crate) fn own_address(ask: &Ask) -> String {
    let mark = if ask.query.is_empty() { "" } else { "?" };
    format!(
        "{}{}{}{mark}{}",
        ask.origin,
        ask.service.root(),
        ask.path,
        ask.query
    )
}

fn relinked(right: &str, to: Link, ask: &Ask) -> String {
    let Ok(mut url) = Url::parse(right) else {
        return right.to_owned();
    };
    let done = match to {
        Link::Scheme => url.set_scheme("https"),
        Link::Host => url.set_host(Some("graph.evil.example")).map_err(|_| ()),
        Link::Port => url.set_port(Some(url.port().unwrap_or(80).wrapping_add(1).max(1))),
        Link::Userinfo => url
            .set_username("token")
            .and_then(|()| url.set_password(Some("x"))),
        Link::Path => {
            url.set_path("/elsewhere/incidents");
            Ok(())
        }
        Link::Same => return own_address(ask),
    };
    let _ = done;
    url.into()
}

fn nested(depth: usize) -> Vec<u8> {
    let mut out = b"{\"a\":".repeat(depth);
    out.extend_from_slice(b"null");
    out.extend(std::iter::repeat_n(b'}', depth));
    out
}

fn replace(text: &[u8], what: &[u8], with: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at..].starts_with(what) {
            out.extend_from_slice(with);
            at += what.len();
        } else {
            out.push(text[at]);
            at += 1;
        }
    }
    out
}
