//! Every request that reached the simulator and what became of it: for tests in memory, for people in a file of JSON lines.

use std::collections::VecDeque;
use std::fs::File;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;

use serde::Serialize;

use super::ask::{Ask, Service};
use crate::clock::iso;

/// The newest so many are kept in memory.
const KEPT: usize = 50_000;

/// One request and its outcome.
#[derive(Clone, Debug, Serialize)]
pub struct Received {
    /// The tenant's time, RFC 3339.
    pub time: String,
    /// GET, POST …
    pub method: String,
    /// With the service's root, as it was sent.
    pub path: String,
    /// As it was sent, without the question mark.
    pub query: String,
    /// As text; what is not UTF-8 shows as U+FFFD.
    pub body: String,
    /// The caller's id, where it sent one.
    #[serde(rename = "client-request-id")]
    pub client_request_id: Option<String>,
    /// What was answered; 0 where the connection was cut before an answer.
    pub status: u16,
    /// Whether the request was carried out (a reset may come after that).
    pub executed: bool,
    /// The scenario's faults that struck it.
    pub faults: Vec<&'static str>,
}

/// The list, and the file if one was asked for.
#[derive(Debug, Default)]
pub(crate) struct Journal {
    kept: Mutex<VecDeque<Received>>,
    file: Option<Mutex<File>>,
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

    pub fn add(
        &self,
        ask: &Ask,
        time: jiff::Timestamp,
        status: u16,
        executed: bool,
        faults: Vec<&'static str>,
    ) {
        let row = Received {
            time: iso(time),
            method: ask.method.to_string(),
            path: format!("{}{}", ask.service.root(), ask.path),
            query: ask.query.clone(),
            body: String::from_utf8_lossy(&ask.body).into_owned(),
            client_request_id: ask.client_request_id().map(str::to_owned),
            status,
            executed,
            faults,
        };
        if let Some(file) = &self.file {
            let mut shown = row.clone();
            if ask.service == Service::Login {
                shown.body = without_secrets(&shown.body);
            }
            let mut line = serde_json::to_vec(&shown).unwrap_or_default();
            line.push(b'\n');
            // one write a line, so that two requests at once cannot interleave; a full disk must not stop the tenant
            if let Ok(mut file) = file.lock() {
                let _ = file.write_all(&line);
            }
        }
        if let Ok(mut kept) = self.kept.lock() {
            if kept.len() == KEPT {
                kept.pop_front();
            }
            kept.push_back(row);
        }
    }

    pub fn list(&self) -> Vec<Received> {
        self.kept
            .lock()
            .map(|kept| kept.iter().cloned().collect())
            .unwrap_or_default()
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
    }
}
