//! Times from a request to its answer, in little memory.

use super::budget::{Budget, Charge};

/// Each doubling of the time is divided into this many buckets, so that a
/// percentile is right to within 1 in 32.
const BUCKETS_PER_OCTAVE: u32 = 32;

/// Times are told apart from this many nanoseconds on (1024) ...
const LOWEST_OCTAVE: u32 = 10;

/// ... to this many (over two hours).
const HIGHEST_OCTAVE: u32 = 43;

const BUCKETS: usize = ((HIGHEST_OCTAVE - LOWEST_OCTAVE) * BUCKETS_PER_OCTAVE) as usize + 1;

/// The latencies of answered requests: the exact minimum and maximum, and
/// percentiles from a histogram, to within 3 %.
#[derive(Debug)]
pub struct Latencies {
    count: u64,
    min_nanos: i64,
    max_nanos: i64,
    /// How many in each bucket; empty until the first one, and where memory is
    /// spent: then there are no percentiles.
    buckets: Vec<u32>,
    charge: Charge,
}

impl Latencies {
    /// None yet.
    pub fn new(budget: &Budget) -> Self {
        Self {
            count: 0,
            min_nanos: i64::MAX,
            max_nanos: i64::MIN,
            buckets: Vec::new(),
            charge: budget.charge(),
        }
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// The shortest, in nanoseconds.
    pub fn min(&self) -> Option<i64> {
        (self.count > 0).then_some(self.min_nanos)
    }

    /// The longest, in nanoseconds.
    pub fn max(&self) -> Option<i64> {
        (self.count > 0).then_some(self.max_nanos)
    }

    /// The time in nanoseconds that `percent` of them do not exceed.
    pub fn percentile(&self, percent: u64) -> Option<i64> {
        let rank = (self.count * percent).div_ceil(100).max(1);
        let mut seen = 0;
        for (bucket, count) in self.buckets.iter().enumerate() {
            seen += u64::from(*count);
            if seen >= rank {
                return Some(upper_bound(bucket).clamp(self.min_nanos, self.max_nanos));
            }
        }
        None
    }

    /// One more, in nanoseconds. A negative one (packets out of order) counts as
    /// none.
    pub(super) fn record(&mut self, nanos: i64) {
        let nanos = nanos.max(0);
        if self.count == 0 && self.charge.reserve(&mut self.buckets, BUCKETS) {
            self.buckets.resize(BUCKETS, 0);
        }
        self.count += 1;
        self.min_nanos = self.min_nanos.min(nanos);
        self.max_nanos = self.max_nanos.max(nanos);
        if let Some(count) = self.buckets.get_mut(bucket(nanos.unsigned_abs())) {
            *count = count.saturating_add(1);
        }
    }
}

/// Buckets that are one in a [`LatencyHistogram`]: half an octave.
const BUCKETS_TOGETHER: usize = BUCKETS_PER_OCTAVE as usize / 2;

/// The latencies of any number of ledgers, in wider buckets: each doubling of the
/// time in two.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LatencyHistogram {
    /// The lowest bucket, then those of half an octave.
    counts: Vec<u64>,
}

impl LatencyHistogram {
    /// Adds those of a ledger.
    pub fn add(&mut self, latencies: &Latencies) {
        if latencies.buckets.is_empty() {
            return;
        }
        self.counts.resize(1 + (BUCKETS - 1) / BUCKETS_TOGETHER, 0);
        let wide = |bucket: usize| bucket.div_ceil(BUCKETS_TOGETHER);
        for (bucket, count) in latencies.buckets.iter().enumerate() {
            self.counts[wide(bucket)] += u64::from(*count);
        }
    }

    /// How many there are.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// From the first to the last that is not empty: the longest time of a bucket in
    /// nanoseconds, and how many are in it.
    pub fn buckets(&self) -> impl Iterator<Item = (i64, u64)> {
        let is_used = |count: &u64| *count > 0;
        let first = self.counts.iter().position(is_used).unwrap_or(0);
        let end = self.counts.iter().rposition(is_used);
        let used = &self.counts[first..end.map_or(first, |last| last + 1)];
        let buckets = (first..).zip(used);
        buckets.map(|(wide, count)| (upper_bound(wide * BUCKETS_TOGETHER), *count))
    }
}

/// The bucket of a time: its octave, and the next five bits.
fn bucket(nanos: u64) -> usize {
    let octave = nanos.max(1).ilog2();
    if octave < LOWEST_OCTAVE {
        return 0;
    }
    let within = (nanos >> (octave - 5)) as u32 - BUCKETS_PER_OCTAVE;
    let index = (octave - LOWEST_OCTAVE) * BUCKETS_PER_OCTAVE + within + 1;
    (index as usize).min(BUCKETS - 1)
}

/// The longest time of a bucket.
fn upper_bound(bucket: usize) -> i64 {
    let Some(above_lowest) = (bucket as u32).checked_sub(1) else {
        return (1 << LOWEST_OCTAVE) - 1;
    };
    if bucket == BUCKETS - 1 {
        return i64::MAX;
    }
    let octave = LOWEST_OCTAVE + above_lowest / BUCKETS_PER_OCTAVE;
    let within = above_lowest % BUCKETS_PER_OCTAVE;
    (i64::from(BUCKETS_PER_OCTAVE + within + 1) << (octave - 5)) - 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentiles_are_right_to_three_percent(
            mut times in prop::collection::vec(2_000_i64..1 << 42, 1..300),
            percent in 1_u64..=100,
        ) {
            let mut latencies = Latencies::new(&Budget::default());
            for time in &times {
                latencies.record(*time);
            }
            times.sort_unstable();
            let rank = (times.len() as u64 * percent).div_ceil(100).max(1) as usize;
            let exact = times[rank - 1];
            let told = latencies.percentile(percent).unwrap();
            prop_assert!(told >= exact, "{told} {exact}");
            prop_assert!(told - exact <= exact / 32 + 1, "{told} {exact}");
            prop_assert_eq!(latencies.max(), times.last().copied());
        }

        #[test]
        fn any_time_has_a_bucket(nanos: i64) {
            let mut latencies = Latencies::new(&Budget::default());
            latencies.record(nanos);
            prop_assert_eq!(latencies.percentile(50), Some(nanos.max(0)));
        }
    }

    #[test]
    fn a_histogram_has_them_all() {
        let budget = Budget::default();
        let mut histogram = LatencyHistogram::default();
        assert_eq!((histogram.total(), histogram.buckets().count()), (0, 0));
        let mut latencies = Latencies::new(&budget);
        for nanos in [1 << 20, (1 << 20) + 1, (3 << 19) - 1, 3 << 19, 1 << 22] {
            latencies.record(nanos);
        }
        histogram.add(&latencies);
        let buckets: Vec<_> = histogram.buckets().collect();
        let expected = [
            (3 << 19, 3),
            (1 << 21, 1),
            (3 << 20, 0),
            (1 << 22, 0),
            (3 << 21, 1),
        ];
        assert_eq!(buckets, expected.map(|(end, count)| (end - 1, count)));
        latencies.record(i64::MAX);
        latencies.record(0);
        histogram.add(&latencies);
        assert_eq!(histogram.total(), 12);
        assert_eq!(histogram.buckets().last(), Some((i64::MAX, 1)));
    }

    #[test]
    fn without_memory_there_are_no_percentiles() {
        let mut latencies = Latencies::new(&Budget::new(100));
        latencies.record(5_000);
        assert_eq!(
            (latencies.min(), latencies.percentile(50)),
            (Some(5_000), None)
        );
    }
}
