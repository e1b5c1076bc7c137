//! The line protocol of `watchfloor kql …`: one JSON object in, one out, in order.
//!
//! Offsets in JSON are UTF-16 code units. Lone surrogates in what comes in are mended
//! before it is read, and lines are answered by as many threads as there are cores.

pub mod detect;
pub mod given;
pub mod run;
pub mod table;
#[cfg(test)]
mod tests;

use crate::bind::World;
use crate::schema::Schema;
use crate::service::complete::complete;
use crate::service::utf16::{Utf16, to_byte};
use crate::service::{analyse, check, classify};
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::sync::Arc;

#[derive(Deserialize, Default)]
struct Ask<'a> {
    #[serde(default, borrow)]
    id: Option<&'a serde_json::value::RawValue>,
    #[serde(default, borrow)]
    text: Cow<'a, str>,
    #[serde(default)]
    offset: Option<usize>,
}

/// What a line asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sub {
    /// Errors and columns.
    Check,
    /// Colours.
    Tokens,
    /// What can be put in.
    Complete,
    /// The tidy form.
    Format,
}

impl Sub {
    /// The subcommand of this name.
    pub fn parse(name: &str) -> Option<Sub> {
        Some(match name {
            "check" => Sub::Check,
            "tokens" => Sub::Tokens,
            "complete" => Sub::Complete,
            "format" => Sub::Format,
            _ => return None,
        })
    }
}

/// How many lines are read before they are shared out.
const BATCH: usize = 256;

/// Answers what is read; `jsonl` takes a JSON object a line, otherwise the whole input is one text.
pub fn run(
    sub: &str,
    jsonl: bool,
    schema: Arc<Schema>,
    mut input: impl BufRead,
    mut out: impl Write,
) -> io::Result<()> {
    let Some(sub) = Sub::parse(sub) else {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("no kql subcommand `{sub}`"),
        ));
    };
    let world = World::new(schema);
    if !jsonl {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes);
        let line = match sub {
            Sub::Format => crate::service::format::format(&text),
            _ => answer(sub, "null", &text, None, &world) + "\n",
        };
        return out.write_all(line.as_bytes());
    }
    let threads = std::thread::available_parallelism()
        .map_or(1, usize::from)
        .min(8);
    let mut batch: Vec<Vec<u8>> = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        while batch.len() < BATCH {
            let mut line = Vec::new();
            if input.read_until(b'\n', &mut line)? == 0 {
                break;
            }
            while matches!(line.last(), Some(b'\n' | b'\r')) {
                line.pop();
            }
            batch.push(line);
        }
        if batch.is_empty() {
            return out.flush();
        }
        let share = batch.len().div_ceil(threads).max(1);
        let answers: Vec<String> = std::thread::scope(|s| {
            let workers: Vec<_> = batch
                .chunks(share)
                .map(|lines| {
                    let world = &world;
                    s.spawn(move || {
                        let mut text = String::new();
                        for l in lines {
                            text.push_str(&answer_line(sub, l, world));
                            text.push('\n');
                        }
                        text
                    })
                })
                .collect();
            // a worker that panicked has no answer; its lines are empty ones
            workers
                .into_iter()
                .map(|w| w.join().unwrap_or_default())
                .collect()
        });
        for a in answers {
            out.write_all(a.as_bytes())?;
        }
    }
}

fn answer_line(sub: Sub, line: &[u8], world: &World) -> String {
    if line.iter().all(u8::is_ascii_whitespace) {
        return "{}".into();
    }
    let text = String::from_utf8_lossy(line);
    let text = mend_surrogates(&text);
    match serde_json::from_str::<Ask>(&text) {
        Ok(a) => answer(
            sub,
            a.id.map_or("null", |i| i.get()),
            &a.text,
            a.offset,
            world,
        ),
        Err(e) => {
            let mut out = String::from("{\"id\":null,\"error\":");
            quote(&mut out, &e.to_string());
            out.push('}');
            out
        }
    }
}

