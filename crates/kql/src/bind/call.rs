//! Calls: built-in functions, those of the service, and those a `let` made.

use super::env::{Arg, FnRef, Info, Local, LocalKind, R, Sym, UserFn};
use super::matching::arg_type;
use super::{Binder, MOST_EXPANSIONS, MOST_NESTED, ScopeKind};
use crate::functions::signature::Form;
use crate::functions::{Function, Kind};
use crate::syntax::{Code, Id, N, T};
use crate::types::Ty;
use std::sync::Arc;

impl Binder<'_> {
    pub(crate) fn call(&mut self, node: Id) -> Info {
        let tabular = std::mem::take(&mut self.tabular);
        let t = self.tree;
        if let Some(info) = self.pattern_info(node, None) {
            return info;
        }
        let (Some(name_node), Some(list)) = (t.child(node, 0), t.child_of(node, N::Args)) else {
            return Info::error();
        };
        let implicit = self.implicit.take();
        let callee = self.bind_callee(name_node, tabular);
        let path = self.path.take();
        let f = match &callee.r {
            R::Function(f) => Some(f.clone()),
            _ => None,
        };
        let aggregate = matches!(&f, Some(FnRef::Builtin(f)) if f.row.kind == Kind::Aggregate);
        let inner = if !aggregate && self.scope_kind == ScopeKind::Aggregate {
            ScopeKind::Aggregate
        } else {
            ScopeKind::Normal
        };
        let mut args = self.arguments(list, f.as_ref(), inner);
        self.path = path;
        let text = super::env::name_text(t, name_node);
        let mut info = match f {
            Some(FnRef::Builtin(f)) => {
                if let Some(table) = implicit {
                    args.insert(
                        0,
                        Arg {
                            node: name_node,
                            info: Info::table(table),
                        },
                    );
                }
                self.call_builtin(f, &text, &args, name_node, node)
            }
            Some(FnRef::User(u)) => {
                if let Some(table) = implicit {
                    args.insert(
                        0,
                        Arg {
                            node: name_node,
                            info: Info::table(table),
                        },
                    );
                }
                self.check_user(&u, &text, &args, name_node);
                Info::of(self.call_user(&u, &args))
            }
            Some(FnRef::Service(s)) => self.call_service(&s, &text, &args, name_node, implicit),
            None if self.fuzzy && callee.r.is_error() => {
                let t = self.open_table();
                Info::table(t)
            }
            None => Info::of(callee.r.clone()),
        };
        info.sym = match (&info.sym, callee.sym) {
            (_, s @ (Sym::Function(_) | Sym::Local(_))) => s,
            (s, _) => s.clone(),
        };
        info
    }

    /// Binds arguments, each in the scope its parameter asks for.
    fn arguments(&mut self, list: Id, f: Option<&FnRef>, kind: ScopeKind) -> Vec<Arg> {
        let sig = match f {
            Some(FnRef::Builtin(f)) if f.signatures.len() == 1 => Some((&f.signatures[0], f.row)),
            _ => None,
        };
        let t = self.tree;
        let special = sig.is_some_and(|(s, _)| {
            s.params.iter().any(|p| {
                matches!(
                    p.form,
                    Form::Aggregate | Form::Column0 | Form::ColumnCommon | Form::Element0
                )
            })
        });
        let mut args: Vec<Arg> = Vec::new();
        let table_fn = matches!(f, Some(FnRef::User(_)));
        for (i, node) in t.children(list).enumerate() {
            let mut scope = kind;
            let mut row = None;
            if special && let Some((s, r)) = sig {
                let mut probe = args.clone();
                probe.push(Arg {
                    node,
                    info: Info::of(R::None),
                });
                let p = self.assign(Some(r), s, &probe).get(i).copied().flatten();
                match p.map(|p| p.form) {
                    Some(Form::Aggregate) => scope = ScopeKind::Aggregate,
                    Some(Form::Column0) => {
                        match args.first().and_then(|a| a.info.r.table().cloned()) {
                            Some(t) => row = Some(t),
                            None => scope = ScopeKind::Aggregate,
                        }
                    }
                    Some(Form::ColumnCommon) => {
                        if let (Some(t0), Some(r0)) = (
                            args.first().and_then(|a| a.info.r.table().cloned()),
                            self.row.clone(),
                        ) {
                            let cols = r0
                                .cols
                                .iter()
                                .copied()
                                .filter(|c| t0.cols.iter().any(|o| o.name == c.name))
                                .collect();
                            row = Some(self.table(cols, false));
                        }
                    }
                    _ => {}
                }
            }
            let table_expected = table_fn
                || sig.is_some_and(|(s, _)| {
                    s.params
                        .get(i)
                        .is_some_and(|p| p.takes == crate::functions::signature::Takes::Table)
                });
            let info = self.with_kind(scope, |b| {
                if let Some(row) = row {
                    return b.with_row(Some(row), |b| b.expr(node));
                }
                if table_expected && !table_fn {
                    b.tabular = true;
                }
                b.argument(node)
            });
            args.push(Arg { node, info });
        }
        args
    }

    fn argument(&mut self, node: Id) -> Info {
        if self.tree.kind(node) == N::Star {
            self.tabular = false;
            let row = self.row_or_empty();
            let cols = self.all_columns(&row);
            return Info {
                r: R::Tuple(cols.clone().into(), None),
                sym: Sym::Columns(Arc::new(cols)),
                constant: false,
                col: None,
            };
        }
        self.expr(node)
    }

    pub(crate) fn call_builtin(
        &mut self,
        f: &'static Function,
        name: &str,
        args: &[Arg],
        name_node: Id,
        node: Id,
    ) -> Info {
        let types: Vec<Ty> = args.iter().map(|a| arg_type(&a.info.r)).collect();
        let constant = f.row.constant && args.iter().all(|a| a.info.constant);
        let at = self.tree.span(name_node);
        let sigs = self.best_signatures(Some(f.row), &f.signatures, args, &types, false, false);
        if let [sig] = sigs[..] {
            self.check_signature(Some(f), name, sig, args, &types, at);
            let mut r = self.result(Some(f), sig, args, &types, node);
            if matches!(r, R::Ty(Ty::DYNAMIC)) && types.iter().any(|t| t.is_wrapped()) {
                r = self.unwrapped_result(f, args, &types, node).unwrap_or(r);
            }
            let mut info = Info {
                r,
                sym: Sym::Function(FnRef::Builtin(f)),
                constant,
                col: None,
            };
            if is_conversion(f.row.name)
                && args.len() == 1
                && let Some(Sym::Column(c)) = args.first().map(|a| &a.info.sym)
                && info.r.ty() == c.ty
            {
                info.col = Some(*c);
            }
            return info;
        }
        if args.is_empty() && f.signatures.iter().all(|s| s.min > 0) {
            self.diag(Code::ARGUMENTS_RANGE, name_node, &[name, "more arguments"]);
        } else if !types.iter().any(|t| matches!(*t, Ty::ERROR | Ty::UNKNOWN)) {
            self.diag(Code(127), name_node, &[name]);
        }
        let r = self.common_return(f, &sigs, args, &types, node);
        Info {
            r,
            sym: Sym::Function(FnRef::Builtin(f)),
            constant,
            col: None,
        }
    }

    /// What the function gives if dynamic values are taken for what they hold.
    fn unwrapped_result(
        &mut self,
        f: &'static Function,
        args: &[Arg],
        types: &[Ty],
        node: Id,
    ) -> Option<R> {
        let types: Vec<Ty> = types.iter().map(|t| t.unwrapped()).collect();
        self.quietly(|b| {
            let sigs = b.best_signatures(Some(f.row), &f.signatures, args, &types, false, false);
            let [sig] = sigs[..] else { return None };
            match b.result(Some(f), sig, args, &types, node) {
                R::Ty(t) if t.is_scalar() && !t.is_dynamic() && t != Ty::UNKNOWN => {
                    Some(R::Ty(t.wrapped()))
                }
                _ => None,
            }
        })
    }

    fn common_return(
        &mut self,
        f: &'static Function,
        sigs: &[&crate::functions::signature::Signature],
        args: &[Arg],
        types: &[Ty],
        node: Id,
    ) -> R {
        self.quietly(|b| {
            let mut first: Option<R> = None;
            for s in sigs {
                let r = b.result(Some(f), s, args, types, node);
                match &first {
                    None => first = Some(r),
                    Some(x)
                        if b.types
                            .assignable(x.ty(), r.ty(), crate::types::Conversion::None) => {}
                    Some(_) => {
                        let unsure = types.iter().any(|t| matches!(*t, Ty::ERROR | Ty::UNKNOWN));
                        return R::Ty(if unsure { Ty::UNKNOWN } else { Ty::ERROR });
                    }
                }
            }
            first.unwrap_or(R::ERROR)
        })
    }
    /// What a function gives that is named without arguments.
    pub(crate) fn common_result(&mut self, f: &'static Function) -> R {
        let sigs: Vec<_> = f.signatures.iter().collect();
        self.common_return(f, &sigs, &[], &[], 0)
    }

    // ---- functions of the service
    fn call_service(
        &mut self,
        s: &Arc<crate::schema::ServiceFunction>,
        name: &str,
        args: &[Arg],
        name_node: Id,
        implicit: Option<super::TableRef>,
    ) -> Info {
        let (min, max) = s.arguments;
        if args.len() < min || args.len() > max {
            let range = format!("{min} to {max} arguments");
            self.diag(Code::ARGUMENTS_EXACT, name_node, &[name, &range]);
        }
        let mut cols = match (&implicit, s.invoke) {
            (Some(t), true) => self.all_columns(t),
            _ => Vec::new(),
        };
        let open = s.invoke && implicit.as_ref().is_some_and(|t| t.open);
        for c in s.columns.iter() {
            let n = self.names.id(&c.name);
            if cols.iter().all(|x| x.name != n) {
                let col = self.column(n, c.ty);
                cols.push(col);
            }
        }
        let t = self.table(cols, open);
        Info::table(t)
    }

    // ---- functions of the text
    fn check_user(&mut self, u: &Arc<UserFn>, name: &str, args: &[Arg], name_node: Id) {
        if self.quiet > 0 {
            return;
        }
        let (min, max) = (
            u.params.iter().filter(|p| !p.optional).count(),
            u.params.len(),
        );
        if args.len() < min || args.len() > max {
            let count = match max {
                0 => "no arguments".to_owned(),
                1 => "1 argument".to_owned(),
                n => format!("{n} arguments"),
            };
            self.diag(Code::ARGUMENTS_EXACT, name_node, &[name, &count]);
            return;
        }
        for (i, a) in args.iter().enumerate() {
            let mut param = u.params.get(i);
            let mut node = a.node;
            if self.tree.kind(a.node) == N::Named
                && let Some(n) = self.tree.child(a.node, 0)
            {
                let named = self.name(n);
                param = u.params.iter().find(|p| p.name == named);
                node = self.tree.child(a.node, 1).unwrap_or(node);
                if param.is_none() {
                    self.diag(Code::ARGUMENT_NAME, n, &[]);
                }
            }
            let Some(p) = param else { continue };
            match (&p.takes, &a.info.r) {
                (R::Table(want), R::Table(have)) => {
                    let ok = have.open
                        || want.cols.iter().all(|c| {
                            have.cols.iter().any(|h| {
                                h.name == c.name
                                    && self.types.assignable(
                                        c.ty,
                                        h.ty,
                                        crate::types::Conversion::None,
                                    )
                            })
                        });
                    if !ok {
                        self.diag(Code(249), node, &[]);
                    }
                }
                (R::Table(_), _) => {
                    self.diag(Code::TABLE_EXPECTED, node, &[]);
                }
                (R::Ty(_), r) if r.is_tabular() && !matches!(r, R::None) => {
                    // a scalar parameter takes no table, and is not converted either
                    if self.tree.kind(node) != N::Missing {
                        self.diag(Code::TYPE_EXPECTED, node, &[p.takes.ty().name()]);
                    }
                }
                _ => {}
            }
        }
    }

    /// The result of a function's body for these arguments.
    pub(crate) fn call_user(&mut self, u: &Arc<UserFn>, args: &[Arg]) -> R {
        let Some(body) = u.body else {
            return R::Ty(Ty::UNKNOWN);
        };
        let simple = u.params.iter().all(|p| matches!(p.takes, R::Ty(_)));
        if simple && let Some(r) = u.fixed.get() {
            return r.clone();
        }
        if self.expanding.contains(&u.id)
            || self.nested >= MOST_NESTED
            || self.expansions >= MOST_EXPANSIONS
        {
            return R::Ty(Ty::UNKNOWN);
        }
        self.expansions += 1;
        self.nested += 1;
        self.expanding.push(u.id);
        let tree = match u.tree {
            0 => self.main,
            n => &self.world.user[n - 1],
        };
        let old_tree = std::mem::replace(&mut self.tree, tree);
        let old_no = std::mem::replace(&mut self.tree_no, u.tree);
        let old_scope = std::mem::replace(&mut self.scope, (*u.scope).clone());
        let old_block = std::mem::replace(&mut self.block, self.scope.len());
        let old_suffix = std::mem::replace(&mut self.suffix, 1);
        let row = self.row.take();
        let right = self.right.take();
        let path = self.path.take();
        let kind = std::mem::replace(&mut self.scope_kind, ScopeKind::Normal);
        for (i, p) in u.params.iter().enumerate() {
            let r = match (&p.takes, args.get(i).map(|a| &a.info.r)) {
                (R::Table(_), Some(r)) if r.is_tabular() => r.clone(),
                (r, _) => r.clone(),
            };
            self.declare(Local {
                name: p.name,
                kind: LocalKind::Parameter,
                r,
                constant: true,
                decl: u.decl,
            });
        }
        let r = self.quietly(|b| b.function_body(body));
        self.scope = old_scope;
        self.block = old_block;
        self.suffix = old_suffix;
        self.row = row;
        self.right = right;
        self.path = path;
        self.scope_kind = kind;
        self.tree = old_tree;
        self.tree_no = old_no;
        self.expanding.pop();
        self.nested -= 1;
        let r = if r.is_error() || matches!(r, R::None) {
            R::Ty(Ty::UNKNOWN)
        } else {
            r
        };
        if simple {
            let _ = u.fixed.set(r.clone());
        }
        r
    }

    /// A call or a chain of calls after `invoke`, the table flowing in from the left.
    pub(crate) fn invoke_calls(&mut self, node: Id, table: super::TableRef) -> Info {
        self.implicit = Some(table);
        self.tabular = true;
        let info = self.expr(node);
        self.implicit = None;
        self.tabular = false;
        info
    }

    /// Whether the name is one that a bare column argument may follow, as for `FileProfile`.
    pub(crate) fn is_service_call(&self, node: Id) -> bool {
        self.tree.child(node, 0).is_some_and(|n| {
            self.tree.head(n) == T::Ident
                && self.world.schema.function(self.tree.text_of(n)).is_some()
        })
    }
}

fn is_conversion(name: &str) -> bool {
    matches!(
        name,
        "tobool"
            | "todatetime"
            | "todecimal"
            | "todouble"
            | "todynamic"
            | "toguid"
            | "toint"
            | "tolong"
            | "toreal"
            | "tostring"
            | "totime"
            | "totimespan"
    )
}
