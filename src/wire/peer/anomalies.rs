//! What can be wrong with messages of the peer wire.

use crate::wire::anomaly::{Anomaly, NO_BEP};
use crate::wire::reader::SHORT;

/// A handshake that is none.
pub static NOT_A_HANDSHAKE: Anomaly = SHORT.under("HS-01", 3);
/// A handshake but for its first byte.
pub static LENGTH_BYTE: Anomaly = Anomaly::error(
    "HS-09",
    3,
    "19 (0x13) is due, the length of the name that follows",
)
.plain();
/// A handshake whose name has other capitals.
pub static NAME_SPELLING: Anomaly = Anomaly::error(
    "HS-01",
    3,
    "the name is \"BitTorrent protocol\", in these letters",
)
.plain();
/// An info-hash that was not decoded.
pub static HEX_INFO_HASH: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the info-hash is in hex digits, 20 raw bytes are due",
)
.plain();
/// A handshake that goes on with the info-hash at once.
pub static NO_RESERVED: Anomaly =
    Anomaly::error("HS-10", 3, "8 reserved bytes are due before the info-hash").plain();
/// An info-hash that was not cut.
pub static WHOLE_V2_INFO_HASH: Anomaly = Anomaly::error(
    "HS-10",
    52,
    "the info-hash has 32 bytes, the first 20 are due",
)
.plain();
/// Bytes that were taken for text.
pub static MANGLED_INFO_HASH: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the info-hash went through UTF-8, 20 raw bytes are due",
)
.plain();
/// Bytes before a handshake: of a text.
pub static LINE_BEFORE: Anomaly = Anomaly::error(
    "HS-01",
    3,
    "the end of a line or a space before 19 (0x13), with which a handshake begins",
)
.plain();
/// Bytes before a handshake: of a text that says how it is encoded.
pub static MARK_BEFORE: Anomaly = Anomaly::error(
    "HS-01",
    3,
    "a byte order mark before 19 (0x13), with which a handshake begins",
)
.plain();
/// Bytes before a handshake: of a literal.
pub static QUOTE_BEFORE: Anomaly = Anomaly::error(
    "HS-01",
    3,
    "a quotation mark before 19 (0x13), with which a handshake begins",
)
.plain();
/// Bytes before a handshake: zeros.
pub static ZEROS_BEFORE: Anomaly = Anomaly::error(
    "HS-01",
    3,
    "zero bytes before 19 (0x13), with which a handshake begins",
)
.plain();
/// Bytes before a handshake: its length.
pub static LENGTH_BEFORE: Anomaly = Anomaly::error(
    "HS-01",
    3,
    "a length of 68 before the handshake, which has none and begins with 19 (0x13)",
)
.plain();
/// A handshake that was not decoded.
pub static HEX_HANDSHAKE: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the whole handshake is in hex digits, 68 raw bytes are due",
)
.plain();
/// A handshake that went through a text of two bytes a character.
pub static WIDE_HANDSHAKE: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the whole handshake is in UTF-16, two bytes for each, 68 raw bytes are due",
)
.plain();
/// A handshake that was encoded for a text.
pub static BASE64_HANDSHAKE: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the whole handshake is in base64, 68 raw bytes are due",
)
.plain();
/// A name that ends as a string of C does.
pub static NAME_ENDED: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "a zero byte behind the name, which has 19 letters and no end",
)
.plain();
/// Reserved bytes too many or too few.
pub static RESERVED_LENGTH: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "8 reserved bytes are due between the name and the info-hash, no more and no fewer",
)
.plain();
/// An info-hash that ends as a text does.
pub static LONG_INFO_HASH: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "a byte behind the info-hash, which has 20 bytes and no end",
)
.plain();
/// An info-hash that lacks a byte.
pub static SHORT_INFO_HASH: Anomaly =
    Anomaly::error("HS-10", 3, "the info-hash has 19 bytes, 20 are due").plain();
/// An info-hash as magnet links have it.
pub static BASE32_INFO_HASH: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the info-hash is in letters of base32, 20 raw bytes are due",
)
.plain();
/// A peer id in the place of the info-hash.
pub static SWAPPED: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the peer id stands where the info-hash is due, and the other way round",
)
.plain();
/// A peer id that was not decoded.
pub static HEX_PEER_ID: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the peer id is in 40 hex digits, 20 raw bytes are due",
)
.plain();
/// A peer id that was taken for text.
pub static MANGLED_PEER_ID: Anomaly = Anomaly::error(
    "HS-10",
    3,
    "the peer id went through UTF-8, 20 raw bytes are due",
)
.plain();
/// A peer id that tells no client.
pub static UNKNOWN_CLIENT: Anomaly = Anomaly::info("HS-07", 20, "the peer id is of no known style");
/// A peer id of which half was sent.
pub static HALF_PEER_ID: Anomaly = Anomaly::info(
    "HS-07",
    20,
    "the peer id is the first half of one that was written in hex digits",
);
/// Bytes behind a message of fixed length.
pub static TOO_LONG: Anomaly = Anomaly::error("MS-02", 3, "longer than its layout").plain();
/// A length prefix of another message: of one that was pasted alone.
pub static WRONG_LENGTH: Anomaly = Anomaly::error(
    "MS-02",
    3,
    "the length prefix is not the number of bytes that follow",
)
.plain();
/// The same in the other byte order.
pub static LITTLE_LENGTH: Anomaly = Anomaly::error(
    "MS-02",
    3,
    "the length prefix is little end first, big end first is due",
)
.plain();
/// An id without a meaning.
pub static UNKNOWN_ID: Anomaly = Anomaly::warning("MS-03", 3, "id {} has no meaning in any BEP");
/// A bitfield of the wrong length.
pub static BITFIELD_LENGTH: Anomaly =
    Anomaly::error("BF-01", 3, "its size does not fit the torrent's pieces").plain();
