//! Parameters of a text: `{{NAME}}`, `{{name:type}}`, `{{name:type=default}}`, and Kusto's own
//! `declare query_parameters(…)`; and how values are put in their place.
//!
//! A value is written for the place it stands in, as the lexer sees it: escaped inside of a string of any
//! form, as a literal of its type where it stands bare. Whatever the value, the bound text has the tokens of
//! the text it was made from, and a string finds exactly the value. Comments stay as they are.

use super::declared::declarations;
use super::{Colour, Piece};
use crate::engine::time::{date_text, parse_date, parse_span, span_text};
use crate::syntax::{T, Token, lex};
use crate::types::{Ty, by_name};
use std::borrow::Cow;
use std::fmt::Write;
use table::Txt;

/// Where a placeholder stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Within {
    /// Among other tokens: a literal is put in.
    Bare,
    /// Inside of a string.
    Text,
    /// Inside of a regular expression's string.
    Regex,
    /// Inside of `datetime(…)` and its kin.
    Literal,
    /// In a comment: it stays.
    Comment,
}

/// One `{{…}}`.
#[derive(Clone, Debug, PartialEq)]
pub struct Placeholder {
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    /// As it is written; upper and lower case are the same name.
    pub name: String,
    /// Text where nothing is said; instants for `FROM` and `TO`.
    pub ty: Ty,
    /// What is taken where no value is given.
    pub default: Option<String>,
    /// The place.
    pub within: Within,
}

/// A value that a text asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Wanted {
    /// As it is written first.
    pub name: String,
    /// Its type.
    pub ty: Ty,
    /// What is taken where no value is given.
    pub default: Option<String>,
}

/// Why a text cannot be bound.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum Unbound {
    /// No value, and no default.
    #[error("{} has no value", .0.name)]
    Missing(Wanted),
    /// The value is not of the type.
    #[error("{name}: {why}")]
    Unfit {
        /// The parameter.
        name: String,
        /// What it takes.
        why: String,
    },
}

/// The placeholders of a text, in order.
pub fn placeholders(text: &str) -> Vec<Placeholder> {
    let mut out = scan(text);
    if out.is_empty() {
        return out;
    }
    let covered = cover(text, &out);
    let tokens = lex(&covered, &mut Vec::new());
    for p in &mut out {
        let n = tokens.partition_point(|t| (t.end as usize) <= p.start);
        let Some(token) = tokens.get(n) else { continue };
        p.within = if p.start < token.start as usize || token.kind == T::Eof {
            Within::Comment
        } else {
            match token.kind {
                T::StringLit if n > 0 && tokens[n - 1].kind == T::MatchesRegex => Within::Regex,
                T::StringLit => Within::Text,
                T::Directive => Within::Comment,
                kind if kind.is_literal() && is_call(&covered, *token) => Within::Literal,
                _ => Within::Bare,
            }
        };
    }
    out
}

/// The values a text asks for, each once, in order.
pub fn wanted(text: &str) -> Vec<Wanted> {
    let mut out: Vec<Wanted> = Vec::new();
    let declared = declarations(text);
    let declared = declared.iter().flat_map(|d| &d.params).cloned();
    let placed = placeholders(text)
        .into_iter()
        .filter(|p| p.within != Within::Comment)
        .map(|p| Wanted {
            name: p.name,
            ty: p.ty,
            default: p.default,
        });
    for one in declared.chain(placed) {
        match out
            .iter_mut()
            .find(|w| w.name.eq_ignore_ascii_case(&one.name))
        {
            Some(known) if known.default.is_none() => known.default = one.default,
            Some(_) => {}
            None => out.push(one),
        }
    }
    out
}

