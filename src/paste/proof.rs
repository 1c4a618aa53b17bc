//! Bytes that are BitTorrent by themselves: what tells base64 in a sentence from a
//! word.

use std::ops::Range;

/// What a handshake and a request to a tracker by UDP begin with.
const BEGINNINGS: [&[u8]; 2] = [
    b"\x13BitTorrent protocol",
    &[0, 0, 0x04, 0x17, 0x27, 0x10, 0x19, 0x80],
];

/// Bytes before the payload of a message: its length and its id.
const HEAD: usize = 5;

/// No message is longer but a bitfield of very many pieces and an info dictionary.
const MAX_LENGTH: usize = 1 << 18;

/// Ids that messages have.
const MAX_ID: u8 = 23;

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

/// Messages of the peer wire up to the end of the bytes. The last one may be cut, where a
/// whole one is before it and the bytes are more than two heads.
fn is_messages(bytes: &[u8]) -> bool {
    let (mut rest, mut count) = (bytes, 0_usize);
    while let [a, b, c, d, after @ ..] = rest {
        let length = u32::from_be_bytes([*a, *b, *c, *d]) as usize;
        let Some(id) = after.first().filter(|_| length > 0) else {
            // A keep-alive is no proof.
            rest = after;
            continue;
        };
        if *id > MAX_ID || length > MAX_LENGTH {
            return false;
        }
        let Some(next) = after.get(length..) else {
            return bytes.len() > 2 * HEAD && count > 0;
        };
        count += 1;
        rest = next;
    }
    rest.is_empty() && count > 0
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
            ("64313a616931", false),
            ("64313a6169316565", true),
        ] {
            assert_eq!(is_known(&hex::decode(hex).unwrap()), known, "{hex}");
        }
    }
}
