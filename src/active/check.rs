//! Checking a piece by its hash.

use sha1::{Digest, Sha1};

use super::machine::BLOCK;
use super::torrent::{Check, Half, MerkleCheck, Verdict};
use crate::wire::metainfo::{Hash256, block_hash, blocks_root};

/// Whether `data` is the piece that `check` describes.
pub fn verify(data: &[u8], check: &Check) -> Verdict {
    let right = match check {
        Check::Sha1(hash) => sha1_fits(data, hash),
        Check::Merkle(merkle) => merkle.fits(data),
        Check::Both(hash, merkle) => return verify_both(data, hash, merkle),
    };
    if right { Verdict::Good } else { Verdict::Bad }
}

/// No data can be right by one hash and wrong by the other, unless the torrent
/// contradicts itself: whoever could make it otherwise could break SHA-1.
fn verify_both(data: &[u8], hash: &[u8; 20], merkle: &MerkleCheck) -> Verdict {
    match (sha1_fits(data, hash), merkle.fits(data)) {
        (true, true) => Verdict::Good,
        (true, false) => Verdict::Inconsistent(Half::V1),
        // The root says nothing of the padding, which a liar may have sent.
        (false, true) if merkle.is_padded_with_zeros(data) => Verdict::Inconsistent(Half::V2),
        (false, _) => Verdict::Bad,
    }
}

fn sha1_fits(data: &[u8], hash: &[u8; 20]) -> bool {
    Sha1::digest(data)[..] == hash[..]
}

impl MerkleCheck {
    /// The bytes of the piece that belong to its file, and the padding.
    fn split<'d>(&self, data: &'d [u8]) -> (&'d [u8], &'d [u8]) {
        data.split_at(data.len().min(self.length as usize))
    }

    fn fits(&self, data: &[u8]) -> bool {
        let (data, _) = self.split(data);
        let mut leaves: Vec<_> = data.chunks(BLOCK as usize).map(block_hash).collect();
        if leaves.len() < self.width {
            leaves.resize(self.width, Hash256::default());
        }
        blocks_root(&leaves) == self.root
    }

    fn is_padded_with_zeros(&self, data: &[u8]) -> bool {
        let (_, padding) = self.split(data);
        padding.iter().all(|byte| *byte == 0)
    }
}

/// SHA-1 of each block, to tell later which of them were wrong.
pub fn digests(data: &[u8]) -> Vec<[u8; 20]> {
    let blocks = data.chunks(BLOCK as usize);
    blocks.map(|block| Sha1::digest(block).into()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::testing::v2;

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
        // Whoever sends something else as padding is a liar, and no more.
        let mut padded = right.clone();
        padded[20_000] = 1;
        assert_eq!(verdict(&padded, sha1, merkle), Verdict::Bad);
    }
}
