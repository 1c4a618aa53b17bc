//! Connections of two peers that are connected already.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::few::Few;
use crate::packet::Stamp;
use crate::session::Ended;

/// Pairs of peers that are remembered: about 3 MB.
const MAX_PAIRS: usize = 1 << 13;

/// Connections of a pair that are remembered, the latest.
const MAX_OF_PAIR: usize = 4;

/// A connection that ends so soon after its handshakes was not wanted.
const UNWANTED_NANOS: i64 = 10_000_000_000;

/// Two peers by their ids, the smaller one first, and their torrent.
type Pair = ([[u8; 20]; 2], [u8; 20]);

/// From when to when a connection was there.
#[derive(Debug, Clone, Copy)]
struct Span {
    stream: u64,
    first: Stamp,
    last: Stamp,
}

/// The connections of each pair of peers.
#[derive(Debug, Default)]
pub struct Doubles {
    spans: HashMap<Pair, Few<Span, MAX_OF_PAIR>, RandomState>,
    /// Those that came to nothing.
    unwanted: Vec<(Pair, Span)>,
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
        };
        let is_brief = span.last.time.since(span.first.time) < UNWANTED_NANOS;
        let is_empty = speakers.iter().all(|speaker| speaker.payload_bytes == 0);
        let is_unwanted = ended.first_finish().is_some() && is_brief && is_empty;
        if is_unwanted && self.unwanted.len() < MAX_PAIRS {
            self.unwanted.push((pair, span));
        }
        if self.spans.len() < MAX_PAIRS || self.spans.contains_key(&pair) {
            self.spans.entry(pair).or_default().push(span);
        }
    }

    /// The connections that came to nothing while another one of the same peers was
    /// there: its number, and that of the other.
    pub fn found(&self) -> impl Iterator<Item = (u64, u64)> + '_ {
        self.unwanted.iter().filter_map(|(pair, unwanted)| {
            let covers = |span: &&Span| {
                span.stream != unwanted.stream
                    && span.first.time <= unwanted.first.time
                    && span.last.time > unwanted.last.time
            };
            let other = self.spans.get(pair)?.iter().find(covers)?;
            Some((unwanted.stream, other.stream))
        })
    }
}
