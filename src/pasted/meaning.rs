//! What a stretch of bytes means.

use std::fmt;

use crate::wire::extension::Extended;
use crate::wire::peer::Message;
use crate::wire::{Malformed, dht, http_tracker, lsd, udp_tracker, utp};

/// What a stretch of bytes means.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning<'b> {
    /// A message of the peer wire.
    Peer(Box<Message<'b>>),
    /// The payload of an extended message.
    Extended(Box<Extended<'b>>),
    /// A message of the DHT.
    Dht(Box<dht::Message<'b>>),
    /// A uTP packet.
    Utp(utp::Packet<'b>),
    /// A datagram of a UDP tracker.
    Tracker(udp_tracker::Message<'b>),
    /// A request to an HTTP tracker.
    HttpRequest(Box<http_tracker::Request<'b>>),
    /// Its response.
    HttpResponse(Box<http_tracker::Response<'b>>),
    /// An announce of local service discovery.
    Lsd(lsd::Announce<'b>),
    /// Anything else, in words of our own and text of the bytes.
    Other {
        /// Its protocol, as JSON has it.
        protocol: &'static str,
        /// Its name, as JSON has it.
        name: &'static str,
        /// It, in a line.
        summary: String,
    },
}

/// What a stretch of bytes means and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Decoded<'b> {
    /// What it means.
    pub meaning: Meaning<'b>,
    /// Where it breaks its layout.
    pub malformed: Option<Malformed>,
}

impl Meaning<'_> {
    /// The protocol, as JSON has it.
    pub fn protocol(&self) -> &'static str {
        match self {
            Self::Peer(_) | Self::Extended(_) => "peer",
            Self::Dht(_) => "dht",
            Self::Utp(_) => "utp",
            Self::Tracker(_) => "udp_tracker",
            Self::HttpRequest(_) | Self::HttpResponse(_) => "http_tracker",
            Self::Lsd(_) => "lsd",
            Self::Other { protocol, .. } => protocol,
        }
    }

    /// The message's name, as JSON has it.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Peer(message) => message.name(),
            Self::Extended(extended) => extended.message_name(),
            Self::Dht(message) => message.name(),
            Self::Utp(packet) => packet.packet_type.name().unwrap_or("unknown"),
            Self::Tracker(message) => message.name(),
            Self::HttpRequest(request) => request.name(),
            Self::HttpResponse(response) => response.name(),
            Self::Lsd(_) => lsd::ANNOUNCE.name,
            Self::Other { name, .. } => name,
        }
    }

    /// Whether its meaning is a guess by its content.
    pub fn is_inferred(&self) -> bool {
        match self {
            Self::Peer(message) => message.is_inferred(),
            Self::Extended(extended) => extended.inferred,
            _ => false,
        }
    }
}

impl fmt::Display for Meaning<'_> {
    /// A line; may hold text of the bytes as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(message) => message.fmt(f),
            Self::Extended(extended) => extended.fmt(f),
            Self::Dht(message) => message.fmt(f),
            Self::Utp(packet) => packet.fmt(f),
            Self::Tracker(message) => message.fmt(f),
            Self::HttpRequest(request) => request.fmt(f),
            Self::HttpResponse(response) => response.fmt(f),
            Self::Lsd(announce) => announce.fmt(f),
            Self::Other { summary, .. } => f.write_str(summary),
        }
    }
}
