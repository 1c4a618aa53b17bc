//! How an info-hash or a peer id is written where it is not 20 raw bytes.

use super::sizes::{VALUE_LENGTH, WIDE};
use crate::wire::peer::style::begins_peer_id;

/// All bytes as hex digits.
pub const HEX_LENGTH: usize = 2 * VALUE_LENGTH;

/// All bytes as letters of five bits.
const BASE32_LENGTH: usize = 8 * VALUE_LENGTH / 5;

/// An info-hash of v2, of which 20 bytes are sent (BEP 52).
pub const V2_HASH_LENGTH: usize = 32;

/// Bytes of which each became a character of replacement.
const LONGEST_MANGLED: usize = 3 * VALUE_LENGTH;

/// Bytes that went through UTF-8: with fewer, it may be chance.
pub const MIN_MANGLED: usize = 3;

/// U+FFFD, which stands for what is no UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// How 20 bytes are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Coding {
    /// As they should be.
    Raw,
    /// As the first half of their hex digits, or as all 40 of them.
    HalfHex,
    Hex,
    /// As letters of base32.
    Base32,
    /// As characters of UTF-16, with the low byte first if this is true.
    Wide(bool),
    /// All bytes of a hash of v2.
    Whole,
    /// With one byte behind them.
    Ended,
    /// Without one of them.
    Short,
    /// Each byte as the character of that number, in UTF-8: so many bytes.
    Latin(usize),
    /// Each byte that is no UTF-8 replaced: so many bytes.
    Replaced(usize),
}

impl Coding {
    /// Bytes on the wire.
    pub fn length(self) -> usize {
        match self {
            Self::Raw | Self::HalfHex => VALUE_LENGTH,
            Self::Hex => HEX_LENGTH,
            Self::Base32 => BASE32_LENGTH,
            Self::Wide(_) => WIDE * VALUE_LENGTH,
            Self::Whole => V2_HASH_LENGTH,
            Self::Ended => VALUE_LENGTH + 1,
            Self::Short => VALUE_LENGTH - 1,
            Self::Latin(length) | Self::Replaced(length) => length,
        }
    }

    /// The bytes that were meant, if that can be told.
    pub fn meant(self, bytes: &[u8]) -> Option<[u8; VALUE_LENGTH]> {
        match self {
            Self::Raw | Self::HalfHex => bytes.try_into().ok(),
            Self::Whole | Self::Ended => bytes.first_chunk().copied(),
            Self::Hex => {
                let mut raw = [0; VALUE_LENGTH];
                hex::decode_to_slice(bytes, &mut raw).ok()?;
                Some(raw)
            }
            Self::Base32 => base32(bytes),
            Self::Wide(is_low_first) => narrow(bytes, is_low_first),
            Self::Latin(_) => {
                let text = std::str::from_utf8(bytes).ok()?;
                let chars = text.chars().map(|c| u8::try_from(c).ok());
                let bytes: Option<Vec<_>> = chars.collect();
                bytes?.try_into().ok()
            }
            Self::Replaced(_) | Self::Short => None,
        }
    }
}

/// Hex digits that `bytes` begin with, up to those of 20 bytes.
pub fn digits(bytes: &[u8]) -> usize {
    let digits = bytes.iter().take(HEX_LENGTH);
    digits.take_while(|byte| byte.is_ascii_hexdigit()).count()
}

/// Twenty bytes that are written as letters of base32 (RFC 4648), whatever their case.
pub fn base32(bytes: &[u8]) -> Option<[u8; VALUE_LENGTH]> {
    let mut raw = [0; VALUE_LENGTH];
    let letters = bytes.get(..BASE32_LENGTH)?;
    for (group, bytes) in letters.chunks_exact(8).zip(raw.chunks_exact_mut(5)) {
        let mut bits = 0_u64;
        for letter in group {
            let value = match letter.to_ascii_uppercase() {
                letter @ b'A'..=b'Z' => letter - b'A',
                digit @ b'2'..=b'7' => digit - b'2' + 26,
                _ => return None,
            };
            bits = bits << 5 | u64::from(value);
        }
        bytes.copy_from_slice(&bits.to_be_bytes()[3..]);
    }
    Some(raw)
}

/// Bytes of which each is a character of UTF-16, the low byte first or the high one.
pub fn narrow<const N: usize>(bytes: &[u8], is_low_first: bool) -> Option<[u8; N]> {
    let mut raw = [0; N];
    if bytes.len() != WIDE * N {
        return None;
    }
    for (byte, pair) in raw.iter_mut().zip(bytes.chunks_exact(WIDE)) {
        let (low, high) = if is_low_first {
            (pair[0], pair[1])
        } else {
            (pair[1], pair[0])
        };
        // A byte that the text could not hold was replaced.
        *byte = (high == 0).then_some(low)?;
    }
    Some(raw)
}

/// Bytes that are written as letters of base64 (RFC 4648), or of its alphabet for URLs.
pub fn base64<const N: usize>(letters: &[u8]) -> Option<[u8; N]> {
    let mut raw = [0; N];
    let mut bytes = raw.iter_mut();
    let (mut bits, mut held) = (0_u32, 0);
    for letter in letters {
        let value = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            b'=' => break,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(value)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            *bytes.next()? = (bits >> held) as u8;
        }
    }
    bytes.next().is_none().then_some(raw)
}

/// Twenty bytes each of which was written as a character of UTF-8, at least
/// `min_wide` of them as two bytes: how many bytes that are.
pub fn latin(bytes: &[u8], min_wide: usize) -> Option<usize> {
    let (mut at, mut wide) = (0, 0);
    for _ in 0..VALUE_LENGTH {
        at += match bytes.get(at..)? {
            [0..=0x7f, ..] => 1,
            [0xc2 | 0xc3, 0x80..=0xbf, ..] => {
                wide += 1;
                2
            }
            _ => return None,
        };
    }
    (wide >= min_wide).then_some(at)
}

/// Bytes of an info-hash that was read as UTF-8, which it is not, up to where a peer
/// id begins.
pub fn replaced(bytes: &[u8]) -> Option<usize> {
    let longest = bytes.len().min(LONGEST_MANGLED);
    let end = (0..=longest).find(|at| begins_peer_id(&bytes[*at..]));
    let end = end.unwrap_or(longest.min(VALUE_LENGTH));
    let mut count = 0;
    let mut rest = &bytes[..end];
    while let Some((_, behind)) = rest.split_first() {
        if let Some(behind) = rest.strip_prefix(REPLACEMENT) {
            count += 1;
            rest = behind;
        } else {
            rest = behind;
        }
    }
    (count >= MIN_MANGLED).then_some(end)
}
