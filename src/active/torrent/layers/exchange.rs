//! Requests for piece layers, and what their answers lead to.

use crate::active::machine::{Close, Time};
use crate::active::torrent::coordinator::Torrent;
use crate::active::torrent::peer_key::PeerKey;
use crate::active::torrent::stage::Stage;
use crate::wire::peer::HashRange;

impl Torrent {
    /// Requests missing piece layers from a peer.
    pub(in crate::active::torrent) fn request_layers(&mut self, key: PeerKey) {
        if let Stage::Layers(fetch) = &mut self.stage
            && let Some(peer) = self.peers.get_mut(key)
        {
            fetch.request_from(key, peer);
        }
    }

    /// Hashes have come.
    pub(in crate::active::torrent) fn hashes(
        &mut self,
        key: PeerKey,
        range: HashRange,
        hashes: &[u8],
        now: Time,
    ) -> Result<(), Close> {
        let Stage::Layers(fetch) = &mut self.stage else {
            return Ok(());
        };
        let is_right = fetch.take(key, range, hashes, now);
        if let Some(layers) = fetch.finished() {
            self.pieces.add_layers(layers);
            self.stage = Stage::Pieces;
            self.peers.wake_all();
        } else {
            fetch.request_from_all(&mut self.peers, now);
        }
        if is_right == Some(false) {
            return Err(Close::Liar);
        }
        Ok(())
    }

    /// A peer rejects a request for hashes.
    pub(in crate::active::torrent) fn hashes_rejected(
        &mut self,
        key: PeerKey,
        range: &HashRange,
        now: Time,
    ) {
        if let Stage::Layers(fetch) = &mut self.stage {
            fetch.reject(key, range, now);
            fetch.request_from_all(&mut self.peers, now);
        }
    }
}
