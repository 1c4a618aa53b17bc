//! The messages of the peer wire, each once: names, ids, BEPs, legal lengths,
//! fields. Those of the extension protocol are in
//! [`extension`](crate::wire::extension).

use super::azmp;
use super::block::{self, BEGIN, BLOCK_LENGTH, INDEX};
use super::fields::{
    CUT_FIELD, DATA, MISSING, PAYLOAD, PIECE as PIECE_INDEX, PORT as PORT_NUMBER, UNCLAIMED,
};
pub(in crate::wire) use super::fields::{ID, LENGTH_PREFIX};
use super::handshake::{INFO_HASH, PEER_ID, PSTR, PSTRLEN, RESERVED, STRAY};
use super::hashes::{self, BASE_LAYER, HASH, PIECES_ROOT, PROOF_LAYERS, UNCLES};
use super::id::MessageId;
use crate::wire::Protocol;
use crate::wire::extension::EXTENDED;
use crate::wire::field::{Field, Kind, Unit};
use crate::wire::message_type::{Lengths, Member, MessageType, Topic};

/// The client by its peer id.
pub static CLIENT: Field = Field::new(
    "client",
    Kind::Text,
    "Name and version of the client by its peer id, null where that tells nothing.",
);
/// The names of the known reserved bits.
pub static EXTENSIONS: Field = Field::new(
    "extensions",
    Kind::List,
    "Names of the known bits in `reserved`.",
);
/// Bits of a bitfield.
pub static PIECES_SET: Field = Field::new(
    "pieces_set",
    Kind::Uint(Unit::None),
    "How many pieces the sender has.",
);
/// Pieces of the torrent.
pub static PIECES: Field = Field::new(
    "pieces",
    Kind::Uint(Unit::None),
    "How many pieces the torrent has, where that is known.",
);
/// Bits beyond the last piece.
pub static SPARE_BITS_SET: Field = Field::new(
    "spare_bits_set",
    Kind::Uint(Unit::None),
    "How many bits are set that stand for no piece, where the torrent is known.",
);

static GAP_BYTES: Field = Field::new(
    "bytes",
    Kind::Uint(Unit::Bytes),
    "How many bytes are not in the capture, null if that cannot be known.",
);
static GAP_SKIPPED: Field = Field::new(
    "skipped",
    Kind::Uint(Unit::Bytes),
    "How many bytes are in the capture, but were passed over on the way to the next message.",
);
static GAP_OFFSET: Field = Field::new("offset", Kind::Uint(Unit::Bytes), "Offset in the stream.");
static GAP_CAUSE: Field = Field::new(
    "cause",
    Kind::Text,
    "Why they are missing: lost (no packet has them) or snaplen (the packet was cut).",
);

/// Fields that a message of the peer wire can have whatever it is.
pub(in crate::wire) static ANYWHERE: &[Member] = &[
    Member::Field(&CUT_FIELD),
    Member::Field(&UNCLAIMED),
    Member::Field(&MISSING),
    Member::Field(&hashes::UNCLAIMED),
];

/// What every message but the handshake begins with.
static HEAD: &[Member] = &[Member::Field(&LENGTH_PREFIX), Member::Field(&ID)];

static PIECE_MEMBERS: &[Member] = &[Member::Shared(HEAD), Member::Field(&PIECE_INDEX)];

static BLOCK_MEMBERS: &[Member] = &[
    Member::Shared(HEAD),
    Member::Field(&INDEX),
    Member::Field(&BEGIN),
    Member::Field(&BLOCK_LENGTH),
];

static RANGE_MEMBERS: &[Member] = &[
    Member::Shared(HEAD),
    Member::Field(&PIECES_ROOT),
    Member::Field(&BASE_LAYER),
    Member::Field(&hashes::INDEX),
    Member::Field(&hashes::LENGTH),
    Member::Field(&PROOF_LAYERS),
];

const fn message(name: &'static str, topic: Topic) -> MessageType {
    MessageType::new(Protocol::Peer, name, topic)
}

/// A message of an id, a BEP, and the lengths that its prefix can count.
const fn with_id(
    name: &'static str,
    topic: Topic,
    id: MessageId,
    bep: u16,
    lengths: Lengths,
) -> MessageType {
    message(name, topic)
        .id(id.0)
        .bep(bep)
        .lengths(lengths)
        .members(HEAD)
}

