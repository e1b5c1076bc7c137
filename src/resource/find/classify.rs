//! What a text may be, by its form alone.

use super::portal::portal;
use crate::model::EntityRef;
use crate::resource::evidence::host_of;
use std::net::IpAddr;
use table::Text;

/// What a text may be, likeliest first. Only an empty one is nothing: the last guess is words to look for.
pub fn classify(text: &str) -> Vec<EntityRef> {
    let text = refang(text);
    let text = text.as_str();
    let mut out = Vec::new();
    if text.is_empty() {
        return out;
    }
    if text.contains(char::is_whitespace) {
        // "incident 4711" as people write it to each other
        if let Some(("incident" | "inc", id)) = text.to_lowercase().split_once(' ')
            && known_id(id.trim_start_matches('#'))
        {
            out.push(EntityRef::Incident(Text::from(id.trim_start_matches('#'))));
        }
        out.push(EntityRef::Word(Text::from(text)));
        return out;
    }
    if let Some(entity) = portal(text) {
        out.push(entity);
        return out;
    }
    one_word(text, &mut out);
    // whatever it is, someone may have written it in a title
    let word = EntityRef::Word(Text::from(text));
    if !out.contains(&word) {
        out.push(word);
    }
    out
}

fn one_word(text: &str, out: &mut Vec<EntityRef>) {
    let some = |text: &str| Some(Text::from(text));
    if let Some(ip) = address(text) {
        out.push(EntityRef::Ip(Text::from(ip.to_string())));
        return;
    }
    if text.contains("://") {
        out.push(EntityRef::Url(Text::from(text)));
        match host_of(text) {
            Some(host) if host.parse::<IpAddr>().is_ok() => {
                out.push(EntityRef::Ip(Text::from(host)))
            }
            Some(host) => out.push(EntityRef::Domain(Text::from(host.to_lowercase()))),
            None => {}
        }
        return;
    }
    if mail(text) {
        out.push(user(None, some(text), None, None));
        out.push(EntityRef::Mail {
            network_message_id: None,
            address: some(text),
        });
        return;
    }
    if guid(text) {
        let id = text.trim_matches(['{', '}']).to_lowercase();
        out.push(user(some(&id), None, None, None));
        out.push(EntityRef::Device {
            machine: None,
            azure: some(&id),
            name: None,
        });
        out.push(EntityRef::Mail {
            network_message_id: some(&id),
            address: None,
        });
        out.push(EntityRef::Alert(Text::from(id)));
        return;
    }
    if let Some(long) = hash(text) {
        let hash = text.to_lowercase();
        // a machine's id looks like a SHA-1
        if long == 40 {
            out.push(EntityRef::Device {
                machine: some(&hash),
                azure: None,
                name: None,
            });
        }
        let of = |n: usize| (long == n).then(|| Text::from(hash.as_str()));
        out.push(EntityRef::File {
            md5: of(32),
            sha1: of(40),
            sha256: of(64),
            name: None,
        });
        return;
    }
    if is_cve(text) {
        out.push(EntityRef::Cve(Text::from(text.to_uppercase())));
        return;
    }
    if is_technique(text) {
        out.push(EntityRef::Word(Text::from(text.to_uppercase())));
        return;
    }
    let number = text.trim_start_matches('#');
    if known_id(number) {
        out.push(EntityRef::Incident(Text::from(number)));
        return;
    }
    if is_sid(text) {
        out.push(user(None, None, some(text), None));
        return;
    }
    if let Some((domain, name)) = text.split_once('\\')
        && !domain.is_empty()
        && !name.is_empty()
        && !name.contains('\\')
    {
        out.push(user(None, None, None, some(text)));
        return;
    }
    if alert_id(text) {
        out.push(EntityRef::Alert(Text::from(text)));
        return;
    }
    if host_like(text) {
        if text.contains('.') {
            out.push(EntityRef::Domain(Text::from(text.to_lowercase())));
        }
        out.push(EntityRef::Device {
            machine: None,
            azure: None,
            name: some(text),
        });
        // an account name looks like a host
        if !text.contains('.') {
            out.push(user(None, None, None, some(text)));
        }
    }
}

fn user(id: Option<Text>, upn: Option<Text>, sid: Option<Text>, name: Option<Text>) -> EntityRef {
    EntityRef::User { id, upn, sid, name }
}

/// Takes off what people put around or into a value so that nothing opens it: `hxxps://evil[.]com`, `<a@b.c>`, `"x",`.
pub fn refang(text: &str) -> String {
    let text = unmarked(text);
    let mut text = text.trim();
    loop {
        let before = text;
        text = text.trim_end_matches([',', ';']).trim();
        for (open, close) in [
            ('<', '>'),
            ('"', '"'),
            ('\'', '\''),
            ('`', '`'),
            ('“', '”'),
            ('(', ')'),
        ] {
            if let Some(inner) = text.strip_prefix(open).and_then(|t| t.strip_suffix(close)) {
                text = inner.trim();
            }
        }
        if text == before {
            break;
        }
    }
    let mut out = text.to_owned();
    for (from, to) in [
        ("[.]", "."),
        ("(.)", "."),
        ("{.}", "."),
        ("[dot]", "."),
        ("(dot)", "."),
        ("[:]", ":"),
        ("[://]", "://"),
        ("[@]", "@"),
        ("[at]", "@"),
        ("(at)", "@"),
        ("[/]", "/"),
    ] {
        out = replaced(&out, from, to);
    }
    for (from, to) in [
        ("hxxps://", "https://"),
        ("hxxp://", "http://"),
        ("fxp://", "ftp://"),
    ] {
        if out
            .get(..from.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(from))
        {
            out.replace_range(..from.len(), to);
        }
    }
    if let Some(rest) = out.strip_prefix("mailto:") {
        out = rest.to_owned();
    }
    out
}

