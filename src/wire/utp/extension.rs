//! The extensions of a uTP header: a chain, each element names the type of the
//! next.

use std::fmt;

use nom::bytes::complete::take;
use nom::number::complete::{be_u8, be_u16};

use super::super::{Fact, Field, Kind, Label, Member, Problem, Reader, Sink, Unit};
use super::anomalies;

static EXTENSIONS: Field = Field::new("extensions", Kind::List, "Extensions of the header.");
static ELEMENT: Field = Field::new("extension", Kind::Group, "An extension.");
static NEXT: Field = Field::new(
    "next_extension",
    Kind::Enum(type_name),
    "Type of the next extension, 0 if there is none.",
);
static LENGTH: Field = Field::new(
    "length",
    Kind::Uint(Unit::Bytes),
    "Length of the extension.",
);
static SELECTIVE_ACK: Field = Field::new(
    "selective_ack",
    Kind::Bytes,
    "A bit for each packet from `ack_nr` + 2 on: whether it arrived.",
);
static EXTENSION_BITS: Field = Field::new(
    "extension_bits",
    Kind::Bytes,
    "Bits of the extensions that the sender supports.",
);
static RESERVED: Field = Field::new("reserved", Kind::Bytes, "Bytes without a meaning.");
static CLOSE_REASON: Field = Field::new(
    "close_reason",
    Kind::Enum(CloseReason::name_of),
    "Why the sender closes the connection (libtorrent).",
);
static UNKNOWN: Field = Field::new("unknown", Kind::Bytes, "An extension that is not known.");

/// The extensions, as fields of every packet.
pub(super) static MEMBERS: &[Member] = &[Member::Group(
    &EXTENSIONS,
    &[Member::Group(
        &ELEMENT,
        &[
            Member::Field(&NEXT),
            Member::Field(&LENGTH),
            Member::Field(&SELECTIVE_ACK),
            Member::Field(&EXTENSION_BITS),
            Member::Field(&RESERVED),
            Member::Field(&CLOSE_REASON),
            Member::Field(&UNKNOWN),
        ],
    )],
)];

/// Ends the chain.
const END: u8 = 0;
/// Selective ACK (BEP 29).
const SELECTIVE: u8 = 1;
/// Extension bits of older libutp.
const BITS: u8 = 2;
/// Close reason of libtorrent.
const REASON: u8 = 3;

pub(super) fn type_name(value: u64) -> Option<&'static str> {
    match u8::try_from(value).ok()? {
        END => Some("none"),
        SELECTIVE => Some("selective_ack"),
        BITS => Some("extension_bits"),
        REASON => Some("close_reason"),
        _ => None,
    }
}

/// The chain of extensions of a packet, as its bytes. It was checked: every
/// element is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extensions<'a> {
    first: u8,
    bytes: &'a [u8],
}

impl<'a> Extensions<'a> {
    /// No extensions.
    pub const NONE: Self = Self {
        first: END,
        bytes: &[],
    };

    /// The chain whose first element is of type `first`; `None` if it does not
    /// end with `bytes`.
    pub fn new(first: u8, bytes: &'a [u8]) -> Option<Self> {
        let extensions = Self { first, bytes };
        let (mut next, mut rest) = (first, bytes);
        while next != END {
            let (&[following, length], tail) = rest.split_first_chunk()?;
            rest = tail.get(usize::from(length)..)?;
            next = following;
        }
        rest.is_empty().then_some(extensions)
    }

    /// The type of the first element, 0 if there is none.
    pub fn first(self) -> u8 {
        self.first
    }

    /// The chain as it is on the wire.
    pub fn bytes(self) -> &'a [u8] {
        self.bytes
    }

    /// The elements in their order.
    pub fn iter(self) -> impl Iterator<Item = Extension<'a>> {
        let (mut next, mut rest) = (self.first, self.bytes);
        std::iter::from_fn(move || {
            if next == END {
                return None;
            }
            let (&[following, length], tail) = rest.split_first_chunk()?;
            let (body, tail) = tail.split_at_checked(usize::from(length))?;
            let extension = Extension::new(next, body);
            (next, rest) = (following, tail);
            Some(extension)
        })
    }
}

/// One extension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extension<'a> {
    /// Which packets behind the missing one arrived: bit j (least significant
    /// first) of byte i is packet `ack_nr + 2 + 8i + j`.
    SelectiveAck(&'a [u8]),
    /// Eight bytes, normally zero, in SYN and its answer.
    ExtensionBits(&'a [u8]),
    /// Why libtorrent closed the connection.
    CloseReason(CloseReason),
    /// Any other type, or one of another length than it must have.
    Unknown {
        /// Its type.
        extension_type: u8,
        /// Its content.
        bytes: &'a [u8],
    },
}

impl<'a> Extension<'a> {
    fn new(extension_type: u8, bytes: &'a [u8]) -> Self {
        match (extension_type, bytes) {
            (SELECTIVE, [_, ..]) => Self::SelectiveAck(bytes),
            (BITS, _) => Self::ExtensionBits(bytes),
            (REASON, &[_, _, high, low]) => {
                Self::CloseReason(CloseReason(u16::from_be_bytes([high, low])))
            }
            _ => Self::Unknown {
                extension_type,
                bytes,
            },
        }
    }

    /// Whether it is of a known type and its length fits that. (libtorrent's
    /// selective ACKs have any length.)
    pub(super) fn is_plausible(&self) -> bool {
        match self {
            Self::ExtensionBits(bits) => bits.len() == 8,
            Self::SelectiveAck(_) | Self::CloseReason(_) => true,
            Self::Unknown { .. } => false,
        }
    }

    /// Appends to a one-line summary of a packet with `ack_nr`.
    pub(super) fn describe(&self, ack_nr: u16, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelectiveAck(bits) => {
                let arrived = selectively_acknowledged(bits, ack_nr).count();
                write!(f, ", {arrived} more selectively")
            }
            Self::CloseReason(reason) => write!(f, ", {reason}"),
            Self::ExtensionBits(_) => Ok(()),
            Self::Unknown { extension_type, .. } => write!(f, ", extension {extension_type}"),
        }
    }
}

