//! Known ends: addresses that BitTorrent messages of this capture name as those
//! of peers.
//!
//! Where bytes alone do not say that a connection is BitTorrent (it is encrypted,
//! or never came to be), the address that was dialled may: a tracker, the DHT or
//! a peer has named it, or it took part in a connection that is proven. The
//! pipeline fills the index as it goes, so what it answers is what is known *so
//! far*; `Pipeline::finish` hands it over for those who judge by the whole
//! capture.
//!
//! Only an *acceptor* is looked up: a port that was dialled from means nothing.
//! The port counts too: another one on a peer's machine is another program.

use std::net::{IpAddr, SocketAddr};

use super::certainty::Certainty;
use super::event::Heard;
use super::greetings::Greetings;
use super::recent::Recent;
use crate::capture::Timestamp;
use crate::packet::Stamp;
use crate::wire::extension::Body;
use crate::wire::http_tracker::Peers;
use crate::wire::{Message, compact, dht, peer, udp_tracker};

/// Ends that are remembered at most, half as many for sure: about 5 MB.
const MAX_ENDS: usize = 1 << 15;

/// What has named an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamedBy {
    /// A tracker's reply, or the peer's own announce to it.
    Tracker,
    /// `values` of the DHT (BEP 5), or the peer's own announce to it.
    Dht,
    /// Another peer (BEP 11, BEP 55).
    Peer,
    /// Itself, to its local network (BEP 14).
    Lsd,
    /// Itself: the port of its extended handshake (BEP 10).
    ExtendedHandshake,
    /// Another connection, which it accepted and which is proven.
    Connection,
}

/// That an end was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Naming {
    /// By what, the first time.
    pub by: NamedBy,
    /// The packet that did.
    pub frame: u64,
}

/// What is known of an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It is a peer's.
    Peer(Naming),
    /// It speaks something else: what it says begins alike each time, which
    /// encrypted peers never do.
    Foreign,
    /// Nothing.
    Unknown,
}

/// The index.
#[derive(Debug)]
pub struct Ends {
    named: Recent<SocketAddr, Naming>,
    greetings: Greetings,
}

impl Default for Ends {
    fn default() -> Self {
        Self {
            named: Recent::new(MAX_ENDS, i64::MAX),
            greetings: Greetings::default(),
        }
    }
}

impl Ends {
    /// Ends that were forgotten, to bound memory.
    pub fn forgotten(&self) -> u64 {
        self.named.forgotten()
    }

    /// What is known of the acceptor `end`.
    pub fn standing(&self, end: SocketAddr) -> Standing {
        match self.named(end) {
            Some(naming) => Standing::Peer(naming),
            None if self.greetings.is_foreign(end) => Standing::Foreign,
            None => Standing::Unknown,
        }
    }

    /// How sure it is that a connection that `acceptor` took is encrypted
    /// BitTorrent, by what is known of that end now.
    pub fn raised(&self, certainty: Certainty, acceptor: SocketAddr) -> Certainty {
        match certainty {
            Certainty::Likely if self.named(acceptor).is_some() => Certainty::Inferred,
            _ => certainty,
        }
    }

    /// Who has named the acceptor `end` as a peer's, if anyone did.
    pub fn named(&self, end: SocketAddr) -> Option<Naming> {
        let end = canonical(end);
        let found = self.named.get(&end, Timestamp::UNKNOWN);
        found.map(|(naming, _)| *naming)
    }

    /// `end` accepted a connection that has proved to be BitTorrent.
    pub fn accepted(&mut self, end: SocketAddr, at: Stamp) {
        self.name(end, NamedBy::Connection, at);
    }

    /// The first bytes of both sides of a connection that `acceptor` took and that
    /// may be encrypted BitTorrent.
    pub fn greeted(&mut self, acceptor: SocketAddr, sides: [&[u8]; 2], at: Stamp) {
        self.greetings.add(canonical(acceptor), sides, at);
    }

    /// Takes in the addresses that a message names.
    #[inline]
    pub fn hear(&mut self, heard: &Heard<'_>) {
        match heard.message() {
            // The many messages that name nobody cost one comparison.
            Some(Message::Peer(message)) => {
                if let peer::Message::Extended(extended) = message {
                    self.hear_extended(heard, &extended.body);
                }
            }
            Some(Message::Mse(_)) | None => {}
            Some(message) => self.hear_discovery(heard, message),
        }
    }

