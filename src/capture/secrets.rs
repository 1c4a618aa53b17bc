//! Secrets for decryption that a capture holds beside its packets.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The longest block of secrets that is read.
pub(super) const MAX_SECRET: u32 = 4 << 20;

/// Bytes of secrets that wait to be taken, at most: the rest is dropped.
const MAX_WAITING: usize = 8 << 20;

/// The data of one decryption secrets block of pcapng.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret {
    /// The secrets type, which rules the form of the data.
    pub kind: u32,
    /// The data.
    pub data: Vec<u8>,
}

impl Secret {
    fn cost(&self) -> usize {
        size_of::<Self>() + self.data.len()
    }
}

/// Where a source puts the secrets that it comes across, before it gives the
/// packet that follows them. Clones share one place.
///
/// A handle of its own, as a packet borrows its source: to look is one load, so
/// that it can be done at every packet.
#[derive(Debug, Clone, Default)]
pub struct Secrets(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    is_there: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    list: Vec<Secret>,
    bytes: usize,
}

impl Secrets {
    /// Puts one there.
    pub fn put(&self, secret: Secret) {
        let mut waiting = self.waiting();
        let bytes = waiting.bytes + secret.cost();
        if bytes <= MAX_WAITING {
            waiting.bytes = bytes;
            waiting.list.push(secret);
            self.0.is_there.store(true, Ordering::Release);
        }
    }

    /// Takes those that came since the last time.
    #[inline]
    pub fn take(&self) -> Vec<Secret> {
        if self.0.is_there.load(Ordering::Relaxed) {
            self.take_all()
        } else {
            Vec::new()
        }
    }

    #[cold]
    fn take_all(&self) -> Vec<Secret> {
        self.0.is_there.store(false, Ordering::Release);
        std::mem::take(&mut *self.waiting()).list
    }

    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        let waiting = self.0.waiting.lock();
        waiting.unwrap_or_else(PoisonError::into_inner)
    }
}
