//! The total state machine from terminal bytes to [`Input`]s.
//!
//! Sequences may be cut anywhere by the network; a sequence that has begun is finished or swallowed
//! whole, so no part of it ever becomes a letter. Only a lone ESC (and `ESC [` and its like, which
//! are also Alt keys) is decided by silence. `keys` and `replies` decode the finished sequences;
//! `input` feeds bytes and keeps the one deadline.

mod keys;
mod replies;
#[cfg(test)]
mod tests;

use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::event::{Input, Key, Paste};

/// Silence after which a lone ESC is the Esc key.
pub const ESC_WAIT: Duration = Duration::from_millis(60);
/// Bytes of one bracketed paste that are kept.
pub const PASTE_CAP: usize = 4 << 20;
/// A paste or reply that stood still for so long may be given up by a key.
const STALLED: Duration = Duration::from_secs(1);
/// After a lone ESC was decided, the rest of a sequence that comes late is dropped for so long.
const LATE: Duration = Duration::from_millis(1500);
const CSI_CAP: usize = 256;
const STRING_CAP: usize = 8 << 10;
const PASTE_END: &[u8] = b"\x1b[201~";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Ground,
    /// Inside a UTF-8 character of so many bytes, the first of them in `body`.
    Utf8 {
        len: u8,
        alt: bool,
    },
    Esc,
    Csi,
    Ss3,
    /// `CSI [` of the Linux console: one letter follows.
    Console,
    /// `CSI M`: three raw bytes follow.
    X10,
    Text(Kind),
    /// An ESC inside a string: `\` ends it.
    TextEsc(Kind),
    /// Inside a bracketed paste, so many bytes of its end seen.
    Paste(u8),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Osc,
    Dcs,
    /// APC, PM and SOS: swallowed.
    Other,
}

/// What one finished sequence means.
#[derive(Debug, Clone, PartialEq)]
enum Found {
    Key(KeyEvent),
    Other(Input),
    PasteStart,
    Nothing,
}

/// Bytes to inputs. Total: any bytes in any chunks are taken without panic or unbounded memory.
#[derive(Debug)]
pub struct Parser {
    state: State,
    /// ESC ESC: the first is a key of its own, or Alt for a key sequence.
    alt: bool,
    /// The sequence continues one whose ESC was already given out as a key.
    late: bool,
    body: Vec<u8>,
    paste: Vec<u8>,
    cut: usize,
    esc_wait: Duration,
    last: Option<Instant>,
    deadline: Option<Instant>,
    /// What silence decided last, and when: its rest may still come.
    decided: Option<(State, Instant)>,
    /// The read now being fed began after a long silence.
    stalled: bool,
}

impl Default for Parser {
    fn default() -> Self {
        Self::new(ESC_WAIT)
    }
}

impl Parser {
    pub fn new(esc_wait: Duration) -> Self {
        Self {
            state: State::Ground,
            alt: false,
            late: false,
            body: Vec::new(),
            paste: Vec::new(),
            cut: 0,
            esc_wait,
            last: None,
            deadline: None,
            decided: None,
            stalled: false,
        }
    }

    /// Changes the silence after which a lone ESC is a key.
    ///
    /// Zero is for terminals that send Esc as a sequence (kitty's `CSI 27 u`), which acts at once:
    /// there a lone ESC is only ever the beginning of something, so it is waited for as by default.
    pub fn set_esc_wait(&mut self, wait: Duration) {
        self.esc_wait = if wait.is_zero() { ESC_WAIT } else { wait };
    }

    /// When [`Parser::expire`] has to be called if no byte comes before; `None` means: no timer.
    pub fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Takes the bytes of one read.
    pub fn feed(&mut self, bytes: &[u8], at: Instant, out: &mut Vec<Input>) {
        if bytes.is_empty() {
            return;
        }
        let first = out.len();
        self.stalled = self
            .last
            .is_some_and(|last| at.saturating_duration_since(last) >= STALLED);
        self.last = Some(at);
        self.deadline = None;
        if let Some((state, since)) = self.decided.take()
            && at.saturating_duration_since(since) <= LATE
            && self.state == State::Ground
            && goes_on(state, bytes)
        {
            self.late = true;
            self.state = state;
            self.body.clear();
        }
        let rescue =
            self.stalled && matches!(self.state, State::Paste(_)) && matches!(bytes, [3] | [0x1b]);
        if rescue && bytes == [3] {
            self.finish_paste(out);
        }
        for &byte in bytes {
            self.byte(byte, at, out);
        }
        let undecided = match self.state {
            State::Esc => true,
            State::Csi | State::Ss3 | State::Text(_) => self.body.is_empty() && !self.late,
            State::TextEsc(_) => self.stalled,
            State::Paste(_) => rescue,
            _ => false,
        };
        if undecided {
            self.deadline = Some(at + self.esc_wait);
        }
        count_printable(&mut out[first..]);
    }

