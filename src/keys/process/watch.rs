//! Looks at a process again and again, and gives each keystream once: as early as
//! it was seen.

use std::collections::{BTreeMap, HashSet};
use std::io;
use std::mem::discriminant;
use std::time::{Duration, Instant};

use foldhash::quality::RandomState;
use sha2::{Digest, Sha256};

use super::follow::distance;
use super::memory::Memory;
use super::stop::Stopped;
use super::{Process, Refusal, traffic};
use crate::keys::scan::Place;
use crate::wire::mse::{Rc4, StateLine};

/// A client may encrypt this much ahead of what it sends.
const AHEAD: u64 = 1 << 20;

/// A state is followed for this many bytes between two looks at most: a sixth of
/// a second of work.
const FARTHEST: u64 = 128 << 20;

/// All states of one look, together.
const FARTHEST_OF_ALL: u64 = 256 << 20;

/// Looks after which a state is given though it is not clear which bytes beside
/// it are its indices.
const UNCLEAR: u32 = 3;

/// States that are given for one process at most.
const MAX_GIVEN: usize = 1 << 14;

/// What was found so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Looks at all of the memory.
    pub looks: u64,
    /// Bytes of the last of them.
    pub bytes: u64,
    /// How long the last of them took.
    pub time: Duration,
    /// The longest time that the process was stopped; zero if it was not.
    pub stopped: Duration,
    /// States that were given.
    pub found: usize,
    /// Those that went on, from one look to the next, as RC4 does.
    pub moving: usize,
}

/// One process that is looked at.
pub struct Watch {
    process: Process,
    memory: Memory,
    /// What is where, as it was at the last look.
    known: BTreeMap<Place, Known>,
    /// Digests of the states that were given.
    given: HashSet<[u8; 32], RandomState>,
    /// Bytes that had passed its network at the last look.
    traffic: Option<u64>,
    may_stop: bool,
    report: Report,
}

/// A state at a place.
struct Known {
    /// As it was first.
    first: Rc4,
    /// As it was last.
    last: Rc4,
    has_moved: bool,
    /// It was decided whether to give it.
    is_judged: bool,
    /// It was given.
    is_given: bool,
    looks: u32,
}

impl Known {
    fn new(state: Rc4) -> Self {
        Self {
            first: state.clone(),
            last: state,
            has_moved: false,
            is_judged: false,
            is_given: false,
            looks: 1,
        }
    }

    /// The same keystream as it is now.
    fn go_on(mut self, state: Rc4) -> Self {
        self.has_moved |= self.last != state;
        self.last = state;
        self.looks += 1;
        self
    }
}

impl Watch {
    /// Opens the memory of a process.
    pub fn new(process: Process) -> Result<Self, Refusal> {
        Ok(Self {
            memory: Memory::open(&process)?,
            traffic: traffic::bytes(&process),
            process,
            known: BTreeMap::new(),
            given: HashSet::default(),
            may_stop: true,
            report: Report::default(),
        })
    }

    /// The process is never stopped: for when that is not allowed any more.
    #[must_use]
    pub fn without_stopping(mut self) -> Self {
        self.may_stop = false;
        self
    }

    /// Which one it is.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// What was found so far.
    pub fn report(&self) -> Report {
        let known = self.known.values();
        let moving = known.filter(|known| known.is_given && known.has_moved);
        Report {
            moving: self.report.moving + moving.count(),
            ..self.report
        }
    }

    /// Looks at all of the memory; gives the states of the keystreams that are
    /// new.
    pub fn look(&mut self) -> io::Result<Vec<StateLine>> {
        let began = Instant::now();
        let (mut places, mut bytes) = self.memory.sweep()?;
        if bytes == 0
            && let Ok(memory) = Memory::open(&self.process)
        {
            // It runs another program now.
            self.memory = memory;
            (places, bytes) = self.memory.sweep()?;
        }
        if bytes == 0 {
            // It has ended: what is known of it stays as it was.
            return Ok(Vec::new());
        }
        let now = self.read(&places);
        self.report.looks += 1;
        self.report.bytes = bytes;
        self.report.time = began.elapsed();
        let traffic = traffic::bytes(&self.process);
        let passed = traffic.zip(self.traffic);
        let passed = passed.map_or(FARTHEST, |(now, before)| now.saturating_sub(before));
        self.traffic = traffic;
        self.compare(now, passed.saturating_add(AHEAD).min(FARTHEST));
        Ok(self.give(false))
    }

