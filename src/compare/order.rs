//! In which order a downloader asks for blocks.

use std::collections::HashSet;

use foldhash::fast::RandomState;

use crate::wire::peer::Block;

/// Blocks and pieces that are remembered, to know new ones; beyond, none is new.
const MAX_KNOWN: usize = 1 << 17;

/// First pieces that are shown.
const MAX_FIRST: usize = 8;

/// Sizes of requests that are told apart.
const MAX_SIZES: usize = 16;

/// How the pieces follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pattern {
    /// Each piece is the one after the piece before, nine times of ten.
    Sequential,
    /// Each piece is the one before the piece before, nine times of ten.
    Descending,
    /// Fewer than half follow each other: random or rarest first, which one
    /// connection cannot tell apart.
    Scattered,
    /// In between.
    Mixed,
}

impl Pattern {
    /// The name, as JSON has it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sequential => "sequential",
            Self::Descending => "descending",
            Self::Scattered => "scattered",
            Self::Mixed => "mixed",
        }
    }
}

/// The order and the sizes of requests.
#[derive(Debug, Clone, Default)]
pub struct Order {
    /// Requests in all.
    pub requests: u64,
    /// Requests for a block that was asked for before.
    pub duplicates: u64,
    /// The first pieces, in the order in which they were first asked for.
    pub first: Vec<u32>,
    /// Requests by size in bytes, in order of first appearance.
    sizes: Vec<(u32, u64)>,
    blocks: HashSet<(u32, u32), RandomState>,
    pieces: HashSet<u32, RandomState>,
    newest: Option<u32>,
    /// New pieces that are the next, the one before, any other.
    up: u64,
    down: u64,
    jumps: u64,
}

impl Order {
    /// A request.
    pub fn request(&mut self, block: Block) {
        self.requests += 1;
        self.count_size(block.length);
        if self.blocks.contains(&(block.index, block.begin)) {
            self.duplicates += 1;
        } else if self.blocks.len() < MAX_KNOWN {
            self.blocks.insert((block.index, block.begin));
        }
        if self.pieces.len() < MAX_KNOWN && self.pieces.insert(block.index) {
            self.new_piece(block.index);
        }
    }

    fn count_size(&mut self, length: u32) {
        if let Some((_, count)) = self.sizes.iter_mut().find(|(size, _)| *size == length) {
            *count += 1;
        } else if self.sizes.len() < MAX_SIZES {
            self.sizes.push((length, 1));
        }
    }

    fn new_piece(&mut self, piece: u32) {
        if self.first.len() < MAX_FIRST {
            self.first.push(piece);
        }
        match self.newest.replace(piece) {
            Some(before) if piece.checked_sub(1) == Some(before) => self.up += 1,
            Some(before) if piece.checked_add(1) == Some(before) => self.down += 1,
            Some(_) => self.jumps += 1,
            None => {}
        }
    }

    /// How the pieces follow each other; `None` with fewer than eight of them.
    pub fn pattern(&self) -> Option<Pattern> {
        let all = self.up + self.down + self.jumps;
        if self.pieces.len() < MAX_FIRST {
            return None;
        }
        let most = |count: u64| 10 * count >= 9 * all;
        Some(match (self.up, self.down) {
            (up, _) if most(up) => Pattern::Sequential,
            (_, down) if most(down) => Pattern::Descending,
            (up, down) if 2 * (up + down) < all => Pattern::Scattered,
            _ => Pattern::Mixed,
        })
    }

    /// The share of new pieces that directly follow the one before: 0 to 1.
    pub fn in_sequence(&self) -> Option<f64> {
        let all = self.up + self.down + self.jumps;
        (all > 0).then(|| self.up as f64 / all as f64)
    }

    /// The size that most requests have, in bytes.
    pub fn usual_size(&self) -> Option<u32> {
        let most = self
            .sizes
            .iter()
            .max_by_key(|(size, count)| (*count, *size));
        most.map(|(size, _)| *size)
    }

    /// The largest request, in bytes.
    pub fn largest(&self) -> Option<u32> {
        self.sizes.iter().map(|(size, _)| *size).max()
    }

    /// Bytes of memory.
    pub(super) fn cost(&self) -> usize {
        let lists = self.sizes.capacity() * size_of::<(u32, u64)>() + self.first.capacity() * 4;
        // A table has a seventh more places than it holds, and a byte for each.
        self.blocks.capacity() * 11 + self.pieces.capacity() * 6 + lists
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(pieces: impl IntoIterator<Item = u32>) -> Order {
        let mut order = Order::default();
        for index in pieces {
            for begin in [0, 0x4000] {
                order.request(Block {
                    index,
                    begin,
                    length: 0x4000,
                });
            }
        }
        order
    }

    #[test]
    fn patterns() {
        let pattern = |pieces: Vec<u32>| order(pieces).pattern();
        assert_eq!(pattern((0..20).collect()), Some(Pattern::Sequential));
        assert_eq!(pattern((0..20).rev().collect()), Some(Pattern::Descending));
        let scattered = (0..20).map(|n| n * 7 % 20).collect();
        assert_eq!(pattern(scattered), Some(Pattern::Scattered));
        let mixed = (0..20).map(|n| if n % 4 == 3 { n + 40 } else { n });
        assert_eq!(pattern(mixed.collect()), Some(Pattern::Mixed));
        assert_eq!(pattern((0..7).collect()), None);
        assert_eq!(
            pattern(vec![u32::MAX, 0, 1, 2, 3, 4, 5, 6]),
            Some(Pattern::Mixed)
        );
    }

    #[test]
    fn duplicates_and_sizes() {
        let mut order = order([5, 6, 5]);
        assert_eq!((order.requests, order.duplicates), (6, 2));
        assert_eq!((order.pieces.len(), &order.first[..]), (2, &[5, 6][..]));
        order.request(Block {
            index: 7,
            begin: 0,
            length: 1 << 17,
        });
        assert_eq!(order.usual_size(), Some(0x4000));
        assert_eq!(order.largest(), Some(1 << 17));
    }
}
