//! What connections between peers say: who has what, who sent whom how much, who was told
//! of whom.

use std::net::SocketAddr;

use super::counted::{Census, MAX_ATTEMPTS, MAX_ENTRIES, canonical, learned};
use crate::flow::{Close, Side};
use crate::session::{Certainty, ConnectionEvent, Conversation, Ended, Heard};
use crate::swarm::mark::Source;
use crate::swarm::peer::{Dialled, How, Outcome};
use crate::wire::extension::{Body, UtPex};
use crate::wire::peer::Message;

impl Census {
    /// A message between peers.
    pub(super) fn hear_peer(
        &mut self,
        heard: &Heard<'_>,
        message: &Message<'_>,
        conversation: &Conversation,
    ) {
        match message {
            Message::Piece(block) => self.pass(heard, block.length, conversation),
            Message::Extended(extended) => {
                if let Body::UtPex(pex) = &extended.body {
                    self.hear_pex(heard, pex, conversation);
                }
            }
            Message::Have(piece) => {
                let pieces = &conversation.speaker(heard.from).pieces;
                let count = pieces.count(conversation.pieces());
                let more = u32::from(!pieces.has(*piece));
                self.grow(heard, count.map(|count| count.saturating_add(more)));
            }
            Message::Bitfield(bitfield) => {
                let ones = bitfield.bits.iter().map(|byte| byte.count_ones());
                self.grow(heard, Some(ones.sum()));
            }
            Message::HaveAll => self.grow(heard, conversation.pieces()),
            Message::HaveNone => self.grow(heard, Some(0)),
            _ => {}
        }
    }

    fn hear_pex(&mut self, heard: &Heard<'_>, pex: &UtPex<'_>, conversation: &Conversation) {
        let Some(hash) = conversation.info_hash() else {
            return;
        };
        let by = self.taking(hash, conversation, heard.dst, heard.from.other());
        let from = self.taking(hash, conversation, heard.src, heard.from);
        let frame = heard.last.frame;
        for (address, _) in pex.added() {
            self.learn(hash, address, learned(Some(by), How::Pex, from, frame));
        }
        if let Some(swarm) = self.swarm(hash) {
            swarm.stray(How::Pex, frame);
        }
    }

    /// A side of a connection says that it has so many pieces.
    fn grow(&mut self, heard: &Heard<'_>, pieces: Option<u32>) {
        let Some(pieces) = pieces else {
            return;
        };
        let growths = self.open.entry(heard.stream).or_default();
        let growth = &mut growths[heard.from.index()];
        if !growth.note(heard.last, pieces, &mut self.points) {
            self.left_out.points += 1;
        }
    }

    /// Data of a piece passed: counted for those who told trackers how much they move.
    fn pass(&mut self, heard: &Heard<'_>, bytes: u32, conversation: &Conversation) {
        let Some(hash) = conversation.info_hash() else {
            return;
        };
        let to = heard.from.other();
        let ends = [(heard.src, heard.from), (heard.dst, to)]
            .map(|(address, side)| self.taking(hash, conversation, address, side));
        let Some(swarm) = self.swarms.get_mut(&hash) else {
            return;
        };
        for (way, end) in ends.into_iter().enumerate() {
            if let Some(peer) = swarm.peers.get_mut(&canonical(end)) {
                peer.passed[way] += u64::from(bytes);
            }
        }
    }

