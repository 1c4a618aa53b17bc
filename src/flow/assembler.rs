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
