//! What names a torrent.

/// A source, in the order in which they are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Source {
    /// A handshake between peers.
    Handshake,
    /// A query of the DHT: `get_peers` or `announce_peer`.
    Dht,
    /// An announce to a tracker.
    Tracker,
    /// Local discovery (BEP 14).
    Lsd,
    /// A web seed sent data of it (BEP 17, BEP 19).
    WebSeed,
    /// A magnet link in what went over HTTP.
    Magnet,
    /// A `.torrent` that was fetched over HTTP.
    Download,
}

impl Source {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Dht => "dht",
            Self::Tracker => "tracker",
            Self::Lsd => "lsd",
            Self::WebSeed => "web_seed",
            Self::Magnet => "magnet",
            Self::Download => "torrent_file",
        }
    }
}
