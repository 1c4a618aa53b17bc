//! States of RC4 against the connections that they may be of.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use super::heads::{self, Heads};
use super::lock::{self, Keystream, Kind, Lock};
use super::search::Search;
use crate::wire::mse::{Anchor, Rc4, StateLine};

/// Directions that are watched for their state at most.
const MAX_LOCKS: usize = 1 << 14;

/// Those of them whose beginning is not in the capture.
const MAX_MIDDLES: usize = 64;

/// States that are tried at most.
pub const MAX_STATES: usize = 1 << 14;

/// A state may be this much ahead of what was captured of its direction.
const AHEAD: u64 = 1 << 20;

/// Bytes that a state is stepped back at a time: 1 ms or so.
const SLICE: u64 = 1 << 20;

/// Places with i = j = 0 that are remembered: those of 4 GiB of keystream.
const MAX_CANDIDATES: usize = 1 << 16;

/// Steps that are made in any case, about 8 seconds of work; and those for each
/// byte of the directions, so that a log of states that fit nothing does not
/// keep anyone busy for ever.
const STEPS: u64 = 4 << 30;

const STEPS_A_BYTE: u64 = 16;

/// A place in the keystream of a state that may be its beginning.
struct Candidate {
    /// Of the searches.
    search: usize,
    /// How far back from the state it is.
    steps: u64,
    /// The keystream there.
    start: Rc4,
}

/// How far a stretch of work came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// There is more to try.
    Unfinished,
    /// Everything was tried on what is there by now.
    Done,
    /// There would be more to try, but it is too much.
    Exhausted,
}

/// What became of the states that were given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// States that were taken.
    pub states: usize,
    /// Those that opened a direction. The others are of nothing that is captured,
    /// or of a direction that another one has opened.
    pub proven: usize,
}

/// Brings states and directions together.
pub struct Matcher {
    locks: Vec<Option<Lock>>,
    free: Vec<usize>,
    middles: usize,
    searches: Vec<Search>,
    /// By the 8 bytes of keystream where VC would be.
    candidates: HashMap<u64, Candidate, RandomState>,
    /// Those of them that no lock was compared with yet.
    fresh: Vec<u64>,
    /// Steps since locks and candidates were compared.
    unflushed: u64,
    /// Steps that may yet be made.
    pub(super) allowance: u64,
    /// Bytes of directions that were heard of.
    heard: u64,
    /// Directions were found since this was asked.
    news: Vec<usize>,
    tally: Tally,
}

impl Default for Matcher {
    fn default() -> Self {
        Self {
            locks: Vec::new(),
            free: Vec::new(),
            middles: 0,
            searches: Vec::new(),
            candidates: HashMap::default(),
            fresh: Vec::new(),
            unflushed: 0,
            allowance: STEPS,
            heard: 0,
            news: Vec::new(),
            tally: Tally::default(),
        }
    }
}

impl Matcher {
    /// Takes a state; false if there are too many.
    pub fn add_state(&mut self, line: &StateLine) -> bool {
        if self.tally.states == MAX_STATES {
            return false;
        }
        self.tally.states += 1;
        self.searches.push(Search::new(line.clone()));
        true
    }

    /// A direction of which the first captured byte is at `offset`; `None` if
    /// there are too many.
    pub fn open(&mut self, kind: Kind, offset: u64) -> Option<usize> {
        let is_middle = kind == Kind::Middle;
        if self.locks.len() - self.free.len() == MAX_LOCKS
            || (is_middle && self.middles == MAX_MIDDLES)
        {
            return None;
        }
        self.middles += usize::from(is_middle);
        let lock = Some(Lock::new(kind, offset));
        let id = self.free.pop().unwrap_or(self.locks.len());
        if id == self.locks.len() {
            self.locks.push(lock);
        } else {
            self.locks[id] = lock;
        }
        Some(id)
    }

    /// The next bytes of a direction, encrypted. Gives its keystream once that is
    /// found.
    #[inline]
    pub fn hear(&mut self, id: usize, offset: u64, bytes: &[u8]) -> Option<&Keystream> {
        let lock = self.locks.get_mut(id)?.as_mut()?;
        self.heard += bytes.len() as u64;
        self.allowance = self
            .allowance
            .saturating_add(STEPS_A_BYTE * bytes.len() as u64);
        if lock.hear(offset, bytes) {
            self.complete(id);
        }
        self.locks[id].as_ref()?.found.as_ref()
    }

