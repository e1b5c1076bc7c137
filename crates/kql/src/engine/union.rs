//! `union`, `search` and `find`: rows of several tables under the columns of all.

use super::expr::{Expr, Node};
use super::rel::{Part, Rel};
use super::session::{Res, Session};
use super::sources::convert;
use super::value::{Kind, Val, text};
use super::vector::Vector;
use crate::bind::env::{Column, TableRef};
use crate::syntax::{Id, N, T};

impl Session<'_> {
    pub(super) fn union(&mut self, node: Id, input: Option<Rel>) -> Res<Rel> {
        let t = self.t();
        let fuzzy = self.b.fuzzy;
        if let Some(f) = self.b.fuzzy_param(node) {
            self.b.fuzzy = f;
        }
        let mut rels: Vec<(String, Rel)> = Vec::new();
        if let Some(r) = input {
            rels.push(("union_arg0".into(), r));
        }
        self.b.row = None;
        let kids: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) != N::Param)
            .collect();
        for c in kids {
            let name = match t.kind(c) {
                N::NameRef => t.text_of(c).to_owned(),
                _ => format!("union_arg{}", rels.len()),
            };
            match t.kind(c) {
                N::WildName | N::BracketWildName => {
                    let pattern = t
                        .text_of(c)
                        .trim_matches(|c| c == '[' || c == ']')
                        .to_owned();
                    for n in self.tables_like(&pattern) {
                        let r = self.stored_table(c, &n)?;
                        self.hold(&r);
                        rels.push((n, r));
                    }
                }
                _ => {
                    let r = self.tabular(c)?;
                    self.hold(&r);
                    rels.push((name, r));
                }
            }
        }
        self.b.fuzzy = fuzzy;
        let source = ["withsource", "with_source"]
            .iter()
            .find_map(|n| self.b.word_param(node, n))
            .map(|s| {
                s.trim_matches(|c| matches!(c, '[' | ']' | '\'' | '"'))
                    .to_owned()
            });
        let inner = self.b.word_param(node, "kind") == Some("inner");
        self.unite(rels, source.as_deref(), inner)
    }

    fn tables_like(&self, pattern: &str) -> Vec<String> {
        self.world
            .schema
            .tables()
            .filter(|t| crate::bind::wild_match(pattern.as_bytes(), t.name.as_bytes()))
            .map(|t| t.name.to_string())
            .collect()
    }

    /// Rows of all tables, one after the other.
    pub(super) fn unite(
        &mut self,
        rels: Vec<(String, Rel)>,
        source: Option<&str>,
        inner: bool,
    ) -> Res<Rel> {
        let tables: Vec<TableRef> = rels.iter().map(|(_, r)| r.table.clone()).collect();
        let mut unified = self.b.unify_names_and_types(&tables);
        if inner {
            unified.retain(|c| {
                tables
                    .iter()
                    .all(|t| t.cols.iter().any(|x| x.name == c.name))
            });
        }
        let open = tables.iter().any(|t| t.open);
        let mut cols: Vec<Column> = Vec::new();
        if let Some(s) = source {
            cols.push(self.b.named_column(s, crate::types::Ty::STRING));
        }
        let skip = cols.len();
        cols.extend(unified);
        let table = self.b.table(cols, open);
        let mut parts = Vec::new();
        for (name, r) in &rels {
            let from = self.columns_for_union(&table.cols[skip..], &r.table, &tables);
            for p in &r.parts {
                self.check_cancel()?;
                if p.rows == 0 {
                    continue;
                }
                let mut out = Vec::with_capacity(table.cols.len());
                if skip > 0 {
                    out.push(Vector::constant(text(name.clone()).owned(), p.rows));
                }
                for (c, f) in table.cols.iter().skip(skip).zip(&from) {
                    let k = Kind::of(c.ty);
                    out.push(match f {
                        Some(i) => convert(p.cols[*i].clone(), r.kind(*i), k),
                        None => Vector::constant(Val::Null.to(k), p.rows),
                    });
                }
                parts.push(Part {
                    rows: p.rows,
                    cols: out,
                });
            }
        }
        Ok(Rel {
            table,
            parts,
            serialized: false,
            segmented: false,
        })
    }

    /// Where the column of a union stands in one of its tables. One name with two types has
    /// become two columns, and those have made way for columns that are called so themselves.
    fn columns_for_union(
        &self,
        out: &[Column],
        t: &TableRef,
        all: &[TableRef],
    ) -> Vec<Option<usize>> {
        let mut from = vec![None; out.len()];
        for (i, c) in t.cols.iter().enumerate() {
            if let Some(at) = out.iter().position(|x| x.name == c.name) {
                from[at] = Some(i);
                continue;
            }
            let base = format!("{}_{}", self.b.text(c.name), c.ty.name());
            let literal = |name: &str| {
                all.iter()
                    .any(|t| t.cols.iter().any(|x| self.b.text(x.name) == name))
            };
            let at = (0..100)
                .map(|n| {
                    if n == 0 {
                        base.clone()
                    } else {
                        format!("{base}{n}")
                    }
                })
                .filter(|n| !literal(n))
                .find_map(|n| out.iter().position(|x| self.b.text(x.name) == n));
            if let Some(at) = at {
                from[at] = Some(i);
            }
        }
        from
    }

    // ---- search and find
    pub(super) fn search(&mut self, node: Id, kind: N, input: Option<Rel>) -> Res<Rel> {
        let t = self.t();
        let mut rels: Vec<(String, Rel)> = Vec::new();
        let within = t.child_of(node, N::InClause);
        self.b.row = None;
        if let Some(list) = within {
            let kids: Vec<Id> = t.children(list).collect();
            for c in kids {
                if matches!(t.kind(c), N::WildName | N::BracketWildName) {
                    for n in self.tables_like(t.text_of(c)) {
                        let r = self.stored_table(c, &n)?;
                        rels.push((n, r));
                    }
                } else {
                    let name = t.text_of(c).to_owned();
                    let r = self.tabular(c)?;
                    rels.push((name, r));
                }
            }
        } else if let Some(r) = input {
            rels.push(("".into(), r));
        } else {
            for n in self.tables_like("*") {
                let r = self.stored_table(node, &n)?;
                if r.rows() > 0 {
                    rels.push((n, r));
                }
            }
        }
        let condition = t
            .children(node)
            .find(|c| !matches!(t.kind(*c), N::Param | N::InClause | N::ProjectClause));
        let mut found = Vec::new();
        for (name, rel) in rels {
            let rel = match condition {
                Some(c) if t.kind(c) != N::Missing => {
                    self.b.row = Some(rel.table.clone());
                    // a table without the columns asked for has no such rows
                    let from = self.b.out.diags.len();
                    self.b.predicate(c);
                    let e = self.search_predicate(c);
                    self.b.out.diags.truncate(from);
                    match e {
                        Ok(e) => self.filter(rel, e)?,
                        Err(_) => rel.with(Vec::new()),
                    }
                }
                _ => rel,
            };
            found.push((name, rel));
        }
        self.b.row = None;
        let any = found.iter().any(|(_, r)| r.rows() > 0);
        if any && found.len() > 1 {
            found.retain(|(_, r)| r.rows() > 0);
        }
        if kind == N::Search {
            return self.unite(found, Some("$table"), false);
        }
        self.found(node, found)
    }

    /// What `find` shows: where a row is from, columns named or common, the rest packed.
    fn found(&mut self, node: Id, found: Vec<(String, Rel)>) -> Res<Rel> {
        let t = self.t();
        let united = self.unite(found, Some("source_"), false)?;
        let Some(p) = t.child_of(node, N::ProjectClause) else {
            return Ok(united);
        };
        let mut exprs = vec![Expr::col(0, Kind::String)];
        let mut cols = vec![united.table.cols[0]];
        let kids: Vec<Id> = t.children(p).collect();
        for c in kids {
            let name_node = if t.kind(c) == N::TypedColumn {
                t.child(c, 0).unwrap_or(c)
            } else {
                c
            };
            let name = self.node_name(name_node);
            if let Some(i) = united.table.cols.iter().position(|x| x.name == name) {
                cols.push(united.table.cols[i]);
                exprs.push(Expr::col(i, united.kind(i)));
            }
        }
        let table = self.b.table(cols, false);
        self.compute(table, exprs, united)
    }

    /// A lone text means that any column has it.
    fn search_predicate(&mut self, node: Id) -> Res<Expr> {
        let t = self.t();
        match t.kind(node) {
            N::Star => Ok(Expr::constant(Val::Bool(true), Kind::Bool)),
            N::Paren => match t.child(node, 0) {
                Some(c) => self.search_predicate(c),
                None => self.unsupported(node, "this"),
            },
            N::And | N::Or => {
                let mut list = Vec::new();
                let kids: Vec<Id> = t.children(node).collect();
                for c in kids {
                    list.push(self.search_predicate(c)?);
                }
                Ok(Expr {
                    node: if t.kind(node) == N::And {
                        Node::And(list)
                    } else {
                        Node::Or(list)
                    },
                    kind: Kind::Bool,
                })
            }
            _ => {
                let e = self.compile(node)?;
                if e.kind != Kind::String {
                    return Ok(e);
                }
                let Some(v) = e.value() else { return Ok(e) };
                let s = v.text().into_owned();
                let (token, s) = match (s.strip_prefix('*'), s.strip_suffix('*')) {
                    _ if s == "*" => return Ok(Expr::constant(Val::Bool(true), Kind::Bool)),
                    (Some(a), _) if a.ends_with('*') => {
                        (T::Contains, a.trim_end_matches('*').to_owned())
                    }
                    (Some(a), _) if !a.contains('*') => (T::HasSuffix, a.to_owned()),
                    (_, Some(a)) if !a.contains('*') => (T::HasPrefix, a.to_owned()),
                    _ if s.contains('*') => (T::Like, format!("*{s}*")),
                    _ => (T::Has, s),
                };
                self.any_column(node, token, Expr::constant(text(s).owned(), Kind::String))
            }
        }
    }
}
