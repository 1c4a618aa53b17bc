//! Which packets are of a flow, and which begin another one with the same ids.

use super::{Direction, Entry};
use crate::flow::duplex::Stage;
use crate::flow::waiting::ACKED_GRACE;
use crate::flow::{Side, Streams};
use crate::packet::Stamp;
use crate::wire::utp::{Packet, PacketType};

/// Packets behind the SYN in which a side that uses the wrong id is known by its numbers:
/// the other side never answers more.
const MAX_PACKETS_ASTRAY: u16 = 64;

/// A SYN so soon after the end can be a copy of the first one that comes late.
const LATE_SYN_NANOS: i64 = ACKED_GRACE.nanos;

/// After so long without a packet a connection is over: libutp keeps one alive every
/// 29 s, and SYNs are repeated sooner than that.
const SILENT_NANOS: i64 = 60_000_000_000;

impl<S: Streams> Entry<S> {
    /// Whether the packet of `side` begins another connection with the same ids.
    pub fn is_replaced_by(&self, side: Side, packet: &Packet<'_>, stamp: Stamp) -> bool {
        if packet.packet_type != PacketType::SYN {
            return false;
        }
        let is_missing = self.syn.is_none() && self.duplex.stage() == Stage::Starting;
        let is_repeated = self.is_repeated_syn(side, packet) && !self.is_over(stamp);
        !is_missing && !is_repeated
    }

    /// Whether nobody repeats the SYN any more: some implementations draw neither id nor
    /// number at random, and then the same SYN asks for another connection. What was
    /// never more than an attempt can be asked for again after a reset, which its
    /// initiator may not have heard.
    fn is_over(&self, now: Stamp) -> bool {
        let finished = self.duplex.lanes.iter().any(Direction::has_fin);
        let is_ended = (self.ended.is_some() || finished) && !self.is_mere_attempt;
        let (since, grace) = match self.ended {
            Some(ended) if is_ended => (ended, LATE_SYN_NANOS),
            None if is_ended => (self.duplex.connection.last.time, LATE_SYN_NANOS),
            _ => (self.duplex.connection.last.time, SILENT_NANOS),
        };
        now.time.since(since) >= grace
    }

    /// Whether a packet of `side`, whose id was not known, is of this flow.
    pub fn is_joined_by(&self, side: Side, packet: &Packet<'_>, stamp: Stamp) -> bool {
        let evidence = self.evidence.as_ref();
        self.id(side).is_none() && evidence.is_some_and(|e| e.fits(side, packet, stamp))
    }

    /// Whether a packet of `side`, with the id that the other side sends with, is of this
    /// flow all the same: its numbers are close behind those of the SYN.
    pub fn is_misaddressed_by(&self, side: Side, packet: &Packet<'_>) -> bool {
        let Some(syn) = self.syn else {
            return false;
        };
        let number = match side {
            Side::Initiator => packet.seq_nr,
            Side::Acceptor => packet.ack_nr,
        };
        // Who knows the right one does not mix them up: it is of another connection, whose
        // SYN the capture lacks.
        !self.has_spoken[side.index()]
            && self.id(side.other()) == Some(packet.connection_id)
            && number.wrapping_sub(syn) <= MAX_PACKETS_ASTRAY
    }

    /// Whether the numbers of what is no packet are those of a packet of `side`.
    pub fn has_numbers_of(&self, side: Side, packet: &Packet<'_>) -> bool {
        let [own, other] = [side, side.other()].map(|side| &self.duplex.lanes[side.index()]);
        let is_open = self.duplex.stage() == Stage::Open;
        is_open && own.is_near(packet.seq_nr) && other.is_near(packet.ack_nr)
    }

    /// Whether it is the SYN that the flow began with.
    pub(super) fn is_repeated_syn(&self, side: Side, packet: &Packet<'_>) -> bool {
        packet.packet_type == PacketType::SYN
            && side == Side::Initiator
            && self.syn == Some(packet.seq_nr)
    }
}
