//! One value: its kind, its text forms, its conversions. Kernels work on columns; this is what
//! a constant is, what functions that need no speed are written with, and what results give.

use super::decimal::Dec;
use super::{json, time};
use crate::types::Ty;
use std::borrow::Cow;

/// The storage and meaning of a value: Kusto's ten scalar types.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Truth.
    Bool,
    /// 32 bits.
    Int,
    /// 64 bits.
    Long,
    /// Floating point.
    Real,
    /// Decimal digits.
    Decimal,
    /// Text; never null.
    String,
    /// Ticks of 100 ns since 1970.
    Datetime,
    /// Ticks of 100 ns.
    Timespan,
    /// Lower-case text of 36 characters.
    Guid,
    /// JSON text without blanks.
    Dynamic,
}

impl Kind {
    /// Of a type; what is not known counts as dynamic.
    pub fn of(ty: Ty) -> Kind {
        match ty {
            Ty::BOOL => Kind::Bool,
            Ty::INT => Kind::Int,
            Ty::LONG => Kind::Long,
            Ty::REAL => Kind::Real,
            Ty::DECIMAL => Kind::Decimal,
            Ty::STRING => Kind::String,
            Ty::DATETIME => Kind::Datetime,
            Ty::TIMESPAN => Kind::Timespan,
            Ty::GUID => Kind::Guid,
            _ => Kind::Dynamic,
        }
    }
    /// The type of this kind.
    pub fn ty(self) -> Ty {
        match self {
            Kind::Bool => Ty::BOOL,
            Kind::Int => Ty::INT,
            Kind::Long => Ty::LONG,
            Kind::Real => Ty::REAL,
            Kind::Decimal => Ty::DECIMAL,
            Kind::String => Ty::STRING,
            Kind::Datetime => Ty::DATETIME,
            Kind::Timespan => Ty::TIMESPAN,
            Kind::Guid => Ty::GUID,
            Kind::Dynamic => Ty::DYNAMIC,
        }
    }
    /// Stored as whole numbers.
    pub fn is_int(self) -> bool {
        matches!(
            self,
            Kind::Int | Kind::Long | Kind::Datetime | Kind::Timespan
        )
    }
    /// Stored as text.
    pub fn is_text(self) -> bool {
        matches!(
            self,
            Kind::String | Kind::Guid | Kind::Decimal | Kind::Dynamic
        )
    }
    /// A number.
    pub fn is_number(self) -> bool {
        matches!(self, Kind::Int | Kind::Long | Kind::Real | Kind::Decimal)
    }
    /// The type of the table's column that holds it.
    pub fn storage(self) -> table::Type {
        match self {
            Kind::Bool => table::Type::Bool,
            Kind::Int => table::Type::Int,
            Kind::Long => table::Type::Long,
            Kind::Real => table::Type::Real,
            Kind::Decimal => table::Type::Decimal,
            Kind::String => table::Type::Text,
            Kind::Datetime => table::Type::Time,
            Kind::Timespan => table::Type::Timespan,
            Kind::Guid => table::Type::Guid,
            Kind::Dynamic => table::Type::Dynamic,
        }
    }
}

/// A value. `Dyn` is never JSON `null`: that is `Null`.
#[derive(Clone, Debug, PartialEq)]
pub enum Val<'a> {
    /// Nothing; in a string column it reads as the empty text.
    Null,
    /// Truth.
    Bool(bool),
    /// `int` and `long`.
    Long(i64),
    /// `real`.
    Real(f64),
    /// `decimal`.
    Dec(Dec),
    /// `string`.
    Str(Cow<'a, str>),
    /// `datetime`.
    Date(i64),
    /// `timespan`.
    Span(i64),
    /// `guid`.
    Guid(Cow<'a, str>),
    /// `dynamic`, as JSON.
    Dyn(Cow<'a, str>),
}

/// A text value.
pub fn text<'a>(s: impl Into<Cow<'a, str>>) -> Val<'a> {
    Val::Str(s.into())
}

