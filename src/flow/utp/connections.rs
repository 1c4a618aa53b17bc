//! The connections of uTP: which one a datagram belongs to.

use std::net::SocketAddr;

use super::entry::Entry;
use super::half::Half;
use crate::flow::budget::{Counter, Evicted, Limits};
use crate::flow::keeper::{Flow, Keeper};
use crate::flow::table::Queue;
use crate::flow::{Close, Side, Streams, Unreachable};
use crate::packet::{Datagram, Stamp};
use crate::wire::Reader;
use crate::wire::utp::{self, HEADER_LENGTH, Packet, PacketType};

/// What a datagram belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Nothing that is known.
    None,
    /// What may turn out to be a connection.
    Open,
    /// The connection of this number, from this side.
    Connection(u64, Side),
}

/// All uTP connections of a capture.
pub struct UtpTable<S: Streams> {
    keeper: Keeper<Entry<S>>,
}

/// A packet on its way through the table.
struct Arrival<'p> {
    packet: Packet<'p>,
    ends: [SocketAddr; 2],
    stamp: Stamp,
}

impl<S: Streams> UtpTable<S> {
    /// An empty table that numbers its connections by `counter`.
    pub fn new(limits: Limits, counter: Counter) -> Self {
        Self {
            keeper: Keeper::new(limits, counter),
        }
    }

    /// Takes the next datagram of the capture. Tells whether it belongs to a uTP
    /// connection: one that is known, or that it confirms.
    pub fn datagram(&mut self, datagram: &Datagram<'_>, stamp: Stamp, streams: &mut S) -> bool {
        self.keeper.look_at_silent(stamp, streams);
        let Some(arrival) = self.arrival(datagram, stamp) else {
            return false;
        };
        let Some((slot, side)) = self
            .locate(&arrival, streams)
            .or_else(|| self.find_partner(&arrival))
            .or_else(|| self.create(&arrival, streams))
        else {
            return false;
        };
        self.take(slot, side, &arrival, streams)
    }

    /// What is known of a datagram before it is taken.
    pub fn standing(&self, datagram: &Datagram<'_>, stamp: Stamp) -> Standing {
        let Some(arrival) = self.arrival(datagram, stamp) else {
            return Standing::None;
        };
        match self.known(&arrival) {
            Some((_, side, entry)) if !entry.is_replaced_by(side, &arrival.packet, stamp) => {
                match entry.stream() {
                    Some(stream) => Standing::Connection(stream, side),
                    None => Standing::Open,
                }
            }
            _ => Standing::None,
        }
    }

    /// What a datagram belongs to that is no packet of uTP, though its header has the id
    /// and the numbers of a connection under way: its sender takes it for one.
    pub fn standing_of_broken(&self, datagram: &Datagram<'_>) -> Standing {
        let ends = [datagram.src, datagram.dst];
        let found = utp::broken_header(datagram.payload).and_then(|header| {
            let half = Half::new(ends, header.connection_id);
            let entry = self.keeper.get(self.keeper.find(&half)?)?;
            let side = entry.side(ends)?;
            let stream = entry.stream()?;
            let is_meant =
                entry.id(side) == Some(header.connection_id) && entry.has_numbers_of(side, &header);
            is_meant.then_some(Standing::Connection(stream, side))
        });
        found.unwrap_or(Standing::None)
    }

    /// A router says that a packet between these ends, which begins with `quoted`,
    /// did not arrive. Tells whether that was an attempt at a connection which
    /// nobody has answered.
    pub fn unreachable(
        &mut self,
        ends: [SocketAddr; 2],
        quoted: &[u8],
        unreachable: Unreachable,
    ) -> bool {
        let &[type_version, _, high, low, ..] = quoted else {
            return false;
        };
        let is_syn = type_version == PacketType::SYN.0 << 4 | utp::VERSION;
        if !is_syn && type_version & 0x0f != utp::VERSION {
            return false;
        }
        let id = u16::from_be_bytes([high, low]).wrapping_add(u16::from(is_syn));
        let slot = self.keeper.find(&Half::new(ends, id));
        let Some(entry) = slot.and_then(|slot| self.keeper.get_mut(slot)) else {
            return false;
        };
        let is_attempt = is_syn && entry.is_nameless_attempt();
        if is_attempt || entry.is_confirmed() {
            entry.note_unreachable(ends, unreachable);
        }
        is_attempt
    }

