//! The ways to read bytes.

use std::fmt;

/// A way to read bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reading {
    /// A handshake, and the messages behind it.
    Handshake,
    /// Messages of the peer wire, the last one perhaps cut.
    Peer,
    /// One message of the peer wire without its length prefix.
    Message,
    /// The payload of an extended message, with its extended id or without.
    Extension,
    /// A metainfo file.
    Torrent,
    /// An info dictionary.
    Info,
    /// A message of the DHT.
    Dht,
    /// A uTP packet.
    Utp,
    /// A datagram between client and UDP tracker.
    UdpTracker,
    /// A request to an HTTP tracker, or its response.
    HttpTracker,
    /// An announce of local service discovery.
    Lsd,
    /// A magnet link.
    Magnet,
    /// One address or several, in their compact form.
    Address,
    /// A packet from its Ethernet or IP header on; what it carries is read by
    /// itself.
    Packet,
    /// A bencoded value, whatever it means.
    Bencode,
    /// A hash, text, or just bytes.
    Bytes,
}

impl Reading {
    /// Every reading.
    pub const ALL: [Self; 16] = [
        Self::Handshake,
        Self::Peer,
        Self::Message,
        Self::Extension,
        Self::Torrent,
        Self::Info,
        Self::Dht,
        Self::Utp,
        Self::UdpTracker,
        Self::HttpTracker,
        Self::Lsd,
        Self::Magnet,
        Self::Address,
        Self::Packet,
        Self::Bencode,
        Self::Bytes,
    ];

    /// The name by which it is chosen.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Peer => "peer",
            Self::Message => "message",
            Self::Extension => "extension",
            Self::Torrent => "torrent",
            Self::Info => "info",
            Self::Dht => "dht",
            Self::Utp => "utp",
            Self::UdpTracker => "udp_tracker",
            Self::HttpTracker => "http_tracker",
            Self::Lsd => "lsd",
            Self::Magnet => "magnet",
            Self::Address => "address",
            Self::Packet => "packet",
            Self::Bencode => "bencode",
            Self::Bytes => "bytes",
        }
    }

    /// What it is, in a few words.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Handshake => "a handshake, and the messages behind it",
            Self::Peer => "peer wire messages, glued together; the last one may be cut",
            Self::Message => "a peer wire message without its length prefix",
            Self::Extension => "the payload of an extended message, with or without its id",
            Self::Torrent => "a .torrent file",
            Self::Info => "an info dictionary",
            Self::Dht => "a DHT message",
            Self::Utp => "a uTP packet",
            Self::UdpTracker => "a UDP tracker packet",
            Self::HttpTracker => "a request to an HTTP tracker, or its response",
            Self::Lsd => "an announce of local service discovery",
            Self::Magnet => "a magnet link",
            Self::Address => "addresses of 4, 6, 16 or 18 bytes: one, or peers in a row",
            Self::Packet => "a packet from its Ethernet or IP header on",
            Self::Bencode => "a bencoded value",
            Self::Bytes => "a hash, a text or just bytes",
        }
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
