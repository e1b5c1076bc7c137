//! What a query needs of a table that is read for it: which columns, and rows of which time. More does
//! no harm, less would: where it is not plain, all is wanted.

use super::catalog::Want;
use super::session::Session;
use super::value::Val;
use crate::bind::env::TableRef;
use crate::syntax::{Id, N};

impl Session<'_> {
    /// The time range that the conditions right after a table leave.
    pub(super) fn wanted(&mut self, ops: &[Id]) -> Want {
        let t = self.t();
        let mut w = Want::default();
        // of what flows on unnamed, whoever takes it needs what it says
        let named = match self.closes(ops) {
            Some(closed) => closed || self.want.columns.is_some(),
            None => false,
        };
        if named {
            w.columns = Some(Vec::new());
        }
        for op in ops.iter().take_while(|o| t.kind(**o) == N::Where) {
            let Some(e) = t.children(*op).find(|c| t.kind(*c) != N::Param) else {
                continue;
            };
            self.narrow(e, &mut w);
        }
        w
    }
    fn narrow(&mut self, node: Id, w: &mut Want) {
        let t = self.t();
        match t.kind(node) {
            N::And => {
                let kids: Vec<Id> = t.children(node).collect();
                for c in kids {
                    self.narrow(c, w);
                }
            }
            N::Paren => {
                if let Some(c) = t.child(node, 0) {
                    self.narrow(c, w);
                }
            }
            N::Rel | N::Between => {
                let (Some(l), Some(r)) = (t.child(node, 0), t.child(node, 1)) else {
                    return;
                };
                if !matches!(t.text_of(l), "Timestamp" | "TimeGenerated") {
                    return;
                }
                let token = t.token(t.node(r).first.saturating_sub(1)).kind;
                use crate::syntax::T;
                let bounds: Vec<Id> = if t.kind(node) == N::Between {
                    t.children(r).collect()
                } else {
                    vec![r]
                };
                let from = self.b.out.diags.len();
                let vals: Vec<Option<Val>> =
                    bounds.iter().map(|b| self.constant(*b).ok()).collect();
                self.b.out.diags.truncate(from);
                let date = |v: Option<&Option<Val>>| match v {
                    Some(Some(Val::Date(n))) => Some(*n),
                    _ => None,
                };
                let raise = |slot: &mut Option<i64>, n: i64| {
                    *slot = Some(slot.map_or(n, |o: i64| o.max(n)));
                };
                let lower = |slot: &mut Option<i64>, n: i64| {
                    *slot = Some(slot.map_or(n, |o: i64| o.min(n)));
                };
                match token {
                    T::Greater | T::GreaterEqual => {
                        if let Some(n) = date(vals.first()) {
                            raise(&mut w.from, n);
                        }
                    }
                    T::Less | T::LessEqual => {
                        if let Some(n) = date(vals.first()) {
                            lower(&mut w.to, n);
                        }
                    }
                    T::Between => {
                        if let Some(n) = date(vals.first()) {
                            raise(&mut w.from, n);
                            match vals.get(1) {
                                Some(Some(Val::Date(m))) => lower(&mut w.to, *m),
                                Some(Some(Val::Span(s))) => lower(&mut w.to, n.saturating_add(*s)),
                                _ => {}
                            }
                        }
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }

    /// Whether one of these operators names what comes out, and none before it takes columns unnamed;
    /// nothing where it cannot be told.
    fn closes(&self, ops: &[Id]) -> Option<bool> {
        let t = self.t();
        for op in ops {
            let nodes = *op..*op + t.node(*op).size;
            let unnamed = |n: Id| matches!(t.kind(n), N::Star | N::WildName | N::BracketWildName);
            match t.kind(*op) {
                N::Parse | N::ParseWhere | N::Join | N::Lookup | N::Render => {}
                N::ProjectAway | N::ProjectReorder | N::ProjectRename => {}
                N::Where
                | N::Extend
                | N::Sort
                | N::Top
                | N::Take
                | N::Sample
                | N::Serialize
                | N::ParseKv
                | N::MvExpand
                | N::MvApply => {
                    if nodes.clone().any(unnamed) {
                        return None;
                    }
                }
                N::Project
                | N::ProjectKeep
                | N::Summarize
                | N::Distinct
                | N::Count
                | N::MakeSeries
                | N::TopNested
                | N::SampleDistinct => return (!nodes.clone().any(unnamed)).then_some(true),
                _ => return None,
            }
        }
        Some(false)
    }

    /// The columns of a table that may be needed: those whose names are written anywhere. A name that
    /// is part of another costs a column more.
    pub(super) fn named_columns(&self, table: &TableRef, want: &Want) -> Option<Vec<String>> {
        want.columns.as_ref()?;
        let trees = || std::iter::once(self.tree_of(0)).chain(&*self.world.user);
        // names may be written with escapes, and a bag of all columns names none
        let hidden = ["pack_all", "\\u", "\\x", "\\U"];
        if trees().any(|t| hidden.iter().any(|h| t.text.contains(h))) {
            return None;
        }
        let names = table.cols.iter().map(|c| self.b.text(c.name));
        let needed = names.filter(|n| {
            // rows are chosen by time
            matches!(*n, "Timestamp" | "TimeGenerated") || trees().any(|t| t.text.contains(*n))
        });
        let mut needed: Vec<String> = needed.map(str::to_owned).collect();
        // rows without columns could not be counted
        if let (true, Some(c)) = (needed.is_empty(), table.cols.first()) {
            needed.push(self.b.text(c.name).to_owned());
        }
        Some(needed)
    }
}
