//! One side of a connection, by what it sent and what the other side said of that.

use super::figures::UtpSideFigures;
use super::flying::{Flight, Flying};
use super::sending::Sending;
use crate::capture::Timestamp;
use crate::session::budget::{Budget, Charge};
use crate::session::figures::LatencyFigures;
use crate::session::latency::Latencies;
use crate::wire::utp::{Extension, Packet, PacketType, is_after, selectively_acknowledged};

/// Acknowledgements of the same packet, after the first, that make a sender send the next
/// one again.
const DUPLICATE_ACKS: u32 = 3;

/// What a side says that has measured nothing yet: the second is µTorrent's.
const UNKNOWN_DELAYS: [u32; 2] = [0, i32::MAX.unsigned_abs()];

/// What a packet of the other side tells a sender.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heard {
    /// How long its latest packet took, in microseconds, counted from the first that was
    /// told: the clocks of two hosts differ by an unknown amount.
    pub delay_micros: Option<i64>,
    /// The room that there is for it, in bytes.
    pub room: Option<u32>,
    /// From a packet to this acknowledgement, the longest, in nanoseconds.
    pub round_trip: Option<i64>,
}

/// One side.
#[derive(Debug)]
pub struct Sender {
    figures: UtpSideFigures,
    round_trips: Latencies,
    delays: Latencies,
    flying: Flying,
    /// The sender's clock in the newest packet.
    clock: u32,
    /// The latest acknowledgement of the other side, and how often it came again.
    acked: Option<u16>,
    duplicates: u32,
    /// Later packets than the next expected one are known to have arrived.
    has_hole: bool,
    /// Numbers up to this one were sent when a loss was noticed.
    recovering: Option<u16>,
    first_delay: Option<u32>,
    room: Option<u32>,
    is_partial: bool,
    charge: Charge,
}

