//! One TCP connection in the table.

use std::net::SocketAddr;

use super::direction::{Direction, PlacedPayload};
use super::start::{Header, Held, Owned};
use crate::flow::duplex::{Duplex, Lane, Stage};
use crate::flow::keeper::{Flow, Verdict};
use crate::flow::table::Pair;
use crate::flow::waiting::{Grace, Moment};
use crate::flow::{Close, Connection, Side, Streams, Unreachable};
use crate::packet::{Segment, Stamp};

/// A jump of both the sequence and the acknowledgement number by more than this
/// is another connection: no capture loses that much of both directions between
/// two packets and then goes on.
const JUMP_BYTES: i64 = 1 << 26;

/// A jump of the sequence number alone by more than this cannot be within one
/// connection: it is the largest window.
const FAR_JUMP_BYTES: i64 = 1 << 30;

/// How long a segment that does not fit waits for another one that fits it.
const STRAY_GRACE: Grace = Grace {
    packets: 64,
    nanos: i64::MAX,
};

/// A RST this far from what is expected is not of this connection.
const RESET_WINDOW_BYTES: i64 = 1 << 26;

/// The connection and its two directions.
pub(super) struct Entry<S: Streams> {
    duplex: Duplex<S, Direction>,
    held: Option<Box<Held>>,
    /// A SYN settled which side opened.
    opener_known: bool,
    /// The latest segment that does not fit, and when it came.
    stray: Option<(Box<Owned>, Moment)>,
}

/// What a segment that does not fit its connection means.
pub(super) enum Doubt {
    /// Nothing yet: it could be forged, or damaged.
    Stray,
    /// Another connection between the same ends. It begins with the stray from
    /// before, if there is one.
    Another(Option<Box<Owned>>),
}

impl<S: Streams> Entry<S> {
    pub fn new(connection: Connection) -> Self {
        Self {
            duplex: Duplex::new(connection),
            held: None,
            opener_known: false,
            stray: None,
        }
    }

    /// Which side sent the segment; `None` if it is of another connection.
    #[inline]
    pub fn side(&self, segment: &Segment<'_>) -> Option<Side> {
        self.duplex.connection.side(segment.src, segment.dst)
    }

    /// Whether the segment does not fit what was seen of this connection.
    #[inline]
    pub fn is_strange(&self, side: Side, segment: &Segment<'_>) -> bool {
        let own = &self.duplex.lanes[side.index()];
        let other = &self.duplex.lanes[side.other().index()];
        if segment.flags.syn {
            return self.is_another_syn(side, segment);
        }
        if !own.is_anchored() || segment.flags.rst {
            return false;
        }
        let jump = own.distance(segment.seq).abs();
        if jump <= JUMP_BYTES {
            return false;
        }
        let ack_known = segment.flags.ack && other.is_anchored();
        jump > FAR_JUMP_BYTES || (ack_known && other.distance(segment.ack).abs() > JUMP_BYTES)
    }

    /// Judges a strange segment. A connection under way is replaced only when a
    /// second strange segment fits the first: one alone may be forged.
    pub fn doubt(&mut self, side: Side, segment: &Segment<'_>, stamp: Stamp) -> Doubt {
        if self.duplex.stage() == Stage::Closed {
            return Doubt::Another(None);
        }
        let fits = |(first, _): &mut (Box<Owned>, _)| are_kin(first, side, segment);
        if let Some((first, _)) = self.stray.take_if(fits) {
            return Doubt::Another(Some(first));
        }
        let first = Owned::new(side, segment, &PlacedPayload::new(segment, stamp));
        self.stray = Some((Box::new(first), self.duplex.moment(stamp)));
        Doubt::Stray
    }

    fn is_another_syn(&self, side: Side, segment: &Segment<'_>) -> bool {
        let own = &self.duplex.lanes[side.index()];
        let other = &self.duplex.lanes[side.other().index()];
        if !own.is_anchored() {
            let late = self.opener_known && segment.flags.ack;
            return self.duplex.stage() != Stage::Starting && !late;
        }
        let same = own.first_seq() == segment.seq.wrapping_add(1);
        let answers = segment.flags.ack && other.first_seq() == segment.ack;
        !same && !answers
    }

