//! Fetching the info dictionary from peers (BEP 9).

use std::cmp::Reverse;
use std::time::Duration;

use crate::active::machine::Time;
use crate::active::torrent::peer_key::PeerKey;
use crate::torrent::{MetadataPieces, Wanted};
use crate::wire::extension::METADATA_PIECE;
use crate::wire::metainfo::{Info, MetainfoError};

/// A longer dictionary is not fetched, in bytes (libtorrent stops at 4 MiB; the longest
/// known ones have less than 20).
const MAX_METADATA_SIZE: u64 = 32 << 20;

/// A peer that sends nothing for this long is given up.
const SOURCE_TIMEOUT: Duration = Duration::from_secs(10);

/// After this long without the whole dictionary one more peer is asked for it. While
/// pieces come the pause doubles each time, up to the maximum: all peers share what may
/// be a slow line.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(8);

/// The most bytes of incomplete dictionaries, of all peers together.
const MAX_HELD_BYTES: u64 = 2 * MAX_METADATA_SIZE;

/// The most outstanding requests to one peer. Transmission accepts 64, libtorrent 40 in a
/// few seconds.
const MAX_REQUESTS_PER_PEER: u32 = 8;

/// Fetches an info dictionary. All pieces come from one peer, so that a wrong dictionary
/// is that peer's fault alone. While it is not complete more peers are asked, one after
/// the other, each for the whole dictionary: a slow or hostile peer cannot delay it.
#[derive(Debug)]
pub(in crate::active::torrent) struct MetadataFetch {
    wanted: Wanted,
    /// The peers that are asked, in the order in which they were asked first.
    sources: Vec<Source>,
    /// When one more peer may be asked.
    next_source_at: Time,
    /// The pause that ends then, and whether a piece has come in it.
    pause: Duration,
    has_progress: bool,
    /// Peers that have rejected a request, timed out, or sent a wrong dictionary.
    failed: Vec<PeerKey>,
}

/// A peer that is asked for the dictionary.
#[derive(Debug)]
struct Source {
    peer: PeerKey,
    pieces: MetadataPieces,
    /// The piece that is requested next.
    next_piece: u32,
    /// Outstanding requests.
    outstanding: u32,
    /// When a piece came last, or the first was requested.
    last_piece_at: Time,
}

/// What came of a message about metadata.
#[derive(Debug)]
pub(super) enum Step {
    /// Request these pieces from this peer.
    Request(PeerKey, Vec<u32>),
    /// The dictionary is complete and has the right hash.
    Complete(Box<Info>),
    /// It is complete and has the right hash, but no torrent can be read from it: no
    /// other peer has a better one.
    Unusable(MetainfoError),
    /// The peer has sent a wrong dictionary.
    Wrong(PeerKey),
    /// Nothing to do.
    Nothing,
}

impl Source {
    fn new(peer: PeerKey, size: u64, now: Time) -> Self {
        Self {
            peer,
            pieces: MetadataPieces::new(size),
            next_piece: 0,
            outstanding: 0,
            last_piece_at: now,
        }
    }

    /// The pieces to request now.
    fn request(&mut self) -> Step {
        let mut wanted = Vec::new();
        while self.outstanding < MAX_REQUESTS_PER_PEER
            && u64::from(self.next_piece) < self.pieces.count()
        {
            wanted.push(self.next_piece);
            self.next_piece += 1;
            self.outstanding += 1;
        }
        Step::Request(self.peer, wanted)
    }

    /// Takes a piece; says whether it was requested.
    fn take(&mut self, piece: u32, bytes: Vec<u8>, now: Time) -> bool {
        let index = u64::from(piece);
        let is_requested = piece < self.next_piece && !self.pieces.has(index);
        if !is_requested || !self.pieces.fits(index, bytes.len()) {
            return false;
        }
        self.pieces.add(index, bytes.into_boxed_slice());
        self.outstanding -= 1;
        self.last_piece_at = now;
        true
    }

    /// Bytes that are held of its pieces.
    fn held(&self) -> u64 {
        self.pieces.held() as u64 * METADATA_PIECE
    }
}

