//! What is remembered of the DHT and of trackers: who gave whom which token, who
//! announced what when. All tables are bounded and forget.

use std::net::{IpAddr, SocketAddr};

use super::finding::{Excerpt, Finding};
use super::gathered::Gathered;
use super::rule::Rule;
use super::watch::UtpHabits;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::Heard;
use crate::session::recent::Recent;
use crate::wire::Severity;
use crate::wire::udp_tracker::Action;

/// Entries of each table, half of them for sure: about 8 MB for all.
const CAPACITY: usize = 1 << 12;

/// What is older than this is forgotten.
const MAX_AGE: i64 = 7_200_000_000_000;

/// Tokens that are remembered of a node for an address: nodes change them every
/// five minutes, and some have one for each torrent.
const TOKENS: usize = 8;

/// Bytes of a token that are remembered.
const MAX_TOKEN: usize = 40;

/// A message outside of connections between peers.
pub struct Loose<'a> {
    /// The message as it was heard.
    pub heard: &'a Heard<'a>,
    /// What is remembered.
    pub discovery: &'a mut Discovery,
    /// Where findings go.
    pub gathered: &'a mut Gathered,
}

impl Loose<'_> {
    /// The message breaks a rule.
    pub fn find(&mut self, rule: &'static Rule, words: String) {
        self.find_as(rule, rule.severity, words);
    }

    /// The same, with a severity of its own.
    pub fn find_as(&mut self, rule: &'static Rule, severity: Severity, words: String) {
        let mut finding = Finding::of(rule, self.heard, words).severity(severity);
        if !self.gathered.knows(&finding.place, rule) {
            finding.excerpt = Excerpt::of(self.heard, None);
        }
        self.gathered.add(finding);
    }
}

/// A token that a node gave.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token {
    bytes: [u8; MAX_TOKEN],
    length: usize,
    /// The packet that brought it.
    pub at: Stamp,
}

impl Token {
    /// A token that came in a packet.
    pub fn new(token: &[u8], at: Stamp) -> Self {
        let mut bytes = [0; MAX_TOKEN];
        let kept = token.len().min(MAX_TOKEN);
        bytes[..kept].copy_from_slice(&token[..kept]);
        Self {
            bytes,
            length: token.len(),
            at,
        }
    }

    /// Whether it is this one, as far as it is remembered.
    pub fn is(&self, token: &[u8]) -> bool {
        let other = Self::new(token, self.at);
        (self.bytes, self.length) == (other.bytes, other.length)
    }
}

/// The tokens that a node gave to an address.
#[derive(Debug, Default)]
struct Tokens {
    list: Vec<Token>,
    /// There were more.
    is_short: bool,
}

/// Who announces what where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Announcing {
    /// The client.
    pub client: IpAddr,
    /// The tracker.
    pub tracker: SocketAddr,
    /// The torrent.
    pub info_hash: [u8; 20],
    /// By which name.
    pub peer_id: [u8; 20],
}

/// The last announce.
#[derive(Debug, Clone, Copy)]
pub struct Announced {
    /// The packet.
    pub at: Stamp,
    /// The client has said that it begins.
    pub is_started: bool,
    /// The tracker has answered.
    pub is_answered: bool,
    /// Seconds to wait, by its answer.
    pub wait: Option<i64>,
}

/// A `t` of the DHT, as far as it is remembered.
type Transaction = [u8; 8];

fn transaction(t: &[u8]) -> Transaction {
    let mut kept = [0; 8];
    for (kept, byte) in kept.iter_mut().zip(t) {
        *kept = *byte;
    }
    kept
}

/// A request to a UDP tracker: client, tracker, transaction.
type Request = (SocketAddr, SocketAddr, u32);

/// What is remembered.
#[derive(Debug)]
pub struct Discovery {
    began: Option<Timestamp>,
    askers: Recent<SocketAddr, bool>,
    /// By who asked whom: whether that `t` was used more than once.
    transactions: Recent<(SocketAddr, SocketAddr, Transaction), bool>,
    tokens: Recent<(SocketAddr, IpAddr), Tokens>,
    announces: Recent<Announcing, Announced>,
    latest: Recent<(SocketAddr, SocketAddr), Announcing>,
    connections: Recent<(IpAddr, SocketAddr, u64), ()>,
    requests: Recent<Request, Option<Action>>,
    privates: Recent<[u8; 20], ()>,
    partial_seeds: Recent<(IpAddr, [u8; 20]), ()>,
    utp: Recent<u64, [UtpHabits; 2]>,
}

impl Default for Discovery {
    fn default() -> Self {
        Self {
            began: None,
            askers: Recent::new(CAPACITY, MAX_AGE),
            transactions: Recent::new(CAPACITY, MAX_AGE),
            tokens: Recent::new(CAPACITY, MAX_AGE),
            announces: Recent::new(CAPACITY, MAX_AGE),
            latest: Recent::new(CAPACITY, MAX_AGE),
            connections: Recent::new(CAPACITY, MAX_AGE),
            requests: Recent::new(CAPACITY, MAX_AGE),
            privates: Recent::new(CAPACITY, i64::MAX),
            partial_seeds: Recent::new(CAPACITY, i64::MAX),
            utp: Recent::new(CAPACITY, i64::MAX),
        }
    }
}

