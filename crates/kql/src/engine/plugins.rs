//! Plug-ins of `evaluate`: `bag_unpack`, `pivot`, `narrow`, look-ups of addresses.

use super::expr::{Expr, Node};
use super::guard::Pace;
use super::json;
use super::rel::{PART_ROWS, Part, Rel};
use super::run::ErrorKind;
use super::session::{Res, Session};
use super::summarize::Aggs;
use super::value::{Kind, Val, dynamic, text};
use super::vector::{Build, NO_ROW, Vector};
use crate::bind::env::{Column, Info};
use crate::syntax::{Id, N};
use hashbrown::{HashMap, HashSet};

/// Pivots and bags give no more columns than this.
const MOST_COLUMNS: usize = 10_000;

impl Session<'_> {
    pub(super) fn evaluate(&mut self, node: Id, input: Option<Rel>) -> Res<Rel> {
        let t = self.t();
        let Some(call) = t.child_of(node, N::Call) else {
            return self.unsupported(node, "this");
        };
        let (Some(name), Some(list)) = (t.child(call, 0), t.child_of(call, N::Args)) else {
            return self.unsupported(node, "this");
        };
        let args: Vec<Id> = t.children(list).collect();
        let plugin = t.text_of(name).to_owned();
        let Some(input) = input else {
            return self.unsupported(name, &format!("`{plugin}` without a table"));
        };
        if input.segmented {
            return self.unsupported(name, &format!("`{plugin}` inside mv-apply"));
        }
        let out = match plugin.as_str() {
            "bag_unpack" => {
                self.bind_op(node, Some(&input))?;
                self.bag_unpack(node, &args, input)?
            }
            "pivot" => {
                self.bind_op(node, Some(&input))?;
                self.pivot(node, &args, input)?
            }
            "ipv4_lookup" | "ipv6_lookup" => self.ip_lookup(node, &plugin, &args, input)?,
            "narrow" => self.narrow_op(node, input)?,
            "rows_near" => self.rows_near(node, &args, input)?,
            "rolling_percentile" => self.rolling_percentile(node, &args, input)?,
            "dcount_intersect" => self.dcount_intersect(node, &args, input)?,
            n if super::activity::counts_activity(n) => {
                self.activity(node, &plugin, &args, input)?
            }
            "identity" => input,
            _ => return self.unsupported(name, &format!("the plug-in `{plugin}`")),
        };
        // a declared schema says which columns there are
        let Some(schema) = t
            .child_of(node, N::EvaluateSchema)
            .and_then(|s| t.child(s, 0))
        else {
            return Ok(out);
        };
        let declared = if t.kind(schema) == N::RowSchema {
            self.b.row_schema(schema)
        } else {
            return Ok(out);
        };
        let star = t.child(schema, 0).is_some_and(|c| t.kind(c) == N::Star);
        let mut cols: Vec<Column> = Vec::new();
        let mut exprs = Vec::new();
        if star {
            for (i, c) in out.table.cols.iter().enumerate() {
                let given = input_has(&out, i) && declared.iter().all(|d| d.name != c.name);
                if given {
                    cols.push(*c);
                    exprs.push(Expr::col(i, out.kind(i)));
                }
            }
        }
        for d in declared {
            cols.push(d);
            exprs.push(match out.table.cols.iter().position(|c| c.name == d.name) {
                Some(i) => Expr::col(i, out.kind(i)),
                None => Expr::constant(Val::Null, Kind::of(d.ty)),
            });
        }
        let table = self.b.table(cols, false);
        self.compute(table, exprs, out)
    }

    fn plugin_arg(&mut self, node: Id) -> Res<Expr> {
        self.scalar(node)
    }

    fn bag_unpack(&mut self, node: Id, args: &[Id], input: Rel) -> Res<Rel> {
        self.b.row = Some(input.table.clone());
        let Some(first) = args.first() else {
            return self.unsupported(node, "this");
        };
        let Expr {
            node: Node::Col(bag),
            ..
        } = self.plugin_arg(*first)?
        else {
            return self.fail(ErrorKind::Semantic, *first, "a column is expected");
        };
        let mut prefix = String::new();
        let mut conflict = "error".to_owned();
        let mut ignored: Vec<String> = Vec::new();
        let t = self.t();
        for (i, a) in args.iter().enumerate().skip(1) {
            let (key, value) = match (t.kind(*a), t.child(*a, 0), t.child(*a, 1)) {
                (N::Named, Some(k), Some(v)) => (t.text_of(k).to_owned(), v),
                _ => (
                    [
                        "",
                        "OutputColumnPrefix",
                        "columnsConflict",
                        "ignoredProperties",
                    ]
                    .get(i)
                    .copied()
                    .unwrap_or("")
                    .to_owned(),
                    *a,
                ),
            };
            let v = self.constant(value)?;
            match key.to_ascii_lowercase().as_str() {
                "outputcolumnprefix" => prefix = v.text().into_owned(),
                "columnsconflict" => conflict = v.text().into_owned(),
                "ignoredproperties" => super::eval::ops::words_of(v, &mut ignored),
                _ => {}
            }
        }
        // all keys with the kind that holds all their values
        let mut keys: Vec<(String, Option<Kind>)> = Vec::new();
        let mut at: HashMap<String, usize> = HashMap::new();
        for p in &input.parts {
            self.check_cancel()?;
            let mut pace = Pace::default();
            for i in 0..p.rows {
                let Val::Dyn(s) = p.cols[bag].val(Kind::Dynamic, i) else {
                    continue;
                };
                if pace.value(s.len()) {
                    self.guard.step(pace.take());
                    self.check()?;
                }
                for (k, v) in json::members(&s) {
                    let k = json::unescape(k);
                    if ignored.iter().any(|x| *x == k) {
                        continue;
                    }
                    let n = match at.get(&*k) {
                        Some(n) => *n,
                        None => {
                            keys.push((k.clone().into_owned(), None));
                            at.insert(k.into_owned(), keys.len() - 1);
                            keys.len() - 1
                        }
                    };
                    let kind = match json::plain(v) {
                        Val::Null => continue,
                        Val::Bool(_) => Kind::Bool,
                        Val::Long(_) => Kind::Long,
                        Val::Real(_) => Kind::Real,
                        Val::Str(s) => {
                            if s.len() >= 19
                                && s.as_bytes().get(10) == Some(&b'T')
                                && super::time::parse_date(&s).is_some()
                            {
                                Kind::Datetime
                            } else {
                                Kind::String
                            }
                        }
                        _ => Kind::Dynamic,
                    };
                    keys[n].1 = Some(match (keys[n].1, kind) {
                        (None, k) => k,
                        (Some(a), b) if a == b => a,
                        (Some(Kind::Long), Kind::Real) | (Some(Kind::Real), Kind::Long) => {
                            Kind::Real
                        }
                        (Some(Kind::Datetime), Kind::String)
                        | (Some(Kind::String), Kind::Datetime) => Kind::String,
                        _ => Kind::Dynamic,
                    });
                }
            }
            if keys.len() > MOST_COLUMNS {
                return self.limit(node, "the bags have more than 10,000 different keys");
            }
        }
        keys.sort_by(|a, b| a.0.cmp(&b.0));
        let mut cols: Vec<(Column, Result<usize, usize>)> = input
            .table
            .cols
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != bag)
            .map(|(i, c)| (*c, Ok(i)))
            .collect();
        for (n, (k, kind)) in keys.iter().enumerate() {
            let name = format!("{prefix}{k}");
            let c = self
                .b
                .named_column(&name, kind.unwrap_or(Kind::Dynamic).ty());
            match cols.iter().position(|(x, _)| x.name == c.name) {
                Some(_) if conflict == "keep_source" => {}
                Some(i) if conflict == "replace_source" => cols[i] = (c, Err(n)),
                Some(_) => {
                    return self.fail(
                        ErrorKind::Runtime,
                        node,
                        format!(
                            "bag_unpack would make a second column `{name}`; say columnsConflict"
                        ),
                    );
                }
                None => cols.push((c, Err(n))),
            }
        }
        let table = self.b.table(cols.iter().map(|c| c.0).collect(), true);
        let parts = self.each_part(&input.parts, |p, cx| {
            let (mut pace, mut known) = (Pace::default(), 0);
            let mut builds: Vec<Build> = keys
                .iter()
                .map(|(_, k)| Build::new(k.unwrap_or(Kind::Dynamic)))
                .collect();
            for i in 0..p.rows {
                let v = p.cols[bag].val(Kind::Dynamic, i);
                let s = match &v {
                    Val::Dyn(s) => &**s,
                    _ => "",
                };
                if pace.value(s.len() + 64 * builds.len()) {
                    let made = builds.iter().map(Build::bytes).sum();
                    cx.pause(&mut pace, made, &mut known);
                }
                if cx.guard.stopped() {
                    builds.iter_mut().for_each(Build::null);
                    continue;
                }
                let mut row: HashMap<&str, &str> = HashMap::new();
                for (k, v) in json::members(s) {
                    row.entry(k).or_insert(v);
                }
                for ((k, kind), b) in keys.iter().zip(&mut builds) {
                    let found = row.get(k.as_str()).copied().or_else(|| json::member(s, k));
                    match found {
                        Some(v) if *kind == Some(Kind::Dynamic) || kind.is_none() => {
                            b.push(dynamic(v))
                        }
                        Some(v) => b.push(json::plain(v)),
                        None => b.null(),
                    }
                }
            }
            let made: Vec<Vector> = builds.into_iter().map(Build::finish).collect();
            Part {
                rows: p.rows,
                cols: cols
                    .iter()
                    .map(|(_, from)| match from {
                        Ok(i) => p.cols[*i].clone(),
                        Err(n) => made[*n].clone(),
                    })
                    .collect(),
            }
        })?;
        Ok(Rel {
            table,
            parts,
            serialized: false,
            segmented: false,
        })
    }

    fn pivot(&mut self, node: Id, args: &[Id], input: Rel) -> Res<Rel> {
        self.b.row = Some(input.table.clone());
        let Some(first) = args.first() else {
            return self.unsupported(node, "this");
        };
        let pivot = self.plugin_arg(*first)?;
        let outer = self.aggs.replace(Aggs::default());
        let aggregate = match args.get(1) {
            Some(a) => {
                let old =
                    std::mem::replace(&mut self.b.scope_kind, crate::bind::ScopeKind::Aggregate);
                let e = self.scalar(*a);
                self.b.scope_kind = old;
                e.map(Some)
            }
            None => Ok(None),
        };
        let mut aggs = std::mem::replace(&mut self.aggs, outer).unwrap_or_default();
        let value = aggregate?;
        if aggs.specs.is_empty() {
            aggs.specs.push(super::agg::Spec {
                name: "count",
                args: Vec::new(),
                kinds: Vec::new(),
                outputs: vec![Kind::Long],
                threads: self.options.threads,
                guard: self.guard.clone(),
            });
        }
        let used: Vec<usize> = aggs
            .specs
            .iter()
            .flat_map(|s| &s.args)
            .filter_map(|e| match e.node {
                Node::Col(i) => Some(i),
                _ => None,
            })
            .collect();
        let pivot_col = match pivot.node {
            Node::Col(i) => Some(i),
            _ => None,
        };
        let mut keys: Vec<usize> = Vec::new();
        for a in args.iter().skip(2) {
            if let Expr {
                node: Node::Col(i), ..
            } = self.plugin_arg(*a)?
            {
                keys.push(i);
            }
        }
        if args.len() <= 2 {
            keys = (0..input.table.cols.len())
                .filter(|i| Some(*i) != pivot_col && !used.contains(i))
                .collect();
        }
        let mut exprs: Vec<Expr> = keys.iter().map(|i| Expr::col(*i, input.kind(*i))).collect();
        exprs.push(pivot.clone());
        let base = exprs.len();
        let out_kind = value.as_ref().map_or(Kind::Long, |v| v.kind);
        let grouped = self.aggregated(&input, &exprs, aggs.specs, false)?;
        // columns in the order of their names
        let mut names: Vec<String> = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut rows: Vec<(usize, usize)> = Vec::new();
        let mut by_key: HashMap<String, usize> = HashMap::new();
        let mut cells: HashMap<(usize, String), (usize, usize)> = HashMap::new();
        for (pi, p) in grouped.iter().enumerate() {
            for i in 0..p.rows {
                if i % PART_ROWS == PART_ROWS - 1 {
                    self.guard.step(PART_ROWS as u64);
                    self.check()?;
                }
                let mut key = String::new();
                for (k, e) in exprs.iter().enumerate().take(base - 1) {
                    key.push_str(&p.cols[k].val(e.kind, i).json());
                    key.push('\u{1}');
                }
                let n = by_key.len();
                let r = *by_key.entry(key).or_insert(n);
                if r == rows.len() {
                    rows.push((pi, i));
                }
                let name = p.cols[base - 1].val(pivot.kind, i).text().into_owned();
                if seen.insert(name.clone()) {
                    names.push(name.clone());
                    if names.len() > MOST_COLUMNS {
                        return self.limit(node, "the pivot has more than 10,000 columns");
                    }
                }
                cells.insert((r, name), (pi, i));
            }
        }
        names.sort();
        // the value is an expression over the aggregates, which stand after the keys
        let values: Vec<Vector> = grouped
            .iter()
            .map(|p| match &value {
                Some(v) => {
                    let shifted = Part {
                        rows: p.rows,
                        cols: p.cols.iter().skip(base).cloned().collect(),
                    };
                    v.eval(&shifted, &mut self.cx)
                }
                None => p.cols[base].clone(),
            })
            .collect();
        let mut cols: Vec<Column> = keys.iter().map(|i| input.table.cols[*i]).collect();
        let mut data: Vec<Vector> = Vec::new();
        for (k, i) in keys.iter().enumerate() {
            let mut b = Build::new(input.kind(*i));
            for (pi, row) in &rows {
                b.push(grouped[*pi].cols[k].val(input.kind(*i), *row));
            }
            data.push(b.finish());
        }
        // a value at least of eight bytes for each row and column
        if self
            .guard
            .charge(names.len().saturating_mul(rows.len()).saturating_mul(8))
        {
            self.check()?;
        }
        for n in &names {
            self.guard.step(rows.len() as u64);
            self.check()?;
            let c = self.b.named_column(n, out_kind.ty());
            cols.push(c);
            let mut b = Build::new(out_kind);
            for r in 0..rows.len() {
                match cells.get(&(r, n.clone())) {
                    Some((pi, i)) => b.push(values[*pi].val(out_kind, *i)),
                    // nothing was counted there
                    None if matches!(out_kind, Kind::Long | Kind::Int) => b.push(Val::Long(0)),
                    None => b.null(),
                }
            }
            data.push(b.finish());
        }
        let table = self.b.table(cols, true);
        let n = rows.len();
        Ok(Rel::one(
            table,
            Part {
                rows: n,
                cols: data,
            },
        ))
    }

    fn narrow_op(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let cols = [
            ("Row", Kind::Long),
            ("Column", Kind::String),
            ("Value", Kind::String),
        ];
        let list = cols
            .iter()
            .map(|(n, k)| self.b.named_column(n, k.ty()))
            .collect();
        let table = self.b.table(list, false);
        let mut b: Vec<Build> = cols.iter().map(|(_, k)| Build::new(*k)).collect();
        let whole = self.whole(&input)?;
        if whole.rows.saturating_mul(input.table.cols.len()) > 50_000_000 {
            return self.limit(node, "narrow would give more than 50,000,000 rows");
        }
        let names: Vec<String> = input
            .table
            .cols
            .iter()
            .map(|c| self.b.text(c.name).to_owned())
            .collect();
        let mut pace = Pace::default();
        let (mut cx_known, mut made) = (0, 0);
        for i in 0..whole.rows {
            if pace.value(64 * names.len()) {
                made = made.max(b.iter().map(Build::bytes).sum());
                self.cx.pause(&mut pace, made, &mut cx_known);
                self.check()?;
            }
            for (c, n) in names.iter().enumerate() {
                b[0].push(Val::Long(i as i64));
                b[1].push(text(n.as_str()));
                b[2].push(text(whole.cols[c].val(input.kind(c), i).text()));
            }
        }
        let rows = b[0].len();
        let cols = b.into_iter().map(Build::finish).collect();
        Ok(Rel::one(table, Part { rows, cols }))
    }

    /// Rows beside the rows of a table whose network their address lies in.
    fn ip_lookup(&mut self, node: Id, name: &str, args: &[Id], input: Rel) -> Res<Rel> {
        let t = self.t();
        let [table_node, source, column, extra @ ..] = args else {
            return self.unsupported(node, "this");
        };
        self.b.row = None;
        let lookup = self.tabular(*table_node)?;
        self.b.row = Some(input.table.clone());
        let source = self.plugin_arg(*source)?;
        let col_name = self.node_name(*column);
        let Some(net) = lookup.table.cols.iter().position(|c| c.name == col_name) else {
            return self.fail(ErrorKind::Semantic, *column, "there is no such column");
        };
        let mut unmatched = false;
        let mut keys: Vec<(usize, usize)> = Vec::new();
        for e in extra {
            if t.kind(*e) == N::Named {
                if let Some(v) = t.child(*e, 1) {
                    unmatched = self.constant(v)?.truth() == Some(true);
                }
                continue;
            }
            let n = self.node_name(*e);
            let a = input.table.cols.iter().position(|c| c.name == n);
            let b = lookup.table.cols.iter().position(|c| c.name == n);
            match (a, b) {
                (Some(a), Some(b)) => keys.push((a, b)),
                _ => unmatched = self.constant(*e)?.truth() == Some(true),
            }
        }
        let whole = self.whole(&lookup)?;
        let v4 = name == "ipv4_lookup";
        let mut left = Vec::new();
        let mut right: Vec<u32> = Vec::new();
        let base = self.whole(&input)?;
        let ip = source.eval(&base, &mut self.cx);
        let mut pace = Pace::default();
        let nets: Vec<String> = (0..whole.rows)
            .map(|i| whole.cols[net].val(lookup.kind(net), i).text().into_owned())
            .collect();
        let parsed: Vec<Option<(u32, u32)>> =
            nets.iter().map(|n| super::eval::network::ipv4(n)).collect();
        for i in 0..base.rows {
            if pace.value(64 * whole.rows) {
                self.guard.step(pace.take());
                self.check()?;
            }
            let addr = ip.val(source.kind, i).text().into_owned();
            let own = super::eval::network::ipv4(&addr);
            let mut any = false;
            for j in 0..whole.rows {
                let inside = if v4 {
                    match (own, parsed[j]) {
                        (Some((a, _)), Some((n, m))) => {
                            let mask = if m == 0 { 0 } else { u32::MAX << (32 - m) };
                            a & mask == n & mask
                        }
                        _ => false,
                    }
                } else {
                    super::eval::network::in_range6(&addr, &nets[j])
                };
                let same = keys.iter().all(|(a, b)| {
                    base.cols[*a].val(input.kind(*a), i) == whole.cols[*b].val(lookup.kind(*b), j)
                });
                if inside && same {
                    any = true;
                    left.push(i as u32);
                    right.push(j as u32);
                }
            }
            if !any && unmatched {
                left.push(i as u32);
                right.push(NO_ROW);
            }
        }
        let keep: Vec<usize> = (0..lookup.table.cols.len())
            .filter(|j| keys.iter().all(|(_, b)| b != j))
            .collect();
        let mut cols = input.table.cols.to_vec();
        cols.extend(keep.iter().map(|j| lookup.table.cols[*j]));
        self.b.make_unique(&mut cols);
        let table = self.b.table(cols, input.table.open);
        let mut part = base.take(&left);
        let r = whole.take(&right);
        part.cols.extend(keep.iter().map(|j| r.cols[*j].clone()));
        let _ = Info::error();
        Ok(Rel::one(table, part))
    }
}

fn input_has(_: &Rel, _: usize) -> bool {
    true
}