/// The text with values in place of its parameters. `value` gives the text of a value by name.
pub fn bind(text: &str, value: &dyn Fn(&str) -> Option<String>) -> Result<String, Unbound> {
    let wanted = wanted(text);
    if wanted.is_empty() {
        return Ok(text.to_owned());
    }
    let given = |name: &str| -> Result<String, Unbound> {
        let want = wanted.iter().find(|w| w.name.eq_ignore_ascii_case(name));
        let default = || want.and_then(|w| w.default.clone());
        value(name).or_else(default).ok_or_else(|| {
            Unbound::Missing(want.cloned().unwrap_or_else(|| Wanted {
                name: name.to_owned(),
                ty: Ty::STRING,
                default: None,
            }))
        })
    };
    let unfit = |name: &str, why: String| Unbound::Unfit {
        name: name.to_owned(),
        why,
    };
    let places = placeholders(text);
    let covered = cover(text, &places);
    let tokens = lex(&covered, &mut Vec::new());
    // what is put in place of what, in order
    let mut edits: Vec<(usize, usize, String)> = Vec::new();
    for declared in declarations(text) {
        let mut lets = String::new();
        for param in &declared.params {
            let literal = literal(&given(&param.name)?, param.ty);
            let literal = literal.map_err(|why| unfit(&param.name, why))?;
            let gap = if lets.is_empty() { "" } else { "; " };
            let _ = write!(lets, "{gap}let {} = {literal}", param.name);
        }
        edits.push((declared.start, declared.end, lets));
    }
    let mut n = 0;
    while let Some(p) = places.get(n) {
        n += 1;
        match p.within {
            Within::Comment => {}
            Within::Bare => {
                let inside = edits
                    .iter()
                    .any(|(from, to, _)| *from <= p.start && p.end <= *to);
                if inside {
                    continue;
                }
                let word = literal(&given(&p.name)?, p.ty).map_err(|why| unfit(&p.name, why))?;
                edits.push((p.start, p.end, apart(text, p, &word)));
            }
            Within::Literal => {
                let token = token_at(&tokens, p.start);
                let ty = type_of(token.kind).unwrap_or(p.ty);
                let plain = plain(&given(&p.name)?, ty).map_err(|why| unfit(&p.name, why))?;
                if plain.contains([')', '\n', '\r', '\u{2028}', '\u{2029}']) {
                    return Err(unfit(&p.name, format!("is no {}", ty.name())));
                }
                edits.push((p.start, p.end, plain));
            }
            Within::Text | Within::Regex => {
                let token = token_at(&tokens, p.start);
                let mut pieces = Vec::new();
                let mut at = Some(p);
                while let Some(p) = at.filter(|p| p.start < token.end as usize) {
                    let mut words = given(&p.name)?;
                    if p.ty != Ty::STRING {
                        words = plain(&words, p.ty).map_err(|why| unfit(&p.name, why))?;
                    }
                    if p.within == Within::Regex {
                        words = regex::escape(&words);
                    }
                    pieces.push((p.start, p.end, words));
                    at = places.get(n).filter(|p| p.start < token.end as usize);
                    n += usize::from(at.is_some());
                }
                let range = (token.start as usize, token.end as usize);
                let mut string = string(&text[range.0..range.1], range.0, &pieces);
                // a sign before a string that was verbatim could take the new one for its own
                let changed = string.starts_with('"') && !text[range.0..].starts_with('"');
                if changed && range.0 > 0 && !text[..range.0].ends_with(parts) {
                    string.insert(0, ' ');
                }
                edits.push((range.0, range.1, string));
            }
        }
    }
    edits.sort_by_key(|e| e.0);
    let mut out = String::with_capacity(text.len() + 64);
    let mut at = 0;
    for (from, to, with) in edits {
        out.push_str(&text[at..from]);
        out.push_str(&with);
        at = to;
    }
    out.push_str(&text[at..]);
    Ok(out)
}

/// The text with something of the same length in place of each bare placeholder that can be parsed and has
/// its type, so that offsets stay and nothing is found wrong with it.
pub fn mask(text: &str) -> Cow<'_, str> {
    let places = placeholders(text);
    if !places
        .iter()
        .any(|p| matches!(p.within, Within::Bare | Within::Literal))
    {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for p in &places {
        out.push_str(&text[at..p.start]);
        let len = p.end - p.start;
        let word = match p.within {
            Within::Literal => " ".to_owned(),
            Within::Bare if p.ty == Ty::DATETIME => "now()".to_owned(),
            Within::Bare if p.ty == Ty::TIMESPAN => "1d".to_owned(),
            Within::Bare if p.ty == Ty::BOOL => "true".to_owned(),
            Within::Bare if p.ty == Ty::REAL || p.ty == Ty::DECIMAL => "1.0".to_owned(),
            Within::Bare if p.ty.is_integer() => "1".to_owned(),
            Within::Bare => format!("\"{}\"", "_".repeat(len - 2)),
            _ => text[p.start..p.end].to_owned(),
        };
        out.push_str(&word);
        out.extend(std::iter::repeat_n(' ', len.saturating_sub(word.len())));
        at = p.end;
    }
    out.push_str(&text[at..]);
    Cow::Owned(out)
}

/// The colours of a text with its placeholders in one of their own, also inside of strings.
pub fn coloured(text: &str, pieces: Vec<Piece>) -> Vec<Piece> {
    let mut places = placeholders(text)
        .into_iter()
        .filter(|p| p.within != Within::Comment)
        .peekable();
    if places.peek().is_none() {
        return pieces;
    }
    let mut out: Vec<Piece> = Vec::with_capacity(pieces.len() + 8);
    let mut left = pieces.into_iter().peekable();
    for p in places {
        let (start, end) = (p.start as u32, p.end as u32);
        while let Some(piece) = left.peek_mut() {
            if piece.end <= start {
                out.extend(left.next());
                continue;
            }
            if piece.start < start {
                out.push(Piece {
                    end: start,
                    ..*piece
                });
            }
            if piece.end > end {
                piece.start = piece.start.max(end);
                break;
            }
            left.next();
        }
        out.push(Piece {
            start,
            end,
            colour: Colour::ClientParameter,
        });
    }
    out.extend(left);
    out
}

