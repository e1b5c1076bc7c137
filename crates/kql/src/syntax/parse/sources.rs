//! Tables written in the text: `datatable`, `externaldata` and their rarer kin.

use super::core::{Done, End, P};
use super::params;
use crate::syntax::diag::Code;
use crate::syntax::kind::T;
use crate::syntax::tree::N;

impl<'a> P<'a> {
    pub fn data_table(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::NONE, false);
        self.need_row_schema(false);
        self.expect(T::OpenBracket);
        self.eat(T::Comma);
        self.comma_list(P::literal, Some(P::missing_value), End::Common, false, true);
        self.expect(T::CloseBracket);
        self.close(m, N::DataTable)
    }
    pub fn contextual_table(&mut self) -> Option<Done> {
        if !self.at(T::ContextualDataTable) {
            return None;
        }
        let m = self.open();
        self.bump();
        let id = self.literal().or_else(|| self.unnamed());
        self.need(id, P::missing_expr);
        self.need_row_schema(false);
        Some(self.close(m, N::ContextualTable))
    }
    pub fn external_data(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::NONE, false);
        self.need_row_schema(false);
        self.expect(T::OpenBracket);
        self.comma_list(
            P::pipe_expr,
            Some(P::missing_value),
            End::Common,
            false,
            true,
        );
        self.expect(T::CloseBracket);
        self.properties_clause();
        self.close(m, N::ExternalData)
    }
    /// `with (name = value, …)` of `externaldata`.
    pub fn properties_clause(&mut self) -> Option<Done> {
        if !self.at(T::With) {
            return None;
        }
        let m = self.open();
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
        Some(self.close(m, N::With))
    }
    pub fn property(&mut self) -> Option<Done> {
        let d = self.rename_decl()?;
        let m = self.precede(d);
        self.expect(T::Equal);
        let v = match self.peek() {
            T::StringLit | T::LongLit | T::RealLit | T::BoolLit | T::DateTimeLit => self.literal(),
            T::RawGuidLit | T::GuidLit => Some(self.leaf(N::Lit, 1)),
            _ => self.rename_decl(),
        };
        self.need(v, P::missing_value);
        Some(self.close(m, N::Param))
    }

    pub fn inline_external(&mut self) -> Option<Done> {
        if !matches!(self.nth(1), T::Kind) && !self.schema_ahead(1) {
            return None;
        }
        let m = self.open();
        self.bump();
        self.own_param_list(params::NONE);
        let schema = self.schema_ahead(0);
        if schema {
            self.row_schema(false);
        }
        let mut delta = false;
        if self.eat(T::Kind) {
            self.expect(T::Equal);
            delta = self.text_at(0) == "delta";
            self.expect_text(&["storage", "delta"]);
        } else {
            self.note_here(Code(254), "");
        }
        if !schema && !delta {
            self.missing("a schema");
        }
        if self.eat(T::Partition) {
            self.expect(T::By);
            self.expect(T::OpenParen);
            self.eat(T::Comma);
            self.comma_list(
                |p| {
                    let d = p.column()?;
                    if p.eat(T::Equal) {
                        p.unnamed();
                    }
                    Some(d)
                },
                Some(P::missing_column),
                End::Common,
                false,
                true,
            );
            self.expect(T::CloseParen);
        }
        if self.eat(T::PathFormat) {
            self.expect(T::Equal);
            self.expect(T::OpenParen);
            self.strings();
            self.list(
                |p| p.call().or_else(|| p.name_ref()).or_else(|| p.strings()),
                End::Common,
            );
            self.expect(T::CloseParen);
        }
        if self.eat(T::DataFormat) {
            self.expect(T::Equal);
            self.expect(T::Ident);
        } else if !delta {
            self.note_here(Code(253), "");
        }
        if self.eat(T::OpenParen) {
            self.comma_list(
                P::pipe_expr,
                Some(P::missing_value),
                End::Common,
                false,
                true,
            );
            self.expect(T::CloseParen);
        } else {
            self.note_here(Code(256), "");
        }
        self.properties_clause();
        Some(self.close(m, N::InlineExternalTable))
    }
    fn schema_ahead(&self, ahead: usize) -> bool {
        if self.nth(ahead) != T::OpenParen {
            return false;
        }
        let mut i = ahead + 1;
        loop {
            match self.nth(i) {
                T::Eof | T::Colon => return true,
                T::CloseParen => return false,
                _ => i += 1,
            }
        }
    }

    pub fn view_combine(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.expect(T::OpenParen);
        let d = self.pipe_expr();
        self.need(d, P::missing_expr);
        self.expect(T::CloseParen);
        for word in ["base", "delta", "aggregations"] {
            let n = self.spells(0, word);
            if n == 0 {
                self.missing(word);
                continue;
            }
            self.bump_n(n);
            self.expect(T::OpenParen);
            let d = if word == "aggregations" {
                self.piped_operator()
            } else {
                self.pipe_expr()
            };
            self.need(d, P::missing_expr);
            self.expect(T::CloseParen);
        }
        self.close(m, N::MaterializedViewCombine)
    }
}
