//! Handshakes that are nearly right: the commonest first bugs of new clients.
//!
//! The name of the protocol is there, so that it is certain what was meant; what
//! is before it or behind it is not as BEP 3 says. Such a handshake is read as it
//! was meant, as far as that can be told, and what is wrong is said.

use nom::bytes::complete::take;
use nom::number::complete::u8;

use super::anomalies;
use super::handshake::{Handshake, INFO_HASH, LENGTH, PEER_ID, PREFIX, PSTR, PSTRLEN, RESERVED};
use super::handshake::{Reserved, array};
use crate::wire::anomaly::Anomaly;
use crate::wire::reader::{Malformed, Reader};
use crate::wire::sink::Sink;

/// Bytes of the parts behind the name.
const RESERVED_LENGTH: usize = 8;
const HASH_LENGTH: usize = 20;
const ID_LENGTH: usize = 20;

/// An info-hash as hex digits.
const HEX_LENGTH: usize = 2 * HASH_LENGTH;

/// An info-hash of v2, of which 20 bytes are sent (BEP 52).
const V2_HASH_LENGTH: usize = 32;

/// An info-hash of which each byte became a character of replacement.
const LONGEST_MANGLED: usize = 3 * HASH_LENGTH;

/// Bytes of a hash that went through UTF-8: with fewer, it may be chance.
const MIN_MANGLED: usize = 3;

/// U+FFFD, which stands for what is no UTF-8.
const REPLACEMENT: &[u8] = "\u{fffd}".as_bytes();

/// How a handshake is laid out that is nearly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NearHandshake {
    /// Bytes before the name: one in a handshake as it should be.
    lead: usize,
    /// Bytes of what follows the name.
    reserved: usize,
    info_hash: Hash,
    /// What is wrong, and where.
    fault: Malformed,
    /// What is wrong beside it.
    second: Option<Malformed>,
}

/// How an info-hash is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hash {
    /// As it should be.
    Raw,
    /// As the first half of its hex digits, or as all 40 of them.
    HalfHex,
    Hex,
    /// All bytes of a hash of v2.
    Whole,
    /// Each byte as the character of that number, in UTF-8: so many bytes.
    Latin(usize),
    /// Each byte that is no UTF-8 replaced: so many bytes.
    Replaced(usize),
}

impl Hash {
    fn length(self) -> usize {
        match self {
            Self::Raw | Self::HalfHex => HASH_LENGTH,
            Self::Hex => HEX_LENGTH,
            Self::Whole => V2_HASH_LENGTH,
            Self::Latin(length) | Self::Replaced(length) => length,
        }
    }

    /// The hash that was meant, if that can be told.
    fn meant(self, bytes: &[u8]) -> Option<[u8; HASH_LENGTH]> {
        match self {
            Self::Raw | Self::HalfHex => bytes.try_into().ok(),
            Self::Whole => bytes.first_chunk().copied(),
            Self::Hex => {
                let mut hash = [0; HASH_LENGTH];
                hex::decode_to_slice(bytes, &mut hash).ok()?;
                Some(hash)
            }
            Self::Latin(_) => {
                let text = std::str::from_utf8(bytes).ok()?;
                let chars = text.chars().map(|c| u8::try_from(c).ok());
                let bytes: Option<Vec<_>> = chars.collect();
                bytes?.try_into().ok()
            }
            Self::Replaced(_) => None,
        }
    }
}

