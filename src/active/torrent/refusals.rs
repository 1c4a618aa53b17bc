//! The pieces that a peer refuses to send although it serves us.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::active::machine::Time;

/// A refused piece is not asked for again for so long; then for twice as long each
/// time, up to a limit. A full queue is soon empty; a disk that cannot be read stays
/// so.
const FIRST_PAUSE: Duration = Duration::from_secs(2);
const MAX_PAUSE: Duration = Duration::from_mins(2);

/// The pieces that one peer has refused of late (BEP 6).
#[derive(Debug)]
pub(super) struct Refusals {
    pieces: BTreeSet<u32>,
    /// When they may be asked for again.
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
    /// The peer has refused a block of `piece`.
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

    /// Lets time pass; says whether refused pieces may be asked for again.
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
