//! Who has which piece, and whether we are interested.

use super::coordinator::Torrent;
use super::peer_key::PeerKey;
use crate::torrent::PieceSet;

impl Torrent {
    /// Tells a peer of our pieces whose handshake came before we knew them: it is too
    /// late for a bitfield then (BEP 3).
    pub(super) fn tell_pieces(&mut self, key: PeerKey) {
        if self.is_leaving() {
            return;
        }
        if let Some(peer) = self.peers.get_mut(key).filter(|peer| peer.wants_haves()) {
            for piece in self.pieces.have().iter() {
                peer.connection.have(piece);
            }
        }
    }

    /// Tells all peers of the pieces that have been checked since the last time. A guest
    /// does not announce those that complete it: it disconnects at this moment, and a
    /// client that remembers it as a seed (Transmission 3.00 does, by its host) would not
    /// unchoke anybody there for minutes.
    pub(super) fn announce_pieces(&mut self) {
        let pieces = self.pieces.announce();
        if !pieces.is_empty() && !self.is_leaving() {
            self.peers.announce(&pieces);
        }
    }

    /// Whether it is about to end all connections.
    fn is_leaving(&self) -> bool {
        self.options.is_guest && self.pieces.have().is_all()
    }

    /// Reads what a peer has said of its pieces, now that their number is known.
    pub(super) fn learn_pieces(&mut self, key: PeerKey) {
        let pieces = self.pieces.have().pieces();
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        if let Err(close) = peer.connection.learn_pieces(pieces) {
            return self.close(key, close);
        }
        self.has_pieces(key, &PieceSet::none(pieces));
    }

    /// A peer has one more piece.
    pub(super) fn has_piece(&mut self, key: PeerKey, piece: u32) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        self.downloader.note_have(peer, piece);
        if !self.pieces.have().has(piece) {
            peer.connection.set_interested(true);
            self.peers.wake(key);
        }
    }

    /// A peer has said anew which pieces it has, `before` until now.
    pub(super) fn has_pieces(&mut self, key: PeerKey, before: &PieceSet) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        self.downloader.note_pieces(peer, before);
        let have = self.pieces.have();
        if have.lacks_some_of(peer.connection.pieces()) {
            peer.connection.set_interested(true);
            self.peers.wake(key);
        } else {
            self.review_interest(key);
        }
    }

    /// A peer does not have a piece any more (BEP 54).
    pub(super) fn lost_piece(&mut self, key: PeerKey, piece: u32) {
        if let Some(peer) = self.peers.get_mut(key) {
            self.downloader.note_lost(peer, piece);
        }
    }

    /// Says whether we still want something of a peer, if nothing is requested from it.
    pub(super) fn review_interest(&mut self, key: PeerKey) {
        if self.is_leaving() {
            return;
        }
        if let Some(peer) = self.peers.get_mut(key) {
            peer.review_interest(self.pieces.have());
        }
    }
}
