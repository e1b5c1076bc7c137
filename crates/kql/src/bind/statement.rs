//! Statements: `let` with its values, tables and functions; parameters; the query's result.

use super::env::{FnRef, Info, Local, LocalKind, R, Sym, UserFn, UserParam};
use super::{Binder, Declared, Mark};
use crate::syntax::{Code, Id, N, T};
use crate::types::{Conversion, Ty};
use std::sync::{Arc, OnceLock};

impl Binder<'_> {
    /// Functions a person keeps beside the schema.
    pub(crate) fn user_functions(&mut self) {
        for n in 0..self.world.user.len() {
            let tree = &self.world.user[n];
            let old = std::mem::replace(&mut self.tree, tree);
            self.tree_no = n + 1;
            if let Some(l) = self.tree.child_of(0, N::Let) {
                self.quietly(|b| b.let_statement(l));
            }
            self.tree = old;
            self.tree_no = 0;
        }
        self.block = self.scope.len();
    }

    /// The whole text.
    pub(crate) fn query(&mut self) {
        let t = self.tree;
        let mut last: Option<R> = None;
        let kids: Vec<Id> = if t.nodes.is_empty() {
            Vec::new()
        } else {
            t.children(0).collect()
        };
        for s in kids {
            if t.kind(s) == N::ExprStmt {
                if let Some(e) = t.child(s, 0) {
                    last = Some(self.expr(e).r);
                }
            } else {
                self.statement(s);
            }
        }
        self.out.columns = match &last {
            Some(R::Table(t)) => {
                let cols = self.all_columns(t);
                Some(
                    cols.iter()
                        .map(|c| (self.text(c.name).to_owned(), c.ty))
                        .collect(),
                )
            }
            _ => None,
        };
    }

    pub(crate) fn statement(&mut self, node: Id) {
        let t = self.tree;
        match t.kind(node) {
            N::Let => self.let_statement(node),
            N::SetOption => {
                if let Some(n) = t.child(node, 0) {
                    self.mark(n, Mark::Option, None);
                }
                if let Some(v) = t.child_of(node, N::OptionValue).and_then(|v| t.child(v, 0))
                    && t.kind(v) != N::NameRef
                {
                    self.expr(v);
                }
            }
            N::QueryParams => {
                let params: Vec<Id> = t
                    .children(node)
                    .filter(|c| t.kind(*c) == N::FnParam)
                    .collect();
                for p in params {
                    self.declare_param(p, LocalKind::Variable);
                }
            }
            N::Alias => {
                if let Some(e) = t.child(node, 1) {
                    self.expr(e);
                }
            }
            N::ExprStmt => {
                if let Some(e) = t.child(node, 0) {
                    self.expr(e);
                }
            }
            N::Restrict => {
                let kids: Vec<Id> = t
                    .children(node)
                    .filter(|c| t.kind(*c) != N::RestrictWith)
                    .collect();
                for c in kids {
                    self.tabular = true;
                    self.quietly(|b| b.expr(c));
                    self.tabular = false;
                }
            }
            N::Pattern => {
                self.declare_pattern(node);
                if let Some(n) = t.child_of(node, N::NameDecl) {
                    let name = self.name(n);
                    self.declare(Local {
                        name,
                        kind: LocalKind::Variable,
                        r: R::Ty(Ty::UNKNOWN),
                        constant: false,
                        decl: n,
                    });
                }
            }
            _ => {}
        }
    }

    fn let_statement(&mut self, node: Id) {
        let t = self.tree;
        let kids: Vec<Id> = t.children(node).collect();
        let (Some(name_node), Some(value)) = (kids.first().copied(), kids.get(1).copied()) else {
            return;
        };
        let name = self.name(name_node);
        let suffix = self.suffix;
        let (kind, info) = match t.kind(value) {
            N::FnDecl => {
                let f = self.function(value, name, name_node);
                let f = FnRef::User(f);
                (LocalKind::Function(f.clone()), Info::of(R::Function(f)))
            }
            N::EntityGroup => (LocalKind::Variable, Info::of(R::Other)),
            _ => {
                self.sub_pipe = false;
                (LocalKind::Variable, self.expr(value))
            }
        };
        let _ = suffix;
        if t.kind(name_node) == N::Missing || self.text(name).is_empty() {
            return;
        }
        if self.scope[self.block.min(self.scope.len())..]
            .iter()
            .any(|(n, _)| *n == name)
        {
            let text = self.text(name).to_owned();
            self.diag(Code::DECLARED_TWICE, name_node, &[&text]);
        }
        // a scalar that is an error is still a name
        let r = match info.r {
            R::None => R::ERROR,
            r => r,
        };
        let mark = if matches!(kind, LocalKind::Function(_)) {
            Mark::Function
        } else {
            Mark::Variable
        };
        self.mark(
            name_node,
            mark,
            if let R::Ty(t) = &r { Some(*t) } else { None },
        );
        let f = match &kind {
            LocalKind::Function(FnRef::User(f)) => Some(f.clone()),
            _ => None,
        };
        self.declared(name_node, &r, f.as_ref());
        self.declare(Local {
            name,
            kind,
            r,
            constant: info.constant,
            decl: name_node,
        });
    }

    /// Notes a declared name for completion, hover and rename.
    pub(crate) fn declared(&mut self, node: Id, r: &R, f: Option<&Arc<UserFn>>) {
        if self.quiet > 0 || self.tree_no != 0 {
            return;
        }
        let t = self.tree;
        let name = super::env::name_text(t, node).into_owned();
        let columns = match r {
            R::Table(x) => x
                .cols
                .iter()
                .map(|c| (self.text(c.name).to_owned(), c.ty))
                .collect(),
            _ => Vec::new(),
        };
        let what = match (f, r) {
            (Some(_), _) => "function",
            (_, R::Table(_) | R::Group(_)) => "table",
            (_, R::Ty(t)) => t.name(),
            _ => "name",
        };
        let signature = f
            .and_then(|f| t.child_of(f.decl, N::FnParams))
            .map(|p| t.text_of(p).to_owned())
            .unwrap_or_default();
        let tabular = match (f, r) {
            (Some(f), _) => f.fixed.get().is_some_and(R::is_tabular),
            (_, r) => r.is_tabular(),
        };
        self.out.locals.push(Declared {
            name,
            decl: node,
            what: what.to_owned(),
            tabular,
            function: f.is_some(),
            columns,
            signature,
        });
    }

    fn param_type(&mut self, column: Id) -> R {
        let t = self.tree;
        match t
            .children(column)
            .find(|c| matches!(t.kind(*c), N::Type | N::SchemaType))
        {
            Some(c) if t.kind(c) == N::SchemaType => {
                let mut cols = Vec::new();
                let kids: Vec<Id> = t.children(c).collect();
                if kids.is_empty() {
                    self.diag(Code(220), c, &[]);
                }
                for k in kids {
                    if t.kind(k) == N::Column
                        && let Some((name, ty)) = self.column_decl(k)
                    {
                        let col = self.column(name, ty);
                        cols.push(col);
                    }
                }
                R::Table(self.table(cols, false))
            }
            Some(c) => R::Ty(self.type_node(c)),
            None => R::ERROR,
        }
    }

    fn declare_param(&mut self, param: Id, kind: LocalKind) -> Option<UserParam> {
        let t = self.tree;
        let column = t.child(param, 0)?;
        let takes = self.param_type(column);
        let n = t.children(column).find(|c| t.kind(*c) == N::NameDecl);
        let default = t
            .child_of(param, N::DefaultValue)
            .and_then(|d| t.child(d, 0));
        if let Some(d) = default {
            let i = self.expr(d);
            if t.kind(d) == N::TokenLit || !self.is_literal(d) {
                if !i.r.is_error() {
                    self.diag(Code(132), d, &[]);
                }
            } else if let R::Ty(want) = takes {
                self.check_type(&i, d, want, Conversion::Compatible);
            }
        }
        let n = n?;
        let name = self.name(n);
        let mark = if matches!(kind, LocalKind::Parameter) {
            Mark::Parameter
        } else {
            Mark::Variable
        };
        self.mark(
            n,
            mark,
            if let R::Ty(t) = &takes {
                Some(*t)
            } else {
                None
            },
        );
        self.declared(n, &takes, None);
        self.declare(Local {
            name,
            kind,
            r: takes.clone(),
            constant: takes.is_scalar(),
            decl: n,
        });
        Some(UserParam {
            name,
            takes,
            optional: default.is_some(),
        })
    }

    /// The body of a line of a pattern as a function without parameters.
    pub(super) fn pattern_body(&mut self, line: Id, body: Id, name: super::Name) -> Arc<UserFn> {
        let scope = Arc::new(self.scope.clone());
        let id = self.fresh();
        Arc::new(UserFn {
            name,
            tree: self.tree_no,
            decl: line,
            body: Some(body),
            params: Vec::new(),
            view: false,
            scope,
            fixed: OnceLock::new(),
            id,
        })
    }

    fn function(&mut self, node: Id, name: super::Name, _decl: Id) -> Arc<UserFn> {
        let t = self.tree;
        let scope = Arc::new(self.scope.clone());
        let body = t.child_of(node, N::FnBody);
        let params_node = t.child_of(node, N::FnParams);
        let suffix = std::mem::replace(&mut self.suffix, 1);
        let row = self.row.take();
        let mut params = Vec::new();
        let mut result = None;
        self.in_block(|b| {
            let list: Vec<Id> = params_node
                .map(|p| t.children(p).collect())
                .unwrap_or_default();
            let mut tables_over = false;
            for p in list {
                if t.kind(p) != N::FnParam {
                    continue;
                }
                if let Some(q) = b.declare_param(p, LocalKind::Parameter) {
                    match q.takes {
                        R::Table(_) if tables_over => b.diag(Code(226), p, &[]),
                        R::Table(_) => {}
                        _ => tables_over = true,
                    }
                    params.push(q);
                }
            }
            if let Some(body) = body {
                result = Some(b.function_body(body));
            }
        });
        self.row = row;
        self.suffix = suffix;
        let fixed = OnceLock::new();
        // the body is bound already; its result stands unless tables flow in
        if params.iter().all(|p| matches!(p.takes, R::Ty(_)))
            && let Some(r) = result
        {
            let r = if r.is_error() || matches!(r, R::None) {
                R::Ty(Ty::UNKNOWN)
            } else {
                r
            };
            let _ = fixed.set(r);
        }
        let id = self.fresh();
        Arc::new(UserFn {
            name,
            tree: self.tree_no,
            decl: node,
            body,
            params,
            view: t.head(node) == T::View,
            scope,
            fixed,
            id,
        })
    }

    /// Binds the statements of a body and gives the result of its expression.
    pub(crate) fn function_body(&mut self, body: Id) -> R {
        let t = self.tree;
        let mut last = R::None;
        let kids: Vec<Id> = t.children(body).collect();
        for c in kids {
            match t.kind(c) {
                N::Let | N::QueryParams => self.statement(c),
                _ => last = self.expr(c).r,
            }
        }
        if let R::Function(FnRef::User(u)) = &last {
            let u = u.clone();
            last = self.call_user(&u, &[]);
        }
        let _ = Sym::None;
        last
    }
}
