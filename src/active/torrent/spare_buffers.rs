//! Buffers of pieces, to be used again.

use crate::torrent::PieceBuffer;

/// The most buffers that are kept.
const MAX_SPARE_BUFFERS: usize = 16;

/// Buffers of pieces that have been written. To use one again saves the system from
/// zeroing its pages.
#[derive(Debug, Default)]
pub(super) struct SpareBuffers(Vec<PieceBuffer>);

impl SpareBuffers {
    /// A buffer, empty if none is kept.
    pub(super) fn take(&mut self) -> PieceBuffer {
        self.0.pop().unwrap_or_default()
    }

    /// Keeps a buffer, if all that are kept take no more than `room` bytes.
    pub(super) fn keep(&mut self, buffer: PieceBuffer, room: usize) {
        let kept: usize = self.0.iter().map(PieceBuffer::capacity).sum();
        if self.0.len() < MAX_SPARE_BUFFERS && kept + buffer.capacity() <= room {
            self.0.push(buffer);
        }
    }
}
