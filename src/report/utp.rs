//! How the packets of a side of a uTP connection went over time (BEP 29): what
//! [`crate::session::UtpMeters`] says of each, in bins.

use super::bins::{Bins, Merge};
use crate::capture::Timestamp;
use crate::session::budget::Charge;
use crate::session::{Sending, UtpHeard};

/// What went on in a stretch of time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtpBin {
    /// Packets with a number of their own that the side sent.
    pub packets: u32,
    /// Of these: sent again.
    pub resent: u32,
    /// The least and the most that its packets took, in microseconds, counted from the
    /// first that the other side told: the clocks of two hosts differ by an unknown
    /// amount.
    pub delay_micros: Option<(i64, i64)>,
    /// The longest round trip, in nanoseconds.
    pub round_trip: Option<i64>,
    /// The room that the other side had for it last, in bytes.
    pub window: Option<u32>,
    /// The most bytes that it had in flight.
    pub in_flight: Option<u64>,
}

impl Merge for UtpBin {
    fn merge(&mut self, later: &Self) {
        self.packets = self.packets.saturating_add(later.packets);
        self.resent = self.resent.saturating_add(later.resent);
        self.delay_micros = match (self.delay_micros, later.delay_micros) {
            (Some((least, most)), Some((low, high))) => Some((least.min(low), most.max(high))),
            (one, other) => one.or(other),
        };
        self.round_trip = self.round_trip.max(later.round_trip);
        self.window = later.window.or(self.window);
        self.in_flight = self.in_flight.max(later.in_flight);
    }
}

/// The packets of one side.
#[derive(Debug, Clone)]
pub struct UtpCourse {
    bins: Bins<UtpBin>,
}

impl UtpCourse {
    /// Nothing was sent yet.
    pub fn new(begin: Timestamp) -> Self {
        Self {
            bins: Bins::new(begin),
        }
    }

    /// It sent a packet, and has `in_flight` bytes under way; that is not entered where
    /// memory is spent.
    pub fn send(
        &mut self,
        sending: Option<Sending>,
        in_flight: u64,
        at: Timestamp,
        charge: &mut Charge,
    ) -> bool {
        self.enter(
            at,
            charge,
            &UtpBin {
                packets: sending.is_some().into(),
                resent: sending.is_some_and(Sending::is_resent).into(),
                in_flight: Some(in_flight),
                ..UtpBin::default()
            },
        )
    }

    /// The other side told it something, as [`UtpCourse::send`].
    pub fn hear(&mut self, heard: UtpHeard, at: Timestamp, charge: &mut Charge) -> bool {
        self.enter(
            at,
            charge,
            &UtpBin {
                delay_micros: heard.delay_micros.map(|delay| (delay, delay)),
                round_trip: heard.round_trip,
                window: heard.room,
                ..UtpBin::default()
            },
        )
    }

    fn enter(&mut self, at: Timestamp, charge: &mut Charge, bin: &UtpBin) -> bool {
        let affordable = self.bins.afford(charge);
        if affordable {
            self.bins.at(at).merge(bin);
        }
        affordable
    }

    /// What went on over time.
    pub fn bins(&self) -> &Bins<UtpBin> {
        &self.bins
    }

    /// Of a bin, or of several that were merged: how far its longest delay is above the
    /// shortest of all that were told, in microseconds. That is time spent waiting.
    pub fn delays_above_least(&self) -> impl Fn(&UtpBin) -> Option<u64> + use<> {
        let told = self.bins.all().filter_map(|(_, bin)| bin.delay_micros);
        let least = told.map(|(least, _)| least).min();
        move |bin| Some((bin.delay_micros?.1 - least?).unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_two_bins_come_to() {
        let mut bin = UtpBin {
            packets: 2,
            resent: 1,
            delay_micros: Some((-3, 4)),
            round_trip: Some(8),
            window: Some(7),
            in_flight: Some(10),
        };
        bin.merge(&UtpBin {
            packets: 1,
            delay_micros: Some((0, 9)),
            in_flight: Some(2),
            ..UtpBin::default()
        });
        let expected = UtpBin {
            packets: 3,
            resent: 1,
            delay_micros: Some((-3, 9)),
            round_trip: Some(8),
            window: Some(7),
            in_flight: Some(10),
        };
        assert_eq!(bin, expected);
    }
}
