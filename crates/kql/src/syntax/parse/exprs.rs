//! Expressions. Operators of one level make one flat node; brackets and calls recurse
//! through [`P::deeper`].

use super::core::{Done, End, P};
use crate::syntax::diag::Code;
use crate::syntax::kind::T;
use crate::syntax::tree::N;

/// Whether the token is an operator on text.
pub fn is_string_op(k: T) -> bool {
    matches!(
        k,
        T::EqualTilde
            | T::BangTilde
            | T::Has
            | T::Colon
            | T::NotHas
            | T::HasCs
            | T::NotHasCs
            | T::HasPrefix
            | T::NotHasPrefix
            | T::HasPrefixCs
            | T::NotHasPrefixCs
            | T::HasSuffix
            | T::NotHasSuffix
            | T::HasSuffixCs
            | T::NotHasSuffixCs
            | T::Like
            | T::NotLike
            | T::LikeCs
            | T::NotLikeCs
            | T::Contains
            | T::NotContains
            | T::NotBangContains
            | T::ContainsCs
            | T::ContainsUnderCs
            | T::NotContainsCs
            | T::NotBangContainsCs
            | T::StartsWith
            | T::NotStartsWith
            | T::StartsWithCs
            | T::NotStartsWithCs
            | T::EndsWith
            | T::NotEndsWith
            | T::EndsWithCs
            | T::NotEndsWithCs
            | T::MatchesRegex
    )
}

const OR: u8 = 1;
const AND: u8 = 2;
const EQ: u8 = 3;
const REL: u8 = 4;
const ADD: u8 = 5;
const MUL: u8 = 6;
const STR: u8 = 7;
const UNARY: u8 = 8;

impl<'a> P<'a> {
    fn level(&self) -> (u8, N) {
        match self.peek() {
            T::Or => (OR, N::Or),
            T::And => (AND, N::And),
            T::EqualEqual | T::BangEqual | T::LessGreater => (EQ, N::Eq),
            T::In if self.nth(1) != T::Range => (EQ, N::In),
            T::InCs | T::NotIn | T::NotInCs => (EQ, N::In),
            T::HasAny | T::HasAll => (EQ, N::HasAny),
            T::Between | T::NotBetween => (EQ, N::Between),
            T::Less | T::LessEqual | T::Greater | T::GreaterEqual => (REL, N::Rel),
            T::Plus | T::Minus => (ADD, N::Add),
            T::Asterisk | T::Slash | T::Percent => (MUL, N::Mul),
            k if is_string_op(k) => (STR, N::StrOp),
            _ => (0, N::Missing),
        }
    }

    /// An expression without a name; nothing if none begins here.
    pub fn unnamed(&mut self) -> Option<Done> {
        self.deeper(|p| p.binary(OR))
    }
    pub fn need_unnamed(&mut self) -> Done {
        let d = self.unnamed();
        self.need(d, P::missing_expr)
    }
    pub fn need_named(&mut self) -> Done {
        let d = self.named_expr();
        self.need(d, P::missing_expr)
    }

    fn binary(&mut self, min: u8) -> Option<Done> {
        let star = self.at(T::Asterisk)
            && ((min <= STR && is_string_op(self.nth(1)))
                || (min <= EQ && self.nth(1) == T::EqualEqual));
        let mut lhs = if star {
            self.leaf(N::Star, 1)
        } else {
            self.unary()?
        };
        let mut highest = STR;
        loop {
            let (level, kind) = self.level();
            if level < min || level > highest || level == 0 {
                return Some(lhs);
            }
            let m = self.precede(lhs);
            match level {
                OR | AND | ADD | MUL => {
                    while self.level().0 == level {
                        self.bump();
                        let rhs = self.binary(level + 1);
                        self.need(rhs, P::missing_expr);
                    }
                }
                EQ => {
                    let op = self.peek();
                    self.bump();
                    match op {
                        T::EqualEqual => {
                            let rhs = self.binary(REL);
                            self.need(rhs, P::missing_expr);
                        }
                        T::BangEqual | T::LessGreater => {
                            if self.binary(REL).is_none() {
                                self.note_here(Code::EXPECTED, "a value");
                                self.empty(N::Missing);
                            }
                        }
                        T::Between | T::NotBetween => self.couple(),
                        _ => self.in_list(),
                    }
                }
                REL => {
                    self.bump();
                    let rhs = self.binary(ADD);
                    self.need(rhs, P::missing_expr);
                }
                _ => {
                    self.bump();
                    let rhs = self.binary(UNARY);
                    self.need(rhs, P::missing_expr);
                }
            }
            lhs = self.close(m, kind);
            highest = level - 1;
            if highest == 0 {
                return Some(lhs);
            }
        }
    }

