//! The parser's tools: looking ahead, taking tokens, opening and closing nodes, lists.

use super::params::{Allowed, Param};
use crate::syntax::diag::{Code, Diag, MOST_NOTED};
use crate::syntax::kind::{CAN_BE_DECLARED, CAN_BE_PATH, T};
use crate::syntax::lexer::{Token, is_line_break};
use crate::syntax::tree::N;

/// What a parse writes down.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// A node begins; `before` leads to the event of a node opened in front of it later.
    Open { kind: Option<N>, before: u32 },
    /// The next token.
    Token,
    /// The last opened node ends.
    Close,
}

/// A node that is open.
pub struct Mark(u32);
/// A node that is finished; another can still be opened in front of it.
#[derive(Clone, Copy)]
pub struct Done(u32);

/// Where a list ends besides at the common closers.
#[derive(Clone, Copy)]
pub enum End {
    /// The list has no end of its own: after an element without a comma it is over.
    Never,
    /// Closing brackets, `|`, `;`, the end.
    Common,
    /// Also before one of these words.
    Words(&'static [T]),
    /// Also before the clauses of `mv-apply`.
    MvApply,
    /// Also before the old `bin = …` of `summarize … by`.
    ByBin,
    /// Before the next parameter's name.
    ParamNames,
    /// Before the next word of the old `render` form.
    RenderWords,
}

/// How deep anything may nest.
pub const MAX_DEPTH: u32 = 200;

pub struct P<'a> {
    pub text: &'a str,
    tokens: &'a [Token],
    pub pos: usize,
    pub events: Vec<Event>,
    pub diags: &'a mut Vec<Diag>,
    depth: u32,
    too_deep: bool,
    pub params: &'static [Param],
    pub allowed: Allowed,
    pub equals_needed: bool,
}

pub type Rule<'a> = fn(&mut P<'a>) -> Option<Done>;
pub type Make<'a> = fn(&mut P<'a>) -> Done;

/// A place to return to.
pub struct Restore {
    pos: usize,
    events: usize,
    diags: usize,
}

impl<'a> P<'a> {
    pub fn new(text: &'a str, tokens: &'a [Token], diags: &'a mut Vec<Diag>) -> P<'a> {
        P {
            text,
            tokens,
            pos: 0,
            events: Vec::with_capacity(tokens.len() * 4),
            diags,
            depth: 0,
            too_deep: false,
            params: &[],
            allowed: Allowed::DeclaredOrKnown,
            equals_needed: false,
        }
    }

    // ---- looking
    pub fn tok(&self, ahead: usize) -> Token {
        let end = self.text.len() as u32;
        self.tokens.get(self.pos + ahead).copied().unwrap_or(Token {
            kind: T::Eof,
            start: end,
            end,
        })
    }
    pub fn peek(&self) -> T {
        self.tok(0).kind
    }
    pub fn nth(&self, ahead: usize) -> T {
        self.tok(ahead).kind
    }
    pub fn text_at(&self, ahead: usize) -> &'a str {
        let t = self.tok(ahead);
        self.text
            .get(t.start as usize..t.end as usize)
            .unwrap_or("")
    }
    /// Whether no blank or comment stands before that token.
    pub fn adjacent(&self, ahead: usize) -> bool {
        let i = self.pos + ahead;
        i == 0
            || self
                .tokens
                .get(i)
                .zip(self.tokens.get(i - 1))
                .is_some_and(|(t, p)| t.start == p.end)
    }
    pub fn at(&self, kind: T) -> bool {
        self.peek() == kind
    }
    pub fn is_name(&self, ahead: usize) -> bool {
        self.nth(ahead).can_be_name()
    }
    pub fn is_declared_word(&self, ahead: usize) -> bool {
        self.nth(ahead).flags() & CAN_BE_DECLARED != 0
    }
    pub fn is_path_word(&self) -> bool {
        self.peek().flags() & CAN_BE_PATH != 0
    }
    /// How many tokens, without blanks between, spell this text.
    pub fn spells(&self, ahead: usize, text: &str) -> usize {
        let (mut rest, mut n) = (text, 0);
        loop {
            if self.nth(ahead + n) == T::Eof || (n > 0 && !self.adjacent(ahead + n)) {
                return 0;
            }
            match rest.strip_prefix(self.text_at(ahead + n)) {
                Some(r) => rest = r,
                None => return 0,
            }
            n += 1;
            if rest.is_empty() {
                return n;
            }
        }
    }

