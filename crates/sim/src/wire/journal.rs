//! Every request that reached the simulator and what became of it: for tests in memory, for people in a file of JSON lines.
//!
//! A line is written before the answer leaves, so whoever has an answer finds its line, also after either side was killed.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use base64::Engine;
use serde::Serialize;
use serde_json::Value;

use super::answer::Answer;
use super::ask::{Ask, Service};
use crate::clock::iso;
use crate::tenant::locked;

/// The newest so many are kept in memory.
const KEPT: usize = 50_000;

/// One request and its outcome.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// Counted from 1, in the order of the lines.
    pub seq: u64,
    /// The tenant's time, RFC 3339.
    pub time: String,
    /// GET, POST …
    pub method: String,
    /// Which service was addressed; none where no service is at home.
    pub service: Option<Service>,
    /// The `Host` it was sent to.
    pub host: String,
    /// With the service's root, as it was sent.
    pub path: String,
    /// As it was sent, without the question mark.
    pub query: String,
    /// As text; what is not UTF-8 shows as U+FFFD.
    pub body: String,
    /// The caller's id, where it sent one.
    #[serde(rename = "client-request-id")]
    pub client_request_id: Option<String>,
    /// The service's own id of the request.
    #[serde(rename = "request-id")]
    pub request_id: String,
    /// Whom a token that came along is for (its audience, `?` where it cannot be read); the token itself is kept nowhere.
    pub token: Option<String>,
    /// The person or application that the token names.
    pub caller: Option<String>,
    /// What was answered; 0 where the connection was cut before an answer.
    pub status: u16,
    /// Whether the request was carried out (a reset may come after that).
    pub executed: bool,
    /// Id of what a write made or changed, as the service's own answer says it.
    pub made: Option<String>,
    /// The scenario's faults that struck it.
    pub faults: Vec<&'static str>,
}

/// The list, and the file if one was asked for.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    kept: Mutex<Kept>,
    file: Option<Mutex<File>>,
}

#[derive(Debug, Default)]
struct Kept {
    rows: VecDeque<Received>,
    count: u64,
}

/// What became of a request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outcome<'a> {
    pub status: u16,
    pub executed: bool,
    /// The service's answer, whatever was sent in its place.
    pub answer: Option<&'a Answer>,
}

impl Journal {
    pub fn open(path: Option<&Path>) -> std::io::Result<Self> {
        let file = match path {
            None => None,
            Some(path) => Some(Mutex::new(
                File::options().create(true).append(true).open(path)?,
            )),
        };
        Ok(Self {
            kept: Mutex::default(),
            file,
        })
    }

    /// Adds a request to a service (`None`: to nobody).
    pub fn add(
        &self,
        service: Option<Service>,
        ask: &Ask,
        time: jiff::Timestamp,
        outcome: Outcome<'_>,
        faults: Vec<&'static str>,
    ) {
        let root = service.map_or("", Service::root);
        let claims = ask.header("authorization").map(claims);
        let word = |key: &str| claims.as_ref()?.get(key)?.as_str().map(str::to_owned);
        let made = outcome
            .answer
            .filter(|a| outcome.executed && ask.writes() && (200..300).contains(&a.status))
            .and_then(|a| made(&a.body));
        let mut row = Received {
            seq: 0,
            time: iso(time),
            method: ask.method.to_string(),
            service,
            host: ask.header("host").unwrap_or_default().to_owned(),
            path: format!("{root}{}", ask.path),
            query: ask.query.clone(),
            body: String::from_utf8_lossy(&ask.body).into_owned(),
            client_request_id: ask.client_request_id().map(str::to_owned),
            request_id: ask.request_id.clone(),
            token: claims
                .is_some()
                .then(|| word("aud").unwrap_or_else(|| "?".to_owned())),
            caller: word("upn").or_else(|| word("appid")),
            status: outcome.status,
            executed: outcome.executed,
            made,
            faults,
        };
        // numbered and written under one lock: the file is in the order of the numbers
        let mut kept = locked(&self.kept);
        kept.count += 1;
        row.seq = kept.count;
        if let Some(file) = &self.file {
            let mut shown = row.clone();
            shown.body = match service {
                Some(Service::Login) => without_secrets(&shown.body),
                _ => without_password(shown.body),
            };
            let mut line = serde_json::to_vec(&shown).unwrap_or_default();
            line.push(b'\n');
            // one write a line; a full disk must not stop the tenant
            let _ = locked(file).write_all(&line);
        }
        if kept.rows.len() == KEPT {
            kept.rows.pop_front();
        }
        kept.rows.push_back(row);
    }

    pub fn list(&self) -> Vec<Received> {
        locked(&self.kept).rows.iter().cloned().collect()
    }
}

/// What a token says, unverified; null where it says nothing.
fn claims(header: &str) -> Value {
    let middle = header
        .split_once(' ')
        .and_then(|(_, t)| t.split('.').nth(1));
    middle
        .and_then(|m| {
            base64::engine::general_purpose::URL_SAFE_NO_PAD
                .decode(m)
                .ok()
        })
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// The id in an answer.
fn made(body: &[u8]) -> Option<String> {
    let body: Value = serde_json::from_slice(body).ok()?;
    let id = body.get("id").or_else(|| body.get("targetIncidentId"))?;
    match id {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// Somebody may point real credentials here by mistake: the file must not keep them.
fn without_secrets(form: &str) -> String {
    const SECRET: [&str; 6] = [
        "client_secret",
        "client_assertion",
        "refresh_token",
        "code",
        "code_verifier",
        "device_code",
    ];
    let mut out = url::form_urlencoded::Serializer::new(String::new());
    for (key, value) in url::form_urlencoded::parse(form.as_bytes()) {
        let value = if SECRET.contains(&&*key) {
            "***".into()
        } else {
            value
        };
        out.append_pair(&key, &value);
    }
    out.finish()
}

/// The same for a password that is set on a user; any other body stays as it was sent, byte for byte.
fn without_password(body: String) -> String {
    let parsed: Option<Value> = serde_json::from_str(&body).ok();
    match parsed {
        Some(mut whole) if whole["passwordProfile"]["password"].is_string() => {
            whole["passwordProfile"]["password"] = Value::from("***");
            whole.to_string()
        }
        _ => body,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_file_keeps_no_secret() {
        let form =
            super::without_secrets("grant_type=client_credentials&client_secret=a%2Bb&client_id=x");
        assert_eq!(
            form,
            "grant_type=client_credentials&client_secret=***&client_id=x"
        );
        let body = super::without_password(r#"{"passwordProfile":{"password":"x"}}"#.into());
        assert_eq!(body, r#"{"passwordProfile":{"password":"***"}}"#);
        let odd = r#"{ "b":1,  "a":2}"#;
        assert_eq!(super::without_password(odd.into()), odd);
    }
}
