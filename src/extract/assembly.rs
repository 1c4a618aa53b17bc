//! All pieces that are not verified yet, within bounds.

use std::collections::{BTreeMap, HashMap};
use std::io;

use foldhash::fast::RandomState;

use super::draft::{Added, Draft};
use super::sender::SenderId;
use super::spool::Spool;

/// Bytes of pieces that are held in memory; beyond, those that got nothing for longest
/// are spooled.
pub const MAX_HELD: usize = 48 << 20;

/// What is held after some were spooled.
const HELD_AFTER: usize = MAX_HELD / 4 * 3;

/// Parts of pieces that are kept, spooled ones too: their places take memory.
pub const MAX_PARTS: usize = 1 << 17;

/// A piece: which torrent, and which piece of it.
pub type PieceKey = (u32, u32);

/// Where a block belongs, and where it came from.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'b> {
    /// The piece.
    pub piece: PieceKey,
    /// Offset in it.
    pub begin: u32,
    /// The bytes.
    pub bytes: &'b [u8],
    /// Who sent it.
    pub sender: SenderId,
    /// The packets with its first and last byte.
    pub frames: [u64; 2],
}

/// The pieces.
#[derive(Debug)]
pub struct Assembly {
    drafts: HashMap<PieceKey, Entry, RandomState>,
    /// By when the latest part came.
    by_age: BTreeMap<u64, PieceKey>,
    clock: u64,
    held: usize,
    parts: usize,
    /// Where what is not held is.
    pub spool: Spool,
    /// Parts that were not kept, to bound memory.
    pub left_out: u64,
}

#[derive(Debug)]
struct Entry {
    draft: Draft,
    touched: u64,
}

impl Assembly {
    /// No piece yet.
    pub fn new(spool: Spool) -> Self {
        Self {
            drafts: HashMap::default(),
            by_age: BTreeMap::new(),
            clock: 0,
            held: 0,
            parts: 0,
            spool,
            left_out: 0,
        }
    }

    /// Whether half of [`MAX_PARTS`] are in use.
    pub fn is_half_full(&self) -> bool {
        self.parts >= MAX_PARTS / 2
    }

    /// Takes a block in; `padding` gives what need not come of its piece. Gives the
    /// piece.
    ///
    /// # Errors
    ///
    /// When the spool fails.
    pub fn add<P: IntoIterator<Item = (u32, u32)>>(
        &mut self,
        placed: &Placed<'_>,
        padding: impl FnOnce() -> P,
    ) -> io::Result<Option<&Draft>> {
        if self.parts >= MAX_PARTS {
            self.left_out += 1;
            return Ok(None);
        }
        self.clock += 1;
        let clock = self.clock;
        let entry = self.drafts.entry(placed.piece).or_insert_with(|| Entry {
            draft: Draft::new(padding()),
            touched: clock,
        });
        self.by_age.remove(&entry.touched);
        entry.touched = clock;
        self.by_age.insert(clock, placed.piece);
        let (held, parts) = (entry.draft.held(), entry.draft.count());
        let added = entry.draft.add(
            placed.begin,
            placed.bytes,
            placed.sender,
            placed.frames,
            &self.spool,
        )?;
        self.left_out += u64::from(added == Added::TooMany);
        self.held += entry.draft.held() - held;
        self.parts += entry.draft.count() - parts;
        if self.held > MAX_HELD {
            self.spill()?;
        }
        Ok(self.drafts.get(&placed.piece).map(|entry| &entry.draft))
    }

    /// Spools what waits for longest.
    fn spill(&mut self) -> io::Result<()> {
        for key in self.by_age.values() {
            if self.held <= HELD_AFTER {
                break;
            }
            if let Some(entry) = self.drafts.get_mut(key)
                && entry.draft.holds_data()
            {
                let (held, parts) = (entry.draft.held(), entry.draft.count());
                entry.draft.spill(&mut self.spool)?;
                self.held -= held - entry.draft.held();
                self.parts -= parts - entry.draft.count();
            }
        }
        Ok(())
    }

    /// A piece.
    pub fn get(&self, key: PieceKey) -> Option<&Draft> {
        self.drafts.get(&key).map(|entry| &entry.draft)
    }

    /// The hash of a piece was wrong.
    pub fn failed(&mut self, key: PieceKey) {
        if let Some(entry) = self.drafts.get_mut(&key) {
            entry.draft.failed();
        }
    }

    /// Takes a piece out.
    pub fn remove(&mut self, key: PieceKey) -> Option<Draft> {
        let entry = self.drafts.remove(&key)?;
        self.by_age.remove(&entry.touched);
        self.held -= entry.draft.held();
        self.parts -= entry.draft.count();
        Some(entry.draft)
    }

    /// The pieces that are left, in order.
    pub fn keys(&self) -> Vec<PieceKey> {
        let mut keys: Vec<_> = self.drafts.keys().copied().collect();
        keys.sort_unstable();
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::super::draft::Preference;
    use super::super::sender::{Sender, Senders};
    use super::*;

    /// Whatever comes, no more is held than may be, and nothing of it is lost.
    #[test]
    fn what_is_too_much_is_spooled() {
        const SIZE: u32 = 1 << 20;
        const PIECES: u32 = 100;
        let folder = tempfile::tempdir().unwrap();
        let mut assembly = Assembly::new(Spool::new(folder.path().to_owned()));
        let end = "10.0.0.1:1".parse().unwrap();
        let sender = Senders::default().id(Sender {
            stream: 0,
            src: end,
            dst: end,
            is_web: false,
        });
        let block = 64 << 10;
        for begin in (0..SIZE).step_by(block) {
            for piece in 0..PIECES {
                let bytes = vec![piece as u8 ^ (begin / block as u32) as u8; block];
                let placed = Placed {
                    piece: (0, piece),
                    begin,
                    bytes: &bytes,
                    sender,
                    frames: [1, 1],
                };
                assembly.add(&placed, || None).unwrap().unwrap();
                assert!(assembly.held <= MAX_HELD, "{}", assembly.held);
            }
        }
        for key in assembly.keys() {
            let draft = assembly.remove(key).unwrap();
            assert!(draft.is_covered(SIZE));
            let plan = draft.plan(SIZE, Preference::First);
            let mut at = 0;
            draft
                .read(&plan, &assembly.spool, |begin, bytes| {
                    assert_eq!(begin, at);
                    for byte in bytes {
                        assert_eq!(*byte, key.1 as u8 ^ (at / block as u32) as u8);
                        at += 1;
                    }
                    Ok(())
                })
                .unwrap();
            assert_eq!(at, SIZE);
        }
        assert_eq!((assembly.held, assembly.parts), (0, 0));
    }
}
