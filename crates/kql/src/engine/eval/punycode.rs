//! Names of any script in ASCII: Punycode by RFC 3492, and the `xn--` labels of domains.

use super::strings::s;
use crate::engine::expr::Cx;
use crate::engine::guard::Pace;
use crate::engine::value::{Val, text};

const BASE: u32 = 36;
const T_MIN: u32 = 1;
const T_MAX: u32 = 26;

fn adapt(delta: u32, points: u32, first: bool) -> u32 {
    let mut delta = if first { delta / 700 } else { delta / 2 };
    delta += delta / points.max(1);
    let mut k = 0;
    while delta > (BASE - T_MIN) * T_MAX / 2 {
        delta /= BASE - T_MIN;
        k += BASE;
    }
    k + (BASE - T_MIN + 1) * delta / (delta + 38)
}
fn threshold(k: u32, bias: u32) -> u32 {
    k.saturating_sub(bias).clamp(T_MIN, T_MAX)
}
fn encode(cx: &Cx, input: &str) -> Option<String> {
    let mut out: String = input.chars().filter(char::is_ascii).collect();
    let basic = out.len() as u32;
    if basic > 0 {
        out.push('-');
    }
    let (mut n, mut delta, mut bias, mut done) = (128u32, 0u32, 72u32, basic);
    let total = input.chars().count() as u32;
    let mut pace = Pace::default();
    while done < total {
        // a walk over the whole text for each different character
        if cx.lost(&mut pace, input.len()) {
            return None;
        }
        let next = input.chars().map(u32::from).filter(|c| *c >= n).min()?;
        delta = delta.checked_add((next - n).checked_mul(done + 1)?)?;
        n = next;
        for c in input.chars().map(u32::from) {
            if c < n {
                delta = delta.checked_add(1)?;
            }
            if c != n {
                continue;
            }
            let (mut q, mut k) = (delta, BASE);
            loop {
                let t = threshold(k, bias);
                if q < t {
                    break;
                }
                out.push(digit(t + (q - t) % (BASE - t)));
                q = (q - t) / (BASE - t);
                k += BASE;
            }
            out.push(digit(q));
            bias = adapt(delta, done + 1, done == basic);
            delta = 0;
            done += 1;
        }
        delta = delta.checked_add(1)?;
        n += 1;
    }
    Some(out)
}
fn digit(d: u32) -> char {
    let d = d as u8;
    char::from(if d < 26 { b'a' + d } else { b'0' + d - 26 })
}
fn decode(cx: &Cx, input: &str) -> Option<String> {
    if !input.is_ascii() {
        return None;
    }
    let (head, rest) = input.rsplit_once('-').unwrap_or(("", input));
    let mut out: Vec<char> = head.chars().collect();
    let (mut n, mut i, mut bias) = (128u32, 0u32, 72u32);
    let mut digits = rest.bytes().peekable();
    let mut pace = Pace::default();
    while digits.peek().is_some() {
        // those after it move
        if cx.lost(&mut pace, out.len()) {
            return None;
        }
        let (old, mut weight, mut k) = (i, 1u32, BASE);
        loop {
            let d = match digits.next()?.to_ascii_lowercase() {
                c @ b'a'..=b'z' => c - b'a',
                c @ b'0'..=b'9' => c - b'0' + 26,
                _ => return None,
            };
            let d = u32::from(d);
            i = i.checked_add(d.checked_mul(weight)?)?;
            let t = threshold(k, bias);
            if d < t {
                break;
            }
            weight = weight.checked_mul(BASE - t)?;
            k += BASE;
        }
        let len = out.len() as u32 + 1;
        bias = adapt(i - old, len, old == 0);
        n = n.checked_add(i / len)?;
        i %= len;
        out.insert(i as usize, char::from_u32(n)?);
        i += 1;
    }
    Some(out.into_iter().collect())
}
fn labels(name: &str, each: impl Fn(&str) -> Option<String>) -> Option<String> {
    let all: Option<Vec<String>> = name.split('.').map(each).collect();
    Some(all?.join("."))
}
fn or_empty<'a>(t: Option<String>) -> Val<'a> {
    text(t.unwrap_or_default())
}
/// `punycode_from_string`
pub fn punycode_from_string<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    or_empty(encode(cx, &s(a, 0)))
}
/// `punycode_to_string`
pub fn punycode_to_string<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    or_empty(decode(cx, &s(a, 0)))
}
/// `punycode_domain_from_string`
pub fn punycode_domain_from_string<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    or_empty(labels(&s(a, 0), |l| {
        if l.is_ascii() {
            Some(l.to_owned())
        } else {
            encode(cx, l).map(|e| format!("xn--{e}"))
        }
    }))
}
/// `punycode_domain_to_string`
pub fn punycode_domain_to_string<'a>(cx: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    or_empty(labels(&s(a, 0), |l| match l.strip_prefix("xn--") {
        Some(e) => decode(cx, e),
        None => Some(l.to_owned()),
    }))
}
