//! What became of the queries of the DHT: which had a reply, which had none, and which
//! replies have another `t`, or come from elsewhere.

use std::collections::VecDeque;
use std::net::SocketAddr;

use super::suspicion::COPY_NANOS;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::recent::{CONTACT_NANOS, Recent};

/// Nodes that are remembered, and half as many queries.
const CAPACITY: usize = 1 << 12;

/// A query that is not answered after so long will not be: clients give up by then.
const ANSWER_NANOS: i64 = 15_000_000_000;

/// So many replies with the `t` of none, each so soon after a query of its own, and not one
/// with the right `t`, are no chance.
const MIN_STRAYS: u64 = 3;
const SOON_NANOS: i64 = 2_000_000_000;

/// Whatever comes later may be to another query with the same `t`.
const DUE_NANOS: i64 = 5_000_000_000;

/// Bytes of a `t` that are remembered.
const KEPT: usize = 8;

/// A shorter `t` is met by chance.
const MIN_TELLING: usize = 2;

/// While more queries than this are open, one of them may have the `t` of any reply by
/// chance.
const MAX_OPEN: usize = 16;

/// A query of the DHT.
#[derive(Debug, Clone, Copy)]
struct Asking {
    at: Stamp,
    /// The `t` was used for more than one.
    is_again: bool,
    is_answered: bool,
    /// It is among what was asked for.
    is_chosen: bool,
}

/// What became of the queries of a node.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// Those that were answered: a reply twice, or to what was not asked, is none.
    pub answered: u64,
    /// Those that were not.
    pub unanswered: u64,
    /// Those of these that asked others than the first.
    pub elsewhere: u64,
    /// The first of these: whom it asked, and when.
    pub first: Option<(SocketAddr, Stamp)>,
    /// One of these is among what was asked for.
    pub is_chosen: bool,
}

/// A `t` of the DHT, as far as it is remembered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
struct Transaction {
    bytes: [u8; KEPT],
    /// Of all of it.
    length: usize,
}

impl Transaction {
    fn new(t: &[u8]) -> Self {
        let mut bytes = [0; KEPT];
        for (kept, byte) in bytes.iter_mut().zip(t) {
            *kept = *byte;
        }
        Self {
            bytes,
            length: t.len(),
        }
    }

    /// All of it, where that is remembered.
    fn whole(&self) -> Option<&[u8]> {
        self.bytes.get(..self.length)
    }

    /// What a node made of it that gives `t` back: how the two differ, where that is no
    /// chance.
    fn mangled(&self, t: &[u8]) -> Option<&'static str> {
        let sent = self.whole().filter(|sent| sent.len() >= MIN_TELLING)?;
        let number = sent
            .iter()
            .fold(0, |number: u64, byte| number << 8 | u64::from(*byte));
        if sent.iter().rev().eq(t) {
            Some("this is it backwards")
        } else if t.eq_ignore_ascii_case(hex::encode(sent).as_bytes()) {
            Some("these are its hex digits")
        } else if t == number.to_string().as_bytes() {
            Some("this is it as a decimal number")
        } else if t.strip_prefix(sent).is_some_and(is_zeros) {
            Some("this is it with zeros behind")
        } else if t.len() >= MIN_TELLING && sent.strip_prefix(t).is_some_and(begins_with_zero) {
            Some("this is it cut at a zero byte")
        } else {
            None
        }
    }
}

fn is_zeros(rest: &[u8]) -> bool {
    !rest.is_empty() && rest.iter().all(|byte| *byte == 0)
}

fn begins_with_zero(rest: &[u8]) -> bool {
    rest.first() == Some(&0)
}

/// A query of the DHT: who asks whom, with which `t`.
type Query = (SocketAddr, SocketAddr, Transaction);

/// What a node asked another.
#[derive(Debug, Clone, Copy, Default)]
struct Pair {
    /// The last query.
    latest: Option<(Transaction, Stamp)>,
    /// Queries that were answered.
    matched: u64,
    /// Replies with the `t` of none, each soon after another query that is open.
    strays: u64,
    /// The query of the last of these.
    strayed: Option<u64>,
}

/// A reply that meets no query as it should.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stray {
    /// It has another `t` than the query that is open: in that packet, and how the two
    /// differ, where that can be seen.
    OtherTransaction(Stamp, Option<&'static str>),
    /// It has the `t` of a query to another end, in that packet.
    Elsewhere(SocketAddr, Stamp),
}

