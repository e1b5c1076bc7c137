//! The components of a graph: which nodes reach each other.

use super::Graph;

/// Components where the direction of edges does not count, numbered as their first nodes come.
pub(super) fn weak(g: &Graph) -> Vec<i64> {
    let n = g.nodes.rows;
    let mut parent: Vec<u32> = (0..n as u32).collect();
    fn root(parent: &mut [u32], mut i: u32) -> u32 {
        while parent[i as usize] != i {
            let up = parent[parent[i as usize] as usize];
            parent[i as usize] = up;
            i = up;
        }
        i
    }
    for (a, b) in g.from.iter().zip(&g.to) {
        let (a, b) = (root(&mut parent, *a), root(&mut parent, *b));
        // the smaller number stays on top, so that chains stay short enough
        let (low, high) = (a.min(b), a.max(b));
        parent[high as usize] = low;
    }
    let of: Vec<u32> = (0..n as u32).map(|i| root(&mut parent, i)).collect();
    numbered(&of)
}

/// Components whose nodes all reach each other along the edges.
pub(super) fn strong(g: &Graph) -> Vec<i64> {
    let n = g.nodes.rows;
    const NEW: u32 = u32::MAX;
    let (mut index, mut low) = (vec![NEW; n], vec![0u32; n]);
    let mut on_stack = vec![false; n];
    let mut stack: Vec<u32> = Vec::new();
    let mut of = vec![0u32; n];
    let mut next = 0u32;
    // Tarjan's walk with a list of its own: (node, how many of its edges are done)
    let mut walk: Vec<(u32, usize)> = Vec::new();
    for start in 0..n as u32 {
        if index[start as usize] != NEW {
            continue;
        }
        walk.push((start, 0));
        while let Some((v, done)) = walk.pop() {
            let at = v as usize;
            if done == 0 {
                index[at] = next;
                low[at] = next;
                next += 1;
                stack.push(v);
                on_stack[at] = true;
            } else if let Some(e) = g.out.get(v).get(done - 1) {
                let w = g.to[*e as usize] as usize;
                low[at] = low[at].min(low[w]);
            }
            let mut k = done;
            let mut down = None;
            while let Some(e) = g.out.get(v).get(k) {
                let w = g.to[*e as usize];
                k += 1;
                if index[w as usize] == NEW {
                    down = Some(w);
                    break;
                }
                if on_stack[w as usize] {
                    low[at] = low[at].min(index[w as usize]);
                }
            }
            if let Some(w) = down {
                walk.push((v, k));
                walk.push((w, 0));
                continue;
            }
            if low[at] == index[at] {
                while let Some(w) = stack.pop() {
                    on_stack[w as usize] = false;
                    of[w as usize] = v;
                    if w == v {
                        break;
                    }
                }
            }
        }
    }
    numbered(&of)
}

fn numbered(of: &[u32]) -> Vec<i64> {
    let mut names = hashbrown::HashMap::new();
    of.iter()
        .map(|c| {
            let n = names.len() as i64;
            *names.entry(*c).or_insert(n)
        })
        .collect()
}
