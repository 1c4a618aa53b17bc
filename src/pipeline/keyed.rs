//! Decides about a connection whose keys are known, and decrypts it.

use std::ops::Range;

use crate::flow::{Chunk, Gap, Side};
use crate::identify::mse::Verdict;
use crate::packet::Stamp;
use crate::session::{Framer, KeyLog, Opened};
use crate::wire::mse::{
    CHOICE, Choice, Flaw, Found, KeyLine, MAX_PAD, Message, Methods, NotFound, Offer, PUBLIC_KEY,
    Rc4, VC, find_choice, find_choice_by, find_offer, find_offer_by,
};
use crate::wire::peer::Framing;

use super::decryption::{Decryption, Passed};
use super::opening::{Opening, Probe};
use super::peering::{Encrypted, Reading};
use super::reading::ConnectionReader;

/// The offer or the choice begins within so many bytes.
const OFFER_WITHIN: usize = PUBLIC_KEY + MAX_PAD + 20;
const CHOICE_WITHIN: usize = PUBLIC_KEY + MAX_PAD + VC.len();

/// The second flight of one side, as a key shows it.
struct Negotiation {
    message: Message,
    /// Where it is in the side's first bytes.
    range: Range<usize>,
    /// Its bytes, decrypted.
    plain: Vec<u8>,
    /// The keystream after it.
    cipher: Rc4,
    /// What is encrypted in any case ends at this stream offset.
    until: u64,
    /// What it offers, or selects.
    methods: Methods,
}

impl From<Found<Offer>> for Negotiation {
    fn from(found: Found<Offer>) -> Self {
        Self {
            message: Message::Offer(found.message),
            range: found.at..found.end(),
            until: found.end() as u64 + u64::from(found.message.initial),
            methods: found.message.provide,
            plain: found.plain,
            cipher: found.cipher,
        }
    }
}

impl From<Found<Choice>> for Negotiation {
    fn from(found: Found<Choice>) -> Self {
        Self {
            message: Message::Choice(found.message),
            range: found.at..found.end(),
            until: found.end() as u64,
            methods: found.message.select,
            plain: found.plain,
            cipher: found.cipher,
        }
    }
}

/// What the openings of a connection show with one key.
struct Fit {
    /// `None` where states of RC4 open the connection.
    key: Option<KeyLine>,
    /// Of the initiator and the acceptor.
    sides: [Result<Negotiation, NotFound>; 2],
}

impl Fit {
    fn new(key: &KeyLine, opening: &Opening) -> Self {
        let offer = find_offer(&opening.probe(Side::Initiator).bytes, key);
        let choice = find_choice(&opening.probe(Side::Acceptor).bytes, key);
        Self {
            key: Some(*key),
            sides: [offer.map(Negotiation::from), choice.map(Negotiation::from)],
        }
    }

    /// The same with what states have opened; `None` if that is neither side.
    fn by_states(keys: &KeyLog, opening: &Opening) -> Option<Self> {
        let [a, b] = Side::BOTH.map(|side| &opening.probe(side).bytes[..]);
        let [to_a, to_b] = [a, b].map(|stream| keys.opens(stream));
        let known = [to_a, to_b].iter().any(|to| matches!(to, Opened::By(_)));
        let offer = by_state(to_a, |cipher| find_offer_by(a, cipher));
        let choice = by_state(to_b, |cipher| find_choice_by(b, cipher));
        // An acceptor that goes on in the clear is read without its state.
        let is_clear =
            choice.is_err() && matches!(opening.judge(true, true), Verdict::Plaintext(_));
        (known && !is_clear).then(|| Self {
            key: None,
            sides: [offer.map(Negotiation::from), choice.map(Negotiation::from)],
        })
    }

    /// Whether the key is that of the connection.
    fn is_certain(&self) -> bool {
        let is_there =
            |side: &Result<Negotiation, NotFound>| matches!(side, Ok(_) | Err(NotFound::Broken(_)));
        self.sides.iter().any(is_there)
    }

    /// What is wrong with the negotiation of a side, whose first bytes are all that it
    /// sent if the connection `is_over`; that of the other side may have proved the key
    /// before.
    fn flaw(&self, side: Side, opening: &Opening, is_over: bool, is_proven: bool) -> Option<Flaw> {
        let is_proven = is_proven || self.sides[side.other().index()].is_ok();
        match &self.sides[side.index()] {
            Ok(_) => return None,
            Err(NotFound::Broken(flaw)) => return Some(*flaw),
            Err(_) if self.key.is_none() || !is_proven => return None,
            Err(_) => {}
        }
        let held = opening.probe(side).bytes.len();
        let second = held - opening.flight(side);
        match side {
            Side::Initiator => (is_over || held >= OFFER_WITHIN).then_some(Flaw::NoOffer),
            Side::Acceptor if held >= CHOICE_WITHIN => Some(Flaw::NoVerification),
            Side::Acceptor => (is_over && second >= CHOICE).then_some(Flaw::NoVerificationYet),
        }
    }

