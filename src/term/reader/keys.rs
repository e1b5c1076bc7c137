//! Finished key, mouse and focus sequences to crossterm's types (xterm, rxvt, Linux console, kitty).

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers, MouseButton, MouseEvent, MouseEventKind};

use super::Found;
use super::replies;
use crate::term::event::Input;

pub(super) fn plain(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

pub(super) fn with_alt(mut key: KeyEvent) -> KeyEvent {
    key.modifiers |= KeyModifiers::ALT;
    key
}

pub(super) fn character(c: char) -> KeyEvent {
    let shift = if c.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    KeyEvent::new(KeyCode::Char(c), shift)
}

pub(super) fn control(byte: u8) -> KeyEvent {
    let code = match byte {
        0x00 => KeyCode::Char(' '),
        // terminals differ in which of the two Backspace is
        0x08 | 0x7f => return plain(KeyCode::Backspace),
        0x09 => return plain(KeyCode::Tab),
        0x0d => return plain(KeyCode::Enter),
        0x01..=0x1a => KeyCode::Char(char::from(byte | 0x60)),
        _ => KeyCode::Char(char::from(byte | 0x40)),
    };
    KeyEvent::new(code, KeyModifiers::CONTROL)
}

/// `ESC O`, perhaps a modifier, and a letter.
pub(super) fn ss3(modifier: &[u8], letter: u8) -> Found {
    let code = match letter {
        b'M' => KeyCode::Enter,
        b'X' => KeyCode::Char('='),
        b' ' => KeyCode::Char(' '),
        b'I' => KeyCode::Tab,
        // the keypad in application mode
        b'j'..=b'o' => KeyCode::Char(char::from(letter - 0x40)),
        b'p'..=b'y' => KeyCode::Char(char::from(letter - 0x40)),
        b'a'..=b'd' => {
            let Some(code) = arrow(letter.to_ascii_uppercase()) else {
                return Found::Nothing;
            };
            return Found::Key(KeyEvent::new(code, KeyModifiers::CONTROL));
        }
        _ => match arrow(letter) {
            Some(code) => code,
            None => return Found::Nothing,
        },
    };
    let modifiers = number(modifier).map_or(KeyModifiers::NONE, modifiers);
    Found::Key(KeyEvent::new(code, modifiers))
}

/// `CSI [` and a letter: F1 to F5 of the Linux console.
pub(super) fn console(letter: u8) -> Found {
    match letter {
        b'A'..=b'E' => Found::Key(plain(KeyCode::F(letter - b'A' + 1))),
        _ => Found::Nothing,
    }
}

/// `CSI n $`, where rxvt uses an intermediate byte as the final one.
pub(super) fn is_rxvt_shift(body: &[u8]) -> bool {
    body.iter().all(u8::is_ascii_digit) && number(body).and_then(tilde).is_some()
}

/// A whole CSI sequence: parameter and intermediate bytes, and the final byte.
pub(super) fn csi(body: &[u8], last: u8) -> Found {
    let (private, rest) = match body.split_first() {
        Some((mark @ b'<'..=b'?', rest)) => (*mark, rest),
        _ => (0, body),
    };
    let split = rest
        .iter()
        .position(|b| (0x20..0x30).contains(b))
        .unwrap_or(rest.len());
    let (parameters, intermediates) = rest.split_at(split);
    if private != 0 || !intermediates.is_empty() {
        return match (private, last) {
            (b'<', b'M' | b'm') if intermediates.is_empty() => sgr_mouse(parameters, last == b'm'),
            _ => replies::csi(private, parameters, intermediates, last),
        };
    }
    if parameters.is_empty() {
        match last {
            b'I' => return Found::Other(Input::Focus(true)),
            b'O' => return Found::Other(Input::Focus(false)),
            b'a'..=b'd' => {
                let code = arrow(last.to_ascii_uppercase());
                return code.map_or(Found::Nothing, |code| {
                    Found::Key(KeyEvent::new(code, KeyModifiers::SHIFT))
                });
            }
            _ => {}
        }
    }
    let Some(fields) = Fields::parse(parameters) else {
        return Found::Nothing;
    };
    match last {
        // a cursor report looks like a modified F3; nothing here asks for the cursor
        b'R' if !(fields.len() <= 2 && fields.main(0, 1) == 1 && fields.main(1, 1) <= 16) => {
            replies::unknown()
        }
        b'A'..=b'F' | b'H' | b'P'..=b'S' => match arrow(last) {
            Some(code) => fields.key(code),
            None => Found::Nothing,
        },
        b'Z' => Found::Key(KeyEvent::new(
            KeyCode::BackTab,
            modifiers(fields.main(1, 1)) | KeyModifiers::SHIFT,
        )),
        b'~' => match fields.main(0, 0) {
            200 => Found::PasteStart,
            27 => other_key(&fields),
            n => tilde(n).map_or(Found::Nothing, |code| fields.key(code)),
        },
        b'$' | b'^' | b'@' => {
            let held = match last {
                b'$' => KeyModifiers::SHIFT,
                b'^' => KeyModifiers::CONTROL,
                _ => KeyModifiers::SHIFT | KeyModifiers::CONTROL,
            };
            tilde(fields.main(0, 0))
                .map_or(Found::Nothing, |code| Found::Key(KeyEvent::new(code, held)))
        }
        b'u' => kitty(&fields),
        b'M' if fields.len() == 3 => {
            let (button, col, row) = (fields.main(0, 0), fields.main(1, 1), fields.main(2, 1));
            mouse(button.saturating_sub(32), col, row, false)
        }
        _ => replies::csi(0, parameters, b"", last),
    }
}

pub(super) fn x10(button: u8, col: u8, row: u8) -> Found {
    let button = u32::from(button.saturating_sub(32));
    mouse(
        button,
        u32::from(col.saturating_sub(32)),
        u32::from(row.saturating_sub(32)),
        false,
    )
}

fn sgr_mouse(parameters: &[u8], released: bool) -> Found {
    match Fields::parse(parameters) {
        Some(fields) if fields.len() == 3 => mouse(
            fields.main(0, 0),
            fields.main(1, 1),
            fields.main(2, 1),
            released,
        ),
        _ => Found::Nothing,
    }
}

fn mouse(button: u32, col: u32, row: u32, released: bool) -> Found {
    let which = match button & 0b1100_0011 {
        0 => Some(MouseButton::Left),
        1 => Some(MouseButton::Middle),
        2 => Some(MouseButton::Right),
        _ => None,
    };
    let moved = button & 32 != 0;
    let kind = match (button & 0b1100_0011, which) {
        (64, _) => MouseEventKind::ScrollUp,
        (65, _) => MouseEventKind::ScrollDown,
        (66, _) => MouseEventKind::ScrollLeft,
        (67, _) => MouseEventKind::ScrollRight,
        (3, _) if moved => MouseEventKind::Moved,
        (3, _) => MouseEventKind::Up(MouseButton::Left),
        (_, Some(which)) if released => MouseEventKind::Up(which),
        (_, Some(which)) if moved => MouseEventKind::Drag(which),
        (_, Some(which)) => MouseEventKind::Down(which),
        _ => return Found::Nothing,
    };
    let mut held = KeyModifiers::NONE;
    held.set(KeyModifiers::SHIFT, button & 4 != 0);
    held.set(KeyModifiers::ALT, button & 8 != 0);
    held.set(KeyModifiers::CONTROL, button & 16 != 0);
    let at = |n: u32| u16::try_from(n.saturating_sub(1)).unwrap_or(u16::MAX);
    Found::Other(Input::Mouse(MouseEvent {
        kind,
        column: at(col),
        row: at(row),
        modifiers: held,
    }))
}

fn arrow(letter: u8) -> Option<KeyCode> {
    Some(match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'E' => KeyCode::KeypadBegin,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    })
}

