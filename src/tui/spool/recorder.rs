//! The observer that fills a spool.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::code::Encoder;
use super::entry::{Entry, Sort};
use super::record::{self, Happened};
use super::setting::Setting;
use super::shared::{Inner, Spool, append_record};
use crate::findings::{Checker, Selection};
use crate::flow::Side;
use crate::packet::Stamp;
use crate::pipeline::{AttemptInterest, Interest, Observer};
use crate::session::{
    Actor, Certainty, Conflict, ConnectionEvent, Ended, Heard, Torrents, Transition,
};
use crate::view::Happening;
use crate::view::json::JsonWriter;
use crate::wire::{Message, dht, peer, udp_tracker};

/// Messages between two looks at what the checker has found.
const MESSAGES_PER_LOOK: u64 = 1 << 12;

/// Writes what an analysis tells into a [`Spool`].
pub struct Recorder {
    spool: Spool,
    /// Also what only may be BitTorrent.
    all: bool,
    /// The capture has no end: attempts are told as soon as what is known by then
    /// says that they are at peers.
    is_live: bool,
    checker: Checker,
    /// Findings that are in the overview.
    told: usize,
    heard: u64,
    /// The settings of connections under way, and where they lie.
    settings: HashMap<u64, (Setting, u64), RandomState>,
    record: Encoder,
    json: JsonWriter,
}

impl Spool {
    /// An observer that writes into this. Not to be asked for twice.
    pub fn recorder(&self, all: bool) -> Recorder {
        Recorder::new(self.clone(), all)
    }
}

impl Recorder {
    pub(super) fn new(spool: Spool, all: bool) -> Self {
        Self {
            spool,
            all,
            is_live: false,
            checker: Checker::new(Selection::default()),
            told: 0,
            heard: 0,
            settings: HashMap::default(),
            record: Encoder::default(),
            json: JsonWriter::default(),
        }
    }

    /// This, of packets that come as they are sent.
    #[must_use]
    pub fn live(self) -> Self {
        Self {
            is_live: true,
            ..self
        }
    }

    /// The torrents that are known beforehand.
    pub fn know(&mut self, torrents: &Torrents) {
        self.checker.know(torrents);
    }

    /// Nothing more comes: the findings as they stand at the end.
    pub fn close(self) {
        let report = self.checker.report();
        let overview = &mut self.spool.lock().overview;
        overview.forget_found();
        for finding in report.findings() {
            overview.find(finding);
        }
    }

    /// Where the setting of a message lies; it is written if it is new.
    fn setting(&mut self, inner: &mut Inner, heard: &Heard<'_>) -> Option<u64> {
        let setting = Setting::of(heard, heard.conversation?);
        let known = self.settings.get(&heard.stream);
        if let Some((_, at)) = known.filter(|(known, _)| *known == setting) {
            return Some(*at);
        }
        let at = inner.spool.end();
        let mut record = Encoder::default();
        setting.encode(&mut record);
        append_record(&mut inner.spool, &record.0);
        self.settings.insert(heard.stream, (setting, at));
        Some(at)
    }

    fn find(&mut self, inner: &mut Inner) {
        let found = self.checker.so_far();
        for finding in &found[self.told.min(found.len())..] {
            inner.overview.find(finding);
        }
        self.told = found.len();
    }
}

impl Observer for Recorder {
    fn interest(&self) -> Interest {
        Interest {
            attempts: if self.is_live {
                AttemptInterest::AsKnown
            } else {
                AttemptInterest::WholeAndLikely
            },
            ..Interest::of_findings()
        }
    }

    fn begin(&mut self, first: Stamp) {
        self.spool.begin(first);
    }

    fn over(&mut self, last: Stamp) {
        self.checker.until(last.time);
    }

