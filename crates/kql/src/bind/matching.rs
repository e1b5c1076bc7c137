//! Which signature of a function fits its arguments, and what the result is.

use super::Binder;
use super::env::{Arg, R};
use crate::functions::signature::{Form, Gives, Param, Signature, Takes};
use crate::functions::{Function, Row};
use crate::syntax::{N, T};
use crate::types::{Conversion, Ty};

/// How well an argument fits, the best last.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Fit {
    None,
    Unknown,
    Dynamic,
    Compatible,
    Promoted,
    NotType,
    OneOfMany,
    Scalar,
    Summable,
    Orderable,
    Number,
    Integer,
    Tabular,
    Exact,
}

/// The type of an argument for matching; what is no value is `VOID`, several values are `NULL`.
pub(crate) fn arg_type(r: &R) -> Ty {
    match r {
        R::Ty(t) => *t,
        R::None => Ty::ERROR,
        R::Tuple(c, _) if c.len() == 1 => c[0].ty,
        R::Tuple(..) => Ty::NULL,
        _ => Ty::VOID,
    }
}

pub(super) type Assigned<'s> = Vec<Option<&'s Param>>;

impl Binder<'_> {
    /// Which parameter each argument belongs to.
    pub(crate) fn assign<'s>(
        &self,
        row: Option<&Row>,
        sig: &'s Signature,
        args: &[Arg],
    ) -> Assigned<'s> {
        let ps = &sig.params;
        let name = row.map_or("", |r| r.name);
        if !sig.repeats
            && !matches!(
                name,
                "ipv4_lookup" | "geo_polygon_lookup" | "geo_line_lookup" | "ipv6_lookup"
            )
        {
            return (0..args.len()).map(|i| ps.get(i)).collect();
        }
        match name {
            "pack" | "pack_dictionary" | "bag_pack" | "case" => block(ps, args.len()),
            "array_sort_asc" | "array_sort_desc" => (0..args.len())
                .map(|i| {
                    if i + 1 == args.len() && arg_type(&args[i].info.r) == Ty::BOOL {
                        ps.get(1)
                    } else {
                        ps.first()
                    }
                })
                .collect(),
            "ipv4_lookup" => (0..args.len())
                .map(|i| {
                    let last = i + 1 == args.len();
                    let flag = last
                        && i >= 3
                        && (self.tree.kind(args[i].node) == N::Named
                            || self.tree.head(args[i].node) == T::BoolLit);
                    if i < 3 {
                        ps.get(i)
                    } else {
                        ps.get(if flag { 4 } else { 3 })
                    }
                })
                .collect(),
            "ipv6_lookup" | "geo_polygon_lookup" | "geo_line_lookup" => (0..args.len())
                .map(|i| match self.tree.kind(args[i].node) {
                    N::Named => {
                        let n = self
                            .tree
                            .child(args[i].node, 0)
                            .map_or("", |c| self.tree.text_of(c));
                        ps.iter()
                            .find(|p| p.name.eq_ignore_ascii_case(n))
                            .or_else(|| ps.get(i))
                    }
                    _ => ps.get(i),
                })
                .collect(),
            _ => self.repeating(sig, args),
        }
    }

    fn repeating<'s>(&self, sig: &'s Signature, args: &[Arg]) -> Assigned<'s> {
        let ps = &sig.params;
        let mut out = Vec::with_capacity(args.len());
        let (mut at, mut count) = (0usize, 0u32);
        for i in 0..args.len() {
            if i as u32 >= sig.max || ps.is_empty() {
                out.push(None);
                continue;
            }
            if at + 1 < ps.len() && count >= ps[at].max {
                at += 1;
                count = 0;
            }
            let needed: u32 = ps[at + 1..].iter().map(|p| p.min).sum();
            let left = (args.len() - i) as u32;
            if count >= ps[at].min && at + 1 < ps.len() && count > 0 && left <= needed {
                at += 1;
                count = 0;
            }
            if count < ps[at].max {
                out.push(Some(&ps[at]));
                count += 1;
            } else {
                out.push(None);
            }
        }
        out
    }

    /// The type that arguments of the `common` kinds share.
    pub(crate) fn common_argument(
        &mut self,
        params: &[Option<&Param>],
        types: &[Ty],
        plain: bool,
    ) -> Option<Ty> {
        let mut common = None;
        for (p, t) in params.iter().zip(types) {
            let Some(p) = p else { continue };
            if plain && t.is_dynamic() {
                continue;
            }
            let allowed = match p.takes {
                Takes::CommonScalar if t.is_scalar() => Conversion::Promotable,
                Takes::CommonOrderable if t.is_orderable() => Conversion::Promotable,
                Takes::Common if t.is_scalar() => Conversion::Dynamic,
                _ => continue,
            };
            // a shared type may be dynamic only where a dynamic one is among them
            common = Some(self.types.common(common, *t, allowed)?);
        }
        if common.is_none() && plain {
            return self.common_argument(params, types, false);
        }
        common
    }

    #[allow(clippy::too_many_arguments)]
    pub(crate) fn fit(
        &mut self,
        params: &[Option<&Param>],
        types: &[Ty],
        p: Option<&Param>,
        arg: &Arg,
        t: Ty,
        coerce: bool,
        depth: u8,
    ) -> Fit {
        let Some(p) = p else { return Fit::None };
        if t == Ty::UNKNOWN {
            return Fit::Unknown;
        }
        if p.tilde && self.is_tilde(arg) {
            return Fit::Exact;
        }
        if self.tree.kind(arg.node) == N::Star {
            return if matches!(p.form, Form::Star | Form::StarToo) {
                Fit::Exact
            } else {
                Fit::None
            };
        }
        if p.form == Form::Star {
            return Fit::None;
        }
        let yes = |b: bool, f: Fit| if b { f } else { Fit::None };
        let scalar = t.is_scalar();
        match p.takes {
            Takes::Types => {
                let any = |b: &Self, c| p.types.iter().any(|x| b.types.assignable(*x, t, c));
                if any(self, Conversion::None) {
                    if p.types.len() == 1 {
                        Fit::Exact
                    } else {
                        Fit::OneOfMany
                    }
                } else if any(self, Conversion::Promotable) {
                    Fit::Promoted
                } else if coerce && any(self, Conversion::Dynamic) {
                    Fit::Dynamic
                } else if coerce && any(self, Conversion::Compatible) {
                    Fit::Compatible
                } else {
                    Fit::None
                }
            }
            Takes::Scalar => yes(scalar, Fit::Scalar),
            Takes::Integer => yes(t.is_integer(), Fit::Integer),
            Takes::Text => yes(t == Ty::STRING || t.is_dynamic(), Fit::OneOfMany),
            Takes::TextOrArray => yes(self.text_or_array(t), Fit::OneOfMany),
            Takes::IntegerOrArray => yes(self.integer_or_array(t), Fit::OneOfMany),
            Takes::Array => yes(t == Ty::DYNAMIC || self.types.is_array(t), Fit::OneOfMany),
            Takes::Bag => yes(t == Ty::DYNAMIC || self.types.is_bag(t), Fit::OneOfMany),
            Takes::Number => yes(t.is_numeric(), Fit::Number),
            Takes::NumberOrBool => yes(t.is_numeric() || t == Ty::BOOL, Fit::Number),
            Takes::Summable => yes(t.is_summable(), Fit::Summable),
            Takes::Orderable => yes(t.is_orderable(), Fit::Orderable),
            Takes::Table => yes(arg.info.r.is_tabular(), Fit::Tabular),
            Takes::NotBool => yes(t != Ty::BOOL && !matches!(t, Ty::ERROR), Fit::NotType),
            Takes::NotRealOrBool => yes(t != Ty::BOOL && t != Ty::REAL, Fit::NotType),
            Takes::Plain => yes(scalar && !t.is_dynamic() && t != Ty::NULL, Fit::NotType),
            Takes::Param0 | Takes::Param1 if depth < 2 => {
                let i = usize::from(p.takes == Takes::Param1);
                let other = params.get(i).copied().flatten();
                self.fit(params, types, other, arg, t, coerce, depth + 1)
            }
            Takes::Param0 | Takes::Param1 => Fit::None,
            Takes::Common | Takes::CommonScalar | Takes::CommonOrderable => {
                let Some(c) = self.common_argument(params, types, false) else {
                    return Fit::None;
                };
                if self.types.assignable(c, t, Conversion::None) {
                    Fit::Exact
                } else if self.types.assignable(c, t, Conversion::Promotable) {
                    Fit::Promoted
                } else if self.types.assignable(c, t, Conversion::Dynamic) {
                    Fit::Dynamic
                } else if p.takes == Takes::Common && t == Ty::DYNAMIC {
                    Fit::Exact
                } else {
                    Fit::None
                }
            }
        }
    }

    pub(crate) fn is_tilde(&self, arg: &Arg) -> bool {
        let t = self.tree;
        t.kind(arg.node) == N::Lit
            && t.head(arg.node) == T::StringLit
            && super::env::string_value(t.text_of(arg.node)) == "~"
    }
    pub(crate) fn text_or_array(&self, t: Ty) -> bool {
        matches!(t, Ty::STRING | Ty::DYN_STRING | Ty::ARRAY | Ty::DYNAMIC)
            || self.types.element(t) == Some(Ty::STRING)
    }
    pub(crate) fn integer_or_array(&self, t: Ty) -> bool {
        t.is_integer()
            || matches!(t, Ty::DYN_LONG | Ty::ARRAY | Ty::DYNAMIC)
            || self.types.element(t) == Some(Ty::LONG)
    }

    /// The signatures that fit best; one if the choice is clear.
    pub(crate) fn best_signatures<'s>(
        &mut self,
        row: Option<&Row>,
        sigs: &'s [Signature],
        args: &[Arg],
        types: &[Ty],
        coerce: bool,
        all_must_fit: bool,
    ) -> Vec<&'s Signature> {
        if sigs.len() <= 1 {
            return sigs.iter().collect();
        }
        let n = args.len() as u32;
        let mut found: Vec<&Signature> = sigs
            .iter()
            .filter(|s| (s.min..=s.max).contains(&n))
            .collect();
        if found.is_empty() {
            let most = sigs.iter().map(|s| s.max).max().unwrap_or(0);
            found = sigs
                .iter()
                .filter(|s| (s.min..=s.max).contains(&most))
                .collect();
        }
        if found.len() <= 1 {
            return found;
        }
        let mut scored: Vec<(&Signature, usize, Fit, Fit)> = Vec::with_capacity(found.len());
        for s in found {
            let params = self.assign(row, s, args);
            let (mut count, mut worst, mut best) = (0, Fit::Exact, Fit::None);
            for (i, a) in args.iter().enumerate() {
                let f = self.fit(&params, types, params[i], a, types[i], coerce, 0);
                count += usize::from(f != Fit::None);
                worst = worst.min(f);
                best = best.max(f);
            }
            scored.push((s, count, worst, best));
        }
        let mut most = scored.iter().map(|s| s.1).max().unwrap_or(0);
        if all_must_fit {
            most = most.max(args.len());
        }
        scored.retain(|s| s.1 == most);
        if scored.len() > 1 {
            let rank = |s: &(&Signature, usize, Fit, Fit)| (s.2, s.3);
            let top = scored.iter().map(rank).max();
            let winners = scored.iter().filter(|s| Some(rank(s)) == top).count();
            if winners == 1
                && let Some(w) = scored.iter().find(|s| Some(rank(s)) == top)
            {
                return vec![w.0];
            }
        }
        scored.into_iter().map(|s| s.0).collect()
    }

    /// The result of a signature for these arguments.
    pub(crate) fn result(
        &mut self,
        f: Option<&'static Function>,
        sig: &Signature,
        args: &[Arg],
        types: &[Ty],
        node: crate::syntax::Id,
    ) -> R {
        let at = |i: usize| R::Ty(types.get(i).copied().unwrap_or(Ty::ERROR));
        match sig.gives {
            Gives::Type(t) => R::Ty(t),
            Gives::Param0 => at(0),
            Gives::Param1 => at(1),
            Gives::Param0Promoted => R::Ty(types.first().copied().unwrap_or(Ty::ERROR).promoted()),
            Gives::ArrayOfParam0 => R::Ty(
                types
                    .first()
                    .copied()
                    .map_or(Ty::ERROR, |t| self.types.array_of(t)),
            ),
            Gives::LastLiteral => {
                let last = args.get(sig.params.len().saturating_sub(1));
                match last.map(|a| &a.info.sym) {
                    Some(super::env::Sym::Type(t)) => R::Ty(*t),
                    _ => R::ERROR,
                }
            }
            Gives::Common | Gives::CommonPlain => {
                let params = self.assign(f.map(|f| f.row), sig, args);
                let plain = sig.gives == Gives::CommonPlain;
                R::Ty(
                    self.common_argument(&params, types, plain)
                        .unwrap_or(Ty::ERROR),
                )
            }
            Gives::Widest => {
                let mut widest: Option<Ty> = None;
                for t in types.iter().filter(|t| t.is_numeric()) {
                    if widest.is_none_or(|w| t.is_wider_than(w)) {
                        widest = Some(*t);
                    }
                }
                R::Ty(widest.map_or(Ty::ERROR, Ty::promoted))
            }
            Gives::Columns(text) => {
                let mut cols = Vec::new();
                for c in crate::types::split_top(text) {
                    if let Some((n, t)) = c.split_once(':') {
                        cols.push(self.named_column(n, crate::types::parse(t)));
                    }
                }
                R::Table(self.table(cols, false))
            }
            Gives::Cluster => R::Cluster,
            Gives::Database => {
                let known = args.is_empty();
                if !known && self.path.is_none() && self.const_string(args[0].node).is_some() {
                    // the world has one database, and it has no name
                    self.diag(
                        crate::syntax::Code::UNKNOWN_DATABASE,
                        args[0].node,
                        &[self.tree.text_of(args[0].node)],
                    );
                }
                R::Database { known }
            }
            Gives::Table => match args.first().and_then(|a| self.const_string(a.node)) {
                Some(name) => {
                    let known = !matches!(self.path, Some(R::Database { known: false }));
                    let id = self.names.id(&name);
                    let local = self
                        .local(id)
                        .map(|i| self.locals[i as usize].r.clone())
                        .filter(R::is_tabular);
                    match local.or_else(|| self.schema_table(&name).map(R::Table)) {
                        Some(r) => r,
                        None => {
                            if known && !self.fuzzy {
                                self.diag(
                                    crate::syntax::Code::UNKNOWN_TABLE,
                                    args[0].node,
                                    &[&name],
                                );
                            }
                            R::Table(self.open_table())
                        }
                    }
                }
                None => R::Table(self.open_table()),
            },
            Gives::OpenTable => R::Table(self.open_table()),
            Gives::Other => R::Other,
            Gives::Custom => self.custom(f, args, types, node),
        }
    }
}