    fn couple(&mut self) {
        let m = self.open();
        self.expect(T::OpenParen);
        self.need_unnamed();
        self.expect(T::DotDot);
        self.need_unnamed();
        self.expect(T::CloseParen);
        self.close(m, N::Couple);
    }

    fn in_list(&mut self) {
        let m = self.open();
        self.expect(T::OpenParen);
        if self.possible_operator() || self.pipe_ahead() {
            let q = self.pipe_expr();
            self.need(q, P::missing_expr);
        } else {
            self.expr_list(P::unnamed, End::Common);
        }
        self.expect(T::CloseParen);
        self.close(m, N::Args);
    }

    /// Whether a `|` comes before this expression's end.
    fn pipe_ahead(&self) -> bool {
        let (mut i, mut open) = (0usize, 0u32);
        loop {
            match self.nth(i) {
                T::Eof | T::Semicolon => return false,
                T::Comma if open == 0 => return false,
                T::CloseParen if open == 0 => return false,
                T::CloseParen => open -= 1,
                T::OpenParen => open += 1,
                T::Bar if open == 0 => return true,
                _ => {}
            }
            i += 1;
        }
    }

    pub fn unary(&mut self) -> Option<Done> {
        if matches!(self.peek(), T::Minus | T::Plus) {
            let m = self.open();
            self.bump();
            let d = self.call_or_path();
            self.need(d, P::missing_expr);
            return Some(self.close(m, N::Unary));
        }
        self.call_or_path()
    }

    /// A primary expression with its `.name`, `.call()` and `[index]`: one flat node.
    pub fn call_or_path(&mut self) -> Option<Done> {
        if self.at(T::ToTable) {
            return Some(self.scalar_of(N::ToTable));
        }
        let base = self.primary()?;
        if !matches!(self.peek(), T::Dot | T::OpenBracket) {
            return Some(base);
        }
        let m = self.precede(base);
        loop {
            if self.eat(T::Dot) {
                let d = self.selector_or_call();
                self.need(d, P::missing_name);
            } else if self.at(T::OpenBracket) {
                self.bracket();
            } else {
                return Some(self.close(m, N::Path));
            }
        }
    }

    pub fn bracket(&mut self) -> Option<Done> {
        if !self.at(T::OpenBracket) {
            return None;
        }
        let m = self.open();
        self.bump();
        let d = self.unnamed();
        self.need(d, P::missing_name);
        self.expect(T::CloseBracket);
        Some(self.close(m, N::Bracket))
    }

    pub fn selector(&mut self) -> Option<Done> {
        if self.at(T::OpenBracket) {
            return self
                .bracketed_wildcard()
                .or_else(|| self.bracketed_ref())
                .or_else(|| self.bracket());
        }
        self.bare_selector()
    }
    pub fn bare_selector(&mut self) -> Option<Done> {
        if self.at(T::At) {
            return Some(self.leaf(N::At, 1));
        }
        if self.is_path_word() {
            return Some(self.leaf(N::NameRef, 1));
        }
        self.name_ref()
    }
    pub fn selector_or_call(&mut self) -> Option<Done> {
        self.call().or_else(|| self.selector())
    }

    pub fn primary(&mut self) -> Option<Done> {
        match self.peek() {
            k if k.is_literal() => self.literal(),
            T::Dynamic => self.literal(),
            T::DataTable => Some(self.data_table()),
            T::ContextualDataTable => self.contextual_table(),
            T::ExternalData | T::ExternalDataOld => Some(self.external_data()),
            T::MaterializedViewCombine => Some(self.view_combine()),
            T::OpenParen => self.parenthesized(),
            T::ToScalar => Some(self.scalar_of(N::ToScalar)),
            _ => {
                if self.at(T::TypeOf) && self.nth(1) == T::OpenParen {
                    return self.type_of();
                }
                if let Some(d) = self.call() {
                    return Some(d);
                }
                let Some(d) = self.selector() else {
                    return self.word_as_name();
                };
                if self.at(T::DataScope) {
                    let m = self.precede(d);
                    self.data_scope();
                    return Some(self.close(m, N::DataScope));
                }
                Some(d)
            }
        }
    }
    /// `datascope = all`, taken as tokens of the node around it.
    pub fn data_scope(&mut self) {
        if self.eat(T::DataScope) {
            self.expect(T::Equal);
            self.expect_text(&["all", "hotcache"]);
        }
    }

