//! Names: plain, in brackets, in braces, with wildcards; types and column declarations.

use super::core::{Done, End, P};
use crate::syntax::diag::{Code, Diag};
use crate::syntax::kind::T;
use crate::syntax::tree::N;

impl<'a> P<'a> {
    /// Tokens of `['name']` here, or 0.
    pub fn scan_bracketed(&self, ahead: usize) -> usize {
        if self.nth(ahead) != T::OpenBracket {
            return 0;
        }
        let n = self.scan_strings(ahead + 1);
        if n > 0 && self.nth(ahead + 1 + n) == T::CloseBracket {
            n + 2
        } else {
            0
        }
    }
    pub fn scan_strings(&self, ahead: usize) -> usize {
        let mut n = 0;
        while self.nth(ahead + n) == T::StringLit {
            n += 1;
        }
        n
    }
    /// Tokens of `{name}` or `{name[-1]}` here, or 0.
    pub fn scan_braced(&self, ahead: usize) -> usize {
        let mut i = ahead;
        let tight = |i: usize, ok: bool| ok && self.adjacent(i);
        if self.nth(i) != T::OpenBrace {
            return 0;
        }
        i += 1;
        if !tight(i, self.nth(i) == T::Ident || self.nth(i).is_word()) {
            return 0;
        }
        i += 1;
        if tight(i, self.nth(i) == T::OpenBracket) {
            i += 1;
            if tight(i, self.nth(i) == T::Minus) {
                i += 1;
            }
            if !tight(i, self.nth(i) == T::LongLit)
                || !tight(i + 1, self.nth(i + 1) == T::CloseBracket)
            {
                return 0;
            }
            i += 2;
        }
        if tight(i, self.nth(i) == T::CloseBrace) {
            i + 1 - ahead
        } else {
            0
        }
    }
    pub fn scan_name(&self, ahead: usize) -> usize {
        match self.nth(ahead) {
            T::Ident => 1,
            T::OpenBracket => self.scan_bracketed(ahead),
            T::OpenBrace => self.scan_short_brace(ahead),
            k => usize::from(k.can_be_name()),
        }
    }
    fn scan_short_brace(&self, ahead: usize) -> usize {
        if self.is_name(ahead + 1) && self.nth(ahead + 2) == T::CloseBrace {
            3
        } else {
            0
        }
    }
    pub fn scan_extended(&self, ahead: usize) -> usize {
        let n = self.scan_name(ahead);
        if n > 0 {
            n
        } else {
            usize::from(self.is_declared_word(ahead))
        }
    }
    fn scan_rename(&self, ahead: usize) -> usize {
        match self.nth(ahead) {
            T::Ident => 1,
            T::OpenBracket => self.scan_bracketed(ahead),
            T::OpenBrace => self.scan_short_brace(ahead),
            _ => usize::from(self.is_declared_word(ahead)),
        }
    }
    /// Tokens of `(a, b)` here, or 0.
    fn scan_rename_list(&self) -> usize {
        if !self.at(T::OpenParen) {
            return 0;
        }
        let mut i = 1;
        while !self.common_end(i) {
            match self.scan_rename(i) {
                0 => return 0,
                n => i += n,
            }
            if self.nth(i) != T::Comma {
                break;
            }
            i += 1;
        }
        if self.nth(i) == T::CloseParen {
            i + 1
        } else {
            0
        }
    }
    pub fn scan_wildcard(&self, ahead: usize) -> usize {
        let mut i = ahead;
        if self.nth(i) == T::Asterisk {
            i += 1;
        } else if (self.nth(i) == T::Ident || self.is_declared_word(i))
            && self.nth(i + 1) == T::Asterisk
            && self.adjacent(i + 1)
        {
            i += 2;
        } else {
            return 0;
        }
        while (matches!(self.nth(i), T::Ident | T::LongLit | T::Asterisk)
            || self.is_declared_word(i))
            && self.adjacent(i)
        {
            i += 1;
        }
        i - ahead
    }

