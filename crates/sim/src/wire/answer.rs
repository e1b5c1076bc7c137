//! What a service answers, before it is put on the wire.

use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderName, HeaderValue};
use serde::Serialize;

/// Status, headers, body.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: Vec<(HeaderName, HeaderValue)>,
    pub body: Vec<u8>,
    /// What follows the body, written while it is sent.
    pub tail: Option<Tail>,
}

/// The rest of a body, a piece at a time.
pub(crate) trait Pieces: Send + Sync {
    /// The n-th piece; none after the last.
    fn piece(&self, n: usize) -> Option<Vec<u8>>;
}

/// A shared [`Pieces`].
#[derive(Clone)]
pub(crate) struct Tail(pub Arc<dyn Pieces>);

impl fmt::Debug for Tail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tail")
    }
}

impl Answer {
    pub fn empty(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            tail: None,
        }
    }

    pub fn bytes(status: u16, content_type: &'static str, body: impl Into<Vec<u8>>) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: body.into(),
            tail: None,
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

    /// Writes what would be written while sending: for those who look at the whole.
    pub fn whole(&mut self) {
        let Some(Tail(tail)) = self.tail.take() else {
            return;
        };
        let mut n = 0;
        while let Some(piece) = tail.piece(n) {
            self.body.extend_from_slice(&piece);
            n += 1;
        }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(n, _)| n.as_str() == name)
            .and_then(|(_, v)| v.to_str().ok())
    }
}
