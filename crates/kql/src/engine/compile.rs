//! Expressions of the tree to expressions that run.

use super::eval::ops;
use super::expr::{Expr, InSet, Node, ScalarFn};
use super::guard::Pace;
use super::kernels::{Arith, Cmp, Kernel};
use super::literal;
use super::matcher::{Matcher, StrOp};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, Val};
use crate::syntax::{Id, N, T};
use crate::types::Ty;
use std::sync::Arc;

impl Session<'_> {
    /// Compiles an expression that has just been bound.
    pub fn compile(&mut self, node: Id) -> Res<Expr> {
        let e = self.compile_inner(node)?;
        Ok(e.folded(&mut self.cx))
    }

    fn compile_inner(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let kind = t.kind(node);
        if let Some(v) = literal::node(t, node) {
            let k = match kind {
                N::NullLit => Kind::Dynamic,
                _ => Kind::of(self.literal_ty(node)),
            };
            return Ok(Expr::constant(v, k));
        }
        match kind {
            N::NameRef => self.name_value(node),
            N::Paren | N::Ordered => match t.child(node, 0) {
                Some(c) => self.compile_inner(c),
                None => self.unsupported(node, "this"),
            },
            N::Named | N::CompoundNamed => match t.child(node, 1) {
                Some(c) => self.compile_inner(c),
                None => self.unsupported(node, "this"),
            },
            N::Call => {
                let several = t
                    .child(node, 0)
                    .is_some_and(|n| super::eval::gives_several(t.text_of(n)));
                if several && let Some(e) = self.part_of_call(node, 0)? {
                    return Ok(e);
                }
                self.call_value(node)
            }
            N::Path => self.path_value(node),
            N::Bracket => match t.child(node, 0).and_then(|c| literal::node(t, c)) {
                Some(v) => {
                    let name = self.b.names.id(&v.text());
                    self.value_of(node, name)
                }
                None => self.unsupported(node, "this"),
            },
            N::Unary => self.unary_value(node),
            N::And | N::Or => {
                let kids: Vec<Id> = t.children(node).collect();
                let mut list = Vec::new();
                for c in kids {
                    list.push(self.compile(c)?);
                }
                let node = if kind == N::And {
                    Node::And(list)
                } else {
                    Node::Or(list)
                };
                Ok(Expr {
                    node,
                    kind: Kind::Bool,
                })
            }
            N::Add | N::Mul | N::Rel | N::Eq | N::StrOp => self.chain_value(node),
            N::In => self.in_value(node),
            N::HasAny => self.words_value(node),
            N::Between => self.between_value(node),
            N::ToScalar => self.outer_scalar(node),
            N::TypeOf => {
                let ty = t
                    .child(node, 0)
                    .and_then(|c| crate::types::by_name(t.text_of(c)))
                    .unwrap_or(Ty::STRING);
                Ok(Expr::constant(
                    super::value::text(ty.name()).owned(),
                    Kind::String,
                ))
            }
            _ => self.fail(
                ErrorKind::Semantic,
                node,
                format!("a value is expected, not `{}`", short(t.text_of(node))),
            ),
        }
    }

    fn literal_ty(&self, node: Id) -> Ty {
        let t = self.t();
        match t.kind(node) {
            N::Lit => crate::bind::literal_type(t.head(node)),
            N::SignedLit => crate::bind::literal_type(t.token(t.node(node).first + 1).kind),
            N::CompoundStr => Ty::STRING,
            N::JsonMinus => t.child(node, 0).map_or(Ty::LONG, |c| self.literal_ty(c)),
            _ => Ty::DYNAMIC,
        }
    }

    fn name_value(&mut self, node: Id) -> Res<Expr> {
        if self.step_of(node).is_some() {
            return self.step_value(node, None);
        }
        let name = self.node_name(node);
        self.value_of(node, name)
    }
    fn value_of(&mut self, node: Id, name: crate::bind::env::Name) -> Res<Expr> {
        if let Some(row) = self.b.row.clone() {
            if let Some(i) = row.cols.iter().position(|c| c.name == name) {
                return Ok(Expr::col(i, Kind::of(row.cols[i].ty)));
            }
            if let Some(right) = &self.right
                && let Some(i) = right.cols.iter().position(|c| c.name == name)
            {
                return Ok(Expr::col(row.cols.len() + i, Kind::of(right.cols[i].ty)));
            }
        }
        if let Some(i) = self.local_of(name) {
            return self.local_scalar(node, i);
        }
        if self.b.row.as_ref().is_some_and(|r| r.open) {
            // a column that no row turned out to have
            return Ok(Expr::constant(Val::Null, Kind::Dynamic));
        }
        let text = self.b.text(name).to_owned();
        self.fail(
            ErrorKind::Semantic,
            node,
            format!("`{text}` is not known here"),
        )
    }

    fn unary_value(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let Some(c) = t.child(node, 0) else {
            return self.unsupported(node, "this");
        };
        let e = self.compile(c)?;
        if t.token(t.node(node).first).kind == T::Minus {
            let kind = self.kind_or(node, e.kind);
            return Ok(Expr::call(ops::negate, vec![e], kind));
        }
        Ok(e)
    }

    /// The kind the binder found, or another where it found none.
    pub fn kind_or(&self, node: Id, other: Kind) -> Kind {
        match self.ty(node) {
            Ty::UNKNOWN | Ty::ERROR | Ty::NULL => other,
            ty => Kind::of(ty),
        }
    }

    fn chain_value(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let kids: Vec<Id> = t.children(node).collect();
        let mut left: Option<Expr> = None;
        let n = kids.len();
        for (i, c) in kids.into_iter().enumerate() {
            let token = t.token(t.node(c).first.saturating_sub(1)).kind;
            if left.is_none() && t.kind(c) == N::Star {
                // `* has "x"`
                let Some(r) = t.child(node, 1) else {
                    return self.unsupported(node, "this");
                };
                let token = t.token(t.node(r).first.saturating_sub(1)).kind;
                let pattern = self.compile(r)?;
                return self.any_column(node, token, pattern);
            }
            let right = self.compile(c)?;
            left = Some(match left {
                None => right,
                Some(l) => {
                    let whole = if i + 1 == n {
                        Some(self.ty(node))
                    } else {
                        None
                    };
                    self.binary(node, token, l, right, whole)?
                        .folded(&mut self.cx)
                }
            });
        }
        match left {
            Some(e) => Ok(e),
            None => self.unsupported(node, "this"),
        }
    }

    /// The condition on any column that is text.
    pub fn any_column(&mut self, node: Id, token: T, pattern: Expr) -> Res<Expr> {
        let row = self.b.row_or_empty();
        let mut list = Vec::new();
        for (i, c) in row.cols.iter().enumerate() {
            let k = Kind::of(c.ty);
            let col = Expr::col(i, k);
            if matches!(token, T::EqualEqual) && k != pattern.kind {
                continue;
            }
            let col = if k == Kind::String || k == pattern.kind {
                col
            } else {
                col.cast(Kind::String, &mut self.cx)
            };
            list.push(self.binary(node, token, col, pattern.clone(), None)?);
        }
        Ok(Expr {
            node: Node::Or(list),
            kind: Kind::Bool,
        })
    }

    pub fn binary(&mut self, node: Id, token: T, l: Expr, r: Expr, ty: Option<Ty>) -> Res<Expr> {
        let (f, kernel, kind): (ScalarFn, Option<Kernel>, Kind) = match token {
            T::Plus | T::Minus | T::Asterisk | T::Slash | T::Percent => {
                let (f, op): (ScalarFn, Arith) = match token {
                    T::Plus => (ops::add, Arith::Add),
                    T::Minus => (ops::sub, Arith::Sub),
                    T::Asterisk => (ops::mul, Arith::Mul),
                    T::Slash => (ops::div, Arith::Div),
                    _ => (ops::rem, Arith::Mod),
                };
                let guess = ops::arith_kind(op, l.kind, r.kind);
                let kind = match ty {
                    Some(Ty::UNKNOWN | Ty::ERROR | Ty::NULL) | None => guess,
                    Some(t) => Kind::of(t),
                };
                let fits = kind == guess;
                (f, fits.then_some(Kernel::Arith(op)), kind)
            }
            T::Less => (ops::lt, Some(Kernel::Compare(Cmp::Lt)), Kind::Bool),
            T::LessEqual => (ops::le, Some(Kernel::Compare(Cmp::Le)), Kind::Bool),
            T::Greater => (ops::gt, Some(Kernel::Compare(Cmp::Gt)), Kind::Bool),
            T::GreaterEqual => (ops::ge, Some(Kernel::Compare(Cmp::Ge)), Kind::Bool),
            T::EqualEqual => (ops::eq, Some(Kernel::Compare(Cmp::Eq)), Kind::Bool),
            T::BangEqual | T::LessGreater => (ops::ne, Some(Kernel::Compare(Cmp::Ne)), Kind::Bool),
            _ => return self.string_op(node, token, l, r),
        };
        Ok(Expr {
            node: Node::Call {
                f,
                args: vec![l, r],
                kernel,
                pure: true,
            },
            kind,
        })
    }

    fn string_op(&mut self, node: Id, token: T, l: Expr, r: Expr) -> Res<Expr> {
        let Some((op, fold, not)) = string_operator(token) else {
            let text = token.text();
            return self.unsupported(node, &format!("the operator `{text}`"));
        };
        let f = ops::string_fn(op, fold, not);
        let mut kernel = None;
        if let Some(v) = r.value() {
            match Matcher::new(op, fold, not, &v.text(), &self.guard) {
                Ok(m) => kernel = Some(Kernel::Match(Arc::new(m))),
                Err(why) => {
                    return self.fail(ErrorKind::Semantic, node, format!("{}: {why}", v.text()));
                }
            }
        }
        Ok(Expr {
            node: Node::Call {
                f,
                args: vec![l, r],
                kernel,
                pure: true,
            },
            kind: Kind::Bool,
        })
    }

    /// The values of a list after `in` or `has_any`: constants, arrays, or the first column of a table.
    fn list_values(&mut self, list: Id) -> Res<Result<Vec<Val<'static>>, Vec<Expr>>> {
        let t = self.t();
        let kids: Vec<Id> = t.children(list).collect();
        let mut vals = Vec::new();
        let mut exprs = Vec::new();
        let mut constant = true;
        let mut pace = Pace::default();
        for c in kids {
            if self.is_table(c) {
                let row = self.b.row.take();
                let rel = self.tabular(c);
                self.b.row = row;
                let rel = rel?;
                let kind = rel.kind(0);
                for p in &rel.parts {
                    let Some(col) = p.cols.first() else { continue };
                    let mut bytes = 0;
                    for i in 0..p.rows {
                        let v = col.val(kind, i).owned();
                        // here, and once more in the set
                        bytes += 100 + 2 * v.text_len();
                        if pace.value(v.text_len()) {
                            self.guard.charge(std::mem::take(&mut bytes));
                            self.guard.step(pace.take());
                            self.check()?;
                        }
                        vals.push(v);
                    }
                    self.guard.charge(bytes);
                    self.check()?;
                }
                continue;
            }
            let e = self.compile(c)?;
            match e.value() {
                Some(v) => vals.push(v.clone()),
                None => constant = false,
            }
            exprs.push(e);
        }
        Ok(if constant { Ok(vals) } else { Err(exprs) })
    }

    fn in_value(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let (Some(left), Some(list)) = (t.child(node, 0), t.child(node, 1)) else {
            return self.unsupported(node, "this");
        };
        let token = t.token(t.node(list).first.saturating_sub(1)).kind;
        let fold = matches!(token, T::InCs | T::NotInCs);
        let not = matches!(token, T::NotIn | T::NotInCs);
        let l = self.compile(left)?;
        match self.list_values(list)? {
            Ok(vals) => {
                let mut set = InSet {
                    fold,
                    ..InSet::default()
                };
                let mut pace = Pace::default();
                for v in vals {
                    self.look(&mut pace, v.text_len())?;
                    // what is compared with a text becomes one
                    let v = match (l.kind, v) {
                        (Kind::String, v @ (Val::Long(_) | Val::Real(_) | Val::Bool(_))) => {
                            v.to(Kind::String)
                        }
                        (
                            Kind::Datetime | Kind::Timespan | Kind::Guid | Kind::Long | Kind::Int,
                            Val::Str(s),
                        ) => Val::Str(s).to(l.kind),
                        (_, v) => v,
                    };
                    set.add(v);
                }
                Ok(Expr {
                    node: Node::In(Box::new(l), Arc::new(set), not),
                    kind: Kind::Bool,
                })
            }
            Err(exprs) => {
                let mut args = vec![l];
                args.extend(exprs);
                let f: ScalarFn = match (fold, not) {
                    (false, false) => ops::is_in,
                    (false, true) => ops::not_in,
                    (true, false) => ops::is_in_fold,
                    (true, true) => ops::not_in_fold,
                };
                Ok(Expr::call(f, args, Kind::Bool))
            }
        }
    }

    fn words_value(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let (Some(left), Some(list)) = (t.child(node, 0), t.child(node, 1)) else {
            return self.unsupported(node, "this");
        };
        let token = t.token(t.node(list).first.saturating_sub(1)).kind;
        let all = token == T::HasAll;
        let kids: Vec<Expr> = if t.kind(left) == N::Star {
            let row = self.b.row_or_empty();
            row.cols
                .iter()
                .enumerate()
                .map(|(i, c)| Expr::col(i, Kind::of(c.ty)))
                .filter(|e| e.kind == Kind::String)
                .collect()
        } else {
            vec![self.compile(left)?]
        };
        match self.list_values(list)? {
            Ok(vals) => {
                let mut words = Vec::new();
                let mut pace = Pace::default();
                for v in vals {
                    self.look(&mut pace, v.text_len())?;
                    ops::words_of(v, &mut words);
                }
                let mut columns = Vec::new();
                for l in kids {
                    let mut tests = Vec::new();
                    for w in &words {
                        self.look(&mut pace, w.len())?;
                        tests.push(self.string_op(
                            node,
                            T::Has,
                            l.clone(),
                            Expr::constant(super::value::text(w.clone()), Kind::String),
                        )?);
                    }
                    columns.push(Expr {
                        node: if all {
                            Node::And(tests)
                        } else {
                            Node::Or(tests)
                        },
                        kind: Kind::Bool,
                    });
                }
                match columns.len() {
                    1 => Ok(columns.remove(0)),
                    _ => Ok(Expr {
                        node: Node::Or(columns),
                        kind: Kind::Bool,
                    }),
                }
            }
            Err(exprs) => {
                let mut args = kids;
                args.truncate(1);
                args.extend(exprs);
                let f: ScalarFn = if all { ops::has_all } else { ops::has_any };
                Ok(Expr::call(f, args, Kind::Bool))
            }
        }
    }

    fn between_value(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let (Some(left), Some(couple)) = (t.child(node, 0), t.child(node, 1)) else {
            return self.unsupported(node, "this");
        };
        let token = t.token(t.node(couple).first.saturating_sub(1)).kind;
        let l = self.compile(left)?;
        let kids: Vec<Id> = t.children(couple).collect();
        let [from, to] = kids[..] else {
            return self.unsupported(node, "this");
        };
        let from = self.compile(from)?;
        let mut to = self.compile(to)?;
        if from.kind == Kind::Datetime && to.kind == Kind::Timespan {
            // a span is counted from the start
            to = self
                .binary(node, T::Plus, from.clone(), to, Some(Ty::DATETIME))?
                .folded(&mut self.cx);
        }
        let ge = self.binary(node, T::GreaterEqual, l.clone(), from, None)?;
        let le = self.binary(node, T::LessEqual, l, to, None)?;
        let both = Expr {
            node: Node::And(vec![ge, le]),
            kind: Kind::Bool,
        };
        if token == T::NotBetween {
            return Ok(Expr::call(ops::not, vec![both], Kind::Bool));
        }
        Ok(both)
    }

    pub fn outer_scalar(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let Some(c) = t.children(node).filter(|c| t.kind(*c) != N::Param).last() else {
            return self.unsupported(node, "this");
        };
        if !self.is_table(c) {
            return self.compile(c);
        }
        let row = self.b.row.take();
        let rel = self.tabular(c);
        self.b.row = row;
        let rel = rel?;
        let kind = rel.kind(0);
        let v = rel
            .parts
            .iter()
            .find(|p| p.rows > 0)
            .and_then(|p| p.cols.first())
            .map_or(Val::Null, |c| c.val(kind, 0).owned());
        let v = if kind == Kind::String { v.to(kind) } else { v };
        Ok(Expr::constant(v, kind))
    }

    /// Whether the expression is a table: by its form, else by what it is bound to.
    pub fn is_table(&mut self, node: Id) -> bool {
        let t = self.t();
        match t.kind(node) {
            N::Pipe | N::DataTable | N::ExternalData | N::Materialize => true,
            N::Paren => t.child(node, 0).is_some_and(|c| self.is_table(c)),
            N::NameRef | N::Call | N::Path => {
                if t.kind(node) == N::NameRef {
                    let name = self.node_name(node);
                    if self
                        .b
                        .row
                        .as_ref()
                        .is_some_and(|r| r.cols.iter().any(|c| c.name == name))
                    {
                        return false;
                    }
                    if let Some(i) = self.local_of(name)
                        && let Some(super::session::Let::Rel(_)) = self.lets.get(&i)
                    {
                        return true;
                    }
                }
                let suffix = self.b.suffix;
                let i = self.b.quietly(|b| {
                    b.tabular = true;
                    let i = b.expr(node);
                    b.tabular = false;
                    i
                });
                self.b.suffix = suffix;
                i.r.is_tabular()
            }
            k => (N::BadOp as u8..=N::GraphWhereEdges as u8).contains(&(k as u8)),
        }
    }
}

