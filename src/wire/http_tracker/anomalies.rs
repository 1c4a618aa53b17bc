//! What can be wrong with messages of HTTP trackers.

use crate::wire::anomaly::Anomaly;
use crate::wire::bencode::Rules;

/// The form of a reply (TK-02), the types of its values (TK-11), strings of
/// peers (TK-03).
pub static BENCODE: Rules = Rules::new("TK-02", "TK-11", "TK-03", 3);

/// A request for nothing.
pub static NO_INFO_HASH: Anomaly = Anomaly::error("TK-01", 3, "no info_hash").plain();
/// An info-hash that is none once it is decoded.
pub static INFO_HASH_LENGTH: Anomaly =
    Anomaly::error("TK-01", 3, "an info-hash is 20 bytes").plain();
/// An info-hash that was not encoded but written in hex.
pub static INFO_HASH_IN_HEX: Anomaly = Anomaly::error(
    "TK-01",
    3,
    "the info-hash is written in hex, not percent-encoded",
);
/// A plus that trackers may take for a space.
pub static PLUS: Anomaly = Anomaly::warning(
    "TK-01",
    3,
    "a bare + among percent-encoded bytes, which trackers may take for a space",
);
/// A peer id that is none once it is decoded.
pub static PEER_ID_LENGTH: Anomaly = Anomaly::error("TK-01", 3, "a peer id is 20 bytes").plain();
/// A peer without a name.
pub static NO_PEER_ID: Anomaly = Anomaly::error("TK-01", 3, "no peer_id").plain();
/// A peer that nobody can reach.
pub static NO_PORT: Anomaly = Anomaly::error("TK-13", 3, "no port").plain();
/// A parameter that asks for a number.
pub static NOT_A_NUMBER: Anomaly = Anomaly::warning("TK-11", 3, "not a number").plain();

/// A body that is no dictionary.
pub static NOT_A_DICTIONARY: Anomaly = Anomaly::error("TK-02", 3, "not a dictionary").plain();
/// A reply that says nothing.
pub static NOTHING_SAID: Anomaly = Anomaly::warning(
    "TK-02",
    3,
    "neither peers with an interval nor a failure reason",
);
/// A part of a peer.
pub static PARTIAL_PEER: Anomaly = Anomaly::error("TK-03", 23, "peers are 6 bytes each").plain();
/// A part of a peer of IPv6.
pub static PARTIAL_PEER6: Anomaly =
    Anomaly::error("TK-03", 7, "peers of IPv6 are 18 bytes each").plain();
/// A hash of a scrape that is none.
pub static SCRAPED_HASH: Anomaly = Anomaly::error("TK-14", 48, "an info-hash is 20 bytes").plain();
/// Peers that are no dictionaries.
pub static PEERS_NO_DICTIONARIES: Anomaly =
    Anomaly::warning("TK-10", 3, "a list of peers whose item {} is no dictionary");
/// Peers that nobody can reach.
pub static PEERS_WITHOUT_ADDRESS: Anomaly = Anomaly::warning(
    "TK-10",
    3,
    "a list of peers whose item {} has no ip or port",
);

/// Something behind the reply.
pub static AFTER_REPLY: Anomaly = Anomaly::warning("TK-02", 3, "bytes after the reply").plain();
/// HTTP that breaks off.
pub static NO_END: Anomaly = Anomaly::error("TK-12", 3, "does not end with an empty line").plain();
/// Something behind the request.
pub static AFTER_REQUEST: Anomaly = Anomaly::warning("TK-12", 3, "bytes after the request").plain();
/// Something behind the body.
pub static AFTER_BODY: Anomaly = Anomaly::warning("TK-12", 3, "bytes after the body").plain();
/// Not HTTP.
pub static NO_STATUS: Anomaly = Anomaly::error("TK-12", 3, "no status line of HTTP/1").plain();

/// All of them but those of bencode.
pub(in crate::wire) static ALL: &[&Anomaly] = &[
    &NO_INFO_HASH,
    &INFO_HASH_LENGTH,
    &INFO_HASH_IN_HEX,
    &PLUS,
    &PEER_ID_LENGTH,
    &NO_PEER_ID,
    &NO_PORT,
    &NOT_A_NUMBER,
    &NOT_A_DICTIONARY,
    &NOTHING_SAID,
    &PARTIAL_PEER,
    &PARTIAL_PEER6,
    &SCRAPED_HASH,
    &PEERS_NO_DICTIONARIES,
    &PEERS_WITHOUT_ADDRESS,
    &AFTER_REPLY,
    &NO_END,
    &AFTER_REQUEST,
    &AFTER_BODY,
    &NO_STATUS,
];
