//! Graphs: made of a table of edges, marked, filtered, made tables again. Patterns are found by
//! `find` and `shortest`; `ask` works out what a query says of the matches.
//!
//! A graph flows through the pipe as a table without rows whose number the session knows.

mod ask;
mod find;
mod parts;
mod shortest;

use super::rel::{Part, Rel};
use super::run::ErrorKind;
use super::session::{Let, Res, Session};
use super::value::{Kind, Val};
use super::vector::{Build, of_ints};
use crate::bind::env::{Info, R, TableRef};
use crate::syntax::{Id, N, T};
pub(super) use ask::Matches;
use hashbrown::HashMap;
use std::sync::Arc;

/// A graph: edges and nodes with their properties, and who is next to whom.
#[derive(Debug)]
pub(super) struct Graph {
    /// Columns of edges and of nodes, as the binder has them.
    pub shape: Arc<(TableRef, Option<TableRef>)>,
    pub edges: Part,
    pub nodes: Part,
    /// The keys of the nodes as values of their kind.
    keys: Vec<Val<'static>>,
    /// Ends of each edge.
    pub from: Vec<u32>,
    pub to: Vec<u32>,
    /// Edges that leave and that reach each node.
    pub out: Lists,
    pub into: Lists,
}

/// For each node some edges.
#[derive(Debug)]
pub(super) struct Lists {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Lists {
    fn of(count: usize, ends: &[u32]) -> Lists {
        let mut starts = vec![0u32; count + 1];
        for e in ends {
            if let Some(s) = starts.get_mut(*e as usize + 1) {
                *s += 1;
            }
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        let mut next = starts.clone();
        let mut items = vec![0u32; ends.len()];
        for (edge, e) in ends.iter().enumerate() {
            if let Some(n) = next.get_mut(*e as usize) {
                items[*n as usize] = edge as u32;
                *n += 1;
            }
        }
        Lists { starts, items }
    }
    pub fn get(&self, node: u32) -> &[u32] {
        let (a, b) = (
            self.starts.get(node as usize).copied().unwrap_or(0),
            self.starts.get(node as usize + 1).copied().unwrap_or(0),
        );
        self.items.get(a as usize..b as usize).unwrap_or(&[])
    }
}

impl Graph {
    fn new(
        shape: Arc<(TableRef, Option<TableRef>)>,
        edges: Part,
        nodes: Part,
        keys: Vec<Val<'static>>,
        from: Vec<u32>,
        to: Vec<u32>,
    ) -> Graph {
        Graph {
            shape,
            edges,
            out: Lists::of(nodes.rows, &from),
            into: Lists::of(nodes.rows, &to),
            nodes,
            keys,
            from,
            to,
        }
    }
    /// The columns of the nodes.
    pub fn node_table(&self) -> &TableRef {
        self.shape.1.as_ref().unwrap_or(&self.shape.0)
    }
}

/// Nodes of the table of nodes and of the ends of edges, each once, in the order met.
#[derive(Default)]
struct Book {
    numbers: HashMap<String, u32>,
    keys: Vec<Val<'static>>,
}

impl Book {
    fn number(&mut self, v: Val) -> u32 {
        let text = v.text();
        if let Some(n) = self.numbers.get(&*text) {
            return *n;
        }
        let n = self.keys.len() as u32;
        self.numbers.insert(text.into_owned(), n);
        self.keys.push(v.owned());
        n
    }
}

impl Session<'_> {
    pub(super) fn graph_operator(&mut self, node: Id, kind: N, input: Rel) -> Res<Rel> {
        if input.segmented {
            return self.unsupported(node, "a graph inside mv-apply");
        }
        match kind {
            N::MakeGraph => self.make_graph(node, input),
            N::GraphMatch | N::GraphShortestPaths => self.graph_find(node, kind, input),
            N::GraphToTable => self.graph_to_table(node, input),
            N::GraphMarkComponents => self.mark_components(node, input),
            _ => self.graph_where(node, kind, input),
        }
    }

    /// The graph that flows into an operator.
    fn graph_of(&mut self, node: Id, input: &Rel) -> Res<Arc<Graph>> {
        match self.graphs.get(&input.table.id) {
            Some(g) => Ok(g.clone()),
            None => self.fail(ErrorKind::Semantic, node, "a graph is expected"),
        }
    }
    fn keep_graph(&mut self, g: Graph) -> Rel {
        let table = self.b.table(Vec::new(), false);
        self.graphs.insert(table.id, Arc::new(g));
        Rel::empty(table)
    }
    /// Binds an operator as it stands behind a table or a graph.
    fn bind_graph(&mut self, node: Id, left: R) -> Res<R> {
        if let Some(l) = &mut self.b.live {
            l.origins.clear();
        }
        let from = self.b.out.diags.len();
        self.b.row = left.table().cloned();
        self.b.left = Info::of(left);
        let old = std::mem::replace(&mut self.b.scope_kind, crate::bind::ScopeKind::Normal);
        let info = self.b.operator_node(node, true);
        self.b.scope_kind = old;
        self.bound_well(from)?;
        Ok(info.r)
    }

