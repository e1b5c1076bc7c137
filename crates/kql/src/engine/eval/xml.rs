//! XML to JSON, as `parse_xml` gives it: attributes begin with `@`, text beside them is `#text`.

use crate::engine::json::Json;
use serde_json::Map;

struct Reader<'a> {
    t: &'a str,
    at: usize,
}

const DEEPEST: u32 = 100;

/// The document's elements as a bag; none if it is no XML.
pub fn to_json(t: &str) -> Option<Json> {
    let mut r = Reader { t: t.trim(), at: 0 };
    r.skip_prolog();
    let (name, value) = r.element(0)?;
    let mut m = Map::new();
    m.insert(name, value);
    Some(Json::Object(m))
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.t.get(self.at..).unwrap_or("")
    }
    fn blanks(&mut self) {
        let r = self.rest();
        self.at += r.len() - r.trim_start().len();
    }
    fn past(&mut self, end: &str) {
        self.at = match self.rest().find(end) {
            Some(i) => self.at + i + end.len(),
            None => self.t.len(),
        };
    }
    fn skip_prolog(&mut self) {
        loop {
            self.blanks();
            let r = self.rest();
            if r.starts_with("<?") {
                self.past("?>");
            } else if r.starts_with("<!--") {
                self.past("-->");
            } else if r.starts_with("<!") {
                self.past(">");
            } else {
                return;
            }
        }
    }
    fn name(&mut self) -> Option<String> {
        let r = self.rest();
        let end = r
            .find(|c: char| c.is_whitespace() || matches!(c, '>' | '/' | '='))
            .unwrap_or(r.len());
        self.at += end;
        (end > 0).then(|| r[..end].to_owned())
    }
    fn element(&mut self, depth: u32) -> Option<(String, Json)> {
        if depth > DEEPEST || !self.rest().starts_with('<') {
            return None;
        }
        self.at += 1;
        let name = self.name()?;
        let mut m: Map<String, Json> = Map::new();
        loop {
            self.blanks();
            let r = self.rest();
            if r.starts_with("/>") {
                self.at += 2;
                return Some((
                    name,
                    if m.is_empty() {
                        Json::Null
                    } else {
                        Json::Object(m)
                    },
                ));
            }
            if r.starts_with('>') {
                self.at += 1;
                break;
            }
            let key = self.name()?;
            self.blanks();
            if !self.rest().starts_with('=') {
                return None;
            }
            self.at += 1;
            self.blanks();
            let quote = self
                .rest()
                .chars()
                .next()
                .filter(|c| matches!(c, '"' | '\''))?;
            self.at += 1;
            let end = self.rest().find(quote)?;
            let value = decode(self.rest().get(..end)?);
            self.at += end + 1;
            m.insert(format!("@{key}"), Json::String(value));
        }
        let mut text = String::new();
        loop {
            let r = self.rest();
            if r.is_empty() {
                return None;
            }
            if r.starts_with("</") {
                self.past(">");
                break;
            }
            if r.starts_with("<!--") {
                self.past("-->");
            } else if r.starts_with("<![CDATA[") {
                let end = r.find("]]>")?;
                text.push_str(r.get(9..end)?);
                self.at += end + 3;
            } else if r.starts_with("<?") {
                self.past("?>");
            } else if r.starts_with('<') {
                let (k, v) = self.element(depth + 1)?;
                match m.get_mut(&k) {
                    None => {
                        m.insert(k, v);
                    }
                    Some(Json::Array(l)) => l.push(v),
                    Some(old) => {
                        let first = std::mem::take(old);
                        *old = Json::Array(vec![first, v]);
                    }
                }
            } else {
                let end = r.find('<').unwrap_or(r.len());
                text.push_str(&decode(&r[..end]));
                self.at += end;
            }
        }
        let text = text.trim();
        if m.is_empty() {
            return Some((
                name,
                if text.is_empty() {
                    Json::Null
                } else {
                    Json::String(text.to_owned())
                },
            ));
        }
        if !text.is_empty() {
            m.insert("#text".into(), Json::String(text.to_owned()));
        }
        Some((name, Json::Object(m)))
    }
}

fn decode(t: &str) -> String {
    if !t.contains('&') {
        return t.to_owned();
    }
    let mut out = String::new();
    let mut rest = t;
    while let Some(i) = rest.find('&') {
        out.push_str(&rest[..i]);
        rest = &rest[i..];
        // the longest name of a character is short; without a bound each would be looked for to the end
        let near = rest.as_bytes().iter().take(64);
        let end = near.into_iter().position(|b| *b == b';').unwrap_or(0);
        let c = match rest.get(1..end).unwrap_or("") {
            "lt" => Some('<'),
            "gt" => Some('>'),
            "amp" => Some('&'),
            "quot" => Some('"'),
            "apos" => Some('\''),
            e => e
                .strip_prefix("#x")
                .and_then(|h| u32::from_str_radix(h, 16).ok())
                .or_else(|| e.strip_prefix('#').and_then(|d| d.parse().ok()))
                .and_then(char::from_u32),
        };
        match c {
            Some(c) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}
