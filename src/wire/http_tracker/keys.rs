//! The keys of a tracker's reply, for the field tree.

use super::anomalies;
use crate::wire::anomaly::Breach;
use crate::wire::bencode::{Compact, Key, Node, Part, Shape, Table, TokenKind};
use crate::wire::{Field, Kind, Unit};

const NUMBER: Kind = Kind::Uint(Unit::None);

static FAILURE_REASON: Field = Field::new("failure reason", Kind::Text, "Why the tracker refuses.");
static FAILURE_CODE: Field = Field::new("failure code", NUMBER, "Number of the refusal (BEP 21).");
static WARNING_MESSAGE: Field = Field::new(
    "warning message",
    Kind::Text,
    "Something for the user to know.",
);
static INTERVAL: Field = Field::new(
    "interval",
    Kind::Uint(Unit::Seconds),
    "How long to wait before the next announce.",
);
static MIN_INTERVAL: Field = Field::new(
    "min interval",
    Kind::Uint(Unit::Seconds),
    "How long must pass before the next announce.",
);
static TRACKER_ID: Field = Field::new(
    "tracker id",
    Kind::Bytes,
    "To be given back in later announces.",
);
static COMPLETE: Field = Field::new("complete", NUMBER, "How many seeds there are.");
static INCOMPLETE: Field = Field::new("incomplete", NUMBER, "How many downloaders there are.");
static DOWNLOADED: Field = Field::new(
    "downloaded",
    NUMBER,
    "How many downloads were completed so far.",
);
static DOWNLOADERS: Field = Field::new(
    "downloaders",
    NUMBER,
    "How many downloaders there are that are no partial seeds (BEP 21).",
);
static PEERS: Field = Field::new(
    "peers",
    Kind::List,
    "Peers of IPv4: packed in 6 bytes each (BEP 23), or a list of dictionaries.",
);
static PEERS6: Field = Field::new(
    "peers6",
    Kind::List,
    "Peers of IPv6, packed in 18 bytes each (BEP 7).",
);
static PEER: Field = Field::new("peer", Kind::Address, "Address of a peer.");
static PEER_DICT: Field = Field::new("peer", Kind::Group, "A peer of the long form.");
static EXTERNAL_IP: Field = Field::new(
    "external ip",
    Kind::Address,
    "Address of the client as the tracker sees it (BEP 24).",
);
static CRYPTO_FLAGS: Field = Field::new(
    "crypto_flags",
    Kind::Bytes,
    "A byte for each peer: 1 if it must be dialled with encryption.",
);
static FILES: Field = Field::new(
    "files",
    Kind::Group,
    "Info-hash to the counts of that torrent (BEP 48).",
);
static FLAGS: Field = Field::new(
    "flags",
    Kind::Group,
    "What the tracker asks of clients that scrape.",
);
static MIN_REQUEST_INTERVAL: Field = Field::new(
    "min_request_interval",
    Kind::Uint(Unit::Seconds),
    "How long must pass before the next scrape.",
);
static PEER_ID: Field = Field::new("peer id", Kind::PeerId, "Id of the peer.");
static IP: Field = Field::new("ip", Kind::Text, "Address or host name of the peer.");
static PORT: Field = Field::new("port", NUMBER, "Port of the peer.");
static NAME: Field = Field::new("name", Kind::Text, "Name of the torrent.");

static PEER_PARTS4: [Part; 1] = [Part {
    field: &PEER,
    size: 6,
}];
static PEER_PARTS6: [Part; 1] = [Part {
    field: &PEER,
    size: 18,
}];
static PEER_LIST: Compact = Compact::new(&PEER, &PEER_PARTS4);
static PEER_LIST6: Compact = Compact::new(&PEER, &PEER_PARTS6);
static PEER_KEYS: Table = Table::new(&[Key::new(&PEER_ID), Key::new(&IP), Key::new(&PORT)]);
static PEER_SHAPE: Shape = Shape::dict(&PEER_KEYS);

/// The counts of one torrent.
static TORRENT_KEYS: Table = Table::new(&[
    Key::new(&COMPLETE),
    Key::new(&DOWNLOADED),
    Key::new(&INCOMPLETE),
    Key::new(&DOWNLOADERS),
    Key::new(&NAME),
]);
static FILE_KEYS: Table = Table::of(Shape::dict(&TORRENT_KEYS));
static FLAG_KEYS: Table = Table::new(&[Key::new(&MIN_REQUEST_INTERVAL)]);

/// A reply to an announce or a scrape. `retry in` may be a number or `never`: it
/// has no entry and reads as what it is.
pub static REPLY: Table = Table::new(&[
    Key::new(&FAILURE_REASON),
    Key::new(&FAILURE_CODE),
    Key::new(&WARNING_MESSAGE),
    Key::new(&INTERVAL),
    Key::new(&MIN_INTERVAL),
    Key::new(&TRACKER_ID),
    Key::new(&COMPLETE),
    Key::new(&INCOMPLETE),
    Key::new(&DOWNLOADED),
    Key::new(&DOWNLOADERS),
    Key::shaped(
        &PEERS,
        Shape::compact(&PEER_LIST).or_list(&PEER_DICT, &PEER_SHAPE),
    )
    .checked(check_peers),
    Key::shaped(&PEERS6, Shape::compact(&PEER_LIST6)),
    Key::new(&EXTERNAL_IP),
    Key::new(&CRYPTO_FLAGS),
    Key::shaped(&FILES, Shape::dict(&FILE_KEYS)),
    Key::shaped(&FLAGS, Shape::dict(&FLAG_KEYS)),
])
.under(&anomalies::BENCODE);

/// Peers of the long form are dictionaries, each with an address.
fn check_peers(peers: Node<'_, '_>) -> Option<Breach> {
    for (index, peer) in peers.items().enumerate() {
        if peer.kind() != TokenKind::Dict {
            return Some(anomalies::PEERS_NO_DICTIONARIES.with(index));
        }
        if peer.get(b"ip").is_none() || peer.get(b"port").is_none() {
            return Some(anomalies::PEERS_WITHOUT_ADDRESS.with(index));
        }
    }
    None
}