    // ---- taking
    pub fn bump(&mut self) {
        if self.peek() != T::Eof {
            self.pos += 1;
            self.events.push(Event::Token);
        }
    }
    pub fn bump_n(&mut self, n: usize) {
        for _ in 0..n {
            self.bump();
        }
    }
    pub fn eat(&mut self, kind: T) -> bool {
        let hit = self.peek() == kind;
        if hit {
            self.bump();
        }
        hit
    }
    /// Takes the token or notes that it is missing.
    pub fn expect(&mut self, kind: T) {
        if !self.eat(kind) {
            let d = if kind == T::Ident {
                self.missing_token(Code::MISSING).arg("a name")
            } else {
                self.missing_token(Code::EXPECTED)
                    .arg(format!("`{}`", kind.text()))
            };
            self.note(d);
        }
    }
    /// Takes one of the words or notes that it is missing.
    pub fn expect_text(&mut self, texts: &[&str]) {
        for t in texts {
            let n = self.spells(0, t);
            if n > 0 {
                return self.bump_n(n);
            }
        }
        let d = self.missing_token(Code::EXPECTED).arg(texts.join(", "));
        self.note(d);
    }

    // ---- noting
    /// Notes an error; past thousands of them there is nothing more to learn.
    pub fn note(&mut self, d: Diag) {
        if self.diags.len() < MOST_NOTED {
            self.diags.push(d);
        }
    }
    pub fn prev_end(&self) -> usize {
        if self.pos == 0 {
            0
        } else {
            self.tokens[self.pos - 1].end as usize
        }
    }
    /// A missing token is shown at the next one if that is near on the same line.
    pub fn missing_token(&self, code: Code) -> Diag {
        let end = self.prev_end();
        let next = self.tok(0);
        if next.kind != T::Eof && (next.start as usize) < end + 4 {
            let gap = self.text.get(end..next.start as usize).unwrap_or("");
            if gap.chars().count() < 2 && !gap.contains(is_line_break) {
                return Diag::new(code, next.start as usize, next.end as usize);
            }
        }
        Diag::new(code, end, end)
    }
    pub fn note_here(&mut self, code: Code, what: &str) {
        if self.diags.len() < MOST_NOTED {
            let end = self.prev_end();
            self.note(Diag::new(code, end, end).arg(what));
        }
    }
    /// An empty node in place of what should be there.
    pub fn missing(&mut self, what: &str) -> Done {
        self.note_here(Code::MISSING, what);
        self.empty(N::Missing)
    }
    pub fn empty(&mut self, kind: N) -> Done {
        let m = self.open();
        self.close(m, kind)
    }
    pub fn missing_expr(&mut self) -> Done {
        self.missing("an expression")
    }
    pub fn missing_name(&mut self) -> Done {
        self.missing("a name")
    }
    pub fn missing_value(&mut self) -> Done {
        self.missing("a value")
    }
    pub fn missing_operator(&mut self) -> Done {
        self.note_here(Code::OPERATOR_EXPECTED, "");
        self.empty(N::BadOp)
    }
    /// The rule's node, or an empty one with a note.
    pub fn need(&mut self, found: Option<Done>, make: Make<'a>) -> Done {
        match found {
            Some(d) => d,
            None => make(self),
        }
    }

    // ---- nodes
    pub fn open(&mut self) -> Mark {
        self.events.push(Event::Open {
            kind: None,
            before: 0,
        });
        Mark(self.events.len() as u32 - 1)
    }
    #[allow(clippy::needless_pass_by_value)]
    pub fn close(&mut self, m: Mark, kind: N) -> Done {
        if let Some(Event::Open { kind: k, .. }) = self.events.get_mut(m.0 as usize) {
            *k = Some(kind);
        }
        self.events.push(Event::Close);
        Done(m.0)
    }
    /// Opens a node in front of a finished one.
    pub fn precede(&mut self, d: Done) -> Mark {
        let m = self.open();
        if let Some(Event::Open { before, .. }) = self.events.get_mut(d.0 as usize) {
            *before = m.0 - d.0;
        }
        m
    }
    pub fn leaf(&mut self, kind: N, tokens: usize) -> Done {
        let m = self.open();
        self.bump_n(tokens);
        self.close(m, kind)
    }
    /// What the finished node is.
    pub fn done_kind(&self, d: Done) -> Option<N> {
        match self.events.get(d.0 as usize) {
            Some(Event::Open { kind, .. }) => *kind,
            _ => None,
        }
    }
    pub fn mark_place(&self) -> Restore {
        Restore {
            pos: self.pos,
            events: self.events.len(),
            diags: self.diags.len(),
        }
    }
    pub fn back_to(&mut self, r: &Restore) {
        self.pos = r.pos;
        self.events.truncate(r.events);
        self.diags.truncate(r.diags);
    }

