//! The pieces that are not there yet: which block is requested from whom, and where the
//! data goes.

use std::collections::{BTreeMap, BTreeSet};

use super::action::Job;
use super::partial::Partial;
use super::peer::Peer;
use super::peer_key::PeerKey;
use super::picker::Picker;
use super::spare_buffers::SpareBuffers;
use crate::torrent::{BLOCK, Check, Content, PieceBuffer, PieceSet};
use crate::wire::peer::Block;

/// Pieces that are being fetched or checked may take this much memory, in bytes. No new
/// piece is begun beyond that.
pub(super) const MAX_UNCHECKED_BYTES: u64 = 64 << 20;

/// A block: its piece, and its number within that.
pub(super) type BlockNumber = (u32, u32);

/// A piece goes from the picker, where it is open, to the partials while its blocks are
/// fetched, and on to the hash check; if that fails it is open again.
#[derive(Debug, Default)]
pub(super) struct Downloader {
    pub(super) picker: Picker,
    pub(super) partials: BTreeMap<u32, Partial>,
    /// Pieces whose hash check is under way, and who sent their blocks.
    checking: BTreeMap<u32, Vec<PeerKey>>,
    spare: SpareBuffers,
    piece_length: u32,
}

impl Downloader {
    /// All pieces of `content` that are not in `have` are to be fetched.
    pub(super) fn new(content: &Content, have: &PieceSet, first_piece: u32) -> Self {
        Self {
            picker: Picker::new(have, first_piece),
            piece_length: content.info.piece_length(),
            ..Self::default()
        }
    }

    /// Bytes of pieces that are being fetched or checked.
    fn unchecked_bytes(&self) -> u64 {
        (self.partials.len() + self.checking.len()) as u64 * u64::from(self.piece_length)
    }

    /// Whether all pieces have been begun.
    pub(super) fn is_end(&self) -> bool {
        self.picker.is_empty()
    }

    /// Whether one more piece may be begun.
    pub(super) fn can_begin_piece(&self) -> bool {
        !self.picker.is_empty() && self.unchecked_bytes() < MAX_UNCHECKED_BYTES
    }

    /// A peer has one more piece.
    pub(super) fn note_have(&mut self, peer: &mut Peer, piece: u32) {
        if peer.is_counted {
            self.picker.add(piece);
        } else {
            peer.is_counted = true;
            self.picker.add_all(peer.connection.pieces());
        }
    }

    /// A peer has said anew which pieces it has, `before` until now.
    pub(super) fn note_pieces(&mut self, peer: &mut Peer, before: &PieceSet) {
        if peer.is_counted {
            self.picker.remove_all(before);
        }
        let pieces = peer.connection.pieces();
        peer.is_counted = !pieces.is_all();
        if peer.is_counted {
            self.picker.add_all(pieces);
        }
    }

    /// A peer does not have a piece any more (BEP 54).
    pub(super) fn note_lost(&mut self, peer: &mut Peer, piece: u32) {
        if peer.is_counted {
            self.picker.remove(piece);
        } else {
            peer.is_counted = true;
            self.picker.add_all(peer.connection.pieces());
        }
    }

    /// A peer has disconnected.
    pub(super) fn forget_peer(&mut self, key: PeerKey, peer: &mut Peer) {
        if peer.is_counted {
            self.picker.remove_all(peer.connection.pieces());
        }
        if let Some((block, _)) = peer.connection.receiving()
            && let Some(partial) = self.partials.get_mut(&block.index)
        {
            partial.abandon(block.begin / BLOCK, key);
        }
        self.release(key, &peer.connection.forget_requests());
        for partial in self.partials.values_mut() {
            partial.disown(key);
        }
    }

    /// The next block to request from a peer, noted as requested. `is_suspect` tells the
    /// pieces that have failed their check.
    pub(super) fn next_block(
        &mut self,
        key: PeerKey,
        peer: &mut Peer,
        content: &Content,
        is_suspect: impl Fn(u32) -> bool,
    ) -> Option<BlockNumber> {
        self.block_of_own(key, peer)
            .or_else(|| self.block_of_orphans(key, peer))
            .or_else(|| self.block_of_new_piece(key, peer, content, is_suspect))
            .or_else(|| self.block_of_others(peer))
    }

    /// A free block of a piece that is assigned to the peer.
    fn block_of_own(&mut self, key: PeerKey, peer: &mut Peer) -> Option<BlockNumber> {
        while let Some(&piece) = peer.pieces.first() {
            let takes_requests = peer.takes_requests_for(piece);
            let partial = self.partials.get_mut(&piece);
            let own = partial.filter(|partial| takes_requests && partial.owner == Some(key));
            match own.and_then(Partial::request_first_free) {
                Some(number) => return Some((piece, number)),
                None => peer.pieces.remove(0),
            };
        }
        None
    }

