//! The keys of a tracker's reply, for the field tree.

use crate::wire::bencode::{Compact, Key, Part, Shape, Table};
use crate::wire::{Field, Kind, Unit};

const NUMBER: Kind = Kind::Uint(Unit::None);

static FAILURE_REASON: Field = Field::new("failure reason", Kind::Text);
static FAILURE_CODE: Field = Field::new("failure code", NUMBER);
static WARNING_MESSAGE: Field = Field::new("warning message", Kind::Text);
static INTERVAL: Field = Field::new("interval", Kind::Uint(Unit::Seconds));
static MIN_INTERVAL: Field = Field::new("min interval", Kind::Uint(Unit::Seconds));
static TRACKER_ID: Field = Field::new("tracker id", Kind::Bytes);
static COMPLETE: Field = Field::new("complete", NUMBER);
static INCOMPLETE: Field = Field::new("incomplete", NUMBER);
static DOWNLOADED: Field = Field::new("downloaded", NUMBER);
static DOWNLOADERS: Field = Field::new("downloaders", NUMBER);
static PEERS: Field = Field::new("peers", Kind::List);
static PEERS6: Field = Field::new("peers6", Kind::List);
static PEER: Field = Field::new("peer", Kind::Address);
static PEER_DICT: Field = Field::new("peer", Kind::Group);
static EXTERNAL_IP: Field = Field::new("external ip", Kind::Address);
static CRYPTO_FLAGS: Field = Field::new("crypto_flags", Kind::Bytes);
static FILES: Field = Field::new("files", Kind::Group);
static FLAGS: Field = Field::new("flags", Kind::Group);
static MIN_REQUEST_INTERVAL: Field = Field::new("min_request_interval", Kind::Uint(Unit::Seconds));
static PEER_ID: Field = Field::new("peer id", Kind::PeerId);
static IP: Field = Field::new("ip", Kind::Text);
static PORT: Field = Field::new("port", NUMBER);
static NAME: Field = Field::new("name", Kind::Text);

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
pub(super) static REPLY: Table = Table::new(&[
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
    ),
    Key::shaped(&PEERS6, Shape::compact(&PEER_LIST6)),
    Key::new(&EXTERNAL_IP),
    Key::new(&CRYPTO_FLAGS),
    Key::shaped(&FILES, Shape::dict(&FILE_KEYS)),
    Key::shaped(&FLAGS, Shape::dict(&FLAG_KEYS)),
]);
