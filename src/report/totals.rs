//! What is counted over all connections, of which not all are kept.

use std::collections::BTreeMap;
use std::net::IpAddr;

use crate::flow::Side;
use crate::session::{Past, RequestFigures};

/// Pairs of hosts whose dealings are told apart; of more, only the sum.
const MAX_PAIRS: usize = 4096;

/// What became of requests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Requests {
    /// Requests that were made.
    pub asked: u64,
    /// Answered by a piece.
    pub answered: u64,
    /// Answered by a reject.
    pub rejected: u64,
    /// Cancelled or choked away.
    pub dropped: u64,
    /// Open at the end.
    pub unanswered: u64,
}

impl Requests {
    fn add(&mut self, figures: &RequestFigures) {
        let fates = &figures.fates;
        self.asked += fates.asked;
        self.answered += fates.answered;
        self.rejected += fates.rejected;
        self.dropped += fates.cancelled + fates.choked_away;
        self.unanswered += figures.open;
    }
}

/// The totals of some connections.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many they are.
    pub connections: u64,
    /// Messages on them.
    pub messages: u64,
    /// Data of pieces, in bytes on the wire.
    pub payload_bytes: u64,
    /// Bytes of it that the capture does not hold.
    pub payload_missing: u64,
    /// Holes.
    pub gaps: u64,
    /// Requests of both sides.
    pub requests: Requests,
}

impl Totals {
    /// One more connection.
    pub fn add(&mut self, past: &Past) {
        self.connections += 1;
        for end in &past.ends {
            let counts = end.messages.iter().map(|(_, count)| count);
            self.messages += counts.sum::<u64>();
            self.payload_bytes += end.payload_bytes;
            self.payload_missing += end.payload_missing;
            self.gaps += end.gaps;
            self.requests.add(&end.requests);
        }
    }
}

/// Which host gave how much to which.
#[derive(Debug, Clone, Default)]
pub struct Served {
    pairs: BTreeMap<(IpAddr, IpAddr), u64>,
    /// Bytes between hosts of which there are too many.
    pub others: u64,
}

impl Served {
    /// One more connection.
    pub fn add(&mut self, past: &Past) {
        for from in Side::BOTH {
            let bytes = past.end(from).payload_bytes;
            let [giver, taker] =
                [from, from.other()].map(|side| past.connection.address(side).ip());
            let is_new = !self.pairs.contains_key(&(giver, taker));
            if bytes == 0 {
                continue;
            }
            if is_new && self.pairs.len() == MAX_PAIRS {
                self.others += bytes;
            } else {
                *self.pairs.entry((giver, taker)).or_default() += bytes;
            }
        }
    }

    /// Giver, taker and bytes, in the order of the addresses.
    pub fn pairs(&self) -> impl Iterator<Item = (IpAddr, IpAddr, u64)> {
        self.pairs
            .iter()
            .map(|((giver, taker), bytes)| (*giver, *taker, *bytes))
    }
}
