//! Queries of the DHT that may still be answered: a response does not say which
//! method it answers.

use std::borrow::Cow;
use std::net::SocketAddr;

use super::recent::Recent;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::wire::dht::{Body, Message, Method};

/// Queries remembered.
const CAPACITY: usize = 1 << 14;

/// A query that was not answered for this long will not be (nanoseconds).
/// Clients give up after 10 to 15 seconds.
const MAX_AGE: i64 = 120_000_000_000;

/// The longest transaction id that is remembered. Clients use 1 to 8 bytes.
const MAX_TRANSACTION: usize = 20;

/// The longest name of a method that no BEP defines.
const MAX_METHOD: usize = 40;

/// Queries by who asked whom under which transaction id.
#[derive(Debug)]
pub struct DhtQueries(Recent<Key, Cow<'static, [u8]>>);

/// A query that a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnsweredQuery<'q> {
    /// Its method.
    pub method: Method<'q>,
    /// The packet that it came in.
    pub stamp: Stamp,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Key {
    asker: SocketAddr,
    answerer: SocketAddr,
    length: u8,
    transaction: [u8; MAX_TRANSACTION],
}

impl Key {
    fn new(asker: SocketAddr, answerer: SocketAddr, transaction: &[u8]) -> Option<Self> {
        let mut padded = [0; MAX_TRANSACTION];
        padded
            .get_mut(..transaction.len())?
            .copy_from_slice(transaction);
        Some(Self {
            asker,
            answerer,
            length: transaction.len() as u8,
            transaction: padded,
        })
    }
}

impl Default for DhtQueries {
    fn default() -> Self {
        Self(Recent::new(CAPACITY, MAX_AGE))
    }
}

impl DhtQueries {
    /// Remembers the message if it is a query.
    pub fn hear(&mut self, src: SocketAddr, dst: SocketAddr, message: &Message<'_>, at: Stamp) {
        let (Body::Query(query), Some(transaction)) = (&message.body, message.transaction) else {
            return;
        };
        let method = match query.method.known() {
            Some(Method(known)) => Cow::Borrowed(known),
            None if query.method.0.len() <= MAX_METHOD => Cow::Owned(query.method.0.to_vec()),
            None => return,
        };
        if let Some(key) = Key::new(src, dst, transaction) {
            self.0.insert(key, method, at);
        }
    }

    /// Queries that were forgotten before they were answered, and not long after they were
    /// asked.
    pub fn forgotten(&self) -> u64 {
        self.0.forgotten()
    }

    /// The query that a reply from `src` to `dst` answers. It stays remembered:
    /// a capture may hold the reply twice.
    pub fn asked(
        &mut self,
        src: SocketAddr,
        dst: SocketAddr,
        transaction: &[u8],
        now: Timestamp,
    ) -> Option<AnsweredQuery<'_>> {
        let key = Key::new(dst, src, transaction)?;
        self.0.settle(&key);
        let (method, stamp) = self.0.get(&key, now)?;
        Some(AnsweredQuery {
            method: Method(method),
            stamp,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire::dht::dissect;

    fn stamp(frame: u64, second: i128) -> Stamp {
        Stamp {
            frame,
            time: Timestamp::from_nanos(second * 1_000_000_000),
        }
    }

    #[test]
    fn replies_find_their_query() {
        let query = b"d1:ad2:id20:abcdefghij0123456789e1:q4:vote1:t2:aa1:y1:qe";
        let message = dissect(query, query.len(), None, &mut ()).message;
        let [a, b]: [SocketAddr; 2] = ["10.0.0.1:1", "10.0.0.2:2"].map(|end| end.parse().unwrap());
        let mut queries = DhtQueries::default();
        queries.hear(a, b, &message, stamp(7, 0));
        let now = stamp(8, 1).time;
        let asked = queries.asked(b, a, b"aa", now).unwrap();
        assert_eq!((asked.method, asked.stamp.frame), (Method(b"vote"), 7));
        assert_eq!(queries.asked(a, b, b"aa", now), None);
        assert_eq!(queries.asked(b, a, b"ab", now), None);
        assert_eq!(queries.asked(b, a, b"aa\0", now), None);
        assert_eq!(queries.asked(b, a, &[0; 21], now), None);
        assert_eq!(queries.asked(b, a, b"aa", stamp(9, 200).time), None);
    }
}
