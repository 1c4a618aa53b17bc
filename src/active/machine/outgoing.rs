//! What we say.

use std::net::IpAddr;

use crate::torrent::PieceSet;
use crate::wire::extension::{
    Body, Extended, ExtendedId, Extension, ExtensionName, MetadataType, UtMetadata,
};
use crate::wire::peer::{Bitfield, Block, HashRange, Hashes, Message, encode};

use super::{Connection, Time};

/// Requests that we take from a peer at once.
pub const LOCAL_REQQ: usize = 2000;

/// Blocks are added to what waits to be sent while it is less than this, in
/// bytes.
const UPLOAD_WATERMARK: usize = 512 << 10;

/// Beyond this the peer must read first, in bytes.
const MAX_BACKLOG: usize = 8 * UPLOAD_WATERMARK;

impl Connection {
    /// What waits to be sent.
    pub fn output(&self) -> &[u8] {
        &self.out[self.sent..]
    }

    /// Counts bytes of [`Connection::output`] as sent.
    pub fn advance_output(&mut self, bytes: usize) {
        self.sent += bytes;
        if self.sent < self.out.len() && self.sent <= UPLOAD_WATERMARK {
            return;
        }
        self.out.drain(..self.sent.min(self.out.len()));
        self.sent = 0;
        // Blocks never make it so long; a burst of something else did.
        if self.out.len() < self.out.capacity() / 4 {
            self.out.shrink_to(2 * UPLOAD_WATERMARK);
        }
    }

    fn send(&mut self, message: &Message<'_>) {
        self.send_with(message, &[]);
    }

    fn send_with(&mut self, message: &Message<'_>, data: &[u8]) {
        self.last_sent = self.now;
        encode(message, data, &mut self.out);
    }

    pub(super) fn send_handshake(&mut self, info_hash: [u8; 20]) {
        self.sent_handshake = true;
        self.send(&Message::Handshake(self.identity.handshake(info_hash)));
    }

    pub(super) fn send_keep_alive(&mut self) {
        self.send(&Message::KeepAlive);
    }

    /// Opens our side after the handshakes: the extended handshake, then which
    /// pieces we have (BEP 6: exactly one message says so).
    pub fn open(&mut self, have: Option<&PieceSet>, metadata_size: Option<u64>, peer: IpAddr) {
        let theirs = self.theirs.as_ref();
        if theirs.is_some_and(|handshake| handshake.reserved.extension()) {
            let version = concat!("peerscope ", env!("CARGO_PKG_VERSION"));
            let handshake = self.own_extended(version, metadata_size, Some(peer));
            self.send_extended(ExtendedId::HANDSHAKE, Body::Handshake(Box::new(handshake)));
        }
        self.announce_pieces(have);
    }

    fn announce_pieces(&mut self, have: Option<&PieceSet>) {
        match have {
            Some(have) if have.count() > 0 => {
                if self.fast && have.is_all() {
                    return self.send(&Message::HaveAll);
                }
                let bits = have.to_bitfield();
                self.send(&Message::Bitfield(Bitfield {
                    bits: &bits,
                    pieces: Some(have.pieces()),
                }));
            }
            _ if self.fast => self.send(&Message::HaveNone),
            _ => {}
        }
    }

    fn send_extended(&mut self, id: ExtendedId, body: Body<'_>) {
        self.send(&Message::Extended(Box::new(Extended {
            id,
            name: None,
            inferred: false,
            body,
            malformed: None,
        })));
    }

    /// Says whether we want pieces of the peer; nothing is sent if that is no
    /// news.
    pub fn set_interested(&mut self, interested: bool) {
        if self.us.interested != interested {
            self.us.interested = interested;
            self.send(&if interested {
                Message::Interested
            } else {
                Message::NotInterested
            });
        }
    }

    /// Begins to serve the peer.
    pub fn unchoke(&mut self) {
        if self.us.choking {
            self.us.choking = false;
            self.send(&Message::Unchoke);
        }
    }

    /// Ceases to serve the peer: what it has asked for is rejected where the
    /// Fast extension is on, else dropped, as BEP 3 has it.
    pub fn choke(&mut self) {
        if self.us.choking {
            return;
        }
        self.us.choking = true;
        self.send(&Message::Choke);
        for block in std::mem::take(&mut self.asked) {
            self.reject(block);
        }
    }

