//! The shortest paths between the ends of a pattern.

use super::Graph;
use super::find::{Allowed, Cycles, Filters, Found, Path, Pattern, Stop, Way, beside, find, fits};

/// The shortest matches between each couple of ends; one each, or all of them.
pub(super) fn shortest<'a>(
    g: &'a Graph,
    p: &'a Pattern,
    f: &'a Filters,
    all: bool,
    allowed: &mut Allowed<'a>,
) -> Result<Found, Stop> {
    if let ([hop], [_, _]) = (&p.hops[..], &p.nodes[..])
        && let Some((min, max)) = hop.range
        && min <= 1
        && (hop.left, hop.right) == (0, 1)
    {
        return by_levels(g, f, hop.way, max, all, allowed);
    }
    let found = find(g, p, f, Cycles::UniqueEdges, allowed)?;
    Ok(least(p, found, all))
}

/// Level by level from every start; the nodes before each node on its shortest ways are kept.
fn by_levels<'a>(
    g: &'a Graph,
    f: &'a Filters,
    way: Way,
    max: u32,
    all: bool,
    allowed: &mut Allowed<'a>,
) -> Result<Found, Stop> {
    let mut found = Found {
        nodes: vec![Vec::new(); 2],
        hops: vec![Vec::new()],
        ..Found::default()
    };
    let n = g.nodes.rows;
    let mut level = vec![u32::MAX; n];
    let mut before: Vec<Vec<(u32, u32)>> = vec![Vec::new(); n];
    for start in 0..n as u32 {
        if !fits(&f.nodes[0], start) {
            continue;
        }
        let mut met = vec![start];
        let mut edge = vec![start];
        level[start as usize] = 0;
        for depth in 1..=max {
            let mut next = Vec::new();
            for here in edge {
                if here != start && !fits(&f.inner[0], here) {
                    continue;
                }
                for (e, other) in beside(g, here, way) {
                    allowed.step()?;
                    if !fits(&f.hops[0], e) {
                        continue;
                    }
                    let at = other as usize;
                    if level[at] == u32::MAX {
                        level[at] = depth;
                        met.push(other);
                        next.push(other);
                    }
                    if level[at] == depth && (all || before[at].is_empty()) {
                        before[at].push((here, e));
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            edge = next;
        }
        for end in met.iter().skip(1) {
            if fits(&f.nodes[1], *end) {
                back(
                    start,
                    *end,
                    &before,
                    &mut Path::default(),
                    &mut found,
                    *end,
                    allowed,
                )?;
            }
        }
        for m in met {
            level[m as usize] = u32::MAX;
            before[m as usize].clear();
        }
    }
    Ok(found)
}

/// The ways from a node back to the start.
fn back(
    start: u32,
    here: u32,
    before: &[Vec<(u32, u32)>],
    path: &mut Path,
    found: &mut Found,
    end: u32,
    allowed: &mut Allowed<'_>,
) -> Result<(), Stop> {
    allowed.step()?;
    if here == start {
        let mut p = path.clone();
        p.edges.reverse();
        p.nodes.reverse();
        allowed.charge(80 + 4 * (p.edges.len() + p.nodes.len()))?;
        found.rows += 1;
        found.nodes[0].push(start);
        found.nodes[1].push(end);
        found.hops[0].push(found.paths.len() as u32);
        found.paths.push(p);
        return Ok(());
    }
    for (prev, e) in &before[here as usize] {
        path.edges.push(*e);
        if *prev != start {
            path.nodes.push(*prev);
        }
        let r = back(start, *prev, before, path, found, end, allowed);
        if *prev != start {
            path.nodes.pop();
        }
        path.edges.pop();
        r?;
    }
    Ok(())
}

/// The shortest of these matches for each couple of first and last node.
fn least(p: &Pattern, found: Found, all: bool) -> Found {
    let last = p.nodes.len().saturating_sub(1);
    let ends = |i: usize| {
        let at = |v: usize| found.nodes.get(v).and_then(|l| l.get(i)).copied();
        (at(0), at(last))
    };
    let length = |i: usize| -> usize {
        p.hops
            .iter()
            .enumerate()
            .map(|(h, hop)| match hop.range {
                None => 1,
                Some(_) => found
                    .hops
                    .get(h)
                    .and_then(|l| l.get(i))
                    .and_then(|x| found.paths.get(*x as usize))
                    .map_or(0, |p| p.edges.len()),
            })
            .sum()
    };
    let mut best = hashbrown::HashMap::new();
    for i in 0..found.rows {
        let n = length(i);
        let slot = best.entry(ends(i)).or_insert((n, i));
        if n < slot.0 {
            *slot = (n, i);
        }
    }
    let rows: Vec<usize> = (0..found.rows)
        .filter(|i| {
            best.get(&ends(*i))
                .is_some_and(|(n, first)| if all { length(*i) == *n } else { first == i })
        })
        .collect();
    let pick = |l: &Vec<u32>| rows.iter().filter_map(|i| l.get(*i).copied()).collect();
    Found {
        rows: rows.len(),
        nodes: found.nodes.iter().map(pick).collect(),
        hops: found.hops.iter().map(pick).collect(),
        paths: found.paths,
    }
}
