//! One run: the binder driven live, what names stand for, statements, tables by name.

use super::account::Account;
use super::answer::{Answer, Render};
use super::catalog::Catalog;
use super::expr::{Cx, Expr};
use super::guard::{Guard, Pace};
use super::rel::{Part, Rel};
use super::run::{ErrorKind, Options, RunError};
use super::value::Kind;
use crate::bind::env::{Column, FnRef, Info, LocalKind, Name, R, TableRef, UserFn};
use crate::bind::{Binder, World};
use crate::syntax::{Id, N, Severity, Tree};
use crate::types::Ty;
use hashbrown::HashMap;
use std::sync::Arc;

pub(super) type Res<T> = Result<T, RunError>;

/// Where a piece of text stands: its tree and the names in scope.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub tree_no: usize,
    pub scope: Vec<(Name, u32)>,
    pub block: usize,
}

/// What a local name stands for.
#[derive(Clone, Debug)]
pub(super) enum Let {
    /// An expression over the rows of whoever uses it.
    Expr(Expr),
    /// A table worked out.
    Rel(Rel),
    /// Not worked out yet.
    Later(Id, Place),
    /// Being worked out: it needs itself.
    Busy,
}

pub(super) struct Session<'a> {
    pub b: Binder<'a>,
    main: &'a Tree,
    pub world: &'a World,
    pub catalog: &'a Catalog,
    pub options: &'a Options,
    pub cx: Cx,
    pub lets: HashMap<u32, Let>,
    pub render: Option<Render>,
    /// Aggregates met in the expression being compiled.
    pub aggs: Option<super::summarize::Aggs>,
    /// Columns on the right of a join, after those of the row.
    pub right: Option<TableRef>,
    /// What stops the query, and what it holds.
    pub guard: Arc<Guard>,
    pub account: Account,
    /// How deep functions and tables are nested.
    depth: u32,
    /// Conditions right after the table being read, for what need not be read at all.
    pub want: super::catalog::Want,
    /// Names that stand for rows in the expression being compiled.
    pub named: Vec<super::named::Named>,
    /// Graphs made, by the number of the table that stands for each.
    pub graphs: HashMap<u32, Arc<super::graph::Graph>>,
    /// Matches of the graph pattern whose columns are being compiled.
    pub matches: Option<Box<super::graph::Matches>>,
}

