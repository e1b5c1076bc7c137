//! The pipeline and the tabular operators hunts use most.

use super::core::{Done, End, P};
use super::params::{self, Allowed};
use crate::syntax::diag::{Code, Diag};
use crate::syntax::kind::T;
use crate::syntax::tree::N;

impl<'a> P<'a> {
    /// An expression or a pipeline of operators: one flat node whose children are the
    /// source and the operators.
    pub fn pipe_expr(&mut self) -> Option<Done> {
        self.deeper(P::pipe_inner)
    }
    fn pipe_inner(&mut self) -> Option<Done> {
        let d = if self.possible_operator() {
            self.unpiped_operator()
                .or_else(|| self.piped_operator())
                .or_else(|| self.unnamed())
        } else {
            self.unnamed()
                .or_else(|| self.unpiped_operator())
                .or_else(|| self.piped_operator())
        }?;
        Some(self.pipe_rest(d))
    }
    pub fn pipe_rest(&mut self, d: Done) -> Done {
        if !self.at(T::Bar) {
            return d;
        }
        let m = self.precede(d);
        while self.eat(T::Bar) {
            self.need_operator();
        }
        self.close(m, N::Pipe)
    }
    /// Operators without a source, as inside `partition by x ( … )`.
    pub fn sub_pipe(&mut self) -> Option<Done> {
        self.deeper(|p| {
            let d = p.need_operator();
            Some(p.pipe_rest(d))
        })
    }
    /// The same where a contextual table may begin.
    pub fn contextual_pipe(&mut self) -> Option<Done> {
        self.deeper(|p| {
            let d = match p.contextual_table() {
                Some(d) => d,
                None => p.need_operator(),
            };
            Some(p.pipe_rest(d))
        })
    }
    /// The same for `fork` and `facet`, where the operator may also be one that begins a query.
    pub fn fork_pipe(&mut self) -> Option<Done> {
        self.deeper(|p| {
            let d = p.piped_operator().or_else(|| p.unpiped_operator())?;
            Some(p.pipe_rest(d))
        })
    }

    pub fn need_operator(&mut self) -> Done {
        if let Some(d) = self.deeper(|p| p.piped_operator().or_else(|| p.unpiped_operator())) {
            return d;
        }
        if self.at(T::Ident) {
            let t = self.tok(0);
            let d = Diag::new(Code::OPERATOR_EXPECTED, t.start as usize, t.end as usize);
            self.note(d);
            return self.leaf(N::BadOp, 1);
        }
        self.missing_operator()
    }

    pub fn unpiped_operator(&mut self) -> Option<Done> {
        match self.peek() {
            T::Evaluate => Some(self.evaluate()),
            T::Find => Some(self.find()),
            T::MacroExpand => Some(self.macro_expand()),
            T::Print => Some(self.exprs(N::Print, true)),
            T::Search => Some(self.search()),
            T::Union => Some(self.union()),
            _ => None,
        }
    }

    pub fn piped_operator(&mut self) -> Option<Done> {
        Some(match self.peek() {
            T::Where | T::Filter => self.one(N::Where, params::NONE, true),
            T::Extend => self.exprs(N::Extend, true),
            T::Project => self.exprs(N::Project, false),
            T::ProjectRename => self.exprs(N::ProjectRename, false),
            T::ProjectAway => self.columns(N::ProjectAway, P::wildcard_or_name),
            T::ProjectKeep => self.columns(N::ProjectKeep, P::wildcard_or_name),
            T::ProjectReorder => self.columns(N::ProjectReorder, P::reorder_item),
            T::ProjectByNames => self.columns(N::ProjectByNames, P::unnamed),
            T::Summarize => self.summarize(),
            T::Distinct => self.distinct(),
            T::Take | T::Limit => self.one(N::Take, params::NONE, true),
            T::Sort | T::Order => self.sort(),
            T::Top => self.top(),
            T::Join => self.join(),
            T::Lookup => self.lookup(),
            T::Union => self.union(),
            T::Count => {
                if self.nth(1) == T::OpenParen {
                    return None;
                }
                self.count()
            }
            T::Render => self.render(),
            T::MvExpand | T::MvDashExpand => self.mv_expand(),
            T::MvApply | T::MvDashApply => self.mv_apply(),
            T::Parse => self.parse_op(N::Parse),
            T::ParseWhere => self.parse_op(N::ParseWhere),
            T::ParseKv => self.parse_kv(),
            T::Evaluate => self.evaluate(),
            T::Invoke => self.invoke(),
            T::MakeSeries => self.make_series(),
            T::Search => self.search(),
            T::Find => self.find(),
            T::As => self.as_op(),
            T::Range => {
                if self.nth(1) == T::OpenParen {
                    return None;
                }
                self.range()
            }
            T::Serialize => {
                let m = self.open();
                self.bump();
                self.param_list(params::NONE, true);
                self.comma_list(
                    P::named_expr,
                    Some(P::missing_expr),
                    End::Common,
                    false,
                    false,
                );
                self.close(m, N::Serialize)
            }
            T::Sample => self.one(N::Sample, params::NONE, true),
            T::GetSchema => {
                let m = self.open();
                self.bump();
                self.fixed_param("kind", &["csl"]);
                self.close(m, N::GetSchema)
            }
            T::Consume => {
                let m = self.open();
                self.bump();
                self.param_list(params::CONSUME, false);
                self.close(m, N::Consume)
            }
            T::ExecuteAndCache => self.leaf(N::ExecuteAndCache, 1),
            _ => return self.rare_operator(),
        })
    }

