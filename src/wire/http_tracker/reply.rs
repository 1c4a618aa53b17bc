//! The bencoded body of a response.

use std::net::{IpAddr, SocketAddr};

use super::anomalies;
use crate::wire::bencode::{Dict, Document, List, Node, TokenKind};
use crate::wire::compact::{self, Family};
use crate::wire::reader::Malformed;

/// What a tracker says. It owns its values: a body may have been compressed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reply {
    /// Why the tracker refuses.
    pub failure_reason: Option<Vec<u8>>,
    /// Something for the user to know.
    pub warning_message: Option<Vec<u8>>,
    /// Seconds to wait before the next announce.
    pub interval: Option<i64>,
    /// Seconds that must pass before the next announce.
    pub min_interval: Option<i64>,
    /// To be given back.
    pub tracker_id: Option<Vec<u8>>,
    /// Peers that have everything.
    pub complete: Option<i64>,
    /// Peers that lack something.
    pub incomplete: Option<i64>,
    /// Downloads completed so far.
    pub downloaded: Option<i64>,
    /// `peers`
    pub peers: Option<Peers>,
    /// `peers6`: a string of 18-byte peers (BEP 7).
    pub peers6: Option<Vec<u8>>,
    /// The client's address as the tracker sees it, 4 or 16 bytes (BEP 24).
    pub external_ip: Option<Vec<u8>>,
    /// `files`: counts by torrent (BEP 48).
    pub torrents: Option<Vec<Torrent>>,
}

/// Peers in one of two forms.
#[derive(Debug, Clone, PartialEq)]
pub enum Peers {
    /// A string of 6-byte peers (BEP 23).
    Compact(Vec<u8>),
    /// A list of dictionaries (BEP 3).
    List(Vec<Peer>),
}

/// A peer of the long form.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Peer {
    /// 20 bytes.
    pub id: Option<Vec<u8>>,
    /// An address or a host name, as text.
    pub ip: Option<Vec<u8>>,
    /// The port.
    pub port: Option<i64>,
}

/// The counts of one torrent.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Torrent {
    /// 20 bytes.
    pub info_hash: Vec<u8>,
    /// Peers that have everything.
    pub complete: Option<i64>,
    /// Downloads completed so far.
    pub downloaded: Option<i64>,
    /// Peers that lack something.
    pub incomplete: Option<i64>,
}

impl Peers {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Compact(bytes) => bytes.len() / Family::V4.size(),
            Self::List(peers) => peers.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Those that have a host name for an address (BEP 3 allows both), and its
    /// port.
    pub fn names(&self) -> impl Iterator<Item = (&str, u16)> {
        let list = match self {
            Self::Compact(_) => &[],
            Self::List(peers) => &peers[..],
        };
        let named = list.iter().filter(|peer| peer.address().is_none());
        named.filter_map(|peer| Some((peer.host()?, peer.port()?)))
    }

    /// Their addresses, without those that have a name only.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        match self {
            Self::Compact(bytes) => compact::addresses(bytes, Family::V4).collect(),
            Self::List(peers) => peers.iter().filter_map(Peer::address).collect(),
        }
    }
}

impl Peer {
    fn address(&self) -> Option<SocketAddr> {
        let ip: IpAddr = self.host()?.parse().ok()?;
        Some(SocketAddr::new(ip, self.port()?))
    }

    fn host(&self) -> Option<&str> {
        std::str::from_utf8(self.ip.as_deref()?).ok()
    }

    fn port(&self) -> Option<u16> {
        u16::try_from(self.port?).ok()
    }
}

impl Reply {
    /// How many peers it names, of both families.
    pub fn peer_count(&self) -> Option<usize> {
        let peers = self.peers.as_ref().map(Peers::len);
        let peers6 = self
            .peers6
            .as_ref()
            .map(|peers| peers.len() / Family::V6.size());
        match (peers, peers6) {
            (None, None) => None,
            (peers, peers6) => Some(peers.unwrap_or(0) + peers6.unwrap_or(0)),
        }
    }

    /// Reads the body of a response, neither compressed nor in chunks. Keys whose
    /// values are of the wrong type count as absent, as they do in a capture.
    ///
    /// # Errors
    ///
    /// What is no whole bencoded dictionary, with the offset of its fault.
    pub fn parse(body: &[u8]) -> Result<Self, Malformed> {
        let document = Document::parse(body);
        match whole_dictionary(&document) {
            Ok(_) => Ok(Self::read(&document)),
            Err(malformed) => Err(malformed),
        }
    }