    fn name_as(&mut self, kind: N, plain: fn(&Self) -> bool) -> Option<Done> {
        let n = match self.peek() {
            T::OpenBracket => self.scan_bracketed(0),
            T::OpenBrace => self.scan_braced(0),
            _ => usize::from(plain(self)),
        };
        (n > 0).then(|| self.leaf(kind, n))
    }
    pub fn name_ref(&mut self) -> Option<Done> {
        self.name_as(N::NameRef, |p| p.is_name(0))
    }
    pub fn extended_ref(&mut self) -> Option<Done> {
        self.name_as(N::NameRef, |p| p.is_name(0) || p.is_declared_word(0))
    }
    pub fn name_decl(&mut self) -> Option<Done> {
        self.name_as(N::NameDecl, |p| p.is_name(0))
    }
    pub fn extended_decl(&mut self) -> Option<Done> {
        self.name_as(N::NameDecl, |p| p.is_name(0) || p.is_declared_word(0))
    }
    pub fn need_name_ref(&mut self) -> Done {
        let d = self.name_ref();
        self.need(d, P::missing_name)
    }
    pub fn need_name_decl(&mut self) -> Done {
        let d = self.name_decl();
        self.need(d, P::missing_name)
    }
    pub fn braced_ref(&mut self) -> Option<Done> {
        let n = self.scan_braced(0);
        (n > 0).then(|| self.leaf(N::NameRef, n))
    }
    pub fn bracketed_ref(&mut self) -> Option<Done> {
        let n = self.scan_bracketed(0);
        (n > 0).then(|| self.leaf(N::NameRef, n))
    }
    pub fn wildcard_ref(&mut self) -> Option<Done> {
        let n = self.scan_wildcard(0);
        (n > 0).then(|| self.leaf(N::WildName, n))
    }
    pub fn bracketed_wildcard(&mut self) -> Option<Done> {
        if !self.at(T::OpenBracket) {
            return None;
        }
        let n = self.scan_wildcard(1);
        if n == 0 {
            return None;
        }
        let m = self.open();
        self.bump_n(n + 1);
        self.expect(T::CloseBracket);
        Some(self.close(m, N::BracketWildName))
    }
    pub fn wildcard_or_name(&mut self) -> Option<Done> {
        self.wildcard_ref().or_else(|| self.name_ref())
    }

    /// A reserved word where only a name can be meant: taken as the name, and said so.
    pub fn word_as_name(&mut self) -> Option<Done> {
        if !self.peek().is_word() {
            return None;
        }
        let next = self.nth(1);
        let names = matches!(
            next,
            T::And
                | T::Or
                | T::EqualEqual
                | T::BangEqual
                | T::EqualTilde
                | T::BangTilde
                | T::Greater
                | T::GreaterEqual
                | T::Less
                | T::LessEqual
                | T::Asterisk
                | T::Slash
                | T::Percent
                | T::In
                | T::InCs
                | T::NotIn
                | T::NotInCs
                | T::HasAny
                | T::HasAll
                | T::Between
                | T::NotBetween
                | T::CloseParen
                | T::CloseBracket
                | T::CloseBrace
                | T::Dot
                | T::Comma
                | T::Colon
                | T::Bar
        ) || (super::exprs::is_string_op(next) && next != T::Colon);
        if !names {
            return None;
        }
        let t = self.tok(0);
        let d =
            Diag::new(Code::NEEDS_BRACKETS, t.start as usize, t.end as usize).arg(self.text_at(0));
        self.note(d);
        Some(self.leaf(N::NameRef, 1))
    }

    /// `name = expr`, `(a, b) = expr`, or just an expression.
    pub fn named_expr(&mut self) -> Option<Done> {
        let n = self.scan_rename(0);
        if n > 0 && self.nth(n) == T::Equal {
            let m = self.open();
            self.leaf(N::NameDecl, n);
            return Some(self.named_rest(m, N::Named));
        }
        let n = self.scan_dashed();
        if n > 1 && self.nth(n) == T::Equal {
            let (a, b) = (self.tok(0).start as usize, self.tok(n - 1).end as usize);
            let name = self.text.get(a..b).unwrap_or("");
            self.diags
                .push(Diag::new(Code::NEEDS_BRACKETS, a, b).arg(name));
            let m = self.open();
            self.leaf(N::NameDecl, n);
            return Some(self.named_rest(m, N::Named));
        }
        if n == 1 && self.nth(1) == T::Equal {
            let t = self.tok(0);
            let d = Diag::new(Code::NEEDS_BRACKETS, t.start as usize, t.end as usize)
                .arg(self.text_at(0));
            self.note(d);
            let m = self.open();
            self.leaf(N::NameDecl, 1);
            return Some(self.named_rest(m, N::Named));
        }
        let n = self.scan_rename_list();
        if n > 0 && self.nth(n) == T::Equal {
            let m = self.open();
            let list = self.open();
            self.bump();
            self.comma_list(
                P::rename_decl,
                Some(P::missing_name),
                End::Common,
                true,
                false,
            );
            self.expect(T::CloseParen);
            self.close(list, N::RenameList);
            return Some(self.named_rest(m, N::CompoundNamed));
        }
        self.unnamed()
    }
    fn named_rest(&mut self, m: super::core::Mark, kind: N) -> Done {
        self.expect(T::Equal);
        self.need_unnamed();
        self.close(m, kind)
    }
    pub fn rename_decl(&mut self) -> Option<Done> {
        let n = match self.peek() {
            T::OpenBrace => self.scan_braced(0),
            _ if self.is_name(0) => 1,
            _ => self.scan_rename(0),
        };
        (n > 0).then(|| self.leaf(N::NameDecl, n))
    }
    /// Tokens of a name written with dashes, which needs brackets, or 0.
    fn scan_dashed(&self) -> usize {
        if self.peek() != T::Ident && !self.peek().is_word() {
            return 0;
        }
        let mut n = 1;
        while self.adjacent(n)
            && (matches!(self.nth(n), T::Ident | T::Minus) || self.nth(n).is_word())
        {
            n += 1;
        }
        n
    }

