//! What is remembered of the DHT and of trackers: who asked whom, who announced what
//! when. All tables are bounded and forget.

use std::net::{IpAddr, SocketAddr};

use super::few::Few;
use super::finding::{Excerpt, Finding, Place};
use super::gathered::Gathered;
use super::queries::Queries;
use super::rule::Rule;
use super::sources::Sources;
use super::suspicion::COPY_NANOS;
use super::udp_requests::UdpRequests;
use super::utp_habits::UtpHabits;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::session::recent::{CONTACT_NANOS, Recent};
use crate::session::{Conversation, GivenTokens, Heard};
use crate::wire::Severity;
use crate::wire::peer::Message;

/// Entries of each table, half of them for sure: about 8 MB for all.
const CAPACITY: usize = 1 << 12;

/// Announces of a torrent to the neighbours that may follow upon each other: libtorrent says
/// each three times, for datagrams get lost.
pub const MAX_LOCAL: usize = 4;

/// A message outside of connections between peers.
pub struct Loose<'a> {
    /// The message as it was heard.
    pub heard: &'a Heard<'a>,
    /// What is remembered.
    pub discovery: &'a mut Discovery,
    /// Where findings go.
    pub gathered: &'a mut Gathered,
}

impl Loose<'_> {
    /// The message breaks a rule.
    pub fn find(&mut self, rule: &'static Rule, words: String) {
        self.find_as(rule, rule.severity, words);
    }

    /// The same, with a severity of its own.
    pub fn find_as(&mut self, rule: &'static Rule, severity: Severity, words: String) {
        let mut finding = Finding::of(rule, self.heard, words).severity(severity);
        if !self.gathered.knows(&finding.place, rule) {
            finding.excerpt = Excerpt::of(self.heard, None);
        }
        self.gathered.add(finding);
    }

    /// What the dissector found in the message is explained by these words.
    pub fn explain(&mut self, rule: &'static Rule, words: String) {
        let place = Place::of(self.heard);
        let frame = self.heard.last.frame;
        self.gathered.explain(&place, rule, frame, words);
    }

    /// The other end broke a rule with an earlier message, which this one shows.
    pub fn find_of_other(&mut self, rule: &'static Rule, at: Stamp, words: String) {
        let own = Finding::of(rule, self.heard, words);
        let place = Place {
            stream: own.place.stream,
            src: own.place.dst,
            dst: own.place.src,
        };
        self.gathered.add(Finding::at(rule, place, at, own.words));
    }
}

/// Who announces what where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Announcing {
    /// The client.
    pub client: IpAddr,
    /// The tracker.
    pub tracker: SocketAddr,
    /// The torrent.
    pub info_hash: [u8; 20],
    /// By which name.
    pub peer_id: [u8; 20],
}

/// The last announce.
#[derive(Debug, Clone, Copy)]
pub struct Announced {
    /// The packet.
    pub at: Stamp,
    /// Where it came from.
    pub from: SocketAddr,
    /// The client has said that it begins.
    pub is_started: bool,
    /// It has said that it stops.
    pub is_stopped: bool,
    /// The tracker has answered.
    pub is_answered: bool,
    /// Seconds to wait, by its answer.
    pub wait: Option<i64>,
}

/// So many intervals without an announce, and a minute: the client is gone.
const GONE_INTERVALS: i64 = 2;
const GONE_NANOS: i64 = 60_000_000_000;

impl Announced {
    /// The client has not come again, and did not say that it stops.
    fn is_gone(&self, now: Timestamp) -> bool {
        let wait = self.wait.filter(|wait| *wait > 0);
        let due = wait.map(|wait| {
            let wait = wait.saturating_mul(1_000_000_000);
            wait.saturating_mul(GONE_INTERVALS)
                .saturating_add(GONE_NANOS)
        });
        let is_due = due.is_some_and(|due| now.since(self.at.time) > due);
        self.is_answered && !self.is_stopped && is_due
    }
}

/// A connection between a host and the end of another, as others would name it.
#[derive(Debug, Clone, Copy, Default)]
struct Tie {
    /// How many are open.
    open: u32,
    /// When the last of them was over.
    lost: Option<Stamp>,
}

/// Who asks for a uTP connection, and by which id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UtpId {
    /// Initiator and acceptor.
    pub ends: [SocketAddr; 2],
    /// The id of the SYN.
    pub id: u16,
}