const EMPTY: Lengths = Lengths::Exactly(1);
const A_PIECE: Lengths = Lengths::Exactly(1 + 4);
const A_BLOCK: Lengths = Lengths::Exactly(1 + 3 * 4);
/// The hash of a root and four numbers.
const A_RANGE: Lengths = Lengths::Exactly(RANGE);
const RANGE: u32 = 1 + 32 + 4 * 4;

/// The handshake.
pub static HANDSHAKE: MessageType = message("handshake", Topic::Setup)
    .bep(3)
    .lengths(Lengths::Exactly(super::HANDSHAKE_LENGTH as u32))
    .members(&[
        Member::Field(&PSTRLEN),
        Member::Field(&PSTR),
        Member::Field(&RESERVED),
        Member::Field(&INFO_HASH),
        Member::Field(&PEER_ID),
        Member::Field(&STRAY),
        Member::Fact(&CLIENT),
        Member::Fact(&EXTENSIONS),
    ]);

/// A length prefix of 0, and nothing else.
pub static KEEP_ALIVE: MessageType = message("keep_alive", Topic::Setup)
    .bep(3)
    .lengths(Lengths::Exactly(0))
    .members(&[Member::Field(&LENGTH_PREFIX)]);

/// No requests will be served.
pub static CHOKE: MessageType = with_id("choke", Topic::Stance, MessageId::CHOKE, 3, EMPTY);

/// Requests will be served.
pub static UNCHOKE: MessageType = with_id("unchoke", Topic::Stance, MessageId::UNCHOKE, 3, EMPTY);

/// The sender wants pieces of the receiver.
pub static INTERESTED: MessageType =
    with_id("interested", Topic::Stance, MessageId::INTERESTED, 3, EMPTY);

/// The sender wants none.
pub static NOT_INTERESTED: MessageType = with_id(
    "not_interested",
    Topic::Stance,
    MessageId::NOT_INTERESTED,
    3,
    EMPTY,
);

/// The sender has a piece.
pub static HAVE: MessageType =
    with_id("have", Topic::Availability, MessageId::HAVE, 3, A_PIECE).members(PIECE_MEMBERS);

/// The pieces that the sender has.
pub static BITFIELD: MessageType = with_id(
    "bitfield",
    Topic::Availability,
    MessageId::BITFIELD,
    3,
    Lengths::AtLeast(2),
)
.members(&[
    Member::Shared(HEAD),
    Member::Field(&block::BITFIELD),
    Member::Fact(&PIECES_SET),
    Member::Fact(&PIECES),
    Member::Fact(&SPARE_BITS_SET),
]);

/// The sender asks for a block.
pub static REQUEST: MessageType =
    with_id("request", Topic::Request, MessageId::REQUEST, 3, A_BLOCK).members(BLOCK_MEMBERS);

/// A block.
pub static PIECE: MessageType = with_id(
    "piece",
    Topic::Delivery,
    MessageId::PIECE,
    3,
    Lengths::AtLeast(1 + 2 * 4),
)
.members(&[
    Member::Shared(HEAD),
    Member::Field(&INDEX),
    Member::Field(&BEGIN),
    Member::Field(&DATA),
]);

/// The sender takes a request back.
pub static CANCEL: MessageType =
    with_id("cancel", Topic::Request, MessageId::CANCEL, 3, A_BLOCK).members(BLOCK_MEMBERS);

/// UDP port of the sender's DHT node.
pub static PORT: MessageType = with_id(
    "port",
    Topic::Setup,
    MessageId::PORT,
    5,
    Lengths::Exactly(1 + 2),
)
.members(&[Member::Shared(HEAD), Member::Field(&PORT_NUMBER)]);

/// The sender suggests to ask for a piece.
pub static SUGGEST_PIECE: MessageType = with_id(
    "suggest_piece",
    Topic::Availability,
    MessageId::SUGGEST_PIECE,
    6,
    A_PIECE,
)
.members(PIECE_MEMBERS);

/// The sender has every piece.
pub static HAVE_ALL: MessageType = with_id(
    "have_all",
    Topic::Availability,
    MessageId::HAVE_ALL,
    6,
    EMPTY,
);

