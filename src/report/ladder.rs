//! How a connection opens: its first messages.

use crate::capture::Timestamp;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::budget::Charge;
use crate::wire::MessageType;

/// Steps that are kept of a connection.
const MAX_STEPS: usize = 24;

/// Bytes of words that are kept of a step.
const MAX_WORDS: usize = 160;

/// A message, or several of one name in a row.
#[derive(Debug, Clone)]
pub struct Step {
    /// The packet that completed the first of them.
    pub stamp: Stamp,
    /// Who sent it.
    pub from: Side,
    /// What it is.
    pub message: &'static MessageType,
    /// The first in words; may hold text of the capture.
    pub words: String,
    /// How many there are.
    pub count: u64,
    /// When the last came.
    pub last: Timestamp,
}

/// The first messages of a connection.
#[derive(Debug, Clone, Default)]
pub struct Ladder {
    steps: Vec<Step>,
    is_over: bool,
}

impl Ladder {
    /// Whether no more messages are kept.
    #[inline]
    pub fn is_over(&self) -> bool {
        self.is_over
    }

    /// One more message, whose words are asked for where they are kept.
    pub fn push(
        &mut self,
        (stamp, from, message): (Stamp, Side, &'static MessageType),
        words: impl FnOnce() -> String,
        charge: &mut Charge,
    ) {
        if let Some(last) = self.steps.last_mut()
            && last.message == message
            && last.from == from
        {
            last.count += 1;
            last.last = stamp.time;
            return;
        }
        let room = self.steps.len() < MAX_STEPS
            && charge.reserve(&mut self.steps, 1)
            && charge.grow(MAX_WORDS);
        if !room {
            self.is_over = true;
            return;
        }
        let mut words = words();
        if words.len() > MAX_WORDS {
            words.truncate(words.floor_char_boundary(MAX_WORDS - '…'.len_utf8()));
            words.push('…');
        }
        words.shrink_to_fit();
        self.steps.push(Step {
            stamp,
            from,
            message,
            words,
            count: 1,
            last: stamp.time,
        });
    }

    /// The steps.
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }
}