fn token_at(tokens: &[Token], at: usize) -> Token {
    let n = tokens.partition_point(|t| (t.end as usize) <= at);
    tokens.get(n).copied().unwrap_or(Token {
        kind: T::Eof,
        start: at as u32,
        end: at as u32,
    })
}

/// `{{`, a name, perhaps a type and a default, `}}`. Contexts come later.
pub(super) fn scan(text: &str) -> Vec<Placeholder> {
    let mut out = Vec::new();
    let mut from = 0;
    while let Some(i) = text[from..].find("{{") {
        let start = from + i;
        from = start + 2;
        let Some(inside) = text[from..].find("}}").map(|n| &text[from..from + n]) else {
            break;
        };
        // what could change how the rest of the text is read is no part of a placeholder
        if inside.contains(['{', '}', '"', '\'', '`', '\n', '\r']) {
            continue;
        }
        let (head, default) = match inside.split_once('=') {
            Some((head, default)) => (head, Some(default.trim().to_owned())),
            None => (inside, None),
        };
        let (name, ty) = match head.split_once(':') {
            Some((name, ty)) => (name.trim(), Some(ty.trim())),
            None => (head.trim(), None),
        };
        let first = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        if !first || !name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_') {
            continue;
        }
        let ty = match ty {
            Some(word) => match by_name(word).filter(|t| can_be(*t)) {
                Some(ty) => ty,
                None => continue,
            },
            None if ["FROM", "TO"].iter().any(|n| name.eq_ignore_ascii_case(n)) => Ty::DATETIME,
            None => Ty::STRING,
        };
        let end = from + inside.len() + 2;
        out.push(Placeholder {
            start,
            end,
            name: name.to_owned(),
            ty,
            default,
            within: Within::Bare,
        });
        from = end;
    }
    out
}

/// Types whose values can be given.
pub(super) fn can_be(ty: Ty) -> bool {
    [
        Ty::STRING,
        Ty::LONG,
        Ty::INT,
        Ty::REAL,
        Ty::DECIMAL,
        Ty::BOOL,
        Ty::DATETIME,
        Ty::TIMESPAN,
        Ty::GUID,
    ]
    .contains(&ty)
}

/// The text with letters in place of placeholders, so that it can be cut into tokens.
pub(super) fn cover(text: &str, places: &[Placeholder]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for p in places {
        out.push_str(&text[at..p.start]);
        out.extend(std::iter::repeat_n('x', p.end - p.start));
        at = p.end;
    }
    out.push_str(&text[at..]);
    out
}

/// `datetime(…)`, `long(…)`: one token with its brackets.
fn is_call(text: &str, token: Token) -> bool {
    let text = text.get(token.start as usize..token.end as usize);
    text.is_some_and(|t| t.contains('('))
}

fn type_of(kind: T) -> Option<Ty> {
    Some(match kind {
        T::LongLit => Ty::LONG,
        T::IntLit => Ty::INT,
        T::RealLit => Ty::REAL,
        T::DecimalLit => Ty::DECIMAL,
        T::BoolLit => Ty::BOOL,
        T::DateTimeLit => Ty::DATETIME,
        T::TimespanLit => Ty::TIMESPAN,
        T::GuidLit => Ty::GUID,
        _ => return None,
    })
}

/// A value in the plain form of its type, or what the type takes.
fn plain(value: &str, ty: Ty) -> Result<String, String> {
    let word = value.trim();
    let odd = |takes: &str| Err(format!("takes {takes}"));
    Ok(match ty {
        Ty::LONG => match word.parse::<i64>() {
            Ok(n) => n.to_string(),
            Err(_) => return odd("a whole number"),
        },
        Ty::INT => match word.parse::<i32>() {
            Ok(n) => n.to_string(),
            Err(_) => return odd("a whole number of 32 bits"),
        },
        Ty::REAL | Ty::DECIMAL => match word.parse::<f64>() {
            Ok(n) if n.is_finite() => word.to_owned(),
            _ => return odd("a number"),
        },
        Ty::BOOL => match word.to_ascii_lowercase().as_str() {
            "true" | "1" => "true".to_owned(),
            "false" | "0" => "false".to_owned(),
            _ => return odd("true or false"),
        },
        Ty::DATETIME => match parse_date(word) {
            Some(ticks) => date_text(ticks),
            None => return odd("an instant, such as 2026-08-01T12:00:00Z"),
        },
        Ty::TIMESPAN => match parse_span(word) {
            Some(ticks) => span_text(ticks),
            None => return odd("a length of time, such as 7d or 01:30:00"),
        },
        Ty::GUID => {
            let hex = |(n, b): (usize, u8)| match n {
                8 | 13 | 18 | 23 => b == b'-',
                _ => b.is_ascii_hexdigit(),
            };
            if word.len() != 36 || !word.bytes().enumerate().all(hex) {
                return odd("a GUID");
            }
            word.to_owned()
        }
        _ => value.to_owned(),
    })
}