impl Sender {
    /// Nothing was sent yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            figures: UtpSideFigures::default(),
            round_trips: Latencies::new(budget),
            delays: Latencies::new(budget),
            flying: Flying::default(),
            clock: 0,
            acked: None,
            duplicates: 0,
            has_hole: false,
            recovering: None,
            first_delay: None,
            room: None,
            is_partial: false,
            charge: budget.charge(),
        }
    }

    /// Bytes that it has in flight.
    pub fn in_flight(&self) -> u64 {
        self.flying.bytes
    }

    /// Something was not followed, for memory was spent.
    pub fn is_partial(&self) -> bool {
        self.is_partial
    }

    /// It sent a packet that has a number of its own.
    pub fn send(&mut self, packet: &Packet<'_>, at: Timestamp) -> Sending {
        let sending = self.sending(packet, at);
        let figures = &mut self.figures;
        match sending {
            Sending::New => {}
            Sending::Reordered => figures.reordered += 1,
            Sending::LostBefore => figures.lost_before += 1,
            Sending::Fast => figures.resent_fast += 1,
            Sending::Timeout => figures.resent_timeout += 1,
            Sending::Needless => figures.resent_needless += 1,
            Sending::Doubled => figures.doubled += 1,
        }
        if sending.is_resent() && sending != Sending::Needless {
            self.recovering = self.flying.highest();
        }
        figures.in_flight_max = figures.in_flight_max.max(self.flying.bytes);
        sending
    }

    fn sending(&mut self, packet: &Packet<'_>, at: Timestamp) -> Sending {
        let number = packet.seq_nr;
        let counts = u64::from(packet.packet_type == PacketType::DATA);
        let mut flight = Flight {
            bytes: u32::try_from(packet.payload_length).unwrap_or(u32::MAX),
            clock: Some(packet.timestamp),
            sent: at,
            is_resent: false,
            lacks_first: false,
            has_arrived: false,
        };
        if self.flying.is_new(number) {
            if counts > 0 {
                self.note_limit(flight.bytes);
            }
            self.figures.packets += counts;
            self.clock = packet.timestamp;
            self.is_partial |= !self.flying.push(number, flight, &mut self.charge);
            return Sending::New;
        }
        let newest = self.clock;
        let shows_loss = self.has_hole || self.duplicates >= DUPLICATE_ACKS;
        // The clock tells a copy that was made on the way from one that was sent again.
        let is_earlier = packet.timestamp.wrapping_sub(newest).cast_signed() <= 0;
        let Some(known) = self.flying.get_mut(number) else {
            let was_acked = self.acked.is_some_and(|acked| !is_after(number, acked));
            if !was_acked {
                self.figures.packets += counts;
            }
            return match (was_acked, is_earlier) {
                (true, true) => Sending::Doubled,
                (true, false) => Sending::Needless,
                (false, true) => Sending::Reordered,
                (false, false) => Sending::LostBefore,
            };
        };
        match known.clock.replace(packet.timestamp) {
            Some(clock) if packet.timestamp.wrapping_sub(clock).cast_signed() <= 0 => {
                known.clock = Some(clock);
                if std::mem::take(&mut known.lacks_first) && packet.timestamp != clock {
                    // The first copy was late, and not lost.
                    self.figures.lost_before -= 1;
                    self.figures.resent_needless += 1;
                    Sending::Reordered
                } else {
                    Sending::Doubled
                }
            }
            Some(_) if known.has_arrived => Sending::Needless,
            Some(_) => {
                known.is_resent = true;
                if shows_loss {
                    Sending::Fast
                } else {
                    Sending::Timeout
                }
            }
            None => {
                // It fills a hole.
                self.figures.packets += counts;
                flight.is_resent = !is_earlier;
                flight.lacks_first = !is_earlier;
                flight.has_arrived = known.has_arrived;
                *known = flight;
                if !flight.has_arrived {
                    self.flying.bytes += u64::from(flight.bytes);
                }
                if is_earlier {
                    Sending::Reordered
                } else {
                    Sending::LostBefore
                }
            }
        }
    }

    /// What keeps it from sending more than `bytes` now.
    fn note_limit(&mut self, bytes: u32) {
        let limits = &mut self.figures.limits;
        // Whether another one like it does not fit behind it.
        let fills = |room: u32| self.flying.bytes + 2 * u64::from(bytes) > u64::from(room);
        if self.recovering.is_some() {
            limits.loss += 1;
        } else if self.room.is_some_and(fills) {
            limits.window += 1;
        } else {
            limits.sender += 1;
        }
    }

    /// The other side acknowledges, and says what it measured.
    pub fn hear(&mut self, packet: &Packet<'_>, at: Timestamp) -> Heard {
        let mut heard = Heard::default();
        // The first packet offers and acknowledges nothing.
        if packet.packet_type == PacketType::SYN {
            return heard;
        }
        self.note_room(packet.wnd_size);
        heard.room = Some(packet.wnd_size);
        if !UNKNOWN_DELAYS.contains(&packet.timestamp_difference) {
            heard.delay_micros = Some(self.note_delay(packet.timestamp_difference));
        }
        let number = packet.ack_nr;
        let is_old = |acked: u16| is_after(acked, number);
        if self.acked.is_some_and(is_old) {
            return heard;
        }
        let has_selective = packet
            .extensions
            .iter()
            .any(|extension| matches!(extension, Extension::SelectiveAck(_)));
        if self.acked.replace(number) == Some(number) {
            let is_bare = packet.packet_type == PacketType::STATE && !self.flying.is_empty();
            self.duplicates += u32::from(is_bare);
            self.has_hole |= has_selective;
        } else {
            self.duplicates = 0;
            self.has_hole = has_selective;
        }
        while let Some(flight) = self.flying.pop(number) {
            if !flight.has_arrived {
                self.note_round_trip(flight, at, &mut heard);
            }
        }
        for extension in packet.extensions.iter() {
            if let Extension::SelectiveAck(bits) = extension {
                for number in selectively_acknowledged(bits, number) {
                    if let Some(flight) = self.flying.arrive(number) {
                        self.note_round_trip(flight, at, &mut heard);
                    }
                }
            }
        }
        if self
            .recovering
            .is_some_and(|until| !is_after(until, number))
        {
            self.recovering = None;
        }
        heard
    }

    fn note_room(&mut self, room: u32) {
        self.room = Some(room);
        let [least, most] = self.figures.window.get_or_insert([room; 2]);
        *least = room.min(*least);
        *most = room.max(*most);
    }

    /// Gives the delay since the first one that was told.
    fn note_delay(&mut self, delay: u32) -> i64 {
        let base = self.figures.base_delay_micros.get_or_insert(delay);
        // The clock is one of 32 bits and turns over.
        let above = delay.wrapping_sub(*base).cast_signed();
        if above < 0 {
            *base = delay;
        }
        self.delays.record(i64::from(above.max(0)) * 1000);
        let first = *self.first_delay.get_or_insert(delay);
        delay.wrapping_sub(first).cast_signed().into()
    }

    /// Of what was sent again, nobody knows which copy arrived.
    fn note_round_trip(&mut self, flight: Flight, at: Timestamp, heard: &mut Heard) {
        let is_known = flight.sent != Timestamp::UNKNOWN && at != Timestamp::UNKNOWN;
        if is_known && !flight.is_resent {
            let nanos = at.since(flight.sent).max(0);
            self.round_trips.record(nanos);
            heard.round_trip = heard.round_trip.max(Some(nanos));
        }
    }

    /// What there is to say of it.
    pub fn figures(&self) -> UtpSideFigures {
        UtpSideFigures {
            round_trip: LatencyFigures::of(&self.round_trips),
            delay: LatencyFigures::of(&self.delays),
            ..self.figures
        }
    }
}
