//! `graph-match` and `graph-shortest-paths`: reads the pattern, narrows what may fit it by the
//! conditions on one element, and works out the others and the columns over the matches.

use super::Graph;
use super::find::{Allowed, Cycles, Filters, Found, Hop, Path, Pattern, Stop, Way, find};
use super::shortest::shortest;
use crate::bind::env::{R, TableRef};
use crate::engine::expr::Expr;
use crate::engine::named::{Named, What};
use crate::engine::rel::{Part, Rel};
use crate::engine::run::ErrorKind;
use crate::engine::session::{Res, Session};
use crate::engine::value::{Kind, Val};
use crate::engine::vector::{Build, Vector, of_ints};
use crate::syntax::{Id, N, T};
use crate::types::Ty;
use std::sync::Arc;

/// Most edges of one hop.
const MOST_HOPS: i64 = 1000;

/// The matches of the pattern whose columns are being worked out.
#[derive(Debug)]
pub(in crate::engine) struct Matches {
    graph: Arc<Graph>,
    pattern: Pattern,
    found: Found,
    part: Part,
}

/// What a function over a path does with the values.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Over {
    Map,
    All,
    Any,
}

/// Functions that only a pattern knows.
fn of_patterns(name: &str) -> bool {
    matches!(
        name,
        "map"
            | "all"
            | "any"
            | "inner_nodes"
            | "labels"
            | "node_id"
            | "node_degree_in"
            | "node_degree_out"
    )
}

