//! What two peers have told each other so far.

use std::sync::Arc;

use super::budget::Budget;
use super::certainty::Certainty;
use super::expectations::Expectations;
use super::ledger::Transition;
use super::notice::Acked;
use super::speaker::Speaker;
use super::torrents::{Torrent, Torrents};
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::wire::extension::{Body, ExtensionMap};
use crate::wire::peer::{Block, Context, Framing, Message, MessageId, PIECE_HEADER};

/// The conversation on one connection.
#[derive(Debug)]
pub struct Conversation {
    /// Initiator and acceptor.
    pub speakers: [Speaker; 2],
    /// The torrent, once its info dictionary is known.
    pub torrent: Option<Arc<Torrent>>,
    /// How sure it is that it is one between peers.
    pub certainty: Certainty,
    /// How messages are framed after the handshakes.
    framing: Framing,
    /// Both handshakes are known, and one of them lacks the Fast extension
    /// (BEP 6): then a choke drops all requests, and no reject tells of each.
    choke_drops: bool,
}

impl Conversation {
    /// Nothing was said yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            speakers: [Speaker::new(budget), Speaker::new(budget)],
            torrent: None,
            certainty: Certainty::Certain,
            framing: Framing::Messages,
            choke_drops: false,
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
            extensions: self.speaker(from.other()).usable_extensions(),
            pieces: self.pieces(),
            before: self.speaker(from).before,
        }
    }

    /// `from` has had so much of the other side's stream (`None` where that is not
    /// known by bytes, as of uTP) when it sends what goes by at `now`: that decides
    /// which ids it may use.
    pub fn has_heard(&mut self, from: Side, acked: Option<Acked>, now: Timestamp) {
        self.speakers[from.other().index()].is_heard(acked, now);
    }

    /// The ids of `from` were those of `before` up to a message that ends at `end`
    /// of its stream.
    pub fn change_ids(&mut self, from: Side, before: ExtensionMap, end: u64) {
        self.speakers[from.index()].change_ids(before, end);
    }

    /// A message was framed as those of AZMP are: that is proof, whatever is there
    /// of the handshakes.
    pub fn heard_azmp(&mut self) {
        self.framing = Framing::Azmp;
    }

    /// How messages are framed after the handshakes.
    pub fn framing(&self) -> Framing {
        self.framing
    }

    /// What the handshakes, both known or one, say of all that follows them.
    fn heed_handshakes(&mut self) {
        let handshakes = self.speakers.each_ref().map(|speaker| speaker.handshake);
        let reserved = handshakes.map(|handshake| Some(handshake?.reserved));
        let [Some(one), Some(other)] = reserved else {
            self.framing = Framing::Messages;
            self.choke_drops = false;
            return;
        };
        self.framing = if one.selects_azmp(other) {
            Framing::Azmp
        } else {
            Framing::Messages
        };
        self.choke_drops = !(one.fast() && other.fast());
    }

    /// Enters a message from `from` in the ledgers; says what that changed. To be
    /// called once a message, before [`Conversation::hear`]. The message ends at `end` of
    /// its sender's stream, which had acknowledged so much of the other's.
    pub fn account(
        &mut self,
        from: Side,
        message: &Message<'_>,
        stamp: Stamp,
        end: u64,
        acked: Acked,
    ) -> Option<Transition> {
        let choke_drops = self.choke_drops;
        let (me, other) = self.both(from);
        match message {
            Message::Request(block) => Some(me.requests.ask(*block, stamp, end)),
            Message::Cancel(block) => Some(me.requests.cancel(*block)),
            Message::Piece(block) => Some(other.requests.answer(*block, true, stamp, acked)),
            Message::RejectRequest(block) => {
                Some(other.requests.answer(*block, false, stamp, acked))
            }
            Message::Choke if choke_drops => Some(other.requests.choke()),
            // What was asked for during a choke was dropped when it came.
            Message::Unchoke
                if choke_drops && me.choking.was_said() && other.requests.open() > 0 =>
            {
                Some(other.requests.choke())
            }
            _ => None,
        }
    }

    /// The sender of a message, and its receiver.
    fn both(&mut self, from: Side) -> (&mut Speaker, &mut Speaker) {
        let [initiator, acceptor] = &mut self.speakers;
        match from {
            Side::Initiator => (initiator, acceptor),
            Side::Acceptor => (acceptor, initiator),
        }
    }

    /// Takes in a message from `from`; says how its next one is framed.
    pub fn hear(
        &mut self,
        from: Side,
        message: &Message<'_>,
        stamp: Stamp,
        torrents: &mut Torrents,
    ) -> Framing {
        let message_type = message.message_type();
        let (me, _) = self.both(from);
        me.counts.add(message_type);
        let milestones = &mut me.milestones;
        milestones.last = Some((message_type.name, stamp));
        match message {
            Message::Choke => {
                me.choking.set(true, stamp);
            }
            Message::Unchoke => {
                milestones.unchoke.get_or_insert(stamp);
                me.choking.set(false, stamp);
            }
            Message::Interested => {
                milestones.interested.get_or_insert(stamp);
                me.interested.set(true, stamp);
            }
            Message::NotInterested => {
                me.interested.set(false, stamp);
            }
            Message::Have(piece) => {
                me.pieces.insert(*piece);
            }
            Message::HaveAll => me.pieces.set_all(true),
            Message::HaveNone => me.pieces.set_all(false),
            Message::Bitfield(bitfield) => {
                me.pieces.set_bitfield(bitfield.bits);
                self.find_torrent(torrents);
            }
            Message::Request(_) => {
                milestones.request.get_or_insert(stamp);
            }
            Message::Piece(block) => {
                milestones.piece.get_or_insert(stamp);
                me.payload_bytes += u64::from(block.length);
            }
            Message::Handshake(handshake) => {
                milestones.handshake.get_or_insert(stamp);
                let is_another = me.shake_hands(*handshake);
                self.heed_handshakes();
                if is_another {
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
            Message::Extended(extended) => self.hear_extended(from, &extended.body, torrents),
            _ => {}
        }
        self.speakers[from.index()].said(message);
        self.framing
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
                self.speakers[from.index()].announce(handshake);
            }
            Body::LtDonthave(donthave) => {
                self.speakers[from.index()].pieces.remove(donthave.piece);
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
        let asker = self.conversation.speaker(self.side.other());
        asker.requests.awaits(block)
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
    use crate::capture::Timestamp;
    use crate::wire::metainfo::Info;
    use crate::wire::peer::{Handshake, Reserved};

    const STAMP: Stamp = Stamp {
        frame: 1,
        time: Timestamp::UNKNOWN,
    };

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
            conversation.hear(from, &handshake(hash), STAMP, &mut torrents);
            conversation.pieces()
        };
        assert_eq!(say(Side::Initiator, known), Some(1));
        assert_eq!(say(Side::Acceptor, known), Some(1));
        assert_eq!(say(Side::Initiator, [9; 20]), None);
        assert_eq!(say(Side::Acceptor, [9; 20]), None);
        assert_eq!(say(Side::Initiator, known), Some(1));
    }

    #[test]
    fn stances_pieces_and_requests_are_known() {
        use crate::wire::peer::Bitfield;
        const BLOCK: Block = Block {
            index: 2,
            begin: 0,
            length: 16384,
        };
        let mut conversation = Conversation::new(&Budget::default());
        let mut torrents = Torrents::default();
        let mut say = |from, message: &Message<'_>| {
            let transition = conversation.account(from, message, STAMP, 0, Acked::NOTHING);
            conversation.hear(from, message, STAMP, &mut torrents);
            (transition, conversation.speaker(from).choking.is_on)
        };
        let (a, b) = (Side::Initiator, Side::Acceptor);
        assert_eq!(say(a, &Message::Unchoke), (None, Some(false)));
        assert_eq!(say(a, &handshake([7; 20])), (None, Some(true)));
        say(b, &handshake([7; 20]));
        let bits = &[0b0100_0000];
        say(b, &Message::Bitfield(Bitfield { bits, pieces: None }));
        say(b, &Message::Have(2));
        say(a, &Message::Interested);
        say(b, &Message::Unchoke);
        let asked = Transition::Asked {
            repeats: None,
            queue: 1,
        };
        assert_eq!(say(a, &Message::Request(BLOCK)).0, Some(asked));
        let dropped = Transition::DroppedAll { requests: 1 };
        assert_eq!(say(b, &Message::Choke), (Some(dropped), Some(true)));
        let [initiator, acceptor] = &conversation.speakers;
        assert_eq!(initiator.interested.is_on, Some(true));
        assert_eq!(acceptor.interested.is_on, Some(false));
        assert_eq!(acceptor.choking.changes, 2);
        assert!(acceptor.pieces.has(1) && acceptor.pieces.has(2) && !acceptor.pieces.has(0));
        assert_eq!(initiator.requests.fates().choked_away, 1);
        assert_eq!(acceptor.milestones.last, Some(("choke", STAMP)));
    }
}
