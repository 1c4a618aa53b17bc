//! A bounded table of connections: hash index, slots and two queues by last use.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::{IpAddr, SocketAddr};

use foldhash::fast::RandomState;

/// The two ends of a flow, the same for both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) struct Pair {
    low: (u128, u16),
    high: (u128, u16),
    v6: bool,
}

impl Pair {
    pub fn new(a: SocketAddr, b: SocketAddr) -> Self {
        let (x, y) = (bits(a), bits(b));
        Self {
            low: x.min(y),
            high: x.max(y),
            v6: a.is_ipv6(),
        }
    }

    /// Whether `end` is the lower of the two.
    pub fn begins_with(&self, end: SocketAddr) -> bool {
        self.low == bits(end)
    }
}

fn bits(end: SocketAddr) -> (u128, u16) {
    let address = match end.ip() {
        IpAddr::V4(v4) => u128::from(v4.to_bits()),
        IpAddr::V6(v6) => v6.to_bits(),
    };
    (address, end.port())
}

/// The queue that a slot waits in for eviction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Queue {
    /// Connections under way.
    Live = 0,
    /// Connections that are over and kept to recognise their stragglers.
    Closed = 1,
    /// Flows that may turn out to be connections.
    Tentative = 2,
}

/// No slot.
const NONE: u32 = u32::MAX;

struct Slot<K, V> {
    key: K,
    value: Option<V>,
    queue: Queue,
    older: u32,
    newer: u32,
}

#[derive(Clone, Copy)]
struct Ends {
    oldest: u32,
    newest: u32,
    length: usize,
}

/// Values by key, each in a slot whose number stays the same while it lives.
/// The order of slots and queues depends on the calls alone, never on hashes.
pub(super) struct Table<K, V> {
    index: HashMap<K, u32, RandomState>,
    slots: Vec<Slot<K, V>>,
    free: Vec<u32>,
    queues: [Ends; 3],
}

impl<K: Copy + Eq + Hash, V> Table<K, V> {
    pub fn new() -> Self {
        let empty = Ends {
            oldest: NONE,
            newest: NONE,
            length: 0,
        };
        Self {
            index: HashMap::default(),
            slots: Vec::new(),
            free: Vec::new(),
            queues: [empty; 3],
        }
    }

    /// The slot of `key`.
    pub fn find(&self, key: &K) -> Option<u32> {
        self.index.get(key).copied()
    }

    /// Puts a value under a key that is not in the table, newest in a queue.
    pub fn insert(&mut self, queue: Queue, key: K, value: V) -> u32 {
        let slot = Slot {
            key,
            value: Some(value),
            queue,
            older: NONE,
            newer: NONE,
        };
        let number = if let Some(number) = self.free.pop() {
            self.slots[number as usize] = slot;
            number
        } else {
            self.slots.push(slot);
            (self.slots.len() - 1) as u32
        };
        self.index.insert(key, number);
        self.link(number, queue);
        number
    }

    /// Lets a second key find the slot.
    pub fn bind(&mut self, key: K, slot: u32) {
        self.index.insert(key, slot);
    }

    /// Takes a second key back, if it is this slot's.
    pub fn unbind(&mut self, key: &K, slot: u32) {
        if self.index.get(key) == Some(&slot) {
            self.index.remove(key);
        }
    }

    #[inline]
    pub fn get(&self, slot: u32) -> Option<&V> {
        self.slots.get(slot as usize)?.value.as_ref()
    }

    pub fn get_mut(&mut self, slot: u32) -> Option<&mut V> {
        self.slots.get_mut(slot as usize)?.value.as_mut()
    }

    /// Makes the slot the newest of its queue.
    #[inline]
    pub fn touch(&mut self, slot: u32) {
        let queue = self.slots[slot as usize].queue;
        if self.queues[queue as usize].newest != slot {
            self.move_to(slot, queue);
        }
    }

    /// Makes the slot the newest of `queue`.
    pub fn move_to(&mut self, slot: u32, queue: Queue) {
        self.unlink(slot);
        self.link(slot, queue);
    }

