//! The pieces that are verified. A torrent may claim any number of them: only those
//! that are there take memory.

use std::collections::BTreeMap;

/// Pieces of a run of the set.
const RUN: u32 = 4096;

/// Words of a run.
const WORDS: usize = RUN as usize / 64;

/// A set of pieces of one torrent, of which few may be there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedPieces {
    runs: BTreeMap<u32, Box<[u64; WORDS]>>,
    pieces: u32,
    count: u32,
}

impl VerifiedPieces {
    /// None of a torrent that has `pieces`.
    pub fn none(pieces: u32) -> Self {
        Self {
            runs: BTreeMap::new(),
            pieces,
            count: 0,
        }
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
        let word = |run: &[u64; WORDS]| run[(piece % RUN) as usize / 64];
        self.runs
            .get(&(piece / RUN))
            .is_some_and(|run| word(run) >> (piece % 64) & 1 == 1)
    }

    /// Adds a piece that the torrent has.
    pub fn insert(&mut self, piece: u32) {
        let run = self.runs.entry(piece / RUN);
        let run = run.or_insert_with(|| Box::new([0; WORDS]));
        let word = &mut run[(piece % RUN) as usize / 64];
        let bit = 1 << (piece % 64);
        self.count += u32::from(*word & bit == 0);
        *word |= bit;
    }

    /// The pieces in the set, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.runs.iter().flat_map(|(run, words)| {
            let first = run * RUN;
            (0..RUN)
                .filter(|at| words[*at as usize / 64] >> (at % 64) & 1 == 1)
                .map(move |at| first + at)
        })
    }

    /// The pieces in the set as ranges, the last one of each included.
    pub fn ranges(&self) -> Vec<[u32; 2]> {
        let mut ranges: Vec<[u32; 2]> = Vec::new();
        for piece in self.iter() {
            match ranges.last_mut() {
                Some([_, last]) if last.checked_add(1) == Some(piece) => *last = piece,
                _ => ranges.push([piece, piece]),
            }
        }
        ranges
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_of_the_largest_torrent() {
        let mut set = VerifiedPieces::none(u32::MAX);
        for piece in [u32::MAX - 1, 0, 63, 64, 65, 4095, 4096, 64] {
            set.insert(piece);
        }
        assert!(set.has(65) && !set.has(66) && !set.has(1 << 31) && !set.is_all());
        assert_eq!(set.count(), 7);
        let ranges = [[0, 0], [63, 65], [4095, 4096], [u32::MAX - 1, u32::MAX - 1]];
        assert_eq!(set.ranges(), ranges);
    }
}
