//! A connected peer, and what is known of it beyond its connection.

use std::net::SocketAddr;
use std::time::Duration;

use super::pace::Pace;
use super::refusals::Refusals;
use super::source::Source;
use crate::active::machine::{Connection, Time};
use crate::torrent::PieceSet;
use crate::wire::peer::Block;

/// A peer that leaves requests unanswered for this long is snubbed: its blocks are
/// requested from others.
const SNUB_TIMEOUT: Duration = Duration::from_secs(15);

/// A snubbed peer gets no requests for this long if others serve us; each further time
/// for twice as long, up to the maximum.
const FIRST_PENALTY: Duration = Duration::from_secs(30);
const MAX_PENALTY: Duration = Duration::from_mins(10);

/// A choke that is shorter than this does not restart the snub timeout; a peer without
/// requests for less than this was not idle.
const MIN_CHOKE: Duration = Duration::from_secs(1);

/// A connected peer.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) connection: Connection,
    pub(super) address: SocketAddr,
    /// Pieces that are assigned to this peer. They may have no free blocks any more.
    pub(super) pieces: Vec<u32>,
    /// Whether its pieces count for the picker's availability: not those of a seed.
    pub(super) is_counted: bool,
    /// When data came last, or the first request was sent.
    pub(super) last_data: Time,
    /// When a complete block was received or sent last, or the peer connected.
    pub(super) last_block: Time,
    /// Since when we have waited for a complete block.
    pub(super) waiting_since: Option<Time>,
    /// When a request was sent last.
    requested_at: Time,
    /// When it choked us last.
    choked_at: Time,
    pub(super) pace: Pace,
    /// It leaves our requests unanswered.
    pub(super) snubbed: bool,
    /// How long it gets no requests the next time that it is snubbed, and until when it
    /// gets none now.
    penalty: Duration,
    pub(super) penalty_ends: Time,
    /// The bytes of incomplete messages that are counted for it.
    pub(super) charged: usize,
    /// Whether it was reported that it cannot send the info dictionary.
    pub(super) has_obstacle: bool,
    /// The pieces that it has rejected.
    pub(super) refusals: Refusals,
    /// Since when it has an upload slot, if it has one.
    pub(super) unchoked_at: Option<Time>,
}

impl Peer {
    pub(super) fn new(connection: Connection, address: SocketAddr, now: Time) -> Self {
        Self {
            connection,
            address,
            pieces: Vec::new(),
            is_counted: false,
            last_data: now,
            last_block: now,
            waiting_since: None,
            requested_at: now,
            choked_at: now,
            pace: Pace::new(now),
            snubbed: false,
            penalty: FIRST_PENALTY,
            penalty_ends: Time::ZERO,
            charged: 0,
            has_obstacle: false,
            refusals: Refusals::default(),
            unchoked_at: None,
        }
    }