/// What is remembered of queries. All tables are bounded and forget.
#[derive(Debug)]
pub struct Queries {
    askers: Recent<SocketAddr, bool>,
    transactions: Recent<Query, Asking>,
    /// Whom a node asked with a `t`; `None` where it asked more than one: then a query to
    /// yet another may be what the capture lacks.
    targets: Recent<(SocketAddr, Transaction), Option<SocketAddr>>,
    pairs: Recent<(SocketAddr, SocketAddr), Pair>,
    /// Queries whose answers may yet come, the oldest first.
    open: VecDeque<(Query, Stamp)>,
    asked: Recent<SocketAddr, Asked>,
}

impl Default for Queries {
    fn default() -> Self {
        Self {
            askers: Recent::new(CAPACITY, CONTACT_NANOS),
            transactions: Recent::new(2 * CAPACITY, CONTACT_NANOS),
            targets: Recent::new(2 * CAPACITY, ANSWER_NANOS),
            pairs: Recent::new(CAPACITY, CONTACT_NANOS),
            open: VecDeque::new(),
            asked: Recent::new(CAPACITY, i64::MAX),
        }
    }
}

impl Queries {
    /// A node asks; it may say that it answers no queries.
    pub fn asks(&mut self, node: SocketAddr, read_only: bool, at: Stamp) {
        self.askers.insert(node, read_only, at);
    }

    /// A query with this `t`, which is among what was asked for or is not.
    pub fn add(
        &mut self,
        (from, to): (SocketAddr, SocketAddr),
        t: &[u8],
        at: Stamp,
        is_chosen: bool,
    ) {
        let t = Transaction::new(t);
        let key = (from, to, t);
        let before = self.transactions.get(&key, at.time);
        let before = before.map(|(before, _)| *before);
        let is_copy = before.is_some_and(|before| at.time.since(before.at.time) < COPY_NANOS);
        let asking = Asking {
            at,
            is_again: before.is_some(),
            is_answered: before.is_some_and(|before| is_copy && before.is_answered),
            is_chosen,
        };
        self.transactions.insert(key, asking, at);
        let target = self.targets.get(&(from, t), at.time);
        let is_alone = target.is_none_or(|(target, _)| *target == Some(to));
        self.targets.insert((from, t), is_alone.then_some(to), at);
        self.pairs.entry((from, to), at).latest = Some((t, at));
        if !is_copy {
            if self.open.len() == CAPACITY {
                // What is not known to be unanswered is not told.
                self.open.pop_front();
            }
            self.open.push_back((key, at));
        }
    }

    /// A query is answered, also by an error. Says whether that was due, and came soon: else
    /// it may be to what the capture lacks.
    pub fn answer(&mut self, from: SocketAddr, to: SocketAddr, t: &[u8], at: Stamp) -> bool {
        let key = (to, from, Transaction::new(t));
        let open = self.transactions.get(&key, at.time);
        let open = open.filter(|(asking, _)| !asking.is_answered);
        if let Some((asking, since)) = open.map(|(asking, since)| (*asking, since)) {
            let asking = Asking {
                is_answered: true,
                ..asking
            };
            self.transactions.insert(key, asking, since);
            self.asked.entry(to, at).answered += 1;
            self.pairs.entry((to, from), at).matched += 1;
            return at.time.since(asking.at.time) <= DUE_NANOS;
        }
        false
    }

    /// How a reply of `from` to `to`, which has the `t` of no query between the two, comes
    /// to be; `None` where it may be to what the capture lacks.
    pub fn stray(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        t: &[u8],
        at: Stamp,
    ) -> Option<Stray> {
        self.is_meant_elsewhere(from, to, t, at)
            .or_else(|| self.has_other_transaction(from, to, t, at))
    }

    /// Whether it is one to a query that asked another end.
    fn is_meant_elsewhere(
        &self,
        from: SocketAddr,
        to: SocketAddr,
        t: &[u8],
        at: Stamp,
    ) -> Option<Stray> {
        let short = Transaction::new(t);
        let (asked, since) = self.targets.get(&(to, short), at.time)?;
        let asked = &(*asked)?;
        let is_open = self.is_open(&(to, *asked, short), at.time);
        let is_of_host = asked.ip() == from.ip();
        let is_telling = t.len() >= MIN_TELLING && (is_of_host || self.open.len() <= MAX_OPEN);
        let has_answered = self.pairs.get(&(to, *asked), at.time);
        let has_answered = has_answered.is_some_and(|(pair, _)| pair.matched > 0);
        (is_open && is_telling && !has_answered).then_some(Stray::Elsewhere(*asked, since))
    }

