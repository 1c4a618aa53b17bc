//! IPv4 and IPv6 headers, extension headers, and IP in IP.

use std::net::IpAddr;

use etherparse::{
    IpAuthHeaderSlice, Ipv4HeaderSlice, Ipv6FragmentHeaderSlice, Ipv6HeaderSlice,
    Ipv6RawExtHeaderSlice,
};

use super::link::{after, by_ether_type, u16_at};
use super::stats::Miss;

/// IP protocol numbers.
pub(super) mod protocol {
    pub const HOP_BY_HOP: u8 = 0;
    pub const ICMP: u8 = 1;
    pub const IPV4: u8 = 4;
    pub const TCP: u8 = 6;
    pub const UDP: u8 = 17;
    pub const IPV6: u8 = 41;
    pub const ROUTING: u8 = 43;
    pub const FRAGMENT: u8 = 44;
    pub const GRE: u8 = 47;
    pub const AUTHENTICATION: u8 = 51;
    pub const ICMPV6: u8 = 58;
    pub const DESTINATION_OPTIONS: u8 = 60;
}

/// Tunnels in tunnels are followed this far.
const MAX_DEPTH: usize = 4;

/// What an IP packet carries.
#[derive(Debug, Clone, Copy)]
pub(super) struct Payload<'a> {
    pub(super) src: IpAddr,
    pub(super) dst: IpAddr,
    pub(super) protocol: u8,
    /// As far as it was captured.
    pub(super) bytes: &'a [u8],
    /// Its length on the wire.
    pub(super) wire_length: u32,
    /// Set when this is a part of a larger payload.
    pub(super) fragment: Option<Fragment>,
}

/// Which part of which datagram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fragment {
    pub(super) id: u32,
    /// Bytes before this part.
    pub(super) offset: u32,
    /// Whether this is not the last part.
    pub(super) more: bool,
}

/// The innermost IP payload of `bytes`, an IP packet of which `beyond` bytes on
/// the wire were not captured. Stops at a fragment.
#[inline]
pub(super) fn innermost(bytes: &[u8], beyond: usize) -> Result<Payload<'_>, Miss> {
    unwrap_tunnels(packet(bytes, beyond)?)
}

/// The IP packet of which an ICMP error quotes the first bytes.
pub(super) fn quoted(bytes: &[u8]) -> Result<Payload<'_>, Miss> {
    // How long it was does not matter: as if nothing of it were cut.
    packet(bytes, 0)
}

/// Follows IP in IP and GRE.
#[inline]
pub(super) fn unwrap_tunnels(mut payload: Payload<'_>) -> Result<Payload<'_>, Miss> {
    for _ in 0..MAX_DEPTH {
        if payload.fragment.is_some() {
            return Ok(payload);
        }
        let inner = match payload.protocol {
            protocol::TCP | protocol::UDP | protocol::ICMP | protocol::ICMPV6 => {
                return Ok(payload);
            }
            protocol::IPV4 | protocol::IPV6 => payload.bytes,
            protocol::GRE => gre(payload.bytes)?,
            _ => return Err(Miss::OtherTransport),
        };
        let beyond = (payload.wire_length as usize).saturating_sub(payload.bytes.len());
        payload = packet(inner, beyond)?;
    }
    Err(Miss::OtherTransport)
}

/// One IP packet, by its version.
#[inline]
fn packet(bytes: &[u8], beyond: usize) -> Result<Payload<'_>, Miss> {
    match bytes.first().ok_or(Miss::Cut)? >> 4 {
        4 => ipv4(bytes, beyond),
        6 => ipv6(bytes, beyond),
        _ => Err(Miss::Malformed),
    }
}

