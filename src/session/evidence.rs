//! How much some bytes look like a message: evidence for [`resync`](super::resync),
//! counted in bits, by how unlikely they are in arbitrary bytes.

use super::expectations::Expectations;
use crate::wire::peer::{AzmpStart, Block, Framing, MessageId, PIECE_HEADER, azmp_start};

/// A message longer than this is not believed while out of step.
const MAX_BELIEVED: u64 = (128 << 10) + 64;

/// Quick look at the first bytes: a length below 2^18, not a keep-alive (a run
/// of zero bytes is no evidence), or a handshake.
pub fn begins_plausibly(bytes: &[u8]) -> bool {
    match bytes {
        [19, rest @ ..] => rest.first().is_none_or(|b| *b == b'B'),
        [0, rest @ ..] => rest.first().is_none_or(|b| *b < 4),
        _ => false,
    }
}

/// What the first message of some bytes looks like.
pub enum Plausibility {
    /// No message that a client would send.
    Refused,
    /// Too short to tell.
    TooShort,
    /// A keep-alive, which four zero bytes look like too.
    KeepAlive,
    /// A message.
    Message {
        /// The evidence.
        bits: u32,
        /// Its length, the prefix included.
        length: usize,
        /// Plain or AZMP.
        framing: Framing,
    },
}

/// Looks at the message that `bytes` begin with.
pub fn plausibility(bytes: &[u8], expect: &impl Expectations) -> Plausibility {
    let Some(prefix) = bytes.first_chunk::<4>() else {
        return Plausibility::TooShort;
    };
    let length = u64::from(u32::from_be_bytes(*prefix));
    if length == 0 {
        return Plausibility::KeepAlive;
    }
    if length > MAX_BELIEVED {
        return Plausibility::Refused;
    }
    let Some(&id) = bytes.get(4) else {
        return Plausibility::TooShort;
    };
    if id == 0 && length > 1 {
        return azmp_plausibility(bytes, length);
    }
    let body = &bytes[5..];
    let needed = body_needed(MessageId(id), length);
    if body.len() < needed {
        return Plausibility::TooShort;
    }
    match evidence(MessageId(id), length, body, expect) {
        Some(bits) => Plausibility::Message {
            bits,
            length: length as usize + 4,
            framing: Framing::Messages,
        },
        None => Plausibility::Refused,
    }
}

/// A frame of AZMP: both lengths have at least 14 and 26 bits that are 0, the
/// beginning of the id is one of two, and the rest of it is in capitals.
fn azmp_plausibility(bytes: &[u8], length: u64) -> Plausibility {
    match azmp_start(bytes) {
        AzmpStart::No => Plausibility::Refused,
        AzmpStart::Short => Plausibility::TooShort,
        AzmpStart::Frame { id_length } => Plausibility::Message {
            bits: 14 + 26 + 23 + 2 * (id_length - 3),
            length: length as usize + 4,
            framing: Framing::Azmp,
        },
    }
}

/// Bytes after the id that [`evidence`] looks at.
fn body_needed(id: MessageId, length: u64) -> usize {
    let all = length as usize - 1;
    match id {
        MessageId::PIECE => (PIECE_HEADER - 5).min(all),
        MessageId::EXTENDED => 3.min(all),
        MessageId::BITFIELD => 0,
        _ => all.min(12),
    }
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_be_bytes(*bytes.get(at..)?.first_chunk()?))
}

/// How unlikely these bytes are by chance, in bits; `None` if they are no
/// message that a client would send.
fn evidence(id: MessageId, length: u64, body: &[u8], expect: &impl Expectations) -> Option<u32> {
    if !id.fits(length) {
        return None;
    }
    match id {
        MessageId::HAVE | MessageId::SUGGEST_PIECE | MessageId::ALLOWED_FAST => {
            Some(38 + index_evidence(word(body, 0)?, expect)?)
        }
        MessageId::REQUEST | MessageId::CANCEL | MessageId::REJECT_REQUEST => {
            block_evidence(body, word(body, 8)?, expect)
        }
        MessageId::PIECE => block_evidence(body, length as u32 - 9, expect),
        MessageId::BITFIELD => match expect.pieces() {
            Some(pieces) => (length - 1 == u64::from(pieces.div_ceil(8))).then_some(36),
            None => Some(4),
        },
        MessageId::EXTENDED => extended_evidence(length, body),
        MessageId::HASH_REQUEST | MessageId::HASH_REJECT => Some(36),
        MessageId::HASHES => Some(12),
        // Nothing but an id, or an id and a port.
        _ => Some(28),
    }
}

fn index_evidence(index: u32, expect: &impl Expectations) -> Option<u32> {
    let limit = expect.pieces().unwrap_or(1 << 20);
    (index < limit).then_some(limit.leading_zeros())
}

/// Evidence of an index, an offset and a length: real clients ask for 16 KiB
/// at multiples of 16 KiB.
fn block_evidence(body: &[u8], length: u32, expect: &impl Expectations) -> Option<u32> {
    const USUAL: u32 = 16 << 10;
    let (index, begin) = (word(body, 0)?, word(body, 4)?);
    let index_bits = index_evidence(index, expect)?;
    let expected = expect.expects(Block {
        index,
        begin,
        length,
    });
    if expected {
        return Some(64);
    }
    let plausible =
        begin.is_multiple_of(USUAL) && begin < 1 << 26 && (1..=128 << 10).contains(&length);
    match (plausible, length == USUAL) {
        (true, true) => Some(52 + index_bits),
        (true, false) => Some(24 + index_bits),
        (false, _) => None,
    }
}

/// How unlikely by chance is the beginning of a message that [`plausibility`]
/// finds too short, where no more of it was captured: what its length and id say
/// together, and the first byte of what follows them.
pub fn cut_evidence(bytes: &[u8], expect: &impl Expectations) -> Option<u32> {
    let (prefix, rest) = bytes.split_first_chunk::<4>()?;
    let (&id, body) = rest.split_first()?;
    let length = u64::from(u32::from_be_bytes(*prefix));
    // The highest byte of an index is 0.
    let index_bits = match body.first() {
        Some(0) => 8,
        Some(_) => return extended_cut_evidence(id, length, body),
        None => 0,
    };
    match (MessageId(id), length) {
        (
            MessageId::HAVE
            | MessageId::SUGGEST_PIECE
            | MessageId::ALLOWED_FAST
            | MessageId::REQUEST
            | MessageId::CANCEL
            | MessageId::REJECT_REQUEST,
            _,
        ) if MessageId(id).fits(length) => Some(36 + index_bits),
        (MessageId::PIECE, 10..=MAX_BELIEVED) => Some(22 + index_bits),
        (MessageId::BITFIELD, 2..) if body.is_empty() => {
            evidence(MessageId(id), length, body, expect)
        }
        _ => extended_cut_evidence(id, length, body),
    }
}

fn extended_cut_evidence(id: u8, length: u64, body: &[u8]) -> Option<u32> {
    let known = body.first().is_some_and(|id| *id < 32);
    let plausible = MessageId(id) == MessageId::EXTENDED && (3..1 << 16).contains(&length);
    (plausible && known).then_some(27)
}

fn extended_evidence(length: u64, body: &[u8]) -> Option<u32> {
    match body {
        _ if length < 3 => None,
        [0, b'd', b'0'..=b'9' | b'e', ..] => Some(52),
        [1..=31, b'd', b'0'..=b'9' | b'e', ..] => Some(46),
        // upload_only, lt_donthave: one byte or one number.
        [1..=31, ..] if length == 3 || length == 6 => Some(20),
        _ => None,
    }
}
