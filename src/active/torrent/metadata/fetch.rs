//! Fetching the info dictionary from peers (BEP 9).

use std::time::Duration;

use sha1::{Digest, Sha1};
use sha2::Sha256;

use crate::active::machine::Time;
use crate::active::torrent::PeerKey;
use crate::wire::metainfo::{Hash256, Info, MetainfoError};

/// Bytes of every piece of the dictionary but the last.
pub(super) const PIECE: u64 = crate::wire::extension::METADATA_PIECE;

/// A longer dictionary is not believed (libtorrent stops at 4 MiB, the longest
/// ever seen are below 20).
const MAX_SIZE: u64 = 32 << 20;

/// A peer that brings nothing for this long is given up.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Requests to one peer at once. Transmission takes 64, libtorrent 40 in a while.
const AT_ONCE: u32 = 8;

/// Which torrent is wanted: what a magnet link says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Wanted {
    /// The v1 info-hash.
    pub v1: Option<[u8; 20]>,
    /// The v2 info-hash.
    pub v2: Option<Hash256>,
}

impl Wanted {
    /// Whether these bytes are the info dictionary.
    fn fits(&self, bytes: &[u8]) -> bool {
        let v1 = self.v1.is_none_or(|hash| Sha1::digest(bytes)[..] == hash);
        let v2 = self.v2.is_none_or(|hash| Sha256::digest(bytes)[..] == hash);
        v1 && v2
    }
}

/// The fetching of an info dictionary: from one peer at a time, so that a wrong
/// one is the fault of nobody else. Never holds more than that peer has sent.
#[derive(Debug)]
pub(in crate::active::torrent) struct Fetch {
    wanted: Wanted,
    source: Option<Source>,
    /// Peers that have failed.
    failed: Vec<PeerKey>,
}

#[derive(Debug)]
struct Source {
    peer: PeerKey,
    size: u64,
    pieces: Vec<Option<Vec<u8>>>,
    next: u32,
    waiting: u32,
    last: Time,
}

/// What came of a message about metadata.
#[derive(Debug)]
pub(super) enum Step {
    /// Ask this peer for these pieces.
    Ask(PeerKey, Vec<u32>),
    /// The dictionary is whole and right.
    Whole(Box<Info>),
    /// It is whole and right, and no torrent can be read from it: nobody has a
    /// better one.
    Unusable(MetainfoError),
    /// The peer has sent a wrong dictionary.
    Wrong(PeerKey),
    /// Nothing to do.
    Nothing,
}

impl Fetch {
    pub(in crate::active::torrent) fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            source: None,
            failed: Vec::new(),
        }
    }

    /// A peer offers a dictionary of `size` bytes.
    pub(super) fn offer(&mut self, peer: PeerKey, size: u64, now: Time) -> Step {
        if self.source.is_some() || size > MAX_SIZE || self.failed.contains(&peer) {
            return Step::Nothing;
        }
        self.source = Some(Source {
            peer,
            size,
            pieces: vec![None; size.div_ceil(PIECE) as usize],
            next: 0,
            waiting: 0,
            last: now,
        });
        self.ask()
    }

    fn ask(&mut self) -> Step {
        let Some(source) = &mut self.source else {
            return Step::Nothing;
        };
        let mut wanted = Vec::new();
        while source.waiting < AT_ONCE && (source.next as usize) < source.pieces.len() {
            wanted.push(source.next);
            source.next += 1;
            source.waiting += 1;
        }
        Step::Ask(source.peer, wanted)
    }

    /// A piece has come.
    pub(super) fn data(&mut self, peer: PeerKey, piece: u32, bytes: Vec<u8>, now: Time) -> Step {
        let Some(source) = self.source.as_mut().filter(|source| source.peer == peer) else {
            return Step::Nothing;
        };
        let start = u64::from(piece) * PIECE;
        let fits = piece < source.next && bytes.len() as u64 == PIECE.min(source.size - start);
        let Some(slot) = source.pieces.get_mut(piece as usize).filter(|_| fits) else {
            return Step::Nothing;
        };
        if slot.is_some() {
            return Step::Nothing;
        }
        *slot = Some(bytes);
        source.waiting -= 1;
        source.last = now;
        if source.pieces.iter().all(Option::is_some) {
            return self.whole();
        }
        self.ask()
    }

    fn whole(&mut self) -> Step {
        let Some(source) = self.source.take() else {
            return Step::Nothing;
        };
        let bytes: Vec<u8> = source.pieces.into_iter().flatten().flatten().collect();
        if !self.wanted.fits(&bytes) {
            self.failed.push(source.peer);
            return Step::Wrong(source.peer);
        }
        match Info::parse(&bytes) {
            Ok(info) => Step::Whole(Box::new(info)),
            Err(error) => Step::Unusable(error),
        }
    }

    /// The peer has gone.
    pub(in crate::active::torrent) fn gone(&mut self, peer: PeerKey) {
        self.give_up(peer);
        self.failed.retain(|failed| *failed != peer);
    }

    /// The peer rejects.
    pub(super) fn give_up(&mut self, peer: PeerKey) {
        if self
            .source
            .as_ref()
            .is_some_and(|source| source.peer == peer)
        {
            self.source = None;
            self.failed.push(peer);
        }
    }

    /// Gives up a peer that brings nothing.
    pub(in crate::active::torrent) fn tick(&mut self, now: Time) {
        if let Some(source) = &self.source
            && now >= source.last + TIMEOUT
        {
            self.give_up(source.peer);
        }
    }

    /// When [`Fetch::tick`] has something to do.
    pub(in crate::active::torrent) fn deadline(&self) -> Option<Time> {
        Some(self.source.as_ref()?.last + TIMEOUT)
    }

    /// Whether a peer may be asked.
    pub(super) fn is_idle(&self) -> bool {
        self.source.is_none()
    }

    /// Lets peers try again that have failed: there is nobody else.
    pub(super) fn forgive(&mut self) {
        self.failed.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever sent it has sent what was asked for.
    #[test]
    fn a_dictionary_with_the_right_hash_that_makes_no_torrent_is_nobody_s_fault() {
        let bytes = b"d4:name1:xe".to_vec();
        let mut fetch = Fetch::new(Wanted {
            v1: Some(Sha1::digest(&bytes).into()),
            v2: None,
        });
        let peer = PeerKey(0);
        let asked = fetch.offer(peer, bytes.len() as u64, Time::ZERO);
        assert!(matches!(asked, Step::Ask(_, pieces) if pieces == [0]));
        let step = fetch.data(peer, 0, bytes, Time::ZERO);
        assert!(matches!(step, Step::Unusable(_)));
    }
}
