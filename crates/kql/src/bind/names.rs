//! What a name means where it stands.

use super::env::{Column, FnRef, Info, LocalKind, Name, R, Sym, TableRef};
use super::nearest::Best;
use super::{Binder, Mark, ScopeKind};
use crate::functions;
use crate::syntax::{Code, Id};
use crate::types::Ty;
use std::sync::Arc;

enum Found {
    Column(Column),
    Local(u32),
    Table(TableRef),
    Function(FnRef),
}

impl Binder<'_> {
    /// Binds a name that is not called.
    pub(crate) fn bind_name(&mut self, node: Id) -> Info {
        let tabular = std::mem::take(&mut self.tabular);
        let text = super::env::name_text(self.tree, node);
        if text.is_empty() {
            return Info::error();
        }
        if self.tree.head(node) == crate::syntax::T::OpenBrace {
            return Info::ty(Ty::UNKNOWN);
        }
        let name = self.names.id(&text);
        let info = self.resolve(node, name, &text, tabular);
        self.mark_info(node, &info);
        info
    }

    pub(crate) fn mark_info(&mut self, node: Id, info: &Info) {
        let mark = match &info.sym {
            Sym::Column(_) => Mark::Column,
            Sym::Table => Mark::Table,
            Sym::Database => Mark::Database,
            Sym::Function(_) => Mark::Function,
            Sym::Local(i) => match self.locals[*i as usize].kind {
                LocalKind::Variable => Mark::Variable,
                LocalKind::Parameter => Mark::Parameter,
                LocalKind::Column(_) => Mark::Column,
                LocalKind::Function(_) => Mark::Function,
            },
            _ => Mark::None,
        };
        let ty = match &info.r {
            R::Ty(t) => Some(*t),
            _ => None,
        };
        self.mark(node, mark, ty);
        if let Sym::Local(i) = &info.sym {
            let decl = self.locals[*i as usize].decl;
            self.used(node, decl);
        }
    }

    pub(crate) fn resolve(&mut self, node: Id, name: Name, text: &str, tabular: bool) -> Info {
        if let Some(path) = self.path.clone() {
            return self.member(node, name, text, &path);
        }
        match text {
            "$left" if self.row.is_some() && self.right.is_some() => {
                let t = self.row_or_empty();
                return Info::of(R::Tuple(t.cols.clone(), Some(t)));
            }
            "$right" => {
                if let Some(t) = self.right.clone() {
                    return Info::of(R::Tuple(t.cols.clone(), Some(t)));
                }
            }
            _ => {}
        }
        let include_row = self.scope_kind == ScopeKind::Normal;
        match self.find(name, text, include_row) {
            Some(f) => self.found(node, name, text, f),
            None => self.not_found(node, name, text, tabular),
        }
    }

    fn find(&mut self, name: Name, text: &str, include_row: bool) -> Option<Found> {
        if self.scope_kind == ScopeKind::Plugin {
            return functions::all()
                .plugin(text)
                .map(|f| Found::Function(FnRef::Builtin(f)));
        }
        if include_row && let Some(row) = &self.row {
            if let Some(c) = row.cols.iter().find(|c| c.name == name) {
                let mut c = *c;
                if self.common_only
                    && let Some(right) = &self.right
                    && right.cols.iter().any(|r| r.name == name)
                {
                    c.id = self.fresh();
                }
                return Some(Found::Column(c));
            }
        }
        if let Some(right) = &self.right
            && let Some(c) = right.cols.iter().find(|c| c.name == name)
        {
            return Some(Found::Column(*c));
        }
        if let Some(i) = self.local(name) {
            return Some(Found::Local(i));
        }
        if let Some(t) = self.schema_table(text) {
            return Some(Found::Table(t));
        }
        let all = functions::all();
        let builtin = match self.scope_kind {
            ScopeKind::Aggregate => all.aggregate(text).or_else(|| all.scalar(text)),
            _ => all.scalar(text),
        };
        if let Some(f) = builtin {
            return Some(Found::Function(FnRef::Builtin(f)));
        }
        if include_row
            && let Some(row) = &self.row
            && row.open
        {
            return Some(Found::Column(self.inferred_column(&row.clone(), name)));
        }
        None
    }

    /// The column of an open table that this use shows it to have.
    pub(crate) fn inferred_column(&mut self, t: &TableRef, name: Name) -> Column {
        if let Some(c) = self
            .inferred
            .get(&t.id)
            .and_then(|l| l.iter().find(|c| c.name == name))
        {
            return *c;
        }
        let c = self.column(name, Ty::UNKNOWN);
        self.inferred.entry(t.id).or_default().push(c);
        c
    }
    /// A column that the table has or, being open, may have.
    pub(crate) fn column_in(&mut self, t: &TableRef, name: Name) -> Option<Column> {
        if let Some(c) = t.cols.iter().find(|c| c.name == name) {
            return Some(*c);
        }
        t.open.then(|| self.inferred_column(t, name))
    }

    /// A table of the schema; the same one each time, so that its columns stay the same.
    pub(crate) fn schema_table(&mut self, text: &str) -> Option<TableRef> {
        let index = self.world.schema.index(text)?;
        if let Some(t) = self.loaded.get(&index) {
            return Some(t.clone());
        }
        let cols = self.world.base.table(index)?.clone();
        let id = self.fresh();
        let t = Arc::new(super::Table {
            cols,
            open: false,
            id,
        });
        self.loaded.insert(index, t.clone());
        Some(t)
    }

    fn found(&mut self, node: Id, name: Name, text: &str, f: Found) -> Info {
        match f {
            Found::Column(c) => Info::column(c),
            Found::Table(t) => {
                let mut i = Info::table(t);
                i.sym = Sym::Table;
                i
            }
            Found::Local(i) => {
                let local = self.locals[i as usize].clone();
                match local.kind {
                    LocalKind::Column(c) => Info::column(c),
                    LocalKind::Function(f) => self.bare_function(node, text, &f, Some(i)),
                    LocalKind::Parameter => Info {
                        constant: local.r.is_scalar(),
                        r: local.r,
                        sym: Sym::Local(i),
                        col: None,
                    },
                    LocalKind::Variable => Info {
                        constant: local.constant,
                        r: local.r,
                        sym: Sym::Local(i),
                        col: None,
                    },
                }
            }
            Found::Function(f) => {
                let _ = name;
                self.bare_function(node, text, &f, None)
            }
        }
    }

    /// A function named without its arguments: allowed for one's own that needs none.
    fn bare_function(&mut self, node: Id, text: &str, f: &FnRef, local: Option<u32>) -> Info {
        let sym = local.map_or_else(|| Sym::Function(f.clone()), Sym::Local);
        if self.callee {
            return Info {
                r: R::Function(f.clone()),
                sym,
                constant: false,
                col: None,
            };
        }
        let r = match f {
            FnRef::User(u) if u.params.iter().all(|p| p.optional) && local.is_some() => {
                let r = self.call_user(u, &[]);
                return Info {
                    r,
                    sym,
                    constant: false,
                    col: None,
                };
            }
            FnRef::User(u) => self.call_user(&u.clone(), &[]),
            FnRef::Builtin(f) => self.common_result(f),
            FnRef::Service(_) => R::Ty(Ty::UNKNOWN),
        };
        self.diag(Code::NEEDS_ARGUMENTS, node, &[text]);
        Info {
            r,
            sym,
            constant: false,
            col: None,
        }
    }

    fn not_found(&mut self, node: Id, name: Name, text: &str, tabular: bool) -> Info {
        if self.scope_kind != ScopeKind::Normal {
            let kind = self.scope_kind;
            let there = self
                .with_kind(ScopeKind::Normal, |b| b.find(name, text, true))
                .is_some();
            if there {
                let code = if kind == ScopeKind::Aggregate {
                    Code::NOT_IN_AGGREGATE
                } else {
                    Code::NOT_A_PLUGIN
                };
                self.diag(code, node, &[text]);
                return Info::error();
            }
        }
        if tabular {
            let t = self.open_table();
            if self.fuzzy {
                self.warn(Code::FUZZY_UNKNOWN, node, &[text]);
            } else {
                self.diag(Code::UNKNOWN_TABLE, node, &[text]);
                let s = self.nearest(text, true);
                self.suggest(s);
            }
            return Info::table(t);
        }
        self.diag(
            Code::UNKNOWN_NAME,
            node,
            &[text, "column, table, variable or function"],
        );
        if self.quiet == 0 {
            let s = self.nearest(text, false);
            self.suggest(s);
        }
        Info::error()
    }

    /// A name after a dot.
    fn member(&mut self, node: Id, name: Name, text: &str, path: &R) -> Info {
        match path {
            R::Ty(Ty::ERROR) => Info::error(),
            R::Ty(Ty::UNKNOWN) => Info::ty(Ty::UNKNOWN),
            R::Ty(t) if t.is_dynamic() => {
                let inner = self
                    .types
                    .property(*t, text)
                    .map_or(Ty::DYNAMIC, Ty::wrapped);
                Info::literal(inner)
            }
            R::Tuple(cols, related) => {
                if let Some(c) = cols.iter().find(|c| c.name == name) {
                    return Info::column(*c);
                }
                if let Some(t) = related
                    && t.open
                {
                    let c = self.inferred_column(&t.clone(), name);
                    return Info::column(c);
                }
                self.unknown_member(node, text)
            }
            R::Database { known } => {
                if *known && let Some(t) = self.schema_table(text) {
                    let mut i = Info::table(t);
                    i.sym = Sym::Table;
                    return i;
                }
                let t = self.open_table();
                if *known {
                    self.diag(Code::UNKNOWN_TABLE, node, &[text]);
                }
                let mut i = Info::table(t);
                if !*known {
                    i.sym = Sym::Table;
                }
                i
            }
            R::None => Info::error(),
            _ => self.unknown_member(node, text),
        }
    }
    fn unknown_member(&mut self, node: Id, text: &str) -> Info {
        self.diag(
            Code::UNKNOWN_NAME,
            node,
            &[text, "column, table, variable or function"],
        );
        Info::error()
    }

    // ---- functions by name
    /// The function that a called name means.
    pub(crate) fn bind_callee(&mut self, node: Id, tabular: bool) -> Info {
        let text = super::env::name_text(self.tree, node);
        if text.is_empty() {
            return Info::error();
        }
        let name = self.names.id(&text);
        let f = self.find_function(name, &text);
        let info = match f {
            Some((f, local)) => {
                let sym = local.map_or_else(|| Sym::Function(f.clone()), Sym::Local);
                Info {
                    r: R::Function(f),
                    sym,
                    constant: false,
                    col: None,
                }
            }
            None => self.no_function(node, name, &text, tabular),
        };
        self.mark_info(node, &info);
        info
    }

    fn find_function(&mut self, name: Name, text: &str) -> Option<(FnRef, Option<u32>)> {
        let all = functions::all();
        match &self.path {
            Some(R::Database { .. }) => {
                return matches!(
                    text,
                    "table"
                        | "external_table"
                        | "materialized_view"
                        | "graph"
                        | "stored_query_result"
                        | "entity_group"
                )
                .then(|| all.scalar(text).map(|f| (FnRef::Builtin(f), None)))
                .flatten();
            }
            Some(R::Cluster) => {
                return (text == "database")
                    .then(|| all.scalar(text).map(|f| (FnRef::Builtin(f), None)))
                    .flatten();
            }
            Some(_) => return None,
            None => {}
        }
        match self.scope_kind {
            ScopeKind::Plugin => return all.plugin(text).map(|f| (FnRef::Builtin(f), None)),
            ScopeKind::Aggregate => {
                if let Some(f) = all.aggregate(text) {
                    return Some((FnRef::Builtin(f), None));
                }
            }
            ScopeKind::Normal => {}
        }
        if let Some(f) = all.scalar(text) {
            // only graph patterns know these
            if !matches!(
                text,
                "inner_nodes"
                    | "labels"
                    | "node_id"
                    | "node_degree_in"
                    | "node_degree_out"
                    | "any"
                    | "all"
                    | "map"
            ) {
                return Some((FnRef::Builtin(f), None));
            }
        }
        if let Some(i) = self.local(name)
            && let LocalKind::Function(f) = &self.locals[i as usize].kind
        {
            return Some((f.clone(), Some(i)));
        }
        self.world
            .schema
            .function(text)
            .map(|f| (FnRef::Service(f.clone()), None))
    }

    fn no_function(&mut self, node: Id, name: Name, text: &str, tabular: bool) -> Info {
        let all = functions::all();
        if self.scope_kind != ScopeKind::Normal {
            let kind = self.scope_kind;
            let there = self
                .with_kind(ScopeKind::Normal, |b| b.find_function(name, text))
                .is_some();
            if there {
                let code = if kind == ScopeKind::Aggregate {
                    Code::NOT_IN_AGGREGATE
                } else {
                    Code::NOT_A_PLUGIN
                };
                self.diag(code, node, &[text]);
                return Info::error();
            }
        }
        if self.path.is_none()
            && self.scope_kind != ScopeKind::Aggregate
            && all.aggregate(text).is_some()
            && self.scope_kind != ScopeKind::Plugin
        {
            self.diag(Code::NO_AGGREGATE, node, &[text]);
            return Info::error();
        }
        if self.scope_kind == ScopeKind::Plugin {
            self.diag(Code::PLUGIN_UNKNOWN, node, &[text]);
            let s = self.nearest_function(text);
            self.suggest(s);
            return Info::error();
        }
        if self.path.is_none() && all.plugin(text).is_some() {
            self.diag(Code(126), node, &[text]);
            return Info::error();
        }
        if self.fuzzy {
            let t = self.open_table();
            return Info::table(t);
        }
        match &self.path {
            Some(R::Ty(Ty::ERROR) | R::None) => return Info::error(),
            Some(R::Ty(t)) if t.is_dynamic() => return Info::ty(Ty::DYNAMIC),
            Some(R::Ty(Ty::UNKNOWN)) => return Info::ty(Ty::UNKNOWN),
            Some(R::Database { known }) => {
                let known = *known;
                let t = self.open_table();
                if known {
                    self.diag(Code::UNKNOWN_FUNCTION, node, &[text]);
                }
                return Info::table(t);
            }
            _ => {}
        }
        if !tabular && text.starts_with("__") {
            return Info::ty(Ty::UNKNOWN);
        }
        self.diag(Code::UNKNOWN_FUNCTION, node, &[text]);
        if self.quiet == 0 {
            let s = self.nearest_function(text);
            self.suggest(s);
        }
        if tabular {
            let t = self.open_table();
            return Info::table(t);
        }
        Info::error()
    }

    // ---- did you mean
    fn nearest(&self, text: &str, tables_only: bool) -> Option<String> {
        if self.quiet > 0 || self.out.diags.len() > MOST_SUGGESTED {
            return None;
        }
        let mut best = Best::new(text);
        for (_, i) in &self.scope {
            let l = &self.locals[*i as usize];
            if !tables_only || l.r.is_tabular() {
                best.offer(self.text(l.name));
            }
        }
        if !tables_only {
            for t in [&self.row, &self.right].into_iter().flatten() {
                for c in t.cols.iter() {
                    best.offer(self.text(c.name));
                }
            }
        }
        if tables_only || self.row.is_none() {
            for t in self.world.schema.tables() {
                best.offer(&t.name);
            }
        }
        best.take()
    }
    fn nearest_function(&self, text: &str) -> Option<String> {
        if self.quiet > 0 || self.out.diags.len() > MOST_SUGGESTED {
            return None;
        }
        let mut best = Best::new(text);
        let want = match self.scope_kind {
            ScopeKind::Plugin => functions::Kind::Plugin,
            _ => functions::Kind::Scalar,
        };
        for f in functions::all().iter() {
            let k = f.row.kind;
            if (k == want
                || (self.scope_kind == ScopeKind::Aggregate && k == functions::Kind::Aggregate))
                && f.row.old.is_none()
            {
                best.offer(f.row.name);
            }
        }
        for (_, i) in &self.scope {
            if matches!(self.locals[*i as usize].kind, LocalKind::Function(_)) {
                best.offer(self.text(self.locals[*i as usize].name));
            }
        }
        best.take()
    }
}

/// Looking for the nearest name goes through a whole schema: enough for anyone to read.
const MOST_SUGGESTED: usize = 500;
