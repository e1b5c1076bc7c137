//! Expressions: literals, paths, operators.

use super::Binder;
use super::env::{Arg, Info, R, Sym};
use super::matching::arg_type;
use crate::functions;
use crate::syntax::{Code, Id, N, T};
use crate::types::{Conversion, Ty, by_name};

/// The official name of an operator's token.
pub(crate) fn operator_name(k: T) -> &'static str {
    match k {
        T::Plus => "Add",
        T::Minus => "Subtract",
        T::Asterisk => "Multiply",
        T::Slash => "Divide",
        T::Percent => "Modulo",
        T::Less => "LessThan",
        T::LessEqual => "LessThanOrEqual",
        T::Greater => "GreaterThan",
        T::GreaterEqual => "GreaterThanOrEqual",
        T::EqualEqual => "Equal",
        T::BangEqual | T::LessGreater => "NotEqual",
        T::And => "And",
        T::Or => "Or",
        T::EqualTilde => "EqualTilde",
        T::BangTilde => "BangTilde",
        T::Has => "Has",
        T::HasCs => "HasCs",
        T::NotHas => "NotHas",
        T::NotHasCs => "NotHasCs",
        T::HasPrefix => "HasPrefix",
        T::HasPrefixCs => "HasPrefixCs",
        T::NotHasPrefix => "NotHasPrefix",
        T::NotHasPrefixCs => "NotHasPrefixCs",
        T::HasSuffix => "HasSuffix",
        T::HasSuffixCs => "HasSuffixCs",
        T::NotHasSuffix => "NotHasSuffix",
        T::NotHasSuffixCs => "NotHasSuffixCs",
        T::Like => "Like",
        T::LikeCs => "LikeCs",
        T::NotLike => "NotLike",
        T::NotLikeCs => "NotLikeCs",
        T::Contains => "Contains",
        T::ContainsCs | T::ContainsUnderCs => "ContainsCs",
        T::NotContains | T::NotBangContains => "NotContains",
        T::NotContainsCs | T::NotBangContainsCs => "NotContainsCs",
        T::StartsWith => "StartsWith",
        T::StartsWithCs => "StartsWithCs",
        T::NotStartsWith => "NotStartsWith",
        T::NotStartsWithCs => "NotStartsWithCs",
        T::EndsWith => "EndsWith",
        T::EndsWithCs => "EndsWithCs",
        T::NotEndsWith => "NotEndsWith",
        T::NotEndsWithCs => "NotEndsWithCs",
        T::MatchesRegex => "MatchRegex",
        T::Colon => "Search",
        T::In => "In",
        T::InCs => "InCs",
        T::NotIn => "NotIn",
        T::NotInCs => "NotInCs",
        T::HasAny => "HasAny",
        T::HasAll => "HasAll",
        T::Between => "Between",
        T::NotBetween => "NotBetween",
        _ => "",
    }
}

