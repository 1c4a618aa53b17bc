//! What two peers have told each other so far.

use std::collections::HashSet;
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::budget::{Budget, Charge};
use super::certainty::Certainty;
use super::resync::Expectations;
use super::torrents::{Torrent, Torrents};
use crate::flow::Side;
use crate::wire::extension::{Body, ExtendedHandshake, ExtensionMap};
use crate::wire::peer::{
    Block, Context, Framing, Handshake, HandshakeStart, Message, MessageId, PIECE_HEADER,
};

/// Requests of one side that are remembered; clients queue 2000 at most. Beyond,
/// all are forgotten: they only help to find the step again.
const MAX_OUTSTANDING: usize = 4096;

/// Message counts by name, in order of first appearance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts(Vec<(&'static str, u64)>);

impl Counts {
    /// One more message called `name`.
    pub fn add(&mut self, name: &'static str) {
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => *count += 1,
            None => self.0.push((name, 1)),
        }
    }

    /// Names and counts, sorted by name.
    pub fn sorted(&self) -> Vec<(&'static str, u64)> {
        let mut counts = self.0.clone();
        counts.sort_unstable();
        counts
    }

    /// All messages.
    pub fn total(&self) -> u64 {
        self.0.iter().map(|(_, count)| count).sum()
    }
}

/// One of the two peers, by what it has sent.
#[derive(Debug)]
pub struct Speaker {
    /// Its handshake.
    pub handshake: Option<Handshake>,
    /// What there is of it, where its peer id is not.
    pub handshake_start: Option<HandshakeStart>,
    /// The ids by which it wants to be sent extended messages; `None` until its
    /// extended handshake was seen.
    pub extensions: Option<ExtensionMap>,
    /// Messages that it sent.
    pub counts: Counts,
    /// Data of piece messages that it sent, in bytes: their whole length on the
    /// wire.
    pub payload_bytes: u64,
    /// Bytes of these that the capture does not hold.
    pub payload_missing: u64,
    /// Holes in what the capture has of its stream.
    pub gaps: u64,
    /// Requests that it made and that are not answered.
    outstanding: HashSet<Block, RandomState>,
    /// For the requests and the extension ids.
    charge: Charge,
}

/// What an entry of a hash set costs, its slack included.
const OUTSTANDING_COST: usize = 2 * size_of::<Block>();

/// What an announced extension id costs.
const EXTENSION_COST: usize = 64;

impl Speaker {
    fn new(budget: &Budget) -> Self {
        Self {
            handshake: None,
            handshake_start: None,
            extensions: None,
            counts: Counts::default(),
            payload_bytes: 0,
            payload_missing: 0,
            gaps: 0,
            outstanding: HashSet::default(),
            charge: budget.charge(),
        }
    }

    /// The info-hash of its handshake.
    pub fn info_hash(&self) -> Option<[u8; 20]> {
        let start = self.handshake.map(HandshakeStart::from);
        Some(start.or(self.handshake_start)?.info_hash)
    }

    /// Requests that it made and that are not answered, as far as they are
    /// remembered (4096).
    pub fn outstanding(&self) -> usize {
        self.outstanding.len()
    }

    /// Whether it asked for `block` and has no answer.
    pub fn awaits(&self, block: Block) -> bool {
        self.outstanding.contains(&block)
    }

    fn requested(&mut self, block: Block) {
        if self.outstanding.len() == MAX_OUTSTANDING {
            self.outstanding.clear();
        }
        if self.outstanding.len() == self.outstanding.capacity() && !self.recharge(1) {
            self.outstanding = HashSet::default();
            return;
        }
        self.outstanding.insert(block);
    }

    /// Settles the account for what is held and `more` requests.
    fn recharge(&mut self, more: usize) -> bool {
        let names = self.extensions.as_ref().map_or(0, |map| map.iter().count());
        let requests = (self.outstanding.capacity() + more).next_power_of_two();
        self.charge
            .resize(names * EXTENSION_COST + requests * OUTSTANDING_COST)
    }

    fn announced(&mut self, handshake: &ExtendedHandshake<'_>) {
        self.extensions.get_or_insert_default().update(handshake);
        if !self.recharge(0) {
            self.extensions = None;
        }
    }

    fn answered(&mut self, block: Block) {
        self.outstanding.remove(&block);
    }
}

/// The conversation on one connection.
#[derive(Debug)]
pub struct Conversation {
    /// Initiator and acceptor.
    pub speakers: [Speaker; 2],
    /// The torrent, once its info dictionary is known.
    pub torrent: Option<Arc<Torrent>>,
    /// How sure it is that it is one between peers.
    pub certainty: Certainty,
    /// A message of AZMP was seen.
    is_azmp: bool,
}

