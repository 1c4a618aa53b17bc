//! Goes on with one connection: bytes, gaps, the end, in whatever state each
//! direction is.

use crate::flow::{Chunk, Close, Connection, Gap, GapCause, Side};
use crate::packet::Stamp;
use crate::session::conversation::Expected;
use crate::session::resync::Boundary;
use crate::session::{Encryption, Ended, Framer, Resync};
use crate::wire::peer::Framing;

use super::connection::{Connections, Peering, Reading};
use super::listener::with_framer;
use super::opening::{Opening, pieces};

/// Bytes of a direction that are searched for a message before it is given up,
/// where nothing else says that the connection is BitTorrent.
const MAX_SEARCHED: u64 = 256 << 10;

/// Gaps that are remembered until a connection proves to be BitTorrent.
const MAX_EARLY_GAPS: usize = 64;

/// Bytes that a search held back, from the boundary that it found.
struct Held {
    from: Side,
    bytes: Vec<u8>,
    seams: Vec<(usize, Stamp)>,
    offset: u64,
}

impl Held {
    fn chunks(&self) -> impl Iterator<Item = Chunk<'_>> {
        pieces(&self.bytes, &self.seams, self.offset, 0)
    }
}

/// One connection with all that is needed to go on with it.
pub struct At<'s, 'o> {
    /// The connection.
    pub connection: &'s Connection,
    /// Its state.
    pub state: &'s mut Peering,
    /// What it shares with the others.
    pub shared: &'s mut Connections<'o>,
}

impl<'s, 'o> At<'s, 'o> {
    /// Goes on with `connection`.
    pub fn new(
        connection: &'s Connection,
        state: &'s mut Peering,
        shared: &'s mut Connections<'o>,
    ) -> Self {
        Self {
            connection,
            state,
            shared,
        }
    }

    /// Bytes of `from`, decrypted where that is needed and can be done.
    pub fn data(&mut self, from: Side, chunk: Chunk<'_>) {
        match &mut self.state.readings[from.index()] {
            Reading::Off => self.http_data(from, chunk),
            Reading::Framing(_) => self.frame(from, chunk),
            Reading::Searching(_) => self.search(from, chunk),
            Reading::Encrypted(run) => {
                if run.bytes == 0 {
                    run.first = chunk.stamp;
                }
                run.bytes += chunk.bytes.len() as u64;
                run.packets += 1;
                run.last = chunk.stamp;
            }
            Reading::Probing => self.probe(from, chunk),
        }
    }

    /// Holds the first bytes of `from` and judges them.
    fn probe(&mut self, from: Side, chunk: Chunk<'_>) {
        let budget = &self.shared.budget;
        let opening = &mut self.state.opening;
        let opening = opening.get_or_insert_with(|| Box::new(Opening::new(budget)));
        let held = opening.push(from, chunk);
        self.judge(from, true);
        let beyond = Chunk {
            bytes: &chunk.bytes[held..],
            offset: chunk.offset + held as u64,
            stamp: chunk.stamp,
        };
        if beyond.bytes.is_empty() {
            return;
        }
        match &mut self.state.opening {
            Some(opening) if matches!(self.state.readings[from.index()], Reading::Probing) => {
                opening.probes[from.index()].beyond += beyond.bytes.len() as u64;
            }
            _ => self.receive(from, beyond),
        }
    }

    /// In step: cuts messages. A loss of step within the chunk begins a search.
    fn frame(&mut self, from: Side, chunk: Chunk<'_>) {
        let result = with_framer(
            self.connection,
            self.state,
            self.shared,
            from,
            |framer, listener| framer.push(chunk, listener),
        );
        if let Some(Err((_, offset))) = result {
            // Bytes of the broken message that came before this chunk are few
            // (part of a length prefix): they are left.
            let skip = usize::try_from(offset.saturating_sub(chunk.offset)).unwrap_or(0);
            let rest = &chunk.bytes[skip.min(chunk.bytes.len())..];
            let offset = chunk.offset + (chunk.bytes.len() - rest.len()) as u64;
            self.begin_search(from, offset);
            self.search(
                from,
                Chunk {
                    bytes: rest,
                    offset,
                    stamp: chunk.stamp,
                },
            );
        }
    }

    /// Out of step from `offset` on.
    pub fn begin_search(&mut self, from: Side, offset: u64) {
        self.state.readings[from.index()] =
            Reading::Searching(Box::new(Resync::new(offset, &self.shared.budget)));
    }