impl MetadataFetch {
    pub(in crate::active::torrent) fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            sources: Vec::new(),
            next_source_at: Time::ZERO,
            pause: FIRST_PAUSE,
            has_progress: false,
            failed: Vec::new(),
        }
    }

    /// Begins the pause before the next peer is asked.
    fn pause_from(&mut self, now: Time) {
        self.pause = if self.has_progress {
            (self.pause * 2).min(MAX_PAUSE)
        } else {
            FIRST_PAUSE
        };
        self.has_progress = false;
        self.next_source_at = now + self.pause;
    }

    /// A peer offers a dictionary of `size` bytes.
    pub(super) fn offer(&mut self, peer: PeerKey, size: u64, now: Time) -> Step {
        if !self.wants_source(now)
            || size > MAX_METADATA_SIZE
            || self.failed.contains(&peer)
            || self.source(peer).is_some()
        {
            return Step::Nothing;
        }
        self.pause_from(now);
        let mut source = Source::new(peer, size, now);
        let step = source.request();
        self.sources.push(source);
        step
    }

    /// Several peers offer one: the first that may be asked is asked.
    pub(super) fn offer_all(
        &mut self,
        mut offers: impl Iterator<Item = (PeerKey, u64)>,
        now: Time,
    ) -> Step {
        if !self.wants_source(now) {
            return Step::Nothing;
        }
        let step = offers.find_map(|(peer, size)| match self.offer(peer, size, now) {
            Step::Nothing => None,
            step => Some(step),
        });
        step.unwrap_or_else(|| {
            self.nobody_else(now);
            Step::Nothing
        })
    }

    fn source(&mut self, peer: PeerKey) -> Option<&mut Source> {
        self.sources.iter_mut().find(|source| source.peer == peer)
    }

    /// A piece has come. `None` if it was not requested.
    pub(super) fn take(
        &mut self,
        peer: PeerKey,
        piece: u32,
        bytes: Vec<u8>,
        now: Time,
    ) -> Option<Step> {
        let source = self.sources.iter_mut().find(|source| source.peer == peer)?;
        if !source.take(piece, bytes, now) {
            return None;
        }
        self.has_progress = true;
        if source.pieces.is_complete() {
            return Some(self.complete(peer));
        }
        let step = source.request();
        self.limit_memory();
        Some(step)
    }

    /// When all peers together have sent too much, the one that offers the longest
    /// dictionary is given up; of several the one that has sent least, so that one of
    /// them can complete it.
    fn limit_memory(&mut self) {
        let held: u64 = self.sources.iter().map(Source::held).sum();
        let sources = self.sources.iter().filter(|source| source.held() > 0);
        if held > MAX_HELD_BYTES
            && let Some(worst) =
                sources.max_by_key(|source| (source.pieces.size(), Reverse(source.held())))
        {
            self.give_up(worst.peer);
        }
    }

    /// A peer has sent all pieces.
    fn complete(&mut self, peer: PeerKey) -> Step {
        let at = self.sources.iter().position(|source| source.peer == peer);
        let Some(source) = at.map(|at| self.sources.remove(at)) else {
            return Step::Nothing;
        };
        let bytes = source.pieces.join();
        if !self.wanted.fits(&bytes) {
            self.failed.push(peer);
            return Step::Wrong(peer);
        }
        match Info::parse(&bytes) {
            Ok(info) => Step::Complete(Box::new(info)),
            Err(error) => Step::Unusable(error),
        }
    }

    /// The peer has disconnected.
    pub(in crate::active::torrent) fn forget_peer(&mut self, peer: PeerKey) {
        self.give_up(peer);
        self.failed.retain(|failed| *failed != peer);
    }

    /// The peer rejects a request, or is not waited for any more.
    pub(super) fn give_up(&mut self, peer: PeerKey) {
        if let Some(at) = self.sources.iter().position(|source| source.peer == peer) {
            self.sources.remove(at);
            self.failed.push(peer);
        }
    }

    /// Gives up peers that send nothing.
    pub(in crate::active::torrent) fn tick(&mut self, now: Time) {
        let late = self
            .sources
            .iter()
            .filter(|s| now >= s.last_piece_at + SOURCE_TIMEOUT);
        for peer in late.map(|source| source.peer).collect::<Vec<_>>() {
            self.give_up(peer);
        }
    }

    /// When [`MetadataFetch::tick`] has something to do, or another peer may be asked.
    pub(in crate::active::torrent) fn deadline(&self) -> Option<Time> {
        let late = self
            .sources
            .iter()
            .map(|source| source.last_piece_at + SOURCE_TIMEOUT);
        Some(late.min()?.min(self.next_source_at))
    }

    /// Whether a peer may be asked (one more, if others are).
    fn wants_source(&self, now: Time) -> bool {
        self.sources.is_empty() || now >= self.next_source_at
    }

    /// No other peer can be asked. If none is asked at present, those that have failed
    /// may be asked again.
    fn nobody_else(&mut self, now: Time) {
        self.pause_from(now);
        if self.sources.is_empty() {
            self.failed.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use sha1::{Digest, Sha1};

    use super::*;

    /// The peer has sent what was requested.
    #[test]
    fn a_dictionary_with_the_right_hash_that_makes_no_torrent_is_nobody_s_fault() {
        let bytes = b"d4:name1:xe".to_vec();
        let mut fetch = MetadataFetch::new(Wanted {
            v1: Some(Sha1::digest(&bytes).into()),
            v2: None,
        });
        let peer = PeerKey(0);
        let asked = fetch.offer(peer, bytes.len() as u64, Time::ZERO);
        assert!(matches!(asked, Step::Request(_, pieces) if pieces == [0]));
        let step = fetch.take(peer, 0, bytes, Time::ZERO);
        assert!(matches!(step, Some(Step::Unusable(_))));
    }

    #[test]
    fn while_nothing_comes_others_are_asked_too() {
        let mut fetch = MetadataFetch::new(Wanted::default());
        let mut now = Time::ZERO;
        let asked = |step| matches!(step, Step::Request(_, pieces) if pieces == [0]);
        assert!(asked(fetch.offer(PeerKey(0), 10, now)));
        assert!(matches!(fetch.offer(PeerKey(1), 10, now), Step::Nothing));
        now = fetch.deadline().unwrap();
        assert_eq!(now, FIRST_PAUSE);
        assert!(asked(fetch.offer(PeerKey(1), 10, now)));
        // No other peer offers it: the next attempt is later.
        now += FIRST_PAUSE;
        fetch.nobody_else(now);
        assert_eq!(fetch.deadline(), Some(now + FIRST_PAUSE));
        fetch.tick(SOURCE_TIMEOUT);
        assert_eq!(fetch.sources.len(), 1);
        fetch.tick(SOURCE_TIMEOUT + FIRST_PAUSE);
        assert_eq!(fetch.deadline(), None);
    }

    #[test]
    fn while_it_comes_fewer_are_asked_beside() {
        let mut fetch = MetadataFetch::new(Wanted::default());
        let mut now = Time::ZERO;
        let mut asked = 0;
        // 16 KiB a second, for a minute.
        for step in 0..600_u32 {
            if let Step::Request(..) = fetch.offer(PeerKey(step.into()), 100 * METADATA_PIECE, now)
            {
                asked += 1;
            }
            if step % 10 == 0 {
                fetch.take(PeerKey(0), step / 10, vec![0; METADATA_PIECE as usize], now);
            }
            now += Duration::from_millis(100);
        }
        assert!((5..20).contains(&asked), "{asked}");
    }

    #[test]
    fn whoever_speaks_of_longer_dictionaries_is_given_up_before_others() {
        let mut fetch = MetadataFetch::new(Wanted::default());
        let piece = || vec![0; METADATA_PIECE as usize];
        for (peer, size) in [
            (0, MAX_METADATA_SIZE),
            (1, MAX_METADATA_SIZE),
            (2, MAX_METADATA_SIZE / 2),
        ] {
            fetch.next_source_at = Time::ZERO;
            fetch.offer(PeerKey(peer), size, Time::ZERO);
            for number in 0..(size / METADATA_PIECE) as u32 - 1 {
                fetch.take(PeerKey(peer), number, piece(), Time::ZERO);
            }
        }
        assert!(fetch.source(PeerKey(2)).is_some());
        assert_eq!(fetch.sources.len(), 2);
    }

    #[test]
    fn endless_dictionaries_of_many_take_little_memory() {
        let mut fetch = MetadataFetch::new(Wanted::default());
        let mut most = 0;
        for peer in (0..6).map(PeerKey) {
            fetch.next_source_at = Time::ZERO;
            fetch.offer(peer, MAX_METADATA_SIZE, Time::ZERO);
            for piece in 0..(MAX_METADATA_SIZE / METADATA_PIECE) as u32 - 1 {
                fetch.take(peer, piece, vec![0; METADATA_PIECE as usize], Time::ZERO);
            }
            most = most.max(fetch.sources.iter().map(Source::held).sum());
        }
        assert!(
            (MAX_METADATA_SIZE..=MAX_HELD_BYTES).contains(&most),
            "{most}"
        );
    }
}
