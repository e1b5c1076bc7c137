//! Text to tokens. Total: every text gives tokens whose spans, with the trivia between
//! them, cover it exactly; nothing here can fail or recurse.
//!
//! Trivia (blanks and comments) is not stored: it is the gap between one token's end and
//! the next one's start.

use super::diag::{Code, Diag, MOST_NOTED};
use super::kind::{self, T};

/// A token's kind and the bytes of its own text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: T,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

const UNITS: &[&str] = &[
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "ms",
    "milli",
    "millis",
    "millisec",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsec",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosec",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
];

/// Whether the character is blank to the language.
pub fn is_blank(c: char) -> bool {
    matches!(
        c,
        '\t' | '\n' | '\r' | '\x0c' | ' ' | '\u{a0}' | '\u{1680}' | '\u{180e}' | '\u{2000}'
            ..='\u{200b}' | '\u{202f}' | '\u{205f}' | '\u{3000}' | '\u{feff}'
    )
}

/// Whether the character ends a line.
pub fn is_line_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{2028}' | '\u{2029}')
}

/// Cuts the text into tokens, the last one being [`T::Eof`].
pub fn lex(text: &str, diags: &mut Vec<Diag>) -> Vec<Token> {
    let mut lx = Lexer {
        text,
        bytes: text.as_bytes(),
        at: 0,
        diags,
    };
    let mut out = Vec::with_capacity(text.len() / 5 + 4);
    loop {
        lx.trivia();
        let start = lx.at;
        if start >= lx.bytes.len() {
            out.push(Token {
                kind: T::Eof,
                start: start as u32,
                end: start as u32,
            });
            return out;
        }
        let kind = lx.token();
        out.push(Token {
            kind,
            start: start as u32,
            end: lx.at as u32,
        });
    }
}

struct Lexer<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    diags: &'a mut Vec<Diag>,
}

