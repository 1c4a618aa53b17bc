//! The headers before what a packet carries, each field of them.

use nom::number::complete::{be_u8, be_u16, be_u32};

use super::meaning::Meaning;
use crate::wire::{Dissected, Field, Flag, Kind, Label, Problem, Reader, Sink, Unit};

static HEADERS: Field = Field::new("headers", Kind::Framing, "Headers of other protocols.");

const fn number(name: &'static str, meaning: &'static str) -> Field {
    Field::new(name, Kind::Uint(Unit::None), meaning)
}

const fn bytes(name: &'static str, meaning: &'static str) -> Field {
    Field::new(name, Kind::Bytes, meaning)
}

const fn address(name: &'static str, meaning: &'static str) -> Field {
    Field::new(name, Kind::Address, meaning)
}

const fn group(name: &'static str) -> Field {
    Field::new(name, Kind::Group, "The header of this protocol.")
}

static ETHERNET: Field = group("ethernet");
static DESTINATION: Field = bytes("destination", "Hardware address of the receiver.");
static SOURCE: Field = bytes("source", "Hardware address of the sender.");
static VLAN: Field = number("vlan", "Priority and number of a virtual network.");
static ETHERTYPE: Field = Field::new("type", Kind::Enum(ethertype), "What the frame carries.");

static IPV4: Field = group("ipv4");
static VERSION_LENGTH: Field = number("version_ihl", "Version, and length of the header in words.");
static TOS: Field = number("dscp_ecn", "Class of service and congestion.");
static TOTAL_LENGTH: Field = Field::new(
    "total_length",
    Kind::Uint(Unit::Bytes),
    "Bytes of the packet, this header included.",
);
static IDENTIFICATION: Field = number("identification", "The same in all fragments of a packet.");
static FRAGMENT: Field = number(
    "flags_fragment_offset",
    "Flags, and where a fragment belongs.",
);
static TTL: Field = number("ttl", "Routers that the packet may still pass.");
static PROTOCOL: Field = Field::new("protocol", Kind::Enum(protocol), "What the packet carries.");
static CHECKSUM: Field = number("checksum", "Checksum.");
static SRC: Field = address("src", "Address of the sender.");
static DST: Field = address("dst", "Address of the receiver.");
static OPTIONS: Field = bytes("options", "Options.");

static IPV6: Field = group("ipv6");
static FLOW: Field = number("version_class_flow", "Version, class of traffic and flow.");
static PAYLOAD_LENGTH: Field = Field::new(
    "payload_length",
    Kind::Uint(Unit::Bytes),
    "Bytes behind this header.",
);
static HOP_LIMIT: Field = number("hop_limit", "Routers that the packet may still pass.");

static TCP: Field = group("tcp");
static SRC_PORT: Field = number("src_port", "Port of the sender.");
static DST_PORT: Field = number("dst_port", "Port of the receiver.");
static SEQUENCE: Field = number("seq", "Number of the first byte.");
static ACKNOWLEDGED: Field = number("ack", "Number of the byte that is expected next.");
static DATA_OFFSET: Field = number(
    "data_offset",
    "Length of the header in words, in the upper half.",
);
static TCP_FLAGS: Field = Field::new("flags", Kind::Flags(&FLAGS), "Flags.");
static WINDOW: Field = number(
    "window",
    "Bytes that the sender is ready to take, unscaled.",
);
static URGENT: Field = number("urgent", "End of the urgent data.");

static UDP: Field = group("udp");
static UDP_LENGTH: Field = Field::new(
    "length",
    Kind::Uint(Unit::Bytes),
    "Bytes of header and data.",
);

static FLAGS: [Flag; 8] = [
    flag(0x80, "cwr"),
    flag(0x40, "ece"),
    flag(0x20, "urg"),
    flag(0x10, "ack"),
    flag(0x08, "psh"),
    flag(0x04, "rst"),
    flag(0x02, "syn"),
    flag(0x01, "fin"),
];

const fn flag(mask: u8, name: &'static str) -> Flag {
    Flag {
        byte: 0,
        mask,
        name,
        title: name,
    }
}

fn ethertype(value: u64) -> Option<&'static str> {
    match value {
        0x0800 => Some("IPv4"),
        0x86dd => Some("IPv6"),
        0x8100 => Some("VLAN"),
        _ => None,
    }
}

fn protocol(value: u64) -> Option<&'static str> {
    match value {
        6 => Some("TCP"),
        17 => Some("UDP"),
        _ => None,
    }
}

