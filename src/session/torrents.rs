//! The torrents of a run: given with `--torrent`, or learned from ut_metadata.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::Arc;

use super::budget::{Budget, Charge};
use super::metadata::{Added, Assembly, matches};
use crate::wire::bencode::{Limits, Reason};
use crate::wire::extension::UtMetadata;
use crate::wire::metainfo::{Info, MetainfoError};
use crate::wire::words::Count;

/// Torrents that are remembered, and info dictionaries that are being put
/// together; more are not learned.
const MAX_TORRENTS: usize = 4096;

/// Bytes that info dictionaries learned from a capture may take together, the
/// unfinished and the finished ones.
pub const MAX_LEARNED: usize = 24 << 20;

/// What a dictionary that was just begun costs, its places in the tables
/// included.
const ASSEMBLY_COST: usize = 512;

/// What bounds the parse of a dictionary: 40,000 files, in 5 MB.
const LIMITS: Limits = Limits {
    depth: Limits::METADATA.depth,
    tokens: 1 << 18,
};

/// What is known of a torrent.
#[derive(Debug)]
pub struct Torrent {
    info: Info,
    /// For what was learned; goes back when nobody needs the torrent any more.
    _charge: Option<Charge>,
}

impl Torrent {
    /// Its pieces.
    pub fn pieces(&self) -> u32 {
        self.info.piece_count()
    }

    /// Its name.
    pub fn name(&self) -> String {
        self.info.name().into_owned()
    }

    /// Its info dictionary.
    pub fn info(&self) -> &Info {
        &self.info
    }
}

/// An info dictionary that is being put together.
#[derive(Debug)]
struct Unfinished {
    assembly: Assembly,
    /// When its latest piece came, as a count of pieces.
    fed: u64,
    _charge: Charge,
}

/// All known torrents by info-hash (v1, or v2 cut to 20 bytes).
#[derive(Debug)]
pub struct Torrents {
    known: HashMap<[u8; 20], Arc<Torrent>>,
    unfinished: HashMap<[u8; 20], Unfinished>,
    /// The unfinished ones by when their latest piece came.
    by_age: BTreeMap<u64, [u8; 20]>,
    /// Pieces so far.
    pieces: u64,
    budget: Budget,
    left_out: LeftOut,
}

/// Info dictionaries that were given up to bound memory; one that begins anew may
/// be given up again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut(pub u64);

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{} given up to bound memory: info dictionaries take {} MiB at most",
            Count(self.0, "torrent"),
            MAX_LEARNED >> 20
        )
    }
}

impl Default for Torrents {
    fn default() -> Self {
        Self::within(MAX_LEARNED)
    }
}

impl Torrents {
    /// No torrent yet; those that are learned may take `bytes`.
    pub fn within(bytes: usize) -> Self {
        Self {
            known: HashMap::new(),
            unfinished: HashMap::new(),
            by_age: BTreeMap::new(),
            pieces: 0,
            budget: Budget::new(bytes),
            left_out: LeftOut::default(),
        }
    }

    /// The torrent that `hash` names.
    pub fn get(&self, hash: &[u8; 20]) -> Option<Arc<Torrent>> {
        self.known.get(hash).cloned()
    }

