//! What peers say, as far as it concerns the torrent.

use super::{PeerKey, Torrent};
use crate::active::machine::{Close, Event, Time};
use crate::torrent::BLOCK;
use crate::wire::peer::Block;

impl Torrent {
    /// Bytes have come from a peer.
    pub fn receive(&mut self, key: PeerKey, mut bytes: &[u8], now: Time) {
        self.make_room(key, bytes.len());
        loop {
            let Some(peer) = self.peers.get_mut(&key) else {
                return;
            };
            let result = match peer.connection.next(&mut bytes, now) {
                Ok(Some(event)) => self.event(key, event, now),
                Ok(None) => break,
                Err(close) => Err(close),
            };
            if let Err(close) = result {
                self.close(key, close);
                break;
            }
        }
        self.charge(key);
        self.fill_requests(now);
    }

    /// Where the next bytes of this peer belong, if they are the data of a block
    /// and nothing else: a driver may receive them there and then call
    /// [`Torrent::received`], so that they are not copied.
    pub fn buffer(&mut self, key: PeerKey) -> Option<&mut [u8]> {
        let (block, done) = self.peers.get(&key)?.connection.receiving()?;
        self.place(key, block, done)?.get_mut(done as usize..)
    }

    /// Counts bytes that were received into [`Torrent::buffer`].
    pub fn received(&mut self, key: PeerKey, bytes: usize, now: Time) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        peer.note_data(bytes, now);
        self.downloaded += bytes as u64;
        if let Some(block) = peer.connection.data_received(bytes, now) {
            self.block_done(key, block, now);
            self.fill_requests(now);
        }
    }

    fn event(&mut self, key: PeerKey, event: Event<'_>, now: Time) -> Result<(), Close> {
        match event {
            Event::Handshake => self.handshake(key)?,
            Event::Extended => self.extended(key, now),
            Event::Choke(blocks) => self.choked(key, &blocks, now),
            Event::Unchoke => self.unchoked(key, now),
            Event::Interested => self.fill_slots(now),
            Event::NotInterested => self.not_interested(key, now),
            Event::Have(piece) => self.has_piece(key, piece),
            Event::Pieces(before) => self.has_pieces(key, &before),
            Event::DontHave(piece) => self.lost_piece(key, piece),
            Event::Data {
                block,
                offset,
                bytes,
                whole,
            } => self.data(key, (block, offset), bytes, whole, now),
            Event::Rejected(block) => self.rejected(key, block, now),
            Event::Request(block) => self.requested(key, block)?,
            Event::MetadataRequest(piece) => {
                self.answer(key, |torrent| torrent.serve_metadata(key, piece));
            }
            Event::MetadataData { piece, bytes, .. } => self.metadata(key, piece, bytes, now),
            Event::MetadataReject(_) => self.metadata_refused(key, now),
            Event::HashRequest(range) => {
                self.answer(key, |torrent| torrent.serve_hashes(key, range));
            }
            Event::Hashes(range, hashes) => self.hashes(key, range, &hashes, now)?,
            Event::HashReject(range) => self.hashes_refused(key, &range, now),
            Event::Nothing => {}
        }
        Ok(())
    }

    fn rejected(&mut self, key: PeerKey, block: Block, now: Time) {
        // What is rejected because of a choke is sent after the next unchoke.
        if let Some(peer) = self.peers.get_mut(&key)
            && !peer.connection.is_choked()
        {
            peer.refusals.note(block.index, now);
        }
        self.release(key, &[block]);
    }

    fn choked(&mut self, key: PeerKey, requests: &[Block], now: Time) {
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.note_choke(now);
        }
        self.release(key, requests);
    }

    fn unchoked(&mut self, key: PeerKey, now: Time) {
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.note_unchoke(now);
            self.hungry.insert(key);
        }
        self.share_memory();
    }

    fn data(
        &mut self,
        key: PeerKey,
        (block, offset): (Block, u32),
        bytes: &[u8],
        whole: bool,
        now: Time,
    ) {
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.note_data(bytes.len(), now);
        }
        self.downloaded += bytes.len() as u64;
        let start = offset as usize;
        let place = self.place(key, block, offset);
        match place.and_then(|place| place.get_mut(start..start + bytes.len())) {
            Some(place) => place.copy_from_slice(bytes),
            None => self.wasted += bytes.len() as u64,
        }
        if whole {
            self.block_done(key, block, now);
        }
    }

    fn block_done(&mut self, key: PeerKey, block: Block, now: Time) {
        self.hungry.insert(key);
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.note_block(now);
        }
        let number = block.begin / BLOCK;
        let Some(partial) = self.partials.get_mut(&block.index) else {
            return;
        };
        if !partial.finish(number, key) {
            return;
        }
        let whole = partial.is_done();
        if !self.sources.contains_key(&key)
            && let Some(peer) = self.peers.get(&key)
        {
            self.sources.insert(key, peer.source());
        }
        if self.picker.is_empty() && self.peers.len() > 1 {
            self.cancel_elsewhere(key, block);
        }
        if whole {
            self.check(block.index);
        }
    }
}
