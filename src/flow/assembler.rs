//! Bytes of one direction that arrived before those that precede them.

use std::collections::BTreeMap;

use crate::packet::Stamp;

/// What a waiting piece costs beyond its bytes: tree node and allocation.
const PIECE_COST: usize = 128;

/// Bytes that wait, and the packet that brought them.
#[derive(Debug)]
pub(super) struct Piece {
    pub bytes: Vec<u8>,
    pub stamp: Stamp,
}

#[derive(Debug)]
struct Cut {
    end: u64,
    stamp: Stamp,
}

/// What comes next in the stream.
#[derive(Debug)]
pub(super) enum Ready {
    Bytes(Piece),
    /// Bytes that the snaplen cut away.
    Cut {
        length: u64,
        stamp: Stamp,
    },
}

/// Out-of-order bytes by stream offset. Pieces do not overlap: the first bytes
/// stay. Ranges that a snaplen cut are kept apart, so that a retransmission can
/// still fill them.
#[derive(Debug, Default)]
pub(super) struct Assembler {
    pieces: BTreeMap<u64, Piece>,
    cuts: BTreeMap<u64, Cut>,
    /// The cut range that delivery has reached, if any.
    reached: Option<Cut>,
    cost: usize,
}

impl Assembler {
    /// Memory in use, about.
    pub fn cost(&self) -> usize {
        self.cost
    }

    pub fn is_empty(&self) -> bool {
        self.pieces.is_empty() && self.cuts.is_empty()
    }

    /// Offset of the first byte that is here (or known to be cut).
    pub fn first(&self) -> Option<u64> {
        let piece = self.pieces.first_key_value().map(|(&at, _)| at);
        let cut = self.cuts.first_key_value().map(|(&at, _)| at);
        piece.into_iter().chain(cut).min()
    }

    /// Offset of the first byte that is here.
    pub fn first_bytes(&self) -> Option<u64> {
        self.pieces.first_key_value().map(|(&at, _)| at)
    }

    /// Offset behind the last byte that is here; 0 if none is.
    pub fn last_end(&self) -> u64 {
        let last = self.pieces.last_key_value();
        let bytes = last.map_or(0, |(&at, piece)| at + piece.bytes.len() as u64);
        let cut = self.cuts.last_key_value().map_or(0, |(_, cut)| cut.end);
        bytes.max(cut)
    }

    /// Keeps what of `bytes` is new; tells where they first differ from bytes
    /// that were here before.
    pub fn insert(&mut self, offset: u64, bytes: &[u8], stamp: Stamp) -> Option<u64> {
        let (mut at, mut rest) = (offset, bytes);
        let mut conflict = None;
        while !rest.is_empty() {
            let taken = match self.covering(at) {
                Some(known) => {
                    let length = known.len().min(rest.len());
                    if let Some(i) = (0..length).find(|&i| known[i] != rest[i]) {
                        conflict = conflict.or(Some(at + i as u64));
                    }
                    length
                }
                None => self.fill(at, rest, stamp),
            };
            at += taken as u64;
            rest = &rest[taken..];
        }
        conflict
    }

    /// The known bytes from `at` to the end of their piece.
    fn covering(&self, at: u64) -> Option<&[u8]> {
        let (start, piece) = self.pieces.range(..=at).next_back()?;
        let skip = usize::try_from(at - start).ok()?;
        piece.bytes.get(skip..).filter(|known| !known.is_empty())
    }

    /// Keeps `bytes` up to the next piece; tells how many those are.
    fn fill(&mut self, at: u64, bytes: &[u8], stamp: Stamp) -> usize {
        let room = self
            .pieces
            .range(at..)
            .next()
            .map_or(u64::MAX, |(&next, _)| next - at);
        let length = usize::try_from(room).map_or(bytes.len(), |room| room.min(bytes.len()));
        let bytes = bytes[..length].to_vec();
        self.cost += length + PIECE_COST;
        self.pieces.insert(at, Piece { bytes, stamp });
        length
    }

    /// Notes that a packet with `length` bytes from `offset` on was captured
    /// without them.
    pub fn insert_cut(&mut self, offset: u64, length: u64, stamp: Stamp) {
        let end = offset.saturating_add(length);
        if let Some(known) = self.cuts.get_mut(&offset) {
            known.end = known.end.max(end);
        } else {
            self.cuts.insert(offset, Cut { end, stamp });
            self.cost += PIECE_COST;
        }
    }

