//! Connections of two peers that are connected already.

use std::collections::HashMap;
use std::net::IpAddr;

use foldhash::fast::RandomState;

use super::few::Few;
use super::turned_away::Greeting;
use crate::packet::Stamp;
use crate::session::Ended;

/// Pairs of peers that are remembered, and peers by themselves: about 5 MB.
const MAX_PAIRS: usize = 1 << 13;

/// Connections of a pair that are remembered, the longest.
const MAX_OF_PAIR: usize = 4;

/// A connection that ends so soon after it began, or after another one did, was not wanted.
const UNWANTED_NANOS: i64 = 10_000_000_000;

/// Two peers by their ids, the smaller one first, and their torrent.
type Pair = ([[u8; 20]; 2], [u8; 20]);

/// A peer by its id, where the other one is, and their torrent.
type Half = ([u8; 20], IpAddr, [u8; 20]);

/// From when to when a connection was there.
#[derive(Debug, Clone, Copy)]
struct Span {
    stream: u64,
    first: Stamp,
    last: Stamp,
    /// No data of pieces went over it.
    is_empty: bool,
}

impl Span {
    /// How long the connection was there.
    fn nanos(&self) -> i64 {
        self.last.time.since(self.first.time)
    }
}

/// A connection that ended while its peers had another one.
#[derive(Debug, Clone, Copy)]
pub struct Double {
    /// Its number.
    pub stream: u64,
    /// That of the other one.
    pub other: u64,
    /// It began after the other one.
    pub is_newer: bool,
}

/// The connections of each pair of peers.
#[derive(Debug, Default)]
pub struct Doubles {
    spans: HashMap<Pair, Few<Span, MAX_OF_PAIR>, RandomState>,
    /// The longest by either peer.
    of_peer: HashMap<Half, Span, RandomState>,
    /// Those that one side ended.
    ended: Vec<(Pair, Span)>,
}

impl Doubles {
    /// A connection is over.
    pub fn add(&mut self, ended: &Ended<'_>) {
        let speakers = &ended.conversation.speakers;
        let [Some(one), Some(other)] = speakers.each_ref().map(|speaker| speaker.handshake) else {
            return;
        };
        let mut peers = [one.peer_id, other.peer_id];
        peers.sort_unstable();
        let pair = (peers, one.info_hash);
        let connection = ended.connection;
        let span = Span {
            stream: connection.stream,
            first: connection.first,
            last: connection.last,
            is_empty: speakers.iter().all(|speaker| speaker.payload_bytes == 0),
        };
        if ended.first_finish().is_some() && self.ended.len() < MAX_PAIRS {
            self.ended.push((pair, span));
        }
        if self.spans.len() < MAX_PAIRS || self.spans.contains_key(&pair) {
            keep(self.spans.entry(pair).or_default(), span);
        }
        let [initiator, acceptor] = connection.ends.map(|end| end.ip());
        for half in [(one.peer_id, acceptor), (other.peer_id, initiator)] {
            let half = (half.0, half.1, one.info_hash);
            if self.of_peer.len() < MAX_PAIRS || self.of_peer.contains_key(&half) {
                let longest = self.of_peer.entry(half).or_insert(span);
                if longest.nanos() < span.nanos() {
                    *longest = span;
                }
            }
        }
    }

    /// The connection that was there when the handshake of another one was not answered:
    /// of the same peer with the same host.
    pub fn of_greeting(&self, greeting: &Greeting) -> Option<u64> {
        let handshake = &greeting.handshake;
        let half = (
            handshake.peer_id,
            greeting.ends[1].ip(),
            handshake.info_hash,
        );
        let closed = greeting.closed.time;
        let span = self.of_peer.get(&half)?;
        let is_there = span.first.time < closed && span.last.time > closed;
        is_there.then_some(span.stream)
    }

    /// The connections that came to nothing while another one of the same peers was
    /// there, and those that ended when another one began.
    pub fn found(&self) -> impl Iterator<Item = Double> + '_ {
        self.ended.iter().filter_map(|(pair, ended)| {
            let outlasts = |other: &&Span| {
                other.stream != ended.stream
                    && other.first.time < ended.last.time
                    && other.last.time > ended.last.time
            };
            let is_soon = |from: Stamp| ended.last.time.since(from.time) < UNWANTED_NANOS;
            let is_unwanted = ended.is_empty && is_soon(ended.first);
            let mut others = self.spans.get(pair)?.iter().filter(outlasts);
            others.find_map(|other| {
                let is_newer = other.first.time <= ended.first.time;
                let is_why = if is_newer {
                    is_unwanted
                } else {
                    is_soon(other.first)
                };
                is_why.then_some(Double {
                    stream: ended.stream,
                    other: other.stream,
                    is_newer,
                })
            })
        })
    }
}

/// Keeps a connection, where there is no room in the place of the shortest: who dials
/// again and again has a long one beside it, which is why the others are closed.
fn keep(spans: &mut Few<Span, MAX_OF_PAIR>, span: Span) {
    if !spans.is_full() {
        return spans.push(span);
    }
    let shortest = spans.iter_mut().min_by_key(|span| span.nanos());
    if let Some(shortest) = shortest.filter(|shortest| shortest.nanos() < span.nanos()) {
        *shortest = span;
    }
}
