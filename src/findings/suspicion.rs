//! A finding that waits: what comes to light within a while may speak against it.

use std::net::SocketAddr;

use super::finding::Finding;
use crate::capture::Timestamp;
use crate::session::{Charge, Conversation, Speaker};
use crate::wire::peer::{Block, HashRange};

/// How long a suspicion waits: a hole in a stream is told within 2 s of capture
/// time at most (`flow::tcp`), and what was lost there might have been the very
/// message that is missed.
pub const PATIENCE_NANOS: i64 = 2_500_000_000;

/// Packets that were captured by several CPUs are out of order by less: what is
/// told after a message in that time may have been sent before it.
pub const DISORDER_NANOS: i64 = 50_000_000;

/// The same thing again so soon is one packet that is in the capture twice.
pub const COPY_NANOS: i64 = 500_000_000;

/// What would make a suspicion void.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excuse {
    /// Nothing but a hole.
    None,
    /// The other side asks for this block.
    Asked(Block),
    /// The other side asks for these hashes.
    AskedHashes(HashRange),
    /// The other side unchokes.
    Unchoked,
    /// The other side says that it has this piece.
    Has(u32),
    /// The other side says what it has, all at once.
    HasMany,
    /// The suspect says that it is interested.
    Interested,
}

/// A finding that waits.
#[derive(Debug)]
pub struct Suspicion {
    /// What is suspected.
    pub finding: Finding,
    /// What would speak against it.
    pub excuse: Excuse,
    /// When it arose.
    pub since: Timestamp,
    /// What it takes in memory.
    pub charge: Charge,
}

impl Suspicion {
    /// Whether it has waited long enough.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now.since(self.since) > PATIENCE_NANOS
    }

    /// Whether bytes of `end` that are no message leave it as it is: its excuse could not
    /// be among them.
    pub fn outlasts_strays_of(&self, end: SocketAddr) -> bool {
        let is_of_other = !matches!(self.excuse, Excuse::None | Excuse::Interested);
        is_of_other && self.finding.place.src == end
    }

    /// Whether what is heard now still excuses it.
    pub fn is_excused_by(&self, heard: Excuse, now: Timestamp) -> bool {
        let is_told = match (self.excuse, heard) {
            (Excuse::Has(_), Excuse::HasMany) => true,
            (own, heard) => own == heard,
        };
        is_told && now.since(self.since) <= DISORDER_NANOS
    }
}

/// Whether all bytes of both sides are there from their handshakes on, so that
/// what was not heard was not said.
pub fn is_whole(conversation: &Conversation) -> bool {
    conversation.speakers.iter().all(Speaker::is_whole)
}
