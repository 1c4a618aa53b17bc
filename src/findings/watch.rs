//! What is remembered of one connection beside its conversation: what only rules
//! ask for. All lists are bounded, and it is forgotten when the connection ends.

use std::net::SocketAddr;

use super::dictionary::Dictionary;
use super::few::Few;
use super::first_word::FirstWord;
use super::suspicion::Suspicion;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{Budget, Charge, Notice};
use crate::wire::extension::HolepunchType;
use crate::wire::mse::Methods;
use crate::wire::peer::{Block, HashRange};

/// Suspicions of one connection that wait at once; further ones are dropped.
pub const MAX_SUSPICIONS: usize = 64;

/// Changes of a stance that are remembered.
pub const FLIPS: usize = 4;

/// Packets with messages that were asked for, whose numbers are kept.
const MAX_CHOSEN: usize = 256;

/// One connection.
#[derive(Debug)]
pub struct Watch {
    /// What each side did.
    pub sides: [Habits; 2],
    /// What waits for evidence.
    pub suspicions: Vec<Suspicion>,
    /// Memory was short: something that was said is not remembered.
    pub is_blind: bool,
    /// The info dictionaries that the sides bring, as far as they are there.
    pub dictionaries: [Option<Box<Dictionary>>; 2],
    /// The packets with messages that were asked for, where not all are.
    pub chosen: Few<u64, MAX_CHOSEN>,
    /// The methods of encryption that the initiator has offered, and the packet.
    pub offered: Option<(Methods, Stamp)>,
    /// The initiator has said where it listens.
    pub listening: Option<SocketAddr>,
    /// What its lists take in memory.
    pub charge: Charge,
}

impl Watch {
    /// Nothing was heard yet.
    pub fn new(budget: &Budget) -> Self {
        let mut charge = budget.charge();
        let is_blind = !charge.grow(size_of::<Self>());
        Self {
            sides: Default::default(),
            suspicions: Vec::new(),
            dictionaries: [None, None],
            is_blind,
            chosen: Few::default(),
            offered: None,
            listening: None,
            charge,
        }
    }

    /// Remembers something in a list, if there is memory for it.
    pub fn remember<T, const N: usize>(
        &mut self,
        list: impl Fn(&mut Self) -> &mut Few<T, N>,
        item: T,
    ) {
        let growth = list(self).growth();
        if growth > 0 && !self.charge.grow(growth) {
            self.is_blind = true;
            return;
        }
        list(self).push(item);
    }

    /// Whether the packet has a message that was asked for. Of many such packets
    /// the earliest are forgotten: then each may be one.
    pub fn is_chosen(&self, frame: u64) -> bool {
        self.chosen.is_full() || self.chosen.iter().any(|chosen| *chosen == frame)
    }

    /// What a side did.
    pub fn of(&mut self, side: Side) -> &mut Habits {
        &mut self.sides[side.index()]
    }
}

/// Repeated requests that are remembered of a side.
const MAX_REPEATED: usize = 64;

/// Pieces of an allowed fast set (BEP 6), the latest last.
pub type AllowedFast = Few<u32, 32>;

/// What one side did.
#[derive(Debug, Default)]
pub struct Habits {
    /// What it began with, where that is no handshake.
    pub first_word: Option<Box<FirstWord>>,
    /// Messages of any kind since its handshake.
    pub messages: u32,
    /// Bytes of its first bitfield.
    pub bitfield_bytes: Option<usize>,
    /// Extended handshakes.
    pub extended_handshakes: u32,
    /// Whether the other side has had its last choke.
    pub choke: Notice,
    /// Its last chokes and unchokes, the latest last.
    pub flips: Few<Timestamp, FLIPS>,
    /// Its last keep-alives.
    pub keep_alives: Few<Timestamp, FLIPS>,
    /// Its last `ut_pex`.
    pub pex: Option<Timestamp>,
    /// Peers that it said it is connected to, and did not take back.
    pub told: Few<SocketAddr, 64>,
    /// Pieces that it allowed to be asked for while it chokes (BEP 6).
    pub allowed_fast: AllowedFast,
    /// Pieces that it said it has no more (BEP 54).
    pub lost_pieces: Few<u32, 32>,
    /// When it said so last.
    pub lost: Option<Timestamp>,
    /// Blocks that it asked for once more while they were asked for already.
    pub repeated: Few<Block, MAX_REPEATED>,
    /// Blocks whose answer stands before its request in the capture.
    pub early: Few<Block, MAX_REPEATED>,
    /// Blocks that it cancelled though no request for them was open.
    pub vain_cancels: Few<Block, 32>,
    /// Its last message, where it stopped within it: the name, bytes of it that are
    /// there, and its length.
    pub stopped: Option<(&'static str, u64, u64)>,
    /// Blocks that it cancelled, and how often.
    pub cancelled: Few<Cancelled, 32>,
    /// Pieces of the info dictionary that it asked for.
    pub metadata: Few<MetadataRequest, 32>,
    /// Hashes that it asked for.
    pub hashes: Few<(HashRange, Stamp), 64>,
    /// It asked for more hashes than are remembered.
    pub has_forgotten_hashes: bool,
    /// Blocks that it rejected.
    pub rejected: Few<Block, 32>,
    /// Its last message whose length its id cannot have.
    pub misfit: Option<Misfit>,
    /// It sent bytes that are no message: what else it said there is not known.
    pub has_strayed: bool,
    /// Unchokes at which its open requests were looked through.
    pub looks: u8,
    /// It sent a message in the packet of its handshake.
    pub is_glued: bool,
    /// Its last `ut_holepunch`.
    pub holepunch: Option<HolepunchType>,
}

impl Habits {
    /// Whether it has cancelled its request for a block, as far as that is remembered.
    pub fn has_cancelled(&self, block: Block) -> bool {
        let mut cancelled = self.cancelled.iter();
        cancelled.any(|cancelled| cancelled.block == block)
    }
}

/// A message whose length its id cannot have.
#[derive(Debug, Clone, Copy)]
pub struct Misfit {
    /// Its name.
    pub name: &'static str,
    /// The packet that completed it.
    pub frame: u64,
    /// Where its sender's stream goes on behind it.
    pub end: u64,
    /// By how much its length is too large.
    pub excess: i64,
}

/// A block that was cancelled.
#[derive(Debug, Clone, Copy)]
pub struct Cancelled {
    /// Which.
    pub block: Block,
    /// How often.
    pub times: u32,
    /// Whether the other side has had the last cancel.
    pub notice: Notice,
    /// When it was sent.
    pub at: Timestamp,
    /// It got an answer, or the block was asked for again.
    pub is_settled: bool,
}

/// A piece of the info dictionary that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct MetadataRequest {
    /// Which.
    pub piece: i64,
    /// How often.
    pub times: u32,
    /// The first time since it was answered last.
    pub since: Stamp,
    /// It was answered.
    pub is_answered: bool,
}
