//! Measures the uTP connections of a capture.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::figures::UtpFigures;
use super::sender::{Heard, Sender};
use super::sending::Sending;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::budget::{Budget, Charge};
use crate::session::recent::Recent;
use crate::wire::utp::{Packet, PacketType};

/// Bytes that the measures of all connections under way may take.
const METERS_BYTES: usize = 8 << 20;

/// Connections of which it is remembered that they are over: their last
/// acknowledgements may come later.
const MAX_OVER: usize = 1 << 12;

/// What a map costs for each entry, beside it.
const ENTRY_OVERHEAD: usize = 2 * size_of::<u64>() + 2 * size_of::<usize>();

/// What a packet says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtpStep {
    /// What it is among those of its sender; `None` where it has no number of its own.
    pub sending: Option<Sending>,
    /// Bytes that its sender has in flight behind it.
    pub in_flight: u64,
    /// What it tells the other side of the other side's packets.
    pub heard: Heard,
}

/// A connection.
#[derive(Debug)]
struct Meter {
    sides: [Sender; 2],
    _charge: Charge,
}

/// Measures connections by their numbers.
#[derive(Debug)]
pub struct UtpMeters {
    open: HashMap<u64, Box<Meter>, RandomState>,
    over: Recent<u64, ()>,
    budget: Budget,
}

impl Default for UtpMeters {
    fn default() -> Self {
        Self {
            open: HashMap::default(),
            over: Recent::new(MAX_OVER, i64::MAX),
            budget: Budget::new(METERS_BYTES),
        }
    }
}

impl UtpMeters {
    /// A packet of connection `stream`, sent by `from`; `None` where memory for it is
    /// spent, or it breaks the connection off.
    pub fn hear(
        &mut self,
        stream: u64,
        from: Side,
        packet: &Packet<'_>,
        at: Stamp,
    ) -> Option<UtpStep> {
        if packet.packet_type == PacketType::RESET {
            return None;
        }
        if !self.open.contains_key(&stream) {
            self.begin(stream, at.time)?;
        }
        let sides = &mut self.open.get_mut(&stream)?.sides;
        let heard = sides[from.other().index()].hear(packet, at.time);
        let own = &mut sides[from.index()];
        let has_number = matches!(
            packet.packet_type,
            PacketType::DATA | PacketType::FIN | PacketType::SYN
        );
        Some(UtpStep {
            sending: has_number.then(|| own.send(packet, at.time)),
            in_flight: own.in_flight(),
            heard,
        })
    }

    fn begin(&mut self, stream: u64, now: Timestamp) -> Option<()> {
        if self.over.get(&stream, now).is_some() {
            return None;
        }
        let mut charge = self.budget.charge();
        let affordable = charge.grow(size_of::<Meter>() + ENTRY_OVERHEAD);
        affordable.then(|| {
            let meter = Meter {
                sides: [Sender::new(&self.budget), Sender::new(&self.budget)],
                _charge: charge,
            };
            self.open.insert(stream, Box::new(meter));
        })
    }

    /// The figures of a connection that is over at `now`.
    pub fn take(&mut self, stream: u64, now: Stamp) -> Option<Box<UtpFigures>> {
        let Meter { sides, .. } = *self.open.remove(&stream)?;
        self.over.insert(stream, (), now);
        Some(Box::new(UtpFigures {
            sides: sides.each_ref().map(Sender::figures),
            is_partial: sides.iter().any(Sender::is_partial),
        }))
    }
}
