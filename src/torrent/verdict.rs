//! The outcome of the check of a piece.

use std::fmt;

/// Whether a piece is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is right.
    Good,
    /// It is wrong.
    Bad,
    /// It is right by this hash, and wrong by the other.
    Inconsistent(Half),
}

/// A half of a hybrid torrent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Half {
    /// The SHA-1 of each piece (BEP 3).
    V1,
    /// The Merkle trees (BEP 52).
    V2,
}

/// The two halves of a hybrid torrent contradict each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inconsistent {
    /// In this piece.
    pub piece: u32,
    /// The half by which the data that is there is right.
    pub fits: Half,
}

impl fmt::Display for Inconsistent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (fits, fails) = match self.fits {
            Half::V1 => ("v1", "v2"),
            Half::V2 => ("v2", "v1"),
        };
        write!(
            f,
            "the torrent contradicts itself: piece {} is right by its {fits} hash and wrong by its {fails} hash",
            self.piece
        )
    }
}

impl std::error::Error for Inconsistent {}