    fn make_graph(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let t = self.t();
        if let Some(by) = t.child_of(node, N::By) {
            return self.unsupported(by, "`partitioned-by`");
        }
        let R::Graph(shape) = self.bind_graph(node, R::Table(input.table.clone()))? else {
            return self.fail(ErrorKind::Semantic, node, "no graph comes out of this");
        };
        let ends: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) != N::Param)
            .take(2)
            .collect();
        let mut at = Vec::new();
        for e in &ends {
            let name = self.node_name(*e);
            match input.table.cols.iter().position(|c| c.name == name) {
                Some(i) => at.push(i),
                None => return self.fail(ErrorKind::Semantic, *e, "there is no such column"),
            }
        }
        let [a, b] = at[..] else {
            return self.unsupported(node, "this");
        };
        let mut book = Book::default();
        // tables of nodes first: (rows, columns, the key's column)
        let mut tables: Vec<(Rel, Part, usize)> = Vec::new();
        // for each table which row a node has there
        let mut rows: Vec<HashMap<u32, u32>> = Vec::new();
        let items: Vec<Id> = t
            .child_of(node, N::With)
            .map(|w| t.children(w).collect())
            .unwrap_or_default();
        for i in items {
            let (Some(of), Some(key)) = (t.child(i, 0), t.child(i, 1)) else {
                return self.unsupported(i, "this");
            };
            self.b.row = None;
            let rel = self.tabular(of)?;
            let name = self.node_name(key);
            let Some(k) = rel.table.cols.iter().position(|c| c.name == name) else {
                return self.fail(ErrorKind::Semantic, key, "there is no such column");
            };
            let part = self.whole(&rel)?;
            let mut here = HashMap::new();
            for r in 0..part.rows {
                let n = book.number(part.cols[k].val(rel.kind(k), r));
                here.entry(n).or_insert(r as u32);
            }
            rows.push(here);
            tables.push((rel, part, k));
        }
        self.check_cancel()?;
        let edges = self.whole(&input)?;
        let mut from = Vec::with_capacity(edges.rows);
        let mut to = Vec::with_capacity(edges.rows);
        for r in 0..edges.rows {
            from.push(book.number(edges.cols[a].val(input.kind(a), r)));
            to.push(book.number(edges.cols[b].val(input.kind(b), r)));
        }
        let count = book.keys.len();
        let mut cols = Vec::new();
        let named: Vec<_> = shape
            .1
            .iter()
            .flat_map(|s| s.cols.iter().copied())
            .collect();
        for c in named {
            let mut b = Build::new(Kind::of(c.ty));
            // where the column lies in each table; none: the name of all nodes' keys
            let places: Vec<(usize, usize)> = tables
                .iter()
                .enumerate()
                .filter_map(|(i, (rel, ..))| {
                    let p = rel.table.cols.iter().position(|x| x.name == c.name)?;
                    Some((i, p))
                })
                .collect();
            let is_key = tables.is_empty() || places.iter().any(|(i, p)| tables[*i].2 == *p);
            for n in 0..count {
                let mut v = Val::Null;
                for (i, p) in &places {
                    let (rel, part, _) = &tables[*i];
                    if let Some(r) = rows[*i].get(&(n as u32)) {
                        v = part.cols[*p].val(rel.kind(*p), *r as usize);
                        if !v.is_null() {
                            break;
                        }
                    }
                }
                if is_key && (v.is_null() || matches!(&v, Val::Str(s) if s.is_empty())) {
                    v = book.keys[n].borrow();
                }
                b.push(v);
            }
            cols.push(b.finish());
        }
        let nodes = Part { rows: count, cols };
        Ok(self.keep_graph(Graph::new(shape, edges, nodes, book.keys, from, to)))
    }

    fn mark_components(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let g = self.graph_of(node, &input)?;
        let R::Graph(shape) = self.bind_graph(node, R::Graph(g.shape.clone()))? else {
            return self.fail(ErrorKind::Semantic, node, "no graph comes out of this");
        };
        let strong = self.b.word_param(node, "kind") == Some("strong");
        let numbers = if strong {
            parts::strong(&g)
        } else {
            parts::weak(&g)
        };
        let mut nodes = g.nodes.clone();
        if g.shape.1.is_none() {
            nodes.cols.clear();
        }
        nodes.cols.push(of_ints(numbers, None));
        Ok(self.keep_graph(Graph::new(
            shape,
            g.edges.clone(),
            nodes,
            g.keys.clone(),
            g.from.clone(),
            g.to.clone(),
        )))
    }

    fn graph_where(&mut self, node: Id, kind: N, input: Rel) -> Res<Rel> {
        let g = self.graph_of(node, &input)?;
        self.bind_graph(node, R::Graph(g.shape.clone()))?;
        let t = self.t();
        let Some(c) = t.children(node).find(|c| t.kind(*c) != N::Param) else {
            return Ok(input);
        };
        let of_edges = kind == N::GraphWhereEdges;
        let (table, part) = if of_edges {
            (g.shape.0.clone(), &g.edges)
        } else {
            (g.node_table().clone(), &g.nodes)
        };
        let e = self.in_row(Some(table), |s| s.scalar(c))?;
        let truths = e.truths(part, &mut self.cx);
        let kept = |list: &dyn Fn(usize) -> bool, n: usize| -> Vec<u32> {
            (0..n).filter(|i| list(*i)).map(|i| i as u32).collect()
        };
        let is_true = |i: usize| truths.get(i) == Some(&1);
        let nodes = match of_edges {
            true => kept(&|_| true, g.nodes.rows),
            false => kept(&is_true, g.nodes.rows),
        };
        let mut number = vec![u32::MAX; g.nodes.rows];
        for (n, old) in nodes.iter().enumerate() {
            number[*old as usize] = n as u32;
        }
        let new = |n: u32| number.get(n as usize).copied().unwrap_or(u32::MAX);
        let edges = match of_edges {
            true => kept(&is_true, g.edges.rows),
            false => kept(
                &|i| new(g.from[i]) != u32::MAX && new(g.to[i]) != u32::MAX,
                g.edges.rows,
            ),
        };
        let keys = nodes
            .iter()
            .filter_map(|n| g.keys.get(*n as usize).cloned())
            .collect();
        let from = edges.iter().map(|e| new(g.from[*e as usize])).collect();
        let to = edges.iter().map(|e| new(g.to[*e as usize])).collect();
        let made = Graph::new(
            g.shape.clone(),
            g.edges.take(&edges),
            g.nodes.take(&nodes),
            keys,
            from,
            to,
        );
        Ok(self.keep_graph(made))
    }

    fn graph_to_table(&mut self, node: Id, input: Rel) -> Res<Rel> {
        let g = self.graph_of(node, &input)?;
        let bound = self.bind_graph(node, R::Graph(g.shape.clone()))?;
        let shapes: Vec<TableRef> = match bound {
            R::Table(t) => vec![t],
            R::Group(g) => g.to_vec(),
            _ => Vec::new(),
        };
        let t = self.t();
        let clauses: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::GraphClause)
            .collect();
        // a node's number is the hash of its key, as `hash()` gives it
        let ids: Vec<i64> = g
            .keys
            .iter()
            .map(|k| super::eval::hashes::of_value(k) as i64)
            .collect();
        let of = |ends: &[u32]| -> Vec<i64> {
            ends.iter()
                .map(|n| ids.get(*n as usize).copied().unwrap_or(0))
                .collect()
        };
        let mut first = None;
        for (c, shape) in clauses.into_iter().zip(shapes) {
            let nodes = t.head(c) == T::Nodes;
            let mut part = if nodes { &g.nodes } else { &g.edges }.clone();
            if nodes && g.shape.1.is_none() {
                part.cols.clear();
            }
            for p in ["with_node_id", "with_source_id", "with_target_id"] {
                if self.b.word_param(c, p).is_none() {
                    continue;
                }
                part.cols.push(match p {
                    "with_node_id" => of_ints(ids.clone(), None),
                    "with_source_id" => of_ints(of(&g.from), None),
                    _ => of_ints(of(&g.to), None),
                });
            }
            let rel = Rel::one(shape, part);
            if let Some(n) = t.child_of(c, N::AsClause).and_then(|a| t.child(a, 0)) {
                let name = self.node_name(n);
                if let Some(i) = self.local_of(name) {
                    self.lets.insert(i, Let::Rel(rel.clone()));
                }
            }
            first.get_or_insert(rel);
        }
        match first {
            Some(r) => Ok(r),
            None => self.unsupported(node, "this"),
        }
    }
}
