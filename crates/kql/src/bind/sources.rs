//! Tables written in the text.

use super::Binder;
use super::env::{Column, Info, Name, R};
use super::project::NameSet;
use crate::syntax::{Code, Id, N, T};
use crate::types::{Conversion, Ty};

impl Binder<'_> {
    /// Name and type of a `name: type`.
    pub(crate) fn column_decl(&mut self, node: Id) -> Option<(Name, Ty)> {
        let t = self.tree;
        let n = t.children(node).find(|c| t.kind(*c) == N::NameDecl)?;
        let ty = t
            .children(node)
            .find(|c| matches!(t.kind(*c), N::Type | N::SchemaType));
        let name = self.name(n);
        let ty = match ty {
            Some(x) if t.kind(x) == N::Type => self.type_node(x),
            _ => Ty::ERROR,
        };
        self.mark(n, super::Mark::Column, Some(ty));
        Some((name, ty))
    }

    /// The columns of a schema, each name once.
    pub(crate) fn row_schema(&mut self, node: Id) -> Vec<Column> {
        let t = self.tree;
        let mut out = Vec::new();
        let mut names = NameSet::default();
        let kids: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::Column)
            .collect();
        for c in kids {
            let typed = t.children(c).any(|x| t.kind(x) == N::Type);
            let Some((name, ty)) = self.column_decl(c) else {
                continue;
            };
            if !typed {
                if t.children(c).any(|x| t.kind(x) == N::SchemaType) {
                    self.diag(Code::COLUMN_DECLARATION, c, &[]);
                }
                continue;
            }
            if names.insert(name) {
                let col = self.column(name, ty);
                out.push(col);
            } else {
                let text = self.text(name).to_owned();
                let n = t
                    .children(c)
                    .find(|x| t.kind(*x) == N::NameDecl)
                    .unwrap_or(c);
                self.diag(Code::DUPLICATE_COLUMN, n, &[&text]);
            }
        }
        out
    }

    pub(crate) fn source(&mut self, node: Id, kind: N) -> Info {
        let t = self.tree;
        let cols = t
            .child_of(node, N::RowSchema)
            .map(|s| self.row_schema(s))
            .unwrap_or_default();
        match kind {
            N::DataTable => {
                let values: Vec<Id> = t
                    .children(node)
                    .filter(|c| !matches!(t.kind(*c), N::RowSchema | N::Param))
                    .collect();
                let values: Vec<Id> = if t.child_of(node, N::RowSchema).is_none() {
                    values.into_iter().skip(1).collect()
                } else {
                    values
                };
                if !cols.is_empty() && !values.len().is_multiple_of(cols.len()) {
                    let span = values
                        .first()
                        .zip(values.last())
                        .map(|(a, b)| (t.span(*a).0, t.span(*b).1));
                    if let Some(span) = span {
                        self.diag_at(Code::DATA_VALUES, span, &[&cols.len().to_string()]);
                    }
                }
                for v in values {
                    let i = self.expr(v);
                    self.check_scalar(&i, v);
                }
            }
            N::ExternalData => {
                let uris: Vec<Id> = t
                    .children(node)
                    .filter(|c| !matches!(t.kind(*c), N::RowSchema | N::With | N::Param))
                    .collect();
                for u in uris {
                    self.expr(u);
                }
            }
            N::ContextualTable => {
                if let Some(id) = t.child(node, 0) {
                    let i = self.expr(id);
                    let _ = self.check_type(&i, id, Ty::GUID, Conversion::None)
                        && self.check_literal(&i, id);
                }
            }
            N::InlineExternalTable => {
                let open = cols.is_empty();
                return Info::table(self.table(cols, open));
            }
            N::MaterializedViewCombine => {
                let kids: Vec<Id> = t.children(node).collect();
                let mut last: Option<Info> = None;
                for c in kids {
                    let row = last.as_ref().and_then(|i| i.r.table().cloned());
                    let i = self.with_row(row, |b| {
                        b.tabular = true;
                        b.sub_pipe = t.head(c) == T::Summarize;
                        b.expr(c)
                    });
                    last = Some(i);
                }
                return Info::of(last.map_or(R::ERROR, |i| i.r));
            }
            _ => {}
        }
        Info::table(self.table(cols, false))
    }
}
