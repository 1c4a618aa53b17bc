//! Bytes that are BitTorrent by themselves: what tells bytes from words and numbers, in
//! forms that any text may have.

use std::ops::Range;

use super::web;
use crate::wire::peer::{HANDSHAKE_LENGTH, MessageId, PREFIX};
use crate::wire::udp_tracker::PROTOCOL_ID;

/// What a handshake and a request to a tracker by UDP begin with.
const BEGINNINGS: [&[u8]; 2] = [PREFIX, &PROTOCOL_ID.to_be_bytes()];

/// Bytes before the payload of a message: its length and its id.
const HEAD: usize = 5;

/// No message is longer but a bitfield of very many pieces and an info dictionary.
const MAX_LENGTH: usize = 1 << 18;

/// What base64 of such bytes begins with: zeros, a `0x13`, a `d` with a digit.
const DIGITS: [&str; 3] = ["AA", "E0", "ZD"];

/// Whether base64 that begins so can be of such bytes.
pub fn may_begin(digits: &str) -> bool {
    DIGITS.iter().any(|known| digits.starts_with(known))
}

/// Whether bytes are something known for certain, cut short perhaps.
pub fn is_known(bytes: &[u8]) -> bool {
    let begins = BEGINNINGS.iter().any(|known| bytes.starts_with(known));
    begins || is_dictionary(bytes) || is_messages(bytes) || is_announce(bytes)
}

/// Whether bytes that are cut somewhere are something known, or begin with a message of
/// which the id can be so long.
pub fn may_begin_messages(bytes: &[u8]) -> bool {
    let is_message = || match bytes {
        [a, b, c, d, id, _, _, _, ..] => {
            let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
            length <= MAX_LENGTH && MessageId(*id).fits(length as u64)
        }
        _ => false,
    };
    is_known(bytes) || is_message()
}

/// Whether bytes begin a handshake and do not end it.
pub fn is_open(bytes: &[u8]) -> bool {
    bytes.starts_with(PREFIX) && bytes.len() < HANDSHAKE_LENGTH
}

/// Whether bytes are something known from the first to the last: what is behind a handshake
/// is messages, and a request to connect to a tracker is as long as all are.
pub fn is_whole(bytes: &[u8]) -> bool {
    let is_connect = || bytes.len() == CONNECT && bytes.starts_with(BEGINNINGS[1]);
    if bytes.starts_with(PREFIX) {
        let behind = bytes.get(HANDSHAKE_LENGTH..);
        return behind.is_some_and(|behind| behind.is_empty() || is_messages(behind));
    }
    is_connect() || is_dictionary(bytes) || is_messages(bytes) || is_announce(bytes)
}

/// Bytes of a request to connect to a tracker by UDP (BEP 15).
const CONNECT: usize = 16;

/// Bytes of the header of a uTP packet (BEP 29), its version, the greatest type and the
/// extensions that there are.
const UTP_HEADER: usize = 20;
const UTP_VERSION: u8 = 1;
const MAX_UTP_TYPE: u8 = 4;
const MAX_UTP_EXTENSION: u8 = 2;
const CONNECTION: Range<usize> = 2..4;

/// Whether bytes look like a uTP packet: seldom by chance, so that it tells which of two
/// readings is meant, and proves nothing.
pub fn looks_like_utp(bytes: &[u8]) -> bool {
    let is_first = |byte: u8| byte & 0xf == UTP_VERSION && byte >> 4 <= MAX_UTP_TYPE;
    bytes.len() >= UTP_HEADER
        && is_first(bytes[0])
        && bytes[1] <= MAX_UTP_EXTENSION
        && bytes[CONNECTION] != [0, 0]
}

/// Bytes of the shortest answer to an announce by UDP, and the number of what it answers.
const ANSWER: usize = 20;
const ANNOUNCED: [u8; 4] = [0, 0, 0, 1];

/// How much bytes look like what BitTorrent sends, to choose one of two readings.
pub fn likeness(bytes: &[u8]) -> u8 {
    let is_answer = || bytes.len() >= ANSWER && bytes.starts_with(&ANNOUNCED);
    if is_known(bytes) || web::is_message(bytes) {
        2
    } else {
        u8::from(looks_like_utp(bytes) || is_answer())
    }
}

/// Bytes that begin a handshake for certain, at least.
const BEGINNING: usize = 5;

/// Whether bytes begin with a handshake.
pub fn begins_handshake(bytes: &[u8]) -> bool {
    let shown = bytes.len().min(PREFIX.len());
    shown >= BEGINNING && bytes[..shown] == PREFIX[..shown]
}

