//! Finds bytes in whatever form others may have written them, and everything there is to look through.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

const TEXT: &str = "wF8Q~Zr7.k_T-3c9/x+Lm%20vB=Y1oP5";
const OTHER: &str = "Hj2~wrong.Uq_90-zK/4+Ne%41tC=s7a";

/// A text that must not be found, cut into pieces that are long enough to be no accident.
pub struct Needle {
    name: &'static str,
    forms: Vec<(&'static str, Vec<u8>)>,
}

impl Needle {
    pub fn new(name: &'static str, secret: &[u8]) -> Self {
        let (length, step) = match secret.len() {
            0..=15 => panic!("{name} is too short to be told from other text"),
            16..=80 => (16, 8),
            _ => (32, 24),
        };
        let mut forms = Vec::new();
        for at in (0..=secret.len() - length).step_by(step) {
            forms.extend(forms_of(&secret[at..at + length]));
        }
        Self { name, forms }
    }

    pub fn found_in(&self, hay: &[u8]) -> Option<&'static str> {
        let found = |(_, form): &&(&str, Vec<u8>)| memchr::memmem::find(hay, form).is_some();
        self.forms.iter().find(found).map(|(form, _)| *form)
    }
}

/// The same bytes as others may write them.
fn forms_of(bytes: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let each = |form: fn(u8) -> String| -> Vec<u8> {
        bytes
            .iter()
            .map(|b| form(*b))
            .collect::<String>()
            .into_bytes()
    };
    let mut out = vec![
        ("raw", bytes.to_vec()),
        (
            "form",
            url::form_urlencoded::byte_serialize(bytes)
                .collect::<String>()
                .into_bytes(),
        ),
        ("percent", each(|b| format!("%{b:02X}"))),
        ("hex", each(|b| format!("{b:02x}"))),
        ("HEX", each(|b| format!("{b:02X}"))),
        ("UTF-16", bytes.iter().flat_map(|b| [*b, 0]).collect()),
        ("escaped", each(|b| format!("\\u{{{b:x}}}"))),
        ("JSON", each(|b| format!("\\u{b:04x}"))),
    ];
    for before in 0..3 {
        let padded = [vec![0; before], bytes.to_vec()].concat();
        // characters that depend on these bytes alone
        let (from, to) = ((before * 8).div_ceil(6), padded.len() * 8 / 6);
        out.push((
            "Base64",
            STANDARD_NO_PAD.encode(&padded).into_bytes()[from..to].to_vec(),
        ));
        out.push((
            "Base64 of URLs",
            URL_SAFE_NO_PAD.encode(&padded).into_bytes()[from..to].to_vec(),
        ));
    }
    out
}

/// Without escape sequences, controls and blanks: what was split by them stands together again.
fn joined(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match (byte, bytes.get(at)) {
            (0x1b, Some(b'[')) => {
                at += 1;
                while bytes.get(at).is_some_and(|b| !(0x40..=0x7e).contains(b)) {
                    at += 1;
                }
                at += 1;
            }
            (0x1b, Some(b']' | b'P' | b'_')) => at += 1,
            (0x1b, Some(_)) => at += 1,
            (b, _) if b.is_ascii_control() || b.is_ascii_whitespace() => {}
            (b, _) => out.push(*b),
        }
    }
    out
}

/// Everything to look through, with a name for each.
#[derive(Default)]
pub struct Hay {
    pub places: Vec<(String, Vec<u8>)>,
    seen: HashSet<Vec<u8>>,
}

impl Hay {
    pub fn put(&mut self, name: impl Into<String>, bytes: Vec<u8>) {
        // what was the same before holds nothing new
        if bytes.is_empty() || (bytes.len() < 64 << 10 && !self.seen.insert(bytes.clone())) {
            return;
        }
        let name = name.into();
        self.places
            .push((format!("{name}, joined"), joined(&bytes)));
        self.places.push((name, bytes));
    }

