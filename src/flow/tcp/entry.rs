//! One TCP connection in the table.

use super::direction::{ACKED_GRACE, Direction, Part};
use super::start::{Header, Held};
use crate::flow::budget::Wait;
use crate::flow::output::Output;
use crate::flow::{Close, Connection, Side, Streams};
use crate::packet::{Segment, Stamp};

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Where the streams begin is not settled; the consumer knows nothing yet.
    Starting,
    Open,
    /// The consumer has no use for it.
    Unwanted,
    /// Closed, kept to recognise late packets.
    Closed,
}

/// A jump of both the sequence and the acknowledgement number by more than this
/// is another connection: no capture loses that much of both directions between
/// two packets and then goes on.
const JUMP: i64 = 1 << 26;

/// A jump of the sequence number alone by more than this cannot be within one
/// connection: it is the largest window.
const FAR_JUMP: i64 = 1 << 30;

/// A RST this far from what is expected is not of this connection.
const RESET_WINDOW: i64 = 1 << 26;

/// The connection and its two directions.
pub(super) struct Entry<T> {
    pub connection: Connection,
    /// What the buffers cost, as the budget knows it.
    pub cost: usize,
    /// An alarm is set.
    pub alarm: bool,
    directions: [Direction; 2],
    state: Option<T>,
    stage: Stage,
    held: Option<Box<Held>>,
    /// Packets so far, wrapping.
    packets: u32,
    /// A SYN settled which side opened.
    opener_known: bool,
    /// The first RST: who, the packet, and since when.
    reset: Option<(Side, Stamp, Wait)>,
}

impl<T> Entry<T> {
    pub fn new(connection: Connection) -> Self {
        Self {
            connection,
            cost: 0,
            alarm: false,
            directions: <[Direction; 2]>::default(),
            state: None,
            stage: Stage::Starting,
            held: None,
            packets: 0,
            opener_known: false,
            reset: None,
        }
    }

    /// Which side sent the segment; `None` if it is of another connection.
    #[inline]
    pub fn side(&self, segment: &Segment<'_>) -> Option<Side> {
        let [initiator, acceptor] = self.connection.ends;
        if segment.src == initiator && segment.dst == acceptor {
            Some(Side::Initiator)
        } else if segment.src == acceptor && segment.dst == initiator {
            Some(Side::Acceptor)
        } else {
            None
        }
    }

    /// Bytes in the buffers, about.
    pub fn buffered(&self) -> usize {
        let held = self.held.as_ref().map_or(0, |held| held.cost());
        held + self.directions.iter().map(Direction::cost).sum::<usize>()
    }

    fn direction(&mut self, side: Side) -> &mut Direction {
        &mut self.directions[side.index()]
    }

    /// Whether the segment begins another connection between the same ends.
    #[inline]
    pub fn is_replaced_by(&self, side: Side, segment: &Segment<'_>) -> bool {
        let own = &self.directions[side.index()];
        let other = &self.directions[side.other().index()];
        if segment.flags.syn {
            return self.is_another_syn(side, segment);
        }
        if !own.is_anchored() || segment.flags.rst {
            return false;
        }
        let jump = own.distance(segment.seq).abs();
        if jump <= JUMP {
            return false;
        }
        let ack_known = segment.flags.ack && other.is_anchored();
        jump > FAR_JUMP || (ack_known && other.distance(segment.ack).abs() > JUMP)
    }

    fn is_another_syn(&self, side: Side, segment: &Segment<'_>) -> bool {
        let own = &self.directions[side.index()];
        let other = &self.directions[side.other().index()];
        if !own.is_anchored() {
            let late = self.opener_known && segment.flags.ack;
            return self.stage != Stage::Starting && !late;
        }
        let same = own.first_seq() == segment.seq.wrapping_add(1);
        let answers = segment.flags.ack && other.first_seq() == segment.ack;
        !same && !answers
    }

    /// Takes a segment of this connection. Tells how the connection ends, if
    /// it does with this segment.
    #[inline]
    pub fn receive<S: Streams<State = T>>(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        stamp: Stamp,
        streams: &mut S,
    ) -> Option<Close> {
        self.connection.last = stamp;
        self.packets = self.packets.wrapping_add(1);
        let part = Part::new(segment, stamp);
        match self.stage {
            Stage::Open => self.advance(side, Header::of(segment), &part, streams),
            Stage::Starting => return self.begin(side, segment, &part, streams),
            Stage::Unwanted => return self.skim(side, segment, &part),
            Stage::Closed => return None,
        }
        self.outcome()
    }

