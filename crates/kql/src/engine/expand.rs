//! `mv-expand` and `mv-apply`: a row for each element of arrays and bags.

use super::expr::{Cx, Expr, Node};
use super::guard::Pace;
use super::json;
use super::rel::{Part, Rel};
use super::session::{Res, Session};
use super::value::{Kind, Val, dynamic};
use super::vector::{Build, Vector, of_ints};
use crate::bind::env::{Column, TableRef};
use crate::syntax::{Id, N};

/// What is expanded into which column.
struct Item {
    expr: Expr,
    column: usize,
    kind: Kind,
    /// The column that it was before.
    of: Option<usize>,
}

struct Plan {
    items: Vec<Item>,
    table: TableRef,
    index: Option<usize>,
    most: usize,
    bag_arrays: bool,
}

impl Session<'_> {
    fn expand_plan(&mut self, node: Id, input: &Rel) -> Res<Plan> {
        let t = self.t();
        if let Some(l) = &mut self.b.live {
            l.origins.clear();
        }
        let from = self.b.out.diags.len();
        self.b.row = Some(input.table.clone());
        let items = self.b.expand_items(node, true);
        let built = self.b.expanded(node, &items);
        self.bound_well(from)?;
        let table = self.b.table(built.cols, input.table.open);
        let mut most = usize::MAX;
        let kids: Vec<Id> = t.children(node).collect();
        for c in kids {
            if t.kind(c) == N::RowLimit
                && let Some(e) = t.child(c, 0)
            {
                most = self
                    .constant(e)?
                    .long()
                    .and_then(|n| usize::try_from(n).ok())
                    .unwrap_or(0);
            }
        }
        self.b.row = Some(input.table.clone());
        let mut out = Vec::new();
        for (a, _) in &items {
            let column = table
                .cols
                .iter()
                .position(|c| self.origin(c).is_some_and(|(n, _)| n == a.node));
            let Some(column) = column else { continue };
            let expr = self.compile(a.node)?;
            let of = match &expr.node {
                Node::Col(i) if t.kind(a.node) != N::Named => Some(*i),
                _ => None,
            };
            out.push(Item {
                expr,
                column,
                kind: Kind::of(table.cols[column].ty),
                of,
            });
        }
        let index = self
            .b
            .word_param(node, "with_itemindex")
            .map(str::to_owned)
            .and_then(|n| table.cols.iter().position(|c| self.b.text(c.name) == n));
        let bag_arrays = ["bagexpansion", "kind"]
            .iter()
            .any(|n| self.b.word_param(node, n) == Some("array"));
        Ok(Plan {
            items: out,
            table,
            index,
            most,
            bag_arrays,
        })
    }

    /// The expanded rows; with `segment`, a hidden last column numbers the rows they come from.
    fn expand(&mut self, input: &Rel, plan: &Plan, segment: bool) -> Res<Rel> {
        let from: Vec<Option<usize>> = plan
            .table
            .cols
            .iter()
            .map(|c| {
                input
                    .table
                    .cols
                    .iter()
                    .position(|x| x.id == c.id && x.name == c.name)
                    .or_else(|| input.table.cols.iter().position(|x| x.name == c.name))
            })
            .collect();
        let hidden = input.segmented;
        let mut starts = Vec::new();
        let mut n = 0i64;
        for p in &input.parts {
            starts.push(n);
            n += p.rows as i64;
        }
        let parts = self.each_numbered(&input.parts, |nth, p, cx| {
            let lists: Vec<Lists> = plan
                .items
                .iter()
                .map(|i| Lists::of(i, p, plan.bag_arrays, cx))
                .collect();
            let counts: Vec<usize> = (0..p.rows)
                .map(|i| {
                    let most = lists.iter().map(|l| l.count(i)).max();
                    most.unwrap_or(0).min(plan.most)
                })
                .collect();
            // places of the rows and within the arrays, before they are made
            let total = counts.iter().fold(0usize, |a, b| a.saturating_add(*b));
            if cx.passes(total.saturating_mul(12 + 4 * plan.items.len())) {
                return None;
            }
            let mut rows: Vec<u32> = Vec::with_capacity(total);
            let mut index: Vec<i64> = Vec::with_capacity(total);
            for (i, n) in counts.iter().enumerate() {
                rows.extend(std::iter::repeat_n(i as u32, *n));
                index.extend(0..*n as i64);
            }
            let base = p.take(&rows);
            let mut cols: Vec<Vector> = Vec::with_capacity(plan.table.cols.len());
            for (c, f) in from.iter().enumerate() {
                if let Some(k) = plan.items.iter().position(|i| i.column == c) {
                    cols.push(lists[k].spread(&rows, &index, plan.items[k].kind));
                } else if plan.index == Some(c) {
                    cols.push(of_ints(index.clone(), None));
                } else {
                    cols.push(match f {
                        Some(i) => base.cols[*i].clone(),
                        None => Vector::constant(Val::Null, rows.len()),
                    });
                }
            }
            if segment {
                let start = starts.get(nth).copied().unwrap_or(0);
                cols.push(of_ints(
                    rows.iter().map(|r| start + i64::from(*r)).collect(),
                    None,
                ));
            } else if hidden {
                cols.extend(base.cols.last().cloned());
            }
            Some(Part {
                rows: rows.len(),
                cols,
            })
        })?;
        let out = parts.into_iter().flatten().filter(|p| p.rows > 0).collect();
        Ok(Rel {
            table: plan.table.clone(),
            parts: out,
            serialized: input.serialized,
            segmented: segment || hidden,
        })
    }

    pub(super) fn mv_expand(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let plan = self.expand_plan(node, &input)?;
        self.expand(&input, &plan, false)
    }

    pub(super) fn mv_apply(&mut self, node: Id, input: Rel) -> Res<Rel> {
        if input.segmented {
            return self.unsupported(node, "mv-apply inside mv-apply");
        }
        let t = self.t();
        let plan = self.expand_plan(node, &input)?;
        let expanded = self.expand(&input, &plan, true)?;
        let Some(sub) = t.child_of(node, N::Subquery).and_then(|s| t.child(s, 0)) else {
            return self.unsupported(node, "this");
        };
        let result = self.fed(sub, expanded)?;
        self.apply_back(&input, &plan, result)
    }

    /// The rows of the sub-query beside those they come from.
    fn apply_back(&mut self, input: &Rel, plan: &Plan, result: Rel) -> Res<Rel> {
        let applied: Vec<usize> = plan.items.iter().filter_map(|i| i.of).collect();
        // (column, whether it is of the sub-query, its place)
        let mut cols: Vec<(Column, bool, usize)> = Vec::new();
        for (i, c) in input.table.cols.iter().enumerate() {
            if !applied.contains(&i) {
                cols.push((*c, false, i));
            }
        }
        for (i, c) in result.table.cols.iter().enumerate() {
            match cols.iter().position(|(x, ..)| x.name == c.name) {
                Some(at) => cols[at] = (*c, true, i),
                None => cols.push((*c, true, i)),
            }
        }
        let table = self
            .b
            .table(cols.iter().map(|c| c.0).collect(), input.table.open);
        let whole = self.whole(input)?;
        let parts = result
            .parts
            .iter()
            .filter(|p| p.rows > 0)
            .map(|p| {
                let rows: Vec<u32> = (0..p.rows)
                    .map(|i| {
                        p.cols
                            .last()
                            .and_then(|s| s.int_at(i))
                            .map_or(super::vector::NO_ROW, |n| n as u32)
                    })
                    .collect();
                let base = whole.take(&rows);
                Part {
                    rows: p.rows,
                    cols: cols
                        .iter()
                        .map(|(_, sub, i)| {
                            if *sub {
                                p.cols[*i].clone()
                            } else {
                                base.cols[*i].clone()
                            }
                        })
                        .collect(),
                }
            })
            .collect();
        Ok(Rel {
            table,
            parts,
            serialized: false,
            segmented: false,
        })
    }
}

