//! An info dictionary in pieces, as ut_metadata messages carry it (BEP 9).

use std::collections::BTreeMap;

use crate::wire::extension::METADATA_PIECE;

/// The pieces of one info dictionary, as far as they have come, in any order. Neither the
/// size that somebody claims nor a piece that has not come takes memory.
#[derive(Debug, Default)]
pub struct MetadataPieces {
    size: u64,
    pieces: BTreeMap<u64, Box<[u8]>>,
}

impl MetadataPieces {
    /// No piece yet of a dictionary of `size` bytes.
    pub fn new(size: u64) -> Self {
        Self {
            size,
            pieces: BTreeMap::new(),
        }
    }

    /// Bytes of the dictionary.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// How many pieces it has.
    pub fn count(&self) -> u64 {
        self.size.div_ceil(METADATA_PIECE)
    }

    /// How many of them have come.
    pub fn held(&self) -> usize {
        self.pieces.len()
    }

    /// Whether a piece of this index and length exists.
    pub fn fits(&self, index: u64, length: usize) -> bool {
        index < self.count()
            && length as u64 == METADATA_PIECE.min(self.size - index * METADATA_PIECE)
    }

    /// Whether a piece has come.
    pub fn has(&self, index: u64) -> bool {
        self.pieces.contains_key(&index)
    }

    /// Adds a piece, which must fit.
    pub fn add(&mut self, index: u64, data: Box<[u8]>) {
        debug_assert!(self.fits(index, data.len()));
        self.pieces.insert(index, data);
    }

    /// Whether all pieces have come.
    pub fn is_complete(&self) -> bool {
        self.pieces.len() as u64 == self.count()
    }

    /// The dictionary, if all pieces have come. Each is released as soon as it is copied.
    pub fn join(mut self) -> Vec<u8> {
        let mut dictionary = Vec::with_capacity(usize::try_from(self.size).unwrap_or(0));
        while let Some((_, piece)) = self.pieces.pop_first() {
            dictionary.extend_from_slice(&piece);
        }
        dictionary
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_piece_may_be_shorter() {
        let piece = METADATA_PIECE as usize;
        let pieces = MetadataPieces::new(2 * METADATA_PIECE + 5);
        assert_eq!(pieces.count(), 3);
        for (index, length, fits) in [
            (0, piece, true),
            (0, 5, false),
            (1, piece, true),
            (2, 5, true),
            (2, piece, false),
            (3, 0, false),
            (u64::MAX, piece, false),
        ] {
            assert_eq!(pieces.fits(index, length), fits, "{index} {length}");
        }
        assert!(!MetadataPieces::new(0).fits(0, 0));
    }

    #[test]
    fn pieces_in_any_order_make_the_dictionary() {
        let dictionary: Vec<u8> = (0..40_000u32).map(|at| at as u8).collect();
        let mut pieces = MetadataPieces::new(40_000);
        for index in [2, 0, 1] {
            assert!(!pieces.is_complete() && !pieces.has(index));
            let start = (index * METADATA_PIECE) as usize;
            let end = dictionary.len().min(start + METADATA_PIECE as usize);
            assert!(pieces.fits(index, end - start));
            pieces.add(index, dictionary[start..end].into());
            assert!(pieces.has(index));
        }
        assert!(pieces.is_complete());
        assert_eq!(pieces.join(), dictionary);
    }
}