/// The sender has no piece.
pub static HAVE_NONE: MessageType = with_id(
    "have_none",
    Topic::Availability,
    MessageId::HAVE_NONE,
    6,
    EMPTY,
);

/// The sender will not serve a request.
pub static REJECT_REQUEST: MessageType = with_id(
    "reject_request",
    Topic::Refusal,
    MessageId::REJECT_REQUEST,
    6,
    A_BLOCK,
)
.members(BLOCK_MEMBERS);

/// The receiver may ask for a piece while it is choked.
pub static ALLOWED_FAST: MessageType = with_id(
    "allowed_fast",
    Topic::Availability,
    MessageId::ALLOWED_FAST,
    6,
    A_PIECE,
)
.members(PIECE_MEMBERS);

/// Asks for hashes.
pub static HASH_REQUEST: MessageType = with_id(
    "hash_request",
    Topic::Request,
    MessageId::HASH_REQUEST,
    52,
    A_RANGE,
)
.members(RANGE_MEMBERS);

/// Brings hashes.
pub static HASHES: MessageType = with_id(
    "hashes",
    Topic::Delivery,
    MessageId::HASHES,
    52,
    Lengths::Records {
        head: RANGE,
        record: 32,
    },
)
.members(&[
    Member::Shared(RANGE_MEMBERS),
    Member::Group(&hashes::HASHES, &[Member::Field(&HASH)]),
    Member::Group(&UNCLES, &[Member::Field(&HASH)]),
]);

/// Refuses to bring hashes.
pub static HASH_REJECT: MessageType = with_id(
    "hash_reject",
    Topic::Refusal,
    MessageId::HASH_REJECT,
    52,
    A_RANGE,
)
.members(RANGE_MEMBERS);

/// A message of Azureus' own, or one of the peer wire in its framing: it has the
/// fields of that one too.
pub static AZMP: MessageType = message("azmp", Topic::Discovery).members(&[
    Member::Field(&azmp::LENGTH_PREFIX),
    Member::Field(&azmp::ID_LENGTH),
    Member::Field(&azmp::ID),
    Member::Field(&azmp::VERSION),
    Member::Field(&azmp::PAD_LENGTH),
    Member::Field(&azmp::PAD),
    Member::Field(&azmp::PAYLOAD),
]);

/// A message whose id has no meaning in any BEP.
pub static UNKNOWN: MessageType =
    message("unknown", Topic::Unknown).members(&[Member::Shared(HEAD), Member::Field(&PAYLOAD)]);

/// A hole in a stream, which is told like a message.
pub static GAP: MessageType = message("gap", Topic::Unknown).members(&[
    Member::Fact(&GAP_BYTES),
    Member::Fact(&GAP_SKIPPED),
    Member::Fact(&GAP_OFFSET),
    Member::Fact(&GAP_CAUSE),
]);

/// One more than the highest id that a BEP defines.
const IDS: usize = MessageId::HASH_REJECT.0 as usize + 1;

/// The messages by their ids.
static BY_ID: [Option<&MessageType>; IDS] = {
    let all: [&'static MessageType; 19] = [
        &CHOKE,
        &UNCHOKE,
        &INTERESTED,
        &NOT_INTERESTED,
        &HAVE,
        &BITFIELD,
        &REQUEST,
        &PIECE,
        &CANCEL,
        &PORT,
        &SUGGEST_PIECE,
        &HAVE_ALL,
        &HAVE_NONE,
        &REJECT_REQUEST,
        &ALLOWED_FAST,
        &EXTENDED,
        &HASH_REQUEST,
        &HASHES,
        &HASH_REJECT,
    ];
    let mut by_id = [None; IDS];
    let mut index = 0;
    while index < all.len() {
        if let Some(id) = all[index].id {
            by_id[id as usize] = Some(all[index]);
        }
        index += 1;
    }
    by_id
};

impl MessageId {
    /// The message of this id; `None` for an id without a meaning in any BEP.
    pub fn message_type(self) -> Option<&'static MessageType> {
        *BY_ID.get(usize::from(self.0))?
    }

    /// Whether a message of this id can be so long, as its length prefix counts.
    pub fn fits(self, length: u64) -> bool {
        self.message_type()
            .is_some_and(|message| message.lengths.fits(length))
    }
}