/// The packets that a selective ACK names.
pub fn selectively_acknowledged(bits: &[u8], ack_nr: u16) -> impl Iterator<Item = u16> {
    let all = bits
        .iter()
        .flat_map(|byte| (0..8).map(move |bit| byte >> bit & 1 == 1));
    (2_u16..)
        .zip(all)
        .filter(|(_, arrived)| *arrived)
        .map(move |(distance, _)| ack_nr.wrapping_add(distance))
}

/// Whether a selective ACK with these bits, in a packet that acknowledges `ack_nr`, says
/// that `number` arrived.
pub fn is_selected(bits: &[u8], ack_nr: u16, number: u16) -> bool {
    let bit = usize::from(number.wrapping_sub(ack_nr.wrapping_add(2)));
    bits.get(bit / 8)
        .is_some_and(|byte| byte >> (bit % 8) & 1 == 1)
}

/// Reads the chain and reports its elements.
pub(super) fn dissect<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
    first: u8,
    ack_nr: u16,
) -> Result<Extensions<'i>, Problem> {
    if first == END {
        return Ok(Extensions::NONE);
    }
    let chain = reader.rest();
    let start = reader.at();
    reader.open(Label::Field(&EXTENSIONS));
    let mut next = first;
    let mut index = 0;
    // Every element takes two bytes at least.
    while next != END {
        reader.open(Label::Item(index, &ELEMENT));
        let following = reader.field(&NEXT, be_u8);
        let read = following.and_then(|following| {
            element(reader, next, ack_nr)?;
            Ok(following)
        });
        reader.close();
        match read {
            Ok(following) => next = following,
            Err(problem) => {
                reader.close();
                return Err(problem);
            }
        }
        index += 1;
    }
    reader.close();
    let bytes = &chain[..reader.at() - start];
    Ok(Extensions { first, bytes })
}

/// One element behind its `next_extension`.
fn element<S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    extension_type: u8,
    ack_nr: u16,
) -> Result<(), Problem> {
    let length = reader.field(&LENGTH, be_u8)?;
    match (extension_type, length) {
        (_, 0) => reader.anomaly(&anomalies::EMPTY_EXTENSION),
        (SELECTIVE, _) => {
            let bits = reader.field(&SELECTIVE_ACK, take(length))?;
            let end = reader.at() as u32;
            reader.fact(|| Fact::Arrived {
                start: end - bits.len() as u32,
                end,
                ack_nr,
            });
            if !length.is_multiple_of(4) {
                reader.anomaly(&anomalies::SACK_LENGTH);
            }
        }
        (BITS, _) => {
            reader.field(&EXTENSION_BITS, take(length))?;
        }
        (REASON, 4) => {
            reader.field(&RESERVED, take(2_usize))?;
            reader.field(&CLOSE_REASON, be_u16)?;
        }
        _ => {
            reader.field(&UNKNOWN, take(length))?;
            reader.anomaly(&anomalies::UNKNOWN_EXTENSION);
        }
    }
    Ok(())
}

/// Why libtorrent closed a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CloseReason(pub u16);

/// The first reasons, from 0.
const REASONS: [&str; 17] = [
    "none",
    "duplicate peer id",
    "torrent removed",
    "no memory",
    "port blocked",
    "address blocked",
    "upload to upload",
    "not interested and upload only",
    "timeout",
    "not interested for too long",
    "no activity for too long",
    "handshake timeout",
    "request timeout",
    "protocol blocked",
    "peer churn",
    "too many connections",
    "too many files",
];

/// The first protocol errors, from 256.
const PROTOCOL_ERRORS: [&str; 33] = [
    "encryption error",
    "invalid info-hash",
    "connection to itself",
    "invalid metadata",
    "metadata too big",
    "message too big",
    "invalid message id",
    "invalid message",
    "invalid piece",
    "invalid have",
    "invalid bitfield",
    "invalid choke",
    "invalid unchoke",
    "invalid interested",
    "invalid not interested",
    "invalid request",
    "invalid reject",
    "invalid allowed fast",
    "invalid extended message",
    "invalid cancel",
    "invalid DHT port",
    "invalid suggest",
    "invalid have all",
    "invalid lt_donthave",
    "invalid have none",
    "invalid peer exchange",
    "invalid metadata request",
    "invalid metadata message",
    "invalid metadata offset",
    "request when choked",
    "corrupt pieces",
    "peer exchange too big",
    "peer exchange too frequent",
];

impl CloseReason {
    /// The reason in words, if it is a known one.
    pub fn name(self) -> Option<&'static str> {
        Self::name_of(self.0.into())
    }

    fn name_of(value: u64) -> Option<&'static str> {
        let value = usize::try_from(value).ok()?;
        let known = REASONS.get(value);
        known
            .or_else(|| PROTOCOL_ERRORS.get(value.checked_sub(256)?))
            .copied()
    }
}

impl fmt::Display for CloseReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "reason: {name}"),
            None => write!(f, "reason {}", self.0),
        }
    }
}
