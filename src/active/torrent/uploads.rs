//! Peers are served.

use super::coordinator::Torrent;
use super::peer_key::PeerKey;
use crate::active::machine::{Close, Time};
use crate::wire::peer::Block;

impl Torrent {
    pub(super) fn not_interested(&mut self, key: PeerKey, now: Time) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.choke();
        }
        self.choker.fill_slots(&mut self.peers, now);
    }

    /// A peer requests a block.
    pub(super) fn requested(&mut self, key: PeerKey, block: Block) -> Result<(), Close> {
        if self.pieces.can_serve(block) {
            return Ok(());
        }
        let Some(peer) = self.peers.get_mut(key) else {
            return Ok(());
        };
        peer.connection.reject_last(block)
    }

    /// Bytes for the peer; none if it has disconnected.
    pub fn output(&self, key: PeerKey) -> &[u8] {
        let peer = self.peers.get(key);
        peer.map_or(&[], |peer| peer.connection.output())
    }

    /// Counts bytes of [`Torrent::output`] as sent.
    pub fn advance_output(&mut self, key: PeerKey, bytes: usize) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.connection.advance_output(bytes);
        }
    }

    /// Whether this peer must read what waits for it before it is read from again.
    pub fn must_read(&self, key: PeerKey) -> bool {
        let peer = self.peers.get(key);
        peer.is_some_and(|peer| self.backlog.blocks(peer))
    }

    /// The next block that this peer waits for, unless much waits to be sent to it
    /// already.
    pub fn next_upload(&mut self, key: PeerKey) -> Option<Block> {
        self.peers.get_mut(key)?.connection.next_upload()
    }

    /// Whether [`Torrent::next_upload`] would give a block.
    pub fn wants_upload(&self, key: PeerKey) -> bool {
        let peer = self.peers.get(key);
        peer.is_some_and(|peer| peer.connection.wants_upload())
    }

    /// Serves a block; `None` for data that cannot be read.
    pub fn upload(&mut self, key: PeerKey, block: Block, data: Option<&[u8]>) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        match data {
            Some(data) => {
                self.totals.uploaded += data.len() as u64;
                peer.last_block = peer.connection.now();
                peer.connection.piece(block, data);
            }
            None => peer.connection.reject(block),
        }
    }
}