impl Conversation {
    /// Nothing was said yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            speakers: [Speaker::new(budget), Speaker::new(budget)],
            torrent: None,
            certainty: Certainty::Certain,
            is_azmp: false,
        }
    }

    /// What `side` has told.
    pub fn speaker(&self, side: Side) -> &Speaker {
        &self.speakers[side.index()]
    }

    /// The info-hash: the initiator's, or the acceptor's where that is all there
    /// is. (The acceptor of a hybrid torrent may answer with the v2 one.)
    pub fn info_hash(&self) -> Option<[u8; 20]> {
        self.speakers.iter().find_map(Speaker::info_hash)
    }

    /// Pieces of the torrent, where known.
    pub fn pieces(&self) -> Option<u32> {
        self.torrent.as_ref().map(|torrent| torrent.pieces())
    }

    /// What is needed to read a message from `from`.
    pub fn context(&self, from: Side, framing: Framing) -> Context<'_> {
        Context {
            framing,
            extensions: self.speaker(from.other()).extensions.as_ref(),
            pieces: self.pieces(),
        }
    }

    /// A message was framed as those of AZMP are: that is proof, whatever is there
    /// of the handshakes.
    pub fn heard_azmp(&mut self) {
        self.is_azmp = true;
    }

    /// How messages are framed after the handshakes.
    pub fn framing(&self) -> Framing {
        if self.is_azmp {
            return Framing::Azmp;
        }
        match self.speakers.each_ref().map(|speaker| speaker.handshake) {
            [Some(one), Some(other)] if one.reserved.selects_azmp(other.reserved) => Framing::Azmp,
            _ => Framing::Messages,
        }
    }

    /// Takes in a message from `from`; says how its next one is framed.
    pub fn hear(&mut self, from: Side, message: &Message<'_>, torrents: &mut Torrents) -> Framing {
        let [initiator, acceptor] = &mut self.speakers;
        let (me, other) = match from {
            Side::Initiator => (initiator, acceptor),
            Side::Acceptor => (acceptor, initiator),
        };
        me.counts.add(message.name());
        match message {
            Message::Request(block) => me.requested(*block),
            Message::Cancel(block) => me.answered(*block),
            Message::Piece(block) => {
                me.payload_bytes += u64::from(block.length);
                other.answered(*block);
            }
            Message::RejectRequest(block) => other.answered(*block),
            Message::Handshake(handshake) => {
                self.is_azmp = false;
                // A second handshake begins a new conversation on the same ports.
                if me.handshake.replace(*handshake).is_some() {
                    me.extensions = None;
                    me.outstanding.clear();
                    // The other's handshake may still be that of the old one.
                    self.torrent = torrents.get(&handshake.info_hash);
                } else {
                    self.find_torrent(torrents);
                }
            }
            Message::HandshakeStart(start) => {
                me.handshake_start = Some(*start);
                self.find_torrent(torrents);
            }
            Message::Bitfield(_) => self.find_torrent(torrents),
            Message::Extended(extended) => self.hear_extended(from, &extended.body, torrents),
            _ => {}
        }
        self.framing()
    }

    /// The capture lacks `missing` bytes of this message from `from`, which is
    /// `length` bytes long.
    pub fn miss(&mut self, from: Side, message: &Message<'_>, length: u64, missing: u64) {
        let speaker = &mut self.speakers[from.index()];
        let data = match message {
            Message::Piece(block) => u64::from(block.length),
            // Cut within its header: none of its data is counted yet.
            Message::Broken(Framing::Messages, Some(MessageId::PIECE)) => {
                let data = length.saturating_sub(PIECE_HEADER as u64);
                speaker.payload_bytes += data;
                data
            }
            _ => return,
        };
        speaker.payload_missing += missing.min(data);
    }

    fn hear_extended(&mut self, from: Side, body: &Body<'_>, torrents: &mut Torrents) {
        match body {
            Body::Handshake(handshake) => {
                self.speakers[from.index()].announced(handshake);
            }
            Body::UtMetadata(metadata) => {
                for hash in self.info_hashes() {
                    torrents.learn(hash, metadata);
                }
                self.find_torrent(torrents);
            }
            _ => {}
        }
    }

    fn info_hashes(&self) -> impl Iterator<Item = [u8; 20]> + use<> {
        let hashes = self.speakers.each_ref().map(Speaker::info_hash);
        let second = hashes[1].filter(|hash| hashes[0] != Some(*hash));
        hashes[0].into_iter().chain(second)
    }

    /// Looks whether the torrent is known by now.
    pub fn find_torrent(&mut self, torrents: &Torrents) {
        if self.torrent.is_none() {
            self.torrent = self.info_hashes().find_map(|hash| torrents.get(&hash));
        }
    }
}

/// What a stream from one side can be expected to hold.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'c> {
    /// The conversation.
    pub conversation: &'c Conversation,
    /// Who sends the stream.
    pub side: Side,
    /// Whether the connection is known to be BitTorrent.
    pub is_peer_wire: bool,
}

impl Expectations for Expected<'_> {
    fn expects(&self, block: Block) -> bool {
        self.conversation.speaker(self.side.other()).awaits(block)
    }

    fn pieces(&self) -> Option<u32> {
        self.conversation.pieces()
    }

    fn is_peer_wire(&self) -> bool {
        self.is_peer_wire
    }

    fn framing(&self) -> Option<Framing> {
        let framing = self.conversation.framing();
        (framing == Framing::Azmp).then_some(framing)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::metainfo::Info;
    use crate::wire::peer::Reserved;

    fn handshake(info_hash: [u8; 20]) -> Message<'static> {
        Message::Handshake(Handshake {
            reserved: Reserved::default(),
            info_hash,
            peer_id: [1; 20],
        })
    }

    #[test]
    fn another_handshake_is_about_another_torrent() {
        let info = [
            b"d6:lengthi9e4:name1:a12:piece lengthi16384e6:pieces20:",
            &[0; 20][..],
            b"e",
        ];
        let info = Info::parse(&info.concat()).unwrap();
        let known = info.info_hashes().next().unwrap();
        let mut torrents = Torrents::default();
        torrents.add(info);

        let mut conversation = Conversation::new(&Budget::default());
        let mut say = |from, hash| {
            conversation.hear(from, &handshake(hash), &mut torrents);
            conversation.pieces()
        };
        assert_eq!(say(Side::Initiator, known), Some(1));
        assert_eq!(say(Side::Acceptor, known), Some(1));
        assert_eq!(say(Side::Initiator, [9; 20]), None);
        assert_eq!(say(Side::Acceptor, [9; 20]), None);
        assert_eq!(say(Side::Initiator, known), Some(1));
    }
}
