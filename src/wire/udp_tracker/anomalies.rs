//! What can be wrong with messages of UDP trackers.

use crate::wire::anomaly::Anomaly;
use crate::wire::reader::SHORT;

/// A datagram that ends within its layout.
pub static TOO_SHORT: Anomaly = SHORT.under("TK-06", 15);
/// An action that is none.
pub static UNKNOWN_ACTION: Anomaly = Anomaly::error("TK-06", 15, "unknown action").plain();
/// A part of a peer, of an info-hash, of counts.
pub static PARTIAL_ENTRY: Anomaly =
    Anomaly::error("TK-06", 15, "a last entry that is not whole").plain();
/// A connect request that trackers do not know as one.
pub static PROTOCOL_ID: Anomaly =
    Anomaly::warning("TK-07", 15, "the protocol id is not 0x41727101980");
/// A client that nobody can reach.
pub static PORT_ZERO: Anomaly = Anomaly::warning("TK-15", 15, "announces port 0");

/// All of them.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &TOO_SHORT,
    &UNKNOWN_ACTION,
    &PARTIAL_ENTRY,
    &PROTOCOL_ID,
    &PORT_ZERO,
];
