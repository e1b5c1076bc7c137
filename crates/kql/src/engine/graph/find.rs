//! Every occurrence of a pattern in a graph, by walking it hop by hop from the end that leaves
//! the fewest choices.

use super::Graph;
use crate::bind::env::Name;
use table::Cancel;

/// No node or edge.
pub(super) const NONE: u32 = u32::MAX;

/// Which way an edge of the pattern points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Right,
    Left,
    Any,
}

impl Way {
    fn turned(self) -> Way {
        match self {
            Way::Right => Way::Left,
            Way::Left => Way::Right,
            Way::Any => Way::Any,
        }
    }
}

/// An edge of the pattern, or so many after each other.
#[derive(Clone, Debug)]
pub(super) struct Hop {
    pub name: Option<Name>,
    /// The nodes of the pattern on its left and right.
    pub left: usize,
    pub right: usize,
    pub way: Way,
    /// How many edges it may be; none: one.
    pub range: Option<(u32, u32)>,
}

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Pattern {
    pub nodes: Vec<Option<Name>>,
    pub hops: Vec<Hop>,
}

/// How often nodes and edges may come in one match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cycles {
    All,
    None,
    UniqueEdges,
}

/// Which nodes and edges fit each part of the pattern, where the query says so.
#[derive(Clone, Debug)]
pub(super) struct Filters {
    pub nodes: Vec<Option<Vec<bool>>>,
    pub hops: Vec<Option<Vec<bool>>>,
    /// Of the nodes inside a hop of several edges.
    pub inner: Vec<Option<Vec<bool>>>,
}

impl Filters {
    pub fn of(p: &Pattern) -> Filters {
        Filters {
            nodes: vec![None; p.nodes.len()],
            hops: vec![None; p.hops.len()],
            inner: vec![None; p.hops.len()],
        }
    }
    /// Leaves only what fits both.
    pub fn narrow(slot: &mut Option<Vec<bool>>, fits: Vec<bool>) {
        match slot {
            None => *slot = Some(fits),
            Some(old) => old.iter_mut().zip(fits).for_each(|(o, f)| *o &= f),
        }
    }
}

pub(super) fn fits(f: &Option<Vec<bool>>, i: u32) -> bool {
    f.as_ref().is_none_or(|f| f.get(i as usize) == Some(&true))
}

/// Edges after each other, from the left of the pattern to its right, and the nodes inside.
#[derive(Clone, Debug, Default)]
pub(super) struct Path {
    pub edges: Vec<u32>,
    pub nodes: Vec<u32>,
}

/// Matches, a column for each part of the pattern.
#[derive(Clone, Debug, Default)]
pub(super) struct Found {
    pub rows: usize,
    pub nodes: Vec<Vec<u32>>,
    /// Edges of hops of one edge; places in `paths` of the others.
    pub hops: Vec<Vec<u32>>,
    pub paths: Vec<Path>,
}

/// Why a search ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Cancelled,
    Memory,
}

/// What a search may use.
pub(super) struct Allowed<'a> {
    pub cancel: &'a Cancel,
    pub bytes: usize,
    steps: u32,
}

impl<'a> Allowed<'a> {
    pub fn new(cancel: &'a Cancel, bytes: usize) -> Allowed<'a> {
        Allowed {
            cancel,
            bytes,
            steps: 0,
        }
    }
    pub fn step(&mut self) -> Result<(), Stop> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps & 0xfff == 0 && self.cancel.is_cancelled() {
            return Err(Stop::Cancelled);
        }
        Ok(())
    }
    pub fn charge(&mut self, bytes: usize) -> Result<(), Stop> {
        match self.bytes.checked_sub(bytes) {
            Some(left) => {
                self.bytes = left;
                Ok(())
            }
            None => Err(Stop::Memory),
        }
    }
}

enum Move {
    /// Any node that fits.
    Begin(usize),
    /// Along a hop; true: from its right end.
    Along(usize, bool),
}