impl Binder<'_> {
    /// Binds an expression or a pipeline.
    pub(crate) fn expr(&mut self, node: Id) -> Info {
        let info = self.expr_inner(node);
        self.typed(node, &info.r);
        info
    }

    fn expr_inner(&mut self, node: Id) -> Info {
        let t = self.tree;
        let kind = t.kind(node);
        if !matches!(
            kind,
            N::NameRef
                | N::Call
                | N::Paren
                | N::Path
                | N::Pipe
                | N::DataScope
                | N::WildName
                | N::BracketWildName
        ) {
            self.tabular = false;
        }
        match kind {
            N::NameRef => self.bind_name(node),
            N::Lit => Info::literal(literal_type(t.head(node))),
            N::CompoundStr => Info::literal(Ty::STRING),
            N::SignedLit => Info::literal(literal_type(t.token(t.node(node).first + 1).kind)),
            N::TokenLit => Info::of(R::Ty(Ty::VOID)),
            N::NullLit => Info::literal(Ty::NULL),
            N::Paren => self.paren(node),
            N::Call => self.call(node),
            N::Path => self.path_expr(node),
            N::Unary => self.unary(node),
            N::Or | N::And => self.logic(node),
            N::Add | N::Mul => self.arithmetic(node),
            N::Rel | N::Eq | N::StrOp => self.compare(node),
            N::In | N::HasAny => self.in_list(node),
            N::Between => self.between(node),
            N::Named => self.named(node),
            N::CompoundNamed => {
                let Some(e) = t.child(node, 1) else {
                    return Info::error();
                };
                let i = self.expr(e);
                Info::of(i.r)
            }
            N::Ordered => match t.child(node, 0) {
                Some(e) => self.expr(e),
                None => Info::error(),
            },
            N::Star => Info::ty(Ty::DYNAMIC),
            N::ToScalar | N::ToTable => self.scalar_of(node, kind),
            N::Dynamic => {
                let old = std::mem::replace(&mut self.in_dynamic, true);
                let i = t.child(node, 0).map_or_else(Info::error, |c| self.expr(c));
                self.in_dynamic = old;
                Info::literal(i.r.ty().wrapped())
            }
            N::JsonArray => {
                let mut e = None;
                let mut same = true;
                for c in t.children(node) {
                    let ty = self.expr(c).r.ty();
                    if same {
                        match self.types.common(e, ty, Conversion::None) {
                            Some(x) => e = Some(x),
                            None => same = false,
                        }
                    }
                }
                let ty = if same {
                    e.map_or(Ty::ARRAY, |e| self.types.array_of(e))
                } else {
                    Ty::ARRAY
                };
                Info::literal(ty)
            }
            N::JsonObject => {
                let mut props = Vec::new();
                for pair in t.children(node) {
                    let mut it = t.children(pair);
                    let key = it.next();
                    let value = it.next().or(key);
                    let ty = value.map_or(Ty::UNKNOWN, |v| self.expr(v).r.ty());
                    if let Some(k) = key.and_then(|k| self.const_string(k)) {
                        props.push((k, ty));
                    }
                }
                Info::literal(self.types.bag_of(props))
            }
            N::JsonMinus => t.child(node, 0).map_or_else(Info::error, |c| self.expr(c)),
            N::TypeOf => self.type_of(node),
            N::DataTable
            | N::ExternalData
            | N::ContextualTable
            | N::InlineExternalTable
            | N::MaterializedViewCombine => self.source(node, kind),
            N::DataScope => match t.child(node, 0) {
                Some(c) => {
                    self.tabular = true;
                    self.expr(c)
                }
                None => Info::error(),
            },
            N::Bracket => self.lone_bracket(node),
            N::Materialize => {
                let Some(c) = t.child(node, 0) else {
                    return Info::error();
                };
                self.tabular = true;
                let i = self.expr(c);
                self.check_tabular(&i, c);
                Info::of(i.r)
            }
            N::WildName | N::BracketWildName => {
                if self.tabular {
                    self.tabular = false;
                    return self.wild_tables(node);
                }
                self.diag(Code::WILDCARD, node, &[]);
                Info::error()
            }
            N::Missing | N::Skipped | N::BadOp | N::At => Info::error(),
            _ => self.pipeline(node),
        }
    }

    fn paren(&mut self, node: Id) -> Info {
        let Some(c) = self.tree.child(node, 0) else {
            return Info::error();
        };
        let path = self.path.take();
        let i = self.expr(c);
        self.path = path;
        Info {
            r: i.r,
            sym: Sym::None,
            constant: false,
            col: i.col,
        }
    }

    fn named(&mut self, node: Id) -> Info {
        let Some(e) = self.tree.child(node, 1) else {
            return Info::error();
        };
        let i = self.expr(e);
        Info {
            r: i.r,
            sym: Sym::None,
            constant: i.constant,
            col: i.col,
        }
    }

    fn type_of(&mut self, node: Id) -> Info {
        let t = self.tree;
        let kids: Vec<Id> = t.children(node).collect();
        if let [one] = kids[..]
            && t.kind(one) == N::Type
        {
            let ty = self.type_node(one);
            return Info {
                r: R::Ty(Ty::TYPE),
                sym: Sym::Type(ty),
                constant: true,
                col: None,
            };
        }
        let mut cols = Vec::new();
        for c in kids {
            match t.kind(c) {
                N::Star => match self.row.clone() {
                    Some(row) => cols.extend(self.all_columns(&row)),
                    None => self.diag(Code(199), c, &[]),
                },
                N::Column => {
                    if let Some((name, ty)) = self.column_decl(c) {
                        let col = self.column(name, ty);
                        cols.push(col);
                    }
                }
                _ => {}
            }
        }
        let table = self.table(cols, false);
        self.schema_sym(table)
    }

    /// The type a type node names.
    pub(crate) fn type_node(&mut self, node: Id) -> Ty {
        by_name(self.tree.text_of(node)).unwrap_or(Ty::ERROR)
    }

    // ---- operators
    fn operator(
        &mut self,
        token: u32,
        name: &'static str,
        args: &[Arg],
        all_must_fit: bool,
    ) -> Info {
        let Some(f) = functions::all().operator(name) else {
            return Info::error();
        };
        let types: Vec<Ty> = args.iter().map(|a| arg_type(&a.info.r)).collect();
        // in a text full of errors nearly every operator stands beside one, and the answer is known
        let unsure = |t: Ty| matches!(t, Ty::ERROR | Ty::UNKNOWN);
        let plain = |a: &Arg| matches!(a.info.r, R::None | R::Ty(_));
        let known = match types[..] {
            _ if !args.iter().all(plain) => None,
            [a] if unsure(a) => Some((name, a, None, all_must_fit)),
            [a, b] if unsure(a) || unsure(b) => Some((name, a, Some(b), all_must_fit)),
            _ => None,
        };
        let Some(key) = known else {
            return self.operator_of(token, f, args, &types, all_must_fit);
        };
        if let Some(ty) = self.wrong_operands.get(&key) {
            return Info {
                r: R::Ty(*ty),
                sym: Sym::None,
                constant: args.iter().all(|a| a.info.constant),
                col: None,
            };
        }
        let noted = self.out.diags.len();
        let info = self.operator_of(token, f, args, &types, all_must_fit);
        if let R::Ty(ty) = info.r
            && self.out.diags.len() == noted
            && self.quiet == 0
        {
            self.wrong_operands.insert(key, ty);
        }
        info
    }

    fn operator_of(
        &mut self,
        token: u32,
        f: &'static functions::Function,
        args: &[Arg],
        types: &[Ty],
        all_must_fit: bool,
    ) -> Info {
        let constant = args.iter().all(|a| a.info.constant);
        let sigs =
            self.best_signatures(Some(f.row), &f.signatures, args, types, false, all_must_fit);
        let at = self.tree.token(token);
        if let [sig] = sigs[..] {
            self.check_signature(Some(f), f.row.name, sig, args, types, (at.start, at.end));
            let mut r = self.result(Some(f), sig, args, types, 0);
            if matches!(r, R::Ty(Ty::DYNAMIC)) && types.iter().any(|t| t.is_wrapped()) {
                let plain: Vec<Ty> = types.iter().map(|t| t.unwrapped()).collect();
                let better = self
                    .quietly(|b| b.operator_of(token, f, args, &plain, all_must_fit))
                    .r;
                if let R::Ty(t) = better
                    && t.is_scalar()
                    && !t.is_dynamic()
                    && t != Ty::UNKNOWN
                {
                    r = R::Ty(t.wrapped());
                }
            }
            return Info {
                r,
                sym: Sym::None,
                constant,
                col: None,
            };
        }
        let sigs = if sigs.is_empty() && all_must_fit {
            self.best_signatures(Some(f.row), &f.signatures, args, types, false, false)
        } else {
            sigs
        };
        if !types.iter().any(|t| matches!(*t, Ty::ERROR | Ty::UNKNOWN)) && self.quiet == 0 {
            let text = self.tree.token_text(at).to_owned();
            let list: Vec<&str> = args
                .iter()
                .zip(types)
                .map(|(a, t)| {
                    if a.info.r.is_tabular() {
                        "table"
                    } else {
                        t.name()
                    }
                })
                .collect();
            self.diag_token(Code::OPERATOR_TYPES, token, &[&text, &list.join(" and ")]);
        }
        let r = self.quietly(|b| {
            let mut first: Option<R> = None;
            for s in &sigs {
                let r = b.result(Some(f), s, args, types, 0);
                match &first {
                    None => first = Some(r),
                    Some(x) if b.types.assignable(x.ty(), r.ty(), Conversion::None) => {}
                    Some(_) => {
                        let unsure = types.iter().any(|t| matches!(*t, Ty::ERROR | Ty::UNKNOWN));
                        return R::Ty(if unsure { Ty::UNKNOWN } else { Ty::ERROR });
                    }
                }
            }
            first.unwrap_or(R::ERROR)
        });
        Info {
            r,
            sym: Sym::None,
            constant: false,
            col: None,
        }
    }

    fn unary(&mut self, node: Id) -> Info {
        let t = self.tree;
        let Some(c) = t.child(node, 0) else {
            return Info::error();
        };
        let i = self.expr(c);
        let token = t.node(node).first;
        let name = if t.token(token).kind == T::Minus {
            "UnaryMinus"
        } else {
            "UnaryPlus"
        };
        self.operator(token, name, &[Arg { node: c, info: i }], true)
    }

    /// Folds the operands of a flat chain from the left.
    fn chain(&mut self, node: Id, fast: fn(Ty, Ty, T) -> Option<Ty>) -> Info {
        let t = self.tree;
        let mut left: Option<Arg> = None;
        for c in t.children(node) {
            let info = self.expr(c);
            let right = Arg { node: c, info };
            left = Some(match left {
                None => right,
                Some(l) => {
                    let token = t.node(c).first.saturating_sub(1);
                    let k = t.token(token).kind;
                    let constant = l.info.constant && right.info.constant;
                    let quick = match (&l.info.r, &right.info.r) {
                        (R::Ty(a), R::Ty(b)) => fast(*a, *b, k),
                        _ => None,
                    };
                    let info = match quick {
                        Some(ty) => Info {
                            r: R::Ty(ty),
                            sym: Sym::None,
                            constant,
                            col: None,
                        },
                        None => self.operator(token, operator_name(k), &[l, right], true),
                    };
                    Arg { node: c, info }
                }
            });
        }
        left.map_or_else(Info::error, |l| Info {
            sym: Sym::None,
            col: None,
            ..l.info
        })
    }

    fn logic(&mut self, node: Id) -> Info {
        self.chain(node, |a, b, _| {
            let fits = |t| matches!(t, Ty::BOOL | Ty::DYNAMIC);
            (fits(a) && fits(b)).then_some(Ty::BOOL)
        })
    }
    fn arithmetic(&mut self, node: Id) -> Info {
        self.chain(node, |a, b, k| match (a, b, k) {
            (Ty::LONG | Ty::INT, Ty::LONG | Ty::INT, _) => Some(Ty::LONG),
            (Ty::DATETIME, Ty::TIMESPAN, T::Plus | T::Minus) => Some(Ty::DATETIME),
            (Ty::DATETIME, Ty::DATETIME, T::Minus) => Some(Ty::TIMESPAN),
            _ => None,
        })
    }
    fn compare(&mut self, node: Id) -> Info {
        self.chain(node, |a, b, k| {
            let known = |t: Ty| t.is_scalar() && t != Ty::UNKNOWN && t != Ty::NULL;
            let fine = match k {
                T::EqualEqual | T::BangEqual | T::LessGreater => known(a) && known(b),
                T::Less | T::LessEqual | T::Greater | T::GreaterEqual => {
                    (a.is_numeric() && b.is_numeric() && a != Ty::UNKNOWN && b != Ty::UNKNOWN)
                        || (a == b && matches!(a, Ty::DATETIME | Ty::TIMESPAN))
                }
                _ => a == Ty::STRING && b == Ty::STRING,
            };
            fine.then_some(Ty::BOOL)
        })
    }

    fn in_list(&mut self, node: Id) -> Info {
        let t = self.tree;
        let (Some(left), Some(list)) = (t.child(node, 0), t.child(node, 1)) else {
            return Info::error();
        };
        let token = t.node(list).first.saturating_sub(1);
        let k = t.token(token).kind;
        let l = self.expr(left);
        let mut args = vec![Arg {
            node: left,
            info: l,
        }];
        for c in t.children(list) {
            let i = self.expr(c);
            args.push(Arg { node: c, info: i });
        }
        let lt = args[0].info.r.ty();
        let left_fine = if matches!(k, T::In | T::NotIn) {
            lt.is_scalar() && lt != Ty::UNKNOWN && lt != Ty::NULL
        } else {
            lt == Ty::STRING || lt == Ty::DYNAMIC
        };
        if left_fine
            && args.len() > 1
            && args
                .iter()
                .skip(1)
                .all(|a| matches!(&a.info.r, R::Ty(t) if t.is_scalar() && *t != Ty::UNKNOWN))
        {
            return Info {
                r: R::Ty(Ty::BOOL),
                sym: Sym::None,
                constant: args.iter().all(|a| a.info.constant),
                col: None,
            };
        }
        self.operator(token, operator_name(k), &args, false)
    }

    fn between(&mut self, node: Id) -> Info {
        let t = self.tree;
        let (Some(left), Some(couple)) = (t.child(node, 0), t.child(node, 1)) else {
            return Info::error();
        };
        let token = t.node(couple).first.saturating_sub(1);
        let mut args = vec![Arg {
            node: left,
            info: self.expr(left),
        }];
        for c in t.children(couple) {
            let i = self.expr(c);
            args.push(Arg { node: c, info: i });
        }
        self.operator(token, operator_name(t.token(token).kind), &args, false)
    }

    fn scalar_of(&mut self, node: Id, kind: N) -> Info {
        let t = self.tree;
        let Some(c) = t.children(node).filter(|c| t.kind(*c) != N::Param).last() else {
            return Info::error();
        };
        let row = self.row.take();
        self.tabular = true;
        let i = self.expr(c);
        self.tabular = false;
        self.row = row;
        if kind == N::ToTable {
            self.check_tabular(&i, c);
            return Info::of(if i.r.is_tabular() { i.r } else { R::ERROR });
        }
        match &i.r {
            R::Table(t) => match t.cols.first() {
                Some(c) => Info::literal(c.ty),
                None => {
                    self.diag(Code(190), c, &[]);
                    Info::error()
                }
            },
            r if r.is_scalar() => Info::literal(r.ty()),
            R::Ty(_) | R::None => Info::error(),
            _ => {
                self.diag(Code::TABLE_OR_SCALAR, c, &[]);
                Info::error()
            }
        }
    }
}

pub(crate) fn literal_type(k: T) -> Ty {
    match k {
        T::LongLit => Ty::LONG,
        T::RealLit => Ty::REAL,
        T::IntLit => Ty::INT,
        T::DecimalLit => Ty::DECIMAL,
        T::BoolLit => Ty::BOOL,
        T::DateTimeLit => Ty::DATETIME,
        T::TimespanLit => Ty::TIMESPAN,
        T::GuidLit | T::RawGuidLit => Ty::GUID,
        _ => Ty::STRING,
    }
}
