//! Bounds: how much the tables may keep, and who keeps most of it.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How much a flow table keeps at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections under way. Beyond, the one that is idle for longest goes.
    pub connections: usize,
    /// Connections that are over, kept to recognise their late packets; and as
    /// many flows that may turn out to be uTP.
    pub closed: usize,
    /// Bytes that wait for a hole before them, of one direction.
    pub direction: usize,
    /// The same over all connections.
    pub total: usize,
    /// Nanoseconds of capture time after which a silent connection goes; `None`
    /// to keep it for as long as there is room.
    pub idle: Option<i64>,
}

/// Connections that went before they had ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evicted {
    /// Silent for longer than [`Limits::idle`].
    pub idle: u64,
    /// The longest silent ones while there were too many.
    pub crowded: u64,
}

impl Evicted {
    /// All of them.
    pub fn total(self) -> u64 {
        self.idle + self.crowded
    }
}

impl std::ops::Add for Evicted {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            idle: self.idle + other.idle,
            crowded: self.crowded + other.crowded,
        }
    }
}

impl Default for Limits {
    /// 32 Ki connections, 4 Ki closed ones, 4 MiB a direction, 16 MiB in all:
    /// ARCHITECTURE.md has what a run takes with what the consumer keeps.
    /// However long a connection is silent, it stays.
    fn default() -> Self {
        Self {
            connections: 1 << 15,
            closed: 1 << 12,
            direction: 4 << 20,
            total: 16 << 20,
            idle: None,
        }
    }
}

/// Numbers the connections of a run in order of appearance. Clones count on
/// together: one for the TCP table, one for the uTP table.
#[derive(Debug, Clone, Default)]
pub struct Counter(Arc<AtomicU64>);

impl Counter {
    /// The next number, from 0.
    pub(crate) fn next(&self) -> u64 {
        self.0.fetch_add(1, Ordering::Relaxed)
    }

    /// How many connections there were.
    pub fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// Sum of the buffers of all connections, and their order by size.
#[derive(Debug, Default)]
pub(super) struct Budget {
    total: usize,
    by_size: BTreeSet<(usize, u32)>,
}

impl Budget {
    /// The buffers of `slot` went from `old` to `new` bytes.
    pub fn update(&mut self, slot: u32, old: usize, new: usize) {
        if old == new {
            return;
        }
        if old > 0 {
            self.by_size.remove(&(old, slot));
        }
        if new > 0 {
            self.by_size.insert((new, slot));
        }
        self.total = self.total - old + new;
    }

    /// Bytes in all buffers.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The slot with the largest buffers.
    pub fn largest(&self) -> Option<u32> {
        self.by_size.last().map(|&(_, slot)| slot)
    }
}