/// What is remembered.
#[derive(Debug)]
pub struct Discovery {
    began: Option<Timestamp>,
    /// The queries of the DHT.
    pub queries: Queries,
    ties: Recent<(IpAddr, SocketAddr), Tie>,
    /// The tokens that nodes gave.
    pub tokens: GivenTokens,
    /// What is looked for in the DHT, by the packet of the query.
    sought: Recent<u64, [u8; 20]>,
    announces: Recent<Announcing, Announced>,
    latest: Recent<(SocketAddr, SocketAddr), Announcing>,
    connections: Recent<(IpAddr, SocketAddr, u64), ()>,
    latest_ids: Recent<(IpAddr, SocketAddr), u64>,
    /// Requests to UDP trackers.
    pub requests: UdpRequests,
    /// Local announces: sender and torrent, and when the last ones were.
    neighbours: Recent<(IpAddr, [u8; 20]), Few<Timestamp, MAX_LOCAL>>,
    /// Searches for peers.
    pub sources: Sources,
    privates: Recent<[u8; 20], ()>,
    partial_seeds: Recent<(IpAddr, [u8; 20]), ()>,
    utp: Recent<u64, [UtpHabits; 2]>,
    /// The last connection of an id, and when it was asked for.
    utp_ids: Recent<UtpId, (u64, Stamp)>,
}

impl Default for Discovery {
    fn default() -> Self {
        Self {
            began: None,
            queries: Queries::default(),
            ties: Recent::new(CAPACITY, i64::MAX),
            tokens: GivenTokens::new(CAPACITY),
            sought: Recent::new(CAPACITY, CONTACT_NANOS),
            announces: Recent::new(CAPACITY, CONTACT_NANOS),
            latest: Recent::new(CAPACITY, CONTACT_NANOS),
            connections: Recent::new(CAPACITY, CONTACT_NANOS),
            latest_ids: Recent::new(CAPACITY, CONTACT_NANOS),
            requests: UdpRequests::default(),
            neighbours: Recent::new(CAPACITY, CONTACT_NANOS),
            sources: Sources::default(),
            privates: Recent::new(CAPACITY, i64::MAX),
            partial_seeds: Recent::new(CAPACITY, i64::MAX),
            utp: Recent::new(CAPACITY, i64::MAX),
            utp_ids: Recent::new(CAPACITY, CONTACT_NANOS),
        }
    }
}

impl Discovery {
    /// Nanoseconds since the first message, at `now`, the time of a message.
    pub fn age(&mut self, now: Timestamp) -> i64 {
        now.since(*self.began.get_or_insert(now))
    }

    /// What the sides of a uTP connection did.
    pub fn utp(&mut self, stream: u64, at: Stamp) -> &mut [UtpHabits; 2] {
        self.utp.entry(stream, at)
    }

    /// A uTP connection is asked for; gives the last one of that id, and when that was
    /// asked for.
    pub fn dials(&mut self, id: UtpId, stream: u64, at: Stamp) -> Option<(u64, Stamp)> {
        let before = self.utp_ids.get(&id, at.time).map(|(before, _)| *before);
        self.utp_ids.insert(id, (stream, at), at);
        before
    }

    /// The last packet of a uTP connection.
    pub fn last_of_utp(&self, stream: u64) -> Option<Stamp> {
        let (sides, _) = self.utp.get(&stream, Timestamp::UNKNOWN)?;
        let last = sides.iter().filter_map(|side| side.last);
        last.max_by_key(|last| last.frame)
    }

    /// Announces whose next one is overdue, and that did not say that they stop.
    pub fn gone(&self, now: Timestamp) -> Vec<(Announcing, Announced)> {
        let announces = self.announces.iter();
        let mut gone: Vec<_> = announces
            .filter(|(_, announced, _)| announced.is_gone(now))
            .map(|(who, announced, _)| (*who, *announced))
            .collect();
        gone.sort_by_key(|(_, announced)| announced.at.frame);
        gone
    }

    /// A host has a connection to this end.
    pub fn ties(&mut self, host: IpAddr, end: SocketAddr, at: Stamp) {
        let tie = self.ties.entry((host, end), at);
        tie.open += 1;
        tie.lost = None;
    }

    /// A connection of a host to this end is over.
    pub fn unties(&mut self, host: IpAddr, end: SocketAddr, at: Stamp) {
        let tie = self.ties.entry((host, end), at);
        tie.open = tie.open.saturating_sub(1);
        if tie.open == 0 {
            tie.lost = Some(at);
        }
    }

    /// When a host lost its last connection to this end, if the capture has that.
    pub fn lost(&self, host: IpAddr, end: SocketAddr, now: Timestamp) -> Option<Stamp> {
        self.ties.get(&(host, end), now)?.0.lost
    }

    /// The query of a packet looks for what is stored at a target (BEP 44).
    pub fn seeks(&mut self, target: [u8; 20], at: Stamp) {
        self.sought.insert(at.frame, target, at);
    }

    /// What the query of a packet looks for.
    pub fn sought(&self, asked: Stamp, now: Timestamp) -> Option<[u8; 20]> {
        self.sought
            .get(&asked.frame, now)
            .map(|(target, _)| *target)
    }

