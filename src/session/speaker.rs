//! One of the two peers of a conversation, by what it has sent.

use super::announced::Announced;
use super::budget::{Budget, Charge};
use super::crossing::Crossing;
use super::ledger::Ledger;
use super::notice::Acked;
use super::possession::Possession;
use super::stance::Stance;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::wire::MessageType;
use crate::wire::client::Client;
use crate::wire::extension::{ExtendedHandshake, ExtensionMap};
use crate::wire::peer::{Before, Framing, Handshake, HandshakeStart, Message, MessageId};

/// Message counts, in order of first appearance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(Vec<(&'static MessageType, u64)>);

impl Counts {
    /// One more of these messages.
    pub fn add(&mut self, message: &'static MessageType) {
        match self.0.iter_mut().find(|(known, _)| *known == message) {
            Some((_, count)) => *count += 1,
            None => self.0.push((message, 1)),
        }
    }

    /// Names and counts, sorted by name.
    pub fn sorted(&self) -> Vec<(&'static str, u64)> {
        let counts = self.0.iter();
        let mut counts: Vec<_> = counts
            .map(|(message, count)| (message.name, *count))
            .collect();
        counts.sort_unstable();
        counts
    }

    /// How many messages are called `name`.
    pub fn of(&self, name: &str) -> u64 {
        let mut counts = self.0.iter();
        counts
            .find(|(known, _)| known.name == name)
            .map_or(0, |(_, count)| *count)
    }

    /// All messages.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// The first of some messages of a side, and the last of all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Milestones {
    /// Its handshake.
    pub handshake: Option<Stamp>,
    /// Its first `interested`.
    pub interested: Option<Stamp>,
    /// Its first `unchoke`.
    pub unchoke: Option<Stamp>,
    /// Its first request.
    pub request: Option<Stamp>,
    /// Its first piece.
    pub piece: Option<Stamp>,
    /// Its last message: the name, and the packet that completed it.
    pub last: Option<(&'static str, Stamp)>,
}

/// What a peer says of itself in its extended handshakes, the latest value of
/// each.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Requests that it accepts at once (BEP 10).
    pub reqq: Option<i64>,
    /// Length of the info dictionary (BEP 9).
    pub metadata_size: Option<i64>,
    /// It will not download any more (BEP 21).
    pub upload_only: Option<bool>,
    /// The TCP port on which it accepts connections.
    pub p: Option<i64>,
}

/// One of the two peers.
#[derive(Debug)]
pub struct Speaker {
    /// Its handshake.
    pub handshake: Option<Handshake>,
    /// What there is of it, where its peer id is not.
    pub handshake_start: Option<HandshakeStart>,
    /// The ids by which it wants to be sent extended messages; `None` until its
    /// extended handshake was seen.
    pub extensions: Option<ExtensionMap>,
    /// The latest change of them, as long as the other side may not know it.
    pub(super) crossing: Option<Box<Crossing>>,
    /// The entries of its first extended handshake.
    pub announced: Option<Announced>,
    /// What its extended handshakes say of its limits.
    pub limits: Limits,
    /// Whether it chokes the other side.
    pub choking: Stance,
    /// Whether it is interested in what the other side has.
    pub interested: Stance,
    /// The pieces that it says it has.
    pub pieces: Possession,
    /// Its requests.
    pub requests: Ledger,
    /// Messages that it sent.
    pub counts: Counts,
    /// What it has said since its handshake.
    pub before: Before,
    /// When it said what for the first time.
    pub milestones: Milestones,
    /// Data of piece messages that it sent, in bytes: their whole length on the
    /// wire.
    pub payload_bytes: u64,
    /// Bytes of these that the capture does not hold.
    pub payload_missing: u64,
    /// Holes in what the capture has of its stream.
    pub gaps: u64,
    /// Those of them that may hold whole messages.
    pub lost_messages: u64,
    /// Retransmissions of it that brought other bytes than the first copy.
    pub conflicts: u64,
    /// For the extension ids and what was announced.
    charge: Charge,
}

/// What a peer of AZMP says first, as others their extended handshake.
const AZ_HANDSHAKE: &[u8] = b"AZ_HANDSHAKE";

/// What an announced extension id costs.
const EXTENSION_COST_BYTES: usize = 64;

impl Speaker {
    pub(super) fn new(budget: &Budget) -> Self {
        Self {
            handshake: None,
            handshake_start: None,
            extensions: None,
            crossing: None,
            announced: None,
            limits: Limits::default(),
            choking: Stance::default(),
            interested: Stance::default(),
            pieces: Possession::new(budget),
            requests: Ledger::new(budget),
            counts: Counts::default(),
            before: Before::default(),
            milestones: Milestones::default(),
            payload_bytes: 0,
            payload_missing: 0,
            gaps: 0,
            lost_messages: 0,
            conflicts: 0,
            charge: budget.charge(),
        }
    }

