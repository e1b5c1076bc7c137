//! Tabular operators: which code runs each, and the simple ones.

use super::answer::Render;
use super::expr::{Expr, Node};
use super::rel::{Part, Rel};
use super::session::{Res, Session};
use super::value::{Kind, Val};
use super::vector::{Build, Vector, of_ints};
use crate::bind::env::TableRef;
use crate::syntax::{Id, N};

/// Most values of a `range`.
const MOST_RANGE: usize = 50_000_000;

impl Session<'_> {
    /// Runs one operator on what flows in.
    pub fn operator(&mut self, node: Id, input: Option<Rel>) -> Res<Rel> {
        self.check_cancel()?;
        self.counted(node, input, |s, input| s.run_operator(node, input))
    }

    fn run_operator(&mut self, node: Id, input: Option<Rel>) -> Res<Rel> {
        let t = self.t();
        let kind = t.kind(node);
        match kind {
            N::Print => return self.print(node),
            N::Range => return self.range(node),
            N::Union => return self.union(node, input),
            N::Search | N::Find => return self.search(node, kind, input),
            N::Evaluate => return self.evaluate(node, input),
            _ => {}
        }
        let Some(input) = input else {
            return self.unsupported(node, "an operator without a table");
        };
        match kind {
            N::Where => self.filter_op(node, input),
            N::Extend | N::Project | N::Serialize => {
                let mut out = self.project(node, input)?;
                out.serialized |= kind == N::Serialize;
                Ok(out)
            }
            N::ProjectAway
            | N::ProjectKeep
            | N::ProjectRename
            | N::ProjectReorder
            | N::ProjectByNames => {
                let table = if kind == N::ProjectByNames {
                    self.by_names(node, &input)?
                } else {
                    self.bind_op(node, Some(&input))?
                };
                self.rearrange(table, input)
            }
            N::Take => {
                let n = self.count_arg(node)?;
                self.take_rows(input, n)
            }
            N::Sample => {
                let n = self.count_arg(node)?;
                self.sample(input, n)
            }
            N::Count => {
                let table = self.bind_op(node, Some(&input))?;
                if input.segmented {
                    return self.count_segments(table, input);
                }
                let n = input.rows() as i64;
                Ok(Rel::one(
                    table,
                    Part {
                        rows: 1,
                        cols: vec![of_ints(vec![n], None)],
                    },
                ))
            }
            N::Sort => self.sort(node, input),
            N::Top => self.top(node, input),
            N::Summarize => self.summarize(node, input),
            N::Distinct => self.distinct(node, input),
            N::Join => self.join(node, input),
            N::Lookup => self.lookup(node, input),
            N::MvExpand => self.mv_expand(node, input),
            N::MvApply => self.mv_apply(node, input),
            N::Parse | N::ParseWhere => self.parse(node, input),
            N::ParseKv => self.parse_kv(node, input),
            N::MakeSeries => self.make_series(node, input),
            N::Invoke => match t.child(node, 0) {
                Some(c) => self.invoke(c, input),
                None => self.unsupported(node, "this"),
            },
            N::Render => {
                self.render(node);
                Ok(input)
            }
            N::As => self.name_it(node, input),
            N::GetSchema => self.get_schema(node, input),
            N::Consume => Ok(input.with(Vec::new())),
            N::ExecuteAndCache | N::AssertSchema => Ok(input),
            _ => self.rare(node, kind, input),
        }
    }

    // ---- where
    fn filter_op(&mut self, node: Id, input: Rel) -> Res<Rel> {
        self.bind_op(node, Some(&input))?;
        let t = self.t();
        let Some(e) = t.children(node).find(|c| t.kind(*c) != N::Param) else {
            return Ok(input);
        };
        let e = self.compile(e)?;
        self.filter(input, e)
    }
    /// The rows where the condition holds; cheap conditions first.
    pub fn filter(&mut self, input: Rel, e: Expr) -> Res<Rel> {
        if let Some(v) = e.value() {
            return Ok(if v.truth() == Some(true) {
                input
            } else {
                input.with(Vec::new())
            });
        }
        let input = if e.is_whole() {
            let whole = self.whole(&input)?;
            input.with(vec![whole])
        } else {
            input
        };
        let mut all = Vec::new();
        conjuncts(e, &mut all);
        all.sort_by_key(Expr::cost);
        let parts = self.each_part(&input.parts, |p, cx| {
            let mut p = p.clone();
            for e in &all {
                if p.rows == 0 {
                    break;
                }
                let truths = e.truths(&p, cx);
                let rows: Vec<u32> = truths
                    .iter()
                    .enumerate()
                    .filter(|(_, t)| **t == 1)
                    .map(|(i, _)| i as u32)
                    .collect();
                if rows.len() < p.rows {
                    p = p.take(&rows);
                }
            }
            p
        })?;
        let parts = parts.into_iter().filter(|p| p.rows > 0).collect();
        Ok(input.with(parts))
    }

    // ---- project and its kin
    /// The expressions of an operator's output columns: of the input where it passes through.
    pub fn output_exprs(&mut self, table: &TableRef, input: &Rel) -> Res<Vec<Expr>> {
        let mut out = Vec::with_capacity(table.cols.len());
        let at: hashbrown::HashMap<(u32, u32), usize> = input
            .table
            .cols
            .iter()
            .enumerate()
            .rev()
            .map(|(i, c)| ((c.id, c.name.0), i))
            .collect();
        for c in table.cols.iter() {
            if let Some(i) = at.get(&(c.id, c.name.0)) {
                out.push(Expr::col(*i, Kind::of(input.table.cols[*i].ty)));
                continue;
            }
            match self.origin(c) {
                Some((node, nth)) => out.push(self.nth_value(node, nth)?),
                None => match input.table.cols.iter().position(|x| x.name == c.name) {
                    Some(i) => out.push(Expr::col(i, Kind::of(input.table.cols[i].ty))),
                    None => out.push(Expr::constant(Val::Null, Kind::of(c.ty))),
                },
            }
        }
        Ok(out)
    }

    fn project(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let exprs = self.output_exprs(&table, &input)?;
        self.compute(table, exprs, input)
    }

    /// A table of these expressions over the rows of another.
    pub fn compute(&mut self, table: TableRef, exprs: Vec<Expr>, input: Rel) -> Res<Rel> {
        let exprs: Vec<Expr> = exprs
            .into_iter()
            .zip(table.cols.iter())
            .map(|(e, c)| match c.ty {
                crate::types::Ty::UNKNOWN | crate::types::Ty::ERROR | crate::types::Ty::NULL => e,
                ty => {
                    let k = Kind::of(ty);
                    e.cast(k, &mut self.cx)
                }
            })
            .collect();
        let kinds: Vec<Kind> = exprs.iter().map(|e| e.kind).collect();
        let table = self.retyped(&table, &kinds, table.open);
        let input = if exprs.iter().any(Expr::is_whole) && input.parts.len() > 1 {
            let whole = self.whole(&input)?;
            input.with(vec![whole])
        } else {
            input
        };
        let segmented = input.segmented;
        let parts = self.each_part(&input.parts, |p, cx| {
            let mut cols: Vec<Vector> = exprs.iter().map(|e| e.eval(p, cx)).collect();
            if segmented {
                cols.extend(p.cols.last().cloned());
            }
            Part { rows: p.rows, cols }
        })?;
        Ok(Rel {
            table,
            parts,
            serialized: input.serialized,
            segmented,
        })
    }

    fn rearrange(&mut self, table: TableRef, input: Rel) -> Res<Rel> {
        let exprs = self.output_exprs(&table, &input)?;
        self.compute(table, exprs, input)
    }

    /// `project-by-names` takes arrays of names and computed ones too.
    fn by_names(&mut self, node: Id, input: &Rel) -> Res<TableRef> {
        let t = self.t();
        let kids: Vec<Id> = t.children(node).collect();
        let mut cols = Vec::new();
        for k in kids {
            let names: Vec<String> = match self.names_of(k)? {
                Some(n) => n,
                None => {
                    let row = self.b.row.take();
                    let v = self.constant(k);
                    self.b.row = row;
                    match v? {
                        Val::Dyn(s) => super::json::elements(&s)
                            .map(|e| super::json::text_of(e).into_owned())
                            .collect(),
                        v => vec![v.text().into_owned()],
                    }
                }
            };
            for n in names {
                for c in input.table.cols.iter() {
                    let text = self.b.text(c.name);
                    if crate::bind::wild_match(n.as_bytes(), text.as_bytes())
                        && !cols
                            .iter()
                            .any(|x: &crate::bind::env::Column| x.name == c.name)
                    {
                        cols.push(*c);
                    }
                }
            }
        }
        Ok(self.b.table(cols, false))
    }
    /// The names that `column_names_of(T)` gives.
    pub fn names_of(&mut self, node: Id) -> Res<Option<Vec<String>>> {
        let t = self.t();
        let is_call = t.kind(node) == N::Call
            && t.child(node, 0)
                .is_some_and(|n| t.text_of(n) == "column_names_of");
        let Some(arg) = t
            .child_of(node, N::Args)
            .and_then(|l| t.child(l, 0))
            .filter(|_| is_call)
        else {
            return Ok(None);
        };
        let row = self.b.row.take();
        let rel = self.tabular(arg);
        self.b.row = row;
        let rel = rel?;
        Ok(Some(
            rel.table
                .cols
                .iter()
                .map(|c| self.b.text(c.name).to_owned())
                .collect(),
        ))
    }

    // ---- take, sample, count
    fn count_arg(&mut self, node: Id) -> Res<usize> {
        let t = self.t();
        match t.children(node).find(|c| t.kind(*c) != N::Param) {
            Some(e) => Ok(self
                .constant(e)?
                .long()
                .and_then(|n| usize::try_from(n).ok())
                .unwrap_or(0)),
            None => Ok(0),
        }
    }
    pub fn take_rows(&mut self, input: Rel, n: usize) -> Res<Rel> {
        if input.segmented {
            return self.take_segments(input, n);
        }
        let mut left = n;
        let mut parts = Vec::new();
        for p in &input.parts {
            if left == 0 {
                break;
            }
            let k = p.rows.min(left);
            parts.push(p.slice(0, k));
            left -= k;
        }
        Ok(input.with(parts))
    }
    /// The first rows of each sub-table.
    pub fn take_segments(&mut self, input: Rel, n: usize) -> Res<Rel> {
        let whole = self.whole(&input)?;
        let mut seen: hashbrown::HashMap<i64, usize> = hashbrown::HashMap::new();
        let rows: Vec<u32> = (0..whole.rows)
            .filter(|i| {
                let s = whole.cols.last().and_then(|c| c.int_at(*i)).unwrap_or(0);
                let k = seen.entry(s).or_default();
                *k += 1;
                *k <= n
            })
            .map(|i| i as u32)
            .collect();
        Ok(input.with(vec![whole.take(&rows)]))
    }
    fn count_segments(&mut self, table: TableRef, input: Rel) -> Res<Rel> {
        let whole = self.whole(&input)?;
        let mut order: Vec<i64> = Vec::new();
        let mut counts: hashbrown::HashMap<i64, i64> = hashbrown::HashMap::new();
        for i in 0..whole.rows {
            let s = whole.cols.last().and_then(|c| c.int_at(i)).unwrap_or(0);
            let n = counts.entry(s).or_insert_with(|| {
                order.push(s);
                0
            });
            *n += 1;
        }
        let n = order.iter().map(|s| counts[s]).collect();
        let part = Part {
            rows: order.len(),
            cols: vec![of_ints(n, None), of_ints(order, None)],
        };
        Ok(Rel {
            segmented: true,
            ..Rel::one(table, part)
        })
    }
    fn sample(&mut self, input: Rel, n: usize) -> Res<Rel> {
        let total = input.rows();
        if n >= total {
            return Ok(input);
        }
        // every row as likely as any other, in the order they come
        let whole = self.whole(&input)?;
        let mut left = n;
        let mut rows = Vec::with_capacity(n);
        for i in 0..total {
            let r = (self.cx.random() % (total - i) as u64) as usize;
            if r < left {
                rows.push(i as u32);
                left -= 1;
            }
        }
        Ok(input.with(vec![whole.take(&rows)]))
    }

    // ---- print and range
    fn print(&mut self, node: Id) -> Res<Rel> {
        let table = self.bind_op(node, None)?;
        let table = self.b.table(table.cols.to_vec(), false);
        self.b.row = None;
        let empty = self.b.table(Vec::new(), false);
        let input = Rel::one(
            empty,
            Part {
                rows: 1,
                cols: Vec::new(),
            },
        );
        let mut exprs = Vec::new();
        for c in table.cols.iter() {
            exprs.push(match self.origin(c) {
                Some((n, nth)) => self.nth_value(n, nth)?,
                None => Expr::constant(Val::Null, Kind::of(c.ty)),
            });
        }
        self.compute(table, exprs, input)
    }

    fn range(&mut self, node: Id) -> Res<Rel> {
        let table = self.bind_op(node, None)?;
        self.b.row = None;
        let t = self.t();
        let mut vals = Vec::new();
        let kids: Vec<Id> = t
            .children(node)
            .filter(|c| matches!(t.kind(*c), N::From | N::To | N::Step))
            .filter_map(|c| t.child(c, 0))
            .collect();
        for k in kids {
            vals.push(self.constant(k)?);
        }
        let kind = table.cols.first().map_or(Kind::Long, |c| Kind::of(c.ty));
        let [from, to, step] = &vals[..] else {
            return self.unsupported(node, "this range");
        };
        // its numbers are part of what may be held
        let most = (self.guard.room() / 8).min(MOST_RANGE);
        let Some(col) = super::eval::arrays::range_values(from, to, step, kind, most) else {
            return self.limit(
                node,
                &format!("the range has more values than the limit of {most}"),
            );
        };
        self.guard.charge(col.heap_bytes());
        let rows = col.len();
        Ok(Rel {
            serialized: true,
            ..Rel::one(
                table,
                Part {
                    rows,
                    cols: vec![col],
                },
            )
        })
    }

    // ---- small ones
    fn invoke(&mut self, c: Id, input: Rel) -> Res<Rel> {
        let t = self.t();
        if t.kind(c) == N::Call {
            self.b.row = None;
            return self.table_call(c, Some(input));
        }
        let kids: Vec<Id> = t.children(c).collect();
        let mut rel = input;
        for k in kids {
            rel = self.table_call(k, Some(rel))?;
        }
        Ok(rel)
    }
    fn render(&mut self, node: Id) {
        let t = self.t();
        let mut r = Render {
            chart: t
                .tokens_of(node)
                .get(1)
                .map_or(String::new(), |k| t.token_text(*k).to_owned()),
            with: Vec::new(),
        };
        let mut params: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::Param)
            .collect();
        if let Some(w) = t.child_of(node, N::With) {
            params.extend(t.children(w).filter(|c| t.kind(*c) == N::Param));
        }
        for p in params {
            if let (Some(n), Some(v)) = (t.child(p, 0), t.child(p, 1)) {
                let value = super::literal::node(t, v)
                    .map_or_else(|| t.text_of(v).to_owned(), |v| v.text().into_owned());
                r.with.push((t.text_of(n).to_owned(), value));
            }
        }
        self.render = Some(r);
    }
    fn name_it(&mut self, node: Id, input: Rel) -> Res<Rel> {
        self.bind_op(node, Some(&input))?;
        let t = self.t();
        if let Some(n) = t.children(node).find(|c| t.kind(*c) == N::NameDecl) {
            let name = self.node_name(n);
            if let Some(i) = self.local_of(name) {
                self.keep(&input);
                self.lets.insert(i, super::session::Let::Rel(input.clone()));
            }
        }
        Ok(input)
    }
    fn get_schema(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let table = self.bind_op(node, Some(&input))?;
        let mut builds: Vec<Build> = table
            .cols
            .iter()
            .map(|c| Build::new(Kind::of(c.ty)))
            .collect();
        for (i, c) in input.table.cols.iter().enumerate() {
            let net = match Kind::of(c.ty) {
                Kind::Bool => "System.SByte",
                Kind::Int => "System.Int32",
                Kind::Long => "System.Int64",
                Kind::Real => "System.Double",
                Kind::Decimal => "System.Data.SqlTypes.SqlDecimal",
                Kind::String => "System.String",
                Kind::Datetime => "System.DateTime",
                Kind::Timespan => "System.TimeSpan",
                Kind::Guid => "System.Guid",
                Kind::Dynamic => "System.Object",
            };
            let name = self.b.text(c.name).to_owned();
            let row = [
                super::value::text(name),
                Val::Long(i as i64),
                super::value::text(net),
                super::value::text(c.ty.name()),
            ];
            if builds.len() == 4 {
                for (b, v) in builds.iter_mut().zip(row) {
                    b.push(v);
                }
            }
        }
        let rows = builds.first().map_or(0, Build::len);
        let cols = builds.into_iter().map(Build::finish).collect();
        Ok(Rel::one(table, Part { rows, cols }))
    }

    /// A value of an item that may give several.
    pub fn nth_value(&mut self, node: Id, nth: usize) -> Res<Expr> {
        let t = self.t();
        let inner = match t.kind(node) {
            N::Named | N::CompoundNamed => t.child(node, 1).unwrap_or(node),
            _ => node,
        };
        if t.kind(inner) == N::Call
            && let Some(e) = self.part_of_call(inner, nth)?
        {
            return Ok(e);
        }
        self.compile(node)
    }
}

pub(super) fn conjuncts(e: Expr, out: &mut Vec<Expr>) {
    match e.node {
        Node::And(list) => list.into_iter().for_each(|e| conjuncts(e, out)),
        _ => out.push(e),
    }
}
