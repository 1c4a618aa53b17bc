//! What the TCP and the uTP table have in common: a bounded number of
//! connections, bounded buffers, and a second look at silent connections.

use std::hash::Hash;

use super::budget::{Budget, Counter, Evicted, Limits};
use super::table::{Queue, Table};
use super::waiting::{Alarm, Alarms};
use super::{Close, Connection, Streams};
use crate::packet::Stamp;

/// A connection under reassembly.
pub(super) trait Flow {
    /// Its consumer.
    type Streams: Streams;
    /// How it is found.
    type Key: Copy + Eq + Hash;

    fn connection(&self) -> &Connection;

    /// A second key under which the table holds it.
    fn second_key(&self) -> Option<Self::Key> {
        None
    }

    /// Whether it is an attempt that nothing has confirmed: it gets its number when
    /// it has failed.
    fn is_nameless_attempt(&self) -> bool {
        false
    }

    /// It is told to the consumer, under this number.
    fn number(&mut self, stream: u64) {
        let _ = stream;
    }

    /// Bytes in the buffers, about.
    fn buffered(&self) -> usize;

    /// Whether [`Flow::review`] has something to look at.
    fn is_waiting(&self) -> bool;

    /// Looks at everything that is waited for, as of the packet `stamp` (which
    /// need not be of this connection).
    fn review(&mut self, stamp: Stamp, streams: &mut Self::Streams) -> Verdict;

    /// Gives up on holes until each direction buffers no more than `limit`.
    fn shrink(&mut self, limit: usize, streams: &mut Self::Streams);

    /// Gives everything that is left and closes. `how` is what ends it, unless
    /// the connection had ended by itself before.
    fn close(&mut self, how: Close, streams: &mut Self::Streams);
}

/// What a review found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// The connection is over.
    Ended(Close),
    /// A grace is running.
    Waiting,
    /// Nothing to wait for but packets.
    Quiet,
}

/// A flow and what the keeper knows of it.
struct Kept<F> {
    flow: F,
    /// What its buffers cost, as the budget knows it.
    cost: usize,
    /// An alarm is set.
    alarm: bool,
    /// Number of the flow among all that were inserted.
    serial: u64,
}

/// Keeps the connections of one table within the limits.
pub(super) struct Keeper<F: Flow> {
    table: Table<F::Key, Kept<F>>,
    limits: Limits,
    counter: Counter,
    budget: Budget,
    alarms: Alarms,
    /// Slot of the latest packet.
    recent: u32,
    /// How many flows were inserted.
    serial: u64,
    evicted: Evicted,
}

impl<F: Flow> Keeper<F> {
    pub fn new(limits: Limits, counter: Counter) -> Self {
        Self {
            table: Table::new(),
            limits,
            counter,
            budget: Budget::default(),
            alarms: Alarms::default(),
            recent: 0,
            serial: 0,
            evicted: Evicted::default(),
        }
    }

    /// The number of the next connection.
    pub fn next_stream(&self) -> u64 {
        self.counter.next()
    }

    /// Numbers a flow that waited among those that may turn out to be connections,
    /// and moves it to the live ones.
    pub fn confirm(&mut self, slot: u32, streams: &mut F::Streams) {
        let stream = self.counter.next();
        if let Some(flow) = self.get_mut(slot) {
            flow.number(stream);
        }
        // Not in the live queue yet, so it cannot be the one to go.
        self.make_room(Queue::Live, streams);
        self.table.move_to(slot, Queue::Live);
    }

    /// The flow of the latest packet: most often the next one is of the same.
    #[inline]
    pub fn recent(&self) -> Option<(u32, &F)> {
        Some((self.recent, self.get(self.recent)?))
    }

    #[inline]
    pub fn get(&self, slot: u32) -> Option<&F> {
        self.table.get(slot).map(|kept| &kept.flow)
    }

    pub fn get_mut(&mut self, slot: u32) -> Option<&mut F> {
        self.table.get_mut(slot).map(|kept| &mut kept.flow)
    }

    pub fn find(&self, key: &F::Key) -> Option<u32> {
        self.table.find(key)
    }

