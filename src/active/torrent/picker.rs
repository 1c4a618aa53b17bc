//! Which piece is fetched next: the rarest.

use std::collections::BTreeSet;

use crate::torrent::PieceSet;

/// The open pieces, whose fetching has not begun: the rarest first, and equally rare ones
/// in their order from a starting point. So the disk is written in order, and two
/// leechers that start together do not fetch the same pieces.
///
/// Seeds are not counted: they make no piece rarer than another.
#[derive(Debug, Default)]
pub(super) struct Picker {
    /// How many peers have each piece.
    availability: Vec<u32>,
    /// The open pieces by their [`Picker::key`].
    open: BTreeSet<(u32, u32)>,
    start: u32,
}

impl Picker {
    /// All pieces that `have` does not hold are open.
    pub(super) fn new(have: &PieceSet, start: u32) -> Self {
        let pieces = have.pieces();
        let mut picker = Self {
            availability: vec![0; pieces as usize],
            open: BTreeSet::new(),
            start: start % pieces.max(1),
        };
        for piece in (0..pieces).filter(|piece| !have.has(*piece)) {
            picker.reopen(piece);
        }
        picker
    }

    /// Availability, and place in the order from the starting point.
    fn key(&self, piece: u32) -> (u32, u32) {
        let pieces = self.availability.len() as u32;
        let order = if piece >= self.start {
            piece - self.start
        } else {
            piece + (pieces - self.start)
        };
        (self.availability[piece as usize], order)
    }

    /// The piece at a place in the order from the starting point.
    fn piece(&self, order: u32) -> u32 {
        let pieces = self.availability.len() as u64;
        ((u64::from(order) + u64::from(self.start)) % pieces) as u32
    }

    /// A peer has one piece more.
    pub(super) fn add(&mut self, piece: u32) {
        self.change(piece, |n| n.saturating_add(1));
    }

    /// A peer has one piece less.
    pub(super) fn remove(&mut self, piece: u32) {
        self.change(piece, |n| n.saturating_sub(1));
    }

    /// A peer has these pieces more.
    pub(super) fn add_all(&mut self, pieces: &PieceSet) {
        for piece in pieces.iter() {
            self.add(piece);
        }
    }

    /// A peer has these pieces less.
    pub(super) fn remove_all(&mut self, pieces: &PieceSet) {
        for piece in pieces.iter() {
            self.remove(piece);
        }
    }

    fn change(&mut self, piece: u32, change: impl Fn(u32) -> u32) {
        if piece as usize >= self.availability.len() {
            return;
        }
        let was_open = self.open.remove(&self.key(piece));
        let count = &mut self.availability[piece as usize];
        *count = change(*count);
        if was_open {
            self.reopen(piece);
        }
    }

    /// A piece is to be fetched, or fetched again.
    pub(super) fn reopen(&mut self, piece: u32) {
        self.open.insert(self.key(piece));
    }

    /// Takes out the rarest open piece that is in `of` and that `accept` accepts.
    pub(super) fn take(&mut self, of: &PieceSet, accept: impl Fn(u32) -> bool) -> Option<u32> {
        let key = self.open.iter().copied().find(|(_, order)| {
            let piece = self.piece(*order);
            of.has(piece) && accept(piece)
        })?;
        self.open.remove(&key);
        Some(self.piece(key.1))
    }

    /// Whether no piece is open.
    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_comes_first_then_the_order() {
        let mut picker = Picker::new(&PieceSet::none(5), 3);
        for piece in [0, 1, 3, 4, 4] {
            picker.add(piece);
        }
        let all = PieceSet::all(5);
        let order: Vec<_> = std::iter::from_fn(|| picker.take(&all, |_| true)).collect();
        assert_eq!(order, [2, 3, 0, 1, 4]);
        picker.reopen(4);
        picker.remove(4);
        picker.reopen(0);
        assert_eq!(picker.take(&all, |piece| piece != 4), Some(0));
        assert_eq!(picker.take(&PieceSet::none(5), |_| true), None);
        assert!(!picker.is_empty());
        assert_eq!(picker.take(&all, |_| true), Some(4));
    }
}
