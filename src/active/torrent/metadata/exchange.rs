//! Requests for the info dictionary, and what their answers lead to.

use super::fetch::Step;
use crate::active::machine::{Close, Time};
use crate::active::torrent::action::{Action, Report};
use crate::active::torrent::coordinator::Torrent;
use crate::active::torrent::peer::Peer;
use crate::active::torrent::peer_key::PeerKey;
use crate::active::torrent::stage::Stage;
use crate::torrent::Content;
use crate::wire::metainfo::Info;

impl Torrent {
    /// An extended handshake has come: the peer may offer the dictionary.
    pub(in crate::active::torrent) fn extended_handshake(&mut self, key: PeerKey, now: Time) {
        self.report_obstacle(key);
        let peer = self.peers.get(key);
        let size = peer.and_then(|peer| peer.connection.metadata_size());
        if let (Stage::Metadata(fetch), Some(size)) = (&mut self.stage, size) {
            let step = fetch.offer(key, size, now);
            self.take_metadata_step(step, now);
        }
    }

    /// Reports, once, that a peer cannot send the dictionary.
    pub(in crate::active::torrent) fn report_obstacle(&mut self, key: PeerKey) {
        let Some(reason) = self.metadata_obstacle(key) else {
            return;
        };
        if let Some(peer) = self.peers.get_mut(key)
            && !std::mem::replace(&mut peer.has_obstacle, true)
        {
            let address = peer.address;
            self.report(Report::NoMetadata(address, reason));
        }
    }

    /// Why this peer is of no use while the dictionary is wanted.
    pub fn metadata_obstacle(&self, key: PeerKey) -> Option<&'static str> {
        let peer = self.peers.get(key)?;
        let obstacle = peer.connection.metadata_obstacle();
        obstacle.filter(|_| matches!(self.stage, Stage::Metadata(_)))
    }

    /// A piece of the dictionary has come.
    pub(in crate::active::torrent) fn metadata(
        &mut self,
        key: PeerKey,
        piece: u32,
        bytes: Vec<u8>,
        now: Time,
    ) {
        if let Stage::Metadata(fetch) = &mut self.stage {
            let Some(step) = fetch.take(key, piece, bytes, now) else {
                return;
            };
            if let Some(peer) = self.peers.get_mut(key) {
                peer.last_block = now;
            }
            self.take_metadata_step(step, now);
        }
    }

    /// A peer rejects a request for a piece of it.
    pub(in crate::active::torrent) fn metadata_rejected(&mut self, key: PeerKey, now: Time) {
        if let Stage::Metadata(fetch) = &mut self.stage {
            fetch.give_up(key);
            self.request_metadata(now);
        }
    }

    fn take_metadata_step(&mut self, step: Step, now: Time) {
        match step {
            Step::Nothing => {}
            Step::Request(key, pieces) => {
                if let Some(peer) = self.peers.get_mut(key) {
                    for piece in pieces {
                        peer.connection.request_metadata(piece);
                    }
                }
            }
            Step::Complete(info) => {
                self.learn_hashes(&info);
                self.pieces.learn_content(Content::from_info(*info));
                self.stage = Stage::Resume;
                self.actions.push_back(Action::Metadata);
            }
            Step::Unusable(error) => self.actions.push_back(Action::Unusable(error)),
            Step::Wrong(key) => {
                if let Some(liar) = self.peers.get(key).map(Peer::source) {
                    self.ban_for(&liar, Report::BadMetadata(liar.address));
                }
                self.close(key, Close::Liar);
                self.request_metadata(now);
            }
        }
    }

    /// Both hashes of a hybrid torrent are known once its dictionary is.
    fn learn_hashes(&mut self, info: &Info) {
        let first = self.identity.info_hashes[0];
        let others = info.info_hashes().filter(|hash| *hash != first);
        self.identity.info_hashes = std::iter::once(first).chain(others).collect();
        // A dialler that offers the upgrade must have sent the v1 hash (BEP 52).
        self.identity.hybrid = self.identity.info_hashes.len() > 1 && info.v1_hash() == Some(first);
    }

    /// Requests the dictionary from another peer, if it is time for that.
    pub(in crate::active::torrent) fn request_metadata(&mut self, now: Time) {
        let Stage::Metadata(fetch) = &mut self.stage else {
            return;
        };
        let offers = self.peers.iter();
        let offers = offers.filter_map(|(key, p)| Some((key, p.connection.metadata_size()?)));
        let step = fetch.offer_all(offers, now);
        self.take_metadata_step(step, now);
    }
}
