//! What follows the name of the protocol: reserved bytes, info-hash, peer id.

use std::ops::RangeInclusive;

use nom::bytes::complete::take;

use super::coding::{self, Coding, V2_HASH_LENGTH, base32, digits, latin, narrow, replaced};
use super::sizes::{DIGITS, RESERVED_LENGTH, VALUE_LENGTH, WIDE};
use crate::wire::anomaly::Anomaly;
use crate::wire::peer::anomalies;
use crate::wire::peer::handshake::array;
use crate::wire::peer::handshake::{Handshake, INFO_HASH, PEER_ID, RESERVED, Reserved, STRAY};
use crate::wire::peer::id::MessageId;
use crate::wire::peer::style::begins_peer_id;
use crate::wire::reader::{Malformed, Reader};
use crate::wire::sink::Sink;

/// Where the peer id is due.
const ID_AT: usize = RESERVED_LENGTH + VALUE_LENGTH;

/// Where it is looked for.
const ID_NEARBY: RangeInclusive<usize> = VALUE_LENGTH + 1..=ID_AT + RESERVED_LENGTH - 1;

/// Where the first message is due.
const END: usize = ID_AT + VALUE_LENGTH;

/// Bits of the fifth and the seventh reserved byte that most clients set (BEP 10, BEP 5
/// and 6).
const USUAL_BITS: [u8; RESERVED_LENGTH] = [0, 0, 0, 0, 0, 0x10, 0, 0x05];

/// A message behind a handshake that is longer is not believed in.
const MAX_NEXT: u32 = 1 << 17;

/// How what follows the name is laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parts {
    /// Zero bytes that end the name, as a string of C.
    pub zeros: usize,
    /// Bytes of the reserved field.
    reserved: usize,
    info_hash: Coding,
    peer_id: Coding,
    /// The peer id comes first.
    is_swapped: bool,
    /// What is wrong, and where behind the name.
    pub fault: Option<Malformed>,
}

impl Parts {
    /// As they should be.
    const RIGHT: Self = Self {
        zeros: 0,
        reserved: RESERVED_LENGTH,
        info_hash: Coding::Raw,
        peer_id: Coding::Raw,
        is_swapped: false,
        fault: None,
    };

    /// Two digits a byte.
    pub const fn in_digits() -> Self {
        Self {
            reserved: DIGITS * RESERVED_LENGTH,
            info_hash: Coding::Hex,
            peer_id: Coding::Hex,
            ..Self::RIGHT
        }
    }

    /// Two bytes a byte, the low or the high one first.
    pub const fn wide(is_low_first: bool) -> Self {
        Self {
            reserved: WIDE * RESERVED_LENGTH,
            info_hash: Coding::Wide(is_low_first),
            peer_id: Coding::Wide(is_low_first),
            ..Self::RIGHT
        }
    }

    /// The parts that `rest` begins with, where `counts_zero` says that the length
    /// before the name counts a zero byte behind it.
    pub fn of(rest: &[u8], counts_zero: bool) -> Self {
        if is_without_reserved(rest) {
            return Self::RIGHT.reserved(0).wrong(0, &anomalies::NO_RESERVED);
        }
        if counts_zero && rest.first() == Some(&0) && has_one_more(rest) {
            return Self::RIGHT.behind_zero();
        }
        let behind = rest.get(RESERVED_LENGTH..).unwrap_or_default();
        let coded = match info_hash(behind) {
            (Coding::Raw, _) => Self::shifted(rest),
            (coding, anomaly) => Some(Self {
                info_hash: coding,
                ..Self::RIGHT.wrong(RESERVED_LENGTH, anomaly)
            }),
        };
        let parts = coded.unwrap_or(Self::RIGHT);
        // Where they are swapped, the info-hash stands in the place of the id.
        let id = rest.get(parts.id_at()..).filter(|_| !parts.is_swapped);
        let Some((peer_id, anomaly)) = id.and_then(|id| parts.id(id)) else {
            return parts;
        };
        let fault = Malformed::new(parts.id_at(), anomaly);
        Self {
            peer_id,
            fault: parts.fault.or(Some(fault)),
            ..parts
        }
    }

    fn reserved(self, reserved: usize) -> Self {
        Self { reserved, ..self }
    }

    fn wrong(self, at: usize, anomaly: &'static Anomaly) -> Self {
        let fault = Some(Malformed::new(at, anomaly));
        Self { fault, ..self }
    }

