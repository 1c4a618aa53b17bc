//! What a view is given of a message.

use std::fmt;
use std::net::SocketAddr;

use serde_json::Value as Json;

use crate::capture::Timestamp;
use crate::flow::{Carrier, Side};
use crate::packet::Stamp;
use crate::session::{Actor, Certainty, ConnectionEvent, Heard, Hole};
use crate::wire::{Malformed, Tree};

/// What a record is about: asked by the views that show more than its line.
pub trait Subject {
    /// Dissects the bytes of the record into a tree.
    fn dissect(&self, tree: &mut Tree);

    /// Facts that are not fields, for JSON (`client`, `extensions`, `method`).
    fn facts(&self) -> Vec<(&'static str, Json)> {
        Vec::new()
    }

    /// What the message holds in another form than it was sent (a compressed
    /// body): its bytes, which are dissected into the tree.
    fn decoded(&self, _tree: &mut Tree) -> Option<Vec<u8>> {
        None
    }
}

/// A decoded message, borrowed from whoever decoded it.
#[derive(Clone, Copy)]
pub struct Record<'a> {
    /// Where it was found.
    pub origin: Origin<'a>,
    /// `peer`, `mse`, `dht`, `utp`, `udp_tracker`, `http_tracker` or `lsd`.
    pub protocol: &'static str,
    /// Name of the message, as JSON has it.
    pub message: &'static str,
    /// Bytes of the message on the wire.
    pub length: u64,
    /// The message in one line of words; may hold text of the capture.
    pub summary: &'a dyn fmt::Display,
    /// What was kept of its bytes: all, or the beginning.
    pub bytes: &'a [u8],
    /// How many of its bytes are not in the capture or the text (they are the
    /// last ones).
    pub missing: u64,
    /// Where and how it breaks its layout.
    pub malformed: Option<Malformed>,
    /// Whether the decoding rests on a guess (extension ids never announced).
    pub inferred: bool,
    /// How sure it is that what it was found in is BitTorrent.
    pub certainty: Certainty,
    /// The fields of `bytes`, where they are known already.
    pub fields: Option<&'a Tree>,
    /// What only some views need.
    pub subject: &'a dyn Subject,
}

impl<'a> Record<'a> {
    /// The fields of its bytes, dissected into `own` unless they are known.
    pub(super) fn fields<'t>(&self, own: &'t mut Tree) -> &'t Tree
    where
        'a: 't,
    {
        self.fields.unwrap_or_else(|| {
            own.clear();
            self.subject.dissect(own);
            own
        })
    }
}

/// Where a message was found.
#[derive(Debug, Clone, Copy)]
pub enum Origin<'a> {
    /// In a capture.
    Capture(Captured<'a>),
    /// In a text, as a dump of bytes.
    Text(Place),
    /// In a text, as a line of a log that tells of it in words.
    Log(LogLine<'a>),
    /// Nowhere: it was made.
    Made,
}

/// What a line of a log says about a message.
#[derive(Debug, Clone, Copy)]
pub struct LogLine<'a> {
    /// Where the line names it.
    pub place: Place,
    /// Whose log it is.
    pub client: &'static str,
    /// The time, as the line has it.
    pub time: Option<&'a str>,
    /// `sent` or `received`, seen from who wrote the log.
    pub direction: &'static str,
    /// The other end, as the line has it.
    pub peer: Option<&'a str>,
}

/// Who sent a message to whom, when, in which packets.
#[derive(Debug, Clone, Copy)]
pub struct Captured<'a> {
    /// Time of the packet that completed it.
    pub time: Timestamp,
    /// That packet's number, from 1.
    pub frame: u64,
    /// Number of the packet with its first byte.
    pub first_frame: u64,
    /// Number of its connection, from 0; `None` for a datagram outside of any.
    pub stream: Option<u64>,
    /// What carries it.
    pub carrier: Carrier,
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Bytes of the message that are missing because they were never sent: its
    /// sender stopped before.
    pub unsent: u64,
    /// The packet of the request, query or announce that it answers, and when that
    /// was.
    pub answers: Option<Stamp>,
    /// Clients of sender and receiver, where known.
    pub clients: [Option<&'a str>; 2],
    /// The message with what is known of its conversation; `None` of what is no
    /// message.
    pub heard: Option<&'a Heard<'a>>,
}

impl Captured<'_> {
    /// Where an event happened: from who made it happen to the other end.
    pub(super) fn of_event(event: &ConnectionEvent) -> Self {
        let [initiator, acceptor] = event.ends;
        let (src, dst) = match event.by {
            Some(Actor::End(Side::Acceptor)) => (acceptor, initiator),
            _ => (initiator, acceptor),
        };
        Self {
            time: event.stamp.time,
            frame: event.stamp.frame,
            first_frame: event.stamp.frame,
            stream: event.stream,
            carrier: event.carrier,
            src,
            dst,
            unsent: 0,
            answers: None,
            clients: [None; 2],
            heard: None,
        }
    }

    /// Where a hole in a stream became certain.
    pub(super) fn of_gap(gap: &Gap) -> Self {
        Self {
            time: gap.time,
            frame: gap.frame,
            first_frame: gap.frame,
            stream: Some(gap.stream),
            carrier: gap.carrier,
            src: gap.src,
            dst: gap.dst,
            unsent: 0,
            answers: None,
            clients: [None; 2],
            heard: None,
        }
    }
}

/// Where in a text a message begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Character in that line, from 1.
    pub column: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// A hole in a stream: bytes that are not in the capture, or that were passed
/// over on the way to the next message boundary.
#[derive(Debug, Clone, Copy)]
pub struct Gap {
    /// Time of the packet that made it certain.
    pub time: Timestamp,
    /// That packet's number, from 1.
    pub frame: u64,
    /// Number of the connection, from 0.
    pub stream: u64,
    /// What carries the stream.
    pub carrier: Carrier,
    /// Sender of the bytes.
    pub src: SocketAddr,
    /// Their receiver.
    pub dst: SocketAddr,
    /// Stream offset of the first one.
    pub offset: u64,
    /// How many they are, and why.
    pub hole: Hole,
}
