//! The first packets of a uTP connection, held until it is confirmed and known
//! where its streams begin.

use super::direction::PacketPayload;
use crate::flow::Side;
use crate::flow::waiting::{Moment, START_GRACE};
use crate::packet::Stamp;
use crate::wire::utp::{Packet, PacketType};

/// Whether number `a` comes before `b`.
pub(super) fn is_before(a: u16, b: u16) -> bool {
    a.wrapping_sub(b).cast_signed() < 0
}

/// Whether a packet asks for a connection, as nothing but uTP does by accident:
/// it acknowledges nothing, has measured nothing and carries nothing.
pub(super) fn is_first_syn(packet: &Packet<'_>) -> bool {
    packet.packet_type == PacketType::SYN
        && packet.ack_nr == 0
        && packet.timestamp_difference == 0
        && packet.payload_length == 0
}

/// The numbers of a packet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub packet_type: PacketType,
    pub seq: u16,
    pub ack: u16,
    pub window: u32,
}

impl Header {
    pub fn of(packet: &Packet<'_>) -> Self {
        Self {
            packet_type: packet.packet_type,
            seq: packet.seq_nr,
            ack: packet.ack_nr,
            window: packet.wnd_size,
        }
    }

    /// Whether it takes a number of its own: what it carries is part of the
    /// stream.
    pub fn is_numbered(self) -> bool {
        matches!(self.packet_type, PacketType::DATA | PacketType::FIN)
    }

    /// Whether its acknowledgement means something.
    pub fn acknowledges(self) -> bool {
        !matches!(self.packet_type, PacketType::SYN | PacketType::RESET)
    }
}

/// Of each side, the STATE with the lowest number: that and what it acknowledges. A STATE
/// has the number of the next packet with payload.
#[derive(Debug, Default)]
pub(super) struct LowestStates([Option<(u16, u16)>; 2]);

impl LowestStates {
    pub fn of(&self, side: Side) -> Option<(u16, u16)> {
        self.0[side.index()]
    }

    pub fn note(&mut self, side: Side, header: Header) {
        if header.packet_type == PacketType::STATE {
            let state = (header.seq, header.ack);
            let lowest = self.0[side.index()].get_or_insert(state);
            if is_before(header.seq, lowest.0) {
                *lowest = state;
            }
        }
    }

    pub fn swap_sides(&mut self) {
        self.0.swap(0, 1);
    }
}

impl<'a> PacketPayload<'a> {
    pub fn new(packet: &Packet<'a>, stamp: Stamp) -> Self {
        Self {
            seq: packet.seq_nr,
            payload: packet.payload,
            cut: (packet.payload_length - packet.payload.len()) as u64,
            fin: packet.packet_type == PacketType::FIN,
            stamp,
        }
    }
}

/// A packet with its own copy of the payload.
#[derive(Debug)]
pub(super) struct Owned {
    pub side: Side,
    pub header: Header,
    payload: Vec<u8>,
    cut: u64,
    stamp: Stamp,
}

impl Owned {
    pub fn part(&self) -> PacketPayload<'_> {
        PacketPayload {
            seq: self.header.seq,
            payload: &self.payload,
            cut: self.cut,
            fin: self.header.packet_type == PacketType::FIN,
            stamp: self.stamp,
        }
    }
}

/// The held packets, in the order of the capture.
#[derive(Debug, Default)]
pub(super) struct Held {
    packets: Vec<Owned>,
    cost: usize,
    /// The first packet of each side.
    since: [Option<Moment>; 2],
}

impl Held {
    /// Bytes in use, about.
    pub fn cost(&self) -> usize {
        self.cost
    }

    pub fn is_empty(&self) -> bool {
        self.packets.is_empty()
    }

    /// Whether both sides were waited for long enough.
    pub fn is_overdue(&self, now: Moment) -> bool {
        let mut begun = self.since.iter().flatten();
        !self.is_empty() && begun.all(|&since| START_GRACE.is_over(since, now))
    }

    pub fn push(&mut self, (side, now): (Side, Moment), packet: &Packet<'_>, stamp: Stamp) {
        self.since[side.index()].get_or_insert(now);
        let part = PacketPayload::new(packet, stamp);
        self.cost += size_of::<Owned>() + part.payload.len();
        self.packets.push(Owned {
            side,
            header: Header::of(packet),
            payload: part.payload.to_vec(),
            cut: part.cut,
            stamp,
        });
    }

    /// The numbers of the packets of a side that are part of its stream.
    pub fn numbers(&self, side: Side) -> impl Iterator<Item = u16> {
        let own = self.packets.iter().filter(move |owned| owned.side == side);
        own.filter(|owned| owned.header.is_numbered())
            .map(|owned| owned.header.seq)
    }

    /// The lowest of them.
    pub fn lowest(&self, side: Side) -> Option<u16> {
        let mut numbers = self.numbers(side);
        let first = numbers.next()?;
        Some(numbers.fold(
            first,
            |lowest, seq| {
                if is_before(seq, lowest) { seq } else { lowest }
            },
        ))
    }

    pub fn swap_sides(&mut self) {
        self.since.swap(0, 1);
        for owned in &mut self.packets {
            owned.side = owned.side.other();
        }
    }

    pub fn into_packets(self) -> Vec<Owned> {
        self.packets
    }
}
