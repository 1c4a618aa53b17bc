//! The pieces that a peer says it has.

use super::budget::{Budget, Charge};

/// Pieces that a bitfield of the longest message could name (8 times 1 MiB).
const MAX_PIECES: u32 = 8 << 20;

/// What a peer has, by its bitfield, `have`, `have all`, `have none` and
/// `lt_donthave`. How many pieces the torrent has need not be known.
#[derive(Debug)]
pub struct Possession {
    /// A bit a piece: the lowest bit of the first word is piece 0.
    words: Vec<u64>,
    /// It said `have all`: pieces that no bit is kept for are there too.
    has_all: bool,
    /// It said what it has: a bitfield, `have all` or `have none`.
    is_stated: bool,
    /// A piece could not be kept, for want of memory or because its number is
    /// absurd.
    is_partial: bool,
    count: u32,
    charge: Charge,
}

impl Possession {
    /// Nothing was said yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            words: Vec::new(),
            has_all: false,
            is_stated: false,
            is_partial: false,
            count: 0,
            charge: budget.charge(),
        }
    }

    /// Whether a bitfield, `have all` or `have none` was heard. A peer without
    /// pieces need not send one (BEP 3).
    pub fn is_stated(&self) -> bool {
        self.is_stated
    }

    /// Whether it is known to have `piece`.
    pub fn has(&self, piece: u32) -> bool {
        let word = self.words.get(piece as usize / 64);
        word.map_or(self.has_all, |word| word >> (piece % 64) & 1 == 1)
    }

    /// Whether it is known to have one of the first `pieces` that `other` lacks.
    pub fn has_beyond(&self, other: &Self, pieces: u32) -> bool {
        // What no bit is kept for is as it was said of all.
        let word = |side: &Self, at: usize| {
            let rest = if side.has_all { u64::MAX } else { 0 };
            side.words.get(at).copied().unwrap_or(rest)
        };
        let kept = self.words.len().max(other.words.len());
        let known = kept.min((pieces as usize).div_ceil(64));
        let is_there = |at: &usize| {
            let left = pieces - (*at as u32) * 64;
            let mask = u64::MAX
                .checked_shr(64_u32.saturating_sub(left))
                .unwrap_or(0);
            word(self, *at) & !word(other, *at) & mask != 0
        };
        let is_long = kept < (pieces as usize).div_ceil(64);
        (0..known).any(|at| is_there(&at)) || (is_long && self.has_all && !other.has_all)
    }

    /// Whether all that it said could be kept: only then [`Possession::has`] can
    /// deny.
    pub fn is_complete_record(&self) -> bool {
        !self.is_partial
    }

    /// How many pieces it has, of `pieces` where it said `have all`.
    pub fn count(&self, pieces: Option<u32>) -> Option<u32> {
        if !self.has_all {
            return Some(self.count);
        }
        // Those of which a bit is kept may have been lost since.
        let kept = (self.words.len() as u32) * 64;
        Some(self.count + pieces?.saturating_sub(kept))
    }

    /// Whether it has all of `pieces`.
    pub fn is_all(&self, pieces: u32) -> bool {
        self.count(Some(pieces))
            .is_some_and(|count| count >= pieces)
    }

    /// Whether it said `have all` and has not lost a piece since.
    pub fn said_all(&self) -> bool {
        self.has_all && self.words.is_empty()
    }

    /// It has `piece`; says whether that is new.
    pub(super) fn insert(&mut self, piece: u32) -> bool {
        if self.has(piece) || !self.reach(piece) {
            return false;
        }
        self.words[piece as usize / 64] |= 1 << (piece % 64);
        self.count += 1;
        true
    }

    /// It has `piece` no more (BEP 54).
    pub(super) fn remove(&mut self, piece: u32) {
        if self.has(piece) && self.reach(piece) {
            self.words[piece as usize / 64] &= !(1 << (piece % 64));
            self.count -= 1;
        }
    }

    /// It has just what this bitfield says.
    pub(super) fn set_bitfield(&mut self, bits: &[u8]) {
        self.clear();
        self.is_stated = true;
        if bits.len() > MAX_PIECES as usize / 8
            || !self.charge.reserve(&mut self.words, bits.len().div_ceil(8))
        {
            self.is_partial = true;
            return;
        }
        for bytes in bits.chunks(8) {
            let mut word = [0; 8];
            for (to, from) in word.iter_mut().zip(bytes) {
                *to = from.reverse_bits();
            }
            let word = u64::from_le_bytes(word);
            self.count += word.count_ones();
            self.words.push(word);
        }
    }

    /// It has all pieces, or none (BEP 6).
    pub(super) fn set_all(&mut self, has_all: bool) {
        self.clear();
        self.is_stated = true;
        self.has_all = has_all;
    }

    /// A new conversation begins.
    pub(super) fn clear(&mut self) {
        self.words = Vec::new();
        self.charge.release();
        self.has_all = false;
        self.is_stated = false;
        self.is_partial = false;
        self.count = 0;
    }

    /// Sees to it that a bit is kept for `piece`.
    fn reach(&mut self, piece: u32) -> bool {
        let words = piece as usize / 64 + 1;
        if words <= self.words.len() {
            return true;
        }
        let more = words - self.words.len();
        if piece >= MAX_PIECES || !self.charge.reserve(&mut self.words, more) {
            self.is_partial = true;
            return false;
        }
        let fill = if self.has_all { u64::MAX } else { 0 };
        if self.has_all {
            self.count += more as u32 * 64;
        }
        self.words.resize(words, fill);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_peer_has() {
        let mut pieces = Possession::new(&Budget::default());
        assert!(!pieces.is_stated() && !pieces.has(0));
        pieces.set_bitfield(&[0b1010_0000, 0b0000_0001]);
        let has: Vec<_> = (0..20).filter(|piece| pieces.has(*piece)).collect();
        assert_eq!(has, [0, 2, 15]);
        assert!(pieces.insert(100) && !pieces.insert(100) && !pieces.insert(2));
        assert_eq!(pieces.count(None), Some(4));
        pieces.remove(2);
        pieces.remove(3);
        assert_eq!(pieces.count(None), Some(3));
        let none = Possession::new(&Budget::default());
        for (pieces_in_all, is_beyond) in [(0, false), (1, true), (200, true)] {
            assert_eq!(pieces.has_beyond(&none, pieces_in_all), is_beyond);
        }
        assert!(!none.has_beyond(&pieces, 200));
        let mut first = Possession::new(&Budget::default());
        first.insert(0);
        first.insert(15);
        assert!(pieces.has_beyond(&first, 101) && !pieces.has_beyond(&first, 100));
        first.set_all(true);
        assert!(!pieces.has_beyond(&first, u32::MAX) && first.has_beyond(&none, u32::MAX));
        assert!(first.has_beyond(&pieces, 102) && first.has_beyond(&pieces, u32::MAX));
        pieces.set_all(true);
        assert!(pieces.has(4_000_000_000) && pieces.said_all() && pieces.is_all(97));
        assert_eq!(
            (pieces.count(None), pieces.count(Some(97))),
            (None, Some(97))
        );
        pieces.remove(70);
        assert!(!pieces.has(70) && pieces.has(71) && pieces.has(300) && !pieces.said_all());
        assert!(!pieces.is_all(200));
        assert_eq!(pieces.count(Some(200)), Some(199));
        pieces.set_all(false);
        assert!(!pieces.has(0) && pieces.is_stated());
    }

    #[test]
    fn claims_are_bounded() {
        let budget = Budget::new(1000);
        let mut pieces = Possession::new(&budget);
        assert!(!pieces.insert(u32::MAX) && !pieces.insert(100_000));
        assert!(!pieces.is_complete_record());
        pieces.set_bitfield(&[0xff; 2000]);
        assert!(pieces.is_stated() && !pieces.has(0));
        assert_eq!(budget.left(), 1000);
        pieces.set_bitfield(&[0xff; 100]);
        assert!(pieces.is_complete_record() && pieces.has(799) && !pieces.has(800));
    }
}
