//! Connections, their sides, and what their consumers are told.

use std::net::SocketAddr;

use super::{Side, Troubles, Unreachable};
use crate::capture::Timestamp;
use crate::packet::Stamp;

/// What carries a stream or message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Carrier {
    /// TCP.
    Tcp,
    /// uTP (BEP 29) over UDP.
    Utp,
    /// A bare UDP datagram.
    Udp,
}

impl Carrier {
    /// All there are.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Utp, Self::Udp];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Utp => "utp",
            Self::Udp => "udp",
        }
    }
}

/// One connection.
#[derive(Debug, Clone)]
pub struct Connection {
    /// Number in order of appearance, from 0. An attempt at a uTP connection that
    /// nothing confirms appears when it has failed.
    pub stream: u64,
    /// TCP or uTP.
    pub carrier: Carrier,
    /// Addresses: initiator, acceptor.
    pub ends: [SocketAddr; 2],
    /// Whether the opening (SYN or SYN-ACK) is in the capture, so that offset 0
    /// is the first byte sent and the sides are known, not guessed.
    pub from_start: bool,
    /// First packet.
    pub first: Stamp,
    /// Latest packet.
    pub last: Stamp,
    /// How the initiator asked for the connection; `None` where the capture holds
    /// no SYN of it.
    pub opening: Option<Opening>,
    /// An ICMP error that quotes a packet of it, before it was answered.
    pub unreachable: Option<Box<Unreachable>>,
    /// Bytes of the stream of each side that the other is known to have, by its
    /// acknowledgements (TCP; 0 for uTP, which numbers packets).
    pub acked: [u64; 2],
    /// The packet times at which they became so many.
    pub acked_at: [Timestamp; 2],
    /// The other side has acknowledged more of a side's stream than the capture has shown
    /// so far: a packet is missing, or comes late.
    pub is_acked_ahead: [bool; 2],
    /// What its transport met.
    pub troubles: Troubles,
}

/// How a connection was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// SYNs of the initiator.
    pub syns: u32,
    /// The acceptor answered with a SYN of its own (uTP: with any packet).
    pub is_answered: bool,
    /// The packet with the latest SYN of the initiator, else with the answer.
    pub frame: u64,
}

impl Connection {
    /// The side that sends from `src` to `dst`, if these are its ends.
    #[inline]
    pub fn side(&self, src: SocketAddr, dst: SocketAddr) -> Option<Side> {
        let [initiator, acceptor] = self.ends;
        if src == initiator && dst == acceptor {
            Some(Side::Initiator)
        } else if src == acceptor && dst == initiator {
            Some(Side::Acceptor)
        } else {
            None
        }
    }

    /// Address of one end.
    pub fn address(&self, side: Side) -> SocketAddr {
        self.ends[side.index()]
    }
}

/// In-order bytes of one direction.
#[derive(Debug, Clone, Copy)]
pub struct Chunk<'a> {
    /// The bytes, borrowed from the packet or from the reorder buffer.
    pub bytes: &'a [u8],
    /// Stream offset of the first one.
    pub offset: u64,
    /// The packet that brought them.
    pub stamp: Stamp,
}

impl Chunk<'_> {
    /// What of it lies at stream offset `offset` or behind it.
    #[must_use]
    pub fn from_offset(self, offset: u64) -> Self {
        let skip = usize::try_from(offset.saturating_sub(self.offset)).unwrap_or(usize::MAX);
        let skip = skip.min(self.bytes.len());
        Self {
            bytes: &self.bytes[skip..],
            offset: self.offset + skip as u64,
            stamp: self.stamp,
        }
    }
}

/// Bytes of one direction that the capture does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// Stream offset of the first missing byte.
    pub offset: u64,
    /// How many are missing; `None` when that is unknown (a lost uTP packet).
    /// After a gap of unknown length the offsets go on as if it were empty.
    pub length: Option<u64>,
    /// Why.
    pub cause: GapCause,
    /// The packet that made the gap certain.
    pub stamp: Stamp,
}

/// Why bytes are missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapCause {
    /// No packet with these bytes is in the capture.
    Lost,
    /// The packet is there, cut by the snaplen.
    Snaplen,
}

/// How a connection ended, as far as the capture tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Close {
    /// Both sides finished.
    Fin,
    /// One side reset it (or a uTP RESET).
    Reset,
    /// A new connection began on the same pair of ports.
    Replaced,
    /// Dropped to bound memory: idle for longest.
    Evicted,
    /// The capture ended first.
    Open,
}

/// The consumer of reassembled streams. The flow table keeps its per-connection
/// state, so that one look-up a packet serves both.
///
/// Per direction `data` and `gap` calls are in stream order without overlap:
/// each begins where the one before ended.
pub trait Streams {
    /// What the consumer keeps for a connection.
    type State;

    /// A connection appears. Its start is settled by then (a TCP SYN and its
    /// answer; else the first few packets, which are held until then), so that
    /// other connections that began later can be opened before it.
    fn open(&mut self, connection: &Connection) -> Self::State;

    /// Bytes from `from`.
    fn data(
        &mut self,
        connection: &Connection,
        state: &mut Self::State,
        from: Side,
        chunk: Chunk<'_>,
    );

    /// Bytes from `from` are missing.
    fn gap(&mut self, connection: &Connection, state: &mut Self::State, from: Side, gap: Gap);

    /// A retransmission brought other bytes than the first copy (which counts);
    /// `offset` is the first byte that differs.
    fn conflict(
        &mut self,
        connection: &Connection,
        state: &mut Self::State,
        from: Side,
        offset: u64,
        stamp: Stamp,
    ) {
        let _ = (connection, state, from, offset, stamp);
    }

    /// `from` will send no more: FIN (`reset` false, after its last byte) or
    /// RST.
    fn finished(
        &mut self,
        connection: &Connection,
        state: &mut Self::State,
        from: Side,
        reset: bool,
        stamp: Stamp,
    ) {
        let _ = (connection, state, from, reset, stamp);
    }

    /// The connection is over; every gap and byte has been given.
    fn close(&mut self, connection: &Connection, state: Self::State, how: Close);

    /// Whether `payload`, found in a packet that might be uTP, can only be
    /// BitTorrent. Otherwise it takes a second packet that fits the first to
    /// make a uTP connection.
    fn is_certain(&self, payload: &[u8]) -> bool {
        let _ = payload;
        false
    }

    /// Whether this connection's bytes are still of use. Where not, the table
    /// stops buffering and delivering and keeps the bare entry.
    fn wanted(&self, state: &Self::State) -> bool {
        let _ = state;
        true
    }
}
