//! Reading ahead: peers mostly request the blocks of a piece in their order.

use crate::torrent::{Storage, StorageError};
use crate::wire::peer::Block;

/// Bytes that one read fetches from the disk.
const READ_AHEAD_BYTES: usize = 256 << 10;

/// The part of the data that was read last.
#[derive(Default)]
pub(super) struct ReadAhead {
    start: u64,
    data: Vec<u8>,
}

impl ReadAhead {
    /// The bytes of a block at offset `start`; `left` bytes of its piece follow
    /// from there.
    pub(super) fn block(
        &mut self,
        storage: &Storage,
        start: u64,
        block: Block,
        left: u32,
    ) -> Result<&[u8], StorageError> {
        let length = block.length as usize;
        let end = self.start + self.data.len() as u64;
        if start < self.start || start + u64::from(block.length) > end {
            let size = READ_AHEAD_BYTES.max(length).min(left as usize);
            self.data.resize(size, 0);
            self.start = start;
            if let Err(error) = storage.read(start, &mut self.data) {
                self.data.clear();
                return Err(error);
            }
        }
        let at = (start - self.start) as usize;
        Ok(&self.data[at..at + length])
    }
}
