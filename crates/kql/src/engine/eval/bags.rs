//! Functions over bags.

use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::json;
use crate::engine::value::{Val, dynamic};

/// A bag of names and values; the first argument says whether nulls are left out.
pub fn pack_named<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let skip = a.first().and_then(Val::truth) == Some(true);
    let mut out = String::from("{");
    for pair in a.get(1..).unwrap_or(&[]).chunks(2) {
        let [k, v] = pair else { break };
        let empty = v.is_null() || matches!(v, Val::Str(s) if s.is_empty());
        if skip && empty {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        json::push_quoted(&mut out, &k.text());
        out.push(':');
        out.push_str(&v.json());
    }
    out.push('}');
    dynamic(out)
}

fn bag<'x>(v: &'x Val) -> Option<&'x str> {
    match v {
        Val::Dyn(s) if s.starts_with('{') => Some(s),
        _ => None,
    }
}
/// `bag_pack`, `pack`
pub fn bag_pack<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut out = String::from("{");
    let mut keys: Vec<String> = Vec::new();
    for pair in a.chunks(2) {
        let [k, v] = pair else { break };
        let k = k.text().into_owned();
        if keys.contains(&k) {
            continue;
        }
        if out.len() > 1 {
            out.push(',');
        }
        json::push_quoted(&mut out, &k);
        out.push(':');
        out.push_str(&v.json());
        keys.push(k);
    }
    out.push('}');
    dynamic(out)
}
/// `bag_keys`
pub fn bag_keys<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match a.first().and_then(bag) {
        Some(b) => {
            let keys: Vec<String> = json::members(b).map(|(k, _)| format!("\"{k}\"")).collect();
            dynamic(format!("[{}]", keys.join(",")))
        }
        None => Val::Null,
    }
}
/// `bag_has_key`
pub fn bag_has_key<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [v, k] = a else { return Val::Null };
    let Some(b) = bag(v) else { return Val::Null };
    let key = k.text();
    if key.starts_with('$') {
        return Val::Bool(json_path(b, &key).is_some());
    }
    Val::Bool(json::member(b, &key).is_some())
}
/// What a path such as `$.a.b[0]['c']` leads to.
pub fn json_path<'x>(text: &'x str, path: &str) -> Option<&'x str> {
    let mut at = text;
    let mut rest = path.strip_prefix('$').unwrap_or(path);
    while !rest.is_empty() {
        if let Some(r) = rest.strip_prefix('.') {
            let end = r.find(['.', '[']).unwrap_or(r.len());
            let (name, more) = r.split_at(end);
            at = json::member(at, name)?;
            rest = more;
        } else if let Some(r) = rest.strip_prefix('[') {
            let end = r.find(']')?;
            let (inside, more) = r.split_at(end);
            let inside = inside.trim();
            at = match inside.trim_matches(['\'', '"']) {
                name if name.len() < inside.len() => json::member(at, name)?,
                number => json::element(at, number.parse().ok()?)?,
            };
            rest = more.strip_prefix(']')?;
        } else {
            let end = rest.find(['.', '[']).unwrap_or(rest.len());
            let (name, more) = rest.split_at(end);
            at = json::member(at, name)?;
            rest = more;
        }
    }
    Some(at)
}
/// `extract_json`, `extractjson`
pub fn extract_json<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [path, source, ..] = a else {
        return Val::Null;
    };
    let t = source.text();
    let out = cx.out;
    let Some(c) = json::canonical(&t) else {
        return Val::Null.to(out);
    };
    match json_path(&c, &path.text()) {
        Some(v) => json::plain(v).owned().to(out),
        None => Val::Null.to(out),
    }
}
/// `bag_merge`: the first bag's values stay.
pub fn bag_merge<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut out = String::from("{");
    let mut seen = hashbrown::HashSet::new();
    let mut any = false;
    let mut pace = Pace::default();
    for v in a {
        let Some(b) = bag(v) else { continue };
        any = true;
        for (k, v) in json::members(b) {
            if seen.insert(k) {
                if out.len() > 1 {
                    out.push(',');
                }
                out.push('"');
                out.push_str(k);
                out.push_str("\":");
                out.push_str(v);
            }
            if cx.more(&mut pace, k.len() + v.len(), &out) {
                return Val::Null;
            }
        }
    }
    out.push('}');
    if any { dynamic(out) } else { Val::Null }
}
/// `bag_remove_keys`: by names or by paths.
pub fn bag_remove_keys<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some(b), Some(Val::Dyn(keys))) = (a.first().and_then(bag), a.get(1)) else {
        return Val::Null;
    };
    let Some(mut j) = cx.parse(b) else {
        return Val::Null;
    };
    for k in json::elements(keys) {
        // those after it move up
        if cx.guard.step(1) {
            return Val::Null;
        }
        let k = json::text_of(k);
        let parts: Vec<&str> = match k.strip_prefix("$.") {
            Some(p) => p.split('.').collect(),
            None => vec![&*k],
        };
        let mut at = Some(&mut j);
        for (i, p) in parts.iter().enumerate() {
            let Some(json::Json::Object(m)) = at else {
                at = None;
                continue;
            };
            if i + 1 == parts.len() {
                m.shift_remove(*p);
                at = None;
            } else {
                at = m.get_mut(*p);
            }
        }
    }
    dynamic(json::write(&j))
}
/// `bag_set_key`
pub fn bag_set_key<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [v, k, x] = a else { return Val::Null };
    let Some(b) = bag(v) else { return Val::Null };
    let Some(mut j) = cx.parse(b) else {
        return Val::Null;
    };
    let k = k.text();
    let parts: Vec<&str> = match k.strip_prefix("$.") {
        Some(p) => p.split('.').take(json::DEEPEST as usize + 1).collect(),
        None => vec![&*k],
    };
    // deeper than values may be
    if parts.len() > json::DEEPEST as usize {
        return Val::Null;
    }
    let mut at = &mut j;
    for p in &parts {
        if !at.is_object() {
            *at = json::Json::Object(Default::default());
        }
        let json::Json::Object(m) = at else {
            return Val::Null;
        };
        at = m.entry((*p).to_owned()).or_insert(json::Json::Null);
    }
    match cx.parse(&x.json()) {
        Some(x) => *at = x,
        None => return Val::Null,
    }
    dynamic(json::write(&j))
}
/// `bag_zip`
pub fn bag_zip<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [Val::Dyn(k), Val::Dyn(v)] = a else {
        return Val::Null;
    };
    let mut out = String::from("{");
    let mut vals = json::elements(v);
    for k in json::elements(k) {
        if out.len() > 1 {
            out.push(',');
        }
        json::push_quoted(&mut out, &json::text_of(k));
        out.push(':');
        out.push_str(vals.next().unwrap_or("null"));
    }
    out.push('}');
    dynamic(out)
}
/// `treepath`
pub fn treepath<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(Val::Dyn(s)) = a.first() else {
        return Val::Null;
    };
    let mut out = String::from("[");
    let whole = paths(cx, s, &mut String::new(), &mut out);
    out.push(']');
    if whole { dynamic(out) } else { Val::Null }
}
/// Appends the path of each value below one; false where they are too many.
fn paths(cx: &Cx, text: &str, at: &mut String, out: &mut String) -> bool {
    let here = at.len();
    let mut pace = Pace::default();
    let mut one = |at: &mut String, out: &mut String, v: &str| {
        if out.len() > 1 {
            out.push(',');
        }
        json::push_quoted(out, at);
        let more = !cx.more(&mut pace, at.len(), out) && paths(cx, v, at, out);
        at.truncate(here);
        more
    };
    for (k, v) in json::members(text) {
        at.push_str("['");
        at.push_str(k);
        at.push_str("']");
        if !one(at, out, v) {
            return false;
        }
    }
    match json::elements(text).next() {
        Some(e) => {
            at.push_str("[0]");
            one(at, out, e)
        }
        None => true,
    }
}
