//! Link layers: from the first byte of a packet to its IP header.

use super::stats::Miss;
use crate::capture::LinkType;

/// EtherTypes and PPP protocol numbers that lead to IP.
mod ether_type {
    pub const IPV4: u16 = 0x0800;
    pub const IPV6: u16 = 0x86dd;
    pub const VLAN: u16 = 0x8100;
    pub const SERVICE_VLAN: u16 = 0x88a8;
    pub const OLD_SERVICE_VLAN: u16 = 0x9100;
    pub const MPLS: u16 = 0x8847;
    pub const MPLS_MULTICAST: u16 = 0x8848;
    pub const PPPOE_SESSION: u16 = 0x8864;
    /// Ethernet in GRE.
    pub const BRIDGED: u16 = 0x6558;
    /// Smaller values are the length of an 802.3 frame.
    pub const SMALLEST: u16 = 0x0600;
}

/// The IP packet in a frame of type `link`, with whatever follows it.
pub(super) fn ip_packet(link: LinkType, data: &[u8]) -> Result<&[u8], Miss> {
    match link.0 {
        1 => ethernet(data),
        // NULL is in the byte order of the capturing machine, LOOP in network
        // order; the value tells which.
        0 | 108 => loopback(data),
        // Raw IP: the number for files, and what BSD systems use for it.
        101 | 12 | 14 | 228 | 229 => Ok(data),
        113 => by_ether_type(u16_at(data, 14)?, after(data, 16)?),
        276 => by_ether_type(u16_at(data, 0)?, after(data, 20)?),
        9 | 50 => ppp(data),
        51 => pppoe(data),
        other => Err(Miss::UnknownLink(LinkType(other))),
    }
}

/// Ethernet II, or 802.3 with a SNAP header.
#[inline]
fn ethernet(data: &[u8]) -> Result<&[u8], Miss> {
    by_ether_type(u16_at(data, 12)?, after(data, 14)?)
}

/// Follows tags and tunnels of the link layer to an IP packet. Each step takes
/// bytes away.
#[inline]
pub(super) fn by_ether_type(mut kind: u16, mut rest: &[u8]) -> Result<&[u8], Miss> {
    loop {
        (kind, rest) = match kind {
            ether_type::IPV4 | ether_type::IPV6 => return Ok(rest),
            ether_type::VLAN | ether_type::SERVICE_VLAN | ether_type::OLD_SERVICE_VLAN => {
                (u16_at(rest, 2)?, after(rest, 4)?)
            }
            ether_type::BRIDGED => (u16_at(rest, 12)?, after(rest, 14)?),
            ether_type::MPLS | ether_type::MPLS_MULTICAST => return mpls(rest),
            ether_type::PPPOE_SESSION => return pppoe(rest),
            length if length < ether_type::SMALLEST => snap(rest)?,
            _ => return Err(Miss::NotIp),
        }
    }
}

/// The EtherType in a SNAP header.
fn snap(rest: &[u8]) -> Result<(u16, &[u8]), Miss> {
    match rest {
        [0xaa, 0xaa, 3, 0, 0, 0, ..] => Ok((u16_at(rest, 6)?, after(rest, 8)?)),
        _ => Err(Miss::NotIp),
    }
}

/// An address family of 4 bytes, of the system that captured.
fn loopback(data: &[u8]) -> Result<&[u8], Miss> {
    let (family, rest) = data.split_first_chunk().ok_or(Miss::Cut)?;
    let family = u32::from_le_bytes(*family).min(u32::from_be_bytes(*family));
    match family {
        // AF_INET everywhere; AF_INET6 of Linux, Windows, NetBSD and OpenBSD,
        // FreeBSD, macOS.
        2 | 10 | 23 | 24 | 28 | 30 => Ok(rest),
        _ => Err(Miss::NotIp),
    }
}

/// PPP, with or without the HDLC address and control bytes.
fn ppp(data: &[u8]) -> Result<&[u8], Miss> {
    let data = match data {
        [0xff, 3, rest @ ..] => rest,
        _ => data,
    };
    // A protocol number whose first byte is odd is compressed to that byte.
    let (protocol, rest) = match data {
        [first, rest @ ..] if first & 1 == 1 => (u16::from(*first), rest),
        _ => (u16_at(data, 0)?, after(data, 2)?),
    };
    match protocol {
        0x0021 | 0x0057 => Ok(rest),
        0x0281 | 0x0283 => mpls(rest),
        _ => Err(Miss::NotIp),
    }
}

/// A PPPoE session header, then PPP.
fn pppoe(data: &[u8]) -> Result<&[u8], Miss> {
    ppp(after(data, 6)?)
}

/// MPLS labels down to the bottom of the stack. What is below is not named; IP
/// shows by its version.
fn mpls(mut rest: &[u8]) -> Result<&[u8], Miss> {
    loop {
        let (label, below) = rest.split_first_chunk::<4>().ok_or(Miss::Cut)?;
        rest = below;
        if label[2] & 1 == 1 {
            break;
        }
    }
    match rest.first().ok_or(Miss::Cut)? >> 4 {
        4 | 6 => Ok(rest),
        _ => Err(Miss::NotIp),
    }
}

/// The big-endian number at `at`.
#[inline]
pub(super) fn u16_at(data: &[u8], at: usize) -> Result<u16, Miss> {
    match data.get(at..at + 2) {
        Some(&[high, low]) => Ok(u16::from_be_bytes([high, low])),
        _ => Err(Miss::Cut),
    }
}

/// What follows the first `count` bytes.
#[inline]
pub(super) fn after(data: &[u8], count: usize) -> Result<&[u8], Miss> {
    data.get(count..).ok_or(Miss::Cut)
}
