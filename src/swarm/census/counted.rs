//! What is counted of the peers, the trackers and the torrents.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;

use foldhash::fast::RandomState;

use crate::packet::Stamp;
use crate::session::{ConnectionEvent, HostNames, Torrents};
use crate::swarm::asked::Requests;
use crate::swarm::growth::Growth;
use crate::swarm::mark::Source;
use crate::swarm::peer::{Dialled, How, Learned, Outcome, Peer};
use crate::swarm::torrent::{Claims, Swarm};

/// Torrents that are told apart.
const MAX_TORRENTS: usize = 4096;

/// Peers of all torrents: about 300 bytes each.
const MAX_PEERS: usize = 1 << 15;

/// How addresses were learned, and what came of dialling them, of all peers.
pub(super) const MAX_ENTRIES: usize = 1 << 16;

/// Pairs of peers of all torrents that sent each other data.
const MAX_FLOWS: usize = 1 << 15;

/// Trackers of all torrents.
const MAX_TRACKERS: usize = 1 << 12;

/// Attempts at connections that failed.
pub(super) const MAX_ATTEMPTS: usize = 1 << 12;

/// Points of what peers had over time, of all peers and open connections.
const MAX_POINTS: usize = 1 << 16;

/// Peer ids that were told to trackers with an address.
pub(super) const MAX_IDS: usize = 1 << 14;

/// What was not kept, to bound memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Mentions of torrents.
    pub torrents: u64,
    /// Mentions of peers, of who served whom, of trackers, and attempts.
    pub others: u64,
    /// Requests that were forgotten before their reply.
    pub requests: u64,
    /// Times at which peers said that they had more pieces.
    pub points: u64,
}

/// The listener.
#[derive(Debug)]
pub struct Census {
    pub(super) swarms: BTreeMap<[u8; 20], Swarm>,
    pub(super) requests: Requests,
    pub(super) attempts: Vec<ConnectionEvent>,
    peers: usize,
    pub(super) entries: usize,
    flows: usize,
    trackers: usize,
    /// Room for points of what peers had.
    pub(super) points: usize,
    /// What both sides of open connections said that they have.
    pub(super) open: HashMap<u64, [Growth; 2], RandomState>,
    /// Where peers take connections, by torrent and peer id, as they told trackers.
    pub(super) by_peer_id: HashMap<([u8; 20], [u8; 20]), SocketAddr, RandomState>,
    pub(super) left_out: LeftOut,
}

impl Default for Census {
    fn default() -> Self {
        Self {
            swarms: BTreeMap::new(),
            requests: Requests::default(),
            attempts: Vec::new(),
            peers: 0,
            entries: 0,
            flows: 0,
            trackers: 0,
            points: MAX_POINTS,
            open: HashMap::default(),
            by_peer_id: HashMap::default(),
            left_out: LeftOut::default(),
        }
    }
}

impl Census {
    /// The torrent of a hash, unless there are too many.
    pub(super) fn swarm(&mut self, hash: [u8; 20]) -> Option<&mut Swarm> {
        if self.swarms.len() >= MAX_TORRENTS && !self.swarms.contains_key(&hash) {
            self.left_out.torrents += 1;
            return None;
        }
        let swarm = self.swarms.entry(hash);
        Some(swarm.or_insert_with(|| Swarm::new(hash)))
    }

    /// Something is about a torrent.
    pub(super) fn mark(&mut self, hash: [u8; 20], source: Source, at: Stamp) {
        if let Some(swarm) = self.swarm(hash) {
            swarm.mark(source, at);
        }
    }

    /// A peer of a torrent, unless there are too many, or nobody can be there.
    pub(super) fn peer(&mut self, hash: [u8; 20], address: SocketAddr) -> Option<&mut Peer> {
        if address.port() == 0 || address.ip().is_unspecified() {
            return None;
        }
        let address = canonical(address);
        let is_full = self.peers >= MAX_PEERS;
        let swarm = self.swarm(hash)?;
        let is_known = swarm.peers.contains_key(&address);
        if is_full && !is_known {
            self.left_out.others += 1;
            return None;
        }
        self.peers += usize::from(!is_known);
        let swarm = self.swarms.get_mut(&hash)?;
        Some(swarm.peers.entry(address).or_default())
    }

    pub(super) fn claim(&mut self, hash: [u8; 20], address: SocketAddr) {
        if let Some(peer) = self.peer(hash, address) {
            peer.has_claimed = true;
        }
    }

