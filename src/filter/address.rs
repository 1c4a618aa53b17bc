//! Addresses as people type them: with a port, without one, a prefix.

use std::net::{IpAddr, SocketAddr};

/// Addresses of a prefix, all ports of an address, or one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Net {
    ip: IpAddr,
    /// Leading bits that count.
    bits: u32,
    port: Option<u16>,
}

impl Net {
    /// Reads `10.0.0.0/8`, `10.0.0.1`, `10.0.0.1:6881`, `fe80::/10`, `::1`,
    /// `[::1]:6881`.
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(socket) = text.parse::<SocketAddr>() {
            let port = Some(socket.port());
            return Some(Self {
                port,
                ..Self::of(socket.ip())
            });
        }
        let bracketed = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        if let Some(ip) = bracketed {
            return Some(Self::of(IpAddr::V6(ip.parse().ok()?)));
        }
        let Some((ip, bits)) = text.split_once('/') else {
            return Some(Self::of(text.parse().ok()?));
        };
        let net = Self::of(ip.parse().ok()?);
        let bits = bits.parse().ok().filter(|bits| *bits <= net.bits)?;
        Some(Self { bits, ..net })
    }

    fn of(ip: IpAddr) -> Self {
        let ip = ip.to_canonical();
        Self {
            ip,
            bits: if ip.is_ipv4() { 32 } else { 128 },
            port: None,
        }
    }

    /// Whether an address is one of these.
    pub fn has(self, ip: IpAddr, port: Option<u16>) -> bool {
        let is_port = self.port.is_none() || self.port == port;
        is_port
            && match (self.ip, ip.to_canonical()) {
                (IpAddr::V4(net), IpAddr::V4(ip)) => {
                    let differing = net.to_bits() ^ ip.to_bits();
                    differing.leading_zeros() >= self.bits
                }
                (IpAddr::V6(net), IpAddr::V6(ip)) => {
                    let differing = net.to_bits() ^ ip.to_bits();
                    differing.leading_zeros() >= self.bits
                }
                _ => false,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_and_ports() {
        let has = |net: &str, address: &str| {
            let socket: SocketAddr = address.parse().unwrap();
            Net::parse(net)
                .unwrap()
                .has(socket.ip(), Some(socket.port()))
        };
        for (net, address, expected) in [
            ("10.0.0.0/8", "10.255.0.1:1", true),
            ("10.0.0.0/8", "11.0.0.1:1", false),
            ("0.0.0.0/0", "11.0.0.1:1", true),
            ("0.0.0.0/0", "[2001::1]:1", false),
            ("10.0.0.1", "10.0.0.1:7", true),
            ("10.0.0.1:7", "10.0.0.1:8", false),
            ("fe80::/10", "[fe81::1]:1", true),
            ("[::1]:80", "[::1]:80", true),
            ("[::1]", "[::1]:80", true),
            ("10.0.0.1", "[::ffff:10.0.0.1]:5", true),
        ] {
            assert_eq!(has(net, address), expected, "{net} {address}");
        }
        assert!(
            !Net::parse("1.2.3.4:5")
                .unwrap()
                .has([1, 2, 3, 4].into(), None)
        );
        for wrong in [
            "",
            "10.0.0",
            "10.0.0.0/33",
            "::/129",
            "[1.2.3.4]",
            "a.b",
            "1.2.3.4/",
        ] {
            assert_eq!(Net::parse(wrong), None, "{wrong}");
        }
    }
}