    fn hear_extended(&mut self, heard: &Heard<'_>, body: &Body<'_>) {
        let at = heard.last;
        match body {
            Body::Handshake(handshake) => {
                let Some(port) = handshake.p.and_then(port) else {
                    return;
                };
                let others = [
                    handshake.ipv4.map(IpAddr::from),
                    handshake.ipv6.map(IpAddr::from),
                ];
                let own = std::iter::once(heard.src.ip());
                for ip in own.chain(others.into_iter().flatten()) {
                    self.name(SocketAddr::new(ip, port), NamedBy::ExtendedHandshake, at);
                }
            }
            Body::UtPex(pex) => {
                let added = pex.added().map(|(end, _)| end);
                for end in added.chain(pex.dropped()) {
                    self.name(end, NamedBy::Peer, at);
                }
            }
            Body::UtHolepunch(holepunch) => self.name(holepunch.addr, NamedBy::Peer, at),
            _ => {}
        }
    }

    fn hear_discovery(&mut self, heard: &Heard<'_>, message: &Message<'_>) {
        let (src, at) = (heard.src, heard.last);
        let at_port = |port| SocketAddr::new(src.ip(), port);
        match message {
            Message::Dht(message) => match &message.body {
                dht::Body::Query(query) if query.method == dht::Method::ANNOUNCE_PEER => {
                    let arguments = &query.arguments;
                    let is_implied = arguments.implied_port.is_some_and(|implied| implied != 0);
                    let named = arguments.port.and_then(port);
                    let port = if is_implied { Some(src.port()) } else { named };
                    if let Some(port) = port {
                        self.name(at_port(port), NamedBy::Dht, at);
                    }
                }
                dht::Body::Response(response) => {
                    let values = response.results.values.iter().flatten();
                    for end in values.filter_map(|value| compact::address(value)) {
                        self.name(end, NamedBy::Dht, at);
                    }
                }
                _ => {}
            },
            Message::UdpTracker(message) => match &message.body {
                udp_tracker::Body::AnnounceRequest(announce) => {
                    self.name(at_port(announce.port), NamedBy::Tracker, at);
                }
                udp_tracker::Body::AnnounceResponse(response) => {
                    for end in response.addresses() {
                        self.name(end, NamedBy::Tracker, at);
                    }
                }
                _ => {}
            },
            Message::HttpRequest(message) => {
                let port = message.parameters.port;
                if let Some(port) = port.and_then(|port| u16::try_from(port).ok()) {
                    self.name(at_port(port), NamedBy::Tracker, at);
                }
            }
            Message::HttpResponse(message) => {
                let reply = &message.reply;
                let v4 = match &reply.peers {
                    Some(Peers::Compact(peers)) => &peers[..],
                    _ => &[],
                };
                let v6 = reply.peers6.as_deref().unwrap_or_default();
                let listed = match &reply.peers {
                    Some(Peers::List(peers)) => &peers[..],
                    _ => &[],
                };
                let listed = listed.iter().filter_map(|peer| {
                    let ip = std::str::from_utf8(peer.ip.as_deref()?).ok()?;
                    Some(SocketAddr::new(ip.parse().ok()?, port(peer.port?)?))
                });
                let packed = compact::addresses(v4, compact::Family::V4)
                    .chain(compact::addresses(v6, compact::Family::V6));
                for end in packed.chain(listed) {
                    self.name(end, NamedBy::Tracker, at);
                }
            }
            Message::Lsd(message) => {
                if let Some(port) = message.port {
                    self.name(at_port(port), NamedBy::Lsd, at);
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, end: SocketAddr, by: NamedBy, at: Stamp) {
        if end.port() == 0 || end.ip().is_unspecified() {
            return;
        }
        let end = canonical(end);
        // Named again it is as good as new; who was first stays.
        if self.named.renew(&end, at).is_none() {
            let frame = at.frame;
            self.named.insert(end, Naming { by, frame }, at);
        }
    }
}

/// An IPv4 address that is written as IPv6 is the same address.
fn canonical(end: SocketAddr) -> SocketAddr {
    SocketAddr::new(end.ip().to_canonical(), end.port())
}

fn port(number: i64) -> Option<u16> {
    u16::try_from(number).ok()
}

#[cfg(test)]
#[path = "ends_tests.rs"]
mod tests;
