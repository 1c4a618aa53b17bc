//! Cuts a stream that is in step into messages.
//!
//! A message that lies in one chunk is borrowed; one that crosses a seam is
//! copied, under a cap; the data of a piece and the rest of an over-long message
//! go by uncopied. The framer knows nothing of meaning beyond the length prefix
//! and the id of a piece.

use super::budget::{Budget, Charge};
use crate::flow::{Chunk, Gap};
use crate::packet::Stamp;
use crate::wire::peer::{Framing, HANDSHAKE_LENGTH, MessageId, PIECE_HEADER};

/// A longer message is absurd: the stream is not in step.
pub const MAX_MESSAGE: u64 = 16 << 20;

/// Bytes kept of one message; what goes beyond is passed over. The longest that
/// clients accept is 1 MiB (libtorrent).
pub const MAX_KEPT: usize = 1 << 20;

/// Bytes kept of a message when the common budget is spent.
const KEPT_WITHOUT_BUDGET: usize = 256;

/// One message as the framer cut it out.
#[derive(Debug, Clone, Copy)]
pub struct Frame<'a> {
    /// What is at hand of it, from its first byte on.
    pub bytes: &'a [u8],
    /// Its length on the wire, prefix included.
    pub length: u64,
    /// Stream offset of its first byte.
    pub offset: u64,
    /// Bytes of it that the capture does not hold.
    pub missing: u64,
    /// Those of them that its sender never sent: it stopped before.
    pub unsent: u64,
    /// The packet with its first byte.
    pub first: Stamp,
    /// The packet that completed it.
    pub last: Stamp,
}

/// Some of the data of a piece, as it comes.
#[derive(Debug, Clone, Copy)]
pub struct Body<'a> {
    /// The header of the message: length prefix, id, index, begin.
    pub header: &'a [u8],
    /// Its length on the wire.
    pub length: u64,
    /// Offset of these bytes within the data.
    pub offset: u32,
    /// Bytes of the data.
    pub bytes: &'a [u8],
    /// The packet that completed them.
    pub stamp: Stamp,
}

/// Receives what a framer cuts out.
pub trait Frames {
    /// A whole message, or all of it that will ever come. Says how the next
    /// bytes are framed.
    fn frame(&mut self, frame: Frame<'_>) -> Framing;

    /// Some of the data of a piece, if [`Frames::streams_data`]: its message comes
    /// later. Not of the pieces of AZMP, which are kept whole.
    fn body(&mut self, body: Body<'_>) {
        let _ = body;
    }

    /// Whether the data of pieces is wanted as it comes.
    fn streams_data(&self) -> bool {
        false
    }

    /// Whether a view will show the data of pieces, so that whole messages are
    /// kept.
    fn keeps_data(&self) -> bool {
        false
    }
}

/// Why a framer lost the step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lost {
    /// Bytes are missing and the next boundary with them.
    Gap,
    /// A length prefix of more than [`MAX_MESSAGE`], or a first byte that is no
    /// handshake.
    Absurd,
}

/// The framer of one direction.
#[derive(Debug)]
pub struct Framer {
    framing: Framing,
    /// Bytes of the handshake, where it is known to be one that is nearly right.
    near: Option<usize>,
    /// What is kept of the message in progress.
    kept: Vec<u8>,
    charge: Charge,
    /// Stream offset of the message in progress (or of the next one).
    start: u64,
    /// Stream offset of the next byte.
    next: u64,
    /// Length of the message in progress, once its prefix is known.
    length: Option<u64>,
    missing: u64,
    unsent: u64,
    first: Stamp,
    last: Stamp,
    /// Nothing more of this message is kept.
    passing: bool,
}

impl Framer {
    /// A framer for a stream that is in step at `offset`.
    pub fn new(framing: Framing, offset: u64, stamp: Stamp, budget: &Budget) -> Self {
        Self {
            framing,
            near: None,
            kept: Vec::new(),
            charge: budget.charge(),
            start: offset,
            next: offset,
            length: None,
            missing: 0,
            unsent: 0,
            first: stamp,
            last: stamp,
            passing: false,
        }
    }

    /// This; the handshake is nearly one, of `length` bytes, whatever it begins
    /// with.
    #[must_use]
    pub fn near_handshake(self, length: Option<usize>) -> Self {
        Self {
            near: length,
            ..self
        }
    }

    /// How the message in progress (or the next one) is framed.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// The other peer's handshake decides too how messages are framed, and may
    /// come after this side's own.
    pub fn reframe(&mut self, framing: Framing) {
        if self.framing != Framing::Handshake {
            self.framing = framing;
        }
    }

