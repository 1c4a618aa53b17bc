//! One uTP connection in the table, or a flow that may turn out to be one.

mod belonging;

use std::net::SocketAddr;

use super::direction::{Direction, PacketPayload};
use super::evidence::Evidence;
use super::half::Half;
use super::start::{Header, Held, LowestStates, is_before, is_first_syn};
use crate::capture::Timestamp;
use crate::flow::duplex::{Duplex, Lane, Stage};
use crate::flow::keeper::{Flow, Verdict};
use crate::flow::{Carrier, Close, Connection, Side, Streams, Troubles, Unreachable};
use crate::packet::Stamp;
use crate::wire::utp::{Packet, PacketType};

/// The number of a connection that is not confirmed.
const NO_STREAM: u64 = u64::MAX;

/// The connection and its two directions.
pub(super) struct Entry<S: Streams> {
    duplex: Duplex<S, Direction>,
    /// Under which the table holds it.
    keys: [Option<Half>; 2],
    /// The id that each side sends with (the initiator except in its SYN).
    ids: [Option<u16>; 2],
    /// What speaks for it, while a side's id is not known.
    evidence: Option<Box<Evidence>>,
    held: Held,
    /// Number of the SYN.
    syn: Option<u16>,
    /// The side has sent more than a SYN, with the right id.
    has_spoken: [bool; 2],
    /// Nothing was seen but a SYN, the same again, and resets.
    is_mere_attempt: bool,
    states: LowestStates,
    /// The packet time at which it was closed.
    ended: Option<Timestamp>,
}

impl<S: Streams> Entry<S> {
    /// A flow that begins with a packet of the first of `ends`.
    pub fn new(ends: [SocketAddr; 2], packet: &Packet<'_>, stamp: Stamp) -> Self {
        let id = packet.connection_id;
        let is_syn = packet.packet_type == PacketType::SYN;
        Self {
            duplex: Duplex::new(Connection {
                stream: NO_STREAM,
                carrier: Carrier::Utp,
                ends,
                from_start: false,
                first: stamp,
                last: stamp,
                opening: None,
                unreachable: None,
                acked: [0; 2],
                acked_at: [Timestamp::UNKNOWN; 2],
                is_acked_ahead: [false; 2],
                troubles: Troubles::default(),
            }),
            keys: [None; 2],
            ids: if is_syn {
                [Some(id.wrapping_add(1)), Some(id)]
            } else {
                [Some(id), None]
            },
            evidence: Some(Box::default()),
            held: Held::default(),
            syn: None,
            has_spoken: [false; 2],
            is_mere_attempt: is_first_syn(packet),
            states: LowestStates::default(),
            ended: None,
        }
    }

    /// Remembers a key under which the table holds the flow.
    pub fn add_key(&mut self, key: Half) {
        if let Some(free) = self.keys.iter_mut().find(|key| key.is_none()) {
            *free = Some(key);
        }
    }

    /// The id of a side.
    pub fn id(&self, side: Side) -> Option<u16> {
        self.ids[side.index()]
    }

    /// The side that sends from `src` to `dst`.
    pub fn side(&self, ends: [SocketAddr; 2]) -> Option<Side> {
        self.duplex.connection.side(ends[0], ends[1])
    }

    /// Its number, if it was confirmed to be a connection.
    pub fn stream(&self) -> Option<u64> {
        self.is_confirmed().then_some(self.duplex.connection.stream)
    }

    /// Whether it was confirmed to be a connection.
    pub fn is_confirmed(&self) -> bool {
        self.duplex.connection.stream != NO_STREAM
    }

    /// The id that `side` sends with is known now: it tells who opened the
    /// connection, as that one's is the higher. Gives the side by that; once the
    /// consumer knows the connection, the sides stay as they are.
    pub fn join(&mut self, side: Side, id: u16) -> Side {
        self.ids[side.index()] = Some(id);
        let other = self.id(side.other());
        let is_initiator = other.is_some_and(|other| id == other.wrapping_add(1));
        let right = is_initiator == (side == Side::Initiator);
        if right || self.duplex.stage() != Stage::Starting {
            return side;
        }
        self.duplex.swap_sides();
        self.ids.swap(0, 1);
        self.states.swap_sides();
        self.has_spoken.swap(0, 1);
        self.held.swap_sides();
        if let Some(evidence) = &mut self.evidence {
            evidence.swap_sides();
        }
        side.other()
    }

