//! What an observer needs.

use std::sync::Arc;

use crate::session::{ConnectionChange, ConnectionEvent, Heard};
use crate::wire::{MessageSet, MessageType};

/// What an observer needs; work that nobody asks for is not done.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // they are switches
pub struct Interest {
    /// The messages that it is told of.
    pub messages: MessageSet,
    /// The connections whose messages it is told of. Of datagrams, too, each pair
    /// of ends has a number.
    pub streams: StreamSet,
    /// What it needs of the data of pieces.
    pub bodies: Bodies,
    /// The fields of messages of the peer wire, with each of them
    /// ([`Heard::fields`]): who looks at all of them saves a second dissection.
    pub fields: bool,
    /// The packets of uTP connections, as messages of their own.
    pub packets: bool,
    /// That a connection has proved to be BitTorrent.
    pub opened: bool,
    /// Attempts at connections that failed.
    pub attempts: AttemptInterest,
    /// The bytes of the streams of these connections, as they were sent.
    pub bytes_of: Option<StreamSet>,
    /// The requests and responses of HTTP, whatever they are for.
    pub web: bool,
}

/// Some of the connections of a capture, by their numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum StreamSet {
    /// All of them.
    #[default]
    All,
    /// These; the numbers are sorted.
    Only(Arc<[u64]>),
}

/// What an observer needs of the data of pieces.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Bodies {
    /// Its length.
    #[default]
    Counted,
    /// The data as it passes by, in borrowed chunks
    /// ([`Observer::body`](super::Observer::body)): nothing is kept for that.
    Chunks,
    /// The chunks, and the whole message, to show it: [`Heard::bytes`] has the data
    /// where it can be kept.
    Whole,
}

/// Which failed attempts an observer wants to be told of: those at ends that
/// messages of the capture name as peers'.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum AttemptInterest {
    /// None.
    #[default]
    None,
    /// As soon as the end is known and it is seen what came next, at most 10 s of
    /// capture time after the failure; not at all if the end is not known by
    /// then.
    AsKnown,
    /// At the end of the capture, by all that it names.
    Whole,
    /// The same, and those at ends that nothing names but whose first bytes may
    /// be MSE: they are likely, no more.
    WholeAndLikely,
}

impl StreamSet {
    /// These connections.
    pub fn only(mut streams: Vec<u64>) -> Self {
        streams.sort_unstable();
        Self::Only(streams.into())
    }

    /// Whether a connection is one of them.
    #[inline]
    pub fn contains(&self, stream: u64) -> bool {
        match self {
            Self::All => true,
            Self::Only(streams) => streams.binary_search(&stream).is_ok(),
        }
    }

    fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(one), Self::Only(other)) => Self::only([&one[..], &other].concat()),
            _ => Self::All,
        }
    }
}

impl Interest {
    /// What has to be told to whoever looks for findings: messages, packets of uTP,
    /// failed attempts, contradictions. Whoever asks with this has to hand all of it to
    /// the checker, so that all commands find the same.
    pub fn of_findings() -> Self {
        Self {
            packets: true,
            attempts: AttemptInterest::WholeAndLikely,
            ..Self::default()
        }
    }

    /// All connections, those of the web and failed attempts among them, once the whole
    /// capture is known.
    pub fn of_connections() -> Self {
        Self {
            attempts: AttemptInterest::Whole,
            web: true,
            ..Self::default()
        }
    }

    /// Whether messages of this sort are told, on this connection.
    #[inline]
    pub(super) fn wants(&self, message: &MessageType, stream: u64) -> bool {
        self.messages.contains(message) && self.streams.contains(stream)
    }

    /// Whether the data of pieces is told, on this connection.
    #[inline]
    pub(super) fn wants_body(&self, stream: u64) -> bool {
        self.bodies >= Bodies::Chunks && self.streams.contains(stream)
    }

    /// Whether the bytes of the streams of this connection are told.
    #[inline]
    pub(super) fn wants_bytes(&self, stream: u64) -> bool {
        let chosen = self.bytes_of.as_ref();
        chosen.is_some_and(|streams| streams.contains(stream))
    }

    /// Whether this message is told, to an observer that is told of no others.
    pub(super) fn wants_heard(&self, heard: &Heard<'_>) -> bool {
        let is_packet = heard.is_packet();
        self.wants(heard.message_type(), heard.stream) && (self.packets || !is_packet)
    }

    /// Whether this event is told, to an observer that is told of no others.
    pub(super) fn wants_event(&self, event: &ConnectionEvent) -> bool {
        let needed = match event.change {
            ConnectionChange::Opened => return self.opened,
            change if !change.is_failure() => return true,
            _ if event.named.is_none() => AttemptInterest::WholeAndLikely,
            _ => AttemptInterest::AsKnown,
        };
        self.attempts >= needed
    }

    /// What two observers need together. Where one of them wants attempts at the
    /// end of the capture, both are told of them then.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self {
            messages: self.messages.union(other.messages),
            streams: self.streams.union(other.streams),
            bodies: self.bodies.max(other.bodies),
            fields: self.fields || other.fields,
            packets: self.packets || other.packets,
            opened: self.opened || other.opened,
            attempts: self.attempts.max(other.attempts),
            bytes_of: match (self.bytes_of, other.bytes_of) {
                (Some(one), Some(other)) => Some(one.union(other)),
                (one, other) => one.or(other),
            },
            web: self.web || other.web,
        }
    }
}
