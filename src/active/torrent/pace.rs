//! How fast a peer sends, and how many requests keep it busy.

use std::time::Duration;

use crate::active::machine::Time;
use crate::torrent::BLOCK;

/// As many requests are sent at once as soon as a peer unchokes us, nothing being
/// known of its speed yet; a fast peer never has fewer.
const FIRST_DEPTH: usize = 256;

/// The least depth of a queue to a peer that sends well.
pub(super) const LEAST_DEPTH: usize = 16;

/// A queue never holds more than what the peer sends in this time (libtorrent's
/// `request_queue_time`).
const MOST_TIME: Duration = Duration::from_secs(3);

/// A peer may take so much longer over a request than the way there and back.
const SLACK: Duration = Duration::from_millis(5);

/// For so long after its unchoke a peer is not held to be slow.
const GRACE: Duration = Duration::from_secs(3);

/// The speed of one peer, measured.
#[derive(Debug)]
pub(super) struct Pace {
    unchoked: Time,
    /// When its first data since then came, and how much did.
    first: Option<Time>,
    since_first: u64,
    /// When a request was sent that no other was before.
    asked: Option<Time>,
    /// The shortest time from such a request to data.
    round_trip: Option<Duration>,
    /// Bytes since the last look, and bytes a second.
    bytes: u64,
    rate: f64,
}

impl Pace {
    pub(super) fn new(now: Time) -> Self {
        Self {
            unchoked: now,
            first: None,
            since_first: 0,
            asked: None,
            round_trip: None,
            bytes: 0,
            rate: 0.0,
        }
    }

    pub(super) fn unchoked(&mut self, now: Time) {
        self.unchoked = now;
        self.first = None;
        self.since_first = 0;
    }

    /// The first request is sent, or one to a peer that has answered all.
    pub(super) fn asked(&mut self, now: Time) {
        self.asked = Some(now);
    }

    pub(super) fn data(&mut self, bytes: usize, now: Time) {
        if let Some(asked) = self.asked.take() {
            let took = now.saturating_sub(asked);
            self.round_trip = Some(self.round_trip.map_or(took, |least| least.min(took)));
        }
        if self.first.is_none() {
            self.first = Some(now);
        } else {
            self.since_first += bytes as u64;
        }
        self.bytes += bytes as u64;
    }

    /// Called once a second. Who was asked for nothing is not slower for it.
    pub(super) fn measure(&mut self, is_busy: bool) {
        if !is_busy && self.bytes == 0 {
            return;
        }
        let last = self.bytes as f64;
        self.rate = if self.rate == 0.0 {
            last
        } else {
            self.rate * 0.6 + last * 0.4
        };
        self.bytes = 0;
    }

    /// How many requests may wait for answers: enough that the peer never runs
    /// out of them, twice what it sends in a round trip. So the queue grows until
    /// the speed does not.
    pub(super) fn depth(&self, now: Time) -> usize {
        let round_trip = self.round_trip.unwrap_or_default() + SLACK;
        let is_new = self.is_new(now);
        let rate = self.rate(now);
        let enough = blocks(2.0 * rate, round_trip).max(FIRST_DEPTH);
        if is_new {
            return enough;
        }
        enough.min(blocks(rate, MOST_TIME)).max(LEAST_DEPTH)
    }

    /// Seconds in which so many blocks come; infinite where nothing is known.
    pub(super) fn seconds_for(&self, blocks: usize, now: Time) -> f64 {
        let round_trip = self.round_trip.unwrap_or_default().as_secs_f64();
        round_trip + blocks as f64 * f64::from(BLOCK) / self.rate(now)
    }

    /// Whether it has been seen to send.
    pub(super) fn is_known(&self, now: Time) -> bool {
        self.rate(now) > 0.0
    }

    fn is_new(&self, now: Time) -> bool {
        now < self.unchoked + GRACE
    }

    /// Bytes a second.
    fn rate(&self, now: Time) -> f64 {
        if self.is_new(now) {
            self.first_rate(now)
        } else {
            self.rate
        }
    }

    /// Bytes a second since the unchoke.
    fn first_rate(&self, now: Time) -> f64 {
        let time = self.first.map(|first| now.saturating_sub(first));
        match time {
            Some(time) if !time.is_zero() => self.since_first as f64 / time.as_secs_f64(),
            _ => 0.0,
        }
    }
}

/// Blocks in what comes at this rate in this time.
// A rate is never negative, and `as` saturates.
#[allow(clippy::cast_sign_loss)]
fn blocks(rate: f64, time: Duration) -> usize {
    (rate * time.as_secs_f64() / f64::from(BLOCK)) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    /// The depth after so many seconds, with a peer that sends at most `rate`
    /// bytes a second, `round_trip` after it is asked.
    fn depth_after(seconds: u32, rate: usize, round_trip: Duration) -> usize {
        let mut pace = Pace::new(Time::ZERO);
        pace.asked(Time::ZERO);
        let round_trips = round_trip.as_millis() as usize;
        let mut depths = vec![0; round_trips];
        let mut carried = 0;
        for step in 0..seconds * 1000 {
            let now = MS * step;
            depths.push(pace.depth(now));
            // Never more than was asked for a round trip ago.
            let asked = depths[step as usize] * BLOCK as usize;
            let sent = (rate / 1000).min(asked / round_trips);
            carried += sent;
            if sent > 0 {
                pace.data(sent, now);
            }
            if step % 1000 == 999 {
                pace.measure(true);
            }
        }
        assert!(carried > 0);
        pace.depth(MS * seconds * 1000)
    }

    #[test]
    fn the_queue_to_a_near_peer_stays_short() {
        assert_eq!(depth_after(2, 100_000_000, MS), FIRST_DEPTH);
        assert_eq!(depth_after(10, 100_000_000, MS), FIRST_DEPTH);
    }

    #[test]
    fn the_queue_to_a_far_peer_covers_the_way() {
        let far = MS * 200;
        let needed = 60_000_000 / 5 / BLOCK as usize;
        assert!(depth_after(2, 60_000_000, far) > needed);
        assert!(depth_after(10, 60_000_000, far) > needed);
    }

    #[test]
    fn a_slow_peer_holds_what_it_sends_in_three_seconds() {
        let depth = depth_after(10, 200_000, MS * 20);
        assert_eq!(depth, 36);
        assert_eq!(depth_after(10, 2000, MS * 20), LEAST_DEPTH);
    }
}
