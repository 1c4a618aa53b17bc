//! What can be wrong with messages of the extension protocol.

use crate::wire::anomaly::{Anomaly, NO_BEP};
use crate::wire::bencode::Rules;
use crate::wire::reader::SHORT;

/// The form of the dictionaries (EX-06), the types of their values (EX-09).
pub static BENCODE: Rules = Rules::new("EX-06", "EX-09", "EX-11", 10);

/// An id that nobody announced.
pub static NOT_ANNOUNCED: Anomaly =
    Anomaly::error("EX-02", 10, "an id that the receiver did not announce").plain();
/// An id that was announced with 0 since.
pub static SWITCHED_OFF: Anomaly =
    Anomaly::error("EX-03", 10, "the receiver had switched this extension off").plain();
/// An id that stands for several extensions.
pub static AMBIGUOUS_ID: Anomaly = Anomaly::error(
    "EX-04",
    10,
    "the receiver gave this id to several extensions",
)
.plain();
/// An id in `m` that is no number.
pub static ID_NOT_A_NUMBER: Anomaly =
    Anomaly::error("EX-04", 10, "extended id that is not a number").plain();
/// An id in `m` beyond a byte.
pub static ID_NOT_A_BYTE: Anomaly =
    Anomaly::error("EX-04", 10, "extended id that is not a byte").plain();
/// An id in `m` that comes twice.
pub static SAME_ID: Anomaly =
    Anomaly::error("EX-04", 10, "two extensions with the same id").plain();
/// An address that is none.
pub static ADDRESS_LENGTH: Anomaly =
    Anomaly::warning("EX-07", 10, "not the length of an address").plain();
/// An address of another family, or with a port.
pub static OTHER_ADDRESS: Anomaly = Anomaly::warning("EX-07", 10, "an address of {} bytes, not {}");
/// A port that is none.
pub static BAD_PORT: Anomaly = Anomaly::warning("EX-07", 10, "{} is no port");
/// A queue that holds nothing.
pub static NO_QUEUE: Anomaly = Anomaly::warning("EX-07", 10, "a queue of {} requests");
/// A truth value that is none.
pub static NOT_A_BOOL: Anomaly = Anomaly::warning("EX-10", NO_BEP, "neither 0 nor 1").plain();

/// No layout has room for what follows.
pub static TRAILING: Anomaly =
    Anomaly::error("EX-11", 10, "bytes after the end of the message").plain();
/// A message ends within its layout.
pub static TOO_SHORT: Anomaly = SHORT.under("EX-11", 10);
/// A message without its dictionary.
pub static NOT_A_DICTIONARY: Anomaly =
    Anomaly::error("EX-11", 10, "extended handshake that is not a dictionary").plain();

/// More metadata than clients take.
pub static MUCH_METADATA: Anomaly = Anomaly::warning(
    "MD-01",
    9,
    "an info dictionary of {} bytes, more than libtorrent takes",
);
/// Data of the wrong length.
pub static METADATA_LENGTH: Anomaly = Anomaly::error(
    "MD-03",
    9,
    "not the bytes that `piece` and `total_size` ask for",
)
.plain();
/// The reject example of BEP 9, which says that it is data.
pub static REJECT_AS_DATA: Anomaly =
    Anomaly::warning("MD-05", 9, "ut_metadata data without `total_size`").plain();
/// No metadata at all.
pub static NO_METADATA: Anomaly = Anomaly::warning("MD-09", 9, "an info dictionary of {} bytes");
/// More than a piece of metadata.
pub static LONG_METADATA: Anomaly =
    Anomaly::error("MD-10", 9, "{} bytes of metadata, more than 16384");
/// Data that does not say of how much.
pub static NO_TOTAL_SIZE: Anomaly =
    Anomaly::error("MD-11", 9, "ut_metadata data without `total_size`").plain();
/// No type.
pub static METADATA_NO_TYPE: Anomaly =
    Anomaly::error("MD-12", 9, "ut_metadata without `msg_type`").plain();
/// No piece.
pub static METADATA_NO_PIECE: Anomaly =
    Anomaly::error("MD-12", 9, "ut_metadata without `piece`").plain();

/// More peers than BEP 11 allows but for a first message.
pub static MANY_PEERS: Anomaly = Anomaly::info(
    "PX-02",
    11,
    "{} peers, more than 50: for a first message only",
);
/// More peers than libtorrent takes.
pub static TOO_MANY_PEERS: Anomaly =
    Anomaly::warning("PX-02", 11, "{} peers, more than libtorrent takes");
/// Flags missing or too many.
pub static PEX_FLAGS: Anomaly =
    Anomaly::warning("PX-03", 11, "not one byte of flags for each added peer").plain();
/// A part of a peer.
pub static PARTIAL_PEER: Anomaly =
    Anomaly::error("PX-04", 11, "list of peers with a part of a peer").plain();
