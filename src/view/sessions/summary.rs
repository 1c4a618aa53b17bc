//! What there is to show of a connection that is over.

use std::net::SocketAddr;

use crate::capture::Timestamp;
use crate::flow::{Carrier, Close, Side};
use crate::session::{Certainty, Past, RequestFigures};
#[cfg(feature = "cli")]
use crate::view::quantity::Duration;

/// A connection that is over.
#[derive(Debug, Clone, Copy)]
pub struct SessionSummary<'a> {
    /// Number of the connection, from 0 in order of appearance.
    pub stream: u64,
    /// TCP or uTP.
    pub carrier: Carrier,
    /// Initiator and acceptor.
    pub ends: [End<'a>; 2],
    /// Info-hash of the handshake (20 bytes; the initiator's where they differ).
    pub info_hash: Option<[u8; 20]>,
    /// Name of the torrent, where its info dictionary was seen.
    pub name: Option<&'a str>,
    /// First packet.
    pub start: Timestamp,
    /// Last packet.
    pub end: Timestamp,
    /// `none`, `mse_rc4`, `mse_plaintext` or `mse_unknown`.
    pub encryption: &'static str,
    /// How sure it is that it is a connection between peers.
    pub certainty: Certainty,
    /// How it ended.
    pub close: Close,
    /// Who sent the first FIN or RST, and in which packet; `None` where the capture
    /// shows neither.
    pub closed_by: Option<(Side, u64)>,
}

/// One end of a connection, and what it sent.
#[derive(Debug, Clone, Copy)]
pub struct End<'a> {
    /// Its address.
    pub address: SocketAddr,
    /// From its handshake.
    pub peer_id: Option<[u8; 20]>,
    /// Name and version of the client, where known.
    pub client: Option<&'a str>,
    /// How many messages of each name it sent, in the order to be shown.
    pub messages: &'a [(&'static str, u64)],
    /// Data of piece messages that it sent, in bytes on the wire.
    pub payload_bytes: u64,
    /// Bytes of these that the capture does not hold.
    pub payload_missing: u64,
    /// Bytes of its stream, as they passed: encrypted ones too.
    pub wire_bytes: u64,
    /// Holes in what the capture has of its stream.
    pub gaps: u64,
    /// It sent what the capture lacks.
    pub is_hidden: bool,
    /// Nothing of what it sent is in the capture: that nothing was counted says nothing.
    pub is_unseen: bool,
    /// What became of its requests.
    pub requests: RequestFigures,
}

impl<'a> SessionSummary<'a> {
    /// What there is to show of `past`, whose torrent is called `name`.
    pub fn of(past: &'a Past, name: Option<&'a str>) -> Self {
        Self {
            stream: past.connection.stream,
            carrier: past.connection.carrier,
            ends: Side::BOTH.map(|side| {
                let end = past.end(side);
                End {
                    address: past.connection.address(side),
                    peer_id: end.peer_id,
                    client: end.client.as_deref(),
                    messages: &end.messages,
                    payload_bytes: end.payload_bytes,
                    payload_missing: end.payload_missing,
                    wire_bytes: end.wire_bytes,
                    gaps: end.gaps,
                    is_hidden: end.is_hidden,
                    is_unseen: end.is_unseen(),
                    requests: end.requests,
                }
            }),
            info_hash: past.info_hash,
            name,
            start: past.connection.first.time,
            end: past.connection.last.time,
            encryption: past.encryption.said(past.certainty).name(),
            certainty: past.certainty,
            close: past.close,
            closed_by: past
                .first_finish
                .map(|(side, finish)| (side, finish.stamp.frame)),
        }
    }
}

/// Words of the tables.
impl SessionSummary<'_> {
    /// How it was encrypted, in a word or two; empty where it was not.
    #[cfg(feature = "cli")]
    pub(in crate::view) fn encryption_words(&self) -> &'static str {
        match self.encryption {
            "none" => "",
            _ if self.certainty == Certainty::Likely => "may be MSE",
            "mse_rc4" => "MSE RC4",
            "mse_plaintext" => "MSE plain",
            _ => "MSE",
        }
    }

    /// The requests of a side that were not answered; `None` where the capture lacks
    /// what the other side said, so that nobody knows.
    pub(in crate::view) fn unanswered(&self, side: Side) -> Option<u64> {
        let is_seen = !self.ends[side.other().index()].is_hidden;
        is_seen.then_some(self.ends[side.index()].requests.open)
    }

    /// How long it lasted; empty where a time is unknown.
    #[cfg(feature = "cli")]
    pub(in crate::view) fn lasted(&self) -> String {
        if self.start == Timestamp::UNKNOWN || self.end == Timestamp::UNKNOWN {
            return String::new();
        }
        Duration(self.end.since(self.start)).to_string()
    }
}

/// How a connection ended, and who stopped sending first.
pub(in crate::view) fn close_words(close: Close, by: Option<Side>) -> String {
    match (close, by.map(|side| LETTERS[side.index()])) {
        (Close::Open, Some(letter)) => format!("half closed by {letter}"),
        (close, Some(letter)) => format!("{} by {letter}", close_name(close)),
        (close, None) => close_name(close).to_owned(),
    }
}

/// How a connection ended, the key `close`.
pub(in crate::view) fn close_name(close: Close) -> &'static str {
    match close {
        Close::Fin => "fin",
        Close::Reset => "reset",
        Close::Replaced => "replaced",
        Close::Evicted => "evicted",
        Close::Open => "open",
    }
}

/// What is said of a side that is not in the capture.
pub(in crate::view) const NOT_SEEN: &str = "not seen";

/// The letters of the two ends, for people.
pub(in crate::view) const LETTERS: [&str; 2] = ["A", "B"];