impl<'a> Session<'a> {
    pub fn new(
        tree: &'a Tree,
        world: &'a World,
        catalog: &'a Catalog,
        options: &'a Options,
        guard: Arc<Guard>,
    ) -> Session<'a> {
        Session {
            b: Binder::live(tree, world),
            main: tree,
            world,
            catalog,
            options,
            cx: Cx::new(options.now, guard.clone()),
            guard,
            account: Account::default(),
            lets: HashMap::new(),
            render: None,
            aggs: None,
            right: None,
            depth: 0,
            want: super::catalog::Want::default(),
            named: Vec::new(),
            graphs: HashMap::new(),
            matches: None,
        }
    }

    pub fn t(&self) -> &'a Tree {
        self.b.tree
    }

    // ---- errors
    pub fn fail<T>(&self, kind: ErrorKind, node: Id, message: impl Into<String>) -> Res<T> {
        Err(RunError {
            kind,
            message: message.into(),
            span: (self.b.tree_no == 0).then(|| self.t().span(node)),
        })
    }
    pub fn unsupported<T>(&self, node: Id, what: &str) -> Res<T> {
        self.fail(
            ErrorKind::Unsupported,
            node,
            format!("{what} is not run by this engine"),
        )
    }
    pub fn limit<T>(&self, node: Id, what: &str) -> Res<T> {
        self.fail(ErrorKind::Limit, node, what)
    }
    pub fn check_cancel(&self) -> Res<()> {
        self.guard.step(0);
        self.check()
    }
    /// Counts a value of a loop; an error where the query is lost.
    pub fn look(&self, pace: &mut Pace, bytes: usize) -> Res<()> {
        if pace.value(bytes) {
            self.guard.step(pace.take());
            self.check()?;
        }
        Ok(())
    }
    /// An error the binder found in the step just bound.
    pub fn bound_well(&mut self, from: usize) -> Res<()> {
        match self
            .b
            .out
            .diags
            .get(from..)
            .and_then(|l| l.iter().find(|d| d.severity == Severity::Error))
        {
            Some(d) => Err(RunError {
                kind: ErrorKind::Semantic,
                message: d.message(),
                span: Some((d.start, d.end)),
            }),
            None => Ok(()),
        }
    }
    pub fn deeper<T>(&mut self, node: Id, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        if self.depth > 60 {
            return self.limit(node, "functions and tables are nested too deeply");
        }
        self.depth += 1;
        let r = f(self);
        self.depth -= 1;
        r
    }

    // ---- places
    pub fn place(&self) -> Place {
        Place {
            tree_no: self.b.tree_no,
            scope: self.b.scope.clone(),
            block: self.b.block,
        }
    }
    pub fn tree_of(&self, no: usize) -> &'a Tree {
        match no {
            0 => self.main,
            n => self.world.user.get(n - 1).unwrap_or(self.main),
        }
    }
    /// Does something where other names are in scope and no row is.
    pub fn at<T>(&mut self, p: Place, f: impl FnOnce(&mut Self) -> Res<T>) -> Res<T> {
        let tree = self.tree_of(p.tree_no);
        let old_tree = std::mem::replace(&mut self.b.tree, tree);
        let old_no = std::mem::replace(&mut self.b.tree_no, p.tree_no);
        let old_scope = std::mem::replace(&mut self.b.scope, p.scope);
        let old_block = std::mem::replace(&mut self.b.block, p.block);
        let old_suffix = std::mem::replace(&mut self.b.suffix, 1);
        let row = self.b.row.take();
        let right = self.b.right.take();
        let my_right = self.right.take();
        let aggs = self.aggs.take();
        let kind = std::mem::replace(&mut self.b.scope_kind, crate::bind::ScopeKind::Normal);
        let r = f(self);
        self.b.scope = old_scope;
        self.b.block = old_block;
        self.b.suffix = old_suffix;
        self.b.row = row;
        self.b.right = right;
        self.right = my_right;
        self.aggs = aggs;
        self.b.scope_kind = kind;
        self.b.tree = old_tree;
        self.b.tree_no = old_no;
        r
    }
    pub fn in_row<T>(
        &mut self,
        row: Option<TableRef>,
        f: impl FnOnce(&mut Self) -> Res<T>,
    ) -> Res<T> {
        let old = std::mem::replace(&mut self.b.row, row);
        let r = f(self);
        self.b.row = old;
        r
    }

    // ---- statements
    pub fn query(&mut self) -> Res<Answer> {
        let t = self.t();
        let kids: Vec<Id> = t.children(0).collect();
        let last = kids
            .iter()
            .rposition(|s| t.kind(*s) == N::ExprStmt)
            .map(|i| kids[i]);
        let mut answer = Answer::default();
        for s in kids {
            match t.kind(s) {
                N::Let => self.let_statement(s)?,
                N::ExprStmt => {
                    // only the last result is asked for
                    if Some(s) == last
                        && let Some(e) = t.child(s, 0)
                    {
                        answer = self.result(e)?;
                    }
                }
                N::QueryParams => self.query_params(s)?,
                N::Pattern => self.b.statement(s),
                N::SetOption => {}
                _ => return self.unsupported(s, "this statement"),
            }
        }
        answer.render = self.render.take();
        Ok(answer)
    }

    fn result(&mut self, e: Id) -> Res<Answer> {
        // names given to nameless columns are counted when the operators run
        let suffix = self.b.suffix;
        let info = self.b.quietly(|b| b.expr(e));
        self.b.suffix = suffix;
        let rel = if info.r.is_tabular() || !info.r.is_scalar() {
            self.tabular(e)?
        } else {
            return self.fail(
                ErrorKind::Semantic,
                e,
                "the query's last expression is no table; begin it with print",
            );
        };
        if let Some(limit) = self.options.row_limit
            && rel.rows() > limit
        {
            return self.limit(
                e,
                &format!(
                    "the result has {} rows, more than the limit of {limit}",
                    rel.rows()
                ),
            );
        }
        let columns = rel
            .table
            .cols
            .iter()
            .map(|c| {
                let ty = match c.ty {
                    Ty::UNKNOWN | Ty::ERROR | Ty::NULL => Ty::DYNAMIC,
                    t => t,
                };
                (self.b.text(c.name).to_owned(), ty)
            })
            .collect();
        Ok(Answer {
            columns,
            parts: rel.parts,
            ..Answer::default()
        })
    }

    pub fn let_statement(&mut self, s: Id) -> Res<()> {
        let place = self.place();
        let from = self.b.out.diags.len();
        self.b.statement(s);
        self.bound_well(from)?;
        let index = self.b.locals.len() as u32;
        let t = self.t();
        let value = t.child(s, 1);
        if let (Some(i), Some(v)) = (index.checked_sub(1), value)
            && t.kind(v) != N::FnDecl
        {
            self.lets.insert(i, Let::Later(v, place));
        }
        Ok(())
    }

    fn query_params(&mut self, s: Id) -> Res<()> {
        let t = self.t();
        let params: Vec<Id> = t.children(s).filter(|c| t.kind(*c) == N::FnParam).collect();
        let first = self.b.locals.len();
        self.b.statement(s);
        for (n, p) in params.into_iter().enumerate() {
            let Some(local) = self.b.locals.get(first + n).cloned() else {
                continue;
            };
            let kind = Kind::of(local.r.ty());
            let default = t
                .child_of(p, N::DefaultValue)
                .and_then(|d| t.child(d, 0))
                .and_then(|d| super::literal::node(t, d))
                .unwrap_or(super::value::Val::Null);
            self.lets.insert(
                (first + n) as u32,
                Let::Expr(Expr::constant(default.to(kind), kind)),
            );
        }
        Ok(())
    }

    // ---- names
    pub fn node_name(&mut self, node: Id) -> Name {
        self.b.name(node)
    }
    pub fn local_of(&self, name: Name) -> Option<u32> {
        self.b.local(name)
    }
    /// The table that a local name stands for.
    pub fn local_table(&mut self, node: Id, i: u32) -> Res<Rel> {
        match self.lets.get(&i).cloned() {
            Some(Let::Rel(r)) => Ok(r),
            Some(Let::Later(v, place)) => {
                self.lets.insert(i, Let::Busy);
                let want = std::mem::take(&mut self.want);
                let r = self.deeper(node, |s| s.at(place.clone(), |s| s.tabular(v)));
                self.want = want;
                match r {
                    Ok(r) => {
                        self.keep(&r);
                        self.lets.insert(i, Let::Rel(r.clone()));
                        Ok(r)
                    }
                    Err(e) => {
                        self.lets.insert(i, Let::Later(v, place));
                        Err(e)
                    }
                }
            }
            Some(Let::Busy) => self.fail(ErrorKind::Semantic, node, "the name stands for itself"),
            Some(Let::Expr(_)) => self.fail(ErrorKind::Semantic, node, "a table is expected"),
            None => match self.b.locals.get(i as usize).map(|l| l.kind.clone()) {
                Some(LocalKind::Function(FnRef::User(u))) => self.call_table(node, &u, Vec::new()),
                _ => self.fail(ErrorKind::Semantic, node, "a table is expected"),
            },
        }
    }
    /// The value that a local name stands for.
    pub fn local_scalar(&mut self, node: Id, i: u32) -> Res<Expr> {
        match self.lets.get(&i).cloned() {
            Some(Let::Expr(e)) => Ok(e),
            Some(Let::Later(v, place)) => {
                self.lets.insert(i, Let::Busy);
                let r = self.deeper(node, |s| s.at(place.clone(), |s| s.scalar(v)));
                let keep = match &r {
                    Ok(e) => Let::Expr(e.clone()),
                    Err(_) => Let::Later(v, place),
                };
                self.lets.insert(i, keep);
                r
            }
            Some(Let::Busy) => self.fail(ErrorKind::Semantic, node, "the name stands for itself"),
            Some(Let::Rel(r)) => {
                // a table of one value where a value is expected
                let w = self.whole(&r)?;
                let kind = r.kind(0);
                let v = w
                    .cols
                    .first()
                    .filter(|_| w.rows > 0)
                    .map_or(super::value::Val::Null, |c| c.val(kind, 0).owned());
                Ok(Expr::constant(v, kind))
            }
            None => match self.b.locals.get(i as usize).map(|l| l.kind.clone()) {
                Some(LocalKind::Function(FnRef::User(u))) => self.call_scalar(node, &u, Vec::new()),
                _ => self.fail(ErrorKind::Semantic, node, "a value is expected"),
            },
        }
    }

    /// Binds an expression where it stands and compiles it.
    pub fn scalar(&mut self, node: Id) -> Res<Expr> {
        let from = self.b.out.diags.len();
        self.b.tabular = false;
        self.b.expr(node);
        self.bound_well(from)?;
        self.compile(node)
    }
    /// A value that needs no row.
    pub fn constant(&mut self, node: Id) -> Res<super::value::Val<'static>> {
        let e = self.in_row(None, |s| s.scalar(node))?;
        let part = Part {
            rows: 1,
            cols: Vec::new(),
        };
        let v = e.eval(&part, &mut self.cx).val(e.kind, 0).owned();
        self.check()?;
        Ok(v)
    }
    /// The type the binder found for a node.
    pub fn ty(&self, node: Id) -> Ty {
        self.b
            .live
            .as_ref()
            .and_then(|l| l.types.get(self.b.tree_no))
            .and_then(|t| t.get(node as usize).copied())
            .flatten()
            .unwrap_or(Ty::UNKNOWN)
    }

    // ---- operators bound
    /// Binds an operator over a table and gives the table that comes out.
    pub fn bind_op(&mut self, node: Id, input: Option<&Rel>) -> Res<TableRef> {
        if let Some(l) = &mut self.b.live {
            l.origins.clear();
        }
        let from = self.b.out.diags.len();
        self.b.row = input.map(|r| r.table.clone());
        let left = match input {
            Some(r) => Info::table(r.table.clone()),
            None => Info::error(),
        };
        self.b.left = left;
        let old = std::mem::replace(&mut self.b.scope_kind, crate::bind::ScopeKind::Normal);
        let info = self.b.operator_node(node, input.is_some());
        self.b.scope_kind = old;
        self.bound_well(from)?;
        match info.r {
            R::Table(t) => Ok(t),
            R::Group(g) => match g.first() {
                Some(t) => Ok(t.clone()),
                None => self.fail(ErrorKind::Semantic, node, "no table comes out of this"),
            },
            _ => Ok(self.b.row_or_empty()),
        }
    }
    pub fn origin(&self, c: &Column) -> Option<(Id, usize)> {
        self.b.live.as_ref()?.origins.get(&(c.id, c.name)).copied()
    }
    /// The same columns with these types.
    pub fn retyped(&mut self, t: &TableRef, kinds: &[Kind], open: bool) -> TableRef {
        let cols = t
            .cols
            .iter()
            .zip(kinds)
            .map(|(c, k)| Column {
                ty: if Kind::of(c.ty) == *k && !matches!(c.ty, Ty::UNKNOWN | Ty::ERROR | Ty::NULL) {
                    c.ty
                } else {
                    k.ty()
                },
                ..*c
            })
            .collect();
        self.b.table(cols, open)
    }
    pub fn user(&self, i: u32) -> Option<Arc<UserFn>> {
        match &self.b.locals.get(i as usize)?.kind {
            LocalKind::Function(FnRef::User(u)) => Some(u.clone()),
            _ => None,
        }
    }
}
