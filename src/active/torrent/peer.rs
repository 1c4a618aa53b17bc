//! What a torrent remembers of a connection.

use std::net::SocketAddr;
use std::time::Duration;

use super::Source;
use crate::active::machine::{BLOCK, Connection, Time};

/// Requests that are sent at once as soon as a peer unchokes us, in blocks:
/// nothing is known of its speed yet.
const FIRST_DEPTH: usize = 256;

/// The least depth of a queue to a peer that sends well.
const LEAST_DEPTH: usize = 16;

/// A queue holds what the peer sends in this time (libtorrent has 3 s).
const QUEUE_TIME: f64 = 3.0;

/// For so long after its unchoke a peer's speed is not judged.
const GRACE: Duration = Duration::from_secs(3);

/// A peer and what is known of it beyond the protocol.
#[derive(Debug)]
pub(super) struct Peer {
    pub(super) connection: Connection,
    pub(super) address: SocketAddr,
    /// Pieces that this peer fetches and that have free blocks, as far as known.
    pub(super) pieces: Vec<u32>,
    /// Whether its pieces are counted in the picker: not those of a seed.
    pub(super) counted: bool,
    /// When data came last, or the unchoke.
    pub(super) last_data: Time,
    unchoked: Time,
    /// It keeps requests waiting.
    pub(super) snubbed: bool,
    /// Bytes since the last look, and bytes a second.
    bytes: u64,
    pub(super) rate: f64,
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
            unchoked: now,
            snubbed: false,
            bytes: 0,
            rate: 0.0,
            served_since: None,
        }
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

    pub(super) fn note_unchoke(&mut self, now: Time) {
        self.unchoked = now;
        self.last_data = now;
        self.snubbed = false;
    }

    pub(super) fn note_data(&mut self, bytes: usize, now: Time) {
        self.bytes += bytes as u64;
        self.last_data = now;
        self.snubbed = false;
    }

    /// Called once a second.
    pub(super) fn measure(&mut self) {
        let last = self.bytes as f64;
        self.rate = if self.rate == 0.0 {
            last
        } else {
            self.rate * 0.6 + last * 0.4
        };
        self.bytes = 0;
    }

    /// How many requests may wait for answers.
    pub(super) fn depth(&self, most: usize, now: Time) -> usize {
        let most = most.min(self.connection.reqq());
        if self.snubbed {
            return 1;
        }
        if now < self.unchoked + GRACE {
            return FIRST_DEPTH.min(most);
        }
        let blocks = self.rate * QUEUE_TIME / f64::from(BLOCK);
        // A rate is never negative, and `as` saturates.
        #[allow(clippy::cast_sign_loss)]
        let blocks = blocks as usize;
        blocks.max(LEAST_DEPTH).min(most)
    }
}
