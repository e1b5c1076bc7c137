//! Functions over text.

use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::json;
use crate::engine::value::{Val, dynamic, text};
use std::borrow::Cow;
use std::fmt::Write as _;

pub(super) fn s<'a>(a: &'a [Val], i: usize) -> Cow<'a, str> {
    a.get(i).map_or(Cow::Borrowed(""), |v| v.text())
}
pub(super) fn n(a: &[Val], i: usize) -> Option<i64> {
    a.get(i)?.long()
}

/// `strcat`
pub fn strcat<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    if !cx.fits(a.iter().map(Val::text_len).sum()) {
        return Val::Null;
    }
    let mut out = String::new();
    for v in a {
        out.push_str(&v.text());
    }
    text(out)
}
/// `strcat_delim`
pub fn strcat_delim<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let texts: usize = a.iter().map(Val::text_len).sum();
    if !cx.fits(texts + a.len() * s(a, 0).len()) {
        return Val::Null;
    }
    let parts: Vec<Cow<str>> = a.iter().skip(1).map(Val::text).collect();
    text(parts.join(&s(a, 0)))
}
/// `strcat_array`
pub fn strcat_array<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first() {
        Some(Val::Dyn(d)) => {
            let between = s(a, 1);
            let mut out = String::new();
            let mut pace = Pace::default();
            for (i, e) in json::elements(d).enumerate() {
                if i > 0 {
                    out.push_str(&between);
                }
                match e {
                    "null" => out.push_str(e),
                    e => out.push_str(&json::text_of(e)),
                }
                if cx.more(&mut pace, e.len() + between.len(), &out) {
                    return Val::Null;
                }
            }
            text(out)
        }
        _ => text(""),
    }
}
/// `strcmp`
pub fn strcmp<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Long(s(a, 0).cmp(&s(a, 1)) as i64)
}
/// `strrep`
pub fn strrep<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let k = n(a, 1).unwrap_or(0).clamp(0, 1024) as usize;
    let unit = s(a, 0);
    if !cx.fits((unit.len() + s(a, 2).len()).saturating_mul(k)) {
        return Val::Null;
    }
    let between = s(a, 2);
    let mut out = String::new();
    let mut pace = Pace::default();
    for i in 0..k {
        if i > 0 {
            out.push_str(&between);
        }
        out.push_str(&unit);
        if cx.lost(&mut pace, unit.len() + between.len()) {
            return Val::Null;
        }
    }
    text(out)
}
/// `strlen`
pub fn strlen<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    Val::Long(if t.is_ascii() {
        t.len()
    } else {
        t.chars().count()
    } as i64)
}
/// `string_size`
pub fn string_size<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Long(s(a, 0).len() as i64)
}
/// `tolower`
pub fn tolower<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(s(a, 0).to_lowercase())
}
/// `toupper`
pub fn toupper<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(s(a, 0).to_uppercase())
}
/// The place in bytes of a character; the end if there are fewer.
fn byte_at(t: &str, chars: usize) -> usize {
    if t.is_ascii() {
        return chars.min(t.len());
    }
    t.char_indices().nth(chars).map_or(t.len(), |(i, _)| i)
}
/// `substring`
pub fn substring<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let len = t.chars().count() as i64;
    let Some(mut from) = n(a, 1) else {
        return text("");
    };
    if from < 0 {
        from = (len + from).max(0);
    }
    let from = from.min(len) as usize;
    let count = match a.get(2) {
        None => len as usize,
        Some(v) => v.long().unwrap_or(0).clamp(0, len) as usize,
    };
    let b = byte_at(&t, from);
    let e = byte_at(&t, (from + count).min(len as usize));
    text(t.get(b..e).unwrap_or("").to_owned())
}
/// `reverse`
pub fn reverse<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(s(a, 0).chars().rev().collect::<String>())
}
/// `replace_string`
pub fn replace_string<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let from = s(a, 1);
    if from.is_empty() {
        return text(s(a, 0).into_owned());
    }
    swapped(cx, &s(a, 0), &from, &s(a, 2)).map_or(Val::Null, text)
}
/// A text with another for each occurrence of a third; none where it would be too long.
fn swapped(cx: &Cx, t: &str, from: &str, to: &str) -> Option<String> {
    let longer = to.len().saturating_sub(from.len());
    let fits = longer == 0 || t.len() / from.len() * longer < 1 << 20 || {
        cx.fits(t.len() + t.matches(from).count().saturating_mul(longer))
    };
    fits.then(|| t.replace(from, to))
}
/// `replace_strings`
pub fn replace_strings<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let list = |i: usize| -> Vec<String> {
        match a.get(i) {
            Some(Val::Dyn(d)) => json::elements(d)
                .map(|e| json::text_of(e).into_owned())
                .collect(),
            _ => Vec::new(),
        }
    };
    let mut out = s(a, 0).into_owned();
    let mut pace = Pace::default();
    for (x, y) in list(1).iter().zip(list(2)) {
        if cx.lost(&mut pace, out.len()) {
            return Val::Null;
        }
        if !x.is_empty() {
            match swapped(cx, &out, x, &y) {
                Some(t) => out = t,
                None => return Val::Null,
            }
        }
    }
    text(out)
}
/// `split`
pub fn split<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (t, d) = (s(a, 0), s(a, 1));
    // without a delimiter the text is its only part
    let parts = || {
        let whole = d.is_empty().then_some(&*t);
        let cut = (!d.is_empty()).then(|| t.split(&*d));
        whole.into_iter().chain(cut.into_iter().flatten())
    };
    if let Some(i) = a.get(2) {
        let i = i.long().and_then(|i| usize::try_from(i).ok());
        return match i.and_then(|i| parts().nth(i)) {
            Some(p) => dynamic(format!("[{}]", json::quote(p))),
            None => dynamic("[]"),
        };
    }
    let mut out = String::with_capacity(t.len() + 8);
    let mut pace = Pace::default();
    out.push('[');
    for (i, p) in parts().enumerate() {
        if i > 0 {
            out.push(',');
        }
        json::push_quoted(&mut out, p);
        if cx.more(&mut pace, p.len(), &out) {
            return Val::Null;
        }
    }
    out.push(']');
    dynamic(out)
}
/// A part of a text that searching is done in: from a place, so long.
fn window(t: &str, a: &[Val], at: usize) -> Option<(usize, usize)> {
    let len = t.chars().count() as i64;
    let from = match a.get(at) {
        None => 0,
        Some(v) => match v.long().unwrap_or(0) {
            x if x < 0 => (len + x).max(0),
            x if x > len => return None,
            x => x,
        },
    };
    let count = match a.get(at + 1).and_then(Val::long) {
        None | Some(-1) => len,
        Some(x) if x < 0 => return None,
        Some(x) => x,
    };
    let b = byte_at(t, from as usize);
    let e = byte_at(t, (from.saturating_add(count)).min(len) as usize);
    Some((b, e.max(b)))
}
/// The places in bytes of a text in another, which may overlap; they end where the query is lost.
fn overlapping<'t>(cx: &'t Cx, t: &'t str, m: &'t str) -> impl Iterator<Item = usize> + 't {
    let finder = memchr::memmem::Finder::new(m.as_bytes());
    let mut pace = Pace::default();
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + finder.find(t.as_bytes().get(from..)?)?;
        let next = t.get(at..).and_then(|p| p.chars().next());
        from = at + next.map_or(1, char::len_utf8);
        // each may take as long as the text looked for is
        (!cx.lost(&mut pace, m.len())).then_some(at)
    })
}
/// `indexof`
pub fn indexof<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (t, m) = (s(a, 0), s(a, 1));
    let Some((b, e)) = window(&t, a, 2) else {
        return Val::Long(-1);
    };
    let nth = n(a, 4).unwrap_or(1);
    if nth < 1 {
        return Val::Long(-1);
    }
    let part = t.get(b..e).unwrap_or("");
    if m.is_empty() {
        return Val::Long(t.get(..b).map_or(0, |x| x.chars().count()) as i64);
    }
    let nth = usize::try_from(nth - 1).unwrap_or(usize::MAX);
    match overlapping(cx, part, &m).nth(nth) {
        Some(i) => Val::Long(t.get(..b + i).map_or(0, |x| x.chars().count()) as i64),
        None => Val::Long(-1),
    }
}
/// `has_any_index`
pub fn has_any_index<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut words = Vec::new();
    if let Some(v) = a.get(1) {
        super::ops::words_of(v.borrow(), &mut words);
    }
    let at = super::ops::first_word(cx, &s(a, 0), &words, true);
    Val::Long(at.map_or(-1, |i| i as i64))
}
/// `translate`
pub fn translate<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (from, to) = (s(a, 0), s(a, 1));
    let last = to.chars().last();
    let mut becomes = hashbrown::HashMap::new();
    let mut to = to.chars();
    for c in from.chars() {
        // a list that is too short repeats its last character
        let by = to.next().or(last);
        becomes.entry(c).or_insert(by);
    }
    let of = |c: char| becomes.get(&c).copied().unwrap_or(Some(c));
    text(s(a, 2).chars().filter_map(of).collect::<String>())
}
/// `countof`
pub fn countof<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (t, m) = (s(a, 0), s(a, 1));
    if s(a, 2) == "regex" {
        return match cx.search(&m, &t, false) {
            Some(r) => Val::Long(cx.matches(&r, &t).count() as i64),
            None => Val::Null,
        };
    }
    if m.is_empty() {
        return Val::Long(0);
    }
    Val::Long(overlapping(cx, &t, &m).count() as i64)
}
/// `isascii`
pub fn isascii<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    Val::Bool(s(a, 0).is_ascii())
}
/// `isutf8`
pub fn isutf8<'a>(_: &mut Cx, _: &[Val<'a>]) -> Val<'a> {
    Val::Bool(true)
}
/// `unicode_codepoints_from_string`
pub fn codepoints<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    numbers(cx, s(a, 0).chars().map(u32::from))
}
/// An array of numbers.
pub(super) fn numbers<'a>(cx: &Cx, all: impl Iterator<Item = u32>) -> Val<'a> {
    let mut out = String::from("[");
    let mut pace = Pace::default();
    for n in all {
        if out.len() > 1 {
            out.push(',');
        }
        let _ = write!(out, "{n}");
        if cx.more(&mut pace, 1, &out) {
            return Val::Null;
        }
    }
    out.push(']');
    dynamic(out)
}
/// `unicode_codepoints_to_string`, `make_string`
pub fn from_codepoints<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut out = String::new();
    let mut put = |v: &Val| {
        if let Some(c) = v
            .long()
            .and_then(|n| u32::try_from(n).ok())
            .and_then(char::from_u32)
        {
            out.push(c);
        }
    };
    for v in a {
        match v {
            Val::Dyn(d) if d.starts_with('[') => {
                json::elements(d).for_each(|e| put(&json::plain(e)))
            }
            v => put(v),
        }
    }
    text(out)
}
/// `tohex`
pub fn tohex<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(x) = n(a, 0) else { return text("") };
    let h = format!("{x:x}");
    let width = n(a, 1).unwrap_or(0).clamp(0, 128) as usize;
    text(format!("{h:0>width$}"))
}
/// `regex_quote`
pub fn regex_quote<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut out = String::new();
    for c in s(a, 0).chars() {
        if !(c.is_alphanumeric() || c == '_') && c.is_ascii() {
            out.push('\\');
        }
        out.push(c);
    }
    text(out)
}
/// `format_bytes`
pub fn format_bytes<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(x) = a.first().and_then(Val::real) else {
        return text("");
    };
    const UNITS: [&str; 9] = ["Bytes", "KB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];
    let precision = n(a, 1).unwrap_or(0).clamp(0, 15) as usize;
    let want = s(a, 2);
    let mut k = UNITS
        .iter()
        .position(|u| want.eq_ignore_ascii_case(u))
        .unwrap_or(0);
    let mut v = x;
    if want.is_empty() {
        while v.abs() >= 1024.0 && k + 1 < UNITS.len() {
            v /= 1024.0;
            k += 1;
        }
    } else {
        v /= 1024f64.powi(k as i32);
    }
    let mut t = format!("{v:.precision$}");
    if t.contains('.') {
        t = t.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text(format!("{t} {}", UNITS[k]))
}
