//! Writes a filter back as text that reads the same.

use super::lex::{field, quoted};
use super::{Arg, Parsed, Term, What};
use crate::resource::{Column, Meaning, Shape, Spec};

/// All terms, parted by one blank. Problems are left out.
pub fn print(parsed: &Parsed, spec: &Spec) -> String {
    let terms: Vec<String> = parsed.terms.iter().map(|t| term(t, spec)).collect();
    terms.join(" ")
}

/// One term.
pub fn term(term: &Term, spec: &Spec) -> String {
    let not = if term.not { "!" } else { "" };
    match &term.what {
        What::Words { fuzzy, any } => {
            let tilde = if *fuzzy { "~" } else { "" };
            let mut words = any.iter();
            let first = words.next().map(|w| bare(w, *fuzzy)).unwrap_or_default();
            let rest: String = words.map(|w| format!(",{}", atom(w))).collect();
            format!("{not}{tilde}{first}{rest}")
        }
        What::Field { col, op, any } => {
            let Some(column) = spec.columns.get(*col) else {
                return String::new();
            };
            let values: Vec<String> = any.iter().map(|a| arg(a, column)).collect();
            format!("{not}{}{}{}", name(column), op.sign(), values.join(","))
        }
    }
}

/// A value of a text column as it is typed behind `:`, quoted where it must be.
pub fn value(text: &str, column: &Column) -> String {
    arg(&Arg::Text(text.to_owned()), column)
}

/// The word people type for a column: its first alias, or its name where that is shorter.
pub(super) fn name(column: &Column) -> &'static str {
    match column.aliases.first() {
        Some(alias) if alias.len() <= column.name.len() => alias,
        _ => column.name,
    }
}

pub(super) fn arg(one: &Arg, column: &Column) -> String {
    match one {
        Arg::Text(text) => {
            let special = ["none", "empty", "any", "me", "*"];
            let textual = matches!(column.shape, Shape::Text(_) | Shape::Words(_));
            let means_more = special.iter().any(|s| s.eq_ignore_ascii_case(text))
                || (textual && text.ends_with('*'))
                // behind a colon these make a word of the whole: https://…
                || text.starts_with([':', '\\', '/']);
            match means_more {
                true => quoted(text),
                false => atom(text),
            }
        }
        Arg::Prefix(text) => format!("{text}*"),
        Arg::Me => "me".to_owned(),
        Arg::Nothing => match column.shape {
            Shape::Ranked(words) if words.iter().any(|(w, _)| w.eq_ignore_ascii_case("none")) => {
                "empty".to_owned()
            }
            _ => "none".to_owned(),
        },
        Arg::Anything => "any".to_owned(),
        Arg::Rank(place) => match column.shape {
            Shape::Ranked(words) => words
                .get(*place)
                .map_or_else(String::new, |(w, _)| (*w).to_owned()),
            _ => String::new(),
        },
        Arg::Int(n) => n.to_string(),
        Arg::Real(n) => n.to_string(),
        Arg::Bool(b) => if *b { "yes" } else { "no" }.to_owned(),
        Arg::Time(when) => when.print(),
        Arg::Range(low, high) => {
            let end =
                |e: &Option<Box<Arg>>| e.as_deref().map_or_else(String::new, |a| arg(a, column));
            format!("{}..{}", end(low), end(high))
        }
    }
}

/// A bare word that is first in its term: it must not look like anything else.
fn bare(word: &str, fuzzy: bool) -> String {
    let looks = word.starts_with(['!', '-', '~']) || field(word).is_some();
    // behind a tilde no sign and no field is looked for
    match looks && !fuzzy {
        true => quoted(word),
        false => atom(word),
    }
}

fn atom(word: &str) -> String {
    let plain = !word.is_empty()
        && !word.starts_with('"')
        && !word.contains(|c: char| c.is_whitespace() || c == ',');
    match plain {
        true => word.to_owned(),
        false => quoted(word),
    }
}

/// Whether `me` is a word of its own in this column.
pub(super) fn knows_me(column: &Column) -> bool {
    matches!(
        column.shape,
        Shape::Text(Meaning::Person) | Shape::Words(Meaning::Person)
    )
}
