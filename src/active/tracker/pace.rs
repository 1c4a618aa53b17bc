//! When the next announce is due.

use std::time::Duration;

use super::reply::Reply;

/// The pauses between announces.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    /// The shortest, whatever the tracker says.
    pub(super) least: Duration,
    /// If the tracker names none; also the longest after failures.
    pub(super) usual: Duration,
    /// The longest that a tracker may ask for.
    pub(super) most: Duration,
    /// After a failure; twice as long after each next one.
    pub(super) retry: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            least: Duration::from_mins(1),
            usual: Duration::from_mins(30),
            most: Duration::from_hours(2),
            retry: Duration::from_secs(30),
        }
    }
}

impl Pace {
    /// After a reply: `interval` says when the next announce is due (BEP 3),
    /// `min interval` how soon it may be at the earliest.
    pub(super) fn after(&self, reply: &Reply) -> Duration {
        let seconds = |value: Option<u64>| value.map(Duration::from_secs);
        let least = seconds(reply.min_interval).unwrap_or(self.least);
        let asked = seconds(reply.interval).unwrap_or(self.usual);
        asked.max(least).clamp(self.least, self.most)
    }

    /// After so many failures in a row.
    pub(super) fn after_failures(&self, failures: u32) -> Duration {
        let factor = 1 << failures.saturating_sub(1).min(16);
        self.retry.saturating_mul(factor).min(self.usual)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tracker_says_when_within_bounds() {
        let after = |interval, min_interval| {
            let reply = Reply {
                interval,
                min_interval,
                ..Reply::default()
            };
            Pace::default().after(&reply).as_secs()
        };
        assert_eq!(after(None, None), 1800);
        assert_eq!(after(Some(900), Some(300)), 900);
        assert_eq!(after(Some(900), Some(1200)), 1200);
        assert_eq!(after(Some(1), Some(2)), 60);
        assert_eq!(after(Some(u64::MAX), None), 7200);
    }

    #[test]
    fn a_dead_tracker_is_asked_less_and_less() {
        let pace = Pace::default();
        let pauses = [1, 2, 3, 7, u32::MAX].map(|failures| pace.after_failures(failures).as_secs());
        assert_eq!(pauses, [30, 60, 120, 1800, 1800]);
    }
}
