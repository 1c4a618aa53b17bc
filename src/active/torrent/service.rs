//! Serving others.

use std::time::Duration;

use super::{PeerKey, Torrent};
use crate::active::machine::{Close, Connection, Time};
use crate::wire::peer::Block;

/// Nobody may ask for more at once; the unit is 16 KiB, some old clients ask for
/// twice that.
const MAX_REQUEST: u32 = 128 << 10;

/// After this long another peer gets the place of one that is served (BEP 3's
/// optimistic unchoke).
const SLOT_DURATION: Duration = Duration::from_secs(30);

/// While so many bytes wait to be sent to all peers, those for which more than
/// [`SLOW_READER_BYTES`] wait are not heard.
const MAX_WAITING_BYTES: usize = 64 << 20;
const SLOW_READER_BYTES: usize = 64 << 10;

impl Torrent {
    pub(super) fn not_interested(&mut self, key: PeerKey, now: Time) {
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.connection.choke();
            peer.served_since = None;
        }
        self.fill_slots(now);
    }

    /// Serves those that wait while there is room, the longest connected first.
    pub(super) fn fill_slots(&mut self, now: Time) {
        let served = self
            .peers
            .values()
            .filter(|peer| !peer.connection.is_choking());
        let mut room = self.options.upload_slots.saturating_sub(served.count());
        for peer in self.peers.values_mut() {
            if room == 0 {
                return;
            }
            if peer.connection.is_choking() && peer.connection.peer_is_interested() {
                peer.connection.unchoke();
                peer.served_since = Some(now);
                room -= 1;
            }
        }
    }

    /// Gives the place of the peer served longest to one that waits.
    fn take_turns(&mut self, now: Time) {
        let waits =
            |p: &super::Peer| p.connection.is_choking() && p.connection.peer_is_interested();
        if !self.peers.values().any(waits) {
            return;
        }
        let served = self.peers.iter();
        let oldest = served
            .filter_map(|(key, peer)| Some((peer.served_since?, *key)))
            .min();
        let Some((_, key)) = oldest.filter(|(since, _)| now >= *since + SLOT_DURATION) else {
            return;
        };
        // The others come first: the keys of those that wait may be higher.
        let next = self
            .peers
            .iter()
            .filter(|(_, peer)| waits(peer))
            .map(|(key, _)| *key);
        let next = next.clone().find(|next| *next > key).or_else(|| next.min());
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.connection.choke();
            peer.served_since = None;
        }
        if let Some(peer) = next.and_then(|next| self.peers.get_mut(&next)) {
            peer.connection.unchoke();
            peer.served_since = Some(now);
        }
    }

    pub(super) fn every_second(&mut self, now: Time) {
        for peer in self.peers.values_mut() {
            peer.pace.measure(peer.connection.outstanding() > 0);
            peer.refusals.tick(now);
        }
        self.share_memory();
        self.forget_sources();
        self.fill_slots(now);
        self.take_turns(now);
        self.find_snubs(now);
        self.wake_all();
    }

    pub(super) fn requested(&mut self, key: PeerKey, block: Block) -> Result<(), Close> {
        let content = self.content.as_ref();
        let fits = content.is_some_and(|content| content.contains(block));
        let Some(peer) = self.peers.get_mut(&key) else {
            return Ok(());
        };
        if fits && self.have.has(block.index) && block.length <= MAX_REQUEST {
            return Ok(());
        }
        peer.connection.refuse_nonsense(block)
    }

    /// Whether this peer must read what waits for it before it is heard again.
    pub fn must_read(&self, key: PeerKey) -> bool {
        let connection = self.peers.get(&key).map(|peer| &peer.connection);
        connection.is_some_and(Connection::is_backlogged) || self.is_crowded_for(key)
    }

    /// Whether some waits for this peer, and much for all of them together. It gets
    /// no answers, not even refusals: they would wait too.
    pub(super) fn is_crowded_for(&self, key: PeerKey) -> bool {
        self.waiting > MAX_WAITING_BYTES && self.output(key).len() >= SLOW_READER_BYTES
    }

    /// Answers a peer; what is added to what waits for it is counted at once.
    pub(super) fn answer(&mut self, key: PeerKey, how: impl FnOnce(&mut Self)) {
        let before = self.output(key).len();
        how(self);
        self.waiting += self.output(key).len().saturating_sub(before);
    }

    /// Counts what waits to be sent.
    pub(super) fn count_waiting(&mut self) {
        let peers = self.peers.values();
        self.waiting = peers.map(|peer| peer.connection.output().len()).sum();
    }

    /// The next block that this peer waits for, while not too much waits to be
    /// sent to it.
    pub fn next_upload(&mut self, key: PeerKey) -> Option<Block> {
        self.peers.get_mut(&key)?.connection.next_upload()
    }

    /// Whether [`Torrent::next_upload`] would give a block.
    pub fn wants_upload(&self, key: PeerKey) -> bool {
        let peer = self.peers.get(&key);
        peer.is_some_and(|peer| peer.connection.wants_upload())
    }

    /// Serves a block; `None` for data that cannot be read.
    pub fn upload(&mut self, key: PeerKey, block: Block, data: Option<&[u8]>) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        match data {
            Some(data) => {
                self.uploaded += data.len() as u64;
                peer.last_block = peer.connection.now();
                peer.connection.piece(block, data);
            }
            None => peer.connection.refuse(block),
        }
    }
}
