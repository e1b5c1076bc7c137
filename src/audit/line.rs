//! One line of the record and the chain it stands in.

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What a line says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// The first line of a file: carries the last hash of the file before.
    Opened,
    /// A request is about to leave. Nothing is sent before this is on disk.
    Intent,
    /// The same request is about to leave again: the try before was proven not executed.
    Attempt,
    /// The request went out and this came of it.
    Outcome,
    /// A torn last line was found and closed.
    Recovered,
}

/// What the caller tells; the file adds sequence, chain and who runs this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub stage: Stage,
    /// One id for an intent and its outcomes; also `client-request-id` and the end of the action's comment.
    pub run: String,
    pub tenant: String,
    pub tenant_id: String,
    pub principal: String,
    /// Who acts.
    pub analyst: String,
    pub verb: String,
    pub targets: Vec<TargetLine>,
    pub sentence: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The requests: method, path, body. Bodies carry no secrets.
    pub requests: Vec<RequestLine>,
    /// For outcomes: the state word and what was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
}

/// A target by its id, with the name that was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetLine {
    pub kind: String,
    pub id: String,
    pub name: String,
    /// The fields to be written as they were before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<(String, Option<String>)>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestLine {
    pub service: String,
    pub method: String,
    pub path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A line as it stands in the file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub seq: u64,
    pub time: String,
    /// The run of the program that wrote it.
    pub session: String,
    pub os_user: String,
    pub host: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ssh: Option<String>,
    pub version: String,
    /// Hex SHA-256 of the line before, without its line end; 64 zeros for the first.
    pub before: String,
    #[serde(flatten)]
    pub entry: Entry,
}

/// The hash that the next line carries.
pub fn chain(line: &str) -> String {
    let mut hex = String::with_capacity(64);
    for byte in digest(&SHA256, line.as_bytes()).as_ref() {
        use std::fmt::Write;
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// The `before` of the very first line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";