    /// A UDP tracker gives a client a connection id.
    pub fn connects(&mut self, client: IpAddr, tracker: SocketAddr, id: u64, at: Stamp) {
        self.connections.insert((client, tracker, id), (), at);
        self.latest_ids.insert((client, tracker), id, at);
    }

    /// The last connection id that a client got of a UDP tracker, and the packet.
    pub fn latest_id(&self, client: IpAddr, tracker: SocketAddr) -> Option<(u64, Stamp)> {
        let found = self.latest_ids.get(&(client, tracker), Timestamp::UNKNOWN);
        found.map(|(id, at)| (*id, at))
    }

    /// The packet with which a client got a connection id.
    pub fn connected(&self, client: IpAddr, tracker: SocketAddr, id: u64) -> Option<Stamp> {
        let found = self
            .connections
            .get(&(client, tracker, id), Timestamp::UNKNOWN);
        found.map(|((), at)| at)
    }

    /// The last announce of a client.
    pub fn announced(&self, who: &Announcing, now: Timestamp) -> Option<Announced> {
        self.announces
            .get(who, now)
            .map(|(announced, _)| *announced)
    }

    /// A client announces itself from this address.
    pub fn announces(&mut self, from: SocketAddr, who: Announcing, announced: Announced) {
        self.announces.insert(who, announced, announced.at);
        self.latest.insert((from, who.tracker), who, announced.at);
    }

    /// A tracker answers the last announce from an address.
    pub fn answered(
        &mut self,
        client: SocketAddr,
        tracker: SocketAddr,
        wait: Option<i64>,
        at: Stamp,
    ) {
        self.settle(client, tracker, at, |announced| Announced {
            is_answered: true,
            wait,
            ..announced
        });
    }

    /// A tracker refuses the last announce from an address: it knows nothing of the
    /// client, which has to begin anew.
    pub fn refused(&mut self, client: SocketAddr, tracker: SocketAddr, at: Stamp) {
        self.settle(client, tracker, at, |announced| Announced {
            is_started: false,
            ..announced
        });
    }

    fn settle(
        &mut self,
        client: SocketAddr,
        tracker: SocketAddr,
        at: Stamp,
        change: impl FnOnce(Announced) -> Announced,
    ) {
        let Some((who, _)) = self.latest.get(&(client, tracker), at.time) else {
            return;
        };
        let who = *who;
        if let Some((announced, _)) = self.announces.get(&who, at.time) {
            self.announces.insert(who, change(*announced), at);
        }
    }

    /// What a conversation tells of its torrent and its peers, for the rules on
    /// trackers and the DHT.
    #[inline]
    pub fn learn(&mut self, heard: &Heard<'_>, conversation: &Conversation) {
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
            self.learn_private(info_hash, heard.last);
        }
        let me = conversation.speaker(heard.from);
        let is_partial = me.limits.upload_only == Some(true)
            && me.pieces.is_stated()
            && !me.pieces.is_all(torrent.pieces());
        if is_partial {
            let peer = heard.src.ip();
            self.learn_partial_seed(peer, info_hash, heard.last);
        }
    }

    /// A host announces a torrent to its neighbours (BEP 14); gives when the last such
    /// announces were, the latest last.
    pub fn calls(&mut self, host: IpAddr, info_hash: [u8; 20], at: Stamp) -> Vec<Timestamp> {
        let known = self.neighbours.entry((host, info_hash), at);
        let before: Vec<_> = known.iter().copied().collect();
        let is_copy = before
            .last()
            .is_some_and(|last| at.time.since(*last) < COPY_NANOS);
        if is_copy {
            return Vec::new();
        }
        known.push(at.time);
        before
    }

    /// The torrent of this info-hash is private.
    pub fn learn_private(&mut self, info_hash: [u8; 20], at: Stamp) {
        self.privates.insert(info_hash, (), at);
    }

    /// Whether the torrent of this info-hash is known to be private.
    pub fn is_private(&self, info_hash: &[u8; 20]) -> bool {
        self.privates.get(info_hash, Timestamp::UNKNOWN).is_some()
    }

    /// A peer says that it wants no more of a torrent that it has not all of.
    pub fn learn_partial_seed(&mut self, peer: IpAddr, info_hash: [u8; 20], at: Stamp) {
        self.partial_seeds.insert((peer, info_hash), (), at);
    }

    /// Whether a peer has said so.
    pub fn is_partial_seed(&self, peer: IpAddr, info_hash: &[u8; 20], now: Timestamp) -> bool {
        let key = (peer, *info_hash);
        self.partial_seeds.get(&key, now).is_some()
    }
}
