//! What who looks and who waits tell each other.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// What who looks and who waits tell each other.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// Nobody waits any more.
    pub is_unwanted: AtomicBool,
    /// Messages that are still to be looked at.
    pub left: AtomicU64,
}

/// What who looks asks at each message.
pub(super) struct Watch<'s>(pub &'s Shared);

impl Watch<'_> {
    /// Whether to go on, with so many messages still to be looked at.
    pub fn goes_on(&self, left: u64) -> bool {
        self.0.left.store(left, Ordering::Relaxed);
        !self.0.is_unwanted.load(Ordering::Relaxed)
    }
}
