//! Makes data of an answer's body: one entity, or the rows of one page with the link to the next.

use super::client::Response;
use super::fault::{is_page, page_fault};
use crate::model::repair::{repair, shallow};
use crate::model::{Fault, FaultKind, Pages};
use serde::Deserialize;
use serde_json::Value;
use serde_json::error::Category;
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The text of a successful answer, repaired, and how many places had to be.
#[derive(Debug)]
pub struct Body {
    pub text: String,
    pub replaced: u32,
    host: String,
    status: u16,
}

/// A list as it is framed; rows stay text until each is read by itself.
#[derive(Debug, Deserialize)]
pub struct Envelope<'a> {
    #[serde(rename = "@odata.count", default, deserialize_with = "count")]
    pub count: Option<u64>,
    #[serde(rename = "@odata.nextLink", default, borrow)]
    pub next: Option<Cow<'a, str>>,
    /// Cloud Apps calls its rows `data` and says in so many words whether there are more.
    #[serde(borrow, alias = "data")]
    pub value: Vec<&'a RawValue>,
    #[serde(rename = "hasNext", default)]
    pub more: Option<bool>,
}

/// A count may be a number or, from older stacks, text; anything else is none.
fn count<'de, D: serde::Deserializer<'de>>(from: D) -> Result<Option<u64>, D::Error> {
    Ok(match Value::deserialize(from)? {
        Value::Number(n) => n.as_u64(),
        Value::String(s) => s.parse().ok(),
        _ => None,
    })
}

impl Body {
    /// Takes the bytes of a success. Web pages are told from data here.
    pub fn of(answer: Response) -> Result<Self, Fault> {
        let (status, host) = (answer.status, answer.host.clone());
        let page = answer.content_type().to_owned();
        let repaired = repair(answer.body?);
        if is_page(&page, &repaired.text) {
            return Err(page_fault(status, &host));
        }
        Ok(Self {
            text: repaired.text,
            replaced: repaired.replaced,
            host,
            status,
        })
    }

    /// One entity. An empty body (204) is null.
    pub fn value(&self) -> Result<Value, Fault> {
        if self.text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&self.text).or_else(|e| match shallow(&self.text) {
            // what lies that deep is no field of ours
            Some(text) => serde_json::from_str(&text).map_err(|e| self.bad(&e)),
            None => Err(self.bad(&e)),
        })
    }

    /// The frame of a page.
    pub fn envelope(&self) -> Result<Envelope<'_>, Fault> {
        serde_json::from_str(&self.text).map_err(|e| self.bad(&e))
    }

    /// The frame of an answer to a listing. Where one answer is all there is, it may be one entity without a frame.
    pub fn frame(&self, pages: Pages) -> Result<Envelope<'_>, Fault> {
        let framed = self.envelope();
        if pages != Pages::One || framed.is_ok() || !self.text.trim_start().starts_with('{') {
            return framed;
        }
        let whole = serde_json::from_str(&self.text).map_err(|e| self.bad(&e))?;
        Ok(Envelope {
            count: None,
            next: None,
            value: vec![whole],
            more: None,
        })
    }

    fn bad(&self, e: &serde_json::Error) -> Fault {
        let host = &self.host;
        let what = if self.text.trim().is_empty() {
            format!("the answer of {host} is empty")
        } else {
            match e.classify() {
                Category::Eof => format!(
                    "the answer of {host} breaks off after {} bytes",
                    self.text.len()
                ),
                Category::Data => format!("the answer of {host} is not of the expected form"),
                _ => format!("the answer of {host} is not JSON"),
            }
        };
        Fault::new(FaultKind::BadAnswer, what)
            .status(self.status)
            .next("it is tried again; what was loaded before stays")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Result<Body, Fault> {
        Body::of(Response::made(200, "graph.microsoft.com", text))
    }

    fn sentence(text: &str) -> String {
        match body(text).and_then(|b| b.value()) {
            Ok(v) => panic!("{v}"),
            Err(f) => {
                assert_eq!(f.kind, FaultKind::BadAnswer);
                f.what
            }
        }
    }

    #[test]
    fn pages_and_cuts_have_sentences_and_a_nest_is_cut_short() {
        assert!(sentence("<!DOCTYPE html><html>").contains("web page"));
        assert!(sentence(r#"{"value":[{"id":"1"#).contains("breaks off after 18 bytes"));
        let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        let cut = body(&deep).unwrap().value().unwrap();
        assert!(cut["a"]["a"]["a"].is_object());
        assert!(sentence("nonsense").contains("not JSON"));
        assert!(
            body("").unwrap().value().unwrap().is_null(),
            "204 has no body"
        );
        assert!(
            body("[1]")
                .unwrap()
                .envelope()
                .unwrap_err()
                .what
                .contains("expected form")
        );
    }

    #[test]
    fn one_deep_row_does_not_hide_its_page() {
        let deep = format!("{}1{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
        let text = format!(
            r#"{{"@odata.context":"x","@odata.count":"2","value":[{{"id":"1"}},{deep}],"@odata.nextLink":"https:\/\/h\/n"}}"#
        );
        let body = body(&text).unwrap();
        let page = body.envelope().unwrap();
        assert_eq!(
            (page.value.len(), page.count, page.next.as_deref()),
            (2, Some(2), Some("https://h/n"))
        );
        assert!(serde_json::from_str::<Value>(page.value[1].get()).is_err());
    }
}
