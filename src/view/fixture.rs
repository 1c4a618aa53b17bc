//! Messages for the tests of the views, dissected by hand.

use std::net::SocketAddr;

use nom::bytes::complete::take;
use nom::number::complete::{be_u32, u8};
use serde_json::Value as Json;

use super::record::{Captured, Gap, Origin, Record, Subject};
use super::sessions::{End, SessionSummary};
use crate::capture::Timestamp;
use crate::flow::{Carrier, Close, GapCause, Side};
use crate::session::{Hole, RequestFigures};
use crate::wire::bencode::{self, Compact, Key, Part, Shape, Table};
use crate::wire::{Anomaly, Field, Flag, Kind, Label, Malformed, Reader, Tree, Unit};

static LENGTH_PREFIX: Field = Field::new("length_prefix", Kind::Framing, "");
static ID: Field = Field::new("id", Kind::Enum(id_name), "").implied();
static INDEX: Field = Field::new("index", Kind::Uint(Unit::None), "");
static BEGIN: Field = Field::new("begin", Kind::Uint(Unit::None), "");
static LENGTH: Field = Field::new("length", Kind::Uint(Unit::Bytes), "");
static DATA: Field = Field::new("data", Kind::Data, "");
static PSTR: Field = Field::new("pstr", Kind::Framing, "");
static RESERVED: Field = Field::new("reserved", Kind::Flags(&RESERVED_FLAGS), "");
static INFO_HASH: Field = Field::new("info_hash", Kind::Hash, "");
static PEER_ID: Field = Field::new("peer_id", Kind::PeerId, "");
static HASHES: Field = Field::new("hashes", Kind::List, "");
static HASH: Field = Field::new("hash", Kind::Hash, "");
static TRAILING: Field = Field::new("trailing_bytes", Kind::Unclaimed, "");

static RESERVED_FLAGS: [Flag; 2] = [
    Flag {
        byte: 5,
        mask: 0x10,
        name: "extension",
        title: "extension protocol (BEP 10)",
    },
    Flag {
        byte: 7,
        mask: 0x04,
        name: "fast",
        title: "Fast extension (BEP 6)",
    },
];

static M: Field = Field::new("m", Kind::Group, "");
static V: Field = Field::new("v", Kind::Text, "");
static YOURIP: Field = Field::new("yourip", Kind::Address, "");
static ADDED: Field = Field::new("added", Kind::List, "");
static PEER: Field = Field::new("peer", Kind::Address, "");
static PEERS: Compact = Compact::new(
    &PEER,
    &[Part {
        field: &PEER,
        size: 6,
    }],
);
static NO_NAMES: Table = Table::EMPTY;
static KEYS: [Key; 4] = [
    Key::shaped(&M, Shape::dict(&NO_NAMES)),
    Key::new(&V),
    Key::new(&YOURIP),
    Key::shaped(&ADDED, Shape::compact(&PEERS)),
];
static TABLE: Table = Table::new(&KEYS);

/// A fault.
pub static SHORT: Anomaly = Anomaly::error("MS-02", 3, "shorter than its layout").plain();

fn id_name(id: u64) -> Option<&'static str> {
    match id {
        6 => Some("request"),
        7 => Some("piece"),
        20 => Some("extended"),
        22 => Some("hashes"),
        _ => None,
    }
}

pub fn socket(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

/// 2026-11-22 17:16:36 UTC and so many nanoseconds.
pub fn at(nanos: i64) -> Timestamp {
    Timestamp::from_nanos(1_795_367_796_000_000_000 + i128::from(nanos))
}

/// A subject with these facts.
pub struct WithFacts<'s>(pub &'s dyn Subject, pub Vec<(&'static str, Json)>);

impl Subject for WithFacts<'_> {
    fn dissect(&self, tree: &mut Tree) {
        self.0.dissect(tree);
    }

    fn facts(&self) -> Vec<(&'static str, Json)> {
        self.1.clone()
    }
}

/// A message to be shown: bytes, all of its length, and its fields.
pub struct Sample {
    pub message: &'static str,
    pub summary: String,
    pub bytes: Vec<u8>,
    pub length: usize,
    pub missing: u64,
    pub malformed: Option<Malformed>,
    pub dissect: fn(&mut Reader<'_, '_, Tree>),
}

impl Sample {
    pub fn new(
        message: &'static str,
        summary: &str,
        bytes: impl Into<Vec<u8>>,
        dissect: fn(&mut Reader<'_, '_, Tree>),
    ) -> Self {
        let bytes = bytes.into();
        Self {
            message,
            summary: summary.to_owned(),
            length: bytes.len(),
            bytes,
            missing: 0,
            malformed: None,
            dissect,
        }
    }

    pub fn tree(&self) -> Tree {
        let mut tree = Tree::new();
        Subject::dissect(self, &mut tree);
        tree
    }

    /// Calls `with` with the record.
    pub fn record<T>(&self, with: impl FnOnce(&Record<'_>) -> T) -> T {
        with(&Record {
            origin: Origin::Capture(captured()),
            protocol: "peer",
            message: self.message,
            length: self.length as u64,
            summary: &self.summary,
            bytes: &self.bytes,
            missing: self.missing,
            malformed: self.malformed,
            inferred: false,
            certainty: crate::session::Certainty::Certain,
            fields: None,
            subject: self,
        })
    }
}

impl Subject for Sample {
    fn dissect(&self, tree: &mut Tree) {
        let mut reader = Reader::new(&self.bytes, self.length, tree);
        (self.dissect)(&mut reader);
        reader.finish(&TRAILING);
    }
}

pub fn captured() -> Captured<'static> {
    Captured {
        time: at(15_501_000),
        frame: 16,
        first_frame: 15,
        stream: Some(0),
        carrier: Carrier::Tcp,
        src: socket("10.98.0.2:40322"),
        dst: socket("10.98.0.1:6881"),
        unsent: 0,
        answers: None,
        clients: [None, None],
        heard: None,
    }
}

fn frame(id: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 1).unwrap();
    [&length.to_be_bytes()[..], &[id], body].concat()
}

