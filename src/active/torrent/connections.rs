//! The connections of a torrent: they come, they are welcome or not, they go.

use std::net::{IpAddr, SocketAddr};

use super::peer::Peer;
use super::{Action, PeerKey, Stage, Torrent};
use crate::active::machine::{Close, Connection, Role, Time};
use crate::torrent::{BLOCK, PieceSet};

impl Torrent {
    /// A connection has been made, by us or by the peer.
    pub fn connect(&mut self, address: SocketAddr, role: Role, now: Time) -> PeerKey {
        let key = PeerKey(self.next_key);
        self.next_key += 1;
        let mut connection = Connection::new(role, self.identity.clone(), now);
        if matches!(self.stage, Stage::Layers(_) | Stage::Pieces) {
            // Nothing was said yet that could be wrong.
            let _ = connection.learn_pieces(self.have.pieces());
        }
        self.peers.insert(key, Peer::new(connection, address, now));
        key
    }

    /// Whether this address is not to be dialled: that peer has lied.
    pub fn is_banned(&self, address: &SocketAddr) -> bool {
        self.bans.has_address(address)
    }

    /// Whether whoever dials us from there is not to be let in: too many that
    /// did have lied.
    pub fn is_host_banned(&self, ip: IpAddr) -> bool {
        self.bans.has_host(ip)
    }

    /// A peer's handshake has come: is it welcome?
    pub(super) fn handshake(&mut self, key: PeerKey) -> Result<(), Close> {
        let metadata_size = self.content.as_ref().map(|c| c.info.bytes().len() as u64);
        let have = matches!(self.stage, Stage::Layers(_) | Stage::Pieces).then(|| self.told());
        let Some(peer) = self.peers.get(&key) else {
            return Ok(());
        };
        let (ip, id) = (peer.address.ip(), peer.id());
        let mut others = self.peers.iter().filter(|(other, _)| **other != key);
        // Anybody can take the id of an honest peer: only at one host it says who
        // somebody is.
        let is_same = |other: &Peer| other.id() == id && other.address.ip() == ip;
        if others.any(|(_, other)| is_same(other)) {
            return Err(Close::Twice);
        }
        if id.is_some_and(|id| self.bans.has_peer(ip, id)) {
            return Err(Close::Liar);
        }
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.connection.open(have.as_ref(), metadata_size, ip);
        }
        self.note_obstacle(key);
        self.ask_layers(key);
        Ok(())
    }

    /// The pieces that all peers have been told of.
    fn told(&self) -> PieceSet {
        let mut told = self.have.clone();
        for piece in &self.untold {
            told.remove(*piece);
        }
        told
    }

    /// Ends a connection on our side.
    pub fn close(&mut self, key: PeerKey, reason: Close) {
        if self.forget(key) {
            self.actions.push_back(Action::Close(key, reason));
        }
    }

    /// The connection is gone.
    pub fn disconnected(&mut self, key: PeerKey) {
        self.forget(key);
    }

    /// Forgets a connection; says whether it was there.
    fn forget(&mut self, key: PeerKey) -> bool {
        let Some(mut peer) = self.peers.remove(&key) else {
            return false;
        };
        self.incomplete -= peer.charged;
        if peer.counted {
            self.picker.remove_all(peer.connection.pieces());
        }
        if let Some((block, _)) = peer.connection.receiving()
            && let Some(partial) = self.partials.get_mut(&block.index)
        {
            partial.abandon(block.begin / BLOCK, key);
        }
        let requests = peer.connection.forget_requests();
        self.release(key, &requests);
        for partial in self.partials.values_mut() {
            if partial.owner == Some(key) {
                partial.owner = None;
            }
        }
        match &mut self.stage {
            Stage::Metadata(fetch) => fetch.gone(key),
            Stage::Layers(fetch) => fetch.gone(key),
            Stage::Resume | Stage::Pieces => {}
        }
        self.hungry.remove(&key);
        self.wake_all();
        true
    }

    /// The connections, each with its address.
    pub fn connections(&self) -> impl Iterator<Item = (PeerKey, SocketAddr, &Connection)> {
        self.peers
            .iter()
            .map(|(key, peer)| (*key, peer.address, &peer.connection))
    }

    /// When a peer that is still there brought or took a block last; when it came,
    /// if it has not.
    pub fn useful_at(&self, key: PeerKey) -> Option<Time> {
        Some(self.peers.get(&key)?.last_block)
    }

    /// Why nothing comes from a peer, in words that follow its address.
    pub fn silence(&self, key: PeerKey) -> String {
        let Some(peer) = self.peers.get(&key) else {
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
        } else if !self.have.lacks_some_of(connection.pieces()) {
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

    /// The connection of a peer that is still there.
    pub fn connection(&self, key: PeerKey) -> Option<&Connection> {
        self.peers.get(&key).map(|peer| &peer.connection)
    }
}
