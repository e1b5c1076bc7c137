//! Operators that give the table another shape: expanding, parsing, plug-ins, series.

use super::core::{Done, End, P};
use super::params::{self, Allowed};
use crate::syntax::kind::T;
use crate::syntax::tree::N;

impl<'a> P<'a> {
    pub fn type_clause(&mut self) -> bool {
        if !self.at(T::To) {
            return false;
        }
        let m = self.open();
        self.bump();
        self.need_type_of();
        self.close(m, N::ToType);
        true
    }
    pub fn expand_item(&mut self) -> Option<Done> {
        let m = if self.at(T::To) {
            let m = self.open();
            self.missing_expr();
            m
        } else {
            let d = self.named_expr()?;
            self.precede(d)
        };
        self.type_clause();
        Some(self.close(m, N::ExpandItem))
    }
    pub fn missing_expand_item(&mut self) -> Done {
        let d = self.missing_expr();
        let m = self.precede(d);
        self.close(m, N::ExpandItem)
    }
    pub fn mv_expand(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::MV_EXPAND, true);
        self.comma_list(
            P::expand_item,
            Some(P::missing_expand_item),
            End::Words(&[T::Limit]),
            true,
            false,
        );
        self.word_expr(T::Limit, N::RowLimit);
        self.close(m, N::MvExpand)
    }
    pub fn mv_apply(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::MV_APPLY, true);
        let mut done = false;
        if self.at(T::To) {
            // a lone `to typeof(…)` needs no expression
            let back = self.mark_place();
            let item = self.open();
            self.type_clause();
            self.close(item, N::ExpandItem);
            done = !self.at(T::Comma);
            if !done {
                self.back_to(&back);
            }
        }
        if !done {
            self.comma_list(
                P::expand_item,
                Some(P::missing_expand_item),
                End::MvApply,
                true,
                false,
            );
        }
        self.word_expr(T::Limit, N::RowLimit);
        self.word_expr(T::Id, N::Id);
        self.expect(T::On);
        let s = self.open();
        if self.eat(T::OpenParen) {
            let d = self.contextual_pipe();
            self.need(d, P::missing_expr);
            self.expect(T::CloseParen);
        } else {
            self.expect(T::OpenParen);
            self.missing_expr();
            self.expect(T::CloseParen);
        }
        self.close(s, N::Subquery);
        self.close(m, N::MvApply)
    }
    pub fn parse_op(&mut self, kind: N) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::PARSE, true);
        self.need_unnamed();
        self.expect(T::With);
        let pattern = self.open();
        self.list(
            |p| {
                if p.at(T::Asterisk) {
                    return Some(p.leaf(N::Star, 1));
                }
                p.strings().or_else(|| p.optional_type_column())
            },
            End::Never,
        );
        self.close(pattern, N::ParsePattern);
        self.close(m, kind)
    }
    pub fn parse_kv(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.need_unnamed();
        self.expect(T::As);
        self.need_row_schema(false);
        if self.at(T::With) {
            let w = self.open();
            self.bump();
            self.expect(T::OpenParen);
            self.param_comma_list(params::PARSE_KV, Allowed::Declared);
            self.expect(T::CloseParen);
            self.close(w, N::With);
        }
        self.close(m, N::ParseKv)
    }
    pub fn evaluate(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::EVALUATE, false);
        self.need_call();
        if self.at(T::Colon) {
            let s = self.open();
            self.bump();
            self.need_row_schema(true);
            self.close(s, N::EvaluateSchema);
        }
        self.close(m, N::Evaluate)
    }
    pub fn invoke(&mut self) -> Done {
        let m = self.open();
        self.bump();
        let d = self.dotted_calls();
        self.need(d, P::missing_expr);
        self.close(m, N::Invoke)
    }
    pub fn series_item(&mut self) -> Option<Done> {
        let d = self.named_expr()?;
        let m = self.precede(d);
        if self.at(T::Default) {
            let c = self.open();
            self.bump();
            self.expect(T::Equal);
            self.need_named();
            self.close(c, N::Default);
        }
        Some(self.close(m, N::MakeSeriesItem))
    }
    pub fn missing_series_item(&mut self) -> Done {
        let d = self.missing_expr();
        let m = self.precede(d);
        self.close(m, N::MakeSeriesItem)
    }
    pub fn make_series(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::MAKE_SERIES, true);
        self.comma_list(
            P::series_item,
            Some(P::missing_series_item),
            End::Words(&[T::On, T::From, T::In]),
            true,
            false,
        );
        let on = self.open();
        self.expect(T::On);
        self.need_named();
        self.close(on, N::MakeSeriesOn);
        let r = self.open();
        if matches!(self.peek(), T::From | T::To | T::Step) {
            self.word_expr(T::From, N::From);
            self.word_expr(T::To, N::To);
            let s = self.open();
            self.expect(T::Step);
            self.need_unnamed();
            self.close(s, N::Step);
            self.close(r, N::FromToStep);
        } else {
            self.expect(T::In);
            self.expect(T::Range);
            self.expect(T::OpenParen);
            self.comma_list(
                P::named_expr,
                Some(P::missing_expr),
                End::Common,
                false,
                false,
            );
            self.expect(T::CloseParen);
            self.close(r, N::InRange);
        }
        self.by_clause(End::Never);
        self.close(m, N::MakeSeries)
    }
    pub fn range(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.need_name_decl();
        for (word, kind) in [(T::From, N::From), (T::To, N::To), (T::Step, N::Step)] {
            let c = self.open();
            self.expect(word);
            self.need_unnamed();
            self.close(c, kind);
        }
        self.close(m, N::Range)
    }
}
