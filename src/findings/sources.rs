//! Whom clients asked for peers, and what came of it.

use std::collections::BTreeSet;
use std::net::{IpAddr, SocketAddr};

use crate::capture::Timestamp;
use crate::packet::{Stamp, UnreachableReason};
use crate::session::recent::Recent;
use crate::session::{Actor, ConnectionChange, ConnectionEvent};
use crate::wire::words::Count;

/// Trackers of a client that are remembered, half of them for sure.
const CAPACITY: usize = 1 << 11;

/// Characters of what a tracker says that are kept.
const MAX_TEXT: usize = 160;

/// Clients in a capture of one who looks for peers; where there are more it is that of
/// a tracker or a node.
const MAX_CLIENTS: usize = 2;

/// Trackers that are told of.
const MAX_TOLD: usize = 4;

/// What a tracker said to the last announce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// That it refuses, and why; text of the capture.
    Refused(String),
    /// That it is elsewhere; text of the capture.
    Moved(String),
    /// Nothing, or nothing that can be read; what it is instead, where that can be seen.
    Unusable(Option<&'static str>),
    /// So many peers, in a form in which nobody looks for any.
    Unreadable(usize),
    /// What the capture has not whole.
    Cut,
    /// So many peers, and so many beside the client.
    Named(usize, usize),
}

/// A tracker that a client asked.
#[derive(Debug, Clone, Default)]
pub struct Tracker {
    /// From where the first request came.
    pub client: Option<SocketAddr>,
    /// The first request.
    pub first: Option<Stamp>,
    /// Requests of any kind.
    pub requests: u64,
    /// Requests for counts.
    pub scrapes: u64,
    /// Replies of any kind.
    pub replies: u64,
    /// The first reply that has the transaction of another request.
    pub strayed: Option<Stamp>,
    /// Who says that a request did not arrive, for which reason, in which packet.
    pub unreachable: Option<(IpAddr, UnreachableReason, Stamp)>,
    /// Announces since the last one that was answered.
    pub announces: u64,
    /// The first of these.
    pub open_since: Option<Stamp>,
    /// What came of the last that was answered.
    pub outcome: Option<(Outcome, Stamp)>,
    /// Where the client says it listens.
    port: u16,
    /// It has said that it stops: the reply is none to a search.
    is_stopping: bool,
}

/// What is remembered of searches for peers.
#[derive(Debug)]
pub struct Sources {
    trackers: Recent<(IpAddr, SocketAddr), Tracker>,
    /// Who looks for peers in the DHT, as far as they are few.
    lookers: BTreeSet<IpAddr>,
    /// The first search in the DHT, and how many there are.
    first_lookup: Option<Stamp>,
    lookups: u64,
    /// Replies to these, and peers that they name.
    answered: u64,
    named: u64,
}

impl Default for Sources {
    fn default() -> Self {
        Self {
            trackers: Recent::new(CAPACITY, i64::MAX),
            lookers: BTreeSet::new(),
            first_lookup: None,
            lookups: 0,
            answered: 0,
            named: 0,
        }
    }
}

/// Text of the capture, so much of it as is kept.
pub fn kept(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(&text[..text.len().min(4 * MAX_TEXT)]);
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    text.chars().take(MAX_TEXT).collect()
}

impl Sources {
    /// A request to a tracker.
    pub fn ask(&mut self, client: SocketAddr, tracker: SocketAddr, at: Stamp) {
        let asked = self.trackers.entry((client.ip(), tracker), at);
        asked.client.get_or_insert(client);
        asked.first.get_or_insert(at);
        asked.requests += 1;
    }

    /// This request is an announce of a client that listens on `port`.
    pub fn announce(
        &mut self,
        client: IpAddr,
        tracker: SocketAddr,
        (port, is_stopping): (u16, bool),
        at: Stamp,
    ) {
        let asked = self.trackers.entry((client, tracker), at);
        asked.announces += 1;
        asked.open_since.get_or_insert(at);
        asked.port = port;
        asked.is_stopping = is_stopping;
    }