    /// A free block of a piece that is assigned to nobody; now it is to the peer.
    fn block_of_orphans(&mut self, key: PeerKey, peer: &mut Peer) -> Option<BlockNumber> {
        let (piece, number) = self.block_of_partials(peer, |partial| partial.owner.is_none())?;
        if let Some(partial) = self.partials.get_mut(&piece) {
            partial.owner = Some(key);
            peer.pieces.push(piece);
        }
        Some((piece, number))
    }

    /// A free block of a piece that is assigned to another peer.
    fn block_of_others(&mut self, peer: &Peer) -> Option<BlockNumber> {
        self.block_of_partials(peer, |partial| !partial.is_exclusive)
    }

    fn block_of_partials(
        &mut self,
        peer: &Peer,
        accept: impl Fn(&Partial) -> bool,
    ) -> Option<BlockNumber> {
        let (piece, partial) = self.partials.iter_mut().find(|(piece, partial)| {
            partial.has_free()
                && accept(partial)
                && peer.connection.pieces().has(**piece)
                && peer.takes_requests_for(**piece)
        })?;
        Some((*piece, partial.request_first_free()?))
    }

    /// The first block of the rarest piece that is open.
    fn block_of_new_piece(
        &mut self,
        key: PeerKey,
        peer: &mut Peer,
        content: &Content,
        is_suspect: impl Fn(u32) -> bool,
    ) -> Option<BlockNumber> {
        if !self.can_begin_piece() {
            return None;
        }
        let pieces = peer.connection.pieces();
        let takes_requests = |piece| peer.takes_requests_for(piece);
        let piece = self.picker.take(pieces, takes_requests)?;
        peer.pieces.push(piece);
        let (size, blocks) = (content.piece_size(piece) as usize, content.blocks(piece));
        let mut buffer = self.spare.take();
        // Only what no block covers must be zero: the padding of the last piece.
        buffer.set_length(size);
        let covered = (blocks * BLOCK) as usize;
        if let Some(padding) = buffer.get_mut(covered..) {
            padding.fill(0);
        }
        let mut partial = Partial::new(buffer, blocks, key, is_suspect(piece));
        let number = partial.request_first_free();
        self.partials.insert(piece, partial);
        number.map(|number| (piece, number))
    }

    /// A peer does not answer these requests: others may get them.
    pub(super) fn release(&mut self, key: PeerKey, blocks: &[Block]) {
        for block in blocks {
            if let Some(partial) = self.partials.get_mut(&block.index) {
                partial.release(block.begin / BLOCK);
                partial.disown(key);
            }
        }
    }

    /// A peer has begun to send this block, and is not waited for any more. The rest of
    /// it must not spoil what another peer sends instead.
    pub(super) fn abandon(&mut self, key: PeerKey, block: Block) {
        if let Some(partial) = self.partials.get_mut(&block.index) {
            partial.abandon(block.begin / BLOCK, key);
            partial.disown(key);
        }
    }

    /// Where the data of a block that is being received belongs; `received` bytes of it
    /// have come. `None` if it is of no use.
    pub(super) fn place(&mut self, key: PeerKey, block: Block, received: u32) -> Option<&mut [u8]> {
        let partial = self.partials.get_mut(&block.index)?;
        let number = block.begin / BLOCK;
        // Without its beginning a block is of no use.
        if !partial.is_receiving(number, key) && (received > 0 || !partial.receive(number, key)) {
            return None;
        }
        let start = block.begin as usize;
        partial.buffer.get_mut(start..start + block.length as usize)
    }

    /// A block is complete. Says whether its piece is; `None` if the data was of no use.
    pub(super) fn complete_block(&mut self, key: PeerKey, block: Block) -> Option<bool> {
        let partial = self.partials.get_mut(&block.index)?;
        let is_useful = partial.complete(block.begin / BLOCK, key);
        is_useful.then(|| partial.is_complete())
    }

    /// Hands a complete piece to the check.
    pub(super) fn begin_check(&mut self, piece: u32, check: Check, digests: bool) -> Option<Job> {
        let partial = self.partials.remove(&piece)?;
        self.checking.insert(piece, partial.senders());
        Some(Job {
            piece,
            data: partial.buffer,
            check,
            digests,
        })
    }

    /// The check of a piece has ended: who sent its blocks.
    pub(super) fn end_check(&mut self, piece: u32) -> Option<Vec<PeerKey>> {
        self.checking.remove(&piece)
    }

    /// Keeps the buffer of a piece for the next one, if there is memory for it.
    pub(super) fn recycle(&mut self, buffer: PieceBuffer) {
        let unchecked = self.unchecked_bytes() as usize;
        let room = (MAX_UNCHECKED_BYTES as usize).saturating_sub(unchecked);
        self.spare.keep(buffer, room);
    }

    /// Who has sent blocks of pieces that are not checked yet.
    pub(super) fn senders(&self) -> BTreeSet<PeerKey> {
        let partials = self.partials.values().flat_map(Partial::senders);
        let checking = self.checking.values().flatten().copied();
        partials.chain(checking).collect()
    }
}
