//! The state of one connection.

use super::decryption::Decryption;
use super::early::EarlyGaps;
use super::locks::Watched;
use super::opening::Opening;
use crate::packet::Stamp;
use crate::session::{
    Conversation, Encryption, Finish, FirstBytes, Framer, HttpTracker, Negotiation, Resync,
    WebConnection,
};

/// How one direction is read at present.
pub enum Reading {
    /// Its first bytes are held, not judged yet.
    Probing,
    /// In step.
    Framing(Framer),
    /// Out of step.
    Searching(Box<Resync>),
    /// Encrypted, only counted.
    Encrypted(Encrypted),
    /// Of no use.
    Off,
}

impl Reading {
    /// The framer, while in step.
    pub fn framer(&mut self) -> Option<&mut Framer> {
        match self {
            Self::Framing(framer) => Some(framer),
            _ => None,
        }
    }
}

/// A run of encrypted bytes.
#[derive(Clone, Copy)]
pub struct Encrypted {
    /// Stream offset of the first one.
    pub offset: u64,
    /// How many.
    pub bytes: u64,
    /// Packets that brought them.
    pub packets: u64,
    /// First packet.
    pub first: Stamp,
    /// Last packet.
    pub last: Stamp,
    /// The keys are known, but not where in the keystream the bytes belong.
    pub astray: bool,
}

/// The state of one connection.
pub struct Peering {
    /// Initiator and acceptor.
    pub readings: [Reading; 2],
    /// What is held while it is not known what the connection is.
    pub opening: Option<Box<Opening>>,
    /// What the peers have told each other.
    pub conversation: Box<Conversation>,
    /// How it is encrypted.
    pub encryption: Encryption,
    /// Its keystreams, where its keys are known.
    pub decryption: Option<Box<Decryption>>,
    /// Whether each direction waits for a state that opens it.
    pub watched: [Watched; 2],
    /// Known to be BitTorrent.
    pub is_peer_wire: bool,
    /// Gaps from before that was known.
    pub early_gaps: EarlyGaps,
    /// The initiator's MSE negotiation is told once its end is found: where in
    /// its stream it began.
    pub negotiation_from: Option<(u64, Stamp)>,
    /// It is a connection to a tracker.
    pub http: Option<Box<HttpTracker>>,
    /// It is a connection of the web, and the observer wants to be told of it.
    pub web: Option<Box<WebConnection>>,
    /// How each end stopped sending.
    pub finishes: [Option<Finish>; 2],
    /// Stream bytes that each side sent, as far as the capture shows.
    pub sent: [u64; 2],
    /// Some of these bytes are in the capture.
    pub has_bytes: bool,
    /// What the acceptor said before any message, where that is no message itself.
    pub answer: Option<Box<FirstBytes>>,
    /// While it is not known to be BitTorrent: its first bytes may be MSE, and that
    /// came so far.
    pub negotiation: Option<Negotiation>,
}