    /// A router says that a packet from `src` to `dst` did not arrive.
    pub fn note_unreachable(&mut self, [src, dst]: [SocketAddr; 2], unreachable: Unreachable) {
        if let Some(side) = self.duplex.connection.side(src, dst) {
            self.duplex.note_unreachable(side, unreachable);
        }
    }

    /// Takes a segment of this connection. Tells how the connection ends, if
    /// it does with this segment.
    #[inline]
    pub fn receive(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        stamp: Stamp,
        streams: &mut S,
    ) -> Option<Close> {
        self.duplex.count(stamp);
        let part = PlacedPayload::new(segment, stamp);
        match self.duplex.stage() {
            Stage::Open => self.advance(side, Header::of(segment), &part, streams),
            Stage::Starting => self.begin(side, segment, &part, streams),
            Stage::Unwanted if segment.flags.rst => return Some(Close::Reset),
            Stage::Unwanted => self.duplex.lane(side).skim(&part),
            Stage::Closed => return None,
        }
        self.duplex.outcome()
    }

    /// A segment before the start is settled.
    fn begin(
        &mut self,
        side: Side,
        segment: &Segment<'_>,
        part: &PlacedPayload<'_>,
        streams: &mut S,
    ) {
        let side = self.settle_opener(side, segment);
        let flags = segment.flags;
        self.duplex.lane(side).seen = true;
        if flags.syn {
            self.duplex.lane(side).anchor(segment.seq.wrapping_add(1));
            if side == Side::Acceptor && flags.ack {
                self.duplex.note_syn_answer(part.stamp);
            } else if side == Side::Initiator && !flags.ack {
                self.duplex.note_syn(part.stamp);
            }
        }
        if flags.ack && !flags.rst {
            let other = self.duplex.lane(side.other());
            other.note_ack(segment.ack);
            if flags.syn {
                other.anchor(segment.ack);
            }
            // Without a SYN-ACK this tells where the acceptor begins: its first
            // acknowledgement has the number of the first byte that it will send.
            let own = self.duplex.lane(side);
            if self.opener_known && part.wire_length == 0 && !own.is_anchored() {
                own.note_ack(segment.seq);
            }
        }
        if part.wire_length > 0 || flags.fin || flags.rst {
            let now = self.duplex.moment(part.stamp);
            let own = &self.duplex.lanes[side.index()];
            let held = self.held.get_or_insert_with(|| Box::new(Held::new()));
            held.push((side, now), segment, part, own);
        }
        let settled = self.duplex.lanes.iter().all(Direction::is_anchored);
        let refused = flags.rst && self.opener_known;
        if settled || refused || self.start_is_overdue(part.stamp) {
            self.open(streams);
        }
    }

    fn start_is_overdue(&self, now: Stamp) -> bool {
        let held = self.held.as_ref();
        held.is_some_and(|held| held.is_overdue(self.duplex.moment(now)))
    }

    /// Lets a SYN decide who opened the connection, and gives the side of its
    /// sender by that. In a simultaneous open the first SYN decides.
    fn settle_opener(&mut self, side: Side, segment: &Segment<'_>) -> Side {
        if !segment.flags.syn || self.opener_known {
            return side;
        }
        self.opener_known = true;
        self.duplex.connection.from_start = true;
        let opener = if segment.flags.ack {
            side.other()
        } else {
            side
        };
        if opener == Side::Initiator {
            return side;
        }
        self.duplex.swap_sides();
        if let Some(held) = &mut self.held {
            held.swap_sides();
        }
        side.other()
    }

    /// Settles the start with what is known, and gives what was held.
    fn open(&mut self, streams: &mut S) {
        if self.duplex.stage() != Stage::Starting {
            return;
        }
        self.duplex.open(streams);
        let Some(held) = self.held.take() else {
            return;
        };
        for side in Side::BOTH {
            if let Some(seq) = held.lowest(side) {
                let lane = self.duplex.lane(side);
                // Where the capture has the start, all of the stream is due.
                if self.opener_known {
                    lane.anchor_before(seq);
                } else {
                    lane.anchor(seq);
                }
            }
            self.duplex.note_acked(side);
        }
        for owned in held.into_segments() {
            // What it acknowledges was noted when it came: noted twice, old numbers
            // would push out those that tell where a side begins.
            let mut header = owned.header;
            header.flags.ack = false;
            self.advance(owned.side, header, &owned.part(), streams);
        }
    }

