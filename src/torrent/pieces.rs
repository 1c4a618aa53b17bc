//! A set of pieces.

/// A set of the pieces of one torrent: one bit each.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PieceSet {
    words: Vec<u64>,
    pieces: u32,
    count: u32,
}

impl PieceSet {
    /// No piece of a torrent that has `pieces`.
    pub fn none(pieces: u32) -> Self {
        Self {
            words: vec![0; (pieces as usize).div_ceil(64)],
            pieces,
            count: 0,
        }
    }

    /// All of them.
    pub fn all(pieces: u32) -> Self {
        let mut set = Self::none(pieces);
        set.words.fill(u64::MAX);
        let spare = set.words.len() as u32 * 64 - pieces;
        if let Some(last) = set.words.last_mut() {
            *last >>= spare;
        }
        set.count = pieces;
        set
    }

    /// From the body of a bitfield message; `None` if its length does not fit.
    /// Spare bits are left out, as most clients do (BEP 3 wants them clear).
    pub fn from_bitfield(bits: &[u8], pieces: u32) -> Option<Self> {
        if bits.len() != (pieces as usize).div_ceil(8) {
            return None;
        }
        let mut set = Self::none(pieces);
        for (word, bytes) in set.words.iter_mut().zip(bits.chunks(8)) {
            for (at, byte) in bytes.iter().enumerate() {
                *word |= u64::from(byte.reverse_bits()) << (8 * at);
            }
        }
        let spare = set.words.len() as u32 * 64 - pieces;
        if let Some(last) = set.words.last_mut() {
            *last &= u64::MAX >> spare;
        }
        set.count = set.words.iter().map(|word| word.count_ones()).sum();
        Some(set)
    }

    /// The body of a bitfield message.
    pub fn to_bitfield(&self) -> Vec<u8> {
        let bytes = self.words.iter().flat_map(|word| word.to_le_bytes());
        bytes
            .take((self.pieces as usize).div_ceil(8))
            .map(u8::reverse_bits)
            .collect()
    }

    /// How many pieces the torrent has.
    pub fn pieces(&self) -> u32 {
        self.pieces
    }

    /// How many are in the set.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Whether all are in the set.
    pub fn is_all(&self) -> bool {
        self.count == self.pieces
    }

    /// Whether `piece` is in the set.
    pub fn has(&self, piece: u32) -> bool {
        self.words
            .get(piece as usize / 64)
            .is_some_and(|word| word >> (piece % 64) & 1 == 1)
    }

    /// Adds `piece`; says whether it is new. One that the torrent does not have
    /// is left out.
    pub fn insert(&mut self, piece: u32) -> bool {
        if piece >= self.pieces || self.has(piece) {
            return false;
        }
        self.words[piece as usize / 64] |= 1 << (piece % 64);
        self.count += 1;
        true
    }

    /// Takes `piece` out; says whether it was in.
    pub fn remove(&mut self, piece: u32) -> bool {
        let had = self.has(piece);
        if had {
            self.words[piece as usize / 64] &= !(1 << (piece % 64));
            self.count -= 1;
        }
        had
    }

    /// The pieces in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().zip(0_u32..).flat_map(|(&word, at)| {
            let mut rest = word;
            std::iter::from_fn(move || {
                let bit = (rest != 0).then(|| rest.trailing_zeros())?;
                rest &= rest - 1;
                Some(at * 64 + bit)
            })
        })
    }

    /// Whether `other` holds a piece that is not in this set.
    pub fn lacks_some_of(&self, other: &Self) -> bool {
        let mut words = self.words.iter().zip(&other.words);
        words.any(|(mine, theirs)| theirs & !mine != 0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn all_has_no_spare_bits() {
        for pieces in [0, 1, 7, 8, 63, 64, 65, 1000] {
            let all = PieceSet::all(pieces);
            assert_eq!(all.iter().count(), pieces as usize);
            assert!(all.is_all() && !all.has(pieces));
            assert_eq!(
                PieceSet::from_bitfield(&all.to_bitfield(), pieces),
                Some(all)
            );
        }
    }

    #[test]
    fn the_first_piece_is_the_top_bit() {
        let mut set = PieceSet::none(10);
        assert!(set.insert(0) && !set.insert(0) && set.insert(9) && !set.insert(10));
        assert_eq!(set.to_bitfield(), [0x80, 0x40]);
        assert!(set.remove(0) && !set.remove(0));
        assert_eq!(set.count(), 1);
        assert_eq!(PieceSet::from_bitfield(&[0xff], 10), None);
        assert_eq!(
            PieceSet::from_bitfield(&[0xff, 0xff], 10),
            Some(PieceSet::all(10))
        );
    }

    proptest! {
        #[test]
        fn a_bitfield_comes_back(pieces in 1_u32..300, chosen in proptest::collection::vec(0_u32..300, 0..50)) {
            let mut set = PieceSet::none(pieces);
            let mut plain = std::collections::BTreeSet::new();
            for piece in chosen.into_iter().filter(|piece| *piece < pieces) {
                prop_assert_eq!(set.insert(piece), plain.insert(piece));
            }
            prop_assert_eq!(set.count() as usize, plain.len());
            prop_assert!(set.iter().eq(plain.iter().copied()));
            let back = PieceSet::from_bitfield(&set.to_bitfield(), pieces);
            prop_assert_eq!(back, Some(set));
        }
    }
}
