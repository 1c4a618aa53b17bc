//! The first bytes of both directions, until it is known what they are.

use crate::flow::{Chunk, Side};
use crate::identify::mse;
use crate::packet::Stamp;
use crate::session::Negotiation;
use crate::session::budget::{Budget, Charge};

/// First bytes of a direction that are held at most: enough for any MSE
/// negotiation with a handshake as its initial payload.
const MAX_HELD: usize = 8 << 10;

/// First bytes that are held even when others hold all that may be held: enough
/// to know a handshake by.
const HELD_WITHOUT_BUDGET: usize = 68;

/// The first bytes of one direction.
#[derive(Debug, Default)]
pub struct Probe {
    /// The bytes, from the direction's first captured one on.
    pub bytes: Vec<u8>,
    /// Where each packet's bytes begin.
    pub seams: Vec<(usize, Stamp)>,
    /// Stream offset of the first byte.
    pub offset: u64,
    /// Bytes beyond what is held.
    pub beyond: u64,
    /// No more is held.
    pub is_full: bool,
}

impl Probe {
    /// Holds what it can of `chunk`; says how many bytes.
    fn push(&mut self, chunk: Chunk<'_>, charge: &mut Charge) -> usize {
        if self.bytes.is_empty() {
            self.offset = chunk.offset;
        }
        let mut here = chunk.bytes.len().min(MAX_HELD - self.bytes.len());
        let is_affordable =
            charge.reserve(&mut self.bytes, here) && charge.reserve(&mut self.seams, 1);
        if !is_affordable {
            here = here.min(HELD_WITHOUT_BUDGET.saturating_sub(self.bytes.len()));
        }
        if here > 0 {
            self.seams.push((self.bytes.len(), chunk.stamp));
            self.bytes.extend_from_slice(&chunk.bytes[..here]);
        }
        self.is_full |= here < chunk.bytes.len();
        here
    }

    /// The packets' shares of the bytes from `from` on, with stream offsets.
    pub fn chunks(&self, from: usize) -> impl Iterator<Item = Chunk<'_>> {
        pieces(&self.bytes, &self.seams, self.offset, from)
    }

    /// Bytes of the first packet.
    fn first_packet(&self) -> usize {
        self.seams.get(1).map_or(self.bytes.len(), |seam| seam.0)
    }

    /// The packet with the byte at `at`.
    pub fn stamp(&self, at: usize) -> Option<Stamp> {
        let next = self.seams.partition_point(|seam| seam.0 <= at);
        Some(self.seams.get(next.checked_sub(1)?)?.1)
    }

    /// The latest packet with bytes before `end`.
    pub fn latest(&self, end: usize) -> Option<Stamp> {
        let seams = self.seams.iter().take_while(|seam| seam.0 < end);
        seams.map(|seam| seam.1).max_by_key(|stamp| stamp.frame)
    }
}

/// Cuts `bytes[from..]` at the seams; `offset` is the stream offset of
/// `bytes[0]`.
pub fn pieces<'b>(
    bytes: &'b [u8],
    seams: &'b [(usize, Stamp)],
    offset: u64,
    from: usize,
) -> impl Iterator<Item = Chunk<'b>> {
    seams
        .iter()
        .enumerate()
        .filter_map(move |(index, (start, stamp))| {
            let end = seams.get(index + 1).map_or(bytes.len(), |next| next.0);
            let start = (*start).max(from);
            let bytes = bytes.get(start..end).filter(|bytes| !bytes.is_empty())?;
            Some(Chunk {
                bytes,
                offset: offset + start as u64,
                stamp: *stamp,
            })
        })
}

/// The openings of both directions and the turns they took.
#[derive(Debug)]
pub struct Opening {
    /// Initiator and acceptor.
    pub probes: [Probe; 2],
    flights: mse::Flights,
    charge: Charge,
}

impl Opening {
    /// Nothing is held yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            probes: Default::default(),
            flights: mse::Flights::default(),
            charge: budget.charge(),
        }
    }

    /// Adds bytes; says how many of them are held.
    pub fn push(&mut self, from: Side, chunk: Chunk<'_>) -> usize {
        self.flights.add(from == Side::Initiator, chunk.bytes.len());
        self.probes[from.index()].push(chunk, &mut self.charge)
    }

    /// What one side has sent.
    pub fn probe(&self, side: Side) -> &Probe {
        &self.probes[side.index()]
    }

    /// Bytes of `side` before the other's answer, as far as they are held.
    pub fn flight(&self, side: Side) -> usize {
        let held = self.probe(side).bytes.len();
        let flight = self.flights.length(side.index());
        flight.unwrap_or(held).min(held)
    }

    /// How far what may be an MSE negotiation came; `None` if it is none.
    pub fn negotiation(&self) -> Option<Negotiation> {
        let probe = self.probe(Side::Initiator);
        let verdict = self.judge(false, false);
        let is_negotiation = matches!(verdict, mse::Verdict::Encrypted { .. });
        let first = &probe.bytes;
        if !is_negotiation && !mse::may_be_first_flight(first) {
            return None;
        }
        let is_alone = self.probe(Side::Acceptor).bytes.is_empty();
        let is_noise = is_alone && !mse::has_header(first, probe.first_packet());
        Some(Negotiation {
            turns: self.flights.begun(),
            last: probe.stamp(probe.bytes.len().saturating_sub(1)),
            is_likely: is_negotiation || is_noise,
        })
    }

    /// Whether the two openings are an MSE negotiation.
    pub fn judge(&self, at_known_end: bool, more: bool) -> mse::Verdict {
        let opening = mse::Opening {
            initiator: &self.probes[0].bytes,
            acceptor: &self.probes[1].bytes,
            first_packets: self.probes.each_ref().map(Probe::first_packet),
            flights: self.flights,
            at_known_end,
        };
        mse::judge(&opening, more)
    }
}
