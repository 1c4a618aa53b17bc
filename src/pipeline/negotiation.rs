//! Decides what a connection is, from the first bytes of both directions.

use std::ops::Range;

use crate::flow::Side;
use crate::identify::{self, Start, mse::Verdict};
use crate::session::{Certainty, Encryption, Framer, Standing};
use crate::wire::mse;
use crate::wire::peer::{Framing, HANDSHAKE_LENGTH, NearHandshake};

use super::opening::Opening;
use super::peering::{Encrypted, Reading};
use super::reading::ConnectionReader;

impl ConnectionReader<'_, '_> {
    /// Judges the held first bytes of `from`, `more` saying whether more of them
    /// may come.
    pub fn judge(&mut self, from: Side, more: bool) {
        let Some(opening) = &self.state.opening else {
            return;
        };
        if opening.probe(from).bytes.is_empty() {
            return;
        }
        self.look_ahead(from);
        if self.judge_keyed(from, more) || self.judge_middle(from, more) {
            return;
        }
        let Some(opening) = &self.state.opening else {
            return;
        };
        let probe = opening.probe(from);
        let from_start = self.connection.from_start && probe.offset == 0;
        let start = if more {
            identify::start(&probe.bytes)
        } else {
            identify::start_of_cut(&probe.bytes)
        };
        let other = &opening.probe(from.other()).bytes;
        let is_first = from == Side::Acceptor && other.is_empty();
        let is_foreign = matches!(identify::start(other), Start::Other(_));
        match start {
            Start::Short if more => {}
            Start::Peer => self.found_handshake(from, more),
            // Whatever answers a handshake: how it ends is to be told.
            _ if self.state.is_peer_wire => self.search_probe(from, 0),
            Start::Http => self.found_http(from),
            // A server that greets: what it is asked will tell.
            Start::Other(_) if is_first && more => {}
            Start::Unknown if is_foreign => self.state.readings = [Reading::Off, Reading::Off],
            Start::Other(_) => self.state.readings = [Reading::Off, Reading::Off],
            Start::Unknown | Start::Short if !from_start => self.search_probe(from, 0),
            Start::Unknown | Start::Short => self.judge_mse(more),
        }
    }

    /// A handshake, or what is nearly one: which, its first bytes do not tell alone.
    fn found_handshake(&mut self, from: Side, more: bool) {
        if from == Side::Acceptor {
            // The initiator may have offered MSE.
            self.note_look();
        }
        let is_news = self.found_peer_wire();
        let opening = self.state.opening.as_deref();
        let probe = opening.map(|opening| opening.probe(from));
        let is_begun =
            probe.is_some_and(|probe| probe.bytes.len() < HANDSHAKE_LENGTH && !probe.is_full);
        let waits = is_begun && more;
        if !waits {
            self.replay(from, 0, Framing::Handshake);
        }
        let other = from.other();
        let is_probing = matches!(self.state.readings[other.index()], Reading::Probing);
        if is_probing && (is_news || !waits) {
            self.judge(other, true);
        }
    }

    fn judge_mse(&mut self, more: bool) {
        let Some(opening) = &self.state.opening else {
            return;
        };
        let acceptor = self.connection.address(Side::Acceptor);
        let at_known_end = self.shared.audience.ends.named(acceptor).is_some();
        match opening.judge(at_known_end, more) {
            Verdict::Unsure => {}
            Verdict::No => self.negotiated_nothing(),
            Verdict::Plaintext(at) => self.negotiated_plaintext(at),
            Verdict::Encrypted { is_rc4 } => {
                let sides = opening.probes.each_ref().map(|probe| &probe.bytes[..]);
                let ends = &mut self.shared.audience.ends;
                ends.greeted(acceptor, sides, self.connection.last);
                match ends.standing(acceptor) {
                    Standing::Foreign => self.negotiated_nothing(),
                    Standing::Peer(_) => self.negotiated_encryption(is_rc4, Certainty::Inferred),
                    Standing::Unknown => self.negotiated_encryption(is_rc4, Certainty::Likely),
                }
            }
        }
    }

    /// Not MSE: messages may still be found in it.
    fn negotiated_nothing(&mut self) {
        for side in Side::BOTH {
            if matches!(self.state.readings[side.index()], Reading::Probing) {
                self.search_probe(side, 0);
            }
        }
    }