    pub(super) fn reject(&mut self, block: Block) {
        if self.fast {
            self.send(&Message::RejectRequest(block));
        }
    }

    /// Says that we have `piece`.
    pub fn have(&mut self, piece: u32) {
        self.send(&Message::Have(piece));
    }

    /// Asks for a block. The peer must have it, and must not choke us
    /// ([`Connection::may_request`]).
    pub fn request(&mut self, block: Block, now: Time) {
        self.now = now;
        self.outstanding.push(block);
        self.send(&Message::Request(block));
    }

    /// Takes a request back. With the Fast extension an answer comes all the
    /// same; without it the request is forgotten here and now.
    pub fn cancel(&mut self, block: Block) {
        if self.outstanding.contains(block) {
            self.send(&Message::Cancel(block));
            if !self.fast {
                self.outstanding.take(block);
            }
        }
    }

    /// Forgets all requests, whose answers may still come.
    pub fn forget_requests(&mut self) -> Vec<Block> {
        self.outstanding.drain()
    }

    /// Lets the block that is coming go by: nobody waits for the rest of it.
    pub fn forget_incoming(&mut self) -> Option<Block> {
        Some(self.incoming.take()?.0)
    }

    /// The next block to serve, while not too much waits to be sent.
    pub fn next_upload(&mut self) -> Option<Block> {
        if self.out.len() - self.sent >= UPLOAD_WATERMARK {
            return None;
        }
        self.asked.pop_front()
    }

    /// Whether blocks wait to be served.
    pub fn wants_upload(&self) -> bool {
        !self.asked.is_empty() && self.out.len() - self.sent < UPLOAD_WATERMARK
    }

    /// Whether so much waits to be sent that the peer does not seem to read: it
    /// should not be read from, nor be answered at length.
    pub fn is_backlogged(&self) -> bool {
        self.out.len() - self.sent > MAX_BACKLOG
    }

    /// Serves a block.
    pub fn piece(&mut self, block: Block, data: &[u8]) {
        self.send_with(&Message::Piece(block), data);
    }

    /// Refuses a block that [`Connection::next_upload`] gave.
    pub fn refuse(&mut self, block: Block) {
        self.reject(block);
    }

    /// The id under which the peer wants ut_metadata messages.
    fn metadata_id(&self) -> Option<ExtendedId> {
        let name = ExtensionName::from(Extension::UtMetadata);
        self.extensions.id(&name)
    }

    fn send_metadata(&mut self, message: UtMetadata<'_>) {
        if let Some(id) = self.metadata_id() {
            self.send_extended(id, Body::UtMetadata(message));
        }
    }

    /// Asks for a piece of the info dictionary (BEP 9).
    pub fn request_metadata(&mut self, piece: u32) {
        self.send_metadata(metadata(MetadataType::REQUEST, piece, None, &[]));
    }

    /// Brings a piece of the info dictionary, which has `total` bytes.
    pub fn metadata_piece(&mut self, piece: u32, total: u64, data: &[u8]) {
        let total = i64::try_from(total).ok();
        self.send_metadata(metadata(MetadataType::DATA, piece, total, data));
    }

    /// Refuses a piece of the info dictionary.
    pub fn reject_metadata(&mut self, piece: u32) {
        self.send_metadata(metadata(MetadataType::REJECT, piece, None, &[]));
    }

    /// Asks for hashes (BEP 52).
    pub fn request_hashes(&mut self, range: HashRange) {
        self.send(&Message::HashRequest(range));
    }

    /// Brings hashes.
    pub fn hashes(&mut self, range: HashRange, hashes: &[u8]) {
        self.send(&Message::Hashes(Hashes { range, hashes }));
    }

    /// Refuses to bring hashes.
    pub fn reject_hashes(&mut self, range: HashRange) {
        self.send(&Message::HashReject(range));
    }
}

fn metadata(kind: MetadataType, piece: u32, total: Option<i64>, data: &[u8]) -> UtMetadata<'_> {
    UtMetadata {
        msg_type: Some(kind),
        piece: Some(i64::from(piece)),
        total_size: total,
        data,
        data_length: data.len(),
    }
}
