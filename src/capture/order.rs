//! Byte order of a capture file.

/// The byte order that the writing machine had.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// Least significant byte first.
    Little,
    /// Most significant byte first.
    Big,
}

impl Order {
    /// The 16-bit number at `at`. The caller has checked the length.
    #[inline]
    pub(super) fn u16(self, bytes: &[u8], at: usize) -> u16 {
        let raw = [bytes[at], bytes[at + 1]];
        match self {
            Self::Little => u16::from_le_bytes(raw),
            Self::Big => u16::from_be_bytes(raw),
        }
    }

    /// The 32-bit number at `at`. The caller has checked the length.
    #[inline]
    pub(super) fn u32(self, bytes: &[u8], at: usize) -> u32 {
        let raw = [bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]];
        match self {
            Self::Little => u32::from_le_bytes(raw),
            Self::Big => u32::from_be_bytes(raw),
        }
    }

    /// Four 32-bit numbers, one behind the other.
    #[inline]
    pub(super) fn four(self, bytes: [u8; 16]) -> [u32; 4] {
        let all = u128::from_le_bytes(bytes);
        let numbers = [0, 32, 64, 96].map(|shift| (all >> shift) as u32);
        match self {
            Self::Little => numbers,
            Self::Big => numbers.map(u32::swap_bytes),
        }
    }

    /// A signed 64-bit number of exactly 8 bytes.
    pub(super) fn i64(self, bytes: [u8; 8]) -> i64 {
        match self {
            Self::Little => i64::from_le_bytes(bytes),
            Self::Big => i64::from_be_bytes(bytes),
        }
    }
}