    /// The flow has a second key now.
    pub fn bind(&mut self, key: F::Key, slot: u32) {
        self.table.bind(key, slot);
    }

    /// Adds a flow; of those in its queue that are too many, the one that is
    /// idle for longest goes.
    pub fn insert(&mut self, queue: Queue, key: F::Key, flow: F, streams: &mut F::Streams) -> u32 {
        self.make_room(queue, streams);
        self.serial += 1;
        let kept = Kept {
            flow,
            cost: 0,
            alarm: false,
            serial: self.serial,
        };
        self.table.insert(queue, key, kept)
    }

    fn make_room(&mut self, queue: Queue, streams: &mut F::Streams) {
        let limit = match queue {
            Queue::Live => self.limits.connections,
            Queue::Tentative | Queue::Closed => self.limits.closed,
        };
        while self.table.length(queue) >= limit.max(1)
            && let Some(oldest) = self.table.oldest(queue)
        {
            self.evicted.crowded += u64::from(queue == Queue::Live);
            if queue == Queue::Closed {
                self.forget(oldest);
            } else {
                self.drop(oldest, Close::Evicted, streams);
            }
        }
    }

    /// Notes that a packet of this flow is at hand, and gives the flow.
    #[inline]
    pub fn touch(&mut self, slot: u32) -> Option<&mut F> {
        self.recent = slot;
        self.table.touch(slot);
        self.get_mut(slot)
    }

    /// What is due after a packet of this flow: `end` is how it ended the
    /// connection, if it did.
    #[inline]
    pub fn settle(
        &mut self,
        slot: u32,
        end: Option<Close>,
        stamp: Stamp,
        streams: &mut F::Streams,
    ) {
        if let Some(how) = end {
            self.close(slot, how, streams);
            return;
        }
        let kept = self.table.get(slot);
        if kept.is_some_and(|kept| kept.cost > 0 || kept.flow.is_waiting()) {
            self.review(slot, stamp, streams);
        }
    }

    /// Closes a connection and remembers it as long as there is room.
    pub fn close(&mut self, slot: u32, how: Close, streams: &mut F::Streams) {
        if !self.end(slot, how, streams) {
            return;
        }
        self.account(slot);
        self.table.move_to(slot, Queue::Closed);
        while self.table.length(Queue::Closed) > self.limits.closed
            && let Some(oldest) = self.table.oldest(Queue::Closed)
        {
            self.forget(oldest);
        }
    }

    /// Closes a flow and forgets it.
    pub fn drop(&mut self, slot: u32, how: Close, streams: &mut F::Streams) {
        self.end(slot, how, streams);
        self.forget(slot);
    }

    fn end(&mut self, slot: u32, how: Close, streams: &mut F::Streams) -> bool {
        let Some(kept) = self.table.get_mut(slot) else {
            return false;
        };
        if kept.flow.is_nameless_attempt() {
            kept.flow.number(self.counter.next());
        }
        kept.flow.close(how, streams);
        true
    }

    /// Drops a flow without a word to the consumer.
    pub fn forget(&mut self, slot: u32) {
        let Some(kept) = self.table.remove(slot) else {
            return;
        };
        self.budget.update(slot, kept.cost, 0);
        if let Some(key) = kept.flow.second_key() {
            self.table.unbind(&key, slot);
        }
    }

    /// Closes every connection, in order of appearance, and then the attempts that
    /// came to nothing.
    pub fn finish(&mut self, streams: &mut F::Streams) {
        let mut live: Vec<(u64, u32)> = self
            .table
            .queue(Queue::Live)
            .filter_map(|slot| Some((self.get(slot)?.connection().stream, slot)))
            .collect();
        live.sort_unstable();
        let mut attempts: Vec<(u64, u32)> = self
            .table
            .queue(Queue::Tentative)
            .filter_map(|slot| Some((slot, self.table.get(slot)?)))
            .filter(|(_, kept)| kept.flow.is_nameless_attempt())
            .map(|(slot, kept)| (kept.serial, slot))
            .collect();
        attempts.sort_unstable();
        for (_, slot) in live.into_iter().chain(attempts) {
            self.close(slot, Close::Open, streams);
        }
        for queue in [Queue::Tentative, Queue::Closed] {
            while let Some(slot) = self.table.oldest(queue) {
                self.forget(slot);
            }
        }
    }

