//! What tests of several dissectors share.

use super::sink::Tree;

/// Asserts that the leaves follow each other without gap or overlap up to `end`,
/// and that groups hold their members.
pub fn assert_partition(tree: &Tree, end: usize) {
    let mut at = 0;
    for (_, leaf) in tree.leaves() {
        assert_eq!(leaf.start as usize, at, "{leaf:?}");
        assert!(leaf.end >= leaf.start);
        at = leaf.end as usize;
    }
    assert_eq!(at, end);
    let mut open: Vec<(u16, u32)> = Vec::new();
    for node in tree.nodes() {
        while open.pop_if(|(depth, _)| *depth >= node.depth).is_some() {}
        if let Some((_, end)) = open.last() {
            assert!(node.end <= *end, "{node:?}");
        }
        open.push((node.depth, node.end));
    }
}
