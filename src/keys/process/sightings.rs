//! The states that were seen in a process, from one look to the next, and which of
//! them are given.

use std::collections::{BTreeMap, HashSet};
use std::mem::discriminant;

use foldhash::quality::RandomState;
use sha2::{Digest, Sha256};

use super::follow::{Chase, Outcome, distance, race};
use crate::keys::scan::{Layout, Place, Width};
use crate::wire::mse::{Rc4, StateLine};

/// A state is followed for this many bytes between two looks at most: a sixth of
/// a second of work.
pub(super) const FARTHEST: u64 = 128 << 20;

/// All states of one look, together.
const FARTHEST_OF_ALL: u64 = 256 << 20;

/// What following one for a few bytes costs all the same.
const LEAST: u64 = 256;

/// Looks after which a state is given though it is not clear which bytes beside
/// it are its indices.
const UNCLEAR: u32 = 3;

/// States that are given for one process at most.
const MAX_GIVEN: usize = 1 << 14;

/// What is where, as it was at the last look, and what was given of it.
#[derive(Default)]
pub(super) struct Sightings {
    known: BTreeMap<Place, Known>,
    /// Digests of the states that were given.
    given: HashSet<[u8; 32], RandomState>,
    /// States that are not there any more and were not given: how they were first.
    missed: Vec<Rc4>,
    /// States that were given, had moved, and are not there any more.
    gone: usize,
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
    /// One that was seen `looks` times, as far as is known.
    fn new(state: Rc4, looks: u32) -> Self {
        Self {
            first: state.clone(),
            last: state,
            has_moved: false,
            is_judged: false,
            is_given: false,
            looks,
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

impl Sightings {
    /// States that were given so far.
    pub fn found(&self) -> usize {
        self.given.len()
    }

    /// Those that went on, from one look to the next, as RC4 does.
    pub fn moving(&self) -> usize {
        let known = self.known.values();
        let moving = known.filter(|known| known.is_given && known.has_moved);
        self.gone + moving.count()
    }

    /// Whether a state was at this place at the last look.
    pub fn has(&self, place: &Place) -> bool {
        self.known.contains_key(place)
    }

    /// Brings the states of this look, in the order of their places, together with those
    /// of the last one, from which none is farther than `farthest` bytes.
    pub fn compare(&mut self, now: Vec<(Place, Rc4)>, farthest: u64) {
        let mut before = std::mem::take(&mut self.known);
        let mut left = FARTHEST_OF_ALL;
        // What was there too, and has changed: the views of one permutation together.
        let mut changed: BTreeMap<u64, Vec<(Place, Rc4)>> = BTreeMap::new();
        // Nothing was there, or the state of another connection; and how often it was
        // seen, as far as is known.
        let mut new = Vec::new();
        for (place, state) in now {
            match before.get(&place) {
                None => new.push((place, state, 1)),
                Some(known) if known.last == state => {
                    let known = before.remove(&place);
                    self.known
                        .extend(known.map(|known| (place, known.go_on(state))));
                }
                Some(_) => {
                    let views = changed.entry(place.address).or_default();
                    views.push((place, state));
                }
            }
        }
        let groups = changed.values().map(|views| {
            let chases = views.iter().filter_map(|(place, state)| {
                let known = before.get(place)?;
                Some(Chase::new(&known.last, state))
            });
            chases.collect()
        });
        let outcomes = race(groups.collect(), farthest.min(FARTHEST), &mut left);
        for (views, outcome) in changed.into_values().zip(outcomes) {
            for (number, (place, state)) in views.into_iter().enumerate() {
                match outcome {
                    // The indices of the other views were none.
                    Outcome::Followed(right) => {
                        let known = before.remove(&place).filter(|_| number == right);
                        self.known
                            .extend(known.map(|known| (place, known.go_on(state))));
                    }
                    Outcome::Unrelated => new.push((place, state, 1)),
                    Outcome::Unclear => {
                        let looks = before.get(&place).map_or(0, |known| known.looks);
                        new.push((place, state, looks + 1));
                    }
                }
            }
        }
        let mut follows = |earlier: &Rc4, state: &Rc4| {
            let most = farthest.min(FARTHEST).min(left);
            if most == 0 {
                return false;
            }
            let found = distance(earlier, state, most);
            left -= found.unwrap_or(most).max(LEAST).min(left);
            found.is_some()
        };
        for (place, state, looks) in new {
            // A collector of garbage may have moved it here.
            let mut earlier = before.iter();
            let earlier = earlier.find(|(old, known)| {
                discriminant(&old.layout) == discriminant(&place.layout)
                    && **old != place
                    && (known.last == state || follows(&known.last, &state))
            });
            let earlier = earlier.map(|(old, _)| *old);
            let known = match earlier.and_then(|old| before.remove(&old)) {
                Some(known) => known.go_on(state),
                None => Known::new(state, looks),
            };
            self.known.insert(place, known);
        }
        for (place, known) in before {
            self.gone += usize::from(known.is_given && known.has_moved);
            if !known.is_judged && !self.has_outlasted(&place, known.looks) {
                self.missed.push(known.first);
            }
        }
    }

    /// Whether a view of the permutation at this place is there for longer than `looks`.
    fn has_outlasted(&self, place: &Place, looks: u32) -> bool {
        let first = Layout::WordsBefore(Width::One);
        let from = Place {
            layout: first,
            ..*place
        };
        let views = self.known.range(from..);
        let mut views = views.take_while(|(other, _)| other.address == place.address);
        views.any(|(_, known)| known.looks > looks)
    }

    /// Gives what was not given yet: at once where one view of a permutation is
    /// all there is, else the one that has moved, else each after a while, or when they
    /// are not there any more; with `all`, what no later look will make clear too.
    pub fn give(&mut self, all: bool) -> Vec<StateLine> {
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
        for first in std::mem::take(&mut self.missed) {
            if self.given.len() < MAX_GIVEN {
                give_once(&mut self.given, first, &mut lines);
            }
        }
        for (place, known) in &mut self.known {
            let (count, has_moved) = view(place);
            let is_clear = count == 1 || has_moved || all || known.looks >= UNCLEAR;
            if known.is_judged || !is_clear || self.given.len() == MAX_GIVEN {
                continue;
            }
            known.is_judged = true;
            known.is_given = give_once(&mut self.given, known.first.clone(), &mut lines);
        }
        lines
    }
}

/// Gives a state unless it was given; whether it was not.
fn give_once(
    given: &mut HashSet<[u8; 32], RandomState>,
    cipher: Rc4,
    lines: &mut Vec<StateLine>,
) -> bool {
    let is_new = given.insert(digest(&cipher));
    if is_new {
        let anchor = None;
        lines.push(StateLine { anchor, cipher });
    }
    is_new
}

/// What a state is known again by.
fn digest(cipher: &Rc4) -> [u8; 32] {
    let (i, j) = cipher.indices();
    let mut digest = Sha256::new_with_prefix(cipher.state());
    digest.update([i, j]);
    digest.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two directions in one object, as libtorrent has them: behind the values of the
    /// first one are the indices of the second, which could be its own.
    fn object(number: u64, states: [&Rc4; 2]) -> Vec<(Place, Rc4)> {
        let address = 0x1000 * (number + 1);
        let place = |address, layout| Place { address, layout };
        let (i, j) = states[1].indices();
        let wrong = Rc4::from_state(*states[0].state(), i, j).unwrap();
        vec![
            (
                place(address, Layout::WordsBefore(Width::Four)),
                states[0].clone(),
            ),
            (place(address, Layout::WordsBehind(Width::Four)), wrong),
            (
                place(address + 0x408, Layout::WordsBefore(Width::Four)),
                states[1].clone(),
            ),
        ]
    }

    fn states(number: u64) -> [Rc4; 2] {
        [b"A", b"B"].map(|side| Rc4::for_mse(&[&number.to_be_bytes()[..], side].concat()))
    }

    /// What is given of a state is how it was first.
    fn is_of(first: &Rc4, line: &StateLine) -> bool {
        *first == line.cipher
    }

    /// However many there are, and however much goes by.
    #[test]
    fn many_fast_connections_at_once_are_all_given_once() {
        const CONNECTIONS: u64 = 40;
        let mut sightings = Sightings::default();
        let mut now: Vec<_> = (0..CONNECTIONS).map(states).collect();
        let mut given = Vec::new();
        for _ in 0..3 {
            let places = (0..).zip(&now);
            let places = places.flat_map(|(number, [a, b])| object(number, [a, b]));
            sightings.compare(places.collect(), u64::MAX);
            given.extend(sightings.give(false));
            for [a, b] in &mut now {
                a.skip(700);
                b.skip(100_000);
            }
        }
        for number in 0..CONNECTIONS {
            for direction in states(number) {
                let of_it = given.iter().filter(|line| is_of(&direction, line));
                assert_eq!(of_it.count(), 1, "connection {number}");
            }
        }
        assert_eq!(given.len() as u64, 2 * CONNECTIONS);
        assert_eq!(sightings.moving() as u64, 2 * CONNECTIONS);
    }

    /// Where it does not become clear which indices are right, all views are given, at
    /// the third look at the latest.
    #[test]
    fn what_does_not_become_clear_is_given_all_the_same() {
        let mut sightings = Sightings::default();
        let mut given = Vec::new();
        let mut still = states(0);
        for _ in 0..3 {
            let [a, b] = &still;
            sightings.compare(object(0, [a, b]), u64::MAX);
            given.extend(sightings.give(false));
            still[1].skip(10_000);
        }
        let right = given.iter().filter(|line| is_of(&still[0], line));
        assert_eq!(right.count(), 1);
        assert!(sightings.found() <= 4);
    }

    /// A connection that is over before a second look could tell which of the two views is
    /// right: both are given.
    #[test]
    fn what_was_seen_once_is_given_when_it_is_gone() {
        let [a, b] = states(0);
        let [c, d] = states(1);
        let places = [vec![], object(0, [&c, &d])];
        for later in places {
            let mut sightings = Sightings::default();
            sightings.compare(object(0, [&a, &b]), 1 << 20);
            let mut given = sightings.give(false);
            assert!(given.iter().all(|line| !is_of(&a, line)));
            sightings.compare(later, 1 << 20);
            given.extend(sightings.give(false));
            assert_eq!(given.iter().filter(|line| is_of(&a, line)).count(), 1);
            assert!(given.len() <= 4, "{}", given.len());
        }
    }

    /// Another connection takes the place of one that is over.
    #[test]
    fn the_next_state_at_a_place_is_given_too() {
        let mut sightings = Sightings::default();
        let mut given = Vec::new();
        for number in 0..3 {
            let [mut a, mut b] = states(number);
            for _ in 0..2 {
                sightings.compare(object(0, [&a, &b]), 1 << 20);
                given.extend(sightings.give(false));
                a.skip(5000);
                b.skip(5000);
            }
        }
        for number in 0..3 {
            for direction in states(number) {
                assert!(given.iter().any(|line| is_of(&direction, line)), "{number}");
            }
        }
    }
}
