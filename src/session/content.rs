//! What a message is: the protocols, each with its message.

use std::fmt;

use super::dht::Asked;
use super::hole::Hole;
use super::udp_tracker::Recognised;
use crate::packet::Stamp;
use crate::wire::peer::{self, Context, Message};
use crate::wire::sink::Sink;
use crate::wire::{MessageType, Problem, Reader, dht, http_tracker, lsd, mse, udp_tracker, utp};

/// The protocols, each with its message.
#[derive(Debug)]
pub enum Content<'a> {
    /// The peer wire.
    Peer {
        /// The message.
        message: &'a Message<'a>,
        /// What is wrong with it.
        problem: Option<Problem>,
        /// What is needed to dissect it again.
        context: Context<'a>,
    },
    /// Message Stream Encryption.
    Mse(mse::Message),
    /// The DHT.
    Dht {
        /// The message.
        message: &'a dht::Message<'a>,
        /// What is wrong with it.
        problem: Option<Problem>,
        /// The query that it answers, if that was seen.
        query: Option<Asked<'a>>,
    },
    /// A UDP tracker.
    UdpTracker {
        /// The message.
        message: &'a udp_tracker::Message<'a>,
        /// What is wrong with it.
        problem: Option<Problem>,
        /// What is needed to dissect it again, and where it belongs.
        seen: Recognised,
    },
    /// A request to an HTTP tracker.
    HttpRequest {
        /// The message.
        message: &'a http_tracker::Request<'a>,
        /// What is wrong with it.
        problem: Option<Problem>,
    },
    /// A response of an HTTP tracker.
    HttpResponse {
        /// The message.
        message: &'a http_tracker::Response<'a>,
        /// What is wrong with it.
        problem: Option<Problem>,
        /// The packet that completed the request.
        request: Stamp,
    },
    /// Local service discovery.
    Lsd {
        /// The message.
        message: &'a lsd::Announce<'a>,
        /// What is wrong with it.
        problem: Option<Problem>,
    },
    /// A packet of uTP, of whatever it carries.
    Utp(&'a utp::Packet<'a>),
    /// A hole.
    Gap(Hole),
}

impl Content<'_> {
    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self {
            Self::Peer { message, .. } => message.message_type(),
            Self::Mse(message) => message.message_type(),
            Self::Dht { message, .. } => message.message_type(),
            Self::UdpTracker { message, .. } => message.message_type(),
            Self::HttpRequest { message, .. } => message.message_type(),
            Self::HttpResponse { message, .. } => message.message_type(),
            Self::Lsd { .. } => &lsd::ANNOUNCE,
            Self::Utp(packet) => packet.packet_type.message_type().unwrap_or(&utp::UNKNOWN),
            Self::Gap(_) => &peer::types::GAP,
        }
    }

    /// What is wrong with it, if anything.
    pub fn problem(&self) -> Option<Problem> {
        match *self {
            Self::Mse(_) | Self::Utp(_) | Self::Gap(_) => None,
            Self::Peer { problem, .. }
            | Self::Dht { problem, .. }
            | Self::UdpTracker { problem, .. }
            | Self::HttpRequest { problem, .. }
            | Self::HttpResponse { problem, .. }
            | Self::Lsd { problem, .. } => problem,
        }
    }

    /// Whether it was decoded by a guess: extension ids that were not announced
    /// in the capture, the method of a DHT response whose query is not there, an
    /// announce to a UDP tracker whose conversation is not.
    pub fn is_inferred(&self) -> bool {
        match self {
            Self::Peer { message, .. } => message.is_inferred(),
            Self::Dht { message, .. } => message.is_inferred(),
            Self::UdpTracker { seen, .. } => seen.is_guess,
            _ => false,
        }
    }

    /// The packet of the query or request that it answers, if that was seen.
    pub fn query(&self) -> Option<Stamp> {
        match self {
            Self::Dht { query, .. } => query.map(|query| query.stamp),
            Self::UdpTracker { seen, .. } => seen.request,
            Self::HttpResponse { request, .. } => Some(*request),
            _ => None,
        }
    }

    /// Dissects the message's bytes again, `length` of them on the wire.
    pub fn dissect(&self, bytes: &[u8], length: usize, sink: &mut impl Sink) {
        match self {
            Self::Peer { context, .. } => {
                peer::dissect(bytes, length, context, sink);
            }
            Self::Mse(message) => message.dissect(bytes, length, sink),
            Self::Dht { .. } => {
                dht::dissect(bytes, length, None, sink);
            }
            Self::UdpTracker { seen, .. } => {
                udp_tracker::dissect(bytes, length, seen.context, sink);
            }
            Self::HttpRequest { .. } => {
                http_tracker::dissect_request(bytes, length, sink);
            }
            Self::HttpResponse { message, .. } => {
                http_tracker::dissect_response(bytes, length, message.purpose, sink);
            }
            Self::Lsd { .. } => {
                lsd::dissect(bytes, length, sink);
            }
            Self::Utp(_) => {
                // What is wrong with it is told as a leaf of the tree.
                let _ = utp::dissect(Reader::new(bytes, length, sink));
            }
            Self::Gap(_) => {}
        }
    }

    /// What the message holds in another form than it was sent (compressed, in
    /// chunks): its bytes, whose fields `sink` is told.
    pub fn dissect_decoded(&self, bytes: &[u8], sink: &mut impl Sink) -> Option<Vec<u8>> {
        match self {
            Self::HttpResponse { message, .. } if message.is_decoded => {
                http_tracker::dissect_decoded_body(bytes, sink)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Content<'_> {
    /// The message in words; may hold text of the capture as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer { message, .. } => message.fmt(f),
            Self::Mse(message) => message.fmt(f),
            Self::Dht { message, .. } => message.fmt(f),
            Self::UdpTracker { message, .. } => message.fmt(f),
            Self::HttpRequest { message, .. } => message.fmt(f),
            Self::HttpResponse { message, .. } => message.fmt(f),
            Self::Lsd { message, .. } => message.fmt(f),
            Self::Utp(packet) => packet.fmt(f),
            Self::Gap(hole) => hole.fmt(f),
        }
    }
}
