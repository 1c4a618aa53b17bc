//! Finds the next message boundary where a stream is out of step: after a gap,
//! and in a stream whose beginning was not captured.
//!
//! The bytes are held back, under a cap. At each offset a chain of messages is
//! tried; each message that is plausible there adds evidence, counted in bits
//! (how unlikely it is in arbitrary bytes), and an implausible one ends the
//! chain. Once a chain has enough, the held bytes are replayed from its start.
//! Nothing is decoded before that.

use std::collections::VecDeque;

use super::budget::{Budget, Charge};
use super::evidence::{Plausibility, begins_plausibly, cut_evidence, plausibility};
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

/// What the conversation knows that makes a message more or less plausible.
pub trait Expectations {
    /// Whether this block was asked for and has not come.
    fn expects(&self, block: Block) -> bool;
    /// Pieces of the torrent, where known.
    fn pieces(&self) -> Option<u32>;
    /// Whether the connection is known to be BitTorrent.
    fn is_peer_wire(&self) -> bool;
    /// How messages are framed, if that is known.
    fn framing(&self) -> Option<Framing>;
}

/// Held bytes and the search over them.
#[derive(Debug)]
pub struct Resync {
    held: Vec<u8>,
    charge: Charge,
    /// Where in `held` each packet's bytes begin.
    seams: VecDeque<(usize, Stamp)>,
    /// Stream offset of `held[0]`.
    offset: u64,
    /// Offsets before this one are refused.
    refused: usize,
    /// Offsets of chains that ran into the end of `held`.
    undecided: Vec<usize>,
    /// Captured bytes passed over so far, those in `held` not counted.
    skipped: u64,
}

/// A boundary that was confirmed, as an index into the held bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Boundary {
    /// Index of its first byte.
    pub at: usize,
    /// How what is there is framed; a handshake begins a new conversation.
    pub framing: Framing,
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
    search
        .push(bytes, stamp, &Stranger)
        .is_some_and(|boundary| boundary.at == 0)
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
            seams: VecDeque::new(),
            offset,
            refused: 0,
            undecided: Vec::new(),
            skipped: 0,
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
        self.skipped += self.held.len() as u64;
        self.clear();
        self.offset = offset;
    }

    fn clear(&mut self) {
        self.held = Vec::new();
        self.charge.release();
        self.seams.clear();
        self.undecided.clear();
        self.refused = 0;
    }

    /// Adds bytes and looks for a boundary.
    pub fn push(
        &mut self,
        bytes: &[u8],
        stamp: Stamp,
        expect: &impl Expectations,
    ) -> Option<Boundary> {
        let affordable = self.charge.grow(bytes.len());
        if !affordable {
            // Others hold it all: this packet is looked at by itself.
            self.restart(self.offset + self.held.len() as u64);
        }
        self.seams.push_back((self.held.len(), stamp));
        self.held.extend_from_slice(bytes);
        let found = self.search(expect);
        if found.is_none() {
            let most = if affordable { MAX_HELD } else { 0 };
            if self.held.len() > most {
                self.drop_front(self.held.len() - most / 2);
            }
        }
        found
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
            } = self.chain(at, expect)
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
        let first = self
            .seams
            .iter()
            .rposition(|seam| seam.0 <= at)
            .unwrap_or(0);
        let seams = self
            .seams
            .drain(..)
            .skip(first)
            .map(|(start, stamp)| (start.saturating_sub(at), stamp))
            .collect();
        held.drain(..at);
        self.clear();
        (held, seams)
    }

    /// Judges what is held; also worth a call when more has become known.
    pub fn search(&mut self, expect: &impl Expectations) -> Option<Boundary> {
        let mut undecided = std::mem::take(&mut self.undecided);
        let mut found = None;
        undecided.retain(|&at| found.is_none() && self.judge(at, expect, &mut found));
        while found.is_none() && self.refused < self.held.len() {
            let at = self.refused;
            if !begins_plausibly(&self.held[at..]) {
                self.refused += 1;
                continue;
            }
            if self.judge(at, expect, &mut found) {
                if undecided.len() == MAX_UNDECIDED {
                    undecided.remove(0);
                }
                undecided.push(at);
            }
            self.refused += 1;
        }
        self.undecided = undecided;
        found
    }

    /// Whether the chain at `at` stays undecided; sets `found` if it is
    /// confirmed.
    fn judge(&self, at: usize, expect: &impl Expectations, found: &mut Option<Boundary>) -> bool {
        let bytes = &self.held[at..];
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
        match self.chain(at, expect) {
            Chain::Refused => false,
            Chain::Undecided { .. } => true,
            Chain::Confirmed(framing) => {
                *found = Some(Boundary { at, framing });
                false
            }
        }
    }

    fn chain(&self, start: usize, expect: &impl Expectations) -> Chain {
        let (needed, needed_messages) = if expect.is_peer_wire() {
            (60, 1)
        } else {
            (100, 3)
        };
        let mut evidence = if self.is_seam(start) { 12 } else { 0 };
        let mut messages = 0;
        let mut keep_alives = 0;
        let mut framing = expect.framing();
        let mut at = start;
        while at < self.held.len() {
            let rest = &self.held[at..];
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

    fn is_seam(&self, at: usize) -> bool {
        self.seams.binary_search_by_key(&at, |seam| seam.0).is_ok()
    }

    fn drop_front(&mut self, bytes: usize) {
        self.held.drain(..bytes);
        let _ = self.charge.resize(self.held.len());
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
        while self.seams.len() > 1 && self.seams[1].0 <= bytes {
            self.seams.pop_front();
        }
        for seam in &mut self.seams {
            seam.0 = seam.0.saturating_sub(bytes);
        }
    }
}

#[cfg(test)]
#[path = "resync_tests.rs"]
mod tests;
