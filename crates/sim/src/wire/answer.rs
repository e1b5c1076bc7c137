//! What a service answers, before it is put on the wire.

use axum::http::{HeaderName, HeaderValue};
use serde::Serialize;

/// Status, headers, body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    pub fn bytes(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
        .with("content-type", content_type)
    }

    pub fn json(status: u16, value: &impl Serialize) -> Self {
        Self::bytes(
            status,
            "application/json",
            serde_json::to_vec(value).unwrap_or_default(),
        )
    }

    /// Sets a header, replacing one of the same name. A value that no header can carry is left out.
    pub fn with(mut self, name: &'static str, value: impl AsRef<str>) -> Self {
        self.set(name, value);
        self
    }

    pub fn set(&mut self, name: &'static str, value: impl AsRef<str>) {
        self.headers.retain(|(n, _)| n.as_str() != name);
        if let Ok(value) = HeaderValue::from_str(value.as_ref()) {
            self.headers.push((HeaderName::from_static(name), value));
        }
    }

    /// Sets a header to bytes as they are, control characters left out: an address may hold what no address should.
    pub fn set_address(&mut self, name: &'static str, value: &str) {
        self.headers.retain(|(n, _)| n.as_str() != name);
        let bytes: Vec<u8> = value.bytes().filter(|b| !b.is_ascii_control()).collect();
        if let Ok(value) = HeaderValue::from_bytes(&bytes) {
            self.headers.push((HeaderName::from_static(name), value));
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.as_str() == name)
            .and_then(|(_, v)| v.to_str().ok())
    }
}