    /// Name and version of its client, by the peer id of its handshake; text of the
    /// capture.
    pub fn client(&self) -> Option<String> {
        let client = Client::from_peer_id(&self.handshake?.peer_id)?;
        Some(client.to_string())
    }

    /// The info-hash of its handshake.
    pub fn info_hash(&self) -> Option<[u8; 20]> {
        let start = self.handshake.map(HandshakeStart::from);
        Some(start.or(self.handshake_start)?.info_hash)
    }

    /// A message is among what it has said before the next one.
    pub(super) fn said(&mut self, message: &Message<'_>) {
        let before = &mut self.before;
        match message {
            Message::Handshake(_) => *before = Before::default(),
            // Nor does what is cut within its head, or of the handshake of AZMP.
            Message::Extended(_)
            | Message::KeepAlive
            | Message::HandshakeStart(_)
            | Message::Broken(Framing::Handshake, _)
            | Message::Broken(Framing::Messages, Some(MessageId::EXTENDED) | None) => {}
            Message::Azmp(azmp) if azmp.id == AZ_HANDSHAKE => {}
            Message::Bitfield(_) | Message::HaveAll | Message::HaveNone => {
                before.messages = before.messages.saturating_add(1);
                before.has_stated = true;
            }
            _ => before.messages = before.messages.saturating_add(1),
        }
    }

    /// A handshake: the stances are those with which every connection begins.
    /// A second one begins a new conversation on the same ports; says whether it
    /// is one.
    pub(super) fn shake_hands(&mut self, handshake: Handshake) -> bool {
        let is_another = self.handshake.replace(handshake).is_some();
        if is_another {
            self.extensions = None;
            self.crossing = None;
            self.announced = None;
            self.limits = Limits::default();
            self.requests.clear();
            self.pieces.clear();
        }
        self.choking.begin(true);
        self.interested.begin(false);
        is_another
    }

    /// Whether all that it said from its handshake on is in the capture: what was not
    /// heard was not said.
    pub fn is_whole(&self) -> bool {
        self.handshake.is_some() && self.gaps == 0
    }

    /// The ids by which the other side may send it extended messages now: also
    /// those of before a change that it may not know yet.
    pub fn usable_extensions(&self) -> Option<&ExtensionMap> {
        let crossing = self.crossing.as_ref().map(|crossing| crossing.map());
        crossing.or(self.extensions.as_ref())
    }

    /// An extended handshake that ends at `end` of the stream has changed the ids
    /// from those of `before`.
    pub(super) fn change_ids(&mut self, before: ExtensionMap, end: u64) {
        let Some(now) = self.extensions.as_ref().filter(|now| **now != before) else {
            return;
        };
        let before = self.crossing.take().map_or(before, |old| old.before());
        let charge = self.charge.budget().charge();
        self.crossing = Crossing::new(&before, now, end, charge).map(Box::new);
    }

    /// The other side had had so many bytes of this one, if that is known, when it
    /// sent something that went by at `now`.
    pub(super) fn is_heard(&mut self, acked: Option<Acked>, now: Timestamp) {
        if let Some(crossing) = &mut self.crossing
            && crossing.is_over(acked, now)
        {
            self.crossing = None;
        }
    }

    /// An extended handshake; later ones add to earlier ones (BEP 10).
    pub(super) fn announce(&mut self, handshake: &ExtendedHandshake<'_>) {
        self.extensions.get_or_insert_default().update(handshake);
        let first = self.announced.is_none();
        if first {
            self.announced = Some(Announced::new(handshake));
        }
        let names = self.extensions.as_ref().map_or(0, |map| map.iter().count());
        let entries = self.announced.as_ref().map_or(0, Announced::cost);
        let cost = names * EXTENSION_COST_BYTES + entries;
        if !self.charge.resize(cost) {
            self.announced = None;
            if !self.charge.resize(names * EXTENSION_COST_BYTES) {
                self.extensions = None;
                self.charge.release();
            }
        }
        let limits = &mut self.limits;
        limits.reqq = handshake.reqq.or(limits.reqq);
        limits.metadata_size = handshake.metadata_size.or(limits.metadata_size);
        limits.p = handshake.p.or(limits.p);
        let upload_only = handshake.upload_only.map(|value| value != 0);
        limits.upload_only = upload_only.or(limits.upload_only);
    }
}