/// Nothing in it.
pub static NO_PEERS: Anomaly =
    Anomaly::warning("PX-05", 11, "ut_pex without any list of peers").plain();
/// A peer twice.
pub static SAME_PEER: Anomaly = Anomaly::warning("PX-05", 11, "{} is there twice");
/// A peer that comes and goes.
pub static ADDED_AND_DROPPED: Anomaly =
    Anomaly::warning("PX-05", 11, "{} is added and dropped at once");
/// A peer that nobody can reach.
pub static UNREACHABLE_PEER: Anomaly = Anomaly::warning("PX-07", 11, "{} is no address of a peer");
/// No dictionary.
pub static PEX_NOT_A_DICTIONARY: Anomaly =
    Anomaly::error("PX-08", 11, "ut_pex that is not a dictionary").plain();

/// A piece number that is not 4 bytes.
pub static DONTHAVE_SHORT: Anomaly = SHORT.under("DH-01", 54);
/// A piece number and something else.
pub static DONTHAVE_LONG: Anomaly = TRAILING.under("DH-01", 54);

/// A type that BEP 55 does not have.
pub static HOLEPUNCH_TYPE: Anomaly =
    Anomaly::error("HP-01", 55, "unknown ut_holepunch type").plain();
/// A family that BEP 55 does not have.
pub static HOLEPUNCH_FAMILY: Anomaly =
    Anomaly::error("HP-01", 55, "unknown type of address").plain();
/// An error without a code.
pub static HOLEPUNCH_NO_CODE: Anomaly =
    Anomaly::error("HP-01", 55, "ut_holepunch error without `err_code`").plain();
/// A code that BEP 55 does not have.
pub static HOLEPUNCH_CODE: Anomaly = Anomaly::error("HP-01", 55, "unknown error code {}");
/// Too few bytes.
pub static HOLEPUNCH_SHORT: Anomaly = SHORT.under("HP-01", 55);
/// Too many bytes.
pub static HOLEPUNCH_LONG: Anomaly = TRAILING.under("HP-01", 55);

/// No trackers.
pub static TEX_NO_TRACKERS: Anomaly = Anomaly::error("EX-11", 28, "lt_tex without `added`").plain();
/// No type.
pub static COMMENT_NO_TYPE: Anomaly =
    Anomaly::error("EX-11", NO_BEP, "ut_comment without `msg_type`").plain();
/// No port.
pub static I2P_NO_PORT: Anomaly = Anomaly::error("EX-11", NO_BEP, "i2p_dht without `port`").plain();
/// No port for responses.
pub static I2P_NO_RPORT: Anomaly =
    Anomaly::error("EX-11", NO_BEP, "i2p_dht without `rport`").plain();
/// A type that libtorrent never had.
pub static LT_METADATA_TYPE: Anomaly =
    Anomaly::error("EX-11", NO_BEP, "unknown LT_metadata type").plain();
/// Hashes beyond the message.
pub static HASH_LIST_PAST_END: Anomaly =
    Anomaly::error("EX-11", 30, "list of hashes past the end").plain();
/// Hashes that end before their length.
pub static HASH_LIST_LENGTH: Anomaly =
    Anomaly::warning("EX-11", 30, "list of hashes shorter than its length").plain();

/// All of them but those of bencode.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &NOT_ANNOUNCED,
    &SWITCHED_OFF,
    &AMBIGUOUS_ID,
    &ID_NOT_A_NUMBER,
    &ID_NOT_A_BYTE,
    &SAME_ID,
    &ADDRESS_LENGTH,
    &OTHER_ADDRESS,
    &BAD_PORT,
    &NO_QUEUE,
    &NOT_A_BOOL,
    &TRAILING,
    &TOO_SHORT,
    &NOT_A_DICTIONARY,
    &MUCH_METADATA,
    &METADATA_LENGTH,
    &REJECT_AS_DATA,
    &NO_METADATA,
    &LONG_METADATA,
    &NO_TOTAL_SIZE,
    &METADATA_NO_TYPE,
    &METADATA_NO_PIECE,
    &MANY_PEERS,
    &TOO_MANY_PEERS,
    &PEX_FLAGS,
    &PARTIAL_PEER,
    &NO_PEERS,
    &SAME_PEER,
    &ADDED_AND_DROPPED,
    &UNREACHABLE_PEER,
    &PEX_NOT_A_DICTIONARY,
    &DONTHAVE_SHORT,
    &DONTHAVE_LONG,
    &HOLEPUNCH_TYPE,
    &HOLEPUNCH_FAMILY,
    &HOLEPUNCH_NO_CODE,
    &HOLEPUNCH_CODE,
    &HOLEPUNCH_SHORT,
    &HOLEPUNCH_LONG,
    &TEX_NO_TRACKERS,
    &COMMENT_NO_TYPE,
    &I2P_NO_PORT,
    &I2P_NO_RPORT,
    &LT_METADATA_TYPE,
    &HASH_LIST_PAST_END,
    &HASH_LIST_LENGTH,
];
