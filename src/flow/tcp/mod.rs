//! TCP: segments become connections of two byte streams.
//!
//! What is waited for, and how long, is decided by the capture alone:
//!
//! * a hole becomes a gap when the other side acknowledged it and 64 packets of the
//!   connection or 250 ms went by, when the buffer
//!   behind it outgrew its bound, or at the end;
//! * a connection without SYN begins at the lowest sequence number of its first
//!   16 packets or 250 ms;
//! * a RST takes effect after the same grace as a hole, for what was sent before
//!   it and captured after it.
//!
//! First bytes win. Other bytes in a retransmission are reported as a conflict
//! while the first copy still waits in the reorder buffer; bytes that were
//! delivered are gone and not compared.

mod direction;
mod entry;
mod start;
#[cfg(test)]
mod tests;

use super::budget::{Alarm, Alarms, Budget, Counter, Limits};
use super::table::{Pair, Queue, Table};
use super::{Carrier, Close, Connection, Side, Streams};
use crate::packet::{Segment, Stamp};
use entry::Entry;

/// Silent connections are looked at again after this time: the shortest grace.
const ALARM_NANOS: i64 = 250_000_000;

/// All TCP connections of a capture.
pub struct TcpTable<S: Streams> {
    table: Table<Pair, Entry<S::State>>,
    limits: Limits,
    counter: Counter,
    budget: Budget,
    alarms: Alarms,
    /// The slot of the latest packet: most often the next one is of the same
    /// connection.
    recent: u32,
}

impl<S: Streams> TcpTable<S> {
    /// An empty table that numbers its connections by `counter`.
    pub fn new(limits: Limits, counter: Counter) -> Self {
        Self {
            table: Table::new(),
            limits,
            counter,
            budget: Budget::default(),
            alarms: Alarms::default(),
            recent: 0,
        }
    }

    /// Takes the next segment of the capture.
    pub fn segment(&mut self, segment: &Segment<'_>, stamp: Stamp, streams: &mut S) {
        self.look_at_silent(stamp, streams);
        let (slot, side) = match self.locate(segment) {
            Some((slot, side)) if !self.is_replaced(slot, side, segment) => (slot, side),
            Some((slot, _)) => {
                self.close(slot, Close::Replaced, streams);
                self.forget(slot);
                self.create(segment, stamp, streams)
            }
            None => self.create(segment, stamp, streams),
        };
        self.recent = slot;
        self.table.touch(slot);
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        if let Some(how) = entry.receive(side, segment, stamp, streams) {
            self.close(slot, how, streams);
        } else if entry.is_waiting() || entry.cost > 0 {
            self.review(slot, stamp, streams);
        }
    }

    /// The capture is over: gives what is left and closes every connection, in
    /// order of appearance.
    pub fn finish(&mut self, streams: &mut S) {
        let mut live = Vec::new();
        while let Some(slot) = self.table.oldest(Queue::Live) {
            if let Some(entry) = self.table.get_mut(slot) {
                live.push((entry.connection.stream, slot));
            }
            self.table.move_to(slot, Queue::Closed);
        }
        live.sort_unstable();
        for (_, slot) in live {
            self.close(slot, Close::Open, streams);
        }
    }

    /// Connections in the table: under way, and over but remembered.
    pub fn counts(&self) -> (usize, usize) {
        let (live, closed) = (Queue::Live, Queue::Closed);
        (self.table.length(live), self.table.length(closed))
    }

    /// Bytes in all reorder buffers, about.
    pub fn buffered(&self) -> usize {
        self.budget.total()
    }

    #[inline]
    fn locate(&self, segment: &Segment<'_>) -> Option<(u32, Side)> {
        if let Some(side) = self.table.get(self.recent).and_then(|e| e.side(segment)) {
            return Some((self.recent, side));
        }
        let slot = self.table.find(&Pair::new(segment.src, segment.dst))?;
        let side = self.table.get(slot)?.side(segment)?;
        Some((slot, side))
    }

    #[inline]
    fn is_replaced(&self, slot: u32, side: Side, segment: &Segment<'_>) -> bool {
        let entry = self.table.get(slot);
        entry.is_some_and(|entry| entry.is_replaced_by(side, segment))
    }

    fn create(&mut self, segment: &Segment<'_>, stamp: Stamp, streams: &mut S) -> (u32, Side) {
        while self.table.length(Queue::Live) >= self.limits.connections.max(1)
            && let Some(oldest) = self.table.oldest(Queue::Live)
        {
            self.close(oldest, Close::Evicted, streams);
            self.forget(oldest);
        }
        let connection = Connection {
            stream: self.counter.next(),
            carrier: Carrier::Tcp,
            ends: [segment.src, segment.dst],
            from_start: false,
            first: stamp,
            last: stamp,
        };
        let pair = Pair::new(segment.src, segment.dst);
        let slot = self.table.insert(pair, Entry::new(connection));
        (slot, Side::Initiator)
    }

    /// Closes a connection and remembers it as long as there is room.
    fn close(&mut self, slot: u32, how: Close, streams: &mut S) {
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        entry.close(how, streams);
        self.account(slot);
        self.table.move_to(slot, Queue::Closed);
        while self.table.length(Queue::Closed) > self.limits.closed
            && let Some(oldest) = self.table.oldest(Queue::Closed)
        {
            self.forget(oldest);
        }
    }

    fn forget(&mut self, slot: u32) {
        self.table.remove(slot);
    }

    /// Tells the budget what the buffers of `slot` cost by now.
    fn account(&mut self, slot: u32) {
        if let Some(entry) = self.table.get_mut(slot) {
            let (old, new) = (entry.cost, entry.buffered());
            entry.cost = new;
            self.budget.update(slot, old, new);
        }
    }

    /// Looks at what a connection waits for, and at the bounds.
    fn review(&mut self, slot: u32, stamp: Stamp, streams: &mut S) {
        let Some(entry) = self.table.get_mut(slot) else {
            return;
        };
        let (end, running) = entry.review(stamp, streams);
        if let Some(how) = end {
            self.close(slot, how, streams);
            return;
        }
        if running && !entry.alarm {
            entry.alarm = true;
            self.alarms.set(Alarm {
                time: stamp.time,
                slot,
                stream: entry.connection.stream,
            });
        }
        if entry.buffered() > self.limits.direction {
            entry.shrink(self.limits.direction, streams);
        }
        self.account(slot);
        while self.budget.total() > self.limits.total
            && let Some(largest) = self.budget.largest()
        {
            if let Some(entry) = self.table.get_mut(largest) {
                entry.shrink(0, streams);
            }
            self.account(largest);
        }
    }

    /// Looks at the connections whose grace ended while they were silent.
    #[inline]
    fn look_at_silent(&mut self, stamp: Stamp, streams: &mut S) {
        while let Some(alarm) = self.alarms.due(stamp.time, ALARM_NANOS) {
            let entry = self.table.get_mut(alarm.slot);
            let Some(entry) = entry.filter(|e| e.connection.stream == alarm.stream) else {
                continue;
            };
            entry.alarm = false;
            if entry.is_waiting() {
                self.review(alarm.slot, stamp, streams);
            }
        }
    }
}
