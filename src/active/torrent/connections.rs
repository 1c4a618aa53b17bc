//! Peers connect, are accepted or refused, and disconnect.

use std::net::{IpAddr, SocketAddr};

use super::action::{Action, Report};
use super::coordinator::Torrent;
use super::peer_key::PeerKey;
use super::stage::Stage;
use crate::active::machine::{Close, Connection, Role, Time};

impl Torrent {
    /// A connection has been made, by us or by the peer.
    pub fn connect(&mut self, address: SocketAddr, role: Role, now: Time) -> PeerKey {
        let mut connection = Connection::new(role, self.identity.clone(), now);
        if self.stage.knows_pieces() {
            // Nothing was said yet that could be wrong.
            let _ = connection.learn_pieces(self.pieces.have().pieces());
        }
        self.peers.add(connection, address, now)
    }

    /// Whether this address is banned: it must not be dialled.
    pub fn is_banned(&self, address: &SocketAddr) -> bool {
        self.smart_ban.has_address(address)
    }

    /// Whether connections from this host are refused: too many banned peers have
    /// dialled us from there.
    pub fn is_host_banned(&self, ip: IpAddr) -> bool {
        self.smart_ban.has_host(ip)
    }

    /// A peer's handshake has come: is it accepted?
    pub(super) fn handshake(&mut self, key: PeerKey) -> Result<(), Close> {
        let Some(peer) = self.peers.get(key) else {
            return Ok(());
        };
        let ip = peer.address.ip();
        if self.peers.has_twin(key, peer) {
            return Err(Close::Twice);
        }
        if peer.id().is_some_and(|id| self.smart_ban.has_peer(ip, id)) {
            return Err(Close::Liar);
        }
        let have = self.stage.knows_pieces().then(|| self.pieces.announced());
        let metadata_size = self.pieces.metadata_size();
        if let Some(peer) = self.peers.get_mut(key) {
            peer.connection.open(have.as_ref(), metadata_size, ip);
        }
        self.report_obstacle(key);
        self.request_layers(key);
        Ok(())
    }

    /// Ends a connection on our side.
    pub fn close(&mut self, key: PeerKey, reason: Close) {
        if self.forget(key) {
            self.actions.push_back(Action::Close(key, reason));
        }
    }

    /// The connection has ended.
    pub fn disconnected(&mut self, key: PeerKey) {
        self.forget(key);
    }

    /// Forgets a connection; says whether it was there.
    fn forget(&mut self, key: PeerKey) -> bool {
        let Some(mut peer) = self.peers.remove(key) else {
            return false;
        };
        self.incomplete.release(&peer);
        self.downloader.forget_peer(key, &mut peer);
        self.stage.forget_peer(key);
        self.peers.wake_all();
        true
    }

    /// Makes room before bytes of a peer are taken in: while there is none, the peer
    /// that holds most of incomplete messages is disconnected.
    pub(super) fn make_room(&mut self, key: PeerKey, bytes: usize) {
        while let Some(peer) = self.peers.get(key) {
            if self.incomplete.have_room_for(peer, bytes) {
                return;
            }
            let Some((hoarder, peer)) = self.peers.largest_hoarder() else {
                return;
            };
            let address = peer.address;
            if self.incomplete.begin_report() {
                self.report(Report::Hoarder(address));
            }
            self.close(hoarder, Close::Hoards);
        }
    }

    /// Counts what a peer holds of incomplete messages.
    pub(super) fn charge(&mut self, key: PeerKey) {
        if let Some(peer) = self.peers.get_mut(key) {
            self.incomplete.charge(peer);
        }
    }

    /// Has the driver tell the user.
    pub(super) fn report(&mut self, report: Report) {
        self.actions.push_back(Action::Report(report));
    }

    /// The connections, each with its address.
    pub fn connections(&self) -> impl Iterator<Item = (PeerKey, SocketAddr, &Connection)> {
        let peers = self.peers.iter();
        peers.map(|(key, peer)| (key, peer.address, &peer.connection))
    }

    /// The connection of a peer that has not disconnected.
    pub fn connection(&self, key: PeerKey) -> Option<&Connection> {
        self.peers.get(key).map(|peer| &peer.connection)
    }

    /// When a peer that has not disconnected sent or took a block last; when it
    /// connected, if it never has.
    pub fn useful_at(&self, key: PeerKey) -> Option<Time> {
        Some(self.peers.get(key)?.last_block)
    }

    /// Why a peer sends no data, in words that follow its address.
    pub fn silence(&self, key: PeerKey) -> String {
        let Some(peer) = self.peers.get(key) else {
            return "is gone".to_owned();
        };
        if let Some(reason) = self.metadata_obstacle(key) {
            return format!("cannot give the info dictionary: {reason}");
        }
        let connection = &peer.connection;
        let words = if connection.handshake().is_none() {
            "is connected and says nothing"
        } else if matches!(self.stage, Stage::Metadata(_)) {
            "does not send the info dictionary"
        } else if !self.pieces.have().lacks_some_of(connection.pieces()) {
            "has nothing that is missing here"
        } else if !peer.refusals.is_empty() {
            "refuses to send pieces that it says it has"
        } else if connection.is_choked() {
            "is connected and does not unchoke us"
        } else if connection.outstanding() > 0 {
            "does not answer our requests"
        } else {
            "is connected and sends no data"
        };
        words.to_owned()
    }
}
