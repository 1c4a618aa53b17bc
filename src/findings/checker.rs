//! The checker: hears everything, asks the rules, and reports in the end.

use super::cause::Cause;
use super::connections::Connections;
use super::deviant::{is_plain, is_said_already, of_anomaly};
use super::discovery::{Discovery, Loose};
use super::end;
use super::evidence::Evidence;
use super::finding::Finding;
use super::gathered::Gathered;
use super::greeting;
use super::lacks::Lacks;
use super::report::{Group, Report, Standing};
use super::rules;
use super::scene::{Scene, settle};
use super::selection::Selection;
use super::suspicion::is_whole;
use super::verified::Pieces;
use super::watches::Watches;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::{Certainty, Conflict, ConnectionEvent, Ended, Heard, Torrents, WebSeed};
use crate::wire::metainfo::Metainfo;
use crate::wire::{self, Deviation, Deviations, Problem};

/// Before the first packet.
const START: Stamp = Stamp {
    frame: 0,
    time: Timestamp::UNKNOWN,
};

/// Checks a capture.
#[derive(Debug)]
pub struct Checker {
    gathered: Gathered,
    /// Only what is about some messages is asked for.
    is_choosing: bool,
    watches: Watches,
    discovery: Discovery,
    /// Checks piece data, where that is asked for.
    pieces: Option<Box<Pieces>>,
    deviations: Deviations,
    lacks: Lacks,
    told: Connections,
    /// BitTorrent connections that were looked at.
    connections: u64,
    messages: u64,
    /// When the last message was heard.
    latest: Timestamp,
    /// When the capture ends, where that is known.
    until: Option<Timestamp>,
}

impl Default for Checker {
    fn default() -> Self {
        Self::new(Selection::default())
    }
}

impl Checker {
    /// Nothing was heard yet; only findings of these rules are kept.
    pub fn new(selection: Selection) -> Self {
        Self {
            gathered: Gathered::new(selection),
            is_choosing: false,
            watches: Watches::default(),
            discovery: Discovery::default(),
            pieces: None,
            deviations: Deviations::default(),
            lacks: Lacks::default(),
            told: Connections::default(),
            connections: 0,
            messages: 0,
            latest: Timestamp::UNKNOWN,
            until: None,
        }
    }

    /// The same; of what is found only that is kept of which a message is said to
    /// be chosen ([`Checker::hear_as`]).
    pub fn choosing(selection: Selection) -> Self {
        Self {
            is_choosing: true,
            ..Self::new(selection)
        }
    }

    /// This, which also puts pieces together and checks their hashes. Messages have
    /// to come with the data of their blocks.
    #[must_use]
    pub fn verifying(self) -> Self {
        Self {
            pieces: Some(Box::default()),
            ..self
        }
    }

    /// A message or a gap that is among those that were asked for, or is not.
    pub fn hear_as(&mut self, heard: &Heard<'_>, is_chosen: bool) {
        self.gathered.is_chosen = is_chosen;
        self.hear(heard);
        if is_chosen && self.is_choosing && heard.conversation.is_some() {
            let watch = self.watches.turn_to(heard.stream, self.gathered.budget());
            watch.remember(|watch| &mut watch.chosen, heard.last.frame);
        }
    }

