//! A connection of two directions and its consumer, whatever carries it.

use super::output::Output;
use super::waiting::{ACKED_GRACE, Moment};
use super::{Close, Connection, Opening, Side, Streams, Unreachable};
use crate::flow::keeper::Verdict;
use crate::packet::Stamp;

/// One direction under reassembly.
pub(super) trait Lane: Default {
    /// Whether a packet of this direction is in the capture.
    fn is_seen(&self) -> bool;

    /// Whether its end was told to the consumer.
    fn is_finished(&self) -> bool;

    /// Bytes of it that the other side acknowledged, where that is told in bytes.
    fn acked(&self) -> u64;

    /// The first of it that the other side has not acknowledged: a byte, or a packet.
    fn first_unacked(&self) -> u64;

    /// Whether the other side has acknowledged more of it than was delivered.
    fn is_acked_ahead(&self) -> bool;

    /// Whether something waits for a hole before it.
    fn is_blocked(&self) -> bool;

    /// Bytes in the buffer, about.
    fn cost(&self) -> usize;

    /// Gives up on holes that were waited for long enough; tells whether one is
    /// still waited for. `silent`: nothing of the other side is in the capture,
    /// so that nothing acknowledges.
    fn review<S: Streams>(
        &mut self,
        silent: bool,
        now: Moment,
        stamp: Stamp,
        out: &mut Output<'_, S>,
    ) -> bool;

    /// Gives up on holes until no more than `limit` bytes wait.
    fn shrink<S: Streams>(&mut self, limit: usize, stamp: Stamp, out: &mut Output<'_, S>);

    /// Gives everything that waits, and the gap after it that an
    /// acknowledgement proves.
    fn flush<S: Streams>(&mut self, stamp: Stamp, out: &mut Output<'_, S>);

    /// Frees the buffer.
    fn release(&mut self);
}

/// How far a connection has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Where the streams begin is not settled; the consumer knows nothing yet.
    Starting,
    /// Its bytes go to the consumer.
    Open,
    /// The consumer has no use for it.
    Unwanted,
    /// Closed, kept to recognise late packets.
    Closed,
}

/// Two directions and the consumer's state.
pub(super) struct Duplex<S: Streams, L> {
    pub connection: Connection,
    pub lanes: [L; 2],
    state: Option<S::State>,
    stage: Stage,
    /// Packets so far, wrapping.
    packets: u32,
    /// The first reset: who, the packet, and since when.
    reset: Option<(Side, Stamp, Moment)>,
}

impl<S: Streams, L: Lane> Duplex<S, L> {
    pub fn new(connection: Connection) -> Self {
        Self {
            connection,
            lanes: <[L; 2]>::default(),
            state: None,
            stage: Stage::Starting,
            packets: 0,
            reset: None,
        }
    }

    pub fn stage(&self) -> Stage {
        self.stage
    }

    pub fn lane(&mut self, side: Side) -> &mut L {
        &mut self.lanes[side.index()]
    }

    /// A packet of the connection is at hand.
    #[inline]
    pub fn count(&mut self, stamp: Stamp) {
        self.connection.last = stamp;
        self.packets = self.packets.wrapping_add(1);
    }

    /// The connection's time, as of the packet `stamp`.
    pub fn moment(&self, stamp: Stamp) -> Moment {
        Moment {
            packets: self.packets,
            time: stamp.time,
        }
    }

    /// The sides were guessed the wrong way round.
    pub fn swap_sides(&mut self) {
        self.connection.ends.swap(0, 1);
        self.connection.troubles.swap_sides();
        self.lanes.swap(0, 1);
    }

    /// Takes over what the other side of `side` acknowledged.
    #[inline]
    pub fn note_acked(&mut self, side: Side) {
        let lane = &self.lanes[side.index()];
        let acked = lane.acked();
        self.connection.is_acked_ahead[side.index()] = lane.is_acked_ahead();
        let known = &mut self.connection.acked[side.index()];
        if *known != acked {
            *known = acked;
            self.connection.acked_at[side.index()] = self.connection.last.time;
        }
    }

    /// A SYN of the initiator.
    pub fn note_syn(&mut self, stamp: Stamp) {
        let opening = self.opening();
        opening.syns = opening.syns.saturating_add(1);
        opening.frame = stamp.frame;
    }

    /// The acceptor's answer to a SYN, which may itself not be in the capture.
    pub fn note_syn_answer(&mut self, stamp: Stamp) {
        let opening = self.opening();
        opening.is_answered = true;
        if opening.syns == 0 {
            opening.frame = stamp.frame;
        }
    }

    fn opening(&mut self) -> &mut Opening {
        self.connection.opening.get_or_insert(Opening {
            syns: 0,
            is_answered: false,
            frame: 0,
        })
    }

