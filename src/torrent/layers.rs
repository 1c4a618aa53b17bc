//! Piece layers of v2 torrents, from the hashes that peers asked each other for
//! (BEP 52).

use std::collections::BTreeMap;

use super::BLOCK;
use super::content::Content;
use crate::wire::metainfo::{Hash256, climb, layer_height, parent};
use crate::wire::peer::Hashes;

/// Hashes of messages that are kept, of all torrents: about 10 MB.
const MAX_HASHES: usize = 1 << 16;

/// Where a hash is: the root of the file, the layer, the place in it.
type Place = (Hash256, u32, u32);

/// The hashes that went by.
#[derive(Debug, Default)]
pub struct Layers {
    hashes: BTreeMap<Place, Seen>,
    /// Messages whose hashes were not kept, to bound memory.
    pub left_out: u64,
}

#[derive(Debug, Clone, Copy)]
struct Seen {
    hash: Hash256,
    /// It leads to the root.
    is_proven: bool,
}

impl Layers {
    /// Takes in a message. What leads to the root replaces what does not. Gives the node
    /// that its hashes lead to, and the place of that in its layer; `None` where they are
    /// no subtree.
    pub fn hear(&mut self, message: &Hashes<'_>) -> Option<(Hash256, u32)> {
        let range = message.range;
        let (hashes, _) = message.hashes.as_chunks::<32>();
        let (base, uncles) = hashes.split_at_checked(range.length as usize)?;
        let reached = climb(base, range.index, uncles);
        if self.hashes.len() + base.len() > MAX_HASHES {
            self.left_out += 1;
            return reached;
        }
        let is_proven = reached == Some((range.pieces_root, 0));
        for (at, hash) in (0..).zip(base) {
            let index = range.index.saturating_add(at);
            let seen = Seen {
                hash: *hash,
                is_proven,
            };
            let place = (range.pieces_root, range.base_layer, index);
            let known = self.hashes.entry(place).or_insert(seen);
            if is_proven && !known.is_proven {
                *known = seen;
            }
        }
        reached
    }

    /// The hash at a place of a layer, if its proof was there.
    pub fn proven(&self, root: Hash256, height: u32, index: u32) -> Option<Hash256> {
        let seen = self.hashes.get(&(root, height, index))?;
        seen.is_proven.then_some(seen.hash)
    }

    /// Adds to `content` the piece layers that are whole, or can be computed from hashes
    /// of layers below them.
    pub fn complete(&self, content: &mut Content) {
        let missing = content.missing_layers();
        if missing.is_empty() || self.hashes.is_empty() {
            return;
        }
        let piece = u64::from(content.info.piece_length());
        // A torrent that lies has files of several lengths with one root.
        let files = content.info.files().iter();
        let lengths = files.filter_map(|file| {
            let pieces = u32::try_from(file.length.div_ceil(piece)).ok()?;
            Some(((file.pieces_root?, pieces), file.length))
        });
        let lengths: BTreeMap<_, _> = lengths.collect();
        for (root, pieces) in missing {
            let Some(&length) = lengths.get(&(root, pieces)) else {
                continue;
            };
            let layer = (0..pieces).map(|index| self.piece(root, index, length, piece));
            if let Some(layer) = layer.collect() {
                content.add_layer(root, layer);
            }
        }
    }

    /// The hash of a piece of a file of `length` bytes: as it was said, else computed from
    /// the highest layer below of which all is there.
    fn piece(&self, root: Hash256, index: u32, length: u64, piece: u64) -> Option<Hash256> {
        let height = layer_height(piece);
        (0..=height)
            .rev()
            .find_map(|layer| self.computed(root, index, length, (layer, height)))
    }

    fn computed(
        &self,
        root: Hash256,
        index: u32,
        length: u64,
        (layer, height): (u32, u32),
    ) -> Option<Hash256> {
        let width = 1_u64 << (height - layer);
        let from = u64::from(index) * width;
        // Behind the end of the file all is zeros, which nobody needs to say.
        let nodes = length.div_ceil(u64::from(BLOCK) << layer).min(from + width);
        let (from, to) = (u32::try_from(from).ok()?, u32::try_from(nodes).ok()?);
        if from >= to {
            return None;
        }
        let there = self.hashes.range((root, layer, from)..(root, layer, to));
        let mut level: Vec<_> = there.map(|(_, seen)| seen.hash).collect();
        if level.len() != (to - from) as usize {
            return None;
        }
        let mut zero = (0..layer).fold([0; 32], |zero, _| parent(&zero, &zero));
        for _ in layer..height {
            let pairs = level.chunks(2);
            level = pairs
                .map(|pair| parent(&pair[0], pair.get(1).unwrap_or(&zero)))
                .collect();
            zero = parent(&zero, &zero);
        }
        level.first().copied()
    }
}

#[cfg(test)]
mod tests {
    use sha2::{Digest, Sha256};

    use super::*;
    use crate::torrent::testing::v2;
    use crate::wire::metainfo::Info;
    use crate::wire::peer::HashRange;

