//! Which torrents a connection is about: by its handshake, by what a web seed was asked
//! for, or by a piece of it that a hash proved.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::capture::Timestamp;

/// Torrents of a connection from which on pieces show no more of them: many may share a
/// piece (zeros, say).
const MAX_PROVEN: usize = 16;

/// Torrents that connections are about, beyond the first of each.
const MAX_KINS: usize = 1 << 18;

/// Torrents that connections are known not to be about. Beyond, blocks are tried with
/// torrents in vain: that costs work, and loses nothing.
const MAX_REFUTED: usize = 1 << 18;

/// When the first and the last data came.
type Span = [Timestamp; 2];

/// What says which torrent a connection is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Its handshake, or what a web seed was asked for.
    Word,
    /// A piece, which its hash proved; several torrents may have it.
    Piece,
}

/// What is known of the connections.
#[derive(Debug, Default)]
pub struct Kinship {
    /// Only those that have a sender with a number: they are bounded.
    streams: HashMap<u64, Stream, RandomState>,
    /// Connections and the torrents that they are about.
    kins: HashSet<(u64, u32), RandomState>,
    /// Pieces of these torrents failed with data of these connections.
    refuted: HashSet<(u64, u32), RandomState>,
}

#[derive(Debug, Default)]
struct Stream {
    /// How many torrents it is about.
    kins: usize,
    /// Of data that came before it was known what it is of.
    waiting: Option<Span>,
}

impl Kinship {
    /// A connection is about a torrent; gives when data came that waited for that.
    pub fn prove(&mut self, stream: u64, torrent: u32, proof: Proof) -> Option<Span> {
        let known = self.streams.entry(stream).or_default();
        let is_free = proof == Proof::Word || known.kins < MAX_PROVEN;
        let has_room = known.kins == 0 || (is_free && self.kins.len() < MAX_KINS);
        if !has_room || !self.kins.insert((stream, torrent)) {
            return None;
        }
        known.kins += 1;
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
        self.kins.contains(&(stream, torrent))
    }

    /// Whether a connection is about any torrent.
    pub fn is_of_any(&self, stream: u64) -> bool {
        let known = self.streams.get(&stream);
        known.is_some_and(|known| known.kins > 0)
    }

    /// Whether a connection that is about any torrent is not about this one: a piece
    /// failed.
    pub fn is_refuted(&self, stream: u64, torrent: u32) -> bool {
        !self.is_of(stream, torrent) && self.refuted.contains(&(stream, torrent))
    }
}

/// Makes `span` hold `more` too.
pub fn join(span: &mut Option<Span>, more: Span) {
    let whole = span.get_or_insert(more);
    *whole = [whole[0].min(more[0]), whole[1].max(more[1])];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What pieces show may be as many torrents as share them; what is said is not.
    #[test]
    fn what_a_connection_says_it_is_about_is_known_beyond_what_pieces_show() {
        let mut kinship = Kinship::default();
        for torrent in 0..100 {
            kinship.prove(1, torrent, Proof::Piece);
            kinship.prove(2, torrent, Proof::Word);
        }
        assert_eq!(kinship.kins.len(), MAX_PROVEN + 100);
        assert!(!kinship.is_of(1, 99) && kinship.is_of(2, 99));
        kinship.prove(1, 99, Proof::Word);
        assert!(kinship.is_of(1, 99));
    }

    #[test]
    fn many_kins_leave_room_for_the_first_of_another_connection() {
        let mut kinship = Kinship::default();
        for torrent in 0..2 * MAX_KINS as u32 {
            kinship.prove(1, torrent, Proof::Word);
        }
        assert_eq!(kinship.kins.len(), MAX_KINS);
        kinship.prove(2, 0, Proof::Word);
        kinship.prove(2, 1, Proof::Word);
        assert!(kinship.is_of(2, 0) && !kinship.is_of(2, 1));
    }
}
