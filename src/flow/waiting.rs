//! Momenting: for how many packets, or how much capture time.

use std::collections::VecDeque;

use crate::capture::Timestamp;

/// A moment in the life of a connection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moment {
    /// How many packets the connection had by then, wrapping.
    pub packets: u32,
    /// Capture time.
    pub time: Timestamp,
}

/// How long something is waited for: whichever of the two comes first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grace {
    /// Packets of the same connection.
    pub packets: u32,
    /// Nanoseconds of capture time.
    pub nanos: i64,
}

impl Grace {
    /// Whether the waiting since `wait` is over.
    pub fn is_over(self, since: Moment, now: Moment) -> bool {
        let packets = now.packets.wrapping_sub(since.packets);
        packets >= self.packets || now.time.since(since.time) >= self.nanos
    }
}

/// The waiting for the holes that were known to be holes at one packet. Holes
/// that become known while it lasts begin another when it is over, so that a
/// lossy stream is never more than two graces late.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    since: Moment,
    /// Holes that end at or before this position are covered.
    covers: u64,
}

impl Patience {
    /// The waiting for a hole that ends at `end`, `known` being the end of all
    /// that are known by now: `old` if that covers it, or one that begins now.
    pub fn with(old: Option<Self>, end: u64, known: u64, now: Moment) -> Self {
        match old {
            Some(old) if end <= old.covers => old,
            _ => Self {
                since: now,
                covers: known,
            },
        }
    }

    /// Whether it is over.
    pub fn is_over(self, grace: Grace, now: Moment) -> bool {
        grace.is_over(self.since, now)
    }
}

/// A hole that the receiver acknowledged is waited for this long: captures fed
/// by several CPUs hold an ACK some packets before the data that it answers.
pub(super) const ACKED_GRACE: Grace = Grace {
    packets: 64,
    nanos: 250_000_000,
};

/// A hole in a capture of one direction, where no ACK can tell whether the bytes
/// arrived: long enough for a retransmission after a time-out.
pub(super) const SILENT_GRACE: Grace = Grace {
    packets: 1024,
    nanos: 2_000_000_000,
};

/// How long the start of a side stays unsettled, from its first payload on.
pub(super) const START_GRACE: Grace = Grace {
    packets: 16,
    nanos: 250_000_000,
};

/// Silent connections are looked at again after this time: the shortest grace.
pub(super) const ALARM_NANOS: i64 = 250_000_000;

/// Connections to look at again after a while even if they stay silent, in the
/// order in which they began to wait. At most one alarm a connection.
#[derive(Debug, Default)]
pub(super) struct Alarms(VecDeque<Alarm>);

/// One connection to look at again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Alarm {
    /// When it was set.
    pub time: Timestamp,
    /// Slot of the connection.
    pub slot: u32,
    /// Serial number of the flow in it, as the slot may have changed hands.
    pub serial: u64,
}

impl Alarms {
    pub fn set(&mut self, alarm: Alarm) {
        self.0.push_back(alarm);
    }

    /// How many are set.
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Drops those that are of no use.
    pub fn retain(&mut self, is_of_use: impl FnMut(&Alarm) -> bool) {
        self.0.retain(is_of_use);
    }

    /// The next alarm that is old enough.
    #[inline]
    pub fn due(&mut self, now: Timestamp) -> Option<Alarm> {
        let first = self.0.front()?;
        if now.since(first.time) < ALARM_NANOS {
            return None;
        }
        self.0.pop_front()
    }
}
