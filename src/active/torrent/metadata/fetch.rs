//! Fetching the info dictionary from peers (BEP 9).

use std::cmp::Reverse;
use std::time::Duration;

use crate::active::machine::Time;
use crate::active::torrent::PeerKey;
use crate::torrent::Wanted;
use crate::wire::metainfo::{Info, MetainfoError};

/// Bytes of every piece of the dictionary but the last.
pub(super) const PIECE: u64 = crate::wire::extension::METADATA_PIECE;

/// A longer dictionary is not believed (libtorrent stops at 4 MiB, the longest
/// ever seen are below 20).
const MAX_SIZE: u64 = 32 << 20;

/// A peer that brings nothing for this long is given up.
const TIMEOUT: Duration = Duration::from_secs(10);

/// When the dictionary has not come after this long, another peer is asked too.
/// While it comes the next is asked after twice as long each time, up to a limit:
/// each one takes its part of a slow line.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const MAX_PAUSE: Duration = Duration::from_secs(8);

/// What all peers together may send of dictionaries that are not whole.
const MAX_HELD: u64 = 2 * MAX_SIZE;

/// Requests to one peer at once. Transmission takes 64, libtorrent 40 in a while.
const MAX_REQUESTS: u32 = 8;

/// The fetching of an info dictionary: whole from one peer, so that a wrong one is
/// the fault of nobody else. While it does not come another peer is asked beside
/// the first, and another, each for the whole: whoever is slow, or wants to be,
/// holds nobody up. Never holds more than those peers have sent.
#[derive(Debug)]
pub(in crate::active::torrent) struct Fetch {
    wanted: Wanted,
    /// Those that are asked, the first asked first.
    sources: Vec<Source>,
    /// When the next may be asked, after which pause, and whether anything has come
    /// in it.
    next: Time,
    pause: Duration,
    comes: bool,
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

impl Source {
    fn new(peer: PeerKey, size: u64, now: Time) -> Self {
        Self {
            peer,
            size,
            pieces: vec![None; size.div_ceil(PIECE) as usize],
            next: 0,
            waiting: 0,
            last: now,
        }
    }

    /// The pieces to ask for now.
    fn ask(&mut self) -> Step {
        let mut wanted = Vec::new();
        while self.waiting < MAX_REQUESTS && (self.next as usize) < self.pieces.len() {
            wanted.push(self.next);
            self.next += 1;
            self.waiting += 1;
        }
        Step::Ask(self.peer, wanted)
    }

    /// Takes a piece; says whether it was wanted.
    fn take(&mut self, piece: u32, bytes: Vec<u8>, now: Time) -> bool {
        let start = u64::from(piece) * PIECE;
        let fits = piece < self.next && bytes.len() as u64 == PIECE.min(self.size - start);
        let slot = self.pieces.get_mut(piece as usize);
        let Some(slot) = slot.filter(|slot| fits && slot.is_none()) else {
            return false;
        };
        *slot = Some(bytes);
        self.waiting -= 1;
        self.last = now;
        true
    }

    fn held(&self) -> u64 {
        self.pieces.iter().flatten().count() as u64 * PIECE
    }
}

impl Fetch {
    pub(in crate::active::torrent) fn new(wanted: Wanted) -> Self {
        Self {
            wanted,
            sources: Vec::new(),
            next: Time::ZERO,
            pause: FIRST_PAUSE,
            comes: false,
            failed: Vec::new(),
        }
    }

    fn pause_from(&mut self, now: Time) {
        self.pause = if self.comes {
            (self.pause * 2).min(MAX_PAUSE)
        } else {
            FIRST_PAUSE
        };
        self.comes = false;
        self.next = now + self.pause;
    }

    /// A peer offers a dictionary of `size` bytes.
    pub(super) fn offer(&mut self, peer: PeerKey, size: u64, now: Time) -> Step {
        if !self.wants_source(now)
            || size > MAX_SIZE
            || self.failed.contains(&peer)
            || self.source(peer).is_some()
        {
            return Step::Nothing;
        }
        self.pause_from(now);
        let mut source = Source::new(peer, size, now);
        let step = source.ask();
        self.sources.push(source);
        step
    }

    fn source(&mut self, peer: PeerKey) -> Option<&mut Source> {
        self.sources.iter_mut().find(|source| source.peer == peer)
    }

    /// A piece has come. `None` if it was not wanted.
    pub(super) fn data(
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
        self.comes = true;
        if source.pieces.iter().all(Option::is_some) {
            return Some(self.whole(peer));
        }
        let step = source.ask();
        self.limit_memory();
        Some(step)
    }

    /// Where all have sent too much, whoever speaks of the longest dictionary is
    /// given up; of several the one that has sent least, so that one comes to an end.
    fn limit_memory(&mut self) {
        let held: u64 = self.sources.iter().map(Source::held).sum();
        let sources = self.sources.iter().filter(|source| source.held() > 0);
        if held > MAX_HELD
            && let Some(worst) = sources.max_by_key(|source| (source.size, Reverse(source.held())))
        {
            self.give_up(worst.peer);
        }
    }