    /// The slot of a queue that was unused for longest.
    pub fn oldest(&self, queue: Queue) -> Option<u32> {
        let oldest = self.queues[queue as usize].oldest;
        (oldest != NONE).then_some(oldest)
    }

    /// How many values wait in a queue.
    pub fn length(&self, queue: Queue) -> usize {
        self.queues[queue as usize].length
    }

    /// The slots of a queue, oldest first.
    pub fn queue(&self, queue: Queue) -> impl Iterator<Item = u32> {
        let mut next = self.queues[queue as usize].oldest;
        std::iter::from_fn(move || {
            let slot = next;
            next = self.slots.get(slot as usize)?.newer;
            Some(slot)
        })
    }

    /// Takes a value out.
    pub fn remove(&mut self, slot: u32) -> Option<V> {
        let value = self.slots.get_mut(slot as usize)?.value.take()?;
        self.unlink(slot);
        let key = self.slots[slot as usize].key;
        self.unbind(&key, slot);
        self.free.push(slot);
        Some(value)
    }

    fn link(&mut self, slot: u32, queue: Queue) {
        let newest = self.queues[queue as usize].newest;
        let entry = &mut self.slots[slot as usize];
        entry.queue = queue;
        entry.older = newest;
        entry.newer = NONE;
        if newest == NONE {
            self.queues[queue as usize].oldest = slot;
        } else {
            self.slots[newest as usize].newer = slot;
        }
        self.queues[queue as usize].newest = slot;
        self.queues[queue as usize].length += 1;
    }

    fn unlink(&mut self, slot: u32) {
        let Slot {
            queue,
            older,
            newer,
            ..
        } = self.slots[slot as usize];
        let ends = &mut self.queues[queue as usize];
        ends.length -= 1;
        if older == NONE {
            ends.oldest = newer;
        }
        if newer == NONE {
            ends.newest = older;
        }
        if older != NONE {
            self.slots[older as usize].newer = newer;
        }
        if newer != NONE {
            self.slots[newer as usize].older = older;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(table: &Table<u8, char>, queue: Queue) -> Vec<char> {
        let slots = table.queue(queue);
        slots.filter_map(|slot| table.get(slot).copied()).collect()
    }

    #[test]
    fn queues_are_in_order_of_use() {
        let mut table = Table::new();
        let [a, b, c] = [(1, 'a'), (2, 'b'), (3, 'c')]
            .map(|(key, value)| table.insert(Queue::Live, key, value));
        table.touch(a);
        assert_eq!(order(&table, Queue::Live), ['b', 'c', 'a']);
        table.move_to(c, Queue::Closed);
        table.touch(c);
        assert_eq!(order(&table, Queue::Live), ['b', 'a']);
        assert_eq!(order(&table, Queue::Closed), ['c']);
        assert_eq!(table.oldest(Queue::Live), Some(b));
        assert_eq!(table.remove(b), Some('b'));
        assert_eq!(table.remove(b), None);
        assert_eq!((table.find(&2), table.find(&1)), (None, Some(a)));
        assert_eq!(table.insert(Queue::Live, 4, 'd'), b);
        assert_eq!(order(&table, Queue::Live), ['a', 'd']);
        assert_eq!(table.length(Queue::Live), 2);
    }

    #[test]
    fn second_keys_belong_to_their_slot() {
        let mut table = Table::new();
        let a = table.insert(Queue::Live, 1, 'a');
        let b = table.insert(Queue::Live, 2, 'b');
        table.bind(9, a);
        table.bind(9, b);
        table.unbind(&9, a);
        assert_eq!(table.find(&9), Some(b));
        table.unbind(&9, b);
        assert_eq!(table.find(&9), None);
    }

    #[test]
    fn pairs_are_the_same_both_ways() {
        let [a, b]: [SocketAddr; 2] = ["1.2.3.4:5", "[::1]:6"].map(|text| text.parse().unwrap());
        let c: SocketAddr = "[::102:304]:5".parse().unwrap();
        assert!(Pair::new(a, a) != Pair::new(c, c), "families apart");
        assert!(Pair::new(c, b) == Pair::new(b, c));
        assert!(Pair::new(c, b).begins_with(b));
    }
}