    fn behind_zero(self) -> Self {
        Self { zeros: 1, ..self }.wrong(0, &anomalies::NAME_ENDED)
    }

    /// The parts where one before the peer id has bytes too many or too few, which the
    /// place of the id shows, or that of what comes next.
    fn shifted(rest: &[u8]) -> Option<Self> {
        let has_id_at = |at: usize| rest.get(at..).is_some_and(begins_peer_id);
        if has_id_at(ID_AT) {
            return None;
        }
        if has_id_at(RESERVED_LENGTH) {
            return Some(Self {
                is_swapped: true,
                ..Self::RIGHT.wrong(RESERVED_LENGTH, &anomalies::SWAPPED)
            });
        }
        let Some(at) = ID_NEARBY.into_iter().find(|at| has_id_at(*at)) else {
            return has_one_more(rest).then(|| Self::one_more(rest))?;
        };
        match at - VALUE_LENGTH {
            reserved if reserved == RESERVED_LENGTH + 1 => {
                let parts = Self::one_more(rest);
                parts.or(Some(Self::of_reserved(reserved)))
            }
            reserved if reserved + 1 == RESERVED_LENGTH && is_usual(rest) => Some(Self {
                info_hash: Coding::Short,
                ..Self::RIGHT.wrong(RESERVED_LENGTH, &anomalies::SHORT_INFO_HASH)
            }),
            reserved => Some(Self::of_reserved(reserved)),
        }
    }

    fn of_reserved(reserved: usize) -> Self {
        let parts = Self::RIGHT.reserved(reserved);
        parts.wrong(0, &anomalies::RESERVED_LENGTH)
    }

    /// There is one byte more before the peer id: where, as far as the bytes tell?
    fn one_more(rest: &[u8]) -> Option<Self> {
        let (first, last) = (*rest.first()?, *rest.get(RESERVED_LENGTH)?);
        let is_hash_ended = matches!(rest.get(ID_AT), Some(0 | b'\n' | b'\r' | b' '));
        let [is_right, is_behind_one] = [is_usual(rest), is_usual(&rest[1..])];
        if is_hash_ended && is_right && (last != 0 || !is_behind_one) {
            return Some(Self {
                info_hash: Coding::Ended,
                ..Self::RIGHT.wrong(RESERVED_LENGTH, &anomalies::LONG_INFO_HASH)
            });
        }
        if first != 0 || !is_behind_one {
            return None;
        }
        Some(if is_right {
            Self::of_reserved(RESERVED_LENGTH + 1)
        } else {
            Self::RIGHT.behind_zero()
        })
    }

    /// Where the peer id begins.
    fn id_at(&self) -> usize {
        self.zeros + self.reserved + self.info_hash.length()
    }

    /// How a peer id is written, where it is not 20 raw bytes.
    fn id(&self, bytes: &[u8]) -> Option<(Coding, &'static Anomaly)> {
        if digits(bytes) == coding::HEX_LENGTH {
            return Some((Coding::Hex, &anomalies::HEX_PEER_ID));
        }
        // Where the info-hash went that way, the id did too.
        let min_wide = match self.info_hash {
            Coding::Latin(_) => 1,
            _ => coding::MIN_MANGLED,
        };
        let length = latin(bytes, min_wide)?;
        Some((Coding::Latin(length), &anomalies::MANGLED_PEER_ID))
    }

    /// Bytes on the wire.
    pub fn length(&self) -> usize {
        self.id_at() + self.peer_id.length()
    }

    /// Dissects them; gives what was meant, if that can be told.
    pub fn dissect<S: Sink>(&self, reader: &mut Reader<'_, '_, S>) -> Option<Handshake> {
        if self.zeros > 0 {
            reader.bulk(&STRAY, self.zeros);
        }
        let reserved = self.dissect_reserved(reader);
        let mut id = None;
        if self.is_swapped {
            id = reader.field(&PEER_ID, take(self.peer_id.length())).ok();
        }
        let hash = reader.field(&INFO_HASH, take(self.info_hash.length())).ok();
        if !self.is_swapped {
            id = reader.field(&PEER_ID, take(self.peer_id.length())).ok();
        }
        let info_hash = hash.and_then(|bytes: &[u8]| self.info_hash.meant(bytes))?;
        let peer_id = id.and_then(|bytes: &[u8]| self.peer_id.meant(bytes))?;
        Some(Handshake {
            reserved: reserved?,
            info_hash,
            peer_id,
        })
    }

