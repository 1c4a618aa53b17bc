//! What can be wrong with announces of local service discovery.

use crate::wire::anomaly::Anomaly;

/// A port that is none.
pub static NOT_A_PORT: Anomaly = Anomaly::error("LS-01", 14, "not a port").plain();
/// A hash that is none.
pub static INFO_HASH_DIGITS: Anomaly =
    Anomaly::error("LS-01", 14, "an info-hash is 40 hex digits").plain();
/// An announce of nothing.
pub static NO_INFO_HASH: Anomaly = Anomaly::error("LS-01", 14, "no info-hash").plain();
/// A peer that nobody can reach.
pub static NO_PORT: Anomaly = Anomaly::error("LS-01", 14, "no port").plain();
/// A datagram that may have been cut.
pub static NO_END: Anomaly = Anomaly::error("LS-01", 14, "does not end with an empty line").plain();
/// A datagram that may not arrive.
pub static LONG: Anomaly = Anomaly::warning("LS-01", 14, "{} bytes, more than 1400");
/// A group where nobody listens.
pub static OTHER_GROUP: Anomaly =
    Anomaly::warning("LS-01", 14, "a multicast group that is not of BEP 14");

/// All of them.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &NOT_A_PORT,
    &INFO_HASH_DIGITS,
    &NO_INFO_HASH,
    &NO_PORT,
    &NO_END,
    &LONG,
    &OTHER_GROUP,
];
