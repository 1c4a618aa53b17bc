//! A rate limit for messages that neither request data nor bring it.

use std::time::Duration;

use super::{Close, Time};
use crate::wire::peer::Message;

/// The longest burst of messages.
const MAX_BURST_MESSAGES: u64 = 8000;

/// The most messages per second in the long run.
const MESSAGES_PER_SECOND: u64 = 2000;

/// A bitfield costs us more the more pieces there are: it counts as one message more for
/// every so many pieces.
const PIECES_PER_MESSAGE: u64 = 8;

/// A token bucket of messages. Requests and pieces cost nothing; a peer that sends
/// keep-alives as fast as the line carries them soon has no tokens left, and is
/// disconnected.
#[derive(Debug)]
pub(super) struct MessageBudget {
    tokens: u64,
    last_refill: Time,
    /// Whether the peer has sent its first bitfield, which costs nothing.
    has_bitfield: bool,
}

impl MessageBudget {
    pub(super) fn new(now: Time) -> Self {
        Self {
            tokens: MAX_BURST_MESSAGES,
            last_refill: now,
            has_bitfield: false,
        }
    }

    /// A message has come; the torrent has `pieces` pieces.
    pub(super) fn note(
        &mut self,
        message: &Message<'_>,
        pieces: u32,
        now: Time,
    ) -> Result<(), Close> {
        match message {
            // Whether these are valid is checked elsewhere.
            Message::Request(_) | Message::Piece(_) | Message::Have(_) => Ok(()),
            Message::Bitfield(_) | Message::HaveAll | Message::HaveNone => {
                let is_first = !std::mem::replace(&mut self.has_bitfield, true);
                let cost = 1 + u64::from(pieces) / PIECES_PER_MESSAGE;
                self.spend(if is_first { 0 } else { cost }, now)
            }
            _ => self.spend(1, now),
        }
    }

    /// Takes tokens for so many messages. An error ends the connection.
    pub(super) fn spend(&mut self, cost: u64, now: Time) -> Result<(), Close> {
        let time = now.saturating_sub(self.last_refill).as_millis() as u64;
        self.last_refill += Duration::from_millis(time);
        self.tokens =
            (self.tokens + time.saturating_mul(MESSAGES_PER_SECOND) / 1000).min(MAX_BURST_MESSAGES);
        self.tokens = self.tokens.checked_sub(cost).ok_or(Close::Flood)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many of these messages are tolerated, one each `pause`.
    fn tolerated(message: &Message<'_>, pieces: u32, pause: Duration) -> u32 {
        let mut budget = MessageBudget::new(Time::ZERO);
        let is_fine = |n: &u32| budget.note(message, pieces, pause * *n).is_ok();
        (0..100_000).take_while(is_fine).count() as u32
    }

    #[test]
    fn bursts_and_rates_are_limited() {
        let ms = Duration::from_millis;
        assert_eq!(tolerated(&Message::KeepAlive, 10, ms(0)), 8000);
        assert_eq!(tolerated(&Message::KeepAlive, 10, ms(1)), 100_000);
        assert_eq!(tolerated(&Message::Have(1), 10, ms(0)), 100_000);
        // A bitfield costs more the more pieces it has.
        assert_eq!(tolerated(&Message::HaveAll, 8000, ms(0)), 8);
        assert_eq!(tolerated(&Message::HaveAll, 8000, ms(1000)), 100_000);
        assert_eq!(tolerated(&Message::HaveAll, u32::MAX, ms(1000)), 1);
    }
}
