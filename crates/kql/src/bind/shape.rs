//! Operators that give the table another shape: expanding, parsing, series, samples.

use super::Binder;
use super::env::{Arg, Column, FnRef, Info, R, Sym, TableRef};
use super::project::{Builder, NameSet, Style};
use crate::syntax::{Code, Id, N};
use crate::types::{Conversion, Ty};

impl Binder<'_> {
    pub(crate) fn shape(&mut self, node: Id, kind: N, piped: bool) -> Info {
        let t = self.tree;
        let table = match kind {
            N::MvExpand => {
                let items = self.expand_items(node, piped);
                let b = self.expanded(node, &items);
                let row = self.row_or_empty();
                self.table(b.cols, row.open)
            }
            N::MvApply => return self.mv_apply(node, piped),
            N::Parse | N::ParseWhere => self.parse_op(node, piped),
            N::ParseKv => {
                let e = self.item(t.child(node, 0));
                self.not_first(node, piped);
                if let Some(a) = e {
                    self.check_scalar(&a.info, a.node);
                }
                let row = self.row_or_empty();
                let mut cols = self.all_columns(&row);
                if let Some(s) = t.child_of(node, N::RowSchema) {
                    cols.extend(self.row_schema(s));
                }
                self.table(cols, row.open)
            }
            N::MakeSeries => self.make_series(node, piped),
            N::Evaluate => return self.evaluate(node),
            N::Invoke => {
                let Some(c) = t.child(node, 0) else {
                    return Info::error();
                };
                let flow = self.row_or_empty();
                let info = if self.is_service_call(c) {
                    self.invoke_calls(c, flow)
                } else {
                    self.with_row(None, |b| b.invoke_calls(c, flow))
                };
                self.not_first(node, piped);
                return Info::of(info.r);
            }
            N::Render => {
                self.not_first(node, piped);
                self.same_row()
            }
            N::As => {
                self.not_first(node, piped);
                let row = self.row_or_empty();
                if let Some(n) = t.children(node).find(|c| t.kind(*c) == N::NameDecl)
                    && self.row.is_some()
                {
                    let name = self.name(n);
                    self.declare(super::Local {
                        name,
                        kind: super::env::LocalKind::Variable,
                        r: R::Table(row.clone()),
                        constant: false,
                        decl: n,
                    });
                    self.mark(n, super::Mark::Variable, None);
                    self.declared(n, &R::Table(row.clone()), None);
                }
                row
            }
            N::GetSchema => {
                self.not_first(node, piped);
                if t.child_of(node, N::Param).is_some() {
                    let c = self.named_column("Schema", Ty::STRING);
                    self.table(vec![c], false)
                } else {
                    let parts = [
                        ("ColumnName", Ty::STRING),
                        ("ColumnOrdinal", Ty::LONG),
                        ("DataType", Ty::STRING),
                        ("ColumnType", Ty::STRING),
                    ];
                    let cols = parts
                        .iter()
                        .map(|(n, ty)| self.named_column(n, *ty))
                        .collect();
                    self.table(cols, false)
                }
            }
            N::Range => return self.range(node, piped),
            N::SampleDistinct => {
                let items = self.items(node);
                self.not_first(node, piped);
                let Some([count, of]) = items.get(..2) else {
                    return Info::error();
                };
                self.check_integer(&count.info, count.node);
                let _ = self.check_column(&of.info, of.node)
                    && self.check_not_dynamic(&of.info, of.node);
                let c = self.column_for(of, None, None);
                self.like_row(vec![c])
            }
            N::TopHitters => {
                let items = self.items(node);
                let by = t
                    .child_of(node, N::By)
                    .map(|b| self.by_items(b))
                    .unwrap_or_default();
                self.not_first(node, piped);
                let Some([count, of]) = items.get(..2) else {
                    return Info::error();
                };
                self.check_integer(&count.info, count.node);
                self.check_column(&of.info, of.node);
                let mut b = Builder::default();
                self.project_one(of, &mut b, Style::Plain, false, None, None);
                let c = match by.first() {
                    Some(by) => {
                        self.check_number(&by.info, by.node);
                        let n = self.result_name(by.node, &by.info).unwrap_or_default();
                        self.column_for(by, Some(format!("approximate_sum_{n}")), None)
                    }
                    None => {
                        let n = self.result_name(of.node, &of.info).unwrap_or_default();
                        self.column_for(of, Some(format!("approximate_count_{n}")), Some(Ty::LONG))
                    }
                };
                self.add(&mut b, c, None, false, false);
                self.like_row(b.cols)
            }
            N::Reduce => {
                let e = t
                    .children(node)
                    .find(|c| !matches!(t.kind(*c), N::Param | N::With));
                let a = self.item(e);
                self.not_first(node, piped);
                if let Some(a) = a {
                    self.check_type(&a.info, a.node, Ty::STRING, Conversion::None);
                }
                let mut cols = Vec::new();
                if self.word_param(node, "kind") == Some("source") {
                    let row = self.row_or_empty();
                    cols = self.all_columns(&row);
                }
                for (n, ty) in [
                    ("Pattern", Ty::STRING),
                    ("Count", Ty::LONG),
                    ("Representative", Ty::STRING),
                ] {
                    cols.push(self.named_column(n, ty));
                }
                self.table(cols, false)
            }
            N::ProjectByNames => {
                let items = self.items(node);
                self.not_first(node, piped);
                let row = self.row_or_empty();
                let mut b = Builder::default();
                for a in &items {
                    if let Some(p) = self.const_string(a.node) {
                        let found: Vec<Column> = row
                            .cols
                            .iter()
                            .copied()
                            .filter(|c| {
                                super::pipe::wild_match(p.as_bytes(), self.text(c.name).as_bytes())
                            })
                            .collect();
                        for c in found {
                            self.add(&mut b, c, None, false, true);
                        }
                    }
                }
                self.table(b.cols, row.open)
            }
            N::Consume => {
                self.not_first(node, piped);
                return Info::of(R::Other);
            }
            N::ExecuteAndCache | N::AssertSchema => {
                if kind == N::ExecuteAndCache {
                    self.not_first(node, piped);
                }
                self.same_row()
            }
            _ => return self.rare(node, kind, piped),
        };
        Info::table(table)
    }

    /// The column an expression amounts to, under this name and type.
    pub(crate) fn column_for(&mut self, a: &Arg, name: Option<String>, ty: Option<Ty>) -> Column {
        let name = name.unwrap_or_else(|| {
            self.result_name(a.node, &a.info)
                .unwrap_or_else(|| "Column1".into())
        });
        match a.info.col {
            Some(c) if self.text(c.name) == name && ty.is_none() => c,
            _ => {
                let ty = ty.unwrap_or_else(|| super::project::value_type(&a.info.r));
                self.named_column(&name, ty)
            }
        }
    }

    // ---- mv-expand and mv-apply
    pub(crate) fn expand_items(&mut self, node: Id, piped: bool) -> Vec<(Arg, Option<Ty>)> {
        let t = self.tree;
        let mut out = Vec::new();
        let mut limit = None;
        let kids: Vec<Id> = t.children(node).collect();
        for c in kids {
            match t.kind(c) {
                N::ExpandItem => {
                    let e = t.children(c).find(|x| t.kind(*x) != N::ToType);
                    let a = self.item(e);
                    let to = t
                        .child_of(c, N::ToType)
                        .and_then(|x| t.child(x, 0))
                        .and_then(|x| match self.expr(x).sym {
                            Sym::Type(ty) => Some(ty),
                            _ => None,
                        });
                    if let Some(a) = a {
                        out.push((a, to));
                    }
                }
                N::RowLimit => limit = self.item(t.child(c, 0)),
                N::Id => {
                    self.item(t.child(c, 0));
                }
                _ => {}
            }
        }
        self.not_first(node, piped);
        for (a, _) in &out {
            let inner = if t.kind(a.node) == N::Named {
                t.child(a.node, 1).unwrap_or(a.node)
            } else {
                a.node
            };
            let node = if t.kind(a.node) == N::Named {
                a.node
            } else {
                inner
            };
            self.check_dynamic(&a.info, node);
        }
        if let Some(l) = limit {
            self.check_integer(&l.info, l.node);
        }
        out
    }

    pub(crate) fn expanded(&mut self, node: Id, items: &[(Arg, Option<Ty>)]) -> Builder {
        let row = self.row_or_empty();
        let mut b = self.builder(&row);
        let bag = self
            .word_param(node, "bagexpansion")
            .or_else(|| self.word_param(node, "kind"))
            .map(str::to_owned);
        for (a, to) in items {
            let t = a.info.r.ty();
            let ty = to.unwrap_or_else(|| {
                if let Some(e) = self.types.element(t) {
                    e.wrapped()
                } else if self.types.is_bag(t) {
                    if bag.as_deref() == Some("array") {
                        Ty::ARRAY
                    } else {
                        Ty::BAG
                    }
                } else if t.is_dynamic() {
                    Ty::DYNAMIC
                } else {
                    t
                }
            });
            self.project_one(a, &mut b, Style::Replace, false, Some(ty), None);
        }
        if let Some(n) = self.word_param(node, "with_itemindex").map(str::to_owned) {
            let c = self.named_column(&n, Ty::LONG);
            self.add(&mut b, c, None, false, false);
        }
        b
    }

    fn mv_apply(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        let items = self.expand_items(node, piped);
        let row = self.row_or_empty();
        let b = self.expanded(node, &items);
        let inner = self.table(b.cols, row.open);
        let Some(sub) = t.child_of(node, N::Subquery).and_then(|s| t.child(s, 0)) else {
            return Info::error();
        };
        let had_row = self.row.is_some();
        let result = self.with_row(Some(inner), |b| {
            b.sub_pipe = true;
            let i = b.expr(sub);
            b.sub_pipe = false;
            i
        });
        let mut b = Builder::default();
        if had_row {
            let applied: Vec<u32> = items
                .iter()
                .filter(|(a, _)| matches!(a.info.sym, Sym::Column(_)))
                .filter_map(|(a, _)| a.info.col)
                .map(|c| c.id)
                .collect();
            for c in self.all_columns(&row) {
                if !applied.contains(&c.id) {
                    self.add(&mut b, c, None, false, true);
                }
            }
        }
        if let R::Table(s) = &result.r {
            for c in self.all_columns(s) {
                self.add(&mut b, c, None, true, false);
            }
        }
        Info::table(self.table(b.cols, row.open))
    }

    // ---- parse
    fn parse_op(&mut self, node: Id, piped: bool) -> TableRef {
        let t = self.tree;
        let e = t
            .children(node)
            .find(|c| !matches!(t.kind(*c), N::Param | N::ParsePattern));
        let a = self.item(e);
        self.not_first(node, piped);
        let row = self.row_or_empty();
        let mut cols = self.all_columns(&row);
        if let Some(a) = a {
            self.check_scalar(&a.info, a.node);
        }
        let parts: Vec<Id> = t
            .child_of(node, N::ParsePattern)
            .map(|p| t.children(p).collect())
            .unwrap_or_default();
        let is_text = |n: Id| matches!(t.kind(n), N::Lit | N::CompoundStr);
        let mut names = NameSet::default();
        for (i, p) in parts.iter().enumerate() {
            let before = i.checked_sub(1).map(|j| parts[j]);
            match t.kind(*p) {
                N::Star => {
                    if let Some(next) = parts.get(i + 1)
                        && !is_text(*next)
                    {
                        self.diag(Code::PATTERN_STAR, *p, &[]);
                    }
                    if let Some(b) = before
                        && (t.kind(b) == N::NameDecl
                            || (t.kind(b) == N::Column
                                && t.child(b, 1).is_some_and(|ty| t.text_of(ty) == "string")))
                    {
                        self.diag(Code::PATTERN_AMBIGUOUS, *p, &[]);
                    }
                }
                N::NameDecl | N::Column => {
                    if let Some(b) = before
                        && !is_text(b)
                    {
                        self.diag(Code::PATTERN_NAME, *p, &[]);
                    }
                    let (name_node, ty) = if t.kind(*p) == N::NameDecl {
                        (Some(*p), Ty::STRING)
                    } else {
                        let ty = t.child(*p, 1).map_or(Ty::ERROR, |x| self.type_node(x));
                        (t.child(*p, 0), ty)
                    };
                    let Some(n) = name_node else { continue };
                    let name = self.name(n);
                    if self.text(name).is_empty() {
                        continue;
                    }
                    if names.insert(name) {
                        let c = self.column(name, ty);
                        cols.push(c);
                        self.mark(n, super::Mark::Column, Some(ty));
                    } else {
                        let text = self.text(name).to_owned();
                        self.diag(Code::DUPLICATE_COLUMN, n, &[&text]);
                    }
                }
                _ => {}
            }
        }
        self.table(cols, row.open)
    }

    // ---- series and ranges
    fn make_series(&mut self, node: Id, piped: bool) -> TableRef {
        let t = self.tree;
        let mut aggs = Vec::new();
        let (mut on, mut range, mut by) = (None, None, Vec::new());
        let kids: Vec<Id> = t.children(node).collect();
        for c in kids {
            match t.kind(c) {
                N::MakeSeriesItem => {
                    let (a, d) = self.with_kind(super::ScopeKind::Aggregate, |b| {
                        let a = b.item(t.child(c, 0));
                        let d = t
                            .child_of(c, N::Default)
                            .and_then(|d| b.item(t.child(d, 0)));
                        (a, d)
                    });
                    if let Some(a) = a {
                        aggs.push((a, d));
                    }
                }
                N::MakeSeriesOn => on = self.item(t.child(c, 0)),
                N::FromToStep | N::InRange => {
                    let mut parts = Vec::new();
                    let steps: Vec<Id> = t.children(c).collect();
                    for p in steps {
                        let e = if matches!(t.kind(p), N::From | N::To | N::Step) {
                            t.child(p, 0)
                        } else {
                            Some(p)
                        };
                        let is_step =
                            t.kind(p) == N::Step || (t.kind(c) == N::InRange && parts.len() == 2);
                        if let Some(a) = self.item(e) {
                            parts.push((a, is_step));
                        }
                    }
                    range = Some((c, parts));
                }
                N::By => by = self.by_items(c),
                _ => {}
            }
        }
        self.not_first(node, piped);
        let mut b = Builder::default();
        for a in &by {
            self.check_scalar(&a.info, a.node);
            self.project_one(a, &mut b, Style::Plain, false, None, None);
        }
        for (a, d) in &aggs {
            self.check_scalar(&a.info, a.node);
            if let Some(d) = d {
                self.check_literal(&d.info, d.node);
                self.check_type(&d.info, d.node, a.info.r.ty(), Conversion::Promotable);
            }
            self.project_one(a, &mut b, Style::Summarize, false, Some(Ty::DYNAMIC), None);
        }
        if let Some(on) = &on {
            self.check_scalar(&on.info, on.node);
            self.project_one(on, &mut b, Style::Plain, false, Some(Ty::DYNAMIC), None);
            let axis = on.info.r.ty();
            if let Some((_, parts)) = &range {
                for (a, step) in parts {
                    if *step {
                        self.check_step(a, axis);
                    } else {
                        self.check_type(&a.info, a.node, axis, Conversion::Promotable);
                    }
                }
            }
        }
        self.like_row(b.cols)
    }

    fn check_step(&mut self, a: &Arg, axis: Ty) {
        let t = a.info.r.ty();
        let fits = match axis {
            Ty::DATETIME | Ty::TIMESPAN => t == Ty::TIMESPAN || t.is_dynamic(),
            x if x.is_numeric() => t.is_numeric() || t.is_dynamic(),
            _ => t.is_unknown_or_error(),
        };
        if !fits && !t.is_unknown_or_error() && !axis.is_unknown_or_error() {
            self.diag(Code::INTERVAL_TYPE, a.node, &[t.name(), axis.name()]);
        }
    }

    fn range(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        let mut parts = Vec::new();
        let kids: Vec<Id> = t
            .children(node)
            .filter(|c| matches!(t.kind(*c), N::From | N::To | N::Step))
            .collect();
        for c in kids {
            let e = t.child(c, 0);
            if let Some(a) = self.item(e) {
                parts.push(a);
            }
        }
        self.must_be_first(node, piped);
        for a in &parts {
            self.check_summable(&a.info, a.node);
        }
        let [from, to, step] = &parts[..] else {
            return Info::error();
        };
        let common = self
            .types
            .common_of([from.info.r.ty(), to.info.r.ty()], Conversion::Promotable)
            .unwrap_or(Ty::UNKNOWN);
        let st = step.info.r.ty();
        let ty = match (common, st) {
            (Ty::INT, Ty::INT) => Ty::INT,
            (a, b) if a.is_numeric() && b.is_numeric() => {
                if b.is_wider_than(a) {
                    b.promoted()
                } else {
                    a.promoted()
                }
            }
            (Ty::DATETIME, Ty::TIMESPAN) => Ty::DATETIME,
            (Ty::TIMESPAN, Ty::TIMESPAN) => Ty::TIMESPAN,
            _ => {
                if !common.is_unknown_or_error() && !st.is_unknown_or_error() {
                    self.diag(
                        Code::OPERATOR_TYPES,
                        step.node,
                        &["+", &format!("{} and {}", common.name(), st.name())],
                    );
                }
                Ty::UNKNOWN
            }
        };
        let name = t
            .child(node, 0)
            .map_or_else(Default::default, |n| self.name(n));
        let c = self.column(name, ty);
        if let Some(n) = t.child(node, 0) {
            self.mark(n, super::Mark::None, Some(ty));
        }
        Info::table(self.table(vec![c], false))
    }

    fn evaluate(&mut self, node: Id) -> Info {
        let t = self.tree;
        let Some(call) = t.child_of(node, N::Call) else {
            return Info::error();
        };
        let info = self.with_kind(super::ScopeKind::Plugin, |b| b.expr(call));
        if let Some(schema) = t
            .child_of(node, N::EvaluateSchema)
            .and_then(|s| t.child(s, 0))
        {
            let declared = if t.kind(schema) == N::RowSchema {
                self.row_schema(schema)
            } else {
                Vec::new()
            };
            let mut cols = Vec::new();
            if t.child(schema, 0).is_some_and(|c| t.kind(c) == N::Star)
                && let R::Table(p) = &info.r
            {
                cols = p
                    .cols
                    .iter()
                    .copied()
                    .filter(|c| declared.iter().all(|d| d.name != c.name))
                    .collect();
            }
            cols.extend(declared);
            return Info::table(self.table(cols, false));
        }
        let _ = matches!(info.sym, Sym::Function(FnRef::Builtin(_)));
        Info::of(info.r)
    }
}

impl Ty {
    fn is_unknown_or_error(self) -> bool {
        matches!(self, Ty::UNKNOWN | Ty::ERROR)
    }
}
