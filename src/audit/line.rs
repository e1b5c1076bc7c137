//! One line of the record, the chain it stands in, and the seal of a key where there is one.

use ring::digest::{SHA256, digest};
use ring::hmac;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use zeroize::Zeroize;

/// What a line says happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stage {
    /// A request is about to leave. Nothing is sent before this is on disk.
    Intent,
    /// The same request is about to leave again: the try before was proven not executed.
    Attempt,
    /// What became of it, as far as it is known; `closed` where nobody looks further.
    Outcome,
    /// Confirmed, and taken back before anything was sent.
    Cancelled,
    /// A set begins: all its targets, before the first of its intents. Its run is the set's id.
    Began,
    /// The set ended before its end: nothing was sent to these of its targets.
    Rest,
    /// A torn last line was found and ended; `torn` is its hash.
    Recovered,
    /// The run that owned this intent is gone; this one owns its outcome now.
    Adopted,
    /// Read again after the end: what the target shows now.
    Later,
    /// A stage that a newer version writes.
    #[serde(other)]
    Other,
}

/// What the caller tells; the file adds sequence, chain and who runs this.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub stage: Stage,
    /// One id for an intent and its outcomes; also `client-request-id` and the end of the action's comment.
    pub run: String,
    /// One id for all targets of a command; none where it has one target.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<String>,
    pub tenant: String,
    pub tenant_id: String,
    pub principal: String,
    /// Who acts.
    pub analyst: String,
    pub verb: String,
    /// The tier it was confirmed at.
    #[serde(default)]
    pub tier: u8,
    pub targets: Vec<TargetLine>,
    pub sentence: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The answers to the verb's form, so that a later run can judge a read-back. Never enough to act on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub args: Option<Value>,
    /// The requests: method, path, body. Bodies carry no secrets, and not yet the stamp, which is made of this line's hash.
    pub requests: Vec<RequestLine>,
    /// The runs that its command takes back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undoes: Vec<String>,
    /// For outcomes: the state word and what was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The service's own id of the action.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<String>,
    /// Nobody looks further: the outcome is as good as it gets.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub closed: bool,
}

/// A target by its id, with the name that was shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TargetLine {
    pub kind: String,
    pub id: String,
    pub name: String,
    /// What the write replaces: the fields as they were, the state of each closed alert, the row overwritten.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub before: Value,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RequestLine {
    pub service: String,
    pub method: String,
    pub path: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
}

/// A line as it stands in the file; a `mac` may follow as its last member.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub seq: u64,
    pub time: String,
    /// The run of the program that wrote it.
    pub session: String,
    pub os_user: String,
    pub host: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tty: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ssh: Option<String>,
    pub version: String,
    /// First 16 hex digits of the policy file's SHA-256, or `none`.
    #[serde(default)]
    pub policy: String,
    /// Hex SHA-256 of the line before, without its line end; 64 zeros for the first.
    pub before: String,
    /// Hex SHA-256 of the torn bytes before this line, where it ends some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub torn: Option<String>,
    #[serde(flatten)]
    pub entry: Entry,
}

/// The hash that the next line carries.
pub fn chain(line: &str) -> String {
    hex(digest(&SHA256, line.as_bytes()).as_ref())
}

/// Hash of bytes that may be no text.
pub fn chain_bytes(bytes: &[u8]) -> String {
    hex(digest(&SHA256, bytes).as_ref())
}

/// How many digits of an intent's hash go into the service.
pub const STAMP: usize = 16;

/// What goes into the service of an intent: its first hex digits.
pub fn short(hash: &str) -> &str {
    hash.get(..STAMP).unwrap_or(hash)
}

/// The `before` of the very first line.
pub const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = write!(out, "{byte:02x}");
    }
    out
}

/// A key that seals lines: who lacks it cannot write one that verifies.
#[derive(Clone)]
pub struct Seal(hmac::Key);

impl std::fmt::Debug for Seal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Seal")
    }
}

/// Fewer bytes than this are guessed, not known.
pub const KEY_LEAST: usize = 16;

impl Seal {
    /// From the key's bytes, which are wiped; a final line end does not count. Refuses fewer than 16.
    pub fn new(mut secret: Vec<u8>) -> Option<Self> {
        while secret.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
            secret.pop();
        }
        let key = (secret.len() >= KEY_LEAST).then(|| hmac::Key::new(hmac::HMAC_SHA256, &secret));
        secret.zeroize();
        key.map(Self)
    }

    fn mac(&self, bare: &str) -> String {
        hex(hmac::sign(&self.0, bare.as_bytes()).as_ref())
    }
}

const BEGIN: &str = ",\"mac\":\"";
const END: &str = "\"}";

/// The text of a line, sealed where there is a key.
pub fn encode(line: &Line, seal: Option<&Seal>) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string(line)?;
    if let Some(seal) = seal {
        let mac = seal.mac(&text);
        text.pop();
        text.push_str(BEGIN);
        text.push_str(&mac);
        text.push_str(END);
    }
    Ok(text)
}

/// What the seal of a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sealed {
    /// There is none.
    No,
    /// There is one, and no key to check it with.
    Unchecked,
    Good,
    Bad,
}

/// Checks the seal at the end of a line's text.
pub fn sealed(text: &str, seal: Option<&Seal>) -> Sealed {
    let Some((bare, mac)) = text
        .strip_suffix(END)
        .and_then(|t| t.rsplit_once(BEGIN))
        .filter(|(_, mac)| mac.len() == 64 && mac.bytes().all(|b| b.is_ascii_hexdigit()))
    else {
        return Sealed::No;
    };
    match seal {
        None => Sealed::Unchecked,
        Some(seal) => {
            let tag: Vec<u8> = mac
                .as_bytes()
                .chunks(2)
                .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
                .collect();
            match hmac::verify(&seal.0, format!("{bare}}}").as_bytes(), &tag) {
                Ok(()) => Sealed::Good,
                Err(_) => Sealed::Bad,
            }
        }
    }
}
