//! What a torrent remembers of a connection.

use std::net::SocketAddr;
use std::time::Duration;

use super::Source;
use super::pace::Pace;
use super::refusals::Refusals;
use crate::active::machine::{Connection, Time};

/// A peer that leaves requests waiting this long is snubbed: others fetch its
/// blocks.
const SNUB_AFTER: Duration = Duration::from_secs(15);

/// A peer that keeps requests waiting is not asked for so long, if there are
/// others; then for twice as long each time, up to a limit.
const FIRST_PENALTY: Duration = Duration::from_secs(30);
const MAX_PENALTY: Duration = Duration::from_mins(10);

/// A shorter choke is not taken for one.
const MIN_CHOKE: Duration = Duration::from_secs(1);

/// A peer and what is known of it beyond the protocol.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) connection: Connection,
    pub(super) address: SocketAddr,
    /// Pieces that this peer fetches and that have free blocks, as far as known.
    pub(super) pieces: Vec<u32>,
    /// Whether its pieces are counted in the picker: not those of a seed.
    pub(super) counted: bool,
    /// When data came last, or the first request went out.
    pub(super) last_data: Time,
    /// When a whole block came or went last, or the connection was made.
    pub(super) last_block: Time,
    /// Since when an answer has been waited for without a whole block.
    pub(super) waiting_since: Option<Time>,
    /// When a request was sent last.
    asked_at: Time,
    /// When it choked us last.
    choked_at: Time,
    pub(super) pace: Pace,
    /// It keeps requests waiting.
    pub(super) snubbed: bool,
    /// How long it is left alone for that, and until when.
    penalty: Duration,
    pub(super) penalty_ends: Time,
    /// What it holds of incomplete messages, as it is charged.
    pub(super) charged: usize,
    /// It cannot give the info dictionary, and this has been told.
    pub(super) has_obstacle: bool,
    /// The pieces that it refuses to send.
    pub(super) refusals: Refusals,
    /// When it was unchoked by us, to take turns.
    pub(super) served_since: Option<Time>,
}

impl Peer {
    pub(super) fn new(connection: Connection, address: SocketAddr, now: Time) -> Self {
        Self {
            connection,
            address,
            pieces: Vec::new(),
            counted: false,
            last_data: now,
            last_block: now,
            waiting_since: None,
            asked_at: now,
            choked_at: now,
            pace: Pace::new(now),
            snubbed: false,
            penalty: FIRST_PENALTY,
            penalty_ends: Time::ZERO,
            charged: 0,
            has_obstacle: false,
            refusals: Refusals::default(),
            served_since: None,
        }
    }

    /// Whether it may be asked for blocks of `piece` now.
    pub(super) fn may_be_asked(&self, piece: u32) -> bool {
        self.connection.may_request(piece) && !self.refusals.has(piece)
    }

    /// Its peer id, once its handshake has come.
    pub(super) fn id(&self) -> Option<[u8; 20]> {
        Some(self.connection.handshake()?.peer_id)
    }

    /// Who it is, in reports.
    pub(super) fn source(&self) -> Source {
        Source {
            address: self.address,
            role: self.connection.role(),
            client: self.connection.client().map(str::to_owned),
            peer_id: self.id().unwrap_or_default(),
        }
    }

    pub(super) fn note_choke(&mut self, now: Time) {
        self.choked_at = now;
    }

    /// Whoever chokes us and lets us go at once does not begin anew.
    pub(super) fn note_unchoke(&mut self, now: Time) {
        self.pace.unchoked(now);
        if now >= self.choked_at + MIN_CHOKE && self.connection.outstanding() == 0 {
            self.waiting_since = None;
        }
    }

    /// A request goes out.
    pub(super) fn note_request(&mut self, now: Time) {
        let idle = now.saturating_sub(self.asked_at);
        self.asked_at = now;
        if self.owes() {
            return;
        }
        self.pace.asked(now);
        // Whoever was asked for nothing for a while kept nobody waiting.
        if self.waiting_since.is_none() || idle >= MIN_CHOKE {
            self.waiting_since = Some(now);
            self.last_data = now;
        }
    }

    /// Whether an answer of it is waited for.
    fn owes(&self) -> bool {
        self.connection.outstanding() > 0 || self.connection.receiving().is_some()
    }

    pub(super) fn note_data(&mut self, bytes: usize, now: Time) {
        self.pace.data(bytes, now);
        self.last_data = now;
    }

    /// A whole block has come.
    pub(super) fn note_block(&mut self, now: Time) {
        self.last_block = now;
        self.waiting_since = (self.connection.outstanding() > 0).then_some(now);
        self.snubbed = false;
        self.penalty = FIRST_PENALTY;
    }

    /// It keeps requests waiting: it is left alone, longer each time.
    pub(super) fn note_snub(&mut self, now: Time) {
        self.snubbed = true;
        self.waiting_since = None;
        self.penalty_ends = now + self.penalty;
        self.penalty = (self.penalty * 2).min(MAX_PENALTY);
    }

    /// Whether it keeps us waiting: no byte comes, or, at the end of the download
    /// (`is_end`), when others wait for what it holds, no whole block.
    pub(super) fn is_late(&self, now: Time, is_end: bool) -> bool {
        let Some(waiting) = self.waiting_since.filter(|_| self.owes()) else {
            return false;
        };
        let silent = now >= waiting.max(self.last_data) + SNUB_AFTER;
        silent || is_end && now >= waiting + SNUB_AFTER
    }

    /// How many requests may wait for answers, `most` at most.
    pub(super) fn depth(&self, most: usize, now: Time) -> usize {
        if self.snubbed {
            return 1;
        }
        let most = most.min(self.connection.reqq());
        self.pace.depth(now).min(most)
    }
}
