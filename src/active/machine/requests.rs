//! The requests of one side that have no answer yet.

use std::collections::VecDeque;

use crate::wire::peer::Block;

use super::Time;

/// Our requests to a peer, in the order in which they were sent. Answers mostly
/// come in that order, so the search ends at the front.
#[derive(Debug, Default)]
pub(super) struct Outstanding {
    queue: VecDeque<(Block, Time)>,
}

impl Outstanding {
    pub(super) fn push(&mut self, block: Block, now: Time) {
        self.queue.push_back((block, now));
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn contains(&self, block: Block) -> bool {
        self.queue.iter().any(|(asked, _)| *asked == block)
    }

    /// Takes the request out that `block` answers.
    pub(super) fn take(&mut self, block: Block) -> bool {
        let at = self.queue.iter().position(|(asked, _)| *asked == block);
        at.and_then(|at| self.queue.remove(at)).is_some()
    }

    /// When the oldest request was sent.
    pub(super) fn oldest(&self) -> Option<Time> {
        self.queue.front().map(|(_, sent)| *sent)
    }

    /// Takes all out.
    pub(super) fn drain(&mut self) -> Vec<Block> {
        self.queue.drain(..).map(|(block, _)| block).collect()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = Block> + '_ {
        self.queue.iter().map(|(block, _)| *block)
    }
}
