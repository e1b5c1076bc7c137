//! Statements: `let`, `set`, `declare`, functions, and the query as a whole.

use super::core::{Done, End, P};
use crate::syntax::diag::{Code, Diag};
use crate::syntax::kind::T;
use crate::syntax::tree::N;

impl<'a> P<'a> {
    /// The whole text.
    pub fn query(&mut self) {
        let m = self.open();
        while self.eat(T::Directive) {}
        self.statements();
        if self.peek() != T::Eof {
            let t = self.tok(0);
            self.diags
                .push(Diag::new(Code::FRAGMENT, t.start as usize, t.end as usize));
            let s = self.open();
            while self.peek() != T::Eof {
                self.bump();
            }
            self.close(s, N::Skipped);
        }
        self.close(m, N::Query);
    }

    /// Statements with semicolons; a missing one between two is noted.
    pub fn statements(&mut self) {
        let mut found = self.statement().is_some();
        while found {
            if self.eat(T::Semicolon) {
                found = self.statement().is_some();
                continue;
            }
            let lost = self.missing_token(Code::EXPECTED).arg("`;`");
            let before = self.pos;
            found = self.statement().is_some() && self.pos > before;
            if found {
                self.note(lost);
            }
        }
    }

    fn statement(&mut self) -> Option<Done> {
        match self.peek() {
            T::Alias if self.nth(1) == T::Database => return self.alias(),
            T::Let if self.scan_name(1) > 0 => return self.let_statement(),
            T::Set => return Some(self.set_option()),
            T::Declare if self.nth(1) == T::Pattern => return Some(self.pattern_statement()),
            T::Declare if self.nth(1) == T::QueryParameters => return self.query_parameters(),
            T::Restrict if self.nth(1) == T::Access => return Some(self.restrict()),
            _ => {}
        }
        let d = self.pipe_expr()?;
        let m = self.precede(d);
        Some(self.close(m, N::ExprStmt))
    }

    fn alias(&mut self) -> Option<Done> {
        let m = self.open();
        self.bump();
        self.expect(T::Database);
        self.need_name_decl();
        self.expect(T::Equal);
        self.need_unnamed();
        Some(self.close(m, N::Alias))
    }

    fn set_option(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.need_name_decl();
        if self.at(T::Equal) {
            let v = self.open();
            self.bump();
            self.need_unnamed();
            self.close(v, N::OptionValue);
        }
        self.close(m, N::SetOption)
    }

    fn let_statement(&mut self) -> Option<Done> {
        if !self.at(T::Let) {
            return None;
        }
        self.deeper(P::let_inner)
    }
    fn let_inner(&mut self) -> Option<Done> {
        let m = self.open();
        self.bump();
        self.need_name_decl();
        self.expect(T::Equal);
        if self.at(T::Materialize) {
            let e = self.open();
            self.bump();
            self.expect(T::OpenParen);
            let d = self.pipe_expr();
            self.need(d, P::missing_expr);
            self.expect(T::CloseParen);
            self.close(e, N::Materialize);
        } else if self.at(T::EntityGroup) {
            self.entity_group();
        } else if self.function_ahead() {
            self.function();
        } else {
            let d = self.pipe_expr();
            self.need(d, P::missing_expr);
        }
        Some(self.close(m, N::Let))
    }

    pub fn entity_group(&mut self) -> Option<Done> {
        if !self.at(T::EntityGroup) {
            return None;
        }
        if let Some(d) = self.call() {
            return Some(d);
        }
        let m = self.open();
        self.bump();
        self.expect(T::OpenBracket);
        self.expr_list(P::unnamed, End::Common);
        self.expect(T::CloseBracket);
        Some(self.close(m, N::EntityGroup))
    }

