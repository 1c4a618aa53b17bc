//! Finds the next message boundary where a stream is out of step: after a gap,
//! and in a stream whose beginning was not captured.
//!
//! The bytes are held back, under a cap. At each offset a chain of messages is
//! tried; each message that is plausible there adds evidence, counted in bits
//! (how unlikely it is in arbitrary bytes), and an implausible one ends the
//! chain. Once a chain has enough, the held bytes are replayed from its start.
//! Nothing is decoded before that.

use super::budget::{Budget, Charge};
use super::evidence::{Plausibility, begins_plausibly, cut_evidence, plausibility};
use super::expectations::Expectations;
use super::first_bytes::FirstBytes;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::wire::peer::{Block, Framing, PREFIX};

/// Bytes held back at most: a few messages with 16 KiB of data each, whatever
/// the first boundary's place.
pub const MAX_HELD: usize = 192 << 10;

/// Offsets whose chain is not decided yet, at most. More than a few of them
/// only come from bytes made for the purpose.
const MAX_UNDECIDED: usize = 32;

/// Evidence that is enough for a chain that ends where the stream does.
const ENOUGH_AT_THE_END: u32 = 36;

/// Held bytes and the search over them.
#[derive(Debug)]
pub struct Resync {
    held: Vec<u8>,
    charge: Charge,
    /// Where in `held` each packet's bytes begin.
    seams: Vec<(usize, Stamp)>,
    /// Stream offset of `held[0]`.
    offset: u64,
    /// Offsets before this one are refused.
    refused: usize,
    /// Offsets of chains that ran into the end of `held`.
    undecided: Vec<usize>,
    /// Captured bytes passed over so far, those in `held` not counted.
    skipped: u64,
    /// The packet of the first of the bytes that are passed over or held.
    began: Option<Stamp>,
    /// Those bytes, up to the first hole among them.
    first_bytes: FirstBytes,
    /// There may be a hole among them.
    has_restarted: bool,
}

/// Captured bytes that were passed over on the way to a boundary.
#[derive(Debug, Clone, Copy)]
pub struct PassedOver {
    /// How many.
    pub length: u64,
    /// The first of them.
    pub first_bytes: FirstBytes,
    /// The packet with which the search began, if any bytes came since.
    pub began: Option<Stamp>,
}

/// A boundary that was confirmed, as an index into the bytes that were searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundary {
    /// Index of its first byte.
    pub at: usize,
    /// How what is there is framed; a handshake begins a new conversation.
    pub framing: Framing,
}

/// Where a search found a boundary.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found {
    /// In the bytes just given: none of them, nor any before them, are held.
    Fresh(Boundary),
    /// In what is held, the bytes just given being the end of it.
    Held(Boundary),
}

impl Found {
    /// The boundary, wherever it is.
    pub fn boundary(self) -> Boundary {
        match self {
            Self::Fresh(boundary) | Self::Held(boundary) => boundary,
        }
    }
}

/// The bytes that a search looks at.
#[derive(Clone, Copy)]
struct Searched<'a> {
    bytes: &'a [u8],
    /// Where each packet's bytes begin; `None` for the bytes of one packet.
    seams: Option<&'a Vec<(usize, Stamp)>>,
}

impl Searched<'_> {
    fn is_seam(&self, at: usize) -> bool {
        match self.seams {
            Some(seams) => seams.binary_search_by_key(&at, |seam| seam.0).is_ok(),
            None => at == 0,
        }
    }
}

/// Nothing is known.
struct Stranger;

impl Expectations for Stranger {
    fn expects(&self, _: Block) -> bool {
        false
    }

    fn pieces(&self) -> Option<u32> {
        None
    }

    fn is_peer_wire(&self) -> bool {
        false
    }

    fn framing(&self) -> Option<Framing> {
        None
    }
}

/// Whether `bytes`, taken by themselves, can only be the peer wire: a handshake,
/// or a chain of messages from the first byte on.
pub fn is_certain(bytes: &[u8]) -> bool {
    let stamp = Stamp {
        frame: 0,
        time: Timestamp::UNKNOWN,
    };
    let mut search = Resync::new(0, &Budget::default());
    let found = search.push(bytes, stamp, &Stranger);
    found.is_some_and(|found| found.boundary().at == 0)
}

enum Chain {
    Refused,
    /// What was found so far, and where the next message begins: at the end of
    /// what is held, beyond it, or before it if too little of that message is
    /// there.
    Undecided {
        evidence: u32,
        end: usize,
        framing: Framing,
    },
    Confirmed(Framing),
}