/// Bits beyond the last piece.
pub static SPARE_BITS: Anomaly = Anomaly::error("BF-02", 3, "spare bits are set").plain();
/// A bitfield behind other messages.
pub static LATE_BITFIELD: Anomaly = Anomaly::error("BF-03", 3, "in mid-session, as message {}");
/// A bitfield behind another, or behind have all or have none.
pub static SECOND_BITFIELD: Anomaly = Anomaly::error("BF-04", 3, "a second one, as message {}");
/// A bitfield of no byte.
pub static EMPTY_BITFIELD: Anomaly = Anomaly::warning("BF-05", 3, "an empty bitfield");
/// A have of a piece beyond the last one.
pub static HAVE_BEYOND: Anomaly = Anomaly::error("BF-07", 3, "piece {} of a torrent of {} pieces");
/// A port that nobody listens on.
pub static PORT_ZERO: Anomaly = Anomaly::warning("DT-13", 5, "the port of the DHT node is 0");
/// A request of more than 16 KiB.
pub static LONG_REQUEST: Anomaly = Anomaly::error("RQ-01", 3, "asks for {} bytes, more than 16384");
/// A request of nothing.
pub static EMPTY_REQUEST: Anomaly = Anomaly::error("RQ-02", 3, "asks for no bytes");
/// A request of a piece beyond the last one.
pub static REQUEST_BEYOND: Anomaly =
    Anomaly::error("RQ-02", 3, "asks for piece {} of a torrent of {} pieces");
/// A request that begins within a block.
pub static UNALIGNED_REQUEST: Anomaly =
    Anomaly::info("RQ-02", 3, "offset {} is no multiple of 16384");
/// A piece without data.
pub static EMPTY_PIECE: Anomaly = Anomaly::error("PC-03", 3, "a piece message without data");
/// A number of hashes that no client serves.
pub static HASHES_LENGTH: Anomaly =
    Anomaly::error("V2-02", 52, "length {} is no power of two from 2 on");
/// More hashes than a client need serve.
pub static MANY_HASHES: Anomaly = Anomaly::warning("V2-02", 52, "length {} is more than 512");
/// Hashes that begin within a subtree.
pub static HASHES_INDEX: Anomaly =
    Anomaly::error("V2-02", 52, "index {} is no multiple of length {}");
/// Hashes too many or too few.
pub static HASHES_COUNT: Anomaly = Anomaly::error(
    "V2-04",
    52,
    "not as many hashes as length and proof layers ask for",
)
.plain();
/// A part of a hash.
pub static PARTIAL_HASH: Anomaly =
    Anomaly::error("V2-04", 52, "not a whole number of hashes").plain();
/// AZMP with an id that is too long.
pub static AZMP_ID: Anomaly =
    Anomaly::error("AZ-01", NO_BEP, "its id has an implausible length").plain();

/// All of them.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &NOT_A_HANDSHAKE,
    &LENGTH_BYTE,
    &NAME_SPELLING,
    &HEX_INFO_HASH,
    &NO_RESERVED,
    &WHOLE_V2_INFO_HASH,
    &MANGLED_INFO_HASH,
    &LINE_BEFORE,
    &MARK_BEFORE,
    &QUOTE_BEFORE,
    &ZEROS_BEFORE,
    &LENGTH_BEFORE,
    &HEX_HANDSHAKE,
    &WIDE_HANDSHAKE,
    &BASE64_HANDSHAKE,
    &NAME_ENDED,
    &RESERVED_LENGTH,
    &LONG_INFO_HASH,
    &SHORT_INFO_HASH,
    &BASE32_INFO_HASH,
    &SWAPPED,
    &HEX_PEER_ID,
    &MANGLED_PEER_ID,
    &UNKNOWN_CLIENT,
    &HALF_PEER_ID,
    &SHORT,
    &TOO_LONG,
    &WRONG_LENGTH,
    &LITTLE_LENGTH,
    &UNKNOWN_ID,
    &BITFIELD_LENGTH,
    &SPARE_BITS,
    &LATE_BITFIELD,
    &SECOND_BITFIELD,
    &EMPTY_BITFIELD,
    &HAVE_BEYOND,
    &PORT_ZERO,
    &LONG_REQUEST,
    &EMPTY_REQUEST,
    &REQUEST_BEYOND,
    &UNALIGNED_REQUEST,
    &EMPTY_PIECE,
    &HASHES_LENGTH,
    &MANY_HASHES,
    &HASHES_INDEX,
    &HASHES_COUNT,
    &PARTIAL_HASH,
    &AZMP_ID,
];
