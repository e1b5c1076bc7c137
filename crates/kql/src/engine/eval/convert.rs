//! Conversions, and questions about a value.

use crate::engine::expr::Cx;
use crate::engine::json;
use crate::engine::value::{Kind, Val, dynamic, text};

fn first<'a>(a: &[Val<'a>]) -> Val<'a> {
    a.first().cloned().unwrap_or(Val::Null)
}

/// `tostring`
pub fn tostring<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::String)
}
/// `toint`
pub fn toint<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::Int)
}
/// `tolong`
pub fn tolong<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::Long)
}
/// `todouble`, `toreal`
pub fn toreal<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::Real)
}
/// `tobool`
pub fn tobool<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::Bool)
}
/// `todecimal`
pub fn todecimal<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::Decimal)
}
/// `todatetime`
pub fn todatetime<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::Datetime)
}
/// `totimespan`
pub fn totimespan<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match first(a).plain() {
        // a number alone is no span
        Val::Str(s) => Val::Str(s).to(Kind::Timespan),
        v => v.to(Kind::Timespan),
    }
}
/// `toguid`
pub fn toguid<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    first(a).to(Kind::Guid)
}
/// `parse_json`, `todynamic`: text that is no JSON is a text.
pub fn parse_json<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match first(a) {
        Val::Str(s) if s.trim().is_empty() => Val::Null,
        Val::Str(s) => match &s {
            std::borrow::Cow::Borrowed(b) => match json::canonical(b) {
                Some(j) => dynamic(j),
                None => dynamic(json::quote(&s)),
            },
            std::borrow::Cow::Owned(o) => match json::canonical(o) {
                Some(j) => dynamic(j.into_owned()),
                None => dynamic(json::quote(&s)),
            },
        },
        v => v.to(Kind::Dynamic),
    }
}
/// `dynamic_to_json`
pub fn to_json<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    fn sorted(j: json::Json) -> json::Json {
        match j {
            json::Json::Object(m) => {
                let mut list: Vec<_> = m.into_iter().collect();
                list.sort_by(|a, b| a.0.cmp(&b.0));
                json::Json::Object(list.into_iter().map(|(k, v)| (k, sorted(v))).collect())
            }
            json::Json::Array(l) => json::Json::Array(l.into_iter().map(sorted).collect()),
            j => j,
        }
    }
    match cx.parse(&first(a).json()) {
        Some(j) => text(json::write(&sorted(j))),
        None => Val::Null,
    }
}

/// `isnull`
pub fn isnull<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(first(a).is_null())
}
/// `isnotnull`
pub fn isnotnull<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(!first(a).is_null())
}
fn empty(v: &Val) -> bool {
    match v {
        Val::Null => true,
        Val::Str(s) => s.is_empty(),
        Val::Dyn(s) => s == "\"\"",
        _ => false,
    }
}
/// `isempty`
pub fn isempty<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(empty(&first(a)))
}
/// `isnotempty`
pub fn isnotempty<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(!empty(&first(a)))
}
/// `coalesce`
pub fn coalesce<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    a.iter()
        .find(|v| !v.is_null() && !matches!(v, Val::Str(s) if s.is_empty()))
        .cloned()
        .unwrap_or(Val::Null)
}
/// `gettype`
pub fn gettype<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let kind = cx.kinds.first().copied().unwrap_or(Kind::Dynamic);
    if kind != Kind::Dynamic {
        return text(kind.ty().name());
    }
    text(match first(a).plain() {
        Val::Null => "null",
        Val::Bool(_) => "bool",
        Val::Long(_) => "long",
        Val::Real(_) => "double",
        Val::Str(_) => "string",
        Val::Dyn(s) if s.starts_with('[') => "array",
        Val::Dyn(_) => "dictionary",
        _ => "dynamic",
    })
}

/// The conversion to a kind.
pub fn cast_to(kind: Kind) -> crate::engine::ScalarFn {
    match kind {
        Kind::String => tostring,
        Kind::Int => toint,
        Kind::Long => tolong,
        Kind::Real => toreal,
        Kind::Bool => tobool,
        Kind::Decimal => todecimal,
        Kind::Datetime => todatetime,
        Kind::Timespan => totimespan,
        Kind::Guid => toguid,
        Kind::Dynamic => parse_json,
    }
}
