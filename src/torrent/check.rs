//! Checking a piece by its hash.

use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::BLOCK;
use super::content::{Check, Leaf, MerkleCheck};
use super::verdict::{Half, Verdict};
use crate::wire::metainfo::{Hash256, blocks_root};

/// Whether `data` is the piece that `check` describes.
pub fn verify(data: &[u8], check: &Check) -> Verdict {
    let mut hasher = PieceHasher::new(check);
    hasher.update(data);
    hasher.finish()
}

/// Hashes a piece that comes in parts.
#[derive(Debug)]
pub struct PieceHasher {
    sha1: Option<([u8; 20], Sha1)>,
    tree: Option<Tree>,
}

impl PieceHasher {
    /// For the piece that `check` describes.
    pub fn new(check: &Check) -> Self {
        let (sha1, merkle) = match check {
            Check::Sha1(hash) => (Some(*hash), None),
            Check::Merkle(merkle) => (None, Some(*merkle)),
            Check::Both(hash, merkle) => (Some(*hash), Some(*merkle)),
        };
        Self {
            sha1: sha1.map(|hash| (hash, Sha1::new())),
            tree: merkle.map(Tree::new),
        }
    }

    /// The next part of it.
    pub fn update(&mut self, data: &[u8]) {
        if let Some((_, sha1)) = &mut self.sha1 {
            sha1.update(data);
        }
        if let Some(tree) = &mut self.tree {
            tree.update(data);
        }
    }

    /// Whether it is the right one.
    pub fn finish(self) -> Verdict {
        let sha1 = self.sha1.map(|(hash, sha1)| sha1.finalize()[..] == hash);
        let tree = self.tree.map(Tree::finish);
        match (sha1, tree) {
            // Data that is right by SHA-1 and wrong by the tree means that the torrent
            // contradicts itself: otherwise it would be a SHA-1 collision.
            (Some(true), Some((false, _))) => Verdict::Inconsistent(Half::V1),
            // The root does not cover the padding, which a hostile peer may have sent.
            (Some(false), Some((true, true))) => Verdict::Inconsistent(Half::V2),
            (Some(false), _) | (None, Some((false, _))) => Verdict::Bad,
            (Some(true) | None, _) => Verdict::Good,
        }
    }
}

/// The Merkle tree over the blocks of a piece, as its bytes come.
#[derive(Debug)]
struct Tree {
    check: MerkleCheck,
    leaves: Vec<Hash256>,
    /// The block that is not complete yet, and how many bytes of it have come.
    block: Sha256,
    filled: usize,
    /// Bytes of the piece that belong to its file and have not come.
    left: usize,
    /// Whether what follows them is zeros.
    is_padded_with_zeros: bool,
}

impl Tree {
    fn new(check: MerkleCheck) -> Self {
        Self {
            check,
            leaves: Vec::new(),
            block: Sha256::new(),
            filled: 0,
            left: check.length as usize,
            is_padded_with_zeros: true,
        }
    }

    fn update(&mut self, data: &[u8]) {
        let (mut data, padding) = data.split_at(data.len().min(self.left));
        self.left -= data.len();
        self.is_padded_with_zeros &= padding.iter().all(|byte| *byte == 0);
        while !data.is_empty() {
            let most = BLOCK as usize - self.filled;
            let (part, rest) = data.split_at(data.len().min(most));
            self.block.update(part);
            self.filled += part.len();
            if self.filled == BLOCK as usize {
                self.end_block();
            }
            data = rest;
        }
    }

    fn end_block(&mut self) {
        self.leaves.push(self.block.finalize_reset().into());
        self.filled = 0;
    }

    /// Whether the root is the right one, and the padding zeros.
    fn finish(mut self) -> (bool, bool) {
        let is_right = self.root() == self.check.root;
        (is_right, self.is_padded_with_zeros)
    }

    fn root(&mut self) -> Hash256 {
        if self.filled > 0 {
            self.end_block();
        }
        if self.leaves.len() < self.check.width {
            self.leaves.resize(self.check.width, Hash256::default());
        }
        blocks_root(&self.leaves)
    }
}

/// What the tree over a piece leads to, whatever it should be.
pub fn root_of(data: &[u8], leaf: &Leaf) -> Hash256 {
    let mut tree = Tree::new(leaf.check(Hash256::default()));
    tree.update(data);
    tree.root()
}

/// SHA-1 of each block, to tell later which of them were wrong.
pub fn digests(data: &[u8]) -> Vec<[u8; 20]> {
    let blocks = data.chunks(BLOCK as usize);
    blocks.map(|block| Sha1::digest(block).into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::torrent::testing::v2;

    #[test]
    fn of_a_hybrid_torrent_both_hashes_count() {
        // Two blocks of data, the second cut short, and padding.
        let sample = v2(&[20_000, 5], 65536, true);
        let right = sample.piece(0).to_vec();
        let Some(Check::Both(sha1, merkle)) = sample.content().check(0) else {
            panic!("one hash is missing");
        };
        let verdict = |data: &[u8], sha1, merkle| verify(data, &Check::Both(sha1, merkle));
        assert_eq!(verdict(&right, sha1, merkle), Verdict::Good);
        let other = MerkleCheck {
            root: [1; 32],
            ..merkle
        };
        assert_eq!(
            verdict(&right, sha1, other),
            Verdict::Inconsistent(Half::V1)
        );
        assert_eq!(
            verdict(&right, [1; 20], merkle),
            Verdict::Inconsistent(Half::V2)
        );
        assert_eq!(verdict(&right, [1; 20], other), Verdict::Bad);
        // Wrong padding is the sender's fault, not a contradiction.
        let mut padded = right.clone();
        padded[20_000] = 1;
        assert_eq!(verdict(&padded, sha1, merkle), Verdict::Bad);
    }
}