/// Dynamic JSON; `null` becomes null.
pub fn dynamic<'a>(s: impl Into<Cow<'a, str>>) -> Val<'a> {
    let s = s.into();
    if s == "null" { Val::Null } else { Val::Dyn(s) }
}

impl<'a> Val<'a> {
    /// Whether there is no value; an empty text is one.
    pub fn is_null(&self) -> bool {
        matches!(self, Val::Null)
    }
    /// Bytes of its text, if it is one.
    #[inline]
    pub fn text_len(&self) -> usize {
        match self {
            Val::Str(s) | Val::Guid(s) | Val::Dyn(s) => s.len(),
            _ => 0,
        }
    }
    /// A copy that borrows nothing.
    pub fn owned(self) -> Val<'static> {
        match self {
            Val::Null => Val::Null,
            Val::Bool(b) => Val::Bool(b),
            Val::Long(n) => Val::Long(n),
            Val::Real(n) => Val::Real(n),
            Val::Dec(d) => Val::Dec(d),
            Val::Str(s) => Val::Str(Cow::Owned(s.into_owned())),
            Val::Date(n) => Val::Date(n),
            Val::Span(n) => Val::Span(n),
            Val::Guid(s) => Val::Guid(Cow::Owned(s.into_owned())),
            Val::Dyn(s) => Val::Dyn(Cow::Owned(s.into_owned())),
        }
    }
    /// The same value, borrowed from this one.
    pub fn borrow(&self) -> Val<'_> {
        match self {
            Val::Null => Val::Null,
            Val::Bool(b) => Val::Bool(*b),
            Val::Long(n) => Val::Long(*n),
            Val::Real(n) => Val::Real(*n),
            Val::Dec(d) => Val::Dec(*d),
            Val::Str(s) => Val::Str(Cow::Borrowed(s)),
            Val::Date(n) => Val::Date(*n),
            Val::Span(n) => Val::Span(*n),
            Val::Guid(s) => Val::Guid(Cow::Borrowed(s)),
            Val::Dyn(s) => Val::Dyn(Cow::Borrowed(s)),
        }
    }
    /// What a dynamic value that holds one primitive holds; others unchanged.
    pub fn plain(self) -> Val<'a> {
        match self {
            Val::Dyn(Cow::Borrowed(s)) => json::plain(s),
            Val::Dyn(Cow::Owned(s)) => match json::plain(&s) {
                Val::Dyn(_) => Val::Dyn(Cow::Owned(s)),
                v => v.owned(),
            },
            v => v,
        }
    }
    /// The text of `tostring`.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Val::Null => Cow::Borrowed(""),
            Val::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
            Val::Long(n) => Cow::Owned(n.to_string()),
            Val::Real(n) => Cow::Owned(real_text(*n)),
            Val::Dec(d) => Cow::Owned(d.to_string()),
            Val::Str(s) | Val::Guid(s) => Cow::Borrowed(s),
            Val::Date(n) => Cow::Owned(time::date_text(*n)),
            Val::Span(n) => Cow::Owned(time::span_text(*n)),
            Val::Dyn(s) => json::text_of(s),
        }
    }
    /// A whole number, if it is a number that fits (reals are cut), a truth value or ticks.
    pub fn long(&self) -> Option<i64> {
        match self {
            Val::Bool(b) => Some(i64::from(*b)),
            Val::Long(n) | Val::Date(n) | Val::Span(n) => Some(*n),
            Val::Real(n) => real_to_long(*n),
            Val::Dec(d) => d.to_long(),
            Val::Dyn(_) => match self.borrow().plain() {
                Val::Dyn(_) | Val::Null | Val::Str(_) => None,
                v => v.long(),
            },
            _ => None,
        }
    }
    /// A real number, if it is a number, a truth value or ticks.
    pub fn real(&self) -> Option<f64> {
        match self {
            Val::Bool(b) => Some(f64::from(u8::from(*b))),
            Val::Long(n) | Val::Date(n) | Val::Span(n) => Some(*n as f64),
            Val::Real(n) => Some(*n),
            Val::Dec(d) => Some(d.to_f64()),
            Val::Dyn(_) => match self.borrow().plain() {
                Val::Dyn(_) | Val::Null | Val::Str(_) => None,
                v => v.real(),
            },
            _ => None,
        }
    }
    /// A decimal number.
    pub fn dec(&self) -> Option<Dec> {
        match self {
            Val::Long(n) => Some(Dec::of(*n)),
            Val::Bool(b) => Some(Dec::of(i64::from(*b))),
            Val::Dec(d) => Some(*d),
            Val::Real(n) => Dec::of_f64(*n),
            Val::Str(s) => Dec::parse(s),
            Val::Dyn(_) => match self.borrow().plain() {
                Val::Dyn(_) | Val::Null => None,
                v => v.dec(),
            },
            _ => None,
        }
    }
    /// Truth: of bools and numbers.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Val::Bool(b) => Some(*b),
            Val::Long(n) => Some(*n != 0),
            Val::Real(n) => Some(*n != 0.0),
            Val::Dyn(_) => match self.borrow().plain() {
                Val::Dyn(_) => None,
                v => v.truth(),
            },
            _ => None,
        }
    }
    /// As JSON inside a dynamic value.
    pub fn json(&self) -> Cow<'_, str> {
        match self {
            Val::Null => Cow::Borrowed("null"),
            Val::Bool(b) => Cow::Borrowed(if *b { "true" } else { "false" }),
            Val::Long(n) => Cow::Owned(n.to_string()),
            Val::Real(n) => Cow::Owned(json::real(*n)),
            Val::Dec(d) => Cow::Owned(json::quote(&d.to_string())),
            Val::Str(s) | Val::Guid(s) => Cow::Owned(json::quote(s)),
            Val::Date(n) => Cow::Owned(json::quote(&time::date_text(*n))),
            Val::Span(n) => Cow::Owned(json::quote(&time::span_text(*n))),
            Val::Dyn(s) => Cow::Borrowed(s),
        }
    }
    /// Converted as `to…` functions do: text is read, what does not fit is null.
    pub fn to(self, kind: Kind) -> Val<'a> {
        match (kind, self) {
            (Kind::String, Val::Null) => Val::Str(Cow::Borrowed("")),
            (_, Val::Null) => Val::Null,
            (Kind::Dynamic, v @ Val::Dyn(_)) => v,
            (Kind::Dynamic, v) => dynamic(v.json().into_owned()),
            (Kind::String, v @ Val::Str(_)) => v,
            (Kind::String, Val::Guid(s)) => Val::Str(s),
            (Kind::String, Val::Dyn(Cow::Borrowed(s))) => Val::Str(json::text_of(s)),
            (Kind::String, v) => Val::Str(Cow::Owned(v.text().into_owned())),
            (k, v @ Val::Dyn(_)) => match v.plain() {
                Val::Dyn(_) => Val::Null,
                v => v.to(k),
            },
            (Kind::Bool, Val::Str(s)) => match s.trim().to_ascii_lowercase().as_str() {
                "true" => Val::Bool(true),
                "false" => Val::Bool(false),
                s => match s.parse::<i64>() {
                    Ok(n) => Val::Bool(n != 0),
                    Err(_) => Val::Null,
                },
            },
            (Kind::Bool, v) => v.truth().map_or(Val::Null, Val::Bool),
            (Kind::Int | Kind::Long, v) => {
                let n = match &v {
                    Val::Str(s) => long_of(s),
                    v => v.long(),
                };
                n.filter(|n| kind == Kind::Long || i32::try_from(*n).is_ok())
                    .map_or(Val::Null, Val::Long)
            }
            (Kind::Real, Val::Str(s)) => real_of(&s).map_or(Val::Null, Val::Real),
            (Kind::Real, v) => v.real().map_or(Val::Null, Val::Real),
            (Kind::Decimal, v) => v.dec().map_or(Val::Null, Val::Dec),
            (Kind::Datetime, Val::Str(s)) => time::parse_date(&s).map_or(Val::Null, Val::Date),
            (Kind::Datetime, Val::Date(n)) => Val::Date(n),
            // a number is ticks since the year 1
            (Kind::Datetime, v) => v
                .long()
                .and_then(|n| n.checked_sub(time::YEAR_1_TO_1970))
                .filter(|n| time::in_range(*n))
                .map_or(Val::Null, Val::Date),
            (Kind::Timespan, Val::Str(s)) => time::parse_span(&s).map_or(Val::Null, Val::Span),
            (Kind::Timespan, Val::Span(n)) => Val::Span(n),
            (Kind::Timespan, v) => v.long().map_or(Val::Null, Val::Span),
            (Kind::Guid, Val::Guid(s)) => Val::Guid(s),
            (Kind::Guid, v) => guid_of(&v.text()).map_or(Val::Null, |g| Val::Guid(Cow::Owned(g))),
        }
    }
}

