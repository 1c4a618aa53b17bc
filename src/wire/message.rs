//! The messages of all protocols: one sum, and one way from bytes to any of them.

use std::fmt;

use super::dissected::Dissected;
use super::http_tracker::{self, Purpose};
use super::message_type::MessageType;
use super::peer::Context;
use super::reader::Reader;
use super::sink::Sink;
use super::{dht, lsd, mse, peer, udp_tracker, utp};

/// A message of any protocol.
///
/// ```
/// use peerscope::wire::{Layout, Message};
///
/// let bytes = b"d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe";
/// let read = Layout::Dht.dissect(bytes, bytes.len(), &mut ()).unwrap();
/// assert_eq!((read.message.name(), read.problem), ("query", None));
/// assert!(matches!(read.message, Message::Dht(_)));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum Message<'i> {
    /// The peer wire.
    Peer(peer::Message<'i>),
    /// A stretch of Message Stream Encryption.
    Mse(mse::Message),
    /// The DHT.
    Dht(Box<dht::Message<'i>>),
    /// A UDP tracker.
    UdpTracker(udp_tracker::Message<'i>),
    /// A request to an HTTP tracker.
    HttpRequest(Box<http_tracker::Request<'i>>),
    /// A response of an HTTP tracker.
    HttpResponse(Box<http_tracker::Response<'i>>),
    /// Local service discovery.
    Lsd(Box<lsd::Announce<'i>>),
    /// A packet of uTP, whatever it carries.
    Utp(utp::Packet<'i>),
}

impl Message<'_> {
    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self {
            Self::Peer(message) => message.message_type(),
            Self::Mse(message) => message.message_type(),
            Self::Dht(message) => message.message_type(),
            Self::UdpTracker(message) => message.message_type(),
            Self::HttpRequest(message) => message.message_type(),
            Self::HttpResponse(message) => message.message_type(),
            Self::Lsd(_) => &lsd::ANNOUNCE,
            Self::Utp(packet) => packet.packet_type.message_type().unwrap_or(&utp::UNKNOWN),
        }
    }

    /// The message's name, as JSON has it.
    pub fn name(&self) -> &'static str {
        self.message_type().name
    }

    /// Whether its content alone says what it is: extension ids that nobody
    /// announced, a response of the DHT without its query.
    pub fn is_inferred(&self) -> bool {
        match self {
            Self::Peer(message) => message.is_inferred(),
            Self::Dht(message) => message.is_inferred(),
            _ => false,
        }
    }

    /// What it holds in another form than it was sent (compressed, in chunks):
    /// these bytes, whose fields `sink` is told. `bytes` are those of the message.
    pub fn dissect_decoded(&self, bytes: &[u8], sink: &mut impl Sink) -> Option<Vec<u8>> {
        match self {
            Self::HttpResponse(message) if message.is_decoded => {
                http_tracker::dissect_decoded_body(bytes, sink)
            }
            _ => None,
        }
    }
}

impl fmt::Display for Message<'_> {
    /// The message in words; may hold text of its bytes as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Peer(message) => message.fmt(f),
            Self::Mse(message) => message.fmt(f),
            Self::Dht(message) => message.fmt(f),
            Self::UdpTracker(message) => message.fmt(f),
            Self::HttpRequest(message) => message.fmt(f),
            Self::HttpResponse(message) => message.fmt(f),
            Self::Lsd(message) => message.fmt(f),
            Self::Utp(packet) => packet.fmt(f),
        }
    }
}

/// What bytes are to be read as, with all that their dissector has to be told.
#[derive(Debug, Clone, Copy)]
pub enum Layout<'c> {
    /// A message of the peer wire.
    Peer(Context<'c>),
    /// A stretch of MSE. What it is depends on where it lies: it is known before
    /// its bytes are read.
    Mse(mse::Message),
    /// A message of the DHT.
    Dht,
    /// A datagram of a UDP tracker.
    UdpTracker(udp_tracker::Context),
    /// A request to an HTTP tracker.
    HttpRequest,
    /// A response of an HTTP tracker, to a request of this purpose.
    HttpResponse(Purpose),
    /// An announce of local service discovery.
    Lsd,
    /// A packet of uTP.
    Utp,
}

impl Layout<'_> {
    /// Reads a message of `declared` bytes, of which there are `bytes`, and tells
    /// `sink` its fields. `None` if it has no value at all: a request of HTTP that
    /// is not for a tracker, a packet of uTP that ends before its header does.
    pub fn dissect<'i, S: Sink>(
        &self,
        bytes: &'i [u8],
        declared: usize,
        sink: &mut S,
    ) -> Option<Dissected<Message<'i>>> {
        Some(match *self {
            Self::Peer(context) => {
                peer::dissect(bytes, declared, &context, sink).map(Message::Peer)
            }
            Self::Mse(message) => {
                message.dissect(bytes, declared, sink);
                Dissected::sound(Message::Mse(message))
            }
            Self::Dht => dht::dissect(bytes, declared, None, sink)
                .map(|message| Message::Dht(Box::new(message))),
            Self::UdpTracker(context) => {
                udp_tracker::dissect(bytes, declared, context, sink).map(Message::UdpTracker)
            }
            Self::HttpRequest => http_tracker::dissect_request(bytes, declared, sink)?
                .map(|message| Message::HttpRequest(Box::new(message))),
            Self::HttpResponse(purpose) => {
                http_tracker::dissect_response(bytes, declared, purpose, sink)
                    .map(|message| Message::HttpResponse(Box::new(message)))
            }
            Self::Lsd => {
                lsd::dissect(bytes, declared, sink).map(|message| Message::Lsd(Box::new(message)))
            }
            Self::Utp => {
                let packet = utp::dissect(Reader::new(bytes, declared, sink)).ok()?;
                Dissected::sound(Message::Utp(packet))
            }
        })
    }
}
