//! Dynamic values: JSON text without blanks. Paths are followed by skipping over the text;
//! only functions over whole arrays and bags parse it.

use super::value::Val;
use std::borrow::Cow;
use std::fmt::Write as _;

/// A parsed value, for functions that work on whole arrays and bags.
pub type Json = serde_json::Value;

/// Deeper JSON is taken for a text.
pub const DEEPEST: u32 = 200;

/// The text without blanks between tokens, if it is one JSON value.
pub fn canonical(text: &str) -> Option<Cow<'_, str>> {
    let b = text.as_bytes();
    let mut c = Canon {
        b,
        at: 0,
        from: 0,
        out: String::new(),
        text,
    };
    c.blanks();
    if c.from == 0 && c.at > 0 {
        c.from = c.at;
    }
    c.value(0)?;
    let end = c.at;
    c.blanks_plain();
    if c.at != b.len() {
        return None;
    }
    if c.out.is_empty() {
        return Some(Cow::Borrowed(text.get(c.from..end)?));
    }
    c.out.push_str(text.get(c.from..end)?);
    Some(Cow::Owned(c.out))
}

struct Canon<'a> {
    b: &'a [u8],
    at: usize,
    from: usize,
    out: String,
    text: &'a str,
}

impl Canon<'_> {
    fn peek(&self) -> u8 {
        self.b.get(self.at).copied().unwrap_or(0)
    }
    fn blanks_plain(&mut self) {
        while matches!(self.peek(), b' ' | b'\t' | b'\n' | b'\r') {
            self.at += 1;
        }
    }
    /// Leaves blanks out of the copy.
    fn blanks(&mut self) {
        let start = self.at;
        self.blanks_plain();
        if self.at > start {
            if let Some(part) = self.text.get(self.from..start) {
                self.out.push_str(part);
            }
            self.from = self.at;
        }
    }
    fn value(&mut self, depth: u32) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        match self.peek() {
            b'{' => {
                self.at += 1;
                self.blanks();
                if self.peek() == b'}' {
                    self.at += 1;
                    return Some(());
                }
                loop {
                    self.blanks();
                    self.string()?;
                    self.blanks();
                    if self.peek() != b':' {
                        return None;
                    }
                    self.at += 1;
                    self.blanks();
                    self.value(depth + 1)?;
                    self.blanks();
                    match self.peek() {
                        b',' => self.at += 1,
                        b'}' => {
                            self.at += 1;
                            return Some(());
                        }
                        _ => return None,
                    }
                }
            }
            b'[' => {
                self.at += 1;
                self.blanks();
                if self.peek() == b']' {
                    self.at += 1;
                    return Some(());
                }
                loop {
                    self.blanks();
                    self.value(depth + 1)?;
                    self.blanks();
                    match self.peek() {
                        b',' => self.at += 1,
                        b']' => {
                            self.at += 1;
                            return Some(());
                        }
                        _ => return None,
                    }
                }
            }
            b'"' => self.string(),
            b't' => self.word("true"),
            b'f' => self.word("false"),
            b'n' => self.word("null"),
            _ => self.number(),
        }
    }
    fn word(&mut self, w: &str) -> Option<()> {
        self.b
            .get(self.at..)?
            .starts_with(w.as_bytes())
            .then(|| self.at += w.len())
    }
    fn string(&mut self) -> Option<()> {
        if self.peek() != b'"' {
            return None;
        }
        self.at += 1;
        loop {
            let n = memchr::memchr2(b'"', b'\\', self.b.get(self.at..)?)?;
            self.at += n;
            if self.peek() == b'"' {
                self.at += 1;
                return Some(());
            }
            match self.b.get(self.at + 1)? {
                b'u' => {
                    let hex = self.b.get(self.at + 2..self.at + 6)?;
                    if !hex.iter().all(u8::is_ascii_hexdigit) {
                        return None;
                    }
                    self.at += 6;
                }
                b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 2,
                _ => return None,
            }
        }
    }
    fn number(&mut self) -> Option<()> {
        let digits = |c: &mut Self| {
            let from = c.at;
            while c.peek().is_ascii_digit() {
                c.at += 1;
            }
            c.at > from
        };
        if self.peek() == b'-' {
            self.at += 1;
        }
        if !digits(self) {
            return None;
        }
        if self.peek() == b'.' {
            self.at += 1;
            if !digits(self) {
                return None;
            }
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            if !digits(self) {
                return None;
            }
        }
        Some(())
    }
}

/// The end of the value that begins at `at`, in canonical text.
fn skip(b: &[u8], mut at: usize) -> usize {
    match b.get(at) {
        Some(b'"') => skip_string(b, at),
        Some(b'{' | b'[') => {
            let mut depth = 0u32;
            while let Some(n) = b.get(at..).and_then(|r| {
                r.iter()
                    .position(|c| matches!(c, b'"' | b'{' | b'[' | b'}' | b']'))
            }) {
                at += n;
                match b.get(at) {
                    Some(b'"') => {
                        at = skip_string(b, at);
                        continue;
                    }
                    Some(b'{' | b'[') => depth += 1,
                    _ => {
                        depth -= 1;
                        if depth == 0 {
                            return at + 1;
                        }
                    }
                }
                at += 1;
            }
            b.len()
        }
        _ => {
            while b.get(at).is_some_and(|c| !matches!(c, b',' | b'}' | b']')) {
                at += 1;
            }
            at
        }
    }
}

