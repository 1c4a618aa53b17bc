//! One direction of a TCP connection: sequence numbers become offsets, segments
//! become bytes in order.

use crate::flow::acks::EarlyAcks;
use crate::flow::assembler::{Assembler, Ready};
use crate::flow::duplex::Lane;
use crate::flow::output::Output;
use crate::flow::waiting::{ACKED_GRACE, Moment, Patience, SILENT_GRACE};
use crate::flow::{Gap, GapCause, Streams};
use crate::packet::{Segment, Stamp};

/// No sequence number of one connection is this far from the expected one: the
/// largest window is 1 GiB.
const WINDOW_BYTES: i64 = 1 << 30;

/// A larger distance than this between what is expected and the first payload is
/// no hole.
const PLAUSIBLE_HOLE_BYTES: i64 = 1 << 24;

/// Payload of a segment and where it belongs.
#[derive(Debug, Clone, Copy)]
pub(super) struct PlacedPayload<'a> {
    /// Sequence number of the first payload byte.
    pub seq: u32,
    pub payload: &'a [u8],
    /// At least the length of `payload`.
    pub wire_length: u32,
    pub fin: bool,
    pub stamp: Stamp,
}

impl<'a> PlacedPayload<'a> {
    pub fn new(segment: &Segment<'a>, stamp: Stamp) -> Self {
        let length = u32::try_from(segment.payload.len()).unwrap_or(u32::MAX);
        Self {
            seq: segment.seq.wrapping_add(u32::from(segment.flags.syn)),
            payload: segment.payload,
            wire_length: segment.wire_length.max(length),
            fin: segment.flags.fin,
            stamp,
        }
    }

    fn is_whole(&self) -> bool {
        self.payload.len() == self.wire_length as usize
    }
}

/// Where a stream ends.
#[derive(Debug)]
struct Fin {
    /// Offset behind its last byte.
    end: u64,
    /// The packet that says so, which may wait for a hole.
    stamp: Stamp,
}

/// State of one direction.
#[derive(Debug, Default)]
pub(super) struct Direction {
    /// A packet of this direction is in the capture.
    pub seen: bool,
    /// Whether offset 0 is settled; nothing below means anything before.
    anchored: bool,
    /// The end was told to the consumer.
    finished: bool,
    /// Sequence number of the next byte to deliver.
    next_seq: u32,
    /// Its offset.
    next: u64,
    /// The other side has everything before this offset.
    acked: u64,
    /// What the other side acknowledged before the anchor is known.
    early_acks: Option<EarlyAcks>,
    /// The end, by a FIN; boxed, as most directions of a capture have none yet.
    fin: Option<Box<Fin>>,
    pending: Option<Box<Assembler>>,
    patience: Option<Patience>,
}

impl Direction {
    /// Settles the sequence number of offset 0, unless that is done.
    pub fn anchor(&mut self, seq: u32) {
        if self.anchored {
            return;
        }
        self.anchored = true;
        self.next_seq = seq;
        if let Some(acks) = self.early_acks {
            self.note_ack(acks.latest());
        }
    }

    pub fn is_anchored(&self) -> bool {
        self.anchored
    }

    /// Sequence number of offset 0.
    pub fn first_seq(&self) -> u32 {
        self.next_seq.wrapping_sub(self.next as u32)
    }

    /// What the other side acknowledged, before the anchor is known.
    pub fn early_ack(&self) -> Option<u32> {
        self.early_acks.map(EarlyAcks::latest)
    }

    /// How far `seq` is from the next byte to deliver.
    pub fn distance(&self, seq: u32) -> i64 {
        i64::from(seq.wrapping_sub(self.next_seq).cast_signed())
    }

    /// The offset of `seq`; negative before the first byte.
    pub fn offset_of(&self, seq: u32) -> i64 {
        self.next.cast_signed().saturating_add(self.distance(seq))
    }

    /// The other side has everything before `ack`.
    #[inline]
    pub fn note_ack(&mut self, ack: u32) {
        if !self.anchored {
            self.early_acks
                .get_or_insert_with(|| EarlyAcks::new(ack))
                .note(ack);
            return;
        }
        if self.distance(ack) < WINDOW_BYTES {
            let acked = u64::try_from(self.offset_of(ack)).unwrap_or(0);
            self.acked = self.acked.max(acked);
        }
    }

