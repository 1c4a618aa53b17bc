//! Announcing to a UDP tracker.

use std::borrow::Cow;
use std::fmt;
use std::net::SocketAddr;

use nom::bytes::complete::take;
use nom::number::complete::{be_i32, be_u16, be_u32, be_u64};

use super::action::Action;
use super::anomalies;
use super::options;
use crate::wire::compact::{self, Family};
use crate::wire::field::{Field, Kind, Unit};
use crate::wire::message_type::Member;
use crate::wire::reader::{Problem, Reader};
use crate::wire::sink::{Label, Sink};
use crate::wire::words::{Count, ShortId, Size};

/// Bytes of an announce request without options.
pub const ANNOUNCE_SIZE: usize = 98;

static INFO_HASH: Field = Field::new("info_hash", Kind::Hash, "Info-hash of the torrent.");
static PEER_ID: Field = Field::new("peer_id", Kind::PeerId, "Id of the peer.");
static DOWNLOADED: Field = Field::new(
    "downloaded",
    Kind::Uint(Unit::Bytes),
    "Downloaded since the first announce.",
);
static LEFT: Field = Field::new(
    "left",
    Kind::Uint(Unit::Bytes),
    "What is still to be downloaded.",
);
static UPLOADED: Field = Field::new(
    "uploaded",
    Kind::Uint(Unit::Bytes),
    "Uploaded since the first announce.",
);
static EVENT: Field = Field::new(
    "event",
    Kind::Enum(event_name),
    "Why the client announces itself: 0 none, 1 completed, 2 started, 3 stopped.",
);
static IP: Field = Field::new(
    "ip",
    Kind::Address,
    "Address of the client, all 0 for that of the datagram.",
);
static KEY: Field = Field::new(
    "key",
    Kind::Bytes,
    "By which the tracker knows a client whose address changes.",
);
static NUM_WANT: Field = Field::new(
    "num_want",
    Kind::Int,
    "How many peers are wanted, -1 for as many as the tracker likes.",
);
static PORT: Field = Field::new(
    "port",
    Kind::Uint(Unit::None),
    "TCP port on which the client accepts connections.",
);
static INTERVAL: Field = Field::new(
    "interval",
    Kind::Uint(Unit::Seconds),
    "How long to wait before the next announce.",
);
static LEECHERS: Field = Field::new(
    "leechers",
    Kind::Uint(Unit::None),
    "How many downloaders there are.",
);
static SEEDERS: Field = Field::new(
    "seeders",
    Kind::Uint(Unit::None),
    "How many seeds there are.",
);
static PEERS: Field = Field::new(
    "peers",
    Kind::List,
    "Peers of the torrent, 6 bytes each over IPv4, 18 over IPv6.",
);
static PEER: Field = Field::new("peer", Kind::Address, "Address of a peer.");

/// The fields of an announce, behind its header.
pub(super) static REQUEST_MEMBERS: &[Member] = &[
    Member::Field(&INFO_HASH),
    Member::Field(&PEER_ID),
    Member::Field(&DOWNLOADED),
    Member::Field(&LEFT),
    Member::Field(&UPLOADED),
    Member::Field(&EVENT),
    Member::Field(&IP),
    Member::Field(&KEY),
    Member::Field(&NUM_WANT),
    Member::Field(&PORT),
    Member::Shared(options::MEMBERS),
];

/// The fields of the answer, behind its header.
pub(super) static RESPONSE_MEMBERS: &[Member] = &[
    Member::Field(&INTERVAL),
    Member::Field(&LEECHERS),
    Member::Field(&SEEDERS),
    Member::Group(&PEERS, &[Member::Field(&PEER)]),
];

/// Why the client announces itself: an open set. Not in the order of HTTP's
/// documentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Event(pub u32);

impl Event {
    /// For no reason but the interval.
    pub const NONE: Self = Self(0);
    /// The download is complete.
    pub const COMPLETED: Self = Self(1);
    /// The client begins.
    pub const STARTED: Self = Self(2);
    /// The client leaves.
    pub const STOPPED: Self = Self(3);

    /// Its name in BEP 15.
    pub const fn name(self) -> Option<&'static str> {
        Some(match self {
            Self::NONE => "none",
            Self::COMPLETED => "completed",
            Self::STARTED => "started",
            Self::STOPPED => "stopped",
            _ => return None,
        })
    }
}

fn event_name(event: u64) -> Option<&'static str> {
    Event(u32::try_from(event).ok()?).name()
}

/// Whether a payload looks like an announce request although nothing of the
/// conversation before it is known: action, event and port are plausible.
pub fn is_lone_announce(payload: &[u8]) -> bool {
    let word = |at: usize| {
        let bytes = payload.get(at..at + 4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    };
    payload.len() >= ANNOUNCE_SIZE
        && word(8) == Some(Action::ANNOUNCE.0)
        && word(80).is_some_and(|event| event <= Event::STOPPED.0)
        && payload[96..98] != [0, 0]
}

/// An announce request, behind its header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnounceRequest<'i> {
    /// The torrent.
    pub info_hash: [u8; 20],
    /// The client.
    pub peer_id: [u8; 20],
    /// Bytes.
    pub downloaded: u64,
    /// Bytes.
    pub left: u64,
    /// Bytes.
    pub uploaded: u64,
    /// Why.
    pub event: Event,
    /// The client's IPv4 address; 0 for the datagram's sender.
    pub ip: [u8; 4],
    /// Tells clients behind one address apart.
    pub key: u32,
    /// Peers wanted; -1 leaves it to the tracker.
    pub num_want: i32,
    /// TCP (and uTP) port.
    pub port: u16,
    /// Path and query of the tracker's URL (BEP 41).
    pub url_data: Option<Cow<'i, [u8]>>,
}

