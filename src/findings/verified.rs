//! Pieces put together from their blocks and held against their hashes
//! (`--verify`).

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::finding::{Finding, Place};
use super::gathered::Gathered;
use super::rules;
use crate::packet::Stamp;
use crate::session::{Budget, Charge, Conversation, Heard};
use crate::torrent::{BLOCK, Check, Content, Layers, Verdict, root_of, verify};
use crate::wire::metainfo::{Hash256, Metainfo};
use crate::wire::peer::{Block, Hashes, Message, PIECE_HEADER};

/// Bytes of pieces that are not whole yet, all together; beyond, the oldest are
/// given up.
const HELD_IN_ALL: usize = 64 << 20;

/// Torrents whose pieces are checked.
const MAX_TORRENTS: usize = 256;

/// Peers that a piece came from whose addresses are kept.
const MAX_SENDERS: usize = 8;

/// Whole pieces that wait for their hash; of more, it is not looked for.
const MAX_WAITING: usize = 16 << 10;

/// How many pieces were checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Checked {
    /// They are right.
    pub good: u64,
    /// They are not.
    pub bad: u64,
    /// Not all of their blocks went by, or there was no memory for them.
    pub unfinished: u64,
    /// Nothing says what they hash to.
    pub unknown: u64,
}

/// The piece of a torrent that a host receives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    info_hash: [u8; 20],
    receiver: IpAddr,
    piece: u32,
}

#[derive(Debug)]
struct Piece {
    data: Vec<u8>,
    /// The blocks that are there.
    has: Vec<bool>,
    /// Who sent them.
    senders: Vec<SocketAddr>,
    /// When it was begun, as a count of pieces.
    begun: u64,
    _charge: Charge,
}

/// Puts pieces together and checks them.
#[derive(Debug)]
pub struct Pieces {
    torrents: HashMap<[u8; 20], Arc<Content>, RandomState>,
    open: HashMap<Key, Piece, RandomState>,
    /// The pieces that are open, the oldest first; some are not open any more.
    order: VecDeque<(Key, u64)>,
    begun: u64,
    budget: Budget,
    /// What pieces of v2 torrents hash to.
    layers: Layers,
    /// Whole pieces whose hash is not known yet: where it will be, and what they hash
    /// to.
    waiting: Vec<(Whole, (Hash256, u32, u32), Hash256)>,
    checked: Checked,
}

/// A piece that is whole.
#[derive(Debug)]
struct Whole {
    piece: u32,
    /// Who sent its last block, and to whom.
    place: Place,
    at: Stamp,
    /// How many sent parts of it.
    senders: usize,
    /// The name of the last message.
    message: &'static str,
}

impl Default for Pieces {
    fn default() -> Self {
        Self {
            torrents: HashMap::default(),
            open: HashMap::default(),
            order: VecDeque::new(),
            begun: 0,
            budget: Budget::new(HELD_IN_ALL),
            layers: Layers::default(),
            waiting: Vec::new(),
            checked: Checked::default(),
        }
    }
}

impl Pieces {
    /// A message: a block, or hashes of BEP 52.
    pub fn hear(
        &mut self,
        heard: &Heard<'_>,
        conversation: &Conversation,
        message: &Message<'_>,
        gathered: &mut Gathered,
    ) {
        match message {
            Message::Piece(block) => self.take(heard, conversation, *block, gathered),
            Message::Hashes(hashes) if heard.missing == 0 => {
                self.prove(heard, conversation, hashes, gathered);
            }
            _ => {}
        }
    }

    /// A `.torrent` file: it has the piece layers too, which an info dictionary lacks.
    pub fn know(&mut self, metainfo: &Metainfo) {
        let content = Arc::new(Content::from_metainfo(metainfo.clone()));
        for info_hash in content.info.info_hashes() {
            self.torrents.insert(info_hash, Arc::clone(&content));
        }
    }

    /// A block went by.
    fn take(
        &mut self,
        heard: &Heard<'_>,
        conversation: &Conversation,
        block: Block,
        gathered: &mut Gathered,
    ) {
        let data = heard.bytes.get(PIECE_HEADER..).unwrap_or_default();
        let Some(content) = self.content(conversation) else {
            return;
        };
        let is_whole = heard.missing == 0 && data.len() == block.length as usize;
        if !is_whole || !content.contains(block) || !block.begin.is_multiple_of(BLOCK) {
            return;
        }
        let Some(info_hash) = conversation.info_hash() else {
            return;
        };
        let key = Key {
            info_hash,
            receiver: heard.dst.ip(),
            piece: block.index,
        };
        let Some(piece) = self.piece(key, &content) else {
            return;
        };
        piece.take(block, data, heard.src);
        if !piece.has.iter().all(|has| *has) {
            return;
        }
        let Some(piece) = self.open.remove(&key) else {
            return;
        };
        let place = Place {
            stream: Some(heard.stream),
            src: heard.src,
            dst: heard.dst,
        };
        let whole = Whole {
            piece: key.piece,
            place,
            at: heard.last,
            senders: piece.senders.len(),
            message: heard.message_name(),
        };
        if let Some(check) = content.check(key.piece) {
            self.judge(&whole, verify(&piece.data, &check), gathered);
        } else if let Some((leaf, at)) = content.leaf(key.piece).and_then(|l| Some((l, l.at?))) {
            let height = content.piece_layer_height();
            match self.layers.proven(leaf.root, height, at) {
                Some(hash) => {
                    let check = Check::Merkle(leaf.check(hash));
                    self.judge(&whole, verify(&piece.data, &check), gathered);
                }
                None => self.wait(whole, (leaf.root, height, at), root_of(&piece.data, &leaf)),
            }
        } else {
            self.checked.unknown += 1;
        }
    }

