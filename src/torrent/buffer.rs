//! The buffer of a piece.

use std::ops::{Deref, DerefMut};

/// What the address, the offset and the length of a write past the page cache
/// are multiples of, in bytes.
pub const PAGE: usize = 4096;

/// The bytes of a piece, beginning at a page: so they can be written to disk
/// without a copy.
#[derive(Debug, Default)]
pub struct PieceBuffer {
    bytes: Vec<u8>,
    start: usize,
    length: usize,
}

impl PieceBuffer {
    /// Bytes that it takes in memory.
    pub fn capacity(&self) -> usize {
        self.bytes.capacity()
    }

    /// Makes it `length` bytes long. What it held before may still be there.
    pub fn set_length(&mut self, length: usize) {
        if self.bytes.len() < length + PAGE {
            self.bytes = vec![0; length + PAGE];
            let start = self.bytes.as_ptr().align_offset(PAGE);
            // An address that cannot be aligned costs a copy, no more.
            self.start = start.min(PAGE);
        }
        self.length = length;
    }
}

impl Deref for PieceBuffer {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.length]
    }
}

impl DerefMut for PieceBuffer {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_begins_at_a_page() {
        let mut buffer = PieceBuffer::default();
        assert!(buffer.is_empty());
        for length in [1, 70_000, 16384, 1 << 20] {
            buffer.set_length(length);
            assert_eq!(buffer.len(), length);
            assert!(buffer.as_ptr().addr().is_multiple_of(PAGE));
        }
    }
}
