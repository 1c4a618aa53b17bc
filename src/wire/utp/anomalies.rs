//! What can be wrong with uTP packets.

use crate::wire::anomaly::Anomaly;
use crate::wire::reader::SHORT;

/// A packet that ends within its header or its extensions.
pub static TOO_SHORT: Anomaly = SHORT.under("UT-01", 29);
/// A version that nobody speaks.
pub static UNKNOWN_VERSION: Anomaly = Anomaly::error("UT-01", 29, "unknown version of uTP").plain();
/// A type that BEP 29 does not have.
pub static UNKNOWN_TYPE: Anomaly = Anomaly::error("UT-01", 29, "type {} is none of BEP 29");
/// A selective ACK of an odd length: libtorrent sends such, and nobody minds.
pub static SACK_LENGTH: Anomaly = Anomaly::warning(
    "UT-01",
    29,
    "the length of a selective ACK is no multiple of 4",
)
.plain();
/// Nothing in it.
pub static EMPTY_EXTENSION: Anomaly = Anomaly::warning("UT-01", 29, "empty extension").plain();
/// An extension that BEP 29 does not have.
pub static UNKNOWN_EXTENSION: Anomaly =
    Anomaly::info("UT-08", 29, "unknown extension of uTP").plain();
/// Data that is none.
pub static NO_PAYLOAD: Anomaly = Anomaly::warning("UT-03", 29, "a data packet without data");
/// Data where there is no place for it.
pub static PAYLOAD: Anomaly =
    Anomaly::warning("UT-03", 29, "{} bytes of data in a packet that has none");

/// All of them.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &TOO_SHORT,
    &UNKNOWN_VERSION,
    &UNKNOWN_TYPE,
    &SACK_LENGTH,
    &EMPTY_EXTENSION,
    &UNKNOWN_EXTENSION,
    &NO_PAYLOAD,
    &PAYLOAD,
];
