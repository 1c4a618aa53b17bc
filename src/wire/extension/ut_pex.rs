//! `ut_pex` (BEP 11): peers that the sender is, or is no longer, connected to.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use super::anomalies;
use super::head::{HEAD, message};
use super::input::{Input, bytes_of};
use super::pex_contacts;
use crate::wire::anomaly::Anomaly;
use crate::wire::bencode::{Compact, Dict, Key, Part, Shape, Table, TokenKind};
use crate::wire::{Field, Flag, Kind, Member, MessageType, Sink, Topic};

static ADDED: Field = Field::new(
    "added",
    Kind::List,
    "Peers of IPv4 that the sender is connected to since its last such message.",
);
static ADDED_F: Field = Field::new(
    "added.f",
    Kind::List,
    "A byte of flags for each peer of `added`.",
);
static ADDED6: Field = Field::new(
    "added6",
    Kind::List,
    "Peers of IPv6 that the sender is connected to since its last such message.",
);
static ADDED6_F: Field = Field::new(
    "added6.f",
    Kind::List,
    "A byte of flags for each peer of `added6`.",
);
static DROPPED: Field = Field::new(
    "dropped",
    Kind::List,
    "Peers of IPv4 that the sender is no longer connected to.",
);
static DROPPED6: Field = Field::new(
    "dropped6",
    Kind::List,
    "Peers of IPv6 that the sender is no longer connected to.",
);
static PEER: Field = Field::new("peer", Kind::Address, "Address of a peer.");
pub(super) static FLAGS: Field =
    Field::new("flags", Kind::Flags(&FLAG_BITS), "What is known of a peer.");

static FLAG_BITS: [Flag; 5] = [
    flag(PexFlags::ENCRYPTION, "encryption", "prefers encryption"),
    flag(PexFlags::SEED, "seed", "seed or upload-only"),
    flag(PexFlags::UTP, "utp", "supports uTP"),
    flag(PexFlags::HOLEPUNCH, "holepunch", "supports ut_holepunch"),
    flag(
        PexFlags::REACHABLE,
        "reachable",
        "reachable: accepted a connection",
    ),
];

const fn flag(mask: u8, name: &'static str, title: &'static str) -> Flag {
    Flag {
        byte: 0,
        mask,
        name,
        title,
    }
}

static PEERS4: Compact = Compact::new(
    &PEER,
    &[Part {
        field: &PEER,
        size: 6,
    }],
);
static PEERS6: Compact = Compact::new(
    &PEER,
    &[Part {
        field: &PEER,
        size: 18,
    }],
);
pub(super) static FLAG_LIST: Compact = Compact::new(
    &FLAGS,
    &[Part {
        field: &FLAGS,
        size: 1,
    }],
);

static TABLE: Table = Table::new(&[
    Key::shaped(&ADDED, Shape::compact(&PEERS4)),
    Key::shaped(&ADDED_F, Shape::compact(&FLAG_LIST)),
    Key::shaped(&ADDED6, Shape::compact(&PEERS6)),
    Key::shaped(&ADDED6_F, Shape::compact(&FLAG_LIST)),
    Key::shaped(&DROPPED, Shape::compact(&PEERS4)),
    Key::shaped(&DROPPED6, Shape::compact(&PEERS6)),
])
.under(&anomalies::BENCODE);

/// Peers that the sender is, or is no longer, connected to.
pub static UT_PEX: MessageType = message("ut_pex", Topic::Discovery)
    .bep(11)
    .members(&[Member::Shared(HEAD), Member::Keys(&TABLE)]);

/// What is known of an added peer: a byte of bits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PexFlags(pub u8);

impl PexFlags {
    /// Prefers encrypted connections.
    pub const ENCRYPTION: u8 = 0x01;
    /// A seed, or a peer that only uploads.
    pub const SEED: u8 = 0x02;
    /// Supports uTP.
    pub const UTP: u8 = 0x04;
    /// Supports `ut_holepunch`.
    pub const HOLEPUNCH: u8 = 0x08;
    /// A connection to it succeeded.
    pub const REACHABLE: u8 = 0x10;
}

/// A `ut_pex` message: the strings as they are, 6 (IPv4) or 18 (IPv6) bytes a
/// peer and a byte of flags for each added one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UtPex<'a> {
    /// IPv4 peers added.
    pub added: Option<&'a [u8]>,
    /// Their flags.
    pub added_f: Option<&'a [u8]>,
    /// IPv6 peers added.
    pub added6: Option<&'a [u8]>,
    /// Their flags.
    pub added6_f: Option<&'a [u8]>,
    /// IPv4 peers dropped.
    pub dropped: Option<&'a [u8]>,
    /// IPv6 peers dropped.
    pub dropped6: Option<&'a [u8]>,
}

