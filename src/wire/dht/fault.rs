//! What breaks the layout of a message whose bencoding is whole.

use super::anomalies;
use super::bloom::BLOOM_SIZE;
use super::message::{Body, Message, Query};
use crate::wire::anomaly::Anomaly;
use crate::wire::bencode::{Document, Node, TokenKind};
use crate::wire::reader::Malformed;

/// Node ids, info-hashes and targets.
const ID: usize = 20;

/// The first fault: of the envelope, of arguments or results, bytes too many.
pub fn find(document: &Document<'_>, message: &Message<'_>) -> Option<Malformed> {
    let Some(root) = document
        .root()
        .filter(|root| root.kind() == TokenKind::Dict)
    else {
        return Some(fault(0, &anomalies::NOT_A_DICTIONARY));
    };
    envelope(root, message)
        .or_else(|| body(root, message))
        .or_else(|| {
            let trailing = !document.trailing().is_empty();
            trailing.then(|| fault(document.end(), &anomalies::TRAILING))
        })
}

fn fault(at: usize, anomaly: &'static Anomaly) -> Malformed {
    Malformed::new(at, anomaly)
}

fn envelope(root: Node<'_, '_>, message: &Message<'_>) -> Option<Malformed> {
    let end = root.content().end;
    if message.transaction.is_none() {
        return Some(fault(end, &anomalies::NO_TRANSACTION));
    }
    match (root.get(b"y"), &message.body) {
        (None, _) => Some(fault(end, &anomalies::NO_TYPE)),
        (Some(y), Body::Unknown(_)) => Some(fault(y.span().start, &anomalies::UNKNOWN_TYPE)),
        _ => None,
    }
}

fn body(root: Node<'_, '_>, message: &Message<'_>) -> Option<Malformed> {
    let end = root.content().end;
    let dict = |key: &[u8]| {
        root.get(key)
            .filter(|value| value.kind() == TokenKind::Dict)
    };
    match &message.body {
        Body::Query(_) if root.get(b"q").and_then(|q| q.as_bytes()).is_none() => {
            Some(fault(end, &anomalies::NO_METHOD))
        }
        Body::Query(query) => match dict(b"a") {
            None => Some(fault(end, &anomalies::NO_ARGUMENTS)),
            Some(a) => arguments(a, query),
        },
        Body::Response(_) => match dict(b"r") {
            None => Some(fault(end, &anomalies::NO_RESULTS)),
            Some(r) => results(r),
        },
        Body::Error(error) if error.code.is_none() || error.text.is_none() => {
            let at = root.get(b"e").map_or(end, |e| e.span().start);
            Some(fault(at, &anomalies::NOT_AN_ERROR))
        }
        Body::Error(_) | Body::Unknown(_) => None,
    }
}

fn arguments(a: Node<'_, '_>, query: &Query<'_>) -> Option<Malformed> {
    let end = a.content().end;
    let missing = query
        .method
        .required()
        .iter()
        .find(|name| a.get(name.as_bytes()).is_none());
    if a.get(b"id").is_none() {
        return Some(fault(end, &anomalies::NO_ID));
    }
    if missing.is_some() {
        return Some(fault(end, &anomalies::NO_ARGUMENT));
    }
    sized(a, b"id", ID, &anomalies::ID_LENGTH)
        .or_else(|| sized(a, b"target", ID, &anomalies::TARGET_LENGTH))
        .or_else(|| sized(a, b"info_hash", ID, &anomalies::INFO_HASH_LENGTH))
        .or_else(|| signature(a))
}

fn results(r: Node<'_, '_>) -> Option<Malformed> {
    if r.get(b"id").is_none() {
        return Some(fault(r.content().end, &anomalies::NO_ID));
    }
    sized(r, b"id", ID, &anomalies::ID_LENGTH)
        .or_else(|| multiple(r, b"nodes", ID + 6, &anomalies::NODES_LENGTH))
        .or_else(|| multiple(r, b"nodes6", ID + 18, &anomalies::NODES6_LENGTH))
        .or_else(|| values(r))
        .or_else(|| multiple(r, b"samples", ID, &anomalies::SAMPLES_LENGTH))
        .or_else(|| sized(r, b"BFsd", BLOOM_SIZE, &anomalies::BLOOM_LENGTH))
        .or_else(|| sized(r, b"BFpe", BLOOM_SIZE, &anomalies::BLOOM_LENGTH))
        .or_else(|| signature(r))
}

fn signature(dict: Node<'_, '_>) -> Option<Malformed> {
    sized(dict, b"k", 32, &anomalies::KEY_LENGTH)
        .or_else(|| sized(dict, b"sig", 64, &anomalies::SIGNATURE_LENGTH))
}

fn values(r: Node<'_, '_>) -> Option<Malformed> {
    let list = r.get(b"values")?;
    let is_peer = |item: &Node<'_, '_>| {
        let length = item.as_bytes().map(<[u8]>::len);
        matches!(length, Some(6 | 18))
    };
    let at = match list.kind() {
        TokenKind::List => list.items().find(|item| !is_peer(item))?.span().start,
        _ => list.span().start,
    };
    Some(fault(at, &anomalies::PEER_LENGTH))
}

/// A string under `key` must be `length` bytes.
fn sized(
    dict: Node<'_, '_>,
    key: &[u8],
    length: usize,
    anomaly: &'static Anomaly,
) -> Option<Malformed> {
    let value = dict.get(key)?;
    let fits = value.as_bytes().is_some_and(|bytes| bytes.len() == length);
    (!fits).then(|| fault(value.span().start, anomaly))
}

/// A string under `key` must hold records of `size` bytes.
fn multiple(
    dict: Node<'_, '_>,
    key: &[u8],
    size: usize,
    anomaly: &'static Anomaly,
) -> Option<Malformed> {
    let value = dict.get(key)?;
    let fits = value
        .as_bytes()
        .is_some_and(|bytes| bytes.len().is_multiple_of(size));
    (!fits).then(|| fault(value.span().start, anomaly))
}
