//! Whether the other side has had a message yet.

use crate::capture::Timestamp;

/// An act counts as done in knowledge of another's message this long after the
/// acknowledgement of that message: programs read what their host acknowledged
/// later, and what they had sent by then may still be under way.
pub const REACTION_NANOS: i64 = 2_000_000_000;

/// What a side has acknowledged of the other's stream.
#[derive(Debug, Clone, Copy)]
pub struct Acked {
    /// So many bytes.
    pub bytes: u64,
    /// When it became so many.
    pub at: Timestamp,
    /// It has had more of it than the capture has shown so far.
    pub is_ahead: bool,
}

impl Acked {
    /// Nothing is known.
    pub const NOTHING: Self = Self {
        bytes: 0,
        at: Timestamp::UNKNOWN,
        is_ahead: false,
    };
}

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

    /// The other side had acknowledged so much of that stream when it sent something.
    pub fn note(&mut self, acked: Acked) {
        if acked.bytes >= self.end && acked.bytes > 0 {
            self.note_had(acked.at);
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