/// Reads the headers; what they are is known from the first byte on.
pub(super) fn dissect<'b, S: Sink>(
    summary: &str,
    bytes: &'b [u8],
    length: usize,
    sink: &mut S,
) -> Dissected<Meaning<'b>> {
    let mut reader = Reader::new(bytes, length, sink);
    // What is not known is left over below.
    let _ = walk(&mut reader);
    if reader.left() > 0 {
        reader.remainder(&HEADERS);
    }
    Dissected::sound(Meaning::Other {
        protocol: "packet",
        name: "headers",
        summary: summary.to_owned(),
    })
}

type Step = Result<(), Problem>;

fn walk<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Step {
    let is_ip = matches!(reader.rest().first(), Some(0x45..=0x4f | 0x60..=0x6f));
    if !is_ip {
        in_group(reader, &ETHERNET, ethernet)?;
    }
    let mut next = 0;
    match reader.rest().first() {
        Some(0x40..=0x4f) => in_group(reader, &IPV4, |reader| ipv4(reader, &mut next))?,
        Some(0x60..=0x6f) => in_group(reader, &IPV6, |reader| ipv6(reader, &mut next))?,
        _ => return Ok(()),
    }
    match next {
        6 => in_group(reader, &TCP, tcp),
        17 => in_group(reader, &UDP, udp),
        _ => Ok(()),
    }
}

fn in_group<'i, 's, S: Sink>(
    reader: &mut Reader<'i, 's, S>,
    field: &'static Field,
    read: impl FnOnce(&mut Reader<'i, 's, S>) -> Step,
) -> Step {
    reader.open(Label::Field(field));
    let result = read(reader);
    reader.close();
    result
}

fn ethernet<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Step {
    reader.bulk(&DESTINATION, 6);
    reader.bulk(&SOURCE, 6);
    while reader.field(&ETHERTYPE, be_u16)? == 0x8100 {
        reader.field(&VLAN, be_u16)?;
    }
    Ok(())
}

fn ipv4<S: Sink>(reader: &mut Reader<'_, '_, S>, next: &mut u8) -> Step {
    let words = usize::from(reader.field(&VERSION_LENGTH, be_u8)? & 0x0f);
    reader.field(&TOS, be_u8)?;
    reader.field(&TOTAL_LENGTH, be_u16)?;
    reader.field(&IDENTIFICATION, be_u16)?;
    reader.field(&FRAGMENT, be_u16)?;
    reader.field(&TTL, be_u8)?;
    *next = reader.field(&PROTOCOL, be_u8)?;
    reader.field(&CHECKSUM, be_u16)?;
    reader.bulk(&SRC, 4);
    reader.bulk(&DST, 4);
    options(reader, words, 20);
    Ok(())
}

fn ipv6<S: Sink>(reader: &mut Reader<'_, '_, S>, next: &mut u8) -> Step {
    reader.field(&FLOW, be_u32)?;
    reader.field(&PAYLOAD_LENGTH, be_u16)?;
    *next = reader.field(&PROTOCOL, be_u8)?;
    reader.field(&HOP_LIMIT, be_u8)?;
    reader.bulk(&SRC, 16);
    reader.bulk(&DST, 16);
    Ok(())
}

fn tcp<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Step {
    reader.field(&SRC_PORT, be_u16)?;
    reader.field(&DST_PORT, be_u16)?;
    reader.field(&SEQUENCE, be_u32)?;
    reader.field(&ACKNOWLEDGED, be_u32)?;
    let words = usize::from(reader.field(&DATA_OFFSET, be_u8)? >> 4);
    let flags = |input| nom::bytes::complete::take(1_usize)(input);
    reader.field(&TCP_FLAGS, flags)?;
    reader.field(&WINDOW, be_u16)?;
    reader.field(&CHECKSUM, be_u16)?;
    reader.field(&URGENT, be_u16)?;
    options(reader, words, 20);
    Ok(())
}

fn udp<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Step {
    reader.field(&SRC_PORT, be_u16)?;
    reader.field(&DST_PORT, be_u16)?;
    reader.field(&UDP_LENGTH, be_u16)?;
    reader.field(&CHECKSUM, be_u16)?;
    Ok(())
}

/// What a header of so many words has behind its first `fixed` bytes.
fn options<S: Sink>(reader: &mut Reader<'_, '_, S>, words: usize, fixed: usize) {
    let length = (4 * words).saturating_sub(fixed);
    if length > 0 {
        reader.bulk(&OPTIONS, length);
    }
}