    /// Time goes by without a packet of this table: looks at what connections
    /// wait for, and at silent ones, as of the packet or moment `stamp`.
    pub fn tick(&mut self, stamp: Stamp, streams: &mut S) {
        self.keeper.look_at_silent(stamp, streams);
    }

    /// The capture is over: gives what is left and closes every connection, in
    /// order of appearance.
    pub fn finish(&mut self, streams: &mut S) {
        self.keeper.finish(streams);
    }

    /// How many connections are in the table: under way, and over but
    /// remembered.
    pub fn counts(&self) -> (usize, usize) {
        self.keeper.counts()
    }

    /// Connections that were closed to keep the limits.
    pub fn evicted(&self) -> Evicted {
        self.keeper.evicted()
    }

    /// Bytes in all reorder buffers, about.
    pub fn buffered(&self) -> usize {
        self.keeper.buffered()
    }

    /// The datagram as a packet of uTP, if it is believed to be one.
    #[inline]
    fn arrival<'a>(&self, datagram: &Datagram<'a>, stamp: Stamp) -> Option<Arrival<'a>> {
        let arrival = Arrival {
            packet: shaped(datagram)?,
            ends: [datagram.src, datagram.dst],
            stamp,
        };
        self.is_believed(&arrival).then_some(arrival)
    }

    /// Gives a packet to its flow, and confirms that if it does.
    fn take(&mut self, slot: u32, side: Side, arrival: &Arrival<'_>, streams: &mut S) -> bool {
        let Arrival { packet, stamp, .. } = arrival;
        let Some(entry) = self.keeper.touch(slot) else {
            return false;
        };
        let mut confirmed = entry.is_confirmed();
        if !confirmed {
            confirmed = entry.probe(side, packet, *stamp, streams);
            if confirmed {
                self.keeper.confirm(slot, streams);
            } else if entry.is_hopeless() {
                self.keeper.forget(slot);
                return false;
            }
        }
        if let Some(entry) = self.keeper.get_mut(slot) {
            let end = entry.receive(side, packet, *stamp, streams);
            self.keeper.settle(slot, end, *stamp, streams);
        }
        confirmed
    }

    /// The flow that holds the sender's id, unless the packet begins a new one.
    #[inline]
    fn locate(&mut self, arrival: &Arrival<'_>, streams: &mut S) -> Option<(u32, Side)> {
        let (slot, side, entry) = self.known(arrival)?;
        if !entry.is_replaced_by(side, &arrival.packet, arrival.stamp) {
            return Some((slot, side));
        }
        self.keeper.drop(slot, Close::Replaced, streams);
        None
    }

    /// Whether it is taken for a packet of uTP: one that real implementations send, or
    /// one of a connection that is proven.
    #[inline]
    fn is_believed(&self, arrival: &Arrival<'_>) -> bool {
        let is_proven = |side: Side, entry: &Entry<S>| {
            entry.is_confirmed() && !entry.is_replaced_by(side, &arrival.packet, arrival.stamp)
        };
        arrival.packet.is_plausible()
            || self
                .known(arrival)
                .is_some_and(|(_, side, entry)| is_proven(side, entry))
    }

    #[inline]
    fn known(&self, arrival: &Arrival<'_>) -> Option<(u32, Side, &Entry<S>)> {
        let id = own_id(&arrival.packet);
        if let Some((slot, entry)) = self.keeper.recent()
            && let Some(side) = entry.side(arrival.ends)
            && entry.id(side) == Some(id)
        {
            return Some((slot, side, entry));
        }
        let half = Half::new(arrival.ends, id);
        let mut slot = self.keeper.find(&half);
        if arrival.packet.packet_type == PacketType::RESET {
            // A RESET may carry the other side's id.
            let neighbours = [id.wrapping_add(1), id.wrapping_sub(1)];
            slot = slot.or_else(|| {
                let mut found = neighbours.iter().map(|&id| half.with_id(id));
                found.find_map(|half| self.keeper.find(&half))
            });
        }
        if slot.is_none() && arrival.packet.packet_type != PacketType::SYN {
            return self.misaddressed(half, arrival);
        }
        let entry = self.keeper.get(slot?)?;
        Some((slot?, entry.side(arrival.ends)?, entry))
    }

    /// The flow whose SYN is known, and which a packet continues by its numbers, with the
    /// id that the other side sends with.
    fn misaddressed(&self, half: Half, arrival: &Arrival<'_>) -> Option<(u32, Side, &Entry<S>)> {
        let id = arrival.packet.connection_id;
        let neighbours = [id.wrapping_add(1), id.wrapping_sub(1)];
        neighbours.iter().find_map(|&right| {
            let slot = self.keeper.find(&half.with_id(right))?;
            let entry = self.keeper.get(slot)?;
            let side = entry.side(arrival.ends)?;
            let is_meant = entry.is_misaddressed_by(side, &arrival.packet);
            is_meant.then_some((slot, side, entry))
        })
    }

    /// The flow of which only the other side's packets were seen so far.
    fn find_partner(&mut self, arrival: &Arrival<'_>) -> Option<(u32, Side)> {
        let Arrival {
            packet,
            ends,
            stamp,
        } = arrival;
        let id = own_id(packet);
        let half = Half::new(*ends, id);
        // The initiator's id is the higher one; only it sends a SYN.
        let higher = (packet.packet_type != PacketType::SYN).then(|| id.wrapping_add(1));
        for partner in [Some(id.wrapping_sub(1)), higher].into_iter().flatten() {
            let Some(slot) = self.keeper.find(&half.other(partner)) else {
                continue;
            };
            let Some(entry) = self.keeper.get_mut(slot) else {
                continue;
            };
            let Some(side) = entry.side(*ends) else {
                continue;
            };
            if entry.is_joined_by(side, packet, *stamp) {
                let side = entry.join(side, id);
                entry.add_key(half);
                self.keeper.bind(half, slot);
                return Some((slot, side));
            }
        }
        None
    }

    /// A flow that may turn out to be a connection.
    fn create(&mut self, arrival: &Arrival<'_>, streams: &mut S) -> Option<(u32, Side)> {
        let Arrival {
            packet,
            ends,
            stamp,
        } = arrival;
        if packet.packet_type == PacketType::RESET {
            return None;
        }
        let half = Half::new(*ends, own_id(packet));
        let mut entry = Entry::new(*ends, packet, *stamp);
        entry.add_key(half);
        let second = entry.id(Side::Acceptor).map(|id| half.other(id));
        if let Some(second) = second {
            entry.add_key(second);
        }
        let slot = self.keeper.insert(Queue::Tentative, half, entry, streams);
        if let Some(second) = second {
            self.keeper.bind(second, slot);
        }
        Some((slot, Side::Initiator))
    }
}

/// The id that the sender of a packet sends with, but for its SYN.
fn own_id(packet: &Packet<'_>) -> u16 {
    let is_syn = packet.packet_type == PacketType::SYN;
    packet.connection_id.wrapping_add(u16::from(is_syn))
}

/// The datagram as a uTP packet, if it has the shape of one.
#[inline]
fn shaped<'a>(datagram: &Datagram<'a>) -> Option<Packet<'a>> {
    let first = *datagram.payload.first()?;
    if first & 0x0f != utp::VERSION || first >> 4 > PacketType::SYN.0 {
        return None;
    }
    let declared = datagram.payload.len().max(datagram.wire_length as usize);
    if declared < HEADER_LENGTH {
        return None;
    }
    let mut nothing = ();
    let reader = Reader::new(datagram.payload, declared, &mut nothing);
    utp::dissect(reader).ok()
}