    /// Settles offset 0 by the first segment with payload, when nothing else
    /// did.
    pub fn anchor_at_payload(&mut self, seq: u32, wire_length: u32) {
        match self.early_ack() {
            // A keep-alive.
            Some(latest) if wire_length <= 1 && seq.wrapping_add(1) == latest => {
                self.anchor(latest);
            }
            _ => self.anchor_before(seq),
        }
    }

    /// Settles offset 0, by the lowest number that payload was seen with, when nothing
    /// else did: at what the other side expected if that is before it (then a packet is
    /// missing), otherwise there.
    pub fn anchor_before(&mut self, seq: u32) {
        let expected = self.early_acks.map(EarlyAcks::earlier);
        let expected = expected.filter(|expected| {
            let missing = i64::from(seq.wrapping_sub(*expected).cast_signed());
            (0..=PLAUSIBLE_HOLE_BYTES).contains(&missing)
        });
        self.anchor(expected.unwrap_or(seq));
    }

    /// Takes the payload and the FIN of a segment.
    #[inline]
    pub fn accept<S: Streams>(&mut self, part: &PlacedPayload<'_>, out: &mut Output<'_, S>) {
        let in_order = part.seq == self.next_seq && part.is_whole();
        if in_order && self.pending.is_none() && self.fin.is_none() {
            if !part.payload.is_empty() {
                self.deliver(part.payload, part.stamp, out);
            }
        } else if part.wire_length > 0 {
            self.place(part, out);
        }
        if part.fin {
            self.note_fin(part.seq.wrapping_add(part.wire_length), part.stamp);
        }
        self.finish(out);
    }

    /// A segment that is not simply the next one.
    fn place<S: Streams>(&mut self, part: &PlacedPayload<'_>, out: &mut Output<'_, S>) {
        let start = self.offset_of(part.seq);
        let skip = self.next.cast_signed().saturating_sub(start).max(0);
        let Ok(at) = u64::try_from(start.saturating_add(skip)) else {
            return;
        };
        let room = self
            .fin
            .as_ref()
            .map_or(u64::MAX, |fin| fin.end.saturating_sub(at));
        let wire = u64::from(part.wire_length)
            .saturating_sub(skip.cast_unsigned())
            .min(room);
        if wire == 0 {
            return;
        }
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let payload = part.payload.get(skip..).unwrap_or_default();
        let captured = payload
            .len()
            .min(usize::try_from(wire).unwrap_or(usize::MAX));
        let payload = &payload[..captured];
        let rest = self.deliver_up_to_pending(at, payload, part.stamp, out);
        let cut = wire - captured as u64;
        self.keep(
            at + (captured - rest.len()) as u64,
            rest,
            cut,
            part.stamp,
            out,
        );
        self.drain(out);
    }