    /// A segment before the start is settled.
    fn begin<S: Streams<State = T>>(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        part: &Part<'_>,
        streams: &mut S,
    ) -> Option<Close> {
        let side = self.settle_opener(side, segment);
        let flags = segment.flags;
        self.direction(side).seen = true;
        if flags.syn {
            self.direction(side).anchor(segment.seq.wrapping_add(1));
        }
        if flags.ack && !flags.rst {
            let other = self.direction(side.other());
            other.note_ack(segment.ack);
            if flags.syn {
                other.anchor(segment.ack);
            }
        }
        if part.wire_length > 0 || flags.fin || flags.rst {
            let own = &self.directions[side.index()];
            self.held.get_or_insert_with(|| Box::new(Held::new())).push(
                (side, self.packets),
                segment,
                part,
                own,
            );
        }
        let settled = self.directions.iter().all(Direction::is_anchored);
        if settled || flags.rst || self.start_is_overdue(part.stamp) {
            self.open(streams);
        }
        self.outcome()
    }

    fn start_is_overdue(&self, now: Stamp) -> bool {
        let held = self.held.as_ref();
        held.is_some_and(|held| held.is_overdue(self.packets, now.time))
    }

    /// Lets a SYN decide who opened the connection, and gives the side of its
    /// sender by that. In a simultaneous open the first SYN decides.
    fn settle_opener(&mut self, side: Side, segment: &Segment<'_>) -> Side {
        if !segment.flags.syn || self.opener_known {
            return side;
        }
        self.opener_known = true;
        self.connection.from_start = true;
        let opener = if segment.flags.ack {
            side.other()
        } else {
            side
        };
        if opener == Side::Initiator {
            return side;
        }
        self.connection.ends.swap(0, 1);
        self.directions.swap(0, 1);
        if let Some(held) = &mut self.held {
            held.swap_sides();
        }
        side.other()
    }

    /// Settles the start with what is known, and gives what was held.
    fn open<S: Streams<State = T>>(&mut self, streams: &mut S) {
        if self.stage != Stage::Starting {
            return;
        }
        self.stage = Stage::Open;
        self.state = Some(streams.open(&self.connection));
        let Some(held) = self.held.take() else {
            return;
        };
        for side in Side::BOTH {
            if let Some(seq) = held.lowest(side) {
                self.direction(side).anchor(seq);
            }
        }
        for owned in held.into_segments() {
            if self.stage == Stage::Open {
                self.advance(owned.side, owned.header, &owned.part(), streams);
            }
        }
    }

    /// A segment of an open connection.
    #[inline]
    fn advance<S: Streams<State = T>>(
        &mut self,
        side: Side,
        header: Header,
        part: &Part<'_>,
        streams: &mut S,
    ) {
        let Some(state) = &mut self.state else {
            return;
        };
        let [initiator, acceptor] = &mut self.directions;
        let (own, other) = match side {
            Side::Initiator => (initiator, acceptor),
            Side::Acceptor => (acceptor, initiator),
        };
        own.seen = true;
        if header.flags.rst {
            self.note_reset(side, header, part.stamp);
            return;
        }
        if header.flags.ack {
            other.note_ack(header.ack);
        }
        if part.wire_length > 0 || part.fin {
            if !own.is_anchored() {
                own.anchor_at_payload(part.seq, part.wire_length);
            }
            let mut out = Output {
                connection: &self.connection,
                state,
                streams,
                from: side,
            };
            own.accept(part, &mut out);
            if !streams.wanted(state) {
                self.disregard();
            }
        } else if header.flags.syn && !own.is_anchored() {
            own.anchor(part.seq);
        }
    }

    /// A RST ends the connection, but packets sent before it may come after it
    /// in the capture: it takes effect after a grace.
    fn note_reset(&mut self, side: Side, header: Header, stamp: Stamp) {
        let own = &self.directions[side.index()];
        let strange = own.is_anchored() && own.distance(header.seq).abs() > RESET_WINDOW;
        // A RST that refuses a SYN has sequence number 0.
        if self.reset.is_some() || (strange && header.seq != 0) {
            return;
        }
        let since = Wait {
            packets: self.packets,
            time: stamp.time,
        };
        self.reset = Some((side, stamp, since));
    }

