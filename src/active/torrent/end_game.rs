//! The end of a download: what slow peers were asked for is asked of fast ones
//! too.

use super::peer::Peer;
use super::{MAX_UNCHECKED, PeerKey, Torrent};
use crate::active::machine::Time;
use crate::torrent::BLOCK;
use crate::wire::peer::Block;

/// A peer whose speed is not known yet helps others with so many blocks at most.
const UNKNOWN_HELP: usize = 16;

impl Torrent {
    /// A block that another peer was asked for, where this one brings it in less
    /// than half the time. Every missing block is asked for, so this is the end;
    /// or slow peers keep so much waiting that no piece can be begun.
    pub(super) fn block_of_end_game(&mut self, key: PeerKey, now: Time) -> Option<(u32, u32)> {
        if !self.picker.is_empty() && self.unchecked() < MAX_UNCHECKED {
            return None;
        }
        let peer = self.peers.get(&key)?;
        let ours = time_to_help(peer, now);
        let block = self
            .slower(key, 2.0 * ours, now)
            .into_iter()
            .find_map(|slow| self.last_for(peer, slow))?;
        let number = block.begin / BLOCK;
        let partial = self.partials.get_mut(&block.index)?;
        partial.ask_again(number).then_some((block.index, number))
    }

    /// The peers that need more than so many seconds for what they were asked
    /// for, the slowest first.
    fn slower(&self, key: PeerKey, seconds: f64, now: Time) -> Vec<PeerKey> {
        let others = self.peers.iter().filter(|(other, _)| **other != key);
        let mut slower: Vec<_> = others
            .filter(|(_, peer)| owed(peer) > 0)
            .map(|(other, peer)| (time_left(peer, now), *other))
            .filter(|(left, _)| *left > seconds)
            .collect();
        slower.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        slower.into_iter().map(|(_, other)| other).collect()
    }

    /// The block that `slow` was asked for last, of those that `peer` can bring;
    /// the one that it is sending comes after all others.
    fn last_for(&self, peer: &Peer, key: PeerKey) -> Option<Block> {
        let slow = &self.peers.get(&key)?.connection;
        let sending = slow.receiving().map(|(block, _)| block);
        slow.requests().rev().chain(sending).find(|block| {
            let partial = self.partials.get(&block.index);
            partial.is_some_and(|p| !p.exclusive && p.may_ask_again(block.begin / BLOCK, key))
                && peer.connection.pieces().has(block.index)
                && peer.may_be_asked(block.index)
                && !is_asked(peer, block)
        })
    }
}

/// Whether a peer was asked for a block, or sends it.
fn is_asked(peer: &Peer, block: &Block) -> bool {
    let sending = peer.connection.receiving().map(|(block, _)| block);
    sending.as_ref() == Some(block) || peer.connection.requests().any(|asked| asked == *block)
}

/// Seconds until a peer has sent all that it was asked for.
fn time_left(peer: &Peer, now: Time) -> f64 {
    peer.pace.seconds_for(owed(peer), now)
}

/// Blocks that it was asked for and that are not whole.
fn owed(peer: &Peer) -> usize {
    peer.connection.outstanding() + usize::from(peer.connection.receiving().is_some())
}

/// Seconds until it could have sent one block more.
fn time_to_help(peer: &Peer, now: Time) -> f64 {
    let outstanding = peer.connection.outstanding();
    if !peer.pace.is_known(now) && outstanding < UNKNOWN_HELP {
        return 0.0;
    }
    peer.pace.seconds_for(outstanding + 1, now)
}
