//! Pipelines: each operator works on what flows from the left.

use super::Binder;
use super::env::{Arg, Info, R, Sym};
use super::project::{Builder, Style};
use super::rare::ALLOWED_IN_FORK;
use crate::syntax::{Code, Id, N, T};
use crate::types::Ty;

impl Binder<'_> {
    /// A pipeline, or an operator that stands alone.
    pub(crate) fn pipeline(&mut self, node: Id) -> Info {
        let t = self.tree;
        if t.kind(node) != N::Pipe {
            let fed = self.in_sub_pipe();
            return self.operator_node(node, fed);
        }
        let fed = self.in_sub_pipe();
        let mut flow: Option<Info> = None;
        let kids: Vec<Id> = t.children(node).collect();
        let row = self.row.clone();
        for (i, c) in kids.iter().enumerate() {
            let info = match flow.take() {
                None => {
                    let fuzzy = self.fuzzy;
                    if let Some(next) = kids.get(1)
                        && let Some(f) = self.fuzzy_param(*next)
                    {
                        self.fuzzy = f;
                    }
                    self.tabular = true;
                    self.sub_pipe = fed;
                    let i = self.expr(*c);
                    self.tabular = false;
                    self.fuzzy = fuzzy;
                    i
                }
                Some(left) => {
                    self.row = left.r.table().cloned();
                    let old = std::mem::replace(&mut self.scope_kind, super::ScopeKind::Normal);
                    self.left = left;
                    let i = self.operator_node(*c, true);
                    self.typed(*c, &i.r);
                    self.scope_kind = old;
                    i
                }
            };
            let _ = i;
            flow = Some(info);
        }
        self.row = row;
        let r = flow.map_or(R::ERROR, |f| f.r);
        Info::of(r)
    }

    /// Whether the pipeline about to be bound begins with an operator that is fed from outside.
    fn in_sub_pipe(&mut self) -> bool {
        std::mem::take(&mut self.sub_pipe)
    }

    pub(crate) fn fuzzy_param(&self, union: Id) -> Option<bool> {
        let t = self.tree;
        if t.kind(union) != N::Union {
            return None;
        }
        let p = t
            .children(union)
            .filter(|c| t.kind(*c) == N::Param)
            .find(|p| {
                t.child(*p, 0)
                    .is_some_and(|n| matches!(t.text_of(n), "isfuzzy" | "__isFuzzy"))
            })?;
        let v = t.child(p, 1)?;
        (t.head(v) == T::BoolLit).then(|| t.text_of(v).eq_ignore_ascii_case("true"))
    }

    pub(crate) fn not_first(&mut self, node: Id, piped: bool) {
        if !piped {
            let first = self.tree.node(node).first;
            self.diag_token(Code::OPERATOR_FIRST, first, &[]);
        }
    }
    pub(crate) fn must_be_first(&mut self, node: Id, piped: bool) {
        if piped {
            let first = self.tree.node(node).first;
            self.diag_token(Code::OPERATOR_NOT_FIRST, first, &[]);
        }
    }

    /// The expressions among a node's children, bound.
    pub(crate) fn items(&mut self, node: Id) -> Vec<Arg> {
        let t = self.tree;
        let mut out = Vec::new();
        for c in t.children(node) {
            if !matches!(t.kind(c), N::Param | N::By) {
                let info = self.expr(c);
                out.push(Arg { node: c, info });
            }
        }
        out
    }
    /// Stops at the first that fails, as the official binder does.
    pub(crate) fn all_scalar(&mut self, items: &[Arg]) -> bool {
        items.iter().all(|a| {
            let a = a.clone();
            self.check_scalar(&a.info, a.node)
        })
    }
    pub(crate) fn none_dynamic(&mut self, items: &[Arg]) -> bool {
        items.iter().all(|a| {
            let a = a.clone();
            self.check_not_dynamic(&a.info, a.node)
        })
    }
    pub(crate) fn item(&mut self, node: Option<Id>) -> Option<Arg> {
        let node = node?;
        let info = self.expr(node);
        Some(Arg { node, info })
    }

    /// Binds an operator; `piped` says that something flows into it.
    pub(crate) fn operator_node(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        self.scope_at(node);
        self.tabular = false;
        let kind = t.kind(node);
        self.params_of(node);
        let table = match kind {
            N::Where => {
                let e = t.children(node).find(|c| t.kind(*c) != N::Param);
                let a = self.item(e);
                self.not_first(node, piped);
                if let Some(a) = a {
                    self.check_bool(&a.info, a.node);
                }
                self.same_row()
            }
            N::Take | N::Sample => {
                let e = t.children(node).find(|c| t.kind(*c) != N::Param);
                let a = self.item(e);
                self.not_first(node, piped);
                if let Some(a) = a {
                    self.check_integer(&a.info, a.node);
                }
                self.same_row()
            }
            N::Extend => {
                let items = self.items(node);
                self.not_first(node, piped);
                self.all_scalar(&items);
                let row = self.row_or_empty();
                let mut b = self.builder(&row);
                self.project_all(&items, &mut b, Style::Extend, false);
                self.table(b.cols, row.open)
            }
            N::Project => {
                let items = self.items(node);
                self.not_first(node, piped);
                self.all_scalar(&items);
                let mut b = Builder::default();
                self.project_all(&items, &mut b, Style::Plain, false);
                self.like_row(b.cols)
            }
            N::ProjectRename => {
                let items = self.items(node);
                self.not_first(node, piped);
                let row = self.row_or_empty();
                let mut b = self.builder(&row);
                self.project_all(&items, &mut b, Style::Rename, false);
                self.table(b.cols, row.open)
            }
            N::ProjectAway | N::ProjectKeep => {
                let keep = kind == N::ProjectKeep;
                let items = self.column_items(node);
                self.not_first(node, piped);
                let mut named = super::project::NameSet::default();
                for a in &items {
                    match &a.info.sym {
                        Sym::Column(c) => {
                            named.insert(c.name);
                        }
                        Sym::Columns(l) => l.iter().for_each(|c| {
                            named.insert(c.name);
                        }),
                        _ => self.diag(Code::COLUMN_EXPECTED, a.node, &[]),
                    }
                }
                let row = self.row_or_empty();
                let cols = if keep {
                    self.all_columns(&row)
                } else {
                    row.cols.to_vec()
                };
                let cols = cols
                    .into_iter()
                    .filter(|c| named.contains(c.name) == keep)
                    .collect();
                self.table(cols, row.open)
            }
            N::ProjectReorder => {
                let items = self.column_items(node);
                self.not_first(node, piped);
                let mut b = Builder::default();
                self.project_all(&items, &mut b, Style::Reorder, true);
                let row = self.row_or_empty();
                for c in row.cols.iter() {
                    self.add(&mut b, *c, None, false, false);
                }
                self.table(b.cols, row.open)
            }
            N::Summarize => self.summarize(node, piped),
            N::Distinct => {
                let items = self.items(node);
                self.not_first(node, piped);
                let mut b = Builder::default();
                self.project_all(&items, &mut b, Style::Plain, false);
                let values: Vec<Arg> = items
                    .iter()
                    .filter(|a| t.kind(a.node) != N::Star)
                    .cloned()
                    .collect();
                if self.all_scalar(&values)
                    && self.none_dynamic(&values)
                    && let Some(star) = items.iter().find(|a| t.kind(a.node) == N::Star)
                {
                    let node = star.node;
                    if let Some(c) = b.cols.iter().find(|c| c.ty.is_dynamic()) {
                        let name = c.ty.name();
                        self.diag(Code::TYPE_NOT_ALLOWED, node, &[name]);
                    }
                }
                self.like_row(b.cols)
            }
            N::Sort => {
                let items = self.items(node);
                self.not_first(node, piped);
                let _ = self.all_scalar(&items) && self.none_dynamic(&items);
                self.same_row()
            }
            N::Top => {
                let items = self.items(node);
                self.not_first(node, piped);
                if let [count, by] = &items[..] {
                    self.check_integer(&count.info, count.node);
                    self.check_scalar(&by.info, by.node);
                }
                self.same_row()
            }
            N::Count => {
                self.not_first(node, piped);
                let name = t
                    .child(node, 0)
                    .and_then(|c| t.child(c, 0))
                    .map_or("Count".into(), |n| super::env::name_text(t, n).into_owned());
                let c = self.named_column(&name, Ty::LONG);
                self.table(vec![c], false)
            }
            N::Print => {
                let items = self.items(node);
                self.must_be_first(node, piped);
                let mut b = Builder::default();
                for (i, a) in items.iter().enumerate() {
                    self.check_scalar(&a.info, a.node);
                    self.project_one(
                        a,
                        &mut b,
                        Style::Print,
                        false,
                        None,
                        Some(&format!("print_{i}")),
                    );
                }
                self.table(b.cols, false)
            }
            N::Serialize => {
                let items = self.items(node);
                self.not_first(node, piped);
                self.all_scalar(&items);
                let row = self.row_or_empty();
                let mut b = self.builder(&row);
                self.project_all(&items, &mut b, Style::Plain, false);
                self.table(b.cols, row.open)
            }
            N::Join => return self.join(node, piped),
            N::Lookup => return self.lookup(node, piped),
            N::Union => return self.union(node),
            N::Find | N::Search => return self.find_or_search(node, kind, piped),
            _ => return self.shape(node, kind, piped),
        };
        Info::table(table)
    }

    fn summarize(&mut self, node: Id, piped: bool) -> super::TableRef {
        let t = self.tree;
        let by_node = t.child_of(node, N::By);
        let by = by_node.map(|b| self.by_items(b)).unwrap_or_default();
        let old_by = std::mem::replace(
            &mut self.by_columns,
            by.iter().filter_map(|a| a.info.col).collect(),
        );
        let items = self.with_kind(super::ScopeKind::Aggregate, |b| b.items(node));
        self.by_columns = old_by;
        self.not_first(node, piped);
        self.all_scalar(&items);
        let mut b = Builder::default();
        if by_node.is_some() {
            let _ = self.all_scalar(&by) && self.none_dynamic(&by);
            self.project_all(&by, &mut b, Style::Plain, false);
            for c in b.cols.clone() {
                b.do_not_add(c);
            }
        }
        self.project_all(&items, &mut b, Style::Summarize, false);
        self.like_row(b.cols)
    }
    /// The expressions of a `by` clause; the old `bin = …` is bound and left out.
    pub(crate) fn by_items(&mut self, by: Id) -> Vec<Arg> {
        let t = self.tree;
        let mut out = Vec::new();
        for c in t.children(by) {
            if t.kind(c) == N::ByBin {
                if let Some(e) = t.child(c, 0) {
                    self.expr(e);
                }
                continue;
            }
            let info = self.expr(c);
            out.push(Arg { node: c, info });
        }
        out
    }

    /// Columns by name, where `*` stands for any part of one.
    fn column_items(&mut self, node: Id) -> Vec<Arg> {
        let t = self.tree;
        let mut out = Vec::new();
        for c in t.children(node) {
            let inner = if t.kind(c) == N::Ordered {
                t.child(c, 0).unwrap_or(c)
            } else {
                c
            };
            let info = if t.kind(inner) == N::WildName {
                self.wild_columns(inner)
            } else {
                self.expr(inner)
            };
            out.push(Arg { node: c, info });
        }
        out
    }
    fn wild_columns(&mut self, node: Id) -> Info {
        let pattern = self.tree.text_of(node);
        let row = self.row_or_empty();
        let cols: Vec<_> = row
            .cols
            .iter()
            .copied()
            .filter(|c| wild_match(pattern.as_bytes(), self.text(c.name).as_bytes()))
            .collect();
        match cols.len() {
            0 if !row.open => {
                self.diag(Code::UNKNOWN_NAME, node, &[pattern, "column"]);
                Info::error()
            }
            1 => {
                self.mark(node, super::Mark::Column, Some(cols[0].ty));
                Info::column(cols[0])
            }
            _ => Info {
                r: R::Other,
                sym: Sym::Columns(cols.into()),
                constant: false,
                col: None,
            },
        }
    }

    /// Operators that only some places allow.
    pub(crate) fn check_fork_operators(&mut self, node: Id) {
        let t = self.tree;
        let ops: Vec<Id> = if t.kind(node) == N::Pipe {
            t.children(node).collect()
        } else {
            vec![node]
        };
        for (i, o) in ops.iter().enumerate() {
            let k = t.kind(*o);
            if ALLOWED_IN_FORK.contains(&k) || k == N::BadOp {
                continue;
            }
            let first = t.node(*o).first;
            if is_operator(k) {
                let text = t.token_text(t.token(first)).to_owned();
                self.diag_token(Code::OPERATOR_NOT_HERE, first, &[&text]);
            } else if i == 0 {
                self.diag(Code::OPERATOR_EXPECTED, *o, &[]);
            }
        }
    }

    /// Binds the values of `name = value` parameters and looks for names given twice.
    fn params_of(&mut self, node: Id) {
        let t = self.tree;
        let mut seen: Vec<&str> = Vec::new();
        for p in t.children(node) {
            let inner = match t.kind(p) {
                N::Param => vec![p],
                N::With => t.children(p).filter(|q| t.kind(*q) == N::Param).collect(),
                _ => continue,
            };
            for q in inner {
                self.param(q);
                let Some(n) = t.child(q, 0) else { continue };
                let name = t.text_of(n);
                if seen.contains(&name) && !matches!(name, "hint.shufflekey" | "quote" | "escape") {
                    self.diag(Code::PARAMETER_TWICE, n, &[name]);
                }
                seen.push(name);
            }
        }
    }
    fn param(&mut self, p: Id) {
        let t = self.tree;
        let (Some(name), Some(value)) = (t.child(p, 0), t.child(p, 1)) else {
            return;
        };
        match t.kind(value) {
            N::NameRef => {
                let i = self.expr(value);
                if matches!(
                    t.text_of(name),
                    "hint.shufflekey" | "xcolumn" | "hint.pass_filters_column"
                ) {
                    self.check_column(&i, value);
                }
            }
            N::TokenLit => {
                if matches!(t.text_of(name), "hint.shufflekey" | "xcolumn") {
                    // a column whose name is a plain word
                    let i = self.bind_name(value);
                    self.check_column(&i, value);
                } else {
                    self.word_value(p, name, value);
                }
            }
            N::NameList => {
                for c in t.children(value) {
                    let i = self.expr(c);
                    self.check_column(&i, c);
                }
            }
            N::NameDecl | N::Missing => {}
            _ => {
                let i = self.expr(value);
                match t.text_of(name) {
                    "title" | "xtitle" | "ytitle" => {
                        self.check_text(&i, value);
                    }
                    "isfuzzy" | "accumulate" | "hint.materialized" | "decodeblocks" => {
                        if i.r.ty() != Ty::BOOL && !i.r.is_unknown_or_error() {
                            self.diag(Code::BOOL_LITERAL, value, &[]);
                        }
                    }
                    "hint.num_partitions" => {
                        if !i.r.ty().is_integer() && !i.r.is_unknown_or_error() {
                            self.diag(Code::INTEGER_LITERAL, value, &[]);
                        }
                    }
                    "kind" | "hint.strategy" | "hint.remote" => {
                        self.diag(Code::EXPECTED, value, &["a word"]);
                    }
                    _ => {}
                }
            }
        }
    }
    /// Checks a word against the words its parameter takes.
    fn word_value(&mut self, p: Id, name: Id, value: Id) {
        let t = self.tree;
        let op = t
            .path_to_token(t.node(p).first)
            .into_iter()
            .rev()
            .find(|n| is_operator(t.kind(*n)));
        let words = op.and_then(|o| crate::syntax::param_words(t.kind(o), t.text_of(name)));
        if let Some(words) = words
            && !words.is_empty()
            && !words.iter().any(|w| *w == t.text_of(value))
        {
            self.diag(Code::EXPECTED, value, &[&words.join(", ")]);
        }
    }
}

/// Whether the node is a tabular operator.
pub(crate) fn is_operator(k: N) -> bool {
    (N::BadOp as u8..=N::GraphWhereEdges as u8).contains(&(k as u8))
}

/// Whether a pattern with `*` fits the text.
pub(crate) fn wild_match(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p) == Some(&text[t]) {
            p += 1;
            t += 1;
        } else if let Some((sp, st)) = star {
            p = sp + 1;
            t = st + 1;
            star = Some((sp, st + 1));
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}
