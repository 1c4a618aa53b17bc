//! Which torrent a request was about: replies do not say it, but name the packet of
//! their request.

use std::collections::HashMap;
use std::net::SocketAddr;

use foldhash::fast::RandomState;

/// Requests that are remembered: half as many for sure.
const CAPACITY: usize = 1 << 15;

/// A request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// The torrent.
    pub hash: [u8; 20],
    /// The peer that asked, by the address at which it takes connections.
    pub by: SocketAddr,
}

/// Requests by the packet that they came in. In two generations: when the young one is
/// half the capacity, the old one goes, and what is in it is counted.
#[derive(Debug, Default)]
pub struct Requests {
    young: HashMap<u64, Asked, RandomState>,
    old: HashMap<u64, Asked, RandomState>,
    /// Requests that were forgotten without an answer.
    pub forgotten: u64,
}

impl Requests {
    /// Remembers the request of packet `frame`.
    pub fn add(&mut self, frame: u64, asked: Asked) {
        if self.young.len() >= CAPACITY / 2 {
            self.forgotten += self.old.len() as u64;
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(frame, asked);
    }

    /// The request of packet `frame`, which is answered now. A capture may hold the
    /// answer again, soon: it stays until it is old.
    pub fn answered(&mut self, frame: u64) -> Option<Asked> {
        let young = self.young.get(&frame).copied();
        young.or_else(|| self.old.remove(&frame))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_forgotten_is_counted() {
        let mut requests = Requests::default();
        let asked = Asked {
            hash: [1; 20],
            by: "10.0.0.1:1".parse().unwrap(),
        };
        let many = 3 * CAPACITY as u64 / 2;
        for frame in 0..many {
            requests.add(frame, asked);
        }
        assert_eq!(requests.forgotten, CAPACITY as u64 / 2);
        assert_eq!(requests.answered(many - 1), Some(asked));
        assert_eq!(requests.answered(0), None);
    }
}