fn tilde(n: u32) -> Option<KeyCode> {
    let n = u8::try_from(n).ok()?;
    Some(match n {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => KeyCode::F(n - 10),
        17..=21 => KeyCode::F(n - 11),
        23..=26 => KeyCode::F(n - 12),
        28 | 29 => KeyCode::F(n - 13),
        31..=34 => KeyCode::F(n - 14),
        _ => return None,
    })
}

/// xterm's modifyOtherKeys: `CSI 27 ; modifiers ; code ~`.
fn other_key(fields: &Fields) -> Found {
    let held = modifiers(fields.main(1, 1));
    coded(fields.main(2, 0), 0, held)
}

fn kitty(fields: &Fields) -> Found {
    if fields.sub(1, 1) == Some(3) {
        return Found::Nothing;
    }
    let held = modifiers(fields.main(1, 1));
    let text = fields.main(2, 0);
    let bare = (held - KeyModifiers::SHIFT).is_empty();
    if bare && text >= 0x20 && fields.sub(2, 1).is_none() {
        return coded(text, 0, held);
    }
    coded(fields.main(0, 0), fields.sub(0, 1).unwrap_or(0), held)
}

/// A key by its code point or its number in kitty's private range; `shifted` is what Shift makes of it, 0 if unsaid.
fn coded(code: u32, shifted: u32, held: KeyModifiers) -> Found {
    let key = match code {
        27 => KeyCode::Esc,
        13 | 57414 => KeyCode::Enter,
        9 if held.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        8 | 127 => KeyCode::Backspace,
        57361 => KeyCode::PrintScreen,
        57363 => KeyCode::Menu,
        57376..=57398 => KeyCode::F((code - 57376 + 13) as u8),
        57399..=57408 => KeyCode::Char(char::from(b'0' + (code - 57399) as u8)),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57416 => KeyCode::Char(','),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        57427 => KeyCode::KeypadBegin,
        // lone modifiers, media keys
        57344..=63743 => return Found::Nothing,
        _ => return letter(code, shifted, held),
    };
    Found::Key(KeyEvent::new(key, held))
}

