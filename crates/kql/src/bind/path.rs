//! Paths: members after a dot, elements in brackets.

use super::Binder;
use super::env::{Info, R};
use crate::syntax::{Code, Id, N, T};
use crate::types::Ty;

impl Binder<'_> {
    pub(crate) fn path_expr(&mut self, node: Id) -> Info {
        let t = self.tree;
        let kids: Vec<Id> = t.children(node).collect();
        let tabular = std::mem::take(&mut self.tabular);
        let Some((first, rest)) = kids.split_first() else {
            return Info::error();
        };
        if let [member] = rest
            && let Some(info) = self.pattern_info(*first, Some(*member))
        {
            return info;
        }
        // a call that heads `cluster(…).database(…)` is no table yet
        let mut info = self.expr(*first);
        for (i, c) in rest.iter().enumerate() {
            let last = i + 1 == rest.len();
            info = match t.kind(*c) {
                N::Bracket => {
                    let index = t.child(*c, 0).unwrap_or(*c);
                    let path = self.path.take();
                    let idx = self.expr(index);
                    self.path = path;
                    self.element(&info, &idx, index, *c)
                }
                N::NameRef if t.before(*c) != T::Dot => {
                    // `x['name']` is an element, not a member
                    let idx = Info::literal(Ty::STRING);
                    self.element(&info, &idx, *c, *c)
                }
                N::WildName | N::BracketWildName => {
                    self.tabular = false;
                    self.wild_tables(*c)
                }
                _ => {
                    let old = self.path.replace(info.r.clone());
                    self.tabular = last && tabular;
                    let i = self.expr(*c);
                    self.tabular = false;
                    self.path = old;
                    i
                }
            };
        }
        info
    }

    fn element(&mut self, of: &Info, index: &Info, index_node: Id, bracket: Id) -> Info {
        let it = index.r.ty();
        if index.r.is_error() || of.r.is_error() || matches!(of.r, R::None) {
            return Info::error();
        }
        let integer = it.is_integer() || matches!(it, Ty::DYN_LONG | Ty::DYNAMIC);
        let text = it == Ty::STRING || it.is_dynamic();
        match &of.r {
            R::Ty(Ty::UNKNOWN) => Info::ty(Ty::UNKNOWN),
            R::Ty(t) if *t == Ty::DYNAMIC => {
                if !integer && !text {
                    self.diag(Code::TYPE_MUST_BE, index_node, &["int, long or string"]);
                }
                Info::ty(Ty::DYNAMIC)
            }
            R::Ty(t) => {
                if let Some(e) = self.types.element(*t) {
                    if !integer {
                        self.diag(Code::TYPE_MUST_BE, index_node, &["int or long"]);
                    }
                    return Info::ty(e.wrapped());
                }
                if self.types.is_bag(*t) {
                    if !text {
                        self.diag(Code::TYPE_MUST_BE, index_node, &["string"]);
                        return Info::ty(Ty::DYNAMIC);
                    }
                    let name = if self.tree.kind(index_node) == N::NameRef {
                        Some(super::env::name_text(self.tree, index_node).into_owned())
                    } else {
                        self.const_string(index_node)
                    };
                    let p = name
                        .and_then(|n| self.types.property(*t, &n))
                        .map_or(Ty::DYNAMIC, Ty::wrapped);
                    return Info::ty(p);
                }
                self.diag(Code::NO_ELEMENT, bracket, &[]);
                Info::error()
            }
            R::Tuple(cols, _) => {
                let i = self.tree.text_of(index_node).parse::<usize>().ok();
                match i.and_then(|i| cols.get(i)) {
                    Some(c) => Info::column(*c),
                    None => Info::ty(Ty::UNKNOWN),
                }
            }
            _ => {
                self.diag(Code::NO_ELEMENT, bracket, &[]);
                Info::error()
            }
        }
    }

    /// `[x]` where `['x']` was meant.
    pub(crate) fn lone_bracket(&mut self, node: Id) -> Info {
        let Some(c) = self.tree.child(node, 0) else {
            return Info::error();
        };
        let path = self.path.clone();
        if path.is_some() {
            let old = self.path.take();
            let idx = self.expr(c);
            self.path = old;
            let of = Info::of(path.unwrap_or(R::ERROR));
            return self.element(&of, &idx, c, node);
        }
        let i = self.expr(c);
        match i.r {
            R::Ty(Ty::ERROR) => {}
            R::Ty(Ty::STRING) => {
                let Some(text) = self.const_string(c) else {
                    self.diag(Code::LITERAL, c, &[]);
                    return Info::error();
                };
                // the closing bracket is missing, but the name is clear
                let name = self.names.id(&text);
                return self.resolve(c, name, &text, false);
            }
            _ => self.diag(Code::TYPE_MUST_BE, c, &["string"]),
        }
        Info::error()
    }
}
