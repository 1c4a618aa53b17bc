//! Answers that the capture tells before their requests: where it lacks a packet of the
//! asker, what follows that is told late, and what the other side sent meanwhile is not.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::budget::{Budget, Charge};
use crate::packet::Stamp;
use crate::wire::peer::Block;

/// Answers that are remembered of one side; beyond, the requests count as unanswered.
const MAX_REMEMBERED: usize = 1024;

/// What an entry of the map costs, its slack included.
const ENTRY_COST_BYTES: usize = 2 * size_of::<(Block, EarlyAnswer)>();

/// An answer whose request is not told yet.
#[derive(Debug, Clone, Copy)]
pub(super) struct EarlyAnswer {
    /// Its packet.
    pub stamp: Stamp,
    /// A piece, or else a reject.
    pub is_piece: bool,
    /// Bytes of the asker's stream that its sender had acknowledged by then: only a
    /// request among these can be what it answers.
    acked: u64,
}

/// The answers to one side's requests that came before them.
#[derive(Debug)]
pub(super) struct EarlyAnswers {
    answers: HashMap<Block, EarlyAnswer, RandomState>,
    charge: Charge,
}

impl EarlyAnswers {
    pub fn new(budget: &Budget) -> Self {
        Self {
            answers: HashMap::default(),
            charge: budget.charge(),
        }
    }

    /// Remembers an answer for `block`, if there is room: its sender had acknowledged
    /// `acked` bytes of the asker's stream.
    pub fn note(&mut self, block: Block, is_piece: bool, stamp: Stamp, acked: u64) {
        if self.answers.len() == MAX_REMEMBERED {
            return;
        }
        if self.answers.len() == self.answers.capacity() {
            let entries = (self.answers.capacity() + 1).next_power_of_two();
            if !self.charge.resize(entries * ENTRY_COST_BYTES) {
                return;
            }
        }
        let answer = EarlyAnswer {
            stamp,
            is_piece,
            acked,
        };
        self.answers.insert(block, answer);
    }

    /// What answered the request for `block` that ends at `end` of the asker's stream.
    pub fn take(&mut self, block: Block, end: u64) -> Option<EarlyAnswer> {
        if self.answers.is_empty() {
            return None;
        }
        let answer = self.answers.remove(&block)?;
        (end <= answer.acked).then_some(answer)
    }
}
