//! What peers say, as far as it concerns the torrent.

use super::coordinator::Torrent;
use super::metadata;
use super::peer_key::PeerKey;
use crate::active::machine::{Close, Event, Time};
use crate::wire::peer::Block;

impl Torrent {
    /// Bytes have come from a peer.
    pub fn receive(&mut self, key: PeerKey, mut bytes: &[u8], now: Time) {
        self.make_room(key, bytes.len());
        loop {
            let Some(peer) = self.peers.get_mut(key) else {
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
        let (block, received) = self.peers.get(key)?.connection.receiving()?;
        let place = self.downloader.place(key, block, received)?;
        place.get_mut(received as usize..)
    }

    /// Counts bytes that were received into [`Torrent::buffer`].
    pub fn received(&mut self, key: PeerKey, bytes: usize, now: Time) {
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        peer.note_data(bytes, now);
        self.totals.downloaded += bytes as u64;
        if let Some(block) = peer.connection.data_received(bytes, now) {
            self.block_complete(key, block, now);
            self.fill_requests(now);
        }
    }

    fn event(&mut self, key: PeerKey, event: Event<'_>, now: Time) -> Result<(), Close> {
        match event {
            Event::Handshake => self.handshake(key)?,
            Event::Extended => self.extended_handshake(key, now),
            Event::Choke(blocks) => self.choked(key, &blocks, now),
            Event::Unchoke => self.unchoked(key, now),
            Event::Interested => self.choker.fill_slots(&mut self.peers, now),
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
                if let Some(peer) = self.peers.get_mut(key) {
                    let content = self.pieces.content();
                    self.backlog.answer(peer, |connection| {
                        metadata::serve(content, connection, piece);
                    });
                }
            }
            Event::MetadataData { piece, bytes, .. } => self.metadata(key, piece, bytes, now),
            Event::MetadataReject(_) => self.metadata_rejected(key, now),
            Event::HashRequest(range) => {
                if let Some(peer) = self.peers.get_mut(key) {
                    let content = self.pieces.content().filter(|_| !self.stage.is_layers());
                    let trees = &mut self.trees;
                    self.backlog.answer(peer, |connection| {
                        trees.serve(content, connection, range);
                    });
                }
            }
            Event::Hashes(range, hashes) => self.hashes(key, range, &hashes, now)?,
            Event::HashReject(range) => self.hashes_rejected(key, &range, now),
            Event::Nothing => {}
        }
        Ok(())
    }

    fn rejected(&mut self, key: PeerKey, block: Block, now: Time) {
        // A block that is rejected because of a choke is sent after the next unchoke.
        if let Some(peer) = self.peers.get_mut(key)
            && !peer.connection.is_choked()
        {
            peer.refusals.note(block.index, now);
        }
        self.release(key, &[block]);
    }

    fn choked(&mut self, key: PeerKey, requests: &[Block], now: Time) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.note_choke(now);
        }
        self.release(key, requests);
    }

    fn unchoked(&mut self, key: PeerKey, now: Time) {
        if let Some(peer) = self.peers.get_mut(key) {
            peer.note_unchoke(now);
            self.peers.wake(key);
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
        if let Some(peer) = self.peers.get_mut(key) {
            peer.note_data(bytes.len(), now);
        }
        self.totals.downloaded += bytes.len() as u64;
        let start = offset as usize;
        let place = self.downloader.place(key, block, offset);
        match place.and_then(|place| place.get_mut(start..start + bytes.len())) {
            Some(place) => place.copy_from_slice(bytes),
            None => self.totals.wasted += bytes.len() as u64,
        }
        if whole {
            self.block_complete(key, block, now);
        }
    }

    fn block_complete(&mut self, key: PeerKey, block: Block, now: Time) {
        self.peers.wake(key);
        let Some(peer) = self.peers.get_mut(key) else {
            return;
        };
        peer.note_block(now);
        let Some(is_piece_complete) = self.downloader.complete_block(key, block) else {
            return;
        };
        self.smart_ban.note_sender(key, peer);
        if self.downloader.is_end() && self.peers.len() > 1 {
            self.peers.cancel_elsewhere(key, block);
        }
        if is_piece_complete {
            self.check(block.index);
        }
    }
}