    fn judge(&mut self, whole: &Whole, verdict: Verdict, gathered: &mut Gathered) {
        match verdict {
            Verdict::Good => self.checked.good += 1,
            Verdict::Bad | Verdict::Inconsistent(_) => {
                self.checked.bad += 1;
                gathered.add(wrong(whole));
            }
        }
    }

    /// Keeps what a piece hashes to until its hash is known.
    fn wait(&mut self, whole: Whole, at: (Hash256, u32, u32), hash: Hash256) {
        if self.waiting.len() < MAX_WAITING {
            self.waiting.push((whole, at, hash));
        } else {
            self.checked.unknown += 1;
        }
    }

    /// The capture is over: pieces whose hash came after them.
    pub fn conclude(&mut self, gathered: &mut Gathered) {
        for (whole, (root, height, at), hash) in std::mem::take(&mut self.waiting) {
            match self.layers.proven(root, height, at) {
                None => self.checked.unknown += 1,
                Some(known) if known == hash => self.checked.good += 1,
                Some(_) => self.judge(&whole, Verdict::Bad, gathered),
            }
        }
    }

    /// Hashes went by: whether they lead to the root of their file.
    fn prove(
        &mut self,
        heard: &Heard<'_>,
        conversation: &Conversation,
        hashes: &Hashes<'_>,
        gathered: &mut Gathered,
    ) {
        let Some(content) = self.content(conversation) else {
            return;
        };
        let range = hashes.range;
        let Some(height) = content.tree_height(&range.pieces_root) else {
            return;
        };
        let reached = self.layers.hear(hashes);
        let (all, _) = hashes.hashes.as_chunks::<32>();
        let Some(uncles) = all.len().checked_sub(range.length as usize) else {
            return;
        };
        let climbed = u64::from(range.base_layer)
            + u64::from(range.length.checked_ilog2().unwrap_or(0))
            + uncles as u64;
        // What ends below the root is proven by hashes that the receiver has.
        if climbed < u64::from(height) {
            return;
        }
        if reached == Some((range.pieces_root, 0)) {
            return;
        }
        let words = match reached {
            None => "the hashes are no subtree: length and index do not fit".to_owned(),
            Some((node, _)) => format!(
                "the hashes lead to {}, the root is {}",
                hex::encode(&node[..8]),
                hex::encode(&range.pieces_root[..8])
            ),
        };
        gathered.add(Finding::of(&rules::V2_04, heard, words));
    }

    /// How many there were, now that the capture is over.
    pub fn checked(&self) -> Checked {
        Checked {
            unfinished: self.checked.unfinished + self.open.len() as u64,
            ..self.checked
        }
    }

    fn content(&mut self, conversation: &Conversation) -> Option<Arc<Content>> {
        let torrent = conversation.torrent.as_ref()?;
        let info_hash = conversation.info_hash()?;
        if let Some(known) = self.torrents.get(&info_hash) {
            return Some(Arc::clone(known));
        }
        if self.torrents.len() >= MAX_TORRENTS {
            return None;
        }
        let content = Arc::new(Content::from_info(torrent.info().clone()));
        self.torrents.insert(info_hash, Arc::clone(&content));
        Some(content)
    }

    /// The piece, begun if it is not; `None` if there is no memory for it.
    fn piece(&mut self, key: Key, content: &Content) -> Option<&mut Piece> {
        if !self.open.contains_key(&key) {
            let size = content.piece_size(key.piece) as usize;
            let blocks = size.div_ceil(BLOCK as usize);
            let cost = size + blocks + 2 * size_of::<(Key, Piece)>();
            let mut charge = self.budget.charge();
            while !charge.grow(cost) {
                let (oldest, begun) = self.order.pop_front()?;
                let is_same = |piece: &Piece| piece.begun == begun;
                if self.open.get(&oldest).is_some_and(is_same) {
                    self.open.remove(&oldest);
                    self.checked.unfinished += 1;
                }
            }
            self.begun += 1;
            self.order.push_back((key, self.begun));
            self.open.insert(
                key,
                Piece {
                    data: vec![0; size],
                    has: vec![false; blocks],
                    senders: Vec::new(),
                    begun: self.begun,
                    _charge: charge,
                },
            );
            self.forget();
        }
        self.open.get_mut(&key)
    }

    /// Keeps the order short: most pieces in it are whole by now.
    fn forget(&mut self) {
        if self.order.len() > 2 * self.open.len() + 64 {
            let open = &self.open;
            self.order
                .retain(|(key, begun)| open.get(key).is_some_and(|piece| piece.begun == *begun));
        }
    }
}

impl Piece {
    fn take(&mut self, block: Block, data: &[u8], sender: SocketAddr) {
        let start = block.begin as usize;
        let Some(place) = self.data.get_mut(start..start + data.len()) else {
            return;
        };
        place.copy_from_slice(data);
        let end = start + data.len();
        let is_end = end == self.data.len();
        let blocks = start / BLOCK as usize..end.div_ceil(BLOCK as usize);
        for number in blocks {
            let is_covered = is_end || (number + 1) * BLOCK as usize <= end;
            self.has[number] |= is_covered;
        }
        if !self.senders.contains(&sender) && self.senders.len() < MAX_SENDERS {
            self.senders.push(sender);
        }
    }
}

/// The finding that a piece is not what it should be.
fn wrong(whole: &Whole) -> Finding {
    let origin = match whole.senders {
        1 => "all of it came from this peer".to_owned(),
        count => format!("it came from {count} peers, the last block from this one"),
    };
    let piece = whole.piece;
    let words = format!("piece {piece} does not hash to what the torrent says; {origin}");
    Finding {
        message: whole.message,
        ..Finding::at(&rules::PC_04, whole.place, whole.at, words)
    }
}
