//! Names that stand for others.

use std::collections::HashMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};

use sha1::{Digest, Sha1};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Sort {
    /// A host.
    Host,
    /// A port.
    Port,
    /// A peer id.
    PeerId,
    /// A hash or an identifier of 20 bytes and more: an info-hash, a node id.
    Hash,
    /// Text: a name, a URL, a key that is in no specification.
    Text,
    /// Bytes: a token, a bitfield.
    Bytes,
}

impl Sort {
    const COUNT: usize = 6;

    fn noun(self) -> &'static str {
        match self {
            Self::Host => "host",
            Self::Port => "port",
            Self::PeerId => "peer-id",
            Self::Hash => "hash",
            Self::Text => "text",
            Self::Bytes => "bytes",
        }
    }
}

/// A name that stands for another: `host-3`. Without a number where too many were
/// met: `host-more`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alias {
    sort: Sort,
    number: Option<u32>,
}

impl fmt::Display for Alias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.number {
            Some(number) => write!(f, "{}-{number}", self.sort.noun()),
            None => write!(f, "{}-more", self.sort.noun()),
        }
    }
}

/// Bytes of a value that are remembered as they are; of a longer one its SHA-1.
const MAX_KEY: usize = 20;

/// Values that are told apart: about 20 MB.
const MAX_KNOWN: usize = 256 << 10;

/// What is met is given names, in the order in which it is met.
#[derive(Debug, Default)]
pub struct Aliases {
    known: HashMap<(Sort, Box<[u8]>), u32>,
    counts: [u32; Sort::COUNT],
}

impl Aliases {
    /// The name of some bytes.
    pub fn of(&mut self, sort: Sort, bytes: &[u8]) -> Alias {
        let key: Box<[u8]> = if bytes.len() <= MAX_KEY {
            bytes.into()
        } else {
            Sha1::digest(bytes).as_slice().into()
        };
        let key = (sort, key);
        let number = match self.known.get(&key) {
            Some(number) => Some(*number),
            None if self.known.len() == MAX_KNOWN => None,
            None => {
                let count = &mut self.counts[sort as usize];
                *count += 1;
                self.known.insert(key, *count);
                Some(*count)
            }
        };
        Alias { sort, number }
    }

    /// The name of a host.
    pub fn host(&mut self, ip: IpAddr) -> Alias {
        match ip {
            IpAddr::V4(ip) => self.of(Sort::Host, &ip.octets()),
            IpAddr::V6(ip) => self.of(Sort::Host, &ip.octets()),
        }
    }

    /// The name of a port.
    pub fn port(&mut self, port: u16) -> Alias {
        self.of(Sort::Port, &port.to_be_bytes())
    }

    /// The name of an address: `host-3:port-2`.
    pub fn address(&mut self, address: SocketAddr) -> String {
        format!("{}:{}", self.host(address.ip()), self.port(address.port()))
    }

    /// The name of a compact address: an IP of 4 or 16 bytes, maybe with a port; of
    /// any other length bytes.
    pub fn compact(&mut self, bytes: &[u8]) -> String {
        let ip_length = match bytes.len() {
            4 | 6 => 4,
            16 | 18 => 16,
            _ => return self.of(Sort::Bytes, bytes).to_string(),
        };
        let (ip, port) = bytes.split_at(ip_length);
        let host = self.of(Sort::Host, ip);
        if port.is_empty() {
            return host.to_string();
        }
        format!("{host}:{}", self.of(Sort::Port, port))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_has_the_same_name() {
        let mut aliases = Aliases::default();
        let address = |text: &str| text.parse().unwrap();
        let told = [
            "10.0.0.1:6881",
            "10.0.0.2:6881",
            "10.0.0.1:80",
            "[::1]:6881",
            "10.0.0.1:6881",
        ]
        .map(|text| aliases.address(address(text)));
        let expected = [
            "host-1:port-1",
            "host-2:port-1",
            "host-1:port-2",
            "host-3:port-1",
            "host-1:port-1",
        ];
        assert_eq!(told, expected);
        // However it is written.
        assert_eq!(aliases.compact(&[10, 0, 0, 2, 0, 80]), "host-2:port-2");
        assert_eq!(aliases.compact(&[10, 0, 0, 1]), "host-1");
        assert_eq!(aliases.compact(&[10, 0, 0]), "bytes-1");
        let long = [7; 1000];
        let hash = aliases.of(Sort::Hash, &long).to_string();
        assert_eq!(hash, aliases.of(Sort::Hash, &long).to_string());
        assert_eq!(hash, "hash-1");
    }
}