fn letter(code: u32, shifted: u32, held: KeyModifiers) -> Found {
    let shift = held.contains(KeyModifiers::SHIFT);
    let wanted = if shift && shifted != 0 { shifted } else { code };
    let Some(mut c) = char::from_u32(wanted).filter(|c| !c.is_control()) else {
        return Found::Nothing;
    };
    if shift && c.is_lowercase() {
        let mut upper = c.to_uppercase();
        if let (Some(one), None) = (upper.next(), upper.next()) {
            c = one;
        }
    }
    let mut key = character(c);
    key.modifiers |= held;
    if shifted != 0 && !c.is_uppercase() {
        key.modifiers -= KeyModifiers::SHIFT;
    }
    Found::Key(key)
}

/// The protocol's modifier number: one more than a set of bits.
fn modifiers(n: u32) -> KeyModifiers {
    let bits = n.saturating_sub(1);
    let mut held = KeyModifiers::NONE;
    held.set(KeyModifiers::SHIFT, bits & 1 != 0);
    held.set(KeyModifiers::ALT, bits & 2 != 0);
    held.set(KeyModifiers::CONTROL, bits & 4 != 0);
    held.set(KeyModifiers::SUPER, bits & 8 != 0);
    held.set(KeyModifiers::HYPER, bits & 16 != 0);
    held.set(KeyModifiers::META, bits & 32 != 0);
    held
}

fn number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0u32, |n, b| {
        let digit = b.is_ascii_digit().then(|| u32::from(b - b'0'))?;
        Some(n.saturating_mul(10).saturating_add(digit))
    })
}

/// Numeric parameters: fields divided by `;`, parts of a field by `:`. An empty one has no value.
pub(super) struct Fields<'a>(Vec<&'a [u8]>);

impl<'a> Fields<'a> {
    /// `None` if anything but digits and dividers is there.
    pub(super) fn parse(parameters: &'a [u8]) -> Option<Self> {
        let fine = |b: &u8| b.is_ascii_digit() || matches!(b, b';' | b':');
        parameters
            .iter()
            .all(fine)
            .then(|| Self(parameters.split(|b| *b == b';').collect()))
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn sub(&self, field: usize, part: usize) -> Option<u32> {
        let field = self.0.get(field)?;
        number(field.split(|b| *b == b':').nth(part)?)
    }

    pub(super) fn main(&self, field: usize, otherwise: u32) -> u32 {
        self.sub(field, 0).unwrap_or(otherwise)
    }

    /// A key whose second field is modifiers and event type.
    fn key(&self, code: KeyCode) -> Found {
        if self.sub(1, 1) == Some(3) {
            return Found::Nothing;
        }
        Found::Key(KeyEvent::new(code, modifiers(self.main(1, 1))))
    }
}
