//! The body of a tracker's reply without its head.

use super::meaning::Meaning;
use crate::wire::bencode::{self, Document, TokenKind};
use crate::wire::http_tracker::{
    ANNOUNCE_RESPONSE, ERROR, Purpose, REPLY, SCRAPE_RESPONSE, dissect_response,
};
use crate::wire::{Dissected, Malformed, Problem, Reader, Sink};

/// The head that it would have had.
const HEAD: &[u8] = b"HTTP/1.1 200 OK\r\n\r\n";

/// What a body is the reply to, if it is one.
pub fn purpose(bytes: &[u8]) -> Option<Purpose> {
    if bytes.first() != Some(&b'd') {
        return None;
    }
    let document = Document::parse(bytes);
    let root = document.root()?;
    // The files of an info dictionary are no counts.
    if ["name", "pieces", "piece length"]
        .iter()
        .any(|key| root.get(key.as_bytes()).is_some())
    {
        return None;
    }
    // A reply that is damaged further on is one too.
    let has = |key: &str| root.get(key.as_bytes()).is_some();
    let is_dict = |key: &str| {
        let value = root.get(key.as_bytes());
        value.is_some_and(|value| value.kind() == TokenKind::Dict)
    };
    let has_peers = has("peers") || has("peers6");
    // Nothing else has an interval alone: peers may be left out where they were damaged.
    let is_alone = || root.entries().count() == 1;
    let counts = has("interval") && (has_peers || has("complete") || is_alone());
    if is_dict("files") {
        Some(Purpose::Scrape)
    } else if counts || (has_peers && has("complete")) || has("failure reason") {
        Some(Purpose::Announce)
    } else {
        None
    }
}

/// Reads a body; the fields cover every byte.
pub fn dissect<'b, S: Sink>(
    purpose: Purpose,
    bytes: &[u8],
    length: usize,
    sink: &mut S,
) -> Dissected<Meaning<'b>> {
    let mut reader = Reader::new(bytes, length, sink);
    let document = bencode::dissect(&mut reader, &REPLY);
    if reader.left() > 0 {
        reader.remainder(&super::value::TRAILING);
    }
    let error = document.error();
    let malformed = error.map(|error| Malformed::new(error.at, REPLY.rules.broken(error.reason)));
    let whole = [HEAD, bytes].concat();
    let read = dissect_response(&whole, whole.len(), purpose, &mut ());
    let is_error = read.message.reply.failure_reason.is_some();
    let name = match purpose {
        _ if is_error => ERROR.name,
        Purpose::Announce => ANNOUNCE_RESPONSE.name,
        Purpose::Scrape => SCRAPE_RESPONSE.name,
    };
    let meaning = Meaning::Other {
        protocol: "http_tracker",
        name,
        summary: read.message.to_string(),
    };
    Dissected {
        message: meaning,
        problem: malformed.map(Problem::Malformed),
    }
}
