//! Which block is asked of whom.

use super::pace::LEAST_DEPTH;
use super::partial::Partial;
use super::{MAX_UNCHECKED, PeerKey, Stage, Torrent};
use crate::active::machine::Time;
use crate::torrent::BLOCK;
use crate::wire::peer::Block;

/// Requests are sent in batches of this part of the depth.
const BATCHES_PER_QUEUE: usize = 4;

impl Torrent {
    /// Sends requests to all peers whose queue has run low.
    pub(super) fn fill_requests(&mut self, now: Time) {
        while let Some(key) = self.hungry.pop_first() {
            self.fill(key, now);
        }
    }

    fn fill(&mut self, key: PeerKey, now: Time) {
        if !matches!(self.stage, Stage::Pieces) {
            return;
        }
        let Some(peer) = self.peers.get(&key) else {
            return;
        };
        if peer.snubbed && now < peer.penalty_ends && self.is_served_without(key) {
            return;
        }
        let most = self.options.max_depth.min(self.share);
        let depth = peer.depth(most, now);
        let outstanding = peer.connection.outstanding();
        if outstanding + (depth / BATCHES_PER_QUEUE).max(1) > depth && outstanding > 0 {
            return;
        }
        for _ in outstanding..depth {
            let Some(block) = self.next_block(key, now) else {
                break;
            };
            let Some(peer) = self.peers.get_mut(&key) else {
                return;
            };
            peer.note_request(now);
            peer.connection.request(block, now);
        }
        self.review_interest(key);
    }

    /// The next block to ask of a peer, noted as asked.
    fn next_block(&mut self, key: PeerKey, now: Time) -> Option<Block> {
        let number = self
            .block_of_own(key)
            .or_else(|| self.block_of_orphans(key))
            .or_else(|| self.block_of_new_piece(key))
            .or_else(|| self.block_of_others(key))
            .or_else(|| self.block_of_end_game(key, now));
        let (piece, number) = number?;
        Some(self.content.as_ref()?.block(piece, number))
    }

    /// A free block of a piece that the peer fetches already.
    fn block_of_own(&mut self, key: PeerKey) -> Option<(u32, u32)> {
        let peer = self.peers.get_mut(&key)?;
        while let Some(&piece) = peer.pieces.first() {
            let may = peer.may_be_asked(piece);
            let partial = self.partials.get_mut(&piece).filter(|_| may);
            let own = partial.filter(|partial| partial.owner == Some(key));
            match own.and_then(Partial::ask_first_free) {
                Some(number) => return Some((piece, number)),
                None => peer.pieces.remove(0),
            };
        }
        None
    }

    /// A free block of a piece that nobody fetches any more; the peer takes the
    /// piece over.
    fn block_of_orphans(&mut self, key: PeerKey) -> Option<(u32, u32)> {
        self.block_of_partials(key, true, |partial| partial.owner.is_none())
    }

    /// A free block of a piece that another peer fetches.
    fn block_of_others(&mut self, key: PeerKey) -> Option<(u32, u32)> {
        self.block_of_partials(key, false, |partial| !partial.exclusive)
    }

    fn block_of_partials(
        &mut self,
        key: PeerKey,
        take_over: bool,
        accept: impl Fn(&Partial) -> bool,
    ) -> Option<(u32, u32)> {
        let peer = self.peers.get_mut(&key)?;
        for (&piece, partial) in &mut self.partials {
            let wanted = partial.has_free() && accept(partial);
            if !wanted || !peer.connection.pieces().has(piece) || !peer.may_be_asked(piece) {
                continue;
            }
            let number = partial.ask_first_free()?;
            if take_over {
                partial.owner = Some(key);
                peer.pieces.push(piece);
            }
            return Some((piece, number));
        }
        None
    }

    /// The first block of the rarest piece that nobody has begun.
    fn block_of_new_piece(&mut self, key: PeerKey) -> Option<(u32, u32)> {
        if self.picker.is_empty() || self.unchecked() >= MAX_UNCHECKED {
            return None;
        }
        let peer = self.peers.get_mut(&key)?;
        let pieces = peer.connection.pieces();
        let piece = self.picker.take(pieces, |piece| peer.may_be_asked(piece))?;
        peer.pieces.push(piece);
        let content = self.content.as_ref()?;
        let (size, blocks) = (content.piece_size(piece) as usize, content.blocks(piece));
        let mut buffer = self.spare.pop().unwrap_or_default();
        // Only what no block covers must be zero: the padding of the last one.
        buffer.set_length(size);
        let covered = (blocks * BLOCK) as usize;
        if let Some(padding) = buffer.get_mut(covered..) {
            padding.fill(0);
        }
        let exclusive = self.suspects.contains_key(&piece);
        let mut partial = Partial::new(buffer, blocks, key, exclusive);
        let number = partial.ask_first_free();
        self.partials.insert(piece, partial);
        number.map(|number| (piece, number))
    }