    /// A connection between peers is over.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        let (connection, conversation) = (ended.connection, ended.conversation);
        let known = conversation.info_hash();
        let Some(hash) = known.filter(|_| conversation.certainty > Certainty::Likely) else {
            for growth in self.open.remove(&connection.stream).iter().flatten() {
                self.points += growth.points().len();
            }
            return;
        };
        self.mark(hash, Source::Handshake, connection.first);
        self.mark(hash, Source::Handshake, connection.last);
        let ends =
            Side::BOTH.map(|side| self.taking(hash, conversation, connection.address(side), side));
        let [initiator, acceptor] = self.open.remove(&connection.stream).unwrap_or_default();
        let mut growths = [Some(initiator), Some(acceptor)];
        let pieces = conversation.pieces();
        for side in Side::BOTH {
            let (own, other) = (
                conversation.speaker(side),
                conversation.speaker(side.other()),
            );
            let mut growth = growths[side.index()].take().unwrap_or_default();
            let mut room = self.points;
            let Some(peer) = self.peer(hash, ends[side.index()]) else {
                self.points += growth.points().len();
                continue;
            };
            peer.has_claimed |= own.info_hash().is_some();
            peer.sessions += 1;
            peer.served += own.payload_bytes - own.payload_missing;
            peer.received += other.payload_bytes - other.payload_missing;
            peer.client = peer.client.take().or_else(|| own.client());
            if let Some(count) = own.pieces.count(pieces).filter(|_| own.pieces.is_stated()) {
                let first = peer.pieces.map_or(count, |[first, _]| first);
                peer.pieces = Some([first, count]);
                growth.end(connection.last, count, &mut room);
            }
            peer.growth.join(growth, &mut room);
            peer.is_seed |=
                own.pieces.said_all() || pieces.is_some_and(|all| own.pieces.is_all(all));
            self.points = room;
        }
        self.note_meeting(hash, ended, ends);
        for side in Side::BOTH {
            let own = conversation.speaker(side);
            let bytes = own.payload_bytes - own.payload_missing;
            self.flow(hash, ends[side.index()], ends[1 - side.index()], bytes);
        }
    }

    /// The acceptor was dialled, and learned of the initiator.
    fn note_meeting(&mut self, hash: [u8; 20], ended: &Ended<'_>, ends: [SocketAddr; 2]) {
        let first = ended.connection.first;
        if !ended.connection.from_start {
            return;
        }
        let dialled = Dialled {
            by: ends[0],
            time: first.time,
            frame: first.frame,
            outcome: Outcome::Connected(match ended.how {
                Close::Fin => "closed",
                Close::Reset => "reset",
                Close::Replaced => "replaced",
                Close::Evicted | Close::Open => "open",
            }),
        };
        let have_room = self.entries < MAX_ENTRIES;
        if let Some(peer) = self.peer(hash, ends[1]) {
            let is_kept = peer.dial(dialled, have_room);
            self.entries += usize::from(is_kept);
        }
        let from = ended.connection.address(Side::Initiator);
        self.learn(
            hash,
            ends[0],
            learned(Some(ends[1]), How::Incoming, from, first.frame),
        );
    }

    /// An attempt at a connection failed.
    pub fn connection(&mut self, event: &ConnectionEvent) {
        if !event.change.is_failure() || event.named.is_none() {
            return;
        }
        if self.attempts.len() < MAX_ATTEMPTS {
            self.attempts.push(event.clone());
        } else {
            self.left_out.others += 1;
        }
    }

    /// The address at which a peer takes connections: where it was dialled, else with the
    /// port of its extended handshake, where it names one, or at which it told a tracker
    /// that it does.
    fn taking(
        &self,
        hash: [u8; 20],
        conversation: &Conversation,
        address: SocketAddr,
        side: Side,
    ) -> SocketAddr {
        if side == Side::Acceptor {
            return address;
        }
        let speaker = conversation.speaker(side);
        let port = speaker.limits.p.and_then(|port| u16::try_from(port).ok());
        if let Some(port) = port.filter(|port| *port != 0) {
            return SocketAddr::new(address.ip(), port);
        }
        let told = speaker.handshake.and_then(|handshake| {
            let told = self.by_peer_id.get(&(hash, handshake.peer_id))?;
            (canonical(*told).ip() == canonical(address).ip()).then_some(*told)
        });
        told.unwrap_or(address)
    }
}
