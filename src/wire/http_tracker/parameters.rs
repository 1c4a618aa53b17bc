//! The query of a request: which keys there are and how their values read.

use std::ops::Range;

use super::anomalies;
use super::head::text;
use crate::wire::anomaly::{Anomaly, Breach};
use crate::wire::field::{Field, Kind, Unit};
use crate::wire::headers::decimal;
use crate::wire::message_type::Member;
use crate::wire::sink::{Group, Label, Note, Sink, Value};

const ESCAPED_HASH: Kind = Kind::Escaped(&Kind::Hash);
const ESCAPED_PEER_ID: Kind = Kind::Escaped(&Kind::PeerId);
const ESCAPED_TEXT: Kind = Kind::Escaped(&Kind::Text);
const BYTES: Kind = Kind::Uint(Unit::Bytes);
const NUMBER: Kind = Kind::Uint(Unit::None);

static INFO_HASHES: Field = Field::new(
    "info_hashes",
    Kind::List,
    "The torrents that a scrape asks about.",
);
static INFO_HASH: Field = Field::new("info_hash", ESCAPED_HASH, "Info-hash of a torrent.");

/// The keys that a BEP or several clients define.
static KEYS: [Field; 21] = [
    Field::new("info_hash", ESCAPED_HASH, "Info-hash of the torrent."),
    Field::new("peer_id", ESCAPED_PEER_ID, "Id of the client."),
    Field::new(
        "port",
        NUMBER,
        "TCP port on which the client accepts connections.",
    ),
    Field::new("uploaded", BYTES, "Uploaded since the first announce."),
    Field::new("downloaded", BYTES, "Downloaded since the first announce."),
    Field::new("left", BYTES, "What is still to be downloaded."),
    Field::new(
        "event",
        ESCAPED_TEXT,
        "Why the client announces itself: started, stopped, completed or paused.",
    ),
    Field::new(
        "compact",
        Kind::Bool,
        "1 if packed peers are wanted (BEP 23).",
    ),
    Field::new(
        "no_peer_id",
        Kind::Bool,
        "1 if the ids of peers are not wanted.",
    ),
    Field::new("numwant", Kind::Int, "How many peers are wanted."),
    Field::new(
        "key",
        ESCAPED_TEXT,
        "By which the tracker knows a client whose address changes.",
    ),
    Field::new(
        "trackerid",
        ESCAPED_TEXT,
        "What the tracker gave as `tracker id`.",
    ),
    Field::new("ip", ESCAPED_TEXT, "Address of the client."),
    Field::new("ipv4", ESCAPED_TEXT, "IPv4 address of the client (BEP 7)."),
    Field::new("ipv6", ESCAPED_TEXT, "IPv6 address of the client (BEP 7)."),
    Field::new(
        "supportcrypto",
        Kind::Bool,
        "1 if the client can encrypt connections.",
    ),
    Field::new(
        "requirecrypto",
        Kind::Bool,
        "1 if the client encrypts all connections.",
    ),
    Field::new("cryptoport", NUMBER, "Port for encrypted connections."),
    Field::new("corrupt", BYTES, "Downloaded, and found to be wrong."),
    Field::new("redundant", BYTES, "Downloaded more than once."),
    Field::new(
        "sha_ih",
        ESCAPED_HASH,
        "SHA-1 of the info-hash instead of it.",
    ),
];

/// Digits of an info-hash in hex.
const HEX_HASH: usize = 40;

/// The parameters of an announce.
pub(super) static ANNOUNCE_MEMBERS: &[Member] = &[Member::Fields(&KEYS)];

/// The parameters of a scrape.
pub(super) static SCRAPE_MEMBERS: &[Member] = &[
    Member::Group(&INFO_HASHES, &[Member::Field(&INFO_HASH)]),
    Member::Fields(&KEYS),
];

/// One `key=value`: offsets in the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter {
    /// With the separator that follows.
    pub span: Range<usize>,
    /// The key as it is written.
    pub key: Range<usize>,
    /// The value as it is written.
    pub value: Range<usize>,
}

