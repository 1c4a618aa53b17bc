//! Requests to peers are sent, and taken back.

use super::coordinator::Torrent;
use super::peer_key::PeerKey;
use super::stage::Stage;
use crate::active::machine::Time;
use crate::wire::peer::Block;

/// A request queue is refilled once this part of it is free: requests are sent in
/// batches.
const BATCHES_PER_QUEUE: usize = 4;

impl Torrent {
    /// Refills all request queues that have room.
    pub(super) fn fill_requests(&mut self, now: Time) {
        while let Some(key) = self.peers.next_hungry() {
            self.fill(key, now);
        }
    }

    fn fill(&mut self, key: PeerKey, now: Time) {
        if !matches!(self.stage, Stage::Pieces) {
            return;
        }
        let Some(peer) = self.peers.get(key) else {
            return;
        };
        if peer.snubbed && now < peer.penalty_ends && self.peers.is_served_without(key) {
            return;
        }
        let max_depth = self.options.max_depth.min(self.peers.max_requests());
        let depth = peer.depth(max_depth, now);
        let outstanding = peer.connection.outstanding();
        if outstanding + (depth / BATCHES_PER_QUEUE).max(1) > depth && outstanding > 0 {
            return;
        }
        for _ in outstanding..depth {
            let Some(block) = self.next_block(key, now) else {
                break;
            };
            let Some(peer) = self.peers.get_mut(key) else {
                return;
            };
            peer.request(block, now);
        }
        self.review_interest(key);
    }

    /// The next block to request from a peer, noted as requested.
    fn next_block(&mut self, key: PeerKey, now: Time) -> Option<Block> {
        let content = self.pieces.content()?;
        let peer = self.peers.get_mut(key)?;
        let is_suspect = |piece| self.smart_ban.is_suspect(piece);
        let (piece, number) = self
            .downloader
            .next_block(key, peer, content, is_suspect)
            .or_else(|| self.downloader.block_of_end_game(key, &self.peers, now))?;
        Some(content.block(piece, number))
    }

    /// A peer does not answer these requests: others may get them.
    pub(super) fn release(&mut self, key: PeerKey, blocks: &[Block]) {
        self.downloader.release(key, blocks);
        if !blocks.is_empty() {
            self.peers.wake_all();
        }
    }

    /// Snubs the peers that leave requests unanswered, if others serve us.
    pub(super) fn find_snubs(&mut self, now: Time) {
        let is_end = self.downloader.is_end();
        for key in self.peers.late(now, is_end) {
            if self.peers.is_served_without(key) {
                self.snub(key, now);
            }
        }
    }

    fn snub(&mut self, key: PeerKey, now: Time) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        peer.note_snub(now);
        let (requests, begun) = peer.cancel_all();
        if let Some(block) = begun {
            self.downloader.abandon(key, block);
        }
        self.downloader.release(key, &requests);
        self.peers.wake_all();
    }
}
