//! Listens to whatever names a torrent, or a peer of one.

use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

use super::asked::{Asked, Requests};
use super::mark::Source;
use super::peer::{Announced, Dialled, How, Learned, Outcome, Peer};
use super::torrent::{Claims, Swarm};
use crate::flow::{Close, Side};
use crate::packet::Stamp;
use crate::session::{
    Certainty, ConnectionEvent, Content, Conversation, Ended, Heard, Torrents, WebEvent, WebPart,
};
use crate::torrent::Magnet;
use crate::wire::extension::Body;
use crate::wire::http_tracker::{Parameters, Peers, Purpose, Response};
use crate::wire::peer::Message;
use crate::wire::{compact, dht, percent, udp_tracker};

/// Torrents that are told apart.
const MAX_TORRENTS: usize = 4096;

/// Peers of all torrents: about 300 bytes each.
const MAX_PEERS: usize = 1 << 15;

/// How addresses were learned, and what came of dialling them, of all peers.
const MAX_ENTRIES: usize = 1 << 16;

/// Pairs of peers of all torrents that sent each other data.
const MAX_FLOWS: usize = 1 << 15;

/// Trackers of all torrents.
const MAX_TRACKERS: usize = 1 << 12;

/// Attempts at connections that failed.
const MAX_ATTEMPTS: usize = 1 << 12;

/// The longest magnet link that is looked for, in bytes.
const MAX_LINK: usize = 4 << 10;

/// What was not kept, to bound memory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LeftOut {
    /// Mentions of torrents.
    pub torrents: u64,
    /// Mentions of peers, of who served whom, of trackers, and attempts.
    pub others: u64,
    /// Requests that were forgotten before their reply.
    pub requests: u64,
}

/// The listener.
#[derive(Debug, Default)]
pub struct Census {
    swarms: BTreeMap<[u8; 20], Swarm>,
    requests: Requests,
    attempts: Vec<ConnectionEvent>,
    peers: usize,
    entries: usize,
    flows: usize,
    trackers: usize,
    left_out: LeftOut,
}

impl Census {
    /// The torrent of a hash, unless there are too many.
    fn swarm(&mut self, hash: [u8; 20]) -> Option<&mut Swarm> {
        if self.swarms.len() >= MAX_TORRENTS && !self.swarms.contains_key(&hash) {
            self.left_out.torrents += 1;
            return None;
        }
        let swarm = self.swarms.entry(hash);
        Some(swarm.or_insert_with(|| Swarm::new(hash)))
    }

    /// Something is about a torrent.
    fn mark(&mut self, hash: [u8; 20], source: Source, at: Stamp) {
        if let Some(swarm) = self.swarm(hash) {
            swarm.mark(source, at);
        }
    }

    /// A peer of a torrent, unless there are too many, or nobody can be there.
    fn peer(&mut self, hash: [u8; 20], address: SocketAddr) -> Option<&mut Peer> {
        if address.port() == 0 || address.ip().is_unspecified() {
            return None;
        }
        let address = canonical(address);
        let is_full = self.peers >= MAX_PEERS;
        let swarm = self.swarm(hash)?;
        let is_known = swarm.peers.contains_key(&address);
        if is_full && !is_known {
            self.left_out.others += 1;
            return None;
        }
        self.peers += usize::from(!is_known);
        let swarm = self.swarms.get_mut(&hash)?;
        Some(swarm.peers.entry(address).or_default())
    }

    fn claim(&mut self, hash: [u8; 20], address: SocketAddr) {
        if let Some(peer) = self.peer(hash, address) {
            peer.has_claimed = true;
        }
    }

    fn learn(&mut self, hash: [u8; 20], address: SocketAddr, learned: Learned) {
        let have_room = self.entries < MAX_ENTRIES;
        if let Some(peer) = self.peer(hash, address) {
            let is_kept = peer.learn(learned, have_room);
            self.entries += usize::from(is_kept);
        }
    }