/// The elements of each row's value. Rows of one dictionary code share theirs.
struct Lists {
    /// For each row its list.
    list: Vec<u32>,
    /// For each list its first element; the last is the end.
    starts: Vec<u32>,
    /// All elements, and a null after them.
    elements: Vector,
}

impl Lists {
    fn of(item: &Item, p: &Part, bag_arrays: bool, cx: &mut Cx) -> Lists {
        let v = item.expr.eval(p, cx);
        let kind = item.expr.kind;
        let mut list: Vec<u32> = Vec::with_capacity(p.rows);
        let mut starts = vec![0u32];
        let mut elements = Build::new(item.kind);
        let mut known: Vec<u32> = match &v {
            Vector::Const(..) => vec![u32::MAX],
            Vector::Data(..) => vec![u32::MAX; v.dict().map_or(0, |(d, _)| d.values().len())],
        };
        let (mut pace, mut counted) = (Pace::default(), 0);
        for i in 0..p.rows {
            let code = match &v {
                Vector::Const(..) => Some(0),
                Vector::Data(..) => v.dict().and_then(|(d, sel)| {
                    let r = Vector::row(sel, i);
                    (r < d.codes().len() && !d.is_null(r)).then(|| d.codes().get(r))
                }),
            };
            if let Some(c) = code
                && let Some(l) = known.get(c).filter(|l| **l != u32::MAX)
            {
                list.push(*l);
                continue;
            }
            let mut put = |x: Val| {
                // where the query is lost, the rest is left out
                if !cx.guard.stopped() {
                    let bytes = x.text_len();
                    elements.push(x.to(item.kind));
                    if pace.value(bytes) {
                        cx.pause(&mut pace, elements.bytes(), &mut counted);
                    }
                }
            };
            match v.val(kind, i) {
                Val::Dyn(s) if s.starts_with('[') => {
                    json::elements(&s).for_each(|e| put(dynamic(e)))
                }
                Val::Dyn(s) if s.starts_with('{') => json::members(&s).for_each(|(k, v)| {
                    let k = json::quote(&json::unescape(k));
                    put(dynamic(if bag_arrays {
                        format!("[{k},{v}]")
                    } else {
                        format!("{{{k}:{v}}}")
                    }));
                }),
                x => put(x),
            }
            starts.push(elements.len() as u32);
            let l = starts.len() as u32 - 2;
            list.push(l);
            if let Some(slot) = code.and_then(|c| known.get_mut(c)) {
                *slot = l;
            }
        }
        elements.null();
        Lists {
            list,
            starts,
            elements: elements.finish(),
        }
    }
    fn range(&self, row: usize) -> (usize, usize) {
        let l = self.list[row] as usize;
        (self.starts[l] as usize, self.starts[l + 1] as usize)
    }
    fn count(&self, row: usize) -> usize {
        let (a, b) = self.range(row);
        b - a
    }
    fn spread(&self, rows: &[u32], index: &[i64], kind: Kind) -> Vector {
        // the elements once, then which of them stands in which row
        let none = self.elements.len() as u32 - 1;
        let pick: Vec<u32> = rows
            .iter()
            .zip(index)
            .map(|(r, i)| {
                let (from, to) = self.range(*r as usize);
                let at = from + *i as usize;
                if at < to { at as u32 } else { none }
            })
            .collect();
        let col = &self.elements;
        if col.len() * 4 < rows.len() && kind.is_text() {
            // few elements in many rows: a dictionary
            let mut values = table::Strings::default();
            for i in 0..col.len() {
                values.push(col.str_at(i).unwrap_or(""));
            }
            let valid = pick
                .iter()
                .map(|p| col.str_at(*p as usize).is_some())
                .collect();
            let valid = (kind != Kind::String).then_some(valid);
            return super::vector::of_codes(pick, values, valid, kind);
        }
        col.take(&pick)
    }
}