impl<'i> AnnounceRequest<'i> {
    pub(super) fn dissect<S: Sink>(reader: &mut Reader<'i, '_, S>) -> Result<Self, Problem> {
        Ok(Self {
            info_hash: array(reader, &INFO_HASH)?,
            peer_id: array(reader, &PEER_ID)?,
            downloaded: reader.field(&DOWNLOADED, be_u64)?,
            left: reader.field(&LEFT, be_u64)?,
            uploaded: reader.field(&UPLOADED, be_u64)?,
            event: Event(reader.field(&EVENT, be_u32)?),
            ip: array(reader, &IP)?,
            key: u32::from_be_bytes(array(reader, &KEY)?),
            num_want: reader.field(&NUM_WANT, be_i32)?,
            port: port(reader)?,
            url_data: options::dissect(reader)?,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.info_hash);
        out.extend_from_slice(&self.peer_id);
        out.extend_from_slice(&self.downloaded.to_be_bytes());
        out.extend_from_slice(&self.left.to_be_bytes());
        out.extend_from_slice(&self.uploaded.to_be_bytes());
        out.extend_from_slice(&self.event.0.to_be_bytes());
        out.extend_from_slice(&self.ip);
        out.extend_from_slice(&self.key.to_be_bytes());
        out.extend_from_slice(&self.num_want.to_be_bytes());
        out.extend_from_slice(&self.port.to_be_bytes());
        if let Some(url_data) = &self.url_data {
            options::encode(url_data, out);
        }
    }
}

fn port<S: Sink>(reader: &mut Reader<'_, '_, S>) -> Result<u16, Problem> {
    let port = reader.field(&PORT, be_u16)?;
    if port == 0 {
        reader.anomaly(&anomalies::PORT_ZERO);
    }
    Ok(port)
}

/// Reads a field of `N` bytes.
fn array<const N: usize, S: Sink>(
    reader: &mut Reader<'_, '_, S>,
    field: &'static Field,
) -> Result<[u8; N], Problem> {
    let bytes: &[u8] = reader.field(field, take(N))?;
    bytes.try_into().map_err(|_| reader.short(Some(N)))
}

impl fmt::Display for AnnounceRequest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "announce request {}", ShortId(&self.info_hash))?;
        match (self.event, self.event.name()) {
            (Event::NONE, _) => {}
            (_, Some(name)) => write!(f, ", {name}")?,
            (Event(number), None) => write!(f, ", event {number}")?,
        }
        write!(f, ", {} left, port {}", Size(self.left), self.port)
    }
}

/// An announce response, behind its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnnounceResponse<'i> {
    /// Seconds to wait before the next announce.
    pub interval: u32,
    /// Peers that lack something.
    pub leechers: u32,
    /// Peers that have everything.
    pub seeders: u32,
    /// Compact peers; whole ones only.
    pub peers: &'i [u8],
    /// The family of the peers: that of the datagram.
    pub family: Family,
}

impl<'i> AnnounceResponse<'i> {
    pub(super) fn dissect<S: Sink>(
        reader: &mut Reader<'i, '_, S>,
        family: Family,
    ) -> Result<Self, Problem> {
        Ok(Self {
            interval: reader.field(&INTERVAL, be_u32)?,
            leechers: reader.field(&LEECHERS, be_u32)?,
            seeders: reader.field(&SEEDERS, be_u32)?,
            peers: peers(reader, family)?,
            family,
        })
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.interval.to_be_bytes());
        out.extend_from_slice(&self.leechers.to_be_bytes());
        out.extend_from_slice(&self.seeders.to_be_bytes());
        out.extend_from_slice(self.peers);
    }

    /// The peers.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + 'i {
        compact::addresses(self.peers, self.family)
    }
}

fn peers<'i, S: Sink>(reader: &mut Reader<'i, '_, S>, family: Family) -> Result<&'i [u8], Problem> {
    let all = reader.rest();
    let count = all.len() / family.size();
    reader.open(Label::Field(&PEERS));
    for number in 0..count {
        reader.labelled(Label::Item(number as u32, &PEER), take(family.size()))?;
    }
    reader.close();
    if !reader.is_whole() {
        return Err(Problem::Cut);
    }
    Ok(&all[..count * family.size()])
}

impl fmt::Display for AnnounceResponse<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let peers = self.peers.len() / self.family.size();
        write!(
            f,
            "announce response: {}, {}, {}, interval {} s",
            Count(peers as u64, "peer"),
            Count(u64::from(self.seeders), "seeder"),
            Count(u64::from(self.leechers), "leecher"),
            self.interval
        )
    }
}