    fn message(&mut self, heard: &Heard<'_>) {
        self.checker.hear(heard);
        if heard.is_packet() {
            return;
        }
        let is_part = heard.content.hole().is_some_and(|hole| hole.within_message);
        if is_part || !(self.all || heard.certainty() > Certainty::Likely) {
            return;
        }
        let spool = self.spool.clone();
        let mut guard = spool.lock();
        let inner = &mut *guard;
        self.heard += 1;
        let setting = self.setting(inner, heard);
        let distance = setting.map(|at| inner.spool.end() - at);
        self.record.0.clear();
        record::encode(&mut self.record, heard, distance, spool.origin());
        let entry = Entry {
            offset: 0,
            stream: u32::try_from(heard.stream).unwrap_or(Entry::NO_STREAM),
            frame: heard.last.frame as u32,
            sort: sort_of(heard),
            from_initiator: heard.from == Side::Initiator,
            is_bad: heard.problem().is_some() || heard.missing > 0,
        };
        inner.overview.hear(inner.count, heard);
        spool.append(inner, entry, &self.record.0);
        if self.heard.is_multiple_of(MESSAGES_PER_LOOK) {
            self.find(inner);
        }
    }

    fn ended(&mut self, ended: &Ended<'_>) {
        self.checker.ended(ended);
        let mut inner = self.spool.lock();
        inner.fates.ended(ended);
        let stream = ended.connection.stream;
        self.settings.remove(&stream);
        let is_known = inner.overview.row_of(stream).is_some();
        if is_known || self.all || ended.conversation.certainty > Certainty::Likely {
            inner.overview.ended(ended);
        }
    }

    fn conflict(&mut self, conflict: &Conflict<'_>) {
        self.checker.contradicted(conflict);
    }

    fn connection(&mut self, event: &ConnectionEvent) {
        self.checker.connection(event);
        let is_likely = event.change.is_failure() && event.named.is_none();
        let spool = self.spool.clone();
        let mut guard = spool.lock();
        let inner = &mut *guard;
        let is_known = event
            .stream
            .is_some_and(|stream| inner.overview.row_of(stream).is_some());
        if is_likely && !is_known && !self.all {
            return;
        }
        inner.overview.happened(inner.count, event);
        let by_initiator = !matches!(event.by, Some(Actor::End(Side::Acceptor)));
        let [initiator, acceptor] = event.ends;
        let json = String::from_utf8_lossy(self.json.event(event)).into_owned();
        self.record.0.clear();
        Happened {
            stream: event.stream,
            ends: if by_initiator {
                [initiator, acceptor]
            } else {
                [acceptor, initiator]
            },
            stamp: event.stamp,
            by_initiator,
            is_failure: event.change.is_failure(),
            words: &Happening(event).to_string(),
            json: json.trim_end(),
        }
        .encode(&mut self.record, spool.origin());
        let stream = event.stream.and_then(|stream| u32::try_from(stream).ok());
        let entry = Entry {
            offset: 0,
            stream: stream.unwrap_or(Entry::NO_STREAM),
            frame: event.stamp.frame as u32,
            sort: Sort::Event,
            from_initiator: by_initiator,
            is_bad: event.change.is_failure(),
        };
        spool.append(inner, entry, &self.record.0);
    }

    fn idle(&mut self) {
        let spool = self.spool.clone();
        let mut inner = spool.lock();
        self.find(&mut inner);
        spool.flush(&mut inner);
    }

    fn is_done(&self) -> bool {
        self.spool.is_unwanted()
    }
}

fn sort_of(heard: &Heard<'_>) -> Sort {
    if heard.transition.and_then(Transition::request).is_some() || heard.query().is_some() {
        return Sort::Answer;
    }
    let Some(message) = heard.message() else {
        return Sort::Gap;
    };
    let is_request = match message {
        Message::Peer(message) => matches!(message, peer::Message::Request(_)),
        Message::HttpRequest(_) => true,
        Message::Dht(message) => matches!(message.body, dht::Body::Query(_)),
        Message::UdpTracker(message) => message.role == udp_tracker::Role::Request,
        _ => false,
    };
    if is_request {
        Sort::Request
    } else {
        Sort::Other
    }
}
