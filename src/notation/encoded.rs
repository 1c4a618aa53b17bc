//! What words make.

use crate::wire::extension::{ExtendedId, ExtensionName};

/// What a text is a message of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// The handshake.
    Handshake,
    /// The peer wire.
    Peer,
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
    /// A bencoded value.
    Bencode,
    /// Just bytes.
    Bytes,
}

/// A message made of words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// What it is.
    pub protocol: Protocol,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

/// Which id an extension has, where it is known without being written.
pub type Ids<'f> = &'f dyn Fn(&ExtensionName) -> Option<ExtendedId>;
