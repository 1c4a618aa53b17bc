//! Whether packets that look like uTP are uTP.
//!
//! Twenty bytes of another protocol have the shape of a uTP header one time in
//! some, so one packet proves nothing: a second one must fit it.

use crate::flow::Side;
use crate::packet::Stamp;
use crate::wire::utp::{Packet, PacketType};

/// Packets that are remembered of a flow that is not confirmed yet. After so
/// many without a second that fits a first, it is none.
const MAX_WITNESSES: usize = 8;

/// The numbers of the two sides are not further apart than this: libutp keeps
/// 1024 packets under way at most.
const MAX_PACKETS_APART: u16 = 1100;

/// How far the sender's clock and the capture's may differ between two packets,
/// microseconds.
const CLOCK_SLACK_MICROS: i64 = 50_000;

/// What is remembered of a packet.
#[derive(Debug, Clone, Copy)]
struct Witness {
    side: Side,
    packet_type: PacketType,
    seq: u16,
    ack: u16,
    timestamp: u32,
    has_payload: bool,
    stamp: Stamp,
}

/// The packets that were seen before the flow is confirmed.
#[derive(Debug, Default)]
pub(super) struct Evidence {
    witnesses: Vec<Witness>,
}

impl Evidence {
    /// Whether more packets would not help.
    pub fn is_exhausted(&self) -> bool {
        self.witnesses.len() >= MAX_WITNESSES
    }

    /// Remembers a packet; tells whether it and the ones before confirm each
    /// other. That their connection ids do is known to the caller.
    pub fn add(&mut self, side: Side, packet: &Packet<'_>, stamp: Stamp) -> bool {
        if packet.packet_type == PacketType::RESET {
            return false;
        }
        let new = Witness {
            side,
            packet_type: packet.packet_type,
            seq: packet.seq_nr,
            ack: packet.ack_nr,
            timestamp: packet.timestamp,
            has_payload: packet.payload_length > 0,
            stamp,
        };
        let confirmed = self.witnesses.iter().any(|old| fit(old, &new)) || self.is_series(&new);
        if !self.is_exhausted() {
            self.witnesses.push(new);
        }
        confirmed
    }

    /// A packet of the other side before any of them was found to be of this
    /// flow: whether it fits one.
    pub fn fits(&self, side: Side, packet: &Packet<'_>, stamp: Stamp) -> bool {
        let mut copy = Self {
            witnesses: self.witnesses.clone(),
        };
        copy.add(side, packet, stamp)
    }

    pub fn swap_sides(&mut self) {
        for witness in &mut self.witnesses {
            witness.side = witness.side.other();
        }
    }

    /// Whether three packets of one side, in a capture that holds only that,
    /// follow each other: numbers close together, and a clock that goes like
    /// that of the capture.
    fn is_series(&self, new: &Witness) -> bool {
        let own = self.witnesses.iter().filter(|old| {
            old.side == new.side
                && new.seq.wrapping_sub(old.seq) <= 64
                && old.timestamp != new.timestamp
                && clocks_agree(old, new)
        });
        let (mut others, mut payload, mut last) = (0, new.has_payload, new.timestamp);
        for old in own {
            if old.timestamp != last {
                others += 1;
                last = old.timestamp;
                payload |= old.has_payload;
            }
        }
        others >= 2 && payload
    }
}

/// Whether two packets can be of one connection.
fn fit(old: &Witness, new: &Witness) -> bool {
    let (syn, other) = match (old.packet_type, new.packet_type) {
        (PacketType::SYN, PacketType::SYN) => return false,
        (PacketType::SYN, _) => (old, new),
        (_, PacketType::SYN) => (new, old),
        _ => {
            return old.side != new.side && near(old.ack, new.seq) && near(new.ack, old.seq);
        }
    };
    if syn.side == other.side {
        (1..=64).contains(&other.seq.wrapping_sub(syn.seq))
    } else {
        other.ack.wrapping_sub(syn.seq) <= 64
    }
}

fn near(a: u16, b: u16) -> bool {
    a.wrapping_sub(b).cast_signed().unsigned_abs() <= MAX_PACKETS_APART
}

/// Whether the sender's clock went on between two packets as the capture's did.
fn clocks_agree(old: &Witness, new: &Witness) -> bool {
    let sent = i64::from(new.timestamp.wrapping_sub(old.timestamp).cast_signed());
    let captured = new.stamp.time.since(old.stamp.time) / 1_000;
    captured > 0 && sent > 0 && (sent - captured).abs() <= CLOCK_SLACK_MICROS + captured / 10
}