    /// All files below, but for those where the secrets are at home.
    pub fn folder(&mut self, dir: &Path, home: &[PathBuf]) {
        for entry in std::fs::read_dir(dir).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() && !path.is_symlink() {
                self.folder(&path, home);
            } else if !home.contains(&path)
                && let Ok(bytes) = std::fs::read(&path)
            {
                self.put(path.display().to_string(), bytes);
            }
        }
    }

    pub fn search(&self, needles: &[Needle]) {
        let all = Index::new(needles);
        let mut found = Vec::new();
        for (name, bytes) in &self.places {
            if let Some((needle, form)) = all.first_in(bytes) {
                found.push(format!("{needle} ({form}) in {name}"));
            }
        }
        assert!(found.is_empty(), "secret bytes:\n{}", found.join("\n"));
    }
}

/// Whose it is, which form, and its bytes.
type Form<'a> = (&'static str, &'static str, &'a [u8]);

/// All forms of all needles by how they begin: one pass over a place looks for thousands.
struct Index<'a> {
    /// Whether any form begins with these two bytes.
    pairs: Vec<bool>,
    heads: HashMap<&'a [u8], Vec<Form<'a>>>,
}

const HEAD: usize = 8;

impl<'a> Index<'a> {
    fn new(needles: &'a [Needle]) -> Self {
        let mut pairs = vec![false; 1 << 16];
        let mut heads: HashMap<&[u8], Vec<_>> = HashMap::new();
        for needle in needles {
            for (form, bytes) in &needle.forms {
                pairs[usize::from(bytes[0]) << 8 | usize::from(bytes[1])] = true;
                let of = (needle.name, *form, bytes.as_slice());
                heads.entry(&bytes[..HEAD]).or_default().push(of);
            }
        }
        Self { pairs, heads }
    }

    fn first_in(&self, bytes: &[u8]) -> Option<(&'static str, &'static str)> {
        for at in 0..bytes.len().saturating_sub(HEAD) {
            if !self.pairs[usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1])] {
                continue;
            }
            let rest = &bytes[at..];
            let known = self.heads.get(&rest[..HEAD]).into_iter().flatten();
            for (name, form, whole) in known {
                if rest.starts_with(whole) {
                    return Some((name, form));
                }
            }
        }
        None
    }
}

#[test]
fn the_search_finds_every_form_it_looks_for() {
    let needle = Needle::new("it", TEXT.as_bytes());
    let hidden: Vec<Vec<u8>> = vec![
        format!("x{TEXT}y").into_bytes(),
        STANDARD_NO_PAD
            .encode(format!("client:{TEXT}"))
            .into_bytes(),
        STANDARD_NO_PAD
            .encode(format!("client2:{TEXT}!"))
            .into_bytes(),
        URL_SAFE_NO_PAD.encode(format!("cl:{TEXT}")).into_bytes(),
        url::form_urlencoded::byte_serialize(TEXT.as_bytes())
            .collect::<String>()
            .into_bytes(),
        TEXT.bytes()
            .map(|b| format!("%{b:02X}"))
            .collect::<String>()
            .into_bytes(),
        TEXT.bytes().flat_map(|b| [b, 0]).collect(),
        TEXT.as_bytes()[4..24].to_vec(),
    ];
    for bytes in &hidden {
        assert!(
            needle.found_in(bytes).is_some(),
            "{}",
            String::from_utf8_lossy(bytes)
        );
    }
    let mut split = Vec::new();
    for (n, byte) in TEXT.bytes().enumerate() {
        split.push(byte);
        split.extend(match n % 3 {
            0 => &b"\x1b[3;4H"[..],
            1 => &b"\r\n  "[..],
            _ => &b"\x1b[0m\x1b[38;5;3m"[..],
        });
    }
    assert!(needle.found_in(&split).is_none());
    assert!(needle.found_in(&joined(&split)).is_some());
    assert!(needle.found_in(OTHER.as_bytes()).is_none());
}