    /// A direction is of no use any more.
    pub fn close(&mut self, id: usize) {
        let Some(lock) = self.locks.get_mut(id).and_then(Option::take) else {
            return;
        };
        self.middles -= usize::from(lock.kind == Kind::Middle);
        self.free.push(id);
    }

    /// A direction.
    pub fn lock(&self, id: usize) -> Option<&Lock> {
        self.locks.get(id)?.as_ref()
    }

    /// Directions that were found since this was called last.
    pub fn take_news(&mut self) -> Vec<usize> {
        std::mem::take(&mut self.news)
    }

    /// What became of the states.
    pub fn tally(&self) -> Tally {
        self.tally
    }

    /// Whether there is anything to find for anything.
    pub fn is_idle(&self) -> bool {
        self.searches.is_empty()
    }

    /// Goes on for about `steps` steps.
    pub fn work(&mut self, steps: u64) -> Work {
        let mut left = steps;
        while left > 0 {
            if self.allowance == 0 {
                self.flush();
                return Work::Exhausted;
            }
            let horizon = self.horizon();
            let next = self.searches.iter().enumerate();
            let next = next.filter(|(_, search)| search.is_open && search.steps < horizon);
            let Some((index, search)) = next.min_by_key(|(_, search)| search.steps) else {
                self.flush();
                return self.work_on_middles();
            };
            let steps = left.min(SLICE).min(horizon - search.steps);
            let made = self.step(index, steps);
            left = left.saturating_sub(made);
            self.allowance = self.allowance.saturating_sub(made);
            self.unflushed += made;
            // Comparing costs about as much as a step for each place of VC.
            let comparing = 16 * lock::PLACES as u64 * self.locks.len() as u64;
            if self.unflushed > comparing || self.fresh.len() >= MAX_CANDIDATES / 2 {
                self.flush();
            }
        }
        Work::Unfinished
    }

    /// Works until there is no more to try.
    pub fn finish(&mut self) -> Work {
        self.work(u64::MAX)
    }

    /// How far back a state can have to go: the longest direction that is not
    /// open yet.
    fn horizon(&self) -> u64 {
        let locks = self.locks.iter().flatten();
        let locked = locks.filter(|lock| lock.kind != Kind::Middle && lock.found.is_none());
        let longest = locked.map(|lock| lock.end).max();
        longest.map_or(0, |end| end + AHEAD + Rc4::DROP)
    }

    /// Steps one state back, and notes where it may have begun.
    fn step(&mut self, index: usize, steps: u64) -> u64 {
        let search = &mut self.searches[index];
        let mut made = 0;
        while made < steps && search.is_open {
            let Some(start) = search.step(&mut made, steps) else {
                break;
            };
            let window = lock::vc_window(&start);
            if self.candidates.len() == MAX_CANDIDATES {
                self.candidates.clear();
                self.fresh.clear();
            }
            if let Some(other) = self.candidates.get(&window) {
                if other.search != index {
                    // Both are of the same keystream.
                    search.is_open = false;
                }
                continue;
            }
            let steps = search.steps;
            let candidate = Candidate {
                search: index,
                steps,
                start,
            };
            self.candidates.insert(window, candidate);
            self.fresh.push(window);
        }
        made.max(1)
    }

    /// Compares what is new of the candidates with every direction.
    fn flush(&mut self) {
        self.unflushed = 0;
        if self.fresh.is_empty() {
            return;
        }
        let fresh: std::collections::HashSet<u64, RandomState> = self.fresh.drain(..).collect();
        for id in 0..self.locks.len() {
            self.try_lock(id, |window| fresh.contains(window));
        }
    }

    /// The first bytes of a direction are there: compares them with all that is
    /// known.
    fn complete(&mut self, id: usize) {
        if !self.candidates.is_empty() {
            self.try_lock(id, |_| true);
        }
    }

