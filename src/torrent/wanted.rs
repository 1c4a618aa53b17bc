//! Which torrent is wanted, when only its hashes are known.

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::wire::metainfo::Hash256;

/// Which torrent is wanted: what a magnet link says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The v1 info-hash.
    pub v1: Option<[u8; 20]>,
    /// The v2 info-hash.
    pub v2: Option<Hash256>,
}

impl Wanted {
    /// Whether these bytes are the info dictionary.
    pub fn fits(&self, bytes: &[u8]) -> bool {
        let v1 = self.v1.is_none_or(|hash| Sha1::digest(bytes)[..] == hash);
        let v2 = self.v2.is_none_or(|hash| Sha256::digest(bytes)[..] == hash);
        v1 && v2
    }
}
