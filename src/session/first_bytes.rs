//! The beginning of a stretch of bytes.

use std::fmt;

/// The first bytes of a stretch that is not kept itself.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub struct FirstBytes {
    bytes: [u8; Self::MAX_BYTES],
    length: u8,
}

impl FirstBytes {
    /// Bytes that are kept at most.
    pub const MAX_BYTES: usize = 32;

    /// The stretch goes on with `bytes`.
    pub fn push(&mut self, bytes: &[u8]) {
        let from = usize::from(self.length);
        let room = &mut self.bytes[from..];
        let taken = room.len().min(bytes.len());
        room[..taken].copy_from_slice(&bytes[..taken]);
        self.length += taken as u8;
    }

    /// The stretch has `length` bytes: those behind it belong to something else.
    pub fn truncate(&mut self, length: u64) {
        if length < u64::from(self.length) {
            self.length = length as u8;
        }
    }
}

impl std::ops::Deref for FirstBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes[..usize::from(self.length)]
    }
}

impl fmt::Debug for FirstBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        (**self).fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_is_kept() {
        let mut first = FirstBytes::default();
        first.push(b"begin");
        first.push(&[7; 2 * FirstBytes::MAX_BYTES]);
        assert_eq!(first.len(), FirstBytes::MAX_BYTES);
        first.truncate(6);
        assert_eq!(&*first, b"begin\x07");
        first.truncate(9);
        assert_eq!(first.len(), 6);
    }
}
