//! The checker: hears everything, asks the rules, and reports in the end.

use std::collections::HashMap;

use foldhash::fast::RandomState;

use super::cause::{self, Cause, Weight};
use super::deviant::{is_plain, of_anomaly};
use super::discovery::{Discovery, Loose};
use super::doubles::Doubles;
use super::evidence::{Evidence, Unmet};
use super::finding::Finding;
use super::gathered::Gathered;
use super::greeting;
use super::report::{Group, Outcomes, Report, Standing};
use super::rules;
use super::scene::{Scene, settle};
use super::selection::Selection;
use super::suspicion::is_whole;
use super::turned_away::{Answers, Greeting};
use super::verified::Pieces;
use super::watch::Watch;
use crate::capture::Timestamp;
use crate::flow::Side;
use crate::packet::Stamp;
use crate::session::{
    Certainty, Conflict, ConnectionEvent, Conversation, Encryption, Ended, Heard, Speaker,
    Torrents, WebSeed,
};
use crate::wire::Problem;
use crate::wire::metainfo::Metainfo;
use crate::wire::peer::Message;
use crate::wire::{Deviation, Deviations};

/// Before the first packet.
const START: Stamp = Stamp {
    frame: 0,
    time: Timestamp::UNKNOWN,
};

/// Connections that are told of; of more, only that there were.
const MAX_GROUPS: usize = 8192;

