//! One torrent and all connections about it, as a machine without I/O: what
//! comes from whom, what is asked of whom, who is served, who has lied.
//!
//! The [driver](super::driver) brings bytes, the time and the outcome of hash
//! checks; it carries away bytes and [`Action`]s. Tests do the same without a
//! network.

mod action;
mod availability;
mod bans;
mod connections;
mod end_game;
#[cfg(test)]
mod hostile;
mod incomplete;
mod layers;
mod metadata;
mod pace;
mod partial;
mod peer;
mod picker;
mod receive;
mod refusals;
mod requests;
mod service;
#[cfg(test)]
mod tests;
mod verify;

use crate::torrent::{Content, PieceBuffer, PieceSet, Wanted};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

pub use action::{Action, Job, Outcome, Report, Source};

use bans::Bans;
use layers::{LayerFetch, Trees};
use metadata::Fetch;
use partial::Partial;
use peer::Peer;
use picker::Picker;
use verify::Suspects;

use super::machine::{Identity, MAX_REQQ, Time};

/// A connection of a [`Torrent`]; never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PeerKey(pub u64);

/// Data that is fetched and not checked yet may take this much memory, in bytes.
/// No new piece is begun beyond that.
const MAX_UNCHECKED: u64 = 64 << 20;

/// Requests to one peer at once, where nobody says otherwise.
pub const DEFAULT_DEPTH: usize = MAX_REQQ;

/// How a [`Torrent`] behaves.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// Peers that are served at once.
    pub upload_slots: usize,
    /// The piece to begin with, of those that are equally rare.
    pub first_piece: u32,
    /// The deepest queue of requests to one peer.
    pub max_depth: usize,
    /// It leaves once all is there, and says nothing that would make others take it
    /// for a seed.
    pub is_guest: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            upload_slots: 8,
            first_piece: 0,
            max_depth: DEFAULT_DEPTH,
            is_guest: false,
        }
    }
}

/// Where a torrent stands.
#[derive(Debug)]
enum Stage {
    /// The info dictionary is being fetched.
    Metadata(Fetch),
    /// The caller checks the data that is there already.
    Resume,
    /// Piece layers are being fetched.
    Layers(LayerFetch),
    /// Pieces are being fetched, or all are there.
    Pieces,
}

/// One torrent.
#[derive(Debug)]
pub struct Torrent {
    identity: Identity,
    options: Options,
    stage: Stage,
    content: Option<Content>,
    have: PieceSet,
    /// Those of them that peers have not been told of.
    untold: Vec<u32>,
    /// Bytes of the pieces in `have`.
    have_bytes: u64,
    picker: Picker,
    partials: BTreeMap<u32, Partial>,
    /// Pieces whose check is under way: who sent which block.
    checking: BTreeMap<u32, Vec<PeerKey>>,
    suspects: BTreeMap<u32, Suspects>,
    peers: BTreeMap<PeerKey, Peer>,
    next_key: u64,
    /// Those that have sent data, for a while also after they have gone.
    sources: BTreeMap<PeerKey, Source>,
    bans: Bans,
    /// What hash requests are answered from.
    trees: Trees,
    actions: VecDeque<Action>,
    /// Buffers of pieces, to be used again.
    spare: Vec<PieceBuffer>,
    /// Peers whose queue of requests may need filling.
    hungry: BTreeSet<PeerKey>,
    next_second: Time,
    /// Requests to one peer, so that none takes the memory that others need.
    share: usize,
    /// Bytes that all peers together have begun to say.
    incomplete: usize,
    /// Whether somebody was disconnected for that.
    has_met_hoarders: bool,
    /// Bytes that wait to be sent to all peers together.
    waiting: usize,
    downloaded: u64,
    uploaded: u64,
    wasted: u64,
}

impl Torrent {
    /// A torrent whose info dictionary must be fetched from peers first.
    pub fn wanted(identity: Identity, wanted: Wanted, options: Options) -> Self {
        Self::new(identity, options, Stage::Metadata(Fetch::new(wanted)))
    }

    /// A torrent whose content is known. `have` are the pieces that are there
    /// and checked.
    pub fn known(identity: Identity, content: Content, have: PieceSet, options: Options) -> Self {
        let mut torrent = Self::new(identity, options, Stage::Resume);
        torrent.content = Some(content);
        torrent.resume(have);
        torrent
    }