    /// Whether blocks of `piece` may be requested from it now.
    pub(super) fn takes_requests_for(&self, piece: u32) -> bool {
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

    /// Says whether we still want something of it, if nothing is requested from it.
    pub(super) fn review_interest(&mut self, have: &PieceSet) {
        let connection = &mut self.connection;
        if connection.outstanding() == 0 && connection.handshake().is_some() {
            let is_interesting = have.lacks_some_of(connection.pieces());
            connection.set_interested(is_interesting);
        }
    }

    /// Whether a `have` means anything to it: not if it has everything itself.
    pub(super) fn wants_haves(&self) -> bool {
        self.connection.handshake().is_some() && !self.connection.has_everything()
    }

    /// Whether it is interested and choked.
    pub(super) fn is_waiting_for_a_slot(&self) -> bool {
        self.connection.is_choking() && self.connection.peer_is_interested()
    }

    /// Gives it an upload slot.
    pub(super) fn unchoke(&mut self, now: Time) {
        self.connection.unchoke();
        self.unchoked_at = Some(now);
    }

    /// Takes its upload slot away.
    pub(super) fn choke(&mut self) {
        self.connection.choke();
        self.unchoked_at = None;
    }

    /// It chokes us.
    pub(super) fn note_choke(&mut self, now: Time) {
        self.choked_at = now;
    }

    /// It unchokes us. The snub timeout begins anew, unless it has just choked us:
    /// otherwise a peer could choke and unchoke us for ever without sending a block.
    pub(super) fn note_unchoke(&mut self, now: Time) {
        self.pace.note_unchoke(now);
        if now >= self.choked_at + MIN_CHOKE && self.connection.outstanding() == 0 {
            self.waiting_since = None;
        }
    }

    /// Requests a block from it.
    pub(super) fn request(&mut self, block: Block, now: Time) {
        self.note_request(now);
        self.connection.request(block, now);
    }

    fn note_request(&mut self, now: Time) {
        let idle = now.saturating_sub(self.requested_at);
        self.requested_at = now;
        if self.owes() {
            return;
        }
        self.pace.note_request(now);
        // A peer that had no requests for a while has not kept us waiting.
        if self.waiting_since.is_none() || idle >= MIN_CHOKE {
            self.waiting_since = Some(now);
            self.last_data = now;
        }
    }

    /// Whether requests to it are unanswered.
    fn owes(&self) -> bool {
        self.connection.outstanding() > 0 || self.connection.receiving().is_some()
    }

    /// Some of the data of a block has come.
    pub(super) fn note_data(&mut self, bytes: usize, now: Time) {
        self.pace.note_data(bytes, now);
        self.last_data = now;
    }

    /// A complete block has come.
    pub(super) fn note_block(&mut self, now: Time) {
        self.last_block = now;
        self.waiting_since = (self.connection.outstanding() > 0).then_some(now);
        self.snubbed = false;
        self.penalty = FIRST_PENALTY;
    }

    /// It is snubbed: it gets no requests for a while, longer each time.
    pub(super) fn note_snub(&mut self, now: Time) {
        self.snubbed = true;
        self.waiting_since = None;
        self.penalty_ends = now + self.penalty;
        self.penalty = (self.penalty * 2).min(MAX_PENALTY);
    }

    /// Whether it is to be snubbed: it sends no data, or, in the end game (`is_end`),
    /// when nothing else is left to request, no complete block.
    pub(super) fn is_late(&self, now: Time, is_end: bool) -> bool {
        let Some(waiting) = self.waiting_since.filter(|_| self.owes()) else {
            return false;
        };
        let silent = now >= waiting.max(self.last_data) + SNUB_TIMEOUT;
        silent || is_end && now >= waiting + SNUB_TIMEOUT
    }

    /// How many requests may be outstanding, `most` at most.
    pub(super) fn depth(&self, most: usize, now: Time) -> usize {
        if self.snubbed {
            return 1;
        }
        let most = most.min(self.connection.reqq());
        self.pace.depth(now).min(most)
    }

    /// Cancels all requests to it; gives them, and the block that it was sending.
    pub(super) fn cancel_all(&mut self) -> (Vec<Block>, Option<Block>) {
        let requests: Vec<_> = self.connection.requests().collect();
        for block in &requests {
            self.connection.cancel(*block);
        }
        self.connection.forget_requests();
        // A block that it has begun to send may never be complete.
        (requests, self.connection.forget_incoming())
    }

    /// Blocks that were requested from it and have not come.
    pub(super) fn owed_blocks(&self) -> usize {
        self.connection.outstanding() + usize::from(self.connection.receiving().is_some())
    }

    /// Seconds until it has sent all blocks that were requested from it.
    pub(super) fn seconds_left(&self, now: Time) -> f64 {
        self.pace.seconds_for(self.owed_blocks(), now)
    }

    /// Whether a block was requested from it, or is being sent by it.
    pub(super) fn is_asked_for(&self, block: Block) -> bool {
        let sending = self.connection.receiving().map(|(block, _)| block);
        sending == Some(block) || self.connection.requests().any(|asked| asked == block)
    }
}
