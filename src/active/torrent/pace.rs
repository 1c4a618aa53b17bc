//! How fast a peer sends, and how many requests keep it busy.

use std::time::Duration;

use crate::active::machine::Time;
use crate::torrent::BLOCK;

/// Outstanding requests to a peer whose speed is not known yet; a fast peer never has
/// fewer.
const INITIAL_DEPTH: usize = 256;

/// The fewest outstanding requests to a peer that is not snubbed.
pub(super) const MIN_DEPTH: usize = 16;

/// The request queue holds no more than the peer sends in this time (libtorrent's
/// `request_queue_time`).
const MAX_QUEUE_TIME: Duration = Duration::from_secs(3);

/// How long a peer may take to answer a request, beside the round trip.
const ANSWER_TIME: Duration = Duration::from_millis(5);

/// A peer is not taken for slow until this long after it has unchoked us.
const UNCHOKE_GRACE: Duration = Duration::from_secs(3);

/// The measured speed of one peer.
#[derive(Debug)]
pub(super) struct Pace {
    unchoked: Time,
    /// When the first data since then came, and how many bytes came after it.
    first: Option<Time>,
    since_first: u64,
    /// When a request was sent while no other was outstanding.
    requested: Option<Time>,
    /// The shortest time from such a request to data.
    round_trip: Option<Duration>,
    /// Bytes since the last measurement, and the average in bytes per second.
    bytes: u64,
    rate: f64,
}

impl Pace {
    pub(super) fn new(now: Time) -> Self {
        Self {
            unchoked: now,
            first: None,
            since_first: 0,
            requested: None,
            round_trip: None,
            bytes: 0,
            rate: 0.0,
        }
    }

    /// The peer has unchoked us.
    pub(super) fn note_unchoke(&mut self, now: Time) {
        self.unchoked = now;
        self.first = None;
        self.since_first = 0;
    }

    /// A request is sent while no other is outstanding.
    pub(super) fn note_request(&mut self, now: Time) {
        self.requested = Some(now);
    }

    /// Data has come.
    pub(super) fn note_data(&mut self, bytes: usize, now: Time) {
        if let Some(requested) = self.requested.take() {
            let took = now.saturating_sub(requested);
            self.round_trip = Some(self.round_trip.map_or(took, |least| least.min(took)));
        }
        if self.first.is_none() {
            self.first = Some(now);
        } else {
            self.since_first += bytes as u64;
        }
        self.bytes += bytes as u64;
    }

    /// Called once a second. A peer without requests does not count as slower.
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

    /// How many requests may be outstanding: twice what the peer sends in a round trip,
    /// so that it never runs out of them. The queue grows as long as that makes the peer
    /// faster.
    pub(super) fn depth(&self, now: Time) -> usize {
        let round_trip = self.round_trip.unwrap_or_default() + ANSWER_TIME;
        let is_new = self.is_new(now);
        let rate = self.rate(now);
        let enough = blocks(2.0 * rate, round_trip).max(INITIAL_DEPTH);
        if is_new {
            return enough;
        }
        enough.min(blocks(rate, MAX_QUEUE_TIME)).max(MIN_DEPTH)
    }

    /// How many seconds the peer needs for so many blocks; infinite if its speed is not
    /// known.
    pub(super) fn seconds_for(&self, blocks: usize, now: Time) -> f64 {
        let round_trip = self.round_trip.unwrap_or_default().as_secs_f64();
        round_trip + blocks as f64 * f64::from(BLOCK) / self.rate(now)
    }

    /// Whether its speed is known.
    pub(super) fn is_known(&self, now: Time) -> bool {
        self.rate(now) > 0.0
    }

    fn is_new(&self, now: Time) -> bool {
        now < self.unchoked + UNCHOKE_GRACE
    }

    /// Bytes per second.
    fn rate(&self, now: Time) -> f64 {
        if self.is_new(now) {
            self.first_rate(now)
        } else {
            self.rate
        }
    }

    /// Bytes per second since the unchoke.
    fn first_rate(&self, now: Time) -> f64 {
        let time = self.first.map(|first| now.saturating_sub(first));
        match time {
            Some(time) if !time.is_zero() => self.since_first as f64 / time.as_secs_f64(),
            _ => 0.0,
        }
    }
}

/// Blocks that come at this rate (in bytes per second) in this time.
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
        pace.note_request(Time::ZERO);
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
                pace.note_data(sent, now);
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
        assert_eq!(depth_after(2, 100_000_000, MS), INITIAL_DEPTH);
        assert_eq!(depth_after(10, 100_000_000, MS), INITIAL_DEPTH);
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
        assert_eq!(depth_after(10, 2000, MS * 20), MIN_DEPTH);
    }
}
