//! The keys of KRPC messages, for the field tree.
//!
//! A stored item (`v` in `a` and `r`) may be any value: it has no entry here and
//! reads as what it is.

use crate::wire::bencode::{Compact, Key, Part, Shape, Table};
use crate::wire::{Field, Kind, Unit};

static TRANSACTION: Field = Field::new("t", Kind::Bytes);
static TYPE: Field = Field::new("y", Kind::Text);
static METHOD: Field = Field::new("q", Kind::Text);
pub(super) static ARGUMENTS: Field = Field::new("a", Kind::Group);
pub(super) static RESULTS: Field = Field::new("r", Kind::Group);
pub(super) static ERROR: Field = Field::new("e", Kind::List);
pub(super) static VERSION: Field = Field::new("v", Kind::Bytes);
static IP: Field = Field::new("ip", Kind::Address);
static READ_ONLY: Field = Field::new("ro", Kind::Bool);
static TOPIC: Field = Field::new("c", Kind::Hash);

static ID: Field = Field::new("id", Kind::Hash);
static TARGET: Field = Field::new("target", Kind::Hash);
static INFO_HASH: Field = Field::new("info_hash", Kind::Hash);
static WANT: Field = Field::new("want", Kind::List);
static FAMILY: Field = Field::new("family", Kind::Text);
static NOSEED: Field = Field::new("noseed", Kind::Bool);
static SCRAPE: Field = Field::new("scrape", Kind::Bool);
static PORT: Field = Field::new("port", Kind::Uint(Unit::None));
static IMPLIED_PORT: Field = Field::new("implied_port", Kind::Bool);
static TOKEN: Field = Field::new("token", Kind::Bytes);
static SEED: Field = Field::new("seed", Kind::Bool);
static N: Field = Field::new("n", Kind::Text);
static NAME: Field = Field::new("name", Kind::Text);
static K: Field = Field::new("k", Kind::Bytes);
static SEQ: Field = Field::new("seq", Kind::Int);
static SIG: Field = Field::new("sig", Kind::Bytes);
static SALT: Field = Field::new("salt", Kind::Bytes);
static CAS: Field = Field::new("cas", Kind::Int);

static NODES: Field = Field::new("nodes", Kind::List);
static NODES6: Field = Field::new("nodes6", Kind::List);
static NODE: Field = Field::new("node", Kind::Group);
static ADDRESS: Field = Field::new("address", Kind::Address);
static VALUES: Field = Field::new("values", Kind::List);
static PEER: Field = Field::new("peer", Kind::Address);
pub(super) static SEEDS: Field = Field::new("BFsd", Kind::Bytes);
pub(super) static PEERS: Field = Field::new("BFpe", Kind::Bytes);
static INTERVAL: Field = Field::new("interval", Kind::Uint(Unit::Seconds));
static NUM: Field = Field::new("num", Kind::Uint(Unit::None));
static SAMPLES: Field = Field::new("samples", Kind::List);

static NODE_PARTS4: [Part; 2] = node_parts(6);
static NODE_PARTS6: [Part; 2] = node_parts(18);
static NODE_LIST: Compact = Compact::new(&NODE, &NODE_PARTS4);
static NODE_LIST6: Compact = Compact::new(&NODE, &NODE_PARTS6);
static SAMPLE_PARTS: [Part; 1] = [Part {
    field: &INFO_HASH,
    size: 20,
}];
static SAMPLE_LIST: Compact = Compact::new(&INFO_HASH, &SAMPLE_PARTS);

const fn node_parts(address: usize) -> [Part; 2] {
    [
        Part {
            field: &ID,
            size: 20,
        },
        Part {
            field: &ADDRESS,
            size: address,
        },
    ]
}

/// The dictionary `a`.
static ARGUMENT_KEYS: Table = Table::new(&[
    Key::new(&ID),
    Key::new(&TARGET),
    Key::new(&INFO_HASH),
    Key::shaped(&WANT, Shape::list(&FAMILY)),
    Key::new(&NOSEED),
    Key::new(&SCRAPE),
    Key::new(&PORT),
    Key::new(&IMPLIED_PORT),
    Key::new(&TOKEN),
    Key::new(&SEED),
    Key::new(&N),
    Key::new(&NAME),
    Key::new(&K),
    Key::new(&SEQ),
    Key::new(&SIG),
    Key::new(&SALT),
    Key::new(&CAS),
]);

/// The dictionary `r`.
static RESULT_KEYS: Table = Table::new(&[
    Key::new(&ID),
    Key::shaped(&NODES, Shape::compact(&NODE_LIST)),
    Key::shaped(&NODES6, Shape::compact(&NODE_LIST6)),
    Key::shaped(&VALUES, Shape::list(&PEER)),
    Key::new(&TOKEN),
    Key::new(&SEEDS),
    Key::new(&PEERS),
    Key::new(&INTERVAL),
    Key::new(&NUM),
    Key::shaped(&SAMPLES, Shape::compact(&SAMPLE_LIST)),
    Key::new(&K),
    Key::new(&SEQ),
    Key::new(&SIG),
    // Where older clients put it.
    Key::new(&IP),
]);

/// A message.
pub(super) static MESSAGE: Table = Table::new(&[
    Key::new(&TRANSACTION),
    Key::new(&TYPE),
    Key::new(&METHOD),
    Key::shaped(&ARGUMENTS, Shape::dict(&ARGUMENT_KEYS)),
    Key::shaped(&RESULTS, Shape::dict(&RESULT_KEYS)),
    Key::new(&ERROR),
    Key::new(&VERSION),
    Key::new(&IP),
    Key::new(&READ_ONLY),
    Key::new(&TOPIC),
]);
