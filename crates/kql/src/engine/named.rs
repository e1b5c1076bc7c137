//! Names that stand for a whole row inside an expression: the steps of `scan`, the elements of
//! a graph's pattern.

use super::expr::Expr;
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::value::{Kind, text};
use crate::bind::env::{Name, TableRef};
use crate::syntax::Id;

/// A name with the columns that belong to it.
#[derive(Clone, Debug)]
pub(super) struct Named {
    pub name: Name,
    pub table: TableRef,
    pub what: What,
}

/// What the name stands for.
#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    /// One row, whose columns begin there.
    Row(usize),
    /// The edges of the pattern's hop of that number.
    Path(usize),
}

impl Session<'_> {
    /// The place among the named rows of a name node.
    pub(super) fn step_of(&mut self, node: Id) -> Option<usize> {
        if self.named.is_empty() {
            return None;
        }
        let name = self.node_name(node);
        self.named.iter().position(|n| n.name == name)
    }

    /// A column of a named row; all of them as a bag where none is named.
    pub(super) fn step_value(&mut self, node: Id, member: Option<Id>) -> Res<Expr> {
        let Some(n) = self.step_of(node).and_then(|i| self.named.get(i).cloned()) else {
            return self.unsupported(node, "this name");
        };
        let Some(member) = member else {
            let What::Row(base) = n.what else {
                return self.unsupported(node, "a path of edges as a value");
            };
            let mut list = vec![Expr::constant(super::value::Val::Bool(false), Kind::Bool)];
            for (i, c) in n.table.cols.iter().enumerate() {
                let name = self.b.text(c.name).to_owned();
                list.push(Expr::constant(text(name), Kind::String));
                list.push(Expr::col(base + i, Kind::of(c.ty)));
            }
            return Ok(Expr::call(
                super::eval::bags::pack_named,
                list,
                Kind::Dynamic,
            ));
        };
        let name = self.node_name(member);
        let Some(i) = n.table.cols.iter().position(|c| c.name == name) else {
            let name = self.b.text(name).to_owned();
            return self.fail(
                ErrorKind::Semantic,
                member,
                format!("there is no property `{name}`"),
            );
        };
        let kind = n
            .table
            .cols
            .get(i)
            .map_or(Kind::Dynamic, |c| Kind::of(c.ty));
        match n.what {
            What::Row(base) => Ok(Expr::col(base + i, kind)),
            What::Path(hop) => self.path_column(member, hop, i, kind),
        }
    }
}
