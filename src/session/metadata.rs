//! Puts an info dictionary together from ut_metadata messages (BEP 9).

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::wire::extension::{METADATA_PIECE, MetadataType, UtMetadata};

/// A longer info dictionary is not assembled (libtorrent's own limit is 4 MiB by
/// default).
pub const MAX_METADATA: u64 = 8 << 20;

/// The pieces of one info dictionary, as far as they came by.
#[derive(Debug, Default)]
pub struct Assembly {
    total: u64,
    pieces: Vec<Option<Box<[u8]>>>,
    have: usize,
}

impl Assembly {
    /// Takes in a piece and gives the whole once the last one is there. Pieces
    /// of impossible size or of another total are left aside.
    pub fn add(&mut self, message: &UtMetadata<'_>) -> Option<Vec<u8>> {
        if message.msg_type != Some(MetadataType::DATA) {
            return None;
        }
        let total = u64::try_from(message.total_size?).ok()?;
        let index = usize::try_from(message.piece?).ok()?;
        if total == 0 || total > MAX_METADATA {
            return None;
        }
        if self.total != total {
            *self = Self {
                total,
                pieces: vec![None; total.div_ceil(METADATA_PIECE) as usize],
                have: 0,
            };
        }
        let length =
            (total - (index as u64).saturating_mul(METADATA_PIECE).min(total)).min(METADATA_PIECE);
        let slot = self.pieces.get_mut(index)?;
        if slot.is_some() || message.data.len() as u64 != length {
            return None;
        }
        *slot = Some(message.data.into());
        self.have += 1;
        (self.have == self.pieces.len()).then(|| self.join())
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.pieces.iter().flatten().map(|piece| piece.len()).sum()
    }

    fn join(&mut self) -> Vec<u8> {
        let pieces = std::mem::take(self).pieces;
        pieces.into_iter().flatten().flatten().collect()
    }
}

/// Whether `info` is the dictionary that `hash` names: by SHA-1 (v1) or by the
/// first 20 bytes of SHA-256 (v2, BEP 52).
pub fn matches(info: &[u8], hash: &[u8; 20]) -> bool {
    Sha1::digest(info)[..] == hash[..] || Sha256::digest(info)[..20] == hash[..]
}
