//! The way back of one state.

use crate::wire::mse::{Rc4, StateLine};

/// One state, and how far back it was followed.
pub(super) struct Search {
    /// As it was found.
    pub line: StateLine,
    /// The keystream where the search is.
    back: Rc4,
    /// Bytes from there to where it was found.
    pub steps: u64,
    /// Nothing was found for it yet.
    pub is_open: bool,
    /// The middles that it was tried on last, and how much there was of them.
    tried: (Vec<usize>, u64),
    /// It was at the place where it is.
    is_told: bool,
}

impl Search {
    /// A state that nothing was tried with.
    pub fn new(line: StateLine) -> Self {
        Self {
            back: line.cipher.clone(),
            line,
            steps: 0,
            is_open: true,
            tried: (Vec::new(), 0),
            is_told: false,
        }
    }

    /// Goes back to the next place with i = j = 0, and gives the keystream there;
    /// `None` when `made`, which grows with the steps, has reached `most` before.
    pub fn step(&mut self, made: &mut u64, most: u64) -> Option<Rc4> {
        loop {
            let (i, j) = self.back.indices();
            if i == 0 && j == 0 && !self.is_told {
                self.is_told = true;
                return Some(self.back.clone());
            }
            if *made >= most {
                return None;
            }
            self.is_told = false;
            // i is 0 once in 256 steps: j need not be looked at in between.
            let steps = if i == 0 { 256 } else { u64::from(i) };
            self.back.go_back(steps);
            self.steps += steps;
            *made += steps;
        }
    }

    /// Whether the middles hold anything that this state was not tried on: they
    /// are others, or there is twice as much of them.
    pub fn may_try(&mut self, locks: &[usize], samples: u64) -> bool {
        let (before, length) = &self.tried;
        let is_new = before != locks || samples >= 2 * length.max(&1);
        if is_new {
            self.tried = (locks.to_vec(), samples);
        }
        is_new
    }
}