    /// Decodes the held first bytes of `from` from `at` on.
    fn replay(&mut self, from: Side, at: usize, framing: Framing) {
        let Some(opening) = self.state.opening.as_deref_mut() else {
            return;
        };
        let probe = std::mem::take(&mut opening.probes[from.index()]);
        let Some(stamp) = probe.stamp(at) else {
            return;
        };
        let offset = probe.offset + at as u64;
        let near = NearHandshake::of(&probe.bytes[at..]).filter(|_| framing == Framing::Handshake);
        let framer = Framer::new(framing, offset, stamp, &self.shared.budget)
            .near_handshake(near.map(|near| near.length()));
        self.state.readings[from.index()] = Reading::Framing(framer);
        for chunk in probe.chunks(at) {
            self.data(from, chunk);
        }
    }

    /// Searches the held first bytes of `from` from `at` on.
    fn search_probe(&mut self, from: Side, at: usize) {
        let Some(opening) = &mut self.state.opening else {
            return;
        };
        let probe = std::mem::take(&mut opening.probes[from.index()]);
        self.begin_search(from, probe.offset + at as u64);
        for chunk in probe.chunks(at) {
            self.data(from, chunk);
        }
    }

    /// MSE, and then plaintext: the acceptor's handshake is at `at`. The
    /// initiator's own was in its encrypted initial payload, so its stream is
    /// picked up at the first message after that.
    fn negotiated_plaintext(&mut self, at: usize) {
        self.state.encryption = Encryption::MsePlaintext;
        self.found_peer_wire();
        let Some(opening) = self.state.opening.take() else {
            return;
        };
        self.tell_keys(&opening);
        let first = opening.flight(Side::Initiator);
        let second = opening.flight(Side::Acceptor).min(at);
        let stamp = opening.probe(Side::Initiator).stamp(first);
        self.tell_negotiation(&opening, Side::Acceptor, second..at, None);
        self.state.negotiation_from = stamp.map(|stamp| (first as u64, stamp));
        self.state.opening = Some(opening);
        self.replay(Side::Acceptor, at, Framing::Handshake);
        self.search_probe(Side::Initiator, first);
    }

    /// As sure as that, MSE: then RC4, or a negotiation that broke off.
    fn negotiated_encryption(&mut self, is_rc4: bool, certainty: Certainty) {
        self.state.encryption = if is_rc4 {
            Encryption::MseRc4
        } else {
            Encryption::MseUnknown
        };
        self.state.conversation.certainty = certainty;
        let Some(opening) = self.state.opening.take() else {
            return;
        };
        self.tell_keys(&opening);
        for side in Side::BOTH {
            let first = opening.flight(side);
            self.count_encrypted(&opening, side, first, None);
        }
    }

    /// The connection is over: its acceptor may have been named since it began.
    pub fn judge_end(&mut self) {
        let certainty = &mut self.state.conversation.certainty;
        let acceptor = self.connection.address(Side::Acceptor);
        *certainty = self.shared.audience.ends.raised(*certainty, acceptor);
    }

    /// The keys of a connection are known and do not help with `side`: maybe for what is
    /// wrong with its negotiation.
    pub fn leave_encrypted(&mut self, opening: &Opening, side: Side, flaw: Option<mse::Flaw>) {
        // Where the flights are not told apart, the rest is no padding.
        let first = opening.flight(side).min(mse::PUBLIC_KEY + mse::MAX_PAD);
        self.tell_opening(opening, side, 0..first, mse::Message::public_key);
        self.count_encrypted(opening, side, first, flaw);
    }

    /// Tells of what is held of `side` beyond its first flight as its
    /// negotiation, and counts what follows.
    fn count_encrypted(
        &mut self,
        opening: &Opening,
        side: Side,
        first: usize,
        flaw: Option<mse::Flaw>,
    ) {
        let probe = opening.probe(side);
        let held = probe.bytes.len();
        self.tell_negotiation(opening, side, first..held, flaw);
        let last = probe.stamp(held).unwrap_or(self.connection.first);
        self.state.readings[side.index()] = Reading::Encrypted(Encrypted {
            offset: held as u64,
            bytes: probe.beyond,
            packets: u64::from(probe.beyond > 0),
            first: last,
            last,
            astray: false,
        });
    }

    fn tell_keys(&mut self, opening: &Opening) {
        for side in Side::BOTH {
            let flight = opening.flight(side);
            self.tell_opening(opening, side, 0..flight, mse::Message::public_key);
        }
    }

    fn tell_negotiation(
        &mut self,
        opening: &Opening,
        side: Side,
        range: Range<usize>,
        flaw: Option<mse::Flaw>,
    ) {
        self.tell_opening(opening, side, range, |bytes| mse::Message::Negotiation {
            bytes,
            flaw,
        });
    }
}