    /// Looks at a packet of a flow that is not confirmed; tells whether it
    /// confirms it.
    pub fn probe(&mut self, side: Side, packet: &Packet<'_>, stamp: Stamp, streams: &S) -> bool {
        if self.is_repeated_syn(side, packet) {
            return false;
        }
        let evidence = self.evidence.get_or_insert_default();
        let fits = evidence.add(side, packet, stamp);
        fits || (!packet.payload.is_empty()
            && packet.packet_type == PacketType::DATA
            && streams.is_certain(packet.payload))
    }

    /// Whether no packet will confirm it any more.
    pub fn is_hopeless(&self) -> bool {
        self.evidence.as_ref().is_some_and(|e| e.is_exhausted())
    }

    /// A router says that a packet of the flow, from `src` to `dst`, did not arrive.
    pub fn note_unreachable(&mut self, ends: [SocketAddr; 2], unreachable: Unreachable) {
        if let Some(side) = self.side(ends) {
            self.duplex.note_unreachable(side, unreachable);
        }
    }

    /// Takes a packet of this flow. Tells how the connection ends, if it does
    /// with this packet.
    #[inline]
    pub fn receive(
        &mut self,
        side: Side,
        packet: &Packet<'_>,
        stamp: Stamp,
        streams: &mut S,
    ) -> Option<Close> {
        self.duplex.count(stamp);
        let header = Header::of(packet);
        self.has_spoken[side.index()] |=
            header.acknowledges() && self.id(side) == Some(packet.connection_id);
        match self.duplex.stage() {
            Stage::Open => self.advance(side, header, &PacketPayload::new(packet, stamp), streams),
            Stage::Starting => self.begin(side, packet, stamp, streams),
            Stage::Unwanted if header.packet_type == PacketType::RESET => {
                return Some(Close::Reset);
            }
            Stage::Unwanted => {
                let fin = header.packet_type == PacketType::FIN;
                self.duplex.lane(side).skim(fin);
            }
            Stage::Closed => return None,
        }
        self.duplex.outcome()
    }

    /// A packet before the start is settled.
    fn begin(&mut self, side: Side, packet: &Packet<'_>, stamp: Stamp, streams: &mut S) {
        let header = Header::of(packet);
        self.duplex.lane(side).seen = true;
        if header.packet_type == PacketType::SYN {
            self.syn = Some(header.seq);
            self.duplex.connection.from_start = true;
            self.duplex.note_syn(stamp);
            let own = self.duplex.lane(side);
            own.anchor(header.seq.wrapping_add(1));
        }
        if header.acknowledges() {
            self.duplex.lane(side.other()).note_ack(header.ack);
            self.duplex.note_acked(side.other());
            self.states.note(side, header);
        }
        let answers = side == Side::Acceptor && header.acknowledges();
        if self.syn.is_some() && (answers || self.states.of(Side::Acceptor).is_some()) {
            self.duplex.note_syn_answer(stamp);
        }
        self.is_mere_attempt &= matches!(header.packet_type, PacketType::SYN | PacketType::RESET);
        if header.packet_type == PacketType::RESET && self.is_mere_attempt {
            // It takes effect after a grace, if the answer does not come after it.
            self.duplex.note_reset(side, stamp);
        }
        if header.is_numbered() || header.packet_type == PacketType::RESET {
            let now = self.duplex.moment(stamp);
            self.held.push((side, now), packet, stamp);
        }
        if self.is_confirmed() {
            self.try_open(stamp, streams);
        }
    }

    /// Number of the answer to the SYN, if both are in the capture. It is that
    /// of the acceptor's first packet with payload (libutp, libtorrent) or of
    /// the one before (BEP 29).
    fn answer(&self) -> Option<u16> {
        let (seq, ack) = self.states.of(Side::Acceptor)?;
        (self.syn == Some(ack)).then_some(seq)
    }

    /// Opens a confirmed connection if its start is settled, or overdue.
    pub fn try_open(&mut self, now: Stamp, streams: &mut S) {
        let settled = self.is_settled(Side::Initiator) && self.is_settled(Side::Acceptor);
        let overdue = self.held.is_overdue(self.duplex.moment(now));
        if overdue || settled {
            self.open(streams);
        }
    }

