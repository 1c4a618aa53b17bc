//! The tokens that nodes of the DHT gave (BEP 5).

use std::net::{IpAddr, SocketAddr};

use super::recent::{CONTACT_NANOS, Recent};
use crate::capture::Timestamp;
use crate::packet::Stamp;

/// Tokens that are remembered of a node for one address: it gives a new one every five
/// minutes while older ones are still good, and some have one for each torrent.
const MAX_TOKENS: usize = 16;

/// Bytes of a token that are remembered, and its length: most have 4 to 20.
const MAX_BYTES: usize = 40;

/// What nodes gave to whom, the latest of it.
#[derive(Debug)]
pub struct GivenTokens(Recent<(SocketAddr, IpAddr), OfOne>);

/// What is known of a token that an address gives back to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenOrigin {
    /// The node gave it to that address, the last time then.
    Given(Stamp),
    /// The node gave others to that address, and all that the capture shows it to have
    /// given are remembered.
    Other,
    /// The capture does not show it, or it was forgotten.
    Unknown,
}

/// The tokens that a node gave to an address.
#[derive(Debug, Default)]
struct OfOne {
    /// The latest last.
    latest: Vec<Token>,
    /// There were more.
    is_cut: bool,
}

#[derive(Debug, Clone, Copy)]
struct Token {
    bytes: [u8; MAX_BYTES],
    length: u32,
    at: Stamp,
}

impl Token {
    fn new(token: &[u8], at: Stamp) -> Self {
        let mut bytes = [0; MAX_BYTES];
        let kept = token.len().min(MAX_BYTES);
        bytes[..kept].copy_from_slice(&token[..kept]);
        Self {
            bytes,
            length: token.len() as u32,
            at,
        }
    }

    /// Whether it is the same, as far as it is remembered.
    fn is(&self, other: &Self) -> bool {
        (self.bytes, self.length) == (other.bytes, other.length)
    }
}

impl OfOne {
    fn give(&mut self, token: Token) {
        self.latest.retain(|known| !known.is(&token));
        if self.latest.len() >= MAX_TOKENS {
            self.latest.remove(0);
            self.is_cut = true;
        }
        self.latest.push(token);
    }
}

impl GivenTokens {
    /// Remembers the tokens of at most so many pairs of a node and an address, half as
    /// many for sure: 1 KB each.
    pub fn new(pairs: usize) -> Self {
        Self(Recent::new(pairs, CONTACT_NANOS))
    }

    /// A node gives a token to an address, maybe one that it gave before.
    pub fn give(&mut self, node: SocketAddr, to: IpAddr, token: &[u8], at: Stamp) {
        self.0.entry((node, to), at).give(Token::new(token, at));
    }

    /// Where a token is from that an address gives back to a node.
    pub fn origin(
        &self,
        node: SocketAddr,
        of: IpAddr,
        token: &[u8],
        now: Timestamp,
    ) -> TokenOrigin {
        let Some((known, since)) = self.0.get(&(node, of), now) else {
            return TokenOrigin::Unknown;
        };
        let token = Token::new(token, since);
        match known.latest.iter().find(|known| known.is(&token)) {
            Some(given) => TokenOrigin::Given(given.at),
            None if known.is_cut => TokenOrigin::Unknown,
            None => TokenOrigin::Other,
        }
    }

    /// Pairs of which the tokens were forgotten, to bound memory.
    pub fn forgotten(&self) -> u64 {
        self.0.forgotten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NODE: SocketAddr = SocketAddr::new(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 6881);
    const ASKER: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(10, 0, 0, 1));

    fn at(second: i128) -> Stamp {
        Stamp {
            frame: 1,
            time: Timestamp::from_nanos(second * 1_000_000_000),
        }
    }

    fn origin(given: &GivenTokens, token: &[u8]) -> TokenOrigin {
        given.origin(NODE, ASKER, token, at(5).time)
    }

    #[test]
    fn an_older_token_is_still_known() {
        let mut given = GivenTokens::new(2);
        assert_eq!(origin(&given, b"one"), TokenOrigin::Unknown);
        given.give(NODE, ASKER, b"one", at(1));
        given.give(NODE, ASKER, b"two", at(2));
        assert_eq!(origin(&given, b"one"), TokenOrigin::Given(at(1)));
        given.give(NODE, ASKER, b"one", at(3));
        assert_eq!(origin(&given, b"one"), TokenOrigin::Given(at(3)));
        assert_eq!(origin(&given, b"three"), TokenOrigin::Other);
        for number in 0..MAX_TOKENS as u8 {
            given.give(NODE, ASKER, &[number], at(4));
        }
        assert_eq!(origin(&given, b"two"), TokenOrigin::Unknown);
        assert_eq!(origin(&given, &[0]), TokenOrigin::Given(at(4)));
    }

    /// They are told apart by their first bytes and by their length.
    #[test]
    fn a_long_token_is_remembered_in_part() {
        let mut given = GivenTokens::new(2);
        given.give(NODE, ASKER, &[7; 100], at(1));
        assert_eq!(origin(&given, &[7; 100]), TokenOrigin::Given(at(1)));
        assert_eq!(origin(&given, &[7; 99]), TokenOrigin::Other);
        assert_eq!(origin(&given, &[8; 100]), TokenOrigin::Other);
    }
}
