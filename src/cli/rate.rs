//! How fast something goes at present.

use std::collections::VecDeque;
use std::time::Duration;

use crate::view::quantity::Bytes;

/// The rate is that of so long: long enough to be read, short enough to follow a
/// line that stalls.
const WINDOW: Duration = Duration::from_secs(5);

/// Two samples are at least so far apart, so that few are kept.
const SPACING: Duration = Duration::from_millis(100);

/// Bytes a second over the last few seconds.
#[derive(Debug, Default)]
pub struct Rate {
    /// When so many bytes had passed; the first is older than the window, or where it
    /// all began.
    samples: VecDeque<(Duration, u64)>,
}

impl Rate {
    /// Begins when `bytes` have passed that do not count.
    pub fn from(now: Duration, bytes: u64) -> Self {
        Self {
            samples: VecDeque::from([(now, bytes)]),
        }
    }

    /// So many bytes have passed in all.
    pub fn note(&mut self, now: Duration, bytes: u64) {
        let last = self.samples.back().copied();
        if last.is_some_and(|(time, _)| now < time + SPACING) {
            return;
        }
        self.samples.push_back((now, bytes));
        while self.samples.len() > 2
            && self
                .samples
                .get(1)
                .is_some_and(|(time, _)| *time + WINDOW <= now)
        {
            self.samples.pop_front();
        }
    }

    /// Bytes a second.
    pub fn per_second(&self) -> u64 {
        match (self.samples.front(), self.samples.back()) {
            (Some((begin, before)), Some((end, after))) if end > begin => {
                per_second(after.saturating_sub(*before), end.saturating_sub(*begin))
            }
            _ => 0,
        }
    }

    /// The rate in words: `216 MiB/s`.
    pub fn words(&self) -> String {
        format!("{}/s", Bytes(self.per_second()))
    }

    /// How long `left` bytes take at this rate, in words; `None` while nothing comes.
    pub fn time_for(&self, left: u64) -> Option<String> {
        let rate = self.per_second();
        (rate > 0).then(|| whole_seconds(left.div_ceil(rate)))
    }
}

/// So many bytes in this time, a second.
pub fn per_second(bytes: u64, time: Duration) -> u64 {
    let rate = u128::from(bytes) * 1_000_000_000 / time.as_nanos().max(1);
    u64::try_from(rate).unwrap_or(u64::MAX)
}

/// `8 s`, `4 min 10 s`, `1 h 3 min`.
pub fn whole_seconds(seconds: u64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3600..86400 => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
        _ => format!("{} d {} h", seconds / 86400, seconds % 86400 / 3600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(tenths: u32) -> Duration {
        Duration::from_millis(100) * tenths
    }

    #[test]
    fn what_passed_before_does_not_count() {
        // A bar that appears after a second, or a download that goes on.
        let mut rate = Rate::from(at(10), 216 << 20);
        assert_eq!(rate.per_second(), 0);
        for tenth in 11..=40 {
            rate.note(at(tenth), (216 << 20) + u64::from(tenth - 10) * 1000);
        }
        assert_eq!(rate.per_second(), 10_000);
        assert_eq!(rate.words(), "9.77 KiB/s");
        assert_eq!(rate.time_for(100_001).unwrap(), "11 s");
    }

    #[test]
    fn it_follows_a_line_that_stalls_and_goes_on() {
        let mut rate = Rate::from(at(0), 0);
        for tenth in 1..=1000 {
            rate.note(at(tenth), 1000 * u64::from(tenth));
        }
        assert_eq!(rate.per_second(), 10_000);
        for tenth in 1001..=1025 {
            rate.note(at(tenth), 1_000_000);
        }
        assert!(rate.per_second().abs_diff(5000) < 200);
        for tenth in 1026..=1100 {
            rate.note(at(tenth), 1_000_000);
        }
        assert_eq!(rate.words(), "0 B/s");
        assert_eq!(rate.time_for(1), None);
        assert!(rate.samples.len() < 60);
    }

    #[test]
    fn times() {
        let words: Vec<_> = [0, 59, 60, 3599, 3600, 90_000].map(whole_seconds).into();
        let expected = [
            "0 s",
            "59 s",
            "1 min 0 s",
            "59 min 59 s",
            "1 h 0 min",
            "1 d 1 h",
        ];
        assert_eq!(words, expected);
    }
}
