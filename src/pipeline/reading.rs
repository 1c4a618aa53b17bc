//! Goes on with one connection: bytes, gaps, the end, in whatever state each
//! direction is.

use crate::flow::{Chunk, Close, Connection, Gap, GapCause, Side};
use crate::packet::Stamp;
use crate::session::conversation::Expected;
use crate::session::resync::{Boundary, Found, PassedOver};
use crate::session::{Encryption, Ended, Framer, Resync};
use crate::wire::peer::Framing;

use super::backlog::{Backlog, Stretch};
use super::connection::Connections;
use super::listener::with_framer;
use super::opening::Opening;
use super::peering::{Peering, Reading};

/// Bytes of a direction that are searched for a message before it is given up,
/// where nothing else says that the connection is BitTorrent.
const MAX_SEARCHED: u64 = 256 << 10;

/// What a search in one chunk came to.
enum Outcome<'c> {
    /// No boundary yet.
    Lost,
    /// In step at the beginning of these bytes, which are still to be read.
    Ahead(Chunk<'c>),
    /// In step within what was held, which is still to be read.
    Behind(Backlog),
}

/// One connection with all that is needed to go on with it.
pub struct ConnectionReader<'s, 'o> {
    /// The connection.
    pub connection: &'s Connection,
    /// Its state.
    pub state: &'s mut Peering,
    /// What it shares with the others.
    pub shared: &'s mut Connections<'o>,
}