impl NearHandshake {
    /// The handshake that `bytes` nearly begin with; `None` for one as it should
    /// be, and where nothing is like one.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let lead = [1, 0, 2, 4, 5]
            .into_iter()
            .find(|lead| has_lead(bytes, *lead))?;
        let (name, rest) = bytes[lead..].split_at(PREFIX.len() - 1);
        let length_byte = (lead != 1 || bytes[0] != PREFIX[0])
            .then(|| Malformed::new(0, &anomalies::LENGTH_BYTE));
        let spelling =
            (name != &PREFIX[1..]).then(|| Malformed::new(lead, &anomalies::NAME_SPELLING));
        let (reserved, info_hash, wrong) = body(rest);
        let at = lead + name.len() + if reserved == 0 { 0 } else { RESERVED_LENGTH };
        let wrong = wrong.map(|anomaly| Malformed::new(at, anomaly));
        let mut faults = [length_byte, spelling, wrong].into_iter().flatten();
        Some(Self {
            lead,
            reserved,
            info_hash,
            fault: faults.next()?,
            second: faults.next(),
        })
    }

    /// Its bytes on the wire.
    pub fn length(&self) -> usize {
        self.lead + PREFIX.len() - 1 + self.reserved + self.info_hash.length() + ID_LENGTH
    }

    /// The byte that stands where the length of the name is due, if that is what
    /// is wrong.
    pub fn wrong_length_byte(&self, bytes: &[u8]) -> Option<u8> {
        let is_wrong = self.lead == 1 && self.fault.anomaly == &anomalies::LENGTH_BYTE;
        bytes.first().copied().filter(|_| is_wrong)
    }

    /// Dissects it; gives what was meant, if that can be told, and what is wrong.
    pub(super) fn dissect<S: Sink>(
        &self,
        reader: &mut Reader<'_, '_, S>,
    ) -> (Option<Handshake>, Malformed) {
        match self.lead {
            0 => {}
            1 => {
                let _ = reader.field(&PSTRLEN, u8);
            }
            lead => {
                reader.bulk(&PSTRLEN, lead);
            }
        }
        let _ = reader.field(&PSTR, take(PREFIX.len() - 1));
        if let Some(second) = self.second {
            reader.anomaly_at(second.at, second.anomaly);
        }
        let reserved = match self.reserved {
            0 => Some([0; RESERVED_LENGTH]),
            _ => reader.field(&RESERVED, array).ok(),
        };
        let length = self.info_hash.length();
        let info_hash = reader.field(&INFO_HASH, take(length)).ok();
        let peer_id = reader.field(&PEER_ID, array).ok();
        let info_hash = info_hash.and_then(|bytes: &[u8]| self.info_hash.meant(bytes));
        let meant = reserved.zip(info_hash).zip(peer_id);
        let meant = meant.map(|((reserved, info_hash), peer_id)| Handshake {
            reserved: Reserved(reserved),
            info_hash,
            peer_id,
        });
        (meant, self.fault)
    }
}

/// Bytes of the handshake that `bytes` begin with, as far as they tell.
pub fn handshake_length(bytes: &[u8]) -> usize {
    NearHandshake::of(bytes).map_or(LENGTH, |near| near.length())
}

/// Whether the name of the protocol stands behind `lead` bytes that may have been
/// meant as its length.
fn has_lead(bytes: &[u8], lead: usize) -> bool {
    let end = lead + PREFIX.len() - 1;
    let (Some(name), Some(lead)) = (bytes.get(lead..end), bytes.get(..lead)) else {
        return false;
    };
    // Elsewhere the name may be a word of a text: reserved bytes are not.
    let is_followed = || {
        let rest = &bytes[end..];
        rest.len() >= RESERVED_LENGTH && rest[..RESERVED_LENGTH].contains(&0)
    };
    name.eq_ignore_ascii_case(&PREFIX[1..])
        && match lead {
            [_] => true,
            [] | [0, 0, 0, 19] | [0, 0, 0, _, 19] | b"19" => is_followed(),
            _ => false,
        }
}

