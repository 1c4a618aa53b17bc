//! Which bytes of a piece have come.

use std::collections::BTreeMap;

/// A set of bytes as ranges that do not touch.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cover {
    /// Where each begins and ends.
    ranges: BTreeMap<u32, u32>,
    bytes: u64,
}

impl Cover {
    /// How many bytes are in it.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Adds the bytes from `begin` up to `end`; gives those that are new to `fresh`, as
    /// ranges from low to high.
    pub fn add(&mut self, begin: u32, end: u32, mut fresh: impl FnMut(u32, u32)) {
        if begin >= end {
            return;
        }
        let (mut low, mut high) = (begin, end);
        let mut at = begin;
        // The range that begins before, if it reaches here, and those within.
        let before = self.ranges.range(..begin).next_back();
        let before = before
            .map(|(from, to)| (*from, *to))
            .filter(|(_, to)| *to >= begin);
        if let Some((from, to)) = before {
            low = from;
            high = high.max(to);
            at = at.max(to);
            self.take_out(from);
        }
        while let Some((from, to)) = self.ranges.range(begin..=end).next().map(|(f, t)| (*f, *t)) {
            if from > at {
                fresh(at, from);
            }
            at = at.max(to);
            high = high.max(to);
            self.take_out(from);
        }
        if at < end {
            fresh(at, end);
        }
        self.ranges.insert(low, high);
        self.bytes += u64::from(high - low);
    }

    fn take_out(&mut self, from: u32) {
        if let Some(to) = self.ranges.remove(&from) {
            self.bytes -= u64::from(to - from);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// The same as a plain set of bytes.
        #[test]
        fn ranges_are_a_set(adds in proptest::collection::vec((0_u32..60, 0_u32..20), 0..30)) {
            let mut cover = Cover::default();
            let mut plain = std::collections::BTreeSet::new();
            for (begin, length) in adds {
                let mut fresh = Vec::new();
                cover.add(begin, begin + length, |from, to| fresh.extend(from..to));
                let expected: Vec<_> = (begin..begin + length).filter(|at| plain.insert(*at)).collect();
                prop_assert_eq!(fresh, expected);
                prop_assert_eq!(cover.bytes(), plain.len() as u64);
                let ranges: Vec<_> = cover.ranges.iter().flat_map(|(from, to)| *from..*to).collect();
                prop_assert!(ranges.into_iter().eq(plain.iter().copied()));
            }
        }
    }
}
