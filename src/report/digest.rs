//! What is kept of a capture, to make a report of it.

use super::bins::Bins;
use super::course::Course;
use super::courses::Gone;
use super::totals::{Served, Totals};
use crate::capture::Timestamp;
use crate::findings::Report;
use crate::packet::Stamp;
use crate::session::{
    Announced, ConnectionEvent, Conversation, Ended, LatencyHistogram, Limits, Milestones, Past,
    UtpFigures,
};
use crate::wire::MessageType;
use crate::wire::peer::{Handshake, HandshakeStart};

/// What one side of a connection said of itself.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its handshake, or what there is of it.
    pub handshake: Option<HandshakeStart>,
    /// The entries of its first extended handshake.
    pub announced: Option<Announced>,
    /// Its limits, by its latest extended handshake.
    pub limits: Limits,
    /// When it said what for the first time.
    pub milestones: Milestones,
    /// Pieces that it said it has at the end, where that is known.
    pub pieces: Option<u32>,
    /// The capture may lack some that it said: it has at least so many.
    pub has_more_pieces: bool,
    /// All that it said is in the capture, so that what it is not seen to ask for it
    /// did not ask for.
    pub is_whole: bool,
}

impl Profile {
    /// How many pieces it has at the end, of `all` that there are, and whether that is
    /// the least: it may have more.
    pub fn pieces_of(&self, all: Option<u32>) -> Option<(u32, bool)> {
        let pieces = self.pieces?;
        let is_all = all.is_some_and(|all| pieces >= all);
        Some((pieces, self.has_more_pieces && !is_all))
    }
}

/// A connection with all that is known of it.
#[derive(Debug)]
pub struct Card {
    /// What is kept of every connection.
    pub past: Past,
    /// How many pieces its torrent has, where known.
    pub pieces: Option<u32>,
    /// Initiator and acceptor.
    pub profiles: [Profile; 2],
    /// How it went; `None` where memory was spent.
    pub course: Option<Box<Course>>,
    /// How its uTP packets went; `None` where there were none, or memory was spent.
    pub utp: Option<Box<UtpFigures>>,
}

impl Card {
    /// That of a connection that is over.
    pub fn new(ended: &Ended<'_>, gone: Gone) -> Self {
        Self {
            past: Past::of(ended),
            pieces: ended.conversation.pieces(),
            profiles: profiles(ended.conversation),
            course: gone.course,
            utp: gone.utp,
        }
    }
}

fn profiles(conversation: &Conversation) -> [Profile; 2] {
    conversation.speakers.each_ref().map(|speaker| Profile {
        handshake: speaker
            .handshake
            .map(|handshake: Handshake| handshake.into())
            .or(speaker.handshake_start),
        announced: speaker.announced.clone(),
        limits: speaker.limits,
        milestones: speaker.milestones,
        pieces: (speaker.pieces.is_stated() || speaker.pieces.count(None) > Some(0))
            .then(|| speaker.pieces.count(conversation.pieces()))
            .flatten(),
        has_more_pieces: speaker.gaps > 0
            || !speaker.pieces.is_complete_record()
            || (speaker.handshake.is_none() && !speaker.pieces.is_stated()),
        is_whole: speaker.is_whole(),
    })
}

/// What was said about a torrent.
#[derive(Debug, Clone, Default)]
pub struct TorrentTotals {
    /// The info-hash of the handshakes.
    pub info_hash: [u8; 20],
    /// Its name, where its info dictionary is known; text of the capture.
    pub name: Option<String>,
    /// Its pieces, where known.
    pub pieces: Option<u32>,
    /// Connections about it.
    pub connections: u64,
    /// Data of pieces on these, in bytes.
    pub payload_bytes: u64,
}

/// What is kept of a capture.
#[derive(Debug)]
pub struct Digest {
    /// The first packet.
    pub first: Timestamp,
    /// The last packet of a message.
    pub last: Stamp,
    /// How many messages there are of each type, in the order of their first.
    pub messages: Vec<(&'static MessageType, u64)>,
    /// What is wrong, and why connections ended.
    pub findings: Report,
    /// The connections that tell most.
    pub cards: Vec<Card>,
    /// Others.
    pub rows: Vec<Past>,
    /// Totals of those that are in neither.
    pub rest: Totals,
    /// Totals of all connections.
    pub totals: Totals,
    /// Attempts at connections that failed, in the order of their numbers.
    pub attempts: Vec<ConnectionEvent>,
    /// Failed attempts that are not among these.
    pub attempts_left_out: u64,
    /// Connections that may be encrypted BitTorrent: they are in nothing else.
    pub maybe: u64,
    /// How long requests waited for their pieces.
    pub latencies: LatencyHistogram,
    /// Data of pieces over time, from the first piece on.
    pub data: Bins<u64>,
    /// Connections whose data is not in that, for memory was spent.
    pub without_course: u64,
    /// Which host gave how much to which.
    pub served: Served,
    /// The torrents, those with the most data first.
    pub torrents: Vec<TorrentTotals>,
    /// Connections about torrents that are not among these.
    pub torrents_left_out: u64,
}