    fn whole(&mut self, peer: PeerKey) -> Step {
        let at = self.sources.iter().position(|source| source.peer == peer);
        let Some(source) = at.map(|at| self.sources.remove(at)) else {
            return Step::Nothing;
        };
        let bytes: Vec<u8> = source.pieces.into_iter().flatten().flatten().collect();
        if !self.wanted.fits(&bytes) {
            self.failed.push(peer);
            return Step::Wrong(peer);
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
        if let Some(at) = self.sources.iter().position(|source| source.peer == peer) {
            self.sources.remove(at);
            self.failed.push(peer);
        }
    }

    /// Gives up peers that bring nothing.
    pub(in crate::active::torrent) fn tick(&mut self, now: Time) {
        let late = self.sources.iter().filter(|s| now >= s.last + TIMEOUT);
        for peer in late.map(|source| source.peer).collect::<Vec<_>>() {
            self.give_up(peer);
        }
    }

    /// When [`Fetch::tick`] has something to do, or another peer may be asked.
    pub(in crate::active::torrent) fn deadline(&self) -> Option<Time> {
        let late = self.sources.iter().map(|source| source.last + TIMEOUT);
        Some(late.min()?.min(self.next))
    }

    /// Whether a peer may be asked (one more, if others are).
    pub(super) fn wants_source(&self, now: Time) -> bool {
        self.sources.is_empty() || now >= self.next
    }

    /// There is nobody to be asked who is not: those that have failed may try
    /// again, if they are all there is.
    pub(super) fn nobody_else(&mut self, now: Time) {
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
        assert!(matches!(step, Some(Step::Unusable(_))));
    }

    #[test]
    fn while_nothing_comes_others_are_asked_too() {
        let mut fetch = Fetch::new(Wanted::default());
        let mut now = Time::ZERO;
        let asked = |step| matches!(step, Step::Ask(_, pieces) if pieces == [0]);
        assert!(asked(fetch.offer(PeerKey(0), 10, now)));
        assert!(matches!(fetch.offer(PeerKey(1), 10, now), Step::Nothing));
        now = fetch.deadline().unwrap();
        assert_eq!(now, FIRST_PAUSE);
        assert!(asked(fetch.offer(PeerKey(1), 10, now)));
        // Nobody else is there: the next look is later, not at once.
        now += FIRST_PAUSE;
        fetch.nobody_else(now);
        assert_eq!(fetch.deadline(), Some(now + FIRST_PAUSE));
        fetch.tick(TIMEOUT);
        assert_eq!(fetch.sources.len(), 1);
        fetch.tick(TIMEOUT + FIRST_PAUSE);
        assert_eq!(fetch.deadline(), None);
    }

    #[test]
    fn while_it_comes_fewer_are_asked_beside() {
        let mut fetch = Fetch::new(Wanted::default());
        let mut now = Time::ZERO;
        let mut asked = 0;
        // 16 KiB a second, for a minute.
        for step in 0..600_u32 {
            if let Step::Ask(..) = fetch.offer(PeerKey(step.into()), 100 * PIECE, now) {
                asked += 1;
            }
            if step % 10 == 0 {
                fetch.data(PeerKey(0), step / 10, vec![0; PIECE as usize], now);
            }
            now += Duration::from_millis(100);
        }
        assert!((5..20).contains(&asked), "{asked}");
    }

    #[test]
    fn whoever_speaks_of_longer_dictionaries_is_given_up_before_others() {
        let mut fetch = Fetch::new(Wanted::default());
        let piece = || vec![0; PIECE as usize];
        for (peer, size) in [(0, MAX_SIZE), (1, MAX_SIZE), (2, MAX_SIZE / 2)] {
            fetch.next = Time::ZERO;
            fetch.offer(PeerKey(peer), size, Time::ZERO);
            for number in 0..(size / PIECE) as u32 - 1 {
                fetch.data(PeerKey(peer), number, piece(), Time::ZERO);
            }
        }
        assert!(fetch.source(PeerKey(2)).is_some());
        assert_eq!(fetch.sources.len(), 2);
    }

    #[test]
    fn endless_dictionaries_of_many_take_little_memory() {
        let mut fetch = Fetch::new(Wanted::default());
        let mut most = 0;
        for peer in (0..6).map(PeerKey) {
            fetch.next = Time::ZERO;
            fetch.offer(peer, MAX_SIZE, Time::ZERO);
            for piece in 0..(MAX_SIZE / PIECE) as u32 - 1 {
                fetch.data(peer, piece, vec![0; PIECE as usize], Time::ZERO);
            }
            most = most.max(fetch.sources.iter().map(Source::held).sum());
        }
        assert!((MAX_SIZE..=MAX_HELD).contains(&most), "{most}");
    }
}
