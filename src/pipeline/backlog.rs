//! What searches held back and is now to be read.

use std::collections::VecDeque;

use crate::flow::{Chunk, Side};
use crate::packet::Stamp;

/// A stretch of one direction, packet by packet.
pub struct Stretch {
    /// Who sent it.
    pub from: Side,
    bytes: Vec<u8>,
    /// Where each packet's bytes begin.
    seams: Vec<(usize, Stamp)>,
    /// Stream offset of the first byte.
    offset: u64,
    /// Packets that were read.
    read: usize,
}

impl Stretch {
    /// The bytes of `from` that begin at stream offset `offset`, in as many
    /// packets as there are `seams`.
    pub fn new(from: Side, bytes: Vec<u8>, seams: Vec<(usize, Stamp)>, offset: u64) -> Self {
        Self {
            from,
            bytes,
            seams,
            offset,
            read: 0,
        }
    }

    /// A copy of one chunk.
    pub fn of_chunk(from: Side, chunk: Chunk<'_>) -> Self {
        let seams = vec![(0, chunk.stamp)];
        Self::new(from, chunk.bytes.to_vec(), seams, chunk.offset)
    }

    /// The packet that comes next.
    fn next_frame(&self) -> Option<u64> {
        Some(self.seams.get(self.read)?.1.frame)
    }

    /// The next packet's bytes.
    pub fn next_chunk(&mut self) -> Option<Chunk<'_>> {
        let &(start, stamp) = self.seams.get(self.read)?;
        self.read += 1;
        let end = self.seams.get(self.read);
        let end = end.map_or(self.bytes.len(), |next| next.0);
        Some(Chunk {
            bytes: self.bytes.get(start..end)?,
            offset: self.offset + start as u64,
            stamp,
        })
    }
}

/// The stretches of both directions that wait to be read.
///
/// Each direction is read in the order of its stream, whatever the numbers of
/// its packets: a segment that came late has a higher number than those behind
/// it. Between the directions, that one goes first whose next bytes were
/// complete first: by the highest packet number of what was read of it so far
/// and of what comes next.
#[derive(Default)]
pub struct Backlog {
    sides: [VecDeque<Stretch>; 2],
    /// The highest packet number read of each side.
    latest: [u64; 2],
}

impl Backlog {
    /// The stretches that there are, one a side at most.
    pub fn of(stretches: [Option<Stretch>; 2]) -> Self {
        let mut backlog = Self::default();
        for stretch in stretches.into_iter().flatten() {
            backlog.put_back(stretch);
        }
        backlog
    }

    /// Takes out the stretch whose next packet is to be read.
    pub fn take_first(&mut self) -> Option<Stretch> {
        let due = |side: Side| {
            let frame = self.sides[side.index()].front()?.next_frame()?;
            Some((frame.max(self.latest[side.index()]), side))
        };
        let (frame, side) = Side::BOTH
            .into_iter()
            .filter_map(due)
            .min_by_key(|(frame, _)| *frame)?;
        self.latest[side.index()] = frame;
        self.sides[side.index()].pop_front()
    }

    /// Puts a stretch before all others of its side, unless it was read to its
    /// end.
    pub fn put_back(&mut self, stretch: Stretch) {
        if stretch.next_frame().is_some() {
            self.sides[stretch.from.index()].push_front(stretch);
        }
    }

    /// Puts all that `more` holds before what waits already.
    pub fn put_before(&mut self, more: Self) {
        for mut stretches in more.sides {
            while let Some(stretch) = stretches.pop_back() {
                self.put_back(stretch);
            }
        }
    }
}