    /// Bytes of pieces that are fetched or being checked.
    pub(super) fn unchecked(&self) -> u64 {
        let length = self.content.as_ref().map_or(0, |c| c.info.piece_length());
        (self.partials.len() + self.checking.len()) as u64 * u64::from(length)
    }

    /// These requests get no answer from this peer: others may be asked.
    pub(super) fn release(&mut self, key: PeerKey, blocks: &[Block]) {
        for block in blocks {
            if let Some(partial) = self.partials.get_mut(&block.index) {
                partial.release(block.begin / BLOCK);
                if partial.owner == Some(key) {
                    partial.owner = None;
                }
            }
        }
        if !blocks.is_empty() {
            self.wake_all();
        }
    }

    /// A block has come that others were asked for too: they need not send it.
    pub(super) fn cancel_elsewhere(&mut self, sender: PeerKey, block: Block) {
        for (key, peer) in &mut self.peers {
            if *key != sender {
                peer.connection.cancel(block);
            }
        }
    }

    /// Looks at the queue of every peer that serves us.
    pub(super) fn wake_all(&mut self) {
        let peers = self.peers.iter();
        let serving = peers.filter(|(_, peer)| {
            !peer.connection.is_choked() || !peer.connection.allowed_fast().is_empty()
        });
        self.hungry.extend(serving.map(|(key, _)| *key));
    }

    /// Each peer that serves us may fetch its part of half of what may be
    /// unchecked; the rest is for pieces that wait for their check.
    pub(super) fn share_memory(&mut self) {
        let peers = self.peers.values();
        let serving = peers.filter(|peer| !peer.connection.is_choked()).count();
        let blocks = (MAX_UNCHECKED / 2 / u64::from(BLOCK)) as usize;
        self.share = (blocks / serving.max(1)).max(LEAST_DEPTH);
    }

    /// Finds the peers that keep requests waiting; takes their blocks from them
    /// if another peer can bring them.
    pub(super) fn find_snubs(&mut self, now: Time) {
        let is_end = self.picker.is_empty();
        let peers = self.peers.iter();
        let late = peers.filter(|(_, peer)| peer.is_late(now, is_end));
        let late: Vec<_> = late.map(|(key, _)| *key).collect();
        for key in late {
            if self.is_served_without(key) {
                self.snub(key, now);
            }
        }
    }

    /// Whether another peer than this one serves us, and has something to serve.
    fn is_served_without(&self, key: PeerKey) -> bool {
        let mut others = self.peers.iter().filter(|(other, _)| **other != key);
        others.any(|(_, peer)| {
            let connection = &peer.connection;
            connection.is_interested() && !connection.is_choked() && !peer.snubbed
        })
    }

    fn snub(&mut self, key: PeerKey, now: Time) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        peer.note_snub(now);
        let requests: Vec<_> = peer.connection.requests().collect();
        for block in &requests {
            peer.connection.cancel(*block);
        }
        peer.connection.forget_requests();
        // A block that has begun to come may never end. What still comes of it
        // must not spoil what another peer sends instead.
        let begun = peer.connection.forget_incoming();
        if let Some(block) = begun
            && let Some(partial) = self.partials.get_mut(&block.index)
        {
            partial.abandon(block.begin / BLOCK, key);
            if partial.owner == Some(key) {
                partial.owner = None;
            }
        }
        self.release(key, &requests);
        self.wake_all();
    }

    /// Where the bytes of a block that is being received belong, `done` of which
    /// have come. `None` if they are of no use.
    pub(super) fn place(&mut self, key: PeerKey, block: Block, done: u32) -> Option<&mut [u8]> {
        let partial = self.partials.get_mut(&block.index)?;
        let number = block.begin / BLOCK;
        // Without its beginning a block is of no use.
        if !partial.is_receiving(number, key) && (done > 0 || !partial.receive(number, key)) {
            return None;
        }
        let start = block.begin as usize;
        partial.buffer.get_mut(start..start + block.length as usize)
    }
}
