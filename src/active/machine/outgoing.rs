//! What we say.

use std::net::IpAddr;

use super::Time;
use super::connection::Connection;
use super::negotiation::own_extended_handshake;
use crate::torrent::PieceSet;
use crate::wire::extension::{Body, Extended, ExtendedId, MetadataType, UtMetadata};
use crate::wire::peer::{Bitfield, Block, HashRange, Hashes, Message};

impl Connection {
    /// Opens our side after the handshakes: the extended handshake, then which
    /// pieces we have (BEP 6: exactly one message says so).
    pub fn open(&mut self, have: Option<&PieceSet>, metadata_size: Option<u64>, peer: IpAddr) {
        if self.negotiation.has_extension_protocol() {
            let port = self.identity.port;
            let handshake = own_extended_handshake(port, metadata_size, peer);
            self.send_extended(ExtendedId::HANDSHAKE, Body::Handshake(Box::new(handshake)));
        }
        self.announce_pieces(have);
    }

    fn announce_pieces(&mut self, have: Option<&PieceSet>) {
        let is_fast = self.negotiation.is_fast();
        match have {
            Some(have) if have.count() > 0 => {
                if is_fast && have.is_all() {
                    return self.send(&Message::HaveAll);
                }
                let bits = have.to_bitfield();
                self.send(&Message::Bitfield(Bitfield {
                    bits: &bits,
                    pieces: Some(have.pieces()),
                }));
            }
            _ if is_fast => self.send(&Message::HaveNone),
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

    /// Says whether we want pieces of the peer; nothing is sent if it knows.
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

    /// Unchokes the peer, if it is choked.
    pub fn unchoke(&mut self) {
        if self.us.choking {
            self.us.choking = false;
            self.send(&Message::Unchoke);
        }
    }

    /// Chokes the peer: its requests are rejected if both sides speak the Fast extension,
    /// otherwise dropped (BEP 3).
    pub fn choke(&mut self) {
        if self.us.choking {
            return;
        }
        self.us.choking = true;
        self.send(&Message::Choke);
        for block in self.peer_requests.drain() {
            self.reject(block);
        }
    }

    /// Rejects a request, if both sides speak the Fast extension: it may be one that
    /// [`Connection::next_upload`] gave.
    pub fn reject(&mut self, block: Block) {
        if self.negotiation.is_fast() {
            self.send(&Message::RejectRequest(block));
        }
    }

    /// Says that we have `piece`.
    pub fn have(&mut self, piece: u32) {
        self.send(&Message::Have(piece));
    }

    /// Requests a block. The peer must have it, and must not choke us
    /// ([`Connection::may_request`]).
    pub fn request(&mut self, block: Block, now: Time) {
        self.clock.set_now(now);
        self.requests.push(block);
        self.send(&Message::Request(block));
    }

    /// Cancels a request. With the Fast extension it is answered all the same; without
    /// it the request is forgotten at once.
    pub fn cancel(&mut self, block: Block) {
        if self.requests.contains(block) {
            self.send(&Message::Cancel(block));
            if !self.negotiation.is_fast() {
                self.requests.take(block);
            }
        }
    }

    /// Forgets all requests; their answers may still come.
    pub fn forget_requests(&mut self) -> Vec<Block> {
        self.requests.drain()
    }

    /// Forgets the block that is being received; the rest of it is ignored.
    pub fn forget_incoming(&mut self) -> Option<Block> {
        self.requests.abandon_block()
    }

    /// Serves a block.
    pub fn piece(&mut self, block: Block, data: &[u8]) {
        self.send_with_data(&Message::Piece(block), data);
    }

    fn send_metadata(&mut self, message: UtMetadata<'_>) {
        if let Some(id) = self.negotiation.metadata_id() {
            self.send_extended(id, Body::UtMetadata(message));
        }
    }

    /// Requests a piece of the info dictionary (BEP 9).
    pub fn request_metadata(&mut self, piece: u32) {
        self.send_metadata(metadata(MetadataType::REQUEST, piece, None, &[]));
    }

    /// Sends a piece of the info dictionary, which has `total` bytes.
    pub fn metadata_piece(&mut self, piece: u32, total: u64, data: &[u8]) {
        let total = i64::try_from(total).ok();
        self.send_metadata(metadata(MetadataType::DATA, piece, total, data));
    }

    /// Rejects a request for a piece of the info dictionary.
    pub fn reject_metadata(&mut self, piece: u32) {
        self.send_metadata(metadata(MetadataType::REJECT, piece, None, &[]));
    }

    /// Requests hashes (BEP 52).
    pub fn request_hashes(&mut self, range: HashRange) {
        self.send(&Message::HashRequest(range));
    }

    /// Sends hashes.
    pub fn hashes(&mut self, range: HashRange, hashes: &[u8]) {
        self.send(&Message::Hashes(Hashes { range, hashes }));
    }

    /// Rejects a request for hashes.
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
