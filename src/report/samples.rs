//! Some of many, evenly chosen.

use crate::session::budget::Charge;

/// Keeps every nth of what it is given; where that is too much, every second of
/// what it has goes, and n doubles.
#[derive(Debug, Clone)]
pub struct Samples<T> {
    kept: Vec<T>,
    most: usize,
    /// One in so many is kept.
    every: u64,
    given: u64,
}

impl<T: Copy> Samples<T> {
    /// None yet; `most` will be kept.
    pub const fn new(most: usize) -> Self {
        Self {
            kept: Vec::new(),
            most,
            every: 1,
            given: 0,
        }
    }

    /// One more; it is not kept where memory is spent.
    pub fn push(&mut self, sample: T, charge: &mut Charge) {
        let is_due = self.given.is_multiple_of(self.every);
        self.given += 1;
        if !is_due {
            return;
        }
        if self.kept.len() == self.most {
            self.thin();
            // The one at hand is the next that would have been kept, or is not.
            if !(self.given - 1).is_multiple_of(self.every) {
                return;
            }
        }
        if charge.reserve(&mut self.kept, 1) {
            self.kept.push(sample);
        }
    }

    fn thin(&mut self) {
        let mut index = 0;
        self.kept.retain(|_| {
            index += 1;
            index % 2 == 1
        });
        self.every *= 2;
    }

    /// Those that were kept, in their order.
    pub fn kept(&self) -> &[T] {
        &self.kept
    }

    /// How many there were.
    pub fn given(&self) -> u64 {
        self.given
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Budget;

    #[test]
    fn evenly_chosen_and_never_too_many() {
        let budget = Budget::new(1 << 20);
        let mut charge = budget.charge();
        for count in [0, 1, 7, 8, 9, 16, 17, 100, 1000] {
            let mut samples = Samples::new(8);
            (0..count).for_each(|number| samples.push(number, &mut charge));
            let kept = samples.kept();
            assert!(kept.len() <= 8 && (count == 0 || kept[0] == 0), "{kept:?}");
            assert!(kept.len() > 4 || kept.len() == count);
            let steps: Vec<_> = kept.windows(2).map(|pair| pair[1] - pair[0]).collect();
            assert!(steps.windows(2).all(|pair| pair[0] == pair[1]), "{kept:?}");
            assert_eq!(samples.given(), count as u64);
        }
    }

    #[test]
    fn without_memory_nothing_is_kept() {
        let budget = Budget::new(3);
        let mut charge = budget.charge();
        let mut samples = Samples::new(8);
        samples.push(1_u64, &mut charge);
        assert_eq!((samples.kept().len(), samples.given()), (0, 1));
    }
}