    /// Decides what silence decides, if its time has come.
    pub fn expire(&mut self, now: Instant, out: &mut Vec<Input>) {
        if self.deadline.is_none_or(|deadline| now < deadline) {
            return;
        }
        self.deadline = None;
        let first = out.len();
        let state = std::mem::replace(&mut self.state, State::Ground);
        if std::mem::take(&mut self.alt) {
            push(out, keys::plain(KeyCode::Esc), now);
        }
        let introducer = match state {
            State::Csi => Some('['),
            State::Ss3 => Some('O'),
            State::Text(Kind::Osc) => Some(']'),
            State::Text(Kind::Dcs) => Some('P'),
            State::Text(Kind::Other) => Some('_'),
            State::Paste(_) => {
                self.finish_paste(out);
                None
            }
            _ => {
                push(out, keys::plain(KeyCode::Esc), now);
                None
            }
        };
        if let Some(introducer) = introducer {
            push(out, keys::with_alt(keys::character(introducer)), now);
        }
        let rest = match state {
            State::Paste(_) => State::Esc,
            other => other,
        };
        self.decided = Some((rest, now));
        self.body.clear();
        count_printable(&mut out[first..]);
    }

    fn byte(&mut self, byte: u8, at: Instant, out: &mut Vec<Input>) {
        match self.state {
            State::Ground => self.ground(byte, at, out),
            State::Utf8 { len, alt } => self.utf8(byte, len, alt, at, out),
            State::Esc => self.escape(byte, at, out),
            State::Csi => self.csi(byte, at, out),
            State::Ss3 => match byte {
                b'0'..=b'9' if self.body.len() < 2 => self.body.push(byte),
                0x20..=0x7e => {
                    let found = keys::ss3(&self.body, byte);
                    self.found(found, at, out);
                }
                _ => self.abort(byte, at, out),
            },
            State::Console => match byte {
                0x20..=0x7e => self.found(keys::console(byte), at, out),
                _ => self.abort(byte, at, out),
            },
            State::X10 => {
                if byte < 0x20 {
                    self.abort(byte, at, out);
                    return;
                }
                self.body.push(byte);
                if let [button, col, row] = self.body[..] {
                    self.found(keys::x10(button, col, row), at, out);
                }
            }
            State::Text(kind) => match byte {
                0x07 if kind == Kind::Osc => self.string(kind, at, out),
                0x1b => self.state = State::TextEsc(kind),
                // CAN and SUB end any sequence, and Ctrl-c must always be heard
                0x03 | 0x18 | 0x1a => self.abort(byte, at, out),
                _ if self.body.len() < STRING_CAP => self.body.push(byte),
                _ => {}
            },
            State::TextEsc(kind) => match byte {
                b'\\' => self.string(kind, at, out),
                _ => {
                    self.begin_escape();
                    self.byte(byte, at, out);
                }
            },
            State::Paste(matched) => self.pasted(byte, matched, out),
        }
    }

    fn ground(&mut self, byte: u8, at: Instant, out: &mut Vec<Input>) {
        match byte {
            0x1b => self.begin_escape(),
            0x00..=0x1f | 0x7f => push(out, keys::control(byte), at),
            0x20..=0x7e => push(out, keys::character(char::from(byte)), at),
            _ => self.begin_utf8(byte, false, at, out),
        }
    }

    fn begin_escape(&mut self) {
        self.state = State::Esc;
        self.alt = false;
        self.late = false;
        self.body.clear();
    }

