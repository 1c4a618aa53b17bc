//! What tests of several dissectors share.

use super::sink::{Note, Tree};

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

/// The words of the anomalies in a tree, each with the node that it is noted at.
pub(crate) fn noted(tree: &Tree) -> Vec<(u32, &'static str)> {
    let notes = tree.notes().iter();
    let words = notes.filter_map(|(node, note)| match note {
        Note::Anomaly(deviation) => Some((*node, deviation.anomaly.words)),
        _ => None,
    });
    words.collect()
}