    /// Whether an operator that may begin a query, or none but an operator, begins here.
    pub fn possible_operator(&self) -> bool {
        match self.peek() {
            T::Evaluate => self.scan_name(1) > 0 || self.known_param_name(false, 1) > 0,
            T::Facet => self.nth(1) == T::By,
            T::Partition | T::Reduce => self.nth(1) == T::By || self.known_param_name(false, 1) > 0,
            T::Range => {
                let n = self.scan_name(1);
                n > 0 && self.nth(1 + n) == T::From
            }
            T::InlineExternalTable => matches!(self.nth(1), T::OpenParen | T::Kind),
            T::Render => params::CHARTS.iter().any(|c| self.spells(1, c) > 0) || self.is_name(1),
            k @ (T::As
            | T::AssertSchema
            | T::Consume
            | T::Count
            | T::Distinct
            | T::ExecuteAndCache
            | T::Extend
            | T::Filter
            | T::Find
            | T::GetSchema
            | T::GraphMatch
            | T::GraphToTable
            | T::Invoke
            | T::Join
            | T::Limit
            | T::MacroExpand
            | T::MakeGraph
            | T::GraphMarkComponents
            | T::MakeSeries
            | T::MvApply
            | T::MvDashApply
            | T::MvExpand
            | T::MvDashExpand
            | T::Order
            | T::Parse
            | T::ParseWhere
            | T::ParseKv
            | T::Print
            | T::Project
            | T::ProjectAway
            | T::ProjectKeep
            | T::ProjectRename
            | T::ProjectByNames
            | T::ProjectReorder
            | T::Sample
            | T::SampleDistinct
            | T::Scan
            | T::Search
            | T::Serialize
            | T::Sort
            | T::Summarize
            | T::Take
            | T::Top
            | T::TopHitters
            | T::TopNested
            | T::Union
            | T::Where) => !k.can_be_name(),
            _ => false,
        }
    }

    // ---- shapes many operators share
    /// Word, parameters, one expression.
    fn one(&mut self, kind: N, list: &'static [params::Param], equals_needed: bool) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(list, equals_needed);
        self.need_named();
        self.close(m, kind)
    }
    /// Word, expressions.
    fn exprs(&mut self, kind: N, one_or_more: bool) -> Done {
        let m = self.open();
        self.bump();
        self.comma_list(
            P::named_expr,
            Some(P::missing_expr),
            End::Common,
            one_or_more,
            false,
        );
        self.close(m, kind)
    }
    fn columns(&mut self, kind: N, rule: super::core::Rule<'a>) -> Done {
        let m = self.open();
        self.bump();
        self.comma_list(rule, Some(P::missing_expr), End::Common, false, false);
        self.close(m, kind)
    }
    fn reorder_item(&mut self) -> Option<Done> {
        let d = self.wildcard_or_name()?;
        if !matches!(self.peek(), T::Asc | T::Desc | T::GrannyAsc | T::GrannyDesc) {
            return Some(d);
        }
        let m = self.precede(d);
        self.bump();
        Some(self.close(m, N::Ordered))
    }
    pub fn ordered(&mut self) -> Option<Done> {
        let d = self.named_expr()?;
        if !matches!(
            self.peek(),
            T::Asc | T::Desc | T::GrannyAsc | T::GrannyDesc | T::Nulls
        ) {
            return Some(d);
        }
        let m = self.precede(d);
        if !self.at(T::Nulls) {
            self.bump();
        }
        if self.eat(T::Nulls) && !self.eat(T::First) && !self.eat(T::Last) {
            let d = self.missing_token(Code::MISSING).arg("`first` or `last`");
            self.note(d);
        }
        Some(self.close(m, N::Ordered))
    }
    /// `by` and a list of expressions, if `by` is there.
    pub fn by_clause(&mut self, end: End) -> bool {
        if !self.at(T::By) {
            return false;
        }
        let m = self.open();
        self.bump();
        self.expr_list(P::named_expr, end);
        if matches!(end, End::ByBin) && self.at(T::Bin) && self.nth(1) == T::Equal {
            let b = self.open();
            self.bump_n(2);
            self.need_unnamed();
            self.close(b, N::ByBin);
        }
        self.close(m, N::By);
        true
    }
    pub fn word_expr(&mut self, word: T, kind: N) -> bool {
        if !self.at(word) {
            return false;
        }
        let m = self.open();
        self.bump();
        self.need_unnamed();
        self.close(m, kind);
        true
    }