    fn new(identity: Identity, options: Options, stage: Stage) -> Self {
        Self {
            identity,
            options,
            stage,
            content: None,
            have: PieceSet::default(),
            untold: Vec::new(),
            have_bytes: 0,
            picker: Picker::default(),
            partials: BTreeMap::new(),
            checking: BTreeMap::new(),
            suspects: BTreeMap::new(),
            peers: BTreeMap::new(),
            next_key: 0,
            sources: BTreeMap::new(),
            bans: Bans::default(),
            trees: Trees::default(),
            actions: VecDeque::new(),
            spare: Vec::new(),
            hungry: BTreeSet::new(),
            next_second: Time::ZERO,
            share: DEFAULT_DEPTH,
            incomplete: 0,
            has_met_hoarders: false,
            waiting: 0,
            downloaded: 0,
            uploaded: 0,
            wasted: 0,
        }
    }

    /// Goes on after [`Action::Metadata`]: these pieces are there already.
    pub fn resume(&mut self, have: PieceSet) {
        let Some(content) = &self.content else {
            return;
        };
        self.picker = Picker::new(&have, self.options.first_piece);
        self.have_bytes = have.iter().map(|piece| content.data_size(piece)).sum();
        self.have = have;
        let missing = LayerFetch::new(content).filter(|_| !self.have.is_all());
        self.stage = match missing {
            Some(fetch) => Stage::Layers(fetch),
            None => Stage::Pieces,
        };
        let keys: Vec<_> = self.peers.keys().copied().collect();
        for key in keys {
            self.learn_pieces(key);
            self.charge(key);
            self.tell_pieces(key);
            self.ask_layers(key);
        }
        if self.have.is_all() {
            self.actions.push_back(Action::Finished);
        }
    }

    /// The next thing that the driver must do.
    pub fn action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// Bytes for the peer; empty for one that is gone.
    pub fn output(&self, key: PeerKey) -> &[u8] {
        self.peers
            .get(&key)
            .map_or(&[], |peer| peer.connection.output())
    }

    /// Counts bytes of [`Torrent::output`] as sent.
    pub fn advance_output(&mut self, key: PeerKey, bytes: usize) {
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.connection.advance_output(bytes);
        }
    }

    /// When [`Torrent::tick`] wants to be called.
    pub fn deadline(&self) -> Time {
        let peers = self.peers.values().map(|peer| peer.connection.deadline());
        let stage = match &self.stage {
            Stage::Metadata(fetch) => fetch.deadline(),
            Stage::Layers(fetch) => fetch.deadline(),
            Stage::Resume | Stage::Pieces => None,
        };
        peers
            .chain(stage)
            .min()
            .unwrap_or(Time::MAX)
            .min(self.next_second)
    }

    /// Lets time pass. At most a second should lie between two calls.
    pub fn tick(&mut self, now: Time) {
        let keys: Vec<_> = self.peers.keys().copied().collect();
        for key in keys {
            let Some(peer) = self.peers.get_mut(&key) else {
                continue;
            };
            if let Err(close) = peer.connection.tick(now) {
                self.close(key, close);
            }
        }
        match &mut self.stage {
            Stage::Metadata(fetch) => {
                fetch.tick(now);
                self.ask_metadata(now);
            }
            Stage::Layers(fetch) => {
                fetch.tick(now);
                self.ask_all_layers(now);
            }
            Stage::Resume | Stage::Pieces => {}
        }
        if now >= self.next_second {
            self.next_second = now + Time::from_secs(1);
            self.every_second(now);
        }
        self.announce_pieces();
        self.fill_requests(now);
    }

    /// Asks for more where a check has made room, or a peer has come; tells of the
    /// pieces that have been checked.
    pub fn refill(&mut self, now: Time) {
        self.announce_pieces();
        self.count_waiting();
        self.fill_requests(now);
    }

    /// Who we are, by all hashes of the torrent that are known.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The content, once it is known.
    pub fn content(&self) -> Option<&Content> {
        self.content.as_ref()
    }

    /// The pieces that are there and checked.
    pub fn have(&self) -> &PieceSet {
        &self.have
    }

    /// Bytes of them, without padding.
    pub fn have_bytes(&self) -> u64 {
        self.have_bytes
    }

    /// Whether all pieces are there and checked.
    pub fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Pieces) && self.have.is_all()
    }

    /// Bytes of blocks received, sent, and received for nothing.
    pub fn transferred(&self) -> (u64, u64, u64) {
        (self.downloaded, self.uploaded, self.wasted)
    }
}