/// How what is behind the name is laid out: bytes of the reserved field, the
/// info-hash, and what is wrong.
fn body(rest: &[u8]) -> (usize, Hash, Option<&'static Anomaly>) {
    if is_without_reserved(rest) {
        return (0, Hash::Raw, Some(&anomalies::NO_RESERVED));
    }
    let behind = rest.get(RESERVED_LENGTH..).unwrap_or_default();
    let digits = behind.iter().take(HEX_LENGTH);
    let digits = digits.take_while(|byte| byte.is_ascii_hexdigit()).count();
    if digits >= HASH_LENGTH {
        let hash = if digits == HEX_LENGTH {
            Hash::Hex
        } else {
            Hash::HalfHex
        };
        return (RESERVED_LENGTH, hash, Some(&anomalies::HEX_INFO_HASH));
    }
    let has_id_at = |at: usize| behind.get(at..).is_some_and(begins_peer_id);
    if has_id_at(V2_HASH_LENGTH) && !has_id_at(HASH_LENGTH) {
        let wrong = Some(&anomalies::WHOLE_V2_INFO_HASH);
        return (RESERVED_LENGTH, Hash::Whole, wrong);
    }
    let mangled = latin(behind).map(Hash::Latin);
    let mangled = mangled.or_else(|| replaced(behind).map(Hash::Replaced));
    match mangled {
        Some(hash) => (RESERVED_LENGTH, hash, Some(&anomalies::MANGLED_INFO_HASH)),
        None => (RESERVED_LENGTH, Hash::Raw, None),
    }
}

/// Whether an info-hash and a peer id follow at once.
fn is_without_reserved(rest: &[u8]) -> bool {
    let Some(first) = rest.first_chunk() else {
        return false;
    };
    let unknown = Reserved(*first).unknown().0;
    let bits: u32 = unknown.iter().map(|byte| byte.count_ones()).sum();
    let has_id_at = |at: usize| rest.get(at..).is_some_and(begins_peer_id);
    bits >= 4 && has_id_at(HASH_LENGTH) && !has_id_at(RESERVED_LENGTH + HASH_LENGTH)
}

/// Whether bytes begin as most peer ids do: a dash, two letters, four letters or
/// digits, a dash (BEP 20).
fn begins_peer_id(bytes: &[u8]) -> bool {
    match bytes.first_chunk::<8>() {
        Some([b'-', client @ .., b'-']) => {
            client[..2].iter().all(u8::is_ascii_alphabetic)
                && client[2..].iter().all(u8::is_ascii_alphanumeric)
        }
        _ => false,
    }
}

/// Bytes of an info-hash each of which was written as a character of UTF-8.
fn latin(bytes: &[u8]) -> Option<usize> {
    let (mut at, mut wide) = (0, 0);
    for _ in 0..HASH_LENGTH {
        at += match bytes.get(at..)? {
            [0..=0x7f, ..] => 1,
            [0xc2 | 0xc3, 0x80..=0xbf, ..] => {
                wide += 1;
                2
            }
            _ => return None,
        };
    }
    (wide >= MIN_MANGLED).then_some(at)
}