    fn begin_utf8(&mut self, byte: u8, alt: bool, at: Instant, out: &mut Vec<Input>) {
        let len = match byte {
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            _ => {
                self.state = State::Ground;
                push(out, keys::character(char::REPLACEMENT_CHARACTER), at);
                return;
            }
        };
        self.body.clear();
        self.body.push(byte);
        self.state = State::Utf8 { len, alt };
    }

    fn utf8(&mut self, byte: u8, len: u8, alt: bool, at: Instant, out: &mut Vec<Input>) {
        self.body.push(byte);
        match std::str::from_utf8(&self.body) {
            Ok(text) => {
                self.state = State::Ground;
                // C1 controls are nobody's keys
                if let Some(c) = text.chars().next().filter(|c| !c.is_control()) {
                    let key = keys::character(c);
                    push(out, if alt { keys::with_alt(key) } else { key }, at);
                }
                self.body.clear();
            }
            Err(error) if error.error_len().is_none() && self.body.len() < usize::from(len) => {}
            Err(_) => {
                self.state = State::Ground;
                self.body.clear();
                push(out, keys::character(char::REPLACEMENT_CHARACTER), at);
                if !(0x80..0xc0).contains(&byte) {
                    self.byte(byte, at, out);
                }
            }
        }
    }

    fn escape(&mut self, byte: u8, at: Instant, out: &mut Vec<Input>) {
        let next = match byte {
            b'[' => State::Csi,
            b'O' => State::Ss3,
            b']' => State::Text(Kind::Osc),
            b'P' => State::Text(Kind::Dcs),
            b'_' | b'^' | b'X' => State::Text(Kind::Other),
            0x1b => {
                if self.alt {
                    push(out, keys::plain(KeyCode::Esc), at);
                }
                self.alt = true;
                return;
            }
            _ => {
                self.flush_alt(at, out);
                self.state = State::Ground;
                if self.late {
                    self.late = false;
                    self.byte(byte, at, out);
                    return;
                }
                match byte {
                    0x00..=0x1f | 0x7f => push(out, keys::with_alt(keys::control(byte)), at),
                    0x20..=0x7e => push(out, keys::with_alt(keys::character(char::from(byte))), at),
                    _ => self.begin_utf8(byte, true, at, out),
                }
                return;
            }
        };
        if matches!(next, State::Text(_)) {
            self.flush_alt(at, out);
        }
        self.body.clear();
        self.state = next;
    }

    fn csi(&mut self, byte: u8, at: Instant, out: &mut Vec<Input>) {
        match byte {
            b'$' if keys::is_rxvt_shift(&self.body) => {
                let found = keys::csi(&self.body, byte);
                self.found(found, at, out);
            }
            0x20..=0x3f => {
                // an overlong one is swallowed to its end: `@@` decodes to nothing
                if self.body.len() < CSI_CAP {
                    self.body.push(byte);
                }
            }
            b'[' if self.body.is_empty() => self.state = State::Console,
            b'M' if self.body.is_empty() => self.state = State::X10,
            0x40..=0x7e => {
                let found = if self.body.len() < CSI_CAP {
                    keys::csi(&self.body, byte)
                } else {
                    Found::Nothing
                };
                self.found(found, at, out);
            }
            _ => self.abort(byte, at, out),
        }
    }

    /// A byte that cannot belong to the sequence: the sequence is dropped, the byte is not.
    fn abort(&mut self, byte: u8, at: Instant, out: &mut Vec<Input>) {
        self.flush_alt(at, out);
        self.state = State::Ground;
        self.late = false;
        self.body.clear();
        if !matches!(byte, 0x18 | 0x1a) {
            self.byte(byte, at, out);
        }
    }

    /// ESC ESC turned out not to be Alt: the first was the Esc key.
    fn flush_alt(&mut self, at: Instant, out: &mut Vec<Input>) {
        if std::mem::take(&mut self.alt) {
            push(out, keys::plain(KeyCode::Esc), at);
        }
    }

    fn string(&mut self, kind: Kind, at: Instant, out: &mut Vec<Input>) {
        let found = match kind {
            Kind::Osc => replies::osc(&self.body),
            Kind::Dcs => replies::dcs(&self.body),
            Kind::Other => replies::unknown(),
        };
        self.found(found, at, out);
    }

