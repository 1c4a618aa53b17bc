//! What is told of a stretch of a stream: the message that it is, or a hole.

use std::fmt;

use super::dht::AnsweredQuery;
use super::hole::Hole;
use crate::packet::Stamp;
use crate::wire::sink::Sink;
use crate::wire::{Dissected, Layout, Message, MessageType, Problem, dht, peer};

/// A message, or a hole where messages may have been.
#[derive(Debug, Clone, Copy)]
pub enum Content<'a> {
    /// A message.
    Message(Dissection<'a>),
    /// A hole.
    Gap(Hole),
}

/// A message as it was read, and what is known of it beyond its bytes.
#[derive(Debug, Clone, Copy)]
pub struct Dissection<'a> {
    /// What it is.
    pub message: &'a Message<'a>,
    /// What is wrong with it.
    pub problem: Option<Problem>,
    /// How its bytes are read.
    pub layout: Layout<'a>,
    /// The packet of the query or request that it answers, if that was seen.
    pub query: Option<Stamp>,
    /// Of a reply in the DHT, the method of that query.
    pub method: Option<dht::Method<'a>>,
    /// Its shape alone says what it is, nothing of its conversation before it
    /// being in the capture (UDP trackers).
    pub is_guess: bool,
}

impl<'a> Dissection<'a> {
    /// What came of reading bytes by a layout.
    #[inline]
    pub fn new(dissected: &'a Dissected<Message<'a>>, layout: Layout<'a>) -> Self {
        Self {
            message: &dissected.message,
            problem: dissected.problem,
            layout,
            query: None,
            method: None,
            is_guess: false,
        }
    }

    /// Of a reply in the DHT: the query that it answers.
    pub fn asked(&self) -> Option<AnsweredQuery<'a>> {
        let (method, stamp) = (self.method?, self.query?);
        Some(AnsweredQuery { method, stamp })
    }

    fn is_inferred(&self) -> bool {
        self.is_guess || self.message.is_inferred()
    }
}

impl<'a> From<Dissection<'a>> for Content<'a> {
    fn from(dissection: Dissection<'a>) -> Self {
        Self::Message(dissection)
    }
}

impl<'a> Content<'a> {
    /// The message as it was read, unless it is a hole.
    #[inline]
    pub fn dissection(&self) -> Option<&Dissection<'a>> {
        match self {
            Self::Message(dissection) => Some(dissection),
            Self::Gap(_) => None,
        }
    }

    /// The hole.
    #[inline]
    pub fn hole(&self) -> Option<&Hole> {
        match self {
            Self::Message(_) => None,
            Self::Gap(hole) => Some(hole),
        }
    }

    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        match self {
            Self::Message(dissection) => dissection.message.message_type(),
            Self::Gap(_) => &peer::types::GAP,
        }
    }

    /// Whether it was decoded by a guess: extension ids that were not announced
    /// in the capture, the method of a DHT response whose query is not there, an
    /// announce to a UDP tracker whose conversation is not.
    pub fn is_inferred(&self) -> bool {
        self.dissection().is_some_and(Dissection::is_inferred)
    }

    /// Dissects the message's bytes again, `length` of them on the wire.
    pub fn dissect(&self, bytes: &[u8], length: usize, sink: &mut impl Sink) {
        if let Self::Message(dissection) = self {
            // What is wrong with it is told as a leaf of the tree.
            let _ = dissection.layout.dissect(bytes, length, sink);
        }
    }
}

impl fmt::Display for Content<'_> {
    /// The message in words; may hold text of the capture as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message(dissection) => dissection.message.fmt(f),
            Self::Gap(hole) => hole.fmt(f),
        }
    }
}