    pub(super) fn learn(&mut self, hash: [u8; 20], address: SocketAddr, learned: Learned) {
        let have_room = self.entries < MAX_ENTRIES;
        if let Some(peer) = self.peer(hash, address) {
            let is_kept = peer.learn(learned, have_room);
            self.entries += usize::from(is_kept);
        }
    }

    /// What a tracker says of a torrent.
    pub(super) fn tracker(&mut self, hash: [u8; 20], tracker: String, claims: &Claims) {
        let is_full = self.trackers >= MAX_TRACKERS;
        let Some(swarm) = self.swarm(hash) else {
            return;
        };
        let is_known = swarm.trackers.contains_key(&tracker);
        if is_full && !is_known {
            self.left_out.others += 1;
            return;
        }
        let known = swarm.trackers.entry(tracker).or_default();
        let answers = known.answers + claims.answers;
        *known = Claims {
            seeders: claims.seeders.or(known.seeders),
            leechers: claims.leechers.or(known.leechers),
            completed: claims.completed.or(known.completed),
            frame: claims.frame,
            answers,
            host: None,
        };
        self.trackers += usize::from(!is_known);
    }

    /// Something else names a torrent.
    pub fn add_source(&mut self, hash: [u8; 20], source: Source) {
        if let Some(swarm) = self.swarm(hash) {
            swarm.sources.insert(source);
        }
    }

    pub(super) fn flow(&mut self, hash: [u8; 20], from: SocketAddr, to: SocketAddr, bytes: u64) {
        let is_full = self.flows >= MAX_FLOWS;
        let Some(swarm) = self.swarm(hash).filter(|_| bytes > 0) else {
            return;
        };
        let ends = (canonical(from), canonical(to));
        let is_known = swarm.flows.contains_key(&ends);
        if is_full && !is_known {
            self.left_out.others += 1;
            return;
        }
        *swarm.flows.entry(ends).or_default() += bytes;
        self.flows += usize::from(!is_known);
    }

    /// The capture is over: `torrents` are those whose info dictionary is known, and
    /// `hosts` the names of addresses. Gives the swarms in the order of their info-hashes.
    pub fn finish(mut self, torrents: &Torrents, hosts: &HostNames) -> (Vec<Swarm>, LeftOut) {
        for torrent in torrents.all() {
            let info = torrent.info();
            let mut joined: Option<Swarm> = None;
            for hash in info.info_hashes() {
                match (self.swarms.remove(&hash), &mut joined) {
                    (Some(swarm), None) => joined = Some(swarm),
                    (Some(swarm), Some(joined)) => joined.merge(swarm),
                    (None, _) => {}
                }
            }
            let Some(mut swarm) = joined else {
                continue;
            };
            swarm.hash = info.info_hashes().next().unwrap_or(swarm.hash);
            swarm.v1 = info.v1_hash();
            swarm.v2 = info.v2_hash();
            swarm.name = Some(info.name().into_owned());
            swarm.length = Some(info.total_size());
            swarm.pieces = Some(info.piece_count());
            swarm.is_private = info.is_private();
            self.swarms.insert(swarm.hash, swarm);
        }
        for event in std::mem::take(&mut self.attempts) {
            let address = canonical(event.ends[1]);
            for swarm in self.swarms.values_mut() {
                if let Some(peer) = swarm.peers.get_mut(&address) {
                    let dialled = Dialled {
                        by: event.ends[0],
                        time: event.first.time,
                        frame: event.first.frame,
                        outcome: Outcome::Failed(event.change.name()),
                    };
                    let is_kept = peer.dial(dialled, self.entries < MAX_ENTRIES);
                    self.entries += usize::from(is_kept);
                }
            }
        }
        for swarm in self.swarms.values_mut() {
            for (tracker, claims) in &mut swarm.trackers {
                let address = tracker.parse().ok();
                claims.host =
                    address.and_then(|end: SocketAddr| hosts.name(end.ip()).map(Into::into));
            }
        }
        self.left_out.requests = self.requests.forgotten;
        (self.swarms.into_values().collect(), self.left_out)
    }
}

pub(super) fn learned(by: Option<SocketAddr>, how: How, from: SocketAddr, frame: u64) -> Learned {
    Learned {
        by,
        how,
        from,
        frame,
    }
}

/// An IPv4 address that is written as IPv6 is the same address.
pub(super) fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