    /// This request is one for counts.
    pub fn scrape(&mut self, client: IpAddr, tracker: SocketAddr, at: Stamp) {
        self.trackers.entry((client, tracker), at).scrapes += 1;
    }

    /// A reply has the transaction of another request: the client drops it.
    pub fn stray(&mut self, client: IpAddr, tracker: SocketAddr, at: Stamp) {
        let asked = self.trackers.entry((client, tracker), at);
        asked.strayed.get_or_insert(at);
    }

    /// A host or a router says that what was sent to a tracker did not arrive.
    pub fn fail(&mut self, event: &ConnectionEvent) {
        let (ConnectionChange::Unreachable(reason), Some(Actor::Router(by))) =
            (event.change, event.by)
        else {
            return;
        };
        let [client, end] = event.ends;
        let is_asked = self.trackers.get(&(client.ip(), end), Timestamp::UNKNOWN);
        if event.stream.is_none() && is_asked.is_some() {
            let asked = self.trackers.entry((client.ip(), end), event.stamp);
            asked.unreachable.get_or_insert((by, reason, event.stamp));
        }
    }

    /// A tracker replies, to an announce with this outcome.
    pub fn reply(
        &mut self,
        client: IpAddr,
        tracker: SocketAddr,
        outcome: Option<Outcome>,
        at: Stamp,
    ) {
        let asked = self.trackers.entry((client, tracker), at);
        asked.replies += 1;
        if let Some(outcome) = outcome {
            asked.announces = 0;
            asked.open_since = None;
            if !asked.is_stopping {
                asked.outcome = Some((outcome, at));
            }
        }
    }

    /// Whether the last announce says that the client stops.
    pub fn is_stopping(&self, client: IpAddr, tracker: SocketAddr) -> bool {
        let asked = self.trackers.get(&(client, tracker), Timestamp::UNKNOWN);
        asked.is_some_and(|(asked, _)| asked.is_stopping)
    }

    /// How many of these are not the client.
    pub fn others(
        &self,
        client: IpAddr,
        tracker: SocketAddr,
        peers: impl Iterator<Item = SocketAddr>,
    ) -> usize {
        let asked = self.trackers.get(&(client, tracker), Timestamp::UNKNOWN);
        let own = asked.map(|(asked, _)| SocketAddr::new(client, asked.port));
        peers.filter(|peer| Some(*peer) != own).count()
    }

    /// A node looks for peers in the DHT.
    pub fn look(&mut self, node: IpAddr, at: Stamp) {
        if self.lookers.len() <= MAX_CLIENTS {
            self.lookers.insert(node);
        }
        self.first_lookup.get_or_insert(at);
        self.lookups += 1;
    }

    /// Such a search is answered, with so many peers.
    pub fn find(&mut self, peers: usize) {
        self.answered += 1;
        self.named += peers as u64;
    }

    /// Trackers that were asked and what came of it, in the order of the first request.
    pub fn trackers(&self) -> Vec<((IpAddr, SocketAddr), &Tracker)> {
        let all = self.trackers.iter();
        let all = all.filter(|(_, tracker, _)| tracker.first.is_some());
        let mut all: Vec<_> = all.map(|(who, tracker, _)| (*who, tracker)).collect();
        all.sort_by_key(|(_, tracker)| tracker.first.map(|first| first.frame));
        all
    }