/// Checks a capture.
#[derive(Debug)]
pub struct Checker {
    gathered: Gathered,
    /// Only what is about some messages is asked for.
    is_choosing: bool,
    watches: HashMap<u64, Box<Watch>, RandomState>,
    /// The connection heard last, outside of the map: most often the next message
    /// is of the same.
    current: Option<(u64, Box<Watch>)>,
    discovery: Discovery,
    /// Checks piece data, where that is asked for.
    pieces: Option<Box<Pieces>>,
    deviations: Deviations,
    unmet: [Unmet; Evidence::ALL.len()],
    groups: Vec<Group>,
    outcomes: Outcomes,
    answers: Answers,
    doubles: Doubles,
    /// Handshakes that were not answered, by connection.
    greetings: HashMap<u64, Greeting, RandomState>,
    /// Those of them on which the acceptor closed.
    turned_away: Vec<u64>,
    /// Where the group of a connection is.
    group_of: HashMap<u64, u32, RandomState>,
    connections: u64,
    messages: u64,
    /// When the last message was heard.
    latest: Timestamp,
    /// Connections beyond those that are told of.
    untold: u64,
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
            watches: HashMap::default(),
            current: None,
            discovery: Discovery::default(),
            pieces: None,
            deviations: Deviations::default(),
            unmet: Default::default(),
            groups: Vec::new(),
            outcomes: Outcomes::default(),
            answers: Answers::default(),
            doubles: Doubles::default(),
            greetings: HashMap::default(),
            turned_away: Vec::new(),
            group_of: HashMap::default(),
            connections: 0,
            messages: 0,
            latest: Timestamp::UNKNOWN,
            untold: 0,
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
        if is_chosen
            && self.is_choosing
            && let Some((_, watch)) = self.current.as_mut()
            && heard.conversation.is_some()
        {
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
        self.learn(heard, conversation);
        self.turn_to(heard.stream);
        let Some((_, watch)) = &mut self.current else {
            return;
        };
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
        } else if let Some(hole) = heard.content.hole() {
            rules::hear_gap(heard, hole, conversation, watch, &mut self.gathered);
        }
    }

    /// What a conversation tells of its torrent and its peers, for the rules on
    /// trackers and the DHT.
    #[inline]
    fn learn(&mut self, heard: &Heard<'_>, conversation: &Conversation) {
        let Some(torrent) = &conversation.torrent else {
            return;
        };
        let is_telling = matches!(
            heard.peer_message(),
            Some(
                Message::Extended(_)
                    | Message::Bitfield(_)
                    | Message::Interested
                    | Message::NotInterested
            )
        );
        let Some(info_hash) = conversation.info_hash().filter(|_| is_telling) else {
            return;
        };
        if torrent.info().is_private() {
            self.discovery.learn_private(info_hash, heard.last);
        }
        let me = conversation.speaker(heard.from);
        let is_partial = me.limits.upload_only == Some(true)
            && me.pieces.is_stated()
            && !me.pieces.is_all(torrent.pieces());
        if is_partial {
            let peer = heard.src.ip();
            self.discovery
                .learn_partial_seed(peer, info_hash, heard.last);
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

    /// Makes a connection the current one.
    #[inline]
    fn turn_to(&mut self, stream: u64) {
        if self.current.as_ref().is_some_and(|(at, _)| *at == stream) {
            return;
        }
        let watch = self.watches.remove(&stream);
        let watch = watch.unwrap_or_else(|| Box::new(Watch::new(self.gathered.budget())));
        if let Some((at, before)) = self.current.replace((stream, watch)) {
            self.watches.insert(at, before);
        }
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
        let found = self.deviations.list().iter().copied();
        for deviation in malformed.into_iter().chain(found) {
            if let Some(finding) = of_anomaly(heard, &deviation, &self.gathered) {
                self.gathered.add(finding);
            }
        }
    }

    /// A connection is over.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        let stream = ended.connection.stream;
        let watch = match self.current.take() {
            Some((at, watch)) if at == stream => watch,
            other => {
                self.current = other;
                let watch = self.watches.remove(&stream);
                watch.unwrap_or_else(|| Box::new(Watch::new(self.gathered.budget())))
            }
        };
        self.gathered.is_chosen = !self.is_choosing;
        if ended.conversation.certainty == Certainty::Likely {
            return self.unmet[Evidence::Plaintext as usize].add(stream);
        }
        self.connections += 1;
        let mut watch = watch;
        if is_whole(ended.conversation) {
            for suspicion in watch.suspicions.drain(..) {
                self.gathered.add(suspicion.finding);
            }
        }
        rules::conclude(ended, &mut watch, &mut self.gathered);
        rules::untie(ended, &watch, &mut self.discovery);
        self.note_lacks(ended);
        self.greeted(ended);
        self.doubles.add(ended);
        let became = match ended.encryption {
            Encryption::None => "went on in plain",
            _ => "is encrypted",
        };
        self.became(ended.connection.first, stream, became);
        let greeting = greeting::cause(ended, self.gathered.of_stream(stream));
        let cause = greeting.unwrap_or_else(|| Cause::of(ended, self.gathered.of_stream(stream)));
        let evidence = [cause.evidence, cause::stopped_within(ended, &watch)].concat();
        let cause = Cause { evidence, ..cause };
        if !self.is_choosing || watch.chosen.iter().next().is_some() {
            self.push(Group::new(ended, cause));
        }
    }

    /// Remembers what became of a connection.
    fn became(&mut self, first: Stamp, stream: u64, words: &'static str) {
        if self.outcomes.len() < MAX_GROUPS || self.outcomes.contains_key(&first.frame) {
            self.outcomes.insert(first.frame, (stream, words));
        }
    }

    /// Remembers who answered which handshake, and which was not answered.
    fn greeted(&mut self, ended: &Ended<'_>) {
        let [initiator, acceptor] = ended.conversation.speakers.each_ref();
        let ends = ended.connection.ends;
        match (initiator.handshake, acceptor.handshake) {
            (_, Some(answer)) => {
                let at = acceptor.milestones.handshake;
                let at = at.unwrap_or(ended.connection.first);
                self.answers.add(ends[1], &answer, at);
            }
            (Some(handshake), None) if self.greetings.len() < MAX_GROUPS => {
                let greeting = Greeting { ends, handshake };
                self.greetings.insert(ended.connection.stream, greeting);
            }
            _ => {}
        }
    }

    /// Says of handshakes that were not answered what may be behind it, by all that
    /// the capture has.
    fn guess(&mut self) {
        for stream in std::mem::take(&mut self.turned_away) {
            let greeting = self.greetings.get(&stream);
            let group = self.group_of.get(&stream);
            let cause = group.and_then(|group| self.groups[*group as usize].cause.as_mut());
            if let (Some(greeting), Some(cause)) = (greeting, cause) {
                cause.evidence.extend(self.answers.guesses(greeting));
            }
        }
    }

    /// Says of connections that came to nothing that their peers had another one.
    fn pair(&mut self) {
        for double in self.doubles.found() {
            let (stream, other) = (double.stream, double.other);
            let group = self.group_of.get(&stream);
            let cause = group.and_then(|group| self.groups[*group as usize].cause.as_mut());
            if let Some(cause) = cause {
                let why = if double.is_newer {
                    "the two were connected already"
                } else {
                    "the two had a new connection"
                };
                let words = format!(
                    "most likely because {why}: connection {other} is of the same peer ids"
                );
                cause.evidence.insert(0, words);
                if cause.weight == Weight::Orderly {
                    cause.weight = Weight::Unexplained;
                }
            }
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
        if let Some(stream) = event.stream {
            self.became(event.first, stream, "failed too");
        }
        let words = rules::attempted(event, &mut self.gathered);
        let cause = Cause::of_attempt(event, words);
        let known = event.stream.and_then(|stream| self.group_of.get(&stream));
        if let Some(index) = known {
            let known = &mut self.groups[*index as usize].cause;
            let is_explained = known
                .as_ref()
                .is_some_and(|known| known.weight == Weight::Explained);
            if !is_explained {
                *known = Some(cause);
                let is_turned_away = rules::is_turned_away(event);
                self.turned_away
                    .extend(event.stream.filter(|_| is_turned_away));
            }
        } else if event.stream.is_some() && is_chosen {
            self.push(Group::of_attempt(event, cause));
        }
    }

    /// Data of a torrent came from here, beside the peers.
    pub fn web_seed(&mut self, seed: &WebSeed) {
        if !self.is_choosing {
            self.push(Group::of_web_seed(seed));
        }
    }

    fn push(&mut self, group: Group) {
        if self.groups.len() < MAX_GROUPS {
            if let Some(stream) = group.stream {
                self.group_of.insert(stream, self.groups.len() as u32);
            }
            self.groups.push(group);
        } else {
            self.untold += 1;
        }
    }

    /// Which evidence the connection lacks.
    fn note_lacks(&mut self, ended: &Ended<'_>) {
        let speakers = &ended.conversation.speakers;
        let stream = ended.connection.stream;
        let is_hashing = self.pieces.is_none();
        let is_readable = ended.encryption != Encryption::MseRc4
            || speakers.iter().any(|speaker| speaker.counts.total() > 0);
        let mut lack = |evidence: Evidence, is_missing: bool| {
            if is_missing {
                self.unmet[evidence as usize].add(stream);
            }
        };
        lack(Evidence::Plaintext, !is_readable);
        if !is_readable {
            return;
        }
        let is_without = |has: fn(&Speaker) -> bool| !speakers.iter().all(has);
        let has_greeted = |speaker: &Speaker| speaker.handshake.is_some();
        // What a side did not say at all is not what the capture lacks.
        let is_seen = ended.encryption == Encryption::None
            && ended.connection.from_start
            && Side::BOTH.into_iter().all(|side| !ended.is_hidden(side))
            && speakers.iter().all(|speaker| speaker.gaps == 0);
        let lacks_greeting = is_without(has_greeted);
        lack(Evidence::Handshakes, !is_seen && lacks_greeting);
        lack(Evidence::Whole, is_without(|speaker| speaker.gaps == 0));
        lack(Evidence::Torrent, ended.conversation.torrent.is_none());
        let extends = |speaker: &Speaker| {
            let handshake = speaker.handshake;
            speaker.extensions.is_some()
                || handshake.is_some_and(|handshake| !handshake.reserved.extension())
        };
        lack(Evidence::ExtendedHandshake, !is_seen && is_without(extends));
        lack(Evidence::Data, is_hashing);
    }

    /// How a connection that is over stands so far.
    pub fn standing(&self, stream: u64) -> Standing {
        let group = self.group_of.get(&stream);
        let cause = group.and_then(|index| self.groups[*index as usize].cause.as_ref());
        let findings = self.gathered.of_stream(stream);
        Standing::new(cause, findings.map(|finding| finding.severity).max())
    }

    /// Whether there was anything of BitTorrent.
    pub fn has_heard(&self) -> bool {
        self.messages > 0 || !self.groups.is_empty() || !self.so_far().is_empty()
    }

    /// What was found so far, in the order of its first packets; more may be folded
    /// into it.
    pub fn so_far(&self) -> &[Finding] {
        self.gathered.so_far()
    }

    /// Why no peer was reached, where the capture has no connection that is or may be
    /// one to a peer.
    fn search(&self) -> Option<Cause> {
        let is_lonely = self.groups.is_empty()
            && self.connections == 0
            && self.unmet[Evidence::Plaintext as usize].connections == 0;
        let is_asked_for = is_lonely && !self.is_choosing;
        let told = is_asked_for.then(|| self.discovery.sources.told());
        Cause::of_search(told?)
    }

    /// What was found, in the order in which it explains most.
    pub fn report(mut self) -> Report {
        self.gathered.is_chosen = !self.is_choosing;
        rules::leave(&mut self.discovery, self.latest, &mut self.gathered);
        self.guess();
        self.pair();
        if let Some(pieces) = &mut self.pieces {
            pieces.conclude(&mut self.gathered);
        }
        let worst = self.gathered.worst();
        let search = self.search();
        let (findings, left_out, selection) = self.gathered.into_all();
        let report = Report::new(
            findings,
            self.groups,
            &self.outcomes,
            (self.unmet, &selection),
            [self.connections, self.messages, left_out, self.untold],
            self.pieces.map(|pieces| pieces.checked()),
            search,
        );
        Report { worst, ..report }
    }
}