    // ---- types and columns
    pub fn is_type(&self, ahead: usize) -> bool {
        matches!(
            self.nth(ahead),
            T::Bool
                | T::Boolean
                | T::Date
                | T::DateTime
                | T::Decimal
                | T::Double
                | T::Dynamic
                | T::Guid
                | T::Int
                | T::Int64
                | T::Int8
                | T::Long
                | T::Real
                | T::String
                | T::Time
                | T::Timespan
                | T::UniqueId
        )
    }
    pub fn is_any_type(&self, ahead: usize) -> bool {
        self.is_type(ahead)
            || matches!(
                self.nth(ahead),
                T::Float
                    | T::Int16
                    | T::Int32
                    | T::UInt
                    | T::UInt16
                    | T::UInt32
                    | T::UInt64
                    | T::UInt8
                    | T::ULong
            )
    }
    pub fn need_type(&mut self, extended: bool) -> Done {
        if self.is_type(0) || (extended && self.is_any_type(0)) {
            return self.leaf(N::Type, 1);
        }
        if self.is_any_type(0) || self.is_name(0) {
            let t = self.tok(0);
            let d =
                Diag::new(Code::TYPE_NAME, t.start as usize, t.end as usize).arg(self.text_at(0));
            self.note(d);
            return self.leaf(N::Type, 1);
        }
        self.missing_type()
    }
    pub fn missing_type(&mut self) -> Done {
        self.missing("a type")
    }
    /// `name: type`, both required once either is there.
    pub fn column(&mut self) -> Option<Done> {
        let m = self.open();
        let named = self.extended_decl().is_some();
        if !named {
            if !self.at(T::Colon) {
                self.events.pop();
                return None;
            }
            self.missing_name();
            self.bump();
            self.need_type(false);
            return Some(self.close(m, N::Column));
        }
        self.expect(T::Colon);
        if self.at(T::OpenParen) {
            self.deeper(P::schema_type);
        } else {
            self.need_type(false);
        }
        Some(self.close(m, N::Column))
    }
    pub fn missing_column(&mut self) -> Done {
        self.missing("a parameter")
    }
    /// A name with or without a type, as `parse` takes it.
    pub fn optional_type_column(&mut self) -> Option<Done> {
        if self.at(T::Colon) {
            let m = self.open();
            self.missing_name();
            self.bump();
            self.need_type(false);
            return Some(self.close(m, N::Column));
        }
        let d = self.extended_decl()?;
        if !self.at(T::Colon) {
            return Some(d);
        }
        let m = self.precede(d);
        self.bump();
        self.need_type(false);
        Some(self.close(m, N::Column))
    }
    pub fn schema_type(&mut self) -> Option<Done> {
        let m = self.open();
        self.bump();
        if self.at(T::Asterisk) {
            self.leaf(N::Star, 1);
        } else {
            self.comma_list(P::column, Some(P::missing_column), End::Common, false, true);
        }
        self.expect(T::CloseParen);
        Some(self.close(m, N::SchemaType))
    }
    /// `(a: string, b: long)`; `star` allows `*` first, as after `evaluate … :`.
    pub fn row_schema(&mut self, star: bool) -> Option<Done> {
        if !self.at(T::OpenParen) {
            return None;
        }
        let m = self.open();
        self.bump();
        self.eat(T::Comma);
        if star && self.at(T::Asterisk) {
            self.leaf(N::Star, 1);
            self.eat(T::Comma);
        }
        self.comma_list(P::column, Some(P::missing_column), End::Common, false, true);
        self.expect(T::CloseParen);
        Some(self.close(m, N::RowSchema))
    }
    pub fn need_row_schema(&mut self, star: bool) {
        if self.row_schema(star).is_none() {
            self.missing("a schema");
        }
    }
}