fn head(reader: &mut Reader<'_, '_, Tree>) {
    let _ = reader.field(&LENGTH_PREFIX, be_u32);
    let _ = reader.field(&ID, u8);
}

pub fn request() -> Sample {
    let bytes = frame(6, &[0, 0, 0, 60, 0, 0, 0, 0, 0, 0, 0x40, 0]);
    Sample::new(
        "request",
        "request piece 60, offset 0, 16 KiB",
        bytes,
        |reader| {
            head(reader);
            let _ = reader.field(&INDEX, be_u32);
            let _ = reader.field(&BEGIN, be_u32);
            let _ = reader.field(&LENGTH, be_u32);
        },
    )
}

/// A piece of 16 KiB of which `kept` bytes were kept.
pub fn piece(kept: usize) -> Sample {
    let mut bytes = frame(
        7,
        &[&[0, 0, 0, 60, 0, 0, 0, 0][..], &[0xaa; 16384]].concat(),
    );
    let length = bytes.len();
    bytes.truncate(kept);
    let summary = "piece 60, offset 0, 16 KiB";
    let mut sample = Sample::new("piece", summary, bytes, |reader| {
        head(reader);
        let _ = reader.field(&INDEX, be_u32);
        let _ = reader.field(&BEGIN, be_u32);
        reader.remainder(&DATA);
    });
    sample.length = length;
    sample
}

pub fn handshake() -> Sample {
    let mut bytes = b"\x13BitTorrent protocol\0\0\x02\0\0\x10\0\x04".to_vec();
    bytes.extend(0x29..0x29 + 20);
    bytes.extend(b"-TR4060-\x1b[31m\xff789abc");
    Sample::new("handshake", "handshake", bytes, |reader| {
        let _ = reader.field(&PSTR, take(20_usize));
        let _ = reader.field(&RESERVED, take(8_usize));
        let _ = reader.field(&INFO_HASH, take(20_usize));
        let _ = reader.field(&PEER_ID, take(20_usize));
    })
}

/// An extended message around a bencoded value.
pub fn extended(body: &[u8]) -> Sample {
    let bytes = frame(20, body);
    Sample::new(
        "extended_handshake",
        "extended handshake",
        bytes,
        |reader| {
            head(reader);
            bencode::dissect(reader, &TABLE);
        },
    )
}

/// So many hashes of 32 bytes.
pub fn hashes(count: usize) -> Sample {
    let bytes = frame(22, &vec![0x5a; 32 * count]);
    Sample::new("hashes", "hashes", bytes, |reader| {
        head(reader);
        reader.open(Label::Field(&HASHES));
        let mut number = 0;
        while reader.left() >= 32 {
            let _ = reader.labelled(Label::Item(number, &HASH), take(32_usize));
            number += 1;
        }
        reader.close();
    })
}

pub fn gap() -> Gap {
    Gap {
        time: at(15_501_000),
        frame: 21,
        stream: 0,
        carrier: Carrier::Tcp,
        src: socket("10.98.0.1:6881"),
        dst: socket("10.98.0.2:40322"),
        offset: 4096,
        hole: Hole {
            missing: Some(1448),
            skipped: 0,
            cause: Some(GapCause::Lost),
            within_message: false,
            at_end: false,
        },
    }
}

/// A connection that brought a torrent.
pub fn session() -> SessionSummary<'static> {
    SessionSummary {
        stream: 0,
        carrier: Carrier::Tcp,
        ends: [
            End {
                address: socket("10.98.0.2:40322"),
                peer_id: Some(*b"-LT20a0-0123456789ab"),
                client: Some("libtorrent 2.0.10"),
                messages: &[("handshake", 1), ("request", 257)],
                payload_bytes: 0,
                payload_missing: 0,
                wire_bytes: 17_564,
                gaps: 0,
                is_hidden: false,
                is_unseen: false,
                requests: RequestFigures::default(),
            },
            End {
                address: socket("10.98.0.1:6881"),
                peer_id: None,
                client: None,
                messages: &[("piece", 257)],
                payload_bytes: 2_109_497,
                payload_missing: 1024,
                wire_bytes: 2_113_000,
                gaps: 2,
                is_hidden: false,
                is_unseen: false,
                requests: RequestFigures::default(),
            },
        ],
        info_hash: Some([
            0x4b, 0x63, 0xdc, 0xd8, 0x47, 0x4b, 0x63, 0xdc, 0xd8, 0x47, 0x4b, 0x63, 0xdc, 0xd8,
            0x47, 0x4b, 0x63, 0xdc, 0xd8, 0x47,
        ]),
        name: Some("a\u{1b}[31mb"),
        start: at(0),
        end: at(3_215_000_000),
        encryption: "none",
        certainty: crate::session::Certainty::Certain,
        close: Close::Fin,
        closed_by: Some((Side::Acceptor, 700)),
    }
}
