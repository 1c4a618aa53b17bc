//! One direction of a uTP connection: packets are numbered, not bytes. A lost
//! packet is a gap of unknown length.

use std::collections::BTreeMap;

use crate::flow::acks::EarlyAcks;
use crate::flow::duplex::Lane;
use crate::flow::output::Output;
use crate::flow::waiting::{ACKED_GRACE, Moment, Patience, SILENT_GRACE};
use crate::flow::{Gap, GapCause, Streams};
use crate::packet::Stamp;

/// What a waiting packet costs beyond its bytes.
const PACKET_COST_BYTES: usize = 160;

/// Between what the other side expects and the first packet with payload there
/// are no more packets than this: libutp's reorder window.
const PLAUSIBLE_HOLE_PACKETS: i16 = 1024;

/// So many packets in a row that are older than any copy can be show that the
/// capture lost more packets than the numbers can tell.
const STRAYS_OF_A_JUMP: u8 = 16;

/// Position of packet 0. A position is a packet's number continued to 64 bits;
/// its low 16 bits are the number.
const ORIGIN: u64 = 1 << 32;

/// What a DATA or FIN packet brings.
#[derive(Debug, Clone, Copy)]
pub(super) struct PacketPayload<'a> {
    pub seq: u16,
    pub payload: &'a [u8],
    /// Bytes of payload that the snaplen took.
    pub cut: u64,
    pub fin: bool,
    pub stamp: Stamp,
}

/// A packet that waits.
#[derive(Debug)]
struct Piece {
    payload: Vec<u8>,
    cut: u64,
    stamp: Stamp,
    /// Where a second copy differs, and the packet with that.
    conflict: Option<(usize, Stamp)>,
}

impl Piece {
    fn cost(&self) -> usize {
        PACKET_COST_BYTES + self.payload.len()
    }

    /// Takes a second copy: more of the bytes, if it has more.
    fn merge(&mut self, part: &PacketPayload<'_>) {
        let both = self.payload.iter().zip(part.payload);
        if let Some(at) = both.clone().position(|(old, new)| old != new) {
            self.conflict.get_or_insert((at, part.stamp));
        } else if self.cut > 0 && part.payload.len() > self.payload.len() {
            let more = &part.payload[self.payload.len()..];
            self.payload.extend_from_slice(more);
            self.cut = self.cut.saturating_sub(more.len() as u64);
        }
    }
}

/// State of one direction.
#[derive(Debug, Default)]
pub(super) struct Direction {
    pub seen: bool,
    anchored: bool,
    finished: bool,
    /// Position of the next packet to deliver.
    next: u64,
    /// Offset of the next byte.
    offset: u64,
    /// The other side has all packets before this position.
    acked: u64,
    early_acks: Option<EarlyAcks>,
    fin: Option<u64>,
    pending: BTreeMap<u64, Piece>,
    cost: usize,
    patience: Option<Patience>,
    /// Packets in a row that are too old to be copies.
    strays: u8,
}

impl Direction {
    /// Settles the number of the first packet of the stream, unless that is
    /// done.
    pub fn anchor(&mut self, seq: u16) {
        if self.anchored {
            return;
        }
        self.anchored = true;
        self.next = ORIGIN + u64::from(seq);
        if let Some(acks) = self.early_acks {
            self.note_ack((acks.latest() >> 16) as u16);
        }
    }

    pub fn is_anchored(&self) -> bool {
        self.anchored
    }

    /// The first packet that the other side had not got when the capture, or the
    /// connection, began.
    pub fn expected(&self) -> Option<u16> {
        let acks = self.early_acks?;
        Some(((acks.earlier() >> 16) as u16).wrapping_add(1))
    }

