//! From a message to its canonical bytes.

use super::message::{Arguments, Body, ErrorBody, Message, Results, Want};
use crate::wire::bencode::{Dict, List};

/// Writes a message as one datagram, keys sorted.
pub fn encode(message: &Message<'_>) -> Vec<u8> {
    let envelope = Dict::new()
        .maybe_bytes("t", message.transaction)
        .maybe_bytes("v", message.version)
        .maybe_bytes("ip", message.ip)
        .maybe_int("ro", message.read_only.then_some(1))
        .maybe_bytes("c", message.topic);
    match &message.body {
        Body::Query(query) => envelope
            .bytes("y", "q")
            .bytes("q", query.method.0)
            .dict("a", &arguments(&query.arguments)),
        Body::Response(response) => envelope
            .bytes("y", "r")
            .dict("r", &results(&response.results)),
        Body::Error(body) => envelope.bytes("y", "e").list("e", error(body)),
        Body::Unknown(kind) => envelope.maybe_bytes("y", *kind),
    }
    .encode()
}

fn arguments(a: &Arguments<'_>) -> Dict {
    let dict = Dict::new()
        .maybe_bytes("id", a.id)
        .maybe_bytes("target", a.target)
        .maybe_bytes("info_hash", a.info_hash)
        .maybe_int("noseed", a.noseed)
        .maybe_int("scrape", a.scrape)
        .maybe_int("port", a.port)
        .maybe_int("implied_port", a.implied_port)
        .maybe_bytes("token", a.token)
        .maybe_int("seed", a.seed)
        .maybe_bytes("n", a.name)
        .maybe_bytes("salt", a.salt)
        .maybe_int("cas", a.cas);
    let dict = match a.want {
        Some(families) => dict.list("want", want(families)),
        None => dict,
    };
    item(dict, a.value, a.key, a.sequence, a.signature)
}

fn results(r: &Results<'_>) -> Dict {
    let dict = Dict::new()
        .maybe_bytes("id", r.id)
        .maybe_bytes("nodes", r.nodes)
        .maybe_bytes("nodes6", r.nodes6)
        .maybe_bytes("token", r.token)
        .maybe_bytes("BFsd", r.seeds)
        .maybe_bytes("BFpe", r.peers)
        .maybe_int("interval", r.interval)
        .maybe_int("num", r.num)
        .maybe_bytes("samples", r.samples);
    let dict = match &r.values {
        Some(peers) => dict.list("values", peers.iter().fold(List::new(), List::bytes)),
        None => dict,
    };
    item(dict, r.value, r.key, r.sequence, r.signature)
}

fn want(want: Want) -> List {
    let families = [(want.v4, "n4"), (want.v6, "n6")];
    families
        .into_iter()
        .filter(|(wanted, _)| *wanted)
        .fold(List::new(), |list, (_, name)| list.bytes(name))
}

fn error(error: &ErrorBody<'_>) -> List {
    let list = match error.code {
        Some(code) => List::new().int(code.0),
        None => List::new(),
    };
    match error.text {
        Some(text) => list.bytes(text),
        None => list,
    }
}

/// Adds the keys of a stored item (BEP 44).
fn item(
    dict: Dict,
    value: Option<&[u8]>,
    key: Option<&[u8]>,
    sequence: Option<i64>,
    signature: Option<&[u8]>,
) -> Dict {
    let dict = dict
        .maybe_bytes("k", key)
        .maybe_int("seq", sequence)
        .maybe_bytes("sig", signature);
    match value {
        Some(value) => dict.raw("v", value),
        None => dict,
    }
}
