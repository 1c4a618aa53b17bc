//! A torrent, and its swarm.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use super::mark::Source;
use super::peer::{How, Peer};
use crate::packet::Stamp;

/// What a tracker says of a swarm, the last time.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Claims {
    /// The name of its host, where the capture holds the answer of a name server.
    pub host: Option<String>,
    /// Peers that have everything.
    pub seeders: Option<u64>,
    /// Peers that lack something.
    pub leechers: Option<u64>,
    /// Downloads completed so far.
    pub completed: Option<u64>,
    /// The packet.
    pub frame: u64,
    /// Announces that it answered.
    pub answers: u64,
}

/// A way in which the peers of a private torrent were told to others than its
/// trackers (BEP 27).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leak {
    /// How.
    pub how: How,
    /// The packet, the first time.
    pub frame: u64,
}

/// A torrent.
#[derive(Debug, Default)]
pub struct Swarm {
    /// Its v1 info-hash.
    pub v1: Option<[u8; 20]>,
    /// Its v2 info-hash, where the info dictionary is known.
    pub v2: Option<[u8; 32]>,
    /// The 20 bytes by which peers know it.
    pub hash: [u8; 20],
    /// Its name, where known; text of the capture.
    pub name: Option<String>,
    /// Bytes of its files.
    pub length: Option<u64>,
    /// Its pieces.
    pub pieces: Option<u32>,
    /// Peers may come from its trackers only (BEP 27).
    pub is_private: bool,
    /// What names it.
    pub sources: BTreeSet<Source>,
    /// Its peers by their address.
    pub peers: BTreeMap<SocketAddr, Peer>,
    /// Who served whom how many bytes.
    pub flows: BTreeMap<(SocketAddr, SocketAddr), u64>,
    /// Its trackers by address or host name.
    pub trackers: BTreeMap<String, Claims>,
    /// Ways by which peers were told that are none for a private torrent.
    pub strays: Vec<Leak>,
    /// The first and the last packet about it.
    pub span: Option<[Stamp; 2]>,
}

impl Swarm {
    /// The torrent of this hash.
    pub fn new(hash: [u8; 20]) -> Self {
        Self {
            hash,
            ..Self::default()
        }
    }

    /// Something is about it.
    pub fn mark(&mut self, source: Source, at: Stamp) {
        self.sources.insert(source);
        self.touch(at);
    }

    /// The same, without a source.
    pub fn touch(&mut self, at: Stamp) {
        let [first, last] = self.span.get_or_insert([at; 2]);
        if at.frame < first.frame {
            *first = at;
        }
        if at.frame > last.frame {
            *last = at;
        }
    }

    /// Its peers were told in this way.
    pub fn stray(&mut self, how: How, frame: u64) {
        if !self.strays.iter().any(|known| known.how == how) {
            self.strays.push(Leak { how, frame });
        }
    }

    /// What of it must not be.
    pub fn leaks(&self) -> &[Leak] {
        if self.is_private { &self.strays } else { &[] }
    }

    /// Whether it was no more than asked for: nobody is known to have it. Clients ask the
    /// DHT for ids that are none to find nodes.
    pub fn is_only_sought(&self) -> bool {
        self.peers.is_empty() && self.sources.iter().all(|source| *source == Source::Dht)
    }

    /// Peers of which this is true.
    pub fn count(&self, is: impl Fn(&Peer) -> bool) -> usize {
        self.peers.values().filter(|peer| is(peer)).count()
    }

    /// Data of pieces that passed, in bytes.
    pub fn bytes(&self) -> u64 {
        self.flows.values().sum()
    }

    /// Takes over what is known under its other hash.
    pub fn merge(&mut self, other: Self) {
        self.name = self.name.take().or(other.name);
        self.sources.extend(other.sources);
        for (address, peer) in other.peers {
            self.peers.entry(address).or_default().merge(peer);
        }
        for (ends, bytes) in other.flows {
            *self.flows.entry(ends).or_default() += bytes;
        }
        for (tracker, claims) in other.trackers {
            let known = self.trackers.entry(tracker).or_default();
            if claims.frame >= known.frame {
                *known = claims;
            }
        }
        for leak in other.strays {
            self.stray(leak.how, leak.frame);
        }
        for at in other.span.into_iter().flatten() {
            self.touch(at);
        }
    }
}
