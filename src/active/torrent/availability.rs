//! Who has which piece, and whether we want any of it.

use super::peer::Peer;
use super::{PeerKey, Torrent};
use crate::torrent::PieceSet;

impl Torrent {
    /// Tells a peer what we have, whose handshake came before we knew: by then
    /// it is too late for a bitfield (BEP 3).
    pub(super) fn tell_pieces(&mut self, key: PeerKey) {
        if self.is_leaving() {
            return;
        }
        if let Some(peer) = self.peers.get_mut(&key)
            && wants_to_know(peer)
        {
            for piece in self.have.iter() {
                peer.connection.have(piece);
            }
        }
    }

    /// Tells all peers of the pieces that have been checked since the last time. A
    /// guest does not tell of those that complete it: it leaves in this moment, and
    /// who remembers it as a seed (Transmission 3.00 does, by its host) would serve
    /// nobody there for minutes.
    pub(super) fn announce_pieces(&mut self) {
        let untold = std::mem::take(&mut self.untold);
        if self.is_leaving() || untold.is_empty() {
            return;
        }
        for peer in self.peers.values_mut().filter(|peer| wants_to_know(peer)) {
            for piece in &untold {
                peer.connection.have(*piece);
            }
        }
    }

    /// Whether it is about to end all connections.
    fn is_leaving(&self) -> bool {
        self.options.is_guest && self.have.is_all()
    }

    /// Reads what a peer has said of its pieces, now that their number is known.
    pub(super) fn learn_pieces(&mut self, key: PeerKey) {
        let pieces = self.have.pieces();
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if let Err(close) = peer.connection.learn_pieces(pieces) {
            return self.close(key, close);
        }
        self.has_pieces(key, &PieceSet::none(pieces));
    }

    /// A peer has one more piece.
    pub(super) fn has_piece(&mut self, key: PeerKey, piece: u32) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if peer.counted {
            self.picker.add(piece);
        } else {
            peer.counted = true;
            self.picker.add_all(peer.connection.pieces());
        }
        if !self.have.has(piece) {
            peer.connection.set_interested(true);
            self.hungry.insert(key);
        }
    }

    /// A peer has said anew which pieces it has; these it had before.
    pub(super) fn has_pieces(&mut self, key: PeerKey, before: &PieceSet) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if peer.counted {
            self.picker.remove_all(before);
        }
        let pieces = peer.connection.pieces();
        peer.counted = !pieces.is_all();
        if peer.counted {
            self.picker.add_all(pieces);
        }
        if self.have.lacks_some_of(pieces) {
            peer.connection.set_interested(true);
            self.hungry.insert(key);
        } else {
            self.review_interest(key);
        }
    }

    /// A peer has lost a piece (BEP 54).
    pub(super) fn lost_piece(&mut self, key: PeerKey, piece: u32) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if peer.counted {
            self.picker.remove(piece);
        } else {
            peer.counted = true;
            self.picker.add_all(peer.connection.pieces());
        }
    }

    /// Says whether we still want something of a peer that has nothing to send.
    pub(super) fn review_interest(&mut self, key: PeerKey) {
        if self.is_leaving() {
            return;
        }
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if peer.connection.outstanding() > 0 || peer.connection.handshake().is_none() {
            return;
        }
        let wanted = self.have.lacks_some_of(peer.connection.pieces());
        peer.connection.set_interested(wanted);
    }
}

/// Whether a `have` means anything to a peer: not to one that has everything.
fn wants_to_know(peer: &Peer) -> bool {
    peer.connection.handshake().is_some() && !peer.connection.has_everything()
}
