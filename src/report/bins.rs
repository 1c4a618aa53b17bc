//! A series over time, in few bins that grow wider as time goes on.

use std::ops::Range;

use crate::capture::Timestamp;
use crate::session::budget::Charge;

/// Bins of a series at most; where time goes on behind the last, each two become
/// one.
pub const MAX_BINS: usize = 128;

/// The width of a bin at first, a power of two of nanoseconds: about a millisecond.
/// All widths being this times a power of two, series of one beginning can be added.
const FIRST_WIDTH_NANOS: u64 = 1 << 20;

/// What two neighbouring bins come to.
pub trait Merge: Default + Clone {
    /// Takes in what came `later`.
    fn merge(&mut self, later: &Self);
}

impl Merge for u64 {
    fn merge(&mut self, later: &Self) {
        *self = self.saturating_add(*later);
    }
}

/// From when to when a bin goes, in nanoseconds since the beginning of its series.
pub type Span = Range<u64>;

/// A series over time: from its beginning on, a value for each stretch of equal
/// width.
#[derive(Debug, Clone)]
pub struct Bins<T> {
    begin: Timestamp,
    width_nanos: u64,
    /// Those up to the last that something was entered in; room for all or none.
    values: Vec<T>,
}

impl<T: Merge> Bins<T> {
    /// An empty series that begins at `begin`.
    pub fn new(begin: Timestamp) -> Self {
        Self {
            begin,
            width_nanos: FIRST_WIDTH_NANOS,
            values: Vec::new(),
        }
    }

    /// Draws what all the bins cost, the first time; false where that is not left.
    #[must_use]
    pub fn afford(&mut self, charge: &mut Charge) -> bool {
        self.values.capacity() > 0 || charge.reserve(&mut self.values, MAX_BINS)
    }

    /// Where the time `at` belongs. What came before the beginning (packets out of
    /// order) belongs to the first bin, as does what has no time.
    pub fn at(&mut self, at: Timestamp) -> &mut T {
        let after = at.since(self.begin).max(0).unsigned_abs();
        while after / self.width_nanos >= MAX_BINS as u64 {
            self.widen();
        }
        let index = (after / self.width_nanos) as usize;
        if self.values.len() <= index {
            self.values.resize(index + 1, T::default());
        }
        &mut self.values[index]
    }

    /// Doubles the width of all bins.
    fn widen(&mut self) {
        self.width_nanos *= 2;
        let pairs = self.values.len().div_ceil(2);
        for index in 0..pairs {
            let mut first = self.values[2 * index].clone();
            if let Some(second) = self.values.get(2 * index + 1) {
                first.merge(second);
            }
            self.values[index] = first;
        }
        self.values.truncate(pairs);
    }

    /// Adds a series that begins at the same time.
    pub fn add(&mut self, other: &Self) {
        let mut other = other.clone();
        while self.width_nanos < other.width_nanos {
            self.widen();
        }
        while other.width_nanos < self.width_nanos {
            other.widen();
        }
        if self.values.len() < other.values.len() {
            self.values.resize(other.values.len(), T::default());
        }
        for (own, more) in self.values.iter_mut().zip(&other.values) {
            own.merge(more);
        }
    }

    /// The same with bins of `width_nanos`, which is a width of a series of the same
    /// beginning; as it is where its own are wider.
    #[must_use]
    pub fn widened(&self, width_nanos: u64) -> Self {
        let mut wide = self.clone();
        while wide.width_nanos < width_nanos {
            wide.widen();
        }
        wide
    }

    /// Whether nothing was entered.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// When it begins.
    pub fn begin(&self) -> Timestamp {
        self.begin
    }

    /// How wide a bin is, in nanoseconds.
    pub fn width_nanos(&self) -> u64 {
        self.width_nanos
    }

    /// The bins, from the beginning to the last that something was entered in.
    pub fn all(&self) -> impl ExactSizeIterator<Item = (Span, &T)> {
        let width = self.width_nanos;
        let bins = self.values.iter().enumerate();
        bins.map(move |(index, value)| {
            let from = index as u64 * width;
            (from..from.saturating_add(width), value)
        })
    }

    /// When the last bin ends, in nanoseconds since the beginning.
    pub fn end_nanos(&self) -> u64 {
        (self.values.len() as u64).saturating_mul(self.width_nanos)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(nanos: i64) -> Timestamp {
        Timestamp::from_nanos(i128::from(nanos))
    }

    fn series(times: &[i64]) -> Bins<u64> {
        let mut bins = Bins::new(at(0));
        for time in times {
            *bins.at(at(*time)) += 1;
        }
        bins
    }

    proptest! {
        #[test]
        fn nothing_is_lost_and_everything_is_in_its_span(
            times in prop::collection::vec(0..1_i64 << 50, 1..50)
        ) {
            let bins = series(&times);
            prop_assert!(bins.all().len() <= MAX_BINS);
            for (span, count) in bins.all() {
                let inside = times.iter().filter(|time| span.contains(&time.unsigned_abs())).count();
                prop_assert_eq!(*count, inside as u64);
            }
            let sum: u64 = bins.all().map(|(_, count)| *count).sum();
            prop_assert_eq!(sum, times.len() as u64);
        }

        #[test]
        fn a_sum_of_series_is_the_series_of_all(
            one in prop::collection::vec(0..1_i64 << 45, 0..20),
            other in prop::collection::vec(0..1_i64 << 35, 0..20),
        ) {
            let mut sum = series(&one);
            sum.add(&series(&other));
            let all = series(&[one, other].concat());
            let values = |bins: &Bins<u64>| bins.all().map(|(span, n)| (span, *n)).collect::<Vec<_>>();
            prop_assert_eq!(values(&sum), values(&all));
        }
    }

    #[test]
    fn odd_times_belong_to_the_first_bin() {
        let mut bins = series(&[-5]);
        *bins.at(Timestamp::UNKNOWN) += 1;
        *bins.at(at(i64::MAX)) += 1;
        let counts: Vec<u64> = bins.all().map(|(_, count)| *count).collect();
        assert_eq!((counts[0], counts.iter().sum()), (2, 3));
    }
}