/// A value as a literal that is one token.
fn literal(value: &str, ty: Ty) -> Result<String, String> {
    let plain = plain(value, ty)?;
    Ok(match ty {
        Ty::LONG if !plain.starts_with('-') => plain,
        Ty::BOOL => plain,
        Ty::LONG | Ty::INT | Ty::REAL | Ty::DECIMAL | Ty::DATETIME | Ty::TIMESPAN | Ty::GUID => {
            format!("{}({plain})", ty.name())
        }
        _ => Txt::new(&plain).kql_literal(),
    })
}

/// What no literal grows together with.
fn parts(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | ',' | ';' | '|' | '[' | ']')
}

/// A literal with blanks where it would grow together with its neighbours.
fn apart(text: &str, p: &Placeholder, word: &str) -> String {
    let before = text[..p.start].chars().next_back();
    let after = text[p.end..].chars().next();
    let head = if before.is_none_or(parts) { "" } else { " " };
    let tail = if after.is_none_or(parts) { "" } else { " " };
    format!("{head}{word}{tail}")
}

/// A string's token with values in place of its placeholders (ranges of the whole text; `at` is the token's start).
fn string(token: &str, at: usize, pieces: &[(usize, usize, String)]) -> String {
    let filled =
        |write: &dyn Fn(&str) -> String, keep: &dyn Fn(&str) -> String, from: usize, to: usize| {
            let mut out = String::with_capacity(token.len() + 32);
            let mut last = from;
            for (start, end, value) in pieces {
                out.push_str(&keep(&token[last..start - at]));
                out.push_str(&write(value));
                last = end - at;
            }
            out.push_str(&keep(&token[last..to]));
            out
        };
    let same = |t: &str| t.to_owned();
    let head = token.len() - token.trim_start_matches(['h', 'H']).len();
    let verbatim = token[head..].starts_with('@');
    let open = head + usize::from(verbatim);
    let fence = ["```", "~~~"]
        .into_iter()
        .find(|f| token[open..].starts_with(f));
    let quote = token[open..].chars().next().unwrap_or('"');
    if fence.is_none() && !verbatim {
        let write = |value: &str| escaped(value, quote);
        return filled(&write, &same, 0, token.len());
    }
    // a form without escapes takes what it can as it is
    let double = |value: &str| match fence {
        Some(_) => value.to_owned(),
        None => value.replace(quote, &format!("{quote}{quote}")),
    };
    let candidate = filled(&double, &same, 0, token.len());
    let hidden = pieces
        .iter()
        .any(|(_, _, v)| fence.is_none() && v.contains(['\n', '\r', '\u{2028}', '\u{2029}']));
    let mut open_end = Vec::new();
    let was = lex(token, &mut open_end).len();
    let tokens = lex(&candidate, &mut Vec::new());
    let whole = tokens.len() == was
        && tokens.first().is_some_and(|t| {
            t.kind == T::StringLit && t.start == 0 && t.end as usize == candidate.len()
        });
    if whole && !hidden {
        return candidate;
    }
    // the rest is written in the form that has escapes
    let close = fence.map_or(1, str::len);
    let from = open + close;
    let closed = open_end.is_empty() && token.len() >= from + close;
    let to = if closed {
        token.len() - close
    } else {
        token.len()
    };
    let keep = |raw: &str| match fence {
        Some(_) => escaped(raw, '"'),
        None => escaped(
            &raw.replace(&format!("{quote}{quote}"), &quote.to_string()),
            '"',
        ),
    };
    let write = |value: &str| escaped(value, '"');
    let inside = filled(&write, &keep, from, to);
    let end = if closed { "\"" } else { "" };
    format!("{}\"{inside}{end}", &token[..head])
}

/// A value inside of a string with escapes.
fn escaped(value: &str, quote: char) -> String {
    let literal = Txt::new(value).kql_literal();
    let inside = literal.get(1..literal.len() - 1).unwrap_or_default();
    match quote {
        '\'' => inside.replace('\'', "\\'"),
        _ => inside.to_owned(),
    }
}

#[cfg(test)]
#[path = "params_tests.rs"]
mod tests;
