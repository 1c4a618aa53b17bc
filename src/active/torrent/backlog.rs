//! What waits to be sent, of all peers together.

use super::peer::Peer;
use super::peers::Peers;
use crate::active::machine::Connection;

/// While more than this waits to be sent to all peers together, peers that leave more
/// than [`SLOW_READER_BYTES`] unread are neither read from nor answered.
const MAX_UNSENT_BYTES: usize = 64 << 20;
const SLOW_READER_BYTES: usize = 64 << 10;

/// The bytes that wait to be sent to all peers together.
#[derive(Debug, Default)]
pub(super) struct Backlog {
    unsent_bytes: usize,
}

impl Backlog {
    /// Counts them anew.
    pub(super) fn count(&mut self, peers: &Peers) {
        let unsent = peers.values().map(|peer| peer.connection.output().len());
        self.unsent_bytes = unsent.sum();
    }

    /// Whether this peer must read what waits for it before it is read from again.
    pub(super) fn blocks(&self, peer: &Peer) -> bool {
        peer.connection.is_backlogged() || self.is_exceeded_by(peer)
    }

    /// Whether this peer is one of the slow readers for which too much memory is taken.
    /// It gets no answers, not even refusals: they would wait too.
    fn is_exceeded_by(&self, peer: &Peer) -> bool {
        self.unsent_bytes > MAX_UNSENT_BYTES && peer.connection.output().len() >= SLOW_READER_BYTES
    }

    /// Lets `reply` answer a peer, unless too much waits for it. The answer is counted
    /// at once.
    pub(super) fn answer(&mut self, peer: &mut Peer, reply: impl FnOnce(&mut Connection)) {
        if self.is_exceeded_by(peer) {
            return;
        }
        let before = peer.connection.output().len();
        reply(&mut peer.connection);
        let after = peer.connection.output().len();
        self.unsent_bytes += after.saturating_sub(before);
    }
}
