//! What happened to a connection, or to an attempt at one.

use std::fmt;
use std::net::{IpAddr, SocketAddr};

use super::ends::Naming;
use super::first_bytes::FirstBytes;
use crate::flow::{Carrier, Side};
use crate::packet::{Stamp, UnreachableReason};
use crate::wire::words::Count;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionChange {
    /// A connection has proved to be BitTorrent.
    Opened,
    /// The acceptor reset an attempt before it was accepted.
    Refused,
    /// Nobody answered an attempt.
    Unanswered,
    /// A router or host says that an attempt, or a datagram, did not arrive.
    Unreachable(UnreachableReason),
    /// It was closed before both handshakes were through.
    Dropped,
    /// It was closed in good order.
    Closed,
    /// It was reset.
    Reset,
}

impl ConnectionChange {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Refused => "refused",
            Self::Unanswered => "unanswered",
            Self::Unreachable(_) => "unreachable",
            Self::Dropped => "dropped",
            Self::Closed => "closed",
            Self::Reset => "reset",
        }
    }

    /// Whether it is an attempt that failed, not the end of a conversation.
    pub fn is_failure(self) -> bool {
        !matches!(self, Self::Opened | Self::Closed | Self::Reset)
    }
}

/// What came of an attempt that met nobody, in words; of all else its name.
#[derive(Debug, Clone, Copy)]
pub struct Outcome<'a>(pub &'a ConnectionEvent);

impl fmt::Display for Outcome<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(event) = self;
        match event.change {
            ConnectionChange::Unanswered if event.syns > 0 => {
                write!(f, "no answer to {}", Count(event.syns.into(), "SYN"))
            }
            ConnectionChange::Unanswered => f.write_str("no answer"),
            ConnectionChange::Unreachable(reason) => write!(f, "unreachable ({})", reason.name()),
            change => f.write_str(change.name()),
        }
    }
}

/// Who made it happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Actor {
    /// One of the two ends.
    End(Side),
    /// A router between them, or the host itself in its stead.
    Router(IpAddr),
}

impl Actor {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::End(Side::Initiator) => "initiator",
            Self::End(Side::Acceptor) => "acceptor",
            Self::Router(_) => "router",
        }
    }
}

/// The last message of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LastMessage {
    /// Who sent it.
    pub from: Side,
    /// Its name.
    pub name: &'static str,
    /// The packet that completed it.
    pub stamp: Stamp,
}

/// How far what may be an MSE negotiation came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiation {
    /// Turns that were taken: the initiator's public key, the acceptor's, the
    /// initiator's offer, the acceptor's choice.
    pub turns: usize,
    /// The packet of the initiator's last bytes, if those are at hand.
    pub last: Option<Stamp>,
    /// Nothing in the bytes speaks against it.
    pub is_likely: bool,
}

/// Something that happened to a connection. Attempts at ends that are not known
/// as peers' ([`Ends`](super::Ends)) are not told at all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionEvent {
    /// What.
    pub change: ConnectionChange,
    /// By whom; `None` where nobody did anything.
    pub by: Option<Actor>,
    /// Number of the connection; `None` for a datagram.
    pub stream: Option<u64>,
    /// TCP or uTP, or UDP for a datagram that an ICMP error quotes.
    pub carrier: Carrier,
    /// Addresses: initiator, acceptor.
    pub ends: [SocketAddr; 2],
    /// The first packet of the connection.
    pub first: Stamp,
    /// The packet that shows it: of the first FIN or RST, of the ICMP error, of
    /// the last SYN.
    pub stamp: Stamp,
    /// SYNs of the initiator in the capture.
    pub syns: u32,
    /// Stream bytes that each side sent.
    pub bytes: [u64; 2],
    /// Requests of each side that were open.
    pub open_requests: [u32; 2],
    /// What the acceptor said in place of a handshake: the first bytes.
    pub answer: Option<Box<FirstBytes>>,
    /// The last message of either side.
    pub last_message: Option<LastMessage>,
    /// What the initiator sent first may have been MSE.
    pub looks_encrypted: bool,
    /// If so: how far that came.
    pub negotiation: Option<Negotiation>,
    /// Its keys are known, and prove that it began with a negotiation of MSE.
    pub is_mse: bool,
    /// What names the acceptor as a peer's; `None` where the connection itself
    /// is proof.
    pub named: Option<Naming>,
    /// The first packet of the next attempt of the same host at the same end.
    pub then: Option<Stamp>,
    /// It is told after messages of later packets.
    pub is_late: bool,
}

impl ConnectionEvent {
    /// Who made it happen, as an address: the end, the router, else the
    /// initiator, who waits.
    pub fn src(&self) -> IpAddr {
        match self.by {
            Some(Actor::Router(router)) => router,
            Some(Actor::End(side)) => self.ends[side.index()].ip(),
            None => self.ends[0].ip(),
        }
    }
}