    // ---- operators
    fn summarize(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::SUMMARIZE, true);
        self.comma_list(
            P::named_expr,
            Some(P::missing_expr),
            End::Words(&[T::By]),
            false,
            false,
        );
        self.by_clause(End::ByBin);
        self.close(m, N::Summarize)
    }
    fn distinct(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::DISTINCT, true);
        self.expr_list(
            |p| {
                if p.at(T::Asterisk) {
                    Some(p.leaf(N::Star, 1))
                } else {
                    p.named_expr()
                }
            },
            End::Common,
        );
        self.close(m, N::Distinct)
    }
    fn sort(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::SORT, false);
        self.expect(T::By);
        self.expr_list(P::ordered, End::Common);
        self.close(m, N::Sort)
    }
    fn top(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::TOP, true);
        self.need_named();
        self.expect(T::By);
        let d = self.ordered();
        self.need(d, P::missing_expr);
        self.close(m, N::Top)
    }
    fn on_clause(&mut self) -> bool {
        if !self.at(T::On) {
            return false;
        }
        let m = self.open();
        self.bump();
        self.expr_list(P::unnamed, End::Never);
        self.close(m, N::On);
        true
    }
    fn join(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::JOIN, true);
        self.need_unnamed();
        if !self.on_clause() {
            self.word_expr(T::Where, N::JoinWhere);
        }
        self.close(m, N::Join)
    }
    fn lookup(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::LOOKUP, true);
        self.need_unnamed();
        if !self.on_clause() {
            self.missing("`on` and a column");
        }
        self.close(m, N::Lookup)
    }
    fn union(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::UNION, true);
        self.expr_list(P::union_operand, End::Common);
        self.close(m, N::Union)
    }
    fn union_operand(&mut self) -> Option<Done> {
        self.parenthesized()
            .or_else(|| self.entity(true))
            .or_else(|| self.bare_selector())
    }
    fn count(&mut self) -> Done {
        let m = self.open();
        self.bump();
        if self.at(T::As) {
            let c = self.open();
            self.bump();
            if self.at(T::Ident) {
                self.leaf(N::NameDecl, 1);
            } else {
                self.expect(T::Ident);
            }
            self.close(c, N::AsClause);
        }
        self.close(m, N::Count)
    }
    fn as_op(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::AS, true);
        self.need_name_decl();
        self.close(m, N::As)
    }
    fn render(&mut self) -> Done {
        let m = self.open();
        self.bump();
        let chart = params::CHARTS
            .iter()
            .map(|c| self.spells(0, c))
            .find(|n| *n > 0)
            .unwrap_or(0);
        if chart > 0 {
            self.leaf(N::TokenLit, chart);
        } else if self.at(T::Ident) {
            self.leaf(N::TokenLit, 1);
        } else {
            let d = self.missing_token(Code::EXPECTED).arg("a kind of chart");
            self.note(d);
        }
        self.list(P::old_render_param, End::Never);
        if self.at(T::With) {
            let w = self.open();
            self.bump();
            self.expect(T::OpenParen);
            self.eat(T::Comma);
            self.param_comma_list(params::RENDER, Allowed::Declared);
            self.expect(T::CloseParen);
            self.close(w, N::With);
        }
        self.close(m, N::Render)
    }
}
