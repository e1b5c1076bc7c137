//! Kusto's own parameters: where a text declares them, with their types and defaults. `params` binds them.

use super::params::{Wanted, can_be, cover, scan};
use crate::bind::env::string_value;
use crate::syntax::{T, lex};
use crate::types::by_name;

/// A `declare query_parameters(…)`, without its semicolon.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub start: usize,
    pub end: usize,
    pub params: Vec<Wanted>,
}

/// The declarations that can be bound; those of tables are left as they are.
pub(super) fn declarations(text: &str) -> Vec<Declared> {
    if memchr::memmem::find(text.as_bytes(), b"query_parameters").is_none() {
        return Vec::new();
    }
    let covered = cover(text, &scan(text));
    let tokens = lex(&covered, &mut Vec::new());
    let word = |n: usize| {
        tokens
            .get(n)
            .and_then(|t| text.get(t.start as usize..t.end as usize))
            .unwrap_or_default()
    };
    let kind = |n: usize| tokens.get(n).map_or(T::Eof, |t| t.kind);
    let mut out = Vec::new();
    for first in 0..tokens.len() {
        let head = (kind(first), kind(first + 1), kind(first + 2));
        if head != (T::Declare, T::QueryParameters, T::OpenParen) {
            continue;
        }
        let mut params = Vec::new();
        let mut n = first + 3;
        let end = loop {
            if kind(n) == T::CloseParen {
                break Some(n);
            }
            let (name, ty) = (word(n), by_name(word(n + 2)).filter(|t| can_be(*t)));
            let (T::Colon, Some(ty)) = (kind(n + 1), ty) else {
                break None;
            };
            let mut param = Wanted {
                name: name.to_owned(),
                ty,
                default: None,
            };
            n += 3;
            if kind(n) == T::Equal {
                param.default = Some(default_text(word(n + 1), kind(n + 1)));
                n += 2;
            }
            params.push(param);
            match kind(n) {
                T::Comma => n += 1,
                T::CloseParen => {}
                _ => break None,
            }
        };
        if let Some(end) = end.filter(|_| !params.is_empty()) {
            out.push(Declared {
                start: tokens[first].start as usize,
                end: tokens[end].end as usize,
                params,
            });
        }
    }
    out
}

/// The value that a literal of the text stands for, as it would be typed.
fn default_text(literal: &str, kind: T) -> String {
    let inner = literal
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    match kind {
        T::StringLit => string_value(literal),
        _ => inner.unwrap_or(literal).trim().to_owned(),
    }
}