    /// Bytes of the length prefix in progress, and the packet of the first one.
    pub fn begun(&self) -> (&[u8], Stamp) {
        (&self.kept, self.first)
    }

    /// What there is of the length prefix in progress, where that is not all of it:
    /// its bytes, the offset of the first one, and its packet.
    pub fn rest(&self) -> Option<(&[u8], u64, Stamp)> {
        let is_rest = self.framing != Framing::Handshake && self.length.is_none();
        let kept = Some(&self.kept[..]).filter(|kept| is_rest && !kept.is_empty());
        kept.map(|kept| (kept, self.start, self.first))
    }

    /// Whether it stands between two messages.
    pub fn at_boundary(&self) -> bool {
        self.next == self.start
    }

    /// Takes the next bytes of the stream. On `Err` the stream is out of step
    /// from the returned offset on (the start of the message in progress).
    pub fn push(&mut self, chunk: Chunk<'_>, frames: &mut impl Frames) -> Result<(), (Lost, u64)> {
        let mut bytes = chunk.bytes;
        while !bytes.is_empty() {
            bytes = if self.at_boundary() {
                self.begin(bytes, chunk.stamp, frames)?
            } else {
                self.go_on(bytes, chunk.stamp, frames)?
            };
        }
        Ok(())
    }

    /// Stands at a boundary: cuts whole messages out of `bytes`, borrowed.
    fn begin<'b>(
        &mut self,
        bytes: &'b [u8],
        stamp: Stamp,
        frames: &mut impl Frames,
    ) -> Result<&'b [u8], (Lost, u64)> {
        self.first = stamp;
        self.last = stamp;
        if let Some(length) = self.declared(bytes)?
            && let Ok(whole) = usize::try_from(length)
            && let Some((message, rest)) = bytes.split_at_checked(whole)
        {
            if frames.streams_data()
                && begins_piece(self.framing, message)
                && let Some((header, data)) = message.split_at_checked(PIECE_HEADER)
            {
                self.stream(header, length, 0, data, frames);
            }
            self.emit(message, length, frames);
            return Ok(rest);
        }
        self.go_on(bytes, stamp, frames)
    }

    /// Adds bytes to the message in progress.
    fn go_on<'b>(
        &mut self,
        bytes: &'b [u8],
        stamp: Stamp,
        frames: &mut impl Frames,
    ) -> Result<&'b [u8], (Lost, u64)> {
        if stamp.frame > self.last.frame {
            self.last = stamp;
        }
        let mut bytes = bytes;
        if self.length.is_none() {
            bytes = self.keep(bytes, prefix_length(self.framing));
            let kept = std::mem::take(&mut self.kept);
            let declared = self.declared(&kept);
            self.kept = kept;
            self.length = declared?;
        }
        let Some(length) = self.length else {
            return Ok(bytes);
        };
        // The header of a piece tells that its data need not be kept.
        let header = PIECE_HEADER.min(usize::try_from(length).unwrap_or(PIECE_HEADER));
        bytes = self.keep(bytes, header);
        if self.kept.len() < header && !self.passing {
            return Ok(bytes);
        }
        Ok(self.take_body(bytes, length, frames))
    }

    fn take_body<'b>(
        &mut self,
        bytes: &'b [u8],
        length: u64,
        frames: &mut impl Frames,
    ) -> &'b [u8] {
        let wanted = self.start + length - self.next;
        let here = usize::try_from(wanted).map_or(bytes.len(), |n| n.min(bytes.len()));
        let (body, rest) = bytes.split_at(here);
        if begins_piece(self.framing, &self.kept) {
            if frames.streams_data() {
                let offset = self.next - self.start - PIECE_HEADER as u64;
                let header = &self.kept[..PIECE_HEADER];
                self.stream(header, length, offset, body, frames);
            }
            self.passing |= !frames.keeps_data();
        }
        if self.passing {
            self.next += here as u64;
        } else {
            let kept_to = self.kept.len() + here;
            let over = self.keep(body, kept_to);
            self.next += over.len() as u64;
        }
        if self.next == self.start + length {
            self.finish(length, frames);
        }
        rest
    }

    /// Hands on data of a piece.
    fn stream(
        &self,
        header: &[u8],
        length: u64,
        offset: u64,
        bytes: &[u8],
        frames: &mut impl Frames,
    ) {
        if let Ok(offset) = u32::try_from(offset)
            && !bytes.is_empty()
        {
            frames.body(Body {
                header,
                length,
                offset,
                bytes,
                stamp: self.last,
            });
        }
    }

    /// Whether the bytes of `gap` all belong to the message in progress, so that
    /// the boundary after it is known all the same.
    pub fn absorbs(&self, gap: &Gap) -> bool {
        match (gap.length, self.length) {
            (Some(missing), Some(length)) => {
                !self.at_boundary() && self.next + missing <= self.start + length
            }
            _ => false,
        }
    }

    /// Bytes of one direction are not in the capture. On `Err` the next boundary
    /// is lost with them; the message in progress, if any, has been given.
    pub fn gap(&mut self, gap: Gap, frames: &mut impl Frames) -> Result<(), Lost> {
        if self.absorbs(&gap) {
            let missing = gap.length.unwrap_or(0);
            self.missing += missing;
            self.next += missing;
            self.passing = true;
            if let Some(length) = self.length
                && self.next == self.start + length
            {
                self.finish(length, frames);
            }
            return Ok(());
        }
        self.end(false, frames);
        Err(Lost::Gap)
    }

    /// The stream ends, because its sender stopped or for another reason: gives
    /// what there is of the message in progress.
    pub fn end(&mut self, sender_stopped: bool, frames: &mut impl Frames) {
        if let Some(length) = self.length
            && !self.at_boundary()
        {
            let rest = self.start + length - self.next;
            self.missing += rest;
            self.unsent = if sender_stopped { rest } else { 0 };
            self.finish(length, frames);
        } else {
            self.drop_kept();
        }
    }

    /// Length of the message that begins with `bytes`, if that much is there.
    fn declared(&self, bytes: &[u8]) -> Result<Option<u64>, (Lost, u64)> {
        let absurd = (Lost::Absurd, self.start);
        if self.framing == Framing::Handshake {
            let begins = bytes.first().is_none_or(|first| *first == 19);
            return if begins || self.near.is_some() {
                let length = self.near.unwrap_or(HANDSHAKE_LENGTH);
                Ok((!bytes.is_empty()).then_some(length as u64))
            } else {
                Err(absurd)
            };
        }
        let Some(prefix) = bytes.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u64::from(u32::from_be_bytes(*prefix)) + 4;
        if length > MAX_MESSAGE {
            return Err(absurd);
        }
        Ok(Some(length))
    }

    /// Keeps bytes until `to` are kept; gives the rest.
    fn keep<'b>(&mut self, bytes: &'b [u8], to: usize) -> &'b [u8] {
        if self.passing {
            return bytes;
        }
        let here = to.saturating_sub(self.kept.len()).min(bytes.len());
        let (now, rest) = bytes.split_at(here);
        if self.kept.len() + here > MAX_KEPT || !self.may_keep(here) {
            self.passing = true;
            return bytes;
        }
        self.kept.extend_from_slice(now);
        self.next += here as u64;
        rest
    }

    fn may_keep(&mut self, bytes: usize) -> bool {
        if self.kept.len() + bytes <= KEPT_WITHOUT_BUDGET {
            return true;
        }
        self.charge.grow(bytes)
    }

    fn drop_kept(&mut self) {
        self.charge.release();
        self.kept.clear();
        if self.kept.capacity() > KEPT_WITHOUT_BUDGET {
            self.kept = Vec::new();
        }
    }

    fn finish(&mut self, length: u64, frames: &mut impl Frames) {
        let kept = std::mem::take(&mut self.kept);
        self.emit(&kept, length, frames);
        self.kept = kept;
        self.drop_kept();
    }

    fn emit(&mut self, bytes: &[u8], length: u64, frames: &mut impl Frames) {
        let frame = Frame {
            bytes,
            length,
            offset: self.start,
            missing: self.missing,
            unsent: self.unsent,
            first: self.first,
            last: self.last,
        };
        self.framing = frames.frame(frame);
        self.start += length;
        self.next = self.start;
        self.length = None;
        self.missing = 0;
        self.unsent = 0;
        self.passing = false;
    }
}

/// Bytes that tell the length of a message.
fn prefix_length(framing: Framing) -> usize {
    match framing {
        Framing::Handshake => 1,
        Framing::Messages | Framing::Azmp => 4,
    }
}

/// Whether `bytes` begin with the header of a piece.
fn begins_piece(framing: Framing, bytes: &[u8]) -> bool {
    framing == Framing::Messages && bytes.len() >= PIECE_HEADER && bytes[4] == MessageId::PIECE.0
}

#[cfg(test)]
#[path = "framer_tests.rs"]
mod tests;