impl Lexer<'_> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }
    fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }
    fn char_at(&self, at: usize) -> Option<char> {
        self.text.get(at..)?.chars().next()
    }

    fn trivia(&mut self) {
        loop {
            match self.peek(0) {
                b' ' | b'\t' | b'\n' | b'\r' | 0x0c => self.at += 1,
                b'/' if self.peek(1) == b'/' => self.at = self.line_end(self.at),
                0x80.. => match self.char_at(self.at) {
                    Some(c) if is_blank(c) => self.at += c.len_utf8(),
                    _ => return,
                },
                _ => return,
            }
        }
    }

    /// Where the line ends, before its break.
    fn line_end(&self, from: usize) -> usize {
        let mut at = from;
        while at < self.bytes.len() {
            match self.bytes[at] {
                b'\n' | b'\r' => break,
                0xe2 if matches!(self.bytes.get(at + 1..at + 3), Some([0x80, 0xa8 | 0xa9])) => {
                    break;
                }
                _ => at += 1,
            }
        }
        at
    }

    fn take(&mut self, len: usize, kind: T) -> T {
        self.at += len;
        kind
    }

    fn token(&mut self) -> T {
        let c = self.peek(0);
        if !c.is_ascii_alphanumeric() {
            let next = self.peek(1);
            let (len, kind) = match (c, next) {
                (b'(', _) => (1, T::OpenParen),
                (b')', _) => (1, T::CloseParen),
                (b'[', _) => (1, T::OpenBracket),
                (b']', _) => (1, T::CloseBracket),
                (b'{', _) => (1, T::OpenBrace),
                (b'}', _) => (1, T::CloseBrace),
                (b'|', _) => (1, T::Bar),
                (b'.', b'.') => (2, T::DotDot),
                (b'.', _) => (1, T::Dot),
                (b'+', _) => (1, T::Plus),
                (b'-', _) => (1, T::Minus),
                (b'*', _) => (1, T::Asterisk),
                (b'/', _) => (1, T::Slash),
                (b'%', _) => (1, T::Percent),
                (b'<', b'=') => (2, T::LessEqual),
                (b'<', b'|') => (2, T::LessBar),
                (b'<', b'>') => (2, T::LessGreater),
                (b'<', _) => (1, T::Less),
                (b'>', b'=') => (2, T::GreaterEqual),
                (b'>', _) => (1, T::Greater),
                (b'=', b'=') => (2, T::EqualEqual),
                (b'=', b'>') => (2, T::FatArrow),
                (b'=', b'~') => (2, T::EqualTilde),
                (b'=', _) => (1, T::Equal),
                (b'!', b'=') => (2, T::BangEqual),
                (b'!', b'~') => (2, T::BangTilde),
                (b':', _) => (1, T::Colon),
                (b';', _) => (1, T::Semicolon),
                (b',', _) => (1, T::Comma),
                (b'?', _) => (1, T::Question),
                (b'@', b'\'' | b'"' | b'`' | b'~') | (b'\'' | b'"' | b'`' | b'~', _) => {
                    if self.string() {
                        return T::StringLit;
                    }
                    return self.word_or_bad();
                }
                (b'@', _) => (1, T::At),
                (b'#', _) => {
                    self.at = self.line_end(self.at);
                    return T::Directive;
                }
                _ => return self.word_or_bad(),
            };
            return self.take(len, kind);
        }
        self.word_or_bad()
    }

    fn name_run(&self, from: usize) -> usize {
        let mut at = from;
        while kind::is_name_byte(self.byte(at)) {
            at += 1;
        }
        at - from
    }

    fn word_or_bad(&mut self) -> T {
        let c = self.peek(0);
        let run = self.name_run(self.at);
        let after = self.byte(self.at + run);
        // the longest reserved word counts, even where it then is not one (`project-awayX`)
        let special = if c == b'!' || (run > 0 && matches!(after, b'-' | b'.' | b' ' | b'~')) {
            kind::compound(&self.bytes[self.at..])
        } else {
            None
        };
        match special {
            Some((len, kind)) => {
                if !kind::is_name_byte(self.byte(self.at + len)) {
                    return self.take(len, kind);
                }
            }
            None if run > 0 => {
                if let Some(kind) = kind::word(&self.bytes[self.at..self.at + run]) {
                    if after == b'('
                        && let Some(lit) = literal_call(kind)
                    {
                        return self.literal_call(run, lit);
                    }
                    return self.take(run, kind);
                }
            }
            None => {}
        }
        if c.is_ascii_alphabetic() || c == b'_' || c == b'$' {
            return self.identifier();
        }
        if c.is_ascii_digit() {
            return self.number();
        }
        self.bad()
    }

    fn bad(&mut self) -> T {
        let len = self.char_at(self.at).map_or(1, char::len_utf8);
        let (start, end) = (self.at, self.at + len);
        // a megabyte of junk would be as many findings
        if self.diags.len() < MOST_NOTED {
            let found = &self.text[start..end];
            self.diags
                .push(Diag::new(Code::UNEXPECTED_CHARACTER, start, end).arg(found));
        }
        self.take(len, T::Bad)
    }

    /// `datetime(…)` and its kin are one token up to the bracket or the line's end.
    fn literal_call(&mut self, word_len: usize, kind: T) -> T {
        let mut at = self.at + word_len + 1;
        while at < self.bytes.len() && self.bytes[at] != b')' {
            match self.char_at(at) {
                Some(c) if is_line_break(c) => break,
                Some(c) => at += c.len_utf8(),
                None => break,
            }
        }
        if self.byte(at) == b')' {
            self.at = at + 1;
        } else {
            self.at = at;
            self.diags
                .push(Diag::new(Code::MISSING_TEXT, at, at).arg(")"));
        }
        kind
    }

    fn identifier(&mut self) -> T {
        let run = self.name_run(self.at);
        if matches!(
            &self.bytes[self.at..self.at + run],
            b"true" | b"True" | b"TRUE" | b"false" | b"False" | b"FALSE"
        ) {
            return self.take(run, T::BoolLit);
        }
        if let Some(len) = self.raw_guid() {
            return self.take(len, T::RawGuidLit);
        }
        if run == 1
            && matches!(self.peek(0), b'h' | b'H')
            && matches!(self.peek(1), b'\'' | b'"' | b'`' | b'~' | b'@')
            && self.string()
        {
            return T::StringLit;
        }
        // `$` only starts a name
        let len = if self.peek(0) == b'$' {
            1 + self.name_run(self.at + 1)
        } else {
            run
        };
        self.take(len, T::Ident)
    }

    fn number(&mut self) -> T {
        if let Some(len) = self.raw_guid() {
            return self.take(len, T::RawGuidLit);
        }
        if let Some(len) = self.real() {
            return self.take(len, T::RealLit);
        }
        if let Some(len) = self.timespan() {
            return self.take(len, T::TimespanLit);
        }
        if let Some(len) = self.long() {
            return self.take(len, T::LongLit);
        }
        let digits = self.digits(self.at);
        let after = self.byte(self.at + digits);
        if after.is_ascii_alphabetic() || after == b'_' {
            let len = self.name_run(self.at);
            return self.take(len, T::Ident);
        }
        self.bad()
    }

    fn digits(&self, from: usize) -> usize {
        let mut at = from;
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at - from
    }

    fn ends(&self, at: usize) -> Option<usize> {
        (!kind::is_name_byte(self.byte(at))).then(|| at - self.at)
    }

    fn long(&self) -> Option<usize> {
        if self.peek(0) == b'0'
            && matches!(self.peek(1), b'x' | b'X')
            && self.peek(2).is_ascii_hexdigit()
        {
            let mut at = self.at + 2;
            while self.byte(at).is_ascii_hexdigit() {
                at += 1;
            }
            if let Some(len) = self.ends(at) {
                return Some(len);
            }
        }
        self.ends(self.at + self.digits(self.at))
    }

    fn exponent(&self, from: usize) -> usize {
        let mut at = from;
        if matches!(self.byte(at), b'e' | b'E') {
            at += 1;
            if matches!(self.byte(at), b'+' | b'-') {
                at += 1;
            }
            let n = self.digits(at);
            if n > 0 {
                return at + n - from;
            }
        }
        0
    }

    fn real(&self) -> Option<usize> {
        let mut at = self.at + self.digits(self.at);
        if self.byte(at) == b'.' && (self.byte(at + 1) != b'.' || self.byte(at + 2) == b'.') {
            at += 1;
            at += self.digits(at);
            at += self.exponent(at);
        } else {
            let n = self.exponent(at);
            if n == 0 {
                return None;
            }
            at += n;
        }
        self.ends(at)
    }

    fn timespan(&self) -> Option<usize> {
        let mut at = self.at + self.digits(self.at);
        if self.byte(at) == b'.' {
            let n = self.digits(at + 1);
            if n > 0 {
                at += n + 1;
            }
        }
        let rest = &self.bytes[at.min(self.bytes.len())..];
        let run = rest
            .iter()
            .take_while(|b| b.is_ascii_lowercase())
            .count()
            .min(12);
        let unit = (1..=run)
            .rev()
            .find(|n| UNITS.iter().any(|u| u.as_bytes() == &rest[..*n]))?;
        self.ends(at + unit)
    }

    fn raw_guid(&self) -> Option<usize> {
        let b = self.bytes.get(self.at..self.at + 36)?;
        if b[8] != b'-' {
            return None;
        }
        let ok = b.iter().enumerate().all(|(i, c)| match i {
            8 | 13 | 18 | 23 => *c == b'-',
            _ => c.is_ascii_hexdigit(),
        });
        ok.then_some(36).and_then(|_| self.ends(self.at + 36))
    }

    /// Reads a string in any of its forms; false where none starts here.
    fn string(&mut self) -> bool {
        let mut at = self.at;
        if matches!(self.byte(at), b'h' | b'H') {
            at += 1;
        }
        let verbatim = self.byte(at) == b'@';
        if verbatim {
            at += 1;
        }
        let quote = self.byte(at);
        if matches!(quote, b'\'' | b'"') {
            at = self.string_content(at + 1, quote, verbatim);
            if self.byte(at) == quote {
                at += 1;
            } else {
                self.diags
                    .push(Diag::new(Code::MISSING_TEXT, at, at).arg(if quote == b'"' {
                        "\""
                    } else {
                        "'"
                    }));
            }
            self.at = at;
            return true;
        }
        for fence in ["```", "~~~"] {
            if self.bytes[at.min(self.bytes.len())..].starts_with(fence.as_bytes()) {
                let from = at + 3;
                match memchr::memmem::find(&self.bytes[from..], fence.as_bytes()) {
                    Some(n) => self.at = from + n + 3,
                    None => {
                        self.at = self.bytes.len();
                        self.diags
                            .push(Diag::new(Code::MISSING_TEXT, self.at, self.at).arg(fence));
                    }
                }
                return true;
            }
        }
        false
    }

    fn string_content(&self, from: usize, quote: u8, verbatim: bool) -> usize {
        let mut at = from;
        while at < self.bytes.len() {
            let c = self.bytes[at];
            if c == quote && verbatim && self.byte(at + 1) == quote {
                at += 2;
            } else if c == b'\\' && !verbatim {
                match escape(&self.bytes[at + 1..]) {
                    Some(n) => at += n + 1,
                    None => break,
                }
            } else if c == quote || c == b'\r' || c == b'\n' {
                break;
            } else {
                at += 1;
            }
        }
        at
    }
}

