//! Whether the other side has had a message yet.

use crate::capture::Timestamp;

/// An act counts as done in knowledge of another's message this long after the
/// acknowledgement of that message: programs read what their host acknowledged
/// later, and what they had sent by then may still be under way.
pub const REACTION_NANOS: i64 = 2_000_000_000;

/// A message, and when the other side is first known to have had it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Notice {
    end: u64,
    heard: Option<Timestamp>,
}

impl Notice {
    /// Of a message that ends at `end` of its sender's stream.
    pub fn new(end: u64) -> Self {
        Self { end, heard: None }
    }

    /// The other side had had `acked` bytes of that stream when it sent something
    /// that went by at `now`. (0 is also told where nothing is known.)
    pub fn note(&mut self, acked: u64, now: Timestamp) {
        if acked >= self.end && acked > 0 {
            self.note_had(now);
        }
    }

    /// The other side has had it at `now`.
    pub fn note_had(&mut self, now: Timestamp) {
        self.heard.get_or_insert(now);
    }

    /// Since when the other side is known to have had it.
    pub fn heard(&self) -> Option<Timestamp> {
        self.heard
    }
}
