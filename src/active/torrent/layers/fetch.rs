//! Which hashes are requested from whom.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::active::machine::Time;
use crate::active::torrent::peer::Peer;
use crate::active::torrent::peer_key::PeerKey;
use crate::active::torrent::peers::Peers;
use crate::torrent::Content;
use crate::wire::metainfo::{Hash256, climb};
use crate::wire::peer::HashRange;

/// The most hashes that one request may ask for (BEP 52).
const MAX_HASHES_PER_REQUEST: u32 = 512;

/// The most outstanding requests to one peer.
const MAX_REQUESTS_PER_PEER: usize = 8;

/// A request that is unanswered for this long is sent to another peer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// A peer that has rejected a request gets no more for this long.
const REJECT_PAUSE: Duration = Duration::from_secs(10);

/// The piece layer of a file.
#[derive(Debug)]
struct Layer {
    /// The root of the file's hash tree.
    root: Hash256,
    /// Pieces of the file.
    pieces: u32,
    hashes: Vec<Option<Hash256>>,
}

/// Fetches all piece layers that a torrent lacks.
#[derive(Debug)]
pub(in crate::active::torrent) struct LayerFetch {
    layers: Vec<Layer>,
    /// Requests that are to be sent.
    open: Vec<HashRange>,
    /// Outstanding requests by root and index, each with its peer and when it was sent.
    outstanding: BTreeMap<(Hash256, u32), (HashRange, PeerKey, Time)>,
    /// Peers that have rejected a request, and until when they get no more: they may
    /// have the layers later.
    rejected: BTreeMap<PeerKey, Time>,
}

impl LayerFetch {
    /// Of what `content` lacks; `None` if that is nothing.
    pub(in crate::active::torrent) fn new(content: &Content) -> Option<Self> {
        let missing = content.missing_layers();
        if missing.is_empty() {
            return None;
        }
        let base_layer = content.piece_layer_height();
        let mut open = Vec::new();
        let mut layers = Vec::new();
        for (root, pieces) in missing {
            open.extend(ranges(root, pieces, base_layer));
            layers.push(Layer {
                root,
                pieces,
                hashes: vec![None; pieces as usize],
            });
        }
        open.reverse();
        Some(Self {
            layers,
            open,
            outstanding: BTreeMap::new(),
            rejected: BTreeMap::new(),
        })
    }

    /// Sends requests to a peer.
    pub(super) fn request_from(&mut self, key: PeerKey, peer: &mut Peer) {
        if peer.connection.handshake().is_none() {
            return;
        }
        for range in self.next_requests(key, peer.connection.now()) {
            peer.connection.request_hashes(range);
        }
    }

    /// Sends requests to all peers.
    pub(in crate::active::torrent) fn request_from_all(&mut self, peers: &mut Peers, now: Time) {
        for (key, peer) in peers.iter_mut() {
            peer.connection.set_now(now);
            self.request_from(key, peer);
        }
    }

    /// The next requests to a peer, noted as sent.
    fn next_requests(&mut self, peer: PeerKey, now: Time) -> Vec<HashRange> {
        if self.rejected.get(&peer).is_some_and(|until| now < *until) {
            return Vec::new();
        }
        let asked = self
            .outstanding
            .values()
            .filter(|(_, other, _)| *other == peer);
        let room = MAX_REQUESTS_PER_PEER.saturating_sub(asked.count());
        let keep = self.open.len().saturating_sub(room);
        let ranges = self.open.split_off(keep);
        for range in &ranges {
            let key = (range.pieces_root, range.index);
            self.outstanding.insert(key, (*range, peer, now));
        }
        ranges
    }

    /// Hashes have come. Says whether they lead to the root; `None` if they were not
    /// requested.
    pub(super) fn take(
        &mut self,
        peer: PeerKey,
        range: HashRange,
        bytes: &[u8],
        now: Time,
    ) -> Option<bool> {
        let key = (range.pieces_root, range.index);
        let (asked, _, _) = self
            .outstanding
            .get(&key)
            .filter(|(asked, from, _)| *from == peer && *asked == range)?;
        let asked = *asked;
        self.outstanding.remove(&key);
        let (hashes, _) = bytes.as_chunks::<32>();
        if !leads_to_root(&asked, hashes) {
            self.open.push(asked);
            self.rejected.insert(peer, now + REJECT_PAUSE);
            return Some(false);
        }
        if let Some(layer) = self.layers.iter_mut().find(|l| l.root == asked.pieces_root) {
            let slots = layer.hashes.iter_mut().skip(asked.index as usize);
            for (slot, hash) in slots.zip(&hashes[..asked.length as usize]) {
                *slot = Some(*hash);
            }
        }
        Some(true)
    }

