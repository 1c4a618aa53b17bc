//! The first packets of a connection whose start is not settled yet.
//!
//! Where a capture begins in mid-stream, the first segment that it holds need
//! not be the first that was sent. So the segments of the first few packets are
//! held, both directions alike, and given in the order of the capture when
//! either a SYN and SYN-ACK settled where the streams begin, or a grace is
//! over: then each direction begins at the lowest sequence number that it showed.

use std::net::SocketAddr;

use super::direction::{Direction, PlacedPayload};
use crate::flow::Side;
use crate::flow::waiting::{Moment, START_GRACE};
use crate::packet::{Segment, Stamp, TcpFlags};

/// A segment with its own copy of the payload.
#[derive(Debug)]
pub(super) struct Owned {
    pub side: Side,
    /// As in the packet.
    pub header: Header,
    payload: Vec<u8>,
    wire_length: u32,
    pub stamp: Stamp,
    /// One byte (or none) that the other side had acknowledged before.
    keep_alive: bool,
}

/// The numbers of a segment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Header {
    pub seq: u32,
    pub ack: u32,
    pub flags: TcpFlags,
    pub window: u16,
}

impl Header {
    pub fn of(segment: &Segment<'_>) -> Self {
        Self {
            seq: segment.seq,
            ack: segment.ack,
            flags: segment.flags,
            window: segment.window,
        }
    }
}

impl Owned {
    pub fn new(side: Side, segment: &Segment<'_>, part: &PlacedPayload<'_>) -> Self {
        Self {
            side,
            header: Header::of(segment),
            payload: part.payload.to_vec(),
            wire_length: part.wire_length,
            stamp: part.stamp,
            keep_alive: false,
        }
    }

    /// The segment between these ends.
    pub fn segment(&self, ends: [SocketAddr; 2]) -> Segment<'_> {
        Segment {
            src: ends[self.side.index()],
            dst: ends[self.side.other().index()],
            seq: self.header.seq,
            ack: self.header.ack,
            flags: self.header.flags,
            window: self.header.window,
            payload: &self.payload,
            wire_length: self.wire_length,
        }
    }

    pub fn part(&self) -> PlacedPayload<'_> {
        PlacedPayload {
            seq: self.seq(),
            payload: &self.payload,
            wire_length: self.wire_length,
            fin: self.header.flags.fin,
            stamp: self.stamp,
        }
    }

    /// Of the first payload byte.
    fn seq(&self) -> u32 {
        let syn = u32::from(self.header.flags.syn);
        self.header.seq.wrapping_add(syn)
    }

    /// Bytes in use, about.
    pub fn cost(&self) -> usize {
        size_of::<Self>() + self.payload.len()
    }
}

/// The held segments, in the order of the capture.
#[derive(Debug)]
pub(super) struct Held {
    segments: Vec<Owned>,
    cost: usize,
    /// The first segment of each side.
    since: [Option<Moment>; 2],
}

impl Held {
    pub fn new() -> Self {
        Self {
            segments: Vec::new(),
            cost: size_of::<Self>(),
            since: [None; 2],
        }
    }

    /// Whether both sides were waited for long enough.
    pub fn is_overdue(&self, now: Moment) -> bool {
        let mut begun = self.since.iter().flatten();
        begun.all(|&since| START_GRACE.is_over(since, now))
    }

    /// Bytes in use, about.
    pub fn cost(&self) -> usize {
        self.cost
    }

    /// Keeps a segment of `side` that came at `now`.
    pub fn push(
        &mut self,
        (side, now): (Side, Moment),
        segment: &Segment<'_>,
        part: &PlacedPayload<'_>,
        to: &Direction,
    ) {
        self.since[side.index()].get_or_insert(now);
        let end = part.seq.wrapping_add(part.wire_length);
        let acked = to.early_ack();
        let known = acked.is_some_and(|acked| acked.wrapping_sub(end).cast_signed() >= 0);
        let owned = Owned {
            keep_alive: known && part.wire_length <= 1 && !part.fin,
            ..Owned::new(side, segment, part)
        };
        self.cost += owned.cost();
        self.segments.push(owned);
    }

    /// The lowest sequence number with payload or FIN of `side`.
    pub fn lowest(&self, side: Side) -> Option<u32> {
        let mut all = self
            .segments
            .iter()
            .filter(|owned| owned.side == side && !owned.keep_alive)
            .filter(|owned| owned.wire_length > 0 || owned.header.flags.fin)
            .map(Owned::seq);
        let first = all.next()?;
        Some(all.fold(first, |lowest, seq| {
            if seq.wrapping_sub(lowest).cast_signed() < 0 {
                seq
            } else {
                lowest
            }
        }))
    }

    /// The sides were guessed the wrong way round.
    pub fn swap_sides(&mut self) {
        self.since.swap(0, 1);
        for owned in &mut self.segments {
            owned.side = owned.side.other();
        }
    }

    pub fn into_segments(self) -> Vec<Owned> {
        self.segments
    }
}
