//! Addresses of hosts.

use super::strings::{n, s};
use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::json;
use crate::engine::value::{Val, dynamic, text};
use std::net::{Ipv4Addr, Ipv6Addr};

/// An address and how many bits of it count.
pub fn ipv4(t: &str) -> Option<(u32, u32)> {
    let t = t.trim();
    let (a, m) = match t.split_once('/') {
        Some((a, m)) => (a, m.trim().parse::<u32>().ok().filter(|m| *m <= 32)?),
        None => (t, 32),
    };
    let mut out = 0u32;
    let mut parts = 0;
    for p in a.split('.') {
        if p.is_empty() || p.len() > 3 || !p.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        out = out << 8 | p.parse::<u32>().ok().filter(|n| *n < 256)?;
        parts += 1;
    }
    (parts == 4).then_some((out, m))
}
fn mask4(m: u32) -> u32 {
    if m == 0 {
        0
    } else {
        u32::MAX << (32 - m.min(32))
    }
}
fn ipv6(t: &str) -> Option<(u128, u32)> {
    let t = t.trim();
    let (a, m) = match t.split_once('/') {
        Some((a, m)) => (a, Some(m.parse::<u32>().ok()?)),
        None => (t, None),
    };
    // `::1.2.3.4` is an address of version 4 in the notation of version 6
    let dotted = a
        .strip_prefix("::")
        .filter(|r| !r.contains(':'))
        .unwrap_or(a);
    if let Some((v, _)) = ipv4(dotted).filter(|_| dotted.contains('.')) {
        let m = match m {
            Some(m) if m <= 32 => 96 + m,
            Some(m) => m,
            None => 128,
        };
        return Some((0xffff_0000_0000 | u128::from(v), m.min(128)));
    }
    let v: Ipv6Addr = a.split('%').next()?.parse().ok()?;
    let m = m.unwrap_or(128);
    (m <= 128).then_some((v.to_bits(), m))
}
fn mask6(m: u32) -> u128 {
    if m == 0 {
        0
    } else {
        u128::MAX << (128 - m.min(128))
    }
}
fn compare4(a: &[Val]) -> Option<i64> {
    let (x, y) = (ipv4(&s(a, 0))?, ipv4(&s(a, 1))?);
    let m = mask4(x.1.min(y.1).min(n(a, 2).unwrap_or(32).clamp(0, 32) as u32));
    Some((x.0 & m).cmp(&(y.0 & m)) as i64)
}
fn compare6(a: &[Val]) -> Option<i64> {
    let (x, y) = (ipv6(&s(a, 0))?, ipv6(&s(a, 1))?);
    let m = mask6(
        x.1.min(y.1)
            .min(n(a, 2).unwrap_or(128).clamp(0, 128) as u32),
    );
    Some((x.0 & m).cmp(&(y.0 & m)) as i64)
}
/// `ipv4_compare`
pub fn ipv4_compare<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    compare4(a).map_or(Val::Null, Val::Long)
}
/// `ipv4_is_match`
pub fn ipv4_is_match<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    compare4(a).map_or(Val::Null, |c| Val::Bool(c == 0))
}
/// `ipv6_compare`
pub fn ipv6_compare<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    compare6(a).map_or(Val::Null, Val::Long)
}
/// `ipv6_is_match`
pub fn ipv6_is_match<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    compare6(a).map_or(Val::Null, |c| Val::Bool(c == 0))
}
fn inside4(ip: &str, range: &str) -> Option<bool> {
    let (x, r) = (ipv4(ip)?, ipv4(range)?);
    let m = mask4(r.1.min(x.1));
    Some(x.0 & m == r.0 & m)
}
fn inside6(ip: &str, range: &str) -> Option<bool> {
    let (x, r) = (ipv6(ip)?, ipv6(range)?);
    let m = mask6(r.1);
    Some(x.0 & m == r.0 & m)
}
/// `ipv4_is_in_range`
pub fn ipv4_is_in_range<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    inside4(&s(a, 0), &s(a, 1)).map_or(Val::Null, Val::Bool)
}
/// `ipv6_is_in_range`
pub fn ipv6_is_in_range<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    inside6(&s(a, 0), &s(a, 1)).map_or(Val::Null, Val::Bool)
}
fn any_of<'a>(cx: &Cx, a: &[Val<'a>], f: fn(&str, &str) -> Option<bool>) -> Val<'a> {
    let mut ranges = Vec::new();
    for v in a.iter().skip(1) {
        super::ops::words_of(v.borrow(), &mut ranges);
    }
    let ip = s(a, 0);
    let mut known = false;
    let mut pace = Pace::default();
    for r in &ranges {
        if cx.lost(&mut pace, ip.len() + r.len()) {
            return Val::Null;
        }
        match f(&ip, r) {
            Some(true) => return Val::Bool(true),
            Some(false) => known = true,
            None => {}
        }
    }
    if known { Val::Bool(false) } else { Val::Null }
}
/// `ipv4_is_in_any_range`
pub fn ipv4_is_in_any_range<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    any_of(cx, a, inside4)
}
/// `ipv6_is_in_any_range`
pub fn ipv6_is_in_any_range<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    any_of(cx, a, inside6)
}
/// `ipv4_is_private`
pub fn ipv4_is_private<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let Some((v, m)) = ipv4(&s(a, 0)) else {
        return Val::Null;
    };
    let within = |net: [u8; 4], bits: u32| {
        let r = u32::from(Ipv4Addr::from(net));
        m >= bits && v & mask4(bits) == r
    };
    Val::Bool(
        within([10, 0, 0, 0], 8) || within([172, 16, 0, 0], 12) || within([192, 168, 0, 0], 16),
    )
}
/// `ipv4_netmask_suffix`
pub fn ipv4_netmask_suffix<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ipv4(&s(a, 0)).map_or(Val::Null, |(_, m)| Val::Long(i64::from(m)))
}
/// `parse_ipv4`
pub fn parse_ipv4<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    ipv4(&s(a, 0)).map_or(Val::Null, |(v, m)| Val::Long(i64::from(v & mask4(m))))
}
/// `parse_ipv4_mask`
pub fn parse_ipv4_mask<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    match (ipv4(&s(a, 0)), n(a, 1)) {
        (Some((v, m)), Some(p)) if (0..=32).contains(&p) => {
            Val::Long(i64::from(v & mask4(m.min(p as u32))))
        }
        _ => Val::Null,
    }
}
fn long6(v: u128) -> String {
    let h = format!("{v:032x}");
    let parts: Vec<&str> = (0..8).map(|i| &h[4 * i..4 * i + 4]).collect();
    parts.join(":")
}
/// `parse_ipv6`
pub fn parse_ipv6<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(ipv6(&s(a, 0)).map_or(String::new(), |(v, m)| long6(v & mask6(m))))
}
/// `parse_ipv6_mask`
pub fn parse_ipv6_mask<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let p = n(a, 1).unwrap_or(128).clamp(0, 128) as u32;
    text(ipv6(&s(a, 0)).map_or(String::new(), |(v, m)| long6(v & mask6(m.min(p)))))
}
fn to4(a: &[Val]) -> Option<(u32, u32)> {
    let (v, own) = match a.first()? {
        Val::Long(n) => (u32::try_from(*n).ok()?, 32),
        v => ipv4(&v.text())?,
    };
    let p = match a.get(1) {
        Some(p) => u32::try_from(p.long()?).ok().filter(|p| *p <= 32)?,
        None => 32,
    };
    Some((v & mask4(p.min(own)), p.min(own)))
}
/// `format_ipv4`
pub fn format_ipv4<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(to4(a).map_or(String::new(), |(v, _)| Ipv4Addr::from(v).to_string()))
}
/// `format_ipv4_mask`
pub fn format_ipv4_mask<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    text(to4(a).map_or(String::new(), |(v, m)| format!("{}/{m}", Ipv4Addr::from(v))))
}
/// `ipv4_range_to_cidr_list`
pub fn ipv4_range_to_cidr_list<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let (Some((from, _)), Some((to, _))) = (ipv4(&s(a, 0)), ipv4(&s(a, 1))) else {
        return Val::Null;
    };
    let mut out = Vec::new();
    let (mut at, end) = (u64::from(from), u64::from(to));
    while at <= end {
        let mut size = if at == 0 {
            1u64 << 32
        } else {
            1 << at.trailing_zeros()
        };
        while size > end - at + 1 {
            size >>= 1;
        }
        out.push(json::quote(&format!(
            "{}/{}",
            Ipv4Addr::from(at as u32),
            32 - size.trailing_zeros()
        )));
        at += size;
    }
    dynamic(format!("[{}]", out.join(",")))
}
/// The addresses within a text, each between characters that belong to none.
fn addresses(t: &str) -> impl Iterator<Item = &str> {
    t.split(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map(|p| p.trim_matches('.'))
        .filter(|p| ipv4(p).is_some())
}
fn bounded(t: &str) -> impl Iterator<Item = &str> {
    let b = t.as_bytes();
    addresses(t).filter(move |p| {
        let at = p.as_ptr() as usize - t.as_ptr() as usize;
        let before = at.checked_sub(1).and_then(|i| b.get(i));
        let after = b.get(at + p.len());
        let plain = |c: Option<&u8>| c.is_none_or(|c| !c.is_ascii_alphanumeric());
        plain(before) && plain(after)
    })
}
/// `has_ipv4`
pub fn has_ipv4<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let want = s(a, 1);
    if ipv4(&want).is_none() {
        return Val::Bool(false);
    }
    Val::Bool(bounded(&s(a, 0)).any(|p| p == want))
}
/// `has_any_ipv4`
pub fn has_any_ipv4<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut want = Vec::new();
    for v in a.iter().skip(1) {
        super::ops::words_of(v.borrow(), &mut want);
    }
    let want: hashbrown::HashSet<&str> = want.iter().map(String::as_str).collect();
    Val::Bool(bounded(&s(a, 0)).any(|p| want.contains(p)))
}
/// `has_ipv4_prefix`
pub fn has_ipv4_prefix<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let want = s(a, 1);
    Val::Bool(bounded(&s(a, 0)).any(|p| p.starts_with(&*want)))
}
/// `has_any_ipv4_prefix`
pub fn has_any_ipv4_prefix<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let mut want = Vec::new();
    for v in a.iter().skip(1) {
        super::ops::words_of(v.borrow(), &mut want);
    }
    let mut pace = Pace::default();
    Val::Bool(bounded(&s(a, 0)).any(|p| {
        // 16 bytes or so for each that is compared
        cx.lost(&mut pace, want.len() * 16) || want.iter().any(|w| p.starts_with(w.as_str()))
    }))
}
/// `geo_info_from_ip_address`: nothing is known without a database.
pub fn geo_info<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    crate::engine::places::place(&s(a, 0))
}
/// Whether an address lies in a network of version 6; false where either is none.
pub fn in_range6(ip: &str, range: &str) -> bool {
    inside6(ip, range) == Some(true)
}
