//! The packets of a sender that nobody acknowledged yet, and some that were: copies of
//! them may come late.

use std::collections::VecDeque;

use crate::capture::Timestamp;
use crate::session::budget::Charge;
use crate::wire::utp::is_after;

/// Packets in flight that are told apart: about 6 MB of data.
const MAX_IN_FLIGHT: usize = 1 << 12;

/// Packets that are remembered behind their acknowledgement.
const MAX_ARRIVED: usize = 64;

/// A number so far ahead leaves a hole that is kept open; further ahead the capture lacks
/// too much.
const MAX_HOLE: u16 = 64;

/// A packet, or a hole where one is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flight {
    /// Bytes of data.
    pub bytes: u32,
    /// The sender's clock in the copy that was seen last; `None` of a hole.
    pub clock: Option<u32>,
    /// When the first copy went by.
    pub sent: Timestamp,
    /// It was sent again.
    pub is_resent: bool,
    /// The copy that was sent first is not in the capture.
    pub lacks_first: bool,
    /// It was acknowledged.
    pub has_arrived: bool,
}

const HOLE: Flight = Flight {
    bytes: 0,
    clock: None,
    sent: Timestamp::UNKNOWN,
    is_resent: false,
    lacks_first: false,
    has_arrived: false,
};

/// Packets by their numbers, which follow each other and turn over.
#[derive(Debug, Default)]
pub struct Flying {
    flights: VecDeque<Flight>,
    /// How many of the first ones were acknowledged in order.
    arrived: usize,
    /// Bytes that `flights` was charged for.
    charged: usize,
    /// The number behind the last one.
    next: Option<u16>,
    /// Bytes that are under way.
    pub bytes: u64,
}

impl Flying {
    /// Whether `number` is new: behind all that were seen.
    pub fn is_new(&self, number: u16) -> bool {
        self.next
            .is_none_or(|next| number == next || is_after(number, next))
    }

    /// Whether none is under way.
    pub fn is_empty(&self) -> bool {
        self.flights.len() == self.arrived
    }

    /// The highest number so far.
    pub fn highest(&self) -> Option<u16> {
        self.next.map(|next| next.wrapping_sub(1))
    }

    /// The packet of a number, if it is remembered.
    pub fn get_mut(&mut self, number: u16) -> Option<&mut Flight> {
        let behind = self.next?.wrapping_sub(number);
        let index = self.flights.len().checked_sub(usize::from(behind))?;
        self.flights.get_mut(index)
    }

    /// A new packet; false where it is not followed, for memory is spent.
    pub fn push(&mut self, number: u16, flight: Flight, charge: &mut Charge) -> bool {
        let hole = self.next.map_or(0, |next| number.wrapping_sub(next));
        if hole > MAX_HOLE {
            self.clear();
        }
        let holes = if hole > MAX_HOLE {
            0
        } else {
            usize::from(hole)
        };
        self.next = Some(number.wrapping_add(1));
        let needed = self.flights.len() + holes + 1;
        if needed > MAX_IN_FLIGHT || !self.afford(needed, charge) {
            self.clear();
            return false;
        }
        self.flights.extend(std::iter::repeat_n(HOLE, holes));
        self.bytes += u64::from(flight.bytes);
        self.flights.push_back(flight);
        true
    }

    fn afford(&mut self, needed: usize, charge: &mut Charge) -> bool {
        if needed <= self.flights.capacity() {
            return true;
        }
        let wanted = needed.next_power_of_two();
        let bytes = wanted * size_of::<Flight>();
        // The old list is there until the new one is filled.
        if !charge.grow(bytes - self.charged) {
            return false;
        }
        self.charged = bytes;
        self.flights.reserve_exact(wanted - self.flights.len());
        true
    }

    fn clear(&mut self) {
        self.flights.clear();
        self.arrived = 0;
        self.bytes = 0;
    }

    /// The oldest one that was not acknowledged in order, if its number is `number` or
    /// before it: it is now.
    pub fn pop(&mut self, number: u16) -> Option<Flight> {
        let left = self.flights.len() - self.arrived;
        let first = self.next?.wrapping_sub(left as u16);
        if is_after(first, number) {
            return None;
        }
        let flight = self.flights.get_mut(self.arrived)?;
        let popped = *flight;
        flight.has_arrived = true;
        if !popped.has_arrived {
            self.bytes -= u64::from(popped.bytes);
        }
        if self.arrived == MAX_ARRIVED {
            self.flights.pop_front();
        } else {
            self.arrived += 1;
        }
        Some(popped)
    }

    /// A packet that arrived out of order; the first time that this is told.
    pub fn arrive(&mut self, number: u16) -> Option<Flight> {
        let flight = self.get_mut(number)?;
        if flight.has_arrived {
            return None;
        }
        flight.has_arrived = true;
        let arrived = *flight;
        self.bytes -= u64::from(arrived.bytes);
        Some(arrived)
    }
}
