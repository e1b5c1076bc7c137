//! Base64, addresses, and texts of other forms taken apart.

use super::strings::s;
use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::json;
use crate::engine::value::{Val, dynamic, guid_of, text};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as base64.
pub fn to_base64(b: &[u8]) -> String {
    let mut out = String::with_capacity(b.len().div_ceil(3) * 4);
    for c in b.chunks(3) {
        let v = u32::from(c[0]) << 16
            | u32::from(c.get(1).copied().unwrap_or(0)) << 8
            | u32::from(c.get(2).copied().unwrap_or(0));
        for i in 0..4 {
            if i <= c.len() {
                out.push(char::from(ALPHABET[(v >> (18 - 6 * i) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}
/// The bytes that base64 stands for; none if it is none.
pub fn from_base64(t: &str) -> Option<Vec<u8>> {
    let t = t.trim();
    let body = t.trim_end_matches('=');
    if t.len() - body.len() > 2 || !t.len().is_multiple_of(4) {
        return None;
    }
    let mut out = Vec::with_capacity(body.len() * 3 / 4);
    let (mut v, mut bits) = (0u32, 0);
    for c in body.bytes() {
        let d = match c {
            b'A'..=b'Z' => c - b'A',
            b'a'..=b'z' => c - b'a' + 26,
            b'0'..=b'9' => c - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'\r' | b'\n' => continue,
            _ => return None,
        };
        v = v << 6 | u32::from(d);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((v >> bits) as u8);
            v &= (1 << bits) - 1;
        }
    }
    (bits < 6).then_some(out)
}
/// `base64_encode_tostring`
pub fn base64_encode<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(to_base64(s(a, 0).as_bytes()))
}
/// `base64_decode_tostring`: what is no UTF-8 is empty.
pub fn base64_decode<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    text(
        from_base64(&t)
            .and_then(|b| String::from_utf8(b).ok())
            .unwrap_or_default(),
    )
}
/// `base64_decode_toarray`
pub fn base64_to_array<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match from_base64(&s(a, 0)) {
        Some(b) => super::strings::numbers(cx, b.into_iter().map(u32::from)),
        None => Val::Null,
    }
}
/// `base64_encode_fromarray`
pub fn base64_from_array<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(Val::Dyn(d)) = a.first() else {
        return text("");
    };
    let bytes: Option<Vec<u8>> = json::elements(d)
        .map(|e| json::plain(e).long().and_then(|n| u8::try_from(n).ok()))
        .collect();
    text(bytes.map_or(String::new(), |b| to_base64(&b)))
}
/// The bytes of a GUID in the order Windows keeps them.
fn guid_bytes(g: &str) -> Option<[u8; 16]> {
    let h: String = g.chars().filter(|c| *c != '-').collect();
    let mut b = [0u8; 16];
    for (i, x) in b.iter_mut().enumerate() {
        *x = u8::from_str_radix(h.get(2 * i..2 * i + 2)?, 16).ok()?;
    }
    b[..4].reverse();
    b[4..6].reverse();
    b[6..8].reverse();
    Some(b)
}
/// `base64_encode_fromguid`
pub fn base64_from_guid<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(guid_bytes(&s(a, 0)).map_or(String::new(), |b| to_base64(&b)))
}
/// `base64_decode_toguid`
pub fn base64_to_guid<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some(b) = from_base64(&s(a, 0)).filter(|b| b.len() == 16) else {
        return Val::Null;
    };
    let order = [3, 2, 1, 0, 5, 4, 7, 6, 8, 9, 10, 11, 12, 13, 14, 15];
    let h: String = order.iter().map(|i| format!("{:02x}", b[*i])).collect();
    guid_of(&h).map_or(Val::Null, |g| Val::Guid(g.into()))
}
const LOWER: &[u8; 16] = b"0123456789abcdef";
const UPPER: &[u8; 16] = b"0123456789ABCDEF";