    /// Reads the dictionary.
    pub(super) fn read(document: &Document<'_>) -> Self {
        let mut reply = Self::default();
        for (key, value) in document.root().iter().flat_map(Node::entries) {
            let r = &mut reply;
            match key {
                b"failure reason" => r.failure_reason = bytes(value),
                b"warning message" => r.warning_message = bytes(value),
                b"interval" => r.interval = value.as_int(),
                b"min interval" => r.min_interval = value.as_int(),
                b"tracker id" => r.tracker_id = bytes(value),
                b"complete" => r.complete = value.as_int(),
                b"incomplete" => r.incomplete = value.as_int(),
                b"downloaded" => r.downloaded = value.as_int(),
                b"peers" => r.peers = peers(value),
                b"peers6" => r.peers6 = bytes(value),
                b"external ip" => r.external_ip = bytes(value),
                b"files" => r.torrents = Some(value.entries().map(torrent).collect()),
                _ => {}
            }
        }
        reply
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let dict = Dict::new()
            .maybe_bytes("failure reason", self.failure_reason.as_deref())
            .maybe_bytes("warning message", self.warning_message.as_deref())
            .maybe_int("interval", self.interval)
            .maybe_int("min interval", self.min_interval)
            .maybe_bytes("tracker id", self.tracker_id.as_deref())
            .maybe_int("complete", self.complete)
            .maybe_int("incomplete", self.incomplete)
            .maybe_int("downloaded", self.downloaded)
            .maybe_bytes("peers6", self.peers6.as_deref())
            .maybe_bytes("external ip", self.external_ip.as_deref());
        let dict = match &self.peers {
            Some(Peers::Compact(bytes)) => dict.bytes("peers", bytes),
            Some(Peers::List(peers)) => {
                let list = peers
                    .iter()
                    .fold(List::new(), |list, peer| list.dict(&peer.dict()));
                dict.list("peers", list)
            }
            None => dict,
        };
        match &self.torrents {
            Some(torrents) => dict.dict("files", &files(torrents)),
            None => dict,
        }
        .encode()
    }
}

impl Peer {
    fn dict(&self) -> Dict {
        Dict::new()
            .maybe_bytes("peer id", self.id.as_deref())
            .maybe_bytes("ip", self.ip.as_deref())
            .maybe_int("port", self.port)
    }
}

fn files(torrents: &[Torrent]) -> Dict {
    torrents.iter().fold(Dict::new(), |dict, torrent| {
        let counts = Dict::new()
            .maybe_int("complete", torrent.complete)
            .maybe_int("downloaded", torrent.downloaded)
            .maybe_int("incomplete", torrent.incomplete);
        dict.dict(&torrent.info_hash, &counts)
    })
}

fn bytes(value: Node<'_, '_>) -> Option<Vec<u8>> {
    value.as_bytes().map(<[u8]>::to_vec)
}

fn peers(value: Node<'_, '_>) -> Option<Peers> {
    match value.kind() {
        TokenKind::Bytes => bytes(value).map(Peers::Compact),
        TokenKind::List => Some(Peers::List(value.items().map(peer).collect())),
        TokenKind::Int | TokenKind::Dict => None,
    }
}

fn peer(dict: Node<'_, '_>) -> Peer {
    Peer {
        id: dict.get(b"peer id").and_then(bytes),
        ip: dict.get(b"ip").and_then(bytes),
        port: dict.get(b"port").and_then(|port| port.lenient_int()),
    }
}

fn torrent((info_hash, counts): (&[u8], Node<'_, '_>)) -> Torrent {
    let count = |key: &[u8]| counts.get(key).and_then(|count| count.as_int());
    Torrent {
        info_hash: info_hash.to_vec(),
        complete: count(b"complete"),
        downloaded: count(b"downloaded"),
        incomplete: count(b"incomplete"),
    }
}

/// The dictionary that a body is.
fn whole_dictionary<'i, 't>(document: &'t Document<'i>) -> Result<Node<'i, 't>, Malformed> {
    if let Some(error) = document.error() {
        let anomaly = anomalies::BENCODE.broken(error.reason);
        return Err(Malformed::new(error.at, anomaly));
    }
    let root = document.root();
    root.filter(|root| root.kind() == TokenKind::Dict)
        .ok_or(Malformed::new(0, &anomalies::NOT_A_DICTIONARY))
}

/// What breaks the layout of a reply: offsets in the body.
pub(super) fn fault(document: &Document<'_>, reply: &Reply) -> Option<Malformed> {
    let fault = |at, anomaly| Some(Malformed::new(at, anomaly));
    let root = match whole_dictionary(document) {
        Ok(root) => root,
        Err(malformed) => return Some(malformed),
    };
    let at = |key: &[u8]| root.get(key).map_or(0, |value| value.span().start);
    let is_odd = |bytes: &[u8], family: Family| !bytes.len().is_multiple_of(family.size());
    if matches!(&reply.peers, Some(Peers::Compact(bytes)) if is_odd(bytes, Family::V4)) {
        return fault(at(b"peers"), &anomalies::PARTIAL_PEER);
    }
    if matches!(&reply.peers6, Some(bytes) if is_odd(bytes, Family::V6)) {
        return fault(at(b"peers6"), &anomalies::PARTIAL_PEER6);
    }
    let torrents = reply.torrents.iter().flatten();
    if torrents
        .into_iter()
        .any(|torrent| torrent.info_hash.len() != 20)
    {
        return fault(at(b"files"), &anomalies::SCRAPED_HASH);
    }
    if !document.trailing().is_empty() {
        return fault(document.end(), &anomalies::AFTER_REPLY);
    }
    None
}
