//! What a torrent remembers of a connection.

use std::net::SocketAddr;

use super::Source;
use super::pace::Pace;
use crate::active::machine::{Connection, Time};

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
    pub(super) pace: Pace,
    /// It keeps requests waiting.
    pub(super) snubbed: bool,
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
            pace: Pace::new(now),
            snubbed: false,
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
        self.pace.unchoked(now);
        self.last_data = now;
        self.snubbed = false;
    }

    pub(super) fn note_data(&mut self, bytes: usize, now: Time) {
        self.pace.data(bytes, now);
        self.last_data = now;
        self.snubbed = false;
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