    fn expected(state: &Peering, from: Side) -> Expected<'_> {
        Expected {
            conversation: &state.conversation,
            side: from,
            is_peer_wire: state.is_peer_wire,
        }
    }

    /// Out of step: looks for the next boundary and goes on from there.
    fn search(&mut self, from: Side, chunk: Chunk<'_>) {
        let side = from.index();
        let mut reading = std::mem::replace(&mut self.state.readings[side], Reading::Off);
        let Reading::Searching(resync) = &mut reading else {
            return;
        };
        let expected = Self::expected(self.state, from);
        let found = resync.push(chunk.bytes, chunk.stamp, &expected);
        let given_up = !self.state.is_peer_wire && resync.skipped(0) > MAX_SEARCHED;
        match found {
            Some(boundary) => {
                self.state.readings[side] = reading;
                self.resume(from, boundary);
            }
            None if given_up => {}
            None => self.state.readings[side] = reading,
        }
    }

    /// A boundary is confirmed: decodes from there. What proves the connection
    /// to be BitTorrent may be enough for the other direction too; then both are
    /// decoded in the order of the packets.
    fn resume(&mut self, from: Side, boundary: Boundary) {
        let proof = !self.state.is_peer_wire;
        self.found_peer_wire();
        let mut held = vec![self.take_held(from, boundary)];
        let other = from.other();
        if proof && let Some(boundary) = self.search_again(other) {
            held.push(self.take_held(other, boundary));
        }
        let mut chunks: Vec<_> = held
            .iter()
            .flatten()
            .flat_map(|held| held.chunks().map(|chunk| (held.from, chunk)))
            .collect();
        chunks.sort_by_key(|(_, chunk)| chunk.stamp.frame);
        for (from, chunk) in chunks {
            self.data(from, chunk);
        }
    }

    /// Puts `from` in step at a boundary; gives what was held from there on.
    fn take_held(&mut self, from: Side, boundary: Boundary) -> Option<Held> {
        let side = from.index();
        let Reading::Searching(resync) = &mut self.state.readings[side] else {
            return None;
        };
        let skipped = resync.skipped(boundary.at);
        let offset = resync.stream_offset(boundary.at);
        let (bytes, seams) = resync.take(boundary.at);
        let stamp = seams.first()?.1;
        let framing = boundary.framing;
        if framing == Framing::Azmp {
            self.state.conversation.heard_azmp();
        }
        self.state.readings[side] =
            Reading::Framing(Framer::new(framing, offset, stamp, &self.shared.budget));
        self.tell_skipped(from, offset, skipped, stamp);
        Some(Held {
            from,
            bytes,
            seams,
            offset,
        })
    }

    /// Judges what is held of `from` again, now that more is known.
    fn search_again(&mut self, from: Side) -> Option<Boundary> {
        let side = from.index();
        let mut reading = std::mem::replace(&mut self.state.readings[side], Reading::Off);
        let found = match &mut reading {
            Reading::Searching(resync) => resync.search(&Self::expected(self.state, from)),
            _ => None,
        };
        self.state.readings[side] = reading;
        found
    }

    /// The connection has proved to be BitTorrent.
    pub fn found_peer_wire(&mut self) {
        if std::mem::replace(&mut self.state.is_peer_wire, true) {
            return;
        }
        for (from, gap) in std::mem::take(&mut self.state.early_gaps) {
            self.tell_gap(from, gap);
        }
    }

    /// Bytes of `from` are missing.
    pub fn gap(&mut self, from: Side, gap: Gap) {
        let side = from.index();
        if matches!(self.state.readings[side], Reading::Probing) {
            self.judge(from, false);
        }
        if matches!(self.state.readings[side], Reading::Off) {
            return self.http_gap(from, gap);
        }
        if self.state.is_peer_wire || self.state.encryption != Encryption::None {
            self.tell_gap(from, gap);
        } else if self.state.early_gaps.len() < MAX_EARLY_GAPS {
            self.state.early_gaps.push((from, gap));
        }
        self.last_chance(from, gap.cause == GapCause::Snaplen);
        let astray = self.pass_keystream(from, &gap);
        let after = gap.offset + gap.length.unwrap_or(0);
        match &mut self.state.readings[side] {
            Reading::Probing => self.begin_search(from, after),
            Reading::Framing(_) => self.gap_in_step(from, gap, after),
            Reading::Searching(resync) => resync.restart(after),
            Reading::Encrypted(_) | Reading::Off => {}
        }
        if astray {
            self.go_astray(from, after, &gap);
        }
    }

    fn gap_in_step(&mut self, from: Side, gap: Gap, after: u64) {
        let result = with_framer(
            self.connection,
            self.state,
            self.shared,
            from,
            |framer, listener| framer.gap(gap, listener),
        );
        if let Some(Err(_)) = result {
            self.begin_search(from, after);
        }
    }

    /// The stream breaks off: a chain of messages that ends exactly there is
    /// believed on less evidence. `cut` says that the packet went on, but not
    /// the capture of it.
    fn last_chance(&mut self, from: Side, cut: bool) {
        let Reading::Searching(resync) = &self.state.readings[from.index()] else {
            return;
        };
        let expected = Self::expected(self.state, from);
        if let Some(boundary) = resync.last_chance(&expected, cut) {
            self.resume(from, boundary);
        }
    }

    /// `from` sends no more.
    pub fn end(&mut self, from: Side) {
        self.http_end(from);
        if matches!(self.state.readings[from.index()], Reading::Probing) {
            self.judge(from, false);
        }
        self.last_chance(from, false);
        with_framer(
            self.connection,
            self.state,
            self.shared,
            from,
            |framer, listener| framer.end(listener),
        );
        self.end_search(from);
    }

    /// What is held of a stream out of step will never be decoded.
    pub fn end_search(&mut self, from: Side) {
        let stamp: Stamp = self.connection.last;
        let is_peer_wire = self.state.is_peer_wire;
        if let Reading::Searching(resync) = &mut self.state.readings[from.index()]
            && is_peer_wire
        {
            let held = resync.held();
            let (skipped, offset) = (resync.skipped(held), resync.stream_offset(held));
            **resync = Resync::new(offset, &self.shared.budget);
            self.tell_skipped(from, offset, skipped, stamp);
        }
    }

    /// The connection is over.
    pub fn close(&mut self, how: Close) {
        for side in Side::BOTH {
            self.end(side);
            if let Reading::Encrypted(run) = self.state.readings[side.index()] {
                self.tell_encrypted(side, run);
            }
        }
        if let Some(decryption) = &self.state.decryption {
            self.state.encryption = decryption.encryption();
        }
        if self.state.is_peer_wire || self.state.encryption != Encryption::None {
            self.shared.observer.ended(&Ended {
                connection: self.connection,
                conversation: &self.state.conversation,
                encryption: self.state.encryption,
                how,
                finishes: self.state.finishes,
            });
        }
    }
}