    /// Looks at the connections whose grace ended while they were silent.
    #[inline]
    pub fn look_at_silent(&mut self, stamp: Stamp, streams: &mut F::Streams) {
        while let Some(alarm) = self.alarms.due(stamp.time) {
            let kept = self.table.get_mut(alarm.slot);
            let Some(kept) = kept.filter(|kept| kept.serial == alarm.serial) else {
                continue;
            };
            kept.alarm = false;
            if kept.flow.is_waiting() {
                self.review(alarm.slot, stamp, streams);
            }
        }
        if let Some(idle) = self.limits.idle {
            self.evict_silent(idle, stamp, streams);
        }
    }

    fn evict_silent(&mut self, idle: i64, stamp: Stamp, streams: &mut F::Streams) {
        for queue in [Queue::Live, Queue::Tentative] {
            while let Some(oldest) = self.table.oldest(queue)
                && let Some(flow) = self.get(oldest)
                && stamp.time.since(flow.connection().last.time) > idle
            {
                self.evicted.idle += u64::from(queue == Queue::Live);
                self.drop(oldest, Close::Evicted, streams);
            }
        }
    }

    /// Looks at what a connection waits for, and at the bounds.
    fn review(&mut self, slot: u32, stamp: Stamp, streams: &mut F::Streams) {
        let Some(kept) = self.table.get_mut(slot) else {
            return;
        };
        match kept.flow.review(stamp, streams) {
            Verdict::Ended(how) => return self.close(slot, how, streams),
            Verdict::Waiting if !kept.alarm => {
                kept.alarm = true;
                self.alarms.set(Alarm {
                    time: stamp.time,
                    slot,
                    serial: kept.serial,
                });
            }
            Verdict::Waiting | Verdict::Quiet => {}
        }
        self.drop_stale_alarms();
        let Some(kept) = self.table.get_mut(slot) else {
            return;
        };
        if kept.flow.buffered() > self.limits.direction {
            kept.flow.shrink(self.limits.direction, streams);
        }
        self.account(slot);
        self.keep_total(streams);
    }

    /// Alarms of flows that are gone leave the queue in time, which a capture can
    /// keep from passing.
    fn drop_stale_alarms(&mut self) {
        let most = 2 * (self.limits.connections + 2 * self.limits.closed + 1);
        if self.alarms.count() > most {
            let table = &self.table;
            self.alarms.retain(|alarm| {
                let kept = table.get(alarm.slot);
                kept.is_some_and(|kept| kept.serial == alarm.serial)
            });
        }
    }

    /// Empties the largest buffers while there is too much in all of them.
    fn keep_total(&mut self, streams: &mut F::Streams) {
        while self.budget.total() > self.limits.total
            && let Some(largest) = self.budget.largest()
        {
            if let Some(flow) = self.get_mut(largest) {
                flow.shrink(0, streams);
            }
            self.account(largest);
        }
    }

    /// Tells the budget what the buffers of a flow cost by now.
    fn account(&mut self, slot: u32) {
        if let Some(kept) = self.table.get_mut(slot) {
            let (old, new) = (kept.cost, kept.flow.buffered());
            kept.cost = new;
            self.budget.update(slot, old, new);
        }
    }

    /// Connections under way, and those that are over but remembered.
    pub fn counts(&self) -> (usize, usize) {
        let (live, closed) = (Queue::Live, Queue::Closed);
        (self.table.length(live), self.table.length(closed))
    }

    /// Connections that were closed to keep the limits.
    pub fn evicted(&self) -> Evicted {
        self.evicted
    }

    /// Alarms that are set, stale ones included.
    #[cfg(test)]
    pub fn alarms(&self) -> usize {
        self.alarms.count()
    }

    /// Bytes in all buffers, about.
    pub fn buffered(&self) -> usize {
        self.budget.total()
    }
}
