//! One message of pasted bytes.

use std::sync::Arc;

use super::loose_kind::LooseKind;
use super::meaning::{Decoded, Meaning};
use super::sample::Sample;
use super::value::{self, ValueKind};
use super::{headers, magnet, near, reply};
use crate::wire::bencode::Table;
use crate::wire::extension::{self, Extended, Extension, ExtensionMap};
use crate::wire::http_tracker::Purpose;
use crate::wire::peer::{self, Context, Framing, NearHandshake};
use crate::wire::{
    Dissected, Malformed, Problem, Reader, Sink, dht, http_tracker, lsd, udp_tracker, utp,
};

/// One message, or whatever a reading makes of a stretch of bytes.
#[derive(Debug, Clone)]
pub struct Stretch<'b> {
    /// Offset of its first byte in what was pasted.
    pub at: usize,
    /// What there is of it.
    pub bytes: &'b [u8],
    /// Its length as far as known, missing bytes included.
    pub length: usize,
    /// More bytes followed it, an unknown number.
    pub is_cut: bool,
    pub(super) layout: Layout,
}

/// Layout a part is dissected.
#[derive(Debug, Clone)]
pub(super) enum Layout {
    /// As a message with its framing.
    Framed(Framing, Option<Arc<ExtensionMap>>),
    /// As a message from its id on.
    Bare(Option<Arc<ExtensionMap>>),
    /// As an extended message from its extended id on.
    Extension(Option<Arc<ExtensionMap>>),
    /// As one without that; `None` is the handshake.
    BareExtension(Option<Extension>),
    /// As metainfo.
    Metainfo(ValueKind, &'static Table),
    Dht,
    Utp,
    Tracker(udp_tracker::Context),
    Lsd,
    HttpRequest,
    HttpResponse(Purpose),
    Headers(String),
    /// As the handshake that was meant.
    NearHandshake(NearHandshake),
    Magnet,
    /// As the body of a tracker's reply.
    Reply(Purpose),
    Bytes(LooseKind),
}

impl<'b> Stretch<'b> {
    /// All of a sample.
    pub(super) fn of(sample: &Sample<'b>, layout: Layout) -> Self {
        Self {
            at: 0,
            bytes: sample.bytes,
            length: sample.length(),
            is_cut: sample.is_cut && sample.missing.is_none(),
            layout,
        }
    }

    /// The same, so many bytes further on.
    pub(super) fn moved(self, by: usize) -> Self {
        let at = self.at + by;
        Self { at, ..self }
    }

    /// Bytes of it that are known to be missing.
    pub fn missing(&self) -> u64 {
        self.length.saturating_sub(self.bytes.len()) as u64
    }

    /// Reads it and tells `sink` its fields, which cover every byte.
    pub fn dissect<S: Sink>(&self, sink: &mut S) -> Decoded<'b> {
        let (bytes, length) = (self.bytes, self.length);
        let mut dissected = match &self.layout {
            Layout::Framed(framing, map) => {
                let context = Context {
                    framing: *framing,
                    extensions: map.as_deref(),
                    ..Context::default()
                };
                peer_decoded(peer::dissect(bytes, length, &context, sink))
            }
            Layout::Bare(map) => {
                let context = Context {
                    extensions: map.as_deref(),
                    ..Context::default()
                };
                peer_decoded(peer::dissect_bare(bytes, length, &context, sink))
            }
            Layout::Extension(map) => {
                let mut reader = Reader::new(bytes, length, sink);
                match extension::dissect(&mut reader, map.as_deref()) {
                    Ok(extended) => extended_decoded(extended),
                    Err(_) => LooseKind::Unknown.decoded(self.length),
                }
            }
            Layout::BareExtension(extension) => {
                let mut reader = Reader::new(bytes, length, sink);
                extended_decoded(extension::dissect_bare(&mut reader, *extension))
            }
            Layout::Metainfo(what, table) => {
                let mut read = value::dissect(*what, table, bytes, length, sink);
                if self.is_cut && value::is_truncated(bytes) {
                    read.malformed = None;
                }
                read
            }
            Layout::NearHandshake(near) => near::dissect(near, bytes, length, sink),
            Layout::Magnet => magnet::dissect(bytes, length, sink),
            Layout::Reply(purpose) => reply::dissect(*purpose, bytes, length, sink),
            Layout::Headers(summary) => headers::dissect(summary, bytes, length, sink),
            Layout::Bytes(kind) => kind.dissect(bytes, length, sink),
            Layout::HttpRequest | Layout::HttpResponse(_) => self.http(sink),
            Layout::Dht | Layout::Utp | Layout::Tracker(_) | Layout::Lsd => self.datagram(sink),
        };
        // That it ends early is nobody's fault.
        let ends = |malformed: &Malformed| malformed.at >= self.bytes.len();
        if self.is_cut && dissected.malformed.as_ref().is_some_and(ends) {
            dissected.malformed = None;
        }
        dissected
    }

    fn http<S: Sink>(&self, sink: &mut S) -> Decoded<'b> {
        let (bytes, length) = (self.bytes, self.length);
        let request = match self.layout {
            Layout::HttpRequest => http_tracker::dissect_request(bytes, length, sink),
            _ => None,
        };
        let (meaning, problem) = match (request, &self.layout) {
            (Some(read), _) => (Meaning::HttpRequest(Box::new(read.message)), read.problem),
            (None, Layout::HttpResponse(purpose)) => {
                let read = http_tracker::dissect_response(bytes, length, *purpose, sink);
                (Meaning::HttpResponse(Box::new(read.message)), read.problem)
            }
            // Not for a tracker, and not told.
            (None, _) => return LooseKind::Unknown.dissect(bytes, length, sink),
        };
        Decoded {
            meaning,
            malformed: problem.and_then(Problem::malformed),
        }
    }

    fn datagram<S: Sink>(&self, sink: &mut S) -> Decoded<'b> {
        let (bytes, length) = (self.bytes, self.length);
        let (meaning, problem) = match &self.layout {
            Layout::Utp => {
                let result = utp::dissect(Reader::new(bytes, length, sink));
                match result {
                    Ok(packet) => (Meaning::Utp(packet), None),
                    Err(stop) => (LooseKind::Unknown.decoded(length).meaning, Some(stop)),
                }
            }
            Layout::Tracker(context) => {
                let read = udp_tracker::dissect(bytes, length, *context, sink);
                (Meaning::Tracker(read.message), read.problem)
            }
            Layout::Lsd => {
                let read = lsd::dissect(bytes, length, sink);
                (Meaning::Lsd(read.message), read.problem)
            }
            _ => {
                let read = dht::dissect(bytes, length, None, sink);
                (Meaning::Dht(Box::new(read.message)), read.problem)
            }
        };
        Decoded {
            meaning,
            malformed: problem.and_then(Problem::malformed),
        }
    }
}

fn peer_decoded(read: Dissected<peer::Message<'_>>) -> Decoded<'_> {
    Decoded {
        malformed: read.malformed(),
        meaning: Meaning::Peer(Box::new(read.message)),
    }
}

fn extended_decoded(extended: Extended<'_>) -> Decoded<'_> {
    Decoded {
        malformed: extended.malformed,
        meaning: Meaning::Extended(Box::new(extended)),
    }
}
