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
}
