//! The consumer's end of one direction.

use super::{Chunk, Connection, Gap, Side, Streams};
use crate::packet::Stamp;

/// Where the bytes of one side of a connection go.
pub(super) struct Output<'a, S: Streams> {
    pub connection: &'a Connection,
    pub state: &'a mut S::State,
    pub streams: &'a mut S,
    pub from: Side,
}

impl<S: Streams> Output<'_, S> {
    #[inline]
    pub fn data(&mut self, bytes: &[u8], offset: u64, stamp: Stamp) {
        let chunk = Chunk {
            bytes,
            offset,
            stamp,
        };
        self.streams
            .data(self.connection, self.state, self.from, chunk);
    }

    pub fn gap(&mut self, gap: Gap) {
        self.streams
            .gap(self.connection, self.state, self.from, gap);
    }

    pub fn conflict(&mut self, offset: u64, stamp: Stamp) {
        self.streams
            .conflict(self.connection, self.state, self.from, offset, stamp);
    }

    pub fn finished(&mut self, reset: bool, stamp: Stamp) {
        self.streams
            .finished(self.connection, self.state, self.from, reset, stamp);
    }
}