/// A real number cut to a whole one; none where it does not fit.
pub fn real_to_long(n: f64) -> Option<i64> {
    (n.is_finite() && (-9.223_372_036_854_775e18..9.223_372_036_854_776e18).contains(&n))
        .then_some(n as i64)
}

/// A whole number as `tolong` reads it: decimal, hexadecimal, or a real cut.
pub fn long_of(s: &str) -> Option<i64> {
    let s = s.trim();
    if let Some(h) = s.strip_prefix("0x").or_else(|| s.strip_prefix("0X")) {
        return u64::from_str_radix(h, 16).ok().map(|n| n as i64);
    }
    if let Some(h) = s.strip_prefix("-0x") {
        return i64::from_str_radix(h, 16).ok().map(i64::wrapping_neg);
    }
    s.parse::<i64>().ok().or_else(|| {
        // a number with a fraction is cut, but a word is none
        if s.bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'))
        {
            s.parse::<f64>().ok().and_then(real_to_long)
        } else {
            None
        }
    })
}

/// A real number as `toreal` reads it.
pub fn real_of(s: &str) -> Option<f64> {
    let s = s.trim();
    match s.to_ascii_lowercase().as_str() {
        "nan" => Some(f64::NAN),
        "inf" | "+inf" | "infinity" | "+infinity" => Some(f64::INFINITY),
        "-inf" | "-infinity" => Some(f64::NEG_INFINITY),
        _ if s.starts_with("0x") || s.starts_with("0X") => long_of(s).map(|n| n as f64),
        l if l.contains("inf") || l.contains("nan") => None,
        _ => s.parse().ok(),
    }
}