    fn found(&mut self, found: Found, at: Instant, out: &mut Vec<Input>) {
        self.state = State::Ground;
        let late = std::mem::take(&mut self.late);
        match found {
            Found::Key(key) => {
                let alt = std::mem::take(&mut self.alt);
                if !late {
                    push(out, if alt { keys::with_alt(key) } else { key }, at);
                }
            }
            Found::Other(input) => {
                // Esc was pressed and a reply came right behind it
                self.flush_alt(at, out);
                out.push(input);
            }
            Found::PasteStart => {
                self.flush_alt(at, out);
                self.paste.clear();
                self.cut = 0;
                self.state = State::Paste(0);
            }
            Found::Nothing => self.alt = false,
        }
        self.body.clear();
    }

    fn pasted(&mut self, byte: u8, matched: u8, out: &mut Vec<Input>) {
        let matched = usize::from(matched);
        if PASTE_END.get(matched) == Some(&byte) {
            if matched + 1 == PASTE_END.len() {
                self.finish_paste(out);
            } else {
                self.state = State::Paste(matched as u8 + 1);
            }
            return;
        }
        for kept in PASTE_END.iter().take(matched) {
            self.keep(*kept);
        }
        if byte == PASTE_END[0] {
            self.state = State::Paste(1);
        } else {
            self.state = State::Paste(0);
            self.keep(byte);
        }
    }

    fn keep(&mut self, byte: u8) {
        if self.paste.len() < PASTE_CAP {
            self.paste.push(byte);
        } else {
            self.cut += 1;
        }
    }

    fn finish_paste(&mut self, out: &mut Vec<Input>) {
        let bytes = std::mem::take(&mut self.paste);
        let mut text = String::from_utf8_lossy(&bytes).into_owned();
        if text.contains('\r') {
            text = text.replace("\r\n", "\n").replace('\r', "\n");
        }
        let cut = std::mem::take(&mut self.cut);
        out.push(Input::Paste(Paste { text, cut }));
        self.state = State::Ground;
    }
}

/// Whether a read looks like the rest of what silence had cut off: typed keys do not come like that.
fn goes_on(state: State, bytes: &[u8]) -> bool {
    let csi = |b: &[u8]| {
        matches!(b.first(), Some(b'0'..=b'9' | b'<' | b'?' | b'>' | b'['))
            || matches!(b, [b'A'..=b'F' | b'H' | b'I' | b'O'..=b'S' | b'Z', ..])
    };
    let ss3 = |b: &[u8]| matches!(b, [b'A'..=b'F' | b'H' | b'M' | b'P'..=b'S' | b'X', ..]);
    let osc = |b: &[u8]| matches!(b.first(), Some(b'0'..=b'9'));
    let dcs = |b: &[u8]| matches!(b, [b'>', b'|', ..] | [b'0' | b'1', b'$' | b'+', ..]);
    match state {
        State::Esc => match bytes.split_first() {
            Some((b'[', rest)) => csi(rest),
            Some((b'O', rest)) => ss3(rest),
            Some((b']', rest)) => osc(rest),
            Some((b'P', rest)) => dcs(rest),
            Some((b'_', rest)) => rest.first() == Some(&b'G'),
            _ => false,
        },
        State::Csi => csi(bytes),
        State::Ss3 => ss3(bytes),
        State::Text(Kind::Osc) => osc(bytes),
        State::Text(Kind::Dcs) => dcs(bytes),
        State::Text(Kind::Other) => bytes.first() == Some(&b'G'),
        State::TextEsc(_) => bytes.first() == Some(&b'\\'),
        _ => false,
    }
}

fn push(out: &mut Vec<Input>, event: KeyEvent, at: Instant) {
    out.push(Input::Key(Key {
        event,
        in_read: 0,
        at,
    }));
}

fn count_printable(inputs: &mut [Input]) {
    let printable = |input: &&mut Input| match input {
        Input::Key(key) => is_printable(&key.event),
        _ => false,
    };
    let count = inputs.iter_mut().filter(printable).count();
    let count = u16::try_from(count).unwrap_or(u16::MAX);
    for input in inputs {
        if let Input::Key(key) = input {
            key.in_read = count;
        }
    }
}

fn is_printable(key: &KeyEvent) -> bool {
    matches!(key.code, KeyCode::Char(_)) && (key.modifiers - KeyModifiers::SHIFT).is_empty()
}
