//! The indices of a permutation in the heap of V8.
//!
//! An array of V8 is three things: the values (map, length, then the values), an
//! array object that points at them, and whatever holds that. The two small
//! integers behind the pointer to the array object are taken as i and j: the
//! object was made with `s`, `i` and `j` in that order.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::layout::{Layout, Place, small_integers};

/// Bytes before the values: map and length.
const HEADER: u64 = 16;

/// What is added to the address of an object in a pointer to it.
const TAG: u64 = 1;

/// Where an array object has the pointer to its values: behind map and
/// properties.
const ELEMENTS: u64 = 16;

/// Pointers that are followed for one permutation at most.
const MAX_HOLDERS: usize = 16;

/// Looks for the objects that hold permutations, in two passes over memory: the
/// array objects, then what holds these.
#[derive(Debug)]
pub struct Pointers {
    /// Sorted: what to look for, and the address of the values that it leads to.
    wanted: Vec<(u64, u64)>,
    /// What was found in this pass.
    met: Vec<(u64, u64)>,
    /// How many of them lead to the same values.
    holders: HashMap<u64, usize, RandomState>,
    is_second: bool,
    places: Vec<Place>,
}

impl Pointers {
    /// For the permutations of 64-bit values among `found`; `None` if there are
    /// none.
    pub fn to(found: &[Place]) -> Option<Self> {
        let arrays = found
            .iter()
            .filter(|place| matches!(place.layout, Layout::Object(_)));
        let mut wanted: Vec<(u64, u64)> = arrays
            .filter_map(|place| Some((place.address.checked_sub(HEADER)? + TAG, place.address)))
            .collect();
        wanted.sort_unstable();
        (!wanted.is_empty()).then_some(Self {
            wanted,
            met: Vec::new(),
            holders: HashMap::default(),
            is_second: false,
            places: Vec::new(),
        })
    }

    /// Looks at `bytes`, which are at `address`, a multiple of 8.
    pub fn look(&mut self, bytes: &[u8], address: u64) {
        let [first, .., last] = &self.wanted[..] else {
            if let [only] = self.wanted[..] {
                self.look_for(bytes, address, only.0..=only.0);
            }
            return;
        };
        let range = first.0..=last.0;
        self.look_for(bytes, address, range);
    }

    fn look_for(&mut self, bytes: &[u8], address: u64, range: std::ops::RangeInclusive<u64>) {
        for (index, word) in bytes.chunks_exact(8).enumerate() {
            let Some(word) = word.first_chunk() else {
                continue;
            };
            let pointer = u64::from_le_bytes(*word);
            // One comparison for nearly all of memory.
            if !range.contains(&pointer) {
                continue;
            }
            let at = address + 8 * index as u64;
            let from = self.wanted.partition_point(|wanted| wanted.0 < pointer);
            let hits = self.wanted[from..]
                .iter()
                .take_while(|wanted| wanted.0 == pointer);
            for (_, values) in hits.copied().collect::<Vec<_>>() {
                self.meet(at, values, &bytes[8 * (index + 1)..]);
            }
        }
    }

    fn meet(&mut self, at: u64, values: u64, behind: &[u8]) {
        let holders = self.holders.entry(values).or_default();
        if *holders >= MAX_HOLDERS {
            return;
        }
        if self.is_second {
            if small_integers(behind).is_some() {
                *holders += 1;
                self.places.push(Place {
                    address: values,
                    layout: Layout::Object(at + 8),
                });
            }
        } else if let Some(array) = at.checked_sub(ELEMENTS) {
            *holders += 1;
            self.met.push((array + TAG, values));
        }
    }

    /// The first pass is over: false if there is nothing to look for in a second.
    pub fn go_on(&mut self) -> bool {
        self.is_second = true;
        self.holders.clear();
        self.wanted = std::mem::take(&mut self.met);
        self.wanted.sort_unstable();
        !self.wanted.is_empty()
    }

    /// The permutations with their indices.
    pub fn into_places(self) -> Vec<Place> {
        self.places
    }
}
