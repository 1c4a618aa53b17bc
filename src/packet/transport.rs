//! TCP and UDP headers.

use std::net::SocketAddr;

use super::icmp;
use super::ip::{Payload, protocol};
use super::link::u16_at;
use super::stats::Miss;
use super::{Datagram, Segment, TcpFlags, Transport};

/// Bytes of a TCP header without options.
const TCP_HEADER: usize = 20;

/// Bytes of a UDP header.
const UDP_HEADER: usize = 8;

/// The segment or datagram in an IP payload.
#[inline]
pub(super) fn transport(payload: Payload<'_>) -> Result<Transport<'_>, Miss> {
    match payload.protocol {
        protocol::TCP => tcp(payload).map(Transport::Tcp),
        protocol::UDP => udp(payload).map(Transport::Udp),
        protocol::ICMP | protocol::ICMPV6 => icmp::error(payload).map(Transport::Icmp),
        _ => Err(Miss::OtherTransport),
    }
}

/// Read by hand: a capture of headers only often ends inside the options, and
/// the sequence numbers before them are still of use.
#[inline]
fn tcp(payload: Payload<'_>) -> Result<Segment<'_>, Miss> {
    let header: &[u8; TCP_HEADER] = payload.bytes.first_chunk().ok_or(Miss::Cut)?;
    let u32_at = |at: usize| {
        u32::from_be_bytes([header[at], header[at + 1], header[at + 2], header[at + 3]])
    };
    let header_length = usize::from(header[12] >> 4) * 4;
    if header_length < TCP_HEADER {
        return Err(Miss::Malformed);
    }
    let wire_length = payload
        .wire_length
        .checked_sub(header_length as u32)
        .ok_or(Miss::Malformed)?;
    let flags = header[13];
    Ok(Segment {
        src: SocketAddr::new(payload.src, u16::from_be_bytes([header[0], header[1]])),
        dst: SocketAddr::new(payload.dst, u16::from_be_bytes([header[2], header[3]])),
        seq: u32_at(4),
        ack: u32_at(8),
        flags: TcpFlags {
            syn: flags & 0x02 != 0,
            ack: flags & 0x10 != 0,
            fin: flags & 0x01 != 0,
            rst: flags & 0x04 != 0,
        },
        window: u16::from_be_bytes([header[14], header[15]]),
        payload: payload.bytes.get(header_length..).unwrap_or_default(),
        wire_length,
    })
}

#[inline]
fn udp(payload: Payload<'_>) -> Result<Datagram<'_>, Miss> {
    let body = payload.bytes.get(UDP_HEADER..).ok_or(Miss::Cut)?;
    let room = payload
        .wire_length
        .checked_sub(UDP_HEADER as u32)
        .ok_or(Miss::Malformed)?;
    let wire_length = match u32::from(u16_at(payload.bytes, 4)?) {
        // Jumbo datagrams and offloaded ones: to the end of the IP packet.
        0 => room,
        length => length
            .checked_sub(UDP_HEADER as u32)
            .ok_or(Miss::Malformed)?
            .min(room),
    };
    Ok(Datagram {
        src: SocketAddr::new(payload.src, u16_at(payload.bytes, 0)?),
        dst: SocketAddr::new(payload.dst, u16_at(payload.bytes, 2)?),
        payload: &body[..body.len().min(wire_length as usize)],
        wire_length,
    })
}
