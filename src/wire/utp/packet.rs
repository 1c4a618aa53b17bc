//! A packet of uTP: its header, read and written.

use std::fmt;

use nom::number::complete::{be_u8, be_u16, be_u32};

use super::anomalies;
use super::extension::{self, Extensions};
use crate::wire::words::Size;
use crate::wire::{
    Field, Kind, Lengths, Malformed, Member, MessageType, Problem, Protocol, Reader, Sink, Topic,
    Unit,
};

/// The only version there is.
pub const VERSION: u8 = 1;

/// Whether a packet number comes after another; they turn over.
pub fn is_after(number: u16, other: u16) -> bool {
    number.wrapping_sub(other).cast_signed() > 0
}

/// Bytes of a header without extensions.
pub const HEADER_LENGTH: usize = 20;

static TYPE_VERSION: Field = Field::new(
    "type_version",
    Kind::Enum(type_version_name),
    "Type of the packet in the high four bits, version (1) in the low ones.",
);

static EXTENSION: Field = Field::new(
    "extension",
    Kind::Enum(extension::type_name),
    "Type of the first extension, 0 if there is none.",
);

static CONNECTION_ID: Field = Field::new(
    "connection_id",
    Kind::Uint(Unit::None),
    "Id of the connection.",
);

static TIMESTAMP: Field = Field::new(
    "timestamp_microseconds",
    Kind::Uint(Unit::Micros),
    "When the packet was sent, by the clock of the sender.",
);

static DIFFERENCE: Field = Field::new(
    "timestamp_difference_microseconds",
    Kind::Uint(Unit::Micros),
    "How long the last packet of the other side was on its way, clocks not being the same.",
);

static WND_SIZE: Field = Field::new(
    "wnd_size",
    Kind::Uint(Unit::Bytes),
    "How much the sender has room for.",
);

static SEQ_NR: Field = Field::new("seq_nr", Kind::Uint(Unit::None), "Number of the packet.");

static ACK_NR: Field = Field::new(
    "ack_nr",
    Kind::Uint(Unit::None),
    "Number of the last packet that arrived in order.",
);

static PAYLOAD: Field = Field::new("payload", Kind::Data, "Bytes of the stream.");

static MEMBERS: &[Member] = &[
    Member::Field(&TYPE_VERSION),
    Member::Field(&EXTENSION),
    Member::Field(&CONNECTION_ID),
    Member::Field(&TIMESTAMP),
    Member::Field(&DIFFERENCE),
    Member::Field(&WND_SIZE),
    Member::Field(&SEQ_NR),
    Member::Field(&ACK_NR),
    Member::Shared(extension::MEMBERS),
    Member::Field(&PAYLOAD),
];

const fn packet(name: &'static str, topic: Topic) -> MessageType {
    MessageType::new(Protocol::Utp, name, topic)
        .bep(29)
        .lengths(Lengths::AtLeast(HEADER_LENGTH as u32))
        .members(MEMBERS)
}

/// Opens a connection.
pub static SYN: MessageType = packet("syn", Topic::Transport);

/// Acknowledges, without data.
pub static STATE: MessageType = packet("state", Topic::Transport);

/// Brings data.
pub static DATA: MessageType = packet("data", Topic::Transport);

/// The last packet of its sender.
pub static FIN: MessageType = packet("fin", Topic::Transport);

/// Breaks a connection off.
pub static RESET: MessageType = packet("reset", Topic::Transport);

/// A packet of an unknown type.
pub static UNKNOWN: MessageType = packet("unknown", Topic::Unknown);

/// The type of a packet: the high four bits of its first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PacketType(pub u8);

impl PacketType {
    /// Carries bytes of the stream.
    pub const DATA: Self = Self(0);
    /// The last packet of its sender.
    pub const FIN: Self = Self(1);
    /// Acknowledges; consumes no sequence number.
    pub const STATE: Self = Self(2);
    /// Ends the connection at once.
    pub const RESET: Self = Self(3);
    /// Opens a connection.
    pub const SYN: Self = Self(4);

    /// The name as JSON has it: that of BEP 29 without `ST_`.
    pub fn name(self) -> Option<&'static str> {
        self.message_type().map(|message| message.name)
    }

    /// Its entry in the catalogue; `None` for an unknown type.
    pub fn message_type(self) -> Option<&'static MessageType> {
        Some(match self {
            Self::DATA => &DATA,
            Self::FIN => &FIN,
            Self::STATE => &STATE,
            Self::RESET => &RESET,
            Self::SYN => &SYN,
            _ => return None,
        })
    }
}

fn type_version_name(value: u64) -> Option<&'static str> {
    let value = u8::try_from(value).ok()?;
    PacketType(value >> 4)
        .name()
        .filter(|_| value & 0x0f == VERSION)
}

/// A packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet<'a> {
    /// What it is for.
    pub packet_type: PacketType,
    /// The connection: X in a SYN and in what the acceptor sends, X + 1 in all
    /// else that the initiator sends.
    pub connection_id: u16,
    /// The sender's clock when it was sent, microseconds.
    pub timestamp: u32,
    /// What the sender measured as the delay of the other side's latest packet,
    /// microseconds; the clocks' difference is in it.
    pub timestamp_difference: u32,
    /// How many bytes the sender is ready to take.
    pub wnd_size: u32,
    /// Its number; in a STATE that of the packet to come.
    pub seq_nr: u16,
    /// The number of the last packet that arrived with none missing before it.
    pub ack_nr: u16,
    /// The chain of extensions.
    pub extensions: Extensions<'a>,
    /// The payload, as far as captured.
    pub payload: &'a [u8],
    /// Bytes of payload on the wire.
    pub payload_length: usize,
}