    /// Whether it may still turn out to be.
    fn is_possible(&self) -> bool {
        Side::BOTH.iter().all(|side| self.is_unfinished(*side))
    }

    fn is_unfinished(&self, side: Side) -> bool {
        matches!(self.sides[side.index()], Err(NotFound::Unfinished))
    }

    /// What decides how the streams go on: what the acceptor has selected, or
    /// what the initiator has offered, where that is not known (yet).
    fn methods(&self) -> Option<Methods> {
        let [offer, choice] = &self.sides;
        let negotiation = choice.as_ref().or(offer.as_ref()).ok()?;
        Some(negotiation.methods)
    }
}

/// What one side shows with its state, if there is one.
fn by_state<T>(
    opened: Opened<'_>,
    find: impl FnOnce(&Rc4) -> Result<T, NotFound>,
) -> Result<T, NotFound> {
    match opened {
        Opened::Unknown => Err(NotFound::Unfinished),
        Opened::Not => Err(NotFound::Absent),
        Opened::By(cipher) => find(cipher),
    }
}

/// What is told or decoded of the first bytes, in the order of the packets.
enum Item<'o> {
    PublicKey(Side, Range<usize>),
    Negotiation(Side, &'o Negotiation),
    Data(Side, Chunk<'o>),
}

impl ConnectionReader<'_, '_> {
    /// Judges the first bytes of both directions with the keys that are known.
    /// False if there are none or they do not fit: then they are judged without.
    pub fn judge_keyed(&mut self, from: Side, more: bool) -> bool {
        let Some(fit) = self.fit() else {
            return false;
        };
        let waits = Side::BOTH.map(|side| {
            let may_grow = (more || side != from) && !self.is_full(side);
            may_grow && self.is_probing(side) && fit.is_unfinished(side)
        });
        let is_urgent = !more || self.is_full(from);
        if !is_urgent && waits.contains(&true) {
            return true;
        }
        if !fit.is_certain() && self.state.decryption.is_none() {
            return false;
        }
        self.settle(&fit, waits)
    }

    /// What the key shows that fits, if one may.
    fn fit(&self) -> Option<Fit> {
        let opening = self.state.opening.as_deref()?;
        if let Some(decryption) = &self.state.decryption {
            return match &decryption.key {
                Some(key) => Some(Fit::new(key, opening)),
                None => Fit::by_states(&self.shared.keys, opening),
            };
        }
        if self.shared.keys.is_empty() || !self.connection.from_start {
            return None;
        }
        let [initiator, acceptor] = &opening.probes;
        let keys = self.shared.keys.of_stream(&initiator.bytes);
        if initiator.offset != 0 || acceptor.offset != 0 {
            return None;
        }
        let mut fits: Vec<_> = keys.iter().map(|key| Fit::new(key, opening)).collect();
        let best = fits.iter().position(Fit::is_certain);
        match best.or_else(|| fits.iter().position(Fit::is_possible)) {
            Some(best) => Some(fits.swap_remove(best)),
            None => Fit::by_states(&self.shared.keys, opening),
        }
    }

    fn is_full(&self, side: Side) -> bool {
        let opening = self.state.opening.as_ref();
        opening.is_some_and(|opening| opening.probe(side).is_full)
    }

    fn is_probing(&self, side: Side) -> bool {
        matches!(self.state.readings[side.index()], Reading::Probing)
    }

    /// Goes on with the sides that need not wait. False where no memory may be
    /// used to decrypt.
    fn settle(&mut self, fit: &Fit, waits: [bool; 2]) -> bool {
        if self.state.decryption.is_none() {
            self.state.decryption = Decryption::new(fit.key, &self.shared.budget);
        }
        let Some(decryption) = &mut self.state.decryption else {
            return false;
        };
        if let Some(method) = fit.methods().and_then(Methods::only) {
            decryption.method = Some(method);
        }
        self.state.encryption = decryption.encryption();
        let Some(mut opening) = self.state.opening.take() else {
            return false;
        };
        self.found_peer_wire();
        let ready = |side: &Side| !waits[side.index()] && self.is_probing(*side);
        let ready: Vec<Side> = Side::BOTH.into_iter().filter(ready).collect();
        let is_over = self.state.finishes.iter().any(Option::is_some);
        let mut items = Vec::new();
        for side in &ready {
            if let Ok(negotiation) = &fit.sides[side.index()] {
                self.begin_decryption(&opening, *side, negotiation);
                list(&opening, *side, negotiation, &mut items);
            } else {
                let decryption = self.state.decryption.as_ref();
                let is_proven = decryption.is_some_and(|known| known.covers(side.other()));
                let flaw = fit.flaw(*side, &opening, is_over, is_proven);
                self.leave_encrypted(&opening, *side, flaw);
            }
        }
        // Stable, and the numbers of a side never fall: no side is reordered.
        items.sort_by_key(|(frame, _)| *frame);
        for (_, item) in items {
            self.go_through(&opening, item);
        }
        if waits.contains(&true) {
            for side in ready {
                opening.probes[side.index()] = Probe::default();
            }
            self.state.opening = Some(opening);
        }
        true
    }

    fn begin_decryption(&mut self, opening: &Opening, side: Side, negotiation: &Negotiation) {
        let at = negotiation.range.end;
        let probe = opening.probe(side);
        let stamp = probe.stamp(at).unwrap_or(self.connection.last);
        let budget = &self.shared.budget;
        let framer = Framer::new(Framing::Handshake, at as u64, stamp, budget);
        self.state.readings[side.index()] = Reading::Framing(framer);
        if let Some(decryption) = &mut self.state.decryption {
            decryption.begin(side, negotiation.cipher.clone(), negotiation.until);
        }
    }

    fn go_through(&mut self, opening: &Opening, item: Item<'_>) {
        match item {
            Item::PublicKey(side, range) => {
                self.tell_opening(opening, side, range, Message::public_key);
            }
            Item::Negotiation(side, negotiation) => {
                let range = negotiation.range.clone();
                self.tell_decrypted(
                    opening,
                    side,
                    range,
                    &negotiation.plain,
                    negotiation.message,
                );
            }
            Item::Data(side, chunk) => self.receive(side, chunk),
        }
    }

    /// Bytes of `from` as they are in the capture.
    #[inline]
    pub fn receive(&mut self, from: Side, chunk: Chunk<'_>) {
        match &self.state.decryption {
            Some(decryption) if decryption.covers(from) => self.receive_encrypted(from, chunk),
            _ => self.data(from, chunk),
        }
    }

    /// Bytes of `from`, of which its keystream is known.
    pub fn receive_encrypted(&mut self, from: Side, mut chunk: Chunk<'_>) {
        let mut plain = std::mem::take(&mut self.shared.plain);
        while let Some(decryption) = &mut self.state.decryption
            && !chunk.bytes.is_empty()
        {
            let length = decryption.decrypt(from, chunk, &mut plain);
            if length == 0 {
                self.data(from, chunk);
                break;
            }
            let (offset, stamp) = (chunk.offset, chunk.stamp);
            let bytes = &plain[..];
            self.data(
                from,
                Chunk {
                    bytes,
                    offset,
                    stamp,
                },
            );
            chunk.bytes = &chunk.bytes[length..];
            chunk.offset += length as u64;
        }
        self.shared.plain = plain;
    }

    /// A gap in an encrypted stream. True if nothing after it can be decrypted.
    pub fn pass_keystream(&mut self, from: Side, gap: &Gap) -> bool {
        let Some(decryption) = &mut self.state.decryption else {
            return false;
        };
        decryption.pass(from, gap, &mut self.shared.gap_allowance) == Passed::Astray
    }

    /// From `after` on, bytes of `from` are only counted.
    pub fn go_astray(&mut self, from: Side, after: u64, gap: &Gap) {
        self.end_search(from);
        self.state.readings[from.index()] = Reading::Encrypted(Encrypted {
            offset: after,
            bytes: 0,
            packets: 0,
            first: gap.stamp,
            last: gap.stamp,
            astray: true,
        });
    }
}

/// Lists what there is of one side, each item with the number of the packet with
/// which it was complete: the highest so far.
fn list<'o>(
    opening: &'o Opening,
    side: Side,
    negotiation: &'o Negotiation,
    items: &mut Vec<(u64, Item<'o>)>,
) {
    let probe = opening.probe(side);
    let Range { start, end } = negotiation.range;
    let mut latest = 0;
    let mut complete = |stamp: Option<Stamp>| {
        latest = latest.max(stamp.map_or(0, |stamp| stamp.frame));
        latest
    };
    items.push((
        complete(probe.latest(start)),
        Item::PublicKey(side, 0..start),
    ));
    items.push((
        complete(probe.latest(end)),
        Item::Negotiation(side, negotiation),
    ));
    items.extend(probe.chunks(end).map(|chunk| {
        let frame = complete(Some(chunk.stamp));
        (frame, Item::Data(side, chunk))
    }));
}