fn ipv4(bytes: &[u8], beyond: usize) -> Result<Payload<'_>, Miss> {
    use etherparse::err::ipv4::HeaderSliceError;
    let header = Ipv4HeaderSlice::from_slice(bytes).map_err(|error| match error {
        HeaderSliceError::Len(_) => Miss::Cut,
        HeaderSliceError::Content(_) => Miss::Malformed,
    })?;
    let header_length = header.slice().len();
    let total = match usize::from(header.total_len()) {
        // Segmentation offload: longer than the field can say, or left for the
        // network card to fill in. The frame's own length counts.
        0 => bytes.len() + beyond,
        total if total < header_length => return Err(Miss::Malformed),
        total => total,
    };
    let fragment = Fragment {
        id: u32::from(header.identification()),
        offset: u32::from(header.fragments_offset().value()) * 8,
        more: header.more_fragments(),
    };
    let payload = Payload {
        src: header.source_addr().into(),
        dst: header.destination_addr().into(),
        protocol: header.protocol().0,
        // What follows the packet in a short Ethernet frame is padding.
        bytes: &bytes[header_length..bytes.len().min(total)],
        wire_length: (total - header_length) as u32,
        fragment: (fragment.more || fragment.offset > 0).then_some(fragment),
    };
    if payload.protocol == protocol::AUTHENTICATION {
        return skip_extensions(payload);
    }
    Ok(payload)
}

fn ipv6(bytes: &[u8], beyond: usize) -> Result<Payload<'_>, Miss> {
    use etherparse::err::ipv6::HeaderSliceError;
    let header = Ipv6HeaderSlice::from_slice(bytes).map_err(|error| match error {
        HeaderSliceError::Len(_) => Miss::Cut,
        HeaderSliceError::Content(_) => Miss::Malformed,
    })?;
    let body = after(bytes, header.slice().len())?;
    let length = match usize::from(header.payload_length()) {
        // A jumbo payload, or offload as above.
        0 => body.len() + beyond,
        length => length,
    };
    skip_extensions(Payload {
        src: header.source_addr().into(),
        dst: header.destination_addr().into(),
        protocol: header.next_header().0,
        bytes: &body[..body.len().min(length)],
        wire_length: length as u32,
        fragment: None,
    })
}

/// Passes over extension headers, up to a fragment's own payload. Each step
/// takes bytes away.
#[inline]
pub(super) fn skip_extensions(mut payload: Payload<'_>) -> Result<Payload<'_>, Miss> {
    while payload.fragment.is_none() {
        let (next, length) = match payload.protocol {
            protocol::HOP_BY_HOP | protocol::ROUTING | protocol::DESTINATION_OPTIONS => {
                let header =
                    Ipv6RawExtHeaderSlice::from_slice(payload.bytes).map_err(|_| Miss::Cut)?;
                (header.next_header().0, header.slice().len())
            }
            protocol::AUTHENTICATION => {
                use etherparse::err::ip_auth::HeaderSliceError;
                let header =
                    IpAuthHeaderSlice::from_slice(payload.bytes).map_err(|error| match error {
                        HeaderSliceError::Len(_) => Miss::Cut,
                        HeaderSliceError::Content(_) => Miss::Malformed,
                    })?;
                (header.next_header().0, header.slice().len())
            }
            protocol::FRAGMENT => {
                let header =
                    Ipv6FragmentHeaderSlice::from_slice(payload.bytes).map_err(|_| Miss::Cut)?;
                // A fragment header around a whole packet means nothing.
                payload.fragment = header.is_fragmenting_payload().then(|| Fragment {
                    id: header.identification(),
                    offset: u32::from(header.fragment_offset().value()) * 8,
                    more: header.more_fragments(),
                });
                (header.next_header().0, header.slice().len())
            }
            _ => break,
        };
        payload.protocol = next;
        payload.bytes = after(payload.bytes, length)?;
        payload.wire_length = payload
            .wire_length
            .checked_sub(length as u32)
            .ok_or(Miss::Malformed)?;
    }
    Ok(payload)
}

/// The IP packet in GRE (RFC 2784, RFC 2890).
fn gre(bytes: &[u8]) -> Result<&[u8], Miss> {
    const CHECKSUM: u16 = 0x8000;
    const KEY: u16 = 0x2000;
    const SEQUENCE: u16 = 0x1000;
    /// Source routing (RFC 1701), and the version.
    const NOT_UNDERSTOOD: u16 = 0x4007;
    let flags = u16_at(bytes, 0)?;
    if flags & NOT_UNDERSTOOD != 0 {
        return Err(Miss::OtherTransport);
    }
    let optional = [CHECKSUM, KEY, SEQUENCE]
        .into_iter()
        .filter(|flag| flags & flag != 0)
        .count();
    by_ether_type(u16_at(bytes, 2)?, after(bytes, 4 + 4 * optional)?)
}
