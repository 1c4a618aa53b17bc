//! One message of pasted bytes.

use std::sync::Arc;

use super::loose_kind::LooseKind;
use super::meaning::Meaning;
use super::sample::Sample;
use super::value::{self, ValueKind};
use super::{headers, magnet, near, reply};
use crate::wire::anomaly::Anomaly;
use crate::wire::bencode::Table;
use crate::wire::extension::{self, Extended, Extension, ExtensionMap};
use crate::wire::http_tracker::Purpose;
use crate::wire::peer::{self, Context, Framing, NearHandshake};
use crate::wire::{self, Dissected, Malformed, Message, Problem, Reader, Sink, utp};

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

/// How a stretch is dissected.
#[derive(Debug, Clone)]
pub(super) enum Layout {
    /// As a message with its framing.
    Framed(Framing, Option<Arc<ExtensionMap>>),
    /// As a message whose length prefix is wrong.
    Misframed(&'static Anomaly),
    /// As a message from its id on.
    Bare(Option<Arc<ExtensionMap>>),
    /// As an extended message from its extended id on.
    Extension(Option<Arc<ExtensionMap>>),
    /// As one without that; `None` is the handshake.
    BareExtension(Option<Extension>),
    /// As metainfo.
    Metainfo(ValueKind, &'static Table),
    /// As a message of another protocol.
    Message(wire::Layout<'static>),
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
    pub fn dissect<S: Sink>(&self, sink: &mut S) -> Dissected<Meaning<'b>> {
        let (bytes, length) = (self.bytes, self.length);
        let mut dissected = match &self.layout {
            Layout::Framed(framing, map) => {
                let context = Context {
                    framing: *framing,
                    extensions: map.as_deref(),
                    ..Context::default()
                };
                of_peer(peer::dissect(bytes, length, &context, sink))
            }
            Layout::Misframed(fault) => {
                let context = Context::default();
                let read = of_peer(peer::dissect(bytes, length, &context, sink));
                let problem = Some(Problem::Malformed(Malformed::new(0, fault)));
                Dissected { problem, ..read }
            }
            Layout::Bare(map) => {
                let context = Context {
                    extensions: map.as_deref(),
                    ..Context::default()
                };
                of_peer(peer::dissect_bare(bytes, length, &context, sink))
            }
            Layout::Extension(map) => {
                let mut reader = Reader::new(bytes, length, sink);
                match extension::dissect(&mut reader, map.as_deref()) {
                    Ok(extended) => of_extended(extended),
                    Err(_) => LooseKind::Unknown.undissected(self.length),
                }
            }
            Layout::BareExtension(extension) => {
                let mut reader = Reader::new(bytes, length, sink);
                of_extended(extension::dissect_bare(&mut reader, *extension))
            }
            Layout::Metainfo(what, table) => value::dissect(*what, table, bytes, length, sink),
            Layout::NearHandshake(near) => near::dissect(near, bytes, length, sink),
            Layout::Magnet => magnet::dissect(bytes, length, sink),
            Layout::Reply(purpose) => reply::dissect(*purpose, bytes, length, sink),
            Layout::Headers(summary) => headers::dissect(summary, bytes, length, sink),
            Layout::Bytes(kind) => kind.dissect(bytes, length, sink),
            Layout::Message(layout) => match layout.dissect(bytes, length, sink) {
                Some(read) => read.map(Meaning::Message),
                None => no_message(layout, bytes, length, sink),
            },
        };
        // That it ends early is nobody's fault. (A value that ends within a string is at
        // fault where the string begins.)
        let value = match &self.layout {
            Layout::Extension(_) => bytes.get(1..).unwrap_or_default(),
            _ => bytes,
        };
        let goes_on =
            |malformed: Malformed| malformed.at >= bytes.len() || value::is_truncated(value);
        if self.is_cut && dissected.malformed().is_some_and(goes_on) {
            dissected.problem = None;
        }
        dissected
    }
}

/// Bytes that have no value of the layout that was asked for.
fn no_message<'b, S: Sink>(
    layout: &wire::Layout<'_>,
    bytes: &'b [u8],
    length: usize,
    sink: &mut S,
) -> Dissected<Meaning<'b>> {
    match layout {
        // Their fields are told, as far as they go.
        wire::Layout::Utp => Dissected {
            problem: utp::dissect(Reader::new(bytes, length, &mut ())).err(),
            ..LooseKind::Unknown.undissected(length)
        },
        // Not for a tracker, and not told.
        _ => LooseKind::Unknown.dissect(bytes, length, sink),
    }
}

fn of_peer(read: Dissected<peer::Message<'_>>) -> Dissected<Meaning<'_>> {
    read.map(|message| Meaning::Message(Message::Peer(message)))
}

fn of_extended(extended: Extended<'_>) -> Dissected<Meaning<'_>> {
    Dissected {
        problem: extended.malformed.map(Problem::Malformed),
        message: Meaning::Extended(Box::new(extended)),
    }
}
