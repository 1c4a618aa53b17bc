//! What breaks the layout of a message whose bencoding is whole.

use super::bloom::BLOOM_SIZE;
use super::message::{Body, Message, Query};
use crate::wire::bencode::{Document, Node, TokenKind};
use crate::wire::reader::Malformed;

/// Bytes after the dictionary.
pub const TRAILING: &str = "bytes after the message";

/// Node ids, info-hashes and targets.
const ID: usize = 20;

/// The first fault: of the envelope, of arguments or results, bytes too many.
pub fn find(document: &Document<'_>, message: &Message<'_>) -> Option<Malformed> {
    let Some(root) = document
        .root()
        .filter(|root| root.kind() == TokenKind::Dict)
    else {
        return Some(fault(0, "not a dictionary"));
    };
    envelope(root, message)
        .or_else(|| body(root, message))
        .or_else(|| {
            let trailing = !document.trailing().is_empty();
            trailing.then(|| fault(document.end(), TRAILING))
        })
}

fn fault(at: usize, reason: &'static str) -> Malformed {
    Malformed { at, reason }
}

fn envelope(root: Node<'_, '_>, message: &Message<'_>) -> Option<Malformed> {
    let end = root.content().end;
    if message.transaction.is_none() {
        return Some(fault(end, "no transaction id (t)"));
    }
    match (root.get(b"y"), &message.body) {
        (None, _) => Some(fault(end, "no message type (y)")),
        (Some(y), Body::Unknown(_)) => Some(fault(y.span().start, "unknown message type (y)")),
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
            Some(fault(end, "no method (q)"))
        }
        Body::Query(query) => match dict(b"a") {
            None => Some(fault(end, "no arguments (a)")),
            Some(a) => arguments(a, query),
        },
        Body::Response(_) => match dict(b"r") {
            None => Some(fault(end, "no results (r)")),
            Some(r) => results(r),
        },
        Body::Error(error) if error.code.is_none() || error.text.is_none() => {
            let at = root.get(b"e").map_or(end, |e| e.span().start);
            Some(fault(at, "an error is a list of code and text"))
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
        return Some(fault(end, "no node id"));
    }
    if missing.is_some() {
        return Some(fault(end, "an argument of this method is missing"));
    }
    sized(a, b"id", ID, "a node id is 20 bytes")
        .or_else(|| sized(a, b"target", ID, "a target is 20 bytes"))
        .or_else(|| sized(a, b"info_hash", ID, "an info-hash is 20 bytes"))
        .or_else(|| signature(a))
}

fn results(r: Node<'_, '_>) -> Option<Malformed> {
    if r.get(b"id").is_none() {
        return Some(fault(r.content().end, "no node id"));
    }
    sized(r, b"id", ID, "a node id is 20 bytes")
        .or_else(|| multiple(r, b"nodes", ID + 6, "nodes are 26 bytes each"))
        .or_else(|| multiple(r, b"nodes6", ID + 18, "nodes of IPv6 are 38 bytes each"))
        .or_else(|| values(r))
        .or_else(|| multiple(r, b"samples", ID, "samples are 20 bytes each"))
        .or_else(|| sized(r, b"BFsd", BLOOM_SIZE, "a bloom filter is 256 bytes"))
        .or_else(|| sized(r, b"BFpe", BLOOM_SIZE, "a bloom filter is 256 bytes"))
        .or_else(|| signature(r))
}

fn signature(dict: Node<'_, '_>) -> Option<Malformed> {
    sized(dict, b"k", 32, "a public key is 32 bytes")
        .or_else(|| sized(dict, b"sig", 64, "a signature is 64 bytes"))
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
    Some(fault(at, "a peer is 6 or 18 bytes"))
}

/// A string under `key` must be `length` bytes.
fn sized(dict: Node<'_, '_>, key: &[u8], length: usize, reason: &'static str) -> Option<Malformed> {
    let value = dict.get(key)?;
    let fits = value.as_bytes().is_some_and(|bytes| bytes.len() == length);
    (!fits).then(|| fault(value.span().start, reason))
}

/// A string under `key` must hold records of `size` bytes.
fn multiple(
    dict: Node<'_, '_>,
    key: &[u8],
    size: usize,
    reason: &'static str,
) -> Option<Malformed> {
    let value = dict.get(key)?;
    let fits = value
        .as_bytes()
        .is_some_and(|bytes| bytes.len().is_multiple_of(size));
    (!fits).then(|| fault(value.span().start, reason))
}
