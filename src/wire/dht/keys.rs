//! The keys of KRPC messages, for the field tree.
//!
//! A stored item (`v` in `a` and `r`) may be any value: it has no entry here and
//! reads as what it is.

use super::anomalies;
use crate::wire::bencode::{Compact, Key, Part, Shape, Table};
use crate::wire::field::QUERY_FRAME;
use crate::wire::{Field, Kind, Member, MessageType, Protocol, Topic, Unit};

static TRANSACTION: Field = Field::new(
    "t",
    Kind::Bytes,
    "Transaction id: chosen by who asks, given back in the answer.",
);
static TYPE: Field = Field::new(
    "y",
    Kind::Text,
    "Type of the message: q for a query, r for a response, e for an error.",
);
static METHOD: Field = Field::new("q", Kind::Text, "Name of the method that a query calls.");
pub(super) static ARGUMENTS: Field = Field::new("a", Kind::Group, "Arguments of a query.");
pub(super) static RESULTS: Field = Field::new("r", Kind::Group, "Results in a response.");
pub(super) static ERROR_LIST: Field =
    Field::new("e", Kind::List, "The error: its code, then its text.");
pub(super) static VERSION: Field = Field::new(
    "v",
    Kind::Bytes,
    "Client and version of the sender: two letters and two bytes.",
);
static IP: Field = Field::new(
    "ip",
    Kind::Address,
    "The address of the receiver as the sender sees it (BEP 42).",
);
static READ_ONLY: Field = Field::new(
    "ro",
    Kind::Bool,
    "1 if the sender answers no queries (BEP 43).",
);
static TOPIC: Field = Field::new("c", Kind::Hash, "Channel of the message (BEP 50).");

static ID: Field = Field::new("id", Kind::Hash, "Id of the node.");
static TARGET: Field = Field::new("target", Kind::Hash, "The id that is looked for.");
static INFO_HASH: Field = Field::new("info_hash", Kind::Hash, "Info-hash of a torrent.");
static WANT: Field = Field::new(
    "want",
    Kind::List,
    "Which families of addresses the answer should have (BEP 32).",
);
static FAMILY: Field = Field::new(
    "family",
    Kind::Text,
    "n4 for nodes of IPv4, n6 for nodes of IPv6.",
);
static NOSEED: Field = Field::new(
    "noseed",
    Kind::Bool,
    "1 if seeds should not be among the peers (BEP 33).",
);
static SCRAPE: Field = Field::new(
    "scrape",
    Kind::Bool,
    "1 if bloom filters of the swarm are wanted (BEP 33).",
);
static PORT: Field = Field::new(
    "port",
    Kind::Uint(Unit::None),
    "Port on which the announced peer accepts connections.",
);
static IMPLIED_PORT: Field = Field::new(
    "implied_port",
    Kind::Bool,
    "1 if the port of the datagram counts, and not `port`.",
);
static TOKEN: Field = Field::new(
    "token",
    Kind::Bytes,
    "What a node gave to the address that may announce or store there.",
);
static SEED: Field = Field::new(
    "seed",
    Kind::Bool,
    "1 if the announced peer is a seed (BEP 33).",
);
static N: Field = Field::new("n", Kind::Text, "Name of the torrent.");
static NAME: Field = Field::new("name", Kind::Text, "Name of the torrent.");
static K: Field = Field::new(
    "k",
    Kind::Bytes,
    "Public key of a mutable item, 32 bytes (BEP 44).",
);
static SEQ: Field = Field::new(
    "seq",
    Kind::Int,
    "Sequence number of a mutable item (BEP 44).",
);
static SIG: Field = Field::new(
    "sig",
    Kind::Bytes,
    "Signature of a mutable item, 64 bytes (BEP 44).",
);
static SALT: Field = Field::new(
    "salt",
    Kind::Bytes,
    "Tells items of one key apart (BEP 44).",
);
static CAS: Field = Field::new(
    "cas",
    Kind::Int,
    "The sequence number that is to be replaced (BEP 44).",
);

static NODES: Field = Field::new(
    "nodes",
    Kind::List,
    "Nodes of IPv4 that are close to the target.",
);
static NODES6: Field = Field::new(
    "nodes6",
    Kind::List,
    "Nodes of IPv6 that are close to the target (BEP 32).",
);
static NODE: Field = Field::new("node", Kind::Group, "A node: its id and its address.");
static ADDRESS: Field = Field::new("address", Kind::Address, "Address of the node.");
static VALUES: Field = Field::new("values", Kind::List, "Peers of the torrent.");
static PEER: Field = Field::new("peer", Kind::Address, "Address of a peer.");
pub(super) static SEEDS: Field = Field::new(
    "BFsd",
    Kind::Bytes,
    "Bloom filter of the seeds, 256 bytes (BEP 33).",
);
pub(super) static PEERS: Field = Field::new(
    "BFpe",
    Kind::Bytes,
    "Bloom filter of the downloaders, 256 bytes (BEP 33).",
);
static INTERVAL: Field = Field::new(
    "interval",
    Kind::Uint(Unit::Seconds),
    "Seconds until the node gives other samples (BEP 51).",
);
static NUM: Field = Field::new(
    "num",
    Kind::Uint(Unit::None),
    "How many info-hashes the node has (BEP 51).",
);
static SAMPLES: Field = Field::new(
    "samples",
    Kind::List,
    "Some of the info-hashes that the node has (BEP 51).",
);

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
    Key::new(&ERROR_LIST),
    Key::new(&VERSION),
    Key::new(&IP),
    Key::new(&READ_ONLY),
    Key::new(&TOPIC),
])
.under(&anomalies::BENCODE);

/// The method of the query that a message is or answers.
pub static METHOD_FACT: Field = Field::new(
    "method",
    Kind::Text,
    "The method of the query, or of the query that is answered, where that is known.",
);

/// Keys that every type of message has.
static ENVELOPE: &[Member] = &[
    Member::Field(&TRANSACTION),
    Member::Field(&TYPE),
    Member::Field(&VERSION),
    Member::Fact(&METHOD_FACT),
];

/// What an answer has beside those.
static ANSWER: &[Member] = &[
    Member::Shared(ENVELOPE),
    Member::Field(&IP),
    Member::Fact(&QUERY_FRAME),
];

/// Asks a node for something.
pub static QUERY: MessageType = message("query", Topic::Discovery).members(&[
    Member::Shared(ENVELOPE),
    Member::Field(&METHOD),
    Member::Group(&ARGUMENTS, &[Member::Keys(&ARGUMENT_KEYS)]),
    Member::Field(&READ_ONLY),
    Member::Field(&TOPIC),
]);

/// Answers a query.
pub static RESPONSE: MessageType = message("response", Topic::Discovery).members(&[
    Member::Shared(ANSWER),
    Member::Group(&RESULTS, &[Member::Keys(&RESULT_KEYS)]),
]);

/// Says that a query could not be answered.
pub static ERROR: MessageType =
    message("error", Topic::Refusal).members(&[Member::Shared(ANSWER), Member::Field(&ERROR_LIST)]);

/// A message of no known type.
pub static UNKNOWN: MessageType =
    message("unknown", Topic::Unknown).members(&[Member::Keys(&MESSAGE)]);

const fn message(name: &'static str, topic: Topic) -> MessageType {
    MessageType::new(Protocol::Dht, name, topic).bep(5)
}