    /// A message or a gap.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        // What a packet of uTP carries is told as messages of their own.
        self.messages += u64::from(!heard.is_packet());
        self.latest = heard.last.time;
        self.anomalies(heard);
        let Some(conversation) = heard.conversation else {
            return rules::hear_loose(&mut Loose {
                heard,
                discovery: &mut self.discovery,
                gathered: &mut self.gathered,
            });
        };
        self.discovery.learn(heard, conversation);
        let watch = self.watches.turn_to(heard.stream, self.gathered.budget());
        settle(&mut self.gathered, watch, conversation, heard);
        if let Some(message) = heard.peer_message() {
            let mut scene = Scene {
                heard,
                message,
                conversation,
                watch,
                discovery: &mut self.discovery,
                gathered: &mut self.gathered,
            };
            rules::hear(&mut scene);
            if let Some(pieces) = &mut self.pieces {
                pieces.hear(heard, conversation, message, &mut self.gathered);
            }
        } else if let Some(wire::Message::Mse(message)) = heard.message() {
            rules::negotiate(heard, message, watch, &mut self.gathered);
        } else if let Some(hole) = heard.content.hole() {
            rules::hear_gap(heard, hole, conversation, watch, &mut self.gathered);
        }
    }

    /// A `.torrent` file: what the pieces of its files hash to (BEP 52).
    pub fn know_layers(&mut self, metainfo: &Metainfo) {
        if let Some(pieces) = &mut self.pieces {
            pieces.know(metainfo);
        }
    }

    /// The torrents that are known beforehand.
    pub fn know(&mut self, torrents: &Torrents) {
        for hash in torrents.private() {
            self.discovery.learn_private(hash, START);
        }
    }

    /// A retransmission brought other bytes than the first copy.
    pub fn contradicted(&mut self, conflict: &Conflict<'_>) {
        self.gathered.is_chosen = !self.is_choosing;
        rules::contradicted(conflict, &mut self.gathered);
    }

    /// What the dissector says of the message.
    fn anomalies(&mut self, heard: &Heard<'_>) {
        if heard.certainty() == Certainty::Likely || is_plain(heard) {
            return;
        }
        self.deviations.clear();
        heard.dissect(&mut self.deviations);
        let malformed = match heard.problem() {
            Some(Problem::Malformed(malformed)) => Some(Deviation {
                anomaly: malformed.anomaly,
                at: u32::try_from(malformed.at).ok(),
                arguments: Default::default(),
            }),
            _ => None,
        };
        let found = self.deviations.list();
        let all = || malformed.iter().chain(found);
        for (index, deviation) in all().enumerate() {
            if is_said_already(deviation, all().take(index), all(), malformed.as_ref()) {
                continue;
            }
            if let Some(finding) = of_anomaly(heard, deviation, &self.gathered) {
                self.gathered.add(finding);
            }
        }
    }

    /// A connection is over.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        let stream = ended.connection.stream;
        let mut watch = self.watches.take(stream, self.gathered.budget());
        self.gathered.is_chosen = !self.is_choosing;
        if ended.conversation.certainty == Certainty::Likely {
            return self.lacks.add(Evidence::Plaintext, stream);
        }
        self.connections += 1;
        if is_whole(ended.conversation) {
            for suspicion in watch.suspicions.drain(..) {
                self.gathered.add(suspicion.finding);
            }
        }
        rules::conclude(ended, &mut watch, &mut self.gathered);
        rules::untie(ended, &watch, &mut self.discovery);
        self.lacks.note(ended, self.pieces.is_some());
        self.told.ended(ended);
        let greeting = greeting::cause(ended, self.gathered.of_stream(stream));
        let cause = greeting.unwrap_or_else(|| end::cause(ended, self.gathered.of_stream(stream)));
        let evidence = [cause.evidence, end::stopped_within(ended, &watch)].concat();
        let cause = Cause { evidence, ..cause };
        if !self.is_choosing || watch.chosen.iter().next().is_some() {
            self.told.tell(Group::new(ended, cause));
        }
    }

    /// A connection ended, or an attempt at one failed.
    pub fn connection(&mut self, event: &ConnectionEvent) {
        self.connection_as(event, !self.is_choosing);
    }

    /// The same, and it is among what was asked for, or is not.
    pub fn connection_as(&mut self, event: &ConnectionEvent, is_chosen: bool) {
        self.gathered.is_chosen = is_chosen;
        if !event.change.is_failure() {
            return;
        }
        self.discovery.sources.fail(event);
        let words = rules::attempted(event, &mut self.gathered);
        let cause = Cause::of_attempt(event, words);
        self.told.failed(event, cause, is_chosen);
    }

    /// The capture ends here: what was not answered by then is known to have waited.
    pub fn until(&mut self, last: Timestamp) {
        self.until = Some(last);
    }

    /// Data of a torrent came from here, beside the peers.
    pub fn web_seed(&mut self, seed: &WebSeed) {
        if !self.is_choosing {
            self.told.tell(Group::of_web_seed(seed));
        }
    }

    /// How a connection that is over stands so far.
    pub fn standing(&self, stream: u64) -> Standing {
        let findings = self.gathered.of_stream(stream);
        Standing::new(
            self.told.cause(stream),
            findings.map(|finding| finding.severity).max(),
        )
    }

    /// Whether there was anything of BitTorrent.
    pub fn has_heard(&self) -> bool {
        self.messages > 0 || !self.told.is_empty() || !self.so_far().is_empty()
    }

    /// What was found so far, in the order of its first packets; more may be folded
    /// into it.
    pub fn so_far(&self) -> &[Finding] {
        self.gathered.so_far()
    }

    /// Why no peer was reached, where the capture has no connection that is or may be
    /// one to a peer.
    fn search(&self) -> Option<Cause> {
        let is_lonely = self.told.is_empty()
            && self.connections == 0
            && self.lacks.of(Evidence::Plaintext).connections == 0;
        let is_asked_for = is_lonely && !self.is_choosing;
        let told = is_asked_for.then(|| self.discovery.sources.told());
        Cause::of_search(told?)
    }

    /// What was found, in the order in which it explains most.
    pub fn report(mut self) -> Report {
        self.gathered.is_chosen = !self.is_choosing;
        let now = self.latest;
        let until = self.until.unwrap_or(now);
        rules::leave(&mut self.discovery, [now, until], &mut self.gathered);
        self.told.explain(&mut self.gathered);
        if let Some(pieces) = &mut self.pieces {
            pieces.conclude(&mut self.gathered);
        }
        let worst = self.gathered.worst();
        let search = self.search();
        let (findings, left_out, selection) = self.gathered.into_all();
        let (groups, outcomes, untold) = self.told.into_told();
        let report = Report::new(
            findings,
            groups,
            &outcomes,
            (&self.lacks, &selection),
            [self.connections, self.messages, left_out, untold],
            self.pieces.map(|pieces| pieces.checked()),
            search,
        );
        Report { worst, ..report }
    }
}
