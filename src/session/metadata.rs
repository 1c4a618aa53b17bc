//! Puts an info dictionary together from ut_metadata messages (BEP 9).

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::wire::extension::{METADATA_PIECE, MetadataType, UtMetadata};

/// A longer info dictionary is not assembled (libtorrent's own limit is 4 MiB by
/// default).
pub const MAX_METADATA: u64 = 8 << 20;

/// What a piece costs beside its bytes: its place among the others.
const PIECE_COST: usize = 64;

/// The pieces of one info dictionary, as far as they came by. A claimed size
/// costs nothing, nor does a piece that has not come.
#[derive(Debug, Default)]
pub struct Assembly {
    total: u64,
    pieces: BTreeMap<u64, Box<[u8]>>,
    held: usize,
}

impl Assembly {
    /// Takes in a piece and gives the whole once the last one is there. Pieces
    /// of impossible size or of another total are left aside.
    pub fn add(&mut self, message: &UtMetadata<'_>) -> Option<Vec<u8>> {
        if message.msg_type != Some(MetadataType::DATA) {
            return None;
        }
        let total = u64::try_from(message.total_size?).ok()?;
        let index = u64::try_from(message.piece?).ok()?;
        let count = total.div_ceil(METADATA_PIECE);
        if total > MAX_METADATA || index >= count {
            return None;
        }
        if self.total != total {
            *self = Self {
                total,
                ..Self::default()
            };
        }
        let length = (total - index * METADATA_PIECE).min(METADATA_PIECE);
        if message.data.len() as u64 != length {
            return None;
        }
        let Entry::Vacant(place) = self.pieces.entry(index) else {
            return None;
        };
        place.insert(message.data.into());
        self.held += message.data.len() + PIECE_COST;
        (self.pieces.len() as u64 == count).then(|| self.join())
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.held
    }

    fn join(&mut self) -> Vec<u8> {
        let pieces = std::mem::take(self).pieces;
        pieces.into_values().flatten().collect()
    }
}

/// Whether `info` is the dictionary that `hash` names: by SHA-1 (v1) or by the
/// first 20 bytes of SHA-256 (v2, BEP 52).
pub fn matches(info: &[u8], hash: &[u8; 20]) -> bool {
    Sha1::digest(info)[..] == hash[..] || Sha256::digest(info)[..20] == hash[..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn piece(index: i64, total: i64, data: &[u8]) -> UtMetadata<'_> {
        UtMetadata {
            msg_type: Some(MetadataType::DATA),
            piece: Some(index),
            total_size: Some(total),
            data,
            data_length: data.len(),
        }
    }

    #[test]
    fn pieces_in_any_order_make_the_whole() {
        let whole: Vec<u8> = (0..40_000u32).map(|at| at as u8).collect();
        let pieces: Vec<_> = whole.chunks(METADATA_PIECE as usize).collect();
        let numbered = |index: u8, data| piece(i64::from(index), 40_000, data);
        let mut assembly = Assembly::default();
        for index in [2, 0, 0, 2] {
            let data = pieces[usize::from(index)];
            assert_eq!(assembly.add(&numbered(index, data)), None);
        }
        assert_eq!(assembly.add(&numbered(1, &pieces[1][1..])), None);
        assert_eq!(assembly.add(&numbered(1, pieces[1])), Some(whole));
        assert_eq!(assembly.held(), 0);
    }

    #[test]
    fn claims_cost_nothing() {
        let mut assembly = Assembly::default();
        let data = vec![7; METADATA_PIECE as usize];
        for (index, total) in [
            (-1, 1),
            (0, -1),
            (0, 0),
            (1, 16384),
            (0, i64::MAX),
            (i64::MAX, 9),
        ] {
            assert_eq!(assembly.add(&piece(index, total, &data)), None);
        }
        assert_eq!(assembly.held(), 0);
        // The last piece of many is one byte long.
        let total = (511 << 14) + 1;
        assert_eq!(assembly.add(&piece(511, total, &[7])), None);
        assert_eq!(assembly.held(), 1 + PIECE_COST);
    }
}
