//! Operators that run an inner pipeline over parts of a table, and those that are not run.

use super::rel::{Part, Rel};
use super::session::{Res, Session};
use super::vector::of_ints;
use crate::syntax::{Id, N, T};

impl Session<'_> {
    pub(super) fn rare(&mut self, node: Id, kind: N, input: Rel) -> Res<Rel> {
        match kind {
            N::Partition | N::PartitionBy => self.partition(node, input),
            N::SampleDistinct => self.sample_distinct(node, input),
            N::TopNested if !input.segmented => self.top_nested(node, input),
            N::Reduce if !input.segmented => self.reduce(node, input),
            N::TopHitters if !input.segmented => self.top_hitters(node, input),
            N::Scan => self.scan(node, input),
            N::MakeGraph
            | N::GraphMatch
            | N::GraphShortestPaths
            | N::GraphToTable
            | N::GraphMarkComponents
            | N::GraphWhereNodes
            | N::GraphWhereEdges => self.graph_operator(node, kind, input),
            _ => {
                let t = self.t();
                let first = t.first_token(node).map_or("", |k| t.token_text(k));
                self.unsupported(node, &format!("the operator `{first}`"))
            }
        }
    }

    /// The sub-query runs once over all parts: a hidden column tells them apart.
    fn partition(&mut self, node: Id, input: Rel) -> Res<Rel> {
        if input.segmented {
            return self.unsupported(node, "partition inside mv-apply");
        }
        let t = self.t();
        let Some(by) = t.children(node).find(|c| {
            !matches!(
                t.kind(*c),
                N::Param | N::PartitionScope | N::Subquery | N::Id
            )
        }) else {
            return self.unsupported(node, "this");
        };
        let Some(sub_node) = t.child_of(node, N::Subquery) else {
            return self.unsupported(node, "this");
        };
        if t.head(sub_node) == T::OpenBrace {
            return self.unsupported(sub_node, "a partition with a whole query");
        }
        let Some(sub) = t.child(sub_node, 0) else {
            return self.unsupported(node, "this");
        };
        self.b.row = Some(input.table.clone());
        let key = self.scalar(by)?;
        let groups = self.groups(&input, &[key])?;
        let parts = input
            .parts
            .iter()
            .zip(groups.ids)
            .map(|(p, ids)| {
                let mut cols = p.cols.clone();
                cols.push(of_ints(ids.iter().map(|i| i64::from(*i)).collect(), None));
                Part { rows: p.rows, cols }
            })
            .collect();
        let segmented = Rel {
            table: input.table,
            parts,
            serialized: input.serialized,
            segmented: true,
        };
        let mut out = self.fed(sub, segmented)?;
        if out.segmented {
            for p in &mut out.parts {
                p.cols.pop();
            }
            out.segmented = false;
        }
        Ok(out)
    }

    fn sample_distinct(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let items: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) != N::Param)
            .collect();
        let [count, of] = items[..] else {
            return self.unsupported(node, "this");
        };
        let e = self.compile(of)?;
        let n = self
            .constant(count)?
            .long()
            .and_then(|n| usize::try_from(n).ok())
            .unwrap_or(0);
        let groups = self.groups(&input, &[e])?;
        let part = Part {
            rows: groups.count,
            cols: groups.keys,
        };
        Ok(Rel::one(table, part.slice(0, n)))
    }
}
