//! What the terminal and the system tell us: keys, pastes, replies, sizes, signals.

use std::time::Instant;

use crossterm::event::{KeyEvent, MouseEvent};

/// One thing that came from the terminal or the system, in order.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    Key(Key),
    Paste(Paste),
    Mouse(MouseEvent),
    Focus(bool),
    Resize {
        cols: u16,
        rows: u16,
    },
    Reply(Reply),
    Signal(Signal),
    /// Standard input ended: the terminal is gone. Nothing follows.
    Gone,
}

/// A key press. Upper-case letters carry SHIFT, as crossterm has it; releases never come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Key {
    pub event: KeyEvent,
    /// Printable characters (this one among them) that came in the same read.
    pub in_read: u16,
    /// When the last byte of the key was read; for a lone ESC, when it was decided.
    pub at: Instant,
}

/// A bracketed paste. Line ends are `\n`; other control characters are kept, so each sink must make it safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paste {
    pub text: String,
    /// Bytes beyond the cap that were dropped.
    pub cut: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

/// What the terminal answered to a question of ours. Never a key, however late it comes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// `CSI 0 n`: everything that we wrote before the question has been read.
    Status,
    /// DECRPM for a private mode; state as in the protocol (0 unknown, 1 set, 2 reset, 3 and 4 permanent).
    ModeReport {
        mode: u16,
        state: u8,
    },
    /// Primary device attributes (DA1).
    Attributes(Vec<u16>),
    Foreground(Rgb),
    Background(Rgb),
    KittyFlags(u8),
    /// XTVERSION, at most 256 bytes.
    Version(String),
    /// DECRQSS for SGR: the attributes in force, without the final `m`.
    Sgr(String),
    /// XTGETTCAP: capability name, and whether the terminal has it.
    Capability {
        name: String,
        has: bool,
    },
    /// A reply that nothing here reads.
    Unknown,
}

/// A signal that the run loop has to act on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the line is gone or about to be.
    Hangup,
    /// SIGINT from outside (Ctrl-c is a key).
    Interrupt,
    /// SIGTSTP from outside (Ctrl-z is a key): call `Guard::suspend`.
    Stop,
    /// Somebody stopped and continued us behind our back: call `Guard::renew` and draw all.
    Continue,
}