    /// The info-hashes of private torrents, in no order.
    pub fn private(&self) -> impl Iterator<Item = [u8; 20]> + '_ {
        let private = self.known.iter();
        private
            .filter(|(_, torrent)| torrent.info.is_private())
            .map(|(hash, _)| *hash)
    }

    /// All of them, each once, in the order of their info-hashes.
    pub fn all(&self) -> Vec<Arc<Torrent>> {
        let mut known: Vec<_> = self.known.iter().collect();
        known.sort_unstable_by_key(|(hash, _)| **hash);
        // One that has two hashes stands under the first of them.
        let own = |(hash, torrent): (&[u8; 20], &Arc<Torrent>)| {
            let is_first = torrent.info.info_hashes().next() == Some(*hash);
            is_first.then(|| torrent.clone())
        };
        known.into_iter().filter_map(own).collect()
    }

    /// What was given up, if anything.
    pub fn left_out(&self) -> Option<LeftOut> {
        Some(self.left_out).filter(|left_out| left_out.0 > 0)
    }

    /// Adds a torrent of the user's under all its info-hashes.
    pub fn add(&mut self, info: Info) {
        self.insert(Torrent {
            info,
            _charge: None,
        });
    }

    fn insert(&mut self, torrent: Torrent) {
        if self.known.len() >= MAX_TORRENTS {
            self.left_out.0 += 1;
            return;
        }
        let torrent = Arc::new(torrent);
        for hash in torrent.info.info_hashes() {
            self.known.entry(hash).or_insert_with(|| torrent.clone());
        }
    }

    /// Takes in a piece of the info dictionary that `hash` names.
    pub fn learn(&mut self, hash: [u8; 20], message: &UtMetadata<'_>) {
        if self.known.contains_key(&hash) {
            return;
        }
        let Some(mut unfinished) = self.take_out(hash) else {
            self.left_out.0 += 1;
            return;
        };
        loop {
            match unfinished.assembly.add(message) {
                Added::Aside if unfinished.assembly.is_empty() => return,
                Added::Taken | Added::Aside => return self.put_back(hash, unfinished),
                Added::TooMuch if self.give_up_oldest() => {}
                Added::TooMuch => {
                    self.left_out.0 += 1;
                    return;
                }
                Added::Whole(bytes) => {
                    drop(unfinished);
                    return self.finish(hash, &bytes);
                }
            }
        }
    }

    /// What there is of the dictionary that `hash` names; `None` where nothing can
    /// be given up for a new one.
    fn take_out(&mut self, hash: [u8; 20]) -> Option<Unfinished> {
        self.pieces += 1;
        if let Some(mut unfinished) = self.unfinished.remove(&hash) {
            self.by_age.remove(&unfinished.fed);
            unfinished.fed = self.pieces;
            return Some(unfinished);
        }
        if self.unfinished.len() >= MAX_TORRENTS {
            self.give_up_oldest();
        }
        let mut charge = self.budget.charge();
        while !charge.grow(ASSEMBLY_COST) {
            if !self.give_up_oldest() {
                return None;
            }
        }
        Some(Unfinished {
            assembly: Assembly::new(&self.budget),
            fed: self.pieces,
            _charge: charge,
        })
    }

    fn put_back(&mut self, hash: [u8; 20], unfinished: Unfinished) {
        self.by_age.insert(unfinished.fed, hash);
        self.unfinished.insert(hash, unfinished);
    }

    /// Gives up the unfinished dictionary whose latest piece is the oldest: who
    /// sends one sends its pieces one after the other. False if there is none.
    fn give_up_oldest(&mut self) -> bool {
        let Some((_, hash)) = self.by_age.pop_first() else {
            return false;
        };
        self.left_out.0 += 1;
        self.unfinished.remove(&hash).is_some()
    }

    /// All pieces of the dictionary that `hash` names are there.
    fn finish(&mut self, hash: [u8; 20], bytes: &[u8]) {
        if !matches(bytes, &hash) {
            return;
        }
        // The copy that is kept is charged before it is made, what else is parsed
        // once it is known: there are no more tokens than the limit.
        let mut charge = self.budget.charge();
        while !charge.grow(bytes.len()) {
            if !self.give_up_oldest() {
                self.left_out.0 += 1;
                return;
            }
        }
        let info = match Info::parse_within(bytes, LIMITS) {
            Ok(info) => info,
            Err(error) => {
                let is_too_much = matches!(&error, MetainfoError::Bencode(error) if error.reason == Reason::TooMany);
                self.left_out.0 += u64::from(is_too_much);
                return;
            }
        };
        while !charge.resize(info.heap_size()) {
            if !self.give_up_oldest() {
                self.left_out.0 += 1;
                return;
            }
        }
        self.insert(Torrent {
            info,
            _charge: Some(charge),
        });
    }
}

#[cfg(test)]
#[path = "torrents_tests.rs"]
mod tests;
