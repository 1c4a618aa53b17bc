//! What a peer does again and again: telling what it has, keeping the
//! connection alive.

use crate::capture::Timestamp;

/// How a downloader tells what it has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HaveHabit {
    /// A `have` for each piece, or for three of four: some leave out those that
    /// the other has anyway, or the last ones.
    Each,
    /// A `have` for some pieces.
    Some,
    /// Nothing.
    None,
    /// New bitfields now and then, and few `have` or none.
    Bitfields,
    /// New bitfields besides a `have` for each piece.
    Both,
}

impl HaveHabit {
    /// By the `have` messages and bitfields sent after the first block came, and
    /// the pieces of which blocks came.
    pub fn of(haves: u64, bitfields: u64, pieces: u64) -> Self {
        let each = haves > 0 && 4 * haves >= 3 * pieces;
        match (each, bitfields, haves) {
            (true, 0, _) => Self::Each,
            (true, ..) => Self::Both,
            (false, 1.., _) => Self::Bitfields,
            (false, 0, 0) => Self::None,
            (false, 0, _) => Self::Some,
        }
    }

    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Each => "each piece",
            Self::Some => "some pieces",
            Self::None => "none",
            Self::Bitfields => "bitfields instead",
            Self::Both => "each piece, and bitfields",
        }
    }
}

/// Intervals that are remembered.
const MAX_INTERVALS: usize = 64;

/// Keep-alives closer together than this are not a period.
const MIN_PERIOD: i64 = 1_000_000_000;

/// The keep-alives of a peer.
#[derive(Debug, Clone, Default)]
pub struct KeepAlives {
    /// How many.
    pub count: u64,
    /// Longest time without a message of it, in nanoseconds.
    pub longest_silence: i64,
    intervals: Vec<i64>,
    previous: Option<Timestamp>,
    spoke: Option<Timestamp>,
}

impl KeepAlives {
    /// The peer sends a message.
    pub fn message(&mut self, time: Timestamp, is_keep_alive: bool) {
        if let Some(spoke) = self.spoke.replace(time) {
            self.longest_silence = self.longest_silence.max(time.since(spoke));
        }
        if !is_keep_alive {
            return;
        }
        self.count += 1;
        if let Some(previous) = self.previous.replace(time) {
            let interval = time.since(previous);
            if interval >= MIN_PERIOD && self.intervals.len() < MAX_INTERVALS {
                self.intervals.push(interval);
            }
        }
    }

    /// Bytes of memory on the heap.
    pub(super) fn cost(&self) -> usize {
        self.intervals.capacity() * size_of::<i64>()
    }

    /// The median time between two of them, in nanoseconds.
    pub fn period(&self) -> Option<i64> {
        let mut intervals = self.intervals.clone();
        intervals.sort_unstable();
        intervals.get(intervals.len() / 2).copied()
    }

    /// Whether two peers keep alive differently: periods more than a quarter
    /// apart; or only one has a period, and the other was silent for longer.
    pub fn differs(&self, other: &Self) -> bool {
        match (self.period(), other.period()) {
            (None, None) => false,
            (Some(one), Some(two)) => (one - two).abs() > one.max(two) / 4,
            (Some(period), None) => other.longest_silence > period.saturating_add(period / 4),
            (None, Some(period)) => self.longest_silence > period.saturating_add(period / 4),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alive(seconds: &[i128], rest: &[i128]) -> KeepAlives {
        let mut all: Vec<_> = seconds.iter().map(|time| (*time, true)).collect();
        all.extend(rest.iter().map(|time| (*time, false)));
        all.sort_unstable();
        let mut alive = KeepAlives::default();
        for (time, is_keep_alive) in all {
            let time = Timestamp::from_nanos(time * 1_000_000_000);
            alive.message(time, is_keep_alive);
        }
        alive
    }

    #[test]
    fn a_missing_period_counts_only_where_there_was_time_for_it() {
        let every_two_minutes = alive(&[120, 240, 361], &[0]);
        assert_eq!(every_two_minutes.period(), Some(121_000_000_000));
        assert!(!every_two_minutes.differs(&alive(&[100, 200, 315], &[])));
        assert!(every_two_minutes.differs(&alive(&[60, 120, 180], &[])));
        assert!(!every_two_minutes.differs(&alive(&[], &[0, 1, 2])));
        assert!(every_two_minutes.differs(&alive(&[], &[0, 500])));
        assert_eq!(alive(&[1, 1, 1], &[]).period(), None);
        // Times of a capture are what whoever made it wants.
        let centuries = alive(&[-9_000_000_000, 200_000_000], &[]);
        assert!(!centuries.differs(&alive(&[], &[0, 1])));
    }

    #[test]
    fn habits() {
        assert_eq!(HaveHabit::of(95, 0, 97), HaveHabit::Each);
        assert_eq!(HaveHabit::of(0, 14, 97), HaveHabit::Bitfields);
        assert_eq!(HaveHabit::of(3, 0, 97), HaveHabit::Some);
        assert_eq!(HaveHabit::of(0, 0, 97), HaveHabit::None);
        assert_eq!(HaveHabit::of(97, 1, 97), HaveHabit::Both);
    }
}