/// A GUID in its usual form, of any form it is written in.
pub fn guid_of(s: &str) -> Option<String> {
    let s = s.trim();
    let inner = s
        .strip_prefix('{')
        .and_then(|s| s.strip_suffix('}'))
        .or_else(|| s.strip_prefix('(').and_then(|s| s.strip_suffix(')')))
        .unwrap_or(s);
    let hex: String = inner.chars().filter(|c| *c != '-').collect();
    let dashes = inner.len() - hex.len();
    let fits = hex.len() == 32
        && hex.bytes().all(|b| b.is_ascii_hexdigit())
        && (dashes == 0 || (dashes == 4 && inner.len() == 36));
    if !fits {
        return None;
    }
    let h = hex.to_ascii_lowercase();
    Some(format!(
        "{}-{}-{}-{}-{}",
        &h[..8],
        &h[8..12],
        &h[12..16],
        &h[16..20],
        &h[20..]
    ))
}

/// A real number as text, the shortest that reads back.
pub fn real_text(n: f64) -> String {
    if n.is_nan() {
        return "NaN".into();
    }
    if n.is_infinite() {
        return if n > 0.0 { "Infinity" } else { "-Infinity" }.into();
    }
    let a = n.abs();
    if a != 0.0 && !(1e-4..1e15).contains(&a) {
        let s = format!("{n:e}");
        let (m, e) = s.split_once('e').unwrap_or((&s, "0"));
        let e: i32 = e.parse().unwrap_or(0);
        return format!("{m}E{}{:02}", if e < 0 { '-' } else { '+' }, e.abs());
    }
    format!("{n}")
}