    pub fn parenthesized(&mut self) -> Option<Done> {
        if !self.at(T::OpenParen) {
            return None;
        }
        let m = self.open();
        self.bump();
        let d = self.pipe_expr();
        self.need(d, P::missing_expr);
        self.expect(T::CloseParen);
        Some(self.close(m, N::Paren))
    }

    fn scalar_of(&mut self, kind: N) -> Done {
        let m = self.open();
        self.bump();
        self.fixed_param("kind", &["nooptimization"]);
        self.expect(T::OpenParen);
        let d = self.pipe_expr();
        self.need(d, P::missing_expr);
        self.expect(T::CloseParen);
        self.close(m, kind)
    }

    pub fn scan_call(&self, ahead: usize) -> bool {
        let n = self.scan_name(ahead);
        n > 0 && self.nth(ahead + n) == T::OpenParen
    }
    pub fn call(&mut self) -> Option<Done> {
        if !self.scan_call(0) {
            return None;
        }
        let m = self.open();
        self.name_ref();
        self.args();
        Some(self.close(m, N::Call))
    }
    fn args(&mut self) {
        let m = self.open();
        self.expect(T::OpenParen);
        self.comma_list(
            P::argument,
            Some(P::missing_expr),
            End::Common,
            false,
            false,
        );
        self.expect(T::CloseParen);
        self.close(m, N::Args);
    }
    fn argument(&mut self) -> Option<Done> {
        if self.at(T::Asterisk) && matches!(self.nth(1), T::CloseParen | T::Comma) {
            return Some(self.leaf(N::Star, 1));
        }
        self.named_expr()
    }
    /// A call that must be there, as after `evaluate`.
    pub fn need_call(&mut self) {
        if self.call().is_some() {
            return;
        }
        let m = self.open();
        if self.scan_name(0) > 0 {
            self.name_ref();
            let a = self.open();
            for t in ["`(`", "`)`"] {
                let d = self.missing_token(Code::EXPECTED).arg(t);
                self.note(d);
            }
            self.close(a, N::Args);
        } else {
            self.note_here(Code::MISSING, "a function call");
            self.empty(N::Missing);
        }
        self.close(m, N::Call);
    }
    /// `f().g()`, as after `invoke`.
    pub fn dotted_calls(&mut self) -> Option<Done> {
        let d = self.call()?;
        if !(self.at(T::Dot) && self.scan_call(1)) {
            return Some(d);
        }
        let m = self.precede(d);
        while self.at(T::Dot) && self.scan_call(1) {
            self.bump();
            self.call();
        }
        Some(self.close(m, N::Path))
    }
    /// A column or a path of names, as after `partition by`.
    pub fn simple_path(&mut self) -> Option<Done> {
        let d = self.selector()?;
        Some(self.path_rest(d, P::selector, false))
    }
    /// A table, also on another cluster; `wild` allows `Device*`.
    pub fn entity(&mut self, wild: bool) -> Option<Done> {
        if wild && self.scan_wildcard(0) > 0 {
            return self.wildcard_ref();
        }
        let d = self.selector_or_call()?;
        Some(self.path_rest(d, P::selector_or_call, wild))
    }
    fn path_rest(&mut self, base: Done, rule: super::core::Rule<'a>, wild: bool) -> Done {
        if !matches!(self.peek(), T::Dot | T::OpenBracket) {
            return base;
        }
        let m = self.precede(base);
        loop {
            if self.eat(T::Dot) {
                if wild && self.scan_wildcard(0) > 0 {
                    self.wildcard_ref();
                    break;
                }
                let d = rule(self);
                self.need(d, P::missing_name);
            } else if self.at(T::OpenBracket) {
                if self.selector().is_none() {
                    break;
                }
            } else {
                break;
            }
        }
        self.close(m, N::Path)
    }
}
