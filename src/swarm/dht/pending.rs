//! Queries that wait for their reply.

use std::collections::{BTreeSet, HashMap};
use std::net::SocketAddr;

use foldhash::fast::RandomState;

use crate::capture::Timestamp;

/// A query that has no reply after this long is unanswered (nanoseconds): clients give
/// up by then.
pub const UNANSWERED_AFTER: i64 = 15_000_000_000;

/// Queries that wait at a time; beyond, the oldest are forgotten, and counted.
const MAX_PENDING: usize = 1 << 14;

/// A query.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Query {
    /// Who asked.
    pub asker: SocketAddr,
    /// Whom.
    pub node: SocketAddr,
    /// What was looked for, if it was a lookup.
    pub target: Option<[u8; 20]>,
    /// When.
    pub time: Timestamp,
}

/// The queries by the packet that they came in, which replies name.
#[derive(Debug, Default)]
pub struct Pending {
    waiting: HashMap<u64, Query, RandomState>,
    /// The same in the order in which they came.
    order: BTreeSet<u64>,
    /// Those that were forgotten before it could be said whether they are answered.
    pub forgotten: u64,
}

impl Pending {
    /// How many wait.
    pub fn waiting(&self) -> u64 {
        self.waiting.len() as u64
    }

    /// Adds the query of packet `frame`.
    pub fn add(&mut self, frame: u64, query: Query) {
        if self.waiting.len() >= MAX_PENDING
            && let Some(oldest) = self.order.pop_first()
        {
            self.waiting.remove(&oldest);
            self.forgotten += 1;
        }
        self.waiting.insert(frame, query);
        self.order.insert(frame);
    }

    /// Takes out the query of packet `frame`, which is answered.
    pub fn answered(&mut self, frame: u64) -> Option<Query> {
        self.order.remove(&frame);
        self.waiting.remove(&frame)
    }

    /// Takes out the next query that is unanswered by `now`.
    pub fn overdue(&mut self, now: Timestamp) -> Option<(u64, Query)> {
        let frame = *self.order.first()?;
        let query = *self.waiting.get(&frame)?;
        if now.since(query.time) < UNANSWERED_AFTER {
            return None;
        }
        self.answered(frame).map(|query| (frame, query))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_nanos(i128::from(seconds) * 1_000_000_000)
    }

    fn query(seconds: i64) -> Query {
        Query {
            asker: "10.0.0.1:1".parse().unwrap(),
            node: "10.0.0.2:1".parse().unwrap(),
            target: None,
            time: at(seconds),
        }
    }

    #[test]
    fn what_waits_for_15_seconds_is_overdue() {
        let mut pending = Pending::default();
        for (frame, seconds) in [(1, 0), (2, 1), (3, 20)] {
            pending.add(frame, query(seconds));
        }
        assert_eq!(pending.answered(2), Some(query(1)));
        assert_eq!(pending.overdue(at(14)), None);
        assert_eq!(pending.overdue(at(15)), Some((1, query(0))));
        assert_eq!(pending.overdue(at(34)), None);
    }

    #[test]
    fn what_is_forgotten_is_counted() {
        let mut pending = Pending::default();
        for frame in 0..MAX_PENDING as u64 + 7 {
            pending.add(frame, query(0));
        }
        assert_eq!((pending.forgotten, pending.waiting.len()), (7, MAX_PENDING));
        assert_eq!(pending.answered(6), None);
        assert!(pending.answered(7).is_some());
    }
}
