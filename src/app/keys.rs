//! Key text: how a key is written in the keymap file, in help and in the palette; read and printed back the same.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

const NAMED: &[(&str, KeyCode)] = &[
    ("Enter", KeyCode::Enter),
    ("Esc", KeyCode::Esc),
    ("Tab", KeyCode::Tab),
    ("Space", KeyCode::Char(' ')),
    ("Up", KeyCode::Up),
    ("Down", KeyCode::Down),
    ("Left", KeyCode::Left),
    ("Right", KeyCode::Right),
    ("PgUp", KeyCode::PageUp),
    ("PgDn", KeyCode::PageDown),
    ("Home", KeyCode::Home),
    ("End", KeyCode::End),
    ("Backspace", KeyCode::Backspace),
    ("Delete", KeyCode::Delete),
    ("Insert", KeyCode::Insert),
];

/// Why key text cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no key; write `j`, `Ctrl-d`, `Alt-1`, `F5`, `Enter`, `Space`, `PgDn`, and sequences with blanks: `g g`"
)]
pub struct BadKey(pub String);

/// Reads a sequence: keys parted by blanks.
pub fn parse(text: &str) -> Result<Vec<KeyEvent>, BadKey> {
    let keys: Vec<KeyEvent> = text
        .split_whitespace()
        .map(|word| one(word).ok_or_else(|| BadKey(word.to_owned())))
        .collect::<Result<_, _>>()?;
    if keys.is_empty() {
        Err(BadKey(text.to_owned()))
    } else {
        Ok(keys)
    }
}

/// Prints a sequence as `parse` reads it.
pub fn print(keys: &[KeyEvent]) -> String {
    let mut out = String::new();
    for key in keys {
        if !out.is_empty() {
            out.push(' ');
        }
        let key = plain(*key);
        for (flag, word) in [
            (KeyModifiers::CONTROL, "Ctrl-"),
            (KeyModifiers::ALT, "Alt-"),
            (KeyModifiers::SHIFT, "Shift-"),
        ] {
            if key.modifiers.contains(flag) {
                out.push_str(word);
            }
        }
        match key.code {
            KeyCode::F(n) => out.push_str(&format!("F{n}")),
            code => match NAMED.iter().find(|(_, c)| *c == code) {
                Some((name, _)) => out.push_str(name),
                None => {
                    if let KeyCode::Char(c) = code {
                        out.push(c);
                    }
                }
            },
        }
    }
    out
}

/// Prints keys close together, for footers and hints: `gg`, `Ctrl-d`, `yj`.
pub fn short(keys: &[KeyEvent]) -> String {
    let text = print(keys);
    if keys.len() > 1
        && keys.iter().all(|k| {
            matches!(k.code, KeyCode::Char(c) if c != ' ') && plain(*k).modifiers.is_empty()
        })
    {
        text.replace(' ', "")
    } else {
        text
    }
}

/// One spelling for one key: a shifted letter is its capital, `BackTab` is `Shift-Tab`, Ctrl letters are small.
pub fn plain(key: KeyEvent) -> KeyEvent {
    let mut modifiers =
        key.modifiers & (KeyModifiers::CONTROL | KeyModifiers::ALT | KeyModifiers::SHIFT);
    let code = match key.code {
        KeyCode::BackTab => {
            modifiers |= KeyModifiers::SHIFT;
            KeyCode::Tab
        }
        KeyCode::Char(c) if modifiers.contains(KeyModifiers::CONTROL) => {
            modifiers -= KeyModifiers::SHIFT;
            KeyCode::Char(c.to_ascii_lowercase())
        }
        KeyCode::Char(c) => {
            let shifted = modifiers.contains(KeyModifiers::SHIFT) && c.is_ascii_lowercase();
            modifiers -= KeyModifiers::SHIFT;
            KeyCode::Char(if shifted { c.to_ascii_uppercase() } else { c })
        }
        other => other,
    };
    KeyEvent::new(code, modifiers)
}

fn one(word: &str) -> Option<KeyEvent> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = word;
    loop {
        let before = rest;
        for (prefix, flag) in [
            ("Ctrl-", KeyModifiers::CONTROL),
            ("Alt-", KeyModifiers::ALT),
            ("Shift-", KeyModifiers::SHIFT),
        ] {
            if let Some(r) = rest.strip_prefix(prefix)
                && !r.is_empty()
            {
                modifiers |= flag;
                rest = r;
            }
        }
        if rest == before {
            break;
        }
    }
    let code = if let Some((_, code)) = NAMED.iter().find(|(name, _)| *name == rest) {
        *code
    } else if let Some(n) = rest.strip_prefix('F').and_then(|n| n.parse::<u8>().ok()) {
        (1..=24).contains(&n).then_some(KeyCode::F(n))?
    } else {
        let mut chars = rest.chars();
        let c = chars.next()?;
        if chars.next().is_some() || c.is_control() || c.is_whitespace() {
            return None;
        }
        KeyCode::Char(c)
    };
    Some(plain(KeyEvent::new(code, modifiers)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_cannot_be_a_key_is_refused() {
        for bad in ["", "  ", "Strg-d", "Ctrl-", "abc", "F0", "F99", "Enterr"] {
            assert!(parse(bad).is_err(), "{bad}");
        }
        assert_eq!(print(&parse("Shift-t").unwrap()), "T");
        assert_eq!(
            print(&[KeyEvent::new(KeyCode::BackTab, KeyModifiers::NONE)]),
            "Shift-Tab"
        );
        assert_eq!(short(&parse("g g").unwrap()), "gg");
        assert_eq!(short(&parse("Ctrl-x a").unwrap()), "Ctrl-x a");
    }

    proptest! {
        #[test]
        fn key_text_comes_back_the_same(codes in proptest::collection::vec((0usize..NAMED.len() + 40, 0u8..8), 1..4)) {
            let keys: Vec<KeyEvent> = codes.iter().map(|(c, m)| {
                let code = match NAMED.get(*c) {
                    Some((_, code)) => *code,
                    None if c - NAMED.len() < 24 => KeyCode::F((c - NAMED.len()) as u8 + 1),
                    None => KeyCode::Char(['a', 'Z', '-', '#', '|', '.', 'ö', '1', '[', ':', '/', '*', '?', 'é', 'Ω', '~'][c - NAMED.len() - 24]),
                };
                plain(KeyEvent::new(code, KeyModifiers::from_bits_truncate(*m)))
            }).collect();
            prop_assert_eq!(parse(&print(&keys)).unwrap(), keys);
        }
    }
}
