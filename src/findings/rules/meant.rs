//! Numbers that cannot be, and what their sender may have meant by them.

use std::fmt;

use crate::findings::scene::Scene;
use crate::wire::peer::{Block, MAX_BLOCK};

/// So many pieces no torrent has: their bitfield would take 2 MiB, more than clients
/// accept of any message.
const MAX_PIECES: u32 = 1 << 24;

/// Clients count bytes within a piece in signed integers of 32 bits.
const MAX_OFFSET: u32 = 1 << 31;

/// Pieces are seldom longer.
const LIKELY_OFFSET: u32 = 1 << 25;

/// Below how many a piece number lies, and how that is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// The torrent has so many pieces.
    Torrent(u32),
    /// The longer of the bitfields has so many bytes.
    Bitfield(usize),
    /// Nothing is known of the torrent.
    Sanity,
}

impl Bound {
    /// What is known of the torrent of a conversation.
    pub fn of(scene: &mut Scene<'_>) -> Self {
        if let Some(pieces) = scene.conversation.pieces() {
            return Self::Torrent(pieces);
        }
        let (mine, theirs) = (scene.mine().bitfield_bytes, scene.theirs().bitfield_bytes);
        match mine.max(theirs) {
            Some(bytes) if bytes > 0 => Self::Bitfield(bytes),
            _ => Self::Sanity,
        }
    }

    fn pieces(self) -> u64 {
        match self {
            Self::Torrent(pieces) => u64::from(pieces),
            Self::Bitfield(bytes) => 8 * bytes as u64,
            Self::Sanity => u64::from(MAX_PIECES),
        }
    }

    /// Whether there can be a piece of this number.
    pub fn has(self, piece: u32) -> bool {
        u64::from(piece) < self.pieces()
    }

    /// Whether there can be this block.
    pub fn has_block(self, block: Block) -> bool {
        self.has(block.index) && block.begin < MAX_OFFSET
    }

    fn is_plausible(self, block: Block) -> bool {
        self.has_block(block)
            && block.begin < LIKELY_OFFSET
            && block.begin.is_multiple_of(MAX_BLOCK)
            && (1..=MAX_BLOCK).contains(&block.length)
    }

    /// What may have been meant by the number of a piece that cannot be.
    pub fn meant_piece(self, piece: u32) -> Option<String> {
        let meant = piece.swap_bytes();
        let is_meant = !self.has(piece) && self.has(meant);
        is_meant.then(|| format!("in little-endian order it is piece {meant}"))
    }

    /// What may have been meant by a block that cannot be.
    pub fn meant_block(self, block: Block) -> Option<String> {
        if self.is_plausible(block) {
            return None;
        }
        let meant = readings(block).filter(|(_, meant)| self.is_plausible(*meant));
        let meant: Vec<_> = meant
            .map(|(how, meant)| format!("{how} it is {meant}"))
            .collect();
        (!meant.is_empty()).then(|| meant.join("; or "))
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Torrent(pieces) => write!(f, "the torrent has {pieces} pieces"),
            Self::Bitfield(bytes) => {
                write!(f, "the bitfield has room for {} pieces", 8 * bytes)
            }
            Self::Sanity => f.write_str("no torrent is so large"),
        }
    }
}

/// Other readings of the numbers of a block, each with how it is had.
pub fn readings(block: Block) -> impl Iterator<Item = (&'static str, Block)> {
    let swapped = Block {
        index: block.index.swap_bytes(),
        begin: block.begin.swap_bytes(),
        length: block.length.swap_bytes(),
    };
    let exchanged = Block {
        index: block.begin,
        begin: block.index,
        length: block.length,
    };
    let in_blocks = Block {
        begin: block.begin.saturating_mul(MAX_BLOCK),
        ..block
    };
    [
        ("in little-endian order", swapped),
        ("with index and begin exchanged", exchanged),
        ("with begin counted in blocks, not in bytes,", in_blocks),
    ]
    .into_iter()
    .filter(move |(_, meant)| *meant != block)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(index: u32, begin: u32, length: u32) -> Block {
        Block {
            index,
            begin,
            length,
        }
    }

    #[test]
    fn what_cannot_be_is_read_otherwise() {
        let bound = Bound::Bitfield(2);
        let meant = |block| bound.meant_block(block);
        for sound in [block(3, 0, 16384), block(15, 32768, 7)] {
            assert_eq!(meant(sound), None);
        }
        let swapped = block(3 << 24, 0, 0x4000);
        assert_eq!(meant(swapped), None, "its length is not swapped");
        let swapped = block(3 << 24, 0, 0x0040_0000);
        assert_eq!(
            meant(swapped).as_deref(),
            Some("in little-endian order it is piece 3, offset 0, 16 KiB")
        );
        assert_eq!(
            meant(block(16384, 1, 16384)).as_deref(),
            Some("with index and begin exchanged it is piece 1, offset 16384, 16 KiB")
        );
        assert_eq!(
            meant(block(1, 2, 16384)).as_deref(),
            Some("with begin counted in blocks, not in bytes, it is piece 1, offset 32768, 16 KiB")
        );
        let piece = bound.meant_piece(5 << 24);
        assert_eq!(
            piece.as_deref(),
            Some("in little-endian order it is piece 5")
        );
        assert_eq!(bound.meant_piece(15), None);
        assert_eq!(Bound::Sanity.meant_piece(u32::MAX), None);
    }
}
