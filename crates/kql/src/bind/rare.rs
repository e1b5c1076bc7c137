//! Operators with inner pipelines, steps and graphs.

use super::Binder;
use super::env::{Arg, Column, Info, Local, LocalKind, R, Sym, TableRef};
use super::project::{Builder, Style};
use crate::syntax::{Code, Id, N, T};
use crate::types::Ty;
use std::sync::Arc;

/// Operators that may stand inside `fork` and `facet`.
pub(crate) const ALLOWED_IN_FORK: &[N] = &[
    N::As,
    N::Count,
    N::Distinct,
    N::ExecuteAndCache,
    N::Extend,
    N::Where,
    N::Invoke,
    N::MvExpand,
    N::Parse,
    N::ParseWhere,
    N::ParseKv,
    N::Project,
    N::ProjectAway,
    N::ProjectByNames,
    N::ProjectKeep,
    N::ProjectRename,
    N::ProjectReorder,
    N::Reduce,
    N::SampleDistinct,
    N::Sample,
    N::Sort,
    N::Summarize,
    N::Take,
    N::TopHitters,
    N::TopNested,
    N::Top,
];

impl Binder<'_> {
    /// A pipeline that the operator around it feeds.
    fn inner(&mut self, node: Id) -> Info {
        self.sub_pipe = true;
        let i = self.expr(node);
        self.sub_pipe = false;
        i
    }

    pub(crate) fn rare(&mut self, node: Id, kind: N, piped: bool) -> Info {
        let t = self.tree;
        match kind {
            N::Fork => {
                let mut tables = Vec::new();
                let row = self.row.clone();
                let kids: Vec<Id> = t
                    .children(node)
                    .filter(|c| t.kind(*c) == N::ForkItem)
                    .collect();
                let mut parts = Vec::new();
                for item in kids {
                    self.row = row.clone();
                    let Some(e) = t.children(item).find(|c| t.kind(*c) != N::NameDecl) else {
                        continue;
                    };
                    let i = self.inner(e);
                    parts.push((e, i));
                }
                self.row = row;
                self.not_first(node, piped);
                for (e, i) in parts {
                    self.check_tabular(&i, e);
                    self.check_fork_operators(e);
                    if let R::Table(t) = i.r {
                        tables.push(t);
                    }
                }
                Info::of(R::Group(tables.into()))
            }
            N::Facet => {
                let kids: Vec<Id> = t.children(node).collect();
                let mut tables = Vec::new();
                let mut cols = Vec::new();
                let mut with = None;
                for c in kids {
                    if t.kind(c) == N::FacetWith {
                        if let Some(e) = t.child(c, 0) {
                            with = Some((e, self.inner(e)));
                        }
                    } else if let Some(a) = self.item(Some(c)) {
                        cols.push(a);
                    }
                }
                self.not_first(node, piped);
                if let Some((e, i)) = with {
                    self.check_tabular(&i, e);
                    self.check_fork_operators(e);
                    if let R::Table(t) = i.r {
                        tables.push(t);
                    }
                }
                for a in &cols {
                    let _ = self.check_column(&a.info, a.node)
                        && self.check_not_dynamic(&a.info, a.node);
                    let n = self.result_name(a.node, &a.info).unwrap_or_default();
                    let c = self.column_for(a, Some(n.clone()), None);
                    let count = self.column_for(a, Some(format!("count_{n}")), Some(Ty::LONG));
                    tables.push(self.table(vec![c, count], false));
                }
                Info::of(R::Group(tables.into()))
            }
            N::Partition => self.partition(node, piped),
            N::PartitionBy => {
                let by = self.item(
                    t.children(node)
                        .find(|c| !matches!(t.kind(*c), N::Param | N::Id | N::Subquery)),
                );
                let sub = t.child_of(node, N::Subquery).and_then(|s| t.child(s, 0));
                let i = sub.map_or_else(Info::error, |s| self.inner(s));
                self.not_first(node, piped);
                if let Some(a) = by {
                    self.check_column(&a.info, a.node);
                }
                Info::of(i.r)
            }
            N::Scan => self.scan(node, piped),
            N::TopNested => self.top_nested(node, piped),
            N::MacroExpand => {
                let mut last = Info::error();
                self.in_block(|b| {
                    let kids: Vec<Id> = t.children(node).collect();
                    for c in kids {
                        match t.kind(c) {
                            N::ExprStmt => {
                                if let Some(e) = t.child(c, 0) {
                                    last = b.quietly(|b| b.expr(e));
                                }
                            }
                            N::Let => b.quietly(|b| b.statement(c)),
                            _ => {}
                        }
                    }
                });
                match last.r {
                    R::Table(_) => last,
                    _ => Info::table(self.open_table()),
                }
            }
            N::MakeGraph => self.make_graph(node, piped),
            N::GraphMatch | N::GraphShortestPaths => self.graph_match(node, piped),
            N::GraphToTable => {
                self.not_first(node, piped);
                let left = self.left.r.clone();
                let R::Graph(g) = left else {
                    let first = t.node(node).first;
                    self.diag_token(Code(219), first, &[]);
                    return Info::of(R::None);
                };
                let kids: Vec<Id> = t.children(node).collect();
                let mut tables = Vec::new();
                for c in kids {
                    let nodes = t.head(c) == T::Nodes;
                    let base = if nodes {
                        g.1.clone().unwrap_or_else(|| self.empty.clone())
                    } else {
                        g.0.clone()
                    };
                    let mut cols = self.all_columns(&base);
                    for p in ["with_node_id", "with_source_id", "with_target_id"] {
                        if let Some(n) = self.word_param(c, p).map(str::to_owned) {
                            let c = self.named_column(&n, Ty::LONG);
                            cols.push(c);
                        }
                    }
                    let table = self.table(cols, base.open);
                    if let Some(n) = t.child_of(c, N::AsClause).and_then(|a| t.child(a, 0)) {
                        let name = self.name(n);
                        let r = R::Table(table.clone());
                        self.declare(Local {
                            name,
                            kind: LocalKind::Variable,
                            r,
                            constant: false,
                            decl: n,
                        });
                    }
                    tables.push(table);
                }
                match tables.len() {
                    1 => Info::table(tables.remove(0)),
                    _ => Info::of(R::Group(tables.into())),
                }
            }
            N::GraphMarkComponents => {
                let left = self.left.r.clone();
                self.not_first(node, piped);
                let R::Graph(g) = &left else {
                    return Info::of(left);
                };
                let name = self
                    .word_param(node, "with_component_id")
                    .unwrap_or("ComponentId")
                    .to_owned();
                let mut cols = match &g.1 {
                    Some(nodes) => self.all_columns(nodes),
                    None => Vec::new(),
                };
                cols.push(self.named_column(&name, Ty::LONG));
                let nodes = self.table(cols, false);
                Info::of(R::Graph(Arc::new((g.0.clone(), Some(nodes)))))
            }
            N::GraphWhereNodes | N::GraphWhereEdges => {
                let left = self.left.r.clone();
                if let Some(c) = t.children(node).find(|c| t.kind(*c) != N::Param)
                    && let R::Graph(g) = &left
                {
                    let row = if kind == N::GraphWhereEdges {
                        Some(g.0.clone())
                    } else {
                        g.1.clone()
                    };
                    let i = self.with_row(row.or_else(|| Some(g.0.clone())), |b| {
                        b.quietly(|b| b.expr(c))
                    });
                    self.check_bool(&i, c);
                }
                self.not_first(node, piped);
                Info::of(left)
            }
            N::BadOp => Info::error(),
            _ => Info::error(),
        }
    }

    fn partition(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        let by = self.item(
            t.children(node)
                .find(|c| !matches!(t.kind(*c), N::Param | N::PartitionScope | N::Subquery)),
        );
        let sub_node = t.child_of(node, N::Subquery);
        let sub = sub_node.and_then(|s| t.child(s, 0));
        let query = sub_node.is_some_and(|s| t.head(s) == T::OpenBrace);
        let i = self.in_block(|b| {
            if let Some(Sym::Column(c)) = by.as_ref().map(|a| a.info.sym.clone()) {
                b.declare(Local {
                    name: c.name,
                    kind: LocalKind::Column(c),
                    r: R::Ty(c.ty),
                    constant: false,
                    decl: node,
                });
            }
            match sub {
                Some(s) if query => b.with_row(None, |b| b.expr(s)),
                Some(s) => b.inner(s),
                None => Info::error(),
            }
        });
        self.not_first(node, piped);
        if let Some(a) = by {
            let _ = self.check_column(&a.info, a.node) && self.check_not_dynamic(&a.info, a.node);
        }
        if let Some(s) = sub_node {
            self.check_tabular(&i, s);
        }
        match i.r {
            R::Table(t) => {
                let cols = self.all_columns(&t);
                Info::table(self.like_row(cols))
            }
            _ => Info::table(self.row_or_empty()),
        }
    }

    fn scan(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        let kids: Vec<Id> = t.children(node).collect();
        for c in &kids {
            if matches!(t.kind(*c), N::ScanOrder | N::ScanPartition) {
                let items: Vec<Id> = t.children(*c).collect();
                for i in items {
                    self.expr(i);
                }
            }
        }
        let row = self.row_or_empty();
        let mut declared: Vec<Column> = Vec::new();
        self.in_block(|b| {
            if let Some(d) = t.child_of(node, N::ScanDeclare) {
                let params: Vec<Id> = t.children(d).collect();
                for p in params {
                    if let Some(col) = t.child(p, 0)
                        && let Some((name, ty)) = b.column_decl(col)
                    {
                        let c = b.column(name, ty);
                        declared.push(c);
                        b.declare(Local {
                            name,
                            kind: LocalKind::Column(c),
                            r: R::Ty(ty),
                            constant: false,
                            decl: col,
                        });
                    }
                    if let Some(v) = t.child_of(p, N::DefaultValue).and_then(|v| t.child(v, 0)) {
                        b.expr(v);
                    }
                }
            }
            let mut cols = b.all_columns(&row);
            cols.extend(&declared);
            let shape: Arc<[Column]> = cols.into();
            let steps: Vec<Id> = kids
                .iter()
                .copied()
                .filter(|c| t.kind(*c) == N::ScanStep)
                .collect();
            for s in &steps {
                if let Some(n) = t.child(*s, 0) {
                    let name = b.name(n);
                    let r = R::Tuple(shape.clone(), Some(row.clone()));
                    b.declare(Local {
                        name,
                        kind: LocalKind::Variable,
                        r,
                        constant: false,
                        decl: n,
                    });
                    b.mark(n, super::Mark::Variable, None);
                }
            }
            for s in steps {
                let parts: Vec<Id> = t.children(s).skip(1).collect();
                for p in parts {
                    match t.kind(p) {
                        N::ScanOutput => {}
                        N::ScanCompute => {
                            let assigns: Vec<Id> = t.children(p).collect();
                            for a in assigns {
                                if let (Some(n), Some(v)) = (t.child(a, 0), t.child(a, 1)) {
                                    b.expr(n);
                                    b.expr(v);
                                }
                            }
                        }
                        _ => {
                            b.expr(p);
                        }
                    }
                }
            }
        });
        self.not_first(node, piped);
        let mut cols = self.all_columns(&row);
        cols.extend(declared);
        if let Some(name) = self.word_param(node, "with_match_id").map(str::to_owned) {
            let c = self.named_column(&name, Ty::LONG);
            cols.push(c);
        }
        Info::table(self.table(cols, row.open))
    }

    fn top_nested(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        let clauses: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::TopNestedClause)
            .collect();
        let mut cols: Vec<Column> = Vec::new();
        let mut parts = Vec::new();
        for c in clauses {
            let kids: Vec<Id> = t.children(c).collect();
            let count = kids.first().copied().filter(|k| t.kind(*k) != N::Missing);
            let count = self.item(count);
            let of = self.item(kids.get(1).copied());
            let others = t.child_of(c, N::WithOthers).and_then(|w| t.child(w, 0));
            let others = self.item(others);
            let by = kids.last().copied();
            let by = self.with_kind(super::ScopeKind::Aggregate, |b| b.item(by));
            parts.push((count, of, others, by));
        }
        self.not_first(node, piped);
        for (count, of, others, by) in parts {
            if let Some(a) = count {
                self.check_integer(&a.info, a.node);
            }
            for a in [&of, &others, &by].into_iter().flatten() {
                self.check_scalar(&a.info, a.node);
            }
            let (Some(of), Some(by)) = (of, by) else {
                continue;
            };
            let mut of_name = self.result_name(of.node, &of.info).unwrap_or_default();
            let unique = |b: &Self, cols: &[Column], n: &str| {
                let mut name = n.to_owned();
                let mut i = 1;
                while cols.iter().any(|c| b.text(c.name) == name) {
                    name = format!("{n}{i}");
                    i += 1;
                }
                name
            };
            of_name = unique(self, &cols, &of_name);
            let c = self.column_for(&of, Some(of_name.clone()), None);
            cols.push(c);
            let inner = if t.kind(by.node) == N::Ordered {
                t.child(by.node, 0).unwrap_or(by.node)
            } else {
                by.node
            };
            let declared = (t.kind(inner) == N::Named)
                .then(|| {
                    t.child(inner, 0)
                        .map(|n| super::env::name_text(t, n).into_owned())
                })
                .flatten();
            let by_name = unique(
                self,
                &cols,
                &declared.unwrap_or_else(|| format!("aggregated_{of_name}")),
            );
            let c = self.column_for(&by, Some(by_name), None);
            cols.push(c);
        }
        Info::table(self.like_row(cols))
    }

    // ---- graphs
    fn make_graph(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        let row = self.row_or_empty();
        let kids: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) != N::Param)
            .collect();
        let ends: Vec<Arg> = kids
            .iter()
            .take(2)
            .filter_map(|c| self.item(Some(*c)))
            .collect();
        let mut nodes: Vec<TableRef> = Vec::new();
        if let Some(w) = t.child_of(node, N::With) {
            let items: Vec<Id> = t.children(w).collect();
            for i in items {
                if let (Some(table), Some(key)) = (t.child(i, 0), t.child(i, 1)) {
                    let info = self.with_row(None, |b| {
                        b.tabular = true;
                        b.expr(table)
                    });
                    self.check_tabular(&info, table);
                    if let R::Table(tab) = info.r {
                        self.with_row(Some(tab.clone()), |b| b.expr(key));
                        nodes.push(tab);
                    }
                }
            }
        } else if let Some(n) = t.child_of(node, N::GraphClause).and_then(|c| t.child(c, 0)) {
            let name = self.name(n);
            let c = self.column(name, ends.first().map_or(Ty::UNKNOWN, |a| a.info.r.ty()));
            nodes.push(self.table(vec![c], false));
        }
        self.not_first(node, piped);
        for a in &ends {
            self.check_column(&a.info, a.node);
        }
        let shape = match nodes.len() {
            0 => None,
            _ => {
                let cols = self.unify_names_and_types(&nodes);
                Some(self.table(cols, false))
            }
        };
        Info::of(R::Graph(Arc::new((row, shape))))
    }

    /// Whether a function that only graph patterns know stands in the expression.
    fn over_path(&self, node: Id) -> bool {
        let t = self.tree;
        (node..node + t.node(node).size).any(|n| {
            t.kind(n) == N::Call
                && t.child(n, 0)
                    .is_some_and(|c| matches!(t.text_of(c), "map" | "all" | "any" | "inner_nodes"))
        })
    }

    fn graph_match(&mut self, node: Id, piped: bool) -> Info {
        let t = self.tree;
        let left = self.left.r.clone();
        let graph = match &left {
            R::Graph(g) => Some(g.clone()),
            _ => None,
        };
        let result = self.in_block(|b| {
            let patterns: Vec<Id> = t
                .children(node)
                .filter(|c| t.kind(*c) == N::GraphPattern)
                .collect();
            for p in patterns {
                let parts: Vec<Id> = t.children(p).collect();
                for part in parts {
                    let Some(n) = t.child_of(part, N::NameDecl) else {
                        continue;
                    };
                    let name = b.name(n);
                    let is_node = t.head(part) == T::OpenParen;
                    let shape = graph.as_ref().and_then(|g| {
                        if is_node {
                            g.1.clone()
                        } else {
                            Some(g.0.clone())
                        }
                    });
                    let r = match shape {
                        Some(s) => R::Tuple(s.cols.clone(), Some(s)),
                        None => R::Ty(Ty::UNKNOWN),
                    };
                    b.declare(Local {
                        name,
                        kind: LocalKind::Variable,
                        r,
                        constant: false,
                        decl: n,
                    });
                    b.mark(n, super::Mark::Variable, None);
                }
            }
            b.with_row(None, |b| {
                if let Some(w) = t.child_of(node, N::WhereClause).and_then(|w| t.child(w, 0)) {
                    // functions over paths are not followed
                    let i = b.quietly(|b| b.expr(w));
                    b.check_bool(&i, w);
                }
                t.child_of(node, N::ProjectClause).map(|p| {
                    let items = b.quietly(|b| b.items(p));
                    let mut built = Builder::default();
                    b.project_all(&items, &mut built, Style::Graph, false);
                    // what comes of functions over paths is not known
                    for (item, c) in items.iter().zip(&mut built.cols) {
                        if b.over_path(item.node) {
                            c.ty = Ty::UNKNOWN;
                        }
                    }
                    b.table(built.cols, false)
                })
            })
        });
        self.not_first(node, piped);
        if graph.is_none() {
            let first = t.node(node).first;
            self.diag_token(Code(219), first, &[]);
        }
        match result {
            Some(t) => Info::table(t),
            None => Info::of(left),
        }
    }
}
