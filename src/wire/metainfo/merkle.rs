//! The Merkle trees of v2 torrents (BEP 52): SHA-256, binary, a leaf a block of
//! 16 KiB, missing leaves all zeros.

use sha2::{Digest, Sha256};

/// A SHA-256.
pub type Hash256 = [u8; 32];

/// Bytes of a leaf's block; the last one of a file is hashed at its real length.
pub const BLOCK: u64 = 16 * 1024;

/// The leaf of a block.
pub fn block_hash(block: &[u8]) -> Hash256 {
    Sha256::digest(block).into()
}

/// The root over the leaves of a file or of one piece: missing leaves up to the
/// next power of two are zeros. All zeros for no leaf at all.
pub fn blocks_root(leaves: &[Hash256]) -> Hash256 {
    root(leaves.to_vec(), 0)
}

/// The root over a file's piece layer, whose hashes each stand for
/// `piece_length` bytes (a power of two of at least 16 KiB).
pub fn layer_root(layer: &[Hash256], piece_length: u64) -> Hash256 {
    root(layer.to_vec(), layer_height(piece_length))
}

/// How far a file's piece layer, whose hashes each stand for `piece_length`
/// bytes, is above the leaves.
pub fn layer_height(piece_length: u64) -> u32 {
    (piece_length / BLOCK).max(1).ilog2()
}

/// Folds `level`, whose nodes are `height` above the leaves, to the root. What is
/// missing on a level is the hash of a subtree of zero leaves.
fn root(mut level: Vec<Hash256>, height: u32) -> Hash256 {
    let mut zero = (0..height).fold(Hash256::default(), |zero, _| parent(&zero, &zero));
    while level.len() > 1 {
        level = level
            .chunks(2)
            .map(|pair| parent(&pair[0], pair.get(1).unwrap_or(&zero)))
            .collect();
        zero = parent(&zero, &zero);
    }
    level.first().copied().unwrap_or(zero)
}

/// The node above two others.
pub fn parent(left: &Hash256, right: &Hash256) -> Hash256 {
    let mut hasher = Sha256::new();
    hasher.update(left);
    hasher.update(right);
    hasher.finalize().into()
}

/// The node above `base`, after climbing past `uncles` (its siblings on the way up),
/// and its place in its layer. `index` is the place of the first of `base`. `None` if
/// `base` are not the leaves of a subtree.
pub fn climb(base: &[Hash256], index: u32, uncles: &[Hash256]) -> Option<(Hash256, u32)> {
    if !base.len().is_power_of_two() || !index.is_multiple_of(base.len() as u32) {
        return None;
    }
    let first = (blocks_root(base), index / base.len() as u32);
    let up = |(node, at): (Hash256, u32), uncle: &Hash256| {
        let above = if at.is_multiple_of(2) {
            parent(&node, uncle)
        } else {
            parent(uncle, &node)
        };
        (above, at / 2)
    };
    Some(uncles.iter().fold(first, up))
}
