//! Which hashes are asked of whom.

use std::collections::BTreeMap;
use std::time::Duration;

use super::base_layer;
use crate::active::machine::Time;
use crate::active::torrent::PeerKey;
use crate::torrent::Content;
use crate::wire::metainfo::{Hash256, parent};
use crate::wire::peer::HashRange;

/// Hashes to ask for at once (BEP 52: at most 512).
const AT_ONCE: u32 = 512;

/// Requests to one peer at once.
const PER_PEER: usize = 8;

/// A request without an answer for this long goes to another peer.
const TIMEOUT: Duration = Duration::from_secs(20);

/// A peer that refuses is asked again after this.
const RETRY: Duration = Duration::from_secs(10);

#[derive(Debug)]
struct Layer {
    root: Hash256,
    /// Pieces of the file.
    pieces: u32,
    hashes: Vec<Option<Hash256>>,
}

/// The fetching of all piece layers that a torrent lacks.
#[derive(Debug)]
pub(in crate::active::torrent) struct LayerFetch {
    layers: Vec<Layer>,
    waiting: Vec<HashRange>,
    asked: BTreeMap<(Hash256, u32), (HashRange, PeerKey, Time)>,
    /// Peers that have refused, and until when they are left alone: they may
    /// have the layers later.
    refused: BTreeMap<PeerKey, Time>,
}

impl LayerFetch {
    /// Of what `content` lacks; `None` if that is nothing.
    pub(in crate::active::torrent) fn new(content: &Content) -> Option<Self> {
        let missing = content.missing_layers();
        if missing.is_empty() {
            return None;
        }
        let base_layer = base_layer(content);
        let mut waiting = Vec::new();
        let mut layers = Vec::new();
        for (root, pieces) in missing {
            waiting.extend(ranges(root, pieces, base_layer));
            layers.push(Layer {
                root,
                pieces,
                hashes: vec![None; pieces as usize],
            });
        }
        waiting.reverse();
        Some(Self {
            layers,
            waiting,
            asked: BTreeMap::new(),
            refused: BTreeMap::new(),
        })
    }

    /// The next requests to `peer`.
    pub(super) fn ask(&mut self, peer: PeerKey, now: Time) -> Vec<HashRange> {
        if self.refused.get(&peer).is_some_and(|until| now < *until) {
            return Vec::new();
        }
        let asked = self.asked.values().filter(|(_, other, _)| *other == peer);
        let room = PER_PEER.saturating_sub(asked.count());
        let keep = self.waiting.len().saturating_sub(room);
        let ranges = self.waiting.split_off(keep);
        for range in &ranges {
            let key = (range.pieces_root, range.index);
            self.asked.insert(key, (*range, peer, now));
        }
        ranges
    }

    /// Hashes have come. Says whether they were asked for and lead to the root;
    /// nothing is said of those that were not asked for.
    pub(super) fn hashes(
        &mut self,
        peer: PeerKey,
        range: HashRange,
        bytes: &[u8],
        now: Time,
    ) -> Option<bool> {
        let key = (range.pieces_root, range.index);
        let (asked, _, _) = self
            .asked
            .get(&key)
            .filter(|(asked, from, _)| *from == peer && *asked == range)?;
        let asked = *asked;
        self.asked.remove(&key);
        let (hashes, _) = bytes.as_chunks::<32>();
        if !leads_to_root(&asked, hashes) {
            self.waiting.push(asked);
            self.refused.insert(peer, now + RETRY);
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

    /// The peer does not bring these hashes.
    pub(super) fn reject(&mut self, peer: PeerKey, range: &HashRange, now: Time) {
        let key = (range.pieces_root, range.index);
        if self
            .asked
            .get(&key)
            .is_some_and(|(_, from, _)| *from == peer)
        {
            self.asked.remove(&key);
            self.waiting.push(*range);
            self.refused.insert(peer, now + RETRY);
        }
    }

    /// The peer has gone.
    pub(in crate::active::torrent) fn gone(&mut self, peer: PeerKey) {
        self.refused.remove(&peer);
        self.take_back(|from, _| from == peer);
    }

    /// Takes back requests that have waited too long.
    pub(in crate::active::torrent) fn tick(&mut self, now: Time) {
        self.take_back(|_, sent| now >= sent + TIMEOUT);
    }

    fn take_back(&mut self, late: impl Fn(PeerKey, Time) -> bool) {
        let waiting = &mut self.waiting;
        self.asked.retain(|_, (range, peer, sent)| {
            let late = late(*peer, *sent);
            if late {
                waiting.push(*range);
            }
            !late
        });
    }

    /// When [`LayerFetch::tick`] has something to do.
    pub(in crate::active::torrent) fn deadline(&self) -> Option<Time> {
        let sent = self.asked.values().map(|(_, _, sent)| *sent);
        sent.min().map(|sent| sent + TIMEOUT)
    }

    /// The layers, once all hashes are there.
    pub(super) fn finished(&self) -> Option<Vec<(Hash256, Vec<Hash256>)>> {
        if !self.waiting.is_empty() || !self.asked.is_empty() {
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
    let length = width.clamp(2, AT_ONCE);
    let starts = (0..pieces).step_by(length as usize);
    starts
        .map(|index| HashRange {
            pieces_root: root,
            base_layer,
            index,
            length,
            // All layers between the one asked for and the root.
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
    let mut level = base.to_vec();
    while level.len() > 1 {
        let pairs = level.chunks_exact(2);
        level = pairs.map(|pair| parent(&pair[0], &pair[1])).collect();
    }
    let mut node = level[0];
    let mut at = range.index >> range.length.ilog2();
    for uncle in uncles {
        node = if at & 1 == 0 {
            parent(&node, uncle)
        } else {
            parent(uncle, &node)
        };
        at >>= 1;
    }
    node == range.pieces_root
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::active::testing::v2;

    #[test]
    fn who_refuses_is_asked_again_later() {
        let info = v2(&[300_000], 65536, false).content().info;
        let mut fetch = LayerFetch::new(&Content::from_info(info)).unwrap();
        let (peer, now) = (PeerKey(1), Time::ZERO);
        let asked = fetch.ask(peer, now);
        assert_eq!(asked.len(), 1);
        fetch.reject(peer, &asked[0], now);
        assert!(fetch.ask(peer, now).is_empty());
        assert_eq!(fetch.ask(peer, now + RETRY), asked);
        // Another need not wait.
        fetch.reject(peer, &asked[0], now + RETRY);
        assert_eq!(fetch.ask(PeerKey(2), now + RETRY), asked);
    }
}
