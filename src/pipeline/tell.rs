//! Tells the observer what is not a framed message: gaps, bytes passed over,
//! stretches of MSE.

use std::ops::Range;

use crate::flow::{Gap, Side};
use crate::packet::Stamp;
use crate::session::resync::PassedOver;
use crate::session::{Content, Dissection, FirstBytes, Frame, Heard, Hole};
use crate::wire::{Dissected, Layout, Message, mse};

use super::opening::Opening;
use super::peering::Encrypted;
use super::reading::ConnectionReader;

/// A stretch of one direction.
struct Stretch<'b> {
    from: Side,
    offset: u64,
    length: u64,
    bytes: &'b [u8],
    first: Stamp,
    last: Stamp,
}

impl ConnectionReader<'_, '_> {
    fn tell(&mut self, stretch: &Stretch<'_>, content: Content<'_>) {
        let frame = Frame {
            bytes: stretch.bytes,
            length: stretch.length,
            offset: stretch.offset,
            missing: 0,
            unsent: 0,
            first: stretch.first,
            last: stretch.last,
        };
        self.shared.audience.message(&Heard {
            conversation: Some(&self.state.conversation),
            ..Heard::in_stream(self.connection, stretch.from, &frame, content)
        });
    }

    fn tell_mse(&mut self, stretch: &Stretch<'_>, message: mse::Message) {
        let dissected = Dissected::sound(Message::Mse(message));
        let dissection = Dissection::new(&dissected, Layout::Mse(message));
        self.tell(stretch, dissection.into());
    }

    /// Tells of `range` of a side's first bytes as a stretch of MSE.
    pub fn tell_opening(
        &mut self,
        opening: &Opening,
        from: Side,
        range: Range<usize>,
        message: impl FnOnce(u64) -> mse::Message,
    ) {
        if let Some(bytes) = opening.probe(from).bytes.get(range.clone()) {
            let message = message(bytes.len() as u64);
            self.tell_decrypted(opening, from, range, bytes, message);
        }
    }

    /// Tells of `range` of a side's first bytes, which are `plain` once they are
    /// decrypted.
    pub fn tell_decrypted(
        &mut self,
        opening: &Opening,
        from: Side,
        range: Range<usize>,
        plain: &[u8],
        message: mse::Message,
    ) {
        let probe = opening.probe(from);
        let stamps = (
            probe.stamp(range.start),
            probe.stamp(range.end.saturating_sub(1)),
        );
        let (Some(first), Some(last)) = stamps else {
            return;
        };
        if plain.is_empty() {
            return;
        }
        let stretch = Stretch {
            from,
            offset: probe.offset + range.start as u64,
            length: plain.len() as u64,
            bytes: plain,
            first,
            last,
        };
        self.tell_mse(&stretch, message);
    }

    /// Tells of a run of encrypted bytes, if there are any.
    pub fn tell_encrypted(&mut self, from: Side, run: Encrypted) {
        if run.bytes == 0 {
            return;
        }
        let message = mse::Message::Encrypted {
            bytes: run.bytes,
            packets: run.packets,
            astray: run.astray,
        };
        let stretch = Stretch {
            from,
            offset: run.offset,
            length: run.bytes,
            bytes: &[],
            first: run.first,
            last: run.last,
        };
        self.tell_mse(&stretch, message);
    }

    /// Tells of bytes that the capture does not hold.
    pub fn tell_gap(&mut self, from: Side, gap: Gap) {
        let framer = self.state.readings[from.index()].framer();
        let within_message = framer.is_some_and(|framer| framer.absorbs(&gap));
        let speaker = &mut self.state.conversation.speakers[from.index()];
        speaker.gaps += 1;
        speaker.lost_messages += u64::from(!within_message);
        let hole = Hole {
            missing: gap.length,
            skipped: 0,
            cause: Some(gap.cause),
            within_message,
            at_end: false,
        };
        self.tell(
            &Stretch {
                from,
                offset: gap.offset,
                length: gap.length.unwrap_or(0),
                bytes: &[],
                first: gap.stamp,
                last: gap.stamp,
            },
            Content::Gap(hole),
        );
    }

    /// Tells of captured bytes that were passed over before `offset`: out of
    /// step, or the initiator's MSE negotiation, whose end only the first
    /// message after it shows. The packet `last` settles that they are passed over.
    pub fn tell_skipped(&mut self, from: Side, offset: u64, passed_over: &PassedOver, last: Stamp) {
        let skipped = passed_over.length;
        let mut stretch = Stretch {
            from,
            offset: offset.saturating_sub(skipped),
            length: skipped,
            bytes: &passed_over.first_bytes,
            first: passed_over.began.unwrap_or(last),
            last,
        };
        let negotiation = (from == Side::Initiator)
            .then(|| self.state.negotiation_from.take())
            .flatten();
        if let Some((start, first)) = negotiation {
            let bytes = offset.saturating_sub(start);
            stretch.offset = start;
            stretch.length = bytes;
            stretch.first = first;
            stretch.bytes = &[];
            self.tell_mse(&stretch, mse::Message::Negotiation { bytes, flaw: None });
        } else if skipped > 0 {
            let has_spoken = self
                .state
                .conversation
                .speaker(from)
                .milestones
                .last
                .is_some();
            if from == Side::Acceptor && !has_spoken {
                self.state.answer = Some(Box::new(passed_over.first_bytes));
            }
            let hole = Hole {
                missing: Some(0),
                skipped,
                cause: None,
                within_message: false,
                at_end: false,
            };
            self.tell(&stretch, Content::Gap(hole));
        }
    }

    /// `from` stopped within a length prefix: tells of the bytes that are there of it.
    pub fn tell_rest(&mut self, from: Side) {
        let framer = self.state.readings[from.index()].framer();
        let Some((bytes, offset, first)) = framer.and_then(|framer| framer.rest()) else {
            return;
        };
        let mut rest = FirstBytes::default();
        rest.push(bytes);
        let stretch = Stretch {
            from,
            offset,
            length: rest.len() as u64,
            bytes: &rest,
            first,
            last: self.connection.last,
        };
        let hole = Hole {
            missing: Some(0),
            skipped: stretch.length,
            cause: None,
            within_message: false,
            at_end: true,
        };
        self.tell(&stretch, Content::Gap(hole));
    }
}
