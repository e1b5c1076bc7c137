//! Members and elements of dynamic values.

use super::expr::{Cx, Expr};
use super::json;
use super::literal;
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, Val, dynamic};
use crate::syntax::{Id, N, T};
use std::borrow::Cow;

impl Session<'_> {
    pub(super) fn path_value(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        let kids: Vec<Id> = t.children(node).collect();
        let Some((first, rest)) = kids.split_first() else {
            return self.unsupported(node, "this");
        };
        let mut rest = rest.iter().copied();
        let mut e = match t.text_of(*first) {
            "$left" | "$right" => {
                let right = t.text_of(*first) == "$right";
                let Some(c) = rest.next() else {
                    return self.unsupported(node, "this");
                };
                let name = self.node_name(c);
                let row = self.b.row_or_empty();
                let (table, base) = match (&self.right, right) {
                    (Some(r), true) => (r.clone(), row.cols.len()),
                    _ => (row, 0),
                };
                match table.cols.iter().position(|c| c.name == name) {
                    Some(i) => Expr::col(base + i, Kind::of(table.cols[i].ty)),
                    None => {
                        return self.fail(ErrorKind::Semantic, c, "there is no such column");
                    }
                }
            }
            _ => {
                if t.kind(*first) == N::NameRef && self.step_of(*first).is_some() {
                    return self.step_value(*first, rest.next());
                }
                let several = t.kind(*first) == N::Call
                    && t.child(*first, 0)
                        .is_some_and(|n| super::eval::gives_several(t.text_of(n)));
                let nth = kids
                    .get(1)
                    .filter(|c| several && t.kind(**c) == N::Bracket)
                    .and_then(|c| t.child(*c, 0))
                    .and_then(|c| literal::node(t, c))
                    .and_then(|v| v.long())
                    .and_then(|n| usize::try_from(n).ok());
                match nth {
                    Some(n) => {
                        rest.next();
                        match self.part_of_call(*first, n)? {
                            Some(e) => e,
                            None => return self.unsupported(node, "this path"),
                        }
                    }
                    None => self.compile(*first)?,
                }
            }
        };
        for c in rest {
            e = match t.kind(c) {
                N::Bracket => {
                    let Some(i) = t.child(c, 0) else {
                        return self.unsupported(c, "this");
                    };
                    let index = self.compile(i)?;
                    Expr::call(element, vec![e, index], Kind::Dynamic)
                }
                N::NameRef => {
                    let name = crate::bind::env::name_text(t, c).into_owned();
                    let _ = T::Dot;
                    Expr::call(
                        element,
                        vec![e, Expr::constant(super::value::text(name), Kind::String)],
                        Kind::Dynamic,
                    )
                }
                _ => match literal::node(t, c) {
                    Some(v) => Expr::call(
                        element,
                        vec![e, Expr::constant(v, Kind::Dynamic)],
                        Kind::Dynamic,
                    ),
                    None => return self.unsupported(c, "this path"),
                },
            }
            .folded(&mut self.cx);
        }
        Ok(e)
    }
}

/// A member by name or an element by number; null where there is none.
pub fn element<'a>(_: &mut Cx, a: &[Val<'a>]) -> Val<'a> {
    let [of, index] = a else { return Val::Null };
    let Val::Dyn(s) = of else { return Val::Null };
    let find = |s: &str, index: &Val| -> Option<(usize, usize)> {
        let found = match index {
            Val::Str(n) => json::member(s, n),
            Val::Dyn(_) => match index.borrow().plain() {
                Val::Str(n) => json::member(s, &n),
                v => json::element(s, v.long()?),
            },
            v => json::element(s, v.long()?),
        }?;
        let at = found.as_ptr() as usize - s.as_ptr() as usize;
        Some((at, at + found.len()))
    };
    match find(s, index) {
        None => Val::Null,
        Some((from, to)) => match s {
            Cow::Borrowed(s) => dynamic(s.get(from..to).unwrap_or("null")),
            Cow::Owned(s) => dynamic(s.get(from..to).unwrap_or("null").to_owned()),
        },
    }
}
