//! The connected peers of a torrent.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::pace::MIN_DEPTH;
use super::peer::Peer;
use super::peer_key::PeerKey;
use crate::active::machine::{Close, Connection, Time};
use crate::torrent::BLOCK;
use crate::wire::peer::Block;

/// The connected peers, and whose request queues are to be refilled.
#[derive(Debug)]
pub(super) struct Peers {
    by_key: BTreeMap<PeerKey, Peer>,
    next_key: u64,
    /// Peers whose request queue may have room.
    hungry: BTreeSet<PeerKey>,
    /// The most outstanding requests to one peer, so that none takes the memory that the
    /// others need.
    max_requests: usize,
}

impl Peers {
    /// Nobody yet; no peer gets more than `max_requests` requests at a time.
    pub(super) fn new(max_requests: usize) -> Self {
        Self {
            by_key: BTreeMap::new(),
            next_key: 0,
            hungry: BTreeSet::new(),
            max_requests,
        }
    }

    pub(super) fn add(
        &mut self,
        connection: Connection,
        address: SocketAddr,
        now: Time,
    ) -> PeerKey {
        let key = PeerKey(self.next_key);
        self.next_key += 1;
        self.by_key.insert(key, Peer::new(connection, address, now));
        key
    }

    pub(super) fn remove(&mut self, key: PeerKey) -> Option<Peer> {
        self.hungry.remove(&key);
        self.by_key.remove(&key)
    }

    pub(super) fn get(&self, key: PeerKey) -> Option<&Peer> {
        self.by_key.get(&key)
    }

    pub(super) fn get_mut(&mut self, key: PeerKey) -> Option<&mut Peer> {
        self.by_key.get_mut(&key)
    }

    pub(super) fn contains(&self, key: PeerKey) -> bool {
        self.by_key.contains_key(&key)
    }

    pub(super) fn len(&self) -> usize {
        self.by_key.len()
    }

    /// All of them, in the order in which they connected.
    pub(super) fn iter(&self) -> impl Iterator<Item = (PeerKey, &Peer)> {
        self.by_key.iter().map(|(key, peer)| (*key, peer))
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = (PeerKey, &mut Peer)> {
        self.by_key.iter_mut().map(|(key, peer)| (*key, peer))
    }

    pub(super) fn keys(&self) -> Vec<PeerKey> {
        self.by_key.keys().copied().collect()
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Peer> {
        self.by_key.values()
    }

    pub(super) fn values_mut(&mut self) -> impl Iterator<Item = &mut Peer> {
        self.by_key.values_mut()
    }

    /// All but one.
    fn others(&self, key: PeerKey) -> impl Iterator<Item = (PeerKey, &Peer)> {
        self.iter().filter(move |(other, _)| *other != key)
    }

    /// The peers at an address.
    pub(super) fn at(&self, address: SocketAddr) -> Vec<PeerKey> {
        let same = self.iter().filter(|(_, peer)| peer.address == address);
        same.map(|(key, _)| key).collect()
    }

    /// Whether another connection is to the same peer. Anybody can take the id of an
    /// honest peer: only at the same host it says who a peer is.
    pub(super) fn has_twin(&self, key: PeerKey, peer: &Peer) -> bool {
        let (ip, id) = (peer.address.ip(), peer.id());
        let mut others = self.others(key);
        others.any(|(_, other)| other.id() == id && other.address.ip() == ip)
    }

    /// The peer that holds most of incomplete messages.
    pub(super) fn largest_hoarder(&self) -> Option<(PeerKey, &Peer)> {
        let largest = self.iter().max_by_key(|(_, peer)| peer.charged);
        largest.filter(|(_, peer)| peer.charged > 0)
    }

    /// When one of them times out, or wants a keep-alive.
    pub(super) fn deadline(&self) -> Option<Time> {
        self.values().map(|peer| peer.connection.deadline()).min()
    }

    /// Lets time pass; gives the peers that have timed out.
    pub(super) fn tick(&mut self, now: Time) -> Vec<(PeerKey, Close)> {
        let ticked = self.iter_mut();
        let ticked = ticked.map(|(key, peer)| (key, peer.connection.tick(now)));
        ticked
            .filter_map(|(key, result)| Some((key, result.err()?)))
            .collect()
    }

    /// Called once a second: measures how fast they send.
    pub(super) fn measure(&mut self, now: Time) {
        for peer in self.values_mut() {
            peer.pace.measure(peer.connection.outstanding() > 0);
            peer.refusals.tick(now);
        }
    }

    /// Tells those that can use them of pieces that we have.
    pub(super) fn announce(&mut self, pieces: &[u32]) {
        for peer in self.values_mut().filter(|peer| peer.wants_haves()) {
            for piece in pieces {
                peer.connection.have(*piece);
            }
        }
    }

    /// The request queue of this peer may have room.
    pub(super) fn wake(&mut self, key: PeerKey) {
        self.hungry.insert(key);
    }

    /// The request queue of any peer that serves us may have room.
    pub(super) fn wake_all(&mut self) {
        let serving = self.by_key.iter().filter(|(_, peer)| {
            !peer.connection.is_choked() || !peer.connection.allowed_fast().is_empty()
        });
        self.hungry.extend(serving.map(|(key, _)| *key));
    }

    /// The next peer whose request queue may have room.
    pub(super) fn next_hungry(&mut self) -> Option<PeerKey> {
        self.hungry.pop_first()
    }

    /// The most outstanding requests to one peer.
    pub(super) fn max_requests(&self) -> usize {
        self.max_requests
    }

    /// Divides `memory` bytes that may be requested among the peers that serve us.
    pub(super) fn share(&mut self, memory: u64) {
        let serving = self.values().filter(|peer| !peer.connection.is_choked());
        let blocks = (memory / u64::from(BLOCK)) as usize;
        self.max_requests = (blocks / serving.count().max(1)).max(MIN_DEPTH);
    }

    /// Takes requests for a block back that has come from `sender`.
    pub(super) fn cancel_elsewhere(&mut self, sender: PeerKey, block: Block) {
        for (key, peer) in &mut self.by_key {
            if *key != sender {
                peer.connection.cancel(block);
            }
        }
    }

    /// The peers that leave requests unanswered for too long.
    pub(super) fn late(&self, now: Time, is_end: bool) -> Vec<PeerKey> {
        let late = self.iter().filter(|(_, peer)| peer.is_late(now, is_end));
        late.map(|(key, _)| key).collect()
    }

    /// Whether a peer other than this one serves us, and has something to serve.
    pub(super) fn is_served_without(&self, key: PeerKey) -> bool {
        self.others(key).any(|(_, peer)| {
            let connection = &peer.connection;
            connection.is_interested() && !connection.is_choked() && !peer.snubbed
        })
    }

    /// The peers that need more than `seconds` for their outstanding requests, the
    /// slowest first.
    pub(super) fn slower_than(&self, key: PeerKey, seconds: f64, now: Time) -> Vec<PeerKey> {
        let owing = self.others(key).filter(|(_, peer)| peer.owed_blocks() > 0);
        let mut slower: Vec<_> = owing
            .map(|(other, peer)| (peer.seconds_left(now), other))
            .filter(|(left, _)| *left > seconds)
            .collect();
        slower.sort_by(|(a, _), (b, _)| b.total_cmp(a));
        slower.into_iter().map(|(_, other)| other).collect()
    }
}
