//! Compact addresses: an IP address and a port in 6 bytes (BEP 23) or 18 (BEP 7),
//! alone in the DHT's `values`, in a row in tracker replies.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// The IP version that says how long a compact address is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// 4 bytes of address.
    V4,
    /// 16 bytes of address.
    V6,
}

impl Family {
    /// The family of an address.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(_) => Self::V4,
            IpAddr::V6(_) => Self::V6,
        }
    }

    /// Bytes of an address with its port.
    pub const fn size(self) -> usize {
        match self {
            Self::V4 => 6,
            Self::V6 => 18,
        }
    }
}

/// Reads an address with its port from exactly 6 or 18 bytes.
pub fn address(bytes: &[u8]) -> Option<SocketAddr> {
    let (host, port) = bytes.split_last_chunk::<2>()?;
    Some(SocketAddr::new(ip(host)?, u16::from_be_bytes(*port)))
}

/// Reads an address without a port from exactly 4 or 16 bytes.
pub fn ip(bytes: &[u8]) -> Option<IpAddr> {
    let v4 = <[u8; 4]>::try_from(bytes).map(|octets| Ipv4Addr::from(octets).into());
    let v6 = || <[u8; 16]>::try_from(bytes).map(|octets| Ipv6Addr::from(octets).into());
    v4.or_else(|_| v6()).ok()
}

/// The addresses in a string of them; a remainder that is no whole address is
/// left out.
pub fn addresses(bytes: &[u8], family: Family) -> impl Iterator<Item = SocketAddr> {
    bytes.chunks_exact(family.size()).filter_map(address)
}

/// Whether a peer or node can be there: not at port 0, nor at an address of
/// nobody, of this machine, or of a group.
pub fn is_reachable(address: SocketAddr) -> bool {
    let ip = address.ip().to_canonical();
    let is_nobody = match ip {
        IpAddr::V4(ip) => ip.octets()[0] == 0 || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    address.port() != 0 && !is_nobody && !ip.is_loopback() && !ip.is_multicast()
}

/// Whether an address is of a network of its own, where nobody else can reach it.
pub fn is_private(ip: IpAddr) -> bool {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.is_private() || ip.is_link_local(),
        IpAddr::V6(ip) => ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

/// Appends the compact form of an address.
pub fn push(out: &mut Vec<u8>, address: SocketAddr) {
    match address.ip() {
        IpAddr::V4(ip) => out.extend_from_slice(&ip.octets()),
        IpAddr::V6(ip) => out.extend_from_slice(&ip.octets()),
    }
    out.extend_from_slice(&address.port().to_be_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_big_endian() {
        let bytes = [1, 2, 3, 4, 0x1a, 0xe1];
        let read = address(&bytes).unwrap();
        assert_eq!(read.to_string(), "1.2.3.4:6881");
        let mut out = Vec::new();
        push(&mut out, read);
        push(&mut out, "[2001:db8::1]:51413".parse().unwrap());
        assert_eq!(out[..6], bytes);
        assert_eq!(
            address(&out[6..]).unwrap().to_string(),
            "[2001:db8::1]:51413"
        );
    }

    #[test]
    fn every_other_length_is_no_address() {
        for length in 0..40 {
            let bytes = vec![1; length];
            assert_eq!(address(&bytes).is_some(), matches!(length, 6 | 18));
            assert_eq!(ip(&bytes).is_some(), matches!(length, 4 | 16));
            assert_eq!(addresses(&bytes, Family::V4).count(), length / 6);
            assert_eq!(addresses(&bytes, Family::V6).count(), length / 18);
        }
    }
}
