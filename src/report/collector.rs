//! Listens to a capture, and keeps what a report is made of.

use std::collections::BTreeMap;

use super::bins::{Bins, MAX_BINS};
use super::courses::Courses;
use super::digest::{Card, Digest, TorrentTotals};
use super::shelf::Shelf;
use super::totals::{Served, Totals};
use crate::capture::Timestamp;
use crate::findings::{Checker, Selection};
use crate::packet::Stamp;
use crate::session::{
    Certainty, Conflict, ConnectionEvent, Ended, Ends, Heard, LatencyHistogram, Past, Torrents,
    WebSeed,
};
use crate::wire::MessageType;
use crate::wire::peer::Message;

/// Failed attempts that are kept.
const MAX_ATTEMPTS: usize = 300;

/// Connections that are kept until it is known whether they are BitTorrent.
const MAX_LIKELY: usize = 1000;

/// Torrents that are told apart.
const MAX_TORRENTS: usize = 256;

/// Puts a message into words.
pub type Describe = Box<dyn FnMut(&Heard<'_>) -> String>;

/// Listens to a capture.
pub struct Collector {
    describe: Describe,
    checker: Checker,
    begin: Timestamp,
    last: Stamp,
    messages: Vec<(&'static MessageType, u64)>,
    courses: Courses,
    shelf: Shelf,
    likely: Vec<Card>,
    maybe: u64,
    totals: Totals,
    served: Served,
    latencies: LatencyHistogram,
    /// When the first piece came: series of data count from there.
    first_piece: Option<Timestamp>,
    data: Bins<u64>,
    without_course: u64,
    torrents: BTreeMap<[u8; 20], TorrentTotals>,
    torrents_left_out: u64,
    attempts: BTreeMap<u64, ConnectionEvent>,
    attempts_left_out: u64,
}

impl Collector {
    /// Nothing was heard yet. Messages are put into words by `describe`; with
    /// `is_selective` only what is said to be chosen is in the report.
    pub fn new(describe: Describe, is_selective: bool) -> Self {
        Self {
            describe,
            checker: if is_selective {
                Checker::choosing(Selection::default())
            } else {
                Checker::default()
            },
            begin: Timestamp::UNKNOWN,
            last: Stamp {
                frame: 0,
                time: Timestamp::UNKNOWN,
            },
            messages: Vec::new(),
            courses: Courses::new(true),
            shelf: Shelf::default(),
            likely: Vec::new(),
            maybe: 0,
            totals: Totals::default(),
            served: Served::default(),
            latencies: LatencyHistogram::default(),
            first_piece: None,
            data: Bins::new(Timestamp::UNKNOWN),
            without_course: 0,
            torrents: BTreeMap::new(),
            torrents_left_out: 0,
            attempts: BTreeMap::new(),
            attempts_left_out: 0,
        }
    }

    /// The torrents that are known beforehand.
    pub fn know(&mut self, torrents: &Torrents) {
        self.checker.know(torrents);
    }

    /// The first packet of the capture.
    pub fn begin(&mut self, first: Stamp) {
        self.begin = first.time;
        self.last = first;
    }

    /// The capture ends.
    pub fn over(&mut self, last: Stamp) {
        self.checker.until(last.time);
    }

    /// A message or a gap, or a packet of uTP; whether it is one of those chosen.
    pub fn hear(&mut self, heard: &Heard<'_>, is_chosen: bool) {
        if heard.last.frame > self.last.frame {
            self.last = heard.last;
        }
        self.checker.hear_as(heard, is_chosen);
        if is_chosen && !heard.is_packet() && heard.certainty() > Certainty::Likely {
            self.count(heard.message_type());
        }
        let first_piece = self.first_piece(heard);
        let describe = &mut self.describe;
        self.courses.hear(heard, first_piece, || describe(heard));
    }

    /// Whether there was anything of BitTorrent.
    pub fn has_heard(&self) -> bool {
        self.checker.has_heard()
    }

    /// A retransmission brought other bytes than the first copy.
    pub fn contradicted(&mut self, conflict: &Conflict<'_>) {
        self.checker.contradicted(conflict);
    }

    /// When the first piece of the capture came, if this is not before it.
    fn first_piece(&mut self, heard: &Heard<'_>) -> Timestamp {
        let is_piece = matches!(heard.peer_message(), Some(Message::Piece(_)));
        if let Some(first) = self.first_piece {
            return first;
        }
        if is_piece {
            self.first_piece = Some(heard.last.time);
            self.data = Bins::new(heard.last.time);
        }
        heard.last.time
    }

    fn count(&mut self, message: &'static MessageType) {
        match self
            .messages
            .iter_mut()
            .find(|(known, _)| *known == message)
        {
            Some((_, count)) => *count += 1,
            // The catalogue is finite.
            None => self.messages.push((message, 1)),
        }
    }

    /// A connection is over; whether it is one of those chosen.
    pub fn ended(&mut self, ended: &Ended<'_>, is_chosen: bool) {
        self.checker.ended(ended);
        let gone = self.courses.ended(ended);
        if !is_chosen {
            return;
        }
        for speaker in &ended.conversation.speakers {
            if let Some(latencies) = speaker.requests.latencies() {
                self.latencies.add(latencies);
            }
        }
        let card = Card::new(ended, gone);
        if card.past.certainty > Certainty::Likely {
            self.keep(card);
        } else if self.likely.len() < MAX_LIKELY {
            self.likely.push(card);
        } else {
            self.maybe += 1;
        }
    }

    /// Keeps a connection that is one between peers.
    fn keep(&mut self, card: Card) {
        let past = &card.past;
        self.totals.add(past);
        self.served.add(past);
        match &card.course {
            Some(course) if !course.is_partial => {
                for side in &course.sides {
                    self.data.add(&side.data);
                }
            }
            _ => self.without_course += 1,
        }
        self.note_torrent(&card);
        let standing = self.checker.standing(card.past.stream());
        self.shelf.put(standing, card);
    }

    fn note_torrent(&mut self, card: &Card) {
        let Some(info_hash) = card.past.info_hash else {
            return;
        };
        if !self.torrents.contains_key(&info_hash) && self.torrents.len() == MAX_TORRENTS {
            self.torrents_left_out += 1;
            return;
        }
        let torrent = self.torrents.entry(info_hash).or_default();
        torrent.info_hash = info_hash;
        if torrent.name.is_none() {
            torrent.name = card.past.torrent_name();
        }
        torrent.pieces = torrent.pieces.or(card.pieces);
        torrent.connections += 1;
        torrent.payload_bytes += card.past.payload_bytes();
    }

    /// A connection ended, or an attempt at one failed; whether it is chosen.
    pub fn connection(&mut self, event: &ConnectionEvent, is_chosen: bool) {
        self.checker.connection_as(event, is_chosen);
        if !event.change.is_failure() || event.named.is_none() || !is_chosen {
            return;
        }
        // Those of datagrams have no number and are told once each.
        let number = event.stream.unwrap_or(u64::MAX - event.stamp.frame);
        self.attempts.insert(number, event.clone());
        if self.attempts.len() > MAX_ATTEMPTS {
            self.attempts.pop_last();
            self.attempts_left_out += 1;
        }
    }

    /// The capture is over; `ends` are what it names as peers', and data came from
    /// `web_seeds` beside the peers.
    pub fn finish(mut self, ends: &Ends, web_seeds: &[WebSeed]) -> Digest {
        for seed in web_seeds {
            self.checker.web_seed(seed);
        }
        for mut card in std::mem::take(&mut self.likely) {
            if !card.past.judge(ends) {
                continue;
            }
            if card.past.certainty > Certainty::Likely {
                self.keep(card);
            } else {
                self.maybe += 1;
            }
        }
        let (cards, rows, rest) = self.shelf.into_all();
        let is_shown = |stream: Option<u64>| {
            let mut shown = cards.iter().map(|card| &card.past).chain(&rows);
            shown.any(|past: &Past| Some(past.stream()) == stream)
        };
        // What is a connection, though it failed, is told once.
        self.attempts.retain(|_, event| !is_shown(event.stream));
        let mut torrents: Vec<_> = self.torrents.into_values().collect();
        torrents.sort_by_key(|torrent| std::cmp::Reverse(torrent.payload_bytes));
        Digest {
            first: self.begin,
            last: self.last,
            messages: self.messages,
            findings: self.checker.report(),
            cards,
            rows,
            rest,
            totals: self.totals,
            attempts: self.attempts.into_values().collect(),
            attempts_left_out: self.attempts_left_out,
            maybe: self.maybe,
            latencies: self.latencies,
            data: self.data,
            without_course: self.without_course,
            served: self.served,
            torrents,
            torrents_left_out: self.torrents_left_out,
        }
    }
}

const _: () = assert!(MAX_BINS.is_multiple_of(2), "each two bins become one");