fn skip_string(b: &[u8], at: usize) -> usize {
    let mut at = at + 1;
    while let Some(n) = b.get(at..).and_then(|r| memchr::memchr2(b'"', b'\\', r)) {
        at += n;
        if b.get(at) == Some(&b'"') {
            return at + 1;
        }
        at += 2;
    }
    b.len()
}

/// The elements of an array, as slices.
pub fn elements(text: &str) -> impl Iterator<Item = &str> {
    let b = text.as_bytes();
    let mut at = if b.first() == Some(&b'[') { 1 } else { b.len() };
    std::iter::from_fn(move || {
        if at >= b.len() || b.get(at) == Some(&b']') {
            return None;
        }
        let end = skip(b, at);
        let out = text.get(at..end);
        at = end + 1;
        out
    })
}

/// The members of a bag: key as written between its quotes, and value.
pub fn members(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let b = text.as_bytes();
    let mut at = if b.first() == Some(&b'{') { 1 } else { b.len() };
    std::iter::from_fn(move || {
        if at >= b.len() || b.get(at) != Some(&b'"') {
            return None;
        }
        let key_end = skip_string(b, at);
        let key = text.get(at + 1..key_end.saturating_sub(1))?;
        let from = key_end + 1;
        let end = skip(b, from);
        at = end + 1;
        Some((key, text.get(from..end)?))
    })
}

/// A member of a bag by its name.
pub fn member<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    members(text)
        .find(|(k, _)| {
            *k == name || (memchr::memchr(b'\\', k.as_bytes()).is_some() && unescape(k) == name)
        })
        .map(|(_, v)| v)
}

/// An element of an array; negative numbers count from the end.
pub fn element(text: &str, index: i64) -> Option<&str> {
    if index >= 0 {
        elements(text).nth(usize::try_from(index).ok()?)
    } else {
        let n = elements(text).count() as i64;
        elements(text).nth(usize::try_from(n + index).ok()?)
    }
}

/// The text between the quotes of a JSON string, escapes undone.
pub fn unescape(s: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', s.as_bytes()).is_none() {
        return Cow::Borrowed(s);
    }
    let mut out = String::with_capacity(s.len());
    let mut it = s.chars();
    let unit = |it: &mut std::str::Chars| {
        let mut n = 0;
        for _ in 0..4 {
            n = n * 16 + it.next().and_then(|c| c.to_digit(16)).unwrap_or(0);
        }
        n
    };
    while let Some(c) = it.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match it.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{c}'),
            Some('u') => {
                let n = unit(&mut it);
                if (0xd800..0xdc00).contains(&n) {
                    let mut rest = it.clone();
                    if rest.next() == Some('\\') && rest.next() == Some('u') {
                        let m = unit(&mut rest);
                        if (0xdc00..0xe000).contains(&m) {
                            it = rest;
                            let full = 0x10000 + ((n - 0xd800) << 10) + (m - 0xdc00);
                            out.push(char::from_u32(full).unwrap_or('\u{fffd}'));
                            continue;
                        }
                    }
                }
                out.push(char::from_u32(n).unwrap_or('\u{fffd}'));
            }
            Some(c) => out.push(c),
            None => {}
        }
    }
    Cow::Owned(out)
}

/// A text as a JSON string.
pub fn quote(s: &str) -> String {
    let mut out = String::with_capacity(s.len() + 2);
    push_quoted(&mut out, s);
    out
}

/// Appends a text as a JSON string.
pub fn push_quoted(out: &mut String, s: &str) {
    out.push('"');
    let mut from = 0;
    // all that is escaped is ASCII, so the pieces between are whole characters
    for (i, b) in s.bytes().enumerate() {
        let escaped = match b {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            8 => "\\b",
            12 => "\\f",
            0..0x20 => "",
            _ => continue,
        };
        out.push_str(s.get(from..i).unwrap_or(""));
        from = i + 1;
        if escaped.is_empty() {
            let _ = write!(out, "\\u{b:04x}");
        } else {
            out.push_str(escaped);
        }
    }
    out.push_str(s.get(from..).unwrap_or(""));
    out.push('"');
}

/// A real number as JSON; what JSON has no number for is a text.
pub fn real(n: f64) -> String {
    if n.is_finite() {
        let s = format!("{n:?}");
        return s;
    }
    quote(&super::value::real_text(n))
}

/// The primitive that a JSON value is; arrays and bags stay.
pub fn plain(s: &str) -> Val<'_> {
    match s.as_bytes().first() {
        Some(b'"') => Val::Str(unescape(s.get(1..s.len().saturating_sub(1)).unwrap_or(""))),
        Some(b't') => Val::Bool(true),
        Some(b'f') => Val::Bool(false),
        Some(b'n') | None => Val::Null,
        Some(b'{' | b'[') => Val::Dyn(Cow::Borrowed(s)),
        _ => match s.parse::<i64>() {
            Ok(n) => Val::Long(n),
            Err(_) => s.parse::<f64>().map_or(Val::Null, Val::Real),
        },
    }
}

/// The text of `tostring` of a dynamic value.
pub fn text_of(s: &str) -> Cow<'_, str> {
    match s.as_bytes().first() {
        Some(b'"') => unescape(s.get(1..s.len().saturating_sub(1)).unwrap_or("")),
        Some(b'n') => Cow::Borrowed(""),
        _ => Cow::Borrowed(s),
    }
}

/// Parsed; null where it is no JSON.
pub fn parse(s: &str) -> Json {
    serde_json::from_str(s).unwrap_or(Json::Null)
}

/// Written without blanks.
pub fn write(j: &Json) -> String {
    serde_json::to_string(j).unwrap_or_else(|_| "null".into())
}
