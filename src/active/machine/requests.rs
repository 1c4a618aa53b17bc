//! The requests of one side that have no answer yet.

use std::collections::VecDeque;

use crate::wire::peer::Block;

/// Our requests to a peer, in the order in which they were sent. Answers mostly
/// come in that order, so the search ends at the front.
#[derive(Debug, Default)]
pub(super) struct Outstanding {
    queue: VecDeque<Block>,
}

impl Outstanding {
    pub(super) fn push(&mut self, block: Block) {
        self.queue.push_back(block);
    }

    pub(super) fn len(&self) -> usize {
        self.queue.len()
    }

    pub(super) fn contains(&self, block: Block) -> bool {
        self.queue.contains(&block)
    }

    /// Takes the request out that `block` answers.
    pub(super) fn take(&mut self, block: Block) -> bool {
        let at = self.queue.iter().position(|asked| *asked == block);
        at.and_then(|at| self.queue.remove(at)).is_some()
    }

    /// Takes all out.
    pub(super) fn drain(&mut self) -> Vec<Block> {
        self.queue.drain(..).collect()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Block> + '_ {
        self.queue.iter().copied()
    }
}
