//! The requests of both sides that are not answered yet.

use std::collections::VecDeque;

use crate::wire::peer::Block;

/// Requests that a peer accepts at a time if it does not say (BEP 10).
pub(super) const DEFAULT_REQQ: usize = 250;

/// The most outstanding requests to a peer, even if it accepts more.
pub const MAX_REQQ: usize = 2000;

/// Requests that we accept from a peer at a time.
pub const LOCAL_REQQ: usize = 2000;

/// Our requests to a peer, in the order in which they were sent. Most answers come in
/// that order, so that the search ends at the front.
#[derive(Debug, Default)]
pub(super) struct OwnRequests {
    outstanding: VecDeque<Block>,
    /// The block that is being received, and how many bytes of it have come; `None`
    /// also while unsolicited data comes.
    receiving: Option<(Block, u32)>,
}

impl OwnRequests {
    pub(super) fn push(&mut self, block: Block) {
        self.outstanding.push_back(block);
    }

    pub(super) fn len(&self) -> usize {
        self.outstanding.len()
    }

    pub(super) fn contains(&self, block: Block) -> bool {
        self.outstanding.contains(&block)
    }

    /// Takes a request out that is answered or cancelled; says whether it was there.
    pub(super) fn take(&mut self, block: Block) -> bool {
        let at = self.outstanding.iter().position(|asked| *asked == block);
        at.and_then(|at| self.outstanding.remove(at)).is_some()
    }

    /// Takes all out.
    pub(super) fn drain(&mut self) -> Vec<Block> {
        self.outstanding.drain(..).collect()
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = Block> + '_ {
        self.outstanding.iter().copied()
    }

    /// The block that is being received, and how many bytes of it have come.
    pub(super) fn receiving(&self) -> Option<(Block, u32)> {
        self.receiving
    }

    /// The header of a piece message has come; says whether the block was requested.
    pub(super) fn begin_block(&mut self, block: Block) -> bool {
        let is_requested = self.take(block);
        self.receiving = is_requested.then_some((block, 0));
        is_requested
    }

    /// Data of a piece message has come. Gives the block if it is complete.
    pub(super) fn receive(&mut self, bytes: usize) -> Option<Block> {
        let (block, received) = self.receiving.as_mut()?;
        *received += bytes as u32;
        if *received < block.length {
            return None;
        }
        let block = *block;
        self.receiving = None;
        Some(block)
    }

    /// The rest of the block that is being received is not wanted any more.
    pub(super) fn abandon_block(&mut self) -> Option<Block> {
        Some(self.receiving.take()?.0)
    }
}

/// The requests of a peer that wait to be answered.
#[derive(Debug, Default)]
pub(super) struct PeerRequests(VecDeque<Block>);

impl PeerRequests {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether no more are accepted.
    pub(super) fn is_full(&self) -> bool {
        self.0.len() >= LOCAL_REQQ
    }

    pub(super) fn contains(&self, block: Block) -> bool {
        self.0.contains(&block)
    }

    pub(super) fn push(&mut self, block: Block) {
        self.0.push_back(block);
    }

    /// The one that has waited longest.
    pub(super) fn pop(&mut self) -> Option<Block> {
        self.0.pop_front()
    }

    /// The one that came last.
    pub(super) fn pop_last(&mut self) -> Option<Block> {
        self.0.pop_back()
    }

    /// Takes a request out that the peer cancels; says whether it was there.
    pub(super) fn take(&mut self, block: Block) -> bool {
        let at = self.0.iter().position(|asked| *asked == block);
        at.and_then(|at| self.0.remove(at)).is_some()
    }

    /// Takes all out.
    pub(super) fn drain(&mut self) -> VecDeque<Block> {
        std::mem::take(&mut self.0)
    }
}
