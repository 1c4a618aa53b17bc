//! The pieces that the peer has.

use super::Close;
use crate::torrent::PieceSet;

/// The most haves that are kept before the number of pieces is known.
const MAX_EARLY_HAVES: usize = 1 << 18;

/// The most allowed-fast pieces that are kept (clients send 5 to 10).
const MAX_ALLOWED_FAST: usize = 64;

/// What the peer says of its pieces before their number is known: while the info
/// dictionary is fetched.
#[derive(Debug, Default)]
struct EarlyPieces {
    bitfield: Option<Vec<u8>>,
    has_all: bool,
    haves: Vec<u32>,
}

/// What a `have` message says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum HaveKind {
    /// It is kept until the number of pieces is known.
    Early,
    /// The peer has one more piece.
    New,
    /// The peer had that piece before.
    Known,
}

/// The pieces of the peer.
#[derive(Debug, Default)]
pub(super) struct PeerPieces {
    count: Option<u32>,
    early: EarlyPieces,
    set: PieceSet,
    allowed_fast: Vec<u32>,
}

impl PeerPieces {
    /// The number of pieces, once it is known.
    pub(super) fn count(&self) -> Option<u32> {
        self.count
    }

    /// The pieces that it has. None before their number is known.
    pub(super) fn set(&self) -> &PieceSet {
        &self.set
    }

    /// Bytes that are held of what it said too early.
    pub(super) fn held(&self) -> usize {
        let bitfield = self.early.bitfield.as_ref().map_or(0, Vec::capacity);
        bitfield + self.early.haves.capacity() * size_of::<u32>()
    }

    /// The number of pieces is known. What the peer said before is read now.
    pub(super) fn learn_count(&mut self, count: u32) -> Result<(), Close> {
        self.count = Some(count);
        let early = std::mem::take(&mut self.early);
        self.set = if early.has_all {
            PieceSet::all(count)
        } else {
            match early.bitfield {
                Some(bits) => read_bitfield(&bits, count)?,
                None => PieceSet::none(count),
            }
        };
        for piece in early.haves {
            if piece >= count {
                return Err(Close::Malformed("have of a piece that does not exist"));
            }
            self.set.insert(piece);
        }
        Ok(())
    }

    /// The peer says that it has a piece.
    pub(super) fn take_have(&mut self, piece: u32) -> Result<HaveKind, Close> {
        let Some(count) = self.count else {
            if self.early.haves.len() >= MAX_EARLY_HAVES {
                return Err(Close::Flood);
            }
            self.early.haves.push(piece);
            return Ok(HaveKind::Early);
        };
        if piece >= count {
            return Err(Close::Malformed("have of a piece that does not exist"));
        }
        Ok(if self.set.insert(piece) {
            HaveKind::New
        } else {
            HaveKind::Known
        })
    }

    /// The peer says which pieces it has. Gives those that it had before, unless their
    /// number is not known yet.
    pub(super) fn take_bitfield(&mut self, bits: &[u8]) -> Result<Option<PieceSet>, Close> {
        let Some(count) = self.count else {
            self.early.bitfield = Some(bits.to_vec());
            return Ok(None);
        };
        let set = read_bitfield(bits, count)?;
        Ok(Some(std::mem::replace(&mut self.set, set)))
    }

    /// The same, of a peer that has all pieces or none (BEP 6).
    pub(super) fn take_all_or_none(&mut self, has_all: bool) -> Option<PieceSet> {
        let Some(count) = self.count else {
            self.early.has_all = has_all;
            return None;
        };
        let set = if has_all {
            PieceSet::all(count)
        } else {
            PieceSet::none(count)
        };
        Some(std::mem::replace(&mut self.set, set))
    }

    /// The peer does not have a piece any more (BEP 54); says whether it had it.
    pub(super) fn remove(&mut self, piece: u32) -> bool {
        self.set.remove(piece)
    }

    /// A piece may be requested while the peer chokes us (BEP 6).
    pub(super) fn allow_fast(&mut self, piece: u32) {
        let exists = self.count.is_none_or(|count| piece < count);
        if exists
            && self.allowed_fast.len() < MAX_ALLOWED_FAST
            && !self.allowed_fast.contains(&piece)
        {
            self.allowed_fast.push(piece);
        }
    }

    /// The pieces that may be requested while the peer chokes us.
    pub(super) fn allowed_fast(&self) -> &[u32] {
        &self.allowed_fast
    }
}

fn read_bitfield(bits: &[u8], count: u32) -> Result<PieceSet, Close> {
    PieceSet::from_bitfield(bits, count).ok_or(Close::Malformed("a bitfield of the wrong length"))
}