/// Parameters that repeat as a block, with others before and after.
fn block(ps: &[Param], n: usize) -> Assigned<'_> {
    let first = ps.iter().position(|p| p.max > 1).unwrap_or(0);
    let last = ps.iter().rposition(|p| p.max > 1).unwrap_or(0);
    let size = last + 1 - first;
    let after = ps.len() - last - 1;
    let possible = (n as isize - first as isize - after as isize).max(0) as usize;
    let repeating = possible.clamp(size * ps[first].min as usize, size * ps[first].max as usize);
    let total = repeating.div_ceil(size) * size;
    (0..n)
        .map(|i| {
            if i < first {
                ps.get(i)
            } else if i < first + total {
                ps.get(first + (i - first) % size)
            } else {
                ps.get(last + 1 + i - first - total)
            }
        })
        .collect()
}

/// Whether that many arguments fit the signature.
pub(crate) fn count_fits(row: Option<&Row>, sig: &Signature, n: usize) -> bool {
    if (n as u32) < sig.min || n as u32 > sig.max {
        return false;
    }
    match row.map(|r| r.name) {
        Some("pack" | "pack_dictionary" | "bag_pack" | "case") => {
            let blocks = sig.params.iter().filter(|p| p.max > 1).count().max(1);
            let fixed = sig.params.len() - blocks;
            n >= fixed && (n - fixed).is_multiple_of(blocks)
        }
        _ => true,
    }
}
