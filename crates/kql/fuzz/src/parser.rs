//! The tree holds every token, children inside their parents.
#![no_main]

use kql::syntax::parse;

libfuzzer_sys::fuzz_target!(|text: &str| {
    let parsed = parse(text);
    let tree = &parsed.tree;
    let root = tree.node(0);
    assert_eq!(root.size as usize, tree.nodes.len());
    assert_eq!(root.count as usize, tree.tokens.len() - 1);
    for id in 0..tree.nodes.len() as u32 {
        let outer = tree.node(id);
        for child in tree.children(id) {
            let inner = tree.node(child);
            assert!(inner.first >= outer.first);
            assert!(inner.first + inner.count <= outer.first + outer.count);
        }
    }
});