impl Resync {
    /// A search that begins at stream offset `offset`.
    pub fn new(offset: u64, budget: &Budget) -> Self {
        Self {
            held: Vec::new(),
            charge: budget.charge(),
            seams: Vec::new(),
            offset,
            refused: 0,
            undecided: Vec::new(),
            skipped: 0,
            began: None,
            first_bytes: FirstBytes::default(),
            has_restarted: false,
        }
    }

    /// This; `lost` came right before its first bytes, and no message begins there.
    #[must_use]
    pub fn after(mut self, lost: &[u8], stamp: Stamp) -> Self {
        if !lost.is_empty() {
            self.skipped = lost.len() as u64;
            self.began = Some(stamp);
            self.first_bytes.push(lost);
        }
        self
    }

    /// What is passed over if the boundary is at `at`.
    pub fn passed_over(&self, at: usize) -> PassedOver {
        let length = self.skipped(at);
        let mut first_bytes = self.first_bytes;
        first_bytes.truncate(length);
        PassedOver {
            length,
            first_bytes,
            began: self.began,
        }
    }

    /// Captured bytes that are passed over if the boundary is at `at`.
    pub fn skipped(&self, at: usize) -> u64 {
        self.skipped + at as u64
    }

    /// Bytes held.
    pub fn held(&self) -> usize {
        self.held.len()
    }

    /// Stream offset of the held byte `at`.
    pub fn stream_offset(&self, at: usize) -> u64 {
        self.offset + at as u64
    }

    /// Another gap, or a new start, while out of step: what is held is passed
    /// over.
    pub fn restart(&mut self, offset: u64) {
        self.has_restarted |= !self.first_bytes.is_empty();
        self.skipped += self.held.len() as u64;
        self.clear();
        self.offset = offset;
    }

    fn clear(&mut self) {
        self.held = Vec::new();
        self.seams = Vec::new();
        self.charge.release();
        self.undecided.clear();
        self.refused = 0;
    }

    /// Adds bytes and looks for a boundary. What need not be held is not copied:
    /// a stream that loses the step time and again within one packet costs no
    /// more than its bytes.
    pub fn push(
        &mut self,
        bytes: &[u8],
        stamp: Stamp,
        expect: &impl Expectations,
    ) -> Option<Found> {
        self.began.get_or_insert(stamp);
        if !self.has_restarted {
            self.first_bytes.push(bytes);
        }
        let mut affordable = self.held.is_empty() || self.reserve(bytes.len());
        if !affordable {
            // Others hold it all: this packet is looked at by itself.
            self.restart(self.offset + self.held.len() as u64);
        }
        if self.held.is_empty() {
            let searched = Searched { bytes, seams: None };
            if let Some(boundary) = self.search_in(searched, expect) {
                return Some(Found::Fresh(boundary));
            }
            affordable = affordable && self.reserve(bytes.len());
            if !affordable {
                self.skipped += bytes.len() as u64;
                self.restart(self.offset + bytes.len() as u64);
                return None;
            }
            self.hold(bytes, stamp);
            self.limit();
            return None;
        }
        self.hold(bytes, stamp);
        let found = self.search(expect);
        if found.is_none() {
            self.limit();
        }
        found.map(Found::Held)
    }

    /// Passes over the oldest bytes where too many are held.
    fn limit(&mut self) {
        if self.held.len() > MAX_HELD {
            self.drop_front(self.held.len() - MAX_HELD / 2);
        }
    }

    /// Makes room for the bytes of one more packet.
    fn reserve(&mut self, bytes: usize) -> bool {
        self.charge.reserve(&mut self.held, bytes) && self.charge.reserve(&mut self.seams, 1)
    }

    fn hold(&mut self, bytes: &[u8], stamp: Stamp) {
        self.seams.push((self.held.len(), stamp));
        self.held.extend_from_slice(bytes);
    }

    /// The stream ends or breaks off: takes a chain that ends exactly with the
    /// last held byte on less evidence, or, where the last packet was `cut`, with
    /// the beginning of a message.
    pub fn last_chance(&self, expect: &impl Expectations, cut: bool) -> Option<Boundary> {
        if !expect.is_peer_wire() {
            return None;
        }
        self.undecided.iter().find_map(|&at| {
            let Chain::Undecided {
                evidence,
                end,
                framing,
            } = chain(self.searched(), at, expect)
            else {
                return None;
            };
            let evidence = match self.held.get(end..) {
                Some([]) => Some(evidence),
                Some(rest) if cut => cut_evidence(rest, expect).map(|bits| evidence + bits),
                _ => None,
            };
            (evidence? >= ENOUGH_AT_THE_END).then_some(Boundary { at, framing })
        })
    }

