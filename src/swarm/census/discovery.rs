//! What the DHT, trackers and local discovery say of torrents and their peers.

use std::net::{IpAddr, SocketAddr};

use super::counted::{Census, MAX_IDS, learned};
use crate::packet::Stamp;
use crate::session::Heard;
use crate::swarm::asked::Asked;
use crate::swarm::mark::Source;
use crate::swarm::peer::{Announced, How};
use crate::swarm::torrent::Claims;
use crate::wire::http_tracker::{Parameters, Peers, Purpose, Response};
use crate::wire::{Message, compact, dht, udp_tracker};

impl Census {
    /// Takes in a message.
    pub fn hear(&mut self, heard: &Heard<'_>) {
        let Some(message) = heard.message() else {
            return;
        };
        let query = heard.query().map(|query| query.frame);
        match message {
            Message::Peer(message) => {
                if let Some(conversation) = heard.conversation {
                    self.hear_peer(heard, message, conversation);
                }
            }
            Message::Dht(message) => self.hear_dht(heard, message, query),
            Message::UdpTracker(message) => self.hear_udp_tracker(heard, &message.body, query),
            Message::HttpRequest(message) if message.purpose == Purpose::Announce => {
                self.hear_http_request(heard, &message.parameters);
            }
            Message::HttpResponse(message) => {
                if let Some(request) = query {
                    self.hear_http_response(heard, message, request);
                }
            }
            Message::Lsd(message) => {
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
                    ..Announced::default()
                };
                self.name_id(announce.info_hash, &announce.peer_id, by);
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
                    ..Claims::default()
                };
                self.tracker(asked.hash, heard.src.to_string(), &claims);
                let addresses: Vec<_> = response.addresses().collect();
                self.learn_all(asked, &addresses, heard);
            }
            _ => {}
        }
    }

    /// A peer told a tracker where it takes connections.
    fn name_id(&mut self, hash: [u8; 20], peer_id: &[u8], at: SocketAddr) {
        let Ok(peer_id) = <[u8; 20]>::try_from(peer_id) else {
            return;
        };
        let key = (hash, peer_id);
        let has_room = self.by_peer_id.len() < MAX_IDS || self.by_peer_id.contains_key(&key);
        if has_room && at.port() != 0 {
            self.by_peer_id.insert(key, at);
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
            ..Announced::default()
        };
        let peer_id = parameters.peer_id.as_deref().unwrap_or_default();
        for hash in &parameters.info_hashes {
            if let Ok(hash) = <[u8; 20]>::try_from(&hash[..]) {
                self.name_id(hash, peer_id, by);
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
                    ..Claims::default()
                };
                self.tracker(hash, heard.src.to_string(), &claims);
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
            ..Claims::default()
        };
        self.tracker(asked.hash, heard.src.to_string(), &claims);
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
}
