//! Cuts a filter text into tokens. Total: every text is covered, byte by byte, and none is refused.

use super::Op;
use std::ops::Range;

/// A piece of the text; pieces touch and cover it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    pub span: Range<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Space,
    /// `!` or `-` before a term.
    Not,
    /// `~` before a bare word.
    Fuzzy,
    /// A field's name; always followed by its operator.
    Field,
    Op(Op),
    Word,
    /// In quotes; `closed` is false where the text ended first.
    Quoted {
        closed: bool,
    },
    Comma,
}

/// The tokens of a text.
pub fn lex(text: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        text,
        at: 0,
        out: Vec::new(),
    };
    while lexer.at < text.len() {
        if !lexer.run(Kind::Space, char::is_whitespace) {
            lexer.term();
        }
    }
    lexer.out
}

/// The field that a text begins with, and its operator, if it does.
pub fn field(text: &str) -> Option<(&str, Op)> {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric())?;
    let (name, rest) = text.split_at(end);
    if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return None;
    }
    let op = Op::ALL
        .iter()
        .copied()
        .find(|op| rest.starts_with(op.sign()))?;
    // https://… , C:\… and fe::1 are words
    let after = &rest[op.sign().len()..];
    let is_word = op == Op::Has && (after.starts_with("//") || after.starts_with(['\\', ':']));
    (!is_word).then_some((name, op))
}

/// Where a quoted text ends (behind its closing quote), and whether it was closed.
fn quoted_end(text: &str) -> (usize, bool) {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return (at + 1, true),
            _ => {}
        }
    }
    (text.len(), false)
}

/// The text inside of a quoted token.
pub fn unquoted(token: &str) -> String {
    let inner = token.strip_prefix('"').unwrap_or(token);
    let (end, closed) = quoted_end(token);
    let inner = match closed && end == token.len() {
        true => &inner[..inner.len() - 1],
        false => inner,
    };
    let mut out = String::with_capacity(inner.len());
    let mut escaped = false;
    for c in inner.chars() {
        if c == '\\' && !escaped {
            escaped = true;
            continue;
        }
        // a backslash before anything but a quote or itself is itself
        if escaped && c != '"' && c != '\\' {
            out.push('\\');
        }
        escaped = false;
        out.push(c);
    }
    if escaped {
        out.push('\\');
    }
    out
}

/// A text in quotes, to be read back by [`unquoted`].
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    out: Vec<Token>,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn push(&mut self, kind: Kind, len: usize) {
        if len > 0 {
            self.out.push(Token {
                kind,
                span: self.at..self.at + len,
            });
            self.at += len;
        }
    }

    /// A token of all characters that fit; false where none does.
    fn run(&mut self, kind: Kind, fits: impl Fn(char) -> bool) -> bool {
        let len = self.rest().find(|c| !fits(c)).unwrap_or(self.rest().len());
        self.push(kind, len);
        len > 0
    }

    fn term(&mut self) {
        while self.rest().starts_with(['!', '-']) {
            self.push(Kind::Not, 1);
        }
        if self.rest().starts_with('~') {
            self.push(Kind::Fuzzy, 1);
        } else if let Some((name, op)) = field(self.rest()) {
            self.push(Kind::Field, name.len());
            self.push(Kind::Op(op), op.sign().len());
        }
        loop {
            if self.rest().starts_with('"') {
                let (len, closed) = quoted_end(self.rest());
                self.push(Kind::Quoted { closed }, len);
            } else {
                self.run(Kind::Word, |c| !c.is_whitespace() && c != ',');
            }
            if !self.rest().starts_with(',') {
                return;
            }
            self.push(Kind::Comma, 1);
        }
    }
}