    fn try_lock(&mut self, id: usize, is_new: impl Fn(&u64) -> bool) {
        let Some(lock) = &mut self.locks[id] else {
            return;
        };
        for (at, window) in lock.windows() {
            if !is_new(&window) {
                continue;
            }
            let Some(candidate) = self.candidates.get(&window) else {
                continue;
            };
            let mut at_vc = candidate.start.clone();
            at_vc.skip(Rc4::DROP);
            if !lock.is_proven_by(at, &at_vc) {
                continue;
            }
            let search = &mut self.searches[candidate.search];
            search.is_open = false;
            let vc = lock.offset + at as u64;
            if lock.found.is_none() {
                lock.found = Some(Keystream {
                    start: Some((vc, at_vc)),
                    // The state may be ahead of the VC or, if the scan was early,
                    // before it.
                    state: (vc + candidate.steps)
                        .checked_sub(Rc4::DROP)
                        .map(|at| (at, search.line.cipher.clone())),
                });
                self.tally.proven += 1;
                self.news.push(id);
            }
            break;
        }
    }

    /// States whose anchor stands in a direction: what it says is checked.
    fn work_on_anchors(&mut self, middles: &[usize]) {
        let searches = self.searches.iter().enumerate();
        let anchored = searches.filter(|(_, search)| search.is_open);
        let anchored = anchored.filter_map(|(n, search)| Some((search.line.anchor?, n)));
        let anchored: HashMap<Anchor, usize, RandomState> = anchored.collect();
        if anchored.is_empty() {
            return;
        }
        for id in middles {
            let Some(lock) = &mut self.locks[*id] else {
                continue;
            };
            let windows = lock.bytes.windows(size_of::<Anchor>()).enumerate();
            let mut hits = windows.filter_map(|(at, window)| Some((at, *anchored.get(window)?)));
            // One is enough, unless somebody plays.
            let hit = hits.by_ref().take(4).find(|(at, search)| {
                let cipher = &self.searches[*search].line.cipher;
                heads::prove(&lock.bytes, *at, cipher)
            });
            if let Some((at, search)) = hit {
                let search = &mut self.searches[search];
                search.is_open = false;
                lock.found = Some(Keystream {
                    start: None,
                    state: Some((lock.offset + at as u64, search.line.cipher.clone())),
                });
                self.tally.proven += 1;
                self.news.push(*id);
            }
        }
    }

    /// The directions whose beginning is not there.
    fn work_on_middles(&mut self) -> Work {
        let ids = 0..self.locks.len();
        let mut middles: Vec<usize> = ids.filter(|id| self.is_open_middle(*id)).collect();
        self.work_on_anchors(&middles);
        middles.retain(|id| self.is_open_middle(*id));
        for batch in middles.chunks(heads::MAX_LOCKS) {
            let locks = batch.iter().map(|id| self.locks[*id].as_ref());
            let locks: Vec<&Lock> = locks.flatten().collect();
            let samples: u64 = locks.iter().map(|lock| lock.bytes.len() as u64).sum();
            let reach = locks.iter().map(|lock| lock.end - lock.offset).max();
            let heads = Heads::new(&locks);
            let mut found = Vec::new();
            for search in &mut self.searches {
                // Nothing is there that this one was not tried on.
                if !search.is_open || !search.may_try(batch, samples) {
                    continue;
                }
                let reach = reach.unwrap_or(0) + AHEAD;
                if self.allowance < 2 * reach {
                    self.allowance = 0;
                    return Work::Exhausted;
                }
                let (place, steps) = heads.find(&search.line, reach);
                self.allowance = self.allowance.saturating_sub(steps);
                if let Some((lock, at)) = place {
                    search.is_open = false;
                    found.push((batch[lock], at, search.line.cipher.clone()));
                }
            }
            for (id, at, cipher) in found {
                let Some(lock) = &mut self.locks[id] else {
                    continue;
                };
                if lock.found.is_some() {
                    continue;
                }
                lock.found = Some(Keystream {
                    start: None,
                    state: Some(lock.within(at, cipher)),
                });
                self.tally.proven += 1;
                self.news.push(id);
            }
        }
        Work::Done
    }

    fn is_open_middle(&self, id: usize) -> bool {
        let lock = self.lock(id);
        lock.is_some_and(|lock| lock.kind == Kind::Middle && lock.found.is_none())
    }
}