    /// Whether it is known where the stream of a side begins.
    fn is_settled(&mut self, side: Side) -> bool {
        if self.duplex.lane(side).is_anchored() {
            return true;
        }
        let Some(answer) = self.answer() else {
            return false;
        };
        // A later STATE may stand before the answer in the capture.
        let lowest = self
            .held
            .lowest(side)
            .filter(|&lowest| is_before(lowest, answer));
        let lane = self.duplex.lane(side);
        let is_first = lane.expected() == Some(answer);
        if lowest.is_none() && (is_first || self.held.numbers(side).any(|seq| seq == answer)) {
            lane.anchor(answer);
        }
        self.duplex.lane(side).is_anchored()
    }

    /// Settles the start with what is known, and gives what was held.
    fn open(&mut self, streams: &mut S) {
        if self.duplex.stage() != Stage::Starting || !self.is_confirmed() {
            return;
        }
        self.duplex.open(streams);
        let held = std::mem::take(&mut self.held);
        for side in Side::BOTH {
            let Some(lowest) = held.lowest(side) else {
                continue;
            };
            let from_start = self.syn.is_some();
            let lane = self.duplex.lane(side);
            if from_start {
                lane.anchor_at_payload(lowest);
            } else {
                lane.anchor(lowest);
            }
        }
        for owned in held.into_packets() {
            self.advance(owned.side, owned.header, &owned.part(), streams);
        }
        if self.ids.iter().all(Option::is_some) {
            self.evidence = None;
        }
    }

    /// Notes what is sent again.
    #[inline]
    fn watch(&mut self, side: Side, header: Header, part: &PacketPayload<'_>) {
        if !header.is_numbered() || part.fin {
            return;
        }
        let own = &self.duplex.lanes[side.index()];
        if let Some(number) = own.delivered(header.seq) {
            let length = part.payload.len() as u64 + part.cut;
            let segment = (number, u32::try_from(length).unwrap_or(u32::MAX));
            let acked = own.first_unacked();
            let troubles = &mut self.duplex.connection.troubles;
            troubles.resend(side, segment, acked, part.stamp);
        }
    }

    /// A packet of an open connection.
    #[inline]
    fn advance(&mut self, side: Side, header: Header, part: &PacketPayload<'_>, streams: &mut S) {
        if header.acknowledges() && header.packet_type != PacketType::RESET {
            self.duplex.lane(side.other()).note_ack(header.ack);
            self.duplex.note_acked(side.other());
            let troubles = &mut self.duplex.connection.troubles;
            troubles.hear(side, header.window, part.stamp);
        }
        self.watch(side, header, part);
        let Some((own, _, mut out)) = self.duplex.parts(side, streams) else {
            return;
        };
        own.seen = true;
        if header.packet_type == PacketType::RESET {
            self.duplex.note_reset(side, part.stamp);
            return;
        }
        if header.is_numbered() {
            if !own.is_anchored() {
                own.anchor_at_payload(header.seq);
            }
            own.accept(part, &mut out);
            self.duplex.ask_whether_wanted(streams);
        }
    }
}

impl<S: Streams> Flow for Entry<S> {
    type Streams = S;
    type Key = Half;

    fn connection(&self) -> &Connection {
        &self.duplex.connection
    }

    fn is_nameless_attempt(&self) -> bool {
        self.is_mere_attempt && !self.is_confirmed()
    }

    fn number(&mut self, stream: u64) {
        self.duplex.connection.stream = stream;
    }

    fn second_key(&self) -> Option<Half> {
        self.keys[1]
    }

    fn buffered(&self) -> usize {
        self.held.cost() + self.duplex.cost()
    }

    #[inline]
    fn is_waiting(&self) -> bool {
        !self.held.is_empty() || self.duplex.is_waiting()
    }

    fn review(&mut self, stamp: Stamp, streams: &mut S) -> Verdict {
        if self.held.is_overdue(self.duplex.moment(stamp)) {
            self.open(streams);
        }
        match self.duplex.review(stamp, streams) {
            Verdict::Quiet if self.is_confirmed() && !self.held.is_empty() => Verdict::Waiting,
            verdict => verdict,
        }
    }

    fn shrink(&mut self, limit: usize, streams: &mut S) {
        if self.held.cost() > limit {
            self.open(streams);
            // Of a flow that is not confirmed nothing is given.
            self.held = Held::default();
        }
        self.duplex.shrink(limit, streams);
    }

    fn close(&mut self, how: Close, streams: &mut S) {
        self.open(streams);
        self.ended.get_or_insert(self.duplex.connection.last.time);
        // One FIN ends a uTP connection: the other side often sends none.
        let finished = self.duplex.lanes.iter().any(Direction::has_fin);
        let how = if finished { Close::Fin } else { how };
        self.duplex.close(how, streams);
    }
}
