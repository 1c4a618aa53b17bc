//! The methods of KRPC queries.

use std::fmt;

/// The method of a query: an open set, told by name.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Method<'i>(pub &'i [u8]);

impl Method<'_> {
    /// Is the node alive? (BEP 5)
    pub const PING: Self = Self(b"ping");
    /// The nodes closest to an id. (BEP 5)
    pub const FIND_NODE: Self = Self(b"find_node");
    /// The peers of a torrent, or the nodes closest to it. (BEP 5)
    pub const GET_PEERS: Self = Self(b"get_peers");
    /// The sender is a peer of a torrent. (BEP 5)
    pub const ANNOUNCE_PEER: Self = Self(b"announce_peer");
    /// A stored item. (BEP 44)
    pub const GET: Self = Self(b"get");
    /// Store an item. (BEP 44)
    pub const PUT: Self = Self(b"put");
    /// Some of the info-hashes that the node knows. (BEP 51)
    pub const SAMPLE_INFOHASHES: Self = Self(b"sample_infohashes");

    /// The methods that a BEP defines.
    pub const ALL: [Self; 7] = [
        Self::PING,
        Self::FIND_NODE,
        Self::GET_PEERS,
        Self::ANNOUNCE_PEER,
        Self::GET,
        Self::PUT,
        Self::SAMPLE_INFOHASHES,
    ];

    /// The same, borrowing nothing of the message, if a BEP defines it.
    pub fn known(self) -> Option<Method<'static>> {
        Method::ALL.into_iter().find(|known| known.0 == self.0)
    }

    /// Arguments without which the query means nothing.
    pub fn required(self) -> &'static [&'static str] {
        match self {
            Self::FIND_NODE | Self::GET | Self::SAMPLE_INFOHASHES => &["target"],
            Self::GET_PEERS => &["info_hash"],
            Self::ANNOUNCE_PEER => &["info_hash", "token"],
            Self::PUT => &["token", "v"],
            _ => &[],
        }
    }
}

impl fmt::Display for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("query without a method");
        }
        f.write_str(&String::from_utf8_lossy(self.0))
    }
}

impl fmt::Debug for Method<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Method({self})")
    }
}
