//! Functions with regular expressions.

use super::strings::{n, s};
use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::json;
use crate::engine::value::{Kind, Val, dynamic, text};

/// `extract`; with a type the text is converted.
pub fn extract<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let group = n(a, 1).and_then(|n| usize::try_from(n).ok()).unwrap_or(0);
    let t = s(a, 2);
    let out = cx.out;
    let Some(r) = cx.search(&s(a, 0), &t, group > 0) else {
        return Val::Null;
    };
    let found = if group == 0 {
        r.find(&t).map(|m| m.as_str().to_owned())
    } else {
        r.captures(&t)
            .and_then(|c| c.get(group).map(|m| m.as_str().to_owned()))
    };
    match found {
        Some(f) => match out {
            Kind::String => text(f),
            k => Val::Str(f.into()).to(k),
        },
        None => Val::Null.to(out),
    }
}
/// `extract_all`
pub fn extract_all<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, a.len().saturating_sub(1));
    let Some(r) = cx.search(&s(a, 0), &t, true) else {
        return Val::Null;
    };
    let mut groups: Vec<usize> = (1..r.captures_len()).collect();
    if groups.is_empty() {
        groups.push(0);
    }
    if a.len() == 3
        && let Some(Val::Dyn(d)) = a.get(1)
    {
        groups = json::elements(d)
            .filter_map(|e| match json::plain(e) {
                Val::Str(name) => r.capture_names().position(|x| x == Some(&*name)),
                v => v.long().and_then(|n| usize::try_from(n).ok()),
            })
            .collect();
    }
    let mut out = String::from("[");
    let mut any = false;
    let mut pace = Pace::default();
    for c in r.captures_iter(&t) {
        if any {
            out.push(',');
        }
        any = true;
        // finding groups takes some time for each match
        if cx.more(&mut pace, 256, &out) {
            return Val::Null;
        }
        let one = groups.len() == 1;
        if !one {
            out.push('[');
        }
        for (i, g) in groups.iter().enumerate() {
            if i > 0 {
                out.push(',');
            }
            json::push_quoted(&mut out, c.get(*g).map_or("", |m| m.as_str()));
        }
        if !one {
            out.push(']');
        }
    }
    out.push(']');
    if any { dynamic(out) } else { Val::Null }
}
/// Kusto's `\1` as the regex crate writes it.
fn rewrite(pattern: &str) -> String {
    let mut out = String::new();
    let mut it = pattern.chars().peekable();
    while let Some(c) = it.next() {
        match (c, it.peek()) {
            ('\\', Some(d)) if d.is_ascii_digit() => {
                out.push_str(&format!("${{{d}}}"));
                it.next();
            }
            ('\\', Some('\\')) => {
                out.push('\\');
                it.next();
            }
            ('$', _) => out.push_str("$$"),
            (c, _) => out.push(c),
        }
    }
    out
}
fn replaced<'a>(cx: &mut Cx, regex: &str, by: &str, t: &str) -> Val<'a> {
    let Some(r) = cx.search(regex, t, by.contains('\\')) else {
        return Val::Null;
    };
    // what is put in may hold all that was found, as often as it names it
    let names = by.matches('\\').count() + 1;
    if t.len().saturating_mul(by.len() + names) > 1 << 20 {
        let most = cx
            .matches(&r, t)
            .map(|m| by.len() + m.len() * names)
            .sum::<usize>();
        if !cx.fits(t.len().saturating_add(most)) {
            return Val::Null;
        }
    }
    let by = rewrite(by);
    let mut out = String::with_capacity(t.len());
    let mut from = 0;
    if by.contains('$') {
        let mut pace = Pace::default();
        for c in r.captures_iter(t) {
            let Some(m) = c.get(0) else { continue };
            out.push_str(t.get(from..m.start()).unwrap_or(""));
            c.expand(&by, &mut out);
            from = m.end();
            if cx.lost(&mut pace, 256) {
                return Val::Null;
            }
        }
    } else {
        for m in cx.matches(&r, t) {
            out.push_str(t.get(from..m.start()).unwrap_or(""));
            out.push_str(&by);
            from = m.end();
        }
    }
    out.push_str(t.get(from..).unwrap_or(""));
    text(out)
}
/// `replace_regex`
pub fn replace_regex<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    replaced(cx, &s(a, 1), &s(a, 2), &s(a, 0))
}
/// `replace`, the old form
pub fn replace<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    replaced(cx, &s(a, 0), &s(a, 1), &s(a, 2))
}
fn trimmed<'a>(cx: &mut Cx, a: &[Val<'a>], start: bool, end: bool) -> Val<'a> {
    let r = s(a, 0).into_owned();
    let mut t = s(a, 1).into_owned();
    if r.is_empty() {
        return text(t);
    }
    if start && let Some(x) = cx.search(&format!("^(?:{r})+"), &t, false) {
        t = x.replace(&t, "").into_owned();
    }
    if end && let Some(x) = cx.search(&format!("(?:{r})+$"), &t, false) {
        t = x.replace(&t, "").into_owned();
    }
    text(t)
}
/// `trim`
pub fn trim<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    trimmed(cx, a, true, true)
}
/// `trim_start`
pub fn trim_start<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    trimmed(cx, a, true, false)
}
/// `trim_end`
pub fn trim_end<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    trimmed(cx, a, false, true)
}
/// `indexof_regex`
pub fn indexof_regex<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let Some(r) = cx.search(&s(a, 1), &t, false) else {
        return Val::Long(-1);
    };
    let from = n(a, 2).unwrap_or(0);
    let len = n(a, 3).filter(|x| *x >= 0).unwrap_or(i64::MAX);
    let nth = n(a, 4).unwrap_or(1);
    if from < 0 {
        return Val::Null;
    }
    if nth < 1 {
        return Val::Long(-1);
    }
    // characters are counted on from match to match
    let (mut bytes, mut chars) = (0, 0);
    let mut places = cx.matches(&r, &t).filter_map(|m| {
        chars += t.get(bytes..m.start())?.chars().count() as i64;
        bytes = m.start();
        let end = chars + m.as_str().chars().count() as i64;
        (chars >= from && end <= from.saturating_add(len)).then_some(chars)
    });
    Val::Long(places.nth(nth as usize - 1).unwrap_or(-1))
}
