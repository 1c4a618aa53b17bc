//! The info dictionary: fetched from peers (BEP 9), and served to them.

mod fetch;

use super::peer::Peer;
use super::{Action, PeerKey, Report, Stage, Torrent};
use crate::active::machine::{Close, Time};
use crate::torrent::Content;
use crate::wire::metainfo::Info;

use fetch::{PIECE, Step};

pub(super) use fetch::Fetch;

impl Torrent {
    /// An extended handshake has come: it may offer the dictionary.
    pub(super) fn extended(&mut self, key: PeerKey, now: Time) {
        self.note_obstacle(key);
        let size = self
            .peers
            .get(&key)
            .and_then(|p| p.connection.metadata_size());
        if let (Stage::Metadata(fetch), Some(size)) = (&mut self.stage, size) {
            let step = fetch.offer(key, size, now);
            self.metadata_step(step, now);
        }
    }

    /// Tells, once, that a peer cannot give the dictionary.
    pub(super) fn note_obstacle(&mut self, key: PeerKey) {
        let Some(reason) = self.metadata_obstacle(key) else {
            return;
        };
        if let Some(peer) = self.peers.get_mut(&key)
            && !std::mem::replace(&mut peer.has_obstacle, true)
        {
            let report = Report::NoMetadata(peer.address, reason);
            self.actions.push_back(Action::Report(report));
        }
    }

    /// Why this peer is of no use while the dictionary is wanted.
    pub fn metadata_obstacle(&self, key: PeerKey) -> Option<&'static str> {
        let peer = self.peers.get(&key)?;
        let obstacle = peer.connection.metadata_obstacle();
        obstacle.filter(|_| matches!(self.stage, Stage::Metadata(_)))
    }

    /// A piece of the dictionary has come.
    pub(super) fn metadata(&mut self, key: PeerKey, piece: u32, bytes: Vec<u8>, now: Time) {
        if let Stage::Metadata(fetch) = &mut self.stage {
            let Some(step) = fetch.data(key, piece, bytes, now) else {
                return;
            };
            if let Some(peer) = self.peers.get_mut(&key) {
                peer.last_block = now;
            }
            self.metadata_step(step, now);
        }
    }

    /// A peer does not bring a piece of it.
    pub(super) fn metadata_refused(&mut self, key: PeerKey, now: Time) {
        if let Stage::Metadata(fetch) = &mut self.stage {
            fetch.give_up(key);
            self.ask_metadata(now);
        }
    }

    fn metadata_step(&mut self, step: Step, now: Time) {
        match step {
            Step::Nothing => {}
            Step::Ask(key, pieces) => {
                if let Some(peer) = self.peers.get_mut(&key) {
                    for piece in pieces {
                        peer.connection.request_metadata(piece);
                    }
                }
            }
            Step::Whole(info) => {
                self.identity_of(&info);
                self.content = Some(Content::from_info(*info));
                self.stage = Stage::Resume;
                self.actions.push_back(Action::Metadata);
            }
            Step::Unusable(error) => self.actions.push_back(Action::Unusable(error)),
            Step::Wrong(key) => {
                if let Some(liar) = self.peers.get(&key).map(Peer::source) {
                    self.shut_out(&liar, Report::BadMetadata(liar.address));
                }
                self.close(key, Close::Liar);
                self.ask_metadata(now);
            }
        }
    }

    /// Both hashes of a hybrid torrent are known once its dictionary is.
    fn identity_of(&mut self, info: &Info) {
        let first = self.identity.info_hashes[0];
        let others = info.info_hashes().filter(|hash| *hash != first);
        self.identity.info_hashes = std::iter::once(first).chain(others).collect();
        // A dialler that offers the upgrade must have sent the v1 hash (BEP 52).
        self.identity.hybrid = self.identity.info_hashes.len() > 1 && info.v1_hash() == Some(first);
    }

    /// Asks another peer for the info dictionary, if it is time for that.
    pub(super) fn ask_metadata(&mut self, now: Time) {
        let Stage::Metadata(fetch) = &mut self.stage else {
            return;
        };
        if !fetch.wants_source(now) {
            return;
        }
        let offers = self.peers.iter();
        let offers = offers.filter_map(|(key, p)| Some((*key, p.connection.metadata_size()?)));
        for (key, size) in offers {
            match fetch.offer(key, size, now) {
                Step::Nothing => {}
                step => return self.metadata_step(step, now),
            }
        }
        fetch.nobody_else(now);
    }

    /// Serves a piece of it.
    pub(super) fn serve_metadata(&mut self, key: PeerKey, piece: u32) {
        if self.is_crowded_for(key) {
            return;
        }
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        let bytes = self.content.as_ref().map_or(&[][..], |c| c.info.bytes());
        let start = u64::from(piece) * PIECE;
        // Whoever asks for more without reading what came is refused (BEP 9).
        let bytes = if peer.connection.is_backlogged() {
            &[]
        } else {
            bytes
        };
        match bytes.get(usize::try_from(start).unwrap_or(usize::MAX)..) {
            Some(rest) if !rest.is_empty() => {
                let end = rest.len().min(PIECE as usize);
                let total = bytes.len() as u64;
                peer.connection.metadata_piece(piece, total, &rest[..end]);
            }
            _ => peer.connection.reject_metadata(piece),
        }
    }
}
