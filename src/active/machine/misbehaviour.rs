//! What a peer does that no peer should, and how much of it is tolerated.

use super::message_budget::MessageBudget;
use super::{Close, Time};
use crate::wire::peer::{Block, Message};

/// Unsolicited data that is tolerated, in bytes: blocks may be under way when we cancel
/// them, or when a choke crosses our request.
const MAX_UNSOLICITED_BYTES: u64 = 16 << 20;

/// Invalid requests and unexpected rejects that are tolerated.
const MAX_INVALID_MESSAGES: u32 = 10_000;

/// Counts what a peer does wrong.
#[derive(Debug)]
pub(super) struct Misbehaviour {
    unsolicited_bytes: u64,
    invalid_messages: u32,
    messages: MessageBudget,
}

impl Misbehaviour {
    pub(super) fn new(now: Time) -> Self {
        Self {
            unsolicited_bytes: 0,
            invalid_messages: 0,
            messages: MessageBudget::new(now),
        }
    }

    /// A message has come; the torrent has `pieces` pieces.
    pub(super) fn note_message(
        &mut self,
        message: &Message<'_>,
        pieces: u32,
        now: Time,
    ) -> Result<(), Close> {
        self.messages.note(message, pieces, now)
    }

    /// A `have` has come of a piece that the peer had before.
    pub(super) fn note_known_have(&mut self, now: Time) -> Result<(), Close> {
        self.messages.spend(1, now)
    }

    /// The header of a block has come that was not requested.
    pub(super) fn note_unsolicited(&mut self, block: Block) -> Result<(), Close> {
        self.unsolicited_bytes += u64::from(block.length) + 1;
        if self.unsolicited_bytes > MAX_UNSOLICITED_BYTES {
            return Err(Close::Unsolicited);
        }
        Ok(())
    }

    /// A request has come that no peer should send, or a reject of what was not
    /// requested. If rejects pile up because the peer does not read them
    /// (`is_backlogged`), none is tolerated.
    pub(super) fn note_invalid(&mut self, is_backlogged: bool) -> Result<(), Close> {
        self.invalid_messages += 1;
        if self.invalid_messages > MAX_INVALID_MESSAGES || is_backlogged {
            return Err(Close::Flood);
        }
        Ok(())
    }
}
