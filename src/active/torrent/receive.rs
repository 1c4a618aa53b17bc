//! What peers say, as far as it concerns the torrent.

use super::metadata::{PIECE, Step};
use super::{Action, PeerKey, Report, Source, Stage, Torrent};
use crate::active::machine::{BLOCK, Close, Event, Time};
use crate::active::pieces::PieceSet;
use crate::wire::peer::Block;

impl Torrent {
    /// Bytes have come from a peer.
    pub fn receive(&mut self, key: PeerKey, mut bytes: &[u8], now: Time) {
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
        self.fill_requests(now);
    }

    /// Where the next bytes of this peer belong, if they are the data of a block
    /// and nothing else: a driver may receive them there and then call
    /// [`Torrent::received`], so that they are not copied.
    pub fn buffer(&mut self, key: PeerKey) -> Option<&mut [u8]> {
        let (block, done) = self.peers.get(&key)?.connection.receiving()?;
        self.place(key, block)?.get_mut(done as usize..)
    }

    /// Counts bytes that were received into [`Torrent::buffer`].
    pub fn received(&mut self, key: PeerKey, bytes: usize, now: Time) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        peer.note_data(bytes, now);
        self.downloaded += bytes as u64;
        if let Some(block) = peer.connection.data_received(bytes, now) {
            self.block_done(key, block);
            self.fill_requests(now);
        }
    }

    fn event(&mut self, key: PeerKey, event: Event<'_>, now: Time) -> Result<(), Close> {
        match event {
            Event::Handshake => self.handshake(key)?,
            Event::Extended => self.extended(key, now),
            Event::Choke(blocks) => self.release(key, &blocks),
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
            Event::Rejected(block) => self.release(key, &[block]),
            Event::Request(block) => self.requested(key, block)?,
            Event::MetadataRequest(piece) => self.serve_metadata(key, piece),
            Event::MetadataData { piece, bytes, .. } => self.metadata(key, piece, bytes, now),
            Event::MetadataReject(_) => self.metadata_refused(key, now),
            Event::HashRequest(range) => self.serve_hashes(key, range),
            Event::Hashes(range, hashes) => {
                if let Stage::Layers(fetch) = &mut self.stage {
                    let right = fetch.hashes(key, range, &hashes);
                    self.layers_progress(now);
                    if right == Some(false) {
                        return Err(Close::Liar);
                    }
                }
            }
            Event::HashReject(range) => {
                if let Stage::Layers(fetch) = &mut self.stage {
                    fetch.reject(key, &range);
                    self.ask_all_layers(now);
                }
            }
            Event::Nothing => {}
        }
        Ok(())
    }

    fn handshake(&mut self, key: PeerKey) -> Result<(), Close> {
        let metadata_size = self.content.as_ref().map(|c| c.info.bytes().len() as u64);
        let have = matches!(self.stage, Stage::Layers(_) | Stage::Pieces).then_some(&self.have);
        let Some(peer) = self.peers.get(&key) else {
            return Ok(());
        };
        let id = peer.connection.handshake().map(|theirs| theirs.peer_id);
        let twin = |other: &super::Peer| other.connection.handshake().map(|h| h.peer_id) == id;
        if self
            .peers
            .iter()
            .any(|(other, peer)| *other != key && twin(peer))
        {
            return Err(Close::Twice);
        }
        if id.is_some_and(|id| self.banned_ids.contains(&id)) {
            return Err(Close::Liar);
        }
        if let Some(peer) = self.peers.get_mut(&key) {
            let ip = peer.address.ip();
            peer.connection.open(have, metadata_size, ip);
        }
        self.ask_layers(key);
        Ok(())
    }

    fn extended(&mut self, key: PeerKey, now: Time) {
        let size = self
            .peers
            .get(&key)
            .and_then(|p| p.connection.metadata_size());
        if let (Stage::Metadata(fetch), Some(size)) = (&mut self.stage, size) {
            let step = fetch.offer(key, size, now);
            self.metadata_step(step, now);
        }
    }

    fn metadata(&mut self, key: PeerKey, piece: u32, bytes: Vec<u8>, now: Time) {
        if let Stage::Metadata(fetch) = &mut self.stage {
            let step = fetch.data(key, piece, bytes, now);
            self.metadata_step(step, now);
        }
    }

    fn metadata_refused(&mut self, key: PeerKey, now: Time) {
        if let Stage::Metadata(fetch) = &mut self.stage {
            fetch.give_up(key);
            self.ask_metadata(now);
        }
    }

    fn metadata_step(&mut self, step: Step, now: Time) {
        match step {
            Step::Nothing => {}
            Step::Ask(key, pieces) => {
                if let Some(peer) = self.peers.get_mut(&key) {
                    for piece in pieces {
                        peer.connection.request_metadata(piece);
                    }
                }
            }
            Step::Whole(info) => {
                self.identity_of(&info);
                self.content = Some(super::Content::from_info(*info));
                self.stage = Stage::Resume;
                self.actions.push_back(Action::Metadata);
            }
            Step::Wrong(key) => {
                if let Some(peer) = self.peers.get(&key) {
                    let report = Report::BadMetadata(peer.address);
                    self.banned.insert(peer.address);
                    self.actions.push_back(Action::Report(report));
                }
                self.close(key, Close::Liar);
                self.ask_metadata(now);
            }
        }
    }

    /// Both hashes of a hybrid torrent are known once its dictionary is.
    fn identity_of(&mut self, info: &crate::wire::metainfo::Info) {
        let first = self.identity.info_hashes[0];
        let others = info.info_hashes().filter(|hash| *hash != first);
        self.identity.info_hashes = std::iter::once(first).chain(others).collect();
        // A dialler that offers the upgrade must have sent the v1 hash (BEP 52).
        self.identity.hybrid = self.identity.info_hashes.len() > 1 && info.v1_hash() == Some(first);
    }

    /// Asks another peer for the info dictionary, if none is being asked.
    pub(super) fn ask_metadata(&mut self, now: Time) {
        let Stage::Metadata(fetch) = &mut self.stage else {
            return;
        };
        if !fetch.is_idle() {
            return;
        }
        let offers = self.peers.iter();
        let offers = offers.filter_map(|(key, p)| Some((*key, p.connection.metadata_size()?)));
        for (key, size) in offers {
            match fetch.offer(key, size, now) {
                Step::Nothing => {}
                step => return self.metadata_step(step, now),
            }
        }
        fetch.forgive();
    }

    /// Reads what a peer has said of its pieces, now that their number is known.
    pub(super) fn learn_pieces(&mut self, key: PeerKey) {
        let pieces = self.have.pieces();
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if let Err(close) = peer.connection.learn_pieces(pieces) {
            return self.close(key, close);
        }
        self.has_pieces(key, &PieceSet::none(pieces));
    }

    /// Asks a peer for the piece layers that are missing.
    pub(super) fn ask_layers(&mut self, key: PeerKey) {
        let (Stage::Layers(fetch), Some(peer)) = (&mut self.stage, self.peers.get_mut(&key)) else {
            return;
        };
        if peer.connection.handshake().is_none() {
            return;
        }
        for range in fetch.ask(key, peer.connection.now()) {
            peer.connection.request_hashes(range);
        }
    }

    pub(super) fn ask_all_layers(&mut self, now: Time) {
        let keys: Vec<_> = self.peers.keys().copied().collect();
        for key in keys {
            if let Some(peer) = self.peers.get_mut(&key) {
                peer.connection.set_now(now);
            }
            self.ask_layers(key);
        }
    }

    fn layers_progress(&mut self, now: Time) {
        let Stage::Layers(fetch) = &self.stage else {
            return;
        };
        let Some(layers) = fetch.finished() else {
            return self.ask_all_layers(now);
        };
        if let Some(content) = &mut self.content {
            for (root, layer) in layers {
                content.add_layer(root, layer);
            }
        }
        self.stage = Stage::Pieces;
        self.wake_all();
    }

    fn unchoked(&mut self, key: PeerKey, now: Time) {
        if let Some(peer) = self.peers.get_mut(&key) {
            peer.note_unchoke(now);
            self.hungry.insert(key);
        }
    }

    fn has_piece(&mut self, key: PeerKey, piece: u32) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if peer.counted {
            self.picker.add(piece);
        } else {
            peer.counted = true;
            for piece in peer.connection.pieces().iter() {
                self.picker.add(piece);
            }
        }
        if !self.have.has(piece) {
            peer.connection.set_interested(true);
            self.hungry.insert(key);
        }
    }

    fn has_pieces(&mut self, key: PeerKey, before: &PieceSet) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if peer.counted {
            for piece in before.iter() {
                self.picker.remove(piece);
            }
        }
        let pieces = peer.connection.pieces();
        peer.counted = !pieces.is_all();
        if peer.counted {
            for piece in pieces.iter() {
                self.picker.add(piece);
            }
        }
        if self.have.lacks_some_of(pieces) {
            peer.connection.set_interested(true);
            self.hungry.insert(key);
        } else {
            self.review_interest(key);
        }
    }

    fn lost_piece(&mut self, key: PeerKey, piece: u32) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        if peer.counted {
            self.picker.remove(piece);
        } else {
            peer.counted = true;
            for piece in peer.connection.pieces().iter() {
                self.picker.add(piece);
            }
        }
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
        let place = self.place(key, block);
        match place.and_then(|place| place.get_mut(start..start + bytes.len())) {
            Some(place) => place.copy_from_slice(bytes),
            None => self.wasted += bytes.len() as u64,
        }
        if whole {
            self.block_done(key, block);
        }
    }

    fn block_done(&mut self, key: PeerKey, block: Block) {
        self.hungry.insert(key);
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
            let source = Source {
                address: peer.address,
                client: peer.connection.client().map(str::to_owned),
                peer_id: peer.connection.handshake().map_or([0; 20], |h| h.peer_id),
            };
            self.sources.insert(key, source);
        }
        if self.picker.is_empty() && self.peers.len() > 1 {
            self.cancel_elsewhere(key, block);
        }
        if whole {
            self.check(block.index);
        }
    }

    /// Forgets a connection; says whether it was there.
    pub(super) fn forget(&mut self, key: PeerKey) -> bool {
        let Some(mut peer) = self.peers.remove(&key) else {
            return false;
        };
        if peer.counted {
            for piece in peer.connection.pieces().iter() {
                self.picker.remove(piece);
            }
        }
        if let Some((block, _)) = peer.connection.receiving()
            && let Some(partial) = self.partials.get_mut(&block.index)
        {
            partial.abandon(block.begin / BLOCK, key);
        }
        let requests = peer.connection.forget_requests();
        self.release(key, &requests);
        for partial in self.partials.values_mut() {
            if partial.owner == Some(key) {
                partial.owner = None;
            }
        }
        match &mut self.stage {
            Stage::Metadata(fetch) => fetch.give_up(key),
            Stage::Layers(fetch) => fetch.gone(key),
            Stage::Resume | Stage::Pieces => {}
        }
        self.hungry.remove(&key);
        self.wake_all();
        true
    }

    fn serve_metadata(&mut self, key: PeerKey, piece: u32) {
        let Some(peer) = self.peers.get_mut(&key) else {
            return;
        };
        let bytes = self.content.as_ref().map_or(&[][..], |c| c.info.bytes());
        let start = u64::from(piece) * PIECE;
        // Whoever asks for more without reading what came is refused (BEP 9).
        let bytes = if peer.connection.is_backlogged() {
            &[]
        } else {
            bytes
        };
        match bytes.get(usize::try_from(start).unwrap_or(usize::MAX)..) {
            Some(rest) if !rest.is_empty() => {
                let end = rest.len().min(PIECE as usize);
                let total = bytes.len() as u64;
                peer.connection.metadata_piece(piece, total, &rest[..end]);
            }
            _ => peer.connection.reject_metadata(piece),
        }
    }
}