    /// Delivers what of `payload` is next and comes before the first bytes that
    /// wait, without a copy; gives the rest.
    fn deliver_up_to_pending<'p, S: Streams>(
        &mut self,
        at: u64,
        payload: &'p [u8],
        stamp: Stamp,
        out: &mut Output<'_, S>,
    ) -> &'p [u8] {
        if at != self.next {
            return payload;
        }
        let first = self.pending.as_ref().and_then(|p| p.first_bytes());
        let room = first.map_or(u64::MAX, |first| first - at);
        let length = payload
            .len()
            .min(usize::try_from(room).unwrap_or(usize::MAX));
        let (now, rest) = payload.split_at(length);
        if !now.is_empty() {
            self.deliver(now, stamp, out);
        }
        rest
    }

    /// Keeps bytes that are not next, and `cut` bytes behind them that the
    /// snaplen took.
    fn keep<S: Streams>(
        &mut self,
        at: u64,
        bytes: &[u8],
        cut: u64,
        stamp: Stamp,
        out: &mut Output<'_, S>,
    ) {
        if bytes.is_empty() && cut == 0 {
            return;
        }
        if self.pending.is_none() && at == self.next && bytes.is_empty() {
            self.gap(cut, GapCause::Snaplen, stamp, out);
            return;
        }
        let pending = self.pending.get_or_insert_default();
        if let Some(offset) = pending.insert(at, bytes, stamp) {
            out.conflict(offset, stamp);
        }
        if cut > 0 {
            pending.insert_cut(at + bytes.len() as u64, cut, stamp);
        }
    }

    /// Delivers what waits and is next by now.
    fn drain<S: Streams>(&mut self, out: &mut Output<'_, S>) {
        while let Some(pending) = &mut self.pending {
            match pending.take(self.next) {
                Some(Ready::Bytes(piece)) => self.deliver(&piece.bytes, piece.stamp, out),
                Some(Ready::Cut { length, stamp }) => {
                    self.gap(length, GapCause::Snaplen, stamp, out);
                }
                None => break,
            }
        }
        self.pending.take_if(|pending| pending.is_empty());
    }

    #[inline]
    fn deliver<S: Streams>(&mut self, bytes: &[u8], stamp: Stamp, out: &mut Output<'_, S>) {
        let offset = self.next;
        self.advance(bytes.len() as u64);
        out.data(bytes, offset, stamp);
    }

    fn gap<S: Streams>(
        &mut self,
        length: u64,
        cause: GapCause,
        stamp: Stamp,
        out: &mut Output<'_, S>,
    ) {
        let gap = Gap {
            offset: self.next,
            length: Some(length),
            cause,
            stamp,
        };
        self.advance(length);
        out.gap(gap);
    }

    fn advance(&mut self, length: u64) {
        self.next += length;
        self.next_seq = self.next_seq.wrapping_add(length as u32);
    }

    /// The sender's last byte is before `seq`. The first FIN counts; one inside
    /// what was delivered is none.
    fn note_fin(&mut self, seq: u32, stamp: Stamp) {
        let Ok(end) = u64::try_from(self.offset_of(seq)) else {
            return;
        };
        if self.fin.is_some() || end < self.next {
            return;
        }
        self.fin = Some(Box::new(Fin { end, stamp }));
        if let Some(pending) = &mut self.pending {
            pending.truncate(end);
        }
        self.pending.take_if(|pending| pending.is_empty());
    }

    #[inline]
    fn finish<S: Streams>(&mut self, out: &mut Output<'_, S>) {
        if let Some(fin) = &self.fin
            && fin.end == self.next
            && !self.finished
        {
            self.finished = true;
            out.finished(false, fin.stamp);
        }
    }

    /// Where the hole at the next byte ends.
    fn hole_end(&self) -> Option<u64> {
        let first = self.pending.as_ref().and_then(|pending| pending.first());
        first.or(self
            .fin
            .as_ref()
            .filter(|_| !self.finished)
            .map(|fin| fin.end))
    }

    /// Offset behind everything that arrived.
    fn last_end(&self) -> u64 {
        let waiting = self.pending.as_ref().map_or(self.next, |p| p.last_end());
        waiting.max(self.fin.as_ref().map_or(0, |fin| fin.end))
    }

    fn skip_hole<S: Streams>(&mut self, end: u64, stamp: Stamp, out: &mut Output<'_, S>) {
        self.gap(end - self.next, GapCause::Lost, stamp, out);
        self.drain(out);
        self.finish(out);
    }

    /// Follows the sequence numbers and nothing else.
    pub fn skim(&mut self, part: &PlacedPayload<'_>) {
        self.pending = None;
        let end = part.seq.wrapping_add(part.wire_length);
        let distance = self.distance(end);
        if distance > 0 {
            self.advance(distance.cast_unsigned());
        }
        self.finished |= part.fin;
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
        self.acked
    }

    fn first_unacked(&self) -> u64 {
        self.acked
    }

    #[inline]
    fn is_acked_ahead(&self) -> bool {
        // One byte more is acknowledged after a FIN, which may be missing too.
        self.acked > self.next + 1
    }

    #[inline]
    fn is_blocked(&self) -> bool {
        self.pending.is_some() || (self.fin.is_some() && !self.finished)
    }

    fn cost(&self) -> usize {
        self.pending.as_ref().map_or(0, |pending| pending.cost())
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
            let known = if silent { self.last_end() } else { self.acked };
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
        while self.cost() > limit
            && let Some(end) = self.hole_end()
        {
            self.skip_hole(end, stamp, out);
        }
    }

    fn flush<S: Streams>(&mut self, stamp: Stamp, out: &mut Output<'_, S>) {
        while let Some(end) = self.hole_end() {
            self.skip_hole(end, stamp, out);
        }
        if self.seen && !self.finished && self.is_acked_ahead() {
            self.gap(self.acked - self.next, GapCause::Lost, stamp, out);
        }
    }

    fn release(&mut self) {
        self.pending = None;
    }
}
