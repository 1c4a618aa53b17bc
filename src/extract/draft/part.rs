//! A run of bytes of a piece, in memory or on disk.

use std::io;

use crate::extract::sender::SenderId;
use crate::extract::spool::Spool;

/// What a part costs beside its bytes.
pub const PART_COST: usize = 160;

/// Which part of a draft: its offset in the piece, and a number by age.
pub type PartKey = (u32, u32);

/// A run of bytes of a piece.
#[derive(Debug)]
pub struct Part {
    /// Bytes.
    pub length: u32,
    /// Who sent it.
    pub sender: SenderId,
    /// The packets with its first and last byte.
    pub frames: [u64; 2],
    pub(super) data: Data,
}

#[derive(Debug)]
pub(super) enum Data {
    Held(Box<[u8]>),
    /// Where it is in the spool.
    Spooled(u64),
}

impl Part {
    /// Whether it is these bytes.
    pub(super) fn is(&self, bytes: &[u8], spool: &Spool) -> io::Result<bool> {
        match &self.data {
            Data::Held(held) => Ok(**held == *bytes),
            Data::Spooled(place) => {
                let mut there = vec![0; bytes.len()];
                spool.read(*place, &mut there)?;
                Ok(there == bytes)
            }
        }
    }
}