/// Puts U+FFFD for each half of a surrogate pair that stands alone in JSON escapes.
pub(crate) fn mend_surrogates(text: &str) -> Cow<'_, str> {
    let b = text.as_bytes();
    if memchr::memmem::find(b, b"\\ud").is_none() && memchr::memmem::find(b, b"\\uD").is_none() {
        return Cow::Borrowed(text);
    }
    let unit = |at: usize| -> Option<u32> {
        if b.get(at..at + 2)? != b"\\u" {
            return None;
        }
        u32::from_str_radix(text.get(at + 2..at + 6)?, 16).ok()
    };
    let mut out = String::with_capacity(text.len());
    let (mut i, mut from) = (0, 0);
    while i < b.len() {
        if b[i] != b'\\' {
            i += 1;
            continue;
        }
        match unit(i) {
            Some(0xd800..=0xdbff) if matches!(unit(i + 6), Some(0xdc00..=0xdfff)) => i += 12,
            Some(0xd800..=0xdfff) => {
                out.push_str(&text[from..i]);
                out.push_str("\\ufffd");
                i += 6;
                from = i;
            }
            _ => i += 2,
        }
    }
    out.push_str(&text[from..]);
    Cow::Owned(out)
}

fn quote(out: &mut String, s: &str) {
    match serde_json::to_string(s) {
        Ok(q) => out.push_str(&q),
        Err(_) => out.push_str("\"\""),
    }
}

fn answer(sub: Sub, id: &str, text: &str, offset: Option<usize>, world: &World) -> String {
    let mut out = String::with_capacity(1024);
    let _ = write!(out, "{{\"id\":{id}");
    match sub {
        Sub::Check => {
            let a = analyse(text, world);
            let c = check(&a);
            let mut units = Utf16::new(text);
            let _ = write!(
                out,
                ",\"syntax_ok\":{},\"bind_ok\":{},\"diagnostics\":[",
                c.syntax_ok, c.bind_ok
            );
            for (i, d) in c.findings.iter().enumerate() {
                let (s, e) = (units.of(d.start as usize), units.of(d.end as usize));
                let _ = write!(
                    out,
                    "{}{{\"code\":\"{}\",\"severity\":\"{:?}\",\"start\":{s},\"length\":{},\"message\":",
                    if i > 0 { "," } else { "" },
                    d.code,
                    d.severity,
                    e - s
                );
                quote(&mut out, &d.message);
                if let Some(x) = &d.suggestion {
                    out.push_str(",\"suggestion\":");
                    quote(&mut out, x);
                }
                out.push('}');
            }
            out.push_str("],\"columns\":[");
            for (i, (n, t)) in c.columns.iter().enumerate() {
                out.push_str(if i > 0 { ",[" } else { "[" });
                quote(&mut out, n);
                let _ = write!(out, ",\"{}\"]", t.name());
            }
            out.push(']');
        }
        Sub::Tokens => {
            let a = analyse(text, world);
            let mut units = Utf16::new(text);
            out.push_str(",\"tokens\":[");
            for (i, p) in classify(&a).iter().enumerate() {
                let (s, e) = (units.of(p.start as usize), units.of(p.end as usize));
                let _ = write!(
                    out,
                    "{}[{s},{},\"{:?}\"]",
                    if i > 0 { "," } else { "" },
                    e - s,
                    p.colour
                );
            }
            out.push(']');
        }
        Sub::Format => {
            out.push_str(",\"text\":");
            quote(&mut out, &crate::service::format::format(text));
        }
        Sub::Complete => {
            let at = offset.map_or(text.len(), |o| to_byte(text, o));
            out.push_str(",\"items\":[");
            for (i, item) in complete(text, at, world).iter().enumerate() {
                out.push_str(if i > 0 { ",{\"label\":" } else { "{\"label\":" });
                quote(&mut out, &item.label);
                let _ = write!(out, ",\"kind\":\"{}\",\"insert\":", item.kind);
                quote(&mut out, &item.insert);
                out.push_str(",\"detail\":");
                quote(&mut out, &item.detail);
                out.push('}');
            }
            out.push(']');
        }
    }
    out.push('}');
    out
}