    /// Drops everything from `end` on.
    pub fn truncate(&mut self, end: u64) {
        for piece in self.pieces.split_off(&end).into_values() {
            self.cost -= piece.bytes.len() + PIECE_COST;
        }
        if let Some((&start, piece)) = self.pieces.iter_mut().next_back() {
            let keep = usize::try_from(end - start).unwrap_or(usize::MAX);
            if keep < piece.bytes.len() {
                self.cost -= piece.bytes.len() - keep;
                piece.bytes.truncate(keep);
            }
        }
        self.cost -= self.cuts.split_off(&end).len() * PIECE_COST;
        for cut in self.cuts.values_mut() {
            cut.end = cut.end.min(end);
        }
    }

    /// Takes what comes at `next`, where delivery stands; no piece begins
    /// before it.
    pub fn take(&mut self, next: u64) -> Option<Ready> {
        self.reach(next);
        let first = self.first_bytes();
        if first == Some(next) {
            let (_, piece) = self.pieces.pop_first()?;
            self.cost -= piece.bytes.len() + PIECE_COST;
            return Some(Ready::Bytes(piece));
        }
        let cut = self.reached.as_ref()?;
        let end = first.unwrap_or(u64::MAX).min(cut.end);
        Some(Ready::Cut {
            length: end - next,
            stamp: cut.stamp,
        })
    }

    /// Moves the cut ranges that begin at or before `next` out of the queue and
    /// keeps the one that ends last, if it ends after `next`.
    fn reach(&mut self, next: u64) {
        while let Some(entry) = self.cuts.first_entry().filter(|entry| *entry.key() <= next) {
            let cut = entry.remove();
            self.cost -= PIECE_COST;
            if self
                .reached
                .as_ref()
                .is_none_or(|known| known.end < cut.end)
            {
                self.reached = Some(cut);
            }
        }
        if self.reached.as_ref().is_some_and(|cut| cut.end <= next) {
            self.reached = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::capture::Timestamp;

    fn stamp() -> Stamp {
        Stamp {
            frame: 1,
            time: Timestamp::UNKNOWN,
        }
    }

    fn is_bytes(ready: Option<Ready>, expected: &[u8]) -> bool {
        matches!(ready, Some(Ready::Bytes(piece)) if piece.bytes == expected)
    }

    #[test]
    fn first_bytes_stay() {
        let mut assembler = Assembler::default();
        assert_eq!(assembler.insert(10, b"cde", stamp()), None);
        assert_eq!(assembler.insert(9, b"bcXef", stamp()), Some(11));
        assert_eq!((assembler.first(), assembler.last_end()), (Some(9), 14));
        assert!(assembler.take(8).is_none());
        assert!(is_bytes(assembler.take(9), b"b"));
        assert!(is_bytes(assembler.take(10), b"cde"));
        assert!(is_bytes(assembler.take(13), b"f"));
        assert!(assembler.is_empty());
        assert_eq!(assembler.cost(), 0);
    }

    #[test]
    fn cuts_end_at_the_next_bytes() {
        let mut assembler = Assembler::default();
        assembler.insert_cut(10, 20, stamp());
        assembler.insert_cut(12, 3, stamp());
        assembler.insert(15, b"xy", stamp());
        let is_cut = |ready, expected| matches!(ready, Some(Ready::Cut { length, .. }) if length == expected);
        assert!(is_cut(assembler.take(10), 5));
        assert!(is_bytes(assembler.take(15), b"xy"));
        assert!(is_cut(assembler.take(17), 13));
        assert!(assembler.take(30).is_none());
        assert!(assembler.is_empty());
    }

    proptest! {
        /// Whatever was inserted, the bytes that come out are those of a plain
        /// map that keeps the first byte at each offset.
        #[test]
        fn agrees_with_a_map_of_bytes(
            inserts in prop::collection::vec(
                (0..60_u64, prop::collection::vec(any::<u8>(), 1..20)), 1..20),
            end in 0..80_u64,
        ) {
            let mut assembler = Assembler::default();
            let mut map = BTreeMap::new();
            for (offset, bytes) in &inserts {
                let mut conflict = None;
                for (at, &byte) in (*offset..).zip(bytes) {
                    if *map.entry(at).or_insert(byte) != byte {
                        conflict = conflict.or(Some(at));
                    }
                }
                prop_assert_eq!(assembler.insert(*offset, bytes, stamp()), conflict);
            }
            assembler.truncate(end);
            map.retain(|at, _| *at < end);
            let mut next = 0;
            let mut taken = BTreeMap::new();
            while let Some(first) = assembler.first() {
                prop_assert!(first >= next);
                let Some(Ready::Bytes(piece)) = assembler.take(first) else {
                    panic!("bytes at the first offset");
                };
                next = first + piece.bytes.len() as u64;
                taken.extend((first..).zip(piece.bytes));
            }
            prop_assert_eq!(taken, map);
            prop_assert_eq!(assembler.cost(), 0);
        }
    }
}
