//! Hand-made packets, for tests.

use std::net::SocketAddr;

use super::{Decoder, Stats, Transport};
use crate::capture::{LinkType, Packet, Timestamp};

/// Link types.
pub(super) const ETHERNET: u16 = 1;
pub(super) const RAW: u16 = 101;

/// A segment or datagram that owns its payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Owned {
    pub(super) tcp: bool,
    pub(super) src: SocketAddr,
    pub(super) dst: SocketAddr,
    pub(super) payload: Vec<u8>,
    pub(super) wire_length: u32,
}

impl From<Transport<'_>> for Owned {
    fn from(transport: Transport<'_>) -> Self {
        let (tcp, src, dst, payload, wire_length) = match transport {
            Transport::Tcp(t) => (true, t.src, t.dst, t.payload, t.wire_length),
            Transport::Udp(u) => (false, u.src, u.dst, u.payload, u.wire_length),
            Transport::Icmp(error) => panic!("{error:?}"),
        };
        Self {
            tcp,
            src,
            dst,
            payload: payload.to_vec(),
            wire_length,
        }
    }
}

/// A packet of which every byte was captured, `second` seconds after 1970.
pub(super) fn packet(link: u16, data: &[u8], second: i64) -> Packet<'_> {
    Packet {
        frame: 1,
        time: Timestamp::from_nanos(i128::from(second) * 1_000_000_000),
        interface: 0,
        link: LinkType(link),
        data,
        original_length: data.len() as u32,
    }
}

/// Decodes one whole packet.
pub(super) fn decode(link: u16, data: &[u8]) -> Option<Owned> {
    Decoder::new()
        .decode(&packet(link, data, 0))
        .map(Owned::from)
}

/// What becomes of a packet that gives nothing.
pub(super) fn miss(link: u16, data: &[u8]) -> Stats {
    let mut decoder = Decoder::new();
    assert!(decoder.decode(&packet(link, data, 0)).is_none());
    decoder.stats().clone()
}

/// An IPv4 packet without options.
pub(super) fn ipv4(protocol: u8, payload: &[u8]) -> Vec<u8> {
    ipv4_part(protocol, payload, 0, 0, false)
}

/// An IPv4 fragment; `offset` in bytes.
pub(super) fn ipv4_part(protocol: u8, payload: &[u8], id: u16, offset: u16, more: bool) -> Vec<u8> {
    let mut packet = vec![0x45, 0];
    packet.extend(((payload.len() + 20) as u16).to_be_bytes());
    packet.extend(id.to_be_bytes());
    packet.extend(((offset / 8) | (u16::from(more) << 13)).to_be_bytes());
    packet.extend([64, protocol, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2]);
    packet.extend_from_slice(payload);
    packet
}

/// An IPv6 packet from 2001:db8::1 to 2001:db8::2.
pub(super) fn ipv6(next_header: u8, payload: &[u8]) -> Vec<u8> {
    let mut packet = vec![0x60, 0, 0, 0];
    packet.extend((payload.len() as u16).to_be_bytes());
    packet.extend([next_header, 64]);
    for last in [1, 2] {
        packet.extend([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last]);
    }
    packet.extend_from_slice(payload);
    packet
}

/// The payload of an IPv6 packet that is a fragment.
pub(super) fn ipv6_part(
    next_header: u8,
    payload: &[u8],
    id: u32,
    offset: u16,
    more: bool,
) -> Vec<u8> {
    let mut part = vec![next_header, 0];
    part.extend((offset | u16::from(more)).to_be_bytes());
    part.extend(id.to_be_bytes());
    part.extend_from_slice(payload);
    part
}

/// A TCP segment from port 6881 to port 50000, sequence number 7, with 12 bytes
/// of options.
pub(super) fn tcp(payload: &[u8]) -> Vec<u8> {
    let mut segment = vec![0x1a, 0xe1, 0xc3, 0x50, 0, 0, 0, 7, 0, 0, 0, 9];
    segment.extend([0x80, 0x18, 0xff, 0xff, 0, 0, 0, 0]);
    segment.extend([1; 12]);
    segment.extend_from_slice(payload);
    segment
}

/// A UDP datagram from port 6881 to port 50000.
pub(super) fn udp(payload: &[u8]) -> Vec<u8> {
    let mut datagram = vec![0x1a, 0xe1, 0xc3, 0x50];
    datagram.extend(((payload.len() + 8) as u16).to_be_bytes());
    datagram.extend([0, 0]);
    datagram.extend_from_slice(payload);
    datagram
}

/// A UDP datagram in IPv4.
pub(super) fn datagram(payload: &[u8]) -> Vec<u8> {
    ipv4(17, &udp(payload))
}

/// An Ethernet frame.
pub(super) fn ethernet(ether_type: u16, rest: &[u8]) -> Vec<u8> {
    let mut frame = vec![2; 12];
    frame.extend(ether_type.to_be_bytes());
    frame.extend_from_slice(rest);
    frame
}
