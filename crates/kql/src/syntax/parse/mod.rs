//! The parser: recursive descent over the token vector, never failing. What is missing
//! is noted with its place and parsing goes on; what nobody can use is skipped in one
//! piece. One depth counter bounds every recursion.
//!
//! Parsing writes events (open, token, close); [`build`] turns them into the pre-order
//! arena. A node may be opened in front of a finished one, which is how chains grow.

mod core;
mod exprs;
mod literals;
mod names;
mod operators;
mod operators_more;
mod operators_shape;
pub mod params;
mod sources;
mod statements;

use self::core::{Event, P};
use super::diag::Diag;
use super::lexer::lex;
use super::tree::{N, Node, Tree};

/// A tree and the syntax errors, sorted by place.
#[derive(Clone, Debug, Default)]
pub struct Parsed {
    /// The tree.
    pub tree: Tree,
    /// Errors of lexer and parser.
    pub diags: Vec<Diag>,
}

/// Parses a whole text. Never fails; what is wrong is in `diags`.
pub fn parse(text: &str) -> Parsed {
    // spans are 32 bit
    let text = if text.len() > u32::MAX as usize / 2 {
        ""
    } else {
        text
    };
    let mut diags = Vec::new();
    let tokens = lex(text, &mut diags);
    let mut p = P::new(text, &tokens, &mut diags);
    p.query();
    let events = p.events;
    let nodes = build(events, tokens.len());
    diags.sort_by_key(|d| (d.start, d.end));
    diags.dedup_by(|b, a| (a.code, a.start, a.end, &a.args) == (b.code, b.start, b.end, &b.args));
    Parsed {
        tree: Tree {
            text: text.to_owned(),
            tokens,
            nodes,
        },
        diags,
    }
}

fn build(mut events: Vec<Event>, tokens: usize) -> Vec<Node> {
    let mut nodes: Vec<Node> = Vec::with_capacity(events.len() / 3 + 8);
    let mut stack: Vec<u32> = Vec::new();
    let mut chain: Vec<N> = Vec::new();
    let mut at = 0u32;
    for i in 0..events.len() {
        match events[i] {
            Event::Open {
                kind: Some(kind),
                before,
            } => {
                chain.clear();
                chain.push(kind);
                let (mut from, mut step) = (i, before);
                while step != 0 {
                    from += step as usize;
                    let Event::Open { kind, before } = &mut events[from] else {
                        break;
                    };
                    step = *before;
                    if let Some(k) = kind.take() {
                        chain.push(k);
                    }
                }
                for kind in chain.drain(..).rev() {
                    stack.push(nodes.len() as u32);
                    nodes.push(Node {
                        kind,
                        first: at,
                        count: 0,
                        size: 0,
                    });
                }
            }
            Event::Open { kind: None, .. } => {}
            Event::Token => at = (at + 1).min(tokens as u32),
            Event::Close => {
                if let Some(id) = stack.pop() {
                    let size = nodes.len() as u32 - id;
                    let n = &mut nodes[id as usize];
                    n.count = at - n.first;
                    n.size = size;
                }
            }
        }
    }
    nodes
}