impl Discovery {
    /// Nanoseconds since the first message, at `now`, the time of a message.
    pub fn age(&mut self, now: Timestamp) -> i64 {
        now.since(*self.began.get_or_insert(now))
    }

    /// What the sides of a uTP connection did.
    pub fn utp(&mut self, stream: u64, at: Stamp) -> &mut [UtpHabits; 2] {
        self.utp.entry(stream, at)
    }

    /// A node asks; it may say that it answers no queries.
    pub fn asks(&mut self, node: SocketAddr, read_only: bool, at: Stamp) {
        self.askers.insert(node, read_only, at);
    }

    /// A query with this `t`.
    pub fn queries(&mut self, from: SocketAddr, to: SocketAddr, t: &[u8], at: Stamp) {
        let key = (from, to, transaction(t));
        let is_known = self.transactions.get(&key, at.time).is_some();
        self.transactions.insert(key, is_known, at);
    }

    /// Whether a `t` was used for more than one query, so that a reply with it may
    /// be to any of them.
    pub fn is_ambiguous(&self, from: SocketAddr, to: SocketAddr, t: &[u8], now: Timestamp) -> bool {
        let key = (from, to, transaction(t));
        let found = self.transactions.get(&key, now);
        found.is_none_or(|(is_again, _)| *is_again)
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

    /// A node gives an address a token.
    pub fn gives(&mut self, node: SocketAddr, to: IpAddr, token: Token, at: Stamp) {
        let key = (node, to);
        let known = self.tokens.entry(key, at);
        known
            .list
            .retain(|known| (known.bytes, known.length) != (token.bytes, token.length));
        if known.list.len() == TOKENS {
            known.list.remove(0);
            known.is_short = true;
        }
        known.list.push(token);
    }

    /// The tokens that a node gave to an address, where all are remembered.
    pub fn tokens(&self, node: SocketAddr, to: IpAddr, now: Timestamp) -> Option<&[Token]> {
        let (tokens, _) = self.tokens.get(&(node, to), now)?;
        (!tokens.is_short).then_some(&tokens.list)
    }

    /// A request to a UDP tracker; gives the same one that was made before and not
    /// answered.
    pub fn requests(
        &mut self,
        client: SocketAddr,
        tracker: SocketAddr,
        transaction: u32,
        action: Action,
        at: Stamp,
    ) -> Option<Stamp> {
        let key = (client, tracker, transaction);
        let before = self.requests.get(&key, at.time);
        let before = before.filter(|(open, _)| **open == Some(action));
        let before = before.map(|(_, stamp)| stamp);
        self.requests.insert(key, Some(action), at);
        before
    }

    /// A UDP tracker answers.
    pub fn replies(
        &mut self,
        client: SocketAddr,
        tracker: SocketAddr,
        transaction: u32,
        at: Stamp,
    ) {
        self.requests
            .insert((client, tracker, transaction), None, at);
    }

    /// A UDP tracker gives a client a connection id.
    pub fn connects(&mut self, client: IpAddr, tracker: SocketAddr, id: u64, at: Stamp) {
        self.connections.insert((client, tracker, id), (), at);
    }

    /// The packet with which a client got a connection id.
    pub fn connected(&self, client: IpAddr, tracker: SocketAddr, id: u64) -> Option<Stamp> {
        let found = self
            .connections
            .get(&(client, tracker, id), Timestamp::UNKNOWN);
        found.map(|((), at)| at)
    }

    /// The last announce of a client.
    pub fn announced(&self, who: &Announcing, now: Timestamp) -> Option<Announced> {
        self.announces
            .get(who, now)
            .map(|(announced, _)| *announced)
    }

    /// A client announces itself from this address.
    pub fn announces(&mut self, from: SocketAddr, who: Announcing, announced: Announced) {
        self.announces.insert(who, announced, announced.at);
        self.latest.insert((from, who.tracker), who, announced.at);
    }

    /// A tracker answers the last announce from an address.
    pub fn answered(
        &mut self,
        client: SocketAddr,
        tracker: SocketAddr,
        wait: Option<i64>,
        at: Stamp,
    ) {
        let Some((who, _)) = self.latest.get(&(client, tracker), at.time) else {
            return;
        };
        let who = *who;
        if let Some((announced, _)) = self.announces.get(&who, at.time) {
            let announced = Announced {
                is_answered: true,
                wait,
                ..*announced
            };
            self.announces.insert(who, announced, at);
        }
    }

    /// The torrent of this info-hash is private.
    pub fn learn_private(&mut self, info_hash: [u8; 20], at: Stamp) {
        self.privates.insert(info_hash, (), at);
    }

    /// Whether the torrent of this info-hash is known to be private.
    pub fn is_private(&self, info_hash: &[u8; 20]) -> bool {
        self.privates.get(info_hash, Timestamp::UNKNOWN).is_some()
    }

    /// A peer says that it wants no more of a torrent that it has not all of.
    pub fn learn_partial_seed(&mut self, peer: IpAddr, info_hash: [u8; 20], at: Stamp) {
        self.partial_seeds.insert((peer, info_hash), (), at);
    }

    /// Whether a peer has said so.
    pub fn is_partial_seed(&self, peer: IpAddr, info_hash: &[u8; 20], now: Timestamp) -> bool {
        let key = (peer, *info_hash);
        self.partial_seeds.get(&key, now).is_some()
    }
}
