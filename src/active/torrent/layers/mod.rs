//! Piece layers (BEP 52): the hashes of a v2 torrent's pieces, which a magnet
//! link does not lead to. They are fetched from peers, and served to them.

mod answer;
mod fetch;

use super::{PeerKey, Stage, Torrent};
use crate::active::machine::{Close, Time};
use crate::torrent::Content;
use crate::wire::metainfo::layer_height;
use crate::wire::peer::HashRange;

pub(super) use answer::Trees;
pub(super) use fetch::LayerFetch;

/// The piece layer of a torrent's files, as hash messages count layers.
fn base_layer(content: &Content) -> u32 {
    layer_height(content.info.piece_length().into())
}

impl Torrent {
    /// Asks a peer for the piece layers that are missing.
    pub(super) fn ask_layers(&mut self, key: PeerKey) {
        let (Stage::Layers(fetch), Some(peer)) = (&mut self.stage, self.peers.get_mut(&key)) else {
            return;
        };
        if peer.connection.handshake().is_none() {
            return;
        }
        for range in fetch.ask(key, peer.connection.now()) {
            peer.connection.request_hashes(range);
        }
    }

    pub(super) fn ask_all_layers(&mut self, now: Time) {
        let keys: Vec<_> = self.peers.keys().copied().collect();
        for key in keys {
            if let Some(peer) = self.peers.get_mut(&key) {
                peer.connection.set_now(now);
            }
            self.ask_layers(key);
        }
    }

    fn layers_progress(&mut self, now: Time) {
        let Stage::Layers(fetch) = &self.stage else {
            return;
        };
        let Some(layers) = fetch.finished() else {
            return self.ask_all_layers(now);
        };
        if let Some(content) = &mut self.content {
            for (root, layer) in layers {
                content.add_layer(root, layer);
            }
        }
        self.stage = Stage::Pieces;
        self.wake_all();
    }

    /// Hashes have come.
    pub(super) fn hashes(
        &mut self,
        key: PeerKey,
        range: HashRange,
        hashes: &[u8],
        now: Time,
    ) -> Result<(), Close> {
        let Stage::Layers(fetch) = &mut self.stage else {
            return Ok(());
        };
        let right = fetch.hashes(key, range, hashes, now);
        self.layers_progress(now);
        if right == Some(false) {
            return Err(Close::Liar);
        }
        Ok(())
    }

    /// A peer does not bring hashes.
    pub(super) fn hashes_refused(&mut self, key: PeerKey, range: &HashRange, now: Time) {
        if let Stage::Layers(fetch) = &mut self.stage {
            fetch.reject(key, range, now);
            self.ask_all_layers(now);
        }
    }

    /// Serves hashes, or refuses to.
    pub(super) fn serve_hashes(&mut self, key: PeerKey, range: HashRange) {
        if self.is_crowded_for(key) {
            return;
        }
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        let content = self.content.as_ref();
        let content = content.filter(|_| !peer.connection.is_backlogged());
        let trees = &mut self.trees;
        let answer = content.and_then(|content| trees.answer(content, &range));
        match answer.filter(|_| !matches!(self.stage, Stage::Layers(_))) {
            Some(hashes) => peer.connection.hashes(range, &hashes),
            None => peer.connection.reject_hashes(range),
        }
    }
}
