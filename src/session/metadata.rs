//! Puts an info dictionary together from ut_metadata messages (BEP 9).

use sha1::{Digest, Sha1};
use sha2::Sha256;

use super::budget::{Budget, Charge};
use crate::torrent::MetadataPieces;
use crate::wire::extension::{MetadataType, UtMetadata};

/// A longer info dictionary is not assembled (libtorrent's own limit is 4 MiB by
/// default).
pub const MAX_METADATA: u64 = 8 << 20;

/// What a piece costs beside its bytes: its place among the others, and what the
/// allocator adds.
const PIECE_COST: usize = 96;

/// The pieces of one info dictionary, charged to a budget.
#[derive(Debug)]
pub struct Assembly {
    pieces: MetadataPieces,
    charge: Charge,
}

/// What a piece did.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// It was taken in.
    Taken,
    /// It was there already, it is of impossible size or of another total, or it
    /// is no piece.
    Aside,
    /// It does not fit into the budget.
    TooMuch,
    /// It was the last one: the whole.
    Whole(Vec<u8>),
}

impl Assembly {
    /// No piece yet; those that come are charged to `budget`.
    pub fn new(budget: &Budget) -> Self {
        Self {
            pieces: MetadataPieces::default(),
            charge: budget.charge(),
        }
    }

    /// Takes in a piece and gives the whole once the last one is there.
    pub fn add(&mut self, message: &UtMetadata<'_>) -> Added {
        let Some((total, index)) = place(message) else {
            return Added::Aside;
        };
        if self.pieces.size() != total {
            self.pieces = MetadataPieces::new(total);
            self.charge.release();
        }
        if self.pieces.has(index) {
            return Added::Aside;
        }
        if !self.charge.grow(message.data.len() + PIECE_COST) {
            return Added::TooMuch;
        }
        self.pieces.add(index, message.data.into());
        if !self.pieces.is_complete() {
            return Added::Taken;
        }
        let whole = std::mem::take(&mut self.pieces).join();
        self.charge.release();
        Added::Whole(whole)
    }

    /// Whether no piece is held.
    pub fn is_empty(&self) -> bool {
        self.pieces.held() == 0
    }
}

/// The size of the dictionary and the index of the piece, where both are possible
/// and the piece has the length that it must have.
fn place(message: &UtMetadata<'_>) -> Option<(u64, u64)> {
    if message.msg_type != Some(MetadataType::DATA) {
        return None;
    }
    let total = u64::try_from(message.total_size?).ok()?;
    let index = u64::try_from(message.piece?).ok()?;
    let fits = MetadataPieces::new(total).fits(index, message.data.len());
    (total <= MAX_METADATA && fits).then_some((total, index))
}

/// Whether `info` is the dictionary that `hash` names: by SHA-1 (v1) or by the
/// first 20 bytes of SHA-256 (v2, BEP 52).
pub fn matches(info: &[u8], hash: &[u8; 20]) -> bool {
    Sha1::digest(info)[..] == hash[..] || Sha256::digest(info)[..20] == hash[..]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::extension::METADATA_PIECE;

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
        let budget = Budget::new(1 << 20);
        let mut assembly = Assembly::new(&budget);
        for (index, expected) in [
            (2, Added::Taken),
            (0, Added::Taken),
            (0, Added::Aside),
            (2, Added::Aside),
        ] {
            let data = pieces[usize::from(index)];
            assert_eq!(assembly.add(&numbered(index, data)), expected);
        }
        let short = numbered(1, &pieces[1][1..]);
        assert_eq!(assembly.add(&short), Added::Aside);
        let last = numbered(1, pieces[1]);
        assert_eq!(assembly.add(&last), Added::Whole(whole));
        assert_eq!(budget.left(), 1 << 20);
    }

    #[test]
    fn claims_cost_nothing() {
        let budget = Budget::new(1000);
        let mut assembly = Assembly::new(&budget);
        let data = vec![7; METADATA_PIECE as usize];
        for (index, total) in [
            (-1, 1),
            (0, -1),
            (0, 0),
            (1, 16384),
            (0, i64::MAX),
            (i64::MAX, 9),
        ] {
            assert_eq!(assembly.add(&piece(index, total, &data)), Added::Aside);
        }
        assert_eq!(budget.left(), 1000);
        // The last piece of many is one byte long.
        let total = (511 << 14) + 1;
        assert_eq!(assembly.add(&piece(511, total, &[7])), Added::Taken);
        assert_eq!(budget.left(), 1000 - 1 - PIECE_COST);
        assert_eq!(assembly.add(&piece(0, total, &data)), Added::TooMuch);
        // Another size begins anew.
        assert_eq!(
            assembly.add(&piece(0, 500, &data[..500])),
            Added::Whole(data[..500].into())
        );
        assert_eq!(budget.left(), 1000);
    }
}
