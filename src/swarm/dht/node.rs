//! A node of the DHT, by what it says and how it answers.

use crate::wire::dht::id_fits;

/// Round trips: how many, and the shortest, the longest and the sum, in nanoseconds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rtt {
    /// How many.
    pub count: u64,
    /// The shortest.
    pub min: i64,
    /// The longest.
    pub max: i64,
    sum: i128,
}

impl Rtt {
    /// One more.
    pub fn add(&mut self, nanos: i64) {
        self.min = if self.count == 0 {
            nanos
        } else {
            self.min.min(nanos)
        };
        self.max = self.max.max(nanos);
        self.sum += i128::from(nanos);
        self.count += 1;
    }

    /// Their mean.
    pub fn mean(&self) -> Option<i64> {
        (self.count > 0).then(|| (self.sum / i128::from(self.count)) as i64)
    }
}

/// A node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Node {
    /// Its latest id.
    pub id: Option<[u8; 20]>,
    /// How often it changed its id.
    pub id_changes: u64,
    /// Whether its id fits its address (BEP 42); `None` without an id.
    pub id_fits: Option<bool>,
    /// Its client: `v`, as it is.
    pub version: Option<Vec<u8>>,
    /// It answers no queries, by its own word (BEP 43).
    pub is_read_only: bool,
    /// Queries that it sent.
    pub asked: u64,
    /// Queries that it was sent, which it answered; errors count.
    pub answered: u64,
    /// Errors among these.
    pub errors: u64,
    /// Queries that it did not answer within 15 s.
    pub unanswered: u64,
    /// How long its answers took.
    pub rtt: Rtt,
    /// The name of its host, where the capture holds the answer of a name server; text of
    /// the capture.
    pub host: Option<String>,
    /// It was asked before anybody named it, or its host is one that clients have built in:
    /// a node to begin with.
    pub is_bootstrap: bool,
    /// Somebody named it.
    pub is_named: bool,
    /// The most info-hashes that it claims to know (BEP 51).
    pub samples: Option<i64>,
}

impl Node {
    /// It has this id, at this address.
    pub fn identify(&mut self, id: &[u8], address: std::net::IpAddr) {
        let Ok(id) = <[u8; 20]>::try_from(id) else {
            return;
        };
        if self.id.is_some_and(|known| known != id) {
            self.id_changes += 1;
        }
        self.id = Some(id);
        self.id_fits = Some(id_fits(&id, address));
    }
}