/// Bytes of an info-hash that was read as UTF-8, which it is not.
fn replaced(bytes: &[u8]) -> Option<usize> {
    let longest = bytes.len().min(LONGEST_MANGLED);
    let end = (0..=longest).find(|at| begins_peer_id(&bytes[*at..]));
    let end = end.unwrap_or(longest.min(HASH_LENGTH));
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::Problem;
    use crate::wire::Tree;
    use crate::wire::peer::{Context, Framing, Message, dissect};

    const HASH: [u8; 20] =
        *b"\xdf\x6c\x45\x57\xfc\x35\x8b\xfd\x37\x96\x5b\x94\x84\x00\x73\x4e\xfd\x8c\xc7\x84";

    fn whole(lead: &[u8], reserved: &[u8], hash: &[u8]) -> Vec<u8> {
        let id = b"-TR4060-abcdefghijkl";
        [lead, b"BitTorrent protocol", reserved, hash, id].concat()
    }

    fn read(bytes: &[u8]) -> (Option<[u8; 20]>, Option<&'static Anomaly>) {
        let context = Context {
            framing: Framing::Handshake,
            ..Context::default()
        };
        let mut tree = Tree::new();
        let read = dissect(bytes, bytes.len(), &context, &mut tree);
        let leaves: u32 = tree.leaves().map(|(_, leaf)| leaf.end - leaf.start).sum();
        assert_eq!(leaves as usize, bytes.len());
        let hash = match read.message {
            Message::Handshake(handshake) => Some(handshake.info_hash),
            _ => None,
        };
        let fault = match read.problem {
            Some(Problem::Malformed(malformed)) => Some(malformed.anomaly),
            _ => None,
        };
        (hash, fault)
    }

    #[test]
    fn what_was_meant_is_read() {
        let reserved = [0, 0, 0, 0, 0, 0x10, 0, 5];
        let digits = hex::encode(HASH).into_bytes();
        let latin: String = HASH.iter().map(|byte| char::from(*byte)).collect();
        let lossy = String::from_utf8_lossy(&HASH).into_owned();
        let meant = Some(HASH);
        let half: [u8; 20] = digits[..20].try_into().unwrap();
        let cases = [
            (whole(b"\x13", &reserved, &HASH), meant, None),
            (
                whole(b"\x19", &reserved, &HASH),
                meant,
                Some(&anomalies::LENGTH_BYTE),
            ),
            (
                whole(b"", &reserved, &HASH),
                meant,
                Some(&anomalies::LENGTH_BYTE),
            ),
            (
                whole(b"19", &reserved, &HASH),
                meant,
                Some(&anomalies::LENGTH_BYTE),
            ),
            (
                whole(b"\0\0\0\x13", &reserved, &HASH),
                meant,
                Some(&anomalies::LENGTH_BYTE),
            ),
            (
                whole(b"\0\0\0\x44\x13", &reserved, &HASH),
                meant,
                Some(&anomalies::LENGTH_BYTE),
            ),
            (
                whole(b"\x13", &[], &HASH),
                meant,
                Some(&anomalies::NO_RESERVED),
            ),
            (
                whole(b"\x13", &reserved, &digits),
                meant,
                Some(&anomalies::HEX_INFO_HASH),
            ),
            (
                whole(b"\x13", &reserved, &half),
                Some(half),
                Some(&anomalies::HEX_INFO_HASH),
            ),
            (
                whole(b"\x13", &reserved, &[&HASH[..], &[7; 12]].concat()),
                meant,
                Some(&anomalies::WHOLE_V2_INFO_HASH),
            ),
            (
                whole(b"\x13", &reserved, latin.as_bytes()),
                meant,
                Some(&anomalies::MANGLED_INFO_HASH),
            ),
            (
                whole(b"\x13", &reserved, lossy.as_bytes()),
                None,
                Some(&anomalies::MANGLED_INFO_HASH),
            ),
        ];
        for (bytes, hash, fault) in cases {
            let shown = bytes.escape_ascii().to_string();
            assert_eq!(handshake_length(&bytes), bytes.len(), "{shown}");
            // What follows makes no difference.
            let more = [&bytes[..], b"\0\0\0\x01\x02"].concat();
            assert_eq!(handshake_length(&more), bytes.len(), "{shown}");
            assert_eq!(read(&bytes), (hash, fault), "{shown}");
        }
    }

    #[test]
    fn the_name_in_other_letters() {
        let mut bytes = whole(b"\x13", &[0; 8], &HASH);
        bytes[12] = b'P';
        assert_eq!(read(&bytes), (Some(HASH), Some(&anomalies::NAME_SPELLING)));
    }

    #[test]
    fn a_text_is_no_handshake() {
        for text in [
            &b"BitTorrent protocol, as BEP 3 has it, begins with a handshake"[..],
            b"19 BitTorrent protocol",
            b"the BitTorrent protocol",
        ] {
            assert_eq!(NearHandshake::of(text), None);
        }
    }
}
