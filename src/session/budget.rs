//! What all conversations of a run may hold together.
//!
//! Each holder has caps of its own; but a capture can have any number of
//! connections, so what they hold is charged to one account as well. Where the
//! account is empty, a holder keeps less: a message loses its tail, a search its
//! oldest bytes, a conversation its memory of requests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Bytes that the conversations of a run may hold together.
pub const HELD_IN_ALL: usize = 12 << 20;

/// The common account. Clones draw on the same one.
#[derive(Debug, Clone)]
pub struct Budget(Arc<AtomicUsize>);

impl Default for Budget {
    fn default() -> Self {
        Self::new(HELD_IN_ALL)
    }
}

impl Budget {
    /// An account of `bytes`.
    pub fn new(bytes: usize) -> Self {
        Self(Arc::new(AtomicUsize::new(bytes)))
    }

    /// What is left.
    pub fn left(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// A holder that has drawn nothing yet.
    pub fn charge(&self) -> Charge {
        Charge {
            budget: self.clone(),
            bytes: 0,
        }
    }
}

/// What one holder has drawn; goes back when it is dropped.
#[derive(Debug)]
pub struct Charge {
    budget: Budget,
    bytes: usize,
}

impl Charge {
    /// The account that it draws on.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// Draws `bytes` more; false, and nothing drawn, where that much is not left.
    #[must_use]
    pub fn grow(&mut self, bytes: usize) -> bool {
        let account = &self.budget.0;
        let drawn = account.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
            left.checked_sub(bytes)
        });
        if drawn.is_ok() {
            self.bytes += bytes;
        }
        drawn.is_ok()
    }

    /// Makes room in `list` for `additional` more items, and draws what that costs
    /// on the heap; false, and nothing changed, where that much is not left. A
    /// list grows by half its length at a time, so that it is seldom copied.
    #[must_use]
    pub fn reserve<T>(&mut self, list: &mut Vec<T>, additional: usize) -> bool {
        let needed = list.len() + additional;
        if needed <= list.capacity() {
            return true;
        }
        let capacity = needed.max(list.len() + list.len() / 2);
        let more = capacity - list.capacity();
        let affordable = self.grow(more * size_of::<T>());
        if affordable {
            list.reserve_exact(capacity - list.len());
        }
        affordable
    }

    /// Draws or gives back until `bytes` are drawn; false where that much is not
    /// left.
    #[must_use]
    pub fn resize(&mut self, bytes: usize) -> bool {
        if bytes > self.bytes {
            return self.grow(bytes - self.bytes);
        }
        self.give_back(self.bytes - bytes);
        true
    }

    /// Gives all back.
    pub fn release(&mut self) {
        self.give_back(self.bytes);
    }

    fn give_back(&mut self, bytes: usize) {
        if bytes > 0 {
            self.budget.0.fetch_add(bytes, Ordering::Relaxed);
            self.bytes -= bytes;
        }
    }
}

impl Drop for Charge {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_comes_back() {
        let budget = Budget::new(100);
        let mut one = budget.charge();
        assert!(one.grow(60));
        let mut other = budget.charge();
        assert!(!other.grow(41));
        assert!(other.resize(40));
        assert_eq!(budget.left(), 0);
        assert!(other.resize(10));
        assert_eq!(budget.left(), 30);
        drop(one);
        assert_eq!(budget.left(), 90);
        other.release();
        assert_eq!(budget.left(), 100);
    }

    #[test]
    fn a_list_grows_only_for_what_is_drawn() {
        let budget = Budget::new(100);
        let mut charge = budget.charge();
        let mut list: Vec<u32> = Vec::new();
        while charge.reserve(&mut list, 1) {
            list.push(7);
            assert_eq!(budget.left(), 100 - list.capacity() * 4);
        }
        assert!(list.len() > 12, "{}", list.len());
    }
}