    /// Gives what waits for a decision that no later look will bring.
    pub fn finish(&mut self) -> Vec<StateLine> {
        self.give(true)
    }

    /// The states at these places. Only to read those that were not seen before
    /// and do not keep still, the process is stopped.
    fn read(&mut self, places: &[Place]) -> Vec<(Place, Rc4)> {
        let mut states = Vec::new();
        let mut restless = Vec::new();
        for place in places {
            match self.memory.read_twice(place) {
                Some(state) => states.push((*place, state)),
                None if self.known.contains_key(place) => {}
                None => restless.push(*place),
            }
        }
        if self.may_stop
            && !restless.is_empty()
            && let Some(stopped) = Stopped::new(&self.process)
        {
            for place in restless {
                if stopped.is_over() {
                    break;
                }
                let state = self.memory.read(&place);
                states.extend(state.map(|state| (place, state)));
            }
            self.report.stopped = self.report.stopped.max(stopped.time());
        }
        states
    }

    /// Brings the states of this look together with those of the last one.
    fn compare(&mut self, now: Vec<(Place, Rc4)>, farthest: u64) {
        let mut before = std::mem::take(&mut self.known);
        let mut left = FARTHEST_OF_ALL;
        let mut follows = |earlier: &Rc4, state: &Rc4| {
            let most = farthest.min(left);
            let found = distance(earlier, state, most);
            left -= found.unwrap_or(most).min(left);
            found.is_some()
        };
        let mut new = Vec::new();
        for (place, state) in now {
            let goes_on = |known: &mut Known| known.last == state || follows(&known.last, &state);
            if before.get_mut(&place).is_some_and(goes_on) {
                let known = before.remove(&place);
                self.known
                    .extend(known.map(|known| (place, known.go_on(state))));
            } else {
                // Nothing was there, or the state of another connection.
                new.push((place, state));
            }
        }
        for (place, state) in new {
            // A collector of garbage may have moved it here.
            let mut earlier = before.iter();
            let earlier = earlier.find(|(old, known)| {
                discriminant(&old.layout) == discriminant(&place.layout)
                    && (known.last == state || follows(&known.last, &state))
            });
            let earlier = earlier.map(|(old, _)| *old);
            let known = match earlier.and_then(|old| before.remove(&old)) {
                Some(known) => known.go_on(state),
                None => Known::new(state),
            };
            self.known.insert(place, known);
        }
        let gone = before.values();
        let gone = gone.filter(|known| known.is_given && known.has_moved);
        self.report.moving += gone.count();
    }

    /// Gives what was not given yet: at once where one view of a permutation is
    /// all there is, else the one that has moved, else after a while each.
    fn give(&mut self, all: bool) -> Vec<StateLine> {
        // How many views of a permutation there are, and whether one has moved.
        let mut views: BTreeMap<u64, (usize, bool)> = BTreeMap::new();
        for (place, known) in &self.known {
            let view = views.entry(place.address).or_default();
            view.0 += 1;
            view.1 |= known.has_moved;
        }
        let view = |place: &Place| views.get(&place.address).copied().unwrap_or_default();
        // The indices are not where none have moved though others have.
        self.known
            .retain(|place, known| known.has_moved || !view(place).1);
        let mut lines = Vec::new();
        for (place, known) in &mut self.known {
            let (count, has_moved) = view(place);
            let is_clear = count == 1 || has_moved || all || known.looks >= UNCLEAR;
            if known.is_judged || !is_clear || self.given.len() == MAX_GIVEN {
                continue;
            }
            known.is_judged = true;
            if self.given.insert(digest(&known.first)) {
                known.is_given = true;
                self.report.found += 1;
                lines.push(StateLine {
                    anchor: None,
                    cipher: known.first.clone(),
                });
            }
        }
        lines
    }
}

/// What a state is known again by.
fn digest(cipher: &Rc4) -> [u8; 32] {
    let (i, j) = cipher.indices();
    let mut digest = Sha256::new_with_prefix(cipher.state());
    digest.update([i, j]);
    digest.finalize().into()
}
