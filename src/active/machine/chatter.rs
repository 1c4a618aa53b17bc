//! How much a peer may say that brings nobody nearer to the data.

use std::time::Duration;

use crate::active::machine::{Close, Time};
use crate::wire::peer::Message;

/// What may be said at once, in messages.
const MAX_MESSAGES_AT_ONCE: u64 = 8000;

/// What may be said in the long run: so many messages a second.
const MESSAGES_PER_SECOND: u64 = 2000;

/// To take in which pieces a peer has costs as much as a message for so many.
const PIECES_PER_MESSAGE: u64 = 8;

/// A measure of talk. Who asks for data or brings it is never short of it; who
/// sends keep-alives as fast as the line carries them is soon.
#[derive(Debug)]
pub(super) struct Chatter {
    room: u64,
    last: Time,
    /// Whether the peer has told which pieces it has.
    has_listed: bool,
}

impl Chatter {
    pub(super) fn new(now: Time) -> Self {
        Self {
            room: MAX_MESSAGES_AT_ONCE,
            last: now,
            has_listed: false,
        }
    }

    /// Takes note of a message of a peer, which has to do with so many `pieces`.
    pub(super) fn note(
        &mut self,
        message: &Message<'_>,
        pieces: u32,
        now: Time,
    ) -> Result<(), Close> {
        match message {
            // Others judge whether these make sense.
            Message::Request(_) | Message::Piece(_) | Message::Have(_) => Ok(()),
            Message::Bitfield(_) | Message::HaveAll | Message::HaveNone => {
                let is_first = !std::mem::replace(&mut self.has_listed, true);
                let cost = 1 + u64::from(pieces) / PIECES_PER_MESSAGE;
                self.spend(if is_first { 0 } else { cost }, now)
            }
            _ => self.spend(1, now),
        }
    }

    /// Takes note of so many useless messages.
    pub(super) fn spend(&mut self, cost: u64, now: Time) -> Result<(), Close> {
        let time = now.saturating_sub(self.last).as_millis() as u64;
        self.last += Duration::from_millis(time);
        self.room =
            (self.room + time.saturating_mul(MESSAGES_PER_SECOND) / 1000).min(MAX_MESSAGES_AT_ONCE);
        self.room = self.room.checked_sub(cost).ok_or(Close::Flood)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these messages are put up with, one each `pause`.
    fn tolerated(message: &Message<'_>, pieces: u32, pause: Duration) -> u32 {
        let mut chatter = Chatter::new(Time::ZERO);
        let is_fine = |n: &u32| chatter.note(message, pieces, pause * *n).is_ok();
        (0..100_000).take_while(is_fine).count() as u32
    }

    #[test]
    fn talk_has_a_measure() {
        let ms = Duration::from_millis;
        assert_eq!(tolerated(&Message::KeepAlive, 10, ms(0)), 8000);
        assert_eq!(tolerated(&Message::KeepAlive, 10, ms(1)), 100_000);
        assert_eq!(tolerated(&Message::Have(1), 10, ms(0)), 100_000);
        // To say again and again what one has costs more, the more it is.
        assert_eq!(tolerated(&Message::HaveAll, 8000, ms(0)), 8);
        assert_eq!(tolerated(&Message::HaveAll, 8000, ms(1000)), 100_000);
        assert_eq!(tolerated(&Message::HaveAll, u32::MAX, ms(1000)), 1);
    }
}
