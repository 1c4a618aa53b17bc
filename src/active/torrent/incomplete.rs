//! The memory that incomplete messages take: one budget for all peers.

use super::peer::Peer;

/// What all peers together may have sent of messages that are not complete, or told us
/// of their pieces before the number of pieces is known, in bytes. 500 honest peers need
/// a few MiB.
const MAX_INCOMPLETE_BYTES: usize = 16 << 20;

/// The bytes of incomplete messages that are held, of all peers together.
#[derive(Debug, Default)]
pub(super) struct IncompleteMessages {
    bytes: usize,
    /// Whether it was reported that a peer was disconnected for them.
    is_reported: bool,
}

impl IncompleteMessages {
    /// Whether `received` bytes of `peer` can be taken in. What it holds doubles at
    /// most, beside what comes.
    pub(super) fn have_room_for(&self, peer: &Peer, received: usize) -> bool {
        self.bytes + peer.charged + 2 * received <= MAX_INCOMPLETE_BYTES
    }

    /// Counts what a peer holds now.
    pub(super) fn charge(&mut self, peer: &mut Peer) {
        let held = peer.connection.held();
        self.bytes += held;
        self.bytes -= std::mem::replace(&mut peer.charged, held);
    }

    /// A peer has disconnected.
    pub(super) fn release(&mut self, peer: &Peer) {
        self.bytes -= peer.charged;
    }

    /// Whether a peer that is disconnected for them is to be reported: the first is.
    pub(super) fn begin_report(&mut self) -> bool {
        !std::mem::replace(&mut self.is_reported, true)
    }

    #[cfg(test)]
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}