/// Whether bytes are how a handshake begins, of whatever length.
pub fn may_be_handshake(bytes: &[u8]) -> bool {
    PREFIX.starts_with(bytes) || bytes.starts_with(PREFIX)
}

/// Whether bytes are the name of the protocol.
pub fn is_name(bytes: &[u8]) -> bool {
    bytes == &PREFIX[1..]
}

/// Whether bytes begin with this one and the name of the protocol behind it.
pub fn is_name_behind(first: u8, bytes: &[u8]) -> bool {
    let name = bytes.split_first().filter(|(byte, _)| **byte == first);
    name.is_some_and(|(_, name)| name.starts_with(&PREFIX[1..]))
}

/// Bytes of a request to a tracker by UDP that announces (BEP 15), without options behind.
const ANNOUNCE: usize = 98;

/// What it is, behind the id of the connection.
const ACTION: Range<usize> = 8..12;

/// How much was downloaded, is left and was uploaded: no torrent has 2^48 bytes.
const AMOUNTS: [Range<usize>; 3] = [56..58, 64..66, 72..74];

/// The events that there are: none, completed, started, stopped.
const EVENT: Range<usize> = 80..84;
const MAX_EVENT: u8 = 3;

/// Whether this is a whole announce: its numbers have the zeros that they have in all.
fn is_announce(bytes: &[u8]) -> bool {
    let all_zero = |span: &Range<usize>| bytes[span.clone()].iter().all(|byte| *byte == 0);
    let is_event = |event: &[u8]| matches!(event, [0, 0, 0, 0..=MAX_EVENT]);
    bytes.len() == ANNOUNCE
        && bytes[ACTION] == [0, 0, 0, 1]
        && AMOUNTS.iter().all(all_zero)
        && is_event(&bytes[EVENT])
}

/// `d1:a…e`
fn is_dictionary(bytes: &[u8]) -> bool {
    let Some(key) = bytes.strip_prefix(b"d") else {
        return false;
    };
    let digits = key.iter().take_while(|byte| byte.is_ascii_digit()).count();
    (1..=2).contains(&digits) && key.get(digits) == Some(&b':') && bytes.ends_with(b"e")
}

/// Whether bytes are messages of the peer wire from the first byte to the last, of which one
/// is more than a keep-alive.
pub fn are_whole(bytes: &[u8]) -> bool {
    let (mut rest, mut count) = (bytes, 0_usize);
    while let [a, b, c, d, after @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(next) = after.get(length..) else {
            return false;
        };
        let fits = |id: &u8| MessageId(*id).fits(length as u64);
        if length > 0 && !after.first().is_some_and(fits) {
            return false;
        }
        count += usize::from(length > 0);
        rest = next;
    }
    rest.is_empty() && count > 0
}

/// Messages of the peer wire up to the end of the bytes. The last one may be cut, where a
/// whole one is before it and the bytes are more than two heads. A keep-alive is no proof,
/// nor is it with one more message that is an id alone: rows of zeros and ones are that.
fn is_messages(bytes: &[u8]) -> bool {
    let (mut rest, mut count) = (bytes, 0_usize);
    let (mut has_keep_alive, mut has_payload) = (false, false);
    while let [a, b, c, d, after @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(id) = after.first().filter(|_| length > 0) else {
            has_keep_alive = true;
            rest = after;
            continue;
        };
        if length > MAX_LENGTH || !MessageId(*id).fits(length as u64) {
            return false;
        }
        let Some(next) = after.get(length..) else {
            return bytes.len() > 2 * HEAD && count > 0;
        };
        count += 1;
        has_payload |= length > 1;
        rest = next;
    }
    let is_proof = count > 1 || has_payload || !has_keep_alive;
    rest.is_empty() && count > 0 && is_proof
}

#[cfg(test)]
mod tests {
    use super::is_known;

    #[test]
    fn messages_are_known_by_their_lengths() {
        for (hex, known) in [
            ("00000005040000004d", true),
            ("0000000d06000000040000000000004000", true),
            ("0000000102000000010100", false),
            ("0000000000000000", false),
            ("000000054d0000004d", false),
            ("000000000000000101", false),
            ("0000000401020304", false),
            ("0000000000000001010000000102", true),
            ("64313a616931", false),
            ("64313a6169316565", true),
        ] {
            assert_eq!(is_known(&hex::decode(hex).unwrap()), known, "{hex}");
        }
    }
}
