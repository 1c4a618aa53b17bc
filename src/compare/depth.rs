//! How many requests of a downloader are out at once.

use crate::capture::Timestamp;

/// Buckets of the course; reaching twice as many halves them.
const BUCKETS: usize = 24;

/// The depth of a request queue whenever a block comes in, and its course from
/// the first block to the last.
///
/// Depths are weighed by blocks, not by time: a lost packet would make half a
/// second of one depth.
#[derive(Debug, Clone, Default)]
pub struct Depth {
    /// By depth: blocks that came in at it.
    blocks: Vec<u64>,
    max: Option<u64>,
    course: Course,
    empty_since: Option<Timestamp>,
    empty: i64,
}

impl Depth {
    /// From `time` on `depth` requests are out.
    pub fn change(&mut self, depth: usize, time: Timestamp) {
        self.max = self.max.max(Some(depth as u64));
        if depth == 0 {
            self.empty_since = Some(time);
        } else if let Some(since) = self.empty_since.take() {
            self.empty = self.empty.saturating_add(time.since(since).max(0));
        }
    }

    /// A block comes in while `depth` requests are out, its own included.
    pub fn block(&mut self, depth: usize) {
        if self.blocks.len() <= depth {
            self.blocks.resize(depth + 1, 0);
        }
        self.blocks[depth] += 1;
        self.course.push(depth as u64);
    }

    /// The most at once; `None` before the first request.
    pub fn max(&self) -> Option<u64> {
        self.max
    }

    /// The depth that was not exceeded when half of the blocks came in.
    pub fn median(&self) -> Option<u64> {
        let total: u64 = self.blocks.iter().sum();
        let mut sum = 0;
        let reached = |blocks: &u64| {
            sum += blocks;
            2 * sum >= total && sum > 0
        };
        let at = self.blocks.iter().position(reached)?;
        Some(at as u64)
    }

    /// The share of the blocks that came in while the queue was nine tenths as
    /// deep as it ever got, or deeper: 0 to 1.
    pub fn share_near_max(&self) -> Option<f64> {
        let total: u64 = self.blocks.iter().sum();
        let near = usize::try_from(self.max? * 9 / 10).ok()?;
        let deep: u64 = self.blocks.iter().skip(near).sum();
        (total > 0).then(|| deep as f64 / total as f64)
    }

    /// Nanoseconds during the transfer in which no request was out.
    pub fn empty(&self) -> Option<i64> {
        self.max.map(|_| self.empty)
    }

    /// Mean depth when a block came in, over the course of the transfer: up to
    /// 24 values.
    pub fn course(&self) -> Vec<f64> {
        self.course.means()
    }

    /// Bytes of memory.
    pub(super) fn cost(&self) -> usize {
        let course = self.course.buckets.capacity() * size_of::<(u64, u64)>();
        self.blocks.capacity() * size_of::<u64>() + course
    }
}

/// A series of any length in a bounded number of means.
#[derive(Debug, Clone, Default)]
struct Course {
    /// Sum and number of the values in each bucket.
    buckets: Vec<(u64, u64)>,
    /// Doublings of a bucket's size so far.
    doublings: u32,
}

impl Course {
    fn push(&mut self, value: u64) {
        let size = 1_u64 << self.doublings.min(63);
        match self.buckets.last_mut() {
            Some((sum, count)) if *count < size => {
                *sum = sum.saturating_add(value);
                *count += 1;
                return;
            }
            _ => {}
        }
        if self.buckets.len() == 2 * BUCKETS {
            let halves = self.buckets.chunks(2);
            let joined = halves.map(|pair| pair.iter().fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1)));
            self.buckets = joined.collect();
            self.doublings += 1;
        }
        self.buckets.push((value, 1));
    }

    fn means(&self) -> Vec<f64> {
        let each = self.buckets.len().div_ceil(BUCKETS).max(1);
        let groups = self.buckets.chunks(each);
        let mean = |group: &[(u64, u64)]| {
            let sum: u64 = group.iter().map(|bucket| bucket.0).sum();
            let count: u64 = group.iter().map(|bucket| bucket.1).sum();
            sum as f64 / count.max(1) as f64
        };
        groups.map(mean).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(nanos: i128) -> Timestamp {
        Timestamp::from_nanos(nanos)
    }

    #[test]
    fn depths_weigh_by_the_blocks_that_come() {
        let mut depth = Depth::default();
        assert_eq!(
            (depth.max(), depth.median(), depth.empty()),
            (None, None, None)
        );
        for (count, time) in [
            (1, 0),
            (2, 0),
            (20, 40),
            (19, 50),
            (0, 60),
            (1, 90),
            (0, 99),
        ] {
            depth.change(count, at(time));
        }
        for count in [20, 19, 18, 3, 2, 1, 1] {
            depth.block(count);
        }
        assert_eq!((depth.max(), depth.median()), (Some(20), Some(3)));
        assert_eq!(depth.share_near_max(), Some(3.0 / 7.0));
        // What follows the last answer is no transfer.
        assert_eq!(depth.empty(), Some(30));
    }

    #[test]
    fn a_course_of_any_length_is_short() {
        let mut course = Course::default();
        for value in 0..100_000 {
            course.push(value);
        }
        let means = course.means();
        assert!(
            means.len() <= BUCKETS && means.len() > BUCKETS / 4,
            "{}",
            means.len()
        );
        assert!(means.is_sorted());
        let mut short = Course::default();
        short.push(4);
        short.push(2);
        assert_eq!(short.means(), [4.0, 2.0]);
    }
}
