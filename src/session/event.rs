//! What observers are told: messages, gaps, ends of connections.

use std::fmt;
use std::net::SocketAddr;

use super::certainty::Certainty;
use super::content::Content;
use super::conversation::Conversation;
use super::framer::Frame;
use super::ledger::Transition;
use super::notice::Acked;
use crate::flow::{Carrier, Close, Connection, Side};
use crate::packet::{Datagram, Stamp};
use crate::wire::Problem;
use crate::wire::peer::Block;
use crate::wire::sink::Sink;
use crate::wire::{Breach, Deviation, Message, MessageType, Note, Tree, dht, peer};

/// A message, or a hole where messages may have been.
#[derive(Debug)]
pub struct Heard<'a> {
    /// Number of the connection, from 0 in order of appearance.
    pub stream: u64,
    /// What carried it.
    pub carrier: Carrier,
    /// Sender.
    pub src: SocketAddr,
    /// Receiver.
    pub dst: SocketAddr,
    /// Which end sent it.
    pub from: Side,
    /// The conversation that it belongs to, as it was before this message but for
    /// the ledgers, which have it.
    pub conversation: Option<&'a Conversation>,
    /// What it changed in the ledgers.
    pub transition: Option<Transition>,
    /// What its sender is known to have had of the receiver's stream when the last
    /// packet of the message was delivered (TCP). A message that waited for a late
    /// segment may have been sent before.
    pub acked: Acked,
    /// Offset of its first byte in the sender's stream (0 in a datagram).
    pub offset: u64,
    /// Its length on the wire.
    pub length: u64,
    /// What is kept of it, from its first byte on.
    pub bytes: &'a [u8],
    /// Bytes of it that the capture does not hold.
    pub missing: u64,
    /// Those of them that its sender never sent: it stopped before.
    pub unsent: u64,
    /// The packet with its first byte.
    pub first: Stamp,
    /// The packet that completed it.
    pub last: Stamp,
    /// What it is.
    pub content: Content<'a>,
    /// Its fields, if they were told while it was dissected: for an observer
    /// that asks for them. [`Heard::dissect`] finds them in any case.
    pub fields: Option<&'a Tree>,
}

impl<'a> Heard<'a> {
    /// What `from` sent on a connection: `frame` has its bytes.
    #[inline]
    pub fn in_stream(
        connection: &Connection,
        from: Side,
        frame: &Frame<'a>,
        content: Content<'a>,
    ) -> Self {
        Self {
            stream: connection.stream,
            carrier: connection.carrier,
            src: connection.address(from),
            dst: connection.address(from.other()),
            from,
            conversation: None,
            transition: None,
            acked: Acked::NOTHING,
            offset: frame.offset,
            length: frame.length,
            bytes: frame.bytes,
            missing: frame.missing,
            unsent: frame.unsent,
            first: frame.first,
            last: frame.last,
            content,
            fields: None,
        }
    }

    /// What `from` sent in a datagram of its own.
    pub fn in_datagram(
        stream: u64,
        from: Side,
        datagram: &Datagram<'a>,
        at: Stamp,
        content: Content<'a>,
    ) -> Self {
        let captured = datagram.payload.len() as u64;
        let length = u64::from(datagram.wire_length);
        Self {
            stream,
            carrier: Carrier::Udp,
            src: datagram.src,
            dst: datagram.dst,
            from,
            conversation: None,
            transition: None,
            acked: Acked::NOTHING,
            offset: 0,
            length,
            bytes: datagram.payload,
            missing: length.saturating_sub(captured),
            unsent: 0,
            first: at,
            last: at,
            content,
            fields: None,
        }
    }

    /// The message; `None` of a gap.
    #[inline]
    pub fn message(&self) -> Option<&'a Message<'a>> {
        Some(self.content.dissection()?.message)
    }

    /// The message, if it is one of the peer wire.
    #[inline]
    pub fn peer_message(&self) -> Option<&'a peer::Message<'a>> {
        match self.message()? {
            Message::Peer(message) => Some(message),
            _ => None,
        }
    }
}