impl Session<'_> {
    pub(super) fn graph_find(&mut self, node: Id, kind: N, input: Rel) -> Res<Rel> {
        let g = self.graph_of(node, &input)?;
        let R::Table(table) = self.bind_graph(node, R::Graph(g.shape.clone()))? else {
            return self.unsupported(node, "a pattern without `project`");
        };
        let pattern = self.pattern(node)?;
        let mut filters = Filters::of(&pattern);
        let t = self.t();
        let mut conditions = Vec::new();
        if let Some(w) = t.child_of(node, N::WhereClause).and_then(|w| t.child(w, 0)) {
            conjuncts(t, w, &mut conditions);
        }
        let mut rest = Vec::new();
        for c in conditions {
            if !self.narrows(c, &pattern, &g, &mut filters)? {
                rest.push(c);
            }
        }
        let shortest_paths = kind == N::GraphShortestPaths;
        let one = shortest_paths && self.b.word_param(node, "output") != Some("all");
        let cycles = match self.b.word_param(node, "cycles") {
            Some("all") => Cycles::All,
            Some("none") => Cycles::None,
            _ => Cycles::UniqueEdges,
        };
        let cancel = self.options.cancel.clone();
        let mut allowed = Allowed::new(&cancel, self.guard.room());
        let found = if shortest_paths {
            // what is left of the condition may want another path than the first
            shortest(
                &g,
                &pattern,
                &filters,
                !one || !rest.is_empty(),
                &mut allowed,
            )
        } else {
            find(&g, &pattern, &filters, cycles, &mut allowed)
        };
        let found = match found {
            Ok(f) => f,
            Err(Stop::Cancelled) => {
                self.check_cancel()?;
                return self.limit(node, "cancelled");
            }
            Err(Stop::Memory) => {
                let mb = self.options.memory_limit >> 20;
                return self.limit(
                    node,
                    &format!("the pattern's matches hold more than the memory limit of {mb} MB"),
                );
            }
        };
        let found = if rest.is_empty() {
            found
        } else {
            self.left_over(&g, &pattern, found, &rest, one)?
        };
        let items: Vec<Id> = t
            .child_of(node, N::ProjectClause)
            .map(|p| t.children(p).collect())
            .unwrap_or_default();
        self.over_matches(&g, &pattern, found, |s| {
            let mut exprs = Vec::new();
            for (n, c) in table.cols.iter().enumerate() {
                let (item, nth) = s
                    .origin(c)
                    .or_else(|| items.get(n).map(|i| (*i, 0)))
                    .unwrap_or((node, 0));
                let e = s.nth_value(item, nth)?;
                // what the binder cannot tell of functions over paths is dynamic
                let open = matches!(c.ty, Ty::UNKNOWN | Ty::ERROR);
                exprs.push(if open {
                    e.cast(Kind::Dynamic, &mut s.cx)
                } else {
                    e
                });
            }
            let part = s.matches.as_mut().map(|m| std::mem::take(&mut m.part));
            let empty = s.b.table(Vec::new(), false);
            let rel = Rel::one(empty, part.unwrap_or_default());
            s.compute(table, exprs, rel)
        })
    }

    fn pattern(&mut self, node: Id) -> Res<Pattern> {
        let t = self.t();
        let mut p = Pattern::default();
        let lines: Vec<Id> = t
            .children(node)
            .filter(|c| t.kind(*c) == N::GraphPattern)
            .collect();
        for line in lines {
            let mut last: Option<usize> = None;
            let mut open: Option<Hop> = None;
            let parts: Vec<Id> = t.children(line).collect();
            for c in parts {
                let name = t.child_of(c, N::NameDecl).map(|n| self.node_name(n));
                if t.head(c) == T::OpenParen {
                    let known = name.and_then(|n| p.nodes.iter().position(|x| *x == Some(n)));
                    let at = known.unwrap_or_else(|| {
                        p.nodes.push(name);
                        p.nodes.len() - 1
                    });
                    if let Some(h) = open.take() {
                        p.hops.push(Hop { right: at, ..h });
                    }
                    last = Some(at);
                    continue;
                }
                let text = t.text_of(c);
                let way = match (text.starts_with('<'), text.ends_with('>')) {
                    (true, false) => Way::Left,
                    (false, true) => Way::Right,
                    _ => Way::Any,
                };
                let bounds: Vec<Id> = t
                    .children(c)
                    .filter(|x| t.kind(*x) != N::NameDecl)
                    .collect();
                let range = match bounds[..] {
                    [from, to] => {
                        let mut ends = [0u32; 2];
                        for (slot, b) in ends.iter_mut().zip([from, to]) {
                            let n = self.in_row(None, |s| s.constant(b))?.long();
                            match n.filter(|n| (0..=MOST_HOPS).contains(n)) {
                                Some(n) => *slot = n as u32,
                                None => {
                                    return self.limit(b, "a path has from 0 to 1000 edges");
                                }
                            }
                        }
                        Some((ends[0], ends[1]))
                    }
                    _ => None,
                };
                let (Some(left), None) = (last, &open) else {
                    return self.fail(ErrorKind::Semantic, c, "an edge stands between two nodes");
                };
                open = Some(Hop {
                    name,
                    left,
                    right: left,
                    way,
                    range,
                });
            }
            if open.is_some() {
                return self.fail(ErrorKind::Semantic, line, "the pattern ends with an edge");
            }
        }
        Ok(p)
    }

    /// Whether the condition is one on a single element, which then leaves fewer of them.
    fn narrows(&mut self, c: Id, p: &Pattern, g: &Arc<Graph>, f: &mut Filters) -> Res<bool> {
        let t = self.t();
        let end = c + t.node(c).size;
        let mut nodes: Vec<usize> = Vec::new();
        let mut hops: Vec<usize> = Vec::new();
        let mut pattern_call = false;
        for n in c..end {
            match t.kind(n) {
                N::NameRef if t.before(n) != T::Dot => {
                    let name = self.node_name(n);
                    nodes.extend(p.nodes.iter().position(|x| *x == Some(name)));
                    hops.extend(p.hops.iter().position(|h| h.name == Some(name)));
                }
                N::Call => {
                    pattern_call |= t.child(n, 0).is_some_and(|x| of_patterns(t.text_of(x)));
                }
                _ => {}
            }
        }
        nodes.dedup();
        hops.dedup();
        if pattern_call {
            return self.narrows_path(c, p, g, f);
        }
        let (table, part, name) = match (&nodes[..], &hops[..]) {
            ([v], []) => (g.node_table().clone(), &g.nodes, p.nodes[*v]),
            ([], [h]) if p.hops[*h].range.is_none() => {
                (g.shape.0.clone(), &g.edges, p.hops[*h].name)
            }
            _ => return Ok(false),
        };
        let Some(name) = name else { return Ok(false) };
        let old = std::mem::replace(
            &mut self.named,
            vec![Named {
                name,
                table,
                what: What::Row(0),
            }],
        );
        let e = self.in_row(None, |s| s.compile(c));
        self.named = old;
        let truths = e?.truths(part, &mut self.cx);
        let fit: Vec<bool> = truths.iter().map(|x| *x == 1).collect();
        match (&nodes[..], &hops[..]) {
            ([v], _) => Filters::narrow(&mut f.nodes[*v], fit),
            (_, [h]) => Filters::narrow(&mut f.hops[*h], fit),
            _ => {}
        }
        Ok(true)
    }

    /// `all(edges, …)` and `all(inner_nodes(edges), …)` leave fewer edges and nodes.
    fn narrows_path(&mut self, c: Id, p: &Pattern, g: &Arc<Graph>, f: &mut Filters) -> Res<bool> {
        let t = self.t();
        let c = t.unparen(c);
        let is_all = t.kind(c) == N::Call && t.child(c, 0).is_some_and(|n| t.text_of(n) == "all");
        let args: Vec<Id> = match t.child_of(c, N::Args) {
            Some(l) if is_all => t.children(l).collect(),
            _ => return Ok(false),
        };
        let [of, condition] = args[..] else {
            return Ok(false);
        };
        let Some((hop, inner)) = self.hop_of(of, p) else {
            return Ok(false);
        };
        // a function of a pattern inside needs the matches
        let end = condition + t.node(condition).size;
        let nested = (condition..end).any(|n| {
            t.kind(n) == N::Call && t.child(n, 0).is_some_and(|x| of_patterns(t.text_of(x)))
        });
        if nested {
            return Ok(false);
        }
        let e = self.element_expr(g, inner, condition)?;
        let part = if inner { &g.nodes } else { &g.edges };
        let truths = e.truths(part, &mut self.cx);
        let fit = truths.iter().map(|x| *x == 1).collect();
        let slot = if inner {
            &mut f.inner[hop]
        } else {
            &mut f.hops[hop]
        };
        Filters::narrow(slot, fit);
        Ok(true)
    }

    /// The hop that `edges` or `inner_nodes(edges)` means, and whether its nodes are meant.
    fn hop_of(&mut self, of: Id, p: &Pattern) -> Option<(usize, bool)> {
        let t = self.t();
        let of = t.unparen(of);
        let (name, inner) = match t.kind(of) {
            N::NameRef => (of, false),
            N::Call
                if t.child(of, 0)
                    .is_some_and(|n| t.text_of(n) == "inner_nodes") =>
            {
                (t.child_of(of, N::Args).and_then(|l| t.child(l, 0))?, true)
            }
            _ => return None,
        };
        let name = self.node_name(name);
        let hop = p.hops.iter().position(|h| h.name == Some(name))?;
        Some((hop, inner))
    }

    /// An expression over the properties of all edges or of all nodes.
    fn element_expr(&mut self, g: &Arc<Graph>, inner: bool, node: Id) -> Res<Expr> {
        let table: TableRef = if inner {
            g.node_table().clone()
        } else {
            g.shape.0.clone()
        };
        let named = std::mem::take(&mut self.named);
        let r = self.in_row(Some(table), |s| s.scalar(node));
        self.named = named;
        r
    }

    /// The matches for which what is left of the condition holds.
    fn left_over(
        &mut self,
        g: &Arc<Graph>,
        p: &Pattern,
        found: Found,
        rest: &[Id],
        one: bool,
    ) -> Res<Found> {
        let copy = found.clone();
        let truths = self.over_matches(g, p, copy, |s| {
            let mut list = Vec::new();
            for c in rest {
                list.push(s.compile(*c)?);
            }
            let part = s.matches.as_ref().map(|m| m.part.clone());
            let mut keep = vec![true; found.rows];
            for e in list {
                let t = e.truths(&part.clone().unwrap_or_default(), &mut s.cx);
                keep.iter_mut().zip(t).for_each(|(k, t)| *k &= t == 1);
            }
            Ok(keep)
        })?;
        let last = p.nodes.len().saturating_sub(1);
        let mut seen = hashbrown::HashSet::new();
        let rows: Vec<usize> = (0..found.rows)
            .filter(|i| truths.get(*i) == Some(&true))
            .filter(|i| !one || seen.insert((found.nodes[0][*i], found.nodes[last][*i])))
            .collect();
        let pick = |l: &Vec<u32>| rows.iter().filter_map(|i| l.get(*i).copied()).collect();
        Ok(Found {
            rows: rows.len(),
            nodes: found.nodes.iter().map(pick).collect(),
            hops: found.hops.iter().map(pick).collect(),
            paths: found.paths,
        })
    }

    /// Does something where the names of the pattern stand for their elements of each match.
    fn over_matches<X>(
        &mut self,
        g: &Arc<Graph>,
        p: &Pattern,
        found: Found,
        f: impl FnOnce(&mut Self) -> Res<X>,
    ) -> Res<X> {
        let mut part = Part {
            rows: found.rows,
            cols: Vec::new(),
        };
        let mut named = Vec::new();
        for (v, name) in p.nodes.iter().enumerate() {
            if let (Some(name), Some(_)) = (name, &g.shape.1) {
                named.push(Named {
                    name: *name,
                    table: g.node_table().clone(),
                    what: What::Row(part.cols.len()),
                });
                part.cols.extend(g.nodes.take(&found.nodes[v]).cols);
            }
        }
        for (h, hop) in p.hops.iter().enumerate() {
            let Some(name) = hop.name else { continue };
            let what = match hop.range {
                None => {
                    let base = part.cols.len();
                    part.cols.extend(g.edges.take(&found.hops[h]).cols);
                    What::Row(base)
                }
                Some(_) => What::Path(h),
            };
            named.push(Named {
                name,
                table: g.shape.0.clone(),
                what,
            });
        }
        let old = std::mem::replace(&mut self.named, named);
        let outer = self.matches.replace(Box::new(Matches {
            graph: g.clone(),
            pattern: p.clone(),
            found,
            part,
        }));
        let r = self.in_row(None, f);
        self.matches = outer;
        self.named = old;
        r
    }

    /// A property of all edges of a path, as an array.
    pub(in crate::engine) fn path_column(
        &mut self,
        node: Id,
        hop: usize,
        col: usize,
        kind: Kind,
    ) -> Res<Expr> {
        let Some(v) = self
            .matches
            .as_ref()
            .and_then(|m| m.graph.edges.cols.get(col).cloned())
        else {
            return self.unsupported(node, "a path here");
        };
        self.gathered(node, hop, false, v, kind, Over::Map)
    }

    /// A call of a function that only patterns know; none if it is another function.
    pub(in crate::engine) fn pattern_call(&mut self, name: &str, args: &[Id]) -> Res<Option<Expr>> {
        if !of_patterns(name) {
            return Ok(None);
        }
        let Some(m) = self.matches.as_ref() else {
            return Ok(None);
        };
        let (g, p) = (m.graph.clone(), m.pattern.clone());
        let over = match name {
            "map" => Over::Map,
            "all" => Over::All,
            "any" => Over::Any,
            "node_degree_in" | "node_degree_out" => return self.degree(name, args, &g, &p),
            _ => return Ok(None),
        };
        let [of, what] = args[..] else {
            return Ok(None);
        };
        let Some((hop, inner)) = self.hop_of(of, &p) else {
            return self.fail(
                ErrorKind::Semantic,
                of,
                "an edge of the pattern is expected",
            );
        };
        let e = self.element_expr(&g, inner, what)?;
        let part = if inner { &g.nodes } else { &g.edges };
        let v = e.eval(part, &mut self.cx);
        self.gathered(of, hop, inner, v, e.kind, over).map(Some)
    }

    fn degree(&mut self, name: &str, args: &[Id], g: &Graph, p: &Pattern) -> Res<Option<Expr>> {
        let Some(a) = args.first() else {
            return Ok(None);
        };
        let n = self.node_name(*a);
        let Some(v) = p.nodes.iter().position(|x| *x == Some(n)) else {
            return Ok(None);
        };
        let lists = if name == "node_degree_in" {
            &g.into
        } else {
            &g.out
        };
        let Some(m) = self.matches.as_mut() else {
            return Ok(None);
        };
        let col = m.found.nodes[v]
            .iter()
            .map(|n| lists.get(*n).len() as i64)
            .collect();
        m.part.cols.push(of_ints(col, None));
        Ok(Some(Expr::col(m.part.cols.len() - 1, Kind::Long)))
    }

    /// Values of all edges or nodes, brought to the paths of the matches; a column of its own.
    fn gathered(
        &mut self,
        node: Id,
        hop: usize,
        inner: bool,
        v: Vector,
        kind: Kind,
        over: Over,
    ) -> Res<Expr> {
        let Some(mut m) = self.matches.take() else {
            return self.unsupported(node, "a path here");
        };
        let out = if over == Over::Map {
            Kind::Dynamic
        } else {
            Kind::Bool
        };
        let mut b = Build::new(out);
        let several = m.pattern.hops.get(hop).is_some_and(|h| h.range.is_some());
        let single = |e: u32| Path {
            edges: vec![e],
            nodes: Vec::new(),
        };
        for i in 0..m.found.rows {
            let at = m.found.hops[hop][i];
            let path = if several {
                m.found.paths.get(at as usize).cloned().unwrap_or_default()
            } else {
                single(at)
            };
            let list = if inner { path.nodes } else { path.edges };
            let mut values = list.iter().map(|e| v.val(kind, *e as usize));
            match over {
                Over::Map => {
                    let parts: Vec<String> = values.map(|x| x.json().into_owned()).collect();
                    b.push_str(&format!("[{}]", parts.join(",")));
                }
                Over::All => b.push(Val::Bool(values.all(|x| x.truth() == Some(true)))),
                Over::Any => b.push(Val::Bool(values.any(|x| x.truth() == Some(true)))),
            }
        }
        m.part.cols.push(b.finish());
        let at = m.part.cols.len() - 1;
        self.matches = Some(m);
        Ok(Expr::col(at, out))
    }
}

/// The conditions that all have to hold.
fn conjuncts(t: &crate::syntax::Tree, node: Id, out: &mut Vec<Id>) {
    let inner = t.unparen(node);
    if t.kind(inner) == N::And {
        for c in t.children(inner) {
            conjuncts(t, c, out);
        }
    } else {
        out.push(inner);
    }
}