struct Search<'a, 'b> {
    g: &'a Graph,
    p: &'a Pattern,
    f: &'a Filters,
    cycles: Cycles,
    moves: Vec<Move>,
    nodes: Vec<u32>,
    hops: Vec<u32>,
    /// Paths of the hops of several edges bound so far.
    paths: Vec<(usize, Path)>,
    used_edges: Vec<bool>,
    used_nodes: Vec<bool>,
    allowed: &'b mut Allowed<'a>,
    found: Found,
}

/// All matches.
pub(super) fn find<'a>(
    g: &'a Graph,
    p: &'a Pattern,
    f: &'a Filters,
    cycles: Cycles,
    allowed: &mut Allowed<'a>,
) -> Result<Found, Stop> {
    let mut s = Search {
        g,
        p,
        f,
        cycles,
        moves: plan(g, p, f),
        nodes: vec![NONE; p.nodes.len()],
        hops: vec![NONE; p.hops.len()],
        paths: Vec::new(),
        used_edges: vec![false; g.from.len()],
        used_nodes: vec![false; g.nodes.rows],
        allowed,
        found: Found {
            nodes: vec![Vec::new(); p.nodes.len()],
            hops: vec![Vec::new(); p.hops.len()],
            ..Found::default()
        },
    };
    s.go(0)?;
    Ok(s.found)
}

/// Begins at the node with the fewest candidates, then always along a hop that touches what is bound.
fn plan(g: &Graph, p: &Pattern, f: &Filters) -> Vec<Move> {
    let weight = |n: usize| match f.nodes.get(n) {
        Some(Some(fit)) => fit.iter().filter(|x| **x).count(),
        _ => g.nodes.rows,
    };
    let mut bound = vec![false; p.nodes.len()];
    let mut left: Vec<usize> = (0..p.hops.len()).collect();
    let mut moves = Vec::new();
    loop {
        let next = left
            .iter()
            .position(|h| bound[p.hops[*h].left] && bound[p.hops[*h].right])
            .or_else(|| {
                left.iter()
                    .position(|h| bound[p.hops[*h].left] || bound[p.hops[*h].right])
            });
        if let Some(i) = next {
            let h = left.remove(i);
            moves.push(Move::Along(h, !bound[p.hops[h].left]));
            bound[p.hops[h].left] = true;
            bound[p.hops[h].right] = true;
            continue;
        }
        let begin = (0..p.nodes.len())
            .filter(|n| !bound[*n])
            .min_by_key(|n| weight(*n));
        match begin {
            Some(n) => {
                bound[n] = true;
                moves.push(Move::Begin(n));
            }
            None => return moves,
        }
    }
}

