//! The pieces that a peer rejects although it has unchoked us.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::active::machine::Time;

/// A rejected piece is not requested again for this long, then for twice as long each
/// time, up to the maximum: the peer's queue may be full for a moment, or its disk may
/// be unreadable for good.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const MAX_PAUSE: Duration = Duration::from_mins(2);

/// The pieces that one peer has rejected recently (BEP 6).
#[derive(Debug)]
pub(super) struct Refusals {
    pieces: BTreeSet<u32>,
    /// When they may be requested again.
    end: Time,
    pause: Duration,
}

impl Default for Refusals {
    fn default() -> Self {
        Self {
            pieces: BTreeSet::new(),
            end: Time::ZERO,
            pause: FIRST_PAUSE,
        }
    }
}

impl Refusals {
    /// The peer has rejected a block of `piece`.
    pub(super) fn note(&mut self, piece: u32, now: Time) {
        if self.pieces.is_empty() {
            self.end = now + self.pause;
            self.pause = (self.pause * 2).min(MAX_PAUSE);
        }
        self.pieces.insert(piece);
    }

    /// Whether `piece` is among them.
    pub(super) fn has(&self, piece: u32) -> bool {
        !self.pieces.is_empty() && self.pieces.contains(&piece)
    }

    /// Whether there are any.
    pub(super) fn is_empty(&self) -> bool {
        self.pieces.is_empty()
    }

    /// Lets time pass; says whether rejected pieces may be requested again.
    pub(super) fn tick(&mut self, now: Time) -> bool {
        let is_over = !self.pieces.is_empty() && now >= self.end;
        if is_over {
            self.pieces.clear();
        }
        is_over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_grows_while_refusals_come() {
        let mut refusals = Refusals::default();
        let mut now = Time::ZERO;
        let mut pauses = Vec::new();
        for _ in 0..9 {
            refusals.note(3, now);
            refusals.note(4, now);
            let began = now;
            while !refusals.tick(now) {
                assert!(refusals.has(3) && refusals.has(4) && !refusals.has(5));
                now += Duration::from_secs(1);
            }
            assert!(refusals.is_empty() && !refusals.has(3));
            pauses.push(now.saturating_sub(began).as_secs());
        }
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 120, 120, 120]);
    }
}
