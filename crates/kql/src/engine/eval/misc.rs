//! Functions of no family.

use super::strings::s;
use crate::engine::expr::Cx;
use crate::engine::json;
use crate::engine::value::{Val, dynamic, text};

/// `around`: within a distance of a center.
pub fn around<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [v, center, delta] = a else {
        return Val::Null;
    };
    let low = super::ops::sub(cx, &[center.borrow(), delta.borrow()]).owned();
    let high = super::ops::add(cx, &[center.borrow(), delta.borrow()]).owned();
    match (super::ops::order(v, &low), super::ops::order(v, &high)) {
        (Some(x), Some(y)) => Val::Bool(x.is_ge() && y.is_le()),
        _ => Val::Null,
    }
}
/// `ingestion_time`: rows here carry none.
pub fn ingestion_time<'a>(_: &mut Cx, _: &[Val<'a>]) -> Val<'a> {
    Val::Null
}
/// `current_database` and its like.
pub fn local<'a>(_: &mut Cx, _: &[Val<'a>]) -> Val<'a> {
    text("local")
}

fn number(t: &str, after: &str) -> Option<[String; 3]> {
    let rest = t.get(t.find(after)? + after.len()..)?;
    let rest = rest.trim_start_matches(['/', ' ', ':', '_']);
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '_'))
        .unwrap_or(rest.len());
    let mut parts = rest.get(..end)?.split(['.', '_']).map(str::to_owned);
    let mut next = || parts.next().unwrap_or_default();
    Some([next(), next(), next()])
}

/// `parse_user_agent`: the browsers and systems most often met.
pub fn parse_user_agent<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let mut want = Vec::new();
    if let Some(v) = a.get(1) {
        super::ops::words_of(v.borrow(), &mut want);
    }
    let asked = |k: &str| want.is_empty() || want.iter().any(|w| w.eq_ignore_ascii_case(k));
    let mut out = String::from("{");
    let mut put = |part: String| {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&part);
    };
    if asked("browser") {
        const BROWSERS: [(&str, &str); 12] = [
            ("Edg/", "Edge"),
            ("Edge/", "Edge"),
            ("OPR/", "Opera"),
            ("SamsungBrowser/", "Samsung Internet"),
            ("CriOS/", "Chrome Mobile iOS"),
            ("FxiOS/", "Firefox iOS"),
            ("Firefox/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("MSIE ", "IE"),
            ("Trident/", "IE"),
            ("Version/", "Safari"),
            ("curl/", "curl"),
        ];
        let found = BROWSERS
            .iter()
            .find_map(|(k, name)| number(&t, k).map(|v| (*name, v)));
        let (name, [major, minor, patch]) = found.unwrap_or(("Other", Default::default()));
        put(format!(
            "\"Browser\":{{\"Family\":{},\"MajorVersion\":{},\"MinorVersion\":{},\"Patch\":{}}}",
            json::quote(name),
            json::quote(&major),
            json::quote(&minor),
            json::quote(&patch)
        ));
    }
    if asked("os") {
        const SYSTEMS: [(&str, &str); 6] = [
            ("Windows NT", "Windows"),
            ("Android", "Android"),
            ("CPU iPhone OS", "iOS"),
            ("CPU OS", "iOS"),
            ("Mac OS X", "Mac OS X"),
            ("CrOS", "Chrome OS"),
        ];
        let found = SYSTEMS
            .iter()
            .find_map(|(k, name)| number(&t, k).map(|v| (*name, v)));
        let linux = t.contains("Linux");
        let (name, [mut major, mut minor, patch]) =
            found.unwrap_or((if linux { "Linux" } else { "Other" }, Default::default()));
        if name == "Windows" {
            let v = match (major.as_str(), minor.as_str()) {
                ("10", _) => "10",
                ("6", "3") => "8.1",
                ("6", "2") => "8",
                ("6", "1") => "7",
                ("6", "0") => "Vista",
                ("5", _) => "XP",
                (m, _) => m,
            }
            .to_owned();
            (major, minor) = (v, String::new());
        }
        put(format!(
            "\"OperatingSystem\":{{\"Family\":{},\"MajorVersion\":{},\"MinorVersion\":{},\"Patch\":{},\"PatchMinor\":\"\"}}",
            json::quote(name),
            json::quote(&major),
            json::quote(&minor),
            json::quote(&patch)
        ));
    }
    if asked("device") {
        let (family, brand) = if t.contains("iPhone") {
            ("iPhone", "Apple")
        } else if t.contains("iPad") {
            ("iPad", "Apple")
        } else if t.contains("Macintosh") {
            ("Mac", "Apple")
        } else {
            ("Other", "")
        };
        put(format!(
            "\"Device\":{{\"Family\":\"{family}\",\"Brand\":\"{brand}\",\"Model\":\"{}\"}}",
            if family == "Other" { "" } else { family }
        ));
    }
    out.push('}');
    dynamic(out)
}
/// What rows of files do not carry: `extent_id`, `extent_tags`.
pub fn nothing<'a>(_: &mut Cx, _: &[Val<'a>]) -> Val<'a> {
    Val::Null
}