/// Bytes of the escape after a backslash, or none if it is not one.
fn escape(rest: &[u8]) -> Option<usize> {
    let hex = |n: usize| {
        rest.get(1..=n)
            .filter(|d| d.iter().all(u8::is_ascii_hexdigit))
            .map(|_| n + 1)
    };
    match rest.first()? {
        b'\\' | b'\'' | b'"' | b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' => Some(1),
        b'u' => hex(4),
        b'U' => hex(8),
        b'x' => hex(2),
        d @ b'0'..=b'7' => {
            let octal = |i: usize| matches!(rest.get(i), Some(b'0'..=b'7'));
            Some(if !octal(1) {
                1
            } else if octal(2) && *d <= b'3' {
                3
            } else {
                2
            })
        }
        _ => None,
    }
}

fn literal_call(word: T) -> Option<T> {
    Some(match word {
        T::Long | T::Int64 => T::LongLit,
        T::Int | T::Int32 => T::IntLit,
        T::Real | T::Double => T::RealLit,
        T::Decimal => T::DecimalLit,
        T::Bool => T::BoolLit,
        T::DateTime | T::Date => T::DateTimeLit,
        T::Time | T::Timespan => T::TimespanLit,
        T::Guid => T::GuidLit,
        _ => return None,
    })
}