/// The header fields in their order, without extensions and payload.
struct Header {
    type_version: u8,
    extension: u8,
    connection_id: u16,
    timestamp: u32,
    timestamp_difference: u32,
    wnd_size: u32,
    seq_nr: u16,
    ack_nr: u16,
}

/// Dissects a packet; the reader's declared length is the datagram's on the
/// wire. Fails on another version than 1 and where the chain of extensions
/// leaves the datagram; every byte is claimed either way.
#[inline]
pub fn dissect<'i, S: Sink>(mut reader: Reader<'i, '_, S>) -> Result<Packet<'i>, Problem> {
    let head = header(&mut reader);
    let payload_length = reader.left();
    let payload = if payload_length > 0 {
        reader.remainder(&PAYLOAD)
    } else {
        &[]
    };
    let (header, extensions) = head.map_err(|problem| problem.short_by(&anomalies::TOO_SHORT))?;
    let packet_type = PacketType(header.type_version >> 4);
    if S::NOTES {
        check(&mut reader, packet_type, payload_length);
    }
    Ok(Packet {
        packet_type,
        connection_id: header.connection_id,
        timestamp: header.timestamp,
        timestamp_difference: header.timestamp_difference,
        wnd_size: header.wnd_size,
        seq_nr: header.seq_nr,
        ack_nr: header.ack_nr,
        extensions,
        payload,
        payload_length,
    })
}

/// Holds the type of a packet against what it carries.
fn check<S: Sink>(reader: &mut Reader<'_, '_, S>, packet_type: PacketType, payload: usize) {
    match packet_type {
        PacketType::DATA if payload == 0 => reader.anomaly_at(0, &anomalies::NO_PAYLOAD),
        PacketType::STATE | PacketType::SYN if payload > 0 => {
            reader.anomaly(anomalies::PAYLOAD.with(payload));
        }
        PacketType(other) if packet_type.name().is_none() => {
            reader.anomaly_at(0, anomalies::UNKNOWN_TYPE.with(u32::from(other)));
        }
        _ => {}
    }
}

fn header<'i, S: Sink>(
    reader: &mut Reader<'i, '_, S>,
) -> Result<(Header, Extensions<'i>), Problem> {
    let type_version = reader.field(&TYPE_VERSION, be_u8)?;
    if type_version & 0x0f != VERSION {
        return Err(Malformed::new(0, &anomalies::UNKNOWN_VERSION).into());
    }
    let header = Header {
        type_version,
        extension: reader.field(&EXTENSION, be_u8)?,
        connection_id: reader.field(&CONNECTION_ID, be_u16)?,
        timestamp: reader.field(&TIMESTAMP, be_u32)?,
        timestamp_difference: reader.field(&DIFFERENCE, be_u32)?,
        wnd_size: reader.field(&WND_SIZE, be_u32)?,
        seq_nr: reader.field(&SEQ_NR, be_u16)?,
        ack_nr: reader.field(&ACK_NR, be_u16)?,
    };
    let extensions = extension::dissect(reader, header.extension, header.ack_nr)?;
    Ok((header, extensions))
}

/// The fixed header of what is no packet by [`dissect`]: of another version, or with
/// extensions that cannot be followed.
pub fn broken_header(bytes: &[u8]) -> Option<Packet<'static>> {
    let &[type_version, _, ref numbers @ ..] = bytes.first_chunk::<HEADER_LENGTH>()?;
    let short = |at: usize| u16::from_be_bytes([numbers[at], numbers[at + 1]]);
    let long = |at: usize| u32::from(short(at)) << 16 | u32::from(short(at + 2));
    Some(Packet {
        packet_type: PacketType(type_version >> 4),
        connection_id: short(0),
        timestamp: long(2),
        timestamp_difference: long(6),
        wnd_size: long(10),
        seq_nr: short(14),
        ack_nr: short(16),
        extensions: Extensions::NONE,
        payload: &[],
        payload_length: 0,
    })
}

impl Packet<'_> {
    /// Whether real implementations send such a packet: a known type, known
    /// extensions, and payload only where there can be some.
    pub fn is_plausible(&self) -> bool {
        let bare = matches!(
            self.packet_type,
            PacketType::STATE | PacketType::RESET | PacketType::SYN
        );
        self.packet_type.name().is_some()
            && !(bare && self.payload_length > 0)
            && self.extensions.iter().all(|e| e.is_plausible())
    }

    /// Appends the packet as it is on the wire. The payload is what is at hand.
    pub fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.packet_type.0 << 4 | VERSION);
        out.push(self.extensions.first());
        out.extend(self.connection_id.to_be_bytes());
        out.extend(self.timestamp.to_be_bytes());
        out.extend(self.timestamp_difference.to_be_bytes());
        out.extend(self.wnd_size.to_be_bytes());
        out.extend(self.seq_nr.to_be_bytes());
        out.extend(self.ack_nr.to_be_bytes());
        out.extend(self.extensions.bytes());
        out.extend(self.payload);
    }
}

impl fmt::Display for Packet<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.packet_type.name() {
            Some(name) => f.write_str(name)?,
            None => write!(f, "type {}", self.packet_type.0)?,
        }
        if self.payload_length > 0 {
            write!(f, " {}", Size(self.payload_length as u64))?;
        }
        write!(f, ", id {}, seq {}", self.connection_id, self.seq_nr)?;
        if self.packet_type != PacketType::SYN {
            write!(f, ", ack {}", self.ack_nr)?;
        }
        for extension in self.extensions.iter() {
            extension.describe(self.ack_nr, f)?;
        }
        Ok(())
    }
}
