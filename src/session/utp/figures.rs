//! What there is to say of a uTP connection that is over.

use crate::session::figures::LatencyFigures;

/// The figures of a connection: initiator and acceptor, each by what it sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UtpFigures {
    /// Initiator and acceptor.
    pub sides: [UtpSideFigures; 2],
    /// Something was not followed, for memory was spent.
    pub is_partial: bool,
}

/// What held a sender back, by the new packets with data that it sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtpLimits {
    /// No more fitted into the window that the other side offered.
    pub window: u64,
    /// It was making up for a loss.
    pub loss: u64,
    /// Neither: it had no more to send, or its own congestion window was full.
    pub sender: u64,
}

/// The figures of a side.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtpSideFigures {
    /// Packets with data, each counted once.
    pub packets: u64,
    /// Packets behind later ones that were sent after them.
    pub reordered: u64,
    /// Sent again; the first copy is not in the capture.
    pub lost_before: u64,
    /// Sent again, because later ones were acknowledged.
    pub resent_fast: u64,
    /// Sent again, because nothing was acknowledged in time.
    pub resent_timeout: u64,
    /// Sent again, although they were acknowledged.
    pub resent_needless: u64,
    /// The very same packet twice.
    pub doubled: u64,
    /// From a packet that was sent once to its acknowledgement, in nanoseconds.
    pub round_trip: Option<LatencyFigures>,
    /// How much longer than the fastest so far its packets took, as the other side
    /// measured, in nanoseconds.
    pub delay: Option<LatencyFigures>,
    /// The least that the other side measured, in microseconds: the way, and the unknown
    /// difference of two clocks.
    pub base_delay_micros: Option<u32>,
    /// The most bytes that it had in flight.
    pub in_flight_max: u64,
    /// The least and the most room that the other side offered, in bytes.
    pub window: Option<[u32; 2]>,
    /// What held it back.
    pub limits: UtpLimits,
}

impl UtpSideFigures {
    /// All that it sent again.
    pub fn resent(&self) -> u64 {
        self.lost_before + self.resent_fast + self.resent_timeout + self.resent_needless
    }
}
