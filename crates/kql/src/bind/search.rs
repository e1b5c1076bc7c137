//! `search` and `find`: conditions over the columns of many tables.

use super::Binder;
use super::env::{Arg, Column, Info, R, Sym, TableRef};
use super::expr::operator_name;
use super::project::NameSet;
use crate::syntax::{Code, Id, N, T};
use crate::types::Ty;

impl Binder<'_> {
    pub(crate) fn find_or_search(&mut self, node: Id, kind: N, piped: bool) -> Info {
        let t = self.tree;
        let row = self.row.take();
        let within = t.child_of(node, N::InClause);
        let mut tables: Vec<TableRef> = Vec::new();
        if let Some(list) = within {
            let kids: Vec<Id> = t.children(list).collect();
            for c in kids {
                self.tabular = true;
                let i = self.expr(c);
                self.tabular = false;
                if kind == N::Search {
                    self.check_tabular(&i, c);
                }
                match &i.r {
                    R::Table(t) => tables.push(t.clone()),
                    R::Group(g) => tables.extend(g.iter().cloned()),
                    _ => {}
                }
            }
        } else if let (N::Search, Some(r)) = (kind, &row) {
            tables.push(r.clone());
        } else {
            let names: Vec<_> = self.world.schema.tables().map(|t| t.name.clone()).collect();
            for n in &names {
                let Some(t) = self.schema_table(n) else {
                    continue;
                };
                // the official service has a table once for each name it goes by, and whether a column
                // of two types is split depends on how many tables have it first
                let again = match kind {
                    N::Search => self.world.schema.aliases(n),
                    _ => 0,
                };
                tables.push(t.clone());
                for _ in 0..again {
                    let cols = t.cols.iter().map(|c| self.column(c.name, c.ty)).collect();
                    tables.push(self.table(cols, false));
                }
            }
            let views = self.views(None);
            tables.extend(views);
        }
        let single = within.is_none() && kind == N::Search && row.is_some();
        let open = tables.iter().any(|t| t.open);
        let searched = match (&row, single) {
            (Some(r), true) => r.clone(),
            _ => {
                let cols = if kind == N::Search {
                    self.unify_names_and_types(&tables)
                } else {
                    self.unify_names(&tables)
                };
                self.table(cols, open)
            }
        };
        let condition = t
            .children(node)
            .find(|c| !matches!(t.kind(*c), N::Param | N::InClause | N::ProjectClause));
        self.row = Some(searched.clone());
        if let Some(c) = condition {
            self.scope_at(node);
            let i = self.predicate(c);
            if kind == N::Search || !matches!(t.kind(c), N::Missing) {
                self.check_bool(&i, c);
            }
        }
        let info = if kind == N::Search {
            if within.is_some() {
                self.must_be_first(node, piped);
            }
            let mut cols = vec![self.named_column("$table", Ty::STRING)];
            cols.extend(self.all_columns(&searched));
            Info::table(self.table(cols, open))
        } else {
            self.find_result(node, condition, &tables)
        };
        self.row = row;
        info
    }

    /// A lone text in a condition means `* has` it.
    pub(crate) fn predicate(&mut self, node: Id) -> Info {
        let t = self.tree;
        match t.kind(node) {
            N::Star => Info::ty(Ty::BOOL),
            N::Lit | N::NameRef | N::CompoundStr => {
                let mut i = self.expr(node);
                if i.constant && i.r.ty() == Ty::STRING {
                    i.r = R::Ty(Ty::BOOL);
                }
                i
            }
            N::Paren => match t.child(node, 0) {
                Some(c) => {
                    let i = self.predicate(c);
                    Info::of(i.r)
                }
                None => Info::error(),
            },
            N::And | N::Or => {
                let mut left: Option<Arg> = None;
                let kids: Vec<Id> = t.children(node).collect();
                for c in kids {
                    let info = self.predicate(c);
                    let right = Arg { node: c, info };
                    left = Some(match left {
                        None => right,
                        Some(l) => {
                            let token = t.node(c).first.saturating_sub(1);
                            let fine = |a: &Arg| {
                                matches!(
                                    a.info.r,
                                    R::Ty(Ty::BOOL | Ty::DYNAMIC | Ty::ERROR | Ty::UNKNOWN)
                                )
                            };
                            if !(fine(&l) && fine(&right)) {
                                let text = operator_name(t.token(token).kind).to_lowercase();
                                self.diag_token(
                                    Code::OPERATOR_TYPES,
                                    token,
                                    &[
                                        &text,
                                        &format!(
                                            "{} and {}",
                                            l.info.r.ty().name(),
                                            right.info.r.ty().name()
                                        ),
                                    ],
                                );
                            }
                            Arg {
                                node: c,
                                info: Info::ty(Ty::BOOL),
                            }
                        }
                    });
                }
                left.map_or_else(Info::error, |l| l.info)
            }
            _ => self.expr(node),
        }
    }

    /// Columns that names in a condition refer to, in order.
    fn referenced_columns(&mut self, node: Id, row: &TableRef) -> Vec<Column> {
        let t = self.tree;
        let mut out: Vec<Column> = Vec::new();
        let end = node + t.node(node).size;
        for id in node..end {
            if t.kind(id) == N::NameRef && (id == node || t.before(id) != T::Dot) {
                let name = self.name(id);
                if let Some(c) = self.column_in(row, name)
                    && out.iter().all(|o| o.name != c.name)
                {
                    out.push(c);
                }
            }
        }
        out
    }

    fn find_result(&mut self, node: Id, condition: Option<Id>, tables: &[TableRef]) -> Info {
        let t = self.tree;
        let row = self.row_or_empty();
        let source = ["withsource", "with_source"]
            .iter()
            .find_map(|n| self.word_param(node, n))
            .unwrap_or("source_")
            .to_owned();
        let mut cols = vec![self.named_column(&source, Ty::STRING)];
        let referenced = condition
            .map(|c| self.referenced_columns(c, &row))
            .unwrap_or_default();
        let everywhere = condition.is_some_and(|c| {
            (c..c + t.node(c).size).any(|i| t.kind(i) == N::Star) || self.lone_text(c)
        });
        let used: Vec<TableRef> = if tables.len() == 1 || everywhere {
            tables.to_vec()
        } else {
            tables
                .iter()
                .filter(|t| {
                    t.open
                        || referenced
                            .iter()
                            .any(|r| t.cols.iter().any(|c| c.name == r.name))
                })
                .cloned()
                .collect()
        };
        let mut open = tables.iter().any(|t| t.open);
        let clauses: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::ProjectClause)
            .collect();
        let project = clauses.iter().copied().find(|c| t.head(*c) == T::Project);
        let mut explicit_pack = false;
        let pack = |b: &mut Self, cols: &mut Vec<Column>| {
            let mut have = NameSet::default();
            for c in cols.iter() {
                have.insert(c.name);
            }
            if used
                .iter()
                .any(|t| !t.open && t.cols.iter().any(|c| !have.contains(c.name)))
            {
                let c = b.named_column("pack_", Ty::DYNAMIC);
                cols.push(c);
                return true;
            }
            false
        };
        match project {
            Some(p) => {
                open = false;
                let kids: Vec<Id> = t.children(p).collect();
                for (i, c) in kids.iter().enumerate() {
                    match t.kind(*c) {
                        N::PackExpr => {
                            explicit_pack = true;
                            if i + 1 == kids.len() {
                                if !pack(self, &mut cols) {
                                    let c = self.named_column("pack_", Ty::DYNAMIC);
                                    cols.push(c);
                                }
                            } else {
                                self.diag(Code(185), *c, &[]);
                            }
                        }
                        N::TypedColumn => {
                            if let (Some(n), Some(ty)) = (t.child(*c, 0), t.child(*c, 1)) {
                                let i = self.expr(n);
                                self.check_column(&i, n);
                                if let Sym::Column(of) = i.sym {
                                    let ty = self.type_node(ty);
                                    let col = self.column(of.name, ty);
                                    cols.push(col);
                                }
                            }
                        }
                        N::NameRef => {
                            let i = self.expr(*c);
                            self.check_column(&i, *c);
                            if let Sym::Column(c) = i.sym {
                                cols.push(c);
                            }
                        }
                        _ => {}
                    }
                }
            }
            None => {
                let common: Vec<Column> = match used.split_first() {
                    Some((first, rest)) => first
                        .cols
                        .iter()
                        .copied()
                        .filter(|c| rest.iter().all(|t| t.cols.iter().any(|o| o.name == c.name)))
                        .collect(),
                    None => Vec::new(),
                };
                let mut have = NameSet::default();
                for c in common.into_iter().chain(referenced) {
                    if have.insert(c.name) {
                        cols.push(c);
                    }
                }
                pack(self, &mut cols);
            }
        }
        for a in clauses
            .iter()
            .filter(|c| t.head(**c) == T::HiddenProjectAway)
        {
            let kids: Vec<Id> = t.children(*a).collect();
            if kids.first().is_some_and(|k| t.kind(*k) == N::Star) {
                let keep = self.names.id("pack_");
                let source = self.names.id(&source);
                cols.retain(|c| c.name == source || (explicit_pack && c.name == keep));
            } else {
                for k in kids {
                    let name = self.name(k);
                    cols.retain(|c| c.name != name);
                }
            }
        }
        Info::table(self.table(cols, open))
    }

    fn lone_text(&self, node: Id) -> bool {
        let t = self.tree;
        match t.kind(node) {
            N::Lit => t.head(node) == T::StringLit,
            N::CompoundStr => true,
            N::Paren | N::And | N::Or => t.children(node).any(|c| self.lone_text(c)),
            _ => false,
        }
    }
}
