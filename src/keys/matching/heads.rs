//! The heads of messages, encrypted, as they may stand in directions of which the
//! beginning was not captured.
//!
//! Ciphertext XOR a head is keystream, if the head is there: of every place of
//! every sample, one entry for each head. On the way along the keystream each
//! window is looked up; hits that agree about the place of the state are votes.

use std::collections::HashMap;

use foldhash::quality::RandomState;

use crate::wire::mse::{Rc4, StateLine};

use super::lock::{KEPT_OF_MIDDLE, Lock};

/// What nearly every transfer repeats: the length and id of a piece of 16 KiB, of
/// a request and of a have, and the high bytes of the index.
const HEADS: [u64; 3] = [
    0x00_0040_0907_0000,
    0x00_0000_0d06_0000,
    0x00_0000_0504_0000,
];

/// Bytes of a head.
const LENGTH: usize = 7;

/// The bits of a window.
const MASK: u64 = (1 << (8 * LENGTH)) - 1;

/// Samples in one table.
pub(super) const MAX_LOCKS: usize = 12;

/// Bits of a place within them.
const PLACE: u32 = 21;

/// Slots of a table, in bits: half as many again as its entries.
const SLOTS: u32 = 22;

/// Slots that are looked at for one window.
const PROBES: usize = 16;

/// Votes that agree, to prove a place.
const PROOF: u32 = 2;

/// Places that are voted for at most.
const MAX_VOTES: usize = 1 << 12;

/// How far a state is followed forwards: it may have been found before the
/// capture began.
const FORWARD: u64 = 1 << 20;

/// A bijection that spreads the bits of a window.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Whether a sample holds heads, `cipher` being its keystream at `at`.
pub(super) fn prove(sample: &[u8], at: usize, cipher: &Rc4) -> bool {
    let mut cipher = cipher.clone();
    cipher.go_back(at as u64);
    let mut plain = sample.to_vec();
    cipher.apply(&mut plain);
    plain
        .windows(LENGTH)
        .any(|bytes| HEADS.contains(&number(bytes)))
}

fn number(bytes: &[u8]) -> u64 {
    bytes
        .iter()
        .fold(0, |sum, byte| sum << 8 | u64::from(*byte))
}

/// The table.
pub(super) struct Heads<'a> {
    locks: &'a [&'a Lock],
    /// Low bits of the spread window, and the place plus one; 0 is empty. With
    /// the slot's number that is all of the window.
    slots: Vec<u64>,
    /// Whether a slot and those it overflows into may hold anything: fits a
    /// cache.
    bits: Vec<u64>,
}

impl<'a> Heads<'a> {
    /// Of the samples of these directions.
    pub fn new(locks: &'a [&'a Lock]) -> Self {
        let mut heads = Self {
            locks,
            slots: vec![0; 1 << SLOTS],
            bits: vec![0; 1 << (SLOTS - 6)],
        };
        for (index, lock) in locks.iter().enumerate() {
            for (at, bytes) in lock.bytes.windows(LENGTH).enumerate() {
                let window = bytes
                    .iter()
                    .fold(0, |sum, byte| sum << 8 | u64::from(*byte));
                for head in HEADS {
                    heads.insert(window ^ head, index * KEPT_OF_MIDDLE + at);
                }
            }
        }
        heads
    }

    fn insert(&mut self, window: u64, place: usize) {
        let spread = window.wrapping_mul(SPREAD);
        let home = (spread >> (64 - SLOTS)) as usize;
        self.bits[home / 64] |= 1 << (home % 64);
        let entry = spread << PLACE | (place as u64 + 1);
        for probe in 0..PROBES {
            let slot = &mut self.slots[(home + probe) % (1 << SLOTS)];
            if *slot == 0 {
                *slot = entry;
                return;
            }
        }
    }

    /// Places of a window, as indices of the lock and its bytes.
    fn places(&self, window: u64) -> impl Iterator<Item = (usize, usize)> + '_ {
        let spread = window.wrapping_mul(SPREAD);
        let home = (spread >> (64 - SLOTS)) as usize;
        let may = self.bits[home / 64] >> (home % 64) & 1 == 1;
        let probes = if may { PROBES } else { 0 };
        let slots = (0..probes).map(move |probe| self.slots[(home + probe) % (1 << SLOTS)]);
        slots
            .take_while(|slot| *slot != 0)
            .filter(move |slot| slot >> PLACE == spread << PLACE >> PLACE)
            .map(|slot| {
                let place = (slot & ((1 << PLACE) - 1)) as usize - 1;
                (place / KEPT_OF_MIDDLE, place % KEPT_OF_MIDDLE)
            })
    }

    /// Follows a state `back` bytes backwards and some forwards. Gives the
    /// direction and the stream offset of the state, if they are certain, and the
    /// steps made. The offset is negative where the state was found before the
    /// capture began.
    pub fn find(&self, line: &StateLine, back: u64) -> (Option<(usize, i128)>, u64) {
        let mut votes = Votes::default();
        let mut cipher = line.cipher.clone();
        let mut window = 0;
        for step in 1..=back {
            window = window >> 8 | u64::from(cipher.take_back()) << (8 * (LENGTH - 1));
            if step >= LENGTH as u64
                && let Some(found) = self.vote(&mut votes, window, -i128::from(step))
            {
                return (Some(found), step);
            }
        }
        let mut cipher: Rc4 = line.cipher.clone();
        // With the bytes just before the state, for a head across it.
        let mut before = line.cipher.clone();
        let mut earlier = [0; LENGTH - 1];
        for byte in earlier.iter_mut().rev() {
            *byte = before.take_back();
        }
        window = number(&earlier);
        for step in 1..=FORWARD {
            window = (window << 8 | u64::from(cipher.take())) & MASK;
            let at = i128::from(step) - LENGTH as i128;
            if let Some(found) = self.vote(&mut votes, window, at) {
                return (Some(found), back + step);
            }
        }
        (None, back + FORWARD)
    }

    /// Counts the hits of a window that begins `at` bytes behind the state.
    #[inline]
    fn vote(&self, votes: &mut Votes, window: u64, at: i128) -> Option<(usize, i128)> {
        for (lock, place) in self.places(window) {
            let offset = i128::from(self.locks[lock].offset) + place as i128;
            let state = offset - at;
            if votes.add(lock, state) >= PROOF {
                return Some((lock, state));
            }
        }
        None
    }
}

/// Votes for a direction and the place of the state in it.
#[derive(Default)]
struct Votes(HashMap<(usize, i128), u32, RandomState>);

impl Votes {
    fn add(&mut self, lock: usize, state: i128) -> u32 {
        if self.0.len() == MAX_VOTES && !self.0.contains_key(&(lock, state)) {
            return 0;
        }
        let votes = self.0.entry((lock, state)).or_default();
        *votes += 1;
        *votes
    }
}
