//! The rarer tabular operators: searching everything, scanning, graphs, nesting.

use super::core::{Done, End, P};
use super::params;
use crate::syntax::diag::Code;
use crate::syntax::kind::T;
use crate::syntax::tree::N;

impl<'a> P<'a> {
    pub fn rare_operator(&mut self) -> Option<Done> {
        Some(match self.peek() {
            T::Facet => self.facet(),
            T::Fork => {
                let m = self.open();
                self.bump();
                if self.list(P::fork_item, End::Never) == 0 {
                    self.expect(T::OpenParen);
                    self.missing_expr();
                    self.expect(T::CloseParen);
                }
                self.close(m, N::Fork)
            }
            T::Partition => self.partition(),
            T::PartitionBy => self.partition_by(),
            T::InlineExternalTable => return self.inline_external(),
            T::Reduce => {
                let m = self.open();
                self.bump();
                self.param_list(params::REDUCE, false);
                self.expect(T::By);
                self.need_named();
                if self.at(T::With) {
                    let w = self.open();
                    self.bump();
                    self.param_comma_list(params::REDUCE, params::Allowed::DeclaredOrKnown);
                    self.close(w, N::With);
                }
                self.close(m, N::Reduce)
            }
            T::SampleDistinct => {
                let m = self.open();
                self.bump();
                self.param_list(params::NONE, true);
                self.need_named();
                self.expect(T::Of);
                self.need_named();
                self.close(m, N::SampleDistinct)
            }
            T::Scan => self.scan(),
            T::TopHitters => {
                let m = self.open();
                self.bump();
                self.need_named();
                self.expect(T::Of);
                self.need_named();
                if self.at(T::By) {
                    let b = self.open();
                    self.bump();
                    self.need_named();
                    self.close(b, N::By);
                }
                self.close(m, N::TopHitters)
            }
            T::TopNested => {
                let m = self.open();
                self.comma_list(
                    P::top_nested,
                    Some(|p| p.missing("a clause")),
                    End::Common,
                    true,
                    false,
                );
                self.close(m, N::TopNested)
            }
            T::AssertSchema => {
                let m = self.open();
                self.bump();
                self.need_row_schema(false);
                self.close(m, N::AssertSchema)
            }
            T::MakeGraph => self.make_graph(),
            T::GraphMatch => self.graph_match(N::GraphMatch, params::GRAPH_MATCH),
            T::GraphShortestPaths => self.graph_match(N::GraphShortestPaths, params::GRAPH_PATHS),
            T::GraphToTable => self.graph_to_table(),
            T::GraphMarkComponents => {
                let m = self.open();
                self.bump();
                self.param_list(params::GRAPH_MARK, true);
                self.close(m, N::GraphMarkComponents)
            }
            T::GraphWhereNodes => self.graph_where(N::GraphWhereNodes),
            T::GraphWhereEdges => self.graph_where(N::GraphWhereEdges),
            _ => return None,
        })
    }