fn short(s: &str) -> String {
    s.chars().take(40).collect()
}

/// Operator, whether case does not count, whether it is negated.
pub(super) fn string_operator(token: T) -> Option<(StrOp, bool, bool)> {
    use StrOp::*;
    Some(match token {
        T::EqualTilde => (Equal, true, false),
        T::BangTilde => (Equal, true, true),
        T::Has | T::Colon => (Has, true, false),
        T::HasCs => (Has, false, false),
        T::NotHas => (Has, true, true),
        T::NotHasCs => (Has, false, true),
        T::HasPrefix => (HasPrefix, true, false),
        T::HasPrefixCs => (HasPrefix, false, false),
        T::NotHasPrefix => (HasPrefix, true, true),
        T::NotHasPrefixCs => (HasPrefix, false, true),
        T::HasSuffix => (HasSuffix, true, false),
        T::HasSuffixCs => (HasSuffix, false, false),
        T::NotHasSuffix => (HasSuffix, true, true),
        T::NotHasSuffixCs => (HasSuffix, false, true),
        T::Like => (Like, true, false),
        T::LikeCs => (Like, false, false),
        T::NotLike => (Like, true, true),
        T::NotLikeCs => (Like, false, true),
        T::Contains => (Contains, true, false),
        T::ContainsCs | T::ContainsUnderCs => (Contains, false, false),
        T::NotContains | T::NotBangContains => (Contains, true, true),
        T::NotContainsCs | T::NotBangContainsCs => (Contains, false, true),
        T::StartsWith => (Starts, true, false),
        T::StartsWithCs => (Starts, false, false),
        T::NotStartsWith => (Starts, true, true),
        T::NotStartsWithCs => (Starts, false, true),
        T::EndsWith => (Ends, true, false),
        T::EndsWithCs => (Ends, false, false),
        T::NotEndsWith => (Ends, true, true),
        T::NotEndsWithCs => (Ends, false, true),
        T::MatchesRegex => (Regex, false, false),
        _ => return None,
    })
}