    /// A router says that a packet of `side` did not arrive: that is why the connection
    /// did not begin, unless it has begun.
    pub fn note_unreachable(&mut self, side: Side, unreachable: Unreachable) {
        if self.stage == Stage::Open {
            self.connection.troubles.note_error(side, unreachable);
        } else if self.stage == Stage::Starting && !unreachable.reason.is_too_big() {
            let first = &mut self.connection.unreachable;
            first.get_or_insert_with(|| Box::new(unreachable));
        }
    }

    /// Tells the consumer of the connection.
    pub fn open(&mut self, streams: &mut S) {
        self.state = Some(streams.open(&self.connection));
        self.stage = Stage::Open;
    }

    /// The direction from a side of an open connection, the other one, and where
    /// its bytes go.
    #[inline]
    pub fn parts<'a>(
        &'a mut self,
        from: Side,
        streams: &'a mut S,
    ) -> Option<(&'a mut L, &'a mut L, Output<'a, S>)> {
        if self.stage != Stage::Open {
            return None;
        }
        let [initiator, acceptor] = &mut self.lanes;
        let (own, other) = match from {
            Side::Initiator => (initiator, acceptor),
            Side::Acceptor => (acceptor, initiator),
        };
        let out = Output {
            connection: &self.connection,
            state: self.state.as_mut()?,
            streams,
            from,
        };
        Some((own, other, out))
    }

    /// Stops the delivery if the consumer has no use for it.
    #[inline]
    pub fn ask_whether_wanted(&mut self, streams: &S) {
        let state = self.state.as_ref();
        if self.stage == Stage::Open && state.is_some_and(|state| !streams.wanted(state)) {
            self.stage = Stage::Unwanted;
            self.release();
        }
    }

    fn release(&mut self) {
        for lane in &mut self.lanes {
            lane.release();
        }
    }

    /// A reset ends the connection, but packets sent before it may come after it
    /// in the capture: it takes effect after a grace.
    pub fn note_reset(&mut self, side: Side, stamp: Stamp) {
        let now = self.moment(stamp);
        self.reset.get_or_insert((side, stamp, now));
    }

    pub fn both_finished(&self) -> bool {
        self.lanes.iter().all(Lane::is_finished)
    }

    /// How the connection has ended, if it has.
    #[inline]
    pub fn outcome(&self) -> Option<Close> {
        self.both_finished().then_some(Close::Fin)
    }

    pub fn cost(&self) -> usize {
        self.lanes.iter().map(Lane::cost).sum()
    }

    #[inline]
    pub fn is_waiting(&self) -> bool {
        self.reset.is_some() || self.lanes.iter().any(Lane::is_blocked)
    }

    /// Looks at the holes and the reset, as of the packet `stamp`.
    pub fn review(&mut self, stamp: Stamp, streams: &mut S) -> Verdict {
        let now = self.moment(stamp);
        let mut running = false;
        self.each_lane(streams, |lane, silent, out| {
            running |= lane.review(silent, now, stamp, out);
        });
        match self.reset {
            _ if self.both_finished() => Verdict::Ended(Close::Fin),
            Some((_, _, since)) if ACKED_GRACE.is_over(since, now) => Verdict::Ended(Close::Reset),
            None if !running => Verdict::Quiet,
            _ => Verdict::Waiting,
        }
    }

    /// Calls `act` for both directions of an open connection, with whether
    /// nothing of the other side was seen.
    fn each_lane(
        &mut self,
        streams: &mut S,
        mut act: impl FnMut(&mut L, bool, &mut Output<'_, S>),
    ) {
        for side in Side::BOTH {
            if let Some((own, other, mut out)) = self.parts(side, streams) {
                act(own, !other.is_seen(), &mut out);
            }
        }
        self.ask_whether_wanted(streams);
    }

    /// Gives up on holes until each direction buffers no more than `limit`.
    pub fn shrink(&mut self, limit: usize, streams: &mut S) {
        let stamp = self.connection.last;
        self.each_lane(streams, |lane, _, out| lane.shrink(limit, stamp, out));
    }

    /// Gives everything that is left and closes an open connection.
    pub fn close(&mut self, how: Close, streams: &mut S) {
        let stamp = self.connection.last;
        for side in Side::BOTH {
            let acked = self.lanes[side.index()].first_unacked();
            self.connection.troubles.conclude(side, acked);
        }
        self.each_lane(streams, |lane, _, out| lane.flush(stamp, out));
        let how = match self.reset {
            _ if self.both_finished() => Close::Fin,
            Some((side, stamp, _)) => {
                if let Some((_, _, mut out)) = self.parts(side, streams) {
                    out.finished(true, stamp);
                }
                Close::Reset
            }
            None => how,
        };
        self.stage = Stage::Closed;
        self.release();
        if let Some(state) = self.state.take() {
            streams.close(&self.connection, state, how);
        }
    }
}
