//! `declare pattern`: calls whose constant arguments choose one of several bodies.

use super::env::{Info, Name, R, UserFn};
use super::{Binder, Mark};
use crate::syntax::{Id, N};
use crate::types::Ty;
use std::sync::Arc;

/// One line of a pattern: what a call must say for its body.
#[derive(Debug)]
pub(crate) struct Line {
    values: Vec<String>,
    path: Option<String>,
    body: Arc<UserFn>,
}

impl Binder<'_> {
    pub(super) fn declare_pattern(&mut self, node: Id) {
        let t = self.tree;
        let Some(n) = t.child_of(node, N::NameDecl) else {
            return;
        };
        let name = self.name(n);
        self.mark(n, Mark::Function, None);
        let mut lines = Vec::new();
        let matches: Vec<Id> = t
            .child_of(node, N::PatternDecl)
            .map(|d| {
                t.children(d)
                    .filter(|c| t.kind(*c) == N::PatternMatch)
                    .collect()
            })
            .unwrap_or_default();
        for m in matches {
            let Some(body) = t.child_of(m, N::FnBody) else {
                continue;
            };
            let mut values: Vec<String> = Vec::new();
            let mut path = None;
            for c in t.children(m).filter(|c| *c != body) {
                let text = self.const_string(c).unwrap_or_default();
                // the value of the path stands in brackets
                if t.before(c) == crate::syntax::T::OpenBracket {
                    path = Some(text);
                } else {
                    values.push(text);
                }
            }
            let body = self.pattern_body(m, body, name);
            lines.push(Line { values, path, body });
        }
        self.patterns.insert(name, Arc::new(lines));
    }

    /// The body that a call of a pattern chooses, with what stands after its dot; none if the
    /// call is of no pattern. A pattern without such a line gives no body.
    pub(crate) fn pattern_call(
        &mut self,
        call: Id,
        path: Option<Id>,
    ) -> Option<Option<Arc<UserFn>>> {
        let t = self.tree;
        if self.patterns.is_empty() || t.kind(call) != N::Call {
            return None;
        }
        let name: Name = self.name(t.child(call, 0)?);
        let lines = self.patterns.get(&name)?.clone();
        let args: Vec<String> = t
            .child_of(call, N::Args)
            .map(|l| {
                t.children(l)
                    .map(|a| self.const_string(a).unwrap_or_default())
                    .collect()
            })
            .unwrap_or_default();
        let path = path.map(|p| {
            let inside = if t.kind(p) == N::Bracket {
                t.child(p, 0).and_then(|c| self.const_string(c))
            } else {
                None
            };
            inside.unwrap_or_else(|| super::env::name_text(t, p).into_owned())
        });
        let found = lines.iter().find(|l| l.values == args && l.path == path);
        Some(found.map(|l| l.body.clone()))
    }

    /// What such a call gives; none if it is of no pattern.
    pub(super) fn pattern_info(&mut self, call: Id, path: Option<Id>) -> Option<Info> {
        match self.pattern_call(call, path)? {
            Some(u) => Some(Info::of(self.call_user(&u, &[]))),
            None => Some(Info::of(R::Ty(Ty::UNKNOWN))),
        }
    }
}
