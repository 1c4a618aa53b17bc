//! A peer of a torrent.

use std::net::SocketAddr;

use super::growth::Growth;
use crate::capture::Timestamp;

/// Of how its address was learned, and of attempts at it, so many are kept.
const MAX_LEARNED: usize = 256;
const MAX_DIALLED: usize = 64;

/// How an address was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum How {
    /// From the answer of a tracker.
    Tracker,
    /// From `values` of the DHT.
    Dht,
    /// From another peer (BEP 11).
    Pex,
    /// From its own announce to the local network (BEP 14).
    Lsd,
    /// It came by itself.
    Incoming,
    /// From a magnet link (`x.pe`).
    Magnet,
}

impl How {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Tracker => "tracker",
            Self::Dht => "dht",
            Self::Pex => "pex",
            Self::Lsd => "lsd",
            Self::Incoming => "incoming",
            Self::Magnet => "magnet",
        }
    }
}

/// That an address was learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Learned {
    /// By whom; `None` for all who listen.
    pub by: Option<SocketAddr>,
    /// How.
    pub how: How,
    /// From whom.
    pub from: SocketAddr,
    /// The packet, the first time.
    pub frame: u64,
}

/// What came of dialling it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// They spoke, and it is told how that ended: as JSON has it.
    Connected(&'static str),
    /// It failed.
    Failed(&'static str),
}

impl Outcome {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Connected(name) | Self::Failed(name) => name,
        }
    }
}

/// A connection to it, or an attempt at one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialled {
    /// By whom.
    pub by: SocketAddr,
    /// When.
    pub time: Timestamp,
    /// The packet.
    pub frame: u64,
    /// What came of it.
    pub outcome: Outcome,
}

/// What it told a tracker, the first and the last time.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Announced {
    /// Bytes uploaded.
    pub uploaded: u64,
    /// Bytes downloaded.
    pub downloaded: u64,
    /// Bytes left.
    pub left: u64,
    /// The packet.
    pub frame: u64,
    /// Data of pieces that it had sent and got by then since the capture knows it, in
    /// bytes.
    pub passed: [u64; 2],
}

/// How what a peer told trackers between two announces compares with what passed between
/// them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Agreement {
    /// As much as passed.
    AsSeen,
    /// More: it says too much, or had part in what the capture does not show.
    More,
    /// Less: it says too little, or counts only what its hashes prove.
    Less,
}

impl Agreement {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::AsSeen => "as_seen",
            Self::More => "more",
            Self::Less => "less",
        }
    }

    fn of(told: u64, passed: u64) -> Self {
        let tolerance = passed / TOLERATED_PART + TOLERATED_BYTES;
        if told.abs_diff(passed) <= tolerance {
            Self::AsSeen
        } else if told > passed {
            Self::More
        } else {
            Self::Less
        }
    }
}

/// What is tolerated between what was told and what passed: this part of it, for some
/// clients count headers, and these bytes, four blocks under way.
const TOLERATED_PART: u64 = 20;
const TOLERATED_BYTES: u64 = 64 << 10;

/// A peer.
#[derive(Debug, Clone, Default)]
pub struct Peer {
    /// Its client, by its peer id; text of the capture.
    pub client: Option<String>,
    /// How its address was learned.
    pub learned: Vec<Learned>,
    /// Connections to it.
    pub dialled: Vec<Dialled>,
    /// Of both, what was not kept.
    pub left_out: u64,
    /// It said itself that it takes part: to a peer, a tracker, the DHT, the local
    /// network.
    pub has_claimed: bool,
    /// Data of pieces that it sent, in bytes.
    pub served: u64,
    /// Data of pieces that it was sent.
    pub received: u64,
    /// Connections between peers in which it took part.
    pub sessions: u32,
    /// Pieces that it had, by its own word, at the beginning of its first connection that
    /// says so, and at the end of the last one.
    pub pieces: Option<[u32; 2]>,
    /// How many it had over time, by its own word.
    pub growth: Growth,
    /// Whether it had all of them in the end.
    pub is_seed: bool,
    /// What it told trackers, first and last.
    pub announced: Option<[Announced; 2]>,
    /// Data of pieces that it sent and got since the capture knows it, in bytes.
    pub passed: [u64; 2],
}

impl Peer {
    /// Its address was learned; the same again is no news. Says whether it takes a
    /// place of those that all peers share; where these `have_room` no more, it is left
    /// out.
    pub fn learn(&mut self, learned: Learned, have_room: bool) -> bool {
        let is_known = |known: &Learned| {
            (known.by, known.how, known.from) == (learned.by, learned.how, learned.from)
        };
        if self.learned.iter().any(is_known) {
            return false;
        }
        let is_kept = have_room && self.learned.len() < MAX_LEARNED;
        if is_kept {
            self.learned.push(learned);
        } else {
            self.left_out += 1;
        }
        is_kept
    }

    /// It was dialled; as [`Peer::learn`].
    pub fn dial(&mut self, dialled: Dialled, have_room: bool) -> bool {
        let is_kept = have_room && self.dialled.len() < MAX_DIALLED;
        if is_kept {
            self.dialled.push(dialled);
        } else {
            self.left_out += 1;
        }
        is_kept
    }

    /// It told a tracker.
    pub fn announce(&mut self, mut announced: Announced) {
        announced.passed = self.passed;
        match &mut self.announced {
            Some([_, last]) => *last = announced,
            none => *none = Some([announced; 2]),
        }
    }

    /// What it told trackers of uploads and downloads between its first and its last
    /// announce, what passed between these, and how the two compare; `None` where there are
    /// no two.
    pub fn compared(&self) -> Option<[(u64, u64, Agreement); 2]> {
        let [first, last] = self
            .announced
            .filter(|[first, last]| first.frame < last.frame)?;
        let told = [
            last.uploaded.saturating_sub(first.uploaded),
            last.downloaded.saturating_sub(first.downloaded),
        ];
        let passed: [u64; 2] = std::array::from_fn(|way| last.passed[way] - first.passed[way]);
        Some(std::array::from_fn(|way| {
            let agreement = Agreement::of(told[way], passed[way]);
            (told[way], passed[way], agreement)
        }))
    }

    /// Whether it sent or got data.
    pub fn has_transferred(&self) -> bool {
        self.served + self.received > 0
    }

    /// Takes over what is known of it under the other hash of a hybrid torrent.
    pub fn merge(&mut self, other: Self) {
        self.client = self.client.take().or(other.client);
        for learned in other.learned {
            self.learn(learned, true);
        }
        for dialled in other.dialled {
            self.dial(dialled, true);
        }
        self.left_out += other.left_out;
        self.has_claimed |= other.has_claimed;
        self.served += other.served;
        self.received += other.received;
        self.sessions += other.sessions;
        self.is_seed |= other.is_seed;
        self.pieces = self.pieces.or(other.pieces);
        // It comes to no more points than both have.
        self.growth.join(other.growth, &mut 0);
        self.announced = self.announced.or(other.announced);
    }
}
