//! The connections of TCP: which one a segment belongs to.

use std::net::SocketAddr;

use super::entry::{Doubt, Entry};
use crate::capture::Timestamp;
use crate::flow::budget::{Counter, Evicted, Limits};
use crate::flow::keeper::{Flow, Keeper};
use crate::flow::table::{Pair, Queue};
use crate::flow::{Carrier, Close, Connection, Side, Streams, Troubles, Unreachable};
use crate::packet::{Segment, Stamp};

/// All TCP connections of a capture.
pub struct TcpTable<S: Streams> {
    pub(super) keeper: Keeper<Entry<S>>,
}

impl<S: Streams> TcpTable<S> {
    /// An empty table that numbers its connections by `counter`.
    pub fn new(limits: Limits, counter: Counter) -> Self {
        Self {
            keeper: Keeper::new(limits, counter),
        }
    }

    /// Takes the next segment of the capture.
    pub fn segment(&mut self, segment: &Segment<'_>, stamp: Stamp, streams: &mut S) {
        self.keeper.look_at_silent(stamp, streams);
        match self.known(segment) {
            Some((slot, side, entry)) if entry.is_strange(side, segment) => {
                self.doubt(slot, side, segment, stamp, streams);
            }
            Some((slot, side, _)) => self.take(slot, side, segment, stamp, streams),
            None => self.begin(segment, stamp, streams),
        }
    }

    /// A router says that a packet between these ends did not arrive.
    pub fn unreachable(&mut self, ends: [SocketAddr; 2], unreachable: Unreachable) {
        let slot = self.keeper.find(&Pair::new(ends[0], ends[1]));
        if let Some(entry) = slot.and_then(|slot| self.keeper.get_mut(slot)) {
            entry.note_unreachable(ends, unreachable);
        }
    }

    /// Time goes by without a packet of this table: looks at what connections
    /// wait for, and at silent ones, as of the packet or moment `stamp`.
    pub fn tick(&mut self, stamp: Stamp, streams: &mut S) {
        self.keeper.look_at_silent(stamp, streams);
    }

    /// The capture is over: gives what is left and closes every connection, in
    /// order of appearance.
    pub fn finish(&mut self, streams: &mut S) {
        self.keeper.finish(streams);
    }

    /// How many connections are in the table: under way, and over but
    /// remembered.
    pub fn counts(&self) -> (usize, usize) {
        self.keeper.counts()
    }

    /// Connections that were closed to keep the limits.
    pub fn evicted(&self) -> Evicted {
        self.keeper.evicted()
    }

    /// Bytes in all reorder buffers, about.
    pub fn buffered(&self) -> usize {
        self.keeper.buffered()
    }

    /// Gives a segment to its connection.
    #[inline]
    fn take(
        &mut self,
        slot: u32,
        side: Side,
        segment: &Segment<'_>,
        stamp: Stamp,
        streams: &mut S,
    ) {
        if let Some(entry) = self.keeper.touch(slot) {
            let end = entry.receive(side, segment, stamp, streams);
            self.keeper.settle(slot, end, stamp, streams);
        }
    }

    /// A segment that does not fit its connection: of another one, perhaps.
    fn doubt(
        &mut self,
        slot: u32,
        side: Side,
        segment: &Segment<'_>,
        stamp: Stamp,
        streams: &mut S,
    ) {
        let Some(entry) = self.keeper.get_mut(slot) else {
            return;
        };
        let ends = entry.connection().ends;
        let Doubt::Another(first) = entry.doubt(side, segment, stamp) else {
            return self.keeper.settle(slot, None, stamp, streams);
        };
        self.keeper.close(slot, Close::Replaced, streams);
        self.keeper.forget(slot);
        let Some(first) = first else {
            return self.begin(segment, stamp, streams);
        };
        self.begin(&first.segment(ends), first.stamp, streams);
        // The two are of one connection now.
        self.segment(segment, stamp, streams);
    }

    /// The connection between the two ends of a segment.
    #[inline]
    fn known(&self, segment: &Segment<'_>) -> Option<(u32, Side, &Entry<S>)> {
        if let Some((slot, entry)) = self.keeper.recent()
            && let Some(side) = entry.side(segment)
        {
            return Some((slot, side, entry));
        }
        let slot = self.keeper.find(&Pair::new(segment.src, segment.dst))?;
        let entry = self.keeper.get(slot)?;
        Some((slot, entry.side(segment)?, entry))
    }

    /// The first segment of a connection.
    fn begin(&mut self, segment: &Segment<'_>, stamp: Stamp, streams: &mut S) {
        let connection = Connection {
            stream: self.keeper.next_stream(),
            carrier: Carrier::Tcp,
            ends: [segment.src, segment.dst],
            from_start: false,
            first: stamp,
            last: stamp,
            opening: None,
            unreachable: None,
            acked: [0; 2],
            acked_at: [Timestamp::UNKNOWN; 2],
            is_acked_ahead: [false; 2],
            troubles: Troubles::default(),
        };
        let pair = Pair::new(segment.src, segment.dst);
        let entry = Entry::new(connection);
        let slot = self.keeper.insert(Queue::Live, pair, entry, streams);
        self.take(slot, Side::Initiator, segment, stamp, streams);
    }
}