    /// Settles the start by the lowest packet with payload that is known: at
    /// what the other side expected if that is just before it, otherwise at that
    /// packet.
    pub fn anchor_at_payload(&mut self, seq: u16) {
        let expected = self.expected().filter(|expected| {
            let missing = seq.wrapping_sub(*expected).cast_signed();
            (0..=PLAUSIBLE_HOLE_PACKETS).contains(&missing)
        });
        self.anchor(expected.unwrap_or(seq));
    }

    /// Whether a number is close to that of the next packet.
    pub fn is_near(&self, number: u16) -> bool {
        let distance = number.wrapping_sub(self.next as u16).cast_signed();
        self.anchored && distance.unsigned_abs() <= PLAUSIBLE_HOLE_PACKETS.unsigned_abs()
    }

    /// The position of the packet `seq`, if it was delivered before.
    #[inline]
    pub fn delivered(&self, seq: u16) -> Option<u64> {
        let position = self.position(seq);
        (self.anchored && position < self.next).then_some(position)
    }

    fn position(&self, seq: u16) -> u64 {
        let distance = seq.wrapping_sub(self.next as u16).cast_signed();
        self.next.saturating_add_signed(i64::from(distance))
    }

    /// The other side has all packets up to `ack`.
    #[inline]
    pub fn note_ack(&mut self, ack: u16) {
        if self.anchored {
            self.acked = self.acked.max(self.position(ack) + 1);
        } else {
            let ack = u32::from(ack) << 16;
            self.early_acks
                .get_or_insert_with(|| EarlyAcks::new(ack))
                .note(ack);
        }
    }

    /// Takes a DATA or FIN packet of an anchored direction.
    #[inline]
    pub fn accept<S: Streams>(&mut self, part: &PacketPayload<'_>, out: &mut Output<'_, S>) {
        let mut position = self.position(part.seq);
        if position < self.next && self.is_far_ahead(position) {
            // Numbers are ambiguous after more than 32767 lost packets.
            self.next = position + (1 << 16);
            position = self.next;
            self.gap(None, GapCause::Lost, part.stamp, out);
        }
        if position < self.next || self.fin.is_some_and(|fin| position > fin) {
            return;
        }
        if part.fin && self.fin.is_none() {
            self.fin = Some(position);
            self.drop_behind(position);
        }
        if position == self.next {
            self.deliver(part, out);
            self.drain(out);
        } else {
            self.keep(position, part);
        }
    }

    /// Whether packets that seem to be very old come in such a row that they are
    /// new ones instead.
    fn is_far_ahead(&mut self, position: u64) -> bool {
        let is_stray = self.next - position > PLAUSIBLE_HOLE_PACKETS.unsigned_abs().into();
        self.strays = if is_stray {
            self.strays.saturating_add(1)
        } else {
            0
        };
        let is_far = self.strays >= STRAYS_OF_A_JUMP && self.fin.is_none();
        if is_far {
            self.strays = 0;
            self.release();
        }
        is_far
    }

    /// Drops what waits behind the last packet.
    fn drop_behind(&mut self, last: u64) {
        for piece in self.pending.split_off(&(last + 1)).into_values() {
            self.cost -= piece.cost();
        }
    }

    fn keep(&mut self, position: u64, part: &PacketPayload<'_>) {
        if let Some(piece) = self.pending.get_mut(&position) {
            self.cost -= piece.cost();
            piece.merge(part);
            self.cost += piece.cost();
            return;
        }
        let piece = Piece {
            payload: part.payload.to_vec(),
            cut: part.cut,
            stamp: part.stamp,
            conflict: None,
        };
        self.cost += piece.cost();
        self.pending.insert(position, piece);
    }

    /// Delivers what waits and is next by now.
    fn drain<S: Streams>(&mut self, out: &mut Output<'_, S>) {
        while let Some(first) = self.pending.first_entry()
            && *first.key() == self.next
        {
            let piece = first.remove();
            self.cost -= piece.cost();
            if let Some((at, stamp)) = piece.conflict {
                out.conflict(self.offset + at as u64, stamp);
            }
            let part = PacketPayload {
                seq: self.next as u16,
                payload: &piece.payload,
                cut: piece.cut,
                fin: false,
                stamp: piece.stamp,
            };
            self.deliver(&part, out);
        }
    }

