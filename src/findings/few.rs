//! Short lists, whose memory is known before it is taken.

use crate::capture::Timestamp;

/// A short list: the oldest item makes room for the newest.
#[derive(Debug, Clone)]
pub struct Few<T, const N: usize>(Vec<T>);

impl<T, const N: usize> Default for Few<T, N> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T, const N: usize> Few<T, N> {
    /// Adds an item.
    pub fn push(&mut self, item: T) {
        if self.0.len() == N {
            self.0.remove(0);
        }
        self.0.reserve_exact(self.room() - self.0.len());
        self.0.push(item);
    }

    /// Bytes on the heap that the next item takes.
    pub fn growth(&self) -> usize {
        (self.room() - self.0.capacity().min(self.room())) * size_of::<T>()
    }

    /// Items for which there is room once the next one is there.
    fn room(&self) -> usize {
        let capacity = self.0.capacity();
        if self.0.len() < capacity || self.0.len() == N {
            capacity
        } else {
            (2 * capacity).clamp(4, N)
        }
    }

    /// The items, the oldest first.
    pub fn iter(&self) -> std::slice::Iter<'_, T> {
        self.0.iter()
    }

    /// The items, to be changed.
    pub fn iter_mut(&mut self) -> std::slice::IterMut<'_, T> {
        self.0.iter_mut()
    }

    /// Whether the next item takes the place of another.
    pub fn is_full(&self) -> bool {
        self.0.len() == N
    }

    /// Keeps those that are wanted.
    pub fn retain(&mut self, wanted: impl FnMut(&T) -> bool) {
        self.0.retain(wanted);
    }
}

impl<const N: usize> Few<Timestamp, N> {
    /// Whether the list is full, and its items lie within `nanos`.
    pub fn is_within(&self, nanos: i64) -> bool {
        match (&self.0[..], self.is_full()) {
            ([first, .., last], true) => last.since(*first) < nanos,
            _ => false,
        }
    }
}
