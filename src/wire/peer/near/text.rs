//! A whole handshake that went through a text: hex digits, UTF-16, base64.

use super::beginning::Beginning;
use super::coding::base64;
use super::parts::Parts;
use super::sizes::{DIGITS, NAME_LENGTH, RESERVED_LENGTH, VALUE_LENGTH, WIDE};
use crate::wire::anomaly::Anomaly;
use crate::wire::peer::anomalies;
use crate::wire::peer::handshake::{Handshake, LENGTH, PREFIX, Reserved};

/// U+FEFF, with which a text of UTF-16 may begin: in either order of bytes.
const MARKS: [[u8; WIDE]; 2] = [[0xff, 0xfe], [0xfe, 0xff]];

/// How the name begins in base64: six bits a letter, of which those before the reserved
/// bytes are always the same.
const BASE64_PREFIX: &[u8] = b"E0JpdFRvcnJlbnQgcHJvdG9jb2";

/// Letters of base64 of a handshake, and what fills them up to groups of four.
const BASE64_LENGTH: usize = (LENGTH * 8).div_ceil(6);
const FILL: u8 = b'=';

/// How a handshake is laid out that is a text all through.
#[derive(Debug, Clone, Copy)]
pub struct Text {
    /// What stands before the name.
    pub beginning: Beginning,
    /// Bytes of the name.
    pub name: usize,
    /// What follows it.
    pub parts: Parts,
    /// What it is.
    pub anomaly: &'static Anomaly,
    /// It is so many letters of base64, in which no part has a place of its own.
    pub base64: Option<usize>,
}

/// The layout of a handshake that is a text all through.
pub fn of(bytes: &[u8]) -> Option<Text> {
    let near = |beginning, name, parts, anomaly| Text {
        beginning,
        name,
        parts,
        anomaly,
        base64: None,
    };
    if is_in_digits(bytes) {
        let name = DIGITS * NAME_LENGTH;
        let parts = Parts::in_digits();
        let fault = &anomalies::HEX_HANDSHAKE;
        return Some(near(Beginning::plain(DIGITS), name, parts, fault));
    }
    if let Some((mark, is_low_first)) = wide(bytes) {
        let beginning = Beginning {
            stray: mark,
            lead: WIDE,
        };
        let parts = Parts::wide(is_low_first);
        let fault = &anomalies::WIDE_HANDSHAKE;
        return Some(near(beginning, WIDE * NAME_LENGTH, parts, fault));
    }
    let letters = bytes.starts_with(BASE64_PREFIX).then(|| {
        let is_filled = bytes.get(BASE64_LENGTH) == Some(&FILL);
        BASE64_LENGTH + usize::from(is_filled)
    })?;
    let parts = Parts::in_digits();
    let fault = &anomalies::BASE64_HANDSHAKE;
    Some(Text {
        base64: Some(letters),
        ..near(Beginning::plain(0), 0, parts, fault)
    })
}

/// The handshake that letters of base64 stand for.
pub fn handshake(letters: &[u8]) -> Option<Handshake> {
    let raw: [u8; LENGTH] = base64(letters)?;
    let (reserved, rest) = raw[PREFIX.len()..].split_first_chunk::<RESERVED_LENGTH>()?;
    let (info_hash, rest) = rest.split_first_chunk::<VALUE_LENGTH>()?;
    let peer_id = rest.first_chunk::<VALUE_LENGTH>()?;
    Some(Handshake {
        reserved: Reserved(*reserved),
        info_hash: *info_hash,
        peer_id: *peer_id,
    })
}

/// Whether the beginning of a handshake stands here as hex digits.
fn is_in_digits(bytes: &[u8]) -> bool {
    let mut begun = [0; PREFIX.len()];
    let digits = bytes.get(..DIGITS * PREFIX.len());
    digits
        .is_some_and(|digits| hex::decode_to_slice(digits, &mut begun).is_ok() && begun == *PREFIX)
}

/// Whether the beginning of a handshake stands here in UTF-16: bytes before it, and
/// whether the low byte of each character comes first.
fn wide(bytes: &[u8]) -> Option<(usize, bool)> {
    let is_marked = MARKS.iter().any(|mark| bytes.starts_with(mark));
    let mark = if is_marked { WIDE } else { 0 };
    let begun = bytes.get(mark..)?.get(..WIDE * PREFIX.len())?;
    let is_it = |is_low_first: &bool| {
        let (low, high) = if *is_low_first { (0, 1) } else { (1, 0) };
        let pairs = begun.chunks_exact(WIDE).zip(PREFIX);
        pairs
            .into_iter()
            .all(|(pair, byte)| pair[low] == *byte && pair[high] == 0)
    };
    [true, false]
        .into_iter()
        .find(is_it)
        .map(|order| (mark, order))
}