    fn facet(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.expect(T::By);
        self.comma_list(
            P::simple_path,
            Some(P::missing_name),
            End::Words(&[T::With]),
            true,
            false,
        );
        if self.at(T::With) {
            let w = self.open();
            self.bump();
            let paren = self.eat(T::OpenParen);
            let d = if paren {
                self.fork_pipe()
            } else {
                self.piped_operator().or_else(|| self.unpiped_operator())
            };
            self.need(d, P::missing_operator);
            if paren {
                self.expect(T::CloseParen);
            }
            self.close(w, N::FacetWith);
        }
        self.close(m, N::Facet)
    }
    fn fork_item(&mut self) -> Option<Done> {
        let n = self.scan_name(0);
        let named = n > 0 && self.nth(n) == T::Equal;
        if !named && !self.at(T::OpenParen) {
            return None;
        }
        let m = self.open();
        if named {
            self.name_decl();
            self.bump();
        }
        self.expect(T::OpenParen);
        let d = self.fork_pipe().or_else(|| self.pipe_expr());
        self.need(d, P::missing_expr);
        self.expect(T::CloseParen);
        Some(self.close(m, N::ForkItem))
    }
    fn partition(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::PARTITION, false);
        self.expect(T::By);
        let d = self.simple_path();
        self.need(d, P::missing_name);
        if self.at(T::In) {
            let s = self.open();
            self.bump();
            let d = self.call().or_else(|| self.dynamic());
            self.need(d, P::missing_expr);
            self.close(s, N::PartitionScope);
        }
        let s = self.open();
        if self.eat(T::OpenBrace) {
            let d = self.pipe_expr();
            self.need(d, P::missing_expr);
            self.expect(T::CloseBrace);
        } else {
            let lost = !self.at(T::OpenParen);
            self.expect(T::OpenParen);
            if lost {
                self.missing_expr();
            } else {
                self.sub_pipe();
            }
            self.expect(T::CloseParen);
        }
        self.close(s, N::Subquery);
        self.close(m, N::Partition)
    }
    fn partition_by(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::PARTITION, false);
        let d = self.simple_path();
        self.need(d, P::missing_name);
        if self.at(T::Id) {
            let i = self.open();
            self.bump();
            let d = self.literal();
            self.need(d, P::missing_value);
            self.close(i, N::Id);
        }
        self.subquery();
        self.close(m, N::PartitionBy)
    }
    fn subquery(&mut self) {
        let s = self.open();
        self.expect(T::OpenParen);
        self.contextual_pipe();
        self.expect(T::CloseParen);
        self.close(s, N::Subquery);
    }

    // ---- searching
    fn in_clause(&mut self) -> bool {
        if !self.at(T::In) {
            return false;
        }
        let m = self.open();
        self.bump();
        self.expect(T::OpenParen);
        self.expr_list(P::find_operand, End::Common);
        self.expect(T::CloseParen);
        self.close(m, N::InClause);
        true
    }
    fn find_operand(&mut self) -> Option<Done> {
        let d = self.entity(true).or_else(|| self.bare_selector())?;
        if self.at(T::Bar) && self.done_kind(d) == Some(N::NameRef) {
            let m = self.precede(d);
            self.bump();
            let d = if self.at(T::As) {
                self.piped_operator()
            } else {
                None
            };
            self.need(d, P::missing_operator);
            return Some(self.close(m, N::Pipe));
        }
        Some(d)
    }
    fn project_item(&mut self) -> Option<Done> {
        if self.at(T::Pack) {
            let m = self.open();
            self.bump();
            self.expect(T::OpenParen);
            self.expect(T::Asterisk);
            self.expect(T::CloseParen);
            return Some(self.close(m, N::PackExpr));
        }
        if self.at(T::Asterisk) {
            return Some(self.leaf(N::Star, 1));
        }
        let d = self.name_ref()?;
        if !self.at(T::Colon) {
            return Some(d);
        }
        let m = self.precede(d);
        self.bump();
        self.need_type(true);
        Some(self.close(m, N::TypedColumn))
    }
    pub fn find(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.data_scope();
        let given = self.param_list(params::FIND, false) > 0;
        let within = self.in_clause();
        if given || within {
            self.expect(T::Where);
        } else {
            self.eat(T::Where);
        }
        self.need_unnamed();
        if matches!(self.peek(), T::Project | T::ProjectSmart) {
            let c = self.open();
            let smart = self.at(T::ProjectSmart);
            self.bump();
            if !smart {
                self.expr_list(P::project_item, End::Never);
            }
            self.close(c, N::ProjectClause);
        }
        if self.at(T::HiddenProjectAway) {
            let c = self.open();
            self.bump();
            self.expr_list(P::project_item, End::Never);
            self.close(c, N::ProjectClause);
        }
        self.close(m, N::Find)
    }
    pub fn search(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::SEARCH, true);
        self.data_scope();
        self.in_clause();
        let d = match self.unnamed() {
            Some(d) => d,
            None if self.at(T::Asterisk) => {
                let star = self.leaf(N::Star, 1);
                if self.at(T::And) {
                    let m = self.precede(star);
                    self.bump();
                    self.need_unnamed();
                    self.close(m, N::And)
                } else {
                    star
                }
            }
            None => self.missing_expr(),
        };
        let _ = d;
        self.close(m, N::Search)
    }
    pub fn macro_expand(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::UNION, true);
        let d = match self.entity_group() {
            Some(d) => Some(d),
            None if matches!(self.text_at(0), "database" | "cluster")
                && self.nth(1) == T::OpenParen =>
            {
                self.entity(false)
            }
            None => self.name_ref(),
        };
        self.need(d, P::missing_expr);
        if self.at(T::As) {
            let a = self.open();
            self.bump();
            self.need_name_decl();
            self.close(a, N::AsClause);
        }
        self.expect(T::OpenParen);
        self.deeper(|p| {
            p.statements();
            None
        });
        self.expect(T::CloseParen);
        self.close(m, N::MacroExpand)
    }

    // ---- scan and top-nested
    fn scan(&mut self) -> Done {
        const ENDS: End = End::Words(&[T::Partition, T::Order, T::By, T::Declare, T::With]);
        let m = self.open();
        self.bump();
        self.param_list(params::SCAN, false);
        if self.at(T::Order) {
            let c = self.open();
            self.bump();
            self.expect(T::By);
            self.expr_list(P::ordered, ENDS);
            self.close(c, N::ScanOrder);
        }
        if self.at(T::Partition) {
            let c = self.open();
            self.bump();
            self.expect(T::By);
            self.expr_list(P::unnamed, ENDS);
            self.close(c, N::ScanPartition);
        }
        if self.at(T::Declare) {
            let c = self.open();
            self.bump();
            self.expect(T::OpenParen);
            self.comma_list(
                P::fn_param,
                Some(P::missing_column),
                End::Common,
                false,
                false,
            );
            self.expect(T::CloseParen);
            self.close(c, N::ScanDeclare);
        }
        self.expect(T::With);
        self.expect(T::OpenParen);
        self.list(P::scan_step, End::Common);
        self.expect(T::CloseParen);
        self.close(m, N::Scan)
    }
    fn scan_step(&mut self) -> Option<Done> {
        if !self.at(T::Step) {
            return None;
        }
        let m = self.open();
        self.bump();
        let d = self.extended_decl();
        self.need(d, P::missing_name);
        self.eat(T::Optional);
        if self.at(T::Output) {
            let o = self.open();
            self.bump();
            self.expect(T::Equal);
            self.expect_text(&["all", "last", "none"]);
            self.close(o, N::ScanOutput);
        }
        self.expect(T::Colon);
        self.need_unnamed();
        if self.at(T::FatArrow) {
            let c = self.open();
            self.bump();
            self.comma_list(
                P::scan_assign,
                Some(P::missing_name),
                End::Common,
                true,
                false,
            );
            self.close(c, N::ScanCompute);
        }
        self.expect(T::Semicolon);
        Some(self.close(m, N::ScanStep))
    }
    fn scan_assign(&mut self) -> Option<Done> {
        let d = self.extended_ref()?;
        let m = self.precede(d);
        self.expect(T::Equal);
        self.need_unnamed();
        Some(self.close(m, N::ScanAssign))
    }
    fn top_nested(&mut self) -> Option<Done> {
        if !self.at(T::TopNested) {
            return None;
        }
        let m = self.open();
        self.bump();
        if self.named_expr().is_none() {
            self.empty(N::Missing);
        }
        self.expect(T::Of);
        self.need_named();
        if self.at(T::With) {
            let w = self.open();
            self.bump();
            self.expect(T::Others);
            self.expect(T::Equal);
            let d = self.literal().or_else(|| self.unnamed());
            self.need(d, P::missing_expr);
            self.close(w, N::WithOthers);
        }
        self.expect(T::By);
        let d = self.ordered();
        self.need(d, P::missing_expr);
        Some(self.close(m, N::TopNestedClause))
    }

    // ---- graphs
    fn make_graph(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(params::MAKE_GRAPH, true);
        self.need_name_ref();
        self.expect_text(&["-->", "--"]);
        self.need_name_ref();
        if self.at(T::WithNodeId) {
            let c = self.open();
            self.bump();
            self.expect(T::Equal);
            self.need_name_decl();
            self.close(c, N::GraphClause);
        } else if self.at(T::With) {
            let c = self.open();
            self.bump();
            self.comma_list(
                |p| {
                    let d = p.unary()?;
                    let m = p.precede(d);
                    p.expect(T::On);
                    p.need_name_ref();
                    Some(p.close(m, N::On))
                },
                Some(P::missing_expr),
                End::Words(&[T::PartitionedBy]),
                true,
                false,
            );
            self.close(c, N::With);
        }
        if self.at(T::PartitionedBy) {
            let c = self.open();
            self.bump();
            let d = self.simple_path();
            self.need(d, P::missing_name);
            self.subquery();
            self.close(c, N::By);
        }
        self.close(m, N::MakeGraph)
    }
    fn graph_match(&mut self, kind: N, list: &'static [params::Param]) -> Done {
        let m = self.open();
        self.bump();
        self.param_list(list, true);
        self.comma_list(P::graph_pattern, None, End::Never, true, false);
        if self.at(T::Where) {
            let c = self.open();
            self.bump();
            let d = self.pipe_expr();
            self.need(d, P::missing_expr);
            self.close(c, N::WhereClause);
        }
        if self.at(T::Project) {
            let c = self.open();
            self.bump();
            self.expr_list(P::named_expr, End::Common);
            self.close(c, N::ProjectClause);
        }
        self.close(m, kind)
    }
    fn graph_pattern(&mut self) -> Option<Done> {
        let m = self.open();
        if self.list(P::graph_notation, End::Never) == 0 {
            self.note_here(Code(217), "");
        }
        Some(self.close(m, N::GraphPattern))
    }
    fn graph_notation(&mut self) -> Option<Done> {
        let m = self.open();
        if self.eat(T::OpenParen) {
            self.name_decl();
            self.expect(T::CloseParen);
            return Some(self.close(m, N::GraphClause));
        }
        if let Some(n) = ["-->", "<--", "--"]
            .iter()
            .map(|s| self.spells(0, s))
            .find(|n| *n > 0)
        {
            self.bump_n(n);
            return Some(self.close(m, N::GraphClause));
        }
        if let Some(n) = ["-[", "<-["]
            .iter()
            .map(|s| self.spells(0, s))
            .find(|n| *n > 0)
        {
            self.bump_n(n);
            self.name_decl();
            if self.eat(T::Asterisk) {
                let d = self.unary();
                self.need(d, P::missing_value);
                self.expect(T::DotDot);
                let d = self.unary();
                self.need(d, P::missing_expr);
            }
            self.expect_text(&["]->", "]-"]);
            return Some(self.close(m, N::GraphClause));
        }
        self.events.pop();
        None
    }
    fn graph_to_table(&mut self) -> Done {
        let m = self.open();
        self.bump();
        self.comma_list(
            |p| {
                let list = match p.peek() {
                    T::Nodes => params::GRAPH_NODES,
                    T::GraphEdges => params::GRAPH_EDGES,
                    _ => return None,
                };
                let m = p.open();
                p.bump();
                if p.at(T::As) {
                    let a = p.open();
                    p.bump();
                    p.need_name_decl();
                    p.close(a, N::AsClause);
                }
                p.param_list(list, true);
                Some(p.close(m, N::GraphClause))
            },
            Some(|p| p.missing("nodes or edges")),
            End::Never,
            true,
            false,
        );
        self.close(m, N::GraphToTable)
    }
    fn graph_where(&mut self, kind: N) -> Done {
        let m = self.open();
        self.bump();
        self.need_unnamed();
        self.close(m, kind)
    }
}
