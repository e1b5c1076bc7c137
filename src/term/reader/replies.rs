//! The terminal's answers, told apart from keys before any key map sees them.

use super::Found;
use super::keys::Fields;
use crate::term::event::{Input, Reply, Rgb};

/// Characters of a version or setting that are kept.
const WORDS: usize = 256;

pub(super) fn unknown() -> Found {
    Found::Other(Input::Reply(Reply::Unknown))
}

pub(super) fn csi(private: u8, parameters: &[u8], intermediates: &[u8], last: u8) -> Found {
    let Some(fields) = Fields::parse(parameters) else {
        return unknown();
    };
    let small = |field: usize| u16::try_from(fields.main(field, 0)).unwrap_or(u16::MAX);
    let reply = match (private, intermediates, last) {
        (0, b"", b'n') if matches!(fields.main(0, 9), 0 | 3) => Reply::Status,
        (b'?', b"$", b'y') => Reply::ModeReport {
            mode: small(0),
            state: u8::try_from(fields.main(1, 0)).unwrap_or(0),
        },
        (b'?', b"", b'c') => Reply::Attributes((0..fields.len()).map(small).collect()),
        (b'?', b"", b'u') => Reply::KittyFlags(u8::try_from(fields.main(0, 0)).unwrap_or(0)),
        _ => Reply::Unknown,
    };
    Found::Other(Input::Reply(reply))
}

pub(super) fn osc(body: &[u8]) -> Found {
    let reply = match body.split(|b| *b == b';').next() {
        // the clipboard's contents are never ours to read: 52 falls to Unknown
        Some(b"10") => colour(&body[2..]).map(Reply::Foreground),
        Some(b"11") => colour(&body[2..]).map(Reply::Background),
        _ => None,
    };
    Found::Other(Input::Reply(reply.unwrap_or(Reply::Unknown)))
}

pub(super) fn dcs(body: &[u8]) -> Found {
    let reply = if let Some(version) = body.strip_prefix(b">|") {
        Reply::Version(words(version))
    } else if let Some(setting) = body.strip_prefix(b"1$r") {
        match setting.strip_suffix(b"m") {
            Some(sgr) => Reply::Sgr(words(sgr)),
            None => Reply::Unknown,
        }
    } else if let [has @ (b'0' | b'1'), b'+', b'r', rest @ ..] = body {
        let name = rest.split(|b| matches!(b, b'=' | b';')).next();
        match name.and_then(unhex) {
            Some(name) => Reply::Capability {
                name,
                has: *has == b'1',
            },
            None => Reply::Unknown,
        }
    } else {
        Reply::Unknown
    };
    Found::Other(Input::Reply(reply))
}

/// `;rgb:rrrr/gggg/bbbb` with one to four digits a part, or `;rgba:` with a fourth part that is ignored.
fn colour(body: &[u8]) -> Option<Rgb> {
    let text = std::str::from_utf8(body).ok()?;
    let parts = text
        .strip_prefix(";rgb:")
        .or_else(|| text.strip_prefix(";rgba:"))?;
    let mut parts = parts.split('/').map(|part| {
        let most = match part.len() {
            n @ 1..=4 => (1u32 << (4 * n)) - 1,
            _ => return None,
        };
        let value = u32::from_str_radix(part, 16).ok()?;
        u8::try_from((value * 255 + most / 2) / most).ok()
    });
    Some(Rgb(parts.next()??, parts.next()??, parts.next()??))
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes)
        .chars()
        .filter(|c| !c.is_control())
        .take(WORDS)
        .collect()
}

fn unhex(hex: &[u8]) -> Option<String> {
    let digit = |b: &u8| char::from(*b).to_digit(16);
    let bytes: Option<Vec<u8>> = hex
        .chunks(2)
        .map(|pair| match pair {
            [high, low] => u8::try_from(digit(high)? * 16 + digit(low)?).ok(),
            _ => None,
        })
        .collect();
    Some(words(&bytes?))
}
