//! The torrent as a whole: its stages, its clock, and what it tells its driver.

use std::collections::VecDeque;

use super::action::Action;
use super::backlog::Backlog;
use super::choker::Choker;
use super::downloader::{Downloader, MAX_UNCHECKED_BYTES};
use super::incomplete::IncompleteMessages;
use super::layers::{LayerFetch, Trees};
use super::metadata::MetadataFetch;
use super::options::{DEFAULT_DEPTH, Options};
use super::peers::Peers;
use super::pieces::Pieces;
use super::smart_ban::SmartBan;
use super::stage::Stage;
use super::totals::Totals;
use crate::active::machine::{Identity, Time};
use crate::torrent::{Content, PieceSet, Wanted};

/// Requested blocks of all peers together may take this much memory. The other half of
/// [`MAX_UNCHECKED_BYTES`] is for pieces that wait for their check.
const MAX_REQUESTED_BYTES: u64 = MAX_UNCHECKED_BYTES / 2;

/// How often speeds are measured and upload slots are reviewed.
const REVIEW_INTERVAL: Time = Time::from_secs(1);

/// One torrent and its peers.
///
/// Each part keeps its own state; what a message means for several of them is decided in
/// the `impl` blocks of this type, one file for each subject.
#[derive(Debug)]
pub struct Torrent {
    pub(super) identity: Identity,
    pub(super) options: Options,
    pub(super) stage: Stage,
    pub(super) actions: VecDeque<Action>,
    pub(super) peers: Peers,
    pub(super) pieces: Pieces,
    pub(super) downloader: Downloader,
    pub(super) smart_ban: SmartBan,
    pub(super) choker: Choker,
    pub(super) backlog: Backlog,
    pub(super) incomplete: IncompleteMessages,
    /// What hash requests are answered from.
    pub(super) trees: Trees,
    pub(super) totals: Totals,
    next_review: Time,
}

impl Torrent {
    /// A torrent whose info dictionary must be fetched from peers first.
    pub fn wanted(identity: Identity, wanted: Wanted, options: Options) -> Self {
        Self::new(
            identity,
            options,
            Stage::Metadata(MetadataFetch::new(wanted)),
        )
    }

    /// A torrent whose content is known. `have` are the pieces that are there
    /// and checked.
    pub fn known(identity: Identity, content: Content, have: PieceSet, options: Options) -> Self {
        let mut torrent = Self::new(identity, options, Stage::Resume);
        torrent.pieces.learn_content(content);
        torrent.resume(have);
        torrent
    }

    fn new(identity: Identity, options: Options, stage: Stage) -> Self {
        Self {
            identity,
            options,
            stage,
            actions: VecDeque::new(),
            peers: Peers::new(DEFAULT_DEPTH),
            pieces: Pieces::default(),
            downloader: Downloader::default(),
            smart_ban: SmartBan::default(),
            choker: Choker::new(options.upload_slots),
            backlog: Backlog::default(),
            incomplete: IncompleteMessages::default(),
            trees: Trees::default(),
            totals: Totals::default(),
            next_review: Time::ZERO,
        }
    }

    /// Goes on after [`Action::Metadata`]: these pieces are there already.
    pub fn resume(&mut self, have: PieceSet) {
        let Some(content) = self.pieces.content() else {
            return;
        };
        self.downloader = Downloader::new(content, &have, self.options.first_piece);
        let missing_layers = LayerFetch::new(content).filter(|_| !have.is_all());
        self.pieces.resume(have);
        self.stage = match missing_layers {
            Some(fetch) => Stage::Layers(fetch),
            None => Stage::Pieces,
        };
        for key in self.peers.keys() {
            self.learn_pieces(key);
            self.charge(key);
            self.tell_pieces(key);
            self.request_layers(key);
        }
        if self.pieces.have().is_all() {
            self.actions.push_back(Action::Finished);
        }
    }

    /// The next thing that the driver must do.
    pub fn action(&mut self) -> Option<Action> {
        self.actions.pop_front()
    }

    /// When [`Torrent::tick`] wants to be called.
    pub fn deadline(&self) -> Time {
        let timeouts = self.peers.deadline().into_iter();
        let timeouts = timeouts.chain(self.stage.deadline());
        timeouts
            .chain([self.next_review])
            .min()
            .unwrap_or(Time::MAX)
    }

    /// Lets time pass. At most a second should lie between two calls.
    pub fn tick(&mut self, now: Time) {
        for (key, close) in self.peers.tick(now) {
            self.close(key, close);
        }
        match &mut self.stage {
            Stage::Metadata(fetch) => {
                fetch.tick(now);
                self.request_metadata(now);
            }
            Stage::Layers(fetch) => {
                fetch.tick(now);
                fetch.request_from_all(&mut self.peers, now);
            }
            Stage::Resume | Stage::Pieces => {}
        }
        if now >= self.next_review {
            self.next_review = now + REVIEW_INTERVAL;
            self.review(now);
        }
        self.announce_pieces();
        self.fill_requests(now);
    }

    /// What is done once a second.
    fn review(&mut self, now: Time) {
        self.peers.measure(now);
        self.peers.share(MAX_REQUESTED_BYTES);
        let downloader = &self.downloader;
        self.smart_ban
            .forget_sources(&self.peers, || downloader.senders());
        self.choker.review(&mut self.peers, now);
        self.find_snubs(now);
        self.peers.wake_all();
    }

    /// Divides the memory for requested blocks anew among the peers that serve us.
    pub(super) fn share_memory(&mut self) {
        self.peers.share(MAX_REQUESTED_BYTES);
    }

    /// Fills request queues where a check has made room or a peer has come; tells peers
    /// of the pieces that have been checked.
    pub fn refill(&mut self, now: Time) {
        self.announce_pieces();
        self.backlog.count(&self.peers);
        self.fill_requests(now);
    }

    /// Who we are, by all hashes of the torrent that are known.
    pub fn identity(&self) -> &Identity {
        &self.identity
    }

    /// The content, once it is known.
    pub fn content(&self) -> Option<&Content> {
        self.pieces.content()
    }

    /// The pieces that are there and checked.
    pub fn have(&self) -> &PieceSet {
        self.pieces.have()
    }

    /// Bytes of them, without padding.
    pub fn have_bytes(&self) -> u64 {
        self.pieces.have_bytes()
    }

    /// Whether all pieces are there and checked.
    pub fn is_complete(&self) -> bool {
        matches!(self.stage, Stage::Pieces) && self.pieces.have().is_all()
    }

    /// How much was transferred.
    pub fn totals(&self) -> Totals {
        self.totals
    }
}
