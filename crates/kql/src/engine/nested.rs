//! `top-nested`: the best values of one column, within each the best of the next, and so on.

use super::expr::Expr;
use super::rel::{Part, Rel};
use super::session::{Res, Session};
use super::summarize::Aggs;
use super::value::{Kind, Val};
use super::vector::{Build, Vector};
use crate::syntax::{Id, N, T};
use hashbrown::HashMap;

impl Session<'_> {
    pub(super) fn top_nested(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let t = self.t();
        let clauses: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::TopNestedClause)
            .collect();
        let mut rel = input;
        let mut keys: Vec<Expr> = Vec::new();
        // for each level the value that ranked a group, by the group's keys
        let mut ranks: Vec<HashMap<String, Val<'static>>> = Vec::new();
        let mut last: Vec<Vec<Val<'static>>> = Vec::new();
        for c in clauses {
            let kids: Vec<Id> = t.children(c).collect();
            if t.child_of(c, N::WithOthers).is_some() {
                return self.unsupported(c, "`with others`");
            }
            let (Some(of), Some(by)) = (kids.get(1).copied(), kids.last().copied()) else {
                return self.unsupported(c, "this");
            };
            let most = match kids.first() {
                Some(n) if t.kind(*n) != N::Missing => {
                    let row = self.b.row.clone();
                    let n = self.constant(*n)?.long();
                    self.b.row = row;
                    n.and_then(|n| usize::try_from(n).ok()).unwrap_or(0)
                }
                _ => usize::MAX,
            };
            self.b.row = Some(rel.table.clone());
            keys.push(self.scalar(of)?);
            let base = keys.len();
            let outer = self.aggs.replace(Aggs {
                width: base,
                ..Aggs::default()
            });
            let old = std::mem::replace(&mut self.b.scope_kind, crate::bind::ScopeKind::Aggregate);
            let value = self.scalar(by);
            self.b.scope_kind = old;
            let aggs = std::mem::replace(&mut self.aggs, outer).unwrap_or_default();
            let value = value?;
            let up = t.tokens_of(c).iter().any(|k| k.kind == T::Asc);
            let grouped = self.aggregated(&rel, &keys, aggs.specs, false)?;
            self.check_cancel()?;
            let mut by_parent: HashMap<String, Vec<(usize, Val<'static>)>> = HashMap::new();
            let mut order: Vec<String> = Vec::new();
            let mut rows: Vec<Vec<Val<'static>>> = Vec::new();
            for p in &grouped {
                let v = value.eval(p, &mut self.cx);
                for i in 0..p.rows {
                    let row: Vec<Val<'static>> = keys
                        .iter()
                        .enumerate()
                        .map(|(k, e)| p.cols[k].val(e.kind, i).owned())
                        .collect();
                    let parent = name(&row[..base - 1]);
                    let list = by_parent.entry(parent.clone()).or_insert_with(|| {
                        order.push(parent);
                        Vec::new()
                    });
                    list.push((rows.len(), v.val(value.kind, i).owned()));
                    rows.push(row);
                }
            }
            let mut kept: HashMap<String, Val<'static>> = HashMap::new();
            last = Vec::new();
            for parent in order {
                let Some(mut list) = by_parent.remove(&parent) else {
                    continue;
                };
                list.sort_by(|a, b| {
                    let o = super::rank::total(&a.1, &b.1);
                    if up { o } else { o.reverse() }
                });
                for (i, v) in list.into_iter().take(most) {
                    kept.insert(name(&rows[i]), v);
                    last.push(rows[i].clone());
                }
            }
            // only rows of the groups kept go on
            let parts = self.each_part(&rel.parts, |p, cx| {
                let vals: Vec<Vector> = keys.iter().map(|k| k.eval(p, cx)).collect();
                let rows: Vec<u32> = (0..p.rows)
                    .filter(|i| {
                        let row: Vec<Val> = vals
                            .iter()
                            .zip(&keys)
                            .map(|(v, k)| v.val(k.kind, *i))
                            .collect();
                        kept.contains_key(&name(&row))
                    })
                    .map(|i| i as u32)
                    .collect();
                p.take(&rows)
            })?;
            rel = rel.with(parts.into_iter().filter(|p| p.rows > 0).collect());
            ranks.push(kept);
        }
        let mut builds: Vec<Build> = table
            .cols
            .iter()
            .map(|c| Build::new(Kind::of(c.ty)))
            .collect();
        for row in &last {
            for (k, ranked) in ranks.iter().enumerate() {
                if let Some(b) = builds.get_mut(2 * k) {
                    b.push(row[k].borrow());
                }
                if let Some(b) = builds.get_mut(2 * k + 1) {
                    b.push(ranked.get(&name(&row[..=k])).cloned().unwrap_or(Val::Null));
                }
            }
        }
        let rows = last.len();
        let cols = builds.into_iter().map(Build::finish).collect();
        Ok(Rel::one(table, Part { rows, cols }))
    }
}

fn name(row: &[Val]) -> String {
    let mut out = String::new();
    for v in row {
        out.push_str(&v.json());
        out.push('\u{1}');
    }
    out
}
