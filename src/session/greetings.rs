//! How servers begin to speak.
//!
//! What an encrypted peer sends first is a new random number each time. A server
//! on which two connections begin alike, from either side, speaks a protocol
//! with a header, whatever else of it looks random.

use std::net::SocketAddr;

use super::recent::Recent;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::wire::mse::equal_run;

/// Servers that are remembered at most, half as many for sure: about 2 MB.
const MAX_SERVERS: usize = 1 << 13;

/// First bytes that are compared.
const COMPARED_BYTES: usize = 16;

/// Equal bytes in a row that are a header: by chance once in a million pairs.
const HEADER_BYTES: usize = 3;

type Beginning = [u8; COMPARED_BYTES];

/// The beginnings of the latest connection of each server.
#[derive(Debug)]
pub struct Greetings(Recent<SocketAddr, Greeting>);

#[derive(Debug, Clone, Copy)]
struct Greeting {
    /// Initiator and acceptor.
    sides: [Beginning; 2],
    is_foreign: bool,
}

impl Default for Greetings {
    fn default() -> Self {
        Self(Recent::new(MAX_SERVERS, i64::MAX))
    }
}

impl Greetings {
    /// Takes in how a connection with `server` began: initiator and acceptor.
    pub fn add(&mut self, server: SocketAddr, sides: [&[u8]; 2], at: Stamp) {
        let [Some(initiator), Some(acceptor)] = sides.map(<[u8]>::first_chunk) else {
            return;
        };
        let sides = [*initiator, *acceptor];
        let before = self.0.get(&server, Timestamp::UNKNOWN).map(|(old, _)| *old);
        let is_foreign = before.is_some_and(|old| old.is_foreign || old.is_like(&sides));
        self.0.insert(server, Greeting { sides, is_foreign }, at);
    }

    /// Whether `server` speaks a protocol with a header.
    pub fn is_foreign(&self, server: SocketAddr) -> bool {
        let known = self.0.get(&server, Timestamp::UNKNOWN);
        known.is_some_and(|(greeting, _)| greeting.is_foreign)
    }
}

impl Greeting {
    fn is_like(&self, sides: &[Beginning; 2]) -> bool {
        // The same connection twice: two recordings of it are read as one.
        if self.sides == *sides {
            return false;
        }
        let mut pairs = self.sides.iter().zip(sides);
        pairs.any(|(one, other)| equal_run(one, other) >= HEADER_BYTES)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(frame: u64) -> Stamp {
        Stamp {
            frame,
            time: Timestamp::UNKNOWN,
        }
    }

    /// Bytes as an encrypted peer sends them.
    fn noise(seed: u32) -> [u8; 32] {
        let mut state = seed.wrapping_mul(0x9e37_79b9) | 1;
        std::array::from_fn(|_| {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 24) as u8
        })
    }

    #[test]
    fn a_header_gives_a_server_away() {
        let server: SocketAddr = "10.0.0.2:443".parse().unwrap();
        let mut greetings = Greetings::default();
        greetings.add(server, [&noise(1), &noise(2)], at(1));
        assert!(!greetings.is_foreign(server));
        greetings.add(server, [&noise(3), &noise(4)], at(2));
        assert!(!greetings.is_foreign(server));
        let mut answer = noise(5);
        answer[7..10].copy_from_slice(&noise(4)[7..10]);
        greetings.add(server, [&noise(6), &answer], at(3));
        assert!(greetings.is_foreign(server));
        greetings.add(server, [&noise(7), &noise(8)], at(4));
        assert!(greetings.is_foreign(server), "that stays");
        assert!(!greetings.is_foreign("10.0.0.2:444".parse().unwrap()));
    }

    #[test]
    fn one_connection_twice_is_no_header() {
        let server: SocketAddr = "10.0.0.2:443".parse().unwrap();
        let mut greetings = Greetings::default();
        for frame in 0..3 {
            greetings.add(server, [&noise(1), &noise(2)], at(frame));
        }
        assert!(!greetings.is_foreign(server));
    }
}
