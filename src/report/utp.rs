//! How the packets of a side of a uTP connection went over time (BEP 29).

use super::bins::{Bins, Merge};
use crate::capture::Timestamp;
use crate::session::budget::Charge;
use crate::wire::utp::{Packet, PacketType};

/// What the packets of a stretch of time say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtpBin {
    /// How many there were.
    pub packets: u32,
    /// Of these: sent again, for the same number was seen before.
    pub resent: u32,
    /// The least and the most that the other side's packets took, in microseconds,
    /// counted from the first packet that tells: the clocks of two hosts differ by
    /// an unknown amount.
    pub delay_micros: Option<(i64, i64)>,
    /// The room that its sender had last, in bytes.
    pub window: Option<u32>,
}

impl Merge for UtpBin {
    fn merge(&mut self, later: &Self) {
        self.packets = self.packets.saturating_add(later.packets);
        self.resent = self.resent.saturating_add(later.resent);
        self.delay_micros = match (self.delay_micros, later.delay_micros) {
            (Some((least, most)), Some((low, high))) => Some((least.min(low), most.max(high))),
            (one, other) => one.or(other),
        };
        self.window = later.window.or(self.window);
    }
}

/// The packets of one side.
#[derive(Debug, Clone)]
pub struct UtpCourse {
    bins: Bins<UtpBin>,
    /// The first delay that was told: the others count from it.
    first_delay: Option<u32>,
    numbers: Numbers,
    resent: u64,
}

impl UtpCourse {
    /// Nothing was sent yet.
    pub fn new(begin: Timestamp) -> Self {
        Self {
            bins: Bins::new(begin),
            first_delay: None,
            numbers: Numbers::default(),
            resent: 0,
        }
    }

    /// A packet; it is not entered where memory is spent.
    pub fn hear(&mut self, packet: &Packet<'_>, at: Timestamp, charge: &mut Charge) -> bool {
        let numbered = matches!(packet.packet_type, PacketType::DATA | PacketType::FIN);
        let is_resent = numbered && self.numbers.has_seen(packet.seq_nr);
        self.resent += u64::from(is_resent);
        if !self.bins.afford(charge) {
            return false;
        }
        // A side that has heard nothing yet says 0.
        let told = Some(packet.timestamp_difference).filter(|delay| *delay != 0);
        let delay = told.map(|delay| {
            let first = *self.first_delay.get_or_insert(delay);
            // The clock is one of 32 bits and turns over.
            i64::from(delay.wrapping_sub(first).cast_signed())
        });
        self.bins.at(at).merge(&UtpBin {
            packets: 1,
            resent: u32::from(is_resent),
            delay_micros: delay.map(|delay| (delay, delay)),
            window: (packet.packet_type != PacketType::RESET).then_some(packet.wnd_size),
        });
        true
    }

    /// What it said over time.
    pub fn bins(&self) -> &Bins<UtpBin> {
        &self.bins
    }

    /// Packets with data that it sent again.
    pub fn resent(&self) -> u64 {
        self.resent
    }

    /// The shortest delay that it told: what of it is above that is waiting.
    pub fn least_delay_micros(&self) -> Option<i64> {
        let told = self.bins.all().filter_map(|(_, bin)| bin.delay_micros);
        told.map(|(least, _)| least).min()
    }
}

/// Which of the latest packet numbers were seen.
#[derive(Debug, Clone, Copy, Default)]
struct Numbers {
    highest: Option<u16>,
    /// Bit n: the number n below the highest.
    seen: u64,
}

impl Numbers {
    /// Whether `number` was seen before; from now on it was.
    fn has_seen(&mut self, number: u16) -> bool {
        let highest = *self.highest.get_or_insert(number.wrapping_sub(1));
        let ahead = number.wrapping_sub(highest).cast_signed();
        if ahead > 0 {
            let ahead = u32::from(ahead.unsigned_abs());
            self.seen = self.seen.checked_shl(ahead).unwrap_or(0) | 1;
            self.highest = Some(number);
            return false;
        }
        let bit = 1_u64.checked_shl(ahead.unsigned_abs().into()).unwrap_or(0);
        // So far behind that nobody remembers: it was seen, most likely.
        let was_seen = bit == 0 || self.seen & bit != 0;
        self.seen |= bit;
        was_seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_turn_over_and_late_packets_are_no_repeats() {
        let mut numbers = Numbers::default();
        let told = [65534, 65535, 1, 0, 1, 65534, 2, 300, 301, 299, 2];
        let seen: Vec<u16> = told
            .into_iter()
            .filter(|number| numbers.has_seen(*number))
            .collect();
        assert_eq!(seen, [1, 65534, 2]);
    }

    #[test]
    fn what_two_bins_come_to() {
        let mut bin = UtpBin {
            packets: 2,
            resent: 1,
            delay_micros: Some((-3, 4)),
            window: Some(7),
        };
        bin.merge(&UtpBin {
            packets: 1,
            delay_micros: Some((0, 9)),
            ..UtpBin::default()
        });
        let expected = UtpBin {
            packets: 3,
            resent: 1,
            delay_micros: Some((-3, 9)),
            window: Some(7),
        };
        assert_eq!(bin, expected);
    }
}
