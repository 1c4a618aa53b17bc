//! Packets as tcpdump and Wireshark print them: from the Ethernet or IP header
//! on.

use super::loose;
use super::sample::Sample;
use super::stretch::{Layout, Stretch};
use crate::capture::{LinkType, Packet, Timestamp};
use crate::packet::{Decoder, Transport};

const ETHERNET: LinkType = LinkType(1);
const RAW_IP: LinkType = LinkType(101);

/// Bytes of the smallest packet: headers of IPv4 and UDP.
const MIN_PACKET: usize = 28;

/// Where the payload is, and who sent it.
struct Inside {
    payload: std::ops::Range<usize>,
    wire_length: usize,
    summary: String,
}

/// Decodes the headers, if there are any.
fn decode(sample: &Sample<'_>) -> Option<Inside> {
    let bytes = sample.bytes;
    let link = match bytes {
        [0x45..=0x4f | 0x60..=0x6f, ..] if ip_length(bytes, sample.length()) => RAW_IP,
        _ if matches!(bytes.get(12..14)?, [0x08 | 0x81, 0] | [0x86, 0xdd]) => ETHERNET,
        _ => return None,
    };
    let mut decoder = Decoder::new();
    let transport = decoder.decode(&Packet {
        frame: 1,
        time: Timestamp::from_nanos(0),
        interface: 0,
        link,
        data: bytes,
        original_length: sample.length() as u32,
    })?;
    let (payload, wire_length, src, dst, name) = match transport {
        Transport::Tcp(segment) => (
            segment.payload,
            segment.wire_length,
            segment.src,
            segment.dst,
            "TCP",
        ),
        Transport::Udp(datagram) => (
            datagram.payload,
            datagram.wire_length,
            datagram.src,
            datagram.dst,
            "UDP",
        ),
        Transport::Icmp(_) => return None,
    };
    // The payload is a part of the bytes (unless it was put together from
    // fragments): headers are all that is before it.
    let start = (payload.as_ptr() as usize).checked_sub(bytes.as_ptr() as usize)?;
    let end = start.checked_add(payload.len())?;
    (end <= bytes.len()).then(|| Inside {
        payload: start..end,
        wire_length: wire_length as usize,
        summary: format!("{name} {src} > {dst}"),
    })
}

/// Whether the length in an IP header fits what there is, which may be cut.
fn ip_length(bytes: &[u8], length: usize) -> bool {
    let word = |at: usize| {
        let word = bytes.get(at..at + 2)?;
        Some(usize::from(u16::from_be_bytes([word[0], word[1]])))
    };
    let total = match bytes.first() {
        Some(0x60..=0x6f) => word(4).map(|payload| payload + 40),
        _ => word(2),
    };
    total.is_some_and(|total| total >= MIN_PACKET.max(length))
}

pub fn score(sample: &Sample<'_>) -> Option<u8> {
    decode(sample).map(|_| 96)
}

/// A packet taken apart.
pub struct TakenApart<'b> {
    pub headers: Stretch<'b>,
    /// What they carry.
    pub payload: Sample<'b>,
    /// Where that begins.
    pub at: usize,
    /// What fills up the frame.
    pub padding: Option<Stretch<'b>>,
}

/// Takes a packet apart, if it is one.
pub fn take_apart<'b>(sample: &Sample<'b>) -> Option<TakenApart<'b>> {
    let inside = decode(sample)?;
    let at = inside.payload.start;
    let headers = Sample {
        bytes: &sample.bytes[..at],
        ..Sample::default()
    };
    let missing = inside.wire_length.saturating_sub(inside.payload.len()) as u64;
    let payload = Sample {
        bytes: &sample.bytes[inside.payload.clone()],
        is_cut: missing > 0,
        missing: (missing > 0).then_some(missing),
        label: "",
    };
    let padding = Sample::new(&sample.bytes[inside.payload.end..]);
    let padding =
        (!padding.bytes.is_empty()).then(|| loose::out_of_step(&padding).moved(inside.payload.end));
    Some(TakenApart {
        headers: Stretch::of(&headers, Layout::Headers(inside.summary)),
        payload,
        at,
        padding,
    })
}