    /// Notes what is sent again, what asks for a sign of life, and what is large.
    #[inline]
    fn watch(&mut self, side: Side, header: Header, part: &PlacedPayload<'_>) {
        let own = &self.duplex.lanes[side.index()];
        if header.flags.rst || header.flags.syn || !own.is_anchored() {
            return;
        }
        let ahead = own.distance(part.seq);
        if ahead >= 0 {
            let start = own.offset_of(part.seq).max(0).cast_unsigned();
            let troubles = &mut self.duplex.connection.troubles;
            return troubles.send(side, start, part.wire_length);
        }
        let Ok(start) = u64::try_from(own.offset_of(part.seq)) else {
            return;
        };
        let acked = own.acked();
        let troubles = &mut self.duplex.connection.troubles;
        let is_probe = ahead == -1 && !part.fin && part.wire_length <= 1;
        if is_probe && (part.wire_length == 0 || start < acked) {
            troubles.probe(side, part.stamp);
        } else if part.wire_length > 0 {
            troubles.resend(side, (start, part.wire_length), acked, part.stamp);
        }
    }

    /// A segment of an open connection.
    #[inline]
    fn advance(&mut self, side: Side, header: Header, part: &PlacedPayload<'_>, streams: &mut S) {
        if header.flags.ack && !header.flags.rst {
            self.duplex.lane(side.other()).note_ack(header.ack);
            self.duplex.note_acked(side.other());
            let troubles = &mut self.duplex.connection.troubles;
            troubles.hear(side, header.window.into(), part.stamp);
        }
        self.watch(side, header, part);
        let Some((own, _, mut out)) = self.duplex.parts(side, streams) else {
            return;
        };
        own.seen = true;
        if header.flags.rst {
            let strange = own.is_anchored() && own.distance(header.seq).abs() > RESET_WINDOW_BYTES;
            // A RST that refuses a SYN has sequence number 0.
            if !strange || header.seq == 0 {
                self.duplex.note_reset(side, part.stamp);
            }
            return;
        }
        if part.wire_length > 0 || part.fin {
            if !own.is_anchored() {
                own.anchor_at_payload(part.seq, part.wire_length);
            }
            own.accept(part, &mut out);
            self.duplex.ask_whether_wanted(streams);
        } else if header.flags.syn {
            own.anchor(part.seq);
        }
    }
}

/// Whether two segments can be of one connection, by their numbers.
fn are_kin(first: &Owned, side: Side, second: &Segment<'_>) -> bool {
    let near = |a: u32, b: u32| i64::from(a.wrapping_sub(b).cast_signed()).abs() <= JUMP_BYTES;
    if first.side == side {
        return near(first.header.seq, second.seq);
    }
    let answers = second.flags.ack && near(second.ack, first.header.seq);
    let answered = first.header.flags.ack && near(first.header.ack, second.seq);
    answers || answered
}

impl<S: Streams> Flow for Entry<S> {
    type Streams = S;
    type Key = Pair;

    fn connection(&self) -> &Connection {
        &self.duplex.connection
    }

    fn buffered(&self) -> usize {
        let held = self.held.as_ref().map_or(0, |held| held.cost());
        let stray = self.stray.as_ref().map_or(0, |(stray, _)| stray.cost());
        held + stray + self.duplex.cost()
    }

    #[inline]
    fn is_waiting(&self) -> bool {
        self.held.is_some() || self.stray.is_some() || self.duplex.is_waiting()
    }

    fn review(&mut self, stamp: Stamp, streams: &mut S) -> Verdict {
        if self.start_is_overdue(stamp) {
            self.open(streams);
        }
        let now = self.duplex.moment(stamp);
        self.stray
            .take_if(|(_, since)| STRAY_GRACE.is_over(*since, now));
        match self.duplex.review(stamp, streams) {
            Verdict::Quiet if self.held.is_some() => Verdict::Waiting,
            verdict => verdict,
        }
    }

    fn shrink(&mut self, limit: usize, streams: &mut S) {
        self.stray = None;
        if self.held.as_ref().is_some_and(|held| held.cost() > limit) {
            self.open(streams);
        }
        self.duplex.shrink(limit, streams);
    }

    fn close(&mut self, how: Close, streams: &mut S) {
        self.stray = None;
        self.open(streams);
        self.duplex.close(how, streams);
    }
}