    /// What a tracker says of a torrent.
    fn tracker(&mut self, hash: [u8; 20], tracker: String, claims: Claims) {
        let is_full = self.trackers >= MAX_TRACKERS;
        let Some(swarm) = self.swarm(hash) else {
            return;
        };
        let is_known = swarm.trackers.contains_key(&tracker);
        if is_full && !is_known {
            self.left_out.others += 1;
            return;
        }
        let known = swarm.trackers.entry(tracker).or_default();
        let answers = known.answers + claims.answers;
        *known = Claims {
            seeders: claims.seeders.or(known.seeders),
            leechers: claims.leechers.or(known.leechers),
            completed: claims.completed.or(known.completed),
            frame: claims.frame,
            answers,
        };
        self.trackers += usize::from(!is_known);
    }

    /// Something else names a torrent.
    pub fn add_source(&mut self, hash: [u8; 20], source: Source) {
        if let Some(swarm) = self.swarm(hash) {
            swarm.sources.insert(source);
        }
    }

    /// Takes in a message.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        match &heard.content {
            Content::Peer {
                message: Message::Extended(extended),
                ..
            } => {
                if let (Body::UtPex(pex), Some(conversation)) = (&extended.body, heard.conversation)
                    && let Some(hash) = conversation.info_hash()
                {
                    let by = taking(conversation, heard.dst, heard.from.other());
                    let from = taking(conversation, heard.src, heard.from);
                    for (address, _) in pex.added() {
                        let frame = heard.last.frame;
                        self.learn(hash, address, learned(Some(by), How::Pex, from, frame));
                    }
                    if let Some(swarm) = self.swarm(hash) {
                        swarm.stray(How::Pex, heard.last.frame);
                    }
                }
            }
            Content::Dht { message, query, .. } => {
                let query = query.map(|query| query.stamp.frame);
                self.hear_dht(heard, message, query);
            }
            Content::UdpTracker { message, seen, .. } => {
                let request = seen.request.map(|stamp| stamp.frame);
                self.hear_udp_tracker(heard, &message.body, request);
            }
            Content::HttpRequest { message, .. } if message.purpose == Purpose::Announce => {
                self.hear_http_request(heard, &message.parameters);
            }
            Content::HttpResponse {
                message, request, ..
            } => {
                self.hear_http_response(heard, message, request.frame);
            }
            Content::Lsd { message, .. } => {
                let port = message.port.unwrap_or(0);
                let address = SocketAddr::new(heard.src.ip(), port);
                for digits in &message.info_hashes {
                    let mut hash = [0; 20];
                    if hex::decode_to_slice(digits, &mut hash).is_ok() {
                        self.mark(hash, Source::Lsd, heard.last);
                        self.claim(hash, address);
                        let frame = heard.last.frame;
                        self.learn(hash, address, learned(None, How::Lsd, heard.src, frame));
                        if let Some(swarm) = self.swarm(hash) {
                            swarm.stray(How::Lsd, frame);
                        }
                    }
                }
            }
            _ => {}
        }
    }

    fn hear_dht(&mut self, heard: &Heard<'_>, message: &dht::Message<'_>, query: Option<u64>) {
        let at = heard.last;
        match &message.body {
            dht::Body::Query(query) => {
                let hash = query
                    .arguments
                    .info_hash
                    .and_then(|hash| hash.try_into().ok());
                let Some(hash) = hash else {
                    return;
                };
                let is_announce = query.method == dht::Method::ANNOUNCE_PEER;
                if !is_announce && query.method != dht::Method::GET_PEERS {
                    return;
                }
                self.mark(hash, Source::Dht, at);
                if let Some(swarm) = self.swarm(hash) {
                    swarm.stray(How::Dht, at.frame);
                }
                let by = heard.src;
                if !is_announce {
                    return self.requests.add(at.frame, Asked { hash, by });
                }
                let is_implied = query
                    .arguments
                    .implied_port
                    .is_some_and(|implied| implied != 0);
                let named = query
                    .arguments
                    .port
                    .and_then(|port| u16::try_from(port).ok());
                let port = if is_implied { Some(by.port()) } else { named };
                self.claim(hash, SocketAddr::new(by.ip(), port.unwrap_or(0)));
            }
            dht::Body::Response(response) => {
                let values = response.results.values.iter().flatten();
                let values: Vec<_> = values.filter_map(|value| compact::address(value)).collect();
                if values.is_empty() {
                    return;
                }
                let Some(asked) = query.and_then(|frame| self.requests.answered(frame)) else {
                    return;
                };
                for address in values {
                    let learned = learned(Some(asked.by), How::Dht, heard.src, at.frame);
                    self.learn(asked.hash, address, learned);
                }
                if let Some(swarm) = self.swarm(asked.hash) {
                    swarm.touch(at);
                }
            }
            _ => {}
        }
    }

    fn hear_udp_tracker(
        &mut self,
        heard: &Heard<'_>,
        body: &udp_tracker::Body<'_>,
        request: Option<u64>,
    ) {
        let at = heard.last;
        match body {
            udp_tracker::Body::AnnounceRequest(announce) => {
                let by = SocketAddr::new(heard.src.ip(), announce.port);
                let announced = Announced {
                    uploaded: announce.uploaded,
                    downloaded: announce.downloaded,
                    left: announce.left,
                    frame: at.frame,
                };
                self.announce(announce.info_hash, by, announced, at);
            }
            udp_tracker::Body::AnnounceResponse(response) => {
                let Some(asked) = request.and_then(|frame| self.requests.answered(frame)) else {
                    return;
                };
                let claims = Claims {
                    seeders: Some(response.seeders.into()),
                    leechers: Some(response.leechers.into()),
                    completed: None,
                    frame: at.frame,
                    answers: 1,
                };
                self.tracker(asked.hash, heard.src.to_string(), claims);
                let addresses: Vec<_> = response.addresses().collect();
                self.learn_all(asked, &addresses, heard);
            }
            _ => {}
        }
    }

    fn announce(&mut self, hash: [u8; 20], by: SocketAddr, announced: Announced, at: Stamp) {
        self.mark(hash, Source::Tracker, at);
        if let Some(peer) = self.peer(hash, by) {
            peer.has_claimed = true;
            peer.is_seed |= announced.left == 0;
            peer.announce(announced);
        }
        self.requests.add(at.frame, Asked { hash, by });
    }

    fn learn_all(&mut self, asked: Asked, addresses: &[SocketAddr], heard: &Heard<'_>) {
        for address in addresses {
            let learned = learned(Some(asked.by), How::Tracker, heard.src, heard.last.frame);
            self.learn(asked.hash, *address, learned);
        }
        if let Some(swarm) = self.swarm(asked.hash) {
            swarm.touch(heard.last);
        }
    }

    fn hear_http_request(&mut self, heard: &Heard<'_>, parameters: &Parameters<'_>) {
        let port = parameters.port.and_then(|port| u16::try_from(port).ok());
        let by = SocketAddr::new(heard.src.ip(), port.unwrap_or(0));
        let announced = Announced {
            uploaded: parameters.uploaded.unwrap_or(0),
            downloaded: parameters.downloaded.unwrap_or(0),
            left: parameters.left.unwrap_or(u64::MAX),
            frame: heard.last.frame,
        };
        for hash in &parameters.info_hashes {
            if let Ok(hash) = <[u8; 20]>::try_from(&hash[..]) {
                self.announce(hash, by, announced, heard.last);
            }
        }
    }

    fn hear_http_response(&mut self, heard: &Heard<'_>, response: &Response<'_>, request: u64) {
        let reply = &response.reply;
        let number = |value: Option<i64>| value.and_then(|value| u64::try_from(value).ok());
        for torrent in reply.torrents.iter().flatten() {
            if let Ok(hash) = <[u8; 20]>::try_from(&torrent.info_hash[..]) {
                let claims = Claims {
                    seeders: number(torrent.complete),
                    leechers: number(torrent.incomplete),
                    completed: number(torrent.downloaded),
                    frame: heard.last.frame,
                    answers: 0,
                };
                self.tracker(hash, heard.src.to_string(), claims);
            }
        }
        if response.purpose != Purpose::Announce {
            return;
        }
        let Some(asked) = self.requests.answered(request) else {
            return;
        };
        let claims = Claims {
            seeders: number(reply.complete),
            leechers: number(reply.incomplete),
            completed: number(reply.downloaded),
            frame: heard.last.frame,
            answers: 1,
        };
        self.tracker(asked.hash, heard.src.to_string(), claims);
        let mut addresses = Vec::new();
        match &reply.peers {
            Some(Peers::Compact(peers)) => {
                addresses.extend(compact::addresses(peers, compact::Family::V4));
            }
            Some(Peers::List(peers)) => {
                let listed = peers.iter().filter_map(|peer| {
                    let ip: IpAddr = std::str::from_utf8(peer.ip.as_deref()?)
                        .ok()?
                        .parse()
                        .ok()?;
                    Some(SocketAddr::new(ip, u16::try_from(peer.port?).ok()?))
                });
                addresses.extend(listed);
            }
            None => {}
        }
        let v6 = reply.peers6.as_deref().unwrap_or_default();
        addresses.extend(compact::addresses(v6, compact::Family::V6));
        self.learn_all(asked, &addresses, heard);
    }

    /// A connection between peers is over.
    pub fn ended(&mut self, ended: &Ended<'_>) {
        let (connection, conversation) = (ended.connection, ended.conversation);
        let Some(hash) = conversation.info_hash() else {
            return;
        };
        if conversation.certainty <= Certainty::Likely {
            return;
        }
        self.mark(hash, Source::Handshake, connection.first);
        self.mark(hash, Source::Handshake, connection.last);
        let ends = Side::BOTH.map(|side| taking(conversation, connection.address(side), side));
        let pieces = conversation.pieces();
        for side in Side::BOTH {
            let (own, other) = (
                conversation.speaker(side),
                conversation.speaker(side.other()),
            );
            let Some(peer) = self.peer(hash, ends[side.index()]) else {
                continue;
            };
            peer.has_claimed |= own.info_hash().is_some();
            peer.sessions += 1;
            peer.served += own.payload_bytes - own.payload_missing;
            peer.received += other.payload_bytes - other.payload_missing;
            peer.client = peer.client.take().or_else(|| own.client());
            if let Some(count) = own.pieces.count(pieces).filter(|_| own.pieces.is_stated()) {
                let first = peer.pieces.map_or(count, |[first, _]| first);
                peer.pieces = Some([first, count]);
            }
            peer.is_seed |=
                own.pieces.said_all() || pieces.is_some_and(|all| own.pieces.is_all(all));
        }
        self.note_meeting(hash, ended, ends);
        for side in Side::BOTH {
            let own = conversation.speaker(side);
            let bytes = own.payload_bytes - own.payload_missing;
            self.flow(hash, ends[side.index()], ends[1 - side.index()], bytes);
        }
    }

    /// The acceptor was dialled, and learned of the initiator.
    fn note_meeting(&mut self, hash: [u8; 20], ended: &Ended<'_>, ends: [SocketAddr; 2]) {
        let first = ended.connection.first;
        if !ended.connection.from_start {
            return;
        }
        let dialled = Dialled {
            by: ends[0],
            time: first.time,
            frame: first.frame,
            outcome: Outcome::Connected(match ended.how {
                Close::Fin => "closed",
                Close::Reset => "reset",
                Close::Replaced => "replaced",
                Close::Evicted | Close::Open => "open",
            }),
        };
        let have_room = self.entries < MAX_ENTRIES;
        if let Some(peer) = self.peer(hash, ends[1]) {
            let is_kept = peer.dial(dialled, have_room);
            self.entries += usize::from(is_kept);
        }
        let from = ended.connection.address(Side::Initiator);
        self.learn(
            hash,
            ends[0],
            learned(Some(ends[1]), How::Incoming, from, first.frame),
        );
    }

    fn flow(&mut self, hash: [u8; 20], from: SocketAddr, to: SocketAddr, bytes: u64) {
        let is_full = self.flows >= MAX_FLOWS;
        let Some(swarm) = self.swarm(hash).filter(|_| bytes > 0) else {
            return;
        };
        let ends = (canonical(from), canonical(to));
        let is_known = swarm.flows.contains_key(&ends);
        if is_full && !is_known {
            self.left_out.others += 1;
            return;
        }
        *swarm.flows.entry(ends).or_default() += bytes;
        self.flows += usize::from(!is_known);
    }

    /// An attempt at a connection failed.
    pub fn connection(&mut self, event: &ConnectionEvent) {
        if !event.change.is_failure() || event.named.is_none() {
            return;
        }
        if self.attempts.len() < MAX_ATTEMPTS {
            self.attempts.push(event.clone());
        } else {
            self.left_out.others += 1;
        }
    }

    /// Takes in a step of an exchange of HTTP: magnet links in it.
    pub fn web(&mut self, part: &WebPart<'_>) {
        let at = part.stamp;
        let text = match part.event {
            WebEvent::Request(head) | WebEvent::Response { head, .. } => head,
            WebEvent::Body { bytes, .. } => bytes,
            WebEvent::End => return,
        };
        for start in memchr::memmem::find_iter(text, b"magnet:?") {
            let rest = &text[start..text.len().min(start + MAX_LINK)];
            let end = rest.iter().position(|byte| b"\"'<> \r\n".contains(byte));
            let link = String::from_utf8_lossy(&rest[..end.unwrap_or(rest.len())]);
            self.magnet(&link.replace("&amp;", "&"), at, part.server);
        }
        // As a part of a URL it is escaped.
        if let WebEvent::Request(head) = part.event
            && let Some(start) = memchr::memmem::find(head, b"magnet%3A%3F")
        {
            let rest = &head[start..];
            let end = rest.iter().position(|byte| b"& \r\n".contains(byte));
            let link = percent::decode(&rest[..end.unwrap_or(rest.len())]).into_owned();
            self.magnet(&String::from_utf8_lossy(&link), at, part.server);
        }
    }

    fn magnet(&mut self, link: &str, at: Stamp, from: SocketAddr) {
        let Ok(magnet) = Magnet::parse(link) else {
            return;
        };
        let v2 = magnet
            .wanted
            .v2
            .map(|hash| std::array::from_fn(|at| hash[at]));
        let Some(hash) = magnet.wanted.v1.or(v2) else {
            return;
        };
        self.mark(hash, Source::Magnet, at);
        for peer in &magnet.peers {
            if let Ok(address) = peer.parse() {
                self.learn(hash, address, learned(None, How::Magnet, from, at.frame));
            }
        }
        if let Some(swarm) = self.swarm(hash) {
            swarm.name = swarm.name.take().or(magnet.name);
        }
    }

    /// The capture is over: `torrents` are those whose info dictionary is known. Gives
    /// the swarms in the order of their info-hashes.
    pub fn finish(mut self, torrents: &Torrents) -> (Vec<Swarm>, LeftOut) {
        for torrent in torrents.all() {
            let info = torrent.info();
            let mut joined: Option<Swarm> = None;
            for hash in info.info_hashes() {
                match (self.swarms.remove(&hash), &mut joined) {
                    (Some(swarm), None) => joined = Some(swarm),
                    (Some(swarm), Some(joined)) => joined.merge(swarm),
                    (None, _) => {}
                }
            }
            let Some(mut swarm) = joined else {
                continue;
            };
            swarm.hash = info.info_hashes().next().unwrap_or(swarm.hash);
            swarm.v1 = info.v1_hash();
            swarm.v2 = info.v2_hash();
            swarm.name = Some(info.name().into_owned());
            swarm.length = Some(info.total_size());
            swarm.pieces = Some(info.piece_count());
            swarm.is_private = info.is_private();
            self.swarms.insert(swarm.hash, swarm);
        }
        for event in std::mem::take(&mut self.attempts) {
            let address = canonical(event.ends[1]);
            for swarm in self.swarms.values_mut() {
                if let Some(peer) = swarm.peers.get_mut(&address) {
                    let dialled = Dialled {
                        by: event.ends[0],
                        time: event.first.time,
                        frame: event.first.frame,
                        outcome: Outcome::Failed(event.change.name()),
                    };
                    let is_kept = peer.dial(dialled, self.entries < MAX_ENTRIES);
                    self.entries += usize::from(is_kept);
                }
            }
        }
        self.left_out.requests = self.requests.forgotten;
        (self.swarms.into_values().collect(), self.left_out)
    }
}

fn learned(by: Option<SocketAddr>, how: How, from: SocketAddr, frame: u64) -> Learned {
    Learned {
        by,
        how,
        from,
        frame,
    }
}

/// The address at which a peer takes connections: where it was dialled, else with the port
/// of its extended handshake, where it names one.
fn taking(conversation: &Conversation, address: SocketAddr, side: Side) -> SocketAddr {
    let named = conversation.speaker(side).limits.p;
    let port = named
        .and_then(|port| u16::try_from(port).ok())
        .filter(|port| *port != 0);
    match (side, port) {
        (Side::Initiator, Some(port)) => SocketAddr::new(address.ip(), port),
        _ => address,
    }
}

/// An IPv4 address that is written as IPv6 is the same address.
fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}
