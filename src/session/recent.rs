//! A map that forgets: bounded in size and by age.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::quality::RandomState;

use crate::capture::Timestamp;
use crate::packet::Stamp;

/// Remembers values for a while.
///
/// Entries live in two generations. When the young one is half the capacity, the
/// old one is dropped and the young one grows old: no bookkeeping an entry, and
/// what is forgotten depends on the order of insertions alone.
#[derive(Debug)]
pub struct Recent<K, V> {
    young: HashMap<K, (V, Stamp), RandomState>,
    old: HashMap<K, (V, Stamp), RandomState>,
    half: usize,
    max_age: i64,
}

impl<K: Hash + Eq, V> Recent<K, V> {
    /// Remembers at most `capacity` values (half as many for sure), none for
    /// longer than `max_age` nanoseconds of capture time.
    pub fn new(capacity: usize, max_age: i64) -> Self {
        Self {
            young: HashMap::default(),
            old: HashMap::default(),
            half: (capacity / 2).max(1),
            max_age,
        }
    }

    /// Remembers a value, in place of an earlier one of the same key.
    pub fn insert(&mut self, key: K, value: V, at: Stamp) {
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, (value, at));
    }

    /// The value of `key` and when it was remembered, unless it is too old at
    /// `now`.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<(&V, Stamp)> {
        let (value, at) = self.young.get(key).or_else(|| self.old.get(key))?;
        (now.since(at.time).abs() <= self.max_age).then_some((value, *at))
    }

    /// The value of `key`, to be changed, which is as good as new from now on; a
    /// default one where none is remembered.
    pub fn entry(&mut self, key: K, at: Stamp) -> &mut V
    where
        K: Copy,
        V: Default,
    {
        if self.renew(&key, at).is_none() {
            self.insert(key, V::default(), at);
        }
        let (value, _) = self.young.entry(key).or_insert((V::default(), at));
        value
    }

    /// The value of `key`, which is as good as new from now on.
    pub fn renew(&mut self, key: &K, at: Stamp) -> Option<&V> {
        if !self.young.contains_key(key) {
            let (key, (value, _)) = self.old.remove_entry(key)?;
            self.insert(key, value, at);
        }
        let (value, since) = self.young.get_mut(key)?;
        *since = at;
        Some(value)
    }

    /// How many values are remembered.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i128) -> Stamp {
        Stamp {
            frame: 1,
            time: Timestamp::from_nanos(second * 1_000_000_000),
        }
    }

    #[test]
    fn bounded_in_size_and_age() {
        let mut recent = Recent::new(100, 60_000_000_000);
        for key in 0..10_000 {
            recent.insert(key, key, at(0));
            assert!(recent.len() <= 100);
        }
        for key in 9_951..10_000 {
            assert!(recent.get(&key, at(60).time).is_some());
        }
        assert!(recent.get(&9_000, at(0).time).is_none());
        assert!(recent.get(&9_999, at(61).time).is_none());
        assert!(recent.get(&9_999, Timestamp::UNKNOWN).is_some());
    }

    #[test]
    fn what_is_used_stays() {
        let mut recent = Recent::new(10, i64::MAX);
        recent.insert(0, "kept", at(0));
        for key in 1..1000 {
            recent.insert(key, "", at(0));
            assert_eq!(recent.renew(&0, at(0)), Some(&"kept"));
            assert!(recent.len() <= 10);
        }
        assert_eq!(recent.renew(&500, at(0)), None);
    }

    #[test]
    fn the_latest_value_counts() {
        let mut recent = Recent::new(2, i64::MAX);
        recent.insert("a", 1, at(0));
        recent.insert("a", 2, at(1));
        recent.insert("b", 3, at(1));
        recent.insert("a", 4, at(2));
        assert_eq!(
            recent.get(&"a", at(2).time).map(|(value, _)| *value),
            Some(4)
        );
        assert!(recent.len() <= 2);
    }
}