    /// The reserved bytes, of which nothing can be said where they are not eight.
    fn dissect_reserved<S: Sink>(&self, reader: &mut Reader<'_, '_, S>) -> Option<Reserved> {
        const IN_DIGITS: usize = DIGITS * RESERVED_LENGTH;
        if let Coding::Wide(is_low_first) = self.info_hash {
            let pairs = reader.bulk(&STRAY, self.reserved);
            return narrow(pairs, is_low_first).map(Reserved);
        }
        match self.reserved {
            0 => Some(Reserved::default()),
            RESERVED_LENGTH => reader.field(&RESERVED, array).ok().map(Reserved),
            IN_DIGITS => {
                let digits = reader.bulk(&STRAY, IN_DIGITS);
                let mut bytes = [0; RESERVED_LENGTH];
                hex::decode_to_slice(digits, &mut bytes).ok()?;
                Some(Reserved(bytes))
            }
            length => {
                let reserved = (length > RESERVED_LENGTH)
                    .then(|| reader.field(&RESERVED, array).ok().map(Reserved));
                let claimed = reserved.map_or(0, |_| RESERVED_LENGTH);
                reader.bulk(&STRAY, length - claimed);
                reserved.unwrap_or(Some(Reserved::default()))
            }
        }
    }
}

/// How an info-hash is written, and what is wrong with that.
fn info_hash(bytes: &[u8]) -> (Coding, &'static Anomaly) {
    let digits = digits(bytes);
    if digits >= VALUE_LENGTH {
        let is_whole = digits == coding::HEX_LENGTH;
        let coding = if is_whole {
            Coding::Hex
        } else {
            Coding::HalfHex
        };
        return (coding, &anomalies::HEX_INFO_HASH);
    }
    let has_id_at = |at: usize| bytes.get(at..).is_some_and(begins_peer_id);
    if has_id_at(V2_HASH_LENGTH) && !has_id_at(VALUE_LENGTH) {
        if base32(bytes).is_some() {
            return (Coding::Base32, &anomalies::BASE32_INFO_HASH);
        }
        return (Coding::Whole, &anomalies::WHOLE_V2_INFO_HASH);
    }
    let mangled = latin(bytes, coding::MIN_MANGLED).map(Coding::Latin);
    let mangled = mangled.or_else(|| replaced(bytes).map(Coding::Replaced));
    (
        mangled.unwrap_or(Coding::Raw),
        &anomalies::MANGLED_INFO_HASH,
    )
}

/// Whether an info-hash and a peer id follow at once.
fn is_without_reserved(rest: &[u8]) -> bool {
    let Some(first) = rest.first_chunk() else {
        return false;
    };
    let unknown = Reserved(*first).unknown().0;
    let bits: u32 = unknown.iter().map(|byte| byte.count_ones()).sum();
    let has_id_at = |at: usize| rest.get(at..).is_some_and(begins_peer_id);
    bits >= 4 && has_id_at(VALUE_LENGTH) && !has_id_at(ID_AT)
}

/// Whether bytes begin with reserved ones as most clients send them.
fn is_usual(bytes: &[u8]) -> bool {
    let reserved = bytes.first_chunk::<RESERVED_LENGTH>();
    reserved.is_some_and(|reserved| {
        let mut bits = reserved.iter().zip(USUAL_BITS);
        bits.all(|(byte, usual)| byte & !usual == 0)
    })
}

/// Whether what follows a handshake, and its peer id, stand one byte further on than
/// they should.
fn has_one_more(rest: &[u8]) -> bool {
    let has_id_at = |at: usize| rest.get(at..).is_some_and(begins_peer_id);
    if has_id_at(ID_AT) || has_id_at(ID_AT + 1) {
        return has_id_at(ID_AT + 1);
    }
    let is_stray = matches!(rest.get(END), Some(0 | b'\n' | b'\r'));
    let ends_there = rest.len() == END + 1 && !is_stray;
    ends_there || begins_message(rest, END + 1) && !begins_message(rest, END)
}

/// Whether a message begins there.
fn begins_message(bytes: &[u8], at: usize) -> bool {
    let head = bytes.get(at..).and_then(<[u8]>::first_chunk);
    head.is_some_and(|[a, b, c, d, id]: &[u8; 5]| {
        let length = u32::from_be_bytes([*a, *b, *c, *d]);
        let id = MessageId(*id);
        let is_known = id.message_type().is_some();
        is_known && (1..=MAX_NEXT).contains(&length) && id.fits(u64::from(length))
    })
}
