//! Who holds whom: the parent of each node and the innermost node around each token.

use crate::syntax::{Id, Tree};

pub(super) struct Parents {
    pub parent: Vec<Id>,
    pub owner: Vec<Id>,
}

impl Parents {
    pub fn of(tree: &Tree) -> Parents {
        let mut parent = vec![0; tree.nodes.len()];
        let mut owner = vec![0; tree.tokens.len()];
        let mut open: Vec<Id> = Vec::new();
        let mut token = 0u32;
        // tokens before a node's first token belong to the nodes open then
        for id in 0..tree.nodes.len() as Id {
            let node = tree.node(id);
            Self::fill(tree, &mut owner, &mut open, &mut token, node.first, id);
            parent[id as usize] = open.last().copied().unwrap_or(0);
            open.push(id);
        }
        let end = tree.tokens.len() as u32;
        Self::fill(
            tree,
            &mut owner,
            &mut open,
            &mut token,
            end,
            tree.nodes.len() as Id,
        );
        Parents { parent, owner }
    }
    fn fill(
        tree: &Tree,
        owner: &mut [Id],
        open: &mut Vec<Id>,
        token: &mut u32,
        upto: u32,
        next: Id,
    ) {
        loop {
            let Some(top) = open.last().copied() else {
                *token = upto.max(*token);
                return;
            };
            let n = tree.node(top);
            let last = n.first + n.count;
            let over = top + n.size <= next;
            let stop = if over { last } else { upto.min(last) };
            while *token < stop {
                owner[*token as usize] = top;
                *token += 1;
            }
            if !over {
                return;
            }
            open.pop();
        }
    }
}
