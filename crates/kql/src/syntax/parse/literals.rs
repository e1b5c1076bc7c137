//! Literals: numbers with their sign, strings in a row, `dynamic(…)`, `typeof(…)`.

use super::core::{Done, End, P};
use crate::syntax::diag::{Code, Diag};
use crate::syntax::kind::T;
use crate::syntax::tree::N;

impl<'a> P<'a> {
    pub fn strings(&mut self) -> Option<Done> {
        match self.scan_strings(0) {
            0 => None,
            1 => Some(self.leaf(N::Lit, 1)),
            n => Some(self.leaf(N::CompoundStr, n)),
        }
    }
    fn lit(&mut self) -> Done {
        self.leaf(N::Lit, 1)
    }
    pub fn raw_guid(&mut self) -> Done {
        let t = self.tok(0);
        self.diags
            .push(Diag::new(Code::RAW_GUID, t.start as usize, t.end as usize));
        self.lit()
    }
    pub fn literal(&mut self) -> Option<Done> {
        match self.peek() {
            T::StringLit => self.strings(),
            T::RawGuidLit => Some(self.raw_guid()),
            k if k.is_literal() => Some(self.lit()),
            T::Dynamic => self.dynamic(),
            T::Plus | T::Minus => self.signed(),
            T::TypeOf => self.type_of(),
            T::OpenBrace => self.braced_ref(),
            _ => None,
        }
    }
    fn signed(&mut self) -> Option<Done> {
        let number = self.tok(1);
        let digit = self
            .text
            .as_bytes()
            .get(number.start as usize)
            .is_some_and(u8::is_ascii_digit);
        (self.adjacent(1)
            && digit
            && matches!(number.kind, T::LongLit | T::RealLit | T::TimespanLit))
        .then(|| self.leaf(N::SignedLit, 2))
    }
    pub fn real_literal(&mut self) -> Option<Done> {
        match self.peek() {
            T::LongLit | T::RealLit => {
                let digit = self
                    .text_at(0)
                    .as_bytes()
                    .first()
                    .is_some_and(u8::is_ascii_digit);
                digit.then(|| self.lit())
            }
            T::Plus | T::Minus => self.signed(),
            T::OpenBrace => self.braced_ref(),
            _ => None,
        }
    }
    pub fn dynamic(&mut self) -> Option<Done> {
        if !self.at(T::Dynamic) || self.nth(1) != T::OpenParen {
            return None;
        }
        let m = self.open();
        self.bump_n(2);
        self.need_json();
        self.expect(T::CloseParen);
        Some(self.close(m, N::Dynamic))
    }
    fn need_json(&mut self) {
        if self.json().is_none() {
            self.missing("a value");
        }
    }
    fn missing_json(&mut self) -> Done {
        self.missing("a value")
    }
    fn json(&mut self) -> Option<Done> {
        self.deeper(P::json_inner)
    }
    fn json_inner(&mut self) -> Option<Done> {
        match self.peek() {
            T::LongLit
            | T::RealLit
            | T::BoolLit
            | T::DateTimeLit
            | T::TimespanLit
            | T::GuidLit
            | T::RawGuidLit
            | T::DecimalLit
            | T::StringLit
            | T::Dynamic => self.literal(),
            T::Minus => {
                if !matches!(self.nth(1), T::LongLit | T::RealLit) {
                    return None;
                }
                let m = self.open();
                self.bump();
                self.lit();
                Some(self.close(m, N::JsonMinus))
            }
            T::Null => Some(self.leaf(N::NullLit, 1)),
            T::OpenBracket => {
                let m = self.open();
                self.bump();
                self.comma_list(P::json, Some(P::missing_json), End::Common, false, false);
                self.expect(T::CloseBracket);
                Some(self.close(m, N::JsonArray))
            }
            T::OpenBrace => {
                if self.scan_braced(0) > 0 {
                    return self.braced_ref();
                }
                let m = self.open();
                self.bump();
                self.comma_list(
                    P::json_pair,
                    Some(P::missing_pair),
                    End::Common,
                    false,
                    false,
                );
                self.expect(T::CloseBrace);
                Some(self.close(m, N::JsonObject))
            }
            _ => None,
        }
    }
    fn missing_pair(&mut self) -> Done {
        self.missing("a name and a value")
    }
    fn missing_string_token(&mut self) {
        let d = self.missing_token(Code::MISSING).arg("a string");
        self.note(d);
    }
    fn json_pair(&mut self) -> Option<Done> {
        let m = self.open();
        match self.peek() {
            T::StringLit => {
                self.lit();
                self.expect(T::Colon);
                self.need_json();
            }
            T::Colon => {
                self.missing_string_token();
                self.bump();
                self.need_json();
            }
            _ => {
                let lost = self.missing_token(Code::MISSING).arg("a string");
                let colon = self.missing_token(Code::EXPECTED).arg("`:`");
                if self.json().is_none() {
                    self.events.pop();
                    return None;
                }
                self.note(lost);
                self.note(colon);
            }
        }
        Some(self.close(m, N::JsonPair))
    }

    fn type_of_scalar(&self) -> bool {
        self.at(T::TypeOf)
            && self.nth(1) == T::OpenParen
            && (self.is_any_type(2) || (self.nth(2) == T::Ident && self.nth(3) == T::CloseParen))
    }
    pub fn type_of(&mut self) -> Option<Done> {
        if !self.at(T::TypeOf) || self.nth(1) != T::OpenParen {
            return None;
        }
        let m = self.open();
        if self.type_of_scalar() {
            self.bump_n(2);
            self.leaf(N::Type, 1);
        } else {
            self.bump_n(2);
            self.comma_list(
                |p| {
                    if p.at(T::Asterisk) {
                        Some(p.leaf(N::Star, 1))
                    } else {
                        p.column()
                    }
                },
                Some(P::missing_type),
                End::Common,
                false,
                false,
            );
        }
        self.expect(T::CloseParen);
        Some(self.close(m, N::TypeOf))
    }
    pub fn need_type_of(&mut self) {
        if self.type_of().is_none() {
            self.missing("typeof(…)");
        }
    }
}