/// The exact text of one that was copied from a screen of ours, where `⟨202E⟩` stands for that character.
fn unmarked(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\u{27E8}') {
        out.push_str(before);
        let marked = after.split_once('\u{27E9}').and_then(|(hex, tail)| {
            let fits = (2..=6).contains(&hex.len());
            let code = fits.then(|| u32::from_str_radix(hex, 16).ok()).flatten()?;
            Some((char::from_u32(code)?, tail))
        });
        match marked {
            Some((c, tail)) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('\u{27E8}');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// `replace` without regard to ASCII case.
fn replaced(text: &str, from: &str, to: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while let Some(found) = lower[at..].find(from) {
        out.push_str(&text[at..at + found]);
        out.push_str(to);
        at += found + from.len();
    }
    out.push_str(&text[at..]);
    out
}

/// An address, also with a port or a prefix length behind it.
fn address(text: &str) -> Option<IpAddr> {
    if let Ok(ip) = text.parse() {
        return Some(ip);
    }
    if let Ok(at_port) = text.parse::<std::net::SocketAddr>() {
        return Some(at_port.ip());
    }
    let (ip, length) = text.split_once('/')?;
    let length: u8 = length.parse().ok()?;
    let ip: IpAddr = ip.parse().ok()?;
    // only a prefix that is one address: a network is not a thing to find
    let whole = if ip.is_ipv4() { 32 } else { 128 };
    (length == whole).then_some(ip)
}

/// Hex digits as many as a hash has.
pub(super) fn hash(text: &str) -> Option<usize> {
    let long = text.len();
    (matches!(long, 32 | 40 | 64) && text.bytes().all(|b| b.is_ascii_hexdigit())).then_some(long)
}

pub(super) fn guid(text: &str) -> bool {
    let text = text
        .strip_prefix('{')
        .and_then(|t| t.strip_suffix('}'))
        .unwrap_or(text);
    let parts: Vec<&str> = text.split('-').collect();
    parts.iter().map(|p| p.len()).eq([8, 4, 4, 4, 12])
        && parts
            .iter()
            .all(|p| p.bytes().all(|b| b.is_ascii_hexdigit()))
}

pub fn mail(text: &str) -> bool {
    text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty()
            && domain.contains('.')
            && !domain.starts_with('.')
            && !domain.ends_with('.')
            && !domain.contains(['@', '/', '\\', ':'])
    })
}

pub(super) fn is_cve(text: &str) -> bool {
    let mut parts = text.splitn(3, '-');
    let digits = |p: Option<&str>, least: usize| {
        p.is_some_and(|p| p.len() >= least && p.len() <= 8 && p.bytes().all(|b| b.is_ascii_digit()))
    };
    parts.next().is_some_and(|c| c.eq_ignore_ascii_case("cve"))
        && digits(parts.next(), 4)
        && digits(parts.next(), 4)
}

/// `T1566` or `T1566.002`.
pub fn is_technique(text: &str) -> bool {
    let Some(rest) = text.strip_prefix(['T', 't']) else {
        return false;
    };
    let (main, sub) = match rest.split_once('.') {
        Some((main, sub)) => (main, Some(sub)),
        None => (rest, None),
    };
    let digits = |p: &str, n: usize| p.len() == n && p.bytes().all(|b| b.is_ascii_digit());
    digits(main, 4) && sub.is_none_or(|s| digits(s, 3))
}

/// A number such as incidents have.
pub(super) fn known_id(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_sid(text: &str) -> bool {
    let mut parts = text.split('-');
    parts.next().is_some_and(|s| s.eq_ignore_ascii_case("s"))
        && parts.next() == Some("1")
        && parts.clone().count() >= 2
        && parts.all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_digit()))
}

/// Two letters for the source, then digits or a GUID: `da637…_…`, `fa7f…-…`, `ca…`.
fn alert_id(text: &str) -> bool {
    let Some((source, rest)) = text.split_at_checked(2) else {
        return false;
    };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    source.bytes().all(|b| b.is_ascii_lowercase())
        && rest.len() >= 10
        && digits * 3 >= rest.len()
        && rest
            .bytes()
            .all(|b| b.is_ascii_hexdigit() || matches!(b, b'-' | b'_'))
}

/// Letters, digits, hyphens and dots, as hosts and domains have.
fn host_like(text: &str) -> bool {
    text.len() <= 253
        && text.starts_with(|c: char| c.is_alphanumeric())
        && text
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '-' | '.' | '_'))
}