    /// A message with the hashes `from..from + length` of the layer, and its proof.
    fn message(
        root: Hash256,
        height: u32,
        layer: &[Hash256],
        from: u32,
        length: u32,
    ) -> (HashRange, Vec<u8>) {
        let width = layer.len().next_power_of_two();
        let zero = (0..height).fold([0; 32], |zero, _| parent(&zero, &zero));
        let mut level: Vec<_> = layer
            .iter()
            .copied()
            .chain(std::iter::repeat(zero))
            .take(width)
            .collect();
        let base = level[from as usize..(from + length) as usize].to_vec();
        let mut hashes = base.concat();
        let (mut at, mut run) = (from as usize, length as usize);
        while level.len() > 1 {
            if run == 1 {
                hashes.extend_from_slice(&level[at ^ 1]);
            }
            level = level
                .chunks(2)
                .map(|pair| parent(&pair[0], &pair[1]))
                .collect();
            at /= 2;
            run = (run / 2).max(1);
        }
        let range = HashRange {
            pieces_root: root,
            base_layer: height,
            index: from,
            length,
            proof_layers: 0,
        };
        (range, hashes)
    }

    #[test]
    fn a_layer_is_put_together_and_lies_are_replaced() {
        let sample = v2(&[11 * 32768 + 5, 7], 32768, false);
        let whole = sample.content();
        let (root, layer) = whole.layers.iter().next().unwrap();
        let height = layer_height(32768);
        let mut layers = Layers::default();
        let mut content = Content::from_info(whole.info.clone());
        for from in [8, 0, 4] {
            let (range, hashes) = message(*root, height, layer, from, 4);
            // A lie of the same place first.
            let mut lie = hashes.clone();
            lie[0] ^= 1;
            layers.hear(&Hashes {
                range,
                hashes: &lie,
            });
            layers.complete(&mut content);
            assert!(content.layers.is_empty());
            layers.hear(&Hashes {
                range,
                hashes: &hashes,
            });
            // And a lie that comes too late.
            layers.hear(&Hashes {
                range,
                hashes: &lie,
            });
        }
        layers.complete(&mut content);
        assert_eq!(content.layers, whole.layers);
    }

    /// Leaves, or hashes between these and the pieces, are as good, also together.
    #[test]
    fn a_layer_is_computed_from_the_layers_below() {
        let (length, size) = (5 * 65536 + 3 * 16384 + 5, 65536);
        let sample = v2(&[length, 7], size, false);
        let whole = sample.content();
        let (root, layer) = whole.layers.iter().next().unwrap();
        let data = &sample.data;
        let leaves: Vec<Hash256> = data[..length]
            .chunks(16384)
            .map(|block| Sha256::digest(block).into())
            .collect();
        let pairs: Vec<Hash256> = leaves
            .chunks(2)
            .map(|pair| parent(&pair[0], pair.get(1).unwrap_or(&[0; 32])))
            .collect();
        let hear = |layers: &mut Layers, height, level: &[Hash256], from: u32, length| {
            let (range, hashes) = message(*root, height, level, from, length);
            layers.hear(&Hashes {
                range,
                hashes: &hashes,
            });
        };
        let complete = |layers: &Layers| {
            let mut content = Content::from_info(whole.info.clone());
            layers.complete(&mut content);
            content.layers
        };
        let mut of_leaves = Layers::default();
        hear(&mut of_leaves, 0, &leaves, 0, 16);
        assert!(complete(&of_leaves).is_empty());
        hear(&mut of_leaves, 0, &leaves, 16, 8);
        assert_eq!(complete(&of_leaves), whole.layers);
        let mut mixed = Layers::default();
        hear(&mut mixed, 0, &leaves, 0, 4);
        hear(&mut mixed, 1, &pairs, 2, 2);
        hear(&mut mixed, 1, &pairs, 8, 4);
        assert!(complete(&mixed).is_empty());
        hear(&mut mixed, 2, layer, 2, 2);
        assert_eq!(complete(&mixed), whole.layers);
    }

    /// Files of several lengths that claim one root: each is judged by its own.
    #[test]
    fn files_that_share_a_root_have_their_own_lengths() {
        let root = "r".repeat(32);
        let file = |length: u64| format!("d0:d6:lengthi{length}e11:pieces root32:{root}ee");
        let (short, long) = (file(5), file(3 * 32768));
        let info = format!(
            "d9:file treed1:a{short}1:b{long}e12:meta versioni2e4:name1:x12:piece lengthi32768ee"
        );
        let info = Info::parse(info.as_bytes()).unwrap();
        let mut content = Content::from_info(info);
        let mut layers = Layers::default();
        for base_layer in [1, 0] {
            let range = HashRange {
                pieces_root: root.as_bytes().try_into().unwrap(),
                base_layer,
                index: 0,
                length: 2,
                proof_layers: 0,
            };
            layers.hear(&Hashes {
                range,
                hashes: &[7; 64],
            });
        }
        layers.complete(&mut content);
        assert!(content.layers.is_empty());
    }

    #[test]
    fn odd_messages_are_passed_over() {
        let mut layers = Layers::default();
        for (index, length) in [(0, 0), (0, 3), (u32::MAX, 2), (u32::MAX, 1), (0, u32::MAX)] {
            let range = HashRange {
                pieces_root: [1; 32],
                base_layer: 1,
                index,
                length,
                proof_layers: 9,
            };
            layers.hear(&Hashes {
                range,
                hashes: &[7; 96],
            });
        }
        assert!(layers.hashes.values().all(|seen| !seen.is_proven));
    }
}