/// The parameters of the query that lies at `query` in the message.
pub fn parameters(message: &[u8], query: Range<usize>) -> impl Iterator<Item = Parameter> {
    let mut at = query.start;
    std::iter::from_fn(move || {
        let rest = message.get(at..query.end).filter(|rest| !rest.is_empty())?;
        let and = rest.iter().position(|&byte| byte == b'&');
        let end = at + and.unwrap_or(rest.len());
        let equals = message[at..end].iter().position(|&byte| byte == b'=');
        let key_end = at + equals.unwrap_or(end - at);
        let parameter = Parameter {
            span: at..end + usize::from(and.is_some()),
            key: at..key_end,
            value: (key_end + usize::from(equals.is_some()))..end,
        };
        at = parameter.span.end;
        Some(parameter)
    })
}

/// Reports parameters.
pub struct Reporter<'s, S: Sink> {
    pub sink: &'s mut S,
    /// Info-hashes form a list (in a scrape).
    pub lists_hashes: bool,
    /// Items of the open list of info-hashes.
    pub listing: Option<u32>,
}

impl<S: Sink> Reporter<'_, S> {
    /// Reports one parameter.
    pub fn parameter(&mut self, message: &[u8], parameter: &Parameter) {
        let key = &message[parameter.key.clone()];
        let span = &parameter.span;
        if self.lists_hashes && key == b"info_hash" {
            let number = self.listing.unwrap_or_else(|| {
                self.sink
                    .open(Label::Field(&INFO_HASHES), span.start, Group::List);
                0
            });
            self.listing = Some(number + 1);
            let label = Label::Item(number, &INFO_HASH);
            let value = text(&parameter.value);
            self.sink.leaf(label, span.start, span.end, value);
            return self.escaped(message, parameter);
        }
        self.end_list(span.start);
        let field = KEYS.iter().find(|field| field.name.as_bytes() == key);
        let label = Label::Key {
            start: parameter.key.start as u32,
            end: parameter.key.end as u32,
            field,
        };
        let kind = field.map_or(ESCAPED_TEXT, |field| field.kind);
        let number = number(&message[parameter.value.clone()]).filter(|_| is_number(kind));
        let value = number.unwrap_or_else(|| text(&parameter.value));
        self.sink.leaf(label, span.start, span.end, value);
        if is_number(kind) && number.is_none() {
            self.anomaly(span.start, &anomalies::NOT_A_NUMBER);
        }
        if matches!(kind, Kind::Escaped(Kind::Hash | Kind::PeerId)) {
            self.escaped(message, parameter);
        }
    }

    /// Remarks on bytes that were not percent-encoded as they should be.
    fn escaped(&mut self, message: &[u8], parameter: &Parameter) {
        if !S::NOTES {
            return;
        }
        let value = &message[parameter.value.clone()];
        let start = parameter.value.start;
        if value.len() == HEX_HASH && value.iter().all(u8::is_ascii_hexdigit) {
            self.anomaly(start, &anomalies::INFO_HASH_IN_HEX);
        }
        if let Some(plus) = value.iter().position(|byte| *byte == b'+') {
            self.anomaly(start + plus, &anomalies::PLUS);
        }
    }

    fn anomaly(&mut self, at: usize, anomaly: &'static Anomaly) {
        if S::NOTES {
            self.sink.note(Note::Anomaly(Breach::from(anomaly).at(at)));
        }
    }

    /// Ends the list of info-hashes.
    pub fn end_list(&mut self, at: usize) {
        if self.listing.take().is_some() {
            self.sink.close(at);
        }
    }
}

fn is_number(kind: Kind) -> bool {
    matches!(kind, Kind::Uint(_) | Kind::Int | Kind::Bool)
}

fn number(text: &[u8]) -> Option<Value> {
    match text.strip_prefix(b"-") {
        None => decimal(text).map(Value::Uint),
        Some(digits) => {
            let number = i64::try_from(decimal(digits)?).ok()?;
            Some(Value::Int(-number))
        }
    }
}