    /// Whether it has another `t` than the query that it answers.
    fn has_other_transaction(
        &mut self,
        from: SocketAddr,
        to: SocketAddr,
        t: &[u8],
        at: Stamp,
    ) -> Option<Stray> {
        let (pair, since) = self.pairs.get(&(to, from), at.time)?;
        let (mut pair, (sent, asked)) = (*pair, pair.latest?);
        let is_open = self.is_open(&(to, from, sent), at.time);
        if !is_open || at.time.since(asked.time) > ANSWER_NANOS {
            return None;
        }
        let is_soon = at.time.since(asked.time) <= SOON_NANOS;
        if is_soon && pair.strayed.replace(asked.frame) != Some(asked.frame) {
            pair.strays += 1;
        }
        self.pairs.insert((to, from), pair, since);
        let mangled = sent.mangled(t);
        // Else the capture may lack both the query of this and the reply to that.
        let is_habit = is_soon && pair.strays >= MIN_STRAYS && pair.matched == 0;
        (mangled.is_some() || is_habit).then_some(Stray::OtherTransaction(asked, mangled))
    }

    /// Whether a query was made, and is not answered.
    fn is_open(&self, query: &Query, now: Timestamp) -> bool {
        let asking = self.transactions.get(query, now);
        asking.is_some_and(|(asking, _)| !asking.is_answered)
    }

    /// Counts the queries that are not answered by now.
    pub fn settle(&mut self, now: Timestamp) {
        while let Some(&(key, at)) = self.open.front() {
            if now.since(at.time) <= ANSWER_NANOS {
                return;
            }
            self.open.pop_front();
            let Some((asking, _)) = self.transactions.get(&key, now) else {
                continue;
            };
            // What was asked again with this `t` has a place of its own.
            if asking.is_answered || asking.at != at {
                continue;
            }
            let is_chosen = asking.is_chosen;
            let (from, to, _) = key;
            let asked = self.asked.entry(from, at);
            let (first, _) = *asked.first.get_or_insert((to, at));
            asked.unanswered += 1;
            asked.elsewhere += u64::from(first != to);
            asked.is_chosen |= is_chosen;
        }
    }

    /// What became of the queries of each node, in the order of the first that was
    /// not answered.
    pub fn unanswered(&self) -> Vec<(SocketAddr, Asked)> {
        let asked = self.asked.iter().map(|(node, asked, _)| (*node, *asked));
        let mut asked: Vec<_> = asked.filter(|(_, asked)| asked.first.is_some()).collect();
        asked.sort_by_key(|(_, asked)| asked.first.map(|(_, at)| at.frame));
        asked
    }

    /// Whether a `t` was used for more than one query, so that a reply with it may
    /// be to any of them.
    pub fn is_ambiguous(&self, from: SocketAddr, to: SocketAddr, t: &[u8], now: Timestamp) -> bool {
        let key = (from, to, Transaction::new(t));
        let found = self.transactions.get(&key, now);
        found.is_none_or(|(asking, _)| asking.is_again)
    }

    /// Whether the capture has queries of a node.
    pub fn has_asked(&self, node: SocketAddr, now: Timestamp) -> bool {
        self.askers.get(&node, now).is_some()
    }

    /// Whether a node has said that it answers no queries.
    pub fn is_read_only(&self, node: SocketAddr, now: Timestamp) -> bool {
        self.askers
            .get(&node, now)
            .is_some_and(|(read_only, _)| *read_only)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_made_of_a_transaction_is_seen() {
        let sent = Transaction::new(&[1, 0x2c]);
        for (given, how) in [
            (&[0x2c, 1][..], "this is it backwards"),
            (b"012C", "these are its hex digits"),
            (b"300", "this is it as a decimal number"),
            (&[1, 0x2c, 0], "this is it with zeros behind"),
        ] {
            assert_eq!(sent.mangled(given), Some(how), "{given:?}");
        }
        for given in [&[1, 0x2d][..], &[1], &[], b"ab"] {
            assert_eq!(sent.mangled(given), None, "{given:?}");
        }
        let sent = Transaction::new(b"12\0\x05");
        let cut = Some("this is it cut at a zero byte");
        assert_eq!(sent.mangled(b"12"), cut);
        // Counters whose length differs.
        assert_eq!(Transaction::new(b"12").mangled(b"123"), None);
        assert_eq!(Transaction::new(b"123").mangled(b"12"), None);
        assert_eq!(Transaction::new(b"a").mangled(b"61"), None);
        assert_eq!(Transaction::new(&[7; 9]).mangled(&[7; 10]), None);
    }
}
