//! Azureus messaging protocol (Vuze, BiglyBT): frames with a textual id, after
//! the usual handshake, when both peers ask for it.

use std::fmt;

use nom::bytes::complete::take;
use nom::number::complete::{be_u16, be_u32, u8};

use super::anomalies;
use super::id::MessageId;
use crate::wire::bencode::{self, Table};
use crate::wire::extension;
use crate::wire::field::{Field, Kind, Unit};
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::Sink;
use crate::wire::words::Count;

/// A longer id is not plausible.
const MAX_ID: u32 = 1024;

/// Low nibble: version of the message. From 2 on it can be padded (flag 0x10).
const PADDED_SINCE: u8 = 2;
const PADDED: u8 = 0x10;

pub(super) static LENGTH_PREFIX: Field =
    Field::new("length_prefix", Kind::Framing, "Length of what follows.");
pub(super) static ID_LENGTH: Field =
    Field::new("id_length", Kind::Uint(Unit::Bytes), "Length of the id.");
pub(super) static ID: Field = Field::new("azmp_id", Kind::Text, "Name of the message.");
pub(super) static VERSION: Field =
    Field::new("version", Kind::Uint(Unit::None), "Version of the message.");
pub(super) static PAD_LENGTH: Field = Field::new(
    "pad_length",
    Kind::Uint(Unit::Bytes),
    "Length of the padding.",
);
pub(super) static PAD: Field = Field::new("pad", Kind::Bytes, "Padding.");
pub(super) static PAYLOAD: Field = Field::new(
    "payload",
    Kind::Bytes,
    "Body of a message of Azureus whose layout is not known.",
);

/// Lengths of the ids that clients send: from `BT_HAVE` to the longest of
/// `AZ_..` with room to spare.
const USUAL_ID: std::ops::RangeInclusive<u32> = 6..=48;

/// What some bytes are that may be a frame of AZMP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AzmpStart {
    /// They begin with the two lengths and a textual id of `id_length` bytes.
    Frame {
        /// Bytes of the id.
        id_length: u32,
    },
    /// Too few to tell.
    Short,
    /// No frame of AZMP.
    No,
}

/// Whether `bytes` begin with a frame of AZMP: a length, the length of an id
/// that fits into it, and an id that begins with `BT_` or `AZ_`. No message of
/// the plain protocol looks like that.
pub fn azmp_start(bytes: &[u8]) -> AzmpStart {
    let Some((length, rest)) = bytes.split_first_chunk::<4>() else {
        return AzmpStart::Short;
    };
    let Some((id_length, rest)) = rest.split_first_chunk::<4>() else {
        return AzmpStart::Short;
    };
    let length = u32::from_be_bytes(*length);
    let id_length = u32::from_be_bytes(*id_length);
    // The length of the id and the version come on top.
    if !USUAL_ID.contains(&id_length) || length < id_length + 5 {
        return AzmpStart::No;
    }
    let id = rest.get(..id_length as usize).unwrap_or(rest);
    let (kind, name) = id.split_at(id.len().min(3));
    let is_name = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    if !(b"BT_".starts_with(kind) || b"AZ_".starts_with(kind)) || !name.iter().all(is_name) {
        return AzmpStart::No;
    }
    if id.len() < id_length as usize {
        return AzmpStart::Short;
    }
    AzmpStart::Frame { id_length }
}

/// Keys differ from message to message and are shown under their own names.
static KEYS: Table = Table::EMPTY.under(&extension::anomalies::BENCODE);

/// A message of AZMP that is not a wrapped one of the plain protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Azmp<'a> {
    /// Textual id, such as `AZ_PEER_EXCHANGE`.
    pub id: &'a [u8],
    /// Version (low nibble) and flags.
    pub version: u8,
    /// What follows: bencoded for the `AZ_` messages.
    pub payload: &'a [u8],
}

/// What a frame holds.
pub(super) enum AzmpFrame<'a> {
    KeepAlive,
    /// A message of the plain protocol, whose body is not read yet.
    Wrapped(MessageId),
    /// A message of Azureus' own.
    Own(Azmp<'a>),
}

impl<'a> AzmpFrame<'a> {
    pub(super) fn dissect<S: Sink>(reader: &mut Reader<'a, '_, S>) -> Result<Self, Problem> {
        if reader.field(&LENGTH_PREFIX, be_u32)? == 0 {
            return Ok(Self::KeepAlive);
        }
        let length = reader.field(&ID_LENGTH, be_u32)?;
        if length == 0 || length > MAX_ID {
            return Err(reader.malformed(&anomalies::AZMP_ID));
        }
        let id = reader.field(&ID, take(length))?;
        let version = reader.field(&VERSION, u8)?;
        if version & 0x0f >= PADDED_SINCE && version & PADDED != 0 {
            let pad = reader.field(&PAD_LENGTH, be_u16)?;
            reader.bulk(&PAD, usize::from(pad));
        }
        if let Some(plain) = plain_id(id) {
            return Ok(Self::Wrapped(plain));
        }
        if id == b"BT_KEEP_ALIVE" {
            return Ok(Self::KeepAlive);
        }
        let payload = reader.rest();
        if payload.first() == Some(&b'd') {
            bencode::dissect(reader, &KEYS);
        } else if reader.left() > 0 {
            reader.remainder(&PAYLOAD);
        }
        Ok(Self::Own(Azmp {
            id,
            version,
            payload,
        }))
    }
}

impl Azmp<'_> {
    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let length = 4 + self.id.len() + 1 + self.payload.len();
        out.extend_from_slice(&(length as u32).to_be_bytes());
        out.extend_from_slice(&(self.id.len() as u32).to_be_bytes());
        out.extend_from_slice(self.id);
        out.push(self.version & !PADDED);
        out.extend_from_slice(self.payload);
    }
}

/// The plain message that an AZMP id wraps.
fn plain_id(id: &[u8]) -> Option<MessageId> {
    Some(match id {
        b"BT_CHOKE" => MessageId::CHOKE,
        b"BT_UNCHOKE" => MessageId::UNCHOKE,
        b"BT_INTERESTED" => MessageId::INTERESTED,
        b"BT_UNINTERESTED" => MessageId::NOT_INTERESTED,
        b"BT_HAVE" => MessageId::HAVE,
        b"BT_BITFIELD" => MessageId::BITFIELD,
        b"BT_REQUEST" => MessageId::REQUEST,
        b"BT_PIECE" => MessageId::PIECE,
        b"BT_CANCEL" => MessageId::CANCEL,
        b"BT_DHT_PORT" => MessageId::PORT,
        b"BT_SUGGEST_PIECE" => MessageId::SUGGEST_PIECE,
        b"BT_HAVE_ALL" => MessageId::HAVE_ALL,
        b"BT_HAVE_NONE" => MessageId::HAVE_NONE,
        b"BT_REJECT_REQUEST" => MessageId::REJECT_REQUEST,
        b"BT_ALLOWED_FAST" => MessageId::ALLOWED_FAST,
        b"BT_LT_EXT_MESSAGE" => MessageId::EXTENDED,
        _ => return None,
    })
}

impl fmt::Display for Azmp<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = Count(self.payload.len() as u64, "byte");
        write!(f, "{}, {bytes}", String::from_utf8_lossy(self.id))
    }
}
