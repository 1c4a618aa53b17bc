//! Hashes are served to peers (BEP 52).

use std::collections::BTreeMap;

use crate::active::machine::Connection;
use crate::torrent::Content;
use crate::wire::metainfo::{Hash256, parent};
use crate::wire::peer::HashRange;

/// The most hashes that are sent for one request.
const MAX_HASHES_PER_ANSWER: u32 = 8192;

/// The hash trees above the piece layers that peers have requested. They are kept, so
/// that a peer that repeats its requests does not have them hashed again.
#[derive(Debug, Default)]
pub(in crate::active::torrent) struct Trees(BTreeMap<Hash256, Tree>);

impl Trees {
    /// Sends hashes to a peer, or rejects its request.
    pub(in crate::active::torrent) fn serve(
        &mut self,
        content: Option<&Content>,
        connection: &mut Connection,
        range: HashRange,
    ) {
        let content = content.filter(|_| !connection.is_backlogged());
        match content.and_then(|content| self.answer(content, &range)) {
            Some(hashes) => connection.hashes(range, &hashes),
            None => connection.reject_hashes(range),
        }
    }

    /// The answer to a hash request: base hashes and uncles. `None` for any layer but
    /// the piece layer: the leaves, where pieces are longer than blocks, would have to be
    /// computed from the data.
    fn answer(&mut self, content: &Content, range: &HashRange) -> Option<Vec<u8>> {
        let base_layer = content.piece_layer_height();
        if range.base_layer != base_layer {
            return None;
        }
        let layer = content.layers.get(&range.pieces_root)?;
        let tree = self.0.entry(range.pieces_root);
        tree.or_insert_with(|| Tree::new(layer, base_layer))
            .answer(range)
    }
}

/// The hash tree of a file from its padded piece layer to the root.
#[derive(Debug)]
struct Tree {
    /// Each has half as many nodes as the one before.
    levels: Vec<Vec<Hash256>>,
}

impl Tree {
    fn new(layer: &[Hash256], base_layer: u32) -> Self {
        let zero = (0..base_layer).fold([0; 32], |zero, _| parent(&zero, &zero));
        let mut level = layer.to_vec();
        level.resize(layer.len().next_power_of_two(), zero);
        let mut levels = Vec::new();
        while level.len() > 1 {
            let (pairs, _) = level.as_chunks::<2>();
            let above = pairs
                .iter()
                .map(|[left, right]| parent(left, right))
                .collect();
            levels.push(std::mem::replace(&mut level, above));
        }
        levels.push(level);
        Self { levels }
    }

    fn answer(&self, range: &HashRange) -> Option<Vec<u8>> {
        let fits = range.length.is_power_of_two()
            && (2..=MAX_HASHES_PER_ANSWER).contains(&range.length)
            && range.index.is_multiple_of(range.length);
        if !fits {
            return None;
        }
        let first = range.index as usize;
        let base = self.levels[0].get(first..first.checked_add(range.length as usize)?)?;
        let mut hashes = base.concat();
        // The uncles below the root of the base hashes follow from these.
        for height in range.length.ilog2()..=range.proof_layers {
            let uncle = (range.index >> height) ^ 1;
            let level = self.levels.get(height as usize)?;
            hashes.extend_from_slice(level.get(uncle as usize)?);
        }
        Some(hashes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::testing::v2;
    use crate::wire::metainfo::block_hash;

    fn range(pieces_root: Hash256, base_layer: u32, index: u32, length: u32) -> HashRange {
        HashRange {
            pieces_root,
            base_layer,
            index,
            length,
            proof_layers: 0,
        }
    }

    #[test]
    fn pieces_of_a_block_have_the_leaves_as_their_layer() {
        let sample = v2(&[100_000], 16384, false);
        let content = sample.content();
        let root = *content.layers.keys().next().unwrap();
        let leaves = sample.data.chunks(16384).map(block_hash);
        let leaves: Vec<_> = leaves.chain([[0; 32]]).collect();
        let mut trees = Trees::default();
        let mut ask = |range: HashRange| trees.answer(&content, &range);
        assert_eq!(ask(range(root, 0, 0, 8)), Some(leaves.concat()));
        // With the nodes beside the way to the root.
        let proven = HashRange {
            proof_layers: 2,
            ..range(root, 0, 4, 2)
        };
        let below = |at: usize| parent(&leaves[at], &leaves[at + 1]);
        let uncles = [below(6), parent(&below(0), &below(2))];
        let expected = [leaves[4], leaves[5], uncles[0], uncles[1]].concat();
        assert_eq!(ask(proven), Some(expected));
    }

    #[test]
    fn what_is_no_part_of_a_piece_layer_is_refused() {
        let content = v2(&[300_000, 5], 65536, false).content();
        let root = *content.layers.keys().next().unwrap();
        let mut trees = Trees::default();
        let mut ask = |range: HashRange| trees.answer(&content, &range);
        assert!(ask(range(root, 2, 0, 8)).is_some());
        let beyond = u32::MAX - 1;
        for (base_layer, index, length) in [
            (0, 0, 8),
            (1, 0, 8),
            (2, 0, 16),
            (2, 8, 8),
            (2, 1, 2),
            (2, 0, 3),
            (2, 0, 1),
            (2, 0, 0),
            (2, beyond, 2),
        ] {
            let refused = range(root, base_layer, index, length);
            assert_eq!(ask(refused), None, "{base_layer} {index} {length}");
        }
        assert_eq!(ask(range([1; 32], 2, 0, 8)), None);
        for proof_layers in [3, 31, 32, u32::MAX] {
            let range = HashRange {
                proof_layers,
                ..range(root, 2, 0, 8)
            };
            assert_eq!(ask(range), None, "{proof_layers}");
        }
    }
}
