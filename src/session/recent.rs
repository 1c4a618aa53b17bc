//! A map that forgets: bounded in size and by age.

use std::collections::HashMap;
use std::hash::Hash;

use foldhash::quality::RandomState;

use crate::capture::Timestamp;
use crate::packet::Stamp;

/// What nodes of the DHT, trackers and their clients had to do with each other is
/// forgotten after this.
pub const CONTACT_NANOS: i64 = 7_200_000_000_000;

/// Remembers values for a while.
///
/// Entries live in two generations. When the young one is half the capacity, the
/// old one is dropped and the young one grows old: no bookkeeping an entry, and
/// what is forgotten depends on the order of insertions alone. How many values were
/// forgotten before they were too old is counted, but for those that are settled.
#[derive(Debug)]
pub struct Recent<K, V> {
    young: HashMap<K, Remembered<V>, RandomState>,
    old: HashMap<K, Remembered<V>, RandomState>,
    half: usize,
    max_age: i64,
    forgotten: u64,
}

#[derive(Debug)]
struct Remembered<V> {
    value: V,
    since: Stamp,
    is_settled: bool,
}

impl<V> Remembered<V> {
    fn new(value: V, since: Stamp) -> Self {
        Self {
            value,
            since,
            is_settled: false,
        }
    }

    fn is_young(&self, now: Timestamp, max_age: i64) -> bool {
        now.since(self.since.time).saturating_abs() <= max_age
    }
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
            forgotten: 0,
        }
    }

    /// Values that were forgotten to keep the bound, before they were too old or settled.
    pub fn forgotten(&self) -> u64 {
        self.forgotten
    }

    /// Remembers a value, in place of an earlier one of the same key.
    pub fn insert(&mut self, key: K, value: V, at: Stamp) {
        self.put(key, Remembered::new(value, at), at.time);
    }

    fn put(&mut self, key: K, remembered: Remembered<V>, now: Timestamp) {
        if self.young.len() >= self.half && !self.young.contains_key(&key) {
            let old = std::mem::replace(&mut self.old, std::mem::take(&mut self.young));
            // Those that were remembered anew are not lost.
            let lost = old.iter().filter(|(key, one)| {
                !one.is_settled && one.is_young(now, self.max_age) && !self.old.contains_key(key)
            });
            self.forgotten += lost.count() as u64;
        }
        self.young.insert(key, remembered);
    }

    /// The value of `key` and when it was remembered, unless it is too old at
    /// `now`.
    pub fn get(&self, key: &K, now: Timestamp) -> Option<(&V, Stamp)> {
        let found = self.young.get(key).or_else(|| self.old.get(key))?;
        found
            .is_young(now, self.max_age)
            .then_some((&found.value, found.since))
    }

    /// Nothing is lost when `key` is forgotten from now on.
    pub fn settle(&mut self, key: &K) {
        let young = self.young.get_mut(key);
        if let Some(found) = young.or_else(|| self.old.get_mut(key)) {
            found.is_settled = true;
        }
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
        let new = || Remembered::new(V::default(), at);
        let entry = self.young.entry(key).or_insert_with(new);
        &mut entry.value
    }

    /// The value of `key`, which is as good as new from now on.
    pub fn renew(&mut self, key: &K, at: Stamp) -> Option<&V> {
        if !self.young.contains_key(key) {
            let (key, remembered) = self.old.remove_entry(key)?;
            self.put(key, remembered, at.time);
        }
        let found = self.young.get_mut(key)?;
        found.since = at;
        Some(&found.value)
    }

    /// All that is remembered, in no order.
    pub fn iter(&self) -> impl Iterator<Item = (&K, &V, Stamp)> {
        let old = self
            .old
            .iter()
            .filter(|(key, _)| !self.young.contains_key(*key));
        let all = self.young.iter().chain(old);
        all.map(|(key, found)| (key, &found.value, found.since))
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
    fn what_is_forgotten_too_early_is_counted() {
        let mut recent = Recent::new(10, 60_000_000_000);
        for key in 0..20 {
            recent.insert(key, key, at(0));
        }
        assert_eq!(recent.forgotten(), 10);
        // One of the others is needed no more.
        recent.settle(&12);
        for key in 20..25 {
            recent.insert(key, key, at(30));
        }
        assert_eq!(recent.forgotten(), 10 + 4);
        // The rest is too old by then.
        for key in 25..35 {
            recent.insert(key, key, at(100));
        }
        assert_eq!(recent.forgotten(), 14);
        assert_eq!(recent.renew(&30, at(100)), Some(&30));
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