impl<'s, 'o> ConnectionReader<'s, 'o> {
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
        if let Some(backlog) = self.read(from, chunk) {
            self.catch_up(backlog);
        }
    }

    /// Reads what searches held back, in the order of the packets. A stretch may
    /// lose the step again: what is then held back comes before the rest of it.
    fn catch_up(&mut self, mut backlog: Backlog) {
        while let Some(mut stretch) = backlog.take_first() {
            let from = stretch.from;
            let more = stretch
                .next_chunk()
                .and_then(|chunk| self.read(from, chunk));
            backlog.put_back(stretch);
            if let Some(more) = more {
                backlog.put_before(more);
            }
        }
    }

    /// Reads one chunk whole; gives what must be read next, if anything.
    fn read(&mut self, from: Side, mut chunk: Chunk<'_>) -> Option<Backlog> {
        loop {
            match &mut self.state.readings[from.index()] {
                Reading::Off => self.http_data(from, chunk),
                Reading::Framing(_) => {
                    if let Some(rest) = self.frame(from, chunk) {
                        chunk = rest;
                        continue;
                    }
                }
                Reading::Searching(_) => match self.search(from, chunk) {
                    Outcome::Lost => {}
                    Outcome::Ahead(rest) => {
                        chunk = rest;
                        continue;
                    }
                    Outcome::Behind(backlog) => return Some(backlog),
                },
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
            return None;
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

    /// In step: cuts messages. Where the step is lost within the chunk, gives the
    /// rest of it, in which a search begins.
    fn frame<'c>(&mut self, from: Side, chunk: Chunk<'c>) -> Option<Chunk<'c>> {
        let result = with_framer(
            self.connection,
            self.state,
            self.shared,
            from,
            |framer, listener| framer.push(chunk, listener),
        );
        let (_, offset) = result?.err()?;
        let rest = chunk.from_offset(offset);
        let side = from.index();
        let mut search = Resync::new(rest.offset, &self.shared.budget);
        if rest.offset > offset
            && let Reading::Framing(framer) = &self.state.readings[side]
        {
            // Of the broken message a part of the length prefix came before this chunk.
            let (lost, stamp) = framer.begun();
            let before = usize::try_from(rest.offset - offset).unwrap_or(usize::MAX);
            search = search.after(&lost[..before.min(lost.len())], stamp);
        }
        self.state.readings[side] = Reading::Searching(Box::new(search));
        Some(rest)
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

    /// Out of step: looks for the next boundary.
    fn search<'c>(&mut self, from: Side, chunk: Chunk<'c>) -> Outcome<'c> {
        let side = from.index();
        let mut reading = std::mem::replace(&mut self.state.readings[side], Reading::Off);
        let Reading::Searching(resync) = &mut reading else {
            return Outcome::Lost;
        };
        let expected = Self::expected(self.state, from);
        let found = resync.push(chunk.bytes, chunk.stamp, &expected);
        let given_up = !self.state.is_peer_wire && resync.skipped(0) > MAX_SEARCHED;
        match found {
            Some(found) => {
                self.state.readings[side] = reading;
                self.resume(from, chunk, found)
            }
            None if given_up => Outcome::Lost,
            None => {
                self.state.readings[side] = reading;
                Outcome::Lost
            }
        }
    }

    /// A boundary is confirmed: decodes from there. What proves the connection
    /// to be BitTorrent may be enough for the other direction too; then both are
    /// decoded in the order of the packets.
    fn resume<'c>(&mut self, from: Side, chunk: Chunk<'c>, found: Found) -> Outcome<'c> {
        match found {
            Found::Held(boundary) => Outcome::Behind(self.resume_held(from, boundary)),
            Found::Fresh(boundary) => {
                let proof = self.found_peer_wire();
                let rest = Chunk {
                    bytes: &chunk.bytes[boundary.at..],
                    offset: chunk.offset + boundary.at as u64,
                    stamp: chunk.stamp,
                };
                self.settle_step(from, boundary, chunk.stamp);
                match self.resume_other(from, proof) {
                    Some(other) => Outcome::Behind(Backlog::of([
                        Some(Stretch::of_chunk(from, rest)),
                        Some(other),
                    ])),
                    None => Outcome::Ahead(rest),
                }
            }
        }
    }

    /// The same for a boundary in what is held.
    fn resume_held(&mut self, from: Side, boundary: Boundary) -> Backlog {
        let proof = self.found_peer_wire();
        let own = self.take_held(from, boundary);
        let other = self.resume_other(from, proof);
        Backlog::of([own, other])
    }

    /// After a proof: what is held of the other side, if that is enough to go on
    /// with.
    fn resume_other(&mut self, from: Side, proof: bool) -> Option<Stretch> {
        let other = from.other();
        let boundary = proof.then(|| self.search_again(other)).flatten()?;
        self.take_held(other, boundary)
    }

    /// Puts `from` in step at a boundary; gives what was held from there on.
    fn take_held(&mut self, from: Side, boundary: Boundary) -> Option<Stretch> {
        let Reading::Searching(resync) = &mut self.state.readings[from.index()] else {
            return None;
        };
        let offset = resync.stream_offset(boundary.at);
        let passed_over = resync.passed_over(boundary.at);
        let (bytes, seams) = resync.take(boundary.at);
        let stamp = seams.first()?.1;
        self.put_in_step(from, boundary, offset, &passed_over, stamp);
        Some(Stretch::new(from, bytes, seams, offset))
    }

    /// Puts `from` in step at a boundary in the packet that is being read, with
    /// nothing held.
    fn settle_step(&mut self, from: Side, boundary: Boundary, stamp: Stamp) {
        if let Reading::Searching(resync) = &self.state.readings[from.index()] {
            let offset = resync.stream_offset(boundary.at);
            let passed_over = resync.passed_over(boundary.at);
            self.put_in_step(from, boundary, offset, &passed_over, stamp);
        }
    }

    fn put_in_step(
        &mut self,
        from: Side,
        boundary: Boundary,
        offset: u64,
        passed_over: &PassedOver,
        stamp: Stamp,
    ) {
        let framing = boundary.framing;
        if framing == Framing::Azmp {
            self.state.conversation.heard_azmp();
        }
        self.state.readings[from.index()] =
            Reading::Framing(Framer::new(framing, offset, stamp, &self.shared.budget));
        self.tell_skipped(from, offset, passed_over, stamp);
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

    /// The connection has proved to be BitTorrent; says whether that is new.
    pub fn found_peer_wire(&mut self) -> bool {
        if std::mem::replace(&mut self.state.is_peer_wire, true) {
            return false;
        }
        if self.connection.from_start {
            let acceptor = self.connection.address(Side::Acceptor);
            self.shared
                .audience
                .ends
                .accepted(acceptor, self.connection.last);
        }
        self.tell_opened();
        for (from, gap) in self.state.early_gaps.take() {
            self.tell_gap(from, gap);
        }
        true
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
        } else {
            self.state.early_gaps.add(from, gap);
        }
        self.watch_gap(from, &gap);
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
            let backlog = self.resume_held(from, boundary);
            self.catch_up(backlog);
        }
    }

    /// `from` sends no more.
    pub fn end(&mut self, from: Side) {
        self.http_end(from);
        if matches!(self.state.readings[from.index()], Reading::Probing) {
            self.judge(from, false);
        }
        self.last_chance(from, false);
        let stopped = self.state.finishes[from.index()].is_some();
        if stopped {
            self.tell_rest(from);
        }
        with_framer(
            self.connection,
            self.state,
            self.shared,
            from,
            |framer, listener| framer.end(stopped, listener),
        );
        self.end_search(from);
    }

    /// What is held of a stream out of step will never be decoded.
    pub fn end_search(&mut self, from: Side) {
        let last = self.connection.last;
        let is_peer_wire = self.state.is_peer_wire;
        if let Reading::Searching(resync) = &mut self.state.readings[from.index()]
            && is_peer_wire
        {
            let held = resync.held();
            let (passed_over, offset) = (resync.passed_over(held), resync.stream_offset(held));
            **resync = Resync::new(offset, &self.shared.budget);
            self.tell_skipped(from, offset, &passed_over, last);
        }
    }

    /// The connection is over.
    pub fn close(&mut self, how: Close) {
        self.note_look();
        self.unwatch();
        self.judge_end();
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
            self.shared.audience.observer.ended(&Ended {
                connection: self.connection,
                conversation: &self.state.conversation,
                encryption: self.state.encryption,
                how,
                finishes: self.state.finishes,
                sent: self.state.sent,
            });
        }
        self.tell_end(how);
    }
}