    /// The peer rejects a request.
    pub(super) fn reject(&mut self, peer: PeerKey, range: &HashRange, now: Time) {
        let key = (range.pieces_root, range.index);
        if self
            .outstanding
            .get(&key)
            .is_some_and(|(_, from, _)| *from == peer)
        {
            self.outstanding.remove(&key);
            self.open.push(*range);
            self.rejected.insert(peer, now + REJECT_PAUSE);
        }
    }

    /// The peer has disconnected.
    pub(in crate::active::torrent) fn forget_peer(&mut self, peer: PeerKey) {
        self.rejected.remove(&peer);
        self.take_back(|from, _| from == peer);
    }

    /// Takes back requests that were not answered in time.
    pub(in crate::active::torrent) fn tick(&mut self, now: Time) {
        self.take_back(|_, sent| now >= sent + REQUEST_TIMEOUT);
    }

    fn take_back(&mut self, late: impl Fn(PeerKey, Time) -> bool) {
        let open = &mut self.open;
        self.outstanding.retain(|_, (range, peer, sent)| {
            let late = late(*peer, *sent);
            if late {
                open.push(*range);
            }
            !late
        });
    }

    /// When [`LayerFetch::tick`] has something to do.
    pub(in crate::active::torrent) fn deadline(&self) -> Option<Time> {
        let sent = self.outstanding.values().map(|(_, _, sent)| *sent);
        sent.min().map(|sent| sent + REQUEST_TIMEOUT)
    }

    /// The layers, once they are complete.
    pub(super) fn finished(&self) -> Option<Vec<(Hash256, Vec<Hash256>)>> {
        if !self.open.is_empty() || !self.outstanding.is_empty() {
            return None;
        }
        let whole = self.layers.iter().map(|layer| {
            let hashes = layer.hashes.iter().copied().collect::<Option<Vec<_>>>()?;
            (hashes.len() == layer.pieces as usize).then_some((layer.root, hashes))
        });
        whole.collect()
    }
}

/// The requests for the piece layer of a file.
fn ranges(root: Hash256, pieces: u32, base_layer: u32) -> Vec<HashRange> {
    let width = pieces.next_power_of_two();
    let length = width.clamp(2, MAX_HASHES_PER_REQUEST);
    let starts = (0..pieces).step_by(length as usize);
    starts
        .map(|index| HashRange {
            pieces_root: root,
            base_layer,
            index,
            length,
            // All layers between the base layer and the root.
            proof_layers: width.max(2).ilog2() - 1,
        })
        .collect()
}

/// Whether base hashes and uncles lead to the root of the range.
fn leads_to_root(range: &HashRange, hashes: &[Hash256]) -> bool {
    let length = range.length as usize;
    if hashes.len() != length + range.uncles() as usize || !length.is_power_of_two() {
        return false;
    }
    let (base, uncles) = hashes.split_at(length);
    climb(base, range.index, uncles).is_some_and(|(node, _)| node == range.pieces_root)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::testing::v2;

    #[test]
    fn a_peer_that_rejects_is_asked_again_later() {
        let info = v2(&[300_000], 65536, false).content().info;
        let mut fetch = LayerFetch::new(&Content::from_info(info)).unwrap();
        let (peer, now) = (PeerKey(1), Time::ZERO);
        let asked = fetch.next_requests(peer, now);
        assert_eq!(asked.len(), 1);
        fetch.reject(peer, &asked[0], now);
        assert!(fetch.next_requests(peer, now).is_empty());
        assert_eq!(fetch.next_requests(peer, now + REJECT_PAUSE), asked);
        // Another need not wait.
        fetch.reject(peer, &asked[0], now + REJECT_PAUSE);
        assert_eq!(fetch.next_requests(PeerKey(2), now + REJECT_PAUSE), asked);
    }
}
