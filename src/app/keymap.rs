//! From keys to actions: a list of sequences, made from the rows of `action` and `verb` and the user's `keymap.toml`.

use super::action::{ALL, Action};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

#[derive(Debug)]
pub struct Keymap {
    rows: Vec<(Vec<KeyEvent>, &'static Action)>,
}

#[derive(Debug)]
pub enum Found {
    Action(&'static Action),
    /// More keys can complete it.
    Prefix,
    Nothing,
}

impl Default for Keymap {
    fn default() -> Self {
        let mut rows = Vec::new();
        for action in ALL {
            for text in action.keys {
                if let Some(keys) = parse(text) {
                    rows.push((keys, action));
                }
            }
        }
        Self { rows }
    }
}

impl Keymap {
    pub fn find(&self, typed: &[KeyEvent]) -> Found {
        let same = |a: &KeyEvent, b: &KeyEvent| {
            a.code == b.code
                && a.modifiers - KeyModifiers::SHIFT == b.modifiers - KeyModifiers::SHIFT
        };
        let mut prefix = false;
        for (keys, action) in &self.rows {
            if keys.len() >= typed.len() && keys.iter().zip(typed).all(|(a, b)| same(a, b)) {
                if keys.len() == typed.len() {
                    return Found::Action(action);
                }
                prefix = true;
            }
        }
        if prefix {
            Found::Prefix
        } else {
            Found::Nothing
        }
    }
}

/// Reads key text: keys parted by blanks; `j`, `Ctrl-d`, `Alt-1`, `F5`, `Enter`, `Space`, `PgDn`.
pub fn parse(text: &str) -> Option<Vec<KeyEvent>> {
    text.split_whitespace().map(one).collect()
}

fn one(word: &str) -> Option<KeyEvent> {
    let mut modifiers = KeyModifiers::NONE;
    let mut rest = word;
    loop {
        if let Some(r) = rest.strip_prefix("Ctrl-") {
            modifiers |= KeyModifiers::CONTROL;
            rest = r;
        } else if let Some(r) = rest.strip_prefix("Alt-") {
            modifiers |= KeyModifiers::ALT;
            rest = r;
        } else if let Some(r) = rest.strip_prefix("Shift-") {
            modifiers |= KeyModifiers::SHIFT;
            rest = r;
        } else {
            break;
        }
    }
    let code = match rest {
        "Enter" => KeyCode::Enter,
        "Esc" => KeyCode::Esc,
        "Tab" if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        "Tab" => KeyCode::Tab,
        "Space" => KeyCode::Char(' '),
        "Up" => KeyCode::Up,
        "Down" => KeyCode::Down,
        "Left" => KeyCode::Left,
        "Right" => KeyCode::Right,
        "PgUp" => KeyCode::PageUp,
        "PgDn" => KeyCode::PageDown,
        "Home" => KeyCode::Home,
        "End" => KeyCode::End,
        "Backspace" => KeyCode::Backspace,
        "Delete" => KeyCode::Delete,
        f if f.len() > 1 && f.starts_with('F') => KeyCode::F(f[1..].parse().ok()?),
        c => {
            let mut chars = c.chars();
            let ch = chars.next()?;
            if chars.next().is_some() {
                return None;
            }
            KeyCode::Char(ch)
        }
    };
    Some(KeyEvent::new(code, modifiers))
}
