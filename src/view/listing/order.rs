//! Whether what is told stands in the order of its packets.

use crate::capture::Timestamp;

/// The order of what was told so far.
#[derive(Debug, Default)]
pub struct Order {
    /// The latest packet that something was told of.
    latest: Option<(u64, Timestamp)>,
}

impl Order {
    /// Whether a packet is told of after a later one; from now on it is the latest,
    /// if it is.
    pub fn late(&mut self, frame: u64, time: Timestamp) -> Option<Late> {
        let (latest_frame, latest_time) = *self.latest.get_or_insert((frame, time));
        if frame < latest_frame {
            return Some(Late::Held(latest_frame));
        }
        self.latest = Some((frame, time.max(latest_time)));
        (time < latest_time && time != Timestamp::UNKNOWN).then_some(Late::Clock)
    }
}

/// Why a packet is told of after a later one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Late {
    /// What was in it could not be told before this packet.
    Held(u64),
    /// The clock of the capture says so.
    Clock,
}

impl std::fmt::Display for Late {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Held(frame) => write!(f, "  held until #{frame}"),
            Self::Clock => f.write_str("  earlier by the clock"),
        }
    }
}
