//! What is asked of expressions and arguments, and what is said where it is not so.

use super::Binder;
use super::env::{Arg, Info, R, Sym};
use super::matching::{Fit, arg_type, count_fits};
use crate::functions::signature::{Form, Param, Signature, Takes};
use crate::functions::{Function, Row};
use crate::syntax::{Code, Id, N, T};
use crate::types::{Conversion, Ty};

impl Binder<'_> {
    fn quiet_about(t: Ty) -> bool {
        matches!(t, Ty::ERROR | Ty::UNKNOWN)
    }
    fn ask(&mut self, ok: bool, info: &Info, node: Id, code: Code, args: &[&str]) -> bool {
        if !ok && !info.r.is_unknown_or_error() {
            self.diag(code, node, args);
        }
        ok
    }
    pub(crate) fn check_scalar(&mut self, info: &Info, node: Id) -> bool {
        if matches!(info.r, R::None) || info.r.is_scalar() {
            return true;
        }
        if !info.r.is_error() {
            self.diag(Code::SCALAR_EXPECTED, node, &[]);
        }
        false
    }
    pub(crate) fn check_integer(&mut self, info: &Info, node: Id) -> bool {
        self.ask(info.r.ty().is_integer(), info, node, Code::INTEGER, &[])
    }
    pub(crate) fn check_dynamic(&mut self, info: &Info, node: Id) -> bool {
        self.ask(
            info.r.ty().is_dynamic(),
            info,
            node,
            Code::TYPE_MUST_BE,
            &["dynamic"],
        )
    }
    pub(crate) fn check_summable(&mut self, info: &Info, node: Id) -> bool {
        self.ask(info.r.ty().is_summable(), info, node, Code::SUMMABLE, &[])
    }
    pub(crate) fn check_number(&mut self, info: &Info, node: Id) -> bool {
        self.ask(info.r.ty().is_numeric(), info, node, Code::NUMERIC, &[])
    }
    pub(crate) fn check_text(&mut self, info: &Info, node: Id) -> bool {
        let t = info.r.ty();
        self.ask(
            t == Ty::STRING || t.is_dynamic(),
            info,
            node,
            Code::TYPE_MUST_BE,
            &["string or dynamic"],
        )
    }
    pub(crate) fn check_type(&mut self, info: &Info, node: Id, want: Ty, how: Conversion) -> bool {
        let t = arg_type(&info.r);
        if t == Ty::UNKNOWN
            || (want == Ty::DYNAMIC && t.is_dynamic())
            || (t != Ty::VOID && self.types.assignable(want, t, how))
        {
            return true;
        }
        if !Self::quiet_about(t) && !Self::quiet_about(want) && !matches!(info.r, R::None) {
            self.diag(Code::TYPE_MUST_BE, node, &[want.name()]);
        }
        false
    }
    pub(crate) fn check_bool(&mut self, info: &Info, node: Id) -> bool {
        self.check_type(info, node, Ty::BOOL, Conversion::None)
    }
    pub(crate) fn check_not_dynamic(&mut self, info: &Info, node: Id) -> bool {
        let t = info.r.ty();
        if t == Ty::UNKNOWN || !t.is_dynamic() {
            return true;
        }
        self.diag(Code::TYPE_NOT_ALLOWED, node, &["dynamic"]);
        false
    }
    pub(crate) fn check_column(&mut self, info: &Info, node: Id) -> bool {
        if matches!(info.sym, Sym::Column(_)) {
            return true;
        }
        if !info.r.is_error() {
            self.diag(Code::COLUMN_EXPECTED, node, &[]);
        }
        false
    }
    pub(crate) fn check_tabular(&mut self, info: &Info, node: Id) -> bool {
        if info.r.is_tabular() {
            return true;
        }
        if !info.r.is_error() && !matches!(info.r, R::None) {
            self.diag(Code::TABLE_EXPECTED, node, &[]);
        }
        false
    }
    pub(crate) fn is_literal(&self, node: Id) -> bool {
        matches!(
            self.tree.kind(node),
            N::Lit
                | N::CompoundStr
                | N::SignedLit
                | N::TokenLit
                | N::NullLit
                | N::TypeOf
                | N::Dynamic
        ) || (self.tree.kind(node) == N::Unary
            && self
                .tree
                .child(node, 0)
                .is_some_and(|c| self.tree.kind(c) == N::Lit))
    }
    pub(crate) fn check_literal(&mut self, info: &Info, node: Id) -> bool {
        if self.is_literal(node) {
            return true;
        }
        if !info.r.is_error() {
            self.diag(Code::LITERAL, node, &[]);
        }
        false
    }
    /// The text of a string literal.
    pub(crate) fn const_string(&self, node: Id) -> Option<String> {
        let node = self.tree.unparen(node);
        let node = if self.tree.kind(node) == N::Named {
            self.tree.child(node, 1)?
        } else {
            node
        };
        match self.tree.kind(node) {
            N::Lit if self.tree.head(node) == T::StringLit => {
                Some(super::env::string_value(self.tree.text_of(node)))
            }
            N::CompoundStr => Some(
                self.tree
                    .tokens_of(node)
                    .iter()
                    .map(|t| super::env::string_value(self.tree.token_text(*t)))
                    .collect(),
            ),
            _ => None,
        }
    }

    /// Says what is wrong with the arguments of a signature.
    pub(crate) fn check_signature(
        &mut self,
        f: Option<&'static Function>,
        name: &str,
        sig: &Signature,
        args: &[Arg],
        types: &[Ty],
        at: (u32, u32),
    ) {
        if self.quiet > 0 {
            return;
        }
        let row = f.map(|f| f.row);
        let before = self.out.diags.len();
        let n = args.len();
        if !count_fits(row, sig, n) {
            if sig.repeats {
                if (n as u32) < sig.min || n as u32 > sig.max {
                    let range = if sig.max > 60 {
                        format!("at least {} arguments", sig.min)
                    } else {
                        format!("{} to {} arguments", sig.min, sig.max)
                    };
                    self.diag_at(Code::ARGUMENTS_RANGE, at, &[name, &range]);
                } else {
                    self.diag_at(Code::ARGUMENTS_WRONG, at, &[]);
                }
            } else {
                let count = match (sig.min, sig.params.len()) {
                    (_, 0) => "no arguments".to_owned(),
                    (_, 1) if sig.min == 1 => "1 argument".to_owned(),
                    (min, max) if min as usize == max => format!("{max} arguments"),
                    (min, max) => format!("{min} to {max} arguments"),
                };
                self.diag_at(Code::ARGUMENTS_EXACT, at, &[name, &count]);
            }
        }
        if self.out.diags.len() > before {
            return;
        }
        let params = self.assign(row, sig, args);
        if params.iter().flatten().any(|p| {
            matches!(
                p.takes,
                Takes::Common | Takes::CommonScalar | Takes::CommonOrderable
            )
        }) && self.common_argument(&params, types, false).is_none()
        {
            self.diag_at(Code::NO_COMMON_TYPE, at, &[]);
            return;
        }
        for i in 0..n {
            if let Some(p) = params[i] {
                self.check_argument(row, &params, args, types, i, p);
            }
        }
    }

    fn check_argument(
        &mut self,
        row: Option<&Row>,
        params: &[Option<&Param>],
        args: &[Arg],
        types: &[Ty],
        i: usize,
        p: &Param,
    ) {
        let operator = row.is_some_and(|r| r.kind == crate::functions::Kind::Operator);
        let arg = &args[i];
        let mut node = arg.node;
        if self.tree.kind(node) == N::Star && !operator {
            if !matches!(p.form, Form::Star | Form::StarToo) {
                self.diag(Code::STAR_NOT_ALLOWED, node, &[]);
            }
            return;
        }
        if p.tilde && self.is_tilde(arg) {
            return;
        }
        match self.tree.kind(node) {
            N::CompoundNamed => {
                if let Some(names) = self.tree.child(node, 0) {
                    self.diag(Code(194), names, &[]);
                }
            }
            N::Named => node = self.tree.child(node, 1).unwrap_or(node),
            _ => {}
        }
        let mut info = arg.info.clone();
        if let R::Ty(_) = info.r {
            info.r = R::Ty(types[i]);
        }
        let t = types[i];
        match p.takes {
            Takes::Types => {
                let fit = self.fit(params, types, Some(p), arg, t, false, 0);
                if matches!(fit, Fit::None | Fit::Compatible) && !Self::quiet_about(t) {
                    let names: Vec<&str> = p.types.iter().map(|t| t.name()).collect();
                    self.diag(Code::TYPE_EXPECTED, node, &[&names.join(" or ")]);
                }
            }
            Takes::Scalar => {
                self.check_scalar(&info, node);
            }
            Takes::Integer => {
                self.check_integer(&info, node);
            }
            Takes::IntegerOrArray => {
                let ok = self.integer_or_array(t);
                self.ask(ok, &info, node, Code::INTEGER_OR_ARRAY, &[]);
            }
            Takes::Text => {
                self.check_text(&info, node);
            }
            Takes::TextOrArray => {
                let ok = self.text_or_array(t);
                self.ask(ok, &info, node, Code::STRING_OR_ARRAY, &[]);
            }
            Takes::Array => {
                let ok = t == Ty::DYNAMIC || self.types.is_array(t);
                self.ask(ok, &info, node, Code::DYNAMIC_ARRAY, &[]);
            }
            Takes::Bag => {
                let ok = t == Ty::DYNAMIC || self.types.is_bag(t);
                self.ask(ok, &info, node, Code::DYNAMIC_BAG, &[]);
            }
            Takes::Number => {
                self.check_number(&info, node);
            }
            Takes::NumberOrBool => {
                self.ask(
                    t.is_numeric() || t == Ty::BOOL,
                    &info,
                    node,
                    Code::NUMERIC,
                    &[],
                );
            }
            Takes::Summable => {
                self.check_summable(&info, node);
            }
            Takes::Orderable => {
                self.ask(t.is_orderable(), &info, node, Code::ORDERABLE, &[]);
            }
            Takes::NotBool | Takes::NotRealOrBool => {
                if self.check_scalar(&info, node)
                    && (t == Ty::BOOL || (p.takes == Takes::NotRealOrBool && t == Ty::REAL))
                {
                    self.diag(Code::TYPE_NOT_ALLOWED, node, &[t.name()]);
                }
            }
            Takes::Plain => {
                if self.check_scalar(&info, node) {
                    self.check_not_dynamic(&info, node);
                }
            }
            Takes::Table => {
                self.check_tabular(&info, node);
            }
            Takes::Param0 | Takes::Param1 => {
                let want = types
                    .get(usize::from(p.takes == Takes::Param1))
                    .copied()
                    .unwrap_or(Ty::ERROR);
                self.check_type(&info, node, want, Conversion::None);
            }
            Takes::CommonScalar | Takes::CommonOrderable => {
                if self.check_scalar(&info, node)
                    && let Some(c) = self.common_argument(params, types, false)
                {
                    self.check_type(&info, node, c, Conversion::Promotable);
                }
            }
            Takes::Common => {
                if self.check_scalar(&info, node)
                    && let Some(c) = self.common_argument(params, types, false)
                    && !self.types.assignable(c, t, Conversion::Promotable)
                    && !t.is_dynamic()
                    && c != Ty::DYNAMIC
                    && !c.is_dynamic()
                    && !Self::quiet_about(t)
                {
                    self.diag(Code::TYPE_MUST_BE, node, &[c.name()]);
                }
            }
        }
        match p.form {
            Form::Column | Form::Column0 | Form::ColumnCommon => {
                self.check_column(&info, node);
            }
            Form::Constant => {
                if !info.constant && !info.r.is_error() {
                    self.diag(Code::CONSTANT, node, &[]);
                }
            }
            Form::Literal => {
                if self.check_literal(&info, node)
                    && !p.values.is_empty()
                    && let Some(v) = self.const_string(node)
                    && !p.values.iter().any(|x| x.eq_ignore_ascii_case(&v))
                {
                    self.diag(Code::VALUE, node, &[&p.values.join(", ")]);
                }
            }
            Form::NotEmpty => {
                if self.check_literal(&info, node)
                    && self.const_string(node).is_some_and(|s| s.is_empty())
                {
                    self.diag(Code::NOT_EMPTY, node, &[]);
                }
            }
            _ => {}
        }
    }
}
