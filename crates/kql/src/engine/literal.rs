//! The values of literals.

use super::decimal::Dec;
use super::json;
use super::time;
use super::value::{Val, dynamic, guid_of, long_of, real_of};
use crate::bind::env::string_value;
use crate::syntax::{Id, N, T, Tree};
use std::borrow::Cow;

/// The value of a literal token.
pub fn token(kind: T, raw: &str) -> Val<'static> {
    let inner = match raw.find('(') {
        Some(i) if kind != T::StringLit && raw.ends_with(')') => {
            raw.get(i + 1..raw.len() - 1).unwrap_or("").trim()
        }
        _ => raw.trim(),
    };
    let quoted;
    let inner = if kind != T::StringLit && inner.starts_with(['"', '\'']) {
        quoted = string_value(inner);
        quoted.as_str()
    } else {
        inner
    };
    if kind != T::StringLit && inner.eq_ignore_ascii_case("null") {
        return Val::Null;
    }
    let or_null = |v: Option<Val<'static>>| v.unwrap_or(Val::Null);
    match kind {
        T::LongLit => or_null(long_of(inner).map(Val::Long)),
        T::IntLit => or_null(
            long_of(inner)
                .filter(|n| i32::try_from(*n).is_ok())
                .map(Val::Long),
        ),
        T::RealLit => or_null(real_of(inner).map(Val::Real)),
        T::DecimalLit => or_null(Dec::parse(inner).map(Val::Dec)),
        T::BoolLit => match inner.to_ascii_lowercase().as_str() {
            "true" | "1" => Val::Bool(true),
            "false" | "0" => Val::Bool(false),
            s => or_null(s.parse::<i64>().ok().map(|n| Val::Bool(n != 0))),
        },
        T::DateTimeLit => or_null(time::parse_date(inner).map(Val::Date)),
        T::TimespanLit => or_null(time::parse_span(inner).map(Val::Span)),
        T::GuidLit | T::RawGuidLit => or_null(guid_of(inner).map(|g| Val::Guid(Cow::Owned(g)))),
        _ => Val::Str(Cow::Owned(string_value(raw))),
    }
}

/// The value of a literal node.
pub fn node(t: &Tree, id: Id) -> Option<Val<'static>> {
    Some(match t.kind(id) {
        N::Lit => {
            let tok = t.first_token(id)?;
            token(tok.kind, t.token_text(tok))
        }
        N::CompoundStr => {
            let mut s = String::new();
            for tok in t.tokens_of(id).iter().filter(|k| k.kind == T::StringLit) {
                s.push_str(&string_value(t.token_text(*tok)));
            }
            Val::Str(Cow::Owned(s))
        }
        N::SignedLit => {
            let toks: Vec<_> = t
                .tokens_of(id)
                .iter()
                .filter(|k| k.kind.is_literal() || matches!(k.kind, T::Plus | T::Minus))
                .copied()
                .collect();
            let (sign, lit) = (toks.first()?, toks.get(1)?);
            let v = token(lit.kind, t.token_text(*lit));
            if sign.kind == T::Minus { negate(v) } else { v }
        }
        N::NullLit => Val::Null,
        N::Dynamic => dynamic(json_of(t, t.child(id, 0)?)),
        N::JsonArray | N::JsonObject => dynamic(json_of(t, id)),
        N::JsonMinus => negate(node(t, t.child(id, 0)?)?),
        _ => return None,
    })
}

/// The value with its sign changed.
pub fn negate(v: Val<'static>) -> Val<'static> {
    match v {
        Val::Long(n) => Val::Long(n.wrapping_neg()),
        Val::Real(n) => Val::Real(-n),
        Val::Span(n) => Val::Span(n.wrapping_neg()),
        Val::Dec(d) => Val::Dec(d.neg()),
        _ => Val::Null,
    }
}

fn json_of(t: &Tree, id: Id) -> String {
    match t.kind(id) {
        N::JsonArray => {
            let parts: Vec<String> = t.children(id).map(|c| json_of(t, c)).collect();
            format!("[{}]", parts.join(","))
        }
        N::JsonObject => {
            let mut out = String::from("{");
            let mut keys: Vec<String> = Vec::new();
            for pair in t.children(id) {
                let mut it = t.children(pair);
                let (Some(k), Some(v)) = (it.next(), it.next()) else {
                    continue;
                };
                let key = node(t, k)
                    .map(|v| v.text().into_owned())
                    .unwrap_or_default();
                if keys.contains(&key) {
                    continue;
                }
                if !keys.is_empty() {
                    out.push(',');
                }
                json::push_quoted(&mut out, &key);
                out.push(':');
                out.push_str(&json_of(t, v));
                keys.push(key);
            }
            out.push('}');
            out
        }
        _ => node(t, id).unwrap_or(Val::Null).json().into_owned(),
    }
}
