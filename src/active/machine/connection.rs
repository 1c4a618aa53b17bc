//! A connection: what is known of the peer, and its timeouts.

use super::clock::Clock;
use super::identity::Identity;
use super::inbox::Inbox;
use super::misbehaviour::Misbehaviour;
use super::negotiation::Negotiation;
use super::outbox::Outbox;
use super::peer_pieces::PeerPieces;
use super::requests::{OwnRequests, PeerRequests};
use super::role::Role;
use super::stance::Stance;
use super::{Close, Time};
use crate::torrent::PieceSet;
use crate::wire::peer::{Block, Handshake, Message};

/// One connection to a peer.
#[derive(Debug)]
pub struct Connection {
    pub(super) role: Role,
    pub(super) identity: Identity,
    pub(super) inbox: Inbox,
    outbox: Outbox,
    pub(super) negotiation: Negotiation,
    pub(super) us: Stance,
    pub(super) them: Stance,
    pub(super) peer_pieces: PeerPieces,
    pub(super) requests: OwnRequests,
    pub(super) peer_requests: PeerRequests,
    pub(super) misbehaviour: Misbehaviour,
    pub(super) clock: Clock,
}

impl Connection {
    /// A connection that has just been made.
    pub fn new(role: Role, identity: Identity, now: Time) -> Self {
        let mut connection = Self {
            role,
            identity,
            inbox: Inbox::new(),
            outbox: Outbox::default(),
            negotiation: Negotiation::new(),
            us: Stance::INITIAL,
            them: Stance::INITIAL,
            peer_pieces: PeerPieces::default(),
            requests: OwnRequests::default(),
            peer_requests: PeerRequests::default(),
            misbehaviour: Misbehaviour::new(now),
            clock: Clock::new(now),
        };
        if role == Role::Initiator {
            connection.send_handshake(connection.identity.info_hashes[0]);
        }
        connection
    }

    pub(super) fn send_handshake(&mut self, info_hash: [u8; 20]) {
        let handshake = self.identity.handshake(info_hash);
        self.send(&Message::Handshake(handshake));
    }

    pub(super) fn send(&mut self, message: &Message<'_>) {
        self.send_with_data(message, &[]);
    }

    /// Sends a message; `data` is that of a piece message.
    pub(super) fn send_with_data(&mut self, message: &Message<'_>, data: &[u8]) {
        self.clock.note_sent();
        self.outbox.push(message, data);
    }

    /// The bytes that wait to be sent.
    pub fn output(&self) -> &[u8] {
        self.outbox.unsent()
    }

    /// Counts bytes of [`Connection::output`] as sent.
    pub fn advance_output(&mut self, bytes: usize) {
        self.outbox.advance(bytes);
    }

    /// Whether so much waits to be sent that the peer does not seem to read: it should
    /// neither be read from nor be answered at length.
    pub fn is_backlogged(&self) -> bool {
        self.outbox.is_backlogged()
    }

    /// The next block to serve, unless much waits to be sent already.
    pub fn next_upload(&mut self) -> Option<Block> {
        if !self.outbox.has_room_for_blocks() {
            return None;
        }
        self.peer_requests.pop()
    }

    /// Whether [`Connection::next_upload`] would give a block.
    pub fn wants_upload(&self) -> bool {
        !self.peer_requests.is_empty() && self.outbox.has_room_for_blocks()
    }

    /// Who dialled.
    pub fn role(&self) -> Role {
        self.role
    }

    /// The peer's handshake, once it has come.
    pub fn handshake(&self) -> Option<&Handshake> {
        self.negotiation.handshake()
    }

    /// The name of the peer's client, by its extended handshake.
    pub fn client(&self) -> Option<&str> {
        self.negotiation.client()
    }

    /// Bytes of the info dictionary that it offers (BEP 9).
    pub fn metadata_size(&self) -> Option<u64> {
        self.negotiation.metadata_size()
    }

    /// Why it cannot send the info dictionary, as far as it has said.
    pub fn metadata_obstacle(&self) -> Option<&'static str> {
        self.negotiation.metadata_obstacle()
    }

    /// The most outstanding requests that it accepts.
    pub fn reqq(&self) -> usize {
        self.negotiation.reqq()
    }

    /// Bytes that are held of incomplete messages, and of what the peer has said before
    /// the number of pieces was known.
    pub fn held(&self) -> usize {
        self.inbox.held() + self.peer_pieces.held()
    }

    /// The pieces that it has. None before their number is known.
    pub fn pieces(&self) -> &PieceSet {
        self.peer_pieces.set()
    }

    /// Whether it has all pieces.
    pub fn has_everything(&self) -> bool {
        self.pieces().pieces() > 0 && self.pieces().is_all()
    }

    /// The number of pieces is known. What the peer said of its pieces before is read
    /// now.
    pub fn learn_pieces(&mut self, piece_count: u32) -> Result<(), Close> {
        self.peer_pieces.learn_count(piece_count)
    }

    /// Whether it has what we lack.
    pub fn is_interested(&self) -> bool {
        self.us.interested
    }

    /// Whether it chokes us.
    pub fn is_choked(&self) -> bool {
        self.them.choking
    }

    /// Whether we choke it.
    pub fn is_choking(&self) -> bool {
        self.us.choking
    }

    /// Whether it wants pieces of ours.
    pub fn peer_is_interested(&self) -> bool {
        self.them.interested
    }

    /// Whether a request for `piece` may be sent now.
    pub fn may_request(&self, piece: u32) -> bool {
        !self.them.choking || self.allowed_fast().contains(&piece)
    }

    /// The pieces that may be requested while it chokes us (BEP 6).
    pub fn allowed_fast(&self) -> &[u32] {
        self.peer_pieces.allowed_fast()
    }

    /// How many requests of ours are outstanding.
    pub fn outstanding(&self) -> usize {
        self.requests.len()
    }

    /// Those requests, in the order in which they were sent.
    pub fn requests(&self) -> impl DoubleEndedIterator<Item = Block> + '_ {
        self.requests.iter()
    }

    /// The time of the last bytes or tick.
    pub fn now(&self) -> Time {
        self.clock.now()
    }

    /// Lets the clock go on.
    pub fn set_now(&mut self, now: Time) {
        self.clock.set_now(now);
    }

    /// When [`Connection::tick`] has something to do.
    pub fn deadline(&self) -> Time {
        self.clock.deadline(self.handshake().is_some())
    }

    /// Lets time pass: sends a keep-alive when one is due. An error ends the connection.
    pub fn tick(&mut self, now: Time) -> Result<(), Close> {
        let has_handshake = self.handshake().is_some();
        if self.clock.tick(now, has_handshake)? {
            self.send(&Message::KeepAlive);
        }
        Ok(())
    }
}
