//! The protocols that are decoded.

use std::fmt;

/// A protocol, the key `protocol` of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Protocol {
    /// The peer wire.
    Peer,
    /// Message Stream Encryption.
    Mse,
    /// The DHT.
    Dht,
    /// uTP.
    Utp,
    /// UDP trackers.
    UdpTracker,
    /// HTTP trackers.
    HttpTracker,
    /// Local service discovery.
    Lsd,
    /// Metainfo files.
    Metainfo,
}

impl Protocol {
    /// Every protocol.
    pub const ALL: [Self; 8] = [
        Self::Peer,
        Self::Mse,
        Self::Dht,
        Self::Utp,
        Self::UdpTracker,
        Self::HttpTracker,
        Self::Lsd,
        Self::Metainfo,
    ];

    /// The name, as JSON has it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Peer => "peer",
            Self::Mse => "mse",
            Self::Dht => "dht",
            Self::Utp => "utp",
            Self::UdpTracker => "udp_tracker",
            Self::HttpTracker => "http_tracker",
            Self::Lsd => "lsd",
            Self::Metainfo => "metainfo",
        }
    }

    /// The protocol of this name.
    pub fn of(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|protocol| protocol.name() == name)
    }

    /// What it is, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Peer => "the peer wire",
            Self::Mse => "message stream encryption",
            Self::Dht => "the DHT",
            Self::Utp => "uTP",
            Self::UdpTracker => "UDP trackers",
            Self::HttpTracker => "HTTP trackers",
            Self::Lsd => "local service discovery",
            Self::Metainfo => "metainfo files",
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
