//! The memory that incomplete messages take: one budget for all peers.

use super::{Action, PeerKey, Report, Torrent};
use crate::active::machine::Close;

/// What all peers together may have begun to say, or told of their pieces before
/// their number is known, in bytes. 500 honest ones need some MiB.
const MAX_INCOMPLETE: usize = 16 << 20;

impl Torrent {
    /// Sees to it that there is room before bytes of a peer are taken in: while
    /// there is not, whoever holds most is disconnected.
    pub(super) fn make_room(&mut self, key: PeerKey, bytes: usize) {
        loop {
            let Some(peer) = self.peers.get(&key) else {
                return;
            };
            // What it holds at most doubles, beside what comes.
            let growth = peer.charged + 2 * bytes;
            if self.incomplete + growth <= MAX_INCOMPLETE {
                return;
            }
            let peers = self.peers.iter();
            let Some((hoarder, peer)) = peers.max_by_key(|(_, peer)| peer.charged) else {
                return;
            };
            if peer.charged == 0 {
                return;
            }
            let (hoarder, address) = (*hoarder, peer.address);
            if !std::mem::replace(&mut self.has_met_hoarders, true) {
                let report = Report::Hoarder(address);
                self.actions.push_back(Action::Report(report));
            }
            self.close(hoarder, Close::Hoards);
        }
    }

    /// Charges what a peer holds now.
    pub(super) fn charge(&mut self, key: PeerKey) {
        if let Some(peer) = self.peers.get_mut(&key) {
            let held = peer.connection.held();
            self.incomplete += held;
            self.incomplete -= std::mem::replace(&mut peer.charged, held);
        }
    }
}