    /// Delivers the next packet.
    #[inline]
    fn deliver<S: Streams>(&mut self, part: &PacketPayload<'_>, out: &mut Output<'_, S>) {
        self.next += 1;
        if !part.payload.is_empty() {
            let offset = self.offset;
            self.offset += part.payload.len() as u64;
            out.data(part.payload, offset, part.stamp);
        }
        if part.cut > 0 {
            self.gap(Some(part.cut), GapCause::Snaplen, part.stamp, out);
        }
        if self.fin == Some(self.next - 1) {
            self.finished = true;
            self.release();
            out.finished(false, part.stamp);
        }
    }

    fn gap<S: Streams>(
        &mut self,
        length: Option<u64>,
        cause: GapCause,
        stamp: Stamp,
        out: &mut Output<'_, S>,
    ) {
        let gap = Gap {
            offset: self.offset,
            length,
            cause,
            stamp,
        };
        self.offset += length.unwrap_or(0);
        out.gap(gap);
    }

    /// Where the hole at the next packet ends.
    fn hole_end(&self) -> Option<u64> {
        self.pending
            .first_key_value()
            .map(|(&position, _)| position)
    }

    fn skip_hole<S: Streams>(&mut self, end: u64, stamp: Stamp, out: &mut Output<'_, S>) {
        self.next = end;
        self.gap(None, GapCause::Lost, stamp, out);
        self.drain(out);
    }

    /// Whether its last packet is in the capture.
    pub fn has_fin(&self) -> bool {
        self.finished || self.fin.is_some()
    }

    /// Follows the end and nothing else.
    pub fn skim(&mut self, fin: bool) {
        self.finished |= fin;
    }
}

impl Lane for Direction {
    fn is_seen(&self) -> bool {
        self.seen
    }

    fn is_finished(&self) -> bool {
        self.finished
    }

    fn acked(&self) -> u64 {
        0
    }

    fn first_unacked(&self) -> u64 {
        self.acked
    }

    #[inline]
    fn is_acked_ahead(&self) -> bool {
        self.anchored && self.acked > self.next
    }

    #[inline]
    fn is_blocked(&self) -> bool {
        !self.pending.is_empty()
    }

    fn cost(&self) -> usize {
        self.cost
    }

    fn review<S: Streams>(
        &mut self,
        silent: bool,
        now: Moment,
        stamp: Stamp,
        out: &mut Output<'_, S>,
    ) -> bool {
        let grace = if silent { SILENT_GRACE } else { ACKED_GRACE };
        while let Some(end) = self.hole_end() {
            let known = match self.pending.last_key_value() {
                Some((&last, _)) if silent => last,
                _ => self.acked,
            };
            if known < end {
                return false;
            }
            let patience = Patience::with(self.patience, end, known, now);
            self.patience = Some(patience);
            if !patience.is_over(grace, now) {
                return true;
            }
            self.skip_hole(end, stamp, out);
        }
        false
    }

    fn shrink<S: Streams>(&mut self, limit: usize, stamp: Stamp, out: &mut Output<'_, S>) {
        while self.cost > limit
            && let Some(end) = self.hole_end()
        {
            self.skip_hole(end, stamp, out);
        }
    }

    fn flush<S: Streams>(&mut self, stamp: Stamp, out: &mut Output<'_, S>) {
        while let Some(end) = self.hole_end() {
            self.skip_hole(end, stamp, out);
        }
        // The missing packet may be a FIN without payload: an empty gap.
        if self.seen && self.anchored && !self.finished && self.acked > self.next {
            self.gap(None, GapCause::Lost, stamp, out);
        }
    }

    fn release(&mut self) {
        self.pending = BTreeMap::new();
        self.cost = 0;
    }
}