impl Search<'_, '_> {
    fn go(&mut self, i: usize) -> Result<(), Stop> {
        match self.moves.get(i) {
            None => self.keep(),
            Some(Move::Begin(v)) => {
                let v = *v;
                for n in 0..self.g.nodes.rows as u32 {
                    self.allowed.step()?;
                    self.at(v, n, i)?;
                }
                Ok(())
            }
            Some(Move::Along(h, back)) => {
                let (h, back) = (*h, *back);
                let hop = &self.p.hops[h];
                let start = self.nodes[if back { hop.right } else { hop.left }];
                match hop.range {
                    None => {
                        let way = if back { hop.way.turned() } else { hop.way };
                        for (e, other) in beside(self.g, start, way) {
                            self.allowed.step()?;
                            if !self.takes(h, e) {
                                continue;
                            }
                            self.used_edges[e as usize] = true;
                            self.hops[h] = e;
                            let r = self.end(h, back, other, i);
                            self.used_edges[e as usize] = false;
                            r?;
                        }
                        Ok(())
                    }
                    Some(range) => self.walk(h, back, range, start, &mut Path::default(), i),
                }
            }
        }
    }
    fn takes(&self, h: usize, e: u32) -> bool {
        fits(&self.f.hops[h], e) && (self.cycles == Cycles::All || !self.used_edges[e as usize])
    }
    /// The far end of a hop is this node.
    fn end(&mut self, h: usize, back: bool, n: u32, i: usize) -> Result<(), Stop> {
        let hop = &self.p.hops[h];
        let v = if back { hop.left } else { hop.right };
        if self.nodes[v] == NONE {
            return self.at(v, n, i);
        }
        if self.nodes[v] == n {
            return self.go(i + 1);
        }
        Ok(())
    }
    /// Binds a node of the pattern and goes on.
    fn at(&mut self, v: usize, n: u32, i: usize) -> Result<(), Stop> {
        let none = self.cycles == Cycles::None;
        if !fits(&self.f.nodes[v], n) || (none && self.used_nodes[n as usize]) {
            return Ok(());
        }
        self.nodes[v] = n;
        let old = std::mem::replace(&mut self.used_nodes[n as usize], true);
        let r = self.go(i + 1);
        self.used_nodes[n as usize] = old;
        self.nodes[v] = NONE;
        r
    }
    fn walk(
        &mut self,
        h: usize,
        back: bool,
        range: (u32, u32),
        here: u32,
        path: &mut Path,
        i: usize,
    ) -> Result<(), Stop> {
        let len = path.edges.len() as u32;
        if len >= range.0 {
            let mut done = path.clone();
            if back {
                done.edges.reverse();
                done.nodes.reverse();
            }
            self.paths.push((h, done));
            let r = self.end(h, back, here, i);
            self.paths.pop();
            r?;
        }
        if len >= range.1 {
            return Ok(());
        }
        // going on makes this node an inner one
        let inner = len > 0;
        if inner && !fits(&self.f.inner[h], here) {
            return Ok(());
        }
        let none = self.cycles == Cycles::None;
        if inner && none && self.used_nodes[here as usize] {
            return Ok(());
        }
        let old = self.used_nodes[here as usize];
        if inner {
            path.nodes.push(here);
            self.used_nodes[here as usize] = true;
        }
        let way = self.p.hops[h].way;
        let way = if back { way.turned() } else { way };
        let mut r = Ok(());
        for (e, other) in beside(self.g, here, way) {
            r = self.allowed.step();
            if r.is_err() {
                break;
            }
            if !self.takes(h, e) {
                continue;
            }
            let was = std::mem::replace(&mut self.used_edges[e as usize], true);
            path.edges.push(e);
            r = self.walk(h, back, range, other, path, i);
            path.edges.pop();
            self.used_edges[e as usize] = was;
            if r.is_err() {
                break;
            }
        }
        if inner {
            path.nodes.pop();
            self.used_nodes[here as usize] = old;
        }
        r
    }
    fn keep(&mut self) -> Result<(), Stop> {
        let mut bytes = 4 * (self.nodes.len() + self.hops.len());
        for (h, p) in &self.paths {
            bytes += 64 + 4 * (p.edges.len() + p.nodes.len());
            self.hops[*h] = self.found.paths.len() as u32;
            self.found.paths.push(p.clone());
        }
        self.allowed.charge(bytes)?;
        for (list, n) in self.found.nodes.iter_mut().zip(&self.nodes) {
            list.push(*n);
        }
        for (list, e) in self.found.hops.iter_mut().zip(&self.hops) {
            list.push(*e);
        }
        self.found.rows += 1;
        Ok(())
    }
}

/// The edges that lead on from a node, and where to.
pub(super) fn beside(g: &Graph, node: u32, way: Way) -> impl Iterator<Item = (u32, u32)> + '_ {
    let out = if way == Way::Left {
        &[][..]
    } else {
        g.out.get(node)
    };
    let into = if way == Way::Right {
        &[][..]
    } else {
        g.into.get(node)
    };
    let forward = out.iter().map(move |e| (*e, g.to[*e as usize]));
    let backward = into
        .iter()
        // a loop is met once
        .filter(move |e| way != Way::Any || g.from[**e as usize] != node)
        .map(move |e| (*e, g.from[*e as usize]));
    forward.chain(backward)
}
