//! What can be wrong with messages of the DHT.

use crate::wire::anomaly::Anomaly;
use crate::wire::bencode::Rules;

/// The form of the dictionary (DT-08), the types of its values (DT-14), strings
/// of nodes (DT-03).
pub static BENCODE: Rules = Rules::new("DT-08", "DT-14", "DT-03", 5);

const fn fault(id: &'static str, bep: u16, words: &'static str) -> Anomaly {
    Anomaly::error(id, bep, words).plain()
}

/// Not KRPC at all.
pub static NOT_A_DICTIONARY: Anomaly = fault("DT-01", 5, "not a dictionary");
/// Nobody can answer it.
pub static NO_TRANSACTION: Anomaly = fault("DT-01", 5, "no transaction id (t)");
/// Neither query nor response nor error.
pub static NO_TYPE: Anomaly = fault("DT-01", 5, "no message type (y)");
/// A type that BEP 5 does not have.
pub static UNKNOWN_TYPE: Anomaly = fault("DT-01", 5, "unknown message type (y)");
/// A query of nothing.
pub static NO_METHOD: Anomaly = fault("DT-01", 5, "no method (q)");
/// A query without its dictionary.
pub static NO_ARGUMENTS: Anomaly = fault("DT-01", 5, "no arguments (a)");
/// A response without its dictionary.
pub static NO_RESULTS: Anomaly = fault("DT-01", 5, "no results (r)");
/// An error without code or text.
pub static NOT_AN_ERROR: Anomaly = fault("DT-01", 5, "an error is a list of code and text");
/// The sender does not say who it is.
pub static NO_ID: Anomaly = fault("DT-01", 5, "no node id");
/// What the method needs is not there.
pub static NO_ARGUMENT: Anomaly = fault("DT-01", 5, "an argument of this method is missing");
/// A node id of another length.
pub static ID_LENGTH: Anomaly = fault("DT-01", 5, "a node id is 20 bytes");
/// A target of another length.
pub static TARGET_LENGTH: Anomaly = fault("DT-01", 5, "a target is 20 bytes");
/// An info-hash of another length.
pub static INFO_HASH_LENGTH: Anomaly = fault("DT-01", 5, "an info-hash is 20 bytes");
/// A part of a node.
pub static NODES_LENGTH: Anomaly = fault("DT-03", 5, "nodes are 26 bytes each");
/// A part of a node of IPv6.
pub static NODES6_LENGTH: Anomaly = fault("DT-03", 32, "nodes of IPv6 are 38 bytes each");
/// A peer of another length.
pub static PEER_LENGTH: Anomaly = fault("DT-03", 5, "a peer is 6 or 18 bytes");
/// A part of a sample.
pub static SAMPLES_LENGTH: Anomaly = fault("DT-03", 51, "samples are 20 bytes each");
/// A bloom filter of another length.
pub static BLOOM_LENGTH: Anomaly = fault("DT-03", 33, "a bloom filter is 256 bytes");
/// A public key of another length.
pub static KEY_LENGTH: Anomaly = fault("DT-12", 44, "a public key is 32 bytes");
/// A signature of another length.
pub static SIGNATURE_LENGTH: Anomaly = fault("DT-12", 44, "a signature is 64 bytes");
/// Something behind the dictionary.
pub static TRAILING: Anomaly = fault("DT-08", 5, "bytes after the message");
/// A port on which nobody listens.
pub static NO_PORT: Anomaly = Anomaly::warning(
    "DT-06",
    5,
    "announces port {}, and not that of the datagram (implied_port)",
);
/// A node that nobody can reach.
pub static UNREACHABLE_NODE: Anomaly = Anomaly::info("DT-09", 5, "{} is no address of a node");
/// An announce of port 0.
pub static PORT_ZERO: Anomaly = Anomaly::warning("DT-13", 5, "announces port 0");
/// A datagram to port 0.
pub static TO_PORT_ZERO: Anomaly = Anomaly::warning("DT-13", 5, "sent to port 0");

/// All of them but those of bencode.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &NOT_A_DICTIONARY,
    &NO_TRANSACTION,
    &NO_TYPE,
    &UNKNOWN_TYPE,
    &NO_METHOD,
    &NO_ARGUMENTS,
    &NO_RESULTS,
    &NOT_AN_ERROR,
    &NO_ID,
    &NO_ARGUMENT,
    &ID_LENGTH,
    &TARGET_LENGTH,
    &INFO_HASH_LENGTH,
    &NODES_LENGTH,
    &NODES6_LENGTH,
    &PEER_LENGTH,
    &SAMPLES_LENGTH,
    &BLOOM_LENGTH,
    &KEY_LENGTH,
    &SIGNATURE_LENGTH,
    &TRAILING,
    &NO_PORT,
    &UNREACHABLE_NODE,
    &PORT_ZERO,
    &TO_PORT_ZERO,
];