impl<'a> UtPex<'a> {
    /// The peers added, IPv4 first; the flags where the message gives them.
    pub fn added(&self) -> impl Iterator<Item = (SocketAddr, Option<PexFlags>)> + use<'a> {
        with_flags(peers4(self.added), self.added_f)
            .chain(with_flags(peers6(self.added6), self.added6_f))
    }

    /// The peers dropped, IPv4 first.
    pub fn dropped(&self) -> impl Iterator<Item = SocketAddr> + use<'a> {
        peers4(self.dropped).chain(peers6(self.dropped6))
    }

    pub(super) fn encode(&self, out: &mut Vec<u8>) {
        let dict = Dict::new()
            .maybe_bytes("added", self.added)
            .maybe_bytes("added.f", self.added_f)
            .maybe_bytes("added6", self.added6)
            .maybe_bytes("added6.f", self.added6_f)
            .maybe_bytes("dropped", self.dropped)
            .maybe_bytes("dropped6", self.dropped6);
        out.extend(dict.encode());
    }
}

fn peers4(list: Option<&[u8]>) -> impl Iterator<Item = SocketAddr> + '_ {
    let (peers, _) = list.unwrap_or_default().as_chunks::<6>();
    peers.iter().map(|&[a, b, c, d, high, low]| {
        SocketAddr::new(
            Ipv4Addr::new(a, b, c, d).into(),
            u16::from_be_bytes([high, low]),
        )
    })
}

fn peers6(list: Option<&[u8]>) -> impl Iterator<Item = SocketAddr> + '_ {
    let (peers, _) = list.unwrap_or_default().as_chunks::<18>();
    peers.iter().map(|peer| {
        let ip: [u8; 16] = std::array::from_fn(|index| peer[index]);
        SocketAddr::new(
            Ipv6Addr::from(ip).into(),
            u16::from_be_bytes([peer[16], peer[17]]),
        )
    })
}

fn with_flags<'a>(
    peers: impl Iterator<Item = SocketAddr> + 'a,
    flags: Option<&'a [u8]>,
) -> impl Iterator<Item = (SocketAddr, Option<PexFlags>)> + 'a {
    let flags = flags.unwrap_or_default();
    peers
        .enumerate()
        .map(move |(index, peer)| (peer, flags.get(index).copied().map(PexFlags)))
}

pub(super) fn dissect<'i, S: Sink>(input: &mut Input<'_, 'i, '_, S>) -> UtPex<'i> {
    let start = input.reader.at();
    let document = input.dictionary(&TABLE);
    let message = UtPex {
        added: bytes_of(&document, "added"),
        added_f: bytes_of(&document, "added.f"),
        added6: bytes_of(&document, "added6"),
        added6_f: bytes_of(&document, "added6.f"),
        dropped: bytes_of(&document, "dropped"),
        dropped6: bytes_of(&document, "dropped6"),
    };
    if let Some(root) = document.root() {
        if root.kind() == TokenKind::Dict {
            let has_list = LISTS.iter().any(|list| root.get(list.as_bytes()).is_some());
            let fault = if has_list {
                fault(&message)
            } else {
                Some(&anomalies::NO_PEERS)
            };
            if let Some(anomaly) = fault {
                input.absent(anomaly);
            }
            if S::NOTES {
                pex_contacts::check(input, root, start);
            }
        } else {
            input.missing(&anomalies::PEX_NOT_A_DICTIONARY);
        }
    }
    input.end();
    message
}

/// The keys of the lists of peers.
const LISTS: [&str; 4] = ["added", "added6", "dropped", "dropped6"];

/// What of BEP 11 the lists of the message break by themselves.
fn fault(message: &UtPex<'_>) -> Option<&'static Anomaly> {
    let length = |list: Option<&[u8]>| list.unwrap_or_default().len();
    let lists = [
        (message.added, message.added_f, 6),
        (message.added6, message.added6_f, 18),
        (message.dropped, None, 6),
        (message.dropped6, None, 18),
    ];
    for (list, flags, size) in lists {
        if length(list) % size != 0 {
            return Some(&anomalies::PARTIAL_PEER);
        }
        if flags.is_some() && length(flags) != length(list) / size {
            return Some(&anomalies::PEX_FLAGS);
        }
    }
    None
}

impl fmt::Display for UtPex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (added, dropped) = (self.added().count(), self.dropped().count());
        write!(f, "ut_pex {added} added, {dropped} dropped")
    }
}