    // ---- depth
    /// Runs a rule one level deeper; beyond the limit it skips to the closing bracket.
    pub fn deeper(&mut self, rule: Rule<'a>) -> Option<Done> {
        if self.depth >= MAX_DEPTH {
            if matches!(
                self.peek(),
                T::Eof | T::CloseParen | T::CloseBracket | T::CloseBrace | T::Comma | T::Semicolon
            ) {
                return None;
            }
            if !self.too_deep {
                self.too_deep = true;
                let t = self.tok(0);
                self.diags
                    .push(Diag::new(Code::TOO_DEEP, t.start as usize, t.end as usize));
            }
            let m = self.open();
            let mut open = 0u32;
            loop {
                match self.peek() {
                    T::Eof => break,
                    T::OpenParen | T::OpenBracket | T::OpenBrace => open += 1,
                    T::CloseParen | T::CloseBracket | T::CloseBrace if open == 0 => break,
                    T::CloseParen | T::CloseBracket | T::CloseBrace => open -= 1,
                    T::Semicolon if open == 0 => break,
                    _ => {}
                }
                self.bump();
            }
            return Some(self.close(m, N::Skipped));
        }
        self.depth += 1;
        let r = rule(self);
        self.depth -= 1;
        r
    }

    // ---- lists
    pub fn common_end(&self, ahead: usize) -> bool {
        matches!(
            self.nth(ahead),
            T::CloseParen | T::CloseBracket | T::CloseBrace | T::Bar | T::Semicolon | T::Eof
        )
    }
    fn list_end(&self, end: End) -> bool {
        match end {
            End::Never => false,
            End::Common => self.common_end(0),
            End::Words(w) => w.contains(&self.peek()) || self.common_end(0),
            End::MvApply => {
                (matches!(self.peek(), T::Limit | T::Id | T::On)
                    && !matches!(self.nth(1), T::Comma | T::To | T::Equal))
                    || self.common_end(0)
            }
            End::ByBin => {
                (self.at(T::Bin) && self.nth(1) == T::Equal && self.nth(2).is_literal())
                    || self.common_end(0)
            }
            End::ParamNames => {
                if self.at(T::Comma) {
                    self.known_param_name(false, 1) > 0 || self.common_end(1)
                } else {
                    self.known_param_name(true, 0) > 0 || self.common_end(0)
                }
            }
            End::RenderWords => ["kind", "title", "accumulate", "with", "by"]
                .iter()
                .any(|w| self.spells(0, w) > 0),
        }
    }

    /// Elements with commas between; between two elements a comma may be missing, which is noted.
    pub fn comma_list(
        &mut self,
        rule: Rule<'a>,
        make: Option<Make<'a>>,
        end: End,
        one_or_more: bool,
        trailing: bool,
    ) {
        let ends = !matches!(end, End::Never);
        let mut any = false;
        let mut element = if self.list_end(end) { None } else { rule(self) };
        if element.is_none()
            && self.at(T::Comma)
            && let Some(make) = make
        {
            element = Some(make(self));
        }
        while element.is_some() {
            any = true;
            let kind = self.peek();
            if kind == T::Eof || self.list_end(end) {
                break;
            }
            if kind == T::Comma {
                self.bump();
                element = if self.list_end(end) { None } else { rule(self) };
                if element.is_none() {
                    if !trailing && let Some(make) = make {
                        make(self);
                    }
                    break;
                }
            } else if ends {
                let lost = self.missing_token(Code::EXPECTED).arg("`,`");
                let before = self.pos;
                element = rule(self);
                if element.is_some() {
                    // a rule that gives a node without taking a token would never end
                    if self.pos == before {
                        break;
                    }
                    self.note(lost);
                }
            } else {
                break;
            }
        }
        if one_or_more
            && !any
            && let Some(make) = make
        {
            make(self);
        }
    }

    /// The same for expressions, at least one.
    pub fn expr_list(&mut self, rule: Rule<'a>, end: End) {
        self.comma_list(rule, Some(P::missing_expr), end, true, false);
    }

    /// Elements side by side until one does not fit.
    pub fn list(&mut self, rule: Rule<'a>, end: End) -> usize {
        let mut n = 0;
        while !self.list_end(end) {
            let before = self.pos;
            if rule(self).is_none() || self.pos == before {
                break;
            }
            n += 1;
        }
        n
    }
}