    /// The held bytes from `at` on, packet by packet; the search starts anew.
    pub fn take(&mut self, at: usize) -> (Vec<u8>, Vec<(usize, Stamp)>) {
        let mut held = std::mem::take(&mut self.held);
        let first = self.seams.partition_point(|seam| seam.0 <= at);
        let seams = self.seams[first.saturating_sub(1)..]
            .iter()
            .map(|&(start, stamp)| (start.saturating_sub(at), stamp))
            .collect();
        held.drain(..at);
        self.clear();
        (held, seams)
    }

    /// Judges what is held; also worth a call when more has become known.
    pub fn search(&mut self, expect: &impl Expectations) -> Option<Boundary> {
        let held = std::mem::take(&mut self.held);
        let seams = std::mem::take(&mut self.seams);
        let searched = Searched {
            bytes: &held,
            seams: Some(&seams),
        };
        let found = self.search_in(searched, expect);
        self.held = held;
        self.seams = seams;
        found
    }

    fn searched(&self) -> Searched<'_> {
        Searched {
            bytes: &self.held,
            seams: Some(&self.seams),
        }
    }

    fn search_in(
        &mut self,
        searched: Searched<'_>,
        expect: &impl Expectations,
    ) -> Option<Boundary> {
        let mut found = None;
        self.undecided
            .retain(|&at| found.is_none() && judge(searched, at, expect, &mut found));
        while found.is_none() && self.refused < searched.bytes.len() {
            let at = self.refused;
            self.refused += 1;
            if begins_plausibly(&searched.bytes[at..]) && judge(searched, at, expect, &mut found) {
                if self.undecided.len() == MAX_UNDECIDED {
                    self.undecided.remove(0);
                }
                self.undecided.push(at);
            }
        }
        found
    }

    fn drop_front(&mut self, bytes: usize) {
        self.held.drain(..bytes);
        self.offset += bytes as u64;
        self.skipped += bytes as u64;
        self.refused = self.refused.saturating_sub(bytes);
        self.undecided.retain_mut(|at| match at.checked_sub(bytes) {
            Some(moved) => {
                *at = moved;
                true
            }
            None => false,
        });
        let first = self.seams.partition_point(|seam| seam.0 <= bytes);
        self.seams.drain(..first.saturating_sub(1));
        for seam in &mut self.seams {
            seam.0 = seam.0.saturating_sub(bytes);
        }
    }
}

/// Whether the chain at `at` stays undecided; sets `found` if it is confirmed.
fn judge(
    searched: Searched<'_>,
    at: usize,
    expect: &impl Expectations,
    found: &mut Option<Boundary>,
) -> bool {
    let bytes = &searched.bytes[at..];
    let prefix = bytes.len().min(PREFIX.len());
    if bytes[..prefix] == PREFIX[..prefix] {
        if prefix == PREFIX.len() {
            *found = Some(Boundary {
                at,
                framing: Framing::Handshake,
            });
        }
        return prefix < PREFIX.len();
    }
    match chain(searched, at, expect) {
        Chain::Refused => false,
        Chain::Undecided { .. } => true,
        Chain::Confirmed(framing) => {
            *found = Some(Boundary { at, framing });
            false
        }
    }
}

/// Follows the messages from `start` on, as long as they are plausible.
fn chain(searched: Searched<'_>, start: usize, expect: &impl Expectations) -> Chain {
    let (needed, needed_messages) = if expect.is_peer_wire() {
        (60, 1)
    } else {
        (100, 3)
    };
    let mut evidence = if searched.is_seam(start) { 12 } else { 0 };
    let mut messages = 0;
    let mut keep_alives = 0;
    let mut framing = expect.framing();
    let mut at = start;
    while at < searched.bytes.len() {
        let rest = &searched.bytes[at..];
        match plausibility(rest, expect) {
            Plausibility::Refused => return Chain::Refused,
            Plausibility::TooShort => break,
            Plausibility::KeepAlive => {
                keep_alives += 1;
                if keep_alives > 2 || messages == 0 {
                    return Chain::Refused;
                }
                at += 4;
            }
            Plausibility::Message { framing: other, .. }
                if framing.is_some_and(|framing| framing != other) =>
            {
                return Chain::Refused;
            }
            Plausibility::Message {
                bits,
                length,
                framing: this,
            } => {
                framing = Some(this);
                evidence += bits;
                messages += 1;
                keep_alives = 0;
                if evidence >= needed && messages >= needed_messages {
                    return Chain::Confirmed(this);
                }
                at = at.saturating_add(length);
            }
        }
    }
    Chain::Undecided {
        evidence,
        end: at,
        framing: framing.unwrap_or_default(),
    }
}

#[cfg(test)]
#[path = "resync_tests.rs"]
mod tests;
