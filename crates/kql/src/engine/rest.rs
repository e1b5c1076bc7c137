//! Operators not run yet.
use super::expr::Expr;
use super::rel::Rel;
use super::session::{Res, Session};
use crate::syntax::{Id, N};

macro_rules! later {
    ($( $name:ident )*) => {
        impl Session<'_> { $( pub(super) fn $name(&mut self, node: Id, _: Rel) -> Res<Rel> { let t = self.t(); let first = t.first_token(node).map_or("", |k| t.token_text(k)); self.unsupported(node, &format!("the operator `{first}`")) } )* }
    };
}
later! { parse parse_kv make_series }

impl Session<'_> {
    pub(super) fn evaluate(&mut self, node: Id, _: Option<Rel>) -> Res<Rel> {
        self.unsupported(node, "the operator `evaluate`")
    }
    pub(super) fn rare(&mut self, node: Id, _: N, _: Rel) -> Res<Rel> {
        let t = self.t();
        let first = t.first_token(node).map_or("", |k| t.token_text(k));
        self.unsupported(node, &format!("the operator `{first}`"))
    }
    pub(super) fn step_of(&mut self, _: Id) -> Option<u32> {
        None
    }
    pub(super) fn step_value(&mut self, node: Id, _: Option<Id>) -> Res<Expr> {
        self.unsupported(node, "this")
    }
}
