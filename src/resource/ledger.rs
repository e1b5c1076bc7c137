//! The proof of completeness of the logs as it leaves the program: beside the rows of every export, and by itself
//! (`watchfloor logs windows`). What it tells is `model::feed`'s, the names of its members are those of `feed::json`.

use super::feed;
use crate::model::Ticks;
use crate::model::feed::{Ledger, Standing};
use serde_json::{Map, Value, json};

/// The members of a window by itself, in their order.
pub const HEADS: &[&str] = &[
    "contentType",
    "status",
    "from",
    "to",
    "reach",
    "listedAt",
    "listed",
    "fetched",
    "torn",
    "records",
    "duplicates",
    "retries",
    "late",
    "timeless",
    "nameless",
    "why",
];

/// Everything, for programs: type by type, the newest window first.
pub fn json(ledger: &Ledger) -> Value {
    json!({
        "asOf": ledger.as_of.map(Ticks::literal),
        "types": ledger.types.iter().map(feed::json).collect::<Vec<_>>(),
    })
}

/// Window by window, each with its type; a type without any is one line by itself, so that it is not missed.
pub fn windows(ledger: &Ledger) -> Vec<Map<String, Value>> {
    let mut out = Vec::new();
    for content in &ledger.types {
        let whole = feed::json(content);
        let member = |name: &str| whole.get(name).cloned().unwrap_or_default();
        let with = |window: &Value| -> Map<String, Value> {
            let of = |name: &&str| match *name {
                "contentType" | "status" => member(name),
                name => window.get(name).cloned().unwrap_or_default(),
            };
            HEADS.iter().map(|n| ((*n).to_owned(), of(n))).collect()
        };
        match whole["windows"].as_array() {
            Some(all) if !all.is_empty() => out.extend(all.iter().map(with)),
            _ => out.push(with(&json!({"why": member("trouble")}))),
        }
    }
    out
}

/// Name and value, line by line, for people.
pub fn lines(ledger: &Ledger) -> Vec<(&'static str, String)> {
    let mut out = Vec::new();
    for content in &ledger.types {
        let name = content.name.txt().shown();
        let trouble = match content.trouble.as_str() {
            "" => String::new(),
            why => format!(": {why}"),
        };
        if content.standing != Standing::Enabled || content.windows.is_empty() {
            let standing = content.standing.word();
            out.push(("Ledger", format!("{name} is {standing}{trouble}")));
        }
        for window in &content.windows {
            out.push(("Ledger", format!("{name}, {window}")));
        }
    }
    out
}
