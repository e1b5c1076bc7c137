//! `watchfloor kql run`: queries over files, a line for a line or for people.

use super::given::{Given, Ready};
use super::mend_surrogates;
use super::table::{Style, write_rows};
use crate::engine::{Answer, ErrorKind, RunError, run};
use crate::load::Notes;
use crate::schema::Schema;
use crate::service::utf16::Utf16;
use serde::Deserialize;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, BufRead, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;
use table::Txt;

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    /// All is answered.
    Whole,
    /// Some queries were not, or rows of a file were left out.
    Partial,
    /// No query was answered.
    Failed,
    /// What was given cannot be used.
    Usage,
}

impl End {
    /// The program's exit code.
    pub fn code(self) -> u8 {
        match self {
            End::Whole => 0,
            End::Failed => 1,
            End::Usage => 2,
            End::Partial => 3,
        }
    }
}

/// What form answers have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A JSON object a line for a JSON object a line.
    Lines,
    /// One query, one answer in this style.
    One(Style),
}

/// Notes that are said of all files.
const SAID: usize = 20;

#[derive(Deserialize, Default)]
struct Ask<'a> {
    #[serde(default, borrow)]
    id: Option<&'a serde_json::value::RawValue>,
    #[serde(default, borrow)]
    query: Cow<'a, str>,
}

/// Loads the tables, then answers what is read. `talk` takes what is not data.
pub fn run_queries(
    given: &Given,
    schema: &Schema,
    form: Form,
    mut input: impl BufRead,
    mut out: impl Write,
    mut talk: impl Write,
) -> io::Result<End> {
    let ready = match given.load(schema) {
        Ok(ready) => ready,
        Err(why) => {
            writeln!(talk, "watchfloor kql run: {why}")?;
            return Ok(End::Usage);
        }
    };
    let mut end = said(&mut talk, &ready.notes)?;
    if let Form::One(style) = form {
        let mut bytes = Vec::new();
        input.read_to_end(&mut bytes)?;
        let query = String::from_utf8_lossy(&bytes);
        let answer = answer(&query, &ready);
        end = end.max(said(&mut talk, &ready.take_notes())?);
        match answer {
            Ok(answer) => write_rows(&answer, style, &mut out)?,
            Err(e) => {
                talk.write_all(pointed(&query, &e).as_bytes())?;
                end = End::Failed;
            }
        }
        out.flush()?;
        return Ok(end);
    }
    let (mut right, mut wrong) = (0, 0);
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (text, fine) = answer_line(&line, &ready);
        // who drives this waits for each answer before the next question
        out.write_all(text.as_bytes())?;
        out.flush()?;
        if fine {
            right += 1;
        } else {
            wrong += 1;
        }
        end = end.max(said(&mut talk, &ready.take_notes())?);
    }
    Ok(match (right, wrong) {
        (_, 0) => end,
        (0, _) => End::Failed,
        _ => End::Partial,
    })
}

/// Says what was wrong with files; rows that were left out make a result partial.
fn said(talk: &mut impl Write, notes: &Notes) -> io::Result<End> {
    for note in notes.kept().iter().take(SAID) {
        writeln!(talk, "{note}")?;
    }
    let more = notes.kept().len().saturating_sub(SAID);
    if more > 0 {
        writeln!(talk, "… and {more} more notes")?;
    }
    if notes.lost + notes.mended > 0 {
        writeln!(
            talk,
            "{} rows left out, {} values mended",
            notes.lost, notes.mended
        )?;
    }
    Ok(
        if notes.lost > 0 || notes.cut || notes.kept().iter().any(|n| n.line == 0) {
            End::Partial
        } else {
            End::Whole
        },
    )
}

/// Runs a query; a fault of the engine itself is an error like others, not the end of the program.
pub fn answer(query: &str, ready: &Ready) -> Result<Answer, RunError> {
    let ran = catch_unwind(AssertUnwindSafe(|| {
        run(query, &ready.world, &ready.catalog, &ready.options)
    }));
    ran.unwrap_or_else(|_| {
        Err(RunError::new(
            ErrorKind::Runtime,
            "the engine failed on this query; this is a mistake in watchfloor",
        ))
    })
}

fn answer_line(line: &[u8], ready: &Ready) -> (String, bool) {
    let text = String::from_utf8_lossy(line);
    let text = mend_surrogates(&text);
    let mut out = String::from("{\"id\":");
    let ask = match serde_json::from_str::<Ask<'_>>(&text) {
        Ok(ask) => ask,
        Err(e) => {
            let why = Txt::new(&e.to_string()).json();
            let _ = writeln!(
                out,
                "null,\"error\":{{\"kind\":\"request\",\"message\":{why}}}}}"
            );
            return (out, false);
        }
    };
    out.push_str(ask.id.map_or("null", |i| i.get()));
    let start = Instant::now();
    let got = answer(&ask.query, ready);
    let took = start.elapsed().as_secs_f64() * 1e3;
    let fine = got.is_ok();
    match got {
        Ok(answer) => {
            out.push_str(",\"columns\":[");
            for (i, (name, ty)) in answer.columns.iter().enumerate() {
                let comma = if i > 0 { "," } else { "" };
                let _ = write!(
                    out,
                    "{comma}{{\"name\":{},\"type\":\"{}\"}}",
                    Txt::new(name).json(),
                    ty.name()
                );
            }
            out.push_str("],\"rows\":");
            answer.write_json(&mut out);
            if let Some(render) = &answer.render {
                let _ = write!(out, ",\"render\":{}", Txt::new(&render.chart).json());
            }
            if answer.truncated {
                out.push_str(",\"truncated\":true");
            }
            let _ = write!(out, ",\"elapsed_ms\":{took:.3}");
        }
        Err(e) => {
            let message = Txt::new(&e.message).json();
            let _ = write!(
                out,
                ",\"error\":{{\"kind\":\"{}\",\"message\":{message}",
                e.kind.name()
            );
            if let Some((from, to)) = e.span {
                let mut units = Utf16::new(&ask.query);
                let (from, to) = (units.of(from as usize), units.of(to as usize));
                let _ = write!(out, ",\"start\":{from},\"length\":{}", to - from);
            }
            out.push('}');
        }
    }
    out.push_str("}\n");
    (out, fine)
}

/// An error with its place in the query, for people.
pub fn pointed(query: &str, e: &RunError) -> String {
    let mut out = format!(
        "{} error: {}\n",
        e.kind.name(),
        Txt::new(&e.message).shown()
    );
    let Some((from, to)) = e.span else {
        return out;
    };
    let before = query.get(..from as usize).unwrap_or(query);
    let number = before.matches('\n').count() + 1;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let line = query
        .get(start..)
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default();
    let lead = query
        .get(start..from as usize)
        .unwrap_or_default()
        .chars()
        .count();
    let marked = query.get(from as usize..to as usize).unwrap_or_default();
    let width = marked
        .lines()
        .next()
        .unwrap_or_default()
        .chars()
        .count()
        .max(1);
    let _ = writeln!(out, "  {number:>3} | {}", Txt::new(line).shown());
    let _ = writeln!(out, "      | {}{}", " ".repeat(lead), "^".repeat(width));
    out
}