/// Bytes that are not kept as `%3a` or, in upper case, `%3A`.
fn escape(t: &str, keep: &[u8], upper: bool) -> String {
    let mut out = String::new();
    for b in t.bytes() {
        if b.is_ascii_alphanumeric() || keep.contains(&b) {
            out.push(char::from(b));
        } else {
            let digits = if upper { UPPER } else { LOWER };
            out.push('%');
            for d in [b >> 4, b & 15] {
                out.push(char::from(digits[usize::from(d)]));
            }
        }
    }
    out
}
/// `url_encode`
pub fn url_encode<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(escape(&s(a, 0), b"-_.~", false).replace("%20", "+"))
}
/// `url_encode_component`
pub fn url_encode_component<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(escape(&s(a, 0), b"-_.~", true))
}
/// Escapes undone; `+` is a blank where `plus` says so.
pub fn url_decoded(t: &str, plus: bool) -> String {
    let b = t.as_bytes();
    let mut out = Vec::with_capacity(b.len());
    let mut i = 0;
    while i < b.len() {
        let hex = b
            .get(i + 1..i + 3)
            .and_then(|h| std::str::from_utf8(h).ok())
            .and_then(|h| u8::from_str_radix(h, 16).ok());
        match (b[i], hex) {
            (b'%', Some(x)) => {
                out.push(x);
                i += 3;
            }
            (b'+', _) if plus => {
                out.push(b' ');
                i += 1;
            }
            (x, _) => {
                out.push(x);
                i += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}
/// `url_decode`
pub fn url_decode<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(url_decoded(&s(a, 0), true))
}
fn query_bag(q: &str) -> String {
    let mut out = String::from("{");
    for p in q.split('&').filter(|p| !p.is_empty()) {
        let (k, v) = p.split_once('=').unwrap_or((p, ""));
        if out.len() > 1 {
            out.push(',');
        }
        json::push_quoted(&mut out, &url_decoded(k, false));
        out.push(':');
        json::push_quoted(&mut out, &url_decoded(v, false));
    }
    out.push('}');
    out
}
/// `parse_urlquery`
pub fn parse_urlquery<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let q = t.strip_prefix('?').unwrap_or(&t);
    dynamic(format!("{{\"Query Parameters\":{}}}", query_bag(q)))
}
/// `parse_url`
pub fn parse_url<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let (rest, fragment) = t.split_once('#').unwrap_or((&t, ""));
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (scheme, rest) = match rest.split_once("://") {
        Some((s, r)) => (s, r),
        None => match rest.split_once(':') {
            Some((s, r))
                if !s.contains('/')
                    && r.parse::<u16>().is_err()
                    && !r.starts_with(|c: char| c.is_ascii_digit()) =>
            {
                (s, r)
            }
            _ => ("", rest),
        },
    };
    let (authority, path) = match rest.find('/') {
        Some(i) => rest.split_at(i),
        None => (rest, ""),
    };
    let (user, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let (name, password) = user.split_once(':').unwrap_or((user, ""));
    let (host, port) = match host.rsplit_once(':') {
        Some((h, p)) if p.bytes().all(|b| b.is_ascii_digit()) => (h, p),
        _ => (host, ""),
    };
    let mut out = String::from("{");
    for (k, v) in [
        ("Scheme", scheme),
        ("Host", host),
        ("Port", port),
        ("Path", path),
        ("Username", name),
        ("Password", password),
    ] {
        out.push_str(&format!("\"{k}\":{},", json::quote(v)));
    }
    out.push_str(&format!(
        "\"Query Parameters\":{},\"Fragment\":{}}}",
        query_bag(query),
        json::quote(fragment)
    ));
    dynamic(out)
}
/// `parse_path`
pub fn parse_path<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let (scheme, rest) = t.split_once("://").unwrap_or(("", &t));
    let root = match rest.as_bytes() {
        [d, b':', ..] if d.is_ascii_alphabetic() => &rest[..2],
        _ => "",
    };
    let cut = rest.rfind(['\\', '/']).map_or(0, |i| i + 1);
    let file = rest.get(cut..).unwrap_or("");
    let dir = rest.get(..cut.saturating_sub(1)).unwrap_or("");
    let folder = dir.rsplit(['\\', '/']).next().unwrap_or("");
    let (file, stream) = match file.split_once(':') {
        Some((f, x)) if f.len() > 1 => (f, x),
        _ => (file, ""),
    };
    let ext = file
        .rfind('.')
        .map_or("", |i| file.get(i + 1..).unwrap_or(""));
    let mut out = String::from("{");
    for (k, v) in [
        ("Scheme", scheme),
        ("RootPath", root),
        ("DirectoryPath", dir),
        ("DirectoryName", folder),
        ("Filename", file),
        ("Extension", ext),
        ("AlternateDataStreamName", stream),
    ] {
        if out.len() > 1 {
            out.push(',');
        }
        out.push_str(&format!("\"{k}\":{}", json::quote(v)));
    }
    out.push('}');
    dynamic(out)
}
/// `parse_csv`
pub fn parse_csv<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let mut out = String::from("[");
    let mut pace = Pace::default();
    let mut f = String::new();
    let mut it = t.chars().peekable();
    let mut quoted = false;
    while let Some(c) = it.next() {
        match c {
            '"' if quoted && it.peek() == Some(&'"') => {
                f.push('"');
                it.next();
            }
            '"' if quoted => quoted = false,
            '"' if f.is_empty() => quoted = true,
            ',' if !quoted => {
                json::push_quoted(&mut out, &f);
                out.push(',');
                if cx.more(&mut pace, f.len(), &out) {
                    return Val::Null;
                }
                f.clear();
            }
            // only the first record
            '\n' if !quoted => break,
            '\r' if !quoted => {}
            c => f.push(c),
        }
    }
    json::push_quoted(&mut out, &f);
    out.push(']');
    dynamic(out)
}
/// `parse_version`: up to four parts as one number.
pub fn parse_version<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    let mut v = crate::engine::decimal::Dec::of(0);
    let parts: Vec<&str> = t.trim().split('.').collect();
    if parts.len() > 4 {
        return Val::Null;
    }
    for i in 0..4 {
        let p: i64 = match parts.get(i) {
            None => 0,
            Some(p) => match p.parse::<i64>() {
                Ok(n) if (0..100_000_000).contains(&n) => n,
                _ => return Val::Null,
            },
        };
        let next = v
            .mul(crate::engine::decimal::Dec::of(100_000_000))
            .and_then(|v| v.add(crate::engine::decimal::Dec::of(p)));
        match next {
            Some(x) => v = x,
            None => return Val::Null,
        }
    }
    Val::Dec(v)
}
/// `parse_command_line`
pub fn parse_command_line<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    if t.trim().is_empty() {
        return Val::Null;
    }
    let mut args: Vec<String> = Vec::new();
    let mut cur = String::new();
    let (mut open, mut any, mut slashes) = (false, false, 0usize);
    for c in t.chars() {
        match c {
            '\\' => {
                slashes += 1;
                any = true;
            }
            '"' => {
                cur.push_str(&"\\".repeat(slashes / 2));
                if slashes % 2 == 1 {
                    cur.push('"');
                } else {
                    open = !open;
                }
                slashes = 0;
                any = true;
            }
            c if c.is_whitespace() && !open => {
                cur.push_str(&"\\".repeat(std::mem::take(&mut slashes)));
                if any {
                    args.push(std::mem::take(&mut cur));
                    any = false;
                }
            }
            c => {
                cur.push_str(&"\\".repeat(std::mem::take(&mut slashes)));
                cur.push(c);
                any = true;
            }
        }
    }
    cur.push_str(&"\\".repeat(slashes));
    if any {
        args.push(cur);
    }
    let parts: Vec<String> = args.iter().map(|p| json::quote(p)).collect();
    dynamic(format!("[{}]", parts.join(",")))
}
/// `parse_xml`: attributes begin with `@`, texts are `#text`.
pub fn parse_xml<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let t = s(a, 0);
    // its elements take more in memory than as text
    if t.len() > 1 << 20 && cx.passes(t.len().saturating_mul(12)) {
        return Val::Null;
    }
    match super::xml::to_json(&t) {
        Some(j) => dynamic(json::write(&j)),
        None => Val::Null,
    }
}