    fn function_ahead(&self) -> bool {
        let at = usize::from(self.at(T::View));
        if self.nth(at) != T::OpenParen {
            return false;
        }
        if matches!(self.nth(at + 1), T::CloseParen | T::Asterisk) {
            return true;
        }
        let n = self.scan_extended(at + 1);
        n > 0 && self.nth(at + 1 + n) == T::Colon
    }
    fn function(&mut self) {
        let m = self.open();
        self.eat(T::View);
        let params = self.open();
        if self.eat(T::OpenParen) {
            self.comma_list(
                P::fn_param,
                Some(P::missing_column),
                End::Common,
                false,
                false,
            );
            self.expect(T::CloseParen);
        } else {
            self.expect(T::OpenParen);
            self.expect(T::CloseParen);
        }
        self.close(params, N::FnParams);
        if self.at(T::OpenBrace) {
            self.function_body(false);
        } else {
            let b = self.open();
            self.expect(T::OpenBrace);
            self.expect(T::CloseBrace);
            self.close(b, N::FnBody);
        }
        self.close(m, N::FnDecl);
    }
    pub fn fn_param(&mut self) -> Option<Done> {
        let d = self.column()?;
        let m = self.precede(d);
        if self.at(T::Equal) {
            let v = self.open();
            self.bump();
            let d = self.literal().or_else(|| self.word_literal());
            self.need(d, P::missing_expr);
            self.close(v, N::DefaultValue);
        }
        Some(self.close(m, N::FnParam))
    }
    fn function_body(&mut self, pattern: bool) {
        let m = self.open();
        self.expect(T::OpenBrace);
        if pattern {
            self.list(|p| p.body_statement(false), End::Common);
        } else {
            self.list(|p| p.body_statement(true), End::Common);
        }
        self.pipe_expr();
        self.eat(T::Semicolon);
        self.expect(T::CloseBrace);
        self.close(m, N::FnBody);
    }
    fn body_statement(&mut self, params: bool) -> Option<Done> {
        let d = match self.let_statement() {
            Some(d) => d,
            None if params => self.query_parameters()?,
            None => return None,
        };
        self.expect(T::Semicolon);
        Some(d)
    }

    fn query_parameters(&mut self) -> Option<Done> {
        if !self.at(T::Declare) {
            return None;
        }
        let m = self.open();
        self.bump();
        self.expect(T::QueryParameters);
        self.expect(T::OpenParen);
        self.comma_list(
            P::fn_param,
            Some(P::missing_column),
            End::Common,
            true,
            false,
        );
        self.expect(T::CloseParen);
        Some(self.close(m, N::QueryParams))
    }

    fn restrict(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.expect(T::Access);
        self.expect(T::To);
        self.expect(T::OpenParen);
        self.expr_list(|p| p.entity(true), End::Common);
        self.expect(T::CloseParen);
        if self.at(T::With) {
            let w = self.open();
            self.bump();
            self.expect(T::OpenParen);
            self.comma_list(
                P::property,
                Some(|p| p.missing("a parameter")),
                End::Common,
                false,
                false,
            );
            self.expect(T::CloseParen);
            self.close(w, N::RestrictWith);
        }
        self.close(m, N::Restrict)
    }

    fn pattern_statement(&mut self) -> Done {
        let m = self.open();
        self.bump_n(2);
        self.need_name_decl();
        if self.at(T::Equal) {
            let d = self.open();
            self.bump();
            self.expect(T::OpenParen);
            self.comma_list(
                P::column,
                Some(P::missing_column),
                End::Common,
                false,
                false,
            );
            self.expect(T::CloseParen);
            if self.at(T::OpenBracket) {
                let p = self.open();
                self.bump();
                if self.column().is_none() {
                    self.missing_column();
                }
                self.expect(T::CloseBracket);
                self.close(p, N::PatternPath);
            }
            self.expect(T::OpenBrace);
            if self.list(P::pattern_match, End::Common) == 0 {
                self.missing("a pattern");
            }
            self.expect(T::CloseBrace);
            self.close(d, N::PatternDecl);
        }
        self.close(m, N::Pattern)
    }
    fn pattern_match(&mut self) -> Option<Done> {
        if !self.at(T::OpenParen) {
            return None;
        }
        let m = self.open();
        self.bump();
        self.comma_list(P::unnamed, Some(P::missing_value), End::Common, true, false);
        self.expect(T::CloseParen);
        if self.eat(T::Dot) {
            self.expect(T::OpenBracket);
            let d = self.literal();
            self.need(d, P::missing_value);
            self.expect(T::CloseBracket);
        }
        self.expect(T::Equal);
        self.deeper(|p| {
            p.function_body(true);
            None
        });
        self.expect(T::Semicolon);
        Some(self.close(m, N::PatternMatch))
    }
}