    /// What came of the search for peers, in words that may hold text of the capture, with
    /// the packets that show it; nothing where nobody looks for peers, or it is the
    /// capture of one whom all ask.
    pub fn told(&self) -> Vec<(String, Stamp)> {
        let trackers = self.trackers();
        let clients: BTreeSet<_> = trackers.iter().map(|((client, _), _)| *client).collect();
        let mut told: Vec<(String, Stamp)> = Vec::new();
        if clients.len() > MAX_CLIENTS {
            return told;
        }
        let count = trackers.len();
        for ((_, end), tracker) in trackers.into_iter().take(MAX_TOLD) {
            told.extend(tracker.told(end));
        }
        if count > MAX_TOLD {
            let more = Count((count - MAX_TOLD) as u64, "more tracker");
            let last = told.last().map(|(_, at)| *at);
            told.extend(last.map(|at| (format!("and {more}"), at)));
        }
        let is_of_one = self.lookers.len() <= MAX_CLIENTS;
        if let Some(first) = self.first_lookup.filter(|_| is_of_one) {
            told.push((self.of_dht(), first));
        }
        told
    }

    fn of_dht(&self) -> String {
        let lookups = Count(self.lookups, "lookup");
        match (self.answered, self.named) {
            (0, _) => format!("the DHT answered none of {lookups}"),
            (answered, 0) => format!("the DHT answered {answered} of {lookups}, and named no peer"),
            (_, named) => format!(
                "the DHT named {}, and the capture has no connection to any",
                Count(named, "peer")
            ),
        }
    }
}

impl Tracker {
    /// What came of it, in words that may hold text of the capture, and the packet that
    /// shows it.
    fn told(&self, end: SocketAddr) -> Option<(String, Stamp)> {
        let first = self.first?;
        Some(match (&self.outcome, self.open_since) {
            (Some((outcome, at)), _) => {
                let words = match outcome {
                    Outcome::Refused(why) => format!("the tracker {end} refused: {why}"),
                    Outcome::Moved(place) => {
                        format!("the tracker {end} sent the client elsewhere: {place}")
                    }
                    Outcome::Cut => {
                        format!("the reply of the tracker {end} is not whole in the capture")
                    }
                    Outcome::Unusable(None) => {
                        format!("the reply of the tracker {end} has no peers in it")
                    }
                    Outcome::Unusable(Some(what)) => {
                        format!(
                            "what the tracker {end} sent is no reply of one: the body is {what}"
                        )
                    }
                    Outcome::Unreadable(count) => format!(
                        "the tracker {end} named {} in a form that no client reads",
                        Count(*count as u64, "peer")
                    ),
                    Outcome::Named(0, _) => format!("the tracker {end} named no peers"),
                    Outcome::Named(_, 0) => {
                        format!("the tracker {end} named nobody but the client")
                    }
                    Outcome::Named(_, others) => format!(
                        "the tracker {end} named {}, and the capture has no connection to any",
                        Count(*others as u64, "peer")
                    ),
                };
                (words, *at)
            }
            (None, _) if self.strayed.is_some() => (
                format!(
                    "the tracker {end} answers with another transaction id than that of the \
                     request, and clients drop such replies"
                ),
                self.strayed?,
            ),
            (None, _) if self.replies == 0 && self.unreachable.is_some() => {
                let (by, reason, at) = self.unreachable?;
                (unreached(end, by, reason), at)
            }
            (None, Some(since)) if self.replies > 0 => (
                format!("the tracker {end} answered, and the capture has no reply to the announce"),
                since,
            ),
            (None, _) if self.replies == 0 => (
                format!(
                    "the capture has no reply of the tracker {end} to {}",
                    Count(self.requests, "request")
                ),
                first,
            ),
            (None, _) if self.scrapes > 0 => (
                format!("the tracker {end} was asked for counts alone"),
                first,
            ),
            (None, _) => (
                format!("the tracker {end} gave a connection id, and no announce followed"),
                first,
            ),
        })
    }
}

/// Why a tracker was not reached, in words.
fn unreached(end: SocketAddr, by: IpAddr, reason: UnreachableReason) -> String {
    let name = reason.name();
    if by != end.ip() {
        return format!("the tracker {end} was not reached: {by} says so by ICMP ({name})");
    }
    let what = match reason {
        UnreachableReason::Port => "nothing listens on its port",
        _ => "it takes no such packets",
    };
    format!("the tracker {end} was not reached: {what}, as its host says by ICMP ({name})")
}
