//! Functions that a query defines: their bodies are walked anew for each call.

use super::expr::Expr;
use super::rel::Rel;
use super::run::ErrorKind;
use super::session::{Let, Place, Res, Session};
use super::value::{Kind, Val};
use crate::bind::env::{Local, LocalKind, R, UserFn};
use crate::syntax::{Id, N};
use std::sync::Arc;

/// An argument worked out by the caller.
pub(super) enum Given {
    Scalar(Expr),
    Table(Rel),
}

impl Session<'_> {
    /// The arguments of a call, by the function's parameters.
    pub fn given(
        &mut self,
        u: &Arc<UserFn>,
        args: &[Id],
        first: Option<Rel>,
    ) -> Res<Vec<Option<Given>>> {
        let t = self.t();
        let mut out: Vec<Option<Given>> = u.params.iter().map(|_| None).collect();
        let shift = usize::from(first.is_some());
        if let (Some(rel), Some(slot)) = (first, out.first_mut()) {
            *slot = Some(Given::Table(rel));
        }
        for (i, a) in args.iter().enumerate() {
            let (at, node) = if t.kind(*a) == N::Named {
                let (Some(n), Some(v)) = (t.child(*a, 0), t.child(*a, 1)) else {
                    continue;
                };
                let name = self.node_name(n);
                match u.params.iter().position(|p| p.name == name) {
                    Some(p) => (p, v),
                    None => continue,
                }
            } else {
                (i + shift, *a)
            };
            let Some(p) = u.params.get(at) else { continue };
            let g = match &p.takes {
                R::Table(_) => {
                    let row = self.b.row.take();
                    let r = self.tabular(node);
                    self.b.row = row;
                    Given::Table(r?)
                }
                r => {
                    let kind = Kind::of(r.ty());
                    let e = self.compile(node)?;
                    let e = if r.ty() == crate::types::Ty::DYNAMIC || e.kind == kind {
                        e
                    } else {
                        e.cast(kind, &mut self.cx)
                    };
                    Given::Scalar(e.folded(&mut self.cx))
                }
            };
            if let Some(slot) = out.get_mut(at) {
                *slot = Some(g);
            }
        }
        Ok(out)
    }

    fn body<T>(
        &mut self,
        node: Id,
        u: &Arc<UserFn>,
        given: Vec<Option<Given>>,
        f: impl FnOnce(&mut Self, Id) -> Res<T>,
    ) -> Res<T> {
        let Some(body) = u.body else {
            return self.fail(ErrorKind::Semantic, node, "the function has no body");
        };
        let place = Place {
            tree_no: u.tree,
            scope: (*u.scope).clone(),
            block: u.scope.len(),
        };
        let tree = self.tree_of(u.tree);
        let decls: Vec<Id> = tree
            .child_of(u.decl, N::FnParams)
            .map(|p| {
                tree.children(p)
                    .filter(|c| tree.kind(*c) == N::FnParam)
                    .collect()
            })
            .unwrap_or_default();
        self.deeper(node, |s| {
            s.at(place, |s| {
                let mut given = given.into_iter();
                for (i, p) in u.params.iter().enumerate() {
                    let (r, value) = match given.next().flatten() {
                        Some(Given::Table(rel)) => (R::Table(rel.table.clone()), Let::Rel(rel)),
                        Some(Given::Scalar(e)) => (p.takes.clone(), Let::Expr(e)),
                        None => {
                            let default = decls
                                .get(i)
                                .and_then(|d| tree.child_of(*d, N::DefaultValue))
                                .and_then(|d| tree.child(d, 0))
                                .and_then(|d| super::literal::node(tree, d))
                                .unwrap_or(Val::Null);
                            let kind = Kind::of(p.takes.ty());
                            (
                                p.takes.clone(),
                                Let::Expr(Expr::constant(default.to(kind), kind)),
                            )
                        }
                    };
                    let index = s.b.declare(Local {
                        name: p.name,
                        kind: LocalKind::Parameter,
                        r,
                        constant: true,
                        decl: u.decl,
                    });
                    s.lets.insert(index, value);
                }
                let t = s.t();
                let kids: Vec<Id> = t.children(body).collect();
                let mut result = None;
                for c in kids {
                    match t.kind(c) {
                        N::Let => s.let_statement(c)?,
                        N::QueryParams => {}
                        _ => result = Some(c),
                    }
                }
                match result {
                    Some(c) => f(s, c),
                    None => s.fail(ErrorKind::Semantic, node, "the function gives nothing"),
                }
            })
        })
    }

    pub fn call_table(&mut self, node: Id, u: &Arc<UserFn>, given: Vec<Option<Given>>) -> Res<Rel> {
        let want = std::mem::take(&mut self.want);
        let r = self.body(node, u, given, |s, c| s.tabular(c));
        self.want = want;
        r
    }
    pub fn call_scalar(
        &mut self,
        node: Id,
        u: &Arc<UserFn>,
        given: Vec<Option<Given>>,
    ) -> Res<Expr> {
        self.body(node, u, given, |s, c| s.scalar(c))
    }
}
