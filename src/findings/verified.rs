//! Pieces put together from their blocks and held against their hashes
//! (`--verify`).

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use foldhash::fast::RandomState;

use super::finding::{Finding, Place};
use super::gathered::Gathered;
use super::rules;
use crate::session::{Budget, Charge, Conversation, Heard};
use crate::torrent::{BLOCK, Content, Verdict, verify};
use crate::wire::peer::{Block, PIECE_HEADER};

/// Bytes of pieces that are not whole yet, all together; beyond, the oldest are
/// given up.
const HELD_IN_ALL: usize = 64 << 20;

/// Torrents whose pieces are checked.
const MAX_TORRENTS: usize = 256;

/// Peers that a piece came from whose addresses are kept.
const MAX_SENDERS: usize = 8;

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
    checked: Checked,
}

impl Default for Pieces {
    fn default() -> Self {
        Self {
            torrents: HashMap::default(),
            open: HashMap::default(),
            order: VecDeque::new(),
            begun: 0,
            budget: Budget::new(HELD_IN_ALL),
            checked: Checked::default(),
        }
    }
}

impl Pieces {
    /// A block went by.
    pub fn hear(
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
        match content
            .check(key.piece)
            .map(|check| verify(&piece.data, &check))
        {
            None => self.checked.unknown += 1,
            Some(Verdict::Good) => self.checked.good += 1,
            Some(Verdict::Bad | Verdict::Inconsistent(_)) => {
                self.checked.bad += 1;
                gathered.add(wrong(heard, key.piece, &piece.senders));
            }
        }
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
fn wrong(heard: &Heard<'_>, piece: u32, senders: &[SocketAddr]) -> Finding {
    let whose = match senders.len() {
        1 => "all of it came from this peer".to_owned(),
        count => format!("it came from {count} peers, the last block from this one"),
    };
    let place = Place {
        stream: Some(heard.stream),
        src: heard.src,
        dst: heard.dst,
    };
    let words = format!("piece {piece} does not hash to what the torrent says; {whose}");
    Finding {
        message: heard.message_name(),
        ..Finding::at(&rules::PC_04, place, heard.last, words)
    }
}
