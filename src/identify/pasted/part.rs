//! One message of pasted bytes.

use std::fmt;
use std::sync::Arc;

use super::bencoded::{self, Metainfo};
use super::{Sample, bytes, headers};
use crate::wire::bencode::{Document, Table};
use crate::wire::extension::{self, Extended, Extension, ExtensionMap};
use crate::wire::http_tracker::Purpose;
use crate::wire::peer::{self, Context, Framing, Message, Problem};
use crate::wire::{Malformed, Reader, Sink, Stop, dht, http_tracker, lsd, udp_tracker, utp};

/// One message, or whatever a reading makes of a stretch of bytes.
#[derive(Debug, Clone)]
pub struct Part<'b> {
    /// Offset of its first byte in what was pasted.
    pub at: usize,
    /// What there is of it.
    pub bytes: &'b [u8],
    /// Its length as far as known, missing bytes included.
    pub length: usize,
    /// More bytes followed it, an unknown number.
    pub is_cut: bool,
    pub(super) how: How,
}

/// How a part is dissected.
#[derive(Debug, Clone)]
pub(super) enum How {
    /// As a message with its framing.
    Framed(Framing, Option<Arc<ExtensionMap>>),
    /// As a message from its id on.
    Bare(Option<Arc<ExtensionMap>>),
    /// As an extended message from its extended id on.
    Extension(Option<Arc<ExtensionMap>>),
    /// As one without that; `None` is the handshake.
    BareExtension(Option<Extension>),
    /// As metainfo.
    Metainfo(Metainfo, &'static Table),
    Dht,
    Utp,
    Tracker(udp_tracker::Context),
    Lsd,
    HttpRequest,
    HttpResponse(Purpose),
    Headers(String),
    Bytes(bytes::Kind),
}

/// What a part says.
#[derive(Debug, Clone, PartialEq)]
pub enum Said<'b> {
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

/// What a part says and what is wrong with it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dissected<'b> {
    /// What it says.
    pub said: Said<'b>,
    /// Where it breaks its layout.
    pub malformed: Option<Malformed>,
}

impl<'b> Part<'b> {
    /// All of a sample.
    pub(super) fn of(sample: &Sample<'b>, how: How) -> Self {
        Self {
            at: 0,
            bytes: sample.bytes,
            length: sample.length(),
            is_cut: sample.is_cut && sample.missing.is_none(),
            how,
        }
    }

    /// Bytes of it that are known to be missing.
    pub fn missing(&self) -> u64 {
        self.length.saturating_sub(self.bytes.len()) as u64
    }

    /// Reads it and tells `sink` its fields, which cover every byte.
    pub fn dissect<S: Sink>(&self, sink: &mut S) -> Dissected<'b> {
        let (bytes, length) = (self.bytes, self.length);
        let mut dissected = match &self.how {
            How::Framed(framing, map) => {
                let context = Context {
                    framing: *framing,
                    extensions: map.as_deref(),
                    pieces: None,
                };
                peer_said(peer::dissect(bytes, length, &context, sink))
            }
            How::Bare(map) => {
                let context = Context {
                    extensions: map.as_deref(),
                    ..Context::default()
                };
                peer_said(peer::dissect_bare(bytes, length, &context, sink))
            }
            How::Extension(map) => {
                let mut reader = Reader::new(bytes, length, sink);
                match extension::dissect(&mut reader, map.as_deref()) {
                    Ok(extended) => extended_said(extended),
                    Err(_) => bytes::Kind::Unknown.said(self.length),
                }
            }
            How::BareExtension(extension) => {
                let mut reader = Reader::new(bytes, length, sink);
                extended_said(extension::dissect_bare(&mut reader, *extension))
            }
            How::Metainfo(what, table) => bencoded::dissect(*what, table, bytes, length, sink),
            How::Headers(summary) => headers::dissect(summary, bytes, length, sink),
            How::Bytes(kind) => kind.dissect(bytes, length, sink),
            How::HttpRequest | How::HttpResponse(_) => self.http(sink),
            How::Dht | How::Utp | How::Tracker(_) | How::Lsd => self.datagram(sink),
        };
        // That it ends early is nobody's fault.
        let ends = |malformed: &Malformed| malformed.at >= self.bytes.len();
        if self.is_cut && dissected.malformed.as_ref().is_some_and(ends) {
            dissected.malformed = None;
        }
        dissected
    }

    fn http<S: Sink>(&self, sink: &mut S) -> Dissected<'b> {
        let (bytes, length) = (self.bytes, self.length);
        let request = match self.how {
            How::HttpRequest => http_tracker::dissect_request(bytes, length, sink),
            _ => None,
        };
        let (said, problem) = match (request, &self.how) {
            (Some(read), _) => (Said::HttpRequest(Box::new(read.message)), read.problem),
            (None, How::HttpResponse(purpose)) => {
                let read = http_tracker::dissect_response(bytes, length, *purpose, sink);
                (Said::HttpResponse(Box::new(read.message)), read.problem)
            }
            // Not for a tracker, and not told.
            (None, _) => return bytes::Kind::Unknown.dissect(bytes, length, sink),
        };
        Dissected {
            said,
            malformed: malformed(problem),
        }
    }

    fn datagram<S: Sink>(&self, sink: &mut S) -> Dissected<'b> {
        let (bytes, length) = (self.bytes, self.length);
        let (said, problem) = match &self.how {
            How::Utp => {
                let result = utp::dissect(Reader::new(bytes, length, sink));
                match result {
                    Ok(packet) => (Said::Utp(packet), None),
                    Err(stop) => (bytes::Kind::Unknown.said(length).said, Some(stop)),
                }
            }
            How::Tracker(context) => {
                let read = udp_tracker::dissect(bytes, length, *context, sink);
                (Said::Tracker(read.message), read.problem)
            }
            How::Lsd => {
                let read = lsd::dissect(bytes, length, sink);
                (Said::Lsd(read.message), read.problem)
            }
            _ => {
                let read = dht::dissect(bytes, length, None, sink);
                (Said::Dht(Box::new(read.message)), read.problem)
            }
        };
        Dissected {
            said,
            malformed: malformed(problem),
        }
    }
}

fn malformed(problem: Option<Stop>) -> Option<Malformed> {
    match problem {
        Some(Stop::Malformed(malformed)) => Some(malformed),
        Some(Stop::Cut) | None => None,
    }
}

fn peer_said(read: peer::Dissected<'_>) -> Dissected<'_> {
    Dissected {
        said: Said::Peer(Box::new(read.message)),
        malformed: match read.problem {
            Some(Problem::Malformed(malformed)) => Some(malformed),
            Some(Problem::Cut) | None => None,
        },
    }
}

fn extended_said(extended: Extended<'_>) -> Dissected<'_> {
    Dissected {
        malformed: extended.malformed,
        said: Said::Extended(Box::new(extended)),
    }
}

impl Said<'_> {
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
            Self::Lsd(_) => "announce",
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

impl fmt::Display for Said<'_> {
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

/// Whether a document is whole, or goes on beyond what was pasted.
pub(super) fn is_sound(document: &Document<'_>) -> bool {
    document
        .error()
        .is_none_or(|error| error.reason.is_truncation())
}
