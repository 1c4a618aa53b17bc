//! The end game: blocks that were requested from slow peers are requested from fast
//! ones too.

use super::downloader::{BlockNumber, Downloader};
use super::peer::Peer;
use super::peer_key::PeerKey;
use super::peers::Peers;
use crate::active::machine::Time;
use crate::torrent::BLOCK;
use crate::wire::peer::Block;

/// A peer whose speed is not known yet gets no more blocks than this that were requested
/// from others.
const MAX_BLOCKS_OF_UNKNOWN_PEER: usize = 16;

impl Downloader {
    /// A block that was requested from another peer, and that this one can bring in
    /// less than half the time. There is one only when all missing blocks have been
    /// requested, or when slow peers hold so many that no piece can be begun.
    pub(super) fn block_of_end_game(
        &mut self,
        key: PeerKey,
        peers: &Peers,
        now: Time,
    ) -> Option<BlockNumber> {
        if self.can_begin_piece() {
            return None;
        }
        let peer = peers.get(key)?;
        let ours = seconds_for_one_more(peer, now);
        let slower = peers.slower_than(key, 2.0 * ours, now).into_iter();
        let block = slower
            .filter_map(|slow| Some((slow, peers.get(slow)?)))
            .find_map(|(key, slow)| self.last_requested(peer, key, slow))?;
        let number = block.begin / BLOCK;
        let partial = self.partials.get_mut(&block.index)?;
        partial
            .request_again(number)
            .then_some((block.index, number))
    }

    /// The block that was requested last from `slow` and that `peer` can bring. The one
    /// that `slow` is sending comes after all others.
    fn last_requested(&self, peer: &Peer, slow_key: PeerKey, slow: &Peer) -> Option<Block> {
        let sending = slow.connection.receiving().map(|(block, _)| block);
        let mut blocks = slow.connection.requests().rev().chain(sending);
        blocks.find(|block| {
            self.partials.get(&block.index).is_some_and(|partial| {
                !partial.is_exclusive && partial.may_request_again(block.begin / BLOCK, slow_key)
            }) && peer.connection.pieces().has(block.index)
                && peer.takes_requests_for(block.index)
                && !peer.is_asked_for(*block)
        })
    }
}

/// Seconds until a peer could have sent one more block.
fn seconds_for_one_more(peer: &Peer, now: Time) -> f64 {
    let outstanding = peer.connection.outstanding();
    if !peer.pace.is_known(now) && outstanding < MAX_BLOCKS_OF_UNKNOWN_PEER {
        return 0.0;
    }
    peer.pace.seconds_for(outstanding + 1, now)
}