    /// A segment of a connection that nobody wants.
    fn skim(&mut self, side: Side, segment: &Segment<'_>, part: &Part<'_>) -> Option<Close> {
        if segment.flags.rst {
            return Some(Close::Reset);
        }
        self.direction(side).skim(part);
        self.both_finished().then_some(Close::Fin)
    }

    fn both_finished(&self) -> bool {
        self.directions.iter().all(Direction::is_finished)
    }

    #[inline]
    fn outcome(&self) -> Option<Close> {
        self.both_finished().then_some(Close::Fin)
    }

    /// Whether [`Entry::review`] has something to look at.
    #[inline]
    pub fn is_waiting(&self) -> bool {
        self.held.is_some()
            || self.reset.is_some()
            || self.directions[0].is_blocked()
            || self.directions[1].is_blocked()
    }

    /// Looks at everything that is waited for, as of the packet `stamp` (which
    /// need not be of this connection). Tells how the connection ends, if it
    /// does, and whether a grace is still running.
    pub fn review<S: Streams<State = T>>(
        &mut self,
        stamp: Stamp,
        streams: &mut S,
    ) -> (Option<Close>, bool) {
        if self.start_is_overdue(stamp) {
            self.open(streams);
        }
        let mut running = self.held.is_some();
        let packets = self.packets;
        self.each_direction(streams, |own, other_seen, out| {
            running |= own.review(!other_seen, packets, stamp, out);
        });
        if self.both_finished() {
            return (Some(Close::Fin), false);
        }
        if let Some((_, _, since)) = self.reset {
            if ACKED_GRACE.is_over(since, packets, stamp.time) {
                return (Some(Close::Reset), false);
            }
            running = true;
        }
        (None, running)
    }

    /// Calls `act` for both directions of an open connection, with whether the
    /// other one was seen.
    fn each_direction<S: Streams<State = T>>(
        &mut self,
        streams: &mut S,
        mut act: impl FnMut(&mut Direction, bool, &mut Output<'_, S>),
    ) {
        let (Stage::Open, Some(state)) = (self.stage, &mut self.state) else {
            return;
        };
        for from in Side::BOTH {
            let other_seen = self.directions[from.other().index()].seen;
            let mut out = Output {
                connection: &self.connection,
                state,
                streams,
                from,
            };
            act(&mut self.directions[from.index()], other_seen, &mut out);
        }
        if !streams.wanted(state) {
            self.disregard();
        }
    }

    /// From here on only what tells the end of the connection is followed.
    fn disregard(&mut self) {
        self.stage = Stage::Unwanted;
        for direction in &mut self.directions {
            direction.release();
        }
    }

    /// Gives up on holes until each direction buffers no more than `limit`.
    pub fn shrink<S: Streams<State = T>>(&mut self, limit: usize, streams: &mut S) {
        if self.held.as_ref().is_some_and(|held| held.cost() > limit) {
            self.open(streams);
        }
        let stamp = self.connection.last;
        self.each_direction(streams, |own, _, out| own.shrink(limit, stamp, out));
    }

    /// Gives everything that is left and closes. `how` is what ends it, unless
    /// the connection had ended by itself before.
    pub fn close<S: Streams<State = T>>(&mut self, how: Close, streams: &mut S) {
        self.open(streams);
        let stamp = self.connection.last;
        self.each_direction(streams, |own, _, out| own.flush(stamp, out));
        let how = match (self.both_finished(), self.reset) {
            (true, _) => Close::Fin,
            (false, Some((side, stamp, _))) => {
                self.tell_reset(side, stamp, streams);
                Close::Reset
            }
            (false, None) => how,
        };
        self.stage = Stage::Closed;
        for direction in &mut self.directions {
            direction.release();
        }
        if let Some(state) = self.state.take() {
            streams.close(&self.connection, state, how);
        }
    }

    fn tell_reset<S: Streams<State = T>>(&mut self, from: Side, stamp: Stamp, streams: &mut S) {
        if let (Stage::Open, Some(state)) = (self.stage, &mut self.state) {
            let mut out = Output {
                connection: &self.connection,
                state,
                streams,
                from,
            };
            out.finished(true, stamp);
        }
    }
}
