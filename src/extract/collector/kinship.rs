//! Which torrents a connection is about: by its handshake, by what a web seed was asked
//! for, or by a piece of it that a hash proved.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::capture::Timestamp;

/// Torrents that a connection is known to be about: more may share a piece (zeros, say).
const MAX_PROVEN: usize = 16;

/// Torrents that connections are known not to be about. Beyond, blocks are tried with
/// torrents in vain: that costs work, and loses nothing.
const MAX_REFUTED: usize = 1 << 18;

/// When the first and the last data came.
type Span = [Timestamp; 2];

/// What is known of the connections.
#[derive(Debug, Default)]
pub struct Kinship {
    /// Only those that have a sender with a number: they are bounded.
    streams: HashMap<u64, Stream, RandomState>,
    /// Pieces of these torrents failed with data of these connections.
    refuted: HashSet<(u64, u32), RandomState>,
}

#[derive(Debug, Default)]
struct Stream {
    torrents: Vec<u32>,
    /// Of data that came before it was known what it is of.
    waiting: Option<Span>,
}

impl Kinship {
    /// A connection is about a torrent; gives when data came that waited for that.
    pub fn prove(&mut self, stream: u64, torrent: u32) -> Option<Span> {
        let known = self.streams.entry(stream).or_default();
        if known.torrents.contains(&torrent) || known.torrents.len() >= MAX_PROVEN {
            return None;
        }
        known.torrents.push(torrent);
        known.waiting
    }

    /// A piece of a torrent failed that has data of a connection.
    pub fn refute(&mut self, stream: u64, torrent: u32) {
        if self.refuted.len() < MAX_REFUTED {
            self.refuted.insert((stream, torrent));
        }
    }

    /// Data came of which it is not known what it is of.
    pub fn wait(&mut self, stream: u64, span: Span) {
        join(&mut self.streams.entry(stream).or_default().waiting, span);
    }

    /// Whether a connection is about a torrent.
    pub fn is_of(&self, stream: u64, torrent: u32) -> bool {
        let known = self.streams.get(&stream);
        known.is_some_and(|known| known.torrents.contains(&torrent))
    }

    /// Whether a connection is about any torrent.
    pub fn is_of_any(&self, stream: u64) -> bool {
        let known = self.streams.get(&stream);
        known.is_some_and(|known| !known.torrents.is_empty())
    }

    /// Whether a connection is not about a torrent: it is about another, and a piece
    /// failed.
    pub fn is_refuted(&self, stream: u64, torrent: u32) -> bool {
        self.is_of_any(stream)
            && !self.is_of(stream, torrent)
            && self.refuted.contains(&(stream, torrent))
    }
}

/// Makes `span` hold `more` too.
pub fn join(span: &mut Option<Span>, more: Span) {
    let whole = span.get_or_insert(more);
    *whole = [whole[0].min(more[0]), whole[1].max(more[1])];
}