impl Heard<'_> {
    /// Which message it is, as the catalogue lists it.
    pub fn message_type(&self) -> &'static MessageType {
        self.content.message_type()
    }

    /// The protocol, as JSON has it.
    pub fn protocol(&self) -> &'static str {
        self.message_type().protocol.name()
    }

    /// The message's name, as JSON has it.
    pub fn message_name(&self) -> &'static str {
        self.message_type().name
    }

    /// What is wrong with it, if anything.
    #[inline]
    pub fn problem(&self) -> Option<Problem> {
        self.content.dissection()?.problem
    }

    /// The packet of the query or request that it answers, if that was seen. (What
    /// a message of the peer wire answers is in [`Heard::transition`].)
    pub fn query(&self) -> Option<Stamp> {
        self.content.dissection()?.query
    }

    /// Whether it is a gap.
    pub fn is_gap(&self) -> bool {
        self.content.hole().is_some()
    }

    /// Whether it is a packet of uTP, whose payload is told as messages of their own.
    #[inline]
    pub fn is_packet(&self) -> bool {
        matches!(self.message(), Some(Message::Utp(_)))
    }

    /// Whether it was decoded by a guess: see [`Content::is_inferred`].
    pub fn is_inferred(&self) -> bool {
        self.content.is_inferred()
    }

    /// How sure it is that the connection is one between peers.
    pub fn certainty(&self) -> Certainty {
        let conversation = self.conversation;
        conversation.map_or(Certainty::Certain, |conversation| conversation.certainty)
    }

    /// Dissects its bytes again, for a view that shows the fields.
    pub fn dissect(&self, sink: &mut impl Sink) {
        let length = usize::try_from(self.length).unwrap_or(usize::MAX);
        self.content.dissect(self.bytes, length, sink);
        // Nobody can be there.
        if self.dst.port() == 0 && self.message_type() == &dht::QUERY {
            let breach = Breach::from(&dht::anomalies::TO_PORT_ZERO);
            let deviation = Deviation {
                at: None,
                ..breach.at(0)
            };
            sink.note(Note::Anomaly(deviation));
        }
    }

    /// What it holds in another form than it was sent: see
    /// [`Message::dissect_decoded`].
    pub fn dissect_decoded(&self, sink: &mut impl Sink) -> Option<Vec<u8>> {
        self.message()?.dissect_decoded(self.bytes, sink)
    }
}

impl fmt::Display for Heard<'_> {
    /// The message in words; may hold text of the capture as it is.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.content.fmt(f)
    }
}

/// How a connection was encrypted, as far as can be seen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Encryption {
    /// Not at all.
    #[default]
    None,
    /// MSE, the stream in RC4.
    MseRc4,
    /// MSE negotiation, then plaintext.
    MsePlaintext,
    /// MSE, broken off before it could be seen which, or not sure.
    MseUnknown,
}

impl Encryption {
    /// What may be said of it: where MSE itself is not sure, nothing of what it
    /// selected is.
    #[must_use]
    pub fn said(self, certainty: Certainty) -> Self {
        match self {
            Self::MseRc4 if certainty == Certainty::Likely => Self::MseUnknown,
            _ => self,
        }
    }

    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::MseRc4 => "mse_rc4",
            Self::MsePlaintext => "mse_plaintext",
            Self::MseUnknown => "mse_unknown",
        }
    }
}

/// A connection that is over, or that the capture's end broke off.
#[derive(Debug)]
pub struct Ended<'a> {
    /// The connection.
    pub connection: &'a Connection,
    /// What was said on it.
    pub conversation: &'a Conversation,
    /// How it was encrypted.
    pub encryption: Encryption,
    /// How it ended.
    pub how: Close,
    /// How each end stopped sending, initiator first; `None` where the capture
    /// shows neither FIN nor RST of it.
    pub finishes: [Option<Finish>; 2],
    /// Bytes of the stream that each end sent, as far as the capture shows.
    pub sent: [u64; 2],
}

impl Ended<'_> {
    /// Who stopped sending first, in the order of the packets.
    pub fn first_finish(&self) -> Option<(Side, Finish)> {
        first_finish(&self.finishes)
    }

    /// Whether `side` has sent what the capture lacks.
    pub fn is_hidden(&self, side: Side) -> bool {
        is_hidden(self.connection, self.sent, &self.finishes, side)
    }

    /// The requests of `side` that were not answered, each with the packet that
    /// completed it; none where the capture lacks what the other side said.
    pub fn unanswered(&self, side: Side) -> impl Iterator<Item = (Block, Stamp)> + '_ {
        let open = self.conversation.speaker(side).requests.open_requests();
        let is_seen = !self.is_hidden(side.other());
        open.filter(move |_| is_seen)
    }
}

/// Whether `side` has sent what the capture lacks: the other acknowledges it, or
/// nothing of that side was captured at all.
pub fn is_hidden(
    connection: &Connection,
    sent: [u64; 2],
    finishes: &[Option<Finish>; 2],
    side: Side,
) -> bool {
    let at = side.index();
    let has_begun = connection.opening.is_some_and(|opening| match side {
        Side::Initiator => opening.syns > 0,
        Side::Acceptor => opening.is_answered,
    });
    // Who acknowledges is there.
    let acknowledges = connection.acked[side.other().index()] > 0;
    let has_stopped = finishes[at].is_some();
    let is_absent = sent[at] == 0 && !has_begun && !acknowledges && !has_stopped;
    // A FIN is acknowledged as a byte.
    connection.acked[at] > sent[at] + 1 || is_absent
}

/// Who stopped sending first, in the order of the packets.
pub fn first_finish(finishes: &[Option<Finish>; 2]) -> Option<(Side, Finish)> {
    let finishes = Side::BOTH.map(|side| Some((side, finishes[side.index()]?)));
    let all = finishes.into_iter().flatten();
    all.min_by_key(|(_, finish)| finish.stamp.frame)
}

/// An end of a connection sends no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Finish {
    /// It reset the connection; else it finished in good order.
    pub reset: bool,
    /// The packet that says so.
    pub stamp: Stamp,
}
