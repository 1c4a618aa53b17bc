//! Checking a piece by its hash.

use sha1::{Digest, Sha1};

use super::machine::BLOCK;
use super::torrent::{Check, Verdict};
use crate::wire::metainfo::{Hash256, block_hash, blocks_root};

/// Whether `data` is the piece that `check` describes.
pub fn verify(data: &[u8], check: &Check) -> Verdict {
    let right = match check {
        Check::Sha1(hash) => Sha1::digest(data)[..] == hash[..],
        Check::Merkle { root, width } => merkle_root(data, *width) == *root,
    };
    if right { Verdict::Good } else { Verdict::Bad }
}

fn merkle_root(data: &[u8], width: usize) -> Hash256 {
    let mut leaves: Vec<_> = data.chunks(BLOCK as usize).map(block_hash).collect();
    if leaves.len() < width {
        leaves.resize(width, Hash256::default());
    }
    blocks_root(&leaves)
}

/// SHA-1 of each block, to tell later which of them were wrong.
pub fn digests(data: &[u8]) -> Vec<[u8; 20]> {
    let blocks = data.chunks(BLOCK as usize);
    blocks.map(|block| Sha1::digest(block).into()).collect()
}
